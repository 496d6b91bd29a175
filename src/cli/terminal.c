#include "cli/terminal.h"

#include "util/cleanup.h"
#include "util/clock.h"

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
	/* in a shell it is also about the lines pasted behind this one */
	if (t->interrupted && sigismember(&t->old, SIGINT) == 1)
		raise(SIGINT);
}

enum terminal_event terminal_wait(struct terminal *t)
{
	return terminal_wait_until(t, -1, true);
}

enum terminal_event terminal_wait_until(struct terminal *t, int64_t deadline, bool input)
{
	for (;;) {
		struct pollfd fds[] = {{.fd = t->signals, .events = POLLIN},
			{.fd = input ? STDIN_FILENO : -1, .events = POLLIN}};
		int n;

		if (t->ended_by)
			return TERMINAL_END;
		n = poll(fds, ARRAY_SIZE(fds), deadline < 0 ? -1 : clock_left(deadline));
		if (n < 0 && errno != EINTR)
			return TERMINAL_END;
		if (n == 0)
			return TERMINAL_TIMEOUT;
		if (n < 0)
			continue;
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

static void set_modes(const struct termios *modes)
{
	tcsetattr(STDIN_FILENO, TCSADRAIN, modes);
}

bool terminal_by_key(struct terminal *t)
{
	if (tcgetattr(STDIN_FILENO, &t->cooked) < 0)
		return false;
	t->raw = t->cooked;
	t->raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	t->raw.c_cc[VMIN] = 1;
	t->raw.c_cc[VTIME] = 0;
	set_modes(&t->raw);
	t->by_key = true;
	return true;
}

void terminal_by_line(struct terminal *t)
{
	if (t->by_key)
		set_modes(&t->cooked);
	t->by_key = false;
}

void terminal_resume(struct terminal *t)
{
	if (t->by_key)
		set_modes(&t->raw);
}

void terminal_stop(struct terminal *t)
{
	static const struct timespec now = {0, 0};
	sigset_t stop, go_on;

	sigemptyset(&go_on);
	sigaddset(&go_on, SIGCONT);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	if (t->by_key)
		set_modes(&t->cooked);
	raise(SIGTSTP); /* pending, and takes effect now */
	sigprocmask(SIG_UNBLOCK, &stop, NULL);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	sigtimedwait(&go_on, NULL, &now); /* the caller knows */
	terminal_resume(t);
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

/* Keys that are known by more than one byte, as terminals send them. */
static const struct {
	const char *bytes;
	enum key key;
} long_keys[] = {
	{"\033[A", KEY_UP},
	{"\033OA", KEY_UP},
	{"\033[B", KEY_DOWN},
	{"\033OB", KEY_DOWN},
	{"\033[C", KEY_RIGHT},
	{"\033OC", KEY_RIGHT},
	{"\033[D", KEY_LEFT},
	{"\033OD", KEY_LEFT},
	{"\033[5~", KEY_PAGE_UP},
	{"\033[6~", KEY_PAGE_DOWN},
	{"\033[H", KEY_HOME},
	{"\033OH", KEY_HOME},
	{"\033[1~", KEY_HOME},
	{"\033[F", KEY_END},
	{"\033OF", KEY_END},
	{"\033[4~", KEY_END},
};

/* The rest of what begins with an escape comes with it, or there is none. */
static enum key read_long_key(void)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	char bytes[16] = "\033";
	size_t n = 1;

	while (n < sizeof(bytes) - 1 && poll(&input, 1, 20) == 1 &&
		read(STDIN_FILENO, bytes + n, 1) == 1) {
		char last = bytes[n++];

		if (n > 2 && last >= 0x40)
			break;
		if (n == 2 && last != '[' && last != 'O')
			break;
	}
	for (size_t i = 0; i < ARRAY_SIZE(long_keys); i++)
		if (strcmp(long_keys[i].bytes, bytes) == 0)
			return long_keys[i].key;
	return KEY_OTHER;
}

int terminal_key(void)
{
	unsigned char c;

	if (read(STDIN_FILENO, &c, 1) != 1)
		return KEY_END_OF_INPUT;
	return c == '\033' ? (int)read_long_key() : c;
}

bool terminal_write(const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(STDOUT_FILENO, text, len);

		if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
			/* whoever shares the terminal may have made it so that it does not wait */
			struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};

			poll(&output, 1, -1);
			continue;
		}
		if (n <= 0)
			return false;
		text += n;
		len -= (size_t)n;
	}
	return true;
}
