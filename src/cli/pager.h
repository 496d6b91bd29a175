/* Text that is longer than the screen, a screen at a time. */
#ifndef CLI_PAGER_H
#define CLI_PAGER_H

#include "cli/terminal.h"

#include <stdio.h>

/* Show it on standard output, which is a terminal; stop at each full screen and wait for a
 * key. Colours are understood. False when it is gone. */
bool page(struct terminal *t, const char *text, size_t len);
/* Words below each other in columns, as ls(1) lists files. */
void print_columns(FILE *out, char *const *words, size_t count, size_t columns);
/* How many rows of a screen that wide a line takes (without its end). */
size_t page_rows(const char *line, size_t len, size_t columns);

#endif
