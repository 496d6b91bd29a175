/* Stories of what a policy declares: as `policy apply` takes it, PF by PF. */
#ifndef STORY_DECLARE_H
#define STORY_DECLARE_H

#include "story.h"

#include "declared.h"

/* What was declared of each PF, the last time. */
extern struct declared declared[MODEL_PFS];
/* Nothing at all could be done to the PF. */
extern bool declared_failed[MODEL_PFS];
/* What was cut off may not be put right, as it would switch a PF off that is in use by now; or
 * what failed could not, as rates need a link that a PF which was down has not. */
extern bool declared_stuck;
/* The model as it is, and as it was before the last PF that was changed: where that got another
 * number of VFs without their vectors, which are lost with that. */
const char *declared_now(void);
extern const char *declared_before;

/* The policy, until the next one: PFs of a SriovHost as in a flow mapping, separated by "; ":
 * "pf: eth0, vfs: 2, vf: {0: {vlan: 5}}; pf: eth1, vfs: 1". */
void policy_is(const char *pfs);
void policy_end(void);
/* Plan it, of the PF with this handle (NULL: of all); the host lives as long as the model. It
 * fails where planning writes to the host. */
void plan_policy(struct declared *d, const char *only, struct host *host, struct change *into);
/* Apply it. False where not all could be had; `dies` as that of run_words(). */
bool declare(unsigned force, int dies);
/* The steps of all PFs that the policy would take now: how many there are, without those that
 * are taken anew each time. */
size_t policy_steps(void);

/* Has the host what the policy wants of it, but for what is among the problems? NULL, or what
 * it has not. */
const char *not_as_declared(void);

#endif
