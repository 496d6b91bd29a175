/* Inside output/: how wide the screen is, and what fits on it. */
#ifndef OUTPUT_SCREEN_H
#define OUTPUT_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct screen {
	bool terminal;
	size_t columns, rows; /* rows 0: it does not say */
};

struct screen screen_look(FILE *out);
/* Columns of a text as libsmartcols writes it: \xNN for bytes that are not to be shown. Of the
 * locale. */
size_t text_width(const char *s);
/* The end of a word: of a command in quotes all of it, so that it can be pasted. */
char *word_end(char *word);

#endif
