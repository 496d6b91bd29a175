/* A PF is to have another number of VFs. */
#include "plan/want.h"

#include "core/quirk.h"

/* All that VFs which survive must have again. */
static void keep_everything(struct plan *plan, const struct vf *vf)
{
	for (unsigned a = 0; a < VF_ATTR_COUNT; a++)
		if (vf_type.attrs[a].flags & ATTR_KEEP)
			plan_keep_vf(plan, vf, a);
	plan_keep_vf(plan, vf, VF_DRIVER);
	plan_keep_vf(plan, vf, VF_DRIVER_OVERRIDE);
	plan_keep_interface(plan, vf);
}

/* What these have is wanted again, where nothing else is wanted already. */
static void want_as(struct plan *plan, const struct state *had)
{
	for (size_t i = 0; i < had->count; i++) {
		struct vf *vf = &state_vf(&plan->arena, &plan->goal, had->vfs[i]->vf.index)->vf;

		for (unsigned a = 0; a < VF_ATTR_COUNT; a++) {
			struct value v = attr_get(&vf_type, a, &had->vfs[i]->vf);

			if (v.known && !vf_has(vf, a))
				attr_set(&vf_type, a, vf, &v);
		}
	}
}

/* As the VFs will be when earlier commands have been carried out, not as they were before. */
static void want_as_planned(struct plan *plan, const struct host *have, const struct pf *pf)
{
	struct plan now = {.pf = pf};

	for (size_t i = 0; i < pf->vf_count; i++) {
		const struct vf *vf = &have->vfs[pf->first_vf + i];

		/* one that is still to be made gets the driver that new ones get */
		if (!vf->coming || vf_has(vf, VF_DRIVER))
			keep_everything(&now, vf);
	}
	want_as(plan, &now.before);
	plan_free(&now);
}

/* What one change cannot do, although one after the other could. */
static int check_earlier(struct change *change, const struct host *have, const struct pf *pf,
	uint64_t count, struct error *err)
{
	if (count != pf->num_vfs && change_leaves_pf_here(change, have, pf, err) < 0)
		return -1;
	if (!change_resizes(change, pf) || pf->num_vfs == count)
		return 0;
	error_set(err, EXIT_USAGE, "an earlier line gives it %u VFs, and one change cannot do both",
		pf->num_vfs);
	return error_about(err, pf->name, "num_vfs");
}

int want_vf_count(struct change *change, const struct host *have, const struct pf *pf,
	uint64_t count, struct error *err)
{
	const struct quirk *quirk = quirk_of(pf->driver);
	struct value n = value_uint(count), on = value_bool(true);
	struct plan *plan = change_plan(change, pf);
	/* of commands the last one counts; what is declared is to be in the end */
	bool stays_down = change->problems && pf_has(&plan->goal.pf, PF_UP);

	/* also where it cannot be had: that is counted */
	attr_set(&pf_type, PF_NUM_VFS, &plan->goal.pf, &n);
	if (check_earlier(change, have, pf, count, err) < 0)
		return -1;
	if (pf_has(pf, PF_TOTAL_VFS) && count > pf->total_vfs) {
		error_set(err, EXIT_USAGE, "it can have %u VFs at most, not %llu", pf->total_vfs,
			(unsigned long long)count);
		error_about(err, pf->name, NULL);
		return error_hint(err, pf->total_vfs
					       ? "some cards can have more after a change of "
						 "their firmware settings"
					       : "SR-IOV is off in the card's firmware settings");
	}
	if (!pf_has(pf, PF_DRIVER) && count != pf->num_vfs) {
		error_set(err, EXIT_UNSUPPORTED, "it has no driver, and only a driver makes VFs");
		error_about(err, pf->name, NULL);
		return error_hint(err, "load the driver of this device first");
	}
	/* where the journal knows the number, the VFs there now are not those from before, and
	 * all that these had is wanted already */
	if (!pf_has(&plan->before.pf, PF_NUM_VFS)) {
		for (size_t i = 0; i < pf->vf_count; i++)
			keep_everything(plan, &have->vfs[pf->first_vf + i]);
		if (change->gathers)
			want_as_planned(plan, have, pf);
	}
	plan_keep_pf(plan, PF_NUM_VFS);
	plan_keep_pf(plan, PF_AUTOPROBE);
	if (!change->gathers)
		want_as(plan, &plan->before);
	if (pf_has(&plan->before.pf, PF_AUTOPROBE) && !pf_has(&plan->goal.pf, PF_AUTOPROBE)) {
		struct value autoprobe = attr_get(&pf_type, PF_AUTOPROBE, &plan->before.pf);

		attr_set(&pf_type, PF_AUTOPROBE, &plan->goal.pf, &autoprobe);
	}
	if (quirk->pf_up_first && !stays_down && (pf->num_vfs != count || plan->interrupted) &&
		pf_has(pf, PF_UP) &&
		(!pf->up || (pf_has(&plan->goal.pf, PF_UP) && !plan->goal.pf.up))) {
		plan_keep_pf(plan, PF_UP);
		attr_set(&pf_type, PF_UP, &plan->goal.pf, &on);
	}
	return change->gathers ? 0 : plan_toward(plan, have, &plan->goal, err);
}
