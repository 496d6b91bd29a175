/* Who would lose something: every kind of user, the gravest first. */
#include "unit.h"

#include "world.h"

#include "core/usage.h"

/* The users of a VF, as text, one a line; what cannot be forced is marked. */
static const char *users_of(struct world *w, const char *name)
{
	struct users users;
	size_t n = 0;

	vf_users(&w->host, world_vf(w, name), &w->host.arena, &users);
	w->text[0] = 0;
	for (size_t i = 0; i < users.count; i++)
		n += (size_t)snprintf(w->text + n, sizeof(w->text) - n, "%s%s %s\n",
			users.items[i].hard ? "! " : "", users.items[i].verb, users.items[i].what);
	return w->text;
}

static void hold(struct world *w, uint32_t group, int pid, const char *comm)
{
	w->host.holders[w->host.holder_count++] = (struct vfio_holder){group, pid, comm};
}

static void none(void **state)
{
	struct world *w = *state;

	assert_string_equal(users_of(w, "eth0/0"), "");
	world_unbind(world_vf(w, "eth0/1"));
	assert_string_equal(users_of(w, "eth0/1"), "");
	world_vfio(&w->host, world_vf(w, "eth0/2"));
	assert_string_equal(users_of(w, "eth0/2"), "");
	/* pci-stub is there to keep a device away from everybody */
	world_vf(w, "eth0/2")->driver = "pci-stub";
	assert_string_equal(users_of(w, "eth0/2"), "");
}

static void holders(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/2");

	world_vfio(&w->host, vf);
	hold(w, 12, 4711, "qemu-kvm");
	hold(w, 12, 4711, "qemu-kvm"); /* another descriptor of the same */
	hold(w, 11, 4711, "qemu-kvm"); /* of another VF */
	hold(w, 12, 99, "dpdk");
	hold(w, 12, 4711, "qemu-kvm");
	assert_string_equal(users_of(w, "eth0/2"),
		"! is held by process 4711 (qemu-kvm) through /dev/vfio/12\n"
		"! is held by process 99 (dpdk) through /dev/vfio/12\n");
	vf->open = true; /* which says no more */
	assert_string_equal(users_of(w, "eth0/2"),
		"! is held by process 4711 (qemu-kvm) through /dev/vfio/12\n"
		"! is held by process 99 (dpdk) through /dev/vfio/12\n");
	vf->iommu_group = 13; /* of nobody */
	vf->vfio = NULL;
	assert_string_equal(users_of(w, "eth0/2"),
		"! is open through vfio, by a process that cannot be seen\n");
	vf->vfio = "/dev/vfio/13";
	assert_string_equal(users_of(w, "eth0/2"),
		"! is open through /dev/vfio/13, by a process that cannot be seen\n");
}

static void elsewhere(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/0");

	vf->netns = "blue";
	vf->known |= VF_BIT(VF_NETNS);
	/* our interface of the same index is another one */
	fixture_usage(&w->host, vf->ifindex, "address 192.0.2.1/24");
	assert_string_equal(users_of(w, "eth0/0"), "is in the network namespace blue, as eth0v0\n");
	hold(w, 10, 4711, "qemu-kvm");
	assert_string_equal(users_of(w, "eth0/0"),
		"! is held by process 4711 (qemu-kvm) through vfio\n"
		"is in the network namespace blue, as eth0v0\n");
	vf = world_vf(w, "eth0/1");
	world_unbind(vf);
	vf->unseen = true;
	assert_string_equal(users_of(w, "eth0/1"),
		"has its interface in a network namespace that cannot be seen\n");
}

/* What is lent speaks for itself: to whom, as what, for which owner. */
static void lent(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/0");
	struct users users;

	world_lease(w, "eth0/0", "blue", "web-7");
	world_away(w, "eth0/0", "blue", "net0");
	fixture_usage(&w->host, vf->ifindex, "address 192.0.2.1/24"); /* of one here */
	assert_string_equal(users_of(w, "eth0/0"),
		"is attached to the network namespace blue, as net0 (owner web-7)\n");
	vf_users(&w->host, vf, &w->host.arena, &users);
	assert_true(users.items[0].lent && !users.items[0].hard);
	/* moved on */
	vf->netns = "red";
	vf->netns_id = (struct netns_id){102, 2};
	assert_string_equal(users_of(w, "eth0/0"),
		"is attached to the network namespace blue (owner web-7)\n"
		"is in the network namespace red, as net0\n");
	vf_users(&w->host, vf, &w->host.arena, &users);
	assert_true(users.items[0].lent && users.items[1].lent);
	/* back: what has it here is said as well, and is no lending */
	vf->known &= ~VF_BIT(VF_NETNS);
	assert_string_equal(users_of(w, "eth0/0"),
		"is attached to the network namespace blue (owner web-7)\n"
		"has address 192.0.2.1/24\n");
	vf_users(&w->host, vf, &w->host.arena, &users);
	assert_true(users.items[0].lent && !users.items[1].lent);
	/* nobody's */
	world_lease(w, "eth0/1", "blue", NULL);
	world_away(w, "eth0/1", "blue", "net1");
	assert_string_equal(
		users_of(w, "eth0/1"), "is attached to the network namespace blue, as net1\n");
	/* where nobody can look: that is where it was sent */
	vf = world_vf(w, "eth0/2");
	world_lease(w, "eth0/2", "blue", NULL);
	world_unbind(vf);
	vf->unseen = true;
	assert_string_equal(users_of(w, "eth0/2"), "is attached to the network namespace blue\n");
	/* a node, that somebody has open */
	vf = world_vf(w, "eth0/3");
	world_vfio(&w->host, vf);
	world_lease(w, "eth0/3", "blue", "vm1");
	hold(w, 13, 4711, "qemu");
	assert_string_equal(users_of(w, "eth0/3"),
		"! is held by process 4711 (qemu) through /dev/vfio/13\n"
		"is attached to the network namespace blue (owner vm1)\n");
	/* moved by others */
	world_away(w, "eth1/0", "red", "x");
	assert_string_equal(users_of(w, "eth1/0"), "is in the network namespace red, as x\n");
	vf_users(&w->host, world_vf(w, "eth1/0"), &w->host.arena, &users);
	assert_true(users.items[0].lent);
}

/* The same for people who look at a VF. */
static void named(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/0");

	world_lease(w, "eth0/0", "blue", "web-7");
	world_away(w, "eth0/0", "blue", "net0");
	fixture_usage(&w->host, world_vf(w, "eth0/1")->ifindex, "address 192.0.2.1/24");
	name_holders(&w->host);
	assert_true(vf_has(vf, VF_HOLDERS));
	assert_int_equal(vf->holders.count, 1);
	assert_contains(vf->holders.items[0], "the network namespace blue, as net0 (owner web-7)");
	vf = world_vf(w, "eth0/1");
	assert_int_equal(vf->holders.count, 1);
	assert_string_equal(vf->holders.items[0], "address 192.0.2.1/24");
	assert_int_equal(world_vf(w, "eth0/2")->holders.count, 0);
	assert_true(vf_has(world_vf(w, "eth0/2"), VF_HOLDERS)); /* known to be none */
	/* nobody could find out */
	vf->known &= ~VF_BIT(VF_HOLDERS);
	w->host.usage_unknown = true;
	name_holders(&w->host);
	assert_false(vf_has(vf, VF_HOLDERS));
}

static void user_space_drivers(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/0");

	world_unbind(vf);
	vf->known |= VF_BIT(VF_DRIVER);
	vf->driver = "uio_pci_generic";
	assert_string_equal(
		users_of(w, "eth0/0"), "is bound to uio_pci_generic, whose users cannot be seen\n");
	vf->driver = "xen-pciback";
	assert_string_equal(
		users_of(w, "eth0/0"), "is bound to xen-pciback, whose users cannot be seen\n");
}

static void masters(void **state)
{
	struct world *w = *state;
	struct link *bond = fixture_link(&w->host, 50, "bond0");

	world_link(w, "eth0v0")->master = 50;
	assert_string_equal(users_of(w, "eth0/0"), "belongs to bond0\n");
	bond->kind = "bond";
	assert_string_equal(users_of(w, "eth0/0"), "belongs to bond0 (bond)\n");
	bond->netns = "blue"; /* not this one */
	assert_string_equal(users_of(w, "eth0/0"), "belongs to another interface\n");
}

static void uppers(void **state)
{
	struct world *w = *state;
	int ifindex = world_vf(w, "eth0/0")->ifindex;
	struct link *vlan = fixture_link(&w->host, 60, "eth0v0.5");
	struct link *inside = fixture_link(&w->host, 2, "mv0");
	struct link *veth = fixture_link(&w->host, 61, "veth0");

	vlan->lower = ifindex;
	vlan->kind = "vlan";
	assert_string_equal(users_of(w, "eth0/0"), "carries eth0v0.5 (vlan)\n");
	/* moved into a container, it still stands on ours */
	inside->netns = "blue";
	inside->lower = ifindex;
	inside->kind = "macvlan";
	inside->lower_elsewhere = true;
	assert_string_equal(
		users_of(w, "eth0/0"), "carries eth0v0.5 (vlan)\ncarries mv0 (macvlan) in blue\n");
	inside->lower_elsewhere = false; /* on one of its own namespace */
	assert_string_equal(users_of(w, "eth0/0"), "carries eth0v0.5 (vlan)\n");
	vlan->lower_elsewhere = true;
	assert_string_equal(users_of(w, "eth0/0"), "");
	/* a veth's peer is not below it */
	veth->kind = "veth";
	veth->lower = ifindex;
	assert_string_equal(users_of(w, "eth0/0"), "");
	veth->kind = NULL;
	assert_string_equal(users_of(w, "eth0/0"), "carries veth0 (interface)\n");
	/* its own link */
	veth->lower = 0;
	world_link(w, "eth0v0")->lower = ifindex;
	assert_string_equal(users_of(w, "eth0/0"), "");
}

static void addresses_and_routes(void **state)
{
	struct world *w = *state;
	int ifindex = world_vf(w, "eth0/0")->ifindex;

	fixture_usage(&w->host, ifindex, "address 192.0.2.1/24");
	fixture_usage(&w->host, ifindex, "a route to 10.0.0.0/8");
	fixture_usage(&w->host, ifindex + 1, "address 192.0.2.2/24"); /* of eth0/1 */
	assert_string_equal(
		users_of(w, "eth0/0"), "has address 192.0.2.1/24\nhas a route to 10.0.0.0/8\n");
	/* what the host lives on comes first, wherever it was found */
	fixture_usage(&w->host, ifindex, SSH_SESSION);
	fixture_usage(&w->host, ifindex, DEFAULT_ROUTE);
	assert_string_equal(users_of(w, "eth0/0"),
		"carries your SSH session\ncarries the default route\n"
		"has address 192.0.2.1/24\nhas a route to 10.0.0.0/8\n");
	/* without an interface there is nothing to look for */
	world_unbind(world_vf(w, "eth0/0"));
	fixture_usage(&w->host, 0, "address 192.0.2.3/24");
	assert_string_equal(users_of(w, "eth0/0"), "");
}

/* All at once: first what cannot be forced, then the network as it is built up. */
static void order(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/0");
	struct link *vlan = fixture_link(&w->host, 60, "eth0v0.5");

	fixture_usage(&w->host, vf->ifindex, "address 192.0.2.1/24");
	fixture_usage(&w->host, vf->ifindex, DEFAULT_ROUTE);
	vlan->lower = vf->ifindex;
	vlan->kind = "vlan";
	fixture_link(&w->host, 50, "br0")->kind = "bridge";
	world_link(w, "eth0v0")->master = 50;
	hold(w, 10, 7, "dpdk");
	assert_string_equal(users_of(w, "eth0/0"),
		"! is held by process 7 (dpdk) through vfio\nbelongs to br0 (bridge)\n"
		"carries eth0v0.5 (vlan)\ncarries the default route\nhas address 192.0.2.1/24\n");
}

static void check_link_user(struct world *w, int ifindex, const char *what)
{
	struct user user = link_user(&w->host, ifindex, &w->host.arena);

	if (!what) {
		if (user.verb)
			fail_msg("%s %s", user.verb, user.what);
		return;
	}
	assert_non_null(user.verb);
	assert_string_equal(user.verb, "carries");
	assert_string_equal(user.what, what);
	assert_false(user.hard);
}

static void links(void **state)
{
	struct world *w = *state;
	int ifindex = world_vf(w, "eth0/0")->ifindex;
	struct link *vlan = fixture_link(&w->host, 60, "vlan5");
	struct link *bond = fixture_link(&w->host, 61, "bond0");

	check_link_user(w, ifindex, NULL);
	fixture_usage(&w->host, ifindex, "address 192.0.2.1/24"); /* this is what VFs are for */
	fixture_usage(&w->host, ifindex, "a route to 10.0.0.0/8");
	check_link_user(w, ifindex, NULL);
	/* over a bond, and a VLAN on that */
	fixture_usage(&w->host, 60, DEFAULT_ROUTE);
	check_link_user(w, ifindex, NULL);
	vlan->lower = 61;
	check_link_user(w, ifindex, NULL);
	world_link(w, "eth0v0")->master = 61;
	check_link_user(w, ifindex, "the default route of this host");
	check_link_user(w, 61, "the default route of this host");
	check_link_user(w, 60, "the default route of this host");
	check_link_user(w, ifindex + 1, NULL);
	/* nothing is graver to the one who asks than the own session, wherever it stands */
	fixture_usage(&w->host, 61, SSH_SESSION);
	check_link_user(w, ifindex, SSH_SESSION);
	check_link_user(w, 60, "the default route of this host");
	/* stacks of another namespace have indexes of their own */
	world_link(w, "eth0v0")->master = 0;
	check_link_user(w, ifindex, NULL);
	bond->lower = ifindex;
	check_link_user(w, ifindex, SSH_SESSION);
	bond->lower_elsewhere = true;
	check_link_user(w, ifindex, NULL);
	bond->lower_elsewhere = false;
	bond->netns = "blue";
	check_link_user(w, ifindex, NULL);
}

/* Rings, as veth pairs look like, and stacks without end come to an end. */
static void deep_stacks(void **state)
{
	struct world *w = *state;
	struct link *ring = fixture_link(&w->host, 60, "a");
	int ifindex = world_vf(w, "eth0/0")->ifindex;

	world_link(w, "eth0v0")->master = 60;
	ring->lower = ifindex;
	ring->master = ifindex;
	fixture_usage(&w->host, 999, DEFAULT_ROUTE);
	check_link_user(w, ifindex, NULL);
	ring->master = 0;
	for (int i = 0; i < 5; i++)
		fixture_link(&w->host, 70 + i, "b")->lower = i ? 69 + i : 60;
	fixture_usage(&w->host, 74, DEFAULT_ROUTE);
	check_link_user(w, ifindex, "the default route of this host");
}

static void pfs(void **state)
{
	struct world *w = *state;
	struct user user = pf_user(&w->host, w->eth0, &w->host.arena);

	assert_null(user.verb);
	fixture_usage(&w->host, w->eth0->ifindex, "address 192.0.2.1/24");
	fixture_usage(&w->host, w->eth1->ifindex, DEFAULT_ROUTE);
	assert_null(pf_user(&w->host, w->eth0, &w->host.arena).verb);
	user = pf_user(&w->host, w->eth1, &w->host.arena);
	assert_string_equal(user.what, "the default route of this host");
	fixture_link(&w->host, 50, "br0")->kind = "bridge";
	world_link(w, "eth0")->master = 50;
	user = pf_user(&w->host, w->eth0, &w->host.arena);
	assert_string_equal(user.verb, "belongs to");
	assert_string_equal(user.what, "br0 (bridge)");
	assert_false(user.hard);
	/* the route is graver than the bridge */
	fixture_usage(&w->host, w->eth0->ifindex, SSH_SESSION);
	assert_string_equal(pf_user(&w->host, w->eth0, &w->host.arena).what, SSH_SESSION);
	/* no interface, or one that cannot be seen */
	w->eth0->known &= ~PF_BIT(PF_IFINDEX);
	assert_null(pf_user(&w->host, w->eth0, &w->host.arena).verb);
	w->eth0->unseen = true;
	user = pf_user(&w->host, w->eth0, &w->host.arena);
	assert_string_equal(user.what, "another network namespace");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(none),
		TEST(holders),
		TEST(elsewhere),
		TEST(lent),
		TEST(named),
		TEST(user_space_drivers),
		TEST(masters),
		TEST(uppers),
		TEST(addresses_and_routes),
		TEST(order),
		TEST(links),
		TEST(deep_stacks),
		TEST(pfs),
	};

	return RUN(tests);
}
