#include "core/usage.h"

#include "core/driver.h"

#include <string.h>

#define STACK_MAX 8 /* how deep interfaces are stacked, at most */

static const struct link *link_by_index(const struct host *host, int ifindex)
{
	for (size_t i = 0; i < host->link_count; i++)
		if (!host->links[i].netns && host->links[i].ifindex == ifindex)
			return &host->links[i];
	return NULL;
}

static void add(struct arena *arena, struct users *users, const char *verb, const char *what)
{
	users->items = arena_push(arena, users->items, &users->count, sizeof(*users->items));
	users->items[users->count - 1] = (struct user){.verb = verb, .what = what};
}

static bool is_vital(const char *what)
{
	return strcmp(what, DEFAULT_ROUTE) == 0 || strcmp(what, SSH_SESSION) == 0;
}

/* The interface belongs to a bridge, a bond, a VRF. */
static void add_master(
	const struct host *host, int ifindex, struct arena *arena, struct users *users)
{
	const struct link *l = link_by_index(host, ifindex), *master;

	if (!l || !l->master)
		return;
	master = link_by_index(host, l->master);
	add(arena, users, "belongs to",
		!master        ? "another interface"
		: master->kind ? arena_printf(arena, "%s (%s)", master->name, master->kind)
			       : master->name);
}

/* What stands on top of it: VLANs, macvlans, also from within a container. */
static void add_uppers(
	const struct host *host, int ifindex, struct arena *arena, struct users *users)
{
	for (size_t i = 0; i < host->link_count; i++) {
		const struct link *upper = &host->links[i];
		bool elsewhere = upper->netns != NULL;

		/* seen from another namespace, our interface is the one elsewhere; a veth's
		 * "lower" is only its peer */
		if (upper->lower != ifindex || upper->lower_elsewhere != elsewhere ||
			(!elsewhere && upper->ifindex == ifindex) ||
			(upper->kind && strcmp(upper->kind, "veth") == 0))
			continue;
		add(arena, users, "carries",
			arena_printf(arena, "%s (%s)%s%s", upper->name,
				upper->kind ? upper->kind : "interface", elsewhere ? " in " : "",
				elsewhere ? upper->netns : ""));
	}
}

/* Its addresses and routes, the caller's session first. */
static void add_usages(
	const struct host *host, int ifindex, struct arena *arena, struct users *users)
{
	for (int vital = 1; vital >= 0; vital--)
		for (size_t i = 0; i < host->usage_count; i++) {
			const struct usage *u = &host->usages[i];

			if (u->ifindex == ifindex && is_vital(u->what) == vital)
				add(arena, users, vital ? "carries" : "has", u->what);
		}
}

static void add_holders(
	const struct host *host, const struct vf *vf, struct arena *arena, struct users *users)
{
	for (size_t i = 0; i < host->holder_count; i++) {
		const struct vfio_holder *h = &host->holders[i];
		bool again = false;

		if (!vf_has(vf, VF_IOMMU_GROUP) || h->group != vf->iommu_group)
			continue;
		for (size_t j = 0; j < i && !again; j++)
			again = host->holders[j].pid == h->pid &&
				host->holders[j].group == h->group;
		if (again)
			continue;
		add(arena, users, "is held by",
			arena_printf(arena, "process %d (%s) through %s", h->pid, h->comm,
				vf->vfio ? vf->vfio : "vfio"));
		users->items[users->count - 1].hard = true;
	}
}

static void add_lent(struct arena *arena, struct users *users, const char *verb, const char *what)
{
	add(arena, users, verb, what);
	users->items[users->count - 1].lent = true;
}

/* Where it was handed to, or is. */
static void add_place(const struct vf *vf, struct arena *arena, struct users *users)
{
	const struct lease *l = vf->attached;
	bool away = vf_has(vf, VF_NETNS);
	bool there = l && away && netns_same(l->id, l->netns, vf->netns_id, vf->netns);

	if (l)
		add_lent(arena, users, "is",
			arena_printf(arena, "attached to the network namespace %s%s%s%s%s%s",
				l->netns, there ? ", as " : "", there ? vf->ifname : "",
				l->owner ? " (owner " : "", l->owner ? l->owner : "",
				l->owner ? ")" : ""));
	if (away && !there)
		add_lent(arena, users, "is in",
			arena_printf(
				arena, "the network namespace %s, as %s", vf->netns, vf->ifname));
}

void vf_users(
	const struct host *host, const struct vf *vf, struct arena *arena, struct users *users)
{
	*users = (struct users){0};
	add_holders(host, vf, arena, users);
	if (vf->open && !users->count) {
		add(arena, users, "is open through",
			arena_printf(arena, "%s, by a process that cannot be seen",
				vf->vfio ? vf->vfio : "vfio"));
		users->items[0].hard = true;
	}
	add_place(vf, arena, users);
	if (vf_has(vf, VF_NETNS))
		return; /* interface indexes are those of that namespace */
	if (vf->unseen && !vf->attached)
		add(arena, users, "has its interface in",
			"a network namespace that cannot be seen");
	if (vf_has(vf, VF_DRIVER) && !driver_is_vfio(vf->driver) &&
		strcmp(vf->driver, "pci-stub") != 0 && driver_is_passthrough(vf->driver))
		add(arena, users, "is bound to",
			arena_printf(arena, "%s, whose users cannot be seen", vf->driver));
	if (!vf_has(vf, VF_IFINDEX))
		return;
	add_master(host, vf->ifindex, arena, users);
	add_uppers(host, vf->ifindex, arena, users);
	add_usages(host, vf->ifindex, arena, users);
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
		user.verb = "carries";
		user.what = strcmp(u->what, DEFAULT_ROUTE) == 0
				    ? arena_printf(arena, "%s of this host", u->what)
				    : u->what;
		if (strcmp(u->what, SSH_SESSION) == 0)
			break; /* nothing is graver to the one who asks */
	}
	return user;
}

struct user pf_user(const struct host *host, const struct pf *pf, struct arena *arena)
{
	struct users masters = {0};
	struct user user;

	if (pf->unseen)
		return (struct user){
			.verb = "has its interface in", .what = "another network namespace"};
	if (!pf_has(pf, PF_IFINDEX))
		return (struct user){0};
	user = link_user(host, pf->ifindex, arena);
	if (user.verb)
		return user;
	add_master(host, pf->ifindex, arena, &masters);
	return masters.count ? masters.items[0] : (struct user){0};
}

void name_holders(struct host *host)
{
	for (size_t i = 0; i < host->vf_count && !host->usage_unknown; i++) {
		struct vf *vf = &host->vfs[i];
		struct users users;

		vf_users(host, vf, &host->arena, &users);
		vf->holders.items = arena_alloc(&host->arena, (users.count + 1) * sizeof(char *));
		for (size_t u = 0; u < users.count; u++)
			vf->holders.items[u] = users.items[u].what;
		vf->holders.count = users.count;
		vf->known |= VF_BIT(VF_HOLDERS);
	}
}
