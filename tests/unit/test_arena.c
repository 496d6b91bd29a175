#include "unit.h"

#include "util/arena.h"

static void is_zeroed_and_aligned(void **state)
{
	static const size_t sizes[] = {0, 1, 3, 8, 15, 16, 17, 100, 4096, 32768, 32769, 100000};
	struct arena a = {0};

	(void)state;
	for (size_t round = 0; round < 20; round++)
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			unsigned char *p = arena_alloc(&a, sizes[i]);

			assert_non_null(p);
			assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
			for (size_t j = 0; j < sizes[i]; j++)
				if (p[j])
					fail_msg("byte %zu of %zu is not zero", j, sizes[i]);
			memset(p, 0xa5, sizes[i]); /* to find overlaps in later rounds */
		}
	arena_free(&a);
	assert_null(a.head);
	arena_free(&a); /* empty is fine */
}

static void blocks_do_not_overlap(void **state)
{
	struct arena a = {0};
	unsigned char *p[500];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(p); i++) {
		p[i] = arena_alloc(&a, 1 + i * 7 % 900);
		memset(p[i], (int)(i & 0xff), 1 + i * 7 % 900);
	}
	for (size_t i = 0; i < ARRAY_SIZE(p); i++)
		for (size_t j = 0; j < 1 + i * 7 % 900; j++)
			assert_int_equal(p[i][j], i & 0xff);
	arena_free(&a);
}

static void strings(void **state)
{
	struct arena a = {0};
	char big[70000];

	(void)state;
	memset(big, 'b', sizeof(big) - 1);
	big[sizeof(big) - 1] = 0;
	assert_string_equal(arena_strdup(&a, ""), "");
	assert_string_equal(arena_strdup(&a, "eth0"), "eth0");
	assert_string_equal(arena_strdup(&a, big), big);
	assert_string_equal(arena_strndup(&a, "eth0/3", 4), "eth0");
	assert_string_equal(arena_strndup(&a, "eth0", 0), "");
	assert_string_equal(arena_printf(&a, "%s/%u", "eth0", 1023U), "eth0/1023");
	assert_string_equal(arena_printf(&a, "%s", big), big);
	assert_memory_equal(arena_copy(&a, "\0\1\2", 3), "\0\1\2", 3);
	assert_non_null(arena_copy(&a, NULL, 0));
	arena_free(&a);
}

static void push_grows(void **state)
{
	struct arena a = {0};
	uint32_t *list = NULL;
	size_t count = 0;

	(void)state;
	for (uint32_t i = 0; i < 5000; i++) {
		list = arena_push(&a, list, &count, sizeof(*list));
		assert_int_equal(count, i + 1);
		list[i] = i ^ 0x5a5a;
	}
	for (uint32_t i = 0; i < 5000; i++)
		assert_int_equal(list[i], i ^ 0x5a5a);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_zeroed_and_aligned),
		cmocka_unit_test(blocks_do_not_overlap),
		cmocka_unit_test(strings),
		cmocka_unit_test(push_grows),
	};

	return RUN(tests);
}
