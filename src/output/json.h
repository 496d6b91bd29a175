/* Inside output/: pieces of JSON. */
#ifndef OUTPUT_JSON_H
#define OUTPUT_JSON_H

#include "output/output.h"

#include <jansson.h>

/* A JSON string of bytes that may be no UTF-8 (interface aliases are whatever someone
 * wrote): what is invalid becomes U+FFFD. */
json_t *json_text(const char *s);
json_t *json_value(const struct value *v);
/* Those that are errors, as a list of objects; the texts of warnings go to the list of these. */
struct problems;
json_t *json_problems(const struct problems *problems, json_t *warnings);
json_t *json_error(const struct error *err, const struct options *o);
/* To the millisecond. */
json_t *json_seconds(double seconds);
/* An object of the columns. */
json_t *json_record(
	const struct record_type *type, const struct columns *columns, const void *record);
/* One line, or indented with --pretty; takes the reference. 0, or -1. */
int json_dump(json_t *root, const struct options *o, FILE *out);

#endif
