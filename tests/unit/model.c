#include "model.h"

#include "core/driver.h"
#include "core/link.h"
#include "core/quirk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool model_fail(struct model *m, const struct step *s, const char *why)
{
	char old[VALUE_TEXT_MAX], new[VALUE_TEXT_MAX];

	value_format(&s->old, old, sizeof(old));
	value_format(&s->new, new, sizeof(new));
	if (!m->wrong[0])
		snprintf(m->wrong, sizeof(m->wrong), "%.40s %s %.60s>%.60s: %s", s->object, s->key,
			old, new, why);
	return false;
}

/* failed() of plan/apply.c. */
bool model_refuse(struct model *m, const struct model_pf *p, const struct step *s, const char *why)
{
	bool declared = m->problems && !m->undoing && s->vf >= 0;
	struct error err = {0};

	if (declared) {
		error_set(&err, EXIT_KERNEL, "%s", why);
		error_about(&err, s->object, s->key);
		problem_error(m->problems, (struct origin){0}, &err);
	}
	if (s->put_back || m->undoing || (declared && !s->internal)) {
		if (s->vf >= 0)
			m->failed[p - m->pfs][s->vf] = true;
		if (s->kind == STEP_IF_NETNS || (declared && s->kind == STEP_VF_DRIVER))
			m->left[p - m->pfs][s->vf] = true;
		return true;
	}
	m->refused = why;
	return false;
}

bool model_clash(struct model *m, const struct model_pf *p, const struct step *s, const char *why)
{
	bool failed = false;

	for (size_t i = 0; i < MODEL_VFS; i++)
		failed |= m->failed[p - m->pfs][i];
	return m->problems && failed ? model_refuse(m, p, s, why) : model_fail(m, s, why);
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool fits(const char *is, const char *want)
{
	if (want && strcmp(want, DRIVER_DEFAULT) == 0)
		return is && !driver_is_passthrough(is);
	return same(is, want);
}

/* drivers and interfaces */

#define IF_BITS                                                                                    \
	(VF_BIT(VF_IFNAME) | VF_BIT(VF_IFINDEX) | VF_BIT(VF_LINK) | VF_BIT(VF_UP) |                \
		VF_BIT(VF_MTU) | VF_BIT(VF_ALTNAMES) | VF_BIT(VF_IF_MAC) | VF_BIT(VF_ADDRESSES) |  \
		VF_BIT(VF_GATEWAYS))

static void lose_driver(struct vf *vf)
{
	/* a trusted VF's driver puts back the address it has */
	if (vf_has(vf, VF_IF_MAC) && vf->trust && !lladdr_is_zero(&vf->mac))
		vf->mac = vf->if_mac;
	vf->known &= ~(IF_BITS | VF_BIT(VF_NETNS) | VF_BIT(VF_DRIVER) | VF_BIT(VF_VFIO));
	vf->driver = vf->ifname = vf->vfio = vf->netns = NULL;
	vf->altnames = vf->addresses = vf->gateways = (struct strings){0};
}

static struct lladdr made_up_mac(struct model *m)
{
	return (struct lladdr){6, {0x0e, 0, 0, 0, 0, ++m->next_mac}};
}

static void get_driver(struct model *m, struct vf *vf, const char *driver)
{
	vf->driver = arena_strdup(&m->arena, driver);
	vf->known |= VF_BIT(VF_DRIVER);
	if (strcmp(driver, DRIVER_VFIO) == 0) {
		vf->vfio = arena_printf(&m->arena, "/dev/vfio/%u", vf->iommu_group);
		vf->known |= VF_BIT(VF_VFIO);
	}
	if (driver_is_passthrough(driver))
		return;
	do {
		vf->ifindex = m->next_ifindex++;
		vf->ifname = arena_printf(&m->arena, "new%d", vf->ifindex);
	} while (model_name_taken(m, &m->netns[MODEL_HOME], vf->ifname, vf));
	vf->link = LINK_DOWN;
	vf->up = false;
	vf->mtu = 1500;
	vf->altnames = (struct strings){0};
	vf->if_mac = vf->mac;
	if (lladdr_is_zero(&vf->mac))
		vf->if_mac = made_up_mac(m);
	vf->known |= IF_BITS;
}

/* drivers/base/dd.c and drivers/pci/pci-driver.c, pci_device_can_probe(). NULL: all of them. */
static bool probe(struct model *m, const struct model_pf *p, struct vf *vf, const char *driver)
{
	if (!vf->driver_override && !p->pf.autoprobe)
		return false;
	if (vf->driver_override && driver && strcmp(vf->driver_override, driver) != 0)
		return false;
	if (vf_has(vf, VF_DRIVER))
		return false;
	get_driver(m, vf, driver ? driver : vf->driver_override ? vf->driver_override : "igbvf");
	return true;
}

/* As apply_vf_driver() does it. */
static bool apply_driver(
	struct model *m, const struct model_pf *p, struct vf *vf, const struct step *s)
{
	const char *want = s->new.known ? s->new.string : NULL;
	const char *is = vf_has(vf, VF_DRIVER) ? vf->driver : NULL;
	bool by_default = want && strcmp(want, DRIVER_DEFAULT) == 0, override, came;

	if (!s->rebind && fits(is, want))
		return true;
	override = want && !by_default &&
		   (driver_is_passthrough(want) || s->rebind || s->put_back || s->internal ||
			   m->undoing);
	if (is)
		lose_driver(vf);
	if (!want)
		return true;
	if (override)
		vf->driver_override = want;
	came = probe(m, p, vf, by_default || override ? NULL : want);
	if (override)
		vf->driver_override = s->want && vf_has(s->want, VF_DRIVER_OVERRIDE)
					      ? s->want->driver_override
					      : NULL;
	if (!came && !s->internal)
		return model_fail(m, s, "no driver took it");
	if (came && !fits(vf->driver, want))
		return model_fail(m, s, "another driver took it");
	return true;
}

/* No driver takes it: it is without one then, unless it can have that from before again, as
 * give_back() of plan/apply_vf.c has it. */
static void refuse_driver(struct model *m, const struct model_pf *p, const struct step *s)
{
	struct vf *vf = &m->pfs[p - m->pfs].vfs[s->vf];

	if (vf_has(vf, VF_DRIVER))
		lose_driver(vf);
	if (m->problems && !m->undoing && !s->put_back && !s->rebind && s->old.known)
		get_driver(m, vf, s->old.string);
}

void model_restart(struct model *m, const struct model_pf *p, struct vf *vf, bool again)
{
	lose_driver(vf);
	if (again)
		probe(m, p, vf, NULL);
}

/* the number of VFs */

static void new_vf(struct model *m, struct model_pf *p, uint32_t i)
{
	struct vf *vf = &p->vfs[i];

	*vf = (struct vf){.index = i,
		.pf = p->pf.name,
		.pf_bdf = p->pf.bdf,
		.bdf = {p->pf.bdf.domain, p->pf.bdf.bus, (uint8_t)(0x80 + i)},
		.mac = {.len = 6},
		.spoofchk = quirk_of(p->pf.driver)->spoofchk != FRESH_OFF,
		.iommu_group = 10 + MODEL_VFS * (uint32_t)(p - m->pfs) + i,
		.msix = 8,
		.resettable = true};
	vf->name = arena_printf(&m->arena, "%s/%u", p->pf.name, i);
	vf->known = VF_BIT(VF_INDEX) | VF_BIT(VF_PF) | VF_BIT(VF_NAME) | VF_BIT(VF_PF_BDF) |
		    VF_BIT(VF_BDF) | VF_BIT(VF_MAC) | VF_BIT(VF_VLAN) | VF_BIT(VF_QOS) |
		    VF_BIT(VF_PROTO) | VF_BIT(VF_MAX_TX_RATE) | VF_BIT(VF_MIN_TX_RATE) |
		    VF_BIT(VF_SPOOFCHK) | VF_BIT(VF_TRUST) | VF_BIT(VF_STATE) |
		    VF_BIT(VF_QUERY_RSS) | VF_BIT(VF_IOMMU_GROUP) | VF_BIT(VF_MSIX);
	/* discovery does not believe what the driver does not keep */
	vf->known &= ~quirk_of(p->pf.driver)->not_kept;
	if (p->pf.autoprobe)
		get_driver(m, vf, "igbvf");
}

static bool apply_num_vfs(struct model *m, struct model_pf *p, const struct step *s)
{
	if (s->new.uint && p->count)
		return model_fail(m, s, "the kernel changes it only by way of 0");
	if (s->new.uint > MODEL_VFS)
		return model_fail(m, s, "too many for this model");
	if (quirk_of(p->pf.driver)->pf_up_first && !p->pf.up)
		return model_fail(m, s, "the PF is down");
	p->count = 0;
	while (p->count < s->new.uint)
		new_vf(m, p, p->count++);
	return true;
}

/* attributes */

/* Every attribute that is written with this one: kernel/rtnl_set.c, put_attr(). */
static uint64_t written_with(enum vf_attr attr)
{
	const uint64_t vlan = VF_BIT(VF_VLAN) | VF_BIT(VF_QOS) | VF_BIT(VF_PROTO);
	const uint64_t rates = VF_BIT(VF_MAX_TX_RATE) | VF_BIT(VF_MIN_TX_RATE);

	return vlan >> attr & 1 ? vlan : rates >> attr & 1 ? rates : VF_BIT(attr);
}

static bool apply_attr(
	struct model *m, const struct model_pf *p, struct vf *vf, const struct step *s)
{
	uint64_t attrs = written_with(s->attr), known = vf->known;
	const struct quirk *quirk = quirk_of(p->pf.driver);
	struct value v;

	if (quirk_unsupported(&p->pf) >> s->attr & 1)
		return model_fail(m, s, "this driver cannot set it");
	if (!s->want || s->want->index != vf->index || !vf_has(s->want, s->attr))
		return model_fail(m, s, "it does not say what to write");
	if (s->attr == VF_MAX_TX_RATE && p->pf.link != LINK_UP && quirk->rate_needs_link &&
		(s->new.uint || quirk->no_rate_needs_link))
		return m->undoing || s->put_back ? model_refuse(m, p, s, "there is no link")
						 : model_fail(m, s, "there is no link");
	/* what it had from the PF it has not any more */
	if (s->attr == VF_MAC && vf_has(vf, VF_IF_MAC) && lladdr_is_zero(&s->new.lladdr) &&
		lladdr_equal(&vf->mac, &vf->if_mac))
		vf->if_mac = made_up_mac(m);
	for (unsigned a = 0; a < VF_ATTR_COUNT; a++) {
		struct vf copy = *s->want;

		if (!(attrs >> a & 1))
			continue;
		copy.known |= VF_BIT(a); /* what is not known is written as 0 */
		v = attr_get(&vf_type, a, &copy);
		attr_set(&vf_type, a, vf, &v);
	}
	vf->known = known;
	if (attrs & VF_BIT(VF_VLAN) && !vf->vlan)
		vf->qos = vf->proto = 0;
	if (vf->max_tx_rate && vf->min_tx_rate > vf->max_tx_rate)
		return model_clash(m, p, s, "the minimum is above the maximum");
	if (s->attr == VF_MAC && vf_has(vf, VF_IF_MAC) && !lladdr_is_zero(&vf->mac) &&
		!quirk_of(p->pf.driver)->mac_needs_rebind)
		vf->if_mac = vf->mac;
	v = attr_get(&vf_type, s->attr, vf);
	return !v.known || value_equal(&v, &s->new)
		       ? true
		       : model_fail(m, s, "it was written, and is not there");
}

static bool apply_pf(struct model *m, struct model_pf *p, const struct step *s)
{
	if (s->kind == STEP_AUTOPROBE)
		p->pf.autoprobe = s->new.on;
	else if (s->kind == STEP_NUM_VFS)
		return apply_num_vfs(m, p, s);
	else if (s->kind == STEP_IF_MTU)
		p->pf.mtu = (uint32_t)s->new.uint;
	else if (s->kind == STEP_IF_UP) {
		p->pf.up = s->new.on;
		p->pf.link = s->new.on ? LINK_UP : LINK_DOWN;
	} else
		return model_fail(m, s, "no such step for a PF");
	return true;
}

static bool apply_vf(
	struct model *m, struct model_pf *p, const struct plan *plan, const struct step *s)
{
	struct vf *vf = &p->vfs[s->vf];

	if (s->kind == STEP_LEASE) /* also of one that does not exist any more */
		return model_apply_lease(m, p, s);
	if ((uint32_t)s->vf >= p->count)
		return model_fail(m, s, "no such VF");
	switch (s->kind) {
	case STEP_VF_ATTR:
		return apply_attr(m, p, vf, s);
	case STEP_VF_MSIX:
		if (vf_has(vf, VF_DRIVER))
			return model_fail(m, s, "a driver has it");
		vf->msix = (uint32_t)s->new.uint;
		return true;
	case STEP_VF_OVERRIDE:
		vf->driver_override = s->new.known ? s->new.string : NULL;
		return true;
	case STEP_VF_DRIVER:
		return apply_driver(m, p, vf, s);
	case STEP_VF_RESET:
		if (vf_has(vf, VF_DRIVER) && !driver_is_passthrough(vf->driver))
			return model_fail(m, s, "its driver would hang");
		return true;
	case STEP_VFIO_NODE:
		return vf_has(vf, VF_VFIO) && same(vf->vfio, s->new.string)
			       ? true
			       : model_fail(m, s, "there is no such node");
	case STEP_IF_NETNS:
	case STEP_IF_NAME:
	case STEP_IF_MAC:
	case STEP_IF_MTU:
	case STEP_IF_UP:
	case STEP_IF_ALTNAME:
	case STEP_IF_ADDRESS:
	case STEP_IF_GATEWAY:
	case STEP_IF_ANNOUNCE:
		return model_apply_link(m, p, vf, plan, s);
	case STEP_LEASE:
	case STEP_AUTOPROBE:
	case STEP_NUM_VFS:
		break;
	}
	return model_fail(m, s, "no such step for a VF");
}

/* plan/apply.c, is_late_step(): from the first of these on there is nothing else for VFs. */
static bool is_late(const struct step *s)
{
	return s->vf >= 0 && ((s->kind >= STEP_IF_NAME && s->kind != STEP_LEASE &&
				      (s->kind != STEP_IF_NETNS || s->new.known)) ||
				     (s->kind == STEP_LEASE && !s->new.known));
}

/* Its interface moves by a step of [from, to), there or home. */
static bool moves(const struct plan *plan, size_t from, size_t to, int32_t vf, bool home)
{
	for (; from < to; from++)
		if (plan->steps[from].kind == STEP_IF_NETNS && plan->steps[from].vf == vf &&
			!plan->steps[from].new.known == home)
			return true;
	return false;
}

/* What an order must never be: `at` is the step whose turn it is. */
static const char *wrong_order(const struct plan *plan, size_t at)
{
	const struct step *s = &plan->steps[at];

	for (size_t i = 0; i < at; i++)
		if (is_late(&plan->steps[i]) && !is_late(s) &&
			(s->vf >= 0 || (s->kind != STEP_IF_UP && s->kind != STEP_IF_MTU)))
			return "it comes behind those for interfaces";
	if (s->kind != STEP_VF_ATTR)
		return NULL;
	/* whoever has it there must not see what it has at home, nor have it without limits */
	if (moves(plan, at + 1, plan->count, s->vf, true))
		return "the VF is still elsewhere, and about to come home";
	if (moves(plan, 0, at, s->vf, false))
		return "the VF has been handed over already";
	return NULL;
}

static bool trouble(struct model *m, const struct model_pf *p, const struct step *s)
{
	if (m->problems && s->kind == STEP_VF_DRIVER && s->new.known)
		refuse_driver(m, p, s);
	return model_refuse(m, p, s, "trouble");
}

bool model_apply(struct model *m, const struct plan *plan, size_t from, size_t to)
{
	struct model_pf *p = model_pf(m, plan->pf->handle);

	if (!from) {
		memset(m->failed[p - m->pfs], 0, sizeof(m->failed[0]));
		memset(m->left[p - m->pfs], 0, sizeof(m->left[0]));
	}
	m->refused = NULL;
	for (; from < to; from++) {
		const struct step *s = &plan->steps[from];
		const char *why = wrong_order(plan, from);
		bool ok;

		if (why)
			return model_fail(m, s, why);
		if (s->vf >= 0 && m->left[p - m->pfs][s->vf])
			continue;
		if (m->trouble >= 0 && m->trouble-- == 0)
			ok = trouble(m, p, s);
		else
			ok = s->vf < 0 ? apply_pf(m, p, s) : apply_vf(m, p, plan, s);
		if (!ok)
			return false;
		why = model_broken(m);
		if (why)
			return model_fail(m, s, why);
	}
	return true;
}

/* What apply.c does not ask for on the way back, where it cannot matter. */
static void forget_addresses(const struct plan *plan, struct host *host)
{
	if (plan_has_step(plan, STEP_IF_ADDRESS) || plan_has_step(plan, STEP_IF_GATEWAY))
		return;
	for (size_t i = 0; i < plan->before.count; i++)
		if (plan->before.vfs[i]->vf.known & (VF_BIT(VF_ADDRESSES) | VF_BIT(VF_GATEWAYS)))
			return;
	for (size_t i = 0; i < host->vf_count; i++) {
		host->vfs[i].known &= ~(VF_BIT(VF_ADDRESSES) | VF_BIT(VF_GATEWAYS));
		host->vfs[i].addresses = host->vfs[i].gateways = (struct strings){0};
	}
}

bool model_plan_back(struct model *m, const struct plan *plan, struct plan *back)
{
	struct host host;
	struct error err = {0};

	*back = (struct plan){.before = plan->before, .interrupted = true};
	model_show(m, &host);
	forget_addresses(plan, &host);
	for (size_t i = 0; i < host.pf_count; i++)
		if (strcmp(host.pfs[i].handle, plan->pf->handle) == 0)
			back->pf = &host.pfs[i];
	if (plan_toward(back, &host, &plan->before, &err) == 0)
		return true;
	snprintf(m->wrong, sizeof(m->wrong), "no way back: %.400s", err.message);
	return false;
}

bool model_undo(struct model *m, const struct plan *plan)
{
	struct plan back;
	bool ok = model_plan_back(m, plan, &back);

	m->undoing = true;
	ok = ok && model_apply(m, &back, 0, back.count);
	m->undoing = false;
	plan_free(&back);
	return ok;
}

/* making, showing */

void model_init(struct model *m, const char *driver, uint32_t count)
{
	*m = (struct model){.next_ifindex = 100, .trouble = -1};
	model_netns_init(m);
	for (uint8_t i = 0; i < MODEL_PFS; i++) {
		struct model_pf *p = &m->pfs[i];
		struct pf *pf = &p->pf;

		pf->name = pf->ifname = arena_printf(&m->arena, "eth%u", i);
		pf->bdf = (struct bdf){0, (uint8_t)(0x21 + 0x20 * i), 0};
		pf->handle = arena_printf(&m->arena, "pci/0000:%02x:00.0", pf->bdf.bus);
		pf->driver = driver;
		pf->ifindex = 10 + i;
		pf->total_vfs = MODEL_VFS;
		pf->autoprobe = pf->up = true;
		pf->link = LINK_UP;
		pf->mtu = 1500;
		pf->mac = (struct lladdr){6, {0x52, 0x54, 0, 0, 0, i}};
		pf->known = PF_BIT(PF_NAME) | PF_BIT(PF_IFNAME) | PF_BIT(PF_BDF) |
			    PF_BIT(PF_HANDLE) | PF_BIT(PF_DRIVER) | PF_BIT(PF_IFINDEX) |
			    PF_BIT(PF_TOTAL_VFS) | PF_BIT(PF_NUM_VFS) | PF_BIT(PF_AUTOPROBE) |
			    PF_BIT(PF_MAC) | PF_BIT(PF_LINK) | PF_BIT(PF_UP) | PF_BIT(PF_MTU);
		while (p->count < count)
			new_vf(m, p, p->count++);
	}
}

void model_free(struct model *m)
{
	arena_free(&m->arena);
	memset(m, 0, sizeof(*m));
}

struct model_pf *model_pf(struct model *m, const char *handle)
{
	for (size_t i = 0; i < MODEL_PFS; i++)
		if (strcmp(m->pfs[i].pf.handle, handle) == 0)
			return &m->pfs[i];
	abort();
}

static struct link *add_link(struct host *host, int ifindex, const char *name, struct lladdr addr)
{
	struct link *l = &host->links[host->link_count++];

	*l = (struct link){.ifindex = ifindex, .name = name, .addr = addr};
	return l;
}

static void show_vf(struct host *host, const struct vf *vf)
{
	struct link *l;

	host->vfs[host->vf_count] = *vf;
	if (vf->driver_override) /* else discovery says nothing of it */
		host->vfs[host->vf_count].known |= VF_BIT(VF_DRIVER_OVERRIDE);
	host->vf_count++;
	if (!vf_has(vf, VF_IFINDEX))
		return;
	l = add_link(host, vf->ifindex, vf->ifname, vf->if_mac);
	l->altnames = vf->altnames;
	l->netns = vf->netns;
	l->netns_id = vf->netns_id;
}

void model_show(struct model *m, struct host *host)
{
	struct arena *arena = &m->arena;
	size_t links = MODEL_PFS * (MODEL_VFS + 1) + (MODEL_NETNS + 1) * MODEL_OTHERS;

	memset(host, 0, sizeof(*host));
	host->pfs = arena_alloc(arena, MODEL_PFS * sizeof(*host->pfs));
	host->vfs = arena_alloc(arena, MODEL_PFS * MODEL_VFS * sizeof(*host->vfs));
	host->links = arena_alloc(arena, links * sizeof(*host->links));
	host->has_iommu = true;
	for (size_t i = 0; i < MODEL_PFS; i++) {
		struct model_pf *p = &m->pfs[i];
		struct pf *pf = &host->pfs[host->pf_count++];

		*pf = p->pf;
		pf->first_vf = host->vf_count;
		pf->num_vfs = p->count;
		pf->vf_count = p->count;
		add_link(host, pf->ifindex, pf->ifname, pf->mac);
		for (uint32_t v = 0; v < p->count; v++)
			show_vf(host, &p->vfs[v]);
	}
	model_show_netns(m, host);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void model_vf_text(const struct vf *vf, bool names, char *text, size_t size)
{
	static const enum vf_attr attrs[] = {VF_DRIVER, VF_DRIVER_OVERRIDE, VF_NETNS, VF_IFNAME,
		VF_MTU, VF_UP, VF_ALTNAMES, VF_ADDRESSES, VF_GATEWAYS, VF_MAC, VF_VLAN, VF_QOS,
		VF_PROTO, VF_MAX_TX_RATE, VF_MIN_TX_RATE, VF_SPOOFCHK, VF_TRUST, VF_STATE,
		VF_QUERY_RSS, VF_MSIX, VF_IF_MAC};
	const char *sorted[8];
	struct vf known = *vf;
	size_t n = (size_t)snprintf(text, size, "%s:", vf->name);

	if (vf->driver_override)
		known.known |= VF_BIT(VF_DRIVER_OVERRIDE);
	/* whoever takes one off and puts it back puts it behind the others */
	if (vf->altnames.count > sizeof(sorted) / sizeof(sorted[0]))
		abort();
	for (size_t i = 0; i < vf->altnames.count; i++)
		sorted[i] = vf->altnames.items[i];
	qsort(sorted, vf->altnames.count, sizeof(sorted[0]), compare_names);
	known.altnames.items = sorted;
	for (size_t a = 0; a < sizeof(attrs) / sizeof(attrs[0]); a++) {
		struct value value = attr_get(&vf_type, attrs[a], &known);
		char out[VALUE_TEXT_MAX];

		/* a driver makes one up where none is set */
		if (attrs[a] == VF_IF_MAC && lladdr_is_zero(&vf->mac))
			continue;
		value_format(&value, out, sizeof(out));
		if (!names && attrs[a] == VF_IFNAME && strncmp(out, "new", 3) == 0)
			out[3] = 0;
		if (out[0] && n < size)
			n += (size_t)snprintf(
				text + n, size - n, " %s=%s", vf_type.attrs[attrs[a]].key, out);
	}
	if (n >= size)
		abort();
}

void model_text(struct model *m, bool names, char *text, size_t size)
{
	struct host host;
	size_t n = 0;

	model_show(m, &host); /* for the leases */
	for (size_t i = 0; i < MODEL_PFS; i++) {
		const struct model_pf *p = &m->pfs[i];

		n += (size_t)snprintf(text + n, size - n,
			"%s: %u VFs, autoprobe %d, mtu %u, up %d\n", p->pf.name, p->count,
			p->pf.autoprobe, p->pf.mtu, p->pf.up);
		for (uint32_t v = 0; v < p->count && n < size; v++) {
			const struct lease *l = host.vfs[host.pfs[i].first_vf + v].attached;

			model_vf_text(&p->vfs[v], names, text + n, size - n);
			n += strlen(text + n);
			n += (size_t)snprintf(text + n, size - n, "%s%s%s%s\n",
				l ? " lent to " : "", l ? l->netns : "",
				l && l->owner ? " for " : "", l && l->owner ? l->owner : "");
		}
	}
	if (n >= size)
		abort();
}

const char *model_broken(struct model *m)
{
	for (size_t p = 0; p < MODEL_PFS; p++)
		for (size_t i = 0; i < m->pfs[p].count; i++) {
			const struct vf *vf = &m->pfs[p].vfs[i];
			const struct model_netns *in;

			if (!vf_has(vf, VF_IFNAME))
				continue;
			in = model_place(m, vf);
			if (!in->there)
				return "an interface is in a namespace that has gone";
			if (model_name_taken(m, in, vf->ifname, vf))
				return "two interfaces have the same name";
			for (size_t a = 0; a < vf->altnames.count; a++)
				if (model_name_taken(m, in, vf->altnames.items[a], vf))
					return "two interfaces have the same alternative name";
		}
	return NULL;
}
