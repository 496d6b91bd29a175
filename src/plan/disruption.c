/* What a step costs those who use the PF and its VFs. */
#include "plan/plan.h"

#include "core/quirk.h"

#include <string.h>

const char *const disruption_names[] = {
	[DISRUPTION_NONE] = "none",
	[DISRUPTION_VF] = "vf_reset",
	[DISRUPTION_PF] = "pf_interrupted",
	[DISRUPTION_DESTROYS] = "vfs_destroyed",
};
const char *const disruption_texts[] = {
	[DISRUPTION_NONE] = "none",
	[DISRUPTION_VF] = "resets the VF",
	[DISRUPTION_PF] = "interrupts the PF",
	[DISRUPTION_DESTROYS] = "destroys VFs",
};

/* Where its driver restarts the PF, all traffic stops for a moment. */
static enum disruption of_pf(const struct plan *plan)
{
	return pf_has(plan->pf, PF_UP) && plan->pf->up ? DISRUPTION_PF : DISRUPTION_NONE;
}

static const struct vf *vf_before(const struct plan *plan, const struct host *have, int32_t index)
{
	const struct pf *pf = host_same_pf(have, plan->pf);

	return pf && index >= 0 ? host_vf(have, pf, (uint32_t)index) : NULL;
}

/* One that is there, with a driver that must start anew for it. */
static enum disruption of_address(
	const struct plan *plan, const struct host *have, const struct step *s)
{
	const struct vf *vf = vf_before(plan, have, s->vf);

	return vf && quirk_of(plan->pf->driver)->mac_needs_rebind && vf_has(vf, VF_IF_MAC) &&
			       !lladdr_equal(&vf->if_mac, &s->new.lladdr)
		       ? DISRUPTION_VF
		       : DISRUPTION_NONE;
}

enum disruption step_disruption(
	const struct plan *plan, const struct host *have, const struct step *s)
{
	if (s->vf >= 0 && plan_has_step(plan, STEP_NUM_VFS)) /* then that says it all */
		return DISRUPTION_NONE;
	switch (s->kind) {
	case STEP_NUM_VFS:
		if (s->new.uint < s->old.uint)
			return DISRUPTION_DESTROYS;
		return quirk_of(plan->pf->driver)->count_keeps_link ? DISRUPTION_NONE : of_pf(plan);
	case STEP_IF_UP:
		return s->new.on ? DISRUPTION_NONE : s->vf < 0 ? DISRUPTION_PF : DISRUPTION_VF;
	case STEP_IF_MTU:
		return s->vf < 0 ? of_pf(plan) : DISRUPTION_NONE;
	case STEP_VF_ATTR:
		return s->attr == VF_MAC ? of_address(plan, have, s) : DISRUPTION_NONE;
	case STEP_VF_DRIVER:
		return s->old.known && s->old.string && vf_before(plan, have, s->vf)
			       ? DISRUPTION_VF
			       : DISRUPTION_NONE;
	case STEP_VF_RESET:
	case STEP_IF_NETNS:
		return DISRUPTION_VF;
	case STEP_AUTOPROBE:
	case STEP_VF_MSIX:
	case STEP_VF_OVERRIDE:
	case STEP_VFIO_NODE:
	case STEP_IF_NAME:
	case STEP_IF_ALTNAME:
	case STEP_LEASE:
	case STEP_IF_MAC:
	case STEP_IF_ADDRESS:
	case STEP_IF_GATEWAY:
	case STEP_IF_ANNOUNCE:
		break;
	}
	return DISRUPTION_NONE;
}
