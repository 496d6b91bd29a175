/*
 * What a policy declares of a PF, as wants. The order in which things are wanted is that in
 * which they can be had: PF, number of VFs, drivers, attributes. What holds is not wanted.
 */
#include "plan/want.h"

#include "core/driver.h"
#include "core/lease.h"
#include "core/mac.h"
#include "core/quirk.h"
#include "util/str.h"

#include <string.h>

/* One PF being declared. */
struct declaring {
	struct change *change;
	struct host *planned; /* as it will be by what was wanted so far */
	const struct pf_intent *intent;
	const struct pf *pf; /* of that host */
	unsigned force;
	struct arena arena;
};

static bool setting_holds(
	const struct record_type *type, const void *record, const struct setting *s)
{
	struct value now = attr_get(type, s->attr, record);

	return !s->automatic && now.known && value_equal(&now, &s->value);
}

/* Has it the address that would be found for it? */
static bool automatic_holds(const struct pf *pf, const struct vf *vf)
{
	const struct lladdr *base = pf_has(pf, PF_PERMANENT_MAC) ? &pf->permanent_mac : &pf->mac;
	struct lladdr mac;

	if ((!pf_has(pf, PF_PERMANENT_MAC) && !pf_has(pf, PF_MAC)) || !vf_has(vf, VF_MAC))
		return false;
	mac = mac_auto(base, vf->index, 0);
	return lladdr_equal(&vf->mac, &mac);
}

/* Has its interface the address that the PF has for it? One that is trusted may have chosen
 * another; and some cannot learn it while the PF is down, however often their driver starts. */
static bool uses_its_address(const struct pf *pf, const struct vf *vf)
{
	bool deaf = quirk_of(pf->driver)->mac_needs_pf_up && pf_has(pf, PF_UP) && !pf->up;

	return deaf || !vf_has(vf, VF_IF_MAC) || (vf_has(vf, VF_TRUST) && vf->trust) ||
	       lladdr_equal(&vf->if_mac, &vf->mac);
}

static bool wish_holds(const struct pf *pf, const struct vf *vf, const struct setting *s)
{
	if (s->attr != VF_MAC)
		return setting_holds(&vf_type, vf, s);
	return (s->automatic ? automatic_holds(pf, vf) : setting_holds(&vf_type, vf, s)) &&
	       uses_its_address(pf, vf);
}

/* Also what holds: it is to hold in the end, whatever another number of VFs takes. */
static void want_pf(struct declaring *d)
{
	for (size_t i = 0; i < d->intent->count; i++) {
		const struct wish *w = &d->intent->wishes[i];
		struct error err = {0};

		if (want_pf_settings(d->change, d->planned, d->pf, &w->setting, 1, &err) < 0)
			problem_error(d->change->problems, w->origin, &err);
	}
}

static const char *driver_of(const struct vf *vf)
{
	return vf_has(vf, VF_DRIVER) ? vf->driver : NULL;
}

static bool driver_holds(const struct vf *vf, const char *want)
{
	const char *is = driver_of(vf);

	if (strcmp(want, DRIVER_DEFAULT) == 0)
		return is && !driver_is_passthrough(is);
	return is && strcmp(is, want) == 0;
}

/* The kernel changes the number of vectors only while no driver has the VF: it will be
 * without for a moment. */
static bool needs_no_driver(
	const struct declaring *d, const struct vf_intent *v, const struct vf *vf)
{
	for (size_t i = 0; i < v->count; i++)
		if (v->wishes[i].setting.attr == VF_MSIX)
			return driver_of(vf) && !wish_holds(d->pf, vf, &v->wishes[i].setting);
	return false;
}

/* The driver that it must be given, NULL for none. */
static const char *driver_to_give(
	const struct declaring *d, const struct vf_intent *v, const struct vf *vf)
{
	if (v->driver && !driver_holds(vf, v->driver))
		return v->driver;
	return needs_no_driver(d, v, vf) ? driver_of(vf) : NULL;
}

static struct origin origin_of_vf(const struct declaring *d, uint32_t index)
{
	for (size_t i = 0; i < d->intent->vf_count; i++)
		if (d->intent->vfs[i].index == index)
			return d->intent->vfs[i].origin;
	return d->intent->origin;
}

/* All that get the same driver at once, as IOMMU groups may want it; those that cannot are
 * left out. */
static void want_one_driver(
	struct declaring *d, const struct vf **vfs, size_t count, const char *driver)
{
	struct error err = {0};

	while (count &&
		want_driver(d->change, d->planned, vfs, count, driver, d->force, &err) < 0) {
		size_t at = 0;

		while (at < count && strcmp(vfs[at]->name, err.object) != 0)
			at++;
		problem_error(d->change->problems,
			at < count ? origin_of_vf(d, vfs[at]->index) : d->intent->origin, &err);
		if (at == count) /* of none of them */
			return;
		memmove(&vfs[at], &vfs[at + 1], (--count - at) * sizeof(*vfs));
		memset(&err, 0, sizeof(err));
	}
}

static void want_drivers(struct declaring *d)
{
	size_t n = d->intent->vf_count, count;
	const struct vf **vfs = arena_alloc(&d->arena, (n + 1) * sizeof(*vfs));
	const char **drivers = arena_alloc(&d->arena, (n + 1) * sizeof(*drivers));

	for (size_t i = 0; i < n; i++) {
		const struct vf *vf = host_vf(d->planned, d->pf, d->intent->vfs[i].index);

		if (vf && !vf_is_elsewhere(vf))
			drivers[i] = driver_to_give(d, &d->intent->vfs[i], vf);
	}
	for (size_t i = 0; i < n; i++) {
		const char *driver = drivers[i];

		count = 0;
		for (size_t j = i; j < n && driver; j++) {
			if (!drivers[j] || strcmp(drivers[j], driver) != 0)
				continue;
			vfs[count++] = host_vf(d->planned, d->pf, d->intent->vfs[j].index);
			drivers[j] = NULL;
		}
		if (count)
			want_one_driver(d, vfs, count, driver);
	}
}

static bool is_wished(const struct vf_intent *v, size_t attr)
{
	for (size_t i = 0; i < v->count; i++)
		if (v->wishes[i].setting.attr == attr)
			return true;
	return false;
}

/* What a new one has, of all that is not wished for; of one that is still to be made nothing is
 * known, nor is there anything to do. The address that its own driver chose is
 * none that somebody has left. */
static size_t add_baseline(const struct declaring *d, const struct vf_intent *v,
	const struct vf *vf, struct setting *out)
{
	uint64_t unsupported = quirk_unsupported(d->pf);
	size_t n = 0;

	for (unsigned a = 0; a < VF_ATTR_COUNT; a++) {
		struct setting s = {.attr = a, .value = attr_get(&vf_type, a, vf)};
		bool own =
			a == VF_MAC && vf_has(vf, VF_IF_MAC) && lladdr_equal(&vf->if_mac, &vf->mac);

		if (!(vf_type.attrs[a].flags & ATTR_KEEP) || !s.value.known ||
			unsupported >> a & 1 || is_wished(v, a) || own ||
			!value_of_new_vf(d->pf, a, &s.value) || setting_holds(&vf_type, vf, &s))
			continue;
		out[n++] = s;
	}
	return n;
}

static bool is_among(const struct setting *settings, size_t count, size_t attr)
{
	for (size_t i = 0; i < count; i++)
		if (settings[i].attr == attr)
			return true;
	return false;
}

/* What is to be set of it: what it has not. How many settings these are. */
static size_t settings_to_want(const struct declaring *d, const struct vf_intent *v,
	const struct vf *vf, struct setting *out)
{
	size_t n = 0;

	for (size_t i = 0; i < v->count; i++)
		if (!wish_holds(d->pf, vf, &v->wishes[i].setting))
			out[n++] = v->wishes[i].setting;
	if (v->reset)
		n += add_baseline(d, v, vf, out + n);
	/* these mean nothing without a VLAN, and go with it */
	for (size_t i = 0; i < v->count && is_among(out, n, VF_VLAN); i++) {
		size_t attr = v->wishes[i].setting.attr;

		if ((attr == VF_QOS || attr == VF_PROTO) && !is_among(out, n, attr))
			out[n++] = v->wishes[i].setting;
	}
	return n;
}

static void say_missing(struct problems *problems, const struct pf *pf, const struct vf_intent *v)
{
	struct problem *p = problem_add(problems, v->origin, EXIT_NOT_FOUND, "there is no such VF");

	p->object = arena_printf(problems->arena, "%s/%u", pf->name, v->index);
}

static void want_attributes(struct declaring *d)
{
	size_t n = d->intent->vf_count, count = 0;
	struct vf_wish *wishes = arena_alloc(&d->arena, (n + 1) * sizeof(*wishes));

	for (size_t i = 0; i < n; i++) {
		const struct vf_intent *v = &d->intent->vfs[i];
		const struct vf *vf = host_vf(d->planned, d->pf, v->index);
		struct setting found[VF_ATTR_COUNT];
		size_t k;

		if (!vf) {
			say_missing(d->change->problems, d->pf, v);
			continue;
		}
		if (vf_is_elsewhere(vf))
			continue;
		k = settings_to_want(d, v, vf, found);
		if (k)
			wishes[count++] = (struct vf_wish){
				vf, arena_copy(&d->arena, found, k * sizeof(*found)), k};
	}
	want_vf_wishes(d->change, d->planned, wishes, count, d->force);
}

/* What its interface has there is no difference: that is not for the policy to say. */
static bool would_change(const struct declaring *d, const struct vf_intent *v, const struct vf *vf)
{
	struct setting found[VF_ATTR_COUNT];
	size_t n = settings_to_want(d, v, vf, found);

	for (size_t i = 0; i < n; i++)
		if (vf_type.attrs[found[i].attr].flags & ATTR_KEEP)
			return true;
	return driver_to_give(d, v, vf) != NULL;
}

/* Said of those that it would have changed. */
static void tell_of_those_elsewhere(struct declaring *d)
{
	const char *first = NULL, *where = NULL;
	size_t count = 0;

	for (size_t i = 0; i < d->intent->vf_count; i++) {
		const struct vf *vf = host_vf(d->planned, d->pf, d->intent->vfs[i].index);

		if (!vf || !vf_is_elsewhere(vf) || !would_change(d, &d->intent->vfs[i], vf))
			continue;
		if (!count++) {
			first = vf->name;
			where = vf_has(vf, VF_NETNS) ? vf->netns : "somebody else";
		}
	}
	if (count == 1)
		change_warn(d->change, "%s is with %s: left as it is until it comes back", first,
			where);
	else if (count)
		change_warn(d->change,
			"%s, with %s, and %zu more VFs are elsewhere: left as they are until they "
			"come back",
			first, where, count - 1);
}

static void want_all(struct declaring *d)
{
	struct error err = {0};

	want_pf(d);
	change_project(d->change, d->planned);
	if (d->intent->has_count && d->pf->num_vfs != d->intent->num_vfs &&
		want_vf_count(d->change, d->planned, d->pf, d->intent->num_vfs, &err) < 0) {
		problem_error(d->change->problems, d->intent->origin, &err)->whole = true;
		change_leave(d->change, d->pf);
		return;
	}
	change_project(d->change, d->planned);
	want_drivers(d);
	change_project(d->change, d->planned);
	want_attributes(d);
	change_project(d->change, d->planned);
	tell_of_those_elsewhere(d);
}

/* Where a problem of this PF has no place yet: that of its setting, or else of its VF. */
static struct origin find_origin(const struct pf_intent *intent, const struct problem *p)
{
	size_t len = strlen(intent->pf->name);
	struct origin origin = {0};
	uint64_t index = 0;

	if (!p->object || strncmp(p->object, intent->pf->name, len) != 0)
		return origin;
	if (!p->object[len])
		origin = intent->origin;
	for (size_t i = 0; !p->object[len] && p->attr && i < intent->count; i++)
		if (strcmp(attr_keyword(&pf_type.attrs[intent->wishes[i].setting.attr]), p->attr) ==
			0)
			origin = intent->wishes[i].origin;
	if (p->object[len] != '/' || !str_uint(p->object + len + 1, 10, UINT32_MAX, &index))
		return origin;
	for (size_t i = 0; i < intent->vf_count; i++) {
		const struct vf_intent *v = &intent->vfs[i];

		if (v->index != index)
			continue;
		origin = v->origin;
		for (size_t w = 0; p->attr && w < v->count; w++) {
			const struct attr *row = &vf_type.attrs[v->wishes[w].setting.attr];

			/* steps are called by key, settings by keyword */
			if (strcmp(attr_keyword(row), p->attr) == 0 ||
				strcmp(row->key, p->attr) == 0)
				origin = v->wishes[w].origin;
		}
	}
	return origin;
}

void intent_place_problems(const struct intent *intent, struct problems *problems)
{
	for (size_t i = 0; i < problems->count; i++)
		for (size_t p = 0; p < intent->count && !problems->items[i].origin.source; p++)
			problems->items[i].origin =
				find_origin(&intent->pfs[p], &problems->items[i]);
}

void want_intent(
	struct change *change, struct host *planned, const struct pf_intent *intent, unsigned force)
{
	struct declaring d = {.change = change,
		.planned = planned,
		.intent = intent,
		.pf = host_same_pf(planned, intent->pf),
		.force = force};

	change_plan(change, d.pf);
	want_all(&d);
	arena_free(&d.arena);
}
