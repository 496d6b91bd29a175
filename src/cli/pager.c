#include "cli/pager.h"

#include "util/str.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What a key, or what happens instead, means here. */
enum wish {
	WISH_PAGE,
	WISH_LINE,
	WISH_ALL,
	WISH_QUIT,
	WISH_STOP,  /* Ctrl-Z */
	WISH_AGAIN, /* the screen is another, or someone else had it */
	WISH_NOTHING
};

struct screen {
	struct terminal *terminal;
	size_t columns, rows; /* of text: one less than there are */
};

/* The length of an escape sequence that takes no room: ESC [ ... letter. */
static size_t escape_len(const char *s, size_t len)
{
	size_t n = 2;

	if (len < 2 || s[0] != '\033' || s[1] != '[')
		return 0;
	while (n < len && (unsigned char)s[n] < 0x40)
		n++;
	return n < len ? n + 1 : len;
}

size_t page_rows(const char *line, size_t len, size_t columns)
{
	size_t width = 0, at = 0;

	while (at < len) {
		size_t n = escape_len(line + at, len - at);

		if (!n) {
			n = str_utf8_len(line + at);
			width++;
		}
		at += n ? n : 1;
	}
	return width ? (width + columns - 1) / columns : 1;
}

static enum wish read_wish(struct terminal *t)
{
	switch (terminal_wait(t)) {
	case TERMINAL_INTERRUPT:
	case TERMINAL_END:
	case TERMINAL_TIMEOUT:
		return WISH_QUIT;
	case TERMINAL_RESIZE:
		return WISH_AGAIN;
	case TERMINAL_STOP:
		return WISH_STOP;
	case TERMINAL_CONTINUED:
		terminal_resume(t);
		return WISH_AGAIN;
	case TERMINAL_INPUT:
		break;
	}
	switch (terminal_key()) {
	case ' ':
	case 'f':
	case KEY_PAGE_DOWN:
		return WISH_PAGE;
	case '\n':
	case '\r':
	case 'j':
	case KEY_DOWN:
		return WISH_LINE;
	case 'G':
	case KEY_END:
		return WISH_ALL;
	case 'q':
	case 'Q':
	case 4: /* Ctrl-D */
	case KEY_END_OF_INPUT:
		return WISH_QUIT;
	default:
		return WISH_NOTHING;
	}
}

/* The bytes of as many lines as fill `rows`, at least one. */
static size_t fill_rows(const char *text, size_t len, size_t columns, size_t rows)
{
	size_t at = 0, used = 0;

	while (at < len) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t n = end ? (size_t)(end - text) - at : len - at;

		used += page_rows(text + at, n, columns);
		if (used > rows && at)
			break;
		at += n + (end != NULL);
	}
	return at;
}

static size_t count_lines(const char *text, size_t len)
{
	size_t n = len && text[len - 1] != '\n';

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

static void measure(struct screen *s)
{
	terminal_size(&s->columns, &s->rows);
	s->rows = s->rows > 2 ? s->rows - 1 : 1;
}

/* What to do next; on the last row, which is empty again afterwards. */
static enum wish ask(struct screen *s, size_t shown, size_t all)
{
	enum wish wish = WISH_AGAIN;
	char prompt[80];

	while (wish == WISH_AGAIN || wish == WISH_STOP || wish == WISH_NOTHING) {
		if (wish != WISH_NOTHING) {
			int n = snprintf(prompt, sizeof(prompt),
				" line %zu of %zu; space: next page, G: all, q: enough ", shown,
				all);

			measure(s);
			terminal_write("\r\033[7m", 5);
			terminal_write(prompt, (size_t)n < s->columns ? (size_t)n : s->columns - 1);
			terminal_write("\033[0m\033[K", 7);
		}
		wish = read_wish(s->terminal);
		if (wish == WISH_STOP) {
			terminal_write("\r\033[K", 4);
			terminal_stop(s->terminal);
		}
	}
	terminal_write("\r\033[K", 4);
	return wish;
}

static void show_pages(struct screen *s, const char *text, size_t len, size_t at)
{
	size_t lines = count_lines(text, len);
	enum wish wish = WISH_PAGE;

	terminal_write(text, at);
	while (at < len && wish != WISH_QUIT) {
		size_t more = 0;

		wish = ask(s, count_lines(text, at), lines);
		if (wish == WISH_PAGE)
			more = fill_rows(text + at, len - at, s->columns, s->rows);
		else if (wish == WISH_LINE)
			more = fill_rows(text + at, len - at, s->columns, 1);
		else if (wish == WISH_ALL)
			more = len - at;
		terminal_write(text + at, more);
		at += more;
	}
}

bool page(struct terminal *t, const char *text, size_t len)
{
	struct screen s = {.terminal = t};
	size_t at;

	fflush(stdout); /* what is there comes first */
	measure(&s);
	at = fill_rows(text, len, s.columns, s.rows);
	if (at == len || terminal_is_dumb() || !isatty(STDOUT_FILENO) || !terminal_by_key(t)) {
		return terminal_write(text, len);
	}
	show_pages(&s, text, len, at);
	terminal_by_line(t);
	return true;
}

void print_columns(FILE *out, char *const *words, size_t count, size_t columns)
{
	size_t width = 0, across, rows;

	for (size_t i = 0; i < count; i++) {
		size_t n = str_width(words[i]);

		width = n > width ? n : width;
	}
	width += 2;
	across = columns > width ? columns / width : 1;
	rows = (count + across - 1) / across;
	for (size_t row = 0; row < rows; row++) {
		for (size_t i = row; i < count; i += rows) {
			size_t n = i + rows < count ? width - str_width(words[i]) : 0;

			fprintf(out, "%s%*s", words[i], (int)n, "");
		}
		fputc('\n', out);
	}
}
