#include "policy/schema.h"

#include "util/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct problem *schema_wrong(struct schema_reader *r, struct origin at, enum exit_code code,
	const char *attr, const char *fmt, ...)
{
	char text[512];
	struct problem *p;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->bad = true;
	p = problem_add(r->problems, at, code, "%s", text);
	p->attr = attr ? arena_strdup(r->problems->arena, attr) : NULL;
	return p;
}

static void wrong_type(struct schema_reader *r, const struct schema_key *key,
	const struct yaml_node *node, const char *wants)
{
	if (node->type == YAML_SCALAR)
		schema_wrong(r, node->origin, EXIT_USAGE, key->name, "wants %s, not '%.60s'", wants,
			node->text);
	else
		schema_wrong(r, node->origin, EXIT_USAGE, key->name, "wants %s, not %s", wants,
			yaml_what(node));
	if (key->help)
		problem_hint(r->problems, "%s: %s", key->name, key->help);
}

static void read_number(struct schema_reader *r, const struct schema_key *key,
	const struct yaml_node *node, struct field *f)
{
	char wants[64];
	uint64_t n;

	if (node->type == YAML_SCALAR && str_uint(node->text, 10, key->max, &n) && n >= key->min) {
		f->number = (uint32_t)n;
		return;
	}
	f->value = NULL;
	snprintf(wants, sizeof(wants), "a number from %u to %u", key->min, key->max);
	wrong_type(r, key, node, wants);
}

static void read_word(struct schema_reader *r, const struct schema_key *key,
	const struct yaml_node *node, struct field *f)
{
	char wants[128];
	size_t n = (size_t)snprintf(wants, sizeof(wants), "one of");

	for (uint32_t i = 0; key->words[i]; i++) {
		if (node->type == YAML_SCALAR && (key->type == SCHEMA_WORD ? strcmp : strcasecmp)(
							 node->text, key->words[i]) == 0) {
			f->number = i;
			f->text = key->words[i];
			return;
		}
		n += (size_t)snprintf(
			wants + n, sizeof(wants) - n, "%s%s", i ? "|" : " ", key->words[i]);
	}
	f->value = NULL;
	wrong_type(r, key, node, wants);
}

static void read_field(struct schema_reader *r, const struct schema_key *key,
	const struct yaml_node *node, struct field *f)
{
	*f = (struct field){.value = node};
	switch (key->type) {
	case SCHEMA_TEXT:
		f->text = node->text;
		if (node->type == YAML_SCALAR && node->text[0])
			return;
		f->value = NULL;
		wrong_type(r, key, node, "a word");
		return;
	case SCHEMA_BOOL:
		if (yaml_bool(node, &f->on))
			return;
		f->value = NULL;
		wrong_type(r, key, node, "true or false");
		return;
	case SCHEMA_NUMBER:
		read_number(r, key, node, f);
		return;
	case SCHEMA_WORD:
	case SCHEMA_ANYCASE:
		read_word(r, key, node, f);
		return;
	case SCHEMA_MAPPING:
	case SCHEMA_LIST:
		/* `vf:` with all that was below it commented out */
		if (node->type == YAML_NULL)
			f->value = NULL;
		else if (node->type != (key->type == SCHEMA_LIST ? YAML_SEQUENCE : YAML_MAPPING)) {
			f->value = NULL;
			wrong_type(r, key, node, key->type == SCHEMA_LIST ? "a list" : "a mapping");
		}
		return;
	case SCHEMA_NODE:
	case SCHEMA_IGNORED:
		return;
	}
}

void wants_add(struct arena *arena, struct wants *wants, size_t attr, const struct value *value,
	struct origin origin)
{
	struct wish *w;

	wants->items = arena_push(arena, wants->items, &wants->count, sizeof(*wants->items));
	w = &wants->items[wants->count - 1];
	*w = (struct wish){.setting = {.attr = attr, .value = *value}, .origin = origin};
}

const struct wish *wants_find(const struct wants *wants, size_t attr)
{
	for (size_t i = 0; i < wants->count; i++)
		if (wants->items[i].setting.attr == attr)
			return &wants->items[i];
	return NULL;
}

/* Booleans of YAML, as attr_parse() wants them. */
static const char *attr_text(const struct attr *a, const struct yaml_node *node)
{
	bool on;

	if (a->type != VALUE_BOOL)
		return node->text;
	if (!yaml_bool(node, &on))
		return NULL;
	return a->off ? (on ? a->key : a->off) : on ? "on" : "off";
}

static void read_attr(struct schema_reader *r, const struct record_type *type, const struct attr *a,
	const struct yaml_node *node, struct wants *wants)
{
	struct schema_key key = {
		.name = attr_keyword(a), .help = a->set_help ? a->set_help : a->help};
	struct setting s = {.attr = (size_t)(a - type->attrs)};
	struct error err = {0};
	char syntax[128];
	const char *text = node->type == YAML_SCALAR ? attr_text(a, node) : NULL;

	if (!text) {
		attr_syntax(a, syntax, sizeof(syntax));
		wrong_type(r, &key, node,
			a->type == VALUE_BOOL ? "on or off"
			: syntax[0]           ? syntax
					      : "a value");
		return;
	}
	/* what names are made of; checked when it is known what comes of it */
	if (a->type == VALUE_STRING)
		s.value = value_string(text);
	else if (attr_parse(a, text, &s, &err) < 0) {
		r->bad = true;
		problem_error(r->problems, node->origin, &err);
		return;
	}
	wants_add(r->arena, wants, s.attr, &s.value, node->origin);
	wants->items[wants->count - 1].setting.automatic = s.automatic;
}

/* "num_vfs" is meant to be vfs */
static const char *part_of(const struct schema *s, const char *word)
{
	for (size_t i = 0; i < s->count; i++)
		if (strlen(s->keys[i].name) > 2 && strcasestr(word, s->keys[i].name))
			return s->keys[i].name;
	return NULL;
}

static void unknown_key(
	struct schema_reader *r, const struct schema *s, const struct yaml_node *key)
{
	struct nearest near = {.word = key->text};

	for (size_t i = 0; i < s->count; i++)
		nearest_try(&near, s->keys[i].name);
	for (size_t i = 0; s->type && i < s->type->count; i++)
		if (s->type->attrs[i].flags & ATTR_SET)
			nearest_try(&near, attr_keyword(&s->type->attrs[i]));
	schema_wrong(r, key->origin, EXIT_USAGE, NULL, "%s has no key '%.60s'", s->what, key->text);
	if (s->elsewhere && s->elsewhere->type && attr_find_settable(s->elsewhere->type, key->text))
		problem_hint(r->problems, "it is said of %s", s->elsewhere->what);
	else if (nearest_found(&near))
		problem_hint(r->problems, "did you mean %s?", nearest_found(&near));
	else if (part_of(s, key->text))
		problem_hint(r->problems, "did you mean %s?", part_of(s, key->text));
}

static void read_pair(struct schema_reader *r, const struct schema *s, const struct yaml_pair *pair,
	struct field *fields, struct wants *wants)
{
	const struct attr *a;

	for (size_t i = 0; i < s->count; i++) {
		if (strcmp(s->keys[i].name, pair->key->text) != 0)
			continue;
		if (s->lenient &&
			(pair->value->type == YAML_NULL ||
				(pair->value->type == YAML_SCALAR && !pair->value->text[0])))
			return;
		read_field(r, &s->keys[i], pair->value, &fields[i]);
		return;
	}
	a = s->type ? attr_find_settable(s->type, pair->key->text) : NULL;
	if (a && strcmp(attr_keyword(a), pair->key->text) == 0)
		read_attr(r, s->type, a, pair->value, wants);
	else
		unknown_key(r, s, pair->key);
}

bool schema_read(struct schema_reader *r, const struct schema *s, const struct yaml_node *node,
	struct field *fields, struct wants *wants)
{
	memset(fields, 0, s->count * sizeof(*fields));
	if (wants)
		wants->origin = node->origin;
	if (node->type == YAML_NULL)
		return true;
	if (node->type != YAML_MAPPING) {
		schema_wrong(r, node->origin, EXIT_USAGE, NULL, "%s wants a mapping, not %s",
			s->what, yaml_what(node));
		return false;
	}
	for (size_t i = 0; i < node->count; i++)
		read_pair(r, s, &node->pairs[i], fields, wants);
	return true;
}
