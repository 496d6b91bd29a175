#include "kernel/change.h"

#include "kernel/sysfs.h"
#include "util/cleanup.h"
#include "util/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

void stopper_start(struct stopper *stop)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t set;

	sigaction(SIGPIPE, &ignore, &stop->old_pipe);
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		struct sigaction was;

		/* nohup and "&" want some ignored: a blocked one would be counted all the same */
		if (sigaction(signals[i], NULL, &was) == 0 && was.sa_handler != SIG_IGN)
			sigaddset(&set, signals[i]);
	}
	sigprocmask(SIG_BLOCK, &set, &stop->old);
	stop->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	stop->count = stop->from[0] = stop->from[1] = 0;
	stop->left_behind = false;
}

int stopper_count(struct stopper *stop)
{
	struct signalfd_siginfo info;

	/* a dying ssh sends SIGHUP twice: that is no "second signal" */
	while (stop->fd >= 0 && read(stop->fd, &info, sizeof(info)) == sizeof(info)) {
		int *n = &stop->from[(pid_t)info.ssi_pid == getppid()];

		if ((info.ssi_signo != SIGHUP || !stop->count) && ++*n > stop->count)
			stop->count = *n;
	}
	return stop->count;
}

void stopper_end(struct stopper *stop)
{
	stopper_count(stop);
	if (stop->fd >= 0)
		close(stop->fd);
	sigprocmask(SIG_SETMASK, &stop->old, NULL);
	sigaction(SIGPIPE, &stop->old_pipe, NULL);
}

#define MEANWHILE_MS 200

/* Wait for the child's answer: 0 it is there, or -ETIMEDOUT, -EINTR. */
static int await_child(const struct writer *w, int64_t deadline, struct stopper *stop)
{
	struct pollfd fds[2] = {
		{.fd = w->fd, .events = POLLIN}, {.fd = stop->fd, .events = POLLIN}};

	for (;;) {
		int left = clock_left(deadline);
		bool look = w->meanwhile && left > MEANWHILE_MS;
		int n = poll(fds, 2, look ? MEANWHILE_MS : left);

		if (n > 0 && fds[0].revents)
			return 0;
		if (n == 0 && !look)
			return -ETIMEDOUT;
		if (n == 0)
			w->meanwhile(w->arg);
		if (n > 0 && stopper_count(stop) > 1)
			return -EINTR;
	}
}

/* A child that stays behind in the kernel must not keep our caller's pipes open. */
static void leave_terminal(void)
{
	int fd = open("/dev/null", O_RDWR);

	for (int i = 0; i <= 2 && fd >= 0; i++)
		dup2(fd, i);
}

/* One write, as it goes to the child. */
struct job {
	char path[256], text[256];
};

static void serve(const struct kernel *k, int fd)
{
	struct job job;

	leave_terminal();
	rtnl_close(k->rtnl); /* answers to the parent are for the parent */
	while (recv(fd, &job, sizeof(job), 0) == sizeof(job)) {
		int result = sysfs_write(k->sys, job.path, job.text);

		if (send(fd, &result, sizeof(result), MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(0);
}

static int writer_start(const struct kernel *k, struct writer *w)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	w->pid = fork();
	if (w->pid == 0) {
		close(ends[0]); /* or it would never see us go */
		serve(k, ends[1]);
	}
	close(ends[1]);
	w->fd = ends[0];
	if (w->pid > 0)
		return 0;
	close(w->fd);
	w->pid = 0;
	return -EAGAIN;
}

void writer_stop(struct writer *w)
{
	if (!w->pid)
		return;
	close(w->fd);
	waitpid(w->pid, NULL, 0);
	w->pid = 0;
}

int write_sysfs(const struct kernel *k, struct writer *w, const char *path, const char *text,
	int64_t deadline, struct stopper *stop)
{
	struct job job = {0};
	int rc;

	if (clock_left(deadline) == 0)
		return -ETIMEDOUT;
	snprintf(job.path, sizeof(job.path), "%s", path);
	snprintf(job.text, sizeof(job.text), "%s", text);
	rc = w->pid ? 0 : writer_start(k, w);
	if (rc < 0)
		return rc;
	if (send(w->fd, &job, sizeof(job), MSG_NOSIGNAL) < 0) {
		writer_stop(w); /* it was killed */
		return -EIO;
	}
	rc = await_child(w, deadline, stop);
	if (rc < 0) { /* one that is still in the kernel is left to itself */
		stop->left_behind = true;
		close(w->fd);
		w->pid = 0;
		return rc;
	}
	if (recv(w->fd, &rc, sizeof(rc), 0) != sizeof(rc)) {
		writer_stop(w);
		return -EIO;
	}
	return rc;
}

struct events {
	bool open;
	int links; /* rtnetlink, news of interfaces */
	int udev;  /* kernel uevents as udev passes them on: only a reason to look again */
};

#define UDEV_MULTICAST_GROUP 2 /* systemd, src/libsystemd/sd-device: MONITOR_GROUP_UDEV */

static int listen_to(int protocol, unsigned groups)
{
	struct sockaddr_nl addr = {.nl_family = AF_NETLINK, .nl_groups = groups};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

struct events *events_open(void)
{
	struct events *e = calloc(1, sizeof(*e));

	if (e)
		e->links = e->udev = -1;
	return e;
}

void events_close(struct events *e)
{
	if (!e)
		return;
	if (e->links >= 0)
		close(e->links);
	if (e->udev >= 0)
		close(e->udev);
	free(e);
}

/* What the news says is not read: the host is looked at anew. An overrun (ENOBUFS) is
 * news as well. */
static void drain(int fd)
{
	char buf[8192];

	while (fd >= 0 && (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) >= 0 || errno == ENOBUFS))
		;
}

int events_wait(struct events *e, int64_t deadline, struct stopper *stop)
{
	struct pollfd fds[3] = {
		{.fd = e->links, .events = POLLIN},
		{.fd = e->udev, .events = POLLIN},
		{.fd = stop->fd, .events = POLLIN},
	};
	int n;

	/* on a busy host there is always news */
	if (clock_left(deadline) == 0)
		return 0;
	if (!e->open) { /* most changes never wait */
		e->udev = listen_to(NETLINK_KOBJECT_UEVENT, UDEV_MULTICAST_GROUP);
		e->links = listen_to(NETLINK_ROUTE, RTMGRP_LINK);
		e->open = true;
		return 1; /* of what came before this there was no news */
	}
	n = poll(fds, 3, clock_left(deadline));
	if (n <= 0)
		return n < 0 && errno == EINTR ? 1 : 0;
	if (fds[2].revents)
		return -EINTR;
	drain(fds[0].fd);
	drain(fds[1].fd);
	return 1;
}

bool udev_is_done(const struct kernel *k, int ifindex)
{
	char path[64];
	cleanup_file FILE *entry = NULL;
	cleanup_free char *line = NULL;
	size_t size = 0;
	int fd;

	/* udevd listens on this socket while it runs, and writes the database entry when
	 * all rules, renaming among them, are done (what sd_device_get_is_initialized asks) */
	if (faccessat(k->root, "run/udev/control", F_OK, 0) < 0)
		return true;
	snprintf(path, sizeof(path), "run/udev/data/n%d", ifindex);
	fd = openat(k->root, path, O_RDONLY | O_CLOEXEC);
	entry = fd < 0 ? NULL : fdopen(fd, "r");
	if (!entry) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	/* The renaming makes another event, until which udevd (v251) says this of it. Were we to
	 * rename before, the rules would look for the interface where it no longer is. */
	while (getline(&line, &size, entry) > 0)
		if (strcmp(line, "E:ID_RENAMING=1\n") == 0)
			return false;
	return true;
}

size_t vfs_now(const struct kernel *k, struct bdf pf)
{
	char name[BDF_SIZE];
	cleanup_dir DIR *dir = NULL;
	struct dirent *e;
	size_t count = 0;
	int fd;

	bdf_format(pf, name);
	fd = openat(k->devices, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (fd >= 0 && !dir)
		close(fd);
	while (dir && (e = readdir(dir)))
		count += strncmp(e->d_name, "virtfn", strlen("virtfn")) == 0;
	return count;
}

bool node_exists(const struct kernel *k, const char *path)
{
	return faccessat(k->root, path + 1, F_OK, 0) == 0;
}
