#include "output/rates.h"

#include "output/json.h"
#include "util/clock.h"

#include <stdlib.h>
#include <time.h>

static int view_of(const struct rates *r, struct view *view, struct error *err)
{
	*view = (struct view){.type = &rate_type, .count = r->count};
	view->records = calloc(r->count + 1, sizeof(void *));
	if (!view->records)
		return error_nomem(err);
	for (size_t i = 0; i < r->count; i++)
		view->records[i] = &r->list[i];
	return 0;
}

int output_rates(const struct rates *r, const struct columns *columns, const struct options *o,
	FILE *out, struct error *err)
{
	struct tm tm;
	struct view view;
	char text[32];
	int rc;

	if (view_of(r, &view, err) < 0)
		return -1;
	if (!o->oneline && !o->no_header && !o->brief && localtime_r(&r->time.tv_sec, &tm) &&
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm))
		fprintf(out, "%s, %.2f s\n", text, r->seconds);
	rc = output_table(&view, columns, false, o, out, err);
	if (!o->oneline && !o->brief)
		fputc('\n', out);
	free(view.records);
	return rc;
}

int output_rates_json(const struct rates *r, const struct columns *columns, const struct options *o,
	FILE *out, struct error *err)
{
	json_t *object = json_object();
	char date[CLOCK_DATE_SIZE];

	json_object_set_new(object, "time", json_string(clock_date(date, &r->time)));
	json_object_set_new(object, "seconds", json_seconds(r->seconds));
	json_object_set_new(object, "vfs", json_array());
	for (size_t i = 0; i < r->count; i++)
		json_array_append_new(json_object_get(object, "vfs"),
			json_record(&rate_type, columns, &r->list[i]));
	return json_dump(object, o, out) && !ferror(out) ? error_nomem(err) : 0;
}
