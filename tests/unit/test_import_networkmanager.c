/* Connection profiles of NetworkManager as policies. */
#include "import.h"

#define NM(s, text) shop_document(s, "networkmanager", "a.nmconnection", text)
#define DEVICE "[connection]\nid=a\ntype=ethernet\ninterface-name=eth0\n"

static void test_profile(void **state)
{
	struct shop *s = *state;

	assert_string_equal(
		NM(s, "[connection]\n"
		      "id=card\n"
		      "uuid=27afa607-ee36-43f0-b8c3-9d245cdc4bb3\n"
		      "type=ethernet\n"
		      "interface-name=ens1f0\n"
		      "\n"
		      "[ethernet]\n"
		      "mtu=9000\n"
		      "\n"
		      "[ipv4]\n"
		      "method=auto\n"
		      "\n"
		      "[sriov]\n"
		      "autoprobe-drivers=0\n"
		      "eswitch-mode=0\n"
		      "eswitch-inline-mode=-1\n"
		      "preserve-on-down=1\n"
		      "total-vfs=4\n"
		      "vf.0=mac=52:54:00:AA:00:00 spoof-check=true trust=false vlans=100.3.ad\n"
		      "vf.1=max-tx-rate=1000 min-tx-rate=10 vlans=5\n"
		      "vf.3=vlans=6.0.q;\n"),
		HEAD "- pf: ens1f0\n"
		     "  vfs: 4\n"
		     "  mtu: 9000\n"
		     "  autoprobe: off\n"
		     "  eswitch: legacy\n"
		     "  vf:\n"
		     "    0:\n"
		     "      mac: 52:54:00:aa:00:00\n"
		     "      vlan: 100\n"
		     "      qos: 3\n"
		     "      proto: 802.1ad\n"
		     "      spoofchk: on\n"
		     "      trust: off\n"
		     "    1: {vlan: 5, max_tx_rate: 1000, min_tx_rate: 10}\n"
		     "    3: {vlan: 6, qos: 0, proto: 802.1q}\n");
	assert_string_equal(s->warnings, "");
}

static void test_device(void **state)
{
	static const struct {
		const char *lines, *pf;
	} cases[] = {
		{"[connection]\ninterface-name=eth0\n", "eth0"},
		{"[match]\ninterface-name=eth0;\n", "eth0"},
		{"[match]\npath=pci-0000:21:00.0;\n[connection]\ninterface-name=eth0\n",
			"\"0000:21:00.0\""},
		{"[ethernet]\nmac-address=52:54:00:AA:00:01\n[connection]\ninterface-name=eth0\n",
			"mac:52:54:00:aa:00:01"},
		{"[802-3-ethernet]\nmac-address=52:54:00:AA:00:01\n", "mac:52:54:00:aa:00:01"},
		{"[match]\ninterface-name=eth*;\n", NULL},
		{"[match]\npath=pci-0000:21:00.0;pci-0000:21:00.1;\n", NULL},
		{"[connection]\nid=a\n", NULL},
	};
	struct shop *s = *state;
	char text[256], wanted[256];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(text, sizeof(text), "[sriov]\ntotal-vfs=2\n%s", cases[i].lines);
		s->count = 0;
		shop_add(s, "a", text);
		if (!cases[i].pf) {
			assert_int_equal(shop_import(s, "networkmanager"), -1);
			assert_int_equal(s->err.code, EXIT_NOT_FOUND);
			assert_contains(s->warnings,
				"a:1:1: [sriov] of a profile that names no device is left out\n");
			continue;
		}
		assert_int_equal(shop_import(s, "networkmanager"), 0);
		snprintf(wanted, sizeof(wanted), HEAD "- pf: %s\n  vfs: 2\n", cases[i].pf);
		assert_string_equal(s->text, wanted);
		assert_string_equal(s->warnings, "");
	}
}

/* [sriov] alone asks for none; without it nothing is asked. */
static void test_count(void **state)
{
	struct shop *s = *state;

	assert_string_equal(NM(s, DEVICE "[sriov]\n"), HEAD "- pf: eth0\n  vfs: 0\n");
	s->count = 0;
	shop_add(s, "a", DEVICE);
	assert_int_equal(shop_import(s, "networkmanager"), -1);
	assert_string_equal(s->warnings, "");
	assert_string_equal(
		NM(s, DEVICE "[ethernet]\nmtu=0\n[sriov]\ntotal-vfs=1\nautoprobe-drivers=-1\n"
			     "eswitch-mode=preserve\n"),
		HEAD "- pf: eth0\n  vfs: 1\n");
	assert_string_equal(s->warnings, "");
}

static void test_several_profiles(void **state)
{
	struct shop *s = *state;

	shop_add(s, "a", DEVICE "[sriov]\ntotal-vfs=2\nvf.0=trust=true\n");
	shop_add(s, "b", DEVICE "[sriov]\ntotal-vfs=3\nvf.0=trust=false\nvf.1=trust=true\n");
	assert_int_equal(shop_import(s, "networkmanager"), 0);
	assert_string_equal(s->text, HEAD "- pf: eth0\n  vfs: 2\n  vf:\n    all: {trust: on}\n");
	assert_string_equal(s->warnings, "b:6:1: eth0: 3, but 2 in a:6: left out\n"
					 "b:7:1: eth0/0: off, but on in a:7: left out\n");
}

static void test_what_is_wrong(void **state)
{
	struct shop *s = *state;

	assert_string_equal(NM(s, DEVICE "[sriov]\n"
					 "total-vfs=x\n"
					 "autoprobe-drivers=maybe\n"
					 "eswitch-mode=2\n"
					 "eswitch-encap-mode=1\n"
					 "vf.0=trust=maybe mac=1 vlans=1;2 colour=red word\n"
					 "vf.x=trust=true\n"
					 "vf.1=vlans=\n"
					 "vf.2=vlans=5.9.x\n"),
		HEAD "- pf: eth0\n  vf:\n    0: {vlan: 1}\n    2: {vlan: 5}\n");
	assert_string_equal(s->warnings,
		"a.nmconnection:6:1: eth0: wants a number from 0 to 65535, not 'x': left out\n"
		"a.nmconnection:7:1: autoprobe-drivers=maybe is left out: not a boolean\n"
		"a.nmconnection:8:1: eth0: wants legacy or switchdev, not '2': left out\n"
		"a.nmconnection:9:1: eswitch-encap-mode= of [sriov] is left out\n"
		"a.nmconnection:10:1: eth0/0: wants on or off, not 'maybe': left out\n"
		"a.nmconnection:10:1: eth0/0: wants an address like 52:54:00:12:34:56, or auto, "
		"not '1': left out\n"
		"a.nmconnection:10:1: a VF has one port VLAN: of vlans=1;2 the first is taken\n"
		"a.nmconnection:10:1: colour of a VF is not known\n"
		"a.nmconnection:10:1: 'word' is no KEY=VALUE\n"
		"a.nmconnection:11:1: no number of a VF: 'x'\n"
		"a.nmconnection:12:1: eth0/1: wants a number from 0 to 4094, not '': left out\n"
		"a.nmconnection:13:1: eth0/2: wants a number from 0 to 7, not '9': left out\n"
		"a.nmconnection:13:1: eth0/2: wants one of 802.1q|802.1ad, not 'x': left out\n");
}

static void test_formats(void **state)
{
	struct shop *s = *state;

	assert_null(import_format_find("netword", &s->err));
	assert_int_equal(s->err.code, EXIT_USAGE);
	assert_string_equal(s->err.hint, "did you mean 'networkd'?");
	for (size_t i = 0; i < import_format_count(); i++) {
		const struct import_format *f = import_format(i);

		assert_ptr_equal(import_format_find(f->name, &s->err), f);
		assert_true(f->help[0]);
		for (size_t p = 0; f->paths[p]; p++)
			assert_int_equal(f->paths[p][0], '/');
	}
	assert_int_equal(shop_import(s, "xml"), -1);
	assert_contains(s->err.hint, "there are ip, netplan, ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(test_profile),
		SHOP_TEST(test_device),
		SHOP_TEST(test_count),
		SHOP_TEST(test_several_profiles),
		SHOP_TEST(test_what_is_wrong),
		SHOP_TEST(test_formats),
	};

	return RUN(tests);
}
