#!/usr/bin/env bats
# vf set, pf set: what would be done on a captured host, and what is refused. The host
# "change" of tests/tools/mkfixture.c has VFs of every kind.

# shellcheck disable=SC2016,SC2154,SC2258

load helper

nothing_to_do='. == {"changed": false, "actions": [], "warnings": []}'

# the steps of the last JSON as [object, attr, old, new]
steps='[.actions[] | [.object, .attr, .old, .new]]'

@test "a snapshot is not changed without --dry-run" {
	for words in "vf set eth0/3 vlan 5" "vf bind eth0/3 vfio-pci" "vf unbind eth0/5" \
		"vf reset eth0/3" "pf set eth3 up"; do
		# shellcheck disable=SC2086
		on change $words
		assert_exit 1
		assert_err "a snapshot cannot be changed"
		assert_output ""
	done
}

@test "--dry-run writes nothing anywhere" {
	local dir before words
	dir=$(copy_fixture change)
	export SRIOVCTL_RUNTIME_DIR=$BATS_TEST_TMPDIR/runtime
	before=$(cd "$dir" && find . -printf '%p %T@ %l\n' | sort)
	for words in "vf set eth0/all vlan 5" "vf bind eth0/5 vfio-pci" "vf unbind eth0/5" \
		"vf reset eth0/0" "pf set eth3 up mtu 9000 autoprobe off"; do
		# shellcheck disable=SC2086
		at "$dir" $words --dry-run
		assert_exit 0
		[[ -n $output ]]
	done
	assert_equal "$(cd "$dir" && find . -printf '%p %T@ %l\n' | sort)" "$before"
	[[ ! -e $BATS_TEST_TMPDIR/runtime ]]
}

@test "one setting of one VF" {
	dry change vf set eth0/3 vlan 5
	assert_plan "eth0/3: vlan 0 -> 5"
	dry change -j vf set eth0/3 vlan 5
	assert_json '. == {"changed": true, "actions": [{"object": "eth0/3", "attr": "vlan",
		"old": 0, "new": 5, "result": "planned"}], "warnings": []}'
	dry change vf set eth0/3 vlan 5 --diff
	assert_output "-eth0/3 vlan 0
+eth0/3 vlan 5"
	assert_equal "$stderr" ""
}

@test "every setting through the PF" {
	dry change -j vf set eth1/0 mac 02:00:00:00:00:01 vlan 100 qos 3 max_tx_rate 1gbit \
		min_tx_rate 200 spoofchk on trust on state disable
	assert_exit 0
	assert_json "$steps"' == [["eth1/0", "mac", "52:54:00:00:41:01", "02:00:00:00:00:01"],
		["eth1/0", "vlan", 0, 100], ["eth1/0", "qos", 0, 3],
		["eth1/0", "max_tx_rate", 0, 1000], ["eth1/0", "min_tx_rate", 0, 200],
		["eth1/0", "spoofchk", false, true], ["eth1/0", "trust", false, true],
		["eth1/0", "state", "auto", "disable"]]'
	dry change vf set eth0/3 query_rss on
	assert_plan "eth0/3: query_rss off -> on"
}

@test "the order of keys, and saying a thing twice, do not matter" {
	dry change vf set eth0/3 vlan 5 trust on
	local want=$output
	dry change vf set eth0/3 trust on vlan 5 trust on
	assert_output "$want"
	dry change vf set eth0/3 eth0/3,3 0000:21:10.6 vlan 5 trust on
	assert_output "$want"
}

@test "what holds already is no step" {
	dry change -j vf set eth0/0 vlan 100 qos 3 max_tx_rate 500 min_tx_rate 0 spoofchk off \
		trust on mac 52:54:00:00:21:01 name eth0v0 mtu 1500 up
	assert_exit 0
	assert_json "$nothing_to_do"
	dry change vf set eth0/0 vlan 100
	assert_exit 0
	assert_output ""
	dry change vf set eth0/0 vlan 100 -v
	assert_output "eth0: nothing to do"
	# the same rate in other words
	dry change -j vf set eth0/0 max_tx_rate 0.5gbit
	assert_json "$nothing_to_do"
	dry change -j vf set eth0/0 max_tx_rate 500000kbit
	assert_json "$nothing_to_do"
	# only the VFs that differ
	dry change vf set eth0/0,3 vlan 100
	assert_plan "eth0/3: vlan 0 -> 100"
}

@test "vlan 0 takes priority and protocol along, other numbers leave them" {
	dry change vf set eth0/0 vlan 0
	assert_plan "eth0/0: vlan 100 -> 0" "eth0/0: qos 3 -> 0"
	dry basic vf set ens2/1 vlan 0
	assert_plan "ens2/1: vlan 200 -> 0" "ens2/1: proto 802.1ad -> 802.1q"
	dry change vf set eth0/0 vlan 5
	assert_plan "eth0/0: vlan 100 -> 5"
	dry change vf set eth0/0 qos 5
	assert_plan "eth0/0: qos 3 -> 5"
	dry change -j vf set eth0/3 vlan 0 qos 0
	assert_json "$nothing_to_do"
}

@test "one rate leaves the other alone" {
	dry change vf set eth1/1 max_tx_rate 2000
	assert_plan "eth1/1: max_tx_rate 1000 -> 2000"
	dry change vf set eth1/1 min_tx_rate 500
	assert_plan "eth1/1: min_tx_rate 100 -> 500"
	dry change vf set eth1/1 max_tx_rate 0
	assert_plan "eth1/1: max_tx_rate 1000 -> 0"
	dry change vf set eth1/0 max_tx_rate 2.5gbit min_tx_rate 64mbit
	assert_plan "eth1/0: max_tx_rate 0 -> 2500" "eth1/0: min_tx_rate 0 -> 64"
}

@test "a new address of a bound VF: its driver starts anew, its interface comes again" {
	dry change vf set eth0/5 mac 02:00:00:00:00:05
	assert_plan "eth0/5: mac 52:54:00:00:21:06 -> 02:00:00:00:00:05" \
		"eth0/5: driver ixgbevf=" "eth0/5: ifname eth0v5=" "eth0/5: mtu 1500=" "eth0/5: up on="
	dry change -j vf set eth0/0 mac 02:00:00:00:00:05
	assert_json "$steps"' == [["eth0/0", "driver", "ixgbevf", null],
		["eth0/0", "mac", "52:54:00:00:21:01", "02:00:00:00:00:05"],
		["eth0/0", "driver", "ixgbevf", "ixgbevf"], ["eth0/0", "ifname", "eth0v0", "eth0v0"],
		["eth0/0", "mtu", 1500, 1500], ["eth0/0", "altname", "tenant-a", "tenant-a"],
		["eth0/0", "up", true, true]]'
	# as a difference it is only the address
	dry change vf set eth0/5 mac 02:00:00:00:00:05 --diff
	assert_output "-eth0/5 mac 52:54:00:00:21:06
+eth0/5 mac 02:00:00:00:00:05"
}

@test "a new address of a VF with vfio or no driver is only told to the PF" {
	for vf in eth0/2 eth0/3 eth0/4 eth1/0 eth1/2; do
		dry change -j vf set $vf mac 02:00:00:00:00:05
		assert_exit 0
		assert_json '[.actions[].attr] == ["mac"]'
	done
}

@test "with other drivers the address is set and no more" {
	dry basic -j vf set ens2/0 mac 02:00:00:00:00:05
	assert_json '[.actions[].attr] == ["mac"]'
}

@test "a new address of a VF in use: refused, or by force" {
	bad 3 "it has address 192.0.2.1/24" change vf set eth0/1 mac 02:00:00:00:00:05
	assert_about eth0/1 ""
	assert_hint "--force=in-use"
	for option in --force --force=in-use --force=duplicate-mac,in-use; do
		dry change -j vf set eth0/1 mac 02:00:00:00:00:05 $option
		assert_exit 0
		assert_json 'any(.actions[]; .attr == "driver" and .new == "ixgbevf")'
	done
	bad 3 "it has address" change vf set eth0/1 mac auto --force=duplicate-mac
	bad 3 "belongs to br0 (bridge)" inuse vf set master/1 mac auto
	# what else is set does not disturb
	dry change vf set eth0/1 vlan 5 trust off max_tx_rate 100 mtu 1400
	assert_exit 0
}

@test "an interface elsewhere is not brought back for its address" {
	bad 3 "network namespace blue, as net1" netns vf set ens1f0/0 mac auto
	dry netns -j vf set ens1f0/0 mac auto --force=in-use
	assert_exit 0
	assert_json '[.actions[].attr] == ["mac"]'
	assert_json '.warnings | length == 1 and (.[0] | contains("net1 in blue"))'
	dry netns vf set ens1f0/0 vlan 5 trust on
	assert_plan "ens1f0/0: vlan 0 -> 5" "ens1f0/0: trust off -> on"
}

@test "mac auto: one for each, the same every time, locally administered, unicast" {
	dry change -j vf set eth0/2,3 eth1/0 mac auto
	assert_exit 0
	assert_json '[.actions[].new] | length == 3 and (unique | length) == 3 and
		all(.[]; test("^.[26ae](:[0-9a-f]{2}){5}$"))'
	local first=$output
	dry change -j vf set eth1/0 eth0/all mac auto --force=in-use
	for vf in eth0/2 eth0/3 eth1/0; do
		assert_equal "$(jq -r ".actions[] | select(.object == \"$vf\" and .attr == \"mac\").new" \
			<<<"$output")" "$(jq -r ".actions[] | select(.object == \"$vf\").new" <<<"$first")"
	done
	# one that has it already keeps it
	dry change -j vf set eth1/3 mac auto
	assert_json "$nothing_to_do"
}

@test "mac auto for a thousand VFs: no two alike" {
	dry big1024 -j vf set ens9/all mac auto
	assert_exit 0
	assert_json '[.actions[] | select(.attr == "mac").new] | length == 1024 and
		(unique | length) == 1024'
}

@test "an address that is no address of a device" {
	bad 1 "multicast" change vf set eth0/3 mac 01:00:5e:00:00:01
	assert_about "" mac
	bad 1 "multicast" change vf set eth0/3 mac ff:ff:ff:ff:ff:ff
	bad 1 "all-zero" change vf set eth0/3 mac 00:00:00:00:00:00
	assert_hint "vf reset"
	for mac in 52:54:00:00:21 52:54:00:00:21:00:00 52:54:00:00:21:0g 525400002100 \
		52:54:00:00:21:00. auto1 AUTO "" " " 0 "$(printf '00:%.0s' {1..19})01"; do
		bad 1 "an address like 52:54:00:12:34:56" change vf set eth0/3 mac "$mac"
		assert_about "" mac
	done
}

@test "an address that someone has" {
	bad 3 "already that of eth0/0" change vf set eth0/3 mac 52:54:00:00:21:01
	assert_about eth0/3 mac
	assert_hint "--force=duplicate-mac"
	bad 3 "already that of eth1/1" change vf set eth0/3 mac 52:54:00:00:41:02
	bad 3 "already that of eth0" change vf set eth0/3 mac 52:54:00:00:21:00
	# of a VF's interface only, of the PF when it was made, of another interface
	bad 3 "already that of" basic vf set ens2/0 mac 02:11:22:33:44:55
	bad 3 "already that of ens1f0" basic vf set ens2/0 mac 52:54:00:aa:00:21
	bad 3 "already that of eth9" basic vf set ens2/0 mac 52:54:00:00:99:01
	for option in --force --force=duplicate-mac; do
		dry change vf set eth0/3 mac 52:54:00:00:21:01 $option
		assert_plan "eth0/3: mac 52:54:00:00:21:04 -> 52:54:00:00:21:01"
	done
	bad 3 "already that of eth0/0" change vf set eth0/3 mac 52:54:00:00:21:01 --force=in-use
}

@test "one address for two VFs of a command" {
	bad 1 "one address cannot be that of several VFs" change vf set eth0/2,3 mac 02:00:00:00:00:05
	assert_about eth0/3 mac
	assert_hint "mac auto"
	bad 1 "one address cannot be that of several VFs" change vf set eth0/3 eth1/0 \
		mac 02:00:00:00:00:05
	dry change -j vf set eth0/2,3 mac 02:00:00:00:00:05 --force=duplicate-mac
	assert_exit 0
	assert_json '[.actions[].new] | unique == ["02:00:00:00:00:05"]'
}

@test "an address that a VF gives up in the same command is not free" {
	# eth0/3 would have it until its own turn comes
	bad 3 "already that of eth0/3" change vf set eth0/2 mac 52:54:00:00:21:04
}

@test "numbers out of range, and no numbers" {
	for vlan in 4095 4096 65536 99999999999999999999 1.5 0x10 abc "" " 5" "5 " +5 "$(printf '%0500d' 5)x"; do
		bad 1 "a number from 0 to 4094" change vf set eth0/3 vlan "$vlan"
		assert_about "" vlan
	done
	for qos in 8 256 high ""; do
		bad 1 "a number from 0 to 7" change vf set eth0/3 vlan 5 qos "$qos"
		assert_about "" qos
	done
	for msix in 0 2049 many; do
		bad 1 "a number from 1 to 2048" change vf set eth1/0 msix "$msix"
	done
	for mtu in 67 65536 big ""; do
		bad 1 "a number from 68 to 65535" change vf set eth0/5 mtu "$mtu"
		bad 1 "a number from 68 to 65535" change pf set eth0 mtu "$mtu"
	done
	dry change vf set eth0/3 vlan 4094 qos 7
	assert_exit 0
	dry change vf set eth1/0 msix 1
	assert_plan "eth1/0: msix 8 -> 1"
}

@test "rates that are none" {
	for rate in fast "" 1e3 0x10 1Gbit 1g 1gbit/s 1..5 .gbit gbit 99999999999999999999; do
		bad 1 "a number of Mbit/s" change vf set eth1/0 max_tx_rate "$rate"
		assert_about "" max_tx_rate
	done
	bad 1 "whole Mbit/s" change vf set eth1/0 max_tx_rate 1500kbit
	bad 1 "whole Mbit/s" change vf set eth1/0 min_tx_rate 0.5
}

@test "rates that do not go together" {
	bad 1 "its min_tx_rate (2000) would be above its max_tx_rate (1000)" \
		change vf set eth1/1 min_tx_rate 2000
	assert_about eth1/1 min_tx_rate
	bad 1 "its min_tx_rate (100) would be above its max_tx_rate (50)" \
		change vf set eth1/1 max_tx_rate 50
	assert_about eth1/1 max_tx_rate
	bad 1 "above its max_tx_rate" change vf set eth1/0 min_tx_rate 5 max_tx_rate 4
	bad 1 "30000 Mbit/s is more than the link of eth1 has: 25000" \
		change vf set eth1/0 max_tx_rate 30gbit
	bad 1 "more than the link of eth1" change vf set eth1/0 min_tx_rate 30gbit
	bad 1 "more than the link of ens1f0 has: 1000" basic vf set ens1f0/1 max_tx_rate 2gbit
	# equal is enough
	dry change vf set eth1/0 max_tx_rate 25gbit min_tx_rate 25gbit
	assert_exit 0
}

@test "rates that the driver cannot do" {
	bad 1 "ixgbe limits to 11 Mbit/s at the least" change vf set eth0/3 max_tx_rate 10
	dry change vf set eth0/3 max_tx_rate 11
	assert_exit 0
	dry basic -j vf set ens2/0 max_tx_rate 75
	assert_json '.warnings == ["i40e limits in steps of 50 Mbit/s: in effect this is 50"]'
	bad 3 "igb sets rates only while eth0 has a link" lab14 vf set eth0/1 max_tx_rate 100
	assert_hint "pf set eth0 up"
}

@test "settings that the driver does not have: exit 5, before anything" {
	bad 5 "igb cannot set state of a VF" basic vf set ens1f0/0 vlan 7 state enable
	assert_about ens1f0/0 state
	bad 5 "igb cannot set query_rss of a VF" basic vf set ens1f0/0 query_rss on
	bad 5 "igb cannot guarantee a VF a rate" basic vf set ens1f0/0 min_tx_rate 5
	bad 5 "802.1ad" basic vf set ens1f0/0 proto 802.1ad
	bad 5 "cannot set msix of a VF" change vf set eth0/3 msix 4
	bad 5 "only VFs of InfiniBand PFs" change vf set eth0/3 node_guid 00:11:22:33:44:55:66:77
	bad 5 "VFs of an InfiniBand PF have no such" infiniband vf set ib0/0 mac auto
	bad 5 "VFs of an InfiniBand PF have no such" infiniband vf set ib0/0 vlan 5
	bad 5 "its PF is no network interface" nvme vf set 0000:61:00.0/0 vlan 5
	# one of many is enough
	bad 5 "igb cannot set state" basic vf set ens2/0 ens1f0/0 state disable
}

@test "InfiniBand: GUIDs and state" {
	dry infiniband vf set ib0/0 node_guid 00:11:22:33:44:55:66:77 state disable
	assert_plan "ib0/0: state auto -> disable" \
		"ib0/0: node_guid b8:59:9f:03:00:aa:bb:01 -> 00:11:22:33:44:55:66:77"
	for guid in 00:11:22:33:44:55:66 0011223344556677 00:11:22:33:44:55:66:7g auto ""; do
		bad 1 "a GUID like" infiniband vf set ib0/0 port_guid "$guid"
	done
}

@test "a priority or protocol without a VLAN means nothing" {
	bad 1 "means nothing without a VLAN" change vf set eth0/3 qos 3
	assert_about eth0/3 qos
	assert_hint "vlan N"
	bad 1 "means nothing without a VLAN" change vf set eth0/0 vlan 0 qos 3
	bad 1 "means nothing without a VLAN" switchdev vf set enp8s0f0np0/0 qos 1
	dry change vf set eth0/3 qos 0
	assert_exit 0
	assert_output ""
}

@test "words that are none of those to choose from" {
	for word in yes true 1 ON ""; do
		bad 1 "on or off" change vf set eth0/3 trust "$word"
		bad 1 "on or off" change pf set eth0 autoprobe "$word"
	done
	for word in up Auto ""; do
		bad 1 "one of auto|enable|disable" change vf set eth0/3 state "$word"
	done
	bad 1 "one of 802.1q|802.1ad" change vf set eth0/0 proto 802.1x
}

@test "the interface: name, MTU, up and down" {
	dry change vf set eth0/5 name tenant9 mtu 1400 down
	assert_plan "eth0/5: ifname eth0v5 -> tenant9" "eth0/5: mtu 1500 -> 1400" "eth0/5: up on -> off"
	dry change -j vf set eth0/5 down
	assert_json "$steps"' == [["eth0/5", "up", true, false]]'
	dry basic vf set ens1f0/2 up
	assert_plan "ens1f0/2: up off -> on"
	dry change vf set eth0/5 name eth0v5
	assert_exit 0
	assert_output ""
	# with an address at once: the interface that comes again has what is set
	dry change -j vf set eth0/5 mac auto name tenant9
	assert_json 'any(.actions[]; .attr == "ifname" and .new == "tenant9")'
}

@test "an MTU that the interface says it cannot have" {
	bad 1 "an MTU from 68 to 9216, not 65535" lab14 vf set eth0/0 mtu 65535
	assert_about eth0/0 mtu
	bad 1 "an MTU from 68 to 9216, not 65535" lab14 pf set eth0 mtu 65535
	dry lab14 vf set eth0/0 mtu 9216
	assert_plan "eth0/0: mtu 1500 -> 9216"
}

@test "names that cannot be" {
	local name
	for name in "" . .. a/b a:b "a b" 0123456789abcdef vf%d $'a\tb' $'a\nb'; do
		bad 1 "an interface name" change vf set eth0/5 name "$name"
		assert_about "" name
	done
	bad 1 "another interface has the name eth0v0" change vf set eth0/5 name eth0v0
	bad 1 "another interface has the name tenant-a" change vf set eth0/5 name tenant-a
	bad 1 "one name cannot be given to 2 VFs" change vf set eth0/0,5 name both
	bad 1 "one name cannot be given to 2 VFs" change vf set eth0/5 eth1/3 name both
}

@test "no interface to set things on" {
	for key in "up" "down" "mtu 1400" "name new0"; do
		# shellcheck disable=SC2086
		bad 4 "it has no interface: it is bound to vfio-pci" change vf set eth0/2 $key
		assert_hint "vf bind eth0/2 default"
		# shellcheck disable=SC2086
		bad 4 "it has no interface: no driver has it" change vf set eth0/3 $key
		# shellcheck disable=SC2086
		bad 3 "in the network namespace blue" netns vf set ens1f0/0 $key
	done
	# with something that could be done: nothing of it
	bad 4 "it has no interface" change vf set eth0/3 vlan 5 up
}

@test "msix: only while no driver has the VF" {
	dry change vf set eth1/0 msix 4
	assert_plan "eth1/0: msix 8 -> 4"
	dry change -j vf set eth1/0 msix 8
	assert_json "$nothing_to_do"
	bad 3 "only while no driver has the VF, and mlx5_core has" change vf set eth1/1 msix 4
	assert_hint "vf unbind eth1/1"
	bad 3 "and pci-stub has" change vf set eth1/2 msix 4
	# what it has already is nothing to refuse
	dry change vf set eth1/1 msix 8
	assert_exit 0
	assert_output ""
}

@test "VFs that are not there, and words that are no VF" {
	bad 4 "eth0 has no VF 6" change vf set eth0/6 vlan 5
	assert_hint "VFs 0 to 5"
	bad 4 "eth0 has no VF 6" change vf set eth0/0-9 vlan 5
	bad 4 "eth3 has no VF 0" change vf set eth3/0 vlan 5
	assert_hint "vf create eth3 N"
	bad 4 "no VF 'nosuch'" change vf set nosuch vlan 5
	bad 4 "no PF 'nosuch'" change vf set eth0/3 nosuch/1 vlan 5
	bad 1 "eth0 is a PF, not a VF" change vf set eth0 vlan 5
	assert_hint "eth0/all"
	bad 1 "is no VF range" change vf set eth0/ vlan 5
	bad 1 "is no VF range" change vf set eth0/3-1 vlan 5
	bad 1 "is no VF range" change vf set eth0/1,,2 vlan 5
	bad 1 "is the name of both" dupname vf set net1 vlan 5
	bad 5 "no SR-IOV capability" basic vf set eth9 vlan 5
}

@test "all VFs of a PF that has none: nothing to do" {
	dry change -j vf set eth3/all vlan 5
	assert_exit 0
	assert_json "$nothing_to_do"
}

@test "a key twice with different values" {
	bad 1 "given twice, and not the same" change vf set eth0/3 vlan 5 vlan 6
	assert_about "" vlan
	bad 1 "given twice, and not the same" change vf set eth0/3 mac auto mac 02:00:00:00:00:05
	bad 1 "given twice, and not the same" change vf set eth0/5 up down
	bad 1 "given twice, and not the same" change pf set eth0 mtu 9000 mtu 1500
	bad 1 "given twice, and not the same" change pf set eth3 up up down
}

@test "unknown keys; the nearest is named" {
	local key
	for key in vln:vlan max-tx-rate:max_tx_rate trsut:trust ifname:name spoofcheck:spoofchk; do
		bad 1 "a VF has no setting '${key%:*}'" change vf set eth0/3 "${key%:*}" on
		assert_hint "did you mean '${key#*:}'?"
	done
	bad 1 "a VF has no setting 'driver'" change vf set eth0/3 driver vfio-pci
	bad 1 "a VF has no setting 'MAC'" change vf set eth0/3 MAC auto
	bad 1 "a VF has no setting 'lnik'" change vf set eth0/3 vlan 5 lnik up
	bad 1 "a PF has no setting 'mtuu'" change pf set eth0 mtuu 9000
	assert_hint "did you mean 'mtu'?"
	bad 1 "a PF has no setting 'num_vfs'" change pf set eth0 num_vfs 4
	bad 1 "a PF has no setting 'vlan'" change pf set eth0 vlan 4
	# a VF after the keys
	bad 1 "a VF has no setting 'eth0/5'" change vf set eth0/3 vlan 5 eth0/5
}

@test "keys without a value, values without a key, no key at all" {
	bad 1 "needs a value: 0..4094" change vf set eth0/3 vlan
	assert_about "" vlan
	bad 1 "needs a value: MAC|auto" change vf set eth0/3 vlan 5 mac
	bad 1 "needs a value: 68..65535" change pf set eth0 mtu
	bad 1 "KEY VALUE is missing" change vf set eth0/3
	bad 1 "KEY VALUE is missing" change vf set eth0/3 eth1/all
	bad 1 "KEY VALUE is missing" change pf set eth0
	bad 1 "VF is missing" change vf set
	bad 1 "PF is missing" change pf set
	bad 1 "a VF has no setting 'off'" change vf set eth0/5 up off
}

@test "empty words" {
	bad 4 "empty VF name" change vf set "" vlan 5
	bad 1 "empty key" change vf set eth0/3 "" 5
	bad 1 "empty key" change vf set eth0/3 vlan 5 "" 5
	bad 1 "empty key" change pf set eth0 "" 5
	dry change pf set "" up
	((status == 1 || status == 4))
	assert_output ""
}

@test "very long words" {
	local long
	long=$(head -c 70000 /dev/zero | tr '\0' x)
	for words in "vf set $long vlan 5" "vf set eth0/3 $long 5" "vf set eth0/3 vlan $long" \
		"vf set eth0/3 mac $long" "vf set eth0/5 name $long" "vf set eth0/3 max_tx_rate $long" \
		"vf set eth0/$long vlan 5" "pf set $long up" "pf set eth0 $long"; do
		# shellcheck disable=SC2086
		dry change $words
		((status == 1 || status == 4)) || show_run | fail
		assert_output ""
		((${#stderr} < 1200)) || fail "an error of ${#stderr} bytes"
		[[ $stderr == "sriovctl: "* ]]
	done
}

@test "control characters" {
	local dir evil=$'a\033[2J\n\x9b31m'
	dir=$(fixture change)
	for key in mac name vlan trust state max_tx_rate; do
		clean --snapshot "$dir" --dry-run vf set eth0/5 $key "$evil"
		assert_exit 1
		clean -j --snapshot "$dir" --dry-run vf set eth0/5 $key "$evil"
		assert_exit 1
	done
	clean --snapshot "$dir" --dry-run vf set eth0/5 "$evil" 5
	assert_exit 1
	clean --snapshot "$dir" --dry-run vf set "$evil" vlan 5
	assert_exit 4
	clean --snapshot "$dir" --dry-run pf set "$evil" up
	assert_exit 4
	# and from the host, in what is planned
	dir=$(fixture evilname)
	clean --snapshot "$dir" --dry-run vf set 0000:21:00.0/0 mac auto
	assert_exit 0
	clean -j --snapshot "$dir" --dry-run vf set 0000:21:00.0/0 mac auto
	assert_exit 0
	assert_json '.changed'
}

@test "VFs of several PFs" {
	dry change vf set eth0/0,3 eth1/all vlan 7
	assert_plan "eth0/0: vlan 100 -> 7" "eth0/3: vlan 0 -> 7" "eth1/0: vlan 0 -> 7" \
		"eth1/1: vlan 0 -> 7" "eth1/2: vlan 0 -> 7" "eth1/3: vlan 0 -> 7"
	# in the same order whichever is named first
	local want=$output
	dry change vf set eth1/all eth0/0,3 vlan 7
	assert_output "$want"
	dry change -j vf set eth1/all eth0/0,3 vlan 7
	assert_json '.changed and (.actions | length) == 6'
	# one that cannot be: none of them
	bad 5 "cannot set msix of a VF" change vf set eth1/0 eth0/3 msix 4
	bad 3 "it has address" change vf set eth1/0 eth0/1 mac auto
	bad 4 "eth0 has no VF 9" change vf set eth1/0 eth0/9 vlan 5
}

@test "a thousand VFs" {
	dry big1024 -j vf set ens9/all trust on vlan 7
	assert_exit 0
	assert_json '[.actions[] | select(.attr == "trust")] | length == 1024'
	assert_json '[.actions[] | select(.attr == "vlan")] | length == 1023' # one has it
}

@test "options that mean nothing here, and --force with nonsense" {
	for option in --columns=vf -s -d -o -br --no-header; do
		dry change vf set eth0/3 vlan 5 $option
		assert_exit 1
		assert_err "does not go with 'vf set'"
		dry change pf set eth3 up $option
		assert_exit 1
	done
	for force in bogus "" in-use, ,in-use in-use,bogus IN-USE all; do
		dry change vf set eth0/3 vlan 5 --force="$force"
		assert_exit 1
		assert_err "--force knows in-use, duplicate-mac and iommu-group"
	done
}

# pf set

@test "settings of a PF" {
	dry change pf set eth3 mtu 9000 up autoprobe off
	assert_plan "eth3: mtu 1500 -> 9000" "eth3: up off -> on" "eth3: autoprobe on -> off"
	dry change -j pf set eth3 up
	assert_json '. == {"changed": true, "actions": [{"object": "eth3", "attr": "up",
		"old": false, "new": true, "result": "planned"}], "warnings": []}'
	dry change -j pf set 0000:81:00.0 down mtu 1500 autoprobe on
	assert_json "$nothing_to_do"
	dry nodriver pf set 0000:21:00.0 autoprobe off
	assert_plan "0000:21:00.0: autoprobe on -> off"
}

@test "a PF that is in use is not switched off" {
	bad 3 "the default route" inuse pf set pfdefault down
	assert_hint "--force=in-use"
	bad 3 "the default route" inuse pf set pfhop down
	bad 3 "the default route" inuse pf set pfvlan down
	bad 3 "belongs to br0 (bridge)" inuse pf set pfmaster down
	bad 3 "it has address 192.0.2.1/24" inuse pf set addr4 down
	assert_about addr4/1 ""
	bad 3 "network namespace blue, as net1" inuse pf set space down
	bad 3 "and 1 more VF is in use" change pf set eth0 down
	for pf in pfdefault pfmaster addr4 space; do
		dry inuse pf set $pf down --force=in-use
		assert_plan "$pf: up on -> off"
	done
	dry change pf set eth0 down --force # also with a virtual machine: that blocks nothing
	assert_plan "eth0: up on -> off"
	dry inuse pf set idle down
	assert_plan "idle: up on -> off"
}

@test "another MTU of a PF that is in use: a warning" {
	dry change -j pf set eth0 mtu 9000
	assert_exit 0
	assert_json '.changed and (.warnings | length) == 1 and (.warnings[0] | contains("eth0/1 has address"))'
	dry inuse -j pf set pfdefault mtu 9000
	assert_json '.warnings[0] | contains("the default route")'
	dry inuse -j pf set idle mtu 9000
	assert_json '.warnings == []'
}

@test "no such PF, and what a PF has not" {
	bad 4 "no PF 'nosuch'" change pf set nosuch up
	bad 1 "eth0/0 is VF 0 of eth0, not a PF" change pf set eth0/0 mtu 9000
	bad 1 "eth0v0 is VF 0 of eth0, not a PF" change pf set eth0v0 mtu 9000
	bad 1 "a PF has no setting 'eth1'" change pf set eth0 eth1 mtu 9000
	bad 5 "no SR-IOV capability" basic pf set eth9 up
	for key in "mtu 9000" up down; do
		# shellcheck disable=SC2086
		bad 5 "no such setting" nvme pf set 0000:61:00.0 $key
		assert_json '.error.object == "0000:61:00.0"'
	done
}
