#include "core/attr.h"

#include "util/str.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

const struct attr *attr_find(const struct record_type *type, const char *key)
{
	for (size_t i = 0; i < type->count; i++)
		if (strcmp(type->attrs[i].key, key) == 0)
			return &type->attrs[i];
	return NULL;
}

size_t attr_index(const struct record_type *type, const char *name)
{
	size_t i = 0;

	while (i < type->count && strcasecmp(type->attrs[i].key, name) != 0)
		i++;
	if (i < type->count)
		return i;
	/* the heading of one may be the key of another */
	for (i = 0; i < type->count; i++)
		if (strcasecmp(type->attrs[i].heading, name) == 0)
			break;
	return i;
}

int attr_unknown(const struct record_type *type, const char *name, struct error *err)
{
	struct nearest near = {.word = name};

	error_set(err, EXIT_USAGE, "no column '%s'", name);
	for (size_t i = 0; i < type->count; i++)
		nearest_try(&near, type->attrs[i].key);
	if (nearest_found(&near))
		return error_hint(err, "did you mean '%s'?", nearest_found(&near));
	return type->listed_by ? error_hint(err, "'sriovctl %s help' lists them", type->listed_by)
			       : -1;
}

struct value attr_get(const struct record_type *type, size_t index, const void *record)
{
	const struct attr *a = &type->attrs[index];
	const char *field = (const char *)record + a->offset;
	struct value v = {.type = a->type};
	uint64_t known;
	uint32_t u32;
	int32_t i32;

	memcpy(&known, (const char *)record + type->known_offset, sizeof(known));
	v.known = known >> index & 1;
	if (!v.known)
		return v;
	switch (a->type) {
	case VALUE_STRING:
		memcpy(&v.string, field, sizeof(v.string));
		break;
	case VALUE_STRINGS:
		v.strings = (const struct strings *)(const void *)field;
		break;
	case VALUE_INTS:
		v.ints = (const struct ints *)(const void *)field;
		break;
	case VALUE_UINT:
	case VALUE_HEX:
		memcpy(&u32, field, sizeof(u32));
		v.uint = u32;
		break;
	case VALUE_ENUM:
		memcpy(&u32, field, sizeof(u32));
		v.uint = u32;
		v.name = a->names[u32];
		break;
	case VALUE_INT:
		memcpy(&i32, field, sizeof(i32));
		v.num = i32;
		break;
	case VALUE_UINT64:
	case VALUE_GUID:
		memcpy(&v.uint, field, sizeof(v.uint));
		break;
	case VALUE_BOOL:
		v.on = *(const bool *)field;
		break;
	case VALUE_REAL:
		memcpy(&v.real, field, sizeof(v.real));
		break;
	case VALUE_BDF:
		memcpy(&v.bdf, field, sizeof(v.bdf));
		break;
	case VALUE_LLADDR:
		memcpy(&v.lladdr, field, sizeof(v.lladdr));
		break;
	case VALUE_ANY:
		memcpy(&v, field, sizeof(v));
		break;
	}
	return v;
}

void attr_set(const struct record_type *type, size_t index, void *record, const struct value *v)
{
	const struct attr *a = &type->attrs[index];
	char *field = (char *)record + a->offset, *bits = (char *)record + type->known_offset;
	uint32_t u32 = (uint32_t)v->uint;
	int32_t i32 = (int32_t)v->num;
	uint64_t known;

	switch (a->type) {
	case VALUE_STRING:
		memcpy(field, &v->string, sizeof(v->string));
		break;
	case VALUE_STRINGS:
		memcpy(field, v->strings, sizeof(*v->strings));
		break;
	case VALUE_INTS:
		memcpy(field, v->ints, sizeof(*v->ints));
		break;
	case VALUE_UINT:
	case VALUE_HEX:
	case VALUE_ENUM:
		memcpy(field, &u32, sizeof(u32));
		break;
	case VALUE_INT:
		memcpy(field, &i32, sizeof(i32));
		break;
	case VALUE_UINT64:
	case VALUE_GUID:
		memcpy(field, &v->uint, sizeof(v->uint));
		break;
	case VALUE_BOOL:
		*(bool *)field = v->on;
		break;
	case VALUE_REAL:
		memcpy(field, &v->real, sizeof(v->real));
		break;
	case VALUE_BDF:
		memcpy(field, &v->bdf, sizeof(v->bdf));
		break;
	case VALUE_LLADDR:
		memcpy(field, &v->lladdr, sizeof(v->lladdr));
		break;
	case VALUE_ANY:
		memcpy(field, v, sizeof(*v));
		break;
	}
	memcpy(&known, bits, sizeof(known));
	known |= UINT64_C(1) << index;
	memcpy(bits, &known, sizeof(known));
}

struct value value_uint(uint64_t u)
{
	return (struct value){.known = true, .type = VALUE_UINT, .uint = u};
}

struct value value_bool(bool on)
{
	return (struct value){.known = true, .type = VALUE_BOOL, .on = on};
}

struct value value_string(const char *s)
{
	return (struct value){.known = s != NULL, .type = VALUE_STRING, .string = s};
}

/* By hand, like bdf_format(): both are called for every VF. */
static void format_bytes(char *out, size_t size, const uint8_t *bytes, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	for (size_t i = 0; i < len && n + 4 < size; i++) {
		if (i)
			out[n++] = ':';
		out[n++] = hex[bytes[i] >> 4];
		out[n++] = hex[bytes[i] & 15];
	}
	out[n] = 0;
}

static void format_strings(char *out, size_t size, const struct strings *list)
{
	size_t n = 0;

	out[0] = 0;
	for (size_t i = 0; i < list->count && n < size; i++)
		n += (size_t)snprintf(out + n, size - n, "%s%s", i ? "," : "", list->items[i]);
}

static void format_ints(char *out, size_t size, const struct ints *list)
{
	size_t n = 0;

	for (size_t i = 0; i < list->count && n < size; i++)
		n += (size_t)snprintf(out + n, size - n, "%s%d", i ? "," : "", list->items[i]);
}

/* Three digits are all that a person reads: 0.25, 7.5, 812, 81.2k. */
static void format_real(char *out, size_t size, double v)
{
	static const char units[] = " kMGTPE";
	double abs = v < 0 ? -v : v;
	size_t unit = 0;

	for (; abs >= 999.5 && unit + 2 < sizeof(units); unit++) {
		abs /= 1000;
		v /= 1000;
	}
	if (abs > 0 && abs < 0.01)
		snprintf(out, size, v < 0 ? ">-0.01" : "<0.01");
	else if (unit)
		snprintf(out, size, "%.*f%c",
			abs < 9.995   ? 2
			: abs < 99.95 ? 1
				      : 0,
			v, units[unit]);
	else
		snprintf(out, size, "%.3g", v);
}

void value_format(const struct value *v, char *out, size_t size)
{
	uint8_t guid[8];
	char bdf[BDF_SIZE];

	out[0] = 0;
	if (!v->known)
		return;
	switch (v->type) {
	case VALUE_STRING:
		snprintf(out, size, "%s", v->string);
		break;
	case VALUE_STRINGS:
		format_strings(out, size, v->strings);
		break;
	case VALUE_INTS:
		format_ints(out, size, v->ints);
		break;
	case VALUE_UINT:
	case VALUE_UINT64:
		snprintf(out, size, "%llu", (unsigned long long)v->uint);
		break;
	case VALUE_HEX:
		snprintf(out, size, "0x%04llx", (unsigned long long)v->uint);
		break;
	case VALUE_REAL:
		format_real(out, size, v->real);
		break;
	case VALUE_ENUM:
		snprintf(out, size, "%s", v->name);
		break;
	case VALUE_INT:
		snprintf(out, size, "%lld", (long long)v->num);
		break;
	case VALUE_GUID:
		for (size_t i = 0; i < sizeof(guid); i++)
			guid[i] = (uint8_t)(v->uint >> (56 - 8 * i));
		format_bytes(out, size, guid, sizeof(guid));
		break;
	case VALUE_BOOL:
		snprintf(out, size, "%s", v->on ? "on" : "off");
		break;
	case VALUE_BDF:
		bdf_format(v->bdf, bdf);
		snprintf(out, size, "%s", bdf);
		break;
	case VALUE_LLADDR:
		format_bytes(out, size, v->lladdr.bytes, v->lladdr.len);
		break;
	case VALUE_ANY:
		break;
	}
}

bool strings_has(const struct strings *list, const char *s)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], s) == 0)
			return true;
	return false;
}

static bool strings_equal(const struct strings *a, const struct strings *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

bool value_equal(const struct value *a, const struct value *b)
{
	if (a->known != b->known || a->type != b->type)
		return false;
	if (!a->known)
		return true;
	switch (a->type) {
	case VALUE_STRING:
		return strcmp(a->string, b->string) == 0;
	case VALUE_STRINGS:
		return strings_equal(a->strings, b->strings);
	case VALUE_INTS:
		return a->ints->count == b->ints->count &&
		       memcmp(a->ints->items, b->ints->items,
			       a->ints->count * sizeof(*a->ints->items)) == 0;
	case VALUE_UINT:
	case VALUE_UINT64:
	case VALUE_HEX:
	case VALUE_ENUM:
	case VALUE_GUID:
		return a->uint == b->uint;
	case VALUE_INT:
		return a->num == b->num;
	case VALUE_BOOL:
		return a->on == b->on;
	case VALUE_REAL:
		return !(a->real < b->real || a->real > b->real);
	case VALUE_BDF:
		return bdf_compare(a->bdf, b->bdf) == 0;
	case VALUE_LLADDR:
		return lladdr_equal(&a->lladdr, &b->lladdr);
	case VALUE_ANY:
		break;
	}
	return false;
}

bool value_is_zero(const struct value *v)
{
	switch (v->type) {
	case VALUE_STRING:
		return !v->string[0];
	case VALUE_STRINGS:
		return !v->strings->count;
	case VALUE_INTS:
		return !v->ints->count;
	case VALUE_UINT:
	case VALUE_UINT64:
	case VALUE_HEX:
	case VALUE_ENUM:
	case VALUE_GUID:
		return !v->uint;
	case VALUE_INT:
		return !v->num;
	case VALUE_BOOL:
		return !v->on;
	case VALUE_REAL:
		return !(v->real < 0 || v->real > 0);
	case VALUE_BDF:
	case VALUE_ANY:
		return false;
	case VALUE_LLADDR:
		return lladdr_is_zero(&v->lladdr);
	}
	return false;
}

bool value_is_absent(const struct value *v)
{
	return !v->known || (v->type == VALUE_STRINGS && !v->strings->count) ||
	       (v->type == VALUE_INTS && !v->ints->count);
}

bool attr_is_blank(const struct attr *a, const struct value *v)
{
	return value_is_absent(v) || (a->flags & ATTR_NONZERO && value_is_zero(v));
}

bool lladdr_equal(const struct lladdr *a, const struct lladdr *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

bool lladdr_is_zero(const struct lladdr *a)
{
	for (size_t i = 0; i < a->len; i++)
		if (a->bytes[i])
			return false;
	return true;
}

bool lladdr_parse(const char *s, struct lladdr *addr)
{
	struct lladdr a = {0};

	for (;;) {
		char byte[3] = {0};
		uint64_t v;

		if (a.len == LLADDR_MAX || !s[0] || !s[1])
			return false;
		memcpy(byte, s, 2);
		if (byte[1] == 'x' || byte[1] == 'X' || !str_uint(byte, 16, 0xff, &v))
			return false;
		a.bytes[a.len++] = (uint8_t)v;
		s += 2;
		if (!*s)
			break;
		if (*s++ != ':')
			return false;
	}
	if (a.len != 6 && a.len != 20)
		return false;
	*addr = a;
	return true;
}
