/* Files of sections with keys and values, as systemd and GLib have them. */
#include "policy/import_parts.h"

#include <ctype.h>
#include <string.h>

struct reader {
	struct import *im;
	struct ini ini;
	enum ini_style style;
	const char *section;
	unsigned section_number;
};

static char *trimmed(struct arena *arena, const char *s, size_t len)
{
	while (len && isspace((unsigned char)*s)) {
		s++;
		len--;
	}
	while (len && isspace((unsigned char)s[len - 1]))
		len--;
	return arena_strndup(arena, s, len);
}

static void add(struct reader *r, const char *key, const char *value, struct origin origin)
{
	r->ini.lines =
		arena_push(r->im->draft.arena, r->ini.lines, &r->ini.count, sizeof(*r->ini.lines));
	r->ini.lines[r->ini.count - 1] = (struct ini_line){
		.section = r->section,
		.section_number = r->section_number,
		.key = key,
		.value = value,
		.origin = origin,
	};
}

/* One line without its comment; text is trimmed. */
static void take(struct reader *r, const char *text, struct origin origin)
{
	struct arena *arena = r->im->draft.arena;
	const char *equals = strchr(text, '=');
	size_t len = strlen(text);

	if (text[0] == '[' && text[len - 1] == ']') {
		r->section = arena_strndup(arena, text + 1, len - 2);
		r->section_number++;
		add(r, NULL, NULL, origin);
	} else if (!equals || equals == text || !r->section) {
		problem_warn(r->im->problems, origin, "neither [section] nor key=value");
	} else {
		add(r, trimmed(arena, text, (size_t)(equals - text)),
			trimmed(arena, equals + 1, strlen(equals + 1)), origin);
	}
}

static bool is_comment(const struct reader *r, const char *text)
{
	return text[0] == '#' || (r->style == INI_SYSTEMD && text[0] == ';');
}

struct ini ini_read(struct import *im, const struct source *source, enum ini_style style)
{
	struct reader r = {.im = im, .style = style};
	struct origin origin = {.source = source};
	const char *at = source->text, *end = source->text + source->len;
	const char *pending = NULL; /* what goes on in the next line */

	for (uint32_t line = 1; at < end; line++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((stop ? stop : end) - at), n;
		char *text = trimmed(im->draft.arena, at, len);

		if (!pending) {
			origin.line = line;
			origin.column = 1;
			while (origin.column <= len &&
				isspace((unsigned char)at[origin.column - 1]))
				origin.column++;
		}
		at += len + 1;
		if (is_comment(&r, text) || (!pending && !text[0]))
			continue;
		n = strlen(text);
		if (style == INI_SYSTEMD && n && text[n - 1] == '\\') {
			text[n - 1] = ' ';
			pending = pending ? arena_printf(im->draft.arena, "%s%s", pending, text)
					  : text;
			continue;
		}
		if (pending)
			text = arena_printf(im->draft.arena, "%s%s", pending, text);
		pending = NULL;
		take(&r, trimmed(im->draft.arena, text, strlen(text)), origin);
	}
	if (pending)
		take(&r, trimmed(im->draft.arena, pending, strlen(pending)), origin);
	return r.ini;
}
