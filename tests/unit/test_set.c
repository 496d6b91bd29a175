/* `vf set` and `pf set`: what is planned, and what is refused. */
#include "unit.h"

#include "world.h"

#include "core/mac.h"
#include "core/options.h"

#define FREE_MAC "52:54:00:00:00:99"

static void only_what_differs(void **state)
{
	struct world *w = *state;

	assert_plans(w, world_set(w, "eth0/0", "vlan 5", 0), "eth0/0 vlan 0>5");
	assert_int_equal(world_plan(w)->steps[0].kind, STEP_VF_ATTR);
	assert_int_equal(world_plan(w)->steps[0].attr, VF_VLAN);
	assert_int_equal(world_plan(w)->steps[0].vf, 0);
	assert_true(change_changed(&w->change));
	assert_plans(w, world_set(w, "eth0/0", "vlan 0 spoofchk on mac 02:00:00:00:00:00", 0), "");
	assert_false(change_changed(&w->change));
	assert_plans(
		w, world_set(w, "eth0/0", "max_tx_rate 0 trust off state auto mtu 1500 up", 0), "");
	world_vf(w, "eth0/1")->vlan = 5;
	assert_plans(w, world_set(w, "eth0/0-2", "vlan 5 trust on", 0),
		"eth0/0 vlan 0>5; eth0/0 trust off>on; eth0/1 trust off>on; "
		"eth0/2 vlan 0>5; eth0/2 trust off>on");
}

/* Not told by the driver is not the same as holding already. */
static void unknown_is_written(void **state)
{
	struct world *w = *state;

	world_vf(w, "eth0/0")->known &= ~VF_BIT(VF_TRUST);
	assert_plans(w, world_set(w, "eth0/0", "trust off", 0), "eth0/0 trust >off");
	assert_false(vf_has(&world_plan(w)->before.vfs[0]->vf, VF_TRUST));
}

static void every_attribute(void **state)
{
	struct world *w = *state;

	w->eth0->known &= ~PF_BIT(PF_MAC); /* so that nothing is known of its kind */
	world_vf(w, "eth0/0")->known |= VF_BIT(VF_NODE_GUID) | VF_BIT(VF_PORT_GUID);
	assert_plans(w,
		world_set(w, "eth0/0",
			"port_guid 00:00:00:00:00:00:00:02 node_guid 00:00:00:00:00:00:00:01 "
			"query_rss on state disable trust on spoofchk off min_tx_rate 10 "
			"max_tx_rate 20 proto 802.1ad qos 3 vlan 4 mac " FREE_MAC,
			0),
		"eth0/0 mac 02:00:00:00:00:00>" FREE_MAC
		"; eth0/0 vlan 0>4; eth0/0 qos 0>3; eth0/0 proto 802.1q>802.1ad; "
		"eth0/0 max_tx_rate 0>20; eth0/0 min_tx_rate 0>10; eth0/0 spoofchk on>off; "
		"eth0/0 trust off>on; eth0/0 state auto>disable; eth0/0 query_rss off>on; "
		"eth0/0 node_guid 00:00:00:00:00:00:00:00>00:00:00:00:00:00:00:01; "
		"eth0/0 port_guid 00:00:00:00:00:00:00:00>00:00:00:00:00:00:00:02");
}

/* The kernel takes VLAN, priority and protocol only together, and the two rates: what is
 * not set must be written as it is. */
static void what_goes_together(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/2");
	const struct vf *want;

	vf->vlan = 5;
	vf->qos = 3;
	vf->proto = VF_PROTO_8021AD;
	vf->max_tx_rate = 500;
	vf->min_tx_rate = 100;
	assert_plans(w, world_set(w, "eth0/2", "max_tx_rate 800", 0), "eth0/2 max_tx_rate 500>800");
	want = world_plan(w)->steps[0].want;
	assert_int_equal(want->index, 2);
	assert_int_equal(want->max_tx_rate, 800);
	assert_int_equal(want->min_tx_rate, 100);
	assert_plans(w, world_set(w, "eth0/2", "min_tx_rate 0", 0), "eth0/2 min_tx_rate 100>0");
	want = world_plan(w)->steps[0].want;
	assert_int_equal(want->max_tx_rate, 500);
	assert_int_equal(want->min_tx_rate, 0);
	assert_plans(w, world_set(w, "eth0/2", "vlan 6", 0), "eth0/2 vlan 5>6");
	want = world_plan(w)->steps[0].want;
	assert_int_equal(want->vlan, 6);
	assert_int_equal(want->qos, 3);
	assert_int_equal(want->proto, VF_PROTO_8021AD);
	assert_plans(w, world_set(w, "eth0/2", "qos 0", 0), "eth0/2 qos 3>0");
	want = world_plan(w)->steps[0].want;
	assert_int_equal(want->vlan, 5);
	assert_int_equal(want->qos, 0);
	assert_int_equal(want->proto, VF_PROTO_8021AD);
	assert_plans(w, world_set(w, "eth0/2", "proto 802.1q", 0), "eth0/2 proto 802.1ad>802.1q");
	want = world_plan(w)->steps[0].want;
	assert_int_equal(want->vlan, 5);
	assert_int_equal(want->qos, 3);
	/* and both of them at once are told apart, but written from the same values */
	assert_plans(
		w, world_set(w, "eth0/2", "vlan 7 qos 1", 0), "eth0/2 vlan 5>7; eth0/2 qos 3>1");
	want = world_plan(w)->steps[0].want;
	assert_ptr_equal(want, world_plan(w)->steps[1].want);
	assert_int_equal(want->vlan, 7);
	assert_int_equal(want->qos, 1);
	assert_int_equal(want->proto, VF_PROTO_8021AD);
}

static void vlan_0_takes_all_of_it(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/2");
	const struct vf *want;

	vf->vlan = 5;
	vf->qos = 3;
	vf->proto = VF_PROTO_8021AD;
	assert_plans(w, world_set(w, "eth0/2", "vlan 0", 0),
		"eth0/2 vlan 5>0; eth0/2 qos 3>0; eth0/2 proto 802.1ad>802.1q");
	want = world_plan(w)->steps[0].want;
	assert_true(!want->vlan && !want->qos && want->proto == VF_PROTO_8021Q);
	/* to go back, all three must be known */
	assert_int_equal(world_plan(w)->before.vfs[0]->vf.vlan, 5);
	assert_int_equal(world_plan(w)->before.vfs[0]->vf.qos, 3);
	assert_int_equal(world_plan(w)->before.vfs[0]->vf.proto, VF_PROTO_8021AD);
	vf->qos = 0;
	vf->proto = 0;
	assert_plans(w, world_set(w, "eth0/2", "vlan 0", 0), "eth0/2 vlan 5>0");
	vf->known &= ~(VF_BIT(VF_QOS) | VF_BIT(VF_PROTO)); /* kernels before 4.9 */
	assert_plans(w, world_set(w, "eth0/2", "vlan 0", 0), "eth0/2 vlan 5>0");
	vf->vlan = 0;
	vf->qos = 3; /* of no VLAN: means nothing */
	vf->known |= VF_BIT(VF_QOS) | VF_BIT(VF_PROTO);
	assert_plans(w, world_set(w, "eth0/2", "vlan 0", 0), "");
}

static void priority_needs_a_vlan(void **state)
{
	struct world *w = *state;

	assert_refuses(w, world_set(w, "eth0/1", "qos 3", 0), EXIT_USAGE, "eth0/1", "qos",
		"without a VLAN");
	assert_contains(w->err.hint, "vlan N");
	assert_refuses(w, world_set(w, "eth0/1", "proto 802.1ad", 0), EXIT_USAGE, "eth0/1", "proto",
		"without a VLAN");
	assert_refuses(w, world_set(w, "eth0/1", "vlan 0 qos 3", 0), EXIT_USAGE, "eth0/1", "qos",
		"without a VLAN");
	assert_refuses(w, world_set(w, "eth0/1", "qos 3", FORCE_ALL), EXIT_USAGE, "eth0/1", "qos",
		"without a VLAN");
	/* "none" is no claim */
	assert_plans(w, world_set(w, "eth0/1", "qos 0 proto 802.1q", 0), "");
	assert_plans(
		w, world_set(w, "eth0/1", "vlan 9 qos 3", 0), "eth0/1 vlan 0>9; eth0/1 qos 0>3");
	world_vf(w, "eth0/1")->vlan = 9;
	assert_plans(w, world_set(w, "eth0/1", "qos 3", 0), "eth0/1 qos 0>3");
	/* one of several is enough */
	assert_refuses(w, world_set(w, "eth0/1-2", "qos 3", 0), EXIT_USAGE, "eth0/2", "qos",
		"without a VLAN");
}

static void rates(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/0");

	assert_refuses(w, world_set(w, "eth0/0", "min_tx_rate 600 max_tx_rate 500", 0), EXIT_USAGE,
		"eth0/0", "max_tx_rate", "min_tx_rate (600) would be above its max_tx_rate (500)");
	assert_plans(w, world_set(w, "eth0/0", "min_tx_rate 500 max_tx_rate 500", 0),
		"eth0/0 max_tx_rate 0>500; eth0/0 min_tx_rate 0>500");
	/* against what it has */
	vf->max_tx_rate = 500;
	assert_refuses(w, world_set(w, "eth0/0", "min_tx_rate 501", 0), EXIT_USAGE, "eth0/0",
		"min_tx_rate", "(501) would be above");
	vf->min_tx_rate = 300;
	assert_refuses(w, world_set(w, "eth0/0", "max_tx_rate 200", 0), EXIT_USAGE, "eth0/0",
		"max_tx_rate", "(300) would be above its max_tx_rate (200)");
	/* 0 is no limit */
	assert_plans(w, world_set(w, "eth0/0", "max_tx_rate 0", 0), "eth0/0 max_tx_rate 500>0");
	/* other settings do not ask */
	vf->min_tx_rate = 900;
	assert_plans(w, world_set(w, "eth0/0", "trust on", 0), "eth0/0 trust off>on");
}

static void rates_and_the_link(void **state)
{
	struct world *w = *state;

	w->eth0->speed = 1000;
	assert_plans(w, world_set(w, "eth0/0", "max_tx_rate 1001", 0), "eth0/0 max_tx_rate 0>1001");
	w->eth0->known |= PF_BIT(PF_SPEED);
	assert_plans(w, world_set(w, "eth0/0", "max_tx_rate 1000", 0), "eth0/0 max_tx_rate 0>1000");
	assert_refuses(w, world_set(w, "eth0/0", "max_tx_rate 1001", 0), EXIT_USAGE, "eth0/0",
		"max_tx_rate", "1001 Mbit/s is more than the link of eth0 has: 1000");
	assert_refuses(w, world_set(w, "eth0/0", "min_tx_rate 1001", 0), EXIT_USAGE, "eth0/0",
		"min_tx_rate", "1001 Mbit/s is more");
	/* each by its own PF */
	w->eth1->speed = 100;
	w->eth1->known |= PF_BIT(PF_SPEED);
	assert_refuses(w, world_set(w, "eth0/0 eth1/2", "max_tx_rate 500", 0), EXIT_USAGE, "eth1/2",
		"max_tx_rate", "link of eth1 has: 100");
	/* drivers without a quirk take rates whether there is a link or not */
	w->eth0->link = LINK_DOWN;
	assert_plans(w, world_set(w, "eth0/0", "max_tx_rate 500", 0), "eth0/0 max_tx_rate 0>500");
}

/* addresses */

static void one_address_for_one(void **state)
{
	struct world *w = *state;

	assert_plans(w, world_set(w, "eth0/0", "mac " FREE_MAC, 0),
		"eth0/0 mac 02:00:00:00:00:00>" FREE_MAC);
	assert_refuses(w, world_set(w, "eth0/0-1", "mac " FREE_MAC, 0), EXIT_USAGE, "eth0/1", "mac",
		"one address cannot be that of several VFs: eth0/0 would have it");
	assert_contains(w->err.hint, "mac auto");
	assert_refuses(w, world_set(w, "eth0/0 eth1/0", "mac " FREE_MAC, FORCE_IN_USE), EXIT_USAGE,
		"eth1/0", "mac", "eth0/0 would have it");
	assert_plans(w, world_set(w, "eth0/0-1", "mac " FREE_MAC, FORCE_DUPLICATE_MAC),
		"eth0/0 mac 02:00:00:00:00:00>" FREE_MAC
		"; eth0/1 mac 02:00:00:00:00:01>" FREE_MAC);
}

static void an_address_of_another(void **state)
{
	struct world *w = *state;
	struct link *l = fixture_link(&w->host, 60, "br0");
	const struct vf *vf = world_vf(w, "eth0/0");

	assert_refuses(w, world_set(w, "eth0/0", "mac 02:00:00:01:00:03", 0), EXIT_REFUSED,
		"eth0/0", "mac", "already that of eth1/3");
	assert_contains(w->err.hint, "--force=duplicate-mac");
	assert_plans(w, world_set(w, "eth0/0", "mac 02:00:00:01:00:03", FORCE_DUPLICATE_MAC),
		"eth0/0 mac 02:00:00:00:00:00>02:00:00:01:00:03");
	assert_refuses(w,
		world_set(w, "eth0/0", "mac 02:00:00:01:00:03", FORCE_IN_USE | FORCE_IOMMU_GROUP),
		EXIT_REFUSED, "eth0/0", "mac", "already that of eth1/3");
	/* a PF's, in use or burnt in */
	assert_refuses(w, world_set(w, "eth0/0", "mac 52:54:00:00:00:01", 0), EXIT_REFUSED,
		"eth0/0", "mac", "already that of eth1");
	w->eth0->permanent_mac = (struct lladdr){6, {0x52, 0x54, 0, 0, 0, 0x99}};
	assert_plans(w, world_set(w, "eth0/0", "mac " FREE_MAC, 0),
		"eth0/0 mac 02:00:00:00:00:00>" FREE_MAC);
	w->eth0->known |= PF_BIT(PF_PERMANENT_MAC);
	assert_refuses(w, world_set(w, "eth0/0", "mac " FREE_MAC, 0), EXIT_REFUSED, "eth0/0", "mac",
		"already that of eth0");
	w->eth0->known &= ~PF_BIT(PF_PERMANENT_MAC);
	/* an interface's that has nothing to do with it */
	l->addr = (struct lladdr){6, {0x52, 0x54, 0, 0, 0, 0x99}};
	assert_refuses(w, world_set(w, "eth0/0", "mac " FREE_MAC, 0), EXIT_REFUSED, "eth0/0", "mac",
		"already that of br0");
	/* what stands on something, what is the VF's port on the eswitch, what is elsewhere */
	l->kind = "macvlan";
	assert_plans(w, world_set(w, "eth0/0", "mac " FREE_MAC, 0),
		"eth0/0 mac 02:00:00:00:00:00>" FREE_MAC);
	l->kind = NULL;
	l->phys_port_name = "pf0vf0";
	assert_int_equal(world_set(w, "eth0/0", "mac " FREE_MAC, 0), 0);
	l->phys_port_name = NULL;
	l->netns = "blue";
	assert_int_equal(world_set(w, "eth0/0", "mac " FREE_MAC, 0), 0);
	/* its own interface may have it already */
	l->netns = NULL;
	l->addr.len = 0;
	world_link(w, vf->ifname)->addr = (struct lladdr){6, {0x52, 0x54, 0, 0, 0, 0x99}};
	assert_int_equal(world_set(w, "eth0/0", "mac " FREE_MAC, 0), 0);
	/* but not that of another VF */
	assert_refuses(w, world_set(w, "eth0/1", "mac " FREE_MAC, 0), EXIT_REFUSED, "eth0/1", "mac",
		"already that of eth0v0");
}

/* What a change that was cut off is to put back counts as well: that address is as good as
 * given, and the one there now as good as gone. */
static void an_address_of_a_journal(void **state)
{
	struct world *w = *state;
	struct plan *plan = change_plan(&w->change, w->eth0);
	struct value back = {
		.known = true, .type = VALUE_LLADDR, .lladdr = {6, {0x52, 0x54, 0, 0, 0, 0x77}}};
	struct value five = value_uint(5);

	plan->interrupted = true;
	attr_set(&vf_type, VF_MAC, &state_vf(&plan->arena, &plan->goal, 1)->vf, &back);
	attr_set(&vf_type, VF_VLAN, &state_vf(&plan->arena, &plan->goal, 2)->vf, &five);
	assert_refuses(w, world_set(w, "eth0/0", "mac 52:54:00:00:00:77", 0), EXIT_REFUSED,
		"eth0/0", "mac", "already that of eth0/1");
	/* nothing is said there of the address of this one: what it has counts */
	assert_refuses(w, world_set(w, "eth0/0", "mac 02:00:00:00:00:02", 0), EXIT_REFUSED,
		"eth0/0", "mac", "already that of eth0/2");
	world_link(w, "eth0v1")->addr.len = 0;
	assert_int_equal(world_set(w, "eth0/0", "mac 02:00:00:00:00:01", 0), 0);
}

/* Where no address is set there is none to be the same. */
static void none_is_no_duplicate(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < w->host.vf_count; i++)
		w->host.vfs[i].mac = (struct lladdr){.len = 6};
	for (size_t i = 0; i < w->host.vf_count; i++)
		w->host.vfs[i].known &= ~VF_BIT(VF_MAC);
	assert_int_equal(world_set(w, "eth0/all", "trust on", 0), 0);
	assert_int_equal(world_set(w, "eth0/0", "mac " FREE_MAC, 0), 0);
}

/* What a plan makes of the VFs' addresses, put into the host by hand. */
static void take_macs(struct world *w)
{
	for (size_t p = 0; p < w->change.count; p++)
		for (size_t i = 0; i < w->change.plans[p]->count; i++) {
			const struct step *s = &w->change.plans[p]->steps[i];
			struct vf *vf;

			if (s->kind != STEP_VF_ATTR)
				continue;
			vf = fixture_vf(&w->host, w->change.plans[p]->pf, (uint32_t)s->vf);
			vf->mac = s->new.lladdr;
			vf->if_mac = s->new.lladdr;
			world_link(w, vf->ifname)->addr = s->new.lladdr;
		}
}

static void automatic_addresses(void **state)
{
	struct world *w = *state;
	struct lladdr taken = mac_auto(&w->eth0->mac, 0, 0), next = mac_auto(&w->eth0->mac, 0, 1);

	assert_int_equal(world_set(w, "eth0/all eth1/all", "mac auto", 0), 0);
	assert_int_equal(change_step_count(&w->change), 8);
	take_macs(w);
	for (size_t i = 0; i < w->host.vf_count; i++) {
		const struct vf *vf = &w->host.vfs[i];

		assert_int_equal(vf->mac.bytes[0] & 3, 2);
		for (size_t j = 0; j < i; j++)
			assert_false(lladdr_equal(&w->host.vfs[j].mac, &vf->mac));
	}
	assert_true(lladdr_equal(&world_vf(w, "eth0/0")->mac, &taken));
	/* again, all or some of them: as they are */
	assert_plans(w, world_set(w, "eth0/all eth1/all", "mac auto", 0), "");
	assert_plans(w, world_set(w, "eth1/2 eth0/1", "mac auto", 0), "");
	/* as the VFs are, so is the permanent address what counts */
	w->eth0->permanent_mac = w->eth0->mac;
	w->eth0->known |= PF_BIT(PF_PERMANENT_MAC);
	w->eth0->mac.bytes[5] = 0x77;
	assert_plans(w, world_set(w, "eth0/all", "mac auto", 0), "");
	/* taken: the next one, which is then kept as well */
	world_vf(w, "eth0/0")->mac = (struct lladdr){.len = 6};
	world_link(w, "eth0v0")->addr.len = 0;
	world_vf(w, "eth1/3")->mac = taken;
	assert_int_equal(world_set(w, "eth0/0", "mac auto", 0), 0);
	assert_true(lladdr_equal(&world_plan(w)->steps[0].new.lladdr, &next));
	take_macs(w);
	assert_plans(w, world_set(w, "eth0/0", "mac auto", 0), "");
}

static void automatic_without_a_base(void **state)
{
	struct world *w = *state;

	w->eth0->known &= ~PF_BIT(PF_MAC);
	assert_refuses(w, world_set(w, "eth0/0", "mac auto", 0), EXIT_UNSUPPORTED, "eth0/0", "mac",
		"no address to make one from");
}

/* several PFs */

static void one_plan_for_each_pf(void **state)
{
	struct world *w = *state;

	assert_plans(w, world_set(w, "eth1/2 eth0/1 eth1/0", "vlan 5", 0),
		"eth0/1 vlan 0>5; eth1/0 vlan 0>5; eth1/2 vlan 0>5");
	assert_int_equal(w->change.count, 2);
	assert_ptr_equal(w->change.plans[0]->pf, w->eth0); /* the order of their handles */
	assert_ptr_equal(w->change.plans[1]->pf, w->eth1);
	assert_int_equal(w->change.plans[0]->count, 1);
	assert_int_equal(w->change.plans[1]->count, 2);
	w->eth0->handle = "pci/0000:81:00.0";
	assert_plans(
		w, world_set(w, "eth1/2 eth0/1", "vlan 5", 0), "eth1/2 vlan 0>5; eth0/1 vlan 0>5");
	assert_ptr_equal(w->change.plans[0]->pf, w->eth1);
	/* only one of them changes */
	world_vf(w, "eth1/2")->vlan = 5;
	assert_plans(w, world_set(w, "eth1/2 eth0/1", "vlan 5", 0), "eth0/1 vlan 0>5");
	assert_int_equal(w->change.count, 2);
	assert_false(w->change.plans[0]->changed);
	assert_true(w->change.plans[1]->changed);
	change_refused(&w->change);
	assert_false(change_changed(&w->change));
	assert_int_equal(w->change.plans[1]->steps[0].result, RESULT_SKIPPED);
}

/* One that does not go spoils it for all, wherever it stands and whatever goes before. */
static void all_or_nothing(void **state)
{
	static const char *const orders[] = {"eth0/0 eth0/1 eth1/0", "eth0/1 eth1/0 eth0/0",
		"eth1/0 eth0/0-1", "eth0/1 eth0/0 eth1/0"};
	struct world *w = *state;

	world_vf(w, "eth0/1")->max_tx_rate = 100;
	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		assert_refuses(w, world_set(w, orders[i], "trust on min_tx_rate 200 vlan 5", 0),
			EXIT_USAGE, "eth0/1", "min_tx_rate", "would be above");
		assert_int_equal(change_step_count(&w->change), 0);
	}
	/* nor does the order of the settings matter */
	assert_refuses(w, world_set(w, "eth0/all", "vlan 5 trust on min_tx_rate 200", 0),
		EXIT_USAGE, "eth0/1", "min_tx_rate", "would be above");
	assert_int_equal(change_step_count(&w->change), 0);
}

/* interfaces */

static void interface_settings(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/1");

	assert_plans(w, world_set(w, "eth0/1", "up mtu 9000 name storage0", 0),
		"eth0/1 ifname eth0v1>storage0; eth0/1 mtu 1500>9000");
	for (size_t i = 0; i < 2; i++)
		assert_false(world_plan(w)->steps[i].put_back);
	assert_plans(w, world_set(w, "eth0/all", "down", 0),
		"eth0/0 up on>off; eth0/1 up on>off; eth0/2 up on>off; eth0/3 up on>off");
	vf->up = false;
	assert_plans(w, world_set(w, "eth0/0-1", "up", 0), "eth0/1 up off>on");
	/* what its interface takes */
	vf->min_mtu = 100;
	vf->max_mtu = 9216;
	assert_plans(w, world_set(w, "eth0/1", "mtu 9216", 0), "eth0/1 mtu 1500>9216");
	assert_refuses(w, world_set(w, "eth0/1", "mtu 9217", 0), EXIT_USAGE, "eth0/1", "mtu",
		"from 100 to 9216, not 9217");
	assert_refuses(w, world_set(w, "eth0/0-1", "mtu 99", 0), EXIT_USAGE, "eth0/1", "mtu",
		"from 100 to 9216, not 99");
}

static void names(void **state)
{
	struct world *w = *state;
	struct link *l = world_link(w, "eth1");

	fixture_altname(&w->host, &l->altnames, "uplink");
	assert_refuses(w, world_set(w, "eth0/0-1", "name storage0", 0), EXIT_USAGE, "eth0/0",
		"name", "one name cannot be given to 2 VFs");
	assert_refuses(w, world_set(w, "eth0/0", "name eth1", 0), EXIT_USAGE, "eth0/0", "name",
		"another interface has the name eth1");
	assert_refuses(w, world_set(w, "eth0/0", "name eth0v1", 0), EXIT_USAGE, "eth0/0", "name",
		"another interface has the name eth0v1");
	assert_refuses(w, world_set(w, "eth0/0", "name uplink", 0), EXIT_USAGE, "eth0/0", "name",
		"another interface has the name uplink");
	assert_contains(w->err.hint, "uplink");
	assert_plans(w, world_set(w, "eth0/0", "name eth0v0", 0), "");
	assert_plans(w, world_set(w, "eth0/0-1", "up", 0), "");
	/* names of another namespace are no concern */
	fixture_link(&w->host, 70, "blue0")->netns = "blue";
	assert_plans(w, world_set(w, "eth0/0", "name blue0", 0), "eth0/0 ifname eth0v0>blue0");
}

/* net/core/dev.c, dev_change_name: alternative names are names, its own as well */
static void its_own_altname(void **state)
{
	struct world *w = *state;

	fixture_altname(&w->host, &world_link(w, "eth0v0")->altnames, "enp33s0v0");
	fixture_altname(&w->host, &world_vf(w, "eth0/0")->altnames, "enp33s0v0");
	assert_refuses(w, world_set(w, "eth0/0", "name enp33s0v0", 0), EXIT_USAGE, "eth0/0", "name",
		"enp33s0v0");
}

static void no_interface_here(void **state)
{
	static const char *const settings[] = {"name x", "mtu 9000", "up", "down"};
	static const char *const keys[] = {"name", "mtu", "up", "up"};
	struct world *w = *state;
	struct vf *elsewhere = world_vf(w, "eth0/0"), *unseen = world_vf(w, "eth0/1");

	elsewhere->netns = "blue";
	elsewhere->known |= VF_BIT(VF_NETNS);
	world_unbind(unseen);
	unseen->unseen = true;
	world_vfio(&w->host, world_vf(w, "eth0/2"));
	world_unbind(world_vf(w, "eth0/3"));
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		assert_refuses(w, world_set(w, "eth0/0", settings[i], FORCE_ALL), EXIT_REFUSED,
			"eth0/0", keys[i], "in the network namespace blue");
		assert_refuses(w, world_set(w, "eth0/1", settings[i], FORCE_ALL), EXIT_REFUSED,
			"eth0/1", keys[i], "of someone else");
		assert_refuses(w, world_set(w, "eth0/2", settings[i], FORCE_ALL), EXIT_NOT_FOUND,
			"eth0/2", keys[i], "it is bound to vfio-pci");
		assert_contains(w->err.hint, "vf bind eth0/2 default");
		assert_refuses(w, world_set(w, "eth0/3", settings[i], FORCE_ALL), EXIT_NOT_FOUND,
			"eth0/3", keys[i], "no driver has it");
	}
	/* what the PF sets needs no interface of the VF */
	assert_plans(w, world_set(w, "eth0/all", "vlan 5", 0),
		"eth0/0 vlan 0>5; eth0/1 vlan 0>5; eth0/2 vlan 0>5; eth0/3 vlan 0>5");
}

static void pf_without_an_interface(void **state)
{
	struct world *w = *state;

	w->eth0->known &= ~(PF_BIT(PF_IFNAME) | PF_BIT(PF_IFINDEX));
	assert_refuses(w, world_set(w, "0000:21:00.0/0", "vlan 5", FORCE_ALL), EXIT_UNSUPPORTED,
		"eth0/0", "vlan", "no network interface");
	w->eth0->unseen = true;
	assert_refuses(w, world_set(w, "0000:21:00.0/0", "mac auto", FORCE_ALL), EXIT_REFUSED,
		"eth0/0", "mac", "another network namespace");
	/* what the VF's own interface has does not go through it */
	assert_plans(w, world_set(w, "0000:21:00.0/0", "mtu 9000", 0), "eth0/0 mtu 1500>9000");
}

static void vectors(void **state)
{
	struct world *w = *state;

	assert_refuses(w, world_set(w, "eth0/0", "msix 16", FORCE_ALL), EXIT_REFUSED, "eth0/0",
		"msix", "only while no driver has the VF, and igbvf has");
	assert_contains(w->err.hint, "vf unbind eth0/0");
	assert_plans(w, world_set(w, "eth0/0", "msix 8", 0), "");
	world_unbind(world_vf(w, "eth0/0"));
	assert_plans(w, world_set(w, "eth0/0", "msix 16", 0), "eth0/0 msix 8>16");
	assert_int_equal(world_plan(w)->steps[0].kind, STEP_VF_MSIX);
	assert_int_equal(world_plan(w)->before.vfs[0]->vf.msix, 8);
	/* attributes go first, so that a refusal of them comes before */
	assert_plans(w, world_set(w, "eth0/0", "msix 16 vlan 5", 0),
		"eth0/0 vlan 0>5; eth0/0 msix 8>16");
	world_vfio(&w->host, world_vf(w, "eth0/0"));
	assert_refuses(w, world_set(w, "eth0/0", "msix 16", FORCE_ALL), EXIT_REFUSED, "eth0/0",
		"msix", "vfio-pci has");
}

/* Strings of the command line need not live as long as the plan. */
static void keeps_its_own_strings(void **state)
{
	struct world *w = *state;
	const struct vf *vf = world_vf(w, "eth0/0");
	char *name = strdup("storage0");
	struct setting s = {.attr = VF_IFNAME, .value = value_string(name)};

	assert_int_equal(want_vf_settings(&w->change, &w->host, &vf, 1, &s, 1, 0, &w->err), 0);
	free(name);
	assert_string_equal(world_steps(w), "eth0/0 ifname eth0v0>storage0");
}

/* Pure: the host is as before. */
static void pure(void **state)
{
	struct world *w = *state;
	struct vf vfs[8];
	struct pf pfs[2];

	memcpy(vfs, w->host.vfs, sizeof(vfs));
	memcpy(pfs, w->host.pfs, sizeof(pfs));
	w->host.pfs[0].driver = pfs[0].driver = "igb";
	assert_int_equal(
		world_set(w, "eth0/all eth1/all", "mac auto vlan 7 trust on mtu 9000", 0), 0);
	assert_true(change_step_count(&w->change) > 8 * 4);
	assert_memory_equal(vfs, w->host.vfs, sizeof(vfs));
	assert_memory_equal(pfs, w->host.pfs, sizeof(pfs));
}

/* PFs */

static void pf_settings(void **state)
{
	struct world *w = *state;
	const struct plan *plan;

	assert_plans(w, world_set_pf(w, "eth0", "mtu 9000 up autoprobe off"),
		"eth0 mtu 1500>9000; eth0 autoprobe on>off");
	plan = world_plan(w);
	assert_int_equal(plan->steps[0].kind, STEP_IF_MTU);
	assert_int_equal(plan->steps[0].vf, -1);
	assert_false(plan->steps[0].internal || plan->steps[1].internal);
	assert_int_equal(plan->before.pf.mtu, 1500);
	assert_true(plan->before.pf.autoprobe && plan->before.pf.up);
	assert_plans(w, world_set_pf(w, "eth0", "up autoprobe on mtu 1500"), "");
	assert_plans(w, world_set_pf(w, "eth0", "down"), "eth0 up on>off");
	w->eth0->up = false;
	assert_plans(
		w, world_set_pf(w, "eth0", "mtu 9000 up"), "eth0 mtu 1500>9000; eth0 up off>on");
	w->eth0->autoprobe = false;
	assert_plans(w, world_set_pf(w, "eth0", "autoprobe on"), "eth0 autoprobe off>on");
	assert_false(world_plan(w)->steps[0].internal);
}

static void pf_settings_refused(void **state)
{
	struct world *w = *state;

	w->eth0->min_mtu = 68;
	w->eth0->max_mtu = 9216;
	assert_refuses(w, world_set_pf(w, "eth0", "mtu 9217"), EXIT_USAGE, "eth0", "mtu",
		"from 68 to 9216, not 9217");
	assert_plans(w, world_set_pf(w, "eth0", "mtu 9216"), "eth0 mtu 1500>9216");
	w->eth0->known &= ~PF_BIT(PF_AUTOPROBE);
	assert_refuses(w, world_set_pf(w, "eth0", "autoprobe off"), EXIT_UNSUPPORTED, "eth0",
		"autoprobe", "no such setting");
	w->eth0->known &= ~(PF_BIT(PF_MTU) | PF_BIT(PF_UP));
	assert_refuses(w, world_set_pf(w, "eth0", "up"), EXIT_UNSUPPORTED, "eth0", "up",
		"no such setting");
	w->eth0->unseen = true;
	assert_refuses(w, world_set_pf(w, "eth0", "mtu 9000"), EXIT_REFUSED, "eth0", "mtu",
		"another network namespace");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_what_differs),
		TEST(unknown_is_written),
		TEST(every_attribute),
		TEST(what_goes_together),
		TEST(vlan_0_takes_all_of_it),
		TEST(priority_needs_a_vlan),
		TEST(rates),
		TEST(rates_and_the_link),
		TEST(one_address_for_one),
		TEST(an_address_of_another),
		TEST(an_address_of_a_journal),
		TEST(none_is_no_duplicate),
		TEST(automatic_addresses),
		TEST(automatic_without_a_base),
		TEST(one_plan_for_each_pf),
		TEST(all_or_nothing),
		TEST(interface_settings),
		TEST(names),
		TEST(its_own_altname),
		TEST(no_interface_here),
		TEST(pf_without_an_interface),
		TEST(vectors),
		TEST(keeps_its_own_strings),
		TEST(pure),
		TEST(pf_settings),
		TEST(pf_settings_refused),
	};

	return RUN(tests);
}
