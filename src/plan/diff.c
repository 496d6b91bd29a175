/* What there is against what is wanted, as steps in the right order. Pure. */
#include "plan/diff_parts.h"

#include "core/driver.h"
#include "core/lease.h"
#include "core/quirk.h"
#include "core/vf.h"

#include <stdio.h>
#include <string.h>

bool diff_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static const char *vf_object(struct plan *plan, uint32_t index)
{
	return arena_printf(&plan->arena, "%s/%u", plan->pf->name, index);
}

static struct step *add_pf_step(
	struct plan *plan, enum step_kind kind, struct value old, struct value new)
{
	struct step *s = plan_add(plan, kind, plan->pf->name, -1);

	s->old = old;
	s->new = new;
	return s;
}

struct step *diff_add_vf(struct plan *plan, enum step_kind kind, const struct vf_state *st,
	struct value old, struct value new)
{
	struct step *s = plan_add(plan, kind, vf_object(plan, st->vf.index), (int32_t)st->vf.index);

	s->old = old;
	s->new = new;
	return s;
}

const struct vf *diff_now(const struct diff *d, const struct vf_state *st)
{
	return d->resize ? NULL : host_vf(d->have, d->plan->pf, st->vf.index);
}

const struct vf *diff_was(const struct diff *d, const struct vf_state *st)
{
	return host_vf(d->have, d->plan->pf, st->vf.index);
}

struct value diff_before(const struct diff *d, const struct vf_state *st, enum vf_attr a)
{
	const struct vf_state *had = state_find(&d->plan->before, st->vf.index);

	return had ? attr_get(&vf_type, a, &had->vf) : (struct value){0};
}

/* What to write: as it is, but for what is wanted; the kernel takes VLAN, priority and
 * protocol, and the two rates, only together. */
static const struct vf *merged(struct diff *d, const struct vf_state *st)
{
	const struct vf *have = diff_now(d, st);
	struct vf *vf = arena_alloc(&d->plan->arena, sizeof(*vf));

	if (!have)
		return &st->vf;
	*vf = *have;
	for (unsigned a = 0; a < VF_ATTR_COUNT; a++) {
		struct value v = attr_get(&vf_type, a, &st->vf);

		if (v.known)
			attr_set(&vf_type, a, vf, &v);
	}
	return vf;
}

/* Would setting it change nothing? */
static bool holds(
	const struct diff *d, const struct vf_state *st, enum vf_attr a, const struct value *want)
{
	const struct vf *have = diff_now(d, st);
	struct value v;

	/* without a VLAN, its priority and protocol mean nothing */
	if ((a == VF_QOS || a == VF_PROTO) && !st->vf.vlan &&
		(!have || (vf_has(&st->vf, VF_VLAN) && !have->vlan)))
		return true;
	if (!have) /* as new VFs have it */
		return vf_type.attrs[a].flags & ATTR_NONZERO && value_is_zero(want);
	v = attr_get(&vf_type, a, have);
	/* none from the PF: some show the one that the VF's driver chose instead */
	if (a == VF_MAC && value_is_zero(want) && vf_has(&st->vf, VF_IF_MAC) && v.known &&
		lladdr_equal(&v.lladdr, &st->vf.if_mac))
		return true;
	if (a == VF_PROTO && !v.known) /* drivers that know but one do not say which */
		return want->uint == VF_PROTO_8021Q;
	return value_equal(&v, want);
}

static void add_attribute(
	struct diff *d, const struct vf_state *st, unsigned a, const struct vf **want)
{
	const struct attr *row = &vf_type.attrs[a];
	struct value v = attr_get(&vf_type, a, &st->vf);
	const struct vf *have = diff_now(d, st);
	struct value old = {0};
	struct step *s;

	if (!(row->flags & ATTR_KEEP) || !v.known || holds(d, st, a, &v))
		return;
	if (!*want)
		*want = merged(d, st);
	if (have)
		old = attr_get(&vf_type, a, have);
	else /* lost on the way; unknown of a new one */
		old = diff_before(d, st, a);
	s = diff_add_vf(d->plan, STEP_VF_ATTR, st, old, v);
	s->attr = a;
	s->key = row->key;
	s->want = *want;
}

static void add_attributes(struct diff *d, const struct vf_state *st)
{
	const struct vf *want = NULL;
	bool spoofchk_first = quirk_of(d->plan->pf->driver)->spoofchk_before_no_mac &&
			      vf_has(&st->vf, VF_MAC) && lladdr_is_zero(&st->vf.mac) &&
			      !st->vf.spoofchk;

	if (spoofchk_first)
		add_attribute(d, st, VF_SPOOFCHK, &want);
	for (unsigned a = 0; a < VF_ATTR_COUNT; a++)
		if (a != VF_SPOOFCHK || !spoofchk_first)
			add_attribute(d, st, a, &want);
}

static void add_msix(struct diff *d, const struct vf_state *st)
{
	struct value v = attr_get(&vf_type, VF_MSIX, &st->vf), old = {0};
	const struct vf *have = diff_now(d, st);

	if (have)
		old = attr_get(&vf_type, VF_MSIX, have);
	if (v.known && !value_equal(&v, &old))
		diff_add_vf(d->plan, STEP_VF_MSIX, st, old, v);
}

static bool is_default(const char *driver)
{
	return driver && strcmp(driver, DRIVER_DEFAULT) == 0;
}

bool diff_driver_fits(const struct vf *have, const char *want)
{
	const char *is = have && vf_has(have, VF_DRIVER) ? have->driver : NULL;

	if (is_default(want))
		return is && !driver_is_passthrough(is);
	return diff_same(is, want);
}

/* Has it the driver that it is to have in the end? One that leaves it on the way may not be
 * the one that comes by itself. */
static bool has_its_driver(const struct vf_state *st, const struct vf *have)
{
	return !vf_has(&st->vf, VF_DRIVER) ||
	       (diff_driver_fits(have, st->vf.driver) && !(st->left && is_default(st->vf.driver)));
}

static struct step *add_driver_step(
	struct diff *d, const struct vf_state *st, const char *from, const char *to)
{
	struct step *s =
		diff_add_vf(d->plan, STEP_VF_DRIVER, st, value_string(from), value_string(to));
	const struct vf *have = diff_now(d, st);

	s->want = &st->vf;
	/* the override it has stays, if nothing else is wanted */
	if (have && !vf_has(&st->vf, VF_DRIVER_OVERRIDE) && vf_has(have, VF_DRIVER_OVERRIDE))
		s->want = have;
	s->rebind = from && diff_same(from, to);
	return s;
}

/* Its interface keeps the address it has until its driver starts anew. */
static bool must_rebind(const struct vf_state *st, const struct vf *have)
{
	return st->rebind && have && vf_has(have, VF_DRIVER) && vf_has(have, VF_IF_MAC) &&
	       vf_has(&st->vf, VF_MAC) && !lladdr_is_zero(&st->vf.mac) &&
	       !lladdr_equal(&have->if_mac, &st->vf.mac);
}

/* The kernel changes them only while no driver has the VF. */
static bool sets_vectors(const struct vf_state *st, const struct vf *have)
{
	return vf_has(&st->vf, VF_MSIX) && vf_has(&st->vf, VF_DRIVER) && st->vf.msix != have->msix;
}

/* Does the driver go for good, and is another address to stay? */
static bool leaves_with_address(const struct vf_state *st, const struct vf *have)
{
	return !has_its_driver(st, have) && vf_has(&st->vf, VF_MAC) && vf_has(have, VF_MAC) &&
	       !lladdr_equal(&st->vf.mac, &have->mac);
}

/* Without its driver while it is reset: igbvf with its interface down would hang for ever
 * (napi_disable), with the device locked. And while its address is set: the driver of a
 * trusted VF puts its own back when it is unbound. */
static bool steps_aside(const struct vf_state *st, const struct vf *have)
{
	if (!have || !vf_has(have, VF_DRIVER))
		return false;
	return sets_vectors(st, have) ||
	       (!driver_is_passthrough(have->driver) &&
		       (st->reset || st->restart || st->left || must_rebind(st, have) ||
			       leaves_with_address(st, have)));
}

static void add_reset(struct diff *d, const struct vf_state *st)
{
	const struct vf *have = diff_now(d, st);

	/* a means, where another one, or the same again, is to follow */
	if (steps_aside(st, have))
		add_driver_step(d, st, have->driver, NULL)->internal =
			!vf_has(&st->vf, VF_DRIVER) || st->vf.driver;
	if (st->reset && have)
		diff_add_vf(d->plan, STEP_VF_RESET, st, (struct value){0}, value_string("flr"));
}

/* A VF that is there stays there: what of its driver is to change? True when its
 * interface will be a new one. */
static bool change_driver(struct diff *d, const struct vf_state *st)
{
	const struct vf *have = diff_now(d, st);
	const char *is = have && vf_has(have, VF_DRIVER) ? have->driver : NULL;
	const char *override =
		have && vf_has(have, VF_DRIVER_OVERRIDE) ? have->driver_override : NULL;
	bool wants_override = vf_has(&st->vf, VF_DRIVER_OVERRIDE);
	bool fits = has_its_driver(st, have);
	bool given = false, aside = steps_aside(st, have);

	/* an override would keep the default driver away */
	if (wants_override && !diff_same(override, st->vf.driver_override) &&
		(diff_driver_fits(have, st->vf.driver) || !st->vf.driver ||
			!driver_is_passthrough(st->vf.driver)))
		diff_add_vf(d->plan, STEP_VF_OVERRIDE, st, value_string(override),
			value_string(st->vf.driver_override))
			->want = &st->vf;
	if (aside && fits) {
		add_driver_step(d, st, is, is);
		return !driver_is_passthrough(is);
	}
	if (!fits) {
		if (!aside || st->vf.driver)
			add_driver_step(d, st, is, st->vf.driver);
		given = st->vf.driver != NULL;
	}
	/* a group without an IOMMU is made only when the driver comes */
	if (given && have && driver_is_vfio(st->vf.driver))
		diff_add_vf(d->plan, STEP_VFIO_NODE, st, (struct value){0},
			vf_has(have, VF_IOMMU_GROUP) ? value_string(arena_printf(&d->plan->arena,
							       "/dev/vfio/%u", have->iommu_group))
						     : (struct value){0});
	return given && !driver_is_passthrough(st->vf.driver);
}

/* Was it not there before? */
static bool is_new(const struct diff *d, uint32_t index)
{
	return !d->plan->interrupted && index >= d->plan->pf->num_vfs;
}

/* New VFs are given to a driver as the PF's autoprobe says; surviving ones to the driver
 * they had, or to none. */
static void add_drivers_of_new(struct diff *d, bool autoprobe)
{
	for (uint32_t i = 0; i < d->want; i++) {
		const struct vf_state *st = state_find(d->goal, i);
		struct vf_state fresh = {.vf.index = i};
		struct step *s;

		if (st && vf_has(&st->vf, VF_DRIVER)) {
			const struct vf_state *had = state_find(&d->plan->before, i);
			const char *from = had && vf_has(&had->vf, VF_DRIVER) ? had->vf.driver
					   : is_new(d, i)                     ? NULL
									      : st->vf.driver;

			if (!st->vf.driver)
				continue;
			s = add_driver_step(d, st, from, st->vf.driver);
			s->rebind = false;
			s->put_back = diff_same(from, st->vf.driver);
			if (autoprobe && is_new(d, i) && is_default(st->vf.driver))
				s->internal = s->put_back = true; /* as without being told */
		} else if (autoprobe) {
			s = add_driver_step(d, &fresh, NULL, DRIVER_DEFAULT);
			s->want = NULL;
			s->internal = s->put_back = true;
		}
	}
}

/* VFs that a change made before it was cut off, and that got no driver any more. */
static void add_drivers_left_out(struct diff *d)
{
	for (uint32_t i = 0; i < d->want; i++) {
		const struct vf *have = host_vf(d->have, d->plan->pf, i);
		const struct vf_state *st = state_find(d->goal, i);
		struct vf_state fresh = {.vf.index = i};
		struct step *s;

		if (!have || vf_has(have, VF_DRIVER) || (st && vf_has(&st->vf, VF_DRIVER)))
			continue;
		s = add_driver_step(d, &fresh, NULL, DRIVER_DEFAULT);
		s->want = NULL;
		s->internal = s->put_back = true;
	}
}

/* A setting that the driver would not take again must not be thrown away. */
static int check_restorable(const struct diff *d, struct error *err)
{
	const struct pf *pf = d->plan->pf;

	if (!quirk_of(pf->driver)->rate_needs_link || (pf_has(pf, PF_LINK) && pf->link == LINK_UP))
		return 0;
	if (pf_has(&d->goal->pf, PF_UP) && d->goal->pf.up && !pf->up) /* it is waited for */
		return 0;
	for (size_t i = 0; i < d->goal->count; i++) {
		const struct vf *vf = &d->goal->vfs[i]->vf;

		if (vf->index >= d->want ||
			!((vf_has(vf, VF_MAX_TX_RATE) && vf->max_tx_rate) ||
				(vf_has(vf, VF_MIN_TX_RATE) && vf->min_tx_rate)))
			continue;
		error_set(err, EXIT_REFUSED,
			"refused: VF %u would lose its transmit rate, which %s sets only while %s "
			"has a link",
			vf->index, pf->driver, pf->name);
		error_about(err, pf->name, "num_vfs");
		return error_hint(err, "bring it up first: ip link set %s up", pf->name);
	}
	return 0;
}

static int check_resize(const struct diff *d, struct error *err)
{
	const struct pf *pf = d->plan->pf;

	if (d->want && pf->num_vfs && pf->unseen) {
		error_set(err, EXIT_REFUSED,
			"refused: its interface is in another network namespace, so the settings "
			"of its VFs cannot be read and kept");
		error_about(err, pf->name, "num_vfs");
		return error_hint(err, "run it there: ip netns exec NAME sriovctl ...");
	}
	if (d->want && pf->num_vfs && pf_has(pf, PF_TRUNCATED) && pf->truncated) {
		error_set(err, EXIT_REFUSED,
			"refused: the kernel does not show the settings of all its VFs, so they "
			"could not be kept");
		error_about(err, pf->name, "num_vfs");
		return error_hint(
			err, "to give them up: sriovctl vf destroy %s, then create", pf->name);
	}
	/* on the way back there is no choice: the link is waited for instead */
	return d->plan->interrupted ? 0 : check_restorable(d, err);
}

static void add_mtu_of_pf(struct diff *d)
{
	struct value v = attr_get(&pf_type, PF_MTU, &d->goal->pf);
	struct value old = attr_get(&pf_type, PF_MTU, d->plan->pf);

	if (v.known && !value_equal(&v, &old))
		add_pf_step(d->plan, STEP_IF_MTU, old, v);
}

static void switch_pf(struct diff *d, bool from, bool to, bool internal)
{
	if (from != to && pf_has(d->plan->pf, PF_UP))
		add_pf_step(d->plan, STEP_IF_UP, value_bool(from), value_bool(to))->internal =
			internal;
}

static struct step *add_autoprobe(struct diff *d, bool from, bool to)
{
	return add_pf_step(d->plan, STEP_AUTOPROBE, value_bool(from), value_bool(to));
}

/* From one to the other, where there is such a switch: how it is then. */
static bool switch_autoprobe(struct diff *d, bool from, bool to)
{
	const struct pf *before = &d->plan->before.pf, *goal = &d->goal->pf;

	if (from == to || !pf_has(d->plan->pf, PF_AUTOPROBE))
		return from;
	/* an end in itself only where it is to be another than before */
	add_autoprobe(d, from, to)->internal = !pf_has(goal, PF_AUTOPROBE) ||
					       !pf_has(before, PF_AUTOPROBE) ||
					       goal->autoprobe == before->autoprobe;
	return to;
}

static void resize(struct diff *d)
{
	const struct pf *pf = d->plan->pf;

	if (pf->num_vfs)
		add_pf_step(d->plan, STEP_NUM_VFS, value_uint(pf->num_vfs), value_uint(0));
	if (d->want)
		add_pf_step(d->plan, STEP_NUM_VFS, value_uint(0), value_uint(d->want));
}

/* Is a rate to be set that the driver takes only while there is a link? */
static bool sets_rates_by_link(const struct diff *d)
{
	static const enum vf_attr rates[] = {VF_MAX_TX_RATE, VF_MIN_TX_RATE};

	if (!quirk_of(d->plan->pf->driver)->rate_needs_link)
		return false;
	for (size_t i = 0; i < d->goal->count; i++)
		for (size_t r = 0; r < sizeof(rates) / sizeof(rates[0]); r++) {
			const struct vf_state *st = d->goal->vfs[i];
			struct value v = attr_get(&vf_type, rates[r], &st->vf);

			if (st->vf.index < d->want && v.known && !holds(d, st, rates[r], &v))
				return true;
		}
	return false;
}

/* Is the PF to be up while its VFs get what they are to have? One that is to be switched off
 * can wait until then. */
static bool is_up_meanwhile(const struct diff *d, bool up)
{
	const struct pf *pf = d->plan->pf;

	return up || (d->resize && quirk_of(pf->driver)->pf_up_first) ||
	       (pf->up && sets_rates_by_link(d));
}

/* While autoprobe is off the kernel gives VFs to no driver, not even to one that is asked
 * to take them; only an override does that. */
static bool needs_autoprobe(const struct diff *d)
{
	for (size_t i = 0; i < d->goal->count && d->goal->vfs[i]->vf.index < d->want; i++) {
		const struct vf_state *st = d->goal->vfs[i];
		const struct vf_state *had = state_find(&d->plan->before, st->vf.index);

		/* those that VFs get back are put there by an override */
		if ((d->plan->interrupted || d->resize) && had &&
			diff_same(had->vf.driver, st->vf.driver))
			continue;
		if (st->vf.driver && !driver_is_passthrough(st->vf.driver) &&
			!has_its_driver(st, diff_now(d, st)))
			return true;
	}
	return false;
}

static void add_all_vfs(struct diff *d, bool autoprobe, bool hold, bool keeps)
{
	const struct state *goal = d->goal;
	bool is = d->plan->pf->autoprobe && !hold, left_out;
	bool *anew = arena_alloc(&d->plan->arena, goal->count + 1);

	for (size_t i = 0; i < goal->count; i++)
		if (goal->vfs[i]->vf.index < d->want)
			diff_add_lease(d, goal->vfs[i], false);
	/* home before it loses its VLAN and limits: nobody elsewhere is to have it without */
	for (size_t i = 0; i < goal->count; i++)
		if (diff_moves(d, goal->vfs[i]) && !goal->vfs[i]->vf.netns)
			diff_add_move(d, goal->vfs[i]);
	for (size_t i = 0; i < goal->count; i++)
		if (goal->vfs[i]->vf.index < d->want)
			add_reset(d, goal->vfs[i]);
	for (size_t i = 0; i < goal->count; i++)
		if (goal->vfs[i]->vf.index < d->want)
			add_attributes(d, goal->vfs[i]);
	for (size_t i = 0; i < goal->count; i++)
		if (goal->vfs[i]->vf.index < d->want)
			add_msix(d, goal->vfs[i]);
	left_out = d->plan->interrupted && !d->resize && autoprobe && pf_has(&goal->pf, PF_NUM_VFS);
	is = switch_autoprobe(
		d, is, (d->resize || left_out ? autoprobe : is) || needs_autoprobe(d));
	if (d->resize && (keeps || (autoprobe && !d->plan->pf->autoprobe)))
		add_drivers_of_new(d, autoprobe);
	else if (left_out)
		add_drivers_left_out(d);
	for (size_t i = 0; i < goal->count; i++)
		if (goal->vfs[i]->vf.index < d->want)
			anew[i] = d->resize || change_driver(d, goal->vfs[i]);
	switch_autoprobe(d, is, autoprobe);
	for (size_t i = 0; i < goal->count; i++)
		diff_add_node(d, goal->vfs[i]);
	for (size_t i = 0; i < goal->count; i++)
		if (goal->vfs[i]->vf.index < d->want)
			diff_add_interface(d, goal->vfs[i], anew[i]);
	diff_free_names(d, anew);
	for (size_t i = 0; i < goal->count; i++)
		diff_add_lease(d, goal->vfs[i], true);
}

/* The attribute of the VF that a step sets, -1 for none. */
static int attr_of(const struct step *s)
{
	switch (s->kind) {
	case STEP_VF_ATTR:
		return (int)s->attr;
	case STEP_VF_MSIX:
		return VF_MSIX;
	case STEP_VF_OVERRIDE:
		return VF_DRIVER_OVERRIDE;
	case STEP_VF_DRIVER:
		return VF_DRIVER;
	case STEP_IF_NAME:
		return VF_IFNAME;
	case STEP_IF_MTU:
		return VF_MTU;
	case STEP_IF_UP:
		return VF_UP;
	case STEP_LEASE:
		return VF_LEASE;
	case STEP_IF_NETNS:
		return VF_NETNS;
	case STEP_IF_MAC:
		return VF_IF_MAC;
	case STEP_IF_ALTNAME:
	case STEP_IF_ADDRESS:
	case STEP_IF_GATEWAY:
	case STEP_IF_ANNOUNCE:
	case STEP_AUTOPROBE:
	case STEP_NUM_VFS:
	case STEP_VF_RESET:
	case STEP_VFIO_NODE:
		break;
	}
	return -1;
}

/* What an interrupted change left, apart from what is wanted now: where that cannot be put
 * back, the rest still can. */
static void mark_put_back(struct plan *plan)
{
	for (size_t i = 0; i < plan->count && plan->interrupted; i++) {
		struct step *s = &plan->steps[i];
		const struct vf_state *had =
			s->vf < 0 ? NULL : state_find(&plan->before, (uint32_t)s->vf);
		int attr = attr_of(s);
		struct value v;

		if (!had || attr < 0 || !vf_has(&had->vf, (enum vf_attr)attr))
			continue;
		v = attr_get(&vf_type, (size_t)attr, &had->vf);
		v.known &= v.type != VALUE_STRING || v.string;
		s->put_back |= value_equal(&v, &s->new);
	}
}

/* Of a VF that is handed back each step is for itself, up to forgetting it. */
static void mark_released(struct plan *plan, const struct state *goal)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct step *s = &plan->steps[i];
		const struct vf_state *st = s->vf < 0 ? NULL : state_find(goal, (uint32_t)s->vf);

		s->put_back |= st && st->release && s->kind != STEP_LEASE && !s->internal;
	}
}

int plan_toward(
	struct plan *plan, const struct host *have, const struct state *goal, struct error *err)
{
	const struct pf *pf = plan->pf;
	struct diff d = {.plan = plan, .have = have, .goal = goal, .want = pf->num_vfs};
	bool keeps = false, autoprobe, hold, up, meanwhile;

	if (pf_has(&goal->pf, PF_NUM_VFS)) {
		if (!pf_has(pf, PF_NUM_VFS))
			return error_set(
				err, EXIT_KERNEL, "%s: cannot tell how many VFs it has", pf->name);
		d.want = goal->pf.num_vfs;
		d.resize = pf->num_vfs != d.want;
	}
	if (d.resize && check_resize(&d, err) < 0)
		return -1;
	for (size_t i = 0; i < goal->count; i++)
		keeps |= goal->vfs[i]->vf.index < d.want;
	autoprobe = pf_has(&goal->pf, PF_AUTOPROBE) ? goal->pf.autoprobe : pf->autoprobe;
	/* Attributes before probe: a driver that starts on a VF whose settings are still
	 * missing makes up its own MAC. Pointless when nothing is to be kept. */
	hold = d.resize && (autoprobe ? keeps && pf_has(&goal->pf, PF_AUTOPROBE) : pf->autoprobe);
	add_mtu_of_pf(&d);
	up = pf_has(&goal->pf, PF_UP) ? goal->pf.up : pf->up;
	meanwhile = is_up_meanwhile(&d, up);
	switch_pf(&d, pf->up, meanwhile, meanwhile != up && pf->up == up);
	if (hold && pf->autoprobe)
		switch_autoprobe(&d, true, false);
	if (d.resize)
		resize(&d);
	add_all_vfs(&d, autoprobe, hold, keeps);
	switch_pf(&d, meanwhile, up, pf->up == up);
	mark_put_back(plan);
	mark_released(plan, goal);
	plan->changed = false;
	for (size_t i = 0; i < plan->count; i++) /* telling of a node changes nothing */
		plan->changed |= plan->steps[i].kind != STEP_VFIO_NODE ||
				 !value_equal(&plan->steps[i].old, &plan->steps[i].new);
	return 0;
}

int change_toward(struct change *change, const struct host *have, struct error *err)
{
	for (size_t i = 0; i < change->count && !change->gathers; i++)
		if (plan_toward(change->plans[i], have, &change->plans[i]->goal, err) < 0)
			return -1;
	return 0;
}
