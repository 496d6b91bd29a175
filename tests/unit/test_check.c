#include "unit.h"

#include "fixture.h"

#include "core/options.h"
#include "plan/plan.h"

struct test {
	struct host host;
	struct pf *pf;
	struct change change;
	struct plan *plan;
	struct error err;
};

/* eth0 (ifindex 10) with VFs 0 to 3 (ifindex 100 to 103), about to be destroyed. */
static int setup(void **state)
{
	struct test *t = calloc(1, sizeof(*t));

	fixture_host(&t->host);
	t->pf = fixture_pf(&t->host, "eth0", "0000:21:00.0", 64);
	fixture_vfs(&t->host, t->pf, 4);
	fixture_pf(&t->host, "eth1", "0000:21:00.1", 64);
	t->plan = change_plan(&t->change, t->pf);
	plan_add(t->plan, STEP_NUM_VFS, "eth0", -1);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct test *t = *state;

	change_free(&t->change);
	host_free(&t->host);
	free(t);
	return 0;
}

static int check(struct test *t, unsigned force)
{
	memset(&t->err, 0, sizeof(t->err));
	return change_check(&t->change, &t->host, force, &t->err);
}

/* Refused for the object and reason; --force=in-use helps. */
static void refused(struct test *t, const char *object, const char *why)
{
	assert_int_equal(check(t, 0), -1);
	assert_int_equal(t->err.code, EXIT_REFUSED);
	assert_string_equal(t->err.object, object);
	assert_contains(t->err.message, why);
	assert_contains(t->err.hint, "--force=in-use");
	assert_int_equal(check(t, FORCE_IN_USE), 0);
}

static void free_to_go(void **state)
{
	struct test *t = *state;

	assert_int_equal(check(*state, 0), 0);
	assert_int_equal(t->err.code, EXIT_DONE);
}

static void address(void **state)
{
	struct test *t = *state;

	fixture_usage(&t->host, 102, "address 192.0.2.1/24");
	refused(t, "eth0/2", "has address 192.0.2.1/24");
}

static void route(void **state)
{
	struct test *t = *state;

	fixture_usage(&t->host, 100, "a route to 10.0.0.0/8");
	refused(t, "eth0/0", "has a route to 10.0.0.0/8");
}

static void other_network_namespace(void **state)
{
	struct test *t = *state;
	struct vf *vf = fixture_vf(&t->host, t->pf, 1);

	vf->netns = "blue";
	vf->known |= VF_BIT(VF_NETNS);
	refused(t, "eth0/1", "in the network namespace blue, as eth0v1");
}

static void master(void **state)
{
	struct test *t = *state;

	fixture_link(&t->host, 50, "bond0");
	t->host.links[1].master = 50; /* links: eth0, its VFs in order, eth1 */
	assert_int_equal(t->host.links[1].ifindex, 100);
	refused(t, "eth0/0", "belongs to bond0");
	t->host.links[1].master = 51; /* unseen */
	refused(t, "eth0/0", "belongs to another interface");
}

static void something_on_top(void **state)
{
	struct test *t = *state;
	struct link *l = fixture_link(&t->host, 60, "mv0");

	l->lower = 103;
	l->kind = "macvlan";
	refused(t, "eth0/3", "carries mv0 (macvlan)");
	l->kind = NULL;
	refused(t, "eth0/3", "carries mv0 (interface)");
	l->lower_elsewhere = true; /* 103 there is another interface */
	assert_int_equal(check(t, 0), 0);
	l->lower_elsewhere = false;
	l->netns = "blue"; /* and so is 103 there */
	assert_int_equal(check(t, 0), 0);
	l->netns = NULL;
	l->lower = l->ifindex = 103; /* its own link, as veth and others have it */
	assert_int_equal(check(t, 0), 0);
}

/* The kernel would wait for the process: no force is strong enough. */
static void vfio_holder(void **state)
{
	struct test *t = *state;
	struct vf *vf = fixture_vf(&t->host, t->pf, 2);

	vf->iommu_group = 13;
	vf->vfio = "/dev/vfio/13";
	vf->known |= VF_BIT(VF_IOMMU_GROUP) | VF_BIT(VF_VFIO);
	t->host.holders[t->host.holder_count++] = (struct vfio_holder){14, 1, "other"};
	assert_int_equal(check(t, 0), 0);
	t->host.holders[t->host.holder_count++] = (struct vfio_holder){13, 4711, "qemu-kvm"};
	for (unsigned force = 0; force <= FORCE_ALL; force++) {
		assert_int_equal(check(t, force), -1);
		assert_int_equal(t->err.code, EXIT_REFUSED);
		assert_string_equal(t->err.object, "eth0/2");
		assert_contains(t->err.message, "process 4711 (qemu-kvm)");
		assert_contains(t->err.message, "/dev/vfio/13");
		assert_contains(t->err.hint, "cannot be forced");
		assert_null(strstr(t->err.hint, "--force"));
	}
	/* group 0 is a group; a VF without one has none */
	t->host.holders[1].group = 0;
	vf->iommu_group = 0;
	assert_int_equal(check(t, FORCE_ALL), -1);
	vf->known &= ~VF_BIT(VF_IOMMU_GROUP);
	assert_int_equal(check(t, 0), 0);
}

/* The one that cannot be forced is named first, wherever it stands; all are counted. */
static void worst_first(void **state)
{
	struct test *t = *state;
	struct vf *vf = fixture_vf(&t->host, t->pf, 3);

	fixture_usage(&t->host, 100, "address 192.0.2.1/24");
	fixture_usage(&t->host, 100, "address 192.0.2.2/24"); /* the same VF */
	fixture_usage(&t->host, 101, "address 192.0.2.3/24");
	refused(t, "eth0/0", "has address 192.0.2.1/24, and 1 more");
	vf->iommu_group = 13;
	vf->known |= VF_BIT(VF_IOMMU_GROUP);
	t->host.holders[t->host.holder_count++] = (struct vfio_holder){13, 4711, "qemu-kvm"};
	assert_int_equal(check(t, 0), -1);
	assert_string_equal(t->err.object, "eth0/3");
	assert_contains(t->err.message, "and 2 more");
	assert_int_equal(check(t, FORCE_IN_USE), -1); /* the others are forced */
	assert_string_equal(t->err.object, "eth0/3");
	assert_null(strstr(t->err.message, "more"));
}

static void pf_default_route(void **state)
{
	struct test *t = *state;

	fixture_usage(&t->host, 10, "the default route");
	refused(t, "eth0", "default route");
	assert_int_equal(check(t, 0), -1);
	assert_contains(t->err.hint, "interrupt the traffic");
}

static void pf_master(void **state)
{
	struct test *t = *state;

	fixture_link(&t->host, 50, "br0");
	t->host.links[0].master = 50;
	refused(t, "eth0", "belongs to br0");
}

/* The default route may run over what stands on the PF. */
static void pf_default_route_above(void **state)
{
	struct test *t = *state;
	struct link *vlan = fixture_link(&t->host, 60, "eth0.5");
	struct link *upper = fixture_link(&t->host, 61, "mv0");

	vlan->lower = 10;
	upper->lower = 60;
	fixture_usage(&t->host, 61, "the default route");
	refused(t, "eth0", "default route");
	upper->lower_elsewhere = true;
	assert_int_equal(check(t, 0), 0);
	upper->lower_elsewhere = false;
	vlan->lower = 11; /* eth1 */
	assert_int_equal(check(t, 0), 0);
	vlan->lower = 61; /* a ring: veth pairs look like one */
	assert_int_equal(check(t, 0), 0);
}

/* An address or a route on the PF is what PFs are for. */
static void pf_plainly_used(void **state)
{
	struct test *t = *state;

	fixture_usage(&t->host, 10, "address 192.0.2.1/24");
	fixture_usage(&t->host, 10, "a route to 10.0.0.0/8");
	assert_int_equal(check(t, 0), 0);
}

static void others_do_not_count(void **state)
{
	struct test *t = *state;

	fixture_usage(&t->host, 11, "the default route"); /* eth1 */
	fixture_usage(&t->host, 1, "address 192.0.2.1/24");
	t->host.links[5].master = 50; /* eth1 again */
	assert_string_equal(t->host.links[5].name, "eth1");
	assert_int_equal(check(t, 0), 0);
}

/* Only what takes the VFs away asks, or what would change one that is in use: the journal
 * of a change that was cut off may be old. */
static void only_when_vfs_go(void **state)
{
	struct test *t = *state;
	struct step *s = &t->plan->steps[0];
	struct vf *vf = &t->host.vfs[t->plan->pf->first_vf];

	fixture_usage(&t->host, vf->ifindex, "address 192.0.2.1/24");
	vf->vlan = 7;
	vf->known |= VF_BIT(VF_VLAN);
	s->kind = STEP_VF_ATTR;
	s->attr = VF_VLAN;
	s->vf = (int32_t)vf->index;
	t->plan->interrupted = true;
	s->new = value_uint(7);
	assert_int_equal(check(t, 0), 0);
	s->new = value_uint(8);
	assert_int_equal(check(t, 0), -1);
	assert_int_equal(t->err.code, EXIT_REFUSED);
	assert_int_equal(check(t, FORCE_IN_USE), 0);
	t->plan->count = 0;
	assert_int_equal(check(t, 0), 0);
}

/* No interface: nothing to look for, and ifindex 0 is nobody's. */
static void without_interface(void **state)
{
	struct test *t = *state;

	for (uint32_t i = 0; i < 4; i++) {
		struct vf *vf = fixture_vf(&t->host, t->pf, i);

		vf->known &= ~(VF_BIT(VF_IFNAME) | VF_BIT(VF_IFINDEX));
		vf->ifindex = 0;
	}
	t->pf->known &= ~(PF_BIT(PF_IFNAME) | PF_BIT(PF_IFINDEX));
	t->pf->ifindex = 0;
	fixture_usage(&t->host, 0, "the default route");
	assert_int_equal(check(t, 0), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(free_to_go),
		TEST(address),
		TEST(route),
		TEST(other_network_namespace),
		TEST(master),
		TEST(something_on_top),
		TEST(vfio_holder),
		TEST(worst_first),
		TEST(pf_default_route),
		TEST(pf_default_route_above),
		TEST(pf_master),
		TEST(pf_plainly_used),
		TEST(others_do_not_count),
		TEST(only_when_vfs_go),
		TEST(without_interface),
	};

	return RUN(tests);
}
