/* Who would lose something? Asked before VFs go away. */
#include "plan/plan.h"

#include "core/driver.h"
#include "core/options.h"

#include <stdio.h>
#include <string.h>

struct reason {
	char text[200];
	bool hard; /* cannot be forced */
};

static bool uses_interface(const struct host *have, int ifindex, struct reason *r)
{
	for (size_t i = 0; i < have->usage_count; i++) {
		if (have->usages[i].ifindex != ifindex)
			continue;
		snprintf(r->text, sizeof(r->text), "has %s", have->usages[i].what);
		return true;
	}
	return false;
}

static const struct link *link_by_index(const struct host *have, int ifindex)
{
	for (size_t i = 0; i < have->link_count; i++)
		if (!have->links[i].netns && have->links[i].ifindex == ifindex)
			return &have->links[i];
	return NULL;
}

static bool enslaved(const struct host *have, int ifindex, struct reason *r)
{
	const struct link *l = link_by_index(have, ifindex), *master;

	if (!l || !l->master)
		return false;
	master = link_by_index(have, l->master);
	snprintf(r->text, sizeof(r->text), "belongs to %s",
		master ? master->name : "another interface");
	return true;
}

/* Does something stand on top of it? */
static bool stacked(const struct host *have, int ifindex, struct reason *r)
{
	for (size_t i = 0; i < have->link_count; i++) {
		const struct link *upper = &have->links[i];
		bool elsewhere = upper->netns != NULL;

		/* seen from another namespace, our interface is the one elsewhere; a veth's
		 * "lower" is only its peer */
		if (upper->lower != ifindex || upper->lower_elsewhere != elsewhere ||
			(!elsewhere && upper->ifindex == ifindex) ||
			(upper->kind && strcmp(upper->kind, "veth") == 0))
			continue;
		snprintf(r->text, sizeof(r->text), "carries %s (%s)%s%s", upper->name,
			upper->kind ? upper->kind : "interface", elsewhere ? " in " : "",
			elsewhere ? upper->netns : "");
		return true;
	}
	return false;
}

static bool vf_in_use(const struct host *have, const struct vf *vf, struct reason *r)
{
	*r = (struct reason){0};
	for (size_t i = 0; i < have->holder_count; i++) {
		const struct vfio_holder *h = &have->holders[i];

		if (!vf_has(vf, VF_IOMMU_GROUP) || h->group != vf->iommu_group)
			continue;
		snprintf(r->text, sizeof(r->text), "is held by process %d (%s) through %s", h->pid,
			h->comm, vf->vfio ? vf->vfio : "vfio");
		r->hard = true;
		return true;
	}
	if (vf_has(vf, VF_NETNS)) {
		snprintf(r->text, sizeof(r->text), "is in the network namespace %s, as %s",
			vf->netns, vf->ifname);
		return true;
	}
	if (vf->open) {
		snprintf(r->text, sizeof(r->text),
			"is open through %s, by a process that cannot be seen",
			vf->vfio ? vf->vfio : "vfio");
		r->hard = true;
		return true;
	}
	if (vf->unseen) {
		snprintf(r->text, sizeof(r->text),
			"has its interface in a network namespace that cannot be seen");
		return true;
	}
	if (vf_has(vf, VF_DRIVER) && strcmp(vf->driver, "vfio-pci") != 0 &&
		strcmp(vf->driver, "pci-stub") != 0 && driver_is_passthrough(vf->driver)) {
		snprintf(r->text, sizeof(r->text), "is bound to %s, whose users cannot be seen",
			vf->driver);
		return true;
	}
	return vf_has(vf, VF_IFINDEX) &&
	       (enslaved(have, vf->ifindex, r) || stacked(have, vf->ifindex, r) ||
		       uses_interface(have, vf->ifindex, r));
}

/* Does traffic of `upper` go over `ifindex`: through masters, VLANs, whatever is stacked? */
static bool carries(const struct host *have, int ifindex, int upper, int depth)
{
	const struct link *l = link_by_index(have, ifindex);

	if (ifindex == upper)
		return true;
	if (!l || !depth)
		return false;
	if (l->master && carries(have, l->master, upper, depth - 1))
		return true;
	for (size_t i = 0; i < have->link_count; i++) {
		const struct link *u = &have->links[i];

		if (!u->netns && !u->lower_elsewhere && u->lower == ifindex &&
			u->ifindex != ifindex && carries(have, u->ifindex, upper, depth - 1))
			return true;
	}
	return false;
}

static bool pf_in_use(const struct host *have, const struct pf *pf, struct reason *r)
{
	*r = (struct reason){0};
	if (pf->unseen) {
		snprintf(
			r->text, sizeof(r->text), "has its interface in another network namespace");
		return true;
	}
	if (!pf_has(pf, PF_IFINDEX))
		return false;
	for (size_t i = 0; i < have->usage_count; i++) {
		if (strcmp(have->usages[i].what, DEFAULT_ROUTE) != 0 ||
			!carries(have, pf->ifindex, have->usages[i].ifindex, 8))
			continue;
		snprintf(r->text, sizeof(r->text), "carries the default route of this host");
		return true;
	}
	return enslaved(have, pf->ifindex, r);
}

static void refuse(struct error *err, const char *object, const struct reason *r, size_t others)
{
	char more[48] = "";

	if (others)
		snprintf(more, sizeof(more), ", and %zu more %s in use", others,
			others == 1 ? "VF is" : "VFs are");
	error_set(err, EXIT_REFUSED, "refused: it %s%s", r->text, more);
	error_about(err, object, NULL);
	if (r->hard)
		error_hint(err, "end that process first; the kernel would block until it does, "
				"so this cannot be forced");
	else
		error_hint(err, "free it first, or take it away with --force=in-use");
}

/* The journal of a change that was cut off long ago must not be written over a VF that
 * someone has put to use since. */
static int check_stale(
	const struct plan *plan, const struct host *have, unsigned force, struct error *err)
{
	for (size_t i = 0; i < plan->count && !(force & FORCE_IN_USE); i++) {
		const struct step *s = &plan->steps[i];
		struct reason r;

		if (s->kind != STEP_VF_ATTR)
			continue;
		for (size_t v = 0; v < plan->pf->vf_count; v++) {
			const struct vf *vf = &have->vfs[plan->pf->first_vf + v];
			struct value now = attr_get(&vf_type, s->attr, vf);

			if (vf->index != s->want.index || value_equal(&now, &s->new) ||
				!vf_in_use(have, vf, &r))
				continue;
			r.hard = false; /* nothing here blocks */
			refuse(err, vf->name, &r, 0);
			return error_hint(err, "it was set up anew after an earlier change was cut "
					       "off; to put back what it had before, add "
					       "--force=in-use");
		}
	}
	return 0;
}

int plan_check_in_use(
	const struct plan *plan, const struct host *have, unsigned force, struct error *err)
{
	const struct pf *pf = plan->pf;
	const struct vf *worst = NULL;
	struct reason why = {0}, r;
	size_t in_use = 0;
	bool touches = false;

	for (size_t i = 0; i < plan->count; i++)
		touches |= plan->steps[i].kind == STEP_NUM_VFS;
	if (!touches)
		return check_stale(plan, have, force, err);
	if (have->usage_unknown && !(force & FORCE_IN_USE)) {
		error_set(err, EXIT_REFUSED, "refused: who uses its VFs could not be found out");
		error_about(err, pf->name, NULL);
		return error_hint(err, "root can find out; if nobody does, add --force=in-use");
	}
	for (size_t i = 0; i < pf->vf_count; i++) {
		const struct vf *vf = &have->vfs[pf->first_vf + i];

		if (!vf_in_use(have, vf, &r) || (force & FORCE_IN_USE && !r.hard))
			continue;
		in_use++;
		if (!worst || (r.hard && !why.hard)) {
			worst = vf;
			why = r;
		}
	}
	if (worst) {
		refuse(err, worst->name, &why, in_use - 1);
		return -1;
	}
	/* many drivers reset the PF, and with it its link, when the count changes */
	if (!(force & FORCE_IN_USE) && pf_in_use(have, pf, &r)) {
		refuse(err, pf->name, &r, 0);
		error_hint(err, "changing the number of VFs may interrupt the traffic of the PF "
				"itself; if that is acceptable, add --force=in-use");
		return -1;
	}
	return 0;
}
