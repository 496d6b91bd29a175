#include "world.h"

#include "cli/command.h"
#include "cmd/commands.h"
#include "core/selector.h"

#include <stdlib.h>
#include <string.h>

#define WORLD_LEASES 8

static const struct netns namespaces[] = {
	{"blue", {101, 1}, false},
	{"pid:4711", {101, 1}, false},
	{"red", {102, 2}, false},
	{"home", {100, 3}, true},
};

static const struct netns *find_netns(const char *name)
{
	for (size_t i = 0; i < sizeof(namespaces) / sizeof(namespaces[0]); i++)
		if (strcmp(namespaces[i].name, name) == 0)
			return &namespaces[i];
	return NULL;
}

static void add_vfs(struct world *w, struct pf *pf)
{
	static uint32_t group;

	if (pf == w->eth0)
		group = 10;
	pf->driver = "qede"; /* of which we know nothing */
	pf->mtu = 1500;
	pf->known |= PF_BIT(PF_MTU);
	fixture_vfs(&w->host, pf, 4);
	for (uint32_t i = 0; i < 4; i++) {
		struct vf *vf = fixture_vf(&w->host, pf, i);

		vf->iommu_group = group++;
		vf->if_mac = vf->mac;
		vf->msix = 8;
		vf->resettable = true;
		vf->known |= WORLD_VF_KNOWN;
	}
}

int world_setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	fixture_host(&w->host);
	w->eth0 = fixture_pf(&w->host, "eth0", "0000:21:00.0", 64);
	add_vfs(w, w->eth0);
	w->eth1 = fixture_pf(&w->host, "eth1", "0000:41:00.0", 64);
	add_vfs(w, w->eth1);
	w->host.has_iommu = true;
	w->host.looked_elsewhere = true;
	w->host.netns = arena_alloc(&w->host.arena, 2 * sizeof(*w->host.netns));
	w->host.netns[w->host.netns_count++] = *find_netns("blue");
	w->host.netns[w->host.netns_count++] = *find_netns("red");
	for (size_t i = 0; i < w->host.link_count; i++) {
		struct link *l = &w->host.links[i];

		if (l->ifindex >= 100)
			l->addr = w->host.vfs[l->ifindex - 100].if_mac;
		else
			l->addr = w->host.pfs[l->ifindex - 10].mac;
	}
	*state = w;
	return 0;
}

static void forget(struct world *w)
{
	for (size_t i = 0; i < w->change.count; i++)
		if (w->change.plans[i]->interrupted)
			return;
	change_free(&w->change);
}

int world_teardown(void **state)
{
	struct world *w = *state;

	change_free(&w->change);
	host_free(&w->host);
	free(w);
	return 0;
}

void world_unbind(struct vf *vf)
{
	vf->known &= ~(VF_BIT(VF_DRIVER) | VF_BIT(VF_IFNAME) | VF_BIT(VF_IFINDEX) |
		       VF_BIT(VF_LINK) | VF_BIT(VF_UP) | VF_BIT(VF_MTU) | VF_BIT(VF_ALTNAMES) |
		       VF_BIT(VF_IF_MAC) | VF_BIT(VF_NETNS) | VF_BIT(VF_VFIO));
	vf->driver = vf->ifname = vf->netns = vf->vfio = NULL;
	vf->altnames = (struct strings){0};
	vf->ifindex = 0;
	vf->mtu = 0;
	vf->up = false;
}

void world_vfio(struct host *h, struct vf *vf)
{
	world_unbind(vf);
	vf->driver = "vfio-pci";
	vf->vfio = arena_printf(&h->arena, "/dev/vfio/%u", vf->iommu_group);
	vf->known |= VF_BIT(VF_DRIVER) | VF_BIT(VF_VFIO);
}

struct vf *world_vf(struct world *w, const char *name)
{
	for (size_t i = 0; i < w->host.vf_count; i++)
		if (strcmp(w->host.vfs[i].name, name) == 0)
			return &w->host.vfs[i];
	abort();
}

struct link *world_link(struct world *w, const char *name)
{
	for (size_t i = 0; i < w->host.link_count; i++)
		if (strcmp(w->host.links[i].name, name) == 0)
			return &w->host.links[i];
	abort();
}

/* The words of a text; NULL behind the last. */
static char **split(struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text), *save = NULL;
	char **words = NULL;
	size_t count = 0;

	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		words = arena_push(arena, words, &count, sizeof(*words));
		words[count - 1] = word;
	}
	words = arena_push(arena, words, &count, sizeof(*words));
	words[count - 1] = NULL;
	return words;
}

/* As cmd/vf_change.c puts them together. */
static const struct vf **vfs_of(struct world *w, const char *selectors, size_t *count)
{
	struct arena *arena = &w->host.arena;
	const struct vf **list = arena_alloc(arena, (FIXTURE_VFS + 1) * sizeof(*list));
	char **words = split(arena, selectors);

	*count = 0;
	for (; *words; words++) {
		size_t n;
		const struct vf **vfs = select_vfs(&w->host, arena, *words, &n, &w->err);

		if (!vfs)
			abort();
		memcpy(list + *count, vfs, n * sizeof(*list));
		*count += n;
	}
	return list;
}

/* As cli/args.c reads them. */
static int settings_of(
	struct world *w, const struct record_type *type, const char *text, struct setting *out)
{
	char **words = split(&w->host.arena, text);
	int count = 0;

	while (*words) {
		const struct attr *row = attr_find_settable(type, *words);
		const char *value;

		if (!row || count == 16)
			abort();
		value = row->off ? *words : *++words;
		words++;
		out[count] = (struct setting){.attr = (size_t)(row - type->attrs)};
		if (attr_parse(row, value, &out[count++], &w->err) < 0)
			return -1;
	}
	return count;
}

int world_set(struct world *w, const char *vfs, const char *settings, unsigned force)
{
	struct setting list[16];
	size_t count;
	const struct vf **chosen;
	int n;

	memset(&w->err, 0, sizeof(w->err));
	forget(w);
	chosen = vfs_of(w, vfs, &count);
	n = settings_of(w, &vf_type, settings, list);
	return n < 0 ? -1
		     : want_vf_settings(&w->change, &w->host, chosen, count, list, (size_t)n, force,
			       &w->err);
}

int world_set_pf(struct world *w, const char *name, const char *settings)
{
	struct setting list[16];
	const struct pf *pf;
	int n;

	memset(&w->err, 0, sizeof(w->err));
	forget(w);
	pf = select_pf(&w->host, name, &w->err);
	n = settings_of(w, &pf_type, settings, list);
	return n < 0 ? -1 : want_pf_settings(&w->change, &w->host, pf, list, (size_t)n, &w->err);
}

int world_bind(struct world *w, const char *vfs, const char *driver, unsigned force)
{
	size_t count;
	const struct vf **chosen;

	memset(&w->err, 0, sizeof(w->err));
	forget(w);
	chosen = vfs_of(w, vfs, &count);
	return want_driver(&w->change, &w->host, chosen, count, driver, force, &w->err);
}

int world_reset(struct world *w, const char *vfs)
{
	size_t count;
	const struct vf **chosen;

	memset(&w->err, 0, sizeof(w->err));
	forget(w);
	chosen = vfs_of(w, vfs, &count);
	return want_reset(&w->change, &w->host, chosen, count, &w->err);
}

int world_create(struct world *w, const char *name, uint64_t n)
{
	const struct pf *pf;

	memset(&w->err, 0, sizeof(w->err));
	forget(w);
	pf = select_pf(&w->host, name, &w->err);
	return want_vf_count(&w->change, &w->host, pf, n, &w->err);
}

/* As run.c does it. */
static int plan_line(struct world *w, struct command_line *line)
{
	struct args args = line->args;

	for (size_t i = 0; i < ARGS_MAX && line->command->args[i].name; i++) {
		if (line->command->args[i].type != ARG_NETNS)
			continue;
		if (!find_netns(args.words[i]))
			return error_set(&w->err, EXIT_NOT_FOUND, "no namespace %s", args.words[i]);
		args.netns = *find_netns(args.words[i]);
	}
	return line->command->plan(&w->host, &args, &w->change, &w->err);
}

int world_words(struct world *w, const char *text)
{
	char **words = split(&w->host.arena, arena_printf(&w->host.arena, "sriovctl %s", text));
	struct command_line line;
	int argc = 0, rc = -1;

	memset(&w->err, 0, sizeof(w->err));
	forget(w);
	while (words[argc])
		argc++;
	if (parse_command_line(commands, argc, words, &line, &w->err) == PARSE_RUN)
		rc = plan_line(w, &line);
	free(line.words);
	return rc;
}

int world_repair(struct world *w, const struct pf *pf)
{
	memset(&w->err, 0, sizeof(w->err));
	forget(w);
	return want_repair(&w->change, &w->host, pf, &w->err);
}

int world_check(struct world *w, unsigned force)
{
	memset(&w->err, 0, sizeof(w->err));
	return change_check(&w->change, &w->host, force, &w->err);
}

void world_away(struct world *w, const char *name, const char *netns, const char *ifname)
{
	const struct netns *to = find_netns(netns);
	struct vf *vf = world_vf(w, name);
	struct link *l = world_link(w, vf->ifname);

	vf->netns = l->netns = to->name;
	vf->netns_id = l->netns_id = to->id;
	vf->ifname = l->name = ifname;
	vf->altnames = l->altnames = (struct strings){0};
	vf->up = l->admin_up = false;
	vf->addresses = vf->gateways = (struct strings){0};
	vf->known |= VF_BIT(VF_NETNS) | VF_BIT(VF_ADDRESSES) | VF_BIT(VF_GATEWAYS);
}

struct lease *world_lease(struct world *w, const char *name, const char *netns, const char *owner)
{
	static const enum vf_attr own[] = {
		VF_INDEX, VF_BDF, VF_DRIVER, VF_IFNAME, VF_MTU, VF_UP, VF_ALTNAMES, VF_IF_MAC};
	struct vf *vf = world_vf(w, name);
	uint64_t kept = VF_BIT(VF_NETNS) | VF_BIT(VF_LEASE); /* it had none */
	struct lease *l;

	if (w->host.lease_count == WORLD_LEASES)
		abort();
	if (!w->host.leases)
		w->host.leases = arena_alloc(&w->host.arena, WORLD_LEASES * sizeof(*l));
	l = &w->host.leases[w->host.lease_count++];
	for (unsigned a = 0; a < VF_ATTR_COUNT; a++)
		if (vf_type.attrs[a].flags & ATTR_KEEP)
			kept |= vf->known & VF_BIT(a);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		kept |= vf->known & VF_BIT(own[i]);
	*l = (struct lease){.pf = host_pf_of(&w->host, vf)->handle,
		.vf = vf->name,
		.netns = netns,
		.id = find_netns(netns)->id,
		.owner = owner,
		.ifname = vf_has(vf, VF_IFNAME) ? vf->ifname : NULL,
		.since = 1795256351, /* 2026-11-21T10:19:11Z */
		.home = *vf};
	l->home.known = kept;
	l->home.netns = l->home.lease = NULL;
	l->home.attached = NULL;
	vf->attached = l;
	vf->lease = owner ? owner : netns;
	vf->known |= VF_BIT(VF_LEASE);
	return l;
}

struct link *world_link_in(struct world *w, const char *netns, const char *name)
{
	struct link *l = fixture_link(&w->host, 500 + (int)w->host.link_count, name);

	l->netns = netns;
	l->netns_id = find_netns(netns)->id;
	return l;
}

const char *world_steps(struct world *w)
{
	size_t n = 0;

	w->text[0] = 0;
	for (size_t i = 0; i < w->change.count; i++) {
		if (n && w->change.plans[i]->count)
			n += (size_t)snprintf(w->text + n, sizeof(w->text) - n, "; ");
		fixture_steps(w->change.plans[i], NULL, w->text + n, sizeof(w->text) - n);
		n += strlen(w->text + n);
	}
	return w->text;
}

struct plan *world_plan(struct world *w)
{
	if (w->change.count != 1)
		abort();
	return w->change.plans[0];
}

const char *world_warnings(struct world *w)
{
	size_t n = 0;

	w->text[0] = 0;
	for (size_t i = 0; i < w->change.count; i++)
		for (size_t j = 0; j < w->change.plans[i]->warning_count; j++)
			n += (size_t)snprintf(w->text + n, sizeof(w->text) - n, "%s\n",
				w->change.plans[i]->warnings[j]);
	return w->text;
}
