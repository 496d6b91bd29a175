#!/usr/bin/env bats
# Inside the VM, with two CPUs on two NUMA nodes (-c 2) and iomem=relaxed: what the doctor says of
# interrupts and of NUMA nodes.

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=300; }

setup() {
	load helper
	load_libraries
	lab="$(dirname "$(command -v sriovctl)")/lab"
	clean_slate
	rm -rf /run/snap
}

teardown() {
	[ -z "${busy-}" ] || kill "$busy" || true
	pkill -KILL -x vfio-open || true
	pkill -KILL -x irqstorm || true
	ip netns del lan 2>/dev/null || true
}

checks="irq-storm,irq-one-cpu,irq-far-cpus,numa-far-user,numa-unknown"

# says ID OBJECT SEVERITY [OPTION...]: this is what our checks find, no more, and nobody else has a
# problem; the exit status goes with it
says() {
	local id=$1 object=$2 severity=$3 status=0
	shift 3
	sriovctl --json "$@" doctor >/run/said || status=$?
	[ $status -eq "$([ "$severity" = problem ] && echo 2 || echo 0)" ] ||
		{ jq -c '[.summary, (.findings[] | select(.severity == "problem") | .check)]' /run/said; return 1; }
	jq -c --arg c "$checks" '($c | split(",")) as $ours | [.findings[] |
		select(.severity == "problem" or (.severity == "warning" and (.check | IN($ours[])))) |
		[.check, .object, .severity]]' /run/said | tee /run/short
	[ "$(cat /run/short)" = "[[\"$id\",\"$object\",\"$severity\"]]" ]
}

# calm [OPTION...]: nothing to be done, and all could be looked at
calm() {
	sriovctl --json "$@" doctor --check $checks >/run/said
	jq -e '.verdict == "ok" or .verdict == "info"' /run/said
	jq -e '.counts.problem + .counts.warning + .counts.unknown == 0' /run/said
}

# up PF INDEX: its interface, which has a link
up() {
	local name
	name=$(vf_if "$1" "$2")
	ip link set "$name" up
	for _ in {1..100}; do
		[ "$(cat "/sys/class/net/$name/carrier")" = 1 ] && break
		sleep 0.1
	done
	echo "$name"
}

# vectors PF INDEX: their numbers
vectors() { find "$sysfs/$1/virtfn$2/msi_irqs/" -mindepth 1 -printf '%f\n' | sort -n; }

# serve PF INDEX CPU
serve() {
	local irq
	for irq in $(vectors "$1" "$2"); do echo "$3" >"/proc/irq/$irq/smp_affinity_list"; done
}

# hold_vf PF INDEX CPUS: through vfio, by a process that may run there
hold_vf() {
	local bdf
	bdf=$(vf_bdf "$1" "$2")
	rm -f /run/opened
	taskset -c "$3" "$lab/vfio-open" "/dev/vfio/$(basename "$(readlink "$sysfs/$bdf/iommu_group")")" "$bdf" >/run/opened 3>&- &
	holder=$!
	disown
	for _ in {1..100}; do [ -s /run/opened ] && break; sleep 0.1; done
}

@test "doctor: fresh VFs, and VFs with traffic, are as they should be" {
	vfs $PF0 3
	vfs $PF1 3
	calm
	from=$(up $PF0 0)
	to=$(up $PF1 0)
	(while :; do "$lab/frames" "$from" "$(cat "/sys/class/net/$to/address")" 5000 64; sleep 0.3; done) 3>&- &
	busy=$!
	sleep 1
	serve $PF0 0 0
	serve $PF1 0 1
	calm
	sriovctl snapshot /run/snap
	calm --snapshot /run/snap
	[ "$(cat /run/snap/later/ms)" -ge 500 ]
	# facts that prove it
	sriovctl doctor --check numa-unknown | grep -F 'eth1: NUMA node 1'
	# two looks at the one host tell of what went on
	sed 1d /run/snap/later/interrupts | diff - <(sed 1d /run/snap/proc/interrupts) && return 1
	kill $busy
	busy=
}

@test "doctor: it waits for a second look only where rates count" {
	vfs $PF0 1
	up $PF0 0
	irq=$(vectors $PF0 0 | head -1)
	for _ in {1..100}; do
		awk -v n="$irq:" '$1 == n && $2 + $3 > 0 { found = 1 } END { exit !found }' /proc/interrupts && break
		"$lab/frames" "$(vf_if $PF0 0)" 02:00:00:00:00:01 100 64
	done
	took() {
		local from
		from=$(date +%s%N)
		sriovctl doctor --check "$1" >/dev/null
		echo $((($(date +%s%N) - from) / 1000000))
	}
	[ "$(took irq-storm)" -ge 500 ]
	for _ in {1..10}; do ms=$(took numa-unknown,numa-far-user) && [ "$ms" -ge 500 ] || break; done
	[ "$ms" -lt 500 ]
}

@test "doctor: a VF held by a process on the other node's CPUs" {
	vfs $PF0 2
	bind_vfio $PF0 0
	hold_vf $PF0 0 1
	says numa-far-user eth0/0 warning
	jq -e --arg pid $holder '.findings[] | select(.check == "numa-far-user") |
		.evidence[0] == {source: "/proc/\($pid)/task/*/status", value: "vfio-open: Cpus_allowed_list 1"} and
		(.remedy | contains("taskset -a -p -c 0 \($pid)"))' /run/said
	sriovctl snapshot /run/snap
	says numa-far-user eth0/0 warning --snapshot /run/snap
	# what else the process says is not recorded
	[ "$(grep -c . "/run/snap/proc/$holder/task/$holder/status")" -eq 2 ]
	# what was recommended helps
	taskset -a -p -c 0 $holder
	calm
	taskset -a -p -c 0-1 $holder
	calm
	kill $holder
	wait $holder || true
	hold_vf $PF0 0 0-1
	calm
	rm -rf /run/snap
	sriovctl snapshot /run/snap
	calm --snapshot /run/snap
}

@test "doctor: a VF in a namespace whose processes are on the other node's CPUs" {
	vfs $PF1 1
	ip netns add lan
	ip link set "$(vf_if $PF1 0)" netns lan
	calm # nobody is in there
	hold taskset -c 0 ip netns exec lan
	pid=$!
	for _ in {1..100}; do [ "$(cat /proc/$pid/comm)" = holder ] && break; sleep 0.1; done
	says numa-far-user eth1/0 warning
	sriovctl snapshot /run/snap
	says numa-far-user eth1/0 warning --snapshot /run/snap
	# one that may run near it
	hold ip netns exec lan
	for _ in {1..100}; do [ "$(cat /proc/$!/comm)" = holder ] && break; sleep 0.1; done
	calm
	# one that was recorded without the processes does not say that there are none
	rm /run/snap/netns-processes
	sriovctl --json --snapshot /run/snap doctor --check numa-far-user | jq -e '.counts.unknown == 1'
}

@test "doctor: interrupts that the other node's CPU serves, or one CPU alone" {
	vfs $PF0 1
	vfs $PF1 1
	from=$(up $PF0 0)
	to=$(up $PF1 0)
	serve $PF1 0 0
	(while :; do "$lab/frames" "$from" "$(cat "/sys/class/net/$to/address")" 5000 64; done) 3>&- &
	busy=$!
	sleep 1
	sriovctl snapshot /run/snap
	kill $busy
	busy=
	# emulation is slow: as if that had all come in a hundredth of the time
	echo 5 >/run/snap/later/ms
	says irq-far-cpus eth1/0 warning --snapshot /run/snap
	jq -e '.findings[] | select(.check == "irq-far-cpus") | .evidence[1].value == "0" and
		(.remedy | test("echo 1 >/proc/irq/[0-9]+/smp_affinity_list"))' /run/said
	# the CPU of its own node: nothing to say
	for irq in $(vectors $PF1 0); do echo 1 >"/run/snap/proc/irq/$irq/effective_affinity_list"; done
	calm --snapshot /run/snap
	# and when that one has company, and its vectors are those of two queues
	echo 0-1 >/run/snap/sys/devices/system/node/node1/cpulist
	: >/run/snap/sys/devices/system/node/node0/cpulist
	calm --snapshot /run/snap
	busy_as="$(vectors $PF1 0 | head -2)"
	for irq in $busy_as; do
		sed -i "s/^\( *$irq: *[0-9]* *\)[0-9]* .*/\10  PCI-MSIX-0000:41:10.0 0-edge  queue-$irq/" /run/snap/proc/interrupts
		sed -i "s/^\( *$irq: *[0-9]* *\)[0-9]* .*/\140000  PCI-MSIX-0000:41:10.0 0-edge  queue-$irq/" /run/snap/later/interrupts
	done
	echo 5000 >/run/snap/later/ms
	says irq-one-cpu eth1/0 warning --snapshot /run/snap
	echo 0 >"/run/snap/proc/irq/$(head -1 <<<"$busy_as")/effective_affinity_list"
	calm --snapshot /run/snap
}

@test "doctor: a VF that raises interrupts without end and without packets" {
	vfs $PF0 2
	up $PF0 0
	up $PF0 1
	serve $PF0 0 0
	calm
	taskset -c 1 "$lab/irqstorm" "$sysfs/$(vf_bdf $PF0 0)/resource0" 0 3>&- &
	storm=$!
	disown
	sleep 0.5
	for _ in {1..30}; do says irq-storm eth0/0 problem && break; done
	says irq-storm eth0/0 problem
	jq -e --arg irq "$(vectors $PF0 0 | head -1)" '.findings[] | select(.check == "irq-storm") |
		.evidence[0].source == "/proc/interrupts line \($irq)"' /run/said
	for _ in {1..10}; do
		rm -rf /run/snap
		sriovctl snapshot /run/snap
		says irq-storm eth0/0 problem --snapshot /run/snap && break
	done
	says irq-storm eth0/0 problem --snapshot /run/snap
	kill $storm
	sleep 0.2
	calm
	# without the second look it cannot be said
	rm -r /run/snap/later
	sriovctl --json --snapshot /run/snap doctor --check irq-storm >/run/said
	jq -e '.verdict == "ok" and .counts.unknown >= 1' /run/said
	jq -e 'any(.findings[]; .summary == "the snapshot has no second look at the interrupts")' /run/said
}

@test "doctor: a PF of no node, on a host with two" {
	[ "$(cat $sysfs/0000:01:00.0/numa_node)" = -1 ]
	sriovctl --json doctor --check numa-unknown >/run/said
	jq -e '[.findings[] | select(.severity == "info")] | length == 1 and .[0].bdf == "0000:01:00.0" and
		.[0].evidence[0].value == "-1"' /run/said
}
