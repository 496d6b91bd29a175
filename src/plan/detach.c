/* VFs that were handed out are to come home as they were. */
#include "plan/want.h"

#include "core/driver.h"
#include "core/usage.h"
#include "plan/journal.h"

#include <stdio.h>
#include <string.h>

static int check_owner(const struct vf *vf, const char *owner, struct error *err)
{
	const struct lease *l = vf->attached;

	if (l->owner ? owner && strcmp(owner, l->owner) == 0 : !owner)
		return 0;
	if (l->owner)
		error_set(err, EXIT_REFUSED, "refused: it is attached to %s for the owner %s",
			l->netns, l->owner);
	else
		error_set(err, EXIT_REFUSED, "refused: it is attached to %s, for no owner at all",
			l->netns);
	error_about(err, vf->name, "owner");
	return l->owner ? error_hint(err,
				  "if that is you, add: owner %s; to take it from whoever it is: "
				  "--force=in-use",
				  l->owner)
			: error_hint(err, "leave out the owner");
}

static int check_place(const struct host *have, const struct vf *vf, struct error *err)
{
	enum whereabouts where = vf_whereabouts(have, vf);

	if (where != WHERE_MOVED && where != WHERE_ELSEWHERE)
		return 0;
	if (where == WHERE_MOVED)
		error_set(err, EXIT_REFUSED,
			"refused: it is in the network namespace %s, as %s, but not by "
			"'sriovctl netns attach'",
			vf->netns, vf->ifname);
	else
		error_set(err, EXIT_REFUSED,
			"refused: it was attached to %s, but someone moved it on to %s, as %s",
			vf->attached->netns, vf->netns, vf->ifname);
	error_about(err, vf->name, NULL);
	return error_hint(err, "to take it from there: --force=in-use");
}

/* It is to be as it was: from wherever, and nothing leads back. */
static void want_home(struct plan *plan, const struct vf *vf, const struct vf *home)
{
	struct vf_state *goal = state_vf(&plan->arena, &plan->goal, vf->index);
	struct vf_state *before = state_vf(&plan->arena, &plan->before, vf->index);

	/* not what a change that was cut off had in mind for it, wherever it was then */
	goal->vf.known = before->vf.known = VF_BIT(VF_INDEX);
	for (unsigned a = 0; a < VF_ATTR_COUNT; a++) {
		struct value v = attr_get(&vf_type, a, home), is = attr_get(&vf_type, a, vf);

		if (a == VF_INDEX || a == VF_BDF || !v.known)
			continue;
		/* what cannot be seen now cannot be compared, nor checked afterwards */
		if (vf_type.attrs[a].flags & ATTR_KEEP && !is.known)
			continue;
		attr_set(&vf_type, a, &goal->vf, &v);
		attr_set(&vf_type, a, &before->vf, &v);
	}
	goal->release = before->release = true;
}

static void forget(struct plan *plan, const struct vf *vf)
{
	static const enum vf_attr none[] = {VF_LEASE, VF_NETNS};
	struct value home = {.known = true, .type = VALUE_STRING};

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		attr_set(&vf_type, none[i], &state_vf(&plan->arena, &plan->goal, vf->index)->vf,
			&home);
		attr_set(&vf_type, none[i], &state_vf(&plan->arena, &plan->before, vf->index)->vf,
			&home);
	}
}

/* What it had at home. A change that was cut off as it handed the VF over may have been about
 * more than that: the lease has what it was to have then. */
static struct vf home_of(const struct plan *plan, const struct vf *vf)
{
	const struct vf_state *before =
		plan->interrupted ? state_find(&plan->before, vf->index) : NULL;

	return before && vf_has(&before->vf, VF_LEASE) && !before->vf.lease ? before->vf
									    : vf->attached->home;
}

static void release(struct change *change, const struct host *have, const struct vf *vf)
{
	struct plan *plan = change_plan(change, host_pf_of(have, vf));
	enum whereabouts where = vf_whereabouts(have, vf);
	struct vf_state *goal;

	plan->forward = true;
	if (where == WHERE_HOME)
		return;
	if (vf->attached) {
		struct vf home = home_of(plan, vf);

		want_home(plan, vf, &home);
	}
	forget(plan, vf);
	goal = state_vf(&plan->arena, &plan->goal, vf->index);
	/* its interface is in a namespace that nobody can name, or has been lost */
	if (vf->attached && vf->attached->ifname && !vf_has(vf, VF_IFNAME) &&
		vf_has(vf, VF_DRIVER) && !driver_is_passthrough(vf->driver)) {
		goal->restart = true;
		plan_warn(plan,
			"%s: its interface cannot be found in any network namespace: its driver "
			"starts anew",
			vf->name);
	}
}

int want_detach(struct change *change, const struct host *have, const struct vf **vfs, size_t count,
	const char *owner, unsigned force, struct error *err)
{
	for (size_t i = 0; i < count && !(force & FORCE_IN_USE); i++)
		if (check_place(have, vfs[i], err) < 0 ||
			(vfs[i]->attached && check_owner(vfs[i], owner, err) < 0))
			return -1;
	for (size_t i = 0; i < count; i++)
		release(change, have, vfs[i]);
	return change_toward(change, have, err);
}

void forget_other_places(struct plan *plan, const struct host *have)
{
	const uint64_t there = VF_BIT(VF_IFNAME) | VF_BIT(VF_MTU) | VF_BIT(VF_UP) |
			       VF_BIT(VF_ALTNAMES) | VF_BIT(VF_IF_MAC) | VF_BIT(VF_ADDRESSES) |
			       VF_BIT(VF_GATEWAYS);

	for (size_t i = 0; i < plan->before.count; i++) {
		struct vf *before = &plan->before.vfs[i]->vf;
		const struct vf *vf = host_vf(have, plan->pf, before->index);
		struct vf_state *goal = state_find(&plan->goal, before->index);

		if (!vf || !vf->attached || vf_has(before, VF_NETNS) ||
			vf_whereabouts(have, vf) == WHERE_ATTACHED)
			continue;
		before->known &= ~there;
		if (goal)
			goal->vf.known &= ~there;
	}
}

/* repair */

static bool has_vf(const struct host *have, const struct lease *lease)
{
	for (size_t i = 0; i < have->vf_count; i++)
		if (have->vfs[i].attached == lease)
			return true;
	return false;
}

/* Is it where nobody sent it, with nobody there who could take it back? */
static bool is_left_over(const struct host *have, const struct vf *vf)
{
	enum whereabouts where = vf_whereabouts(have, vf);

	return where == WHERE_RETURNED || where == WHERE_LOST;
}

const struct pf **pfs_to_repair(struct host *have, size_t *count)
{
	size_t room = have->pf_count + have->lease_count + 1;
	const struct pf **list = arena_alloc(&have->arena, room * sizeof(*list));

	*count = 0;
	for (size_t p = 0; p < have->pf_count; p++) {
		const struct pf *pf = &have->pfs[p];
		bool wrong = journal_left(&have->arena, pf) != NULL;

		for (size_t i = 0; i < pf->vf_count && !wrong; i++)
			wrong = is_left_over(have, &have->vfs[pf->first_vf + i]);
		for (size_t i = 0; i < have->lease_count && !wrong; i++)
			wrong = strcmp(have->leases[i].pf, pf->handle) == 0 &&
				!has_vf(have, &have->leases[i]);
		if (wrong)
			list[(*count)++] = pf;
	}
	for (size_t i = 0; i < have->lease_count; i++) {
		const struct lease *l = &have->leases[i];
		struct pf gone = {.handle = l->pf, .name = l->vf};

		if (host_same_pf(have, &gone) || (i && strcmp(l->pf, l[-1].pf) == 0))
			continue;
		gone.name = arena_strndup(&have->arena, l->vf, strcspn(l->vf, "/"));
		list[*count] = memcpy(arena_alloc(&have->arena, sizeof(gone)), &gone, sizeof(gone));
		(*count)++;
	}
	return list;
}

static void forget_gone(struct plan *plan, const struct lease *lease)
{
	struct step *s = plan_add(plan, STEP_LEASE, lease->vf, (int32_t)lease->home.index);

	s->old = value_string(lease->owner ? lease->owner : lease->netns);
	s->new = value_string(NULL);
	plan_warn(plan, "%s: the VF that was attached to %s does not exist any more", lease->vf,
		lease->netns);
	plan->changed = true;
}

/* Someone may have put it to use here since it came back. */
static bool is_used_here(struct plan *plan, const struct host *have, const struct vf *vf)
{
	struct users users;

	vf_users(have, vf, &plan->arena, &users);
	for (size_t i = 0; i < users.count; i++) {
		if (users.items[i].lent)
			continue;
		plan_warn(plan,
			"%s: it has come back from %s, but it %s %s: left as it is; to put back "
			"what it had: sriovctl netns detach %s --force=in-use",
			vf->name, vf->attached->netns, users.items[i].verb, users.items[i].what,
			vf->name);
		return true;
	}
	return false;
}

int want_repair(
	struct change *change, const struct host *have, const struct pf *pf, struct error *err)
{
	struct plan *plan = change_plan(change, pf);

	for (size_t i = 0; i < pf->vf_count; i++) {
		const struct vf *vf = &have->vfs[pf->first_vf + i];

		if (!is_left_over(have, vf) || is_used_here(plan, have, vf))
			continue;
		plan_warn(plan, "%s: it was attached to %s, and %s", vf->name, vf->attached->netns,
			vf_whereabouts(have, vf) == WHERE_LOST ? "is nowhere to be found"
							       : "has come back by itself");
		release(change, have, vf);
	}
	if (host_same_pf(have, pf) && change_toward(change, have, err) < 0)
		return -1;
	for (size_t i = 0; i < have->lease_count; i++)
		if (strcmp(have->leases[i].pf, pf->handle) == 0 && !has_vf(have, &have->leases[i]))
			forget_gone(plan, &have->leases[i]);
	return 0;
}
