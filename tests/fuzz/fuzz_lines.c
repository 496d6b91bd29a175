/* Commands as they come from a file or a pipe: the first byte says in what pieces. */
#include "cli/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIECES_MAX 100 /* more would not fit into the socket at once */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* The words in single quotation marks, which sh(1) and we take for the same words. */
static char *quote(char *const *words, size_t count)
{
	size_t room = 1;
	char *line, *p;

	for (size_t i = 0; i < count; i++)
		room += 4 * strlen(words[i]) + 3;
	p = line = malloc(room);
	for (size_t i = 0; i < count; i++) {
		*p++ = '\'';
		for (const char *c = words[i]; *c; c++)
			p += *c == '\'' ? sprintf(p, "'\\''") : (*p = *c, 1);
		*p++ = '\'';
		*p++ = ' ';
	}
	*p = 0;
	return line;
}

static void same_words(char *const *a, size_t a_count, char *const *b, size_t b_count)
{
	require(a_count == b_count && !a[a_count] && !b[b_count]);
	for (size_t i = 0; i < a_count; i++)
		require(strcmp(a[i], b[i]) == 0);
}

static void try_words(char *const *words, size_t count)
{
	struct arena arena = {0};
	char *line = quote(words, count);
	size_t again_count;
	char **again;

	require(split_words(line, strlen(line), &arena, &again, &again_count) == SPLIT_WHOLE);
	same_words(words, count, again, again_count);
	arena_free(&arena);
	free(line);
}

/* Whatever bytes there are. */
static void try_split(const char *text, size_t len)
{
	struct arena arena = {0};
	size_t count, total = 0;
	char **words;

	split_words(text, len, &arena, &words, &count);
	require(count <= len && !words[count]);
	for (size_t i = 0; i < count; i++)
		total += strlen(words[i]);
	require(total <= len);
	try_words(words, count);
	arena_free(&arena);
}

static int open_source(const char *text, size_t len, size_t pieces)
{
	size_t piece = len / pieces + 1;
	int fds[2];

	require(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) == 0);
	for (size_t at = 0; at < len; at += piece) {
		size_t n = len - at < piece ? len - at : piece;

		require(write(fds[1], text + at, n) == (ssize_t)n);
	}
	close(fds[1]);
	return fds[0];
}

/* However it comes, it is the same. */
static void try_reading(const char *text, size_t len, size_t pieces)
{
	struct lines a, b;
	struct arena arena = {0};
	int rc;

	lines_open(&a, open_source(text, len, 1));
	lines_open(&b, open_source(text, len, pieces));
	do {
		struct error err = {0}, other = {0};
		size_t before = a.end, count, other_count;
		char **words, **other_words;

		rc = lines_next(&a, &arena, &words, &count, &err);
		require(lines_next(&b, &arena, &other_words, &other_count, &other) == rc);
		require(a.number == b.number && a.end == b.end && a.number > before);
		require(rc <= 0 || (a.end >= a.number && count));
		require(rc >= 0 || err.code == EXIT_USAGE);
		require(strcmp(err.message, other.message) == 0);
		if (rc > 0) {
			same_words(words, count, other_words, other_count);
			try_words(words, count);
		}
		arena_free(&arena);
	} while (rc);
	close(a.fd);
	close(b.fd);
	lines_close(&a);
	lines_close(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	try_split((const char *)data + 1, size - 1);
	try_reading((const char *)data + 1, size - 1, data[0] % PIECES_MAX + 1);
	return 0;
}
