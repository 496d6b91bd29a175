#!/usr/bin/env bats
# Inside a VM started with vmrun -s eth0: eth0, its VFs and the port above share one IOMMU group.

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=180; }

setup() {
	load helper
	load_libraries
	clean_slate
	lab="$(dirname "$(command -v sriovctl)")/lab"
	sriovctl vf create eth0 2
	group=$(basename "$(readlink $sysfs/$PF0/iommu_group)")
}

teardown() { pkill -KILL -x holder || true; }

driver() { basename "$(readlink "$sysfs/$(vf_bdf "$1" "$2")/driver" || echo none)"; }

@test "the lab is as it should be: VF and PF in one group" {
	[ "$(basename "$(readlink "$sysfs/$(vf_bdf $PF0 0)/iommu_group")")" = "$group" ]
	jq -e --argjson group "$group" 'all(.iommu_group == $group)' <<<"$(sriovctl -j vf show eth0/all)"
}

@test "vfio-pci is refused: the PF, its driver and the group are named" {
	for vfs in 0 0-1; do
		run sriovctl vf bind eth0/$vfs vfio-pci
		assert_failure 3
		assert_output --partial "eth0/0: driver: refused: nobody could open it, because its IOMMU group $group also holds $PF0 (igb)"
		assert_output --partial '--force=iommu-group'
		[ "$(driver $PF0 0) $(driver $PF0 1)" = 'igbvf igbvf' ]
	done
	run sriovctl vf bind eth0/0 vfio-pci # the other VF is one more that is in the way
	assert_output --partial "$PF0 (igb) and 1 more"
	run --separate-stderr sriovctl -j vf bind eth0/all vfio-pci --force=in-use
	assert_failure 3
	jq -e --arg pf $PF0 '.error.code == 3 and .error.object == "eth0/0" and .error.attr == "driver" and
		(.error.message | contains($pf)) and (.changed // false) == false' <<<"$output"
	[ "$(driver $PF0 0) $(driver $PF0 1)" = 'igbvf igbvf' ]
	[ "$(cat "$sysfs/$(vf_bdf $PF0 0)/driver_override")" = '(null)' ]
	# one by one PF: nothing of the other is done either
	sriovctl vf create eth1 1
	run sriovctl vf bind eth1/0 eth0/0 vfio-pci
	assert_failure 3
	[ "$(driver $PF1 0)" = igbvf ]
}

@test "by force it is bound; nobody can open it, as was said; and it comes back" {
	for force in --force=iommu-group --force; do
		run sriovctl vf bind eth0/0 vfio-pci $force
		assert_success
		assert_line "eth0/0: vfio /dev/vfio/$group"
		[ "$(driver $PF0 0)" = vfio-pci ]
		run "$lab/vfio-open" -t "/dev/vfio/$group" "$(vf_bdf $PF0 0)"
		assert_failure 1
		assert_output --partial 'Operation not permitted'
		run sriovctl vf bind eth0/0 default
		assert_success
		[ "$(driver $PF0 0)" = igbvf ]
	done
	# the driver of the host, reset and unbind have nothing to do with groups
	run sriovctl vf reset eth0/0
	assert_success
	run sriovctl vf unbind eth0/all
	assert_success
	run sriovctl vf bind eth0/all igbvf
	assert_success
}

@test "who has the group open has all of it: no VF of it is taken away" {
	sriovctl vf bind eth0/0 vfio-pci --force=iommu-group
	hold 4<>"/dev/vfio/$group"
	sleep 0.3
	run sriovctl vf unbind eth0/0
	assert_failure 3
	assert_output --partial "held by process $! (holder) through /dev/vfio/$group"
	run timeout 20 sriovctl vf destroy eth0 --force
	assert_failure 3
	kill $!
	wait $! || true
	run sriovctl vf destroy eth0
	assert_success
}

@test "the VFs of eth1 are in groups of their own, and are bound and opened" {
	sriovctl vf create eth1 2
	run sriovctl vf bind eth1/all vfio-pci
	assert_success
	for vf in 0 1; do
		bdf=$(vf_bdf $PF1 $vf)
		node=/dev/vfio/$(basename "$(readlink "$sysfs/$bdf/iommu_group")")
		assert_line "eth1/$vf: vfio $node"
		[ "$node" != "/dev/vfio/$group" ]
		"$lab/vfio-open" -t "$node" "$bdf"
	done
}
