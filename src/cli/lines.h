/* Lines of commands from a file or a pipe, and the words of a line. */
#ifndef CLI_LINES_H
#define CLI_LINES_H

#include "util/arena.h"
#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_LENGTH_MAX 65536 /* bytes; a longer line is an error, not a command */

struct lines {
	int fd;
	char *data; /* what was read and not used yet is data[at..len) */
	size_t at, len, room;
	size_t number;      /* of the line that lines_next() gave, from 1 */
	size_t end;         /* of the last line that belongs to it: others may be joined to it */
	int64_t arrived_ms; /* when the end of that line was read (monotonic) */
	int64_t read_ms;    /* when the last bytes were */
	bool eof;
	bool goes_on; /* the line taken last ends with a backslash */
};

void lines_open(struct lines *l, int fd);
void lines_close(struct lines *l); /* leaves the descriptor open */
/* Is there another line that need not be waited for? */
bool lines_waiting(const struct lines *l);
/* Read more: 1, 0 at the end, or a negative errno. */
int lines_fill(struct lines *l);
/* One line as it stands, from *start on until the next call: 1, 0 at the end, or -1 with *err
 * as below. */
int lines_take(struct lines *l, const char **start, size_t *len, struct error *err);
/*
 * The next line with its words, in `arena`: 1, 0 at the end, or -1 with *err (EXIT_USAGE:
 * this line is none, the next may be; EXIT_KERNEL: it cannot be read). Lines without words
 * are passed over. A backslash at its end joins the next line to it.
 */
int lines_next(
	struct lines *l, struct arena *arena, char ***words, size_t *count, struct error *err);

enum split {
	SPLIT_WHOLE,
	SPLIT_JOIN,  /* ends with a backslash: goes on in the next line */
	SPLIT_QUOTE, /* a quotation mark is not closed */
};
/*
 * The words of a line, quoted as in sh(1): 'as it is', "with \" and \\", a\ blank; a word
 * that begins with # and all behind it is a comment. Nothing is expanded. The words, NULL
 * behind the last, are in the arena, also those before what is wrong.
 */
enum split split_words(
	const char *line, size_t len, struct arena *arena, char ***words, size_t *count);

#endif
