/* VFs are to have another driver, or to be reset. */
#include "plan/want.h"

#include "core/driver.h"
#include "core/link.h"
#include "core/quirk.h"

#include <stdio.h>
#include <string.h>

static bool is_bound_to(const struct vf *vf, const char *driver)
{
	return vf_has(vf, VF_DRIVER) && driver && strcmp(vf->driver, driver) == 0;
}

static int no_iommu(const struct host *have, const struct vf *vf, struct error *err)
{
	error_set(err, EXIT_UNSUPPORTED,
		have->has_iommu ? "it is in no IOMMU group, and vfio-pci needs one"
				: "this host has no IOMMU at work, and vfio-pci needs one");
	error_about(err, vf->name, "driver");
	return error_hint(err, "turn it on in the BIOS (VT-d, AMD-Vi, SMMU) and on the kernel's "
			       "command line (Intel: intel_iommu=on iommu=pt); without any "
			       "protection: vfio's parameter enable_unsafe_noiommu_mode");
}

static bool is_among(const struct vf **vfs, size_t count, struct bdf bdf)
{
	for (size_t i = 0; i < count; i++)
		if (vf_has(vfs[i], VF_BDF) && bdf_compare(vfs[i]->bdf, bdf) == 0)
			return true;
	return false;
}

/* vfio gives out whole groups: as long as a driver of the host has another device of it,
 * nobody can open it (drivers/iommu/iommu.c, iommu_group_claim_dma_owner). */
static int check_group(const struct host *have, const struct vf **vfs, size_t count,
	const struct vf *vf, unsigned force, struct error *err)
{
	const struct group_member *worst = NULL;
	char bdf[BDF_SIZE];
	size_t others = 0;

	/* the group of one that is still to be made is known only then */
	if (!vf_has(vf, VF_BDF) && have->has_iommu)
		return 0;
	if (!vf_has(vf, VF_IOMMU_GROUP))
		return have->noiommu ? 0 : no_iommu(have, vf, err);
	for (size_t i = 0; i < have->member_count; i++) {
		const struct group_member *m = &have->members[i];

		if (m->group != vf->iommu_group || m->viable || is_among(vfs, count, m->bdf))
			continue;
		others++;
		/* a PF among them says most: it can never be given away as well */
		if (!worst || host_pf_by_bdf(have, m->bdf))
			worst = m;
	}
	if (!worst || force & FORCE_IOMMU_GROUP)
		return 0;
	bdf_format(worst->bdf, bdf);
	error_set(err, EXIT_REFUSED,
		"refused: nobody could open it, because its IOMMU group %u also holds %s (%s)",
		vf->iommu_group, bdf, worst->driver);
	if (others > 1)
		snprintf(err->message + strlen(err->message),
			sizeof(err->message) - strlen(err->message), " and %zu more", others - 1);
	error_about(err, vf->name, "driver");
	return error_hint(err,
		"a slot, BIOS setting (ACS) or switch that separates them gives each "
		"its own group%s; --force=iommu-group does it all the same",
		host_pf_by_bdf(have, worst->bdf) ? "" : "; or bind them all in one command");
}

static int check_bindable(const struct change *change, const struct vf *vf, struct error *err)
{
	if (vf_has(vf, VF_BDF) || (change->problems && vf_has(vf, VF_PF_BDF)))
		return 0;
	if (vf->coming || (change->gathers && vf_has(vf, VF_PF_BDF)))
		error_set(err, EXIT_UNSUPPORTED,
			"it is still to be made: bind or reset it in a command of its own");
	else
		error_set(
			err, EXIT_UNSUPPORTED, "it is no PCI device, and has no driver of its own");
	return error_about(err, vf->name, "driver");
}

/* What is to be written down as wanted. Any driver of the host will do as the default, also
 * the one that an earlier command gives it. */
static const char *driver_meant(
	struct change *change, struct plan *plan, const struct vf *vf, const char *driver)
{
	if (change->gathers && driver && strcmp(driver, DRIVER_DEFAULT) == 0 &&
		vf_has(vf, VF_DRIVER) && !driver_is_passthrough(vf->driver))
		driver = vf->driver;
	return driver ? arena_strdup(&plan->arena, driver) : NULL;
}

/* Unless it is to be another in the end. */
static void want_autoprobe_again(struct plan *plan)
{
	if (pf_has(&plan->goal.pf, PF_AUTOPROBE) || !pf_has(&plan->before.pf, PF_AUTOPROBE))
		return;
	plan->goal.pf.autoprobe = plan->before.pf.autoprobe;
	plan->goal.pf.known |= PF_BIT(PF_AUTOPROBE);
}

int want_driver(struct change *change, const struct host *have, const struct vf **vfs, size_t count,
	const char *driver, unsigned force, struct error *err)
{
	bool vfio = driver && driver_is_vfio(driver);
	bool to_host = driver && !driver_is_passthrough(driver);

	if (change_leaves_here(change, vfs, count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (check_bindable(change, vfs[i], err) < 0)
			return -1;
		if (vfio && !is_bound_to(vfs[i], driver) &&
			check_group(have, vfs, count, vfs[i], force, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < count; i++) {
		const struct vf *vf = vfs[i];
		struct plan *plan = change_plan(change, host_pf_of(have, vf));

		plan_keep_interface(plan, vf);
		if (to_host) {
			plan_want_interface_again(plan, vf);
			plan_keep_pf(plan, PF_AUTOPROBE); /* which may be lent meanwhile */
			want_autoprobe_again(plan);
		}
		plan_want_vf(plan, vf, VF_DRIVER,
			(struct value){.known = true,
				.type = VALUE_STRING,
				.string = driver_meant(change, plan, vf, driver)});
		/* one that stays would keep every other driver away later */
		plan_want_vf(plan, vf, VF_DRIVER_OVERRIDE,
			(struct value){.known = true, .type = VALUE_STRING});
	}
	return change_toward(change, have, err);
}

/* As the driver makes new VFs; what it makes of spoof checking must be known. */
bool value_of_new_vf(const struct pf *pf, enum vf_attr attr, struct value *v)
{
	enum fresh spoofchk = quirk_of(pf->driver)->spoofchk;
	const struct attr *row = &vf_type.attrs[attr];
	struct lladdr none = {.len = 6};

	switch (row->type) {
	case VALUE_BOOL:
		v->on = attr == VF_SPOOFCHK && spoofchk == FRESH_ON;
		return attr != VF_SPOOFCHK || spoofchk != FRESH_UNKNOWN;
	case VALUE_ENUM:
		v->uint = 0;
		v->name = row->names[0];
		return true;
	case VALUE_UINT:
		v->uint = 0;
		return true;
	case VALUE_LLADDR:
		v->lladdr = none;
		return true;
	case VALUE_GUID: /* there is no "none": another one would be a change of identity */
	case VALUE_STRING:
	case VALUE_STRINGS:
	case VALUE_INTS:
	case VALUE_REAL:
	case VALUE_INT:
	case VALUE_UINT64:
	case VALUE_HEX:
	case VALUE_BDF:
	case VALUE_ANY:
		break;
	}
	return false;
}

/* Some drivers take no rate without a link, not even none. */
static bool keeps_rate(struct plan *plan, const struct vf *vf, unsigned attr)
{
	const struct pf *pf = plan->pf;

	if ((attr != VF_MAX_TX_RATE && attr != VF_MIN_TX_RATE) ||
		!quirk_of(pf->driver)->no_rate_needs_link || !pf_has(pf, PF_LINK) ||
		pf->link == LINK_UP)
		return false;
	if (attr == VF_MAX_TX_RATE && vf->max_tx_rate)
		plan_warn(plan, "%s: its max_tx_rate stays: %s sets rates only while %s has a link",
			vf->name, pf->driver, pf->name);
	return true;
}

static void want_fresh(struct plan *plan, const struct vf *vf)
{
	uint64_t unsupported = quirk_unsupported(plan->pf);

	for (unsigned a = 0; a < VF_ATTR_COUNT; a++) {
		struct value v = attr_get(&vf_type, a, vf);

		if (vf_type.attrs[a].flags & ATTR_KEEP && v.known && !(unsupported >> a & 1) &&
			!keeps_rate(plan, vf, a) && value_of_new_vf(plan->pf, a, &v))
			plan_want_vf(plan, vf, a, v);
	}
}

int want_reset(struct change *change, const struct host *have, const struct vf **vfs, size_t count,
	struct error *err)
{
	if (change_leaves_here(change, vfs, count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct vf *vf = vfs[i];
		struct plan *plan = change_plan(change, host_pf_of(have, vf));

		if (check_bindable(change, vf, err) < 0)
			return -1;
		plan_keep_vf(plan, vf, VF_DRIVER);
		plan_keep_vf(plan, vf, VF_DRIVER_OVERRIDE);
		plan_want_interface_again(plan, vf);
		/* its name is who it is, its MTU is a setting */
		state_vf(&plan->arena, &plan->goal, vf->index)->vf.known &= ~VF_BIT(VF_MTU);
		want_fresh(plan, vf);
		/* its driver may choose another address then: on the way back, not that one */
		state_vf(&plan->arena, &plan->before, vf->index)->rebind |=
			vf_has(vf, VF_IF_MAC) && vf_has(vf, VF_MAC) &&
			lladdr_equal(&vf->if_mac, &vf->mac);
		state_vf(&plan->arena, &plan->goal, vf->index)->fresh = true;
		state_vf(&plan->arena, &plan->goal, vf->index)->reset = vf->resettable;
		if (!vf->resettable)
			plan_warn(plan,
				"%s: the device has no function-level reset; only its "
				"settings are reset",
				vf->name);
	}
	return change_toward(change, have, err);
}
