/* The doctor's checks of PFs, and of devices that are none. */
#include "unit.h"

#include "doctor.h"

#define DEVICE(file) "/sys/bus/pci/devices/0000:05:00.0/" file

/* Another PCI device, with these ids. */
static void add_device(struct patient *p, const char *vendor, const char *device)
{
	struct host *h = &p->w->host;

	bdf_parse("0000:05:00.0", &h->pci[h->pci_count++]);
	fact(p, DEVICE("class"), "0x020000");
	fact(p, DEVICE("vendor"), vendor);
	fact(p, DEVICE("device"), device);
}

static void set_ids(struct pf *pf, uint32_t vendor, uint32_t device, uint32_t vf_device)
{
	pf->vendor_id = vendor;
	pf->device_id = device;
	pf->vf_device_id = vf_device;
}

/* As where it was named. */
static void name_pf(struct patient *p, const struct pf *pf, const char *id)
{
	const struct check **chosen;
	struct error err;

	examination_free(&p->x);
	facts_sort(&p->facts);
	p->pfs[0] = pf;
	p->x = (struct examination){
		.host = &p->w->host, .facts = &p->facts, .pfs = p->pfs, .pf_count = 1};
	chosen = checks_choose(id, &p->x.arena, &err);
	examine(&p->x, chosen);
}

/* The same of something that is no PF. */
static const struct finding *name_other(struct patient *p, const char *name)
{
	const struct check *chosen[] = {check_find("no-sriov"), NULL};
	const char *names[] = {name};

	examination_free(&p->x);
	facts_sort(&p->facts);
	p->x = (struct examination){
		.host = &p->w->host, .facts = &p->facts, .others = names, .other_count = 1};
	examine(&p->x, chosen);
	assert_int_equal(p->x.finding_count, 1);
	assert_string_equal(p->x.findings[0].other, name);
	assert_int_equal(p->x.findings[0].severity, SEVERITY_PROBLEM);
	assert_true(p->x.findings[0].evidence_count > 0);
	assert_non_null(p->x.findings[0].remedy);
	return &p->x.findings[0];
}

static void none(void **state)
{
	struct patient *p = *state;

	silent(p, "no-pf");
	p->w->host.pf_count = p->w->host.vf_count = 0;
	finds(p, "no-pf", SEVERITY_WARNING, NULL, "can have VFs");
}

static void hidden(void **state)
{
	struct patient *p = *state;
	const struct finding *f;

	silent(p, "no-sriov");
	add_device(p, "0x8086", "0x1533"); /* I210: it has none */
	silent(p, "no-sriov");
	fact(p, DEVICE("vendor"), "0x15b3");
	fact(p, DEVICE("device"), "0x1017");
	f = finds(p, "no-sriov", SEVERITY_INFO, NULL, "0000:05:00.0 (ConnectX-5)");
	assert_contains(f->remedy, "mstconfig -d 0000:05:00.0 set SRIOV_EN=1");
	/* a VF in a VM, virtio, something else of that number */
	fact(p, DEVICE("device"), "0x1018");
	silent(p, "no-sriov");
	fact(p, DEVICE("vendor"), "0x1af4");
	fact(p, DEVICE("device"), "0x1000");
	silent(p, "no-sriov");
	fact(p, DEVICE("vendor"), "0x15b3");
	fact(p, DEVICE("device"), "0x1017");
	fact(p, DEVICE("class"), "0x010000");
	silent(p, "no-sriov");
	fact_forget(p, DEVICE("class"));
	not_known(p, "no-sriov");
}

static void named(void **state)
{
	struct patient *p = *state;
	struct link *l;

	add_device(p, "0x15b3", "0x1017");
	assert_contains(name_other(p, "0000:05:00.0")->remedy, "mstconfig -d 0000:05:00.0");
	assert_contains(name_other(p, "pci/05:00.0")->remedy, "mstconfig -d 0000:05:00.0");
	fact(p, DEVICE("vendor"), "0x1924");
	fact(p, DEVICE("device"), "0x0a03");
	l = fixture_link(&p->w->host, 77, "ens3");
	l->parent_bus = "pci";
	l->parent_dev = "0000:05:00.0";
	assert_contains(name_other(p, "ens3")->remedy, "sfboot --adapter=ens3");
	fact(p, DEVICE("vendor"), "0x8086");
	fact(p, DEVICE("device"), "0x10ca");
	assert_contains(name_other(p, "ens3")->summary, "VF itself");
	fact(p, DEVICE("device"), "0x1533");
	assert_contains(name_other(p, "ens3")->summary, "no SR-IOV capability");
	assert_contains(name_other(p, "ens3")->remedy, "manual");
	l->parent_bus = l->parent_dev = NULL;
	l->kind = "bridge";
	assert_contains(name_other(p, "ens3")->summary, "no PCI device");
}

static void no_driver(void **state)
{
	struct patient *p = *state;

	p->w->eth1->known &= ~PF_BIT(PF_DRIVER);
	set_ids(p->w->eth1, 0x8086, 0x10c9, 0x10ca);
	assert_contains(finds(p, "pf-no-driver", SEVERITY_WARNING, "eth1", "no driver")->remedy,
		"modprobe igb");
	p->w->eth1->class_name = "nvme";
	finds(p, "pf-no-driver", SEVERITY_INFO, "eth1", "no driver");
	p->w->eth1->known |= PF_BIT(PF_DRIVER);
	silent(p, "pf-no-driver");
}

static void drivers_without_vfs(void **state)
{
	const char *parameter = "/sys/module/vfio_pci/parameters/enable_sriov";
	struct patient *p = *state;
	struct pf *pf = p->w->eth1;

	silent(p, "pf-driver-no-vfs");
	pf->driver = "vfio-pci";
	silent(p, "pf-driver-no-vfs"); /* it has VFs */
	pf->num_vfs = 0;
	finds(p, "pf-driver-no-vfs", SEVERITY_INFO, "eth1", "vfio-pci");
	fact(p, parameter, "N");
	finds(p, "pf-driver-no-vfs", SEVERITY_INFO, "eth1", "vfio-pci");
	name_pf(p, pf, "pf-driver-no-vfs");
	assert_int_equal(p->x.counts[SEVERITY_WARNING], 1);
	fact(p, parameter, "Y");
	silent(p, "pf-driver-no-vfs");
	fact_forget(p, parameter);
	not_known(p, "pf-driver-no-vfs");
	pf->driver = "uio_pci_generic";
	assert_contains(
		finds(p, "pf-driver-no-vfs", SEVERITY_INFO, "eth1", "uio_pci_generic")->remedy,
		"qede: 'echo 0000:41:00.0 > /sys/bus/pci/devices/0000:41:00.0/driver/unbind'");
	pf->driver = "pci-pf-stub";
	silent(p, "pf-driver-no-vfs");
	pf->driver = "mlx5_vfio_pci";
	silent(p, "pf-driver-no-vfs");
	pf->driver = "qed_other";
	finds(p, "pf-driver-no-vfs", SEVERITY_INFO, "eth1", "qede makes VFs");
	set_ids(pf, 0x1234, 0x5678, 0x9abc);
	silent(p, "pf-driver-no-vfs");
}

static void firmware_off(void **state)
{
	struct patient *p = *state;
	struct pf *pf = p->w->eth1;

	silent(p, "pf-firmware-off");
	pf->total_vfs = pf->num_vfs = 0;
	set_ids(pf, 0x15b3, 0x1017, 0x1018);
	assert_contains(finds(p, "pf-firmware-off", SEVERITY_INFO, "eth1", "no VFs")->remedy,
		"mstconfig -d 0000:41:00.0");
	name_pf(p, pf, "pf-firmware-off");
	assert_int_equal(p->x.counts[SEVERITY_PROBLEM], 1);
	pf->known &= ~PF_BIT(PF_TOTAL_VFS);
	not_known(p, "pf-firmware-off");
	/* no other PF could stand in for it */
	pf->known |= PF_BIT(PF_TOTAL_VFS);
	p->w->eth0->total_vfs = 0;
	p->w->eth0->class_name = "nvme";
	examine_patient(p, "pf-firmware-off");
	assert_int_equal(p->x.counts[SEVERITY_WARNING], 1);
	assert_int_equal(p->x.counts[SEVERITY_INFO], 1);
}

static void total(void **state)
{
	struct patient *p = *state;

	silent(p, "pf-total-capped");
	set_ids(p->w->eth0, 0x8086, 0x10fb, 0x10ed);
	p->w->eth0->total_vfs = 63;
	silent(p, "pf-total-capped");
	p->w->eth0->total_vfs = 8;
	finds(p, "pf-total-capped", SEVERITY_INFO, "eth0", "63 VFs, not 8");
}

static void unknown_nic(void **state)
{
	struct patient *p = *state;

	silent(p, "pf-unknown-nic");
	set_ids(p->w->eth1, 0x1234, 0x5678, 0x9abc);
	finds(p, "pf-unknown-nic", SEVERITY_INFO, "eth1", "not in the table");
	p->w->eth1->total_vfs = p->w->eth1->num_vfs = 0;
	silent(p, "pf-unknown-nic");
	p->w->eth1->total_vfs = 64;
	p->w->eth1->class_name = "nvme";
	silent(p, "pf-unknown-nic");
	p->w->eth0->known &= ~PF_BIT(PF_VENDOR_ID);
	not_known(p, "pf-unknown-nic");
}

static void firmware(void **state)
{
	struct patient *p = *state;
	struct pf *a = p->w->eth0, *b = p->w->eth1, *c;

	silent(p, "pf-firmware-differs");
	a->firmware = b->firmware = "8.33.12";
	a->known |= PF_BIT(PF_FIRMWARE);
	b->known |= PF_BIT(PF_FIRMWARE);
	silent(p, "pf-firmware-differs");
	b->firmware = "8.42.2";
	assert_int_equal(finds(p, "pf-firmware-differs", SEVERITY_INFO, NULL, "eth0 and others")
				 ->evidence_count,
		2);
	/* three of them: said once */
	c = fixture_pf(&p->w->host, "eth2", "0000:61:00.0", 64);
	*c = *b;
	c->firmware = "8.50.1";
	c->vf_count = 0;
	assert_int_equal(finds(p, "pf-firmware-differs", SEVERITY_INFO, NULL, "eth0 and others")
				 ->evidence_count,
		3);
	c->device_id = 0x8070;
	b->device_id = 0x1656;
	silent(p, "pf-firmware-differs");
	b->device_id = a->device_id;
	b->known &= ~PF_BIT(PF_FIRMWARE);
	silent(p, "pf-firmware-differs");
}

static void autoprobe(void **state)
{
	struct patient *p = *state;

	silent(p, "pf-autoprobe-off");
	p->w->eth0->autoprobe = false;
	finds(p, "pf-autoprobe-off", SEVERITY_INFO, "eth0", "no driver");
	p->w->eth0->class_name = "nvme";
	silent(p, "pf-autoprobe-off");
}

static void vfs_down(struct patient *p, const struct pf *pf)
{
	for (uint32_t i = 0; i < pf->vf_count; i++)
		fixture_vf(&p->w->host, pf, i)->up = false;
}

static void down(void **state)
{
	struct patient *p = *state;
	struct pf *pf = p->w->eth1;

	silent(p, "pf-down");
	pf->up = false;
	/* with this driver its VFs may well have a link; until one is seen without */
	finds(p, "pf-down", SEVERITY_INFO, "eth1", "VFs are in use");
	world_vf(p->w, "eth1/3")->link = LINK_NO_CARRIER;
	world_vf(p->w, "eth1/3")->known |= VF_BIT(VF_LINK);
	assert_string_equal(
		finds(p, "pf-down", SEVERITY_WARNING, "eth1", "VFs are in use")->evidence[2].source,
		"eth1/3");
	vfs_down(p, pf);
	silent(p, "pf-down");
	/* in a VM, whatever becomes of it there */
	world_vfio(&p->w->host, world_vf(p->w, "eth1/2"));
	silent(p, "pf-down");
	world_vf(p->w, "eth1/2")->open = true;
	pf->driver = "igb";
	assert_contains(finds(p, "pf-down", SEVERITY_WARNING, "eth1", "in use")->meaning,
		"address of their own");
	pf->known &= ~PF_BIT(PF_UP);
	silent(p, "pf-down");
	/* bnxt_en without VFs */
	pf->known |= PF_BIT(PF_UP);
	pf->driver = "bnxt_en";
	p->w->host.vf_count -= pf->vf_count;
	pf->vf_count = pf->num_vfs = 0;
	finds(p, "pf-down", SEVERITY_INFO, "eth1", "only while it is up");
	pf->driver = "igb";
	silent(p, "pf-down");
}

static void exhausted(void **state)
{
	struct patient *p = *state;
	struct pf *pf = p->w->eth1;
	struct vf *vf;

	silent(p, "pf-exhausted");
	for (uint32_t i = 0; i < 4; i++)
		fixture_usage(&p->w->host, fixture_vf(&p->w->host, pf, i)->ifindex, "an address");
	assert_string_equal(
		finds(p, "pf-exhausted", SEVERITY_INFO, "eth1", "there can be 64")->remedy,
		"once they are: 'sriovctl vf create {} 8'");
	pf->total_vfs = 4;
	/* eth0 is of the same model, and has some to spare */
	assert_contains(
		finds(p, "pf-exhausted", SEVERITY_INFO, "eth1", "no more")->meaning, "eth0");
	name_pf(p, pf, "pf-exhausted");
	assert_int_equal(p->x.counts[SEVERITY_WARNING], 1);
	for (uint32_t i = 0; i < 4; i++)
		world_away(p->w, fixture_vf(&p->w->host, p->w->eth0, i)->name, "blue", "net1");
	p->w->eth0->total_vfs = 4;
	examine_patient(p, "pf-exhausted");
	assert_int_equal(p->x.counts[SEVERITY_WARNING], 2);
	p->w->eth0->vf_count = p->w->eth0->num_vfs = 0;
	p->w->eth0->total_vfs = 64;
	finds(p, "pf-exhausted", SEVERITY_INFO, "eth1", "no more");
	p->w->eth0->total_vfs = 0;
	finds(p, "pf-exhausted", SEVERITY_WARNING, "eth1", "no more");
	set_ids(pf, 0x15b3, 0x1017, 0x1018);
	assert_contains(finds(p, "pf-exhausted", SEVERITY_WARNING, "eth1", "no more")->remedy,
		"NUM_OF_VFS");
	/* one is free; one whose user cannot be seen may be */
	p->w->host.usage_count--;
	silent(p, "pf-exhausted");
	vf = fixture_vf(&p->w->host, pf, 3);
	world_unbind(vf);
	vf->driver = "igb_uio";
	vf->known |= VF_BIT(VF_DRIVER);
	silent(p, "pf-exhausted");
	p->w->host.usage_unknown = true;
	not_known(p, "pf-exhausted");
}

static void list_short(void **state)
{
	struct patient *p = *state;

	silent(p, "pf-list-short");
	p->w->eth0->known |= PF_BIT(PF_TRUNCATED);
	silent(p, "pf-list-short");
	p->w->eth0->truncated = true;
	finds(p, "pf-list-short", SEVERITY_WARNING, "eth0", "cut short");
	p->w->eth0->truncated = false;
	p->w->host.incomplete = true;
	not_known(p, "pf-list-short");
}

static void bridged(void **state)
{
	struct patient *p = *state;
	struct link *br0, *tap0, *bond0, *eth0 = world_link(p->w, "eth0");

	silent(p, "pf-in-bridge");
	br0 = fixture_link(&p->w->host, 70, "br0");
	br0->kind = "bridge";
	eth0->master = 70;
	silent(p, "pf-in-bridge"); /* alone */
	tap0 = fixture_link(&p->w->host, 71, "tap0");
	tap0->master = 70;
	assert_contains(finds(p, "pf-in-bridge", SEVERITY_WARNING, "eth0", "br0")->remedy,
		"bridge fdb add ADDRESS dev eth0");
	/* by way of a bond */
	bond0 = fixture_link(&p->w->host, 72, "bond0");
	bond0->kind = "bond";
	bond0->master = 70;
	eth0->master = 72;
	finds(p, "pf-in-bridge", SEVERITY_WARNING, "eth0", "br0");
	br0->kind = "vrf";
	silent(p, "pf-in-bridge");
	br0->kind = "openvswitch";
	finds(p, "pf-in-bridge", SEVERITY_WARNING, "eth0", "br0");
	vfs_down(p, p->w->eth0);
	silent(p, "pf-in-bridge");
	world_vf(p->w, "eth0/0")->up = true;
	world_vf(p->w, "eth0/1")->known |= VF_BIT(VF_REPRESENTOR);
	silent(p, "pf-in-bridge");
}

static void rdma(void **state)
{
	const char *devices = "/sys/bus/pci/devices/0000:21:10.1/infiniband";
	const char *mode = "/sys/module/ib_core/parameters/netns_mode";
	struct patient *p = *state;

	fact_names(p, devices, "mlx5_3");
	silent(p, "rdma-netns"); /* at home */
	world_away(p->w, "eth0/1", "blue", "net1");
	finds(p, "rdma-netns", SEVERITY_INFO, "eth0/1", "every network namespace");
	fact(p, mode, "N");
	assert_string_equal(
		finds(p, "rdma-netns", SEVERITY_WARNING, "eth0/1", "stayed behind")->remedy,
		"'rdma dev set mlx5_3 netns blue'");
	fact_gone(p, mode);
	not_known(p, "rdma-netns");
	fact_names(p, devices, "");
	silent(p, "rdma-netns");
}

static void vf_driver(void **state)
{
	struct patient *p = *state;
	struct vf *vf = world_vf(p->w, "eth0/3");

	silent(p, "vf-wrong-driver"); /* its driver has made an interface */
	world_unbind(vf);
	silent(p, "vf-wrong-driver");
	vf->known |= VF_BIT(VF_DRIVER);
	vf->driver = "pci-pf-stub";
	assert_string_equal(finds(p, "vf-wrong-driver", SEVERITY_PROBLEM, "eth0/3",
				    "bound to pci-pf-stub, not to qede")
				    ->remedy,
		"sriovctl vf bind {} qede");
	/* a card that the table does not have, but of VFs that it has */
	p->w->eth0->device_id = 0x1;
	finds(p, "vf-wrong-driver", SEVERITY_PROBLEM, "eth0/3", "not to qede");
	p->w->eth0->vf_device_id = 0x2;
	silent(p, "vf-wrong-driver");
	p->w->eth0->vf_device_id = 0x1664;
	vf->driver = "qede"; /* without an interface: of that another check says something */
	silent(p, "vf-wrong-driver");
	vf->driver = "vfio-pci";
	silent(p, "vf-wrong-driver");
	vf->driver = "octep_vdpa";
	silent(p, "vf-wrong-driver");
	vf->driver = "ifcvf";
	set_ids(p->w->eth0, 0x1af4, 0x1041, 0x1041);
	silent(p, "vf-wrong-driver");
	set_ids(p->w->eth0, 0x1077, 0x1654, 0x1664);
	vf->driver = "pci-pf-stub";
	vf->unseen = true;
	silent(p, "vf-wrong-driver");
	vf->unseen = false;
	p->w->eth0->class_name = "encryption";
	silent(p, "vf-wrong-driver");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, patient_setup, patient_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(none),
		TEST(hidden),
		TEST(named),
		TEST(no_driver),
		TEST(drivers_without_vfs),
		TEST(firmware_off),
		TEST(total),
		TEST(unknown_nic),
		TEST(firmware),
		TEST(autoprobe),
		TEST(down),
		TEST(exhausted),
		TEST(list_short),
		TEST(bridged),
		TEST(rdma),
		TEST(vf_driver),
	};

	return RUN(tests);
}
