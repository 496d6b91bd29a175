#include "core/selector.h"

#include "util/str.h"

#include <string.h>

static const char *without_bus(const char *text)
{
	return str_starts(text, "pci/") ? text + 4 : text;
}

static bool pf_matches(const struct pf *pf, const char *text)
{
	struct bdf bdf;
	struct lladdr addr;

	if (pf_has(pf, PF_IFNAME) && strcmp(pf->ifname, text) == 0)
		return true;
	if (pf_has(pf, PF_HANDLE) && strcmp(pf->handle, text) == 0)
		return true;
	if (strings_has(&pf->altnames, text))
		return true;
	if (str_starts(text, "mac:") && lladdr_parse(text + 4, &addr))
		return (pf_has(pf, PF_MAC) && lladdr_equal(&pf->mac, &addr)) ||
		       (pf_has(pf, PF_PERMANENT_MAC) && lladdr_equal(&pf->permanent_mac, &addr));
	return pf_has(pf, PF_BDF) && bdf_parse(without_bus(text), &bdf) &&
	       bdf_compare(pf->bdf, bdf) == 0;
}

static bool vf_matches(const struct vf *vf, const char *text)
{
	struct bdf bdf;

	if (strcmp(vf->name, text) == 0)
		return true;
	if (vf_has(vf, VF_IFNAME) && strcmp(vf->ifname, text) == 0)
		return true;
	if (strings_has(&vf->altnames, text))
		return true;
	return vf_has(vf, VF_BDF) && bdf_parse(without_bus(text), &bdf) &&
	       bdf_compare(vf->bdf, bdf) == 0;
}

/* The sole VF that text names by interface or address; NULL with *err set or unset. */
static const struct vf *find_vf(const struct host *host, const char *text, struct error *err)
{
	const struct vf *found = NULL;

	for (size_t i = 0; i < host->vf_count; i++) {
		if (!vf_matches(&host->vfs[i], text))
			continue;
		if (found) {
			error_set(err, EXIT_USAGE, "%s is the name of both %s and %s", text,
				found->name, host->vfs[i].name);
			error_hint(err, "use the name in the VF column, or the PCI address");
			return NULL;
		}
		found = &host->vfs[i];
	}
	return found;
}

static bool pci_exists(const struct host *host, const char *text)
{
	struct bdf bdf;

	if (!bdf_parse(without_bus(text), &bdf))
		return false;
	for (size_t i = 0; i < host->pci_count; i++)
		if (bdf_compare(host->pci[i], bdf) == 0)
			return true;
	return false;
}

/* Nothing matched text as a PF: say why, as exactly as can be known. */
static void explain_no_pf(const struct host *host, const char *text, struct error *err)
{
	struct nearest near = {.word = text};
	const struct vf *vf = find_vf(host, text, err);

	if (err->code != EXIT_DONE)
		return;
	if (vf) {
		error_set(err, EXIT_USAGE, "%s is VF %u of %s, not a PF", text, vf->index, vf->pf);
		error_hint(err, "name the PF: %s", vf->pf);
		return;
	}
	if (pci_exists(host, text) || host_link(host, text)) {
		error_set(err, EXIT_UNSUPPORTED, "%s has no SR-IOV capability", text);
		error_hint(err, "'sriovctl pf list' shows the devices that have; on some cards "
				"the firmware or BIOS must turn SR-IOV on first");
		return;
	}
	error_set(err, EXIT_NOT_FOUND, text[0] ? "no PF '%s'" : "empty PF name%s", text);
	for (size_t i = 0; i < host->pf_count; i++)
		nearest_try(&near, host->pfs[i].name);
	if (nearest_found(&near))
		error_hint(err, "did you mean %s?", nearest_found(&near));
	else
		error_hint(err, "'sriovctl pf list' shows what there is");
}

const struct pf *select_pf(const struct host *host, const char *text, struct error *err)
{
	const struct pf *found = NULL;

	err->code = EXIT_DONE;
	for (size_t i = 0; i < host->pf_count; i++) {
		if (!pf_matches(&host->pfs[i], text))
			continue;
		if (found) {
			error_set(err, EXIT_USAGE, "%s names more than one PF", text);
			error_hint(err, "use the PCI address: one of '%s' and '%s'", found->handle,
				host->pfs[i].handle);
			return NULL;
		}
		found = &host->pfs[i];
	}
	if (!found)
		explain_no_pf(host, text, err);
	return found;
}

int range_next(const char **text, uint64_t *from, uint64_t *to)
{
	size_t len = strcspn(*text, ",");
	char item[32], *dash;

	if (len >= sizeof(item))
		return -1;
	memcpy(item, *text, len);
	item[len] = 0;
	dash = strchr(item, '-');
	if (dash)
		*dash = 0;
	if (!str_uint(item, 10, UINT32_MAX, from))
		return -1;
	*to = *from;
	if (dash && (!str_uint(dash + 1, 10, UINT32_MAX, to) || *to < *from))
		return -1;
	*text += len;
	if (!**text)
		return 0;
	++*text;
	return 1;
}

int range_parse(const char *text, bool *set, size_t size, uint64_t *bad)
{
	uint64_t from, to;
	int more;

	if (strcmp(text, RANGE_ALL) == 0) {
		memset(set, true, size);
		return 0;
	}
	do {
		more = range_next(&text, &from, &to);
		if (more < 0)
			return -1;
		if (to >= size) {
			*bad = from >= size ? from : size;
			return -2;
		}
		memset(set + from, true, to - from + 1);
	} while (more);
	return 0;
}

static const struct vf **select_range(const struct host *host, struct arena *arena,
	const char *pf_text, const char *range, size_t *count, struct error *err)
{
	const struct pf *pf = select_pf(host, pf_text, err);
	const struct vf **list;
	uint64_t bad = 0;
	size_t size = 0;
	bool *set;

	if (!pf)
		return NULL;
	for (size_t i = 0; i < pf->vf_count; i++)
		if (host->vfs[pf->first_vf + i].index >= size)
			size = host->vfs[pf->first_vf + i].index + 1;
	set = arena_alloc(arena, size + 1);
	switch (range_parse(range, set, size, &bad)) {
	case -1:
		error_set(err, EXIT_USAGE, "'%.100s' is no VF range", range);
		error_hint(err, "write %s/3, %s/0-7,9 or %s/all", pf->name, pf->name, pf->name);
		return NULL;
	case -2:
		error_set(err, EXIT_NOT_FOUND, "%s has no VF %llu", pf->name,
			(unsigned long long)bad);
		if (pf->vf_count)
			error_hint(err, "it has VFs 0 to %zu", size - 1);
		else
			error_hint(
				err, "it has no VFs; make some: sriovctl vf create %s N", pf->name);
		return NULL;
	default:
		break;
	}
	list = arena_alloc(arena, (pf->vf_count + 1) * sizeof(*list));
	*count = 0;
	for (size_t i = 0; i < pf->vf_count; i++) {
		const struct vf *vf = &host->vfs[pf->first_vf + i];

		if (set[vf->index])
			list[(*count)++] = vf;
		set[vf->index] = false;
	}
	for (size_t i = 0; i < size && strcmp(range, RANGE_ALL) != 0; i++) {
		if (!set[i])
			continue;
		error_set(err, EXIT_NOT_FOUND, "%s has no VF %zu", pf->name, i);
		return NULL;
	}
	return list;
}

static bool is_in_netns(
	const struct host *host, const struct vf *vf, const char *netns, const char *ifname)
{
	const struct lease *l = vf->attached;

	return vf_has(vf, VF_NETNS) && strcmp(vf->ifname, ifname) == 0 &&
	       (strcmp(vf->netns, netns) == 0 ||
		       (l && strcmp(l->netns, netns) == 0 &&
			       vf_whereabouts(host, vf) == WHERE_ATTACHED));
}

static bool was_sent_to(const struct vf *vf, const char *netns, const char *ifname)
{
	const struct lease *l = vf->attached;

	return l && l->ifname && strcmp(l->netns, netns) == 0 && strcmp(l->ifname, ifname) == 0;
}

/* blue/net1: by its name in another namespace; the name of that is one that was given to
 * attach, or the one it is found under. Else, when the namespace has gone, by the name it
 * was sent there with. NULL: there is none. */
static const struct vf **select_in_netns(const struct host *host, struct arena *arena,
	const char *netns, const char *ifname, size_t *count)
{
	const struct vf **list = arena_alloc(arena, sizeof(*list));

	*count = 0;
	for (size_t i = 0; i < host->vf_count && !*count; i++)
		if (is_in_netns(host, &host->vfs[i], netns, ifname))
			list[(*count)++] = &host->vfs[i];
	for (size_t i = 0; i < host->vf_count && !*count; i++)
		if (was_sent_to(&host->vfs[i], netns, ifname))
			list[(*count)++] = &host->vfs[i];
	return *count ? list : NULL;
}

static bool is_netns(const struct host *host, const char *name)
{
	for (size_t i = 0; i < host->lease_count; i++)
		if (strcmp(host->leases[i].netns, name) == 0)
			return true;
	for (size_t i = 0; i < host->netns_count; i++)
		if (strcmp(host->netns[i].name, name) == 0)
			return true;
	return false;
}

static void no_such_in_netns(const char *netns, const char *ifname, struct error *err)
{
	error_set(err, EXIT_NOT_FOUND, "no VF has the interface %s in the network namespace %s",
		ifname, netns);
	error_hint(err, "'sriovctl netns list' shows the VFs that are in others");
}

const struct vf **select_vfs(const struct host *host, struct arena *arena, const char *text,
	size_t *count, struct error *err)
{
	struct error ignored;
	const struct vf *vf, **list;
	const char *slash = strrchr(text, '/');
	const char *pf_text = slash ? arena_strndup(arena, text, (size_t)(slash - text)) : NULL;

	err->code = EXIT_DONE;
	if (slash && strcmp(pf_text, "pci") != 0) {
		list = select_range(host, arena, pf_text, slash + 1, count, err);
		/* blue/net1; a PF and what is a range for it go first */
		if (list || select_pf(host, pf_text, &ignored))
			return list;
		list = select_in_netns(host, arena, pf_text, slash + 1, count);
		if (list)
			memset(err, 0, sizeof(*err));
		else if (is_netns(host, pf_text))
			no_such_in_netns(pf_text, slash + 1, err);
		return list;
	}
	vf = find_vf(host, text, err);
	if (vf && vf_has(vf, VF_NETNS) && select_pf(host, text, err)) {
		error_set(err, EXIT_USAGE, "%s is a PF here, and the interface of %s in %s", text,
			vf->name, vf->netns);
		error_hint(err, "write %s for the VF, %s/0 for the PF's first", vf->name, text);
		return NULL;
	}
	if (vf) {
		err->code = EXIT_DONE;
		list = arena_alloc(arena, sizeof(*list));
		list[0] = vf;
		*count = 1;
		return list;
	}
	if (err->code != EXIT_DONE)
		return NULL;
	if (select_pf(host, text, err)) {
		error_set(err, EXIT_USAGE, "%s is a PF, not a VF", text);
		error_hint(err, "write %s/0 for its first VF, %s/all for all", text, text);
	} else if (err->code == EXIT_NOT_FOUND) {
		error_set(err, EXIT_NOT_FOUND, text[0] ? "no VF '%s'" : "empty VF name%s", text);
		error_hint(err, "write PF/INDEX, a PCI address or the VF's interface; 'sriovctl "
				"vf list' shows what there is");
	}
	return NULL;
}

const struct vf **select_all_vfs(struct host *host, struct arena *arena, char *const *texts,
	size_t text_count, size_t *count, struct error *err)
{
	const struct vf **list = arena_alloc(arena, (host->vf_count + 1) * sizeof(*list));
	bool *seen = arena_alloc(arena, host->vf_count + 1);

	*count = 0;
	for (size_t i = 0; i < text_count; i++) {
		size_t n;
		const struct vf **vfs = select_vfs(host, arena, texts[i], &n, err);

		if (!vfs)
			return NULL;
		for (size_t j = 0; j < n; j++) {
			if (!seen[vfs[j] - host->vfs])
				list[(*count)++] = vfs[j];
			seen[vfs[j] - host->vfs] = true;
		}
	}
	return list;
}
