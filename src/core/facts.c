#include "core/facts.h"

#include "util/str.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_ROOM 512

static struct fact *add(struct facts *facts, const char *path)
{
	struct fact *f;

	facts->items = arena_push(&facts->arena, facts->items, &facts->count, sizeof(*f));
	f = &facts->items[facts->count - 1];
	*f = (struct fact){.path = arena_strdup(&facts->arena, path), .text = ""};
	return f;
}

struct fact *facts_add(struct facts *facts, const char *path, const char *text, size_t len)
{
	struct fact *f = add(facts, path);

	f->text = arena_strndup(&facts->arena, "", 0);
	if (len) {
		char *copy = arena_alloc(&facts->arena, len + 1);

		memcpy(copy, text, len);
		f->text = copy;
	}
	f->len = len;
	facts->size += len;
	return f;
}

struct fact *facts_add_error(struct facts *facts, const char *path, int sys_errno)
{
	struct fact *f = add(facts, path);

	f->sys_errno = sys_errno;
	return f;
}

static int compare(const void *a, const void *b)
{
	const struct fact *x = a, *y = b;

	return strcmp(x->path, y->path);
}

void facts_sort(struct facts *facts)
{
	if (facts->count)
		qsort(facts->items, facts->count, sizeof(*facts->items), compare);
}

void facts_free(struct facts *facts)
{
	arena_free(&facts->arena);
	*facts = (struct facts){0};
}

__attribute__((format(printf, 2, 0))) static const struct fact *find(
	const struct facts *facts, const char *fmt, va_list ap)
{
	char path[PATH_ROOM];
	struct fact key = {.path = path};
	int n = vsnprintf(path, sizeof(path), fmt, ap);

	if (n < 0 || (size_t)n >= sizeof(path) || !facts->count)
		return NULL;
	return bsearch(&key, facts->items, facts->count, sizeof(key), compare);
}

const struct fact *facts_find(const struct facts *facts, const char *fmt, ...)
{
	const struct fact *f;
	va_list ap;

	va_start(ap, fmt);
	f = find(facts, fmt, ap);
	va_end(ap);
	return f;
}

const char *facts_text(const struct facts *facts, const char *fmt, ...)
{
	const struct fact *f;
	va_list ap;

	va_start(ap, fmt);
	f = find(facts, fmt, ap);
	va_end(ap);
	return f && !f->sys_errno ? f->text : NULL;
}

bool facts_absent(const struct facts *facts, const char *fmt, ...)
{
	const struct fact *f;
	va_list ap;

	va_start(ap, fmt);
	f = find(facts, fmt, ap);
	va_end(ap);
	return f && f->sys_errno == ENOENT;
}

const struct fact *facts_next(
	const struct facts *facts, const char *prefix, const struct fact *after)
{
	size_t low = 0, high = facts->count;

	if (after)
		low = (size_t)(after - facts->items) + 1;
	while (!after && low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(facts->items[middle].path, prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < facts->count && str_starts(facts->items[low].path, prefix) ? &facts->items[low]
										: NULL;
}
