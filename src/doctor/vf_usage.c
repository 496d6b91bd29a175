/* Who has VFs, and what they may do with them. */
#include "core/lease.h"
#include "core/overview.h"
#include "core/usage.h"
#include "doctor/vf_parts.h"

#include <string.h>

/* held */

static const char *held_text(struct examination *x, const struct users *users)
{
	const char *text = NULL;

	for (size_t i = 0; i < users->count; i++)
		if (users->items[i].hard)
			text = text ? arena_printf(&x->arena, "%s, %s", text, users->items[i].brief)
				    : users->items[i].brief;
	return text;
}

static void vf_held(struct examination *x, const struct pf *pf)
{
	struct user_index index;

	user_index(x->host, &x->arena, &index);
	for (size_t i = 0; i < pf->vf_count; i++) {
		const struct vf *vf = vf_of(x, pf, i);
		struct users users;
		const char *text;

		vf_users_by(&index, vf, &x->arena, &users);
		text = held_text(x, &users);
		if (!text)
			continue;
		look_at_vf(x, vf);
		found(x, SEVERITY_INFO, "%s", text);
		evidence(x, vf->vfio ? vf->vfio : device_path(x, "iommu_group"), "%s",
			users.items[0].what);
	}
	look_at_vf(x, NULL);
}

const struct check check_vf_held = {
	.id = "vf-held",
	.severity = SEVERITY_INFO,
	.looks_at = "a VF that a process holds through vfio",
	.meaning = "destroying it, another number of VFs, another driver, a shutdown and a live "
		   "migration have to wait for that process",
	.see = "Documentation/driver-api/vfio.rst of the kernel",
	.pf = vf_held,
};

/* blocked */

static bool is_held(const struct host *host, uint32_t group, const struct vfio_holder **holder)
{
	for (size_t i = 0; i < host->holder_count; i++)
		if (host->holders[i].group == group) {
			*holder = &host->holders[i];
			return true;
		}
	return false;
}

static const struct vf *vf_at(const struct examination *x, const struct pf *pf, struct bdf bdf)
{
	for (size_t i = 0; i < pf->vf_count; i++) {
		const struct vf *vf = vf_of(x, pf, i);

		if (vf_has(vf, VF_BDF) && bdf_compare(vf->bdf, bdf) == 0)
			return vf;
	}
	return NULL;
}

/* Would the PF have a VF there (PCIe Base Specification, First VF Offset and VF Stride)? While
 * the kernel destroys one it is no VF of the PF's any more, though it is still there. */
static bool has_room_at(const struct pf *pf, struct bdf bdf)
{
	uint64_t first, at = bdf_key(bdf);

	if (!pf_has(pf, PF_VF_OFFSET) || !pf_has(pf, PF_VF_STRIDE) || !pf_has(pf, PF_TOTAL_VFS))
		return false;
	first = bdf_key(pf->bdf) + pf->vf_offset;
	return at >= first && (pf->vf_stride ? (at - first) % pf->vf_stride == 0 &&
						       (at - first) / pf->vf_stride < pf->total_vfs
					     : at == first);
}

/* The held device that somebody waits for to change this PF or its VFs; NULL: there is none. */
static const struct group_member *awaited(const struct examination *x, const struct pf *pf,
	const struct blocked *b, const struct vfio_holder **holder)
{
	const struct host *host = x->host;

	for (size_t i = 0; i < host->member_count; i++) {
		const struct group_member *m = &host->members[i];
		const struct vf *vf = vf_at(x, pf, m->bdf);

		if (!is_held(host, m->group, holder))
			continue;
		/* taken from its driver: that link goes first */
		if (vf ? !vf_has(vf, VF_DRIVER)
		       : has_room_at(pf, m->bdf) && !host_pf_by_bdf(host, m->bdf))
			if (!b->has_bdf || bdf_compare(b->bdf, pf->bdf) == 0 ||
				bdf_compare(b->bdf, m->bdf) == 0)
				return m;
	}
	return NULL;
}

static const char *place(struct examination *x, const struct blocked *b)
{
	return arena_printf(&x->arena, "/proc/%d/%s", b->pid, b->wchan ? "wchan" : "fd");
}

static void say_blocked(struct examination *x, const struct blocked *b,
	const struct group_member *m, const struct vfio_holder *holder)
{
	char bdf[BDF_SIZE] = "";

	if (m)
		bdf_format(m->bdf, bdf);
	found(x, SEVERITY_PROBLEM, "pid %d (%s) waits for %s%s%s", b->pid, b->comm,
		holder ? arena_printf(&x->arena, "pid %d (%s)", holder->pid, holder->comm)
		       : "a process",
		m ? ", which holds " : " that holds a VF", bdf);
	evidence(x, place(x, b), "%s", b->wchan ? b->wchan : "in the kernel");
	if (b->file)
		evidence(x, arena_printf(&x->arena, "/proc/%d/fd", b->pid), "%s", b->file);
	if (m)
		evidence(x, arena_printf(&x->arena, "/proc/%d/fd", holder->pid), "/dev/vfio/%u",
			m->group);
	if (holder)
		remedy(x,
			"stop pid %d (%s), or the VM that it runs; the one that waits then goes "
			"on by itself",
			holder->pid, holder->comm);
	else
		remedy(x, "stop the VM or program that holds it");
}

/* Anybody who is slow, or hangs for a reason of his own. */
static void say_busy(struct examination *x, const struct blocked *b)
{
	found(x, SEVERITY_INFO, "pid %d (%s) is changing it", b->pid, b->comm);
	evidence(x, arena_printf(&x->arena, "/proc/%d/fd", b->pid), "%s", b->file);
	if (b->wchan)
		evidence(x, place(x, b), "%s", b->wchan);
	means(x, "others have to wait; it may take a while, but a reset that takes minutes will "
		 "not end before this host is restarted");
}

static void blocked_one(struct examination *x, const struct pf *pf, const struct blocked *b)
{
	const struct vf *vf = b->has_bdf ? vf_at(x, pf, b->bdf) : NULL;
	bool concerned = b->has_bdf && (vf || bdf_compare(b->bdf, pf->bdf) == 0);
	const struct vfio_holder *holder = NULL;
	const struct group_member *m;

	look_at_vf(x, vf);
	if (b->by_vfio) {
		m = awaited(x, pf, b, &holder);
		if (m)
			look_at_vf(x, vf_at(x, pf, m->bdf));
		if (m || concerned)
			say_blocked(x, b, m, m ? holder : NULL);
	} else if (concerned) {
		say_busy(x, b);
	}
	look_at_vf(x, NULL);
}

static void release_blocked(struct examination *x, const struct pf *pf)
{
	if (!pf_has(pf, PF_BDF))
		return;
	if (x->host->blocked_hidden && pf == x->pfs[0])
		unknown(x, "not all threads could be looked into (needs root), or a snapshot does "
			   "not say");
	for (size_t i = 0; i < x->host->blocked_count; i++)
		blocked_one(x, pf, &x->host->blocked[i]);
}

const struct check check_vf_release_blocked = {
	.id = "vf-release-blocked",
	.severity = SEVERITY_PROBLEM,
	.looks_at = "a process that waits in the kernel for the holder of a VF",
	.meaning = "until the holder lets go nothing else can change these VFs, and who reads some "
		   "files of them waits as well; ending the one that waits does not help",
	.see = "Documentation/driver-api/vfio.rst of the kernel",
	.pf = release_blocked,
};

/* strays */

static bool has_vf(const struct host *host, const struct lease *lease)
{
	for (size_t i = 0; i < host->vf_count; i++)
		if (host->vfs[i].attached == lease)
			return true;
	return false;
}

static void say_stray(struct examination *x, const struct vf *vf, const char *text)
{
	const struct lease *l = vf->attached;
	bool elsewhere = vf_whereabouts(x->host, vf) == WHERE_ELSEWHERE;

	look_at_vf(x, vf);
	found(x, SEVERITY_WARNING, "%s", text);
	evidence(x, "sriovctl netns list", "attached to %s%s%s", l->netns, l->owner ? " for " : "",
		l->owner ? l->owner : "");
	if (vf->ifname)
		evidence_of_interface(x, vf, "there");
	if (elsewhere)
		remedy(x,
			"'sriovctl netns detach " DOCTOR_OBJECT
			"%s%s --force=in-use' takes it from there",
			l->owner ? " owner " : "", l->owner ? l->owner : "");
	else
		remedy(x, "sriovctl repair");
	look_at_vf(x, NULL);
}

/* Also of PFs that are not there any more. */
static void say_gone(struct examination *x, const struct pf *pf, const struct lease *l)
{
	const struct pf named = {.handle = l->pf};

	if (strcmp(l->pf, pf->handle) != 0 &&
		(pf != x->pfs[0] || !x->whole_host || host_same_pf(x->host, &named)))
		return;
	found(x, SEVERITY_WARNING, "%s was attached to %s, and does not exist any more", l->vf,
		l->netns);
	evidence(x, "sriovctl netns list", "%s: %s", l->vf, whereabouts_names[WHERE_GONE]);
	means(x, "what was remembered of it is of no use");
	remedy(x, "sriovctl repair");
}

static void vf_stray(struct examination *x, const struct pf *pf)
{
	const struct host *host = x->host;
	struct overview o;

	if (host->leases_unknown) {
		unknown(x, "what was handed out could not be read");
		return;
	}
	if (!host->lease_count)
		return;
	overview_look(host, &pf, 1, &x->arena, &o);
	for (size_t i = 0; i < pf->vf_count; i++)
		if (o.vf_remarks[pf->first_vf + i].kind == REMARK_STRAY)
			say_stray(x, vf_of(x, pf, i), o.vf_remarks[pf->first_vf + i].text);
	for (size_t i = 0; i < host->lease_count; i++)
		if (!has_vf(host, &host->leases[i]))
			say_gone(x, pf, &host->leases[i]);
}

const struct check check_vf_stray = {
	.id = "vf-stray",
	.severity = SEVERITY_WARNING,
	.looks_at = "a VF that was attached to a namespace, and is not there",
	.meaning = "whoever it was for does not have it, and it has not got back what it had at "
		   "home",
	.see = "sriovctl-netns(8)",
	.pf = vf_stray,
};
