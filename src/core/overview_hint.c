/* The last line of the overview: the one thing that matters most. */
#include "core/overview.h"

#include <string.h>

/* A PF's name where a line can be pasted into a shell: interface names may have any
 * character but '/', ':' and blanks. */
static const char *pasted(const struct pf *pf, struct arena *arena)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._:@+-";
	char bdf[BDF_SIZE];

	if (pf->name[0] != '-' && pf->name[strspn(pf->name, plain)] == 0)
		return pf->name;
	if (!pf_has(pf, PF_BDF))
		return "PF";
	bdf_format(pf->bdf, bdf);
	return arena_strdup(arena, bdf);
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* "14 VFs on 2 PFs" */
static const char *counted(const struct overview *o, struct arena *arena)
{
	return arena_printf(arena, "%zu VF%s on %zu PF%s", o->vf_count, plural(o->vf_count),
		o->with_vfs, plural(o->with_vfs));
}

static const char *no_pfs(const struct overview *o, struct arena *arena)
{
	(void)arena;
	return o->pf_count ? NULL
			   : "this host has no device with SR-IOV; on many, the firmware or BIOS "
			     "must turn it on";
}

static const char *cut_short(const struct overview *o, struct arena *arena)
{
	for (size_t p = 0; p < o->pf_count; p++)
		if (o->pfs[p]->truncated)
			return arena_printf(arena,
				"%s: the kernel's list of its VFs is cut short; what it knows of "
				"some is missing above",
				o->pfs[p]->name);
	return o->host->incomplete ? "the kernel's list of network interfaces is cut short; some "
				     "are missing above"
				   : NULL;
}

static const char *lost(const struct overview *o, struct arena *arena)
{
	if (!o->lost)
		return NULL;
	return arena_printf(arena,
		"%zu VF%s not where %s sent; 'sriovctl netns list' shows %s, 'sriovctl repair' "
		"puts it right",
		o->lost, o->lost == 1 ? " is" : "s are", o->lost == 1 ? "it was" : "they were",
		o->lost == 1 ? "it" : "them");
}

/* The VFs of the PF that lack one, for a command; NULL: it has none. */
static const char *unbound_of(const struct overview *o, const struct pf *pf, struct arena *arena)
{
	const struct vf **vfs = arena_alloc(arena, (pf->vf_count + 1) * sizeof(*vfs));
	size_t count = 0;

	for (size_t i = 0; i < pf->vf_count; i++)
		if (o->vf_remarks[pf->first_vf + i].kind == REMARK_NO_DRIVER)
			vfs[count++] = &o->host->vfs[pf->first_vf + i];
	return count ? overview_name(arena, pasted(pf, arena), vfs, count, 0) : NULL;
}

#define COMMAND_MAX 160 /* what a person may want to paste */

static const char *unbound(const struct overview *o, struct arena *arena)
{
	const char *names = "";

	if (!o->unbound)
		return NULL;
	for (size_t p = 0; p < o->pf_count; p++) {
		const char *of_pf = unbound_of(o, o->pfs[p], arena);

		if (of_pf)
			names = arena_printf(arena, "%s %s", names, of_pf);
	}
	return arena_printf(arena, "%zu VF%s no driver; 'sriovctl vf bind%s default' gives %s one",
		o->unbound, o->unbound == 1 ? " has" : "s have",
		strlen(names) > COMMAND_MAX ? " VF..." : names, o->unbound == 1 ? "it" : "them");
}

static const char *switched_off(const struct overview *o, struct arena *arena)
{
	const struct pf *first = NULL;
	size_t count = 0;

	for (size_t p = 0; p < o->pf_count; p++) {
		const struct pf *pf = o->pfs[p];

		if (!pf->vf_count || !pf_has(pf, PF_UP) || pf->up)
			continue;
		first = first ? first : pf;
		count++;
	}
	if (!count)
		return NULL;
	if (count == 1)
		return arena_printf(arena,
			"%s is down, though it has VFs; 'sriovctl pf set %s up' switches it on",
			first->name, pasted(first, arena));
	return arena_printf(arena,
		"%zu PFs are down, though they have VFs; 'sriovctl pf set %s up' switches one on",
		count, pasted(first, arena));
}

static const char *strays(const struct overview *o, struct arena *arena)
{
	if (!o->strays)
		return NULL;
	return arena_printf(arena,
		"%zu VF%s not where %s sent; 'sriovctl netns list' shows where %s", o->strays,
		o->strays == 1 ? " is" : "s are", o->strays == 1 ? "it was" : "they were",
		o->strays == 1 ? "it is" : "they are");
}

/* What all that are in use have in common; NULL: nothing. */
static const char *common_use(const struct overview *o)
{
	const char *text = NULL;

	for (size_t p = 0; p < o->pf_count; p++)
		for (size_t i = 0; i < o->pfs[p]->vf_count; i++) {
			const struct remark *r = &o->vf_remarks[o->pfs[p]->first_vf + i];

			if (!r->used)
				continue;
			if (r->untold || (text && strcmp(text, r->text) != 0))
				return NULL;
			text = r->text;
		}
	return text;
}

static const char *in_use(const struct overview *o, struct arena *arena)
{
	const char *common = common_use(o), *which = "";

	if (!o->used)
		return NULL;
	if (common)
		return arena_printf(arena, "%s, %zu %s", counted(o, arena), o->used, common);
	if (o->pf_count == 1)
		which = arena_printf(arena, " %s", pasted(o->pfs[0], arena));
	return arena_printf(arena, "%s, %zu %s%s%s%s", counted(o, arena), o->used,
		o->guess ? "in use as far as can be seen" : "seen in use",
		o->untold ? "; 'sriovctl vf list" : "", o->untold ? which : "",
		o->untold ? " --columns +holders' says by whom" : "");
}

/* Where VFs can be made: rather on a NIC than on something else. */
static const struct pf *can_have_vfs(const struct overview *o)
{
	const struct pf *best = NULL;

	for (size_t p = 0; p < o->pf_count; p++) {
		const struct pf *pf = o->pfs[p];

		if (pf_has(pf, PF_DRIVER) && pf_has(pf, PF_TOTAL_VFS) && pf->total_vfs &&
			(!best || (pf_is_nic(pf) && !pf_is_nic(best))))
			best = pf;
	}
	return best;
}

static const char *none_yet(const struct overview *o, struct arena *arena)
{
	const struct pf *pf = can_have_vfs(o);

	for (size_t p = 0; p < o->pf_count; p++)
		if (!pf_has(o->pfs[p], PF_NUM_VFS) || o->pfs[p]->num_vfs)
			return NULL;
	if (!pf)
		return "no VFs";
	return arena_printf(arena, "no VFs; make some with 'sriovctl vf create %s N', %u at most",
		pasted(pf, arena), pf->total_vfs);
}

static const char *calm(const struct overview *o, struct arena *arena)
{
	if (!o->vf_count)
		return "no VFs seen";
	/* "seen": routes are not looked at */
	return arena_printf(arena, "%s, none %s", counted(o, arena),
		o->guess ? "in use as far as can be seen" : "seen in use");
}

const char *overview_hint(const struct overview *o, bool summarised, struct arena *arena)
{
	/* the first that has something to say says it */
	static const char *(*const hints[])(const struct overview *, struct arena *) = {
		no_pfs,
		cut_short,
		lost,
		strays,
		unbound,
		switched_off,
		in_use,
		none_yet,
		calm,
	};
	const char *text = NULL;

	for (size_t i = 0; !text; i++)
		text = hints[i](o, arena);
	return summarised ? arena_printf(arena, "%s; 'sriovctl -d' shows every VF", text) : text;
}
