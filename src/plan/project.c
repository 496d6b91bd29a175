/*
 * Several commands as one change: each is planned on the host as those before it will have
 * left it, and the steps are made once, from the host as it is.
 */
#include "plan/plan.h"

#include "core/driver.h"

#include <string.h>

struct host *change_begin(struct change *change, const struct host *have)
{
	struct host *host = arena_alloc(&change->arena, sizeof(*host));

	*host = *have;
	host->arena = (struct arena){0};
	host->pfs = arena_copy(&host->arena, have->pfs, have->pf_count * sizeof(*have->pfs));
	host->vfs = arena_copy(&host->arena, have->vfs, have->vf_count * sizeof(*have->vfs));
	change->gathers = true;
	change->planned = host;
	return host;
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
		.coming = true};
}

/* The PF has another number of VFs from now on. */
static void project_count(struct host *host, struct pf *pf, uint32_t count)
{
	size_t kept = pf->vf_count < count ? pf->vf_count : count, n = 0;
	struct vf *vfs;

	if (pf->vf_count == count)
		return;
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

/* Its interface goes with its driver; another may come with the next. */
static void project_driver(struct vf *vf, const char *driver)
{
	static const enum vf_attr interface[] = {VF_IFNAME, VF_IFINDEX, VF_NETNS, VF_LINK, VF_UP,
		VF_MTU, VF_IF_MAC, VF_ALTNAMES, VF_ADDRESSES, VF_GATEWAYS};

	for (size_t i = 0; i < sizeof(interface) / sizeof(interface[0]); i++)
		vf->known &= ~VF_BIT(interface[i]);
	vf->coming = driver && !driver_is_passthrough(driver);
}

static void project_vf(struct vf *vf, const struct vf_state *st)
{
	const char *is = vf_has(vf, VF_DRIVER) ? vf->driver : NULL, *driver = st->vf.driver;

	if (vf_has(&st->vf, VF_DRIVER) && (!is != !driver || (is && strcmp(is, driver) != 0)))
		project_driver(vf, driver);
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
	if (st->rebind && vf_has(vf, VF_IF_MAC) && vf_has(vf, VF_MAC))
		vf->if_mac = vf->mac;
}

void change_project(struct change *change, struct host *planned)
{
	for (size_t p = 0; p < change->count; p++) {
		struct plan *plan = change->plans[p];
		/* the PFs are those of the copy, which is ours */
		struct pf *pf = &planned->pfs[plan->pf - planned->pfs];

		for (unsigned a = 0; a < PF_ATTR_COUNT; a++) {
			struct value v = attr_get(&pf_type, a, &plan->goal.pf);

			if (v.known)
				attr_set(&pf_type, a, pf, &v);
		}
		if (pf_has(&plan->goal.pf, PF_NUM_VFS))
			project_count(planned, pf, plan->goal.pf.num_vfs);
		for (size_t i = 0; i < plan->goal.count; i++) {
			struct vf_state *st = plan->goal.vfs[i];

			if (st->touched && st->vf.index < pf->vf_count &&
				planned->vfs[pf->first_vf + st->vf.index].index == st->vf.index)
				project_vf(&planned->vfs[pf->first_vf + st->vf.index], st);
			st->touched = false;
		}
	}
}

int change_end(struct change *change, const struct host *have, struct error *err)
{
	change->gathers = false;
	for (size_t p = 0; p < change->count; p++)
		change->plans[p]->pf = host_same_pf(have, change->plans[p]->pf);
	return change_toward(change, have, err);
}
