/* News of the kernel, and what they tell. */
#include "core/scene_parts.h"

#include "util/str.h"

#include <string.h>

/* whom it is about */

static bool handle_bdf(const char *handle, struct bdf *bdf)
{
	return str_starts(handle, "pci/") && bdf_parse(handle + 4, bdf);
}

static struct subject find_device(struct scene *s, const char *handle)
{
	const struct host *host = &s->host;
	struct bdf bdf;

	for (size_t i = 0; i < host->pf_count; i++)
		if (strcmp(host->pfs[i].handle, handle) == 0)
			return (struct subject){.found = true, .pf = i};
	if (!handle_bdf(handle, &bdf))
		return (struct subject){0};
	for (size_t p = 0; p < host->pf_count; p++)
		for (size_t i = 0; i < host->pfs[p].vf_count; i++) {
			size_t at = host->pfs[p].first_vf + i;

			if (vf_has(&host->vfs[at], VF_BDF) &&
				bdf_compare(host->vfs[at].bdf, bdf) == 0)
				return (struct subject){true, p, true, at};
		}
	return (struct subject){0};
}

bool scene_knows(const struct scene *s, const char *handle)
{
	return find_device((struct scene *)s, handle).found;
}

static bool in_place(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : !a && !b;
}

static struct subject find_interface(struct scene *s, const char *netns, int ifindex)
{
	const struct host *host = &s->host;

	for (size_t p = 0; p < host->pf_count; p++) {
		const struct pf *pf = &host->pfs[p];

		if (pf_has(pf, PF_IFINDEX) && pf->ifindex == ifindex &&
			in_place(s->looks[p].netns, netns))
			return (struct subject){.found = true, .pf = p};
		for (size_t i = 0; i < pf->vf_count; i++) {
			const struct vf *vf = &host->vfs[pf->first_vf + i];

			if (vf_has(vf, VF_IFINDEX) && vf->ifindex == ifindex &&
				in_place(vf_has(vf, VF_NETNS) ? vf->netns : NULL, netns))
				return (struct subject){true, p, true, pf->first_vf + i};
		}
	}
	return (struct subject){0};
}

/* Numbers of interfaces are used again, so its device counts for more, where it is told. */
static struct subject find_link(struct scene *s, const struct link *l)
{
	struct subject who = find_interface(s, l->netns, l->ifindex), owner = {0};
	const struct vf *vf;
	char handle[256];
	bool has;

	if (!l->parent_dev) /* before Linux 5.14, or no hardware */
		return l->kind ? (struct subject){0} : who;
	snprintf(handle, sizeof(handle), "%s/%s", l->parent_bus ? l->parent_bus : "pci",
		l->parent_dev);
	owner = find_device(s, handle);
	if (!owner.found || (!owner.is_vf && !is_uplink(l->phys_port_name)))
		return (struct subject){0};
	if (who.found && who.pf == owner.pf && who.is_vf == owner.is_vf && who.vf == owner.vf)
		return who;
	vf = subject_vf(s, owner);
	has = vf ? vf_has(vf, VF_IFNAME) && in_place(vf->netns, l->netns)
		 : pf_has(subject_pf(s, owner), PF_IFNAME) &&
			      in_place(s->looks[owner.pf].netns, l->netns);
	/* another port of the same device */
	return has ? (struct subject){0} : owner;
}

/* interfaces */

static bool is_pci(const struct pf *pf)
{
	return pf_has(pf, PF_BDF);
}

bool scene_can_ask(const struct scene *s, size_t at)
{
	const struct pf *pf = &s->host.pfs[at];

	return pf_has(pf, PF_IFINDEX) && !s->looks[at].netns && (pf->vf_count || !is_pci(pf));
}

static void take_link(struct scene *s, const struct link *l)
{
	struct subject who = find_link(s, l);
	size_t differences;

	if (!who.found)
		return;
	differences = take_interface(s, who, l);
	/* its driver may have set the address through the PF, of which nobody is told */
	if (who.is_vf && differences)
		scene_want(s, who.pf);
	if (who.is_vf || !scene_can_ask(s, who.pf))
		return;
	/* of changes to VFs it says no more than that there are some; an answer that is under
	 * way comes behind it */
	s->looks[who.pf].wanted |= !s->looks[who.pf].asked;
	s->looks[who.pf].notified++;
	s->looks[who.pf].silent += !differences;
}

static void take_link_gone(struct scene *s, const struct news *news)
{
	struct subject who = find_link(s, &news->link);
	struct link there = news->link;

	if (!who.found)
		return;
	if (!news->moved) {
		take_no_interface(s, who, NULL);
	} else if (news->nsid >= 0) {
		/* the number of the new namespace is one of the old; if it can be heard from
		 * there, the next message says more */
		s->look_again = true;
	} else {
		there.netns = news->new_netns;
		there.netns_id = news->new_netns_id;
		there.ifindex = news->new_ifindex;
		there.state = LINK_DOWN;
		there.admin_up = false;
		take_interface(s, who, &there);
	}
}

/* looks */

static void say_merged(struct scene *s, size_t pf, unsigned notified, size_t differences)
{
	struct event *e = scene_tell(s, (struct subject){.found = true, .pf = pf}, EVENT_RESYNC);

	e->reason = RESYNC_MERGED;
	e->notifications = notified;
	e->differences = (uint32_t)differences;
	e->detail = "values in between are not known";
	e->known |= EVENT_BIT(EVENT_REASON) | EVENT_BIT(EVENT_NOTIFICATIONS) |
		    EVENT_BIT(EVENT_DIFFERENCES) | EVENT_BIT(EVENT_DETAIL);
}

/* VFs of a PF that is no PCI device are nothing but this list. */
static size_t take_count(struct scene *s, size_t at, const struct link *l)
{
	size_t differences = 0;

	for (size_t i = s->host.pfs[at].vf_count; i-- > 0;) {
		size_t vf = s->host.pfs[at].first_vf + i;

		if (link_vf(l, s->host.vfs[vf].index))
			continue;
		take_destroyed(s, (struct subject){true, at, true, vf});
		differences++;
	}
	for (size_t i = 0; i < l->vf_count; i++) {
		if (scene_vf(s, at, l->vfs[i].index).found)
			continue;
		take_created(s, at, l->vfs[i].index, NULL);
		differences++;
	}
	return differences;
}

static void take_look(struct scene *s, const struct news *news)
{
	const struct link *l = &news->link;
	size_t at = 0, differences = 0;
	struct look look;

	while (at < s->host.pf_count && !(s->looks[at].asked && s->looks[at].seq == news->seq))
		at++;
	if (at == s->host.pf_count)
		return;
	look = s->looks[at];
	s->looks[at].asked = false;
	s->looks[at].notified = s->looks[at].silent = 0;
	s->looks[at].wanted = false;
	if (news->error) {
		/* gone, which will be told; or a driver (InfiniBand) that answers in lists alone */
		s->look_again = true;
	} else {
		if (!is_pci(&s->host.pfs[at]) && !l->truncated)
			differences += take_count(s, at, l);
		for (size_t i = 0; i < l->vf_count; i++) {
			struct subject who = scene_vf(s, at, l->vfs[i].index);

			if (who.found)
				differences += take_vf_settings(s, who, &l->vfs[i], !look.silent);
		}
	}
	s->looks[at].wanted = look.again; /* not by those created just now */
	s->looks[at].again = false;
	if (look.silent > 1 || (look.notified > 1 && differences))
		say_merged(s, at, look.notified, differences);
}

bool scene_has_silent(const struct scene *s)
{
	for (size_t i = 0; i < s->host.pf_count; i++) {
		const struct pf *pf = &s->host.pfs[i];

		if (scene_can_ask(s, i) && (!is_pci(pf) || pf->link == LINK_DOWN))
			return true;
	}
	return false;
}

size_t scene_poll(struct scene *s)
{
	size_t count = 0;

	for (size_t i = 0; i < s->host.pf_count; i++) {
		const struct pf *pf = &s->host.pfs[i];

		if (!scene_can_ask(s, i) || (is_pci(pf) && pf->link != LINK_DOWN) ||
			s->looks[i].asked)
			continue;
		s->looks[i].wanted = true;
		count++;
	}
	return count;
}

/* devices */

/* PCI Express, Single Root I/O Virtualization, "VF Discovery": VF n is First VF Offset and n
 * times VF Stride behind its PF. */
const struct pf *scene_guess_vf(const struct scene *s, struct bdf bdf, uint32_t *index)
{
	for (size_t i = 0; i < s->host.pf_count; i++) {
		const struct pf *pf = &s->host.pfs[i];
		uint32_t id = (uint32_t)bdf.bus << 8 | bdf.devfn;
		uint32_t first = ((uint32_t)pf->bdf.bus << 8 | pf->bdf.devfn) + pf->vf_offset;
		uint32_t stride = pf->vf_stride ? pf->vf_stride : 1;

		if (!is_pci(pf) || pf->bdf.domain != bdf.domain || !pf_has(pf, PF_VF_OFFSET) ||
			!pf->vf_offset || id < first || (id - first) % stride ||
			(id - first) / stride >= pf->total_vfs)
			continue;
		*index = (id - first) / stride;
		return pf;
	}
	return NULL;
}

static void say_recovery(struct scene *s, struct subject who, const char *what)
{
	struct event *e = scene_tell(s, who, EVENT_RESET);

	e->attr = "recovery";
	e->new = value_string(arena_strdup(&s->told_arena, what));
	e->detail = strcmp(what, "BEGIN_RECOVERY") == 0        ? "PCI error, recovery begins"
		    : strcmp(what, "SUCCESSFUL_RECOVERY") == 0 ? "recovered from a PCI error"
		    : strcmp(what, "FAILED_RECOVERY") == 0     ? "not recovered from a PCI error"
							       : "PCI error";
	e->known |= EVENT_BIT(EVENT_ATTR) | EVENT_BIT(EVENT_NEW) | EVENT_BIT(EVENT_DETAIL);
}

static struct subject take_new_device(struct scene *s, const struct news *news)
{
	const struct pf *pf;
	uint32_t index;
	struct bdf bdf;
	struct subject who;

	if (!handle_bdf(news->handle, &bdf)) {
		/* perhaps a PF of another bus, with its interface; others are told of it too */
		s->look_again |= news->action == DEVICE_BIND;
		return (struct subject){0};
	}
	pf = scene_guess_vf(s, bdf, &index);
	if (!pf) {
		s->look_again |= news->action == DEVICE_ADD;
		return (struct subject){0};
	}
	who = scene_vf(s, (size_t)(pf - s->host.pfs), index);
	if (who.found || news->contradicted) {
		s->look_again = true;
		return (struct subject){0};
	}
	return take_created(s, who.pf, index, &bdf);
}

static void take_device(struct scene *s, const struct news *news)
{
	struct subject who = find_device(s, news->handle);

	if (!who.found && news->action != DEVICE_REMOVE && news->action != DEVICE_UNBIND)
		who = take_new_device(s, news);
	if (!who.found)
		return;
	switch (news->action) {
	case DEVICE_ADD:
		break;
	case DEVICE_CHANGE:
		if (news->error_event)
			say_recovery(s, who, news->error_event);
		break;
	case DEVICE_BIND:
		take_driver(s, who, news->driver);
		scene_want(s, who.pf);
		break;
	case DEVICE_UNBIND:
		take_driver(s, who, NULL);
		break;
	case DEVICE_REMOVE:
		if (who.is_vf)
			take_destroyed(s, who);
		else
			take_gone(s, who.pf);
		break;
	}
}

static void take_devlink(struct scene *s, const struct news *news)
{
	struct subject who = find_device(s, news->handle);
	struct event *e;

	if (!who.found)
		return;
	e = scene_tell(s, who, news->kind == NEWS_HEALTH ? EVENT_HEALTH : EVENT_RESET);
	e->known |= EVENT_BIT(EVENT_ATTR) | EVENT_BIT(EVENT_NEW) | EVENT_BIT(EVENT_DETAIL);
	if (news->kind == NEWS_HEALTH) {
		e->attr = arena_strdup(&s->told_arena, news->reporter);
		e->new = value_string(news->healthy ? "healthy" : "error");
		e->detail = arena_printf(&s->told_arena, "%llu errors, %llu recoveries",
			(unsigned long long)news->errors, (unsigned long long)news->recoveries);
	} else {
		e->attr = "reload";
		e->new = value_string(news->failed ? "failed" : "done");
		e->detail = news->failed ? "devlink could not restart it" : "restarted by devlink";
	}
}

void scene_take(struct scene *s, const struct news *news)
{
	switch (news->kind) {
	case NEWS_LINK:
		take_link(s, &news->link);
		break;
	case NEWS_LINK_GONE:
		take_link_gone(s, news);
		break;
	case NEWS_LOOK:
		take_look(s, news);
		break;
	case NEWS_DEVICE:
		take_device(s, news);
		break;
	case NEWS_RELOAD:
	case NEWS_HEALTH:
		take_devlink(s, news);
		break;
	case NEWS_NETNS:
		break;
	}
}
