#include "unit.h"

#include "core/scene.h"

#include <errno.h>

/* Two igb PFs, the first with VFs 0 and 1, and one that is no PCI device. */
static struct scene s;
static char text[8192];

static struct pf *add_pf(struct host *h, const char *name, const char *handle, int ifindex)
{
	struct pf *pf;

	h->pfs = arena_push(&h->arena, h->pfs, &h->pf_count, sizeof(*h->pfs));
	pf = &h->pfs[h->pf_count - 1];
	*pf = (struct pf){.name = name,
		.ifname = name,
		.handle = handle,
		.ifindex = ifindex,
		.driver = "igb",
		.link = LINK_UP,
		.mtu = 1500,
		.first_vf = h->vf_count};
	pf->known = PF_BIT(PF_NAME) | PF_BIT(PF_IFNAME) | PF_BIT(PF_HANDLE) | PF_BIT(PF_IFINDEX) |
		    PF_BIT(PF_DRIVER) | PF_BIT(PF_LINK) | PF_BIT(PF_MTU);
	if (bdf_parse(handle + 4, &pf->bdf)) {
		pf->total_vfs = 7;
		pf->vf_offset = 128;
		pf->vf_stride = 2;
		pf->known |= PF_BIT(PF_BDF) | PF_BIT(PF_TOTAL_VFS) | PF_BIT(PF_VF_OFFSET) |
			     PF_BIT(PF_VF_STRIDE);
	}
	return pf;
}

static struct vf *add_vf(struct host *h, uint32_t index, const char *bdf, const char *ifname)
{
	struct pf *pf = &h->pfs[h->pf_count - 1];
	struct vf *vf;

	h->vfs = arena_push(&h->arena, h->vfs, &h->vf_count, sizeof(*h->vfs));
	vf = &h->vfs[h->vf_count - 1];
	*vf = (struct vf){.index = index, .driver = "igbvf", .ifname = ifname, .mtu = 1500};
	vf->ifindex = 10 + (int)index;
	vf->link = LINK_UP;
	vf->known = VF_BIT(VF_INDEX) | VF_BIT(VF_BDF) | VF_BIT(VF_DRIVER) | VF_BIT(VF_VLAN) |
		    VF_BIT(VF_SPOOFCHK);
	vf->spoofchk = true;
	if (ifname)
		vf->known |=
			VF_BIT(VF_IFNAME) | VF_BIT(VF_IFINDEX) | VF_BIT(VF_LINK) | VF_BIT(VF_MTU);
	assert_true(bdf_parse(bdf, &vf->bdf));
	pf->vf_count++;
	return vf;
}

static struct host picture(void)
{
	struct host h = {0};

	add_pf(&h, "eth0", "pci/0000:21:00.0", 2);
	add_vf(&h, 0, "0000:21:10.0", "eth2");
	add_vf(&h, 1, "0000:21:10.2", "eth3");
	add_pf(&h, "eth1", "pci/0000:41:00.0", 3);
	add_pf(&h, "sim0", "netdevsim/netdevsim1", 4)->driver = "netdevsim";
	return h;
}

static int setup(void **state)
{
	struct host h = picture();

	(void)state;
	scene_start(&s, &h);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	scene_free(&s);
	return 0;
}

/* All that was told, as "eth0/0 changed vlan 0 -> 5;". */
static const char *told(void)
{
	size_t n = 0;

	text[0] = 0;
	for (size_t i = 0; i < s.told_count; i++) {
		const struct event *e = &s.told[i];
		struct value reason = attr_get(&event_type, EVENT_REASON, e);
		char old[VALUE_TEXT_MAX], new[VALUE_TEXT_MAX];

		value_format(&e->old, old, sizeof(old));
		value_format(&e->new, new, sizeof(new));
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s %s", i ? "; " : "",
			event_has(e, EVENT_VF)   ? e->vf
			: event_has(e, EVENT_PF) ? e->pf
						 : "-",
			event_kind_names[e->kind]);
		if (event_has(e, EVENT_ATTR))
			n += (size_t)snprintf(text + n, sizeof(text) - n, " %s %s -> %s", e->attr,
				old[0] ? old : "none", new[0] ? new : "none");
		if (reason.known)
			n += (size_t)snprintf(text + n, sizeof(text) - n, " %s", reason.name);
		if (event_has(e, EVENT_NOTIFICATIONS))
			n += (size_t)snprintf(text + n, sizeof(text) - n, " %u/%u",
				e->notifications, e->differences);
	}
	scene_forget_told(&s);
	return text;
}

#define TOLD(what) assert_string_equal(told(), what)

static struct news link_news(const char *name, int ifindex, const char *dev, enum link_state state)
{
	return (struct news){.kind = NEWS_LINK,
		.nsid = -1,
		.new_nsid = -1,
		.link = {.ifindex = ifindex,
			.name = name,
			.parent_bus = dev ? "pci" : NULL,
			.parent_dev = dev,
			.state = state,
			.state_known = true,
			.mtu = 1500,
			.mtu_known = true}};
}

static void take_link(const char *name, int ifindex, const char *dev, enum link_state state)
{
	struct news n = link_news(name, ifindex, dev, state);

	scene_take(&s, &n);
}

static void device(const char *handle, enum device_action action, const char *driver)
{
	struct news n = {.kind = NEWS_DEVICE, .handle = handle, .action = action, .driver = driver};

	scene_take(&s, &n);
}

/* The answer of a PF: its VFs with these VLANs. */
static void answer(size_t pf, const uint32_t *vlans, size_t count)
{
	struct vf vfs[8] = {0};
	struct news n = {.kind = NEWS_LOOK, .seq = 7};

	for (size_t i = 0; i < count; i++) {
		vfs[i].index = (uint32_t)i;
		vfs[i].vlan = vlans[i];
		vfs[i].spoofchk = true;
		vfs[i].known = VF_BIT(VF_VLAN) | VF_BIT(VF_SPOOFCHK);
	}
	n.link.vfs = vfs;
	n.link.vf_count = count;
	s.looks[pf].wanted = false;
	s.looks[pf].asked = true;
	s.looks[pf].seq = 7;
	scene_take(&s, &n);
}

static void test_one_change(void **state)
{
	(void)state;
	take_link("eth0", 2, "0000:21:00.0", LINK_UP);
	assert_true(s.looks[0].wanted);
	TOLD("");
	answer(0, (uint32_t[]){0, 5}, 2);
	TOLD("eth0/1 changed vlan 0 -> 5");
	assert_false(s.looks[0].asked);
	/* the same again is nothing */
	take_link("eth0", 2, "0000:21:00.0", LINK_UP);
	answer(0, (uint32_t[]){0, 5}, 2);
	TOLD("");
}

static void test_merged_changes(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		take_link("eth0", 2, "0000:21:00.0", LINK_UP);
	answer(0, (uint32_t[]){9, 0}, 2);
	TOLD("eth0/0 changed vlan 0 -> 9; eth0 resync merged 3/1");
	/* there and back is a change that nobody sees, but it is said */
	take_link("eth0", 2, "0000:21:00.0", LINK_UP);
	take_link("eth0", 2, "0000:21:00.0", LINK_UP);
	answer(0, (uint32_t[]){9, 0}, 2);
	TOLD("eth0 resync merged 2/0");
	/* those that came behind the question but before the answer are among them */
	take_link("eth0", 2, "0000:21:00.0", LINK_UP);
	s.looks[0].asked = true;
	take_link("eth0", 2, "0000:21:00.0", LINK_UP);
	assert_int_equal(s.looks[0].notified, 2);
	answer(0, (uint32_t[]){8, 0}, 2);
	TOLD("eth0/0 changed vlan 9 -> 8; eth0 resync merged 2/1");
	assert_false(s.looks[0].wanted);
}

static void test_told_by_the_message(void **state)
{
	(void)state;
	/* a flap says by itself what it is, and is no reason to resync */
	take_link("eth0", 2, "0000:21:00.0", LINK_NO_CARRIER);
	take_link("eth0", 2, "0000:21:00.0", LINK_UP);
	answer(0, (uint32_t[]){0, 0}, 2);
	TOLD("eth0 link link up -> no-carrier; eth0 link link no-carrier -> up");
	/* but what differs then was not told */
	take_link("eth0", 2, "0000:21:00.0", LINK_NO_CARRIER);
	answer(0, (uint32_t[]){4, 0}, 2);
	TOLD("eth0 link link up -> no-carrier; eth0/0 changed vlan 0 -> 4 found");
	/* one that says what it is about, and one that does not: it may be of either */
	take_link("eth0", 2, "0000:21:00.0", LINK_UP);
	take_link("eth0", 2, "0000:21:00.0", LINK_UP);
	answer(0, (uint32_t[]){6, 0}, 2);
	TOLD("eth0 link link no-carrier -> up; eth0/0 changed vlan 4 -> 6; eth0 resync merged 2/1");
}

static void test_answers_to_others(void **state)
{
	struct news n = {.kind = NEWS_LOOK, .seq = 6};

	(void)state;
	s.looks[0].asked = true;
	s.looks[0].seq = 7;
	scene_take(&s, &n);
	assert_true(s.looks[0].asked);
	TOLD("");
	n.seq = 7;
	n.error = -ENODEV;
	scene_take(&s, &n);
	assert_false(s.looks[0].asked);
	assert_true(s.look_again);
	TOLD("");
}

static void test_create_destroy(void **state)
{
	(void)state;
	device("pci/0000:21:10.4", DEVICE_ADD, NULL);
	device("pci/0000:21:10.4", DEVICE_CHANGE, NULL);
	device("pci/0000:21:10.4", DEVICE_BIND, "igbvf");
	TOLD("eth0/2 created; eth0/2 bound driver none -> igbvf");
	assert_true(s.looks[0].wanted);
	answer(0, (uint32_t[]){0, 0, 3}, 3);
	TOLD("eth0/2 changed vlan none -> 3; eth0/2 changed spoofchk none -> on");
	assert_false(s.looks[0].wanted);
	take_link("eth9", 12, "0000:21:10.4", LINK_DOWN);
	TOLD("eth0/2 interface ifname none -> eth9");
	assert_true(s.looks[0].wanted); /* its driver may have set something */
	device("pci/0000:21:10.0", DEVICE_UNBIND, NULL);
	device("pci/0000:21:10.0", DEVICE_REMOVE, NULL);
	TOLD("eth0/0 unbound driver igbvf -> none; eth0/0 destroyed");
	device("pci/0000:21:10.0", DEVICE_ADD, NULL);
	TOLD("eth0/0 created");
	assert_int_equal(s.host.vf_count, 3);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(s.host.vfs[i].index, i);
	/* one that has come and gone before anyone looked */
	device("pci/0000:41:10.0", DEVICE_ADD, NULL);
	device("pci/0000:41:10.0", DEVICE_REMOVE, NULL);
	TOLD("eth1/0 created; eth1/0 destroyed");
	assert_false(s.look_again);
}

static void test_not_ours(void **state)
{
	(void)state;
	device("pci/0000:21:10.1", DEVICE_ADD, NULL);    /* between two VFs */
	device("pci/0000:21:11.6", DEVICE_CHANGE, NULL); /* the eighth of seven */
	device("pci/0001:21:10.4", DEVICE_BIND, "x");
	device("pci/0000:21:0f.6", DEVICE_REMOVE, NULL);
	device("usb/1-1", DEVICE_ADD, NULL);
	device("pci/", DEVICE_CHANGE, NULL);
	take_link("lo", 1, NULL, LINK_UP);
	take_link("enp9", 77, "0000:09:00.0", LINK_UP);
	TOLD("");
	/* a device that was not there may be a PF */
	assert_true(s.look_again);
}

static void test_contradicted(void **state)
{
	struct news n = {.kind = NEWS_DEVICE,
		.handle = "pci/0000:21:10.4",
		.action = DEVICE_ADD,
		.contradicted = true};

	(void)state;
	scene_take(&s, &n);
	TOLD("");
	assert_true(s.look_again);
}

static void test_interfaces(void **state)
{
	struct news n = link_news("eth2", 10, "0000:21:10.0", LINK_DOWN);

	(void)state;
	n.link.mtu = 1400;
	n.link.name = "net0";
	scene_take(&s, &n);
	TOLD("eth0/0 renamed ifname eth2 -> net0; eth0/0 link link up -> down; "
	     "eth0/0 changed mtu 1500 -> 1400");
	/* moved, by what the old namespace says, and then the new one */
	n.kind = NEWS_LINK_GONE;
	n.moved = true;
	n.new_nsid = 3;
	n.new_ifindex = 5;
	n.new_netns = "blue";
	n.new_netns_id.inode = 99;
	scene_take(&s, &n);
	TOLD("eth0/0 moved netns none -> blue");
	n = link_news("net0", 5, "0000:21:10.0", LINK_UP);
	n.link.mtu = 1400;
	n.nsid = 3;
	n.link.netns = "blue";
	n.link.netns_id.inode = 99;
	scene_take(&s, &n);
	TOLD("eth0/0 link link down -> up");
	/* its namespace has gone: all that is heard is that it is back */
	take_link("net0", 10, "0000:21:10.0", LINK_DOWN);
	TOLD("eth0/0 moved netns blue -> none; eth0/0 link link up -> down; "
	     "eth0/0 changed mtu 1400 -> 1500");
	n = link_news("net0", 10, "0000:21:10.0", LINK_DOWN);
	n.kind = NEWS_LINK_GONE;
	scene_take(&s, &n);
	TOLD("eth0/0 interface ifname net0 -> none");
	assert_false(s.look_again);
}

static void test_moved_on(void **state)
{
	struct news n = link_news("eth2", 10, "0000:21:10.0", LINK_DOWN);

	(void)state;
	n.nsid = 3;
	n.link.netns = "blue";
	scene_take(&s, &n);
	TOLD("eth0/0 moved netns none -> blue; eth0/0 link link up -> down");
	n.kind = NEWS_LINK_GONE;
	n.moved = true;
	n.new_nsid = 1; /* of blue, which says nothing here */
	scene_take(&s, &n);
	TOLD("");
	assert_true(s.look_again);
}

static void test_representors_and_ports(void **state)
{
	struct news n = link_news("rep", 50, "0000:21:00.0", LINK_UP);

	(void)state;
	n.link.phys_port_name = "pf0vf1";
	scene_take(&s, &n);
	n.link.phys_port_name = "p1"; /* a second port of the same device */
	scene_take(&s, &n);
	TOLD("");
	/* a virtual interface that has the number of one that was */
	n = link_news("veth0", 10, NULL, LINK_UP);
	n.link.kind = "veth";
	scene_take(&s, &n);
	TOLD("");
}

static void test_pf_moves(void **state)
{
	struct news n = link_news("eth0", 2, "0000:21:00.0", LINK_DOWN);

	(void)state;
	n.kind = NEWS_LINK_GONE;
	n.moved = true;
	n.new_nsid = 3;
	n.new_ifindex = 2;
	n.new_netns = "blue";
	scene_take(&s, &n);
	TOLD("0000:21:00.0 moved netns none -> blue; 0000:21:00.0 link link up -> down");
	assert_false(scene_can_ask(&s, 0));
	take_link("up0", 2, "0000:21:00.0", LINK_UP);
	TOLD("up0 moved netns blue -> none; up0 renamed ifname eth0 -> up0; up0 link link down -> "
	     "up");
	assert_true(scene_can_ask(&s, 0));
}

static void test_pf_goes(void **state)
{
	(void)state;
	device("pci/0000:21:00.0", DEVICE_REMOVE, NULL);
	TOLD("eth0/1 destroyed; eth0/0 destroyed; eth0 gone");
	assert_int_equal(s.host.vf_count, 0);
	device("pci/0000:41:10.2", DEVICE_ADD, NULL);
	TOLD("eth1/1 created");
	assert_true(s.looks[0].wanted);
	device("pci/0000:21:00.0", DEVICE_ADD, NULL);
	assert_true(s.look_again);
}

static void test_other_bus(void **state)
{
	(void)state;
	answer(2, (uint32_t[]){0, 6}, 2);
	TOLD("sim0/0 created; sim0/1 created; sim0/0 changed spoofchk none -> on; "
	     "sim0/1 changed vlan none -> 6; sim0/1 changed spoofchk none -> on");
	answer(2, (uint32_t[]){3}, 1);
	TOLD("sim0/1 destroyed; sim0/0 changed vlan 0 -> 3 found");
}

static void test_poll(void **state)
{
	(void)state;
	assert_true(scene_has_silent(&s)); /* sim0 */
	assert_int_equal(scene_poll(&s), 1);
	device("netdevsim/netdevsim1", DEVICE_REMOVE, NULL);
	assert_false(scene_has_silent(&s));
	take_link("eth1", 3, "0000:41:00.0", LINK_DOWN); /* has no VFs */
	assert_false(scene_has_silent(&s));
	take_link("eth0", 2, "0000:21:00.0", LINK_DOWN);
	assert_true(scene_has_silent(&s));
	assert_int_equal(scene_poll(&s), 1);
	assert_true(s.looks[0].wanted);
}

static void test_reset_health(void **state)
{
	struct news n = {.kind = NEWS_DEVICE,
		.handle = "pci/0000:21:00.0",
		.action = DEVICE_CHANGE,
		.error_event = "BEGIN_RECOVERY"};

	(void)state;
	scene_take(&s, &n);
	TOLD("eth0 reset recovery none -> BEGIN_RECOVERY");
	n = (struct news){.kind = NEWS_RELOAD, .handle = "netdevsim/netdevsim1"};
	scene_take(&s, &n);
	n.failed = true;
	scene_take(&s, &n);
	TOLD("sim0 reset reload none -> done; sim0 reset reload none -> failed");
	n = (struct news){.kind = NEWS_HEALTH, .handle = "pci/0000:21:10.2", .reporter = "tx"};
	scene_take(&s, &n);
	TOLD("eth0/1 health tx none -> error");
	n.handle = "pci/0000:99:00.0";
	scene_take(&s, &n);
	TOLD("");
}

static void test_chosen(void **state)
{
	static const char *chosen[] = {"pci/0000:41:00.0"};

	(void)state;
	s.chosen = chosen;
	s.chosen_count = 1;
	device("pci/0000:21:10.0", DEVICE_UNBIND, NULL);
	take_link("eth1", 3, "0000:41:00.0", LINK_DOWN);
	TOLD("eth1 link link up -> down");
	assert_false(vf_has(&s.host.vfs[0], VF_DRIVER)); /* it was noted all the same */
}

static void test_pictures(void **state)
{
	struct host h = picture();

	(void)state;
	scene_see(&s, &h);
	TOLD("");
	h = picture();
	h.vfs[0].vlan = 5;
	h.vfs[0].driver = "vfio-pci";
	h.vfs[0].known &=
		~(VF_BIT(VF_IFNAME) | VF_BIT(VF_IFINDEX) | VF_BIT(VF_LINK) | VF_BIT(VF_MTU));
	h.vfs[1].netns = "blue";
	h.vfs[1].known |= VF_BIT(VF_NETNS);
	h.pfs[0].link = LINK_NO_CARRIER;
	add_vf(&h, 4, "0000:99:10.0", "eth7");
	h.pfs[1].ifname = "eth9";
	h.pfs[1].name = "eth9";
	scene_see(&s, &h);
	TOLD("eth0 link link up -> no-carrier; eth0/0 bound driver igbvf -> vfio-pci; "
	     "eth0/0 interface ifname eth2 -> none; eth0/0 changed vlan 0 -> 5; "
	     "eth0/1 moved netns none -> blue; eth9 renamed ifname eth1 -> eth9; "
	     "sim0/4 created; sim0/4 bound driver none -> igbvf; sim0/4 interface ifname none -> "
	     "eth7; sim0/4 changed spoofchk none -> on");
	h = (struct host){0};
	add_pf(&h, "new0", "pci/0000:61:00.0", 9);
	add_vf(&h, 0, "0000:61:10.0", NULL);
	scene_see(&s, &h);
	TOLD("sim0/4 destroyed; sim0 gone; eth9 gone; eth0/1 destroyed; eth0/0 destroyed; eth0 "
	     "gone; 0000:61:00.0 back; 0000:61:00.0 bound driver none -> igb; new0 interface "
	     "ifname none -> new0; new0/0 created; new0/0 bound driver none -> igbvf; new0/0 "
	     "changed spoofchk none -> on");
	assert_int_equal(s.host.pf_count, 1);
}

/* One that is no PCI device, while it has no interface. */
static void test_carried(void **state)
{
	struct host h = picture();
	struct news n = link_news("sim1", 9, NULL, LINK_UP);

	(void)state;
	h.pf_count--;
	scene_carry(&h, &s.host.pfs[2]);
	scene_see(&s, &h);
	TOLD("netdevsim/netdevsim1 interface ifname sim0 -> none");
	n.link.parent_bus = "netdevsim";
	n.link.parent_dev = "netdevsim1";
	scene_take(&s, &n);
	TOLD("sim1 interface ifname none -> sim1");
	assert_true(s.looks[2].wanted);
}

/* An interface that can be heard but not seen stays where it was heard of. */
static void test_unseen(void **state)
{
	struct news n = link_news("eth2", 10, "0000:21:10.0", LINK_UP);
	struct host h = picture();

	(void)state;
	n.nsid = 3;
	n.link.netns = "nsid:3";
	scene_take(&s, &n);
	TOLD("eth0/0 moved netns none -> nsid:3");
	h.vfs[0].unseen = h.vfs[1].unseen = true;
	h.vfs[0].known &= ~VF_BIT(VF_IFNAME);
	h.vfs[1].known &= ~VF_BIT(VF_IFNAME);
	scene_see(&s, &h);
	TOLD("eth0/1 interface ifname eth3 -> none");
	assert_string_equal(s.host.vfs[0].netns, "nsid:3");
	take_link("eth2", 10, "0000:21:10.0", LINK_UP);
	TOLD("eth0/0 moved netns nsid:3 -> none");
}

/* For weeks: the memory does not grow, and nothing is forgotten. */
static void test_memory(void **state)
{
	struct news n = link_news("a-long-name-for", 10, "0000:21:10.0", LINK_UP);

	(void)state;
	scene_take(&s, &n);
	told();
	for (int i = 0; i < 30000; i++) {
		device("pci/0000:21:10.4", DEVICE_ADD, NULL);
		device("pci/0000:21:10.4", DEVICE_BIND, "igbvf");
		n.link.name = i % 2 ? "a-long-name-for" : "b-long-name-for";
		scene_take(&s, &n);
		device("pci/0000:21:10.4", DEVICE_REMOVE, NULL);
		assert_int_equal(s.told_count, 4);
		scene_forget_told(&s);
		assert_true(s.grown < ((size_t)4 << 20) + 65536);
	}
	take_link("eth2", 10, "0000:21:10.0", LINK_DOWN);
	TOLD("eth0/0 renamed ifname a-long-name-for -> eth2; eth0/0 link link up -> down");
	answer(0, (uint32_t[]){0, 5}, 2);
	TOLD("eth0/1 changed vlan 0 -> 5 found");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_one_change),
		T(test_merged_changes),
		T(test_told_by_the_message),
		T(test_answers_to_others),
		T(test_create_destroy),
		T(test_not_ours),
		T(test_contradicted),
		T(test_interfaces),
		T(test_moved_on),
		T(test_representors_and_ports),
		T(test_pf_moves),
		T(test_pf_goes),
		T(test_other_bus),
		T(test_poll),
		T(test_reset_health),
		T(test_chosen),
		T(test_pictures),
		T(test_carried),
		T(test_unseen),
		T(test_memory),
	};

	return RUN(tests);
}
