/*
 * Connection profiles of NetworkManager, as its keyfile plugin writes them: nm-settings-keyfile(5),
 * nm-settings-nmcli(5). The texts of vf.N are those of nm_utils_sriov_vf_from_str().
 */
#include "policy/import_parts.h"

#include "util/str.h"

#include <string.h>

/* The last value of a key; sections go by two names. NULL when it is not there or empty. */
static const struct ini_line *find(
	const struct ini *ini, const char *section, const char *alias, const char *key)
{
	const struct ini_line *found = NULL;

	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_line *line = &ini->lines[i];

		if (line->key && strcmp(line->key, key) == 0 &&
			(strcmp(line->section, section) == 0 || strcmp(line->section, alias) == 0))
			found = line->value[0] ? line : NULL;
	}
	return found;
}

/* One element of a list that ends in ';', NULL when there are several, or a pattern. */
static const char *only_one(struct import *im, const struct ini_line *line)
{
	size_t len = strcspn(line->value, ";");
	const char *one = arena_strndup(im->draft.arena, line->value, len);

	if ((line->value[len] && line->value[len + 1]) || import_is_pattern(one) ||
		strpbrk(one, "|&")) {
		problem_warn(im->problems, line->origin,
			"a policy names each PF, so %s=%.60s is left out", line->key, line->value);
		return NULL;
	}
	return one;
}

/* How a policy names the device that the profile is for: what does not change with names first. */
static const char *pf_name(struct import *im, const struct ini *ini)
{
	const struct ini_line *path = find(ini, "match", "match", "path");
	const struct ini_line *mac = find(ini, "ethernet", "802-3-ethernet", "mac-address");
	const struct ini_line *name = find(ini, "connection", "connection", "interface-name");
	const char *text;
	char bdf[BDF_SIZE];

	if (path && (text = only_one(im, path)) && import_path(text, bdf))
		return arena_strdup(im->draft.arena, bdf);
	if (mac && (text = import_mac(im, mac->value)))
		return text;
	if (name)
		return name->value;
	name = find(ini, "match", "match", "interface-name");
	return name ? only_one(im, name) : NULL;
}

/* ID[.QOS[.PROTO]], of which there may be several */
static void import_vlans(struct import *im, struct draft_pf *pf, uint32_t index, const char *text,
	struct origin origin)
{
	char *copy = arena_strdup(im->draft.arena, text), *rest, *id, *qos, *proto;

	rest = strchr(copy, ';');
	if (rest && rest[1]) {
		problem_warn(im->problems, origin,
			"a VF has one port VLAN: of vlans=%.60s the first is taken", text);
	}
	copy[strcspn(copy, ";")] = 0;
	id = strtok_r(copy, ".", &rest);
	qos = strtok_r(NULL, ".", &rest);
	proto = strtok_r(NULL, "", &rest);
	import_vf_set(im, pf, index, VF_VLAN, id ? id : "", origin);
	if (qos)
		import_vf_set(im, pf, index, VF_QOS, qos, origin);
	if (!proto)
		return;
	if (strcmp(proto, "ad") == 0)
		proto = arena_strdup(im->draft.arena, "802.1ad");
	else if (strcmp(proto, "q") == 0)
		proto = arena_strdup(im->draft.arena, "802.1q");
	import_vf_set(im, pf, index, VF_PROTO, proto, origin);
}

static void import_attribute(struct import *im, struct draft_pf *pf, uint32_t index,
	const char *key, const char *value, struct origin origin)
{
	static const struct {
		const char *key;
		enum vf_attr attr;
	} keys[] = {
		{"mac", VF_MAC},
		{"spoof-check", VF_SPOOFCHK},
		{"trust", VF_TRUST},
		{"min-tx-rate", VF_MIN_TX_RATE},
		{"max-tx-rate", VF_MAX_TX_RATE},
	};
	const char *word = import_switch(value);

	if (strcmp(key, "vlans") == 0) {
		import_vlans(im, pf, index, value, origin);
		return;
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i].key, key) != 0)
			continue;
		if (word && (keys[i].attr == VF_SPOOFCHK || keys[i].attr == VF_TRUST))
			value = word;
		import_vf_set(im, pf, index, keys[i].attr, value, origin);
		return;
	}
	problem_warn(im->problems, origin, "%.60s of a VF is not known", key);
}

/* vf.3=mac=00:11:22:33:44:55 trust=true */
static void import_vf(struct import *im, struct draft_pf *pf, const struct ini_line *line)
{
	char *text = arena_strdup(im->draft.arena, line->value), *save, *equals;
	uint32_t index;

	if (!import_index(im, line->key + strlen("vf."), &index, line->origin))
		return;
	draft_vf(&im->draft, pf, index);
	for (char *pair = strtok_r(text, " ", &save); pair; pair = strtok_r(NULL, " ", &save)) {
		equals = strchr(pair, '=');
		if (!equals) {
			problem_warn(im->problems, line->origin, "'%.60s' is no KEY=VALUE", pair);
			continue;
		}
		*equals = 0;
		import_attribute(im, pf, index, pair, equals + 1, line->origin);
	}
}

/* Enumerations are numbers, -1 being none of our business; people write words. */
static void import_mode(struct import *im, struct draft_pf *pf, const struct ini_line *line)
{
	const char *mode = line->value;

	if (strcmp(mode, "-1") == 0 || strcmp(mode, "preserve") == 0)
		return;
	mode = strcmp(mode, "0") == 0 ? "legacy" : strcmp(mode, "1") == 0 ? "switchdev" : mode;
	import_eswitch(im, pf, mode, line->origin);
}

static void import_autoprobe(struct import *im, struct draft_pf *pf, const struct ini_line *line)
{
	const char *word = import_switch(line->value);

	if (strcmp(line->value, "-1") == 0 || strcmp(line->value, "default") == 0)
		return;
	if (word)
		import_pf_set(im, pf, PF_AUTOPROBE, word, line->origin);
	else
		problem_warn(im->problems, line->origin,
			"autoprobe-drivers=%.60s is left out: not a boolean", line->value);
}

static void import_line(struct import *im, struct draft_pf *pf, const struct ini_line *line)
{
	static const char *const left[] = {"-1", "preserve", "unknown"};
	bool kept = false;

	if (str_starts(line->key, "vf.")) {
		import_vf(im, pf, line);
	} else if (strcmp(line->key, "total-vfs") == 0) {
		import_pf_count(im, pf, line->value, line->origin);
	} else if (strcmp(line->key, "autoprobe-drivers") == 0) {
		import_autoprobe(im, pf, line);
	} else if (strcmp(line->key, "eswitch-mode") == 0) {
		import_mode(im, pf, line);
	} else if (strcmp(line->key, "preserve-on-down") != 0) {
		for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
			kept |= str_starts(line->key, "eswitch-") &&
				strcmp(line->value, left[i]) == 0;
		if (!kept)
			problem_warn(im->problems, line->origin, "%s= of [sriov] is left out",
				line->key);
	}
}

static void import_profile(struct import *im, const struct source *source)
{
	struct ini ini = ini_read(im, source, INI_KEYFILE);
	const struct ini_line *mtu, *section = NULL;
	const char *name;
	struct draft_pf *pf;

	for (size_t i = 0; i < ini.count && !section; i++)
		if (strcmp(ini.lines[i].section, "sriov") == 0)
			section = &ini.lines[i];
	if (!section)
		return;
	name = pf_name(im, &ini);
	if (!name) {
		problem_warn(im->problems, section->origin,
			"[sriov] of a profile that names no device is left out");
		return;
	}
	pf = draft_pf(&im->draft, name, section->origin);
	/* without it there are to be none: nm-settings-nmcli(5) */
	if (!find(&ini, "sriov", "sriov", "total-vfs"))
		import_pf_count(im, pf, "0", section->origin);
	for (size_t i = 0; i < ini.count; i++)
		if (ini.lines[i].key && strcmp(ini.lines[i].section, "sriov") == 0)
			import_line(im, pf, &ini.lines[i]);
	mtu = find(&ini, "ethernet", "802-3-ethernet", "mtu");
	if (!mtu)
		mtu = find(&ini, "infiniband", "infiniband", "mtu");
	if (mtu && strcmp(mtu->value, "0") != 0) /* 0: as the device has it */
		import_pf_set(im, pf, PF_MTU, mtu->value, mtu->origin);
}

void import_networkmanager(struct import *im)
{
	for (size_t i = 0; i < im->count; i++)
		import_profile(im, &im->sources[i]);
}
