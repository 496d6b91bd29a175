#include "output/output.h"

#include <stdio.h>
#include <string.h>

static void add(const struct record_type *type, struct columns *columns, size_t index)
{
	columns->needs |= type->attrs[index].need;
	for (size_t i = 0; i < columns->count; i++)
		if (columns->index[i] == index)
			return;
	columns->index[columns->count++] = (uint8_t)index;
}

/* The key is there, but what is costly to find out is not asked for: null. */
static void add_unasked(const struct record_type *type, struct columns *columns, size_t index)
{
	unsigned needs = columns->needs;

	add(type, columns, index);
	if (type->attrs[index].flags & ATTR_COSTLY)
		columns->needs = needs;
}

static void add_flagged(const struct record_type *type, struct columns *columns, unsigned flags)
{
	for (size_t i = 0; i < type->count; i++)
		if (type->attrs[i].flags & flags)
			add(type, columns, i);
}

static void add_all(
	const struct record_type *type, struct columns *columns, bool statistics, bool costly)
{
	for (size_t i = 0; i < type->count; i++) {
		if (!statistics && type->attrs[i].flags & ATTR_STATS)
			continue;
		if (costly)
			add(type, columns, i);
		else
			add_unasked(type, columns, i);
	}
}

static int add_named(const struct record_type *type, const struct options *o,
	struct columns *columns, const char *list, struct error *err)
{
	for (;;) {
		char name[64];
		size_t len = strcspn(list, ","), i;

		snprintf(name, sizeof(name), "%.*s", (int)len, list);
		i = attr_index(type, name);
		if (strcmp(name, COLUMNS_ALL) == 0)
			add_all(type, columns, o->statistics, true);
		else if (i == type->count || len >= sizeof(name))
			return attr_unknown(type, name, err);
		else
			add(type, columns, i);
		if (!list[len])
			return 0;
		list += len + 1;
	}
}

int columns_choose(const struct record_type *type, bool single, const struct options *o,
	struct columns *columns, struct error *err)
{
	bool adds = o->columns && o->columns[0] == '+';

	memset(columns, 0, sizeof(*columns));
	if (o->columns && !adds)
		return add_named(type, o, columns, o->columns, err);
	/* JSON is a contract: every key, always */
	if (o->json || o->details || (single && !o->brief)) {
		add_all(type, columns, o->statistics, single || o->details);
	} else {
		columns->all_default = true;
		add_flagged(type, columns, o->brief ? ATTR_BRIEF : ATTR_LIST);
		if (o->statistics)
			add_flagged(type, columns, ATTR_STATS);
	}
	return adds ? add_named(type, o, columns, o->columns + 1, err) : 0;
}
