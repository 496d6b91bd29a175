/*
 * Shell scripts that set VFs up with ip(8) and sysfs. The commands in them are understood, what
 * the shell makes of them (variables, loops, conditions) is not: shell.h takes them apart.
 */
#include "policy/import_parts.h"

#include "policy/shell.h"
#include "util/str.h"

#include <ctype.h>
#include <string.h>

struct script {
	struct import *im;
	const char *piped; /* what the command before in the pipe prints; NULL: not known */
	bool piped_expands;
};

static bool is_word(const struct shell_word *w, const char *text)
{
	return strcmp(w->text, text) == 0;
}

/* As ip(8) takes its words: any beginning will do. */
static bool is_short_for(const char *text, const char *word)
{
	return text[0] && str_starts(word, text);
}

static void warn_variable(struct script *s, const struct shell_word *w)
{
	problem_warn(s->im->problems, w->origin, "variables are not understood: '%.60s'", w->text);
}

/* False with a warning when some word depends on variables. */
static bool is_constant(struct script *s, const struct shell_command *c)
{
	for (size_t i = 0; i < c->count; i++) {
		if (c->words[i].expands) {
			warn_variable(s, &c->words[i]);
			return false;
		}
	}
	return true;
}

static void warn_condition(struct script *s, const struct shell_command *c)
{
	if (c->depth)
		problem_warn(s->im->problems, c->words[0].origin,
			"within a condition, loop or function: taken as if it always ran, once");
}

static const struct {
	const char *word;
	enum vf_attr attr;
} vf_words[] = {
	{"mac", VF_MAC},
	{"vlan", VF_VLAN},
	{"qos", VF_QOS},
	{"proto", VF_PROTO},
	{"rate", VF_MAX_TX_RATE},
	{"max_tx_rate", VF_MAX_TX_RATE},
	{"min_tx_rate", VF_MIN_TX_RATE},
	{"spoofchk", VF_SPOOFCHK},
	{"trust", VF_TRUST},
	{"state", VF_STATE},
	{"query_rss", VF_QUERY_RSS},
	{"node_guid", VF_NODE_GUID},
	{"port_guid", VF_PORT_GUID},
};

static char *lowered(struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text);

	for (char *p = copy; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return copy;
}

static void set_vf(struct script *s, struct draft_pf *pf, uint32_t index, enum vf_attr attr,
	const struct shell_word *value)
{
	const char *text = value->text;
	struct lladdr mac;

	/* taken away again */
	if (attr == VF_MAC && lladdr_parse(text, &mac) && lladdr_is_zero(&mac)) {
		draft_vf(&s->im->draft, pf, index)->set[VF_MAC].text = NULL;
		return;
	}
	if (attr == VF_PROTO)
		text = lowered(s->im->draft.arena, text);
	import_vf_set(s->im, pf, index, attr, text, value->origin);
}

/* What follows `vf`: its number, then pairs until a word that is none of them. Returns the
 * place after it. */
static size_t import_vf(
	struct script *s, const struct shell_command *c, size_t at, struct draft_pf *pf)
{
	uint32_t index;
	bool known = true;

	if (at == c->count || !import_index(s->im, c->words[at].text, &index, c->words[at].origin))
		return c->count;
	draft_vf(&s->im->draft, pf, index);
	for (at++; known && at < c->count;) {
		known = false;
		for (size_t i = 0; i < sizeof(vf_words) / sizeof(vf_words[0]) && !known; i++) {
			if (!is_word(&c->words[at], vf_words[i].word))
				continue;
			known = true;
			if (at + 1 == c->count)
				problem_warn(s->im->problems, c->words[at].origin,
					"%s wants a value", vf_words[i].word);
			else
				set_vf(s, pf, index, vf_words[i].attr, &c->words[at + 1]);
			at += 2;
		}
	}
	return at < c->count ? at : c->count;
}

/* Of those that have to do with neither PFs nor VFs: whether a value follows. */
static bool takes_value(const char *word)
{
	static const char *const words[] = {"address", "addr", "broadcast", "brd", "txqueuelen",
		"txqlen", "qlen", "name", "alias", "netns", "master", "vrf", "group", "multicast",
		"allmulticast", "promisc", "arp", "dynamic", "trailers", "mode", "operstate",
		"link-netnsid", "addrgenmode", "protodown", "type", "index"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

/* `dev NAME`, or else the first word that is nothing else. */
static const struct shell_word *find_device(const struct shell_command *c, size_t at)
{
	for (size_t i = at; i + 1 < c->count; i++)
		if (is_word(&c->words[i], "dev"))
			return &c->words[i + 1];
	for (; at < c->count && !is_word(&c->words[at], "vf"); at++) {
		const struct shell_word *w = &c->words[at];

		if (is_word(w, "mtu") || takes_value(w->text))
			at++;
		else if (!is_word(w, "up") && !is_word(w, "down"))
			return w;
	}
	return NULL;
}

/* What follows `ip link set` */
static void import_link_set(struct script *s, const struct shell_command *c, size_t at)
{
	const struct shell_word *device = find_device(c, at);
	struct draft_pf *pf;

	if (!device || !is_constant(s, c))
		return;
	warn_condition(s, c);
	pf = draft_pf(&s->im->draft, device->text, device->origin);
	while (at < c->count) {
		const struct shell_word *w = &c->words[at++];

		if (w == device)
			continue;
		if (is_word(w, "vf")) {
			at = import_vf(s, c, at, pf);
		} else if (is_word(w, "up") || is_word(w, "down")) {
			import_pf_set(s->im, pf, PF_UP, is_word(w, "up") ? "on" : "off", w->origin);
		} else if (is_word(w, "mtu") && at < c->count) {
			import_pf_set(s->im, pf, PF_MTU, c->words[at].text, c->words[at].origin);
			at++;
		} else if (takes_value(w->text)) {
			at++;
		}
	}
}

/* Options of ip that take a value of their own. */
static bool option_has_value(const char *option)
{
	static const char *const options[] = {
		"n", "netns", "b", "batch", "f", "family", "l", "loops", "rc", "rcvbuf"};

	option += strspn(option, "-");
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (strcmp(options[i], option) == 0)
			return true;
	return false;
}

/* The place after `link set`, 0 when it is another command. */
static size_t link_set_at(const struct shell_command *c, size_t at)
{
	if (at + 1 >= c->count || !is_short_for(c->words[at].text, "link"))
		return 0;
	return is_short_for(c->words[at + 1].text, "set") ||
			       is_short_for(c->words[at + 1].text, "change")
		       ? at + 2
		       : 0;
}

static void import_ip_command(struct script *s, const struct shell_command *c)
{
	bool elsewhere = false;
	size_t at = 1;

	for (; at < c->count && c->words[at].text[0] == '-'; at++) {
		const char *option = c->words[at].text + strspn(c->words[at].text, "-");

		elsewhere |= strcmp(option, "n") == 0 || strcmp(option, "netns") == 0;
		if (option[0] == 'b' && is_short_for(option, "batch"))
			problem_warn(s->im->problems, c->words[at].origin,
				"ip -batch: read its file as well");
		at += option_has_value(option);
	}
	at = link_set_at(c, at);
	if (!at)
		return;
	if (elsewhere)
		problem_warn(s->im->problems, c->words[0].origin,
			"of another namespace: left out, a policy is for PFs of this one");
	else
		import_link_set(s, c, at);
}

/* The device that a file of sysfs belongs to, as a policy names it: /sys/class/net/NAME/device/X,
 * /sys/bus/pci/devices/BDF/X. NULL when it is another file. */
static const char *device_of(struct import *im, const char *path)
{
	const char *file = import_basename(path), *base;
	struct bdf bdf;
	char *dir;

	if (path[0] != '/' || file - path < 2)
		return NULL;
	dir = arena_strndup(im->draft.arena, path, (size_t)(file - path - 1));
	base = import_basename(dir);
	if (strcmp(base, "device") == 0 && base - dir > 1) {
		dir[base - dir - 1] = 0;
		return import_basename(dir);
	}
	return bdf_parse(base, &bdf) ? base : NULL;
}

static void import_sysfs(struct script *s, const struct shell_command *c,
	const struct shell_word *path, const char *value, bool expands)
{
	const char *file = import_basename(path->text), *device;
	bool count = strcmp(file, "sriov_numvfs") == 0;
	struct draft_pf *pf;

	if (strcmp(file, "driver_override") == 0) {
		problem_warn(s->im->problems, path->origin,
			"which VF of which PF this is, is not known: give it its driver in the "
			"policy");
		return;
	}
	if (!count && strcmp(file, "sriov_drivers_autoprobe") != 0)
		return;
	device = device_of(s->im, path->text);
	if (path->expands || expands || !value) {
		problem_warn(s->im->problems, path->origin,
			"variables are not understood: %.60s %s", value ? value : "something",
			path->text);
		return;
	}
	if (!device) {
		problem_warn(s->im->problems, path->origin,
			"no path that says which PF it is of: %.100s", path->text);
		return;
	}
	warn_condition(s, c);
	pf = draft_pf(&s->im->draft, device, path->origin);
	if (count)
		import_pf_count(s->im, pf, value, path->origin);
	else if (import_switch(value))
		import_pf_set(s->im, pf, PF_AUTOPROBE, import_switch(value), path->origin);
	else
		problem_warn(s->im->problems, path->origin, "no 0 or 1: '%.60s'", value);
}

/* What echo or printf print: its one argument. */
static void import_echo(struct script *s, const struct shell_command *c)
{
	const struct shell_word *last = c->count > 1 ? &c->words[c->count - 1] : NULL;
	size_t len = last ? strcspn(last->text, "\\\n") : 0; /* printf '4\n' */

	s->piped = last ? arena_strndup(s->im->draft.arena, last->text, len) : NULL;
	s->piped_expands = last && last->expands;
	if (c->output)
		import_sysfs(s, c, c->output, s->piped, s->piped_expands);
}

/* echo 4 | sudo tee FILE */
static void import_tee(struct script *s, const struct shell_command *c)
{
	for (size_t i = 1; i < c->count; i++)
		if (c->words[i].text[0] != '-')
			import_sysfs(
				s, c, &c->words[i], c->piped ? s->piped : NULL, s->piped_expands);
}

/* devlink dev eswitch set pci/0000:21:00.0 mode switchdev */
static void import_devlink(struct script *s, const struct shell_command *c)
{
	const char *device = NULL;
	size_t at = 4;

	if (c->count < 5 || !is_word(&c->words[1], "dev") || !is_word(&c->words[2], "eswitch") ||
		!is_word(&c->words[3], "set") || !is_constant(s, c))
		return;
	device = c->words[at].text;
	if (str_starts(device, "pci/"))
		device += strlen("pci/");
	for (at++; at + 1 < c->count; at += 2) {
		if (is_word(&c->words[at], "mode"))
			import_eswitch(s->im, draft_pf(&s->im->draft, device, c->words[at].origin),
				c->words[at + 1].text, c->words[at + 1].origin);
		else
			problem_warn(s->im->problems, c->words[at].origin, "%.60s is left out",
				c->words[at].text);
	}
}

static void warn_binding(struct script *s, const struct shell_command *c)
{
	problem_warn(s->im->problems, c->words[0].origin,
		"which VF of which PF this is, is not known: give it its driver in the policy");
}

static void import_shell_command(void *data, const struct shell_command *c)
{
	static const struct {
		const char *name;
		void (*import)(struct script *s, const struct shell_command *c);
	} programs[] = {
		{"ip", import_ip_command},
		{"echo", import_echo},
		{"printf", import_echo},
		{"tee", import_tee},
		{"devlink", import_devlink},
		{"driverctl", warn_binding},
		{"dpdk-devbind", warn_binding},
		{"dpdk-devbind.py", warn_binding},
	};
	struct script *s = data;
	size_t at = link_set_at(c, 0);

	if (at) { /* a line for ip -batch */
		import_link_set(s, c, at);
		return;
	}
	for (size_t i = 0; i < c->count; i++)
		if (str_starts(c->words[i].text, "max_vfs="))
			problem_warn(s->im->problems, c->words[i].origin,
				"%.60s is left out: a number of VFs as a parameter of a module",
				c->words[i].text);
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		if (strcmp(programs[i].name, import_basename(c->words[0].text)) == 0) {
			programs[i].import(s, c);
			return;
		}
	}
	s->piped = NULL;
	if (c->output)
		import_sysfs(s, c, c->output, NULL, false);
}

/* What was said of an interface of a VF, by the name that udev gives it. */
static void move_to_vfs(struct import *im)
{
	for (size_t i = 0; i < im->draft.count; i++) {
		const struct draft_pf *from = im->draft.pfs[i];
		const struct draft_text *mtu = &from->set[PF_MTU], *up = &from->set[PF_UP];
		struct draft_pf *pf;
		uint32_t index;

		if (from->has_count || from->count || !from->ifname)
			continue;
		pf = import_pf_of_vf(im, from->ifname, &index);
		if (!pf || (!pf->has_count && !pf->count))
			continue;
		if (mtu->text)
			import_vf_set(im, pf, index, VF_MTU, mtu->text, mtu->origin);
		if (up->text)
			import_vf_set(im, pf, index, VF_UP, up->text, up->origin);
	}
}

void import_ip(struct import *im)
{
	struct script s = {.im = im};

	for (size_t i = 0; i < im->count; i++)
		shell_read(
			&im->sources[i], im->draft.arena, im->problems, import_shell_command, &s);
	move_to_vfs(im);
}
