/* All that help says, and what it does not need to say, for those who generate from it. */
#include "cli/args_parts.h"

#include <jansson.h>
#include <string.h>

static const char *const arg_types[] = {
	[ARG_PF] = "pf",
	[ARG_VF] = "vf",
	[ARG_PF_OR_VF] = "pf or vf",
	[ARG_NUMBER] = "number",
	[ARG_PATH] = "file",
	[ARG_DIR] = "directory",
	[ARG_WORD] = "word",
	[ARG_DRIVER] = "driver",
	[ARG_NETNS] = "netns",
	[ARG_SETTINGS] = "settings",
};

/* As JSON has them. */
static const char *type_in_json(enum value_type type)
{
	switch (type) {
	case VALUE_STRING:
	case VALUE_HEX:
	case VALUE_BDF:
	case VALUE_LLADDR:
	case VALUE_GUID:
	case VALUE_ENUM:
		return "string";
	case VALUE_UINT:
	case VALUE_INT:
	case VALUE_UINT64:
	case VALUE_REAL:
		return "number";
	case VALUE_BOOL:
		return "boolean";
	case VALUE_STRINGS:
	case VALUE_INTS:
		return "array";
	case VALUE_ANY:
		return "any";
	}
	return NULL;
}

static json_t *text(const char *s)
{
	return s ? json_string(s) : json_null();
}

static json_t *texts(const char *const *list)
{
	json_t *array = json_array();

	for (size_t i = 0; list && list[i]; i++)
		json_array_append_new(array, json_string(list[i]));
	return array;
}

static json_t *values_of(const struct attr *a)
{
	return a->type == VALUE_ENUM ? texts(a->names) : json_null();
}

static json_t *arguments(const struct command *c)
{
	json_t *array = json_array();

	for (size_t i = 0; i < ARGS_MAX && c->args[i].name; i++) {
		const struct arg *arg = &c->args[i];

		json_array_append_new(
			array, json_pack("{s:s, s:s, s:b, s:b, s:s}", "name", arg->name, "type",
				       arg_types[arg->type], "optional", arg->optional, "many",
				       arg->many, "help", arg->help));
	}
	return array;
}

/* What KEY VALUE can be; none where the command takes none. */
static json_t *settings(const struct command *c)
{
	json_t *array = json_array();
	bool takes = false;

	for (size_t i = 0; i < ARGS_MAX && c->args[i].name; i++)
		takes |= c->args[i].type == ARG_SETTINGS;
	for (size_t i = 0; takes && i < command_takes(c)->count; i++) {
		const struct attr *a = &command_takes(c)->attrs[i];
		char syntax[80];

		if (!command_sets(c, i))
			continue;
		attr_syntax(a, syntax, sizeof(syntax));
		json_array_append_new(array,
			json_pack("{s:s, s:s, s:o, s:s, s:o, s:o, s:b, s:s}", "keyword",
				attr_keyword(a), "attr", a->key, "off", text(a->off), "syntax",
				syntax, "values", values_of(a), "unit", text(a->unit), "repeats",
				setting_repeats(a), "help", a->set_help ? a->set_help : a->help));
	}
	return array;
}

static json_t *options_of(const struct command *c)
{
	json_t *array = json_array();

	for (size_t i = 0; i < option_row_count; i++)
		if (option_applies(&option_rows[i], c))
			json_array_append_new(array, json_string(option_rows[i].long_name));
	return array;
}

/* What its help lists besides; none for most. */
static json_t *topics(const struct command *c)
{
	json_t *array = json_array();
	const char *name, *help;

	for (size_t i = 0; c->topic && c->topic(i, &name, &help); i++)
		json_array_append_new(array, json_pack("{s:s, s:s}", "name", name, "help", help));
	return array;
}

static json_t *command(const struct command *c)
{
	return json_pack("{s:o, s:o, s:o, s:s, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"object", text(c->object), "name", text(c->name), "alias", text(c->alias),
		"summary", c->summary, "description", text(c->description), "changes",
		command_changes(c), "arguments", arguments(c), "settings", settings(c), "options",
		options_of(c), "shows", command_shows(c) ? json_string(c->type->name) : json_null(),
		"watched", c->watched ? json_string(c->watched->name) : json_null(), "examples",
		texts(c->examples), "topics", topics(c));
}

static json_t *option(const struct option_row *row)
{
	json_t *values = option_word(row, 0) ? json_array() : json_null();
	const char *word;

	for (size_t i = 0; (word = option_word(row, i)); i++)
		json_array_append_new(values, json_string(word));
	return json_pack("{s:s, s:o, s:o, s:b, s:o, s:s}", "name", row->long_name, "short",
		text(row->short_name), "value", text(row->value_name), "value_optional",
		row->value_optional, "values", values, "help", row->help);
}

/* The keys of a kind of record. */
static json_t *record(const struct record_type *type)
{
	json_t *array = json_array();

	for (size_t i = 0; i < type->count; i++) {
		const struct attr *a = &type->attrs[i];

		json_array_append_new(
			array, json_pack("{s:s, s:s, s:s, s:o, s:o, s:b, s:b, s:s}", "key", a->key,
				       "type", type_in_json(a->type), "heading", a->heading,
				       "values", values_of(a), "unit", text(a->unit), "statistics",
				       (a->flags & ATTR_STATS) != 0, "costly",
				       (a->flags & ATTR_COSTLY) != 0, "help", a->help));
	}
	return array;
}

static json_t *exit_codes(void)
{
	json_t *array = json_array();

	for (int code = 0; exit_code_text((enum exit_code)code); code++)
		json_array_append_new(array, json_pack("{s:i, s:s}", "code", code, "meaning",
						     exit_code_text((enum exit_code)code)));
	return array;
}

int help_print_json(FILE *out, const struct command *const *all, const char *object,
	const struct command *about, bool indented)
{
	json_t *commands = json_array(), *options = json_array(), *records = json_object();
	json_t *root;
	int rc;

	for (size_t i = 0; all[i]; i++) {
		const struct command *c = all[i];

		if (c->hidden || (about && c != about) || (object && !object_is(c, object)))
			continue;
		json_array_append_new(commands, command(c));
		if (command_shows(c) && !json_object_get(records, c->type->name))
			json_object_set_new(records, c->type->name, record(c->type));
		if (c->watched)
			json_object_set_new(records, c->watched->name, record(c->watched));
	}
	for (size_t i = 0; i < option_row_count; i++)
		if (option_applies(&option_rows[i], about))
			json_array_append_new(options, option(&option_rows[i]));
	root = json_pack("{s:o, s:o, s:o, s:o}", "commands", commands, "options", options,
		"records", records, "exit_codes", exit_codes());
	rc = root ? json_dumpf(root, out, indented ? JSON_INDENT(2) : JSON_COMPACT) : -1;
	fputc('\n', out);
	json_decref(root);
	return rc;
}
