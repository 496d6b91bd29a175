/* What run.c and repair.c share; nobody else includes it. */
#ifndef RUN_PARTS_H
#define RUN_PARTS_H

#include "cli/command.h"
#include "kernel/kernel.h"
#include "plan/plan.h"

/* What one command line after the other uses: a single one, those of a batch, of a shell. */
struct session {
	FILE *out; /* where data goes */
	struct kernel kernel;
};

#define LOCKS_MAX 256 /* PFs in one command */

/* The locks of all PFs that the change is about, in one order for everybody. */
struct locks {
	int fds[LOCKS_MAX];
	size_t count;
};

/* On stderr, for people. */
void run_print_warnings(const char **warnings, size_t count, const struct options *o);
/* Look at the host, and at what is remembered of VFs that were handed out. */
int run_look_at(const struct kernel *k, unsigned needs, struct host *host, struct error *err);
/* 0, or -1 with *err; those that were taken are in locks either way. */
int run_lock_all(const struct change *change, const struct options *o, struct locks *locks,
	struct error *err);
void run_unlock_all(struct locks *locks);
/* What interrupted changes of the PFs of `old` have left, into plans of `change`. locked: their
 * locks are ours; else those that others are at work on are left out. */
int run_load_journals(
	const struct change *old, struct change *change, bool locked, struct error *err);
/* With journals and audit. */
int run_carry_out(const struct kernel *k, const struct options *o, struct change *change,
	const struct host *have, struct error *err);
/* What speaks against it; every reason is found before the first step. */
int run_may_be_done(const struct kernel *k, const struct options *o, struct change *change,
	struct host *have, struct error *err);

/* Say of PFs with a journal that their change was cut off. */
void run_warn_of_interrupted(struct host *host);

/* A command that plans a change, from the first look to the report. */
int run_change(struct session *s, const struct command_line *line, struct error *err);
/* The one that finds out by itself what is wrong. */
int run_repair(struct session *s, const struct command_line *line, struct error *err);

#endif
