/* What diff.c and diff_if.c share; nobody else includes it. */
#ifndef PLAN_DIFF_PARTS_H
#define PLAN_DIFF_PARTS_H

#include "plan/plan.h"

/* Making the steps for one plan. */
struct diff {
	struct plan *plan;
	const struct host *have;
	const struct state *goal;
	bool resize;   /* all VFs go and come again */
	uint32_t want; /* VFs in the end */
};

/* Both NULL, or the same text. */
bool diff_same(const char *a, const char *b);
/* The VF as it is now; NULL when it will have been gone, and so counts for nothing. */
const struct vf *diff_now(const struct diff *d, const struct vf_state *st);
/* What the VF is now, also when it is about to go. */
const struct vf *diff_was(const struct diff *d, const struct vf_state *st);
/* What the VF had of an attribute before the change. */
struct value diff_before(const struct diff *d, const struct vf_state *st, enum vf_attr a);
/* Does the VF have the driver it is to have? */
bool diff_driver_fits(const struct vf *have, const char *want);
struct step *diff_add_vf(struct plan *plan, enum step_kind kind, const struct vf_state *st,
	struct value old, struct value new);

/* diff_if.c */
/* Is its interface to go to another namespace, or to come home from one? */
bool diff_moves(const struct diff *d, const struct vf_state *st);
void diff_add_move(struct diff *d, const struct vf_state *st);
/* Remember (take: forget) that it was handed out. */
void diff_add_lease(struct diff *d, const struct vf_state *st, bool take);
/* Tell of the node of a VF that is handed over without an interface. */
void diff_add_node(struct diff *d, const struct vf_state *st);
/* All that its interface is to have. anew: it will be a new one. */
void diff_add_interface(struct diff *d, const struct vf_state *st, bool anew);
/* Where names change hands: whoever has one that another is to get lets go of it first. anew:
 * of each VF of the goal, as above. */
void diff_free_names(struct diff *d, const bool *anew);

#endif
