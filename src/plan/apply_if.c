/* The part of applying that deals with the VFs' network interfaces. */
#include "plan/apply_parts.h"

#include "core/driver.h"
#include "util/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The last step that gives the VF to a driver or takes it away; NULL when none does. */
static const struct step *driver_step(const struct plan *plan, uint32_t index)
{
	for (size_t i = plan->count; i-- > 0;)
		if (plan->steps[i].kind == STEP_VF_DRIVER && plan->steps[i].vf == (int32_t)index)
			return &plan->steps[i];
	return NULL;
}

/* Does the plan bring the VF an interface that was not there before? */
static bool interface_is_new(const struct apply *a, const struct vf *vf)
{
	return driver_step(a->plan, vf->index) || plan_has_step(a->plan, STEP_NUM_VFS);
}

/* Is an interface to come for this VF? */
static bool expects_interface(const struct apply *a, const struct vf *vf)
{
	const struct step *s = driver_step(a->plan, vf->index);
	const struct vf_state *had = state_find(&a->plan->before, vf->index);
	const struct pf *pf = &a->plan->goal.pf;

	/* the same change may switch it */
	if (!pf_has(pf, PF_AUTOPROBE))
		pf = &a->plan->before.pf;
	if (!pf_has(a->plan->pf, PF_IFNAME) || !vf_has(vf, VF_BDF) || !interface_is_new(a, vf))
		return false;
	if (vf_has(vf, VF_DRIVER) && driver_is_passthrough(vf->driver))
		return false;
	if (s && (!s->new.known || s->result != RESULT_DONE) && !s->put_back)
		return false;
	/* one that had no interface with this driver will have none again */
	if (had && vf_has(&had->vf, VF_DRIVER) && (!s || s->put_back || s->rebind || s->internal))
		return vf_has(&had->vf, VF_IFNAME);
	return !a->o->no_wait && (s || (pf_has(pf, PF_AUTOPROBE) && pf->autoprobe));
}

/* How long a VF may be without a driver although there is a module for it: udev may be
 * about to load it, but a probe that failed will not be tried again. */
#define DRIVER_PATIENCE_MS 10000

struct waiting {
	bool patient;        /* still willing to wait for drivers */
	bool without_driver; /* some VFs will stay unbound */
	size_t missing;      /* interfaces to come */
	size_t total;        /* those that are there included */
	uint32_t first;      /* one of them */
};

static void look_for_interfaces(struct apply *a, struct waiting *w)
{
	w->missing = w->total = 0;
	for (size_t i = 0; i < a->now->vf_count; i++) {
		const struct vf *vf = &a->now->vfs[i];

		if (apply_vf_now(a, vf->index) != vf || !expects_interface(a, vf))
			continue;
		w->total++;
		if (vf_has(vf, VF_IFNAME) && udev_is_done(a->k, vf->ifindex))
			continue;
		if (!vf_has(vf, VF_DRIVER)) {
			w->without_driver |= !w->patient || module_load_for(a->k, vf->bdf) <= 0;
			if (w->without_driver) {
				w->total--;
				continue;
			}
		}
		if (!w->missing++)
			w->first = vf->index;
	}
}

int apply_wait_for_interfaces(struct apply *a)
{
	int64_t deadline = a->deadline, patience = clock_ms() + DRIVER_PATIENCE_MS;
	struct waiting w = {.patient = true};
	int rc = 1;

	if (a->o->wait_ms >= 0 && clock_ms() + a->o->wait_ms < deadline)
		deadline = clock_ms() + a->o->wait_ms;
	for (;;) {
		apply_refresh(a);
		look_for_interfaces(a, &w);
		if (!w.missing || rc < 0 || clock_left(deadline) == 0)
			break;
		apply_tell(a, a->plan->pf->name, "waiting for interfaces", w.total - w.missing,
			w.total);
		rc = apply_wait(a, w.patient && patience < deadline ? patience : deadline);
		w.patient = clock_left(patience) > 0;
	}
	if (w.without_driver)
		plan_warn(a->plan,
			"%s: this host has no driver for its VFs, or it would not take them; they "
			"stay unbound",
			a->plan->pf->name);
	if (!w.missing)
		return 0;
	error_set(a->err, EXIT_TIMED_OUT,
		"%s %zu of its VFs have no interface yet, VF %u among them",
		rc < 0 ? "interrupted while waiting:" : "waited in vain:", w.missing, w.first);
	error_about(a->err, a->plan->pf->name, NULL);
	return error_hint(a->err, "the VFs are there; look with 'sriovctl vf list', or wait longer "
				  "with --timeout S");
}

/* interfaces of surviving VFs */

/* The name a VF is to have, NULL when its name is free to choose. */
static const char *wanted_name(const struct apply *a, uint32_t index)
{
	for (size_t i = 0; i < a->plan->count; i++) {
		const struct step *s = &a->plan->steps[i];

		if (s->kind == STEP_IF_NAME && s->vf == (int32_t)index)
			return s->new.string;
	}
	return NULL;
}

static bool is_wanted_by_any(const struct apply *a, const char *name)
{
	for (size_t i = 0; i < a->plan->count; i++)
		if (a->plan->steps[i].kind == STEP_IF_NAME &&
			strcmp(a->plan->steps[i].new.string, name) == 0)
			return true;
	return false;
}

bool apply_names_are_in_the_way(const struct apply *a)
{
	if (!a->plan->forward && !a->undoing && !a->plan->interrupted)
		return false;
	for (size_t i = 0; i < a->now->vf_count; i++) {
		const struct vf *vf = &a->now->vfs[i];
		const char *wanted = wanted_name(a, vf->index);

		if (apply_vf_now(a, vf->index) == vf && vf_has(vf, VF_IFNAME) && wanted &&
			!vf_has(vf, VF_NETNS) && strcmp(vf->ifname, wanted) != 0 &&
			is_wanted_by_any(a, vf->ifname))
			return true;
	}
	return false;
}

static bool was_there(const struct apply *a, int ifindex)
{
	for (size_t i = 0; i < a->have->vf_count; i++)
		if (vf_has(&a->have->vfs[i], VF_IFINDEX) && a->have->vfs[i].ifindex == ifindex)
			return true;
	return false;
}

bool apply_take_name(const struct apply *a, const char *name)
{
	struct host now = {0};
	struct error ignored = {0};
	char other[32], extack[256];
	bool taken = false;
	int rc = discover(a->k, NEED_VFS, &now, &ignored);

	for (size_t i = 0; rc == 0 && i < now.vf_count && !taken; i++) {
		const struct vf *vf = &now.vfs[i];
		struct link_write w = {.name = other};

		if (!vf_has(vf, VF_IFNAME) || vf_has(vf, VF_NETNS) || was_there(a, vf->ifindex) ||
			strcmp(vf->ifname, name) != 0)
			continue;
		/* not the next one that is free: that may be wanted as well */
		snprintf(other, sizeof(other), "eth%d", vf->ifindex);
		rc = write_link(a->k->rtnl, vf->ifindex, &w, extack, sizeof(extack));
		if (rc == -EEXIST) {
			snprintf(other, sizeof(other), "eth%%d");
			rc = write_link(a->k->rtnl, vf->ifindex, &w, extack, sizeof(extack));
		}
		if (rc == -EBUSY)
			rc = apply_rename_down(
				a->k->rtnl, vf->ifindex, other, extack, sizeof(extack));
		taken = rc == 0;
	}
	host_free(&now);
	return taken;
}

void apply_make_room_for_names(struct apply *a, bool final)
{
	char name[32], extack[256];

	for (size_t i = 0; i < a->now->vf_count; i++) {
		const struct vf *vf = &a->now->vfs[i];
		const char *wanted = wanted_name(a, vf->index);
		struct link_write w = {.name = name};

		if (apply_vf_now(a, vf->index) != vf || !vf_has(vf, VF_IFNAME) ||
			vf_has(vf, VF_NETNS) || (!wanted && !interface_is_new(a, vf)))
			continue;
		snprintf(name, sizeof(name), "sriovvf%d", vf->ifindex);
		if (final && !wanted && strcmp(vf->ifname, name) == 0)
			snprintf(name, sizeof(name), "eth%%d");
		else if (final || !is_wanted_by_any(a, vf->ifname) ||
			 (wanted && strcmp(vf->ifname, wanted) == 0))
			continue;
		if (write_link(a->k->rtnl, vf->ifindex, &w, extack, sizeof(extack)) == -EBUSY)
			apply_rename_down(a->k->rtnl, vf->ifindex, name, extack, sizeof(extack));
	}
	apply_refresh(a);
}
