/* Several VFs are to have settings, each its own, as far as they can. */
#include "plan/set_parts.h"

#include <string.h>

/* That one cannot be had: it goes from the list, and the rest is still wanted. */
static void drop_setting(struct wanted *w, struct vf_wish *wish)
{
	size_t at = 0;

	problem_error(w->change->problems, (struct origin){0}, w->err);
	while (at < wish->count &&
		strcmp(attr_keyword(&vf_type.attrs[wish->settings[at].attr]), w->err->attr) != 0)
		at++;
	if (at == wish->count) /* not of a single one */
		wish->count = 0;
	else
		memmove(&wish->settings[at], &wish->settings[at + 1],
			(--wish->count - at) * sizeof(*wish->settings));
	memset(w->err, 0, sizeof(*w->err));
}

static void mean(struct wanted *w, const struct vf_wish *wish)
{
	w->settings = wish->settings;
	w->count = wish->count;
}

/* Until all that is left can be had: what one keeps another cannot get. */
static void drop_what_cannot_be(struct wanted *w, struct vf_wish *wishes)
{
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; i < w->wish_count; i++) {
			mean(w, &wishes[i]);
			while (w->count && set_check_one(w, wishes[i].vf) < 0) {
				drop_setting(w, &wishes[i]);
				mean(w, &wishes[i]);
				again = true;
			}
		}
	}
}

/* The addresses anew, as the wishes are now. */
static void gather_wished_macs(struct wanted *w, struct vf_wish *wishes)
{
	arena_free(&w->arena);
	w->vfs = arena_alloc(&w->arena, (w->wish_count + 1) * sizeof(*w->vfs));
	w->vf_count = 0;
	for (size_t i = 0; i < w->wish_count; i++) {
		mean(w, &wishes[i]);
		if (set_setting_of(w, VF_MAC))
			w->vfs[w->vf_count++] = wishes[i].vf;
	}
	if (w->vf_count)
		set_gather_macs(w);
}

/* The first address that cannot be had; false when there is none. */
static bool drop_mac(struct wanted *w, struct vf_wish *wishes)
{
	gather_wished_macs(w, wishes);
	for (size_t i = 0; i < w->wish_count; i++) {
		const struct vf *vf = wishes[i].vf;
		struct lladdr mac;

		mean(w, &wishes[i]);
		if (!set_setting_of(w, VF_MAC) || set_wished_mac(w, vf, &mac) == 0)
			continue;
		drop_setting(w, &wishes[i]);
		return true;
	}
	return false;
}

void want_vf_wishes(struct change *change, const struct host *have, struct vf_wish *wishes,
	size_t count, unsigned force)
{
	struct error err = {0};
	struct wanted w = {.change = change,
		.have = have,
		.force = force,
		.alone = true,
		.wishes = wishes,
		.wish_count = count,
		.err = &err};

	drop_what_cannot_be(&w, wishes);
	while (drop_mac(&w, wishes))
		;
	gather_wished_macs(&w, wishes);
	for (size_t i = 0; i < count; i++) {
		mean(&w, &wishes[i]);
		while (w.count && set_want_one(&w, wishes[i].vf) < 0) {
			drop_setting(&w, &wishes[i]);
			mean(&w, &wishes[i]);
		}
	}
	arena_free(&w.arena);
}
