/* Events as lines: for people, or one JSON object each. */
#include "core/event.h"
#include "output/json.h"
#include "util/str.h"

#include <string.h>
#include <time.h>

static void event_json(const struct event *e, const struct options *o, FILE *out)
{
	json_t *object = json_object();

	for (size_t i = 0; i < event_type.count; i++) {
		struct value v = attr_get(&event_type, i, e);

		json_object_set_new_nocheck(object, event_type.attrs[i].key, json_value(&v));
	}
	json_dump(object, o, out);
}

/* A value on a terminal: what it is called when there is none depends on what it is of. */
static const char *text_of(const struct value *v, const char *none, char *out, size_t size)
{
	char text[VALUE_TEXT_MAX];

	value_format(v, text, sizeof(text));
	str_printable(out, size, v->known && text[0] ? text : none);
	return out;
}

/* "vlan 5 -> 6", "igbvf", "error" */
static void print_values(const struct event *e, FILE *out)
{
	const char *none = e->kind == EVENT_MOVED ? "here" : "none";
	char old[VALUE_TEXT_MAX], new[VALUE_TEXT_MAX], attr[256];
	bool of_any = e->kind == EVENT_CHANGED || e->kind == EVENT_RESET || e->kind == EVENT_HEALTH;

	if (!event_has(e, EVENT_ATTR))
		return;
	if (of_any) {
		str_printable(attr, sizeof(attr), e->attr);
		fprintf(out, " %s", attr);
	}
	text_of(&e->old, none, old, sizeof(old));
	text_of(&e->new, none, new, sizeof(new));
	if (e->kind == EVENT_UNBOUND)
		fprintf(out, " %s", old);
	else if (e->kind == EVENT_RESET || e->kind == EVENT_HEALTH ||
		 (e->kind == EVENT_BOUND && !e->old.known))
		fprintf(out, " %s", new);
	else
		fprintf(out, " %s -> %s", old, new);
}

static void print_rest(const struct event *e, FILE *out)
{
	char text[512];
	struct value reason = attr_get(&event_type, EVENT_REASON, e);

	if ((e->kind == EVENT_CREATED || e->kind == EVENT_BACK) && event_has(e, EVENT_BDF)) {
		bdf_format(e->bdf, text);
		fprintf(out, " %s", text);
	}
	if (reason.known)
		fprintf(out, e->kind == EVENT_RESYNC ? " %s" : " (%s)", reason.name);
	if (event_has(e, EVENT_NOTIFICATIONS))
		fprintf(out, ", %u at once", e->notifications);
	if (event_has(e, EVENT_DIFFERENCES))
		fprintf(out, ", %u told", e->differences);
	if (event_has(e, EVENT_DETAIL)) {
		str_printable(text, sizeof(text), e->detail);
		fprintf(out, " (%s)", text);
	}
}

static void event_text(const struct event *e, FILE *out)
{
	time_t seconds = (time_t)(e->time_ms / 1000);
	const char *kind = event_kind_names[e->kind];
	const uint64_t more =
		EVENT_BIT(EVENT_ATTR) | EVENT_BIT(EVENT_REASON) | EVENT_BIT(EVENT_DETAIL) |
		(e->kind == EVENT_CREATED || e->kind == EVENT_BACK ? EVENT_BIT(EVENT_BDF) : 0);
	char name[256], clock[32];
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	str_printable(name, sizeof(name),
		event_has(e, EVENT_VF)   ? e->vf
		: event_has(e, EVENT_PF) ? e->pf
					 : "-");
	fprintf(out, "%s.%03d  %-8s %s", clock, (int)(e->time_ms % 1000), name, kind);
	if (e->known & more)
		fprintf(out, "%*s", (int)(9 - strlen(kind)), "");
	print_values(e, out);
	print_rest(e, out);
	fputc('\n', out);
}

void output_event(const struct event *e, const struct options *o, FILE *out)
{
	if (o->json)
		event_json(e, o, out);
	else
		event_text(e, out);
}
