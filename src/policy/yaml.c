#include "policy/yaml.h"

#include "policy/fy.h"

#include "util/cleanup.h"
#include "util/str.h"

#include <string.h>
#include <strings.h>

#define MERGE_KEY "<<"

struct anchor {
	const char *name;
	const struct yaml_node *node;
};

/* A collection that is being read. */
struct frame {
	struct yaml_node *node;
	struct yaml_node *key; /* of a mapping: what the next node is the value of */
};

struct reader {
	struct fy_reader fy;
	const struct source *source;
	struct arena *arena;
	struct problems *problems;
	struct frame stack[YAML_DEPTH_MAX];
	size_t depth;
	struct anchor *anchors; /* of this document; a later one of a name counts */
	size_t anchor_count;
	size_t aliased;
	struct yaml_node *root;
	bool bad;  /* the document */
	bool stop; /* no more is to be read */
	struct origin last;
};

const char *yaml_what(const struct yaml_node *node)
{
	switch (node->type) {
	case YAML_NULL:
		return "nothing";
	case YAML_SCALAR:
		return "a single value";
	case YAML_SEQUENCE:
		return "a list";
	case YAML_MAPPING:
		return "a mapping";
	}
	return "nothing";
}

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
	for (size_t i = 0; map->type == YAML_MAPPING && i < map->count; i++)
		if (strcmp(map->pairs[i].key->text, key) == 0)
			return map->pairs[i].value;
	return NULL;
}

bool yaml_bool(const struct yaml_node *node, bool *on)
{
	static const char *const words[] = {"off", "on", "false", "true", "no", "yes"};

	for (size_t i = 0; node->type == YAML_SCALAR && i < ARRAY_SIZE(words); i++) {
		if (strcasecmp(node->text, words[i]) != 0)
			continue;
		*on = i % 2;
		return true;
	}
	return false;
}

static struct problem *wrong(struct reader *r, struct origin at, const char *message)
{
	r->bad = true;
	return problem_add(r->problems, at, EXIT_USAGE, "%s", message);
}

/* The mark of what is quoted, and of an alias, is behind its first letter. */
static bool mark_is_behind(struct reader *r, struct fy_event *event)
{
	struct fy_token *token = r->fy.event_token(event);

	if (event->type == FYET_SCALAR && token)
		return r->fy.token_style(token) == FYSS_SINGLE_QUOTED ||
		       r->fy.token_style(token) == FYSS_DOUBLE_QUOTED;
	return event->type == FYET_ALIAS;
}

static struct origin origin_of(struct reader *r, struct fy_event *event)
{
	const struct fy_mark *mark = r->fy.event_mark(event);

	if (mark)
		r->last = (struct origin){
			r->source, (uint32_t)mark->line + 1, (uint32_t)mark->column + 1};
	if (mark && mark->column && mark_is_behind(r, event))
		r->last.column--;
	return r->last;
}

/* NULL for none, or (reported) for one with a NUL in it, which no value of ours has. */
static const char *text_of(struct reader *r, struct fy_token *token, struct origin at)
{
	size_t len = 0;
	const char *text = token ? r->fy.token_text(token, &len) : NULL;

	if (text && memchr(text, 0, len)) {
		wrong(r, at, "a text with a NUL character");
		return NULL;
	}
	return text ? arena_strndup(r->arena, text, len) : NULL;
}

static bool is_null(const char *text)
{
	return !text[0] || strcmp(text, "~") == 0 || strcmp(text, "null") == 0 ||
	       strcmp(text, "Null") == 0 || strcmp(text, "NULL") == 0;
}

static void anchor_add(struct reader *r, struct fy_event *event, const struct yaml_node *node)
{
	const char *name = text_of(r, r->fy.event_anchor(event), node->origin);

	if (!name)
		return;
	r->anchors = arena_push(r->arena, r->anchors, &r->anchor_count, sizeof(*r->anchors));
	r->anchors[r->anchor_count - 1] = (struct anchor){name, node};
}

static struct yaml_node *node_new(struct reader *r, struct fy_event *event, enum yaml_type type)
{
	struct yaml_node *node = arena_alloc(r->arena, sizeof(*node));
	struct fy_token *tag = r->fy.event_tag(event);

	node->type = type;
	node->origin = origin_of(r, event);
	node->weight = 1;
	node->depth = 1;
	if (tag) {
		wrong(r, node->origin, "tags (!...) mean nothing here");
		problem_hint(r->problems, "leave it out");
	}
	return node;
}

static struct yaml_node *scalar_new(struct reader *r, struct fy_event *event)
{
	struct yaml_node *node = node_new(r, event, YAML_SCALAR);
	struct fy_token *token = r->fy.event_token(event);
	const char *text = text_of(r, token, node->origin);

	node->text = text ? text : "";
	node->quoted = token && r->fy.token_style(token) != FYSS_PLAIN;
	if (!node->quoted && is_null(node->text))
		node->type = YAML_NULL;
	return node;
}

static bool is_open(const struct reader *r, const struct yaml_node *node)
{
	for (size_t i = 0; i < r->depth; i++)
		if (r->stack[i].node == node)
			return true;
	return false;
}

/* What an alias stands for, as long as that stays within bounds. */
static const struct yaml_node *alias_of(struct reader *r, struct fy_event *event)
{
	struct origin at = origin_of(r, event);
	const char *name = text_of(r, r->fy.event_token(event), at);
	const struct yaml_node *node = NULL;
	struct yaml_node *nothing;

	for (size_t i = r->anchor_count; name && i-- && !node;)
		if (strcmp(r->anchors[i].name, name) == 0)
			node = r->anchors[i].node;
	if (!node || is_open(r, node)) {
		wrong(r, at,
			node ? "an alias to what it stands in" : "an alias without its anchor");
		node = NULL;
	} else if (r->depth + node->depth > YAML_DEPTH_MAX) {
		wrong(r, at, "too many levels below this alias");
		node = NULL;
	} else if (node->weight > YAML_ALIASED_MAX - r->aliased) {
		wrong(r, at, "aliases blow this document up beyond bounds");
		r->stop = true;
		node = NULL;
	} else {
		r->aliased += node->weight;
	}
	if (node)
		return node;
	nothing = arena_alloc(r->arena, sizeof(*nothing));
	*nothing = (struct yaml_node){.origin = at, .text = "", .weight = 1, .depth = 1};
	return nothing;
}

/* One pair while the keys of a mapping are held against each other. */
struct ranked {
	struct yaml_pair pair;
	size_t at;   /* in the mapping, and behind it what is merged into it */
	bool merged; /* by way of a merge key */
};

static int by_key(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;
	int order = strcmp(a->pair.key->text, b->pair.key->text);

	return order ? order : a->at < b->at ? -1 : a->at > b->at;
}

static int by_place(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;

	return a->at < b->at ? -1 : a->at > b->at;
}

static bool is_merge(const struct yaml_node *key)
{
	return !key->quoted && strcmp(key->text, MERGE_KEY) == 0;
}

struct ranking {
	struct ranked *items;
	size_t count;
};

static void rank_add(
	struct reader *r, struct ranking *list, const struct yaml_pair *pair, bool merged)
{
	list->items = arena_push(r->arena, list->items, &list->count, sizeof(*list->items));
	list->items[list->count - 1] = (struct ranked){*pair, list->count - 1, merged};
}

static void rank_merged(struct reader *r, struct ranking *list, const struct yaml_node *from,
	const struct yaml_node *key)
{
	if (from->type != YAML_MAPPING) {
		wrong(r, key->origin, "'<<' wants a mapping, or a list of mappings");
		return;
	}
	for (size_t i = 0; i < from->count; i++)
		rank_add(r, list, &from->pairs[i], true);
}

/* The first of each key counts: what a mapping says itself goes before what is merged. */
static void finish_mapping(struct reader *r, struct yaml_node *map)
{
	struct ranking list = {0};
	size_t kept = 0;

	for (size_t i = 0; i < map->count; i++)
		if (!is_merge(map->pairs[i].key))
			rank_add(r, &list, &map->pairs[i], false);
	for (size_t i = 0; i < map->count; i++) {
		const struct yaml_node *value = map->pairs[i].value;

		if (!is_merge(map->pairs[i].key))
			continue;
		for (size_t j = 0; value->type == YAML_SEQUENCE && j < value->count; j++)
			rank_merged(r, &list, value->items[j], map->pairs[i].key);
		if (value->type != YAML_SEQUENCE)
			rank_merged(r, &list, value, map->pairs[i].key);
	}
	if (list.count)
		qsort(list.items, list.count, sizeof(*list.items), by_key);
	for (size_t i = 0; i < list.count; i++) {
		const struct ranked *first = kept ? &list.items[kept - 1] : NULL;
		const struct yaml_node *key = list.items[i].pair.key;

		if (!first || strcmp(first->pair.key->text, key->text) != 0) {
			list.items[kept++] = list.items[i];
			continue;
		}
		if (list.items[i].merged)
			continue;
		r->bad = true;
		problem_add(r->problems, key->origin, EXIT_USAGE,
			"'%.60s' is here twice: line %u has it as well", key->text,
			first->pair.key->origin.line);
	}
	if (kept)
		qsort(list.items, kept, sizeof(*list.items), by_place);
	map->pairs = arena_alloc(r->arena, (kept + 1) * sizeof(*map->pairs));
	map->count = kept;
	for (size_t i = 0; i < kept; i++)
		map->pairs[i] = list.items[i].pair;
}

/* Put it where it belongs: into the collection that is open, or at the root. */
static void place(struct reader *r, const struct yaml_node *node)
{
	struct frame *top = r->depth ? &r->stack[r->depth - 1] : NULL;

	if (!top)
		return;
	top->node->weight += node->weight;
	if (node->depth + 1 > top->node->depth)
		top->node->depth = node->depth + 1;
	if (top->node->type == YAML_SEQUENCE) {
		top->node->items = arena_push(
			r->arena, top->node->items, &top->node->count, sizeof(*top->node->items));
		top->node->items[top->node->count - 1] = node;
	} else if (!top->key) {
		if (node->type != YAML_SCALAR && (node->type != YAML_NULL || !node->text[0])) {
			wrong(r, r->last, "a key is a single word");
			r->stop = true;
			return;
		}
		top->key = (struct yaml_node *)node;
	} else {
		top->node->pairs = arena_push(
			r->arena, top->node->pairs, &top->node->count, sizeof(*top->node->pairs));
		top->node->pairs[top->node->count - 1] = (struct yaml_pair){top->key, node};
		top->key = NULL;
	}
}

static void open_collection(struct reader *r, struct fy_event *event, enum yaml_type type)
{
	struct yaml_node *node = node_new(r, event, type);

	if (r->depth == YAML_DEPTH_MAX) {
		wrong(r, node->origin, "too many levels");
		problem_hint(r->problems, "no more than %d are read", YAML_DEPTH_MAX);
		r->stop = true;
		return;
	}
	anchor_add(r, event, node);
	if (!r->depth)
		r->root = node;
	r->stack[r->depth++] = (struct frame){.node = node};
}

static void close_collection(struct reader *r)
{
	struct yaml_node *node = r->stack[--r->depth].node;

	if (node->type == YAML_MAPPING)
		finish_mapping(r, node);
	place(r, node);
}

static void read_scalar(struct reader *r, struct fy_event *event)
{
	struct yaml_node *node = scalar_new(r, event);

	anchor_add(r, event, node);
	if (!r->depth)
		r->root = node;
	place(r, node);
}

static void read_event(struct reader *r, struct fy_event *event)
{
	switch (event->type) {
	case FYET_DOCUMENT_START:
		r->root = NULL;
		r->bad = false;
		r->aliased = r->anchor_count = 0;
		r->anchors = NULL;
		break;
	case FYET_MAPPING_START:
		open_collection(r, event, YAML_MAPPING);
		break;
	case FYET_SEQUENCE_START:
		open_collection(r, event, YAML_SEQUENCE);
		break;
	case FYET_MAPPING_END:
	case FYET_SEQUENCE_END:
		close_collection(r);
		break;
	case FYET_SCALAR:
		read_scalar(r, event);
		break;
	case FYET_ALIAS:
		place(r, alias_of(r, event));
		break;
	case FYET_NONE:
	case FYET_STREAM_START:
	case FYET_STREAM_END:
	case FYET_DOCUMENT_END:
		break;
	}
}

/* The first one; those behind it come of it. */
static void report_syntax(struct reader *r, struct fy_diag *diag)
{
	void *at = NULL;
	const struct fy_diag_error *e = r->fy.diag_errors_iterate(diag, &at);
	struct origin origin = r->last;

	if (!e)
		return;
	if (e->line > 0 && e->column >= 0)
		origin = (struct origin){r->source, (uint32_t)e->line, (uint32_t)e->column};
	if (!origin.column)
		origin.column = 1;
	problem_add(r->problems, origin, EXIT_USAGE, "this is no YAML: %s",
		e->msg ? e->msg : "it cannot be read");
}

static size_t read_documents(
	struct reader *r, struct fy_parser *parser, struct yaml_document **documents)
{
	struct fy_event *event;
	size_t count = 0;

	while (!r->stop && (event = r->fy.parser_parse(parser))) {
		enum fy_event_type type = event->type;

		read_event(r, event);
		r->fy.event_free(parser, event);
		if (type != FYET_DOCUMENT_END || r->stop || !r->root)
			continue;
		*documents = arena_push(r->arena, *documents, &count, sizeof(**documents));
		(*documents)[count - 1] = (struct yaml_document){r->root, r->bad};
	}
	return count;
}

static size_t read_text(struct reader *r, struct yaml_document **documents)
{
	struct fy_diag_cfg diag_cfg = {.level = FYET_ERROR, .module_mask = UINT32_MAX};
	struct fy_diag *diag = r->fy.diag_create(&diag_cfg);
	struct fy_parse_cfg cfg = {.search_path = "",
		.flags = (enum fy_parse_cfg_flags)(FYPCF_QUIET | FYPCF_COLLECT_DIAG),
		.diag = diag};
	struct fy_parser *parser;
	size_t count = 0;

	if (!diag)
		abort();
	r->fy.diag_set_collect_errors(diag, true);
	parser = r->fy.parser_create(&cfg);
	if (!parser)
		abort();
	if (r->fy.parser_set_string(parser, r->source->text, r->source->len) == 0)
		count = read_documents(r, parser, documents);
	if (!r->stop)
		report_syntax(r, diag);
	r->fy.parser_destroy(parser);
	r->fy.diag_destroy(diag);
	return count;
}

/* The library takes what begins as UTF-16 for an empty text. False (reported) for that, other
 * bytes that are no UTF-8, and NUL. */
static bool check_text(struct reader *r)
{
	const char *p = r->source->text, *end = p + r->source->len;
	struct origin at = {r->source, 1, 1};

	while (p < end) {
		char rest[5] = {0};
		size_t len;

		if (*p && !(*p & 0x80)) { /* ASCII, as nearly all of it */
			len = 1;
		} else {
			memcpy(rest, p, end - p < 4 ? (size_t)(end - p) : 4);
			len = *p ? str_utf8_len(rest) : 0;
		}
		if (!len) {
			problem_add(r->problems, at, EXIT_USAGE, "this is no text in UTF-8");
			return false;
		}
		at.line += *p == '\n';
		at.column = *p == '\n' ? 1 : at.column + 1;
		p += len;
	}
	return true;
}

size_t yaml_read(const struct source *source, struct arena *arena, struct yaml_document **documents,
	struct problems *problems)
{
	struct reader r = {
		.source = source, .arena = arena, .problems = problems, .last = {source, 1, 1}};
	struct error err = {0};

	*documents = NULL;
	if (source->len > YAML_TEXT_MAX) {
		problem_add(
			problems, r.last, EXIT_USAGE, "it has more than %zu bytes", YAML_TEXT_MAX);
		return 0;
	}
	if (!source->len || !check_text(&r))
		return 0;
	if (fy_reader_load(&r.fy, &err) < 0) {
		problem_error(problems, (struct origin){0}, &err);
		return 0;
	}
	return read_text(&r, documents);
}
