#!/usr/bin/env bats
# Inside the VM, with netdevsim: vf set of what igb does not take, and on many VFs.
# shellcheck disable=SC2154 # changes: helper's

bats_require_minimum_version 1.5.0

setup_file() {
	export BATS_TEST_TIMEOUT=120
	echo '1 1' >/sys/bus/netdevsim/new_device
	for _ in $(seq 50); do compgen -G '/sys/bus/netdevsim/devices/netdevsim1/net/*' >/dev/null && break; sleep 0.1; done
	PF=$(basename /sys/bus/netdevsim/devices/netdevsim1/net/*)
	export PF
	echo 4096 >/sys/kernel/debug/netdevsim/netdevsim1/max_vfs
}

teardown_file() { echo 1 >/sys/bus/netdevsim/del_device; }

setup() {
	load helper
	load_libraries
	shim="$(dirname "$(command -v sriovctl)")/lab/failwrite.so"
	rm -rf /run/sriovctl
	echo 0 >/sys/bus/netdevsim/devices/netdevsim1/sriov_numvfs
	# it keeps the settings of VFs that have gone; a new limit gives new ones
	echo 4095 >/sys/kernel/debug/netdevsim/netdevsim1/max_vfs
	echo 4096 >/sys/kernel/debug/netdevsim/netdevsim1/max_vfs
}

make() { echo "$1" >/sys/bus/netdevsim/devices/netdevsim1/sriov_numvfs; }

keep_vfs() { sriovctl -j vf list "$PF" >/run/kept; }
vfs_unchanged() { cmp /run/kept <(sriovctl -j vf list "$PF"); }

@test "every attribute at once, as iproute2 sees it; again: nothing is sent" {
	make 8
	what="vf set $PF/2-5 mac auto vlan 30 qos 2 proto 802.1ad min_tx_rate 100 max_tx_rate 2.5gbit spoofchk on trust on state disable query_rss on"
	# shellcheck disable=SC2086
	run sriovctl -j $what
	assert_success
	jq -e '.changed and (.actions | length) == 4 * 10 and all(.actions[]; .result == "done")' <<<"$output"
	ip -j link show "$PF" | jq -e '.[0].vfinfo_list | [.[] | .address] == ([.[] | .address]) and
		(.[2:6] | ([.[].address] | unique | length) == 4 and all(.vlan_list[0].vlan == 30 and .vlan_list[0].qos == 2 and
			(.vlan_list[0].protocol | ascii_downcase) == "802.1ad" and .rate.min_tx == 100 and .rate.max_tx == 2500 and
			.spoofchk and .trust and .link_state == "disable" and .query_rss_en)) and
		(.[:2] + .[6:] | all((.trust | not) and .rate.max_tx == 0 and .link_state == "auto"))'
	# shellcheck disable=SC2086
	counting sriovctl -j $what >/run/out
	[ "$changes" -eq 0 ]
	[ "$(jq -c '[.changed, .actions]' /run/out)" = '[false,[]]' ]
	run sriovctl vf set "$PF/2" vlan 0 state auto
	assert_output "$PF/2: vlan 30 -> 0
$PF/2: qos 2 -> 0
$PF/2: proto 802.1ad -> 802.1q
$PF/2: state disable -> auto"
	run sriovctl vf set "$PF/3" vlan 31 # keeps the rest of it
	assert_output "$PF/3: vlan 30 -> 31"
	run sriovctl -j vf show "$PF/3"
	jq -e '.[0] | .vlan == 31 and .qos == 2 and .proto == "802.1ad"' <<<"$output"
}

@test "one rate keeps the other; the least above the most is refused, also with the one that is set" {
	make 3
	rates() { ip -j link show "$PF" | jq -c '[.[0].vfinfo_list[] | [.rate.min_tx, .rate.max_tx]]'; }
	sriovctl vf set "$PF/all" min_tx_rate 100 max_tx_rate 200
	sriovctl vf set "$PF/0" min_tx_rate 50
	sriovctl vf set "$PF/1" max_tx_rate 300
	[ "$(rates)" = '[[50,200],[100,300],[100,200]]' ]
	keep_vfs
	for words in 'min_tx_rate 201' 'max_tx_rate 99' 'min_tx_rate 1gbit max_tx_rate 500'; do
		# shellcheck disable=SC2086
		run sriovctl vf set "$PF/2" trust on $words
		assert_failure 1
		assert_output --partial 'min_tx_rate'
	done
	vfs_unchanged
	sriovctl vf set "$PF/2" max_tx_rate 0 # no limit, and still a guarantee
	sriovctl vf set "$PF/2" min_tx_rate 400
	[ "$(rates)" = '[[50,200],[100,300],[400,0]]' ]
}

@test "256 VFs with six attributes, all of them in one command" {
	make 256
	run sriovctl -j vf set "$PF/all" mac auto vlan 5 qos 1 trust on max_tx_rate 100 state enable
	assert_success
	jq -e '.changed and (.actions | length) == 256 * 6 and all(.actions[]; .result == "done")' <<<"$output"
	sriovctl -j vf list "$PF" | jq -e 'length == 256 and ([.[].mac] | unique | length) == 256 and
		all(.vlan == 5 and .qos == 1 and .trust and .max_tx_rate == 100 and .state == "enable")'
	# the witness: the first ones, which iproute2 shows as well when there are fewer
	make 0
	make 200
	ip -j link show "$PF" | jq -e '.[0].vfinfo_list | length == 200 and all(.vlan_list[0].vlan == 5 and .trust and .rate.max_tx == 100)'
}

@test "1024 VFs take several requests; one that fails late: all of them are put back" {
	make 1024
	counting sriovctl -q vf set "$PF/all" mac auto vlan 5 qos 1 trust on max_tx_rate 100 state enable query_rss on
	echo "# 1024 VFs: $changes changing calls" >&3
	[ "$changes" -gt 4 ] # 3 are those of the journal
	[ "$changes" -lt 12 ]
	sriovctl -j vf list "$PF" >/run/kept
	jq -e 'length == 1024 and ([.[].mac] | unique | length) == 1024 and
		all(.vlan == 5 and .qos == 1 and .trust and .max_tx_rate == 100 and .state == "enable" and .query_rss)' /run/kept
	counting sriovctl vf set "$PF/all" mac auto vlan 5 qos 1 trust on max_tx_rate 100 state enable query_rss on
	[ "$changes" -eq 0 ]
	FAIL_SEND=vf900:22 LD_PRELOAD=$shim run --separate-stderr sriovctl -j vf set "$PF/all" vlan 6 qos 2 trust off max_tx_rate 0 state auto query_rss off
	assert_failure 2
	jq -e ".changed == false and .error.object == \"$PF/900\" and .error.attr == \"vlan\" and
		([.actions[] | .result] | group_by(.) | map({key: .[0], value: length}) | from_entries) ==
			{undone: (900 * 6), failed: 1, skipped: (124 * 6 - 1)}" <<<"$output"
	vfs_unchanged
}

@test "what the kernel refuses although the driver is known to take it: undone, exit 5, its words" {
	make 4
	devlink dev eswitch set netdevsim/netdevsim1 mode switchdev
	keep_vfs
	# a rate is refused in this mode, when VLAN and MAC have been done
	run --separate-stderr sriovctl -j vf set "$PF/0-2" mac auto vlan 7 max_tx_rate 100
	status_was=$status
	vfs_unchanged && same=1 || same=
	devlink dev eswitch set netdevsim/netdevsim1 mode legacy
	[ "$status_was" -eq 5 ]
	jq -e ".changed == false and .error.object == \"$PF/0\" and .error.attr == \"max_tx_rate\" and .error.kernel == \"Operation not supported\" and
		[.actions[:4][] | .result] == [\"undone\", \"undone\", \"failed\", \"skipped\"]" <<<"$output"
	[ "$same" ]
}

@test "what such a VF has not: an interface, vectors, GUIDs" {
	make 2
	keep_vfs
	run sriovctl vf set "$PF/0" vlan 5 mtu 1400
	assert_failure 4
	for words in 'msix 4' 'node_guid 00:11:22:33:44:55:66:77'; do
		# shellcheck disable=SC2086
		run sriovctl vf set "$PF/0" vlan 5 $words
		assert_failure 5
	done
	run sriovctl vf set "$PF/0" vlan 5 name storage0
	assert_failure 4
	vfs_unchanged
}
