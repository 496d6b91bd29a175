#!/usr/bin/env bats
# Inside the VM: vf create and vf destroy on a real driver.

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=180; }

setup() {
	load helper
	load_libraries
	clean_slate
	shim="$(dirname "$(command -v sriovctl)")/lab/failwrite.so"
}

numvfs() { cat "$sysfs/$1/sriov_numvfs"; }

@test "create, again, more, fewer, destroy, again: the number, the report, changed" {
	run sriovctl -j vf create eth0 3
	assert_success
	jq -e '.changed == true and .actions == [{object: "eth0", attr: "num_vfs", old: 0, new: 3, result: "done"}]' <<<"$output"
	[ "$(numvfs $PF0)" -eq 3 ]
	# it waited: each VF has its interface
	run sriovctl -j vf list eth0
	jq -e 'length == 3 and all(.ifname != null and .driver == "igbvf")' <<<"$output"
	run sriovctl -j vf create eth0 3
	assert_success
	jq -e '.changed == false and .actions == []' <<<"$output"
	run sriovctl vf create eth0 7
	assert_success
	[ "$(numvfs $PF0)" -eq 7 ]
	run sriovctl vf create $PF0 2
	assert_success
	assert_output --partial 'eth0: num_vfs 7 -> 0'
	assert_output --partial 'eth0: num_vfs 0 -> 2'
	[ "$(numvfs $PF0)" -eq 2 ]
	run sriovctl vf destroy eth0
	assert_success
	assert_output 'eth0: num_vfs 2 -> 0'
	run sriovctl vf destroy eth0
	assert_success
	refute_output
	[ "$(numvfs $PF0)" -eq 0 ]
	[ -z "$(ls /run/sriovctl/journal)" ]
}

@test "dry run plans the same steps and changes nothing, not even a lock file" {
	run sriovctl -j vf create eth0 3 --dry-run
	assert_success
	jq -e '.changed == true and .actions[0].result == "planned"' <<<"$output"
	[ "$(numvfs $PF0)" -eq 0 ]
	[ ! -e /run/sriovctl ]
	run sriovctl vf create eth0 3 --dry-run --diff
	assert_output $'-eth0 num_vfs 0\n+eth0 num_vfs 3'
	sriovctl vf create eth0 3
	ip link set eth0 vf 1 vlan 7
	sriovctl -j vf create eth0 5 --dry-run | jq '[.actions[] | del(.result)]' >/run/planned
	sriovctl -j vf create eth0 5 | jq '[.actions[] | del(.result)]' >/run/done
	diff /run/planned /run/done
}

@test "another number keeps what surviving VFs had: attributes, driver, name, MTU, altname" {
	ip link set eth0 up
	sriovctl vf create eth0 4
	name=$(vf_if $PF0 1)
	ip link set "$name" down
	ip link set "$name" name storage0 mtu 1400
	ip link property add dev storage0 altname storage-net
	# last: a change of MTU makes igbvf put its own MAC back; and a trusted VF always does
	ip link set eth0 vf 1 mac 52:54:00:aa:00:01 vlan 100 qos 3 spoofchk off
	ip link set eth0 vf 2 trust on
	vf_bdf $PF0 2 >/sys/bus/pci/drivers/igbvf/unbind
	bind_vfio $PF0 3
	sriovctl -j vf list eth0 | jq '[.[] | del(.ifindex)]' >/run/before
	run sriovctl vf create eth0 6
	assert_success
	[ "$(cat $sysfs/$PF0/sriov_drivers_autoprobe)" -eq 1 ]
	sriovctl -j vf list eth0 | jq '[.[] | del(.ifindex)]' >/run/after
	# the named keys of VF 1 to 3, before and after
	keys='[.[1:4][] | {vf, bdf, driver, vlan, qos, trust, spoofchk, max_tx_rate, vfio, altnames}]'
	diff <(jq "$keys" /run/before) <(jq "$keys" /run/after)
	jq -e '.[1] | .mac == "52:54:00:aa:00:01" and .ifname == "storage0" and .mtu == 1400' /run/after
	# attributes came before the driver: the interface has the PF's MAC at once
	jq -e '.[1].if_mac == "52:54:00:aa:00:01"' /run/after
	[ "$(ip_vf eth0 1 'vlan_list[0].vlan')" -eq 100 ]
	# new ones are given to the driver, as autoprobe says
	jq -e '.[4].driver == "igbvf" and .[5].ifname != null' /run/after
	run sriovctl vf create eth0 2
	assert_success
	[ "$(cat /sys/class/net/storage0/mtu)" -eq 1400 ]
}

@test "autoprobe off stays off, and new VFs stay unbound" {
	echo 0 >$sysfs/$PF0/sriov_drivers_autoprobe
	run sriovctl vf create eth0 2
	assert_success
	run sriovctl -j vf list eth0
	jq -e 'all(.driver == null)' <<<"$output"
	ip link set eth0 vf 0 vlan 5
	run sriovctl vf create eth0 3
	assert_success
	[ "$(cat $sysfs/$PF0/sriov_drivers_autoprobe)" -eq 0 ]
	run sriovctl -j vf list eth0
	jq -e '.[0].vlan == 5 and all(.driver == null)' <<<"$output"
}

@test "the module of the VFs is loaded; where there is none, they stay unbound and it says so" {
	modprobe -r igbvf
	run sriovctl vf create eth0 2 # no udevd is here to load it
	assert_success
	run sriovctl -j vf list eth0
	jq -e 'length == 2 and all(.driver == "igbvf" and .ifname != null)' <<<"$output"
	sriovctl vf destroy eth0
	modprobe -r igbvf
	echo 'blacklist igbvf' >/etc/modprobe.d/lab.conf
	run timeout 30 sriovctl vf create eth0 2
	rm /etc/modprobe.d/lab.conf
	modprobe igbvf
	assert_success
	assert_output --partial 'no driver for its VFs'
	[ "$(numvfs $PF0)" -eq 2 ]
}

@test "what cannot be: each has its exit code and says what to do" {
	run sriovctl vf create eth0 8
	assert_failure 1
	assert_output --partial '7 VFs at most'
	run sriovctl vf create nosuch 1
	assert_failure 4
	run sriovctl vf create 0000:00:00.0 1
	assert_failure 5
	assert_output --partial 'no SR-IOV capability'
	sriovctl vf create eth0 1
	run sriovctl vf create "$(vf_bdf $PF0 0)" 1
	assert_failure 1
	assert_output --partial 'VF 0 of eth0'
	echo $PF1 >/sys/bus/pci/drivers/igb/unbind
	run sriovctl vf create $PF1 1
	assert_failure 5
	assert_output --partial 'no driver'
	echo pci-stub >$sysfs/$PF1/driver_override
	modprobe pci-stub 2>/dev/null || true
	echo $PF1 >/sys/bus/pci/drivers_probe
	run sriovctl vf create $PF1 1
	assert_failure 5
	echo >$sysfs/$PF1/driver_override
	[ ! -e $sysfs/$PF1/driver ] || echo $PF1 >/sys/bus/pci/drivers/pci-stub/unbind
	echo $PF1 >/sys/bus/pci/drivers_probe
	run setpriv --reuid=65534 --regid=65534 --clear-groups "$(command -v sriovctl)" vf create eth0 2
	assert_failure 2
	assert_output --partial 'sudo'
	[ "$(numvfs $PF0)" -eq 1 ]
}

@test "a VF in use is not destroyed: who uses it, and exit 3" {
	ip link set eth0 up # igbvf has no valid MAC, and takes no master, while its PF is down
	sriovctl vf create eth0 2
	name=$(vf_if $PF0 1)
	refused() {
		run sriovctl vf destroy eth0
		assert_failure 3
		assert_output --partial "eth0/1: refused: it $1"
		[ "$(numvfs $PF0)" -eq 2 ]
		run sriovctl vf create eth0 3
		assert_failure 3
	}
	ip link set "$name" up
	ip addr add 192.0.2.1/24 dev "$name"
	refused 'has address 192.0.2.1/24'
	ip addr flush dev "$name"
	ip route add 198.51.100.0/24 dev "$name"
	refused 'has a route to 198.51.100.0/24'
	ip route flush dev "$name"
	ip link add link "$name" name upper0 type macvlan
	refused "carries upper0 (macvlan)"
	ip link del upper0
	# a VRF, not a bridge: that one wants a valid MAC, which igbvf has not always
	ip link add vrf0 type vrf table 10
	ip link set "$name" master vrf0
	refused 'belongs to vrf0'
	ip link set "$name" nomaster
	ip link del vrf0
	ip netns add blue
	ip link set "$name" netns blue
	refused 'is in the network namespace blue'
	run --separate-stderr sriovctl -j vf destroy eth0
	jq -e '.changed == false and .error.code == 3 and .error.object == "eth0/1" and .actions[0].result == "skipped"' <<<"$output"
	run sriovctl vf destroy eth0 --force=in-use
	assert_success
	[ "$(numvfs $PF0)" -eq 0 ]
}

@test "a VF in a nameless namespace is found by a process that lives there" {
	sriovctl vf create eth0 1
	hold unshare -n
	sleep 0.5
	ip link set "$(vf_if $PF0 0)" netns $!
	run sriovctl -j vf show eth0/0
	jq -e ".[0].netns == \"pid:$!\"" <<<"$output"
	run sriovctl vf destroy eth0
	assert_failure 3
	kill $!
}

@test "a VF that a process holds through vfio is never destroyed, not by force either" {
	sriovctl vf create eth0 2
	bind_vfio $PF0 1
	node=$(sriovctl -j vf show eth0/1 | jq -r '.[0].vfio')
	hold 4<>"$node"
	sleep 0.3
	for force in '' --force --force=in-use; do
		# shellcheck disable=SC2086
		run timeout 20 sriovctl vf destroy eth0 $force
		assert_failure 3
		assert_output --partial "held by process $! (holder) through $node"
	done
	kill $!
	wait $! || true
	run sriovctl vf destroy eth0
	assert_success
}

@test "a holder that cannot be seen, in a container's PID namespace, is still respected" {
	sriovctl vf create eth0 2
	bind_vfio $PF0 1
	run unshare --pid --fork --mount-proc sriovctl vf destroy eth0 --dry-run
	assert_success # bound, but nobody has it open
	[ -x "$(dirname "$shim")/vfio-open" ]
	bdf=$(vf_bdf $PF0 1)
	"$(dirname "$shim")/vfio-open" "$(sriovctl -j vf show eth0/1 | jq -r '.[0].vfio')" "$bdf" 3>&- &
	sleep 1
	[ "$(cat "$sysfs/$bdf/enable")" -gt 0 ]
	for force in '' --force; do
		# shellcheck disable=SC2086
		run timeout 20 unshare --pid --fork --mount-proc sriovctl vf destroy eth0 $force
		assert_failure 3
		assert_output --partial 'by a process that cannot be seen'
	done
	kill $!
	wait $! || true
	run sriovctl vf destroy eth0
	assert_success
}

@test "what stands on a VF from within a container is seen" {
	ip link set eth0 up
	sriovctl vf create eth0 1
	ip netns add blue
	ip link add link "$(vf_if $PF0 0)" name mv0 type macvlan
	ip link set mv0 netns blue
	run sriovctl vf destroy eth0
	assert_failure 3
	assert_output --partial 'carries mv0 (macvlan) in blue'
}

@test "a PF whose interface is in another namespace: its VFs are not taken away unasked" {
	sriovctl vf create eth0 2
	ip link set eth0 vf 1 vlan 100
	ip netns add blue
	ip link set eth0 netns blue
	run sriovctl vf destroy $PF0
	assert_failure 3
	assert_output --partial 'another network namespace'
	run sriovctl vf create $PF0 3 --force
	assert_failure 3 # the VLAN could not be kept
	[ "$(numvfs $PF0)" -eq 2 ]
	ip -n blue link set eth0 netns 1
}

@test "a PF with the default route or a master is not disturbed unasked" {
	ip link set eth0 up
	ip addr add 192.0.2.1/24 dev eth0
	ip route add default via 192.0.2.254 dev eth0
	run sriovctl vf create eth0 1
	assert_failure 3
	assert_output --partial 'default route'
	ip route del default
	ip addr flush dev eth0
	run sriovctl vf create eth0 1 --no-wait
	assert_success
}

@test "two at once: one after the other, or exit 7 with the holder named" {
	sriovctl vf create eth0 3 &
	first=$!
	run sriovctl vf create eth0 5
	assert_success
	wait $first
	n=$(numvfs $PF0)
	[ "$n" -eq 5 ] || [ "$n" -eq 3 ]
	mkdir -p /run/sriovctl/lock
	hold flock "/run/sriovctl/lock/pci-$PF0"
	sleep 0.5
	run sriovctl vf create eth0 1 --lock-timeout 0.2
	assert_failure 7
	assert_output --partial 'another sriovctl'
	# another PF has a lock of its own
	run sriovctl vf create eth1 1 --lock-timeout 0.2
	assert_success
}

@test "the driver refuses halfway: everything is put back, exit 2" {
	[ -e "$shim" ]
	sriovctl vf create eth0 2
	ip link set eth0 vf 1 vlan 100
	FAIL_WRITE=/sriov_numvfs=4:28 LD_PRELOAD=$shim run --separate-stderr sriovctl -j vf create eth0 4
	assert_failure 2
	jq -e '.changed == false and .error.attr == "num_vfs" and (.error.message | test("vectors")) and
		([.actions[] | select(.result == "failed")] | length) == 1 and
		([.actions[] | select(.result == "undone")] | length) > 0' <<<"$output"
	[ "$(numvfs $PF0)" -eq 2 ]
	[ "$(cat $sysfs/$PF0/sriov_drivers_autoprobe)" -eq 1 ]
	run sriovctl -j vf list eth0
	jq -e '.[1].vlan == 100 and all(.driver == "igbvf" and .ifname != null)' <<<"$output"
	[ -z "$(ls /run/sriovctl/journal)" ]
}

@test "a driver that makes fewer VFs than asked is found out" {
	FAIL_WRITE=/sriov_numvfs=4:less LD_PRELOAD=$shim run sriovctl vf create eth0 4
	assert_failure 2
	assert_output --partial 'asked for 4 VFs, the driver made 3'
	[ "$(numvfs $PF0)" -eq 0 ]
}

@test "a kernel that does not come back: exit 6 in time, and the lock says who" {
	FAIL_WRITE=/sriov_numvfs=4:sleep LD_PRELOAD=$shim run timeout 30 sriovctl vf create eth0 4 --timeout 1
	assert_failure 6
	assert_output --partial 'not finished in time'
	run sriovctl vf create eth0 2 --lock-timeout 0.2
	assert_failure 7
	pkill -KILL -x sriovctl
	run sriovctl vf create eth0 2
	assert_success
	assert_output --partial 'was cut off earlier'
	[ -z "$(ls /run/sriovctl/journal)" ]
}

@test "killed at any write: the same command again puts everything right" {
	for at in /sriov_drivers_autoprobe=0 /sriov_numvfs=0 /sriov_numvfs=5 /sriov_drivers_autoprobe=1; do
		clean_slate
		sriovctl vf create eth0 3
		ip link set eth0 vf 1 mac 52:54:00:aa:00:01 vlan 100
		ip link set "$(vf_if $PF0 1)" name kept0
		# setsid: the shim kills the process group
		FAIL_WRITE=$at:kill LD_PRELOAD=$shim run setsid -w sriovctl vf create eth0 5
		[ "$status" -ne 0 ]
		[ -n "$(ls /run/sriovctl/journal)" ]
		run sriovctl pf list
		assert_success
		assert_output --partial "eth0: 'vf create eth0 5' was cut off"
		run sriovctl vf create eth0 5
		assert_success
		assert_output --partial "'vf create eth0 5' was cut off earlier"
		run sriovctl -j vf list eth0
		jq -e 'length == 5 and .[1].vlan == 100 and .[1].mac == "52:54:00:aa:00:01" and .[1].ifname == "kept0" and
			all(.driver == "igbvf")' <<<"$output"
		[ "$(cat $sysfs/$PF0/sriov_drivers_autoprobe)" -eq 1 ]
		[ -z "$(ls /run/sriovctl/journal)" ]
	done
}

@test "a rate is kept over the link's flapping, and not thrown away when it could not be" {
	ip link set eth0 up
	ip link set eth1 up
	sriovctl vf create eth0 2
	for _ in $(seq 50); do ip link set eth0 vf 1 max_tx_rate 100 2>/dev/null && break; sleep 0.2; done
	[ "$(ip_vf eth0 1 rate.max_tx)" -eq 100 ]
	run sriovctl vf create eth0 3
	assert_success
	[ "$(ip_vf eth0 1 rate.max_tx)" -eq 100 ]
	ip link set eth0 down # igb refuses rates without a link
	run sriovctl vf create eth0 4
	assert_failure 3
	assert_output --partial 'ip link set eth0 up'
	[ "$(numvfs $PF0)" -eq 3 ]
}

@test "what cannot be put back either: exit 8, and the next command finishes it" {
	sriovctl vf create eth0 2
	ip link set eth0 vf 1 vlan 100
	FAIL_WRITE='/sriov_numvfs=4:28 /sriov_numvfs=2:28' LD_PRELOAD=$shim run sriovctl vf create eth0 4
	assert_failure 8
	assert_output --partial 'not undone'
	[ -n "$(ls /run/sriovctl/journal)" ]
	run sriovctl vf create eth0 2
	assert_success
	assert_output --partial 'was cut off earlier'
	[ "$(ip_vf eth0 1 'vlan_list[0].vlan')" -eq 100 ]
}

@test "Ctrl-C while the kernel is at work: the write is waited for, then all is put back" {
	sriovctl vf create eth0 2
	ip link set eth0 vf 1 vlan 100
	sriovctl vf create eth0 4 >/run/out 2>&1 &
	for _ in $(seq 100); do [ "$(numvfs $PF0)" -ne 2 ] && break; sleep 0.02; done
	kill -TERM $!
	wait $! && status=0 || status=$?
	[ "$status" -eq 2 ]
	run cat /run/out
	assert_output --partial 'interrupted'
	[ "$(numvfs $PF0)" -eq 2 ]
	[ "$(ip_vf eth0 1 'vlan_list[0].vlan')" -eq 100 ]
	[ "$(cat $sysfs/$PF0/sriov_drivers_autoprobe)" -eq 1 ]
}

@test "the journal cannot be written: nothing is changed" {
	mkdir -p /run/sriovctl/journal
	mount -t tmpfs -o ro t /run/sriovctl/journal
	run sriovctl vf create eth0 1
	umount /run/sriovctl/journal
	assert_failure 2
	assert_output --partial 'nothing was changed'
	[ "$(numvfs $PF0)" -eq 0 ]
}

# on_terminal COMMAND [KEYS WHEN]: in a real terminal, where KEYS are typed once WHEN is there. What
# was written to it is in /run/written, what is on the screen at the end in /run/screen.
on_terminal() {
	local pressed
	cat >/run/command <<-END
		trap : INT
		$1
		echo "status \$?"
		sleep 60
	END
	rm -f /run/written
	tmux -L lab -f /dev/null new-session -d -x 60 -y 30 'while [ ! -e /run/written ]; do sleep 0.1; done; . /run/command' \; \
		pipe-pane -O 'exec cat >/run/written' 3>&-
	for _ in $(seq 300); do
		sleep 0.1
		! grep -q 'status [0-9]' /run/written || break
		[ -z "${2-}" ] || [ -n "${pressed-}" ] || ! grep -q "$3" /run/written ||
			{ tmux -L lab send-keys "$2" && pressed=1; }
	done
	tmux -L lab capture-pane -p >/run/screen
	tmux -L lab kill-server
}

@test "on a terminal a counter tells how far it is, also of undoing, and goes; there is none in a pipe" {
	on_terminal 'sriovctl vf create eth0 2'
	grep -q $'\reth0: creating VFs [0-2]/2\033\\[K' /run/written
	diff <(printf '%s\n' 'eth0: num_vfs 0 -> 2' 'status 0') <(grep . /run/screen)
	ip link set eth0 vf 1 vlan 100
	on_terminal 'sriovctl vf create eth0 4' C-c 'removing VFs'
	grep -q 'eth0: undoing: ' /run/written
	run cat /run/screen
	assert_output --partial 'interrupted'
	assert_output --partial 'status 2'
	refute_output --regexp '(removing|creating) VFs|undoing|step [0-9]|waiting'
	[ "$(ip_vf eth0 1 'vlan_list[0].vlan')" -eq 100 ]
	# one that waits for a lock ends at once
	hold flock "/run/sriovctl/lock/pci-$PF0"
	on_terminal 'sriovctl vf set eth0/0 vlan 5' C-c 'waiting for'
	run cat /run/screen
	assert_output --partial 'status 130'
	refute_output --partial 'waiting'
	pkill -KILL -x holder
	TERM=xterm run sriovctl vf destroy eth0
	assert_output 'eth0: num_vfs 2 -> 0'
}

@test "a stderr that nobody reads does not end a change" {
	modprobe -r igbvf
	echo 'nonsense here' >/etc/modprobe.d/lab.conf # libkmod says so, in the middle of the change
	modprobe --show-depends igbvf 2>&1 | grep -q lab.conf
	mkfifo /run/unread
	# shellcheck disable=SC2094
	exec 8<>/run/unread 9>/run/unread 8>&- # its only reader has gone
	run --separate-stderr sh -c 'sriovctl vf create eth0 1 2>&9'
	exec 9>&-
	rm -f /run/unread /etc/modprobe.d/lab.conf
	assert_success
	assert_output 'eth0: num_vfs 0 -> 1'
	[ "$(numvfs $PF0)" -eq 1 ]
	[ -z "$(ls /run/sriovctl/journal)" ]
}
