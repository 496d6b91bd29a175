/* `stats` with an interval, on a terminal: one table that changes. */
#include "stats_parts.h"

#include "output/live.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Another screen than the one with the command line; no cursor, no lines that wrap. */
#define ENTER "\033[?1049h\033[?25l\033[?7l"
#define LEAVE "\033[?7h\033[?25h\033[?1049l"

struct view_state {
	struct watch *w;
	struct live live;
	struct terminal *t;
	struct rates rates;
	bool done;
};

static int draw(struct view_state *v, struct error *err)
{
	size_t columns, rows, len = 0;
	char *text = NULL;
	FILE *f = open_memstream(&text, &len);
	int rc = f ? 0 : -1;

	terminal_size(&columns, &rows);
	if (f)
		rc = live_draw(&v->live, &v->rates, columns, rows, f);
	if (f && fclose(f) != 0)
		rc = -1;
	if (rc == 0 && !terminal_write(text, len))
		v->done = true; /* not everyone gets a signal then */
	free(text);
	return rc < 0 ? error_nomem(err) : 0;
}

static void press(struct view_state *v, int key)
{
	struct live *l = &v->live;

	switch (key) {
	case 'q':
	case 'Q':
	case 4: /* Ctrl-D */
	case KEY_END_OF_INPUT:
		v->done = true;
		break;
	case KEY_LEFT:
	case '<':
		live_sort_by_next(l, -1);
		break;
	case KEY_RIGHT:
	case '>':
		live_sort_by_next(l, 1);
		break;
	case 'r':
		l->reversed = !l->reversed;
		break;
	case ' ':
		l->paused = !l->paused;
		break;
	case KEY_UP:
		l->first -= l->first > 0;
		break;
	case KEY_DOWN:
		l->first++;
		break;
	case KEY_PAGE_UP:
		l->first -= l->first > l->page ? l->page : l->first;
		break;
	case KEY_PAGE_DOWN:
		l->first += l->page;
		break;
	case KEY_HOME:
		l->first = 0;
		break;
	case KEY_END:
		l->first = v->rates.count;
		break;
	default:
		break;
	}
}

static void enter(void)
{
	terminal_write(ENTER, strlen(ENTER));
}

static void leave(void)
{
	terminal_write(LEAVE, strlen(LEAVE));
}

/* Whatever happens before that moment; 0, or -1 with *err. */
static int until(struct view_state *v, int64_t beat, struct error *err)
{
	while (!v->done) {
		switch (terminal_wait_until(v->t, beat, v->t->by_key)) {
		case TERMINAL_TIMEOUT:
			return 0;
		case TERMINAL_INPUT:
			press(v, terminal_key());
			break;
		case TERMINAL_INTERRUPT:
		case TERMINAL_END:
			v->done = true;
			break;
		case TERMINAL_STOP:
			leave();
			terminal_stop(v->t);
			enter();
			break;
		case TERMINAL_CONTINUED:
			terminal_resume(v->t);
			enter();
			break;
		case TERMINAL_RESIZE:
			break;
		}
		if (!v->done && draw(v, err) < 0)
			return -1;
	}
	return 0;
}

/* The rates on the screen; the look that they are of stays as long. */
static void keep(struct view_state *v, const struct rates *latest)
{
	v->rates = *latest;
	v->w->shown = v->w->last;
}

static int show(struct view_state *v, struct error *err)
{
	struct watch *w = v->w;
	int64_t beat = clock_ms();
	uint32_t shown = 0;
	struct rates latest;
	int rc = watch_look(w, true, err);

	if (rc == 0) {
		watch_rate(w, &latest); /* nothing is known yet, but who there is */
		keep(v, &latest);
		rc = draw(v, err);
	}
	while (rc == 0 && !v->done && (!w->pace.count || shown < w->pace.count)) {
		beat = watch_next_beat(beat, &w->pace);
		rc = until(v, beat, err);
		if (rc < 0 || v->done)
			break;
		rc = watch_look(w, false, err);
		if (rc < 0)
			break;
		shown++;
		watch_rate(w, &latest);
		live_note(&v->live, &latest);
		if (v->live.paused)
			continue;
		keep(v, &latest);
		live_note_gone(&v->live, watch_gone(w));
		rc = draw(v, err);
	}
	return rc;
}

int watch_live(struct watch *w, struct terminal *t, struct error *err)
{
	struct view_state v = {.w = w,
		.t = t,
		.live = {.options = &w->line->options,
			.columns = &w->columns,
			.interval = w->pace.interval,
			.sort = RATE_RX_BPS}};
	int rc;

	if (w->choosing.key_count) { /* further keys are in order before */
		v.live.sort = w->choosing.keys[0].attr;
		v.live.reversed = w->choosing.keys[0].reversed;
	}
	terminal_by_key(t);
	enter();
	rc = show(&v, err);
	leave();
	terminal_by_line(t);
	/* what was seen last stays */
	if (rc == 0 && v.rates.seconds > 0)
		rc = output_rates(&v.rates, &w->columns, &w->line->options, w->s->out, err);
	arena_free(&v.live.arena);
	return rc;
}
