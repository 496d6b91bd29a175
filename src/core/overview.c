#include "core/overview.h"

#include "core/driver.h"
#include "core/usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How grave, and how it is said of several that differ in who or what. */
static const struct {
	enum level level;
	const char *many;
} kinds[] = {
	[REMARK_STRAY] = {LEVEL_TROUBLE, "not where they were sent"},
	[REMARK_NO_DRIVER] = {LEVEL_TROUBLE, "no driver"},
	[REMARK_NO_INTERFACE] = {LEVEL_TROUBLE, "no interface"},
	[REMARK_HELD] = {LEVEL_USED, "held by processes"},
	[REMARK_ATTACHED] = {LEVEL_USED, "attached to namespaces"},
	[REMARK_AWAY] = {LEVEL_USED, "in other namespaces"},
	[REMARK_MASTER] = {LEVEL_USED, "in bridges or the like"},
	[REMARK_UPPER] = {LEVEL_USED, "with interfaces on top"},
	[REMARK_VITAL] = {LEVEL_USED, "with traffic of this host"},
	[REMARK_ADDRESS] = {LEVEL_USED, "with addresses"},
	[REMARK_OPAQUE] = {LEVEL_PLAIN, "users cannot be seen"},
	[REMARK_UNBOUND] = {LEVEL_PLAIN, "no driver"},
	[REMARK_NONE] = {LEVEL_PLAIN, ""},
	[REMARK_MIXED] = {LEVEL_PLAIN, ""},
};

static const enum remark_kind kind_of_use[] = {
	[USE_HELD] = REMARK_HELD,
	[USE_OPEN] = REMARK_HELD,
	[USE_ATTACHED] = REMARK_ATTACHED,
	[USE_AWAY] = REMARK_AWAY,
	[USE_UNSEEN] = REMARK_AWAY,
	[USE_OPAQUE] = REMARK_OPAQUE,
	[USE_MASTER] = REMARK_MASTER,
	[USE_UPPER] = REMARK_UPPER,
	[USE_VITAL] = REMARK_VITAL,
	[USE_ADDRESS] = REMARK_ADDRESS,
};

static bool is_stray(enum whereabouts where)
{
	return where == WHERE_LOST || where == WHERE_RETURNED || where == WHERE_ELSEWHERE;
}

static const char *stray_text(const struct vf *vf, enum whereabouts where, struct arena *arena)
{
	const char *sent = vf->attached->netns;

	if (where == WHERE_LOST)
		return arena_printf(arena, "lost, was sent to %s", sent);
	if (where == WHERE_RETURNED)
		return arena_printf(arena, "is back, was sent to %s", sent);
	return arena_printf(arena, "in %s, was sent to %s", vf->netns, sent);
}

/* What is wrong with one that nobody uses. */
static enum remark_kind fault_of(const struct pf *pf, const struct vf *vf)
{
	if (!vf_has(vf, VF_BDF))
		return REMARK_NONE; /* of a bus that we know nothing about */
	if (!vf_has(vf, VF_DRIVER))
		return pf_is_nic(pf) && pf_has(pf, PF_AUTOPROBE) && pf->autoprobe ? REMARK_NO_DRIVER
										  : REMARK_UNBOUND;
	/* InfiniBand's interfaces are another driver's */
	if (!vf_has(vf, VF_IFNAME) && !driver_is_passthrough(vf->driver) && pf_is_nic(pf) &&
		strcmp(pf->class_name, "infiniband") != 0)
		return REMARK_NO_INTERFACE;
	return REMARK_NONE;
}

/* The gravest use and one more, after what is said already. */
static void tell_uses(struct remark *r, const struct users *users, bool stray, struct arena *arena)
{
	size_t told = r->text[0] != 0;

	for (size_t i = 0; i < users->count; i++) {
		const struct user *u = &users->items[i];

		if (stray && u->lent)
			continue; /* that is where it should be */
		r->used |= u->use != USE_OPAQUE;
		if (told == 2) {
			r->untold++;
			continue;
		}
		r->text = told++ ? arena_printf(arena, "%s, %s", r->text, u->brief) : u->brief;
	}
	if (r->untold)
		r->text = arena_printf(arena, "%s, +%zu more", r->text, r->untold);
}

static struct remark remark_vf(const struct user_index *index, const struct pf *pf,
	const struct vf *vf, struct arena *arena)
{
	enum whereabouts where = vf_whereabouts(index->host, vf);
	struct remark r = {.text = ""};
	struct users users;

	vf_users_by(index, vf, arena, &users);
	if (is_stray(where)) {
		r.kind = REMARK_STRAY;
		r.text = stray_text(vf, where, arena);
	} else if (users.count) {
		r.kind = kind_of_use[users.items[0].use];
	} else {
		r.kind = fault_of(pf, vf);
		r.text = kinds[r.kind].many;
	}
	r.level = kinds[r.kind].level;
	tell_uses(&r, &users, r.kind == REMARK_STRAY, arena);
	return r;
}

static void also(struct remark *r, enum level level, const char *text, struct arena *arena)
{
	r->text = r->text[0] ? arena_printf(arena, "%s, %s", r->text, text) : text;
	r->level = level > r->level ? level : r->level;
}

static struct remark remark_pf(const struct host *host, const struct pf *pf, struct arena *arena)
{
	struct remark r = {.kind = REMARK_NONE, .text = ""};
	struct user user = pf_user(host, pf, arena);

	if (pf_has(pf, PF_NUM_VFS) && pf_has(pf, PF_TOTAL_VFS))
		r.text = arena_printf(arena, "%u of %u VFs", pf->num_vfs, pf->total_vfs);
	else if (pf_has(pf, PF_NUM_VFS))
		r.text = arena_printf(arena, "%u VF%s", pf->num_vfs, pf->num_vfs == 1 ? "" : "s");
	if (pf->truncated)
		also(&r, LEVEL_TROUBLE, "list cut short", arena);
	if (pf_has(pf, PF_BDF) && !pf_has(pf, PF_DRIVER))
		also(&r, LEVEL_PLAIN, "no driver", arena);
	if (pf_has(pf, PF_AUTOPROBE) && !pf->autoprobe)
		also(&r, LEVEL_PLAIN, "autoprobe off", arena);
	if (user.verb)
		also(&r, LEVEL_USED, user.brief, arena);
	return r;
}

/* What uses a disk or an accelerator is nothing that we know of. */
static bool has_strange_users(const struct pf *pf, const struct vf *vf)
{
	return pf_has(pf, PF_CLASS) && !pf_is_nic(pf) && vf_has(vf, VF_DRIVER) &&
	       !driver_is_passthrough(vf->driver);
}

static void count_vf(
	struct overview *o, const struct pf *pf, const struct vf *vf, const struct remark *r)
{
	o->used += r->used;
	o->untold |= r->untold > 0;
	o->unbound += r->kind == REMARK_NO_DRIVER;
	o->guess |= r->kind == REMARK_OPAQUE || has_strange_users(pf, vf);
	if (r->kind != REMARK_STRAY)
		return;
	o->strays++;
	o->lost += vf_whereabouts(o->host, vf) != WHERE_ELSEWHERE;
}

/* Those that were handed out and do not exist any more are lost, too. */
static size_t count_gone(const struct overview *o)
{
	size_t gone = 0;

	for (size_t i = 0; i < o->host->lease_count; i++) {
		const struct lease *lease = &o->host->leases[i];
		bool shown = o->pf_count == o->host->pf_count; /* PFs may have gone as well */

		for (size_t p = 0; p < o->pf_count && !shown; p++)
			shown = strcmp(o->pfs[p]->handle, lease->pf) == 0;
		gone += shown;
	}
	for (size_t p = 0; p < o->pf_count; p++)
		for (size_t i = 0; i < o->pfs[p]->vf_count; i++)
			gone -= o->host->vfs[o->pfs[p]->first_vf + i].attached != NULL;
	return gone;
}

void overview_look(const struct host *host, const struct pf *const *pfs, size_t pf_count,
	struct arena *arena, struct overview *o)
{
	struct user_index index;
	size_t gone;

	*o = (struct overview){.host = host, .pfs = pfs, .pf_count = pf_count};
	o->guess = host->usage_unknown || host->leases_unknown || host->holders_hidden;
	o->pf_remarks = arena_alloc(arena, (pf_count + 1) * sizeof(*o->pf_remarks));
	o->vf_remarks = arena_alloc(arena, (host->vf_count + 1) * sizeof(*o->vf_remarks));
	user_index(host, arena, &index);
	for (size_t p = 0; p < pf_count; p++) {
		const struct pf *pf = pfs[p];

		o->pf_remarks[p] = remark_pf(host, pf, arena);
		o->vf_count += pf->vf_count;
		o->with_vfs += pf->vf_count > 0;
		for (size_t i = 0; i < pf->vf_count; i++) {
			const struct vf *vf = &host->vfs[pf->first_vf + i];
			struct remark *r = &o->vf_remarks[pf->first_vf + i];

			*r = remark_vf(&index, pf, vf, arena);
			count_vf(o, pf, vf, r);
		}
	}
	gone = count_gone(o);
	o->strays += gone;
	o->lost += gone;
}

/* Groups */

#define DEPTH 3 /* what VFs of one group have in common, at best: see compare_kinds() */

struct member {
	const struct vf *vf;
	const struct remark *remark;
};

static const char *driver_of(const struct vf *vf)
{
	return vf_has(vf, VF_DRIVER) ? vf->driver : "";
}

static unsigned link_of(const struct vf *vf)
{
	return vf_has(vf, VF_LINK) ? vf->link + 1 : 0;
}

/* By the first `depth` of: kind of remark, driver, link. Alike: 0. */
static int compare_kinds(const struct member *a, const struct member *b, unsigned depth)
{
	unsigned x = link_of(a->vf), y = link_of(b->vf);
	int drivers;

	if (a->remark->kind != b->remark->kind)
		return a->remark->kind < b->remark->kind ? -1 : 1;
	drivers = depth > 1 ? strcmp(driver_of(a->vf), driver_of(b->vf)) : 0;
	if (drivers)
		return drivers;
	return depth > 2 ? (x > y) - (x < y) : 0;
}

static int compare_members(const void *a, const void *b)
{
	return compare_kinds(a, b, DEPTH);
}

static int compare_indexes(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	return (x->vf->index > y->vf->index) - (x->vf->index < y->vf->index);
}

static struct remark remark_group(const struct member *members, size_t count, struct arena *arena)
{
	struct remark r = *members[0].remark;
	bool same = true;
	size_t used = r.used;

	if (count == 1)
		return r;
	for (size_t i = 1; i < count; i++) {
		const struct remark *other = members[i].remark;

		same &= strcmp(other->text, members[0].remark->text) == 0;
		used += other->used;
		r.kind = other->kind == members[0].remark->kind ? r.kind : REMARK_MIXED;
		r.level = other->level > r.level ? other->level : r.level;
	}
	r.used = used > 0;
	if (r.kind == REMARK_NONE)
		r.text = arena_printf(arena, "%zu VFs", count);
	else if (r.kind == REMARK_MIXED)
		r.text = arena_printf(arena, "%zu VFs of several kinds, %zu in use", count, used);
	else
		r.text = arena_printf(
			arena, "%zu VFs, %s", count, same ? r.text : kinds[r.kind].many);
	return r;
}

static struct vf_group make_group(struct member *members, size_t count, struct arena *arena)
{
	struct vf_group g = {.count = count};

	qsort(members, count, sizeof(*members), compare_indexes);
	g.remark = remark_group(members, count, arena);
	g.vfs = arena_alloc(arena, count * sizeof(*g.vfs));
	for (size_t i = 0; i < count; i++)
		g.vfs[i] = members[i].vf;
	return g;
}

/* The end of the run of those that are alike, from `from` on. */
static size_t run_end(const struct member *members, size_t count, size_t from, unsigned depth)
{
	size_t end = from + 1;

	while (end < count && compare_kinds(&members[from], &members[end], depth) == 0)
		end++;
	return end;
}

/* As much in common as there is room for: the order of VFs is the same for each depth. */
static unsigned choose_depth(const struct member *members, size_t count)
{
	for (unsigned depth = DEPTH; depth > 1; depth--) {
		size_t rows = 0;

		for (size_t at = 0; at < count; at = run_end(members, count, at, depth))
			rows++;
		if (rows <= OVERVIEW_ROWS)
			return depth;
	}
	return 1;
}

struct vf_group *overview_groups(
	const struct overview *o, const struct pf *pf, struct arena *arena, size_t *count)
{
	struct member *members = arena_alloc(arena, (pf->vf_count + 1) * sizeof(*members));
	struct vf_group *groups = arena_alloc(arena, OVERVIEW_ROWS * sizeof(*groups));
	unsigned depth;

	*count = 0;
	for (size_t i = 0; i < pf->vf_count; i++)
		members[i] = (struct member){
			&o->host->vfs[pf->first_vf + i], &o->vf_remarks[pf->first_vf + i]};
	if (pf->vf_count)
		qsort(members, pf->vf_count, sizeof(*members), compare_members);
	depth = choose_depth(members, pf->vf_count);
	for (size_t at = 0, end; at < pf->vf_count; at = end) {
		end = run_end(members, pf->vf_count, at, depth);
		/* what is left over when the rows run out shares the last */
		if (*count + 1 == OVERVIEW_ROWS)
			end = pf->vf_count;
		groups[(*count)++] = make_group(&members[at], end - at, arena);
	}
	return groups;
}

const char *overview_name(struct arena *arena, const char *pf, const struct vf *const *vfs,
	size_t count, size_t limit)
{
	/* an index has five digits at most, a range two and what is between */
	size_t len = strlen(pf), size = len + 12 * count + 8;
	char *name = arena_alloc(arena, size);
	size_t n = (size_t)snprintf(name, size, "%s/", pf);

	for (size_t from = 0, end; from < count; from = end) {
		char item[32];
		int item_len;

		for (end = from + 1; end < count && vfs[end]->index == vfs[end - 1]->index + 1;)
			end++;
		item_len = snprintf(item, sizeof(item), "%s%u", from ? "," : "", vfs[from]->index);
		if (end - from > 1)
			item_len += snprintf(item + item_len, sizeof(item) - (size_t)item_len,
				"-%u", vfs[end - 1]->index);
		if (limit && from && n + (size_t)item_len + (end < count ? 4 : 0) > limit) {
			snprintf(name + n, size - n, ",...");
			break;
		}
		n += (size_t)snprintf(name + n, size - n, "%s", item);
	}
	return name;
}
