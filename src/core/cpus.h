/* Lists of numbers, of CPUs above all. */
#ifndef CORE_CPUS_H
#define CORE_CPUS_H

#include "core/attr.h"
#include "util/arena.h"

#define CPU_LIMIT 65536 /* more than any kernel is built for */

/* At its end. */
void ints_add(struct arena *arena, struct ints *list, int32_t item);
/* In order, each once. */
void ints_sort(struct ints *list);
/* Of a sorted one. */
bool ints_have(const struct ints *list, int32_t item);
/* "0-3,8", as cpulist and affinity files have it, into *cpus; nothing, and false, when it is
 * not of that form. An empty text is an empty list. */
bool cpus_parse(const char *text, struct arena *arena, struct ints *cpus);
/* The same as text, into the arena. */
const char *cpus_format(const struct ints *cpus, struct arena *arena);

#endif
