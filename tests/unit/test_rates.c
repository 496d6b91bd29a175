/* What is known of VFs' counters, and the rates between two looks. */
#include "fixture.h"
#include "unit.h"

#include "core/stats.h"

#include <string.h>

static struct vf_stats before, now;
static struct vf_rates rates;

static void put(struct vf_stats *s, enum stat_attr attr, uint64_t value)
{
	s->count[attr] = value;
	s->known |= STAT_BIT(attr);
}

/* A VF without counters so far. */
static struct vf_stats blank(const char *pf_driver, const char *driver)
{
	return (struct vf_stats){.known = STAT_BIT(STAT_VF) | STAT_BIT(STAT_DRIVER),
		.vf = "eth0/3",
		.handle = "pci/0000:21:00.0",
		.driver = driver,
		.pf_driver = pf_driver,
		.index = 3,
		.instance = 77,
		.ifindex = 12,
		.netns_id = {.inode = 5}};
}

static void traffic(struct vf_stats *s, uint64_t rx, uint64_t tx, uint64_t bytes)
{
	put(s, STAT_IF_RX_PACKETS, rx);
	put(s, STAT_IF_TX_PACKETS, tx);
	put(s, STAT_IF_RX_BYTES, bytes);
	put(s, STAT_IF_TX_BYTES, bytes * 2);
	put(s, STAT_IF_RX_DROPPED, 0);
	put(s, STAT_IF_TX_DROPPED, 0);
	put(s, STAT_IF_RX_MISSED, 0);
}

static int setup(void **state)
{
	(void)state;
	before = blank("igb", "igbvf");
	now = blank("igb", "igbvf");
	traffic(&before, 1000, 2000, 50000);
	traffic(&now, 1200, 2000, 60000);
	return 0;
}

static bool has(enum rate_attr attr)
{
	return rates.known >> attr & 1;
}

/* thousandths, to compare whole numbers */
static int64_t milli(enum rate_attr attr)
{
	assert_true(has(attr));
	return (int64_t)(rates.rate[attr] * 1000 + .5);
}

static void per_second(void **state)
{
	(void)state;
	rates_of(&before, &now, 2, &rates);
	assert_true(has(RATE_COUNTED_BY));
	assert_int_equal(rates.counted_by, COUNTED_BY_INTERFACE);
	assert_int_equal(milli(RATE_RX_PPS), 100000);
	assert_int_equal(milli(RATE_TX_PPS), 0);
	assert_int_equal(milli(RATE_RX_BPS), 40000 * 1000);
	assert_int_equal(milli(RATE_TX_BPS), 80000 * 1000);
	assert_int_equal(milli(RATE_DROP_SHARE), 0);
	assert_string_equal(rates.vf, "eth0/3");
	assert_false(has(RATE_INTERRUPTS));
}

static void of_one_look(void **state)
{
	(void)state;
	rates_of(NULL, &now, 2, &rates);
	assert_false(has(RATE_RX_PPS) || has(RATE_RX_BPS) || has(RATE_DROP_SHARE));
	assert_string_equal(rates.vf, "eth0/3");
	rates_of(&before, &now, 0, &rates); /* no time has gone by */
	assert_false(has(RATE_RX_PPS));
}

static void the_pf_counts(void **state)
{
	(void)state;
	before.pf_driver = now.pf_driver = "mlx5_core";
	put(&before, STAT_RX_PACKETS, 5);
	put(&now, STAT_RX_PACKETS, 105);
	put(&before, STAT_RX_BYTES, 0);
	put(&now, STAT_RX_BYTES, 1000);
	rates_of(&before, &now, 1, &rates);
	assert_int_equal(rates.counted_by, COUNTED_BY_PF);
	assert_int_equal(milli(RATE_RX_PPS), 100000);
	assert_int_equal(milli(RATE_RX_BPS), 8000 * 1000);
	assert_false(has(RATE_TX_PPS)); /* nothing of the interface among the PF's */
}

static void drops(void **state)
{
	(void)state;
	put(&now, STAT_IF_RX_DROPPED, 30);
	put(&now, STAT_IF_RX_MISSED, 20);
	put(&now, STAT_IF_TX_DROPPED, 50);
	rates_of(&before, &now, 1, &rates);
	assert_int_equal(milli(RATE_RX_DROP_PPS), 50000);
	assert_int_equal(milli(RATE_TX_DROP_PPS), 50000);
	assert_int_equal(milli(RATE_DROP_SHARE), 33333); /* 100 of 200 + 100 */
	/* the PF knows better */
	put(&before, STAT_RX_DROPPED, 100);
	put(&now, STAT_RX_DROPPED, 101);
	rates_of(&before, &now, 1, &rates);
	assert_int_equal(milli(RATE_RX_DROP_PPS), 1000);
	/* one that nobody counts */
	now.known &= ~(STAT_BIT(STAT_RX_DROPPED) | STAT_BIT(STAT_IF_RX_MISSED));
	rates_of(&before, &now, 1, &rates);
	assert_false(has(RATE_RX_DROP_PPS));
	assert_int_equal(milli(RATE_DROP_SHARE), 100000); /* of what was sent */
}

static void made_anew(void **state)
{
	(void)state;
	now.instance = 78;
	rates_of(&before, &now, 1, &rates);
	assert_false(has(RATE_RX_PPS) || has(RATE_RX_BPS) || has(RATE_RX_DROP_PPS));
	now.instance = 77;
	now.ifindex = 13; /* another interface */
	rates_of(&before, &now, 1, &rates);
	assert_false(has(RATE_RX_PPS));
	now.ifindex = 12;
	now.netns_id.inode = 6; /* the same number elsewhere */
	rates_of(&before, &now, 1, &rates);
	assert_false(has(RATE_RX_PPS));
	now.netns_id.inode = 5;
	rates_of(&before, &now, 1, &rates);
	assert_true(has(RATE_RX_PPS));
	now.driver = "vfio-pci";
	rates_of(&before, &now, 1, &rates);
	assert_false(has(RATE_RX_PPS));
}

static void going_backwards(void **state)
{
	(void)state;
	put(&before, STAT_IF_RX_PACKETS, 4294967000U); /* near the end of 32 bits, but it has 64 */
	put(&now, STAT_IF_RX_PACKETS, 100);
	rates_of(&before, &now, 1, &rates);
	assert_false(has(RATE_RX_PPS));
	now.narrow = STAT_BIT(STAT_IF_RX_PACKETS); /* where it has not */
	rates_of(&before, &now, 1, &rates);
	assert_int_equal(milli(RATE_RX_PPS), 396000);
	put(&now, STAT_IF_RX_PACKETS, 4000000000U); /* so far it never goes */
	rates_of(&before, &now, 1, &rates);
	assert_false(has(RATE_RX_PPS));
	put(&now, STAT_IF_RX_PACKETS, 100);
	now.narrow = 0;
	put(&before, STAT_IF_RX_PACKETS, UINT64_MAX - 99); /* past the end of 64 */
	rates_of(&before, &now, 1, &rates);
	assert_int_equal(milli(RATE_RX_PPS), 200000);
	put(&before, STAT_IF_RX_PACKETS, 101);
	rates_of(&before, &now, 1, &rates);
	assert_false(has(RATE_RX_PPS));
}

static struct ints some_irqs(int32_t *items)
{
	items[0] = 40;
	items[1] = 41;
	return (struct ints){items, 2};
}

static void interrupts(void **state)
{
	int32_t irqs[2], others[2];

	(void)state;
	before.irqs = some_irqs(irqs);
	now.irqs = some_irqs(others);
	put(&before, STAT_INTERRUPTS, 1000);
	put(&now, STAT_INTERRUPTS, 1400);
	rates_of(&before, &now, 2, &rates);
	assert_int_equal(milli(RATE_INTERRUPTS), 200000);
	assert_false(has(RATE_REMOTE_SHARE));
	put(&before, STAT_REMOTE_INTERRUPTS, 0);
	put(&now, STAT_REMOTE_INTERRUPTS, 100);
	rates_of(&before, &now, 2, &rates);
	assert_int_equal(milli(RATE_REMOTE_SHARE), 25000);
	/* 32 bits on each CPU: the sum goes back by as much */
	now.narrow = STAT_BIT(STAT_INTERRUPTS);
	put(&before, STAT_INTERRUPTS, (UINT64_C(1) << 33) + 5);
	put(&now, STAT_INTERRUPTS, (UINT64_C(1) << 32) + 105);
	rates_of(&before, &now, 1, &rates);
	assert_int_equal(milli(RATE_INTERRUPTS), 100000);
	/* a CPU that was away brings along what it had counted */
	before.online = &(struct ints){(int32_t[]){0, 1}, 2};
	now.online = &(struct ints){(int32_t[]){0, 1}, 2};
	rates_of(&before, &now, 1, &rates);
	assert_int_equal(milli(RATE_INTERRUPTS), 100000);
	before.online = &(struct ints){(int32_t[]){0, 2}, 2};
	rates_of(&before, &now, 1, &rates);
	assert_false(has(RATE_INTERRUPTS));
	before.online = now.online;
	/* other vectors, other counts */
	others[1] = 42;
	rates_of(&before, &now, 1, &rates);
	assert_false(has(RATE_INTERRUPTS));
}

static void found_again(void **state)
{
	struct vf_stats list[2] = {blank("igb", "igbvf"), blank("igb", "igbvf")};

	(void)state;
	list[0].handle = "pci/0000:41:00.0";
	now.vf = "renamed/3"; /* names come and go */
	for (size_t from = 0; from < 5; from++)
		assert_ptr_equal(stats_find(list, 2, from, &now), &list[1]);
	now.index = 4;
	assert_null(stats_find(list, 2, 1, &now));
	assert_null(stats_find(list, 0, 1, &now));
}

static void chosen(void **state)
{
	char eth1[] = "eth1", one[] = "eth0/1", two[] = "eth0/0-1", none[] = "eth7";
	char *const words[] = {eth1, one, two}, *const wrong[] = {none};
	struct if_counters counters = {.rx_packets = 42};
	struct error err = {0};
	struct choice choice;
	struct vf_stats *list;
	struct host host;
	struct pf *pf;
	size_t count;

	(void)state;
	fixture_host(&host);
	pf = fixture_pf(&host, "eth0", "0000:21:00.0", 7);
	fixture_vfs(&host, pf, 3);
	fixture_vf(&host, pf, 1)->if_counters = &counters;
	pf = fixture_pf(&host, "eth1", "0000:41:00.0", 7);
	fixture_vfs(&host, pf, 2);
	assert_int_equal(stats_choose(&host, words, 3, &host.arena, &choice, &err), 0);
	list = stats_gather(&host, &choice, &count);
	assert_int_equal(count, 4);
	assert_string_equal(list[0].vf, "eth0/0");
	assert_string_equal(list[1].vf, "eth0/1");
	assert_string_equal(list[2].vf, "eth1/0");
	assert_false(stat_has(&list[0], STAT_IF_RX_PACKETS));
	assert_true(stat_has(&list[1], STAT_IF_RX_PACKETS));
	assert_int_equal(list[1].count[STAT_IF_RX_PACKETS], 42);
	/* a PF's VFs are all of them, whenever they came; of a single one nothing is left */
	fixture_vfs(&host, pf, 4);
	assert_int_equal(stats_choose(&host, NULL, 0, &host.arena, &choice, &err), 0);
	stats_gather(&host, &choice, &count);
	assert_int_equal(count, host.vf_count);
	assert_int_equal(stats_choose(&host, wrong, 1, &host.arena, &choice, &err), -1);
	assert_int_equal(err.code, EXIT_NOT_FOUND);
	host_free(&host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(per_second, setup),
		cmocka_unit_test_setup(of_one_look, setup),
		cmocka_unit_test_setup(the_pf_counts, setup),
		cmocka_unit_test_setup(drops, setup),
		cmocka_unit_test_setup(made_anew, setup),
		cmocka_unit_test_setup(going_backwards, setup),
		cmocka_unit_test_setup(interrupts, setup),
		cmocka_unit_test_setup(found_again, setup),
		cmocka_unit_test(chosen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
