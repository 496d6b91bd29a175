/*
 * The table of files that a doctor looks at. Reading them and recording them for a snapshot both
 * go by it. Files that take a device's lock to be read (driver_override, sriov_numvfs, uevent) may
 * never be in it: who reads those waits for whoever changes that device.
 */
#include "kernel/facts.h"

#include "core/cpus.h"
#include "kernel/interrupts.h"
#include "kernel/sysfs.h"
#include "util/cleanup.h"
#include "util/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECURE_BOOT "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c" /* UEFI 2.10, 3.3 */
#define FACT_MOST (4U << 20) /* bytes of one file; what is longer is cut */
#define FACT_ALL (64U << 20) /* of all of them; no more is read than that */
#define FACT_PIECE 4096

enum fact_kind {
	FACT_TEXT,  /* its text */
	FACT_THERE, /* whether it is there */
	FACT_NAMES, /* what is in a directory */
	FACT_CPUS,  /* of the status of a process its name, and the CPUs that it may run on */
	FACT_VFIO,  /* of a list of modules those of vfio, one a line */
};

/* What stands for the %s of a path. */
enum fact_of {
	OF_HOST,    /* none */
	OF_RELEASE, /* release of the kernel */
	OF_PF,      /* PCI address of each PF */
	OF_VF,      /* of each VF */
	OF_OTHER,   /* of every other PCI device */
	OF_PF_LINK, /* ifindex of the interface of each PF */
	OF_VF_LINK, /* of each VF whose interface is in our namespace */
	OF_USER,    /* each process that holds a VF through vfio, or in the namespace of one */
};

/* A '*' stands for every name there is in that place; in one part of a path at most. */
static const struct fact_row {
	enum fact_kind kind;
	enum fact_of of;
	const char *path;
} rows[] = {
	/* of the platform */
	{FACT_TEXT, OF_HOST, "proc/cmdline"},
	{FACT_TEXT, OF_HOST, "proc/sys/kernel/osrelease"},
	{FACT_NAMES, OF_HOST, "sys/class/iommu"},
	{FACT_THERE, OF_HOST, "sys/firmware/acpi/tables/DMAR"},
	{FACT_THERE, OF_HOST, "sys/firmware/acpi/tables/IVRS"},
	{FACT_THERE, OF_HOST, "sys/firmware/acpi/tables/IORT"},
	{FACT_THERE, OF_HOST, "sys/kernel/iommu_groups/0"},
	{FACT_TEXT, OF_PF, "sys/bus/pci/devices/%s/iommu_group/type"},
	/* on x86 interrupts of the board itself, some of which there are on any */
	{FACT_TEXT, OF_HOST, "sys/kernel/irq/0/chip_name"},
	{FACT_TEXT, OF_HOST, "sys/kernel/irq/1/chip_name"},
	{FACT_TEXT, OF_HOST, "sys/kernel/irq/4/chip_name"},
	{FACT_TEXT, OF_HOST, "sys/kernel/irq/8/chip_name"},
	{FACT_TEXT, OF_HOST, "sys/kernel/irq/9/chip_name"},
	{FACT_TEXT, OF_HOST, "sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"},
	{FACT_VFIO, OF_RELEASE, "lib/modules/%s/modules.dep"},
	{FACT_VFIO, OF_RELEASE, "lib/modules/%s/modules.builtin"},
	{FACT_TEXT, OF_HOST, "sys/kernel/security/lockdown"},
	{FACT_TEXT, OF_HOST, "sys/firmware/efi/efivars/" SECURE_BOOT},
	{FACT_TEXT, OF_HOST, "sys/kernel/mm/hugepages/*/nr_hugepages"},
	{FACT_TEXT, OF_HOST,
		"sys/devices/system/node/node*/hugepages/hugepages-2048kB/nr_hugepages"},
	{FACT_TEXT, OF_HOST,
		"sys/devices/system/node/node*/hugepages/hugepages-1048576kB/nr_hugepages"},
	{FACT_TEXT, OF_HOST,
		"sys/devices/system/node/node*/hugepages/hugepages-524288kB/nr_hugepages"},
	{FACT_TEXT, OF_PF, "sys/bus/pci/devices/%s/resource"},
	/* ".." behind a link of sysfs: of the bridge that the PF is below */
	{FACT_TEXT, OF_PF, "sys/bus/pci/devices/%s/../subordinate_bus_number"},
	/* of a PF */
	{FACT_TEXT, OF_PF, "sys/bus/pci/devices/%s/driver/module/version"},
	{FACT_TEXT, OF_OTHER, "sys/bus/pci/devices/%s/class"},
	{FACT_TEXT, OF_OTHER, "sys/bus/pci/devices/%s/vendor"},
	{FACT_TEXT, OF_OTHER, "sys/bus/pci/devices/%s/device"},
	{FACT_TEXT, OF_HOST, "sys/module/vfio_pci/parameters/enable_sriov"},
	{FACT_TEXT, OF_HOST, "sys/module/ib_core/parameters/netns_mode"},
	{FACT_NAMES, OF_VF, "sys/bus/pci/devices/%s/infiniband"},
	/* of a VF */
	/* of interrupts and NUMA nodes */
	{FACT_TEXT, OF_HOST, "sys/devices/system/node/has_cpu"},
	{FACT_TEXT, OF_HOST, "sys/devices/system/node/online"},
	{FACT_TEXT, OF_HOST, "sys/devices/system/node/node*/cpulist"},
	{FACT_TEXT, OF_HOST, "sys/devices/system/node/node*/distance"},
	{FACT_TEXT, OF_PF, "sys/bus/pci/devices/%s/numa_node"},
	{FACT_CPUS, OF_USER, "proc/%s/task/*/status"},
	/* of names, and of who else configures interfaces */
	{FACT_NAMES, OF_HOST, "etc/systemd/network"},
	{FACT_TEXT, OF_HOST, "etc/systemd/network/*.link"},
	{FACT_NAMES, OF_HOST, "run/systemd/network"},
	{FACT_TEXT, OF_HOST, "run/systemd/network/*.link"},
	{FACT_NAMES, OF_HOST, "usr/local/lib/systemd/network"},
	{FACT_TEXT, OF_HOST, "usr/local/lib/systemd/network/*.link"},
	{FACT_NAMES, OF_HOST, "usr/lib/systemd/network"},
	{FACT_TEXT, OF_HOST, "usr/lib/systemd/network/*.link"},
	{FACT_NAMES, OF_HOST, "etc/udev/rules.d"},
	{FACT_TEXT, OF_HOST, "etc/udev/rules.d/*.rules"},
	{FACT_NAMES, OF_HOST, "run/udev/rules.d"},
	{FACT_TEXT, OF_HOST, "run/udev/rules.d/*.rules"},
	{FACT_NAMES, OF_HOST, "usr/local/lib/udev/rules.d"},
	{FACT_TEXT, OF_HOST, "usr/local/lib/udev/rules.d/*.rules"},
	{FACT_NAMES, OF_HOST, "usr/lib/udev/rules.d"},
	{FACT_TEXT, OF_HOST, "usr/lib/udev/rules.d/*.rules"},
	{FACT_TEXT, OF_PF_LINK, "run/udev/data/n%s"},
	{FACT_TEXT, OF_VF_LINK, "run/udev/data/n%s"},
	{FACT_TEXT, OF_PF, "sys/bus/pci/devices/%s/net/*/addr_assign_type"},
	{FACT_TEXT, OF_VF, "sys/bus/pci/devices/%s/net/*/addr_assign_type"},
	{FACT_TEXT, OF_VF_LINK, "run/NetworkManager/devices/%s"},
	{FACT_TEXT, OF_VF_LINK, "run/systemd/netif/links/%s"},
	{FACT_THERE, OF_HOST, "run/NetworkManager/NetworkManager.pid"},
	{FACT_THERE, OF_HOST, "sys/fs/cgroup/system.slice/NetworkManager.service"},
	{FACT_THERE, OF_HOST, "sys/fs/cgroup/unified/system.slice/NetworkManager.service"},
	{FACT_THERE, OF_HOST, "sys/fs/cgroup/systemd/system.slice/NetworkManager.service"},
	{FACT_THERE, OF_HOST, "sys/fs/cgroup/system.slice/systemd-networkd.service"},
	{FACT_THERE, OF_HOST, "sys/fs/cgroup/unified/system.slice/systemd-networkd.service"},
	{FACT_THERE, OF_HOST, "sys/fs/cgroup/systemd/system.slice/systemd-networkd.service"},
	/* of what was declared */
	{FACT_TEXT, OF_HOST, "etc/sriovctl/policy.d/*.yaml"},
	{FACT_TEXT, OF_HOST, "etc/sriovctl/policy.d/*.yml"},
};

/* The lines of a status file that count here: the rest is not for others to see. */
static size_t keep_cpus(char *text, size_t len)
{
	static const char *const kept[] = {"Name:", "Cpus_allowed_list:"};
	size_t n = 0;

	for (char *line = text, *end; line < text + len; line = end) {
		size_t left = (size_t)(text + len - line);
		bool wanted = false;

		end = memchr(line, '\n', left);
		end = end ? end + 1 : text + len;
		for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
			wanted |= left > strlen(kept[i]) &&
				  memcmp(line, kept[i], strlen(kept[i])) == 0;
		if (!wanted)
			continue;
		memmove(text + n, line, (size_t)(end - line));
		n += (size_t)(end - line);
	}
	return n;
}

/* "kernel/drivers/vfio/pci/vfio-pci.ko.xz: ...", without what it needs. */
static void read_vfio(
	const struct kernel *k, const char *path, const char *shown, struct facts *facts)
{
	struct buffer text = {0}, ours = {0};
	cleanup_close int fd = kernel_open_file(k, path, O_RDONLY);
	int rc = fd < 0 ? fd : proc_read_all(fd, &text);
	const char *line = text.data, *all = text.data + text.len, *end;

	for (; rc == 0 && line < all; line = end + 1) {
		size_t len;

		end = memchr(line, '\n', (size_t)(all - line));
		end = end ? end : all;
		for (len = 0; line + len < end && line[len] != ':';)
			len++;
		if (!memmem(line, len, "/vfio", 5))
			continue;
		if (ours.len)
			*(char *)buffer_room(&ours, 1) = '\n', ours.len++;
		memcpy(buffer_room(&ours, len), line, len);
		ours.len += len;
	}
	if (rc < 0)
		facts_add_error(facts, shown, -rc);
	else
		facts_add(facts, shown, ours.data, ours.len);
	buffer_free(&text);
	buffer_free(&ours);
}

/* path: without its '/' in front, as all are here. */
static void read_one(
	const struct kernel *k, const char *path, enum fact_kind kind, struct facts *facts)
{
	char shown[512];
	struct buffer text = {0};
	cleanup_close int fd = -1;
	ssize_t n = 0;
	struct fact *f;

	snprintf(shown, sizeof(shown), "/%s", path);
	if (kind == FACT_VFIO) {
		read_vfio(k, path, shown, facts);
		return;
	}
	fd = kernel_open_file(k, path,
		kind == FACT_THERE   ? O_PATH
		: kind == FACT_NAMES ? O_DIRECTORY
				     : O_RDONLY);
	if (fd < 0) {
		facts_add_error(facts, shown, -fd);
		return;
	}
	if (kind == FACT_THERE || kind == FACT_NAMES) {
		f = facts_add(facts, shown, "", 0);
		f->is_dir = kind == FACT_NAMES;
		if (f->is_dir && !sysfs_list(fd, ".", &facts->arena, &f->names))
			f->sys_errno = errno ? errno : ENOTDIR;
		return;
	}
	if (facts->size >= FACT_ALL) {
		facts_add_error(facts, shown, EFBIG);
		return;
	}
	while (text.len < FACT_MOST &&
		(n = read(fd, buffer_room(&text, FACT_PIECE), FACT_PIECE)) > 0)
		text.len += (size_t)n;
	if (n < 0)
		facts_add_error(facts, shown, errno);
	else {
		if (kind == FACT_CPUS)
			text.len = keep_cpus(text.data, text.len);
		facts_add(facts, shown, text.data,
			text.len - (text.len && text.data[text.len - 1] == '\n'));
	}
	buffer_free(&text);
}

/* Every name in the place of the '*', or the path itself where there is none. */
static void read_all(
	const struct kernel *k, const char *path, enum fact_kind kind, struct facts *facts)
{
	const char *star = strchr(path, '*'), *from, *behind;
	struct strings names;
	char dir[512], each[512];
	cleanup_close int fd = -1;

	if (!star) {
		read_one(k, path, kind, facts);
		return;
	}
	for (from = star; from > path && from[-1] != '/';)
		from--;
	behind = star + strcspn(star, "/");
	snprintf(dir, sizeof(dir), "%.*s", (int)(from - path), path);
	fd = kernel_open_file(k, dir, O_DIRECTORY);
	if (fd < 0 || !sysfs_list(fd, ".", &facts->arena, &names))
		return;
	for (size_t i = 0; i < names.count; i++) {
		const char *name = names.items[i];
		size_t head = (size_t)(star - from), tail = (size_t)(behind - star - 1);

		if (strlen(name) < head + tail || strncmp(name, from, head) != 0 ||
			strncmp(name + strlen(name) - tail, star + 1, tail) != 0)
			continue;
		snprintf(each, sizeof(each), "%s%s%s", dir, name, behind);
		read_one(k, each, kind, facts);
	}
}

static void read_row(
	const struct kernel *k, const struct fact_row *row, const char *what, struct facts *facts)
{
	const char *hole = strstr(row->path, "%s");
	char path[512];

	snprintf(
		path, sizeof(path), "%.*s%s%s", (int)(hole - row->path), row->path, what, hole + 2);
	read_all(k, path, row->kind, facts);
}

static void read_of_pfs(const struct kernel *k, const struct fact_row *row, const struct host *host,
	struct facts *facts)
{
	char what[BDF_SIZE + 16];

	for (size_t i = 0; i < host->pf_count; i++) {
		const struct pf *pf = &host->pfs[i];

		if (row->of == OF_PF ? !pf_has(pf, PF_BDF) : !pf_has(pf, PF_IFINDEX))
			continue;
		if (row->of == OF_PF)
			bdf_format(pf->bdf, what);
		else
			snprintf(what, sizeof(what), "%d", pf->ifindex);
		read_row(k, row, what, facts);
	}
}

static void read_of_vfs(const struct kernel *k, const struct fact_row *row, const struct host *host,
	struct facts *facts)
{
	char what[BDF_SIZE + 16];

	for (size_t i = 0; i < host->vf_count; i++) {
		const struct vf *vf = &host->vfs[i];

		if (row->of == OF_VF ? !vf_has(vf, VF_BDF) : !vf_has(vf, VF_IFINDEX) || vf->netns)
			continue;
		if (row->of == OF_VF)
			bdf_format(vf->bdf, what);
		else
			snprintf(what, sizeof(what), "%d", vf->ifindex);
		read_row(k, row, what, facts);
	}
}

static int compare_keys(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void read_of_others(const struct kernel *k, const struct fact_row *row,
	const struct host *host, struct facts *facts)
{
	size_t most = host->pf_count + host->vf_count + 1, count = 0;
	uint64_t *ours = arena_alloc(&facts->arena, most * sizeof(*ours));
	char what[BDF_SIZE];

	for (size_t i = 0; i < host->pf_count; i++)
		if (pf_has(&host->pfs[i], PF_BDF))
			ours[count++] = bdf_key(host->pfs[i].bdf);
	for (size_t i = 0; i < host->vf_count; i++)
		if (vf_has(&host->vfs[i], VF_BDF))
			ours[count++] = bdf_key(host->vfs[i].bdf);
	qsort(ours, count, sizeof(*ours), compare_keys);
	for (size_t i = 0; i < host->pci_count; i++) {
		uint64_t key = bdf_key(host->pci[i]);

		if (bsearch(&key, ours, count, sizeof(key), compare_keys))
			continue;
		bdf_format(host->pci[i], what);
		read_row(k, row, what, facts);
	}
}

static int compare_inodes(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Of whom a process holds many VFs once. */
static void read_of_users(const struct kernel *k, const struct fact_row *row,
	const struct host *host, struct facts *facts)
{
	struct arena scratch = {0};
	uint64_t *inodes = arena_alloc(&scratch, (host->vf_count + 1) * sizeof(*inodes));
	struct ints pids = {0};
	size_t count = 0;
	char what[16];

	for (size_t i = 0; i < host->vf_count; i++)
		if (host->vfs[i].netns && host->vfs[i].netns_id.inode)
			inodes[count++] = host->vfs[i].netns_id.inode;
	qsort(inodes, count, sizeof(*inodes), compare_inodes);
	for (size_t i = 0; i < host->holder_count; i++)
		ints_add(&scratch, &pids, host->holders[i].pid);
	for (size_t i = 0; i < host->process_count; i++)
		if (bsearch(&host->processes[i].netns, inodes, count, sizeof(*inodes),
			    compare_inodes))
			ints_add(&scratch, &pids, host->processes[i].pid);
	ints_sort(&pids);
	for (size_t i = 0; i < pids.count; i++) {
		snprintf(what, sizeof(what), "%d", (int)pids.items[i]);
		read_row(k, row, what, facts);
	}
	arena_free(&scratch);
}

static void read_of_release(const struct kernel *k, const struct fact_row *row, struct facts *facts)
{
	char release[128];

	if (sysfs_read(k->root, "proc/sys/kernel/osrelease", release, sizeof(release)) > 0 &&
		!strchr(release, '/'))
		read_row(k, row, release, facts);
}

/* Twice the same, as of two rows that stand for it: once. */
static void drop_repeated(struct facts *facts)
{
	size_t n = 0;

	for (size_t i = 0; i < facts->count; i++)
		if (!n || strcmp(facts->items[i].path, facts->items[n - 1].path) != 0)
			facts->items[n++] = facts->items[i];
	facts->count = n;
}

static void read_here(const struct kernel *k, const struct host *host, struct facts *facts)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct fact_row *row = &rows[i];

		switch (row->of) {
		case OF_HOST:
			read_all(k, row->path, row->kind, facts);
			break;
		case OF_RELEASE:
			read_of_release(k, row, facts);
			break;
		case OF_PF:
		case OF_PF_LINK:
			read_of_pfs(k, row, host, facts);
			break;
		case OF_VF:
		case OF_VF_LINK:
			read_of_vfs(k, row, host, facts);
			break;
		case OF_OTHER:
			read_of_others(k, row, host, facts);
			break;
		case OF_USER:
			read_of_users(k, row, host, facts);
			break;
		}
	}
}

/* In a snapshot nothing but what is there can be read: of the rest its list says whether it was
 * looked for. A bare tree has no such list, and nothing is known to be absent. */
static void know_what_was_looked_for(const struct kernel *k, struct facts *facts)
{
	struct buffer text = {0};
	struct facts was = {0};
	size_t n = 0;
	char *line, *rest;

	if (proc_read(k->root, FACTS_INDEX, &text) == 0) {
		*(char *)buffer_room(&text, 1) = 0;
		for (line = strtok_r(text.data, "\n", &rest); line;
			line = strtok_r(NULL, "\n", &rest)) {
			char *path = strchr(line, ' ');
			uint64_t sys_errno;

			if (!path)
				continue;
			*path++ = 0;
			if (str_uint(line, 10, 4096, &sys_errno))
				facts_add_error(&was, path, sys_errno ? (int)sys_errno : ENOENT);
		}
	}
	buffer_free(&text);
	facts_sort(&was);
	for (size_t i = 0; i < facts->count; i++)
		if (!facts->items[i].sys_errno)
			facts->items[n++] = facts->items[i];
	facts->count = n;
	facts_sort(facts);
	for (size_t i = 0; i < was.count; i++) {
		const struct fact *f = &was.items[i];
		struct facts known = {.items = facts->items, .count = n};

		if (!facts_find(&known, "%s", f->path))
			facts_add_error(facts, f->path, f->sys_errno);
	}
	facts_free(&was);
}

void facts_read(const struct kernel *k, const struct host *host, struct facts *facts)
{
	*facts = (struct facts){0};
	read_here(k, host, facts);
	if (k->snapshot)
		know_what_was_looked_for(k, facts);
	facts_sort(facts);
	drop_repeated(facts);
}
