#include "output/doctor.h"

#include "output/json.h"
#include "output/screen.h"

#include "core/overview.h"
#include "util/cleanup.h"
#include "util/str.h"

#include <locale.h>
#include <string.h>

#define WIDTH 80 /* of what goes to no terminal */
#define LABEL 8  /* columns of "found", "means", ... */
#define MOST 8   /* findings of one check on one PF that are shown; the rest is counted */
#define INFOS 3  /* the same of those that are only good to know */
#define RED "\033[31m"
#define YELLOW "\033[33m"
#define GREEN "\033[32m"
#define PLAIN "\033[0m"

struct report {
	const struct examination *x;
	const struct options *o;
	FILE *out;
	struct arena arena;
	size_t width;
	bool color;
};

static const char *color_of(const struct report *r, enum severity severity)
{
	if (!r->color)
		return "";
	return severity == SEVERITY_PROBLEM   ? RED
	       : severity == SEVERITY_WARNING ? YELLOW
	       : severity == SEVERITY_OK      ? GREEN
					      : "";
}

static const char *color_end(const struct report *r, enum severity severity)
{
	return color_of(r, severity)[0] ? PLAIN : "";
}

/* The text in lines of the screen, from column `at` on; further lines begin at `indent`. Words in
 * quotes and whole commands stay in one line, so that they can be pasted. */
static void print_wrapped(struct report *r, size_t at, size_t indent, const char *raw)
{
	size_t size = 4 * strlen(raw) + 8;
	char *text = arena_alloc(&r->arena, size);
	bool whole = str_starts(raw, "sriovctl "), first = true;

	str_printable(text, size, raw);
	if (whole) {
		fprintf(r->out, "%s\n", text);
		return;
	}
	for (char *word = text, *end; *word; word = end) {
		char kept;
		size_t width;

		end = word_end(word);
		kept = *end;
		*end = 0;
		width = text_width(word);
		if (!first && at + 1 + width > r->width) {
			fprintf(r->out, "\n%*s", (int)indent, "");
			at = indent;
			first = true;
		}
		fprintf(r->out, "%s%s", first ? "" : " ", word);
		at += width + !first;
		first = false;
		*end = kept;
		end += *end == ' ';
	}
	fputc('\n', r->out);
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* Is it said of another VF in just the same way? */
static bool is_alike(const struct finding *a, const struct finding *b)
{
	return a->check == b->check && a->severity == b->severity && a->pf == b->pf && a->vf &&
	       b->vf && strcmp(a->summary, b->summary) == 0 &&
	       strcmp(a->remedy ? a->remedy : "", b->remedy ? b->remedy : "") == 0;
}

/* "eth0/0-3", "eth0", "eth7" that is no PF, NULL of the host. */
static const char *object_of(struct arena *arena, const struct finding *f, size_t count)
{
	const struct vf **vfs;

	if (!f->vf)
		return f->pf ? f->pf->name : f->other;
	vfs = arena_alloc(arena, count * sizeof(*vfs));
	for (size_t i = 0; i < count; i++)
		vfs[i] = f[i].vf;
	return overview_name(arena, f->pf->name, vfs, count, 0);
}

/* The remedy, for what it is about. */
static const char *fill_in(struct arena *arena, const char *remedy, const char *object)
{
	const char *hole = strstr(remedy, DOCTOR_OBJECT), *text = "";

	for (; hole; remedy = hole + strlen(DOCTOR_OBJECT), hole = strstr(remedy, DOCTOR_OBJECT))
		text = arena_printf(arena, "%s%.*s%s", text, (int)(hole - remedy), remedy,
			object ? object : "PF");
	return arena_printf(arena, "%s%s", text, remedy);
}

static void print_field(struct report *r, const char *label, const char *text)
{
	fprintf(r->out, "    %-*s", LABEL, label);
	print_wrapped(r, 4 + LABEL, 4 + LABEL, text);
}

static void print_evidence(struct report *r, const struct finding *f, size_t alike)
{
	for (size_t i = 0; i < f->evidence_count; i++) {
		const struct evidence *e = &f->evidence[i];
		const char *text = arena_printf(&r->arena, "%s: %s", e->source, e->value);

		if (alike > 1 && i + 1 == f->evidence_count)
			text = arena_printf(&r->arena, "%s (and so of %zu more VF%s)", text,
				alike - 1, plural(alike - 1));
		print_field(r, i ? "" : "found", text);
	}
}

/* The first of `count` that are said together. */
static void print_finding(struct report *r, const struct finding *f, size_t count)
{
	const char *object = object_of(&r->arena, f, count), *line;
	bool brief = f->severity <= SEVERITY_INFO && !r->o->details, named = f->vf || f->other;
	size_t len = strlen(severity_names[f->severity]);

	fprintf(r->out, "  %s%s%s: ", color_of(r, f->severity), severity_names[f->severity],
		color_end(r, f->severity));
	line = arena_printf(&r->arena, "%s%s%s [%s]", named ? object : "", named ? ": " : "",
		f->summary ? f->summary
			   : arena_printf(&r->arena, "not found: %s", f->check->looks_at),
		f->check->id);
	print_wrapped(r, 4 + len, 4, line);
	if (brief)
		return;
	print_evidence(r, f, count);
	if (f->meaning)
		print_field(r, "means", f->meaning);
	if (f->remedy)
		print_field(r, "do", fill_in(&r->arena, f->remedy, object));
	if (f->severity > SEVERITY_UNKNOWN)
		print_field(r, "read", f->see);
}

static bool is_shown(const struct report *r, const struct finding *f)
{
	if (r->o->quiet)
		return f->severity >= SEVERITY_WARNING;
	return f->severity >= SEVERITY_INFO || r->o->details;
}

static void print_subject(struct report *r, const struct pf *pf)
{
	char bdf[BDF_SIZE] = "";
	const char *text;

	if (!pf) {
		fputs("\nthis host\n", r->out);
		return;
	}
	if (pf_has(pf, PF_BDF) && strcmp(pf->name, bdf) != 0)
		bdf_format(pf->bdf, bdf);
	text = pf->name;
	if (bdf[0] && strcmp(bdf, pf->name) != 0)
		text = arena_printf(&r->arena, "%s %s", text, bdf);
	if (pf_has(pf, PF_DRIVER))
		text = arena_printf(&r->arena, "%s, %s", text, pf->driver);
	if (pf_has(pf, PF_NUM_VFS) && pf_has(pf, PF_TOTAL_VFS))
		text = arena_printf(
			&r->arena, "%s, %u of %u VFs", text, pf->num_vfs, pf->total_vfs);
	fputc('\n', r->out);
	print_wrapped(r, 0, 4, text);
}

/* What one check has found on one PF: findings [from, end). */
static void print_run(struct report *r, size_t from, size_t end)
{
	const struct finding *f = r->x->findings;
	size_t most = f[from].severity > SEVERITY_INFO ? MOST : INFOS, count;

	for (size_t i = from, shown = 0; i < end; i += count) {
		if (shown++ == most && !r->o->details) {
			fprintf(r->out, "  and %zu more of [%s]: --details shows all\n", end - i,
				f[i].check->id);
			return;
		}
		for (count = 1; i + count < end && is_alike(&f[i], &f[i + count]);)
			count++;
		print_finding(r, &f[i], count);
	}
}

/* What is the matter, by host and PFs. */
static void print_findings(struct report *r)
{
	const struct examination *x = r->x;
	const struct finding *last = NULL;

	for (size_t i = 0, end; i < x->finding_count; i = end) {
		const struct finding *f = &x->findings[i];

		for (end = i + 1; end < x->finding_count; end++)
			if (f[end - i].pf != f->pf || f[end - i].check != f->check ||
				f[end - i].severity != f->severity)
				break;
		if (!is_shown(r, f))
			continue;
		if (!last || f->pf != last->pf)
			print_subject(r, f->pf);
		last = f;
		print_run(r, i, end);
	}
}

/* The few words that say why all is well, in one line for the host and for each PF. */
static void print_facts(struct report *r)
{
	const struct examination *x = r->x;
	const char *text = NULL;

	for (size_t i = 0; i <= x->finding_count; i++) {
		const struct finding *f = &x->findings[i];

		if (text && (i == x->finding_count || f->pf != f[-1].pf)) {
			fputs("  ", r->out);
			print_wrapped(r, 2, 4, text);
			text = NULL;
		}
		if (i == x->finding_count || f->severity != SEVERITY_OK || !f->summary || f->vf)
			continue;
		text = text ? arena_printf(&r->arena, "%s, %s", text, f->summary)
			    : arena_printf(&r->arena, "%s: %s", f->pf ? f->pf->name : "this host",
				      f->summary);
	}
}

static void print_unknown(struct report *r)
{
	const struct examination *x = r->x;
	const char *text = NULL;

	for (size_t c = 0; checks[c]; c++) {
		size_t i = 0;

		while (i < x->finding_count && (x->findings[i].check != checks[c] ||
						       x->findings[i].severity != SEVERITY_UNKNOWN))
			i++;
		if (i == x->finding_count)
			continue;
		text = text ? arena_printf(&r->arena, "%s, %s", text, checks[c]->id)
			    : checks[c]->id;
	}
	if (!text)
		return;
	text = arena_printf(&r->arena, "Could not be looked at: %s (--details says why).", text);
	fputc('\n', r->out);
	print_wrapped(r, 0, 2, text);
}

static enum severity worst(const struct examination *x)
{
	enum severity s = SEVERITY_PROBLEM;

	while (s > SEVERITY_UNKNOWN && !x->counts[s])
		s--;
	return s > SEVERITY_UNKNOWN ? s : SEVERITY_OK;
}

/* "45 checks of this host, 2 PFs and 14 VFs" */
static const char *extent(const struct examination *x, struct arena *arena)
{
	return arena_printf(arena, "%zu check%s of %s%zu PF%s and %zu VF%s", x->check_count,
		plural(x->check_count), x->whole_host ? "this host, " : "", x->pf_count,
		plural(x->pf_count), x->vf_count, plural(x->vf_count));
}

static const char *summary(const struct examination *x, struct arena *arena)
{
	size_t problems = x->counts[SEVERITY_PROBLEM], warnings = x->counts[SEVERITY_WARNING];

	if (problems && warnings)
		return arena_printf(arena, "%zu problem%s, %zu warning%s", problems,
			plural(problems), warnings, plural(warnings));
	if (problems)
		return arena_printf(arena, "%zu problem%s", problems, plural(problems));
	if (warnings)
		return arena_printf(arena, "no problem, %zu warning%s", warnings, plural(warnings));
	return "nothing wrong";
}

static void print_text(struct report *r)
{
	const struct examination *x = r->x;
	enum severity s = worst(x);
	const char *said = summary(x, &r->arena);
	char first = said[0] == 'n' ? 'N' : said[0];

	setlocale(LC_CTYPE, ""); /* for widths */
	if (s >= SEVERITY_WARNING || !r->o->quiet) {
		fprintf(r->out, "%s%c%s%s: ", color_of(r, s > SEVERITY_INFO ? s : SEVERITY_OK),
			first, said + 1, color_end(r, s > SEVERITY_INFO ? s : SEVERITY_OK));
		print_wrapped(r, strlen(said) + 2, 2,
			arena_printf(&r->arena, "%s.", extent(x, &r->arena)));
	}
	if (s <= SEVERITY_INFO && !r->o->quiet && !r->o->details)
		print_facts(r);
	print_findings(r);
	if (!r->o->quiet && !r->o->details)
		print_unknown(r);
}

static json_t *maybe(const char *text)
{
	return text ? json_text(text) : json_null();
}

static json_t *json_finding(struct arena *arena, const struct finding *f)
{
	const char *object = object_of(arena, f, 1);
	json_t *j = json_object(), *list = json_array();
	bool has_bdf = f->vf ? vf_has(f->vf, VF_BDF) : f->pf && pf_has(f->pf, PF_BDF);
	char bdf[BDF_SIZE];

	for (size_t i = 0; i < f->evidence_count; i++) {
		json_t *e = json_object();

		json_object_set_new(e, "source", json_text(f->evidence[i].source));
		json_object_set_new(e, "value", json_text(f->evidence[i].value));
		json_array_append_new(list, e);
	}
	if (has_bdf)
		bdf_format(f->vf ? f->vf->bdf : f->pf->bdf, bdf);
	json_object_set_new(j, "check", json_text(f->check->id));
	json_object_set_new(j, "severity", json_text(severity_names[f->severity]));
	json_object_set_new(j, "object", maybe(object));
	json_object_set_new(j, "pf", maybe(f->pf ? f->pf->name : NULL));
	json_object_set_new(j, "index", f->vf ? json_integer(f->vf->index) : json_null());
	json_object_set_new(j, "bdf", has_bdf ? json_text(bdf) : json_null());
	json_object_set_new(j, "summary", maybe(f->summary));
	json_object_set_new(j, "evidence", list);
	json_object_set_new(j, "meaning", maybe(f->meaning));
	json_object_set_new(
		j, "remedy", maybe(f->remedy ? fill_in(arena, f->remedy, object) : NULL));
	json_object_set_new(j, "see", maybe(f->see));
	return j;
}

static int print_json(struct report *r)
{
	const struct examination *x = r->x;
	json_t *root = json_object(), *findings = json_array(), *counts = json_object();
	json_t *warnings = json_array();

	for (size_t i = 0; i < x->finding_count; i++)
		json_array_append_new(findings, json_finding(&r->arena, &x->findings[i]));
	for (size_t s = 0; severity_names[s]; s++)
		json_object_set_new(
			counts, severity_names[s], json_integer((json_int_t)x->counts[s]));
	for (size_t i = 0; i < x->host->warning_count; i++)
		json_array_append_new(warnings, json_text(x->host->warnings[i]));
	json_object_set_new(root, "verdict", json_text(severity_names[worst(x)]));
	json_object_set_new(root, "summary", json_text(summary(x, &r->arena)));
	json_object_set_new(root, "checks", json_integer((json_int_t)x->check_count));
	json_object_set_new(root, "pfs", json_integer((json_int_t)x->pf_count));
	json_object_set_new(root, "vfs", json_integer((json_int_t)x->vf_count));
	json_object_set_new(root, "counts", counts);
	json_object_set_new(root, "findings", findings);
	json_object_set_new(root, "warnings", warnings);
	return json_dump(root, r->o, r->out);
}

int output_doctor(const struct examination *x, const struct options *o, FILE *out)
{
	struct screen screen = screen_look(out);
	struct report r = {.x = x, .o = o, .out = out};
	int rc = 0;

	r.width = screen.terminal ? screen.columns : WIDTH;
	r.color = output_use_color(o, out);
	if (o->json)
		rc = print_json(&r);
	else
		print_text(&r);
	arena_free(&r.arena);
	return rc;
}
