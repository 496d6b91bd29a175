/* Words that are names of something on the host: PFs, VFs, drivers, namespaces. */
#include "cli/complete_parts.h"

#include "core/driver.h"
#include "core/selector.h"
#include "util/str.h"

#include <string.h>

#define PREFIX_PID "pid:"

/* Names that are many, or seldom used, are offered once something of them was typed. */
static void offer_typed(struct typing *t, const char *name, const char *help)
{
	if (t->c->word[0] && str_starts(name, t->c->word))
		offer_name(t, name, help);
}

/* With the domain or, for those in domain 0, without. */
static void offer_bdf(struct typing *t, struct bdf bdf, const char *behind, const char *help)
{
	char text[BDF_SIZE];
	const char *full;

	bdf_format(bdf, text);
	full = arena_printf(t->arena, "%s%s", text, behind);
	if (str_starts(full, t->c->word))
		offer_typed(t, full, help);
	else if (!bdf.domain)
		offer_typed(t, full + strcspn(full, ":") + 1, help);
}

/* PFs */

static bool names_pf(const struct host *host, const struct pf *pf, const char *name)
{
	struct error err = {0};

	return select_pf(host, name, &err) == pf && is_printable(name);
}

/* All that a PF can be called, with "" or "/" behind. */
static void offer_pf(struct typing *t, const struct pf *pf, const char *behind)
{
	bool by_name = pf_has(pf, PF_IFNAME) && names_pf(t->host, pf, pf->ifname);
	const char *help = arena_printf(t->arena, "%s%s%u VFs", pf->driver ? pf->driver : "",
		pf->driver ? ", " : "", pf->num_vfs);
	char bdf[BDF_SIZE];

	if (pf_has(pf, PF_TOTAL_VFS))
		help = arena_printf(t->arena, "%s of %u", help, pf->total_vfs);
	if (by_name)
		offer_name(t, arena_printf(t->arena, "%s%s", pf->ifname, behind), help);
	for (size_t i = 0; i < pf->altnames.count; i++)
		if (str_starts(pf->altnames.items[i], t->c->word) &&
			names_pf(t->host, pf, pf->altnames.items[i]))
			offer_typed(t,
				arena_printf(t->arena, "%s%s", pf->altnames.items[i], behind),
				help);
	bdf_format(pf->bdf, bdf);
	if (pf_has(pf, PF_BDF) && !by_name && !t->c->word[0])
		offer_name(t, arena_printf(t->arena, "%s%s", bdf, behind), help);
	else if (pf_has(pf, PF_BDF))
		offer_bdf(t, pf->bdf, behind, help);
	if (pf_has(pf, PF_HANDLE) && (by_name || pf_has(pf, PF_BDF)))
		offer_typed(t, arena_printf(t->arena, "%s%s", pf->handle, behind), help);
	else if (pf_has(pf, PF_HANDLE))
		offer_name(t, arena_printf(t->arena, "%s%s", pf->handle, behind), help);
}

void offer_pfs(struct typing *t)
{
	const struct host *host = ask_host(t, 0);

	for (size_t i = 0; host && i < host->pf_count; i++)
		offer_pf(t, &host->pfs[i], "");
}

void expect_vf_count(struct typing *t, const char *name)
{
	const struct host *host = ask_host(t, 0);
	struct error err = {0};
	const struct pf *pf = host ? select_pf(host, name, &err) : NULL;

	if (pf && pf_has(pf, PF_TOTAL_VFS))
		t->out->expects = arena_printf(t->arena, "0..%u", pf->total_vfs);
}

/* VFs */

bool must_be_vfs(const char *word)
{
	const char *slash = strrchr(word, '/');
	struct bdf bdf;

	/* of "./file" and "/file" only paths begin so */
	return slash ? word[0] != '/' && word[0] != '.' : bdf_parse(word, &bdf);
}

bool may_be_vfs(struct typing *t, const char *word)
{
	const struct host *host;

	if ((t->c->pf && is_bare_range(word)) || must_be_vfs(word))
		return true;
	host = ask_host(t, NEED_VFS);
	for (size_t i = 0; host && i < host->vf_count; i++)
		if ((vf_has(&host->vfs[i], VF_IFNAME) && strcmp(host->vfs[i].ifname, word) == 0) ||
			strings_has(&host->vfs[i].altnames, word))
			return true;
	return !host;
}

/* "0000:21:10.3 igbvf eth5 in blue"; first what the candidate does not say itself. */
static const char *vf_help(struct typing *t, const struct vf *vf, const char *first)
{
	bool here = vf_has(vf, VF_IFNAME), away = vf_has(vf, VF_NETNS);

	return arena_printf(t->arena, "%s%s%s%s%s%s%s", first, vf_has(vf, VF_DRIVER) ? " " : "",
		vf_has(vf, VF_DRIVER) ? vf->driver : "", here ? " " : "", here ? vf->ifname : "",
		away ? " in " : "", away ? vf->netns : "");
}

static void offer_index(struct typing *t, size_t keep, const struct vf *vf)
{
	char index[16], bdf[BDF_SIZE] = "";

	snprintf(index, sizeof(index), "%u", vf->index);
	if (!str_starts(index, t->c->word + keep))
		return;
	if (vf_has(vf, VF_BDF))
		bdf_format(vf->bdf, bdf);
	offer(t, keep, arena_strdup(t->arena, index), vf_help(t, vf, bdf));
}

/* "4-": where the range may end; a range has no gaps. */
static void offer_range_end(
	struct typing *t, const struct host *host, const struct pf *pf, const char *item)
{
	const char *dash = strchr(item, '-');
	const char *from_text = arena_strndup(t->arena, item, (size_t)(dash - item));
	const struct vf *vf;
	uint64_t from;

	if (!str_uint(from_text, 10, UINT16_MAX, &from) || !host_vf(host, pf, (uint32_t)from))
		return;
	while ((vf = host_vf(host, pf, (uint32_t)++from)))
		offer_index(t, (size_t)(dash + 1 - t->c->word), vf);
}

/* Indexes of the PF's VFs behind the first `keep` bytes of the word: "0-7,9". */
static void offer_range(struct typing *t, const struct host *host, const struct pf *pf, size_t keep)
{
	const char *range = t->c->word + keep, *comma = strrchr(range, ',');
	const char *item = comma ? comma + 1 : range;
	size_t size = 1;
	uint64_t bad;
	bool *taken;

	for (size_t i = 0; i < pf->vf_count; i++)
		if (host->vfs[pf->first_vf + i].index >= size)
			size = host->vfs[pf->first_vf + i].index + 1;
	taken = arena_alloc(t->arena, size);
	if (comma && range_parse(arena_strndup(t->arena, range, (size_t)(comma - range)), taken,
			     size, &bad) < 0)
		return;
	if (strchr(item, '-')) {
		offer_range_end(t, host, pf, item);
		return;
	}
	for (size_t i = 0; i < pf->vf_count; i++)
		if (!taken[host->vfs[pf->first_vf + i].index])
			offer_index(t, (size_t)(item - t->c->word), &host->vfs[pf->first_vf + i]);
	if (!comma && pf->vf_count)
		offer(t, keep, RANGE_ALL, arena_printf(t->arena, "all %zu", pf->vf_count));
}

/* How many VFs here have the name? */
static size_t count_named(const struct host *host, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < host->vf_count; i++)
		count += (vf_has(&host->vfs[i], VF_IFNAME) &&
				 strcmp(host->vfs[i].ifname, name) == 0) ||
			 strings_has(&host->vfs[i].altnames, name);
	return count;
}

static void offer_interface(
	struct typing *t, const struct host *host, const struct vf *vf, const char *name)
{
	if (str_starts(name, t->c->word) && count_named(host, name) == 1)
		offer_typed(t, name, vf_help(t, vf, vf->name));
}

/* NETNS/INTERFACE, unless that is another one's name as well. */
static void offer_lent(struct typing *t, const struct host *host, const struct vf *vf,
	const char *netns, const char *ifname)
{
	const char *name = arena_printf(t->arena, "%s/%s", netns, ifname);
	struct error err = {0};
	const struct vf **found;
	size_t count;

	if (!str_starts(name, t->c->word))
		return;
	found = select_vfs(host, t->arena, name, &count, &err);
	if (found && count == 1 && found[0] == vf)
		offer_typed(t, name, vf_help(t, vf, vf->name));
}

/* What a VF is called besides PF/INDEX. */
static void offer_vf_names(struct typing *t, const struct host *host, const struct vf *vf)
{
	const struct lease *lease = vf->attached;
	bool away = vf_has(vf, VF_NETNS) && vf_has(vf, VF_IFNAME);
	bool sent = lease && lease->ifname;

	if (vf_has(vf, VF_IFNAME) && !away)
		offer_interface(t, host, vf, vf->ifname);
	for (size_t i = 0; !away && i < vf->altnames.count; i++)
		offer_interface(t, host, vf, vf->altnames.items[i]);
	if (vf_has(vf, VF_BDF))
		offer_bdf(t, vf->bdf, "", vf_help(t, vf, vf->name));
	if (away)
		offer_lent(t, host, vf, vf->netns, vf->ifname);
	if (sent && !(away && strcmp(lease->netns, vf->netns) == 0 &&
			    strcmp(lease->ifname, vf->ifname) == 0))
		offer_lent(t, host, vf, lease->netns, lease->ifname);
}

/* The PF whose VFs the word goes on to number, NULL: none; *keep: behind its slash. */
static const struct pf *pf_of_range(struct typing *t, const struct host *host, size_t *keep)
{
	const char *word = t->c->word, *slash = strrchr(word, '/');
	struct error err = {0};

	*keep = slash ? (size_t)(slash + 1 - word) : 0;
	return slash ? select_pf(host, arena_strndup(t->arena, word, *keep - 1), &err) : NULL;
}

void offer_vfs(struct typing *t)
{
	const char *word = t->c->word;
	/* who is where was written down when it was lent: no need to look there for that */
	unsigned needs = word[0] || t->c->pf ? NEED_VFS | NEED_LEASES : 0;
	const struct host *host = ask_host(t, strchr(word, '/') ? NEED_VFS : needs);
	struct error err = {0};
	const struct pf *pf;
	size_t keep;

	if (!host)
		return;
	pf = pf_of_range(t, host, &keep);
	if (pf) {
		offer_range(t, host, pf, keep);
		return;
	}
	pf = t->c->pf && !keep ? select_pf(host, t->c->pf, &err) : NULL;
	if (pf)
		offer_range(t, host, pf, 0);
	for (size_t i = 0; i < host->pf_count; i++)
		if (host->pfs[i].num_vfs)
			offer_pf(t, &host->pfs[i], "/");
	if (keep) /* "blue/": the only way to know what is in there */
		ask_host(t, NEED_NETNS | NEED_LEASES);
	for (size_t i = 0; word[0] && i < host->vf_count; i++)
		offer_vf_names(t, host, &host->vfs[i]);
	/* nothing here begins so, and nothing but a VF can stand here */
	if (word[0] && !t->out->count && t->words.count == t->used)
		ask_host(t, NEED_NETNS | NEED_LEASES);
}

/* drivers and namespaces */

void offer_drivers(struct typing *t)
{
	const struct host *host = ask_host(t, NEED_BINDING);

	offer(t, 0, DRIVER_DEFAULT, "whichever the kernel chooses");
	offer(t, 0, DRIVER_VFIO, "for a VM or DPDK");
	for (size_t i = 0; host && i < host->drivers.count; i++)
		if (strcmp(host->drivers.items[i], DRIVER_VFIO) != 0 &&
			strcmp(host->drivers.items[i], DRIVER_DEFAULT) != 0)
			offer_name(t, host->drivers.items[i], NULL);
}

static const struct netns *netns_of(const struct host *host, const struct process *p)
{
	for (size_t i = 0; i < host->netns_count; i++)
		if (host->netns[i].id.inode && host->netns[i].id.inode == p->netns)
			return &host->netns[i];
	return NULL;
}

/* "pid:": of all processes that are in another namespace than ours. */
static void offer_processes(struct typing *t, const struct host *host)
{
	for (size_t i = 0; i < host->process_count; i++) {
		const struct netns *netns = netns_of(host, &host->processes[i]);
		const char *name =
			arena_printf(t->arena, PREFIX_PID "%d", (int)host->processes[i].pid);

		if (netns && strcmp(netns->name, name) != 0)
			offer_typed(t, name, netns->name);
	}
}

void offer_netns(struct typing *t)
{
	/* with processes, also those namespaces are looked for that have no VF */
	const struct host *host = ask_host(t, NEED_NETNS | NEED_PROCESSES);

	for (size_t i = 0; host && i < host->netns_count; i++) {
		if (strchr(host->netns[i].name, '/'))
			offer_typed(t, host->netns[i].name, NULL);
		else
			offer_name(t, host->netns[i].name, NULL);
	}
	if (host && str_starts(t->c->word, PREFIX_PID))
		offer_processes(t, host);
	if (strchr(t->c->word, '/'))
		t->out->files = COMPLETE_FILES;
}
