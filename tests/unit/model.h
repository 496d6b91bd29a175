/* A host that does what the steps of a plan say, as kernel and drivers would. */
#ifndef MODEL_H
#define MODEL_H

#include "core/host.h"
#include "plan/plan.h"

#define MODEL_PFS 2
#define MODEL_VFS 8 /* a PF's, at most */

struct model_pf {
	struct pf pf;
	struct vf vfs[MODEL_VFS];
	uint32_t count;
};

struct model {
	struct arena arena;
	struct model_pf pfs[MODEL_PFS];
	int32_t next_ifindex;
	uint8_t next_mac;
	bool undoing;    /* as struct apply has it */
	char wrong[512]; /* the first step that could not be carried out, and why */
};

/* eth0 and eth1 of this driver, with `count` VFs each. */
void model_init(struct model *m, const char *driver, uint32_t count);
void model_free(struct model *m);
struct model_pf *model_pf(struct model *m, const char *handle);
/* What discovery finds; it lives as long as the model does. */
void model_show(struct model *m, struct host *host);
/* Carry out steps [from, to) of the plan. False, with m->wrong, when one cannot be. */
bool model_apply(struct model *m, const struct plan *plan, size_t from, size_t to);
/* The way back to what the plan says was before, from what there is now, into *back, which
 * is to be freed by plan_free(). */
bool model_plan_back(struct model *m, const struct plan *plan, struct plan *back);
/* Go it. */
bool model_undo(struct model *m, const struct plan *plan);
/* All that someone may have set, as text; with the names that the model gave to interfaces,
 * or only that they are such. */
void model_text(const struct model *m, bool names, char *text, size_t size);

#endif
