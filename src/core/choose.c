#include "core/choose.h"

#include "util/str.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE 64

static const struct {
	const char *text;
	enum comparison comparison;
} operators[] = {
	{"!=", COMPARE_DIFFERENT},
	{"<=", COMPARE_AT_MOST},
	{">=", COMPARE_AT_LEAST},
	{"=", COMPARE_EQUAL},
	{"<", COMPARE_LESS},
	{">", COMPARE_MORE},
};
#define OPERATOR_COUNT (sizeof(operators) / sizeof(operators[0]))

const char *choose_operator(size_t i)
{
	return i < OPERATOR_COUNT ? operators[i].text : NULL;
}

const char *choose_word(const struct attr *a, size_t i)
{
	static const char *const switches[] = {"on", "off", NULL};

	if (a->type != VALUE_ENUM && a->type != VALUE_BOOL)
		return NULL;
	return (a->type == VALUE_BOOL ? switches : a->names)[i];
}

/* What an attribute is compared as. */
enum kind {
	KIND_TEXT,
	KIND_NUMBER,
	KIND_WORD, /* one of a few */
};

static enum kind kind_of(enum value_type type)
{
	switch (type) {
	case VALUE_UINT:
	case VALUE_INT:
	case VALUE_UINT64:
	case VALUE_REAL:
	case VALUE_INTS:
		return KIND_NUMBER;
	case VALUE_ENUM:
	case VALUE_BOOL:
		return KIND_WORD;
	case VALUE_STRING:
	case VALUE_STRINGS:
	case VALUE_HEX:
	case VALUE_BDF:
	case VALUE_LLADDR:
	case VALUE_GUID:
	case VALUE_ANY:
		return KIND_TEXT;
	}
	return KIND_TEXT;
}

/* The number itself; of one that is exact up to 2^53 where long double is no more than that. */
static long double number_of(const struct value *v)
{
	switch (v->type) {
	case VALUE_UINT:
	case VALUE_UINT64:
		return (long double)v->uint;
	case VALUE_INT:
		return (long double)v->num;
	case VALUE_REAL:
		return (long double)v->real;
	case VALUE_INTS:
	case VALUE_ENUM:
	case VALUE_BOOL:
	case VALUE_STRING:
	case VALUE_STRINGS:
	case VALUE_HEX:
	case VALUE_BDF:
	case VALUE_LLADDR:
	case VALUE_GUID:
	case VALUE_ANY:
		break;
	}
	return 0;
}

/* parsing */

/* "-1", "2.5k", "1G". */
static bool parse_number(const char *text, long double *number)
{
	static const struct {
		char letter;
		long double factor;
	} units[] = {{0, 1}, {'k', 1e3L}, {'K', 1e3L}, {'M', 1e6L}, {'G', 1e9L}};
	bool negative = text[0] == '-';
	const char *p = text + negative;
	long double n = 0, place = 1;
	size_t digits = 0;

	for (; isdigit((unsigned char)*p); p++, digits++)
		n = n * 10 + (*p - '0');
	if (digits && *p == '.' && isdigit((unsigned char)p[1]))
		for (p++; isdigit((unsigned char)*p); p++) {
			n = n * 10 + (*p - '0');
			place *= 10;
		}
	for (size_t i = 0; digits && i < sizeof(units) / sizeof(units[0]); i++) {
		if (*p != units[i].letter || (*p && p[1]))
			continue;
		*number = (negative ? -n : n) * units[i].factor / place;
		return true;
	}
	return false;
}

static int wrong_word(const struct attr *a, const char *text, struct error *err)
{
	struct nearest near = {.word = text};
	char words[200] = "";
	size_t n = 0;

	for (size_t i = 0; choose_word(a, i) && n < sizeof(words); i++) {
		nearest_try(&near, choose_word(a, i));
		n += (size_t)snprintf(
			words + n, sizeof(words) - n, "%s%s", i ? ", " : "", choose_word(a, i));
	}
	error_set(err, EXIT_USAGE, "%s is never '%s'", a->key, text);
	if (nearest_found(&near))
		return error_hint(err, "did you mean '%s'?", nearest_found(&near));
	return error_hint(err, "it is one of: %s", words);
}

static bool is_pattern(const char *text)
{
	return strpbrk(text, "*?[\\");
}

static int parse_word(const struct attr *a, const char *text, struct error *err)
{
	for (size_t i = 0; choose_word(a, i); i++)
		if (strcmp(choose_word(a, i), text) == 0)
			return 0;
	return is_pattern(text) ? 0 : wrong_word(a, text, err);
}

static int parse_value(const struct attr *a, struct condition *c, const char *op, struct error *err)
{
	enum kind kind = kind_of(a->type);
	bool orders = c->comparison != COMPARE_EQUAL && c->comparison != COMPARE_DIFFERENT;

	if (orders && kind != KIND_NUMBER) {
		error_set(
			err, EXIT_USAGE, "%s is no number: '%s' cannot be asked of it", a->key, op);
		return error_hint(
			err, "'%s=...' and '%s!=...' can, with * for any text", a->key, a->key);
	}
	if (!c->pattern[0] && !orders)
		return 0;
	if (kind == KIND_WORD)
		return parse_word(a, c->pattern, err);
	if (kind == KIND_NUMBER && !parse_number(c->pattern, &c->number)) {
		error_set(err, EXIT_USAGE, "%s is a number, not '%s'", a->key, c->pattern);
		return error_hint(err, "such as 1500, 2.5k, 10M or 1G");
	}
	return 0;
}

static int missing_operator(const char *name, struct error *err)
{
	error_set(err, EXIT_USAGE, "a filter is KEY=VALUE, not '%s'", name);
	return error_hint(err, "=, != and, in quotation marks, <, <=, >, >= compare; 'KEY=' is "
			       "for none, 'KEY!=' for any");
}

/* text[0..len): "vlan>=100" */
static int parse_condition(struct choosing *c, const char *text, size_t len, struct error *err)
{
	size_t name_len = strcspn(text, "=!<>,"), at = 0, op_len = 0, value_len;
	struct condition *one = &c->conditions[c->condition_count];
	char name[NAME_SIZE];

	while (at < OPERATOR_COUNT && !str_starts(text + name_len, operators[at].text))
		at++;
	snprintf(name, sizeof(name), "%.*s", (int)(name_len < len ? name_len : len), text);
	if (at == OPERATOR_COUNT)
		return missing_operator(name, err);
	op_len = strlen(operators[at].text);
	value_len = len - name_len - op_len;
	if (c->condition_count == CONDITIONS_MAX)
		return error_set(err, EXIT_USAGE, "more than %d conditions", CONDITIONS_MAX);
	*one = (struct condition){
		.attr = attr_index(c->type, name), .comparison = operators[at].comparison};
	if (one->attr == c->type->count || name_len >= sizeof(name))
		return attr_unknown(c->type, name, err);
	if (value_len >= sizeof(one->pattern))
		return error_set(err, EXIT_USAGE,
			"a value of %zu characters is too long to compare", value_len);
	memcpy(one->pattern, text + name_len + op_len, value_len);
	c->needs |= c->type->attrs[one->attr].need;
	c->condition_count++;
	return parse_value(&c->type->attrs[one->attr], one, operators[at].text, err);
}

static int parse_key(struct choosing *c, const char *text, size_t len, struct error *err)
{
	bool reversed = len && text[0] == '-';
	char name[NAME_SIZE];
	size_t attr;

	snprintf(name, sizeof(name), "%.*s", (int)len - reversed, text + reversed);
	attr = attr_index(c->type, name);
	if (attr == c->type->count || len - reversed >= sizeof(name))
		return attr_unknown(c->type, name, err);
	if (c->key_count == SORT_KEYS_MAX)
		return error_set(err, EXIT_USAGE, "more than %d keys to sort by", SORT_KEYS_MAX);
	c->keys[c->key_count++] = (struct sort_key){attr, reversed};
	c->needs |= c->type->attrs[attr].need;
	return 0;
}

static int parse_list(struct choosing *c, const char *list,
	int (*parse)(struct choosing *c, const char *text, size_t len, struct error *err),
	struct error *err)
{
	while (list) {
		size_t len = strcspn(list, ",");

		if (parse(c, list, len, err) < 0)
			return -1;
		list = list[len] ? list + len + 1 : NULL;
	}
	return 0;
}

int choose_parse(const struct record_type *type, const char *sort, const char *filter,
	struct choosing *c, struct error *err)
{
	*c = (struct choosing){.type = type};
	return parse_list(c, sort, parse_key, err) < 0 ||
			       parse_list(c, filter, parse_condition, err) < 0
		       ? -1
		       : 0;
}

/* filter */

static bool holds_number(const struct condition *c, long double n, long double number)
{
	switch (c->comparison) {
	case COMPARE_EQUAL:
	case COMPARE_DIFFERENT: /* see holds() */
		return n == number;
	case COMPARE_LESS:
		return n < number;
	case COMPARE_AT_MOST:
		return n <= number;
	case COMPARE_MORE:
		return n > number;
	case COMPARE_AT_LEAST:
		return n >= number;
	}
	return false;
}

static bool matches(const struct condition *c, const struct value *v)
{
	char text[VALUE_TEXT_MAX];
	struct bdf bdf;
	/* ours are written in lower case, others' names as they are */
	int flags = v->type == VALUE_STRING || v->type == VALUE_STRINGS ? 0 : FNM_CASEFOLD;

	if (v->type == VALUE_BDF && bdf_parse(c->pattern, &bdf)) /* "21:00.0" */
		return bdf_compare(bdf, v->bdf) == 0;
	if (v->type == VALUE_STRING)
		return fnmatch(c->pattern, v->string, flags) == 0;
	value_format(v, text, sizeof(text));
	return fnmatch(c->pattern, text, flags) == 0;
}

/* Does it hold of any of its items? */
static bool any_holds(const struct condition *c, const struct value *v)
{
	if (v->type == VALUE_STRINGS) {
		for (size_t i = 0; i < v->strings->count; i++)
			if (fnmatch(c->pattern, v->strings->items[i], 0) == 0)
				return true;
		return false;
	}
	if (v->type == VALUE_INTS) {
		for (size_t i = 0; i < v->ints->count; i++)
			if (holds_number(c, v->ints->items[i], c->number))
				return true;
		return false;
	}
	if (v->type == VALUE_REAL) /* 0.1 is not the same in both */
		return holds_number(c, number_of(v), (double)c->number);
	return kind_of(v->type) == KIND_NUMBER ? holds_number(c, number_of(v), c->number)
					       : matches(c, v);
}

/* What tables show as '-', or as nothing. */
static bool is_empty(const struct attr *a, const struct value *v)
{
	return attr_is_blank(a, v) || (v->type == VALUE_STRING && !v->string[0]);
}

static bool holds(const struct condition *c, const struct attr *a, const struct value *v)
{
	bool negative = c->comparison == COMPARE_DIFFERENT;

	if (!c->pattern[0])
		return is_empty(a, v) != negative;
	return v->known && any_holds(c, v) != negative;
}

static bool meets(const struct choosing *c, const void *record)
{
	for (size_t i = 0; i < c->condition_count; i++) {
		const struct condition *one = &c->conditions[i];
		struct value v = attr_get(c->type, one->attr, record);

		if (!holds(one, &c->type->attrs[one->attr], &v))
			return false;
	}
	return true;
}

/* sort */

static size_t digits_of(const char *s)
{
	return strspn(s, "0123456789");
}

/* "eth0/9" before "eth0/10". */
static int natural_order(const char *a, const char *b)
{
	while (*a && *b) {
		size_t x = digits_of(a), y = digits_of(b);

		if (!x || !y) {
			if (*a != *b)
				break;
			a++;
			b++;
			continue;
		}
		for (; x > 1 && *a == '0'; x--)
			a++;
		for (; y > 1 && *b == '0'; y--)
			b++;
		if (x != y)
			return x < y ? -1 : 1;
		if (strncmp(a, b, x) != 0)
			return strncmp(a, b, x);
		a += x;
		b += y;
	}
	return (unsigned char)*a - (unsigned char)*b;
}

int value_order(const struct value *a, const struct value *b)
{
	char x[VALUE_TEXT_MAX], y[VALUE_TEXT_MAX];

	if (!a->known || !b->known)
		return (int)b->known - (int)a->known;
	if (a->type == VALUE_BDF)
		return bdf_compare(a->bdf, b->bdf);
	if (kind_of(a->type) == KIND_NUMBER && a->type != VALUE_INTS)
		return (number_of(a) < number_of(b)) - (number_of(a) > number_of(b));
	value_format(a, x, sizeof(x));
	value_format(b, y, sizeof(y));
	if (a->type == VALUE_HEX || a->type == VALUE_LLADDR || a->type == VALUE_GUID)
		return strcmp(x, y); /* their digits are no numbers by themselves */
	return natural_order(x, y);
}

struct place {
	const void *record;
	size_t at; /* before */
};

static int compare_places(const void *a, const void *b, void *arg)
{
	const struct place *x = a, *y = b;
	const struct choosing *c = *(const struct choosing *const *)arg;

	for (size_t i = 0; i < c->key_count; i++) {
		struct value v = attr_get(c->type, c->keys[i].attr, x->record);
		struct value w = attr_get(c->type, c->keys[i].attr, y->record);
		int order = value_order(&v, &w);

		if (order)
			return v.known && w.known && c->keys[i].reversed ? -order : order;
	}
	return (x->at > y->at) - (x->at < y->at);
}

size_t choose_records(const struct choosing *c, const void **records, size_t count)
{
	struct place *places = calloc(count + 1, sizeof(*places));
	size_t kept = 0, dropped = count;

	if (!places)
		abort();
	for (size_t i = 0; i < count; i++)
		if (meets(c, records[i]))
			places[kept++] = (struct place){records[i], i};
		else
			places[--dropped] = (struct place){records[i], i};
	if (c->key_count && kept > 1)
		qsort_r(places, kept, sizeof(*places), compare_places, &c);
	for (size_t i = 0; i < count; i++)
		records[i] = places[i].record;
	free(places);
	return kept;
}
