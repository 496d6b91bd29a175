#!/usr/bin/env bats
# Inside the VM: the doctor on VFs. Each fault is made, found with nothing else wrong beside it, of
# this host and of its snapshot; put right as it says, and it is silent again.

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=240; }

setup() {
	load helper
	load_libraries
	clean_slate
	ip link del bond0 2>/dev/null || true
	lab="$(dirname "$(command -v sriovctl)")/lab"
	vfs $PF0 3
}

teardown() {
	pkill -KILL -x sriovctl || true
	pkill -KILL -x vfio-open || true
}

# The checks that this is about; those of the platform and the like have suites of their own.
checks=vf-no-driver,vf-wrong-driver,vf-no-interface,vf-driver-override,vf-duplicate-mac,vf-other-mac,vf-no-mac,vf-stray,vf-leftover,vf-weak,vf-held,vf-release-blocked

# findings COMMAND...: "severity check object" of each that says something, and the exit status
findings() {
	local status=0 answer
	answer=$(timeout 20 "$@") || status=$?
	jq -r '.findings[] | select(.severity != "ok") | "\(.severity) \(.check) \(.object)"' <<<"$answer"
	echo "exit $status"
}

# doctor FINDINGS: just these, here and of a snapshot
doctor() {
	local status=0 from
	[[ $1 != *problem* ]] || status=2
	printf '%s\n' "$1" "exit $status" | grep . >/run/wanted
	rm -rf /run/shot
	timeout 20 sriovctl snapshot /run/shot
	for from in '' '--snapshot /run/shot'; do
		# shellcheck disable=SC2086
		diff /run/wanted <(findings sriovctl -j $from doctor --check $checks)
	done
}

# remedy CHECK: what it says is to be done, done
remedy() {
	local command
	command=$(sriovctl -j doctor --check "$1" | jq -r 'first(.findings[] | select(.remedy) | .remedy)')
	echo "$command"
	[[ $command == 'sriovctl '* ]]
	$command
}

# hold_open PF INDEX: a process that has the VF open through vfio; its pid is in $holder
hold_open() {
	local bdf node
	ip link set eth0 vf "$2" mac 52:54:00:aa:00:01
	bind_vfio "$1" "$2"
	bdf=$(vf_bdf "$1" "$2")
	node=/dev/vfio/$(basename "$(readlink "$sysfs/$bdf/iommu_group")")
	"$lab/vfio-open" "$node" "$bdf" >/run/out 2>&1 3>&- 4>&- &
	holder=$!
	timeout 10 sh -c 'until grep -qs open /run/out; do sleep 0.1; done'
}

# waiting FUNCTION PID: until it waits there
waiting() { timeout 10 sh -c "until grep -q $1 /proc/$2/wchan; do sleep 0.1; done"; }

@test "VFs just made: nothing wrong" {
	doctor ''
	run sriovctl doctor eth0 --check $checks --strict
	assert_success
	assert_line --index 0 --partial 'Nothing wrong'
	ip link set eth0 down
	doctor ''
}

@test "no driver" {
	sriovctl -q vf unbind eth0/1
	doctor 'problem vf-no-driver eth0/1'
	remedy vf-no-driver
	doctor ''
	sriovctl -q vf unbind eth0/all
	doctor $'warning vf-no-driver eth0/0\nwarning vf-no-driver eth0/1\nwarning vf-no-driver eth0/2'
	echo 0 >$sysfs/$PF0/sriov_drivers_autoprobe
	doctor ''
}

@test "a driver that makes no interface" {
	modprobe pci-pf-stub
	bdf=$(vf_bdf $PF0 1)
	echo "$bdf" >"$sysfs/$bdf/driver/unbind"
	echo pci-pf-stub >"$sysfs/$bdf/driver_override"
	echo "$bdf" >/sys/bus/pci/drivers_probe
	doctor 'problem vf-wrong-driver eth0/1'
	sriovctl -q vf unbind eth0/1
	sriovctl -q vf bind eth0/1 default
	doctor ''
}

@test "a driver_override left behind" {
	bdf=$(vf_bdf $PF0 1)
	echo vfio-pci >"$sysfs/$bdf/driver_override"
	doctor 'warning vf-driver-override eth0/1'
	remedy vf-driver-override
	doctor ''
	[ "$(basename "$(readlink "$sysfs/$bdf/driver")")" = igbvf ]
	ip link set eth0 vf 1 mac 52:54:00:aa:00:01 # igb of Linux 6.1 knows no address before
	bind_vfio $PF0 1
	doctor ''
	echo igbvf >"$sysfs/$bdf/driver_override"
	doctor 'warning vf-driver-override eth0/1'
	remedy vf-driver-override
	[ "$(basename "$(readlink "$sysfs/$bdf/driver")")" = vfio-pci ]
	doctor ''
}

@test "an address that two VFs have, or a VF and the PF; a bond may" {
	sriovctl -q vf set eth0/0 mac 52:54:00:aa:00:01
	sriovctl -q vf bind eth0/1-2 vfio-pci
	ip link set eth0 vf 1 mac 52:54:00:aa:00:01
	ip link set eth0 vf 2 mac 52:54:00:aa:00:02
	doctor $'problem vf-duplicate-mac eth0/0\nproblem vf-duplicate-mac eth0/1'
	ip link set eth0 vf 1 mac "$(cat /sys/class/net/eth0/address)"
	doctor 'problem vf-duplicate-mac eth0/1'
	remedy vf-duplicate-mac
	doctor ''
}

@test "VFs of one bond" {
	modprobe bonding max_bonds=0
	ip link add bond0 type bond mode active-backup
	for i in 0 1; do
		ip link set "$(vf_if $PF0 $i)" down
		ip link set "$(vf_if $PF0 $i)" master bond0
	done
	ip link set bond0 up
	[ "$(cat "/sys/class/net/$(vf_if $PF0 0)/address")" = "$(cat "/sys/class/net/$(vf_if $PF0 1)/address")" ]
	doctor ''
	ip link del bond0
}

@test "an address that the interface did not take" {
	ip link set eth0 vf 1 mac 52:54:00:aa:00:06
	doctor 'warning vf-other-mac eth0/1'
	remedy vf-other-mac
	doctor ''
	ip link set "$(vf_if $PF0 1)" up
	ip link set eth0 vf 1 mac 52:54:00:aa:00:07
	doctor 'problem vf-other-mac eth0/1'
	remedy vf-other-mac
	doctor ''
	[ "$(cat "/sys/class/net/$(vf_if $PF0 1)/address")" = 52:54:00:aa:00:07 ]
}

@test "no address for a VM" {
	bind_vfio $PF0 1
	ip link set eth0 vf 1 mac 00:00:00:00:00:00
	doctor 'info vf-no-mac eth0/1'
	remedy vf-no-mac
	doctor ''
}

@test "a VLAN and trust left on a VF that nobody uses" {
	ip link set eth0 vf 1 vlan 100
	ip link set eth0 vf 1 trust on
	doctor 'warning vf-leftover eth0/1'
	# a container that has it makes it a setting like any other
	ip netns add blue
	name=$(vf_if $PF0 1)
	ip link set "$name" netns blue
	doctor ''
	ip -n blue link set "$name" netns 1
	remedy vf-leftover
	doctor ''
}

@test "weak isolation of a VF in other hands" {
	ip link set eth0 vf 1 trust on
	ip link set eth0 vf 1 spoofchk off
	ip link set eth0 vf 1 mac 52:54:00:aa:00:01
	bind_vfio $PF0 1
	doctor 'warning vf-weak eth0/1'
	ip link set eth0 vf 1 vlan 7
	doctor 'info vf-weak eth0/1'
	remedy vf-weak
	doctor ''
}

@test "a VF in another namespace than it was attached to, back without being taken back, gone" {
	ip netns add blue
	ip netns add red
	name=$(vf_if $PF0 1)
	sriovctl -q netns attach eth0/1 blue owner web
	doctor ''
	ip -n blue link set "$name" netns red
	doctor 'warning vf-stray eth0/1'
	run sriovctl doctor --check vf-stray
	assert_line --partial 'eth0/1: in red, was sent to blue'
	sriovctl -q netns detach eth0/1 owner web --force=in-use
	doctor ''
	[ "$(vf_if $PF0 1)" = "$name" ]
	sriovctl -q netns attach eth0/1 blue
	ip -n blue link set "$name" netns 1
	doctor 'warning vf-stray eth0/1'
	remedy vf-stray
	doctor ''
	sriovctl -q netns attach eth0/1 blue
	echo 0 >$sysfs/$PF0/sriov_numvfs
	doctor 'warning vf-stray eth0'
	remedy vf-stray
	doctor ''
	# nobody has recorded it
	vfs $PF0 2
	ip link set "$(vf_if $PF0 1)" netns red
	doctor ''
}

@test "a VF that a process holds, and one who waits for it while unbinding" {
	hold_open $PF0 1
	doctor 'info vf-held eth0/1'
	sh -c "echo $(vf_bdf $PF0 1) >/sys/bus/pci/drivers/vfio-pci/unbind" 3>&- 4>&- &
	waiter=$!
	waiting vfio_unregister_group_dev $waiter
	doctor $'problem vf-release-blocked eth0/1\ninfo vf-held eth0/1'
	run sriovctl doctor --check vf-release-blocked
	assert_line --partial "eth0/1: pid $waiter (sh) waits for pid $holder (vfio-open)"
	# nobody else is kept waiting
	for command in '' 'vf list' 'vf show eth0/all' 'pf list' 'netns list'; do
		# shellcheck disable=SC2086
		timeout 10 sriovctl $command >/dev/null
	done
	kill $holder
	wait $waiter
	sriovctl -q vf bind eth0/1 default
	doctor ''
}

@test "one who waits while destroying VFs, for one that is none any more" {
	hold_open $PF0 1
	bdf=$(vf_bdf $PF0 1)
	sh -c "echo 0 >$sysfs/$PF0/sriov_numvfs" 3>&- 4>&- &
	waiter=$!
	waiting vfio_unregister_group_dev $waiter
	[ ! -e $sysfs/$PF0/virtfn1 ]
	doctor 'problem vf-release-blocked eth0'
	run sriovctl doctor --check vf-release-blocked
	assert_line --partial "pid $waiter (sh) waits for pid $holder (vfio-open), which holds"
	assert_output --partial "$bdf"
	# one that was told to end waits all the same, now without being woken
	kill -KILL $waiter
	waiting vfio_unregister_group_dev $waiter
	doctor 'problem vf-release-blocked eth0'
	for command in '' 'vf list' 'vf show eth0/all' 'pf show eth0'; do
		# shellcheck disable=SC2086
		timeout 10 sriovctl $command >/dev/null
	done
	kill $holder
	wait $waiter || true
	doctor ''
}

# Last: it never ends. Linux 6.1 finishes it at once.
@test "a reset that does not end, and with it whoever reads the VF's configuration" {
	bdf=$(vf_bdf $PF0 1)
	ip link set "$(vf_if $PF0 1)" down
	sh -c "echo 1 >$sysfs/$bdf/reset" 3>&- 4>&- &
	waiter=$!
	sleep 3
	[ -e /proc/$waiter ] || skip 'this kernel finishes it'
	doctor 'info vf-release-blocked eth0/1'
	timeout 10 sriovctl vf list >/dev/null
}
