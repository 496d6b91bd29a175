/* /proc/interrupts and what goes with it, as texts and as files. */
#include "unit.h"

#include "fixture.h"

#include "kernel/interrupts.h"
#include "kernel/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static struct arena arena;
static struct host host;
static struct kernel k;
static struct irq irqs[8];
static size_t irq_count;

static int clean(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

/* texts */

#define HEAD "           CPU0       CPU1       CPU2       CPU3\n"

static struct ints ints_of(int32_t *items, size_t count)
{
	return (struct ints){items, count};
}
#define INTS(...)                                                                                  \
	ints_of((int32_t[]){__VA_ARGS__}, sizeof((int32_t[]){__VA_ARGS__}) / sizeof(int32_t))

static void want(size_t count, const int32_t *numbers, int32_t node)
{
	irq_count = count;
	for (size_t i = 0; i < count; i++)
		irqs[i] = (struct irq){.number = numbers[i], .node = node};
}
#define WANT(node, ...)                                                                            \
	want(sizeof((int32_t[]){__VA_ARGS__}) / sizeof(int32_t), (int32_t[]){__VA_ARGS__}, node)

/* Two nodes of two CPUs. */
static bool parse(const char *text)
{
	struct ints cpus, nodes = INTS(0, 0, 1, 1);
	size_t head = interrupts_head(text, strlen(text), &arena, &cpus);

	if (head)
		interrupts_lines(text + head, strlen(text + head), &cpus, &nodes, irqs, irq_count);
	return head;
}

static void expect(size_t i, uint64_t count, uint64_t remote)
{
	assert_true(irqs[i].seen && irqs[i].counted);
	assert_int_equal(irqs[i].count, count);
	assert_int_equal(irqs[i].remote, remote);
}

static void lines(void **state)
{
	(void)state;
	WANT(0, 4, 37, 38, 1024);
	assert_true(parse(
		HEAD "   0:        145          0          0          0  IR-IO-APIC   2-edge      "
		     "timer\n"
		     "   4:          1          2          4          8  IR-IO-APIC   4-edge      "
		     "ttyS0\n"
		     "  37:          9          0          0          0  IR-PCI-MSIX-0000:21:10.0  "
		     " 0-edge   "
		     "   eth2-tx-0\n"
		     "  38:          0          0          0          7  PCI-MSI 49152-edge      a "
		     "name, 12 3: "
		     "45\n"
		     "1024:         10         20         30         40  x\n"
		     " NMI:          0          0          0          0   Non-maskable interrupts\n"
		     " ERR:          0\n"));
	expect(0, 15, 12);
	expect(1, 9, 0);
	expect(2, 7, 7);
	expect(3, 100, 70);
	/* of a device on the other node */
	WANT(1, 4);
	assert_true(parse(HEAD "4: 1 2 4 8 x y\n"));
	expect(0, 15, 3);
	/* a number is one to the last digit */
	WANT(0, 3, 7);
	assert_true(parse(HEAD "  37: 1 1 1 1 x\n"));
	assert_false(irqs[0].seen || irqs[1].seen);
	/* what comes again counts once */
	assert_true(parse(HEAD "3: 1 1 1 1 x\n3: 2 2 2 2 x\n"));
	expect(0, 8, 4);
}

/* How drivers call the vectors of their queues. */
static void queues(void **state)
{
	static const struct {
		const char *name;
		int32_t queue;
	} rows[] = {{"eth2-TxRx-0", 0}, {"iavf-ens1f0v0-TxRx-13", 13}, {"eth2-rx-7", 7},
		{"mlx5_comp3@pci:0000:21:10.0", 3}, {"vfio-msix[5](0000:21:10.0)", 5},
		{"virtio3-input.1", 1}, {"eth2 (queue 4)", 4}, {"ens1f0v0-mbx", -1},
		{"mlx5_async@pci:0000:21:10.0", -1}, {"other", -1}, {"", -1}, {"@3", -1},
		{"99999999999", -1}};
	char text[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(text, sizeof(text), HEAD "37: 1 2 3 4  PCI-MSIX 0-edge  %s\n",
			rows[i].name);
		WANT(0, 37);
		assert_true(parse(text));
		if (irqs[0].queue != rows[i].queue)
			fail_msg("%s: %d", rows[i].name, irqs[0].queue);
	}
	assert_true(parse(HEAD "37: 1 2 3 4\n"));
	assert_int_equal(irqs[0].queue, -1);
}

static void many_cpus(void **state)
{
	struct ints cpus, nodes = {0};
	char *text = malloc(100000);
	size_t n = 0, head;

	(void)state;
	for (int cpu = 0; cpu < 2000; cpu++)
		n += (size_t)sprintf(text + n, "CPU%-8d", cpu);
	n += (size_t)sprintf(text + n, "\n 37: ");
	for (int cpu = 0; cpu < 2000; cpu++)
		n += (size_t)sprintf(text + n, "%10u ", cpu);
	n += (size_t)sprintf(text + n, " chip\n");
	nodes.items = calloc(2000, sizeof(*nodes.items));
	nodes.count = 2000;
	nodes.items[1999] = 1;
	WANT(0, 37);
	head = interrupts_head(text, n, &arena, &cpus);
	assert_int_equal(cpus.count, 2000);
	interrupts_lines(text + head, n - head, &cpus, &nodes, irqs, 1);
	expect(0, 1999000, 1999);
	free(nodes.items);
	free(text);
}

static void offline_cpus(void **state)
{
	(void)state;
	WANT(0, 37);
	assert_true(parse("           CPU0       CPU3\n37: 5 6 chip\n"));
	expect(0, 11, 6);
	assert_true(parse(" CPU2\n37: 5 chip\n"));
	expect(0, 5, 5);
	/* one went, one came while it was being written */
	assert_true(parse(HEAD "37: 1 2 3 chip\n"));
	assert_true(irqs[0].seen);
	assert_false(irqs[0].counted);
	assert_true(parse(HEAD "37: 1 2 3 4 5  chip\n"));
	assert_false(irqs[0].counted);
	/* what only begins with a digit is the name of a chip */
	assert_true(parse(HEAD "37: 1 2 3 4  8259A-edge\n"));
	expect(0, 10, 7);
	/* one whose node is not known */
	assert_true(parse("CPU0 CPU7\n37: 5 0 chip\n"));
	assert_false(irqs[0].astray);
	assert_true(parse("CPU0 CPU7\n37: 5 1 chip\n"));
	expect(0, 6, 0);
	assert_true(irqs[0].astray);
}

static void short_lines(void **state)
{
	static const char *const texts[] = {
		HEAD "37:\n",
		HEAD "37: 1\n",
		HEAD "37: 1 2 3\n",
		HEAD "37: 1 2 3 x\n",
		HEAD "37: 1 2 3 4x\n",
		HEAD "37: 1 2 -3 4 x\n",
		HEAD "37: 1,2,3,4 x\n",
		HEAD "37:1\t2\t3\t4 x\n",
		HEAD "37: 1 2 3 18446744073709551616 x\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		WANT(0, 37);
		assert_true(parse(texts[i]));
		if (!irqs[0].seen || irqs[0].counted)
			fail_msg("%s", texts[i]);
	}
	/* without a name, and at the very end of the line */
	WANT(0, 37);
	assert_true(parse(HEAD "37: 1 2 3 4\n"));
	expect(0, 10, 7);
	assert_true(parse(HEAD "37:1 2 3 4   \n"));
	expect(0, 10, 7);
	/* cut short: there may be more of it */
	WANT(0, 37);
	assert_true(parse(HEAD "37: 1 2 3 4"));
	assert_false(irqs[0].seen);
	assert_true(parse(HEAD "37 1 2 3 4 x\n:37: 1 2 3 4\n-37: 1 2 3 4\n\n37\n"));
	assert_false(irqs[0].seen);
	assert_true(parse(HEAD "4294967333: 1 2 3 4 x\n18446744073709551653: 1 2 3 4 x\n"));
	assert_false(irqs[0].seen);
}

static void large_counts(void **state)
{
	(void)state;
	WANT(0, 37);
	assert_true(parse(HEAD "37: 4294967295 4294967296 99999999999 0 x\n"));
	expect(0, 4294967295 + 4294967296 + 99999999999, 99999999999);
	assert_true(parse(HEAD "37: 18446744073709551615 0 0 0 x\n"));
	expect(0, UINT64_MAX, 0);
}

static void missing(void **state)
{
	(void)state;
	WANT(0, 36, 37, 38);
	assert_true(parse(HEAD "37: 1 2 3 4 x\n"));
	assert_false(irqs[0].seen || irqs[0].counted || irqs[2].seen || irqs[2].counted);
	expect(1, 10, 7);
	WANT(0, 36);
	assert_true(parse(HEAD));
	assert_false(irqs[0].seen);
	irq_count = 0;
	assert_true(parse(HEAD "37: 1 2 3 4 x\n"));
}

static void wrong_heads(void **state)
{
	static const char *const texts[] = {"", "\n", "   \n", "CPU0 CPU1", "CPU\n", "CPUx\n",
		"cpu0\n", "CPU0 x\n", "CPU0x\n", "CPU0CPU1\n", "CPU1 CPU0\n", "CPU1 CPU1\n",
		"CPU65536\n", "CPU-1\n", "37: 1 2 3 4 x\n", "CPU0 CP\n",
		"CPU99999999999999999999\n"};
	struct ints cpus;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (interrupts_head(texts[i], strlen(texts[i]), &arena, &cpus))
			fail_msg("'%s'", texts[i]);
	assert_int_equal(interrupts_head("CPU65535\nx", 10, &arena, &cpus), 9);
	assert_int_equal(cpus.items[0], 65535);
	assert_int_equal(interrupts_head("CPU1\n", 4, &arena, &cpus), 0);
}

static void counts_of_one(void **state)
{
	static const struct {
		const char *text;
		bool counted;
		uint64_t count, remote;
	} rows[] = {
		{"1,2,4,8", true, 13, 12}, /* CPU 1 is offline */
		{"0,0,0,0", true, 0, 0},
		{"1,2,4,4294967296", true, 4294967301, 4294967300},
		{"", false, 0, 0},
		{"1,2,4", false, 0, 0},
		{"1,2,4,", false, 0, 0},
		{"1,2,4,8,16", false, 0, 0},
		{"1,2,4,x", false, 0, 0},
		{"1 2 4 8", false, 0, 0},
		{",1,2,4,8", false, 0, 0},
		{"1,2,4,18446744073709551616", false, 0, 0},
	};
	struct ints possible = INTS(0, 1, 2, 3), online = INTS(0, 2, 3), nodes = INTS(0, 0, 1, 1);
	struct ints none = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct irq irq = {.number = 37};

		irq_counts(rows[i].text, &possible, &online, &nodes, &irq);
		assert_int_equal(irq.counted, rows[i].counted);
		if (!rows[i].counted)
			continue;
		assert_int_equal(irq.count, rows[i].count);
		assert_int_equal(irq.remote, rows[i].remote);
		assert_false(irq.seen);
	}
	irqs[0] = (struct irq){0};
	irq_counts("", &none, &online, &nodes, &irqs[0]);
	assert_false(irqs[0].counted);
}

static void cpu_lists(void **state)
{
	static const struct {
		const char *text, *cpus; /* NULL: wrong */
	} rows[] = {{"", ""}, {"0", "0"}, {"0-3", "0,1,2,3"}, {"1,3-4,65535", "1,3,4,65535"},
		{"7-7", "7"}, {",", NULL}, {"0,", NULL}, {"0-", NULL}, {"-1", NULL}, {"3-1", NULL},
		{"1,1", NULL}, {"0-3,2", NULL}, {"x", NULL}, {"0 1", NULL}, {"65536", NULL},
		{"0-4294967295", NULL}, {"0-65536", NULL}, {"0,x", NULL}, {"0-1-2", NULL}};
	char text[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ints cpus;
		struct value v = {.known = true, .type = VALUE_INTS, .ints = &cpus};

		if (cpus_parse(rows[i].text, &arena, &cpus) != (rows[i].cpus != NULL))
			fail_msg("'%s'", rows[i].text);
		value_format(&v, text, sizeof(text));
		assert_string_equal(text, rows[i].cpus ? rows[i].cpus : "");
	}
}

static void filtered(void **state)
{
	static const char text[] = HEAD "  3: 1 2 3 4 x\n 37: 5 6 7 8 y\nNMI: 1 2 3 4 z\n 38: 1";
	struct ints some = INTS(37, 38), none = {0};
	struct buffer out = {0};

	(void)state;
	interrupts_filter(text, strlen(text), &some, &out);
	*buffer_room(&out, 1) = 0;
	assert_string_equal(out.data, HEAD " 37: 5 6 7 8 y\n");
	out.len = 0;
	interrupts_filter(text, strlen(text), &none, &out);
	*buffer_room(&out, 1) = 0;
	assert_string_equal(out.data, HEAD);
	out.len = 0;
	interrupts_filter("no line", 7, &none, &out);
	assert_int_equal(out.len, 0);
	buffer_free(&out);
}

/* files */

static int top = -1;

static void put(const char *path, const char *text)
{
	char dir[128];
	int fd;

	for (const char *p = strchr(path, '/'); p; p = strchr(p + 1, '/')) {
		snprintf(dir, sizeof(dir), "%.*s", (int)(p - path), path);
		assert_true(mkdirat(top, dir, 0755) == 0 || errno == EEXIST);
	}
	fd = openat(top, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* Two nodes of two CPUs; VFs 0 to 3 of eth0 on node 1, whose vectors are 40 to 41 (VF 0), 50
 * (VF 1) and none. */
static int setup(void **state)
{
	struct pf *pf;

	if (runtime_setup(state) < 0)
		return -1;
	top = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	put("proc/interrupts", HEAD " 40: 1 2 4 8 a\n 41: 10 0 0 0 b\n 50: 0 0 9 0 c\n");
	put("proc/irq/40/effective_affinity_list", "3\n");
	put("proc/irq/40/smp_affinity_list", "0-3\n");
	put("proc/irq/41/effective_affinity_list", "0\n");
	put("proc/irq/50/smp_affinity_list", "1-2\n");
	put("sys/devices/system/node/node0/cpulist", "0-1\n");
	put("sys/devices/system/node/node1/cpulist", "2-3\n");
	put("sys/devices/system/node/node2/cpulist", "\n");
	put("sys/devices/system/node/has_cpu", "0-1\n");
	put("sys/devices/system/cpu/possible", "0-3\n");
	put("sys/bus/pci/devices/0000:21:10.0/msi_irqs/41", "msix\n");
	put("sys/bus/pci/devices/0000:21:10.0/msi_irqs/40", "msix\n");
	put("sys/bus/pci/devices/0000:21:10.2/msi_irqs/50", "msi\n");
	put("sys/bus/pci/devices/0000:21:10.4/msi_irqs/none", "");
	put("sys/bus/pci/devices/0000:21:10.6/vendor", "");
	fixture_host(&host);
	host.needs = NEED_IRQ_CPUS;
	pf = fixture_pf(&host, "eth0", "0000:21:00.0", 7);
	fixture_vfs(&host, pf, 5);
	for (uint32_t i = 0; i < 4; i++) {
		struct vf *vf = fixture_vf(&host, pf, i);

		vf->bdf = (struct bdf){0, 0x21, (uint8_t)(0x80 + 2 * i)};
		vf->numa_node = 1;
		vf->known |= VF_BIT(VF_BDF) | VF_BIT(VF_NUMA_NODE);
	}
	fixture_vf(&host, pf, 4)->known &= ~VF_BIT(VF_BDF);
	k = (struct kernel){.root = top};
	k.sys = openat(top, "sys", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	k.devices = openat(k.sys, "bus/pci/devices", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return k.devices < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	close(k.devices);
	close(k.sys);
	close(top);
	host_free(&host);
	return runtime_teardown(state);
}

/* "50=9:0@1,2": vectors, count, remote ('?': not known), CPUs */
static const char *told(uint32_t index)
{
	static char text[256];
	char irq_text[64], cpus[64], remote[32];
	const struct interrupts *i;
	struct value v = {.known = true, .type = VALUE_INTS};

	i = host.vfs[index].interrupts;
	if (!i)
		return "unknown";
	v.ints = &i->irqs;
	value_format(&v, irq_text, sizeof(irq_text));
	v.ints = &i->cpus;
	value_format(&v, cpus, sizeof(cpus));
	snprintf(remote, sizeof(remote), "%llu", (unsigned long long)i->remote);
	snprintf(text, sizeof(text), "%s=%llu:%s@%s", irq_text, (unsigned long long)i->count,
		i->remote_known ? remote : "?", i->cpus_known ? cpus : "?");
	return text;
}

static void reread(void)
{
	for (size_t i = 0; i < host.vf_count; i++)
		host.vfs[i].interrupts = NULL;
	interrupts_read(&k, &host);
}

static void joined(void **state)
{
	(void)state;
	reread();
	assert_string_equal(told(0), "40,41=25:13@0,3");
	assert_string_equal(told(1), "50=9:0@1,2");
	assert_string_equal(told(2), "=0:0@");
	assert_string_equal(told(3), "=0:0@");
	assert_string_equal(told(4), "unknown"); /* no PCI device */
	k.snapshot = true;
	reread();
	assert_string_equal(told(0), "40,41=25:13@0,3");
	assert_string_equal(told(3), "=0:0@");
}

static void of_each_vector(void **state)
{
	const struct vector *v;

	(void)state;
	put("proc/interrupts", HEAD " 40: 1 2 4 8 a-3\n 50: 0 0 9 0 c\n");
	put("sys/kernel/irq/41/per_cpu_count", "10,0,0,0\n");
	reread();
	v = host.vfs[0].interrupts->vectors;
	assert_true(v[0].in_use && v[0].count == 15 && v[0].queue == 3);
	assert_int_equal(v[0].cpus.count, 1);
	assert_int_equal(v[0].cpus.items[0], 3);
	assert_true(!v[1].in_use && v[1].count == 10 && v[1].queue == -1 && !v[1].cpus.count);
	assert_int_equal(host.vfs[1].interrupts->vectors[0].cpus.count, 2);
}

/* What a snapshot has of it, and when that was. */
static void second_look(void **state)
{
	(void)state;
	reread();
	assert_true(host.counted_ms > 0);
	k.snapshot = true;
	reread();
	assert_int_equal(host.counted_ms, 0);
	k.later = true;
	reread();
	assert_string_equal(told(0), "unknown");
	assert_int_equal(host.counted_ms, -1);
	put("later/interrupts", HEAD " 40: 1 2 4 9 a\n 41: 10 0 0 0 b\n 50: 0 0 9 0 c\n");
	put("later/ms", "512\n");
	reread();
	assert_string_equal(told(0), "40,41=26:13@0,3");
	assert_int_equal(host.counted_ms, 512);
	put("later/ms", "soon\n");
	reread();
	assert_int_equal(host.counted_ms, -1);
}

static void where_to_was_not_asked(void **state)
{
	(void)state;
	host.needs = 0;
	reread();
	assert_string_equal(told(0), "40,41=25:13@?");
	assert_string_equal(told(1), "50=9:0@?");
	assert_string_equal(told(2), "=0:0@");
}

static void no_node(void **state)
{
	(void)state;
	host.vfs[0].known &= ~VF_BIT(VF_NUMA_NODE);
	put("sys/devices/system/node/node1/cpulist", "3\n");
	reread();
	assert_string_equal(told(0), "40,41=25:?@0,3");
	assert_string_equal(told(1), "50=9:?@1,2"); /* CPU 2 is on none */
	assert_int_equal(unlinkat(top, "sys/devices/system/node/node1/cpulist", 0), 0);
	assert_int_equal(unlinkat(top, "sys/devices/system/node/node0/cpulist", 0), 0);
	host.vfs[0].known |= VF_BIT(VF_NUMA_NODE);
	reread();
	assert_string_equal(told(0), "40,41=25:?@0,3");
}

static void unhandled(void **state)
{
	(void)state;
	/* 41 has no line; what it counted is elsewhere. It goes nowhere now. */
	put("proc/interrupts", "CPU0 CPU2 CPU3\n 40: 1 4 8 a\n 50: 0 9 0 c\n");
	reread();
	assert_string_equal(told(0), "unknown");
	assert_string_equal(told(1), "50=9:0@1,2");
	put("sys/kernel/irq/41/per_cpu_count", "100,20,7,0\n");
	reread();
	assert_string_equal(told(0), "40,41=120:101@3");
	put("sys/kernel/irq/41/per_cpu_count", "100,20,7\n");
	reread();
	assert_string_equal(told(0), "unknown");
	assert_int_equal(unlinkat(top, "sys/devices/system/cpu/possible", 0), 0);
	put("sys/kernel/irq/41/per_cpu_count", "100,20,7,0\n");
	reread();
	assert_string_equal(told(0), "unknown");
}

static void unreadable(void **state)
{
	(void)state;
	put("proc/irq/40/effective_affinity_list", "\n"); /* not every controller says */
	reread();
	assert_string_equal(told(0), "40,41=25:13@0,1,2,3");
	assert_int_equal(unlinkat(top, "proc/irq/40/smp_affinity_list", 0), 0);
	assert_int_equal(unlinkat(top, "proc/irq/40/effective_affinity_list", 0), 0);
	assert_int_equal(renameat(top, "proc/irq", top, "proc/other"), 0);
	reread();
	assert_string_equal(told(0), "40,41=25:13@?");
	assert_string_equal(told(2), "=0:0@");
	put("proc/interrupts", "");
	reread();
	assert_string_equal(told(0), "unknown");
	assert_string_equal(told(2), "=0:0@");
	/* a record without it may be without msi_irqs as well */
	assert_int_equal(unlinkat(top, "proc/interrupts", 0), 0);
	reread();
	assert_string_equal(told(0), "unknown");
	assert_string_equal(told(3), "=0:0@");
	k.snapshot = true;
	reread();
	assert_string_equal(told(3), "unknown");
}

/* Where nobody has a vector, /proc/interrupts is not looked at: here it could not be. */
static void no_vectors(void **state)
{
	(void)state;
	assert_int_equal(unlinkat(top, "proc/interrupts", 0), 0);
	assert_int_equal(symlinkat("interrupts", top, "proc/interrupts"), 0);
	host.vfs[0].known = host.vfs[1].known = 0;
	reread();
	assert_string_equal(told(2), "=0:0@");
	host.vfs[2].bdf.bus = 9; /* gone */
	reread();
	assert_string_equal(told(2), "unknown");
	assert_string_equal(told(3), "=0:0@");
}

static void long_file(void **state)
{
	char *text = malloc(400000);
	size_t n = (size_t)sprintf(text, HEAD);

	(void)state;
	for (int i = 0; n < 300000; i++)
		n += (size_t)sprintf(text + n, "%3d: 0 0 0 0 x\n", 1000 + i);
	sprintf(text + n, "40: 1 1 1 1 a\n41: 0 0 0 0 a\n");
	put("proc/interrupts", text);
	reread();
	assert_string_equal(told(0), "40,41=4:2@0,3");
	free(text);
}

static void instances(void **state)
{
	uint64_t first;

	(void)state;
	instances_read(&k, &host);
	first = host.vfs[2].instance;
	assert_int_not_equal(first, 0);
	assert_int_not_equal(first, host.vfs[3].instance);
	assert_int_equal(host.vfs[4].instance, 0);
	assert_int_equal(renameat(k.devices, "0000:21:10.4", k.devices, "old"), 0);
	put("sys/bus/pci/devices/0000:21:10.4/vendor", "");
	instances_read(&k, &host);
	assert_int_not_equal(host.vfs[2].instance, first);
	k.snapshot = true;
	host.vfs[2].instance = 0;
	instances_read(&k, &host);
	assert_int_equal(host.vfs[2].instance, 0);
}

#define TEXT(f) cmocka_unit_test_teardown(f, clean)
#define FILES(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEXT(lines),
		TEXT(queues),
		TEXT(many_cpus),
		TEXT(offline_cpus),
		TEXT(short_lines),
		TEXT(large_counts),
		TEXT(missing),
		TEXT(wrong_heads),
		TEXT(counts_of_one),
		TEXT(cpu_lists),
		TEXT(filtered),
		FILES(joined),
		FILES(of_each_vector),
		FILES(second_look),
		FILES(where_to_was_not_asked),
		FILES(no_node),
		FILES(unhandled),
		FILES(unreadable),
		FILES(no_vectors),
		FILES(long_file),
		FILES(instances),
	};

	return RUN(tests);
}
