#include "cli/pager.h"

#include "util/str.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum key {
	KEY_PAGE,
	KEY_LINE,
	KEY_ALL,
	KEY_QUIT,
	KEY_OTHER
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

static enum key read_key(struct terminal *t)
{
	for (;;) {
		char c;

		switch (terminal_wait(t)) {
		case TERMINAL_INTERRUPT:
		case TERMINAL_END:
			return KEY_QUIT;
		case TERMINAL_RESIZE:
		case TERMINAL_STOP: /* not while half a text is on the screen */
			continue;
		case TERMINAL_INPUT:
			break;
		}
		if (read(STDIN_FILENO, &c, 1) != 1)
			return KEY_QUIT;
		switch (c) {
		case ' ':
		case 'f':
			return KEY_PAGE;
		case '\n':
		case '\r':
		case 'j':
			return KEY_LINE;
		case 'G':
			return KEY_ALL;
		case 'q':
		case 'Q':
		case 4: /* Ctrl-D */
			return KEY_QUIT;
		default:
			return KEY_OTHER;
		}
	}
}

static void write_all(const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(STDOUT_FILENO, text, len);

		if (n <= 0)
			return;
		text += n;
		len -= (size_t)n;
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

/* What to do next; on the last row, which is empty again afterwards. */
static enum key ask(struct terminal *t, size_t shown, size_t all)
{
	char prompt[80];
	int n = snprintf(prompt, sizeof(prompt),
		"\033[7m line %zu of %zu; space: next page, G: all, q: enough \033[0m", shown, all);
	enum key key;

	write_all(prompt, (size_t)n);
	do
		key = read_key(t);
	while (key == KEY_OTHER);
	write_all("\r\033[K", 4);
	return key;
}

void page(struct terminal *t, const char *text, size_t len)
{
	size_t at, columns, rows, lines = count_lines(text, len);
	struct termios old, raw;
	enum key key = KEY_PAGE;

	terminal_size(&columns, &rows);
	rows = rows > 2 ? rows - 1 : 1;
	at = fill_rows(text, len, columns, rows);
	if (at == len || terminal_is_dumb() || tcgetattr(STDIN_FILENO, &old) < 0) {
		write_all(text, len);
		return;
	}
	raw = old;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	write_all(text, at);
	while (at < len && key != KEY_QUIT) {
		size_t more = 0;

		key = ask(t, count_lines(text, at), lines);
		terminal_size(&columns, &rows); /* it may have another one by now */
		rows = rows > 2 ? rows - 1 : 1;
		if (key == KEY_PAGE)
			more = fill_rows(text + at, len - at, columns, rows);
		else if (key == KEY_LINE)
			more = fill_rows(text + at, len - at, columns, 1);
		else if (key == KEY_ALL)
			more = len - at;
		write_all(text + at, more);
		at += more;
	}
	tcsetattr(STDIN_FILENO, TCSADRAIN, &old);
}
