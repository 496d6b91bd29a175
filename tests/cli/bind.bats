#!/usr/bin/env bats
# vf bind, vf unbind, vf reset: what would be done on a captured host, and what is refused.

# shellcheck disable=SC2016,SC2154,SC2258

load helper

nothing_to_do='. == {"changed": false, "actions": [], "warnings": []}'

# the steps of the last JSON as [object, attr, old, new]
steps='[.actions[] | [.object, .attr, .old, .new]]'

@test "to vfio-pci: the node to hand on is named" {
	dry change vf bind eth0/5 vfio-pci
	assert_plan "eth0/5: driver ixgbevf -> vfio-pci" "eth0/5: vfio /dev/vfio/25"
	dry change -j vf bind eth0/5 vfio-pci
	assert_json '. == {"changed": true, "actions": [
		{"object": "eth0/5", "attr": "driver", "old": "ixgbevf", "new": "vfio-pci",
			"result": "planned"},
		{"object": "eth0/5", "attr": "vfio", "old": null, "new": "/dev/vfio/25",
			"result": "planned"}], "warnings": []}'
	dry change vf bind eth0/3 vfio-pci
	assert_plan "eth0/3: driver vfio-pci" "eth0/3: vfio /dev/vfio/23"
	dry change vf bind eth1/2 vfio-pci
	assert_plan "eth1/2: driver pci-stub -> vfio-pci" "eth1/2: vfio /dev/vfio/32"
	dry change vf bind eth0/5 vfio-pci --diff
	assert_line "-eth0/5 driver ixgbevf"
	assert_line "+eth0/5 driver vfio-pci"
}

@test "what is bound already stays" {
	dry change -j vf bind eth0/4 vfio-pci
	assert_json "$nothing_to_do"
	dry change -j vf bind eth0/5 ixgbevf
	assert_json "$nothing_to_do"
	dry change -j vf bind eth0/0,1,5 eth1/1 default
	assert_json "$nothing_to_do"
	dry change -j vf unbind eth0/3
	assert_json "$nothing_to_do"
	dry change vf bind eth0/5 default -v
	assert_output "eth0: nothing to do"
	# whoever has it
	dry netns -j vf bind ens1f0/0 default
	assert_json "$nothing_to_do"
}

@test "back to the host: by name, and default" {
	dry vfio vf bind ens1f1/0 default
	assert_plan "ens1f1/0: driver vfio-pci -> default"
	dry vfio vf bind ens1f1/0 ixgbevf
	assert_plan "ens1f1/0: driver vfio-pci -> ixgbevf"
	dry change vf bind eth0/3 eth1/0 default
	assert_plan "eth0/3: driver default" "eth1/0: driver default"
	dry nvme vf bind 0000:61:00.0/1 default
	assert_plan "0000:61:00.0/1: driver default"
}

@test "a driver_override that is there is taken away" {
	dry change vf bind eth0/2 default
	assert_plan "eth0/2: driver_override vfio-pci -> none" "eth0/2: driver vfio-pci -> default"
	dry change vf unbind eth0/2
	assert_plan "eth0/2: driver_override vfio-pci -> none" "eth0/2: driver vfio-pci -> none"
	dry change vf bind eth0/2 vfio-pci
	assert_plan "eth0/2: driver_override vfio-pci -> none"
}

@test "unbinding" {
	dry change vf unbind eth0/5
	assert_plan "eth0/5: driver ixgbevf -> none"
	dry change -j vf unbind eth0/5 eth1/1
	assert_json "$steps"' == [["eth0/5", "driver", "ixgbevf", null],
		["eth1/1", "driver", "mlx5_core", null]]'
}

@test "VFs of several PFs: all or none" {
	dry change vf bind eth1/3 eth0/5 vfio-pci
	assert_plan "eth0/5: driver ixgbevf -> vfio-pci" "eth0/5: vfio /dev/vfio/25" \
		"eth1/3: driver mlx5_core -> vfio-pci" "eth1/3: vfio /dev/vfio/33"
	bad 3 "it has address" change vf bind eth1/3 eth0/1 vfio-pci
	bad 3 "it has address" change vf unbind eth1/3 eth0/1
	bad 3 "it has address" change vf reset eth1/3 eth0/1
	bad 3 "IOMMU group 40" change vf bind eth1/3 eth2/0 vfio-pci
}

@test "in use: refused, or by force" {
	for words in "vf bind eth0/1 vfio-pci" "vf unbind eth0/1" "vf reset eth0/1"; do
		# shellcheck disable=SC2086
		bad 3 "it has address 192.0.2.1/24" change $words
		assert_about eth0/1 ""
		assert_hint "--force=in-use"
		for option in --force --force=in-use; do
			# shellcheck disable=SC2086
			dry change -j $words $option
			assert_exit 0
			assert_json '.changed'
		done
		# shellcheck disable=SC2086
		bad 3 "it has address" change $words --force=iommu-group,duplicate-mac
	done
	bad 3 "belongs to br0 (bridge)" inuse vf unbind master/1
	bad 3 "carries vlan5 (vlan)" inuse vf unbind vlan/1
	bad 3 "network namespace blue, as net1" inuse vf unbind space/1
	bad 3 "a route to 198.51.100.0/24" inuse vf reset route4/1
	dry inuse vf unbind idle/1
	assert_plan "idle/1: driver ixgbevf -> none"
	# the PF's own traffic is not touched by this
	dry inuse vf unbind pfdefault/1
	assert_plan "pfdefault/1: driver ixgbevf -> none"
}

@test "held through vfio: never" {
	for words in "vf bind eth0/4 default" "vf bind eth0/4 pci-stub" "vf unbind eth0/4" \
		"vf reset eth0/4" "vf unbind eth0/all"; do
		for option in -v --force --force=in-use; do
			# shellcheck disable=SC2086
			bad 3 "held by process 4711 (qemu-system-x86) through /dev/vfio/24" \
				change $words $option
			assert_about eth0/4 ""
			refute_err "--force"
		done
	done
}

@test "a PF by mistake" {
	for pf in eth0 0000:21:00.0 21:00.0; do
		for words in "vf bind $pf vfio-pci" "vf unbind $pf" "vf reset $pf" \
			"vf bind eth0/5 $pf vfio-pci"; do
			# shellcheck disable=SC2086
			bad 1 "$pf is a PF, not a VF" change $words
			assert_hint "$pf/all"
		done
	done
	bad 5 "no SR-IOV capability" basic vf unbind eth9
}

@test "a driver that does not exist" {
	bad 4 "there is no driver 'nosuch' on this host" change vf bind eth0/5 nosuch
	assert_about eth0/5 driver
	bad 4 "no driver 'vfoi-pci'" change vf bind eth0/5 vfoi-pci
	assert_hint "did you mean vfio-pci?"
	bad 4 "no driver 'none'" change vf bind eth0/5 none
	bad 4 "no driver 'Default'" change vf bind eth0/5 Default
	# a part of the VFs has it, for the others it is none
	bad 4 "no driver 'nosuch'" change vf bind eth0/3 eth1/0 nosuch
}

@test "a snapshot that does not say which drivers there are: any" {
	dry lab14 vf bind eth0/4 vfio-pci
	assert_plan "eth0/4: driver vfio-pci" "eth0/4: vfio /dev/vfio/17"
	dry lab14 -j vf set eth0/1 mac auto
	assert_exit 0
	assert_json '[.actions[] | select(.attr == "driver") | .new] == [null, "igbvf"]'
}

@test "a driver's name is one name" {
	bad 4 "no driver '../drivers/vfio-pci'" change vf bind eth0/5 ../drivers/vfio-pci
	bad 4 "no driver 'vfio-pci/'" change vf bind eth0/5 vfio-pci/
	bad 4 "no driver 'vfio-pci/../pci-stub'" change vf bind eth0/5 vfio-pci/../pci-stub
	bad 4 "no driver '.'" change vf bind eth0/5 .
	bad 4 "no driver '..'" change vf bind eth0/5 ..
}

@test "an empty name of a driver is not none" {
	# vf bind VF "$DRIVER" with DRIVER unset
	bad 1 "empty" change vf bind eth0/5 ""
	bad 1 "empty" change vf bind eth0/3 ""
}

@test "missing words, words too many, words in another order" {
	bad 1 "DRIVER is missing" change vf bind eth0/5
	bad 1 "VF is missing" change vf bind
	bad 1 "VF is missing" change vf unbind
	bad 1 "VF is missing" change vf reset
	bad 4 "no VF 'vfio-pci'" change vf bind vfio-pci eth0/5
	bad 4 "no VF 'vfio-pci'" change vf unbind eth0/5 vfio-pci
	bad 4 "no VF 'driver'" change vf bind eth0/5 driver vfio-pci
	bad 4 "empty VF name" change vf bind "" vfio-pci
	bad 4 "empty VF name" change vf reset ""
	bad 4 "empty VF name" change vf unbind eth0/5 ""
	bad 4 "eth0 has no VF 6" change vf bind eth0/5-6 vfio-pci
	bad 4 "eth3 has no VF 0" change vf reset eth3/0
}

@test "very long words" {
	local long
	long=$(head -c 70000 /dev/zero | tr '\0' x)
	for words in "vf bind eth0/5 $long" "vf bind $long vfio-pci" "vf unbind $long" "vf reset $long"; do
		# shellcheck disable=SC2086
		dry change $words
		assert_exit 4
		assert_output ""
		((${#stderr} < 1200)) || fail "an error of ${#stderr} bytes"
	done
}

@test "control characters" {
	local dir evil=$'a\033[2J\n\x9b31m'
	dir=$(fixture change)
	clean --snapshot "$dir" --dry-run vf bind eth0/5 "$evil"
	assert_exit 4
	clean -j --snapshot "$dir" --dry-run vf bind eth0/5 "$evil"
	assert_exit 4
	clean --snapshot "$dir" --dry-run vf bind "$evil" vfio-pci
	assert_exit 4
	clean --snapshot "$dir" --dry-run vf reset "$evil"
	assert_exit 4
	dir=$(fixture evilalias)
	for words in "vf unbind ens1f0/0" "vf reset ens1f0/0" "vf unbind ens1f0/1" "vf reset ens1f0/2"; do
		# shellcheck disable=SC2086
		clean --snapshot "$dir" --dry-run $words
		# shellcheck disable=SC2086
		clean -j --snapshot "$dir" --dry-run $words --force
		assert_json 'type == "object"'
	done
}

@test "IOMMU groups: what else is in it" {
	bad 3 "its IOMMU group 40 also holds 0000:61:00.0 (ixgbe) and 1 more" \
		change vf bind eth2/0 vfio-pci
	assert_about eth2/0 driver
	assert_hint "--force=iommu-group"
	# the other VF comes along, the PF cannot
	bad 3 "also holds 0000:61:00.0 (ixgbe)" change vf bind eth2/all vfio-pci
	refute_err "1 more"
	bad 3 "IOMMU group 40" change vf bind eth2/0 vfio-pci --force=in-use
	for option in --force --force=iommu-group; do
		dry change vf bind eth2/all vfio-pci $option
		assert_plan "eth2/0: driver ixgbevf -> vfio-pci" "eth2/0: vfio /dev/vfio/40" \
			"eth2/1: driver ixgbevf -> vfio-pci" "eth2/1: vfio /dev/vfio/40"
	done
	# other drivers do not mind
	dry change vf bind eth2/0 pci-stub
	assert_plan "eth2/0: driver ixgbevf -> pci-stub"
	dry change vf unbind eth2/0
	assert_exit 0
}

@test "vfio without an IOMMU" {
	bad 5 "this host has no IOMMU at work" basic vf bind ens1f0/0 vfio-pci
	assert_about ens1f0/0 driver
	assert_hint "intel_iommu=on"
	bad 5 "no IOMMU" basic vf bind ens1f0/0 vfio-pci --force
	# where vfio is told to do without, the node is known only later
	dry noiommu -j vf bind eth0/0 vfio-pci
	assert_exit 0
	assert_json "$steps"' == [["eth0/0", "driver", "ixgbevf", "vfio-pci"],
		["eth0/0", "vfio", null, null]]'
}

@test "a VF that is no PCI device has no driver" {
	bad 5 "it is no PCI device" missing vf bind ens3/1 default
	bad 5 "it is no PCI device" missing vf unbind ens3/1
	bad 5 "it is no PCI device" missing vf reset ens3/1
}

@test "reset: the device without its driver, then as new" {
	dry change vf reset eth0/0
	assert_plan "eth0/0: reset flr" "eth0/0: mac 52:54:00:00:21:01 -> 00:00:00:00:00:00" \
		"eth0/0: vlan 100 -> 0" "eth0/0: qos 3 -> 0" "eth0/0: max_tx_rate 500 -> 0" \
		"eth0/0: spoofchk off -> on" "eth0/0: trust on -> off" "eth0/0: driver ixgbevf=" \
		"eth0/0: ifname eth0v0=" "eth0/0: altname tenant-a=" "eth0/0: up on="
	dry change -j vf reset eth0/0
	# off before the reset, on after the settings
	assert_json '[.actions[].attr] | .[:2] == ["driver", "reset"] and
		index("trust") < rindex("driver") and rindex("driver") < index("ifname")'
	assert_json '.actions[0] | .old == "ixgbevf" and .new == null'
	assert_json '.actions[1] | .old == null and .new == "flr"'
}

@test "reset: the driver stays, whatever it is" {
	dry change vf reset eth0/2
	assert_plan "eth0/2: reset flr" "eth0/2: mac 52:54:00:00:21:03 -> 00:00:00:00:00:00"
	dry change vf reset eth0/3
	assert_plan "eth0/3: reset flr" "eth0/3: mac 52:54:00:00:21:04 -> 00:00:00:00:00:00"
}

@test "reset: spoof checking as the driver makes new VFs" {
	# on with ixgbe, off with mlx5_core
	dry change -j vf reset eth0/0
	assert_json 'any(.actions[]; .attr == "spoofchk" and .new == true)'
	dry change -j vf reset eth1/1
	assert_json 'all(.actions[]; .attr != "spoofchk")'
	assert_json '[.actions[] | select(.attr == "max_tx_rate" or .attr == "min_tx_rate") | .new] == [0, 0]'
}

@test "reset: a device without a function-level reset, or one that takes others along" {
	dry change -j vf reset eth0/5
	assert_exit 0
	assert_json '(.warnings | length) == 1 and (.warnings[0] | contains("eth0/5") and
		contains("no function-level reset")) and all(.actions[]; .attr != "reset")'
	dry basic -j vf reset ens2/0
	assert_json '.warnings[0] | contains("no function-level reset")'
	assert_json '[.actions[].attr] == ["mac", "state"]'
}

@test "reset: InfiniBand keeps its GUIDs" {
	dry infiniband -j vf reset ib0/1
	assert_exit 0
	assert_json "$steps"' == [["ib0/1", "state", "enable", "auto"]]'
}

@test "a thousand VFs" {
	dry big1024 -j vf unbind ens9/all
	assert_exit 0
	assert_json '(.actions | length) == 1024 and all(.actions[]; .new == null)'
	dry big1024 -j vf reset ens9/all
	assert_exit 0
	assert_json '[.actions[] | select(.attr == "mac")] | length == 1024'
}

@test "options that mean nothing here" {
	for command in "bind eth0/5 vfio-pci" "unbind eth0/5" "reset eth0/5"; do
		for option in --columns=vf -s -d -o -br --no-header; do
			# shellcheck disable=SC2086
			dry change vf $command $option
			assert_exit 1
			assert_err "does not go with 'vf ${command%% *}'"
		done
	done
}
