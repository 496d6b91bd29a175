#include "plan/journal.h"

#include "plan/lock.h"
#include "util/cleanup.h"
#include "util/str.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>

/* One VF as its own attribute rows, by key: what is kept, and how its interface was. */
static const enum vf_attr saved[] = {VF_DRIVER, VF_IFNAME, VF_NETNS, VF_LINK, VF_MTU, VF_MAC,
	VF_VLAN, VF_QOS, VF_PROTO, VF_MAX_TX_RATE, VF_MIN_TX_RATE, VF_SPOOFCHK, VF_TRUST, VF_STATE,
	VF_QUERY_RSS, VF_NODE_GUID, VF_PORT_GUID};

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

static json_t *encode_vf(const struct vf *vf)
{
	json_t *j = json_object(), *names = json_array();
	char text[VALUE_TEXT_MAX];

	json_object_set_new(j, "index", json_integer(vf->index));
	for (size_t i = 0; i < ARRAY_SIZE(saved); i++) {
		struct value v = attr_get(&vf_type, saved[i], vf);

		if (!v.known)
			continue;
		value_format(&v, text, sizeof(text));
		json_object_set_new(j, vf_type.attrs[saved[i]].key,
			v.type == VALUE_UINT || v.type == VALUE_ENUM
				? json_integer((json_int_t)v.uint)
			: v.type == VALUE_GUID ? json_integer((json_int_t)v.uint)
			: v.type == VALUE_BOOL ? json_boolean(v.on)
					       : encode_bytes(text));
	}
	for (size_t i = 0; i < vf->altnames.count; i++)
		json_array_append_new(names, encode_bytes(vf->altnames.items[i]));
	json_object_set_new(j, "altnames", names);
	return j;
}

static void decode_field(struct arena *arena, struct vf *vf, enum vf_attr attr, const json_t *j)
{
	const struct attr *row = &vf_type.attrs[attr];
	char *field = (char *)vf + row->offset;
	uint32_t u32 = (uint32_t)json_integer_value(j);
	uint64_t u64 = (uint64_t)json_integer_value(j);
	const char *string;
	bool on = json_is_true(j);

	if (row->type == VALUE_STRING && json_is_string(j)) {
		string = decode_bytes(arena, json_string_value(j));
		memcpy(field, &string, sizeof(string));
	} else if (row->type == VALUE_LLADDR && json_is_string(j)) {
		if (!lladdr_parse(json_string_value(j), (struct lladdr *)(void *)field))
			return;
	} else if (row->type == VALUE_BOOL && json_is_boolean(j)) {
		memcpy(field, &on, sizeof(on));
	} else if (row->type == VALUE_GUID && json_is_integer(j)) {
		memcpy(field, &u64, sizeof(u64));
	} else if (row->type == VALUE_ENUM && json_is_integer(j)) {
		for (uint32_t i = 0; i <= u32; i++)
			if (!row->names[i])
				return;
		memcpy(field, &u32, sizeof(u32));
	} else if (row->type == VALUE_UINT && json_is_integer(j)) {
		memcpy(field, &u32, sizeof(u32));
	} else {
		return;
	}
	vf->known |= VF_BIT(attr);
}

static const struct vf *decode_vf(struct arena *arena, const json_t *j)
{
	struct vf *vf = arena_alloc(arena, sizeof(*vf));
	const json_t *names = json_object_get(j, "altnames");
	size_t i;
	json_t *name;

	vf->index = (uint32_t)json_integer_value(json_object_get(j, "index"));
	vf->known = VF_BIT(VF_INDEX);
	for (i = 0; i < ARRAY_SIZE(saved); i++) {
		const json_t *v = json_object_get(j, vf_type.attrs[saved[i]].key);

		if (v)
			decode_field(arena, vf, saved[i], v);
	}
	json_array_foreach(names, i, name)
	{
		vf->altnames.items = arena_push(arena, vf->altnames.items, &vf->altnames.count,
			sizeof(*vf->altnames.items));
		vf->altnames.items[vf->altnames.count - 1] =
			decode_bytes(arena, json_string_value(name) ? json_string_value(name) : "");
	}
	return vf;
}

static json_t *encode(const struct plan *plan)
{
	json_t *root = json_object(), *before = json_object(), *vfs = json_array();

	for (size_t i = 0; i < plan->before.vf_count; i++)
		json_array_append_new(vfs, encode_vf(plan->before.vfs[i]));
	json_object_set_new(before, "num_vfs", json_integer(plan->before.num_vfs));
	json_object_set_new(before, "autoprobe",
		plan->before.autoprobe_known ? json_boolean(plan->before.autoprobe) : json_null());
	json_object_set_new(before, "vfs", vfs);
	json_object_set_new(root, "command", json_string(plan->command));
	json_object_set_new(root, "pid", json_integer(getpid()));
	json_object_set_new(root, "want_vfs", json_integer(plan->want_vfs));
	json_object_set_new(root, "before", before);
	return root;
}

int journal_write(const struct plan *plan, struct error *err)
{
	cleanup_close int dir = runtime_open("journal", err);
	cleanup_free char *text = NULL;
	json_t *root;
	char name[64], tmp[80];
	int fd, failed = 0;
	size_t len;

	if (dir < 0)
		return -1;
	root = encode(plan);
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
	if (dir >= 0)
		unlinkat(dir, name, 0);
}

static void decode(struct plan *plan, const json_t *root)
{
	const json_t *before = json_object_get(root, "before"), *autoprobe, *vfs;
	struct baseline *b = &plan->before;
	json_t *vf;
	size_t i;

	*b = (struct baseline){0};
	b->num_vfs = (uint32_t)json_integer_value(json_object_get(before, "num_vfs"));
	autoprobe = json_object_get(before, "autoprobe");
	b->autoprobe_known = json_is_boolean(autoprobe);
	b->autoprobe = json_is_true(autoprobe);
	vfs = json_object_get(before, "vfs");
	b->vfs = arena_alloc(&plan->arena, (json_array_size(vfs) + 1) * sizeof(*b->vfs));
	json_array_foreach(vfs, i, vf) b->vfs[b->vf_count++] = decode_vf(&plan->arena, vf);
	plan->interrupted = true;
}

static bool is_count(const json_t *j)
{
	return json_is_integer(j) && json_integer_value(j) >= 0 &&
	       json_integer_value(j) <= UINT16_MAX;
}

static bool is_journal(const json_t *root)
{
	const json_t *before = json_object_get(root, "before");
	const json_t *vfs = json_object_get(before, "vfs");
	json_t *vf;
	size_t i;

	if (!is_count(json_object_get(before, "num_vfs")) || !json_is_array(vfs))
		return false;
	json_array_foreach(vfs, i, vf)
	{
		if (!is_count(json_object_get(vf, "index")))
			return false;
	}
	return true;
}

int journal_load(struct plan *plan, const char **was, struct error *err)
{
	char path[512], name[64];
	const char *command;
	json_error_t je;
	json_t *root;

	pf_file_name(plan->pf, name, sizeof(name));
	snprintf(path, sizeof(path), "%s/journal/%s", runtime_dir(), name);
	/* EACCES: a dry run without root, which must make do with what it may see */
	if (access(path, F_OK) < 0 && (errno == ENOENT || errno == EACCES))
		return 0;
	root = json_load_file(path, 0, &je);
	if (!is_journal(root)) {
		json_decref(root);
		error_set(err, EXIT_KERNEL, "the journal of an interrupted change is damaged");
		error_about(err, plan->pf->name, NULL);
		return error_hint(err, "look at the VFs, then remove %s", path);
	}
	decode(plan, root);
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
