/* Strings: strict numbers, safe printing, the nearest of some words. */
#ifndef UTIL_STR_H
#define UTIL_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A whole unsigned number and nothing else: no sign, no blanks. base 10 or 16 (an
 * optional 0x), or 0 for either. False when it is none or exceeds max. */
bool str_uint(const char *s, int base, uint64_t max, uint64_t *value);
/* A number at *text, which moves behind it; false when there is none, or it exceeds max. */
bool str_take(const char **text, const char *end, uint64_t max, uint64_t *value);
/* 1500 from "1.5": at most three decimals, at most max before them. */
bool str_thousandths(const char *s, uint64_t max, uint64_t *value);
/* Milliseconds from seconds, at most a million of them. */
bool str_seconds(const char *s, uint64_t *ms);
bool str_starts(const char *s, const char *prefix);
/* A copy of s for a terminal: control characters and invalid UTF-8 become \xNN.
 * Truncates to fit; always terminated. */
void str_printable(char *out, size_t size, const char *s);
/* The length of the valid UTF-8 sequence at s, 0 when there is none. */
size_t str_utf8_len(const char *s);

/* How many characters it has, each of as many bytes as UTF-8 takes. */
size_t str_width(const char *s);

/* Finding the nearest word to a wrong one. Start with best = NULL; feed candidates. */
struct nearest {
	const char *word;
	const char *best;
	unsigned distance;
};
void nearest_try(struct nearest *n, const char *candidate);
/* The best candidate when it is near enough to be meant, else NULL. */
const char *nearest_found(const struct nearest *n);

#endif
