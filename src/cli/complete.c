/* Which words can come next: options, objects, commands, KEY VALUE. */
#include "cli/complete.h"

#include "cli/complete_parts.h"
#include "core/choose.h"
#include "util/str.h"

#include <ctype.h>
#include <string.h>

bool is_printable(const char *word)
{
	char safe[4096];

	str_printable(safe, sizeof(safe), word);
	return strcmp(safe, word) == 0;
}

void offer(struct typing *t, size_t keep, const char *rest, const char *help)
{
	struct completion *out = t->out;
	const char *word = t->c->word;

	if (!str_starts(rest, word + keep) || !is_printable(rest))
		return;
	out->items = arena_push(t->arena, out->items, &out->count, sizeof(*out->items));
	out->items[out->count - 1] = (struct candidate){
		keep ? arena_printf(t->arena, "%.*s%s", (int)keep, word, rest) : rest, help};
}

static bool was_given(const struct typing *t, const char *word)
{
	for (size_t i = t->used; i < t->words.count; i++)
		if (strcmp(t->words.items[i], word) == 0)
			return true;
	return false;
}

void offer_name(struct typing *t, const char *name, const char *help)
{
	bool dashed = name[0] == '-' && !t->options_end;
	/* as the first argument, a word that is a key is taken for what the argument is, unless
	 * that may be left out */
	const struct command *c = t->command;
	bool may_be_key = t->words.count > t->used || (c && c->takes && c->args[0].optional);
	bool is_key = may_be_key && command_takes(c) && find_setting(c, name);

	if (name[0] && !dashed && !is_key && strcmp(name, WORD_HELP) != 0 && !was_given(t, name))
		offer(t, 0, name, help);
}

const struct host *ask_host(struct typing *t, unsigned needs)
{
	t->out->live = true;
	t->out->needs |= needs;
	return t->host;
}

static void expect(struct typing *t, const char *what, const char *help)
{
	t->out->expects = what;
	t->out->help = help;
}

/* Is it among the comma-separated ones of list[0..len)? */
static bool list_has(const char *list, size_t len, const char *item)
{
	for (size_t at = 0; at < len; at += strcspn(list + at, ",") + 1)
		if (strcspn(list + at, ",") == strlen(item) && str_starts(list + at, item))
			return true;
	return false;
}

/* options */

/* Do all options that were given go with the command? */
static bool fits(const struct typing *t, const struct command *c)
{
	for (size_t i = 0; i < option_row_count; i++)
		if (t->line.given >> i & 1 && !option_applies(&option_rows[i], c))
			return false;
	return !c->hidden;
}

/* Would a batch take it? */
static bool batch_takes(const struct typing *t, const struct option_row *row)
{
	struct command_line would = t->line;
	struct error err;

	would.given |= UINT64_C(1) << (row - option_rows);
	if (row->type == OPTION_FLAG)
		*(bool *)((char *)&would.options + row->offset) = true;
	return check_batch(&would, &t->words, &err) != PARSE_ERROR;
}

/* With the command, or any that may still come. */
static bool applies(const struct typing *t, const struct option_row *row)
{
	if (t->command)
		return option_applies(row, t->command);
	if (t->line.options.batch || batch_takes(t, row))
		return batch_takes(t, row);
	for (size_t i = 0; t->c->commands[i]; i++) {
		const struct command *c = t->c->commands[i];

		if ((!t->object || object_is(c, t->object)) && fits(t, c) && option_applies(row, c))
			return true;
	}
	return false;
}

static void offer_options(struct typing *t)
{
	const char *word = t->c->word;
	bool letters = word[1] && word[1] != '-'; /* "-b": short ones are meant */

	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];

		if (t->line.given >> i & 1 || !applies(t, row))
			continue;
		if (letters && row->short_name)
			offer(t, 1, row->short_name, row->help);
		if (letters || (word[1] && !str_starts(row->long_name, word + 2)))
			continue;
		offer(t, 0, arena_printf(t->arena, "--%s", row->long_name), row->help);
		if (row->value_optional)
			offer(t, 0, arena_printf(t->arena, "--%s=", row->long_name), row->help);
	}
}

/* What the command will show. */
static const struct record_type *shown_type(const struct typing *t)
{
	const struct command *c = t->command;

	for (size_t i = t->used; c && c->watched && i < t->words.count; i++)
		if (find_setting(c, t->words.items[i]))
			return c->watched;
	return c ? c->type : NULL;
}

/* Keys for --columns, which begin at `keep`: "a,b" or "+a,b". */
static void offer_columns(struct typing *t, size_t keep)
{
	const struct record_type *type = shown_type(t);
	const char *list = t->c->word + keep, *comma;
	size_t len;

	if (list[0] == '+')
		list++;
	comma = strrchr(list, ',');
	len = comma ? (size_t)(comma + 1 - list) : 0;
	keep = (size_t)(list + len - t->c->word);
	for (size_t i = 0; type && i < type->count; i++)
		if (!list_has(list, len, type->attrs[i].key))
			offer(t, keep, type->attrs[i].key, type->attrs[i].help);
	if (type && !len)
		offer(t, keep, COLUMNS_ALL, NULL);
}

/* Keys for --sort: "a,-b". */
static void offer_sort(struct typing *t, size_t keep)
{
	const struct record_type *type = shown_type(t);
	const char *list = t->c->word + keep, *comma = strrchr(list, ',');
	size_t len = comma ? (size_t)(comma + 1 - list) : 0;

	keep += len + (list[len] == '-');
	for (size_t i = 0; type && i < type->count; i++) {
		const char *key = type->attrs[i].key;

		if (!list_has(list, len, key) &&
			!list_has(list, len, arena_printf(t->arena, "-%s", key)))
			offer(t, keep, key, type->attrs[i].help);
	}
}

/* For --filter: keys, each as a condition to go on with, and behind that the words it knows. */
static void offer_conditions(struct typing *t, size_t keep)
{
	const struct record_type *type = shown_type(t);
	const char *list = t->c->word + keep, *comma = strrchr(list, ','), *equals;
	const char *word, *one = comma ? comma + 1 : list;

	keep = (size_t)(one - t->c->word);
	equals = strchr(one, '=');
	for (size_t i = 0; type && i < type->count; i++) {
		const struct attr *a = &type->attrs[i];
		size_t len = strlen(a->key);

		if (!equals)
			offer(t, keep, arena_printf(t->arena, "%s=", a->key), a->help);
		else if (strncmp(one, a->key, len) == 0 && strcspn(one + len, "!=") <= 1 &&
			 equals <= one + len + 1)
			for (size_t w = 0; (word = choose_word(a, w)); w++)
				offer(t, (size_t)(equals + 1 - t->c->word), word, NULL);
	}
}

/* A PF behind the first `keep` bytes, whatever the command takes besides. */
static void offer_pf_value(struct typing *t, size_t keep)
{
	struct completing c = *t->c;
	struct typing value = *t;
	struct completion *out = t->out;
	size_t count = out->count;

	c.word += keep;
	value.c = &c;
	value.command = NULL;
	value.words.count = value.used;
	offer_pfs(&value);
	for (size_t i = count; keep && i < out->count; i++)
		out->items[i].word =
			arena_printf(t->arena, "%.*s%s", (int)keep, t->c->word, out->items[i].word);
}

/* For --check: rows of what the command's help lists. */
static void offer_topics(struct typing *t, const char *list, size_t len, size_t keep)
{
	const char *name, *help;

	for (size_t i = 0; t->command && t->command->topic && t->command->topic(i, &name, &help);
		i++)
		if (!list_has(list, len, name))
			offer(t, keep, name, help);
}

/* A value that begins behind the first `keep` bytes of the word. */
static void offer_option_value(struct typing *t, const struct option_row *row, size_t keep)
{
	const char *value = t->c->word + keep, *comma = strrchr(value, ',');
	size_t len = comma ? (size_t)(comma + 1 - value) : 0;
	const char *word;

	switch (row->type) {
	case OPTION_FLAG:
		break;
	case OPTION_COLOR:
		for (size_t i = 0; (word = option_word(row, i)); i++)
			offer(t, keep, word, NULL);
		break;
	case OPTION_FORCE:
		for (size_t i = 0; (word = option_word(row, i)); i++)
			if (!list_has(value, len, word))
				offer(t, keep + len, word, NULL);
		break;
	case OPTION_COLUMNS:
		offer_columns(t, keep);
		break;
	case OPTION_SORT:
		offer_sort(t, keep);
		break;
	case OPTION_FILTER:
		offer_conditions(t, keep);
		break;
	case OPTION_DIR:
		t->out->files = COMPLETE_DIRS;
		break;
	case OPTION_FILE:
		t->out->files = COMPLETE_FILES;
		break;
	case OPTION_PF:
		offer_pf_value(t, keep);
		break;
	case OPTION_TOPIC:
		offer_topics(t, value, len, keep + len);
		break;
	case OPTION_SECONDS:
	case OPTION_TEXT:
		expect(t, row->value_name, row->help);
		break;
	}
}

/* "--name", or with "=VALUE" */
static void at_option(struct typing *t)
{
	const char *word = t->c->word, *equals = strchr(word, '=');
	const struct option_row *row = equals ? option_of(word) : NULL;

	if (!equals)
		offer_options(t);
	else if (row && row->value_name && applies(t, row))
		offer_option_value(t, row, (size_t)(equals + 1 - word));
}

/* objects and commands */

/* What an object can do: "list, show, create". */
static const char *commands_of(const struct typing *t, const char *object)
{
	const char *text = NULL;

	for (size_t i = 0; t->c->commands[i]; i++) {
		const struct command *c = t->c->commands[i];

		if (object_is(c, object) && c->name && !c->hidden)
			text = text ? arena_printf(t->arena, "%s, %s", text, c->name) : c->name;
	}
	return text;
}

static bool is_first_of_object(const struct typing *t, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (object_is(t->c->commands[i], t->c->commands[at]->object) &&
			fits(t, t->c->commands[i]))
			return false;
	return true;
}

static void offer_help(struct typing *t)
{
	for (size_t i = 0; i < option_row_count; i++)
		if (strcmp(option_rows[i].long_name, WORD_HELP) == 0)
			offer(t, 0, WORD_HELP, option_rows[i].help);
}

static void offer_commands(struct typing *t)
{
	for (size_t i = 0; t->c->commands[i]; i++) {
		const struct command *c = t->c->commands[i];

		if (!fits(t, c))
			continue;
		if (object_is(c, t->object) && command_name(c))
			offer(t, 0, command_name(c), c->summary);
		else if (!t->object && c->object && is_first_of_object(t, i))
			offer(t, 0, c->object, commands_of(t, c->object));
	}
	if (!t->help)
		offer_help(t);
}

/* KEY VALUE */

static void offer_keys(struct typing *t)
{
	const struct command *c = t->command;
	const struct args *args = &t->line.args;

	for (size_t i = 0; i < command_takes(c)->count && args->setting_count < SETTINGS_MAX; i++) {
		const struct attr *a = &command_takes(c)->attrs[i];
		const char *help = a->set_help ? a->set_help : a->help;
		bool given = false;

		for (size_t s = 0; s < args->setting_count && !setting_repeats(a); s++)
			given |= args->settings[s].attr == i;
		if (given || !command_sets(c, i))
			continue;
		offer(t, 0, attr_keyword(a), help);
		if (a->off)
			offer(t, 0, a->off, help);
	}
}

/* What attr_syntax() says, "MAC|auto": the words of it that attr_parse() takes as they are;
 * capitals stand for something else. */
static void offer_values(struct typing *t, const struct attr *a)
{
	char syntax[256], *save = NULL;
	const char *others = NULL;

	attr_syntax(a, syntax, sizeof(syntax));
	for (char *word = strtok_r(syntax, "|", &save); word; word = strtok_r(NULL, "|", &save)) {
		const char *copy = arena_strdup(t->arena, word);
		struct setting setting = {0};
		struct error err;

		if (!isupper((unsigned char)word[0]) && attr_parse(a, word, &setting, &err) == 0)
			offer(t, 0, copy, NULL);
		else
			others = others ? arena_printf(t->arena, "%s|%s", others, copy) : copy;
	}
	if (others)
		expect(t, others, a->set_help ? a->set_help : a->help);
}

/* Words from `begin` on are KEY VALUE. */
static void at_setting(struct typing *t, size_t begin)
{
	struct words whole = t->words;
	const struct attr *unfinished = NULL;
	struct error err;

	for (size_t i = begin; i < t->words.count; i++) {
		const struct attr *row = find_setting(t->command, t->words.items[i]);

		if (!row)
			return;
		if (!row->off && ++i == t->words.count) {
			unfinished = row;
			whole.count--;
		}
	}
	if (take_settings(t->command, &t->line.args, &whole, begin, &err) < 0)
		return;
	if (unfinished)
		offer_values(t, unfinished);
	else
		offer_keys(t);
}

/* arguments */

static void at_arg(struct typing *t, const struct arg *arg)
{
	switch (arg->type) {
	case ARG_PF:
		offer_pfs(t);
		break;
	case ARG_VF:
		offer_vfs(t);
		break;
	case ARG_PF_OR_VF:
		offer_pfs(t);
		offer_vfs(t);
		break;
	case ARG_NUMBER:
		expect(t, arg->name, arg->help);
		if (t->command->args[0].type == ARG_PF)
			expect_vf_count(t, t->words.items[t->used]);
		break;
	case ARG_PATH:
		t->out->files = COMPLETE_FILES;
		break;
	case ARG_DIR:
		t->out->files = COMPLETE_DIRS;
		break;
	case ARG_DRIVER:
		offer_drivers(t);
		expect(t, arg->name, arg->help);
		break;
	case ARG_NETNS:
		offer_netns(t);
		expect(t, arg->name, arg->help);
		break;
	case ARG_WORD:
	case ARG_SETTINGS:
		break;
	}
}

/* From `used` on, words for the argument `at` and those behind it: where they end depends on
 * what is still to come, so several may go on at the cursor. */
static void at_many(struct typing *t, size_t at, size_t used)
{
	const struct arg *arg = &t->command->args[at], *single = NULL;
	size_t count = t->words.count - used, vfs = 1, after = 0;
	char **words = t->words.items + used;
	bool settings = false;

	for (size_t i = at + 1; i < ARGS_MAX && t->command->args[i].name; i++) {
		settings |= t->command->args[i].type == ARG_SETTINGS;
		if (t->command->args[i].type != ARG_SETTINGS)
			single = &t->command->args[i];
	}
	after = single != NULL;
	if (settings) {
		size_t begin = used + words_of_many(t->command, at, &t->words, used) + after;

		if (begin < t->words.count) {
			at_setting(t, begin);
			return;
		}
	}
	if (!single && !settings) {
		at_arg(t, arg);
		return;
	}
	while (vfs < count && (arg->type == ARG_PF_OR_VF || may_be_vfs(t, words[vfs])))
		vfs++;
	if (vfs >= count)
		at_arg(t, arg);
	if (vfs >= count && single && count)
		at_arg(t, single);
	if (settings && (count > after || arg->optional) && vfs + after >= count &&
		!(single && must_be_vfs(words[count - 1])))
		at_setting(t, t->words.count);
}

static void at_args(struct typing *t)
{
	const struct command *c = t->command;
	size_t used = t->used;
	struct error err;

	if (used == t->words.count)
		offer_help(t);
	for (size_t at = 0; at < ARGS_MAX && c->args[at].name; at++) {
		const struct arg *arg = &c->args[at];

		if (arg->type == ARG_SETTINGS || arg->many || used == t->words.count) {
			if (arg->type == ARG_SETTINGS)
				at_setting(t, used);
			else if (arg->many)
				at_many(t, at, used);
			else
				at_arg(t, arg);
			return;
		}
		if (take_arg(&t->line.args, arg, at, t->words.items[used], &err) < 0)
			return;
		used++;
	}
}

/* Where a PF may be left out, the words are read with it as well. */
static void at_args_of_pf(struct typing *t)
{
	const struct command *c = t->command;
	size_t given = t->words.count - t->used;
	bool settings = c->args[1].name && c->args[1].type == ARG_SETTINGS;
	bool is_key = settings && given && find_setting(c, t->words.items[t->used]);

	if (!t->c->pf || !c->args[0].name || c->args[0].type != ARG_PF) {
		at_args(t);
		return;
	}
	if (!is_key)
		at_args(t);
	if (!is_key && (settings ? c->args[0].optional || given : given >= required_after_first(c)))
		return;
	memmove(t->words.items + t->used + 1, t->words.items + t->used, given * sizeof(char *));
	t->words.items[t->used] = arena_strdup(t->arena, t->c->pf);
	t->words.count++;
	at_args(t);
}

/* the line */

/* Options and other words apart; false when an option is wrong. */
static bool take_words(struct typing *t)
{
	const struct completing *c = t->c;
	int count = (int)c->count;
	struct error err;

	/* room for a PF that goes without saying */
	t->words.items = arena_alloc(t->arena, (c->count + 1) * sizeof(char *));
	for (int i = 0; i < count; i++) {
		char *word = c->words[i];
		const struct option_row *row;

		if (t->options_end || !is_option(word)) {
			t->words.items[t->words.count++] = word;
			continue;
		}
		t->options_end = strcmp(word, "--") == 0;
		if (t->options_end)
			continue;
		row = option_of(word);
		if (i + 1 == count && row && row->value_name && !row->value_optional &&
			!strchr(word, '='))
			t->option = row;
		else if (take_option(&t->line, count, c->words, &i, &err) < 0)
			return false;
	}
	return true;
}

/* The command, as far as it has been named; false when there is none of that name. */
static bool take_command(struct typing *t)
{
	const struct words *w = &t->words;

	t->help = is_help(w, 0);
	t->used = t->help;
	if (t->used < w->count && is_object(t->c->commands, w->items[t->used]))
		t->object = w->items[t->used++];
	if (t->used == w->count)
		return true;
	t->command = find_command(t->c->commands, t->object, w->items[t->used++]);
	return t->command && !t->command->hidden;
}

void complete(const struct completing *c, const struct host *host, struct arena *arena,
	struct completion *out)
{
	struct typing t = {.c = c, .host = host, .arena = arena, .out = out};
	bool ok;

	memset(out, 0, sizeof(*out));
	ok = take_words(&t) && take_command(&t);
	out->snapshot = t.line.options.snapshot;
	if (!ok)
		return;
	if (t.option)
		offer_option_value(&t, t.option, 0);
	else if (!t.options_end && c->word[0] == '-')
		at_option(&t);
	else if (t.line.options.batch)
		return; /* its commands are in the file */
	else if (!t.command)
		offer_commands(&t);
	else if (!t.help)
		at_args_of_pf(&t);
}
