#include "output/live.h"

#include "output/table.h"
#include "util/cleanup.h"
#include "util/str.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What has to go first where the terminal is narrow. */
static const uint8_t dispensable[] = {RATE_REMOTE_SHARE, RATE_IFNAME, RATE_DRIVER, RATE_NETNS,
	RATE_INTERRUPTS, RATE_ATTR_COUNT, RATE_TX_DROP_PPS, RATE_RX_DROP_PPS, RATE_TX_PPS,
	RATE_RX_PPS, RATE_DROP_SHARE, RATE_TX_BPS};
#define TREND_COLUMN RATE_ATTR_COUNT /* among the columns, no attribute */

static struct trend *trend_of(struct live *l, const struct vf_rates *vf)
{
	for (size_t i = 0; i < l->trend_count; i++)
		if (l->trends[i].index == vf->index && strcmp(l->trends[i].handle, vf->handle) == 0)
			return &l->trends[i];
	return NULL;
}

static struct trend *add_trend(struct live *l, const struct vf_rates *vf)
{
	struct trend *t;

	l->trends = arena_push(&l->arena, l->trends, &l->trend_count, sizeof(*l->trends));
	t = &l->trends[l->trend_count - 1];
	t->handle = arena_strdup(&l->arena, vf->handle);
	t->index = vf->index;
	for (size_t i = 0; i < TREND; i++)
		t->rate[i] = -1;
	return t;
}

static bool has(const struct vf_rates *r, enum rate_attr attr)
{
	return r->known >> attr & 1;
}

void live_note(struct live *l, const struct rates *r)
{
	for (size_t i = 0; i < l->trend_count; i++) { /* also of those that are away */
		struct trend *t = &l->trends[i];

		memmove(t->rate, t->rate + 1, sizeof(t->rate) - sizeof(t->rate[0]));
		t->rate[TREND - 1] = -1;
	}
	for (size_t i = 0; i < r->all; i++) {
		const struct vf_rates *vf = &r->list[i];
		struct trend *t = trend_of(l, vf);

		if (!t)
			t = add_trend(l, vf);
		if (has(vf, RATE_RX_BPS) || has(vf, RATE_TX_BPS))
			t->rate[TREND - 1] = vf->rate[RATE_RX_BPS] + vf->rate[RATE_TX_BPS];
	}
}

void live_note_gone(struct live *l, const char *vf)
{
	str_printable(l->gone, sizeof(l->gone), vf ? vf : "");
}

/* Eight heights, of the largest among them. */
static void draw_trend(const struct trend *t, char *out, size_t size)
{
	static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char *const plain[] = {"_", ".", "-", "=", "+", "*", "%", "#"};
	bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	double most = 0;
	size_t n = 0;

	out[0] = 0;
	for (size_t i = 0; t && i < TREND; i++)
		most = t->rate[i] > most ? t->rate[i] : most;
	for (size_t i = 0; t && i < TREND && n + 4 < size; i++) {
		size_t height = most > 0 && t->rate[i] > 0 ? (size_t)(t->rate[i] / most * 7.99) : 0;
		const char *bar = t->rate[i] < 0 ? " " : utf8 ? bars[height] : plain[height];

		n += (size_t)snprintf(out + n, size - n, "%s", bar);
	}
}

static const char *heading(size_t column)
{
	return column == TREND_COLUMN ? "TREND" : rate_type.attrs[column].heading;
}

static void cell_text(
	struct live *l, size_t column, const struct vf_rates *r, char *text, size_t size)
{
	struct value v;

	if (column == TREND_COLUMN) {
		draw_trend(trend_of(l, r), text, size);
		return;
	}
	v = attr_get(&rate_type, column, r);
	table_text(&rate_type.attrs[column], &v, text, size);
}

struct layout {
	size_t column[RATE_ATTR_COUNT + 1], width[RATE_ATTR_COUNT + 1], count;
	size_t first, rows; /* those to show */
};

/* What there is to show: the columns chosen, those left out that nobody has a value of. */
static void lay_out(struct live *l, const struct rates *r, struct layout *y)
{
	char text[VALUE_TEXT_MAX];

	y->count = 0;
	l->empty = 0;
	for (size_t c = 0; c <= l->columns->count; c++) {
		size_t column = c < l->columns->count ? l->columns->index[c] : TREND_COLUMN;
		bool optional = column != TREND_COLUMN && l->columns->all_default &&
				rate_type.attrs[column].flags & ATTR_IF_ANY;
		size_t width = strlen(heading(column));
		bool any = false;

		if (column == TREND_COLUMN)
			width = TREND;
		for (size_t i = 0; i < r->count && column != TREND_COLUMN; i++) {
			cell_text(l, column, &r->list[i], text, sizeof(text));
			any |= strcmp(text, "-") != 0;
			width = str_width(text) > width ? str_width(text) : width;
		}
		if (optional && !any) {
			l->empty |= RATE_BIT(column);
			continue;
		}
		y->column[y->count] = column;
		y->width[y->count++] = width;
	}
}

static void drop(struct layout *y, size_t at)
{
	y->count--;
	for (size_t i = at; i < y->count; i++) {
		y->column[i] = y->column[i + 1];
		y->width[i] = y->width[i + 1];
	}
}

static bool fits(const struct layout *y, size_t room)
{
	size_t width = y->count ? y->count - 1 : 0;

	for (size_t i = 0; i < y->count; i++)
		width += y->width[i];
	return width <= room;
}

static void make_fit(const struct live *l, struct layout *y, size_t room)
{
	for (size_t d = 0; d < ARRAY_SIZE(dispensable) && !fits(y, room); d++)
		for (size_t i = y->count; i-- > 1;)
			if (y->column[i] == dispensable[d] && y->column[i] != l->sort)
				drop(y, i);
	while (y->count > 1 && !fits(y, room))
		drop(y, y->count - 1);
}

static int fill_row(
	struct live *l, const struct layout *y, const struct vf_rates *r, struct libscols_table *t)
{
	struct libscols_line *line = scols_table_new_line(t, NULL);
	char text[VALUE_TEXT_MAX];
	int rc = line ? 0 : -1;

	for (size_t c = 0; rc == 0 && c < y->count; c++) {
		size_t column = y->column[c];

		const char *color = "\033[36m";

		cell_text(l, column, r, text, sizeof(text));
		if (column != TREND_COLUMN)
			color = strcmp(text, "-") == 0
					? NULL
					: table_color(rate_type.attrs[column].key, text);
		rc = table_set_cell(line, c, text, color);
	}
	return rc;
}

static int draw_table(struct live *l, const struct layout *y, const struct rates *r, FILE *out)
{
	struct libscols_table *t = table_new(l->options, out);
	int rc = t ? 0 : -1;

	if (t)
		scols_table_enable_colors(t, output_use_color(l->options, stdout));
	for (size_t c = 0; rc == 0 && c < y->count; c++) {
		bool text = y->column[c] == TREND_COLUMN ||
			    rate_type.attrs[y->column[c]].type == VALUE_STRING;

		rc = table_add_column(t, heading(y->column[c]), text ? 0 : SCOLS_FL_RIGHT);
		if (rc == 0 && y->column[c] == l->sort && output_use_color(l->options, stdout))
			scols_cell_set_color(
				scols_column_get_header(scols_table_get_column(t, c)), "\033[7m");
	}
	for (size_t i = y->first; rc == 0 && i < y->first + y->rows; i++)
		rc = fill_row(l, y, &r->list[i], t);
	if (rc == 0 && y->rows)
		rc = scols_print_table(t);
	scols_unref_table(t);
	return rc;
}

static void draw_title(const struct live *l, const struct layout *y, const struct rates *r,
	size_t columns, FILE *out)
{
	static const char *const hints[] = {
		"q: quit  <- ->: sort  r: turn  space: hold", "q: quit  <- ->: sort", "q: quit"};
	char text[512], when[16] = "";
	struct tm tm;
	size_t n;

	if (localtime_r(&r->time.tv_sec, &tm))
		strftime(when, sizeof(when), "%H:%M:%S", &tm);
	n = (size_t)snprintf(
		text, sizeof(text), "%s  every %g s  %zu VFs", when, l->interval, r->count);
	if (y->rows < r->count)
		n += (size_t)snprintf(text + n, sizeof(text) - n, " (%zu to %zu)", y->first + 1,
			y->first + y->rows);
	n += (size_t)snprintf(text + n, sizeof(text) - n, "  by %s%s%s", heading(l->sort),
		l->reversed ? " turned round" : "", l->paused ? "  PAUSED" : "");
	if (l->gone[0])
		n += (size_t)snprintf(text + n, sizeof(text) - n, "  %s is gone", l->gone);
	/* what the keys do, as far as there is room for it */
	for (size_t i = 0; i < ARRAY_SIZE(hints); i++) {
		if (n + 1 + strlen(hints[i]) > columns)
			continue;
		snprintf(text + n, sizeof(text) - n, "%*s", (int)(columns - n), hints[i]);
		break;
	}
	fprintf(out, "%.*s\n", (int)columns, text);
}

static void place(struct live *l, struct layout *y, size_t count, size_t rows)
{
	l->page = rows > 3 ? rows - 2 : 1;
	if (l->first + l->page > count)
		l->first = count > l->page ? count - l->page : 0;
	y->first = l->first;
	y->rows = count - y->first < l->page ? count - y->first : l->page;
}

/* From the top of the screen, and nothing below. Each line is erased before it is written: one
 * that ends at the edge leaves the cursor on its last character. */
static void put_screen(const char *text, size_t len, FILE *out)
{
	fputs("\033[H", out);
	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;

		fprintf(out, "\033[K%.*s", (int)n, text);
		n += end != NULL;
		text += n;
		len -= n;
		if (len)
			fputc('\n', out);
	}
	fputs("\033[J", out);
}

int live_draw(struct live *l, struct rates *r, size_t columns, size_t rows, FILE *out)
{
	const struct choosing order = {
		.type = &rate_type, .keys = {{l->sort, l->reversed}}, .key_count = 1};
	struct layout y = {0};
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int rc;

	if (!f)
		return -1;
	setlocale(LC_CTYPE, "");
	rates_choose(&order, r->list, r->count);
	lay_out(l, r, &y);
	make_fit(l, &y, columns);
	place(l, &y, r->count, rows);
	draw_title(l, &y, r, columns, f);
	rc = draw_table(l, &y, r, f);
	if (fclose(f) != 0)
		rc = -1;
	if (rc == 0)
		put_screen(text, len, out);
	free(text);
	return rc;
}

void live_sort_by_next(struct live *l, int step)
{
	size_t at = 0, count = l->columns->count;

	while (at < count && l->columns->index[at] != l->sort)
		at++;
	if (at == count) /* by one that is not shown */
		at = step < 0 ? 0 : count - 1;
	for (size_t tries = 0; tries < count; tries++) {
		at = (at + (step < 0 ? count - 1 : 1)) % count;
		if (!(l->empty & RATE_BIT(l->columns->index[at])))
			break;
	}
	l->sort = l->columns->index[at];
}
