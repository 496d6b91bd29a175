#include "kernel/holders.h"

#include "kernel/sysfs.h"
#include "util/cleanup.h"
#include "util/str.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static void add_holder(struct host *host, uint32_t group, int pid, const char *comm)
{
	host->holders = arena_push(
		&host->arena, host->holders, &host->holder_count, sizeof(*host->holders));
	host->holders[host->holder_count - 1] =
		(struct vfio_holder){group, pid, arena_strdup(&host->arena, comm)};
}

/* The IOMMU group behind an open file; false when it is no vfio file. */
static bool vfio_group(const struct kernel *k, const char *target, uint64_t *group)
{
	char path[128], name[32];

	/* below a chroot the path is longer; a deleted node has a word behind it */
	target = strstr(target, "/dev/vfio/");
	if (!target)
		return false;
	target += strlen("/dev/vfio/");
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(target, " "), target);
	if (str_starts(name, "noiommu-"))
		return str_uint(name + strlen("noiommu-"), 10, UINT32_MAX, group);
	if (!str_starts(target, "devices/"))
		return str_uint(name, 10, UINT32_MAX, group);
	snprintf(path, sizeof(path), "class/vfio-dev/%.32s/device/iommu_group",
		target + strlen("devices/"));
	return sysfs_link_name(k->sys, path, name, sizeof(name)) > 0 &&
	       str_uint(name, 10, UINT32_MAX, group);
}

static void look_at_process(const struct kernel *k, struct host *host, int proc, int pid)
{
	char path[64], target[256], comm[32];
	struct strings fds;
	uint64_t group;

	snprintf(path, sizeof(path), "%d/fd", pid);
	if (!sysfs_list(proc, path, &host->arena, &fds)) {
		host->holders_hidden |= errno == EACCES || errno == EPERM;
		return;
	}
	for (size_t i = 0; i < fds.count; i++) {
		ssize_t n;

		snprintf(path, sizeof(path), "%d/fd/%.16s", pid, fds.items[i]);
		n = readlinkat(proc, path, target, sizeof(target) - 1);
		if (n < 0)
			continue;
		target[n] = 0;
		if (!vfio_group(k, target, &group))
			continue;
		snprintf(path, sizeof(path), "%d/comm", pid);
		sysfs_read(proc, path, comm, sizeof(comm));
		add_holder(host, (uint32_t)group, pid, comm);
	}
}

/* In a snapshot: a line "GROUP PID COMM" each. */
static void read_recorded(const struct kernel *k, struct host *host)
{
	int fd = sysfs_open(k->root, "vfio-holders");
	cleanup_file FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	char line[128], comm[64];
	unsigned group;
	int pid;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%u %d %63[^\n]", &group, &pid, comm) == 3)
			add_holder(host, group, pid, comm);
}

bool holders_find(const struct kernel *k, struct host *host)
{
	cleanup_close int proc = -1;
	struct strings pids;
	uint64_t pid;

	if (k->snapshot) {
		read_recorded(k, host);
		return true;
	}
	proc = openat(k->root, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0 || !sysfs_list(proc, ".", &host->arena, &pids))
		return false;
	for (size_t i = 0; i < pids.count; i++)
		if (str_uint(pids.items[i], 10, INT32_MAX, &pid))
			look_at_process(k, host, proc, (int)pid);
	return true;
}
