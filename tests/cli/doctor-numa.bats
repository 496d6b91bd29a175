#!/usr/bin/env bats
# What the doctor makes of a captured host's interrupts and NUMA nodes.

# shellcheck disable=SC2016,SC2154

load helper

# Two nodes of two CPUs; ens1f0/0 on node 0 with two queues, 40 and 41; 500 ms between the looks.
setup() {
	host=$(copy_fixture basic)
	device=$(readlink -f "$host"/sys/bus/pci/devices/*/virtfn0 | head -1)
	echo 0 >"$device/numa_node"
	mkdir -p "$device/msi_irqs" "$host"/proc/irq/{40,41} "$host"/sys/devices/system/node/node{0,1} "$host"/sys/devices/system/cpu "$host/later"
	touch "$device"/msi_irqs/{40,41}
	echo 0-1 >"$host/sys/devices/system/node/has_cpu"
	echo 0-1 >"$host/sys/devices/system/node/online"
	echo 0-1 >"$host/sys/devices/system/node/node0/cpulist"
	echo 2-3 >"$host/sys/devices/system/node/node1/cpulist"
	echo '10 21' >"$host/sys/devices/system/node/node0/distance"
	echo 0 >"$host/proc/irq/40/effective_affinity_list"
	echo 1 >"$host/proc/irq/41/effective_affinity_list"
	echo 500 >"$host/later/ms"
	cp "$host/netlink/link-stats" "$host/later/"
	look proc 1000 1000
	look later 1000 1000
}

# look DIR COUNT COUNT: what was counted
look() {
	printf '%s\n' '           CPU0       CPU1       CPU2       CPU3' \
		" 40:  $2  0  0  0  IR-PCI-MSIX-0000:01:10.0  0-edge  v0-TxRx-0" \
		" 41:  0  $3  0  0  IR-PCI-MSIX-0000:01:10.0  1-edge  v0-TxRx-1" >"$host/$1/interrupts"
}

checks=(--check 'irq-storm,irq-one-cpu,irq-far-cpus,numa-far-user,numa-unknown')

@test "doctor: interrupts where they should be, as many as they should be" {
	at "$host" doctor "${checks[@]}" ens1f0
	assert_exit 0
	assert_line --index 0 --partial 'Nothing wrong: 5 checks'
	look later 5500 5500
	at "$host" doctor "${checks[@]}" ens1f0 --details
	assert_exit 0
	refute_output --regexp '(problem|warning): '
}

@test "doctor: far too many interrupts, of a VF whose packets nobody counts" {
	look later 1000 76000
	at "$host" doctor "${checks[@]}" ens1f0 --strict
	assert_exit 8
	assert_line --index 0 --partial 'No problem, 1 warning'
	assert_line '  warning: ens1f0/0: far more interrupts than a NIC should raise [irq-storm]'
	assert_line '    found   /proc/interrupts line 41: 150000 interrupts a second, queue 1'
	look later 1000 75999
	at "$host" doctor --check irq-storm ens1f0 --strict
	assert_exit 0
	# a vector counts in 32 bits
	look proc 4294967290 1000
	look later 74993 1000
	at "$host" doctor --check irq-storm ens1f0 --strict
	assert_exit 0
	look later 74994 1000
	at "$host" doctor --check irq-storm ens1f0 --strict
	assert_exit 8
}

@test "doctor: one CPU for all queues, and that of another node" {
	look later 3000 3000
	echo 0 >"$host/proc/irq/41/effective_affinity_list"
	at "$host" doctor "${checks[@]}" ens1f0 --strict
	assert_exit 8
	assert_line --index 0 --partial 'No problem, 1 warning'
	assert_line --partial '[irq-one-cpu]'
	echo 2 >"$host/proc/irq/41/effective_affinity_list"
	at "$host" doctor "${checks[@]}" ens1f0 --strict
	assert_exit 8
	assert_line --index 0 --partial 'No problem, 1 warning'
	assert_line --partial '[irq-far-cpus]'
	at "$host" --json doctor "${checks[@]}" ens1f0
	assert_json 'any(.findings[]; .check == "irq-far-cpus" and (.remedy // "" | contains("echo 1 >/proc/irq/41/smp_affinity_list")))'
	# nobody cares
	look later 2000 2000
	at "$host" doctor "${checks[@]}" ens1f0 --strict
	assert_exit 0
}

@test "doctor: without a second look there are no rates" {
	look later 1000 900000
	rm "$host/later/ms"
	at "$host" doctor "${checks[@]}" ens1f0
	assert_exit 0
	assert_line 'Could not be looked at: irq-storm, irq-one-cpu, irq-far-cpus (--details says'
	at "$host" doctor --check irq-storm ens1f0 --details
	assert_line '  unknown: ens1f0/0: the snapshot has no second look at the interrupts'
	# nothing was ever raised: none is needed
	look proc 0 0
	at "$host" doctor --check irq-storm --json ens1f0
	assert_json 'any(.findings[]; .index == 0 and .severity == "unknown") | not'
}
