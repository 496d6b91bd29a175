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
#include <unistd.h>

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

/* "pid 4711 (sriovctl vf create eth0 4)" */
static void read_holder(int fd, char *holder, size_t size)
{
	ssize_t n = pread(fd, holder, size - 1, 0);

	holder[n > 0 ? n : 0] = 0;
	holder[strcspn(holder, "\n")] = 0;
}

static void name_holder(int fd, const struct pf *pf, struct error *err)
{
	char holder[256];

	read_holder(fd, holder, sizeof(holder));
	error_set(err, EXIT_LOCKED, "another sriovctl is changing it: %s",
		holder[0] ? holder : "holder unknown");
	error_about(err, pf->name, NULL);
	error_hint(err, "wait for it, or wait longer with --lock-timeout S");
}

/* Ctrl-C, or an end, in a shell, where they are blocked: elsewhere they end us. */
static bool interrupted(void)
{
	sigset_t set;

	return sigpending(&set) == 0 &&
	       (sigismember(&set, SIGINT) == 1 || sigismember(&set, SIGTERM) == 1 ||
		       sigismember(&set, SIGHUP) == 1);
}

static void tell_holder(int fd, const struct pf *pf, struct watcher *watcher)
{
	char holder[256], doing[300];

	if (!watcher)
		return;
	read_holder(fd, holder, sizeof(holder));
	snprintf(doing, sizeof(doing), "waiting for %s", holder[0] ? holder : "another sriovctl");
	watcher_tell(watcher, &(struct progress){.object = pf->name, .doing = doing});
}

/* 0 or an errno: EWOULDBLOCK when the time is up, EINTR when nobody wants to wait any longer. */
static int wait_for_lock(int fd, const struct pf *pf, int64_t deadline, struct watcher *watcher)
{
	int failed = 0;

	/* flock has no time limit of its own, and a blocking one in a thread or under an
	 * alarm is worse than asking again */
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		failed = errno == EINTR ? EWOULDBLOCK : errno;
		if (failed != EWOULDBLOCK || clock_left(deadline) == 0)
			break;
		failed = 0;
		/* first the watcher: a signal that only waits for it ends us there */
		tell_holder(fd, pf, watcher);
		if (interrupted()) {
			failed = EINTR;
			break;
		}
		poll(NULL, 0, clock_left(deadline) < 20 ? clock_left(deadline) : 20);
	}
	watcher_tell(watcher, NULL);
	return failed;
}

int lock_pf(const struct pf *pf, const char *command, int64_t wait_ms, struct watcher *watcher,
	struct error *err)
{
	cleanup_close int dir = runtime_open("lock", err);
	/* someone who only asks whether it is held has it for a moment */
	int64_t deadline = clock_ms() + (wait_ms > 50 ? wait_ms : 50);
	char name[64];
	int fd, failed;

	if (dir < 0)
		return -1;
	pf_file_name(pf, name, sizeof(name));
	fd = openat(dir, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return cannot_use(errno, runtime_dir(), err);
	failed = wait_for_lock(fd, pf, deadline, watcher);
	if (failed == EWOULDBLOCK) {
		name_holder(fd, pf, err);
	} else if (failed == EINTR) {
		error_set(err, EXIT_LOCKED, "not waited for any longer");
		error_about(err, pf->name, NULL);
	} else if (failed) {
		cannot_use(failed, runtime_dir(), err);
	}
	if (failed) {
		close(fd);
		return -1;
	}
	if (ftruncate(fd, 0) == 0)
		dprintf(fd, "pid %d (sriovctl %s)\n", (int)getpid(), command);
	return fd;
}

int runtime_lock(const char *subdir, int64_t wait_ms)
{
	int64_t until = clock_ms() + wait_ms;
	struct error ignored = {0};
	int fd = runtime_open(subdir, &ignored);

	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EINTR && (errno != EWOULDBLOCK || !clock_left(until))) {
			close(fd);
			return -1;
		}
		poll(NULL, 0, 1);
	}
	return fd;
}

#define NAMING_WAIT_MS 2000

int lock_naming(void)
{
	return runtime_lock("lock", NAMING_WAIT_MS);
}

void lock_release(int lock)
{
	flock(lock, LOCK_UN); /* processes that we started may have it as well */
	close(lock);
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
