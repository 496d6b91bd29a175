/* `stats`: what VFs count, once or again and again. */
#include "stats_parts.h"

#include "util/cleanup.h"
#include "util/str.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static double seconds_between(const struct timespec *a, const struct timespec *b)
{
	return (double)(b->tv_sec - a->tv_sec) + (double)(b->tv_nsec - a->tv_nsec) / 1e9;
}

#define WARNINGS_MAX 100 /* there is no end to what one interval after the other may bring */

static void note_warning(struct watch *w, const char *text)
{
	struct strings *list = &w->warnings;

	if (list->count == WARNINGS_MAX || strings_has(list, text))
		return;
	list->items = arena_push(&w->arena, list->items, &list->count, sizeof(*list->items));
	list->items[list->count - 1] = arena_strdup(&w->arena, text);
}

static void note_warnings(struct watch *w, struct host *host, bool first)
{
	if (first)
		run_warn_of_interrupted(host);
	for (size_t i = 0; i < host->warning_count; i++)
		note_warning(w, host->warnings[i]);
	if (!host_truncated(host))
		return;
	note_warning(w, LIST_INCOMPLETE);
	w->truncated = true;
}

static void warn(struct watch *w)
{
	if (w->warned == w->warnings.count)
		return;
	session_flush(w->s);
	run_print_warnings(
		w->warnings.items + w->warned, w->warnings.count - w->warned, &w->line->options);
	w->warned = w->warnings.count;
}

int watch_look(struct watch *w, bool first, struct error *err)
{
	const struct args *args = &w->line->args;
	unsigned slot = 0;
	struct look *l;

	while (slot == w->last || slot == w->shown)
		slot++;
	w->before = w->last;
	w->last = slot;
	l = &w->looks[slot];
	host_free(&l->host);
	*l = (struct look){0};
	clock_gettime(CLOCK_MONOTONIC, &l->at);
	clock_gettime(CLOCK_REALTIME, &l->date);
	if (run_look_at(&w->s->kernel, w->needs, &l->host, err) < 0)
		return -1;
	note_warnings(w, &l->host, first);
	if (first && stats_choose(&l->host, args->rest, args->rest_count, &w->arena, &w->choice,
			     err) < 0)
		return -1;
	l->stats = stats_gather(&l->host, &w->choice, &l->count);
	return 0;
}

static const struct look *last(const struct watch *w)
{
	return &w->looks[w->last];
}

void watch_rate(struct watch *w, struct rates *r)
{
	struct look *now = &w->looks[w->last];
	const struct look *before = &w->looks[w->before];
	struct arena *arena = &now->host.arena;

	*r = (struct rates){.time = now->date,
		.seconds = before->stats ? seconds_between(&before->at, &now->at) : 0,
		.count = now->count};
	r->all = r->count;
	r->list = arena_alloc(arena, (r->count + 1) * sizeof(*r->list));
	for (size_t i = 0; i < r->count; i++)
		rates_of(stats_find(before->stats, before->count, i, &now->stats[i]),
			&now->stats[i], r->seconds, &r->list[i]);
	r->count = rates_choose(&w->choosing, r->list, r->all);
}

/* From the i-th VF of the look before on. */
static const char *gone_from(const struct watch *w, size_t *i)
{
	const struct look *now = last(w), *before = &w->looks[w->before];

	for (; *i < before->count; ++*i)
		if (!stats_find(now->stats, now->count, *i, &before->stats[*i]))
			return before->stats[(*i)++].vf;
	return NULL;
}

const char *watch_gone(const struct watch *w)
{
	size_t i = 0;

	return gone_from(w, &i);
}

static void tell_of_gone(const struct watch *w)
{
	const char *vf;
	char name[256];
	size_t i = 0;

	while (!w->line->options.quiet && (vf = gone_from(w, &i))) {
		session_flush(w->s);
		str_printable(name, sizeof(name), vf);
		fprintf(stderr, "sriovctl: %s is gone\n", name);
	}
}

static int show_block(struct watch *w, struct error *err)
{
	const struct options *o = &w->line->options;
	struct rates r;
	int rc;

	watch_rate(w, &r);
	rc = o->json ? output_rates_json(&r, &w->columns, o, w->s->out, err)
		     : output_rates(&r, &w->columns, o, w->s->out, err);
	tell_of_gone(w);
	warn(w);
	if (rc == 0 && (fflush(w->s->out) != 0 || ferror(w->s->out)))
		rc = error_errno(err, EXIT_KERNEL, errno ? errno : EIO, "cannot write the output");
	session_flush(w->s);
	if (rc == 0 && w->s->unread)
		rc = error_errno(err, EXIT_KERNEL, EPIPE, "cannot write the output");
	return rc;
}

/* Until that moment (monotonic ms): false when we are to end. */
static bool wait_until(struct terminal *t, int64_t moment)
{
	while (t && clock_left(moment)) {
		switch (terminal_wait_until(t, moment, false)) {
		case TERMINAL_INTERRUPT:
		case TERMINAL_END:
			return false;
		case TERMINAL_STOP:
			terminal_stop(t);
			break;
		case TERMINAL_INPUT:
		case TERMINAL_RESIZE:
		case TERMINAL_CONTINUED:
		case TERMINAL_TIMEOUT:
			break;
		}
	}
	while (clock_left(moment))
		poll(NULL, 0, clock_left(moment));
	return true;
}

int64_t watch_next_beat(int64_t beat, const struct pace *pace)
{
	int64_t step = (int64_t)(pace->interval * 1000), late = clock_ms() - beat;

	return beat + (late > 0 ? (late / step + 1) * step : step);
}

static int show_blocks(struct watch *w, struct terminal *t, struct error *err)
{
	int64_t beat = clock_ms();
	int rc = watch_look(w, true, err);

	warn(w);
	for (uint32_t i = 0; rc == 0 && (!w->pace.count || i < w->pace.count); i++) {
		beat = watch_next_beat(beat, &w->pace);
		if (!wait_until(t, beat))
			break;
		rc = watch_look(w, false, err);
		if (rc == 0)
			rc = show_block(w, err);
	}
	return rc;
}

static void read_pace(const struct args *args, struct pace *pace)
{
	for (size_t i = 0; i < args->setting_count; i++)
		attr_set(&pace_type, args->settings[i].attr, pace, &args->settings[i].value);
}

static int check(const struct watch *w, struct error *err)
{
	if (!(w->pace.known >> PACE_INTERVAL & 1)) {
		error_set(err, EXIT_USAGE, "count goes with an interval");
		return error_hint(err, "write 'interval 1 count %u'", w->pace.count);
	}
	if (w->s->kernel.snapshot)
		return error_set(err, EXIT_USAGE, "a snapshot has no rates: nothing moves in it");
	if (w->s->in_batch && !w->s->shell && !w->pace.count) {
		error_set(err, EXIT_USAGE, "the batch would never go on");
		return error_hint(err, "say how often: 'interval 1 count 10'");
	}
	return 0;
}

static bool may_be_live(const struct watch *w)
{
	const struct options *o = &w->line->options;

	return !o->json && !o->oneline && !o->brief && (!w->s->in_batch || w->s->shell) &&
	       isatty(STDOUT_FILENO) && !terminal_is_dumb();
}

static int run_watch(struct watch *w, struct error *err)
{
	bool live = may_be_live(w);
	struct terminal t;
	int rc;

	/* in a shell signals are blocked; else they end us as they end everyone */
	if (!w->s->shell && !live)
		return show_blocks(w, NULL, err);
	rc = terminal_open(&t);
	if (rc < 0)
		return error_errno(err, EXIT_KERNEL, -rc, "cannot read signals");
	rc = live ? watch_live(w, &t, err) : show_blocks(w, &t, err);
	terminal_close(&t);
	return rc;
}

int run_stats(struct session *s, const struct command_line *line, struct error *err)
{
	struct watch w = {.s = s, .line = line};
	const struct options *o = &line->options;
	int rc;

	if (line->options.prometheus || line->options.output)
		return run_metrics(s, line, err);
	read_pace(&line->args, &w.pace);
	if (!w.pace.known)
		return run_show(s, line, err);
	if (check(&w, err) < 0 || columns_choose(&rate_type, false, o, &w.columns, err) < 0 ||
		choose_parse(&rate_type, o->sort, o->filter, &w.choosing, err) < 0)
		return -1;
	kernel_remember_netns(&s->kernel);
	w.needs = NEED_VFS | NEED_INSTANCE | w.columns.needs | w.choosing.needs;
	w.needs |= line->args.rest_count ? NEED_TO_FIND : 0;
	rc = run_watch(&w, err);
	warn(&w); /* behind a live table */
	if (rc == 0 && w.truncated) {
		rc = error_set(err, EXIT_KERNEL, LIST_INCOMPLETE);
		err->reported = 1; /* in what was shown */
		err->told = !o->quiet;
	}
	for (size_t i = 0; i < ARRAY_SIZE(w.looks); i++)
		host_free(&w.looks[i].host);
	arena_free(&w.arena);
	kernel_forget_netns(&s->kernel);
	return rc;
}
