/* The only place that carries out steps. */
#ifndef PLAN_APPLY_H
#define PLAN_APPLY_H

#include "core/options.h"
#include "plan/plan.h"

struct kernel;

/* Is there, on this host, every driver that the plans name? With `load`, those that are
 * modules are loaded. 0, or -1 with *err (EXIT_NOT_FOUND). */
int change_find_drivers(const struct kernel *k, const struct change *change,
	const struct host *have, bool load, struct error *err);

/*
 * Carry out the steps in order, PF by PF; each gets its result. At a failure that leaves
 * something without what it had, all PFs are brought back to plan->before, and the steps
 * say so. 0, or -1 with *err: EXIT_KERNEL and others when all was undone, EXIT_PARTLY when
 * not, EXIT_TIMED_OUT when the kernel did not finish in time (nothing is undone then).
 * plan->settled: nothing is left for a later command to put right. have: what was planned
 * from, under the lock.
 */
int change_apply(const struct kernel *k, struct change *change, const struct host *have,
	const struct options *o, struct error *err);

#endif
