/* What run.c and repair.c share; nobody else includes it. */
#ifndef RUN_PARTS_H
#define RUN_PARTS_H

#include "cli/command.h"
#include "kernel/kernel.h"
#include "plan/plan.h"
#include "plan/tally.h"

#ifndef VERSION
#define VERSION "0.1.0"
#endif

/* A picture of the host, for more than one command that only looks. */
struct picture {
	struct host host;
	unsigned needs;
	int64_t taken_ms; /* before the first question was asked */
	size_t warnings;  /* those of the host itself come first */
};
#define PICTURES 4

/* What one command line after the other uses: a single one, those of a batch, of a shell. */
struct session {
	FILE *out;                     /* where data goes */
	const struct options *options; /* for all lines; NULL: none */
	const struct command *const *commands;
	struct kernel kernel; /* open: that of `snapshot` */
	bool is_open;
	char *snapshot;
	bool in_batch;
	struct shell *shell; /* the one it runs in, or NULL */
	bool unread;         /* nobody takes what the shell shows */
	int64_t arrived_ms;  /* when the line was read (monotonic); of a batch */
	struct picture pictures[PICTURES];
	size_t picture_count;
	/* of a batch: the host as its last change saw it, under the locks of that */
	struct host seen;
	unsigned seen_needs;
	int64_t seen_ms; /* when that look began (monotonic) */
	bool has_seen;

	bool has_switch; /* whoever runs us holds the lock for a rollback */
};

/* Run one line, its words from argv[1] on, and print what it has to say. pf: see struct
 * parse_base; file and number: where it stands, NULL and 0 for nowhere. */
enum exit_code session_run(struct session *s, int argc, char *const *argv, const char *pf,
	const char *file, size_t number);
void session_close(struct session *s);
/* The kernel that these options mean, kept open for the next. NULL with *err. */
const struct kernel *session_kernel(struct session *s, const struct options *o, struct error *err);
/* The host as it is, with these needs. In a batch, one that was looked at after the line
 * had come; the session's own, for commands that change nothing. NULL with *err. */
struct host *session_look(struct session *s, unsigned needs, struct error *err);
void session_forget_pictures(struct session *s);
/* What was written so far, before what goes to stderr about it: on a terminal that is the
 * order in which they are read. */
void session_flush(struct session *s);
/* Write what was said so far: 0, or -1 with *err. */
int run_flush(FILE *out, struct error *err);
void session_forget_seen(struct session *s);

/* All commands of options->batch. -1 with *err, already said where it has a line. */
int run_batch(struct session *s, const struct options *o, struct error *err);
/* Commands from a terminal. */
int run_shell(struct session *s, const struct command_line *line, struct error *err);
/* Show what the command has written so far: errors and warnings come behind it. */
void show_in_shell(struct session *s);
/* Those that only a shell has. */
int run_in_shell(struct session *s, const struct command_line *line, struct error *err);

#define LOCKS_MAX 256 /* PFs in one command */

/* The locks of all PFs that the change is about, in one order for everybody. */
struct locks {
	int fds[LOCKS_MAX];
	size_t count;
};

/* To find a VF by what it is called in another namespace. */
#define NEED_TO_FIND (NEED_NETNS | NEED_LEASES)

/* Where host_truncated(). */
#define LIST_INCOMPLETE "the kernel's list of VFs or interfaces is incomplete"

/* On stderr, for people. */
void run_print_warnings(const char **warnings, size_t count, const struct options *o);
/* All of a change, and of its PFs. */
void run_print_change_warnings(const struct change *change, const struct options *o);
/* Look at the host, and at what is remembered of VFs that were handed out. */
int run_look_at(const struct kernel *k, unsigned needs, struct host *host, struct error *err);
/* How long to wait for somebody else's lock, in milliseconds. */
int64_t run_lock_wait(const struct options *o);
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
/* The same for what is declared: what speaks against one VF or PF leaves the others. */
struct declared;
int run_may_be_declared(const struct kernel *k, const struct options *o, struct declared *d,
	struct change *change, struct host *have, struct error *err);

/* Say of PFs with a journal that their change was cut off. */
void run_warn_of_interrupted(struct host *host);

/* The PFs that a change is about, and how many VFs it asks of each, for when it comes to
 * nothing: its plans go where it is planned again. */
struct asked {
	struct arena arena;
	struct deed *deeds;
	size_t count;
};

/* Commands that plan changes, to be made as one; or what is declared of PFs. */
struct request {
	struct command_line *lines;
	size_t count;
	struct declared *declared; /* NULL: the lines */
	const struct options *options;
	const char *file; /* where they stand, when there are several */
	size_t at;        /* the one being planned; count: all are */
	struct asked asked;
};
/* What the command shows, once. */
int run_show(struct session *s, const struct command_line *line, struct error *err);
/* The same, or rates, again and again. */
int run_stats(struct session *s, const struct command_line *line, struct error *err);
/* Metrics of the same, for Prometheus. */
int run_metrics(struct session *s, const struct command_line *line, struct error *err);
/* From what was planned on this host. */
void run_note_asked(struct asked *asked, const struct request *r, const struct change *change,
	struct host *have);
/* Count what ended before its first step, for the PFs noted, or those it seems to be about. */
void run_count_refusal(struct asked *asked, const struct request *r, const struct change *change,
	struct host *have, const struct error *err);
/* From the first look to the report. */
int run_request(struct session *s, struct request *r, struct error *err);
int run_change(struct session *s, struct command_line *line, struct error *err);
/* The one that finds out by itself what is wrong. */
int run_repair(struct session *s, const struct command_line *line, struct error *err);
/* Tells what happens until it is ended; on standard output itself. */
int run_monitor(struct session *s, const struct command_line *line, struct error *err);
/* What is wrong with the host; changes nothing. */
int run_doctor(struct session *s, const struct command_line *line, struct error *err);
/* Policies: check, diff, apply. */
int run_policy(struct session *s, const struct command_line *line, struct error *err);
int run_policy_capture(struct session *s, const struct command_line *line, struct error *err);
/* What `policy apply` keeps for a rollback; see rollback.c. */
int run_policy_commit(struct session *s, const struct command_line *line, struct error *err);
int run_policy_rollback(struct session *s, const struct command_line *line, struct error *err);
/* Is one to come? Then -1 with *err. */
int rollback_is_pending(struct error *err);
/* Before a change with options->rollback_ms: from here on, should we die, somebody puts back
 * what is kept. A lock for rollback_begin(), or -1 with *err and nothing done. */
int rollback_arm(
	struct session *s, const char *command, const struct options *o, struct error *err);
/* The change has been made: the time begins. False: nothing was kept, and nobody waits. */
bool rollback_begin(int lock);

/* What could come next; opens the host that its words name. 0. */
int run_complete(struct session *s, const struct command_line *line);

#endif
