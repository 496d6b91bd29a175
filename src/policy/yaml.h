/*
 * YAML texts as trees in which every node knows its place. What a text could do to whoever
 * reads it is bounded: its size, its depth, what its aliases make of it.
 */
#ifndef POLICY_YAML_H
#define POLICY_YAML_H

#include "core/problem.h"

#define YAML_TEXT_MAX ((size_t)1024 * 1024) /* bytes */
#define YAML_DEPTH_MAX 32
#define YAML_ALIASED_MAX 100000 /* nodes that aliases stand for, in one document */

enum yaml_type {
	YAML_NULL, /* nothing, null or ~ */
	YAML_SCALAR,
	YAML_SEQUENCE,
	YAML_MAPPING,
};

struct yaml_node;
struct yaml_pair {
	const struct yaml_node *key; /* a scalar, or a null that was written out */
	const struct yaml_node *value;
};

/* A node that aliases stand for is there once, with the place where it was written. */
struct yaml_node {
	enum yaml_type type;
	struct origin origin;
	const char *text; /* of a scalar, and of a null as it was written */
	bool quoted;
	const struct yaml_node **items; /* of a sequence */
	struct yaml_pair *pairs;        /* of a mapping; merge keys (<<) are resolved */
	size_t count;
	size_t weight;  /* nodes, with those that aliases stand for */
	unsigned depth; /* of what is below it */
};

struct yaml_document {
	const struct yaml_node *root;
	bool bad; /* problems of it were reported */
};

/*
 * The documents of a text, in *arena. A syntax error ends it: the document it is in is left
 * out. Whatever is wrong is added to *problems.
 */
size_t yaml_read(const struct source *source, struct arena *arena, struct yaml_document **documents,
	struct problems *problems);

/* The value of a key; NULL when there is none, or the node is no mapping. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);
/* What kind of thing a node is, for messages: "a list". */
const char *yaml_what(const struct yaml_node *node);
/* on, off, true, false, yes, no, in any case of letters. */
bool yaml_bool(const struct yaml_node *node, bool *on);

#endif
