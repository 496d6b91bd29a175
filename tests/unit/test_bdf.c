#include "unit.h"

#include "core/bdf.h"

static void parses(void **state)
{
	static const struct {
		const char *text;
		struct bdf bdf;
		const char *formatted;
	} good[] = {
		{"0000:21:00.0", {0, 0x21, 0}, "0000:21:00.0"},
		{"21:00.0", {0, 0x21, 0}, "0000:21:00.0"},
		{"1:2.3", {0, 1, 2 << 3 | 3}, "0000:01:02.3"},
		{"0000:ff:1f.7", {0, 0xff, 0xff}, "0000:ff:1f.7"},
		{"0000:FF:1F.7", {0, 0xff, 0xff}, "0000:ff:1f.7"},
		{"10000:e1:00.0", {0x10000, 0xe1, 0}, "10000:e1:00.0"}, /* VMD */
		{"ffffffff:ff:1f.7", {UINT32_MAX, 0xff, 0xff}, "ffffffff:ff:1f.7"},
		{"1:00:10.2", {1, 0, 0x10 << 3 | 2}, "0001:00:10.2"},
	};
	char out[BDF_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct bdf b;

		if (!bdf_parse(good[i].text, &b))
			fail_msg("%s is one", good[i].text);
		assert_int_equal(bdf_compare(b, good[i].bdf), 0);
		bdf_format(b, out);
		assert_string_equal(out, good[i].formatted);
	}
}

static void refuses(void **state)
{
	static const char *const bad[] = {"", ":", "::.", "21:00", "21.0", "0000:21:00",
		"0000:21:00.", "0000:21:00.8", "0000:21:20.0", "0000:100:00.0", "0000:21:00.0 ",
		" 0000:21:00.0", "0000:21:00.00", "100000000:00:00.0", "0x0:21:00.0",
		"0000:0x1:00.0", "0000:21:0x.0", "-1:00.0", "+1:00.0", "0000:21:00.0:1",
		"0000:0000:21:00.0", ":21:00.0", "0000::00.0", "0000:21:.0", "g:00.0", "eth0",
		"0000:21:00.0\n", "0000:21:00,0", "0000:21:00.0/3", "0x:00.0"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct bdf b = {7, 7, 7};

		if (bdf_parse(bad[i], &b))
			fail_msg("'%s' is none", bad[i]);
		assert_int_equal(b.domain, 7); /* and nothing is written */
	}
}

static void compares_in_order(void **state)
{
	static const struct bdf order[] = {
		{0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 0xff, 0xff}, {1, 0, 0}, {UINT32_MAX, 0, 0}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		for (size_t j = 0; j < ARRAY_SIZE(order); j++)
			assert_int_equal(bdf_compare(order[i], order[j]), (i > j) - (int)(i < j));
}

static void every_devfn_round_trips(void **state)
{
	(void)state;
	for (unsigned devfn = 0; devfn < 256; devfn++) {
		struct bdf in = {0x12345, 0xab, (uint8_t)devfn}, out;
		char text[BDF_SIZE];

		bdf_format(in, text);
		assert_true(bdf_parse(text, &out));
		assert_int_equal(bdf_key(in), bdf_key(out));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(refuses),
		cmocka_unit_test(compares_in_order),
		cmocka_unit_test(every_devfn_round_trips),
	};

	return RUN(tests);
}
