#include "kernel/kernel.h"

#include "kernel/pci_list.h"
#include "kernel/rtnl.h"
#include "kernel/sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_dir(int dir, const char *path)
{
	return openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* openat2(2) is of Linux 5.6, and containers may forbid it. */
static int open_captured(int root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)flags, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));

	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = openat(root, path, flags | O_NOFOLLOW);
	return fd;
}

int kernel_open_file(const struct kernel *k, const char *path, int flags)
{
	struct stat st;
	int fd;

	flags |= flags & O_PATH ? O_CLOEXEC : O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	if (!k->snapshot) {
		fd = openat(k->root, path, flags);
		return fd < 0 ? -errno : fd;
	}
	fd = open_captured(k->root, path, flags);
	if (fd < 0)
		return -errno;
	if (flags & O_PATH ||
		(fstat(fd, &st) == 0 &&
			((S_ISREG(st.st_mode) && st.st_size <= FILE_MOST) || S_ISDIR(st.st_mode))))
		return fd;
	close(fd);
	return -EINVAL;
}

/* A snapshot says how it is laid out; a bare sysfs tree does not. */
static int check_format(const struct kernel *k, const char *snapshot, struct error *err)
{
	char format[64];

	if (sysfs_read(k->root, "format", format, sizeof(format)) < 0 ||
		strcmp(format, SNAPSHOT_FORMAT) == 0)
		return 0;
	error_set(err, EXIT_USAGE, "%s has a format that this sriovctl does not know", snapshot);
	return error_hint(err, "it says '%.32s'; a newer sriovctl may read it", format);
}

int kernel_open(struct kernel *k, const char *snapshot, struct error *err)
{
	*k = (struct kernel){.sys = -1, .devices = -1, .snapshot = snapshot != NULL};
	k->root = open_dir(AT_FDCWD, snapshot ? snapshot : "/");
	if (k->root < 0)
		return error_errno(err, errno == EACCES ? EXIT_KERNEL : EXIT_NOT_FOUND, errno,
			"cannot open the snapshot %s", snapshot);
	k->sys = open_dir(k->root, "sys");
	if (k->sys < 0 && snapshot) /* the directory may be a sysfs tree itself */
		k->sys = dup(k->root);
	k->devices = open_dir(k->sys, "bus/pci/devices");
	if (snapshot && k->devices < 0 && faccessat(k->sys, "class/net", F_OK, 0) < 0 &&
		faccessat(k->root, "netlink", F_OK, 0) < 0) {
		error_set(err, EXIT_NOT_FOUND, "%s is no snapshot and no sysfs tree", snapshot);
		error_hint(err, "'sriovctl snapshot DIR' records one");
		kernel_close(k);
		return -1;
	}
	if (snapshot && check_format(k, snapshot, err) < 0) {
		kernel_close(k);
		return -1;
	}
	k->has_netlink = !snapshot || faccessat(k->root, "netlink/link", F_OK, 0) == 0;
	if (snapshot)
		return 0;
	k->rtnl = rtnl_new();
	k->pci = calloc(1, sizeof(*k->pci)); /* it does without */
	return 0;
}

void kernel_close(struct kernel *k)
{
	kernel_forget_netns(k);
	rtnl_free(k->rtnl);
	pci_forget(k->pci);
	if (k->devices >= 0)
		close(k->devices);
	if (k->sys >= 0)
		close(k->sys);
	if (k->root >= 0)
		close(k->root);
	*k = (struct kernel){.root = -1, .sys = -1, .devices = -1};
}
