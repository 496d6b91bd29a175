/* `vf bind`, `vf unbind` and `vf reset`: what is planned, and what is refused. */
#include "unit.h"

#include "world.h"

#include "core/options.h"

static void add_member(
	struct world *w, uint32_t group, struct bdf bdf, const char *driver, bool viable)
{
	struct host *h = &w->host;

	h->members = arena_push(&h->arena, h->members, &h->member_count, sizeof(*h->members));
	h->members[h->member_count - 1] = (struct group_member){group, bdf, driver, viable};
}

static void set_override(struct vf *vf, const char *driver)
{
	vf->driver_override = driver;
	vf->known |= VF_BIT(VF_DRIVER_OVERRIDE);
}

/* One step of the only plan. */
static const struct step *step(struct world *w, size_t i)
{
	assert_true(i < world_plan(w)->count);
	return &world_plan(w)->steps[i];
}

static void binds(void **state)
{
	struct world *w = *state;
	const struct vf_state *had;

	assert_plans(w, world_bind(w, "eth0/1", "vfio-pci", 0),
		"eth0/1 driver igbvf>vfio-pci; eth0/1 vfio >/dev/vfio/11");
	assert_int_equal(step(w, 0)->kind, STEP_VF_DRIVER);
	assert_int_equal(step(w, 1)->kind, STEP_VFIO_NODE);
	assert_int_equal(step(w, 0)->vf, 1);
	for (size_t i = 0; i < 2; i++)
		assert_false(step(w, i)->internal || step(w, i)->put_back || step(w, i)->rebind);
	/* to go back to: the driver, and the interface it has */
	had = state_find(&world_plan(w)->before, 1);
	assert_string_equal(had->vf.driver, "igbvf");
	assert_string_equal(had->vf.ifname, "eth0v1");
	assert_int_equal(had->vf.mtu, 1500);
	assert_true(vf_has(&had->vf, VF_DRIVER_OVERRIDE) && !had->vf.driver_override);
	/* other pass-through drivers need no group, and have no node of vfio */
	assert_plans(w, world_bind(w, "eth0/1", "uio_pci_generic", 0),
		"eth0/1 driver igbvf>uio_pci_generic");
	assert_plans(w, world_bind(w, "eth1/0 eth0/0-1", "vfio-pci", 0),
		"eth0/0 driver igbvf>vfio-pci; eth0/0 vfio >/dev/vfio/10; "
		"eth0/1 driver igbvf>vfio-pci; eth0/1 vfio >/dev/vfio/11; "
		"eth1/0 driver igbvf>vfio-pci; eth1/0 vfio >/dev/vfio/14");
	assert_int_equal(w->change.count, 2);
}

static void already_bound(void **state)
{
	struct world *w = *state;

	world_vfio(&w->host, world_vf(w, "eth0/1"));
	world_vf(w, "eth0/1")->known &= ~VF_BIT(VF_IOMMU_GROUP); /* nothing is checked either */
	assert_plans(w, world_bind(w, "eth0/1", "vfio-pci", 0), "");
	assert_false(change_changed(&w->change));
	assert_plans(w, world_bind(w, "eth0/0", "igbvf", 0), "");
	assert_plans(w, world_bind(w, "eth0/0", "default", 0), "");
	world_unbind(world_vf(w, "eth0/2"));
	assert_plans(w, world_bind(w, "eth0/2", NULL, 0), "");
	assert_plans(w, world_bind(w, "eth0/0-1", "vfio-pci", 0),
		"eth0/0 driver igbvf>vfio-pci; eth0/0 vfio >/dev/vfio/10");
}

static void unbinds(void **state)
{
	struct world *w = *state;

	assert_plans(w, world_bind(w, "eth0/1", NULL, 0), "eth0/1 driver igbvf>");
	assert_false(step(w, 0)->new.known);
	world_vfio(&w->host, world_vf(w, "eth0/0"));
	assert_plans(w, world_bind(w, "eth0/0", NULL, 0), "eth0/0 driver vfio-pci>");
}

/* A driver of the host: its interface is to be what it was. */
static void back_to_the_host(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/0");

	vf->mtu = 9000;
	fixture_altname(&w->host, &vf->altnames, "tenant");
	assert_plans(w, world_bind(w, "eth0/0", "othervf", 0),
		"eth0/0 driver igbvf>othervf; eth0/0 ifname eth0v0>eth0v0; "
		"eth0/0 mtu 9000>9000; eth0/0 altname tenant>tenant; eth0/0 up on>on");
	assert_false(step(w, 0)->put_back);
	for (size_t i = 1; i < 5; i++)
		assert_true(step(w, i)->put_back);
	/* one that had none had nothing */
	world_vfio(&w->host, vf);
	assert_plans(w, world_bind(w, "eth0/0", "default", 0), "eth0/0 driver vfio-pci>default");
	assert_plans(w, world_bind(w, "eth0/0", "igbvf", 0), "eth0/0 driver vfio-pci>igbvf");
	world_unbind(vf);
	assert_plans(w, world_bind(w, "eth0/0", "default", 0), "eth0/0 driver >default");
	/* a driver that hands it on is none of the kernel's choice */
	vf->driver = "pci-stub";
	vf->known |= VF_BIT(VF_DRIVER);
	assert_plans(w, world_bind(w, "eth0/0", "default", 0), "eth0/0 driver pci-stub>default");
}

/* An override that someone has left keeps every other driver away. */
static void leftover_override(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/0");

	set_override(vf, "vfio-pci");
	assert_plans(w, world_bind(w, "eth0/0", "default", 0), "eth0/0 driver_override vfio-pci>");
	assert_int_equal(step(w, 0)->kind, STEP_VF_OVERRIDE);
	world_unbind(vf);
	assert_plans(w, world_bind(w, "eth0/0", "default", 0),
		"eth0/0 driver_override vfio-pci>; eth0/0 driver >default");
	assert_string_equal(state_find(&world_plan(w)->before, 0)->vf.driver_override, "vfio-pci");
	world_vfio(&w->host, vf);
	assert_plans(w, world_bind(w, "eth0/0", "default", 0),
		"eth0/0 driver_override vfio-pci>; eth0/0 driver vfio-pci>default");
	assert_plans(w, world_bind(w, "eth0/0", NULL, 0),
		"eth0/0 driver_override vfio-pci>; eth0/0 driver vfio-pci>");
	/* binding by override leaves none */
	set_override(vf, "igbvf");
	world_unbind(vf);
	assert_plans(w, world_bind(w, "eth0/0", "vfio-pci", 0),
		"eth0/0 driver >vfio-pci; eth0/0 vfio >/dev/vfio/10");
	assert_null(step(w, 0)->want->driver_override);
	assert_true(vf_has(step(w, 0)->want, VF_DRIVER_OVERRIDE));
	set_override(vf, NULL);
	assert_plans(w, world_bind(w, "eth0/0", "default", 0), "eth0/0 driver >default");
}

/* A driver of the host, by name, that another one's override would keep away. */
static void override_and_a_name(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/0");

	set_override(vf, "vfio-pci");
	world_vfio(&w->host, vf);
	assert_plans(w, world_bind(w, "eth0/0", "igbvf", 0),
		"eth0/0 driver_override vfio-pci>; eth0/0 driver vfio-pci>igbvf");
}

/* While autoprobe is off, the kernel gives VFs to no driver of its own choice. */
static void autoprobe_is_lent(void **state)
{
	struct world *w = *state;

	w->eth0->autoprobe = false;
	world_vfio(&w->host, world_vf(w, "eth0/0"));
	world_unbind(world_vf(w, "eth0/1"));
	assert_plans(w, world_bind(w, "eth0/0-2", "default", 0),
		"eth0 autoprobe off>on; eth0/0 driver vfio-pci>default; eth0/1 driver >default; "
		"eth0 autoprobe on>off");
	assert_true(step(w, 0)->internal && step(w, 3)->internal);
	assert_false(step(w, 1)->internal || step(w, 2)->internal);
	/* not when there is nothing to bind, nor when it goes by an override */
	assert_plans(w, world_bind(w, "eth0/2", "default", 0), "");
	assert_plans(w, world_bind(w, "eth0/2", "vfio-pci", 0),
		"eth0/2 driver igbvf>vfio-pci; eth0/2 vfio >/dev/vfio/12");
	assert_plans(w, world_bind(w, "eth0/2", NULL, 0), "eth0/2 driver igbvf>");
	/* nor when the PF has no such switch */
	w->eth0->known &= ~PF_BIT(PF_AUTOPROBE);
	assert_plans(w, world_bind(w, "eth0/0", "default", 0), "eth0/0 driver vfio-pci>default");
}

/* If it dies in between, the switch must be put right again. */
static void lent_autoprobe_is_remembered(void **state)
{
	struct world *w = *state;

	w->eth0->autoprobe = false;
	world_vfio(&w->host, world_vf(w, "eth0/0"));
	assert_int_equal(world_bind(w, "eth0/0", "default", 0), 0);
	assert_true(pf_has(&world_plan(w)->before.pf, PF_AUTOPROBE));
	assert_false(world_plan(w)->before.pf.autoprobe);
}

/* drivers/pci/pci-driver.c, pci_device_can_probe(): without autoprobe a VF is taken by no
 * driver but that of its override, whoever asks for it. */
static void autoprobe_and_a_name(void **state)
{
	struct world *w = *state;

	w->eth0->autoprobe = false;
	world_vfio(&w->host, world_vf(w, "eth0/0"));
	assert_plans(w, world_bind(w, "eth0/0", "igbvf", 0),
		"eth0 autoprobe off>on; eth0/0 driver vfio-pci>igbvf; eth0 autoprobe on>off");
}

static void no_iommu(void **state)
{
	struct world *w = *state;

	world_vf(w, "eth0/1")->known &= ~VF_BIT(VF_IOMMU_GROUP);
	assert_refuses(w, world_bind(w, "eth0/0-1", "vfio-pci", FORCE_ALL), EXIT_UNSUPPORTED,
		"eth0/1", "driver", "it is in no IOMMU group");
	w->host.has_iommu = false;
	assert_refuses(w, world_bind(w, "eth0/0-1", "vfio-pci", FORCE_ALL), EXIT_UNSUPPORTED,
		"eth0/1", "driver", "this host has no IOMMU at work");
	assert_contains(w->err.hint, "iommu");
	assert_int_equal(change_step_count(&w->change), 0);
	w->host.noiommu = true; /* by the user's own choice; the group comes with the driver */
	assert_plans(w, world_bind(w, "eth0/1", "vfio-pci", 0),
		"eth0/1 driver igbvf>vfio-pci; eth0/1 vfio >");
	w->host.noiommu = false;
	assert_plans(w, world_bind(w, "eth0/1", "uio_pci_generic", 0),
		"eth0/1 driver igbvf>uio_pci_generic");
}

static void group_shared_with_a_pf(void **state)
{
	struct world *w = *state;

	/* those before it in the list say less */
	add_member(w, 10, (struct bdf){0, 5, 0}, "nvme", false);
	add_member(w, 10, w->eth0->bdf, "qede", false);
	add_member(w, 10, (struct bdf){0, 6, 0}, "ahci", false);
	add_member(w, 11, (struct bdf){0, 7, 0}, "ehci", false); /* of another */
	assert_refuses(w, world_bind(w, "eth0/0", "vfio-pci", FORCE_IN_USE | FORCE_DUPLICATE_MAC),
		EXIT_REFUSED, "eth0/0", "driver",
		"its IOMMU group 10 also holds 0000:21:00.0 (qede) and 2 more");
	assert_contains(w->err.hint, "--force=iommu-group");
	assert_plans(w, world_bind(w, "eth0/0", "vfio-pci", FORCE_IOMMU_GROUP),
		"eth0/0 driver igbvf>vfio-pci; eth0/0 vfio >/dev/vfio/10");
	assert_plans(w, world_bind(w, "eth0/2", "vfio-pci", 0),
		"eth0/2 driver igbvf>vfio-pci; eth0/2 vfio >/dev/vfio/12");
	assert_plans(w, world_bind(w, "eth0/0", "pci-stub", 0), "eth0/0 driver igbvf>pci-stub");
}

static void group_shared_among_vfs(void **state)
{
	struct world *w = *state;

	for (uint32_t i = 0; i < 3; i++) {
		struct vf *vf = fixture_vf(&w->host, w->eth0, i);

		vf->iommu_group = 10;
		add_member(w, 10, vf->bdf, "igbvf", false);
	}
	add_member(w, 10, (struct bdf){0, 5, 0}, "pcieport", true); /* leaves it to vfio */
	add_member(w, 10, (struct bdf){0, 6, 0}, NULL, true);
	assert_refuses(w, world_bind(w, "eth0/0-1", "vfio-pci", 0), EXIT_REFUSED, "eth0/0",
		"driver", "IOMMU group 10 also holds 0000:21:10.2 (igbvf)");
	assert_null(strstr(w->err.message, "more"));
	assert_contains(w->err.hint, "one command");
	assert_plans(w, world_bind(w, "eth0/0-2", "vfio-pci", 0),
		"eth0/0 driver igbvf>vfio-pci; eth0/0 vfio >/dev/vfio/10; "
		"eth0/1 driver igbvf>vfio-pci; eth0/1 vfio >/dev/vfio/10; "
		"eth0/2 driver igbvf>vfio-pci; eth0/2 vfio >/dev/vfio/10");
}

static void not_a_pci_device(void **state)
{
	struct world *w = *state;

	world_vf(w, "eth0/1")->known &= ~VF_BIT(VF_BDF);
	assert_refuses(w, world_bind(w, "eth0/0-1", "vfio-pci", FORCE_ALL), EXIT_UNSUPPORTED,
		"eth0/1", "driver", "no PCI device");
	assert_refuses(w, world_bind(w, "eth0/1", NULL, 0), EXIT_UNSUPPORTED, "eth0/1", "driver",
		"no PCI device");
	assert_refuses(
		w, world_reset(w, "eth0/1"), EXIT_UNSUPPORTED, "eth0/1", "driver", "no PCI device");
}

/* reset */

static void resets(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/1");

	w->eth0->driver = "igb";
	vf->vlan = 5;
	vf->qos = 3;
	vf->max_tx_rate = 100;
	vf->trust = true;
	vf->spoofchk = false;
	vf->mtu = 9000;
	fixture_altname(&w->host, &vf->altnames, "tenant");
	assert_plans(w, world_reset(w, "eth0/1"),
		"eth0/1 driver igbvf>; eth0/1 reset >flr; "
		"eth0/1 mac 02:00:00:00:00:01>00:00:00:00:00:00; eth0/1 vlan 5>0; eth0/1 qos 3>0; "
		"eth0/1 max_tx_rate 100>0; eth0/1 spoofchk off>on; eth0/1 trust on>off; "
		"eth0/1 driver igbvf>igbvf; eth0/1 ifname eth0v1>eth0v1; eth0/1 altname "
		"tenant>tenant; "
		"eth0/1 up on>on");
	for (size_t i = 0; i < world_plan(w)->count; i++) {
		const struct step *s = step(w, i);

		assert_int_equal(s->internal, i == 0);
		assert_int_equal(s->rebind, s->kind == STEP_VF_DRIVER && i > 0);
		assert_int_equal(s->put_back, s->kind == STEP_IF_NAME ||
						      s->kind == STEP_IF_ALTNAME ||
						      s->kind == STEP_IF_UP);
	}
	/* one write of the VLAN takes it away whole */
	assert_true(!step(w, 3)->want->vlan && !step(w, 3)->want->qos);
	/* its MTU was a setting, and comes back only if all of it fails */
	assert_int_equal(state_find(&world_plan(w)->before, 1)->vf.mtu, 9000);
	assert_false(vf_has(&state_find(&world_plan(w)->goal, 1)->vf, VF_MTU));
}

/* A new one has nothing to put right; a fresh VF is only reset. */
static void resets_a_fresh_one(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/0");

	vf->mac = (struct lladdr){.len = 6};
	assert_plans(w, world_reset(w, "eth0/0"),
		"eth0/0 driver igbvf>; eth0/0 reset >flr; eth0/0 driver igbvf>igbvf; "
		"eth0/0 ifname eth0v0>eth0v0; eth0/0 up on>on");
	vf->up = false; /* as it comes */
	assert_plans(w, world_reset(w, "eth0/0"),
		"eth0/0 driver igbvf>; eth0/0 reset >flr; eth0/0 driver igbvf>igbvf; "
		"eth0/0 ifname eth0v0>eth0v0");
	/* with vfio-pci it can stay where it is, and without a driver too */
	world_vfio(&w->host, vf);
	assert_plans(w, world_reset(w, "eth0/0"), "eth0/0 reset >flr");
	world_unbind(vf);
	assert_plans(w, world_reset(w, "eth0/0"), "eth0/0 reset >flr");
}

/* All are reset before the first is configured. */
static void resets_several(void **state)
{
	struct world *w = *state;

	for (uint32_t i = 0; i < 2; i++)
		world_unbind(fixture_vf(&w->host, w->eth0, i));
	assert_plans(w, world_reset(w, "eth0/0-1"),
		"eth0/0 reset >flr; eth0/1 reset >flr; "
		"eth0/0 mac 02:00:00:00:00:00>00:00:00:00:00:00; "
		"eth0/1 mac 02:00:00:00:00:01>00:00:00:00:00:00");
	assert_string_equal(world_warnings(w), "");
}

static void not_resettable(void **state)
{
	struct world *w = *state;

	world_vf(w, "eth0/0")->resettable = false;
	assert_plans(w, world_reset(w, "eth0/0"), "eth0/0 mac 02:00:00:00:00:00>00:00:00:00:00:00");
	assert_string_equal(world_warnings(w),
		"eth0/0: the device has no function-level reset; only its settings are reset\n");
	world_vf(w, "eth0/0")->mac = (struct lladdr){.len = 6};
	assert_plans(w, world_reset(w, "eth0/0"), "");
}

/* What the driver does not tell is not made up. */
static void resets_only_what_is_known(void **state)
{
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/0");

	world_unbind(vf);
	vf->trust = true;
	vf->vlan = 5;
	vf->known &= ~(VF_BIT(VF_TRUST) | VF_BIT(VF_VLAN) | VF_BIT(VF_MAC));
	assert_plans(w, world_reset(w, "eth0/0"), "eth0/0 reset >flr");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(binds),
		TEST(already_bound),
		TEST(unbinds),
		TEST(back_to_the_host),
		TEST(leftover_override),
		TEST(override_and_a_name),
		TEST(autoprobe_is_lent),
		TEST(lent_autoprobe_is_remembered),
		TEST(autoprobe_and_a_name),
		TEST(no_iommu),
		TEST(group_shared_with_a_pf),
		TEST(group_shared_among_vfs),
		TEST(not_a_pci_device),
		TEST(resets),
		TEST(resets_a_fresh_one),
		TEST(resets_several),
		TEST(not_resettable),
		TEST(resets_only_what_is_known),
	};

	return RUN(tests);
}
