/*
 * The interrupts of VFs: which vectors they have, how often each was raised on which CPU, and
 * where they go. Reading and parsing are apart: parsers are pure functions of the text.
 */
#ifndef KERNEL_INTERRUPTS_H
#define KERNEL_INTERRUPTS_H

#include "core/cpus.h"
#include "core/stats.h"
#include "kernel/rtnl.h"

/* A vector whose counts are wanted. */
struct irq {
	int32_t number;
	int32_t node;    /* of its device; -1: not known */
	uint64_t count;  /* on all CPUs that are online */
	uint64_t remote; /* on those of another node */
	int32_t queue;   /* with its line: what the name behind it ends with; -1: no number */
	bool seen;       /* it has its line: somebody handles it */
	bool counted;
	bool astray; /* some of it on CPUs whose node is not known */
};

/* vf->interrupts of every PCI VF; it stays NULL where it cannot be known. */
void interrupts_read(const struct kernel *k, struct host *host);
/* vf->instance of every PCI VF: the inode of its directory in sysfs. Those come from a counter
 * (fs/kernfs/dir.c, __kernfs_new_node()) and do not come back. A snapshot has none. */
void instances_read(const struct kernel *k, struct host *host);

/* The text of a file below /proc, which has no size to go by: appended. 0 or a negative errno. */
int proc_read(int dir, const char *path, struct buffer *text);
/* The same of an open one. */
int proc_read_all(int fd, struct buffer *text);
/* The vectors of a device, sorted, in the arena: 0 or a negative errno (-ENOENT: it has none,
 * or is not there). */
int irqs_list(int devices, struct bdf bdf, struct arena *arena, struct ints *irqs);
/* The head of /proc/interrupts: the CPUs its columns are of, those online. The length of the
 * line, 0 when it is none. */
size_t interrupts_head(const char *text, size_t len, struct arena *arena, struct ints *cpus);
/* The lines behind it (kernel/irq/proc.c, show_interrupts()) into irqs[], which are sorted by
 * number. A line with more or fewer columns than the head, which changed meanwhile, does not
 * count. nodes: that of each CPU, -1 for those not known. */
void interrupts_lines(const char *text, size_t len, const struct ints *cpus,
	const struct ints *nodes, struct irq *irqs, size_t count);
/* "0,0,9": /sys/kernel/irq/N/per_cpu_count, by the CPUs that could be there, into *irq. Those not
 * online are left out, as /proc/interrupts does. */
void irq_counts(const char *text, const struct ints *possible, const struct ints *online,
	const struct ints *nodes, struct irq *irq);
/* Of /proc/interrupts its head and the lines of these vectors (sorted), appended. */
void interrupts_filter(const char *text, size_t len, const struct ints *irqs, struct buffer *out);

#endif
