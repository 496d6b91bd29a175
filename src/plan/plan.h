/*
 * A change, as steps. Commands say what is wanted; the difference to what there is makes
 * the steps; only apply.c writes. So dry run, report, undo, journal and audit see the same.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "core/host.h"
#include "core/problem.h"
#include "util/error.h"

enum step_kind {
	STEP_AUTOPROBE,   /* sriov_drivers_autoprobe */
	STEP_NUM_VFS,     /* sriov_numvfs */
	STEP_VF_ATTR,     /* a VF attribute, through the PF */
	STEP_VF_MSIX,     /* number of interrupt vectors */
	STEP_VF_OVERRIDE, /* driver_override */
	STEP_VF_DRIVER,   /* give a VF to a driver, or to none */
	STEP_VF_RESET,    /* function-level reset */
	STEP_VFIO_NODE,   /* the node to hand on: looked for, not written */
	STEP_IF_NAME,     /* name of the VF's interface */
	STEP_IF_MTU,      /* MTU of the VF's interface, or (vf < 0) of the PF's */
	STEP_IF_UP,       /* whether it is up; likewise */
	STEP_IF_ALTNAME,  /* an alternative name: to add (new), or to take off (old alone) */
	STEP_LEASE,       /* remember, or forget, that the VF was handed out */
	STEP_IF_NETNS,    /* move the interface to another network namespace, or home */
	STEP_IF_MAC,      /* the address as the interface has it */
	STEP_IF_ADDRESS,  /* an IP address: to add (new), or to take off (old alone) */
	STEP_IF_GATEWAY,  /* a default route, likewise */
	STEP_IF_ANNOUNCE, /* tell the neighbours of its addresses */
};

enum step_result {
	RESULT_PLANNED,
	RESULT_DONE,
	RESULT_KEPT, /* found to hold already when its turn came */
	RESULT_FAILED,
	RESULT_UNDONE,
	RESULT_NOT_UNDONE, /* undoing it failed */
	RESULT_SKIPPED,    /* never tried, because an earlier one failed */
	RESULT_TIMED_OUT,
};
extern const char *const step_result_names[];

/* What a step costs those who use the PF and its VFs, the worst last. */
enum disruption {
	DISRUPTION_NONE,
	DISRUPTION_VF,       /* the VF is without its driver, or its link, for a moment */
	DISRUPTION_PF,       /* all traffic of the PF stops for a moment */
	DISRUPTION_DESTROYS, /* VFs go, even if they come again */
};

struct step {
	enum step_kind kind;
	enum vf_attr attr;  /* of STEP_VF_ATTR */
	const char *object; /* "eth0", "eth0/3" */
	const char *key;    /* the attribute's key, as in JSON */
	int32_t vf;         /* index, -1 for the PF itself */
	struct value old, new;
	enum step_result result;
	enum disruption disruption; /* of a change that declares */
	const struct vf *want;      /* of VF attributes: the values to write */
	bool internal;              /* a means, not an end: set and set back within the plan */
	bool put_back;              /* what was lost on the way: failing costs only itself */
	bool rebind;                /* of STEP_VF_DRIVER: the same driver, anew */
};

/* A VF as far as it matters to a change: the attributes whose bits are in vf.known.
 * VF_DRIVER or VF_DRIVER_OVERRIDE known and NULL means none. */
struct vf_state {
	struct vf vf;
	bool rebind;  /* its interface must have vf.mac, and takes it only from a new probe */
	bool reset;   /* function-level reset */
	bool fresh;   /* all its settings are to be those of a new one */
	bool restart; /* its driver starts anew: that is how a lost interface comes again */
	bool node;    /* its vfio node is to be told */
	bool release; /* it is handed back: what cannot be put back costs only itself */
	bool left;    /* its driver leaves it on the way, whichever it has in the end */
	bool touched; /* since change_project() looked last */
};

/* A PF with its VFs, as it was or is to be, as far as it matters. */
struct state {
	struct pf pf;
	struct vf_state **vfs; /* by index */
	size_t count;
};

/* The change of one PF. */
struct plan {
	struct arena arena; /* everything the plan points to that is not the host's */
	const struct pf *pf;
	const struct host *really; /* what is to be kept; NULL: that which the plan is made for */
	struct state before;       /* kept on disk: what must be there again if it fails or dies */
	struct state goal;
	bool interrupted; /* `before` is from the journal of a change that was cut off */
	struct step *steps;
	size_t count;
	const char **warnings;
	size_t warning_count;
	bool forward; /* `before` is the goal: what went wrong is not undone, but left to be
		       * tried again */
	bool changed; /* something is, or would be, different from before */
	bool settled; /* nothing is left to be put right: no journal is needed */
};

/* What one command changes, on one or several PFs: all or nothing. */
struct change {
	struct arena arena;
	const char *command; /* "vf create eth0 4", for journal and audit */
	const char *id;      /* in the journals of all its PFs */
	struct plan **plans; /* in the order of their handles: that of locks */
	size_t count;
	const char **warnings; /* not of a single PF */
	size_t warning_count;
	/* Not NULL: what was declared is wanted, as far as it can be had. A VF, or a setting of
	 * one, that cannot have it costs only itself, and that goes here; its arena outlives us. */
	struct problems *problems;
	bool gathers;         /* more is to be wanted before steps are made of it; then also: */
	struct host *planned; /* the host as it will be */
	const struct host *really; /* as it is */
};

void change_free(struct change *change);
/* The plan of this PF, made when there is none yet; one that was already there by its
 * handle (with what a journal said) points to `pf` from now on. */
struct plan *change_plan(struct change *change, const struct pf *pf);
/* Nothing was, or will be, tried. */
void change_refused(struct change *change);
bool change_changed(const struct change *change);
size_t change_step_count(const struct change *change);
void change_warn(struct change *change, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void plan_free(struct plan *plan);
struct step *plan_add(struct plan *plan, enum step_kind kind, const char *object, int32_t vf);
/* Is there a step of that kind? */
bool plan_has_step(const struct plan *plan, enum step_kind kind);
void plan_warn(struct plan *plan, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The VF in the state, added when it is not there yet. */
struct vf_state *state_vf(struct arena *arena, struct state *state, uint32_t index);
/* The same, NULL when it is not there. */
struct vf_state *state_find(const struct state *state, uint32_t index);

/* Remember what a VF or the PF has of an attribute, unless a journal said it already. */
void plan_keep_vf(struct plan *plan, const struct vf *now, enum vf_attr attr);
void plan_keep_pf(struct plan *plan, enum pf_attr attr);
/* What the VF is to have. The value's strings must live as long as the plan. */
void plan_want_vf(struct plan *plan, const struct vf *now, enum vf_attr attr, struct value value);
/* Its interface is about to go: remember name, MTU, altnames, up. It comes again: want
 * them again. */
void plan_keep_interface(struct plan *plan, const struct vf *now);
void plan_want_interface_again(struct plan *plan, const struct vf *now);

/*
 * The difference between what there is and a state (plan->goal, or plan->before to go
 * back), as steps in the right order. The kernel changes a VF count that is not 0 only by
 * way of 0; VFs that survive get back what the state has of them. Pure: reads `have`,
 * writes only the plan. 0, or -1 with *err.
 */
int plan_toward(
	struct plan *plan, const struct host *have, const struct state *goal, struct error *err);

/* The same for every plan and its own goal. */
int change_toward(struct change *change, const struct host *have, struct error *err);

/*
 * To plan several commands as one change: what each wants is planned on the host that
 * change_begin() gives (it lives as long as the change), which change_project() brings to
 * where that leads; change_end() makes the steps, from the host as it is. 0, or -1 with *err.
 */
struct host *change_begin(struct change *change, const struct host *have);
void change_project(struct change *change, struct host *planned);
int change_end(struct change *change, const struct host *have, struct error *err);
/* What earlier ones of such commands do: another number of VFs of this PF; */
bool change_resizes(const struct change *change, const struct pf *pf);
/* -1 with *err where they hand one of these VFs, or of this PF's, to a namespace. */
int change_leaves_here(
	const struct change *change, const struct vf **vfs, size_t count, struct error *err);
int change_leaves_pf_here(const struct change *change, const struct host *have, const struct pf *pf,
	struct error *err);

/* Of enum disruption. */
extern const char *const disruption_names[]; /* as in JSON */
extern const char *const disruption_texts[]; /* for people */
/* have: the host that was planned from. */
enum disruption step_disruption(
	const struct plan *plan, const struct host *have, const struct step *s);

/* Nothing is wanted of this PF any more. */
void change_leave(struct change *change, const struct pf *pf);

/* Does it matter who uses what: is something taken from someone, if only for a moment? */
bool change_disturbs(const struct change *change, const struct host *have);
/* May it be done: who would lose something (EXIT_REFUSED)? force: bits of enum force. */
int change_check(struct change *change, const struct host *have, unsigned force, struct error *err);

#endif
