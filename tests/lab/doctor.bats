#!/usr/bin/env bats
# Inside the VM: what the doctor says of a host on which all is well, that it changes nothing, and
# what it finds against a policy and a baseline (F2, F3).

# shellcheck disable=SC2154,SC2086

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=240; }

setup() {
	load helper
	load_libraries
	rm -rf /run/snap /run/was /run/policy
	mkdir -p /run/policy
	export SRIOVCTL_POLICY_DIR=/run/policy
	if [ "$(cat $sysfs/$PF0/sriov_numvfs)" -ne 3 ]; then
		clean_slate
		vfs $PF0 3
	fi
}

# doctor STATUS ARG...: its findings from an info on, "SEVERITY OBJECT CHECK" each, in $output
doctor() {
	local want=$1
	shift
	run --separate-stderr sriovctl -j doctor "$@"
	[ $status -eq $want ] || { echo "status $status: $output $stderr"; return 1; }
	output=$(jq -r '.findings[] | select(.severity | IN("info", "warning", "problem"))
		| "\(.severity) \(.object // "host") \(.check)"' <<<"$output")
	mapfile -t lines <<<"$output"
}

@test "a host on which all is well: nothing wrong, in a moment, the same from its snapshot" {
	doctor 0 --strict
	refute_output --partial warning
	run --separate-stderr sriovctl doctor
	assert_line --index 0 --partial 'Nothing wrong: '
	assert_line --partial 'this host: IOMMU on'
	sriovctl snapshot /run/snap
	sriovctl -j doctor | jq '[.findings[] | del(.evidence)]' >/run/here
	sriovctl -j --snapshot /run/snap doctor | jq '[.findings[] | del(.evidence)]' >/run/there
	diff /run/here /run/there
}

@test "it changes nothing" {
	keep
	counting sriovctl doctor --details
	[ "$changes" -eq 0 ]
	unchanged
	[ ! -e /run/sriovctl/journal ]
}

@test "F2: another firmware, driver or number of VFs than in the baseline" {
	sriovctl snapshot /run/was
	doctor 0 --baseline /run/was
	sed -i 's/^\(firmware\) .*/\1 1.2.3 0x80000/' /run/was/ethtool/eth0/driver
	doctor 2 --baseline /run/was
	assert_line 'problem eth0 baseline-firmware'
	[ "$(grep -c problem <<<"$output")" -eq 1 ]
	run --separate-stderr sriovctl doctor --baseline /run/was --check baseline-firmware
	assert_line --partial 'the firmware is '
	assert_line --partial ', was 1.2.3 0x80000 [baseline-firmware]'

	rm -rf /run/was
	sriovctl snapshot /run/was
	ln -sfn ../../../bus/pci/drivers/igb_uio "$(readlink -f /run/was/sys/bus/pci/devices/$PF1)/driver"
	doctor 2 --baseline /run/was
	assert_line 'problem eth1 baseline-driver'
	[ "$(grep -c problem <<<"$output")" -eq 1 ]
	# the baseline may be a host on which nothing is as it should be
	run sriovctl doctor --baseline /run/nosuch
	assert_failure 4
}

@test "F3: a VF with another driver, VLAN or namespace than in the baseline" {
	local bdf
	sriovctl snapshot /run/was
	ip link set eth0 vf 1 vlan 66
	bdf=$(vf_bdf $PF0 2)
	echo "$bdf" >/sys/bus/pci/drivers/igbvf/unbind
	echo vfio-pci >$sysfs/$bdf/driver_override
	modprobe vfio-pci
	echo "$bdf" >/sys/bus/pci/drivers_probe
	doctor 2 --baseline /run/was
	assert_line 'problem eth0/1 baseline-vf'
	assert_line 'problem eth0/2 baseline-vf'
	[ "$(grep -c problem <<<"$output")" -eq 2 ]
	run sriovctl doctor --baseline /run/was --check baseline-vf
	assert_line '    do      sriovctl vf set eth0/1 vlan 0'
	assert_line '    do      sriovctl vf bind eth0/2 igbvf'
	# what it says helps
	while read -r command; do $command; done < <(sriovctl -j doctor --baseline /run/was --check baseline-vf |
		jq -r '.findings[] | select(.severity == "problem") | .remedy')
	doctor 0 --baseline /run/was --check baseline-vf
}

@test "F3: a VF that is not as its policy says, and a policy that is wrong" {
	cat >/run/policy/host.yaml <<-'END'
		kind: SriovHost
		pfs:
		- pf: eth0
		  vfs: 3
		  vf: {0: {vlan: 10}, 1: {driver: vfio-pci}}
	END
	sriovctl -q policy apply
	doctor 0 --check policy-differs,policy-wrong
	refute_output
	ip link set eth0 vf 0 vlan 11
	bdf=$(vf_bdf $PF0 1)
	echo >$sysfs/$bdf/driver_override
	vf_bdf $PF0 1 >/sys/bus/pci/drivers/vfio-pci/unbind
	vf_bdf $PF0 1 >/sys/bus/pci/drivers_probe
	doctor 2 --check policy-differs,policy-wrong
	assert_output 'problem eth0/0 policy-differs
problem eth0/1 policy-differs'
	run sriovctl doctor --check policy-differs
	assert_line --partial 'eth0/0: vlan is 11, the policy says 10'
	assert_line --partial 'eth0/1: driver is igbvf, the policy says vfio-pci'
	assert_line --partial '/run/policy/host.yaml:5:'
	sriovctl -q policy apply
	doctor 0 --check policy-differs,policy-wrong

	echo 'pfs: [' >/run/policy/more.yaml
	doctor 2 --check policy-wrong
	assert_output 'problem host policy-wrong'
	rm /run/policy/more.yaml
	echo 0 >$sysfs/$PF0/sriov_numvfs
}
