/* What apply.c and apply_if.c share; nobody else includes it. */
#ifndef PLAN_APPLY_PARTS_H
#define PLAN_APPLY_PARTS_H

#include "core/options.h"
#include "kernel/change.h"
#include "plan/plan.h"

/* Carrying out one plan. */
struct apply {
	const struct kernel *k;
	struct plan *plan;
	const struct options *o;
	int64_t deadline;
	struct stopper *stop;
	struct events *events;
	struct host now; /* looked at again as steps go on */
	bool soft_failure;
	bool undoing; /* what cannot be put back is left, the rest goes on */
	struct error *err;
};

/* Look at the host again: the PF as it is now, or NULL when it has gone. */
const struct pf *apply_refresh(struct apply *a);
/* The VF as last looked at, or NULL. */
const struct vf *apply_vf_now(const struct apply *a, uint32_t index);
/* A failure that costs only this step: noted, always 0. */
int apply_soft_fail(struct apply *a, struct step *s, int sys_errno, const char *extack);

/* Until every VF that is to have an interface has one, its name final. -1: time is up, or
 * a signal came. */
int apply_wait_for_interfaces(struct apply *a);
/*
 * The kernel hands out names in the order of probing, so that one VF may stand on
 * another's name. Interfaces of this PF's VFs that are in the way get a name of their own
 * first. `final`: those that nobody wants a name for get one from the kernel again.
 */
void apply_make_room_for_names(struct apply *a, bool final);
/* One step for an interface; failures are soft. */
int apply_link(struct apply *a, struct step *s);

#endif
