/* The doctor on the kernel, its modules and its memory. */
#include "unit.h"

#include "doctor.h"

#define PAGES "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"
#define MODULES "/lib/modules/6.12.117+deb12-amd64/"
#define RELEASE "/proc/sys/kernel/osrelease"

static void vfio_missing(void **state)
{
	struct patient *p = *state;
	static const char *names[] = {"igb", "vfio-pci"};

	silent(p, "vfio-missing");
	fact(p, MODULES "modules.dep", "kernel/drivers/vfio/vfio.ko.xz");
	fact_gone(p, MODULES "modules.builtin");
	finds(p, "vfio-missing", SEVERITY_INFO, NULL, "neither loaded nor installed");
	fact(p, MODULES "modules.builtin", "kernel/drivers/vfio/pci/vfio-pci.ko");
	silent(p, "vfio-missing");
	fact_gone(p, MODULES "modules.builtin");
	fact_gone(p, MODULES "modules.dep");
	finds(p, "vfio-missing", SEVERITY_INFO, NULL, "not on disk");
	p->w->host.drivers = (struct strings){names, 2};
	silent(p, "vfio-missing");
	p->w->host.drivers.count = 1;
	fact_forget(p, MODULES "modules.dep");
	not_known(p, "vfio-missing");
}

static void lockdown(void **state)
{
	struct patient *p = *state;
	struct vf *vf = world_vf(p->w, "eth0/3");
	const struct finding *f;

	silent(p, "lockdown");
	fact(p, "/sys/kernel/security/lockdown", "[none] integrity confidentiality");
	silent(p, "lockdown");
	fact(p, "/sys/kernel/security/lockdown", "none [integrity] confidentiality");
	facts_add(&p->facts,
		"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
		"\6\0\0\0\1", 5);
	f = finds(p, "lockdown", SEVERITY_INFO, NULL, "locked down (integrity)");
	assert_int_equal(f->evidence_count, 2);
	assert_string_equal(f->evidence[1].value, "1 (on)");
	world_unbind(vf);
	vf->driver = "igb_uio";
	vf->known |= VF_BIT(VF_DRIVER);
	finds(p, "lockdown", SEVERITY_WARNING, NULL, "1 VF is on uio");
	fact_forget(p, "/sys/kernel/security/lockdown");
	not_known(p, "lockdown");
}

static void hugepages(void **state)
{
	struct patient *p = *state;
	struct vf *vf = world_vf(p->w, "eth0/3");

	silent(p, "hugepages"); /* nobody wants any */
	world_vfio(&p->w->host, vf);
	finds(p, "hugepages", SEVERITY_INFO, NULL, "1 VF waits");
	vf->open = true;
	silent(p, "hugepages");
	vf->open = false;
	fact(p, PAGES, "512");
	silent(p, "hugepages");
	vf->numa_node = 1;
	vf->known |= VF_BIT(VF_NUMA_NODE);
	silent(p, "hugepages");
	fact(p, "/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages", "512");
	fact(p, "/sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages", "0");
	fact(p, "/sys/devices/system/node/node10/hugepages/hugepages-2048kB/nr_hugepages", "5");
	finds(p, "hugepages", SEVERITY_INFO, NULL, "on node 1, and 1 VF");
	vf->numa_node = 0;
	silent(p, "hugepages");
	fact_forget(p, PAGES);
	not_known(p, "hugepages");
}

static void kernel_old(void **state)
{
	struct patient *p = *state;

	silent(p, "kernel-old");
	fact(p, RELEASE, "5.13.0");
	assert_contains(finds(p, "kernel-old", SEVERITY_INFO, NULL, "Linux 5.13")->meaning,
		"SO_NETNS_COOKIE");
	fact(p, RELEASE, "5.14.0-503.el9");
	silent(p, "kernel-old");
	fact(p, RELEASE, "4.11.1");
	/* the file is there: a distribution has brought it */
	finds(p, "kernel-old", SEVERITY_INFO, NULL, "Linux 4.11");
	p->w->eth0->known &= ~PF_BIT(PF_AUTOPROBE);
	p->w->eth1->known &= ~PF_BIT(PF_AUTOPROBE);
	assert_contains(finds(p, "kernel-old", SEVERITY_WARNING, NULL, "Linux 4.11")->meaning,
		"sriov_drivers_autoprobe");
	fact(p, RELEASE, "unlike");
	not_known(p, "kernel-old");
	fact_forget(p, RELEASE);
	not_known(p, "kernel-old");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(vfio_missing, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(lockdown, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(hugepages, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(kernel_old, patient_setup, patient_teardown),
	};

	return RUN(tests);
}
