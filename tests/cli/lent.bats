#!/usr/bin/env bats
# VFs that were handed to network namespaces: netns detach, netns list and the columns that tell of
# them, repair, and what is kept of them on disk. Who has what is in the scenario lent of tools/mkfixture.c.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154,SC2258

load helper

nothing_to_do='. == {"changed": false, "actions": [], "warnings": []}'

# the steps of the last JSON as [object, attr, old, new]
steps='[.actions[] | [.object, .attr, .old, .new]]'

# detaching

@test "detach: home, and all it had there" {
	dry lent netns detach eth0/0 owner web-7
	assert_exit 0
	assert_plan "eth0/0: netns blue -> none=" "eth0/0: mac 52:54:00:00:21:01 -> 52:54:00:01:21:01=" \
		"eth0/0: vlan 100 -> 0=" "eth0/0: qos 3 -> 0=" "eth0/0: ifname net1 -> eth0v0=" \
		"eth0/0: if_mac 52:54:00:00:21:01 -> 52:54:00:01:21:01=" "eth0/0: mtu 1500 -> 1400=" \
		"eth0/0: altname storage=" "eth0/0: up off -> on=" "eth0/0: lease web-7 -> none"
	# first home, so that nobody there gets the VLAN of home; the lease in the end
	dry lent -j netns detach eth0/0 owner web-7
	assert_json '.changed and ([.actions[].attr] | .[0] == "netns" and .[-1] == "lease") and
		all(.actions[]; .result == "planned" and .object == "eth0/0")'
	assert_json '.actions[0].new == null and .actions[-1].new == null'
	dry lent netns detach eth0/1
	assert_plan "eth0/1: netns red -> none=" "eth0/1: lease red -> none"
	dry lent netns detach eth0/6 owner vm1
	assert_plan "eth0/6: vlan 600 -> 0=" "eth0/6: lease vm1 -> none"
}

@test "show: by its name in a namespace, whatever is shown of it" {
	for columns in vf vf,mac all; do
		on lent vf show blue/net1 --brief --columns $columns
		assert_exit 0
		[[ $output == eth0/0* ]]
	done
}

@test "detach: by its name in the namespace" {
	dry lent -j netns detach eth0/0 owner web-7
	local want=$output
	for name in blue/net1 net1 left-side 0000:21:10.0 pci/0000:21:10.0; do
		dry lent -j netns detach $name owner web-7
		assert_exit 0
		assert_output "$want"
	done
	dry lent -j netns detach red/eth0v1 eth0/1
	assert_json '([.actions[].object] | unique) == ["eth0/1"]'
	for name in blue/nosuch blue/eth0v1 blue/eth0v7 red/net1 nosuch/net1 blue/ /net1 blue/NET1; do
		dry lent netns detach "$name"
		((status == 4 || status == 1)) || show_run | fail
		assert_output ""
	done
	bad 4 "nosuch" lent netns detach blue/nosuch
	assert_hint "netns list"
	# where it is found
	dry lent netns detach red/net4 --force=in-use
	assert_exit 0
	# a range of the PF is not taken by a namespace of its name
	local dir
	dir=$(copy_fixture lent)
	echo -n eth0 >"$dir/netns/0/name"
	at "$dir" -j vf show eth0/1
	assert_json '.[0].vf == "eth0/1"'
}

@test "detach: at home and never attached: nothing to do, whoever asks" {
	for words in eth0/7 "eth0/7 owner c1" eth0/13 "eth0/8-11" "eth1/all owner x" "eth0/11 --force"; do
		# shellcheck disable=SC2086
		dry lent -j netns detach $words
		assert_exit 0
		assert_json "$nothing_to_do"
	done
	dry lent netns detach eth1/0 -v
	assert_output "eth1: nothing to do"
}

@test "detach: owners" {
	for owner in "" "owner web" "owner web-77" "owner WEB-7"; do
		# shellcheck disable=SC2086
		bad 3 "it is attached to blue for the owner web-7" lent netns detach eth0/0 $owner
		assert_about eth0/0 owner
		assert_hint "owner web-7"
		assert_hint "--force=in-use"
		# shellcheck disable=SC2086
		dry lent netns detach eth0/0 $owner --force=in-use
		assert_exit 0
		assert_line "eth0/0: lease web-7 -> none  (planned)"
	done
	bad 3 "it is attached to red, for no owner at all" lent netns detach eth0/1 owner web-7
	assert_hint "leave out the owner"
	bad 3 "for the owner vm1" lent netns detach eth0/6
	bad 3 "for the owner c1" lent netns detach eth0/3
	bad 3 "for the owner c1" lent netns detach eth0/5
	# all or none
	bad 3 "for the owner web-7" lent netns detach eth0/0-1
	bad 3 "for no owner at all" lent netns detach eth0/0-1 owner web-7
	bad 3 "for the owner web-7" lent netns detach eth1/0 eth0/7 blue/net1
	bad 3 "for the owner web-7" lent netns detach eth0/0 --force=duplicate-mac,iommu-group
}

@test "detach: moved by someone else, with a lease and without" {
	bad 3 "it is in the network namespace blue, as eth5, but not by 'sriovctl netns attach'" lent netns detach eth0/2
	assert_about eth0/2 ""
	assert_hint "--force=in-use"
	dry lent netns detach eth0/2 --force=in-use
	assert_plan "eth0/2: netns blue -> none"
	bad 3 "it was attached to blue, but someone moved it on to red, as net4" lent netns detach eth0/4
	assert_hint "--force=in-use"
	dry lent netns detach eth0/4 --force=in-use
	assert_plan "eth0/4: netns red -> none=" "eth0/4: ifname net4 -> eth0v4=" "eth0/4: up off -> on=" "eth0/4: lease blue -> none"
	# fixtures from before there were leases
	bad 3 "but not by 'sriovctl netns attach'" netns netns detach pid:4242/net2
	dry netns netns detach ens1f0/all --force
	assert_plan "ens1f0/0: netns blue -> none" "ens1f0/2: netns pid:4242 -> none"
}

@test "detach: come home by itself, lost" {
	dry lent netns detach eth0/3 owner c1
	assert_plan "eth0/3: vlan 300 -> 0=" "eth0/3: ifname net3 -> eth0v3=" "eth0/3: lease c1 -> none"
	dry lent -j netns detach eth0/5 owner c1
	assert_exit 0
	assert_json '[.actions[] | select(.attr == "driver") | [.old, .new]] == [["ixgbevf", null], ["ixgbevf", "ixgbevf"]]'
	assert_json '.actions[-1].attr == "lease" and (.warnings | length == 1) and
		(.warnings[0] | contains("cannot be found in any network namespace"))'
	# and put to use since
	bad 3 "it has address 192.0.2.12/24" lent netns detach eth0/12
	dry lent netns detach eth0/12 --force=in-use
	assert_exit 0
	assert_line "eth0/12: ifname net12 -> eth0v12  (to be put back)"
}

@test "detach: what is not there" {
	bad 4 "eth0 has no VF 20" lent netns detach eth0/20 owner c20
	bad 4 "eth7" lent netns detach eth7/0
	bad 1 "eth0 is a PF, not a VF" lent netns detach eth0
	bad 4 "no VF 'nosuch'" lent netns detach nosuch
}

# what is shown

@test "netns list" {
	on lent netns list
	assert_exit 0
	assert_equal "$stderr" ""
	golden lent-netns-list.txt
	for line in "${lines[@]}"; do
		((${#line} <= 80)) || fail "${#line}: $line"
	done
	on lent -p netns list
	golden lent-netns-list.json
}

@test "netns list: keys and their types" {
	on lent -j netns list
	assert_json 'length == 11 and all(.[]; keys_unsorted == ["vf", "pf", "index", "bdf", "driver", "netns", "ifname",
		"vfio", "state", "owner", "since", "pids"])'
	assert_json 'all(.[]; (.vf, .netns, .state | type) == "string" and (.index | type) == "number")'
	# not known from a snapshot
	assert_json 'all(.[]; .pids == null)'
	assert_json 'all(.[]; .since == null or (.since | fromdate) == 1795256351)'
}

@test "netns list: every state" {
	on lent -j netns list
	assert_json 'map({(.vf): .state}) | add == {"eth0/0": "attached", "eth0/1": "attached", "eth0/2": "moved",
		"eth0/3": "returned", "eth0/4": "elsewhere", "eth0/5": "lost", "eth0/6": "attached", "eth0/12": "returned",
		"eth0/7": "gone", "eth0/20": "gone", "eth7/0": "gone"}'
	# where it is, not where it was sent
	assert_json '.[] | select(.vf == "eth0/4") | [.netns, .ifname] == ["red", "net4"]'
	assert_json '.[] | select(.vf == "eth0/6") | [.ifname, .vfio, .driver, .owner] == [null, "/dev/vfio/26", "vfio-pci", "vm1"]'
	assert_json '.[] | select(.vf == "eth0/2") | [.owner, .since] == [null, null]'
	assert_json '.[] | select(.vf == "eth0/20") | [.pf, .index, .bdf, .netns, .owner] == ["eth0", 20, "0000:21:15.0", "blue", "c20"]'
	on basic -j netns list
	assert_json '. == []'
	on basic netns list
	assert_exit 0
	assert_output ""
	on netns -j netns list
	assert_json '[.[] | [.vf, .netns, .ifname, .state]] == [["ens1f0/0", "blue", "net1", "moved"],
		["ens1f0/2", "pid:4242", "net2", "moved"]]'
	on inuse -j netns list
	assert_json '[.[].vf] == ["space/1"]'
}

@test "netns list: columns, brief, one line, no heading, and nothing to show" {
	on lent netns list -br
	assert_line --index 0 --regexp '^eth0/0 +blue +net1$'
	assert_equal "${#lines[@]}" 11
	on lent netns list -o
	assert_line --index 0 --regexp '^vf eth0/0 netns blue ifname net1 state attached owner web-7 since 2026-'
	on lent netns list --columns state,vf
	assert_line --index 1 --regexp '^attached +eth0/0$'
	on lent netns list --columns +driver --no-header
	assert_line --index 0 --regexp 'ixgbevf$'
	on lent -j netns list --columns vf,state
	assert_json 'all(.[]; keys == ["state", "vf"])'
	on lent netns list --columns nosuch
	assert_exit 1
	assert_err "no column 'nosuch'"
	on lent netns show
	assert_exit 0
	# on a terminal nothing is said to be nothing, rather than no VFs
	on_terminal 80 "$SRIOVCTL" --snapshot "$(fixture basic)" netns list >"$BATS_TEST_TMPDIR/tty"
	run cat "$BATS_TEST_TMPDIR/tty"
	refute_output --partial "vf create"
}

@test "the columns lease, addresses, gateways; holders" {
	on lent -j vf list
	assert_json '[.[] | select(.lease) | [.vf, .lease]] == [["eth0/0", "web-7"], ["eth0/1", "red"], ["eth0/3", "c1"],
		["eth0/4", "blue"], ["eth0/5", "c1"], ["eth0/6", "vm1"], ["eth0/12", "green"]]'
	assert_json 'all(.[]; .addresses == null and .gateways == null)' # costly
	on lent -j vf list --columns vf,addresses,gateways
	assert_json '.[0] == {vf: "eth0/0", addresses: ["192.0.2.1/24", "2001:db8::1/64"], gateways: ["192.0.2.254"]}'
	assert_json '.[1] == {vf: "eth0/1", addresses: [], gateways: []} and .[8].addresses == null'
	assert_json '.[11].addresses == ["192.0.2.11/24"]'
	on lent -j vf show eth0/0
	assert_json '.[0] | .lease == "web-7" and .addresses == ["192.0.2.1/24", "2001:db8::1/64"] and (.holders | length == 1)'
	assert_json '.[0].holders[0] | startswith("attached") and contains("blue") and contains("web-7")'
	on lent -j vf show eth0/6
	assert_json '.[0].holders[0] | startswith("attached") and contains("vm1")'
	on lent -j vf show eth0/2 eth0/7
	assert_json '[.[].lease] == [null, null] and (.[0].holders[0] | contains("network namespace blue, as eth5")) and .[1].holders == []'
	on lent vf list --columns vf,lease
	assert_line --regexp '^eth0/0 +web-7$'
	assert_line --regexp '^eth0/7 +-$'
	on lent vf list
	refute_line --partial LEASE
	# one query, whoever asks
	on lent -j vf list
	local vfs=$output
	on lent -j
	assert_json '[.[].vfs[]] == $want' --argjson want "$vfs"
}

# what others may do with them

@test "attached VFs are in use: bind, unbind, reset, destroy, create, pf set down" {
	for vf in 0 1 2 3 4 5 12; do
		for words in "bind eth0/$vf vfio-pci" "unbind eth0/$vf" "reset eth0/$vf"; do
			# shellcheck disable=SC2086
			bad 3 "refused: it is " lent vf $words
			assert_about eth0/$vf ""
		done
	done
	# without an interface, and without a reset of the device
	for words in "bind eth0/6 default" "unbind eth0/6" "reset eth0/6"; do
		# shellcheck disable=SC2086
		bad 3 "refused: it is attached to the network namespace vm1 (owner vm1)" lent vf $words
	done
	bad 3 "attached to the network namespace blue, as net1 (owner web-7)" lent vf unbind eth0/0
	bad 3 "VFs are in use" lent vf destroy eth0
	bad 3 "VFs are in use" lent pf set eth0 down
	dry lent vf unbind eth0/0 --force=in-use
	assert_exit 0
}

@test "what the PF sets for them can be set from here" {
	dry lent vf set eth0/0 vlan 7
	assert_plan "eth0/0: vlan 100 -> 7"
	dry lent vf set blue/net1 vlan 7
	assert_plan "eth0/0: vlan 100 -> 7"
	for key in "name x" "mtu 1400" up down; do
		# shellcheck disable=SC2086
		bad 3 "its interface is in the network namespace blue" lent vf set eth0/0 $key
	done
}

# repair

@test "repair: what has come home, is lost, or is gone; not what is where it belongs" {
	dry lent -j repair
	assert_exit 0
	assert_json '.changed and ([.actions[].object] | unique) == ["eth0/20", "eth0/3", "eth0/5", "eth0/7", "eth7/0"]'
	assert_json 'all(.actions[]; .result == "planned")'
	assert_json "[$steps"' | .[] | select(.[1] == "lease")] == [["eth0/3", "lease", "c1", null], ["eth0/5", "lease", "c1", null],
		["eth0/7", "lease", "c1", null], ["eth0/20", "lease", "c20", null], ["eth7/0", "lease", "red", null]]'
	# the VF that is eth0/7 by now is somebody else
	assert_json '[.actions[] | select(.object == "eth0/7")] | length == 1'
	assert_json '[.actions[] | select(.object == "eth0/3") | .attr] == ["vlan", "ifname", "lease"]'
	assert_json '[.actions[] | select(.object == "eth0/5") | .attr] | index("driver") == 0'
	dry lent repair
	assert_exit 0
	assert_line "eth0/3: ifname net3 -> eth0v3  (to be put back)"
	assert_line "eth7/0: lease red -> none  (planned)"
}

@test "repair: its warnings say why, and what was left alone" {
	dry lent -j repair
	assert_json 'def about($vf): .warnings[] | select(startswith($vf + ":"));
		(about("eth0/3") | contains("come back")) and (about("eth0/20") | contains("not exist")) and
		([about("eth0/5")] | length >= 1)'
	# in use here: detach would refuse as well
	assert_json '[.warnings[] | select(startswith("eth0/12:"))] | length == 1 and
		(.[0] | contains("has address 192.0.2.12/24") and contains("--force=in-use"))'
	assert_json 'all(.warnings[]; endswith(".") | not)'
	dry lent repair -q
	assert_exit 0
	assert_equal "$stderr" ""
	dry lent repair --force=in-use
	assert_exit 0
}

@test "repair: nothing to do" {
	for name in basic change netns big1024 nodriver nvme baresysfs vfio; do
		dry "$name" -j repair
		assert_exit 0
		assert_json "$nothing_to_do"
		dry "$name" repair
		assert_output ""
		assert_equal "$stderr" ""
	done
	# where all are where they belong
	local dir
	dir=$(copy_fixture lent)
	find "$dir/run/sriovctl/attached" -type f ! -name '*:21:00.0-[0146]' -delete
	at "$dir" -j --dry-run repair
	assert_json "$nothing_to_do"
}

@test "repair: --diff" {
	dry lent repair --diff
	assert_line "-eth0/3 vlan 300"
	assert_line "+eth0/3 vlan 0"
	assert_line "-eth0/20 lease c20"
	assert_line "+eth0/20 lease none"
}

# what is on disk

@test "a lease that is damaged: a warning, and nobody's VF" {
	local dir bad
	for bad in '' '{' '[]' 'null' '"x"' '{"pf": 3}' '{"pf": "pci/0000:21:00.0", "index": 0}' \
		'{"pf": "pci/0000:21:00.0", "index": 0, "vf": "eth0/0", "netns": "blue", "home": {"vlan": "x"}}' \
		'{"pf": "pci/0000:21:00.0", "index": 0, "vf": "eth0/0", "netns": "blue", "home": {"state": 77}}' \
		'{"pf": "pci/0000:21:00.0", "index": 0, "vf": "eth0/0", "netns": "blue", "home": {"altnames": [1]}}' \
		"$(head -c 100000 /dev/zero | tr '\0' '[')"; do
		dir=$BATS_TEST_TMPDIR/lent
		rm -rf "$dir"
		cp -a "$(fixture lent)" "$dir"
		echo "$bad" >"$dir/run/sriovctl/attached/pci-0000:21:00.0-0"
		at "$dir" -j netns list
		assert_exit 0
		assert_err "is damaged"
		assert_json '.[0] | [.vf, .state, .owner] == ["eth0/0", "moved", null]'
		at "$dir" -j --dry-run netns detach eth0/0 owner web-7
		assert_json_error 3 "not by 'sriovctl netns attach'"
		at "$dir" -j --dry-run repair
		assert_exit 0
		assert_json 'any(.warnings[]; contains("is damaged")) and all(.actions[]; .object != "eth0/0")'
	done
}

@test "leases that say odd things" {
	local dir file filter
	for filter in '.index = 4294967295' '.index = -1' '.index = 1.5' '.index = "0"' '.since = -1' '.since = 1e300' '.since = null' \
		'.owner = 3' '.ifname = "x" * 5000' '.netns = ""' '.netns_inode = -1' '.home = {}' '.home.ifname = null' \
		'.home.mtu = 0' '.home.altnames = []' '.home.nosuch = 1' '.pf = "pci/../../x"' '.vf = "x"' '.bdf = "x"' \
		'.home.if_mac = "00"' '.home.lease = "x"' '.home.driver = null' '.pf = "netdevsim/netdevsim1"'; do
		dir=$BATS_TEST_TMPDIR/lent
		rm -rf "$dir"
		cp -a "$(fixture lent)" "$dir"
		file=$dir/run/sriovctl/attached/pci-0000:21:00.0-0
		jq "$filter" "$file" >"$file.new"
		mv "$file.new" "$file"
		for words in "netns list" "vf list" "--dry-run netns detach eth0/0 --force" "--dry-run repair" "vf show eth0/0" \
			"--dry-run netns attach eth0/0 blue owner web-7 vlan 9"; do
			# shellcheck disable=SC2086
			at "$dir" -j $words
			((status == 0 || status == 3)) || { echo "$filter: $words"; show_run; } | fail
			assert_json 'type != "null"'
		done
	done
}

@test "leases of this host: those of an earlier boot count for nothing; without root they are not known" {
	local dir=$BATS_TEST_TMPDIR/runtime boot
	boot=$(</proc/sys/kernel/random/boot_id)
	export SRIOVCTL_RUNTIME_DIR=$dir
	mkdir -m 700 "$dir" "$dir/attached"
	# of a PF that is nowhere
	sed 's/0000:81:/fffe:81:/' "$(fixture lent)/run/sriovctl/attached/pci-0000:81:00.0-0" >"$dir/attached/pci-fffe:81:00.0-0"
	sriovctl -j netns list
	assert_exit 0
	assert_json 'all(.[]; .state != "gone")'
	sriovctl -j repair --dry-run
	assert_json 'all(.actions[]; .object != "eth7/0")'
	sed -i "s/\"boot\": .*/\"boot\": \"$boot\",/" "$dir/attached/pci-fffe:81:00.0-0"
	sriovctl -j netns list
	assert_json 'any(.[]; .vf == "eth7/0" and .state == "gone" and (.pids == [] or .pids == null))'
	sriovctl -j repair --dry-run
	assert_exit 0
	assert_json 'any(.actions[]; . == {object: "eth7/0", attr: "lease", old: "red", new: null, result: "planned"})'
	[[ -e $dir/attached/pci-fffe:81:00.0-0 && ! -e $dir/lock && ! -e $dir/journal ]]
	if [[ $EUID -eq 0 ]]; then
		install -m 755 "$SRIOVCTL" /tmp/sriovctl.$$
		run --separate-stderr as_nobody /tmp/sriovctl.$$ netns list
		rm -f /tmp/sriovctl.$$
		assert_exit 0
		assert_err "known to root alone"
	fi
}
