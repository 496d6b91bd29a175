/* Whole pictures of the host: what differs between two is told, step by step as messages would. */
#include "core/scene_parts.h"

#include <string.h>

#define TIDY_AT ((size_t)4 << 20) /* bytes that have gathered */

void scene_start(struct scene *s, struct host *host)
{
	memset(s, 0, sizeof(*s));
	s->host = *host;
	memset(host, 0, sizeof(*host));
	s->looks = arena_alloc(&s->host.arena, (s->host.pf_count + 1) * sizeof(*s->looks));
}

void scene_free(struct scene *s)
{
	arena_free(&s->told_arena);
	host_free(&s->previous);
	host_free(&s->host);
}

/* The interface as the new picture has it; no name when there is none. */
static struct link link_of_pf(const struct pf *pf)
{
	if (!pf_has(pf, PF_IFNAME))
		return (struct link){0};
	return (struct link){.ifindex = pf_has(pf, PF_IFINDEX) ? pf->ifindex : 0,
		.name = pf->ifname,
		.state = (enum link_state)pf->link,
		.state_known = pf_has(pf, PF_LINK),
		.mtu = pf->mtu,
		.mtu_known = pf_has(pf, PF_MTU),
		.addr = pf->mac};
}

static struct link link_of_vf(const struct vf *vf)
{
	if (!vf_has(vf, VF_IFNAME))
		return (struct link){0};
	return (struct link){.ifindex = vf_has(vf, VF_IFINDEX) ? vf->ifindex : 0,
		.name = vf->ifname,
		.netns = vf_has(vf, VF_NETNS) ? vf->netns : NULL,
		.netns_id = vf->netns_id,
		.state = (enum link_state)vf->link,
		.state_known = vf_has(vf, VF_LINK),
		.mtu = vf->mtu,
		.mtu_known = vf_has(vf, VF_MTU),
		.addr = vf->if_mac};
}

/* unseen: it has one, in a namespace that could not be looked into. One that was last heard of
 * elsewhere is thought to be there still. */
static void see_interface(struct scene *s, struct subject who, const struct link *l, bool unseen,
	const char *last_netns)
{
	if (l->name)
		take_interface(s, who, l);
	else if (!unseen || !last_netns)
		take_no_interface(s, who, unseen ? "in a namespace that cannot be seen" : NULL);
}

static size_t add_pf(struct scene *s, const struct pf *fresh)
{
	struct host *host = &s->host;
	size_t count = host->pf_count;
	struct look *looks = arena_alloc(&host->arena, (count + 2) * sizeof(*looks));
	struct pf *pf;

	memcpy(looks, s->looks, count * sizeof(*looks));
	s->looks = looks;
	host->pfs = arena_push(&host->arena, host->pfs, &host->pf_count, sizeof(*host->pfs));
	pf = &host->pfs[count];
	*pf = (struct pf){.name = fresh->handle, .handle = fresh->handle};
	pf->known = PF_BIT(PF_NAME) | PF_BIT(PF_HANDLE);
	if (pf_has(fresh, PF_BDF)) {
		pf->bdf = fresh->bdf;
		pf->name = fresh->handle + strlen("pci/");
		pf->known |= PF_BIT(PF_BDF);
	}
	pf->first_vf = host->vf_count;
	return count;
}

static bool other_device(const struct vf *a, const struct vf *b)
{
	return vf_has(a, VF_BDF) && vf_has(b, VF_BDF) && bdf_compare(a->bdf, b->bdf) != 0;
}

static void see_vfs(struct scene *s, size_t at, const struct host *fresh, const struct pf *pf)
{
	for (size_t i = s->host.pfs[at].vf_count; i-- > 0;) {
		size_t vf = s->host.pfs[at].first_vf + i;
		const struct vf *now = host_vf(fresh, pf, s->host.vfs[vf].index);

		if (!now || other_device(now, &s->host.vfs[vf]))
			take_destroyed(s, (struct subject){true, at, true, vf});
	}
	for (size_t i = 0; i < pf->vf_count; i++) {
		const struct vf *now = &fresh->vfs[pf->first_vf + i];
		struct subject who = scene_vf(s, at, now->index);
		struct link l = link_of_vf(now);

		if (!who.found)
			who = take_created(
				s, at, now->index, vf_has(now, VF_BDF) ? &now->bdf : NULL);
		take_driver(s, who, vf_has(now, VF_DRIVER) ? now->driver : NULL);
		see_interface(s, who, &l, now->unseen,
			vf_has(subject_vf(s, who), VF_NETNS) ? subject_vf(s, who)->netns : NULL);
		take_vf_settings(s, who, now, false);
	}
}

static size_t find_pf(const struct host *host, const char *handle)
{
	size_t i = 0;

	while (i < host->pf_count && strcmp(host->pfs[i].handle, handle) != 0)
		i++;
	return i;
}

void scene_carry(struct host *fresh, const struct pf *pf)
{
	const char *handle = arena_strdup(&fresh->arena, pf->handle);
	struct pf *kept;

	fresh->pfs = arena_push(&fresh->arena, fresh->pfs, &fresh->pf_count, sizeof(*fresh->pfs));
	kept = &fresh->pfs[fresh->pf_count - 1];
	*kept = (struct pf){.name = handle, .handle = handle, .first_vf = fresh->vf_count};
	kept->known = PF_BIT(PF_NAME) | PF_BIT(PF_HANDLE);
	if (!pf_has(pf, PF_DRIVER))
		return;
	kept->driver = arena_strdup(&fresh->arena, pf->driver);
	kept->known |= PF_BIT(PF_DRIVER);
}

/* What was last heard of an interface that cannot be seen, into the new picture. */
static void carry_over(struct scene *s, const struct host *old, const struct look *looks)
{
	for (size_t i = 0; i < s->host.pf_count; i++) {
		struct pf *pf = &s->host.pfs[i];
		size_t at = find_pf(old, pf->handle);
		const struct pf *was = at < old->pf_count ? &old->pfs[at] : NULL;

		if (!was)
			continue;
		if (pf->unseen && looks[at].netns) {
			pf->ifname = scene_keep(s, was->ifname);
			pf->ifindex = was->ifindex;
			pf->link = was->link;
			pf->known |= was->known &
				     (PF_BIT(PF_IFNAME) | PF_BIT(PF_IFINDEX) | PF_BIT(PF_LINK));
			s->looks[i].netns = scene_keep(s, looks[at].netns);
			s->looks[i].netns_id = looks[at].netns_id;
		}
		for (size_t v = 0; v < pf->vf_count; v++) {
			struct vf *vf = &s->host.vfs[pf->first_vf + v];
			const struct vf *vf_was = host_vf(old, was, vf->index);

			if (!vf->unseen || !vf_was || !vf_has(vf_was, VF_NETNS))
				continue;
			vf->ifname = scene_keep(s, vf_was->ifname);
			vf->netns = scene_keep(s, vf_was->netns);
			vf->netns_id = vf_was->netns_id;
			vf->ifindex = vf_was->ifindex;
			vf->link = vf_was->link;
			vf->known |= vf_was->known & (VF_BIT(VF_IFNAME) | VF_BIT(VF_NETNS) |
							     VF_BIT(VF_IFINDEX) | VF_BIT(VF_LINK));
		}
	}
}

/* The events point into the old picture until they have been shown. */
static void replace(struct scene *s, struct host *fresh)
{
	struct look *looks = s->looks;

	host_free(&s->previous);
	s->previous = s->host;
	s->host = *fresh;
	memset(fresh, 0, sizeof(*fresh));
	s->looks = arena_alloc(&s->host.arena, (s->host.pf_count + 1) * sizeof(*s->looks));
	s->grown = 0;
	carry_over(s, &s->previous, looks);
}

void scene_see(struct scene *s, struct host *fresh)
{
	for (size_t i = s->host.pf_count; i-- > 0;)
		if (find_pf(fresh, s->host.pfs[i].handle) == fresh->pf_count)
			take_gone(s, i);
	for (size_t i = 0; i < fresh->pf_count; i++) {
		const struct pf *pf = &fresh->pfs[i];
		size_t at = find_pf(&s->host, pf->handle);
		struct subject who = {.found = true, .pf = at};
		struct link l = link_of_pf(pf);

		if (at == s->host.pf_count) {
			who.pf = at = add_pf(s, pf);
			scene_tell(s, who, EVENT_BACK);
		}
		take_driver(s, who, pf_has(pf, PF_DRIVER) ? pf->driver : NULL);
		see_interface(s, who, &l, pf->unseen, s->looks[at].netns);
		see_vfs(s, at, fresh, pf);
	}
	replace(s, fresh);
	s->look_again = false;
}

/* Memory: what is kept of the picture, copied into a new arena. */
static void tidy(struct scene *s)
{
	static const uint64_t pf_kept =
		PF_BIT(PF_NAME) | PF_BIT(PF_IFNAME) | PF_BIT(PF_BDF) | PF_BIT(PF_DRIVER) |
		PF_BIT(PF_LINK) | PF_BIT(PF_UP) | PF_BIT(PF_MAC) | PF_BIT(PF_MTU) |
		PF_BIT(PF_NUM_VFS) | PF_BIT(PF_TOTAL_VFS) | PF_BIT(PF_HANDLE) | PF_BIT(PF_IFINDEX) |
		PF_BIT(PF_VF_OFFSET) | PF_BIT(PF_VF_STRIDE);
	static const uint64_t vf_kept = VF_BIT(VF_INDEX) | VF_BIT(VF_BDF) | VF_BIT(VF_DRIVER) |
					VF_BIT(VF_IFNAME) | VF_BIT(VF_NETNS) | VF_BIT(VF_LINK) |
					VF_BIT(VF_UP) | VF_BIT(VF_IFINDEX) | VF_BIT(VF_MTU) |
					VF_BIT(VF_IF_MAC);
	struct host old = s->host;
	struct look *looks = s->looks;
	struct host *host = &s->host;
	uint64_t settings = 0;

	for (size_t i = 0; i < vf_type.count; i++)
		settings |= vf_type.attrs[i].flags & ATTR_KEEP ? VF_BIT(i) : 0;
	*host = (struct host){0};
	s->looks = arena_alloc(&host->arena, (old.pf_count + 1) * sizeof(*s->looks));
	for (size_t i = 0; i < old.pf_count; i++) {
		struct pf *pf;

		host->pfs =
			arena_push(&host->arena, host->pfs, &host->pf_count, sizeof(*host->pfs));
		pf = &host->pfs[i];
		*pf = old.pfs[i];
		pf->known &= pf_kept;
		pf->handle = scene_keep(s, pf->handle);
		pf->ifname = pf_has(pf, PF_IFNAME) ? scene_keep(s, pf->ifname) : NULL;
		pf->driver = pf_has(pf, PF_DRIVER) ? scene_keep(s, pf->driver) : NULL;
		pf->name = scene_keep(s, pf->name);
		s->looks[i] = looks[i];
		s->looks[i].netns = scene_keep(s, looks[i].netns);
	}
	for (size_t i = 0; i < old.vf_count; i++) {
		struct vf *vf;

		host->vfs =
			arena_push(&host->arena, host->vfs, &host->vf_count, sizeof(*host->vfs));
		vf = &host->vfs[i];
		*vf = old.vfs[i];
		vf->known &= vf_kept | settings;
		vf->ifname = vf_has(vf, VF_IFNAME) ? scene_keep(s, vf->ifname) : NULL;
		vf->netns = vf_has(vf, VF_NETNS) ? scene_keep(s, vf->netns) : NULL;
		vf->driver = vf_has(vf, VF_DRIVER) ? scene_keep(s, vf->driver) : NULL;
	}
	host_free(&old);
	s->grown = 0;
}

void scene_forget_told(struct scene *s)
{
	arena_free(&s->told_arena);
	s->told = NULL;
	s->told_count = 0;
	host_free(&s->previous);
	if (s->grown > TIDY_AT)
		tidy(s);
}
