/* What the overview says of a host: remarks, groups, names, and the last line. */
#include "unit.h"

#include "world.h"

#include "core/link.h"
#include "core/overview.h"
#include "core/selector.h"

static struct overview o;

static void look(struct world *w)
{
	const struct pf **pfs = arena_alloc(&w->host.arena, w->host.pf_count * sizeof(*pfs));

	for (size_t i = 0; i < w->host.pf_count; i++)
		pfs[i] = &w->host.pfs[i];
	overview_look(&w->host, pfs, w->host.pf_count, &w->host.arena, &o);
}

static const char *hint(struct world *w)
{
	look(w);
	return overview_hint(&o, false, &w->host.arena);
}

static struct remark remark_of(struct world *w, const char *name)
{
	look(w);
	return o.vf_remarks[world_vf(w, name) - w->host.vfs];
}

static void check(struct world *w, const char *name, enum remark_kind kind, enum level level,
	const char *text)
{
	struct remark r = remark_of(w, name);

	assert_string_equal(r.text, text);
	assert_int_equal(r.kind, kind);
	assert_int_equal(r.level, level);
	assert_int_equal(r.used, level == LEVEL_USED);
}

static void hold(struct world *w, uint32_t group, int pid, const char *comm)
{
	w->host.holders[w->host.holder_count++] = (struct vfio_holder){group, pid, comm};
}

static int setup(void **state)
{
	struct world *w;

	if (world_setup(state) < 0)
		return -1;
	w = *state;
	for (size_t i = 0; i < w->host.pf_count; i++) {
		w->host.pfs[i].class_name = "ethernet";
		w->host.pfs[i].known |= PF_BIT(PF_CLASS);
	}
	return 0;
}

static void faults(void **state)
{
	struct world *w = *state;

	check(w, "eth0/0", REMARK_NONE, LEVEL_PLAIN, "");
	world_unbind(world_vf(w, "eth0/0"));
	check(w, "eth0/0", REMARK_NO_DRIVER, LEVEL_TROUBLE, "no driver");
	/* as someone wanted it: so it is no trouble */
	w->eth0->autoprobe = false;
	check(w, "eth0/0", REMARK_UNBOUND, LEVEL_PLAIN, "no driver");
	w->eth0->autoprobe = true;
	w->eth0->known &= ~PF_BIT(PF_AUTOPROBE);
	check(w, "eth0/0", REMARK_UNBOUND, LEVEL_PLAIN, "no driver");
	w->eth0->known |= PF_BIT(PF_AUTOPROBE);
	w->eth0->class_name = "nvme";
	check(w, "eth0/0", REMARK_UNBOUND, LEVEL_PLAIN, "no driver");
	w->eth0->class_name = "infiniband";
	check(w, "eth0/0", REMARK_NO_DRIVER, LEVEL_TROUBLE, "no driver");
	/* of a bus without drivers that we could see */
	world_vf(w, "eth0/0")->known &= ~VF_BIT(VF_BDF);
	check(w, "eth0/0", REMARK_NONE, LEVEL_PLAIN, "");

	world_vf(w, "eth1/0")->known &= ~(VF_BIT(VF_IFNAME) | VF_BIT(VF_IFINDEX));
	check(w, "eth1/0", REMARK_NO_INTERFACE, LEVEL_TROUBLE, "no interface");
	w->eth1->class_name = "infiniband"; /* it is another module's */
	check(w, "eth1/0", REMARK_NONE, LEVEL_PLAIN, "");
	w->eth1->class_name = "ethernet";
	world_vfio(&w->host, world_vf(w, "eth1/0"));
	check(w, "eth1/0", REMARK_NONE, LEVEL_PLAIN, "");
	world_vf(w, "eth1/0")->driver = "pci-stub";
	check(w, "eth1/0", REMARK_NONE, LEVEL_PLAIN, "");
}

static void uses(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/0");

	world_vfio(&w->host, vf);
	vf->open = true;
	check(w, "eth0/0", REMARK_HELD, LEVEL_USED, "held by an unseen process");
	hold(w, vf->iommu_group, 4711, "qemu");
	check(w, "eth0/0", REMARK_HELD, LEVEL_USED, "held by pid 4711 (qemu)");

	world_lease(w, "eth0/1", "blue", "web-7");
	world_away(w, "eth0/1", "blue", "net0");
	check(w, "eth0/1", REMARK_ATTACHED, LEVEL_USED, "attached to blue for web-7");
	world_lease(w, "eth0/2", "blue", "blue"); /* which says no more */
	world_away(w, "eth0/2", "blue", "net0");
	check(w, "eth0/2", REMARK_ATTACHED, LEVEL_USED, "attached to blue");
	world_away(w, "eth0/3", "red", "x");
	check(w, "eth0/3", REMARK_AWAY, LEVEL_USED, "in netns red");

	vf = world_vf(w, "eth1/0");
	vf->unseen = true;
	check(w, "eth1/0", REMARK_AWAY, LEVEL_USED, "in a netns that cannot be seen");
	vf = world_vf(w, "eth1/1");
	fixture_usage(&w->host, vf->ifindex, "address 192.0.2.1/24");
	check(w, "eth1/1", REMARK_ADDRESS, LEVEL_USED, "address 192.0.2.1/24");
	world_link(w, vf->ifname)->master = 99;
	check(w, "eth1/1", REMARK_MASTER, LEVEL_USED, "in another interface, address 192.0.2.1/24");
	*fixture_link(&w->host, 99, "br0") =
		(struct link){.ifindex = 99, .name = "br0", .kind = "bridge"};
	fixture_usage(&w->host, vf->ifindex, "address 192.0.2.2/24");
	fixture_usage(&w->host, vf->ifindex, SSH_SESSION);
	/* two are told, the gravest, and how many more there are */
	check(w, "eth1/1", REMARK_MASTER, LEVEL_USED,
		"in br0 (bridge), carries your SSH session, +2 more");
	assert_true(o.untold);
	vf = world_vf(w, "eth1/2");
	fixture_link(&w->host, 98, "vlan5")->lower = vf->ifindex;
	check(w, "eth1/2", REMARK_UPPER, LEVEL_USED, "carries vlan5 (interface)");
	/* nobody knows: that is no use that could be counted */
	world_unbind(world_vf(w, "eth1/3"));
	vf = world_vf(w, "eth1/3");
	vf->driver = "uio_pci_generic";
	vf->known |= VF_BIT(VF_DRIVER);
	assert_false(o.guess);
	check(w, "eth1/3", REMARK_OPAQUE, LEVEL_PLAIN, "its users cannot be seen");
	assert_true(o.guess);
	assert_int_equal(o.used, 7);
	assert_int_equal(o.vf_count, 8);
	assert_int_equal(o.with_vfs, 2);
}

static void strays(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/0");
	struct remark r;

	/* lost: its interface is nowhere */
	world_lease(w, "eth0/0", "blue", "web-7");
	vf->known &= ~(VF_BIT(VF_IFNAME) | VF_BIT(VF_IFINDEX));
	check(w, "eth0/0", REMARK_STRAY, LEVEL_TROUBLE, "lost, was sent to blue");
	assert_int_equal(o.lost, 1);
	assert_int_equal(o.used, 0);
	/* back by itself, and in use here */
	world_lease(w, "eth0/1", "blue", NULL);
	check(w, "eth0/1", REMARK_STRAY, LEVEL_TROUBLE, "is back, was sent to blue");
	fixture_usage(&w->host, world_vf(w, "eth0/1")->ifindex, "address 192.0.2.1/24");
	r = remark_of(w, "eth0/1");
	assert_string_equal(r.text, "is back, was sent to blue, address 192.0.2.1/24");
	assert_true(r.used && r.level == LEVEL_TROUBLE);
	assert_int_equal(o.used, 1);
	/* moved on: that is nothing that repair would touch */
	world_lease(w, "eth0/2", "blue", NULL);
	world_away(w, "eth0/2", "red", "x");
	check(w, "eth0/2", REMARK_STRAY, LEVEL_TROUBLE, "in red, was sent to blue");
	assert_int_equal(o.strays, 3);
	assert_int_equal(o.lost, 2);
	/* what has been destroyed is not in the tree, but lost all the same */
	world_lease(w, "eth0/3", "blue", NULL)->home.index = 9;
	world_vf(w, "eth0/3")->attached = NULL;
	look(w);
	assert_int_equal(o.lost, 3);
	/* a PF that is not shown has its own */
	overview_look(&w->host, &(const struct pf *){w->eth1}, 1, &w->host.arena, &o);
	assert_int_equal(o.lost, 0);
}

static void pfs(void **state)
{
	struct world *w = *state;

	look(w);
	assert_string_equal(o.pf_remarks[0].text, "4 of 64 VFs");
	assert_int_equal(o.pf_remarks[0].level, LEVEL_PLAIN);
	w->eth0->autoprobe = false;
	world_link(w, "eth0")->master = 99;
	*fixture_link(&w->host, 99, "bond0") =
		(struct link){.ifindex = 99, .name = "bond0", .kind = "bond"};
	look(w);
	assert_string_equal(o.pf_remarks[0].text, "4 of 64 VFs, autoprobe off, in bond0 (bond)");
	assert_int_equal(o.pf_remarks[0].level, LEVEL_USED);
	w->eth0->truncated = true;
	w->eth0->known &= ~(PF_BIT(PF_DRIVER) | PF_BIT(PF_TOTAL_VFS));
	look(w);
	assert_string_equal(o.pf_remarks[0].text,
		"4 VFs, list cut short, no driver, autoprobe off, in bond0 (bond)");
	assert_int_equal(o.pf_remarks[0].level, LEVEL_TROUBLE);
	w->eth1->unseen = true;
	look(w);
	assert_string_equal(o.pf_remarks[1].text, "4 of 64 VFs, in another netns");
}

/* "eth0/0-2: 3 VFs|eth0/3: no driver" */
static const char *groups(struct world *w, const struct pf *pf)
{
	struct vf_group *list;
	size_t count, n = 0;

	look(w);
	list = overview_groups(&o, pf, &w->host.arena, &count);
	w->text[0] = 0;
	for (size_t i = 0; i < count; i++)
		n += (size_t)snprintf(w->text + n, sizeof(w->text) - n, "%s%s: %s", i ? "|" : "",
			overview_name(&w->host.arena, pf->name, list[i].vfs, list[i].count, 0),
			list[i].remark.text);
	return w->text;
}

static void alike(void **state)
{
	struct world *w = *state;

	assert_string_equal(groups(w, w->eth0), "eth0/0-3: 4 VFs");
	world_vf(w, "eth0/2")->link = LINK_DOWN;
	assert_string_equal(groups(w, w->eth0), "eth0/2: |eth0/0-1,3: 3 VFs");
	world_unbind(world_vf(w, "eth0/3"));
	/* trouble goes first */
	assert_string_equal(groups(w, w->eth0), "eth0/3: no driver|eth0/2: |eth0/0-1: 2 VFs");
	world_unbind(world_vf(w, "eth0/0"));
	assert_string_equal(groups(w, w->eth0), "eth0/0,3: 2 VFs, no driver|eth0/2: |eth0/1: ");
	/* the same use is told, of several only what they have in common */
	for (unsigned i = 0; i < 3; i++)
		world_away(w, world_vf(w, (const char *[]){"eth1/0", "eth1/1", "eth1/3"}[i])->name,
			"blue", "x");
	assert_string_equal(groups(w, w->eth1), "eth1/0-1,3: 3 VFs, in netns blue|eth1/2: ");
	world_away(w, "eth1/3", "red", "x");
	assert_string_equal(groups(w, w->eth1), "eth1/0-1,3: 3 VFs, in other namespaces|eth1/2: ");
}

static const char *const drivers[] = {"iavf", "igbvf", "mlx5_core", "vfio-pci", "ena"};

/* A third PF with n VFs of all kinds, by chance. */
static struct pf *make_mixture(struct world *w, uint32_t n, unsigned kinds, unsigned seed)
{
	struct pf *pf = fixture_pf(&w->host, "eth2", "0000:61:00.0", n);

	srand(seed);
	pf->class_name = "ethernet";
	pf->known |= PF_BIT(PF_CLASS);
	fixture_vfs(&w->host, pf, n);
	for (uint32_t i = 0; i < n; i++) {
		struct vf *vf = fixture_vf(&w->host, pf, i);

		vf->driver = drivers[(unsigned)rand() % kinds];
		vf->link = (unsigned)rand() % 3;
		vf->unseen = rand() % 4 == 0;
		vf->open = rand() % 5 == 0;
		if (rand() % 6 == 0)
			vf->known &= ~VF_BIT(VF_DRIVER);
		if (rand() % 6 == 0)
			vf->known &= ~(VF_BIT(VF_IFNAME) | VF_BIT(VF_IFINDEX));
		if (rand() % 6 == 0) {
			vf->netns = "blue";
			vf->known |= VF_BIT(VF_NETNS);
		}
	}
	return pf;
}

/* However mixed they are: few rows, each VF in one of them, by a name that means just these. */
static void all_are_there(void **state)
{
	for (unsigned seed = 0; seed < 60; seed++) {
		struct world *w;
		struct pf *pf;
		struct vf_group *list;
		bool seen[300] = {false}, named[300];
		size_t count, total = 0;

		setup(state);
		w = *state;
		pf = make_mixture(w, 1 + seed * 5 % 300, 1 + seed % 5, seed);
		look(w);
		list = overview_groups(&o, pf, &w->host.arena, &count);
		assert_in_range(count, 1, OVERVIEW_ROWS);
		for (size_t i = 0; i < count; i++) {
			const char *name = overview_name(
				&w->host.arena, "eth2", list[i].vfs, list[i].count, 0);
			uint64_t bad;

			memset(named, 0, sizeof(named));
			assert_memory_equal(name, "eth2/", 5);
			assert_int_equal(range_parse(name + 5, named, pf->vf_count, &bad), 0);
			for (size_t v = 0; v < list[i].count; v++) {
				uint32_t index = list[i].vfs[v]->index;

				assert_false(seen[index]);
				assert_true(named[index]);
				seen[index] = true;
				named[index] = false;
			}
			for (size_t v = 0; v < pf->vf_count; v++)
				assert_false(named[v]);
			total += list[i].count;
			if (i) /* the gravest first; the last may be what is left over */
				assert_true(list[i - 1].remark.kind <= list[i].remark.kind);
		}
		assert_int_equal(total, pf->vf_count);
		world_teardown(state);
	}
}

static void names(void **state)
{
	struct world *w = *state;
	const struct vf *vfs[400];
	struct pf *pf = make_mixture(w, 400, 1, 1);

	for (size_t i = 0; i < 400; i++)
		vfs[i] = fixture_vf(&w->host, pf, (uint32_t)i);
	assert_string_equal(overview_name(&w->host.arena, "e", vfs, 400, 0), "e/0-399");
	assert_string_equal(overview_name(&w->host.arena, "e", vfs + 7, 1, 0), "e/7");
	vfs[2] = vfs[9];
	vfs[3] = vfs[10];
	vfs[4] = vfs[123];
	assert_string_equal(overview_name(&w->host.arena, "e", vfs, 5, 0), "e/0-1,9-10,123");
	assert_string_equal(overview_name(&w->host.arena, "e", vfs, 5, 14), "e/0-1,9-10,123");
	assert_string_equal(overview_name(&w->host.arena, "e", vfs, 5, 13), "e/0-1,...");
	assert_string_equal(overview_name(&w->host.arena, "e", vfs, 5, 1), "e/0-1,...");
}

static void last_line(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/3");

	/* from the calmest on, each before those that were there */
	assert_string_equal(hint(w), "8 VFs on 2 PFs, none seen in use");
	w->host.leases_unknown = true;
	assert_string_equal(hint(w), "8 VFs on 2 PFs, none in use as far as can be seen");
	w->host.leases_unknown = false;
	w->host.holders_hidden = true;
	assert_string_equal(hint(w), "8 VFs on 2 PFs, none in use as far as can be seen");
	w->host.holders_hidden = false;
	w->host.usage_unknown = true;
	assert_string_equal(hint(w), "8 VFs on 2 PFs, none in use as far as can be seen");
	world_away(w, "eth0/0", "blue", "x");
	world_away(w, "eth0/1", "blue", "y");
	assert_string_equal(hint(w), "8 VFs on 2 PFs, 2 in netns blue");
	world_away(w, "eth0/2", "red", "y");
	assert_string_equal(hint(w), "8 VFs on 2 PFs, 3 in use as far as can be seen");
	w->host.usage_unknown = false;
	assert_string_equal(hint(w), "8 VFs on 2 PFs, 3 seen in use");
	for (int i = 1; i < 4; i++)
		fixture_usage(&w->host, vf->ifindex,
			arena_printf(&w->host.arena, "address 192.0.2.%d/24", i));
	assert_string_equal(hint(w), "8 VFs on 2 PFs, 4 seen in use; 'sriovctl vf list --columns "
				     "+holders' says by whom");
	w->eth1->up = false;
	assert_string_equal(hint(w),
		"eth1 is down, though it has VFs; 'sriovctl pf set eth1 up' switches it on");
	w->eth0->up = false;
	assert_string_equal(hint(w), "2 PFs are down, though they have VFs; 'sriovctl pf set eth0 "
				     "up' switches one on");
	world_unbind(world_vf(w, "eth1/2"));
	assert_string_equal(
		hint(w), "1 VF has no driver; 'sriovctl vf bind eth1/2 default' gives it one");
	world_lease(w, "eth0/2", "blue", NULL);
	assert_string_equal(
		hint(w), "1 VF is not where it was sent; 'sriovctl netns list' shows where it is");
	world_lease(w, "eth1/0", "blue", NULL);
	assert_string_equal(hint(w),
		"1 VF is not where it was sent; 'sriovctl netns list' shows it, "
		"'sriovctl repair' puts it right");
	w->host.incomplete = true;
	assert_contains(hint(w), "list of network interfaces is cut short");
	w->eth1->truncated = true;
	assert_contains(hint(w), "eth1: the kernel's list of its VFs is cut short");
	assert_contains(overview_hint(&o, true, &w->host.arena), "; 'sriovctl -d' shows every VF");
	w->host.pf_count = 0;
	assert_contains(hint(w), "no device with SR-IOV");
}

static void no_vfs(void **state)
{
	struct world *w = *state;

	w->host.vf_count = w->eth0->vf_count = w->eth1->vf_count = 0;
	w->eth0->num_vfs = w->eth1->num_vfs = 0;
	assert_string_equal(
		hint(w), "no VFs; make some with 'sriovctl vf create eth0 N', 64 at most");
	w->eth0->class_name = "nvme"; /* rather on a NIC */
	assert_contains(hint(w), "vf create eth1 N'");
	w->eth1->total_vfs = 0;
	assert_contains(hint(w), "vf create eth0 N'");
	w->eth0->known &= ~PF_BIT(PF_DRIVER);
	assert_string_equal(hint(w), "no VFs");
	w->eth0->known &= ~PF_BIT(PF_NUM_VFS);
	assert_string_equal(hint(w), "no VFs seen");
}

static void what_is_pasted(void **state)
{
	struct world *w = *state;

	for (uint32_t i = 0; i < 4; i++)
		world_unbind(fixture_vf(&w->host, w->eth0, i));
	world_unbind(world_vf(w, "eth1/2"));
	assert_string_equal(hint(w),
		"5 VFs have no driver; 'sriovctl vf bind eth0/0-3 eth1/2 default' gives them one");
	w->eth0->name = "$(reboot)";
	w->eth1->name = "-j";
	assert_string_equal(hint(w), "5 VFs have no driver; 'sriovctl vf bind 0000:21:00.0/0-3 "
				     "0000:41:00.0/2 default' gives them one");
	w->eth0->known &= ~PF_BIT(PF_BDF);
	assert_contains(hint(w), "vf bind PF/0-3 ");
}

/* A command that nobody would read, let alone paste. */
static void long_commands(void **state)
{
	struct world *w = *state;
	struct pf *pf = fixture_pf(&w->host, "eth2", "0000:61:00.0", 256);

	pf->class_name = "ethernet";
	pf->known |= PF_BIT(PF_CLASS);
	fixture_vfs(&w->host, pf, 256);
	for (uint32_t i = 0; i < 256; i += 2)
		world_unbind(fixture_vf(&w->host, pf, i));
	assert_string_equal(
		hint(w), "128 VFs have no driver; 'sriovctl vf bind VF... default' gives them one");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(faults, setup, world_teardown),
		cmocka_unit_test_setup_teardown(uses, setup, world_teardown),
		cmocka_unit_test_setup_teardown(strays, setup, world_teardown),
		cmocka_unit_test_setup_teardown(pfs, setup, world_teardown),
		cmocka_unit_test_setup_teardown(alike, setup, world_teardown),
		cmocka_unit_test(all_are_there),
		cmocka_unit_test_setup_teardown(names, setup, world_teardown),
		cmocka_unit_test_setup_teardown(last_line, setup, world_teardown),
		cmocka_unit_test_setup_teardown(no_vfs, setup, world_teardown),
		cmocka_unit_test_setup_teardown(what_is_pasted, setup, world_teardown),
		cmocka_unit_test_setup_teardown(long_commands, setup, world_teardown),
	};

	return RUN(tests);
}
