#!/usr/bin/env bats
# vf create, vf destroy: what would be done on a captured host, and what is refused.

# shellcheck disable=SC2016,SC2154,SC2258

load helper

nothing_to_do='. == {"changed": false, "actions": [], "warnings": []}'

@test "a snapshot is not changed without --dry-run" {
	for words in "vf create ens2 4" "vf destroy ens2" "vf destroy ens2 --force=in-use"; do
		# shellcheck disable=SC2086
		on basic $words
		assert_exit 1
		assert_err "a snapshot cannot be changed"
		assert_err "--dry-run"
		# shellcheck disable=SC2086
		on basic -j $words
		assert_json_error 1 "a snapshot cannot be changed"
	done
}

@test "--dry-run writes nothing anywhere" {
	local dir before
	dir=$(copy_fixture netns)
	export SRIOVCTL_RUNTIME_DIR=$BATS_TEST_TMPDIR/runtime
	before=$(cd "$dir" && find . -printf '%p %T@ %l\n' | sort)
	at "$dir" vf destroy ens1f0 --dry-run --force=in-use
	assert_exit 0
	at "$dir" vf create ens1f0 5 --dry-run --force=in-use
	assert_exit 0
	assert_equal "$(cd "$dir" && find . -printf '%p %T@ %l\n' | sort)" "$before"
	[[ ! -e $BATS_TEST_TMPDIR/runtime ]]
}

@test "making the first VFs" {
	dry basic -j vf create ens1f1 4
	assert_exit 0
	assert_json '. == {"changed": true, "actions": [{"object": "ens1f1", "attr": "num_vfs",
		"old": 0, "new": 4, "result": "planned"}], "warnings": []}'
	dry basic vf create ens1f1 4
	assert_exit 0
	assert_output "ens1f1: num_vfs 0 -> 4  (planned)"
	dry basic vf create 0000:21:00.1 4 --diff
	assert_exit 0
	assert_output "-ens1f1 num_vfs 0
+ens1f1 num_vfs 4"
}

@test "making as many as there are is nothing to do" {
	dry basic -j vf create ens2 2
	assert_exit 0
	assert_json "$nothing_to_do"
	dry basic vf create ens2 2
	assert_exit 0
	assert_output ""
	dry basic vf create ens2 2 -v
	assert_output --partial "nothing to do"
	dry basic -j vf create ens1f1 0
	assert_json "$nothing_to_do"
	dry basic -j vf destroy ens1f1
	assert_exit 0
	assert_json "$nothing_to_do"
}

@test "nothing to do is nothing to refuse" {
	dry inuse -j vf create addr4 2
	assert_exit 0
	assert_json "$nothing_to_do"
	dry nodriver -j vf destroy 0000:21:00.0
	assert_exit 0
	assert_json "$nothing_to_do"
	dry vfio -j vf create ens1f0 3
	assert_exit 0
}

@test "removing all VFs" {
	dry basic -j vf destroy ens2
	assert_exit 0
	assert_json '. == {"changed": true, "actions": [{"object": "ens2", "attr": "num_vfs",
		"old": 2, "new": 0, "result": "planned"}], "warnings": []}'
	dry basic vf destroy ens2
	assert_output "ens2: num_vfs 2 -> 0  (planned)"
	dry basic -j vf create ens2 0
	assert_json '.actions | length == 1'
}

@test "another number goes by way of 0 and keeps what the survivors had" {
	dry basic -j vf create ens1f0 5
	assert_exit 0
	assert_json '.changed and ([.actions[].result] | unique) == ["planned"]'
	assert_json '[.actions[] | select(.attr == "num_vfs") | [.old, .new]] == [[3, 0], [0, 5]]'
	# attributes before probe: off, 0, 5, settings, on, drivers, interfaces
	assert_json '[.actions[] | select(.attr == "autoprobe") | .new] == [false, true]'
	assert_json '[.actions[].attr] | index("autoprobe") == 0'
	assert_json '([.actions[] | select(.attr == "mac") | .object]) == ["ens1f0/0", "ens1f0/2"]'
	assert_json '[.actions[] | select(.attr == "vlan")] == [{"object": "ens1f0/0",
		"attr": "vlan", "old": 100, "new": 100, "result": "planned"}]'
	assert_json 'any(.actions[]; .object == "ens1f0/0" and .attr == "qos" and .new == 3)'
	assert_json 'any(.actions[]; .object == "ens1f0/1" and .attr == "max_tx_rate" and
		.new == 500)'
	assert_json 'any(.actions[]; .object == "ens1f0/1" and .attr == "spoofchk" and
		.new == false)'
	assert_json 'any(.actions[]; .object == "ens1f0/2" and .attr == "altname" and
		.new == "guest-net")'
	assert_json 'any(.actions[]; .object == "ens1f0/2" and .attr == "ifname" and
		.new == "ens1f0v2")'
	assert_json 'any(.actions[]; .object == "ens1f0/0" and .attr == "up") and
		(any(.actions[]; .object == "ens1f0/2" and .attr == "up") | not)'
	# what igb does not keep is not put back
	assert_json 'all(.actions[]; .attr != "state")'
	# the order: settings before the drivers are let at them, interfaces last
	assert_json '[.actions[].attr] |
		(rindex("num_vfs") < index("mac")) and (rindex("spoofchk") < rindex("autoprobe"))
		and (rindex("autoprobe") < index("driver")) and (rindex("driver") < index("ifname"))'
}

@test "fewer VFs: those that go have no steps" {
	dry basic -j vf create ens1f0 1
	assert_exit 0
	assert_json '[.actions[] | select(.attr == "num_vfs") | [.old, .new]] == [[3, 0], [0, 1]]'
	assert_json 'all(.actions[]; .object == "ens1f0" or .object == "ens1f0/0")'
}

@test "VFs given to vfio-pci, or to nothing, stay so" {
	dry vfio -j vf create ens1f1 4
	assert_exit 0
	assert_json '[.actions[] | select(.attr == "driver") | [.object, .new]] ==
		[["ens1f1/0", "vfio-pci"], ["ens1f1/1", "vfio-pci"], ["ens1f1/2", "default"],
		["ens1f1/3", "default"]]'
	assert_json 'all(.actions[]; .attr != "ifname")'
	dry noiface -j vf create ens1f0 4
	assert_exit 0
	assert_json 'all(.actions[]; .object != "ens1f0/1" or .attr != "driver")'
}

@test "a thousand VFs: a plan of all of them" {
	dry big1024 -j vf create ens9 1023
	assert_exit 0
	assert_json '[.actions[] | select(.attr == "mac")] | length == 1023'
	assert_json '[.actions[] | select(.attr == "vlan") | .new] == [range(1; 1023)]'
}

@test "InfiniBand GUIDs survive" {
	dry infiniband -j vf create ib0 3
	assert_exit 0
	assert_json '[.actions[] | select(.attr == "node_guid") | .new] ==
		["b8:59:9f:03:00:aa:bb:01", "b8:59:9f:03:00:aa:bb:02"]'
}

@test "a PF without an interface" {
	dry nvme -j vf create 0000:61:00.0 4
	assert_exit 0
	assert_json '[.actions[] | select(.attr == "num_vfs") | .new] == [0, 4]'
	assert_json 'all(.actions[]; .attr != "mac")'
}

@test "more than the device can have: usage" {
	dry basic -j vf create ens1f1 8
	assert_json_error 1 "7 VFs at most"
	assert_json '.error.object == "ens1f1" and (.error.hint | length > 0)'
	dry basic vf create ens1f1 7
	assert_exit 0
	dry basic vf create ens1f1 65535
	assert_exit 1
}

@test "a PF that is not there: not found" {
	dry basic -j vf create nosuch 2
	assert_json_error 4 "no PF 'nosuch'"
	dry basic vf destroy 0000:99:00.0
	assert_exit 4
	assert_output ""
}

@test "no driver, no SR-IOV: not supported" {
	dry nodriver -j vf create 0000:21:00.0 2
	assert_json_error 5 "it has no driver"
	assert_json '.error.object == "0000:21:00.0"'
	dry basic -j vf create eth9 2
	assert_json_error 5 "no SR-IOV capability"
}

@test "a PF whose total is not known may still be asked" {
	dry missing vf create 0000:01:00.0 2
	assert_exit 0
	assert_output --partial "num_vfs 0 -> 2"
}

# refused PF PART-OF-THE-MESSAGE OBJECT [FIXTURE]
refused() {
	local fixture=${4:-inuse}
	for words in "vf destroy $1" "vf create $1 1" "vf create $1 4"; do
		# shellcheck disable=SC2086
		dry "$fixture" -j $words
		assert_json_error 3 "$2"
		assert_json '.error.object == $object and .changed == false and
			(.error.hint | length > 0) and .warnings == [] and
			([.actions[].result] | unique) == ["skipped"]' --arg object "$3"
		# shellcheck disable=SC2086
		dry "$fixture" $words
		assert_exit 3
		assert_output ""
		assert_err "$3: refused: "
		assert_err "$2"
	done
}

# forced PF: what --force=in-use, and --force, let through
forced() {
	for option in --force=in-use --force; do
		dry "${2:-inuse}" -j vf destroy "$1" $option
		assert_exit 0
		assert_json '.changed and ([.actions[].result] | unique) == ["planned"]'
		dry "${2:-inuse}" -j vf create "$1" 3 $option
		assert_exit 0
	done
}

@test "in use: an IPv4 address" {
	refused addr4 "address 192.0.2.1/24" addr4/1
	assert_err "--force=in-use"
	forced addr4
}

@test "in use: an IPv6 address" {
	refused addr6 "address 2001:db8::1/64" addr6/1
	forced addr6
}

@test "in use: an IPv4 route" {
	refused route4 "a route to 198.51.100.0/24" route4/1
	forced route4
}

@test "in use: an IPv6 route" {
	refused route6 "a route to 2001:db8:1::/48" route6/1
	forced route6
}

@test "in use: the second way of a route over two interfaces" {
	refused hop "a route to 203.0.113.0/24" hop/1
	forced hop
}

@test "in use: a VLAN on top" {
	refused vlan "carries vlan5 (vlan)" vlan/1
	forced vlan
}

@test "in use: a macvlan on top" {
	refused macvlan "carries mv0 (macvlan)" macvlan/1
	forced macvlan
}

@test "in use: a bridge has it" {
	refused master "belongs to br0" master/1
	forced master
}

@test "in use: in another namespace" {
	refused space "network namespace blue, as net1" space/1
	forced space
	refused ens1f0 "network namespace blue, as net1" ens1f0/0 netns
	assert_err "1 more"
	forced ens1f0 netns
}

@test "in use: the PF has the default route" {
	refused pfdefault "the default route" pfdefault
	assert_err "--force=in-use"
	forced pfdefault
}

@test "in use: the PF is the second way of the default route" {
	refused pfhop "the default route" pfhop
	forced pfhop
}

@test "in use: a VLAN on the PF has the default route" {
	refused pfvlan "the default route" pfvlan
	forced pfvlan
}

@test "in use: a bridge has the PF" {
	refused pfmaster "belongs to br0" pfmaster
	forced pfmaster
}

@test "not in use: link-local addresses, the kernel's own routes, a number of elsewhere" {
	for pf in idle elsewhere; do
		dry inuse -j vf destroy "$pf"
		assert_exit 0
		assert_json '.changed'
	done
}

@test "a vfio user cannot be forced away" {
	for option in "" --force --force=in-use; do
		# shellcheck disable=SC2086
		dry vfio -j vf destroy ens1f0 $option
		assert_json_error 3 "held by process 4711 (qemu-system-x86) through /dev/vfio/32"
		assert_json '.error.object == "ens1f0/1" and .changed == false'
		refute_err "--force"
	done
	dry vfio vf create ens1f0 1 --force
	assert_exit 3
	# bound to vfio-pci, but nobody has it
	dry vfio vf destroy ens1f1
	assert_exit 0
}

@test "what is refused is not shown as a difference" {
	dry inuse vf destroy addr4 --diff
	assert_exit 3
	assert_output ""
	dry vfio vf create ens1f0 1 --diff --force
	assert_exit 3
	assert_output ""
}

@test "what cannot be forced is named first" {
	dry evilalias -j vf destroy ens1f0
	assert_json_error 3 "held by process 4711"
	assert_json '.error.object == "ens1f0/1" and (.error.message | contains("1 more"))'
}

@test "one other VF in use is not \"1 more VFs\"" {
	dry netns vf destroy ens1f0
	assert_exit 3
	refute_err "1 more VFs are"
}

@test "--quiet says nothing of success, --diff still shows" {
	dry basic -q vf destroy ens2
	assert_exit 0
	assert_output ""
	dry basic -q vf destroy ens2 --diff
	assert_output --partial "+ens2 num_vfs 0"
	dry inuse -q vf destroy addr4
	assert_exit 3
	assert_err "refused"
}

@test "-v shows the means as well as the ends" {
	dry basic vf create ens1f0 5
	refute_output --partial autoprobe
	dry basic -v vf create ens1f0 5
	assert_output --partial "ens1f0: autoprobe on -> off  (planned)"
}

@test "plain sysfs is enough to plan on" {
	dry baresysfs -j vf destroy ens1
	assert_exit 0
	assert_json '.actions[0] | .old == 2 and .new == 0'
}

@test "a plan on a VF list that is incomplete says so" {
	# the settings of VFs 5 to 7 are not known and would be lost
	dry truncated -j vf create ens1f0 9
	[[ $status -ne 0 ]] || assert_json '.warnings | length > 0'
}
