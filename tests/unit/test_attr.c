#include "unit.h"

#include "core/lease.h"
#include "core/link.h"
#include "core/pf.h"
#include "core/vf.h"

/* Keys are JSON keys and keywords; headings go with --columns. */
static void check_table(const struct record_type *type)
{
	for (size_t i = 0; i < type->count; i++) {
		const struct attr *a = &type->attrs[i];

		if (!a->key || !a->heading || !a->help)
			fail_msg("%s row %zu is incomplete", type->name, i);
		assert_true(a->key[0] >= 'a' && a->key[0] <= 'z');
		assert_int_equal(
			strspn(a->key, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(a->key));
		assert_int_equal(strspn(a->heading, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"),
			strlen(a->heading));
		if ((a->type == VALUE_ENUM) != (a->names != NULL))
			fail_msg("%s: names and type do not agree", a->key);
		assert_ptr_equal(attr_find(type, a->key), a); /* so the key is the only one */
		for (size_t j = 0; j < i; j++)
			if (strcmp(type->attrs[j].heading, a->heading) == 0)
				fail_msg("%s: two rows are headed %s", type->name, a->heading);
		/* a brief list is a part of the usual one */
		if (a->flags & ATTR_BRIEF)
			assert_true(a->flags & ATTR_LIST);
		if (a->flags & ATTR_STATS)
			assert_true(a->need & NEED_STATS);
		if (a->flags & ATTR_KEEP)
			assert_false(a->flags & ATTR_STATS);
		/* what belongs to settings makes no sense elsewhere */
		if (a->keyword || a->off || a->min || a->max ||
			a->flags &
				(ATTR_AUTO | ATTR_KEEP | ATTR_REBINDS | ATTR_PREFIX | ATTR_TOKEN))
			assert_true(a->flags & (ATTR_SET | ATTR_LEND));
		/* whatever the PF sets of a VF can be set when it is handed over as well */
		if (type == &vf_type && a->flags & ATTR_KEEP)
			assert_true(a->flags & ATTR_SET && a->flags & ATTR_LEND);
		if (a->flags & ATTR_TOKEN)
			assert_int_equal(a->type, VALUE_STRING);
		if (a->flags & ATTR_PREFIX)
			assert_int_equal(a->type, VALUE_STRINGS);
		if (a->off)
			assert_int_equal(a->type, VALUE_BOOL);
		if (a->min || a->max)
			assert_true(a->type == VALUE_UINT && a->min < a->max);
		/* a number that can be set has a limit, or is a rate */
		if (a->flags & ATTR_SET && a->type == VALUE_UINT)
			assert_true(a->max || a->unit);
		if (a->flags & ATTR_COSTLY)
			assert_false(a->flags & ATTR_STATS);
	}
	assert_null(attr_find(type, "nonesuch"));
	assert_null(attr_find(type, ""));
}

static void tables_are_complete(void **state)
{
	(void)state;
	assert_int_equal(pf_type.count, PF_ATTR_COUNT);
	assert_int_equal(vf_type.count, VF_ATTR_COUNT);
	assert_int_equal(lent_type.count, LENT_ATTR_COUNT);
	assert_true(PF_ATTR_COUNT <= 64 && VF_ATTR_COUNT <= 64); /* bits of `known` */
	check_table(&pf_type);
	check_table(&vf_type);
	check_table(&lent_type);
}

/* `ip link` users type these. */
static void keywords_are_ip_links(void **state)
{
	static const char *const words[] = {"mac", "vlan", "qos", "proto", "max_tx_rate",
		"min_tx_rate", "spoofchk", "trust", "state", "query_rss", "node_guid", "port_guid"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const struct attr *a = attr_find(&vf_type, words[i]);

		assert_non_null(a);
		assert_true(a->flags & ATTR_KEEP); /* and survive a resize */
	}
}

static struct value get(const struct vf *vf, enum vf_attr attr)
{
	return attr_get(&vf_type, attr, vf);
}

static const char *text(const struct vf *vf, enum vf_attr attr)
{
	static char out[VALUE_TEXT_MAX];
	struct value v = get(vf, attr);

	value_format(&v, out, sizeof(out));
	return out;
}

static void formats_every_type(void **state)
{
	const char *names[] = {"a", "bc", "d"};
	struct vf vf = {
		.known = ~UINT64_C(0),
		.name = "eth0/3",
		.index = 3,
		.bdf = {0x10000, 0x21, 0x85},
		.link = LINK_NO_CARRIER,
		.mac = {6, {0x52, 0x54, 0, 0xab, 0xcd, 0xef}},
		.vlan = 4094,
		.proto = VF_PROTO_8021AD,
		.max_tx_rate = UINT32_MAX,
		.spoofchk = true,
		.state = VF_STATE_DISABLE,
		.node_guid = UINT64_C(0x0011223344556677),
		.port_guid = UINT64_C(0xfedcba9876543210),
		.numa_node = -1,
		.ifindex = 7,
		.altnames = {names, 3},
		.if_mac = {20,
			{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}},
		.rx_bytes = UINT64_MAX,
	};
	struct pf pf = {.known = ~UINT64_C(0), .vendor_id = 0x8086, .device_id = 0x1};
	struct value v;
	char out[32];

	(void)state;
	assert_string_equal(text(&vf, VF_NAME), "eth0/3");
	assert_string_equal(text(&vf, VF_INDEX), "3");
	assert_string_equal(text(&vf, VF_BDF), "10000:21:10.5");
	assert_string_equal(text(&vf, VF_LINK), "no-carrier");
	assert_string_equal(text(&vf, VF_MAC), "52:54:00:ab:cd:ef");
	assert_string_equal(text(&vf, VF_VLAN), "4094");
	assert_string_equal(text(&vf, VF_PROTO), "802.1ad");
	assert_string_equal(text(&vf, VF_MAX_TX_RATE), "4294967295");
	assert_string_equal(text(&vf, VF_SPOOFCHK), "on");
	assert_string_equal(text(&vf, VF_TRUST), "off");
	assert_string_equal(text(&vf, VF_STATE), "disable");
	assert_string_equal(text(&vf, VF_NODE_GUID), "00:11:22:33:44:55:66:77");
	assert_string_equal(text(&vf, VF_PORT_GUID), "fe:dc:ba:98:76:54:32:10");
	assert_string_equal(text(&vf, VF_NUMA_NODE), "-1");
	assert_string_equal(text(&vf, VF_ALTNAMES), "a,bc,d");
	assert_string_equal(text(&vf, VF_IF_MAC),
		"01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f:10:11:12:13:14");
	assert_string_equal(text(&vf, VF_RX_BYTES), "18446744073709551615");
	v = attr_get(&pf_type, PF_VENDOR_ID, &pf);
	value_format(&v, out, sizeof(out));
	assert_string_equal(out, "0x8086");
	v = attr_get(&pf_type, PF_DEVICE_ID, &pf);
	value_format(&v, out, sizeof(out));
	assert_string_equal(out, "0x0001");
}

static void unknown_is_blank(void **state)
{
	struct vf vf = {.vlan = 5, .spoofchk = true};

	(void)state;
	for (unsigned a = 0; a < VF_ATTR_COUNT; a++) {
		assert_false(get(&vf, a).known);
		assert_string_equal(text(&vf, a), "");
	}
	/* each row looks at its own bit */
	for (unsigned a = 0; a < VF_ATTR_COUNT; a++) {
		vf.known = VF_BIT(a);
		for (unsigned b = 0; b < VF_ATTR_COUNT; b++)
			assert_int_equal(get(&vf, b).known, a == b);
	}
}

/* Small buffers: terminated, cut, never beyond the end (the sanitizer watches). */
static void format_fits(void **state)
{
	const char *names[] = {"first", "second", "third"};
	const struct strings list = {names, 3};
	const struct value values[] = {
		value_string("a string"),
		value_uint(UINT64_MAX),
		value_bool(true),
		{.known = true, .type = VALUE_STRINGS, .strings = &list},
		{.known = true, .type = VALUE_GUID, .uint = 1},
		{.known = true, .type = VALUE_HEX, .uint = 0x8086},
		{.known = true, .type = VALUE_INT, .num = -1},
		{.known = true, .type = VALUE_BDF, .bdf = {1, 2, 3}},
		{.known = true, .type = VALUE_LLADDR, .lladdr = {32, {1}}},
		{.known = true, .type = VALUE_ENUM, .uint = 1, .name = "enable"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		char whole[VALUE_TEXT_MAX];

		value_format(&values[i], whole, sizeof(whole));
		for (size_t size = 1; size < 40; size++) {
			cleanup_free char *out = malloc(size);

			value_format(&values[i], out, size);
			assert_true(strnlen(out, size) < size);
			assert_memory_equal(out, whole, strlen(out));
		}
	}
}

static void parses_addresses(void **state)
{
	static const char *const good[] = {"52:54:00:00:00:01", "00:00:00:00:00:00",
		"ff:FF:aB:cD:ef:01", "80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:a1:b2:c3"};
	static const char *const bad[] = {"", ":", "52", "52:54:00:00:00", "52:54:00:00:00:0",
		"52:54:00:00:00:1", "52:54:00:00:00:01:", "52:54:00:00:00:01:02",
		":52:54:00:00:00:01", "52-54-00-00-00-01", "525400000001", "52:54:00:00:00:0g",
		"52:54:00:00:00:0x", "0x:54:00:00:00:01", " 52:54:00:00:00:01",
		"52:54:00:00:00:01 ", "5:54:00:00:00:01", "52::00:00:00:01", "-1:54:00:00:00:01",
		"00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00",
		("00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
		 "00:00:00:00:00:00:00:00")};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct value v = {.known = true, .type = VALUE_LLADDR};
		char out[VALUE_TEXT_MAX];

		assert_true(lladdr_parse(good[i], &v.lladdr));
		value_format(&v, out, sizeof(out));
		assert_int_equal(strcasecmp(out, good[i]), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct lladdr a = {.len = 99};

		if (lladdr_parse(bad[i], &a))
			fail_msg("'%s' is none", bad[i]);
		assert_int_equal(a.len, 99);
	}
}

/* What attr_get() takes out, attr_set() puts in, with its bit and no other. */
static void sets_every_type(void **state)
{
	static const char *names[] = {"a"};
	const struct vf from = {.known = ~UINT64_C(0),
		.name = "eth0/3",
		.pf = "eth0",
		.index = 3,
		.bdf = {1, 2, 3},
		.pf_bdf = {1, 2, 0},
		.driver = "igbvf",
		.driver_override = "vfio-pci",
		.ifname = "eth0v3",
		.netns = "blue",
		.link = LINK_UP,
		.up = true,
		.mac = {6, {1, 2, 3, 4, 5, 6}},
		.if_mac = {20, {9, 8, 7}},
		.vlan = 4094,
		.proto = VF_PROTO_8021AD,
		.max_tx_rate = UINT32_MAX,
		.spoofchk = true,
		.trust = true,
		.state = VF_STATE_DISABLE,
		.node_guid = UINT64_MAX,
		.numa_node = -1,
		.vfio = "/dev/vfio/1",
		.msix = 8,
		.altnames = {names, 1},
		.holders = {names, 1},
		.representor = "r",
		.devlink_port = "d",
		.rdma_device = "m",
		.lease = "l",
		.rx_bytes = UINT64_MAX};

	(void)state;
	for (unsigned a = 0; a < VF_ATTR_COUNT; a++) {
		struct vf vf = {.known = 0}, rest;
		struct value v = get(&from, a), w;

		attr_set(&vf_type, a, &vf, &v);
		assert_true(vf.known == VF_BIT(a));
		w = get(&vf, a);
		if (!value_equal(&v, &w))
			fail_msg("%s", vf_type.attrs[a].key);
		/* and nothing beyond its field */
		rest = (struct vf){.known = ~UINT64_C(0)};
		for (unsigned b = 0; b < VF_ATTR_COUNT; b++) {
			bool string = vf_type.attrs[b].type == VALUE_STRING;
			struct value x, y;

			vf.known = ~UINT64_C(0);
			x = get(&vf, b);
			y = get(&rest, b);
			if (b != a && (string ? x.string != y.string : !value_equal(&x, &y)))
				fail_msg("%s changed %s", vf_type.attrs[a].key,
					vf_type.attrs[b].key);
		}
	}
}

static void zero(void **state)
{
	const char *names[] = {"a"};
	struct vf vf = {.known = ~UINT64_C(0), .driver = "", .mac = {.len = 6}};
	/* no type but a PCI address lacks a "nothing set" */
	static const enum vf_attr attrs[] = {VF_DRIVER, VF_MAC, VF_VLAN, VF_PROTO, VF_SPOOFCHK,
		VF_STATE, VF_NODE_GUID, VF_NUMA_NODE, VF_ALTNAMES, VF_RX_BYTES};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++) {
		struct value v = get(&vf, attrs[i]);

		if (!value_is_zero(&v))
			fail_msg("%s is zero", vf_type.attrs[attrs[i]].key);
	}
	vf.driver = "igbvf";
	vf.mac.bytes[5] = 1;
	vf.vlan = vf.proto = vf.state = 1;
	vf.spoofchk = true;
	vf.node_guid = UINT64_C(1) << 63;
	vf.numa_node = -1;
	vf.altnames = (struct strings){names, 1};
	vf.rx_bytes = UINT64_C(1) << 32;
	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++) {
		struct value v = get(&vf, attrs[i]);

		if (value_is_zero(&v))
			fail_msg("%s is not zero", vf_type.attrs[attrs[i]].key);
	}
}

static void equal(void **state)
{
	struct value a = value_uint(1), b = value_uint(1), c = value_uint(2);
	struct value unknown = {.type = VALUE_UINT}, unknown2 = {.type = VALUE_UINT, .uint = 1};
	struct value yes = value_bool(true), no = value_bool(false);
	struct value s = value_string("x"), t = value_string("x"), u = value_string(NULL);
	struct lladdr l = {6, {1, 2, 3, 4, 5, 6}}, m = l, n = {20, {1, 2, 3, 4, 5, 6}};

	(void)state;
	assert_true(value_equal(&a, &b));
	assert_false(value_equal(&a, &c));
	assert_false(value_equal(&a, &unknown2));
	assert_true(value_equal(&unknown, &unknown2));
	assert_false(value_equal(&yes, &no));
	assert_false(value_equal(&a, &yes));
	assert_true(value_equal(&s, &t));
	assert_false(u.known);
	assert_false(value_equal(&s, &u));
	assert_true(lladdr_equal(&l, &m));
	assert_false(lladdr_equal(&l, &n));
	m.bytes[5] = 7;
	assert_false(lladdr_equal(&l, &m));
	m = l;
	m.bytes[20] = 1; /* beyond its length */
	assert_true(lladdr_equal(&l, &m));
}

/* What a table cuts still counts. */
static void equal_compares_all(void **state)
{
	char x[800], y[800];
	const char *two[] = {"a", "b"}, *one[] = {"a,b"};
	struct strings list = {two, 2}, joined = {one, 1};
	struct value a, b;

	(void)state;
	memset(x, 'x', sizeof(x));
	x[sizeof(x) - 1] = 0;
	memcpy(y, x, sizeof(y));
	a = value_string(x);
	b = value_string(y);
	assert_true(value_equal(&a, &b));
	y[sizeof(y) - 2] = 'y';
	assert_false(value_equal(&a, &b));
	a = (struct value){.known = true, .type = VALUE_STRINGS, .strings = &list};
	b = (struct value){.known = true, .type = VALUE_STRINGS, .strings = &joined};
	assert_false(value_equal(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_are_complete),
		cmocka_unit_test(keywords_are_ip_links),
		cmocka_unit_test(formats_every_type),
		cmocka_unit_test(unknown_is_blank),
		cmocka_unit_test(format_fits),
		cmocka_unit_test(parses_addresses),
		cmocka_unit_test(sets_every_type),
		cmocka_unit_test(zero),
		cmocka_unit_test(equal),
		cmocka_unit_test(equal_compares_all),
	};

	return RUN(tests);
}
