#!/usr/bin/env bats
# Inside the VM, with igb and, where it is there, netdevsim: monitor tells what happens, or that it
# does not know.
# shellcheck disable=SC2016,SC2030,SC2031,SC2086,SC2154

bats_require_minimum_version 1.5.0

setup_file() { export BATS_TEST_TIMEOUT=180; }

setup() {
	load helper
	load_libraries
	rmem=$(cat /proc/sys/net/core/rmem_max)
	clean_slate
}

teardown() {
	echo "$rmem" >/proc/sys/net/core/rmem_max
	[ ! -d /sys/bus/netdevsim/devices/netdevsim1 ] || echo 1 >/sys/bus/netdevsim/del_device
	[ -e "$sysfs/$PF0" ] || echo 1 >/sys/bus/pci/rescan
	[ -e "$sysfs/$PF0/driver" ] || echo $PF0 >/sys/bus/pci/drivers/igb/bind
	[ ! -e /sys/class/net/pf0 ] || ip link set pf0 down name eth0
}

# watch COMMAND...: run it as the monitor, until it is ready
watch() {
	"$@" -j >/run/events 2>/run/errors 3>&- &
	pid=$!
	for _ in $(seq 100); do
		! grep -q '"ready"' /run/events || return 0
		sleep 0.1
	done
	cat /run/errors
	return 1
}

watching() { watch sriovctl monitor "$@"; }

# is FILTER: some event is so
is() { jq -es "any(.[]; $1)" /run/events >/dev/null; }

# seen FILTER: some event is, or becomes, so
seen() {
	for _ in $(seq 100); do
		! is "$1" || return 0
		sleep 0.1
	done
	echo "not seen: $1"
	tail -40 /run/events
	return 1
}

# after FILTER...: there are events like these, in this order
after() {
	local filter at=0 next
	for filter; do
		seen "$filter"
		next=$(jq -s "[.[$at:] | .[] | $filter] | index(true)" /run/events)
		[ "$next" != null ] || { echo "not behind it: $filter"; cat /run/events; return 1; }
		at=$((at + next + 1))
	done
}

ended() {
	local status=0
	kill "$pid"
	wait "$pid" || status=$?
	[ "$status" -eq 0 ]
	[ ! -s /run/errors ] || { cat /run/errors; return 1; }
}

count() { jq -s "[.[] | select($1)] | length" /run/events; }

# storm N: a file for `ip -batch` that changes N VLANs, each to another value
storm() {
	local i
	for ((i = 0; i < $1; i++)); do echo "link set eth0 vf $((i % 7)) vlan $((i % 4000 + 1))"; done >/run/storm
}

# covered: how many changes the events stand for
covered() {
	jq -s '([.[] | select(.event == "changed" and .attr == "vlan")] | length)
		- ([.[] | select(.event == "resync") | .differences] | add // 0)
		+ ([.[] | select(.event == "resync") | .notifications] | add // 0)' /run/events
}

# replayed: what the events have made of /run/before is what there is
replayed() {
	sriovctl -j vf list --columns vf,driver,ifname,netns,mtu,vlan,trust,mac,link >/run/after
	jq -n --slurpfile before /run/before --slurpfile events /run/events '
		reduce ($events[] | select(.vf)) as $e (($before[0] | map({key: .vf, value: .}) | from_entries);
			if $e.event == "created" then .[$e.vf] = {vf: $e.vf}
			elif $e.event == "destroyed" then del(.[$e.vf])
			elif $e.event == "reset" then .
			else .[$e.vf][$e.attr] = $e.new end)
		| [.[] | {vf, driver, ifname, netns, vlan: (.vlan // 0), trust: (.trust // false), mac: (.mac // "00:00:00:00:00:00")}]
		| sort_by(.vf)' >/run/replayed
	diff /run/replayed <(jq 'map({vf, driver, ifname, netns, vlan, trust, mac}) | sort_by(.vf)' /run/after)
}

@test "VFs are created with all that they begin with, and destroyed" {
	watching
	vfs $PF0 2
	after '.event == "link" and .pf == "eth0" and .object == "pf" and .old == "down"' \
		'.event == "created" and .vf == "eth0/1" and .index == 1 and .bdf == "0000:21:10.2"'
	after '.event == "created" and .vf == "eth0/0"' '.event == "bound" and .vf == "eth0/0" and .attr == "driver" and .old == null and .new == "igbvf"'
	after '.event == "created" and .vf == "eth0/0"' '.event == "interface" and .vf == "eth0/0" and .old == null and .new == .ifname'
	seen '.event == "changed" and .vf == "eth0/0" and .attr == "spoofchk" and .old == null and .new == true'
	echo 0 >"$sysfs/$PF0/sriov_numvfs"
	after '.event == "interface" and .vf == "eth0/1" and .new == null' '.event == "destroyed" and .vf == "eth0/1"'
	after '.event == "unbound" and .vf == "eth0/1" and .old == "igbvf" and .new == null' '.event == "destroyed" and .vf == "eth0/1"'
	[ "$(count '.event == "created"')" -eq 2 ]
	[ "$(count '.event == "destroyed"')" -eq 2 ]
	ended
}

@test "settings of a VF, by whomever, with old and new value; each once" {
	vfs $PF0 3
	watching
	ip link set eth0 vf 1 vlan 5 qos 3
	seen '.event == "changed" and .vf == "eth0/1" and .attr == "vlan" and .old == 0 and .new == 5 and .reason == null'
	seen '.attr == "qos" and .vf == "eth0/1" and .old == 0 and .new == 3'
	ip link set eth0 vf 2 mac 52:54:00:aa:00:02
	seen '.vf == "eth0/2" and .attr == "mac" and .new == "52:54:00:aa:00:02" and .old != null'
	ip link set eth0 vf 2 trust on
	seen '.vf == "eth0/2" and .attr == "trust" and .old == false and .new == true'
	ip link set eth0 vf 2 spoofchk off
	seen '.vf == "eth0/2" and .attr == "spoofchk" and .old == true and .new == false'
	ip link set eth0 vf 0 max_tx_rate 500
	seen '.vf == "eth0/0" and .attr == "max_tx_rate" and .old == 0 and .new == 500'
	sriovctl -q vf set eth0/1 vlan 0
	seen '.vf == "eth0/1" and .attr == "vlan" and .old == 5 and .new == 0'
	[ "$(count '.event == "changed"')" -eq 8 ]
	[ "$(count '.event == "resync"')" -eq 0 ]
	ended
}

@test "the text, in 80 columns" {
	vfs $PF0 1
	watching
	sriovctl monitor >/run/text 3>&- &
	text=$!
	for _ in $(seq 100); do # it says nothing when it is ready
		ip link set eth0 vf 0 vlan $((RANDOM % 4000 + 1))
		! grep -q vlan /run/text || break
		sleep 0.1
	done
	ip link set eth0 vf 0 vlan 0
	ip link set eth0 vf 0 vlan 4001
	seen '.new == 4001'
	sleep 0.3
	kill $text
	wait $text
	grep -qE '^[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{3}  eth0/0   changed   vlan [0-9]+ -> 4001( |$)' /run/text
	run ! grep -E '.{81}| $' /run/text
	ended
}

@test "interfaces: link, name, MTU, address; of the PF too" {
	vfs $PF0 1
	local name
	name=$(vf_if $PF0 0)
	watching eth0
	ip link set "$name" up
	seen '.event == "link" and .vf == "eth0/0" and .old == "down"'
	seen '.event == "link" and .vf == "eth0/0" and .new == "up"'
	ip link set "$name" down
	seen '.event == "link" and .vf == "eth0/0" and .new == "down"'
	ip link set "$name" name data0
	seen ".event == \"renamed\" and .vf == \"eth0/0\" and .old == \"$name\" and .new == \"data0\" and .ifname == \"data0\""
	ip link set data0 mtu 1400
	seen '.attr == "mtu" and .vf == "eth0/0" and .old == 1500 and .new == 1400'
	ip link set data0 address 52:54:00:aa:00:77
	seen '.attr == "if_mac" and .vf == "eth0/0" and .new == "52:54:00:aa:00:77"'
	ip link set eth1 up # another PF
	ip link set eth0 down
	seen '.event == "link" and .object == "pf" and .pf == "eth0" and .new == "down"'
	ip link set eth0 name pf0
	seen '.event == "renamed" and .object == "pf" and .pf == "pf0" and .old == "eth0"'
	ip link set data0 mtu 1300
	seen '.vf == "pf0/0" and .new == 1300'
	ip link set pf0 name eth0
	seen '.event == "renamed" and .pf == "eth0"'
	[ "$(count '.pf == "eth1"')" -eq 0 ]
	ended
}

@test "a VF in other namespaces: there, on to another, and back when that is deleted" {
	vfs $PF0 2
	local name
	name=$(vf_if $PF0 0)
	ip netns add blue
	ip netns add green
	watching
	ip link set "$name" netns blue
	seen '.event == "moved" and .vf == "eth0/0" and .old == null and .new == "blue" and .netns == "blue"'
	ip -n blue link set "$name" up
	seen '.event == "link" and .vf == "eth0/0" and .netns == "blue" and .new == "up"'
	ip -n blue link set "$name" down
	ip -n blue link set "$name" name net0
	seen '.event == "renamed" and .netns == "blue" and .new == "net0"'
	# green has no number here until it is given one
	ip -n blue link set net0 netns green
	seen '.event == "moved" and .vf == "eth0/0" and .old == "blue" and .new == "green"'
	ip -n green link set net0 mtu 1400
	seen '.attr == "mtu" and .netns == "green" and .new == 1400'
	ip netns del green
	seen '.event == "moved" and .vf == "eth0/0" and .old == "green" and .new == null and .ifname == "net0"'
	[ -e /sys/class/net/net0 ]
	# with a new name on the way, and a namespace that another has had the number of
	ip netns del blue
	ip netns add red
	ip link set net0 netns red name eth0
	seen '.event == "moved" and .new == "red"'
	seen '.event == "renamed" and .netns == "red" and .old == "net0" and .new == "eth0"'
	ended
}

@test "a VF that was elsewhere from the beginning is heard" {
	vfs $PF0 1
	local name
	name=$(vf_if $PF0 0)
	ip netns add blue
	ip netns add green
	ip link set "$name" netns blue
	ip -n blue link set "$name" netns green # has no number here
	watching
	ip -n green link set "$name" mtu 1400
	seen '.vf == "eth0/0" and .netns == "green" and .attr == "mtu" and .new == 1400'
	ip netns del green
	seen '.event == "moved" and .old == "green" and .new == null'
	ended
}

@test "attach and detach" {
	vfs $PF0 2
	ip netns add blue
	sriovctl -j vf list >/run/before
	watching
	sriovctl -q netns attach eth0/1 blue name net1 up address 192.0.2.9/24 vlan 7
	seen '.event == "moved" and .vf == "eth0/1" and .new == "blue"'
	seen '.vf == "eth0/1" and .attr == "vlan" and .new == 7'
	seen '.event == "link" and .vf == "eth0/1" and .netns == "blue" and .new == "up"'
	sleep 0.5
	replayed
	sriovctl -q netns detach eth0/1
	seen '.event == "moved" and .vf == "eth0/1" and .old == "blue" and .new == null'
	seen '.vf == "eth0/1" and .attr == "vlan" and .new == 0'
	sleep 0.5
	replayed
	ended
}

@test "while the PF is down what differs is found by looking" {
	vfs $PF0 1
	ip link set eth0 down
	watching
	ip link set eth0 vf 0 vlan 9
	seen '.vf == "eth0/0" and .attr == "vlan" and .new == 9 and .reason == "found"'
	ip link set eth0 up
	seen '.event == "link" and .pf == "eth0" and .new == "up"'
	ip link set eth0 vf 0 vlan 10
	seen '.vf == "eth0/0" and .attr == "vlan" and .new == 10 and .reason == null'
	# and then it sleeps
	local before='' now
	for _ in $(seq 20); do
		now=$(grep ^voluntary /proc/$pid/status)
		[[ $now != "$before" ]] || break
		before=$now
		sleep 2
	done
	[ "$now" = "$before" ]
	ended
}

@test "drivers: of VFs, of the PF" {
	vfs $PF0 1
	watching
	bind_vfio $PF0 0
	after '.event == "unbound" and .vf == "eth0/0" and .old == "igbvf"' '.event == "bound" and .vf == "eth0/0" and .new == "vfio-pci"'
	seen '.event == "interface" and .vf == "eth0/0" and .new == null'
	echo $PF0 >/sys/bus/pci/drivers/igb/unbind
	seen '.event == "destroyed" and .vf == "eth0/0"'
	seen '.event == "unbound" and .object == "pf" and .old == "igb"'
	seen '.event == "interface" and .object == "pf" and .old == "eth0" and .new == null and .pf == "0000:21:00.0"'
	echo $PF0 >/sys/bus/pci/drivers/igb/bind
	seen '.event == "bound" and .object == "pf" and .new == "igb"'
	seen '.event == "interface" and .object == "pf" and .new == "eth0" and .pf == "eth0"'
	ended
}

@test "a PF that is removed, and comes back, and has VFs then" {
	vfs $PF0 2
	watching
	echo 1 >"$sysfs/$PF0/remove"
	after '.event == "destroyed" and .index == 0' '.event == "gone" and .object == "pf" and .bdf == "0000:21:00.0"'
	[ "$(count '.event == "destroyed"')" -eq 2 ]
	echo 1 >/sys/bus/pci/rescan
	after '.event == "gone"' '.event == "back" and .bdf == "0000:21:00.0"' '.event == "interface" and .new == "eth0"'
	vfs $PF0 1
	after '.event == "back"' '.event == "created" and .vf == "eth0/0"' '.event == "bound" and .vf == "eth0/0"'
	ip link set eth0 vf 0 vlan 4
	seen '.vf == "eth0/0" and .attr == "vlan" and .new == 4'
	ended
}

@test "a storm of 500 changes: all are told, or it is said how many were not seen" {
	vfs $PF0 7
	storm 500
	watching
	ip -batch /run/storm
	seen '.vf == "eth0/2" and .new == 500'
	sleep 1
	[ "$(covered)" -eq 500 ]
	# one by one there is time for each
	: >/run/events # appended to from where it was: NUL bytes before it
	ended
	watching
	for i in $(seq 50); do ip link set eth0 vf $((i % 7)) vlan $((i + 1000)); done
	seen '.new == 1050'
	[ "$(covered)" -eq 50 ]
	[ "$(count '.event == "changed"')" -ge 40 ]
	ended
}

@test "messages that the kernel dropped: a new picture, and it is said" {
	vfs $PF0 7
	storm 500
	sriovctl -j vf list >/run/before
	echo 8192 >/proc/sys/net/core/rmem_max
	watch setpriv --bounding-set -net_admin --inh-caps -net_admin sriovctl monitor
	kill -STOP $pid
	ip -batch /run/storm
	kill -CONT $pid
	seen '.event == "resync" and .reason == "overrun" and .object == null and .differences > 0'
	replayed
	# and it goes on
	ip link set eth0 vf 0 vlan 4077
	seen '.vf == "eth0/0" and .new == 4077 and .reason == null'
	ended
}

@test "a reader that is slow, and one that goes" {
	vfs $PF0 7
	storm 1000
	mkfifo /run/fifo
	exec 7<>/run/fifo # nobody reads
	sriovctl -j monitor >/run/fifo 2>/run/errors 3>&- 7>&- &
	pid=$!
	sleep 1
	ip -batch /run/storm
	sleep 0.5
	ended # though it waits for room
	exec 7<&-
	rm /run/fifo
	# all arrives when it is read in the end
	local job
	sriovctl -j monitor 3>&- | { sleep 3; cat; } >/run/events 3>&- &
	job=$! # a bare wait would be for the time limit of the test as well
	sleep 1.5
	pid=$(pidof sriovctl)
	ip -batch /run/storm
	seen '.new == 1000'
	[ "$(covered)" -eq 1000 ] || is '.reason == "overrun"'
	kill "$pid"
	wait "$job"
	# the reader goes in the middle of it
	{ ip -batch /run/storm; sleep 1; ip -batch /run/storm; } 3>&- &
	job=$!
	run bash -c 'set -o pipefail; sriovctl -j monitor 2>/run/errors | head -3 >/dev/null'
	[ "$status" -eq 141 ]
	[ ! -s /run/errors ]
	wait "$job"
}

@test "whatever happens: the events make the old picture the new one" {
	local i n name vfs
	RANDOM=7
	vfs $PF0 3
	ip netns add blue
	sriovctl -j vf list >/run/before
	watching
	for i in $(seq 60); do
		vfs=$(find "$sysfs/$PF0/" -name 'virtfn*' | wc -l)
		n=$((RANDOM % vfs))
		name=$(vf_if $PF0 $n)
		case $((RANDOM % 8)) in
		0) ip link set eth0 vf $n vlan $((RANDOM % 4000)) ;;
		1) ip link set eth0 vf $n trust "$([ $((RANDOM % 2)) = 1 ] && echo on || echo off)" ;;
		2) [ "$name" = '*' ] || ip link set "$name" netns blue ;;
		3) [ "$name" = '*' ] || ip link set "$name" up ;;
		4) ip netns del blue; ip netns add blue ;;
		5) [ $((i % 4)) -ne 0 ] || { echo 0 >"$sysfs/$PF0/sriov_numvfs"; echo $((RANDOM % 4 + 1)) >"$sysfs/$PF0/sriov_numvfs"; } ;;
		6) if [ -e "$sysfs/$PF0/virtfn$n/driver" ]; then vf_bdf $PF0 $n >"$sysfs/$PF0/virtfn$n/driver/unbind"; else vf_bdf $PF0 $n >/sys/bus/pci/drivers_probe; fi ;;
		7) [ "$name" = '*' ] || { ip link set "$name" down && ip link set "$name" name "n$i"; } ;;
		esac
	done
	# names come home late; of what drivers do through the PF it is told at the next occasion
	for i in $(seq 20); do
		sleep 1
		ip link set eth0 vf 0 vlan "$i"
		sleep 0.5
		! replayed >/dev/null || break
	done
	replayed
	ended
}

@test "without privilege: what can be heard, and what not" {
	vfs $PF0 2
	watch setpriv --reuid 1000 --regid 1000 --clear-groups sriovctl monitor
	ip link set eth0 vf 0 vlan 5
	seen '.vf == "eth0/0" and .attr == "vlan" and .new == 5'
	ip link set "$(vf_if $PF0 0)" up
	seen '.event == "link" and .vf == "eth0/0" and .new == "up"'
	ip netns add blue
	ip link set "$(vf_if $PF0 1)" netns blue
	seen '.event == "moved" and .vf == "eth0/1" and (.new | startswith("nsid:") or . == "blue")'
	ip netns del blue
	seen '.event == "moved" and .vf == "eth0/1" and .new == null'
	echo 0 >"$sysfs/$PF0/sriov_numvfs"
	seen '.event == "destroyed"'
	[ "$(grep -c 'needs root' /run/errors)" -eq 1 ]
	: >/run/errors
	ended
}

@test "PCI error recovery is told, a function-level reset cannot be seen" {
	modprobe aer_inject || skip 'this kernel cannot pretend errors'
	ip link set eth1 up
	watching
	# struct aer_error_inj: bus 41, device 0, function 0, completion timeout
	{ printf '\x41\0\0\0\0\x40\0\0'; head -c 24 /dev/zero; } >/run/error
	dd if=/run/error of=/dev/aer_inject bs=32 count=1 2>/dev/null
	after '.event == "reset" and .pf == "eth1" and .attr == "recovery" and .new == "BEGIN_RECOVERY"' \
		'.event == "reset" and .pf == "eth1" and .new == "SUCCESSFUL_RECOVERY"'
	vfs $PF0 1
	bind_vfio $PF0 0
	local before
	before=$(count '.event == "reset"')
	sriovctl -q vf reset eth0/0
	sleep 1
	[ "$(count '.event == "reset"')" -eq "$before" ]
	ended
}

@test "netdevsim: a PF comes, its VFs, reload and health by devlink; it goes" {
	modprobe netdevsim 2>/dev/null || [ -d /sys/bus/netdevsim ] || skip 'no netdevsim'
	watching
	echo '1 1' >/sys/bus/netdevsim/new_device
	seen '.event == "back" and .pf == "netdevsim/netdevsim1" and .bdf == null'
	seen '.event == "interface" and .object == "pf" and .new != null'
	local name
	name=$(basename /sys/bus/netdevsim/devices/netdevsim1/net/*)
	echo 3 >/sys/bus/netdevsim/devices/netdevsim1/sriov_numvfs
	seen ".event == \"created\" and .vf == \"$name/2\""
	ip link set "$name" up
	ip link set "$name" vf 1 vlan 5 proto 802.1ad
	seen ".vf == \"$name/1\" and .attr == \"proto\" and .old == \"802.1q\" and .new == \"802.1ad\""
	ip link set "$name" vf 1 state disable
	seen ".vf == \"$name/1\" and .attr == \"state\" and .old == \"auto\" and .new == \"disable\""
	echo 1 >/sys/bus/netdevsim/devices/netdevsim1/sriov_numvfs 2>/dev/null || echo 0 >/sys/bus/netdevsim/devices/netdevsim1/sriov_numvfs
	seen ".event == \"destroyed\" and .vf == \"$name/2\""
	devlink dev reload netdevsim/netdevsim1
	seen '.event == "reset" and .attr == "reload" and .new == "done"'
	echo boom >/sys/kernel/debug/netdevsim/netdevsim1/health/break_health
	after '.event == "health" and .attr == "dummy" and .new == "error"' '.event == "health" and .attr == "dummy" and .new == "healthy"'
	echo 1 >/sys/bus/netdevsim/del_device
	seen '.event == "gone"'
	ended
}
