/*
 * What the mappings of a policy may have in them: one row per key. Attributes of PFs and VFs
 * come from their own tables (core/attr.h).
 */
#ifndef POLICY_SCHEMA_H
#define POLICY_SCHEMA_H

#include "policy/yaml.h"

#include "core/intent.h"

enum schema_type {
	SCHEMA_TEXT,
	SCHEMA_BOOL,
	SCHEMA_NUMBER,
	SCHEMA_WORD,    /* one of words, in this case of letters */
	SCHEMA_ANYCASE, /* or in any */
	SCHEMA_MAPPING,
	SCHEMA_LIST,
	SCHEMA_NODE,    /* whatever it is */
	SCHEMA_IGNORED, /* the same, and not looked at */
};

struct schema_key {
	const char *name;
	enum schema_type type;
	uint32_t min, max;        /* of a number */
	const char *const *words; /* NULL-terminated */
	const char *help;         /* what it is, for hints */
};

/* More than attributes can be wanted of a VF. */
enum {
	WANT_DRIVER = VF_ATTR_COUNT,
	WANT_RESET,
	WANT_COUNT
};

struct schema {
	const char *what; /* "a VF" */
	const struct schema_key *keys;
	size_t count;                   /* at most SCHEMA_KEYS_MAX */
	const struct record_type *type; /* whose attributes it takes besides, or NULL */
	const struct schema *elsewhere; /* whose attributes may be meant, for hints; or NULL */
	bool lenient;                   /* null and empty texts are as if they were not there */
};

#define SCHEMA_KEYS_MAX 20

/* What was said for one key of the table. */
struct field {
	const struct yaml_node *value; /* NULL: nothing */
	const char *text;
	bool on;
	uint32_t number; /* also the index of a word */
};

/* What is wanted of a PF or VF, each attribute once. */
struct wants {
	struct wish *items;
	size_t count;
	struct origin origin;
};

struct schema_reader {
	struct arena *arena; /* for what is read */
	struct problems *problems;
	bool bad; /* something was wrong */
};

/* fields[i] is what was said for keys[i]. The attributes go to *wants, which may be NULL with
 * a schema that takes none. False when the node is no mapping; what is null is an empty one. */
bool schema_read(struct schema_reader *r, const struct schema *s, const struct yaml_node *node,
	struct field *fields, struct wants *wants);
void wants_add(struct arena *arena, struct wants *wants, size_t attr, const struct value *value,
	struct origin origin);
const struct wish *wants_find(const struct wants *wants, size_t attr);

/* Something is wrong at a place; attr may be NULL. */
struct problem *schema_wrong(struct schema_reader *r, struct origin at, enum exit_code code,
	const char *attr, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

#endif
