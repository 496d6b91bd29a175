#!/usr/bin/env bats
# Inside the VM: policies of the Kubernetes operator, applied to real devices.

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=180; }

setup() {
	load helper
	load_libraries
	clean_slate
	cd "$BATS_TEST_TMPDIR" || return
}

driver() { basename "$(readlink "$sysfs/$(vf_bdf "$1" "$2")/driver" || echo none)"; }

# policy NAME SPEC...: one document, a line of spec each
policy() {
	printf 'apiVersion: sriovnetwork.openshift.io/v1\nkind: SriovNetworkNodePolicy\n'
	printf 'metadata: {name: %s}\nspec:\n  resourceName: %s\n  nodeSelector: {}\n' "$1" "$1"
	shift
	printf '  %s\n' "$@"
	echo ---
}

@test "PFs by vendor and device" {
	local pf i
	policy dpdk 'nicSelector: {vendor: "8086", deviceID: "10c9"}' 'numVfs: 2' 'mtu: 2000' \
		'deviceType: vfio-pci' >p.yaml
	run -0 sriovctl policy apply p.yaml
	for pf in $PF0 $PF1; do
		[ "$(cat "$sysfs/$pf/sriov_numvfs")" = 2 ]
		[ "$(cat "$sysfs/$pf"/net/*/mtu)" = 2000 ]
		for i in 0 1; do [ "$(driver "$pf" $i)" = vfio-pci ]; done
	done
	run -0 sriovctl -j policy apply p.yaml
	[ "$(jq .changed <<<"$output")" = false ]
	# raised, never lowered
	sed -i 's/mtu: 2000/mtu: 1600/' p.yaml
	run -0 sriovctl -j policy apply p.yaml
	[ "$(jq .changed <<<"$output")" = false ]
	sed -i 's/"10c9"/"10ca"/' p.yaml
	run -0 --separate-stderr sriovctl policy apply p.yaml
	# shellcheck disable=SC2154 # set by run
	[[ $stderr == *'it selects no PF of this host'* ]]
}

@test "one PF for two resources, and ours besides" {
	policy dpdk 'nicSelector: {pfNames: ["eth0#0-1"]}' 'numVfs: 3' 'deviceType: vfio-pci' >p.yaml
	policy net 'nicSelector: {pfNames: ["eth0#2-3"]}' 'numVfs: 4' 'mtu: 1400' >>p.yaml
	printf 'kind: SriovHost\npfs:\n- {pf: eth0, vf: {all: {vlan: 5}, 2: {name: data}}}\n' >>p.yaml
	run -0 sriovctl policy apply p.yaml
	[ "$(cat $sysfs/$PF0/sriov_numvfs)" = 4 ]
	[ "$(cat $sysfs/$PF1/sriov_numvfs)" = 0 ]
	[ "$(driver $PF0 0) $(driver $PF0 1) $(driver $PF0 2)" = 'vfio-pci vfio-pci igbvf' ]
	[ "$(vf_if $PF0 2)" = data ]
	[ "$(cat /sys/class/net/data/mtu)" = 1400 ]
	[ "$(cat /sys/class/net/eth0/mtu)" = 1500 ]
	[ "$(ip_vf eth0 3 'vlan_list[0].vlan')" = 5 ]
	run -0 sriovctl -j policy apply p.yaml
	[ "$(jq .changed <<<"$output")" = false ]
}

@test "VFs that others have made" {
	vfs $PF0 2
	policy ours 'nicSelector: {pfNames: ["eth0#1-1"]}' 'numVfs: 2' 'externallyManaged: true' \
		'deviceType: vfio-pci' >p.yaml
	run -0 sriovctl policy apply p.yaml
	[ "$(driver $PF0 0) $(driver $PF0 1)" = 'igbvf vfio-pci' ]
	sed -i 's/numVfs: 2/numVfs: 3/' p.yaml
	run -4 --separate-stderr sriovctl policy apply p.yaml
	[[ $stderr == *'managed by others, and has 2 VFs, not 3'* ]]
	[ "$(cat $sysfs/$PF0/sriov_numvfs)" = 2 ]
}
