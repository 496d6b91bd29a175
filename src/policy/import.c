#include "policy/import.h"

#include "policy/import_parts.h"
#include "policy/render.h"
#include "util/cleanup.h"
#include "util/str.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define PF_NAME_MAX 127 /* ALTIFNAMSIZ of linux/if.h, without the terminator */
#define VFS_MAX 65535   /* NumVFs of the SR-IOV capability has 16 bits */

static const char *const netplan_paths[] = {
	"/run/netplan/*.yaml", "/etc/netplan/*.yaml", "/lib/netplan/*.yaml", NULL};
static const char *const networkd_paths[] = {"/etc/systemd/network/*.link",
	"/etc/systemd/network/*.network", "/etc/systemd/network/*.link.d/*.conf",
	"/etc/systemd/network/*.network.d/*.conf", "/run/systemd/network/*.link",
	"/run/systemd/network/*.network", "/run/systemd/network/*.link.d/*.conf",
	"/run/systemd/network/*.network.d/*.conf", NULL};
static const char *const networkmanager_paths[] = {"/etc/NetworkManager/system-connections/*",
	"/run/NetworkManager/system-connections/*", NULL};
static const char *const no_paths[] = {NULL};

static const struct format {
	struct import_format format;
	void (*read)(struct import *im);
	bool later_wins;
} formats[] = {
	{{"ip", "shell scripts with ip link set and echo into sysfs", no_paths}, import_ip, true},
	{{"netplan", "YAML files of netplan", netplan_paths}, import_netplan, false},
	{{"networkd", ".link and .network files of systemd", networkd_paths}, import_networkd,
		false},
	{{"networkmanager", "connection profiles of NetworkManager", networkmanager_paths},
		import_networkmanager, false},
};

size_t import_format_count(void)
{
	return ARRAY_SIZE(formats);
}

const struct import_format *import_format(size_t index)
{
	return &formats[index].format;
}

const struct import_format *import_format_find(const char *name, struct error *err)
{
	struct nearest near = {.word = name};
	char list[128];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (strcmp(formats[i].format.name, name) == 0)
			return &formats[i].format;
		nearest_try(&near, formats[i].format.name);
		n += (size_t)snprintf(
			list + n, sizeof(list) - n, "%s%s", n ? ", " : "", formats[i].format.name);
	}
	error_set(err, EXIT_USAGE, "no format '%.60s'", name);
	if (nearest_found(&near))
		error_hint(err, "did you mean '%s'?", nearest_found(&near));
	else
		error_hint(err, "there are %s", list);
	return NULL;
}

static void warn_left_out(struct import *im, struct origin origin, const char *object,
	const char *what, const char *why)
{
	struct problem *p = problem_warn(im->problems, origin, "%s: left out", why);

	p->object = arena_strdup(im->draft.arena, object);
	p->attr = what;
}

/* Put a text where there may be another. `object` and `what` name it in a warning. */
static void take(struct import *im, struct draft_text *slot, const char *text, struct origin origin,
	const char *object, const char *what)
{
	if (!slot->text || im->later_wins) {
		slot->text = arena_strdup(im->draft.arena, text);
		slot->origin = origin;
		return;
	}
	if (strcmp(slot->text, text) != 0)
		warn_left_out(im, origin, object, what,
			arena_printf(im->draft.arena, "%s, but %s in %s:%u", text, slot->text,
				slot->origin.source->name, slot->origin.line));
}

/* The value as a policy writes it; false with a warning when it is none. */
static bool parsed(struct import *im, const struct attr *a, const char *text, struct origin origin,
	const char *object, char out[VALUE_TEXT_MAX])
{
	struct setting setting = {0};
	struct error err = {0};

	if (a->off) { /* it takes any word but its opposite */
		snprintf(out, VALUE_TEXT_MAX, "%s", text);
		return true;
	}
	if (attr_parse(a, text, &setting, &err) < 0) {
		warn_left_out(im, origin, object, attr_keyword(a), err.message);
		return false;
	}
	if (setting.automatic)
		snprintf(out, VALUE_TEXT_MAX, "auto");
	else
		value_format(&setting.value, out, VALUE_TEXT_MAX);
	return true;
}

void import_pf_set(struct import *im, struct draft_pf *pf, enum pf_attr attr, const char *text,
	struct origin origin)
{
	const struct attr *a = &pf_type.attrs[attr];
	char value[VALUE_TEXT_MAX];

	if (parsed(im, a, text, origin, pf->pf, value))
		take(im, &pf->set[attr], value, origin, pf->pf, attr_keyword(a));
}

void import_vf_set(struct import *im, struct draft_pf *pf, uint32_t index, enum vf_attr attr,
	const char *text, struct origin origin)
{
	const struct attr *a = &vf_type.attrs[attr];
	struct draft_vf *vf = draft_vf(&im->draft, pf, index);
	char value[VALUE_TEXT_MAX], object[128];

	snprintf(object, sizeof(object), "%s/%u", pf->pf, index);
	if (parsed(im, a, text, origin, object, value))
		take(im, &vf->set[attr], value, origin, object, attr_keyword(a));
}

void import_pf_count(struct import *im, struct draft_pf *pf, const char *text, struct origin origin)
{
	struct draft_text slot = {0};
	char old[16];
	uint64_t n;

	if (!str_uint(text, 10, VFS_MAX, &n)) {
		warn_left_out(im, origin, pf->pf, "vfs",
			arena_printf(im->draft.arena, "wants a number from 0 to %u, not '%.60s'",
				VFS_MAX, text));
		return;
	}
	snprintf(old, sizeof(old), "%u", pf->num_vfs);
	if (pf->has_count)
		slot = (struct draft_text){old, pf->count_origin};
	take(im, &slot, text, origin, pf->pf, "vfs");
	if (slot.text == old)
		return;
	pf->has_count = true;
	pf->num_vfs = (uint32_t)n;
	pf->count_origin = origin;
}

void import_eswitch(struct import *im, struct draft_pf *pf, const char *mode, struct origin origin)
{
	if (strcmp(mode, "legacy") != 0 && strcmp(mode, "switchdev") != 0) {
		warn_left_out(im, origin, pf->pf, "eswitch",
			arena_printf(
				im->draft.arena, "wants legacy or switchdev, not '%.60s'", mode));
		return;
	}
	take(im, &pf->eswitch, mode, origin, pf->pf, "eswitch");
}

bool import_index(struct import *im, const char *text, uint32_t *index, struct origin origin)
{
	uint64_t n;

	if (!str_uint(text, 10, VFS_MAX - 1, &n)) {
		problem_warn(im->problems, origin, "no number of a VF: '%.60s'", text);
		return false;
	}
	*index = (uint32_t)n;
	return true;
}

struct draft_pf *import_pf_of_vf(const struct import *im, const char *ifname, uint32_t *index)
{
	for (size_t i = 0; i < im->draft.count; i++) {
		struct draft_pf *pf = im->draft.pfs[i];
		size_t len = pf->ifname ? strlen(pf->ifname) : 0;
		uint64_t n;

		if (len && strncmp(ifname, pf->ifname, len) == 0 && ifname[len] == 'v' &&
			str_uint(ifname + len + 1, 10, VFS_MAX - 1, &n)) {
			*index = (uint32_t)n;
			return pf;
		}
	}
	return NULL;
}

const char *import_switch(const char *text)
{
	static const char *const on[] = {"1", "yes", "y", "true", "t", "on"};
	static const char *const off[] = {"0", "no", "n", "false", "f", "off"};

	for (size_t i = 0; i < ARRAY_SIZE(on); i++) {
		if (strcasecmp(on[i], text) == 0)
			return "on";
		if (strcasecmp(off[i], text) == 0)
			return "off";
	}
	return NULL;
}

bool import_path(const char *text, char out[BDF_SIZE])
{
	struct bdf bdf;

	if (!str_starts(text, "pci-") || !bdf_parse(text + 4, &bdf))
		return false;
	bdf_format(bdf, out);
	return true;
}

/* Twelve hexadecimal digits, whatever is between them. */
const char *import_mac(struct import *im, const char *text)
{
	char digits[13], out[32];
	size_t n = 0;

	for (const char *p = text; *p; p++) {
		if (strchr(":-.", *p))
			continue;
		if (!isxdigit((unsigned char)*p) || n == 12)
			return NULL;
		digits[n++] = (char)tolower((unsigned char)*p);
	}
	if (n != 12)
		return NULL;
	snprintf(out, sizeof(out), "mac:%.2s:%.2s:%.2s:%.2s:%.2s:%.2s", digits, digits + 2,
		digits + 4, digits + 6, digits + 8, digits + 10);
	return arena_strdup(im->draft.arena, out);
}

bool import_is_pattern(const char *text)
{
	return text[0] == '!' || strpbrk(text, "*?[") != NULL;
}

const char *import_basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* VFs that there are not to be cannot have anything. */
static void cut(struct import *im, struct draft_pf *pf)
{
	if (!pf->has_count)
		return;
	while (pf->count && pf->vfs[pf->count - 1]->index >= pf->num_vfs) {
		struct draft_vf *vf = pf->vfs[--pf->count];
		struct origin origin = {0};

		for (size_t i = 0; i < VF_ATTR_COUNT && !origin.source; i++)
			origin = vf->set[i].origin;
		if (origin.source)
			problem_warn(im->problems, origin,
				"%s is to have %u VFs: what VF %u is to have is "
				"left out",
				pf->pf, pf->num_vfs, vf->index);
	}
}

/* An interface, by a name of it or an alternative one, or one of the ways to say it without. */
static bool is_name(const char *text)
{
	bool bad = !text[0] || strlen(text) > PF_NAME_MAX || !draft_can_say(text);

	for (const char *p = text; *p; p++)
		bad |= *p == '/' || isspace((unsigned char)*p) || iscntrl((unsigned char)*p);
	return !bad;
}

static bool is_about_vfs(const struct draft_pf *pf)
{
	return pf->has_count || pf->count || pf->eswitch.text || pf->set[PF_AUTOPROBE].text;
}

/* Interfaces that only have an MTU are no PFs, for all that is known. */
static void tidy(struct import *im)
{
	size_t n = 0;

	for (size_t i = 0; i < im->draft.count; i++) {
		struct draft_pf *pf = im->draft.pfs[i];

		if (!is_about_vfs(pf))
			continue;
		if (!is_name(pf->pf)) {
			problem_warn(im->problems, pf->origin,
				"'%.60s' is no name of a PF: left out", pf->pf);
			continue;
		}
		cut(im, pf);
		if (pf->eswitch.text && strcmp(pf->eswitch.text, "switchdev") == 0)
			problem_warn(im->problems, pf->eswitch.origin,
				"switchdev is not supported by this version: a policy with it is "
				"refused");
		im->draft.pfs[n++] = pf;
	}
	im->draft.count = n;
}

int policy_import(const char *format, const struct source *sources, size_t count, FILE *out,
	struct problems *problems, struct error *err)
{
	struct import im = {
		.draft.arena = problems->arena,
		.problems = problems,
		.sources = sources,
		.count = count,
	};
	const struct format *f = formats;

	if (!import_format_find(format, err))
		return -1;
	while (strcmp(f->format.name, format) != 0)
		f++;
	im.later_wins = f->later_wins;
	f->read(&im);
	tidy(&im);
	if (im.draft.count)
		return render(&im.draft, out, err);
	error_set(err, EXIT_NOT_FOUND, "nothing about SR-IOV was found in %zu file%s", count,
		count == 1 ? "" : "s");
	return error_hint(err, "without --from, what the host has now is captured");
}
