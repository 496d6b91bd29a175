/* Which records of a list are shown, and in what order: --filter and --sort. */
#ifndef CORE_CHOOSE_H
#define CORE_CHOOSE_H

#include "core/attr.h"

#define SORT_KEYS_MAX 16
#define CONDITIONS_MAX 32
#define PATTERN_SIZE 256

enum comparison {
	COMPARE_EQUAL,
	COMPARE_DIFFERENT,
	COMPARE_LESS,
	COMPARE_AT_MOST,
	COMPARE_MORE,
	COMPARE_AT_LEAST,
};

struct condition {
	size_t attr;
	enum comparison comparison;
	char pattern[PATTERN_SIZE]; /* of what is text; "": whether there is a value at all */
	long double number;         /* of what is a number */
};

struct sort_key {
	size_t attr;
	bool reversed;
};

struct choosing {
	const struct record_type *type;
	struct condition conditions[CONDITIONS_MAX]; /* all must hold */
	size_t condition_count;
	struct sort_key keys[SORT_KEYS_MAX]; /* the first counts most */
	size_t key_count;
	unsigned needs; /* what discovery must ask for them */
};

/* From "KEY[,KEY...]" and "KEY OP VALUE[,...]", as the options have them; NULL: not given. A
 * heading is taken for a key as well. 0, or -1 with *err. */
int choose_parse(const struct record_type *type, const char *sort, const char *filter,
	struct choosing *c, struct error *err);
/* Leave those that meet all conditions, in the order of the keys; those that are alike stay as
 * they were. How many there are then. What is dropped is behind them. */
size_t choose_records(const struct choosing *c, const void **records, size_t count);

/* Numbers largest first, all else from a to z, parts that are numbers by their size; unknown
 * ones last. Of values of the same attribute. */
int value_order(const struct value *a, const struct value *b);

/* The operators, longest first; NULL behind the last. */
const char *choose_operator(size_t i);
/* What conditions on the attribute may be compared with, as far as that is a list of words: the
 * i-th of them, or NULL. */
const char *choose_word(const struct attr *a, size_t i);

#endif
