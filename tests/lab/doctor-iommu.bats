#!/usr/bin/env bats
# Inside a VM whose IOMMU is switched off on the kernel command line (vmrun -a intel_iommu=off), does
# not remap interrupts (-a intremap=off), or is not there (-n).

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=180; }

setup() {
	load helper
	load_libraries
	clean_slate
	rm -rf /run/snapshot
	sriovctl vf create eth0 2
	if grep -q intel_iommu=off /proc/cmdline; then vm=off
	elif grep -q intremap=off /proc/cmdline; then vm=intremap
	else vm=none
	fi
}

# found: "SEVERITY CHECK", but of PFs without a driver; a record of this host is judged alike
found() {
	rm -rf /run/snapshot
	run --separate-stderr sriovctl -j doctor
	sriovctl snapshot /run/snapshot
	diff <(jq .findings <<<"$output") <(sriovctl -j --snapshot /run/snapshot doctor | jq .findings)
	jq -r '.findings[] | select(.severity != "ok" and .check != "pf-no-driver") | "\(.severity) \(.check)"' <<<"$output" >/run/found
}

@test "the IOMMU: what is wrong, and nothing else" {
	found
	case $vm in
	off)
		[ "$status" -eq 0 ]
		[ "$(cat /run/found)" = 'warning iommu-off' ]
		# somebody wants it
		echo vfio-pci >"$sysfs/$(vf_bdf "$PF0" 0)/driver_override"
		run --separate-stderr sriovctl -j doctor --check iommu-off
		[ "$status" -eq 2 ]
		jq -e '.findings[] | select(.check == "iommu-off") | .evidence[0].source == "/sys/firmware/acpi/tables/DMAR" and
			(.summary | contains("intel_iommu=off")) and (.remedy | startswith("take intel_iommu=off off"))' <<<"$output"
		;;
	none)
		[ "$status" -eq 0 ]
		[ "$(cat /run/found)" = 'info iommu-off' ]
		echo vfio-pci >"$sysfs/$(vf_bdf "$PF0" 0)/driver_override"
		run -8 sriovctl doctor --strict --check iommu-off
		;;
	intremap)
		[ "$status" -eq 0 ]
		[ "$(cat /run/found)" = $'info iommu-translated\ninfo irq-remapping' ]
		;;
	esac
}

@test "vfio refuses a VF whose interrupts are not remapped, until it is allowed to go without" {
	[ "$vm" = intremap ] || return 0
	lab="$(dirname "$(command -v sriovctl)")/lab"
	bdf=$(vf_bdf "$PF0" 0)
	echo 4 >/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
	sriovctl vf bind eth0/0 vfio-pci
	node=/dev/vfio/$(basename "$(readlink "$sysfs/$bdf/iommu_group")")
	modprobe vfio_iommu_type1
	run "$lab/vfio-open" -t "$node" "$bdf"
	assert_failure
	found
	[ "$status" -eq 2 ]
	grep -qx 'problem irq-remapping' /run/found
	[ "$(grep -c -e problem -e warning /run/found)" -eq 1 ]
	echo Y >/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts
	"$lab/vfio-open" -t "$node" "$bdf"
	found
	[ "$status" -eq 0 ]
	grep -qx 'warning irq-remapping' /run/found
	sriovctl vf bind eth0/0 default
}
