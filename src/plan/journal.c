#include "plan/journal.h"

#include "plan/lock.h"
#include "util/cleanup.h"
#include "util/str.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

/* What of a VF and of a PF may be in a journal: its attribute rows, by key. */
static const size_t vf_saved[] = {VF_DRIVER, VF_DRIVER_OVERRIDE, VF_MSIX, VF_IFNAME, VF_UP, VF_MTU,
	VF_ALTNAMES, VF_MAC, VF_VLAN, VF_QOS, VF_PROTO, VF_MAX_TX_RATE, VF_MIN_TX_RATE, VF_SPOOFCHK,
	VF_TRUST, VF_STATE, VF_QUERY_RSS, VF_NODE_GUID, VF_PORT_GUID};
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
	case VALUE_UINT64:
	case VALUE_HEX:
	case VALUE_BDF:
		break; /* none of these is saved */
	}
	return false;
}

static bool decode_record(struct arena *arena, const json_t *j, const struct record_type *type,
	const size_t *saved, size_t count, void *record)
{
	for (size_t i = 0; i < count; i++) {
		const json_t *field = json_object_get(j, type->attrs[saved[i]].key);
		struct value v;

		if (!field)
			continue;
		if (!decode_value(arena, &type->attrs[saved[i]], field, &v))
			return false;
		attr_set(type, saved[i], record, &v);
	}
	return true;
}

static json_t *encode(const struct change *change, const struct plan *plan)
{
	const struct state *before = &plan->before;
	json_t *root = json_object(), *pf = json_object(), *vfs = json_array();

	for (size_t i = 0; i < before->count; i++) {
		json_t *vf = json_object();

		json_object_set_new(vf, "index", json_integer(before->vfs[i]->vf.index));
		json_object_set_new(vf, "rebind", json_boolean(before->vfs[i]->rebind));
		encode_record(vf, &vf_type, vf_saved, ARRAY_SIZE(vf_saved), &before->vfs[i]->vf);
		json_array_append_new(vfs, vf);
	}
	encode_record(pf, &pf_type, pf_saved, ARRAY_SIZE(pf_saved), &before->pf);
	json_object_set_new(pf, "vfs", vfs);
	json_object_set_new(root, "command", json_string(change->command));
	if (change->id)
		json_object_set_new(root, "id", json_string(change->id));
	if (change->first && change->first != plan->pf) {
		char name[64];

		pf_file_name(change->first, name, sizeof(name));
		json_object_set_new(root, "with", json_string(name));
	}
	json_object_set_new(root, "before", pf);
	return root;
}

int journal_write(const struct change *change, const struct plan *plan, struct error *err)
{
	cleanup_close int dir = runtime_open("journal", err);
	cleanup_free char *text = NULL;
	json_t *root;
	char name[64], tmp[80];
	int fd, failed = 0;
	size_t len;

	if (dir < 0)
		return -1;
	root = encode(change, plan);
	text = json_dumps(root, JSON_INDENT(1));
	json_decref(root);
	if (!text)
		return error_nomem(err);
	pf_file_name(plan->pf, name, sizeof(name));
	snprintf(tmp, sizeof(tmp), "%s.tmp", name);
	fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	len = strlen(text);
	errno = 0;
	if (fd < 0 || write(fd, text, len) != (ssize_t)len || fsync(fd) < 0)
		failed = errno ? errno : EIO;
	if (fd >= 0 && close(fd) < 0 && !failed)
		failed = errno;
	if (!failed && (renameat(dir, tmp, dir, name) < 0 || fsync(dir) < 0))
		failed = errno;
	if (failed) {
		unlinkat(dir, tmp, 0);
		error_errno(err, EXIT_KERNEL, failed, "cannot write the journal below %s",
			runtime_dir());
		return error_hint(err, "nothing was changed");
	}
	return 0;
}

void journal_remove(const struct pf *pf)
{
	struct error ignored;
	cleanup_close int dir = runtime_open("journal", &ignored);
	char name[64];

	pf_file_name(pf, name, sizeof(name));
	if (dir >= 0 && faccessat(dir, name, F_OK, 0) == 0)
		unlinkat(dir, name, 0);
}

static bool is_index(const json_t *j)
{
	return json_is_integer(j) && json_integer_value(j) >= 0 &&
	       json_integer_value(j) <= UINT16_MAX;
}

/* What was before into the plan, and, as nothing else is wanted yet, its goal. */
static bool decode(struct plan *plan, const json_t *root)
{
	const json_t *before = json_object_get(root, "before");
	const json_t *vfs = json_object_get(before, "vfs");
	struct state *const states[] = {&plan->before, &plan->goal};
	json_t *vf;
	size_t i;

	if (!json_is_array(vfs))
		return false;
	for (size_t s = 0; s < ARRAY_SIZE(states); s++) {
		if (!decode_record(&plan->arena, before, &pf_type, pf_saved, ARRAY_SIZE(pf_saved),
			    &states[s]->pf))
			return false;
		json_array_foreach(vfs, i, vf)
		{
			const json_t *index = json_object_get(vf, "index");
			struct vf_state *st;

			if (!is_index(index))
				return false;
			st = state_vf(&plan->arena, states[s], (uint32_t)json_integer_value(index));
			st->rebind = json_is_true(json_object_get(vf, "rebind"));
			if (!decode_record(&plan->arena, vf, &vf_type, vf_saved,
				    ARRAY_SIZE(vf_saved), &st->vf))
				return false;
		}
	}
	plan->interrupted = true;
	return true;
}

static json_t *read_file(const char *name)
{
	char path[512];
	json_error_t ignored;

	snprintf(path, sizeof(path), "%s/journal/%s", runtime_dir(), name);
	return json_load_file(path, 0, &ignored);
}

/* One of several, whose change became valid before it could be removed? */
static bool is_done(const json_t *root)
{
	const char *with = json_string_value(json_object_get(root, "with"));
	const char *id = json_string_value(json_object_get(root, "id")), *its;
	json_t *first = with && !strchr(with, '/') ? read_file(with) : NULL;
	bool done;

	its = json_string_value(json_object_get(first, "id"));
	done = with && (!its || !id || strcmp(its, id) != 0);
	json_decref(first);
	return done;
}

int journal_load(struct plan *plan, const char **was, struct error *err)
{
	char path[512], name[64];
	const char *command;
	json_t *root;

	pf_file_name(plan->pf, name, sizeof(name));
	snprintf(path, sizeof(path), "%s/journal/%s", runtime_dir(), name);
	/* EACCES: a dry run without root, which must make do with what it may see */
	if (access(path, F_OK) < 0 && (errno == ENOENT || errno == EACCES))
		return 0;
	root = read_file(name);
	if (root && is_done(root)) {
		json_decref(root);
		return 0;
	}
	if (!decode(plan, root)) {
		json_decref(root);
		error_set(err, EXIT_KERNEL, "the journal of an interrupted change is damaged");
		error_about(err, plan->pf->name, NULL);
		return error_hint(err, "look at the VFs, then remove %s", path);
	}
	command = json_string_value(json_object_get(root, "command"));
	*was = arena_strdup(&plan->arena, command ? command : "?");
	json_decref(root);
	return 1;
}

const char *journal_left(struct arena *arena, const struct pf *pf)
{
	struct plan plan = {.pf = pf};
	const char *was = "?", *found = NULL;
	struct error ignored;
	char path[512], name[64];

	pf_file_name(pf, name, sizeof(name));
	snprintf(path, sizeof(path), "%s/journal/%s", runtime_dir(), name);
	if (access(path, R_OK) < 0 || lock_is_held(pf))
		return NULL;
	if (journal_load(&plan, &was, &ignored) != 0)
		found = arena_strdup(arena, was);
	plan_free(&plan);
	return found;
}
