/* The overview: PFs with their VFs below them, as much of it as the screen holds. */
#include "output/screen.h"
#include "output/table.h"

#include "core/overview.h"
#include "util/cleanup.h"
#include "util/str.h"

#include <locale.h>
#include <string.h>

#define BRANCH 2      /* columns of the lines that lead to a VF */
#define NOTE_LEAST 8  /* a note that is cut to less says nothing */
#define NAME_LEAST 24 /* what a summary's name has at least, however narrow the screen */
#define SUMMARY 100   /* more VFs than that are not listed one by one */

enum {
	NAME,
	BDF,
	DRIVER,
	INTERFACE,
	LINK,
	MAC,
	VLAN,
	NOTE,
	TREE_COLUMNS
};

/*
 * One heading, an attribute of the PF and one of the VF (-1: blank). On a screen that is too
 * narrow they go in the order of `drop`, as long as the note would have less room than `room`,
 * or than it needs: who uses a VF matters more than its addresses, which other commands tell.
 */
static const struct {
	const char *heading;
	int pf, vf;
	unsigned drop;
	size_t room;
} columns[TREE_COLUMNS] = {
	[NAME] = {"NAME", PF_NAME, VF_NAME, 0, 0},
	[BDF] = {"BDF", PF_BDF, VF_BDF, 2, 44},
	[DRIVER] = {"DRIVER", PF_DRIVER, VF_DRIVER, 6, 12},
	[INTERFACE] = {"INTERFACE", PF_IFNAME, VF_IFNAME, 5, 16},
	[LINK] = {"LINK", PF_LINK, VF_LINK, 4, 22},
	[MAC] = {"MAC", PF_MAC, VF_MAC, 1, 60},
	[VLAN] = {"VLAN", -1, VF_VLAN, 3, 28},
	[NOTE] = {"NOTE", -1, -1, 0, 0},
};

struct cell {
	const char *text, *color;
	bool repeats; /* what NAME says already */
};

struct row {
	bool child;
	struct cell cells[TREE_COLUMNS];
};

struct tree {
	struct arena arena;
	struct overview overview;
	struct row *rows;
	size_t count;
	size_t width[TREE_COLUMNS];
	bool shown[TREE_COLUMNS];
	bool summarised;
};

static const char *level_color(enum level level)
{
	switch (level) {
	case LEVEL_PLAIN:
		return NULL;
	case LEVEL_USED:
		return table_color("note", "used");
	case LEVEL_TROUBLE:
		return table_color("note", "trouble");
	}
	return NULL;
}

static struct row *add_row(struct tree *t, const struct remark *remark)
{
	struct row *row;

	t->rows = arena_push(&t->arena, t->rows, &t->count, sizeof(*t->rows));
	row = &t->rows[t->count - 1];
	*row = (struct row){.child = false};
	for (size_t c = 0; c < TREE_COLUMNS; c++)
		row->cells[c].text = "";
	row->cells[NOTE] = (struct cell){remark->text, level_color(remark->level), false};
	return row;
}

static struct cell make_cell(
	struct tree *t, const struct record_type *type, int id, const void *record)
{
	const struct attr *a = &type->attrs[id];
	struct value v = attr_get(type, (size_t)id, record);
	char text[VALUE_TEXT_MAX];

	table_text(a, &v, text, sizeof(text));
	return (struct cell){.text = arena_strdup(&t->arena, text),
		.color = attr_is_blank(a, &v) ? NULL : table_color(a->key, text)};
}

static void add_pf(struct tree *t, const struct pf *pf, const struct remark *remark)
{
	struct row *row = add_row(t, remark);

	for (size_t c = 0; c < TREE_COLUMNS; c++)
		if (columns[c].pf >= 0)
			row->cells[c] = make_cell(t, &pf_type, columns[c].pf, pf);
	row->cells[INTERFACE].repeats = pf_has(pf, PF_IFNAME) && strcmp(pf->ifname, pf->name) == 0;
}

/* Do all of them have the same there? */
static bool agree(const struct vf_group *g, int id)
{
	struct value first = attr_get(&vf_type, (size_t)id, g->vfs[0]);

	for (size_t i = 1; i < g->count; i++) {
		struct value v = attr_get(&vf_type, (size_t)id, g->vfs[i]);

		if (!value_equal(&first, &v))
			return false;
	}
	return true;
}

/* One VF, or several as one: what they do not share is left blank. */
static void add_vfs(struct tree *t, const struct vf_group *g, size_t name_limit)
{
	struct row *row = add_row(t, &g->remark);

	row->child = true;
	for (size_t c = 0; c < TREE_COLUMNS; c++)
		if (columns[c].vf >= 0 && agree(g, columns[c].vf))
			row->cells[c] = make_cell(t, &vf_type, columns[c].vf, g->vfs[0]);
	if (g->count > 1) {
		row->cells[NAME].text =
			overview_name(&t->arena, g->vfs[0]->pf, g->vfs, g->count, name_limit);
		row->cells[BDF].text = row->cells[INTERFACE].text = row->cells[MAC].text = "";
	}
	if (g->remark.kind == REMARK_NO_DRIVER)
		row->cells[DRIVER].color = level_color(LEVEL_TROUBLE);
}

static void add_all(struct tree *t, const struct screen *screen)
{
	const struct overview *o = &t->overview;
	size_t limit = screen->columns / 3;

	limit = limit < NAME_LEAST ? NAME_LEAST : limit;
	for (size_t p = 0; p < o->pf_count; p++) {
		const struct pf *pf = o->pfs[p];
		struct vf_group *groups;
		size_t count = pf->vf_count;

		add_pf(t, pf, &o->pf_remarks[p]);
		if (t->summarised) {
			groups = overview_groups(o, pf, &t->arena, &count);
			for (size_t i = 0; i < count; i++)
				add_vfs(t, &groups[i], screen->terminal ? limit : 0);
			continue;
		}
		for (size_t i = 0; i < count; i++) {
			const struct vf *vf = &o->host->vfs[pf->first_vf + i];

			add_vfs(t, &(struct vf_group){&vf, 1, o->vf_remarks[pf->first_vf + i]}, 0);
		}
	}
}

static void measure(struct tree *t, size_t c)
{
	t->width[c] = strlen(columns[c].heading);
	for (size_t i = 0; i < t->count; i++) {
		size_t width = text_width(t->rows[i].cells[c].text);

		width += c == NAME && t->rows[i].child ? BRANCH : 0;
		t->width[c] = width > t->width[c] ? width : t->width[c];
	}
}

/* A column of VFs alone that says nothing of any is left out. */
static bool says_nothing(const struct tree *t, size_t c)
{
	for (size_t i = 0; i < t->count && columns[c].pf < 0 && columns[c].vf >= 0; i++) {
		const char *text = t->rows[i].cells[c].text;

		if (text[0] && strcmp(text, "-") != 0)
			return false;
	}
	return columns[c].pf < 0 && columns[c].vf >= 0;
}

/* Columns of all that is shown, with that many for the note. */
static size_t total(const struct tree *t, size_t note)
{
	size_t n = 0;

	for (size_t c = 0; c < NOTE; c++)
		n += t->shown[c] ? t->width[c] + 1 : 0;
	return n + (note < t->width[NOTE] ? note : t->width[NOTE]);
}

static void drop_repeated_names(struct tree *t)
{
	bool any = false;

	for (size_t i = 0; i < t->count; i++) {
		struct cell *cell = &t->rows[i].cells[INTERFACE];

		if (cell->repeats)
			cell->text = "";
		any |= cell->text[0] && strcmp(cell->text, "-") != 0;
	}
	measure(t, INTERFACE);
	t->shown[INTERFACE] = any;
}

/* The width of the interfaces that say something new: is anything saved by the rest? */
static bool repeated_names_cost(const struct tree *t)
{
	size_t rest = strlen(columns[INTERFACE].heading);
	bool any = false;

	for (size_t i = 0; i < t->count; i++) {
		const struct cell *cell = &t->rows[i].cells[INTERFACE];
		size_t width = cell->repeats ? 0 : text_width(cell->text);

		any |= width && strcmp(cell->text, "-") != 0;
		rest = width > rest ? width : rest;
	}
	return !any || rest < t->width[INTERFACE];
}

static void fit(struct tree *t, size_t screen)
{
	if (total(t, columns[MAC].room) > screen && repeated_names_cost(t))
		drop_repeated_names(t);
	for (unsigned drop = 1; drop < TREE_COLUMNS; drop++)
		for (size_t c = 0; c < TREE_COLUMNS; c++)
			if (columns[c].drop == drop && total(t, columns[c].room) > screen)
				t->shown[c] = false;
	t->shown[NOTE] = total(t, NOTE_LEAST) <= screen;
}

static int fill(struct tree *t, struct libscols_table *table, bool cut)
{
	struct libscols_line *parent = NULL;

	for (size_t c = 0; c < TREE_COLUMNS; c++) {
		int flags = c == NAME ? SCOLS_FL_TREE : c == NOTE && cut ? SCOLS_FL_TRUNC : 0;

		if (t->shown[c] && table_add_column(table, columns[c].heading, flags) < 0)
			return -1;
	}
	for (size_t i = 0; i < t->count; i++) {
		const struct row *row = &t->rows[i];
		struct libscols_line *line =
			scols_table_new_line(table, row->child ? parent : NULL);
		size_t at = 0;

		if (!line)
			return -1;
		if (!row->child)
			parent = line;
		for (size_t c = 0; c < TREE_COLUMNS; c++)
			if (t->shown[c] && table_set_cell(line, at++, row->cells[c].text,
						   row->cells[c].color) < 0)
				return -1;
	}
	return 0;
}

/* libsmartcols fills the last column with blanks where other rows have more. */
static void print_without_blanks(const char *text, FILE *out)
{
	while (*text) {
		size_t len = strcspn(text, "\n"), end = len;

		while (end && text[end - 1] == ' ')
			end--;
		fprintf(out, "%.*s\n", (int)end, text);
		text += len + (text[len] == '\n');
	}
}

static int print_rows(
	struct tree *t, const struct screen *screen, const struct options *o, FILE *out)
{
	struct libscols_table *table = table_new(o, out);
	cleanup_free char *text = NULL;
	int rc = table ? 0 : -1;

	if (rc == 0 && screen->terminal)
		scols_table_set_termwidth(table, screen->columns);
	if (rc == 0) {
		scols_table_set_termforce(
			table, screen->terminal ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
		rc = fill(t, table, screen->terminal);
	}
	if (rc == 0 && t->count)
		rc = scols_print_table_to_string(table, &text);
	if (rc == 0 && text)
		print_without_blanks(text, out);
	scols_unref_table(table);
	return rc;
}

/* The hint in lines that fit the screen; *lines: how many. */
static const char *wrap(
	const char *hint, const struct screen *screen, struct arena *arena, size_t *lines)
{
	size_t size = 4 * strlen(hint) + 8, at = 0;
	char *text = arena_alloc(arena, size);

	str_printable(text, size, hint);
	*lines = 1;
	for (char *word = text, *end; *word && screen->terminal; word = end) {
		size_t width;
		char kept;

		end = word_end(word);
		kept = *end;
		*end = 0;
		width = text_width(word);
		*end = kept;
		if (at && at + 1 + width > screen->columns) {
			word[-1] = '\n';
			++*lines;
			at = 0;
		}
		at += width + (at > 0);
		end += *end == ' ';
	}
	return text;
}

/* With the heading, the hint and the prompt behind it? */
static bool is_too_long(const struct overview *o, const struct screen *s, const struct options *opt,
	struct arena *arena)
{
	size_t lines;

	if (opt->details)
		return false;
	if (o->vf_count > SUMMARY)
		return true;
	(void)wrap(overview_hint(o, false, arena), s, arena, &lines);
	lines = opt->no_header ? 0 : lines + 1;
	return s->rows && lines + o->pf_count + o->vf_count + 1 > s->rows;
}

static void print_hint(struct tree *t, const struct screen *screen, FILE *out)
{
	const struct overview *o = &t->overview;
	bool groups = t->count < o->pf_count + o->vf_count;
	size_t lines;

	fprintf(out, "%s\n", wrap(overview_hint(o, groups, &t->arena), screen, &t->arena, &lines));
}

int output_tree(const struct view *view, const struct options *o, FILE *out, struct error *err)
{
	struct screen screen = screen_look(out);
	struct tree t = {.summarised = false};
	const struct pf **pfs = arena_alloc(&t.arena, (view->count + 1) * sizeof(*pfs));
	int rc;

	setlocale(LC_CTYPE, ""); /* for widths */
	for (size_t i = 0; i < view->count; i++)
		pfs[i] = view->records[i];
	overview_look(view->tree, pfs, view->count, &t.arena, &t.overview);
	t.summarised = is_too_long(&t.overview, &screen, o, &t.arena);
	add_all(&t, &screen);
	for (size_t c = 0; c < TREE_COLUMNS; c++) {
		measure(&t, c);
		t.shown[c] = !says_nothing(&t, c);
	}
	if (screen.terminal)
		fit(&t, screen.columns);
	rc = print_rows(&t, &screen, o, out);
	if (rc == 0 && !o->quiet && !o->no_header)
		print_hint(&t, &screen, out);
	arena_free(&t.arena);
	return rc && !ferror(out) ? error_nomem(err) : 0;
}
