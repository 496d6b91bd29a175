/*
 * One line after the other from a person: with readline, its editing, history and completion
 * where the library is there and the terminal can move its cursor; else plainly.
 */
#ifndef CLI_EDITOR_H
#define CLI_EDITOR_H

#include "cli/terminal.h"

#include <stddef.h>

struct completion;

/* Who knows what can stand where. */
struct editor_help {
	void *context;
	/* Fill in what can stand at the end of a line that begins like this. It stays as it is
	 * until the next call. */
	const struct completion *(*complete)(void *context, const char *begin, size_t len);
	/* The same for people: print what can stand there. */
	void (*explain)(void *context, const char *begin, size_t len);
};

enum edited {
	EDITED_LINE,
	EDITED_CANCELLED, /* Ctrl-C */
	EDITED_END
};

struct editor;
/* NULL when out of memory. */
struct editor *editor_open(struct terminal *t, const struct editor_help *help);
void editor_close(struct editor *e);
/* The line, without its end, is the caller's to free. */
enum edited editor_read(struct editor *e, const char *prompt, char **line);
/* Into the history, and at once to its file. */
void editor_remember(struct editor *e, const char *line);
/* Why there is no history or no editing, for people; NULL when all is well. */
const char *editor_complaint(const struct editor *e);

#endif
