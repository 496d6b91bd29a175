/* What an errno means here, and what to do. */
#ifndef PLAN_EXPLAIN_H
#define PLAN_EXPLAIN_H

#include "plan/plan.h"

/* Fill *err for a step that the kernel answered with sys_errno (positive) and, perhaps,
 * words of its own. Always returns -1. */
int explain_step(const struct step *step, int sys_errno, const char *extack, struct error *err);

#endif
