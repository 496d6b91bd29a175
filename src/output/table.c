/* Records for people: tables through libsmartcols, or one attribute per line. */
#include "output/table.h"

#include "util/cleanup.h"
#include "util/str.h"

#include <locale.h>
#include <string.h>
#include <unistd.h>

/* Colour carries meaning, so few things have one. */
#define NONZERO "not 0"
static const struct {
	const char *key, *text, *color; /* text NULL: any; NONZERO: any but 0 */
} colors[] = {
	{"link", "up", "\033[32m"},
	{"link", "no-carrier", "\033[33m"},
	{"link", "down", "\033[31m"},
	{"driver", "vfio-pci", "\033[35m"},
	{"netns", NULL, "\033[36m"},
	{"truncated", "on", "\033[31m"},
	{"note", "used", "\033[36m"},
	{"note", "trouble", "\033[31m"},
	{"rx_drop_pps", NONZERO, "\033[31m"},
	{"tx_drop_pps", NONZERO, "\033[31m"},
	{"drop_share", NONZERO, "\033[31m"},
	{"rx_dropped", NONZERO, "\033[33m"},
	{"tx_dropped", NONZERO, "\033[33m"},
	{"if_rx_dropped", NONZERO, "\033[33m"},
	{"if_tx_dropped", NONZERO, "\033[33m"},
};

const char *table_color(const char *key, const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(colors); i++) {
		if (strcmp(colors[i].key, key) != 0)
			continue;
		if (!colors[i].text || strcmp(colors[i].text, NONZERO) == 0
				? text[0] && (!colors[i].text || strcmp(text, "0") != 0)
				: strcmp(colors[i].text, text) == 0)
			return colors[i].color;
	}
	return NULL;
}

bool output_use_color(const struct options *o, FILE *out)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (o->color != COLOR_AUTO)
		return o->color == COLOR_ALWAYS;
	return !(no_color && no_color[0]) && isatty(fileno(out)) &&
	       !(term && strcmp(term, "dumb") == 0);
}

/* A default column that says nothing for any record is left out. */
static bool wanted(const struct view *view, const struct columns *columns, size_t index)
{
	const struct attr *a = &view->type->attrs[index];

	if (!columns->all_default || !(a->flags & (ATTR_IF_ANY | ATTR_INSTEAD)))
		return true;
	for (size_t i = 0; i < view->count; i++) {
		struct value v = attr_get(view->type, index, view->records[i]);

		if (!attr_is_blank(a, &v) &&
			(!(a->flags & ATTR_INSTEAD) ||
				!attr_get(view->type, a->instead_of, view->records[i]).known))
			return true;
	}
	return false;
}

static bool is_number(enum value_type type)
{
	return type == VALUE_UINT || type == VALUE_INT || type == VALUE_UINT64 ||
	       type == VALUE_REAL;
}

struct libscols_table *table_new(const struct options *o, FILE *out)
{
	struct libscols_table *t = scols_new_table();

	if (!t)
		return NULL;
	setlocale(LC_CTYPE, ""); /* for the width of text that is not ASCII; JSON needs none */
	scols_table_set_stream(t, out);
	scols_table_enable_colors(t, output_use_color(o, out));
	scols_table_enable_noheadings(t, o->no_header || o->brief);
	scols_table_enable_maxout(t, 0);
	return t;
}

int table_add_column(struct libscols_table *t, const char *heading, int flags)
{
	return scols_table_new_column(t, heading, 0, flags) ? 0 : -1;
}

int table_set_cell(struct libscols_line *line, size_t column, const char *text, const char *color)
{
	if (scols_line_set_data(line, column, text) != 0)
		return -1;
	if (color)
		scols_cell_set_color(scols_line_get_cell(line, column), color);
	return 0;
}

void table_text(const struct attr *a, const struct value *v, char *out, size_t size)
{
	if (attr_is_blank(a, v))
		snprintf(out, size, "-");
	else
		value_format(v, out, size);
}

static int set_cell(
	struct libscols_line *line, size_t column, const struct attr *a, const struct value *v)
{
	char text[VALUE_TEXT_MAX];

	table_text(a, v, text, sizeof(text));
	return table_set_cell(
		line, column, text, attr_is_blank(a, v) ? NULL : table_color(a->key, text));
}

static int print_table(
	const struct view *view, const struct columns *columns, const struct options *o, FILE *out)
{
	struct libscols_table *t = table_new(o, out);
	size_t shown[64], count = 0;
	int rc = t ? 0 : -1;

	for (size_t c = 0; rc == 0 && c < columns->count; c++) {
		const struct attr *a = &view->type->attrs[columns->index[c]];
		int flags = is_number(a->type)      ? SCOLS_FL_RIGHT
			    : a->flags & ATTR_PROSE ? SCOLS_FL_TRUNC
						    : 0;

		if (!wanted(view, columns, columns->index[c]))
			continue;
		shown[count++] = columns->index[c];
		rc = table_add_column(t, a->heading, flags);
	}
	for (size_t r = 0; rc == 0 && r < view->count; r++) {
		struct libscols_line *line = scols_table_new_line(t, NULL);

		rc = line ? 0 : -1;
		for (size_t c = 0; rc == 0 && c < count; c++) {
			struct value v = attr_get(view->type, shown[c], view->records[r]);

			rc = set_cell(line, c, &view->type->attrs[shown[c]], &v);
		}
	}
	if (rc == 0 && view->count)
		rc = scols_print_table(t);
	scols_unref_table(t);
	return rc;
}

/* "KEY VALUE KEY VALUE", one record a line; what is unknown is left out. */
static void print_oneline(const struct view *view, const struct columns *columns, FILE *out)
{
	for (size_t r = 0; r < view->count; r++) {
		bool first = true;

		for (size_t c = 0; c < columns->count; c++) {
			const struct attr *a = &view->type->attrs[columns->index[c]];
			struct value v = attr_get(view->type, columns->index[c], view->records[r]);
			char text[VALUE_TEXT_MAX], safe[4 * VALUE_TEXT_MAX];

			if (value_is_absent(&v))
				continue;
			value_format(&v, text, sizeof(text));
			str_printable(safe, sizeof(safe), text);
			fprintf(out, "%s%s %s", first ? "" : " ", a->key, safe);
			first = false;
		}
		fputc('\n', out);
	}
}

static void print_details(
	const struct view *view, const struct columns *columns, const struct options *o, FILE *out)
{
	bool color = output_use_color(o, out);
	size_t width = 0;

	for (size_t c = 0; c < columns->count; c++) {
		size_t len = strlen(view->type->attrs[columns->index[c]].key);

		width = len > width ? len : width;
	}
	for (size_t r = 0; r < view->count; r++) {
		if (r)
			fputc('\n', out);
		for (size_t c = 0; c < columns->count; c++) {
			const struct attr *a = &view->type->attrs[columns->index[c]];
			struct value v = attr_get(view->type, columns->index[c], view->records[r]);
			char text[VALUE_TEXT_MAX], safe[4 * VALUE_TEXT_MAX];
			const char *seq;
			bool blank = value_is_absent(&v);

			if (blank && !o->details && !o->columns)
				continue;
			value_format(&v, text, sizeof(text));
			str_printable(safe, sizeof(safe), blank ? "-" : text);
			seq = table_color(a->key, text);
			seq = color && !blank ? seq : NULL;
			fprintf(out, "%-*s  %s%s%s%s%s\n", (int)width, a->key, seq ? seq : "", safe,
				seq ? "\033[0m" : "", a->unit && !blank ? " " : "",
				a->unit && !blank ? a->unit : "");
		}
	}
}

int output_table(const struct view *view, const struct columns *columns, bool single,
	const struct options *o, FILE *out, struct error *err)
{
	if (o->oneline)
		print_oneline(view, columns, out);
	else if (single && !o->brief)
		print_details(view, columns, o, out);
	else if (print_table(view, columns, o, out) != 0 && !ferror(out))
		return error_nomem(err);
	return 0; /* a full disk is noticed when stdout is flushed */
}
