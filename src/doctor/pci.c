/* What the PCI bus has for VFs: memory, bus numbers, and walls between them. */
#include "doctor/parts.h"

#include "core/driver.h"
#include "util/str.h"

#include <stdlib.h>
#include <string.h>

#define VF_BARS 6
#define FIRST_LINE 7        /* of VF BARs: behind six BARs and the ROM */
#define UNSET 0x20000000ULL /* IORESOURCE_UNSET */
#define SHOWN 6             /* members of a group */

/* How grave it is that a PF cannot make VFs: it is so of every port where SR-IOV is off in the
 * firmware setup, and of most nobody wants any. Who names it or has a policy for it does. */
static enum severity gravity(const struct examination *x, const struct pf *pf)
{
	const struct pf_intent *want = intent_of_pf(x, pf);

	if (!x->whole_host || (want && want->num_vfs))
		return SEVERITY_PROBLEM;
	return pf_has(pf, PF_DRIVER) && pf_is_nic(pf) ? SEVERITY_WARNING : SEVERITY_INFO;
}

/* Address and flags of the VF BARs ("resource" has a line of start, end and flags for each); false
 * when the text has none of them. */
static bool read_bars(const char *text, uint64_t start[VF_BARS], uint64_t flags[VF_BARS])
{
	const char *line = text;

	for (int i = 0; i < FIRST_LINE + VF_BARS; i++) {
		char *at;
		uint64_t v[3];

		if (!line || !*line)
			return false;
		for (int n = 0; n < 3; n++, line = at) {
			v[n] = strtoull(line, &at, 16);
			if (at == line)
				return false;
		}
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
		if (i < FIRST_LINE)
			continue;
		start[i - FIRST_LINE] = v[0];
		flags[i - FIRST_LINE] = v[2];
	}
	return true;
}

/* What the kernel finds no room for loses its flags as well (drivers/pci/setup-bus.c,
 * reset_resource()); only the capability still tells that it should be there. */
static unsigned lost_bars(const struct pf *pf, const uint64_t *start, const uint64_t *flags)
{
	unsigned lost = 0, has = 0;

	for (int i = 0; i < VF_BARS; i++) {
		if (flags[i] && start[i] && !(flags[i] & UNSET))
			has |= 1U << i;
		else if (flags[i] || pf->vf_bars >> i & 1)
			lost |= 1U << i;
	}
	return lost || has ? lost : (1U << VF_BARS) - 1;
}

static void vf_bars(struct examination *x, const struct pf *pf)
{
	const char *path = device_path(x, "resource"), *pci = boot_option(x, "pci");
	const char *text = facts_text(x->facts, "%s", path);
	uint64_t start[VF_BARS], flags[VF_BARS];
	unsigned lost;

	if (!pf_has(pf, PF_BDF) || !pf->total_vfs || pf->num_vfs)
		return; /* where there are VFs, there is room */
	if (!text || !read_bars(text, start, flags)) {
		unknown(x, "%s does not say where memory for VFs is", path);
		return;
	}
	lost = lost_bars(pf, start, flags);
	if (!lost) {
		fine(x, "memory for VFs");
		return;
	}
	found(x, gravity(x, pf), "no memory is assigned for VFs");
	for (int i = 0; i < VF_BARS; i++)
		if (lost == (1U << VF_BARS) - 1 ? i == 0 : lost >> i & 1)
			evidence(x, path, "line %d, VF BAR %d: no address", FIRST_LINE + i + 1, i);
	evidence_fact(x, "/proc/cmdline");
	if (pci && strstr(pci, "realloc=off"))
		remedy(x,
			"take pci=realloc=off off the kernel command line; if that is not enough, "
			"switch on 'Above 4G decoding' in the firmware setup");
	else
		remedy(x, "put pci=realloc on the kernel command line, and switch on 'Above 4G "
			  "decoding' "
			  "and 'SR-IOV support' in the firmware setup");
}

const struct check check_vf_bars = {
	.id = "vf-bars",
	.severity = SEVERITY_PROBLEM,
	.looks_at = "no memory (MMIO) for the VFs of a PF",
	.meaning = "no VF can be made: \"not enough MMIO resources for SR-IOV\", ENOMEM",
	.see = "Documentation/admin-guide/kernel-parameters.txt of the kernel, pci=realloc",
	.pf = vf_bars,
};

/* VFs whose bus is not beyond the last one: drivers/pci/iov.c, pci_iov_virtfn_bus(). */
static uint64_t vfs_that_fit(const struct pf *pf, uint64_t last_bus)
{
	uint64_t first = pf->bdf.devfn + (uint64_t)pf->vf_offset, room;

	if (last_bus < pf->bdf.bus)
		return 0;
	room = ((last_bus - pf->bdf.bus) << 8) + 0x100;
	if (first >= room)
		return 0;
	return pf->vf_stride ? (room - 1 - first) / pf->vf_stride + 1 : 1;
}

static void bus_numbers(struct examination *x, const struct pf *pf)
{
	const char *path = device_path(x, "../subordinate_bus_number");
	const char *text = facts_text(x->facts, "%s", path);
	enum severity grave;
	uint64_t last, fits;

	if (!pf_has(pf, PF_BDF) || !pf->total_vfs || !pf_has(pf, PF_VF_OFFSET) ||
		!pf_has(pf, PF_VF_STRIDE) || !pf->vf_offset)
		return;
	if (facts_absent(x->facts, "%s", path)) /* it is on a root bus */
		return;
	if (!text || !str_uint(text, 10, 255, &last)) {
		unknown(x, "%s was not recorded", path);
		return;
	}
	fits = vfs_that_fit(pf, last);
	if (fits >= pf->total_vfs)
		return;
	grave = gravity(x, pf);
	found(x, fits && grave == SEVERITY_PROBLEM ? SEVERITY_WARNING : grave,
		"bus numbers for %llu of %u VFs only", (unsigned long long)fits, pf->total_vfs);
	evidence_fact(x, "%s", path);
	evidence(x, device_path(x, "sriov_offset"), "%u", pf->vf_offset);
	evidence(x, device_path(x, "sriov_stride"), "%u", pf->vf_stride);
	if (pf_has(pf, PF_ARI))
		evidence(x, "SR-IOV capability", "ARI %s", pf->ari ? "on" : "off");
	if (pf_has(pf, PF_ARI) && !pf->ari)
		remedy(x, "switch ARI on in the firmware setup; else put pci=assign-busses on the "
			  "kernel "
			  "command line");
	else
		remedy(x, "put pci=assign-busses on the kernel command line");
}

const struct check check_bus_numbers = {
	.id = "bus-numbers",
	.severity = SEVERITY_PROBLEM,
	.looks_at = "too few bus numbers for the VFs of a PF",
	.meaning =
		"more VFs cannot be made (\"bus out of range\", ENOMEM): the bridge above has no "
		"further bus",
	.see = "Documentation/admin-guide/kernel-parameters.txt of the kernel, pci=assign-busses",
	.pf = bus_numbers,
};

static int compare_members(const void *a, const void *b)
{
	const struct group_member *m = a, *n = b;

	if (m->group != n->group)
		return m->group < n->group ? -1 : 1;
	return bdf_compare(m->bdf, n->bdf);
}

struct groups {
	struct group_member *members; /* by group */
	size_t count;
};

static struct groups sort_groups(struct examination *x)
{
	struct groups g = {.count = x->host->member_count};

	g.members = arena_alloc(&x->arena, (g.count + 1) * sizeof(*g.members));
	if (g.count) {
		memcpy(g.members, x->host->members, g.count * sizeof(*g.members));
		qsort(g.members, g.count, sizeof(*g.members), compare_members);
	}
	return g;
}

static size_t group_start(const struct groups *g, uint32_t group)
{
	size_t low = 0, high = g->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (g->members[middle].group < group)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool is_neighbour(const struct group_member *m)
{
	return !m->driver || strcmp(m->driver, "pcieport") != 0;
}

struct sharing {
	const struct vf *shared, *blocked; /* the first of each */
	size_t shared_count, blocked_count, placed;
};

/* What is in a group: how much, and something that keeps vfio from opening it? It does so only
 * where nobody else drives a device of it (drivers/vfio/group.c). */
struct group_look {
	uint32_t group;
	size_t count;
	bool in_the_way;
};

static struct group_look look_at_group(const struct groups *g, uint32_t group)
{
	struct group_look look = {.group = group};

	for (size_t i = group_start(g, group); i < g->count && g->members[i].group == group; i++) {
		if (!is_neighbour(&g->members[i]))
			continue;
		look.count++;
		look.in_the_way |= !g->members[i].viable;
	}
	return look;
}

static void show_group(struct examination *x, const struct groups *g, uint32_t group)
{
	const char *text = "";
	size_t first = group_start(g, group), n = 0;

	for (size_t i = first; i < g->count && g->members[i].group == group; i++) {
		const struct group_member *m = &g->members[i];
		char bdf[BDF_SIZE];

		if (n++ >= SHOWN)
			continue;
		bdf_format(m->bdf, bdf);
		text = arena_printf(&x->arena, "%s%s%s (%s)", text, n > 1 ? ", " : "", bdf,
			m->driver ? m->driver : "no driver");
	}
	if (n > SHOWN)
		text = arena_printf(&x->arena, "%s and %zu more", text, n - SHOWN);
	evidence(x, arena_printf(&x->arena, "/sys/kernel/iommu_groups/%u/devices", group), "%s",
		text);
}

static void show_bridge(struct examination *x, const struct pf *pf)
{
	static const char *const words[] = {
		[ACS_NONE] = "no ACS",
		[ACS_OFF] = "ACS off",
		[ACS_ON] = "ACS on",
	};
	char bdf[BDF_SIZE];

	if (!pf->has_bridge || pf->bridge_acs == ACS_UNKNOWN)
		return;
	bdf_format(pf->bridge, bdf);
	evidence(x, arena_printf(&x->arena, "PCI configuration of the port above, %s", bdf), "%s",
		words[pf->bridge_acs]);
}

static struct sharing look_at_groups(
	struct examination *x, const struct pf *pf, const struct groups *g)
{
	struct sharing s = {0};
	struct group_look look = {0};

	for (size_t i = 0; i < pf->vf_count; i++) {
		const struct vf *vf = &x->host->vfs[pf->first_vf + i];
		bool on_vfio = vf_has(vf, VF_DRIVER) && driver_is_vfio(vf->driver);

		if (!vf_has(vf, VF_IOMMU_GROUP))
			continue;
		if (!s.placed++ || look.group != vf->iommu_group)
			look = look_at_group(g, vf->iommu_group);
		if (look.count > 1 && !s.shared_count++)
			s.shared = vf;
		/* it is not in its own way */
		if (on_vfio && look.in_the_way && !s.blocked_count++)
			s.blocked = vf;
	}
	return s;
}

static void shared_group(struct examination *x, const struct pf *pf)
{
	struct groups g;
	struct sharing s;

	if (!x->host->has_iommu || !pf->vf_count || !pf_has(pf, PF_BDF))
		return;
	g = sort_groups(x);
	s = look_at_groups(x, pf, &g);
	if (!s.placed) {
		unknown(x, "the IOMMU groups of its VFs are not known");
		return;
	}
	if (!s.shared) {
		fine(x, "VFs isolated");
		return;
	}
	if (s.blocked) {
		found(x, SEVERITY_PROBLEM,
			"%zu of %zu VFs on vfio in an IOMMU group that drivers of the host use",
			s.blocked_count, pf->vf_count);
		means(x, "nobody can open them: vfio takes a group as a whole");
	} else {
		found(x, SEVERITY_WARNING, "%zu of %zu VFs share an IOMMU group with other devices",
			s.shared_count, pf->vf_count);
	}
	show_group(x, &g, (s.blocked ? s.blocked : s.shared)->iommu_group);
	show_bridge(x, pf);
	remedy(x,
		"put the card into a slot whose port has ACS, or switch ACS on in the firmware "
		"setup%s",
		s.blocked ? "; until then leave its VFs to drivers of the host" : "");
}

const struct check check_shared_group = {
	.id = "shared-group",
	.severity = SEVERITY_PROBLEM,
	.looks_at = "VFs that share an IOMMU group with other devices",
	.meaning = "they can be given away together only, and are not kept apart from each other",
	.see = "Documentation/driver-api/vfio.rst of the kernel",
	.pf = shared_group,
};
