#!/usr/bin/env bats
# Inside the VM: what doctor says of PFs, each fault made for real, and nothing else with it; the
# same from a snapshot. What QEMU's igb cannot be (a card whose firmware is off) is an edited one.

# shellcheck disable=SC2154 # $output, $status

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=240; }

setup() {
	load helper
	load_libraries
	clean_slate
	ip link del br0 2>/dev/null || true
	ip link del dummy0 2>/dev/null || true
	snapshot=$BATS_TEST_TMPDIR/snapshot
}

# said SEVERITIES OPTION...: "SEVERITY CHECK OBJECT" of each finding that is one of these
said() {
	local which=$1
	shift
	sriovctl -j "$@" 2>/dev/null | jq -r --arg which "$which" '.findings[] | select(.severity | IN($which | split(" ")[])) | "\(.severity) \(.check) \(.object // "host")"'
}

# says TEXT [OBJECT...]: these are all warnings and problems, here and in a snapshot, one a line; the
# exit status is that of the gravest
says() {
	local text=$1 want=0
	shift
	[[ $text != *problem* ]] || want=2
	assert_equal "$(said 'problem warning' doctor "$@")" "$text"
	run sriovctl doctor "$@"
	assert_equal "$status" "$want"
	rm -rf "$snapshot"
	sriovctl snapshot "$snapshot"
	assert_equal "$(said 'problem warning' --snapshot "$snapshot" doctor "$@")" "$text"
}

# tells TEXT: nothing but infos are said of PFs, these; without a word: none
tells() {
	local want=${1:+info $1}
	says ''
	assert_equal "$(said info doctor --check "$pf_checks" | grep -v "$nvme")" "$want"
	assert_equal "$(said info --snapshot "$snapshot" doctor --check "$pf_checks" | grep -v "$nvme")" "$want"
}
nvme='pf-no-driver 0000:01:00.0' # always there
pf_checks=no-pf,no-sriov,pf-no-driver,pf-driver-no-vfs,pf-firmware-off,pf-total-capped,pf-down,pf-exhausted,pf-in-bridge,pf-list-short,pf-autoprobe-off,pf-unknown-nic,pf-firmware-differs

# heed CHECK: the command that it recommends is one, and is run
heed() {
	local command
	command=$(sriovctl -j doctor --check "$1" | jq -r '.findings[].remedy // empty')
	[[ $command == sriovctl\ * ]]
	eval "$command"
}

driver_of() { basename "$(readlink "$sysfs/$1/driver" || echo none)"; }

# wait_for COMMAND...
wait_for() {
	local i
	for ((i = 0; i < 100; i++)); do
		"$@" && return
		sleep 0.1
	done
	return 1
}

@test "nothing is wrong with VFs just made, nor without any, up or down" {
	says ''
	sriovctl vf create eth0 4
	says ''
	run sriovctl doctor --check $pf_checks
	assert_line --index 0 --partial 'Nothing wrong'
	assert_line --partial 'eth0: igb, 0 of 4 VFs in use, 82576'
	sriovctl pf set eth0 up
	says ''
}

@test "a PF that is down while VFs are up, or used" {
	sriovctl vf create eth0 2
	ip link set "$(vf_if "$PF0" 0)" up
	says 'warning pf-down eth0'
	heed pf-down
	says ''
	ip link set eth0 down
	ip link set "$(vf_if "$PF0" 0)" down
	says ''
	ip netns add blue
	ip link set "$(vf_if "$PF0" 1)" netns blue
	says 'warning pf-down eth0'
	ip link set eth0 up
	says ''
}

@test "no VF is left, and there can be no more; or there can" {
	local i
	vfs "$PF0" 3
	for i in 0 1 2; do ip address add 192.0.2.$i/32 dev "$(vf_if "$PF0" $i)"; done
	tells 'pf-exhausted eth0'
	assert_equal "$(sriovctl -j doctor --check pf-exhausted | jq -r '.findings[].remedy // empty')" "once they are: 'sriovctl vf create eth0 6'"
	ip address flush dev "$(vf_if "$PF0" 1)"
	tells ''
	echo 0 >"$sysfs/$PF0/sriov_numvfs"
	vfs "$PF0" 7
	ip netns add blue
	for i in 0 1 2 3 4 5 6; do ip link set "$(vf_if "$PF0" $i)" netns blue; done
	tells 'pf-exhausted eth0' # eth1 can have some
	says 'warning pf-exhausted eth0' eth0
	run sriovctl doctor --strict eth0
	assert_failure 8
	vfs "$PF1" 1
	ip address add 192.0.2.9/32 dev "$(vf_if "$PF1" 0)"
	says 'warning pf-exhausted eth0'
	ip address flush dev "$(vf_if "$PF1" 0)"
	says ''
	ip -n blue link set "$(ip -n blue -j link | jq -r '.[-1].ifname')" netns 1
	tells ''
}

@test "a PF in a bridge beside VFs that are up" {
	vfs "$PF0" 2
	ip link add br0 type bridge
	ip link set eth0 master br0
	ip link set "$(vf_if "$PF0" 0)" up
	says '' # it is alone in there
	ip link add dummy0 type dummy
	ip link set dummy0 master br0
	says 'warning pf-in-bridge eth0'
	ip link set "$(vf_if "$PF0" 0)" down
	says ''
	ip link set "$(vf_if "$PF0" 0)" up
	ip link set eth0 nomaster
	says ''
}

@test "new VFs that get no driver" {
	echo 0 >"$sysfs/$PF1/sriov_drivers_autoprobe"
	tells 'pf-autoprobe-off eth1'
	heed pf-autoprobe-off
	tells ''
}

@test "a PF without a driver, or with one that makes no VFs" {
	modprobe vfio-pci
	echo "$PF1" >"$sysfs/$PF1/driver/unbind"
	says "warning pf-no-driver $PF1"
	assert_equal "$(sriovctl -j doctor --check pf-no-driver | jq -r '.findings[] | select(.severity == "warning") | .remedy')" \
		"'modprobe igb'; if it is loaded, 'echo $PF1 > /sys/bus/pci/drivers_probe', and 'dmesg' says why it fails"
	echo vfio-pci >"$sysfs/$PF1/driver_override"
	echo "$PF1" >/sys/bus/pci/drivers_probe
	tells "pf-driver-no-vfs $PF1"
	says "warning pf-driver-no-vfs $PF1" "$PF1" # who names it, wants VFs
	echo Y >/sys/module/vfio_pci/parameters/enable_sriov
	tells ''
	echo N >/sys/module/vfio_pci/parameters/enable_sriov
	tells "pf-driver-no-vfs $PF1"
	echo "$PF1" >"$sysfs/$PF1/driver/unbind"
	echo >"$sysfs/$PF1/driver_override"
	echo "$PF1" >/sys/bus/pci/drivers_probe
	wait_for test -e /sys/class/net/eth1
	tells ''
}

@test "a VF bound to a driver that is not its own" {
	modprobe pci-pf-stub || skip 'no pci-pf-stub'
	vfs "$PF0" 2
	bdf=$(vf_bdf "$PF0" 1)
	echo "$bdf" >/sys/bus/pci/drivers/igbvf/unbind
	echo pci-pf-stub >"$sysfs/$bdf/driver_override"
	echo "$bdf" >/sys/bus/pci/drivers_probe
	[ "$(driver_of "$bdf")" = pci-pf-stub ]
	says 'problem vf-wrong-driver eth0/1'
	heed vf-wrong-driver
	[ "$(driver_of "$bdf")" = igbvf ]
	wait_for test -e "$sysfs/$bdf/net"
	says ''
	bind_vfio "$PF0" 1
	says ''
}

@test "what is there and has no SR-IOV is a finding, what is not there an error" {
	ip link add dummy0 type dummy
	says 'problem no-sriov dummy0' dummy0
	run sriovctl doctor dummy0
	assert_output --partial 'it is no PCI device'
	says 'problem no-sriov 0000:00:1f.0' 0000:00:1f.0
	says '' eth0
	run sriovctl doctor nosuch
	assert_failure 4
}

@test "a host without any PF" {
	local pf
	for pf in $PF0 $PF1 0000:01:00.0; do echo 1 >"$sysfs/$pf/remove"; done
	says 'warning no-pf host'
	echo 1 >/sys/bus/pci/rescan
	wait_for test -e /sys/class/net/eth1
	says ''
}

@test "firmware that allows no VFs, or fewer: edited snapshots" {
	sriovctl snapshot "$snapshot"
	echo 0 >"$snapshot/sys/bus/pci/devices/$PF1/sriov_totalvfs"
	assert_equal "$(said 'problem warning' --snapshot "$snapshot" doctor)" ''
	assert_equal "$(said 'info' --snapshot "$snapshot" doctor --check pf-firmware-off)" 'info pf-firmware-off eth1'
	assert_equal "$(said 'problem warning' --snapshot "$snapshot" doctor eth1)" 'problem pf-firmware-off eth1'
	echo 0 >"$snapshot/sys/bus/pci/devices/$PF0/sriov_totalvfs"
	echo 0 >"$snapshot/sys/bus/pci/devices/0000:01:00.0/sriov_totalvfs"
	assert_equal "$(said 'problem warning' --snapshot "$snapshot" doctor)" $'warning pf-firmware-off eth0\nwarning pf-firmware-off eth1'
	echo 3 >"$snapshot/sys/bus/pci/devices/$PF0/sriov_totalvfs"
	assert_equal "$(said 'info' --snapshot "$snapshot" doctor --check pf-total-capped)" 'info pf-total-capped eth0'
	# a card that hides what it has: the ids of a ConnectX-5 on a device without the capability
	echo 0x15b3 >"$snapshot/sys/bus/pci/devices/0000:00:1f.0/vendor"
	echo 0x1017 >"$snapshot/sys/bus/pci/devices/0000:00:1f.0/device"
	echo 0x020000 >"$snapshot/sys/bus/pci/devices/0000:00:1f.0/class"
	assert_equal "$(said 'info' --snapshot "$snapshot" doctor --check no-sriov)" 'info no-sriov host'
	run sriovctl --snapshot "$snapshot" doctor 0000:00:1f.0
	assert_failure 2
	assert_output --partial 'mstconfig -d 0000:00:1f.0 set SRIOV_EN=1'
}

@test "the RDMA device of a VF that has moved: an edited snapshot" {
	vfs "$PF0" 2
	ip netns add blue
	ip link set "$(vf_if "$PF0" 1)" netns blue
	sriovctl snapshot "$snapshot"
	mkdir -p "$snapshot/sys/bus/pci/devices/$(vf_bdf "$PF0" 1)/infiniband/mlx5_3" "$snapshot/sys/module/ib_core/parameters"
	echo N >"$snapshot/sys/module/ib_core/parameters/netns_mode"
	assert_equal "$(said 'problem warning' --snapshot "$snapshot" doctor --check rdma-netns)" 'warning rdma-netns eth0/1'
	echo Y >"$snapshot/sys/module/ib_core/parameters/netns_mode"
	assert_equal "$(said 'problem warning info' --snapshot "$snapshot" doctor --check rdma-netns)" 'info rdma-netns eth0/1'
}

@test "the kernel says of RDMA devices where they are seen, as the check reads it" {
	modprobe ib_core || skip 'no ib_core'
	[ "$(cat /sys/module/ib_core/parameters/netns_mode)" = Y ]
	rdma system set netns exclusive || skip 'there are namespaces'
	[ "$(cat /sys/module/ib_core/parameters/netns_mode)" = N ]
	rdma system set netns shared
}
