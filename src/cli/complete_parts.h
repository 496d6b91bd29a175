/* What complete.c and complete_host.c share; nobody else includes it. */
#ifndef CLI_COMPLETE_PARTS_H
#define CLI_COMPLETE_PARTS_H

#include "cli/args_parts.h"
#include "cli/complete.h"

/* A line as far as it has been understood. */
struct typing {
	const struct completing *c;
	const struct host *host; /* NULL: not asked yet */
	struct arena *arena;
	struct completion *out;
	struct command_line line;        /* options given */
	struct words words;              /* that are no options */
	bool options_end;                /* "--" was among them */
	const struct option_row *option; /* whose value is at the cursor */
	bool help;                       /* begins with `help` */
	const char *object;
	const struct command *command;
	size_t used; /* words up to the arguments of the command */
};

/* The first `keep` bytes of the word at the cursor with `rest` behind them, when that goes on
 * as the word does. */
void offer(struct typing *t, size_t keep, const char *rest, const char *help);
/* A name somebody gave something: only where the parser would take it for one. */
void offer_name(struct typing *t, const char *name, const char *help);
/* A name with control characters would break what shells read of us, and their terminals: it
 * is never offered. */
bool is_printable(const char *word);
/* The host, once it has been asked for that; NULL before. */
const struct host *ask_host(struct typing *t, unsigned needs);

void offer_pfs(struct typing *t);
void offer_vfs(struct typing *t);
void offer_drivers(struct typing *t);
void offer_netns(struct typing *t);
/* How many VFs the PF of that name can have. */
void expect_vf_count(struct typing *t, const char *pf);
/* Could a word stand for VFs? If nobody knows better: yes. */
bool may_be_vfs(struct typing *t, const char *word);
/* Can it stand for nothing else? */
bool must_be_vfs(const char *word);

#endif
