/*
 * One line on stderr, written over again and taken away at the end. Whatever the terminal does
 * (it is held with Ctrl-S, nobody reads it, it has gone), the change must go on: so nothing here
 * waits, and what cannot be written is left.
 */
#include "output/progress.h"

#include "util/clock.h"
#include "util/str.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define QUICK_MS 300 /* what is over so soon is not worth a line */
#define DRAW_MS 100
#define PATIENCE_MS 1000 /* for a terminal to take the line away again */
#define ERASE "\r\033[K"

static const int deadly[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

/* A description of our own: O_NONBLOCK on the one we were given would be that of the shell. */
static bool open_terminal(struct progress_line *line)
{
	if (line->fd < 0)
		line->fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return line->fd >= 0;
}

/* A job in the background must not write into what its user is typing, and with `stty tostop` it
 * would be stopped, in the middle of a change. */
static bool in_foreground(const struct progress_line *line)
{
	pid_t group = tcgetpgrp(line->fd); /* -1: not our controlling terminal */

	return group < 0 || group == getpgrp();
}

static bool put(const struct progress_line *line, const char *text)
{
	size_t len = strlen(text);

	return write(line->fd, text, len) == (ssize_t)len;
}

/* A signal that ends us must not leave the line behind: it waits until that is gone. */
static void hold_signals(struct progress_line *line)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		sigaddset(&set, deadly[i]);
	sigprocmask(SIG_BLOCK, &set, &line->signals);
	line->holds = true;
}

static void release_signals(struct progress_line *line)
{
	if (line->holds)
		sigprocmask(SIG_SETMASK, &line->signals, NULL);
	line->holds = false;
}

static bool signal_waits(const struct progress_line *line)
{
	sigset_t waiting;

	if (!line->holds || sigpending(&waiting) < 0)
		return false;
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		if (sigismember(&waiting, deadly[i]) && !sigismember(&line->signals, deadly[i]))
			return true;
	return false;
}

/* At most so many bytes that it fits: a column for each at most. */
static void format(const struct progress *p, char *out, size_t size)
{
	char text[256], count[48] = "";

	if (p->total)
		snprintf(count, sizeof(count), " %zu/%zu", p->done, p->total);
	snprintf(text, sizeof(text), "%.48s: %s%.120s%s", p->object, p->undoing ? "undoing: " : "",
		p->doing, count);
	str_printable(out, size, text);
}

static void draw(struct progress_line *line, const struct progress *p)
{
	char text[256], all[300];
	struct winsize w = {0};
	size_t columns = 80;

	if (ioctl(line->fd, TIOCGWINSZ, &w) == 0 && w.ws_col)
		columns = w.ws_col;
	/* the last column is left free: some terminals go to the next line behind it */
	format(p, text, columns < sizeof(text) ? columns : sizeof(text));
	snprintf(all, sizeof(all), "\r%s\033[K", text);
	put(line, all);
}

/* Also where only a part of it was drawn. What a terminal does not take now is left for the next
 * time; signals are not. */
static void erase(struct progress_line *line, int patience_ms)
{
	struct pollfd terminal = {.fd = line->fd, .events = POLLOUT};

	if (line->shown && patience_ms)
		poll(&terminal, 1, patience_ms);
	if (line->shown && (!in_foreground(line) || put(line, ERASE)))
		line->shown = false;
	release_signals(line);
}

static void tell(struct watcher *w, const struct progress *p)
{
	struct progress_line *line = (struct progress_line *)(void *)w;
	int64_t now = clock_ms();

	if (!p) {
		erase(line, 0);
		line->since_ms = -1;
		return;
	}
	if (signal_waits(line))
		erase(line, PATIENCE_MS);
	if (line->since_ms < 0)
		line->since_ms = now;
	if (now - line->since_ms < QUICK_MS || now - line->drawn_ms < DRAW_MS ||
		!open_terminal(line) || !in_foreground(line))
		return;
	if (!line->holds)
		hold_signals(line);
	line->shown = true;
	line->drawn_ms = now;
	draw(line, p);
}

struct watcher *progress_start(struct progress_line *line, const struct options *o)
{
	const char *term = getenv("TERM");

	*line = (struct progress_line){.watcher.tell = tell, .fd = -1, .since_ms = -1};
	if (o->quiet || o->json || o->dry_run || !term || !term[0] || strcmp(term, "dumb") == 0 ||
		!isatty(STDERR_FILENO))
		return NULL;
	return &line->watcher;
}

void progress_end(struct progress_line *line)
{
	erase(line, PATIENCE_MS);
	if (line->fd >= 0)
		close(line->fd);
	line->fd = -1;
}
