/* Records to text or JSON: one walk over the attribute rows. */
#ifndef OUTPUT_OUTPUT_H
#define OUTPUT_OUTPUT_H

#include "core/options.h"
#include "core/host.h"
#include "plan/plan.h"
#include "util/error.h"

#include <stdio.h>

/* What a command shows. */
struct view {
	const struct record_type *type;
	const void **records; /* in the host's arena */
	size_t count;
	const struct host *tree; /* the overview: the PFs among records, each with its VFs */
};

/* The attributes to show, as indexes into type->attrs. */
struct columns {
	uint8_t index[64];
	size_t count;
	unsigned needs;   /* what discovery must ask for them */
	bool all_default; /* not chosen by the user: ATTR_IF_ANY applies */
};

int columns_choose(const struct record_type *type, bool single, const struct options *o,
	struct columns *columns, struct error *err);

int output_table(const struct view *view, const struct columns *columns, bool single,
	const struct options *o, FILE *out, struct error *err);
/* view->tree: host of OVERVIEW_NEEDS. */
int output_tree(const struct view *view, const struct options *o, FILE *out, struct error *err);
int output_json(const struct view *view, const struct columns *columns, const struct options *o,
	FILE *out, struct error *err);

/* One event: a line, or an object. */
struct event;
void output_event(const struct event *e, const struct options *o, FILE *out);

/* What a change did, or would do. err: why it failed, NULL when it did not. */
int output_report(
	const struct change *change, const struct error *err, const struct options *o, FILE *out);
/* Problems, for people: where they are said, the line shown, and what to do. Nothing with
 * o->json. */
struct problems;
void output_problems(const struct problems *problems, const struct options *o, FILE *out);
/* Of several changes, each written by output_report() as JSON: one report. `files` are
 * descriptors, -1 for none. problems: more of them, or NULL. err: as for output_report(). */
int output_joined_report(const int *files, size_t count, const struct problems *problems,
	const struct error *err, const struct options *o, FILE *out);
/* What is wrong with policy files, and nothing else. */
void output_check(const struct problems *problems, size_t documents, const struct error *err,
	const struct options *o, FILE *out);
/* An error on stderr, for people; safe to show on a terminal. */
void output_error(const struct error *err, const struct options *o, FILE *out);
/* {"error": {...}} for those who read JSON. */
void output_error_json(const struct error *err, const struct options *o, FILE *out);

bool output_use_color(const struct options *o, FILE *out);

#endif
