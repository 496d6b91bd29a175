/* What a change did, and what went wrong. */
#include "output/json.h"

#include "util/str.h"

#include <string.h>

json_t *json_error(const struct error *err, const struct options *o)
{
	json_t *e = json_object();

	json_object_set_new(e, "code", json_integer(err->code));
	json_object_set_new(e, "object", err->object[0] ? json_text(err->object) : json_null());
	json_object_set_new(e, "attr", err->attr[0] ? json_text(err->attr) : json_null());
	json_object_set_new(e, "message", json_text(err->message));
	json_object_set_new(e, "kernel", err->kernel[0] ? json_text(err->kernel) : json_null());
	json_object_set_new(e, "hint", err->hint[0] ? json_text(err->hint) : json_null());
	json_object_set_new(e, "line", o->line ? json_integer((json_int_t)o->line) : json_null());
	return e;
}

void output_error_json(const struct error *err, const struct options *o, FILE *out)
{
	json_t *root = json_object();

	json_object_set_new(root, "error", json_error(err, o));
	json_dump(root, o, out);
}

static json_t *json_step(const struct step *s, bool declared)
{
	json_t *j = json_object();

	json_object_set_new(j, "object", json_text(s->object));
	json_object_set_new(j, "attr", json_string(s->key));
	json_object_set_new(j, "old", json_value(&s->old));
	json_object_set_new(j, "new", json_value(&s->new));
	json_object_set_new(j, "result", json_string(step_result_names[s->result]));
	if (declared)
		json_object_set_new(j, "disruption", json_string(disruption_names[s->disruption]));
	return j;
}

static void add_warnings(json_t *list, const char **warnings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_text(warnings[i]));
}

static void report_json(
	const struct change *change, const struct error *err, const struct options *o, FILE *out)
{
	json_t *root = json_object(), *actions = json_array(), *warnings = json_array();

	if (err)
		json_object_set_new(root, "error", json_error(err, o));
	add_warnings(warnings, change->warnings, change->warning_count);
	for (size_t p = 0; p < change->count; p++) {
		const struct plan *plan = change->plans[p];

		for (size_t i = 0; i < plan->count; i++)
			json_array_append_new(
				actions, json_step(&plan->steps[i], change->problems));
		add_warnings(warnings, plan->warnings, plan->warning_count);
	}
	json_object_set_new(root, "changed", json_boolean(change_changed(change)));
	json_object_set_new(root, "actions", actions);
	if (change->problems)
		json_object_set_new(root, "errors", json_problems(change->problems, warnings));
	json_object_set_new(root, "warnings", warnings);
	json_dump(root, o, out);
}

/* A name as it may go to a terminal. */
static const char *safe(char *out, size_t size, const char *name)
{
	str_printable(out, size, name);
	return out;
}

static void step_texts(const struct step *s, char *old, char *new, size_t size)
{
	char text[VALUE_TEXT_MAX];

	value_format(&s->old, text, sizeof(text));
	str_printable(old, size, s->old.known && text[0] ? text : "none");
	value_format(&s->new, text, sizeof(text));
	str_printable(new, size, s->new.known &&text[0] ? text : "none");
}

/* After a refusal there is nothing to report but the refusal. */
static bool nothing_tried(const struct change *change)
{
	for (size_t p = 0; p < change->count; p++)
		for (size_t i = 0; i < change->plans[p]->count; i++)
			if (change->plans[p]->steps[i].result != RESULT_SKIPPED)
				return false;
	return change_step_count(change) > 0;
}

static bool same_thing(const struct step *a, const struct step *b)
{
	return strcmp(a->object, b->object) == 0 && strcmp(a->key, b->key) == 0;
}

/* What is different in the end: 4 -> 0 -> 6 is 4 -> 6. */
static void report_diff(const struct plan *plan, FILE *out)
{
	char old[VALUE_TEXT_MAX], new[VALUE_TEXT_MAX], unused[VALUE_TEXT_MAX];
	char object[256];

	for (size_t i = 0; i < plan->count; i++) {
		const struct step *s = &plan->steps[i];

		if (s->internal || s->kind == STEP_VF_RESET || s->kind == STEP_IF_ANNOUNCE)
			continue;
		step_texts(s, old, new, sizeof(old));
		while (i + 1 < plan->count && same_thing(s, &plan->steps[i + 1]) &&
			value_equal(&plan->steps[i].new, &plan->steps[i + 1].old))
			step_texts(&plan->steps[++i], unused, new, sizeof(new));
		if (strcmp(old, new) != 0)
			fprintf(out, "-%s %s %s\n+%s %s %s\n",
				safe(object, sizeof(object), s->object), s->key, old, object,
				s->key, new);
	}
}

static void report_step(const struct step *s, FILE *out)
{
	char old[VALUE_TEXT_MAX], new[VALUE_TEXT_MAX], object[256];
	bool planned = s->result == RESULT_PLANNED;
	bool put_back = s->put_back ||
			(!s->rebind && s->kind != STEP_VFIO_NODE && value_equal(&s->old, &s->new));
	const char *note = put_back    ? planned ? "to be put back" : "put back"
			   : s->rebind ? planned ? "to be rebound" : "rebound"
				       : NULL;

	step_texts(s, old, new, sizeof(old));
	fprintf(out, "%s: %s ", safe(object, sizeof(object), s->object), s->key);
	if (s->old.known && strcmp(old, new) != 0)
		fprintf(out, "%s -> ", old);
	fputs(new, out);
	if (s->result != RESULT_DONE && !(planned && note))
		note = step_result_names[s->result];
	if (note)
		fprintf(out, "  (%s)", note);
	if (planned && s->disruption)
		fprintf(out, "  [%s]", disruption_texts[s->disruption]);
	fputc('\n', out);
}

static void report_text(const struct plan *plan, const struct options *o, FILE *out)
{
	char object[256];

	for (size_t i = 0; i < plan->count; i++) {
		const struct step *s = &plan->steps[i];
		bool dull =
			(s->result == RESULT_KEPT && s->kind != STEP_VFIO_NODE) ||
			(s->put_back && s->result == RESULT_SKIPPED) ||
			(s->internal && (s->result == RESULT_DONE || s->result == RESULT_PLANNED));

		if (!dull || o->verbose)
			report_step(s, out);
	}
	if (!plan->count && o->verbose)
		fprintf(out, "%s: nothing to do\n", safe(object, sizeof(object), plan->pf->name));
}

int output_report(
	const struct change *change, const struct error *err, const struct options *o, FILE *out)
{
	if (o->json) {
		report_json(change, err, o, out);
		return 0;
	}
	for (size_t i = 0; i < change->count && !nothing_tried(change); i++) {
		if (o->diff)
			report_diff(change->plans[i], out);
		else if (!o->quiet || err)
			report_text(change->plans[i], o, out);
	}
	if (err && !o->diff && !change->problems && !nothing_tried(change) &&
		!change_changed(change))
		fputs("all is as it was before\n", out);
	return 0;
}

void output_error(const struct error *err, const struct options *o, FILE *out)
{
	char object[256], message[2048], kernel[1024], hint[1024], file[1024];

	str_printable(object, sizeof(object), err->object);
	str_printable(message, sizeof(message), err->message);
	str_printable(kernel, sizeof(kernel), err->kernel);
	str_printable(hint, sizeof(hint), err->hint);
	fputs("sriovctl: ", out);
	if (o->line)
		fprintf(out, "%s:%zu: ", safe(file, sizeof(file), o->file), o->line);
	fprintf(out, "%s%s%s%s%s%s%s\n", object, object[0] ? ": " : "",
		err->attr[0] ? err->attr : "", err->attr[0] ? ": " : "", message,
		kernel[0] ? ": " : "", kernel);
	if (hint[0])
		fprintf(out, "  %s\n", hint);
}
