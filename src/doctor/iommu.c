/* The IOMMU: without it no VF can be given to a VM or to DPDK. */
#include "doctor/parts.h"

#include <string.h>

/* What turns it on, by the table that the firmware has of it (ACPI: DMAR is Intel's, IVRS AMD's).
 */
static const struct {
	const char *table, *option, *on;
} makers[] = {
	{"/sys/firmware/acpi/tables/DMAR", "intel_iommu", "intel_iommu=on"},
	{"/sys/firmware/acpi/tables/IVRS", "amd_iommu", "amd_iommu=on"},
};

static void iommu_off(struct examination *x)
{
	const struct fact *class = facts_find(x->facts, "/sys/class/iommu");

	if (!class) {
		unknown(x, "/sys/class/iommu was not recorded");
		return;
	}
	if (class->names.count) {
		fine(x, "IOMMU on");
		evidence_fact(x, "/sys/class/iommu");
		return;
	}
	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
		if (!facts_text(x->facts, "%s", makers[i].table))
			continue;
		found(x, SEVERITY_PROBLEM, "the IOMMU is there but not switched on");
		evidence_fact(x, "%s", makers[i].table);
		evidence_fact(x, "/sys/class/iommu");
		evidence_fact(x, "/proc/cmdline");
		remedy(x, "put %s on the kernel command line and restart the host", makers[i].on);
		return;
	}
	found(x, SEVERITY_WARNING, "this host has no IOMMU");
	evidence_fact(x, "/sys/class/iommu");
	remedy(x, "switch VT-d, AMD-Vi or SMMU on in the firmware setup");
}

const struct check check_iommu_off = {
	.id = "iommu-off",
	.severity = SEVERITY_PROBLEM,
	.looks_at = "no IOMMU, or one that is switched off",
	.meaning = "no VF can be given to a VM or to DPDK: vfio refuses",
	.see = "Documentation/driver-api/vfio.rst of the kernel",
	.host = iommu_off,
};
