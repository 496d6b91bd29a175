/*
 * A change, as steps. Commands plan; only apply.c writes. So dry run, report, undo,
 * journal and audit see the same steps.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "core/host.h"
#include "util/error.h"

enum step_kind {
	STEP_AUTOPROBE,  /* sriov_drivers_autoprobe */
	STEP_NUM_VFS,    /* sriov_numvfs */
	STEP_VF_ATTR,    /* a VF attribute, through the PF */
	STEP_VF_DRIVER,  /* give a VF to a driver */
	STEP_IF_NAME,    /* name of a VF's interface */
	STEP_IF_MTU,     /* its MTU */
	STEP_IF_UP,      /* whether it is up */
	STEP_IF_ALTNAME, /* an alternative name */
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

struct step {
	enum step_kind kind;
	enum vf_attr attr;  /* of STEP_VF_ATTR */
	const char *object; /* "eth0", "eth0/3" */
	const char *key;    /* the attribute's key, as in JSON */
	int32_t vf;         /* index, -1 for the PF itself */
	struct value old, new;
	enum step_result result;
	struct vf want;      /* of VF steps: the values to write */
	const char *message; /* of a failure; NULL */
	bool internal;       /* a means, not an end: set and set back within the plan */
};

/* What the PF had before: kept on disk while a change runs, so that whoever comes
 * after a crash knows what to put back. */
struct baseline {
	uint32_t num_vfs;
	bool autoprobe_known, autoprobe;
	const struct vf **vfs;
	size_t vf_count;
};

struct plan {
	struct arena arena; /* everything the plan points to that is not the host's */
	const struct pf *pf;
	struct step *steps;
	size_t count;
	const char *command;    /* "vf create eth0 4", for journal and audit */
	uint32_t want_vfs;      /* num_vfs in the end */
	struct baseline before; /* what must be there again if it fails */
	bool interrupted;       /* `before` is from the journal of a change that was cut off */
	const char **warnings;
	size_t warning_count;
	bool changed; /* something is, or would be, different from before */
};

void plan_free(struct plan *plan);
/* Nothing was, or will be, tried. */
void plan_refused(struct plan *plan);
struct step *plan_add(struct plan *plan, enum step_kind kind, const char *object, int32_t vf);
void plan_warn(struct plan *plan, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Steps that bring plan->pf to `want` VFs. `before` is what VFs that survive must have
 * again: attributes, driver, interface name, MTU. The kernel changes a count that is
 * not 0 only by way of 0. Pure: reads `have`, writes only the plan. 0, or -1 with *err.
 */
int plan_vf_count(struct plan *plan, const struct host *have, uint32_t want, struct error *err);

/* Who would lose something if the PF's VFs went away? 0 when nobody, -1 with *err
 * (EXIT_REFUSED). force: bits of enum force. */
int plan_check_in_use(
	const struct plan *plan, const struct host *have, unsigned force, struct error *err);

#endif
