/* Words to command, options and arguments, all from the tables. */
#include "cli/args_parts.h"

#include "util/cleanup.h"
#include "util/str.h"

#include <string.h>

/* "vf list" in quotes, or "the overview". */
static const char *command_words(const struct command *c, const char *quote, char *out, size_t size)
{
	if (!c->object && !c->name)
		snprintf(out, size, quote[0] ? "the overview" : "sriovctl");
	else
		snprintf(out, size, "%s%s%s%s%s%s", quote, quote[0] ? "" : "sriovctl ",
			c->object ? c->object : "", c->object && c->name ? " " : "",
			c->name ? c->name : "", quote);
	return out;
}

static const char *const color_names[] = {"auto", "always", "never"};

static int set_color(enum color_mode *mode, const char *value, struct error *err)
{
	for (unsigned i = 0; value && i < ARRAY_SIZE(color_names); i++) {
		if (strcmp(color_names[i], value) != 0)
			continue;
		*mode = i;
		return 0;
	}
	if (value)
		return error_set(
			err, EXIT_USAGE, "--color is auto, always or never, not '%s'", value);
	*mode = COLOR_ALWAYS;
	return 0;
}

static const struct {
	const char *name;
	enum force bit;
} force_classes[] = {{"in-use", FORCE_IN_USE}, {"duplicate-mac", FORCE_DUPLICATE_MAC},
	{"iommu-group", FORCE_IOMMU_GROUP}};

static int set_force(unsigned *force, const char *value, struct error *err)
{
	if (!value)
		*force = FORCE_ALL;
	while (value) {
		size_t len = strcspn(value, ","), i;

		for (i = 0; i < ARRAY_SIZE(force_classes); i++)
			if (len == strlen(force_classes[i].name) &&
				strncmp(value, force_classes[i].name, len) == 0)
				break;
		if (i == ARRAY_SIZE(force_classes)) {
			error_set(err, EXIT_USAGE,
				"--force knows in-use, duplicate-mac and iommu-group, not '%.*s'",
				len > 100 ? 100 : (int)len, value);
			return -1;
		}
		*force |= force_classes[i].bit;
		value = value[len] ? value + len + 1 : NULL;
	}
	return 0;
}

const char *option_word(const struct option_row *row, size_t i)
{
	if (row->type == OPTION_COLOR && i < ARRAY_SIZE(color_names))
		return color_names[i];
	if (row->type == OPTION_FORCE && i < ARRAY_SIZE(force_classes))
		return force_classes[i].name;
	return NULL;
}

/* value: NULL when none was given. */
static int set_option(struct command_line *line, const struct option_row *row, const char *value,
	struct error *err)
{
	void *field = (char *)&line->options + row->offset;
	uint64_t ms;

	line->given |= UINT64_C(1) << (row - option_rows);
	switch (row->type) {
	case OPTION_FLAG:
		if (value)
			return error_set(err, EXIT_USAGE, "--%s takes no value", row->long_name);
		*(bool *)field = true;
		return 0;
	case OPTION_COLOR:
		return set_color(field, value, err);
	case OPTION_FORCE:
		return set_force(field, value, err);
	case OPTION_COLUMNS:
	case OPTION_SORT:
	case OPTION_FILTER:
	case OPTION_DIR:
	case OPTION_FILE:
	case OPTION_PF:
	case OPTION_TEXT:
	case OPTION_TOPIC:
		if (!value[0])
			return error_set(err, EXIT_USAGE, "--%s needs a value", row->long_name);
		*(const char **)field = value;
		return 0;
	case OPTION_SECONDS:
		if (!value)
			return 0; /* --wait: the default */
		if (!str_seconds(value, &ms))
			return error_set(err, EXIT_USAGE,
				"--%s wants seconds (0 to 1000000), not '%s'", row->long_name,
				value);
		*(int64_t *)field = (int64_t)ms;
		return 0;
	}
	return 0;
}

static const struct option_row *find_option(const char *name, size_t len, bool is_short)
{
	for (size_t i = 0; i < option_row_count; i++) {
		const char *n = is_short ? option_rows[i].short_name : option_rows[i].long_name;

		if (n && strlen(n) == len && strncmp(n, name, len) == 0)
			return &option_rows[i];
	}
	return NULL;
}

static int unknown_option(const char *word, size_t name_len, struct error *err)
{
	char name[64];
	struct nearest near = {.word = name};

	snprintf(name, sizeof(name), "%.*s", (int)name_len, word + strspn(word, "-"));
	for (size_t i = 0; i < option_row_count; i++)
		nearest_try(&near, option_rows[i].long_name);
	error_set(err, EXIT_USAGE, "unknown option '%s'", word);
	if (nearest_found(&near))
		error_hint(err, "did you mean --%s?", nearest_found(&near));
	else
		error_hint(err, "'sriovctl help' lists the options");
	return -1;
}

/* "-jp": several one-letter flags in one word. */
static int flag_cluster(struct command_line *line, const char *word, struct error *err)
{
	for (const char *c = word + 1; *c; c++) {
		const struct option_row *row = find_option(c, 1, true);

		if (!row || row->type != OPTION_FLAG)
			return unknown_option(word, strlen(word) - 1, err);
	}
	for (const char *c = word + 1; *c; c++)
		set_option(line, find_option(c, 1, true), NULL, err);
	return 0;
}

const struct option_row *option_of(const char *word)
{
	bool is_short = word[1] != '-';
	const char *name = word + (is_short ? 1 : 2);
	size_t len = strcspn(name, "=");
	const struct option_row *row = is_short ? find_option(name, len, true) : NULL;

	/* iproute2's hands write -json as well as --json */
	return row ? row : find_option(name, len, false);
}

int take_option(struct command_line *line, int argc, char *const *argv, int *i, struct error *err)
{
	const char *word = argv[*i], *name = word + (word[1] == '-' ? 2 : 1), *value = NULL;
	size_t len = strcspn(name, "=");
	const struct option_row *row = option_of(word);

	if (!row && word[1] != '-' && !name[len])
		return flag_cluster(line, word, err);
	if (!row)
		return unknown_option(word, len, err);
	if (name[len])
		value = name + len + 1;
	else if (row->value_name && !row->value_optional) {
		if (*i + 1 >= argc)
			return error_set(
				err, EXIT_USAGE, "%s needs a value: %s", word, row->value_name);
		value = argv[++*i];
	}
	return set_option(line, row, value, err);
}

/* Options given that mean nothing for this command would be a lie if they were taken. */
static int check_scope(const struct command_line *line, struct error *err)
{
	const struct command *c = line->command;
	char words[80];

	for (size_t i = 0; i < option_row_count; i++) {
		if (!(line->given >> i & 1) || option_applies(&option_rows[i], c))
			continue;
		error_set(err, EXIT_USAGE, "--%s does not go with %s", option_rows[i].long_name,
			command_words(c, "'", words, sizeof(words)));
		return error_hint(err, "see '%s help'", command_words(c, "", words, sizeof(words)));
	}
	if (line->options.snapshot && command_changes(c) && !line->options.dry_run) {
		error_set(err, EXIT_USAGE, "a snapshot cannot be changed");
		return error_hint(err, "add --dry-run to see what the change would be");
	}
	return 0;
}

static bool names_command(const struct command *c, const char *word)
{
	return (c->name && strcmp(c->name, word) == 0) || (c->alias && strcmp(c->alias, word) == 0);
}

bool object_is(const struct command *c, const char *object)
{
	return object ? c->object && strcmp(c->object, object) == 0 : !c->object;
}

const struct command *find_command(
	const struct command *const *commands, const char *object, const char *word)
{
	for (size_t i = 0; commands[i]; i++)
		if (object_is(commands[i], object) &&
			(word ? names_command(commands[i], word) : !commands[i]->name))
			return commands[i];
	return NULL;
}

bool is_object(const struct command *const *commands, const char *word)
{
	for (size_t i = 0; commands[i]; i++)
		if (commands[i]->object && strcmp(commands[i]->object, word) == 0)
			return true;
	return false;
}

static int unknown_word(const struct command *const *commands, const char *object, const char *word,
	struct error *err)
{
	struct nearest near = {.word = word};

	for (size_t i = 0; commands[i]; i++) {
		const char *name = command_name(commands[i]);

		if (commands[i]->hidden)
			continue;
		if (object_is(commands[i], object) && name)
			nearest_try(&near, name);
		else if (!object && commands[i]->object)
			nearest_try(&near, commands[i]->object);
	}
	if (!word[0])
		error_set(err, EXIT_USAGE, "empty %s", object ? "command" : "object");
	else if (object)
		error_set(err, EXIT_USAGE, "%s has no command '%s'", object, word);
	else
		error_set(err, EXIT_USAGE, "unknown object '%s'", word);
	if (nearest_found(&near))
		return error_hint(err, "did you mean '%s%s%s'?", object ? object : "",
			object ? " " : "", nearest_found(&near));
	return error_hint(err, "see 'sriovctl %s%shelp'", object ? object : "", object ? " " : "");
}

int take_arg(
	struct args *args, const struct arg *arg, size_t at, const char *word, struct error *err)
{
	args->words[at] = word;
	if ((arg->type == ARG_DRIVER || arg->type == ARG_NETNS) && !word[0])
		return error_set(err, EXIT_USAGE, "empty %s", arg->name);
	if (arg->type != ARG_NUMBER)
		return 0;
	if (str_uint(word, 10, UINT16_MAX, &args->numbers[at]))
		return 0;
	return error_set(err, EXIT_USAGE, "%s is a number from 0 to %u, not '%s'", arg->name,
		UINT16_MAX, word);
}

bool command_sets(const struct command *c, size_t attr)
{
	return command_takes(c)->attrs[attr].flags & (c->settable ? c->settable : ATTR_SET);
}

const struct attr *find_setting(const struct command *c, const char *word)
{
	const struct record_type *type = command_takes(c);

	for (size_t i = 0; i < type->count; i++)
		if (command_sets(c, i) && attr_is_called(&type->attrs[i], word))
			return &type->attrs[i];
	return NULL;
}

static void nearest_setting(const struct command *c, struct nearest *near)
{
	for (size_t i = 0; i < command_takes(c)->count; i++)
		if (command_sets(c, i))
			nearest_try(near, attr_keyword(&command_takes(c)->attrs[i]));
}

static int unknown_key(const struct command *c, const char *word, struct error *err)
{
	struct nearest near = {.word = word};
	char command[80];

	nearest_setting(c, &near);
	if (word[0] && c->takes)
		error_set(err, EXIT_USAGE, "unexpected '%s'", word);
	else if (word[0])
		error_set(err, EXIT_USAGE, "a %s has no setting '%s'",
			c->type == &vf_type ? "VF" : "PF", word);
	else
		error_set(err, EXIT_USAGE, "empty key");
	if (nearest_found(&near))
		return error_hint(err, "did you mean '%s'?", nearest_found(&near));
	return error_hint(
		err, "'%s help' lists them", command_words(c, "", command, sizeof(command)));
}

static int missing(const struct command *c, const struct arg *arg, struct error *err)
{
	char command[80];

	error_set(err, EXIT_USAGE, "%s is missing: %s", arg->name, arg->help);
	return error_hint(err, "see '%s help'", command_words(c, "", command, sizeof(command)));
}

bool meant_setting(const struct command *c, const struct args *args, struct error *err)
{
	if (!args->setting_count && args->words[1] && find_setting(c, args->words[1])) {
		memset(err, 0, sizeof(*err));
		missing(c, &c->args[1], err);
		return true;
	}
	for (size_t w = !c->args[0].optional; w < args->rest_count && !args->setting_count; w++) {
		struct nearest near = {.word = args->rest[w]};

		if (find_setting(c, args->rest[w])) { /* "eth0/3 vlan 100" */
			memset(err, 0, sizeof(*err));
			missing(c, &c->args[1], err);
			return true;
		}
		nearest_setting(c, &near);
		if (!nearest_found(&near))
			continue;
		memset(err, 0, sizeof(*err));
		unknown_key(c, args->rest[w], err);
		return true;
	}
	return false;
}

/* The same key twice is a slip, unless it says the same. */
static int add_setting(
	struct args *args, const struct setting *s, const struct attr *row, struct error *err)
{
	for (size_t i = 0; i < args->setting_count; i++) {
		const struct setting *old = &args->settings[i];

		if (old->attr != s->attr || setting_repeats(row))
			continue;
		if (old->automatic == s->automatic &&
			(s->automatic || value_equal(&old->value, &s->value)))
			return 0;
		error_set(err, EXIT_USAGE, "given twice, and not the same");
		return error_about(err, "", attr_keyword(row));
	}
	if (args->setting_count == SETTINGS_MAX) {
		error_set(err, EXIT_USAGE, "more than %d settings", SETTINGS_MAX);
		return -1;
	}
	args->settings[args->setting_count++] = *s;
	return 0;
}

/* "eth0/3 vlan 100": a key stands where the namespace should. */
static bool netns_forgotten(const struct command *c, const struct args *args, struct error *err)
{
	for (size_t i = 0; i < ARGS_MAX && c->args[i].name; i++) {
		if (c->args[i].type != ARG_NETNS || !find_setting(c, args->words[i]))
			continue;
		missing(c, &c->args[i], err);
		return true;
	}
	return false;
}

int take_settings(const struct command *c, struct args *args, const struct words *words,
	size_t used, struct error *err)
{
	char syntax[80];

	while (used < words->count) {
		const char *word = words->items[used++];
		const struct attr *row = find_setting(c, word);
		struct setting s = {0};

		if (!row)
			return netns_forgotten(c, args, err) ? -1 : unknown_key(c, word, err);
		s.attr = (size_t)(row - command_takes(c)->attrs);
		attr_syntax(row, syntax, sizeof(syntax));
		if (!row->off && used >= words->count) {
			error_set(err, EXIT_USAGE, "needs a value: %s", syntax);
			return error_about(err, "", word);
		}
		if (attr_parse(row, row->off ? word : words->items[used++], &s, err) < 0 ||
			add_setting(args, &s, row, err) < 0)
			return -1;
	}
	return 0;
}

size_t words_of_many(const struct command *c, size_t at, const struct words *words, size_t used)
{
	size_t end = words->count, after = 0;
	bool settings = false;

	for (size_t i = at + 1; i < ARGS_MAX && c->args[i].name; i++) {
		settings |= c->args[i].type == ARG_SETTINGS;
		after += c->args[i].type != ARG_SETTINGS;
	}
	if (settings)
		for (end = used + after + !c->args[at].optional; end < words->count; end++)
			if (find_setting(c, words->items[end]))
				break;
	if (end > words->count)
		end = words->count;
	return end - used > after ? end - used - after : end - used;
}

/* No word was a key: one that cannot be a VF either was meant to be one. */
static int missing_settings(
	const struct command *c, const struct arg *arg, const struct args *args, struct error *err)
{
	for (size_t i = 1; i < args->rest_count; i++)
		if (!strpbrk(args->rest[i], "/:"))
			return unknown_key(c, args->rest[i], err);
	return missing(c, arg, err);
}

static int take_args(const struct command *c, struct args *args, const struct words *words,
	size_t used, struct error *err)
{
	char command[80];
	size_t at;

	args->all = words->items + used;
	args->all_count = words->count - used;
	for (at = 0; at < ARGS_MAX && c->args[at].name; at++) {
		const struct arg *arg = &c->args[at];

		if (used >= words->count) {
			if (arg->optional)
				break;
			return arg->type == ARG_SETTINGS ? missing_settings(c, arg, args, err)
							 : missing(c, arg, err);
		}
		if (arg->type == ARG_SETTINGS)
			return take_settings(c, args, words, used, err);
		if (arg->many && !words_of_many(c, at, words, used))
			continue; /* it may be left out, and is */
		if (take_arg(args, arg, at, words->items[used], err) < 0)
			return -1;
		if (arg->many) {
			args->rest = words->items + used;
			args->rest_count = words_of_many(c, at, words, used);
			used += args->rest_count;
		} else {
			used++;
		}
	}
	if (used < words->count) {
		error_set(err, EXIT_USAGE, "unexpected '%s'", words->items[used]);
		return error_hint(
			err, "see '%s help'", command_words(c, "", command, sizeof(command)));
	}
	return 0;
}

bool is_help(const struct words *words, size_t at)
{
	return at < words->count && strcmp(words->items[at], WORD_HELP) == 0;
}

bool is_bare_range(const char *word)
{
	return strcmp(word, "all") == 0 ||
	       (word[0] >= '0' && word[0] <= '9' && !word[strspn(word, "0123456789,-")]);
}

size_t required_after_first(const struct command *c)
{
	size_t n = 0;

	for (size_t i = 1; i < ARGS_MAX && c->args[i].name; i++)
		n += c->args[i].type != ARG_SETTINGS;
	return n;
}

/* Is the PF that the command begins with left out? */
static bool leaves_pf_out(const struct command *c, const struct words *words, size_t used)
{
	size_t given = words->count - used;

	if (c->service == SERVICE_USE) /* there it means another, or none */
		return false;
	if (!c->args[0].name || c->args[0].type != ARG_PF)
		return false;
	if (!c->args[0].optional && c->args[1].type == ARG_SETTINGS && c->args[1].name)
		return given && find_setting(c, words->items[used]);
	return given == required_after_first(c);
}

/* The same of one that takes VFs or PFs, and without any shows all. */
static bool means_all(const struct command *c, const struct words *words, size_t used)
{
	return c->args[0].name && c->args[0].type == ARG_PF_OR_VF &&
	       (used == words->count || find_setting(c, words->items[used]));
}

/* Say what goes without saying where a PF was chosen: put it into the words. */
static void name_pf(const struct command *c, const char *pf, struct words *words, size_t used,
	struct command_line *line)
{
	size_t count = 0;

	if (leaves_pf_out(c, words, used) || means_all(c, words, used)) {
		memmove(words->items + used + 1, words->items + used,
			(words->count - used + 1) * sizeof(*words->items));
		words->items[used] = arena_strdup(&line->arena, pf);
		words->count++;
	}
	if ((c->args[0].type == ARG_VF || c->args[0].type == ARG_PF_OR_VF) && words->count > used)
		count = c->args[0].many ? words_of_many(c, 0, words, used) : 1;
	for (size_t i = used; i < used + count; i++)
		if (is_bare_range(words->items[i]))
			words->items[i] = arena_printf(&line->arena, "%s/%s", pf, words->items[i]);
}

static enum parse_result find_and_take(const struct command *const *commands, const char *pf,
	struct words *words, struct command_line *line, struct error *err)
{
	bool help = line->options.help;
	const char *object = NULL;
	size_t used = 0;

	if (is_help(words, used)) { /* "help vf create" reads like "vf create help" */
		help = true;
		used++;
	}
	if (used < words->count && is_object(commands, words->items[used]))
		object = words->items[used++];
	line->help_object = object;
	help |= is_help(words, used);
	if (help && (used >= words->count || is_help(words, used)))
		return PARSE_HELP;
	line->command =
		find_command(commands, object, used < words->count ? words->items[used] : NULL);
	if (!line->command) {
		if (used < words->count)
			unknown_word(commands, object, words->items[used], err);
		else {
			error_set(err, EXIT_USAGE, "%s needs a command", object);
			error_hint(err, "see 'sriovctl %s help'", object);
		}
		return PARSE_ERROR;
	}
	used += used < words->count; /* the word that names it, if any */
	/* to a hidden one, words are what another program has */
	if (help || (words->count && is_help(words, words->count - 1) && used < words->count &&
			    !line->command->hidden))
		return PARSE_HELP;
	if (pf)
		name_pf(line->command, pf, words, used, line);
	return take_args(line->command, &line->args, words, used, err) < 0 ? PARSE_ERROR
									   : PARSE_RUN;
}

/* Whoever reads JSON wants errors as JSON too, also those that come before the option. */
static bool wants_json(int argc, char *const *argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *word = argv[i];

		if (word[0] != '-')
			continue;
		word += word[1] == '-' ? 2 : 1;
		if (strcmp(word, "json") == 0 || strcmp(word, "pretty") == 0 ||
			(argv[i][1] != '-' && word[0] &&
				strspn(word, "jpsdoqvhV") == strlen(word) && strpbrk(word, "jp")))
			return true;
	}
	return false;
}

enum parse_result check_batch(
	const struct command_line *line, const struct words *words, struct error *err)
{
	if (words->count) {
		error_set(err, EXIT_USAGE, "unexpected '%s'", words->items[0]);
		error_hint(err, "a batch has its commands in the file");
		return PARSE_ERROR;
	}
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];

		if (!(line->given >> i & 1) || row->scope == SCOPE_ANY ||
			row->scope == SCOPE_CHANGE || row->scope == SCOPE_BATCH)
			continue;
		error_set(err, EXIT_USAGE, "--%s does not go with --batch", row->long_name);
		error_hint(err, "put it on the lines that it is for");
		return PARSE_ERROR;
	}
	if (!line->options.keep_going || !line->options.atomic)
		return PARSE_BATCH;
	error_set(err, EXIT_USAGE, "--keep-going and --atomic exclude each other");
	return PARSE_ERROR;
}

void command_line_free(struct command_line *line)
{
	free(line->words);
	line->words = NULL;
	arena_free(&line->arena);
}

enum parse_result parse_command_line(const struct command *const *commands, int argc,
	char *const *argv, struct command_line *line, struct error *err)
{
	return parse_with_base(commands, &(struct parse_base){0}, argc, argv, line, err);
}

bool is_option(const char *word)
{
	return word[0] == '-' && word[1] && !(word[1] >= '0' && word[1] <= '9');
}

enum parse_result parse_with_base(const struct command *const *commands,
	const struct parse_base *base, int argc, char *const *argv, struct command_line *line,
	struct error *err)
{
	const struct options fresh = {.wait_ms = -1, .timeout_ms = -1, .lock_timeout_ms = -1};
	/* room for a PF that goes without saying, and for NULL */
	struct words words = {calloc((size_t)argc + 2, sizeof(char *)), 0};
	enum parse_result result;
	bool options_end = false;

	memset(line, 0, sizeof(*line));
	line->options = base->options ? *base->options : fresh;
	if (!words.items) {
		error_nomem(err);
		return PARSE_ERROR;
	}
	line->words = words.items;
	for (int i = 1; i < argc; i++) {
		if (!options_end && strcmp(argv[i], "--") == 0)
			options_end = true;
		else if (options_end || !is_option(argv[i]))
			words.items[words.count++] = argv[i];
		else if (take_option(line, argc, argv, &i, err) < 0) {
			line->options.json = line->options.json || wants_json(argc, argv);
			return PARSE_ERROR;
		}
	}
	if (line->options.pretty)
		line->options.json = true;
	if (line->options.version)
		return PARSE_VERSION;
	if (line->options.batch && !line->options.help)
		return check_batch(line, &words, err);
	result = find_and_take(commands, base->pf, &words, line, err);
	line->args.force = line->options.force;
	if (result == PARSE_RUN && check_scope(line, err) < 0)
		return PARSE_ERROR;
	return result;
}
