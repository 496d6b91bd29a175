#include "cli/lines.h"

#include "util/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 65536
#define JOINED_MAX 100

/* Words being gathered. */
struct splitter {
	struct arena *arena;
	char **words;
	size_t count;
	char *word; /* the one at hand, in `text`; NULL between words */
	char *text; /* room for all of them */
	size_t used;
};

static void begin_word(struct splitter *s)
{
	if (!s->word)
		s->word = s->text + s->used;
}

static void add_char(struct splitter *s, char c)
{
	begin_word(s);
	s->text[s->used++] = c;
}

static void end_word(struct splitter *s)
{
	if (!s->word)
		return;
	s->text[s->used++] = 0;
	s->words = arena_push(s->arena, s->words, &s->count, sizeof(*s->words));
	s->words[s->count - 1] = s->word;
	s->word = NULL;
}

/* The characters in quotation marks; what follows the closing one, NULL when there is none. */
static const char *quoted(struct splitter *s, const char *p, const char *end, char quote)
{
	begin_word(s);
	for (; p < end && *p != quote; p++) {
		if (quote == '"' && *p == '\\' && p + 1 < end && (p[1] == '"' || p[1] == '\\'))
			p++;
		add_char(s, *p);
	}
	return p < end ? p + 1 : NULL;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static enum split split(struct splitter *s, const char *p, const char *end)
{
	while (p < end) {
		char c = *p++;

		if (is_blank(c)) {
			end_word(s);
		} else if (c == '#' && !s->word) {
			break;
		} else if (c == '\'' || c == '"') {
			p = quoted(s, p, end, c);
			if (!p)
				return SPLIT_QUOTE;
		} else if (c != '\\') {
			add_char(s, c);
		} else if (p < end) {
			add_char(s, *p++);
		} else {
			return SPLIT_JOIN;
		}
	}
	return SPLIT_WHOLE;
}

enum split split_words(
	const char *line, size_t len, struct arena *arena, char ***words, size_t *count)
{
	struct splitter s = {.arena = arena, .text = arena_alloc(arena, 2 * len + 2)};
	enum split result = split(&s, line, line + len);

	end_word(&s);
	*count = s.count;
	s.words = arena_push(arena, s.words, &s.count, sizeof(*s.words));
	s.words[*count] = NULL;
	*words = s.words;
	return result;
}

void lines_open(struct lines *l, int fd)
{
	*l = (struct lines){.fd = fd};
}

void lines_close(struct lines *l)
{
	free(l->data);
	*l = (struct lines){.fd = -1};
}

bool lines_waiting(const struct lines *l)
{
	return l->at < l->len && memchr(l->data + l->at, '\n', l->len - l->at);
}

int lines_fill(struct lines *l)
{
	ssize_t n;

	if (l->eof)
		return 0;
	if (l->at) {
		memmove(l->data, l->data + l->at, l->len - l->at);
		l->len -= l->at;
		l->at = 0;
	}
	if (l->room - l->len < CHUNK) {
		l->room += 2 * CHUNK;
		l->data = realloc(l->data, l->room);
		if (!l->data)
			abort();
	}
	do
		n = read(l->fd, l->data + l->len, CHUNK);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	l->eof = n == 0;
	l->len += (size_t)n;
	l->read_ms = clock_ms();
	return n > 0;
}

/* Does what is to be joined to the next line end here? Its backslash may be one that stands
 * behind another. */
static bool ends_with_backslash(const char *line, size_t len)
{
	size_t n = 0;

	len -= len && line[len - 1] == '\r';
	while (n < len && line[len - 1 - n] == '\\')
		n++;
	return n % 2 == 1;
}

/* Pass over the rest of a line that is too long: 0 or a negative errno. */
static int skip_line(struct lines *l)
{
	for (;;) {
		char *end = l->len > l->at ? memchr(l->data + l->at, '\n', l->len - l->at) : NULL;
		size_t len = (end ? (size_t)(end - l->data) : l->len) - l->at;
		int rc;

		if (len)
			l->goes_on = ends_with_backslash(l->data + l->at, len);
		l->at = end ? (size_t)(end - l->data) + 1 : l->len;
		if (end)
			return 0;
		rc = lines_fill(l);
		if (rc <= 0)
			return rc;
	}
}

static int too_long(struct error *err)
{
	return error_set(err, EXIT_USAGE, "the line is longer than %d bytes", LINE_LENGTH_MAX);
}

int lines_take(struct lines *l, const char **start, size_t *len, struct error *err)
{
	size_t seen = 0;
	char *end = NULL;
	int rc = 1;

	while (!end && rc > 0) {
		if (l->len - l->at > seen)
			end = memchr(l->data + l->at + seen, '\n', l->len - l->at - seen);
		seen = l->len - l->at;
		if (!end && seen <= LINE_LENGTH_MAX)
			rc = lines_fill(l);
		else
			break;
	}
	if (rc < 0)
		return error_errno(err, EXIT_KERNEL, -rc, "cannot read the commands");
	*len = end ? (size_t)(end - (l->data + l->at)) : l->len - l->at;
	if (!end && !*len)
		return 0;
	l->end++;
	if (*len > LINE_LENGTH_MAX) {
		rc = skip_line(l);
		return rc < 0 ? error_errno(err, EXIT_KERNEL, -rc, "cannot read the commands")
			      : too_long(err);
	}
	*start = l->data + l->at;
	l->goes_on = ends_with_backslash(*start, *len);
	l->at += *len + (end != NULL);
	return 1;
}

static int unclosed(struct error *err)
{
	error_set(err, EXIT_USAGE, "a quotation mark is not closed");
	return error_hint(err, "to mean the mark itself, write \\ before it");
}

/* Lines joined so far. */
struct joined {
	char *text;
	size_t len, count;
};

/* Put the next line behind those that it continues. 1, 0 when there is none, or -1. */
static int join_line(struct lines *l, struct arena *arena, struct joined *j, struct error *err)
{
	const char *start = NULL;
	size_t len = 0;
	int rc = lines_take(l, &start, &len, err);
	char *text;

	if (rc <= 0)
		return rc;
	/* of another system's line end; else it is what a backslash would stand before */
	if (len && start[len - 1] == '\r')
		len--;
	if (memchr(start, 0, len))
		return error_set(err, EXIT_USAGE, "the line has a NUL byte");
	if (j->len + len > LINE_LENGTH_MAX)
		return too_long(err);
	if (j->count++ == JOINED_MAX)
		return error_set(err, EXIT_USAGE, "more than %d lines are joined", JOINED_MAX);
	text = arena_alloc(arena, j->len + len + 1);
	if (j->len)
		memcpy(text, j->text, j->len);
	memcpy(text + j->len, start, len);
	j->text = text;
	j->len += len;
	return 1;
}

/* What continues a line that is none must not be taken for commands. */
static int pass_over(struct lines *l)
{
	struct error ignored = {0};
	const char *start;
	size_t len;

	while (l->goes_on && lines_take(l, &start, &len, &ignored) != 0)
		if (ignored.code == EXIT_KERNEL)
			break;
	return -1;
}

int lines_next(
	struct lines *l, struct arena *arena, char ***words, size_t *count, struct error *err)
{
	for (;;) {
		struct joined j = {0};
		enum split how = SPLIT_JOIN;
		int rc = 1;

		l->number = l->end + 1;
		while (how == SPLIT_JOIN && rc > 0) {
			rc = join_line(l, arena, &j, err);
			if (rc == 0 && !j.count)
				return 0;
			if (rc < 0)
				return err->code == EXIT_USAGE ? pass_over(l) : -1;
			if (rc > 0)
				l->arrived_ms = l->read_ms;
			how = split_words(j.text, j.len, arena, words, count);
			if (how == SPLIT_JOIN) /* the backslash goes */
				j.len--;
		}
		if (how == SPLIT_QUOTE) {
			unclosed(err);
			return pass_over(l);
		}
		if (*count)
			return 1;
	}
}
