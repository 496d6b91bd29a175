#include "plan/record.h"

#include "plan/lock.h"
#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What of a VF and of a PF may be on disk: its attribute rows, by key. */
static const size_t vf_saved[] = {VF_DRIVER, VF_DRIVER_OVERRIDE, VF_MSIX, VF_IFNAME, VF_UP, VF_MTU,
	VF_ALTNAMES, VF_MAC, VF_VLAN, VF_QOS, VF_PROTO, VF_MAX_TX_RATE, VF_MIN_TX_RATE, VF_SPOOFCHK,
	VF_TRUST, VF_STATE, VF_QUERY_RSS, VF_NODE_GUID, VF_PORT_GUID, VF_NETNS, VF_LEASE, VF_IF_MAC,
	VF_ADDRESSES, VF_GATEWAYS};
static const size_t pf_saved[] = {PF_NUM_VFS, PF_AUTOPROBE, PF_MTU, PF_UP};

/* Interface names are bytes, JSON wants Unicode: byte N is kept as U+00NN. */
static json_t *encode_bytes(const char *s)
{
	char text[2 * VALUE_TEXT_MAX + 1];
	size_t n = 0;

	for (; *s && n + 2 < sizeof(text); s++) {
		unsigned char c = (unsigned char)*s;

		if (c >= 0x80)
			text[n++] = (char)(0xc0 | c >> 6);
		text[n++] = (char)(c < 0x80 ? c : 0x80 | (c & 0x3f));
	}
	text[n] = 0;
	return json_string(text);
}

static const char *decode_bytes(struct arena *arena, const char *s)
{
	char *text = arena_strdup(arena, s), *out = text;

	for (const unsigned char *p = (const unsigned char *)s; *p; p++) {
		if (*p >= 0xc2 && *p <= 0xc3 && p[1] >= 0x80) {
			*out++ = (char)((*p & 3) << 6 | (p[1] & 0x3f));
			p++;
		} else {
			*out++ = (char)*p;
		}
	}
	*out = 0;
	return text;
}

static json_t *encode_value(const struct value *v)
{
	char text[VALUE_TEXT_MAX];
	json_t *list;

	switch (v->type) {
	case VALUE_UINT:
	case VALUE_UINT64:
	case VALUE_HEX:
	case VALUE_ENUM:
	case VALUE_GUID:
		return json_integer((json_int_t)v->uint);
	case VALUE_INT:
		return json_integer(v->num);
	case VALUE_BOOL:
		return json_boolean(v->on);
	case VALUE_STRING:
		return v->string ? encode_bytes(v->string) : json_null();
	case VALUE_STRINGS:
		list = json_array();
		for (size_t i = 0; i < v->strings->count; i++)
			json_array_append_new(list, encode_bytes(v->strings->items[i]));
		return list;
	case VALUE_INTS:
	case VALUE_REAL:
	case VALUE_ANY:
		break; /* none of these is saved */
	case VALUE_BDF:
	case VALUE_LLADDR:
		value_format(v, text, sizeof(text));
		return json_string(text);
	}
	return json_null();
}

static void encode_record(json_t *j, const struct record_type *type, const size_t *saved,
	size_t count, const void *record)
{
	for (size_t i = 0; i < count; i++) {
		struct value v = attr_get(type, saved[i], record);

		if (v.known)
			json_object_set_new(j, type->attrs[saved[i]].key, encode_value(&v));
	}
}

static bool decode_strings(struct arena *arena, struct strings *list, const json_t *j)
{
	json_t *item;
	size_t i;

	json_array_foreach(j, i, item)
	{
		if (!json_is_string(item))
			return false;
		list->items = arena_push(arena, list->items, &list->count, sizeof(*list->items));
		list->items[list->count - 1] = decode_bytes(arena, json_string_value(item));
	}
	return json_is_array(j);
}

/* False when it is no value of the attribute. */
static bool decode_value(
	struct arena *arena, const struct attr *row, const json_t *j, struct value *v)
{
	struct strings *list;

	*v = (struct value){.known = true, .type = row->type};
	switch (row->type) {
	case VALUE_ENUM:
		v->uint = (uint64_t)json_integer_value(j);
		for (uint64_t i = 0; i <= v->uint; i++)
			if (!row->names[i])
				return false;
		return json_is_integer(j);
	case VALUE_UINT:
		v->uint = (uint64_t)json_integer_value(j);
		return json_is_integer(j) && v->uint <= UINT32_MAX;
	case VALUE_GUID:
		v->uint = (uint64_t)json_integer_value(j);
		return json_is_integer(j);
	case VALUE_BOOL:
		v->on = json_is_true(j);
		return json_is_boolean(j);
	case VALUE_STRING:
		if (json_is_string(j))
			v->string = decode_bytes(arena, json_string_value(j));
		return json_is_string(j) || json_is_null(j);
	case VALUE_STRINGS:
		list = arena_alloc(arena, sizeof(*list));
		v->strings = list;
		return decode_strings(arena, list, j);
	case VALUE_LLADDR:
		return json_is_string(j) && lladdr_parse(json_string_value(j), &v->lladdr);
	case VALUE_INT:
	case VALUE_INTS:
	case VALUE_REAL:
	case VALUE_UINT64:
	case VALUE_HEX:
	case VALUE_BDF:
	case VALUE_ANY:
		break; /* none of these is saved */
	}
	return false;
}

/* No driver, no other namespace: things to go back to. */
static bool may_be_none(const struct record_type *type, size_t attr)
{
	return type == &vf_type && (attr == VF_DRIVER || attr == VF_DRIVER_OVERRIDE ||
					   attr == VF_NETNS || attr == VF_LEASE);
}

static bool decode_record(struct arena *arena, const json_t *j, const struct record_type *type,
	const size_t *saved, size_t count, void *record)
{
	for (size_t i = 0; i < count; i++) {
		const json_t *field = json_object_get(j, type->attrs[saved[i]].key);
		struct value v;

		if (!field)
			continue;
		if (!decode_value(arena, &type->attrs[saved[i]], field, &v) ||
			(json_is_null(field) && !may_be_none(type, saved[i])))
			return false;
		attr_set(type, saved[i], record, &v);
	}
	return true;
}

void record_put_vf(json_t *j, const struct vf *vf)
{
	encode_record(j, &vf_type, vf_saved, ARRAY_SIZE(vf_saved), vf);
}

void record_put_pf(json_t *j, const struct pf *pf)
{
	encode_record(j, &pf_type, pf_saved, ARRAY_SIZE(pf_saved), pf);
}

bool record_get_vf(struct arena *arena, const json_t *j, struct vf *vf)
{
	return decode_record(arena, j, &vf_type, vf_saved, ARRAY_SIZE(vf_saved), vf);
}

bool record_get_pf(struct arena *arena, const json_t *j, struct pf *pf)
{
	return decode_record(arena, j, &pf_type, pf_saved, ARRAY_SIZE(pf_saved), pf);
}

json_t *record_bytes(const char *s)
{
	return s ? encode_bytes(s) : json_null();
}

const char *record_text(struct arena *arena, const json_t *root, const char *key)
{
	const json_t *j = json_object_get(root, key);

	return json_is_string(j) ? decode_bytes(arena, json_string_value(j)) : NULL;
}

/* Written, synced, renamed, and the directory synced as well: 0 or an errno. */
static int write_file(int dir, const char *name, const char *text)
{
	size_t len = strlen(text);
	char tmp[96];
	int fd, failed = 0;

	snprintf(tmp, sizeof(tmp), "%s.tmp", name);
	fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	errno = 0;
	if (fd < 0 || write(fd, text, len) != (ssize_t)len || fsync(fd) < 0)
		failed = errno ? errno : EIO;
	if (fd >= 0 && close(fd) < 0 && !failed)
		failed = errno;
	if (!failed && (renameat(dir, tmp, dir, name) < 0 || fsync(dir) < 0))
		failed = errno;
	if (failed)
		unlinkat(dir, tmp, 0);
	return failed;
}

int record_write(const char *subdir, const char *name, json_t *root, struct error *err)
{
	cleanup_close int dir = runtime_open(subdir, err);
	cleanup_free char *text = json_dumps(root, JSON_INDENT(1));
	int failed;

	json_decref(root);
	if (dir < 0)
		return -1;
	if (!text)
		return error_nomem(err);
	failed = write_file(dir, name, text);
	if (!failed)
		return 0;
	return error_errno(
		err, EXIT_KERNEL, failed, "cannot write to %s/%s", runtime_dir(), subdir);
}

void record_remove(const char *subdir, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s/%s", runtime_dir(), subdir, name);
	if (access(path, F_OK) == 0)
		unlink(path);
}

json_t *record_read(const char *subdir, const char *name)
{
	char path[512];
	json_error_t ignored;

	snprintf(path, sizeof(path), "%s/%s/%s", runtime_dir(), subdir, name);
	return json_load_file(path, 0, &ignored);
}
