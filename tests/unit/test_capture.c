/* A host as the policy that describes it. */
#include "unit.h"

#include "policy/policy.h"
#include "world.h"

#define HEAD "apiVersion: sriovctl/v1\nkind: SriovHost\npfs:\n"

static char *captured(struct world *w, const struct pf *pf)
{
	struct error err = {0};
	size_t size;
	char *text = NULL;
	FILE *f = open_memstream(&text, &size);

	if (policy_capture(&w->host, &pf, 1, f, &err) < 0)
		fail_msg("%s", err.message);
	fclose(f);
	return text;
}

#define assert_captures(w, pf, wanted)                                                             \
	do {                                                                                       \
		cleanup_free char *text = captured(w, pf);                                         \
		assert_string_equal(text, wanted);                                                 \
	} while (0)
#define assert_captures_part(w, pf, wanted)                                                        \
	do {                                                                                       \
		cleanup_free char *text = captured(w, pf);                                         \
		assert_contains(text, wanted);                                                     \
	} while (0)
#define assert_captures_no(w, pf, word)                                                            \
	do {                                                                                       \
		cleanup_free char *text = captured(w, pf);                                         \
		if (strstr(text, word))                                                            \
			fail_msg("'%s' contains '%s'", text, word);                                \
	} while (0)

static void test_whole(void **state)
{
	struct world *w = *state;

	assert_captures(w, w->eth0,
		HEAD "- pf: eth0\n"
		     "  vfs: 4\n"
		     "  up: on\n"
		     "  mtu: 1500\n"
		     "  vf:\n"
		     "    all:\n"
		     "      spoofchk: on\n"
		     "      trust: off\n"
		     "      state: auto\n"
		     "      query_rss: off\n"
		     "      name: \"{pf}v{vf}\"\n"
		     "      mtu: 1500\n"
		     "      up: on\n"
		     "    0: {mac: \"02:00:00:00:00:00\"}\n"
		     "    1: {mac: \"02:00:00:00:00:01\"}\n"
		     "    2: {mac: \"02:00:00:00:00:02\"}\n"
		     "    3: {mac: \"02:00:00:00:00:03\"}\n");
}

static void test_pf_alone(void **state)
{
	struct world *w = *state;

	w->eth1->vf_count = w->eth1->num_vfs = 0;
	w->eth1->autoprobe = false;
	w->eth1->up = false;
	assert_captures(w, w->eth1,
		HEAD "- pf: eth1\n"
		     "  vfs: 0\n"
		     "  up: off\n"
		     "  mtu: 1500\n"
		     "  autoprobe: off\n");
	/* no NIC: what is not known is not said */
	w->eth1->known = PF_BIT(PF_NAME) | PF_BIT(PF_BDF) | PF_BIT(PF_NUM_VFS);
	w->eth1->name = "0000:41:00.0";
	w->eth1->ifname = NULL;
	assert_captures(w, w->eth1, HEAD "- pf: \"0000:41:00.0\"\n  vfs: 0\n");
}

static void test_settings(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/1");

	vf->vlan = 100;
	vf->qos = 3;
	vf->proto = VF_PROTO_8021AD;
	vf->max_tx_rate = 2500;
	vf->min_tx_rate = 10;
	vf->trust = true;
	vf->state = VF_STATE_DISABLE;
	vf->up = false;
	vf->mtu = 9000;
	/* what one has else than the others is said of it alone */
	assert_captures_part(w, w->eth0,
		"    all:\n"
		"      spoofchk: on\n"
		"      trust: off\n"
		"      state: auto\n"
		"      query_rss: off\n"
		"      name: \"{pf}v{vf}\"\n"
		"      mtu: 1500\n"
		"      up: on\n"
		"    0: {mac: \"02:00:00:00:00:00\"}\n"
		"    1:\n"
		"      mac: \"02:00:00:00:00:01\"\n"
		"      vlan: 100\n"
		"      qos: 3\n"
		"      proto: 802.1ad\n"
		"      max_tx_rate: 2500\n"
		"      min_tx_rate: 10\n"
		"      trust: on\n"
		"      state: disable\n"
		"      mtu: 9000\n"
		"      up: off\n"
		"    2: {mac: \"02:00:00:00:00:02\"}\n");
}

/* What the driver does not keep, or cannot set, says nothing. */
static void test_quirks(void **state)
{
	struct world *w = *state;

	w->eth0->driver = "igb";
	assert_captures_no(w, w->eth0, "state");
	assert_captures_no(w, w->eth0, "query_rss");
	assert_captures_part(w, w->eth0, "spoofchk: on");
	/* GUIDs are for InfiniBand, which has nothing else */
	for (uint32_t i = 0; i < 4; i++) {
		fixture_vf(&w->host, w->eth0, i)->node_guid = 0x1122334455667788;
		fixture_vf(&w->host, w->eth0, i)->known |= VF_BIT(VF_NODE_GUID);
	}
	assert_captures_no(w, w->eth0, "guid");
	w->eth0->mac.len = 20;
	assert_captures_part(w, w->eth0, "    0: {node_guid: \"11:22:33:44:55:66:77:88\"}\n");
	assert_captures_no(w, w->eth0, "spoofchk");
}

static void test_drivers(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/2");

	world_vfio(&w->host, world_vf(w, "eth0/0"));
	world_unbind(world_vf(w, "eth0/1"));
	/* it is to have one, but has none: saying so would bind it */
	world_vf(w, "eth0/1")->driver_override = "vfio-pci";
	world_vf(w, "eth0/1")->known |= VF_BIT(VF_DRIVER_OVERRIDE) | VF_BIT(VF_DRIVER);
	vf->driver_override = vf->driver;
	vf->known |= VF_BIT(VF_DRIVER_OVERRIDE);
	assert_captures_part(w, w->eth0,
		"    0: {driver: vfio-pci, mac: \"02:00:00:00:00:00\"}\n"
		"    1: {mac: \"02:00:00:00:00:01\"}\n"
		"    2:\n"
		"      driver: igbvf\n"
		"      mac: \"02:00:00:00:00:02\"\n"
		"      name: \"{pf}v{vf}\"\n"
		"      mtu: 1500\n"
		"      up: on\n"
		"    3: {mac: \"02:00:00:00:00:03\", name: \"{pf}v{vf}\", mtu: 1500, up: on}\n");
}

static void test_handed_out(void **state)
{
	struct world *w = *state;

	world_away(w, "eth0/0", "blue", "net0");
	world_away(w, "eth0/1", "red", "net1");
	world_lease(w, "eth0/1", "red", NULL);
	world_vf(w, "eth0/3")->unseen = true;
	assert_captures_part(w, w->eth0,
		"# eth0/0 is in namespace blue: name, mtu and up of its interface are not said\n"
		"# eth0/1 is in namespace red: name, mtu and up of its interface are not said\n"
		"# eth0/3 was handed out: name, mtu and up of its interface are not said\n"
		"apiVersion");
	assert_captures_part(w, w->eth0,
		"    0: {mac: \"02:00:00:00:00:00\"}\n"
		"    1: {mac: \"02:00:00:00:00:01\"}\n"
		"    2: {mac: \"02:00:00:00:00:02\", name: eth0v2, mtu: 1500, up: on}\n"
		"    3: {mac: \"02:00:00:00:00:03\"}\n");
}

/* A policy could not say it: it would be refused. */
static void test_left_out(void **state)
{
	struct world *w = *state;
	struct vf *same = world_vf(w, "eth0/1"), *shared = world_vf(w, "eth0/2");

	same->mac = same->if_mac = world_vf(w, "eth0/0")->mac;
	shared->mac = shared->if_mac = (struct lladdr){6, {1, 0, 0x5e, 0, 0, 1}};
	world_vf(w, "eth0/3")->mac = (struct lladdr){6, {0}};
	assert_captures_part(w, w->eth0,
		"# eth0/1: its address is left out: eth0/0 has the same\n"
		"# eth0/2: mac 01:00:5e:00:00:01 is left out: 01:00:5e:00:00:01 is a multicast");
	assert_captures_part(w, w->eth0, "    0: {mac: \"02:00:00:00:00:00\"}\n");
	assert_captures_no(w, w->eth0, "    1:");
	assert_captures_no(w, w->eth0, "    3:");
}

/* Saying what the PF has would give it to the interface. */
static void test_interface_with_another_address(void **state)
{
	struct world *w = *state;

	world_vf(w, "eth0/1")->if_mac = (struct lladdr){6, {2, 2, 2, 2, 2, 2}};
	assert_captures_part(
		w, w->eth0, "# eth0/1: its address is left out: its interface has another\n");
	assert_captures_no(w, w->eth0, "    1:");
}

/* The kernel takes any bytes for a name. */
static void test_names_that_are_no_text(void **state)
{
	struct world *w = *state;

	world_vf(w, "eth0/1")->ifname = "v\xff";
	w->eth0->name = w->eth0->ifname = "e\xff";
	assert_captures_part(w, w->eth0,
		"# eth0/1: name v\\xff is left out: it is no UTF-8\n" HEAD
		"- pf: \"0000:21:00.0\"\n");
}

static void test_what_is_not_seen(void **state)
{
	struct world *w = *state;

	w->eth0->truncated = true;
	w->eth0->unseen = true;
	assert_captures_part(w, w->eth0, "# eth0: its interface is in another namespace");
	assert_captures_part(w, w->eth0, "# eth0: the kernel did not tell of all its VFs\n");
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_whole),
		TEST(test_pf_alone),
		TEST(test_settings),
		TEST(test_quirks),
		TEST(test_drivers),
		TEST(test_handed_out),
		TEST(test_left_out),
		TEST(test_interface_with_another_address),
		TEST(test_names_that_are_no_text),
		TEST(test_what_is_not_seen),
	};

	return RUN(tests);
}
