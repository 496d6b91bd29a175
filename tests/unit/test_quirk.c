#include "unit.h"

#include "core/driver.h"

/* the table itself, to see every row of it */
#define quirk_of quirk_of_here
#define quirk_unsupported quirk_unsupported_here
#include "core/quirk.c"
#undef quirk_of
#undef quirk_unsupported
const struct quirk *quirk_of(const char *driver);

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
		cmocka_unit_test(passthrough),
	};

	return RUN(tests);
}
