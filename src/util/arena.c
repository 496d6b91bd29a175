#include "util/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Many arenas never hold more than a few hundred bytes, and each block is cleared. */
#define FIRST_BLOCK ((size_t)2 * 1024)
#define GROWTH 4
#define BLOCK_SIZE ((size_t)32 * 1024)
#define ALIGNMENT _Alignof(max_align_t)

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	max_align_t data[];
};

static size_t next_size(const struct arena_block *b)
{
	if (!b)
		return FIRST_BLOCK;
	return b->size < BLOCK_SIZE / GROWTH ? b->size * GROWTH : BLOCK_SIZE;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct arena_block *b = arena->head;
	void *p;

	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (!b || b->size - b->used < size) {
		size_t usual = next_size(b);
		size_t room = size > usual ? size : usual;

		b = calloc(1, sizeof(*b) + room);
		if (!b)
			abort();
		b->size = room;
		/* behind the one that others still find room in */
		if (arena->head && size > BLOCK_SIZE / 2) {
			b->next = arena->head->next;
			arena->head->next = b;
		} else {
			b->next = arena->head;
			arena->head = b;
		}
	}
	p = (char *)b->data + b->used;
	b->used += size;
	return p;
}

void *arena_copy(struct arena *arena, const void *data, size_t size)
{
	void *p = arena_alloc(arena, size);

	if (size)
		memcpy(p, data, size);
	return p;
}

char *arena_strndup(struct arena *arena, const char *s, size_t len)
{
	char *p = arena_alloc(arena, len + 1);

	memcpy(p, s, len);
	return p;
}

char *arena_strdup(struct arena *arena, const char *s)
{
	return arena_strndup(arena, s, strlen(s));
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		abort();
	p = arena_alloc(arena, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

void *arena_push(struct arena *arena, void *array, size_t *count, size_t size)
{
	size_t n = *count;
	void *grown = array;

	/* full at 0, 8, 16, 32, ... */
	if (n == 0 || (n >= 8 && (n & (n - 1)) == 0)) {
		grown = arena_alloc(arena, (n ? 2 * n : 8) * size);
		if (n)
			memcpy(grown, array, n * size);
	}
	*count = n + 1;
	return grown;
}

void arena_free(struct arena *arena)
{
	while (arena->head) {
		struct arena_block *next = arena->head->next;

		free(arena->head);
		arena->head = next;
	}
}
