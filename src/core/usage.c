#include "core/usage.h"

#include "core/driver.h"

#include <stdlib.h>
#include <string.h>

#define STACK_MAX 8 /* how deep interfaces are stacked, at most */

static const struct link *link_by_index(const struct host *host, int ifindex)
{
	for (size_t i = 0; i < host->link_count; i++)
		if (!host->links[i].netns && host->links[i].ifindex == ifindex)
			return &host->links[i];
	return NULL;
}

static const struct {
	const char *verb;
	bool hard, lent;
} uses[] = {
	[USE_HELD] = {"is held by", true, false},
	[USE_OPEN] = {"is open through", true, false},
	[USE_ATTACHED] = {"is", false, true},
	[USE_AWAY] = {"is in", false, true},
	[USE_UNSEEN] = {"has its interface in", false, false},
	[USE_OPAQUE] = {"is bound to", false, false},
	[USE_MASTER] = {"belongs to", false, false},
	[USE_UPPER] = {"carries", false, false},
	[USE_VITAL] = {"carries", false, false},
	[USE_ADDRESS] = {"has", false, false},
};

static void add(
	struct arena *arena, struct users *users, enum use use, const char *what, const char *brief)
{
	users->items = arena_push(arena, users->items, &users->count, sizeof(*users->items));
	users->items[users->count - 1] = (struct user){.verb = uses[use].verb,
		.what = what,
		.brief = brief,
		.use = use,
		.hard = uses[use].hard,
		.lent = uses[use].lent};
}

static bool is_vital(const char *what)
{
	return strcmp(what, DEFAULT_ROUTE) == 0 || strcmp(what, SSH_SESSION) == 0;
}

/* The index: of each array in the host, the positions by the number they are asked for. */

struct user_entry {
	uint64_t key;
	size_t at;
};

static int compare_entries(const void *a, const void *b)
{
	const struct user_entry *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static void sort_entries(struct user_entry *entries, size_t count)
{
	if (count)
		qsort(entries, count, sizeof(*entries), compare_entries);
}

static void add_entry(
	struct arena *arena, struct user_entry **entries, size_t *count, uint64_t key, size_t at)
{
	*entries = arena_push(arena, *entries, count, sizeof(**entries));
	(*entries)[*count - 1] = (struct user_entry){key, at};
}

/* The first with that key or a greater one. */
static size_t first_entry(const struct user_entry *entries, size_t count, uint64_t key)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (entries[mid].key < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool has_entry(const struct user_entry *entries, size_t count, uint64_t key)
{
	size_t at = first_entry(entries, count, key);

	return at < count && entries[at].key == key;
}

static uint64_t key_of(int ifindex)
{
	return (uint32_t)ifindex;
}

/* A process with several descriptors of a group is there once, in the order of the first. */
static void index_holders(struct user_index *index, struct arena *arena)
{
	const struct host *host = index->host;
	struct user_entry *all = NULL;
	size_t count = 0;

	for (size_t i = 0; i < host->holder_count; i++)
		add_entry(arena, &all, &count,
			(uint64_t)host->holders[i].group << 32 | (uint32_t)host->holders[i].pid, i);
	sort_entries(all, count);
	for (size_t i = 0; i < count; i++)
		if (!i || all[i].key != all[i - 1].key)
			add_entry(arena, &index->holders, &index->holder_count, all[i].key >> 32,
				all[i].at);
	sort_entries(index->holders, index->holder_count);
}

void user_index(const struct host *host, struct arena *arena, struct user_index *index)
{
	struct user_entry *vfs = NULL; /* a router may have a million routes that concern no VF */
	size_t count = 0;

	*index = (struct user_index){.host = host};
	for (size_t i = 0; i < host->vf_count; i++)
		if (vf_has(&host->vfs[i], VF_IFINDEX))
			add_entry(arena, &vfs, &count, key_of(host->vfs[i].ifindex), i);
	sort_entries(vfs, count);
	for (size_t i = 0; i < host->link_count; i++) {
		const struct link *l = &host->links[i];

		if (!l->netns)
			add_entry(arena, &index->links, &index->link_count, key_of(l->ifindex), i);
		if (l->lower && has_entry(vfs, count, key_of(l->lower)))
			add_entry(arena, &index->uppers, &index->upper_count, key_of(l->lower), i);
	}
	for (size_t i = 0; i < host->usage_count; i++)
		if (has_entry(vfs, count, key_of(host->usages[i].ifindex)))
			add_entry(arena, &index->usages, &index->usage_count,
				key_of(host->usages[i].ifindex), i);
	sort_entries(index->links, index->link_count);
	sort_entries(index->uppers, index->upper_count);
	sort_entries(index->usages, index->usage_count);
	index_holders(index, arena);
}

static const struct link *indexed_link(const struct user_index *index, int ifindex)
{
	size_t at = first_entry(index->links, index->link_count, key_of(ifindex));

	return at < index->link_count && index->links[at].key == key_of(ifindex)
		       ? &index->host->links[index->links[at].at]
		       : NULL;
}

/* The interface belongs to a bridge, a bond, a VRF. */
static void add_master(struct arena *arena, struct users *users, const struct link *master)
{
	const char *name = !master ? "another interface"
			   : master->kind
				   ? arena_printf(arena, "%s (%s)", master->name, master->kind)
				   : master->name;

	add(arena, users, USE_MASTER, name, arena_printf(arena, "in %s", name));
}

/* What stands on top of it: VLANs, macvlans, also from within a container. */
static void add_uppers(
	const struct user_index *index, int ifindex, struct arena *arena, struct users *users)
{
	size_t at = first_entry(index->uppers, index->upper_count, key_of(ifindex));

	for (; at < index->upper_count && index->uppers[at].key == key_of(ifindex); at++) {
		const struct link *upper = &index->host->links[index->uppers[at].at];
		bool elsewhere = upper->netns != NULL;
		const char *what;

		/* seen from another namespace, our interface is the one elsewhere; a veth's
		 * "lower" is only its peer */
		if (upper->lower_elsewhere != elsewhere ||
			(!elsewhere && upper->ifindex == ifindex) ||
			(upper->kind && strcmp(upper->kind, "veth") == 0))
			continue;
		what = arena_printf(arena, "%s (%s)%s%s", upper->name,
			upper->kind ? upper->kind : "interface", elsewhere ? " in " : "",
			elsewhere ? upper->netns : "");
		add(arena, users, USE_UPPER, what, arena_printf(arena, "carries %s", what));
	}
}

/* Its addresses and routes, the caller's session first. */
static void add_usages(
	const struct user_index *index, int ifindex, struct arena *arena, struct users *users)
{
	size_t from = first_entry(index->usages, index->usage_count, key_of(ifindex));

	for (int vital = 1; vital >= 0; vital--)
		for (size_t at = from;
			at < index->usage_count && index->usages[at].key == key_of(ifindex); at++) {
			const char *what = index->host->usages[index->usages[at].at].what;

			if (is_vital(what) == vital)
				add(arena, users, vital ? USE_VITAL : USE_ADDRESS, what,
					vital ? arena_printf(arena, "carries %s", what) : what);
		}
}

static void add_holders(const struct user_index *index, const struct vf *vf, struct arena *arena,
	struct users *users)
{
	size_t at = first_entry(index->holders, index->holder_count, vf->iommu_group);

	if (!vf_has(vf, VF_IOMMU_GROUP))
		return;
	for (; at < index->holder_count && index->holders[at].key == vf->iommu_group; at++) {
		const struct vfio_holder *h = &index->host->holders[index->holders[at].at];

		add(arena, users, USE_HELD,
			arena_printf(arena, "process %d (%s) through %s", h->pid, h->comm,
				vf->vfio ? vf->vfio : "vfio"),
			arena_printf(arena, "held by pid %d (%s)", h->pid, h->comm));
	}
}

/* Where it was handed to, or is. */
static void add_place(const struct vf *vf, struct arena *arena, struct users *users)
{
	const struct lease *l = vf->attached;
	bool away = vf_has(vf, VF_NETNS);
	bool there = l && away && netns_same(l->id, l->netns, vf->netns_id, vf->netns);
	bool owned = l && l->owner && strcmp(l->owner, l->netns) != 0;

	if (l)
		add(arena, users, USE_ATTACHED,
			arena_printf(arena, "attached to the network namespace %s%s%s%s%s%s",
				l->netns, there ? ", as " : "", there ? vf->ifname : "",
				l->owner ? " (owner " : "", l->owner ? l->owner : "",
				l->owner ? ")" : ""),
			arena_printf(arena, "attached to %s%s%s", l->netns, owned ? " for " : "",
				owned ? l->owner : ""));
	if (away && !there)
		add(arena, users, USE_AWAY,
			arena_printf(
				arena, "the network namespace %s, as %s", vf->netns, vf->ifname),
			arena_printf(arena, "in netns %s", vf->netns));
}

static void add_opaque(const struct vf *vf, struct arena *arena, struct users *users)
{
	if (vf->unseen && !vf->attached)
		add(arena, users, USE_UNSEEN, "a network namespace that cannot be seen",
			"in a netns that cannot be seen");
	if (vf_has(vf, VF_DRIVER) && !driver_is_vfio(vf->driver) &&
		strcmp(vf->driver, "pci-stub") != 0 && driver_is_passthrough(vf->driver))
		add(arena, users, USE_OPAQUE,
			arena_printf(arena, "%s, whose users cannot be seen", vf->driver),
			"its users cannot be seen");
}

void vf_users_by(const struct user_index *index, const struct vf *vf, struct arena *arena,
	struct users *users)
{
	const struct link *l;

	*users = (struct users){0};
	add_holders(index, vf, arena, users);
	if (vf->open && !users->count)
		add(arena, users, USE_OPEN,
			arena_printf(arena, "%s, by a process that cannot be seen",
				vf->vfio ? vf->vfio : "vfio"),
			"held by an unseen process");
	add_place(vf, arena, users);
	if (vf_has(vf, VF_NETNS))
		return; /* interface indexes are those of that namespace */
	add_opaque(vf, arena, users);
	if (!vf_has(vf, VF_IFINDEX))
		return;
	l = indexed_link(index, vf->ifindex);
	if (l && l->master)
		add_master(arena, users, indexed_link(index, l->master));
	add_uppers(index, vf->ifindex, arena, users);
	add_usages(index, vf->ifindex, arena, users);
}

void vf_users(
	const struct host *host, const struct vf *vf, struct arena *arena, struct users *users)
{
	struct arena scratch = {0};
	struct user_index index;

	user_index(host, &scratch, &index);
	vf_users_by(&index, vf, arena, users);
	arena_free(&scratch);
}

/* Does traffic of `upper` go over `ifindex`: through masters, VLANs, whatever is stacked? */
static bool carries(const struct host *host, int ifindex, int upper, int depth)
{
	const struct link *l = link_by_index(host, ifindex);

	if (ifindex == upper)
		return true;
	if (!l || !depth)
		return false;
	if (l->master && carries(host, l->master, upper, depth - 1))
		return true;
	for (size_t i = 0; i < host->link_count; i++) {
		const struct link *u = &host->links[i];

		if (!u->netns && !u->lower_elsewhere && u->lower == ifindex &&
			u->ifindex != ifindex && carries(host, u->ifindex, upper, depth - 1))
			return true;
	}
	return false;
}

struct user link_user(const struct host *host, int ifindex, struct arena *arena)
{
	struct user user = {0};

	for (size_t i = 0; i < host->usage_count; i++) {
		const struct usage *u = &host->usages[i];

		if (!is_vital(u->what) || !carries(host, ifindex, u->ifindex, STACK_MAX))
			continue;
		user = (struct user){.verb = uses[USE_VITAL].verb,
			.what = strcmp(u->what, DEFAULT_ROUTE) == 0
					? arena_printf(arena, "%s of this host", u->what)
					: u->what,
			.brief = arena_printf(arena, "carries %s", u->what),
			.use = USE_VITAL};
		if (strcmp(u->what, SSH_SESSION) == 0)
			break; /* nothing is graver to the one who asks */
	}
	return user;
}

struct user pf_user(const struct host *host, const struct pf *pf, struct arena *arena)
{
	struct users masters = {0};
	const struct link *l;
	struct user user;

	if (pf->unseen)
		return (struct user){.verb = uses[USE_UNSEEN].verb,
			.what = "another network namespace",
			.brief = "in another netns",
			.use = USE_UNSEEN};
	if (!pf_has(pf, PF_IFINDEX))
		return (struct user){0};
	user = link_user(host, pf->ifindex, arena);
	if (user.verb)
		return user;
	l = link_by_index(host, pf->ifindex);
	if (l && l->master)
		add_master(arena, &masters, link_by_index(host, l->master));
	return masters.count ? masters.items[0] : (struct user){0};
}

void name_holders(struct host *host)
{
	struct user_index index;

	user_index(host, &host->arena, &index);
	for (size_t i = 0; i < host->vf_count && !host->usage_unknown; i++) {
		struct vf *vf = &host->vfs[i];
		struct users users;

		vf_users_by(&index, vf, &host->arena, &users);
		vf->holders.items = arena_alloc(&host->arena, (users.count + 1) * sizeof(char *));
		for (size_t u = 0; u < users.count; u++)
			vf->holders.items[u] = users.items[u].what;
		vf->holders.count = users.count;
		vf->known |= VF_BIT(VF_HOLDERS);
	}
}
