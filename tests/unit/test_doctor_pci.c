/* The doctor on what the PCI bus has for VFs. */
#include "unit.h"

#include "doctor.h"

#define ETH0 "/sys/bus/pci/devices/0000:21:00.0/"

#define NONE "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
#define SOME "0x00000000fe600000 0x00000000fe61ffff 0x000000000014220c\n"
#define LOST "0x0000000000000000 0x000000000001ffff 0x000000002014220c\n"
#define OWN SOME NONE NONE NONE NONE NONE NONE /* of the PF itself */

/* A policy wants VFs of the PF. */
static void want_vfs(struct patient *p, const struct pf *pf)
{
	static struct pf_intent want;

	want = (struct pf_intent){.pf = pf, .has_count = true, .num_vfs = 4};
	p->intent = (struct intent){&want, 1};
	p->has_policy = true;
}

static void vf_bars(void **state)
{
	struct patient *p = *state;
	struct pf *pf = p->w->eth0;
	const struct finding *f;

	silent(p, "vf-bars"); /* there are VFs */
	pf->num_vfs = 0;
	not_known(p, "vf-bars");
	fact(p, ETH0 "resource", OWN SOME NONE NONE SOME NONE NONE);
	pf->vf_bars = 1 << 0 | 1 << 3;
	silent(p, "vf-bars");
	fact(p, ETH0 "resource", OWN SOME NONE NONE NONE NONE NONE);
	f = finds(p, "vf-bars", SEVERITY_WARNING, "eth0", "no memory");
	assert_string_equal(f->evidence[0].value, "line 11, VF BAR 3: no address");
	assert_contains(f->remedy, "put pci=realloc on");
	fact(p, "/proc/cmdline", "pci=nomsi,realloc=off");
	f = finds(p, "vf-bars", SEVERITY_WARNING, "eth0", "no memory");
	assert_contains(f->remedy, "take pci=realloc=off off");
	pf->vf_bars = 0; /* the configuration space could not be read */
	silent(p, "vf-bars");
	fact(p, ETH0 "resource", OWN SOME NONE NONE LOST NONE NONE);
	finds(p, "vf-bars", SEVERITY_WARNING, "eth0", "no memory");
	fact(p, ETH0 "resource", OWN NONE NONE NONE NONE NONE NONE);
	finds(p, "vf-bars", SEVERITY_WARNING, "eth0", "no memory");
	want_vfs(p, p->w->eth1);
	finds(p, "vf-bars", SEVERITY_WARNING, "eth0", "no memory");
	want_vfs(p, pf);
	finds(p, "vf-bars", SEVERITY_PROBLEM, "eth0", "no memory");
	p->has_policy = false;
	pf->class_name = "nvme";
	finds(p, "vf-bars", SEVERITY_INFO, "eth0", "no memory");
	pf->class_name = "ethernet";
	pf->known &= ~PF_BIT(PF_DRIVER);
	finds(p, "vf-bars", SEVERITY_INFO, "eth0", "no memory");
	fact(p, ETH0 "resource", OWN); /* a kernel without SR-IOV */
	not_known(p, "vf-bars");
	fact(p, ETH0 "resource", "nonsense");
	not_known(p, "vf-bars");
	pf->total_vfs = 0;
	silent(p, "vf-bars");
}

static void numbered(struct pf *pf, uint32_t total, uint32_t offset, uint32_t stride)
{
	pf->total_vfs = total;
	pf->vf_offset = offset;
	pf->vf_stride = stride;
	pf->known |= PF_BIT(PF_TOTAL_VFS) | PF_BIT(PF_VF_OFFSET) | PF_BIT(PF_VF_STRIDE);
}

static void bus_numbers(void **state)
{
	struct patient *p = *state;
	struct pf *pf = p->w->eth0; /* 0000:21:00.0: bus 33, and so is the last */

	silent(p, "bus-numbers");
	numbered(pf, 64, 128, 2); /* 21:10.0 ... 21:1f.6 */
	silent(p, "bus-numbers");
	numbered(pf, 65, 128, 2);
	finds(p, "bus-numbers", SEVERITY_WARNING, "eth0", "64 of 65 VFs");
	fact(p, ETH0 "../subordinate_bus_number", "34");
	silent(p, "bus-numbers");
	fact(p, ETH0 "../subordinate_bus_number", "33");
	numbered(pf, 127, 129, 1); /* up to the last function of the bus */
	silent(p, "bus-numbers");
	numbered(pf, 128, 129, 1);
	finds(p, "bus-numbers", SEVERITY_WARNING, "eth0", "127 of 128 VFs");
	fact(p, ETH0 "../subordinate_bus_number", "34");
	numbered(pf, 8, 256, 1);
	silent(p, "bus-numbers");
	fact(p, ETH0 "../subordinate_bus_number", "33");
	pf->known |= PF_BIT(PF_ARI);
	assert_contains(
		finds(p, "bus-numbers", SEVERITY_WARNING, "eth0", "0 of 8 VFs")->remedy, "ARI");
	want_vfs(p, pf);
	finds(p, "bus-numbers", SEVERITY_PROBLEM, "eth0", "0 of 8 VFs");
	p->has_policy = false;
	pf->known &= ~PF_BIT(PF_DRIVER);
	finds(p, "bus-numbers", SEVERITY_INFO, "eth0", "0 of 8 VFs");
	numbered(pf, 1, 1, 0);
	silent(p, "bus-numbers");
	fact_gone(p, ETH0 "../subordinate_bus_number");
	numbered(pf, 8, 256, 1);
	silent(p, "bus-numbers"); /* on a root bus */
	fact_forget(p, ETH0 "../subordinate_bus_number");
	not_known(p, "bus-numbers");
}

static void member(struct patient *p, uint32_t group, const char *name, const char *driver)
{
	struct host *h = &p->w->host;
	struct bdf bdf;

	assert_true(bdf_parse(name, &bdf));
	h->members = arena_push(&h->arena, h->members, &h->member_count, sizeof(*h->members));
	h->members[h->member_count - 1] = (struct group_member){.group = group,
		.bdf = bdf,
		.driver = driver,
		.viable = !driver || driver[0] != 'i'};
}

static void shared_group(void **state)
{
	struct patient *p = *state;
	const struct finding *f;
	struct vf *vf = world_vf(p->w, "eth0/3");

	silent(p, "shared-group");
	member(p, vf->iommu_group, "0000:21:10.3", "igbvf");
	member(p, 3, "0000:03:00.0", "igb");
	member(p, vf->iommu_group, "0000:20:00.0", "pcieport"); /* does no DMA */
	silent(p, "shared-group");
	member(p, vf->iommu_group, "0000:21:00.0", "igb");
	p->w->eth0->has_bridge = bdf_parse("0000:20:00.0", &p->w->eth0->bridge);
	p->w->eth0->bridge_acs = ACS_NONE;
	f = finds(p, "shared-group", SEVERITY_WARNING, "eth0", "1 of 4 VFs share");
	assert_string_equal(f->evidence[0].value,
		"0000:20:00.0 (pcieport), 0000:21:00.0 (igb), 0000:21:10.3 (igbvf)");
	assert_string_equal(f->evidence[1].value, "no ACS");
	world_vfio(&p->w->host, vf);
	p->w->host.members[0].driver = "vfio-pci";
	p->w->host.members[0].viable = true;
	f = finds(p, "shared-group", SEVERITY_PROBLEM, "eth0", "1 of 4 VFs on vfio");
	assert_contains(f->meaning, "nobody can open them");
	p->w->host.members[p->w->host.member_count - 1].driver = NULL;
	p->w->host.members[p->w->host.member_count - 1].viable = true;
	finds(p, "shared-group", SEVERITY_WARNING, "eth0", "1 of 4 VFs share");
	for (uint32_t i = 0; i < 4; i++)
		p->w->host.vfs[p->w->eth0->first_vf + i].known &= ~VF_BIT(VF_IOMMU_GROUP);
	not_known(p, "shared-group");
	p->w->host.has_iommu = false;
	silent(p, "shared-group");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(vf_bars, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(bus_numbers, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(shared_group, patient_setup, patient_teardown),
	};

	return RUN(tests);
}
