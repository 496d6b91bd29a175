/*
 * .link and .network files of systemd: systemd.link(5), systemd.network(5). A file hides others
 * of its name in directories that come later; drop-ins (NAME.link.d/X.conf) add to it.
 */
#include "policy/import_parts.h"

#include "util/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct unit {
	const char *name; /* "10-dmz.link" */
	bool is_link;
	bool whole; /* the file itself was there, not only drop-ins */
	struct ini_line *lines;
	size_t count;
	struct origin origin;
};

struct units {
	struct unit *items;
	size_t count;
};

static bool ends_with(const char *s, const char *end)
{
	size_t len = strlen(s), n = strlen(end);

	return len >= n && strcmp(s + len - n, end) == 0;
}

/* "10-dmz.link" of .../10-dmz.link.d/x.conf, NULL of what is no drop-in */
static const char *dropin_of(struct arena *arena, const char *path)
{
	const char *base = import_basename(path), *dir;
	char *parent;

	if (!ends_with(path, ".conf") || base == path)
		return NULL;
	parent = arena_strndup(arena, path, (size_t)(base - path - 1));
	dir = import_basename(parent);
	if (!ends_with(dir, ".link.d") && !ends_with(dir, ".network.d"))
		return NULL;
	return arena_strndup(arena, dir, strlen(dir) - 2);
}

/* What has neither name, as standard input, is told by what only .link files have. */
static bool is_link_file(const struct unit *u)
{
	if (ends_with(u->name, ".link") || ends_with(u->name, ".network"))
		return ends_with(u->name, ".link");
	for (size_t i = 0; i < u->count; i++)
		if (u->lines[i].key &&
			(strcmp(u->lines[i].key, "OriginalName") == 0 ||
				strcmp(u->lines[i].key, "SR-IOVVirtualFunctions") == 0))
			return true;
	return false;
}

static struct unit *unit_of(struct import *im, struct units *units, const char *name)
{
	for (size_t i = 0; i < units->count; i++)
		if (strcmp(units->items[i].name, name) == 0)
			return &units->items[i];
	units->items =
		arena_push(im->draft.arena, units->items, &units->count, sizeof(*units->items));
	units->items[units->count - 1] = (struct unit){.name = name};
	return &units->items[units->count - 1];
}

/* Sections of drop-ins are other ones than those of their file, though [SR-IOV] apart that makes
 * no difference. */
static void append(struct import *im, struct unit *u, const struct ini *ini, bool first)
{
	unsigned base = u->count ? u->lines[u->count - 1].section_number : 0;
	struct ini_line *lines =
		arena_alloc(im->draft.arena, (u->count + ini->count) * sizeof(*lines));
	size_t at = first ? 0 : u->count;

	if (u->count)
		memcpy(lines + (first ? ini->count : 0), u->lines, u->count * sizeof(*lines));
	for (size_t i = 0; i < ini->count; i++) {
		lines[at + i] = ini->lines[i];
		lines[at + i].section_number += base;
	}
	u->lines = lines;
	u->count += ini->count;
}

static void read_unit(struct import *im, struct units *units, const struct source *source)
{
	const char *dropin = dropin_of(im->draft.arena, source->name);
	struct unit *u = unit_of(im, units, dropin ? dropin : import_basename(source->name));
	struct ini ini;

	if (u->whole && !dropin) {
		problem_warn(im->problems, (struct origin){source, 1, 1},
			"hidden by a file of the same name");
		return;
	}
	ini = ini_read(im, source, INI_SYSTEMD);
	append(im, u, &ini, !dropin);
	u->whole |= !dropin;
	if (!dropin || !u->origin.source)
		u->origin = (struct origin){source, 1, 1};
}

/* networkd comes after udev, so .network files have the last word; else the first one has. */
static int compare_units(const void *left, const void *right)
{
	const struct unit *a = left, *b = right;

	return a->is_link != b->is_link ? (a->is_link ? 1 : -1) : strcmp(a->name, b->name);
}

/* The last value of a key, "" taking back what was said before; NULL when nothing is. */
static const struct ini_line *find(const struct unit *u, const char *section, const char *key)
{
	const struct ini_line *found = NULL;

	for (size_t i = 0; i < u->count; i++)
		if (u->lines[i].key && strcmp(u->lines[i].section, section) == 0 &&
			strcmp(u->lines[i].key, key) == 0)
			found = u->lines[i].value[0] ? &u->lines[i] : NULL;
	return found;
}

/* 9000, 9K: bytes to the base of 1024 */
static const char *bytes_of(struct import *im, const char *text)
{
	static const char units[] = "KMG";
	size_t len = strlen(text);
	const char *unit = len ? strchr(units, text[len - 1]) : NULL;
	uint64_t n;

	if (!unit || !*unit || len > 8 ||
		!str_uint(arena_strndup(im->draft.arena, text, len - 1), 10, UINT16_MAX, &n))
		return text;
	return arena_printf(im->draft.arena, "%llu",
		(unsigned long long)n << (10 * (unsigned)(unit - units + 1)));
}

/* How a policy names what one word of [Match] matches; NULL with a warning when it cannot. */
static const char *pf_name(struct import *im, const struct ini_line *line, const char *word)
{
	char bdf[BDF_SIZE];
	const char *mac;

	if (import_is_pattern(word)) {
		problem_warn(im->problems, line->origin,
			"a policy names each PF, so %s=%s is left out", line->key, word);
		return NULL;
	}
	if (strcmp(line->key, "Path") == 0) {
		if (import_path(word, bdf))
			return arena_strdup(im->draft.arena, bdf);
		problem_warn(im->problems, line->origin,
			"Path=%s is left out: only pci-ADDRESS is understood", word);
		return NULL;
	}
	if (!ends_with(line->key, "MACAddress"))
		return word;
	mac = import_mac(im, word);
	if (!mac)
		problem_warn(im->problems, line->origin, "%s=%s is left out: no Ethernet address",
			line->key, word);
	return mac;
}

/* The key of [Match] that says best which PF it is: what does not change with names first. */
static const struct ini_line *best_match(const struct unit *u)
{
	static const char *const keys[] = {
		"Path", "PermanentMACAddress", "MACAddress", "Name", "OriginalName"};
	const struct ini_line *line = NULL;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && !line; i++)
		line = find(u, "Match", keys[i]);
	return line;
}

static void warn_other_matches(struct import *im, const struct unit *u)
{
	static const char *const known[] = {
		"Path", "PermanentMACAddress", "MACAddress", "Name", "OriginalName"};

	for (size_t i = 0; i < u->count; i++) {
		const struct ini_line *line = &u->lines[i];
		bool is_known = !line->key || strcmp(line->section, "Match") != 0;

		for (size_t k = 0; k < sizeof(known) / sizeof(known[0]) && !is_known; k++)
			is_known = strcmp(known[k], line->key) == 0;
		if (!is_known)
			problem_warn(im->problems, line->origin,
				"%s= of [Match] is not looked at: the PF is to have all of it "
				"whatever "
				"it says",
				line->key);
	}
}

/* The name that a .link file gives to what it finds under another. */
static const char *renamed(struct import *im, const struct unit *u, const struct ini_line *match)
{
	const struct ini_line *policy = find(u, "Link", "NamePolicy"),
			      *name = find(u, "Link", "Name");

	if (!u->is_link || strcmp(match->key, "OriginalName") != 0)
		return NULL;
	if (policy)
		problem_warn(im->problems, match->origin,
			"OriginalName= is the name before NamePolicy= gives another: look whether "
			"this is what the PF is called");
	return policy || !name ? NULL : name->value;
}

/* The PFs that the file is for. The list has an end of NULL. */
static const char **pf_names(struct import *im, const struct unit *u)
{
	const struct ini_line *match = best_match(u);
	const char **names = NULL, *name;
	size_t count = 0;
	char *words, *word, *save;

	if (!match) {
		problem_warn(im->problems, u->origin,
			"without Name= or another of [Match] it is for any interface: left out");
	} else if ((name = renamed(im, u, match))) {
		names = arena_push(im->draft.arena, names, &count, sizeof(*names));
		names[0] = name;
	} else {
		words = arena_strdup(im->draft.arena, match->value);
		for (word = strtok_r(words, " \t", &save); word;
			word = strtok_r(NULL, " \t", &save)) {
			name = pf_name(im, match, word);
			if (!name)
				continue;
			names = arena_push(im->draft.arena, names, &count, sizeof(*names));
			names[count - 1] = name;
		}
	}
	names = arena_push(im->draft.arena, names, &count, sizeof(*names));
	names[count - 1] = NULL;
	return names;
}

/* Their words for our values. NULL with a warning when it is none of theirs. */
static const char *translated(struct import *im, const struct ini_line *line, enum vf_attr attr)
{
	const char *text = line->value, *word;
	char *mac;

	if (attr == VF_STATE && strcasecmp(text, "auto") == 0)
		return "auto";
	if (attr == VF_SPOOFCHK || attr == VF_QUERY_RSS || attr == VF_TRUST || attr == VF_STATE) {
		word = import_switch(text);
		if (!word)
			problem_warn(im->problems, line->origin,
				"%s=%.60s is left out: not a "
				"boolean",
				line->key, text);
		else if (attr == VF_STATE)
			word = strcmp(word, "on") == 0 ? "enable" : "disable";
		return word;
	}
	if (attr == VF_PROTO)
		return strcasecmp(text, "802.1q") == 0    ? "802.1q"
		       : strcasecmp(text, "802.1ad") == 0 ? "802.1ad"
							  : text;
	if (attr == VF_MAC) {
		mac = arena_strdup(im->draft.arena, text);
		word = import_mac(im, mac);
		return word ? word + strlen("mac:") : text;
	}
	return text;
}

static const struct {
	const char *key;
	enum vf_attr attr;
} vf_keys[] = {
	{"MACAddress", VF_MAC},
	{"VLANId", VF_VLAN},
	{"QualityOfService", VF_QOS},
	{"VLANProtocol", VF_PROTO},
	{"MACSpoofCheck", VF_SPOOFCHK},
	{"Trust", VF_TRUST},
	{"LinkState", VF_STATE},
	{"QueryReceiveSideScaling", VF_QUERY_RSS},
};

/* The last value of a key in one section */
static const struct ini_line *find_in(const struct unit *u, unsigned number, const char *key)
{
	const struct ini_line *found = NULL;

	for (size_t i = 0; i < u->count; i++)
		if (u->lines[i].key && u->lines[i].section_number == number &&
			strcmp(u->lines[i].key, key) == 0)
			found = u->lines[i].value[0] ? &u->lines[i] : NULL;
	return found;
}

static void warn_unknown(struct import *im, const struct unit *u, unsigned number)
{
	for (size_t i = 0; i < u->count; i++) {
		const struct ini_line *line = &u->lines[i];
		bool known = !line->key || line->section_number != number ||
			     strcmp(line->key, "VirtualFunction") == 0;

		for (size_t k = 0; k < sizeof(vf_keys) / sizeof(vf_keys[0]) && !known; k++)
			known = strcmp(vf_keys[k].key, line->key) == 0;
		if (!known)
			problem_warn(im->problems, line->origin, "%s= of [SR-IOV] is not known",
				line->key);
	}
}

/* Of two sections of one file for the same VF the later one counts: sr_iov_drop_invalid_sections()
 * of systemd's netif-sriov.c. */
static bool said_again(const struct unit *u, unsigned number, uint32_t index)
{
	uint64_t other;

	for (size_t i = 0; i < u->count; i++)
		if (u->lines[i].key && u->lines[i].section_number > number &&
			strcmp(u->lines[i].section, "SR-IOV") == 0 &&
			strcmp(u->lines[i].key, "VirtualFunction") == 0 &&
			str_uint(u->lines[i].value, 10, UINT32_MAX, &other) && other == index)
			return true;
	return false;
}

/* One [SR-IOV] section; the number after its VF, 0 when it is of none. */
static uint32_t import_section(struct import *im, const struct unit *u,
	const struct ini_line *section, const char *const *pfs)
{
	const struct ini_line *which = find_in(u, section->section_number, "VirtualFunction");
	bool has_vlan = find_in(u, section->section_number, "VLANId") != NULL;
	uint32_t index;

	warn_unknown(im, u, section->section_number);
	if (!which) {
		problem_warn(im->problems, section->origin,
			"[SR-IOV] without VirtualFunction= is "
			"left out");
		return 0;
	}
	if (!import_index(im, which->value, &index, which->origin))
		return 0;
	if (said_again(u, section->section_number, index)) {
		problem_warn(im->problems, section->origin,
			"VF %u has another [SR-IOV] section below, which counts", index);
		return 0;
	}
	for (size_t k = 0; k < sizeof(vf_keys) / sizeof(vf_keys[0]); k++) {
		const struct ini_line *line = find_in(u, section->section_number, vf_keys[k].key);
		enum vf_attr attr = vf_keys[k].attr;
		const char *text = line ? translated(im, line, attr) : NULL;

		if (!text)
			continue;
		/* systemd sends none of it without a VLAN: netif-sriov.c, sr_iov_has_config */
		if ((attr == VF_QOS || attr == VF_PROTO) && !has_vlan) {
			problem_warn(im->problems, line->origin,
				"%s= is nothing without VLANId=", line->key);
			continue;
		}
		for (size_t i = 0; pfs[i]; i++)
			import_vf_set(im, draft_pf(&im->draft, pfs[i], line->origin), index, attr,
				text, line->origin);
	}
	for (size_t i = 0; pfs[i]; i++)
		draft_vf(&im->draft, draft_pf(&im->draft, pfs[i], section->origin), index);
	return index + 1;
}

static bool is_about_vfs(const struct unit *u)
{
	for (size_t i = 0; i < u->count; i++)
		if (strcmp(u->lines[i].section, "SR-IOV") == 0)
			return true;
	return find(u, "Link", "SR-IOVVirtualFunctions") != NULL;
}

/* A .link file makes as many VFs as it says, or has sections for. */
static void import_unit(struct import *im, const struct unit *u)
{
	const struct ini_line *count = find(u, "Link", "SR-IOVVirtualFunctions");
	const char *const *pfs = pf_names(im, u), *wanted;
	struct origin origin = count ? count->origin : u->origin;
	uint32_t most = 0;
	char number[16];

	warn_other_matches(im, u);
	for (size_t i = 0; pfs[i]; i++)
		draft_pf(&im->draft, pfs[i], u->origin);
	for (size_t i = 0; i < u->count; i++) {
		uint32_t n;

		if (u->lines[i].key || strcmp(u->lines[i].section, "SR-IOV") != 0)
			continue;
		n = import_section(im, u, &u->lines[i], pfs);
		if (n > most)
			most = n;
	}
	snprintf(number, sizeof(number), "%u", most);
	wanted = count ? count->value : most ? number : NULL;
	if (!u->is_link && count)
		problem_warn(im->problems, origin, "SR-IOVVirtualFunctions= is for .link files");
	if (!u->is_link || !wanted)
		return;
	for (size_t i = 0; pfs[i]; i++)
		import_pf_count(im, draft_pf(&im->draft, pfs[i], origin), wanted, origin);
}

/* Whatever file it stands in: of a PF that another speaks of, or of a VF by udev's name of it. */
static void import_mtu(struct import *im, const struct unit *u)
{
	const struct ini_line *mtu = find(u, "Link", "MTUBytes"), *match = best_match(u);
	struct problems quiet = {.arena = im->draft.arena}, *loud = im->problems;
	const char **names, *text;
	struct draft_pf *pf;
	uint32_t index;

	if (!mtu || !match)
		return;
	text = bytes_of(im, mtu->value);
	im->problems = &quiet; /* of most interfaces nothing is wanted */
	names = pf_names(im, u);
	im->problems = loud;
	for (size_t i = 0; names[i]; i++) {
		pf = draft_find_pf(&im->draft, names[i]);
		if (pf)
			import_pf_set(im, pf, PF_MTU, text, mtu->origin);
		else if ((pf = import_pf_of_vf(im, names[i], &index)))
			import_vf_set(im, pf, index, VF_MTU, text, mtu->origin);
	}
}

void import_networkd(struct import *im)
{
	struct units units = {0};

	for (size_t i = 0; i < im->count; i++)
		read_unit(im, &units, &im->sources[i]);
	for (size_t i = 0; i < units.count; i++)
		units.items[i].is_link = is_link_file(&units.items[i]);
	if (units.count)
		qsort(units.items, units.count, sizeof(*units.items), compare_units);
	for (size_t i = 0; i < units.count; i++)
		if (is_about_vfs(&units.items[i]))
			import_unit(im, &units.items[i]);
	for (size_t i = 0; i < units.count; i++)
		import_mtu(im, &units.items[i]);
}
