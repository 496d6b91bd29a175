/* What is wrong with what people wrote, where it stands. */
#include "core/problem.h"

#include "output/json.h"
#include "util/str.h"

#include <string.h>
#include <unistd.h>

#define LINE_SHOWN 70  /* characters of a line: with what is around them, 80 columns have room */
#define LINE_BEFORE 50 /* of a longer one, before the place that it is about */
#define CUT "..."

/* The line of the source that the problem is in, from its first character. */
static const char *line_of(const struct origin *o, size_t *len)
{
	const char *text = o->source->text, *end = text + o->source->len;

	for (uint32_t n = 1; n < o->line && text < end; n++) {
		const char *next = memchr(text, '\n', (size_t)(end - text));

		text = next ? next + 1 : end;
	}
	*len = 0;
	while (text + *len < end && text[*len] != '\n' && text[*len] != '\r')
		(*len)++;
	return text;
}

/* Where the next character begins; a byte that is none is one as well. */
static size_t next_char(const char *text, size_t len, size_t at)
{
	size_t end = at + 4 < len ? at + 4 : len;

	for (at++; at < end && ((unsigned char)text[at] & 0xc0) == 0x80;)
		at++;
	return at;
}

/* `count` characters from `from` on, at most LINE_SHOWN, as a terminal may have them. */
static void copy_chars(
	const char *text, size_t len, size_t from, size_t count, char *out, size_t size)
{
	char raw[4 * LINE_SHOWN + 1];
	size_t at = 0, n = 0;

	while (at < len && from--)
		at = next_char(text, len, at);
	while (at < len && count--)
		for (size_t next = next_char(text, len, at); at < next; at++)
			raw[n++] = text[at] == '\t' || !text[at] ? ' ' : text[at];
	raw[n] = 0;
	str_printable(out, size, raw);
}

/* The line, and below it where in it. */
static void show_line(const struct origin *o, FILE *out)
{
	char before[16 * LINE_SHOWN + 8], behind[16 * LINE_SHOWN + 8];
	size_t len, chars = 0, column = o->column ? o->column - 1 : 0, from = 0, shown;
	const char *text = line_of(o, &len);

	if (!len)
		return;
	for (size_t at = 0; at < len; chars++)
		at = next_char(text, len, at);
	if (column > chars)
		column = chars;
	if (chars > LINE_SHOWN && column > LINE_BEFORE)
		from = column - LINE_BEFORE;
	shown = chars - from < LINE_SHOWN ? chars - from : LINE_SHOWN;
	copy_chars(text, len, from, column - from, before, sizeof(before));
	copy_chars(text, len, column, from + shown - column, behind, sizeof(behind));
	fprintf(out, "    %s%s%s%s\n", from ? CUT : "", before, behind,
		from + shown < chars ? CUT : "");
	fprintf(out, "    %*s^\n", (int)(str_width(before) + (from ? strlen(CUT) : 0)), "");
}

/* others: so many VFs or PFs more it is about. */
static void show(const struct problem *p, size_t others, FILE *out)
{
	char text[2048];

	fputs("sriovctl: ", out);
	if (p->origin.source) {
		str_printable(text, sizeof(text), p->origin.source->name);
		fprintf(out, "%s:%u:%u: ", text, p->origin.line, p->origin.column);
	}
	if (p->warning)
		fputs("warning: ", out);
	if (p->object) {
		str_printable(text, sizeof(text), p->object);
		fputs(text, out);
		if (others)
			fprintf(out, " and %zu more", others);
		fputs(": ", out);
	}
	if (p->attr)
		fprintf(out, "%s: ", p->attr);
	str_printable(text, sizeof(text), p->message);
	fputs(text, out);
	if (p->kernel) {
		str_printable(text, sizeof(text), p->kernel);
		fprintf(out, ": %s", text);
	}
	fputc('\n', out);
	if (p->origin.source)
		show_line(&p->origin, out);
	if (p->hint) {
		str_printable(text, sizeof(text), p->hint);
		fprintf(out, "  %s\n", text);
	}
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* The same of another object, in the same place? */
static bool is_repeated(const struct problem *a, const struct problem *b)
{
	return a->origin.source == b->origin.source && a->origin.line == b->origin.line &&
	       a->origin.column == b->origin.column && a->warning == b->warning && a->object &&
	       b->object && same_text(a->attr, b->attr) && same_text(a->message, b->message) &&
	       same_text(a->kernel, b->kernel) && same_text(a->hint, b->hint);
}

/* One place may be about many VFs: people are told once. */
void output_problems(const struct problems *problems, const struct options *o, FILE *out)
{
	size_t others;

	for (size_t i = 0; i < problems->count && !o->json; i += 1 + others) {
		const struct problem *p = &problems->items[i];

		for (others = 0; i + others + 1 < problems->count; others++)
			if (!is_repeated(p, p + others + 1))
				break;
		if (!p->warning || !o->quiet)
			show(p, others, out);
	}
}

static json_t *json_maybe(const char *text)
{
	return text ? json_text(text) : json_null();
}

static json_t *json_problem(const struct problem *p)
{
	const struct origin *o = &p->origin;
	json_t *j = json_object();

	json_object_set_new(j, "code", json_integer(p->code));
	json_object_set_new(j, "object", json_maybe(p->object));
	json_object_set_new(j, "attr", json_maybe(p->attr));
	json_object_set_new(j, "message", json_text(p->message));
	json_object_set_new(j, "kernel", json_maybe(p->kernel));
	json_object_set_new(j, "hint", json_maybe(p->hint));
	json_object_set_new(j, "file", o->source ? json_text(o->source->name) : json_null());
	json_object_set_new(j, "line", o->source ? json_integer(o->line) : json_null());
	json_object_set_new(j, "column", o->source ? json_integer(o->column) : json_null());
	return j;
}

json_t *json_problems(const struct problems *problems, json_t *warnings)
{
	json_t *errors = json_array();
	char text[2048];

	for (size_t i = 0; problems && i < problems->count; i++) {
		const struct problem *p = &problems->items[i];
		const struct origin *o = &p->origin;

		if (!p->warning) {
			json_array_append_new(errors, json_problem(p));
			continue;
		}
		if (o->source)
			snprintf(text, sizeof(text), "%s:%u:%u: %s", o->source->name, o->line,
				o->column, p->message);
		else
			snprintf(text, sizeof(text), "%s", p->message);
		json_array_append_new(warnings, json_text(text));
	}
	return errors;
}

void output_check(const struct problems *problems, size_t documents, const struct error *err,
	const struct options *o, FILE *out)
{
	json_t *root, *warnings;

	if (!o->json) {
		if (!problems->errors && !o->quiet)
			fprintf(out, "%zu %s, nothing wrong\n", documents,
				documents == 1 ? "document" : "documents");
		return;
	}
	root = json_object();
	warnings = json_array();
	if (err)
		json_object_set_new(root, "error", json_error(err, o));
	json_object_set_new(root, "valid", json_boolean(!problems->errors));
	json_object_set_new(root, "documents", json_integer((json_int_t)documents));
	json_object_set_new(root, "errors", json_problems(problems, warnings));
	json_object_set_new(root, "warnings", warnings);
	json_dump(root, o, out);
}

static json_t *read_report(int fd)
{
	json_error_t ignored;

	return fd < 0 || lseek(fd, 0, SEEK_SET) < 0 ? NULL : json_loadfd(fd, 0, &ignored);
}

int output_joined_report(const int *files, size_t count, const struct problems *problems,
	const struct error *err, const struct options *o, FILE *out)
{
	json_t *root = json_object(), *actions = json_array(), *warnings = json_array();
	json_t *errors = json_problems(problems, warnings);
	bool changed = false;

	for (size_t i = 0; i < count; i++) {
		json_t *report = read_report(files[i]);
		json_t *failed = json_object_get(report, "error");
		json_t *list = json_object_get(report, "errors");

		/* one that died may have come far */
		changed |= files[i] >= 0 &&
			   (!report || json_is_true(json_object_get(report, "changed")));
		json_array_extend(actions, json_object_get(report, "actions"));
		json_array_extend(warnings, json_object_get(report, "warnings"));
		if (json_array_size(list))
			json_array_extend(errors, list);
		else if (failed)
			json_array_append(errors, failed);
		json_decref(report);
	}
	if (err)
		json_object_set_new(root, "error", json_error(err, o));
	json_object_set_new(root, "changed", json_boolean(changed));
	json_object_set_new(root, "actions", actions);
	json_object_set_new(root, "errors", errors);
	json_object_set_new(root, "warnings", warnings);
	return json_dump(root, o, out);
}
