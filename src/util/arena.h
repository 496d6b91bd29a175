/*
 * Memory that lives as long as one picture of the host. Everything the
 * discovery finds is allocated here and released in one go.
 */
#ifndef UTIL_ARENA_H
#define UTIL_ARENA_H

#include <stddef.h>

struct arena_block;
struct arena {
	struct arena_block *head;
};

/* Zeroed memory, aligned for any type. Out of memory ends in abort(): a tool that
 * has only read, or stands before its first step, loses nothing by that. */
void *arena_alloc(struct arena *arena, size_t size);
void *arena_copy(struct arena *arena, const void *data, size_t size);
char *arena_strdup(struct arena *arena, const char *s);
char *arena_strndup(struct arena *arena, const char *s, size_t len);
char *arena_printf(struct arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Room for one more element at the end of an array of *count; doubles as it grows. */
void *arena_push(struct arena *arena, void *array, size_t *count, size_t size);
void arena_free(struct arena *arena);

#endif
