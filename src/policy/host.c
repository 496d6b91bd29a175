/* SriovHost: what the PFs and VFs of a host are to have. */
#include "policy/parts.h"

#include "core/driver.h"
#include "core/selector.h"
#include "util/cleanup.h"
#include "util/str.h"

#include <ctype.h>
#include <string.h>

#define API_VERSION "sriovctl/v1"
#define DRIVER_NAME_MAX 64

static const char *const eswitch_modes[] = {"legacy", "switchdev", NULL};

enum {
	DOCUMENT_API,
	DOCUMENT_KIND,
	DOCUMENT_METADATA,
	DOCUMENT_DEFAULTS,
	DOCUMENT_PFS,
	DOCUMENT_KEYS
};
static const struct schema_key document_keys[DOCUMENT_KEYS] = {
	[DOCUMENT_API] = {"apiVersion", SCHEMA_TEXT, .help = API_VERSION},
	[DOCUMENT_KIND] = {"kind", SCHEMA_TEXT, .help = "SriovHost"},
	[DOCUMENT_METADATA] = {"metadata", SCHEMA_IGNORED, .help = "what it is called"},
	[DOCUMENT_DEFAULTS] = {"defaults", SCHEMA_NODE, .help = "of every VF of every PF"},
	[DOCUMENT_PFS] = {"pfs", SCHEMA_LIST, .help = "the PFs, each with what it is to have"},
};
static const struct schema document_schema = {
	.what = "a SriovHost", .keys = document_keys, .count = DOCUMENT_KEYS};

enum {
	ENTRY_PF,
	ENTRY_VFS,
	ENTRY_ESWITCH,
	ENTRY_OPTIONAL,
	ENTRY_VF,
	ENTRY_KEYS
};
static const struct schema_key entry_keys[ENTRY_KEYS] = {
	[ENTRY_PF] = {"pf", SCHEMA_NODE,
		.help = "interface, PCI address or mac:ADDR, or a list of them"},
	[ENTRY_VFS] = {"vfs", SCHEMA_NUMBER, 0, VFS_MAX, .help = "the number of VFs it is to have"},
	[ENTRY_ESWITCH] = {"eswitch", SCHEMA_WORD, .words = eswitch_modes,
		.help = "the mode of its eswitch"},
	[ENTRY_OPTIONAL] = {"optional", SCHEMA_BOOL, .help = "true: it need not be there"},
	[ENTRY_VF] = {"vf", SCHEMA_MAPPING,
		.help = "what its VFs are to have: {all: {...}, 0-3: {...}}"},
};
static const struct schema vf_schema;
static const struct schema entry_schema = {.what = "a PF",
	.keys = entry_keys,
	.count = ENTRY_KEYS,
	.type = &pf_type,
	.elsewhere = &vf_schema};

enum {
	VF_KEY_DRIVER,
	VF_KEY_RESET,
	VF_KEYS
};
static const struct schema_key vf_keys[VF_KEYS] = {
	[VF_KEY_DRIVER] = {"driver", SCHEMA_TEXT,
		.help = "a driver by name, or default: the kernel's choice"},
	[VF_KEY_RESET] = {"reset", SCHEMA_BOOL,
		.help = "true: what is not said is to be as on a new VF"},
};
static const struct schema vf_schema = {.what = "a VF",
	.keys = vf_keys,
	.count = VF_KEYS,
	.type = &vf_type,
	.elsewhere = &entry_schema};

bool spans_parse(struct arena *arena, const char *text, struct range *range, bool *far)
{
	uint64_t from, to;
	int more;

	*far = false;
	do {
		more = range_next(&text, &from, &to);
		if (more < 0)
			return false;
		if (to >= VFS_MAX) {
			*far = true;
			return false;
		}
		range->spans =
			arena_push(arena, range->spans, &range->span_count, sizeof(*range->spans));
		range->spans[range->span_count - 1] = (struct span){(uint32_t)from, (uint32_t)to};
	} while (more);
	return true;
}

static bool is_driver_name(const char *text)
{
	for (const char *p = text; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '-' && *p != '_')
			return false;
	return strlen(text) <= DRIVER_NAME_MAX;
}

static void check_name(struct schema_reader *r, struct wants *wants)
{
	const struct wish *name = wants_find(wants, VF_IFNAME);
	struct error err = {0};

	if (!name || template_check(name->setting.value.string, &err))
		return;
	error_about(&err, "", vf_want_name(VF_IFNAME));
	r->bad = true;
	problem_error(r->problems, name->origin, &err);
	/* not to be told twice */
	wants->items[name - wants->items] = wants->items[--wants->count];
}

static void read_vf(struct schema_reader *r, const struct yaml_node *node, struct wants *wants)
{
	struct field fields[VF_KEYS];
	const struct field *driver = &fields[VF_KEY_DRIVER], *reset = &fields[VF_KEY_RESET];

	if (!schema_read(r, &vf_schema, node, fields, wants))
		return;
	check_name(r, wants);
	if (reset->value) {
		struct value on = value_bool(reset->on);

		wants_add(r->arena, wants, WANT_RESET, &on, reset->value->origin);
	}
	if (!driver->value)
		return;
	if (is_driver_name(driver->text)) {
		struct value name = value_string(driver->text);

		wants_add(r->arena, wants, WANT_DRIVER, &name, driver->value->origin);
	} else {
		schema_wrong(r, driver->value->origin, EXIT_USAGE, "driver",
			"'%.60s' is no driver's name", driver->text);
	}
}

/* What is shared by several VFs and must not be. */
static void check_shared(struct schema_reader *r, const struct wants *wants, const char *whose)
{
	const struct wish *mac = wants_find(wants, VF_MAC), *name = wants_find(wants, VF_IFNAME);

	if (mac && !mac->setting.automatic) {
		schema_wrong(r, mac->origin, EXIT_USAGE, "mac", "one address for %s", whose);
		problem_hint(r->problems, "'auto' gives each its own");
	}
	if (name && !template_has(name->setting.value.string, "vf")) {
		schema_wrong(r, name->origin, EXIT_USAGE, "name", "one name for %s", whose);
		problem_hint(r->problems,
			"write {vf} where the number is to be: name: \"%.40s{vf}\"",
			name->setting.value.string);
	}
}

static void read_range(struct schema_reader *r, const struct yaml_pair *pair, struct entry *entry)
{
	struct range range = {.text = pair->key->text, .origin = pair->key->origin};
	bool far;

	if (!spans_parse(r->arena, pair->key->text, &range, &far)) {
		if (far) {
			schema_wrong(r, range.origin, EXIT_USAGE, NULL,
				"'%.60s': no PF can have a VF beyond %u", range.text, VFS_MAX - 1);
		} else {
			schema_wrong(r, range.origin, EXIT_USAGE, NULL, "'%.60s' is no VF range",
				range.text);
			problem_hint(r->problems, "write 3, 0-7,9 or all");
		}
		range.span_count = 0;
	}
	read_vf(r, pair->value, &range.wants);
	range.wants.origin = range.origin;
	if (range.span_count > 1 ||
		(range.span_count == 1 && range.spans[0].from != range.spans[0].to))
		check_shared(r, &range.wants, "several VFs");
	entry->ranges =
		arena_push(r->arena, entry->ranges, &entry->range_count, sizeof(*entry->ranges));
	entry->ranges[entry->range_count - 1] = range;
}

static void read_vfs(struct schema_reader *r, const struct yaml_node *map, struct entry *entry)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct yaml_pair *pair = &map->pairs[i];

		if (strcmp(pair->key->text, RANGE_ALL) != 0) {
			read_range(r, pair, entry);
			continue;
		}
		read_vf(r, pair->value, &entry->base);
		entry->base.origin = pair->key->origin;
		check_shared(r, &entry->base, "all VFs");
	}
}

static void add_pf(struct schema_reader *r, const struct yaml_node *node, struct entry *entry)
{
	if (node->type != YAML_SCALAR || !node->text[0]) {
		schema_wrong(r, node->origin, EXIT_USAGE, "pf", "wants a PF's name, not %s",
			yaml_what(node));
		return;
	}
	entry->pfs = arena_push(r->arena, entry->pfs, &entry->pf_count, sizeof(*entry->pfs));
	entry->pfs[entry->pf_count - 1] = (struct pf_name){node->text, node->origin};
}

static void read_pf_names(struct schema_reader *r, const struct field *f, struct entry *entry)
{
	if (f->value && f->value->type == YAML_SEQUENCE && f->value->count) {
		for (size_t i = 0; i < f->value->count; i++)
			add_pf(r, f->value->items[i], entry);
	} else if (f->value && f->value->type == YAML_SCALAR) {
		add_pf(r, f->value, entry);
	} else {
		schema_wrong(r, f->value ? f->value->origin : entry->origin, EXIT_USAGE, "pf",
			"which PF is this about?");
		problem_hint(r->problems, "pf: %s", entry_keys[ENTRY_PF].help);
	}
}

static void read_pf_fields(struct schema_reader *r, const struct field *fields, struct entry *entry)
{
	const struct field *vfs = &fields[ENTRY_VFS], *eswitch = &fields[ENTRY_ESWITCH];

	entry->optional = fields[ENTRY_OPTIONAL].value && fields[ENTRY_OPTIONAL].on;
	if (vfs->value) {
		struct value n = value_uint(vfs->number);

		wants_add(r->arena, &entry->pf, PF_NUM_VFS, &n, vfs->value->origin);
	}
	if (!eswitch->value)
		return;
	if (eswitch->number > 0)
		schema_wrong(r, eswitch->value->origin, EXIT_UNSUPPORTED, "eswitch",
			"switchdev is not supported by this version");
}

static void read_entry(struct schema_reader *r, struct document *d, const struct yaml_node *node,
	const struct wants *defaults)
{
	struct entry entry = {.document = d, .origin = node->origin};
	struct field fields[ENTRY_KEYS];

	if (!schema_read(r, &entry_schema, node, fields, &entry.pf))
		return;
	read_pf_names(r, &fields[ENTRY_PF], &entry);
	read_pf_fields(r, fields, &entry);
	entry.base.origin = entry.origin;
	if (fields[ENTRY_VF].value)
		read_vfs(r, fields[ENTRY_VF].value, &entry);
	for (size_t i = 0; i < defaults->count; i++) {
		const struct wish *w = &defaults->items[i];

		if (wants_find(&entry.base, w->setting.attr))
			continue;
		wants_add(r->arena, &entry.base, w->setting.attr, &w->setting.value, w->origin);
		entry.base.items[entry.base.count - 1].setting.automatic = w->setting.automatic;
	}
	d->entries = arena_push(r->arena, d->entries, &d->entry_count, sizeof(*d->entries));
	d->entries[d->entry_count - 1] = entry;
}

void host_read(struct schema_reader *r, const struct yaml_node *root, struct document *d)
{
	struct field fields[DOCUMENT_KEYS];
	const struct field *api = &fields[DOCUMENT_API], *pfs = &fields[DOCUMENT_PFS];
	struct wants defaults = {0};

	if (!schema_read(r, &document_schema, root, fields, NULL))
		return;
	if (api->value && strcmp(api->text, API_VERSION) != 0) {
		schema_wrong(r, api->value->origin, EXIT_USAGE, "apiVersion",
			"this version reads a SriovHost of " API_VERSION ", not of '%.60s'",
			api->text);
	}
	if (fields[DOCUMENT_DEFAULTS].value) {
		read_vf(r, fields[DOCUMENT_DEFAULTS].value, &defaults);
		check_shared(r, &defaults, "all VFs");
	}
	if (!yaml_get(root, "pfs")) {
		problem_warn(r->problems, root->origin, "it speaks of no PF");
		problem_hint(r->problems, "pfs: %s", document_keys[DOCUMENT_PFS].help);
	}
	for (size_t i = 0; pfs->value && i < pfs->value->count; i++)
		read_entry(r, d, pfs->value->items[i], &defaults);
}
