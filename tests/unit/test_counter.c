/* What drivers count of their own, by the names they give it. */
#include "unit.h"

/* the table itself, to see every row of it */
#define counter_driver_known counter_driver_known_here
#define counter_take counter_take_here
#include "core/counter.c"
#undef counter_driver_known
#undef counter_take
bool counter_driver_known(const char *driver);
void counter_take(struct driver_counters *c, const char *driver, const char *name, uint64_t value);

#define BIT(c) (UINT64_C(1) << (c))

static void rows_have_sources(void **state)
{
	(void)state;
	for (size_t i = 0; i < SOURCE_COUNT; i++) {
		const struct source *s = &sources[i];

		assert_true(s->driver[0] && s->pattern[0] && s->counter < DRIVER_COUNTER_COUNT);
		assert_true(strlen(s->pattern) < 32); /* ETH_GSTRING_LEN */
		assert_contains(s->origin, "/");
		assert_contains(s->origin, ".c:");
		assert_true(counter_driver_known(s->driver));
		for (size_t j = 0; j < i; j++)
			assert_true(strcmp(sources[j].driver, s->driver) != 0 ||
				    strcmp(sources[j].pattern, s->pattern) != 0);
	}
}

static void drivers_without(void **state)
{
	static const char *const drivers[] = {
		"", "igb", "ixgbe", "i40e", "vfio-pci", "igbv", "igbvf2", "IGBVF"};
	struct driver_counters c = {0};

	(void)state;
	assert_false(counter_driver_known(NULL));
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++) {
		assert_false(counter_driver_known(drivers[i]));
		counter_take(&c, drivers[i], "alloc_rx_buff_failed", 1);
	}
	assert_int_equal(c.known | c.narrow, 0);
}

static void one_name(void **state)
{
	static const char *const others[] = {"", "alloc_rx_buff_faile", "alloc_rx_buff_failed ",
		"alloc_rx_buff_failed1", "rx_packets", "#"};
	struct driver_counters c = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		counter_take(&c, "igbvf", others[i], 7);
	assert_int_equal(c.known, 0);
	counter_take(&c, "igbvf", "alloc_rx_buff_failed", 0);
	assert_int_equal(c.known, BIT(DRIVER_RX_ALLOC_FAILED));
	assert_int_equal(c.narrow, BIT(DRIVER_RX_ALLOC_FAILED));
	assert_int_equal(c.value[DRIVER_RX_ALLOC_FAILED], 0);
}

static void sums_over_queues(void **state)
{
	static const struct {
		const char *name;
		uint64_t value;
	} stats[] = {
		{"rxq0: rx_post_fail", 1},
		{"rxq1: rx_post_fail", 20},
		{"rxq17: rx_drops_no_skbs", 300},
		{"rxq0: rx_drops_no_frags", 5},
		{"txq0: tx_spoof_check_err", 6},
		{"txq31: tx_spoof_check_err", 60},
		{"txq: tx_spoof_check_err", 1000},
		{"txq#: tx_spoof_check_err", 1000},
		{"txq1x: tx_spoof_check_err", 1000},
		{"rxq0: tx_spoof_check_err", 1000},
		{"txq1: tx_spoof_check_err2", 1000},
		{"txq1: tx_spoof", 1000},
		{"txq1", 1000},
	};
	struct driver_counters c = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(stats); i++)
		counter_take(&c, "be2net", stats[i].name, stats[i].value);
	assert_int_equal(c.known,
		BIT(DRIVER_TX_SPOOFED) | BIT(DRIVER_RX_NO_BUFFER) | BIT(DRIVER_RX_ALLOC_FAILED));
	assert_int_equal(c.value[DRIVER_TX_SPOOFED], 66);
	assert_int_equal(c.value[DRIVER_RX_NO_BUFFER], 5);
	assert_int_equal(c.value[DRIVER_RX_ALLOC_FAILED], 321);
}

/* Of the same driver one is kept in 32 bits, another is not. */
static void width(void **state)
{
	struct driver_counters c = {0};

	(void)state;
	counter_take(&c, "mlx5_core", "rx_out_of_buffer", 4294967295);
	counter_take(&c, "mlx5_core", "rx_buff_alloc_err", UINT64_C(1) << 40);
	assert_int_equal(c.known, BIT(DRIVER_RX_NO_BUFFER) | BIT(DRIVER_RX_ALLOC_FAILED));
	assert_int_equal(c.narrow, BIT(DRIVER_RX_NO_BUFFER));
	assert_int_equal(c.value[DRIVER_RX_ALLOC_FAILED], UINT64_C(1) << 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_have_sources),
		cmocka_unit_test(drivers_without),
		cmocka_unit_test(one_name),
		cmocka_unit_test(sums_over_queues),
		cmocka_unit_test(width),
	};

	return RUN(tests);
}
