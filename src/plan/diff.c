/* What there is against what is wanted, as steps in the right order. Pure. */
#include "plan/plan.h"

#include "core/quirk.h"
#include "core/vf.h"

#include <stdio.h>
#include <string.h>

static const struct vf *survivor(const struct plan *plan, uint32_t index)
{
	for (size_t i = 0; i < plan->before.vf_count; i++)
		if (plan->before.vfs[i]->index == index)
			return plan->before.vfs[i];
	return NULL;
}

static void add_autoprobe(struct plan *plan, bool from, bool to)
{
	struct step *s = plan_add(plan, STEP_AUTOPROBE, plan->pf->name, -1);

	s->old = value_bool(from);
	s->new = value_bool(to);
	s->internal = true;
}

static void add_num_vfs(struct plan *plan, uint32_t from, uint32_t to)
{
	struct step *s = plan_add(plan, STEP_NUM_VFS, plan->pf->name, -1);

	s->old = value_uint(from);
	s->new = value_uint(to);
}

static const char *vf_object(struct plan *plan, uint32_t index)
{
	return arena_printf(&plan->arena, "%s/%u", plan->pf->name, index);
}

/* A step that makes sure a surviving VF has again what it had. */
static struct step *add_kept(
	struct plan *plan, enum step_kind kind, const struct vf *vf, struct value value)
{
	struct step *s = plan_add(plan, kind, vf_object(plan, vf->index), (int32_t)vf->index);

	s->want = *vf;
	s->old = s->new = value;
	return s;
}

/* Settings whose value 0 means "none" are as new VFs have them: nothing to keep. */
static void keep_attributes(struct plan *plan, const struct vf *vf)
{
	for (unsigned a = 0; a < VF_ATTR_COUNT; a++) {
		const struct attr *row = &vf_type.attrs[a];
		struct value v = attr_get(&vf_type, a, vf);
		struct step *s;

		if (!(row->flags & ATTR_KEEP) || !v.known ||
			(row->flags & ATTR_NONZERO && value_is_zero(&v)))
			continue;
		/* without a VLAN, its priority and protocol mean nothing */
		if ((a == VF_QOS || a == VF_PROTO) && !vf->vlan)
			continue;
		s = add_kept(plan, STEP_VF_ATTR, vf, v);
		s->attr = a;
		s->key = row->key;
	}
}

static void keep_interface(struct plan *plan, const struct vf *vf)
{
	struct value up = value_bool(true);

	if (!vf_has(vf, VF_IFNAME) || vf_has(vf, VF_NETNS))
		return;
	add_kept(plan, STEP_IF_NAME, vf, value_string(vf->ifname));
	if (vf_has(vf, VF_MTU))
		add_kept(plan, STEP_IF_MTU, vf, value_uint(vf->mtu));
	for (size_t i = 0; i < vf->altnames.count; i++)
		add_kept(plan, STEP_IF_ALTNAME, vf, value_string(vf->altnames.items[i]));
	if (vf_has(vf, VF_LINK) && vf->link != LINK_DOWN)
		add_kept(plan, STEP_IF_UP, vf, up);
}

/* New VFs are given to a driver as the PF's autoprobe says; surviving ones to the driver
 * they had, or to none. */
static void add_drivers(struct plan *plan, uint32_t want, bool autoprobe)
{
	for (uint32_t i = 0; i < want; i++) {
		const struct vf *vf = survivor(plan, i);
		struct step *s;

		if (vf ? !vf_has(vf, VF_DRIVER) : !autoprobe)
			continue;
		s = plan_add(plan, STEP_VF_DRIVER, vf_object(plan, i), (int32_t)i);
		s->new = value_string(vf ? vf->driver : "default");
		s->old = vf ? s->new : (struct value){0};
		s->internal = !vf;
		if (vf)
			s->want = *vf;
		s->want.index = i;
	}
}

/* A setting that the driver would not take again must not be thrown away. */
static int check_restorable(const struct plan *plan, uint32_t want, struct error *err)
{
	const struct pf *pf = plan->pf;

	if (!quirk_of(pf->driver)->rate_needs_link || (pf_has(pf, PF_LINK) && pf->link == LINK_UP))
		return 0;
	for (uint32_t i = 0; i < want; i++) {
		const struct vf *vf = survivor(plan, i);

		if (!vf || !((vf_has(vf, VF_MAX_TX_RATE) && vf->max_tx_rate) ||
				   (vf_has(vf, VF_MIN_TX_RATE) && vf->min_tx_rate)))
			continue;
		error_set(err, EXIT_REFUSED,
			"refused: VF %u would lose its transmit rate, which %s sets only while %s "
			"has a link",
			i, pf->driver, pf->name);
		error_about(err, pf->name, "num_vfs");
		return error_hint(err, "bring it up first: ip link set %s up", pf->name);
	}
	return 0;
}

int plan_vf_count(struct plan *plan, const struct host *have, uint32_t want, struct error *err)
{
	const struct pf *pf = plan->pf;
	bool resize = pf->num_vfs != want, keeps = false, hold;

	(void)have;
	if (!pf_has(pf, PF_NUM_VFS))
		return error_set(err, EXIT_KERNEL, "%s: cannot tell how many VFs it has", pf->name);
	plan->want_vfs = want;
	if (!resize && !plan->interrupted)
		return 0;
	if (resize && want && pf->num_vfs && pf->unseen) {
		error_set(err, EXIT_REFUSED,
			"refused: its interface is in another network namespace, so the settings "
			"of its VFs cannot be read and kept");
		error_about(err, pf->name, "num_vfs");
		return error_hint(err, "run it there: ip netns exec NAME sriovctl ...");
	}
	if (resize && want && pf->num_vfs && pf_has(pf, PF_TRUNCATED) && pf->truncated) {
		error_set(err, EXIT_REFUSED,
			"refused: the kernel does not show the settings of all its VFs, so they "
			"could not be kept");
		error_about(err, pf->name, "num_vfs");
		return error_hint(
			err, "to give them up: sriovctl vf destroy %s, then create", pf->name);
	}
	/* on the way back there is no choice: the link is waited for instead */
	if (!plan->interrupted && check_restorable(plan, want, err) < 0)
		return -1;
	for (uint32_t i = 0; i < want && !keeps; i++)
		keeps = survivor(plan, i) != NULL;
	/* Attributes before probe: a driver that starts on a VF whose settings are still
	 * missing makes up its own MAC. Pointless when nothing is to be kept. */
	hold = keeps && resize && plan->before.autoprobe_known && plan->before.autoprobe;
	if (hold && pf->autoprobe)
		add_autoprobe(plan, true, false);
	if (resize && pf->num_vfs)
		add_num_vfs(plan, pf->num_vfs, 0);
	if (resize && want)
		add_num_vfs(plan, 0, want);
	for (uint32_t i = 0; i < want; i++)
		if (survivor(plan, i))
			keep_attributes(plan, survivor(plan, i));
	if (plan->before.autoprobe_known && plan->before.autoprobe && (hold || !pf->autoprobe))
		add_autoprobe(plan, false, true);
	if (keeps)
		add_drivers(plan, want, plan->before.autoprobe);
	for (uint32_t i = 0; i < want; i++)
		if (survivor(plan, i))
			keep_interface(plan, survivor(plan, i));
	plan->changed = plan->count > 0;
	return 0;
}
