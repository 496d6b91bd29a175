/* --filter and --sort, on records made by hand. */
#include "unit.h"

#include "core/choose.h"

enum {
	NAME,
	PF,
	COUNT,
	NODE,
	BYTES,
	RATE,
	ON,
	ID,
	ADDRESS,
	MAC,
	GUID,
	LINK,
	NAMES,
	PIDS,
	VLAN,
	ATTR_COUNT
};

struct thing {
	uint64_t known;
	const char *name, *pf;
	uint32_t count;
	int32_t node;
	uint64_t bytes;
	double rate;
	bool on;
	uint32_t id;
	struct bdf address;
	struct lladdr mac;
	uint64_t guid;
	uint32_t link;
	struct strings names;
	struct ints pids;
	uint32_t vlan;
};

static const char *const links[] = {"up", "no-carrier", "down", NULL};

#define ROW(i, k, h, t, field)                                                                     \
	[i] = {.key = (k), .heading = (h), .type = (t), .offset = offsetof(struct thing, field)}

static const struct attr attrs[ATTR_COUNT] = {
	ROW(NAME, "name", "NAME", VALUE_STRING, name),
	ROW(PF, "pf", "PF", VALUE_STRING, pf),
	[COUNT] = {.key = "count",
		.heading = "COUNT",
		.type = VALUE_UINT,
		.need = NEED_STATS,
		.offset = offsetof(struct thing, count)},
	[NODE] = {.key = "node",
		.heading = "NUMA",
		.type = VALUE_INT,
		.need = NEED_PLACE,
		.offset = offsetof(struct thing, node)},
	ROW(BYTES, "bytes", "RX-BYTES", VALUE_UINT64, bytes),
	ROW(RATE, "rate", "BIT/S", VALUE_REAL, rate),
	ROW(ON, "on", "ON", VALUE_BOOL, on),
	ROW(ID, "id", "ID", VALUE_HEX, id),
	ROW(ADDRESS, "bdf", "BDF", VALUE_BDF, address),
	ROW(MAC, "mac", "MAC", VALUE_LLADDR, mac),
	ROW(GUID, "guid", "GUID", VALUE_GUID, guid),
	[LINK] = {.key = "link",
		.heading = "LINK",
		.type = VALUE_ENUM,
		.offset = offsetof(struct thing, link),
		.names = links},
	ROW(NAMES, "names", "NAMES", VALUE_STRINGS, names),
	ROW(PIDS, "pids", "PIDS", VALUE_INTS, pids),
	[VLAN] = {.key = "vlan",
		.heading = "VLAN",
		.type = VALUE_UINT,
		.flags = ATTR_NONZERO,
		.offset = offsetof(struct thing, vlan)},
};

static const struct record_type type = {
	"thing", attrs, ATTR_COUNT, offsetof(struct thing, known), "thing list"};

static struct thing things[6];
static const void *records[6];
static struct choosing c;
static struct error err;

#define ALL ((1U << ATTR_COUNT) - 1)
#define EMPTY 5 /* the last one: its name alone is known */

static int setup(void **state)
{
	static const char *const names[] = {
		"eth0/10", "eth0/9", "eth0/9a", "eth1/0", "Eth1/0", "eth0/009"};
	static const char *lists[][2] = {
		{"192.0.2.1/24", "2001:db8::1/64"}, {"192.0.2.2/24", NULL}};
	static int32_t pids[] = {4711, 12, 7};

	(void)state;
	memset(things, 0, sizeof(things));
	for (size_t i = 0; i < ARRAY_SIZE(things); i++) {
		struct thing *t = &things[i];

		t->known = i == EMPTY ? 1U << NAME : ALL;
		t->name = names[i];
		t->pf = i < 3 ? "eth0" : i == 3 ? "eth1" : "";
		t->count = (uint32_t)i % 3;
		t->node = (int32_t)i - 1;
		t->bytes = 18446744073709551615U - i;
		t->rate = i * 0.1;
		t->on = i % 2;
		t->vlan = i % 2 ? 100 : 0;
		t->id = 0x10c9 + (uint32_t)i;
		t->address = (struct bdf){(uint32_t)(i == 1), 0x21, (uint8_t)(0x80 - i)};
		t->mac = (struct lladdr){6, {0x52, 0x54, 0, 0, 0, (uint8_t)(0xa0 + 8 * i)}};
		t->guid = 0xf0 - i;
		t->link = (uint32_t)i % 3;
		t->names = (struct strings){i < 2 ? lists[i] : NULL, i < 2 ? 2 - i : 0};
		t->pids = (struct ints){pids + i, i < 3 ? 3 - i : 0};
	}
	memset(&err, 0, sizeof(err));
	return 0;
}

/* "013": which of them, in this order */
static const char *left(const char *sort, const char *filter)
{
	static char text[8];
	bool seen[ARRAY_SIZE(things)] = {0};
	size_t count;

	for (size_t i = 0; i < ARRAY_SIZE(things); i++)
		records[i] = &things[i];
	if (choose_parse(&type, sort, filter, &c, &err) < 0)
		fail_msg("%s, %s: %s", sort, filter, err.message);
	count = choose_records(&c, records, ARRAY_SIZE(things));
	for (size_t i = 0; i < ARRAY_SIZE(things); i++) {
		size_t at = (size_t)((const struct thing *)records[i] - things);

		assert_false(seen[at]); /* none is lost, none is there twice */
		seen[at] = true;
		text[i] = (char)('0' + at);
	}
	text[count] = 0;
	return text;
}

struct row {
	const char *what, *left;
};

static void try_filters(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(left(NULL, rows[i].what), rows[i].left) != 0)
			fail_msg("%s: %s, not %s", rows[i].what, left(NULL, rows[i].what),
				rows[i].left);
}

static void try_sorts(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(left(rows[i].what, NULL), rows[i].left) != 0)
			fail_msg("%s: %s, not %s", rows[i].what, left(rows[i].what, NULL),
				rows[i].left);
}

static void texts(void **state)
{
	static const struct row rows[] = {
		{"name=eth0/10", "0"},
		{"name=eth0/9*", "12"},
		{"name=eth0*", "0125"}, /* a slash is a letter like others */
		{"name=*/0", "34"},
		{"name=eth1/?", "3"},
		{"name=[eE]th1/0", "34"},
		{"name=nonesuch", ""},
		{"name!=eth0/*", "34"},
		{"pf=eth0", "012"},
		{"pf!=eth0", "34"}, /* not the unknown one */
		{"pf=", "45"},
		{"pf!=", "0123"},
		{"NAME=eth0/10", "0"},
		{"id=0x10c9", "0"},
		{"id=0X10CA", "1"},
		{"id=0x10c?", "01234"},
		{"bdf=0000:21:10.0", "0"},
		{"bdf=21:10.0", "0"},
		{"bdf=0001:*", "1"},
		{"bdf!=0001:*", "0234"},
		{"mac=52:54:00:00:00:a0", "0"},
		{"mac=52:54:00:00:00:A8", "1"},
		{"guid=*:f0", "0"},
		{"mac=", "5"},
	};

	(void)state;
	try_filters(rows, ARRAY_SIZE(rows));
}

static void numbers(void **state)
{
	static const struct row rows[] = {
		{"count=1", "14"},
		{"count!=1", "023"},
		{"count>0", "124"},
		{"count>=1,count<2", "14"},
		{"count<=0", "03"},
		{"count=", "5"},
		{"count!=", "01234"},
		{"vlan=0", "024"},
		{"vlan!=0", "13"},
		{"vlan=", "0245"}, /* 0 is none */
		{"vlan!=", "13"},
		{"vlan<100", "024"},
		{"node=-1", "0"},
		{"node<0", "0"},
		{"node>=-0.5", "1234"},
		{"NUMA=0", "1"},
		{"rate=0.3", ""}, /* 3 * 0.1 is not 0.3 */
		{"rate>0.29", "34"},
		{"rate<=0.1", "01"},
		{"count<1k", "01234"},
		{"bytes>1G", "01234"},
		{"bytes<20000000000.5G", "01234"},
		{"count<0.001k", "03"},
		{"count=0.002K", "2"},
		{"count<0.000002M", "0134"},
		{"count<0.000000002G", "0134"},
	};

	(void)state;
	things[4].count = 1;
	try_filters(rows, ARRAY_SIZE(rows));
	/* all of their 64 bits, where the machine has a type for that */
	if (sizeof(long double) > sizeof(double)) {
		assert_string_equal(left(NULL, "bytes=18446744073709551613"), "2");
		assert_string_equal(left(NULL, "bytes>18446744073709551613"), "01");
	}
}

static void words(void **state)
{
	static const struct row rows[] = {
		{"on=on", "13"},
		{"on=off", "024"},
		{"on!=on", "024"},
		{"on=", "5"},
		{"link=up", "03"},
		{"link!=up", "124"},
		{"link=*o*", "124"},
		{"link!=", "01234"},
	};

	(void)state;
	try_filters(rows, ARRAY_SIZE(rows));
}

static void lists(void **state)
{
	static const struct row rows[] = {
		{"names=192.0.2.1/24", "0"},
		{"names=2001:db8::*", "0"},
		{"names=192.0.2.*", "01"},
		{"names!=2001:*", "1234"}, /* an empty list is known */
		{"names=", "2345"},
		{"names!=", "01"},
		{"pids=12", "01"},
		{"pids>1000", "0"},
		{"pids<10", "012"},
		{"pids!=12", "234"},
		{"pids=", "345"},
		{"pids!=", "012"},
	};

	(void)state;
	try_filters(rows, ARRAY_SIZE(rows));
}

static void several(void **state)
{
	static const struct row rows[] = {
		{"pf=eth0,link=up", "0"},
		{"pf=eth0,count>0,on=on", "1"},
		{"pf=eth0,pf=eth1", ""},
		{"pf=,name=eth0*", "5"},
		{"count=,pf=eth0", ""},
		{"name=,pf=", ""},
	};

	(void)state;
	try_filters(rows, ARRAY_SIZE(rows));
	assert_string_equal(left(NULL, NULL), "012345");
	assert_string_equal(left("-count", "pf=eth0,link!=down"), "01");
}

static void sorted(void **state)
{
	static const struct row rows[] = {
		{"name", "415203"},
		{"-name", "302154"},
		{"count", "214035"}, /* alike: as they were; unknown: last */
		{"-count", "031425"},
		{"node", "432105"},
		{"bytes", "012345"},
		{"-bytes", "432105"},
		{"rate", "432105"},
		{"-rate", "012345"},
		{"on", "024135"},
		{"id", "012345"},
		{"bdf", "432015"},
		{"mac", "012345"},
		{"guid", "432105"},
		{"link", "214035"}, /* a to z, not as the kernel counts them */
		{"pf", "401235"},
		{"-pf", "301245"},
		{"names", "234015"},
		{"count,on", "241035"},
		{"on,-count,name", "042315"},
		{"NUMA", "432105"},
		{"on,on", "024135"},
	};

	(void)state;
	/* their numbers are compared as such where they are: 9 before 10, 009 is 9 */
	try_sorts(rows, ARRAY_SIZE(rows));
}

static void natural(void **state)
{
	static const char *const order[] = {"", "0", "a", "a0", "a1", "a1b", "a1b2", "a1b10", "a2",
		"a10", "a10.9", "a10.10", "a99999999999999999999", "a100000000000000000000", "aa",
		"b", "\303\244"};
	static const char *const alike[] = {"a7/0", "a007/0", "a7/000"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		for (size_t j = 0; j < ARRAY_SIZE(order); j++) {
			struct value a = value_string(order[i]), b = value_string(order[j]);
			int cmp = value_order(&a, &b);

			if ((cmp > 0) - (cmp < 0) != (i > j) - (i < j))
				fail_msg("'%s' '%s': %d", order[i], order[j], cmp);
		}
	for (size_t i = 0; i < ARRAY_SIZE(alike); i++)
		for (size_t j = 0; j < ARRAY_SIZE(alike); j++) {
			struct value a = value_string(alike[i]), b = value_string(alike[j]);

			assert_int_equal(value_order(&a, &b), 0);
		}
}

static void needs(void **state)
{
	(void)state;
	assert_int_equal(choose_parse(&type, NULL, NULL, &c, &err), 0);
	assert_int_equal(c.needs, 0);
	assert_int_equal(choose_parse(&type, "name,-count", "pf=x", &c, &err), 0);
	assert_int_equal(c.needs, NEED_STATS);
	assert_int_equal(choose_parse(&type, "node", "count=", &c, &err), 0);
	assert_int_equal(c.needs, NEED_STATS | NEED_PLACE);
}

static void wrong(void **state)
{
	static const struct {
		const char *sort, *filter, *message, *hint;
	} rows[] = {
		{"nonesuch", NULL, "no column 'nonesuch'", "help"},
		{"conut", NULL, "no column 'conut'", "did you mean 'count'?"},
		{"count,", NULL, "no column ''", ""},
		{"", NULL, "no column ''", ""},
		{"-", NULL, "no column ''", ""},
		{"--count", NULL, "no column '-count'", "did you mean 'count'?"},
		{"count=1", NULL, "no column 'count=1'", ""},
		{NULL, "conut=1", "no column 'conut'", "did you mean 'count'?"},
		{NULL, "=1", "no column ''", ""},
		{NULL, "", "a filter is KEY=VALUE, not ''", "compare"},
		{NULL, "count", "a filter is KEY=VALUE, not 'count'", "compare"},
		{NULL, "count,pf=eth0", "a filter is KEY=VALUE, not 'count'", "compare"},
		{NULL, "pf=eth0,", "a filter is KEY=VALUE, not ''", "compare"},
		{NULL, "count!", "a filter is KEY=VALUE, not 'count'", "compare"},
		{NULL, "name<eth1", "name is no number: '<' cannot be asked of it", "name=..."},
		{NULL, "bdf>=21:00.0", "bdf is no number: '>=' cannot be asked of it", "bdf!="},
		{NULL, "link>up", "link is no number: '>' cannot be asked of it", ""},
		{NULL, "on<=on", "on is no number: '<=' cannot be asked of it", ""},
		{NULL, "count=x", "count is a number, not 'x'", "2.5k"},
		{NULL, "count>", "count is a number, not ''", ""},
		{NULL, "count=1x", "count is a number, not '1x'", ""},
		{NULL, "count=1kk", "count is a number, not '1kk'", ""},
		{NULL, "count=k", "count is a number, not 'k'", ""},
		{NULL, "count=1.", "count is a number, not '1.'", ""},
		{NULL, "count=.5", "count is a number, not '.5'", ""},
		{NULL, "count==1", "count is a number, not '=1'", ""},
		{NULL, "count=0x10", "count is a number, not '0x10'", ""},
		{NULL, "count=nan", "count is a number, not 'nan'", ""},
		{NULL, "count=- 1", "count is a number, not '- 1'", ""},
		{NULL, "pids=many", "pids is a number, not 'many'", ""},
		{NULL, "on=true", "on is never 'true'", "on, off"},
		{NULL, "link=dwon", "link is never 'dwon'", "did you mean 'down'?"},
		{NULL, "link=UP", "link is never 'UP'", "up, no-carrier, down"},
	};
	char text[700];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		memset(&err, 0, sizeof(err));
		assert_int_equal(choose_parse(&type, rows[i].sort, rows[i].filter, &c, &err), -1);
		assert_int_equal(err.code, EXIT_USAGE);
		assert_string_equal(err.message, rows[i].message);
		assert_contains(err.hint, rows[i].hint);
	}
	/* too much */
	memset(text, 'x', sizeof(text));
	memcpy(text, "pf=", 3);
	text[3 + PATTERN_SIZE] = 0;
	assert_int_equal(choose_parse(&type, NULL, text, &c, &err), -1);
	text[3 + PATTERN_SIZE - 1] = 0;
	assert_int_equal(choose_parse(&type, NULL, text, &c, &err), 0);
	memset(text, 'x', 300);
	memcpy(text + 300, "=", 2);
	assert_int_equal(choose_parse(&type, NULL, text, &c, &err), -1);
	text[0] = 0;
	for (size_t i = 0; i < CONDITIONS_MAX; i++)
		strcat(text, i ? ",pf=x" : "pf=x");
	assert_int_equal(choose_parse(&type, NULL, text, &c, &err), 0);
	strcat(text, ",pf=x");
	assert_int_equal(choose_parse(&type, NULL, text, &c, &err), -1);
	assert_contains(err.message, "more than 32");
	text[0] = 0;
	for (size_t i = 0; i < SORT_KEYS_MAX; i++)
		strcat(text, i ? ",pf" : "pf");
	assert_int_equal(choose_parse(&type, text, NULL, &c, &err), 0);
	strcat(text, ",pf");
	assert_int_equal(choose_parse(&type, text, NULL, &c, &err), -1);
}

static void none(void **state)
{
	const void *nothing[1] = {NULL};

	(void)state;
	assert_int_equal(choose_parse(&type, "name", "pf=x", &c, &err), 0);
	assert_int_equal(choose_records(&c, nothing, 0), 0);
	assert_int_equal(choose_records(&c, NULL, 0), 0);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(texts),
		TEST(numbers),
		TEST(words),
		TEST(lists),
		TEST(several),
		TEST(sorted),
		TEST(natural),
		TEST(needs),
		TEST(wrong),
		TEST(none),
	};

	return RUN(tests);
}
