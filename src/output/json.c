/* JSON, the contract: plain arrays, real types, null for what is not known. */
#include "output/json.h"

#include "util/cleanup.h"
#include "util/str.h"

#include <string.h>

json_t *json_text(const char *s)
{
	json_t *j = json_string(s);
	cleanup_free char *fixed = NULL;
	size_t n = 0;

	if (j)
		return j;
	fixed = malloc(3 * strlen(s) + 1);
	if (!fixed)
		return NULL;
	while (*s) {
		size_t len = str_utf8_len(s);

		memcpy(fixed + n, len ? s : "\xef\xbf\xbd", len ? len : 3);
		n += len ? len : 3;
		s += len ? len : 1;
	}
	fixed[n] = 0;
	return json_string(fixed);
}

/* More would say more than was measured. */
static double thousandths(double v)
{
	return v < 1e12 && v > -1e12 ? (double)(int64_t)(v * 1000 + (v < 0 ? -.5 : .5)) / 1000 : v;
}

json_t *json_seconds(double seconds)
{
	return json_real(thousandths(seconds));
}

json_t *json_value(const struct value *v)
{
	char text[VALUE_TEXT_MAX];
	json_t *list;

	if (!v->known)
		return json_null();
	switch (v->type) {
	case VALUE_STRING:
		return json_text(v->string);
	case VALUE_STRINGS:
		list = json_array();
		for (size_t i = 0; i < v->strings->count; i++)
			json_array_append_new(list, json_text(v->strings->items[i]));
		return list;
	case VALUE_INTS:
		list = json_array();
		for (size_t i = 0; i < v->ints->count; i++)
			json_array_append_new(list, json_integer(v->ints->items[i]));
		return list;
	case VALUE_UINT:
	case VALUE_UINT64:
		return json_integer((json_int_t)v->uint);
	case VALUE_INT:
		return json_integer(v->num);
	case VALUE_REAL:
		return json_real(thousandths(v->real));
	case VALUE_BOOL:
		return json_boolean(v->on);
	case VALUE_HEX:
	case VALUE_BDF:
	case VALUE_LLADDR:
	case VALUE_GUID:
	case VALUE_ENUM:
		value_format(v, text, sizeof(text));
		return json_string(text);
	case VALUE_ANY:
		break;
	}
	return json_null();
}

json_t *json_record(
	const struct record_type *type, const struct columns *columns, const void *record)
{
	json_t *object = json_object();

	for (size_t i = 0; i < columns->count; i++) {
		struct value v = attr_get(type, columns->index[i], record);

		json_object_set_new_nocheck(
			object, type->attrs[columns->index[i]].key, json_value(&v));
	}
	return object;
}

/* The overview: each PF with its VFs in "vfs". */
static json_t *json_tree(
	const struct view *view, const struct columns *pf_columns, const struct options *o)
{
	const struct host *host = view->tree;
	struct columns vf_columns;
	struct error ignored;
	json_t *list = json_array();

	columns_choose(&vf_type, false, o, &vf_columns, &ignored);
	for (size_t p = 0; p < view->count; p++) {
		const struct pf *pf = view->records[p];
		json_t *object = json_record(&pf_type, pf_columns, pf), *vfs = json_array();

		for (size_t i = 0; i < pf->vf_count; i++)
			json_array_append_new(vfs,
				json_record(&vf_type, &vf_columns, &host->vfs[pf->first_vf + i]));
		json_object_set_new(object, "vfs", vfs);
		json_array_append_new(list, object);
	}
	return list;
}

struct gathered {
	char text[16384];
	size_t len;
	FILE *out;
};

static int flush_gathered(struct gathered *g)
{
	size_t len = g->len;

	g->len = 0;
	return fwrite(g->text, 1, len, g->out) == len ? 0 : -1;
}

/* jansson hands over a character at a time, and stdio locks for each. */
static int gather(const char *text, size_t size, void *arg)
{
	struct gathered *g = arg;

	if (size > sizeof(g->text) - g->len && flush_gathered(g) < 0)
		return -1;
	if (size > sizeof(g->text))
		return fwrite(text, 1, size, g->out) == size ? 0 : -1;
	memcpy(g->text + g->len, text, size);
	g->len += size;
	return 0;
}

int json_dump(json_t *root, const struct options *o, FILE *out)
{
	struct gathered g = {.len = 0, .out = out};
	size_t flags = (o->pretty ? JSON_INDENT(2) : JSON_COMPACT) | JSON_REAL_PRECISION(15);
	int rc = json_dump_callback(root, gather, &g, flags);

	json_decref(root);
	if (flush_gathered(&g) < 0)
		rc = -1;
	fputc('\n', out);
	return rc;
}

int output_json(const struct view *view, const struct columns *columns, const struct options *o,
	FILE *out, struct error *err)
{
	json_t *list;

	if (view->tree) {
		list = json_tree(view, columns, o);
	} else {
		list = json_array();
		for (size_t i = 0; i < view->count; i++)
			json_array_append_new(
				list, json_record(view->type, columns, view->records[i]));
	}
	return json_dump(list, o, out) && !ferror(out) ? error_nomem(err) : 0;
}
