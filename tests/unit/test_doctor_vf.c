/* The doctor on VFs: drivers, addresses, who has them, what was left on them. */
#include "unit.h"

#include "doctor.h"

#include "core/driver.h"

static int setup(void **state)
{
	struct patient *p;

	if (patient_setup(state) < 0)
		return -1;
	p = *state;
	for (size_t i = 0; i < p->w->host.link_count; i++)
		p->w->host.links[i].altnames_known = true;
	return 0;
}

static struct vf *vf(struct patient *p, const char *name)
{
	return world_vf(p->w, name);
}

static void hold(struct patient *p, const char *name, int pid)
{
	struct host *h = &p->w->host;

	h->holders[h->holder_count++] = (struct vfio_holder){vf(p, name)->iommu_group, pid, "qemu"};
}

/* What has been bound to a driver that makes no interface. */
static void take_interface(struct patient *p, const char *name, const char *driver)
{
	world_unbind(vf(p, name));
	vf(p, name)->driver = driver;
	vf(p, name)->known |= VF_BIT(VF_DRIVER);
}

static size_t count(struct patient *p, const char *id, enum severity severity)
{
	examine_patient(p, id);
	return p->x.counts[severity];
}

static void no_driver(void **state)
{
	struct patient *p = *state;

	for (int i = 0; i < 3; i++)
		world_unbind(world_vf(p->w, i == 0 ? "eth0/0" : i == 1 ? "eth0/1" : "eth0/2"));
	assert_int_equal(count(p, "vf-no-driver", SEVERITY_PROBLEM), 3);
	/* none has one: it may be meant so */
	world_unbind(vf(p, "eth0/3"));
	assert_int_equal(count(p, "vf-no-driver", SEVERITY_PROBLEM), 0);
	assert_int_equal(count(p, "vf-no-driver", SEVERITY_WARNING), 4);
	p->w->eth0->autoprobe = false;
	silent(p, "vf-no-driver");
}

static void no_module(void **state)
{
	struct patient *p = *state;
	static const char *names[] = {"qede"};

	world_unbind(vf(p, "eth0/1"));
	p->w->eth0->vendor_id = p->w->eth1->vendor_id = 0x8086;
	p->w->eth0->device_id = 0x10c9;
	p->w->host.drivers = (struct strings){names, 1};
	assert_contains(finds(p, "vf-no-driver", SEVERITY_PROBLEM, "eth0/1", "no driver")->remedy,
		"'modprobe igbvf'");
	assert_string_equal(p->x.findings[0].evidence[1].source, "/sys/bus/pci/drivers/igbvf");
	names[0] = "igbvf";
	assert_string_equal(
		finds(p, "vf-no-driver", SEVERITY_PROBLEM, "eth0/1", "no driver")->remedy,
		"sriovctl vf bind {} default");
}

/* While vfio waits for its user the VF has no driver any more, but that is not what is wrong. */
static void no_driver_but_held(void **state)
{
	struct patient *p = *state;

	world_unbind(vf(p, "eth0/1"));
	hold(p, "eth0/1", 4711);
	silent(p, "vf-no-driver");
}

static void no_interface(void **state)
{
	struct patient *p = *state;

	silent(p, "vf-no-interface");
	take_interface(p, "eth1/2", "pci-pf-stub");
	finds(p, "vf-wrong-driver", SEVERITY_PROBLEM, "eth1/2", "pci-pf-stub");
	silent(p, "vf-no-interface"); /* it is said already */
	vf(p, "eth1/2")->driver = "qede";
	silent(p, "vf-wrong-driver");
	finds(p, "vf-no-interface", SEVERITY_PROBLEM, "eth1/2", "qede");
	silent(p, "vf-no-driver");
	fact_names(p, "/sys/bus/pci/devices/0000:41:10.2/infiniband", "mlx5_2");
	finds(p, "vf-no-interface", SEVERITY_INFO, "eth1/2", "an RDMA device");
	fact_gone(p, "/sys/bus/pci/devices/0000:41:10.2/infiniband");
	vf(p, "eth1/2")->unseen = true;
	silent(p, "vf-no-interface");
	vf(p, "eth1/2")->unseen = false;
	p->w->host.incomplete = true;
	not_known(p, "vf-no-interface");
	p->w->host.incomplete = false;
	p->w->eth1->class_name = "infiniband";
	silent(p, "vf-no-interface");
	p->w->eth1->class_name = "ethernet";
	vf(p, "eth1/2")->driver = DRIVER_VFIO;
	silent(p, "vf-no-interface");
}

static void keep_for(struct patient *p, const char *name, const char *driver)
{
	vf(p, name)->driver_override = driver;
	vf(p, name)->known |= VF_BIT(VF_DRIVER_OVERRIDE);
}

static void driver_override(void **state)
{
	struct patient *p = *state;

	silent(p, "vf-driver-override");
	keep_for(p, "eth0/2", "vfio-pci");
	assert_string_equal(finds(p, "vf-driver-override", SEVERITY_WARNING, "eth0/2",
				    "vfio-pci, and has igbvf")
				    ->remedy,
		"sriovctl vf bind {} default");
	keep_for(p, "eth0/2", "igbvf");
	silent(p, "vf-driver-override");
	world_vfio(&p->w->host, vf(p, "eth0/2"));
	assert_string_equal(finds(p, "vf-driver-override", SEVERITY_WARNING, "eth0/2",
				    "igbvf, and has vfio-pci")
				    ->remedy,
		"sriovctl vf bind {} vfio-pci");
	/* one problem is said once */
	world_unbind(vf(p, "eth0/2"));
	silent(p, "vf-driver-override");
	finds(p, "vf-no-driver", SEVERITY_PROBLEM, "eth0/2", "no driver");
	p->w->eth0->autoprobe = false;
	finds(p, "vf-driver-override", SEVERITY_WARNING, "eth0/2", "igbvf, and has none");
}

static void duplicate_mac(void **state)
{
	struct patient *p = *state;

	silent(p, "vf-duplicate-mac");
	/* another PF is another wire: bonds of VMs are made so */
	vf(p, "eth1/0")->mac = vf(p, "eth0/1")->mac;
	silent(p, "vf-duplicate-mac");
	vf(p, "eth0/3")->mac = vf(p, "eth0/1")->mac;
	assert_int_equal(count(p, "vf-duplicate-mac", SEVERITY_PROBLEM), 2);
	assert_string_equal(p->x.findings[0].vf->name, "eth0/1");
	assert_string_equal(p->x.findings[1].vf->name, "eth0/3");
	assert_string_equal(p->x.findings[0].summary, p->x.findings[1].summary);
	/* nobody has none in common */
	vf(p, "eth0/3")->mac = vf(p, "eth0/1")->mac = (struct lladdr){.len = 6};
	vf(p, "eth0/3")->if_mac = (struct lladdr){.len = 6};
	vf(p, "eth0/1")->if_mac = (struct lladdr){.len = 6};
	silent(p, "vf-duplicate-mac");
	vf(p, "eth0/1")->if_mac = p->w->eth0->mac;
	finds(p, "vf-duplicate-mac", SEVERITY_PROBLEM, "eth0/1", "of its PF");
}

static void bonded(void **state)
{
	struct patient *p = *state;

	struct link *bond = world_link(p->w, "eth1v3");

	vf(p, "eth0/2")->mac = vf(p, "eth0/2")->if_mac = vf(p, "eth0/1")->mac;
	bond->kind = "bond";
	world_link(p->w, "eth0v1")->master = world_link(p->w, "eth0v2")->master = bond->ifindex;
	silent(p, "vf-duplicate-mac");
	bond->kind = "bridge";
	assert_int_equal(count(p, "vf-duplicate-mac", SEVERITY_PROBLEM), 2);
	bond->kind = "bond";
	world_link(p->w, "eth0v2")->master = 78;
	assert_int_equal(count(p, "vf-duplicate-mac", SEVERITY_PROBLEM), 2);
}

/* Somebody keeps it: one who has it already, if there is one. */
static void share_mac(void **state)
{
	struct patient *p = *state;

	vf(p, "eth0/1")->mac = vf(p, "eth0/2")->mac = vf(p, "eth0/3")->mac;
	examine_patient(p, "vf-duplicate-mac");
	assert_string_equal(p->x.findings[0].remedy, "sriovctl vf set eth0/2-3 mac auto");
	world_vfio(&p->w->host, vf(p, "eth0/3"));
	examine_patient(p, "vf-duplicate-mac");
	assert_string_equal(p->x.findings[0].remedy, "sriovctl vf set eth0/1-2 mac auto");
	world_vfio(&p->w->host, vf(p, "eth0/1"));
	examine_patient(p, "vf-duplicate-mac");
	assert_string_equal(p->x.findings[0].remedy, "sriovctl vf set eth0/2-3 mac auto");
	vf(p, "eth0/3")->open = true;
	examine_patient(p, "vf-duplicate-mac");
	assert_contains(p->x.findings[0].remedy, "stop who uses it");
	assert_contains(p->x.findings[0].remedy, "'sriovctl vf set eth0/2-3 mac auto'");
	/* each in a network of its own */
	vf(p, "eth0/1")->vlan = 11;
	vf(p, "eth0/2")->vlan = 12;
	assert_int_equal(count(p, "vf-duplicate-mac", SEVERITY_PROBLEM), 3);
	vf(p, "eth0/3")->vlan = 12;
	assert_int_equal(count(p, "vf-duplicate-mac", SEVERITY_PROBLEM), 3);
	vf(p, "eth0/3")->vlan = 13;
	assert_int_equal(count(p, "vf-duplicate-mac", SEVERITY_PROBLEM), 0);
	assert_int_equal(count(p, "vf-duplicate-mac", SEVERITY_INFO), 3);
}

static void no_mac(void **state)
{
	struct patient *p = *state;

	vf(p, "eth0/1")->mac = (struct lladdr){.len = 6};
	silent(p, "vf-no-mac"); /* its driver has one */
	world_vfio(&p->w->host, vf(p, "eth0/1"));
	finds(p, "vf-no-mac", SEVERITY_INFO, "eth0/1", "no address was set");
	p->w->eth0->driver = "mlx5_core";
	finds(p, "vf-no-mac", SEVERITY_WARNING, "eth0/1", "spoof checking is on");
	p->w->eth0->driver = "igb";
	finds(p, "vf-no-mac", SEVERITY_INFO, "eth0/1", "no address");
	p->w->eth0->up = false;
	silent(p, "vf-no-mac");
	vf(p, "eth0/1")->known &= ~VF_BIT(VF_MAC);
	p->w->eth0->up = true;
	silent(p, "vf-no-mac");
}

static void other_mac(void **state)
{
	struct patient *p = *state;

	silent(p, "vf-other-mac");
	vf(p, "eth0/1")->mac.bytes[5] = 0x99;
	finds(p, "vf-other-mac", SEVERITY_PROBLEM, "eth0/1", "another address");
	vf(p, "eth0/1")->up = false;
	finds(p, "vf-other-mac", SEVERITY_WARNING, "eth0/1", "another address");
	vf(p, "eth0/1")->up = true;
	vf(p, "eth0/1")->spoofchk = false;
	assert_string_equal(
		finds(p, "vf-other-mac", SEVERITY_WARNING, "eth0/1", "another address")->remedy,
		"sriovctl vf set {} mac 02:00:00:00:00:99");
	vf(p, "eth0/1")->trust = true;
	silent(p, "vf-other-mac");
	vf(p, "eth0/1")->trust = false;
	p->w->eth0->driver = "igb";
	p->w->eth0->up = false;
	silent(p, "vf-other-mac");
}

static void held(void **state)
{
	struct patient *p = *state;

	silent(p, "vf-held");
	world_vfio(&p->w->host, vf(p, "eth1/1"));
	silent(p, "vf-held");
	vf(p, "eth1/1")->open = true;
	finds(p, "vf-held", SEVERITY_INFO, "eth1/1", "unseen process");
	hold(p, "eth1/1", 4711);
	finds(p, "vf-held", SEVERITY_INFO, "eth1/1", "held by pid 4711 (qemu)");
}

static void block(struct patient *p, const char *wchan, const char *file, const char *bdf)
{
	struct host *h = &p->w->host;

	h->blocked = arena_alloc(&h->arena, sizeof(*h->blocked));
	h->blocked_count = 1;
	*h->blocked = (struct blocked){.pid = 815,
		.comm = "sh",
		.file = file,
		.wchan = wchan,
		.by_vfio = strcmp(wchan, "vfio_unregister_group_dev") == 0};
	h->blocked->has_bdf = bdf && bdf_parse(bdf, &h->blocked->bdf);
}

static void member(struct patient *p, uint32_t group, struct bdf bdf)
{
	struct host *h = &p->w->host;

	h->members = arena_push(&h->arena, h->members, &h->member_count, sizeof(*h->members));
	h->members[h->member_count - 1] = (struct group_member){group, bdf, "vfio-pci", true};
}

static void unbinding_blocked(void **state)
{
	struct patient *p = *state;
	const char *file = "/sys/bus/pci/drivers/vfio-pci/unbind";

	silent(p, "vf-release-blocked");
	member(p, vf(p, "eth0/1")->iommu_group, vf(p, "eth0/1")->bdf);
	member(p, vf(p, "eth0/2")->iommu_group, vf(p, "eth0/2")->bdf);
	world_unbind(vf(p, "eth0/1"));
	world_vfio(&p->w->host, vf(p, "eth0/2"));
	hold(p, "eth0/2", 4712);
	hold(p, "eth0/1", 4711);
	silent(p, "vf-release-blocked");
	block(p, "vfio_unregister_group_dev", file, NULL);
	assert_contains(finds(p, "vf-release-blocked", SEVERITY_PROBLEM, "eth0/1",
				"pid 815 (sh) waits for pid 4711 (qemu)")
				->remedy,
		"stop pid 4711");
	p->w->host.blocked_hidden = true;
	p->w->host.blocked_count = 0;
	not_known(p, "vf-release-blocked");
}

/* The VF that is waited for is none of the PF's any more. */
static void destroying_blocked(void **state)
{
	struct patient *p = *state;
	struct pf *pf = p->w->eth0;
	struct bdf bdf = vf(p, "eth0/3")->bdf;

	member(p, 99, bdf);
	p->w->host.holders[p->w->host.holder_count++] = (struct vfio_holder){99, 4711, "qemu"};
	pf->vf_offset = (uint32_t)(bdf_key(vf(p, "eth0/0")->bdf) - bdf_key(pf->bdf));
	pf->vf_stride = 1;
	pf->known |= PF_BIT(PF_VF_OFFSET) | PF_BIT(PF_VF_STRIDE);
	for (size_t i = 0; i < p->w->host.vf_count; i++)
		if (&p->w->host.vfs[i] == vf(p, "eth0/3"))
			p->w->host.vfs[i].bdf.domain = 9; /* gone from there */
	block(p, "vfio_unregister_group_dev", "/sys/devices/0000:21:00.0/sriov_numvfs",
		"0000:21:00.0");
	finds(p, "vf-release-blocked", SEVERITY_PROBLEM, "eth0", "which holds 0000:21:10.3");
	/* that of another PF */
	block(p, "vfio_unregister_group_dev", "/sys/devices/0000:61:00.0/sriov_numvfs",
		"0000:61:00.0");
	silent(p, "vf-release-blocked");
	/* whom it waits for is not to be seen */
	block(p, "vfio_unregister_group_dev", "/sys/devices/0000:41:00.0/sriov_numvfs",
		"0000:41:00.0");
	finds(p, "vf-release-blocked", SEVERITY_PROBLEM, "eth1", "a process that holds a VF");
	/* someone who is just slow */
	block(p, "msleep", "/sys/devices/0000:41:00.0/sriov_numvfs", "0000:41:00.0");
	finds(p, "vf-release-blocked", SEVERITY_INFO, "eth1", "is changing it");
}

static void stray(void **state)
{
	struct patient *p = *state;

	world_away(p->w, "eth0/1", "blue", "if0");
	silent(p, "vf-stray"); /* nobody has recorded it */
	world_lease(p->w, "eth0/2", "blue", "web");
	world_away(p->w, "eth0/2", "blue", "if1");
	silent(p, "vf-stray");
	world_away(p->w, "eth0/2", "red", "if1");
	assert_string_equal(
		finds(p, "vf-stray", SEVERITY_WARNING, "eth0/2", "in red, was sent to blue")
			->remedy,
		"'sriovctl netns detach {} owner web --force=in-use' takes it from there");
	p->w->host.leases_unknown = true;
	not_known(p, "vf-stray");
}

static void returned_and_gone(void **state)
{
	struct patient *p = *state;
	struct lease *l = world_lease(p->w, "eth0/2", "blue", NULL);

	assert_string_equal(
		finds(p, "vf-stray", SEVERITY_WARNING, "eth0/2", "is back, was sent to blue")
			->remedy,
		"sriovctl repair");
	vf(p, "eth0/2")->attached = NULL;
	finds(p, "vf-stray", SEVERITY_WARNING, "eth0", "eth0/2 was attached to blue");
	l->pf = "pci/0000:99:00.0";
	finds(p, "vf-stray", SEVERITY_WARNING, "eth0", "does not exist");
}

static void leftover(void **state)
{
	struct patient *p = *state;

	silent(p, "vf-leftover");
	vf(p, "eth0/2")->vlan = 100;
	vf(p, "eth0/2")->max_tx_rate = 500;
	finds(p, "vf-leftover", SEVERITY_INFO, "eth0/2", "it has vlan 100");
	vf(p, "eth0/2")->up = false;
	assert_string_equal(finds(p, "vf-leftover", SEVERITY_WARNING, "eth0/2",
				    "it has vlan 100 max_tx_rate 500")
				    ->remedy,
		"sriovctl vf set {} vlan 0 max_tx_rate 0");
	fixture_usage(&p->w->host, vf(p, "eth0/2")->ifindex, "address 192.0.2.1/24");
	silent(p, "vf-leftover");
	p->w->host.usage_count = 0;
	p->w->host.usage_unknown = true;
	not_known(p, "vf-leftover");
	p->w->host.usage_unknown = false;
	world_vfio(&p->w->host, vf(p, "eth0/2"));
	silent(p, "vf-leftover");
}

/* Where most have it nobody has left it there. */
static void set_beforehand(void **state)
{
	struct patient *p = *state;

	for (size_t i = 0; i < p->w->host.vf_count; i++)
		p->w->host.vfs[i].up = false;
	vf(p, "eth0/0")->trust = vf(p, "eth0/1")->trust = true;
	assert_int_equal(count(p, "vf-leftover", SEVERITY_WARNING), 2);
	vf(p, "eth0/2")->trust = true;
	assert_int_equal(count(p, "vf-leftover", SEVERITY_WARNING), 0);
	assert_int_equal(count(p, "vf-leftover", SEVERITY_INFO), 3);
}

static void weak(void **state)
{
	struct patient *p = *state;
	struct vf *it = vf(p, "eth0/2");

	silent(p, "vf-weak");
	it->trust = true;
	it->spoofchk = false;
	silent(p, "vf-weak"); /* it is ours */
	world_vfio(&p->w->host, it);
	finds(p, "vf-weak", SEVERITY_WARNING, "eth0/2", "spoof checking off, no VLAN");
	it->vlan = 7;
	finds(p, "vf-weak", SEVERITY_INFO, "eth0/2", "spoof checking off");
	member(p, it->iommu_group, (struct bdf){.bus = 0x20});
	p->w->host.members[p->w->host.member_count - 1].driver = "pcieport"; /* does no DMA */
	finds(p, "vf-weak", SEVERITY_INFO, "eth0/2", "spoof checking off");
	member(p, it->iommu_group, vf(p, "eth0/3")->bdf);
	finds(p, "vf-weak", SEVERITY_WARNING, "eth0/2", "IOMMU group shared");
	it->known &= ~VF_BIT(VF_TRUST);
	silent(p, "vf-weak");
	it->known |= VF_BIT(VF_TRUST);
	it->spoofchk = true;
	silent(p, "vf-weak");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, patient_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_driver),
		TEST(no_module),
		TEST(no_driver_but_held),
		TEST(no_interface),
		TEST(driver_override),
		TEST(duplicate_mac),
		TEST(bonded),
		TEST(share_mac),
		TEST(no_mac),
		TEST(other_mac),
		TEST(held),
		TEST(unbinding_blocked),
		TEST(destroying_blocked),
		TEST(stray),
		TEST(returned_and_gone),
		TEST(leftover),
		TEST(set_beforehand),
		TEST(weak),
	};

	return RUN(tests);
}
