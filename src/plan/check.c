/* Who would lose something? Asked under the lock, before the first step. */
#include "plan/plan.h"

#include "core/options.h"
#include "core/quirk.h"
#include "core/usage.h"

#include <stdio.h>
#include <string.h>

static int refuse(struct error *err, const char *object, const struct user *user, size_t others)
{
	char more[48] = "";

	if (others)
		snprintf(more, sizeof(more), ", and %zu more %s in use", others,
			others == 1 ? "VF is" : "VFs are");
	error_set(err, EXIT_REFUSED, "refused: it %s %s%s", user->verb, user->what, more);
	error_about(err, object, NULL);
	if (user->hard)
		return error_hint(err, "end that process first; the kernel would block until it "
				       "does, so this cannot be forced");
	return error_hint(err, "free it first, or take it away with --force=in-use");
}

static bool switches_off(const struct step *s)
{
	return s->kind == STEP_IF_UP && !s->new.on;
}

/* No PF, no traffic of its VFs. */
static bool pf_goes_down(const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (switches_off(&plan->steps[i]) && plan->steps[i].vf < 0)
			return true;
	return false;
}

/* Does the VF go away, or get into other hands, if only for a moment? An address that its
 * driver takes only when it starts anew stops its traffic until then. */
static bool takes_away(const struct plan *plan, const struct vf *vf, const struct step *s)
{
	if (s->kind == STEP_VF_ATTR && s->attr == VF_MAC)
		return quirk_of(plan->pf->driver)->mac_needs_rebind && vf_has(vf, VF_IF_MAC) &&
		       !plan->interrupted && !lladdr_equal(&vf->if_mac, &s->new.lladdr);
	return s->kind == STEP_VF_RESET || s->kind == STEP_IF_NETNS ||
	       (s->kind == STEP_LEASE && (s->new.known || vf->attached)) ||
	       (s->kind == STEP_VF_DRIVER && s->old.known);
}

/* Is being lent what the plan ends, or goes on with? Then that speaks not against it. */
static bool is_about_lease(const struct plan *plan, const struct vf *vf)
{
	const struct vf_state *goal = state_find(&plan->goal, vf->index);

	if (goal && vf_has(&goal->vf, VF_LEASE) && goal->vf.lease)
		return true;
	for (size_t i = 0; i < plan->count; i++) {
		const struct step *s = &plan->steps[i];

		if ((s->kind == STEP_IF_NETNS || s->kind == STEP_LEASE) &&
			s->vf == (int32_t)vf->index && !s->new.known)
			return true;
	}
	return false;
}

/* Does the kernel wait there for whoever has it open? */
static bool blocks(const struct plan *plan, const struct vf *vf)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct step *s = &plan->steps[i];

		if (s->kind == STEP_NUM_VFS ||
			((s->kind == STEP_VF_DRIVER || s->kind == STEP_VF_RESET) &&
				s->vf == (int32_t)vf->index))
			return true;
	}
	return false;
}

/* Who would lose something, but for those whose time with it is over anyway. */
static void users_of(const struct plan *plan, const struct user_index *index, const struct vf *vf,
	struct arena *arena, struct users *users)
{
	size_t n = 0;

	/* both questions walk all steps, and hardly any VF has such a user */
	vf_users_by(index, vf, arena, users);
	for (size_t i = 0; i < users->count; i++) {
		if (users->items[i].lent && is_about_lease(plan, vf))
			continue;
		users->items[n] = users->items[i];
		users->items[n].hard = users->items[n].hard && blocks(plan, vf);
		n++;
	}
	users->count = n;
}

/* The VFs that the plan takes away from whoever has them, as a set by index. */
static bool *touched_vfs(const struct plan *plan, const struct host *have, struct arena *arena)
{
	const struct pf *pf = plan->pf;
	bool *set = arena_alloc(arena, pf->vf_count + 1);
	bool all = plan_has_step(plan, STEP_NUM_VFS) || pf_goes_down(plan);

	for (size_t v = 0; v < pf->vf_count; v++)
		set[v] = all;
	for (size_t i = 0; i < plan->count && !all; i++) {
		const struct step *s = &plan->steps[i];
		const struct vf *vf = s->vf < 0 ? NULL : host_vf(have, pf, (uint32_t)s->vf);
		const struct vf_state *goal = vf ? state_find(&plan->goal, vf->index) : NULL;

		if (vf)
			set[vf - &have->vfs[pf->first_vf]] |=
				(goal && goal->fresh) || takes_away(plan, vf, s);
	}
	return set;
}

/* The journal of a change that was cut off long ago must not be written over a VF that
 * someone has put to use since. */
static int check_stale(
	const struct plan *plan, const struct host *have, struct arena *arena, struct error *err)
{
	struct user_index index;

	user_index(have, arena, &index);
	for (size_t i = 0; i < plan->count; i++) {
		const struct step *s = &plan->steps[i];
		const struct vf *vf = s->kind == STEP_VF_ATTR && s->put_back
					      ? host_vf(have, plan->pf, (uint32_t)s->vf)
					      : NULL;
		struct users users;
		struct value now;

		if (!vf)
			continue;
		now = attr_get(&vf_type, s->attr, vf);
		if (value_equal(&now, &s->new))
			continue;
		users_of(plan, &index, vf, arena, &users);
		/* that it was lent is no news: it was so then, or by the change itself */
		if (!users.count || (users.items[0].lent && vf->attached))
			continue;
		users.items[0].hard = false; /* nothing here blocks */
		refuse(err, vf->name, &users.items[0], 0);
		return error_hint(err, "it was set up anew after an earlier change was cut off; to "
				       "put back what it had before, add --force=in-use");
	}
	return 0;
}

/* A change that was cut off handed a VF over, and by now somebody else has it. */
static int check_moved_on(const struct plan *plan, const struct host *have, struct error *err)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct step *s = &plan->steps[i];
		const struct vf *vf = s->kind == STEP_IF_NETNS && !s->new.known
					      ? host_vf(have, plan->pf, (uint32_t)s->vf)
					      : NULL;

		if (!vf || vf_whereabouts(have, vf) == WHERE_ATTACHED)
			continue;
		error_set(err, EXIT_REFUSED,
			"refused: an earlier change of it was cut off, and since then someone has "
			"moved it to %s",
			vf->netns);
		error_about(err, vf->name, NULL);
		return error_hint(err, "to take it from there and put back what it had: add "
				       "--force=in-use");
	}
	return 0;
}

/* Is another address all that is to happen to it? */
static bool sets_address(const struct plan *plan, const struct vf *vf)
{
	const struct vf_state *goal = state_find(&plan->goal, vf->index);
	bool sets = false;

	if (plan_has_step(plan, STEP_NUM_VFS) || (goal && goal->fresh)) /* that is not all */
		return false;
	for (size_t i = 0; i < plan->count; i++) {
		const struct step *s = &plan->steps[i];

		if (s->vf == (int32_t)vf->index && s->kind == STEP_VF_RESET)
			return false;
		sets |= s->vf == (int32_t)vf->index && s->kind == STEP_VF_ATTR && s->attr == VF_MAC;
	}
	return sets;
}

static int check_vfs(const struct plan *plan, const struct host *have, const bool *touched,
	unsigned force, struct arena *arena, struct error *err)
{
	const struct vf *worst = NULL;
	struct user_index index;
	struct user why = {0};
	size_t in_use = 0;

	user_index(have, arena, &index);
	for (size_t i = 0; i < plan->pf->vf_count; i++) {
		const struct vf *vf = &have->vfs[plan->pf->first_vf + i];
		struct users users;

		if (!touched[i])
			continue;
		users_of(plan, &index, vf, arena, &users);
		if (users.count && pf_goes_down(plan)) /* that blocks for nobody */
			users.items[0].hard = false;
		if (!users.count || (force & FORCE_IN_USE && !users.items[0].hard))
			continue;
		in_use++;
		if (!worst || (users.items[0].hard && !why.hard)) {
			worst = vf;
			why = users.items[0];
		}
	}
	if (!worst)
		return 0;
	refuse(err, worst->name, &why, in_use - 1);
	if (why.lent && worst->attached)
		error_hint(err,
			"first: sriovctl netns detach %s%s%s; or take it away with "
			"--force=in-use",
			worst->name, worst->attached->owner ? " owner " : "",
			worst->attached->owner ? worst->attached->owner : "");
	if (!why.hard && sets_address(plan, worst))
		error_hint(err, "its traffic stops with another address until its driver starts "
				"anew; free it first, or do it with --force=in-use");
	return -1;
}

static int check_pf(
	const struct plan *plan, const struct host *have, struct arena *arena, struct error *err)
{
	bool off = pf_goes_down(plan);
	struct user user;

	if (!off && !plan_has_step(plan, STEP_NUM_VFS))
		return 0;
	user = pf_user(have, plan->pf, arena);
	if (!user.verb)
		return 0;
	refuse(err, plan->pf->name, &user, 0);
	/* many drivers reset the PF, and with it its link, when the count changes */
	return error_hint(err, off ? "that would be cut off; if that is what you want, add "
				     "--force=in-use"
				   : "changing the number of VFs may interrupt the traffic of the "
				     "PF itself; if that is acceptable, add --force=in-use");
}

/* An interface that is switched off: only what the host itself lives on is asked for. */
static int check_downs(
	const struct plan *plan, const struct host *have, struct arena *arena, struct error *err)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct step *s = &plan->steps[i];
		const struct vf *vf = s->vf < 0 ? NULL : host_vf(have, plan->pf, (uint32_t)s->vf);
		struct user user;

		if (!switches_off(s) || !vf || !vf_has(vf, VF_IFINDEX) || vf_has(vf, VF_NETNS))
			continue;
		user = link_user(have, vf->ifindex, arena);
		if (user.verb)
			return refuse(err, vf->name, &user, 0);
	}
	return 0;
}

/* Many drivers restart the PF for it; igb's VFs are without a link for 5 to 10 s then. */
static void warn_of_mtu(struct plan *plan, const struct host *have, struct arena *arena)
{
	struct user user = pf_user(have, plan->pf, arena);
	const char *object = plan->pf->name;
	struct user_index index;
	bool changes = false;

	for (size_t i = 0; i < plan->count; i++)
		changes |= plan->steps[i].kind == STEP_IF_MTU && plan->steps[i].vf < 0;
	if (!changes)
		return;
	user_index(have, arena, &index);
	for (size_t i = 0; i < plan->pf->vf_count && !user.verb; i++) {
		struct users users;

		vf_users_by(&index, &have->vfs[plan->pf->first_vf + i], arena, &users);
		if (users.count)
			user = users.items[0];
		object = have->vfs[plan->pf->first_vf + i].name;
	}
	if (user.verb)
		plan_warn(plan,
			"another MTU may take the link of %s and its VFs down for some seconds, "
			"and %s %s %s",
			plan->pf->name, object, user.verb, user.what);
}

static int check_plan(const struct plan *plan, const struct host *have, unsigned force,
	struct arena *arena, struct error *err)
{
	bool *touched = touched_vfs(plan, have, arena), any = plan_has_step(plan, STEP_NUM_VFS);

	for (size_t i = 0; i < plan->pf->vf_count; i++)
		any |= touched[i];
	for (size_t i = 0; i < plan->count; i++)
		any |= switches_off(&plan->steps[i]);
	if (any && have->usage_unknown && !(force & FORCE_IN_USE)) {
		error_set(err, EXIT_REFUSED,
			"refused: who uses it or its VFs could not be found out");
		error_about(err, plan->pf->name, NULL);
		return error_hint(err, "root can find out; if nobody does, add --force=in-use");
	}
	if (pf_goes_down(plan) && !(force & FORCE_IN_USE) && check_pf(plan, have, arena, err) < 0)
		return -1;
	if (check_vfs(plan, have, touched, force, arena, err) < 0)
		return -1;
	if (force & FORCE_IN_USE)
		return 0;
	if (plan->interrupted && !plan_has_step(plan, STEP_NUM_VFS) &&
		(check_stale(plan, have, arena, err) < 0 || check_moved_on(plan, have, err) < 0))
		return -1;
	return check_pf(plan, have, arena, err) < 0 || check_downs(plan, have, arena, err) < 0 ? -1
											       : 0;
}

static bool disturbs(const struct plan *plan, const struct host *have, struct arena *arena)
{
	bool *touched = touched_vfs(plan, have, arena);

	for (size_t i = 0; i < plan->count; i++) {
		const struct step *s = &plan->steps[i];

		if (s->kind == STEP_NUM_VFS || switches_off(s) ||
			(s->kind == STEP_IF_MTU && s->vf < 0) ||
			(plan->interrupted && s->kind == STEP_VF_ATTR))
			return true;
	}
	for (size_t i = 0; i < plan->pf->vf_count; i++) {
		const struct vf *vf = &have->vfs[plan->pf->first_vf + i];

		/* of one that comes home nobody here has made use meanwhile */
		if (touched[i] && !(vf_has(vf, VF_NETNS) && is_about_lease(plan, vf)))
			return true;
	}
	return false;
}

bool change_disturbs(const struct change *change, const struct host *have)
{
	struct arena arena = {0};
	bool any = false;

	for (size_t i = 0; i < change->count; i++)
		any |= disturbs(change->plans[i], have, &arena);
	arena_free(&arena);
	return any;
}

int change_check(struct change *change, const struct host *have, unsigned force, struct error *err)
{
	for (size_t i = 0; i < change->count; i++) {
		if (check_plan(change->plans[i], have, force, &change->arena, err) < 0)
			return -1;
		warn_of_mtu(change->plans[i], have, &change->arena);
	}
	return 0;
}
