#!/usr/bin/env bats
# Inside the VM: SIGKILL at each point of a change where something is about to be written, be it by
# sriovctl or by a child of it: requests, sysfs, the journal. Afterwards either the same command is
# run again, and must reach what it says, or another one, and all must be as before but for that.
# shellcheck disable=SC2086,SC2154 # as in the other tests: PF0 and PF1 are words, helper's

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=300; }

setup() {
	load helper
	load_libraries
	shim="$(dirname "$(command -v sriovctl)")/lab/failwrite.so"
	clean_slate
	rm -rf /run/crash
	mkdir /run/crash
}

# dress PF INDEX NAME: a VF with settings, and an address, so that it is the same after a rebind
dress() {
	local name
	name=$(vf_if $1 $2)
	ip link set "$name" down
	ip link set "$name" name "$3" mtu 1400
	ip link property add dev "$3" altname "$3-net"
	ip link set "$3" up
}

# cut_off N COMMAND...: kill it at the Nth point; false when it came to its end before
cut_off() {
	head -c 8 /dev/zero >/run/count
	# setsid: the shim kills the process group
	{ KILL_AT=$1 KILL_COUNT=/run/count LD_PRELOAD=$shim setsid -w "${@:2}" >/run/crash/out 2>&1 3>&- || true; } 2>/dev/null
	[ "$(od -An -td4 -N4 /run/count)" -ge "$1" ] && return
	# what it did there: the loop must not end because it failed
	[ -z "$(ls /run/sriovctl/journal)" ] || { echo "point $1: it has not come to its end"; cat /run/crash/out; exit 1; }
	return 1
}

# is FILE N WHAT: all is as the file says, and nothing is left of the change
is() {
	local now=/run/crash/now
	like >$now
	if diff $1 $now && [ -z "$(ls /run/sriovctl/journal)" ]; then return; fi
	echo "point $2: $3"
	ls /run/sriovctl/journal
	cat /run/crash/out
	return 1
}

run_on() { "$@" >/run/crash/out 2>&1 || { echo "status $?: $*"; cat /run/crash/out; return 1; }; }

# sweep NAME MODES: for each point. In the caller are defined: `words`, the command; `back`, to the
# start from what it makes; `other` and `not_other`, another command and its opposite; `like`, what
# is compared. MODES: both at each point; or alternate: the same command at every second point,
# another one at the rest, and the other way round on the other kernel; or third: only every third
# point, alternately, and others on the other kernel. SWEEP= says another one for most of them.
sweep() {
	local n same other total valid odd=1
	[[ $(uname -r) != 6.1.* ]] || odd=0
	like >/run/crash/before
	other
	like >/run/crash/other
	not_other
	change
	like >/run/crash/after
	other
	like >/run/crash/both
	not_other
	back
	is /run/crash/before 0 'back from it'
	for ((n = 1; ; n++)); do
		same=1 other=1
		case $2 in
		alternate) same=$((n % 2 == odd)) other=$((n % 2 != odd)) ;;
		third) same=$((n % 3 == odd && n % 2)) other=$((n % 3 == odd && n % 2 == 0)) ;;
		esac
		if [ $other = 1 ]; then
			cut_off $n "${words[@]}" || break
			# without the journal of the first PF it has not begun, or was complete but for cleaning up
			valid=
			if [ ! -e "/run/sriovctl/journal/pci-$PF0" ]; then
				like >/run/crash/now
				cmp -s /run/crash/now /run/crash/before || valid=1
			fi
			run_on other
			if [ $valid ]; then
				is /run/crash/both $n 'another command after it was valid'
				not_other
				run_on back
			else
				is /run/crash/other $n 'another command after it'
				not_other
			fi
		fi
		if [ $same = 1 ]; then
			cut_off $n "${words[@]}" || break
			run_on change
			is /run/crash/after $n 'the same again'
			run_on back
			is /run/crash/before $n 'and back'
		fi
	done
	total=$(od -An -td4 -N4 /run/count | tr -d ' ')
	[ $total -gt 3 ]
	run_on back # nothing has cut off the last one
	is /run/crash/before $n 'to its end, and back'
	echo "# $1: $total kill points, $2" >&3
}

change() { "${words[@]}"; }
like() { picture; }

@test "vf set: an address with its rebind, attributes, the interface's name and MTU" {
	vfs $PF0 3
	sriovctl -q vf set eth0/all mac auto
	mac=$(ip_vf eth0 0 address)
	dress $PF0 0 store0
	words=(sriovctl vf set eth0/0 mac 52:54:00:aa:00:01 vlan 10 qos 2 spoofchk off trust on name disk0 mtu 1500)
	back() {
		sriovctl -q vf set eth0/0 trust off spoofchk on vlan 0 mac $mac name store0 mtu 1400
	}
	other() { sriovctl -q vf set eth0/2 vlan 9; }
	not_other() { ip link set eth0 vf 2 vlan 0; }
	sweep 'vf set, one PF' "${SWEEP:-third}" # SWEEP=both: each command at each point
}

@test "vf set on two PFs" {
	vfs $PF0 3 &
	vfs $PF1 2
	wait $!
	ip link set "$(vf_if $PF0 0)" up
	ip link set "$(vf_if $PF1 1)" up
	words=(sriovctl vf set eth0/0-1 eth1/0-1 vlan 10 trust on up)
	back() {
		sriovctl -q vf set eth0/0-1 eth1/0-1 vlan 0 trust off
		sriovctl -q vf set eth0/1 eth1/0 down
	}
	other() { sriovctl -q vf set eth0/2 eth1/1 spoofchk off; }
	not_other() { ip link set eth0 vf 2 spoofchk on; ip link set eth1 vf 1 spoofchk on; }
	sweep 'vf set, two PFs' "${SWEEP:-third}"
}

@test "pf set" {
	words=(sriovctl pf set eth0 autoprobe off mtu 2000 up)
	back() { sriovctl -q pf set eth0 down mtu 1500 autoprobe on; }
	other() { sriovctl -q pf set eth0 mtu 1600; }
	not_other() { ip link set eth0 mtu 1500; }
	sweep 'pf set' "${SWEEP:-third}"
}

@test "vf bind, to vfio-pci and back" {
	vfs $PF0 3
	modprobe vfio-pci
	sriovctl -q vf set eth0/all mac auto
	for vf in 0 1; do dress $PF0 $vf store$vf; done
	ip link set eth0 vf 0 trust on
	words=(sriovctl vf bind eth0/0-1 vfio-pci)
	back() {
		local vf bdf
		for vf in 0 1; do
			bdf=$(vf_bdf $PF0 $vf)
			echo "$bdf" >/sys/bus/pci/drivers/vfio-pci/unbind
			echo >"$sysfs/$bdf/driver_override"
			echo "$bdf" >/sys/bus/pci/drivers_probe
			dress $PF0 $vf store$vf
		done
	}
	other() { sriovctl -q vf set eth0/2 vlan 9; }
	not_other() { ip link set eth0 vf 2 vlan 0; }
	sweep 'vf bind vfio-pci' "${SWEEP:-third}"
	# the way back, with autoprobe off, which is lent for it
	change
	echo 0 >$sysfs/$PF0/sriov_drivers_autoprobe
	words=(sriovctl vf bind eth0/0-1 default)
	back() { sriovctl -q vf bind eth0/0-1 vfio-pci; }
	like() { picture | sed 's/^eth[0-9]*: /ethN: /'; } # a new interface has any name
	sweep 'vf bind default' "${SWEEP:-third}"
}

@test "vf reset" {
	vfs $PF0 3
	sriovctl -q vf set eth0/all mac auto
	mac=$(ip_vf eth0 0 address)
	dress $PF0 0 store0
	ip link set eth0 vf 0 vlan 10 qos 3 spoofchk off
	words=(sriovctl vf reset eth0/0)
	back() { sriovctl -q vf set eth0/0 mac $mac vlan 10 qos 3 spoofchk off mtu 1400; } # a reset resets that too
	other() { sriovctl -q vf set eth0/2 vlan 9; }
	not_other() { ip link set eth0 vf 2 vlan 0; }
	# after a reset it has no address, and its interface any
	like() { picture | if ip link show eth0 | grep 'vf 0 ' | grep -q $mac; then cat; else sed -E 's/([0-9a-f]{2}:){5}[0-9a-f]{2}/M/g'; fi; }
	sweep 'vf reset' "${SWEEP:-third}"
}

@test "vf create: another number of VFs, with one that has settings, a name, another driver" {
	vfs $PF0 2
	modprobe vfio-pci
	sriovctl -q vf set eth0/all mac auto
	dress $PF0 0 store0
	ip link set eth0 vf 0 vlan 10 qos 3 spoofchk off
	bind_vfio $PF0 1
	echo >"$sysfs/$(vf_bdf $PF0 1)/driver_override" # the driver is kept, this is not
	words=(sriovctl vf create eth0 3)
	back() { sriovctl -q vf create eth0 2; }
	other() { sriovctl -q vf set eth0/1 vlan 9; }
	not_other() { ip link set eth0 vf 1 vlan 0; }
	# the new one has any address and name
	like() { picture | sed -E '/^eth[2-9]:/,/parentdev/d; s/(vf 2 .*ether )[^ ]*/\1M/'; }
	sweep 'vf create' third
}

@test "only the process itself is killed, while its child is at work: the next one waits for it" {
	vfs $PF0 2
	sriovctl -q vf set eth0/all mac auto
	dress $PF0 0 store0
	ip link set eth0 vf 0 vlan 10
	picture >/run/crash/before
	for what in sriov_numvfs=0 sriov_numvfs=3; do
		head -c 8 /dev/zero >/run/count
		{ FAIL_WRITE=/$what:alone KILL_COUNT=/run/count LD_PRELOAD=$shim sriovctl vf create eth0 3 && status=0 || status=$?; } 2>/dev/null
		[ $status -eq 137 ]
		flock -n /run/sriovctl/lock/pci-$PF0 true && echo "# $what: the child was too quick" >&3
		run sriovctl vf create eth0 2
		assert_success
		assert_output --partial 'was cut off earlier'
		diff /run/crash/before <(picture)
		[ -z "$(ls /run/sriovctl/journal)" ]
	done
}
