/* /proc/interrupts: the whole text, as a parser and as a filter see it, and lists of CPUs. */
#include "kernel/interrupts.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static size_t parse(const char *text, size_t len, struct arena *arena, struct irq *irqs, size_t n)
{
	int32_t nodes[] = {0, 0, 1, 1, -1};
	const struct ints of = {nodes, sizeof(nodes) / sizeof(nodes[0])};
	struct ints cpus;
	size_t head = interrupts_head(text, len, arena, &cpus);

	require(head <= len && (head > 0) == (cpus.count > 0));
	for (size_t i = 0; i < n; i++)
		irqs[i] = (struct irq){.number = (int32_t)i * 3};
	if (head)
		interrupts_lines(text + head, len - head, &cpus, &of, irqs, n);
	return head;
}

/* The lines that are kept say the same as all. */
static void try_filter(const char *text, size_t len, const struct irq *irqs, size_t n)
{
	struct arena arena = {0};
	struct irq again[64];
	struct ints numbers = {0};
	struct buffer kept = {0};

	for (size_t i = 0; i < n; i++) {
		numbers.items =
			arena_push(&arena, numbers.items, &numbers.count, sizeof(*numbers.items));
		numbers.items[i] = irqs[i].number;
	}
	interrupts_filter(text, len, &numbers, &kept);
	require(kept.len <= len && parse(kept.data, kept.len, &arena, again, n) <= kept.len);
	for (size_t i = 0; i < n; i++)
		require(again[i].seen == irqs[i].seen && again[i].counted == irqs[i].counted &&
			again[i].count == irqs[i].count && again[i].remote == irqs[i].remote);
	buffer_free(&kept);
	arena_free(&arena);
}

static void try_list(const char *data, size_t len)
{
	struct arena arena = {0};
	char *text = strndup(data, len);
	struct ints cpus, all = {0};
	struct irq irq = {0};

	if (cpus_parse(text, &arena, &cpus))
		for (size_t i = 0; i < cpus.count; i++)
			require(cpus.items[i] >= 0 && cpus.items[i] < CPU_LIMIT &&
				(!i || cpus.items[i] > cpus.items[i - 1]));
	require(cpus_parse("0-3,7", &arena, &cpus) && cpus.count == 5);
	irq_counts(text, &cpus, &cpus, &all, &irq);
	free(text);
	arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct irq irqs[64];
	/* a copy of its very size, so that what reads beyond it is seen */
	char *text = malloc(size ? size : 1);

	memcpy(text, data, size);
	if (parse(text, size, &arena, irqs, 64))
		try_filter(text, size, irqs, 64);
	try_list(text, size);
	free(text);
	arena_free(&arena);
	return 0;
}
