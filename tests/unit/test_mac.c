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

static struct lladdr numbered(uint32_t i)
{
	return (struct lladdr){
		6, {2, 0, (uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i}};
}

/* As many as there is said to be room for are all found again, and no others. */
static void sets(void **state)
{
	static const size_t sizes[] = {0, 1, 7, 8, 9, 100, 5000};
	static char names[5000];

	(void)state;
	for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
		struct arena arena = {0};
		struct mac_set set;

		mac_set_init(&set, &arena, sizes[s]);
		for (uint32_t i = 0; i < sizes[s]; i++) {
			struct lladdr mac = numbered(i * 7);

			assert_null(mac_set_owner(&set, &mac));
			mac_set_add(&set, &mac, &names[i]);
		}
		for (uint32_t i = 0; i < 7 * sizes[s] + 1; i++) {
			struct lladdr mac = numbered(i);
			const char *owner = i % 7 || i / 7 >= sizes[s] ? NULL : &names[i / 7];

			assert_ptr_equal(mac_set_owner(&set, &mac), owner);
		}
		arena_free(&arena);
	}
}

/* Who was first stays the owner; what is no Ethernet address, or none at all, has none. */
static void owners(void **state)
{
	static const struct lladdr none = {.len = 6}, unknown = {0};
	static const struct lladdr infiniband = {20, {1, 2, 3, 4, 5, 6, 7}};
	struct lladdr other = pf0;
	struct arena arena = {0};
	struct mac_set set;

	(void)state;
	mac_set_init(&set, &arena, 8);
	mac_set_add(&set, &pf0, "first");
	mac_set_add(&set, &pf0, "second");
	assert_string_equal(mac_set_owner(&set, &pf0), "first");
	assert_null(mac_set_owner(&set, &pf1));
	other.bytes[0] ^= 1; /* each byte counts */
	assert_null(mac_set_owner(&set, &other));
	mac_set_add(&set, &none, "none");
	mac_set_add(&set, &unknown, "unknown");
	mac_set_add(&set, &infiniband, "infiniband");
	assert_null(mac_set_owner(&set, &none));
	assert_null(mac_set_owner(&set, &unknown));
	assert_null(mac_set_owner(&set, &infiniband));
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stays_the_same),
		cmocka_unit_test(local_and_unicast),
		cmocka_unit_test(all_differ),
		cmocka_unit_test(looks_at_nothing_else),
		cmocka_unit_test(sets),
		cmocka_unit_test(owners),
	};

	return RUN(tests);
}
