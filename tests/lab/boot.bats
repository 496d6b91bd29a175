#!/usr/bin/env bats
# Inside the VM with systemd (vmrun -S -p boot-prepare): what has happened at boot, and what happens
# to PFs that come later. The tests build on each other: there is one boot.
# shellcheck disable=SC2086,SC2154

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=120; }

setup() {
	load helper
	load_libraries
	policies=/etc/sriovctl/policy.d
}

# when UNIT PROPERTY: microseconds since the kernel started
when() { systemctl show -P "$2TimestampMonotonic" "$1"; }

# own PF: the unit of it
own() { echo "sriovctl-policy@$1.service"; }

# said UNIT TEXT: by the unit in the journal
said() { journalctl -b -u "$1" -o cat | grep -q -- "$2"; }

# done_with PF: its unit is at rest, and has not failed
done_with() { [ "$(systemctl show -P ActiveState "$(own $1)")" = inactive ]; }

# holds PID FILE
holds() { [ -n "$(find "/proc/$1/fd" -lname "$2")" ]; }

# until_true COMMAND...: within 30 s
until_true() {
	local end=$((SECONDS + 30))
	until "$@"; do
		[ $SECONDS -lt $end ] || { echo "not within 30 s: $*" >&2; return 1; }
		sleep 0.2
	done
}

# admin_state INTERFACE: what networkd does with it
admin_state() { sed -n 's/^ADMIN_STATE=//p' "/run/systemd/netif/links/$(cat "/sys/class/net/$1/ifindex")"; }
state_is() { [ "$(admin_state "$1")" = "$2" ]; }

# address INTERFACE
address() { cat "/sys/class/net/$1/address"; }

# unbound, bound PF: without a driver; with one
unbound() { echo "$1" >/sys/bus/pci/drivers/igb/unbind; }
bound() { echo "$1" >/sys/bus/pci/drivers_probe; }

@test "VFs are there, with names, addresses and drivers, before the network is started" {
	{
		systemd-analyze
		journalctl -b -o short-monotonic | grep -E 'sriovctl|network|udev'
	} | sed 's/^/# /' >&3
	[ "$(systemctl is-active sriovctl-policy.service)" = active ]
	# the order, by the clock
	local made looked
	made=$(when "$(own $PF0)" ExecMainExit)
	looked=$(when sriovctl-policy.service ExecMainExit)
	[ "$made" -gt 0 ]
	[ "$made" -lt "$looked" ]
	[ "$looked" -lt "$(when network-pre.target ActiveEnter)" ]
	[ "$looked" -lt "$(when systemd-networkd.service ExecMainStart)" ]
	# what networkd found
	[ "$(jq -r '.[] | select(.ifname == "host0").address' /run/witness.json)" = 52:54:00:00:10:00 ]
	[ "$(jq -r '.[] | select(.ifname == "pod1").address' /run/witness.json)" = 52:54:00:00:10:01 ]
	[ "$(sriovctl -j vf list $PF0 | jq -c '[.[] | [.driver, .vlan]]')" = \
		'[["igbvf",0],["igbvf",100],["vfio-pci",0],["igbvf",0]]' ]
	# the other one has no driver yet
	[ ! -e $sysfs/$PF1/driver ]
	run sriovctl policy diff
	assert_success
	refute_output
}

@test "the work was done once: of the unit of the PF; that of all found it done" {
	[ -n "$(journalctl -b -t sriovctl -u "$(own $PF0)" -o cat)" ]
	run journalctl -b -q -t sriovctl -u sriovctl-policy.service -o cat
	refute_output
	# and no VF has started anything
	run systemctl show -P Id 'sriovctl-policy@*' --all
	refute_output --partial 10.
	[ "$(journalctl -b -o cat _PID=1 | grep -c 'Starting sriovctl-policy@')" -eq 1 ]
}

@test "networkd leaves VFs alone, but for the one that is the host's, and the PF" {
	until_true state_is pod1 unmanaged
	state_is enp33s0v3 unmanaged
	[[ $(admin_state host0) == configur* ]]
	[[ $(admin_state enp33s0) == configur* ]]
	udevadm info -q property -p /sys/class/net/pod1 | grep -qx NM_UNMANAGED=1
	run ! grep -q NM_UNMANAGED <(udevadm info -q property -p /sys/class/net/host0)
}

@test "so it does with a VF that comes back from a container, is renamed, or looked at again" {
	ip netns add blue
	ip link set pod1 netns blue
	ip -n blue link set pod1 name net1
	ip netns del blue
	until_true [ -e /sys/class/net/net1 ]
	udevadm settle
	sleep 1
	state_is net1 unmanaged
	ip link set net1 name pod1
	udevadm settle
	sleep 1
	state_is pod1 unmanaged
	udevadm info -q property -p /sys/class/net/pod1 | grep -qx NM_UNMANAGED=1
	udevadm trigger --settle /sys/class/net/pod1
	sleep 1
	state_is pod1 unmanaged
	run journalctl -b -q -u systemd-networkd -o cat
	assert_output --partial host0
	refute_output --regexp '(pod1|net1): (Configuring|Gained|DHCP)'
}

@test "a PF that gets its driver after boot gets its VFs" {
	echo >$sysfs/$PF1/driver_override
	bound $PF1
	until_true [ -e /sys/class/net/late1 ]
	until_true done_with $PF1
	[ "$(address late0) $(address late1)" = "52:54:00:00:20:00 52:54:00:00:20:01" ]
	until_true state_is late0 unmanaged
	run journalctl -b -q -u systemd-networkd -o cat
	refute_output --regexp 'late[01]: Configuring'
	[ "$(cat $sysfs/$PF1/sriov_numvfs)" -eq 2 ]
}

@test "the driver's module is loaded anew: all PFs get their VFs again" {
	modprobe -r igb
	[ ! -e /sys/class/net/host0 ]
	modprobe igb
	until_true [ -e /sys/class/net/late1 ]
	until_true [ -e /sys/class/net/pod1 ]
	[ "$(address pod1) $(address late1)" = "52:54:00:00:10:01 52:54:00:00:20:01" ]
	until_true done_with $PF0
	until_true done_with $PF1
	run sriovctl policy diff
	assert_success
	refute_output
	[ "$(systemctl list-units --failed --no-legend)" = '' ]
}

@test "both units at the same time: both succeed, all is right" {
	local first second
	sriovctl vf destroy $PF0 --force=in-use
	# by hand, for systemd would start one after the other
	sriovctl policy apply --pf $PF0 --lock-timeout 120 &
	first=$!
	sleep 0.7
	sriovctl policy apply --lock-timeout 120 &
	second=$!
	wait $first
	wait $second
	run sriovctl policy diff
	assert_success
	refute_output
	[ "$(address pod1) $(address late1)" = "52:54:00:00:10:01 52:54:00:00:20:01" ]
}

@test "as confined as the unit is, it sees who uses a VF" {
	local node holder
	node=/dev/vfio/$(basename "$(readlink -f "$sysfs/$(vf_bdf $PF0 2)/iommu_group")")
	"$(dirname "$(command -v sriovctl)")/lab/vfio-open" "$node" "$(vf_bdf $PF0 2)" 3>&- &
	holder=$!
	until_true holds $holder "$node"
	sed -i 's/driver: vfio-pci/driver: default/' $policies/boot-policy.yaml
	run systemctl restart sriovctl-policy.service
	kill $holder
	assert_failure
	[[ $(systemctl show -P ExecMainStatus sriovctl-policy.service) == [38] ]]
	until_true said sriovctl-policy.service "held by process $holder"
	systemctl restart sriovctl-policy.service
	[ "$(basename "$(readlink $sysfs/$PF0/virtfn2/driver)")" = igbvf ]
}

@test "a policy that is wrong: the unit has failed, says why, and works again when it is right" {
	echo 'kind: SriovHots' >$policies/wrong.yaml
	run systemctl restart sriovctl-policy.service
	assert_failure
	[ "$(systemctl is-failed sriovctl-policy.service)" = failed ]
	[ "$(systemctl show -P ExecMainStatus sriovctl-policy.service)" = 1 ]
	until_true said sriovctl-policy.service 'wrong.yaml:1:'
	[ "$(address pod1)" = 52:54:00:00:10:01 ]
	rm $policies/wrong.yaml
	systemctl restart sriovctl-policy.service
}

@test "without policies there is nothing to do; switched off, a PF that comes is left alone" {
	mv $policies/boot-policy.yaml /run/
	systemctl restart sriovctl-policy.service
	systemctl start "udev-$(own $PF1)"
	[ "$(systemctl show -P ConditionResult sriovctl-policy.service "$(own $PF1)" | xargs)" = "no no" ]
	mv /run/boot-policy.yaml $policies/
	systemctl -q disable sriovctl-policy.service
	unbound $PF1
	bound $PF1
	until_true [ -e /sys/class/net/enp65s0 ]
	udevadm settle
	sleep 1
	[ "$(cat $sysfs/$PF1/sriov_numvfs)" -eq 0 ]
}

@test "uninstalled, nothing is left but what the administrator has made" {
	cd "$BATS_TEST_DIRNAME/../.."
	make -s uninstall
	run find /usr/local /etc/systemd /etc/udev ! -type d -name '*sriovctl*'
	assert_output "$(printf '/etc/%s\n' systemd/network/10-sriovctl-vf.network udev/rules.d/80-sriovctl-vf.rules)"
}
