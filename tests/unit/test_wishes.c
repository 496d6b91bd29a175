/* What is declared of PFs, one wish at a time: what becomes a step, what a problem, and where each
 * was said. */
#include "unit.h"

#include "fixture.h"

#include "declared.h"

#include "core/attr.h"
#include "core/link.h"
#include "core/options.h"
#include "plan/want.h"

#define VFS 4

static const struct source source = {.name = "test"};

/* A host, and what is wanted of it. */
struct wanting {
	struct arena arena;
	struct host host;
	struct pf *eth0, *eth1; /* igb, 4 VFs, and none of 8 */
	struct pf_intent pfs[2];
	struct intent intent;
	struct problems problems;
	struct change change;
	uint32_t line; /* of what was said last */
};

static int setup(void **state)
{
	struct wanting *w = calloc(1, sizeof(*w));

	fixture_host(&w->host);
	w->host.has_iommu = true;
	w->eth0 = fixture_pf(&w->host, "eth0", "0000:21:00.0", 8);
	fixture_vfs(&w->host, w->eth0, VFS);
	w->eth1 = fixture_pf(&w->host, "eth1", "0000:41:00.0", 8);
	for (uint32_t i = 0; i < VFS; i++) {
		struct vf *vf = fixture_vf(&w->host, w->eth0, i);

		vf->iommu_group = 10 + i;
		vf->if_mac = vf->mac;
		vf->known |= VF_BIT(VF_IOMMU_GROUP) | VF_BIT(VF_IF_MAC) | VF_BIT(VF_TRUST) |
			     VF_BIT(VF_MSIX);
	}
	w->problems.arena = &w->arena;
	w->intent.pfs = w->pfs;
	*state = w;
	return 0;
}

static void forget(struct wanting *w)
{
	change_free(&w->change);
	w->problems.count = w->problems.errors = 0;
	w->intent.count = w->line = 0;
}

static int teardown(void **state)
{
	struct wanting *w = *state;

	change_free(&w->change);
	arena_free(&w->host.arena);
	arena_free(&w->arena);
	free(w);
	return 0;
}

static struct origin next_place(struct wanting *w)
{
	return (struct origin){&source, ++w->line, 1};
}

/* The PF, of which more is to be said; with a number of VFs unless that is < 0. */
static struct pf_intent *want_of(struct wanting *w, const struct pf *pf, int count)
{
	struct pf_intent *p = &w->pfs[w->intent.count++];

	*p = (struct pf_intent){.pf = pf,
		.has_count = count >= 0,
		.num_vfs = count >= 0 ? (uint32_t)count : 0,
		.origin = next_place(w),
		.vfs = arena_alloc(&w->arena, 16 * sizeof(*p->vfs)),
		.wishes = arena_alloc(&w->arena, 8 * sizeof(*p->wishes))};
	return p;
}

static void add_wish(struct wanting *w, const struct record_type *type, struct wish *wishes,
	size_t *count, size_t attr, const char *value)
{
	struct wish *wish = &wishes[(*count)++];
	struct error err;

	*wish = (struct wish){.setting.attr = attr, .origin = next_place(w)};
	assert_int_equal(attr_parse(&type->attrs[attr], value, &wish->setting, &err), 0);
}

static void say_of_pf(struct wanting *w, struct pf_intent *p, enum pf_attr attr, const char *value)
{
	add_wish(w, &pf_type, p->wishes, &p->count, attr, value);
}

static struct vf_intent *want_vf(struct wanting *w, struct pf_intent *p, uint32_t index)
{
	struct vf_intent *v = &p->vfs[p->vf_count++];

	*v = (struct vf_intent){.index = index,
		.origin = next_place(w),
		.wishes = arena_alloc(&w->arena, 16 * sizeof(*v->wishes))};
	return v;
}

static void say(struct wanting *w, struct vf_intent *v, enum vf_attr attr, const char *value)
{
	add_wish(w, &vf_type, v->wishes, &v->count, attr, value);
}

static struct vf_intent *want_driver_of(
	struct wanting *w, struct pf_intent *p, uint32_t index, const char *driver)
{
	struct vf_intent *v = want_vf(w, p, index);

	v->driver = driver;
	return v;
}

/* As plan_policy() of declared.c. */
static void plan(struct wanting *w)
{
	struct host *planned;
	struct error err;

	w->change.problems = &w->problems;
	planned = change_begin(&w->change, &w->host);
	for (size_t i = 0; i < w->intent.count; i++)
		want_intent(&w->change, planned, &w->pfs[i], 0);
	assert_int_equal(change_end(&w->change, &w->host, &err), 0);
	intent_place_problems(&w->intent, &w->problems);
}

static const char *steps_of(struct wanting *w, const struct pf *pf)
{
	static char text[8192];

	for (size_t i = 0; i < w->change.count; i++)
		if (w->change.plans[i]->pf == pf) {
			fixture_steps(w->change.plans[i], NULL, text, sizeof(text));
			return text;
		}
	return "";
}

/* "LINE OBJECT KEY: MESSAGE" each */
static const char *problems_of(struct wanting *w)
{
	const char *text = "";

	for (size_t i = 0; i < w->problems.count; i++) {
		const struct problem *p = &w->problems.items[i];

		assert_true(!p->origin.line == !p->origin.source);
		text = arena_printf(&w->arena, "%s%s%u %s%s%s: %s", text, text[0] ? "; " : "",
			p->origin.line, p->object ? p->object : "", p->attr ? " " : "",
			p->attr ? p->attr : "", p->message);
	}
	return text;
}

/* what cannot be */

static void too_many_vfs(void **state)
{
	struct wanting *w = *state;
	struct pf_intent *p = want_of(w, w->eth0, 9);

	say(w, want_vf(w, p, 0), VF_VLAN, "5");
	want_of(w, w->eth1, 2);
	plan(w);
	assert_string_equal(problems_of(w), "1 eth0: it can have 8 VFs at most, not 9");
	assert_true(w->problems.items[0].whole);
	assert_int_equal(w->problems.items[0].code, EXIT_USAGE);
	assert_string_equal(steps_of(w, w->eth0), "");
	assert_string_equal(steps_of(w, w->eth1), "eth1 num_vfs 0>2");
	assert_int_equal(declared_code(&w->problems, w->eth0), EXIT_USAGE);
	assert_int_equal(declared_code(&w->problems, w->eth1), EXIT_DONE);
}

static void pf_setting_that_cannot_be(void **state)
{
	struct wanting *w = *state;
	struct pf_intent *p = want_of(w, w->eth0, -1);

	w->eth0->mtu = 1500;
	w->eth0->min_mtu = 68;
	w->eth0->max_mtu = 9216;
	w->eth0->known |= PF_BIT(PF_MTU);
	say_of_pf(w, p, PF_MTU, "9500");
	say_of_pf(w, p, PF_UP, "down");
	say(w, want_vf(w, p, 1), VF_VLAN, "5");
	plan(w);
	assert_string_equal(problems_of(w),
		"2 eth0 mtu: its interface can have an MTU from 68 to 9216, not 9500");
	assert_string_equal(steps_of(w, w->eth0), "eth0 up on>off; eth0/1 vlan 0>5");
	assert_int_equal(declared_code(&w->problems, w->eth0), EXIT_PARTLY);
}

static void vf_that_is_not_there(void **state)
{
	struct wanting *w = *state;
	struct pf_intent *p = want_of(w, w->eth0, -1);

	say(w, want_vf(w, p, 1), VF_VLAN, "5");
	say(w, want_vf(w, p, 7), VF_VLAN, "5");
	plan(w);
	assert_string_equal(problems_of(w), "4 eth0/7: there is no such VF");
	assert_string_equal(steps_of(w, w->eth0), "eth0/1 vlan 0>5");
}

static void one_address_for_two(void **state)
{
	struct wanting *w = *state;
	struct pf_intent *p = want_of(w, w->eth0, -1);
	struct vf_intent *v;

	w->eth0->driver = "qede";
	say(w, want_vf(w, p, 0), VF_MAC, "52:54:00:00:00:77");
	v = want_vf(w, p, 1);
	say(w, v, VF_MAC, "52:54:00:00:00:77");
	say(w, v, VF_VLAN, "5");
	/* that of a VF which keeps it */
	say(w, want_vf(w, p, 2), VF_MAC, "02:00:00:00:00:03");
	plan(w);
	assert_string_equal(problems_of(w),
		"5 eth0/1 mac: one address cannot be that of several VFs: eth0/0 would have it as "
		"well; 8 eth0/2 mac: refused: that address is already that of eth0/3");
	assert_string_equal(steps_of(w, w->eth0),
		"eth0/0 mac 02:00:00:00:00:00>52:54:00:00:00:77; eth0/1 vlan 0>5");
}

/* IOMMU groups */

static void add_member(struct wanting *w, uint32_t group, struct bdf bdf, const char *driver)
{
	struct host *h = &w->host;

	h->members = arena_push(&h->arena, h->members, &h->member_count, sizeof(*h->members));
	h->members[h->member_count - 1] = (struct group_member){group, bdf, driver, false};
}

/* VFs 0 and 1 share a group. */
static void share_group(struct wanting *w)
{
	fixture_vf(&w->host, w->eth0, 1)->iommu_group = 10;
	for (uint32_t i = 0; i < VFS; i++) {
		const struct vf *vf = fixture_vf(&w->host, w->eth0, i);

		add_member(w, vf->iommu_group, vf->bdf, "igbvf");
	}
}

static void groups_are_given_whole(void **state)
{
	struct wanting *w = *state;
	struct pf_intent *p = want_of(w, w->eth0, -1);

	share_group(w);
	for (uint32_t i = 0; i < 3; i++)
		want_driver_of(w, p, i, "vfio-pci");
	plan(w);
	assert_string_equal(problems_of(w), "");
	assert_string_equal(steps_of(w, w->eth0),
		"eth0/0 driver igbvf>; eth0/1 driver igbvf>; eth0/2 driver igbvf>; "
		"eth0/0 driver igbvf>vfio-pci; eth0/0 vfio >/dev/vfio/10; "
		"eth0/1 driver igbvf>vfio-pci; eth0/1 vfio >/dev/vfio/10; "
		"eth0/2 driver igbvf>vfio-pci; eth0/2 vfio >/dev/vfio/12");
}

static void half_a_group_costs_only_itself(void **state)
{
	struct wanting *w = *state;
	struct pf_intent *p = want_of(w, w->eth0, -1);

	share_group(w);
	say(w, want_driver_of(w, p, 1, "vfio-pci"), VF_VLAN, "5");
	want_driver_of(w, p, 2, "vfio-pci");
	plan(w);
	assert_string_equal(problems_of(w),
		"2 eth0/1 driver: refused: nobody could open it, because its IOMMU group 10 also "
		"holds 0000:21:10.0 (igbvf)");
	assert_string_equal(steps_of(w, w->eth0),
		"eth0/2 driver igbvf>; eth0/1 vlan 0>5; eth0/2 driver "
		"igbvf>vfio-pci; eth0/2 vfio >/dev/vfio/12");
}

/* Where one of them cannot, the other one cannot either. */
static void group_with_the_pf(void **state)
{
	struct wanting *w = *state;
	struct pf_intent *p = want_of(w, w->eth0, -1);

	share_group(w);
	add_member(w, 10, w->eth0->bdf, "igb");
	for (uint32_t i = 0; i < 3; i++)
		want_driver_of(w, p, i, "vfio-pci");
	plan(w);
	assert_int_equal(w->problems.errors, 2);
	assert_contains(problems_of(w), "2 eth0/0 driver: refused");
	assert_contains(problems_of(w), "3 eth0/1 driver: refused");
	assert_string_equal(steps_of(w, w->eth0),
		"eth0/2 driver igbvf>; eth0/2 driver igbvf>vfio-pci; eth0/2 vfio >/dev/vfio/12");
}

static void no_iommu(void **state)
{
	struct wanting *w = *state;
	struct pf_intent *p = want_of(w, w->eth0, 5);

	w->host.has_iommu = false;
	for (uint32_t i = 0; i < VFS; i++)
		fixture_vf(&w->host, w->eth0, i)->known &= ~VF_BIT(VF_IOMMU_GROUP);
	want_driver_of(w, p, 0, "vfio-pci");
	want_driver_of(w, p, 4, "vfio-pci");
	plan(w);
	assert_string_equal(problems_of(w),
		"2 eth0/0 driver: this host has no IOMMU at work, and vfio-pci needs one; "
		"3 eth0/4 driver: this host has no IOMMU at work, and vfio-pci needs one");
	assert_contains(steps_of(w, w->eth0), "eth0/0 driver igbvf>igbvf");
	assert_contains(steps_of(w, w->eth0), "eth0/4 driver >default");
}

/* elsewhere */

static void those_elsewhere_are_left(void **state)
{
	struct wanting *w = *state;
	struct vf *vf = fixture_vf(&w->host, w->eth0, 1);

	vf->netns = "blue";
	vf->known |= VF_BIT(VF_NETNS);
	for (size_t i = 1; i <= 2; i++) {
		struct pf_intent *p = want_of(w, w->eth0, -1);
		struct vf_intent *v = want_driver_of(w, p, 1, "vfio-pci");

		say(w, v, VF_IFNAME, "net1");
		say(w, v, VF_VLAN, "5");
		v->reset = true;
		say(w, want_vf(w, p, 2), VF_VLAN, "5");
		say(w, want_vf(w, p, 3), VF_VLAN, "5");
		plan(w);
		assert_string_equal(problems_of(w), "");
		assert_int_equal(w->change.warning_count, 1);
		if (i == 1) {
			assert_string_equal(w->change.warnings[0],
				"eth0/1 is with blue: left as it is until it comes back");
			assert_string_equal(
				steps_of(w, w->eth0), "eth0/2 vlan 0>5; eth0/3 vlan 0>5");
		} else {
			assert_contains(w->change.warnings[0], "eth0/1, with blue, and 1 more VFs");
			assert_string_equal(steps_of(w, w->eth0), "eth0/3 vlan 0>5");
		}
		forget(w);
		fixture_vf(&w->host, w->eth0, 2)->unseen = true;
	}
}

/* addresses */

/* The steps for a VF that is to have the address that its PF has for it already. */
static const char *steps_for_address(struct wanting *w)
{
	struct vf *vf = fixture_vf(&w->host, w->eth0, 0);

	forget(w);
	vf->if_mac.bytes[5] = 0x99;
	say(w, want_vf(w, want_of(w, w->eth0, -1), 0), VF_MAC, "02:00:00:00:00:00");
	plan(w);
	assert_string_equal(problems_of(w), "");
	return steps_of(w, w->eth0);
}

static void address_that_the_interface_has_not(void **state)
{
	struct wanting *w = *state;

	assert_string_equal(steps_for_address(w),
		"eth0/0 driver igbvf>; eth0/0 driver igbvf>igbvf; eth0/0 ifname eth0v0>eth0v0; "
		"eth0/0 mtu 1500>1500; eth0/0 up on>on");
	assert_int_equal(w->change.plans[0]->steps[0].disruption, DISRUPTION_VF);
	/* one that is trusted may have chosen it */
	fixture_vf(&w->host, w->eth0, 0)->trust = true;
	assert_string_equal(steps_for_address(w), "");
	/* nor is there a way to lead it there */
	fixture_vf(&w->host, w->eth0, 0)->trust = false;
	w->eth0->driver = "qede";
	assert_string_equal(steps_for_address(w), "");
}

/* rates */

static void rates_of_a_pf_that_comes_up(void **state)
{
	struct wanting *w = *state;
	struct pf_intent *p = want_of(w, w->eth0, -1);

	w->eth0->up = false;
	w->eth0->link = LINK_DOWN;
	say_of_pf(w, p, PF_UP, "up");
	say(w, want_vf(w, p, 0), VF_MAX_TX_RATE, "100");
	plan(w);
	assert_string_equal(problems_of(w), "");
	assert_string_equal(steps_of(w, w->eth0), "eth0 up off>on; eth0/0 max_tx_rate 0>100");
	/* up already, and without a link */
	forget(w);
	w->eth0->up = true;
	w->eth0->link = LINK_NO_CARRIER;
	p = want_of(w, w->eth0, -1);
	say_of_pf(w, p, PF_UP, "up");
	say(w, want_vf(w, p, 0), VF_MAX_TX_RATE, "100");
	plan(w);
	assert_string_equal(problems_of(w),
		"4 eth0/0 max_tx_rate: refused: igb sets rates only while eth0 has a link");
	assert_string_equal(steps_of(w, w->eth0), "");
}

/* what steps cost */

static const char *costs_of(struct wanting *w, const struct pf *pf)
{
	const char *text = "";

	for (size_t i = 0; i < w->change.count; i++)
		for (size_t n = 0; w->change.plans[i]->pf == pf && n < w->change.plans[i]->count;
			n++) {
			const struct step *s = &w->change.plans[i]->steps[n];

			text = arena_printf(&w->arena, "%s%s%s %s %s", text, text[0] ? "; " : "",
				s->object, s->key, disruption_names[s->disruption]);
		}
	return text;
}

static void costs_of_vfs(void **state)
{
	struct wanting *w = *state;
	struct pf_intent *p = want_of(w, w->eth0, -1);

	fixture_vf(&w->host, w->eth0, 0)->driver = "vfio-pci";
	fixture_vf(&w->host, w->eth0, 0)->known &= ~(VF_BIT(VF_IF_MAC) | VF_BIT(VF_IFNAME));
	fixture_vf(&w->host, w->eth0, 3)->known &= ~VF_BIT(VF_DRIVER);
	say(w, want_vf(w, p, 0), VF_MAC, "52:54:00:00:00:70");
	say(w, want_vf(w, p, 1), VF_MAC, "52:54:00:00:00:71");
	say(w, want_vf(w, p, 2), VF_UP, "down");
	say(w, &p->vfs[2], VF_TRUST, "on");
	want_driver_of(w, p, 3, "vfio-pci");
	plan(w);
	assert_string_equal(problems_of(w), "");
	assert_string_equal(costs_of(w, w->eth0),
		"eth0/1 driver vf_reset; eth0/0 mac none; eth0/1 mac vf_reset; eth0/2 trust none; "
		"eth0/1 driver vf_reset; eth0/3 driver none; eth0/3 vfio none; eth0/1 ifname none; "
		"eth0/1 mtu none; eth0/1 up none; eth0/2 up vf_reset");
}

static void costs_of_pfs(void **state)
{
	struct wanting *w = *state;
	struct pf_intent *p = want_of(w, w->eth0, 3);

	w->eth0->mtu = w->eth1->mtu = 1500;
	w->eth0->known |= PF_BIT(PF_MTU);
	w->eth1->known |= PF_BIT(PF_MTU);
	say(w, want_vf(w, p, 0), VF_MAC, "52:54:00:00:00:70");
	p = want_of(w, w->eth1, 2);
	say_of_pf(w, p, PF_MTU, "9000");
	plan(w);
	assert_string_equal(
		costs_of(w, w->eth1), "eth1 mtu pf_interrupted; eth1 num_vfs pf_interrupted");
	/* that they are destroyed says it all */
	assert_contains(costs_of(w, w->eth0), "eth0 num_vfs vfs_destroyed; eth0 num_vfs pf_inter");
	assert_contains(costs_of(w, w->eth0), "eth0/0 mac none");
	/* nothing there to be interrupted */
	forget(w);
	w->eth1->up = false;
	p = want_of(w, w->eth1, 2);
	say_of_pf(w, p, PF_MTU, "9000");
	plan(w);
	assert_string_equal(costs_of(w, w->eth1), "eth1 mtu none; eth1 num_vfs none");
	forget(w);
	w->eth1->driver = "mlx5_core";
	w->eth1->up = true;
	p = want_of(w, w->eth1, 2);
	say_of_pf(w, p, PF_UP, "down");
	plan(w);
	assert_string_equal(costs_of(w, w->eth1), "eth1 up pf_interrupted; eth1 num_vfs none");
}

/* places */

static void add_problem(struct wanting *w, const char *object, const char *attr)
{
	struct error err = {0};

	error_set(&err, EXIT_KERNEL, "no");
	error_about(&err, object, attr);
	problem_error(&w->problems, (struct origin){0}, &err);
}

static void problems_get_places(void **state)
{
	static const struct {
		const char *object, *attr;
		uint32_t line;
	} rows[] = {
		{"eth0", NULL, 1},
		{"eth0", "num_vfs", 1},
		{"eth0", "mtu", 2},
		{"eth0/1", NULL, 3},
		{"eth0/1", "driver", 3},
		{"eth0/1", "vlan", 4},
		/* settings are called by keyword, steps by key */
		{"eth0/1", "name", 5},
		{"eth0/1", "ifname", 5},
		{"eth0/1", "qos", 3},
		/* of what is not spoken of */
		{"eth0/2", "vlan", 0},
		{"eth0/11", "vlan", 0},
		{"eth01", NULL, 0},
		{"eth", NULL, 0},
		{"eth0/", NULL, 0},
		{"eth0/1x", NULL, 0},
		{"eth1", "mtu", 6},
		{"eth1/0", NULL, 0},
	};
	struct wanting *w = *state;
	struct pf_intent *p = want_of(w, w->eth0, 4);
	struct vf_intent *v;

	say_of_pf(w, p, PF_MTU, "9000");
	v = want_vf(w, p, 1);
	say(w, v, VF_VLAN, "5");
	say(w, v, VF_IFNAME, "a");
	want_of(w, w->eth1, -1);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		add_problem(w, rows[i].object, rows[i].attr);
	/* one that has a place keeps it */
	problem_add(&w->problems, (struct origin){&source, 77, 1}, EXIT_USAGE, "x")->object =
		"eth0";
	intent_place_problems(&w->intent, &w->problems);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (w->problems.items[i].origin.line != rows[i].line)
			fail_msg("%s %s: line %u", rows[i].object, rows[i].attr ? rows[i].attr : "",
				w->problems.items[i].origin.line);
	assert_int_equal(w->problems.items[ARRAY_SIZE(rows)].origin.line, 77);
}

static void codes_of_pfs(void **state)
{
	struct wanting *w = *state;

	problem_warn(&w->problems, (struct origin){0}, "only a warning")->object = "eth0";
	assert_int_equal(declared_code(&w->problems, w->eth0), EXIT_DONE);
	add_problem(w, "eth0/3", "vlan");
	add_problem(w, "eth10", NULL);
	assert_int_equal(declared_code(&w->problems, w->eth0), EXIT_PARTLY);
	assert_int_equal(declared_code(&w->problems, w->eth1), EXIT_DONE);
	add_problem(w, "eth0/1", NULL);
	w->problems.items[w->problems.count - 1].whole = true;
	w->problems.items[w->problems.count - 1].code = EXIT_REFUSED;
	assert_int_equal(declared_code(&w->problems, w->eth0), EXIT_REFUSED);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(too_many_vfs),
		TEST(pf_setting_that_cannot_be),
		TEST(vf_that_is_not_there),
		TEST(one_address_for_two),
		TEST(groups_are_given_whole),
		TEST(half_a_group_costs_only_itself),
		TEST(group_with_the_pf),
		TEST(no_iommu),
		TEST(those_elsewhere_are_left),
		TEST(address_that_the_interface_has_not),
		TEST(rates_of_a_pf_that_comes_up),
		TEST(costs_of_vfs),
		TEST(costs_of_pfs),
		TEST(problems_get_places),
		TEST(codes_of_pfs),
	};

	return RUN(tests);
}
