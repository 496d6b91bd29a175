#!/usr/bin/env bats
# Inside a VM started with vmrun -s eth0 -r: what doctor says of the platform and of the PCI bus.
# eth0 shares its IOMMU group, for eth1 there is no memory, eth2 is well.

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=180; }

setup() {
	load helper
	load_libraries
	narrow=0000:23:00.0
	for pf in $PF0 $PF1; do echo 0 >"$sysfs/$pf/sriov_numvfs"; done
	rm -rf /run/sriovctl /run/snapshot
	echo 0 >/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
}

# the checks of the platform, and what else there is only with a driver for the NVMe controller
checks=iommu-off,iommu-translated,irq-remapping,vfio-missing,lockdown,kernel-old,hugepages,vf-bars,bus-numbers,shared-group

# doctor ARGUMENTS...: exit status in $status, what it finds in $findings, "SEVERITY CHECK OBJECT";
# and a record of this host is judged alike
doctor() {
	rm -rf /run/snapshot
	run --separate-stderr sriovctl -j doctor "$@"
	local here=$output there
	sriovctl snapshot /run/snapshot
	there=$(sriovctl -j --snapshot /run/snapshot doctor "$@") || true
	diff <(jq .findings <<<"$here") <(jq .findings <<<"$there")
	findings=$(jq -r '.findings[] | select(.severity != "ok") | "\(.severity) \(.check) \(.object // "host")"' <<<"$here")
	output=$here
}

@test "no memory for VFs: named with the register, where making one fails" {
	run bash -c "echo 1 >$sysfs/$narrow/sriov_numvfs"
	assert_failure
	assert_output --partial 'Cannot allocate memory'
	doctor # nobody need want any
	[ "$status" -eq 0 ]
	[ "$(grep -v ' pf-no-driver ' <<<"$findings")" = 'warning vf-bars eth1' ]
	doctor eth1
	[ "$status" -eq 2 ]
	[ "$findings" = 'problem vf-bars eth1' ]
	jq -e '.findings[] | select(.check == "vf-bars" and .severity == "problem") |
		.evidence[0] == {source: "/sys/bus/pci/devices/0000:23:00.0/resource", value: "line 11, VF BAR 3: no address"} and
		(.remedy | startswith("take pci=realloc=off off")) and (.meaning | contains("ENOMEM"))' <<<"$output"
	run -2 sriovctl doctor eth1
	assert_line --index 0 --partial '1 problem'
	assert_line --partial 'problem: no memory is assigned for VFs [vf-bars]'
	run -0 sriovctl doctor eth2 --check $checks
	assert_line --index 0 --partial 'Nothing wrong'
}

@test "VFs in the group of their PF: a warning, and a problem once vfio is to have one" {
	sriovctl vf create eth0 2
	doctor eth0
	[ "$status" -eq 0 ]
	[ "$findings" = 'warning shared-group eth0' ]
	jq -e '.findings[] | select(.severity == "warning") | (.summary | startswith("2 of 2 VFs share")) and
		(.evidence[0].value | contains("0000:21:00.0 (igb)")) and
		.evidence[1] == {source: "PCI configuration of the port above, 0000:20:00.0", value: "no ACS"}' <<<"$output"
	sriovctl vf bind eth0/0 vfio-pci --force=iommu-group
	doctor eth0
	[ "$status" -eq 2 ]
	[ "$findings" = 'problem shared-group eth0' ]
	jq -e '.findings[] | select(.severity == "problem") | .summary | startswith("1 of 2 VFs on vfio")' <<<"$output"
	sriovctl vf bind eth0/0 default
	sriovctl vf destroy eth0
	doctor eth0
	[ "$findings" = '' ]
}

@test "VFs in groups of their own: nothing" {
	sriovctl vf create eth2 2
	doctor eth2
	[ "$status" -eq 0 ]
	[ "$findings" = '' ]
	jq -e '.findings[] | select(.check == "shared-group") | .severity == "ok" and .summary == "VFs isolated"' <<<"$output"
}

@test "huge pages: missing once a VF waits on vfio, or on its node" {
	sriovctl vf create eth2 2
	doctor --check hugepages
	[ "$findings" = '' ]
	sriovctl vf bind eth2/0 vfio-pci
	doctor --check hugepages
	[ "$status" -eq 0 ]
	[ "$findings" = 'info hugepages host' ]
	echo 4 >/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages
	doctor --check hugepages
	[ "$findings" = 'info hugepages host' ]
	jq -e '.findings[0].summary == "no huge pages on node 1, and 1 VF waits for DPDK or a VM there"' <<<"$output"
	echo 4 >/sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages
	doctor --check hugepages
	[ "$findings" = '' ]
}

@test "the IOMMU, remapping, the kernel, vfio: all well, and said so" {
	doctor --check $checks
	for fact in 'IOMMU on' 'interrupts remapped' "Linux $(uname -r | cut -d. -f1,2)" 'vfio-pci load'; do
		jq -e --arg fact "$fact" 'any(.findings[]; .severity == "ok" and (.summary // "" | startswith($fact)))' <<<"$output"
	done
	sriovctl vf create eth2 1
	doctor --check iommu-translated
	[ "$findings" = 'info iommu-translated host' ]
	jq -e '.findings[0].evidence[0].value | startswith("DMA")' <<<"$output"
	echo 0 >"$sysfs/$PF1/sriov_numvfs"
	modprobe -r vfio-pci
	doctor --check vfio-missing
	[ "$findings" = '' ]
	jq -e '.findings[0].summary == "vfio-pci loadable"' <<<"$output"
	mount -t tmpfs none /lib/modules # as after an update of the kernel
	doctor --check vfio-missing
	umount /lib/modules
	[ "$findings" = 'info vfio-missing host' ]
	jq -e '.findings[0].summary | contains("not on disk")' <<<"$output"
}

@test "a record of a host that is locked down" {
	sriovctl snapshot /run/snapshot
	mkdir -p /run/snapshot/sys/kernel/security /run/snapshot/sys/firmware/efi/efivars
	echo 'none [integrity] confidentiality' >/run/snapshot/sys/kernel/security/lockdown
	printf '\6\0\0\0\1' >/run/snapshot/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c
	run -0 sriovctl -j --snapshot /run/snapshot doctor --check lockdown
	jq -e '.findings[0] | .severity == "info" and (.summary | contains("integrity")) and .evidence[1].value == "1 (on)"' <<<"$output"
}

@test "what a record does not have is not known" {
	sriovctl vf create eth2 1
	sriovctl snapshot /run/snapshot
	rm -rf /run/snapshot/facts /run/snapshot/sys/{class/iommu,kernel,module} /run/snapshot/lib /run/snapshot/proc
	find /run/snapshot -name resource -delete
	find /run/snapshot -name subordinate_bus_number -delete
	run -0 sriovctl -j --snapshot /run/snapshot doctor --check iommu-off,iommu-translated,irq-remapping,vfio-missing,lockdown,kernel-old,vf-bars,bus-numbers
	jq -e 'all(.findings[]; .severity == "unknown" or .check == "vf-bars" and .object == "eth2")' <<<"$output"
	[ "$(jq -r '[.findings[].check] | unique | length' <<<"$output")" -eq 8 ]
}
