#include "core/cpus.h"

#include "util/str.h"

#include <stdlib.h>
#include <string.h>

static int compare_ints(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

void ints_add(struct arena *arena, struct ints *list, int32_t item)
{
	list->items = arena_push(arena, list->items, &list->count, sizeof(*list->items));
	list->items[list->count - 1] = item;
}

void ints_sort(struct ints *list)
{
	size_t n = 0;

	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), compare_ints);
	for (size_t i = 0; i < list->count; i++)
		if (!n || list->items[i] != list->items[n - 1])
			list->items[n++] = list->items[i];
	list->count = n;
}

bool ints_have(const struct ints *list, int32_t item)
{
	return list->count && bsearch(&item, list->items, list->count, sizeof(item), compare_ints);
}

bool cpus_parse(const char *text, struct arena *arena, struct ints *cpus)
{
	const char *end = text + strlen(text);
	uint64_t first, last;

	*cpus = (struct ints){0};
	if (text == end)
		return true;
	for (;;) {
		if (!str_take(&text, end, CPU_LIMIT - 1, &first))
			break;
		last = first;
		if (*text == '-' && (text++, !str_take(&text, end, CPU_LIMIT - 1, &last)))
			break;
		if (last < first || (cpus->count && cpus->items[cpus->count - 1] >= (int)first))
			break;
		for (; first <= last; first++)
			ints_add(arena, cpus, (int32_t)first);
		if (!*text)
			return true;
		if (*text++ != ',')
			break;
	}
	*cpus = (struct ints){0};
	return false;
}

const char *cpus_format(const struct ints *cpus, struct arena *arena)
{
	const char *text = "";

	for (size_t i = 0, last; i < cpus->count; i = last + 1) {
		for (last = i;
			last + 1 < cpus->count && cpus->items[last + 1] == cpus->items[last] + 1;)
			last++;
		text = arena_printf(arena, "%s%s%d", text, i ? "," : "", cpus->items[i]);
		if (last > i)
			text = arena_printf(arena, "%s-%d", text, cpus->items[last]);
	}
	return text;
}
