#include "unit.h"

#include "core/driver.h"

/* the table itself, to see every row of it */
#define quirk_of quirk_of_here
#define quirk_unsupported quirk_unsupported_here
#define quirk_not_kept quirk_not_kept_here
#include "core/quirk.c"
#undef quirk_of
#undef quirk_unsupported
#undef quirk_not_kept
const struct quirk *quirk_of(const char *driver);
uint64_t quirk_not_kept(const struct pf *pf);

static void rows_have_sources(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(quirks); i++) {
		const struct quirk *q = &quirks[i];

		assert_true(q->driver && q->driver[0]);
		assert_string_equal(quirk_of(q->driver)->driver, q->driver);
		assert_string_equal(quirk_of(q->driver)->source, q->source);
		assert_contains(q->source, "/");   /* a path below drivers/net/ethernet, */
		assert_contains(q->source, ".c:"); /* and what to look at there */
		assert_int_equal(q->not_kept >> VF_ATTR_COUNT, 0);
		/* only what can be set can be refused */
		for (unsigned a = 0; a < VF_ATTR_COUNT; a++)
			if (q->unsupported & VF_BIT(a))
				assert_true(vf_type.attrs[a].flags & ATTR_SET);
		/* only what the kernel reports can be not kept */
		for (unsigned a = 0; a < VF_ATTR_COUNT; a++)
			if (q->not_kept & VF_BIT(a))
				assert_true(vf_type.attrs[a].flags & (ATTR_KEEP | ATTR_STATS));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(quirks[j].driver, q->driver);
	}
}

static void drivers_without(void **state)
{
	static const char *const drivers[] = {"", "ig", "igbvf", "ixgbevf", "IGB", "mlx5", NULL};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++) {
		assert_non_null(quirk_of(drivers[i]));
		assert_int_equal(quirk_of(drivers[i])->not_kept, 0);
		assert_int_equal(quirk_of(drivers[i])->unsupported, 0);
		assert_null(quirk_of(drivers[i])->driver);
	}
}

static void what_is_not_kept(void **state)
{
	(void)state;
	assert_int_equal(
		quirk_of("igb")->not_kept, STATS | VF_BIT(VF_STATE) | VF_BIT(VF_QUERY_RSS));
	assert_int_equal(quirk_of("netdevsim")->not_kept, STATS);
}

/* Which statistics of a VF are known when the kernel sends all of them. */
static void what_is_counted(void **state)
{
	static const struct {
		const char *driver;
		uint64_t counted;
	} rows[] = {
		{"mlx5_core", STATS},
		{"i40e", STATS},
		{"ice", STATS},
		{"ionic", STATS},
		{"ixgbe", VF_BIT(VF_RX_PACKETS) | VF_BIT(VF_TX_PACKETS) | VF_BIT(VF_RX_BYTES) |
				  VF_BIT(VF_TX_BYTES) | VF_BIT(VF_MULTICAST)},
		{"mlx4_core", VF_BIT(VF_RX_PACKETS) | VF_BIT(VF_TX_PACKETS) | VF_BIT(VF_RX_BYTES) |
				      VF_BIT(VF_TX_BYTES)},
		{"fm10k", VF_BIT(VF_RX_PACKETS) | VF_BIT(VF_TX_PACKETS) | VF_BIT(VF_RX_BYTES) |
				  VF_BIT(VF_TX_BYTES) | VF_BIT(VF_RX_DROPPED)},
		{"LiquidIO", STATS & ~(VF_BIT(VF_RX_DROPPED) | VF_BIT(VF_TX_DROPPED))},
		{"be2net", 0},
		{"bnx2x", 0},
		{"bnxt_en", 0},
		{"cxgb4", 0},
		{"funeth", 0},
		{"hinic", 0},
		{"hns3", 0},
		{"igb", 0},
		{"netdevsim", 0},
		{"nfp", 0},
		{"qede", 0},
		{"qlcnic", 0},
		{"rvu_nicpf", 0},
		{"sfc", 0},
		{"sfc_siena", 0},
	};
	struct pf ib = {.driver = "mlx5_core", .known = PF_BIT(PF_MAC), .mac = {.len = 20}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct pf pf = {.driver = rows[i].driver};

		assert_int_equal(STATS & ~quirk_not_kept(&pf), rows[i].counted);
	}
	assert_int_equal(STATS & ~quirk_not_kept(&ib),
		VF_BIT(VF_RX_PACKETS) | VF_BIT(VF_TX_PACKETS) | VF_BIT(VF_RX_BYTES) |
			VF_BIT(VF_TX_BYTES) | VF_BIT(VF_MULTICAST));
	ib.mac.len = 6;
	assert_int_equal(STATS & ~quirk_not_kept(&ib), STATS);
}

static void passthrough(void **state)
{
	(void)state;
	assert_true(driver_is_passthrough("vfio-pci"));
	assert_true(driver_is_passthrough("pci-stub"));
	assert_true(driver_is_passthrough("uio_pci_generic"));
	assert_true(driver_is_passthrough("igb_uio"));
	assert_true(driver_is_passthrough("mlx5_vfio_pci"));
	assert_false(driver_is_passthrough("igbvf"));
	assert_false(driver_is_passthrough("vfio"));
	assert_false(driver_is_passthrough(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_have_sources),
		cmocka_unit_test(drivers_without),
		cmocka_unit_test(what_is_not_kept),
		cmocka_unit_test(what_is_counted),
		cmocka_unit_test(passthrough),
	};

	return RUN(tests);
}
