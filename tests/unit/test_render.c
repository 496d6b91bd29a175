/* Documents as they are written. */
#include "unit.h"

#include "policy/render.h"

#define HEAD "apiVersion: sriovctl/v1\nkind: SriovHost\n"

static const struct origin nowhere;

struct page {
	struct arena arena;
	struct draft draft;
	char *text;
};

static int setup(void **state)
{
	struct page *p = calloc(1, sizeof(*p));

	p->draft.arena = &p->arena;
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct page *p = *state;

	arena_free(&p->arena);
	free(p->text);
	free(p);
	return 0;
}

static struct draft_pf *pf_of(struct page *p, const char *name, uint32_t vfs)
{
	struct draft_pf *pf = draft_pf(&p->draft, name, nowhere);

	pf->has_count = true;
	pf->num_vfs = vfs;
	return pf;
}

static void say(
	struct page *p, struct draft_pf *pf, uint32_t index, enum vf_attr attr, const char *text)
{
	draft_vf(&p->draft, pf, index)->set[attr].text = arena_strdup(&p->arena, text);
}

static const char *written(struct page *p)
{
	struct error err = {0};
	size_t size;
	FILE *f;

	free(p->text);
	p->text = NULL;
	f = open_memstream(&p->text, &size);
	if (render(&p->draft, f, &err) < 0)
		fail_msg("%s", err.message);
	fclose(f);
	return p->text;
}

static void test_nothing(void **state)
{
	struct page *p = *state;

	assert_string_equal(written(p), HEAD "pfs: []\n");
	draft_pf(&p->draft, "eth0", nowhere);
	assert_string_equal(written(p), HEAD "pfs:\n- pf: eth0\n");
}

static void test_notes(void **state)
{
	struct page *p = *state;

	draft_note(&p->draft, "eth0/%d is elsewhere", 3);
	draft_note(&p->draft, "two\nlines");
	pf_of(p, "eth0", 0);
	assert_string_equal(written(p),
		"# eth0/3 is elsewhere\n# two\\x0alines\n" HEAD "pfs:\n- pf: eth0\n  vfs: 0\n");
}

static void test_pf_settings(void **state)
{
	struct page *p = *state;
	struct draft_pf *pf = pf_of(p, "ens1f0", 4);

	pf->set[PF_MTU].text = "9000";
	pf->set[PF_UP].text = "on";
	pf->set[PF_AUTOPROBE].text = "off";
	pf->eswitch.text = "legacy";
	pf_of(p, "0000:21:00.0", 2);
	pf_of(p, "pci/0000:21:00.1", 2);
	pf_of(p, "mac:52:54:00:12:34:56", 2);
	assert_string_equal(written(p), HEAD "pfs:\n"
					     "- pf: ens1f0\n"
					     "  vfs: 4\n"
					     "  up: on\n"
					     "  mtu: 9000\n"
					     "  autoprobe: off\n"
					     "  eswitch: legacy\n"
					     "- pf: \"0000:21:00.0\"\n"
					     "  vfs: 2\n"
					     "- pf: pci/0000:21:00.1\n"
					     "  vfs: 2\n"
					     "- pf: mac:52:54:00:12:34:56\n"
					     "  vfs: 2\n");
}

static void test_shared_by_all(void **state)
{
	struct page *p = *state;
	struct draft_pf *pf = pf_of(p, "eth0", 3);

	for (uint32_t i = 0; i < 3; i++) {
		say(p, pf, i, VF_SPOOFCHK, "on");
		say(p, pf, i, VF_MAC, i == 2 ? "52:54:00:00:00:02" : "52:54:00:aa:00:01");
	}
	say(p, pf, 1, VF_VLAN, "5");
	assert_string_equal(written(p), HEAD "pfs:\n"
					     "- pf: eth0\n"
					     "  vfs: 3\n"
					     "  vf:\n"
					     "    all: {spoofchk: on}\n"
					     "    0: {mac: 52:54:00:aa:00:01}\n"
					     "    1: {mac: 52:54:00:aa:00:01, vlan: 5}\n"
					     "    2: {mac: \"52:54:00:00:00:02\"}\n");
	/* not known how many there are: nothing is said of all */
	pf->has_count = false;
	assert_string_equal(written(p),
		HEAD "pfs:\n"
		     "- pf: eth0\n"
		     "  vf:\n"
		     "    0: {mac: 52:54:00:aa:00:01, spoofchk: on}\n"
		     "    1: {mac: 52:54:00:aa:00:01, vlan: 5, spoofchk: on}\n"
		     "    2: {mac: \"52:54:00:00:00:02\", spoofchk: on}\n");
}

/* What most have is said of all, and of the others what they have. */
static void test_most_of_them(void **state)
{
	struct page *p = *state;
	struct draft_pf *pf = pf_of(p, "eth0", 5);

	for (uint32_t i = 0; i < 5; i++) {
		say(p, pf, i, VF_TRUST, i == 3 ? "on" : "off");
		say(p, pf, i, VF_STATE, i % 2 ? "enable" : i ? "auto" : "disable");
		if (i)
			say(p, pf, i, VF_SPOOFCHK, "on");
	}
	assert_string_equal(written(p), HEAD "pfs:\n"
					     "- pf: eth0\n"
					     "  vfs: 5\n"
					     "  vf:\n"
					     "    all: {trust: off}\n"
					     "    0: {state: disable}\n"
					     "    1: {spoofchk: on, state: enable}\n"
					     "    2: {spoofchk: on, state: auto}\n"
					     "    3: {spoofchk: on, trust: on, state: enable}\n"
					     "    4: {spoofchk: on, state: auto}\n");
}

/* Those that are handed on have no interface, so what is said of all is not of it. */
static void test_all_but_those_handed_on(void **state)
{
	struct page *p = *state;
	struct draft_pf *pf = pf_of(p, "eth0", 4);

	for (uint32_t i = 0; i < 4; i++) {
		if (i == 1)
			say(p, pf, i, VF_DRIVER, "vfio-pci");
		else
			say(p, pf, i, VF_MTU, "9000");
	}
	assert_string_equal(written(p), HEAD "pfs:\n"
					     "- pf: eth0\n"
					     "  vfs: 4\n"
					     "  vf:\n"
					     "    all: {mtu: 9000}\n"
					     "    1: {driver: vfio-pci}\n");
	pf->vfs[1]->set[VF_DRIVER].text = "igbvf";
	assert_string_equal(written(p), HEAD "pfs:\n"
					     "- pf: eth0\n"
					     "  vfs: 4\n"
					     "  vf:\n"
					     "    0: {mtu: 9000}\n"
					     "    1: {driver: igbvf}\n"
					     "    2-3: {mtu: 9000}\n");
}

static void test_ranges(void **state)
{
	struct page *p = *state;
	struct draft_pf *pf = pf_of(p, "eth0", 16);

	for (uint32_t i = 0; i < 4; i++)
		say(p, pf, i, VF_DRIVER, "vfio-pci");
	for (uint32_t i = 0; i < 2; i++)
		say(p, pf, i, VF_MAC, i ? "52:54:00:aa:00:01" : "52:54:00:aa:00:00");
	say(p, pf, 6, VF_VLAN, "7");
	say(p, pf, 8, VF_VLAN, "7");
	say(p, pf, 9, VF_VLAN, "7");
	say(p, pf, 11, VF_MAC, "52:54:00:aa:00:0b");
	draft_vf(&p->draft, pf, 12);
	assert_string_equal(written(p), HEAD "pfs:\n"
					     "- pf: eth0\n"
					     "  vfs: 16\n"
					     "  vf:\n"
					     "    0-3: {driver: vfio-pci}\n"
					     "    0: {mac: 52:54:00:aa:00:00}\n"
					     "    1: {mac: 52:54:00:aa:00:01}\n"
					     "    6: {vlan: 7}\n"
					     "    8-9: {vlan: 7}\n"
					     "    11: {mac: 52:54:00:aa:00:0b}\n");
}

static void test_long_ones_are_blocks(void **state)
{
	struct page *p = *state;
	struct draft_pf *pf = pf_of(p, "eth0", 2);

	say(p, pf, 0, VF_MTU, "9000");
	say(p, pf, 0, VF_UP, "on");
	say(p, pf, 0, VF_IFNAME, "fast");
	say(p, pf, 0, VF_MAC, "52:54:00:aa:00:00");
	say(p, pf, 0, VF_VLAN, "5");
	/* just 80 columns */
	say(p, pf, 1, VF_MAC, "52:54:00:aa:00:01");
	say(p, pf, 1, VF_VLAN, "1234");
	say(p, pf, 1, VF_IFNAME, "slowxx");
	say(p, pf, 1, VF_MTU, "1500");
	say(p, pf, 1, VF_TRUST, "off");
	assert_string_equal(written(p),
		HEAD "pfs:\n"
		     "- pf: eth0\n"
		     "  vfs: 2\n"
		     "  vf:\n"
		     "    0: {mac: 52:54:00:aa:00:00, vlan: 5, name: fast, mtu: 9000, up: on}\n"
		     "    1: {mac: 52:54:00:aa:00:01, vlan: 1234, trust: off, name: slowxx, "
		     "mtu: 1500}\n");
	say(p, pf, 1, VF_MTU, "15000");
	assert_contains(written(p), "    1:\n"
				    "      mac: 52:54:00:aa:00:01\n"
				    "      vlan: 1234\n"
				    "      trust: off\n"
				    "      name: slowxx\n"
				    "      mtu: 15000\n");
}

static void test_names_as_a_template(void **state)
{
	struct page *p = *state;
	struct draft_pf *pf = pf_of(p, "eth0", 12), *other = pf_of(p, "0000:41:00.0", 2);
	char name[16];

	for (uint32_t i = 0; i < 12; i++) {
		snprintf(name, sizeof(name), "eth0v%u", i);
		say(p, pf, i, VF_IFNAME, name);
	}
	say(p, other, 0, VF_IFNAME, "a{0");
	say(p, other, 1, VF_IFNAME, "a{1");
	assert_string_equal(written(p), HEAD "pfs:\n"
					     "- pf: eth0\n"
					     "  vfs: 12\n"
					     "  vf:\n"
					     "    all: {name: \"{pf}v{vf}\"}\n"
					     "- pf: \"0000:41:00.0\"\n"
					     "  vfs: 2\n"
					     "  vf:\n"
					     "    all: {name: \"a{{{vf}\"}\n");
	/* one that differs: all by their names */
	say(p, other, 1, VF_IFNAME, "b}");
	say(p, pf, 11, VF_IFNAME, "eth0v1");
	assert_contains(written(p), "    10: {name: eth0v10}\n"
				    "    11: {name: eth0v1}\n");
	assert_contains(p->text, "    0: {name: \"a{{0\"}\n"
				 "    1: {name: \"b}\"}\n");
}

static void test_one_name_is_no_template(void **state)
{
	struct page *p = *state;
	struct draft_pf *pf = pf_of(p, "eth0", 3);

	say(p, pf, 1, VF_IFNAME, "eth0v1");
	assert_contains(written(p), "    1: {name: eth0v1}\n");
	/* nor are those that some of them have said of all */
	say(p, pf, 2, VF_IFNAME, "eth0v2");
	assert_contains(written(p), "  vf:\n    1-2: {name: \"{pf}v{vf}\"}\n");
}

static void test_quotes(void **state)
{
	static const struct {
		const char *name, *written;
	} names[] = {
		{"plain", "plain"},
		{"a_b-c.d", "a_b-c.d"},
		{"#x", "\"#x\""},
		{"@x", "\"@x\""},
		{"- x", "\"- x\""},
		{"on", "\"on\""},
		{"No", "\"No\""},
		{"null", "\"null\""},
		{"~", "\"~\""},
		{"12", "\"12\""},
		{"1e3", "\"1e3\""},
		{"a,b", "\"a,b\""},
		{"[a", "\"[a\""},
		{"'q'", "\"'q'\""},
		{"a\"b", "\"a\\\"b\""},
		{"a\\b", "\"a\\\\b\""},
		{"!t", "\"!t\""},
		{"&t", "\"&t\""},
		{"*t", "\"*t\""},
		{"a\x01", "\"a\\x01\""},
		{"\xc3\xa9t", "\"\xc3\xa9t\""},
	};
	struct page *p = *state;
	char line[128];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct draft_pf *pf = pf_of(p, "eth0", 4);

		say(p, pf, 1, VF_IFNAME, names[i].name);
		snprintf(line, sizeof(line), "    1: {name: %s}\n", names[i].written);
		assert_contains(written(p), line);
		p->draft.count = 0;
	}
}

static void test_many(void **state)
{
	struct page *p = *state;
	struct draft_pf *pf = pf_of(p, "eth0", 2000);
	char mac[24];

	for (uint32_t i = 0; i < 2000; i++) {
		snprintf(mac, sizeof(mac), "52:54:00:aa:%02x:%02x", i >> 8, i & 255);
		say(p, pf, i, VF_MAC, mac);
		say(p, pf, i, VF_TRUST, "off");
	}
	assert_contains(written(p), "    all: {trust: off}\n    0: {mac: 52:54:00:aa:00:00}\n");
	assert_contains(p->text, "    1999: {mac: 52:54:00:aa:07:cf}\n");
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_nothing),
		TEST(test_notes),
		TEST(test_pf_settings),
		TEST(test_shared_by_all),
		TEST(test_most_of_them),
		TEST(test_all_but_those_handed_on),
		TEST(test_ranges),
		TEST(test_long_ones_are_blocks),
		TEST(test_names_as_a_template),
		TEST(test_one_name_is_no_template),
		TEST(test_quotes),
		TEST(test_many),
	};

	return RUN(tests);
}
