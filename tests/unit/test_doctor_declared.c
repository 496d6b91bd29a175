/* The doctor: a host against its policy, and against what was recorded of it. */
#include "unit.h"

#include "doctor.h"

static const struct source source = {"host.yaml", "", 0};

static struct wish wish_uint(size_t attr, uint64_t v)
{
	return (struct wish){
		.setting = {.attr = attr, .value = value_uint(v)}, .origin = {&source, 7, 3}};
}

/* What the policy wants of eth0. */
static struct pf_intent *wants(struct patient *p)
{
	struct pf_intent *pf = arena_alloc(&p->facts.arena, sizeof(*pf));

	p->intent = (struct intent){pf, 1};
	p->has_policy = true;
	pf->pf = p->w->eth0;
	pf->origin = (struct origin){&source, 4, 5};
	pf->vfs = arena_alloc(&p->facts.arena, 4 * sizeof(*pf->vfs));
	return pf;
}

static void policy_count(void **state)
{
	struct patient *p = *state;
	struct pf_intent *pf;
	const struct finding *f;

	not_known(p, "policy-differs"); /* without any policy */
	pf = wants(p);
	silent(p, "policy-differs");
	pf->has_count = true;
	pf->num_vfs = 4;
	silent(p, "policy-differs");
	pf->num_vfs = 6;
	f = finds(p, "policy-differs", SEVERITY_PROBLEM, "eth0", "num_vfs is 4, the policy says 6");
	assert_string_equal(f->evidence[1].source, "host.yaml:4:5");
	assert_string_equal(f->remedy, "sriovctl policy apply --pf eth0");
}

static void policy_vf(void **state)
{
	struct patient *p = *state;
	struct pf_intent *pf = wants(p);
	struct vf *vf = world_vf(p->w, "eth0/2");
	struct wish wish[1] = {wish_uint(VF_VLAN, 100)};
	const struct finding *f;

	pf->vf_count = 1;
	pf->vfs[0] = (struct vf_intent){.index = 2, .wishes = wish, .count = 1};
	f = finds(
		p, "policy-differs", SEVERITY_PROBLEM, "eth0/2", "vlan is 0, the policy says 100");
	assert_string_equal(f->evidence[1].source, "host.yaml:7:3");
	vf->vlan = 100;
	silent(p, "policy-differs");
	wish[0].setting.automatic = true;
	vf->vlan = 5;
	silent(p, "policy-differs");

	pf->vfs[0].count = 0;
	pf->vfs[0].driver = "vfio-pci";
	finds(p, "policy-differs", SEVERITY_PROBLEM, "eth0/2", "the policy says vfio-pci");
	world_vfio(&p->w->host, vf);
	silent(p, "policy-differs");
	pf->vfs[0].driver = "default";
	finds(p, "policy-differs", SEVERITY_PROBLEM, "eth0/2", "driver is vfio-pci");
	world_unbind(vf);
	finds(p, "policy-differs", SEVERITY_PROBLEM, "eth0/2", "driver is none");
	/* a VF that is not there yet: the number of VFs says so */
	pf->vfs[0].index = 9;
	silent(p, "policy-differs");
}

/* What an interface is called in another namespace is for those there to say. */
static void policy_away(void **state)
{
	struct patient *p = *state;
	struct pf_intent *pf = wants(p);
	struct wish wish = {.setting = {.attr = VF_IFNAME, .value = value_string("fast0")}};

	pf->vf_count = 1;
	pf->vfs[0] = (struct vf_intent){.index = 1, .wishes = &wish, .count = 1};
	finds(p, "policy-differs", SEVERITY_PROBLEM, "eth0/1", "the policy says fast0");
	world_away(p->w, "eth0/1", "blue", "net0");
	silent(p, "policy-differs");
}

static void policy_wrong(void **state)
{
	struct patient *p = *state;
	struct problem *problem;

	not_known(p, "policy-wrong");
	wants(p);
	silent(p, "policy-wrong");
	problem = problem_warn(&p->problems, (struct origin){&source, 2, 1}, "%s", "odd");
	finds(p, "policy-wrong", SEVERITY_WARNING, NULL, "odd");
	problem->warning = false;
	problem->object = "eth7";
	problem_hint(&p->problems, "do this");
	assert_string_equal(finds(p, "policy-wrong", SEVERITY_PROBLEM, NULL, "odd")->remedy,
		"put it right there: do this");
	p->problems.count = 0;
	p->policy_error = "cannot read /etc/sriovctl/policy.d/a.yaml: Input/output error";
	finds(p, "policy-wrong", SEVERITY_PROBLEM, NULL, "Input/output error");
}

/* Recorded when all was as it is now. */
static struct world *recorded(struct patient *p)
{
	void *w;

	world_setup(&w);
	p->baseline = w;
	facts_free(&p->baseline_facts);
	facts_add(&p->baseline_facts, "/proc/sys/kernel/osrelease", "6.12.117+deb12-amd64", 20);
	facts_sort(&p->baseline_facts);
	for (size_t i = 0; i < 2; i++) {
		struct pf *pfs[] = {&p->w->host.pfs[i], &p->baseline->host.pfs[i]};

		pfs[1]->vendor_id = pfs[0]->vendor_id;
		pfs[1]->device_id = pfs[0]->device_id;
		for (size_t j = 0; j < 2; j++) {
			pfs[j]->firmware = "1.2.3";
			pfs[j]->known |= PF_BIT(PF_FIRMWARE);
		}
	}
	return w;
}

static void baseline_pf(void **state)
{
	struct patient *p = *state;
	struct world *was;

	not_known(p, "baseline-firmware");
	was = recorded(p);
	silent(p, "baseline-firmware");
	silent(p, "baseline-driver");
	silent(p, "baseline-count");
	silent(p, "baseline-gone");
	silent(p, "baseline-kernel");

	p->w->eth0->firmware = "1.2.4";
	finds(p, "baseline-firmware", SEVERITY_PROBLEM, "eth0", "the firmware is 1.2.4, was 1.2.3");
	p->w->eth0->known &= ~PF_BIT(PF_FIRMWARE);
	silent(p, "baseline-firmware");

	was->eth1->driver = "ice";
	finds(p, "baseline-driver", SEVERITY_PROBLEM, "eth1", "the driver is qede, was ice");
	was->eth1->driver = "qede";
	fact(p, "/sys/bus/pci/devices/0000:41:00.0/driver/module/version", "2.0");
	silent(p, "baseline-driver");
	facts_add(&p->baseline_facts, "/sys/bus/pci/devices/0000:41:00.0/driver/module/version",
		"1.9", 3);
	facts_sort(&p->baseline_facts);
	finds(p, "baseline-driver", SEVERITY_PROBLEM, "eth1", "version is 2.0, was 1.9");

	was->eth0->total_vfs = 128;
	finds(p, "baseline-count", SEVERITY_PROBLEM, "eth0", "is 64, was 128");
	was->eth0->total_vfs = 32;
	finds(p, "baseline-count", SEVERITY_INFO, "eth0", "is 64, was 32");
	was->eth0->total_vfs = 64;
	was->eth0->num_vfs = 8;
	assert_string_equal(
		finds(p, "baseline-count", SEVERITY_PROBLEM, "eth0", "is 4, was 8")->remedy,
		"sriovctl vf create {} 8");

	fact(p, "/proc/sys/kernel/osrelease", "6.13.0");
	finds(p, "baseline-kernel", SEVERITY_INFO, NULL, "6.13.0");
}

static void baseline_gone(void **state)
{
	struct patient *p = *state;
	struct world *was = recorded(p);

	was->eth1->device_id++;
	was->eth1->known |= PF_BIT(PF_VENDOR_ID) | PF_BIT(PF_DEVICE_ID);
	finds(p, "baseline-gone", SEVERITY_PROBLEM, NULL,
		"eth1 (pci/0000:41:00.0) is another device");
	silent(p, "baseline-count"); /* of another device */
	/* who may not read what it is does not see another */
	was->eth1->known &= ~PF_BIT(PF_DEVICE_ID);
	silent(p, "baseline-gone");
	was->eth1->known |= PF_BIT(PF_DEVICE_ID);
	was->eth1->device_id--;
	p->w->host.pf_count = 1;
	finds(p, "baseline-gone", SEVERITY_PROBLEM, NULL, "not there any more");
}

static void baseline_vf(void **state)
{
	struct patient *p = *state;
	struct world *was = recorded(p);
	struct vf *vf = world_vf(was, "eth0/1");

	silent(p, "baseline-vf");
	vf->vlan = 200;
	assert_string_equal(
		finds(p, "baseline-vf", SEVERITY_PROBLEM, "eth0/1", "vlan is 0, was 200")->remedy,
		"sriovctl vf set {} vlan 200");
	vf->vlan = 0;
	vf->mac.bytes[5]++;
	finds(p, "baseline-vf", SEVERITY_INFO, "eth0/1", "mac is");
	vf->mac.bytes[5]--;
	world_vfio(&was->host, vf);
	assert_string_equal(
		finds(p, "baseline-vf", SEVERITY_PROBLEM, "eth0/1", "was vfio-pci")->remedy,
		"sriovctl vf bind {} vfio-pci");
	silent(p, "baseline-count");
}

static void baseline_netns(void **state)
{
	struct patient *p = *state;

	recorded(p);
	world_away(p->w, "eth1/3", "red", "net0");
	assert_contains(
		finds(p, "baseline-vf", SEVERITY_WARNING, "eth1/3", "is red, was home")->remedy,
		"see who");
	world_lease(p->w, "eth1/3", "red", NULL);
	assert_contains(
		finds(p, "baseline-vf", SEVERITY_WARNING, "eth1/3", "is red, was home")->remedy,
		"'sriovctl netns detach {}'");
	/* the settings are its new user's */
	world_vf(p->w, "eth1/3")->vlan = 100;
	examine_patient(p, "baseline-vf");
	assert_int_equal(p->x.counts[SEVERITY_PROBLEM], 0);
	assert_int_equal(p->x.counts[SEVERITY_WARNING], 1);
	assert_int_equal(p->x.counts[SEVERITY_INFO], 1);
}

/* Whoever has it may have been given a VLAN of their own. */
static void policy_given_away(void **state)
{
	struct patient *p = *state;
	struct pf_intent *pf = wants(p);
	struct wish wish = wish_uint(VF_VLAN, 100);

	pf->vf_count = 1;
	pf->vfs[0] = (struct vf_intent){.index = 1, .wishes = &wish, .count = 1};
	finds(p, "policy-differs", SEVERITY_PROBLEM, "eth0/1", "vlan is 0, the policy says 100");
	world_lease(p->w, "eth0/1", "blue", NULL);
	world_away(p->w, "eth0/1", "blue", "net1");
	assert_null(finds(p, "policy-differs", SEVERITY_INFO, "eth0/1", "vlan is 0")->remedy);
}

/* What the policy wants is neither left over nor a surprise. */
static void declared(void **state)
{
	struct patient *p = *state;
	struct pf_intent *pf = wants(p);
	struct vf *vf = world_vf(p->w, "eth0/2");
	struct wish wishes[] = {wish_uint(VF_VLAN, 100), {.setting = {.attr = VF_TRUST}},
		{.setting = {.attr = VF_SPOOFCHK}}};

	vf->up = false;
	vf->vlan = 100;
	vf->trust = true;
	vf->spoofchk = false;
	wishes[1].setting.value = attr_get(&vf_type, VF_TRUST, vf);
	wishes[2].setting.value = attr_get(&vf_type, VF_SPOOFCHK, vf);
	finds(p, "vf-leftover", SEVERITY_WARNING, "eth0/2", "it has vlan 100 trust on");
	pf->vf_count = 1;
	pf->vfs[0] = (struct vf_intent){.index = 2, .wishes = wishes, .count = 1};
	assert_string_equal(
		finds(p, "vf-leftover", SEVERITY_WARNING, "eth0/2", "it has trust on")->remedy,
		"sriovctl vf set {} trust off");
	pf->vfs[0].count = 3;
	silent(p, "vf-leftover");
	vf->vlan = 0;
	world_away(p->w, "eth0/2", "blue", "net1");
	finds(p, "vf-weak", SEVERITY_INFO, "eth0/2", "trust on, spoof checking off");
	pf->vfs[0].count = 2; /* of spoof checking it says nothing */
	finds(p, "vf-weak", SEVERITY_WARNING, "eth0/2", "trust on, spoof checking off");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, patient_setup, patient_teardown)
	const struct CMUnitTest tests[] = {
		TEST(policy_count),
		TEST(policy_vf),
		TEST(policy_away),
		TEST(policy_wrong),
		TEST(policy_given_away),
		TEST(declared),
		TEST(baseline_pf),
		TEST(baseline_gone),
		TEST(baseline_vf),
		TEST(baseline_netns),
	};

	return RUN(tests);
}
