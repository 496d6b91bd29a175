/* VFs are to be handed to a network namespace. */
#include "plan/want.h"

#include "core/driver.h"
#include "core/ip.h"
#include "core/quirk.h"

#include <stdio.h>
#include <string.h>

/* One `netns attach` being checked. */
struct attach {
	struct change *change;
	const struct host *have;
	const struct vf **vfs;
	size_t count;
	const struct netns *target;
	const struct setting *settings;
	size_t setting_count;
	struct error *err;
	struct strings addresses, gateways;
	const char **names; /* of the interfaces, once they are there; NULL: it has none */
};

static const struct setting *setting_of(const struct attach *a, size_t attr)
{
	for (size_t i = 0; i < a->setting_count; i++)
		if (a->settings[i].attr == attr)
			return &a->settings[i];
	return NULL;
}

static bool is_interface_attr(size_t attr)
{
	return attr == VF_IFNAME || attr == VF_MTU || attr == VF_UP || attr == VF_ADDRESSES ||
	       attr == VF_GATEWAYS;
}

static bool is_attached(const struct attach *a, const struct vf *vf)
{
	return vf_whereabouts(a->have, vf) == WHERE_ATTACHED;
}

static const char *owner_of(const struct attach *a)
{
	const struct setting *s = setting_of(a, VF_LEASE);

	return s ? s->value.string : NULL;
}

/* where it is */

static int refuse(struct error *err, const struct vf *vf, const char *attr)
{
	return error_about(err, vf->name, attr);
}

static int check_attached(const struct attach *a, const struct vf *vf)
{
	const struct lease *l = vf->attached;
	const char *owner = owner_of(a);
	bool same = netns_same(l->id, l->netns, a->target->id, a->target->name);

	if (same && (l->owner ? owner && strcmp(owner, l->owner) == 0 : !owner))
		return 0;
	error_set(a->err, EXIT_REFUSED, "refused: it is attached to %s already, %s%s", l->netns,
		l->owner ? "for the owner " : "for no owner", l->owner ? l->owner : "");
	refuse(a->err, vf, NULL);
	return error_hint(a->err, "%s: sriovctl netns detach %s%s%s",
		!same      ? "first"
		: l->owner ? "if that is you, name it; else first"
			   : "leave out the owner; or first",
		vf->name, l->owner ? " owner " : "", l->owner ? l->owner : "");
}

static int check_place(const struct attach *a, const struct vf *vf)
{
	switch (vf_whereabouts(a->have, vf)) {
	case WHERE_ATTACHED:
		return check_attached(a, vf);
	case WHERE_MOVED:
		error_set(a->err, EXIT_REFUSED, "refused: someone moved it to %s, as %s", vf->netns,
			vf->ifname);
		refuse(a->err, vf, NULL);
		return error_hint(a->err,
			"to take it from there: sriovctl netns detach %s --force=in-use", vf->name);
	case WHERE_ELSEWHERE:
		error_set(a->err, EXIT_REFUSED,
			"refused: it was attached to %s, but someone moved it on to %s, as %s",
			vf->attached->netns, vf->netns, vf->ifname);
		refuse(a->err, vf, NULL);
		return error_hint(a->err,
			"to take it from there: sriovctl netns detach %s --force=in-use", vf->name);
	case WHERE_RETURNED:
	case WHERE_LOST:
		error_set(a->err, EXIT_REFUSED,
			"refused: it was attached to %s, and has not been taken back since",
			vf->attached->netns);
		refuse(a->err, vf, NULL);
		return error_hint(a->err, "first: sriovctl netns detach %s%s%s, or sriovctl repair",
			vf->name, vf->attached->owner ? " owner " : "",
			vf->attached->owner ? vf->attached->owner : "");
	case WHERE_HOME:
	case WHERE_GONE:
		break;
	}
	if (!vf->unseen)
		return 0;
	error_set(a->err, EXIT_REFUSED,
		"refused: its interface is in a network namespace that "
		"cannot be seen");
	return refuse(a->err, vf, NULL);
}

/* Has it what can be handed over: an interface, or a node of vfio? */
static int check_kind(const struct attach *a, const struct vf *vf)
{
	bool vfio = vf_has(vf, VF_DRIVER) && driver_is_vfio(vf->driver);

	if (change_resizes(a->change, host_pf_of(a->have, vf)) ||
		(vf->coming && !vf_has(vf, VF_IFINDEX))) {
		error_set(a->err, EXIT_UNSUPPORTED,
			"an earlier line makes it, or its interface, anew");
		refuse(a->err, vf, NULL);
		return error_hint(a->err, "attach it in a command of its own");
	}
	if (!vf_has(vf, VF_BDF)) {
		error_set(a->err, EXIT_UNSUPPORTED, "it is no PCI device, and has no interface");
		return refuse(a->err, vf, NULL);
	}
	if (!vf_has(vf, VF_IFNAME) && !vfio) {
		error_set(a->err, EXIT_REFUSED, "refused: it has no interface: %s%s",
			vf_has(vf, VF_DRIVER) ? "it is bound to " : "no driver has it",
			vf_has(vf, VF_DRIVER) ? vf->driver : "");
		refuse(a->err, vf, NULL);
		return error_hint(
			a->err, "give it one: sriovctl vf bind %s default (or vfio-pci)", vf->name);
	}
	for (size_t i = 0; i < a->setting_count && vfio; i++) {
		size_t attr = a->settings[i].attr;

		if (!is_interface_attr(attr))
			continue;
		error_set(a->err, EXIT_USAGE, "it has no interface: it is bound to %s", vf->driver);
		refuse(a->err, vf, attr_keyword(&vf_type.attrs[attr]));
		return error_hint(a->err, "leave it out: whoever opens %s has its own", vf->vfio);
	}
	return 0;
}

/* names */

/* Does an interface in the target have this name, apart from the VF's own? */
static bool is_taken(const struct attach *a, const struct vf *vf, const char *name)
{
	for (size_t i = 0; i < a->have->link_count; i++) {
		const struct link *l = &a->have->links[i];

		if (!l->netns ||
			!netns_same(l->netns_id, l->netns, a->target->id, a->target->name) ||
			(vf && vf_has(vf, VF_NETNS) && l->ifindex == vf->ifindex))
			continue;
		if (strcmp(l->name, name) == 0 || strings_has(&l->altnames, name))
			return true;
	}
	return false;
}

static bool is_given(const struct attach *a, const char *name)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->names[i] && strcmp(a->names[i], name) == 0)
			return true;
	return false;
}

/* net1, net2, ...: the next that is free. */
static const char *next_name(const struct attach *a, const char *base)
{
	for (unsigned n = 1;; n++) {
		const char *name = arena_printf(&a->change->arena, "%s%u", base, n);

		if (!is_given(a, name) && !is_taken(a, NULL, name))
			return name;
	}
}

static int check_name(const struct attach *a, const struct vf *vf, const char *name)
{
	if (strlen(name) > 15) {
		error_set(a->err, EXIT_USAGE, "%s is too long for the name of an interface", name);
		return refuse(a->err, vf, "name");
	}
	if (!is_taken(a, vf, name))
		return 0;
	error_set(a->err, EXIT_USAGE, "%s has an interface %s already", a->target->name, name);
	refuse(a->err, vf, "name");
	return error_hint(a->err, "choose another: name IF");
}

static int choose_names(struct attach *a)
{
	const struct setting *s = setting_of(a, VF_IFNAME);

	a->names = arena_alloc(&a->change->arena, (a->count + 1) * sizeof(*a->names));
	/* one that is there has a name, unless another one is wanted */
	for (size_t i = 0; i < a->count; i++) {
		const struct vf *vf = a->vfs[i];

		if (!vf_has(vf, VF_IFNAME))
			continue;
		if (a->count == 1 && s)
			a->names[i] = s->value.string;
		else if (a->count == 1 || is_attached(a, vf))
			a->names[i] = vf->ifname;
	}
	for (size_t i = 0; i < a->count; i++) {
		if (!vf_has(a->vfs[i], VF_IFNAME))
			continue;
		if (!a->names[i])
			a->names[i] = next_name(a, s ? s->value.string : "net");
		if (check_name(a, a->vfs[i], a->names[i]) < 0)
			return -1;
	}
	return 0;
}

/* addresses */

static int about(const struct attach *a, size_t attr)
{
	return error_about(a->err, a->vfs[0]->name, attr_keyword(&vf_type.attrs[attr]));
}

static void add_string(struct arena *arena, struct strings *list, const char *s)
{
	if (strings_has(list, s))
		return;
	list->items = arena_push(arena, list->items, &list->count, sizeof(*list->items));
	list->items[list->count - 1] = arena_strdup(arena, s);
}

/* Is it on a network that the VF has, or is to have, an address in? */
static bool is_reachable(const struct attach *a, const struct ip *gateway)
{
	const struct strings *lists[] = {&a->addresses, &a->vfs[0]->addresses};
	struct ip ip;

	if (ip_is_link_local(gateway))
		return true;
	for (size_t l = 0; l < (is_attached(a, a->vfs[0]) ? 2 : 1); l++)
		for (size_t i = 0; i < lists[l]->count; i++)
			if (ip_parse(lists[l]->items[i], &ip) && ip_covers(&ip, gateway))
				return true;
	return false;
}

static int check_gateways(const struct attach *a)
{
	const struct setting *up = setting_of(a, VF_UP);
	struct ip first, ip;

	for (size_t i = 0; i < a->gateways.count; i++) {
		ip_parse(a->gateways.items[i], &ip);
		ip_parse(a->gateways.items[0], &first);
		if (i && (i > 1 || ip.family == first.family)) {
			error_set(a->err, EXIT_USAGE,
				"one gateway for IPv4 and one for IPv6, no more");
			return about(a, VF_GATEWAYS);
		}
		if (!is_reachable(a, &ip)) {
			error_set(a->err, EXIT_USAGE,
				"%s is in no network that it has an address in",
				a->gateways.items[i]);
			return about(a, VF_GATEWAYS);
		}
	}
	if (!a->gateways.count || !up || up->value.on)
		return 0;
	error_set(a->err, EXIT_USAGE, "an interface that is down has no routes");
	return about(a, VF_GATEWAYS);
}

static int check_addresses(struct attach *a)
{
	char text[IP_TEXT_MAX];
	struct ip ip;

	for (size_t i = 0; i < a->setting_count; i++) {
		const struct setting *s = &a->settings[i];

		if (s->attr != VF_ADDRESSES && s->attr != VF_GATEWAYS)
			continue;
		if (a->count > 1) {
			error_set(a->err, EXIT_USAGE, "one %s cannot be given to %zu VFs",
				attr_keyword(&vf_type.attrs[s->attr]), a->count);
			return about(a, s->attr);
		}
		ip_parse(s->value.string, &ip); /* as the kernel writes it, to be compared */
		ip_format(&ip, s->attr == VF_ADDRESSES, text, sizeof(text));
		add_string(&a->change->arena,
			s->attr == VF_ADDRESSES ? &a->addresses : &a->gateways, text);
	}
	return check_gateways(a);
}

/* what is wanted */

/* All that it has at home, into plan->before. */
static void keep_home(struct plan *plan, const struct vf *vf)
{
	static const enum vf_attr own[] = {
		VF_DRIVER, VF_IFNAME, VF_MTU, VF_UP, VF_ALTNAMES, VF_IF_MAC, VF_NETNS, VF_LEASE};
	struct vf *home;

	for (unsigned i = 0; i < VF_ATTR_COUNT; i++)
		if (vf_type.attrs[i].flags & ATTR_KEEP)
			plan_keep_vf(plan, vf, i);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (own[i] == VF_DRIVER || vf_has(vf, VF_IFNAME) || own[i] == VF_LEASE)
			plan_keep_vf(plan, vf, own[i]);
	if (vf->addresses.count)
		plan_keep_vf(plan, vf, VF_ADDRESSES);
	home = &state_vf(&plan->arena, &plan->before, vf->index)->vf;
	/* one set through the PF reaches it at the next occasion, and moving is one */
	if (vf_has(home, VF_IF_MAC) && vf_has(home, VF_MAC) && !lladdr_is_zero(&home->mac) &&
		quirk_of(plan->pf->driver)->mac_needs_rebind && !home->trust)
		home->if_mac = home->mac;
}

/* What goes to disk, and comes back when the VF does: what was before the change, with what
 * earlier commands of the same change make of it. */
static struct vf home_of(const struct attach *a, struct plan *plan, const struct vf *vf)
{
	struct plan now = {.pf = plan->pf};
	struct vf home;

	if (!a->change->gathers)
		return state_vf(&plan->arena, &plan->before, vf->index)->vf;
	keep_home(&now, vf); /* its strings are the host's that is being planned */
	home = state_vf(&now.arena, &now.before, vf->index)->vf;
	plan_free(&now);
	return home;
}

static void want_lease(const struct attach *a, struct plan *plan, const struct vf *vf, size_t at)
{
	struct vf_state *goal = state_vf(&plan->arena, &plan->goal, vf->index);
	struct lease *l = arena_alloc(&plan->arena, sizeof(*l));
	const char *owner = owner_of(a);

	*l = (struct lease){.pf = plan->pf->handle,
		.vf = arena_strdup(&plan->arena, vf->name),
		.netns = arena_strdup(&plan->arena, a->target->name),
		.id = a->target->id,
		.owner = owner ? arena_strdup(&plan->arena, owner) : NULL,
		.ifname = a->names[at] ? arena_strdup(&plan->arena, a->names[at]) : NULL,
		.home = home_of(a, plan, vf)};
	if (vf->attached) { /* what it had at home is known already, since then */
		l->home = vf->attached->home;
		l->since = vf->attached->since;
	}
	l->home.index = vf->index;
	l->home.bdf = vf->bdf;
	l->home.known |= VF_BIT(VF_INDEX) | VF_BIT(VF_BDF);
	goal->vf.attached = l;
	goal->vf.lease = l->owner ? l->owner : l->netns;
	goal->vf.known |= VF_BIT(VF_LEASE);
}

/* Those that others have there, or get by this command, stay away. */
static void want_altnames(const struct attach *a, struct plan *plan, const struct vf *vf)
{
	struct strings *list = arena_alloc(&plan->arena, sizeof(*list));

	for (size_t i = 0; i < vf->altnames.count; i++)
		if (!is_taken(a, vf, vf->altnames.items[i]) && !is_given(a, vf->altnames.items[i]))
			add_string(&plan->arena, list, vf->altnames.items[i]);
	if (list->count != vf->altnames.count)
		plan_want_vf(plan, vf, VF_ALTNAMES,
			(struct value){.known = true, .type = VALUE_STRINGS, .strings = list});
}

/* What there is and what is asked for, each once; of gateways one for each family. */
static void want_list(const struct attach *a, struct plan *plan, const struct vf *vf,
	enum vf_attr attr, const struct strings *asked)
{
	struct value is = attr_get(&vf_type, attr, vf);
	struct strings *list = arena_alloc(&plan->arena, sizeof(*list));

	/* a new MAC address takes the interface down, and with that some of them away */
	if (!asked->count && !(is_attached(a, vf) && setting_of(a, VF_MAC) && is.known))
		return;
	for (size_t i = 0; is_attached(a, vf) && is.known && i < is.strings->count; i++) {
		bool replaced = false;

		for (size_t j = 0; j < asked->count && attr == VF_GATEWAYS; j++)
			replaced |=
				!strchr(asked->items[j], ':') == !strchr(is.strings->items[i], ':');
		if (!replaced)
			add_string(&plan->arena, list, is.strings->items[i]);
	}
	for (size_t i = 0; i < asked->count; i++)
		add_string(&plan->arena, list, asked->items[i]);
	if (is_attached(a, vf)) /* at home they are not the namespace's */
		plan_keep_vf(plan, vf, attr);
	attr_set(&vf_type, attr, &state_vf(&plan->arena, &plan->goal, vf->index)->vf,
		&(struct value){.known = true, .type = VALUE_STRINGS, .strings = list});
}

static void want_interface(
	const struct attach *a, struct plan *plan, const struct vf *vf, size_t at)
{
	struct vf_state *goal = state_vf(&plan->arena, &plan->goal, vf->index);
	const struct setting *mtu = setting_of(a, VF_MTU), *up = setting_of(a, VF_UP);

	goal->vf.netns = arena_strdup(&plan->arena, a->target->name);
	goal->vf.netns_id = a->target->id;
	goal->vf.known |= VF_BIT(VF_NETNS);
	plan_want_vf(plan, vf, VF_IFNAME, value_string(arena_strdup(&plan->arena, a->names[at])));
	want_altnames(a, plan, vf);
	if (setting_of(a, VF_MAC))
		plan_want_vf(plan, vf, VF_IF_MAC, attr_get(&vf_type, VF_MAC, &goal->vf));
	if (mtu)
		plan_want_vf(plan, vf, VF_MTU, mtu->value);
	want_list(a, plan, vf, VF_ADDRESSES, &a->addresses);
	want_list(a, plan, vf, VF_GATEWAYS, &a->gateways);
	/* what goes with it has to come back if it must be up again */
	if (is_attached(a, vf) && up && !up->value.on) {
		plan_keep_vf(plan, vf, VF_ADDRESSES);
		plan_keep_vf(plan, vf, VF_GATEWAYS);
	}
	if (up || a->addresses.count || a->gateways.count)
		plan_want_vf(plan, vf, VF_UP, up ? up->value : value_bool(true));
	else if (!is_attached(a, vf)) /* moving takes it down, whatever was wanted of it here */
		goal->vf.known &= ~VF_BIT(VF_UP);
}

static int check_all(struct attach *a)
{
	const struct setting *mtu = setting_of(a, VF_MTU);

	if (a->target->ours) {
		error_set(a->err, EXIT_USAGE, "that is the network namespace they are in already");
		return error_about(a->err, a->target->name, NULL);
	}
	for (size_t i = 0; i < a->count; i++) {
		const struct vf *vf = a->vfs[i];

		if (check_place(a, vf) < 0 || check_kind(a, vf) < 0)
			return -1;
		if (mtu && want_mtu_fits(
				   vf->name, mtu->value.uint, vf->min_mtu, vf->max_mtu, a->err) < 0)
			return -1;
	}
	return choose_names(a) < 0 || check_addresses(a) < 0 ? -1 : 0;
}

/* The settings that the PF makes, and nothing else. */
static size_t settings_of_pf(const struct attach *a, struct setting *list)
{
	size_t n = 0;

	for (size_t i = 0; i < a->setting_count; i++)
		if (vf_type.attrs[a->settings[i].attr].flags & ATTR_KEEP ||
			a->settings[i].attr == VF_MSIX)
			list[n++] = a->settings[i];
	return n;
}

int want_attach(struct change *change, const struct host *have, const struct vf **vfs, size_t count,
	const struct netns *target, const struct setting *settings, size_t setting_count,
	unsigned force, struct error *err)
{
	struct attach a = {.change = change,
		.have = have,
		.vfs = vfs,
		.count = count,
		.target = target,
		.settings = settings,
		.setting_count = setting_count,
		.err = err};
	struct setting *list = arena_alloc(&change->arena, (setting_count + 1) * sizeof(*list));
	size_t n = settings_of_pf(&a, list);

	if (check_all(&a) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (!is_attached(&a, vfs[i]))
			keep_home(change_plan(change, host_pf_of(have, vfs[i])), vfs[i]);
	if (want_settings_of_pf(change, have, vfs, count, list, n, force, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct plan *plan = change_plan(change, host_pf_of(have, vfs[i]));

		want_lease(&a, plan, vfs[i], i);
		if (a.names[i])
			want_interface(&a, plan, vfs[i], i);
		state_vf(&plan->arena, &plan->goal, vfs[i]->index)->node = !a.names[i];
	}
	return change_toward(change, have, err);
}
