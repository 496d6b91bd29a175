/* What two looks at VFs tell. */
#include "unit.h"

#include "world.h"

#include "core/sample.h"

static int32_t numbers[] = {30, 31};
static const struct ints online = {numbers, 2};
static struct vector old_vectors[2], new_vectors[2];
static struct interrupts old_interrupts, new_interrupts;
static struct if_counters old_counters, new_counters;

/* eth0/1 with its counters, in two worlds that are 500 ms apart. */
struct pair {
	struct world *before, *now;
	struct vf *a, *b;
	struct arena arena;
};

static struct interrupts *count(struct interrupts *i, struct vector *v, uint64_t n, uint64_t m)
{
	v[0] = (struct vector){.count = n};
	v[1] = (struct vector){.count = m};
	*i = (struct interrupts){
		.irqs = {numbers, 2}, .vectors = v, .count = n + m, .online = &online};
	return i;
}

static int setup(void **state)
{
	struct pair *p = calloc(1, sizeof(*p));
	void *w[2];

	if (world_setup(&w[0]) < 0 || world_setup(&w[1]) < 0)
		return -1;
	*p = (struct pair){.before = w[0], .now = w[1]};
	p->before->host.counted_ms = 100000;
	p->now->host.counted_ms = 100500;
	p->a = world_vf(p->before, "eth0/1");
	p->b = world_vf(p->now, "eth0/1");
	p->a->interrupts = count(&old_interrupts, old_vectors, 1000, 50);
	p->b->interrupts = count(&new_interrupts, new_vectors, 3000, 51);
	old_counters = (struct if_counters){.rx_packets = 10, .tx_packets = 20};
	new_counters = (struct if_counters){.rx_packets = 110, .tx_packets = 30};
	p->a->if_counters = &old_counters;
	p->b->if_counters = &new_counters;
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct pair *p = *state;
	void *w[] = {p->before, p->now};

	world_teardown(&w[0]);
	world_teardown(&w[1]);
	arena_free(&p->arena);
	free(p);
	return 0;
}

/* That of eth0/1, as the later look knows it. */
static const struct vf_sample *sample(struct pair *p)
{
	const struct vf_sample *list =
		sample_vfs(&p->now->host, &p->before->host, &p->now->host, &p->arena);

	return list ? &list[p->b - p->now->host.vfs] : NULL;
}

static void rates(void **state)
{
	struct pair *p = *state;
	const struct vf_sample *s = sample(p);

	assert_true(s->known && s->packets_known);
	assert_int_equal(s->interrupts, 4002);
	assert_int_equal(s->vectors[0], 4000);
	assert_int_equal(s->vectors[1], 2);
	assert_int_equal(s->packets, 220);
	assert_false(s[1].known);
}

/* Its PF may count what its interface does not see; one that says 0 of all may not count at all. */
static void who_counts(void **state)
{
	struct pair *p = *state;

	p->a->known |= VF_BIT(VF_RX_PACKETS) | VF_BIT(VF_TX_PACKETS);
	p->b->known |= VF_BIT(VF_RX_PACKETS) | VF_BIT(VF_TX_PACKETS);
	assert_int_equal(sample(p)->packets, 220);
	p->a->if_counters = p->b->if_counters = NULL;
	assert_true(sample(p)->known);
	assert_false(sample(p)->packets_known);
	p->b->rx_packets = 1000;
	assert_true(sample(p)->packets_known);
	assert_int_equal(sample(p)->packets, 2000);
	p->a->rx_packets = 2000;
	assert_false(sample(p)->packets_known);
}

static void wrapped(void **state)
{
	struct pair *p = *state;

	count(&old_interrupts, old_vectors, UINT32_MAX - 9, 0);
	count(&new_interrupts, new_vectors, 90, 0);
	assert_int_equal(sample(p)->interrupts, 200);
	assert_int_equal(sample(p)->vectors[0], 200);
}

static void not_known(void **state)
{
	static int32_t others[] = {30, 32};
	struct pair *p = *state;

	p->b->instance = 2;
	p->a->instance = 1;
	assert_false(sample(p)->known);
	p->a->instance = 2;
	assert_true(sample(p)->known);
	new_interrupts.irqs.items = others;
	assert_false(sample(p)->known);
	new_interrupts.irqs.items = numbers;
	p->a->interrupts = NULL;
	assert_false(sample(p)->known);
	p->a->interrupts = &old_interrupts;
	p->before->eth0->handle = "pci/0000:99:00.0";
	assert_false(sample(p)->known);
	p->now->host.counted_ms = 100000;
	assert_null(sample(p));
	p->now->host.counted_ms = -1;
	assert_null(sample(p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rates, setup, teardown),
		cmocka_unit_test_setup_teardown(who_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(wrapped, setup, teardown),
		cmocka_unit_test_setup_teardown(not_known, setup, teardown),
	};

	return RUN(tests);
}
