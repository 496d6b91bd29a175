#include "plan/lock.h"

#include "util/cleanup.h"
#include "util/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

const char *runtime_dir(void)
{
	const char *dir = getenv("SRIOVCTL_RUNTIME_DIR");

	return dir && dir[0] ? dir : "/run/sriovctl";
}

void pf_file_name(const struct pf *pf, char *out, size_t size)
{
	snprintf(out, size, "%s", pf->handle);
	for (char *p = out; *p; p++)
		if (*p == '/')
			*p = '-';
}

static int cannot_use(int sys_errno, const char *path, struct error *err)
{
	error_errno(err, EXIT_KERNEL, sys_errno, "cannot use %s", path);
	if (sys_errno == EACCES || sys_errno == EPERM)
		error_hint(err, "changing VFs needs root: try sudo");
	return -1;
}

int runtime_open(const char *subdir, struct error *err)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", runtime_dir(), subdir);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 || errno != ENOENT)
		return fd < 0 ? cannot_use(errno, path, err) : fd;
	snprintf(path, sizeof(path), "%s", runtime_dir());
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return cannot_use(errno, path, err);
	snprintf(path, sizeof(path), "%s/%s", runtime_dir(), subdir);
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return cannot_use(errno, path, err);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? cannot_use(errno, path, err) : fd;
}

static void name_holder(int fd, const struct pf *pf, struct error *err)
{
	char holder[256];
	ssize_t n = pread(fd, holder, sizeof(holder) - 1, 0);

	holder[n > 0 ? n : 0] = 0;
	holder[strcspn(holder, "\n")] = 0;
	error_set(err, EXIT_LOCKED, "another sriovctl is changing it: %s",
		holder[0] ? holder : "holder unknown");
	error_about(err, pf->name, NULL);
	error_hint(err, "wait for it, or wait longer with --lock-timeout S");
}

/* Ctrl-C in a shell, where it is blocked: elsewhere it ends us. */
static bool interrupted(void)
{
	sigset_t set;

	return sigpending(&set) == 0 && sigismember(&set, SIGINT) == 1;
}

int lock_pf(const struct pf *pf, const char *command, int64_t wait_ms, struct error *err)
{
	cleanup_close int dir = runtime_open("lock", err);
	/* someone who only asks whether it is held has it for a moment */
	int64_t deadline = clock_ms() + (wait_ms > 50 ? wait_ms : 50);
	char name[64];
	int fd;

	if (dir < 0)
		return -1;
	pf_file_name(pf, name, sizeof(name));
	fd = openat(dir, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return cannot_use(errno, runtime_dir(), err);
	/* flock has no time limit of its own, and a blocking one in a thread or under an
	 * alarm is worse than asking again */
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR) {
			cannot_use(errno, runtime_dir(), err);
			close(fd);
			return -1;
		}
		if (clock_left(deadline) == 0) {
			name_holder(fd, pf, err);
			close(fd);
			return -1;
		}
		if (interrupted()) {
			error_set(err, EXIT_LOCKED, "not waited for any longer");
			close(fd);
			return error_about(err, pf->name, NULL);
		}
		poll(NULL, 0, clock_left(deadline) < 20 ? clock_left(deadline) : 20);
	}
	if (ftruncate(fd, 0) == 0)
		dprintf(fd, "pid %d (sriovctl %s)\n", (int)getpid(), command);
	return fd;
}

bool lock_is_held(const struct pf *pf)
{
	char path[512], name[64];
	cleanup_close int fd = -1;

	pf_file_name(pf, name, sizeof(name));
	snprintf(path, sizeof(path), "%s/lock/%s", runtime_dir(), name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}
