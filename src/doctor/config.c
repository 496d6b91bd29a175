#include "doctor/config.h"

#include "util/str.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first one counts: CONF_PATHS of systemd's src/basic/constants.h. */
static const char *const places[] = {"/etc", "/run", "/usr/local/lib", "/usr/lib"};
#define PLACES (sizeof(places) / sizeof(places[0]))

bool config_known(const struct examination *x, const char *dir)
{
	for (size_t i = 0; i < PLACES; i++)
		if (facts_find(x->facts, "%s/%s", places[i], dir))
			return true;
	return false;
}

static size_t place_of(const char *path)
{
	size_t i = 0;

	while (i < PLACES && !str_starts(path, places[i]))
		i++;
	return i;
}

static int compare_files(const void *a, const void *b)
{
	const struct config_file *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order)
		return order;
	return (int)place_of(x->fact->path) - (int)place_of(y->fact->path);
}

static bool ends_with(const char *s, const char *end)
{
	size_t len = strlen(s), n = strlen(end);

	return len >= n && strcmp(s + len - n, end) == 0;
}

void config_files(
	struct examination *x, const char *dir, const char *suffix, struct config_files *files)
{
	size_t n = 0;

	*files = (struct config_files){0};
	for (size_t i = 0; i < PLACES; i++) {
		const char *prefix = arena_printf(&x->arena, "%s/%s/", places[i], dir);
		const struct fact *f = NULL;

		while ((f = facts_next(x->facts, prefix, f))) {
			const char *name = f->path + strlen(prefix);

			if (strchr(name, '/') || !ends_with(name, suffix) || f->sys_errno == ENOENT)
				continue;
			files->items = arena_push(
				&x->arena, files->items, &files->count, sizeof(*files->items));
			files->items[files->count - 1] = (struct config_file){name, f};
		}
	}
	if (!files->count)
		return;
	qsort(files->items, files->count, sizeof(*files->items), compare_files);
	for (size_t i = 0; i < files->count; i++)
		if (!n || strcmp(files->items[n - 1].name, files->items[i].name) != 0)
			files->items[n++] = files->items[i];
	files->count = n;
	n = 0;
	for (size_t i = 0; i < files->count; i++)
		if (files->items[i].fact->sys_errno || files->items[i].fact->len)
			files->items[n++] = files->items[i];
	files->count = n;
}

static const char *trimmed(struct arena *arena, const char *s, size_t len)
{
	while (len && isspace((unsigned char)*s)) {
		s++;
		len--;
	}
	while (len && isspace((unsigned char)s[len - 1]))
		len--;
	return arena_strndup(arena, s, len);
}

const char *config_line(struct arena *arena, const char **at, const char *comment, unsigned *number)
{
	const char *whole = NULL, *line;
	unsigned first = *number;

	while (**at) {
		size_t len = strcspn(*at, "\n"), n;

		line = trimmed(arena, *at, len);
		*at += len + ((*at)[len] == '\n');
		first++;
		if (!whole)
			*number = first;
		n = strlen(line);
		if (n && strchr(comment, line[0]))
			continue;
		if (n && line[n - 1] == '\\') {
			line = arena_strndup(arena, line, n - 1);
			whole = whole ? arena_printf(arena, "%s%s", whole, line) : line;
			continue;
		}
		line = whole ? arena_printf(arena, "%s%s", whole, line) : line;
		whole = NULL;
		if (*line)
			return line;
	}
	return whole && *whole ? whole : NULL;
}

const char *config_value(struct arena *arena, const char *text, const char *key)
{
	const char *line, *value = NULL;
	size_t len = strlen(key);
	unsigned number = 0;

	while ((line = config_line(arena, &text, "#;", &number)))
		if (strncmp(line, key, len) == 0 && line[len] == '=')
			value = line + len + 1;
	return value;
}

bool patterns_match(struct arena *arena, const char *list, const char *separators, const char *s)
{
	for (;; list++) {
		size_t len = strcspn(list, separators);

		if (fnmatch(arena_strndup(arena, list, len), s, 0) == 0)
			return true;
		list += len;
		if (!*list)
			return false;
	}
}

static int compare_links(const void *a, const void *b)
{
	const struct link *const *x = a, *const *y = b;

	return ((*x)->ifindex > (*y)->ifindex) - ((*x)->ifindex < (*y)->ifindex);
}

struct link_index {
	const struct link **items;
	size_t count;
};

/* Those of our namespace, by their numbers. */
static void index_links(struct examination *x, struct link_index *index)
{
	const struct host *host = x->host;

	index->items = arena_alloc(&x->arena, (host->link_count + 1) * sizeof(*index->items));
	for (size_t i = 0; i < host->link_count; i++)
		if (!host->links[i].netns)
			index->items[index->count++] = &host->links[i];
	if (index->count)
		qsort(index->items, index->count, sizeof(*index->items), compare_links);
}

static const struct link *find_link(const struct link_index *index, int ifindex)
{
	const struct link want = {.ifindex = ifindex}, *key = &want;
	const struct link **at = NULL;

	if (index->count)
		at = bsearch(&key, index->items, index->count, sizeof(key), compare_links);
	return at ? *at : NULL;
}

static const char *mac_text(struct arena *arena, const struct lladdr *mac)
{
	const uint8_t *b = mac->bytes;

	return arena_printf(
		arena, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
}

/* addr_assign_type of sysfs is enum netdev's NET_ADDR_*: 0, the device's own; 1, random by its
 * driver; 2, another interface's; 3, set from outside. Only the first two are what it comes with.
 */
static bool came_with_it(const struct examination *x, const struct device *d)
{
	const char *type = facts_text(
		x->facts, "/sys/bus/pci/devices/%s/net/%s/addr_assign_type", d->bdf, d->ifname);

	return type && (strcmp(type, "0") == 0 || strcmp(type, "1") == 0);
}

static void add_device(struct examination *x, struct devices *devices, struct device d,
	struct bdf bdf, const struct link *l)
{
	char text[BDF_SIZE];

	bdf_format(bdf, text);
	d.bdf = arena_strdup(&x->arena, text);
	d.mac_text = d.mac ? mac_text(&x->arena, d.mac) : NULL;
	d.mac_changed = !came_with_it(x, &d);
	d.permanent_mac = l && l->perm_addr.len ? &l->perm_addr : NULL;
	d.port_name = l ? l->phys_port_name : NULL;
	if (!d.driver)
		d.driver = "";
	devices->items =
		arena_push(&x->arena, devices->items, &devices->count, sizeof(*devices->items));
	devices->items[devices->count - 1] = d;
}

static void add_pf(struct examination *x, struct devices *devices, const struct pf *pf,
	const struct link_index *links)
{
	struct device d = {
		.pf = pf, .called = pf->name, .ifname = pf->ifname, .driver = pf->driver};

	if (!pf_has(pf, PF_IFINDEX) || !pf_has(pf, PF_IFNAME) || !pf_has(pf, PF_BDF))
		return;
	if (pf_has(pf, PF_MAC) && pf->mac.len == 6)
		d.mac = &pf->mac;
	d.vendor_id = pf->vendor_id;
	d.device_id = pf->device_id;
	d.ids_known = pf_has(pf, PF_VENDOR_ID) && pf_has(pf, PF_DEVICE_ID);
	add_device(x, devices, d, pf->bdf, find_link(links, pf->ifindex));
}

static void add_vf(struct examination *x, struct devices *devices, const struct pf *pf,
	const struct vf *vf, const struct link_index *links)
{
	struct device d = {
		.pf = pf, .vf = vf, .called = vf->name, .ifname = vf->ifname, .driver = vf->driver};

	if (!vf_has(vf, VF_IFINDEX) || !vf_has(vf, VF_IFNAME) || !vf_has(vf, VF_BDF) || vf->netns)
		return;
	if (vf_has(vf, VF_IF_MAC) && vf->if_mac.len == 6)
		d.mac = &vf->if_mac;
	d.vendor_id = pf->vendor_id;
	d.device_id = pf->vf_device_id;
	d.ids_known = pf_has(pf, PF_VENDOR_ID) && pf_has(pf, PF_VF_DEVICE_ID);
	add_device(x, devices, d, vf->bdf, find_link(links, vf->ifindex));
}

void devices_list(struct examination *x, struct devices *devices)
{
	struct link_index links = {0};

	*devices = (struct devices){0};
	index_links(x, &links);
	for (size_t i = 0; i < x->host->pf_count; i++) {
		const struct pf *pf = &x->host->pfs[i];

		add_pf(x, devices, pf, &links);
		for (size_t v = 0; v < pf->vf_count; v++)
			add_vf(x, devices, pf, &x->host->vfs[pf->first_vf + v], &links);
	}
}
