/* SriovHost: what is taken and what is refused, where, and what is wanted of a host by it. */
#include "unit.h"

#include "policy_text.h"

#define HOST "kind: SriovHost\npfs:\n"             /* what follows is line 3 */
#define ETH0 "kind: SriovHost\npfs:\n- pf: eth0\n" /* line 4 */

struct wanted {
	const char *text, *wanted;
};
struct refused {
	const char *text, *said;
};

static void want(const struct wanted *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_outcome(cases[i].text, NULL, "", cases[i].wanted);
}

/* Nothing is wanted then. */
static void refuse(const struct refused *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_outcome(cases[i].text, NULL, cases[i].said, "");
}

static void whole_document(void **state)
{
	static const struct wanted cases[] = {
		{"apiVersion: sriovctl/v1\n"
		 "kind: SriovHost\n"
		 "metadata: {name: whatever, anything: [goes]}\n"
		 "defaults:\n"
		 "  spoofchk: on\n"
		 "pfs:\n"
		 "- pf: eth0\n"
		 "  vfs: 8\n"
		 "  mtu: 9000\n"
		 "  up: on\n"
		 "  autoprobe: off\n"
		 "  eswitch: legacy\n"
		 "  optional: true\n"
		 "  vf:\n"
		 "    all: {trust: off}\n"
		 "    0-3: {driver: vfio-pci, vlan: 100, max_tx_rate: 2.5gbit}\n"
		 "    4:\n"
		 "      mac: 52:54:00:aa:00:04\n"
		 "      name: \"{pf}v{vf}\"\n"
		 "      mtu: 9000\n"
		 "      up: on\n"
		 "    5: {reset: true}\n",
			"eth0 vfs=8 up=on mtu=9000 autoprobe=off"
			"; 0-3 driver=vfio-pci vlan=100 max_tx_rate=2500 spoofchk=on trust=off"
			"; 4 name=eth0v4 up=on mac=52:54:00:aa:00:04 spoofchk=on trust=off mtu=9000"
			"; 5 reset spoofchk=on trust=off; 6-7 spoofchk=on trust=off"},
		{"{\"kind\": \"SriovHost\", \"pfs\": [{\"pf\": \"eth0\", \"vfs\": 2,"
		 " \"vf\": {\"0\": {\"trust\": true, \"vlan\": 5}}}]}",
			"eth0 vfs=2; 0 vlan=5 trust=on"},
		/* several documents, several PFs, and a List of them */
		{ETH0 "  up: on\n---\n---\n" HOST "- {pf: eth1, vfs: 3}\n- {pf: ib0, vfs: 0}\n",
			"eth0 up=on\neth1 vfs=3\nib0 vfs=0"},
		{"kind: List\nitems:\n- kind: SriovHost\n  pfs: [{pf: eth1, vfs: 1}]\n",
			"eth1 vfs=1"},
		{"", ""},
		{"# only a remark\n", ""},
		{HOST, ""},
		{ETH0, "eth0"},
		{ETH0 "  vf:\n", "eth0"},
		{ETH0 "  vf: {0: , 1: {}}\n", "eth0"},
	};

	(void)state;
	want(cases, ARRAY_SIZE(cases));
}

static void pf_by_any_name(void **state)
{
	static const struct wanted cases[] = {
		{HOST "- {pf: lan0, vfs: 1}\n", "eth0 vfs=1"},
		{HOST "- {pf: \"0000:01:00.0\", vfs: 1}\n", "eth0 vfs=1"},
		{HOST "- {pf: pci/0000:02:00.0, vfs: 1}\n", "eth1 vfs=1"},
		{HOST "- {pf: 01:00.0, vfs: 1}\n", "eth0 vfs=1"},
		{HOST "- {pf: \"mac:52:54:00:00:00:01\", vfs: 1}\n", "eth1 vfs=1"},
		{HOST "- {pf: [eth0, eth1], vfs: 1}\n", "eth0 vfs=1\neth1 vfs=1"},
		{HOST "- {pf: [eth0, lan0, eth0], vfs: 1}\n", "eth0 vfs=1"},
		{HOST "- {pf: eth9, vfs: 1, optional: true}\n- {pf: eth1, vfs: 1}\n", "eth1 vfs=1"},
		{HOST "- {pf: [eth9, eth1], vfs: 1, optional: yes}\n", "eth1 vfs=1"},
	};
	static const struct refused wrong[] = {
		{HOST "- pf: eth9\n", "3:7 E4: no PF 'eth9' [did you mean eth0?]"},
		{HOST "- pf: [eth9,\n    eht1]\n", "3:8 E4: no PF 'eth9' [did you mean eth0?]\n"
						   "4:5 E4: no PF 'eht1' [did you mean eth1?]"},
		{HOST "- {pf: eth0/1, optional: true}\n",
			"3:8 E1: eth0/1 is VF 1 of eth0, not a PF [name the PF: eth0]"},
	};

	(void)state;
	want(cases, ARRAY_SIZE(cases));
	refuse(wrong, ARRAY_SIZE(wrong));
}

static void precedence(void **state)
{
	static const struct wanted cases[] = {
		{"kind: SriovHost\ndefaults: {vlan: 1, trust: on, state: enable}\n"
		 "pfs:\n- pf: eth0\n  vf:\n    1-2: {vlan: 3}\n    all: {vlan: 2, trust: off}\n",
			"eth0; 0 vlan=2 trust=off state=enable; 1-2 vlan=3 trust=off state=enable"
			"; 3 vlan=2 trust=off state=enable"},
		{"kind: SriovHost\npfs:\n- {pf: eth0}\n- {pf: eth1, vfs: 1, vf: {0: {vlan: 4}}}\n"
		 "defaults: {vlan: 1, driver: default}\n",
			"eth0; 0-3 driver=default vlan=1\neth1 vfs=1; 0 driver=default vlan=4"},
		/* of that document alone */
		{"kind: SriovHost\ndefaults: {vlan: 1}\npfs: [{pf: eth0}]\n---\n"
		 "kind: SriovHost\npfs: [{pf: eth1, vfs: 1}]\n",
			"eth0; 0-3 vlan=1\neth1 vfs=1"},
		{ETH0 "  vf: {all: {reset: true, driver: vfio-pci},"
		      " 1: {reset: false}, 2: {driver: default}}\n",
			"eth0; 0 driver=vfio-pci reset; 1 driver=vfio-pci; 2 driver=default reset"
			"; 3 driver=vfio-pci reset"},
		{ETH0 "  vf: {1: {reset: no}}\n", "eth0"},
		{ETH0 "  vf: {all: {mac: auto}, \"0,2-3\": {mac: auto, query_rss: On}}\n",
			"eth0; 0 mac=auto query_rss=on; 1 mac=auto; 2-3 mac=auto query_rss=on"},
	};

	(void)state;
	want(cases, ARRAY_SIZE(cases));
}

static void contradictions(void **state)
{
	static const struct wanted same[] = {
		{ETH0 "  vf: {0-2: {vlan: 5}, 2-3: {vlan: 5, trust: on}}\n",
			"eth0; 0-1 vlan=5; 2-3 vlan=5 trust=on"},
		{HOST "- {pf: eth0, vfs: 4, mtu: 9000}\n- {pf: lan0, vfs: 4, mtu: 9000, up: on}\n",
			"eth0 vfs=4 up=on mtu=9000"},
		/* what the second says of all is not for the range that it has */
		{HOST "- {pf: eth0, vf: {1: {vlan: 5}}}\n"
		      "- {pf: lan0, vf: {1: {vlan: 5}, all: {vlan: 6}}}\n",
			"eth0; 0 vlan=6; 1 vlan=5; 2-3 vlan=6"},
		{HOST "- {pf: eth0, vf: {all: {vlan: 5}}}\n- {pf: lan0, vf: {1: {vlan: 5}}}\n",
			"eth0; 0-3 vlan=5"},
	};
	static const struct refused wrong[] = {
		{ETH0 "  vf:\n    0-2: {vlan: 5, trust: on}\n    2-3: {vlan: 6}\n",
			"6:17 E1 eth0/2 vlan: 6 here, but 5 in line 5"},
		/* once, and each kind of thing */
		{ETH0 "  vf:\n    0-2: {driver: default, trust: on, reset: on, mac: auto}\n"
		      "    0-3: {driver: igbvf, trust: off, reset: off}\n"
		      "    1: {mac: 52:54:00:00:00:01}\n",
			"6:19 E1 eth0/0 driver: igbvf here, but default in line 5\n"
			"6:33 E1 eth0/0 trust: off here, but on in line 5\n"
			"6:45 E1 eth0/0 reset: off here, but on in line 5\n"
			"7:14 E1 eth0/1 mac: 52:54:00:00:00:01 here, but auto in line 5"},
		{HOST "- {pf: eth0, vfs: 4, up: on}\n- {pf: eth0, vfs: 5, up: off}\n",
			"4:19 E1 eth0 vfs: 5 here, but 4 in line 3\n"
			"4:26 E1 eth0 up: off here, but on in line 3"},
		/* known with the host alone */
		{HOST "- {pf: eth0, vfs: 4}\n- {pf: lan0, vfs: 5}\n",
			"4:19 E1 eth0 vfs: 5 here, but 4 in line 3"},
		/* documents do not go before one another, whatever they say it of */
		{HOST "- {pf: eth0, vf: {all: {vlan: 5}}}\n- {pf: eth0, vf: {1: {vlan: 6}}}\n",
			"4:29 E1 eth0/1 vlan: 6 here, but 5 in line 3"},
		{"kind: SriovHost\ndefaults: {vlan: 5}\npfs: [{pf: eth0}]\n---\n"
		 "kind: SriovHost\ndefaults: {vlan: 6}\npfs: [{pf: eth0}]\n",
			"6:18 E1 eth0/0 vlan: 6 here, but 5 in line 2"},
	};

	(void)state;
	want(same, ARRAY_SIZE(same));
	refuse(wrong, ARRAY_SIZE(wrong));
}

static void two_files(void **state)
{
	static const char *const texts[] = {
		HOST "- {pf: eth0, vfs: 4}\n- {pf: ib0, vfs: 1}\n",
		HOST "- {pf: eth0, vfs: 5}\n",
		HOST "- {pf: eth1, vfs: 2, vf: {all: {trust: on}}}\n",
	};
	struct outcome o;

	(void)state;
	outcome_of(&o, texts, 3, NULL);
	assert_string_equal(o.said, "b:3:19 E1 eth0 vfs: 5 here, but 4 in a, line 3");
	/* whatever else those documents speak of is left out as well */
	assert_string_equal(o.wanted, "eth1 vfs=2; 0-1 trust=on");
	assert_int_equal(policy_documents(o.policy), 3);
	outcome_free(&o);
}

static void numbers_of_vfs(void **state)
{
	static const struct wanted cases[] = {
		{ETH0 "  vfs: 8\n  vf: {7: {trust: on}}\n", "eth0 vfs=8; 7 trust=on"},
		{ETH0 "  vf: {3: {trust: on}}\n", "eth0; 3 trust=on"},
		{HOST "- {pf: eth0, vf: {7: {trust: on}}}\n- {pf: lan0, vfs: 8}\n",
			"eth0 vfs=8; 7 trust=on"},
		{ETH0 "  vfs: 0\n  vf: {all: {trust: on}}\n", "eth0 vfs=0"},
		{HOST "- {pf: eth1, vf: {all: {trust: on}}}\n", "eth1"},
	};
	static const struct refused wrong[] = {
		{ETH0 "  vfs: 6\n  vf:\n    4-7: {trust: on}\n    2,9: {trust: on}\n",
			"6:5 E1 eth0: no VF 6: it is to have 6 VFs (in line 4)\n"
			"7:5 E1 eth0: no VF 9: it is to have 6 VFs (in line 4)"},
		{HOST "- {pf: eth0, vf: {7: {trust: on}}}\n- {pf: eth0, vfs: 5}\n",
			"3:19 E1 eth0: no VF 7: it is to have 5 VFs (in line 4)"},
		{ETH0 "  vf: {2-4: {trust: on}}\n",
			"4:8 E4 eth0: no VF 4: it has 4 VFs [vfs: 5 would make it]"},
		{ETH0 "  vfs: 9\n", "4:8 E1 eth0 vfs: it can have 8 VFs at most, not 9 [some cards "
				    "can have more after a change of their firmware settings]"},
		{ETH0 "  vfs: 9\n  vf: {8: {trust: on}}\n",
			"4:8 E1 eth0 vfs: it can have 8 VFs at most, not 9 [some cards "
			"can have more after a change of their firmware settings]"},
		{ETH0 "  vfs: -1\n",
			"4:8 E1 vfs: wants a number from 0 to 65535, not '-1' [vfs: the "
			"number of VFs it is to have]"},
		{ETH0 "  vfs: 65536\n", "4:8 E1 vfs: wants a number from 0 to 65535, not '65536' "
					"[vfs: the number of VFs it is to have]"},
		{ETH0 "  vfs:\n",
			"4:3 E1 vfs: wants a number from 0 to 65535, not nothing [vfs: the "
			"number of VFs it is to have]"},
	};

	(void)state;
	want(cases, ARRAY_SIZE(cases));
	refuse(wrong, ARRAY_SIZE(wrong));
}

static void names(void **state)
{
	static const struct wanted cases[] = {
		{ETH0 "  vf: {0: {name: data}, 1: {name: \"{{{vf}}\"}, 2: {name: \"{pf}_{vf}\"}}\n",
			"eth0; 0 name=data; 1 name={1}; 2 name=eth0_2"},
		{HOST "- {pf: [eth0, eth1], vfs: 2, vf: {all: {name: \"{pf}n{vf}\"}}}\n",
			"eth0 vfs=2; 0 name=eth0n0; 1 name=eth0n1\n"
			"eth1 vfs=2; 0 name=eth1n0; 1 name=eth1n1"},
		/* the name of the interface, whatever the file calls it */
		{HOST "- {pf: \"0000:01:00.0\", vf: {0: {name: \"{pf}a\"}}}\n",
			"eth0; 0 name=eth0a"},
		{ETH0 "  vfs: 8\n  vf: {all: {name: \"abcdefghijklmn{vf}\"}}\n",
			"eth0 vfs=8; 0 name=abcdefghijklmn0; 1 name=abcdefghijklmn1"
			"; 2 name=abcdefghijklmn2; 4 name=abcdefghijklmn4"
			"; 5 name=abcdefghijklmn5; 6 name=abcdefghijklmn6"
			"; 7 name=abcdefghijklmn7"},
	};
	static const struct refused wrong[] = {
		{ETH0 "  vf: {0-1: {name: a}}\n",
			"4:20 E1 name: one name for several VFs [write {vf} where the number is to "
			"be: name: \"a{vf}\"]"},
		{ETH0 "  vf: {all: {name: \"{pf}\"}}\n",
			"4:20 E1 name: one name for all VFs [write {vf} where the number is to be: "
			"name: \"{pf}{vf}\"]"},
		{"kind: SriovHost\ndefaults: {name: a}\npfs: []\n",
			"2:18 E1 name: one name for all VFs [write {vf} where the number is to be: "
			"name: \"a{vf}\"]"},
		{ETH0 "  vf: {0: {name: a}, 1: {name: a}}\n",
			"4:32 E1 eth0/1 name: eth0/0 is to have a as well (in line 4)"},
		{ETH0 "  vf: {0: {name: \"{pf}1\"}, 1: {name: \"{pf}{vf}\"}}\n",
			"4:38 E1 eth0/1 name: eth0/0 is to have eth01 as well (in line 4)"},
		{HOST "- {pf: [eth0, eth1], vfs: 1, vf: {0: {name: a}}}\n",
			"3:45 E1 eth1/0 name: eth0/0 is to have a as well [write {pf} where the "
			"PF's "
			"name is to be]"},
		{ETH0 "  vf: {0: {name: \"{x}\"}}\n",
			"4:18 E1 name: '{x}' has a brace that stands for nothing [{pf} and {vf} "
			"stand for the PF's name and the VF's number, {{ for a brace]"},
		{ETH0 "  vf: {0: {name: \"a b\"}}\n",
			"4:18 E1 eth0/0 name: wants an interface name: 1 to 15 bytes without "
			"blanks, '/', ':' and '%', not 'a b'"},
		{ETH0 "  vfs: 8\n  vf: {all: {name: \"abcdefghijklmno{vf}\"}}\n",
			"5:20 E1 eth0/0 name: wants an interface name: 1 to 15 bytes without "
			"blanks, '/', ':' and '%', not 'abcdefghijklmno0'"},
		/* for the largest number, which is not there yet */
		{ETH0 "  vfs: 11\n  vf: {all: {name: \"abcdefghijklmn{vf}\"}}\n",
			"5:20 E1 eth0/10 name: wants an interface name: 1 to 15 bytes without "
			"blanks, '/', ':' and '%', not 'abcdefghijklmn10'"},
		/* as long as that can be told without a host, and then with it */
		{HOST "- {pf: lan0, vf: {0: {name: \"{pf}bcdefghijklmnop\"}}}\n",
			"3:29 E1 lan0/0 name: '{pf}bcdefghijklmnop' makes no interface's name, "
			"whatever the PF is called"},
		{HOST "- {pf: lan0, vf: {0: {name: \"{pf}efghijklmnop\"}}}\n",
			"3:29 E1 eth0/0 name: wants an interface name: 1 to 15 bytes without "
			"blanks, '/', ':' and '%', not 'eth0efghijklmnop'"},
		{HOST "- {pf: \"0000:04:00.0\", vf: {0: {name: \"{pf}a\"}}}\n",
			"3:39 E1 0000:04:00.0 name: it has no interface that {pf} could stand for"},
		{ETH0 "  vf: {0: {name: "
		      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}}\n",
			"4:18 E1 name: "
			"'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			"...' is too long for an interface's name"},
	};

	(void)state;
	want(cases, ARRAY_SIZE(cases));
	refuse(wrong, ARRAY_SIZE(wrong));
}

static void addresses(void **state)
{
	static const struct wanted cases[] = {
		{ETH0 "  vf: {0-1: {mac: auto}, 2: {mac: 52:54:00:00:00:01}}\n",
			"eth0; 0-1 mac=auto; 2 mac=52:54:00:00:00:01"},
		/* one VF by two names of its PF */
		{HOST "- {pf: eth0, vf: {1: {mac: 52:54:00:00:00:01}}}\n"
		      "- {pf: lan0, vf: {1: {mac: 52:54:00:00:00:01}}}\n",
			"eth0; 1 mac=52:54:00:00:00:01"},
	};
	static const struct refused wrong[] = {
		{ETH0 "  vf: {0-1: {mac: 52:54:00:00:00:01}}\n",
			"4:19 E1 mac: one address for several VFs ['auto' gives each its own]"},
		{ETH0 "  vf: {all: {mac: 52:54:00:00:00:01}}\n",
			"4:19 E1 mac: one address for all VFs ['auto' gives each its own]"},
		{ETH0 "  vf: {0: {mac: 52:54:00:00:00:01}, 2: {mac: 52:54:0:0:0:1}}\n",
			"4:46 E1 mac: wants an address like 52:54:00:12:34:56, or auto, not "
			"'52:54:0:0:0:1'"},
		{ETH0 "  vf: {0: {mac: 52:54:00:00:00:AB}, 2: {mac: 52:54:00:00:00:ab}}\n",
			"4:46 E1 eth0/2 mac: eth0/0 is to have 52:54:00:00:00:ab as well (in line "
			"4)"},
		{HOST "- {pf: [eth0, eth1], vfs: 1, vf: {0: {mac: 52:54:00:00:00:01}}}\n",
			"3:44 E1 eth1/0 mac: eth0/0 is to have 52:54:00:00:00:01 as well ['auto' "
			"gives each its own]"},
		/* surely two VFs without a host: the indexes, or the addresses, differ */
		{HOST "- {pf: eth0, vf: {1: {mac: 52:54:00:00:00:01}}}\n"
		      "- {pf: eth7, vfs: 3, vf: {2: {mac: 52:54:00:00:00:01}}, optional: true}\n",
			"4:36 E1 eth7/2 mac: eth0/1 is to have 52:54:00:00:00:01 as well (in line "
			"3)"},
		{HOST "- {pf: 0000:07:00.0, vfs: 2, vf: {1: {name: a}}, optional: true}\n"
		      "- {pf: 0000:08:00.0, vfs: 2, vf: {1: {name: a}}, optional: true}\n",
			"4:45 E1 0000:08:00.0/1 name: 0000:07:00.0/1 is to have a as well (in line "
			"3)"},
	};

	(void)state;
	want(cases, ARRAY_SIZE(cases));
	refuse(wrong, ARRAY_SIZE(wrong));
	/* with the host it is known that they are two; what was said first is kept */
	assert_outcome(HOST "- {pf: eth0, vf: {1: {mac: 52:54:00:00:00:01}}}\n"
			    "- {pf: eth1, vfs: 2, vf: {1: {mac: 52:54:00:00:00:01}}}\n",
		NULL, "4:36 E1 eth1/1 mac: eth0/1 is to have 52:54:00:00:00:01 as well (in line 3)",
		"eth0; 1 mac=52:54:00:00:00:01");
}

/* What a VF that is handed on cannot have. */
static void passthrough(void **state)
{
	static const struct wanted cases[] = {
		/* VF 3 has vfio-pci now */
		{ETH0 "  vf: {all: {mtu: 9000, up: on, name: \"{pf}n{vf}\", vlan: 3}}\n",
			"eth0; 0 name=eth0n0 up=on vlan=3 mtu=9000; 1 name=eth0n1 up=on vlan=3 "
			"mtu=9000; 2 name=eth0n2 up=on vlan=3 mtu=9000; 3 vlan=3"},
		{"kind: SriovHost\ndefaults: {mtu: 9000}\npfs:\n- pf: eth0\n"
		 "  vf: {0-1: {driver: uio_pci_generic}, 3: {driver: default}}\n",
			"eth0; 0-1 driver=uio_pci_generic; 2 mtu=9000; 3 driver=default mtu=9000"},
		{ETH0 "  vf: {all: {driver: vfio-pci, mtu: 9000}}\n", "eth0; 0-3 driver=vfio-pci"},
		{ETH0 "  vf: {all: {driver: vfio-pci}, 1: {driver: igbvf, mtu: 9000}}\n",
			"eth0; 0 driver=vfio-pci; 1 driver=igbvf mtu=9000; 2-3 driver=vfio-pci"},
		/* no word of its driver: it may be given another before that */
		{ETH0 "  vf: {3: {mtu: 9000}}\n", "eth0; 3 mtu=9000"},
	};
	static const struct refused wrong[] = {
		{ETH0 "  vf: {1-2: {mtu: 9000, driver: vfio-pci, up: on, vlan: 3}}\n",
			"4:19 E1 eth0/1 mtu: with driver vfio-pci (in line 4) it has no interface "
			"[say it of VFs with another driver, or below 'all']\n"
			"4:47 E1 eth0/1 up: with driver vfio-pci (in line 4) it has no interface "
			"[say it of VFs with another driver, or below 'all']"},
		{HOST "- {pf: eth0, vf: {all: {mtu: 9000}}}\n- {pf: eth0, vf: {1: {mtu: 9000}}}\n"
		      "- {pf: eth0, vf: {all: {driver: vfio-pci}}}\n",
			"4:28 E1 eth0/1 mtu: with driver vfio-pci (in line 5) it has no interface "
			"[say it of VFs with another driver, or below 'all']"},
		{ETH0 "  vf:\n    all: {driver: vfio-pci}\n    2: {mtu: 9000}\n",
			"6:14 E1 eth0/2 mtu: with driver vfio-pci (in line 5) it has no interface "
			"[say it of VFs with another driver, or below 'all']"},
	};

	(void)state;
	want(cases, ARRAY_SIZE(cases));
	refuse(wrong, ARRAY_SIZE(wrong));
}

static void every_attribute(void **state)
{
	static const struct wanted cases[] = {
		{ETH0 "  vf:\n    0: {mac: auto, vlan: 5, qos: 3, proto: 802.1ad, max_tx_rate: "
		      "1gbit,\n"
		      "        min_tx_rate: 500, spoofchk: false, trust: True, state: enable,\n"
		      "        query_rss: yes, msix: 8, name: x, mtu: 1400, up: off}\n"
		      "    1: {node_guid: 00:11:22:33:44:55:66:77, port_guid: "
		      "00:11:22:33:44:55:66:78}\n",
			"eth0; 0 name=x up=off mac=auto vlan=5 qos=3 proto=802.1ad "
			"max_tx_rate=1000 "
			"min_tx_rate=500 spoofchk=off trust=on state=enable query_rss=on msix=8 "
			"mtu=1400; 1 node_guid=00:11:22:33:44:55:66:77 "
			"port_guid=00:11:22:33:44:55:66:78"},
		{ETH0 "  up: no\n  mtu: 68\n  autoprobe: YES\n", "eth0 up=off mtu=68 autoprobe=on"},
	};
	static const struct refused wrong[] = {
		{ETH0 "  vf: {0: {vlan: 4095, qos: 8, proto: x, max_tx_rate: fast}}\n",
			"4:18 E1 vlan: wants a number from 0 to 4094, not '4095'\n"
			"4:29 E1 qos: wants a number from 0 to 7, not '8'\n"
			"4:39 E1 proto: wants one of 802.1q|802.1ad, not 'x'\n"
			"4:55 E1 max_tx_rate: wants a number of Mbit/s, or with a unit (500mbit, "
			"2.5gbit), 0 for none, not 'fast'"},
		{ETH0 "  vf: {0: {trust: maybe, up: 1, spoofchk: [on], vlan: }}\n",
			"4:19 E1 trust: wants on or off, not 'maybe' [trust: whether the VF may "
			"change its address and go promiscuous]\n"
			"4:30 E1 up: wants on or off, not '1' [up: whether the interface is "
			"switched "
			"on]\n"
			"4:43 E1 spoofchk: wants on or off, not a list [spoofchk: whether frames "
			"with "
			"a foreign source address are dropped]\n"
			"4:49 E1 vlan: wants 0..4094, not nothing [vlan: port VLAN, 0 for none]"},
		{ETH0 "  vf: {0: {driver: \"a/b\"}, 1: {reset: 1}, 2: {driver: [x]}}\n",
			"4:20 E1 driver: 'a/b' is no driver's name\n"
			"4:39 E1 reset: wants true or false, not '1' [reset: true: what is not "
			"said "
			"is to be as on a new VF]\n"
			"4:55 E1 driver: wants a word, not a list [driver: a driver by name, or "
			"default: the kernel's choice]"},
	};

	(void)state;
	want(cases, ARRAY_SIZE(cases));
	refuse(wrong, ARRAY_SIZE(wrong));
}

static void keys(void **state)
{
	static const struct refused wrong[] = {
		{"kind: SriovHost\nfps: []\npf: []\npfs: []\n",
			"2:1 E1: a SriovHost has no key 'fps'\n"
			"3:1 E1: a SriovHost has no key 'pf' [did you mean pfs?]"},
		{ETH0 "  num_vfs: 4\n  trust: on\n  vf: {0: {autoprobe: on, trsut: on, down: "
		      "on}}\n",
			"4:3 E1: a PF has no key 'num_vfs' [did you mean vfs?]\n"
			"5:3 E1: a PF has no key 'trust' [it is said of a VF]\n"
			"6:12 E1: a VF has no key 'autoprobe' [it is said of a PF]\n"
			"6:27 E1: a VF has no key 'trsut' [did you mean trust?]\n"
			"6:38 E1: a VF has no key 'down' [it is said of a PF]"},
		{"kind: SriovHost\npfs:\n- vfs: 4\n- pf:\n- pf: []\n- pf: {a: b}\n- pf: [[x]]\n- "
		 "x\n",
			"3:3 E1 pf: which PF is this about? [pf: interface, PCI address or "
			"mac:ADDR, "
			"or a list of them]\n"
			"4:3 E1 pf: which PF is this about? [pf: interface, PCI address or "
			"mac:ADDR, "
			"or a list of them]\n"
			"5:7 E1 pf: which PF is this about? [pf: interface, PCI address or "
			"mac:ADDR, "
			"or a list of them]\n"
			"6:7 E1 pf: which PF is this about? [pf: interface, PCI address or "
			"mac:ADDR, "
			"or a list of them]\n"
			"7:8 E1 pf: wants a PF's name, not a list\n"
			"8:3 E1: a PF wants a mapping, not a single value"},
		{ETH0 "  vf: {0-: {trust: on}, 3-1: {trust: on}, a: {}, 70000: {}, 1: x}\n",
			"4:8 E1: '0-' is no VF range [write 3, 0-7,9 or all]\n"
			"4:25 E1: '3-1' is no VF range [write 3, 0-7,9 or all]\n"
			"4:43 E1: 'a' is no VF range [write 3, 0-7,9 or all]\n"
			"4:50 E1: '70000': no PF can have a VF beyond 65534\n"
			"4:64 E1: a VF wants a mapping, not a single value"},
		{ETH0 "  vf: [1]\n  optional: 5\n  eswitch: switchdev\n",
			"4:7 E1 vf: wants a mapping, not a list [vf: what its VFs are to have: "
			"{all: "
			"{...}, 0-3: {...}}]\n"
			"5:13 E1 optional: wants true or false, not '5' [optional: true: it need "
			"not "
			"be there]\n"
			"6:12 E5 eswitch: switchdev is not supported by this version"},
		{ETH0 "  eswitch: x\n", "4:12 E1 eswitch: wants one of legacy|switchdev, not 'x' "
					"[eswitch: the mode of its eswitch]"},
		{"apiVersion: sriovctl/v2\nkind: SriovHost\npfs: []\n",
			"1:13 E1 apiVersion: this version reads a SriovHost of sriovctl/v1, not of "
			"'sriovctl/v2'"},
	};

	(void)state;
	refuse(wrong, ARRAY_SIZE(wrong));
	assert_outcome("kind: SriovHost\n", NULL,
		"1:1 W: it speaks of no PF [pfs: the PFs, each with what it is to have]", "");
}

static void kinds(void **state)
{
	static const struct refused wrong[] = {
		{"kind: SriovHsot\npfs: []\n",
			"1:7 E1 kind: 'SriovHsot' is no kind of policy [did you mean SriovHost?]"},
		{"kind: ConfigMap\ndata: {}\n", "1:7 E1 kind: 'ConfigMap' is no kind of policy "
						"[there are SriovHost and SriovNetworkNodePolicy]"},
		{"pfs: []\n", "1:1 E1: a policy is a mapping that says of what kind it is [kind: "
			      "SriovHost]"},
		{"- 1\n", "1:1 E1: a policy is a mapping that says of what kind it is [kind: "
			  "SriovHost]"},
		{"kind: [a]\n", "1:7 E1: a policy is a mapping that says of what kind it is [kind: "
				"SriovHost]"},
		{"kind: List\nitems: [5]\n", "2:9 E1: a policy is a mapping that says of what kind "
					     "it is [kind: SriovHost]"},
	};

	(void)state;
	refuse(wrong, ARRAY_SIZE(wrong));
}

/* A syntax error does not hide what was wrong before it, and what was right is still wanted. */
static void broken_text(void **state)
{
	(void)state;
	assert_outcome(ETH0 "  vfs: 3\n---\n" HOST "- {pf: eth1, vsf: 2}\n---\na: @\n", NULL,
		"8:14 E1: a PF has no key 'vsf' [did you mean vf?]\n"
		"10:4 E1: this is no YAML: plain scalar cannot start with '@'",
		"eth0 vfs=3");
	assert_outcome(ETH0 "  vfs: 3\n  vfs: 4\n", NULL,
		"5:3 E1: 'vfs' is here twice: line 4 has it as well", "");
}

static void shared_by_anchors(void **state)
{
	static const struct wanted cases[] = {
		{"kind: SriovHost\npfs:\n- pf: eth0\n  vf: &v {0: &w {vlan: 5, trust: on}}\n"
		 "- {pf: eth1, vfs: 2, vf: {<<: *v, 1: {<<: *w, vlan: 6}}}\n",
			"eth0; 0 vlan=5 trust=on\neth1 vfs=2; 0 vlan=5 trust=on; 1 vlan=6 "
			"trust=on"},
	};

	(void)state;
	want(cases, ARRAY_SIZE(cases));
}

static void needs(void **state)
{
	static const struct {
		const char *text;
		unsigned needs;
	} cases[] = {
		{"", 0},
		{ETH0 "  up: on\n", 0},
		{ETH0 "  vf: {0: {trust: on}}\n", NEED_VFS | NEED_NETNS},
		{ETH0 "  vf: {0: {mac: auto}}\n", NEED_VFS | NEED_NETNS | NEED_BINDING},
		{ETH0 "  vf: {0: {msix: 4}}\n", NEED_VFS | NEED_NETNS | NEED_MSIX},
		{ETH0 "  vf: {all: {max_tx_rate: 4}}\n", NEED_VFS | NEED_NETNS | NEED_SPEED},
		{ETH0 "  vf: {0: {name: x}}\n", NEED_VFS | NEED_NETNS},
		{ETH0 "  vf: {0: {driver: x}}\n",
			NEED_VFS | NEED_NETNS | NEED_BINDING | NEED_PLACE},
		{ETH0 "  vf: {0: {reset: on}}\n",
			NEED_VFS | NEED_NETNS | NEED_BINDING | NEED_PLACE},
		{ETH0 "  vfs: 4\n", NEED_VFS | NEED_NETNS | NEED_BINDING | NEED_PLACE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct outcome o;

		outcome_of(&o, &cases[i].text, 1, NULL);
		assert_int_equal(policy_needs(o.policy), cases[i].needs);
		outcome_free(&o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_document),
		cmocka_unit_test(pf_by_any_name),
		cmocka_unit_test(precedence),
		cmocka_unit_test(contradictions),
		cmocka_unit_test(two_files),
		cmocka_unit_test(numbers_of_vfs),
		cmocka_unit_test(names),
		cmocka_unit_test(addresses),
		cmocka_unit_test(passthrough),
		cmocka_unit_test(every_attribute),
		cmocka_unit_test(keys),
		cmocka_unit_test(kinds),
		cmocka_unit_test(broken_text),
		cmocka_unit_test(shared_by_anchors),
		cmocka_unit_test(needs),
	};

	return RUN(tests);
}
