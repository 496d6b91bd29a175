/* Tells what happens until it is ended: `sriovctl monitor`. */
#include "run_parts.h"

#include "core/scene.h"
#include "core/selector.h"
#include "kernel/watch.h"
#include "output/output.h"
#include "util/cleanup.h"
#include "util/clock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define POLL_MS 1000    /* of PFs whose changes the kernel does not tell */
#define SILENCE_MS 3000 /* no answer for so long: it was lost */
#define DRAIN_ROUNDS 64 /* of what is left behind an overrun */

struct monitor {
	struct session *session;
	const struct kernel *kernel;
	const struct options *options;
	struct watch *watch;
	struct scene scene;
	struct arena arena; /* of what was asked for */
	int signals;        /* signalfd */
	sigset_t old;
	int64_t polled_ms;
	/* what is to be written still */
	char *text;
	size_t len, written;
	bool done;
};

/* signals: read where nothing is half done, as in a shell, whose own they are */

static int open_signals(struct monitor *m, struct error *err)
{
	static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(ending); i++) {
		struct sigaction is;

		/* a shell has all of them blocked; without one, SIGHUP may do what it does */
		if (!m->session->shell &&
			(ending[i] == SIGHUP || sigaction(ending[i], NULL, &is) < 0 ||
				is.sa_handler == SIG_IGN))
			continue;
		sigaddset(&set, ending[i]);
	}
	m->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (m->signals < 0)
		return error_errno(err, EXIT_KERNEL, errno, "cannot wait for signals");
	sigprocmask(SIG_BLOCK, &set, &m->old);
	return 0;
}

static void close_signals(struct monitor *m)
{
	struct signalfd_siginfo info;

	if (m->signals < 0)
		return;
	/* the shell looks for them itself */
	while (!m->session->shell && read(m->signals, &info, sizeof(info)) > 0)
		;
	close(m->signals);
	sigprocmask(SIG_SETMASK, &m->old, NULL);
}

/* output: a reader that is slow must not keep signals from being seen */

static int nobody_reads(struct error *err)
{
	raise(SIGPIPE); /* ends us as it ends everyone, if it is not ignored */
	return error_errno(err, EXIT_KERNEL, EPIPE, "cannot write the output");
}

static int write_some(struct monitor *m, struct error *err)
{
	size_t left = m->len - m->written;
	ssize_t n;

	/* a pipe that has room has room for this much */
	n = write(STDOUT_FILENO, m->text + m->written, left < PIPE_BUF ? left : PIPE_BUF);
	if (n < 0 && errno != EINTR && errno != EAGAIN)
		return error_errno(err, EXIT_KERNEL, errno, "cannot write the output");
	m->written += n > 0 ? (size_t)n : 0;
	if (m->written == m->len) {
		free(m->text);
		m->text = NULL;
		m->len = m->written = 0;
	}
	return 0;
}

static void stamp(struct scene *s)
{
	struct timespec now;
	char date[CLOCK_DATE_SIZE];
	const char *text;

	clock_gettime(CLOCK_REALTIME, &now);
	text = arena_strdup(&s->told_arena, clock_date(date, &now));
	for (size_t i = 0; i < s->told_count; i++) {
		s->told[i].time = text;
		s->told[i].time_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
		s->told[i].known |= EVENT_BIT(EVENT_TIME);
	}
}

/* Only when all that was told before has been written. */
static int show_told(struct monitor *m, struct error *err)
{
	FILE *out;

	if (!m->scene.told_count)
		return 0;
	out = open_memstream(&m->text, &m->len);
	if (!out)
		return error_nomem(err);
	stamp(&m->scene);
	for (size_t i = 0; i < m->scene.told_count; i++)
		output_event(&m->scene.told[i], m->options, out);
	scene_forget_told(&m->scene);
	return fclose(out) == 0 ? 0 : error_nomem(err);
}

/* news */

static int look(struct monitor *m, struct error *err)
{
	const struct host *was = &m->scene.host;
	struct host fresh;

	if (discover(m->kernel, SCENE_NEEDS, &fresh, err) < 0)
		return -1;
	watch_number(m->watch, &fresh);
	for (size_t i = 0; i < was->pf_count; i++)
		if (!pf_has(&was->pfs[i], PF_BDF) && !host_same_pf(&fresh, &was->pfs[i]) &&
			watch_has_device(m->kernel, was->pfs[i].handle))
			scene_carry(&fresh, &was->pfs[i]);
	scene_see(&m->scene, &fresh);
	return 0;
}

/* A new picture of it all, and why. */
static int resync(struct monitor *m, enum resync_reason reason, const char *why, struct error *err)
{
	size_t before = m->scene.told_count;
	struct event *e;

	if (look(m, err) < 0)
		return -1;
	before = m->scene.told_count - before;
	e = scene_say(&m->scene, NULL, EVENT_RESYNC);
	e->reason = reason;
	e->differences = (uint32_t)before;
	e->detail = why;
	e->known |=
		EVENT_BIT(EVENT_REASON) | EVENT_BIT(EVENT_DIFFERENCES) | EVENT_BIT(EVENT_DETAIL);
	return 0;
}

static void take(struct monitor *m, struct news *news)
{
	const struct pf *pf;
	uint32_t index;
	struct bdf bdf;

	/* by its address it is a VF; the system may know better */
	if (news->kind == NEWS_DEVICE && news->action != DEVICE_REMOVE &&
		news->action != DEVICE_UNBIND && strncmp(news->handle, "pci/", 4) == 0 &&
		!scene_knows(&m->scene, news->handle) && bdf_parse(news->handle + 4, &bdf)) {
		pf = scene_guess_vf(&m->scene, bdf, &index);
		news->contradicted = pf && !watch_may_be_vf(m->kernel, pf->bdf, index, bdf);
	}
	scene_take(&m->scene, news);
}

static int read_news(struct monitor *m, size_t *count, bool *overrun, struct error *err)
{
	struct news_list news = {0};
	struct arena arena = {0};
	int rc = watch_read(m->watch, &arena, &news, overrun, err);

	for (size_t i = 0; rc == 0 && i < news.count; i++)
		take(m, &news.items[i]);
	*count = news.count;
	arena_free(&arena);
	return rc;
}

static int take_news(struct monitor *m, struct error *err)
{
	bool overrun, again;
	size_t count;

	if (read_news(m, &count, &overrun, err) < 0)
		return -1;
	if (!overrun)
		return m->scene.look_again ? look(m, err) : 0;
	/* what is left is from before; with an empty queue the kernel begins to tell again */
	for (int i = 0; i < DRAIN_ROUNDS && count; i++)
		if (read_news(m, &count, &again, err) < 0)
			return -1;
	return resync(m, RESYNC_OVERRUN, "the kernel told more than was read in time", err);
}

/* asking */

static int ask(struct monitor *m, struct error *err)
{
	struct scene *s = &m->scene;
	int64_t now = clock_ms();

	for (size_t i = 0; i < s->host.pf_count; i++) {
		struct look *l = &s->looks[i];

		if (l->asked && now - l->asked_ms > SILENCE_MS)
			return resync(m, RESYNC_SILENCE, "the kernel did not answer", err);
		if (!l->wanted || l->asked)
			continue;
		l->wanted = false;
		l->seq = scene_can_ask(s, i) ? watch_ask(m->watch, s->host.pfs[i].ifindex) : 0;
		l->asked = l->seq != 0;
		l->asked_ms = now;
		if (!l->asked)
			l->notified = l->silent = 0;
	}
	return 0;
}

static int poll_silent(struct monitor *m, struct error *err)
{
	if (scene_has_silent(&m->scene) && clock_ms() - m->polled_ms >= POLL_MS) {
		m->polled_ms = clock_ms();
		scene_poll(&m->scene);
	}
	return ask(m, err);
}

/* When there is something to do even if nothing comes; -1: not at all. */
static int patience(const struct monitor *m)
{
	const struct scene *s = &m->scene;
	int64_t until = INT64_MAX;

	if (scene_has_silent(s))
		until = m->polled_ms + POLL_MS;
	for (size_t i = 0; i < s->host.pf_count; i++)
		if (s->looks[i].asked && s->looks[i].asked_ms + SILENCE_MS + 1 < until)
			until = s->looks[i].asked_ms + SILENCE_MS + 1;
	return until == INT64_MAX ? -1 : clock_left(until);
}

/* As long as something is to be written nothing is read: what comes waits in the kernel. */
static int step(struct monitor *m, struct error *err)
{
	struct pollfd fds[2 + WATCH_FDS] = {{.fd = m->signals, .events = POLLIN},
		{.fd = STDOUT_FILENO, .events = m->len ? POLLOUT : 0}};

	watch_poll(m->watch, fds + 2);
	if (poll(fds, m->len ? 2 : ARRAY_SIZE(fds), m->len ? -1 : patience(m)) < 0)
		return errno == EINTR ? 0 : error_errno(err, EXIT_KERNEL, errno, "cannot wait");
	m->done = fds[0].revents;
	if (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL))
		return nobody_reads(err);
	if (m->len) /* also the last lines, if someone takes them */
		return m->done && !(fds[1].revents & POLLOUT) ? 0 : write_some(m, err);
	if (m->done)
		return 0;
	if (take_news(m, err) < 0 || poll_silent(m, err) < 0)
		return -1;
	return show_told(m, err);
}

/* the beginning */

static int choose(struct monitor *m, const struct args *args, struct error *err)
{
	struct scene *s = &m->scene;

	for (size_t i = 0; i < args->rest_count; i++) {
		const struct pf *pf = select_pf(&s->host, args->rest[i], err);

		if (!pf)
			return -1;
		s->chosen = arena_push(&m->arena, s->chosen, &s->chosen_count, sizeof(*s->chosen));
		s->chosen[s->chosen_count - 1] = arena_strdup(&m->arena, pf->handle);
	}
	return 0;
}

static void say_ready(struct monitor *m)
{
	static const char *deaf = "VFs in other network namespaces are not watched (needs root)";
	const struct options *o = m->options;
	struct scene *s = &m->scene;
	size_t pfs = s->chosen_count ? s->chosen_count : s->host.pf_count, vfs = 0;
	struct event *e;

	for (size_t i = 0; i < s->host.pf_count; i++)
		for (size_t c = 0; c < (s->chosen_count ? s->chosen_count : 1); c++)
			if (!s->chosen_count || strcmp(s->chosen[c], s->host.pfs[i].handle) == 0)
				vfs += s->host.pfs[i].vf_count;
	run_print_warnings(s->host.warnings, s->host.warning_count, o);
	if (!watch_hears_all(m->watch))
		run_print_warnings(&deaf, 1, o);
	if (!o->json) {
		if (!o->quiet && isatty(STDERR_FILENO))
			fprintf(stderr, "sriovctl: watching %zu PFs, %zu VFs; Ctrl-C ends\n", pfs,
				vfs);
		return;
	}
	e = scene_say(s, NULL, EVENT_READY);
	e->detail = arena_printf(&s->told_arena, "%zu PFs, %zu VFs", pfs, vfs);
	e->known |= EVENT_BIT(EVENT_DETAIL);
}

static int begin(struct monitor *m, const struct args *args, struct error *err)
{
	struct host host;

	/* listen first: what happens while looking is then heard of */
	m->watch = watch_open(m->kernel, err);
	if (!m->watch || discover(m->kernel, SCENE_NEEDS, &host, err) < 0)
		return -1;
	watch_number(m->watch, &host);
	scene_start(&m->scene, &host);
	m->polled_ms = clock_ms();
	if (choose(m, args, err) < 0 || open_signals(m, err) < 0)
		return -1;
	say_ready(m);
	return show_told(m, err);
}

int run_monitor(struct session *s, const struct command_line *line, struct error *err)
{
	struct monitor m = {
		.session = s, .kernel = &s->kernel, .options = &line->options, .signals = -1};
	int rc;

	if (s->kernel.snapshot)
		return error_set(err, EXIT_USAGE, "nothing happens in a snapshot");
	rc = begin(&m, &line->args, err);
	while (rc == 0 && !m.done)
		rc = step(&m, err);
	close_signals(&m);
	if (m.watch)
		watch_close(m.watch);
	scene_free(&m.scene);
	arena_free(&m.arena);
	free(m.text);
	return rc;
}
