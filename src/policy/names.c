/* How things are called: templates of interface names, places in files, wishes. */
#include "policy/parts.h"

#include "util/str.h"

#include <string.h>

const char *pf_want_name(size_t attr)
{
	return attr == PF_NUM_VFS ? "vfs" : attr_keyword(&pf_type.attrs[attr]);
}

const char *vf_want_name(size_t attr)
{
	return attr == WANT_DRIVER  ? "driver"
	       : attr == WANT_RESET ? "reset"
				    : attr_keyword(&vf_type.attrs[attr]);
}

const char *wish_text(struct arena *arena, const struct wish *wish)
{
	char text[VALUE_TEXT_MAX];

	if (wish->setting.automatic)
		return "auto";
	value_format(&wish->setting.value, text, sizeof(text));
	return arena_strdup(arena, text);
}

const char *place_text(struct arena *arena, struct origin place, struct origin from)
{
	if (!place.source)
		return "elsewhere";
	if (place.source == from.source)
		return arena_printf(arena, "in line %u", place.line);
	return arena_printf(arena, "in %.200s, line %u", place.source->name, place.line);
}

/* One piece of a template: *word is "pf" or "vf" for a placeholder, NULL for *len bytes of
 * text at *from. False at the end, or (*bad) at a brace that is neither. */
struct piece {
	const char *word;
	const char *from;
	size_t len;
};

static bool next_piece(const char **at, struct piece *piece, bool *bad)
{
	static const char *const words[] = {"pf", "vf"};
	const char *p = *at;

	*piece = (struct piece){.from = p};
	if (!*p)
		return false;
	if (str_starts(p, "{{")) {
		piece->len = 1;
		*at = p + 2;
		return true;
	}
	if (*p != '{') {
		piece->len = strcspn(p, "{");
		*at = p + piece->len;
		return true;
	}
	for (size_t i = 0; i < 2; i++) {
		if (!str_starts(p + 1, words[i]) || p[3] != '}')
			continue;
		piece->word = words[i];
		*at = p + 4;
		return true;
	}
	*bad = true;
	return false;
}

bool template_has(const char *text, const char *word)
{
	struct piece piece;
	bool bad = false;

	while (next_piece(&text, &piece, &bad))
		if (piece.word && strcmp(piece.word, word) == 0)
			return true;
	return false;
}

const char *template_expand(struct arena *arena, const char *text, const char *pf, uint32_t index)
{
	struct piece piece;
	bool bad = false;
	char *out = arena_strdup(arena, "");

	if (!strchr(text, '{'))
		return text;
	while (next_piece(&text, &piece, &bad)) {
		if (!piece.word)
			out = arena_printf(arena, "%s%.*s", out, (int)piece.len, piece.from);
		else if (strcmp(piece.word, "pf") == 0)
			out = arena_printf(arena, "%s%s", out, pf);
		else
			out = arena_printf(arena, "%s%u", out, index);
	}
	return out;
}

bool template_check(const char *text, struct error *err)
{
	const char *at = text;
	struct piece piece;
	bool bad = false;

	if (strlen(text) > TEMPLATE_MAX) {
		error_set(err, EXIT_USAGE, "'%.60s...' is too long for an interface's name", text);
		return false;
	}
	while (next_piece(&at, &piece, &bad))
		;
	if (bad) {
		error_set(err, EXIT_USAGE, "'%.60s' has a brace that stands for nothing", text);
		error_hint(err, "{pf} and {vf} stand for the PF's name and the VF's number, {{ for "
				"a brace");
	}
	return !bad;
}

int template_name(struct arena *arena, const char *text, const char *pf, uint32_t index,
	struct setting *name, struct error *err)
{
	const char *full = template_expand(arena, text, pf, index);

	name->attr = VF_IFNAME;
	return attr_parse(&vf_type.attrs[VF_IFNAME], full, name, err);
}
