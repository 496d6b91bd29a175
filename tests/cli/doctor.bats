#!/usr/bin/env bats
# What is wrong with a captured host: the report, its JSON, exit statuses, wrong words.

# shellcheck disable=SC2016,SC2154

load helper

@test "doctor: the verdict first, then by PF; exit 2 where there is a problem" {
	on lab14 doctor --check vf-no-driver,pf-no-driver
	assert_exit 2
	assert_line --index 0 '1 problem: 2 checks of this host, 3 PFs and 14 VFs.'
	assert_line '  problem: eth0/4: no driver [vf-no-driver]'
	assert_line '    do      sriovctl vf bind eth0/4 default'
	assert_line '  info: the PF has no driver [pf-no-driver]'
	[[ -z $stderr ]]
}

@test "doctor: nothing wrong is said calmly, with what proves it" {
	on basic doctor --check pf-no-driver
	assert_exit 0
	assert_output 'Nothing wrong: 1 check of this host, 3 PFs and 5 VFs.
  ens1f0: igb
  ens1f1: igb
  ens2: i40e'
}

@test "doctor: warnings alone are 0, with --strict 8" {
	on nodriver doctor --check pf-no-driver
	assert_exit 0
	on nodriver doctor --check pf-no-driver --strict
	assert_exit 8
	on basic doctor --check pf-no-driver --strict
	assert_exit 0
	on lab14 doctor --check vf-no-driver --strict
	assert_exit 2
}

@test "doctor: of named PFs only" {
	on lab14 doctor eth1 --check vf-no-driver,pf-no-driver,iommu-off
	assert_exit 0
	assert_line 'Could not be looked at: iommu-off (--details says why).'
	assert_line --index 0 'Nothing wrong: 2 checks of 1 PF and 7 VFs.'
	on lab14 -j doctor eth1
	assert_json 'all(.findings[]; .check != "iommu-off")'
	on lab14 doctor eth0/3
	assert_exit 1
	on lab14 doctor nosuch
	assert_exit 4
}

@test "doctor: what is there but can have no VFs is no error, but a finding" {
	on lab14 doctor lo 0000:00:03.0
	assert_exit 2
	assert_line '  problem: lo: it is no PCI device [no-sriov]'
	assert_line '  problem: 0000:00:03.0: no SR-IOV capability [no-sriov]'
	on lab14 doctor lo eth0 --check no-sriov,pf-no-driver
	assert_exit 2
	assert_line --index 0 '1 problem: 2 checks of 1 PF and 7 VFs.'
	on lab14 -j doctor lo --check no-sriov
	assert_exit 2
	assert_json '.findings[0] | .object == "lo" and .pf == null and .bdf == null'
	on lab14 doctor lo eth0/3
	assert_exit 1
}

@test "doctor: the PFs of captured hosts on which nothing is wrong with them" {
	local ids
	ids=$("$SRIOVCTL" -j doctor help | jq -r '[.commands[0].topics[].name | select(test("^pf-|^no-|^rdma-|^vf-wrong"))] | join(",")')
	for host in basic netns nvme vfio switchdev noiface dupname evilalias infiniband baresysfs missing; do
		on "$host" -j doctor --check "$ids"
		assert_exit 0
		assert_json '.counts.problem + .counts.warning == 0 and .checks == 15'
	done
	on truncated -j doctor --check "$ids"
	assert_json '[.findings[] | select(.severity == "warning") | .check] == ["pf-list-short"]'
}

@test "doctor: JSON has every key, and the same exit status" {
	on lab14 -j doctor --check vf-no-driver,iommu-off
	assert_exit 2
	[[ -z $stderr ]]
	assert_json 'keys == ["checks", "counts", "findings", "pfs", "summary", "verdict", "vfs", "warnings"]'
	assert_json '.verdict == "problem" and .counts.problem == 1 and .counts.unknown == 1'
	assert_json 'all(.findings[]; keys == ["bdf", "check", "evidence", "index", "meaning", "object", "pf", "remedy", "see", "severity", "summary"])'
	assert_json '.findings[] | select(.severity == "problem") | .object == "eth0/4" and .pf == "eth0" and .index == 4 and .bdf == "0000:21:11.0" and .remedy == "sriovctl vf bind eth0/4 default" and .evidence == [{"source": "/sys/bus/pci/devices/0000:21:11.0/driver", "value": "not there"}]'
}

@test "doctor: what could not be looked at is said" {
	on basic doctor --check iommu-off
	assert_exit 0
	assert_line 'Could not be looked at: iommu-off (--details says why).'
	on basic doctor --check iommu-off --details
	assert_line '  unknown: /sys/class/iommu was not recorded [iommu-off]'
}

@test "doctor: an unknown check" {
	on basic doctor --check iommu-of
	assert_exit 1
	assert_err "no check is called 'iommu-of'"
	assert_err 'did you mean iommu-off?'
	on basic doctor --check ''
	assert_exit 1
	on basic pf list --check iommu-off
	assert_exit 1
}

@test "doctor: a quiet one says what is wrong, and nothing else" {
	on netns -q doctor --check pf-no-driver,pf-down
	assert_output ''
	on lab14 -q doctor --check vf-no-driver
	assert_line --index 0 --partial '1 problem'
}

@test "doctor: checks are completed, one after the other" {
	run "$SRIOVCTL" complete -- doctor --check iomm
	assert_output --partial iommu-off
}

@test "doctor: on hosts as they are run there is no problem, and no warning" {
	local name count=0
	for name in $(mkfixture --list | grep ^h-); do
		on "$name" doctor --strict
		[[ $status -eq 0 ]] || { echo "$name"; show_run | fail; }
		[[ ${lines[0]} == 'Nothing wrong: '* ]]
		count=$((count + 1))
	done
	[[ $count -ge 20 ]]
}

@test "doctor: on hosts that are broken, what is broken and nothing else" {
	local name
	output=$(for name in $(mkfixture --list | grep -v ^h-) lab14; do
		"$SRIOVCTL" -j --snapshot "$(fixture "$name")" doctor 2>/dev/null |
			jq -r --arg n "$name" '.findings[] | select(.severity | IN("warning", "problem"))
				| "\($n): \(.severity) \(.object // "host") \(.check): \(.summary)"'
	done)
	golden doctor/broken.txt
}
