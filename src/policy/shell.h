/*
 * The commands of a shell script, as far as they can be told without running it: words without
 * their quotes, one command after the other.
 */
#ifndef POLICY_SHELL_H
#define POLICY_SHELL_H

#include "core/problem.h"

struct shell_word {
	const char *text;
	bool expands; /* it has variables or commands in it, which stay as they are written */
	struct origin origin;
};

struct shell_command {
	struct shell_word *words; /* without `sudo` and its like before them; at least one */
	size_t count;
	const struct shell_word *output; /* the file that standard output goes to, or NULL */
	bool piped;                      /* it reads what the command before it prints */
	unsigned depth;                  /* how many conditions, loops and functions it is within */
};

/* Calls `take` for each, in order. All lives in the arena. Scripts of /etc/network/interfaces
 * (up ...), units of systemd (ExecStart=...) and `sh -c '...'` are looked into. */
void shell_read(const struct source *source, struct arena *arena, struct problems *problems,
	void (*take)(void *data, const struct shell_command *command), void *data);

#endif
