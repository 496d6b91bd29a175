#include "kernel/sysfs.h"

#include "util/cleanup.h"
#include "util/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *sysfs_in_device(char *buf, size_t size, struct bdf bdf, const char *file)
{
	char name[BDF_SIZE];

	bdf_format(bdf, name);
	snprintf(buf, size, "%s/%s", name, file);
	return buf;
}

int sysfs_open(int dir, const char *path)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
	struct stat st;
	int rc;

	if (fd < 0)
		return -errno;
	rc = fstat(fd, &st) < 0       ? -errno
	     : S_ISDIR(st.st_mode)    ? -EISDIR
	     : !S_ISREG(st.st_mode)   ? -EINVAL
	     : st.st_size > FILE_MOST ? -EFBIG
				      : fd;
	if (rc < 0)
		close(fd);
	return rc;
}

int sysfs_read(int dir, const char *path, char *buf, size_t size)
{
	cleanup_close int fd = sysfs_open(dir, path);
	ssize_t n;

	buf[0] = 0;
	if (fd < 0)
		return fd;
	n = read(fd, buf, size - 1);
	if (n < 0) {
		buf[0] = 0;
		return -errno;
	}
	buf[n] = 0;
	buf[strcspn(buf, "\n")] = 0;
	return (int)strlen(buf);
}

bool sysfs_read_uint(int dir, const char *path, uint64_t max, uint64_t *value)
{
	char buf[64];

	return sysfs_read(dir, path, buf, sizeof(buf)) > 0 && str_uint(buf, 0, max, value);
}

bool sysfs_read_uint32(int dir, const char *path, uint32_t *value)
{
	uint64_t v;

	if (!sysfs_read_uint(dir, path, UINT32_MAX, &v))
		return false;
	*value = (uint32_t)v;
	return true;
}

bool sysfs_read_int32(int dir, const char *path, int32_t *value)
{
	char buf[64];
	uint64_t v;
	bool negative;

	if (sysfs_read(dir, path, buf, sizeof(buf)) <= 0)
		return false;
	negative = buf[0] == '-';
	if (!str_uint(buf + negative, 10, INT32_MAX, &v))
		return false;
	*value = negative ? -(int32_t)v : (int32_t)v;
	return true;
}

int sysfs_link_name(int dir, const char *path, char *buf, size_t size)
{
	char target[512];
	ssize_t n = readlinkat(dir, path, target, sizeof(target) - 1);
	const char *name;
	size_t len;

	buf[0] = 0;
	if (n < 0)
		return -errno;
	target[n] = 0;
	name = strrchr(target, '/');
	name = name ? name + 1 : target;
	len = strlen(name);
	if (len >= size)
		return -ENAMETOOLONG;
	memcpy(buf, name, len + 1);
	return (int)len;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool sysfs_list(int dir, const char *path, struct arena *arena, struct strings *names)
{
	int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_dir DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	*names = (struct strings){0};
	if (!d) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		names->items =
			arena_push(arena, names->items, &names->count, sizeof(*names->items));
		names->items[names->count - 1] = arena_strdup(arena, e->d_name);
	}
	if (names->count)
		qsort(names->items, names->count, sizeof(*names->items), compare_names);
	return true;
}

int sysfs_write(int dir, const char *path, const char *text)
{
	cleanup_close int fd = openat(dir, path, O_WRONLY | O_CLOEXEC);
	size_t len = strlen(text);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, len);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}
