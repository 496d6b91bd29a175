/* What command lines have in common: the kernel, and pictures of the host. */
#include "run_parts.h"

#include "util/clock.h"

#include <stdlib.h>
#include <string.h>

/* So long, at most, a picture answers lines that had come before it was taken. */
#define PICTURE_MAX_AGE_MS 1000

void session_forget_pictures(struct session *s)
{
	while (s->picture_count)
		host_free(&s->pictures[--s->picture_count].host);
}

void session_forget_seen(struct session *s)
{
	if (s->has_seen)
		host_free(&s->seen);
	s->has_seen = false;
}

static void close_kernel(struct session *s)
{
	session_forget_pictures(s);
	session_forget_seen(s);
	if (s->is_open)
		kernel_close(&s->kernel);
	s->is_open = false;
	free(s->snapshot);
	s->snapshot = NULL;
}

void session_flush(struct session *s)
{
	if (s->shell)
		show_in_shell(s);
	else
		fflush(s->out);
}

void session_close(struct session *s)
{
	close_kernel(s);
}

const struct kernel *session_kernel(struct session *s, const struct options *o, struct error *err)
{
	const char *is = s->snapshot ? s->snapshot : "", *want = o->snapshot ? o->snapshot : "";

	if (s->is_open && strcmp(is, want) == 0)
		return &s->kernel;
	close_kernel(s);
	if (kernel_open(&s->kernel, o->snapshot, err) < 0)
		return NULL;
	s->is_open = true;
	s->snapshot = o->snapshot ? strdup(o->snapshot) : NULL;
	if (o->snapshot && !s->snapshot)
		abort();
	return &s->kernel;
}

/*
 * Whoever sent a line cannot tell an answer as of now from one as of any moment since: a
 * picture that was taken after the line had come is as good as a new one. It must have
 * exactly what the command asks for: with more, it would show more than the command alone.
 */
static struct picture *find_picture(struct session *s, unsigned needs)
{
	for (size_t i = 0; i < s->picture_count && s->in_batch; i++) {
		struct picture *p = &s->pictures[i];

		if (p->needs == needs && s->arrived_ms < p->taken_ms &&
			clock_ms() - p->taken_ms < PICTURE_MAX_AGE_MS)
			return p;
	}
	return NULL;
}

static struct picture *oldest_picture(struct session *s)
{
	struct picture *oldest = &s->pictures[0];

	if (s->picture_count < PICTURES)
		return &s->pictures[s->picture_count++];
	for (size_t i = 1; i < s->picture_count; i++)
		if (s->pictures[i].taken_ms < oldest->taken_ms)
			oldest = &s->pictures[i];
	host_free(&oldest->host);
	return oldest;
}

struct host *session_look(struct session *s, unsigned needs, struct error *err)
{
	struct picture *p = find_picture(s, needs);

	if (p) { /* what the last command warned of is not this one's */
		p->host.warning_count = p->warnings;
		return &p->host;
	}
	if (!s->in_batch)
		session_forget_pictures(s);
	p = oldest_picture(s);
	*p = (struct picture){.needs = needs, .taken_ms = clock_ms()};
	if (run_look_at(&s->kernel, needs, &p->host, err) < 0) {
		p->taken_ms = INT64_MIN; /* answers nothing */
		return NULL;
	}
	p->warnings = p->host.warning_count;
	return &p->host;
}
