/* Settings of VFs that do not fit who has them. */
#include "core/overview.h"
#include "doctor/vf_parts.h"

/* left over */

static bool is_on(const struct vf *vf, enum vf_attr attr, uint32_t value)
{
	return vf_has(vf, attr) && value;
}

/* Does the policy want just that? */
static bool is_declared(const struct examination *x, const struct vf *vf, enum vf_attr attr)
{
	const struct vf_intent *want = intent_of_vf(x, x->pf, vf);
	struct value is = attr_get(&vf_type, attr, vf);

	for (size_t i = 0; want && i < want->count; i++)
		if (want->wishes[i].setting.attr == attr)
			return value_equal(&is, &want->wishes[i].setting.value);
	return false;
}

static bool is_left(
	const struct examination *x, const struct vf *vf, enum vf_attr attr, uint32_t value)
{
	return is_on(vf, attr, value) && !is_declared(x, vf, attr);
}

static const char *number(struct examination *x, uint32_t n)
{
	return arena_printf(&x->arena, "%u", n);
}

/* What was left, as `vf set` would set it, or the words that take it back. NULL: nothing. */
static const char *words_of(struct examination *x, const struct vf *vf, bool back)
{
	const struct {
		bool on;
		const char *key, *value;
	} all[] = {
		{is_left(x, vf, VF_VLAN, vf->vlan), "vlan", back ? "0" : number(x, vf->vlan)},
		{is_left(x, vf, VF_MIN_TX_RATE, vf->min_tx_rate), "min_tx_rate",
			back ? "0" : number(x, vf->min_tx_rate)},
		{is_left(x, vf, VF_MAX_TX_RATE, vf->max_tx_rate), "max_tx_rate",
			back ? "0" : number(x, vf->max_tx_rate)},
		{is_left(x, vf, VF_TRUST, vf->trust), "trust", back ? "off" : "on"},
	};
	const char *text = NULL;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].on)
			text = arena_printf(&x->arena, "%s%s%s %s", text ? text : "",
				text ? " " : "", all[i].key, all[i].value);
	return text;
}

static bool is_set(const struct examination *x, const struct vf *vf)
{
	return is_left(x, vf, VF_VLAN, vf->vlan) ||
	       is_left(x, vf, VF_MIN_TX_RATE, vf->min_tx_rate) ||
	       is_left(x, vf, VF_MAX_TX_RATE, vf->max_tx_rate) ||
	       is_left(x, vf, VF_TRUST, vf->trust);
}

/* With a driver of this host, and nobody who uses it. */
static bool is_idle(const struct overview *o, const struct vf *vf)
{
	const struct remark *r = &o->vf_remarks[vf - o->host->vfs];

	return r->kind == REMARK_NONE && !r->used && !vf_is_handed_out(vf);
}

static void say_left(struct examination *x, const struct vf *vf, bool usual)
{
	const char *words = words_of(x, vf, false);

	look_at_vf(x, vf);
	found(x, usual ? SEVERITY_INFO : SEVERITY_WARNING, "nobody uses it, and it has %s", words);
	evidence_of_pf(x, vf, "%s", words);
	remedy(x, "sriovctl vf set " DOCTOR_OBJECT " %s", words_of(x, vf, true));
	look_at_vf(x, NULL);
}

/* Where most have such settings somebody wants it so, and has them ready for users to come. One
 * that is switched on may have a user without an address: AF_XDP, a packet socket. */
static void vf_leftover(struct examination *x, const struct pf *pf)
{
	struct overview o;
	size_t idle = 0, set = 0;

	overview_look(x->host, &pf, 1, &x->arena, &o);
	for (size_t i = 0; i < pf->vf_count; i++) {
		const struct vf *vf = vf_of(x, pf, i);

		idle += is_idle(&o, vf);
		set += is_idle(&o, vf) && is_set(x, vf);
	}
	if (set && (x->host->usage_unknown || x->host->leases_unknown)) {
		unknown(x, "who uses VFs, or what was handed out, could not be found out");
		return;
	}
	for (size_t i = 0; set && i < pf->vf_count; i++) {
		const struct vf *vf = vf_of(x, pf, i);

		if (is_idle(&o, vf) && is_set(x, vf))
			say_left(x, vf, is_on(vf, VF_UP, vf->up) || (set > 1 && 2 * set > idle));
	}
}

const struct check check_vf_leftover = {
	.id = "vf-leftover",
	.severity = SEVERITY_WARNING,
	.looks_at = "a VLAN, a rate or trust that somebody has left on a VF",
	.meaning = "whoever gets the VF next gets that, too",
	.see = "sriovctl-vf(8)",
	.pf = vf_leftover,
};

/* isolation */

/* Another device in its IOMMU group, ports apart. */
static bool shares_group(const struct host *host, const struct vf *vf)
{
	if (!vf_has(vf, VF_IOMMU_GROUP) || !vf_has(vf, VF_BDF))
		return false;
	for (size_t i = 0; i < host->member_count; i++) {
		const struct group_member *m = &host->members[i];

		if (m->group == vf->iommu_group && is_neighbour(m) &&
			bdf_compare(m->bdf, vf->bdf) != 0)
			return true;
	}
	return false;
}

static void vf_weak(struct examination *x, const struct pf *pf, const struct vf *vf)
{
	bool shared, untagged, meant;

	(void)pf;
	if (!vf_is_handed_out(vf) || !vf_has(vf, VF_TRUST) || !vf->trust ||
		!vf_has(vf, VF_SPOOFCHK) || vf->spoofchk)
		return;
	shared = shares_group(x->host, vf);
	untagged = vf_has(vf, VF_VLAN) && !vf->vlan;
	/* who has declared it knows */
	meant = is_declared(x, vf, VF_TRUST) && is_declared(x, vf, VF_SPOOFCHK);
	found(x, !meant && (untagged || shared) ? SEVERITY_WARNING : SEVERITY_INFO,
		"weak isolation: trust on, spoof checking off%s%s", untagged ? ", no VLAN" : "",
		shared ? ", IOMMU group shared" : "");
	evidence_of_pf(x, vf, "trust on, spoof checking off");
	if (vf_has(vf, VF_VLAN))
		evidence_of_pf(x, vf, "vlan %u", vf->vlan);
	if (shared)
		evidence(x, device_path(x, "iommu_group"), "%u, with other devices",
			vf->iommu_group);
	remedy(x, "sriovctl vf set " DOCTOR_OBJECT " trust off spoofchk on");
}

const struct check check_vf_weak = {
	.id = "vf-weak",
	.severity = SEVERITY_WARNING,
	.looks_at = "a VF in other hands with trust on and spoof checking off",
	.meaning = "whoever has it can send in the name of others, and take what is meant for them",
	.see = "sriovctl-vf(8)",
	.vf = vf_weak,
};
