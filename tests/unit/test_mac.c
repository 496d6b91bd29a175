#include "unit.h"

#include "core/mac.h"

static const struct lladdr pf0 = {6, {0x52, 0x54, 0, 0x12, 0x34, 0x56}};
static const struct lladdr pf1 = {6, {0x52, 0x54, 0, 0x12, 0x34, 0x57}};

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct lladdr));
}

/* The address of a VF must be the same tomorrow, on any machine, in any version. */
static void stays_the_same(void **state)
{
	struct value v = {.known = true, .type = VALUE_LLADDR};
	char text[VALUE_TEXT_MAX];

	(void)state;
	v.lladdr = mac_auto(&pf0, 0, 0);
	value_format(&v, text, sizeof(text));
	assert_string_equal(text, "c2:3f:21:b6:f8:77");
	v.lladdr = mac_auto(&pf1, 255, 3);
	value_format(&v, text, sizeof(text));
	assert_string_equal(text, "b6:e4:66:92:b0:2d");
	v.lladdr = mac_auto(&pf0, 0, 0);
	value_format(&v, text, sizeof(text));
	assert_string_equal(text, "c2:3f:21:b6:f8:77");
}

static void local_and_unicast(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 4096; i++) {
		struct lladdr mac = mac_auto(i & 1 ? &pf0 : &pf1, i >> 1, i & 7);

		assert_int_equal(mac.len, 6);
		assert_int_equal(mac.bytes[0] & 3, 2);
		for (size_t b = 6; b < LLADDR_MAX; b++)
			assert_int_equal(mac.bytes[b], 0);
	}
}

/* Index, PF and attempt each make another one: none comes twice. */
static void all_differ(void **state)
{
	static struct lladdr macs[2 * 256 * 8];
	size_t n = 0;

	(void)state;
	for (uint32_t index = 0; index < 256; index++)
		for (uint32_t attempt = 0; attempt < 8; attempt++) {
			macs[n++] = mac_auto(&pf0, index, attempt);
			macs[n++] = mac_auto(&pf1, index, attempt);
		}
	qsort(macs, n, sizeof(macs[0]), by_bytes);
	for (size_t i = 1; i < n; i++)
		assert_false(lladdr_equal(&macs[i - 1], &macs[i]));
}

/* Nothing but the bytes that the PF's address has. */
static void looks_at_nothing_else(void **state)
{
	struct lladdr other = pf0, a = mac_auto(&pf0, 7, 0), b;

	(void)state;
	other.bytes[6] = 99;
	b = mac_auto(&other, 7, 0);
	assert_true(lladdr_equal(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stays_the_same),
		cmocka_unit_test(local_and_unicast),
		cmocka_unit_test(all_differ),
		cmocka_unit_test(looks_at_nothing_else),
	};

	return RUN(tests);
}
