#include "unit.h"

#include "world.h"

#include "core/options.h"
#include "core/usage.h"

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
	s->put_back = true; /* as the journal has it */
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

/* Commands, planned and then checked. */

static int check_world(struct world *w, unsigned force)
{
	memset(&w->err, 0, sizeof(w->err));
	return change_check(&w->change, &w->host, force, &w->err);
}

#define PLAN(call)                                                                                 \
	do {                                                                                       \
		if ((call) < 0)                                                                    \
			fail_msg("%s", w->err.message);                                            \
	} while (0)

/* What was planned is refused for the object and reason; --force=in-use helps. */
static void refuses(struct world *w, const char *object, const char *why)
{
	assert_refuses(w, check_world(w, 0), EXIT_REFUSED, object, "", why);
	assert_contains(w->err.hint, "--force=in-use");
	assert_int_equal(check_world(w, FORCE_IOMMU_GROUP | FORCE_DUPLICATE_MAC), -1);
	assert_int_equal(check_world(w, FORCE_IN_USE), 0);
}

static void use(struct world *w, const char *vf, const char *what)
{
	fixture_usage(&w->host, world_vf(w, vf)->ifindex, what);
}

/* A driver or a reset takes away only the VFs that it is about. */
static void only_those_touched(void **state)
{
	struct world *w = *state;

	use(w, "eth0/1", "address 192.0.2.1/24");
	PLAN(world_bind(w, "eth0/0 eth0/2-3 eth1/all", "vfio-pci", 0));
	assert_int_equal(check_world(w, 0), 0);
	PLAN(world_bind(w, "eth0/0-1", "vfio-pci", 0));
	refuses(w, "eth0/1", "has address 192.0.2.1/24");
	PLAN(world_bind(w, "eth0/1", NULL, 0));
	refuses(w, "eth0/1", "has address 192.0.2.1/24");
	PLAN(world_reset(w, "eth0/0"));
	assert_int_equal(check_world(w, 0), 0);
	PLAN(world_reset(w, "eth0/0-1"));
	refuses(w, "eth0/1", "has address 192.0.2.1/24");
	world_vf(w, "eth0/1")->resettable = false; /* its settings alone are enough */
	PLAN(world_reset(w, "eth0/1"));
	refuses(w, "eth0/1", "has address 192.0.2.1/24");
	/* settings take nothing away */
	PLAN(world_set(w, "eth0/all", "vlan 5 trust on mtu 9000 max_tx_rate 100", 0));
	assert_int_equal(check_world(w, 0), 0);
	/* nor does a plan without steps */
	PLAN(world_bind(w, "eth0/1", "default", 0));
	assert_int_equal(check_world(w, 0), 0);
	/* all of them go */
	PLAN(world_create(w, "eth0", 2));
	refuses(w, "eth0/1", "has address 192.0.2.1/24");
	PLAN(world_create(w, "eth1", 2));
	assert_int_equal(check_world(w, 0), 0);
}

/* Each PF's plan is looked at. */
static void on_the_second_pf(void **state)
{
	struct world *w = *state;

	use(w, "eth1/2", "address 192.0.2.1/24");
	PLAN(world_bind(w, "eth0/2 eth1/2", "vfio-pci", 0));
	refuses(w, "eth1/2", "has address 192.0.2.1/24");
	PLAN(world_bind(w, "eth0/2 eth1/1", "vfio-pci", 0));
	assert_int_equal(check_world(w, 0), 0);
}

static void held(struct world *w, const char *vf)
{
	world_vfio(&w->host, world_vf(w, vf));
	w->host.holders[w->host.holder_count++] =
		(struct vfio_holder){world_vf(w, vf)->iommu_group, 4711, "qemu-kvm"};
}

static void held_ones_cannot_be_forced(void **state)
{
	struct world *w = *state;

	held(w, "eth0/3");
	use(w, "eth0/0", "address 192.0.2.1/24");
	PLAN(world_bind(w, "eth0/all", "default", 0));
	assert_refuses(w, check_world(w, FORCE_ALL), EXIT_REFUSED, "eth0/3", "", "process 4711");
	assert_contains(w->err.hint, "cannot be forced");
	PLAN(world_reset(w, "eth0/0 eth0/3"));
	assert_refuses(w, check_world(w, 0), EXIT_REFUSED, "eth0/3", "",
		"process 4711 (qemu-kvm) through /dev/vfio/13, and 1 more VF is in use");
	assert_int_equal(check_world(w, FORCE_ALL), -1);
	PLAN(world_create(w, "eth0", 0));
	assert_int_equal(check_world(w, FORCE_ALL), -1);
	/* settings through the PF do not block, and the VM need not end for them */
	PLAN(world_set(w, "eth0/3", "vlan 5 mac auto", 0));
	assert_int_equal(check_world(w, 0), 0);
	w->eth0->driver = "igb"; /* nor where a driver of this host would start anew */
	PLAN(world_set(w, "eth0/3", "vlan 5 mac auto", 0));
	assert_int_equal(check_world(w, 0), 0);
}

/* With another address set, a VF of some drivers sends nothing until its driver has
 * started anew. */
static void another_address(void **state)
{
	struct world *w = *state;

	use(w, "eth0/1", "address 192.0.2.1/24");
	PLAN(world_set(w, "eth0/all", "mac auto", 0)); /* this PF's driver cares for it */
	assert_int_equal(check_world(w, 0), 0);
	w->eth0->driver = "igb";
	PLAN(world_set(w, "eth0/all", "mac auto", 0));
	refuses(w, "eth0/1", "has address 192.0.2.1/24");
	assert_int_equal(check_world(w, 0), -1);
	assert_contains(w->err.hint, "another address");
	PLAN(world_set(w, "eth0/0 eth0/2", "mac auto", 0));
	assert_int_equal(check_world(w, 0), 0);
	/* where its interface has that address already nothing stops */
	world_vf(w, "eth0/1")->mac.bytes[5] = 0x55;
	PLAN(world_set(w, "eth0/1", "mac 02:00:00:00:00:01", 0));
	assert_string_equal(world_steps(w), "eth0/1 mac 02:00:00:00:00:55>02:00:00:00:00:01");
	assert_int_equal(check_world(w, 0), 0);
}

/* What is elsewhere is not started anew, but would be cut off all the same. */
static void another_address_elsewhere(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/1");

	w->eth0->driver = "igb";
	vf->netns = "blue";
	vf->known |= VF_BIT(VF_NETNS);
	PLAN(world_set(w, "eth0/1", "mac 52:54:00:00:00:99", 0));
	assert_string_equal(world_steps(w), "eth0/1 mac 02:00:00:00:00:01>52:54:00:00:00:99");
	assert_contains(world_warnings(w), "in blue");
	refuses(w, "eth0/1", "in the network namespace blue");
}

static void pf_down(void **state)
{
	struct world *w = *state;

	PLAN(world_set_pf(w, "eth0", "down"));
	assert_int_equal(check_world(w, 0), 0);
	/* an address of its own, or another PF's route, is no reason */
	fixture_usage(&w->host, w->eth0->ifindex, "address 192.0.2.1/24");
	fixture_usage(&w->host, w->eth1->ifindex, DEFAULT_ROUTE);
	use(w, "eth1/0", "address 192.0.2.2/24");
	assert_int_equal(check_world(w, 0), 0);
	/* a VF that is in use is: no PF, no traffic */
	use(w, "eth0/2", "address 192.0.2.3/24");
	refuses(w, "eth0/2", "has address 192.0.2.3/24");
	/* what the host lives on is told first */
	fixture_usage(&w->host, w->eth0->ifindex, DEFAULT_ROUTE);
	refuses(w, "eth0", "carries the default route of this host");
	assert_int_equal(check_world(w, 0), -1);
	assert_contains(w->err.hint, "cut off");
	fixture_usage(&w->host, w->eth0->ifindex, SSH_SESSION);
	refuses(w, "eth0", "carries your SSH session");
	/* up, and all else, does not ask */
	w->eth0->up = false;
	PLAN(world_set_pf(w, "eth0", "up autoprobe off"));
	assert_int_equal(check_world(w, 0), 0);
}

/* A PF that goes down blocks for nobody: what is held can be forced. */
static void pf_down_with_vfs_held(void **state)
{
	struct world *w = *state;

	held(w, "eth0/3");
	PLAN(world_set_pf(w, "eth0", "down"));
	refuses(w, "eth0/3", "process 4711 (qemu-kvm)");
}

static void pf_down_in_a_bridge(void **state)
{
	struct world *w = *state;

	fixture_link(&w->host, 50, "br0")->kind = "bridge";
	world_link(w, "eth0")->master = 50;
	PLAN(world_set_pf(w, "eth0", "down"));
	refuses(w, "eth0", "belongs to br0 (bridge)");
}

/* Some drivers restart for it: that is said, and done. */
static void pf_mtu(void **state)
{
	struct world *w = *state;

	PLAN(world_set_pf(w, "eth0", "mtu 9000"));
	assert_int_equal(check_world(w, 0), 0);
	assert_string_equal(world_warnings(w), "");
	use(w, "eth0/2", "address 192.0.2.3/24");
	assert_int_equal(check_world(w, 0), 0);
	assert_contains(world_warnings(w), "eth0/2 has address 192.0.2.3/24");
	fixture_usage(&w->host, w->eth0->ifindex, DEFAULT_ROUTE);
	PLAN(world_set_pf(w, "eth0", "mtu 9000"));
	assert_int_equal(check_world(w, 0), 0);
	assert_contains(world_warnings(w), "eth0 carries the default route");
	assert_null(strstr(w->text, "192.0.2.3"));
	/* a VF's own is its own affair */
	PLAN(world_set(w, "eth0/2", "mtu 9000", 0));
	assert_int_equal(check_world(w, 0), 0);
	assert_string_equal(world_warnings(w), "");
}

/* Switching a VF off is what one does with it, unless the host lives on it. */
static void vf_down(void **state)
{
	struct world *w = *state;

	use(w, "eth0/1", "address 192.0.2.3/24");
	PLAN(world_set(w, "eth0/all", "down", 0));
	assert_int_equal(check_world(w, 0), 0);
	use(w, "eth0/1", DEFAULT_ROUTE);
	refuses(w, "eth0/1", "carries the default route of this host");
	use(w, "eth0/1", SSH_SESSION);
	refuses(w, "eth0/1", "carries your SSH session");
	PLAN(world_set(w, "eth0/0 eth0/2-3", "down", 0));
	assert_int_equal(check_world(w, 0), 0);
	PLAN(world_set(w, "eth0/1", "mtu 9000", 0));
	assert_int_equal(check_world(w, 0), 0);
}

static void vf_down_below_a_bond(void **state)
{
	struct world *w = *state;

	fixture_link(&w->host, 50, "bond0")->kind = "bond";
	world_link(w, "eth0v1")->master = 50;
	PLAN(world_set(w, "eth0/1", "down", 0));
	assert_int_equal(check_world(w, 0), 0);
	fixture_usage(&w->host, 50, DEFAULT_ROUTE);
	refuses(w, "eth0/1", "carries the default route of this host");
}

static void nobody_could_be_asked(void **state)
{
	struct world *w = *state;

	w->host.usage_unknown = true;
	PLAN(world_bind(w, "eth0/1", "vfio-pci", 0));
	refuses(w, "eth0", "could not be found out");
	PLAN(world_create(w, "eth0", 0));
	refuses(w, "eth0", "could not be found out");
	PLAN(world_reset(w, "eth0/1"));
	refuses(w, "eth0", "could not be found out");
	PLAN(world_set_pf(w, "eth0", "down"));
	refuses(w, "eth0", "could not be found out");
	PLAN(world_set(w, "eth0/1", "vlan 5 up", 0));
	assert_int_equal(check_world(w, 0), 0);
}

/* Also when what may be cut off is no VF's user but the host itself. */
static void nobody_could_be_asked_of_the_host(void **state)
{
	struct world *w = *state;

	w->host.usage_unknown = true;
	PLAN(world_set(w, "eth0/1", "down", 0));
	assert_int_equal(check_world(w, 0), -1);
	assert_int_equal(w->err.code, EXIT_REFUSED);
	w->eth0->vf_count = w->eth0->num_vfs = 0;
	PLAN(world_set_pf(w, "eth0", "down"));
	assert_int_equal(check_world(w, 0), -1);
	assert_int_equal(w->err.code, EXIT_REFUSED);
}

/* The journal of a change that was cut off long ago, and a VF in use since. */
static void stale_journal(void **state)
{
	struct world *w = *state;
	struct plan *plan = change_plan(&w->change, w->eth0);
	struct value five = value_uint(5);

	plan->interrupted = true;
	for (uint32_t i = 0; i < 2; i++) {
		attr_set(&vf_type, VF_VLAN, &state_vf(&plan->arena, &plan->before, i)->vf, &five);
		attr_set(&vf_type, VF_VLAN, &state_vf(&plan->arena, &plan->goal, i)->vf, &five);
	}
	/* whatever is run puts it back */
	PLAN(world_set(w, "eth0/3", "trust on", 0));
	assert_string_equal(
		world_steps(w), "eth0/0 vlan 0>5; eth0/1 vlan 0>5; eth0/3 trust off>on");
	assert_int_equal(check_world(w, 0), 0);
	use(w, "eth0/2", "address 192.0.2.3/24"); /* not one of them */
	assert_int_equal(check_world(w, 0), 0);
	use(w, "eth0/1", "address 192.0.2.4/24");
	refuses(w, "eth0/1", "has address 192.0.2.4/24");
	assert_int_equal(check_world(w, 0), -1);
	assert_contains(w->err.hint, "cut off");
	/* a change that was not cut off may set what it likes */
	plan->interrupted = false;
	assert_int_equal(check_world(w, 0), 0);
}

/* Setting something anew on a VF that is in use is no reason by itself. */
static void not_stale(void **state)
{
	struct world *w = *state;
	struct plan *plan = change_plan(&w->change, w->eth0);

	plan->interrupted = true;
	use(w, "eth0/3", "address 192.0.2.4/24");
	PLAN(world_set(w, "eth0/3", "trust on", 0));
	assert_string_equal(world_steps(w), "eth0/3 trust off>on");
	assert_int_equal(check_world(w, 0), 0);
}

/* Everything that anybody can use anything for, all at once. */
static void use_all(struct world *w)
{
	fixture_link(&w->host, 50, "br0")->kind = "bridge";
	for (size_t i = 0; i < w->host.pf_count; i++) {
		world_link(w, w->host.pfs[i].ifname)->master = 50;
		fixture_usage(&w->host, w->host.pfs[i].ifindex, DEFAULT_ROUTE);
		fixture_usage(&w->host, w->host.pfs[i].ifindex, SSH_SESSION);
	}
	for (size_t i = 0; i < w->host.vf_count; i++) {
		fixture_usage(&w->host, w->host.vfs[i].ifindex, DEFAULT_ROUTE);
		w->host.holders[w->host.holder_count++] =
			(struct vfio_holder){w->host.vfs[i].iommu_group, 4711, "qemu-kvm"};
	}
}

/* Who uses what is found out only for a change to which it matters: every one that could be
 * refused for it. */
static void what_disturbs(void **state)
{
	static const struct {
		const char *driver, *vfs, *settings;
		bool disturbs;
	} rows[] = {
		{"qede", "eth0/all", "vlan 5 trust on max_tx_rate 100 spoofchk off", false},
		{"qede", "eth0/all", "mtu 9000 up", false},
		{"qede", "eth0/all", "mac auto", false},
		{"qede", "eth0/0", "down", true},
		{"igb", "eth0/0", "mac auto", true},
		{"igb", "eth0/0", "mac 02:00:00:00:00:00", false}, /* it has that */
		{"igb", "eth1/0", "mac auto", false},              /* its PF is another one */
		{"igb", "eth0/0", "vlan 5", false},
	};
	struct world *w = *state;

	use_all(w);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		w->eth0->driver = rows[i].driver;
		PLAN(world_set(w, rows[i].vfs, rows[i].settings, 0));
		if (change_disturbs(&w->change, &w->host) != rows[i].disturbs)
			fail_msg("%s %s", rows[i].driver, rows[i].settings);
		assert_int_equal(check_world(w, 0), rows[i].disturbs ? -1 : 0);
	}
}

static void what_else_disturbs(void **state)
{
	struct world *w = *state;

	use_all(w);
	PLAN(world_bind(w, "eth0/0", "vfio-pci", 0));
	assert_true(change_disturbs(&w->change, &w->host));
	PLAN(world_bind(w, "eth0/0", NULL, 0));
	assert_true(change_disturbs(&w->change, &w->host));
	PLAN(world_reset(w, "eth1/0"));
	assert_true(change_disturbs(&w->change, &w->host));
	PLAN(world_create(w, "eth0", 0));
	assert_true(change_disturbs(&w->change, &w->host));
	PLAN(world_create(w, "eth0", 5));
	assert_true(change_disturbs(&w->change, &w->host));
	PLAN(world_set_pf(w, "eth0", "down"));
	assert_true(change_disturbs(&w->change, &w->host));
	PLAN(world_set_pf(w, "eth0", "mtu 9000")); /* of which a warning may tell */
	assert_true(change_disturbs(&w->change, &w->host));
	/* nothing is taken from anybody */
	PLAN(world_set_pf(w, "eth0", "autoprobe off up mtu 1500"));
	assert_false(change_disturbs(&w->change, &w->host));
	assert_int_equal(check_world(w, 0), 0);
	PLAN(world_bind(w, "eth0/all", "default", 0));
	assert_false(change_disturbs(&w->change, &w->host));
	assert_int_equal(check_world(w, 0), 0);
	PLAN(world_create(w, "eth0", 4));
	assert_false(change_disturbs(&w->change, &w->host));
	assert_int_equal(check_world(w, 0), 0);
	/* an old journal may be about what someone has put to use since */
	PLAN(world_set(w, "eth0/0", "vlan 5", 0));
	assert_false(change_disturbs(&w->change, &w->host));
	world_plan(w)->interrupted = true;
	assert_true(change_disturbs(&w->change, &w->host));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

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
		WORLD_TEST(only_those_touched),
		WORLD_TEST(on_the_second_pf),
		WORLD_TEST(held_ones_cannot_be_forced),
		WORLD_TEST(another_address),
		WORLD_TEST(another_address_elsewhere),
		WORLD_TEST(pf_down),
		WORLD_TEST(pf_down_with_vfs_held),
		WORLD_TEST(pf_down_in_a_bridge),
		WORLD_TEST(pf_mtu),
		WORLD_TEST(vf_down),
		WORLD_TEST(vf_down_below_a_bond),
		WORLD_TEST(nobody_could_be_asked),
		WORLD_TEST(nobody_could_be_asked_of_the_host),
		WORLD_TEST(stale_journal),
		WORLD_TEST(not_stale),
		WORLD_TEST(what_disturbs),
		WORLD_TEST(what_else_disturbs),
	};

	return RUN(tests);
}
