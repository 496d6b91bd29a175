#!/usr/bin/env bats
# shellcheck disable=SC2016 # text for the shell in the VM
# The lab tested from outside: does vmrun tell the truth about what happens in the VM? A boot
# takes some 5 seconds, so each test asks as much of one VM as it can.

setup() {
	bats_load_library bats-support
	bats_load_library bats-assert
	lab=$BATS_TEST_DIRNAME
	cd "$BATS_TEST_TMPDIR" || return
}

@test "vmrun --probe: the lab can run here" {
	run "$lab/vmrun" --probe
	assert_success
	refute_output
}

@test "vmrun without QEMU says what is missing" {
	mkdir bin
	ln -s /usr/bin/{bash,dirname,uname} bin/
	PATH=$PWD/bin run "$lab/vmrun" --probe
	assert_failure 1
	assert_output --partial 'QEMU is missing'
	PATH=$PWD/bin run "$lab/vmrun" true
	assert_failure 125
	assert_output --partial 'QEMU is missing'
}

@test "arguments, directory, variables and exit status pass through unchanged" {
	run "$lab/vmrun" -e 'NAME=a "b" $c' -- bash -c 'printf "<%s>" "$@"; echo; pwd; echo "$NAME"; exit 37' name \
		'two words' "it's \$HOME" '' '*'
	assert_failure 37
	assert_line --index 0 "<two words><it's \$HOME><><*>"
	assert_line --index 1 "$PWD"
	assert_line --index 2 'a "b" $c'
}

@test "output is streamed; a time limit ends the VM with status 124" {
	"$lab/vmrun" -t 12 'echo first; sleep 600' >output 2>errors 3>&- &
	vm=$!
	until grep -q first output; do
		sleep 0.2
		kill -0 $vm
	done
	status=0
	wait $vm || status=$?
	[ $status -eq 124 ]
	grep 'timed out after 12 s' errors
}

@test "a panic ends with status 125 and shows the trace" {
	run "$lab/vmrun" 'echo alive; sleep 1; echo c >/proc/sysrq-trigger; sleep 600'
	assert_failure 125
	assert_line alive
	assert_output --partial 'sysrq triggered crash'
}

# No kernel of a distribution has a way to ask for a WARNING. Its traces are the same here: the
# taint bit and the lines in the kernel's log.
@test "a kernel WARNING ends with status 126 and shows the trace, though the command succeeds" {
	run "$lab/vmrun" 'echo "<4>------------[ cut here ]------------" >/dev/kmsg
		echo "<4>WARNING: CPU: 0 PID: 1 at drivers/selftest.c:1" >/dev/kmsg
		echo 512 >/proc/sys/kernel/tainted; echo fine'
	assert_failure 126
	assert_line fine
	assert_output --partial 'drivers/selftest.c:1'
}

@test "*.bats files run in the VM, with the build directory first in PATH" {
	mkdir build
	printf '#!/bin/sh\necho built\n' >build/sriovctl
	chmod +x build/sriovctl
	printf '@test "inside" {\n\t[ "$LAB_VM" = 1 ]\n\t[ "$(sriovctl)" = built ]\n\techo x >/etc/lab-scratch\n}\n' >inside.bats
	printf '@test "fails" {\n\tfalse\n}\n' >fails.bats
	SRIOVCTL_BUILD=build run "$lab/vmrun" ./inside.bats ./fails.bats
	assert_failure 1
	assert_line 'ok 1 inside'
	assert_line 'not ok 2 fails'
	[ ! -e /etc/lab-scratch ]
}

@test "-o keeps the results, -w makes a directory writable, -u runs udev" {
	mkdir shared
	run "$lab/vmrun" -o results -w shared -u 'echo 1 >/sys/class/net/eth0/device/sriov_numvfs
		udevadm settle
		ls /sys/bus/pci/devices/0000:21:10.0/net >shared/name
		cp /proc/version /run/vm/'
	assert_success
	[ "$(cat shared/name)" = enp33s0v0 ]
	[ "$(cat results/status)" = 0 ]
	[ -s results/version ]
	[ -s results/dmesg ]
}

@test "-S: systemd is PID 1, has run what -p enabled, and udev has loaded and named the NICs" {
	cat >prepare <<-'END'
		echo prepared by $$
		printf '[Service]\nType=oneshot\nExecStart=/bin/sh -c "echo 1 >/run/own"\n' >/etc/systemd/system/own.service
		mkdir /etc/systemd/system/multi-user.target.wants
		ln -s ../own.service /etc/systemd/system/multi-user.target.wants/
	END
	run "$lab/vmrun" -S -p prepare -e NAME=value 'echo "$(cat /proc/1/comm) $NAME $(cat /run/own)"; pwd
		systemctl is-active multi-user.target network.target systemd-udevd systemd-journald
		systemctl list-units --failed --no-legend
		udevadm settle; ls -d /sys/class/net/enp*; exit 5'
	assert_failure 5
	assert_output - <<-END
		prepared by ${lines[0]##* }
		systemd value 1
		$PWD
		active
		active
		active
		active
		/sys/class/net/enp33s0
		/sys/class/net/enp65s0
	END
}

# topology SERIES: what tests may rely on
topology() {
	run "$lab/vmrun" -k "$1" -m vfio-pci '
		uname -r
		for nic in eth0 eth1; do
			device=/sys/class/net/$nic/device
			echo $nic $(basename $(readlink -f $device)) $(basename $(readlink $device/driver)) \
				vfs=$(cat $device/sriov_totalvfs) node=$(cat $device/numa_node)
			echo 7 >$device/sriov_numvfs
			for vf in $device/virtfn*; do readlink -f $vf/iommu_group; done
		done >nics
		grep ^eth nics
		echo groups: $(grep -v ^eth nics | sort -u | wc -l)
		echo nvme: $(cat /sys/bus/pci/devices/0000:01:00.0/{class,sriov_totalvfs})
		ls -d /sys/bus/pci/drivers/vfio-pci
		vf=$(basename $(readlink /sys/class/net/eth0/device/virtfn0))
		echo vfio-pci >/sys/bus/pci/devices/$vf/driver_override
		echo $vf >/sys/bus/pci/devices/$vf/driver/unbind
		echo $vf >/sys/bus/pci/drivers_probe
		basename $(readlink /sys/bus/pci/devices/$vf/driver)
		ls /dev/vfio | grep "^[0-9]"
		ip link set eth0 up; ip link set eth1 up
		for _ in $(seq 50); do
			[ "$(cat /sys/class/net/eth[01]/carrier | tr -d "\n")" != 11 ] || break
			sleep 0.2
		done
		cat /sys/class/net/eth[01]/carrier'
	assert_success
	assert_line --index 0 --regexp "^${1//./\\.}\..*-amd64$"
	assert_line 'eth0 0000:21:00.0 igb vfs=7 node=0'
	assert_line 'eth1 0000:41:00.0 igb vfs=7 node=1'
	assert_line 'groups: 14'
	assert_line 'nvme: 0x010802 4'
	assert_line 'vfio-pci'
	assert_line --index 7 --regexp '^[0-9]+$'
	assert_line --index 8 1
	assert_line --index 9 1
}

@test "topology on 6.12: two igb PFs, NUMA nodes, IOMMU groups, vfio-pci, NVMe, a wire" {
	topology 6.12
}

@test "topology on 6.1" {
	topology 6.1
}
