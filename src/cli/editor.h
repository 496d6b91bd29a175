/*
 * One line after the other from a person: with readline, its editing, history and completion
 * where the library is there and the terminal can move its cursor; else plainly.
 */
#ifndef CLI_EDITOR_H
#define CLI_EDITOR_H

#include "cli/terminal.h"
#include "util/error.h"

#include <stddef.h>

struct completion;

/* Who knows what can stand where. */
struct editor_help {
	void *context;
	/* Fill in what can stand at the end of a line that begins like this; *word is the one
	 * that is being typed there, without quotation marks. It stays as it is until the next
	 * call. */
	const struct completion *(*complete)(
		void *context, const char *begin, size_t len, const char **word);
	/* The same for people: print what can stand there. */
	void (*explain)(void *context, const char *begin, size_t len);
};

enum edited {
	EDITED_LINE,
	EDITED_CANCELLED, /* Ctrl-C */
	EDITED_WRONG,     /* no line: *err */
	EDITED_END
};

struct editor;
/* NULL when out of memory. */
struct editor *editor_open(struct terminal *t, const struct editor_help *help);
void editor_close(struct editor *e);
/* The line, without its end, is the caller's to free. When several were pasted at once, they
 * are in it, with newlines between them. */
enum edited editor_read(struct editor *e, const char *prompt, char **line, struct error *err);
/* Into the history, and at once to its file. */
void editor_remember(struct editor *e, const char *line);
/* Are there the keys of an editor: is `?` one? */
bool editor_has_keys(const struct editor *e);
/* Why there is no history or no editing, for people; NULL when all is well. */
const char *editor_complaint(const struct editor *e);

#endif
