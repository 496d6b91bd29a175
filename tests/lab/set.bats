#!/usr/bin/env bats
# Inside the VM: vf set and pf set on a real driver.
# shellcheck disable=SC2086,SC2154 # as in the other tests: PF0 and PF1 are words, helper's

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=120; }

setup() {
	load helper
	load_libraries
	shim="$(dirname "$(command -v sriovctl)")/lab/failwrite.so"
	[ -e /run/fresh ] && tidy && diff /run/fresh <(shape) && return
	clean_slate
	vfs $PF0 4 &
	vfs $PF1 3
	wait $!
	tidy
	shape >/run/fresh
}

# Every test gets 4 VFs of eth0 and 3 of eth1, called p0v0 to p1v2, down, without settings, both
# PFs up with a link. To make them takes 8 s: those of the test before are taken, unless it has
# failed, or has said that it leaves more behind than tidy puts right.
dirty() { rm -f /run/fresh; }

# shape: what the next test relies on; addresses may differ
shape() { picture | sed -E 's/([0-9a-f]{2}:){5}[0-9a-f]{2}/M/g'; }

each_vf() { # COMMAND...: with the PF's name, the VF's number, and what its interface is to be called
	local vf
	for vf in 0 1 2 3; do "$@" eth0 $PF0 $vf p0v$vf; done
	for vf in 0 1 2; do "$@" eth1 $PF1 $vf p1v$vf; done
}

# no trust first: with it, igbvf puts its own address back at each change of the MTU; without, it
# takes the PF's
factory_settings() {
	local name
	name=$(vf_if "$2" "$3")
	echo "link set $1 vf $3 trust off vlan 0 spoofchk on max_tx_rate 0"
	echo "link set $name down"
	echo "link set $name name $4 mtu 1501"
	echo "link set $4 mtu 1500"
}

tidy() {
	local ns
	rm -rf /run/sriovctl
	for ns in $(ip netns list | cut -d' ' -f1); do
		ip -n "$ns" -o link show | sed -n 's/^[0-9]*: \(v0\|blue0\).*/\1/p' | xargs -r -I{} ip -n "$ns" link set {} netns 1
		ip netns del "$ns"
	done
	each_vf factory_settings | ip -batch -
}

teardown() {
	[ -n "$BATS_TEST_COMPLETED" ] || dirty
	pkill -KILL -x holder || true
}

# ip_vfs PF FILTER: iproute2's list of a PF's VFs, through jq
ip_vfs() { ip -j link show "$1" | jq -c ".[0].vfinfo_list | $2"; }

@test "every attribute, many VFs of both PFs in one command; again: nothing is sent; only what differs" {
	run sriovctl -j vf set eth0/all eth1/0,2 vlan 100 qos 3 proto 802.1q max_tx_rate 0.1gbit spoofchk off trust on
	assert_success
	jq -e '.changed and (.actions | length) == 6 * 5 and all(.actions[]; .result == "done") and
		([.actions[].object] | unique) == ["eth0/0", "eth0/1", "eth0/2", "eth0/3", "eth1/0", "eth1/2"] and
		(.actions[0] == {object: "eth0/0", attr: "vlan", old: 0, new: 100, result: "done"})' <<<"$output"
	all='[.[] | [.vlan_list[0].vlan, .vlan_list[0].qos, .rate.max_tx, .spoofchk, .trust]]'
	set='[100,3,100,false,true]' fresh='[null,null,0,true,false]'
	[ "$(ip_vfs eth0 "$all")" = "[$set,$set,$set,$set]" ]
	[ "$(ip_vfs eth1 "$all")" = "[$set,$fresh,$set]" ]
	counting sriovctl -j vf set eth0/all eth1/0,2 vlan 100 qos 3 proto 802.1q max_tx_rate 100 spoofchk off trust on >/run/out
	[ "$changes" -eq 0 ]
	[ "$(jq -c '[.changed, .actions]' /run/out)" = '[false,[]]' ]
	run sriovctl vf set eth1/all eth0/3 vlan 100 qos 3 trust on
	assert_success
	assert_output $'eth1/1: vlan 0 -> 100\neth1/1: qos 0 -> 3\neth1/1: trust off -> on'
	run sriovctl vf set eth0/3 vlan 100 trust on
	refute_output
	run sriovctl -v vf set eth0/3 vlan 100 trust on
	assert_output 'eth0: nothing to do'
}

@test "a part of the VLAN keeps the rest of it; vlan 0 takes it away whole" {
	sriovctl vf set eth0/0,1 vlan 100 qos 3
	sriovctl vf set eth0/0 qos 5
	sriovctl vf set eth0/1 vlan 200
	[ "$(ip_vfs eth0 '[.[].vlan_list[0] | [.vlan, .qos]]')" = '[[100,5],[200,3],[null,null],[null,null]]' ]
	run sriovctl vf set eth0/all vlan 0
	assert_output $'eth0/0: vlan 100 -> 0\neth0/0: qos 5 -> 0\neth0/1: vlan 200 -> 0\neth0/1: qos 3 -> 0'
	[ "$(ip_vfs eth0 '[.[].vlan_list]')" = '[[{}],[{}],[{}],[{}]]' ] || [ "$(ip_vfs eth0 '[.[].vlan_list[0].vlan]')" = '[null,null,null,null]' ]
	keep
	run sriovctl vf set eth0/0 vlan 0 qos 5
	assert_failure 1
	assert_output --partial 'eth0/0: qos: it means nothing without a VLAN'
	unchanged
}

@test "what the driver cannot: exit 5, the attribute by name, nothing changed" {
	keep
	while read -r key value; do
		run --separate-stderr sriovctl -j vf set eth0/0-1 vlan 50 "$key" "$value"
		assert_failure 5
		[ "$(jq -r '[.error.code, .error.object, .error.attr] | join(" ")' <<<"$output")" = "5 eth0/0 $key" ]
	done <<-'END'
		state disable
		query_rss on
		node_guid 00:11:22:33:44:55:66:77
		port_guid 00:11:22:33:44:55:66:77
		msix 4
		proto 802.1ad
		min_tx_rate 10
	END
	unchanged
	run sriovctl vf set eth0/0 vlan 50 min_tx_rate 0 # that it can
	assert_success
}

@test "bad input, each of it: nothing is changed" {
	taken=$(ip_vf eth0 1 address)
	keep
	while IFS='|' read -r want says words; do
		# shellcheck disable=SC2086
		run sriovctl vf set $words
		assert_failure "$want"
		assert_output --partial "$says"
	done <<-END
		1|multicast address|eth0/0 vlan 60 mac 01:00:5e:00:00:01
		1|all-zero address|eth0/0 vlan 60 mac 00:00:00:00:00:00
		1|wants an address|eth0/0 vlan 60 mac 52:54:00
		1|one address cannot be that of several VFs|eth0/0-1 vlan 60 mac 52:54:00:aa:00:01
		1|one address cannot be that of several VFs|eth0/0 eth1/0 vlan 60 mac 52:54:00:aa:00:01
		3|already that of eth0/1|eth0/0 vlan 60 mac $taken
		3|already that of eth0/1|eth1/0 vlan 60 mac $taken
		3|already that of eth1|eth0/0 vlan 60 mac 52:54:00:00:00:02
		1|vlan: wants a number from 0 to 4094|eth0/0 trust on vlan 4095
		1|vlan: wants|eth0/0 trust on vlan 4294967297
		1|qos: wants a number from 0 to 7|eth0/0 trust on vlan 60 qos 8
		1|means nothing without a VLAN|eth0/0 trust on qos 1
		1|802.1q|eth0/0 trust on vlan 60 proto 802.1x
		1|Mbit|eth0/0 trust on max_tx_rate fast
		1|whole Mbit/s|eth0/0 trust on max_tx_rate 1kbit
		1|more than the link of eth0 has: 1000|eth0/0 trust on max_tx_rate 1001
		1|on or off|eth0/0 vlan 60 trust maybe
		4|no VF 4|eth0/0-4 vlan 60
		4|no VF 3|eth0/0 eth1/3 vlan 60
		1|vlan|eth0/0 vlan 60 trust on vlan 61
		1|eth0|eth0 vlan 60
		4|nosuch|nosuch/0 vlan 60
		1|vlann|eth0/0 trust on vlann 60
		1|vlan|eth0/0 trust on vlan
		1|MTU from 68 to 9216|eth0/0 vlan 60 mtu 9217
		1|one name cannot be given to 2 VFs|eth0/0-1 vlan 60 name storage0
		1|another interface has the name eth1|eth0/0 vlan 60 name eth1
		1|15 bytes|eth0/0 vlan 60 name sixteen-bytes-xx
	END
	unchanged
	mkdir -p /run/sriovctl # anyone could in the VM, whose /run is open to all
	chmod 700 /run/sriovctl
	run setpriv --reuid=65534 --regid=65534 --clear-groups "$(command -v sriovctl)" vf set eth0/0 vlan 60
	assert_failure 2
	assert_output --partial 'sudo'
	unchanged
}

@test "the kernel refuses at the last VF of the second PF: all of both PFs is put back" {
	sriovctl vf set eth0/0 eth1/0 vlan 100 qos 2
	keep
	# as igb would: what stands before it in the request is done
	FAIL_SEND=vf2:22 LD_PRELOAD=$shim run --separate-stderr sriovctl -j vf set eth0/0-1 eth1/all vlan 200 trust on spoofchk off
	assert_failure 2
	jq -e '.changed == false and .error.code == 2 and .error.object == "eth1/2" and .error.attr == "vlan" and
		.error.kernel == "Invalid argument" and
		([.actions[] | select(.object == "eth1/2") | .result] == ["failed", "skipped", "skipped"]) and
		([.actions[] | select(.object != "eth1/2") | .result] | length == 12 and all(. == "undone")) and
		.actions[0] == {object: "eth0/0", attr: "vlan", old: 100, new: 200, result: "undone"}' <<<"$output"
	unchanged
	[ -z "$(ls /run/sriovctl/journal)" ]
	# the same in words, and at the second attribute of the third VF of one PF; 1 is the request
	# for all, then there is one for each attribute: 9 is the second of VF 2
	FAIL_SEND='1:22 9:22' LD_PRELOAD=$shim run --separate-stderr sriovctl vf set eth0/0-3 vlan 200 trust on spoofchk off
	assert_failure 2
	assert_line 'eth0/0: vlan 100 -> 200  (undone)'
	assert_line 'eth0/2: vlan 0 -> 200  (undone)'
	assert_line 'eth0/2: spoofchk on -> off  (failed)'
	assert_line 'eth0/2: trust off -> on  (skipped)'
	assert_line 'eth0/3: vlan 0 -> 200  (skipped)'
	assert_line 'all is as it was before'
	[ "${stderr_lines[0]}" = 'sriovctl: eth0/2: spoofchk: cannot set it to off: the driver does not take this value: Invalid argument' ]
	unchanged
}

@test "a value that is accepted and not kept is found out, and what was kept is put back" {
	keep
	FAIL_SEND=1:ignore LD_PRELOAD=$shim run --separate-stderr sriovctl -j vf set eth0/0-1 vlan 200
	assert_failure 2
	jq -e '.changed == false and .error.object == "eth0/0" and .error.attr == "vlan" and .error.kernel == null and
		(.error.message | test("accepted the value and did not keep it"))' <<<"$output"
	unchanged
	# one PF keeps it, the other does not
	FAIL_SEND=2:ignore LD_PRELOAD=$shim run sriovctl vf set eth0/0 eth1/0 vlan 200
	assert_failure 2
	assert_output --partial 'eth0/0: vlan 0 -> 200  (undone)'
	unchanged
}

@test "what cannot be put back, refused or not kept: exit 8, and the next command finishes it" {
	sriovctl vf set eth0/0 vlan 100
	keep
	for how in 5 ignore; do
		FAIL_SEND="vf1:22 3+:$how" LD_PRELOAD=$shim run sriovctl vf set eth0/0-1 vlan 200
		assert_failure 8
		assert_output --partial 'eth0/0: vlan 100 -> 200  (not undone)'
		assert_output --partial 'could not be put back'
		[ -n "$(ls /run/sriovctl/journal)" ]
		[ "$(ip_vf eth0 0 'vlan_list[0].vlan')" -eq 200 ]
		run sriovctl pf list
		assert_output --partial 'was cut off'
		run sriovctl vf set eth0/3 spoofchk on
		assert_success
		assert_output --partial 'was cut off earlier'
		unchanged
		[ -z "$(ls /run/sriovctl/journal)" ]
	done
}

@test "a new address reaches the interface: rebound, its name, altname, MTU and state put back" {
	# 0: not trusted, down; 1: trusted, up; 2: trusted, down
	for vf in 0 1 2; do
		ip link set "$(vf_if $PF0 $vf)" name store$vf mtu 1400
		ip link property add dev store$vf altname store-$vf
	done
	ip link set store1 up
	ip link set eth0 vf 1 trust on
	ip link set eth0 vf 2 trust on
	for vf in 0 1 2; do
		run sriovctl vf set eth0/$vf vlan 10 mac 52:54:00:aa:00:0$vf
		assert_success
		assert_output --partial "eth0/$vf: driver igbvf  (rebound)"
		assert_output --partial "eth0/$vf: altname store-$vf  (put back)"
		[ "$(ip_vf eth0 $vf address)" = 52:54:00:aa:00:0$vf ]
		[ "$(vf_if $PF0 $vf)" = store$vf ]
		[ "$(cat /sys/class/net/store$vf/mtu)" -eq 1400 ]
		ip link show dev store-$vf >/run/out
		up=$((0x$(sed s/0x// /sys/class/net/store$vf/flags) & 1))
		[ "$up" -eq $((vf == 1)) ]
		[ "$(cat $sysfs/$PF0/virtfn$vf/driver_override)" = '(null)' ]
		# and stays so
		ip link set store$vf up
		ip link set store$vf down
		[ "$(cat /sys/class/net/store$vf/address)" = 52:54:00:aa:00:0$vf ]
		[ "$(ip_vf eth0 $vf address)" = 52:54:00:aa:00:0$vf ]
	done
	counting sriovctl vf set eth0/1 mac 52:54:00:aa:00:01
	[ "$changes" -eq 0 ]
	# two swap theirs in two commands, as one cannot say it
	keep
	run sriovctl vf set eth0/0 mac 52:54:00:aa:00:01
	assert_failure 3
	unchanged
	run sriovctl vf set eth0/0 mac 52:54:00:aa:00:01 --force=duplicate-mac
	assert_success
	[ "$(cat /sys/class/net/store0/address)" = 52:54:00:aa:00:01 ]
	for vf in 0 1 2; do ip link property del dev store$vf altname store-$vf; done
}

@test "a rebind that does not come to its end: address, driver, interface as before" {
	sriovctl vf set eth0/0 mac 52:54:00:a9:00:01
	ip link set "$(vf_if $PF0 0)" name store0 mtu 1400 up
	keep
	bdf=$(vf_bdf $PF0 0)
	# the driver cannot be had back: not within this command either
	FAIL_WRITE="/drivers_probe=$bdf:5" LD_PRELOAD=$shim run sriovctl vf set eth0/0 mac 52:54:00:a9:00:02
	assert_failure 8
	run sriovctl vf set eth0/1 trust off
	assert_success
	assert_output --partial 'was cut off earlier'
	unchanged
	FAIL_SEND=1:22 LD_PRELOAD=$shim run sriovctl vf set eth0/0 mac 52:54:00:a9:00:02
	assert_success # the second try
	ip link set store0 down
	sriovctl vf set eth0/0 mac 52:54:00:a9:00:01
	ip link set store0 up
	FAIL_SEND='vf0:22' LD_PRELOAD=$shim run sriovctl vf set eth0/0 mac 52:54:00:a9:00:02
	assert_failure 2
	unchanged
}

@test "an address of a VF in use: exit 3; by force all the same; another namespace: only by force, with a warning" {
	name=$(vf_if $PF0 0)
	ip link set "$name" up
	ip addr add 192.0.2.1/24 dev "$name"
	keep
	run sriovctl vf set eth0/0 vlan 60 mac auto
	assert_failure 3
	assert_output --partial 'eth0/0: refused: it has address 192.0.2.1/24'
	assert_output --partial '--force=in-use'
	unchanged
	run sriovctl vf set eth0/0 vlan 60 # the rest may be set
	assert_success
	run sriovctl vf set eth0/0 mac 52:54:00:b0:00:01 --force=in-use
	assert_success
	[ "$(cat "/sys/class/net/$name/address")" = 52:54:00:b0:00:01 ]
	ip netns add blue
	ip link set "$(vf_if $PF0 1)" netns blue name blue0
	ip -n blue link set blue0 up
	keep
	run sriovctl vf set eth0/1 mac 52:54:00:b0:00:02
	assert_failure 3
	assert_output --partial 'network namespace blue'
	unchanged
	run sriovctl vf set eth0/1 mac 52:54:00:b0:00:02 --force=in-use
	assert_success
	assert_output --partial 'blue0 in blue has no traffic until it takes the new address'
	[ "$(ip_vf eth0 1 address)" = 52:54:00:b0:00:02 ]
	[ "$(ip -n blue -j link show blue0 | jq -r '.[0].address')" != 52:54:00:b0:00:02 ]
	# what the warning says helps
	ip -n blue link set blue0 down
	[ "$(ip -n blue -j link show blue0 | jq -r '.[0].address')" = 52:54:00:b0:00:02 ]
	run sriovctl vf set eth0/1 mtu 1400
	assert_failure 3
	assert_output --partial 'network namespace blue'
}

@test "an address of a VF that a VM has: set, and its driver left alone" {
	bind_vfio $PF0 0
	hold 4<>"$(sriovctl -j vf show eth0/0 | jq -r '.[0].vfio')"
	sleep 0.3
	run timeout 20 sriovctl vf set eth0/0 mac 52:54:00:b1:00:01 vlan 10
	assert_success
	assert_output --regexp '^eth0/0: mac .* -> 52:54:00:b1:00:01
eth0/0: vlan 0 -> 10$'
	[ "$(ip_vf eth0 0 address)" = 52:54:00:b1:00:01 ]
	[ "$(basename "$(readlink $sysfs/$PF0/virtfn0/driver)")" = vfio-pci ]
	run sriovctl vf set eth0/0 mtu 1400
	assert_failure 4
	assert_output --partial 'no interface: it is bound to vfio-pci'
	pkill -KILL -x holder
	bdf=$(vf_bdf $PF0 0)
	until echo "$bdf" >/sys/bus/pci/drivers/vfio-pci/unbind; do sleep 0.1; done
	echo >"$sysfs/$bdf/driver_override"
	echo "$bdf" >/sys/bus/pci/drivers_probe
}

@test "mac auto: one for each VF, its own, and the same again" {
	run sriovctl vf set eth0/all eth1/all mac auto
	assert_success
	macs() { { ip_vfs eth0 '.[].address'; ip_vfs eth1 '.[].address'; } | tr -d '"'; }
	macs >/run/first
	[ "$(sort -u /run/first | wc -l)" -eq 7 ]
	run ! grep -v '^.[26ae]:' /run/first # locally administered, not multicast
	while read -r mac; do ip -br link show | grep -q " $mac "; done </run/first # the interfaces took them
	counting sriovctl vf set eth0/all eth1/all mac auto
	[ "$changes" -eq 0 ]
	sriovctl vf destroy eth0
	sriovctl vf create eth0 4
	sriovctl vf set eth0/2 mac auto
	sriovctl vf set eth0/0-1,3 mac auto
	diff /run/first <(macs)
	# one that somebody has already is not given away again
	first=$(head -1 /run/first)
	sriovctl vf set eth0/0 mac 52:54:00:b2:00:01
	ip link set eth1 address "$first"
	sriovctl vf set eth0/0 mac auto
	ip link set eth1 address 52:54:00:00:00:02
	[ "$(ip_vf eth0 0 address)" != 52:54:00:b2:00:01 ]
	[ "$(ip_vf eth0 0 address)" != "$first" ]
}

@test "the VF's interface: name, MTU, up, down, also renamed while it is up; again: nothing" {
	name=$(vf_if $PF0 0)
	run sriovctl vf set eth0/0 name store0 mtu 1400 up
	assert_success
	assert_output "eth0/0: ifname $name -> store0
eth0/0: mtu 1500 -> 1400
eth0/0: up off -> on"
	counting sriovctl vf set store0 name store0 mtu 1400 up
	[ "$changes" -eq 0 ]
	run sriovctl -j vf set store0 name "$name"
	assert_success
	[ "$(vf_if $PF0 0)" = "$name" ]
	grep -q 'UP' <(ip link show "$name")
	run sriovctl vf set "$(vf_bdf $PF0 0)" down mtu 1500
	assert_success
	assert_output "eth0/0: mtu 1400 -> 1500
eth0/0: up on -> off"
	run sriovctl vf set eth0/all eth1/all mtu 2000 up
	assert_success
	[ "$(ip -br link show up mtu 2000 2>/dev/null | wc -l)" -eq 7 ] || [ "$(ip link show up | grep -c 'mtu 2000')" -eq 7 ]
	run sriovctl vf set eth0/all eth1/all mtu 1500 down
	assert_success
}

@test "the VF's interface: when one setting fails, those before are undone" {
	name=$(vf_if $PF0 0)
	ip link property add dev eth1 altname taken0
	keep
	run sriovctl vf set eth0/0 vlan 5 name taken0
	assert_failure 1
	assert_output --partial 'another interface has the name taken0'
	unchanged
	# requests: 1 the VLAN, 2 the name, 3 the MTU
	FAIL_SEND=3:22 LD_PRELOAD=$shim run sriovctl vf set eth0/0 vlan 5 name store0 mtu 1400 up
	assert_failure 2
	assert_output --partial 'mtu: cannot set it to 1400: the interface does not take this MTU'
	assert_line "eth0/0: vlan 0 -> 5  (undone)"
	assert_line "eth0/0: ifname $name -> store0  (undone)"
	assert_line "eth0/0: mtu 1500 -> 1400  (failed)"
	assert_line "eth0/0: up off -> on  (skipped)"
	unchanged
	# the name is taken in between, by an interface or as an altname
	FAIL_SEND=2:17 LD_PRELOAD=$shim run sriovctl vf set eth0/0 vlan 5 name store0
	assert_failure 2
	assert_output --partial 'another interface has that name'
	unchanged
	# up, on the second PF
	ip link set "$name" up
	keep
	FAIL_SEND=3:22 LD_PRELOAD=$shim run sriovctl vf set eth0/0 eth1/0 mtu 1400 down
	assert_failure 2
	unchanged
	ip link property del dev eth1 altname taken0
}

@test "a VF whose interface the host lives on is not switched off unasked" {
	name=$(vf_if $PF0 0)
	ip link set "$name" up
	ip addr add 192.0.2.1/24 dev "$name"
	run sriovctl vf set eth0/0 down # an address alone is no reason: this is what was asked for
	assert_success
	ip link set "$name" up
	ip route add default via 192.0.2.254 dev "$name"
	keep
	run sriovctl vf set eth0/0 down
	assert_failure 3
	assert_output --partial 'default route'
	unchanged
	SSH_CONNECTION='192.0.2.9 5000 192.0.2.1 22' run sriovctl vf set eth0/0 down
	assert_failure 3
	assert_output --partial 'your SSH session'
	run sriovctl vf set eth0/0 down --force=in-use
	assert_success
	ip addr flush dev "$name"
}

@test "pf set: MTU, up, down, autoprobe; again: nothing; a warning where traffic suffers" {
	run sriovctl -j pf set eth1 mtu 2000 down autoprobe off
	assert_success
	jq -e '.changed and ([.actions[] | [.object, .attr, .old, .new, .result]] | sort) ==
		[["eth1", "autoprobe", true, false, "done"], ["eth1", "mtu", 1500, 2000, "done"], ["eth1", "up", true, false, "done"]]' <<<"$output"
	[ "$(cat /sys/class/net/eth1/mtu)" -eq 2000 ]
	grep -q '<BROADCAST,MULTICAST>' <(ip link show eth1)
	[ "$(cat $sysfs/$PF1/sriov_drivers_autoprobe)" -eq 0 ]
	counting sriovctl pf set eth1 mtu 2000 down autoprobe off
	[ "$changes" -eq 0 ]
	run sriovctl pf set $PF1 up autoprobe on
	assert_success
	grep -q '[<,]UP' <(ip link show eth1)
	keep
	for words in 'mtu 67' 'mtu 9217' 'mtu x' 'autoprobe maybe' 'vlan 5' 'up down' 'mtu 1500 mtu 1600'; do
		# shellcheck disable=SC2086
		run sriovctl pf set eth1 autoprobe off $words
		assert_failure 1
	done
	unchanged
	FAIL_SEND=1:22 LD_PRELOAD=$shim run sriovctl pf set eth1 mtu 1500 autoprobe off
	assert_failure 2
	unchanged
	ip link set "$(vf_if $PF1 0)" up
	ip addr add 192.0.2.1/24 dev "$(vf_if $PF1 0)"
	run sriovctl pf set eth1 mtu 1500
	assert_success
	assert_output --partial 'may take the link of eth1 and its VFs down'
	ip addr flush dev "$(vf_if $PF1 0)"
	until [ "$(cat /sys/class/net/eth1/carrier)" = 1 ]; do sleep 0.1; done
}

@test "pf set down is refused: default route, SSH session, VF in use, bridge; forced it is done" {
	refused() {
		run "${@:2}"
		assert_failure 3
		assert_output --partial "$1"
		unchanged
	}
	down=(sriovctl pf set eth0 down)
	ip addr add 192.0.2.1/24 dev eth0
	ip route add default via 192.0.2.254 dev eth0
	keep
	refused 'it carries the default route of this host' "${down[@]}"
	ip route del default
	SSH_CONNECTION='192.0.2.9 5000 192.0.2.1 22' refused 'it carries your SSH session' "${down[@]}"
	# from the environment of an ancestor, which sudo has taken away
	refused 'it carries your SSH session' env SSH_CONNECTION='192.0.2.9 5000 192.0.2.1 22' sh -c "env -u SSH_CONNECTION ${down[*]}; exit \$?"
	# over a VLAN interface on it
	ip addr flush dev eth0
	ip link add link eth0 name eth0.5 type vlan id 5
	ip link set eth0.5 up
	ip addr add 192.0.2.1/24 dev eth0.5
	keep
	SSH_CONNECTION='192.0.2.9 5000 192.0.2.1 22' refused 'it carries your SSH session' "${down[@]}"
	ip link del eth0.5
	ip link add br0 type bridge
	ip link set eth0 master br0
	keep
	refused 'it belongs to br0 (bridge)' "${down[@]}"
	ip link del br0
	name=$(vf_if $PF0 2)
	ip link set "$name" up
	ip addr add 192.0.2.1/24 dev "$name"
	keep
	refused 'eth0/2: refused: it has address 192.0.2.1/24' "${down[@]}"
	# another PF, and an SSH session elsewhere, are no reason
	SSH_CONNECTION='192.0.2.9 5000 198.51.100.1 22' run sriovctl pf set eth1 down
	assert_success
	run sriovctl pf set eth0 down --force=in-use
	assert_success
	grep -q '<BROADCAST,MULTICAST>' <(ip link show eth0)
	ip addr flush dev "$name"
	ip link set eth0 up
	ip link set eth1 up
	until [ "$(cat /sys/class/net/eth0/carrier)$(cat /sys/class/net/eth1/carrier)" = 11 ]; do sleep 0.1; done
}

@test "a PF that vanishes before or meanwhile: exit 4; without a link: no rates" {
	dirty
	ip link set eth0 down
	keep
	run sriovctl vf set eth0/0 vlan 5 max_tx_rate 100
	assert_failure 3
	assert_output --partial 'sriovctl pf set eth0 up'
	unchanged
	run sriovctl vf set eth0/0 vlan 5
	assert_success
	ip link set eth0 up
	mkdir -p /run/sriovctl/lock
	hold flock "/run/sriovctl/lock/pci-$PF1"
	sleep 0.5
	sriovctl vf set eth1/0 vlan 5 >/run/out 2>&1 3>&- &
	sleep 0.5
	echo $PF1 >/sys/bus/pci/drivers/igb/unbind
	kill %1 || true
	pkill -KILL -x holder
	wait $! && status=0 || status=$?
	cat /run/out
	[ "$status" -eq 4 ]
	run sriovctl vf set eth1/0 vlan 5
	assert_failure 4
	echo $PF1 >/sys/bus/pci/drivers/igb/bind
	[ -z "$(ls /run/sriovctl/journal 2>/dev/null)" ]
}

# Only what the emulated card does can be seen here: port VLANs separate VFs. Spoofchk and rates
# are kept by it, but not enforced: that they read back is all that can be tested.
@test "port VLANs on the wire: different ones are separate, the same is joined" {
	command -v busybox >/dev/null
	passes() {
		local i
		for i in $(seq 15); do
			ip -n "$1" neigh flush all
			ip netns exec "$1" busybox ping -q -c 1 -W 1 "$2" >/dev/null 2>&1 && return
		done
		return 1
	}
	blocked() {
		ip -n "$1" neigh flush all
		! ip netns exec "$1" busybox ping -q -c 2 -W 1 "$2" >/dev/null 2>&1
	}
	n=0
	for ns in a b c; do
		ip netns add $ns
		case $ns in c) name=$(vf_if $PF1 0) ;; *) name=$(vf_if $PF0 $n) ;; esac
		ip link set "$name" netns $ns name v0
		n=$((n + 1))
		ip -n $ns addr add 192.0.2.$n/24 dev v0
		ip -n $ns link set v0 up
	done
	passes a 192.0.2.2
	passes a 192.0.2.3
	sriovctl vf set eth0/0 vlan 10
	blocked a 192.0.2.2
	sriovctl vf set eth0/1 vlan 20
	blocked a 192.0.2.2
	sriovctl vf set eth0/1 eth1/0 vlan 10 qos 3
	passes a 192.0.2.2
	passes a 192.0.2.3 # over the wire to the other card
	sriovctl vf set eth0/all eth1/all vlan 0 spoofchk off max_tx_rate 50
	passes a 192.0.2.2
	passes a 192.0.2.3
	[ "$(ip_vfs eth0 '[.[] | [.spoofchk, .rate.max_tx]] | unique')" = '[[false,50]]' ]
}

@test "audit: what was done to each VF is an entry in journald, with fields" {
	[ -x /lib/systemd/systemd-journald ] || skip 'no journald on this host'
	mkdir -p /run/systemd/journal
	/lib/systemd/systemd-journald 3>&- &
	journald=$!
	for _ in $(seq 100); do [ -S /run/systemd/journal/socket ] && break; sleep 0.05; done
	SUDO_USER=alice sriovctl vf set eth0/0 eth1/0 vlan 100 trust on
	FAIL_SEND='2:22 3:22' LD_PRELOAD=$shim run sriovctl vf set eth0/0 eth1/0 vlan 200
	sriovctl vf set eth0/0 vlan 100 # nothing to do: no entry
	sriovctl vf set eth0/1 vlan 7 --dry-run
	journalctl --sync
	journalctl -o json -t sriovctl >/run/entries
	kill $journald
	wait $journald || true
	rm -f /run/systemd/journal/socket
	shown='[.[] | [.SRIOVCTL_PF, .SRIOVCTL_OBJECT, .SRIOVCTL_ATTRS, .SRIOVCTL_OLD_VLAN, .SRIOVCTL_NEW_VLAN,
		.SRIOVCTL_OLD_TRUST, .SRIOVCTL_NEW_TRUST, .SRIOVCTL_RESULT, .PRIORITY, .SRIOVCTL_USER]]'
	jq -s -c "$shown" /run/entries >/run/out
	jq -s -e "$shown"' == [
		["pci/0000:21:00.0", "eth0/0", "vlan trust", "0", "100", "off", "on", "done", "5", "alice"],
		["pci/0000:41:00.0", "eth1/0", "vlan trust", "0", "100", "off", "on", "done", "5", "alice"],
		["pci/0000:21:00.0", "eth0/0", "vlan", "100", "200", null, null, "undone", "4", null],
		["pci/0000:41:00.0", "eth1/0", "vlan", "100", "200", null, null, "failed", "4", null]] and
		.[0].SRIOVCTL_COMMAND == "vf set eth0/0 eth1/0 vlan 100 trust on" and .[0]._UID == "0" and
		(.[0].MESSAGE | test("^eth0/0: vlan 0 -> 100, trust off -> on: done .*by uid 0, sudo of alice"))' /run/entries || {
		cat /run/out
		false
	}
}

@test "audit: without journald it goes to syslog; without that too, the change is made" {
	rm -f /dev/log
	run sriovctl vf set eth0/0 vlan 99
	assert_success
	refute_output --partial warning
	command -v perl >/dev/null || skip 'no perl'
	# shellcheck disable=SC2016 # perl's
	hold perl -MSocket -e '$0 = "holder"; socket(S, PF_UNIX, SOCK_DGRAM, 0); bind(S, sockaddr_un("/dev/log")) or die;
		open(O, ">", "/run/syslog"); O->autoflush(1); while (defined(recv(S, $m, 4096, 0))) { print O "$m\n" }' &
	for _ in $(seq 100); do [ -S /dev/log ] && break; sleep 0.05; done
	sriovctl vf set eth0/0 vlan 100
	for _ in $(seq 100); do [ -s /run/syslog ] && break; sleep 0.05; done
	run cat /run/syslog
	rm -f /dev/log
	assert_output --regexp '^<13>.*sriovctl\[[0-9]+\]: eth0/0: vlan 99 -> 100: done \(vf set eth0/0 vlan 100, by uid 0\)$'
}

@test "dry run: the same steps as then are done; it changes nothing, not even a lock file" {
	rm -rf /run/sriovctl
	keep
	what='vf set eth0/0-1 eth1/0 mac auto vlan 100 qos 3 trust on mtu 1400 up'
	# shellcheck disable=SC2086
	counting sriovctl -j $what --dry-run >/run/planned
	[ "$changes" -eq 0 ]
	# shellcheck disable=SC2086
	sriovctl $what --dry-run >/run/planned.text
	# shellcheck disable=SC2086
	sriovctl $what --dry-run --diff >/run/planned.diff
	[ ! -e /run/sriovctl ]
	unchanged
	# shellcheck disable=SC2086
	sriovctl -j $what >/run/done
	[ "$(jq -c '[.changed, ([.actions[].result] | unique)]' /run/planned)" = '[true,["planned"]]' ]
	diff <(jq '[.actions[] | del(.result)]' /run/planned) <(jq '[.actions[] | del(.result)]' /run/done)
	picture >/run/after
	grep '^+' /run/planned.diff | sort >/run/plus
	# each line of the diff holds now
	while read -r object key value; do
		case $key in
		mac) grep -q "link/ether $value brd" /run/after ;;
		vlan) [ "$(sriovctl -j vf show "${object#+}" | jq -r .[0].vlan)" = "$value" ] ;;
		esac
	done </run/plus
	[ "$(wc -l </run/plus)" -eq 18 ]
	assert_equal "$(grep -c planned /run/planned.text)" "$(jq '[.actions[] | select(.attr != "driver" and .old != .new)] | length' /run/done)" || cat /run/planned.text
	dirty
}

@test "32 at once, each with its own values for 4 VFs: the end is one of them, none mixed" {
	one_wins() { # OPTION...
		local i status won=0 pids=()
		for i in $(seq 101 132); do
			sriovctl vf set eth0/all vlan "$i" qos $((i % 7 + 1)) "$@" >/dev/null 2>"/run/err$i" 3>&- &
			pids+=($!)
		done
		for i in $(seq 101 132); do
			wait "${pids[$((i - 101))]}" && status=0 || status=$?
			[ $status -ne 0 ] || won=$((won + 1))
			[ $status -eq 0 ] || [ $status -eq 7 ] || { cat "/run/err$i"; return 1; }
		done
		echo "# $* $won of 32 got through" >&3
		[ $won -gt 0 ]
		# all four VFs have the VLAN of one, and the priority that goes with it
		ip -j link show eth0 | jq -e '.[0].vfinfo_list | [.[].vlan_list[0] | [.vlan, .qos]] | unique |
			length == 1 and .[0][0] >= 101 and .[0][0] % 7 + 1 == .[0][1]'
		[ -z "$(ls /run/sriovctl/journal)" ]
	}
	one_wins
	one_wins --lock-timeout 0
}
