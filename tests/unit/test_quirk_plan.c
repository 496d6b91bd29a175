/* What drivers do differently, as the planner makes use of it: one test for each row. */
#include "unit.h"

#include "world.h"

#include "core/link.h"
#include "core/options.h"
#include "core/quirk.h"

#define FREE_MAC "52:54:00:00:00:99"

/* Every setting there is; those of `unsupported` are refused, wherever the VF is used. */
static void check_supported(struct world *w, const char *driver, const char *unsupported)
{
	static const struct {
		const char *key, *words;
	} settings[] = {{"mac", "mac " FREE_MAC}, {"vlan", "vlan 5"}, {"qos", "vlan 5 qos 3"},
		{"proto", "vlan 5 proto 802.1q"}, {"max_tx_rate", "max_tx_rate 100"},
		{"spoofchk", "spoofchk off"}, {"trust", "trust on"}, {"state", "state disable"},
		{"query_rss", "query_rss on"}, {"msix", "msix 16"}, {"name", "name x"},
		{"mtu", "mtu 9000"}, {"up", "down"},
		{"node_guid", "node_guid 00:00:00:00:00:00:00:01"},
		{"port_guid", "port_guid 00:00:00:00:00:00:00:01"}};
	struct vf *free = world_vf(w, "eth0/1");

	w->eth0->driver = driver;
	world_unbind(free);
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		const char *key = settings[i].key;
		const char *vf = strcmp(key, "msix") == 0 ? "eth0/1" : "eth0/0";
		int rc = world_set(w, vf, settings[i].words, FORCE_ALL);
		bool refused = false;
		char words[200], *save = NULL;

		snprintf(words, sizeof(words), "%s", unsupported);
		for (char *word = strtok_r(words, " ", &save); word;
			word = strtok_r(NULL, " ", &save))
			refused |= strcmp(word, key) == 0;
		if (rc == 0 && refused)
			fail_msg("%s: %s was planned", driver, key);
		if (rc < 0 && !refused)
			fail_msg("%s: %s", key, w->err.message);
		if (rc == 0) {
			assert_true(change_step_count(&w->change) > 0);
			continue;
		}
		assert_int_equal(w->err.code, EXIT_UNSUPPORTED);
		/* where the kind of link says it already, the driver is not to blame */
		if (!strstr(w->err.message, "InfiniBand"))
			assert_contains(w->err.message, driver);
		assert_contains(unsupported, w->err.attr);
		assert_contains(settings[i].words, w->err.attr);
		assert_string_equal(w->err.object, vf);
		assert_int_equal(change_step_count(&w->change), 0);
	}
}

static void check_8021ad(struct world *w, bool works)
{
	if (works) {
		assert_plans(w, world_set(w, "eth0/0", "vlan 5 proto 802.1ad", 0),
			"eth0/0 vlan 0>5; eth0/0 proto 802.1q>802.1ad");
		return;
	}
	assert_refuses(w, world_set(w, "eth0/0", "vlan 5 proto 802.1ad", FORCE_ALL),
		EXIT_UNSUPPORTED, "eth0/0", "proto", "cannot put a VF into an 802.1ad VLAN");
	assert_plans(w, world_set(w, "eth0/0", "vlan 5 proto 802.1q", 0), "eth0/0 vlan 0>5");
}

static void check_min_rate(struct world *w, bool works)
{
	if (works) {
		assert_plans(w, world_set(w, "eth0/0", "min_tx_rate 50 max_tx_rate 100", 0),
			"eth0/0 max_tx_rate 0>100; eth0/0 min_tx_rate 0>50");
		return;
	}
	assert_refuses(w, world_set(w, "eth0/0", "min_tx_rate 50 max_tx_rate 100", FORCE_ALL),
		EXIT_UNSUPPORTED, "eth0/0", "min_tx_rate", "cannot guarantee a VF a rate");
	assert_plans(w, world_set(w, "eth0/0", "min_tx_rate 0 max_tx_rate 100", 0),
		"eth0/0 max_tx_rate 0>100");
}

enum needs {
	NOTHING,
	A_LINK,        /* for a rate */
	ALWAYS_A_LINK, /* and for none */
};

static void check_link(struct world *w, enum needs needs)
{
	struct vf *vf = world_vf(w, "eth0/0");
	bool down;

	for (int i = 0; i < 2; i++) {
		w->eth0->link = i ? LINK_DOWN : LINK_NO_CARRIER;
		down = w->eth0->link == LINK_DOWN;
		if (needs == NOTHING) {
			assert_plans(w, world_set(w, "eth0/0", "max_tx_rate 100", 0),
				"eth0/0 max_tx_rate 0>100");
			continue;
		}
		assert_refuses(w, world_set(w, "eth0/0", "max_tx_rate 100", FORCE_ALL),
			EXIT_REFUSED, "eth0/0", "max_tx_rate", "only while eth0 has a link");
		assert_contains(w->err.hint, down ? "pf set eth0 up" : "cable");
		/* what holds is not written */
		assert_plans(w, world_set(w, "eth0/0", "max_tx_rate 0", 0), "");
		vf->max_tx_rate = 100;
		assert_plans(w, world_set(w, "eth0/0", "max_tx_rate 100", 0), "");
		if (needs == ALWAYS_A_LINK)
			assert_refuses(w, world_set(w, "eth0/0", "max_tx_rate 0", 0), EXIT_REFUSED,
				"eth0/0", "max_tx_rate", "only while eth0 has a link");
		else
			assert_plans(w, world_set(w, "eth0/0", "max_tx_rate 0", 0),
				"eth0/0 max_tx_rate 100>0");
		/* nor would a change of the number give it back */
		assert_refuses(w, world_create(w, "eth0", 5), EXIT_REFUSED, "eth0", "num_vfs",
			"VF 0 would lose its transmit rate");
		vf->max_tx_rate = 0;
		/* other settings do not care */
		assert_int_equal(world_set(w, "eth0/0", "vlan 5", 0), 0);
	}
	w->eth0->link = LINK_UP;
	assert_plans(w, world_set(w, "eth0/0", "max_tx_rate 100", 0), "eth0/0 max_tx_rate 0>100");
}

/* A new address of a bound VF: its driver is started anew, and what its interface had is
 * put back; or it is not, and the plan is the address alone. */
static void check_rebind(struct world *w, bool rebinds)
{
	struct vf *vf = world_vf(w, "eth0/2");
	const struct plan *plan;

	fixture_altname(&w->host, &vf->altnames, "tenant");
	assert_plans(w, world_set(w, "eth0/2", "mac " FREE_MAC, 0),
		rebinds ? "eth0/2 driver igbvf>; eth0/2 mac 02:00:00:00:00:02>" FREE_MAC
			  "; eth0/2 driver igbvf>igbvf; "
			  "eth0/2 ifname eth0v2>eth0v2; eth0/2 mtu 1500>1500; "
			  "eth0/2 altname tenant>tenant; eth0/2 up on>on"
			: "eth0/2 mac 02:00:00:00:00:02>" FREE_MAC);
	plan = world_plan(w);
	assert_int_equal(state_find(&plan->goal, 2)->rebind, rebinds);
	assert_int_equal(state_find(&plan->before, 2)->rebind, rebinds);
	for (size_t i = 0; i < plan->count && rebinds; i++) {
		assert_int_equal(plan->steps[i].internal, i == 0);
		assert_int_equal(plan->steps[i].rebind, i == 2);
		assert_int_equal(plan->steps[i].put_back, i > 2);
	}
	/* no driver to start: the next one reads the new address */
	world_vfio(&w->host, vf);
	assert_plans(w, world_set(w, "eth0/2", "mac " FREE_MAC, 0),
		"eth0/2 mac 02:00:00:00:00:02>" FREE_MAC);
	world_unbind(vf);
	assert_plans(w, world_set(w, "eth0/2", "mac " FREE_MAC, 0),
		"eth0/2 mac 02:00:00:00:00:02>" FREE_MAC);
}

/* The settings that a reset VF gets. */
static void check_reset(struct world *w, bool on_before, const char *steps)
{
	struct vf *vf = world_vf(w, "eth0/3");

	world_unbind(vf);
	vf->spoofchk = on_before;
	vf->trust = true;
	vf->state = VF_STATE_DISABLE;
	vf->query_rss = true;
	assert_plans(w, world_reset(w, "eth0/3"), steps);
}

#define RESET "eth0/3 reset >flr; "
#define NO_MAC "eth0/3 mac 02:00:00:00:00:03>00:00:00:00:00:00; "
#define NO_TRUST "eth0/3 trust on>off"
#define NO_STATE "; eth0/3 state disable>auto"
#define NO_RSS "; eth0/3 query_rss on>off"

static void igb(void **state)
{
	struct world *w = *state;

	check_supported(w, "igb", "state query_rss msix node_guid port_guid");
	check_8021ad(w, false);
	check_min_rate(w, false);
	check_link(w, ALWAYS_A_LINK);
	assert_plans(w, world_set(w, "eth0/0", "max_tx_rate 1", 0), "eth0/0 max_tx_rate 0>1");
	check_rebind(w, true);
	check_reset(w, false, RESET NO_MAC "eth0/3 spoofchk off>on; " NO_TRUST);
}

static void ixgbe(void **state)
{
	struct world *w = *state;

	check_supported(w, "ixgbe", "msix node_guid port_guid");
	check_8021ad(w, false);
	check_min_rate(w, false);
	check_link(w, ALWAYS_A_LINK);
	assert_refuses(w, world_set(w, "eth0/0", "max_tx_rate 10", FORCE_ALL), EXIT_USAGE, "eth0/0",
		"max_tx_rate", "ixgbe limits to 11 Mbit/s at the least");
	assert_plans(w, world_set(w, "eth0/0", "max_tx_rate 11", 0), "eth0/0 max_tx_rate 0>11");
	assert_string_equal(world_warnings(w), "");
	/* one that is there already is no reason to refuse something else */
	world_vf(w, "eth0/0")->max_tx_rate = 5;
	assert_plans(w, world_set(w, "eth0/0", "max_tx_rate 0", 0), "eth0/0 max_tx_rate 5>0");
	check_rebind(w, true);
	check_reset(w, false, RESET NO_MAC "eth0/3 spoofchk off>on; " NO_TRUST NO_STATE NO_RSS);
}

static void i40e(void **state)
{
	struct world *w = *state;

	check_supported(w, "i40e", "query_rss msix node_guid port_guid");
	check_8021ad(w, false);
	check_min_rate(w, false);
	check_link(w, NOTHING);
	assert_refuses(w, world_set(w, "eth0/0", "max_tx_rate 49", FORCE_ALL), EXIT_USAGE, "eth0/0",
		"max_tx_rate", "50 Mbit/s at the least");
	assert_plans(w, world_set(w, "eth0/0", "max_tx_rate 100", 0), "eth0/0 max_tx_rate 0>100");
	assert_string_equal(world_warnings(w), "");
	assert_plans(w, world_set(w, "eth0/0-2", "max_tx_rate 149", 0),
		"eth0/0 max_tx_rate 0>149; eth0/1 max_tx_rate 0>149; eth0/2 max_tx_rate 0>149");
	assert_string_equal(world_warnings(w),
		"i40e limits in steps of 50 Mbit/s: in effect this is 100\n"); /* once */
	check_rebind(w, false);
	check_reset(w, false, RESET NO_MAC "eth0/3 spoofchk off>on; " NO_TRUST NO_STATE);
	assert_int_equal(quirk_of("i40e")->retry_errno, 11 /* EAGAIN */);
}

static void ice(void **state)
{
	struct world *w = *state;

	check_supported(w, "ice", "query_rss node_guid port_guid");
	check_8021ad(w, true);
	check_min_rate(w, true);
	check_link(w, A_LINK);
	check_rebind(w, false);
	check_reset(w, false, RESET NO_MAC "eth0/3 spoofchk off>on; " NO_TRUST NO_STATE);
	assert_int_equal(quirk_of("ice")->retry_errno, 16 /* EBUSY */);
}

static void mlx5_core(void **state)
{
	struct world *w = *state;

	check_supported(w, "mlx5_core", "query_rss node_guid port_guid");
	check_8021ad(w, false);
	check_min_rate(w, true);
	check_link(w, NOTHING);
	check_rebind(w, true);
	/* with spoof checking on, a VF without an address can send nothing, for a moment */
	check_reset(w, true, RESET "eth0/3 spoofchk on>off; " NO_MAC NO_TRUST NO_STATE);
	/* also when both are set */
	assert_plans(w, world_set(w, "eth0/0", "spoofchk off mac " FREE_MAC " trust on", 0),
		"eth0/0 driver igbvf>; eth0/0 mac 02:00:00:00:00:00>" FREE_MAC
		"; eth0/0 spoofchk on>off; eth0/0 trust off>on; eth0/0 driver igbvf>igbvf; eth0/0 "
		"ifname eth0v0>eth0v0; "
		"eth0/0 mtu 1500>1500; eth0/0 up on>on");
}

static void bnxt_en(void **state)
{
	struct world *w = *state;

	check_supported(w, "bnxt_en", "query_rss msix node_guid port_guid");
	check_8021ad(w, true);
	check_min_rate(w, true);
	check_link(w, NOTHING);
	check_rebind(w, true);
	check_reset(w, true, RESET NO_MAC "eth0/3 spoofchk on>off; " NO_TRUST NO_STATE);
	/* it ignores a number of VFs while it is down */
	w->eth0->up = false;
	assert_plans(w, world_create(w, "eth0", 0), "eth0 up off>on; eth0 num_vfs 4>0");
	assert_false(world_plan(w)->before.pf.up);
	assert_true(pf_has(&world_plan(w)->before.pf, PF_UP));
	assert_plans(w, world_create(w, "eth0", 4), "");
	w->eth0->driver = "qede"; /* others do not */
	assert_plans(w, world_create(w, "eth0", 0), "eth0 num_vfs 4>0");
	assert_false(pf_has(&world_plan(w)->before.pf, PF_UP));
	w->eth0->driver = "bnxt_en";
	w->eth0->up = true;
	assert_plans(w, world_create(w, "eth0", 0), "eth0 num_vfs 4>0");
}

static void netdevsim(void **state)
{
	struct world *w = *state;

	check_supported(w, "netdevsim", "msix node_guid port_guid");
	check_8021ad(w, true);
	check_min_rate(w, true);
	check_link(w, NOTHING);
	check_rebind(w, false);
	/* whether new VFs have spoof checking is not known: it stays */
	check_reset(w, false, RESET NO_MAC NO_TRUST NO_STATE NO_RSS);
	check_reset(w, true, RESET NO_MAC NO_TRUST NO_STATE NO_RSS);
}

/* One without a row can everything, for all we know. */
static void any_other(void **state)
{
	struct world *w = *state;

	check_supported(w, "qede", "node_guid port_guid");
	check_8021ad(w, true);
	check_min_rate(w, true);
	check_link(w, NOTHING);
	check_rebind(w, false);
}

/* ulp/ipoib has GUIDs and the state, and nothing of Ethernet. */
static void infiniband(void **state)
{
	struct world *w = *state;

	w->eth0->mac = (struct lladdr){20, {0x80, 0, 2, 8, 0xfe, 0x80}};
	check_supported(w, "mlx5_core", "mac vlan qos proto max_tx_rate spoofchk trust query_rss");
	assert_refuses(w, world_set(w, "eth0/0", "mac auto", FORCE_ALL), EXIT_UNSUPPORTED, "eth0/0",
		"mac", "VFs of an InfiniBand PF have no such setting");
	/* a reset leaves alone what cannot be set; a GUID has no "none" */
	world_vf(w, "eth0/0")->known |= VF_BIT(VF_NODE_GUID) | VF_BIT(VF_PORT_GUID);
	world_vf(w, "eth0/0")->node_guid = 7;
	world_vf(w, "eth0/0")->state = VF_STATE_ENABLE;
	world_vf(w, "eth0/0")->trust = true;
	world_unbind(world_vf(w, "eth0/0"));
	assert_plans(w, world_reset(w, "eth0/0"), "eth0/0 reset >flr; eth0/0 state enable>auto");
}

/* The first that cannot do it is named, and none is touched. */
static void one_of_two_pfs(void **state)
{
	struct world *w = *state;

	w->eth1->driver = "igb";
	assert_refuses(w, world_set(w, "eth0/all eth1/0", "vlan 5 state enable", FORCE_ALL),
		EXIT_UNSUPPORTED, "eth1/0", "state", "igb cannot set state of a VF");
	assert_int_equal(change_step_count(&w->change), 0);
	assert_plans(w, world_set(w, "eth0/0", "vlan 5 state enable", 0),
		"eth0/0 vlan 0>5; eth0/0 state auto>enable");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(igb),
		TEST(ixgbe),
		TEST(i40e),
		TEST(ice),
		TEST(mlx5_core),
		TEST(bnxt_en),
		TEST(netdevsim),
		TEST(any_other),
		TEST(infiniband),
		TEST(one_of_two_pfs),
	};

	return RUN(tests);
}
