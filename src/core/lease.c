#include "core/lease.h"

#include "core/host.h"

#include <string.h>
#include <time.h>

const char *const whereabouts_names[] = {
	[WHERE_HOME] = "home",
	[WHERE_ATTACHED] = "attached",
	[WHERE_MOVED] = "moved",
	[WHERE_RETURNED] = "returned",
	[WHERE_ELSEWHERE] = "elsewhere",
	[WHERE_LOST] = "lost",
	[WHERE_GONE] = "gone",
	NULL,
};

bool netns_same(struct netns_id a, const char *a_name, struct netns_id b, const char *b_name)
{
	if (a.cookie && b.cookie)
		return a.cookie == b.cookie;
	if (a.inode && b.inode)
		return a.inode == b.inode;
	return a_name && b_name && strcmp(a_name, b_name) == 0;
}

static bool netns_exists(const struct host *host, const struct lease *lease)
{
	for (size_t i = 0; i < host->netns_count; i++)
		if (netns_same(host->netns[i].id, host->netns[i].name, lease->id, lease->netns))
			return true;
	return false;
}

enum whereabouts vf_whereabouts(const struct host *host, const struct vf *vf)
{
	const struct lease *lease = vf->attached;
	bool away = vf_has(vf, VF_NETNS);

	if (!lease)
		return away ? WHERE_MOVED : WHERE_HOME;
	if (away)
		return netns_same(vf->netns_id, vf->netns, lease->id, lease->netns)
			       ? WHERE_ATTACHED
			       : WHERE_ELSEWHERE;
	/* lent without an interface: as long as the namespace is there */
	if (!lease->ifname)
		return !host->looked_elsewhere || netns_exists(host, lease) || vf->open
			       ? WHERE_ATTACHED
			       : WHERE_LOST;
	if (vf_has(vf, VF_IFNAME))
		return WHERE_RETURNED;
	/* it has an interface, where nobody can look */
	return vf->unseen ? WHERE_ATTACHED : WHERE_LOST;
}

#define NEEDS (NEED_VFS | NEED_NETNS | NEED_LEASES | NEED_PROCESSES)
#define ROW(id, k, h, t, f, field, enum_names, text)                                               \
	[id] = {.key = (k),                                                                        \
		.heading = (h),                                                                    \
		.type = (t),                                                                       \
		.flags = (f),                                                                      \
		.need = NEEDS,                                                                     \
		.offset = offsetof(struct lent, field),                                            \
		.names = (enum_names),                                                             \
		.help = (text)}

/* clang-format off */
static const struct attr lent_attrs[LENT_ATTR_COUNT] = {
	ROW(LENT_VF, "vf", "VF", VALUE_STRING, ATTR_LIST | ATTR_BRIEF, vf, NULL,
		"the name to use in commands: PF/INDEX"),
	ROW(LENT_PF, "pf", "PF", VALUE_STRING, 0, pf, NULL, "its PF"),
	ROW(LENT_INDEX, "index", "INDEX", VALUE_UINT, 0, index, NULL, "its number on the PF, from 0"),
	ROW(LENT_BDF, "bdf", "BDF", VALUE_BDF, 0, bdf, NULL, "PCI address"),
	ROW(LENT_DRIVER, "driver", "DRIVER", VALUE_STRING, 0, driver, NULL, "kernel driver"),
	ROW(LENT_NETNS, "netns", "NETNS", VALUE_STRING, ATTR_LIST | ATTR_BRIEF, netns, NULL,
		"the namespace it was attached to, or is found in"),
	ROW(LENT_IFNAME, "ifname", "INTERFACE", VALUE_STRING, ATTR_LIST | ATTR_BRIEF, ifname, NULL,
		"network interface, as it is called where it is"),
	ROW(LENT_VFIO, "vfio", "VFIO", VALUE_STRING, ATTR_LIST | ATTR_IF_ANY, vfio, NULL,
		"device node, of one that is bound to vfio-pci"),
	ROW(LENT_STATE, "state", "STATE", VALUE_ENUM, ATTR_LIST, state, whereabouts_names,
		"attached; moved (not by sriovctl); returned (back, but not taken back), elsewhere "
		"(moved on), lost (its interface is nowhere), gone (destroyed)"),
	ROW(LENT_OWNER, "owner", "OWNER", VALUE_STRING, ATTR_LIST | ATTR_IF_ANY, owner, NULL,
		"for whom it was attached"),
	ROW(LENT_SINCE, "since", "SINCE", VALUE_STRING, ATTR_LIST | ATTR_IF_ANY, since, NULL,
		"when it was attached (UTC)"),
	ROW(LENT_PIDS, "pids", "PIDS", VALUE_INTS, ATTR_LIST | ATTR_IF_ANY | ATTR_PROSE, pids, NULL,
		"processes in that namespace (needs root)"),
};
/* clang-format on */

const struct record_type lent_type = {
	"netns", lent_attrs, LENT_ATTR_COUNT, offsetof(struct lent, known), "netns list"};

static void set_string(struct lent *l, enum lent_attr attr, const char **field, const char *s)
{
	*field = s;
	if (s)
		l->known |= UINT64_C(1) << attr;
}

static void name_processes(struct host *host, struct lent *l, uint64_t netns)
{
	if (!host->processes_known)
		return;
	l->known |= UINT64_C(1) << LENT_PIDS;
	for (size_t i = 0; netns && i < host->process_count; i++) {
		if (host->processes[i].netns != netns)
			continue;
		l->pids.items = arena_push(
			&host->arena, l->pids.items, &l->pids.count, sizeof(*l->pids.items));
		l->pids.items[l->pids.count - 1] = host->processes[i].pid;
	}
}

static void describe_lease(struct host *host, struct lent *l, const struct lease *lease)
{
	time_t since = (time_t)lease->since;
	struct tm tm;
	char text[32];

	set_string(l, LENT_OWNER, &l->owner, lease->owner);
	set_string(l, LENT_NETNS, &l->netns, lease->netns);
	if (gmtime_r(&since, &tm) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		set_string(l, LENT_SINCE, &l->since, arena_strdup(&host->arena, text));
}

bool vf_is_elsewhere(const struct vf *vf)
{
	return vf_has(vf, VF_NETNS) || vf->unseen || vf->attached;
}

static void describe_vf(struct host *host, struct lent *l, const struct vf *vf)
{
	enum whereabouts where = vf_whereabouts(host, vf);

	set_string(l, LENT_VF, &l->vf, vf->name);
	set_string(l, LENT_PF, &l->pf, vf->pf);
	l->index = vf->index;
	l->bdf = vf->bdf;
	l->state = where;
	l->known |= UINT64_C(1) << LENT_INDEX | UINT64_C(1) << LENT_STATE;
	if (vf_has(vf, VF_BDF))
		l->known |= UINT64_C(1) << LENT_BDF;
	set_string(l, LENT_DRIVER, &l->driver, vf_has(vf, VF_DRIVER) ? vf->driver : NULL);
	set_string(l, LENT_VFIO, &l->vfio, vf_has(vf, VF_VFIO) ? vf->vfio : NULL);
	set_string(l, LENT_IFNAME, &l->ifname, vf_has(vf, VF_IFNAME) ? vf->ifname : NULL);
	if (vf->attached)
		describe_lease(host, l, vf->attached);
	/* where it is found says more than where it was sent: names come and go */
	if (vf_has(vf, VF_NETNS))
		set_string(l, LENT_NETNS, &l->netns, vf->netns);
	name_processes(host, l,
		vf_has(vf, VF_NETNS)      ? vf->netns_id.inode
		: where == WHERE_ATTACHED ? vf->attached->id.inode
					  : 0);
}

static bool has_vf(const struct host *host, const struct lease *lease)
{
	for (size_t i = 0; i < host->vf_count; i++)
		if (host->vfs[i].attached == lease)
			return true;
	return false;
}

struct lent *lent_vfs(struct host *host, size_t *count)
{
	struct lent *list =
		arena_alloc(&host->arena, (host->vf_count + host->lease_count + 1) * sizeof(*list));

	*count = 0;
	for (size_t i = 0; i < host->vf_count; i++)
		if (vf_whereabouts(host, &host->vfs[i]) != WHERE_HOME)
			describe_vf(host, &list[(*count)++], &host->vfs[i]);
	for (size_t i = 0; i < host->lease_count; i++) {
		const struct lease *lease = &host->leases[i];
		const struct pf named = {.handle = lease->pf}, *pf = host_same_pf(host, &named);
		struct lent *l = &list[*count];

		if (has_vf(host, lease))
			continue;
		(*count)++;
		set_string(l, LENT_VF, &l->vf, lease->vf);
		set_string(l, LENT_PF, &l->pf,
			pf ? pf->name
			   : arena_strndup(&host->arena, lease->vf, strcspn(lease->vf, "/")));
		l->index = lease->home.index;
		l->bdf = lease->home.bdf;
		l->state = WHERE_GONE;
		l->known |= UINT64_C(1) << LENT_INDEX | UINT64_C(1) << LENT_STATE |
			    UINT64_C(1) << LENT_BDF;
		describe_lease(host, l, lease);
		name_processes(host, l, 0);
	}
	return list;
}
