#!/usr/bin/env bats
# Inside the VM: vf bind and vf unbind on a real driver and real IOMMU groups.

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=180; }

setup() {
	load helper
	load_libraries
	clean_slate
	lab="$(dirname "$(command -v sriovctl)")/lab"
}

# Nothing stays that would keep the next test waiting, whatever failed.
teardown() {
	pkill -KILL -x sriovctl || true
	unmount_all
	rm -f /run/unread
}

# cover FILE WITH: writes to a sysfs file go elsewhere. Over a full device they fail, over a pipe
# that nobody reads they block, over a plain file the kernel hears nothing of them.
cover() {
	mount --bind "$2" "$1"
	echo "$1" >>/run/covered
}

unmount_all() {
	local file
	while read -r file; do umount "$file" 2>/dev/null || true; done 2>/dev/null </run/covered || true
	rm -f /run/covered
}

driver() { basename "$(readlink "$sysfs/$(vf_bdf "$1" "$2")/driver" || echo none)"; }
override() { cat "$sysfs/$(vf_bdf "$1" "$2")/driver_override"; }
node() { echo "/dev/vfio/$(basename "$(readlink "$sysfs/$(vf_bdf "$1" "$2")/iommu_group")")"; }
autoprobe() { cat "$sysfs/$PF0/sriov_drivers_autoprobe"; }

# dress PF INDEX NAME: an interface with settings of its own
dress() {
	ip link set "$(vf_if "$1" "$2")" name "$3" mtu 1400
	ip link property add dev "$3" altname "$3-net"
	ip link set "$3" up
}

# is_dressed PF INDEX NAME
is_dressed() {
	[ "$(driver "$1" "$2")" = igbvf ] &&
		[ "$(vf_if "$1" "$2")" = "$3" ] &&
		ip -j link show "$3" | jq -e '.[0] | .mtu == 1400 and (.flags | contains(["UP"])) and .altnames == [.ifname + "-net"]' &&
		[ "$(override "$1" "$2")" = '(null)' ]
}

@test "many VFs of both PFs for vfio-pci: nodes told and good to open; again; and back" {
	sriovctl vf create eth0 4
	sriovctl vf create eth1 3
	modprobe -r vfio-pci
	[ ! -e /sys/bus/pci/drivers/vfio-pci ]
	run sriovctl vf bind eth0/all eth1/0,2 vfio-pci
	assert_success
	[ "${#lines[@]}" -eq 12 ]
	for vf in 0/0 0/1 0/2 0/3 1/0 1/2; do
		pf=PF${vf%/*} index=${vf#*/}
		assert_line "eth$vf: driver igbvf -> vfio-pci"
		assert_line "eth$vf: vfio $(node "${!pf}" "$index")"
		[ "$(driver "${!pf}" "$index")" = vfio-pci ]
		[ "$(override "${!pf}" "$index")" = '(null)' ]
		"$lab/vfio-open" -t "$(node "${!pf}" "$index")" "$(vf_bdf "${!pf}" "$index")"
	done
	[ "$(driver $PF1 1)" = igbvf ]
	run sriovctl -j vf bind eth1/1,2 vfio-pci
	assert_success
	jq -e --arg node "$(node $PF1 1)" '.changed and .actions == [
		{object: "eth1/1", attr: "driver", old: "igbvf", new: "vfio-pci", result: "done"},
		{object: "eth1/1", attr: "vfio", old: null, new: $node, result: "done"}]' <<<"$output"
	jq -e --arg node "$(node $PF1 1)" '.[0].vfio == $node' <<<"$(sriovctl -j vf show eth1/1)"
	run sriovctl -j vf bind eth0/all eth1/all vfio-pci
	assert_success
	jq -e '. == {changed: false, actions: [], warnings: []}' <<<"$output"
	run sriovctl vf bind eth0/all default
	assert_success
	assert_output "$(printf 'eth0/%s: driver vfio-pci -> igbvf\n' 0 1 2 3)"
	run sriovctl -j vf bind eth1/all igbvf
	assert_success
	jq -e '[.actions[] | select(.attr == "driver" and .old == "vfio-pci" and .new == "igbvf")] | length == 3' <<<"$output"
	# it waited: each has its interface
	jq -e 'length == 7 and all(.driver == "igbvf" and .ifname != null and .vfio == null)' <<<"$(sriovctl -j vf list)"
	[ -z "$(ls /run/sriovctl/journal)" ]
}

@test "what the PF has set survives; the interface does not survive vfio, but a bind to what it has" {
	ip link set eth0 up
	sriovctl vf create eth0 2
	ip link set eth0 vf 0 mac 52:54:00:aa:00:01 vlan 100 qos 3 spoofchk off
	ip link set eth0 vf 1 trust on
	dress $PF0 1 store1
	before=$(cat /sys/class/net/store1/ifindex)
	for driver in igbvf default; do
		run sriovctl vf bind eth0/1 $driver
		assert_success
		refute_output
	done
	[ "$(cat /sys/class/net/store1/ifindex)" = "$before" ] # the same one
	is_dressed $PF0 1 store1
	sriovctl -j vf list eth0 | jq '[.[] | {vf, vlan, qos, proto, trust, spoofchk, max_tx_rate}]' >/run/before
	run sriovctl vf bind eth0/all vfio-pci
	assert_success
	diff /run/before <(sriovctl -j vf list eth0 | jq '[.[] | {vf, vlan, qos, proto, trust, spoofchk, max_tx_rate}]')
	run sriovctl vf bind eth0/all igbvf
	assert_success
	sriovctl -j vf show eth0/all >/run/after
	diff /run/before <(jq '[.[] | {vf, vlan, qos, proto, trust, spoofchk, max_tx_rate}]' /run/after)
	# the address of the PF reaches the new interface
	jq -e '.[0] | .mac == "52:54:00:aa:00:01" and .if_mac == .mac' /run/after
	# a new interface, as if the VF had been made anew
	jq -e '.[1] | .ifname != "store1" and .mtu == 1500 and .altnames == [] and .up == false' /run/after
}

@test "unbind, bind from unbound, and with autoprobe off" {
	sriovctl vf create eth0 2
	run sriovctl vf unbind eth0/0
	assert_success
	assert_output 'eth0/0: driver igbvf -> none'
	[ "$(driver $PF0 0)" = none ]
	run sriovctl -j vf unbind eth0/0
	assert_success
	jq -e '.changed == false and .actions == []' <<<"$output"
	for off in '' off; do
		[ -z "$off" ] || echo 0 >$sysfs/$PF0/sriov_drivers_autoprobe
		run sriovctl vf bind eth0/0 igbvf
		assert_success
		assert_output 'eth0/0: driver igbvf'
		[ "$(driver $PF0 0)" = igbvf ]
		run sriovctl -j vf unbind eth0/0
		jq -e '.actions == [{object: "eth0/0", attr: "driver", old: "igbvf", new: null, result: "done"}]' <<<"$output"
		run sriovctl vf bind eth0/0 default
		assert_success
		assert_output 'eth0/0: driver igbvf'
		[ -n "$(vf_if $PF0 0)" ]
		sriovctl vf unbind eth0/0
		run sriovctl vf bind eth0/0 vfio-pci
		assert_success
		assert_output "eth0/0: driver vfio-pci
eth0/0: vfio $(node $PF0 0)"
		run sriovctl vf bind eth0/0 default
		assert_success
		[ "$(driver $PF0 0)" = igbvf ]
		sriovctl vf bind eth0/0 vfio-pci
		run sriovctl vf unbind eth0/0
		assert_success
		assert_output 'eth0/0: driver vfio-pci -> none'
		[ "$(override $PF0 0)" = '(null)' ]
		[ "$(driver $PF0 1)" = igbvf ]
	done
	[ "$(autoprobe)" -eq 0 ]
}

@test "an override that someone left is cleared, and that is told" {
	sriovctl vf create eth0 1
	file=$sysfs/$(vf_bdf $PF0 0)/driver_override
	cleared='eth0/0: driver_override vfio-pci -> none'
	# the VF has its driver already
	echo vfio-pci >"$file"
	name=$(vf_if $PF0 0)
	run sriovctl vf bind eth0/0 default
	assert_success
	assert_output "$cleared"
	[ "$(override $PF0 0)" = '(null)' ]
	[ "$(vf_if $PF0 0)" = "$name" ]
	# it has none
	sriovctl vf unbind eth0/0
	echo vfio-pci >"$file"
	run sriovctl -j vf bind eth0/0 default
	assert_success
	jq -e '[.actions[] | [.attr, .old, .new]] == [["driver_override", "vfio-pci", null], ["driver", null, "igbvf"]]' <<<"$output"
	# it has the one that the override names, as driverctl leaves it
	sriovctl vf bind eth0/0 vfio-pci
	echo vfio-pci >"$file"
	run sriovctl vf bind eth0/0 igbvf
	assert_success
	assert_line "$cleared"
	assert_line 'eth0/0: driver vfio-pci -> igbvf'
	[ "$(override $PF0 0)" = '(null)' ]
	# and another one is in the way of vfio-pci no more than of igbvf
	echo no-such-driver >"$file"
	run sriovctl vf bind eth0/0 vfio-pci
	assert_success
	[ "$(driver $PF0 0)" = vfio-pci ]
	[ "$(override $PF0 0)" = '(null)' ]
	echo no-such-driver >"$file"
	run sriovctl vf unbind eth0/0
	assert_success
	assert_line 'eth0/0: driver_override no-such-driver -> none'
	[ "$(override $PF0 0)" = '(null)' ]
}

@test "dry run: the same steps, but no module is loaded and nothing changes" {
	sriovctl vf create eth0 2
	modprobe -r vfio-pci
	sriovctl -j vf bind eth0/0-1 vfio-pci --dry-run >/run/planned
	jq -e '.changed and all(.actions[]; .result == "planned") and [.actions[].attr] == ["driver", "vfio", "driver", "vfio"]' /run/planned
	[ ! -e /sys/bus/pci/drivers/vfio-pci ]
	[ "$(driver $PF0 0)" = igbvf ]
	run sriovctl vf bind eth0/0 vfio-pci --dry-run --diff
	assert_success
	assert_line -- '-eth0/0 driver igbvf'
	assert_line -- '+eth0/0 driver vfio-pci'
	run sriovctl vf bind eth0/0 no-such-driver --dry-run
	assert_failure 4
	sriovctl -j vf bind eth0/0-1 vfio-pci >/run/done
	diff <(jq '[.actions[] | del(.result)]' /run/planned) <(jq '[.actions[] | del(.result)]' /run/done)
	run sriovctl vf unbind eth0/1 --dry-run
	assert_success
	[ "$(driver $PF0 1)" = vfio-pci ]
}

@test "what cannot be: each has its exit code, and nothing is changed" {
	sriovctl vf create eth0 2
	bdf=$(vf_bdf $PF0 0)
	run sriovctl vf bind eth0/0 vfio-pic
	assert_failure 4
	assert_output --partial "there is no driver 'vfio-pic' on this host"
	assert_output --partial 'did you mean vfio-pci?'
	run sriovctl vf bind eth0/0 no-such-driver
	assert_failure 4
	assert_output --partial "'default' means"
	for pf in eth0 $PF0; do
		run sriovctl vf bind $pf vfio-pci
		assert_failure 1
		assert_output --partial "$pf is a PF, not a VF"
		run sriovctl vf unbind $pf
		assert_failure 1
	done
	run sriovctl vf bind eth0/0-2 vfio-pci
	assert_failure 4
	assert_output --partial 'eth0 has no VF 2'
	run sriovctl vf bind eth1/0 vfio-pci
	assert_failure 4
	run sriovctl vf unbind "${bdf%?}7"
	assert_failure 4
	run sriovctl vf bind eth0/0 # the driver is not said
	assert_failure 1
	assert_output --partial 'DRIVER is missing'
	[ "$(driver $PF0 0)$(driver $PF0 1)" = igbvfigbvf ]
	for command in 'bind eth0/0 vfio-pci' 'unbind eth0/0' 'reset eth0/0'; do
		# shellcheck disable=SC2086
		run setpriv --reuid=65534 --regid=65534 --clear-groups "$(command -v sriovctl)" vf $command
		assert_failure 2
		assert_output --partial 'sudo'
	done
	[ "$(driver $PF0 0)" = igbvf ]
}

@test "a driver that is not for the device: exit 2, and all is as it was" {
	ip link set eth0 up
	sriovctl vf create eth0 3
	dress $PF0 0 store0
	sriovctl vf unbind eth0/1
	sriovctl vf bind eth0/2 vfio-pci
	for driver in igb nvme; do # nvme has to be loaded for it
		run --separate-stderr sriovctl -j vf bind eth0/0 $driver
		assert_failure 2
		jq -e --arg driver $driver '.changed == false and .error.object == "eth0/0" and .error.attr == "driver" and
			(.error.message | test("not for this device")) and
			.actions[0] == {object: "eth0/0", attr: "driver", old: "igbvf", new: $driver, result: "failed"}' <<<"$output"
		is_dressed $PF0 0 store0
	done
	run sriovctl vf bind eth0/0 igb
	assert_failure 2
	assert_output --partial 'eth0/0: driver igbvf -> igb  (failed)'
	assert_output --partial 'all is as it was before'
	run sriovctl vf bind eth0/1 igb
	assert_failure 2
	[ "$(driver $PF0 1)" = none ]
	run sriovctl vf bind eth0/2 igb
	assert_failure 2
	[ "$(driver $PF0 2)" = vfio-pci ]
	"$lab/vfio-open" -t "$(node $PF0 2)" "$(vf_bdf $PF0 2)"
	for vf in 0 1 2; do [ "$(override $PF0 $vf)" = '(null)' ]; done
	is_dressed $PF0 0 store0
	[ -z "$(ls /run/sriovctl/journal)" ]
}

@test "the third VF fails: the first two get back their driver, name, MTU, state" {
	ip link set eth0 up
	sriovctl vf create eth0 4
	for vf in 0 1 2; do dress $PF0 $vf store$vf; done
	name=$(vf_if $PF0 3)
	file=$(realpath "$sysfs/$(vf_bdf $PF0 2)/driver_override")
	all_back() {
		for vf in 0 1 2; do is_dressed $PF0 $vf store$vf; done
		[ "$(vf_if $PF0 3)" = "$name" ]
		[ -z "$(ls /run/sriovctl/journal)" ]
	}
	# the kernel refuses the write
	cover "$file" /dev/full
	run --separate-stderr sriovctl -j vf bind eth0/0-3 vfio-pci
	unmount_all
	assert_failure 2
	jq -e '.changed == false and .error.code == 2 and .error.object == "eth0/2" and
		([.actions[] | select(.attr == "driver") | [.object, .result]] ==
			[["eth0/0", "undone"], ["eth0/1", "undone"], ["eth0/2", "failed"], ["eth0/3", "skipped"]])' <<<"$output"
	all_back
	# it takes it, and another driver gets the VF; that is told as what it is
	: >/run/ignored
	cover "$file" /run/ignored
	run sriovctl vf bind eth0/0-3 vfio-pci
	unmount_all
	assert_failure 2
	assert_output --partial 'eth0/0: driver igbvf -> vfio-pci  (undone)'
	assert_output --partial 'eth0/2: driver igbvf -> vfio-pci  (failed)'
	assert_output --partial 'all is as it was before'
	assert_output --partial 'eth0/2: driver: cannot set it to vfio-pci'
	all_back
}

@test "one PF's VF fails: the VFs of the other PF get back what they had" {
	ip link set eth0 up
	sriovctl vf create eth0 1
	sriovctl vf create eth1 1
	dress $PF0 0 store0
	cover "$(realpath "$sysfs/$(vf_bdf $PF1 0)/driver_override")" /dev/full
	run --separate-stderr sriovctl -j vf bind eth0/0 eth1/0 vfio-pci
	unmount_all
	assert_failure 2
	jq -e '.changed == false and .error.object == "eth1/0" and
		([.actions[] | select(.attr == "driver") | .result] == ["undone", "failed"])' <<<"$output"
	is_dressed $PF0 0 store0
	[ "$(driver $PF1 0)" = igbvf ]
	[ -z "$(ls /run/sriovctl/journal)" ]
}

@test "a kernel that does not come back from the unbinding: exit 6 in time, and then it is put right" {
	sriovctl vf create eth0 2
	mkfifo /run/unread
	cover /sys/bus/pci/drivers/igbvf/unbind /run/unread
	start=$SECONDS
	run timeout 40 sriovctl vf bind eth0/0-1 vfio-pci --timeout 2
	[ $((SECONDS - start)) -lt 20 ]
	assert_failure 6
	assert_output --partial 'not finished in time'
	run sriovctl vf unbind eth0/0 --lock-timeout 0.2
	assert_failure 7
	pkill -KILL -x sriovctl # its child waits at the pipe
	unmount_all
	rm /run/unread
	run sriovctl vf bind eth0/0-1 default
	assert_success
	assert_output --partial 'was cut off earlier'
	for vf in 0 1; do
		[ "$(driver $PF0 $vf)" = igbvf ]
		[ "$(override $PF0 $vf)" = '(null)' ]
	done
	[ -z "$(ls /run/sriovctl/journal)" ]
}

@test "VFs that are no network devices: bind, unbind, reset" {
	modprobe nvme
	pf=0000:01:00.0
	echo 0 >$sysfs/$pf/sriov_drivers_autoprobe # the emulated ones are too bare for nvme
	sriovctl vf create $pf 2
	run sriovctl vf bind $pf/all vfio-pci
	assert_success
	assert_line "$pf/1: vfio $(node $pf 1)"
	"$lab/vfio-open" -t "$(node $pf 0)" "$(vf_bdf $pf 0)"
	run sriovctl vf reset $pf/all
	assert_success
	assert_line "$pf/0: reset flr"
	[ "$(driver $pf 0)" = vfio-pci ]
	run sriovctl vf unbind $pf/all
	assert_success
	[ "$(driver $pf 1)" = none ]
	sriovctl vf destroy $pf
	echo 1 >$sysfs/$pf/sriov_drivers_autoprobe
}
