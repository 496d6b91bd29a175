/* The doctor on the IOMMU: off, translating, without remapping of interrupts. */
#include "unit.h"

#include "doctor.h"

#define ETH0 "/sys/bus/pci/devices/0000:21:00.0/"
#define ETH1 "/sys/bus/pci/devices/0000:41:00.0/"
#define CLASS "/sys/class/iommu"
#define UNSAFE "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"

static void iommu_off(void **state)
{
	struct patient *p = *state;
	const struct finding *f;

	fact_names(p, CLASS, "");
	fact(p, "/proc/cmdline", "quiet intel_iommu=on intel_iommu=off");
	finds(p, "iommu-off", SEVERITY_WARNING, NULL, "(intel_iommu=off)");
	fact(p, "/proc/cmdline", "quiet");
	finds(p, "iommu-off", SEVERITY_INFO, NULL, "not switched on");
	fact(p, "/proc/cmdline", "quiet intel_iommu=on intel_iommu=off");
	world_vfio(&p->w->host, world_vf(p->w, "eth1/2")); /* somebody needs it */
	f = finds(p, "iommu-off", SEVERITY_PROBLEM, NULL, "(intel_iommu=off)");
	assert_contains(f->remedy, "take intel_iommu=off off");
	fact(p, "/proc/cmdline", "iommu=pt,off");
	f = finds(p, "iommu-off", SEVERITY_PROBLEM, NULL, "(iommu=off)");
	assert_contains(f->remedy, "intel_iommu=on");
	fact(p, "/proc/cmdline", "intel_iommu=on,sm_on iommu=pt");
	f = finds(p, "iommu-off", SEVERITY_PROBLEM, NULL, "could not switch the IOMMU on");
	assert_contains(f->remedy, "dmesg");
	fact(p, "/proc/cmdline", "intel_iommu=sm_off");
	finds(p, "iommu-off", SEVERITY_PROBLEM, NULL, "not switched on");
	fact_gone(p, "/sys/firmware/acpi/tables/DMAR");
	fact(p, "/sys/firmware/acpi/tables/IVRS", "");
	fact(p, "/proc/cmdline", "amd_iommu=off");
	f = finds(p, "iommu-off", SEVERITY_PROBLEM, NULL, "(amd_iommu=off)");
	assert_string_equal(
		f->remedy, "take amd_iommu=off off the kernel command line, and restart the host");
	fact(p, "/proc/cmdline", "quiet"); /* there is no amd_iommu=on: it is on by itself */
	f = finds(p, "iommu-off", SEVERITY_PROBLEM, NULL, "could not switch the IOMMU on");
	assert_contains(f->remedy, "dmesg");
	fact_gone(p, "/sys/firmware/acpi/tables/IVRS");
	finds(p, "iommu-off", SEVERITY_WARNING, NULL, "no IOMMU");
	p->w->host.noiommu = true;
	f = finds(p, "iommu-off", SEVERITY_WARNING, NULL, "no IOMMU");
	assert_contains(f->meaning, "all memory");
	fact(p, "/sys/kernel/iommu_groups/0", ""); /* may be one of those without an IOMMU */
	finds(p, "iommu-off", SEVERITY_WARNING, NULL, "no IOMMU");
	world_unbind(world_vf(p->w, "eth1/2"));
	finds(p, "iommu-off", SEVERITY_INFO, NULL, "no IOMMU");
	world_vf(p->w, "eth1/2")->driver_override = "vfio-pci"; /* it is to be */
	finds(p, "iommu-off", SEVERITY_WARNING, NULL, "no IOMMU");
	p->w->host.noiommu = false;
	silent(p, "iommu-off"); /* as on POWER */
}

static void iommu_translated(void **state)
{
	struct patient *p = *state;
	const struct finding *f;

	silent(p, "iommu-translated");
	fact(p, ETH1 "iommu_group/type", "DMA-FQ");
	f = finds(p, "iommu-translated", SEVERITY_INFO, NULL, "DMA of 1 PF with");
	assert_string_equal(f->evidence[0].source, ETH1 "iommu_group/type");
	fact(p, ETH0 "iommu_group/type", "DMA");
	finds(p, "iommu-translated", SEVERITY_INFO, NULL, "DMA of 2 PFs with");
	fact(p, ETH0 "iommu_group/type", "identity");
	p->w->eth1->num_vfs = 0;
	silent(p, "iommu-translated");
	fact_gone(p, ETH0 "iommu_group/type");
	silent(p, "iommu-translated");
	fact_forget(p, ETH0 "iommu_group/type");
	not_known(p, "iommu-translated");
}

static void irq_remapping(void **state)
{
	struct patient *p = *state;
	const struct finding *f;

	silent(p, "irq-remapping");
	fact(p, "/sys/kernel/irq/0/chip_name", "IO-APIC");
	finds(p, "irq-remapping", SEVERITY_INFO, NULL, "not remapped");
	fact(p, UNSAFE, "Y"); /* nobody makes use of it */
	finds(p, "irq-remapping", SEVERITY_INFO, NULL, "not remapped");
	fact_gone(p, UNSAFE);
	world_vfio(&p->w->host, world_vf(p->w, "eth0/3"));
	f = finds(p, "irq-remapping", SEVERITY_PROBLEM, NULL, "vfio insists");
	assert_contains(f->remedy, "intremap=off");
	fact(p, UNSAFE, "N");
	finds(p, "irq-remapping", SEVERITY_PROBLEM, NULL, "vfio insists");
	fact(p, UNSAFE, "Y");
	finds(p, "irq-remapping", SEVERITY_WARNING, NULL, "allowed to go without");
	fact_names(p, CLASS, ""); /* then there is worse */
	silent(p, "irq-remapping");
	fact_names(p, CLASS, "smmu0");
	fact(p, "/sys/kernel/irq/0/chip_name", "GICv3"); /* another architecture */
	silent(p, "irq-remapping");
	fact_forget(p, "/sys/kernel/irq/0/chip_name");
	not_known(p, "irq-remapping");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(iommu_off, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(iommu_translated, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(irq_remapping, patient_setup, patient_teardown),
	};

	return RUN(tests);
}
