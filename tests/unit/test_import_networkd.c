/* .link and .network files of systemd as policies. */
#include "import.h"

#define LINK(s, text) shop_document(s, "networkd", "10-a.link", text)
#define NETWORK(s, text) shop_document(s, "networkd", "10-a.network", text)

static const char *both(struct shop *s)
{
	if (shop_import(s, "networkd") < 0)
		fail_msg("refused: %s", s->err.message);
	return s->text;
}

static void test_link(void **state)
{
	struct shop *s = *state;

	assert_string_equal(LINK(s, "# the first card\n"
				    "[Match]\n"
				    "OriginalName=ens1f0\n"
				    "\n"
				    "[Link]\n"
				    "MTUBytes=9000\n"
				    "SR-IOVVirtualFunctions=4\n"
				    "\n"
				    "[SR-IOV]\n"
				    "VirtualFunction=0\n"
				    "VLANId=100\n"
				    "QualityOfService=3\n"
				    "VLANProtocol=802.1ad\n"
				    "MACSpoofCheck=yes\n"
				    "QueryReceiveSideScaling=no\n"
				    "Trust = true\n"
				    "LinkState=auto\n"
				    "MACAddress=52:54:00:AA:00:00\n"
				    "; the second\n"
				    "[SR-IOV]\n"
				    "VirtualFunction=1\n"
				    "LinkState=yes\n"
				    "MACAddress=52-54-00-aa-00-01\n"
				    "[SR-IOV]\n"
				    "VirtualFunction=3\n"
				    "LinkState=no\n"
				    "VLANProtocol=802.1Q\n"
				    "VLANId=\\\n"
				    "  5\n"),
		HEAD "- pf: ens1f0\n"
		     "  vfs: 4\n"
		     "  mtu: 9000\n"
		     "  vf:\n"
		     "    0:\n"
		     "      mac: 52:54:00:aa:00:00\n"
		     "      vlan: 100\n"
		     "      qos: 3\n"
		     "      proto: 802.1ad\n"
		     "      spoofchk: on\n"
		     "      trust: on\n"
		     "      state: auto\n"
		     "      query_rss: off\n"
		     "    1: {mac: 52:54:00:aa:00:01, state: enable}\n"
		     "    3: {vlan: 5, proto: 802.1q, state: disable}\n");
	assert_string_equal(s->warnings, "");
}

/* How many there are to be follows from the sections, in .link files alone. */
static void test_count(void **state)
{
	static const char text[] = "[Match]\nOriginalName=eth0\n[SR-IOV]\nVirtualFunction=2\n"
				   "Trust=1\n[SR-IOV]\nVirtualFunction=0\nTrust=off\n";
	struct shop *s = *state;

	assert_string_equal(LINK(s, text), HEAD "- pf: eth0\n"
						"  vfs: 3\n"
						"  vf:\n"
						"    0: {trust: off}\n"
						"    2: {trust: on}\n");
	assert_string_equal(
		NETWORK(s, "[Match]\nName=eth0\n[SR-IOV]\nVirtualFunction=2\nTrust=1\n"),
		HEAD "- pf: eth0\n  vf:\n    2: {trust: on}\n");
	assert_string_equal(s->warnings, "");
	assert_string_equal(
		LINK(s, "[Match]\nOriginalName=eth0\n[Link]\n"
			"SR-IOVVirtualFunctions=2\n[SR-IOV]\nVirtualFunction=2\nTrust=1\n"),
		HEAD "- pf: eth0\n  vfs: 2\n");
	assert_string_equal(s->warnings,
		"10-a.link:7:1: eth0 is to have 2 VFs: what VF 2 is to have is left out\n");
	NETWORK(s, "[Match]\nName=eth0\n[Link]\nSR-IOVVirtualFunctions=2\n[SR-IOV]\n"
		   "VirtualFunction=2\nTrust=1\n");
	assert_string_equal(
		s->warnings, "10-a.network:4:1: SR-IOVVirtualFunctions= is for .link files\n");
	/* without a name it is told by what is in it */
	assert_string_equal(shop_document(s, "networkd", "-", text), HEAD "- pf: eth0\n"
									  "  vfs: 3\n"
									  "  vf:\n"
									  "    0: {trust: off}\n"
									  "    2: {trust: on}\n");
}

static void test_match(void **state)
{
	static const struct {
		const char *match, *pfs, *warnings;
	} cases[] = {
		{"Path=pci-0000:21:00.0", "- pf: \"0000:21:00.0\"\n  vfs: 2\n", ""},
		{"PermanentMACAddress=5254.00aa.00ff", "- pf: mac:52:54:00:aa:00:ff\n  vfs: 2\n",
			""},
		{"MACAddress=52:54:00:AA:00:FF\nOriginalName=eth0",
			"- pf: mac:52:54:00:aa:00:ff\n  vfs: 2\n", ""},
		{"OriginalName=eth0 eth1", "- pf: eth0\n  vfs: 2\n- pf: eth1\n  vfs: 2\n", ""},
		{"OriginalName=eth*\nPath=pci-0000:21:00.1", "- pf: \"0000:21:00.1\"\n  vfs: 2\n",
			""},
		{"OriginalName=eth1\nOriginalName=", NULL,
			"10-a.link:1:1: without Name= or another of [Match] it is for any "
			"interface: left out\n"},
		{"OriginalName=eth* lan0", "- pf: lan0\n  vfs: 2\n",
			"10-a.link:2:1: a policy names each PF, so OriginalName=eth* is left "
			"out\n"},
		{"Path=pci-*", NULL,
			"10-a.link:2:1: a policy names each PF, so Path=pci-* is left out\n"},
		{"Path=platform-a", NULL,
			"10-a.link:2:1: Path=platform-a is left out: only pci-ADDRESS is "
			"understood\n"},
		{"MACAddress=10.0.0.1", NULL,
			"10-a.link:2:1: MACAddress=10.0.0.1 is left out: no Ethernet address\n"},
		{"OriginalName=eth0\nDriver=igb", "- pf: eth0\n  vfs: 2\n",
			"10-a.link:3:1: Driver= of [Match] is not looked at: the PF is to have all "
			"of it whatever it says\n"},
	};
	struct shop *s = *state;
	char text[512], wanted[512];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(text, sizeof(text), "[Match]\n%s\n[Link]\nSR-IOVVirtualFunctions=2\n",
			cases[i].match);
		s->count = 0;
		shop_add(s, "10-a.link", text);
		assert_int_equal(shop_import(s, "networkd"), cases[i].pfs ? 0 : -1);
		snprintf(wanted, sizeof(wanted), HEAD "%s", cases[i].pfs ? cases[i].pfs : "");
		assert_string_equal(s->text, cases[i].pfs ? wanted : "");
		assert_string_equal(s->warnings, cases[i].warnings);
	}
}

static void test_renamed(void **state)
{
	struct shop *s = *state;

	assert_string_equal(LINK(s, "[Match]\nOriginalName=eth0\n[Link]\nName=lan0\n"
				    "SR-IOVVirtualFunctions=2\n"),
		HEAD "- pf: lan0\n  vfs: 2\n");
	assert_string_equal(s->warnings, "");
	assert_string_equal(LINK(s, "[Match]\nOriginalName=eth0\n[Link]\nNamePolicy=path\n"
				    "Name=lan0\nSR-IOVVirtualFunctions=2\n"),
		HEAD "- pf: eth0\n  vfs: 2\n");
	assert_contains(s->warnings, "10-a.link:2:1: OriginalName= is the name before");
}

static void test_several_files(void **state)
{
	struct shop *s = *state;

	/* networkd has the last word; interfaces that are nothing to us are passed over */
	shop_add(s, "/etc/systemd/network/10-a.link",
		"[Match]\nOriginalName=eth0\n[Link]\nSR-IOVVirtualFunctions=2\n"
		"[SR-IOV]\nVirtualFunction=0\nVLANId=5\nTrust=yes\n");
	shop_add(s, "/etc/systemd/network/20-a.network",
		"[Match]\nName=eth0\n[Link]\nMTUBytes=9K\n[SR-IOV]\nVirtualFunction=0\nVLANId=6\n");
	shop_add(s, "/etc/systemd/network/30-b.network",
		"[Match]\nName=br*\n[Link]\nMTUBytes=1500\n");
	shop_add(s, "/etc/systemd/network/30-c.network",
		"[Match]\nName=eth0v1\n[Link]\nMTUBytes=1400\n[Network]\nDHCP=yes\n");
	/* hidden by the first, and a drop-in of it */
	shop_add(s, "/run/systemd/network/10-a.link",
		"[Match]\nOriginalName=eth9\n[Link]\nSR-IOVVirtualFunctions=9\n");
	shop_add(s, "/run/systemd/network/10-a.link.d/more.conf",
		"[SR-IOV]\nVirtualFunction=1\nVLANId=7\n[Link]\nSR-IOVVirtualFunctions=3\n");
	assert_string_equal(both(s), HEAD "- pf: eth0\n"
					  "  vfs: 3\n"
					  "  mtu: 9216\n"
					  "  vf:\n"
					  "    0: {vlan: 6, trust: on}\n"
					  "    1: {vlan: 7, mtu: 1400}\n");
	assert_string_equal(s->warnings,
		"/etc/systemd/network/10-a.link:7:1: eth0/0: 5, but 6 in "
		"/etc/systemd/network/20-a.network:7: left out\n"
		"/run/systemd/network/10-a.link:1:1: hidden by a file of the same name\n");
}

static void test_what_is_wrong(void **state)
{
	struct shop *s = *state;

	assert_string_equal(NETWORK(s, "stray\n"
				       "[Match]\n"
				       "Name=eth0\n"
				       "[SR-IOV]\n"
				       "Trust=yes\n"
				       "[SR-IOV]\n"
				       "VirtualFunction=a\n"
				       "[SR-IOV]\n"
				       "VirtualFunction=1\n"
				       "VLANId=4095\n"
				       "Trust=maybe\n"
				       "LinkState=up\n"
				       "MACAddress=52:54\n"
				       "  VLANProtocol=802.3\n"
				       "Colour=red\n"
				       "MACSpoofCheck=yes\n"
				       "nonsense\n"
				       "[SR-IOV]\n"
				       "VirtualFunction=2\n"
				       "QualityOfService=3\n"
				       "Trust=yes\n"
				       "Trust=\n"
				       "[SR-IOV]\n"
				       "VirtualFunction=1\n"
				       "Trust=yes\n"),
		HEAD "- pf: eth0\n  vf:\n    1: {trust: on}\n");
	assert_string_equal(s->warnings,
		"10-a.network:1:1: neither [section] nor key=value\n"
		"10-a.network:4:1: [SR-IOV] without VirtualFunction= is left out\n"
		"10-a.network:7:1: no number of a VF: 'a'\n"
		"10-a.network:8:1: VF 1 has another [SR-IOV] section below, which counts\n"
		"10-a.network:15:1: Colour= of [SR-IOV] is not known\n"
		"10-a.network:17:1: neither [section] nor key=value\n"
		"10-a.network:20:1: QualityOfService= is nothing without VLANId=\n");
	NETWORK(s, "[Match]\nName=eth0\n[SR-IOV]\nVirtualFunction=1\nVLANId=4095\nTrust=maybe\n"
		   "LinkState=up\nMACAddress=52:54\n  VLANProtocol=802.3\nMACSpoofCheck=yes\n");
	assert_string_equal(s->text, HEAD "- pf: eth0\n  vf:\n    1: {spoofchk: on}\n");
	assert_string_equal(s->warnings,
		"10-a.network:5:1: eth0/1: wants a number from 0 to 4094, not '4095': left out\n"
		"10-a.network:6:1: Trust=maybe is left out: not a boolean\n"
		"10-a.network:7:1: LinkState=up is left out: not a boolean\n"
		"10-a.network:8:1: eth0/1: wants an address like 52:54:00:12:34:56, or auto, not "
		"'52:54': left out\n"
		"10-a.network:9:3: eth0/1: wants one of 802.1q|802.1ad, not '802.3': left out\n");
}

static void test_ends(void **state)
{
	static const char *const texts[] = {"", "[", "]", "[]", "[Match]", "[Match]\nName=", "=",
		"a=", "[SR-IOV]", "[SR-IOV]\\", "[Match]\nName=a\n[SR-IOV]\nVirtualFunction=1\\",
		"[SR-IOV]\nVirtualFunction=1",
		"[Link]\nMTUBytes=", "[Match]\nName=a\n[Link]\nMTUBytes=K", "#",
		"[Match]\nPath=pci-", "\\\n\\\n\\"};
	struct shop *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		s->count = 0;
		shop_add(s, i % 2 ? "a.link" : "a.network", texts[i]);
		shop_add(s, "a.link.d/x.conf", texts[i]);
		shop_add(s, ".conf", texts[i]);
		shop_import(s, "networkd");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(test_link),
		SHOP_TEST(test_count),
		SHOP_TEST(test_match),
		SHOP_TEST(test_renamed),
		SHOP_TEST(test_several_files),
		SHOP_TEST(test_what_is_wrong),
		SHOP_TEST(test_ends),
	};

	return RUN(tests);
}
