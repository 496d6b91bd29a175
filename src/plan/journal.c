#include "plan/journal.h"

#include "plan/lock.h"
#include "plan/record.h"
#include "util/cleanup.h"
#include "util/str.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

static json_t *encode(const struct change *change, const struct plan *plan)
{
	const struct state *before = &plan->before;
	json_t *root = json_object(), *pf = json_object(), *vfs = json_array();

	for (size_t i = 0; i < before->count; i++) {
		json_t *vf = json_object();

		json_object_set_new(vf, "index", json_integer(before->vfs[i]->vf.index));
		json_object_set_new(vf, "rebind", json_boolean(before->vfs[i]->rebind));
		json_object_set_new(vf, "release", json_boolean(before->vfs[i]->release));
		record_put_vf(vf, &before->vfs[i]->vf);
		json_array_append_new(vfs, vf);
	}
	record_put_pf(pf, &before->pf);
	json_object_set_new(pf, "vfs", vfs);
	json_object_set_new(root, "command", json_string(change->command));
	if (change->id)
		json_object_set_new(root, "id", json_string(change->id));
	json_object_set_new(root, "forward", json_boolean(plan->forward));
	json_object_set_new(root, "before", pf);
	return root;
}

int journal_write(const struct change *change, const struct plan *plan, struct error *err)
{
	char name[64];

	pf_file_name(plan->pf, name, sizeof(name));
	if (record_write("journal", name, encode(change, plan), err) == 0)
		return 0;
	return err->hint[0] ? -1 : error_hint(err, "nothing was changed");
}

int journal_keep(const struct change *change, const struct plan *plan, struct error *err)
{
	char name[64];

	pf_file_name(plan->pf, name, sizeof(name));
	return record_write("rollback", name, encode(change, plan), err);
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
		if (!record_get_pf(&plan->arena, before, &states[s]->pf))
			return false;
		json_array_foreach(vfs, i, vf)
		{
			const json_t *index = json_object_get(vf, "index");
			struct vf_state *st;

			if (!is_index(index))
				return false;
			st = state_vf(&plan->arena, states[s], (uint32_t)json_integer_value(index));
			st->rebind = json_is_true(json_object_get(vf, "rebind"));
			st->release = json_is_true(json_object_get(vf, "release"));
			if (!record_get_vf(&plan->arena, vf, &st->vf))
				return false;
		}
	}
	plan->interrupted = true;
	plan->forward = json_is_true(json_object_get(root, "forward"));
	return true;
}

/* journal/done-ID: the change of that id is valid as a whole, whatever journals of it are
 * still there. */
static void done_name(const char *id, char *out, size_t size)
{
	snprintf(out, size, "done-%.64s", id);
	for (char *p = out; *p; p++)
		if (*p == '/')
			*p = '-';
}

static bool is_done(const json_t *root)
{
	const char *id = json_string_value(json_object_get(root, "id"));
	char path[512], name[80];

	if (!id)
		return false;
	done_name(id, name, sizeof(name));
	snprintf(path, sizeof(path), "%s/journal/%s", runtime_dir(), name);
	return access(path, F_OK) == 0;
}

/* Only what is about several PFs could be valid in a part. */
static bool needs_mark(const struct change *change)
{
	size_t count = 0;

	for (size_t i = 0; i < change->count; i++)
		count += change->plans[i]->count > 0;
	return count > 1 && change->id;
}

void journal_commit(const struct change *change)
{
	struct error ignored;
	char name[80];

	if (!needs_mark(change))
		return;
	done_name(change->id, name, sizeof(name));
	record_write("journal", name, json_object(), &ignored);
}

void journal_forget(const struct change *change)
{
	char name[80];

	if (!needs_mark(change))
		return;
	done_name(change->id, name, sizeof(name));
	record_remove("journal", name);
}

void journal_remove(const struct pf *pf)
{
	char name[64];

	pf_file_name(pf, name, sizeof(name));
	record_remove("journal", name);
}

/* Does the name begin so and end so? */
static bool is_named(const char *name, const char *start, const char *end)
{
	size_t len = strlen(name), n = strlen(end);

	return str_starts(name, start) && len >= n && strcmp(name + len - n, end) == 0;
}

static void remove_named(const char *subdir, const char *start, const char *end)
{
	struct error ignored;
	int fd = runtime_open(subdir, &ignored);
	cleanup_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (fd >= 0 && !dir)
		close(fd);
	while (dir && (e = readdir(dir)))
		if (is_named(e->d_name, start, end))
			unlinkat(fd, e->d_name, 0);
}

void journal_tidy(const struct pf *pf)
{
	json_t *root;
	char name[64];

	pf_file_name(pf, name, sizeof(name));
	remove_named("journal", name, ".tmp");
	remove_named("attached", name, ".tmp");
	root = record_read("journal", name);
	if (root && is_done(root))
		record_remove("journal", name);
	json_decref(root);
}

/* Is a journal of this change still there? */
static bool is_needed(DIR *dir, const char *mark)
{
	bool needed = false;
	struct dirent *e;

	rewinddir(dir);
	while (!needed && (e = readdir(dir))) {
		json_t *root = e->d_name[0] == '.' ? NULL : record_read("journal", e->d_name);
		const char *id = json_string_value(json_object_get(root, "id"));
		char name[80] = "";

		if (id)
			done_name(id, name, sizeof(name));
		needed = strcmp(name, mark) == 0;
		json_decref(root);
	}
	return needed;
}

void journal_tidy_marks(void)
{
	struct error ignored;
	struct arena arena = {0};
	struct strings marks = {0};
	int fd = runtime_open("journal", &ignored);
	cleanup_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (fd >= 0 && !dir)
		close(fd);
	while (dir && (e = readdir(dir))) {
		if (!str_starts(e->d_name, "done-"))
			continue;
		marks.items = arena_push(&arena, marks.items, &marks.count, sizeof(*marks.items));
		marks.items[marks.count - 1] = arena_strdup(&arena, e->d_name);
	}
	for (size_t i = 0; i < marks.count; i++)
		if (!is_needed(dir, marks.items[i]))
			unlinkat(fd, marks.items[i], 0);
	arena_free(&arena);
}

static int load(struct plan *plan, const char *subdir, const char **was, struct error *err)
{
	char path[512], name[64];
	const char *command;
	json_t *root;

	pf_file_name(plan->pf, name, sizeof(name));
	snprintf(path, sizeof(path), "%s/%s/%s", runtime_dir(), subdir, name);
	/* EACCES: a dry run without root, which must make do with what it may see */
	if (access(path, F_OK) < 0 && (errno == ENOENT || errno == EACCES))
		return 0;
	root = record_read(subdir, name);
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

int journal_load(struct plan *plan, const char **was, struct error *err)
{
	return load(plan, "journal", was, err);
}

int journal_load_kept(struct plan *plan, const char **was, struct error *err)
{
	return load(plan, "rollback", was, err);
}

void journal_drop_kept(const struct pf *pf)
{
	char name[64];

	pf_file_name(pf, name, sizeof(name));
	record_remove("rollback", name);
}

/* Of a PF: there is a '-' in its name. */
static bool is_kept(const char *name)
{
	return strchr(name, '-') && !is_named(name, "", ".tmp");
}

bool journal_keeps_any(void)
{
	char path[512];
	cleanup_dir DIR *dir = NULL;
	struct dirent *e;

	snprintf(path, sizeof(path), "%s/rollback", runtime_dir());
	dir = opendir(path);
	while (dir && (e = readdir(dir)))
		if (is_kept(e->d_name))
			return true;
	return false;
}

void journal_drop_all_kept(void)
{
	remove_named("rollback", "", "");
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
