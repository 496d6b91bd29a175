#include "kernel/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int child_start(struct child *child, int (*work)(void *arg, int out), void *arg)
{
	*child = (struct child){.out = memfd_create("sriovctl-out", MFD_CLOEXEC),
		.err = memfd_create("sriovctl-err", MFD_CLOEXEC),
		.status = CHILD_NEVER_RAN};
	if (child->out < 0 || child->err < 0)
		return -errno;
	/* whoever started us may have had it ignored: then nothing is left to be waited for */
	signal(SIGCHLD, SIG_DFL);
	child->pid = fork();
	if (child->pid < 0) {
		child->pid = 0;
		return -errno;
	}
	if (child->pid == 0) {
		int status;

		dup2(child->err, STDERR_FILENO);
		status = work(arg, child->out);
		fflush(stderr);
		_exit(status);
	}
	return 0;
}

static void reap(struct child *children, size_t count, size_t *left)
{
	for (size_t i = 0; i < count; i++) {
		int status;

		if (!children[i].pid ||
			waitpid(children[i].pid, &status, WNOHANG) != children[i].pid)
			continue;
		children[i].pid = 0;
		children[i].status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
		(*left)--;
	}
}

void children_wait(
	struct child *children, size_t count, void (*meanwhile)(void *arg, size_t done), void *arg)
{
	sigset_t set, old;
	size_t left = 0, all;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, &old);
	for (size_t i = 0; i < count; i++)
		left += children[i].pid > 0;
	all = left;
	reap(children, count, &left);
	while (left) {
		const struct timespec now_and_then = {.tv_nsec = 200000000};
		siginfo_t info = {0};
		int signo = sigtimedwait(&set, &info, &now_and_then);

		for (size_t i = 0; i < count; i++)
			if (signo > 0 && signo != SIGCHLD && info.si_code <= 0 && children[i].pid)
				kill(children[i].pid, signo);
		reap(children, count, &left);
		meanwhile(arg, all - left);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
}

void children_close(struct child *children, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (children[i].out >= 0)
			close(children[i].out);
		if (children[i].err >= 0)
			close(children[i].err);
	}
}

int child_leave_behind(void (*work)(void *arg), void *arg)
{
	pid_t pid = fork();
	int fd;

	if (pid < 0)
		return -errno;
	if (pid > 0) {
		waitpid(pid, NULL, 0);
		return 0;
	}
	setsid();
	if (fork() != 0)
		_exit(0);
	fd = open("/dev/null", O_RDWR);
	for (int i = 0; i <= 2 && fd >= 0; i++)
		dup2(fd, i);
	work(arg);
	_exit(0);
}
