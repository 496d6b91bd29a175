/* Lines of commands: their words, and how they come from a file or a pipe. */
#include "unit.h"

#include "cli/lines.h"
#include "util/clock.h"

#include <sys/wait.h>
#include <unistd.h>

/* The words as "[a][b]", and in front of them what is wrong with the line. */
static const char *words_of(const char *line, size_t len)
{
	static const char *const marks[] = {
		[SPLIT_WHOLE] = "", [SPLIT_JOIN] = "join ", [SPLIT_QUOTE] = "quote "};
	static char text[1024];
	struct arena arena = {0};
	/* an allocation of its own: reading past its end is found */
	cleanup_free char *copy = len ? memcpy(malloc(len), line, len) : malloc(1);
	size_t count, n;
	char **words;

	n = (size_t)snprintf(
		text, sizeof(text), "%s", marks[split_words(copy, len, &arena, &words, &count)]);
	for (size_t i = 0; i < count; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "[%s]", words[i]);
	assert_null(words[count]);
	arena_free(&arena);
	return text;
}

static void splitting(void **state)
{
	static const struct {
		const char *line, *words;
	} rows[] = {
		{"", ""},
		{"  \t \r", ""},
		{"vf list", "[vf][list]"},
		{"  vf\t list\r", "[vf][list]"},
		{"a  b", "[a][b]"},
		/* quotation marks */
		{"'a b'", "[a b]"},
		{"'a'\"b\"c", "[abc]"},
		{"''", "[]"},
		{"a '' \"\" b", "[a][][][b]"},
		{"'a\\b'", "[a\\b]"},
		{"'a\\'", "[a\\]"},
		{"\"a\\\"b\\\\c\\d\"", "[a\"b\\c\\d]"},
		{"\"it's\"", "[it's]"},
		{"'say \"a\"'", "[say \"a\"]"},
		{"--columns='a,b' c", "[--columns=a,b][c]"},
		{"'a", "quote [a]"},
		{"a \"b c", "quote [a][b c]"},
		{"a \"", "quote [a][]"},
		{"\"a\\", "quote [a\\]"},
		{"\"a\\\"", "quote [a\"]"},
		{"it's", "quote [its]"},
		/* escapes */
		{"a\\ b", "[a b]"},
		{"\\'a\\\"", "['a\"]"},
		{"\\\\", "[\\]"},
		{"\\a", "[a]"},
		{"\\ ", "[ ]"},
		{"\\", "join "},
		{"a \\", "join [a]"},
		{"a\\", "join [a]"},
		{"a\\\\", "[a\\]"},
		/* comments */
		{"# a", ""},
		{"a # b 'c", "[a]"},
		{"a#b", "[a#b]"},
		{"a '#' b", "[a][#][b]"},
		{"''#a", "[#a]"},
		{"\\# a", "[#][a]"},
		{"a # b \\", "[a]"},
		/* bytes */
		{"a\xc3\xa4 \xff\x01", "[a\xc3\xa4][\xff\x01]"},
		{"a\x0b"
		 "b\nc",
			"[a\x0b"
			"b\nc]"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *words = words_of(rows[i].line, strlen(rows[i].line));

		if (strcmp(words, rows[i].words) != 0)
			fail_msg("'%s': %s, not %s", rows[i].line, words, rows[i].words);
	}
}

/* Only what belongs to it is looked at. */
static void part_of_a_text(void **state)
{
	(void)state;
	assert_string_equal(words_of("ab cd", 4), "[ab][c]");
	assert_string_equal(words_of("'ab'", 3), "quote [ab]");
	assert_string_equal(words_of("a\\b", 2), "join [a]");
	assert_string_equal(words_of("a", 0), "");
}

/* lines that come from somewhere */

struct source {
	struct lines lines;
	struct arena arena;
	pid_t writer;
	int fd;
};

/* A pipe that gives them so many bytes at a time, and then ends. */
static void open_source(struct source *s, const char *text, size_t len, size_t chunk)
{
	int fds[2];

	memset(s, 0, sizeof(*s));
	assert_int_equal(pipe(fds), 0);
	s->writer = fork();
	assert_true(s->writer >= 0);
	if (s->writer == 0) {
		close(fds[0]);
		while (len) {
			size_t n = chunk < len ? chunk : len;

			if (write(fds[1], text, n) != (ssize_t)n)
				_exit(1);
			text += n;
			len -= n;
		}
		_exit(0);
	}
	close(fds[1]);
	s->fd = fds[0];
	lines_open(&s->lines, s->fd);
}

static void close_source(struct source *s)
{
	lines_close(&s->lines);
	close(s->fd);
	waitpid(s->writer, NULL, 0);
	arena_free(&s->arena);
}

/* The next line: "NUMBER-END [word]...", "NUMBER ERROR", "end". */
static const char *next(struct source *s)
{
	static char text[1024];
	struct error err = {0};
	char **words;
	size_t count, n;
	int rc = lines_next(&s->lines, &s->arena, &words, &count, &err);

	if (rc == 0)
		return "end";
	n = (size_t)snprintf(text, sizeof(text), "%zu", s->lines.number);
	if (s->lines.end != s->lines.number)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "-%zu", s->lines.end);
	if (rc < 0) {
		snprintf(text + n, sizeof(text) - n, " %d %s", (int)err.code, err.message);
		return text;
	}
	n += (size_t)snprintf(text + n, sizeof(text) - n, " ");
	for (size_t i = 0; i < count; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "[%s]", words[i]);
	return text;
}

#define TEXT(s) s, sizeof(s) - 1

static void reading(void **state)
{
	static const char text[] = "vf list\r\n"
				   "\n"
				   "# nothing\n"
				   "vf set \\\n"
				   "  eth0/0 \\\r\n"
				   "\tvlan 5\n"
				   "pf \"list\n"
				   "a\\\n"
				   "b\n"
				   "a \0 b\n"
				   "# a comment does not go on \\\n"
				   "c\n"
				   "\\\n"
				   "\n"
				   "the end";
	static const size_t chunks[] = {1, 2, 7, 4096};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(chunks); i++) {
		struct source s;

		open_source(&s, TEXT(text), chunks[i]);
		assert_string_equal(next(&s), "1 [vf][list]");
		assert_string_equal(next(&s), "4-6 [vf][set][eth0/0][vlan][5]");
		assert_string_equal(next(&s), "7 1 a quotation mark is not closed");
		assert_string_equal(next(&s), "8-9 [ab]");
		assert_string_equal(next(&s), "10 1 the line has a NUL byte");
		assert_string_equal(next(&s), "12 [c]");
		assert_string_equal(next(&s), "15 [the][end]");
		assert_string_equal(next(&s), "end");
		assert_string_equal(next(&s), "end");
		close_source(&s);
	}
}

static void ends(void **state)
{
	static const struct {
		const char *text, *first;
	} rows[] = {
		{"", "end"},
		{"\n\n", "end"},
		{"#", "end"},
		{"a", "1 [a]"},
		{"a\\", "1 [a]"}, /* nothing to be joined to */
		{"a \\\n", "1 [a]"},
		{"\\", "end"},
		{"'", "1 1 a quotation mark is not closed"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct source s;
		const char *first;

		open_source(&s, rows[i].text, strlen(rows[i].text), 1);
		first = next(&s);
		if (strcmp(first, rows[i].first) != 0)
			fail_msg("'%s': %s, not %s", rows[i].text, first, rows[i].first);
		assert_string_equal(next(&s), "end");
		close_source(&s);
	}
}

/* So many x, then "\nnext\n". */
static char *long_text(size_t count)
{
	char *text = malloc(count + 7);

	memset(text, 'x', count);
	memcpy(text + count, "\nnext\n", 7);
	return text;
}

static void long_lines(void **state)
{
	static const size_t sizes[] = {LINE_LENGTH_MAX - 1, LINE_LENGTH_MAX, LINE_LENGTH_MAX + 1,
		2 * LINE_LENGTH_MAX - 1, 2 * LINE_LENGTH_MAX, 1000000};
	char too_long[80];

	(void)state;
	snprintf(too_long, sizeof(too_long), "1 1 the line is longer than %d bytes",
		LINE_LENGTH_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		cleanup_free char *text = long_text(sizes[i]);
		struct error err;
		struct source s;
		size_t count;
		char **words;

		open_source(&s, text, sizes[i] + 6, 10000);
		if (sizes[i] <= LINE_LENGTH_MAX) {
			assert_int_equal(lines_next(&s.lines, &s.arena, &words, &count, &err), 1);
			assert_int_equal(strlen(words[0]), sizes[i]);
		} else {
			assert_string_equal(next(&s), too_long);
		}
		assert_string_equal(next(&s), "2 [next]");
		close_source(&s);
	}
}

/* Lines that are joined without end are an error, and no memory hog. */
static void joined_lines(void **state)
{
	enum {
		COUNT = 150
	};
	static char text[3 * COUNT + 10];
	struct source s;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < 99; i++)
		n += (size_t)sprintf(text + n, "a\\\n");
	n += (size_t)sprintf(text + n, "b\nc\n");
	open_source(&s, text, n, n);
	assert_memory_equal(next(&s), "1-100 [aaa", 10);
	assert_string_equal(next(&s), "101 [c]");
	close_source(&s);
	n = 0;
	for (size_t i = 0; i < COUNT; i++)
		n += (size_t)sprintf(text + n, "a\\\n");
	open_source(&s, text, n, n);
	assert_string_equal(next(&s), "1-150 1 more than 100 lines are joined");
	close_source(&s);
}

/* Each but too long together. */
static void joined_too_long(void **state)
{
	cleanup_free char *half = long_text(40000), *text = NULL;
	struct source s;
	int n;

	(void)state;
	half[40000] = 0;
	n = asprintf(&text, "%s\\\n%s\nnext\n", half, half);
	open_source(&s, text, (size_t)n, (size_t)n);
	assert_contains(next(&s), "the line is longer than");
	assert_string_equal(next(&s), "3 [next]");
	close_source(&s);
}

/* What was to continue a line that is wrong is no command of its own. */
static void rest_of_what_is_wrong(void **state)
{
	static const char text[] = "vf set \0 \\\n"
				   "vf destroy eth0 \\\r\n"
				   "vf destroy eth1\n"
				   "pf set 'a \\\n"
				   "vf destroy eth0\n"
				   "pf \0 \\\\\n"
				   "next\n";
	cleanup_free char *half = long_text(LINE_LENGTH_MAX + 10), *more = NULL;
	struct source s;
	int n;

	(void)state;
	open_source(&s, TEXT(text), 5);
	assert_string_equal(next(&s), "1-3 1 the line has a NUL byte");
	assert_string_equal(next(&s), "4-5 1 a quotation mark is not closed");
	assert_string_equal(next(&s), "6 1 the line has a NUL byte");
	assert_string_equal(next(&s), "7 [next]");
	close_source(&s);
	half[LINE_LENGTH_MAX + 10] = 0;
	n = asprintf(&more, "%s\\\nvf destroy eth0\nnext\n", half);
	open_source(&s, more, (size_t)n, 4096);
	assert_contains(next(&s), "the line is longer than");
	assert_string_equal(next(&s), "3 [next]");
	close_source(&s);
}

/* A line that came later is told from one that was there already. */
static void arrival(void **state)
{
	struct lines lines;
	struct arena arena = {0};
	struct error err;
	int64_t before, first;
	int fds[2];
	size_t count;
	char **words;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	lines_open(&lines, fds[0]);
	assert_false(lines_waiting(&lines));
	before = clock_ms();
	assert_int_equal(write(fds[1], "a\nb\nc", 5), 5);
	assert_int_equal(lines_next(&lines, &arena, &words, &count, &err), 1);
	first = lines.arrived_ms;
	assert_true(first >= before && first <= clock_ms());
	assert_true(lines_waiting(&lines));
	usleep(20000);
	assert_int_equal(lines_next(&lines, &arena, &words, &count, &err), 1);
	assert_true(lines.arrived_ms == first); /* it had come with the first */
	assert_false(lines_waiting(&lines));    /* it has no end yet */
	assert_int_equal(write(fds[1], "d\n", 2), 2);
	assert_int_equal(lines_next(&lines, &arena, &words, &count, &err), 1);
	assert_string_equal(words[0], "cd");
	assert_true(lines.arrived_ms >= first + 20);
	close(fds[1]);
	assert_int_equal(lines_next(&lines, &arena, &words, &count, &err), 0);
	lines_close(&lines);
	close(fds[0]);
	arena_free(&arena);
}

static void unreadable(void **state)
{
	struct lines lines;
	struct arena arena = {0};
	struct error err;
	size_t count;
	char **words;

	(void)state;
	lines_open(&lines, -1);
	assert_int_equal(lines_next(&lines, &arena, &words, &count, &err), -1);
	assert_int_equal(err.code, EXIT_KERNEL);
	assert_contains(err.message, "cannot read the commands");
	lines_close(&lines);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splitting),
		cmocka_unit_test(part_of_a_text),
		cmocka_unit_test(reading),
		cmocka_unit_test(ends),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(joined_lines),
		cmocka_unit_test(joined_too_long),
		cmocka_unit_test(rest_of_what_is_wrong),
		cmocka_unit_test(arrival),
		cmocka_unit_test(unreadable),
	};

	return RUN(tests);
}
