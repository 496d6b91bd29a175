#include "output/screen.h"

#include "util/str.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#define FALLBACK 80 /* columns of a terminal that does not say */

static size_t from_environment(const char *name)
{
	const char *text = getenv(name);
	uint64_t n;

	return text && str_uint(text, 10, UINT16_MAX, &n) ? (size_t)n : 0;
}

struct screen screen_look(FILE *out)
{
	struct screen s = {.terminal = isatty(fileno(out))};
	struct winsize size = {0};

	if (!s.terminal)
		return s;
	if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0) {
		s.columns = size.ws_col;
		s.rows = size.ws_row;
	}
	if (!s.columns) /* a serial line knows neither */
		s.columns = from_environment("COLUMNS");
	if (!s.columns)
		s.columns = FALLBACK;
	if (!s.rows)
		s.rows = from_environment("LINES");
	return s;
}

size_t text_width(const char *s)
{
	mbstate_t state = {0};
	size_t width = 0;

	while (*s) {
		wchar_t c;
		size_t len = mbrtowc(&c, s, MB_CUR_MAX, &state);
		bool bad = len == (size_t)-1 || len == (size_t)-2 || !len;

		if (bad)
			memset(&state, 0, sizeof(state));
		if (bad || !iswprint((wint_t)c) || (s[0] == '\\' && s[1] == 'x')) {
			len = bad ? 1 : len;
			width += 4 * len;
		} else {
			width += wcwidth(c) > 0 ? (size_t)wcwidth(c) : 0;
		}
		s += len;
	}
	return width;
}

char *word_end(char *word)
{
	bool quoted = word[0] == '\'';
	char *end = word + 1;

	for (; *end && (quoted || *end != ' '); end++)
		quoted = quoted && *end != '\'';
	return end;
}
