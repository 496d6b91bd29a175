/* The table of known NICs. */
#include "unit.h"

#include "core/nic.h"

static void find(void **state)
{
	const struct nic *n = nic_of_pf(0x8086, 0x10c9);

	(void)state;
	assert_string_equal(n->name, "82576");
	assert_string_equal(n->driver, "igb");
	assert_int_equal(n->vf_device, 0x10ca);
	assert_int_equal(n->most, 7);
	assert_string_equal(nic_of_vf(0x8086, 0x1889)->vf_driver, "iavf");
	assert_null(nic_of_pf(0x8086, 0x10ca));
	assert_null(nic_of_pf(0x15b3, 0x10c9));
	assert_null(nic_of_vf(0x8086, 0x10c9));
}

/* VFs of one id have one driver; no PF is there twice. Ids are found by trying all. */
static void rows(void **state)
{
	static const uint32_t vendors[] = {0x1077, 0x10df, 0x1137, 0x1414, 0x1425, 0x14e4, 0x15b3,
		0x177d, 0x1924, 0x1957, 0x19e5, 0x19ee, 0x1af4, 0x1d0f, 0x1dd8, 0x8086};
	size_t count = 0;

	(void)state;
	for (size_t v = 0; v < sizeof(vendors) / sizeof(vendors[0]); v++)
		for (uint32_t id = 0; id <= 0xffff; id++) {
			const struct nic *n = nic_of_pf(vendors[v], id);

			if (!n)
				continue;
			count++;
			assert_true(n->name[0] && n->driver[0] && n->vf_driver[0]);
			assert_string_equal(
				nic_of_vf(n->vendor, n->vf_device)->vf_driver, n->vf_driver);
			/* a VF is never taken for a PF, but where both have one id */
			if (n->device != n->vf_device)
				assert_null(nic_of_pf(n->vendor, n->vf_device));
		}
	assert_true(count > 90);
}

static void firmware(void **state)
{
	struct arena arena = {0};

	(void)state;
	assert_contains(nic_firmware_command(0x15b3, "mlx5_core", "0000:08:00.0", NULL, &arena),
		"mstconfig -d 0000:08:00.0 set SRIOV_EN=1");
	assert_contains(
		nic_firmware_command(0x14e4, "bnxt_en", "0000:08:00.0", "ens1", &arena), "niccli");
	assert_null(nic_firmware_command(0x14e4, NULL, "0000:08:00.0", "ens1", &arena));
	assert_contains(nic_firmware_command(0x1924, "sfc", "0000:08:00.0", "ens1", &arena),
		"sfboot --adapter=ens1");
	assert_null(nic_firmware_command(0x8086, "ice", "0000:08:00.0", "ens1", &arena));
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(find), cmocka_unit_test(rows), cmocka_unit_test(firmware)};

	return RUN(tests);
}
