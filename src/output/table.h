/* Inside output/: what tables and the tree have in common. */
#ifndef OUTPUT_TABLE_H
#define OUTPUT_TABLE_H

#include "output/output.h"

#include <libsmartcols.h>

/* An empty table; NULL when memory runs out. */
struct libscols_table *table_new(const struct options *o, FILE *out);
/* 0, or -1 when memory runs out. */
int table_add_column(struct libscols_table *t, const char *heading, int flags);
/* color may be NULL. 0, or -1. */
int table_set_cell(struct libscols_line *line, size_t column, const char *text, const char *color);
/* The text of a cell. */
void table_text(const struct attr *a, const struct value *v, char *out, size_t size);
/* What switches the colour of a text under that key on; NULL for none. Remarks of the
 * overview have the key "note" and the texts "used" and "trouble". */
const char *table_color(const char *key, const char *text);

#endif
