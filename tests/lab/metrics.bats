#!/usr/bin/env bats
# Inside the VM: metrics of real devices, and counters of what sriovctl did to them.
# shellcheck disable=SC2086,SC2154

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=180; }

setup() {
	load helper
	load_libraries
	clean_slate
	shim="$(dirname "$(command -v sriovctl)")/lab/failwrite.so"
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
}

# value METRIC{LABELS}: of it, by now; nothing where it is not told
value() {
	sriovctl stats --prometheus >/run/metrics
	awk -v series="$1" '{ at = length($0) - length($NF) } substr($0, 1, at - 1) == series { print $NF }' /run/metrics
}

# results PF: "done=1 refused=2", those that are not 0
results() {
	sriovctl stats --prometheus | sed -n "s/^sriovctl_changes_total{pf=\"$1\",result=\"\([a-z_]*\)\"} \([1-9].*\)/\1=\2/p" | xargs
}

@test "nothing was done yet: all is 0" {
	[ -z "$(results eth0)" ]
	[ "$(value 'sriovctl_changes_total{pf="eth0",result="done"}')" = 0 ]
	[ "$(value 'sriovctl_failed_allocations_total{pf="eth0"}')" = 0 ]
	[ -z "$(value 'sriovctl_vf_last_setup_seconds{pf="eth0"}')" ]
	[ ! -e /run/sriovctl ] # reading makes nothing
}

@test "VFs made: how many, how often, how long; nothing to do and dry runs do not count" {
	sriovctl vf create eth0 3
	sriovctl vf create eth0 3
	sriovctl vf create eth0 5 --dry-run
	[ "$(results eth0)" = done=1 ]
	[ -z "$(results eth1)" ]
	[ "$(value 'sriovctl_vfs_created_total{pf="eth0"}')" = 3 ]
	[ "$(value 'sriovctl_vf_setups_total{pf="eth0"}')" = 1 ]
	local took
	took=$(value 'sriovctl_vf_last_setup_seconds{pf="eth0"}')
	# the kernel alone takes half a second
	awk -v s="$took" 'BEGIN { exit !(s > 0.2 && s < 60) }'
	[ "$(value 'sriovctl_vf_setup_seconds_total{pf="eth0"}')" = "$took" ]
	sriovctl vf set eth0/0 vlan 5
	[ "$(results eth0)" = done=2 ]
	[ "$(value 'sriovctl_vf_last_setup_seconds{pf="eth0"}')" = "$took" ]
	sriovctl vf create eth0 5
	[ "$(value 'sriovctl_vfs_created_total{pf="eth0"}')" = 8 ] # three of them anew
	[ "$(value 'sriovctl_vf_setups_total{pf="eth0"}')" = 2 ]
	sriovctl vf destroy eth0
	[ "$(results eth0)" = done=4 ]
	[ "$(value 'sriovctl_vf_setups_total{pf="eth0"}')" = 2 ]
	[ "$(value 'sriovctl_failed_allocations_total{pf="eth0"}')" = 0 ]
}

@test "what could not be: too many, refused, failed and undone, timed out, locked" {
	run sriovctl vf create eth0 9
	assert_failure 1
	[ "$(results eth0)" = usage=1 ]
	[ "$(value 'sriovctl_failed_allocations_total{pf="eth0"}')" = 9 ]
	sriovctl vf create eth0 2
	ip netns add blue
	ip link set "$(vf_if $PF0 0)" netns blue
	run sriovctl vf destroy eth0
	assert_failure 3
	[ "$(results eth0)" = "done=1 usage=1 refused=1" ]
	[ "$(value 'sriovctl_failed_allocations_total{pf="eth0"}')" = 9 ] # no VF was asked for
	FAIL_SEND=1+:1 LD_PRELOAD=$shim run sriovctl vf set eth0/1 vlan 9
	assert_failure 2
	[ "$(results eth0)" = "done=1 usage=1 failed=1 refused=1" ]
	FAIL_WRITE=/sriov_numvfs=4:12 LD_PRELOAD=$shim run sriovctl vf create eth1 4
	assert_failure 2
	[ "$(results eth1)" = failed=1 ]
	[ "$(value 'sriovctl_failed_allocations_total{pf="eth1"}')" = 4 ]
	[ "$(value 'sriovctl_vf_setups_total{pf="eth1"}')" = 0 ]
	hold flock "/run/sriovctl/lock/pci-$PF1"
	sleep 0.5
	run sriovctl vf create eth1 3 --lock-timeout 0.2
	assert_failure 7
	[ "$(results eth1)" = "failed=1 locked=1" ]
	[ "$(value 'sriovctl_failed_allocations_total{pf="eth1"}')" = 7 ]
}

@test "VFs handed over, and those that could not be" {
	sriovctl vf create eth0 3
	ip netns add blue
	sriovctl netns attach eth0/0 blue owner web-7
	[ "$(value 'sriovctl_vfs{pf="eth0",state="attached"}')" = 1 ]
	sriovctl stats --prometheus | grep -q '^sriovctl_vf_interface_rx_packets_total{pf="eth0",vf="0",.*driver="igbvf",owner="web-7",netns="blue"} '
	run sriovctl netns attach eth0/9 blue # there is none
	assert_failure 4
	[ "$(value 'sriovctl_failed_allocations_total{pf="eth0"}')" = 1 ]
	ip addr add 192.0.2.7/24 dev "$(vf_if $PF0 1)"
	run sriovctl netns attach eth0/1-2 blue # one is in use
	assert_failure 3
	[ "$(value 'sriovctl_failed_allocations_total{pf="eth0"}')" = 3 ]
	[ "$(value 'sriovctl_vfs{pf="eth0",state="in_use"}')" = 1 ]
	run sriovctl netns attach eth0/2 nosuch
	assert_failure 4
	[ "$(value 'sriovctl_failed_allocations_total{pf="eth0"}')" = 4 ]
	[ "$(results eth0)" = "done=2 refused=1 not_found=2" ]
	sriovctl netns detach eth0/0 owner web-7
	[ "$(value 'sriovctl_vfs{pf="eth0",state="attached"}')" = 0 ]
	[ "$(value 'sriovctl_failed_allocations_total{pf="eth0"}')" = 4 ]
}

@test "one change of both PFs counts for each; so does one that is put right" {
	printf '%s\n' 'vf create eth0 2' 'vf create eth1 1' 'vf set eth0/0 vlan 4' | sriovctl -b - --atomic
	[ "$(results eth0) $(results eth1)" = "done=1 done=1" ]
	FAIL_WRITE=/sriov_numvfs=4:kill LD_PRELOAD=$shim run setsid -w sriovctl vf create eth0 4
	sriovctl repair
	[ "$(results eth0) $(results eth1)" = "done=2 done=1" ]
	[ "$(value 'sriovctl_vfs_created_total{pf="eth0"}')" = 4 ]
}

@test "counting fails no change: a full disk, one that cannot be written to, damage" {
	sriovctl vf create eth0 1
	mkdir -p /run/full
	mount -t tmpfs -o size=4k,nr_inodes=4 none /run/full
	mount --bind /run/full /run/sriovctl/tally
	head -c 4096 /dev/zero >/run/full/filler
	run --separate-stderr sriovctl vf set eth0/0 vlan 5
	assert_success
	[ -z "$stderr" ]
	mount -o remount,ro,bind /run/sriovctl/tally
	run --separate-stderr sriovctl vf set eth0/0 vlan 6
	assert_success
	[ -z "$stderr" ]
	umount /run/sriovctl/tally
	umount /run/full
	[ "$(results eth0)" = done=1 ]
	echo '{' >"/run/sriovctl/tally/pci-$PF0"
	run --separate-stderr sriovctl vf set eth0/0 vlan 7
	assert_success
	[ -z "$stderr" ]
	[ "$(results eth0)" = done=1 ]
}

@test "a file on a disk that is full, or read-only: the old one stays" {
	mkdir -p /run/disk
	mount -t tmpfs -o size=8k none /run/disk
	sriovctl vf create eth0 7
	echo old >/run/disk/sriovctl.prom
	run --separate-stderr sriovctl stats --prometheus --output /run/disk/sriovctl.prom
	assert_failure 2
	[[ $stderr == *'cannot write /run/disk/sriovctl.prom: No space left on device'* ]]
	[ "$(ls -A /run/disk) $(cat /run/disk/sriovctl.prom)" = 'sriovctl.prom old' ]
	mount -o remount,ro /run/disk
	run --separate-stderr sriovctl stats --prometheus --output /run/disk/sriovctl.prom
	assert_failure 2
	[[ $stderr == *'Read-only file system'* ]]
	mount -o remount,rw,size=1m /run/disk
	sriovctl stats --prometheus --output /run/disk/sriovctl.prom
	grep -q '^sriovctl_pf_vfs{pf="eth0"} 7$' /run/disk/sriovctl.prom
	umount /run/disk
}

@test "the capabilities of the service suffice to see all that root sees" {
	local caps all
	sriovctl vf create eth0 3
	ip netns add blue
	sriovctl netns attach eth0/0 blue owner web-7
	bind_vfio $PF0 2
	caps=$(sed -n 's/^CapabilityBoundingSet=//p' "$top/contrib/systemd/sriovctl-metrics.service")
	all=$(for cap in $caps; do printf ',+%s' "$(tr '[:upper:]' '[:lower:]' <<<"${cap#CAP_}")"; done)
	mkdir -p /run/textfile
	chown 1000 /run/textfile
	sriovctl stats --prometheus | sed 's/ [0-9.]*$//' >/run/all
	setpriv --bounding-set="-all$all" --inh-caps=-all --no-new-privs "$(command -v sriovctl)" stats --prometheus --output /run/textfile/s.prom
	diff /run/all <(sed 's/ [0-9.]*$//' /run/textfile/s.prom)
	run ! grep 'sriovctl_scrape_incomplete.* 1' /run/textfile/s.prom
	sriovctl stats --prometheus | grep sriovctl_vfs >/run/all
	diff /run/all <(grep sriovctl_vfs /run/textfile/s.prom)
}

@test "promtool takes the text of real devices" {
	local promtool
	promtool=$("$top/tests/tools/promtool" --cached) || skip 'promtool is not here'
	sriovctl vf create eth0 7
	sriovctl stats --prometheus >/run/metrics
	run "$promtool" check metrics </run/metrics
	assert_success
	refute_output
}
