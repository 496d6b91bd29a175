#include "kernel/netns.h"

#include "kernel/sysfs.h"
#include "util/cleanup.h"
#include "util/str.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#ifndef SO_NETNS_COOKIE /* asm-generic/socket.h, since Linux 5.14 */
#define SO_NETNS_COOKIE 71
#endif

/* Where ip and container engines keep the names of namespaces. */
static const char *const name_dirs[] = {"/run/netns", "/run/docker/netns"};

/* Go there, and remember the way back in *home; false with errno. */
static bool enter(int netns, int *home)
{
	*home = open(HERE, O_RDONLY | O_CLOEXEC);
	return *home >= 0 && setns(netns, CLONE_NEWNET) == 0;
}

static void leave(int home)
{
	int kept = errno;

	/* going on in the wrong namespace would be worse than ending here */
	if (setns(home, CLONE_NEWNET) < 0)
		abort();
	errno = kept;
}

int netns_socket(int netns, int family, int type, int protocol)
{
	cleanup_close int home = -1;
	int fd;

	if (netns < 0)
		return socket(family, type | SOCK_CLOEXEC, protocol);
	if (!enter(netns, &home))
		return -1;
	fd = socket(family, type | SOCK_CLOEXEC, protocol);
	leave(home);
	return fd;
}

int netns_file(int netns, const char *path, int flags)
{
	cleanup_close int home = -1;
	int fd;

	if (netns < 0)
		return open(path, flags | O_CLOEXEC);
	if (!enter(netns, &home))
		return -1;
	fd = open(path, flags | O_CLOEXEC);
	leave(home);
	return fd;
}

struct netns_id netns_identify(int netns)
{
	cleanup_close int fd = netns_socket(netns, AF_UNIX, SOCK_DGRAM, 0);
	struct netns_id id = {0};
	socklen_t len = sizeof(id.cookie);
	struct stat st;

	if (fstat(netns, &st) == 0)
		id.inode = st.st_ino;
	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &id.cookie, &len) < 0)
		id.cookie = 0;
	return id;
}

/* nsfs carries namespaces of all kinds. */
static bool is_netns(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == NSFS_MAGIC &&
	       ioctl(fd, NS_GET_NSTYPE) == CLONE_NEWNET;
}

int netns_open(const char *name)
{
	char path[512];
	uint64_t pid;
	int fd = -1;

	if (str_starts(name, "pid:")) {
		if (!str_uint(name + 4, 10, INT32_MAX, &pid) || !pid)
			return -EINVAL;
		snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
		fd = open(path, O_RDONLY | O_CLOEXEC);
	} else if (strchr(name, '/')) {
		fd = open(name, O_RDONLY | O_CLOEXEC);
	} else if (!name[0] || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
		return -EINVAL;
	} else {
		for (size_t i = 0; i < ARRAY_SIZE(name_dirs) && fd < 0; i++) {
			snprintf(path, sizeof(path), "%s/%s", name_dirs[i], name);
			fd = open(path, O_RDONLY | O_CLOEXEC);
		}
	}
	if (fd < 0)
		return -errno;
	if (is_netns(fd))
		return fd;
	close(fd);
	return -ENOTTY;
}

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
	struct stat st;

	if (stat(path, &st) < 0 || !first_time(seen, st.st_ino))
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	/* where mounts are not passed on, a plain file is all there is of a namespace */
	if (fd >= 0 && is_netns(fd))
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

/* Blanks and the like are octal there: "\040". */
static void unescape(char *s)
{
	char *out = s;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] && s[2] && s[3]) {
			*out++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else {
			*out++ = *s;
		}
	}
	*out = 0;
}

/* Namespaces kept alive by a bind mount somewhere: proc(5), mountinfo: the fifth field is
 * where, the one behind " - " the type. */
static void visit_mounted(struct seen *seen, netns_visit *visit, void *arg)
{
	cleanup_file FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[4096], path[1024];

	while (f && fgets(line, sizeof(line), f)) {
		const char *type = strstr(line, " - ");

		if (!type || !str_starts(type, " - nsfs ") ||
			sscanf(line, "%*s %*s %*s %*s %1023s", path) != 1)
			continue;
		unescape(path);
		visit_file(seen, path, path, visit, arg);
	}
}

void netns_each(netns_visit *visit, void *arg)
{
	struct seen seen = {0};
	struct strings pids;
	struct stat st;
	uint64_t pid;

	if (stat(HERE, &st) == 0)
		first_time(&seen, st.st_ino);
	for (size_t i = 0; i < ARRAY_SIZE(name_dirs); i++)
		visit_named(&seen, name_dirs[i], visit, arg);
	visit_mounted(&seen, visit, arg);
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

static void add_process(struct host *host, int32_t pid, uint64_t netns)
{
	host->processes = arena_push(
		&host->arena, host->processes, &host->process_count, sizeof(*host->processes));
	host->processes[host->process_count - 1] = (struct process){pid, netns};
}

static void recorded_processes(const struct kernel *k, struct host *host)
{
	int fd = sysfs_open(k->root, NETNS_PROCESSES);
	cleanup_file FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	unsigned long long netns;
	char line[64];
	int pid;

	host->processes_known = f != NULL;
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%d %llu", &pid, &netns) == 2)
			add_process(host, pid, netns);
}

void netns_processes(const struct kernel *k, struct host *host)
{
	struct arena arena = {0};
	struct strings pids;
	struct stat st;
	char path[64];
	uint64_t pid;

	if (k->snapshot) {
		recorded_processes(k, host);
		return;
	}
	host->processes_known = true;
	sysfs_list(AT_FDCWD, "/proc", &arena, &pids);
	for (size_t i = 0; i < pids.count; i++) {
		if (!str_uint(pids.items[i], 10, INT32_MAX, &pid))
			continue;
		snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
		if (stat(path, &st) < 0) {
			host->processes_known &= errno != EACCES;
			continue;
		}
		add_process(host, (int32_t)pid, st.st_ino);
	}
	arena_free(&arena);
}
