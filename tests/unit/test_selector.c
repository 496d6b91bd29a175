#include "unit.h"

#include "fixture.h"

#include "core/selector.h"

/* eth0 with 4 VFs, eth1 with none, a VMD one without an interface with 2, netdevsim. */
static int setup(void **state)
{
	struct host *h = calloc(1, sizeof(*h));
	struct pf *pf;

	fixture_host(h);
	pf = fixture_pf(h, "eth0", "0000:21:00.0", 7);
	fixture_altname(h, &pf->altnames, "uplink");
	fixture_vfs(h, pf, 4);
	fixture_altname(h, &fixture_vf(h, pf, 2)->altnames, "tenant-a");
	pf = fixture_pf(h, "eth1", "0000:21:00.1", 7);
	pf->permanent_mac = (struct lladdr){6, {0xaa, 0xbb, 0xcc, 0, 0, 1}};
	pf->known |= PF_BIT(PF_PERMANENT_MAC);
	pf = fixture_pf(h, "10000:01:00.0", "10000:01:00.0", 64);
	pf->known &= ~(PF_BIT(PF_IFNAME) | PF_BIT(PF_IFINDEX) | PF_BIT(PF_MAC));
	fixture_vfs(h, pf, 2);
	pf = fixture_pf(h, "eni0", "0000:00:00.0", 4);
	pf->handle = "netdevsim/netdevsim10";
	pf->known &= ~PF_BIT(PF_BDF);
	fixture_vfs(h, pf, 2);
	h->pci_count = 0; /* the order does not matter to selectors */
	bdf_parse("0000:21:00.0", &h->pci[h->pci_count++]);
	bdf_parse("0000:00:1f.2", &h->pci[h->pci_count++]);
	fixture_link(h, 1, "lo");
	*state = h;
	return 0;
}

static int teardown(void **state)
{
	host_free(*state);
	free(*state);
	return 0;
}

static void finds_pfs(void **state)
{
	static const struct {
		const char *text;
		size_t at;
	} rows[] = {
		{"eth0", 0},
		{"uplink", 0},
		{"0000:21:00.0", 0},
		{"21:00.0", 0},
		{"pci/0000:21:00.0", 0},
		{"pci/21:00.0", 0},
		{"mac:52:54:00:00:00:00", 0},
		{"eth1", 1},
		{"0000:21:00.1", 1},
		{"mac:52:54:00:00:00:01", 1},
		{"mac:AA:bb:cc:00:00:01", 1},
		{"10000:01:00.0", 2},
		{"pci/10000:01:00.0", 2},
		{"eni0", 3},
		{"netdevsim/netdevsim10", 3},
	};
	struct host *h = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = {.code = EXIT_KERNEL};

		if (select_pf(h, rows[i].text, &err) != &h->pfs[rows[i].at])
			fail_msg("%s: %s", rows[i].text, err.message);
	}
}

static void refuses_pfs(void **state)
{
	static const struct {
		const char *text;
		enum exit_code code;
		const char *message, *hint;
	} rows[] = {
		{"eth2", EXIT_NOT_FOUND, "no PF 'eth2'", "did you mean eth"},
		{"nonesuch", EXIT_NOT_FOUND, "no PF 'nonesuch'", "pf list"},
		{"", EXIT_NOT_FOUND, "empty PF name", "pf list"},
		{"ETH0", EXIT_NOT_FOUND, "no PF", ""},
		{"0000:99:00.0", EXIT_NOT_FOUND, "no PF", ""},
		{"mac:52:54:00:00:00:99", EXIT_NOT_FOUND, "no PF", ""},
		{"52:54:00:00:00:01", EXIT_NOT_FOUND, "no PF", ""},
		{"00:00.0", EXIT_NOT_FOUND, "no PF", ""},
		{"eth0v1", EXIT_USAGE, "eth0v1 is VF 1 of eth0, not a PF", "eth0"},
		{"eth0/1", EXIT_USAGE, "eth0/1 is VF 1 of eth0, not a PF", "eth0"},
		{"0000:21:10.1", EXIT_USAGE, "is VF 1 of eth0", "eth0"},
		{"tenant-a", EXIT_USAGE, "is VF 2 of eth0", "eth0"},
		{"lo", EXIT_UNSUPPORTED, "lo has no SR-IOV", "pf list"},
		{"0000:00:1f.2", EXIT_UNSUPPORTED, "has no SR-IOV", "pf list"},
		{"pci/00:1f.2", EXIT_UNSUPPORTED, "has no SR-IOV", "pf list"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = {.code = EXIT_PARTLY};

		assert_null(select_pf(*state, rows[i].text, &err));
		if (err.code != rows[i].code)
			fail_msg("%s: code %d, %s", rows[i].text, err.code, err.message);
		assert_contains(err.message, rows[i].message);
		assert_contains(err.hint, rows[i].hint);
	}
}

static void ambiguous_pf(void **state)
{
	struct host *h = *state;
	struct error err;

	h->pfs[1].mac = h->pfs[0].mac;
	assert_null(select_pf(h, "mac:52:54:00:00:00:00", &err));
	assert_int_equal(err.code, EXIT_USAGE);
	assert_contains(err.message, "more than one PF");
	assert_contains(err.hint, "pci/0000:21:00.0");
	assert_contains(err.hint, "pci/0000:21:00.1");
}

static const struct vf **vfs(struct host *h, const char *text, size_t *count, struct error *err)
{
	*count = 4711;
	return select_vfs(h, &h->arena, text, count, err);
}

/* PF (by its place) and indexes, -1 at the end. */
static void finds_vfs(void **state)
{
	static const struct {
		const char *text;
		size_t pf;
		int index[8];
	} rows[] = {
		{"eth0/0", 0, {0, -1}},
		{"eth0/3", 0, {3, -1}},
		{"eth0/0-2", 0, {0, 1, 2, -1}},
		{"eth0/0-1,3", 0, {0, 1, 3, -1}},
		{"eth0/3,0", 0, {0, 3, -1}},     /* in order */
		{"eth0/1,1,0-1", 0, {0, 1, -1}}, /* once */
		{"eth0/all", 0, {0, 1, 2, 3, -1}},
		{"eth1/all", 1, {-1}},
		{"uplink/2", 0, {2, -1}},
		{"0000:21:00.0/2", 0, {2, -1}},
		{"pci/0000:21:00.0/2", 0, {2, -1}},
		{"mac:52:54:00:00:00:00/1", 0, {1, -1}},
		{"eth0v2", 0, {2, -1}},
		{"tenant-a", 0, {2, -1}},
		{"0000:21:10.3", 0, {3, -1}},
		{"21:10.3", 0, {3, -1}},
		{"pci/0000:21:10.3", 0, {3, -1}},
		{"10000:01:00.0/1", 2, {1, -1}},
		{"10000:01:10.1", 2, {1, -1}},
		{"pci/10000:01:00.0/0-1", 2, {0, 1, -1}},
		{"netdevsim/netdevsim10/1", 3, {1, -1}},
		{"eni0/all", 3, {0, 1, -1}},
	};
	struct host *h = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err;
		size_t count;
		const struct vf **list = vfs(h, rows[i].text, &count, &err);

		if (!list)
			fail_msg("%s: %s", rows[i].text, err.message);
		for (size_t j = 0; j <= count; j++) {
			if (j == count) {
				assert_int_equal(rows[i].index[j], -1);
				break;
			}
			assert_int_equal(list[j]->index, rows[i].index[j]);
			assert_ptr_equal(host_pf_of(h, list[j]), &h->pfs[rows[i].pf]);
		}
	}
}

static void refuses_vfs(void **state)
{
	static const struct {
		const char *text;
		enum exit_code code;
		const char *message, *hint;
	} rows[] = {
		{"eth0", EXIT_USAGE, "eth0 is a PF, not a VF", "eth0/0"},
		{"pci/0000:21:00.0", EXIT_USAGE, "is a PF, not a VF", "/0"},
		{"eth0/", EXIT_USAGE, "is no VF range", "eth0/3"},
		{"eth0/x", EXIT_USAGE, "'x' is no VF range", "eth0/all"},
		{"eth0/-1", EXIT_USAGE, "is no VF range", ""},
		{"eth0/4", EXIT_NOT_FOUND, "eth0 has no VF 4", "0 to 3"},
		{"eth0/0-9", EXIT_NOT_FOUND, "eth0 has no VF 4", "0 to 3"},
		{"eth0/4294967295", EXIT_NOT_FOUND, "no VF 4294967295", ""},
		{"eth1/0", EXIT_NOT_FOUND, "eth1 has no VF 0", "vf create eth1"},
		{"eth9/0", EXIT_NOT_FOUND, "no PF 'eth9'", ""},
		{"/0", EXIT_NOT_FOUND, "empty PF name", ""},
		{"lo/0", EXIT_UNSUPPORTED, "lo has no SR-IOV", ""},
		{"lo", EXIT_UNSUPPORTED, "lo has no SR-IOV", ""},
		{"eth0v9", EXIT_NOT_FOUND, "no VF 'eth0v9'", "vf list"},
		{"", EXIT_NOT_FOUND, "empty VF name", "vf list"},
		{"pci/0000:77:00.0", EXIT_NOT_FOUND, "no VF", ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = {.code = EXIT_PARTLY};
		size_t count;

		if (vfs(*state, rows[i].text, &count, &err))
			fail_msg("%s was found", rows[i].text);
		if (err.code != rows[i].code)
			fail_msg("%s: code %d, %s", rows[i].text, err.code, err.message);
		assert_contains(err.message, rows[i].message);
		assert_contains(err.hint, rows[i].hint);
	}
}

/* Two namespaces may both have an eth5. */
static void ambiguous_vf(void **state)
{
	struct host *h = *state;
	struct error err;
	size_t count;

	fixture_vf(h, &h->pfs[0], 0)->ifname = "same";
	fixture_vf(h, &h->pfs[0], 1)->ifname = "same";
	assert_null(vfs(h, "same", &count, &err));
	assert_int_equal(err.code, EXIT_USAGE);
	assert_contains(err.message, "eth0/0");
	assert_contains(err.message, "eth0/1");
	assert_null(select_pf(h, "same", &err));
	assert_int_equal(err.code, EXIT_USAGE);
}

/* A VF moved to another namespace can have there the name that a PF has here. */
static void name_of_a_pf_elsewhere(void **state)
{
	struct host *h = *state;
	struct vf *vf = fixture_vf(h, &h->pfs[0], 1);
	struct error err = {0};
	size_t count;

	vf->ifname = "eth1";
	vf->netns = "blue";
	vf->known |= VF_BIT(VF_NETNS);
	assert_null(vfs(h, "eth1", &count, &err));
	assert_int_equal(err.code, EXIT_USAGE);
	assert_contains(err.message, "eth0/1");
	assert_contains(err.message, "blue");
	assert_ptr_equal(select_pf(h, "eth1", &err), &h->pfs[1]);
	vf->ifname = "eth7"; /* nobody's here */
	assert_non_null(vfs(h, "eth7", &count, &err));
	assert_int_equal(count, 1);
	assert_int_equal(err.code, EXIT_DONE);
}

/* The VF is in another namespace, or (lease) has been sent there. */
static struct vf *away(
	struct host *h, uint32_t index, const char *netns, uint64_t cookie, const char *ifname)
{
	struct vf *vf = fixture_vf(h, &h->pfs[0], index);

	vf->netns = netns;
	vf->netns_id = (struct netns_id){100 + cookie, cookie};
	vf->ifname = ifname;
	vf->known |= VF_BIT(VF_NETNS);
	return vf;
}

static void sent(
	struct host *h, struct vf *vf, const char *netns, uint64_t cookie, const char *ifname)
{
	struct lease *l = arena_alloc(&h->arena, sizeof(*l));

	*l = (struct lease){.pf = h->pfs[0].handle,
		.vf = vf->name,
		.netns = netns,
		.id = {100 + cookie, cookie},
		.ifname = ifname};
	vf->attached = l;
	h->leases = l; /* the last one is enough */
	h->lease_count = 1;
}

static void assert_selects(struct host *h, const char *text, const struct vf *vf)
{
	struct error err = {0};
	size_t count = 0;
	const struct vf **list = vfs(h, text, &count, &err);

	if (!list || count != 1 || list[0] != vf)
		fail_msg("%s: %s", text, list ? list[0]->name : err.message);
	assert_int_equal(err.code, EXIT_DONE);
}

static void assert_nothing(struct host *h, const char *text, enum exit_code code, const char *why)
{
	struct error err = {0};
	size_t count;

	if (vfs(h, text, &count, &err))
		fail_msg("%s was found", text);
	assert_int_equal(err.code, code);
	assert_contains(err.message, why);
}

static void in_other_namespaces(void **state)
{
	struct host *h = *state;
	struct vf *moved = away(h, 0, "red", 2, "lan0");
	struct vf *lent = away(h, 1, "blue", 1, "net1");

	/* by the name it is found under */
	assert_selects(h, "red/lan0", moved);
	assert_selects(h, "blue/net1", lent);
	/* and by the one that it was sent to under, though that is known as another now */
	sent(h, lent, "/run/netns/blue", 1, "net1");
	assert_selects(h, "/run/netns/blue/net1", lent);
	assert_selects(h, "blue/net1", lent);
	/* renamed inside: what it is called counts, and what it was called still finds it */
	lent->ifname = "web0";
	assert_selects(h, "/run/netns/blue/web0", lent);
	assert_selects(h, "/run/netns/blue/net1", lent);
	/* unless another one is called so by now */
	moved->netns = "/run/netns/blue";
	moved->ifname = "net1";
	assert_selects(h, "/run/netns/blue/net1", moved);
	/* by its own name as before */
	assert_selects(h, "eth0/1", lent);
	assert_selects(h, "web0", lent);
	assert_nothing(h, "blue/net7", EXIT_NOT_FOUND, "");
	assert_nothing(h, "/run/netns/blue/net7", EXIT_NOT_FOUND,
		"no VF has the interface net7 in the network namespace /run/netns/blue");
	assert_nothing(h, "green/net1", EXIT_NOT_FOUND, "no PF 'green'");
	assert_nothing(h, "blue/", EXIT_NOT_FOUND, "");
}

/* It came home, or went on: who has it from us still finds it by where it was sent. */
static void sent_and_back(void **state)
{
	struct host *h = *state;
	struct vf *vf = away(h, 1, "red", 2, "net1");

	sent(h, vf, "blue", 1, "net1");
	assert_selects(h, "red/net1", vf);
	assert_selects(h, "blue/net1", vf);
	vf->known &= ~VF_BIT(VF_NETNS);
	vf->ifname = "dev7";
	assert_selects(h, "blue/net1", vf);
	assert_nothing(h, "blue/dev7", EXIT_NOT_FOUND, "");
	vf->attached = NULL;
	assert_nothing(h, "blue/net1", EXIT_NOT_FOUND, "");
}

/* A PF and its indexes go first. */
static void namespaces_called_like_pfs(void **state)
{
	struct host *h = *state;
	struct vf *vf = away(h, 1, "eth0", 1, "2");
	struct error err = {0};
	size_t count;

	assert_selects(h, "eth0/2", fixture_vf(h, &h->pfs[0], 2));
	assert_non_null(vfs(h, "eth0/all", &count, &err));
	assert_int_equal(count, 4);
	vf->netns = "eth7";
	assert_selects(h, "eth7/2", vf);
	vf->ifname = "all";
	assert_selects(h, "eth7/all", vf);
}

static void each_once(void **state)
{
	char *const texts[] = {(char[]){"eth0/2"}, (char[]){"blue/net1"}, (char[]){"eth0/all"},
		(char[]){"eth0/1"}};
	char *const wrong[] = {(char[]){"eth0/2"}, (char[]){"blue/net9"}};
	struct host *h = *state;
	struct vf *vf = away(h, 1, "blue", 1, "net1");
	struct error err = {0};
	size_t count;
	const struct vf **list = select_all_vfs(h, &h->arena, texts, 4, &count, &err);

	assert_non_null(list);
	assert_int_equal(count, 4);
	assert_int_equal(list[0]->index, 2); /* in the order they were named in */
	assert_ptr_equal(list[1], vf);
	assert_int_equal(list[2]->index, 0);
	assert_int_equal(list[3]->index, 3);
	assert_null(select_all_vfs(h, &h->arena, wrong, 2, &count, &err));
	assert_int_equal(err.code, EXIT_NOT_FOUND);
}

/* A driver may leave a VF out. Naming one that is not there must not answer nothing. */
static void missing_index(void **state)
{
	struct host *h = *state;
	struct error err = {0};
	size_t count;

	fixture_vf(h, &h->pfs[0], 1)->index = 9; /* now 0 9 2 3 */
	assert_null(vfs(h, "eth0/1", &count, &err));
	assert_int_equal(err.code, EXIT_NOT_FOUND);
	assert_contains(err.message, "no VF 1");
	assert_null(vfs(h, "eth0/0-3", &count, &err));
	assert_int_equal(err.code, EXIT_NOT_FOUND);
	assert_non_null(vfs(h, "eth0/0,2", &count, &err));
	assert_int_equal(count, 2);
	assert_non_null(vfs(h, "eth0/all", &count, &err));
	assert_int_equal(count, 4);
}

static void ranges(void **state)
{
	static const struct {
		const char *text;
		int rc;
		uint64_t bad;
		const char *set;
	} rows[] = {
		{"0", 0, 0, "x......."},
		{"7", 0, 0, ".......x"},
		{"00", 0, 0, "x......."},
		{"0-7", 0, 0, "xxxxxxxx"},
		{"3-3", 0, 0, "...x...."},
		{"0-2,5,7", 0, 0, "xxx..x.x"},
		{"5,0-2", 0, 0, "xxx..x.."},
		{"all", 0, 0, "xxxxxxxx"},
		{"", -1, 0, NULL},
		{"-", -1, 0, NULL},
		{",", -1, 0, NULL},
		{"1,", -1, 0, NULL},
		{",1", -1, 0, NULL},
		{"1,,2", -1, 0, NULL},
		{"1-", -1, 0, NULL},
		{"-1", -1, 0, NULL},
		{"2-1", -1, 0, NULL},
		{"1-2-3", -1, 0, NULL},
		{"1 ,2", -1, 0, NULL},
		{"0x1", -1, 0, NULL},
		{"+1", -1, 0, NULL},
		{"All", -1, 0, NULL},
		{"all,1", -1, 0, NULL},
		{"1,all", -1, 0, NULL},
		{"4294967296", -1, 0, NULL},
		{"00000000000000000000000000000001", -1, 0, NULL}, /* longer than an item */
		{"8", -2, 8, NULL},
		{"0-8", -2, 8, NULL},
		{"6-100", -2, 8, NULL},
		{"20-30", -2, 20, NULL},
		{"0-4294967295", -2, 8, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool set[8] = {0};
		uint64_t bad = 0;
		int rc = range_parse(rows[i].text, set, 8, &bad);

		if (rc != rows[i].rc || bad != rows[i].bad)
			fail_msg("'%s': %d, %llu", rows[i].text, rc, (unsigned long long)bad);
		for (size_t j = 0; rc == 0 && j < 8; j++)
			assert_int_equal(set[j], rows[i].set[j] == 'x');
	}
}

static void helpers_of_host(void **state)
{
	struct host *h = *state;
	struct link *other = fixture_link(h, 5, "elsewhere");
	struct bdf b;

	other->netns = "blue";
	fixture_altname(h, &h->links[0].altnames, "uplink");
	assert_non_null(host_link(h, "lo"));
	assert_ptr_equal(host_link(h, "uplink"), &h->links[0]);
	assert_null(host_link(h, "elsewhere"));
	bdf_parse("10000:01:00.0", &b);
	assert_ptr_equal(host_pf_by_bdf(h, b), &h->pfs[2]);
	bdf_parse("0000:01:00.0", &b);
	assert_null(host_pf_by_bdf(h, b));
	assert_false(host_truncated(h));
	h->pfs[3].truncated = true;
	assert_true(host_truncated(h));
	for (int i = 0; i < 20; i++)
		host_warn(h, "warning %d", i);
	assert_int_equal(h->warning_count, 20);
	assert_string_equal(h->warnings[19], "warning 19");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(finds_pfs),
		TEST(refuses_pfs),
		TEST(ambiguous_pf),
		TEST(finds_vfs),
		TEST(refuses_vfs),
		TEST(ambiguous_vf),
		TEST(name_of_a_pf_elsewhere),
		TEST(in_other_namespaces),
		TEST(sent_and_back),
		TEST(namespaces_called_like_pfs),
		TEST(each_once),
		TEST(missing_index),
		TEST(ranges),
		TEST(helpers_of_host),
	};

	return RUN(tests);
}
