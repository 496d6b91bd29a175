#include "kernel/interrupts.h"

#include "kernel/sysfs.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PROC_PIECE 65536

/* texts */

static int compare_irqs(const void *a, const void *b)
{
	const struct irq *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && *p == ' ')
		p++;
	return p;
}

/* Behind the line, or NULL when it does not end: it was cut short. */
static const char *line_end(const char *p, const char *end)
{
	return p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
}

static bool head_cpus(const char *p, const char *end, struct arena *arena, struct ints *cpus)
{
	uint64_t cpu;

	while ((p = skip_blanks(p, end)) < end) {
		if (end - p < 3 || memcmp(p, "CPU", 3) != 0)
			return false;
		p += 3;
		if (!str_take(&p, end, CPU_LIMIT - 1, &cpu) || (p < end && *p != ' '))
			return false;
		/* in order: irq_counts() looks them up */
		if (cpus->count && cpus->items[cpus->count - 1] >= (int)cpu)
			return false;
		ints_add(arena, cpus, (int32_t)cpu);
	}
	return cpus->count > 0;
}

size_t interrupts_head(const char *text, size_t len, struct arena *arena, struct ints *cpus)
{
	const char *end = line_end(text, text + len);

	*cpus = (struct ints){0};
	if (end && head_cpus(text, end, arena, cpus))
		return (size_t)(end + 1 - text);
	*cpus = (struct ints){0};
	return 0;
}

static void count_on(struct irq *irq, int32_t cpu, const struct ints *nodes, uint64_t n)
{
	int32_t node = (size_t)cpu < nodes->count ? nodes->items[cpu] : -1;

	irq->count += n;
	if (node < 0)
		irq->astray |= n > 0;
	else if (node != irq->node)
		irq->remote += n;
}

static void reset_counts(struct irq *irq)
{
	irq->count = irq->remote = 0;
	irq->counted = irq->astray = false;
}

/* Drivers number the vectors of their queues at the end of the name: "eth2-TxRx-3", "eth2-rx-3",
 * "mlx5_comp3@pci:0000:21:10.0", "vfio-msix[3](0000:21:10.0)". */
static int32_t queue_number(const char *p, const char *end)
{
	const char *name = end, *digits;
	uint64_t queue;

	while (name > p && name[-1] != ' ')
		name--;
	for (p = name; p < end && *p != '@' && *p != '(';)
		p++;
	while (p > name && (p[-1] == ']' || p[-1] == ')'))
		p--;
	for (digits = p; digits > name && digits[-1] >= '0' && digits[-1] <= '9';)
		digits--;
	return str_take(&digits, p, INT32_MAX, &queue) ? (int32_t)queue : -1;
}

/* "  9  0  IR-PCI-MSIX-0000:21:10.0   0-edge      eth2-tx-0" */
static void count_line(const char *p, const char *end, const struct ints *cpus,
	const struct ints *nodes, struct irq *irq)
{
	uint64_t n;

	reset_counts(irq);
	irq->seen = true;
	irq->queue = -1;
	for (size_t i = 0; i < cpus->count; i++) {
		p = skip_blanks(p, end);
		if (!str_take(&p, end, UINT64_MAX, &n) || (p < end && *p != ' '))
			return;
		count_on(irq, cpus->items[i], nodes, n);
	}
	/* one more number: a CPU came since the head was written */
	p = skip_blanks(p, end);
	irq->counted = !str_take(&p, end, UINT64_MAX, &n) || (p < end && *p != ' ');
	irq->queue = queue_number(p, end);
}

/* Behind "  37:", with the number; NULL when the line is of no vector. */
static const char *line_number(const char *p, const char *end, int32_t *number)
{
	uint64_t v;

	p = skip_blanks(p, end);
	if (!str_take(&p, end, INT32_MAX, &v) || p == end || *p != ':')
		return NULL;
	*number = (int32_t)v;
	return p + 1;
}

void interrupts_lines(const char *text, size_t len, const struct ints *cpus,
	const struct ints *nodes, struct irq *irqs, size_t count)
{
	const char *all = text + len, *end;

	for (; count && (end = line_end(text, all)); text = end + 1) {
		struct irq key = {0}, *irq;
		const char *counts = line_number(text, end, &key.number);

		irq = counts ? bsearch(&key, irqs, count, sizeof(*irqs), compare_irqs) : NULL;
		if (irq)
			count_line(counts, end, cpus, nodes, irq);
	}
}

void irq_counts(const char *text, const struct ints *possible, const struct ints *online,
	const struct ints *nodes, struct irq *irq)
{
	const char *end = text + strlen(text);
	uint64_t n;

	reset_counts(irq);
	for (size_t i = 0; i < possible->count; i++) {
		if ((i && (text == end || *text++ != ',')) || !str_take(&text, end, UINT64_MAX, &n))
			return;
		if (ints_have(online, possible->items[i]))
			count_on(irq, possible->items[i], nodes, n);
	}
	irq->counted = possible->count && text == end;
}

static void append(struct buffer *out, const char *text, size_t len)
{
	memcpy(buffer_room(out, len), text, len);
	out->len += len;
}

void interrupts_filter(const char *text, size_t len, const struct ints *irqs, struct buffer *out)
{
	const char *all = text + len, *end = line_end(text, all);
	int32_t number;

	if (end)
		append(out, text, (size_t)(end + 1 - text));
	for (; end && (text = end + 1, end = line_end(text, all));)
		if (line_number(text, end, &number) && ints_have(irqs, number))
			append(out, text, (size_t)(end + 1 - text));
}

/* files */

int proc_read_all(int fd, struct buffer *text)
{
	ssize_t n;

	while ((n = read(fd, buffer_room(text, PROC_PIECE), PROC_PIECE)) > 0)
		text->len += (size_t)n;
	return n < 0 ? -errno : 0;
}

int proc_read(int dir, const char *path, struct buffer *text)
{
	cleanup_close int fd = sysfs_open(dir, path);

	return fd < 0 ? fd : proc_read_all(fd, text);
}

int irqs_list(int devices, struct bdf bdf, struct arena *arena, struct ints *irqs)
{
	char path[64];
	int fd = openat(devices, sysfs_in_device(path, sizeof(path), bdf, "msi_irqs"),
		O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int rc = dir ? 0 : -errno;
	struct dirent *e;
	uint64_t number;

	*irqs = (struct ints){0};
	if (fd >= 0 && !dir)
		close(fd);
	while (dir && (e = readdir(dir)))
		if (str_uint(e->d_name, 10, INT32_MAX, &number))
			ints_add(arena, irqs, (int32_t)number);
	ints_sort(irqs);
	return rc;
}

static bool read_cpus(int dir, const char *path, struct arena *arena, struct ints *cpus)
{
	char text[4096];
	int n = sysfs_read(dir, path, text, sizeof(text));

	return n >= 0 && (size_t)n < sizeof(text) - 1 && cpus_parse(text, arena, cpus);
}

/* That of each CPU. None are known where the kernel knows of no nodes. */
static struct ints read_nodes(const struct kernel *k, struct arena *arena)
{
	struct ints nodes = {0}, cpus;
	struct strings names;
	char path[128];
	uint64_t node;

	sysfs_list(k->sys, "devices/system/node", arena, &names);
	for (size_t i = 0; i < names.count; i++) {
		if (!str_starts(names.items[i], "node") ||
			!str_uint(names.items[i] + 4, 10, INT32_MAX, &node))
			continue;
		snprintf(path, sizeof(path), "devices/system/node/%.32s/cpulist", names.items[i]);
		if (!read_cpus(k->sys, path, arena, &cpus))
			continue;
		for (size_t c = 0; c < cpus.count; c++) {
			while (nodes.count <= (size_t)cpus.items[c])
				ints_add(arena, &nodes, -1);
			nodes.items[cpus.items[c]] = (int32_t)node;
		}
	}
	return nodes;
}

/* The interrupts of VFs while they are being found out. */
struct reading {
	const struct kernel *k;
	struct host *host;
	struct arena scratch;
	struct interrupts **of; /* by VF; NULL: not known */
	struct irq *irqs;       /* of all VFs, sorted */
	size_t irq_count;
	struct ints *online;
};

/* A device without vectors has no msi_irqs, but a record of a host may just not hold them. */
static bool has_no_vectors(const struct kernel *k, struct bdf bdf)
{
	char path[64];

	return faccessat(k->devices, sysfs_in_device(path, sizeof(path), bdf, "."), F_OK, 0) == 0 &&
	       (!k->snapshot || faccessat(k->root, "proc/interrupts", F_OK, 0) == 0);
}

static void find_vectors(struct reading *r)
{
	struct host *host = r->host;

	r->of = arena_alloc(&r->scratch, (host->vf_count + 1) * sizeof(struct interrupts *));
	for (size_t v = 0; v < host->vf_count; v++) {
		const struct vf *vf = &host->vfs[v];
		struct ints irqs;
		int rc;

		if (!vf_has(vf, VF_BDF))
			continue;
		rc = irqs_list(r->k->devices, vf->bdf, &host->arena, &irqs);
		if (rc < 0 && (rc != -ENOENT || !has_no_vectors(r->k, vf->bdf)))
			continue;
		r->of[v] = arena_alloc(&host->arena, sizeof(**r->of));
		r->of[v]->irqs = irqs;
		for (size_t i = 0; i < irqs.count; i++) {
			r->irqs = arena_push(&r->scratch, r->irqs, &r->irq_count, sizeof(*r->irqs));
			r->irqs[r->irq_count - 1] = (struct irq){.number = irqs.items[i],
				.node = vf_has(vf, VF_NUMA_NODE) ? vf->numa_node : -1};
		}
	}
	if (r->irq_count)
		qsort(r->irqs, r->irq_count, sizeof(*r->irqs), compare_irqs);
}

/* Where nobody handles a vector it may have no line, though it was counted before: an interface
 * that was switched off (Linux 6.12 leaves all of these out). */
static void count_unseen(struct reading *r, const struct ints *nodes)
{
	struct ints possible = {0};
	char path[64], text[4096];

	for (size_t i = 0; i < r->irq_count; i++) {
		struct irq *irq = &r->irqs[i];
		int n;

		if (irq->counted)
			continue;
		if (!possible.count && !read_cpus(r->k->sys, "devices/system/cpu/possible",
					       &r->scratch, &possible))
			return;
		snprintf(path, sizeof(path), "kernel/irq/%d/per_cpu_count", irq->number);
		n = sysfs_read(r->k->sys, path, text, sizeof(text));
		if (n > 0 && (size_t)n < sizeof(text) - 1)
			irq_counts(text, &possible, r->online, nodes, irq);
	}
}

/* By the clock that is right for two looks at the same host. */
static int64_t now_ms(const struct kernel *k)
{
	char text[32];
	uint64_t ms;

	if (!k->snapshot)
		return clock_ms();
	if (!k->later)
		return 0;
	return sysfs_read(k->root, LATER_MS, text, sizeof(text)) > 0 &&
			       str_uint(text, 10, INT32_MAX, &ms)
		       ? (int64_t)ms
		       : -1;
}

static void count_all(struct reading *r)
{
	const char *path = r->k->later ? LATER_INTERRUPTS : "proc/interrupts";
	struct buffer text = {0};
	struct ints nodes;
	size_t head;

	if (!r->irq_count)
		return;
	r->online = arena_alloc(&r->host->arena, sizeof(*r->online));
	r->host->counted_ms = now_ms(r->k);
	if (proc_read(r->k->root, path, &text) == 0 &&
		(head = interrupts_head(text.data, text.len, &r->host->arena, r->online))) {
		nodes = read_nodes(r->k, &r->scratch);
		interrupts_lines(text.data + head, text.len - head, r->online, &nodes, r->irqs,
			r->irq_count);
		count_unseen(r, &nodes);
	}
	buffer_free(&text);
}

/* Where it goes: the effective affinity is the one that the hardware was told (one CPU of several
 * that would do); not every interrupt controller has it. */
static void read_targets(struct reading *r, int proc_irq, int32_t number, struct ints *cpus)
{
	static const char *const files[] = {"effective_affinity_list", "smp_affinity_list"};
	char path[64];

	for (size_t f = 0; f < ARRAY_SIZE(files) && !cpus->count; f++) {
		snprintf(path, sizeof(path), "%d/%s", number, files[f]);
		read_cpus(proc_irq, path, &r->host->arena, cpus);
	}
}

/* What was found of its vectors, put together; false when something is missing. */
static bool sum_up(struct reading *r, int proc_irq, const struct vf *vf, struct interrupts *sum)
{
	struct arena *arena = &r->host->arena;

	sum->vectors = arena_alloc(arena, (sum->irqs.count + 1) * sizeof(*sum->vectors));
	sum->remote_known = vf_has(vf, VF_NUMA_NODE);
	sum->online = r->online;
	sum->cpus_known = proc_irq >= 0 || !sum->irqs.count;
	for (size_t i = 0; i < sum->irqs.count; i++) {
		struct irq key = {.number = sum->irqs.items[i]}, *irq;
		struct vector *vector = &sum->vectors[i];

		irq = bsearch(&key, r->irqs, r->irq_count, sizeof(key), compare_irqs);
		if (!irq || !irq->counted)
			return false;
		sum->count += irq->count;
		sum->remote += irq->remote;
		sum->remote_known &= !irq->astray;
		vector->count = irq->count;
		vector->in_use = irq->seen;
		vector->queue = irq->seen ? irq->queue : -1;
		if (irq->seen && proc_irq >= 0)
			read_targets(r, proc_irq, irq->number, &vector->cpus);
		for (size_t c = 0; c < vector->cpus.count; c++)
			ints_add(arena, &sum->cpus, vector->cpus.items[c]);
	}
	ints_sort(&sum->cpus);
	return true;
}

void interrupts_read(const struct kernel *k, struct host *host)
{
	struct reading r = {.k = k, .host = host};
	cleanup_close int proc_irq = -1;

	find_vectors(&r);
	count_all(&r);
	if (r.irq_count && host->needs & NEED_IRQ_CPUS)
		proc_irq = openat(k->root, "proc/irq", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t v = 0; v < host->vf_count; v++)
		if (r.of[v] && sum_up(&r, proc_irq, &host->vfs[v], r.of[v]))
			host->vfs[v].interrupts = r.of[v];
	arena_free(&r.scratch);
}

void instances_read(const struct kernel *k, struct host *host)
{
	char path[64];
	struct stat st;

	for (size_t v = 0; v < host->vf_count && !k->snapshot; v++) {
		struct vf *vf = &host->vfs[v];

		if (vf_has(vf, VF_BDF) &&
			fstatat(k->devices, sysfs_in_device(path, sizeof(path), vf->bdf, "."), &st,
				0) == 0)
			vf->instance = st.st_ino;
	}
}
