/* The part of planning that deals with VFs' interfaces, and with handing VFs over. Pure. */
#include "plan/diff_parts.h"

#include "core/lease.h"
#include "core/vf.h"

#include <string.h>

bool diff_moves(const struct diff *d, const struct vf_state *st)
{
	const struct vf *have = diff_now(d, st);

	if (!have || !vf_has(have, VF_IFNAME) || !vf_has(&st->vf, VF_NETNS))
		return false;
	if (!st->vf.netns || !vf_has(have, VF_NETNS))
		return st->vf.netns || vf_has(have, VF_NETNS);
	return !netns_same(have->netns_id, have->netns, st->vf.netns_id, st->vf.netns);
}

void diff_add_move(struct diff *d, const struct vf_state *st)
{
	diff_add_vf(d->plan, STEP_IF_NETNS, st, value_string(diff_was(d, st)->netns),
		value_string(st->vf.netns))
		->want = &st->vf;
}

/* Remembered before anything else is done, forgotten after everything else. */
void diff_add_lease(struct diff *d, const struct vf_state *st, bool take)
{
	const struct vf *have = diff_was(d, st);
	const struct lease *is = have ? have->attached : NULL, *want = st->vf.attached;

	if (!vf_has(&st->vf, VF_LEASE) || (st->vf.lease != NULL) == take)
		return;
	/* one that goes on is kept as it was written first */
	if (take ? !is
		 : is && netns_same(is->id, is->netns, want->id, want->netns) &&
				diff_same(is->owner, want->owner))
		return;
	diff_add_vf(d->plan, STEP_LEASE, st, value_string(have && is ? have->lease : NULL),
		value_string(st->vf.lease))
		->want = &st->vf;
}

/* One setting of the VF's interface. Where the interface comes anew, what it had is put
 * back whatever it has then. */
static void add_interface_step(struct diff *d, const struct vf_state *st, enum step_kind kind,
	enum vf_attr attr, bool anew)
{
	const struct vf *had = diff_was(d, st);
	struct value v = attr_get(&vf_type, attr, &st->vf), old = {0};
	bool same;
	struct step *s;

	if (!v.known || (attr == VF_UP && anew && !v.on)) /* new ones are down */
		return;
	if (had)
		old = attr_get(&vf_type, attr, had);
	if (anew && !old.known) /* it is gone already, or there never was one */
		old = diff_before(d, st, attr);
	same = value_equal(&old, &v);
	if (same && !anew)
		return;
	s = diff_add_vf(d->plan, kind, st, old, v);
	s->put_back = same;
}

/* Will the VF have an interface at all? */
static bool has_interface(const struct diff *d, const struct vf_state *st, bool anew)
{
	const struct vf *have = diff_now(d, st);

	return anew ||
	       (have && vf_has(have, VF_IFNAME) &&
		       (!vf_has(&st->vf, VF_DRIVER) || diff_driver_fits(have, st->vf.driver)));
}

static void add_altnames(struct diff *d, const struct vf_state *st, bool anew)
{
	const struct vf *had = diff_was(d, st);

	for (size_t i = 0; vf_has(&st->vf, VF_ALTNAMES) && i < st->vf.altnames.count; i++) {
		struct value v = value_string(st->vf.altnames.items[i]);

		if (anew || !had || !strings_has(&had->altnames, v.string))
			diff_add_vf(d->plan, STEP_IF_ALTNAME, st, v, v)->put_back = true;
	}
}

/* As they were, also in their order: a new one goes behind all others. */
static void restore_altnames(struct diff *d, const struct vf_state *st)
{
	const struct strings *want = &st->vf.altnames, *is = &diff_was(d, st)->altnames;
	size_t same = 0;

	/* one that others have here by now gets lost on the way home */
	while (same < want->count && same < is->count &&
		strcmp(want->items[same], is->items[same]) == 0 &&
		!(diff_moves(d, st) && host_link(d->have, want->items[same])))
		same++;
	for (size_t i = same; i < is->count; i++)
		diff_add_vf(d->plan, STEP_IF_ALTNAME, st, value_string(is->items[i]),
			value_string(NULL))
			->put_back = true;
	for (size_t i = same; i < want->count; i++) {
		struct value v = value_string(want->items[i]);

		diff_add_vf(d->plan, STEP_IF_ALTNAME, st, v, v)->put_back = true;
	}
}

/* Those it is not to have: other interfaces have them where it goes, or it got them there. */
static void drop_altnames(struct diff *d, const struct vf_state *st)
{
	const struct vf *had = diff_was(d, st);

	for (size_t i = 0; vf_has(&st->vf, VF_ALTNAMES) && i < had->altnames.count; i++)
		if (!strings_has(&st->vf.altnames, had->altnames.items[i]))
			diff_add_vf(d->plan, STEP_IF_ALTNAME, st,
				value_string(had->altnames.items[i]), value_string(NULL));
}

/* Addresses, or gateways: what is to be there and is not, and the other way round. gone: the
 * interface has lost all of them; again: perhaps. */
static void add_list(struct diff *d, const struct vf_state *st, enum step_kind kind,
	enum vf_attr attr, bool gone, bool again)
{
	const struct vf *had = diff_was(d, st);
	struct value want = attr_get(&vf_type, attr, &st->vf), is = {0};

	if (!want.known)
		return;
	if (had && !gone)
		is = attr_get(&vf_type, attr, had);
	for (size_t i = 0; is.known && i < is.strings->count; i++)
		if (!strings_has(want.strings, is.strings->items[i]))
			diff_add_vf(d->plan, kind, st, value_string(is.strings->items[i]),
				value_string(NULL));
	for (size_t i = 0; i < want.strings->count; i++) {
		struct value v = value_string(want.strings->items[i]);
		bool has = is.known && strings_has(is.strings, v.string);

		if (!has || again)
			diff_add_vf(d->plan, kind, st, has ? v : value_string(NULL), v);
	}
}

/* An interface that was moved is down. */
static void add_up(struct diff *d, const struct vf_state *st, bool anew, bool moved)
{
	if (!moved)
		add_interface_step(d, st, STEP_IF_UP, VF_UP, anew);
	else if (vf_has(&st->vf, VF_UP) && st->vf.up)
		diff_add_vf(d->plan, STEP_IF_UP, st, value_bool(false), value_bool(true));
}

/* Whoever talked to these addresses elsewhere is to know, unless all is as it was. */
static void add_announcement(struct diff *d, const struct vf_state *st, size_t from, bool moved)
{
	const struct vf *had = diff_was(d, st);
	bool up = vf_has(&st->vf, VF_UP) ? st->vf.up : !moved && had && had->up;
	struct value addresses = attr_get(&vf_type, VF_ADDRESSES, &st->vf);
	bool news = false;

	for (size_t i = from; i < d->plan->count; i++) {
		const struct step *s = &d->plan->steps[i];

		news |= s->kind == STEP_IF_NETNS || s->kind == STEP_IF_MAC ||
			s->kind == STEP_IF_UP || (s->kind == STEP_IF_ADDRESS && s->new.known);
	}
	if (news && addresses.known && addresses.strings->count && up)
		diff_add_vf(d->plan, STEP_IF_ANNOUNCE, st, (struct value){0}, addresses)->want =
			&st->vf;
}

void diff_add_node(struct diff *d, const struct vf_state *st)
{
	const struct vf *have = diff_was(d, st);

	if (st->node && have && vf_has(have, VF_VFIO))
		diff_add_vf(d->plan, STEP_VFIO_NODE, st,
			value_string(have->attached ? have->vfio : NULL), value_string(have->vfio));
}

void diff_add_interface(struct diff *d, const struct vf_state *st, bool anew)
{
	bool moved = diff_moves(d, st), lends = vf_has(&st->vf, VF_NETNS);
	size_t before = d->plan->count;
	bool bounced, goes_down, falls;

	if (!has_interface(d, st, anew))
		return;
	/* its RDMA device is to go before it, once there is one: it is gone afterwards */
	if (lends && st->vf.netns)
		drop_altnames(d, st);
	if (lends && st->vf.netns && moved)
		diff_add_move(d, st);
	add_interface_step(d, st, STEP_IF_NAME, VF_IFNAME, anew);
	if (moved && !st->vf.netns && d->plan->count == before && vf_has(&st->vf, VF_IFNAME) &&
		host_link(d->have, st->vf.ifname)) { /* while it was away */
		struct value name = value_string(st->vf.ifname);

		diff_add_vf(d->plan, STEP_IF_NAME, st, name, name);
	}
	add_interface_step(d, st, STEP_IF_MAC, VF_IF_MAC, anew);
	bounced = d->plan->count > before && d->plan->steps[d->plan->count - 1].kind == STEP_IF_MAC;
	add_interface_step(d, st, STEP_IF_MTU, VF_MTU, anew);
	if (lends && !st->vf.netns && !anew && vf_has(&st->vf, VF_ALTNAMES))
		restore_altnames(d, st);
	else
		add_altnames(d, st, anew);
	goes_down = !moved && !anew && vf_has(&st->vf, VF_UP) && !st->vf.up;
	falls = goes_down && diff_was(d, st) && diff_was(d, st)->up;
	if (goes_down) /* which takes IPv6 addresses away */
		add_up(d, st, anew, moved);
	add_list(d, st, STEP_IF_ADDRESS, VF_ADDRESSES, anew || moved, bounced || falls);
	if (!goes_down)
		add_up(d, st, anew, moved);
	if (!goes_down)
		add_list(d, st, STEP_IF_GATEWAY, VF_GATEWAYS, anew || moved, bounced);
	if (lends && st->vf.netns)
		add_announcement(d, st, before, moved);
}

/* The VF of a step that renames an interface which is here and stays here. */
static const struct vf *renames_here(const struct diff *d, const struct step *s, const bool *anew)
{
	for (size_t i = 0; s->kind == STEP_IF_NAME && i < d->goal->count; i++) {
		const struct vf_state *st = d->goal->vfs[i];

		if (st->vf.index == (uint32_t)s->vf)
			return anew[i] || diff_moves(d, st) ? NULL : diff_now(d, st);
	}
	return NULL;
}

void diff_free_names(struct diff *d, const bool *anew)
{
	struct plan *plan = d->plan;

	for (size_t i = 0; i < plan->count; i++) {
		const char *name = plan->steps[i].new.string;

		for (size_t j = i + 1; plan->steps[i].kind == STEP_IF_NAME && j < plan->count;
			j++) {
			const struct vf *vf = renames_here(d, &plan->steps[j], anew);
			struct step s;

			if (!vf || !diff_same(vf->ifname, name))
				continue;
			s = plan->steps[j];
			s.new = value_string(arena_printf(&plan->arena, "sriovvf%d", vf->ifindex));
			s.internal = true;
			plan_add(plan, s.kind, s.object, s.vf);
			memmove(plan->steps + i + 1, plan->steps + i,
				(plan->count - 1 - i) * sizeof(*plan->steps));
			plan->steps[i++] = s;
			break;
		}
	}
}
