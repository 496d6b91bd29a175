/* Shell scripts as policies. */
#include "import.h"

#define IP(s, text) shop_document(s, "ip", "up.sh", text)
#define assert_ip(s, script, document)                                                             \
	do {                                                                                       \
		assert_string_equal(IP(s, script), HEAD document);                                 \
		assert_string_equal((s)->warnings, "");                                            \
	} while (0)

static void test_script(void **state)
{
	struct shop *s = *state;

	assert_ip(s,
		"#!/bin/sh\n"
		"# VFs of the first card\n"
		"echo 4 > /sys/class/net/ens1f0/device/sriov_numvfs\n"
		"sleep 2\n"
		"ip link set ens1f0 mtu 9000\n"
		"ip link set dev ens1f0 up\n"
		"ip link set ens1f0 vf 0 mac 52:54:00:AA:00:00 vlan 100 qos 3\n"
		"ip link set ens1f0 vf 1 mac 52:54:00:aa:00:01 spoofchk off trust on\n"
		"ip link set dev ens1f0 vf 2 max_tx_rate 1000 min_tx_rate 100 \\\n"
		"    state enable\n"
		"ip link set ens1f0v3 mtu 1400 up\n",
		"- pf: ens1f0\n"
		"  vfs: 4\n"
		"  up: on\n"
		"  mtu: 9000\n"
		"  vf:\n"
		"    0: {mac: 52:54:00:aa:00:00, vlan: 100, qos: 3}\n"
		"    1: {mac: 52:54:00:aa:00:01, spoofchk: off, trust: on}\n"
		"    2: {max_tx_rate: 1000, min_tx_rate: 100, state: enable}\n"
		"    3: {mtu: 1400, up: on}\n");
}

static void test_every_attribute(void **state)
{
	struct shop *s = *state;

	assert_ip(s,
		"ip link set eth0 vf 0 mac 52:54:00:aa:00:00 vlan 5 qos 1 proto 802.1AD rate 10 "
		"min_tx_rate 1 spoofchk on trust off state auto query_rss on node_guid "
		"00:11:22:33:44:55:66:77 port_guid 00:11:22:33:44:55:66:78\n",
		"- pf: eth0\n"
		"  vf:\n"
		"    0:\n"
		"      mac: 52:54:00:aa:00:00\n"
		"      vlan: 5\n"
		"      qos: 1\n"
		"      proto: 802.1ad\n"
		"      max_tx_rate: 10\n"
		"      min_tx_rate: 1\n"
		"      spoofchk: on\n"
		"      trust: off\n"
		"      state: auto\n"
		"      query_rss: on\n"
		"      node_guid: \"00:11:22:33:44:55:66:77\"\n"
		"      port_guid: \"00:11:22:33:44:55:66:78\"\n");
}

/* One that says the whole command in another way each line. */
static void test_ways_to_run_ip(void **state)
{
	static const char *const lines[] = {
		"ip link set eth0 vf 3 vlan 7",
		"ip link set dev eth0 vf 3 vlan 7",
		"/sbin/ip link set eth0 vf 3 vlan 7",
		"sudo ip link set eth0 vf 3 vlan 7",
		"sudo -n -u root /usr/sbin/ip link set eth0 vf 3 vlan 7",
		"LANG=C ip link set eth0 vf 3 vlan 7",
		"ip -d -4 l s eth0 vf 3 vlan 7",
		"ip -rcvbuf 100 link change eth0 vf 3 vlan 7",
		"link set eth0 vf 3 vlan 7",
		"exec ip link set 'eth0' vf \"3\" vlan 7",
		"true && ip link set eth0 vf 3 vlan 7 || exit 1",
		"ip link set eth0 vf 3 vlan 7 >/dev/null 2>&1",
		"ip link set eth0 vf 3 \\\n vlan 7 # seven",
		"ip link set eth0 vf 3 vlan 7;ip link show",
		"\tpre-up ip link set eth0 vf 3 vlan 7",
		"ExecStart=-/sbin/ip link set eth0 vf 3 vlan 7",
		"ExecStartPost=/bin/sh -c 'ip link set eth0 vf 3 vlan 7'",
		"bash -ec \"sleep 1; ip link set eth0 vf 3 vlan 7\"",
		"ip link set eth0 vf 3 vlan 9\nip link set eth0 vf 3 vlan 7",
		"ip link set eth0 vf 2 vf 3 vlan 7",
		"ip link set mtu 1500 dev eth0 vf 3 vlan 7; ip link set eth0 mtu 1500",
	};
	struct shop *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		const char *text = IP(s, lines[i]);

		if (!strstr(text, "- pf: eth0\n") || !strstr(text, "  vf:\n    3: {vlan: 7}\n"))
			fail_msg("%s: %s", lines[i], text);
		if (s->warnings[0])
			fail_msg("%s: %s", lines[i], s->warnings);
	}
}

static void test_ways_to_write_sysfs(void **state)
{
	static const char *const lines[] = {
		"echo 4 > /sys/class/net/eth0/device/sriov_numvfs",
		"echo 4 >/sys/class/net/eth0/device/sriov_numvfs",
		"echo -n '4' 1> \"/sys/class/net/eth0/device/sriov_numvfs\"",
		">/sys/class/net/eth0/device/sriov_numvfs echo 4",
		"echo 4 | sudo tee /sys/class/net/eth0/device/sriov_numvfs >/dev/null",
		"echo 4 | tee -a /sys/class/net/eth0/device/sriov_numvfs",
		"printf '4\\n' > /sys/class/net/eth0/device/sriov_numvfs",
		"sudo sh -c \"echo 4 > /sys/class/net/eth0/device/sriov_numvfs\"",
		"sudo bash -c 'echo 4 >/sys/class/net/eth0/device/sriov_numvfs'",
		"echo 0 > /sys/class/net/eth0/device/sriov_numvfs\n"
		"echo 4 > /sys/class/net/eth0/device/sriov_numvfs",
		"ExecStart=/bin/sh -c 'echo 4 > /sys/class/net/eth0/device/sriov_numvfs'\n"
		"ExecStop=/bin/sh -c 'echo 0 > /sys/class/net/eth0/device/sriov_numvfs'",
		"post-up echo 4 > /sys/class/net/eth0/device/sriov_numvfs\n"
		"pre-down echo 0 > /sys/class/net/eth0/device/sriov_numvfs",
	};
	struct shop *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		if (strcmp(IP(s, lines[i]), HEAD "- pf: eth0\n  vfs: 4\n") != 0)
			fail_msg("%s: %s", lines[i], s->text);
		if (s->warnings[0])
			fail_msg("%s: %s", lines[i], s->warnings);
	}
}

static void test_by_pci_address(void **state)
{
	struct shop *s = *state;

	assert_ip(s,
		"echo 0 > /sys/bus/pci/devices/0000:21:00.0/sriov_drivers_autoprobe\n"
		"echo 2 > /sys/bus/pci/devices/0000:21:00.0/sriov_numvfs\n"
		"echo 8 > /sys/devices/pci0000:40/0000:40:01.0/0000:41:00.0/sriov_numvfs\n"
		"devlink dev eswitch set pci/0000:41:00.0 mode legacy\n",
		"- pf: \"0000:21:00.0\"\n"
		"  vfs: 2\n"
		"  autoprobe: off\n"
		"- pf: \"0000:41:00.0\"\n"
		"  vfs: 8\n"
		"  eswitch: legacy\n");
}

/* Interfaces of which nothing about VFs is said are none of our business. */
static void test_others_are_left_out(void **state)
{
	struct shop *s = *state;

	assert_ip(s,
		"ip link set lo up\n"
		"ip link set br0 mtu 9000\n"
		"ip addr add 192.0.2.1/24 dev eth0\n"
		"ip link add link eth0 name vlan5 type vlan id 5\n"
		"ip link set eth0 vf 1 trust on\n"
		"ip link set eth1 txqueuelen 500 name up\n"
		"echo 1 > /proc/sys/net/ipv4/ip_forward\n",
		"- pf: eth0\n  vf:\n    1: {trust: on}\n");
	s->count = 0;
	shop_add(s, "up.sh", "ip link set lo up\n");
	assert_int_equal(shop_import(s, "ip"), -1);
	assert_int_equal(s->err.code, EXIT_NOT_FOUND);
	assert_string_equal(s->err.message, "nothing about SR-IOV was found in 1 file");
}

static void test_taken_away_again(void **state)
{
	struct shop *s = *state;

	assert_ip(s,
		"ip link set eth0 vf 0 mac 52:54:00:aa:00:00 vlan 5\n"
		"ip link set eth0 vf 0 mac 00:00:00:00:00:00 vlan 0\n",
		"- pf: eth0\n  vf:\n    0: {vlan: 0}\n");
}

static void test_what_the_shell_does(void **state)
{
	struct shop *s = *state;

	assert_string_equal(IP(s, "PF=eth0\n"
				  "ip link set eth0 vf 0 trust on\n"
				  "for i in 1 2; do\n"
				  "  ip link set $PF vf $i trust on\n"
				  "done\n"
				  "echo $N > /sys/class/net/eth0/device/sriov_numvfs\n"
				  "echo 4 > /sys/class/net/${PF}/device/sriov_numvfs\n"
				  "echo `cat n` | tee /sys/class/net/eth0/device/sriov_numvfs\n"
				  "cat n > /sys/class/net/eth0/device/sriov_numvfs\n"
				  "if [ -e /x ]; then ip link set eth0 vf 3 vlan 9; fi\n"
				  "f() {\n"
				  "\techo 8 > /sys/class/net/eth1/device/sriov_numvfs\n"
				  "}\n"
				  "ip link set eth0 vf 4 vlan 9\n"),
		HEAD "- pf: eth0\n"
		     "  vf:\n"
		     "    0: {trust: on}\n"
		     "    3-4: {vlan: 9}\n"
		     "- pf: eth1\n"
		     "  vfs: 8\n");
	assert_string_equal(s->warnings, "up.sh:4:15: variables are not understood: '$PF'\n"
					 "up.sh:6:11: variables are not understood: $N "
					 "/sys/class/net/eth0/device/sriov_numvfs\n"
					 "up.sh:7:10: variables are not understood: 4 "
					 "/sys/class/net/${PF}/device/sriov_numvfs\n"
					 "up.sh:8:20: variables are not understood: `cat n` "
					 "/sys/class/net/eth0/device/sriov_numvfs\n"
					 "up.sh:9:9: variables are not understood: something "
					 "/sys/class/net/eth0/device/sriov_numvfs\n"
					 "up.sh:10:20: within a condition, loop or function: taken "
					 "as if it always ran, once\n"
					 "up.sh:12:2: within a condition, loop or function: taken "
					 "as if it always ran, once\n");
}

static void test_what_is_wrong(void **state)
{
	struct shop *s = *state;

	assert_string_equal(
		IP(s, "ip link set eth0 vf x vlan 5\n"
		      "ip link set eth0 vf 0 vlan 5000 trust maybe state up\n"
		      "ip link set eth0 vf 1 vlan\n"
		      "ip -n blue link set eth0 vf 2 vlan 7\n"
		      "ip -batch vfs.ip\n"
		      "echo many > /sys/class/net/eth0/device/sriov_numvfs\n"
		      "cd /sys/class/net/eth0/device; echo 4 > sriov_numvfs\n"
		      "echo vfio-pci > /sys/bus/pci/devices/0000:21:10.0/driver_override\n"
		      "driverctl set-override 0000:21:10.0 vfio-pci\n"
		      "modprobe igb max_vfs=7\n"
		      "devlink dev eswitch set pci/0000:21:00.0 mode switchdev encap enable\n"
		      "ip link set eth0 vf 3 trust \"on\n"),
		HEAD "- pf: eth0\n- pf: \"0000:21:00.0\"\n  eswitch: switchdev\n");
	assert_string_equal(s->warnings,
		"up.sh:1:21: no number of a VF: 'x'\n"
		"up.sh:2:28: eth0/0: wants a number from 0 to 4094, not '5000': left out\n"
		"up.sh:2:39: eth0/0: wants on or off, not 'maybe': left out\n"
		"up.sh:2:51: eth0/0: wants one of auto|enable|disable, not 'up': left out\n"
		"up.sh:3:23: vlan wants a value\n"
		"up.sh:4:1: of another namespace: left out, a policy is for PFs of this one\n"
		"up.sh:5:4: ip -batch: read its file as well\n"
		"up.sh:6:13: eth0: wants a number from 0 to 65535, not 'many': left out\n"
		"up.sh:7:41: no path that says which PF it is of: sriov_numvfs\n"
		"up.sh:8:17: which VF of which PF this is, is not known: give it its driver in the "
		"policy\n"
		"up.sh:9:1: which VF of which PF this is, is not known: give it its driver in the "
		"policy\n"
		"up.sh:10:14: max_vfs=7 is left out: a number of VFs as a parameter of a module\n"
		"up.sh:11:47: switchdev is not supported by this version: a policy with it is "
		"refused\n"
		"up.sh:11:57: encap is left out\n"
		"up.sh:12:29: a quote that does not end\n"
		"up.sh:12:29: eth0/3: wants on or off, not 'on\n': left out\n");
}

/* VFs that there are not to be */
static void test_too_many(void **state)
{
	struct shop *s = *state;

	assert_string_equal(IP(s, "echo 2 > /sys/class/net/eth0/device/sriov_numvfs\n"
				  "ip link set eth0 vf 1 trust on\n"
				  "ip link set eth0 vf 2 trust on\n"),
		HEAD "- pf: eth0\n  vfs: 2\n  vf:\n    1: {trust: on}\n");
	assert_string_equal(s->warnings,
		"up.sh:3:29: eth0 is to have 2 VFs: what VF 2 is to have is left out\n");
}

static void test_names_of_nothing(void **state)
{
	struct shop *s = *state;

	assert_string_equal(IP(s, "ip link set '' vf 0 trust on\n"
				  "ip link set a/b vf 0 trust on\n"
				  "ip link set 'a b' vf 0 trust on\n"
				  "ip link set a\xff vf 0 trust on\n"
				  "ip link set '#x' vf 0 trust on\n"),
		HEAD "- pf: \"#x\"\n  vf:\n    0: {trust: on}\n");
	assert_string_equal(s->warnings, "up.sh:1:13: '' is no name of a PF: left out\n"
					 "up.sh:2:13: 'a/b' is no name of a PF: left out\n"
					 "up.sh:3:13: 'a b' is no name of a PF: left out\n"
					 "up.sh:4:13: 'a\xff' is no name of a PF: left out\n");
}

/* Texts that end where they should not. */
static void test_ends(void **state)
{
	static const char *const texts[] = {"", "'", "\"", "\\", "echo \\", "ip link set",
		"ip link", "ip link set dev", "ip link set eth0 vf", "ip link set eth0 mtu",
		"echo 4 >", "$(", "sudo", "sh -c", "sh -c '", "|", "| tee", "&", "<", "<<", "1>",
		"2>&", "}", "fi", "ExecStart=", "a\vb", "\f", "devlink dev eswitch set", "#", "if",
		"ip -n", "ip -", "A="};
	struct shop *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		s->count = 0;
		shop_add(s, "up.sh", texts[i]);
		shop_import(s, "ip");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(test_script),
		SHOP_TEST(test_every_attribute),
		SHOP_TEST(test_ways_to_run_ip),
		SHOP_TEST(test_ways_to_write_sysfs),
		SHOP_TEST(test_by_pci_address),
		SHOP_TEST(test_others_are_left_out),
		SHOP_TEST(test_taken_away_again),
		SHOP_TEST(test_what_the_shell_does),
		SHOP_TEST(test_what_is_wrong),
		SHOP_TEST(test_too_many),
		SHOP_TEST(test_names_of_nothing),
		SHOP_TEST(test_ends),
	};

	return RUN(tests);
}
