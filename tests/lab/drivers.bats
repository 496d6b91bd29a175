#!/usr/bin/env bats
# Inside the VM: what drivers say of themselves and count of their own, against sysfs, and
# ethtool where it is installed. With netdevsim.

# shellcheck disable=SC2086,SC2154 # as in the other tests: PF0 and PF1 are words, helper's

bats_require_minimum_version 1.5.0

setup_file() { export BATS_TEST_TIMEOUT=120; }

setup() {
	load helper
	load_libraries
	clean_slate
	rm -rf /run/snap
}

teardown() { echo 1 >/sys/bus/netdevsim/del_device 2>/dev/null || true; }

nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$(command -v sriovctl)" "$@"; }

# of_sysfs IF: what sysfs counts by the same names, as a snapshot has it
of_sysfs() {
	local name
	for name in rx_errors tx_errors collisions multicast rx_length_errors tx_fifo_errors; do
		echo "$(cat "/sys/class/net/$1/statistics/$name") $name"
	done
}

@test "the firmware of a PF is what its driver says, for everyone" {
	run sriovctl -j pf show eth0
	assert_success
	firmware=$(jq -r '.[0].firmware' <<<"$output")
	[[ $firmware =~ ^[0-9]+\. ]]
	if command -v ethtool >/dev/null; then
		assert_equal "$(ethtool -i eth0 | sed -n 's/^firmware-version: //p')" "$firmware"
	fi
	assert_equal "$(nobody -j pf list | jq -r '.[] | select(.pf == "eth0").firmware')" "$firmware"
	run sriovctl pf show eth0
	assert_line --regexp "^firmware +$firmware\$"
	# of a PF that is no NIC nobody can be asked
	run sriovctl -j pf show 0000:01:00.0
	jq -e '.[0].firmware == null' <<<"$output"
}

@test "while the PF is in another namespace its firmware is null, and nothing is said of that" {
	ip netns add blue
	ip link set eth0 netns blue
	run --separate-stderr sriovctl -j pf show $PF0
	assert_success
	assert_equal "${stderr-}" ""
	jq -e '.[0].firmware == null and .[0].driver == "igb"' <<<"$output"
}

@test "firmware that the kernel takes from devlink comes without the blank behind it" {
	echo "1 1" >/sys/bus/netdevsim/new_device
	name=$(ls /sys/bus/netdevsim/devices/netdevsim1/net)
	echo 2 >"/sys/class/net/$name/device/sriov_numvfs"
	run sriovctl -j pf show "$name"
	assert_success
	jq -e '.[0] | .firmware == "10.20.30" and .driver == "netdevsim" and .num_vfs == 2' <<<"$output"
}

@test "a snapshot has what drivers say and count, wherever their interfaces are" {
	echo 3 >$sysfs/$PF0/sriov_numvfs
	ip netns add blue
	here=$(vf_if $PF0 0) there=$(vf_if $PF0 1)
	ip link set "$there" netns blue
	run --separate-stderr sriovctl snapshot /run/snap
	assert_success
	assert_equal "${stderr-}" ""
	grep -x 'driver igb' /run/snap/ethtool/eth0/driver
	grep -x "bus_info $PF0" /run/snap/ethtool/eth0/driver
	grep -x "bus_info $(vf_bdf $PF0 0)" "/run/snap/ethtool/$here/driver"
	grep -x "bus_info $(vf_bdf $PF0 1)" "/run/snap/netns/0/ethtool/$there/driver"
	[ ! -e "/run/snap/ethtool/$there" ] && [ ! -e /run/snap/ethtool/lo ]
	grep -x '0 alloc_rx_buff_failed' "/run/snap/ethtool/$here/statistics"
	grep -x '0 alloc_rx_buff_failed' "/run/snap/netns/0/ethtool/$there/statistics"
	of_sysfs eth0 >/run/sysfs
	assert_equal "$(grep -Fxf /run/sysfs /run/snap/ethtool/eth0/statistics | sort -u | wc -l)" 6
	if command -v ethtool >/dev/null; then
		for name in eth0 eth1 "$here"; do
			diff <(ethtool -S "$name" | sed -n 's/^ *\(.*\): \([0-9]*\)$/\2 \1/p') "/run/snap/ethtool/$name/statistics"
		done
		diff <(ip netns exec blue ethtool -S "$there" | sed -n 's/^ *\(.*\): \([0-9]*\)$/\2 \1/p') \
			"/run/snap/netns/0/ethtool/$there/statistics"
	fi
	# and shows it again, and as nobody
	diff <(sriovctl -j pf list) <(sriovctl --snapshot /run/snap -j pf list)
	chmod -R a+rX /run/snap
	diff <(nobody --snapshot /run/snap -j pf list | jq '.[].firmware') <(sriovctl -j pf list | jq '.[].firmware')
}

@test "frames that came and went are in it" {
	echo 2 >$sysfs/$PF0/sriov_numvfs
	ip link set eth0 up
	ip netns add blue
	here=$(vf_if $PF0 0) there=$(vf_if $PF0 1)
	ip link set "$there" netns blue
	ip link set "$here" up
	ip -n blue link set "$there" up
	ip addr add 192.0.2.1/24 dev "$here"
	ip -n blue addr add 192.0.2.2/24 dev "$there"
	for _ in {1..40}; do # the VFs' links come up some seconds later
		(echo >/dev/udp/192.0.2.2/9) 2>/dev/null || true
		ip neigh show dev "$here" | grep -q lladdr && break
		sleep 0.3
	done
	for _ in {1..20}; do
		(echo >/dev/udp/192.0.2.2/9) 2>/dev/null || true
	done
	sleep 0.5 # an end to what was on its way
	sriovctl snapshot /run/snap
	sent=$(sed -n 's/ tx_packets$//p' "/run/snap/ethtool/$here/statistics")
	got=$(sed -n 's/ rx_packets$//p' "/run/snap/netns/0/ethtool/$there/statistics")
	[ "$sent" -ge 20 ] && [ "$got" -ge 20 ]
}

@test "without root what is in other namespaces is left out of a snapshot, in silence" {
	echo 2 >$sysfs/$PF0/sriov_numvfs
	ip netns add blue
	ip link set "$(vf_if $PF0 1)" netns blue
	mkdir -m 777 /run/snap
	run --separate-stderr nobody snapshot /run/snap/mine
	assert_success
	assert_equal "${stderr-}" ""
	[ -s "/run/snap/mine/ethtool/$(vf_if $PF0 0)/statistics" ]
	[ -z "$(find /run/snap/mine/netns -name statistics 2>/dev/null)" ]
}

@test "VFs that go while they are looked at are no error" {
	mkdir /run/snap
	(
		for i in 1 2 3 4 5 6; do
			echo 4 >$sysfs/$PF0/sriov_numvfs
			ip netns add blue$i
			ip link set "$(vf_if $PF0 0)" netns blue$i
			ip link set "$(vf_if $PF0 1)" name other$i
			ip netns del blue$i
			echo 0 >$sysfs/$PF0/sriov_numvfs
		done
		touch /run/storm.over
	) >/dev/null 2>&1 3>&- &
	rounds=0
	while [ ! -e /run/storm.over ]; do
		run --separate-stderr sriovctl snapshot /run/snap/$((++rounds))
		assert_success
		assert_equal "${stderr-}" ""
		run --separate-stderr sriovctl -j pf list
		assert_success
		jq -e '[.[1, 2].firmware] | all' <<<"$output"
	done
	rm -f /run/storm.over
	[ "$rounds" -gt 5 ]
}
