/* How much of the screen a text takes. */
#include "unit.h"

#include "cli/pager.h"

static void rows(void **state)
{
	static const struct {
		const char *line;
		size_t columns, rows;
	} lines[] = {
		{"", 10, 1},
		{"a", 1, 1},
		{"ab", 1, 2},
		{"123456789", 10, 1},
		{"1234567890", 10, 1},
		{"12345678901", 10, 2},
		{"12345678901234567890", 10, 2},
		{"123456789012345678901", 10, 3},
		/* colours take no room */
		{"\033[32m1234567890\033[0m", 10, 1},
		{"\033[32m12345\033[0m678901", 10, 2},
		{"\033[1;32;44m", 10, 1},
		{"1234567890\033[", 10, 1},
		{"1234567890\033[3", 10, 1},
		{"123456789\033", 10, 1}, /* no sequence: a character */
		{"1234567890\033", 10, 2},
		/* characters of several bytes */
		{"\xc3\xa4\xc3\xb6\xc3\xbc", 3, 1},
		{"\xc3\xa4\xc3\xb6\xc3\xbcx", 3, 2},
		{"\xe2\x94\x9c\xe2\x94\x80", 2, 1},
		/* that are none */
		{"\xff\xfe\xc3", 3, 1},
		{"\xff\xfe\xc3", 2, 2},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		size_t n = page_rows(lines[i].line, strlen(lines[i].line), lines[i].columns);

		if (n != lines[i].rows)
			fail_msg("'%s' on %zu columns: %zu rows", lines[i].line, lines[i].columns,
				n);
	}
}

/* A line is a part of a text: what is behind it is not looked at. */
static void part_of_a_text(void **state)
{
	(void)state;
	assert_int_equal(page_rows("ab\ncdef", 2, 2), 1);
	assert_int_equal(page_rows("a\033[\nm", 3, 1), 1);
}

static const char *columns_of(const char *list, size_t columns)
{
	static char text[1024];
	cleanup_free char *copy = strdup(list);
	char *words[64], *save = NULL;
	size_t count = 0;
	FILE *out = fmemopen(text, sizeof(text), "w");

	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		words[count++] = w;
	print_columns(out, words, count, columns);
	fclose(out);
	return text;
}

static void columns(void **state)
{
	(void)state;
	assert_string_equal(columns_of("a b c", 80), "a  b  c\n");
	assert_string_equal(columns_of("a bcd e", 10), "a    e\nbcd\n");
	assert_string_equal(columns_of("a b c d e", 10), "a  c  e\nb  d\n");
	assert_string_equal(columns_of("a b", 1), "a\nb\n");
	assert_string_equal(columns_of("abcdef b", 8), "abcdef\nb\n");
	assert_string_equal(columns_of("\xc3\xa4 b c d", 6), "\xc3\xa4  c\nb  d\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(part_of_a_text),
		cmocka_unit_test(columns),
	};

	return RUN(tests);
}
