#!/usr/bin/env bats
# Inside the VM, with netdevsim: a PF that is no PCI device, and more VFs than the kernel's
# list has room to count.

setup_file() {
	export BATS_TEST_TIMEOUT=120
	load helper
	echo '1 1' >/sys/bus/netdevsim/new_device
	for _ in $(seq 50); do compgen -G '/sys/bus/netdevsim/devices/netdevsim1/net/*' >/dev/null && break; sleep 0.1; done
	PF=$(basename /sys/bus/netdevsim/devices/netdevsim1/net/*)
	export PF
	echo 4096 >/sys/kernel/debug/netdevsim/netdevsim1/max_vfs
}

setup() {
	load helper
	load_libraries
	echo 0 >/sys/bus/netdevsim/devices/netdevsim1/sriov_numvfs
}

@test "it is a PF without a PCI address, and VFs can be made and removed" {
	run sriovctl -j pf show "$PF"
	assert_success
	jq -e '.[0].bdf == null and .[0].handle == "netdevsim/netdevsim1" and .[0].num_vfs == 0' <<<"$output"
	run sriovctl vf create "$PF" 8
	assert_success
	[ "$(cat /sys/bus/netdevsim/devices/netdevsim1/sriov_numvfs)" -eq 8 ]
	ip link set "$PF" vf 3 mac 52:54:00:aa:00:03 vlan 30 qos 2 proto 802.1ad
	ip link set "$PF" vf 3 min_tx_rate 100 max_tx_rate 200
	ip link set "$PF" vf 3 state disable query_rss on trust on spoofchk off
	run sriovctl -j vf show netdevsim/netdevsim1/3
	jq -e '.[0] | .mac == "52:54:00:aa:00:03" and .vlan == 30 and .qos == 2 and .proto == "802.1ad" and
		.min_tx_rate == 100 and .max_tx_rate == 200 and .state == "disable" and .query_rss and .trust and
		(.spoofchk | not) and .bdf == null and .driver == null' <<<"$output"
	run sriovctl vf create "$PF" 5
	assert_success
	run sriovctl -j vf list "$PF"
	jq -e 'length == 5 and .[3].vlan == 30' <<<"$output"
	run sriovctl vf destroy "$PF"
	assert_success
}

@test "all of 334, 335, 1024 and 4096 VFs are shown, each with its own attributes" {
	for n in 221 222 334 335 1024 4096; do
		echo 0 >/sys/bus/netdevsim/devices/netdevsim1/sriov_numvfs
		echo $n >/sys/bus/netdevsim/devices/netdevsim1/sriov_numvfs
		last=$((n - 1))
		ip link set "$PF" vf $last vlan 77
		ip link set "$PF" vf $last mac 52:54:00:aa:ff:ff
		sriovctl -j vf list >/run/list
		jq -e "length == $n and ([.[].index] == [range($n)]) and all(.mac != null and .trust != null) and
			.[$last].vlan == 77 and .[$last].mac == \"52:54:00:aa:ff:ff\" and .[0].vlan != 77" /run/list
		sriovctl -j -s vf list >/run/stats
		jq -e "length == $n and .[$last].vlan == 77" /run/stats
		# what stands behind the list in the message is not misread either
		sriovctl -j pf list | jq -e 'map(select(.handle == "netdevsim/netdevsim1")) | .[0].truncated == false and .[0].mtu == 1500'
	done
}

@test "in switchdev mode each VF shows its representor" {
	command -v devlink >/dev/null || skip 'no devlink'
	echo 4 >/sys/bus/netdevsim/devices/netdevsim1/sriov_numvfs
	devlink dev eswitch set netdevsim/netdevsim1 mode switchdev
	run sriovctl -j vf list "$PF"
	devlink dev eswitch set netdevsim/netdevsim1 mode legacy
	assert_success
	jq -e 'length == 4 and all(.representor != null)' <<<"$output"
}

@test "a snapshot of 1024 VFs reads back the same" {
	echo 1024 >/sys/bus/netdevsim/devices/netdevsim1/sriov_numvfs
	sriovctl snapshot /run/snap
	diff <(sriovctl -j vf list) <(sriovctl --snapshot /run/snap -j vf list)
	diff <(sriovctl) <(sriovctl --snapshot /run/snap)
	rm -rf /run/snap
}
