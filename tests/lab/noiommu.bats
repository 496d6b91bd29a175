#!/usr/bin/env bats
# Inside a VM started with vmrun -n: there is no IOMMU.

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=180; }

setup() {
	load helper
	load_libraries
	clean_slate
	modprobe -r vfio-pci 2>/dev/null || true
	ip link set eth0 up
	sriovctl vf create eth0 2
}

driver() { basename "$(readlink "$sysfs/$(vf_bdf $PF0 "$1")/driver" || echo none)"; }

@test "vfio-pci: exit 5, what to turn on, and nothing is changed" {
	[ -z "$(ls /sys/class/iommu)" ]
	ip link set "$(vf_if $PF0 0)" name store0
	ip link set store0 up
	before=$(cat /sys/class/net/store0/ifindex)
	for loaded in '' loaded; do # the module makes no difference
		[ -z "$loaded" ] || modprobe vfio-pci
		for force in '' --force --force=iommu-group --dry-run; do
			# shellcheck disable=SC2086
			run sriovctl vf bind eth0/0 vfio-pci $force
			assert_failure 5
			assert_output --partial 'eth0/0: driver: this host has no IOMMU at work, and vfio-pci needs one'
			assert_output --partial 'intel_iommu=on'
			assert_output --partial 'BIOS'
			assert_output --partial 'enable_unsafe_noiommu_mode'
		done
	done
	run --separate-stderr sriovctl -j vf bind eth0/all vfio-pci
	assert_failure 5
	jq -e '.error.code == 5 and .error.object == "eth0/0" and (.changed // false) == false' <<<"$output"
	[ "$(driver 0) $(driver 1)" = 'igbvf igbvf' ]
	[ "$(cat "$sysfs/$(vf_bdf $PF0 0)/driver_override")" = '(null)' ]
	[ "$(cat /sys/class/net/store0/ifindex)" = "$before" ]
	ip -j link show store0 | jq -e '.[0].flags | contains(["UP"])'
	sriovctl vf unbind eth0/1
	run sriovctl vf bind eth0/1 vfio-pci
	assert_failure 5
	[ "$(driver 1)" = none ]
}

@test "set, reset, unbind, bind default and by name work as with one" {
	run sriovctl vf set eth0/0 mac 52:54:00:aa:00:01 vlan 100 spoofchk off
	assert_success
	[ "$(ip_vf eth0 0 'vlan_list[0].vlan')" -eq 100 ]
	jq -e '.[0] | .iommu_group == null and .vfio == null and .holders == [] and .if_mac == "52:54:00:aa:00:01"' <<<"$(sriovctl -j vf show eth0/0)"
	run sriovctl vf reset eth0/0
	assert_success
	jq -e '.[0] | .vlan == 0 and .spoofchk and .mac != "52:54:00:aa:00:01"' <<<"$(sriovctl -j vf show eth0/0)"
	for driver in default igbvf; do
		run sriovctl vf unbind eth0/0
		assert_success
		[ "$(driver 0)" = none ]
		run sriovctl vf bind eth0/0 $driver
		assert_success
		[ "$(driver 0)" = igbvf ]
		[ -n "$(vf_if $PF0 0)" ]
	done
	# one that the PF had tried to give to vfio-pci by hand comes back as well
	modprobe vfio-pci
	bind_vfio $PF0 1
	[ "$(driver 1)" = none ]
	run sriovctl vf bind eth0/1 default
	assert_success
	assert_line 'eth0/1: driver_override vfio-pci -> none'
	[ "$(driver 1)" = igbvf ]
	run sriovctl vf destroy eth0
	assert_success
}
