/* KEY VALUE of VFs and PFs: what can be, what cannot, and what else it takes. */
#include "plan/set_parts.h"

#include "core/driver.h"
#include "core/link.h"
#include "core/mac.h"
#include "core/quirk.h"
#include "util/cleanup.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct setting *set_setting_of(const struct wanted *w, size_t attr)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->settings[i].attr == attr)
			return &w->settings[i];
	return NULL;
}

/* What the VF has in the end of a number: what is set, else what it has, else 0. */
static uint64_t final_number(const struct wanted *w, const struct vf *vf, enum vf_attr attr)
{
	const struct setting *s = set_setting_of(w, attr);
	struct value v = s ? s->value : attr_get(&vf_type, attr, vf);

	return v.known ? v.uint : 0;
}

static int about(const struct wanted *w, const struct vf *vf, enum vf_attr attr)
{
	return error_about(w->err, vf->name, attr_keyword(&vf_type.attrs[attr]));
}

static int refuse_unsupported(const struct wanted *w, const struct vf *vf, const struct pf *pf,
	enum vf_attr attr, const char *what)
{
	error_set(w->err, EXIT_UNSUPPORTED, "%s cannot %s", pf->driver ? pf->driver : "this PF",
		what);
	about(w, vf, attr);
	return error_hint(w->err,
		"this is so for every %s device, whatever its firmware; leave "
		"it out",
		pf->driver ? pf->driver : "such");
}

/* What the kind of link rules out, whatever the driver. */
static int refuse_link(
	const struct wanted *w, const struct vf *vf, bool infiniband, enum vf_attr attr)
{
	if (infiniband)
		error_set(w->err, EXIT_UNSUPPORTED, "VFs of an InfiniBand PF have no such setting");
	else
		error_set(w->err, EXIT_UNSUPPORTED, "only VFs of InfiniBand PFs have it");
	about(w, vf, attr);
	return infiniband ? error_hint(w->err, "they have state, node_guid and port_guid") : -1;
}

static int check_supported(const struct wanted *w, const struct vf *vf, const struct pf *pf)
{
	const struct quirk *quirk = quirk_of(pf->driver);
	uint64_t unsupported = quirk_unsupported(pf);
	char text[96];

	for (size_t i = 0; i < w->count; i++) {
		const struct setting *s = &w->settings[i];

		if (!(unsupported >> s->attr & 1))
			continue;
		if (!(quirk->unsupported >> s->attr & 1))
			return refuse_link(w, vf, pf->mac.len == 20, s->attr);
		snprintf(text, sizeof(text), "set %s of a VF",
			attr_keyword(&vf_type.attrs[s->attr]));
		return refuse_unsupported(w, vf, pf, s->attr, text);
	}
	if (quirk->only_8021q && set_setting_of(w, VF_PROTO) &&
		final_number(w, vf, VF_PROTO) == VF_PROTO_8021AD)
		return refuse_unsupported(w, vf, pf, VF_PROTO, "put a VF into an 802.1ad VLAN");
	if (quirk->no_min_rate && set_setting_of(w, VF_MIN_TX_RATE) &&
		final_number(w, vf, VF_MIN_TX_RATE))
		return refuse_unsupported(w, vf, pf, VF_MIN_TX_RATE, "guarantee a VF a rate");
	return 0;
}

static int check_vlan(const struct wanted *w, const struct vf *vf)
{
	static const enum vf_attr parts[] = {VF_QOS, VF_PROTO};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		const struct setting *s = set_setting_of(w, parts[i]);

		if (!s || !s->value.uint || final_number(w, vf, VF_VLAN))
			continue;
		error_set(w->err, EXIT_USAGE,
			"it means nothing without a VLAN, and this VF has "
			"none");
		about(w, vf, parts[i]);
		return error_hint(w->err, "add: vlan N");
	}
	return 0;
}

static int rate_error(const struct wanted *w, const struct vf *vf, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static int rate_error(const struct wanted *w, const struct vf *vf, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	error_set(w->err, EXIT_USAGE, "%s", text);
	return about(w, vf, set_setting_of(w, VF_MAX_TX_RATE) ? VF_MAX_TX_RATE : VF_MIN_TX_RATE);
}

/* A driver that looks at the link refuses every rate while there is none. */
static int check_link(const struct wanted *w, const struct vf *vf, const struct pf *pf)
{
	const struct setting *max = set_setting_of(w, VF_MAX_TX_RATE);
	struct value now = attr_get(&vf_type, VF_MAX_TX_RATE, vf);

	if (!quirk_of(pf->driver)->rate_needs_link || !pf_has(pf, PF_LINK) || pf->link == LINK_UP ||
		!max || value_equal(&max->value, &now) ||
		(!max->value.uint && !quirk_of(pf->driver)->no_rate_needs_link))
		return 0;
	error_set(w->err, EXIT_REFUSED, "refused: %s sets rates only while %s has a link",
		pf->driver, pf->name);
	about(w, vf, VF_MAX_TX_RATE);
	return error_hint(w->err,
		pf->link == LINK_DOWN ? "bring it up first: sriovctl pf set %s up"
				      : "%s is up, but has no carrier: look at its cable",
		pf->name);
}

static int check_rates(const struct wanted *w, const struct vf *vf, const struct pf *pf)
{
	const struct quirk *quirk = quirk_of(pf->driver);
	uint64_t max = final_number(w, vf, VF_MAX_TX_RATE);
	uint64_t min = final_number(w, vf, VF_MIN_TX_RATE);

	if (!set_setting_of(w, VF_MAX_TX_RATE) && !set_setting_of(w, VF_MIN_TX_RATE))
		return 0;
	if (max && min > max)
		return rate_error(w, vf,
			"its min_tx_rate (%llu) would be above its max_tx_rate (%llu)",
			(unsigned long long)min, (unsigned long long)max);
	if (pf_has(pf, PF_SPEED) && (max > pf->speed || min > pf->speed))
		return rate_error(w, vf, "%llu Mbit/s is more than the link of %s has: %u",
			(unsigned long long)(max > min ? max : min), pf->name, pf->speed);
	if (max && set_setting_of(w, VF_MAX_TX_RATE) && max < quirk->rate_least)
		return rate_error(w, vf, "%s limits to %u Mbit/s at the least", pf->driver,
			quirk->rate_least);
	if (quirk->rate_step && max % quirk->rate_step)
		plan_warn(change_plan(w->change, pf),
			"%s limits in steps of %u Mbit/s: in effect this is %llu", pf->driver,
			quirk->rate_step, (unsigned long long)(max - max % quirk->rate_step));
	return check_link(w, vf, pf);
}

/* its own interface */

int want_mtu_fits(const char *object, uint64_t mtu, uint32_t min, uint32_t max, struct error *err)
{
	if (!max || (mtu >= min && mtu <= max))
		return 0;
	error_set(err, EXIT_USAGE, "its interface can have an MTU from %u to %u, not %llu", min,
		max, (unsigned long long)mtu);
	return error_about(err, object, "mtu");
}

/* The VF of another PF that has the name now, and gives it up by an earlier command of the
 * same change: PFs are changed, and put right, each by itself. NULL: there is none. */
static const struct vf *name_giver(const struct wanted *w, const struct vf *vf, const char *name)
{
	const struct host *really = w->change->gathers ? w->change->really : NULL;
	const struct link *l = really ? host_link(really, name) : NULL;

	for (size_t i = 0; l && i < really->vf_count; i++) {
		const struct vf *other = &really->vfs[i];

		if (vf_has(other, VF_IFINDEX) && !vf_has(other, VF_NETNS) &&
			other->ifindex == l->ifindex && strcmp(other->pf, vf->pf) != 0)
			return other;
	}
	return NULL;
}

/* Is it the interface of another VF of the PF, here or still to come again, which is to have
 * another name as well? */
static bool is_given_up(const struct wanted *w, const struct vf *vf, const char *name)
{
	for (size_t i = 0; i < w->wish_count; i++) {
		const struct vf *other = w->wishes[i].vf;

		if (!vf_has(other, VF_IFNAME) || vf_has(other, VF_NETNS) ||
			strcmp(other->ifname, name) != 0 || strcmp(other->pf, vf->pf) != 0)
			continue;
		for (size_t s = 0; s < w->wishes[i].count; s++)
			if (w->wishes[i].settings[s].attr == VF_IFNAME)
				return strcmp(w->wishes[i].settings[s].value.string, name) != 0;
	}
	return false;
}

static int check_name(const struct wanted *w, const struct vf *vf, const char *name)
{
	const struct vf *giver = name_giver(w, vf, name);
	const struct link *l = host_link(w->have, name);

	if (giver && !l) {
		error_set(w->err, EXIT_USAGE,
			"%s, of another PF, gives up the name %s, and one change cannot do both",
			giver->name, name);
		return about(w, vf, VF_IFNAME);
	}
	if (!w->alone && w->vf_count > 1) {
		error_set(w->err, EXIT_USAGE, "one name cannot be given to %zu VFs", w->vf_count);
		return about(w, vf, VF_IFNAME);
	}
	if (!l || strcmp(name, vf_has(vf, VF_IFNAME) ? vf->ifname : "") == 0 ||
		(strcmp(l->name, name) == 0 && is_given_up(w, vf, name)))
		return 0;
	/* net/core/dev.c, dev_change_name: alternative names are names, its own as well */
	if (vf_has(vf, VF_IFNAME) && strcmp(l->name, vf->ifname) == 0) {
		error_set(w->err, EXIT_USAGE, "its interface has %s as an alternative name", name);
		about(w, vf, VF_IFNAME);
		return error_hint(w->err, "ip link property del dev %s altname %s", l->name, name);
	}
	error_set(w->err, EXIT_USAGE, "another interface has the name %s", name);
	about(w, vf, VF_IFNAME);
	return error_hint(w->err, "ip link show dev %s", name);
}

static bool is_interface_attr(size_t attr)
{
	return attr == VF_IFNAME || attr == VF_MTU || attr == VF_UP;
}

/* Was it taken away by a change that was cut off, and is to come again? */
static bool gets_interface(const struct wanted *w, const struct vf *vf)
{
	const struct plan *plan = change_plan(w->change, host_pf_of(w->have, vf));
	const struct vf_state *st = state_find(&plan->goal, vf->index);

	return st && vf_has(&st->vf, VF_IFNAME) && st->vf.driver &&
	       !driver_is_passthrough(st->vf.driver);
}

static int check_interface(const struct wanted *w, const struct vf *vf)
{
	for (size_t i = 0; i < w->count; i++) {
		const struct setting *s = &w->settings[i];

		if (!is_interface_attr(s->attr))
			continue;
		if (vf_has(vf, VF_NETNS) || vf->unseen) {
			error_set(w->err, EXIT_REFUSED,
				"refused: its interface is in the network namespace %s",
				vf_has(vf, VF_NETNS) ? vf->netns : "of someone else");
			about(w, vf, s->attr);
			return error_hint(w->err, "set it there with ip, or once it is back");
		}
		if (!vf_has(vf, VF_IFINDEX) && !vf->coming && !gets_interface(w, vf)) {
			error_set(w->err, EXIT_NOT_FOUND, "it has no interface: %s%s",
				vf_has(vf, VF_DRIVER) ? "it is bound to " : "no driver has it",
				vf_has(vf, VF_DRIVER) ? vf->driver : "");
			about(w, vf, s->attr);
			if (w->change->problems)
				return error_hint(w->err, "give it one there: driver: default");
			return error_hint(
				w->err, "give it one: sriovctl vf bind %s default", vf->name);
		}
		if (s->attr == VF_IFNAME && check_name(w, vf, s->value.string) < 0)
			return -1;
		if (s->attr == VF_MTU && want_mtu_fits(vf->name, s->value.uint, vf->min_mtu,
						 vf->max_mtu, w->err) < 0)
			return -1;
	}
	return 0;
}

/* Is it settled which driver it has in the end, so that it can be without one on the way? */
static bool steps_aside(const struct wanted *w, const struct vf *vf)
{
	const struct plan *plan = change_plan(w->change, host_pf_of(w->have, vf));
	const struct vf_state *st = state_find(&plan->goal, vf->index);

	return w->change->problems && st && vf_has(&st->vf, VF_DRIVER);
}

static int check_msix(const struct wanted *w, const struct vf *vf)
{
	const struct setting *s = set_setting_of(w, VF_MSIX);
	struct value now = attr_get(&vf_type, VF_MSIX, vf);

	if (!s || !vf_has(vf, VF_DRIVER) || value_equal(&now, &s->value) || steps_aside(w, vf))
		return 0;
	/* drivers/pci/iov.c, sriov_vf_msix_count_store: EBUSY */
	error_set(w->err, EXIT_REFUSED,
		"refused: the kernel changes it only while no driver has the VF, and %s has",
		vf->driver);
	about(w, vf, VF_MSIX);
	return error_hint(w->err,
		"first: sriovctl vf unbind %s; afterwards: sriovctl vf bind %s %s", vf->name,
		vf->name, vf->driver);
}

/* MAC addresses */

static int compare_int(const void *a, const void *b)
{
	const int32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Those of VFs that get another address, sorted. */
static int32_t *interfaces_of_ours(struct wanted *w, size_t *count)
{
	int32_t *list = arena_alloc(&w->arena, (w->vf_count + 1) * sizeof(*list));

	*count = 0;
	for (size_t i = 0; i < w->vf_count; i++)
		if (vf_has(w->vfs[i], VF_IFINDEX) && !vf_has(w->vfs[i], VF_NETNS))
			list[(*count)++] = w->vfs[i]->ifindex;
	qsort(list, *count, sizeof(*list), compare_int);
	return list;
}

/* The VF, or what an interrupted change is going to make of its address. */
static const struct vf *as_it_will_be(const struct wanted *w, const struct vf *vf)
{
	const struct pf *pf = host_pf_of(w->have, vf);

	for (size_t i = 0; i < w->change->count; i++) {
		const struct plan *plan = w->change->plans[i];
		const struct vf_state *st =
			plan->pf == pf ? state_find(&plan->goal, vf->index) : NULL;

		if (st && vf_has(&st->vf, VF_MAC))
			return &st->vf;
	}
	return vf;
}

/* The addresses of everything but the VFs that get another one. Port representors and what
 * stands on an interface share its address rightly. */
void set_gather_macs(struct wanted *w)
{
	const struct host *have = w->have;
	bool *ours = arena_alloc(&w->arena, have->vf_count + 1);
	size_t count;
	int32_t *ifindexes = interfaces_of_ours(w, &count);

	mac_set_init(
		&w->macs, &w->arena, 2 * have->vf_count + 2 * have->pf_count + have->link_count);
	for (size_t i = 0; i < w->vf_count; i++)
		ours[w->vfs[i] - have->vfs] = true;
	for (size_t i = 0; i < have->vf_count; i++) {
		const struct vf *vf = ours[i] ? NULL : as_it_will_be(w, &have->vfs[i]);

		if (vf && vf_has(vf, VF_MAC))
			mac_set_add(&w->macs, &vf->mac, have->vfs[i].name);
	}
	for (size_t i = 0; i < have->pf_count; i++) {
		const struct pf *pf = &have->pfs[i];

		if (pf_has(pf, PF_MAC))
			mac_set_add(&w->macs, &pf->mac, pf->name);
		if (pf_has(pf, PF_PERMANENT_MAC))
			mac_set_add(&w->macs, &pf->permanent_mac, pf->name);
	}
	for (size_t i = 0; i < have->link_count; i++) {
		const struct link *l = &have->links[i];

		if (!l->netns && !l->kind && !l->phys_port_name &&
			!bsearch(&l->ifindex, ifindexes, count, sizeof(*ifindexes), compare_int))
			mac_set_add(&w->macs, &l->addr, l->name);
	}
}

static int automatic_mac(
	struct wanted *w, const struct vf *vf, const struct pf *pf, struct lladdr *mac)
{
	const struct lladdr *base = pf_has(pf, PF_PERMANENT_MAC) ? &pf->permanent_mac : &pf->mac;
	uint32_t attempt = 0;

	if (!pf_has(pf, PF_PERMANENT_MAC) && !pf_has(pf, PF_MAC)) {
		error_set(w->err, EXIT_UNSUPPORTED, "its PF has no address to make one from");
		return about(w, vf, VF_MAC);
	}
	do
		*mac = mac_auto(base, vf->index, attempt++);
	while (mac_set_owner(&w->macs, mac));
	return 0;
}

static int check_mac(struct wanted *w, const struct vf *vf, const struct lladdr *mac)
{
	const char *whose = mac_set_owner(&w->macs, mac);
	bool ours = false;

	mac_set_add(&w->macs, mac, vf->name);
	if (vf_has(vf, VF_MAC) && lladdr_equal(&vf->mac, mac)) /* then it is so already */
		return 0;
	if (!whose || w->force & FORCE_DUPLICATE_MAC)
		return 0;
	for (size_t i = 0; i < w->vf_count; i++)
		ours |= strcmp(w->vfs[i]->name, whose) == 0;
	if (ours)
		error_set(w->err, EXIT_USAGE,
			"one address cannot be that of several VFs: %s would have it as well",
			whose);
	else
		error_set(
			w->err, EXIT_REFUSED, "refused: that address is already that of %s", whose);
	about(w, vf, VF_MAC);
	return error_hint(w->err, "'mac auto' gives each VF its own; if it is meant to be shared, "
				  "add --force=duplicate-mac");
}

/* The one it is to have. */
int set_wished_mac(struct wanted *w, const struct vf *vf, struct lladdr *mac)
{
	const struct setting *s = set_setting_of(w, VF_MAC);

	*mac = s->value.lladdr;
	if (s->automatic && automatic_mac(w, vf, host_pf_of(w->have, vf), mac) < 0)
		return -1;
	return check_mac(w, vf, mac);
}

/* An address set through the PF reaches the VF's interface only when its driver starts
 * anew. Whether somebody would notice that is asked later. */
static int plan_rebind(struct wanted *w, const struct vf *vf, struct plan *plan)
{
	struct vf_state *goal = state_find(&plan->goal, vf->index);

	if (!goal || !vf_has(&goal->vf, VF_MAC) || !vf_has(vf, VF_IF_MAC) ||
		lladdr_equal(&vf->if_mac, &goal->vf.mac))
		return 0;
	if (!quirk_of(plan->pf->driver)->mac_needs_rebind) {
		if (vf_has(&goal->vf, VF_IF_MAC)) /* an earlier command wants another */
			goal->vf.if_mac = goal->vf.mac;
		return 0;
	}
	if (change_leaves_here(w->change, &vf, 1, w->err) < 0)
		return -1;
	if (vf_has(vf, VF_NETNS)) { /* it would come back here, without all it has there */
		plan_warn(plan,
			"%s: its interface %s in %s has no traffic until it takes the new address: "
			"set it down and up there",
			vf->name, vf->ifname, vf->netns);
		return 0;
	}
	goal->rebind = true;
	plan_keep_vf(plan, vf, VF_DRIVER);
	plan_keep_vf(plan, vf, VF_DRIVER_OVERRIDE);
	plan_want_interface_again(plan, vf);
	state_vf(&plan->arena, &plan->before, vf->index)->rebind = true;
	return 0;
}

/* `vlan 0` alone takes the VLAN away whole. */
static void want_no_vlan(const struct wanted *w, const struct vf *vf, struct plan *plan)
{
	static const enum vf_attr parts[] = {VF_QOS, VF_PROTO};
	const struct setting *vlan = set_setting_of(w, VF_VLAN);

	for (size_t i = 0; vlan && !vlan->value.uint && i < ARRAY_SIZE(parts); i++) {
		struct value none = attr_get(&vf_type, parts[i], vf);

		if (!none.known || set_setting_of(w, parts[i]))
			continue;
		none.uint = 0;
		if (none.type == VALUE_ENUM)
			none.name = vf_type.attrs[parts[i]].names[0];
		plan_want_vf(plan, vf, parts[i], none);
	}
}

int set_want_one(struct wanted *w, const struct vf *vf)
{
	const struct pf *pf = host_pf_of(w->have, vf);
	struct plan *plan = change_plan(w->change, pf);

	for (size_t i = 0; i < w->count; i++) {
		struct value v = w->settings[i].value;

		if (w->settings[i].attr == VF_MAC && set_wished_mac(w, vf, &v.lladdr) < 0)
			return -1;
		if (v.type == VALUE_STRING)
			v.string = arena_strdup(&plan->arena, v.string);
		plan_want_vf(plan, vf, w->settings[i].attr, v);
	}
	want_no_vlan(w, vf, plan);
	return w->lends ? 0 : plan_rebind(w, vf, plan);
}

static int check_pf(const struct wanted *w, const struct vf *vf, const struct pf *pf)
{
	for (size_t i = 0; i < w->count; i++) {
		const struct attr *row = &vf_type.attrs[w->settings[i].attr];

		if (!(row->flags & ATTR_KEEP))
			continue;
		if (pf_has(pf, PF_TRUNCATED) && pf->truncated && !vf_has(vf, VF_MAC)) {
			error_set(w->err, EXIT_REFUSED,
				"refused: the kernel does not show what it has now, so that could "
				"not be put back");
			about(w, vf, w->settings[i].attr);
			return error_hint(w->err, "its driver may be resetting it: try again");
		}
		if (pf_has(pf, PF_IFINDEX))
			continue;
		if (pf->unseen) {
			error_set(w->err, EXIT_REFUSED,
				"refused: the interface of its PF is in another network "
				"namespace, and this is set through it");
			about(w, vf, w->settings[i].attr);
			return error_hint(w->err, "run it there: ip netns exec NAME sriovctl ...");
		}
		error_set(w->err, EXIT_UNSUPPORTED, "its PF is no network interface");
		return about(w, vf, w->settings[i].attr);
	}
	return 0;
}

/* All of it is checked for all VFs before anything is done to one. */
int set_check_one(const struct wanted *w, const struct vf *vf)
{
	const struct pf *pf = host_pf_of(w->have, vf);

	return check_pf(w, vf, pf) < 0 || check_supported(w, vf, pf) < 0 || check_vlan(w, vf) < 0 ||
			       check_rates(w, vf, pf) < 0 || check_interface(w, vf) < 0 ||
			       check_msix(w, vf) < 0
		       ? -1
		       : 0;
}

static int want_settings(struct change *change, const struct host *have, const struct vf **vfs,
	size_t count, const struct setting *settings, size_t setting_count, unsigned force,
	bool lends, struct error *err)
{
	struct wanted w = {.change = change,
		.have = have,
		.vfs = vfs,
		.vf_count = count,
		.settings = settings,
		.count = setting_count,
		.force = force,
		.lends = lends,
		.err = err};
	int rc = 0;

	for (size_t i = 0; i < count; i++)
		if (set_check_one(&w, vfs[i]) < 0)
			return -1;
	if (set_setting_of(&w, VF_MAC))
		set_gather_macs(&w);
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = set_want_one(&w, vfs[i]);
	arena_free(&w.arena);
	return rc;
}

int want_vf_settings(struct change *change, const struct host *have, const struct vf **vfs,
	size_t count, const struct setting *settings, size_t n, unsigned force, struct error *err)
{
	int rc = want_settings(change, have, vfs, count, settings, n, force, false, err);

	return rc < 0 ? -1 : change_toward(change, have, err);
}

int want_settings_of_pf(struct change *change, const struct host *have, const struct vf **vfs,
	size_t count, const struct setting *settings, size_t n, unsigned force, struct error *err)
{
	return want_settings(change, have, vfs, count, settings, n, force, true, err);
}

int want_pf_settings(struct change *change, const struct host *have, const struct pf *pf,
	const struct setting *settings, size_t count, struct error *err)
{
	struct plan *plan = change_plan(change, pf);

	for (size_t i = 0; i < count; i++) {
		const struct setting *s = &settings[i];
		const struct attr *row = &pf_type.attrs[s->attr];
		struct value now = attr_get(&pf_type, s->attr, pf);

		if (!now.known && pf->unseen && s->attr != PF_AUTOPROBE) {
			error_set(err, EXIT_REFUSED,
				"refused: its interface is in another network namespace");
			error_about(err, pf->name, row->key);
			return error_hint(err, "run it there: ip netns exec NAME sriovctl ...");
		}
		if (!now.known) {
			error_set(err, EXIT_UNSUPPORTED, "this device has no such setting");
			return error_about(err, pf->name, row->key);
		}
		if (s->attr == PF_AUTOPROBE && now.on != s->value.on &&
			change_resizes(change, pf)) {
			error_set(err, EXIT_USAGE,
				"an earlier line gives it VFs, and one change cannot do both");
			error_about(err, pf->name, row->key);
			return error_hint(err, "put this line before that one");
		}
		if (s->attr == PF_UP && !s->value.on &&
			change_leaves_pf_here(change, have, pf, err) < 0)
			return -1;
		if (s->attr == PF_MTU &&
			want_mtu_fits(pf->name, s->value.uint, pf->min_mtu, pf->max_mtu, err) < 0)
			return -1;
		plan_keep_pf(plan, s->attr);
		attr_set(&pf_type, s->attr, &plan->goal.pf, &s->value);
	}
	return change_toward(change, have, err);
}
