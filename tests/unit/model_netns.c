/* The part of the model that deals with network namespaces, and with leases. */
#include "model.h"

#include "core/ip.h"
#include "core/link.h"
#include "core/quirk.h"
#include "plan/lease.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

void model_netns_init(struct model *m)
{
	static const char *const names[] = {"blue", "red", NULL};

	m->next_cookie = 1;
	for (size_t i = 0; i <= MODEL_NETNS; i++) {
		m->netns[i] = (struct model_netns){.netns = {.name = names[i]}};
		model_make_netns(m, &m->netns[i]);
	}
	m->netns[MODEL_HOME].netns.ours = true;
}

struct model_netns *model_netns(struct model *m, const char *name)
{
	for (size_t i = 0; i < MODEL_NETNS; i++)
		if (same(m->netns[i].netns.name, name))
			return &m->netns[i];
	abort();
}

struct model_netns *model_place(struct model *m, const struct vf *vf)
{
	return vf_has(vf, VF_NETNS) ? model_netns(m, vf->netns) : &m->netns[MODEL_HOME];
}

const char *model_name_taken(
	struct model *m, const struct model_netns *in, const char *name, const struct vf *but)
{
	for (size_t i = 0; i < MODEL_OTHERS; i++)
		if (same(in->others[i], name))
			return in->others[i];
	for (size_t p = 0; p < MODEL_PFS; p++) {
		if (in == &m->netns[MODEL_HOME] && same(m->pfs[p].pf.ifname, name))
			return m->pfs[p].pf.name;
		for (size_t i = 0; i < m->pfs[p].count; i++) {
			const struct vf *vf = &m->pfs[p].vfs[i];

			if (vf != but && vf_has(vf, VF_IFNAME) && model_place(m, vf) == in &&
				(same(vf->ifname, name) || strings_has(&vf->altnames, name)))
				return vf->name;
		}
	}
	return NULL;
}

/* A new list without one, or without those of IPv6: others may look at the old one. */
static void drop(struct model *m, struct strings *list, const char *item, bool ipv6)
{
	struct strings now = {arena_alloc(&m->arena, (list->count + 1) * sizeof(char *)), 0};

	for (size_t i = 0; i < list->count; i++)
		if (!same(list->items[i], item) && !(ipv6 && strchr(list->items[i], ':')))
			now.items[now.count++] = list->items[i];
	*list = now;
}

static void append(struct model *m, struct strings *list, const char *item)
{
	drop(m, list, NULL, false);
	list->items[list->count++] = arena_strdup(&m->arena, item);
}

/* igbvf_reset() and its like: what the PF has set counts from then on. */
static void take_mac_of_pf(const struct model_pf *p, struct vf *vf)
{
	if (quirk_of(p->pf.driver)->mac_needs_rebind && !vf->trust && !lladdr_is_zero(&vf->mac))
		vf->if_mac = vf->mac;
}

void model_down(struct model *m, const struct model_pf *p, struct vf *vf)
{
	if (!vf->up)
		return;
	vf->up = false;
	vf->link = LINK_DOWN;
	vf->gateways = (struct strings){0};
	drop(m, &vf->addresses, NULL, true);
	take_mac_of_pf(p, vf);
}

/* net/core/dev.c, __dev_change_net_namespace() */
void model_move(struct model *m, const struct model_pf *p, struct vf *vf, struct model_netns *to,
	const char *name)
{
	model_down(m, p, vf);
	vf->addresses = (struct strings){0};
	vf->ifname = arena_strdup(&m->arena, name);
	vf->known &= ~VF_BIT(VF_NETNS);
	vf->netns = to->netns.name;
	vf->netns_id = (struct netns_id){0};
	if (to == &m->netns[MODEL_HOME])
		return;
	vf->netns_id = to->netns.id;
	vf->known |= VF_BIT(VF_NETNS);
}

/* default_device_exit_net(): under its own name, or as dev7; alternative names that others
 * have are lost. */
static void come_back(struct model *m, const struct model_pf *p, struct vf *vf)
{
	struct model_netns *home = &m->netns[MODEL_HOME];
	const char *name = vf->ifname;

	for (unsigned n = (unsigned)vf->ifindex; model_name_taken(m, home, name, vf); n++)
		name = arena_printf(&m->arena, "dev%u", n);
	for (size_t i = vf->altnames.count; i-- > 0;)
		if (model_name_taken(m, home, vf->altnames.items[i], vf))
			drop(m, &vf->altnames, vf->altnames.items[i], false);
	model_move(m, p, vf, home, name);
}

void model_delete_netns(struct model *m, struct model_netns *in)
{
	for (size_t p = 0; p < MODEL_PFS; p++)
		for (size_t i = 0; i < m->pfs[p].count; i++) {
			struct vf *vf = &m->pfs[p].vfs[i];

			if (vf_has(vf, VF_NETNS) && model_place(m, vf) == in)
				come_back(m, &m->pfs[p], vf);
		}
	memset(in->others, 0, sizeof(in->others));
	in->there = false;
}

/* With the inode of the last one of that name: these come again, cookies do not. */
void model_make_netns(struct model *m, struct model_netns *in)
{
	in->there = true;
	in->netns.id = (struct netns_id){
		UINT64_C(4026531840) + (uint64_t)(in - m->netns), m->next_cookie++};
}

/* steps */

bool model_apply_lease(struct model *m, const struct model_pf *p, const struct step *s)
{
	struct error err;

	if (!s->new.known) {
		if (!m->failed[p - m->pfs][s->vf]) /* else it is still needed */
			lease_remove(p->pf.handle, (uint32_t)s->vf);
		return true;
	}
	if ((uint32_t)s->vf >= p->count)
		return model_fail(m, s, "no such VF");
	if (!s->want || !s->want->attached || s->want->attached->home.index != (uint32_t)s->vf ||
		strcmp(s->want->attached->pf, p->pf.handle) != 0)
		return model_fail(m, s, "it does not say what to remember");
	return lease_write(s->want->attached, &err) == 0 ? true : model_fail(m, s, err.message);
}

/* The name that it is to get on the way: plan/apply_link.c, name_after(). */
static const char *name_after(const struct plan *plan, const struct step *move)
{
	for (const struct step *s = move + 1; s < plan->steps + plan->count; s++)
		if (s->kind == STEP_IF_NAME && s->vf == move->vf)
			return s->new.string;
	return NULL;
}

static bool come_home(struct model *m, const struct model_pf *p, struct vf *vf, const char *name)
{
	struct model_netns *home = &m->netns[MODEL_HOME];

	if (model_name_taken(m, home, name, vf))
		name = arena_printf(&m->arena, "sriovvf%d", vf->ifindex);
	for (size_t i = vf->altnames.count; i-- > 0;)
		if (model_name_taken(m, home, vf->altnames.items[i], vf))
			drop(m, &vf->altnames, vf->altnames.items[i], false);
	model_move(m, p, vf, home, name);
	return true;
}

static bool apply_move(struct model *m, const struct model_pf *p, struct vf *vf,
	const struct plan *plan, const struct step *s)
{
	const char *name = name_after(plan, s);
	struct model_netns *to;

	if (!name)
		name = vf->ifname;
	if (!s->new.known)
		return come_home(m, p, vf, name);
	if (!s->want || !vf_has(s->want, VF_NETNS) || strcmp(s->want->netns, s->new.string) != 0)
		return model_fail(m, s, "it does not say where to");
	to = model_netns(m, s->new.string);
	if (!to->there || !netns_same(to->netns.id, NULL, s->want->netns_id, NULL))
		return model_refuse(m, p, s, "the namespace has gone");
	if (vf_has(vf, VF_NETNS) && model_place(m, vf) == to)
		return model_fail(m, s, "it is there already");
	if (model_name_taken(m, to, name, vf))
		return model_fail(m, s, "another interface there has that name");
	for (size_t i = 0; i < vf->altnames.count; i++)
		if (model_name_taken(m, to, vf->altnames.items[i], vf))
			return model_fail(m, s, "another interface there has its altname");
	model_move(m, p, vf, to, name);
	return true;
}

static bool apply_altname(struct model *m, const struct model_pf *p, struct vf *vf,
	const struct plan *plan, const struct step *s)
{
	if (!s->new.known) {
		drop(m, &vf->altnames, s->old.string, false);
		return true;
	}
	if (strings_has(&vf->altnames, s->new.string))
		return true;
	if (model_name_taken(m, model_place(m, vf), s->new.string, NULL))
		return plan->forward ? true /* no more than a warning */
				     : model_refuse(m, p, s, "another interface has that name");
	append(m, &vf->altnames, s->new.string);
	return true;
}

/* As set_mac() of plan/apply_link.c: one that the interface does not take from us it takes
 * from its PF when it is switched off and on. */
static bool apply_mac(
	struct model *m, const struct model_pf *p, struct vf *vf, const struct step *s)
{
	bool up = vf->up;

	if (!quirk_of(p->pf.driver)->mac_needs_rebind || vf->trust || lladdr_is_zero(&vf->mac)) {
		vf->if_mac = s->new.lladdr;
		return true;
	}
	vf->up = true;
	model_down(m, p, vf);
	vf->up = up;
	vf->link = up ? LINK_UP : LINK_DOWN;
	if (lladdr_equal(&vf->if_mac, &s->new.lladdr))
		return true;
	/* the PF has not got it either */
	if (s->put_back && m->failed[p - m->pfs][vf->index])
		return model_refuse(m, p, s, "the interface does not take this address");
	return model_fail(m, s, "the interface does not take this address");
}

static bool apply_address(struct model *m, struct vf *vf, const struct step *s)
{
	const char *text = s->new.known ? s->new.string : s->old.string;
	struct ip ip;

	if (!ip_parse(text, &ip) || !strchr(text, '/'))
		return model_fail(m, s, "that is no address");
	drop(m, &vf->addresses, text, false);
	if (s->new.known)
		append(m, &vf->addresses, text);
	return true;
}

static bool has_gateway_like(const struct vf *vf, const char *text)
{
	for (size_t i = 0; i < vf->gateways.count; i++)
		if (!strchr(vf->gateways.items[i], ':') == !strchr(text, ':'))
			return true;
	return false;
}

/* A namespace has one default route of each family. */
static bool has_route_like(struct model *m, const struct vf *like, const char *text)
{
	for (size_t p = 0; p < MODEL_PFS; p++)
		for (size_t i = 0; i < m->pfs[p].count; i++) {
			const struct vf *vf = &m->pfs[p].vfs[i];

			if (vf_has(vf, VF_IFNAME) && model_place(m, vf) == model_place(m, like) &&
				has_gateway_like(vf, text))
				return true;
		}
	return false;
}

static bool apply_gateway(
	struct model *m, const struct model_pf *p, struct vf *vf, const struct step *s)
{
	const char *text = s->new.known ? s->new.string : s->old.string;
	bool reachable = false;
	struct ip gateway, ip;

	if (!ip_parse(text, &gateway) || strchr(text, '/'))
		return model_fail(m, s, "that is no gateway");
	if (!s->new.known) {
		drop(m, &vf->gateways, text, false);
		return true;
	}
	reachable = ip_is_link_local(&gateway);
	for (size_t i = 0; i < vf->addresses.count; i++)
		reachable |= ip_parse(vf->addresses.items[i], &ip) && ip_covers(&ip, &gateway);
	if (!vf->up || !reachable)
		return model_fail(m, s, "nothing leads to it");
	if (s->old.known && strings_has(&vf->gateways, text)) /* it was only to be seen to */
		return true;
	if (has_gateway_like(vf, text))
		return model_fail(m, s, "it has another default route already");
	if (has_route_like(m, vf, text))
		return model_refuse(m, p, s, "there is another default route already");
	append(m, &vf->gateways, text);
	return true;
}

static bool apply_announce(struct model *m, const struct vf *vf, const struct step *s)
{
	if (!vf_has(vf, VF_NETNS) || !vf->up || !s->want || !s->want->addresses.count)
		return model_fail(m, s, "there is nothing to announce");
	for (size_t i = 0; i < s->want->addresses.count; i++)
		if (!strings_has(&vf->addresses, s->want->addresses.items[i]))
			return model_fail(m, s, "it has no such address");
	return true;
}

static bool apply_name(
	struct model *m, const struct model_pf *p, struct vf *vf, const struct step *s)
{
	if (strcmp(vf->ifname, s->new.string) == 0)
		return true;
	/* its own alternative names are names as well */
	if (model_name_taken(m, model_place(m, vf), s->new.string, NULL))
		return s->put_back || m->undoing
			       ? model_refuse(m, p, s, "another interface has that name")
			       : model_clash(m, p, s, "another interface has that name");
	vf->ifname = arena_strdup(&m->arena, s->new.string);
	return true;
}

bool model_apply_link(struct model *m, const struct model_pf *p, struct vf *vf,
	const struct plan *plan, const struct step *s)
{
	if (!vf_has(vf, VF_IFINDEX)) /* that of a new VF may not have come */
		return s->put_back || m->undoing || m->failed[p - m->pfs][vf->index]
			       ? model_refuse(m, p, s, "it has no interface")
			       : model_fail(m, s, "it has no interface");
	switch (s->kind) {
	case STEP_IF_NETNS:
		return apply_move(m, p, vf, plan, s);
	case STEP_IF_NAME:
		return apply_name(m, p, vf, s);
	case STEP_IF_MTU:
		vf->mtu = (uint32_t)s->new.uint;
		return true;
	case STEP_IF_UP:
		if (!s->new.on)
			model_down(m, p, vf);
		vf->up = s->new.on;
		vf->link = vf->up ? LINK_UP : LINK_DOWN;
		return true;
	case STEP_IF_ALTNAME:
		return apply_altname(m, p, vf, plan, s);
	case STEP_IF_MAC:
		return apply_mac(m, p, vf, s);
	case STEP_IF_ADDRESS:
		return apply_address(m, vf, s);
	case STEP_IF_GATEWAY:
		return apply_gateway(m, p, vf, s);
	case STEP_IF_ANNOUNCE:
		return apply_announce(m, vf, s);
	case STEP_LEASE:
	case STEP_AUTOPROBE:
	case STEP_NUM_VFS:
	case STEP_VF_ATTR:
	case STEP_VF_MSIX:
	case STEP_VF_OVERRIDE:
	case STEP_VF_DRIVER:
	case STEP_VF_RESET:
	case STEP_VFIO_NODE:
		break;
	}
	return model_fail(m, s, "no such step");
}

/* showing */

static void add_others(struct model *m, struct host *host)
{
	for (size_t n = 0; n <= MODEL_NETNS; n++)
		for (size_t i = 0; i < MODEL_OTHERS; i++)
			if (m->netns[n].others[i])
				host->links[host->link_count++] =
					(struct link){.ifindex = (int)(900 + 10 * n + i),
						.name = m->netns[n].others[i],
						.kind = "dummy",
						.netns = m->netns[n].netns.name,
						.netns_id = n == MODEL_HOME ? (struct netns_id){0}
									    : m->netns[n].netns.id};
}

static void add_usages(struct model *m, struct host *host)
{
	size_t room = 0;

	for (size_t i = 0; i < host->vf_count; i++)
		room += host->vfs[i].addresses.count;
	host->usages = arena_alloc(&m->arena, (room + 1) * sizeof(*host->usages));
	for (size_t i = 0; i < host->vf_count; i++)
		for (size_t a = 0; a < host->vfs[i].addresses.count; a++)
			if (!vf_has(&host->vfs[i], VF_NETNS))
				host->usages[host->usage_count++] =
					(struct usage){host->vfs[i].ifindex,
						arena_printf(&m->arena, "address %s",
							host->vfs[i].addresses.items[a])};
}

void model_show_netns(struct model *m, struct host *host)
{
	host->looked_elsewhere = true;
	host->netns = arena_alloc(&m->arena, MODEL_NETNS * sizeof(*host->netns));
	for (size_t i = 0; i < MODEL_NETNS; i++)
		if (m->netns[i].there)
			host->netns[host->netns_count++] = m->netns[i].netns;
	add_others(m, host);
	add_usages(m, host);
	/* they live as long as the model does */
	host->arena = m->arena;
	leases_read(host, -1);
	m->arena = host->arena;
	host->arena = (struct arena){0};
	if (host->warning_count)
		abort();
}
