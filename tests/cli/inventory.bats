#!/usr/bin/env bats
# What JSON says of each captured host: the contract.

# shellcheck disable=SC2016,SC2154,SC2258

load helper

PF_TYPES='{"pf":"string","ifname":"string","bdf":"string","driver":"string","link":"string",
	"up":"boolean","speed":"number","mac":"string","mtu":"number","numa_node":"number","num_vfs":"number",
	"total_vfs":"number","class":"string","handle":"string","ifindex":"number",
	"altnames":"array","alias":"string","permanent_mac":"string","vendor_id":"string",
	"device_id":"string","vendor_name":"string","device_name":"string","firmware":"string",
	"iommu_group":"number","initial_vfs":"number","autoprobe":"boolean",
	"vf_device_id":"string","vf_offset":"number","vf_stride":"number","ari":"boolean",
	"eswitch_mode":"string","rdma_devices":"array","truncated":"boolean"}'
VF_TYPES='{"vf":"string","pf":"string","index":"number","bdf":"string","driver":"string",
	"ifname":"string","netns":"string","link":"string","up":"boolean","mac":"string","vlan":"number",
	"qos":"number","proto":"string","max_tx_rate":"number","min_tx_rate":"number",
	"spoofchk":"boolean","trust":"boolean","state":"string","query_rss":"boolean",
	"node_guid":"string","port_guid":"string","numa_node":"number","iommu_group":"number",
	"vfio":"string","msix":"number","driver_override":"string","ifindex":"number",
	"altnames":"array","if_mac":"string","mtu":"number","addresses":"array","gateways":"array","pf_bdf":"string","representor":"string","devlink_port":"string","rdma_device":"string",
	"holders":"array","lease":"string"}'
STATS='{"rx_packets":"number","tx_packets":"number","rx_bytes":"number","tx_bytes":"number",
	"broadcast":"number","multicast":"number","rx_dropped":"number","tx_dropped":"number"}'
ALL="baresysfs basic dupname evilalias evilname infiniband inuse missing netns nodriver noiface
	nvme switchdev truncated vfio ari256 big1024 change noiommu lent"

# Every record has just these keys, each null or of its type.
keys_and_types() {
	assert_json 'all(.[]; (keys == ($types | keys)) and
		all(to_entries[]; .value == null or (.value | type) == $types[.key]))' \
		--argjson types "$1"
}

@test "the firmware is what the driver says, null where that is nothing" {
	on basic -j pf list --columns pf,firmware
	assert_json 'map([.pf, .firmware]) == [["ens1f0", "3.30, 0x80000a01"], ["ens1f1", null], ["ens2", null]]'
	on netns -j pf show ens1f0 --columns firmware # nothing was recorded
	assert_json '. == [{"firmware": null}]'
}

@test "every key is always there, and null or of its type" {
	local name
	for name in $ALL; do
		on "$name" -j pf list
		keys_and_types "$PF_TYPES"
		on "$name" -j vf list
		keys_and_types "$VF_TYPES"
		on "$name" -j
		keys_and_types "$(jq -c '. + {vfs: "array"}' <<<"$PF_TYPES")"
		output=$(jq -c '[.[].vfs[]]' <<<"$output")
		keys_and_types "$VF_TYPES"
	done
}

@test "statistics add their keys, and only then" {
	local types
	types=$(jq -nc "$VF_TYPES + $STATS")
	for name in basic baresysfs nvme; do
		on "$name" -j -s vf list
		keys_and_types "$types"
	done
}

@test "the same keys whatever else is asked for" {
	for option in --brief --details --oneline --no-header --color=always; do
		on basic -j pf list "$option"
		keys_and_types "$PF_TYPES"
	done
	on basic -j pf show ens2
	keys_and_types "$PF_TYPES"
	on basic -j vf show ens2/0
	keys_and_types "$VF_TYPES"
}

@test "the overview has what the lists have" {
	for name in basic switchdev vfio netns infiniband lent; do
		on "$name" -j pf list
		local pfs=$output
		on "$name" -j vf list
		local vfs=$output
		on "$name" -j
		assert_json '[.[] | del(.vfs)] == $want' --argjson want "$pfs"
		assert_json '[.[].vfs[]] == $want' --argjson want "$vfs"
	done
}

@test "no record is lost between sysfs and JSON" {
	for name in $ALL; do
		local dir want
		dir=$(fixture "$name")
		want=$(find "$dir/sys/devices" -name 'virtfn[0-9]*' | wc -l)
		on "$name" -j vf list
		assert_json 'length == $want' --argjson want "$want"
		on "$name" -j pf list
		assert_json '([.[].num_vfs] | add) == $want' --argjson want "$want"
	done
}

@test "a PF, all of it" {
	on basic -j pf show ens1f0
	assert_json '.[0] == {
		pf: "ens1f0", ifname: "ens1f0", bdf: "0000:21:00.0", driver: "igb", link: "up",
		up: true, speed: 1000, mac: "52:54:00:00:21:00", mtu: 1500, numa_node: 0, num_vfs: 3,
		total_vfs: 7, class: "ethernet", handle: "pci/0000:21:00.0", ifindex: 33,
		altnames: ["enp33s0f0", "port-a"], alias: "uplink to rack 7",
		permanent_mac: "52:54:00:aa:00:21", vendor_id: "0x8086", device_id: "0x10c9",
		vendor_name: "Intel Corporation",
		device_name: "82576 Gigabit Network Connection", firmware: "3.30, 0x80000a01", iommu_group: 11,
		initial_vfs: 7, autoprobe: true, vf_device_id: "0x10ca", vf_offset: 128,
		vf_stride: 2, ari: false, eswitch_mode: null, rdma_devices: null,
		truncated: false}'
}

@test "a VF, all of it" {
	on basic -j -s vf show ens2/1
	assert_json '.[0] == {
		vf: "ens2/1", pf: "ens2", index: 1, bdf: "0000:41:02.1", driver: "iavf",
		ifname: "ens2v1", netns: null, link: "up", up: true, mac: "52:54:00:00:41:02", vlan: 200,
		qos: 0, proto: "802.1ad", max_tx_rate: 10000, min_tx_rate: 100, spoofchk: true,
		trust: null, state: "disable", query_rss: null, node_guid: null,
		port_guid: null, numa_node: 1, iommu_group: null, vfio: null, msix: null,
		driver_override: null, ifindex: 65001, altnames: [], if_mac: "52:54:00:00:41:02", mtu: 9000, addresses: [], gateways: [], pf_bdf: "0000:41:00.0",
		representor: null, devlink_port: null, rdma_device: null, holders: [],
		lease: null, rx_packets: 2000, tx_packets: 2001, rx_bytes: 2002, tx_bytes: 2003,
		broadcast: 2004, multicast: 2005, rx_dropped: 2006, tx_dropped: 2007}'
}

@test "costly columns are null in lists, and there where they are asked for" {
	costly='[.msix, .driver_override, .holders, .addresses, .gateways] == [null, null, null, null, null]'
	for words in "vf list" "vf list eth1" "vf list -s" "vf list --brief"; do
		# shellcheck disable=SC2086
		on change -j $words
		assert_exit 0
		assert_json "length > 0 and all(.[]; $costly)"
	done
	on change -j
	assert_json "all(.[].vfs[]; $costly)"
	on change -j vf list eth1 --columns vf,msix
	assert_json '. == [{vf: "eth1/0", msix: 8}, {vf: "eth1/1", msix: 8}, {vf: "eth1/2", msix: 8},
		{vf: "eth1/3", msix: 8}]'
	on change -j vf list eth0 --columns driver_override,vf
	assert_json '[.[].driver_override] == [null, null, "vfio-pci", null, null, null]'
	on change -j vf list eth0 --columns holders
	assert_json '[.[].holders] == [[], ["address 192.0.2.1/24"], [], [],
		["process 4711 (qemu-system-x86) through /dev/vfio/24"], []]'
	for words in "vf list --details" "vf list --columns all" "vf show eth0/all eth1/all eth2/all"; do
		# shellcheck disable=SC2086
		on change -j $words
		assert_json '[.[] | select(.pf == "eth1") | .msix] == [8, 8, 8, 8] and
			all(.[]; .holders != null) and .[2].driver_override == "vfio-pci"'
	done
	# only those that are named
	on change -j vf list eth1 --columns +msix
	assert_json 'all(.[]; .msix == 8 and .holders == null and .driver_override == null)'
}

@test "costly columns in text" {
	on change vf list
	refute_output --partial MSIX
	refute_output --partial HOLDERS
	on change vf show eth0/4
	assert_line --regexp '^holders +process 4711 \(qemu-system-x86\) through /dev/vfio/24$'
	on change vf show eth1/2
	assert_line --regexp '^msix +8$'
	assert_line --regexp '^driver_override +pci-stub$'
	on change vf list eth0 --columns vf,holders
	assert_line --regexp '^eth0/1 +address 192.0.2.1/24$'
}

@test "holders: everything that a refusal would name" {
	for pair in "addr4/1=address 192.0.2.1/24" "route4/1=a route to 198.51.100.0/24" \
		"vlan/1=vlan5 (vlan)" "macvlan/1=mv0 (macvlan)" "master/1=br0 (bridge)" \
		"space/1=the network namespace blue, as net1"; do
		on inuse -j vf show "${pair%%=*}"
		assert_json '.[0].holders | any(.[]; contains($t))' --arg t "${pair#*=}"
	done
	on inuse -j vf show idle/1
	assert_json '.[0].holders == []'
}

@test "up: of the PF and of the VF's interface" {
	on basic -j pf list
	assert_json '[.[].up] == [true, true, false]'
	on basic -j vf list ens1f0
	assert_json '[.[].up] == [true, true, false]'
	on vfio -j vf list ens1f1
	assert_json '[.[].up] == [null, null]'
	on nvme -j pf list
	assert_json '.[0].up == null'
}

@test "what a driver does not keep is null, not its zero" {
	on basic -j -s vf show ens1f0/0
	assert_json '.[0] | .state == null and .rx_packets == null and .tx_dropped == null'
	assert_json '.[0] | .vlan == 100 and .qos == 3 and .spoofchk == true and .trust == false'
	on basic -j -s vf show ens2/0
	assert_json '.[0] | .trust == null and .query_rss == null and .state == "enable"'
}

@test "an address that is not set is all zero, and what the interface has is apart" {
	on basic -j vf show ens1f0/1
	assert_json '.[0] | .mac == "00:00:00:00:00:00" and .if_mac == "02:11:22:33:44:55"'
}

@test "link: up, no-carrier, down; no speed without a link" {
	on basic -j pf list
	assert_json '[.[].link] == ["up", "no-carrier", "down"]'
	assert_json '[.[].speed] == [1000, null, null]'
	on basic -j vf show ens1f0/2
	assert_json '.[0].link == "down"'
}

@test "256 VFs with ARI in a PCI domain of five digits" {
	on ari256 -j pf list
	assert_exit 0
	assert_json '.[0] | .bdf == "10000:01:00.0" and .handle == "pci/10000:01:00.0" and
		.ari == true and .initial_vfs == 256 and .num_vfs == 256 and .truncated == false'
	on ari256 -j vf list
	assert_json '[.[].index] == [range(256)]'
	assert_json '.[0].bdf == "10000:01:00.2" and .[5].bdf == "10000:01:00.7" and
		.[6].bdf == "10000:01:01.0" and .[253].bdf == "10000:01:1f.7" and
		.[254].bdf == "10000:02:00.0" and .[255].bdf == "10000:02:00.1"'
	assert_json 'all(.[]; .mac != null and .ifname == "ens9v\(.index)" and
		.pf_bdf == "10000:01:00.0")'
}

@test "all of 1024 VFs, though the length of the kernel's list has wrapped" {
	local dir
	dir=$(fixture big1024)
	on big1024 -j vf list
	assert_exit 0
	assert_equal "$stderr" ""
	assert_json '[.[].index] == [range(1024)]'
	assert_json '([.[].mac] | unique | length) == 1024 and ([.[].bdf] | unique | length) == 1024'
	assert_json 'all(.[]; .vlan == .index and .spoofchk == true and .qos == 0 and
		.ifname == "ens9v\(.index)")'
	on big1024 -j -s vf list
	assert_exit 0
	assert_json 'all(.[]; .rx_packets == 10 * .index + 1 and .tx_dropped == 10 * .index + 8 and
		.vlan == .index)'
	on big1024 vf list --no-header
	assert_equal "${#lines[@]}" 1024
}

@test "what stands behind a wrapped list is not lost" {
	on big1024 -j pf show behind-the-list
	assert_exit 0
	assert_json '.[0] | .num_vfs == 1024 and .truncated == false and
		.altnames == ["behind-the-list"] and .permanent_mac == "52:54:00:be:41:4d"'
}

@test "a list shorter than the kernel's own count: truncated, and exit 2" {
	for words in "" "pf list" "pf show ens1f0" "vf list" "vf list ens1f0" "vf show ens1f0/0"; do
		# shellcheck disable=SC2086
		on truncated -j $words
		assert_exit 2
		assert_err "incomplete"
		assert_json 'type == "array" and length > 0'
		# shellcheck disable=SC2086
		on truncated $words
		assert_exit 2
		assert_err "incomplete"
	done
	on truncated -j pf list
	assert_json '.[0] | .truncated == true and .num_vfs == 8'
	on truncated -j vf list
	assert_json 'length == 8 and ([.[] | select(.mac == null)] | length) == 3'
	assert_json '[.[] | select(.vlan == null) | .index] == [5, 6, 7]'
	on truncated pf show ens1f0
	assert_line --regexp '^truncated +on$'
}

@test "a netlink answer that was cut is not taken for whole" {
	local dir
	dir=$(copy_fixture basic)
	head -c 1500 "$dir/netlink/link" >"$dir/cut"
	mv "$dir/cut" "$dir/netlink/link"
	at "$dir" -j pf list
	assert_exit 2
	[[ -n $stderr ]]
}

@test "an empty or nonsensical netlink answer is not taken for a host without interfaces" {
	local dir
	dir=$(copy_fixture basic)
	: >"$dir/netlink/link"
	at "$dir" -j pf list
	[[ -n $stderr ]]
	assert_exit 2
	head -c 4096 /dev/zero >"$dir/netlink/link"
	at "$dir" -j pf list
	[[ -n $stderr ]]
	assert_exit 2
}

@test "a PF without driver and interface goes by its address" {
	on nodriver -j pf list
	assert_exit 0
	assert_json '.[0] | .pf == "0000:21:00.0" and .ifname == null and .driver == null and
		.mac == null and .link == null and .mtu == null and .altnames == null and
		.ifindex == null and .total_vfs == 63 and .num_vfs == 0'
}

@test "vfio: the node to hand on, its group" {
	on vfio -j vf list ens1f0
	assert_json '[.[].driver] == ["vfio-pci", "vfio-pci", "ixgbevf"]'
	assert_json '[.[].vfio] == ["/dev/vfio/31", "/dev/vfio/32", null]'
	assert_json '[.[].iommu_group] == [31, 32, 33]'
	assert_json '.[0] | .ifname == null and .ifindex == null and .altnames == null and
		.mac == "52:54:00:00:21:01"'
}

@test "a driver without an interface, and no driver" {
	on noiface -j vf list
	assert_exit 0
	assert_json '[.[].driver] == ["ixgbevf", null, "ixgbevf"]'
	assert_json '[.[].ifname] == [null, null, "ens1f0v2"]'
	assert_json 'all(.[]; .netns == null and .mac != null)'
}

@test "InfiniBand: 20-byte addresses and GUIDs" {
	on infiniband -j pf list
	assert_exit 0
	assert_json '.[0] | .class == "infiniband" and (.mac | length) == 59 and
		(.mac | endswith("aa:bb:00"))'
	on infiniband -j vf list
	assert_exit 0
	assert_json '[.[].node_guid] == ["b8:59:9f:03:00:aa:bb:01", "b8:59:9f:03:00:aa:bb:02"]'
	assert_json '[.[].port_guid] == ["b8:59:9f:03:00:aa:bc:01", "b8:59:9f:03:00:aa:bc:02"]'
	assert_json 'all(.[]; (.mac | length) == 59 and .spoofchk == null and .trust == null)'
	assert_json '[.[].state] == ["auto", "enable"]'
}

@test "a PF that is no network card" {
	on nvme -j pf list
	assert_exit 0
	assert_equal "$stderr" ""
	assert_json '.[0] | .pf == "0000:61:00.0" and .class == "nvme" and .driver == "nvme" and
		.ifname == null and .num_vfs == 2 and .truncated == null'
	on nvme -j vf list
	assert_equal "$stderr" ""
	assert_json '[.[].vf] == ["0000:61:00.0/0", "0000:61:00.0/1"]'
	assert_json '[.[].driver] == ["nvme", null]'
	assert_json 'all(.[]; .mac == null and .vlan == null and .spoofchk == null)'
}

@test "plain sysfs: what it says" {
	local dir
	dir=$(fixture baresysfs)
	[[ ! -e $dir/netlink ]]
	for d in "$dir" "$dir/sys"; do
		at "$d" -j pf list
		assert_exit 0
		assert_json '[.[].pf] == ["ens1", "ens2", "ens3"]'
		assert_json '.[0] | .mac == "52:54:00:00:21:00" and .mtu == 1500 and
			.link == "up" and .alias == "by hand" and .ifindex == 5 and
			.speed == 10000 and .num_vfs == 2'
		at "$d" -j vf list
		assert_exit 0
		assert_json '[.[].ifname] == ["ens1v0", null]'
		assert_json '.[0].if_mac == "52:54:00:00:21:01"'
	done
}

@test "plain sysfs: what only netlink knows is null, and so are missing files" {
	on baresysfs -j pf list
	assert_json 'all(.[]; .altnames == null)'
	assert_json 'all(.[]; .permanent_mac == null)'
	on baresysfs -j vf list
	assert_json 'all(.[]; .mac == null and .vlan == null and .trust == null)'
	assert_json '.[0] | .mtu == null and .ifindex == null and .link == null and
		.altnames == null'
}

@test "plain sysfs: an interface that is up without a cable is not down" {
	# operstate says "down" of both; the flags tell who did it
	on baresysfs -j pf list
	assert_json '.[1].link == "no-carrier" and .[2].link == "down"'
}

@test "missing and damaged files are null, with a warning, and no reason to fail" {
	on missing -j pf list
	assert_exit 0
	assert_json '.[0] | .total_vfs == null and .numa_node == null and .class == null and
		.vendor_id == "0x8086"'
	assert_json '.[1] | .total_vfs == null and .vf_offset == null and .autoprobe == null and
		.vendor_id == null and .vendor_name == null and .numa_node == null'
	assert_json '.[2] | .total_vfs == 63 and .num_vfs == 4'
	assert_err "0000:01:00.0: sriov_totalvfs"
	assert_err "0000:02:00.0: sriov_totalvfs"
}

@test "virtfn links that lead nowhere: the VF is shown, with a warning" {
	on missing -j vf list
	assert_exit 0
	assert_json '[.[].index] == [0, 1, 3, 4]'
	assert_json '[.[].bdf] == ["0000:03:1f.7", null, "0000:03:10.6", "0000:03:11.0"]'
	assert_json 'all(.[]; .mac != null)'
	assert_err "ens3: its link virtfn1 leads nowhere"
	assert_err "virtfn0"
}

@test "--quiet: no warnings" {
	on missing -q -j vf list
	assert_exit 0
	assert_equal "$stderr" ""
}

@test "unreadable files are told from missing ones" {
	local dir
	dir=$(copy_fixture basic)
	chmod 0 "$dir"/sys/devices/pci0000:00/0000:00:01.0/0000:21:00.0/sriov_totalvfs \
		"$dir"/sys/devices/pci0000:00/0000:00:01.0/0000:41:00.0/numa_node
	run --separate-stderr powerless "$SRIOVCTL" --snapshot "$dir" -j pf list
	assert_exit 0
	assert_json 'length == 3 and .[0].total_vfs == null and .[2].numa_node == null and
		.[1].total_vfs == 7'
	assert_err "0000:21:00.0: sriov_totalvfs is unreadable"
}

@test "a directory where a file should be" {
	local dir
	dir=$(copy_fixture basic)
	rm "$dir"/sys/devices/pci0000:00/0000:00:01.0/0000:21:00.0/sriov_totalvfs
	mkdir "$dir"/sys/devices/pci0000:00/0000:00:01.0/0000:21:00.0/sriov_totalvfs
	at "$dir" -j pf list
	assert_exit 0
	assert_json 'length == 3 and .[0].total_vfs == null'
	assert_err "sriov_totalvfs"
}

@test "an unreadable netlink answer is told" {
	local dir
	dir=$(copy_fixture basic)
	chmod 0 "$dir/netlink/link"
	run --separate-stderr powerless "$SRIOVCTL" --snapshot "$dir" -j pf list
	assert_err "cannot list network interfaces"
	assert_json 'length == 3 and .[0].pf == "0000:21:00.0"'
}

@test "switchdev: representors are found and are not the PF" {
	on switchdev -j pf list
	assert_exit 0
	assert_json 'length == 1 and .[0].ifname == "enp8s0f0np0" and .[0].ifindex == 8'
	on switchdev -j vf list
	assert_json '[.[].representor] == ["enp8s0f0_0", "enp8s0f0_1"]'
	assert_json '[.[].ifname] == ["enp8s0f0np0v0", "enp8s0f0np0v1"]'
	assert_json 'all(.[]; .mac != null)'
}

@test "interfaces of VFs in other namespaces" {
	on netns -j vf list
	assert_exit 0
	assert_json '[.[].ifname] == ["net1", "ens1f0v1", "net2"]'
	assert_json '[.[].netns] == ["blue", null, "pid:4242"]'
	assert_json '[.[].link] == ["up", "up", "up"]'
}

@test "one name in two namespaces is two interfaces" {
	on dupname -j vf list
	assert_json '[.[] | "\(.vf) \(.netns) \(.ifname)"] ==
		["ens1f0/0 red net1", "ens1f1/0 blue net1", "eth0/0 blue eth0"]'
}

@test "no snapshot: not found" {
	at /nonexistent pf list
	assert_exit 4
	assert_err "/nonexistent"
	mkdir "$BATS_TEST_TMPDIR/empty"
	at "$BATS_TEST_TMPDIR/empty" -j pf list
	assert_json_error 4 "is no snapshot"
	: >"$BATS_TEST_TMPDIR/file"
	at "$BATS_TEST_TMPDIR/file" -j pf list
	assert_exit 4
}

@test "a snapshot in a format of the future is refused" {
	local dir
	dir=$(copy_fixture nvme)
	echo "sriovctl snapshot 2" >"$dir/format"
	at "$dir" -j pf list
	assert_exit 1
	assert_err "format"
}

@test "a snapshot that says netlink of a host without PFs: an empty list" {
	mkdir -p "$BATS_TEST_TMPDIR/none/sys/bus/pci/devices"
	for words in "" "pf list" "vf list"; do
		# shellcheck disable=SC2086
		at "$BATS_TEST_TMPDIR/none" -j $words
		assert_exit 0
		assert_output '[]'
		# shellcheck disable=SC2086
		at "$BATS_TEST_TMPDIR/none" -q $words
		assert_exit 0
		assert_output ''
	done
}
