/* Single steps: each changes what was last seen, and tells of it. */
#include "core/scene_parts.h"

#include "core/lease.h"
#include "core/quirk.h"

#include <string.h>

struct pf *subject_pf(struct scene *s, struct subject who)
{
	return &s->host.pfs[who.pf];
}

struct vf *subject_vf(struct scene *s, struct subject who)
{
	return who.is_vf ? &s->host.vfs[who.vf] : NULL;
}

const char *scene_keep(struct scene *s, const char *text)
{
	if (!text)
		return NULL;
	s->grown += strlen(text) + 16;
	return arena_strdup(&s->host.arena, text);
}

struct subject scene_vf(struct scene *s, size_t pf, uint32_t index)
{
	const struct vf *vf = host_vf(&s->host, &s->host.pfs[pf], index);

	return vf ? (struct subject){true, pf, true, (size_t)(vf - s->host.vfs)}
		  : (struct subject){.pf = pf};
}

/* telling */

static bool is_chosen(const struct scene *s, const struct pf *pf)
{
	for (size_t i = 0; i < s->chosen_count; i++)
		if (strcmp(s->chosen[i], pf->handle) == 0)
			return true;
	return !s->chosen_count;
}

static struct event *add_event(struct scene *s, const struct pf *pf, enum event_kind kind)
{
	struct event *e = &s->unheard;

	if (!pf || is_chosen(s, pf)) {
		s->told = arena_push(&s->told_arena, s->told, &s->told_count, sizeof(*s->told));
		e = &s->told[s->told_count - 1];
	}
	*e = (struct event){.kind = kind, .known = EVENT_BIT(EVENT_EVENT)};
	return e;
}

static void set_place(struct event *e, const char *ifname, const char *netns)
{
	e->ifname = ifname;
	e->netns = netns;
	e->known |= (ifname ? EVENT_BIT(EVENT_IFNAME) : 0) |
		    (ifname && netns ? EVENT_BIT(EVENT_NETNS) : 0);
}

struct event *scene_tell(struct scene *s, struct subject who, enum event_kind kind)
{
	const struct pf *pf = subject_pf(s, who);
	const struct vf *vf = subject_vf(s, who);
	struct event *e = add_event(s, pf, kind);

	e->object = vf ? "vf" : "pf";
	e->pf = pf->name;
	e->known |= EVENT_BIT(EVENT_OBJECT) | EVENT_BIT(EVENT_PF);
	if (vf ? vf_has(vf, VF_BDF) : pf_has(pf, PF_BDF)) {
		e->bdf = vf ? vf->bdf : pf->bdf;
		e->known |= EVENT_BIT(EVENT_BDF);
	}
	if (!vf) {
		set_place(e, pf_has(pf, PF_IFNAME) ? pf->ifname : NULL, s->looks[who.pf].netns);
		return e;
	}
	e->index = vf->index;
	e->vf = arena_printf(&s->told_arena, "%s/%u", pf->name, vf->index);
	e->known |= EVENT_BIT(EVENT_VF) | EVENT_BIT(EVENT_INDEX);
	set_place(e, vf_has(vf, VF_IFNAME) ? vf->ifname : NULL,
		vf_has(vf, VF_NETNS) ? vf->netns : NULL);
	return e;
}

struct event *scene_say(struct scene *s, const struct pf *pf, enum event_kind kind)
{
	if (pf)
		return scene_tell(s, (struct subject){.pf = (size_t)(pf - s->host.pfs)}, kind);
	return add_event(s, NULL, kind);
}

struct event *scene_tell_change(struct scene *s, struct subject who, enum event_kind kind,
	const char *attr, struct value old, struct value new)
{
	struct event *e = scene_tell(s, who, kind);

	e->attr = attr;
	e->old = old;
	e->new = new;
	e->known |= EVENT_BIT(EVENT_ATTR) | (old.known ? EVENT_BIT(EVENT_OLD) : 0) |
		    (new.known ? EVENT_BIT(EVENT_NEW) : 0);
	return e;
}

static struct value text_value(const char *text)
{
	return text ? value_string(text) : (struct value){.type = VALUE_STRING};
}

/* interfaces */

/* An interface, as a PF and a VF have it alike. */
struct iface {
	const char *ifname, *netns;
	struct netns_id netns_id;
	int32_t ifindex;
	struct value link, mtu, mac;
};

static struct iface iface_of(struct scene *s, struct subject who)
{
	const struct pf *pf = subject_pf(s, who);
	const struct vf *vf = subject_vf(s, who);

	if (vf)
		return (struct iface){vf_has(vf, VF_IFNAME) ? vf->ifname : NULL,
			vf_has(vf, VF_NETNS) ? vf->netns : NULL, vf->netns_id, vf->ifindex,
			attr_get(&vf_type, VF_LINK, vf), attr_get(&vf_type, VF_MTU, vf),
			attr_get(&vf_type, VF_IF_MAC, vf)};
	return (struct iface){pf_has(pf, PF_IFNAME) ? pf->ifname : NULL, s->looks[who.pf].netns,
		s->looks[who.pf].netns_id, pf->ifindex, attr_get(&pf_type, PF_LINK, pf),
		attr_get(&pf_type, PF_MTU, pf), attr_get(&pf_type, PF_MAC, pf)};
}

static void put_pf(struct scene *s, size_t at, const struct link *l, bool same_name)
{
	struct pf *pf = &s->host.pfs[at];
	char bdf[BDF_SIZE];

	pf->known &= ~(PF_BIT(PF_IFNAME) | PF_BIT(PF_IFINDEX) | PF_BIT(PF_LINK) | PF_BIT(PF_MTU) |
		       PF_BIT(PF_MAC));
	if (l->name) {
		if (!same_name)
			pf->ifname = scene_keep(s, l->name);
		pf->ifindex = l->ifindex;
		pf->link = l->state;
		pf->mtu = l->mtu;
		pf->mac = l->addr;
		pf->known |= PF_BIT(PF_IFNAME) | (l->ifindex ? PF_BIT(PF_IFINDEX) : 0) |
			     (l->state_known ? PF_BIT(PF_LINK) : 0) |
			     (l->mtu_known ? PF_BIT(PF_MTU) : 0) |
			     (l->addr.len ? PF_BIT(PF_MAC) : 0);
	}
	s->looks[at].netns = l->name ? l->netns : NULL;
	s->looks[at].netns_id = l->netns_id;
	/* what it is called by commands, which do not find it elsewhere */
	bdf_format(pf->bdf, bdf);
	if (l->name && !l->netns)
		pf->name = pf->ifname;
	else if (pf_has(pf, PF_BDF) && strcmp(pf->name, bdf) != 0)
		pf->name = scene_keep(s, bdf);
	else if (!pf_has(pf, PF_BDF))
		pf->name = pf->handle;
}

static void put_vf(struct scene *s, struct vf *vf, const struct link *l, bool same_name)
{
	vf->known &= ~(VF_BIT(VF_IFNAME) | VF_BIT(VF_NETNS) | VF_BIT(VF_IFINDEX) | VF_BIT(VF_LINK) |
		       VF_BIT(VF_MTU) | VF_BIT(VF_IF_MAC));
	vf->netns = NULL;
	vf->netns_id = l->netns_id;
	if (!l->name)
		return;
	if (!same_name)
		vf->ifname = scene_keep(s, l->name);
	vf->netns = l->netns;
	vf->ifindex = l->ifindex;
	vf->link = l->state;
	vf->mtu = l->mtu;
	vf->if_mac = l->addr;
	vf->known |= VF_BIT(VF_IFNAME) | (l->netns ? VF_BIT(VF_NETNS) : 0) |
		     (l->ifindex ? VF_BIT(VF_IFINDEX) : 0) |
		     (l->state_known ? VF_BIT(VF_LINK) : 0) | (l->mtu_known ? VF_BIT(VF_MTU) : 0) |
		     (l->addr.len ? VF_BIT(VF_IF_MAC) : 0);
}

static void put_iface(
	struct scene *s, struct subject who, const struct link *l, const struct iface *was)
{
	bool same_name = l->name && was->ifname && strcmp(l->name, was->ifname) == 0;
	struct link kept = *l;

	if (!l->netns || (was->netns && strcmp(l->netns, was->netns) == 0))
		kept.netns = l->netns ? was->netns : NULL;
	else
		kept.netns = scene_keep(s, l->netns);
	if (who.is_vf)
		put_vf(s, subject_vf(s, who), &kept, same_name);
	else
		put_pf(s, who.pf, &kept, same_name);
}

static bool same_place(const struct iface *a, const struct iface *b)
{
	if (!a->netns || !b->netns)
		return !a->netns && !b->netns;
	return netns_same(a->netns_id, a->netns, b->netns_id, b->netns);
}

static size_t tell_if_other(struct scene *s, struct subject who, enum event_kind kind,
	const char *attr, struct value old, struct value new)
{
	if (!old.known || !new.known || value_equal(&old, &new))
		return 0;
	scene_tell_change(s, who, kind, attr, old, new);
	return 1;
}

size_t take_interface(struct scene *s, struct subject who, const struct link *l)
{
	struct iface was = iface_of(s, who), now;
	size_t differences = 0;

	put_iface(s, who, l, &was);
	now = iface_of(s, who);
	if (!was.ifname) {
		struct event *e = scene_tell_change(s, who, EVENT_INTERFACE, "ifname",
			text_value(NULL), text_value(now.ifname));

		if (now.link.known) {
			e->detail = now.link.name;
			e->known |= EVENT_BIT(EVENT_DETAIL);
		}
		return 1;
	}
	if (!same_place(&was, &now)) {
		scene_tell_change(
			s, who, EVENT_MOVED, "netns", text_value(was.netns), text_value(now.netns));
		differences++;
	}
	differences += tell_if_other(
		s, who, EVENT_RENAMED, "ifname", text_value(was.ifname), text_value(now.ifname));
	differences += tell_if_other(s, who, EVENT_LINK, "link", was.link, now.link);
	differences += tell_if_other(s, who, EVENT_CHANGED, "mtu", was.mtu, now.mtu);
	differences += tell_if_other(
		s, who, EVENT_CHANGED, who.is_vf ? "if_mac" : "mac", was.mac, now.mac);
	return differences;
}

void take_no_interface(struct scene *s, struct subject who, const char *why)
{
	struct iface was = iface_of(s, who);
	const struct link none = {0};
	struct event *e;

	if (!was.ifname)
		return;
	put_iface(s, who, &none, &was);
	e = scene_tell_change(
		s, who, EVENT_INTERFACE, "ifname", text_value(was.ifname), text_value(NULL));
	e->detail = why;
	e->known |= why ? EVENT_BIT(EVENT_DETAIL) : 0;
	/* where it was */
	if (was.netns) {
		e->netns = was.netns;
		e->known |= EVENT_BIT(EVENT_NETNS);
	}
}

/* drivers, settings */

void take_driver(struct scene *s, struct subject who, const char *driver)
{
	struct pf *pf = subject_pf(s, who);
	struct vf *vf = subject_vf(s, who);
	const char *was = vf ? (vf_has(vf, VF_DRIVER) ? vf->driver : NULL)
			     : (pf_has(pf, PF_DRIVER) ? pf->driver : NULL);
	uint64_t bit = vf ? VF_BIT(VF_DRIVER) : PF_BIT(PF_DRIVER);
	uint64_t *known = vf ? &vf->known : &pf->known;

	if ((!was && !driver) || (was && driver && strcmp(was, driver) == 0))
		return;
	driver = scene_keep(s, driver);
	*(vf ? &vf->driver : &pf->driver) = driver;
	*known = driver ? *known | bit : *known & ~bit;
	scene_tell_change(s, who, driver ? EVENT_BOUND : EVENT_UNBOUND, "driver", text_value(was),
		text_value(driver));
}

size_t take_vf_settings(struct scene *s, struct subject who, const struct vf *now, bool found)
{
	uint64_t not_kept = quirk_not_kept(subject_pf(s, who));
	size_t differences = 0;

	for (size_t i = 0; i < vf_type.count; i++) {
		struct vf *vf = subject_vf(s, who);
		struct value old = attr_get(&vf_type, i, vf), new = attr_get(&vf_type, i, now);
		struct event *e;

		if (!(vf_type.attrs[i].flags & ATTR_KEEP) || not_kept & VF_BIT(i))
			continue;
		if (!new.known) {
			vf->known &= ~VF_BIT(i);
			continue;
		}
		attr_set(&vf_type, i, vf, &new);
		/* what a new VF begins with is told, but for what means "nothing" */
		if (old.known ? value_equal(&old, &new) : value_is_zero(&new))
			continue;
		e = scene_tell_change(s, who, EVENT_CHANGED, vf_type.attrs[i].key, old, new);
		differences++;
		if (found && old.known) {
			e->reason = RESYNC_FOUND;
			e->known |= EVENT_BIT(EVENT_REASON);
		}
	}
	return differences;
}

/* coming and going */

void scene_want(struct scene *s, size_t pf)
{
	*(s->looks[pf].asked ? &s->looks[pf].again : &s->looks[pf].wanted) = true;
}

struct subject take_created(struct scene *s, size_t at, uint32_t index, const struct bdf *bdf)
{
	struct host *host = &s->host;
	struct pf *pf = &host->pfs[at];
	size_t vf = pf->first_vf;
	struct subject who;

	while (vf < pf->first_vf + pf->vf_count && host->vfs[vf].index < index)
		vf++;
	s->grown += 3 * sizeof(*host->vfs);
	host->vfs = arena_push(&host->arena, host->vfs, &host->vf_count, sizeof(*host->vfs));
	memmove(&host->vfs[vf + 1], &host->vfs[vf], (host->vf_count - 1 - vf) * sizeof(*host->vfs));
	host->vfs[vf] = (struct vf){.index = index, .known = VF_BIT(VF_INDEX)};
	if (bdf) {
		host->vfs[vf].bdf = *bdf;
		host->vfs[vf].known |= VF_BIT(VF_BDF);
	}
	for (size_t i = at + 1; i < host->pf_count; i++)
		host->pfs[i].first_vf++;
	pf->vf_count++;
	who = (struct subject){true, at, true, vf};
	scene_tell(s, who, EVENT_CREATED);
	scene_want(s, at); /* what it begins with */
	return who;
}

void take_destroyed(struct scene *s, struct subject who)
{
	struct host *host = &s->host;

	scene_tell(s, who, EVENT_DESTROYED);
	host->vf_count--;
	memmove(&host->vfs[who.vf], &host->vfs[who.vf + 1],
		(host->vf_count - who.vf) * sizeof(*host->vfs));
	host->pfs[who.pf].vf_count--;
	for (size_t i = who.pf + 1; i < host->pf_count; i++)
		host->pfs[i].first_vf--;
}

void take_gone(struct scene *s, size_t at)
{
	struct host *host = &s->host;

	while (host->pfs[at].vf_count)
		take_destroyed(s, (struct subject){true, at, true,
					  host->pfs[at].first_vf + host->pfs[at].vf_count - 1});
	scene_tell(s, (struct subject){.found = true, .pf = at}, EVENT_GONE);
	host->pf_count--;
	memmove(&host->pfs[at], &host->pfs[at + 1], (host->pf_count - at) * sizeof(*host->pfs));
	memmove(&s->looks[at], &s->looks[at + 1], (host->pf_count - at) * sizeof(*s->looks));
}
