/* A host that does what the steps of a plan say, as kernel and drivers would. */
#ifndef MODEL_H
#define MODEL_H

#include "core/host.h"
#include "plan/plan.h"

#define MODEL_PFS 2
#define MODEL_VFS 8    /* a PF's, at most */
#define MODEL_NETNS 2  /* blue and red */
#define MODEL_OTHERS 4 /* interfaces of others in a namespace, at most */

struct model_pf {
	struct pf pf;
	struct vf vfs[MODEL_VFS];
	uint32_t count;
};

/* A network namespace; the last one is ours. */
struct model_netns {
	struct netns netns;
	bool there;
	const char *others[MODEL_OTHERS]; /* names of interfaces that are no VFs'; NULL: none */
};

struct model {
	struct arena arena;
	struct model_pf pfs[MODEL_PFS];
	struct model_netns netns[MODEL_NETNS + 1];
	uint64_t next_cookie;
	/* of the plan being carried out: something of the VF failed; it did not come home, and
	 * so is left alone */
	bool failed[MODEL_PFS][MODEL_VFS], left[MODEL_PFS][MODEL_VFS];
	/* of one that declares, as struct apply has it: what fails of a VF costs only itself, and
	 * goes here; NULL otherwise */
	struct problems *problems;
	int trouble;         /* the kernel will refuse the step behind so many; -1: none */
	const char *refused; /* what it would not do, as it may */
	int32_t next_ifindex;
	uint8_t next_mac;
	bool undoing;    /* as struct apply has it */
	char wrong[512]; /* the first step that could not be carried out, and why */
};

/* eth0 and eth1 of this driver, with `count` VFs each. */
void model_init(struct model *m, const char *driver, uint32_t count);
void model_free(struct model *m);
struct model_pf *model_pf(struct model *m, const char *handle);
/* What discovery finds; it lives as long as the model does. Leases are those on disk. */
void model_show(struct model *m, struct host *host);
/* Carry out steps [from, to) of the plan. False, with m->wrong, when one cannot be, or with
 * m->refused when the kernel is in its right. */
bool model_apply(struct model *m, const struct plan *plan, size_t from, size_t to);
/* The way back to what the plan says was before, from what there is now, into *back, which
 * is to be freed by plan_free(). */
bool model_plan_back(struct model *m, const struct plan *plan, struct plan *back);
/* Go it. */
bool model_undo(struct model *m, const struct plan *plan);
/* Its driver leaves it, and comes again if `again`; then it has a new interface, at home. */
void model_restart(struct model *m, const struct model_pf *p, struct vf *vf, bool again);
/* All that someone may have set, as text; with the names that the model gave to interfaces,
 * or only that they are such. */
void model_text(struct model *m, bool names, char *text, size_t size);
/* The same of one VF, as it was at home. */
void model_vf_text(const struct vf *vf, bool names, char *text, size_t size);
/* Something that must never be: two interfaces of one name in a namespace, ...; NULL. */
const char *model_broken(struct model *m);

/* model_netns.c */

#define MODEL_HOME MODEL_NETNS /* the index of our own namespace */

void model_netns_init(struct model *m);
/* The namespace by its name, or the one the VF's interface is in; abort() without one. */
struct model_netns *model_netns(struct model *m, const char *name);
struct model_netns *model_place(struct model *m, const struct vf *vf);
/* Who has that name, or alternative name, in the namespace, but for the VF; NULL: nobody. */
const char *model_name_taken(
	struct model *m, const struct model_netns *in, const char *name, const struct vf *but);
/* The interface goes there under that name, as the kernel moves it: it is down then, and
 * without addresses. */
void model_move(struct model *m, const struct model_pf *p, struct vf *vf, struct model_netns *to,
	const char *name);
/* It is switched off: routes and IPv6 addresses go. */
void model_down(struct model *m, const struct model_pf *p, struct vf *vf);
/* The namespace is deleted, and its VFs come home; model_make_netns() makes another. */
void model_delete_netns(struct model *m, struct model_netns *in);
void model_make_netns(struct model *m, struct model_netns *in);
/* Steps that deal with leases, and with interfaces, wherever they are. */
bool model_apply_lease(struct model *m, const struct model_pf *p, const struct step *s);
bool model_apply_link(struct model *m, const struct model_pf *p, struct vf *vf,
	const struct plan *plan, const struct step *s);
/* Namespaces, usages and leases into a host that has PFs and VFs. */
void model_show_netns(struct model *m, struct host *host);
/* A step that cannot be carried out: a fault of the plan; or of the world: then it costs
 * only itself if it puts something back. False, but for the latter. */
bool model_fail(struct model *m, const struct step *s, const char *why);
bool model_refuse(struct model *m, const struct model_pf *p, const struct step *s, const char *why);
/* One that cannot be because an earlier one was refused; else that is a fault of the plan. */
bool model_clash(struct model *m, const struct model_pf *p, const struct step *s, const char *why);

#endif
