#include "plan/tally.h"

#include "plan/lock.h"
#include "plan/record.h"
#include "util/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>

#define SUBDIR "tally"
#define FILE_MAX 4096 /* bytes; what is longer is none of ours */
/* Whoever has the lock needs it for some microseconds, unless he was stopped just there. */
#define LOCK_WAIT_MS 1000

const char *const tally_result_names[TALLY_CODES] = {
	[EXIT_DONE] = "done",
	[EXIT_USAGE] = "usage",
	[EXIT_KERNEL] = "failed",
	[EXIT_REFUSED] = "refused",
	[EXIT_NOT_FOUND] = "not_found",
	[EXIT_UNSUPPORTED] = "unsupported",
	[EXIT_TIMED_OUT] = "timed_out",
	[EXIT_LOCKED] = "locked",
	[EXIT_PARTLY] = "partly",
};

/* The plain counters, by the keys they are kept under. */
static const struct {
	const char *key;
	size_t offset;
} fields[] = {
	{"vfs_created", offsetof(struct tally, vfs_created)},
	{"setups", offsetof(struct tally, setups)},
	{"setup_ms", offsetof(struct tally, setup_ms)},
	{"last_setup_ms", offsetof(struct tally, last_setup_ms)},
	{"failed_vfs", offsetof(struct tally, failed_vfs)},
};

static uint64_t *field_of(struct tally *t, size_t i)
{
	return (uint64_t *)(void *)((char *)t + fields[i].offset);
}

static bool take_number(const json_t *root, const char *key, uint64_t *number)
{
	const json_t *j = json_object_get(root, key);

	if (!json_is_integer(j) || json_integer_value(j) < 0)
		return false;
	*number = (uint64_t)json_integer_value(j);
	return true;
}

static bool decode(struct arena *arena, const json_t *root, struct tally *t)
{
	const json_t *changes = json_object_get(root, "changes");
	bool whole = true;

	*t = (struct tally){.handle = record_text(arena, root, "handle"),
		.name = record_text(arena, root, "pf")};
	for (size_t i = 0; i < TALLY_CODES; i++)
		whole &= take_number(changes, tally_result_names[i], &t->changes[i]);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		whole &= take_number(root, fields[i].key, field_of(t, i));
	return whole && t->handle && t->name;
}

static json_t *encode(struct tally *t)
{
	json_t *root = json_object(), *changes = json_object();

	json_object_set_new(root, "handle", record_bytes(t->handle));
	json_object_set_new(root, "pf", record_bytes(t->name));
	for (size_t i = 0; i < TALLY_CODES; i++)
		json_object_set_new(
			changes, tally_result_names[i], json_integer((json_int_t)t->changes[i]));
	json_object_set_new(root, "changes", changes);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		json_object_set_new(root, fields[i].key, json_integer((json_int_t)*field_of(t, i)));
	return root;
}

/* False when it is not there, or damaged; *t has no counts then. */
static bool read_one(struct arena *arena, int dir, const char *name, struct tally *t)
{
	cleanup_close int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	char text[FILE_MAX];
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text));
	json_error_t ignored;
	json_t *root = len > 0 ? json_loadb(text, (size_t)len, 0, &ignored) : NULL;
	bool whole = decode(arena, root, t);

	json_decref(root);
	if (!whole)
		*t = (struct tally){0};
	return whole;
}

/* Whole or not at all. Not synced: it is not to survive the boot either. */
static void write_one(int dir, const char *name, struct tally *t)
{
	json_t *root = encode(t);
	cleanup_free char *text = json_dumps(root, JSON_COMPACT);
	size_t len = text ? strlen(text) : 0;
	char tmp[96];
	int fd;
	bool whole;

	json_decref(root);
	snprintf(tmp, sizeof(tmp), "%s.tmp", name);
	fd = text ? openat(dir, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
	if (fd < 0)
		return;
	whole = write(fd, text, len) == (ssize_t)len;
	whole &= close(fd) == 0;
	if (!whole || renameat(dir, tmp, dir, name) < 0)
		unlinkat(dir, tmp, 0);
}

void tally_add(const struct deed *deed)
{
	/* against others who count */
	cleanup_close int dir = runtime_lock(SUBDIR, LOCK_WAIT_MS);
	struct arena arena = {0};
	struct tally t;
	char name[64];

	if (dir < 0)
		return;
	pf_file_name(deed->pf, name, sizeof(name));
	read_one(&arena, dir, name, &t);
	t.handle = deed->pf->handle;
	t.name = deed->pf->name ? deed->pf->name : deed->pf->handle;
	if (deed->code < TALLY_CODES)
		t.changes[deed->code]++;
	if (deed->created) {
		t.vfs_created += deed->created;
		t.setups++;
		t.last_setup_ms = deed->took_ms > 0 ? (uint64_t)deed->took_ms : 0;
		t.setup_ms += t.last_setup_ms;
	}
	t.failed_vfs += deed->failed;
	write_one(dir, name, &t);
	arena_free(&arena);
}

uint32_t tally_asked(const struct plan *plan)
{
	uint32_t now = pf_has(plan->pf, PF_NUM_VFS) ? plan->pf->num_vfs : 0;

	if (!pf_has(&plan->goal.pf, PF_NUM_VFS) || plan->goal.pf.num_vfs <= now)
		return 0;
	return plan->goal.pf.num_vfs - now;
}

/* What its steps made of the VFs that were asked for. */
static void count_vfs(const struct plan *plan, struct deed *deed)
{
	bool had = true;

	for (size_t i = 0; i < plan->count; i++) {
		const struct step *s = &plan->steps[i];
		bool done = s->result == RESULT_DONE || s->result == RESULT_KEPT;

		if (s->kind == STEP_NUM_VFS && s->result == RESULT_DONE)
			deed->created += (uint32_t)s->new.uint;
		if (s->kind == STEP_NUM_VFS)
			had &= done;
		if (s->kind == STEP_LEASE && s->new.known && s->new.string && !done)
			deed->failed++;
	}
	if (!had)
		deed->failed += tally_asked(plan);
}

void tally_change(const struct change *change, enum exit_code code, int64_t took_ms)
{
	for (size_t i = 0; i < change->count; i++) {
		const struct plan *plan = change->plans[i];
		struct deed deed = {.pf = plan->pf, .code = code, .took_ms = took_ms};

		if (!plan->count || (code == EXIT_DONE && !plan->changed))
			continue;
		count_vfs(plan, &deed);
		tally_add(&deed);
	}
}

static int compare(const void *a, const void *b)
{
	const struct tally *x = a, *y = b;

	return strcmp(x->handle, y->handle);
}

bool tally_read(struct arena *arena, struct tally **tallies, size_t *count)
{
	cleanup_dir DIR *dir = NULL;
	char path[512];
	struct dirent *e;

	*tallies = NULL;
	*count = 0;
	snprintf(path, sizeof(path), "%s/" SUBDIR, runtime_dir());
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT; /* nothing was ever changed */
	while ((e = readdir(dir))) {
		struct tally t;

		if (e->d_name[0] == '.' || strstr(e->d_name, ".tmp") ||
			!read_one(arena, dirfd(dir), e->d_name, &t))
			continue;
		*tallies = arena_push(arena, *tallies, count, sizeof(t));
		(*tallies)[*count - 1] = t;
	}
	if (*count)
		qsort(*tallies, *count, sizeof(**tallies), compare);
	return true;
}
