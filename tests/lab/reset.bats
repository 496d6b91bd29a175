#!/usr/bin/env bats
# Inside the VM: vf reset, on a device and a driver that hang for ever when it is done wrongly.

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=180; }

setup() {
	load helper
	load_libraries
	clean_slate
	lab="$(dirname "$(command -v sriovctl)")/lab"
}

# Nothing stays that would keep bats or the next test waiting, whatever failed.
teardown() {
	pkill -KILL -x sriovctl || true
	pkill -KILL -x vfio-open || true
	[ ! -e /run/covered ] || umount "$(cat /run/covered)" 2>/dev/null || true
	rm -f /run/covered /run/unread
}

# cover FILE WITH: writes to a sysfs file go elsewhere
cover() {
	mount --bind "$2" "$1"
	echo "$1" >/run/covered
}

driver() { basename "$(readlink "$sysfs/$(vf_bdf "$1" "$2")/driver" || echo none)"; }
carrier_of() { for _ in $(seq 50); do [ "$(cat "/sys/class/net/$1/carrier" 2>/dev/null)" = 1 ] && return; sleep 0.1; done; return 1; }

# The last settings of a VF that it would not have as a new one, the address last of all: a
# trusted VF would put its own back.
spoil() {
	ip link set eth0 vf "$1" vlan 100 qos 3 spoofchk off
	ip link set eth0 vf "$1" mac "52:54:00:aa:00:0$1"
	[ $# -eq 1 ] || ip link set eth0 vf "$1" "${@:2}"
}

# like_new INDEX: what the PF says of it
like_new() {
	sriovctl -j vf show "eth0/$1" | jq -e --arg was "52:54:00:aa:00:0$1" '.[0] | .mac != $was and .vlan == 0 and .qos == 0 and
		.spoofchk == true and .trust == false and .max_tx_rate == 0'
}

passes() {
	for _ in $(seq 15); do
		ip -n "$1" neigh flush all
		ip netns exec "$1" busybox ping -q -c 1 -W 1 "$2" >/dev/null 2>&1 && return
	done
	return 1
}
blocked() { ip -n "$1" neigh flush all; ! ip netns exec "$1" busybox ping -q -c 2 -W 1 "$2" >/dev/null 2>&1; }

@test "a VF whose interface is down, with igbvf: comes back, reset, with its name" {
	ip link set eth0 up
	carrier_of eth0
	sriovctl vf create eth0 2
	carrier_of eth0
	ip link set "$(vf_if $PF0 0)" name store0 mtu 1400
	ip link property add dev store0 altname store0-net
	spoil 0
	for _ in $(seq 50); do ip link set eth0 vf 0 max_tx_rate 100 2>/dev/null && break; sleep 0.2; done
	[ "$(ip_vf eth0 0 rate.max_tx)" -eq 100 ]
	other=$(sriovctl -j vf show eth0/1)
	run timeout 60 sriovctl vf reset eth0/0
	assert_success
	assert_line 'eth0/0: reset flr'
	assert_line 'eth0/0: vlan 100 -> 0'
	assert_line 'eth0/0: max_tx_rate 100 -> 0'
	like_new 0
	[ "$(driver $PF0 0)" = igbvf ]
	# its name is who it is, its MTU a setting
	ip -j link show store0 | jq -e '.[0] | .mtu == 1500 and .altnames == ["store0-net"] and (.flags | contains(["UP"]) | not)'
	jq -e '.[0] | .ifname == "store0" and .if_mac == .mac and .driver_override == null' <<<"$(sriovctl -j vf show eth0/0)"
	[ "$(sriovctl -j vf show eth0/1)" = "$other" ]
	[ -z "$(ls /run/sriovctl/journal)" ]
	# and it works
	ip link set store0 up
	run --separate-stderr sriovctl -j vf reset eth0/0
	assert_success
	jq -e '.changed and ([.actions[] | select(.attr == "reset")] == [{object: "eth0/0", attr: "reset", old: null, new: "flr", result: "done"}])' <<<"$output"
	ip -j link show store0 | jq -e '.[0].flags | contains(["UP"])'
}

@test "traffic flows again after the reset of a VF that is up" {
	ip link set eth0 up
	carrier_of eth0
	sriovctl vf create eth0 2
	carrier_of eth0
	ip netns add blue
	peer=$(vf_if $PF0 1)
	ip link set "$peer" netns blue
	ip -n blue addr add 192.0.2.2/24 dev "$peer"
	ip -n blue link set "$peer" up
	ip link set "$(vf_if $PF0 0)" name store0
	ip link set store0 up
	ip addr add 192.0.2.1/24 dev store0
	passes blue 192.0.2.1
	ip link set eth0 vf 0 vlan 100
	blocked blue 192.0.2.1
	run sriovctl vf reset eth0/0
	assert_failure 3
	assert_output --partial 'eth0/0: refused: it has address 192.0.2.1/24'
	[ "$(ip_vf eth0 0 'vlan_list[0].vlan')" -eq 100 ]
	ip addr flush dev store0
	start=$SECONDS
	run timeout 60 sriovctl vf reset eth0/0
	assert_success
	[ $((SECONDS - start)) -lt 30 ]
	ip -j link show store0 | jq -e '.[0].flags | contains(["UP"])'
	ip addr add 192.0.2.1/24 dev store0
	passes blue 192.0.2.1
	# and of one that it is taken from, by force
	run timeout 60 sriovctl vf reset eth0/0 --force=in-use
	assert_success
	ip addr add 192.0.2.1/24 dev store0
	passes blue 192.0.2.1
}

@test "with vfio-pci, with no driver, with igbvf, all in one: each keeps its driver" {
	ip link set eth0 up
	sriovctl vf create eth0 3
	sriovctl vf create eth1 1
	sriovctl vf bind eth0/0 vfio-pci
	sriovctl vf unbind eth0/1
	spoil 0 trust on
	spoil 1 trust on
	spoil 2
	ip link set eth1 vf 0 vlan 5
	run timeout 90 sriovctl vf reset eth0/all eth1/0
	assert_success
	for vf in 0 1 2; do like_new $vf; assert_line "eth0/$vf: reset flr"; done
	[ "$(ip_vf eth1 0 'vlan_list[0].vlan')" = null ] || [ "$(ip_vf eth1 0 'vlan_list[0].vlan')" -eq 0 ]
	[ "$(driver $PF0 0) $(driver $PF0 1) $(driver $PF0 2) $(driver $PF1 0)" = 'vfio-pci none igbvf igbvf' ]
	for vf in 0 1 2; do [ "$(cat "$sysfs/$(vf_bdf $PF0 $vf)/driver_override")" = '(null)' ]; done
	"$lab/vfio-open" -t "$(sriovctl -j vf show eth0/0 | jq -r '.[0].vfio')" "$(vf_bdf $PF0 0)"
	# unset: the address of one without a driver
	jq -e '.[0].mac == "00:00:00:00:00:00"' <<<"$(sriovctl -j vf show eth0/1)"
}

@test "a trusted VF that has an address of its own and is up" {
	ip link set eth0 up
	carrier_of eth0
	sriovctl vf create eth0 1
	carrier_of eth0
	ip link set eth0 vf 0 vlan 100
	ip link set eth0 vf 0 trust on
	name=$(vf_if $PF0 0)
	ip link set "$name" up
	ip link set "$name" address 52:54:00:aa:00:07
	run timeout 60 sriovctl vf reset eth0/0
	assert_success
	jq -e '.[0] | .mac != "52:54:00:aa:00:07" and .if_mac == .mac and .trust == false and .vlan == 0 and .up' <<<"$(sriovctl -j vf show eth0/0)"
	[ "$(vf_if $PF0 0)" = "$name" ]
}

@test "a device without a reset: it says so, and the settings are reset" {
	ip link set eth0 up
	sriovctl vf create eth0 2
	for vf in 0 1; do echo >"$sysfs/$(vf_bdf $PF0 $vf)/reset_method"; done
	spoil 0
	name=$(vf_if $PF0 0)
	run timeout 60 sriovctl vf reset eth0/0
	assert_success
	assert_output --partial 'warning: eth0/0: the device has no function-level reset; only its settings are reset'
	refute_output --partial 'reset flr'
	like_new 0
	[ "$(driver $PF0 0)" = igbvf ]
	[ "$(vf_if $PF0 0)" = "$name" ]
	spoil 1
	sriovctl vf unbind eth0/1
	run --separate-stderr sriovctl -j vf reset eth0/1
	assert_success
	jq -e '.changed and (.warnings | length) == 1 and all(.actions[]; .attr != "reset")' <<<"$output"
	like_new 1
}

@test "dry run, and a reset that the kernel refuses: all is as it was" {
	ip link set eth0 up
	sriovctl vf create eth0 2
	ip link set "$(vf_if $PF0 0)" name store0
	ip link property add dev store0 altname store0-net
	ip link set store0 up
	spoil 0
	spoil 1
	strip='[.[] | del(.ifindex, .link, .if_mac)]'
	sriovctl -j vf show eth0/all | jq "$strip" >/run/before
	run sriovctl vf reset eth0/all --dry-run
	assert_success
	assert_line 'eth0/0: reset flr  (planned)'
	diff /run/before <(sriovctl -j vf show eth0/all | jq "$strip")
	cover "$(realpath "$sysfs/$(vf_bdf $PF0 1)/reset")" /dev/full
	run --separate-stderr sriovctl -j vf reset eth0/all
	umount "$(cat /run/covered)"
	assert_failure 2
	jq -e '.changed == false and .error.object == "eth0/1" and .error.attr == "reset"' <<<"$output"
	sriovctl -j vf show eth0/all | jq "$strip" >/run/after
	diff /run/before /run/after
	[ -z "$(ls /run/sriovctl/journal)" ]
}

@test "a reset that does not come back: exit 6 in time; the next command puts it right" {
	ip link set eth0 up
	sriovctl vf create eth0 1
	ip link set "$(vf_if $PF0 0)" name store0
	mkfifo /run/unread
	cover "$(realpath "$sysfs/$(vf_bdf $PF0 0)/reset")" /run/unread
	spoil 0
	start=$SECONDS
	run timeout 40 sriovctl vf reset eth0/0 --timeout 3
	[ $((SECONDS - start)) -lt 20 ]
	assert_failure 6
	assert_output --partial 'not finished in time'
	pkill -KILL -x sriovctl # its child waits at the pipe
	umount "$(cat /run/covered)"
	rm /run/unread
	run timeout 60 sriovctl vf reset eth0/0
	assert_success
	assert_output --partial 'was cut off earlier'
	like_new 0
	[ "$(driver $PF0 0)" = igbvf ]
	[ "$(vf_if $PF0 0)" = store0 ]
	[ -z "$(ls /run/sriovctl/journal)" ]
}

@test "never under a VM that has it open" {
	sriovctl vf create eth0 1
	sriovctl vf bind eth0/0 vfio-pci
	"$lab/vfio-open" "$(sriovctl -j vf show eth0/0 | jq -r '.[0].vfio')" "$(vf_bdf $PF0 0)" >/run/out 2>&1 3>&- 4>&- &
	timeout 10 sh -c 'until grep -qs open /run/out; do sleep 0.1; done'
	for force in '' --force --force=in-use; do
		# shellcheck disable=SC2086
		run timeout 20 sriovctl vf reset eth0/0 $force
		assert_failure 3
		assert_output --partial "held by process $! (vfio-open)"
	done
	kill $!
	wait $! || true
	run sriovctl vf reset eth0/0
	assert_success
}
