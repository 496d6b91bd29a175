#include "unit.h"

#include "core/link.h"
#include "core/pf.h"
#include "core/vf.h"

static struct setting setting;
static struct error err;

static int parse(const struct record_type *type, const char *word, const char *text)
{
	const struct attr *row = attr_find_settable(type, word);

	if (!row)
		fail_msg("'%s' cannot be set", word);
	memset(&err, 0, sizeof(err));
	memset(&setting, 0, sizeof(setting));
	return attr_parse(row, text, &setting, &err);
}

/* Taken, and written out again it reads like `out`. */
static void takes(const char *word, const char *text, const char *out)
{
	char formatted[VALUE_TEXT_MAX];

	if (parse(&vf_type, word, text) < 0)
		fail_msg("%s %s: %s", word, text, err.message);
	assert_true(setting.value.known);
	assert_int_equal(setting.value.type, attr_find_settable(&vf_type, word)->type);
	assert_false(setting.automatic);
	value_format(&setting.value, formatted, sizeof(formatted));
	assert_string_equal(formatted, out);
}

static void refuses_of(
	const struct record_type *type, const char *word, const char *text, const char *why)
{
	if (parse(type, word, text) == 0)
		fail_msg("taken: %s %s", word, text);
	if (!strstr(err.message, why))
		fail_msg("%s '%s': '%s' lacks '%s'", word, text, err.message, why);
	assert_int_equal(err.code, EXIT_USAGE);
	assert_string_equal(err.object, "");
	assert_string_equal(err.attr, attr_keyword(attr_find_settable(type, word)));
}

static void refuses(const char *word, const char *text, const char *why)
{
	refuses_of(&vf_type, word, text, why);
}

/* Exactly these; what is only shown is no setting. */
static void settable(void **state)
{
	static const char *const vf_words[] = {"name", "up", "mac", "vlan", "qos", "proto",
		"max_tx_rate", "min_tx_rate", "spoofchk", "trust", "state", "query_rss",
		"node_guid", "port_guid", "msix", "mtu"};
	static const char *const pf_words[] = {"up", "mtu", "autoprobe"};
	size_t vf = 0, pf = 0;

	(void)state;
	for (size_t i = 0; i < VF_ATTR_COUNT; i++)
		vf += (vf_type.attrs[i].flags & ATTR_SET) != 0;
	for (size_t i = 0; i < PF_ATTR_COUNT; i++)
		pf += (pf_type.attrs[i].flags & ATTR_SET) != 0;
	assert_int_equal(vf, ARRAY_SIZE(vf_words));
	assert_int_equal(pf, ARRAY_SIZE(pf_words));
	for (size_t i = 0; i < ARRAY_SIZE(vf_words); i++) {
		const struct attr *a = attr_find_settable(&vf_type, vf_words[i]);

		assert_non_null(a);
		assert_string_equal(attr_keyword(a), vf_words[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(pf_words); i++)
		assert_non_null(attr_find_settable(&pf_type, pf_words[i]));
	assert_ptr_equal(attr_find_settable(&vf_type, "down"), &vf_type.attrs[VF_UP]);
	assert_ptr_equal(attr_find_settable(&pf_type, "down"), &pf_type.attrs[PF_UP]);
	assert_ptr_equal(attr_find_settable(&vf_type, "name"), &vf_type.attrs[VF_IFNAME]);
	assert_null(attr_find_settable(&vf_type, "ifname")); /* its column, not its keyword */
	assert_null(attr_find_settable(&vf_type, "driver"));
	assert_null(attr_find_settable(&vf_type, "MAC"));
	assert_null(attr_find_settable(&vf_type, ""));
	assert_null(attr_find_settable(&pf_type, "mac"));
	assert_null(attr_find_settable(&pf_type, "num_vfs"));
	/* what survives a change of the number of VFs can be set, and the other way round */
	for (size_t i = 0; i < VF_ATTR_COUNT; i++)
		if (vf_type.attrs[i].flags & ATTR_KEEP)
			assert_true(vf_type.attrs[i].flags & ATTR_SET);
}

static void syntax(void **state)
{
	static const struct {
		const char *word, *text;
	} rows[] = {{"mac", "MAC|auto"}, {"vlan", "0..4094"}, {"qos", "0..7"},
		{"proto", "802.1q|802.1ad"}, {"max_tx_rate", "MBIT|Ngbit"},
		{"min_tx_rate", "MBIT|Ngbit"}, {"spoofchk", "on|off"},
		{"state", "auto|enable|disable"}, {"node_guid", "GUID"}, {"port_guid", "GUID"},
		{"msix", "1..2048"}, {"mtu", "68..65535"}, {"name", "NAME"}, {"up", ""},
		{"down", ""}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct attr *row = attr_find_settable(&vf_type, rows[i].word);
		char out[80];

		attr_syntax(row, out, sizeof(out));
		assert_string_equal(out, rows[i].text);
		for (size_t size = 1; size < 24; size++) {
			cleanup_free char *small = malloc(size);

			attr_syntax(row, small, size);
			assert_true(strnlen(small, size) < size);
			assert_memory_equal(small, out, strlen(small));
		}
	}
}

static void numbers(void **state)
{
	static const struct {
		const char *word, *last, *beyond, *first, *below;
	} rows[] = {{"vlan", "4094", "4095", "0", NULL}, {"qos", "7", "8", "0", NULL},
		{"msix", "2048", "2049", "1", "0"}, {"mtu", "65535", "65536", "68", "67"}};
	static const char *const none[] = {"", "x", "-1", "+1", " 1", "1 ", "1.0", "0x10", "1e3",
		"18446744073709551616", "4294967296", "auto", "one"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		takes(rows[i].word, rows[i].last, rows[i].last);
		takes(rows[i].word, rows[i].first, rows[i].first);
		refuses(rows[i].word, rows[i].beyond, "a number from ");
		if (rows[i].below)
			refuses(rows[i].word, rows[i].below, "a number from ");
		for (size_t j = 0; j < ARRAY_SIZE(none); j++)
			refuses(rows[i].word, none[j], none[j]);
	}
	refuses("vlan", "4095", "a number from 0 to 4094, not '4095'");
	refuses_of(&pf_type, "mtu", "67", "a number from 68 to 65535");
}

static void rates(void **state)
{
	static const struct {
		const char *text, *mbit;
	} good[] = {{"0", "0"}, {"1", "1"}, {"100", "100"}, {"100mbit", "100"}, {"1000kbit", "1"},
		{"1gbit", "1000"}, {"2.5gbit", "2500"}, {"0.001gbit", "1"}, {"25gbit", "25000"},
		{"999999mbit", "999999"}, {"0.5gbit", "500"}, {"007", "7"}};
	static const char *const fractions[] = {
		"1kbit", "999kbit", "1500kbit", "0.5", "0.5mbit", "1.5mbit", "2.001mbit"};
	static const char *const bad[] = {"", "mbit", "gbit", ".", "1.", ".5", "-1", "+1", "1 mbit",
		"1Mbit", "1Gbit", "1mbits", "1m", "1g", "1bit", "1tbit", "1.5.5", "0x10", "1e3",
		"1,5gbit", "auto", "none", "2.0005gbit", "1 ", " 1",
		"99999999999999999999999999999999999999", "18446744073709551616"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		takes("max_tx_rate", good[i].text, good[i].mbit);
		takes("min_tx_rate", good[i].text, good[i].mbit);
	}
	for (size_t i = 0; i < ARRAY_SIZE(fractions); i++)
		refuses("max_tx_rate", fractions[i], "whole Mbit/s");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		refuses("min_tx_rate", bad[i], "Mbit/s");
}

/* All that the kernel's 32 bits hold, and nothing that wraps around in them. */
static void large_rates(void **state)
{
	static const char *const good[] = {
		"4294967295", "4294967295mbit", "4294967295000kbit", "4294967.295gbit"};
	static const char *const bad[] = {"4294967296", "4294967296mbit", "4294967296000kbit",
		"4294967.296gbit", "999999999999999gbit", "5000000gbit", "18446744073709551615",
		"18446744073710gbit", "4294968gbit"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		takes("max_tx_rate", good[i], "4294967295");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		refuses("max_tx_rate", bad[i], "Mbit/s");
}

static void switches(void **state)
{
	static const char *const words[] = {"spoofchk", "trust", "query_rss"};
	static const char *const bad[] = {
		"", "On", "ON", "1", "0", "yes", "no", "true", "onn", "o", "off "};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		takes(words[i], "on", "on");
		takes(words[i], "off", "off");
		for (size_t j = 0; j < ARRAY_SIZE(bad); j++)
			refuses(words[i], bad[j], "on or off");
	}
	assert_int_equal(parse(&pf_type, "autoprobe", "off"), 0);
	assert_false(setting.value.on);
	refuses_of(&pf_type, "autoprobe", "0", "on or off");
	/* the word is the value */
	takes("up", "up", "on");
	takes("down", "down", "off");
	assert_int_equal(parse(&pf_type, "down", "down"), 0);
	assert_false(setting.value.on);
	assert_int_equal(parse(&pf_type, "up", "up"), 0);
	assert_true(setting.value.on);
}

static void words_of_enums(void **state)
{
	static const char *const bad[] = {
		"", "0", "1", "8021q", "802.1Q", "802.1", "AUTO", "up", "enabled", "auto "};

	(void)state;
	takes("state", "auto", "auto");
	takes("state", "enable", "enable");
	takes("state", "disable", "disable");
	assert_int_equal(setting.value.uint, VF_STATE_DISABLE);
	takes("proto", "802.1q", "802.1q");
	takes("proto", "802.1ad", "802.1ad");
	assert_int_equal(setting.value.uint, VF_PROTO_8021AD);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		refuses("state", bad[i], "one of auto|enable|disable");
		if (strncmp(bad[i], "auto", 4) != 0)
			refuses("proto", bad[i], "one of 802.1q|802.1ad");
	}
}

static void addresses(void **state)
{
	(void)state;
	takes("mac", "52:54:00:12:34:56", "52:54:00:12:34:56");
	takes("mac", "AA:BB:CC:DD:EE:FF", "aa:bb:cc:dd:ee:ff");
	takes("mac", "00:00:00:00:00:01", "00:00:00:00:00:01");
	refuses("mac", "01:00:5e:00:00:01", "multicast");
	refuses("mac", "ff:ff:ff:ff:ff:ff", "multicast");
	refuses("mac", "00:00:00:00:00:00", "all-zero");
	assert_contains(err.hint, "vf reset");
	refuses("mac", "", "an address like");
	refuses("mac", "52:54:00:12:34", "an address like");
	refuses("mac", "52-54-00-12-34-56", "an address like");
	refuses("mac", "52:54:00:12:34:56:78", "an address like");
	refuses("mac", "random", "an address like");
	refuses("mac", "AUTO", "an address like");
	/* an InfiniBand address is none that can be set */
	refuses("mac", "80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:a1:b2:c3",
		"an address like");
	assert_int_equal(parse(&vf_type, "mac", "auto"), 0);
	assert_true(setting.automatic);
	refuses("node_guid", "auto", "a GUID"); /* nothing else is found by itself */
}

static void guids(void **state)
{
	static const char *const bad[] = {"", "00:11:22:33:44:55:66", "00:11:22:33:44:55:66:77:88",
		"00:11:22:33:44:55:66:7", "00:11:22:33:44:55:66:77:", "0011223344556677",
		"0x0011223344556677", "0011:2233:4455:6677", "00-11-22-33-44-55-66-77",
		"gg:11:22:33:44:55:66:77", "0x:11:22:33:44:55:66:77", " 0:11:22:33:44:55:66:77",
		"+1:11:22:33:44:55:66:77", "00:11:22:33:44:55:66:77 "};

	(void)state;
	takes("node_guid", "00:11:22:33:44:55:66:77", "00:11:22:33:44:55:66:77");
	assert_true(setting.value.uint == UINT64_C(0x0011223344556677));
	takes("port_guid", "FF:ff:FF:ff:FF:ff:FF:fe", "ff:ff:ff:ff:ff:ff:ff:fe");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		/* a copy that ends where the allocation does, for the address sanitizer */
		cleanup_free char *exact = strdup(bad[i]);

		refuses("node_guid", exact, "a GUID like");
	}
}

static void names(void **state)
{
	static const char *const good[] = {
		"a", "eth0", "fifteen-bytes-x", "0", "...", "a.b-c_d", "caf\xc3\xa9", "-"};
	static const char *const bad[] = {"", ".", "..", "sixteen-bytes-xx", "a/b", "/", "a b",
		" a", "a\t", "a\n", "eth%d", "%", "a:b", ":"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		takes("name", good[i], good[i]);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		refuses("name", bad[i], "an interface name");
}

/* Those that can be set only where a VF is handed over. */
static int parse_lent(enum vf_attr attr, const char *text)
{
	memset(&err, 0, sizeof(err));
	memset(&setting, 0, sizeof(setting));
	return attr_parse(&vf_type.attrs[attr], text, &setting, &err);
}

static void lent_ones(void **state)
{
	static const struct {
		enum vf_attr attr;
		const char *word, *syntax;
	} rows[] = {{VF_ADDRESSES, "address", "IP/PREFIX"}, {VF_GATEWAYS, "gateway", "IP"},
		{VF_LEASE, "owner", "ID"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct attr *row = &vf_type.attrs[rows[i].attr];
		char out[80];

		assert_string_equal(attr_keyword(row), rows[i].word);
		assert_true(attr_is_called(row, rows[i].word));
		assert_false(attr_is_called(row, row->key));
		assert_null(attr_find_settable(&vf_type, rows[i].word));
		attr_syntax(row, out, sizeof(out));
		assert_string_equal(out, rows[i].syntax);
	}
	assert_true(attr_is_called(&vf_type.attrs[VF_UP], "down"));
	assert_false(attr_is_called(&vf_type.attrs[VF_UP], ""));
}

/* One of a list, as a text; each is said for itself. */
static void ip_addresses(void **state)
{
	static const struct {
		const char *text;
		bool address, gateway;
	} rows[] = {
		{"192.0.2.1/24", true, false},
		{"192.0.2.1/32", true, false},
		{"2001:db8::1/64", true, false},
		{"fe80::1/64", true, false},
		{"192.0.2.1", false, true},
		{"2001:db8::1", false, true},
		{"fe80::1", false, true},
		{"192.0.2.1/33", false, false},
		{"192.0.2.1/", false, false},
		{"", false, false},
		{"/24", false, false},
		{"127.0.0.1", false, false},
		{"127.0.0.1/8", false, false},
		{"::", false, false},
		{"ff02::1", false, false},
		{"ff02::1/16", false, false},
		{"0.0.0.0", false, false},
		{"0.0.0.0/0", false, false},
		{"255.255.255.255", false, false},
		{"192.0.2.1,192.0.2.2", false, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if ((parse_lent(VF_ADDRESSES, rows[i].text) == 0) != rows[i].address)
			fail_msg("address %s", rows[i].text);
		if (rows[i].address) {
			assert_int_equal(setting.value.type, VALUE_STRING);
			assert_string_equal(setting.value.string, rows[i].text);
		} else {
			assert_contains(err.message, "192.0.2.1/24");
			assert_string_equal(err.attr, "address");
			assert_int_equal(err.code, EXIT_USAGE);
		}
		if ((parse_lent(VF_GATEWAYS, rows[i].text) == 0) != rows[i].gateway)
			fail_msg("gateway %s", rows[i].text);
		if (!rows[i].gateway)
			assert_string_equal(err.attr, "gateway");
	}
}

static void tokens(void **state)
{
	static const char *const good[] = {"x", "web-7", "a/b:c%d", "{\"id\":7}", "..", "-1"};
	static const char *const bad[] = {"", "a b", "a\tb", "caf\xc3\xa9", "a\n", "\x7f"};
	char text[130];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(parse_lent(VF_LEASE, good[i]), 0);
		assert_string_equal(setting.value.string, good[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(parse_lent(VF_LEASE, bad[i]), -1);
		assert_contains(err.message, "1 to 128 printable characters");
		assert_string_equal(err.attr, "owner");
	}
	memset(text, 'x', sizeof(text));
	text[128] = 0;
	assert_int_equal(parse_lent(VF_LEASE, text), 0);
	text[128] = 'x';
	text[129] = 0;
	assert_int_equal(parse_lent(VF_LEASE, text), -1);
}

/* However long the word is, the message is not. */
static void long_words(void **state)
{
	static const char *const words[] = {
		"vlan", "max_tx_rate", "spoofchk", "proto", "mac", "node_guid", "name", "msix"};
	char text[5000];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		for (const char *c = "9zf:."; *c; c++) {
			memset(text, *c, sizeof(text) - 1);
			text[sizeof(text) - 1] = 0;
			assert_int_equal(parse(&vf_type, words[i], text), -1);
			assert_int_equal(err.code, EXIT_USAGE);
			assert_true(strlen(err.message) < 250);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settable),
		cmocka_unit_test(syntax),
		cmocka_unit_test(numbers),
		cmocka_unit_test(rates),
		cmocka_unit_test(large_rates),
		cmocka_unit_test(switches),
		cmocka_unit_test(words_of_enums),
		cmocka_unit_test(addresses),
		cmocka_unit_test(guids),
		cmocka_unit_test(names),
		cmocka_unit_test(lent_ones),
		cmocka_unit_test(ip_addresses),
		cmocka_unit_test(tokens),
		cmocka_unit_test(long_words),
	};

	return RUN(tests);
}
