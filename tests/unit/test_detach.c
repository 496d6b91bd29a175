/* `netns detach` and `repair`: what is planned, in which order, and what is refused. */
#include "unit.h"

#include "world.h"

#include "core/lease.h"
#include "core/options.h"
#include "plan/journal.h"

static void *dir;

static int setup(void **state)
{
	return runtime_setup(&dir) < 0 ? -1 : world_setup(state);
}

static int teardown(void **state)
{
	world_teardown(state);
	return runtime_teardown(&dir);
}

/* All anew. */
static struct world *fresh(void **state)
{
	teardown(state);
	assert_int_equal(setup(state), 0);
	return *state;
}

/* The VF, attached to blue as net0; settings that it has got there are the test's. */
static struct vf *attached(struct world *w, const char *name, const char *owner)
{
	struct vf *vf = world_vf(w, name);

	world_lease(w, name, "blue", owner)->ifname = "net0";
	world_away(w, name, "blue", "net0");
	return vf;
}

/* It came home, under that name. */
static void come_back(struct world *w, struct vf *vf, const char *name)
{
	struct link *l = world_link(w, vf->ifname);

	l->netns = vf->netns = NULL;
	l->netns_id = vf->netns_id = (struct netns_id){0};
	l->name = vf->ifname = name;
	vf->known &= ~VF_BIT(VF_NETNS);
}

/* Its interface is nowhere. */
static void lose(struct vf *vf)
{
	const char *driver = vf->driver;

	world_unbind(vf);
	vf->driver = driver;
	vf->known |= VF_BIT(VF_DRIVER);
}

static void at_home(void **state)
{
	struct world *w = *state;

	assert_plans(w, world_words(w, "netns detach eth0/0"), "");
	assert_plans(w, world_words(w, "netns detach eth0/all eth1/2 owner c1"), "");
	assert_plans(w, world_words(w, "netns detach eth0/0 --force"), "");
	assert_false(change_changed(&w->change));
	/* also without an interface, or unseen */
	world_unbind(world_vf(w, "eth0/0"));
	world_vfio(&w->host, world_vf(w, "eth0/1"));
	world_vf(w, "eth0/2")->unseen = true;
	assert_plans(w, world_words(w, "netns detach eth0/all"), "");
}

/* Home first, so that nobody else sees it with what it has at home; the lease last. */
static void the_order(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/0");
	struct plan *plan;

	vf->vlan = 7;
	vf->trust = true;
	fixture_altname(&w->host, &vf->altnames, "storage");
	fixture_altname(&w->host, &vf->altnames, "fast");
	fixture_altname(&w->host, &vf->addresses, "192.0.2.9/24");
	world_lease(w, "eth0/0", "blue", "c1")->ifname = "net0";
	w->host.leases[0].home.known |= VF_BIT(VF_ADDRESSES);
	world_away(w, "eth0/0", "blue", "net0");
	vf->vlan = 100;
	vf->trust = false;
	vf->spoofchk = false;
	vf->mac.bytes[5] = 0x99;
	vf->if_mac.bytes[5] = 0x99;
	vf->mtu = 1450;
	vf->up = true;
	assert_plans(w, world_words(w, "netns detach eth0/0 owner c1"),
		"eth0/0 netns blue>; eth0/0 mac 02:00:00:00:00:99>02:00:00:00:00:00; "
		"eth0/0 vlan 100>7; eth0/0 spoofchk off>on; eth0/0 trust off>on; "
		"eth0/0 ifname net0>eth0v0; eth0/0 if_mac 02:00:00:00:00:99>02:00:00:00:00:00; "
		"eth0/0 mtu 1450>1500; eth0/0 altname storage>storage; "
		"eth0/0 altname fast>fast; eth0/0 address >192.0.2.9/24; eth0/0 up off>on; "
		"eth0/0 lease c1>");
	plan = world_plan(w);
	assert_true(plan->forward && change_changed(&w->change));
	/* each costs only itself, but for forgetting it */
	for (size_t i = 0; i < plan->count; i++)
		assert_int_equal(plan->steps[i].put_back, i + 1 < plan->count);
	/* there is no way back */
	assert_true(state_find(&plan->before, 0)->release);
	assert_null(state_find(&plan->before, 0)->vf.netns);
	assert_int_equal(state_find(&plan->before, 0)->vf.vlan, 7);
	/* it is lent: that does not speak against its end, and nobody here can use it */
	assert_false(change_disturbs(&w->change, &w->host));
	assert_int_equal(world_check(w, 0), 0);
}

/* Several: all come home before the first gets anything. */
static void several(void **state)
{
	struct world *w = *state;

	attached(w, "eth0/0", NULL)->vlan = 5;
	w->host.leases[0].home.vlan = 0;
	world_lease(w, "eth0/2", "red", NULL)->ifname = "eth0v2";
	world_away(w, "eth0/2", "red", "eth0v2");
	world_lease(w, "eth1/1", "red", NULL)->ifname = "net1";
	world_away(w, "eth1/1", "red", "net1");
	assert_plans(w, world_words(w, "netns detach eth1/all eth0/all"),
		"eth0/0 netns blue>; eth0/2 netns red>; eth0/0 vlan 5>0; "
		"eth0/0 ifname net0>eth0v0; eth0/0 up off>on; eth0/2 up off>on; "
		"eth0/0 lease blue>; eth0/2 lease red>; eth1/1 netns red>; "
		"eth1/1 ifname net1>eth1v1; eth1/1 up off>on; eth1/1 lease red>");
	/* by where they are, as what they are called there */
	assert_plans(w, world_words(w, "netns detach red/net1 blue/net0"),
		"eth0/0 netns blue>; eth0/0 vlan 5>0; eth0/0 ifname net0>eth0v0; "
		"eth0/0 up off>on; eth0/0 lease blue>; eth1/1 netns red>; "
		"eth1/1 ifname net1>eth1v1; eth1/1 up off>on; eth1/1 lease red>");
	assert_refuses(w, world_words(w, "netns detach red/net0"), EXIT_NOT_FOUND, "", "", "net0");
}

/* What the interface had at home, and what of it is as it was. */
static void only_what_differs(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/0");

	vf->up = false;
	fixture_altname(&w->host, &vf->altnames, "a");
	fixture_altname(&w->host, &vf->altnames, "b");
	fixture_altname(&w->host, &vf->altnames, "c");
	attached(w, "eth0/0", NULL);
	/* alternative names are put back as they were, and in their order */
	fixture_altname(&w->host, &vf->altnames, "a");
	fixture_altname(&w->host, &vf->altnames, "x");
	fixture_altname(&w->host, &vf->altnames, "c");
	vf->up = true; /* one that moves is down afterwards */
	fixture_altname(&w->host, &vf->addresses, "192.0.2.1/24"); /* and has lost these */
	fixture_altname(&w->host, &vf->gateways, "192.0.2.254");
	assert_plans(w, world_words(w, "netns detach eth0/0"),
		"eth0/0 netns blue>; eth0/0 ifname net0>eth0v0; eth0/0 altname x>; "
		"eth0/0 altname c>; eth0/0 altname b>b; eth0/0 altname c>c; eth0/0 lease blue>");
}

static void owners(void **state)
{
	static const struct {
		const char *owner, *words;
		bool ok;
	} rows[] = {
		{NULL, "", true},
		{NULL, " owner c1", false},
		{"c1", " owner c1", true},
		{"c1", "", false},
		{"c1", " owner c2", false},
		{"c1", " owner c", false},
		{"c1", " owner c11", false},
		{"c1", " owner c2 --force=in-use", true},
		{"c1", " --force", true},
		{NULL, " owner c1 --force=in-use", true},
		{"c1", " owner c2 --force=duplicate-mac", false},
	};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *words;

		w = fresh(state);
		attached(w, "eth0/2", rows[i].owner);
		/* all or nothing: those in front of it as well */
		words = arena_printf(
			&w->host.arena, "netns detach eth0/0 eth0/2 eth1/0%s", rows[i].words);
		if (rows[i].ok) {
			assert_int_equal(world_words(w, words), 0);
			assert_int_equal(change_step_count(&w->change), 4);
			continue;
		}
		assert_refuses(w, world_words(w, words), EXIT_REFUSED, "eth0/2", "owner",
			rows[i].owner ? "for the owner c1" : "no owner");
		assert_contains(w->err.hint, rows[i].owner ? "owner c1" : "leave out");
	}
	/* also when it is back by itself */
	w = fresh(state);
	come_back(w, attached(w, "eth0/2", "c1"), "net0");
	assert_refuses(w, world_words(w, "netns detach eth0/2"), EXIT_REFUSED, "eth0/2", "owner",
		"for the owner c1");
}

static void moved_by_others(void **state)
{
	struct world *w = *state;

	world_away(w, "eth0/1", "red", "eth0");
	assert_refuses(w, world_words(w, "netns detach eth0/0-1"), EXIT_REFUSED, "eth0/1", "",
		"in the network namespace red, as eth0");
	assert_contains(w->err.hint, "--force=in-use");
	assert_refuses(w, world_words(w, "netns detach red/eth0 owner c1"), EXIT_REFUSED, "eth0/1",
		"", "red");
	/* by force it comes home, and nothing else is known of it */
	assert_plans(w, world_words(w, "netns detach eth0/1 --force=in-use"), "eth0/1 netns red>");
	assert_int_equal(world_check(w, FORCE_IN_USE), 0);
}

static void moved_on(void **state)
{
	struct world *w = *state;
	struct vf *vf = attached(w, "eth0/1", "c1");

	vf->netns = "red";
	vf->netns_id = (struct netns_id){102, 2};
	assert_refuses(w, world_words(w, "netns detach eth0/1 owner c1"), EXIT_REFUSED, "eth0/1",
		"", "someone moved it on to red, as net0");
	assert_plans(w, world_words(w, "netns detach eth0/1 --force=in-use"),
		"eth0/1 netns red>; eth0/1 ifname net0>eth0v1; eth0/1 up off>on; "
		"eth0/1 lease c1>");
	/* a namespace made anew under the old name is not where it went */
	vf->netns = "blue";
	vf->netns_id = (struct netns_id){101, 77};
	assert_refuses(w, world_words(w, "netns detach eth0/1 owner c1"), EXIT_REFUSED, "eth0/1",
		"", "someone moved it on");
}

/* Its namespace has gone: it is at home, under whatever name. */
static void returned(void **state)
{
	struct world *w = *state;
	struct vf *vf = attached(w, "eth0/1", NULL);

	vf->vlan = 5;
	come_back(w, vf, "dev7");
	assert_plans(w, world_words(w, "netns detach eth0/1"),
		"eth0/1 vlan 5>0; eth0/1 ifname dev7>eth0v1; eth0/1 up off>on; "
		"eth0/1 lease blue>");
	assert_true(world_plan(w)->forward);
	assert_int_equal(world_check(w, 0), 0);
	/* by the name it has now, too */
	assert_int_equal(world_words(w, "netns detach dev7"), 0);
	assert_int_equal(change_step_count(&w->change), 4);
	/* someone uses it here by now */
	fixture_usage(&w->host, vf->ifindex, "address 192.0.2.9/24");
	assert_refuses(w, world_check(w, 0), EXIT_REFUSED, "eth0/1", "", "has address 192.0.2.9");
	assert_int_equal(world_check(w, FORCE_IN_USE), 0);
}

/* Its interface is nowhere: its driver makes another. */
static void lost(void **state)
{
	struct world *w = *state;
	struct vf *vf = attached(w, "eth0/1", NULL);

	lose(vf);
	assert_plans(w, world_words(w, "netns detach eth0/1"),
		"eth0/1 driver igbvf>; eth0/1 driver igbvf>igbvf; eth0/1 ifname eth0v1>eth0v1; "
		"eth0/1 if_mac 02:00:00:00:00:01>02:00:00:00:00:01; eth0/1 mtu 1500>1500; "
		"eth0/1 up on>on; eth0/1 lease blue>");
	assert_contains(world_warnings(w), "eth0/1: its interface cannot be found");
	assert_int_equal(world_check(w, 0), 0);
	/* its driver has gone as well: it gets that again */
	world_unbind(vf);
	assert_int_equal(world_words(w, "netns detach eth0/1"), 0);
	assert_contains(world_steps(w), "eth0/1 driver >igbvf");
	assert_string_equal(world_warnings(w), "");
}

static void vfio(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/3");

	world_vfio(&w->host, vf);
	world_lease(w, "eth0/3", "blue", "vm1");
	vf->vlan = 5;
	assert_plans(w, world_words(w, "netns detach eth0/3 owner vm1"),
		"eth0/3 vlan 5>0; eth0/3 lease vm1>");
	assert_int_equal(world_check(w, 0), 0);
	/* a process has it still */
	w->host.holders[w->host.holder_count++] = (struct vfio_holder){13, 4711, "qemu"};
	assert_refuses(
		w, world_check(w, 0), EXIT_REFUSED, "eth0/3", "", "is held by process 4711 (qemu)");
	assert_int_equal(world_check(w, FORCE_IN_USE), 0);
	/* its namespace has gone */
	w->host.holder_count = 0;
	w->host.netns[0].id.cookie = 77;
	assert_plans(w, world_words(w, "netns detach eth0/3 owner vm1"),
		"eth0/3 vlan 5>0; eth0/3 lease vm1>");
	assert_string_equal(world_warnings(w), "");
}

/* Others may not take away what is lent. */
static void other_commands(void **state)
{
	static const char *const refused[] = {"vf bind eth0/0 vfio-pci", "vf unbind eth0/0",
		"vf reset eth0/0", "vf destroy eth0", "vf create eth0 2", "vf create eth0 8"};
	struct world *w = *state;

	world_vf(w, "eth0/0")->resettable = true;
	attached(w, "eth0/0", "c1");
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		assert_int_equal(world_words(w, refused[i]), 0);
		assert_refuses(w, world_check(w, 0), EXIT_REFUSED, "eth0/0", "",
			"it is attached to the network namespace blue, as net0 (owner c1)");
		assert_int_equal(world_check(w, FORCE_IN_USE), 0);
	}
	/* what the PF sets can be set; what the interface has is the container's */
	assert_plans(w, world_words(w, "vf set eth0/0 vlan 5"), "eth0/0 vlan 0>5");
	assert_int_equal(world_check(w, 0), 0);
	assert_refuses(w, world_words(w, "vf set eth0/0 mtu 1400"), EXIT_REFUSED, "eth0/0", "mtu",
		"in the network namespace blue");
	/* its PF goes down */
	assert_int_equal(world_words(w, "pf set eth0 down"), 0);
	assert_refuses(w, world_check(w, 0), EXIT_REFUSED, "eth0/0", "", "it is attached to");
	/* what is nobody's but is not here is in use as well */
	w = fresh(state);
	world_away(w, "eth0/0", "red", "x");
	assert_int_equal(world_words(w, "vf bind eth0/0 vfio-pci"), 0);
	assert_refuses(w, world_check(w, 0), EXIT_REFUSED, "eth0/0", "",
		"it is in the network namespace red, as x");
}

/* repair */

/* The PFs about which there is something to say, as text. */
static const char *to_repair(struct world *w)
{
	size_t count, n = 0;
	const struct pf **pfs = pfs_to_repair(&w->host, &count);

	w->text[0] = 0;
	for (size_t i = 0; i < count; i++)
		n += (size_t)snprintf(
			w->text + n, sizeof(w->text) - n, "%s%s", n ? " " : "", pfs[i]->name);
	return w->text;
}

static void nothing_wrong(void **state)
{
	struct world *w = *state;

	assert_string_equal(to_repair(w), "");
	assert_plans(w, world_repair(w, w->eth0), "");
	/* what is where it was sent, or where someone put it, is left alone */
	attached(w, "eth0/0", NULL);
	world_away(w, "eth0/1", "red", "x");
	world_vfio(&w->host, world_vf(w, "eth0/2"));
	world_lease(w, "eth0/2", "red", "vm1");
	world_lease(w, "eth0/3", "blue", NULL);
	world_away(w, "eth0/3", "red", "net0");
	assert_string_equal(to_repair(w), "");
	assert_plans(w, world_repair(w, w->eth0), "");
	assert_string_equal(world_warnings(w), "");
	assert_int_equal(world_check(w, 0), 0);
}

static void left_over(void **state)
{
	struct world *w = *state;
	struct vf *vf = attached(w, "eth0/1", "c1");

	vf->vlan = 5;
	come_back(w, vf, "dev7");
	lose(attached(w, "eth0/2", "c2"));
	attached(w, "eth0/3", NULL); /* that one is fine */
	world_vfio(&w->host, world_vf(w, "eth1/0"));
	world_lease(w, "eth1/0", "blue", NULL);
	assert_string_equal(to_repair(w), "eth0");
	/* whatever the owner: nobody is left who could say it */
	assert_int_equal(world_repair(w, w->eth0), 0);
	assert_contains(world_steps(w),
		"eth0/2 driver igbvf>; eth0/1 vlan 5>0; eth0/2 driver igbvf>igbvf; "
		"eth0/1 ifname dev7>eth0v1; eth0/1 up off>on; eth0/2 ifname");
	assert_contains(world_steps(w), "eth0/1 lease c1>; eth0/2 lease c2>");
	assert_null(strstr(world_steps(w), "eth0/3"));
	assert_contains(world_warnings(w), "eth0/1: it was attached to blue, and has come back");
	assert_contains(world_warnings(w), "eth0/2: it was attached to blue, and is nowhere");
	assert_int_equal(world_check(w, 0), 0);
	/* the namespace that a node was lent to */
	w->host.netns[0].id.cookie = 77;
	assert_string_equal(to_repair(w), "eth0 eth1");
	assert_plans(w, world_repair(w, w->eth1), "eth1/0 lease blue>");
}

/* Someone has put it to use since it came back. */
static void used_here(void **state)
{
	struct world *w = *state;
	struct vf *vf = attached(w, "eth0/1", "c1");

	come_back(w, vf, "net0");
	come_back(w, attached(w, "eth0/2", NULL), "net9");
	fixture_usage(&w->host, vf->ifindex, "address 192.0.2.9/24");
	assert_plans(w, world_repair(w, w->eth0),
		"eth0/2 ifname net9>eth0v2; eth0/2 up off>on; eth0/2 lease blue>");
	assert_contains(
		world_warnings(w), "eth0/1: it has come back from blue, but it has address");
	assert_int_equal(world_check(w, 0), 0);
}

/* Of VFs, and of PFs, that do not exist. */
static void gone(void **state)
{
	struct world *w = *state;
	size_t count;
	const struct pf **pfs;

	attached(w, "eth0/3", "c1");
	attached(w, "eth1/2", NULL);
	attached(w, "eth1/3", "c2");
	w->host.vf_count = 7; /* eth1/3 */
	w->eth1->vf_count = 3;
	assert_string_equal(to_repair(w), "eth1");
	assert_plans(w, world_repair(w, w->eth1), "eth1/3 lease c2>");
	assert_contains(world_warnings(w), "eth1/3: ");
	assert_contains(world_warnings(w), "does not exist any more");
	assert_true(change_changed(&w->change));
	assert_int_equal(world_check(w, 0), 0);
	assert_plans(w, world_repair(w, w->eth0), "");
	/* the whole PF: known by its handle alone, and once */
	w->host.vf_count = 4;
	w->host.pf_count = 1;
	world_vf(w, "eth0/3")->attached = &w->host.leases[0];
	pfs = pfs_to_repair(&w->host, &count);
	assert_int_equal(count, 1);
	assert_string_equal(pfs[0]->handle, "pci/0000:41:00.0");
	assert_string_equal(pfs[0]->name, "eth1");
	assert_plans(w, world_repair(w, pfs[0]), "eth1/2 lease blue>; eth1/3 lease c2>");
	assert_int_equal(world_check(w, 0), 0);
}

/* A change that was cut off. */
static void cut_off(void **state)
{
	struct world *w = *state;
	struct change again = {0};
	const char *was;

	assert_int_equal(world_words(w, "netns attach eth0/0 blue vlan 5"), 0);
	assert_int_equal(journal_write(&w->change, world_plan(w), &w->err), 0);
	assert_string_equal(to_repair(w), "eth0");
	/* it got as far as the VLAN */
	world_lease(w, "eth0/0", "blue", NULL);
	world_vf(w, "eth0/0")->vlan = 5;
	assert_int_equal(journal_load(change_plan(&again, w->eth0), &was, &w->err), 1);
	change_free(&w->change);
	w->change = again;
	assert_plans(w, world_repair(w, w->eth0), "eth0/0 vlan 5>0; eth0/0 lease blue>");
	assert_int_equal(world_check(w, 0), 0);
	journal_remove(w->eth0);
	w->host.lease_count = 0;
	world_vf(w, "eth0/0")->attached = NULL;
	assert_string_equal(to_repair(w), "");
}

/* A lease that was kept of another device, of the same index. */
static void another_device(void **state)
{
	struct world *w = *state;
	struct vf *vf = attached(w, "eth0/1", "c1");

	come_back(w, vf, "eth0v1");
	w->host.leases[0].home.bdf.devfn = 0x77;
	vf->attached = NULL;
	vf->lease = NULL;
	vf->known &= ~VF_BIT(VF_LEASE);
	assert_string_equal(to_repair(w), "eth0");
	assert_plans(w, world_repair(w, w->eth0), "eth0/1 lease c1>");
	assert_int_equal(world_check(w, 0), 0);
	/* whoever uses that one loses nothing */
	fixture_usage(&w->host, vf->ifindex, "address 192.0.2.9/24");
	assert_int_equal(world_check(w, 0), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(at_home),
		TEST(the_order),
		TEST(several),
		TEST(only_what_differs),
		TEST(owners),
		TEST(moved_by_others),
		TEST(moved_on),
		TEST(returned),
		TEST(lost),
		TEST(vfio),
		TEST(other_commands),
		TEST(nothing_wrong),
		TEST(left_over),
		TEST(used_here),
		TEST(gone),
		TEST(cut_off),
		TEST(another_device),
	};

	return RUN(tests);
}
