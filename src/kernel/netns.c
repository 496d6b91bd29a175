#include "kernel/netns.h"

#include "kernel/sysfs.h"
#include "util/cleanup.h"
#include "util/str.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* Namespaces are told apart by the inode of their nsfs file. */
struct seen {
	struct arena arena;
	ino_t *inodes;
	size_t count;
};

static bool first_time(struct seen *seen, ino_t inode)
{
	for (size_t i = 0; i < seen->count; i++)
		if (seen->inodes[i] == inode)
			return false;
	seen->inodes = arena_push(&seen->arena, seen->inodes, &seen->count, sizeof(*seen->inodes));
	seen->inodes[seen->count - 1] = inode;
	return true;
}

static void visit_file(
	struct seen *seen, const char *path, const char *name, netns_visit *visit, void *arg)
{
	cleanup_close int fd = -1;
	struct statfs fs;
	struct stat st;

	if (stat(path, &st) < 0 || !first_time(seen, st.st_ino))
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	/* where mounts are not passed on, a plain file is all there is of a namespace */
	if (fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == NSFS_MAGIC)
		visit(arg, name, fd);
}

static void visit_named(struct seen *seen, const char *dir, netns_visit *visit, void *arg)
{
	struct strings names;

	sysfs_list(AT_FDCWD, dir, &seen->arena, &names);
	for (size_t i = 0; i < names.count; i++)
		visit_file(seen, arena_printf(&seen->arena, "%s/%s", dir, names.items[i]),
			names.items[i], visit, arg);
}

void netns_each(netns_visit *visit, void *arg)
{
	struct seen seen = {0};
	struct strings pids;
	struct stat st;
	uint64_t pid;

	if (stat("/proc/self/ns/net", &st) == 0)
		first_time(&seen, st.st_ino);
	visit_named(&seen, "/run/netns", visit, arg);
	visit_named(&seen, "/run/docker/netns", visit, arg);
	sysfs_list(AT_FDCWD, "/proc", &seen.arena, &pids);
	for (size_t i = 0; i < pids.count; i++) {
		char path[64], name[32];

		if (!str_uint(pids.items[i], 10, INT32_MAX, &pid))
			continue;
		snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
		snprintf(name, sizeof(name), "pid:%d", (int)pid);
		visit_file(&seen, path, name, visit, arg);
	}
	arena_free(&seen.arena);
}
