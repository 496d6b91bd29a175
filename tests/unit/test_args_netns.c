/* The words of `netns` and `repair`. */
#include "unit.h"

#include "cli/command.h"
#include "cmd/commands.h"
#include "core/options.h"

static struct command_line line;
static struct error err;

static enum parse_result parse(const char *text)
{
	static char copy[4096];
	char *words[300], *save = NULL;
	int argc = 0;

	snprintf(copy, sizeof(copy), "sriovctl %s", text);
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		words[argc++] = w;
	words[argc] = NULL;
	free(line.words);
	memset(&line, 0xff, sizeof(line)); /* nothing may be left unset */
	memset(&err, 0, sizeof(err));
	return parse_command_line(commands, argc, words, &line, &err);
}

static void runs(const char *text)
{
	if (parse(text) != PARSE_RUN)
		fail_msg("%s: %s", text, err.message);
}

static void fails(const char *text, const char *why, const char *attr)
{
	if (parse(text) != PARSE_ERROR)
		fail_msg("%s: it was taken", text);
	if (!strstr(err.message, why))
		fail_msg("%s: '%s' lacks '%s'", text, err.message, why);
	assert_string_equal(err.attr, attr);
	assert_int_equal(err.code, EXIT_USAGE);
}

static int teardown(void **state)
{
	(void)state;
	free(line.words);
	line.words = NULL;
	return 0;
}

/* VFs, namespace and settings as text: "eth0/3 -> blue: vlan=5". */
static const char *taken(void)
{
	static char text[2048];
	size_t n = 0;

	text[0] = 0;
	for (size_t i = 0; i < line.args.rest_count; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s ", line.args.rest[i]);
	if (line.command == &cmd_netns_attach)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "-> %s", line.args.words[1]);
	n += (size_t)snprintf(text + n, sizeof(text) - n, ":");
	for (size_t i = 0; i < line.args.setting_count; i++) {
		const struct setting *s = &line.args.settings[i];
		char value[VALUE_TEXT_MAX];

		value_format(&s->value, value, sizeof(value));
		n += (size_t)snprintf(text + n, sizeof(text) - n, " %s=%s",
			vf_type.attrs[s->attr].key, s->automatic ? "auto" : value);
	}
	return text;
}

static void takes(const char *text, const char *what)
{
	runs(text);
	assert_string_equal(taken(), what);
}

static void commands_of_netns(void **state)
{
	(void)state;
	runs("netns list");
	assert_ptr_equal(line.command, &cmd_netns_list);
	runs("netns show");
	assert_ptr_equal(line.command, &cmd_netns_list);
	runs("netns attach eth0/3 blue");
	assert_ptr_equal(line.command, &cmd_netns_attach);
	runs("netns detach eth0/3");
	assert_ptr_equal(line.command, &cmd_netns_detach);
	runs("repair");
	assert_ptr_equal(line.command, &cmd_repair);
	fails("netns", "netns needs a command", "");
	fails("netns atach eth0/3 blue", "netns has no command 'atach'", "");
	assert_string_equal(err.hint, "did you mean 'netns attach'?");
	fails("netns list blue", "unexpected 'blue'", "");
	fails("repair eth0", "unexpected 'eth0'", "");
	fails("repairs", "unknown object 'repairs'", "");
	assert_string_equal(err.hint, "did you mean 'repair'?");
}

/* The word in front of the settings is the namespace, all before that are VFs. */
static void words_of_attach(void **state)
{
	(void)state;
	takes("netns attach eth0/3 blue", "eth0/3 -> blue:");
	takes("netns attach eth0/0-2 eth1/all eth0v7 /run/netns/vm1",
		"eth0/0-2 eth1/all eth0v7 -> /run/netns/vm1:");
	takes("netns attach eth0/3 pid:4711 vlan 5 up", "eth0/3 -> pid:4711: vlan=5 up=on");
	takes("netns attach eth0/3 eth0/4 blue mac auto mtu 1450 down",
		"eth0/3 eth0/4 -> blue: mac=auto mtu=1450 up=off");
	takes("netns attach eth0/3 blue name net0 owner web-7",
		"eth0/3 -> blue: ifname=net0 lease=web-7");
	/* options anywhere */
	takes("netns attach --dry-run eth0/3 -j blue --force=in-use vlan 5",
		"eth0/3 -> blue: vlan=5");
	assert_true(line.options.dry_run && line.options.json);
	assert_int_equal(line.args.force, FORCE_IN_USE);
	/* a name may look like a key, where a name must be */
	takes("netns attach eth0/3 up", "eth0/3 -> up:");
	takes("netns attach vlan blue vlan 5", "vlan -> blue: vlan=5");
	takes("netns attach eth0/3 blue name vlan", "eth0/3 -> blue: ifname=vlan");
	takes("netns attach eth0/3 owner owner owner", "eth0/3 -> owner: lease=owner");
	/* all that is said is in the journal */
	runs("netns attach eth0/3 blue vlan 5");
	assert_int_equal(line.args.all_count, 4);
	fails("netns attach", "VF is missing", "");
	fails("netns attach eth0/3", "NETNS is missing", "");
	assert_string_equal(err.hint, "see 'sriovctl netns attach help'");
	fails("netns attach eth0/3 blue vlan", "needs a value: 0..4094", "vlan");
	fails("netns attach eth0/3 blue vlan 5 vlna 6", "a VF has no setting 'vlna'", "");
	assert_string_equal(err.hint, "did you mean 'vlan'?");
	fails("netns attach eth0/3 blue vlan 5 blue", "a VF has no setting 'blue'", "");
	fails("netns attach eth0/3 blue vlan 5 msix 4", "a VF has no setting 'msix'", "");
	fails("netns attach eth0/3 blue vlan 5 driver x", "a VF has no setting 'driver'", "");
}

static void empty_namespace(void **state)
{
	const char *const words[] = {"sriovctl", "netns", "attach", "eth0/3", "", NULL};

	(void)state;
	free(line.words);
	assert_int_equal(
		parse_command_line(commands, 5, (char *const *)(uintptr_t)words, &line, &err),
		PARSE_ERROR);
	assert_contains(err.message, "empty NETNS");
	assert_int_equal(err.code, EXIT_USAGE);
}

/* What a namespace may be called that is not there: what was meant? */
static void what_was_meant(void **state)
{
	static const struct {
		const char *text, *message, *hint;
	} rows[] = {
		{"netns attach eth0/3 blue vlna 5", "a VF has no setting 'vlna'", "'vlan'"},
		{"netns attach eth0/3 eth0/4 blue adress 192.0.2.1/24",
			"a VF has no setting 'adress'", "'address'"},
		{"netns attach eth0/3 vlan 100", "NETNS is missing", "attach help"},
		/* nothing like a key */
		{"netns attach eth0/3 blue", NULL, NULL},
		{"netns attach eth0/3 eth0/4 blue", NULL, NULL},
		{"netns attach eth0/3 blue red", NULL, NULL},
		{"netns attach eth0/3 blue vlan 5", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum parse_result result = parse(rows[i].text);
		bool meant;

		/* said at once, or when there is no such namespace */
		if (result == PARSE_ERROR) {
			meant = true;
		} else {
			error_set(&err, EXIT_NOT_FOUND, "there is no such namespace");
			meant = meant_setting(line.command, &line.args, &err);
		}
		if (meant != (rows[i].message != NULL))
			fail_msg("%s: %d, %s", rows[i].text, meant, err.message);
		if (!meant)
			continue;
		assert_contains(err.message, rows[i].message);
		assert_contains(err.hint, rows[i].hint);
		assert_int_equal(err.code, EXIT_USAGE);
	}
}

/* These may be several; all else is said once. */
static void given_twice(void **state)
{
	(void)state;
	takes("netns attach eth0/3 blue address 192.0.2.1/24 up address 2001:db8::1/64",
		"eth0/3 -> blue: addresses=192.0.2.1/24 up=on addresses=2001:db8::1/64");
	takes("netns attach eth0/3 blue gateway 192.0.2.254 gateway fe80::1",
		"eth0/3 -> blue: gateways=192.0.2.254 gateways=fe80::1");
	takes("netns attach eth0/3 blue owner c1 owner c1", "eth0/3 -> blue: lease=c1");
	fails("netns attach eth0/3 blue owner c1 owner c2", "given twice", "owner");
	fails("netns attach eth0/3 blue name a name b", "given twice", "name");
	fails("netns detach eth0/3 owner c1 owner c2", "given twice", "owner");
}

static void as_many_as_there_is_room_for(void **state)
{
	char text[2048];
	size_t n = (size_t)snprintf(text, sizeof(text), "netns attach eth0/3 blue");

	(void)state;
	for (unsigned i = 0; i < SETTINGS_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, " address 192.0.2.%u/24", i + 1);
	runs(text);
	assert_int_equal(line.args.setting_count, SETTINGS_MAX);
	snprintf(text + n, sizeof(text) - n, " address 192.0.2.200/24");
	fails(text, "more than 32 settings", "");
}

static void values(void **state)
{
	static const struct {
		const char *words, *attr;
	} wrong[] = {
		{"address 192.0.2.1", "address"},
		{"address 192.0.2.1/33", "address"},
		{"address 2001:db8::1", "address"},
		{"address 2001:db8::1/129", "address"},
		{"address 127.0.0.1/8", "address"},
		{"address 224.0.0.1/24", "address"},
		{"address 0.0.0.0/0", "address"},
		{"address ff02::1/64", "address"},
		{"address ::1/128", "address"},
		{"address blue", "address"},
		{"address 192.0.2.1/24,192.0.2.2/24", "address"},
		{"gateway 192.0.2.254/24", "gateway"},
		{"gateway 0.0.0.0", "gateway"},
		{"gateway blue", "gateway"},
		{"gateway ff02::2", "gateway"},
		{"owner \x01", "owner"},
		{"owner caf\xc3\xa9", "owner"},
		{"name a/b", "name"},
		{"name sixteen-bytes-xx", "name"},
		{"mtu 67", "mtu"},
		{"mac blue", "mac"},
	};
	char token[140] = "", text[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		snprintf(text, sizeof(text), "netns attach eth0/3 blue %s", wrong[i].words);
		fails(text, "wants ", wrong[i].attr);
	}
	/* any word of its owner's */
	runs("netns attach eth0/3 blue owner {\"id\":\"7/web\"},=;--x");
	assert_string_equal(line.args.settings[0].value.string, "{\"id\":\"7/web\"},=;--x");
	memset(token, 'x', 128);
	snprintf(text, sizeof(text), "netns detach eth0/3 owner %s", token);
	runs(text);
	memset(token, 'x', 129);
	snprintf(text, sizeof(text), "netns detach eth0/3 owner %s", token);
	fails(text, "1 to 128 printable characters", "owner");
}

static void words_of_detach(void **state)
{
	(void)state;
	takes("netns detach eth0/3 blue/net1 eth1/all", "eth0/3 blue/net1 eth1/all :");
	takes("netns detach eth0/3 owner web-7", "eth0/3 : lease=web-7");
	takes("netns detach owner", "owner :");
	fails("netns detach", "VF is missing", "");
	fails("netns detach eth0/3 owner", "needs a value: ID", "owner");
	fails("netns detach eth0/3 owner c1 vlan 5", "a VF has no setting 'vlan'", "");
	/* keys of attach are no keys here */
	takes("netns detach eth0/3 vlan up", "eth0/3 vlan up :");
}

/* What `vf set` knows has not grown. */
static void words_of_set(void **state)
{
	(void)state;
	fails("vf set eth0/3 vlan 5 owner c1", "a VF has no setting 'owner'", "");
	fails("vf set eth0/3 up address 192.0.2.1/24", "a VF has no setting 'address'", "");
	fails("vf set eth0/3 up gateway 192.0.2.1", "a VF has no setting 'gateway'", "");
	runs("vf set eth0/3 msix 4");
}

static void options(void **state)
{
	(void)state;
	runs("netns list --json --columns +driver --brief");
	runs("netns detach eth0/3 --dry-run --diff --timeout 5 --force");
	runs("repair --dry-run --json -q --lock-timeout 5");
	fails("netns list --dry-run", "does not go with 'netns list'", "");
	fails("repair --columns vf", "does not go with 'repair'", "");
	fails("--snapshot x repair", "a snapshot cannot be changed", "");
	runs("--snapshot x repair --dry-run");
	runs("--snapshot x netns list");
	fails("--snapshot x netns attach eth0/3 blue", "a snapshot cannot be changed", "");
}

#define TEST(f) cmocka_unit_test_teardown(f, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(commands_of_netns),
		TEST(words_of_attach),
		TEST(empty_namespace),
		TEST(what_was_meant),
		TEST(given_twice),
		TEST(as_many_as_there_is_room_for),
		TEST(values),
		TEST(words_of_detach),
		TEST(words_of_set),
		TEST(options),
	};

	return RUN(tests);
}
