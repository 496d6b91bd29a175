/*
 * SriovNetworkNodePolicy, as the operator reads it: the fields of its
 * api/v1/sriovnetworknodepolicy_types.go, the rules of its pkg/webhook/validate.go. Its lists of
 * supported cards and its own limit of 128 VFs for one vendor are not taken over: the host
 * knows what it has.
 */
#include "policy/node.h"

#include "util/str.h"

#include <ctype.h>
#include <string.h>

#define API_VERSION "sriovnetwork.openshift.io/v1"
#define PRIORITY_LOWEST 99 /* that of those that name none, by its pkg/webhook/mutate.go */
#define RESOURCE_MAX 63
#define NOT_SUPPORTED "not supported by this version"

static const char *const device_types[] = {"netdevice", "vfio-pci", NULL};
static const char *const link_types[] = {"eth", "ib", NULL};
static const char *const eswitch_modes[] = {"legacy", "switchdev", NULL};
static const char *const vdpa_types[] = {"virtio", "vhost", NULL};

enum {
	ROOT_API,
	ROOT_KIND,
	ROOT_METADATA,
	ROOT_SPEC,
	ROOT_STATUS,
	ROOT_KEYS
};
static const struct schema_key root_keys[ROOT_KEYS] = {
	[ROOT_API] = {"apiVersion", SCHEMA_TEXT, .help = API_VERSION},
	[ROOT_KIND] = {"kind", SCHEMA_TEXT, .help = "SriovNetworkNodePolicy"},
	[ROOT_METADATA] = {"metadata", SCHEMA_MAPPING, .help = "with its name"},
	[ROOT_SPEC] = {"spec", SCHEMA_MAPPING, .help = "what is wanted"},
	[ROOT_STATUS] = {"status", SCHEMA_IGNORED, .help = "not read"},
};
static const struct schema root_schema = {
	.what = "a SriovNetworkNodePolicy", .keys = root_keys, .count = ROOT_KEYS, .lenient = true};

enum {
	SPEC_RESOURCE,
	SPEC_NODES,
	SPEC_PRIORITY,
	SPEC_MTU,
	SPEC_VFS,
	SPEC_NICS,
	SPEC_DEVICE,
	SPEC_RDMA,
	SPEC_VHOST,
	SPEC_LINK,
	SPEC_ESWITCH,
	SPEC_VDPA,
	SPEC_TOPOLOGY,
	SPEC_EXTERNAL,
	SPEC_BRIDGE,
	SPEC_PARAMS,
	SPEC_KEYS
};
static const struct schema_key spec_keys[SPEC_KEYS] = {
	[SPEC_RESOURCE] = {"resourceName", SCHEMA_TEXT, .help = "what Kubernetes calls the VFs"},
	[SPEC_NODES] = {"nodeSelector", SCHEMA_MAPPING, .help = "labels of the hosts it is for"},
	[SPEC_PRIORITY] = {"priority", SCHEMA_NUMBER, 0, 99, .help = "0 goes before all others"},
	[SPEC_MTU] = {"mtu", SCHEMA_NODE, .help = "of VFs, and at least that of the PF"},
	[SPEC_VFS] = {"numVfs", SCHEMA_NUMBER, 0, VFS_MAX, .help = "VFs that the PF is to have"},
	[SPEC_NICS] = {"nicSelector", SCHEMA_MAPPING, .help = "the PFs it is about"},
	[SPEC_DEVICE] = {"deviceType", SCHEMA_WORD, .words = device_types,
		.help = "driver of the VFs"},
	[SPEC_RDMA] = {"isRdma", SCHEMA_BOOL, .help = "for the device plugin"},
	[SPEC_VHOST] = {"needVhostNet", SCHEMA_BOOL, .help = "for the device plugin"},
	[SPEC_LINK] = {"linkType", SCHEMA_ANYCASE, .words = link_types, .help = "what the PF is"},
	[SPEC_ESWITCH] = {"eSwitchMode", SCHEMA_WORD, .words = eswitch_modes, .help = "of the PF"},
	[SPEC_VDPA] = {"vdpaType", SCHEMA_WORD, .words = vdpa_types, .help = "of the VFs"},
	[SPEC_TOPOLOGY] = {"excludeTopology", SCHEMA_BOOL, .help = "for the device plugin"},
	[SPEC_EXTERNAL] = {"externallyManaged", SCHEMA_BOOL, .help = "true: others set up the PF"},
	[SPEC_BRIDGE] = {"bridge", SCHEMA_MAPPING, .help = "a software bridge on the PF"},
	[SPEC_PARAMS] = {"eSwitchParams", SCHEMA_MAPPING, .help = "of switchdev mode"},
};
static const struct schema spec_schema = {
	.what = "spec", .keys = spec_keys, .count = SPEC_KEYS, .lenient = true};

enum {
	NIC_VENDOR,
	NIC_DEVICE,
	NIC_ROOTS,
	NIC_PFS,
	NIC_FILTER,
	NIC_KEYS
};
static const struct schema_key nic_keys[NIC_KEYS] = {
	[NIC_VENDOR] = {"vendor", SCHEMA_TEXT, .help = "PCI vendor id: four hex digits"},
	[NIC_DEVICE] = {"deviceID", SCHEMA_TEXT,
		.help = "PCI device id of the PF: four hex digits"},
	[NIC_ROOTS] = {"rootDevices", SCHEMA_LIST, .help = "PCI addresses of PFs"},
	[NIC_PFS] = {"pfNames", SCHEMA_LIST, .help = "interfaces of PFs: eth0, or eth0#0-3"},
	[NIC_FILTER] = {"netFilter", SCHEMA_TEXT, .help = "a network of a cloud"},
};
static const struct schema nic_schema = {
	.what = "nicSelector", .keys = nic_keys, .count = NIC_KEYS, .lenient = true};

/* ^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?$ */
static bool is_resource(const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) &&
			(i == 0 || i + 1 == len || (text[i] != '_' && text[i] != '-')))
			return false;
	return len && len <= RESOURCE_MAX;
}

static void read_resource(struct schema_reader *r, const struct field *f,
	const struct yaml_node *spec, struct node_policy *n)
{
	n->resource = "";
	n->resource_origin = f->value ? f->value->origin : spec->origin;
	if (!f->value) {
		schema_wrong(r, spec->origin, EXIT_USAGE, "resourceName", "the operator wants one");
		return;
	}
	n->resource = f->text;
	if (is_resource(f->text))
		return;
	schema_wrong(r, f->value->origin, EXIT_USAGE, "resourceName",
		"'%.80s' is no name of a resource", f->text);
	problem_hint(r->problems,
		"1 to %d letters, digits, '-' and '_', a letter or digit first and last",
		RESOURCE_MAX);
}

static void read_labels(struct schema_reader *r, const struct yaml_node *map, struct node_policy *n)
{
	n->labels_origin = map->origin;
	n->labels = arena_alloc(r->arena, (map->count + 1) * sizeof(*n->labels));
	for (size_t i = 0; i < map->count; i++) {
		const struct yaml_pair *pair = &map->pairs[i];

		if (pair->value->type == YAML_SCALAR || pair->value->type == YAML_NULL)
			n->labels[n->label_count++] =
				(struct label){pair->key->text, pair->value->text};
		else
			schema_wrong(r, pair->value->origin, EXIT_USAGE, "nodeSelector",
				"a label wants a word, not %s", yaml_what(pair->value));
	}
}

static void read_id(
	struct schema_reader *r, const struct field *f, const char *attr, bool *has, uint32_t *id)
{
	uint64_t n;

	if (!f->value)
		return;
	*has = true;
	if (str_uint(f->text, 16, UINT16_MAX, &n))
		*id = (uint32_t)n;
	else
		schema_wrong(r, f->value->origin, EXIT_USAGE, attr,
			"wants four hex digits, not '%.60s'", f->text);
}

/* A text of a list; NULL (reported) when it is none. */
static const char *item_text(
	struct schema_reader *r, const struct yaml_node *node, const char *attr)
{
	if (node->type == YAML_SCALAR && node->text[0])
		return node->text;
	schema_wrong(r, node->origin, EXIT_USAGE, attr, "wants a list of words, not %s",
		yaml_what(node));
	return NULL;
}

static void read_root(struct schema_reader *r, const struct yaml_node *node, struct node_policy *n)
{
	const char *text = item_text(r, node, "rootDevices");
	struct node_root root = {.origin = node->origin};

	if (!text)
		return;
	if (!bdf_parse(text, &root.bdf)) {
		schema_wrong(r, node->origin, EXIT_USAGE, "rootDevices",
			"wants a PCI address like 0000:21:00.0, not '%.60s'", text);
		return;
	}
	n->roots = arena_push(r->arena, n->roots, &n->root_count, sizeof(*n->roots));
	n->roots[n->root_count - 1] = root;
}

static void read_pf_range(
	struct schema_reader *r, const char *text, struct node_policy *n, struct node_pf *pf)
{
	bool far;

	if (!spans_parse(r->arena, text, &pf->range, &far)) {
		schema_wrong(r, pf->range.origin, EXIT_USAGE, "pfNames",
			"'%.60s' is no VF range of a PF", text);
		problem_hint(r->problems, "write %.40s#0-3", pf->name);
		pf->range.span_count = 0;
		return;
	}
	for (size_t i = 0; i < pf->range.span_count; i++) {
		if (pf->range.spans[i].to < n->num_vfs)
			continue;
		schema_wrong(r, pf->range.origin, EXIT_USAGE, "pfNames",
			"'%.60s' goes beyond numVfs: %u", text, n->num_vfs);
		return;
	}
}

static void read_pf(struct schema_reader *r, const struct yaml_node *node, struct node_policy *n)
{
	const char *text = item_text(r, node, "pfNames"), *hash = text ? strchr(text, '#') : NULL;
	struct node_pf pf = {.name = text, .range = {.text = text, .origin = node->origin}};

	if (!text)
		return;
	if (hash) {
		pf.name = arena_strndup(r->arena, text, (size_t)(hash - text));
		read_pf_range(r, hash + 1, n, &pf);
	}
	n->pfs = arena_push(r->arena, n->pfs, &n->pf_count, sizeof(*n->pfs));
	n->pfs[n->pf_count - 1] = pf;
}

static void read_nics(struct schema_reader *r, const struct field *nics,
	const struct yaml_node *spec, struct node_policy *n)
{
	struct field f[NIC_KEYS] = {0};
	const struct yaml_node *roots, *pfs;

	n->selector_origin = nics->value ? nics->value->origin : spec->origin;
	if (nics->value)
		schema_read(r, &nic_schema, nics->value, f, NULL);
	roots = f[NIC_ROOTS].value;
	pfs = f[NIC_PFS].value;
	read_id(r, &f[NIC_VENDOR], "vendor", &n->has_vendor, &n->vendor);
	read_id(r, &f[NIC_DEVICE], "deviceID", &n->has_device, &n->device);
	for (size_t i = 0; roots && i < roots->count; i++)
		read_root(r, roots->items[i], n);
	for (size_t i = 0; pfs && i < pfs->count; i++)
		read_pf(r, pfs->items[i], n);
	if (f[NIC_FILTER].value) {
		schema_wrong(r, f[NIC_FILTER].value->origin, EXIT_UNSUPPORTED, "netFilter",
			NOT_SUPPORTED ": only a cloud knows its networks");
		if (n->has_vendor || n->has_device || (roots && roots->count) ||
			(pfs && pfs->count))
			schema_wrong(r, f[NIC_FILTER].value->origin, EXIT_USAGE, "netFilter",
				"goes with no other selector");
	} else if (!n->has_vendor && !n->has_device && !(roots && roots->count) &&
		   !(pfs && pfs->count)) {
		schema_wrong(
			r, n->selector_origin, EXIT_USAGE, "nicSelector", "it selects nothing");
		problem_hint(
			r->problems, "say vendor, deviceID, rootDevices or pfNames of the PFs");
	}
}

static void read_mtu(struct schema_reader *r, const struct field *f, struct node_policy *n)
{
	struct error err = {0};

	if (!f->value || f->value->type == YAML_NULL)
		return;
	n->mtu.setting.attr = PF_MTU;
	n->mtu.origin = f->value->origin;
	n->has_mtu = true;
	if (f->value->type != YAML_SCALAR) {
		schema_wrong(r, f->value->origin, EXIT_USAGE, "mtu", "wants a number, not %s",
			yaml_what(f->value));
	} else if (attr_parse(&pf_type.attrs[PF_MTU], f->value->text, &n->mtu.setting, &err) < 0) {
		r->bad = true;
		problem_error(r->problems, f->value->origin, &err);
	}
}

static void unsupported(struct schema_reader *r, const struct field *f, const char *attr)
{
	schema_wrong(r, f->value->origin, EXIT_UNSUPPORTED, attr, NOT_SUPPORTED);
}

/* What needs switchdev mode, which cannot be had: that comes first. */
static void check_switchdev(
	struct schema_reader *r, const struct field *f, const struct node_policy *n)
{
	const struct field *eswitch = &f[SPEC_ESWITCH], *vdpa = &f[SPEC_VDPA];
	const struct field *bridge = &f[SPEC_BRIDGE], *params = &f[SPEC_PARAMS];
	bool switchdev = eswitch->value && eswitch->number == 1;
	bool has_bridge = bridge->value && bridge->value->count;

	if (switchdev)
		unsupported(r, eswitch, "eSwitchMode");
	if (switchdev && n->link == NODE_LINK_IB)
		schema_wrong(r, n->link_origin, EXIT_USAGE, "linkType",
			"switchdev mode is for Ethernet alone");
	if (vdpa->value) {
		unsupported(r, vdpa, "vdpaType");
		if (n->vfio)
			schema_wrong(r, vdpa->value->origin, EXIT_USAGE, "vdpaType",
				"goes with deviceType: netdevice alone");
		if (!switchdev)
			schema_wrong(r, vdpa->value->origin, EXIT_USAGE, "vdpaType",
				"wants eSwitchMode: switchdev");
	}
	if (has_bridge) {
		unsupported(r, bridge, "bridge");
		if (!switchdev)
			schema_wrong(r, bridge->value->origin, EXIT_USAGE, "bridge",
				"wants eSwitchMode: switchdev");
		if (n->external)
			schema_wrong(r, bridge->value->origin, EXIT_USAGE, "bridge",
				"not with externallyManaged");
	}
	if (params->value && params->value->count)
		unsupported(r, params, "eSwitchParams");
}

static struct origin origin_of(const struct field *f, struct origin otherwise)
{
	return f->value ? f->value->origin : otherwise;
}

static void read_device(struct schema_reader *r, const struct field *f,
	const struct yaml_node *spec, struct node_policy *n)
{
	n->vfio = f[SPEC_DEVICE].value && f[SPEC_DEVICE].number == 1;
	n->driver_origin = origin_of(&f[SPEC_DEVICE], spec->origin);
	n->rdma = f[SPEC_RDMA].value && f[SPEC_RDMA].on;
	n->rdma_origin = origin_of(&f[SPEC_RDMA], spec->origin);
	n->link = f[SPEC_LINK].value ? (enum node_link)f[SPEC_LINK].number : NODE_LINK_ANY;
	n->link_origin = origin_of(&f[SPEC_LINK], spec->origin);
	n->external = f[SPEC_EXTERNAL].value && f[SPEC_EXTERNAL].on;
	n->external_origin = origin_of(&f[SPEC_EXTERNAL], spec->origin);
	n->exclude_topology = f[SPEC_TOPOLOGY].value && f[SPEC_TOPOLOGY].on;
	n->exclude_topology_origin = origin_of(&f[SPEC_TOPOLOGY], spec->origin);
	if (n->vfio && n->rdma)
		schema_wrong(
			r, n->rdma_origin, EXIT_USAGE, "isRdma", "not with deviceType: vfio-pci");
	check_switchdev(r, f, n);
}

static void read_spec(struct schema_reader *r, const struct yaml_node *spec, struct node_policy *n)
{
	struct field f[SPEC_KEYS];

	if (!schema_read(r, &spec_schema, spec, f, NULL))
		return;
	read_resource(r, &f[SPEC_RESOURCE], spec, n);
	if (f[SPEC_NODES].value)
		read_labels(r, f[SPEC_NODES].value, n);
	n->priority = f[SPEC_PRIORITY].value ? f[SPEC_PRIORITY].number : PRIORITY_LOWEST;
	n->num_vfs = f[SPEC_VFS].number;
	n->num_vfs_origin = origin_of(&f[SPEC_VFS], spec->origin);
	if (!f[SPEC_VFS].value)
		n->num_vfs = VFS_MAX;
	if (!yaml_get(spec, "numVfs"))
		schema_wrong(r, spec->origin, EXIT_USAGE, "numVfs", "the operator wants it");
	read_mtu(r, &f[SPEC_MTU], n);
	read_device(r, f, spec, n);
	read_nics(r, &f[SPEC_NICS], spec, n);
}

void node_read(struct schema_reader *r, const struct yaml_node *root, struct document *d)
{
	struct field f[ROOT_KEYS];
	struct node_policy *n = arena_alloc(r->arena, sizeof(*n));
	const struct yaml_node *name;

	n->document = d;
	n->name = "";
	n->link = NODE_LINK_ANY;
	n->resource = "";
	d->node = n;
	schema_read(r, &root_schema, root, f, NULL);
	if (f[ROOT_API].value && strcmp(f[ROOT_API].text, API_VERSION) != 0)
		schema_wrong(r, f[ROOT_API].value->origin, EXIT_USAGE, "apiVersion",
			"this version reads " API_VERSION ", not '%.60s'", f[ROOT_API].text);
	name = f[ROOT_METADATA].value ? yaml_get(f[ROOT_METADATA].value, "name") : NULL;
	if (name && name->type == YAML_SCALAR) {
		n->name = name->text;
		d->origin = name->origin;
	}
	if (f[ROOT_SPEC].value)
		read_spec(r, f[ROOT_SPEC].value, n);
	else
		schema_wrong(r, root->origin, EXIT_USAGE, "spec", "the operator wants it");
}
