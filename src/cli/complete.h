/*
 * What could stand at the cursor of a command line: from the same descriptors and rows that
 * the parser reads, so that whatever is offered is taken.
 */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include "cli/command.h"

/* A word ending in '/', '=' or ',' is not complete: no blank behind it. */
struct candidate {
	const char *word;
	const char *help; /* NULL: none; may have names in it: str_printable() */
};

enum complete_files {
	COMPLETE_NO_FILES,
	COMPLETE_FILES, /* files as well; in "--name=" behind that */
	COMPLETE_DIRS,
};

/* The line: whole words before the cursor, without the program's name, and the one at it. */
struct completing {
	const struct command *const *commands;
	char *const *words;
	size_t count;
	const char *word; /* up to the cursor, "" for nothing yet */
	const char *pf;   /* that of struct parse_base, or NULL */
};

struct completion {
	struct candidate *items; /* in the arena; all begin with the word */
	size_t count;
	enum complete_files files;
	const char *expects;  /* a value that cannot be listed: "0..4094"; NULL: none */
	const char *help;     /* and what it is */
	bool live;            /* the host must be asked */
	unsigned needs;       /* for these */
	const char *snapshot; /* which one: that of --snapshot among the words, or NULL */
};

/* host: NULL at first. When *out is `live` then, or `needs` more than the host was asked for,
 * ask it for out->needs and come again: what is there makes a difference to what can be.
 * Text of *out lives in the arena, the host, the words and the tables. */
void complete(const struct completing *c, const struct host *host, struct arena *arena,
	struct completion *out);

#endif
