/* The only place that carries out steps. */
#ifndef PLAN_APPLY_H
#define PLAN_APPLY_H

#include "core/options.h"
#include "plan/plan.h"

struct kernel;

/*
 * Carry out the steps in order; each gets its result. At a failure that leaves VFs
 * without what they had, everything is brought back to plan->before, and the steps say
 * so. 0, or -1 with *err: EXIT_KERNEL and others when all was undone, EXIT_PARTLY when
 * not, EXIT_TIMED_OUT when the kernel did not finish in time (nothing is undone then).
 * *settled: nothing is left for a later command to put right.
 */
int plan_apply(const struct kernel *k, struct plan *plan, const struct options *o, bool *settled,
	struct error *err);

#endif
