/*
 * What discovery finds out about the interrupts of VFs, as JSON: of this host, or of the snapshot
 * DIR; with -n the named number of times in a row, of which only the last is told:
 *   irqs [-n TIMES] [DIR]
 */
#include "kernel/kernel.h"

#include "core/stats.h"

#include <jansson.h>
#include <string.h>

static json_t *numbers(const struct ints *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(array, json_integer(list->items[i]));
	return array;
}

static json_t *told(const struct vf *vf)
{
	const struct interrupts *i = vf->interrupts;

	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:I}", "vf", vf->name, "numa_node",
		vf_has(vf, VF_NUMA_NODE) ? json_integer(vf->numa_node) : json_null(), "interrupts",
		i ? json_integer((json_int_t)i->count) : json_null(), "remote_interrupts",
		i && i->remote_known ? json_integer((json_int_t)i->remote) : json_null(), "irqs",
		i ? numbers(&i->irqs) : json_null(), "irq_cpus",
		i && i->cpus_known ? numbers(&i->cpus) : json_null(), "instance",
		(json_int_t)vf->instance);
}

int main(int argc, char **argv)
{
	bool repeat = argc > 2 && strcmp(argv[1], "-n") == 0;
	int times = repeat ? atoi(argv[2]) : 1;
	struct kernel k;
	struct host host;
	struct error err;

	argv += 2 * repeat;
	if (kernel_open(&k, argv[1], &err) < 0) {
		fprintf(stderr, "irqs: %s\n", err.message);
		return 1;
	}
	while (times--) {
		json_t *all = json_array();

		if (discover(&k, NEED_VFS | NEED_INTERRUPTS | NEED_INSTANCE, &host, &err) < 0)
			return 1;
		for (size_t i = 0; i < host.vf_count; i++)
			json_array_append_new(all, told(&host.vfs[i]));
		if (!times)
			json_dumpf(all, stdout, JSON_COMPACT);
		json_decref(all);
		host_free(&host);
	}
	kernel_close(&k);
	puts("");
	return 0;
}
