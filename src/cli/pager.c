#include "cli/pager.h"

#include "util/cleanup.h"
#include "util/str.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum key {
	KEY_PAGE,
	KEY_LINE,
	KEY_ALL,
	KEY_QUIT,
	KEY_STOP,   /* Ctrl-Z */
	KEY_AGAIN,  /* none, but someone else had the terminal */
	KEY_RESIZE, /* none, but the screen is another */
	KEY_OTHER
};

struct screen {
	struct terminal *terminal;
	struct termios old, raw; /* its modes before, and while pages are turned */
	size_t columns, rows;    /* of text: one less than there are */
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

/* Keys that are known by more than one byte, as terminals send them. */
static const struct {
	const char *bytes;
	enum key key;
} long_keys[] = {
	{"\033[B", KEY_LINE}, /* down */
	{"\033OB", KEY_LINE},
	{"\033[6~", KEY_PAGE}, /* page down */
	{"\033[F", KEY_ALL},   /* end */
	{"\033OF", KEY_ALL},
	{"\033[4~", KEY_ALL},
};

/* The rest of what begins with an escape comes with it, or there is none. */
static enum key read_long_key(void)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	char bytes[16] = "\033";
	size_t n = 1;

	while (n < sizeof(bytes) - 1 && poll(&input, 1, 20) == 1 &&
		read(STDIN_FILENO, bytes + n, 1) == 1) {
		char last = bytes[n++];

		if (n > 2 && last >= 0x40)
			break;
		if (n == 2 && last != '[' && last != 'O')
			break;
	}
	for (size_t i = 0; i < ARRAY_SIZE(long_keys); i++)
		if (strcmp(long_keys[i].bytes, bytes) == 0)
			return long_keys[i].key;
	return KEY_OTHER;
}

static enum key read_key(struct terminal *t)
{
	char c;

	switch (terminal_wait(t)) {
	case TERMINAL_INTERRUPT:
	case TERMINAL_END:
		return KEY_QUIT;
	case TERMINAL_RESIZE:
		return KEY_RESIZE;
	case TERMINAL_STOP:
		return KEY_STOP;
	case TERMINAL_CONTINUED:
		return KEY_AGAIN;
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
	case '\033':
		return read_long_key();
	default:
		return KEY_OTHER;
	}
}

static void write_all(const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(STDOUT_FILENO, text, len);

		if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
			/* whoever shares the terminal may have made it so that it does not wait */
			struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};

			poll(&output, 1, -1);
			continue;
		}
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

static void measure(struct screen *s)
{
	terminal_size(&s->columns, &s->rows);
	s->rows = s->rows > 2 ? s->rows - 1 : 1;
}

/* What to do next; on the last row, which is empty again afterwards. */
static enum key ask(struct screen *s, size_t shown, size_t all)
{
	enum key key = KEY_RESIZE;
	char prompt[80];

	while (key == KEY_RESIZE || key == KEY_STOP || key == KEY_AGAIN || key == KEY_OTHER) {
		if (key != KEY_OTHER) {
			int n = snprintf(prompt, sizeof(prompt),
				" line %zu of %zu; space: next page, G: all, q: enough ", shown,
				all);

			measure(s);
			write_all("\r\033[7m", 5);
			write_all(prompt, (size_t)n < s->columns ? (size_t)n : s->columns - 1);
			write_all("\033[0m\033[K", 7);
		}
		key = read_key(s->terminal);
		if (key == KEY_STOP) {
			write_all("\r\033[K", 4);
			tcsetattr(STDIN_FILENO, TCSADRAIN, &s->old);
			terminal_stop();
		}
		if (key == KEY_STOP || key == KEY_AGAIN)
			tcsetattr(STDIN_FILENO, TCSADRAIN, &s->raw);
	}
	write_all("\r\033[K", 4);
	return key;
}

static void show_pages(struct screen *s, const char *text, size_t len, size_t at)
{
	size_t lines = count_lines(text, len);
	enum key key = KEY_PAGE;

	write_all(text, at);
	while (at < len && key != KEY_QUIT) {
		size_t more = 0;

		key = ask(s, count_lines(text, at), lines);
		if (key == KEY_PAGE)
			more = fill_rows(text + at, len - at, s->columns, s->rows);
		else if (key == KEY_LINE)
			more = fill_rows(text + at, len - at, s->columns, 1);
		else if (key == KEY_ALL)
			more = len - at;
		write_all(text + at, more);
		at += more;
	}
}

void page(struct terminal *t, const char *text, size_t len)
{
	struct screen s = {.terminal = t};
	size_t at;

	fflush(stdout); /* what is there comes first */
	measure(&s);
	at = fill_rows(text, len, s.columns, s.rows);
	if (at == len || terminal_is_dumb() || !isatty(STDOUT_FILENO) ||
		tcgetattr(STDIN_FILENO, &s.old) < 0) {
		write_all(text, len);
		return;
	}
	s.raw = s.old;
	s.raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	s.raw.c_cc[VMIN] = 1;
	s.raw.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &s.raw);
	show_pages(&s, text, len, at);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &s.old);
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
