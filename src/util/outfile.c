#include "util/outfile.h"

#include "util/cleanup.h"
#include "util/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define OTHERS_MS 5000 /* what is written here takes milliseconds */

static int cannot_write(const char *name, int sys_errno, struct error *err)
{
	error_errno(err, sys_errno == ENOENT || sys_errno == ENOTDIR ? EXIT_NOT_FOUND : EXIT_KERNEL,
		sys_errno, "cannot write %s", name);
	if (sys_errno == ENOENT)
		return error_hint(err, "its directory must exist");
	return -1;
}

/* Replacing a device, such as /dev/stdout, would break the host. */
static int find_path(struct outfile *o, struct error *err)
{
	struct stat st;

	if (!o->name[0])
		return error_set(err, EXIT_USAGE, "the name of the output file is empty");
	if (stat(o->name, &st) == 0) {
		if (!S_ISREG(st.st_mode))
			return error_set(err, EXIT_USAGE, "%s is %s, not a file to be replaced",
				o->name, S_ISDIR(st.st_mode) ? "a directory" : "something else");
		o->path = realpath(o->name, NULL);
	} else if (lstat(o->name, &st) == 0) { /* it is to stay one */
		return error_set(
			err, EXIT_NOT_FOUND, "%s is a symbolic link that leads nowhere", o->name);
	} else {
		o->path = strdup(o->name);
	}
	return o->path ? 0 : cannot_write(o->name, errno, err);
}

static int name_tmp(struct outfile *o, struct error *err)
{
	const char *slash = strrchr(o->path, '/');
	const char *base = slash ? slash + 1 : o->path;

	/* hidden, and with an end of its own: node_exporter takes every *.prom */
	if (asprintf(&o->tmp, "%.*s.%s.tmp", (int)(base - o->path), o->path, base) < 0) {
		o->tmp = NULL;
		return error_nomem(err);
	}
	return base[0] ? 0 : cannot_write(o->name, EISDIR, err);
}

/* Is it still what the name stands for? Else whoever had the lock before has moved it. */
static bool is_there(int fd, const char *path)
{
	struct stat mine, there;

	return fstat(fd, &mine) == 0 && lstat(path, &there) == 0 && mine.st_dev == there.st_dev &&
	       mine.st_ino == there.st_ino && S_ISREG(mine.st_mode);
}

/* Nobody else may write to what is read in our name, nor is a file of another name to be
 * overwritten: whoever owns the directory can put there what he likes. */
static bool is_ours(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_uid == geteuid() && st.st_nlink == 1;
}

/* The hidden file, locked against others that write the same: a descriptor, or a negative
 * errno; -EWOULDBLOCK when they do not get done. */
static int open_tmp(const char *tmp)
{
	int64_t deadline = clock_ms() + OTHERS_MS;

	for (;;) {
		int fd = open(tmp, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
		int failed = fd < 0 ? errno : flock(fd, LOCK_EX | LOCK_NB) < 0 ? errno : 0;

		if (!failed && is_there(fd, tmp)) {
			if (is_ours(fd))
				return fd;
			failed = unlink(tmp) < 0 ? errno : 0;
		}
		if (fd >= 0)
			close(fd);
		if (failed && failed != EWOULDBLOCK)
			return -failed;
		if (!clock_left(deadline))
			return -EWOULDBLOCK;
		poll(NULL, 0, 5);
	}
}

static void forget(struct outfile *o)
{
	free(o->path);
	free(o->tmp);
	*o = (struct outfile){0};
}

int outfile_open(struct outfile *o, const char *name, struct error *err)
{
	int fd;

	*o = (struct outfile){.name = name};
	if (find_path(o, err) < 0 || name_tmp(o, err) < 0) {
		forget(o);
		return -1;
	}
	fd = open_tmp(o->tmp);
	if (fd == -EWOULDBLOCK)
		error_set(err, EXIT_LOCKED, "another sriovctl is writing %s", name);
	else if (fd < 0)
		cannot_write(name, -fd, err);
	if (fd >= 0 && (ftruncate(fd, 0) < 0 || !(o->f = fdopen(fd, "w")))) {
		cannot_write(name, errno, err);
		close(fd);
	}
	if (!o->f)
		forget(o);
	return o->f ? 0 : -1;
}

int outfile_commit(struct outfile *o, struct error *err)
{
	int fd = fileno(o->f), failed = 0;

	errno = 0;
	/* whoever reads it is seldom root, and the umask of a service is often strict */
	if (fflush(o->f) != 0 || ferror(o->f) || fsync(fd) < 0 || fchmod(fd, 0644) < 0 ||
		rename(o->tmp, o->path) < 0)
		failed = errno ? errno : EIO;
	if (failed) {
		cannot_write(o->name, failed, err);
		outfile_abandon(o);
		return -1;
	}
	fclose(o->f); /* it is on disk already */
	forget(o);
	return 0;
}

void outfile_abandon(struct outfile *o)
{
	if (!o->f)
		return;
	unlink(o->tmp); /* before the lock goes with the descriptor */
	fclose(o->f);
	forget(o);
}
