#include "unit.h"

#include "util/clock.h"
#include "util/str.h"

static void numbers(void **state)
{
	static const struct {
		const char *text;
		int base;
		uint64_t max;
		bool ok;
		uint64_t value;
	} rows[] = {
		{"0", 10, 10, true, 0},
		{"10", 10, 10, true, 10},
		{"11", 10, 10, false, 0},
		{"007", 10, 10, true, 7},
		{"18446744073709551615", 10, UINT64_MAX, true, UINT64_MAX},
		{"18446744073709551616", 10, UINT64_MAX, false, 0},
		{"99999999999999999999999", 10, UINT64_MAX, false, 0},
		{"", 10, 10, false, 0},
		{"-1", 10, UINT64_MAX, false, 0},
		{"+1", 10, UINT64_MAX, false, 0},
		{" 1", 10, UINT64_MAX, false, 0},
		{"1 ", 10, UINT64_MAX, false, 0},
		{"1\n", 10, UINT64_MAX, false, 0},
		{"1.0", 10, UINT64_MAX, false, 0},
		{"a", 10, UINT64_MAX, false, 0},
		{"0x10", 10, UINT64_MAX, false, 0},
		{"0x10", 16, UINT64_MAX, true, 16},
		{"10", 16, UINT64_MAX, true, 16},
		{"fF", 16, 255, true, 255},
		{"g", 16, 255, false, 0},
		{"0x", 16, 255, false, 0},
		{"0X1f", 16, 255, true, 31},
		{"0x1f", 0, 255, true, 31},
		{"10", 0, 255, true, 10},
		{"1f", 0, 255, false, 0},
		{"0x0x1", 16, 255, false, 0},
		{"ffffffffffffffff", 16, UINT64_MAX, true, UINT64_MAX},
		{"10000000000000000", 16, UINT64_MAX, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t v = 4711;
		bool ok = str_uint(rows[i].text, rows[i].base, rows[i].max, &v);

		if (ok != rows[i].ok || v != (ok ? rows[i].value : 4711))
			fail_msg("'%s' base %d: %d, %llu", rows[i].text, rows[i].base, ok,
				(unsigned long long)v);
	}
}

static void seconds(void **state)
{
	static const struct {
		const char *text;
		int64_t ms; /* -1: refused */
	} rows[] = {
		{"0", 0},
		{"1", 1000},
		{"1.5", 1500},
		{"1.05", 1050},
		{"1.005", 1005},
		{"0.001", 1},
		{"0.0", 0},
		{"30", 30000},
		{"1000000", 1000000000},
		{"1.0005", -1},
		{"1000001", -1},
		{"", -1},
		{".", -1},
		{"1.", -1},
		{".5", -1},
		{"-1", -1},
		{"1,5", -1},
		{"1.5s", -1},
		{"1.-5", -1},
		{"1.5.5", -1},
		{"1e3", -1},
		{"0000000000000001", -1},
		{"infinity", -1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t ms = 4711;
		bool ok = str_seconds(rows[i].text, &ms);

		if (ok != (rows[i].ms >= 0) || ms != (ok ? (uint64_t)rows[i].ms : 4711))
			fail_msg("'%s': %d, %llu", rows[i].text, ok, (unsigned long long)ms);
	}
}

static void thousandths(void **state)
{
	static const struct {
		const char *text;
		uint64_t max;
		int64_t value; /* -1: refused */
	} rows[] = {
		{"1.5", 1, 1500},
		{"1.999", 1, 1999}, /* the limit is for what is before the point */
		{"2", 1, -1},
		{"0.001", 0, 1},
		{"4294967295", UINT32_MAX, 4294967295000},
		{"4294967296", UINT32_MAX, -1},
		{"999999999999999", UINT64_MAX, 999999999999999000},
		{"1.0001", 9, -1},
		{"1.", 9, -1},
		{".1", 9, -1},
		{"1.+1", 9, -1},
		{"", 9, -1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t value = 4711;
		bool ok = str_thousandths(rows[i].text, rows[i].max, &value);

		if (ok != (rows[i].value >= 0) || value != (ok ? (uint64_t)rows[i].value : 4711))
			fail_msg("'%s': %d, %llu", rows[i].text, ok, (unsigned long long)value);
	}
}

static void utf8(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} rows[] = {
		{"a", 1},
		{"", 1},
		{"\x7f", 1},
		{"\xc3\xa4", 2},
		{"\xe2\x82\xac", 3},
		{"\xf0\x9f\x98\x80", 4},
		{"\xf4\x8f\xbf\xbf", 4},
		{"\xed\x9f\xbf", 3},
		/* lone or missing continuation */
		{"\x80", 0},
		{"\xbf", 0},
		{"\xc3", 0},
		{"\xc3g", 0},
		{"\xe2\x82", 0},
		{"\xf0\x9f\x98", 0},
		/* overlong, surrogate, too large, never valid */
		{"\xc0\xaf", 0},
		{"\xc1\xbf", 0},
		{"\xe0\x9f\xbf", 0},
		{"\xf0\x8f\xbf\xbf", 0},
		{"\xed\xa0\x80", 0},
		{"\xf4\x90\x80\x80", 0},
		{"\xf5\x80\x80\x80", 0},
		{"\xff", 0},
		{"\xfe", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (str_utf8_len(rows[i].text) != rows[i].len)
			fail_msg("row %zu: %zu", i, str_utf8_len(rows[i].text));
}

static void printable(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"", ""},
		{"eth0", "eth0"},
		{"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
		{"a\tb\nc", "a\\x09b\\x0ac"},
		{"\033[31mred", "\\x1b[31mred"},
		{"\r\b\a", "\\x0d\\x08\\x07"},
		{"x\x7f", "x\\x7f"},
		{"\xc2\x9b"
		 "31m",
			"\\xc2\\x9b31m"}, /* CSI as a C1 control, in UTF-8 */
		{"\xc2\x80\xc2\x9f", "\\xc2\\x80\\xc2\\x9f"},
		{"\xc2\xa0", "\xc2\xa0"}, /* the first that is no control */
		{"\x9b", "\\x9b"},
		{"a\xff"
		 "b",
			"a\\xffb"},
		{"\xc0\xaf", "\\xc0\\xaf"},
		{"\xe2\x82", "\\xe2\\x82"},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		str_printable(out, sizeof(out), rows[i].in);
		assert_string_equal(out, rows[i].out);
	}
}

/* Whatever the size: terminated, within bounds, and no half of a character or escape. */
static void printable_truncates(void **state)
{
	static const char *const texts[] = {
		"abcdefghijklmnopqrstuvwxyz",
		"\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80",
		"\033\033\033\033\033\033\033\033",
		"a\xe2\x82\xac\033\xc3\xa4z\xff\xf0\x9f\x98\x80",
	};

	(void)state;
	for (size_t t = 0; t < ARRAY_SIZE(texts); t++) {
		char whole[128];

		str_printable(whole, sizeof(whole), texts[t]);
		for (size_t size = 1; size < 64; size++) {
			cleanup_free char *out = malloc(size); /* for the address sanitizer */
			size_t n;

			memset(out, 'X', size);
			str_printable(out, size, texts[t]);
			n = strnlen(out, size);
			assert_true(n < size);
			assert_memory_equal(out, whole, n);
			for (size_t at = 0; at < n; at += str_utf8_len(out + at))
				assert_true(str_utf8_len(out + at) > 0);
			if (n && t == 2)
				assert_int_equal(n % 4, 0);
			if (size > strlen(whole) + 5)
				assert_string_equal(out, whole);
		}
	}
}

static const char *nearest(const char *word, const char *const *candidates)
{
	struct nearest n = {.word = word};

	for (; *candidates; candidates++)
		nearest_try(&n, *candidates);
	return nearest_found(&n);
}

static void nearest_words(void **state)
{
	static const char *const words[] = {"list", "show", "create", "destroy", NULL};
	static const char *const none[] = {NULL};
	static const struct {
		const char *word, *found;
	} rows[] = {
		{"list", "list"},
		{"lst", "list"},
		{"lits", "list"},
		{"shwo", "show"},
		{"creat", "create"},
		{"crete", "create"},
		{"craete", "create"},
		{"dest", "destroy"}, /* a beginning */
		{"destory", "destroy"},
		{"cr", "create"},
		{"xyz", NULL},
		{"", NULL},
		{"zebra", NULL},
		{"delete", NULL},
	};
	char longer[200];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *found = nearest(rows[i].word, words);

		if (!found != !rows[i].found || (found && strcmp(found, rows[i].found) != 0))
			fail_msg("'%s': %s", rows[i].word, found ? found : "nothing");
	}
	assert_null(nearest("list", none));
	memset(longer, 'l', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
	assert_null(nearest(longer, words));
}

static void starts(void **state)
{
	(void)state;
	assert_true(str_starts("pci/0", "pci/"));
	assert_true(str_starts("pci/", "pci/"));
	assert_true(str_starts("x", ""));
	assert_false(str_starts("pci", "pci/"));
	assert_false(str_starts("", "p"));
}

static void clock_is_bounded(void **state)
{
	int64_t now = clock_ms();

	(void)state;
	assert_int_equal(clock_left(now - 1), 0);
	assert_int_equal(clock_left(INT64_MIN / 2), 0);
	assert_int_equal(clock_left(now + (int64_t)INT32_MAX * 4), INT32_MAX);
	assert_in_range(clock_left(now + 100000), 1, 100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(seconds),
		cmocka_unit_test(thousandths),
		cmocka_unit_test(utf8),
		cmocka_unit_test(printable),
		cmocka_unit_test(printable_truncates),
		cmocka_unit_test(nearest_words),
		cmocka_unit_test(starts),
		cmocka_unit_test(clock_is_bounded),
	};

	return RUN(tests);
}
