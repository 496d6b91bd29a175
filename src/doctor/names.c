/* Names and addresses that udev gives to interfaces of PFs and VFs: do they go together? */
#include "doctor/config.h"
#include "doctor/parts.h"

#include "core/intent.h"
#include "core/overview.h"
#include "util/str.h"

#include <stdlib.h>
#include <string.h>

/* What files say of each interface. */
struct picture {
	struct devices devices;
	const struct link_file **links; /* of each, or NULL */
	struct naming *namings;
};

/* The wish of the policy that the VF have a name, or NULL. */
static const struct wish *policy_name(const struct examination *x, const struct device *d)
{
	const struct vf_intent *vf = d->vf ? intent_of_vf(x, d->pf, d->vf) : NULL;

	for (size_t i = 0; vf && i < vf->count; i++)
		if (vf->wishes[i].setting.attr == VF_IFNAME)
			return &vf->wishes[i];
	return NULL;
}

/* It gives its name after udev, and so has the last word. */
static void name_by_policy(struct examination *x, const struct device *d, struct naming *n)
{
	const struct wish *w = policy_name(x, d);
	const struct source *source = w ? w->origin.source : NULL;
	struct naming udev = *n;

	if (!w)
		return;
	*n = (struct naming){.name = w->setting.value.string,
		.path = source ? arena_printf(&x->arena, "%s:%u:%u", source->name, w->origin.line,
					 w->origin.column)
			       : "the policy"};
	n->text = arena_printf(&x->arena, "name: %s", n->name);
	if (!udev.name || strcmp(udev.name, n->name) == 0)
		return;
	n->lost_name = udev.name;
	n->lost_path = udev.path;
	n->lost_text = udev.text;
}

static const struct picture *take_picture(struct examination *x)
{
	struct picture *picture = arena_alloc(&x->arena, sizeof(*picture));
	struct link_files files;
	struct rules rules;
	size_t count;

	link_files(x, &files);
	rules_list(x, &rules);
	devices_list(x, &picture->devices);
	count = picture->devices.count;
	picture->links = arena_alloc(&x->arena, (count + 1) * sizeof(*picture->links));
	picture->namings = arena_alloc(&x->arena, (count + 1) * sizeof(*picture->namings));
	for (size_t i = 0; i < count; i++) {
		const struct device *d = &picture->devices.items[i];

		picture->links[i] = link_file_of(&files, d);
		naming_of(&rules, picture->links[i], d, &picture->namings[i], &x->arena);
		name_by_policy(x, d, &picture->namings[i]);
	}
	return picture;
}

/* NULL: the files were not looked at, which has been said. */
static const struct picture *picture_of(struct examination *x)
{
	if (!config_known(x, "udev/rules.d") || !config_known(x, "systemd/network")) {
		unknown(x, "udev's rules and .link files were not recorded");
		return NULL;
	}
	if (!x->picture)
		x->picture = take_picture(x);
	return x->picture;
}

/* A name, and who gets it. */
struct claim {
	const char *name;
	size_t device;
};

static int compare_claims(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->device > y->device) - (x->device < y->device);
}

/* Has it been told with an earlier PF? */
static bool is_first_told(const struct examination *x, const struct pf *pf)
{
	for (size_t i = 0; i < x->pf_count; i++) {
		if (x->pfs[i] == x->pf)
			return true;
		if (x->pfs[i] == pf)
			return false;
	}
	return true;
}

/* "eth0/0-3, eth1" */
static const char *devices_text(
	struct examination *x, const struct picture *p, const struct claim *claims, size_t count)
{
	const char *text = "";

	for (size_t i = 0, n; i < count; i += n) {
		const struct device *d = &p->devices.items[claims[i].device];
		const struct vf **vfs = arena_alloc(&x->arena, count * sizeof(*vfs));
		const char *name = d->called;

		for (n = 0; i + n < count; n++) {
			const struct device *other = &p->devices.items[claims[i + n].device];

			if (!other->vf || other->pf != d->pf)
				break;
			vfs[n] = other->vf;
		}
		if (n)
			name = overview_name(&x->arena, d->pf->name, vfs, n, 0);
		n += !n;
		text = arena_printf(&x->arena, "%s%s%s", text, i ? ", " : "", name);
	}
	return text;
}

static void tell_claim(
	struct examination *x, const struct picture *p, const struct claim *claims, size_t count)
{
	const char *last = NULL;
	bool here = false;

	for (size_t i = 0; i < count; i++) {
		const struct pf *pf = p->devices.items[claims[i].device].pf;

		here |= pf == x->pf;
		if (!is_first_told(x, pf))
			return;
	}
	if (!here)
		return;
	found(x, SEVERITY_WARNING, "the same name, %s, is given to %s", claims[0].name,
		devices_text(x, p, claims, count));
	for (size_t i = 0; i < count; i++) {
		const struct naming *n = &p->namings[claims[i].device];

		if (!last || strcmp(last, n->path) != 0)
			evidence(x, n->path, "%s", n->text);
		last = n->path;
	}
	remedy(x, "let it match one of them alone, by its PCI address (KERNELS==\"...\" of a rule, "
		  "Path=pci-... of a .link file)");
}

static void name_given_twice(struct examination *x, const struct pf *pf)
{
	const struct picture *p = picture_of(x);
	struct claim *claims = NULL;
	size_t count = 0;

	(void)pf; /* it is x->pf */
	if (!p)
		return;
	for (size_t i = 0; i < p->devices.count; i++) {
		if (!p->namings[i].name)
			continue;
		claims = arena_push(&x->arena, claims, &count, sizeof(*claims));
		claims[count - 1] = (struct claim){p->namings[i].name, i};
	}
	if (count)
		qsort(claims, count, sizeof(*claims), compare_claims);
	for (size_t i = 0, n; i < count; i += n) {
		for (n = 1; i + n < count && strcmp(claims[i].name, claims[i + n].name) == 0;)
			n++;
		if (n > 1)
			tell_claim(x, p, claims + i, n);
	}
}

const struct check check_name_given_twice = {
	.id = "name-given-twice",
	.severity = SEVERITY_WARNING,
	.looks_at = "udev rules, .link files or a policy that give interfaces the same name",
	.meaning =
		"the first that comes has it; for the others udev fails, and leaves them under the "
		"kernel's name",
	.see = "systemd.link(5), udev(7)",
	.pf = name_given_twice,
};

static void name_disputed(struct examination *x, const struct pf *pf)
{
	const struct picture *p = picture_of(x);

	if (!p)
		return;
	for (size_t i = 0; i < p->devices.count; i++) {
		const struct naming *n = &p->namings[i];

		if (p->devices.items[i].pf != pf || !n->name || !n->lost_name)
			continue;
		x->vf = p->devices.items[i].vf;
		found(x, SEVERITY_WARNING, "named %s by one file and %s by another", n->lost_name,
			n->name);
		evidence(x, n->lost_path, "%s", n->lost_text);
		evidence(x, n->path, "%s", n->text);
		remedy(x, "keep one of the two");
	}
	x->vf = NULL;
}

const struct check check_name_disputed = {
	.id = "name-disputed",
	.severity = SEVERITY_WARNING,
	.looks_at = "an interface to which udev rules, .link files and policy give different names",
	.meaning =
		"a rule wins over a .link file, the last rule over others, the policy over all of "
		"them; who relies on the other name finds nothing",
	.see = "systemd.link(5), udev(7)",
	.pf = name_disputed,
};

/* How many interfaces the file is for. */
static size_t count_of(const struct picture *p, const struct link_file *file)
{
	size_t count = 0;

	for (size_t i = 0; i < p->devices.count; i++)
		count += p->links[i] == file;
	return count;
}

/* A VF whose interface is to have another address than the PF has given it. With a random one the
 * driver's own random one is left alone: get_mac() of systemd's src/udev/net/link-config.c. */
static void look_at_address(struct examination *x, const struct picture *p, size_t i)
{
	const struct device *d = &p->devices.items[i];
	const struct link_file *file = p->links[i];
	const char *type = facts_text(
		x->facts, "/sys/bus/pci/devices/%s/net/%s/addr_assign_type", d->bdf, d->ifname);
	bool given = vf_has(d->vf, VF_MAC) && !lladdr_is_zero(&d->vf->mac);
	bool is_random = file->mac_policy && strcmp(file->mac_policy, "random") == 0;
	struct lladdr mac;

	if (is_random && given && type && (strcmp(type, "0") == 0 || strcmp(type, "3") == 0)) {
		found(x, SEVERITY_WARNING, "a random address instead of that from its PF");
		evidence(x, file->path, "MACAddressPolicy=random");
		remedy(x, "put MACAddressPolicy=none into %s", file->path);
	} else if (file->mac && lladdr_parse(file->mac, &mac) &&
		   (given ? !lladdr_equal(&mac, &d->vf->mac) : count_of(p, file) > 1)) {
		found(x, SEVERITY_WARNING, "a fixed address instead of that from its PF");
		evidence(x, file->path, "MACAddress=%s", file->mac);
		remedy(x,
			"take MACAddress= out of %s, and set it on the PF: sriovctl vf "
			"set " DOCTOR_OBJECT " mac ADDRESS",
			file->path);
	}
}

static void address_by_link(struct examination *x, const struct pf *pf)
{
	const struct picture *p = picture_of(x);

	if (!p)
		return;
	for (size_t i = 0; i < p->devices.count; i++) {
		x->vf = p->devices.items[i].vf;
		if (p->devices.items[i].pf == pf && x->vf && p->links[i])
			look_at_address(x, p, i);
	}
	x->vf = NULL;
}

const struct check check_address_by_link = {
	.id = "address-by-link",
	.severity = SEVERITY_WARNING,
	.looks_at = "a .link file that gives VFs other addresses than their PF did",
	.meaning =
		"each time the interface comes udev tries to change its address; unless the VF is "
		"trusted that fails, or its frames are dropped by spoofchk",
	.see = "systemd.link(5), MACAddressPolicy=",
	.pf = address_by_link,
};

/* "rename12": udev of old had this name while it waited for another; "dev12", 12 being the number
 * of the interface: __dev_change_net_namespace() for one whose name is taken in ours. */
static bool is_makeshift(const char *name, int ifindex)
{
	uint64_t number;

	if (str_starts(name, "rename"))
		return str_uint(name + strlen("rename"), 10, INT32_MAX, &number);
	return str_starts(name, "dev") && str_uint(name + strlen("dev"), 10, INT32_MAX, &number) &&
	       number == (uint64_t)ifindex;
}

/* False: what udev says of it was not recorded. */
static bool look_at_name(struct examination *x, const char *name, int ifindex)
{
	const char *path = arena_printf(&x->arena, "/run/udev/data/n%d", ifindex);
	const char *data = facts_text(x->facts, "%s", path), *renaming = NULL;

	if (is_makeshift(name, ifindex)) {
		found(x, SEVERITY_PROBLEM, "a makeshift name");
		evidence(x, "name of the interface", "%s", name);
		means(x, "the name that it was to have was taken when it came, or came back from a "
			 "network namespace; who looks for it by that name finds another, or none");
	} else if (data && (renaming = config_value(&x->arena, data, "E:ID_RENAMING")) &&
		   strcmp(renaming, "1") == 0) {
		found(x, SEVERITY_PROBLEM, "udev could not rename it");
		evidence(x, path, "E:ID_RENAMING=1");
		evidence(x, "name of the interface", "%s", name);
	} else {
		return facts_find(x->facts, "%s", path);
	}
	if (x->vf)
		remedy(x,
			"see who has the name it should have, then: sriovctl vf set " DOCTOR_OBJECT
			" name NAME");
	else
		remedy(x,
			"see who has the name it should have, then: ip link set dev " DOCTOR_OBJECT
			" name NAME");
	return true;
}

static void rename_failed(struct examination *x, const struct pf *pf)
{
	bool known = true;

	if (pf_has(pf, PF_IFINDEX) && pf_has(pf, PF_IFNAME))
		known = look_at_name(x, pf->ifname, pf->ifindex);
	for (size_t i = 0; i < pf->vf_count; i++) {
		x->vf = &x->host->vfs[pf->first_vf + i];
		if (vf_has(x->vf, VF_IFINDEX) && vf_has(x->vf, VF_IFNAME) && !x->vf->netns)
			known &= look_at_name(x, x->vf->ifname, x->vf->ifindex);
	}
	x->vf = NULL;
	if (!known)
		unknown(x, "what udev says of the interfaces was not recorded");
}

const struct check check_rename_failed = {
	.id = "rename-failed",
	.severity = SEVERITY_PROBLEM,
	.looks_at = "an interface under a makeshift name, or that udev could not rename",
	.meaning = "the name that udev was to give it is taken; udev has not finished with it, and "
		   "who "
		   "waits for that (systemd, networkd) goes on waiting",
	.see = "systemd.link(5), udev(7)",
	.pf = rename_failed,
};
