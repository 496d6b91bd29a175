#include "unit.h"

#include "cli/command.h"
#include "cli/option_table.h"
#include "cmd/commands.h"

static struct command_line line;
static struct error err;

static enum parse_result parse_words(const char *const *words)
{
	int argc = 0;

	while (words[argc])
		argc++;
	free(line.words);
	memset(&line, 0xff, sizeof(line)); /* nothing may be left unset */
	memset(&err, 0, sizeof(err));
	return parse_command_line(commands, argc, (char *const *)(uintptr_t)words, &line, &err);
}
#define PARSE(...) parse_words((const char *const[]){"sriovctl", __VA_ARGS__, NULL})
#define RUNS(...) assert_runs(__LINE__, PARSE(__VA_ARGS__))
#define HELPS(...) assert_int_equal(PARSE(__VA_ARGS__), PARSE_HELP)
#define FAILS(text, ...) assert_fails(__LINE__, PARSE(__VA_ARGS__), text)

static void assert_runs(int at, enum parse_result result)
{
	if (result != PARSE_RUN)
		fail_msg("line %d: %d, %s", at, result, err.message);
	assert_non_null(line.command);
}

static void assert_fails(int at, enum parse_result result, const char *text)
{
	if (result != PARSE_ERROR)
		fail_msg("line %d: it was taken (%d)", at, result);
	if (!strstr(err.message, text))
		fail_msg("line %d: '%s' lacks '%s'", at, err.message, text);
	assert_int_equal(err.code, EXIT_USAGE);
}

static int teardown(void **state)
{
	(void)state;
	free(line.words);
	line.words = NULL;
	return 0;
}

static void finds_commands(void **state)
{
	(void)state;
	assert_int_equal(parse_words((const char *const[]){"sriovctl", NULL}), PARSE_RUN);
	assert_ptr_equal(line.command, &cmd_overview);
	assert_int_equal(parse_words((const char *const[]){NULL}), PARSE_RUN); /* argc 0 */
	RUNS("overview"); /* the nameless one, by its alias */
	assert_ptr_equal(line.command, &cmd_overview);
	assert_int_equal(line.args.rest_count, 0);
	RUNS("overview", "eth0", "eth1", "-d");
	assert_ptr_equal(line.command, &cmd_overview);
	assert_int_equal(line.args.rest_count, 2);
	assert_string_equal(line.args.rest[0], "eth0");
	RUNS("pf", "list");
	assert_ptr_equal(line.command, &cmd_pf_list);
	RUNS("pf", "show", "eth0");
	assert_ptr_equal(line.command, &cmd_pf_show);
	RUNS("vf", "list");
	assert_ptr_equal(line.command, &cmd_vf_list);
	RUNS("vf", "show", "eth0/3");
	assert_ptr_equal(line.command, &cmd_vf_show);
	RUNS("vf", "create", "eth0", "4");
	assert_ptr_equal(line.command, &cmd_vf_create);
	RUNS("vf", "destroy", "eth0");
	assert_ptr_equal(line.command, &cmd_vf_destroy);
	RUNS("pf", "set", "eth0", "up");
	assert_ptr_equal(line.command, &cmd_pf_set);
	RUNS("vf", "set", "eth0/3", "up");
	assert_ptr_equal(line.command, &cmd_vf_set);
	RUNS("vf", "bind", "eth0/3", "x");
	assert_ptr_equal(line.command, &cmd_vf_bind);
	RUNS("vf", "unbind", "eth0/3");
	assert_ptr_equal(line.command, &cmd_vf_unbind);
	RUNS("vf", "reset", "eth0/3");
	assert_ptr_equal(line.command, &cmd_vf_reset);
	RUNS("snapshot", "/tmp/x");
	assert_ptr_equal(line.command, &cmd_snapshot);
}

/* Every descriptor: exactly one of show, plan, run, repairs; all of it explained. */
static void descriptors_are_whole(void **state)
{
	(void)state;
	for (size_t i = 0; commands[i]; i++) {
		const struct command *c = commands[i];
		bool optional = false, many = false;

		/* stats shows once by itself */
		assert_int_equal(!!c->show + !!c->plan + !!c->run + !!c->service,
			c->service == SERVICE_STATS ? 2 : 1);
		assert_non_null(c->summary);
		assert_true(!c->show || c->type);
		for (size_t a = 0; a < ARGS_MAX && c->args[a].name; a++) {
			assert_non_null(c->args[a].help);
			assert_true(c->args[a].optional || !optional);
			optional = c->args[a].optional;
			/* one takes what the others leave: one word, and settings */
			if (c->args[a].type == ARG_SETTINGS) {
				assert_true(a + 1 == ARGS_MAX || !c->args[a + 1].name);
				assert_true(c->type && (c->plan || c->takes));
			} else if (c->args[a].many) {
				assert_false(many);
				many = true;
				assert_true(a + 2 >= ARGS_MAX || !c->args[a + 2].name ||
					    c->args[a + 2].type == ARG_SETTINGS);
			}
		}
		for (size_t j = 0; j < i; j++)
			if (c->object == commands[j]->object ||
				(c->object && commands[j]->object &&
					strcmp(c->object, commands[j]->object) == 0))
				assert_true(c->name && commands[j]->name
						    ? strcmp(c->name, commands[j]->name) != 0
						    : c->name || commands[j]->name);
	}
}

static void takes_arguments(void **state)
{
	(void)state;
	RUNS("vf", "create", "eth0", "4");
	assert_string_equal(line.args.words[0], "eth0");
	assert_string_equal(line.args.words[1], "4");
	assert_null(line.args.words[2]);
	assert_int_equal(line.args.numbers[1], 4);
	assert_int_equal(line.args.rest_count, 0);
	RUNS("vf", "create", "eth0", "0");
	assert_int_equal(line.args.numbers[1], 0);
	RUNS("vf", "create", "eth0", "65535");
	assert_int_equal(line.args.numbers[1], 65535);
	RUNS("pf", "list");
	assert_int_equal(line.args.rest_count, 0);
	assert_null(line.args.words[0]);
	RUNS("vf", "show", "eth0/1", "eth1/2", "eth2/all");
	assert_int_equal(line.args.rest_count, 3);
	assert_string_equal(line.args.rest[0], "eth0/1");
	assert_string_equal(line.args.rest[2], "eth2/all");
	/* words that look like options or commands */
	RUNS("vf", "show", "--", "-strange", "--json");
	assert_int_equal(line.args.rest_count, 2);
	assert_string_equal(line.args.rest[0], "-strange");
	assert_false(line.options.json);
	RUNS("pf", "show", "-");
	assert_string_equal(line.args.rest[0], "-");
	RUNS("pf", "show", "list");
	assert_string_equal(line.args.rest[0], "list");
	RUNS("pf", "show", "--", "--");
	assert_string_equal(line.args.rest[0], "--");
	RUNS("pf", "show", "");
	assert_string_equal(line.args.rest[0], "");
}

/* For programs, words are data: `help` too. */
static void hidden_commands_take_any_word(void **state)
{
	(void)state;
	RUNS("complete", "--", "vf", "--json", "help");
	assert_ptr_equal(line.command, &cmd_complete);
	assert_int_equal(line.args.rest_count, 3);
	assert_false(line.options.json);
	RUNS("complete");
	assert_int_equal(line.args.rest_count, 0);
	HELPS("help", "complete");
	HELPS("complete", "--help");
}

static void refuses_arguments(void **state)
{
	(void)state;
	FAILS("PF is missing", "pf", "show");
	assert_string_equal(err.hint, "see 'sriovctl pf show help'");
	FAILS("PF is missing", "vf", "create");
	FAILS("N is missing", "vf", "create", "eth0");
	FAILS("VF is missing", "vf", "show");
	FAILS("unexpected 'x'", "vf", "create", "eth0", "4", "x");
	assert_string_equal(err.hint, "see 'sriovctl vf create help'");
	FAILS("unexpected 'eth1'", "vf", "destroy", "eth0", "eth1");
	FAILS("unexpected 'y'", "snapshot", "x", "y");
	assert_string_equal(err.hint, "see 'sriovctl snapshot help'");
	FAILS("not 'four'", "vf", "create", "eth0", "four");
	FAILS("not '-4'", "vf", "create", "eth0", "--", "-4");
	FAILS("not '+4'", "vf", "create", "eth0", "+4");
	FAILS("not '65536'", "vf", "create", "eth0", "65536");
	FAILS("not '4294967300'", "vf", "create", "eth0", "4294967300");
	FAILS("not '0x4'", "vf", "create", "eth0", "0x4");
	FAILS("not ''", "vf", "create", "eth0", "");
	FAILS("not '4 '", "vf", "create", "eth0", "4 ");
}

static void missing_argument_of_an_objectless_command(void **state)
{
	(void)state;
	FAILS("DIR is missing", "snapshot");
	assert_string_equal(err.hint, "see 'sriovctl snapshot help'");
}

static void refuses_commands(void **state)
{
	(void)state;
	FAILS("unknown object 'pff'", "pff", "list");
	assert_string_equal(err.hint, "did you mean 'pf'?");
	FAILS("unknown object 'eth0'", "eth0");
	FAILS("unknown object 'snap'", "snap", "x"); /* no prefix match */
	assert_string_equal(err.hint, "did you mean 'snapshot'?");
	FAILS("unknown object 'complet'", "complet"); /* hidden */
	assert_string_equal(err.hint, "see 'sriovctl help'");
	FAILS("unknown object 'VF'", "VF", "list");
	FAILS("empty object", "");
	FAILS("empty command", "vf", "");
	FAILS("vf has no command 'lst'", "vf", "lst");
	assert_string_equal(err.hint, "did you mean 'vf list'?");
	FAILS("vf has no command 'cre'", "vf", "cre", "eth0", "4");
	assert_string_equal(err.hint, "did you mean 'vf create'?");
	FAILS("pf has no command 'create'", "pf", "create");
	assert_string_equal(err.hint, "see 'sriovctl pf help'");
	FAILS("vf needs a command", "vf");
	assert_string_equal(err.hint, "see 'sriovctl vf help'");
	FAILS("pf needs a command", "--json", "pf");
	assert_true(line.options.json); /* so that the error can be JSON */
	FAILS("vf has no command 'x'", "vf", "x", "-j");
	assert_true(line.options.json);
}

static bool is_of_policy(const struct option_row *row)
{
	return row->scope == SCOPE_POLICY || row->scope == SCOPE_DIFF ||
	       row->scope == SCOPE_APPLY || row->scope == SCOPE_CAPTURE;
}

/* A command that the option's scope allows. */
static const char *const *words_for(
	const struct option_row *row, const char *a, const char *b, bool before)
{
	static const char *words[10];
	size_t n = 0;

	words[n++] = "sriovctl";
	if (before) {
		words[n++] = a;
		if (b)
			words[n++] = b;
	}
	words[n++] = row->scope == SCOPE_METRICS  ? "stats"
		     : row->scope == SCOPE_DOCTOR ? "doctor"
		     : is_of_policy(row)          ? "policy"
						  : "vf";
	if (is_of_policy(row))
		words[n++] = row->scope == SCOPE_DIFF      ? "diff"
			     : row->scope == SCOPE_CAPTURE ? "capture"
							   : "apply";
	else if (row->scope == SCOPE_SHOW || row->scope == SCOPE_DETAILS ||
		 row->scope == SCOPE_LIST || row->scope == SCOPE_COUNTED) {
		words[n++] = "list";
	} else if (row->scope != SCOPE_METRICS && row->scope != SCOPE_DOCTOR) {
		words[n++] = "create";
		words[n++] = "eth0";
		words[n++] = "4";
	}
	if (!before) {
		words[n++] = a;
		if (b)
			words[n++] = b;
	}
	words[n] = NULL;
	return words;
}

static const char *sample(const struct option_row *row)
{
	switch (row->type) {
	case OPTION_COLOR:
		return "never";
	case OPTION_FORCE:
		return "in-use";
	case OPTION_COLUMNS:
	case OPTION_SORT:
	case OPTION_FILTER:
	case OPTION_DIR:
	case OPTION_FILE:
	case OPTION_PF:
	case OPTION_TEXT:
	case OPTION_TOPIC:
		return "text";
	case OPTION_SECONDS:
		return "1.5";
	case OPTION_FLAG:
		break;
	}
	return NULL;
}

static void check_field(const struct option_row *row)
{
	const char *field = (const char *)&line.options + row->offset;

	switch (row->type) {
	case OPTION_FLAG:
		assert_true(*(const bool *)field);
		break;
	case OPTION_COLOR:
		assert_int_equal(*(const enum color_mode *)(const void *)field, COLOR_NEVER);
		break;
	case OPTION_FORCE:
		assert_int_equal(*(const unsigned *)(const void *)field, FORCE_IN_USE);
		break;
	case OPTION_COLUMNS:
	case OPTION_SORT:
	case OPTION_FILTER:
	case OPTION_DIR:
	case OPTION_FILE:
	case OPTION_PF:
	case OPTION_TEXT:
	case OPTION_TOPIC:
		assert_string_equal(*(const char *const *)(const void *)field, "text");
		break;
	case OPTION_SECONDS:
		assert_int_equal(*(const int64_t *)(const void *)field, 1500);
		break;
	}
}

static void check_option(const struct option_row *row, const char *spelled, bool before)
{
	char joined[64];
	const char *value = sample(row), *first = spelled, *second = NULL;
	enum parse_result result;

	if (value && row->value_optional) {
		snprintf(joined, sizeof(joined), "%s=%s", spelled, value);
		first = joined;
	} else {
		second = value;
	}
	result = parse_words(words_for(row, first, second, before));
	if (strcmp(row->long_name, "help") == 0)
		assert_int_equal(result, PARSE_HELP);
	else if (strcmp(row->long_name, "version") == 0)
		assert_int_equal(result, PARSE_VERSION);
	else if (row->scope == SCOPE_BATCH)
		assert_int_equal(result, PARSE_ERROR);
	else if (strcmp(row->long_name, "snapshot") == 0)
		assert_int_equal(result, PARSE_ERROR);
	else if (result != PARSE_RUN)
		fail_msg("%s: %s", first, err.message);
	check_field(row);
	if (!value)
		return;
	/* --name=VALUE always works */
	snprintf(joined, sizeof(joined), "%s=%s", spelled, value);
	parse_words(words_for(row, joined, NULL, before));
	check_field(row);
}

/* Every row, in every spelling, before and behind the command. */
static void every_option(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];
		char spelled[64];

		assert_non_null(row->help);
		assert_int_equal(row->type == OPTION_FLAG, row->value_name == NULL);
		for (int before = 0; before < 2; before++) {
			snprintf(spelled, sizeof(spelled), "--%s", row->long_name);
			check_option(row, spelled, before);
			check_option(row, spelled + 1, before); /* iproute2's hands: -json */
			if (!row->short_name)
				continue;
			snprintf(spelled, sizeof(spelled), "-%s", row->short_name);
			check_option(row, spelled, before);
		}
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(option_rows[j].long_name, row->long_name);
			if (row->short_name && option_rows[j].short_name)
				assert_string_not_equal(option_rows[j].short_name, row->short_name);
		}
	}
}

static void nothing_given(void **state)
{
	(void)state;
	RUNS("vf", "create", "eth0", "4");
	assert_int_equal(line.options.wait_ms, -1);
	assert_int_equal(line.options.timeout_ms, -1);
	assert_int_equal(line.options.lock_timeout_ms, -1);
	assert_int_equal(line.options.color, COLOR_AUTO);
	assert_int_equal(line.options.force, 0);
	assert_null(line.options.columns);
	assert_null(line.options.snapshot);
	assert_false(line.options.json || line.options.pretty || line.options.dry_run ||
		     line.options.diff || line.options.quiet || line.options.verbose ||
		     line.options.brief || line.options.details || line.options.oneline ||
		     line.options.statistics || line.options.no_header || line.options.no_wait ||
		     line.options.help || line.options.version);
}

static void values(void **state)
{
	(void)state;
	RUNS("vf", "create", "eth0", "4", "--timeout", "0");
	assert_int_equal(line.options.timeout_ms, 0);
	RUNS("vf", "create", "eth0", "4", "--wait=0.25", "--lock-timeout=1000000");
	assert_int_equal(line.options.wait_ms, 250);
	assert_int_equal(line.options.lock_timeout_ms, 1000000000);
	RUNS("vf", "create", "eth0", "4", "--wait");
	assert_int_equal(line.options.wait_ms, -1);
	/* an optional value is never the next word */
	FAILS("unexpected '5'", "vf", "create", "eth0", "4", "--wait", "5");
	RUNS("--color", "vf", "list");
	assert_int_equal(line.options.color, COLOR_ALWAYS);
	RUNS("-c", "vf", "list");
	assert_int_equal(line.options.color, COLOR_ALWAYS);
	RUNS("-c=auto", "vf", "list");
	assert_int_equal(line.options.color, COLOR_AUTO);
	RUNS("-color=always", "vf", "list");
	assert_int_equal(line.options.color, COLOR_ALWAYS);
	RUNS("vf", "destroy", "eth0", "--force");
	assert_int_equal(line.options.force, FORCE_ALL);
	RUNS("vf", "destroy", "eth0", "--force=in-use");
	assert_int_equal(line.options.force, FORCE_IN_USE);
	RUNS("vf", "list", "--columns", "+mac,vlan");
	assert_string_equal(line.options.columns, "+mac,vlan");
	RUNS("vf", "list", "--columns=a=b");
	assert_string_equal(line.options.columns, "a=b");
	RUNS("vf", "list", "--columns", "a", "--columns", "b");
	assert_string_equal(line.options.columns, "b");
	RUNS("-p", "vf", "list"); /* pretty means JSON */
	assert_true(line.options.json);
	RUNS("-jps", "vf", "list"); /* a cluster of flags */
	assert_true(line.options.json && line.options.pretty && line.options.statistics);
	RUNS("-br", "vf", "list"); /* but this is one */
	assert_true(line.options.brief);
	RUNS("vf", "-j", "list", "-d", "eth0", "-o");
	assert_true(line.options.json && line.options.details && line.options.oneline);
	assert_int_equal(line.args.rest_count, 1);
}

static void refuses_options(void **state)
{
	(void)state;
	FAILS("unknown option '--jsn'", "--jsn", "vf", "list");
	assert_string_equal(err.hint, "did you mean --json?");
	FAILS("unknown option '--xyzzy'", "vf", "list", "--xyzzy");
	assert_string_equal(err.hint, "'sriovctl help' lists the options");
	FAILS("unknown option '--jso=1'", "--jso=1");
	FAILS("unknown option '-x'", "-x");
	FAILS("unknown option '-jx'", "vf", "list", "-jx");
	assert_false(line.options.json);                    /* all of a cluster or nothing */
	FAILS("unknown option '-jc'", "vf", "list", "-jc"); /* no values in clusters */
	FAILS("unknown option '--j'", "--j", "vf", "list");
	FAILS("unknown option '--br'", "--br", "vf", "list");
	FAILS("unknown option '--JSON'", "--JSON", "vf", "list");
	FAILS("unknown option '-='", "-=");
	FAILS("unknown option '--='", "--=");
	FAILS("--json takes no value", "--json=yes", "vf", "list");
	FAILS("--json takes no value", "-j=", "vf", "list");
	FAILS("--columns needs a value", "vf", "list", "--columns");
	FAILS("--columns needs a value", "vf", "list", "--columns=");
	FAILS("--columns needs a value", "vf", "list", "--columns", "");
	FAILS("--timeout needs a value", "vf", "destroy", "eth0", "--timeout");
	FAILS("--snapshot needs a value", "vf", "list", "--snapshot");
	FAILS("not 'soon'", "vf", "destroy", "eth0", "--timeout", "soon");
	FAILS("not '-1'", "vf", "destroy", "eth0", "--timeout", "-1");
	FAILS("not ''", "vf", "destroy", "eth0", "--timeout=");
	FAILS("not ''", "vf", "create", "eth0", "1", "--wait=");
	FAILS("not '1000001'", "vf", "destroy", "eth0", "--lock-timeout=1000001");
	FAILS("not 'pink'", "--color=pink", "vf", "list");
	FAILS("not ''", "--color=", "vf", "list");
	FAILS("not 'Always'", "--color=Always", "vf", "list");
	FAILS("not 'all'", "vf", "destroy", "eth0", "--force=all");
	FAILS("not ''", "vf", "destroy", "eth0", "--force=");
}

/* Who asked for JSON gets errors as JSON, also those that come before the option. */
static void json_is_known_early(void **state)
{
	(void)state;
	FAILS("unknown option '--bogus'", "--bogus", "vf", "list", "-j");
	assert_true(line.options.json);
	FAILS("unknown option '--bogus'", "--bogus", "--pretty");
	assert_true(line.options.json);
	FAILS("unknown option '--bogus'", "--bogus", "-sp");
	assert_true(line.options.json);
	FAILS("unknown option '--bogus'", "--bogus", "-br");
	assert_false(line.options.json);
	FAILS("unknown option '--bogus'", "--bogus", "--", "-j");
	assert_false(line.options.json);
}

/* What looks like the option but is the value of another. */
static void json_is_not_asked_for(void **state)
{
	(void)state;
	RUNS("vf", "list", "--columns", "-j");
	assert_string_equal(line.options.columns, "-j");
	assert_false(line.options.json);
	RUNS("vf", "list", "--snapshot", "--json");
	assert_false(line.options.json);
}

static void too_many_dashes(void **state)
{
	(void)state;
	FAILS("unknown option '---json'", "---json", "vf", "list");
	FAILS("unknown option '----'", "----", "vf", "list");
}

static void options_that_do_not_go(void **state)
{
	(void)state;
	FAILS("--dry-run does not go with 'vf list'", "vf", "list", "--dry-run");
	FAILS("--force does not go with 'vf list'", "vf", "list", "--force");
	FAILS("--diff does not go with 'pf show'", "pf", "show", "eth0", "--diff");
	FAILS("--timeout does not go with 'vf list'", "vf", "list", "--timeout", "5");
	FAILS("--wait does not go with 'vf list'", "vf", "list", "--wait=5");
	FAILS("--no-wait does not go with 'vf list'", "vf", "list", "--no-wait");
	FAILS("--lock-timeout does not go with", "vf", "list", "--lock-timeout=5");
	FAILS("--statistics does not go with 'vf create'", "vf", "create", "eth0", "4", "-s");
	FAILS("--columns does not go with 'vf destroy'", "vf", "destroy", "eth0", "--columns=a");
	FAILS("--brief does not go with 'snapshot'", "snapshot", "x", "-br");
	FAILS("--dry-run does not go with 'snapshot'", "snapshot", "x", "--dry-run");
	FAILS("--dry-run does not go with", "--dry-run");
	FAILS("--details does not go with", "-d", "vf", "destroy", "eth0");
	FAILS("--oneline does not go with", "-o", "vf", "destroy", "eth0");
	FAILS("--no-header does not go with", "--no-header", "vf", "destroy", "eth0");
	/* the error is there before any device is looked for */
	FAILS("a snapshot cannot be changed", "--snapshot", "x", "vf", "destroy", "eth0");
	assert_contains(err.hint, "--dry-run");
	RUNS("--snapshot", "x", "vf", "destroy", "eth0", "--dry-run");
	RUNS("--snapshot", "x", "vf", "list");
}

static void an_option_without_its_value_does_not_go(void **state)
{
	(void)state;
	FAILS("--wait does not go with 'vf list'", "vf", "list", "--wait");
}

static void help(void **state)
{
	(void)state;
	HELPS("help");
	assert_null(line.help_object);
	assert_null(line.command);
	HELPS("-h");
	assert_null(line.help_object);
	HELPS("--help");
	HELPS("vf", "help");
	assert_string_equal(line.help_object, "vf");
	assert_null(line.command);
	HELPS("help", "vf");
	assert_string_equal(line.help_object, "vf");
	HELPS("vf", "--help");
	assert_string_equal(line.help_object, "vf");
	HELPS("-h", "vf");
	HELPS("vf", "create", "help");
	assert_ptr_equal(line.command, &cmd_vf_create);
	HELPS("vf", "create", "eth0", "4", "help");
	assert_ptr_equal(line.command, &cmd_vf_create);
	HELPS("help", "vf", "create");
	assert_ptr_equal(line.command, &cmd_vf_create);
	HELPS("vf", "create", "-h");
	assert_ptr_equal(line.command, &cmd_vf_create);
	HELPS("-h", "vf", "create", "eth0");
	assert_ptr_equal(line.command, &cmd_vf_create);
	HELPS("snapshot", "help");
	assert_ptr_equal(line.command, &cmd_snapshot);
	HELPS("help", "snapshot");
	assert_ptr_equal(line.command, &cmd_snapshot);
	HELPS("-j", "help"); /* help is text whatever else */
	HELPS("vf", "list", "--dry-run", "-h");
	FAILS("unknown object 'bogus'", "help", "bogus");
	FAILS("vf has no command 'bogus'", "help", "vf", "bogus");
	FAILS("vf has no command 'bogus'", "vf", "bogus", "--help");
}

static void version(void **state)
{
	(void)state;
	assert_int_equal(PARSE("-V"), PARSE_VERSION);
	assert_int_equal(PARSE("--version"), PARSE_VERSION);
	assert_int_equal(PARSE("-version"), PARSE_VERSION);
	assert_int_equal(PARSE("vf", "bogus", "-V"), PARSE_VERSION);
	FAILS("unknown option", "-V", "--bogus");
}

/* The text with every run of blanks and newlines made one blank. */
static const char *unfold(const char *text)
{
	static char out[16384];
	size_t n = 0;

	for (; *text && n < sizeof(out) - 1; text++) {
		char c = *text == '\n' ? ' ' : *text;

		if (c != ' ' || !n || out[n - 1] != ' ')
			out[n++] = c;
	}
	out[n] = 0;
	return out;
}

/* What help prints is complete, and fits a terminal. */
static void help_text(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f;

	(void)state;
	for (size_t i = 0; commands[i]; i++) {
		f = open_memstream(&text, &size);
		help_print(f, commands, commands[i]->object, commands[i]);
		fclose(f);
		assert_contains(text, commands[i]->summary);
		assert_contains(text, "Usage:\n  sriovctl");
		for (size_t a = 0; a < ARGS_MAX && commands[i]->args[a].name; a++)
			assert_contains(unfold(text), commands[i]->args[a].help);
		for (const char *p = text; *p; p += strcspn(p, "\n") + 1)
			if (strcspn(p, "\n") > 80)
				fail_msg("too wide: %.*s", (int)strcspn(p, "\n"), p);
		if (command_changes(commands[i]) || commands[i]->service == SERVICE_SHELL)
			assert_contains(text, "--dry-run");
		else
			assert_null(strstr(text, "--dry-run "));
		free(text);
	}
	f = open_memstream(&text, &size);
	help_print(f, commands, NULL, NULL);
	fclose(f);
	for (size_t i = 0; commands[i]; i++) {
		if (commands[i]->hidden)
			assert_null(strstr(unfold(text), commands[i]->summary));
		else
			assert_contains(unfold(text), commands[i]->summary);
	}
	for (size_t i = 0; i < option_row_count; i++)
		assert_contains(unfold(text), option_rows[i].help);
	free(text);
	f = open_memstream(&text, &size);
	help_print(f, commands, "vf", NULL);
	fclose(f);
	assert_contains(text, "vf create PF N");
	assert_null(strstr(text, "pf list"));
	free(text);
}

/* The settings taken, as "vlan=5 mac=auto"; the VFs before them. */
static const char *settings(void)
{
	static char text[512];
	size_t n = 0;

	text[0] = 0;
	for (size_t i = 0; i < line.args.setting_count; i++) {
		const struct setting *s = &line.args.settings[i];
		char value[VALUE_TEXT_MAX];

		value_format(&s->value, value, sizeof(value));
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s=%s", n ? " " : "",
			line.command->type->attrs[s->attr].key, s->automatic ? "auto" : value);
	}
	return text;
}

static void takes_settings(void **state)
{
	(void)state;
	RUNS("vf", "set", "eth0/3", "vlan", "5");
	assert_ptr_equal(line.command, &cmd_vf_set);
	assert_string_equal(settings(), "vlan=5");
	assert_int_equal(line.args.rest_count, 1);
	assert_string_equal(line.args.rest[0], "eth0/3");
	RUNS("vf", "set", "eth0/0-3", "eth1/all", "0000:21:10.0", "mac", "auto", "vlan", "100",
		"spoofchk", "on", "max_tx_rate", "2.5gbit");
	assert_int_equal(line.args.rest_count, 3);
	assert_string_equal(line.args.rest[0], "eth0/0-3");
	assert_string_equal(line.args.rest[2], "0000:21:10.0");
	assert_string_equal(settings(), "mac=auto vlan=100 spoofchk=on max_tx_rate=2500");
	assert_int_equal(line.args.all_count, 11);
	assert_string_equal(line.args.all[0], "eth0/0-3");
	assert_string_equal(line.args.all[10], "2.5gbit");
	/* words without a value */
	RUNS("vf", "set", "eth0/3", "name", "storage0", "mtu", "9000", "up");
	assert_string_equal(settings(), "ifname=storage0 mtu=9000 up=on");
	RUNS("vf", "set", "eth0/3", "down", "trust", "off");
	assert_string_equal(settings(), "up=off trust=off");
	/* a value may look like a key, and an interface like one is reached by its VF's name */
	RUNS("vf", "set", "eth0/3", "name", "vlan", "vlan", "7");
	assert_string_equal(settings(), "ifname=vlan vlan=7");
	/* the first word is a VF, whatever it looks like */
	RUNS("vf", "set", "up", "down");
	assert_int_equal(line.args.rest_count, 1);
	assert_string_equal(line.args.rest[0], "up");
	assert_string_equal(settings(), "up=off");
	/* options in between */
	RUNS("vf", "set", "eth0/3", "--dry-run", "vlan", "-j", "5");
	assert_string_equal(settings(), "vlan=5");
	assert_true(line.options.dry_run && line.options.json);
	RUNS("pf", "set", "eth0", "mtu", "9000", "up", "autoprobe", "off");
	assert_ptr_equal(line.command, &cmd_pf_set);
	assert_string_equal(line.args.words[0], "eth0");
	assert_string_equal(settings(), "mtu=9000 up=on autoprobe=off");
	/* another command has none */
	RUNS("vf", "create", "eth0", "4");
	assert_int_equal(line.args.setting_count, 0);
}

/* The same key twice is a slip, unless it says the same. */
static void keys_given_twice(void **state)
{
	(void)state;
	RUNS("vf", "set", "eth0/3", "vlan", "5", "vlan", "5");
	assert_string_equal(settings(), "vlan=5");
	RUNS("vf", "set", "eth0/3", "max_tx_rate", "1000", "max_tx_rate", "1gbit");
	assert_string_equal(settings(), "max_tx_rate=1000");
	RUNS("vf", "set", "eth0/3", "mac", "auto", "mac", "auto");
	assert_string_equal(settings(), "mac=auto");
	RUNS("vf", "set", "eth0/3", "up", "up");
	assert_string_equal(settings(), "up=on");
	FAILS("given twice, and not the same", "vf", "set", "eth0/3", "vlan", "5", "qos", "1",
		"vlan", "6");
	assert_string_equal(err.attr, "vlan");
	FAILS("given twice", "vf", "set", "eth0/3", "up", "down");
	FAILS("given twice", "vf", "set", "eth0/3", "mac", "auto", "mac", "52:54:00:00:00:01");
	FAILS("given twice", "vf", "set", "eth0/3", "mac", "52:54:00:00:00:01", "mac", "auto");
	FAILS("given twice", "vf", "set", "eth0/3", "name", "a", "name", "b");
	assert_string_equal(err.attr, "name");
}

static void refuses_settings(void **state)
{
	(void)state;
	FAILS("VF is missing", "vf", "set");
	FAILS("KEY VALUE is missing", "vf", "set", "eth0/3");
	assert_string_equal(err.hint, "see 'sriovctl vf set help'");
	FAILS("KEY VALUE is missing", "vf", "set", "eth0/3", "eth0/4");
	FAILS("KEY VALUE is missing", "pf", "set", "eth0");
	/* the value is missing */
	FAILS("needs a value: 0..4094", "vf", "set", "eth0/3", "vlan");
	assert_string_equal(err.attr, "vlan");
	FAILS("needs a value: auto|enable|disable", "vf", "set", "eth0/3", "vlan", "5", "state");
	assert_string_equal(err.attr, "state");
	FAILS("a number from 0 to 4094, not 'qos'", "vf", "set", "eth0/3", "vlan", "qos", "3");
	assert_string_equal(err.attr, "vlan");
	FAILS("a number from 0 to 4094, not '4095'", "vf", "set", "eth0/3", "vlan", "4095");
	FAILS("not ''", "vf", "set", "eth0/3", "vlan", "");
	/* the key is wrong */
	FAILS("a VF has no setting 'vlna'", "vf", "set", "eth0/3", "mac", "auto", "vlna", "5");
	assert_string_equal(err.hint, "did you mean 'vlan'?");
	FAILS("a VF has no setting 'vlna'", "vf", "set", "eth0/3", "vlna", "5");
	assert_string_equal(err.hint, "did you mean 'vlan'?");
	FAILS("a VF has no setting 'xyzzy'", "vf", "set", "eth0/3", "vlan", "5", "xyzzy", "5");
	assert_contains(err.hint, "vf set help");
	FAILS("empty key", "vf", "set", "eth0/3", "vlan", "5", "", "5");
	FAILS("a PF has no setting 'vlan'", "pf", "set", "eth0", "vlan", "5");
	FAILS("a PF has no setting 'mtuu'", "pf", "set", "eth0", "mtuu", "9000");
	assert_string_equal(err.hint, "did you mean 'mtu'?");
	/* a word too many behind one without a value */
	FAILS("a VF has no setting '1'", "vf", "set", "eth0/3", "up", "1");
	/* what is shown only */
	FAILS("a VF has no setting 'driver'", "vf", "set", "eth0/3", "vlan", "5", "driver", "x");
}

/* More pairs than there are rows can only be repetitions. */
static void settings_without_end(void **state)
{
	const char *words[4 + 2 * 100 + 1] = {"sriovctl", "vf", "set", "eth0/3"};
	size_t n = 4, rows = 0;

	(void)state;
	for (size_t i = 0; i < VF_ATTR_COUNT; i++)
		rows += (vf_type.attrs[i].flags & ATTR_SET) != 0;
	assert_in_range(rows, 1, SETTINGS_MAX); /* there is room for all at once */
	while (n + 2 < ARRAY_SIZE(words)) {
		words[n++] = "vlan";
		words[n++] = "5";
	}
	assert_int_equal(parse_words(words), PARSE_RUN);
	assert_int_equal(line.args.setting_count, 1);
}

/* The driver is the last word, however many VFs come before it. */
static void takes_vfs_and_driver(void **state)
{
	(void)state;
	RUNS("vf", "bind", "eth0/3", "vfio-pci");
	assert_ptr_equal(line.command, &cmd_vf_bind);
	assert_int_equal(line.args.rest_count, 1);
	assert_string_equal(line.args.rest[0], "eth0/3");
	assert_string_equal(line.args.words[1], "vfio-pci");
	RUNS("vf", "bind", "eth0/0-3", "eth1/all", "eth2v0", "default");
	assert_int_equal(line.args.rest_count, 3);
	assert_string_equal(line.args.rest[2], "eth2v0");
	assert_string_equal(line.args.words[1], "default");
	RUNS("vf", "bind", "eth0/3", "--", "-strange");
	assert_string_equal(line.args.words[1], "-strange");
	FAILS("DRIVER is missing", "vf", "bind", "eth0/3");
	assert_string_equal(err.hint, "see 'sriovctl vf bind help'");
	FAILS("VF is missing", "vf", "bind");
	RUNS("vf", "unbind", "eth0/3", "eth0/4");
	assert_ptr_equal(line.command, &cmd_vf_unbind);
	assert_int_equal(line.args.rest_count, 2);
	RUNS("vf", "reset", "eth0/all");
	assert_ptr_equal(line.command, &cmd_vf_reset);
	FAILS("VF is missing", "vf", "unbind");
	FAILS("VF is missing", "vf", "reset");
}

static void force_classes(void **state)
{
	(void)state;
	RUNS("vf", "set", "eth0/3", "vlan", "5");
	assert_int_equal(line.args.force, 0);
	RUNS("vf", "set", "eth0/3", "vlan", "5", "--force=duplicate-mac");
	assert_int_equal(line.args.force, FORCE_DUPLICATE_MAC);
	RUNS("vf", "bind", "eth0/3", "vfio-pci", "--force=iommu-group");
	assert_int_equal(line.args.force, FORCE_IOMMU_GROUP);
	RUNS("--force=in-use,iommu-group", "vf", "bind", "eth0/3", "vfio-pci");
	assert_int_equal(line.args.force, FORCE_IN_USE | FORCE_IOMMU_GROUP);
	RUNS("--force=in-use", "vf", "bind", "eth0/3", "vfio-pci", "--force=duplicate-mac");
	assert_int_equal(line.args.force, FORCE_IN_USE | FORCE_DUPLICATE_MAC);
	RUNS("vf", "bind", "eth0/3", "vfio-pci", "--force");
	assert_int_equal(line.args.force, FORCE_ALL);
	assert_int_equal(line.options.force, line.args.force);
	FAILS("not 'iommu'", "vf", "bind", "eth0/3", "vfio-pci", "--force=iommu");
	FAILS("not 'in-us'", "vf", "bind", "eth0/3", "vfio-pci", "--force=in-us");
	FAILS("not 'in-usee'", "vf", "bind", "eth0/3", "vfio-pci", "--force=in-usee");
	FAILS("not ''", "vf", "bind", "eth0/3", "vfio-pci", "--force=in-use,");
	FAILS("not 'IN-USE'", "vf", "bind", "eth0/3", "vfio-pci", "--force=IN-USE");
}

/* Who asks for help while writing a long command gets it. */
static void help_of_changes(void **state)
{
	(void)state;
	HELPS("vf", "set", "help");
	assert_ptr_equal(line.command, &cmd_vf_set);
	HELPS("vf", "set", "eth0/3", "vlan", "help");
	assert_ptr_equal(line.command, &cmd_vf_set);
	HELPS("vf", "bind", "eth0/3", "-h");
	assert_ptr_equal(line.command, &cmd_vf_bind);
}

#define TEST(f) cmocka_unit_test_teardown(f, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(finds_commands),
		TEST(descriptors_are_whole),
		TEST(takes_arguments),
		TEST(hidden_commands_take_any_word),
		TEST(refuses_arguments),
		TEST(missing_argument_of_an_objectless_command),
		TEST(refuses_commands),
		TEST(takes_settings),
		TEST(keys_given_twice),
		TEST(refuses_settings),
		TEST(settings_without_end),
		TEST(takes_vfs_and_driver),
		TEST(force_classes),
		TEST(help_of_changes),
		TEST(every_option),
		TEST(nothing_given),
		TEST(values),
		TEST(refuses_options),
		TEST(json_is_known_early),
		TEST(json_is_not_asked_for),
		TEST(too_many_dashes),
		TEST(options_that_do_not_go),
		TEST(an_option_without_its_value_does_not_go),
		TEST(help),
		TEST(version),
		TEST(help_text),
	};

	return RUN(tests);
}
