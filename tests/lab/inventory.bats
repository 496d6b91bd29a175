#!/usr/bin/env bats
# Inside the VM: what sriovctl shows, against what sysfs, ip and lspci say.

setup_file() { export BATS_TEST_TIMEOUT=120; }

setup() {
	load helper
	load_libraries
	clean_slate
}

fill() { # 7+7 VFs in mixed states
	echo 7 >$sysfs/$PF0/sriov_numvfs
	echo 7 >$sysfs/$PF1/sriov_numvfs
	ip link set eth0 vf 1 mac 52:54:00:aa:00:01 vlan 100 qos 3
	ip link set eth0 vf 2 trust on spoofchk off
	ip link set eth1 vf 6 vlan 4094
	ip link set "$(vf_if $PF0 3)" mtu 1400 alias 'storage net'
	ip netns add blue
	ip link set "$(vf_if $PF1 0)" netns blue name inside
	vf_bdf $PF0 4 >/sys/bus/pci/drivers/igbvf/unbind
	bind_vfio $PF1 5
}

@test "the PFs: two NICs on their NUMA nodes and an NVMe controller" {
	run sriovctl -j pf list
	assert_success
	jq -e 'length == 3' <<<"$output"
	jq -e '[.[] | [.bdf, .ifname, .driver, .class, .numa_node, .total_vfs, .num_vfs]] == [
		["0000:01:00.0", null, null, "nvme", null, 4, 0],
		["0000:21:00.0", "eth0", "igb", "ethernet", 0, 7, 0],
		["0000:41:00.0", "eth1", "igb", "ethernet", 1, 7, 0]]' <<<"$(jq '[.[] | if .class == "nvme" then .driver = null else . end]' <<<"$output")"
	jq -e '.[1] | .mac == "52:54:00:00:00:01" and .permanent_mac == .mac and .mtu == 1500 and
		.vendor_id == "0x8086" and .device_id == "0x10c9" and .vf_device_id == "0x10ca" and
		.vf_offset == 128 and .vf_stride == 2 and .autoprobe == true and .link == "down" and
		.handle == "pci/0000:21:00.0" and (.iommu_group | type) == "number"' <<<"$output"
}

@test "configuration space: as lspci reads it as root, null without root" {
	command -v lspci >/dev/null || skip 'no lspci'
	initial=$(lspci -vvs $PF0 | sed -n 's/.*Initial VFs: \([0-9]*\),.*/\1/p')
	[ -n "$initial" ]
	run sriovctl -j pf show eth0
	jq -e ".[0].initial_vfs == $initial and .[0].ari == true" <<<"$output"
	run setpriv --reuid=65534 --regid=65534 --clear-groups "$(command -v sriovctl)" -j pf show eth0
	assert_success
	jq -e '.[0].initial_vfs == null and .[0].ari == null and .[0].total_vfs == 7' <<<"$output"
}

@test "14 VFs in mixed states are shown as sysfs and ip know them" {
	fill
	run sriovctl -j vf list
	assert_success
	jq -e 'length == 14' <<<"$output"
	list=$output
	for pf in $PF0 $PF1; do # the same facts from sysfs and from ip, for one comparison
		for i in 0 1 2 3 4 5 6; do
			bdf=$(readlink "$sysfs/$pf/virtfn$i")
			driver=$(readlink "$sysfs/$pf/virtfn$i/driver") || driver=
			group=$(readlink "$sysfs/$pf/virtfn$i/iommu_group")
			read -r numa <"$sysfs/$pf/virtfn$i/numa_node"
			echo "$pf $i ${bdf##*/} ${group##*/} $numa ${driver##*/}"
		done
	done >/run/sysfs
	diff /run/sysfs <(jq -r '.[] | "\(.pf_bdf) \(.index) \(.bdf) \(.iommu_group) \(.numa_node) \(.driver // "")"' <<<"$list")
	for pf in eth0 eth1; do
		ip -j link show $pf | jq -c '.[0].vfinfo_list[] | [.address, .trust, .spoofchk]'
	done >/run/ip
	diff /run/ip <(jq -c '.[] | [.mac, .trust, .spoofchk]' <<<"$list")
	jq -e 'map({(.vf): .}) | add |
		.["eth0/1"].vlan == 100 and .["eth0/1"].qos == 3 and .["eth0/1"].proto == "802.1q" and
		.["eth0/2"].trust and (.["eth0/2"].spoofchk | not) and .["eth1/6"].vlan == 4094 and
		.["eth0/3"].mtu == 1400 and .["eth0/4"].driver == null and .["eth0/4"].ifname == null and
		.["eth1/0"].ifname == "inside" and .["eth1/0"].netns == "blue" and
		.["eth1/5"].driver == "vfio-pci" and (.["eth1/5"].vfio | startswith("/dev/vfio/"))' <<<"$list"
	[ -e "$(jq -r '.[] | select(.vf == "eth1/5") | .vfio' <<<"$list")" ]
	# igb keeps neither a link policy nor statistics: null, not the kernel's zeros
	run sriovctl -j -s vf show eth0/1
	jq -e '.[0] | .state == null and .rx_packets == null and has("tx_dropped")' <<<"$output"
}

@test "selectors: index, ranges, address, interface, alternative name, mac" {
	fill
	ip link property add dev eth1 altname uplink1
	for s in eth0/3 $PF0/3 pci/$PF0/3 "$(vf_bdf $PF0 3)" "pci/$(vf_bdf $PF0 3)" "$(vf_if $PF0 3)" mac:52:54:00:00:00:01/3; do
		run sriovctl -br vf show "$s"
		assert_success
		assert_line --regexp '^eth0/3 '
	done
	run sriovctl -br vf show eth0/0-2,6
	[ "${#lines[@]}" -eq 4 ]
	run sriovctl -br pf show uplink1
	assert_line --regexp '^eth1 '
	run sriovctl vf show eth0/7
	assert_failure 4
	run sriovctl pf show "$(vf_if $PF0 3)"
	assert_failure 1
	assert_output --partial 'is VF 3 of eth0'
	run sriovctl pf show lo
	assert_failure 5
}

@test "an NVMe controller's VFs are VFs too" {
	echo 0 >$sysfs/0000:01:00.0/sriov_drivers_autoprobe
	[ -e $sysfs/0000:01:00.0/driver ] || modprobe nvme
	for _ in $(seq 50); do [ -e $sysfs/0000:01:00.0/driver ] && break; sleep 0.1; done
	run sriovctl vf create 0000:01:00.0 2
	assert_success
	run sriovctl -j vf list 0000:01:00.0
	jq -e '[.[] | [.vf, .ifname, .mac, .driver]] == [
		["0000:01:00.0/0", null, null, null], ["0000:01:00.0/1", null, null, null]]' <<<"$output"
	run sriovctl vf destroy 0000:01:00.0
	assert_success
}

@test "a snapshot prints the same bytes as the live command, with and without root" {
	fill
	sriovctl snapshot /run/snap
	for c in '' '-d' '-j' 'overview eth1' 'pf list' '-p pf list' 'vf list' '-j vf list' '-d vf show eth0/all' '-j -s vf list' 'vf list -br' '-o vf list'; do
		# shellcheck disable=SC2086
		diff <(sriovctl $c 2>&1) <(sriovctl --snapshot /run/snap $c 2>&1)
	done
	run sriovctl --snapshot /run/snap vf destroy eth1 --dry-run
	assert_failure 3
	assert_output --partial 'blue'
	# kept for the test on the host, which reads it on another machine
	if [ -d /run/vm ]; then
		rm -rf /run/vm/snapshot
		sriovctl snapshot /run/vm/snapshot
		sriovctl -p >/run/vm/overview.json
		sriovctl >/run/vm/overview.txt
	fi
}

@test "the overview says who has which VF, and without root no more than it can see" {
	fill
	ip link set eth0 up
	ip link set eth1 up
	ip link add link "$(vf_if $PF0 0)" name mv0 type macvlan
	ip addr add 192.0.2.7/24 dev "$(vf_if $PF0 2)"
	node=$(sriovctl -j vf show eth1/5 | jq -r '.[0].vfio')
	"$(dirname "$(command -v sriovctl)")/lab/vfio-open" "$node" "$(vf_bdf $PF1 5)" >/run/out 3>&- 4>&- &
	holder=$!
	timeout 10 sh -c 'until grep -qs open /run/out; do sleep 0.1; done'
	run sriovctl
	assert_success
	assert_line --regexp '^├─eth0/0 .* carries mv0 \(macvlan\)$'
	assert_line --regexp '^├─eth0/2 .* address 192\.0\.2\.7/24$'
	assert_line --regexp '^├─eth0/4 .* no driver$'
	assert_line --regexp '^├─eth1/0 .* in netns blue$'
	assert_line --regexp "^├─eth1/5 .* held by pid $holder \(vfio-open\)\$"
	assert_line --regexp '^eth0 .* 7 of 7 VFs$'
	[ "${lines[-1]}" = "1 VF has no driver; 'sriovctl vf bind eth0/4 default' gives it one" ]
	sriovctl vf bind eth0/4 default
	run sriovctl
	[ "${lines[-1]}" = "14 VFs on 2 PFs, 4 seen in use" ]
	run setpriv --reuid=65534 --regid=65534 --clear-groups "$(command -v sriovctl)"
	assert_success
	assert_line --regexp '^├─eth1/0 .* in a netns that cannot be seen$'
	assert_line --regexp '^├─eth1/5 .* held by an unseen process$'
	assert_line "14 VFs on 2 PFs, 4 in use as far as can be seen"
	kill $holder
	# as many rows as fit
	run script -qec "stty cols 80 rows 12; $(command -v sriovctl) --color=never" /dev/null </dev/null
	((${#lines[@]} < 12))
	assert_output --partial "'sriovctl -d' shows every VF"
	ip link del mv0
}

@test "a VF that vanishes while it is read leaves null or nothing, never an error" {
	fill
	for _ in 1 2 3; do
		(echo 0 >$sysfs/$PF0/sriov_numvfs; echo 7 >$sysfs/$PF0/sriov_numvfs) &
		while kill -0 $! 2>/dev/null; do
			run sriovctl -j vf list
			assert_success
			jq -e 'type == "array"' <<<"$output" >/dev/null
		done
	done
}
