/*
 * What sriovctl itself has done on this host: counters for monitoring, one small file a PF
 * below the runtime directory. Like the kernel's counters they begin anew at every boot.
 */
#ifndef PLAN_TALLY_H
#define PLAN_TALLY_H

#include "plan/plan.h"

/* Changes are counted by their exit code, 0 to 8. */
#define TALLY_CODES (EXIT_PARTLY + 1)
extern const char *const tally_result_names[TALLY_CODES];

struct tally {
	const char *handle; /* of the PF, as devlink writes it */
	const char *name;   /* as the PF was called when it was changed last */
	uint64_t changes[TALLY_CODES];
	uint64_t vfs_created;   /* by the kernel, those made anew on the way included */
	uint64_t setups;        /* changes that created VFs */
	uint64_t setup_ms;      /* how long those took, from their first step to their last */
	uint64_t last_setup_ms; /* and the last of them */
	uint64_t failed_vfs;    /* asked for, or to be handed over, and could not be had */
};

/* One change, as it counts for one PF. */
struct deed {
	const struct pf *pf; /* its handle and name */
	enum exit_code code;
	uint32_t created, failed; /* VFs */
	int64_t took_ms;
};

/* Count it. Bookkeeping must never fail a change: where it cannot be written, or somebody
 * holds the file for a second, it is not counted. A damaged file starts anew. */
void tally_add(const struct deed *deed);

/* Count a change that was carried out, whatever became of it: for each PF where something
 * was changed, or was to be. */
void tally_change(const struct change *change, enum exit_code code, int64_t took_ms);

/* How many VFs more than now the PF is to have by its plan. */
uint32_t tally_asked(const struct plan *plan);

/* All tallies, in the order of handles, into the arena. False when they cannot be read. */
bool tally_read(struct arena *arena, struct tally **tallies, size_t *count);

#endif
