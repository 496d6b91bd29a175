#!/usr/bin/env bats
# Inside the VM with udevd running: the names are final when sriovctl comes back.

setup_file() { export BATS_TEST_TIMEOUT=120; }

setup() {
	load helper
	load_libraries
	clean_slate
}

@test "vf create waits until udev has named and finished every interface" {
	[ -S /run/udev/control ]
	run sriovctl vf create eth0 7
	assert_success
	for i in 0 1 2 3 4 5 6; do
		name=$(vf_if $PF0 $i)
		[[ $name != eth* ]]
		[ -e "/run/udev/data/n$(cat "/sys/class/net/$name/ifindex")" ]
	done
}

@test "another number: the names that udev gave, and one that was changed, come back" {
	sriovctl vf create eth0 3
	ip link set "$(vf_if $PF0 2)" name mine0
	before=$(for i in 0 1 2; do vf_if $PF0 $i; done)
	run sriovctl vf create eth0 5
	assert_success
	[ "$(for i in 0 1 2; do vf_if $PF0 $i; done)" = "$before" ]
}

@test "--wait=S gives up in time, exit 6, and the VFs are there; --no-wait does not wait" {
	udevadm control --stop-exec-queue
	run sriovctl vf create eth0 2 --wait=1
	udevadm control --start-exec-queue
	assert_failure 6
	assert_output --partial 'no interface yet'
	[ "$(cat $sysfs/$PF0/sriov_numvfs)" -eq 2 ]
	sriovctl vf destroy eth0 || true
	udevadm control --stop-exec-queue
	run sriovctl vf create eth0 2 --no-wait
	udevadm control --start-exec-queue
	assert_success
}

@test "a name is given when udev has finished its own renaming: its rules find the interface" {
	mkdir -p /run/udev/rules.d
	echo 'SUBSYSTEM=="net", ACTION=="move", TEST!="device", RUN+="/bin/touch /run/not-there"' >/run/udev/rules.d/90-test.rules
	udevadm control --reload
	printf '%s\n' 'vf create eth0 2' 'vf set eth0/0 name mine0' 'vf set eth0/1 name mine1' | sriovctl -b - --atomic
	udevadm settle
	rm /run/udev/rules.d/90-test.rules
	[ -e /sys/class/net/mine1 ]
	[ ! -e /run/not-there ]
}
