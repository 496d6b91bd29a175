/* Interfaces in other network namespaces. */
#include "kernel/interfaces.h"

#include "kernel/netns.h"
#include "kernel/rtnl.h"
#include "kernel/sysfs.h"
#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Is the interface of one of the host's VFs among these? */
static bool has_vf_interface(const struct discovery *d, size_t from)
{
	struct bdf bdf;

	for (size_t i = from; i < d->host->link_count; i++)
		if (d->host->links[i].parent_dev && bdf_parse(d->host->links[i].parent_dev, &bdf) &&
			known_vf(d, bdf))
			return true;
	return false;
}

static bool was_visited(const struct host *host, struct netns_id id)
{
	for (size_t i = 0; i < host->netns_count; i++)
		if (netns_same(host->netns[i].id, NULL, id, NULL))
			return true;
	return false;
}

/* Remember it, and that the interfaces from there on are in it. */
static void note_netns(struct host *host, const char *name, struct netns_id id, size_t from)
{
	host->netns =
		arena_push(&host->arena, host->netns, &host->netns_count, sizeof(*host->netns));
	host->netns[host->netns_count - 1] =
		(struct netns){.name = arena_strdup(&host->arena, name), .id = id};
	for (size_t i = from; i < host->link_count; i++)
		host->links[i].netns_id = id;
}

/* The interfaces of one namespace; 0 or a negative errno. */
static int read_netns(struct discovery *d, const char *name, struct netns_id id, int fd)
{
	struct host *host = d->host;
	size_t from = host->link_count;
	struct rtnl there = RTNL_IN(fd);
	int rc = ask_links(d, arena_strdup(&host->arena, name), &there);

	note_netns(host, name, id, from);
	if (d->needs & NEED_ADDRESSES && has_vf_interface(d, from))
		ask_addresses(d, from, &there);
	rtnl_close(&there);
	return rc;
}

static void visit_netns(void *arg, const char *name, int fd)
{
	struct discovery *d = arg;
	struct netns_id id = netns_identify(fd);
	int rc = was_visited(d->host, id) ? 0 : read_netns(d, name, id, fd);

	if (rc < 0 && !d->netns_errno)
		d->netns_errno = -rc;
}

/* One of a snapshot: its name, id, and what netlink said there. */
static void recorded_one(struct discovery *d, struct kernel *inner)
{
	const struct kernel *outer = d->k;
	struct host *host = d->host;
	size_t from = host->link_count;
	struct buffer answer = {0};
	struct netns_id id = {0};
	char name[256], text[64];

	name[0] = 0;
	if (sysfs_read(inner->root, "name", name, sizeof(name)) > 0 &&
		rtnl_ask(inner, RTNL_LINKS, NULL, &answer) == 0)
		decode_answer(d, arena_strdup(&host->arena, name), &answer);
	if (sysfs_read(inner->root, "id", text, sizeof(text)) > 0)
		sscanf(text, "%" SCNu64 " %" SCNu64, &id.inode, &id.cookie);
	note_netns(host, name, id, from);
	d->k = inner;
	if (d->needs & NEED_ADDRESSES && has_vf_interface(d, from))
		ask_addresses(d, from, NULL);
	d->k = outer;
	buffer_free(&answer);
}

/* In a snapshot: netns/N/name, netns/N/id, netns/N/netlink/link, addr, ... */
static void recorded_netns(struct discovery *d)
{
	struct arena *arena = &d->host->arena;
	struct strings dirs;

	sysfs_list(d->k->root, "netns", arena, &dirs);
	for (size_t i = 0; i < dirs.count; i++) {
		struct kernel inner = {.snapshot = true};

		inner.root = openat(d->k->root, arena_printf(arena, "netns/%s", dirs.items[i]),
			O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (inner.root < 0)
			continue;
		recorded_one(d, &inner);
		close(inner.root);
	}
}

static bool misses_any(const struct discovery *d)
{
	for (size_t i = 0; i < d->host->vf_count; i++)
		if (vf_lacks_interface(d, &d->host->vfs[i]))
			return true;
	return false;
}

/* Names of namespaces that have VFs. Not descriptors: those would keep them alive. */
struct netns_memory {
	struct arena arena;
	struct strings names;
};

void kernel_remember_netns(struct kernel *k)
{
	if (!k->netns && !k->snapshot)
		k->netns = calloc(1, sizeof(*k->netns)); /* it does without */
}

void kernel_forget_netns(struct kernel *k)
{
	if (k->netns)
		arena_free(&k->netns->arena);
	free(k->netns);
	k->netns = NULL;
}

static void remember_where(const struct discovery *d)
{
	struct netns_memory *m = d->k->netns;

	if (!m)
		return;
	arena_free(&m->arena);
	*m = (struct netns_memory){0};
	for (size_t i = 0; i < d->host->vf_count; i++) {
		const struct vf *vf = &d->host->vfs[i];

		if (!vf_has(vf, VF_NETNS) || strings_has(&m->names, vf->netns))
			continue;
		m->names.items = arena_push(
			&m->arena, m->names.items, &m->names.count, sizeof(*m->names.items));
		m->names.items[m->names.count - 1] = arena_strdup(&m->arena, vf->netns);
	}
}

/* Is every VF where some VF was the last time? */
static bool found_where_they_were(struct discovery *d)
{
	for (size_t i = 0; i < d->k->netns->names.count; i++) {
		const char *name = d->k->netns->names.items[i];
		cleanup_close int fd = netns_open(name);

		if (fd >= 0)
			visit_netns(d, name, fd);
	}
	index_links(d);
	give_links_to_vfs(d);
	return !misses_any(d);
}

/* Only when a VF's interface is nowhere here; or always, to judge a change: something may
 * stand on a VF's interface from there. */
void look_in_other_netns(struct discovery *d)
{
	bool everywhere = d->k->snapshot || d->needs & (NEED_USAGE | NEED_PROCESSES);
	bool missed = false;

	if (d->host->looked_elsewhere || (!everywhere && !misses_any(d)))
		return;
	if (!everywhere && d->k->netns && found_where_they_were(d))
		return;
	d->host->looked_elsewhere = true;
	if (d->k->snapshot)
		recorded_netns(d);
	else
		netns_each(visit_netns, d);
	index_links(d);
	give_links_to_vfs(d);
	for (size_t i = 0; i < d->host->vf_count; i++) {
		d->host->vfs[i].unseen = vf_lacks_interface(d, &d->host->vfs[i]);
		missed |= d->host->vfs[i].unseen;
	}
	remember_where(d);
	if (!d->netns_errno)
		return;
	d->host->usage_unknown = true;
	/* the overview looks just in case, and says by itself what it cannot know */
	if (missed || d->needs & (NEED_ROUTES | NEED_PROCESSES))
		host_warn(d->host, "cannot look into other network namespaces%s: %s",
			d->netns_errno == EPERM ? " (needs root)" : "", strerror(d->netns_errno));
}

static int no_netns(const char *name, int sys_errno, struct error *err)
{
	if (sys_errno == EINVAL)
		error_set(err, EXIT_USAGE, "'%.200s' is no name of a network namespace", name);
	else if (sys_errno == ENOTTY)
		error_set(err, EXIT_USAGE, "%.200s is no network namespace", name);
	else if (sys_errno == ENOENT || sys_errno == ESRCH || sys_errno == ENOTDIR)
		error_set(err, EXIT_NOT_FOUND, "there is no network namespace %.200s", name);
	else
		error_errno(err, EXIT_KERNEL, sys_errno, "cannot open the network namespace %.200s",
			name);
	if (sys_errno == EACCES || sys_errno == EPERM)
		return error_hint(err, "run as root: sudo");
	return error_hint(err, "a name that 'ip netns list' shows, pid:N, or a path like "
			       "/proc/N/ns/net");
}

/* Those that were recorded are known by their names alone. */
static int find_recorded_netns(const struct host *host, struct netns *netns, struct error *err)
{
	for (size_t i = 0; i < host->netns_count; i++) {
		if (strcmp(host->netns[i].name, netns->name) != 0)
			continue;
		netns->id = host->netns[i].id;
		return 0;
	}
	return no_netns(netns->name, ENOENT, err);
}

int discover_netns(const struct kernel *k, struct host *host, unsigned needs, struct netns *netns,
	struct error *err)
{
	struct discovery d = {.k = k, .host = host, .needs = needs};
	cleanup_close int fd = -1, home = -1;

	if (k->snapshot)
		return find_recorded_netns(host, netns, err);
	fd = netns_open(netns->name);
	home = netns_open(HERE);
	if (fd < 0)
		return no_netns(netns->name, -fd, err);
	netns->id = netns_identify(fd);
	netns->ours = home >= 0 && netns_same(netns_identify(home), NULL, netns->id, NULL);
	if (netns->ours || was_visited(host, netns->id))
		return 0;
	note_vfs(&d, 0);
	if (read_netns(&d, netns->name, netns->id, fd) < 0)
		return no_netns(netns->name, EPERM, err);
	index_links(&d);
	give_links_to_vfs(&d);
	return 0;
}
