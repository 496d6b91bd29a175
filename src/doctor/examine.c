#include "doctor/parts.h"

#include "util/str.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const severity_names[] = {
	[SEVERITY_OK] = "ok",
	[SEVERITY_UNKNOWN] = "unknown",
	[SEVERITY_INFO] = "info",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_PROBLEM] = "problem",
	NULL,
};

__attribute__((format(printf, 2, 0))) static const char *format(
	struct examination *x, const char *fmt, va_list ap)
{
	va_list again;
	char *text;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		return "";
	text = arena_alloc(&x->arena, (size_t)n + 1);
	vsnprintf(text, (size_t)n + 1, fmt, ap);
	return text;
}

static struct finding *add(struct examination *x, enum severity severity)
{
	struct finding *f;

	x->findings = arena_push(&x->arena, x->findings, &x->finding_count, sizeof(*f));
	f = &x->findings[x->finding_count - 1];
	*f = (struct finding){.check = x->check,
		.severity = severity,
		.pf = x->pf,
		.vf = x->vf,
		.other = x->other,
		.see = x->check->see};
	return f;
}

static struct finding *last(struct examination *x)
{
	return &x->findings[x->finding_count - 1];
}

void found(struct examination *x, enum severity severity, const char *fmt, ...)
{
	struct finding *f = add(x, severity);
	va_list ap;

	f->meaning = x->check->meaning;
	va_start(ap, fmt);
	f->summary = format(x, fmt, ap);
	va_end(ap);
}

void fine(struct examination *x, const char *fmt, ...)
{
	struct finding *f = add(x, SEVERITY_OK);
	va_list ap;

	va_start(ap, fmt);
	f->summary = format(x, fmt, ap);
	va_end(ap);
}

void unknown(struct examination *x, const char *fmt, ...)
{
	struct finding *f = add(x, SEVERITY_UNKNOWN);
	va_list ap;

	va_start(ap, fmt);
	f->summary = format(x, fmt, ap);
	va_end(ap);
}

static struct evidence *add_evidence(struct examination *x)
{
	struct finding *f = last(x);

	f->evidence = arena_push(&x->arena, f->evidence, &f->evidence_count, sizeof(*f->evidence));
	return &f->evidence[f->evidence_count - 1];
}

void evidence(struct examination *x, const char *source, const char *fmt, ...)
{
	struct evidence *e = add_evidence(x);
	va_list ap;

	e->source = arena_strdup(&x->arena, source);
	va_start(ap, fmt);
	e->value = format(x, fmt, ap);
	va_end(ap);
}

#define NAMES_SHOWN 16

static const char *names_of(struct examination *x, const struct fact *f)
{
	const char *text = "";

	for (size_t i = 0; i < f->names.count && i < NAMES_SHOWN; i++)
		text = arena_printf(&x->arena, "%s%s%s", text, i ? " " : "", f->names.items[i]);
	if (f->names.count > NAMES_SHOWN)
		text = arena_printf(
			&x->arena, "%s and %zu more", text, f->names.count - NAMES_SHOWN);
	return text;
}

void evidence_fact(struct examination *x, const char *fmt, ...)
{
	struct evidence *e = add_evidence(x);
	const struct fact *f;
	va_list ap;

	va_start(ap, fmt);
	e->source = format(x, fmt, ap);
	va_end(ap);
	f = facts_find(x->facts, "%s", e->source);
	if (!f)
		e->value = "not looked at";
	else if (f->sys_errno)
		e->value = f->sys_errno == ENOENT ? "not there" : strerror(f->sys_errno);
	else if (f->names.count)
		e->value = names_of(x, f);
	else
		e->value = f->len ? f->text : "empty";
}

const char *device_path(struct examination *x, const char *file)
{
	char bdf[BDF_SIZE] = "";

	if (x->vf)
		bdf_format(x->vf->bdf, bdf);
	else if (x->pf)
		bdf_format(x->pf->bdf, bdf);
	return arena_printf(&x->arena, "/sys/bus/pci/devices/%s/%s", bdf, file);
}

void remedy(struct examination *x, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	last(x)->remedy = format(x, fmt, ap);
	va_end(ap);
}

void means(struct examination *x, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	last(x)->meaning = format(x, fmt, ap);
	va_end(ap);
}

const char *boot_option(struct examination *x, const char *name)
{
	const char *line = facts_text(x->facts, "/proc/cmdline"), *value = NULL;
	size_t len = strlen(name);

	for (const char *p = line ? line : ""; *p; p += strcspn(p, " ")) {
		p += strspn(p, " ");
		if (strncmp(p, name, len) == 0 && (p[len] == '=' || p[len] == ' ' || !p[len])) {
			const char *from = p[len] == '=' ? p + len + 1 : p + len;

			value = arena_strndup(&x->arena, from, strcspn(from, " "));
		}
	}
	return value;
}

const struct pf_intent *intent_of_pf(const struct examination *x, const struct pf *pf)
{
	for (size_t i = 0; x->intent && i < x->intent->count; i++)
		if (x->intent->pfs[i].pf == pf)
			return &x->intent->pfs[i];
	return NULL;
}

const struct vf_intent *intent_of_vf(
	const struct examination *x, const struct pf *pf, const struct vf *vf)
{
	const struct pf_intent *want = intent_of_pf(x, pf);

	for (size_t i = 0; want && i < want->vf_count; i++)
		if (want->vfs[i].index == vf->index)
			return &want->vfs[i];
	return NULL;
}

static void look_at_pf(struct examination *x, const struct pf *pf)
{
	x->pf = pf;
	if (x->check->pf)
		x->check->pf(x, pf);
	for (size_t i = 0; x->check->vf && i < pf->vf_count; i++) {
		x->vf = &x->host->vfs[pf->first_vf + i];
		x->check->vf(x, pf, x->vf);
	}
	x->pf = NULL;
	x->vf = NULL;
}

static void look_at_others(struct examination *x)
{
	for (size_t i = 0; i < x->other_count; i++) {
		x->other = x->others[i];
		x->check->other(x, x->other);
	}
	x->other = NULL;
}

static void look(struct examination *x)
{
	size_t before = x->finding_count;
	const char *idle = x->check->idle ? x->check->idle(x) : NULL;

	if (x->check->host && !x->whole_host && !(x->check->other && x->other_count))
		idle = "it is of the host as a whole: name no PF";
	if (idle) {
		if (x->by_name)
			unknown(x, "%s", idle);
		return;
	}
	if (x->check->host && x->whole_host)
		x->check->host(x);
	if (x->check->other)
		look_at_others(x);
	for (size_t i = 0; !x->check->host && i < x->pf_count; i++)
		look_at_pf(x, x->pfs[i]);
	x->check_count++;
	if (x->finding_count == before)
		add(x, SEVERITY_OK)->summary = NULL;
}

static int order_of(const struct check *c)
{
	int i = 0;

	while (checks[i] && checks[i] != c)
		i++;
	return i;
}

/* By the host, then its PFs; there the gravest first. */
static int compare_subjects(const struct finding *x, const struct finding *y)
{
	if (x->pf != y->pf)
		return !x->pf || (y->pf && x->pf < y->pf) ? -1 : 1;
	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	return order_of(x->check) - order_of(y->check);
}

static int compare_words(const struct finding *x, const struct finding *y)
{
	int order = strcmp(x->summary ? x->summary : "", y->summary ? y->summary : "");

	return order ? order : strcmp(x->remedy ? x->remedy : "", y->remedy ? y->remedy : "");
}

static int compare_vfs(const struct vf *x, const struct vf *y)
{
	return (x > y) - (x < y);
}

static int by_words(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int order = compare_subjects(x, y);

	order = order ? order : compare_words(x, y);
	return order ? order : compare_vfs(x->vf, y->vf);
}

static int by_first(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int order = compare_subjects(x, y);

	order = order ? order : compare_vfs(x->first, y->first);
	order = order ? order : compare_words(x, y);
	return order ? order : compare_vfs(x->vf, y->vf);
}

/* VFs of which the same is said stand together, in the order of the first of them. */
static void sort(struct examination *x)
{
	struct finding *f = x->findings;

	if (!x->finding_count)
		return;
	qsort(f, x->finding_count, sizeof(*f), by_words);
	for (size_t i = 0; i < x->finding_count; i++)
		f[i].first =
			i && !compare_subjects(&f[i - 1], &f[i]) && !compare_words(&f[i - 1], &f[i])
				? f[i - 1].first
				: f[i].vf;
	qsort(f, x->finding_count, sizeof(*f), by_first);
}

void examine(struct examination *x, const struct check *const *chosen)
{
	for (size_t i = 0; chosen[i]; i++) {
		x->check = chosen[i];
		look(x);
	}
	x->check = NULL;
	for (size_t i = 0; i < x->pf_count; i++)
		x->vf_count += x->pfs[i]->vf_count;
	for (size_t i = 0; i < x->finding_count; i++)
		x->counts[x->findings[i].severity]++;
	sort(x);
}

void examination_free(struct examination *x)
{
	arena_free(&x->arena);
	*x = (struct examination){0};
}
