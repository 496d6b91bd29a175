#!/usr/bin/env bats
# Inside the VM, with two CPUs on two NUMA nodes: the interrupts of VFs.

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=180; }

setup() {
	load helper
	load_libraries
	lab="$(dirname "$(command -v sriovctl)")/lab"
	clean_slate
}

teardown() {
	pkill -KILL -x vfio-open || true
	echo 1 >/sys/devices/system/cpu/cpu1/online
	echo 0 >/sys/bus/netdevsim/del_device 2>/dev/null || true
	ip addr flush dev eth0
}

# seen OPTIONS...: what is known of all VFs
seen() { sriovctl --json "$@" stats --columns vf,numa_node,interrupts,remote_interrupts,irqs,irq_cpus; }

# of VF FILTER: what is known of it, through jq
of() { seen | jq -c ".[] | select(.vf == \"$1\") | $2"; }

# vectors PF INDEX: its vectors, in a list
vectors() { find "$sysfs/$1/virtfn$2/msi_irqs/" -mindepth 1 -printf '%f\n' | sort -n | paste -sd,; }

# lines VECTORS: what /proc/interrupts counts on CPU 0 and on CPU 1
lines() {
	awk -v irqs=",$1," 'NR > 1 { n = $1; sub(/:/, "", n); if (index(irqs, "," n ",")) { a += $2; b += $3 } }
		END { print a + 0, b + 0 }' /proc/interrupts
}

# busy INTERFACE: packets leave it, and those to all others come in
busy() {
	for _ in {1..20}; do
		[ "$(cat "/sys/class/net/$1/carrier")" = 1 ] && break
		sleep 0.2
	done
	ip addr add 192.0.2.9/24 dev "$1" 2>/dev/null || true
	for _ in {1..5}; do
		echo x >/dev/udp/192.0.2.77/9
		sleep 0.1
	done
}

# counted VF VECTORS FILTER: what is known of it as $got, what /proc/interrupts counts as $a and $b,
# of one moment in which nothing was counted
counted() {
	local before
	for _ in {1..50}; do
		before=$(lines "$2")
		got=$(of "$1" "$3")
		[ "$before" != "$(lines "$2")" ] || break
	done
	read -r a b <<<"$before"
}

@test "vectors of a VF, their counts by node, and where they go" {
	vfs $PF0 2
	name=$(vf_if $PF0 0)
	irqs=$(vectors $PF0 0)
	[ "$(of eth0/0 .irqs)" = "[$irqs]" ]
	# nobody has switched it on: no line, no CPU, nothing counted
	[ "$(of eth0/0 '[.interrupts, .remote_interrupts, .irq_cpus, .numa_node]')" = '[0,0,[],0]' ]
	ip link set "$name" up
	# all to the CPU of its node, then to the other one
	for irq in ${irqs//,/ }; do echo 0 >"/proc/irq/$irq/smp_affinity_list"; done
	busy "$name"
	counted eth0/0 "$irqs" '[.interrupts, .remote_interrupts]'
	[ "$a" -gt 0 ]
	[ "$got" = "[$((a + b)),$b]" ]
	was=$b
	[ "$(of eth0/0 .irq_cpus)" = '[0]' ]
	for irq in ${irqs//,/ }; do echo 1 >"/proc/irq/$irq/smp_affinity_list"; done
	busy "$name"
	counted eth0/0 "$irqs" '[.interrupts, .remote_interrupts, .irq_cpus]'
	[ "$b" -gt "$was" ]
	[ "$got" = "[$((a + b)),$b,[1]]" ]
	# of the VF beside it, nothing
	[ "$(of eth0/1 '[.interrupts, .irqs]')" = "[0,[$(vectors $PF0 1)]]" ]
}

@test "rates of interrupts, in order, and only where there are any" {
	vfs $PF0 3
	for vf in 0 1; do ip link set "$(vf_if $PF0 $vf)" up; done
	busy "$(vf_if $PF0 0)"
	(for _ in {1..30}; do echo x >/dev/udp/192.0.2.77/9 || true; sleep 0.1; done) 3>&- &
	sriovctl --json stats interval 1 count 1 --filter 'interrupts_ps>0' --sort interrupts_ps,vf >/run/rates
	jq -e '.vfs | length > 0 and all(.[]; .interrupts_ps > 0 and .vf != "eth0/2")' /run/rates
	jq -e '[.vfs[].interrupts_ps] | . == (sort | reverse)' /run/rates
	[ "$(sriovctl --oneline stats interval 0.2 count 1 --filter 'vf!=eth0/1' --sort -vf --columns vf | paste -sd,)" = 'vf eth0/2,vf eth0/0' ]
}

@test "on the other node what is far is near" {
	vfs $PF1 1
	ip link set "$(vf_if $PF1 0)" up
	irqs=$(vectors $PF1 0)
	busy "$(vf_if $PF1 0)"
	counted eth1/0 "$irqs" '[.interrupts, .remote_interrupts, .numa_node]'
	[ $((a + b)) -gt 0 ]
	[ "$got" = "[$((a + b)),$a,1]" ]
}

@test "what was counted is not forgotten while the interface is off" {
	vfs $PF0 1
	name=$(vf_if $PF0 0)
	irqs=$(vectors $PF0 0)
	ip link set "$name" up
	busy "$name"
	ip link set "$name" down
	count=$(of eth0/0 .interrupts)
	[ "$count" -gt 0 ]
	# Linux 6.12 has no line of it now, though it counts on from there
	ip link set "$name" up
	busy "$name"
	[ "$(of eth0/0 .interrupts)" -gt "$count" ]
}

@test "a CPU that is offline has no column" {
	vfs $PF0 1
	name=$(vf_if $PF0 0)
	irqs=$(vectors $PF0 0)
	ip link set "$name" up
	for irq in ${irqs//,/ }; do echo 1 >"/proc/irq/$irq/smp_affinity_list"; done
	busy "$name"
	[ "$(of eth0/0 .remote_interrupts)" -gt 0 ]
	echo 0 >/sys/devices/system/cpu/cpu1/online
	busy "$name"
	counted eth0/0 "$irqs" '[.interrupts, .remote_interrupts, .irq_cpus]'
	[ "$a" -gt 0 ]
	[ "$got" = "[$a,0,[0]]" ]
	# when it is back, with all that it had counted, that was not since
	sriovctl -j stats eth0/0 interval 3 count 2 >/run/rates 3>&- &
	sleep 1.5
	echo 1 >/sys/devices/system/cpu/cpu1/online
	wait $!
	[ "$(jq -cs 'map(.vfs[0].interrupts_ps | type)' /run/rates)" = '["null","number"]' ]
	echo 0 >/sys/devices/system/cpu/cpu1/online
	# without a line it is another file that counts, of offline CPUs as well
	ip link set "$name" down
	sum=0
	for irq in ${irqs//,/ }; do sum=$((sum + $(cut -d, -f1 "/sys/kernel/irq/$irq/per_cpu_count"))); done
	[ "$sum" -ge "$a" ]
	[ "$(of eth0/0 '[.interrupts, .remote_interrupts]')" = "[$sum,0]" ]
}

@test "a VF on vfio-pci has vectors while its user has" {
	vfs $PF0 1
	bind_vfio $PF0 0
	[ "$(of eth0/0 '[.irqs, .interrupts, .remote_interrupts, .irq_cpus]')" = '[[],0,0,[]]' ]
	bdf=$(vf_bdf $PF0 0)
	"$lab/vfio-open" -i "/dev/vfio/$(basename "$(readlink $sysfs/"$bdf"/iommu_group)")" "$bdf" >/run/opened 3>&- &
	disown
	for _ in {1..100}; do [ -s /run/opened ] && break; sleep 0.1; done
	[ "$(of eth0/0 .irqs)" = "[$(vectors $PF0 0)]" ]
	[ "$(of eth0/0 '.irqs | length')" = 2 ]
	[ "$(of eth0/0 .interrupts)" = 0 ]
	[ "$(of eth0/0 '.irq_cpus | length > 0')" = true ]
}

@test "VFs that are no PCI devices have nothing to ask" {
	echo '0 1' >/sys/bus/netdevsim/new_device
	pf=$(basename /sys/bus/netdevsim/devices/netdevsim0/net/*)
	echo 2 >/sys/class/net/"$pf"/device/sriov_numvfs
	[ "$(of "$pf/1" '[.irqs, .interrupts, .remote_interrupts, .irq_cpus]')" = '[null,null,null,null]' ]
}

@test "anyone may ask, and a snapshot says the same" {
	vfs $PF0 3
	vfs $PF1 1
	ip link set "$(vf_if $PF0 0)" up
	ip link set "$(vf_if $PF1 0)" up
	busy "$(vf_if $PF0 0)"
	ip link set "$(vf_if $PF0 0)" down
	ip link set "$(vf_if $PF1 0)" down
	ip link set "$(vf_if $PF0 1)" up
	ip link set eth0 down # nobody sends any more
	seen | jq . >/run/live
	jq -e 'length == 4 and all(.[]; .interrupts != null and .remote_interrupts != null)' /run/live
	jq -e 'any(.[]; .interrupts > 0)' /run/live
	export -f seen
	setpriv --reuid 65534 --clear-groups bash -c seen | jq . | diff /run/live -
	rm -rf /run/snap
	sriovctl snapshot /run/snap
	seen --snapshot /run/snap | jq . | diff /run/live -
	# not of others
	[ "$(wc -l </run/snap/proc/interrupts)" -lt 14 ]
	run -1 grep -q eth0 /run/snap/proc/interrupts
	# one that was recorded without does not say that there is nothing
	rm -r /run/snap/proc /run/snap/sys/kernel
	seen --snapshot /run/snap | jq -e 'all(.[]; .interrupts == null and .irqs == null)'
}

@test "the number that tells a VF from one in its place: the inode of its directory" {
	vfs $PF0 2
	instance() { stat -L -c %i "$sysfs/$(vf_bdf $PF0 1)"; }
	first=$(instance)
	bdf=$(vf_bdf $PF0 1)
	echo "$bdf" >/sys/bus/pci/drivers/igbvf/unbind
	echo "$bdf" >/sys/bus/pci/drivers/igbvf/bind
	[ "$(instance)" = "$first" ]
	been=" $first "
	for _ in {1..5}; do
		echo 0 >$sysfs/$PF0/sriov_numvfs
		echo 2 >$sysfs/$PF0/sriov_numvfs
		next=$(instance)
		[[ $been != *" $next "* ]]
		been+="$next "
	done
}
