/* The network interfaces of the host, by the PCI device they belong to. */
#include "kernel/interfaces.h"

#include "kernel/rtnl.h"
#include "kernel/sysfs.h"
#include "util/cleanup.h"
#include "util/str.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void decode_answer(struct discovery *d, const char *netns, const struct buffer *answer)
{
	if (rtnl_decode_links(d->host, netns, answer->data, answer->len))
		return;
	d->host->incomplete = d->host->usage_unknown = true;
	host_warn(d->host, "the list of network interfaces%s%s is cut short",
		netns ? " in the namespace " : "", netns ? netns : "");
}

int ask_links(struct discovery *d, const char *netns, struct rtnl *there)
{
	struct buffer answer = {0};
	int rc = rtnl_ask(
		d->k, d->needs & NEED_STATS ? RTNL_LINKS_STATS : RTNL_LINKS, there, &answer);

	if (rc == -ENOENT && d->needs & NEED_STATS)
		rc = rtnl_ask(d->k, RTNL_LINKS, there, &answer);
	if (rc == 0)
		decode_answer(d, netns, &answer);
	buffer_free(&answer);
	return rc;
}

void ask_addresses(struct discovery *d, size_t from, struct rtnl *there)
{
	static const enum rtnl_query asked[] = {RTNL_ADDRESSES, RTNL_ROUTES4, RTNL_ROUTES6};

	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		struct buffer answer = {0};

		if (rtnl_ask(d->k, asked[i], there, &answer) < 0)
			continue;
		if (asked[i] == RTNL_ADDRESSES)
			rtnl_decode_own_addresses(d->host, from, answer.data, answer.len);
		else
			rtnl_decode_gateways(d->host, from, answer.data, answer.len);
		buffer_free(&answer);
	}
}

static void state_from_sysfs(struct discovery *d, const char *name, struct link *l)
{
	char path[128], text[32];
	uint64_t flags, carrier;

	snprintf(path, sizeof(path), "class/net/%.64s/flags", name);
	if (!sysfs_read_uint(d->k->sys, path, UINT32_MAX, &flags))
		return;
	l->admin_up = flags & IFF_UP;
	l->state_known = true;
	snprintf(path, sizeof(path), "class/net/%.64s/carrier", name);
	if (!l->admin_up) {
		l->state = LINK_DOWN;
	} else if (sysfs_read_uint(d->k->sys, path, 1, &carrier)) {
		l->state = carrier ? LINK_UP : LINK_NO_CARRIER;
	} else {
		snprintf(path, sizeof(path), "class/net/%.64s/operstate", name);
		sysfs_read(d->k->sys, path, text, sizeof(text));
		l->state = strcmp(text, "up") == 0 ? LINK_UP : LINK_NO_CARRIER;
	}
}

/* Without netlink (a bare sysfs tree): what class/net says of an interface. */
static void link_from_sysfs(struct discovery *d, const char *name)
{
	struct arena *arena = &d->host->arena;
	struct link l = {.name = name};
	char path[512], text[128];
	int32_t ifindex;

	snprintf(path, sizeof(path), "class/net/%.64s/ifindex", name);
	if (sysfs_read_int32(d->k->sys, path, &ifindex))
		l.ifindex = ifindex;
	snprintf(path, sizeof(path), "class/net/%.64s/mtu", name);
	l.mtu_known = sysfs_read_uint32(d->k->sys, path, &l.mtu);
	snprintf(path, sizeof(path), "class/net/%.64s/address", name);
	if (sysfs_read(d->k->sys, path, text, sizeof(text)) > 0)
		lladdr_parse(text, &l.addr);
	snprintf(path, sizeof(path), "class/net/%.64s/ifalias", name);
	if (sysfs_read(d->k->sys, path, text, sizeof(text)) > 0)
		l.alias = arena_strdup(arena, text);
	state_from_sysfs(d, name, &l);
	d->host->links =
		arena_push(arena, d->host->links, &d->host->link_count, sizeof(*d->host->links));
	d->host->links[d->host->link_count - 1] = l;
}

/* The device an interface belongs to, from ".../0000:21:10.0/net/eth2". Kernels before
 * 5.14 do not say it in netlink. */
static void parent_from_sysfs(struct discovery *d, struct link *l)
{
	char path[128], target[512], *net, *dev;
	ssize_t n;

	snprintf(path, sizeof(path), "class/net/%.64s", l->name);
	n = readlinkat(d->k->sys, path, target, sizeof(target) - 1);
	if (n <= 0)
		return;
	target[n] = 0;
	net = strrchr(target, '/');
	if (!net || net - target < 4 || strncmp(net - 4, "/net", 4) != 0)
		return;
	net[-4] = 0;
	dev = strrchr(target, '/');
	if (dev)
		l->parent_dev = arena_strdup(&d->host->arena, dev + 1);
}

void find_links(struct discovery *d)
{
	struct host *host = d->host;
	bool parents = false;

	if (d->k->has_netlink) {
		int rc = ask_links(d, NULL, NULL);

		if (rc < 0)
			host_warn(host, "cannot list network interfaces: %s", strerror(-rc));
		host->usage_unknown |= rc < 0;
	} else {
		struct strings names;

		sysfs_list(d->k->sys, "class/net", &host->arena, &names);
		for (size_t i = 0; i < names.count; i++)
			link_from_sysfs(d, names.items[i]);
	}
	for (size_t i = 0; i < host->link_count; i++)
		parents |= host->links[i].parent_dev != NULL;
	for (size_t i = 0; !parents && i < host->link_count; i++)
		parent_from_sysfs(d, &host->links[i]);
}

static int compare_owners(const void *a, const void *b)
{
	const struct owner *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->link->ifindex > y->link->ifindex) - (x->link->ifindex < y->link->ifindex);
}

void index_links(struct discovery *d)
{
	struct host *host = d->host;
	struct bdf bdf;

	d->owners = arena_alloc(&host->arena, (host->link_count + 1) * sizeof(*d->owners));
	d->owner_count = 0;
	for (size_t i = 0; i < host->link_count; i++) {
		struct link *l = &host->links[i];

		if (l->parent_dev && bdf_parse(l->parent_dev, &bdf))
			d->owners[d->owner_count++] = (struct owner){bdf_key(bdf), l};
	}
	if (d->owner_count)
		qsort(d->owners, d->owner_count, sizeof(*d->owners), compare_owners);
}

struct owner *owned(const struct discovery *d, struct bdf bdf, struct owner **end)
{
	uint64_t key = bdf_key(bdf);
	size_t low = 0, high = d->owner_count, last;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (d->owners[mid].key < key)
			low = mid + 1;
		else
			high = mid;
	}
	for (last = low; last < d->owner_count && d->owners[last].key == key; last++)
		;
	*end = d->owners + last;
	return last > low ? d->owners + low : NULL;
}

long representor_index(const char *port)
{
	const char *vf = port ? strstr(port, "vf") : NULL;
	uint64_t index;

	if (!vf || !(str_starts(port, "pf") || str_starts(port, "c")) ||
		!str_uint(vf + 2, 10, INT32_MAX, &index))
		return -1;
	return (long)index;
}
