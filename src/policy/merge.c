/*
 * All that is said of one PF, from whichever documents, put together. What one entry says of a
 * VF goes by how exactly it says it; entries among each other must not contradict.
 */
#include "policy/parts.h"

#include "core/driver.h"

#include <string.h>

/* VFs that are looked at without a host behind the last that is spoken of: they are alike. */
#define ALIKE 2
#define TOLD_MAX 64

struct said {
	const struct wish *wish; /* NULL: nothing */
	const struct entry *by;
	const struct entry *range_by; /* who said it last of this VF or range, or NULL */
};

struct board {
	struct arena *arena;
	const struct pf *pf;
	const char *name;
	struct problems *problems;
	const struct entry **entries;
	size_t entry_count;
	struct said pf_said[PF_ATTR_COUNT];
	const struct wish *least_mtu;
	uint8_t slot[WANT_COUNT]; /* of what can be wanted of a VF, from 1 */
	size_t attr[WANT_COUNT];  /* and the other way round */
	size_t slot_count;
	uint32_t limit;     /* how many VFs it is to have; VFS_MAX when that is not known */
	uint32_t size;      /* how many are looked at */
	struct said *cells; /* of each VF, by slot */
	const char **names; /* of each VF, made from its template */
	struct {
		const void *a, *b;
	} told[TOLD_MAX]; /* what was said already: once for all VFs */
	size_t told_count;
	bool short_of; /* it cannot have that many, which was said */
	bool bad;
};

struct board *board_new(
	struct arena *arena, const struct pf *pf, const char *name, struct problems *problems)
{
	struct board *b = arena_alloc(arena, sizeof(*b));

	b->arena = arena;
	b->pf = pf;
	b->name = name;
	b->problems = problems;
	for (size_t i = 0; i < WANT_COUNT; i++) {
		if (i < VF_ATTR_COUNT && !(vf_type.attrs[i].flags & ATTR_SET))
			continue;
		b->attr[b->slot_count] = i;
		b->slot[i] = (uint8_t)++b->slot_count;
	}
	return b;
}

void board_add(struct board *b, const struct entry *entry)
{
	if (b->entry_count && b->entries[b->entry_count - 1] == entry)
		return;
	b->entries =
		arena_push(b->arena, b->entries, &b->entry_count, sizeof(const struct entry *));
	b->entries[b->entry_count - 1] = entry;
}

void board_blame(const struct board *b)
{
	for (size_t i = 0; i < b->entry_count; i++)
		b->entries[i]->document->bad = true;
}

static struct said *cell(const struct board *b, uint32_t index, size_t attr)
{
	return &b->cells[index * b->slot_count + b->slot[attr] - 1];
}

/* Was something about these two said? Now it is. */
static bool told(struct board *b, const void *x, const void *y)
{
	for (size_t i = 0; i < b->told_count && i < TOLD_MAX; i++)
		if (b->told[i].a == x && b->told[i].b == y)
			return true;
	b->told[b->told_count % TOLD_MAX].a = x;
	b->told[b->told_count++ % TOLD_MAX].b = y;
	return false;
}

static const char *vf_name(struct problems *problems, const char *pf, uint32_t index)
{
	return arena_printf(problems->arena, "%s/%u", pf, index);
}

static struct problem *wrong(struct board *b, struct origin at, enum exit_code code,
	const char *object, const char *attr, const char *text)
{
	struct problem *p = problem_add(b->problems, at, code, "%s", text);

	b->bad = true;
	p->object = object ? object : arena_strdup(b->problems->arena, b->name);
	p->attr = attr;
	return p;
}

static bool same_wish(const struct wish *x, const struct wish *y)
{
	if (x->setting.automatic || y->setting.automatic)
		return x->setting.automatic && y->setting.automatic;
	return value_equal(&x->setting.value, &y->setting.value);
}

static void contradiction(struct board *b, const struct wish *here, const struct wish *there,
	const char *object, const char *attr)
{
	if (told(b, here, there))
		return;
	wrong(b, here->origin, EXIT_USAGE, object, attr,
		arena_printf(b->arena, "%s here, but %s %s", wish_text(b->arena, here),
			wish_text(b->arena, there),
			place_text(b->arena, there->origin, here->origin)));
}

static void say_of_pf(struct board *b, const struct entry *by, const struct wish *wish)
{
	struct said *s = &b->pf_said[wish->setting.attr];

	if (!s->wish)
		*s = (struct said){.wish = wish, .by = by};
	else if (!same_wish(s->wish, wish))
		contradiction(b, wish, s->wish, NULL, pf_want_name(wish->setting.attr));
}

static void say_of_vf(struct board *b, uint32_t index, const struct entry *by,
	const struct wish *wish, bool exact)
{
	struct said *s = cell(b, index, wish->setting.attr);

	/* what an entry says of all is not for the ranges that it has, which come first */
	if (!exact && s->range_by == by)
		return;
	if (s->wish && !same_wish(s->wish, wish)) {
		contradiction(b, wish, s->wish, vf_name(b->problems, b->name, index),
			vf_want_name(wish->setting.attr));
	} else if (!s->wish || (exact && !s->range_by)) {
		s->wish = wish;
		s->by = by;
	}
	if (exact)
		s->range_by = by;
}

static void merge_pf(struct board *b)
{
	const struct wish *mtu;

	for (size_t i = 0; i < b->entry_count; i++) {
		const struct entry *e = b->entries[i];

		for (size_t j = 0; j < e->pf.count; j++)
			say_of_pf(b, e, &e->pf.items[j]);
		if (e->least_mtu && (!b->least_mtu || e->least_mtu->setting.value.uint >
							      b->least_mtu->setting.value.uint))
			b->least_mtu = e->least_mtu;
	}
	mtu = b->pf_said[PF_MTU].wish;
	if (!b->least_mtu)
		return;
	if (mtu && mtu->setting.value.uint < b->least_mtu->setting.value.uint)
		contradiction(b, b->least_mtu, mtu, NULL, "mtu");
	/* raised, never lowered */
	if (!mtu && b->pf &&
		(!pf_has(b->pf, PF_MTU) || b->pf->mtu < b->least_mtu->setting.value.uint))
		b->pf_said[PF_MTU].wish = b->least_mtu;
}

static void find_limit(struct board *b)
{
	const struct wish *count = b->pf_said[PF_NUM_VFS].wish;

	b->limit = VFS_MAX;
	if (count)
		b->limit = (uint32_t)count->setting.value.uint;
	else if (b->pf)
		b->limit = pf_has(b->pf, PF_NUM_VFS) ? b->pf->num_vfs : 0;
	if (!count || !b->pf || !pf_has(b->pf, PF_TOTAL_VFS) || b->limit <= b->pf->total_vfs)
		return;
	wrong(b, count->origin, EXIT_USAGE, NULL, "vfs",
		arena_printf(b->arena, "it can have %u VFs at most, not %u", b->pf->total_vfs,
			b->limit));
	problem_hint(b->problems, b->pf->total_vfs
					  ? "some cards can have more after a change of their "
					    "firmware settings"
					  : "SR-IOV is off in the card's firmware settings");
	b->limit = b->pf->total_vfs;
	b->short_of = true;
}

/* No VFs beyond those that there are to be. */
static void check_limit(struct board *b, const struct range *range, uint32_t last)
{
	const struct wish *count = b->pf_said[PF_NUM_VFS].wish;
	uint32_t first = UINT32_MAX; /* that is too far */

	for (size_t i = 0; i < range->span_count; i++) {
		const struct span *s = &range->spans[i];
		uint32_t at = s->from > b->limit ? s->from : b->limit;

		if (s->to >= b->limit && at < first)
			first = at;
	}
	if (last < b->limit || b->short_of)
		return;
	if (count) {
		wrong(b, range->origin, EXIT_USAGE, NULL, NULL,
			arena_printf(b->arena, "no VF %u: it is to have %u VFs (%s)", first,
				b->limit, place_text(b->arena, count->origin, range->origin)));
	} else {
		wrong(b, range->origin, EXIT_NOT_FOUND, NULL, NULL,
			arena_printf(b->arena, "no VF %u: it has %u VFs", first, b->limit));
		problem_hint(b->problems, "vfs: %u would make it", last + 1);
	}
}

static uint32_t last_of(const struct range *range)
{
	uint32_t last = 0;

	for (size_t i = 0; i < range->span_count; i++)
		if (range->spans[i].to > last)
			last = range->spans[i].to;
	return last;
}

static void find_size(struct board *b)
{
	uint32_t behind = 0;

	for (size_t i = 0; i < b->entry_count; i++)
		for (size_t j = 0; j < b->entries[i]->range_count; j++) {
			const struct range *range = &b->entries[i]->ranges[j];
			uint32_t last = last_of(range);

			if (!range->span_count)
				continue;
			check_limit(b, range, last);
			if (last + 1 > behind)
				behind = last + 1;
		}
	b->size = b->limit;
	if (!b->pf && b->size > behind + ALIKE)
		b->size = behind + ALIKE;
	b->cells = arena_alloc(b->arena, ((size_t)b->size * b->slot_count + 1) * sizeof(*b->cells));
	b->names = arena_alloc(b->arena, ((size_t)b->size + 1) * sizeof(*b->names));
}

static void merge_range(struct board *b, const struct entry *e, const struct range *range)
{
	for (size_t i = 0; i < range->span_count; i++)
		for (uint32_t v = range->spans[i].from; v <= range->spans[i].to && v < b->size; v++)
			for (size_t j = 0; j < range->wants.count; j++)
				say_of_vf(b, v, e, &range->wants.items[j], true);
}

static void merge_vfs(struct board *b)
{
	for (size_t i = 0; i < b->entry_count; i++) {
		const struct entry *e = b->entries[i];

		for (size_t j = 0; j < e->range_count; j++)
			merge_range(b, e, &e->ranges[j]);
		for (uint32_t v = 0; e->base.count && v < b->size; v++)
			for (size_t j = 0; j < e->base.count; j++)
				say_of_vf(b, v, e, &e->base.items[j], false);
	}
}

/* The driver that it is to have, or has; *said: who says so, or NULL. */
static const char *driver_of(
	const struct board *b, const struct host *host, uint32_t index, const struct wish **said)
{
	const struct vf *vf = host ? host_vf(host, b->pf, index) : NULL;

	*said = cell(b, index, WANT_DRIVER)->wish;
	if (*said)
		return (*said)->setting.value.string;
	return vf && vf_has(vf, VF_DRIVER) ? vf->driver : NULL;
}

/* A VF that is handed on has no interface that could be called or be set something. */
static void drop_interface(struct board *b, const struct host *host, uint32_t index)
{
	const struct wish *said;
	const char *driver = driver_of(b, host, index, &said);

	if (!driver || !driver_is_passthrough(driver))
		return;
	for (size_t i = 0; i < b->slot_count; i++) {
		struct said *s = &b->cells[index * b->slot_count + i];
		size_t attr = b->attr[i];

		if (!s->wish || attr >= VF_ATTR_COUNT || !(vf_type.attrs[attr].need & NEED_NETNS) ||
			(s->range_by && !said))
			continue;
		if (s->range_by && !told(b, s->wish, said)) {
			wrong(b, s->wish->origin, EXIT_USAGE, vf_name(b->problems, b->name, index),
				vf_want_name(attr),
				arena_printf(b->arena, "with driver %s (%s) it has no interface",
					driver,
					place_text(b->arena, said->origin, s->wish->origin)));
			problem_hint(
				b->problems, "say it of VFs with another driver, or below 'all'");
		}
		s->wish = NULL;
	}
}

/* Without a host, what {pf} stands for is not known: one letter at least. */
static void make_name(struct board *b, uint32_t index)
{
	const struct wish *w = cell(b, index, VF_IFNAME)->wish;
	const char *text = w ? w->setting.value.string : NULL;
	bool has_pf = w && template_has(text, "pf");
	struct setting name = {0};
	struct error err = {0};

	if (!w)
		return;
	if (has_pf && b->pf && !pf_has(b->pf, PF_IFNAME)) {
		if (!told(b, w, b->pf))
			wrong(b, w->origin, EXIT_USAGE, NULL, "name",
				"it has no interface that {pf} could stand for");
		return;
	}
	if (template_name(b->arena, text, b->pf && has_pf ? b->pf->ifname : "p", index, &name,
		    &err) < 0) {
		if (!told(b, w, b->pf))
			wrong(b, w->origin, EXIT_USAGE, vf_name(b->problems, b->name, index),
				"name",
				b->pf || !has_pf ? err.message
						 : arena_printf(b->arena,
							   "'%s' makes no interface's name, "
							   "whatever the PF is called",
							   text));
		return;
	}
	/* what a PF is called in files does for telling names apart, whatever it is */
	b->names[index] = b->pf || !has_pf ? name.value.string
					   : template_expand(b->arena, text, b->name, index);
}

/* The name of the last VF is the longest; without a host it may not be among those looked at. */
static void check_last_name(struct board *b)
{
	struct setting name = {0};
	struct error err = {0};

	if (b->pf || b->limit == VFS_MAX || b->size == b->limit)
		return;
	for (size_t i = 0; i < b->entry_count; i++) {
		const struct wish *w = wants_find(&b->entries[i]->base, VF_IFNAME);

		if (w &&
			template_name(b->arena, w->setting.value.string, "p", b->limit - 1, &name,
				&err) < 0 &&
			!told(b, w, NULL))
			wrong(b, w->origin, EXIT_USAGE, vf_name(b->problems, b->name, b->limit - 1),
				"name", err.message);
	}
}

/* Without a host, two names may be those of one PF. */
static bool are_surely_two(
	const struct board *b, const struct taken_by *x, const struct taken_by *y)
{
	struct bdf bdf_x, bdf_y;

	if (b->pf || x->index != y->index || x->entry == y->entry)
		return true;
	return bdf_parse(x->pf, &bdf_x) && bdf_parse(y->pf, &bdf_y) &&
	       bdf_compare(bdf_x, bdf_y) != 0;
}

static void take(struct board *b, struct taken *taken, uint32_t index, size_t attr, const char *key)
{
	const struct said *s = cell(b, index, attr);
	const struct taken_by by = {key, s->wish, s->by, b->name, index};
	const struct taken_by *other = taken_take(taken, &by);
	bool shared;

	if (other == &by || !are_surely_two(b, other, &by) || told(b, s->wish, other->wish))
		return;
	shared = other->wish->origin.source == s->wish->origin.source &&
		 other->wish->origin.line == s->wish->origin.line &&
		 other->wish->origin.column == s->wish->origin.column;
	/* VFs of one range: that was refused when it was read */
	if (shared && strcmp(other->pf, b->name) == 0)
		return;
	wrong(b, s->wish->origin, EXIT_USAGE, vf_name(b->problems, b->name, index),
		vf_want_name(attr),
		shared ? arena_printf(b->arena, "%s is to have %s as well",
				 vf_name(b->problems, other->pf, other->index), key + 1)
		       : arena_printf(b->arena, "%s is to have %s as well (%s)",
				 vf_name(b->problems, other->pf, other->index), key + 1,
				 place_text(b->arena, other->wish->origin, s->wish->origin)));
	if (shared && attr == VF_IFNAME && !template_has(s->wish->setting.value.string, "pf"))
		problem_hint(b->problems, "write {pf} where the PF's name is to be");
	else if (shared && attr == VF_MAC)
		problem_hint(b->problems, "'auto' gives each its own");
}

static void check_unique(struct board *b, struct taken *taken, uint32_t index)
{
	const struct wish *mac = cell(b, index, VF_MAC)->wish;

	if (mac && !mac->setting.automatic)
		take(b, taken, index, VF_MAC,
			arena_printf(b->arena, "m%s", wish_text(b->arena, mac)));
	if (b->names[index])
		take(b, taken, index, VF_IFNAME, arena_printf(b->arena, "n%s", b->names[index]));
}

bool board_merge(struct board *b, const struct host *host, struct taken *taken)
{
	merge_pf(b);
	find_limit(b);
	find_size(b);
	merge_vfs(b);
	for (uint32_t v = 0; v < b->size; v++) {
		drop_interface(b, host, v);
		make_name(b, v);
		check_unique(b, taken, v);
	}
	check_last_name(b);
	return !b->bad;
}

static void pf_wishes(const struct board *b, struct arena *arena, struct pf_intent *intent)
{
	const struct said *count = &b->pf_said[PF_NUM_VFS];

	intent->pf = b->pf;
	intent->origin = b->entries[0]->origin;
	if (count->wish) {
		intent->has_count = true;
		intent->num_vfs = (uint32_t)count->wish->setting.value.uint;
		intent->origin = count->wish->origin;
	}
	intent->wishes = arena_alloc(arena, PF_ATTR_COUNT * sizeof(*intent->wishes));
	for (size_t i = 0; i < PF_ATTR_COUNT; i++)
		if (i != PF_NUM_VFS && b->pf_said[i].wish)
			intent->wishes[intent->count++] = *b->pf_said[i].wish;
}

static void vf_wishes(
	const struct board *b, struct arena *arena, uint32_t index, struct pf_intent *intent)
{
	const struct said *cells = &b->cells[index * b->slot_count];
	const struct wish *reset = cell(b, index, WANT_RESET)->wish;
	const struct wish *driver = cell(b, index, WANT_DRIVER)->wish;
	struct vf_intent vf = {.index = index};
	const struct wish *first = driver;
	size_t count = 0;

	for (size_t i = 0; i < b->slot_count; i++)
		count += cells[i].wish != NULL;
	if (!count)
		return;
	vf.driver = driver ? driver->setting.value.string : NULL;
	vf.reset = reset && reset->setting.value.on;
	vf.wishes = arena_alloc(arena, count * sizeof(*vf.wishes));
	for (size_t i = 0; i < b->slot_count; i++) {
		const struct wish *w = cells[i].wish;

		if (w && (!first || (!driver && cells[i].range_by)))
			first = w;
		if (!w || b->attr[i] >= VF_ATTR_COUNT)
			continue;
		vf.wishes[vf.count++] = *w;
		if (b->attr[i] == VF_IFNAME)
			vf.wishes[vf.count - 1].setting.value.string =
				arena_strdup(arena, b->names[index]);
	}
	if (!vf.driver && !vf.reset && !vf.count)
		return;
	vf.origin = first->origin;
	intent->vfs = arena_push(arena, intent->vfs, &intent->vf_count, sizeof(*intent->vfs));
	intent->vfs[intent->vf_count - 1] = vf;
}

void board_intent(const struct board *b, struct arena *arena, struct pf_intent *intent)
{
	*intent = (struct pf_intent){0};
	pf_wishes(b, arena, intent);
	for (uint32_t v = 0; v < b->size; v++)
		vf_wishes(b, arena, v, intent);
}
