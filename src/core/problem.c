#include "core/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct problem *add(struct problems *list, struct origin origin, const char *message)
{
	struct problem *p;

	list->items = arena_push(list->arena, list->items, &list->count, sizeof(*list->items));
	p = &list->items[list->count - 1];
	*p = (struct problem){.origin = origin, .message = message};
	return p;
}

static const char *text_of(struct arena *arena, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
static const char *text_of(struct arena *arena, const char *fmt, va_list ap)
{
	char text[1024];

	vsnprintf(text, sizeof(text), fmt, ap);
	return arena_strdup(arena, text);
}

struct problem *problem_add(
	struct problems *list, struct origin origin, enum exit_code code, const char *fmt, ...)
{
	struct problem *p;
	va_list ap;

	va_start(ap, fmt);
	p = add(list, origin, text_of(list->arena, fmt, ap));
	va_end(ap);
	p->code = code;
	list->errors++;
	return p;
}

struct problem *problem_warn(struct problems *list, struct origin origin, const char *fmt, ...)
{
	struct problem *p;
	va_list ap;

	va_start(ap, fmt);
	p = add(list, origin, text_of(list->arena, fmt, ap));
	va_end(ap);
	p->warning = true;
	return p;
}

static const char *copied(struct arena *arena, const char *text)
{
	return text[0] ? arena_strdup(arena, text) : NULL;
}

struct problem *problem_error(struct problems *list, struct origin origin, const struct error *err)
{
	struct problem *p = add(list, origin, arena_strdup(list->arena, err->message));

	p->code = err->code;
	p->object = copied(list->arena, err->object);
	p->attr = copied(list->arena, err->attr);
	p->kernel = copied(list->arena, err->kernel);
	p->hint = copied(list->arena, err->hint);
	list->errors++;
	return p;
}

void problem_hint(struct problems *list, const char *fmt, ...)
{
	va_list ap;

	if (!list->count)
		return;
	va_start(ap, fmt);
	list->items[list->count - 1].hint = text_of(list->arena, fmt, ap);
	va_end(ap);
}

void problems_filter(struct problems *list, bool (*stays)(const struct problem *p, const void *arg),
	const void *arg)
{
	size_t n = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (stays(&list->items[i], arg))
			list->items[n++] = list->items[i];
		else
			list->errors -= !list->items[i].warning;
	}
	list->count = n;
}

static int compare(const void *left, const void *right)
{
	const struct problem *a = left, *b = right;
	const struct source *as = a->origin.source, *bs = b->origin.source;
	int order;

	if (!as || !bs)
		return as ? -1 : bs ? 1 : 0;
	order = strcmp(as->name, bs->name);
	if (order)
		return order;
	if (a->origin.line != b->origin.line)
		return a->origin.line < b->origin.line ? -1 : 1;
	return a->origin.column < b->origin.column ? -1 : a->origin.column > b->origin.column;
}

/* A few, by insertion: those of one place stay in their order. */
void problems_sort(struct problems *list)
{
	for (size_t i = 1; i < list->count; i++) {
		struct problem p = list->items[i];
		size_t at = i;

		for (; at && compare(&list->items[at - 1], &p) > 0; at--)
			list->items[at] = list->items[at - 1];
		list->items[at] = p;
	}
}
