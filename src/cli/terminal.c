#include "cli/terminal.h"

#include "util/cleanup.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* SIGPIPE and Ctrl-\ as well: neither a reader that goes away nor a slip of the finger must
 * take the terminal's modes with it */
static const int caught[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH, SIGPIPE};

int terminal_open(struct terminal *t)
{
	sigset_t set;

	*t = (struct terminal){.signals = -1};
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(caught); i++)
		sigaddset(&set, caught[i]);
	t->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (t->signals < 0)
		return -errno;
	sigprocmask(SIG_BLOCK, &set, &t->old);
	return 0;
}

/* One signal that came, 0 when there is none. What outlives the moment is noted. */
static int next_signal(struct terminal *t)
{
	struct signalfd_siginfo info;
	ssize_t n = read(t->signals, &info, sizeof(info));

	if (n != (ssize_t)sizeof(info))
		return 0;
	if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGHUP)
		t->ended_by = (int)info.ssi_signo;
	t->interrupted |= info.ssi_signo == SIGINT;
	return (int)info.ssi_signo;
}

void terminal_forget(struct terminal *t)
{
	while (next_signal(t))
		;
}

void terminal_close(struct terminal *t)
{
	terminal_forget(t);
	if (t->signals >= 0)
		close(t->signals);
	t->signals = -1;
	sigprocmask(SIG_SETMASK, &t->old, NULL);
	if (t->ended_by)
		raise(t->ended_by);
}

enum terminal_event terminal_wait(struct terminal *t)
{
	for (;;) {
		struct pollfd fds[] = {{.fd = t->signals, .events = POLLIN},
			{.fd = STDIN_FILENO, .events = POLLIN}};

		if (t->ended_by)
			return TERMINAL_END;
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			return TERMINAL_END;
		switch (fds[0].revents ? next_signal(t) : 0) {
		case SIGINT:
			return TERMINAL_INTERRUPT;
		case SIGWINCH:
			return TERMINAL_RESIZE;
		case SIGTSTP:
			return TERMINAL_STOP;
		case SIGCONT:
			return TERMINAL_CONTINUED;
		case SIGTERM:
		case SIGHUP:
			return TERMINAL_END;
		default:
			break;
		}
		if (fds[1].revents)
			return TERMINAL_INPUT;
	}
}

void terminal_stop(void)
{
	static const struct timespec now = {0, 0};
	sigset_t stop, go_on;

	sigemptyset(&go_on);
	sigaddset(&go_on, SIGCONT);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	raise(SIGTSTP); /* pending, and takes effect now */
	sigprocmask(SIG_UNBLOCK, &stop, NULL);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	sigtimedwait(&go_on, NULL, &now); /* the caller knows */
}

void terminal_size(size_t *columns, size_t *rows)
{
	struct winsize size = {0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		size = (struct winsize){0};
	*columns = size.ws_col ? size.ws_col : 80;
	*rows = size.ws_row ? size.ws_row : 24;
}

bool terminal_is_dumb(void)
{
	const char *term = getenv("TERM");

	return !term || !term[0] || strcmp(term, "dumb") == 0;
}
