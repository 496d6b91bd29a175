/* The part of applying that deals with the VFs' network interfaces. */
#include "plan/apply_parts.h"

#include "core/driver.h"
#include "util/clock.h"

#include <errno.h>
#include <string.h>

static const struct vf *survivor(const struct apply *a, uint32_t index)
{
	for (size_t i = 0; i < a->plan->before.vf_count; i++)
		if (a->plan->before.vfs[i]->index == index)
			return a->plan->before.vfs[i];
	return NULL;
}

/* Is an interface to come for this VF? */
static bool expects_interface(const struct apply *a, const struct vf *vf)
{
	const struct vf *had = survivor(a, vf->index);

	if (!pf_has(a->plan->pf, PF_IFNAME) || !vf_has(vf, VF_BDF))
		return false;
	if (vf_has(vf, VF_DRIVER) && driver_is_passthrough(vf->driver))
		return false;
	if (had)
		return vf_has(had, VF_IFNAME);
	return !a->o->no_wait && a->plan->before.autoprobe_known && a->plan->before.autoprobe;
}

/* How long a VF may be without a driver although there is a module for it: udev may be
 * about to load it, but a probe that failed will not be tried again. */
#define DRIVER_PATIENCE_MS 10000

struct waiting {
	bool patient;        /* still willing to wait for drivers */
	bool without_driver; /* some VFs will stay unbound */
	size_t missing;      /* interfaces to come */
	uint32_t first;      /* one of them */
};

static void look_for_interfaces(struct apply *a, struct waiting *w)
{
	w->missing = 0;
	for (size_t i = 0; i < a->now.vf_count; i++) {
		const struct vf *vf = &a->now.vfs[i];

		if (apply_vf_now(a, vf->index) != vf || !expects_interface(a, vf))
			continue;
		if (vf_has(vf, VF_IFNAME) && udev_is_done(a->k, vf->ifindex))
			continue;
		if (!vf_has(vf, VF_DRIVER)) {
			w->without_driver |= !w->patient || module_load_for(a->k, vf->bdf) <= 0;
			if (w->without_driver)
				continue;
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
		rc = events_wait(
			a->events, w.patient && patience < deadline ? patience : deadline, a->stop);
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

static bool link_holds(const struct step *s, const struct vf *vf)
{
	switch (s->kind) {
	case STEP_IF_NAME:
		return strcmp(vf->ifname, s->new.string) == 0;
	case STEP_IF_MTU:
		return vf->mtu == s->new.uint;
	case STEP_IF_UP:
		return vf_has(vf, VF_LINK) && vf->link != LINK_DOWN;
	case STEP_IF_ALTNAME:
		for (size_t i = 0; i < vf->altnames.count; i++)
			if (strcmp(vf->altnames.items[i], s->new.string) == 0)
				return true;
		return false;
	case STEP_AUTOPROBE:
	case STEP_NUM_VFS:
	case STEP_VF_ATTR:
	case STEP_VF_DRIVER:
		break;
	}
	return true;
}

static int rename_down(int ifindex, const char *name, char *extack, size_t size)
{
	struct link_write down = {.down = true}, rename = {.name = name}, up = {.up = true};
	int rc = change_link(ifindex, &down, extack, size);

	if (rc == 0)
		rc = change_link(ifindex, &rename, extack, size);
	return change_link(ifindex, &up, extack, size) < 0 && rc == 0 ? -EIO : rc;
}

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

void apply_make_room_for_names(struct apply *a, bool final)
{
	char name[32], extack[256];

	for (size_t i = 0; i < a->now.vf_count; i++) {
		const struct vf *vf = &a->now.vfs[i];
		const char *wanted = wanted_name(a, vf->index);
		struct link_write w = {.name = name};

		if (apply_vf_now(a, vf->index) != vf || !vf_has(vf, VF_IFNAME) ||
			vf_has(vf, VF_NETNS))
			continue;
		snprintf(name, sizeof(name), "sriovvf%d", vf->ifindex);
		if (final && !wanted && strcmp(vf->ifname, name) == 0)
			snprintf(name, sizeof(name), "eth%%d");
		else if (final || !is_wanted_by_any(a, vf->ifname) ||
			 (wanted && strcmp(vf->ifname, wanted) == 0))
			continue;
		if (change_link(vf->ifindex, &w, extack, sizeof(extack)) == -EBUSY)
			rename_down(vf->ifindex, name, extack, sizeof(extack));
	}
	apply_refresh(a);
}

int apply_link(struct apply *a, struct step *s)
{
	const struct vf *vf = apply_vf_now(a, (uint32_t)s->vf);
	struct link_write w = {0};
	char extack[256];
	int rc;

	if (!vf || !vf_has(vf, VF_IFNAME))
		return apply_soft_fail(a, s, ENODEV, NULL);
	if (link_holds(s, vf)) {
		s->result = RESULT_KEPT;
		return 0;
	}
	if (s->kind == STEP_IF_NAME)
		w.name = s->new.string;
	else if (s->kind == STEP_IF_ALTNAME)
		w.altname = s->new.string;
	else if (s->kind == STEP_IF_MTU)
		w.mtu = (uint32_t)s->new.uint;
	else
		w.up = true;
	rc = change_link(vf->ifindex, &w, extack, sizeof(extack));
	if (rc == -EBUSY && w.name) /* before Linux 6.2 one that is up cannot be renamed */
		rc = rename_down(vf->ifindex, w.name, extack, sizeof(extack));
	return rc < 0 ? apply_soft_fail(a, s, -rc, extack) : 0;
}
