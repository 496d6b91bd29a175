#!/usr/bin/env bats
# The words of netns and repair, and netns attach: what would be done on a captured host, and what
# is refused. Who has what is in the scenario lent of tools/mkfixture.c.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154,SC2258

load helper

nothing_to_do='. == {"changed": false, "actions": [], "warnings": []}'

# the steps of the last JSON as [object, attr, old, new]
steps='[.actions[] | [.object, .attr, .old, .new]]'

# with_namespaces FIXTURE: a copy of it with the namespaces of lent
with_namespaces() {
	local dir
	dir=$(copy_fixture "$1")
	cp -a "$(fixture lent)/netns" "$dir/"
	echo "$dir"
}

# explains TEXT...: the error on stderr is in these words, line by line
explains() {
	assert_equal "$stderr" "$(printf '%s\n' "$@")"
}

# assert_hint_line TEXT: the same for the hint alone
assert_hint_line() { assert_equal "${stderr_lines[-1]}" "  $1"; }

netns_hint="  a name that 'ip netns list' shows, pid:N, or a path like /proc/N/ns/net"

# the command line

@test "words that are missing" {
	bad 1 "VF is missing" lent netns attach
	bad 1 "NETNS is missing" lent netns attach eth0/13
	bad 1 "NETNS is missing" lent netns attach blue
	bad 1 "NETNS is missing" lent netns attach eth0/13 vlan 100
	bad 1 "NETNS is missing" lent netns attach eth0/13 up
	bad 1 "VF is missing" lent netns detach
	sriovctl netns attach
	assert_hint_line "see 'sriovctl netns attach help'"
	sriovctl netns detach
	assert_hint_line "see 'sriovctl netns detach help'"
	sriovctl netns
	assert_exit 1
	explains "sriovctl: netns needs a command" "  see 'sriovctl netns help'"
}

@test "words too many, and words that are none" {
	sriovctl netns list eth0
	assert_exit 1
	assert_err "unexpected 'eth0'"
	sriovctl repair eth0
	assert_exit 1
	assert_err "unexpected 'eth0'"
	sriovctl netns attch eth0/13 blue
	assert_exit 1
	explains "sriovctl: netns has no command 'attch'" "  did you mean 'netns attach'?"
	sriovctl rapair
	assert_exit 1
	explains "sriovctl: unknown object 'rapair'" "  did you mean 'repair'?"
	sriovctl netns Attach eth0/13 blue
	assert_exit 1
	sriovctl netns att eth0/13 blue
	assert_exit 1
}

@test "empty words" {
	bad 1 "empty NETNS" lent netns attach eth0/13 ""
	bad 1 "empty NETNS" lent netns attach eth0/13 "" vlan 5
	bad 4 "empty VF name" lent netns attach "" blue
	bad 1 "empty key" lent netns attach eth0/13 blue vlan 5 "" 5
	bad 4 "empty VF name" lent netns detach ""
	bad 1 "a word of 1 to 128" lent netns detach eth0/1 owner ""
}

@test "keys that do not exist; the nearest is named" {
	local key
	for key in vlna:vlan adress:address addresses:address gatway:gateway onwer:owner ifname:name \
		max-tx-rate:max_tx_rate; do
		bad 1 "a VF has no setting '${key%:*}'" lent netns attach eth0/13 blue "${key%:*}" x
		assert_hint "did you mean '${key#*:}'?"
		bad 1 "a VF has no setting '${key%:*}'" lent netns attach eth0/13 blue vlan 5 "${key%:*}" x
		assert_hint "did you mean '${key#*:}'?"
	done
	bad 1 "a VF has no setting 'driver'" lent netns attach eth0/13 blue vlan 5 driver vfio-pci
	bad 1 "a VF has no setting 'colour'" lent netns attach eth0/13 blue vlan 5 colour red
	# only here
	for key in address gateway owner; do
		bad 1 "a VF has no setting '$key'" lent vf set eth0/13 vlan 5 $key 192.0.2.1
	done
	# of detach there is one
	bad 1 "a VF has no setting 'vlan'" lent netns detach eth0/0 owner web-7 vlan 5
}

@test "keys without a value, values without a key" {
	bad 1 "needs a value: 0..4094" lent netns attach eth0/13 blue vlan
	bad 1 "needs a value: IP/PREFIX" lent netns attach eth0/13 blue vlan 5 address
	assert_about "" address
	bad 1 "needs a value: IP" lent netns attach eth0/13 blue gateway
	bad 1 "needs a value: ID" lent netns attach eth0/13 blue owner
	bad 1 "needs a value: ID" lent netns detach eth0/0 owner
	bad 1 "a VF has no setting 'off'" lent netns attach eth0/13 blue up off
}

@test "a key twice with different values" {
	bad 1 "given twice, and not the same" lent netns attach eth0/13 blue vlan 5 vlan 6
	bad 1 "given twice, and not the same" lent netns attach eth0/13 blue up down
	bad 1 "given twice, and not the same" lent netns attach eth0/13 blue owner a owner b
	assert_about "" owner
	bad 1 "given twice, and not the same" lent netns attach eth0/13 blue name a name b
	bad 1 "given twice, and not the same" lent netns detach eth0/0 owner web-7 owner web-8
	dry lent netns detach eth0/0 owner web-7 owner web-7
	assert_exit 0
}

@test "addresses that are none" {
	local address
	for address in 192.0.2.1 192.0.2.1/33 192.0.2.1/ 192.0.2.1/-1 192.0.2.1/24/24 192.0.2.1/0x18 \
		300.0.2.1/24 192.0.2/24 0.0.0.0/0 127.0.0.1/8 224.0.0.1/24 255.255.255.255/32 \
		2001:db8::1 2001:db8::1/129 2001:db8::1::/64 ::/64 ::1/128 ff02::1/64 fe80::1%lo/64 \
		blue dhcp auto "" " 192.0.2.1/24" "192.0.2.1/24 "; do
		bad 1 "wants an address and its prefix, like 192.0.2.1/24 or 2001:db8::1/64, not '$address'" \
			lent netns attach eth0/13 blue address "$address"
		assert_about "" address
	done
	bad 1 "wants an address and its prefix" lent netns attach eth0/13 blue address 192.0.2.1/24 address x
}

@test "gateways that are none, that nothing leads to, and too many" {
	local gateway
	for gateway in 192.0.2.254/24 300.0.2.1 0.0.0.0 127.0.0.1 224.0.0.1 :: ::1 ff02::1 nowhere ""; do
		bad 1 "wants an address, like 192.0.2.254 or 2001:db8::1, not '$gateway'" \
			lent netns attach eth0/13 blue address 192.0.2.1/24 gateway "$gateway"
		assert_about "" gateway
	done
	for gateway in 198.51.100.1 192.0.3.1 2001:db8::1; do
		bad 1 "$gateway is in no network that it has an address in" \
			lent netns attach eth0/13 blue address 192.0.2.1/24 gateway $gateway
		assert_about eth0/13 gateway
	done
	bad 1 "192.0.2.254 is in no network" lent netns attach eth0/13 blue gateway 192.0.2.254
	bad 1 "2001:db8:1::1 is in no network" lent netns attach eth0/13 blue address 2001:db8::1/64 gateway 2001:db8:1::1
	# networks end between bytes as well
	bad 1 "192.0.2.65 is in no network" lent netns attach eth0/13 blue address 192.0.2.1/26 gateway 192.0.2.65
	bad 1 "2001:db8:0:10::1 is in no network" lent netns attach eth0/13 blue address 2001:db8::1/60 gateway 2001:db8:0:10::1
	for words in "address 192.0.2.1/26 gateway 192.0.2.62" "address 2001:db8::1/60 gateway 2001:db8:0:f::1" \
		"address 192.0.2.1/32 address 198.51.100.1/31 gateway 198.51.100.0"; do
		# shellcheck disable=SC2086
		dry lent netns attach eth0/13 blue $words
		assert_exit 0
	done
	# that of the place where it is does not count where it goes
	bad 1 "192.0.2.254 is in no network" lent netns attach eth0/11 blue gateway 192.0.2.254 --force=in-use
	bad 1 "one gateway for IPv4 and one for IPv6" lent netns attach eth0/13 blue \
		address 192.0.2.1/24 gateway 192.0.2.254 gateway 192.0.2.253
	bad 1 "one gateway for IPv4 and one for IPv6" lent netns attach eth0/13 blue \
		address 2001:db8::1/64 gateway fe80::1 gateway 2001:db8::2
	bad 1 "one gateway for IPv4 and one for IPv6" lent netns attach eth0/13 blue \
		address 192.0.2.1/24 address 2001:db8::1/64 gateway 192.0.2.254 gateway fe80::1 gateway fe80::2
	bad 1 "an interface that is down has no routes" lent netns attach eth0/13 blue \
		address 192.0.2.1/24 gateway 192.0.2.254 down
	assert_about eth0/13 gateway
}

@test "names that cannot be" {
	local name
	for name in "" . .. a/b a:b "a b" 0123456789abcdef vf%d $'a\nb'; do
		bad 1 "an interface name" lent netns attach eth0/13 blue name "$name"
		assert_about "" name
	done
	# with a number behind it
	dry lent netns attach eth0/7,13 red name 0123456789abcd
	assert_exit 0
	bad 1 "0123456789abcde1 is too long" lent netns attach eth0/7,13 red name 0123456789abcde
	assert_about eth0/7 name
}

@test "owners that are no word" {
	local long owner
	long=$(printf 'x%.0s' {1..129})
	for owner in "" "a b" $'a\tb' $'a\nb' $'a\033[2J' $'caf\xc3\xa9' "$long"; do
		bad 1 "a word of 1 to 128 printable characters" lent netns attach eth0/13 blue owner "$owner"
		assert_about "" owner
		bad 1 "a word of 1 to 128 printable characters" lent netns detach eth0/0 owner "$owner"
	done
	dry lent -j netns attach eth0/13 blue owner "${long:1}"
	assert_json ".actions[0].new == \"${long:1}\""
	dry lent -j netns attach eth0/13 blue owner 'k8s://pod/web-7@"x"\\9'
	assert_json '.actions[0].new == "k8s://pod/web-7@\"x\"\\\\9"'
}

@test "for a single VF only: address, gateway, MAC" {
	bad 1 "one address cannot be given to 2 VFs" lent netns attach eth0/7,13 blue address 192.0.2.5/24
	assert_about eth0/7 address
	bad 1 "one gateway cannot be given to 2 VFs" lent netns attach eth0/13 eth1/0 blue gateway fe80::1
	assert_about eth0/13 gateway
	bad 1 "one address cannot be that of several VFs" lent netns attach eth0/7,13 blue mac 02:00:00:00:00:05
	# one that is named twice is one
	dry lent netns attach eth0/13 eth0/13 0000:21:13.2 blue address 192.0.2.5/24
	assert_exit 0
}

@test "settings as those of vf set, checked as there" {
	bad 1 "a number from 0 to 4094" lent netns attach eth0/13 blue vlan 4095
	bad 1 "a multicast address" lent netns attach eth0/13 blue mac 01:00:5e:00:00:01
	bad 1 "a number from 68 to 65535" lent netns attach eth0/13 blue mtu 67
	bad 1 "an MTU from 68 to 9216, not 65535" lab14 netns attach eth0/0 "$(lab_netns)" mtu 65535
	bad 1 "means nothing without a VLAN" lent netns attach eth0/13 blue qos 3
	bad 3 "already that of eth0/0" lent netns attach eth0/13 blue mac 52:54:00:00:21:01
	assert_hint "--force=duplicate-mac"
	bad 5 "only VFs of InfiniBand PFs" lent netns attach eth0/13 blue node_guid 00:11:22:33:44:55:66:77
	for key in "vlan 5000" "trust yes" "state on" "max_tx_rate much"; do
		# shellcheck disable=SC2086
		bad 1 "wants" lent netns attach eth0/13 blue $key
	done
}

# lab_netns: a namespace that the snapshot lab14 has
lab_netns() { head -1 "$(fixture lab14)/netns/0/name"; }

@test "options that mean nothing here" {
	for option in --columns=vf -s -d -o -br --no-header; do
		for words in "netns attach eth0/13 blue" "netns detach eth0/1" repair; do
			# shellcheck disable=SC2086
			dry lent $words $option
			assert_exit 1
			assert_err "does not go with"
		done
	done
	for option in --dry-run --diff --force --wait --timeout=5 --lock-timeout=5 -s; do
		on lent netns list $option
		assert_exit 1
		assert_err "does not go with 'netns list'"
	done
}

@test "a snapshot is not changed without --dry-run" {
	for words in "netns attach eth0/13 blue" "netns detach eth0/1" repair; do
		# shellcheck disable=SC2086
		on lent $words
		assert_exit 1
		assert_err "a snapshot cannot be changed"
		# shellcheck disable=SC2086
		on lent -j $words
		assert_json_error 1 "a snapshot cannot be changed"
	done
}

@test "--dry-run writes nothing anywhere" {
	local dir before
	dir=$(copy_fixture lent)
	export SRIOVCTL_RUNTIME_DIR=$BATS_TEST_TMPDIR/runtime
	before=$(cd "$dir" && find . -printf '%p %T@ %l\n' | sort)
	for words in "netns attach eth0/13 blue address 192.0.2.5/24" "netns detach eth0/1" repair; do
		# shellcheck disable=SC2086
		at "$dir" --dry-run $words
		assert_exit 0
	done
	assert_equal "$(cd "$dir" && find . -printf '%p %T@ %l\n' | sort)" "$before"
	[[ ! -e $BATS_TEST_TMPDIR/runtime ]]
}

@test "very long words" {
	local long
	long=$(head -c 70000 /dev/zero | tr '\0' x)
	for words in "netns attach $long blue" "netns attach eth0/13 $long" "netns attach eth0/13 blue $long 5" \
		"netns attach eth0/13 blue name $long" "netns attach eth0/13 blue owner $long" \
		"netns attach eth0/13 blue address $long" "netns attach eth0/13 blue gateway $long" \
		"netns detach $long" "netns detach blue/$long" "netns detach $long/net1" \
		"netns detach eth0/0 owner $long"; do
		# shellcheck disable=SC2086
		dry lent $words
		((status == 1 || status == 4)) || show_run | fail
		assert_output ""
		((${#stderr} < 1200)) || fail "an error of ${#stderr} bytes"
	done
}

@test "control characters" {
	local dir key evil=$'a\033[2J\n\x9b31m'
	dir=$(fixture lent)
	for key in name owner address gateway mac; do
		clean --snapshot "$dir" --dry-run netns attach eth0/13 blue $key "$evil"
		assert_exit 1
		clean -j --snapshot "$dir" --dry-run netns attach eth0/13 blue $key "$evil"
		assert_exit 1
	done
	clean --snapshot "$dir" --dry-run netns attach eth0/13 "$evil"
	assert_exit 4
	clean --snapshot "$dir" --dry-run netns attach "$evil" blue
	assert_exit 4
	clean --snapshot "$dir" --dry-run netns attach eth0/13 blue vlan 5 "$evil" 5
	assert_exit 1
	clean --snapshot "$dir" --dry-run netns detach "$evil/$evil"
	assert_exit 4
	# from the host, and from what is remembered
	dir=$(copy_fixture evilalias)
	mkdir -p "$dir/run/sriovctl/attached"
	jq -n '{pf: "pci/0000:21:00.0", index: 2, vf: "ens1f0/2", bdf: "0000:21:10.4", netns: "b\u001b[2J\u009b",
		ifname: "i\u001b[2J", owner: "o\u001b[2J\u009b", since: 1795256351, home: {ifname: "h\u001b[2J\u00ff",
		driver: "ixgbevf", altnames: ["a\u001b[2J\u0080"], netns: null, lease: null}}' \
		>"$dir/run/sriovctl/attached/pci-0000:21:00.0-2"
	sed 's/"index": 2/"index": 9/; s/"bdf": .*/"bdf": "0000:21:12.2",/' "$dir/run/sriovctl/attached/pci-0000:21:00.0-2" \
		>"$dir/run/sriovctl/attached/pci-0000:21:00.0-9"
	for words in "netns list" "netns list -o" "netns list --columns all" "-j netns list" "vf show ens1f0/2" \
		"vf list --columns +lease" "-j vf show ens1f0/2" "--dry-run repair" "-j --dry-run repair"; do
		# shellcheck disable=SC2086
		clean --snapshot "$dir" $words
		assert_exit 0
	done
	for words in "netns detach ens1f0/2" "-j netns detach ens1f0/2" "netns attach ens1f0/2 red" "vf unbind ens1f0/2" \
		"netns detach ens1f0/0" "netns detach ens1f0/0-2 --force" "-j netns detach ens1f0/2 --force --diff"; do
		# shellcheck disable=SC2086
		clean --snapshot "$dir" --dry-run $words
	done
}

@test "help: every key, the options, the columns; 80 columns wide" {
	sriovctl netns attach help
	assert_exit 0
	for key in "name NAME" "address IP/PREFIX" "gateway IP" "owner ID" "up|down" "mac MAC|auto" "vlan 0..4094" \
		"mtu 68..65535" "--dry-run" "--force"; do
		assert_line --partial "  $key"
	done
	# it can never be set while a VF can be attached
	refute_line --partial "  msix"
	sriovctl netns detach help
	assert_line --partial "  owner ID"
	refute_line --partial "  vlan"
	sriovctl netns list help
	for key in vf pf index bdf driver netns ifname vfio state owner since pids; do
		assert_line --regexp "^  $key +"
	done
	refute_output --partial "--dry-run"
	refute_output --partial "--statistics"
	sriovctl repair help
	assert_line "  sriovctl repair"
	refute_output --partial "--columns"
	for words in "netns" "netns attach" "netns detach" "netns list" "repair"; do
		# shellcheck disable=SC2086
		sriovctl $words help
		assert_exit 0
		for line in "${lines[@]}"; do
			((${#line} <= 80)) || fail "$words: ${#line}: $line"
		done
	done
}

# NETNS, here: nothing is moved, since there is no such VF

@test "what is no network namespace, or none that is there" {
	local name
	export SRIOVCTL_RUNTIME_DIR=$BATS_TEST_TMPDIR/runtime
	touch "$BATS_TEST_TMPDIR/file"
	for name in /etc/passwd /proc/self/ns/uts /proc /dev/null "$BATS_TEST_TMPDIR/file"; do
		sriovctl netns attach nosuch/0 "$name" vlan 5
		assert_exit 1
		explains "sriovctl: $name is no network namespace" "$netns_hint"
		sriovctl -j netns attach nosuch/0 "$name"
		assert_json_error 1 "$name is no network namespace"
	done
	for name in pid:0 pid: pid:x pid:-1 pid:1x pid:99999999999999999999 . ..; do
		sriovctl netns attach nosuch/0 "$name" vlan 5
		assert_exit 1
		explains "sriovctl: '$name' is no name of a network namespace" "$netns_hint"
	done
	for name in pid:999999999 nosuch-netns-here /nosuch /etc/passwd/x /proc/999999999/ns/net; do
		# there is no such VF either
		sriovctl netns attach nosuch/0 "$name" vlan 5
		assert_exit 4
		sriovctl -j netns attach nosuch/0 "$name"
		assert_json_error 4 no
	done
	[[ ! -e $BATS_TEST_TMPDIR/runtime/journal ]]
}

@test "a name that leads out of the directory of names" {
	for name in ../netns ../../etc/passwd ./blue; do
		sriovctl netns attach nosuch/0 "$name"
		((status == 1 || status == 4)) || show_run | fail
	done
}

@test "of a snapshot: the namespaces that it has, and no others" {
	for name in green pid:1 /proc/self/ns/net /run/netns/blue Blue blue/; do
		bad 4 "there is no network namespace $name" lent netns attach eth0/13 "$name"
		assert_hint "ip netns list"
	done
	# one without a device in it
	dry lent netns attach eth0/13 vm1
	assert_plan "eth0/13: lease vm1" "eth0/13: netns vm1"
	dry netns netns attach ens1f0/1 pid:4242 up
	assert_plan "ens1f0/1: lease pid:4242" "ens1f0/1: netns pid:4242" "ens1f0/1: up off -> on"
}

# attaching

@test "attach: all at once, in the order of the steps" {
	dry lent netns attach eth0/13 blue name lan0 vlan 100 qos 3 mac 52:54:00:00:aa:01 mtu 1400 trust on max_tx_rate 2.5gbit \
		address 192.0.2.5/24 address 2001:db8::5/64 gateway 192.0.2.254 gateway fe80::1 owner web-9
	assert_plan "eth0/13: lease web-9" "eth0/13: mac 52:54:00:00:21:0e -> 52:54:00:00:aa:01" \
		"eth0/13: vlan 0 -> 100" "eth0/13: qos 0 -> 3" "eth0/13: max_tx_rate 0 -> 2500" \
		"eth0/13: trust off -> on" "eth0/13: netns blue" "eth0/13: ifname eth0v13 -> lan0" \
		"eth0/13: if_mac 52:54:00:00:21:0e -> 52:54:00:00:aa:01" "eth0/13: mtu 1500 -> 1400" \
		"eth0/13: address 192.0.2.5/24" "eth0/13: address 2001:db8::5/64" "eth0/13: up off -> on" \
		"eth0/13: gateway 192.0.2.254" "eth0/13: gateway fe80::1" \
		"eth0/13: announce 192.0.2.5/24,2001:db8::5/64"
}

@test "attach: JSON" {
	dry lent -j netns attach eth0/13 blue name lan0 vlan 100 address 192.0.2.5/24 gateway 192.0.2.254 owner web-9
	assert_exit 0
	assert_json '(keys == ["actions", "changed", "warnings"]) and .changed and .warnings == [] and
		all(.actions[]; keys == ["attr", "new", "object", "old", "result"] and .object == "eth0/13" and
			.result == "planned")'
	assert_json '[.actions[] | select(.attr != "announce") | [.attr, .old, .new]] == [["lease", null, "web-9"],
		["vlan", 0, 100], ["netns", null, "blue"], ["ifname", "eth0v13", "lan0"], ["address", null, "192.0.2.5/24"],
		["up", false, true], ["gateway", null, "192.0.2.254"]]'
	assert_json '.actions[-1].attr == "announce" and .actions[-1].old == null'
}

@test "attach: --diff has every address, and nothing that is no state" {
	dry lent netns attach eth0/13 blue name lan0 address 192.0.2.5/24 address 192.0.2.6/24 --diff
	assert_exit 0
	assert_line "+eth0/13 lease blue"
	assert_line "+eth0/13 netns blue"
	assert_line "-eth0/13 ifname eth0v13"
	assert_line "+eth0/13 ifname lan0"
	assert_line --regexp '^\+eth0/13 address .*192\.0\.2\.5/24'
	assert_line --regexp '^\+eth0/13 address .*192\.0\.2\.6/24'
	refute_output --partial announce
}

@test "attach: nothing but the move; up and down" {
	dry lent netns attach eth0/13 blue
	assert_plan "eth0/13: lease blue" "eth0/13: netns blue"
	# one that is up at home is down there, unless it is to be up
	dry lent netns attach eth1/0 red
	assert_plan "eth1/0: lease red" "eth1/0: netns red"
	dry lent netns attach eth1/0 red up
	assert_plan "eth1/0: lease red" "eth1/0: netns red" "eth1/0: up off -> on"
	dry lent netns attach eth1/0 red down
	assert_plan "eth1/0: lease red" "eth1/0: netns red"
	# an address implies up, but does not insist
	dry lent netns attach eth1/0 red address 192.0.2.5/24
	assert_line "eth1/0: up off -> on  (planned)"
	dry lent netns attach eth1/0 red down address 192.0.2.5/24
	assert_plan "eth1/0: lease red" "eth1/0: netns red" "eth1/0: address 192.0.2.5/24"
	dry lent netns attach eth1/0 red gateway fe80::1
	assert_plan "eth1/0: lease red" "eth1/0: netns red" "eth1/0: up off -> on" "eth1/0: gateway fe80::1"
}

@test "attach: addresses are as the kernel writes them, each once" {
	dry lent -j netns attach eth0/13 blue address 2001:DB8:0:0:0::5/64 address 192.0.2.5/24 address 2001:db8::5/64
	assert_json '[.actions[] | select(.attr == "address") | .new] == ["2001:db8::5/64", "192.0.2.5/24"]'
	# the same address in another network is another
	dry lent -j netns attach eth0/13 blue address 192.0.2.5/24 address 192.0.2.5/25
	assert_json '[.actions[] | select(.attr == "address")] | length == 2'
	dry lent -j netns attach eth0/13 blue address 192.0.2.5/24 gateway 192.0.2.254 gateway 192.0.2.254
	assert_json '[.actions[] | select(.attr == "gateway") | .new] == ["192.0.2.254"]'
}

@test "attach: names; those of several VFs are the lowest that are free there" {
	# in blue: net0, its alternative names net2 and storage; net1 and eth5
	dry lent -j netns attach eth1/0 eth0/13 eth1/1 blue
	assert_exit 0
	assert_json '[.actions[] | select(.attr == "ifname") | [.object, .new]] | sort ==
		[["eth0/13", "net4"], ["eth1/0", "net3"], ["eth1/1", "net5"]]'
	dry lent -j netns attach eth0/7,13 red
	assert_json '[.actions[] | select(.attr == "ifname") | [.object, .new]] == [["eth0/7", "net1"], ["eth0/13", "net2"]]'
	dry lent -j netns attach eth0/7,13 red name lan
	assert_json '[.actions[] | select(.attr == "ifname") | .new] == ["lan1", "lan2"]'
	# net4 is there
	dry lent -j netns attach eth0/7,13 eth1/all red
	assert_json '[.actions[] | select(.attr == "ifname") | .new] == ["net1", "net2", "net3", "net5"]'
	dry lent netns attach eth0/13 red name eth0v13
	assert_plan "eth0/13: lease red" "eth0/13: netns red"
}

@test "attach: a name that is taken there" {
	for name in net0 net1 net2 storage eth5 left-side; do
		bad 1 "blue has an interface $name already" lent netns attach eth0/13 blue vlan 5 name $name
		assert_about eth0/13 name
		assert_hint "name IF"
	done
	bad 1 "red has an interface net4 already" lent netns attach eth0/13 red name net4
	# its own, which nobody has chosen
	local dir
	dir=$(with_namespaces change)
	at "$dir" --dry-run netns attach eth1/3 blue name eth5
	assert_exit 1
	# what others have here is no matter there
	dry lent netns attach eth0/13 red name eth0v7
	assert_exit 0
}

@test "attach: alternative names that are taken there stay away" {
	dry lent netns attach eth0/7 blue
	assert_plan "eth0/7: lease blue" "eth0/7: altname storage -> none" "eth0/7: netns blue"
	dry lent netns attach eth0/7 red
	assert_plan "eth0/7: lease red" "eth0/7: netns red"
	dry lent netns attach eth0/7 red name storage
	assert_plan "eth0/7: lease red" "eth0/7: altname storage -> none" "eth0/7: netns red" "eth0/7: ifname eth0v7 -> storage"
}

@test "attach: a MAC, here and on the interface, and mac auto" {
	dry lent -j netns attach eth0/13 eth1/0 blue mac auto
	assert_exit 0
	assert_json '[.actions[] | select(.attr == "mac") | .new] as $macs |
		($macs | length == 2 and (unique | length == 2)) and
		[.actions[] | select(.attr == "if_mac") | .new] == $macs'
	# its driver does not start anew
	assert_json 'all(.actions[]; .attr != "driver")'
	local before=$output
	dry lent -j netns attach eth0/13 eth1/0 blue mac auto
	assert_output "$before"
}

@test "attach: VFs of several PFs; any way to name them" {
	dry lent -j netns attach eth1/1 0000:21:13.2 eth0v7 blue trust on
	assert_exit 0
	assert_json '([.actions[].object] | unique) == ["eth0/13", "eth0/7", "eth1/1"] and
		([.actions[] | select(.attr == "trust")] | length) == 3 and ([.actions[] | select(.attr == "lease")] | length) == 3'
	# one that cannot be: none of them
	bad 3 "it has address 192.0.2.11/24" lent netns attach eth1/0 eth0/11 red
	bad 4 "eth0 has no VF 99" lent netns attach eth1/0 eth0/99 red
	bad 3 "it is attached to blue" lent netns attach eth1/0 eth0/0 red
	bad 1 "eth1 is a PF, not a VF" lent netns attach eth0/13 eth1 red
	dry lent -j netns attach eth7/all blue
	assert_exit 4
}

@test "attach: a VF on vfio-pci: its settings, its lease, its node" {
	dry lent netns attach eth0/9 vm1 vlan 100 mac 52:54:00:00:aa:09 owner vm9
	assert_plan "eth0/9: lease vm9" "eth0/9: mac 52:54:00:00:21:0a -> 52:54:00:00:aa:09" "eth0/9: vlan 0 -> 100" \
		"eth0/9: vfio /dev/vfio/29"
	dry lent -j netns attach eth0/9 vm1
	assert_json "$steps"' == [["eth0/9", "lease", null, "vm1"], ["eth0/9", "vfio", null, "/dev/vfio/29"]]'
	# with others, which have an interface
	dry lent netns attach eth0/9,13 blue vlan 5
	assert_exit 0
	assert_line "eth0/9: vfio /dev/vfio/29  (planned)"
	assert_line "eth0/13: ifname eth0v13 -> net3  (planned)"
	for key in "name lan0" "mtu 1400" up down "address 192.0.2.5/24" "gateway fe80::1"; do
		# shellcheck disable=SC2086
		bad 1 "it has no interface: it is bound to vfio-pci" lent netns attach eth0/9 blue $key
		assert_json '.error.object == "eth0/9" and (.error.attr == $k or $k == "down")' --arg k "${key%% *}"
		assert_hint "leave it out: whoever opens /dev/vfio/29 has its own"
	done
}

@test "attach: a VF that has nothing to hand over" {
	bad 3 "it has no interface: no driver has it" lent netns attach eth0/8 blue
	assert_about eth0/8 ""
	assert_hint "vf bind eth0/8 default (or vfio-pci)"
	local dir
	dir=$(with_namespaces change)
	at "$dir" --dry-run -j netns attach eth1/2 red
	assert_json_error 3 "it has no interface: it is bound to pci-stub"
	dir=$(with_namespaces nvme)
	at "$dir" --dry-run -j netns attach 0000:61:00.0/0 red
	assert_exit 3
	at "$dir" --dry-run -j netns attach 0000:61:00.0/1 red
	assert_exit 3
}

@test "attach: in use at home: refused, or by force" {
	bad 3 "it has address 192.0.2.11/24" lent netns attach eth0/11 red vlan 5
	assert_about eth0/11 ""
	assert_hint "--force=in-use"
	dry lent netns attach eth0/11 red --force=in-use
	assert_plan "eth0/11: lease red" "eth0/11: netns red"
	bad 3 "held by process 4711 (qemu-system-x86) through /dev/vfio/30" lent netns attach eth0/10 vm1
	bad 3 "it has address" lent netns attach eth0/11 red --force=iommu-group,duplicate-mac
	local dir vf
	dir=$(with_namespaces inuse)
	for vf in addr4 addr6 route4 route6 hop vlan macvlan master; do
		at "$dir" --dry-run netns attach $vf/1 red
		assert_exit 3
		assert_err "$vf/1: refused: it "
		at "$dir" --dry-run netns attach $vf/0 red
		assert_exit 0
	done
	# the PF's own traffic is not touched by this
	for vf in pfdefault pfmaster idle elsewhere; do
		at "$dir" --dry-run netns attach $vf/1 red
		assert_exit 0
	done
}

@test "attach: again, the same: nothing to do; otherwise what differs" {
	for words in "eth0/0 blue" "eth0/0 blue name net1 vlan 100 qos 3" "blue/net1 blue address 192.0.2.1/24 gateway 192.0.2.254" \
		"net1 blue address 2001:db8::1/64 up mac 52:54:00:00:21:01 mtu 1500"; do
		# shellcheck disable=SC2086
		dry lent -j netns attach $words owner web-7
		assert_exit 0
		assert_json "$nothing_to_do"
	done
	dry lent -j netns attach eth0/1 red
	assert_json "$nothing_to_do"
	# its node is named again
	dry lent -j netns attach eth0/6 vm1 vlan 600 owner vm1
	assert_json '.changed == false and .warnings == [] and all(.actions[]; .attr == "vfio")'
	dry lent netns attach eth0/6 vm1 vlan 600 owner vm1
	assert_output --partial "eth0/6: vfio /dev/vfio/26"
	refute_output --partial "put back"
	dry lent netns attach eth0/0 blue vlan 200 owner web-7
	assert_plan "eth0/0: vlan 100 -> 200"
	dry lent netns attach eth0/0 blue address 192.0.2.9/24 owner web-7
	assert_line "eth0/0: address 192.0.2.9/24  (planned)"
	refute_line --partial "192.0.2.1/24 -> none"
	dry lent netns attach eth0/0 blue gateway 192.0.2.253 owner web-7
	assert_line "eth0/0: gateway 192.0.2.254 -> none  (planned)"
	assert_line "eth0/0: gateway 192.0.2.253  (planned)"
	refute_output --partial "address "
	dry lent netns attach eth0/0 blue name web0 mtu 1400 owner web-7
	assert_line "eth0/0: ifname net1 -> web0  (planned)"
	assert_line "eth0/0: mtu 1500 -> 1400  (planned)"
	dry lent netns attach eth0/0 blue down owner web-7
	assert_plan "eth0/0: up on -> off"
	dry lent netns attach eth0/1 red up
	assert_plan "eth0/1: up off -> on"
}

@test "attach: one that is attached to another namespace, or for another" {
	for option in -v --force --force=in-use; do
		bad 3 "refused: it is attached to blue already, for the owner web-7" lent netns attach eth0/0 red owner web-7 $option
		assert_about eth0/0 ""
		assert_hint "sriovctl netns detach eth0/0 owner web-7"
		bad 3 "refused: it is attached to blue already, for the owner web-7" lent netns attach eth0/0 blue owner web-8 vlan 5 $option
		bad 3 "refused: it is attached to blue already, for the owner web-7" lent netns attach eth0/0 blue vlan 5 $option
		assert_hint "owner web-7"
		bad 3 "refused: it is attached to red" lent netns attach eth0/1 red owner web-8 $option
		assert_hint "leave out the owner"
		bad 3 "refused: it is attached to red" lent netns attach eth0/1 blue $option
		assert_hint "sriovctl netns detach eth0/1"
		bad 3 "refused: it is attached to vm1 already, for the owner vm1" lent netns attach eth0/6 blue owner vm1 $option
		bad 3 "someone moved it to blue, as eth5" lent netns attach eth0/2 red $option
		assert_hint "sriovctl netns detach eth0/2 --force=in-use"
		bad 3 "someone moved it to blue, as eth5" lent netns attach eth0/2 blue $option
		bad 3 "moved it on to red, as net4" lent netns attach eth0/4 red $option
		assert_hint "sriovctl netns detach eth0/4 --force=in-use"
		refute_err repair
	done
}

@test "attach: one that was attached and has not been detached since" {
	for option in -v --force; do
		bad 3 "it was attached to green, and has not been taken back since" lent netns attach eth0/3 red $option
		assert_hint "sriovctl netns detach eth0/3 owner c1"
		bad 3 "it was attached to blue, and has not been taken back since" lent netns attach eth0/5 blue owner c1 $option
		bad 3 "it was attached to green, and has not been taken back since" lent netns attach eth0/12 red $option
	done
}

@test "attach: a thousand VFs" {
	local dir
	dir=$(with_namespaces big1024)
	at "$dir" --dry-run -j netns attach ens9/all blue vlan 7 up owner all
	assert_exit 0
	assert_json '[.actions[] | select(.attr == "netns")] | length == 1024'
	assert_json '[.actions[] | select(.attr == "ifname") | .new] | (length == 1024 and (unique | length == 1024)) and
		all(.[]; . != "net0" and . != "net1" and . != "net2")'
}
