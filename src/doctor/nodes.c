#include "doctor/nodes.h"

#include "util/str.h"

#include <string.h>

#define NODES "/sys/devices/system/node/"

/*
 * Distances are those of the firmware's SLIT: 10 is a node itself, parts of one socket are at 11 to
 * 16, and another socket begins with 20, which Linux takes where the firmware says nothing
 * (REMOTE_DISTANCE, linux/topology.h).
 */
#define FAR 20

static bool read_list(struct examination *x, const char *path, struct ints *list)
{
	const char *text = facts_text(x->facts, "%s", path);

	*list = (struct ints){0};
	return text && cpus_parse(text, &x->arena, list);
}

enum nodes nodes_of(struct examination *x)
{
	struct ints nodes;

	if (facts_absent(x->facts, NODES "has_cpu"))
		return NODES_ONE; /* a kernel without NUMA */
	if (!read_list(x, NODES "has_cpu", &nodes))
		return NODES_UNKNOWN;
	return nodes.count > 1 ? NODES_SEVERAL : NODES_ONE;
}

static void add_cpus(struct examination *x, int32_t node, struct ints *cpus)
{
	struct ints own;

	read_list(x, arena_printf(&x->arena, NODES "node%d/cpulist", node), &own);
	for (size_t i = 0; i < own.count; i++)
		ints_add(&x->arena, cpus, own.items[i]);
}

bool nodes_near(struct examination *x, int32_t node, struct ints *cpus)
{
	const char *text = facts_text(x->facts, NODES "node%d/distance", node);
	struct ints online;
	uint64_t distance;

	*cpus = (struct ints){0};
	read_list(x, NODES "online", &online);
	add_cpus(x, node, cpus);
	/* one number for each node that is online (drivers/base/node.c) */
	for (size_t i = 0; text && i < online.count; i++) {
		const char *end = text + strlen(text);

		text += strspn(text, " ");
		if (!str_take(&text, end, UINT32_MAX, &distance))
			break;
		if (online.items[i] != node && distance < FAR)
			add_cpus(x, online.items[i], cpus);
	}
	ints_sort(cpus);
	return cpus->count > 0;
}

bool cpus_any(const struct ints *of, const struct ints *among)
{
	for (size_t i = 0; i < of->count; i++)
		if (ints_have(among, of->items[i]))
			return true;
	return false;
}
