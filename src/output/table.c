/* Records for people: tables through libsmartcols, or one attribute per line. */
#include "output/output.h"

#include "util/cleanup.h"
#include "util/str.h"

#include <libsmartcols.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

/* Colour carries meaning, so few things have one. */
static const struct {
	const char *key, *text, *color;
} colors[] = {
	{"link", "up", "\033[32m"},
	{"link", "no-carrier", "\033[33m"},
	{"link", "down", "\033[31m"},
	{"driver", "vfio-pci", "\033[35m"},
	{"netns", NULL, "\033[36m"},
	{"truncated", "on", "\033[31m"},
};

static const char *color_of(const char *key, const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(colors); i++)
		if (strcmp(colors[i].key, key) == 0 &&
			(colors[i].text ? strcmp(colors[i].text, text) == 0 : text[0] != 0))
			return colors[i].color;
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

static bool is_empty_list(const struct value *v)
{
	return (v->type == VALUE_STRINGS && !v->strings->count) ||
	       (v->type == VALUE_INTS && !v->ints->count);
}

static bool shown_blank(const struct attr *a, const struct value *v)
{
	return !v->known || (a->flags & ATTR_NONZERO && value_is_zero(v)) || is_empty_list(v);
}

/* A default column that says nothing for any record is left out. */
static bool wanted(const struct view *view, const struct columns *columns, size_t index)
{
	const struct attr *a = &view->type->attrs[index];

	if (!columns->all_default || !(a->flags & ATTR_IF_ANY))
		return true;
	for (size_t i = 0; i < view->count; i++) {
		struct value v = attr_get(view->type, index, view->records[i]);

		if (!shown_blank(a, &v))
			return true;
	}
	return false;
}

static bool is_number(enum value_type type)
{
	return type == VALUE_UINT || type == VALUE_INT || type == VALUE_UINT64;
}

static struct libscols_table *new_table(const struct options *o, FILE *out)
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

static int add_column(struct libscols_table *t, const char *heading, int flags)
{
	return scols_table_new_column(t, heading, 0, flags) ? 0 : -1;
}

static int set_cell(
	struct libscols_line *line, size_t column, const struct attr *a, const struct value *v)
{
	char text[VALUE_TEXT_MAX];
	const char *color;

	if (shown_blank(a, v))
		snprintf(text, sizeof(text), "-");
	else
		value_format(v, text, sizeof(text));
	color = shown_blank(a, v) ? NULL : color_of(a->key, text);
	if (scols_line_set_data(line, column, text) != 0)
		return -1;
	if (color)
		scols_cell_set_color(scols_line_get_cell(line, column), color);
	return 0;
}

static int print_table(
	const struct view *view, const struct columns *columns, const struct options *o, FILE *out)
{
	struct libscols_table *t = new_table(o, out);
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
		rc = add_column(t, a->heading, flags);
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

			if (!v.known || is_empty_list(&v))
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
			bool blank = !v.known || is_empty_list(&v);

			if (blank && !o->details && !o->columns)
				continue;
			value_format(&v, text, sizeof(text));
			str_printable(safe, sizeof(safe), blank ? "-" : text);
			seq = color_of(a->key, text);
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

/* The overview's columns: one heading, an attribute of the PF and one of the VF. -1: blank. */
static const struct {
	const char *heading;
	int pf, vf;
} tree_columns[] = {
	{"NAME", PF_NAME, VF_NAME},
	{"BDF", PF_BDF, VF_BDF},
	{"DRIVER", PF_DRIVER, VF_DRIVER},
	{"INTERFACE", PF_IFNAME, VF_IFNAME},
	{"NETNS", -1, VF_NETNS},
	{"LINK", PF_LINK, VF_LINK},
	{"MAC", PF_MAC, VF_MAC},
	{"VLAN", -1, VF_VLAN},
	{"VFS", PF_NUM_VFS, -1},
	{"TOTAL", PF_TOTAL_VFS, -1},
};

/* Has any VF a value there? NETNS and VLAN are shown only then. */
static bool tree_column_used(const struct host *host, size_t column)
{
	int id = tree_columns[column].vf;

	if (tree_columns[column].pf >= 0)
		return true;
	for (size_t i = 0; i < host->vf_count; i++) {
		struct value v = attr_get(&vf_type, (size_t)id, &host->vfs[i]);

		if (!shown_blank(&vf_type.attrs[id], &v))
			return true;
	}
	return false;
}

static int tree_line(struct libscols_table *t, struct libscols_line *parent, const bool *used,
	const struct record_type *type, const void *record, struct libscols_line **line)
{
	size_t at = 0;

	*line = scols_table_new_line(t, parent);
	if (!*line)
		return -1;
	for (size_t c = 0; c < ARRAY_SIZE(tree_columns); c++) {
		int id = type == &pf_type ? tree_columns[c].pf : tree_columns[c].vf;
		struct value v;

		if (!used[c])
			continue;
		if (id >= 0) {
			v = attr_get(type, (size_t)id, record);
			if (set_cell(*line, at, &type->attrs[id], &v) < 0)
				return -1;
		}
		at++;
	}
	return 0;
}

int output_tree(const struct host *host, const struct options *o, FILE *out, struct error *err)
{
	struct libscols_table *t = new_table(o, out);
	bool used[ARRAY_SIZE(tree_columns)];
	int rc = t ? 0 : -1;

	for (size_t c = 0; rc == 0 && c < ARRAY_SIZE(tree_columns); c++) {
		used[c] = tree_column_used(host, c);
		if (used[c])
			rc = add_column(t, tree_columns[c].heading, c ? 0 : SCOLS_FL_TREE);
	}
	for (size_t p = 0; rc == 0 && p < host->pf_count; p++) {
		const struct pf *pf = &host->pfs[p];
		struct libscols_line *parent, *line;

		rc = tree_line(t, NULL, used, &pf_type, pf, &parent);
		for (size_t i = 0; rc == 0 && i < pf->vf_count; i++)
			rc = tree_line(
				t, parent, used, &vf_type, &host->vfs[pf->first_vf + i], &line);
	}
	if (rc == 0 && host->pf_count)
		rc = scols_print_table(t);
	scols_unref_table(t);
	return rc && !ferror(out) ? error_nomem(err) : 0;
}
