/*
 * Files of netplan (doc/netplan-yaml.md of its source): devices that name a PF by `link` are its
 * VFs. Later files add to what earlier ones say of the same device, or replace it.
 */
#include "policy/import_parts.h"

#include "policy/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum key {
	KEY_LINK,
	KEY_COUNT,
	KEY_ESWITCH,
	KEY_DELAY,
	KEY_MTU,
	KEY_MAC,
	KEY_SET_NAME,
	KEY_RENDERER, /* of a VLAN */
	KEY_ID,
	KEYS
};
static const char *const keys[KEYS] = {
	[KEY_LINK] = "link",
	[KEY_COUNT] = "virtual-function-count",
	[KEY_ESWITCH] = "embedded-switch-mode",
	[KEY_DELAY] = "delay-virtual-functions-rebind",
	[KEY_MTU] = "mtu",
	[KEY_MAC] = "macaddress",
	[KEY_SET_NAME] = "set-name",
	[KEY_RENDERER] = "renderer",
	[KEY_ID] = "id",
};

/* A device as all files together have it. */
struct device {
	const char *id;
	struct origin origin;
	bool is_vlan;
	const struct yaml_node *said[KEYS];
	const struct yaml_node *match, *match_name, *match_mac; /* NULL: nothing */
	struct draft_pf *pf; /* which it is, if it is one that can be named */
	uint32_t vfs;        /* how many devices are its VFs */
	struct draft_pf *vf_of;
	uint32_t index; /* with vf_of */
};

struct plan {
	struct import *im;
	struct device *devices;
	size_t count;
};

static struct device *find(const struct plan *p, const char *id, bool vlan)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->devices[i].is_vlan == vlan && strcmp(p->devices[i].id, id) == 0)
			return &p->devices[i];
	return NULL;
}

static const struct yaml_node *get(const struct yaml_node *map, const char *key)
{
	return map ? yaml_get(map, key) : NULL;
}

static const struct yaml_node *scalar(const struct yaml_node *node)
{
	return node && node->type == YAML_SCALAR ? node : NULL;
}

static void read_device(
	struct plan *p, const struct yaml_node *key, const struct yaml_node *node, bool vlan)
{
	struct device *d = find(p, key->text, vlan);
	const struct yaml_node *match = get(node, "match");

	if (!d) {
		p->devices =
			arena_push(p->im->draft.arena, p->devices, &p->count, sizeof(*p->devices));
		d = &p->devices[p->count - 1];
		*d = (struct device){.id = key->text, .origin = key->origin, .is_vlan = vlan};
	}
	for (size_t i = 0; i < KEYS; i++) {
		const struct yaml_node *value = scalar(get(node, keys[i]));

		if (value)
			d->said[i] = value;
	}
	if (!match)
		return;
	d->match = match;
	d->match_name = scalar(get(match, "name"));
	d->match_mac = scalar(get(match, "macaddress"));
}

static void read_devices(struct plan *p, const struct yaml_node *list, bool vlan)
{
	for (size_t i = 0; list && list->type == YAML_MAPPING && i < list->count; i++)
		if (list->pairs[i].key->type == YAML_SCALAR &&
			list->pairs[i].value->type == YAML_MAPPING)
			read_device(p, list->pairs[i].key, list->pairs[i].value, vlan);
}

/* netplan takes none of a file that is no YAML; so do we. */
static void read_source(struct plan *p, const struct source *source)
{
	struct problems *problems = p->im->problems;
	size_t before = problems->count, n;
	struct yaml_document *documents;

	n = yaml_read(source, p->im->draft.arena, &documents, problems);
	for (size_t i = before; i < problems->count; i++) {
		problems->errors -= !problems->items[i].warning;
		problems->items[i].warning = true;
	}
	for (size_t i = 0; i < n && problems->count == before; i++) {
		const struct yaml_node *network = get(documents[i].root, "network");

		read_devices(p, get(network, "ethernets"), false);
		read_devices(p, get(network, "vlans"), true);
	}
}

static int compare_sources(const void *left, const void *right)
{
	const struct source *const *a = left, *const *b = right;
	int order = strcmp(import_basename((*a)->name), import_basename((*b)->name));

	return order ? order : *a < *b ? -1 : *a > *b;
}

/* By their names, wherever they are; of two of one name the first hides the other. */
static void read_sources(struct plan *p)
{
	size_t count = p->im->count;
	const struct source **order =
		arena_alloc(p->im->draft.arena, (count + 1) * sizeof(struct source *));

	for (size_t i = 0; i < count; i++)
		order[i] = &p->im->sources[i];
	if (count)
		qsort(order, count, sizeof(struct source *), compare_sources);
	for (size_t i = 0; i < count; i++) {
		if (i && strcmp(import_basename(order[i]->name),
				 import_basename(order[i - 1]->name)) == 0)
			problem_warn(p->im->problems, (struct origin){order[i], 1, 1},
				"hidden by a file of the same name");
		else
			read_source(p, order[i]);
	}
}

/* What its interface is called, once netplan is done with it; NULL when that cannot be told. */
static const char *name_of(const struct device *d)
{
	if (d->said[KEY_SET_NAME])
		return d->said[KEY_SET_NAME]->text;
	if (d->match_name && !import_is_pattern(d->match_name->text))
		return d->match_name->text;
	return d->match ? NULL : d->id;
}

/* The PF in the draft: by its address where that is what it is found by, which no renaming
 * changes. */
static struct draft_pf *pf_of(struct plan *p, struct device *d)
{
	const char *name = name_of(d), *mac = NULL;

	if (d->pf)
		return d->pf;
	if (d->match_mac)
		mac = import_mac(p->im, d->match_mac->text);
	if (!mac && !name) {
		problem_warn(p->im->problems, d->origin,
			"a policy names each PF, so '%.60s' is left out: its match is for any "
			"number of them",
			d->id);
		return NULL;
	}
	d->pf = draft_pf(&p->im->draft, mac ? mac : name, d->origin);
	if (name)
		d->pf->ifname = name;
	return d->pf;
}

/* netplan finds a VF by its interface, so its number must follow from a name of it. */
static bool find_index(
	const struct plan *p, const struct device *d, struct draft_pf *pf, uint32_t *index)
{
	const char *names[] = {d->id, d->match_name ? d->match_name->text : NULL,
		d->said[KEY_SET_NAME] ? d->said[KEY_SET_NAME]->text : NULL};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i] && import_pf_of_vf(p->im, names[i], index) == pf)
			return true;
	return false;
}

static void import_vf(struct plan *p, struct device *d, struct draft_pf *pf)
{
	static const struct {
		enum key key;
		enum vf_attr attr;
	} wanted[] = {{KEY_MAC, VF_MAC}, {KEY_MTU, VF_MTU}, {KEY_SET_NAME, VF_IFNAME}};

	if (!find_index(p, d, pf, &d->index)) {
		problem_warn(p->im->problems, d->origin,
			"which VF of %s '%.60s' is cannot be told: only names like %sv0 say it",
			pf->pf, d->id, pf->ifname ? pf->ifname : "eth0");
		return;
	}
	d->vf_of = pf;
	draft_vf(&p->im->draft, pf, d->index);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		const struct yaml_node *value = d->said[wanted[i].key];

		if (value)
			import_vf_set(
				p->im, pf, d->index, wanted[i].attr, value->text, value->origin);
	}
}

/* How many VFs: as many as it says, or as devices name it. */
static void import_count(struct plan *p, const struct device *d, struct draft_pf *pf)
{
	const struct yaml_node *count = d->said[KEY_COUNT];
	char number[16];

	snprintf(number, sizeof(number), "%u", d->vfs);
	if (count)
		import_pf_count(p->im, pf, count->text, count->origin);
	else if (d->vfs)
		import_pf_count(p->im, pf, number, d->origin);
}

static void import_pf(struct plan *p, struct device *d)
{
	const struct yaml_node *mode = d->said[KEY_ESWITCH], *mtu = d->said[KEY_MTU],
			       *delay = d->said[KEY_DELAY];
	struct draft_pf *pf;

	if (!d->vfs && !d->said[KEY_COUNT] && !mode)
		return;
	pf = pf_of(p, d);
	if (!pf)
		return;
	import_count(p, d, pf);
	if (mtu)
		import_pf_set(p->im, pf, PF_MTU, mtu->text, mtu->origin);
	if (mode)
		import_eswitch(p->im, pf, mode->text, mode->origin);
	if (delay && import_switch(delay->text) && strcmp(import_switch(delay->text), "on") == 0)
		problem_warn(p->im->problems, delay->origin, "%s is left out", keys[KEY_DELAY]);
}

/* A VLAN that the PF is to filter: the port VLAN of the VF that it is on. */
static void import_vlan(struct plan *p, const struct device *d)
{
	const struct yaml_node *renderer = d->said[KEY_RENDERER], *id = d->said[KEY_ID],
			       *link = d->said[KEY_LINK];
	const struct device *vf;

	if (!renderer || strcmp(renderer->text, "sriov") != 0 || !link || !id)
		return;
	vf = find(p, link->text, false);
	if (vf && vf->vf_of)
		import_vf_set(p->im, vf->vf_of, vf->index, VF_VLAN, id->text, id->origin);
	else
		problem_warn(p->im->problems, d->origin,
			"VLAN '%.60s' is left out: '%.60s' is no VF that is known", d->id,
			link->text);
}

void import_netplan(struct import *im)
{
	struct plan p = {.im = im};

	read_sources(&p);
	for (size_t i = 0; i < p.count; i++) {
		struct device *d = &p.devices[i], *pf;

		if (d->is_vlan || !d->said[KEY_LINK])
			continue;
		pf = find(&p, d->said[KEY_LINK]->text, false);
		if (pf && pf != d)
			pf->vfs++;
		else
			problem_warn(im->problems, d->said[KEY_LINK]->origin,
				"there is no device '%.60s'", d->said[KEY_LINK]->text);
	}
	for (size_t i = 0; i < p.count; i++)
		if (!p.devices[i].is_vlan && !p.devices[i].said[KEY_LINK])
			import_pf(&p, &p.devices[i]);
	for (size_t i = 0; i < p.count; i++) {
		struct device *d = &p.devices[i], *pf;

		if (d->is_vlan || !d->said[KEY_LINK])
			continue;
		pf = find(&p, d->said[KEY_LINK]->text, false);
		if (pf && pf->pf)
			import_vf(&p, d, pf->pf);
	}
	for (size_t i = 0; i < p.count; i++)
		if (p.devices[i].is_vlan)
			import_vlan(&p, &p.devices[i]);
}
