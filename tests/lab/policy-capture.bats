#!/usr/bin/env bats
# Inside the VM: a host captured as a policy, and a script that becomes one: applied, they give
# the same.
# shellcheck disable=SC2154 # helper's and run's

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=120; }

setup() {
	load helper
	load_libraries
	clean_slate
	doc=$BATS_TEST_TMPDIR/host.yaml
}

teardown() { clean_slate; }

# seven VFs, each with something of its own
mixed_vfs() {
	local i

	vfs "$PF0" 7
	for i in {0..6}; do ip link set eth0 vf "$i" mac "52:54:00:12:34:5$i"; done
	ip link set eth0 mtu 1600
	ip link set eth0 vf 1 vlan 100 qos 3
	ip link set eth0 vf 2 spoofchk off trust on
	bind_vfio "$PF0" 4
	bind_vfio "$PF0" 5
	for i in {0..3} 6; do
		vf_bdf "$PF0" "$i" >"$sysfs/$PF0/virtfn$i/driver/unbind"
		vf_bdf "$PF0" "$i" >/sys/bus/pci/drivers/igbvf/bind
	done
	ip link set "$(vf_if "$PF0" 0)" up
	ip link set "$(vf_if "$PF0" 1)" name 'a{#0'
}

@test "what was captured is what there is" {
	mixed_vfs
	sriovctl policy capture >"$doc"
	run -0 sriovctl policy check "$doc"
	run -0 sriovctl policy diff --exit-code "$doc"
	run -0 --separate-stderr sriovctl -j policy apply "$doc"
	assert_equal "$(jq -c '[.changed, .actions]' <<<"$output")" '[false,[]]'
}

@test "destroyed and applied, all of it is back" {
	mixed_vfs
	sriovctl policy capture eth0 >"$doc"
	sriovctl vf destroy eth0 --force
	ip link set eth0 mtu 1500
	run -0 sriovctl policy apply "$doc"
	assert_equal "$(sriovctl policy capture eth0)" "$(cat "$doc")"
	assert_equal "$(vf_if "$PF0" 1)" 'a{#0'
	assert_equal "$(ip_vf eth0 1 vlan_list[0].vlan)" 100
	assert_equal "$(basename "$(readlink "$sysfs/$PF0/virtfn4/driver")")" vfio-pci
}

@test "a VF that was handed out is a comment" {
	vfs "$PF0" 2
	ip netns add blue
	sriovctl netns attach eth0/1 blue
	sriovctl policy capture eth0 >"$doc"
	run -0 cat "$doc"
	assert_line --index 0 '# eth0/1 is in namespace blue: name, mtu and up of its interface are not said'
	run -0 sriovctl policy diff --exit-code "$doc"
}

@test "a script, and the policy that it becomes, do the same" {
	local script=$BATS_TEST_TMPDIR/vfs.sh ran

	cat >"$script" <<-'EOF'
		#!/bin/sh
		# three VFs
		ip link set eth0 up mtu 1600
		echo 3 | tee /sys/class/net/eth0/device/sriov_numvfs >/dev/null
		ip link set eth0 vf 0 mac 52:54:00:12:34:50
		ip link set eth0 vf 1 mac 52:54:00:12:34:51 vlan 100 qos 3
		ip link set dev eth0 vf 2 mac 52:54:00:12:34:52 \
			spoofchk off trust on
	EOF
	run -0 --separate-stderr sriovctl policy capture --from ip "$script"
	assert_equal "$stderr" ""
	echo "$output" >"$doc"

	sh "$script"
	ran=$(ip -j link show eth0 | jq -c '[.[0].mtu, .[0].vfinfo_list]')
	clean_slate

	run -0 sriovctl policy apply "$doc"
	assert_equal "$(ip -j link show eth0 | jq -c '[.[0].mtu, .[0].vfinfo_list]')" "$ran"
}
