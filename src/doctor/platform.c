/* The kernel, its modules and its memory, as users of VFs need them. */
#include "doctor/parts.h"

#include "core/driver.h"
#include "util/str.h"

#include <stdlib.h>
#include <string.h>

#define RELEASE "/proc/sys/kernel/osrelease"
#define LOCKDOWN "/sys/kernel/security/lockdown"
#define SECURE_BOOT "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define HUGEPAGES "/sys/kernel/mm/hugepages/"
#define NODES "/sys/devices/system/node/node"

static const char *release(struct examination *x)
{
	const char *text = facts_text(x->facts, RELEASE);

	return text ? text : "";
}

/* Of modules.dep or modules.builtin: is vfio-pci in it? */
static bool has_vfio_pci(struct examination *x, const char *list)
{
	const char *text = facts_text(x->facts, "/lib/modules/%s/%s", release(x), list);

	return text && strstr(text, "/vfio-pci.ko");
}

static void vfio_missing(struct examination *x)
{
	const char *modules;

	for (size_t i = 0; i < x->host->drivers.count; i++)
		if (strcmp(x->host->drivers.items[i], DRIVER_VFIO) == 0) {
			fine(x, "vfio-pci loaded");
			return;
		}
	if (has_vfio_pci(x, "modules.dep") || has_vfio_pci(x, "modules.builtin")) {
		fine(x, "vfio-pci loadable");
		return;
	}
	modules = arena_printf(&x->arena, "/lib/modules/%s/modules.dep", release(x));
	if (!facts_find(x->facts, "%s", modules)) {
		unknown(x, "/lib/modules was not recorded");
		return;
	}
	if (facts_absent(x->facts, "%s", modules)) {
		found(x, SEVERITY_INFO, "the modules of the running kernel are not on disk");
		means(x, "drivers that are not loaded yet cannot be, also vfio-pci; often the "
			 "kernel "
			 "was updated meanwhile");
		remedy(x, "restart the host, or install the modules of %s", release(x));
	} else {
		found(x, SEVERITY_INFO, "vfio-pci is neither loaded nor installed");
		remedy(x, "install the kernel's package with more modules (linux-modules-extra, "
			  "kernel-modules-core), or one with CONFIG_VFIO_PCI");
	}
	evidence(x, "/sys/bus/pci/drivers", "no vfio-pci");
	evidence_fact(x, "%s", modules);
}

const struct check check_vfio_missing = {
	.id = "vfio-missing",
	.severity = SEVERITY_INFO,
	.looks_at = "no vfio-pci to hand VFs to VMs or DPDK with",
	.meaning = "no VF can be given to a VM or to DPDK",
	.see = "Documentation/driver-api/vfio.rst of the kernel",
	.host = vfio_missing,
};

/* Drivers that hand a device to a process without vfio. */
static bool is_uio(const struct vf *vf)
{
	return vf_has(vf, VF_DRIVER) && strstr(vf->driver, "uio");
}

static size_t count_vfs(const struct examination *x, bool (*want)(const struct vf *vf))
{
	size_t n = 0;

	for (size_t i = 0; i < x->host->vf_count; i++)
		n += want(&x->host->vfs[i]);
	return n;
}

/* "none [integrity] confidentiality": the chosen one is in brackets. */
static const char *chosen_word(struct examination *x, const char *text)
{
	const char *from = strchr(text, '[');

	return from ? arena_strndup(&x->arena, from + 1, strcspn(from + 1, "]")) : "none";
}

/* Four bytes of attributes, then one: 1 for on. */
static void show_secure_boot(struct examination *x)
{
	const struct fact *f = facts_find(x->facts, SECURE_BOOT);

	if (f && !f->sys_errno && f->len == 5)
		evidence(x, SECURE_BOOT, "%d (%s)", f->text[4], f->text[4] ? "on" : "off");
}

static void lockdown(struct examination *x)
{
	const char *text = facts_text(x->facts, LOCKDOWN), *mode;
	size_t users = count_vfs(x, is_uio);

	if (!text && !facts_absent(x->facts, LOCKDOWN)) {
		unknown(x, LOCKDOWN " was not recorded, or cannot be read");
		return;
	}
	mode = text ? chosen_word(x, text) : "none";
	if (strcmp(mode, "none") == 0)
		return;
	if (users)
		found(x, SEVERITY_WARNING, "the kernel is locked down (%s), and %zu VF%s on uio",
			mode, users, users == 1 ? " is" : "s are");
	else
		found(x, SEVERITY_INFO, "the kernel is locked down (%s)", mode);
	evidence_fact(x, LOCKDOWN);
	show_secure_boot(x);
	remedy(x, "use vfio-pci and drivers that are signed%s",
		users ? "; sriovctl vf bind VF vfio-pci" : "");
}

const struct check check_lockdown = {
	.id = "lockdown",
	.severity = SEVERITY_WARNING,
	.looks_at = "a kernel that is locked down, as with secure boot",
	.meaning =
		"modules that are not signed cannot be loaded, and processes cannot map the memory "
		"of devices through uio or sysfs",
	.see = "kernel_lockdown(7)",
	.host = lockdown,
};

/* Handed on, but nobody has it yet: who has it has got the memory it wants. */
static bool is_waiting(const struct vf *vf)
{
	return vf_has(vf, VF_DRIVER) && driver_is_passthrough(vf->driver) && !vf->open;
}

/* Does one of the files below a directory say so? *known: any could be read. */
static bool any_pages(struct examination *x, const char *prefix, bool *known)
{
	const struct fact *f = NULL;
	bool any = false;

	*known = false;
	while ((f = facts_next(x->facts, prefix, f))) {
		uint64_t n;

		if (f->sys_errno)
			continue;
		*known = true;
		any |= str_uint(f->text, 10, UINT64_MAX, &n) && n;
	}
	return any;
}

static void show_pages(struct examination *x, const char *prefix)
{
	const struct fact *f = NULL;

	while ((f = facts_next(x->facts, prefix, f)))
		if (!f->sys_errno)
			evidence_fact(x, "%s", f->path);
}

/* The first node with VFs that wait and no page, or -1. */
static int node_without(struct examination *x, size_t *count)
{
	int node = -1;
	bool known;

	for (size_t i = 0; i < x->host->vf_count; i++) {
		const struct vf *vf = &x->host->vfs[i];

		if (!is_waiting(vf) || !vf_has(vf, VF_NUMA_NODE) || vf->numa_node < 0 ||
			(node >= 0 && vf->numa_node != node))
			continue;
		if (node < 0) {
			const char *dir =
				arena_printf(&x->arena, NODES "%d/hugepages/", vf->numa_node);

			if (any_pages(x, dir, &known) || !known)
				continue;
			node = vf->numa_node;
		}
		++*count;
	}
	return node;
}

static void hugepages(struct examination *x)
{
	size_t users = count_vfs(x, is_waiting), there = 0;
	bool known, any = any_pages(x, HUGEPAGES, &known);
	int node;

	if (!users)
		return;
	if (!known) {
		unknown(x, HUGEPAGES " was not recorded");
		return;
	}
	if (!any) {
		found(x, SEVERITY_INFO, "no huge pages, and %zu VF%s for DPDK or a VM", users,
			users == 1 ? " waits" : "s wait");
		show_pages(x, HUGEPAGES);
		remedy(x, "for DPDK, reserve some: echo 1024 > " HUGEPAGES
			  "hugepages-2048kB/nr_hugepages, or hugepages=1024 on the kernel command "
			  "line");
		return;
	}
	node = node_without(x, &there);
	if (node < 0)
		return;
	found(x, SEVERITY_INFO, "no huge pages on node %d, and %zu VF%s for DPDK or a VM there",
		node, there, there == 1 ? " waits" : "s wait");
	show_pages(x, arena_printf(&x->arena, NODES "%d/hugepages/", node));
	remedy(x,
		"for DPDK, reserve some there: echo 1024 > " NODES
		"%d/hugepages/hugepages-2048kB/nr_hugepages",
		node);
}

const struct check check_hugepages = {
	.id = "hugepages",
	.severity = SEVERITY_INFO,
	.looks_at = "VFs on vfio or uio, and no huge pages near them",
	.meaning = "DPDK does not start without huge pages; VMs do not need them",
	.see = "Documentation/admin-guide/mm/hugetlbpage.rst of the kernel",
	.host = hugepages,
};

/* What older kernels lack. Kernels of distributions have taken over much: where something else
 * tells that it is there (a file of PFs, an attribute), that counts. */
static const struct gain {
	unsigned major, minor;
	enum severity severity;
	enum pf_attr shown_by; /* PF_NAME: nothing tells */
	const char *lost, *source;
} gains[] = {
	{4, 12, SEVERITY_WARNING, PF_AUTOPROBE,
		"new VFs get their driver before they are set up, so that settings may come too "
		"late",
		"sriov_drivers_autoprobe"},
	{4, 15, SEVERITY_INFO, PF_VF_OFFSET, "addresses of VFs are not known before they are made",
		"sriov_offset, sriov_stride, sriov_vf_device"},
	{5, 5, SEVERITY_INFO, PF_NAME, "interfaces have no alternative names", "IFLA_PROP_LIST"},
	{5, 14, SEVERITY_INFO, PF_NAME,
		"a network namespace cannot be told from a later one in its place",
		"SO_NETNS_COOKIE"},
};

static bool parse_release(const char *text, unsigned long *major, unsigned long *minor)
{
	char *end;

	*major = strtoul(text, &end, 10);
	if (end == text || *end != '.')
		return false;
	text = end + 1;
	*minor = strtoul(text, &end, 10);
	return end != text;
}

static bool is_there(const struct examination *x, enum pf_attr attr)
{
	for (size_t i = 0; attr != PF_NAME && i < x->host->pf_count; i++)
		if (pf_has(&x->host->pfs[i], attr))
			return true;
	return false;
}

static void kernel_old(struct examination *x)
{
	enum severity gravest = SEVERITY_INFO;
	const char *lost = "";
	unsigned long major, minor;
	const struct gain *first = NULL;

	if (!parse_release(release(x), &major, &minor)) {
		unknown(x, RELEASE " was not recorded");
		return;
	}
	for (size_t i = 0; i < sizeof(gains) / sizeof(gains[0]); i++) {
		const struct gain *g = &gains[i];

		if (major > g->major || (major == g->major && minor >= g->minor) ||
			is_there(x, g->shown_by))
			continue;
		first = first ? first : g;
		gravest = g->severity > gravest ? g->severity : gravest;
		lost = arena_printf(&x->arena, "%s%s%s (%s, Linux %u.%u)", lost,
			lost[0] ? "; " : "", g->lost, g->source, g->major, g->minor);
	}
	if (!first) {
		fine(x, "Linux %lu.%lu", major, minor);
		return;
	}
	found(x, gravest, "Linux %lu.%lu is older than some of what helps with VFs", major, minor);
	evidence_fact(x, RELEASE);
	means(x, "%s", lost);
	remedy(x, "use Linux 5.14 or later, or one whose distribution has brought this to it");
}

const struct check check_kernel_old = {
	.id = "kernel-old",
	.severity = SEVERITY_WARNING,
	.looks_at = "a kernel without what sriovctl makes use of",
	.meaning = "some of what sriovctl does is done less well",
	.see = "sriovctl(8)",
	.host = kernel_old,
};
