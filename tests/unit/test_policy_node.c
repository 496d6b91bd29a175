/* SriovNetworkNodePolicy: what is taken and refused of one, and what several come to. */
#include "unit.h"

#include "policy_text.h"

#define SOME_LABELS                                                                                \
	"zone=a,empty=,role=storage,feature.node.kubernetes.io/network-sriov.capable=true"

/* One on a line each: the first is line 1. more: of spec; nics: of nicSelector. */
#define POLICY(name, resource, vfs, nics, more)                                                    \
	"--- {kind: SriovNetworkNodePolicy, metadata: {name: " name                                \
	"}, spec: {resourceName: " resource ", numVfs: " vfs ", nicSelector: {" nics "}" more      \
	"}}\n"
/* A block one, where places matter: spec begins with line 4. */
#define SPEC                                                                                       \
	"kind: SriovNetworkNodePolicy\nmetadata: {name: p}\nspec:\n  resourceName: r\n"            \
	"  numVfs: 4\n  nicSelector: {pfNames: [eth0]}\n"

struct expected {
	const char *text, *said, *wanted;
};

static void expect(const struct expected *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_outcome(cases[i].text, SOME_LABELS, cases[i].said, cases[i].wanted);
}

static void documented_examples(void **state)
{
	static const struct expected files[] = {
		{"netdevice", "", "eth0 vfs=4 up=on mtu=9000; 0-3 driver=default mtu=9000"},
		{"split",
			"30:3 W: a SriovNetwork is for the operator: nothing of it is for this "
			"host",
			"eth0 vfs=8 up=on; 0-3 driver=vfio-pci; 4-7 driver=default mtu=1400"},
		{"rdma",
			"16:11 W: isRdma is for the device plugin of Kubernetes: nothing is done "
			"for it on this host",
			"eth1 vfs=2 up=on; 0-1 driver=default\nib0 vfs=2 up=on; 0-1 "
			"driver=default"},
		{"external", "", "eth0; 2-3 driver=vfio-pci"},
		{"switchdev",
			"9:16 E5 eSwitchMode: not supported by this version\n"
			"14:5 E5 bridge: not supported by this version\n"
			"23:16 E5 eSwitchMode: not supported by this version\n"
			"28:13 E5 vdpaType: not supported by this version",
			""},
		{"host", "",
			"eth0 vfs=8 up=on mtu=9000"
			"; 0 driver=default name=eth0-host up=on mac=auto spoofchk=on trust=off "
			"mtu=9000"
			"; 1-3 driver=vfio-pci mac=auto vlan=100 qos=3 max_tx_rate=2500 "
			"spoofchk=on "
			"trust=off"
			"; 4-6 driver=vfio-pci mac=auto spoofchk=on trust=off"
			"; 7 driver=vfio-pci mac=auto vlan=100 qos=3 max_tx_rate=2500 spoofchk=on "
			"trust=off\n"
			"eth1 vfs=8 up=on mtu=9000"
			"; 0 driver=default name=eth1-host up=on mac=auto spoofchk=on trust=off "
			"mtu=9000"
			"; 1-3 driver=vfio-pci mac=auto vlan=100 qos=3 max_tx_rate=2500 "
			"spoofchk=on "
			"trust=off"
			"; 4-6 driver=vfio-pci mac=auto spoofchk=on trust=off"
			"; 7 driver=vfio-pci mac=auto vlan=100 qos=3 max_tx_rate=2500 spoofchk=on "
			"trust=off"},
		{"cloud",
			"11:16 E5 netFilter: not supported by this version: only a cloud knows its "
			"networks",
			""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char path[128], text[4096];
		size_t len;
		FILE *f;

		snprintf(path, sizeof(path), "tests/fixtures/policy/%s.yaml", files[i].text);
		f = fopen(path, "re");
		assert_non_null(f);
		len = fread(text, 1, sizeof(text) - 1, f);
		fclose(f);
		text[len] = 0;
		assert_outcome(text, SOME_LABELS, files[i].said, files[i].wanted);
	}
}

static void which_pfs(void **state)
{
	static const struct expected cases[] = {
		{POLICY("a", "r", "1", "vendor: \"8086\"", ""), "",
			"eth0 vfs=1 up=on; 0 driver=default"},
		{POLICY("a", "r", "1", "vendor: 8086, deviceID: 10C9", ""), "",
			"eth0 vfs=1 up=on; 0 driver=default"},
		{POLICY("a", "r", "1", "deviceID: 1018", ""), "",
			"eth1 vfs=1 up=on; 0 driver=default"},
		{POLICY("a", "r", "1", "rootDevices: [\"0000:02:00.0\", 01:00.0]", ""), "",
			"eth0 vfs=1 up=on; 0 driver=default\neth1 vfs=1 up=on; 0 driver=default"},
		/* a PF without an interface cannot be switched on */
		{POLICY("a", "r", "1", "rootDevices: [\"0000:04:00.0\"]", ""), "",
			"0000:04:00.0 vfs=1; 0 driver=default"},
		{POLICY("a", "r", "1", "pfNames: [eth1, lan0]", ""), "",
			"eth0 vfs=1 up=on; 0 driver=default\neth1 vfs=1 up=on; 0 driver=default"},
		/* all kinds must fit, one of each list */
		{POLICY("a", "r", "1", "vendor: 15b3, pfNames: [eth0, eth1]", ""), "",
			"eth1 vfs=1 up=on; 0 driver=default"},
		{POLICY("a", "r", "1",
			 "vendor: \"\", netFilter: \"\", pfNames: [eth1], deviceID: ", ""),
			"", "eth1 vfs=1 up=on; 0 driver=default"},
		{POLICY("a", "r", "1", "vendor: 15b3, pfNames: [eth0]", ""),
			"1:105 W: it selects no PF of this host", ""},
		{POLICY("a", "r", "1", "pfNames: [eth9]", ""),
			"1:105 W: it selects no PF of this host", ""},
		{POLICY("a", "r", "0", "pfNames: [eth0]", ""),
			"1:89 W: numVfs: 0 does nothing, as in the operator", ""},
	};

	(void)state;
	expect(cases, ARRAY_SIZE(cases));
}

static void ranges(void **state)
{
	static const struct expected cases[] = {
		{POLICY("a", "r", "6", "pfNames: [\"eth0#2-4\"]", ""), "",
			"eth0 vfs=6 up=on; 2-4 driver=default"},
		/* by an alternative name, several of one PF, and our own grammar */
		{POLICY("a", "r", "8", "pfNames: [\"lan0#0-1\", \"eth0#3,5-6\", eth1]", ""), "",
			"eth0 vfs=8 up=on; 0-1 driver=default; 3 driver=default; 5-6 "
			"driver=default\n"
			"eth1 vfs=8 up=on; 0-7 driver=default"},
		{POLICY("a", "r", "4",
			 "pfNames: [\"eth0#0-4\", \"eth0#1-0\", \"eth0#\", \"eth0#a-b\"]", ""),
			"1:116 E1 pfNames: '0-4' goes beyond numVfs: 4\n"
			"1:128 E1 pfNames: '1-0' is no VF range of a PF [write eth0#0-3]\n"
			"1:140 E1 pfNames: '' is no VF range of a PF [write eth0#0-3]\n"
			"1:149 E1 pfNames: 'a-b' is no VF range of a PF [write eth0#0-3]",
			""},
	};

	(void)state;
	expect(cases, ARRAY_SIZE(cases));
}

static void fields(void **state)
{
	static const struct expected cases[] = {
		{SPEC "  mtu: 9000\n", "",
			"eth0 vfs=4 up=on mtu=9000; 0-3 driver=default mtu=9000"},
		/* the PF's is raised, and never lowered */
		{SPEC "  mtu: 1400\n", "", "eth0 vfs=4 up=on; 0-3 driver=default mtu=1400"},
		{SPEC "  mtu: 9000\n  deviceType: vfio-pci\n", "",
			"eth0 vfs=4 up=on mtu=9000; 0-3 driver=vfio-pci"},
		{SPEC "  linkType: ETH\n  eSwitchMode: legacy\n  bridge: {}\n  priority: 0\n"
		      "  isRdma: false\n  needVhostNet: true\n  excludeTopology: yes\nstatus: {x: "
		      "y}\n",
			"", "eth0 vfs=4 up=on; 0-3 driver=default"},
		{SPEC "  priority: 100\n  deviceType: vfio\n  isRdma: 1\n  linkType: wifi\n",
			"7:13 E1 priority: wants a number from 0 to 99, not '100' [priority: 0 "
			"goes "
			"before all others]\n"
			"8:15 E1 deviceType: wants one of netdevice|vfio-pci, not 'vfio' "
			"[deviceType: "
			"driver of the VFs]\n"
			"9:11 E1 isRdma: wants true or false, not '1' [isRdma: for the device "
			"plugin]\n"
			"10:13 E1 linkType: wants one of eth|ib, not 'wifi' [linkType: what the PF "
			"is]",
			""},
		{SPEC "  mtu: 0\n  linktype: eth\n  numvfs: 3\n",
			"7:8 E1 mtu: wants a number from 68 to 65535, not '0'\n"
			"8:3 E1: spec has no key 'linktype' [did you mean linkType?]\n"
			"9:3 E1: spec has no key 'numvfs' [did you mean numVfs?]",
			""},
		{SPEC "  linkType: IB\n", "7:13 E5 eth0 linkType: it is no InfiniBand port", ""},
		{POLICY("a", "r", "1", "pfNames: [ib0]", ", linkType: eth"),
			"1:133 E5 ib0 linkType: it is an InfiniBand port", ""},
		{SPEC "  deviceType: vfio-pci\n  isRdma: true\n",
			"8:11 E1 isRdma: not with deviceType: vfio-pci", ""},
		{SPEC "  vdpaType: vhost\n  deviceType: vfio-pci\n",
			"7:13 E5 vdpaType: not supported by this version\n"
			"7:13 E1 vdpaType: goes with deviceType: netdevice alone\n"
			"7:13 E1 vdpaType: wants eSwitchMode: switchdev",
			""},
		{SPEC "  bridge: {ovs: {}}\n  externallyManaged: true\n",
			"7:11 E5 bridge: not supported by this version\n"
			"7:11 E1 bridge: wants eSwitchMode: switchdev\n"
			"7:11 E1 bridge: not with externallyManaged",
			""},
		{SPEC "  eSwitchMode: switchdev\n  linkType: ib\n",
			"7:16 E5 eSwitchMode: not supported by this version\n"
			"8:13 E1 linkType: switchdev mode is for Ethernet alone",
			""},
		{POLICY("a", "r", "9", "pfNames: [eth0]", ""),
			"1:89 E1 eth0 vfs: it can have 8 VFs at most, not 9 [some cards can have "
			"more "
			"after a change of their firmware settings]",
			""},
	};

	(void)state;
	expect(cases, ARRAY_SIZE(cases));
}

static void what_must_be_there(void **state)
{
	static const struct expected cases[] = {
		{"kind: SriovNetworkNodePolicy\n", "1:1 E1 spec: the operator wants it", ""},
		{"kind: SriovNetworkNodePolicy\nspec: {}\n",
			"2:7 E1 resourceName: the operator wants one\n"
			"2:7 E1 numVfs: the operator wants it\n"
			"2:7 E1 nicSelector: it selects nothing [say vendor, deviceID, rootDevices "
			"or pfNames of the PFs]",
			""},
		{POLICY("a", "-x", "1", "pfNames: []", ""),
			"1:78 E1 resourceName: '-x' is no name of a resource [1 to 63 letters, "
			"digits, '-' and '_', a letter or digit first and last]\n"
			"1:106 E1 nicSelector: it selects nothing [say vendor, deviceID, "
			"rootDevices "
			"or pfNames of the PFs]",
			""},
		{POLICY("a", "r.x", "1", "vendor: 80867, rootDevices: [x], pfNames: [[]]", ""),
			"1:78 E1 resourceName: 'r.x' is no name of a resource [1 to 63 letters, "
			"digits, '-' and '_', a letter or digit first and last]\n"
			"1:116 E1 vendor: wants four hex digits, not '80867'\n"
			"1:137 E1 rootDevices: wants a PCI address like 0000:21:00.0, not 'x'\n"
			"1:151 E1 pfNames: wants a list of words, not a list",
			""},
		{POLICY("a", "r", "1", "netFilter: x, vendor: 8086", ""),
			"1:117 E5 netFilter: not supported by this version: only a cloud knows its "
			"networks\n"
			"1:117 E1 netFilter: goes with no other selector",
			""},
		{"apiVersion: sriovnetwork.openshift.io/v2\n" SPEC,
			"1:13 E1 apiVersion: this version reads sriovnetwork.openshift.io/v1, not "
			"'sriovnetwork.openshift.io/v2'",
			""},
	};

	(void)state;
	expect(cases, ARRAY_SIZE(cases));
}

static void labels(void **state)
{
	static const struct expected cases[] = {
		{SPEC "  nodeSelector: {zone: a, empty: \"\"}\n", "",
			"eth0 vfs=4 up=on; 0-3 driver=default"},
		{SPEC "  nodeSelector: {zone: a, role: none}\n  isRdma: true\n", "", ""},
		{SPEC "  nodeSelector: {other: \"\"}\n", "", ""},
		{SPEC "  nodeSelector: {zone: [a]}\n",
			"7:24 E1 nodeSelector: a label wants a word, not a list", ""},
		/* which does not apply contradicts nobody */
		{POLICY("a", "r", "4", "pfNames: [eth0]", "") POLICY(
			 "b", "s", "5", "pfNames: [eth0]", ", nodeSelector: {zone: b}"),
			"", "eth0 vfs=4 up=on; 0-3 driver=default"},
	};
	struct arena arena = {0};
	struct problems problems = {.arena = &arena};
	struct policy *policy = policy_new(&problems);
	struct error err;

	(void)state;
	expect(cases, ARRAY_SIZE(cases));
	assert_outcome(SPEC "  nodeSelector: {role: none}\n", NULL,
		"7:17 W: nodeSelector is ignored: the labels of this host were not given",
		"eth0 vfs=4 up=on; 0-3 driver=default");
	assert_outcome(
		SPEC "  nodeSelector: {}\n", NULL, "", "eth0 vfs=4 up=on; 0-3 driver=default");
	assert_outcome(SPEC "  nodeSelector: {role: none}\n", "", "", "");
	assert_int_equal(policy_set_labels(policy, "a=b,c", &err), -1);
	assert_string_equal(err.message, "'c' is no label");
	assert_int_equal(policy_set_labels(policy, "=b", &err), -1);
	assert_int_equal(policy_set_labels(policy, "a=b,c=d=e,", &err), 0);
	policy_free(policy);
	arena_free(&arena);
}

#define PF(range) "pfNames: [\"eth0" range "\"]"
#define PRIO(n) ", priority: " n

static void merged(void **state)
{
	static const struct expected cases[] = {
		/* other VFs of the same PF: both, with the larger number and MTU */
		{POLICY("a", "r", "6", PF("#0-1"), ", mtu: 4000, priority: 10") POLICY(
			 "b", "s", "4", PF("#2-3"), ", mtu: 2000, deviceType: vfio-pci"),
			"",
			"eth0 vfs=6 up=on mtu=4000; 0-1 driver=default mtu=4000; 2-3 "
			"driver=vfio-pci"},
		{POLICY("a", "r", "4", PF("#0-1"), PRIO("10"))
				POLICY("b", "s", "6", PF("#2-3"), ", mtu: 2000"),
			"",
			"eth0 vfs=6 up=on mtu=2000; 0-1 driver=default; 2-3 driver=default "
			"mtu=2000"},
		/* the lower number goes before, when they cannot both be had */
		{POLICY("a", "r", "2", "vendor: 8086", PRIO("10"))
				POLICY("b", "s", "6", PF(""), ", mtu: 2000, deviceType: vfio-pci"),
			"", "eth0 vfs=2 up=on; 0-1 driver=default"},
		{POLICY("a", "r", "2", "vendor: 8086", PRIO("0"))
				POLICY("b", "s", "6", PF(""), PRIO("1")),
			"", "eth0 vfs=2 up=on; 0-1 driver=default"},
		/* the same resource is had by the first alone */
		{POLICY("a", "r", "4", PF("#0-1"), PRIO("10"))
				POLICY("b", "r", "8", PF("#2-3"), PRIO("20")),
			"", "eth0 vfs=4 up=on; 0-1 driver=default"},
		/* of the same priority the last by name goes before; the larger number and MTU */
		{POLICY("a", "r", "6", "vendor: 8086", ", mtu: 2000, deviceType: vfio-pci")
				POLICY("b", "s", "4", PF(""), ""),
			"", "eth0 vfs=6 up=on mtu=2000; 0-3 driver=default"},
		{POLICY("b", "r", "6", "vendor: 8086", ", deviceType: vfio-pci")
				POLICY("a", "s", "4", PF(""), ""),
			"", "eth0 vfs=6 up=on; 0-5 driver=vfio-pci"},
		/* another policy of that priority, of another PF, is no reason */
		{POLICY("a", "r", "6", "vendor: 8086", PRIO("20")) POLICY("b", "s", "2",
			 "pfNames: [eth1]", PRIO("10")) POLICY("c", "t", "4", PF(""), PRIO("10")),
			"",
			"eth0 vfs=4 up=on; 0-3 driver=default\neth1 vfs=2 up=on; 0-1 "
			"driver=default"},
		/* one that wants nothing */
		{POLICY("a", "r", "6", "vendor: 8086", PRIO("20"))
				POLICY("b", "s", "0", PF(""), ""),
			"2:89 W: numVfs: 0 does nothing, as in the operator",
			"eth0 vfs=6 up=on; 0-5 driver=default"},
	};

	(void)state;
	expect(cases, ARRAY_SIZE(cases));
}

static void contradictions(void **state)
{
	static const struct expected cases[] = {
		{POLICY("a", "r", "4", PF("#0-1"), "") POLICY("b", "s", "4", PF("#1-2"), PRIO("1")),
			"2:116 E1 pfNames: eth0#1-2: the policy a speaks of the same VFs (in line "
			"1)",
			""},
		/* every pair is looked at, and a PF without a range is all of it */
		{POLICY("a", "r", "4", "pfNames: [\"eth0#0-0\", \"eth0#3-3\"]", "")
				POLICY("b", "s", "4", "pfNames: [\"eth0#1-1\", \"eth0#3-3\"]", ""),
			"2:128 E1 pfNames: eth0#3-3: the policy a speaks of the same VFs (in line "
			"1)",
			""},
		{POLICY("a", "r", "4", PF("#0-1"), "") POLICY("b", "s", "4", PF(""), ""),
			"2:116 E1 pfNames: eth0: the policy a speaks of the same VFs (in line 1)",
			""},
		/* by another name, which only the host tells */
		{POLICY("a", "r", "4", PF("#0-1"), "")
				POLICY("b", "s", "4", "pfNames: [\"lan0#1-2\"]", ""),
			"2:116 E1 pfNames: lan0#1-2: the policy a speaks of the same VFs (in line "
			"1)",
			""},
		{POLICY("a", "r", "4", PF("#0-1"), ", externallyManaged: true")
				POLICY("b", "s", "4", PF("#2-2"), ", externallyManaged: false"),
			"2:149 E1 externallyManaged: the policy a says otherwise of eth0 (in line "
			"1)",
			""},
		{POLICY("a", "r", "4", "rootDevices: [\"0000:02:00.0\"]", "")
				POLICY("b", "s", "4", "rootDevices: [\"02:00.0\"]", ""),
			"2:120 E1 rootDevices: 0000:02:00.0: the policy a has it as well", ""},
		{POLICY("a", "r", "4", PF("#0-1"), ", excludeTopology: true")
				POLICY("b", "r", "4", "pfNames: [eth1]", ""),
			"2:63 E1 excludeTopology: the policy a says otherwise of the resource r",
			""},
		{POLICY("a", "r", "4", PF(""), "") POLICY("a", "s", "4", "pfNames: [eth1]", ""),
			"2:53 E1: there are two policies a", ""},
	};

	(void)state;
	expect(cases, ARRAY_SIZE(cases));
}

static void managed_by_others(void **state)
{
	static const struct expected cases[] = {
		{SPEC "  externallyManaged: true\n  mtu: 1500\n", "",
			"eth0; 0-3 driver=default mtu=1500"},
		{SPEC "  externallyManaged: true\n  mtu: 1600\n  linkType: ib\n",
			"8:8 E1 eth0 mtu: it is managed by others, and its MTU is 1500\n"
			"9:13 E5 eth0 linkType: it is no InfiniBand port",
			""},
		{POLICY("a", "r", "5", PF(""), ", externallyManaged: true"),
			"1:89 E4 eth0 numVfs: it is managed by others, and has 4 VFs, not 5", ""},
	};

	(void)state;
	expect(cases, ARRAY_SIZE(cases));
}

#define HOST "---\nkind: SriovHost\npfs:\n"

static void with_our_own(void **state)
{
	static const struct expected cases[] = {
		{SPEC HOST
			"- {pf: eth0, mtu: 1500, vf: {all: {trust: on}, 1: {driver: default}}}\n",
			"", "eth0 vfs=4 up=on mtu=1500; 0-3 driver=default trust=on"},
		{SPEC "  mtu: 2000\n" HOST "- {pf: lan0, mtu: 3000, up: on, vfs: 4}\n", "",
			"eth0 vfs=4 up=on mtu=3000; 0-3 driver=default mtu=2000"},
		{SPEC "  mtu: 2000\n" HOST "- {pf: lan0, mtu: 1500, up: off, vfs: 5}\n",
			"5:11 E1 eth0 vfs: 4 here, but 5 in line 11\n"
			"6:16 E1 eth0 up: on here, but off in line 11\n"
			"7:8 E1 eth0 mtu: 2000 here, but 1500 in line 11",
			""},
		{SPEC "  deviceType: vfio-pci\n" HOST "- {pf: lan0, vf: {2: {driver: default}}}\n",
			"7:15 E1 eth0/2 driver: vfio-pci here, but default in line 11", ""},
	};

	(void)state;
	expect(cases, ARRAY_SIZE(cases));
}

static void other_kinds(void **state)
{
	static const struct expected cases[] = {
		{"apiVersion: sriovnetwork.openshift.io/v1\nkind: SriovNetworkPoolConfig\n",
			"1:1 W: a SriovNetworkPoolConfig is for the operator: nothing of it is for "
			"this host",
			""},
		{"apiVersion: sriovnetwork.openshift.io/v1\nkind: SomethingNew\n",
			"1:1 W: a SomethingNew is for the operator: nothing of it is for this host",
			""},
		{"apiVersion: sriovnetwork.openshift.io/v1\nkind: SriovNetworkNodePolciy\n",
			"2:7 E1 kind: 'SriovNetworkNodePolciy' is no kind of policy [did you mean "
			"SriovNetworkNodePolicy?]",
			""},
		{"kind: SriovNetworkNodePolicy\nmetadata: {name: default}\nspec: {}\n",
			"1:1 W: the operator ignores a policy called default, and so is it here",
			""},
	};
	struct outcome o;
	const char *text = cases[0].text;

	(void)state;
	expect(cases, ARRAY_SIZE(cases));
	outcome_of(&o, &text, 1, NULL);
	assert_int_equal(policy_documents(o.policy), 0);
	outcome_free(&o);
}

static void needs(void **state)
{
	const char *text = POLICY("a", "r", "4", PF(""), "");
	const char *by_vendor = POLICY("a", "r", "4", "vendor: 8086", "");
	unsigned all = NEED_VFS | NEED_NETNS | NEED_BINDING | NEED_PLACE;
	struct outcome o;

	(void)state;
	outcome_of(&o, &text, 1, NULL);
	assert_int_equal(policy_needs(o.policy), all);
	outcome_free(&o);
	outcome_of(&o, &by_vendor, 1, NULL);
	assert_int_equal(policy_needs(o.policy), all | NEED_IDS);
	outcome_free(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documented_examples),
		cmocka_unit_test(which_pfs),
		cmocka_unit_test(ranges),
		cmocka_unit_test(fields),
		cmocka_unit_test(what_must_be_there),
		cmocka_unit_test(labels),
		cmocka_unit_test(merged),
		cmocka_unit_test(contradictions),
		cmocka_unit_test(managed_by_others),
		cmocka_unit_test(with_our_own),
		cmocka_unit_test(other_kinds),
		cmocka_unit_test(needs),
	};

	return RUN(tests);
}
