#include "kernel/change.h"

#include "kernel/sysfs.h"
#include "util/cleanup.h"
#include "util/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

void stopper_start(struct stopper *stop)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		struct sigaction was;

		/* nohup and "&" want some ignored: a blocked one would be counted all the same */
		if (sigaction(signals[i], NULL, &was) == 0 && was.sa_handler != SIG_IGN)
			sigaddset(&set, signals[i]);
	}
	sigprocmask(SIG_BLOCK, &set, &stop->old);
	stop->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	stop->count = 0;
	stop->left_behind = false;
}

int stopper_count(struct stopper *stop)
{
	struct signalfd_siginfo info;

	/* a dying ssh sends SIGHUP twice: that is no "second signal" */
	while (stop->fd >= 0 && read(stop->fd, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo != SIGHUP || !stop->count)
			stop->count++;
	return stop->count;
}

void stopper_end(struct stopper *stop)
{
	stopper_count(stop);
	if (stop->fd >= 0)
		close(stop->fd);
	sigprocmask(SIG_SETMASK, &stop->old, NULL);
}

/* Wait for the child's answer: 0 it is there, or -ETIMEDOUT, -EINTR. */
static int await_child(int fd, int64_t deadline, struct stopper *stop)
{
	struct pollfd fds[2] = {{.fd = fd, .events = POLLIN}, {.fd = stop->fd, .events = POLLIN}};

	for (;;) {
		int n = poll(fds, 2, clock_left(deadline));

		if (n > 0 && fds[0].revents)
			return 0;
		if (n == 0)
			return -ETIMEDOUT;
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

int write_sysfs(const struct kernel *k, const char *path, const char *text, int64_t deadline,
	struct stopper *stop)
{
	int done[2], rc;
	pid_t pid;

	if (clock_left(deadline) == 0)
		return -ETIMEDOUT;
	if (pipe2(done, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		int result;

		leave_terminal();
		result = sysfs_write(k->sys, path, text);
		_exit(write(done[1], &result, sizeof(result)) == sizeof(result) ? 0 : 1);
	}
	close(done[1]);
	rc = pid < 0 ? -errno : await_child(done[0], deadline, stop);
	if (pid > 0 && rc < 0)
		stop->left_behind = true;
	if (pid > 0 && rc == 0) {
		if (read(done[0], &rc, sizeof(rc)) != sizeof(rc))
			rc = -EIO; /* the child was killed */
		waitpid(pid, NULL, 0);
	}
	close(done[0]);
	return rc;
}

struct events {
	struct mnl_socket *nl;
	int udev; /* kernel uevents as udev passes them on: only a reason to look again */
};

#define UDEV_MULTICAST_GROUP 2 /* systemd, src/libsystemd/sd-device: MONITOR_GROUP_UDEV */

static int open_udev(void)
{
	struct sockaddr_nl addr = {.nl_family = AF_NETLINK, .nl_groups = UDEV_MULTICAST_GROUP};
	int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

struct events *events_open(void)
{
	struct events *e = calloc(1, sizeof(*e));
	int group = RTNLGRP_LINK;

	if (!e)
		return NULL;
	e->udev = open_udev();
	e->nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (e->nl)
		mnl_socket_setsockopt(e->nl, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group));
	return e;
}

void events_close(struct events *e)
{
	if (!e)
		return;
	if (e->nl)
		mnl_socket_close(e->nl);
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
		{.fd = e->nl ? mnl_socket_get_fd(e->nl) : -1, .events = POLLIN},
		{.fd = e->udev, .events = POLLIN},
		{.fd = stop->fd, .events = POLLIN},
	};
	int n;

	/* on a busy host there is always news */
	if (clock_left(deadline) == 0)
		return 0;
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

	/* udevd listens on this socket while it runs, and writes the database entry when
	 * all rules, renaming among them, are done (what sd_device_get_is_initialized asks) */
	if (faccessat(k->root, "run/udev/control", F_OK, 0) < 0)
		return true;
	snprintf(path, sizeof(path), "run/udev/data/n%d", ifindex);
	return faccessat(k->root, path, F_OK, 0) == 0;
}

bool node_exists(const struct kernel *k, const char *path)
{
	return faccessat(k->root, path + 1, F_OK, 0) == 0;
}
