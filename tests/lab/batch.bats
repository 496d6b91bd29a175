#!/usr/bin/env bats
# Inside the VM, with igb and netdevsim: --batch on real drivers.
# shellcheck disable=SC2086,SC2154,SC2178,SC2128 # as in the other tests: PF0 and PF1 are words, helper's

bats_require_minimum_version 1.5.0

setup_file() {
	export BATS_TEST_TIMEOUT=180
	echo '1 1' >/sys/bus/netdevsim/new_device
	for _ in $(seq 50); do compgen -G '/sys/bus/netdevsim/devices/netdevsim1/net/*' >/dev/null && break; sleep 0.1; done
	NSIM=$(basename /sys/bus/netdevsim/devices/netdevsim1/net/*)
	export NSIM
}

teardown_file() { echo 1 >/sys/bus/netdevsim/del_device; }

setup() {
	load helper
	load_libraries
	shim="$(dirname "$(command -v sriovctl)")/lab/failwrite.so"
	clean_slate
	echo 0 >/sys/bus/netdevsim/devices/netdevsim1/sriov_numvfs
	# it keeps the settings of VFs that have gone; a new limit gives new ones
	echo 1023 >/sys/kernel/debug/netdevsim/netdevsim1/max_vfs
	echo 1024 >/sys/kernel/debug/netdevsim/netdevsim1/max_vfs
	mkdir -p /run/crash
}

# atomic: the lines on stdin
atomic() { sriovctl -b - --atomic "$@"; }

no_journal() { [ -z "$(ls /run/sriovctl/journal 2>/dev/null)" ]; }

setup_lines() {
	cat <<-'EOF2'
		# a host as it is set up at boot
		pf set eth0 up
		vf create eth0 3
		vf set eth0/0 mac 52:54:00:aa:00:01 vlan 100 qos 3
		vf set eth0/1 mac 52:54:00:aa:00:02 name store0 mtu 1400
		vf set eth0/all trust on
		pf set eth1 autoprobe off
		vf create eth1 1
		vf set eth1/0 vlan 7
	EOF2
}

@test "VFs that come with their settings, before their driver starts; again: nothing changes" {
	setup_lines >/run/lines
	run --separate-stderr sriovctl -j -b /run/lines --atomic
	assert_success
	[ -z "$stderr" ]
	jq -e '.changed and all(.actions[]; .result == "done") and ([.actions[] | select(.attr == "num_vfs") | .new] == [3, 1])' <<<"$output"
	[ "$(ip_vf eth0 0 address)" = 52:54:00:aa:00:01 ]
	[ "$(ip_vf eth0 0 'vlan_list[0].vlan')" = 100 ]
	[ "$(ip_vf eth0 2 trust)" = true ]
	[ "$(ip_vf eth1 0 'vlan_list[0].vlan')" = 7 ]
	[ ! -e "$sysfs/$PF1/virtfn0/driver" ] # and was not waited for
	# the interface has the address from the start, not by a new probe
	[ "$(cat "/sys/class/net/$(vf_if $PF0 0)/address")" = 52:54:00:aa:00:01 ]
	[ "$(vf_if $PF0 1)" = store0 ]
	[ "$(cat /sys/class/net/store0/mtu)" = 1400 ]
	[ "$(cat /sys/class/net/store0/address)" = 52:54:00:aa:00:02 ]
	[ "$(cat $sysfs/$PF0/sriov_drivers_autoprobe)" = 1 ]
	[ "$(dmesg | grep -c 'VF 0 of .* random MAC')" = 0 ]
	no_journal
	keep
	counting sriovctl -j -b /run/lines --atomic >/run/out
	[ "$changes" -eq 0 ]
	jq -e '.changed == false and .actions == []' /run/out
	unchanged
	# what lines say of VFs that stay, with another number of them
	run atomic <<<$'vf set eth0/0 vlan 101\nvf create eth0 5\nvf set eth0/4 vlan 104\nvf set eth0/1 name disk0'
	assert_success
	sriovctl -j vf list eth0 | jq -e '[.[].vlan] == [101, 0, 0, 0, 104] and .[0].mac == "52:54:00:aa:00:01" and .[1].ifname == "disk0" and .[1].mtu == 1400 and all(.driver == "igbvf")'
}

@test "set, bind, reset, names and addresses that change hands: as one by one" {
	vfs $PF0 4
	sriovctl -q vf set eth0/all mac auto
	sriovctl -q vf set eth0/0 name a up
	sriovctl -q vf set eth0/1 name b
	mac0=$(ip_vf eth0 0 address) mac1=$(ip_vf eth0 1 address)
	modprobe vfio-pci
	run atomic <<-EOF2
		vf set eth0/0 name c
		vf set eth0/1 name a
		vf set eth0/0 name b
		vf set eth0/2 vlan 5 mac 52:54:00:aa:00:07
		vf bind eth0/2 vfio-pci
		vf set eth0/3 vlan 6
		vf reset eth0/3
		vf set eth0/3 trust on
	EOF2
	assert_success
	[ "$(vf_if $PF0 0) $(vf_if $PF0 1)" = 'b a' ]
	sriovctl -j vf list eth0 | jq -e '.[0].up and (.[1].up | not) and .[2].driver == "vfio-pci" and .[2].vlan == 5 and .[2].mac == "52:54:00:aa:00:07" and
		.[3].vlan == 0 and .[3].trust and .[3].driver == "igbvf" and .[3].ifname != null'
	# addresses, each of which somebody has until the line before
	run atomic <<<$'vf set eth0/0 mac 52:54:00:aa:00:08\nvf set eth0/1 mac '"$mac0"$'\nvf set eth0/0 mac '"$mac1"
	assert_success
	[ "$(ip_vf eth0 0 address) $(ip_vf eth0 1 address)" = "$mac1 $mac0" ]
	[ "$(cat /sys/class/net/b/address) $(cat /sys/class/net/a/address)" = "$mac1 $mac0" ]
	# set at home, and handed over
	ip netns add blue
	run atomic <<<$'vf set eth0/1 mac 52:54:00:aa:00:09 vlan 9 mtu 1400\nnetns attach eth0/1 blue name net1 vlan 10 up'
	assert_success
	[ "$(ip -n blue -j link show net1 | jq -r '.[0] | "\(.address) \(.mtu)"')" = '52:54:00:aa:00:09 1400' ]
	[ "$(ip_vf eth0 1 'vlan_list[0].vlan')" = 10 ]
	sriovctl netns detach eth0/1
	[ "$(ip_vf eth0 1 'vlan_list[0].vlan') $(vf_if $PF0 1)" = '9 a' ]
	no_journal
}

@test "the kernel refuses the last line: all is as it was, the number of VFs as well" {
	vfs $PF0 2
	sriovctl -q vf set eth0/all mac auto
	sriovctl -q vf set eth0/0 vlan 100 name store0 mtu 1400 up
	keep
	FAIL_SEND=vf3:22 LD_PRELOAD=$shim run --separate-stderr atomic -j <<<$'vf create eth0 4\nvf set eth0/0 vlan 5 name disk0\nvf set eth1 mtu 1400\nvf set eth0/3 vlan 7'
	assert_failure 1 # eth1 is no VF
	unchanged
	FAIL_SEND=vf3:22 LD_PRELOAD=$shim run --separate-stderr atomic -j <<<$'vf create eth0 4\nvf set eth0/0 vlan 5 name disk0\npf set eth1 mtu 1400\nvf set eth0/3 vlan 7'
	assert_failure 2
	jq -e '.changed == false and .error.object == "eth0/3" and .error.attr == "vlan" and .error.kernel == "Invalid argument"' <<<"$output"
	[ "$(ip_vf eth0 0 'vlan_list[0].vlan')" = 100 ]
	unchanged
	no_journal
	# what is found out before anything is done has a line
	run --separate-stderr atomic -j <<<$'vf create eth0 4\nvf set eth0/4 vlan 7'
	assert_failure 4
	jq -e '.error.line == 2' <<<"$output"
	unchanged
}

# cut_off N FILE OPTIONS...: a batch, killed at the Nth point; false when it came to its end before
cut_off() {
	head -c 8 /dev/zero >/run/count
	{ KILL_AT=$1 KILL_COUNT=/run/count LD_PRELOAD=$shim setsid -w sriovctl -b "${@:2}" >/run/crash/out 2>&1 3>&- || true; } 2>/dev/null
	[ "$(od -An -td4 -N4 /run/count)" -ge "$1" ]
}

@test "killed at any point of one change: repair, or the same again; nothing between" {
	local n
	vfs $PF0 2
	sriovctl -q vf set eth0/all mac auto
	sriovctl -q vf set eth0/0 vlan 100 name store0
	cat >/run/lines <<-'EOF2'
		vf set eth0/0 vlan 5 name disk0
		vf set eth0/1 qos 3 vlan 7
		pf set eth1 mtu 1400
		vf set eth0/0 trust on
	EOF2
	cat >/run/back <<-'EOF2'
		vf set eth0/0 vlan 100 trust off
		vf set eth0/0 name store0
		vf set eth0/1 vlan 0
		pf set eth1 mtu 1500
	EOF2
	picture >/run/crash/before
	sriovctl -q -b /run/lines --atomic
	picture >/run/crash/after
	sriovctl -q -b /run/back --atomic
	diff /run/crash/before <(picture)
	for ((n = 1; ; n++)); do
		cut_off $n /run/lines --atomic || break
		if ((n % 2)); then
			sriovctl -q repair 2>/dev/null
			picture >/run/crash/now
			# as it was; or it was complete but for cleaning up
			cmp -s /run/crash/before /run/crash/now || diff /run/crash/after /run/crash/now
		else
			sriovctl -q -b /run/lines --atomic 2>/dev/null
			diff /run/crash/after <(picture)
		fi
		no_journal
		sriovctl -q -b /run/back --atomic
	done
	echo "# $((n - 1)) kill points" >&3
	[ $n -gt 8 ]
	sriovctl -q -b /run/back --atomic # nothing has cut off the last one
	# with another number of VFs, and a driver that starts anew, at some of them
	printf 'vf create eth0 3\nvf set eth0/1 mac 52:54:00:aa:00:07\n' >>/run/lines
	printf 'vf create eth0 2\nvf set eth0/1 mac %s\n' "$(ip_vf eth0 1 address)" >>/run/back
	cut_off 6 /run/lines --atomic
	sriovctl -q repair 2>/dev/null
	diff /run/crash/before <(picture)
	no_journal
	cut_off 8 /run/lines --atomic
	sriovctl -q -b /run/lines --atomic 2>/dev/null
	[ "$(ip_vf eth0 0 'vlan_list[0].vlan') $(vf_if $PF0 0) $(cat $sysfs/$PF0/sriov_numvfs)" = '5 disk0 3' ]
	no_journal
}

vlans() { sriovctl -j vf list "$NSIM" | jq -c 'map(.vlan)'; }

@test "killed between lines that are changes of their own: those before are done, none by half" {
	local n lines=0 told=''
	echo 8 >/sys/bus/netdevsim/devices/netdevsim1/sriov_numvfs
	for ((n = 0; n < 8; n++)); do echo "vf set $NSIM/$n vlan $((n + 1)) trust on max_tx_rate 100"; done >/run/lines
	for n in 1 3 4 10 27; do
		sriovctl -q vf set "$NSIM/all" vlan 0 trust off max_tx_rate 0
		cut_off $n /run/lines
		if [ -e /run/sriovctl/journal/netdevsim-netdevsim1 ]; then # who only looks is told, once for each time
			sriovctl -b - <<<$'pf list\npf list\npf list' >/dev/null 2>/run/err
			[ "$(grep -c 'was cut off' /run/err)" -eq 3 ]
			told=1
		fi
		sriovctl -q repair 2>/dev/null
		no_journal
		# so many as reported, and perhaps one more
		sriovctl -j vf list "$NSIM" >/run/list
		lines=$(jq '[.[] | select(.vlan > 0)] | length' /run/list)
		jq -e "all(.[:$lines][]; .vlan == .index + 1 and .trust and .max_tx_rate == 100) and
			all(.[$lines:][]; .vlan == 0 and (.trust | not) and .max_tx_rate == 0)" /run/list
		[ "$(grep -c 'vlan 0 ->' /run/crash/out)" -le "$lines" ]
		[ "$(grep -c 'vlan 0 ->' /run/crash/out)" -ge "$((lines - 1))" ]
		sriovctl -q -b /run/lines
		[ "$(vlans)" = '[1,2,3,4,5,6,7,8]' ]
	done
	[ $told ]
}

@test "two batches at once on the same PF: one after the other" {
	local n
	echo 4 >/sys/bus/netdevsim/devices/netdevsim1/sriov_numvfs
	for ((n = 0; n < 40; n++)); do echo "vf set $NSIM/all vlan $((100 + n)) qos 1"; done >/run/one
	for ((n = 0; n < 40; n++)); do echo "vf set $NSIM/all vlan $((200 + n)) qos 2"; done >/run/two
	sriovctl -j -b /run/one >/run/one.out &
	sriovctl -j -b /run/two >/run/two.out
	wait $!
	# each line found all VFs alike, as some line left them
	for n in one two; do
		jq -se 'length == 40 and all(.[]; [.actions[] | select(.attr == "vlan") | [.old, .new]] | unique | length <= 1)' /run/$n.out
	done
	[ "$(vlans | jq 'unique | length')" = 1 ]
	# as one change they are one or the other
	sed -i 's/all vlan/0 vlan/; n; s/all vlan/1-3 vlan/' /run/one /run/two
	sriovctl -q -b /run/one --atomic &
	sriovctl -q -b /run/two --atomic
	wait $!
	[[ $(vlans) == '[138,139,139,139]' || $(vlans) == '[238,239,239,239]' ]]
}

@test "a thousand lines that read and write: each sees what those before it did" {
	local n
	echo 16 >/sys/bus/netdevsim/devices/netdevsim1/sriov_numvfs
	for ((n = 0; n < 500; n++)); do
		echo "vf set $NSIM/$((n % 16)) vlan $((n + 1)) -q"
		echo "vf list $NSIM --columns vlan -j"
	done >/run/lines
	sriovctl -b /run/lines >/run/out
	jq -se 'length == 500 and (. as $all | all(range(500); . as $n | ($all[$n] | map(.vlan)) ==
		[range(16) | . as $v | if $n >= $v then ((($n - $v) / 16 | floor) * 16 + $v + 1) else 0 end]))' /run/out
	[ "$(vlans | jq -c '.[3:5]')" = '[500,485]' ]
}

@test "--keep-going over what the kernel refuses: the rest is done" {
	echo 8 >/sys/bus/netdevsim/devices/netdevsim1/sriov_numvfs
	for ((n = 0; n < 8; n++)); do echo "vf set $NSIM/$n vlan 5 trust on"; done >/run/lines
	FAIL_SEND=vf3:22 LD_PRELOAD=$shim run --separate-stderr sriovctl -j -b /run/lines --keep-going
	assert_failure 8
	[[ ${stderr_lines[-1]} == *'1 line failed: 4' ]]
	jq -se '[.[] | .error.line // 0] == [0, 0, 0, 4, 0, 0, 0, 0, 0] and .[3].changed == false and .[3].error.kernel == "Invalid argument" and .[8].error.code == 8' <<<"$output"
	[ "$(vlans)" = '[5,5,5,0,5,5,5,5]' ]
	FAIL_SEND=vf3:22 LD_PRELOAD=$shim run --separate-stderr sriovctl -b /run/lines
	assert_failure 2
	[ "$(vlans)" = '[5,5,5,0,5,5,5,5]' ]
}
