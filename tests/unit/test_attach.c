/* `netns attach`: what is planned, in which order, and what is refused. */
#include "unit.h"

#include "world.h"

#include "core/options.h"

#define MAC "52:54:00:00:00:99"

/* An alternative name, of the VF and of its interface. */
static void altname(struct world *w, const char *vf, const char *name)
{
	fixture_altname(&w->host, &world_vf(w, vf)->altnames, name);
	fixture_altname(&w->host, &world_link(w, world_vf(w, vf)->ifname)->altnames, name);
}

/* The VF is attached to blue as net0, and has an address there. */
static struct vf *attached(struct world *w, const char *name, const char *owner)
{
	struct vf *vf = world_vf(w, name);

	world_lease(w, name, "blue", owner)->ifname = "net0";
	world_away(w, name, "blue", "net0");
	return vf;
}

/* All anew. */
static struct world *fresh(void **state)
{
	world_teardown(state);
	assert_int_equal(world_setup(state), 0);
	return *state;
}

static const struct vf *before(struct world *w, uint32_t index)
{
	const struct vf_state *st = state_find(&world_plan(w)->before, index);

	assert_non_null(st);
	return &st->vf;
}

static const struct step *step_of(struct world *w, enum step_kind kind)
{
	struct plan *plan = world_plan(w);

	for (size_t i = 0; i < plan->count; i++)
		if (plan->steps[i].kind == kind)
			return &plan->steps[i];
	fail_msg("no such step: %s", world_steps(w));
	return NULL;
}

static void the_order(void **state)
{
	struct world *w = *state;

	assert_plans(w, world_words(w, "netns attach eth0/0 blue"),
		"eth0/0 lease >blue; eth0/0 netns >blue");
	assert_plans(w,
		world_words(w, "netns attach eth0/0 blue gateway 192.0.2.254 owner c1 up mtu 1450 "
			       "address 192.0.2.1/24 name net0 trust on qos 3 vlan 100 mac " MAC
			       " gateway fe80::1 address 2001:DB8:0::1/64"),
		"eth0/0 lease >c1; eth0/0 mac 02:00:00:00:00:00>" MAC
		"; eth0/0 vlan 0>100; eth0/0 qos 0>3; eth0/0 trust off>on; eth0/0 netns >blue; "
		"eth0/0 ifname eth0v0>net0; eth0/0 if_mac 02:00:00:00:00:00>" MAC
		"; eth0/0 mtu 1500>1450; eth0/0 address >192.0.2.1/24; "
		"eth0/0 address >2001:db8::1/64; eth0/0 up off>on; eth0/0 gateway >192.0.2.254; "
		"eth0/0 gateway >fe80::1; eth0/0 announce >192.0.2.1/24,2001:db8::1/64");
	assert_int_equal(world_check(w, 0), 0);
	assert_false(world_plan(w)->forward);
	/* all leases, then all settings of the PF, then one VF after the other */
	assert_plans(w, world_words(w, "netns attach eth0/1 eth0/0 blue vlan 5 up name x"),
		"eth0/0 lease >blue; eth0/1 lease >blue; eth0/0 vlan 0>5; eth0/1 vlan 0>5; "
		"eth0/0 netns >blue; eth0/0 ifname eth0v0>x2; eth0/0 up off>on; "
		"eth0/1 netns >blue; eth0/1 ifname eth0v1>x1; eth0/1 up off>on");
	/* and one PF after the other, by their handles */
	assert_plans(w, world_words(w, "netns attach eth1/0 eth0/0 red vlan 5"),
		"eth0/0 lease >red; eth0/0 vlan 0>5; eth0/0 netns >red; "
		"eth0/0 ifname eth0v0>net2; eth1/0 lease >red; eth1/0 vlan 0>5; "
		"eth1/0 netns >red; eth1/0 ifname eth1v0>net1");
}

/* Where it goes and what is remembered is said by the steps themselves. */
static void what_the_steps_say(void **state)
{
	struct world *w = *state;
	const struct lease *l;

	assert_int_equal(world_words(w, "netns attach eth0/2 pid:4711 name net0 owner c1"), 0);
	l = step_of(w, STEP_LEASE)->want->attached;
	assert_non_null(l);
	assert_string_equal(l->pf, "pci/0000:21:00.0");
	assert_string_equal(l->vf, "eth0/2");
	assert_string_equal(l->netns, "pid:4711");
	assert_true(l->id.inode == 101 && l->id.cookie == 1);
	assert_string_equal(l->owner, "c1");
	assert_string_equal(l->ifname, "net0");
	assert_true(l->since == 0); /* from when it is written */
	assert_int_equal(l->home.index, 2);
	assert_int_equal(bdf_compare(l->home.bdf, world_vf(w, "eth0/2")->bdf), 0);
	assert_string_equal(step_of(w, STEP_IF_NETNS)->new.string, "pid:4711");
	assert_true(step_of(w, STEP_IF_NETNS)->want->netns_id.cookie == 1);
	/* without an owner it is the namespace's */
	assert_int_equal(world_words(w, "netns attach eth0/2 red"), 0);
	assert_null(step_of(w, STEP_LEASE)->want->attached->owner);
	assert_string_equal(step_of(w, STEP_LEASE)->new.string, "red");
}

/* All that it has at home is kept: on disk, for the way back and in the lease. */
static void what_is_kept(void **state)
{
	static const enum vf_attr kept[] = {VF_DRIVER, VF_IFNAME, VF_MTU, VF_UP, VF_ALTNAMES,
		VF_IF_MAC, VF_NETNS, VF_LEASE, VF_MAC, VF_VLAN, VF_QOS, VF_PROTO, VF_MAX_TX_RATE,
		VF_MIN_TX_RATE, VF_SPOOFCHK, VF_TRUST, VF_STATE, VF_QUERY_RSS};
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/0");
	const struct vf *home;

	vf->vlan = 7;
	vf->mtu = 1400;
	altname(w, "eth0/0", "storage");
	assert_int_equal(world_words(w, "netns attach eth0/0 blue"), 0);
	home = &step_of(w, STEP_LEASE)->want->attached->home;
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		if (!vf_has(before(w, 0), kept[i]))
			fail_msg("before: %s", vf_type.attrs[kept[i]].key);
		if (!vf_has(home, kept[i]))
			fail_msg("lease: %s", vf_type.attrs[kept[i]].key);
	}
	assert_null(before(w, 0)->netns);
	assert_null(before(w, 0)->lease);
	assert_int_equal(home->vlan, 7);
	assert_int_equal(home->mtu, 1400);
	assert_true(home->up);
	assert_string_equal(home->ifname, "eth0v0");
	assert_string_equal(home->altnames.items[0], "storage");
	assert_true(lladdr_equal(&home->if_mac, &vf->if_mac));
	/* none that the driver does not tell */
	assert_false(vf_has(home, VF_NODE_GUID));
	assert_false(vf_has(home, VF_ADDRESSES));
	/* what it has only as long as it is there */
	assert_false(vf_has(home, VF_LINK) || vf_has(home, VF_IFINDEX));
	/* addresses, if it has some; known to have none is nothing to put back */
	vf->known |= VF_BIT(VF_ADDRESSES) | VF_BIT(VF_GATEWAYS);
	assert_int_equal(world_words(w, "netns attach eth0/0 blue"), 0);
	assert_false(vf_has(before(w, 0), VF_ADDRESSES));
	fixture_altname(&w->host, &vf->addresses, "192.0.2.9/24");
	assert_int_equal(world_words(w, "netns attach eth0/0 blue address 192.0.2.1/24"), 0);
	assert_string_equal(before(w, 0)->addresses.items[0], "192.0.2.9/24");
	/* and inside it has those that are asked for alone */
	assert_plans(w, world_words(w, "netns attach eth0/0 blue address 192.0.2.1/24"),
		"eth0/0 lease >blue; eth0/0 netns >blue; eth0/0 address >192.0.2.1/24; "
		"eth0/0 up off>on; eth0/0 announce >192.0.2.1/24");
}

/* An address that the PF was given reaches the interface of such a driver when it moves. */
static void the_address_at_home(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/0");

	vf->if_mac.bytes[5] = 0x77;
	assert_int_equal(world_words(w, "netns attach eth0/0 blue"), 0);
	assert_int_equal(before(w, 0)->if_mac.bytes[5], 0x77);
	w->eth0->driver = "igb";
	assert_int_equal(world_words(w, "netns attach eth0/0 blue"), 0);
	assert_int_equal(before(w, 0)->if_mac.bytes[5], 0);
	assert_int_equal(step_of(w, STEP_LEASE)->want->attached->home.if_mac.bytes[5], 0);
	vf->trust = true; /* then it keeps its own */
	assert_int_equal(world_words(w, "netns attach eth0/0 blue"), 0);
	assert_int_equal(before(w, 0)->if_mac.bytes[5], 0x77);
	vf->trust = false;
	vf->mac = (struct lladdr){.len = 6}; /* the PF has none */
	assert_int_equal(world_words(w, "netns attach eth0/0 blue"), 0);
	assert_int_equal(before(w, 0)->if_mac.bytes[5], 0x77);
}

static void up_and_down(void **state)
{
	struct world *w = *state;

	/* as it was at home it is not to be there */
	assert_true(world_vf(w, "eth0/0")->up);
	assert_plans(w, world_words(w, "netns attach eth0/0 blue"),
		"eth0/0 lease >blue; eth0/0 netns >blue");
	assert_plans(w, world_words(w, "netns attach eth0/0 blue up"),
		"eth0/0 lease >blue; eth0/0 netns >blue; eth0/0 up off>on");
	world_vf(w, "eth0/0")->up = false;
	assert_plans(w, world_words(w, "netns attach eth0/0 blue up"),
		"eth0/0 lease >blue; eth0/0 netns >blue; eth0/0 up off>on");
	assert_plans(w, world_words(w, "netns attach eth0/0 blue down"),
		"eth0/0 lease >blue; eth0/0 netns >blue");
	/* an address implies it, unless it is to be down: nobody is told of it then */
	assert_plans(w, world_words(w, "netns attach eth0/0 blue address 192.0.2.1/24 down"),
		"eth0/0 lease >blue; eth0/0 netns >blue; eth0/0 address >192.0.2.1/24");
}

/* names */

static void names(void **state)
{
	struct world *w = *state;
	struct link *l;

	/* one keeps its name */
	assert_plans(w, world_words(w, "netns attach eth0/3 blue"),
		"eth0/3 lease >blue; eth0/3 netns >blue");
	/* several: the lowest numbers that are free, in the order they were named in */
	l = world_link_in(w, "blue", "net2");
	fixture_altname(&w->host, &world_link_in(w, "blue", "lan")->altnames, "net3");
	world_link_in(w, "red", "net1");
	fixture_link(&w->host, 77, "net4"); /* ours is another one */
	assert_plans(w, world_words(w, "netns attach eth0/2 eth0/0 blue"),
		"eth0/0 lease >blue; eth0/2 lease >blue; eth0/0 netns >blue; "
		"eth0/0 ifname eth0v0>net4; eth0/2 netns >blue; eth0/2 ifname eth0v2>net1");
	/* after a name that is given */
	l->name = "tap1";
	assert_plans(w, world_words(w, "netns attach eth0/0-1 blue name tap"),
		"eth0/0 lease >blue; eth0/1 lease >blue; eth0/0 netns >blue; "
		"eth0/0 ifname eth0v0>tap2; eth0/1 netns >blue; eth0/1 ifname eth0v1>tap3");
	/* a name at home may be given to another one inside */
	assert_plans(w, world_words(w, "netns attach eth0/0 blue name eth0v1"),
		"eth0/0 lease >blue; eth0/0 netns >blue; eth0/0 ifname eth0v0>eth0v1");
	/* the longest there are */
	assert_plans(w, world_words(w, "netns attach eth0/0 blue name fifteen-bytes-x"),
		"eth0/0 lease >blue; eth0/0 netns >blue; eth0/0 ifname eth0v0>fifteen-bytes-x");
	assert_refuses(w, world_words(w, "netns attach eth0/0-1 blue name fifteen-bytes-x"),
		EXIT_USAGE, "eth0/0", "name", "fifteen-bytes-x1 is too long");
}

static void names_that_are_taken(void **state)
{
	struct world *w = *state;

	world_link_in(w, "blue", "net0");
	fixture_altname(&w->host, &world_link_in(w, "blue", "lan")->altnames, "disk0");
	assert_refuses(w, world_words(w, "netns attach eth0/0 blue name net0"), EXIT_USAGE,
		"eth0/0", "name", "blue has an interface net0 already");
	assert_contains(w->err.hint, "name IF");
	assert_refuses(w, world_words(w, "netns attach eth0/0 blue name disk0"), EXIT_USAGE,
		"eth0/0", "name", "disk0");
	assert_refuses(w, world_words(w, "netns attach eth0/0 blue name net0 --force"), EXIT_USAGE,
		"eth0/0", "name", "net0");
	assert_int_equal(world_words(w, "netns attach eth0/0 red name net0"), 0);
	/* its own, kept */
	world_link_in(w, "blue", "eth0v1");
	assert_refuses(w, world_words(w, "netns attach eth0/1 blue"), EXIT_USAGE, "eth0/1", "name",
		"blue has an interface eth0v1 already");
	assert_int_equal(world_words(w, "netns attach eth0/0-1 blue"), 0);
	/* a namespace that was deleted, and made anew under its name, is another one */
	w->host.links[w->host.link_count - 1].netns_id.cookie = 77;
	assert_int_equal(world_words(w, "netns attach eth0/1 blue"), 0);
}

/* Those that others have there are taken off before it goes. */
static void alternative_names(void **state)
{
	struct world *w = *state;

	altname(w, "eth0/0", "storage");
	altname(w, "eth0/0", "fast");
	assert_plans(w, world_words(w, "netns attach eth0/0 blue"),
		"eth0/0 lease >blue; eth0/0 netns >blue");
	world_link_in(w, "blue", "storage");
	assert_plans(w, world_words(w, "netns attach eth0/0 blue"),
		"eth0/0 lease >blue; eth0/0 altname storage>; eth0/0 netns >blue");
	assert_int_equal(before(w, 0)->altnames.count, 2);
	assert_int_equal(step_of(w, STEP_LEASE)->want->attached->home.altnames.count, 2);
	/* one that becomes its name */
	assert_plans(w, world_words(w, "netns attach eth0/0 red name fast"),
		"eth0/0 lease >red; eth0/0 altname fast>; eth0/0 netns >red; "
		"eth0/0 ifname eth0v0>fast");
	/* or that of another one that goes there with it: a name, or a number, of its own */
	altname(w, "eth0/0", "net2");
	assert_int_equal(world_words(w, "netns attach eth0/0-1 red"), 0);
	if (!strstr(world_steps(w), "ifname eth0v1>net3"))
		assert_contains(world_steps(w), "eth0/0 altname net2>; eth0/0 netns >red");
}

/* refused */

static void places(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/0");
	struct lease *l;

	assert_refuses(w, world_words(w, "netns attach eth0/0 home"), EXIT_USAGE, "home", "",
		"namespace they are in already");
	/* moved by someone */
	world_away(w, "eth0/0", "red", "x");
	for (int i = 0; i < 2; i++)
		assert_refuses(w,
			world_words(w, i ? "netns attach eth0/1 eth0/0 blue --force"
					 : "netns attach eth0/0 red"),
			EXIT_REFUSED, "eth0/0", "", "someone moved it to red, as x");
	/* attached: first it must be taken back */
	w = fresh(state);
	vf = attached(w, "eth0/0", "c1");
	for (int i = 0; i < 2; i++)
		assert_refuses(w,
			world_words(w, i ? "netns attach eth0/1 eth0/0 red owner c1 --force"
					 : "netns attach eth0/0 red owner c1"),
			EXIT_REFUSED, "eth0/0", "", "attached to blue");
	assert_contains(w->err.hint, "netns detach eth0/0 owner c1");
	/* moved on, back again, lost */
	vf->netns = "red";
	vf->netns_id = (struct netns_id){102, 2};
	for (int i = 0; i < 2; i++)
		assert_refuses(w,
			world_words(w, i ? "netns attach eth0/0 red owner c1 --force"
					 : "netns attach eth0/0 blue owner c1"),
			EXIT_REFUSED, "eth0/0", "", "attached to blue");
	vf->known &= ~VF_BIT(VF_NETNS);
	vf->netns = NULL;
	assert_refuses(w, world_words(w, "netns attach eth0/0 blue owner c1 --force"), EXIT_REFUSED,
		"eth0/0", "", "attached to blue");
	assert_contains(w->err.hint, "repair");
	l = &w->host.leases[0];
	world_unbind(vf);
	vf->attached = l;
	vf->driver = "igbvf";
	vf->known |= VF_BIT(VF_DRIVER);
	assert_refuses(w, world_words(w, "netns attach eth0/0 blue owner c1 --force"), EXIT_REFUSED,
		"eth0/0", "", "attached to blue");
}

static void kinds(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/0");

	world_unbind(vf);
	assert_refuses(w, world_words(w, "netns attach eth0/1 eth0/0 blue"), EXIT_REFUSED, "eth0/0",
		"", "it has no interface: no driver has it");
	assert_contains(w->err.hint, "vf bind eth0/0 default");
	assert_refuses(w, world_words(w, "netns attach eth0/0 blue --force"), EXIT_REFUSED,
		"eth0/0", "", "no driver has it");
	vf->driver = "uio_pci_generic";
	vf->known |= VF_BIT(VF_DRIVER);
	assert_refuses(w, world_words(w, "netns attach eth0/0 blue"), EXIT_REFUSED, "eth0/0", "",
		"it is bound to uio_pci_generic");
	vf->driver = "igbvf";
	vf->unseen = true;
	assert_refuses(w, world_words(w, "netns attach eth0/0 blue"), EXIT_REFUSED, "eth0/0", "",
		"cannot be seen");
	vf = world_vf(w, "eth0/2");
	vf->known &= ~VF_BIT(VF_BDF); /* netdevsim's */
	assert_refuses(w, world_words(w, "netns attach eth0/2 blue"), EXIT_UNSUPPORTED, "eth0/2",
		"", "no PCI device");
}

/* What `vf set` refuses is refused here as well. */
static void settings(void **state)
{
	struct world *w = *state;

	assert_refuses(w, world_words(w, "netns attach eth0/0 blue qos 3"), EXIT_USAGE, "eth0/0",
		"qos", "without a VLAN");
	assert_refuses(w, world_words(w, "netns attach eth0/0 blue max_tx_rate 5 min_tx_rate 6"),
		EXIT_USAGE, "eth0/0", "max_tx_rate", "would be above");
	assert_refuses(w, world_words(w, "netns attach eth0/0 blue mac 02:00:00:00:00:01"),
		EXIT_REFUSED, "eth0/0", "mac", "already that of eth0/1");
	assert_int_equal(
		world_words(
			w, "netns attach eth0/0 blue mac 02:00:00:00:00:01 --force=duplicate-mac"),
		0);
	assert_refuses(w, world_words(w, "netns attach eth0/0-1 blue mac " MAC), EXIT_USAGE,
		"eth0/1", "mac", "one address cannot be that of several VFs");
	world_vf(w, "eth0/1")->min_mtu = 68;
	world_vf(w, "eth0/1")->max_mtu = 9216;
	assert_refuses(w, world_words(w, "netns attach eth0/0-1 blue mtu 9217"), EXIT_USAGE,
		"eth0/1", "mtu", "from 68 to 9216, not 9217");
	w->eth0->driver = "igb";
	assert_refuses(w, world_words(w, "netns attach eth0/0 blue vlan 5 proto 802.1ad"),
		EXIT_UNSUPPORTED, "eth0/0", "proto", "igb cannot");
	assert_refuses(w, world_words(w, "netns attach eth0/0 blue state enable"), EXIT_UNSUPPORTED,
		"eth0/0", "state", "igb cannot");
	w->eth0->known &= ~PF_BIT(PF_IFINDEX);
	w->eth0->unseen = true;
	assert_refuses(w, world_words(w, "netns attach eth0/0 blue vlan 5"), EXIT_REFUSED, "eth0/0",
		"vlan", "of its PF is in another network namespace");
	assert_int_equal(world_words(w, "netns attach eth0/0 blue"), 0);
}

/* Its address is set by the PF and by the interface; no driver starts anew for it. */
static void the_address(void **state)
{
	struct world *w = *state;

	w->eth0->driver = "igb";
	assert_plans(w, world_words(w, "netns attach eth0/0 blue mac " MAC),
		"eth0/0 lease >blue; eth0/0 mac 02:00:00:00:00:00>" MAC
		"; eth0/0 netns >blue; eth0/0 if_mac 02:00:00:00:00:00>" MAC);
	assert_int_equal(world_check(w, 0), 0);
	assert_int_equal(world_words(w, "netns attach eth0/0-1 blue mac auto"), 0);
	assert_true(lladdr_equal(&state_find(&world_plan(w)->goal, 0)->vf.mac,
		&state_find(&world_plan(w)->goal, 0)->vf.if_mac));
	assert_false(lladdr_equal(&state_find(&world_plan(w)->goal, 0)->vf.mac,
		&state_find(&world_plan(w)->goal, 1)->vf.mac));
}

static void addresses(void **state)
{
	static const struct {
		const char *words, *key, *message;
	} rows[] = {
		{"eth0/0-1 blue address 192.0.2.1/24", "address",
			"one address cannot be given to 2"},
		{"eth0/0-1 blue gateway 192.0.2.1", "gateway", "one gateway cannot be given to 2"},
		{"eth0/0 blue gateway 192.0.2.254", "gateway", "192.0.2.254 is in no network"},
		{"eth0/0 blue address 192.0.2.1/24 gateway 192.0.3.1", "gateway", "in no network"},
		{"eth0/0 blue address 192.0.2.1/24 gateway 2001:db8::1", "gateway",
			"in no network"},
		{"eth0/0 blue address 192.0.2.1/32 gateway 192.0.2.2", "gateway", "in no network"},
		{"eth0/0 blue address 192.0.2.1/24 gateway 192.0.2.2 gateway 192.0.2.3", "gateway",
			"one gateway for IPv4 and one for IPv6"},
		{"eth0/0 blue address 2001:db8::1/64 gateway fe80::1 gateway 2001:db8::2",
			"gateway", "one gateway for IPv4"},
		{"eth0/0 blue address 192.0.2.1/24 address 2001:db8::1/64 gateway 192.0.2.2 "
		 "gateway fe80::1 gateway fe80::2",
			"gateway", "one gateway for IPv4"},
		{"eth0/0 blue address 192.0.2.1/24 gateway 192.0.2.2 down", "gateway",
			"down has no routes"},
		{"eth0/0 blue down address 192.0.2.1/24 gateway 192.0.2.2", "gateway",
			"down has no routes"},
	};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int rc = world_words(
			w, arena_printf(&w->host.arena, "netns attach %s", rows[i].words));

		assert_refuses(w, rc, EXIT_USAGE, "eth0/0", rows[i].key, rows[i].message);
	}
	/* by way of a second address; and a link-local one needs none */
	assert_int_equal(world_words(w, "netns attach eth0/0 blue address 192.0.2.1/32 "
					"address 198.51.100.1/24 gateway 198.51.100.254"),
		0);
	assert_plans(w, world_words(w, "netns attach eth0/0 blue gateway fe80::1"),
		"eth0/0 lease >blue; eth0/0 netns >blue; eth0/0 up off>on; "
		"eth0/0 gateway >fe80::1");
	/* the same twice is once */
	assert_plans(w,
		world_words(w, "netns attach eth0/0 blue address 192.0.2.1/24 "
			       "address 192.0.2.1/24 gateway 192.0.2.2 gateway 192.0.2.2"),
		"eth0/0 lease >blue; eth0/0 netns >blue; eth0/0 address >192.0.2.1/24; "
		"eth0/0 up off>on; eth0/0 gateway >192.0.2.2; eth0/0 announce >192.0.2.1/24");
}

/* Somebody would lose it: asked before the first step. */
static void in_use(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/1");

	fixture_usage(&w->host, vf->ifindex, "address 192.0.2.9/24");
	assert_int_equal(world_words(w, "netns attach eth0/0 blue"), 0);
	assert_true(change_disturbs(&w->change, &w->host));
	assert_int_equal(world_check(w, 0), 0);
	assert_int_equal(world_words(w, "netns attach eth0/0-1 blue"), 0);
	assert_refuses(
		w, world_check(w, 0), EXIT_REFUSED, "eth0/1", "", "it has address 192.0.2.9/24");
	assert_contains(w->err.hint, "--force=in-use");
	assert_int_equal(world_check(w, FORCE_IN_USE), 0);
	/* who uses it is not known */
	w->host.usage_count = 0;
	w->host.usage_unknown = true;
	assert_refuses(w, world_check(w, 0), EXIT_REFUSED, "eth0", "", "could not be found out");
	assert_int_equal(world_check(w, FORCE_IN_USE), 0);
}

/* as a node of vfio */

static void vfio(void **state)
{
	static const struct {
		const char *words, *key;
	} rows[] = {{"name net0", "name"}, {"mtu 1400", "mtu"}, {"up", "up"}, {"down", "up"},
		{"address 192.0.2.1/24", "address"}, {"gateway fe80::1", "gateway"}};
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/3");

	world_vfio(&w->host, vf);
	assert_plans(w, world_words(w, "netns attach eth0/3 blue vlan 7 mac " MAC " owner vm1"),
		"eth0/3 lease >vm1; eth0/3 mac 02:00:00:00:00:03>" MAC
		"; eth0/3 vlan 0>7; eth0/3 vfio >/dev/vfio/13");
	assert_null(step_of(w, STEP_LEASE)->want->attached->ifname);
	assert_string_equal(before(w, 3)->driver, "vfio-pci");
	assert_int_equal(world_check(w, 0), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_refuses(w,
			world_words(w, arena_printf(&w->host.arena, "netns attach eth0/3 blue %s",
					       rows[i].words)),
			EXIT_USAGE, "eth0/3", rows[i].key, "bound to vfio-pci");
	/* among others: its node is told before theirs move */
	assert_plans(w, world_words(w, "netns attach eth0/2-3 blue"),
		"eth0/2 lease >blue; eth0/3 lease >blue; eth0/3 vfio >/dev/vfio/13; "
		"eth0/2 netns >blue; eth0/2 ifname eth0v2>net1");
	/* a process has it */
	w->host.holders[w->host.holder_count++] = (struct vfio_holder){13, 4711, "qemu"};
	assert_int_equal(world_words(w, "netns attach eth0/3 blue"), 0);
	assert_refuses(w, world_check(w, 0), EXIT_REFUSED, "eth0/3", "",
		"is held by process 4711 (qemu) through /dev/vfio/13");
	/* the kernel would not wait for it here */
	assert_int_equal(world_check(w, FORCE_IN_USE), 0);
}

static void vfio_again(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/3");

	world_vfio(&w->host, vf);
	world_lease(w, "eth0/3", "blue", "vm1");
	vf->vlan = 7;
	assert_int_equal(world_words(w, "netns attach eth0/3 blue vlan 7 owner vm1"), 0);
	assert_false(change_changed(&w->change)); /* its node may be told, again */
	assert_false(plan_has_step(world_plan(w), STEP_LEASE));
	assert_int_equal(world_words(w, "netns attach eth0/3 blue vlan 8 owner vm1"), 0);
	assert_contains(world_steps(w), "eth0/3 vlan 7>8");
	assert_true(change_changed(&w->change));
	assert_refuses(w, world_words(w, "netns attach eth0/3 red vlan 7 owner vm1"), EXIT_REFUSED,
		"eth0/3", "", "attached to blue");
	assert_refuses(w, world_words(w, "netns attach eth0/3 blue owner vm2"), EXIT_REFUSED,
		"eth0/3", "", "attached to blue");
}

/* again */

static void again(void **state)
{
	struct world *w = *state;
	struct vf *vf = attached(w, "eth0/0", "c1");

	vf->vlan = 100;
	vf->mtu = 1450;
	vf->up = true;
	fixture_altname(&w->host, &vf->addresses, "192.0.2.1/24");
	fixture_altname(&w->host, &vf->gateways, "192.0.2.254");
	/* the same: nothing to do, in whatever spelling */
	assert_plans(w,
		world_words(w, "netns attach eth0/0 blue name net0 vlan 100 mtu 1450 up "
			       "address 192.0.2.1/24 gateway 192.0.2.254 owner c1"),
		"");
	assert_plans(w, world_words(w, "netns attach eth0/0 blue owner c1"), "");
	assert_plans(w, world_words(w, "netns attach blue/net0 blue owner c1 mtu 1450"), "");
	assert_false(change_changed(&w->change));
	/* another setting: only that */
	assert_plans(w, world_words(w, "netns attach eth0/0 blue vlan 200 owner c1"),
		"eth0/0 vlan 100>200");
	assert_plans(w, world_words(w, "netns attach eth0/0 blue mtu 9000 owner c1"),
		"eth0/0 mtu 1450>9000");
	assert_plans(
		w, world_words(w, "netns attach eth0/0 blue down owner c1"), "eth0/0 up on>off");
	/* addresses are added to those it has, a gateway takes the place of the one it has */
	assert_plans(w,
		world_words(w, "netns attach eth0/0 blue address 192.0.2.7/24 "
			       "gateway 192.0.2.253 owner c1"),
		"eth0/0 address >192.0.2.7/24; eth0/0 gateway 192.0.2.254>; "
		"eth0/0 gateway >192.0.2.253; eth0/0 announce >192.0.2.1/24,192.0.2.7/24");
	assert_plans(w, world_words(w, "netns attach eth0/0 blue gateway fe80::1 owner c1"),
		"eth0/0 gateway >fe80::1");
	/* one may be in a network that it has had since */
	assert_int_equal(world_words(w, "netns attach eth0/0 blue gateway 192.0.2.77 owner c1"), 0);
}

static void again_by_another_name(void **state)
{
	struct world *w = *state;
	struct vf *vf = attached(w, "eth0/0", NULL);

	assert_int_equal(world_words(w, "netns attach eth0/0 blue name web"), 0);
	assert_contains(world_steps(w), "eth0/0 ifname net0>web");
	assert_false(plan_has_step(world_plan(w), STEP_IF_NETNS));
	/* renamed inside: it keeps that name, unless the one it was given is asked for */
	vf->ifname = "eth0";
	world_link(w, "net0")->name = "eth0";
	assert_int_equal(world_words(w, "netns attach eth0/0 blue vlan 5"), 0);
	assert_false(plan_has_step(world_plan(w), STEP_IF_NAME));
	assert_int_equal(world_words(w, "netns attach eth0/0 blue name net0"), 0);
	assert_contains(world_steps(w), "eth0/0 ifname eth0>net0");
	/* with others it keeps it as well, and they get the next ones */
	vf->ifname = "net1";
	world_link(w, "eth0")->name = "net1";
	assert_int_equal(world_words(w, "netns attach eth0/0-1 blue"), 0);
	assert_contains(world_steps(w), "eth0/1 netns >blue; eth0/1 ifname eth0v1>net2");
	assert_null(strstr(world_steps(w), "eth0/0 ifname"));
	/* a name that another one has there */
	world_link_in(w, "blue", "lan");
	assert_refuses(w, world_words(w, "netns attach eth0/0 blue name lan"), EXIT_USAGE, "eth0/0",
		"name", "lan already");
}

/* What the lease says of home stays what it was then. */
static void the_lease_stays(void **state)
{
	struct world *w = *state;
	struct lease *l;
	const struct lease *now;

	world_vf(w, "eth0/0")->mtu = 1400;
	attached(w, "eth0/0", "c1");
	l = &w->host.leases[0];
	world_vf(w, "eth0/0")->mtu = 9000;
	assert_int_equal(world_words(w, "netns attach eth0/0 blue name web vlan 5 owner c1"), 0);
	now = state_find(&world_plan(w)->goal, 0)->vf.attached;
	assert_int_equal(now->home.mtu, 1400);
	assert_int_equal(now->home.vlan, 0);
	assert_string_equal(now->home.ifname, "eth0v0");
	assert_true(now->since == l->since);
	assert_string_equal(now->ifname, "web");
	/* what is undone if it fails is what it has there */
	assert_string_equal(before(w, 0)->ifname, "net0");
	assert_true(!vf_has(before(w, 0), VF_NETNS) || before(w, 0)->netns);
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
		{"c1", " owner c2 --force", false},
	};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *words;

		w = fresh(state);
		attached(w, "eth0/0", rows[i].owner);
		words = arena_printf(
			&w->host.arena, "netns attach eth0/1 eth0/0 blue%s", rows[i].words);
		if (rows[i].ok)
			assert_int_equal(world_words(w, words), 0);
		else
			assert_refuses(w, world_words(w, words), EXIT_REFUSED, "eth0/0", "",
				"attached to blue");
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_order),
		TEST(what_the_steps_say),
		TEST(what_is_kept),
		TEST(the_address_at_home),
		TEST(up_and_down),
		TEST(names),
		TEST(names_that_are_taken),
		TEST(alternative_names),
		TEST(places),
		TEST(kinds),
		TEST(settings),
		TEST(the_address),
		TEST(addresses),
		TEST(in_use),
		TEST(vfio),
		TEST(vfio_again),
		TEST(again),
		TEST(again_by_another_name),
		TEST(the_lease_stays),
		TEST(owners),
	};

	return RUN(tests);
}
