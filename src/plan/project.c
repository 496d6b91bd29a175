/*
 * Several commands as one change: each is planned on the host as those before it will have
 * left it, and the steps are made once, from the host as it is.
 */
#include "plan/plan.h"

#include "core/driver.h"
#include "core/link.h"
#include "core/quirk.h"

#include <string.h>

struct host *change_begin(struct change *change, const struct host *have)
{
	struct host *host = arena_alloc(&change->arena, sizeof(*host));

	*host = *have;
	host->arena = (struct arena){0};
	host->pfs = arena_copy(&host->arena, have->pfs, have->pf_count * sizeof(*have->pfs));
	host->vfs = arena_copy(&host->arena, have->vfs, have->vf_count * sizeof(*have->vfs));
	host->links =
		arena_copy(&host->arena, have->links, have->link_count * sizeof(*have->links));
	change->gathers = true;
	change->planned = host;
	change->really = have;
	return host;
}

bool change_resizes(const struct change *change, const struct pf *pf)
{
	const struct pf *is = change->gathers ? host_same_pf(change->really, pf) : NULL;

	return is && is->num_vfs != pf->num_vfs;
}

/* Does an earlier command hand it over? */
static bool is_attached(const struct change *change, const struct vf *vf)
{
	const struct pf *pf = host_pf_of(change->planned, vf);

	for (size_t i = 0; i < change->count; i++) {
		const struct vf_state *st = change->plans[i]->pf == pf
						    ? state_find(&change->plans[i]->goal, vf->index)
						    : NULL;

		if (st && vf_has(&st->vf, VF_LEASE) && st->vf.lease)
			return true;
	}
	return false;
}

int change_leaves_here(
	const struct change *change, const struct vf **vfs, size_t count, struct error *err)
{
	for (size_t i = 0; i < count && change->gathers; i++) {
		if (!is_attached(change, vfs[i]))
			continue;
		error_set(err, EXIT_REFUSED, "refused: an earlier line attaches it to %s",
			vfs[i]->attached->netns);
		return error_about(err, vfs[i]->name, NULL);
	}
	return 0;
}

int change_leaves_pf_here(const struct change *change, const struct host *have, const struct pf *pf,
	struct error *err)
{
	for (size_t i = 0; i < pf->vf_count; i++) {
		const struct vf *vf = &have->vfs[pf->first_vf + i];

		if (change_leaves_here(change, &vf, 1, err) < 0)
			return -1;
	}
	return 0;
}

/* One that is still to be made. */
static struct vf new_vf(struct host *host, const struct pf *pf, uint32_t index)
{
	return (struct vf){.known = VF_BIT(VF_NAME) | VF_BIT(VF_PF) | VF_BIT(VF_INDEX) |
				    (pf_has(pf, PF_BDF) ? VF_BIT(VF_PF_BDF) : 0),
		.name = arena_printf(&host->arena, "%s/%u", pf->name, index),
		.pf = pf->name,
		.index = index,
		.pf_bdf = pf->bdf,
		.coming = !pf_has(pf, PF_AUTOPROBE) || pf->autoprobe};
}

static struct link *link_of(struct host *host, const struct vf *vf)
{
	for (size_t i = 0; i < host->link_count && vf_has(vf, VF_IFINDEX); i++) {
		struct link *l = &host->links[i];

		if (l->ifindex == vf->ifindex && !l->netns == !vf_has(vf, VF_NETNS) &&
			(!l->netns || netns_same(l->netns_id, l->netns, vf->netns_id, vf->netns)))
			return l;
	}
	return NULL;
}

/* Its interface goes: its names and its address are free. */
static void drop_link(struct host *host, const struct vf *vf)
{
	struct link *l = link_of(host, vf);

	if (!l)
		return;
	host->link_count--;
	memmove(l, l + 1, (size_t)(host->links + host->link_count - l) * sizeof(*l));
}

/* The PF has another number of VFs from now on. */
static void project_count(struct host *host, struct pf *pf, uint32_t count)
{
	size_t kept = pf->vf_count < count ? pf->vf_count : count, n = 0;
	struct vf *vfs;

	for (size_t i = kept; i < pf->vf_count; i++)
		drop_link(host, &host->vfs[pf->first_vf + i]);
	vfs = arena_alloc(&host->arena, (host->vf_count + count) * sizeof(*vfs));
	for (size_t p = 0; p < host->pf_count; p++) {
		struct pf *other = &host->pfs[p];
		size_t all = other == pf ? kept : other->vf_count, first = n;

		if (all)
			memcpy(vfs + n, host->vfs + other->first_vf, all * sizeof(*vfs));
		n += all;
		for (uint32_t i = (uint32_t)kept; other == pf && i < count; i++)
			vfs[n++] = new_vf(host, pf, i);
		other->first_vf = first;
		other->vf_count = n - first;
	}
	host->vfs = vfs;
	host->vf_count = n;
}

#define INTERFACE                                                                                  \
	(VF_BIT(VF_IFNAME) | VF_BIT(VF_IFINDEX) | VF_BIT(VF_NETNS) | VF_BIT(VF_LINK) |             \
		VF_BIT(VF_UP) | VF_BIT(VF_MTU) | VF_BIT(VF_IF_MAC) | VF_BIT(VF_ALTNAMES) |         \
		VF_BIT(VF_ADDRESSES) | VF_BIT(VF_GATEWAYS))

static bool is_of_host(const char *driver)
{
	return driver && !driver_is_passthrough(driver);
}

/* Its interface goes with its driver, and with it what was wanted of that, unless the next
 * one is to have it again; then there may be another. */
static void project_driver(struct host *host, struct vf *vf, struct vf_state *st)
{
	const char *is = vf_has(vf, VF_DRIVER) ? vf->driver : NULL, *driver = st->vf.driver;

	if (!is == !driver && (!is || strcmp(is, driver) == 0))
		return;
	st->left |= is != NULL;
	drop_link(host, vf);
	vf->known &= ~INTERFACE;
	vf->coming = is_of_host(driver);
	if (!vf->coming)
		st->vf.known &= ~INTERFACE;
}

/* The interface as others see it. */
static void project_link(struct host *host, const struct vf *vf, struct link *l)
{
	if (!vf_has(vf, VF_IFNAME))
		return;
	if (!l) { /* it is still to come */
		struct link *links =
			arena_alloc(&host->arena, (host->link_count + 1) * sizeof(*links));

		if (host->link_count)
			memcpy(links, host->links, host->link_count * sizeof(*links));
		host->links = links;
		l = &links[host->link_count++];
	}
	l->name = vf->ifname;
	l->altnames = vf->altnames;
	l->netns = vf_has(vf, VF_NETNS) ? vf->netns : NULL;
	l->netns_id = vf->netns_id;
	l->addr = vf_has(vf, VF_IF_MAC) ? vf->if_mac : (struct lladdr){0};
}

/* The address that its interface has then. A driver that starts anew makes one up where the PF
 * has none for it. */
static void project_mac(const struct pf *pf, struct vf *vf, const struct vf_state *st)
{
	bool anew = st->reset && vf_has(vf, VF_IFNAME);

	if (!vf_has(vf, VF_MAC) || !vf_has(&st->vf, VF_MAC) || (!anew && !vf_has(vf, VF_IF_MAC)))
		return;
	if (lladdr_is_zero(&vf->mac)) {
		vf->known &= ~(anew ? VF_BIT(VF_IF_MAC) : 0);
	} else if (anew || st->rebind || !quirk_of(pf->driver)->mac_needs_rebind) {
		vf->if_mac = vf->mac;
		vf->known |= VF_BIT(VF_IF_MAC);
	}
}

static void project_vf(struct host *host, const struct pf *pf, struct vf *vf, struct vf_state *st)
{
	struct link *l;

	if (vf_has(&st->vf, VF_DRIVER))
		project_driver(host, vf, st);
	l = link_of(host, vf);
	for (unsigned a = 0; a < VF_ATTR_COUNT; a++) {
		struct value v = attr_get(&vf_type, a, &st->vf);

		if (!v.known)
			continue;
		if (v.type == VALUE_STRING && !v.string)
			vf->known &= ~VF_BIT(a);
		else
			attr_set(&vf_type, a, vf, &v);
	}
	if (vf_has(&st->vf, VF_LEASE))
		vf->attached = st->vf.attached;
	if (vf_has(&st->vf, VF_NETNS))
		vf->netns_id = st->vf.netns_id;
	/* what a reset leaves of its interface is its names and whether it is up */
	if (st->reset && !vf_has(&st->vf, VF_MTU))
		vf->known &= ~VF_BIT(VF_MTU);
	project_mac(pf, vf, st);
	project_link(host, vf, l);
}

/* The PF of the plan in the picture that is being planned; NULL when it is not there. */
static struct pf *projected_pf(struct host *planned, const struct plan *plan)
{
	/* the PFs are those of the copy, which is ours */
	return plan->pf >= planned->pfs && plan->pf < planned->pfs + planned->pf_count
		       ? &planned->pfs[plan->pf - planned->pfs]
		       : NULL;
}

/* Numbers of vectors do not outlive another number of VFs, but for those that are wanted. */
static void project_vectors(struct host *planned, const struct pf *pf, const struct plan *plan)
{
	for (size_t i = 0; i < pf->vf_count; i++) {
		struct vf *vf = &planned->vfs[pf->first_vf + i];
		const struct vf_state *st = state_find(&plan->goal, vf->index);

		if (!st || !vf_has(&st->vf, VF_MSIX))
			vf->known &= ~VF_BIT(VF_MSIX);
	}
}

static void project_resize(struct host *planned, struct pf *pf, const struct plan *plan)
{
	if (pf->vf_count == plan->goal.pf.num_vfs)
		return;
	project_count(planned, pf, plan->goal.pf.num_vfs);
	project_vectors(planned, pf, plan);
}

void change_project(struct change *change, struct host *planned)
{
	for (size_t p = 0; p < change->count; p++) {
		struct plan *plan = change->plans[p];
		struct pf *pf = projected_pf(planned, plan);

		/* one with a journal that no line has been about so far is from an older picture */
		if (!pf)
			continue;
		for (unsigned a = 0; a < PF_ATTR_COUNT; a++) {
			struct value v = attr_get(&pf_type, a, &plan->goal.pf);

			if (v.known)
				attr_set(&pf_type, a, pf, &v);
		}
		if (pf_has(&plan->goal.pf, PF_UP) && pf->up && pf->link == LINK_DOWN)
			pf->known &= ~PF_BIT(PF_LINK); /* it is to be seen whether there is one */
		if (pf_has(&plan->goal.pf, PF_NUM_VFS))
			project_resize(planned, pf, plan);
		for (size_t i = 0; i < plan->goal.count; i++) {
			struct vf_state *st = plan->goal.vfs[i];

			if (st->touched && st->vf.index < pf->vf_count &&
				planned->vfs[pf->first_vf + st->vf.index].index == st->vf.index)
				project_vf(planned, pf, &planned->vfs[pf->first_vf + st->vf.index],
					st);
			st->touched = false;
		}
	}
}

void change_leave(struct change *change, const struct pf *pf)
{
	struct plan *plan = change_plan(change, pf);

	plan->before = (struct state){0};
	plan->goal = (struct state){0};
	plan->count = 0;
	plan->changed = false;
}

/* Each PF by itself: what speaks against one costs only that. */
static void make_declared_steps(struct change *change, const struct host *have)
{
	for (size_t i = 0; i < change->count; i++) {
		struct plan *plan = change->plans[i];
		struct error err = {0};

		if (plan_toward(plan, have, &plan->goal, &err) == 0) {
			for (size_t s = 0; s < plan->count; s++)
				plan->steps[s].disruption =
					step_disruption(plan, have, &plan->steps[s]);
			continue;
		}
		problem_error(change->problems, (struct origin){0}, &err)->whole = true;
		change_leave(change, plan->pf);
	}
}

int change_end(struct change *change, const struct host *have, struct error *err)
{
	change->gathers = false;
	change->really = NULL;
	for (size_t p = 0; p < change->count; p++) {
		struct plan *plan = change->plans[p];
		const struct pf *pf = host_same_pf(have, plan->pf);

		if (!pf) {
			error_set(err, EXIT_NOT_FOUND, "it is not there any more");
			return error_about(err, plan->pf->name, NULL);
		}
		plan->pf = pf;
		plan->really = NULL;
	}
	if (!change->problems)
		return change_toward(change, have, err);
	make_declared_steps(change, have);
	return 0;
}
