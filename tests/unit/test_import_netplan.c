/* Files of netplan as policies. */
#include "import.h"

#define NETPLAN(s, text) shop_document(s, "netplan", "50-a.yaml", "network:\n  version: 2\n" text)

static void test_pf_and_vfs(void **state)
{
	struct shop *s = *state;

	assert_string_equal(NETPLAN(s, "  renderer: networkd\n"
				       "  ethernets:\n"
				       "    eno1:\n"
				       "      mtu: 9000\n"
				       "      embedded-switch-mode: legacy\n"
				       "    eno1v0:\n"
				       "      link: eno1\n"
				       "      macaddress: 52:54:00:AA:00:00\n"
				       "      addresses: [ 192.0.2.1/24 ]\n"
				       "    second:\n"
				       "      match:\n"
				       "        name: eno1v1\n"
				       "      link: eno1\n"
				       "      set-name: fast\n"
				       "      mtu: 1400\n"
				       "    eno2: {dhcp4: true, mtu: 1500}\n"
				       "  vlans:\n"
				       "    vlan10:\n"
				       "      id: 10\n"
				       "      link: eno1v0\n"
				       "      renderer: sriov\n"
				       "    vlan15:\n"
				       "      id: 15\n"
				       "      link: eno1v0\n"),
		HEAD "- pf: eno1\n"
		     "  vfs: 2\n"
		     "  mtu: 9000\n"
		     "  eswitch: legacy\n"
		     "  vf:\n"
		     "    0: {mac: 52:54:00:aa:00:00, vlan: 10}\n"
		     "    1: {name: fast, mtu: 1400}\n");
	assert_string_equal(s->warnings, "");
}

static void test_count(void **state)
{
	struct shop *s = *state;

	assert_string_equal(NETPLAN(s, "  ethernets:\n    eno1: {virtual-function-count: 8}\n"
				       "    eno1v3: {link: eno1}\n"),
		HEAD "- pf: eno1\n  vfs: 8\n");
	/* only its eswitch */
	assert_string_equal(
		NETPLAN(s, "  ethernets:\n    eno1: {embedded-switch-mode: switchdev}\n"),
		HEAD "- pf: eno1\n  eswitch: switchdev\n");
	assert_contains(s->warnings, "50-a.yaml:4:34: switchdev is not supported");
	assert_string_equal(NETPLAN(s, "  ethernets:\n    eno1: {virtual-function-count: 2}\n"
				       "    eno1v2: {link: eno1, mtu: 1400}\n"),
		HEAD "- pf: eno1\n  vfs: 2\n");
	assert_string_equal(s->warnings,
		"50-a.yaml:5:31: eno1 is to have 2 VFs: what VF 2 is to have is left out\n");
}

static void test_match(void **state)
{
	static const struct {
		const char *match, *pf;
	} cases[] = {
		{"match: {name: eno1}", "eno1"},
		{"match: {name: eno1}, set-name: lan0", "lan0"},
		{"match: {name: eno*}, set-name: lan0", "lan0"},
		{"match: {macaddress: '52:54:00:AA:00:FF'}, set-name: lan0",
			"mac:52:54:00:aa:00:ff"},
		{"match: {macaddress: '52:54:00:AA:00:FF', name: eno*}", "mac:52:54:00:aa:00:ff"},
		{"match: {name: eno*}", NULL},
		{"match: {driver: igb}", NULL},
	};
	struct shop *s = *state;
	char text[256], wanted[256];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(text, sizeof(text),
			"network:\n  ethernets:\n    id0: {virtual-function-count: 2, %s}\n",
			cases[i].match);
		s->count = 0;
		shop_add(s, "a.yaml", text);
		if (!cases[i].pf) {
			assert_int_equal(shop_import(s, "netplan"), -1);
			assert_string_equal(s->warnings,
				"a.yaml:3:5: a policy names each PF, so 'id0' is left "
				"out: its match is for any number of them\n");
			continue;
		}
		assert_int_equal(shop_import(s, "netplan"), 0);
		snprintf(wanted, sizeof(wanted), HEAD "- pf: %s\n  vfs: 2\n", cases[i].pf);
		assert_string_equal(s->text, wanted);
	}
	/* what it is called is known all the same, and so are names of its VFs */
	assert_string_equal(
		NETPLAN(s, "  ethernets:\n"
			   "    pf: {match: {macaddress: '52:54:00:AA:00:FF'}, set-name: lan0}\n"
			   "    lan0v0: {link: pf, mtu: 1400}\n"),
		HEAD "- pf: mac:52:54:00:aa:00:ff\n  vfs: 1\n  vf:\n    0: {mtu: 1400}\n");
}

/* A name that says another PF */
static void test_vf_of_another(void **state)
{
	struct shop *s = *state;

	assert_string_equal(NETPLAN(s, "  ethernets:\n"
				       "    eno1: {}\n"
				       "    eno2: {virtual-function-count: 2}\n"
				       "    eno2v0: {link: eno1, mtu: 1400}\n"),
		HEAD "- pf: eno1\n  vfs: 1\n- pf: eno2\n  vfs: 2\n");
	assert_contains(s->warnings, "50-a.yaml:6:5: which VF of eno1 'eno2v0' is cannot be told");
}

static void test_several_files(void **state)
{
	struct shop *s = *state;

	shop_add(s, "/run/netplan/60-b.yaml",
		"network: {ethernets: {eno1: {virtual-function-count: 4}}}\n");
	shop_add(s, "/etc/netplan/50-a.yaml",
		"network: {ethernets: {eno1: {virtual-function-count: 2, mtu: 9000}}}\n");
	shop_add(s, "/etc/netplan/60-b.yaml",
		"network: {ethernets: {eno1: {virtual-function-count: 9}}}\n");
	shop_add(s, "/etc/netplan/70-c.yaml", "network: [\n");
	shop_add(s, "/etc/netplan/80-d.yaml", "other: thing\n---\n- a\n---\nnetwork: 5\n");
	shop_add(s, "/etc/netplan/90-e.yaml", "");
	assert_int_equal(shop_import(s, "netplan"), 0);
	assert_string_equal(s->text, HEAD "- pf: eno1\n  vfs: 4\n  mtu: 9000\n");
	assert_contains(s->warnings,
		"/etc/netplan/60-b.yaml:1:1: hidden by a file of the same name\n"
		"/etc/netplan/70-c.yaml:");
	assert_int_equal(s->problems.count, 2);
}

static void test_what_is_not_known(void **state)
{
	struct shop *s = *state;

	assert_string_equal(NETPLAN(s, "  ethernets:\n"
				       "    eno1: {delay-virtual-functions-rebind: true}\n"
				       "    enp1s16f1: {link: eno1, mtu: 9000}\n"
				       "    vf1: {link: eno1, match: {name: 'enp1s16f[2-3]'}}\n"
				       "    vf2: {link: eno9}\n"
				       "    eno1v2: {link: eno1, macaddress: random, mtu: 1}\n"
				       "  vlans:\n"
				       "    v1: {id: 5, link: vf1, renderer: sriov}\n"
				       "    v2: {id: 5, link: none, renderer: sriov}\n"
				       "    v3: {id: x, link: eno1v2, renderer: sriov}\n"),
		HEAD "- pf: eno1\n  vfs: 3\n");
	assert_string_equal(s->warnings,
		"50-a.yaml:4:44: delay-virtual-functions-rebind is left out\n"
		"50-a.yaml:5:5: which VF of eno1 'enp1s16f1' is cannot be told: only names like "
		"eno1v0 say it\n"
		"50-a.yaml:6:5: which VF of eno1 'vf1' is cannot be told: only names like eno1v0 "
		"say it\n"
		"50-a.yaml:7:17: there is no device 'eno9'\n"
		"50-a.yaml:8:38: eno1/2: wants an address like 52:54:00:12:34:56, or auto, not "
		"'random': left out\n"
		"50-a.yaml:8:51: eno1/2: wants a number from 68 to 65535, not '1': left out\n"
		"50-a.yaml:10:5: VLAN 'v1' is left out: 'vf1' is no VF that is known\n"
		"50-a.yaml:11:5: VLAN 'v2' is left out: 'none' is no VF that is known\n"
		"50-a.yaml:12:14: eno1/2: wants a number from 0 to 4094, not 'x': left out\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(test_pf_and_vfs),
		SHOP_TEST(test_count),
		SHOP_TEST(test_match),
		SHOP_TEST(test_vf_of_another),
		SHOP_TEST(test_several_files),
		SHOP_TEST(test_what_is_not_known),
	};

	return RUN(tests);
}
