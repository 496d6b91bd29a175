/* What a policy declares, on its way through the flow of a change; for the top level alone. */
#ifndef DECLARED_H
#define DECLARED_H

#include "core/intent.h"
#include "plan/plan.h"
#include "policy/policy.h"

/* Something that is not wanted any more because it may not be, or cannot be. */
struct left_out {
	const char *object; /* a PF, or a VF */
	const char *driver; /* not NULL: all VFs that are to get this driver */
	bool is_pf;
	struct error why;
};

struct declared {
	/* Plan it all on a host, for change->problems as far as it cannot be had. */
	int (*plan)(
		struct declared *d, struct host *have, struct change *change, struct error *err);
	const char *command; /* "policy apply", for journal and audit */
	unsigned needs;      /* what must be known of the host */
	unsigned force;

	const struct policy *policy;
	const char *only; /* handle of the PF that is meant; NULL: all */

	/* of the last plan */
	struct arena arena;
	struct problems problems;
	struct intent intent;

	struct left_out *left;
	size_t left_count;
	struct arena kept; /* of `left` */
};

/* Of a policy, whose documents are all read. */
void declared_init(struct declared *d, const struct policy *policy, const char *command);
void declared_free(struct declared *d);
/* The change may not be made, as *err says: leave out what that is about. False: all of it is
 * about that, or it was left out before. */
bool declared_leave_out(struct declared *d, const struct change *change, const struct error *err);
/* When it has been carried out, or planned, with this result: what it came to. */
int declared_outcome(struct declared *d, const struct change *change, int rc, struct error *err);
/* The exit code for one PF, from the problems about it. */
enum exit_code declared_code(const struct problems *problems, const struct pf *pf);
/* Is the problem about this PF, or a VF of it? */
bool problem_is_about(const struct problem *p, const struct pf *pf);

#endif
