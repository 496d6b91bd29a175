/* Finding and reading policy files. */
#include "policy_parts.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define POLICY_DIR "/etc/sriovctl/policy.d"

#define TEXT_MAX (4U << 20) /* no policy, but something else */

static int cannot_read(const char *name, int sys_errno, struct error *err)
{
	error_errno(err, sys_errno == ENOENT ? EXIT_NOT_FOUND : EXIT_KERNEL, sys_errno,
		"cannot read %.200s", name);
	if (sys_errno == EACCES)
		error_hint(err, "try sudo");
	return -1;
}

/* f is read to its end. */
static int read_stream(
	struct arena *arena, const char *name, FILE *f, struct source *source, struct error *err)
{
	char *text = NULL;
	size_t len = 0, room = 0;
	struct stat st;

	do {
		size_t more = room ? 2 * room : 8192;
		char *larger;

		if (!room && fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode) &&
			st.st_size < TEXT_MAX)
			more = (size_t)st.st_size + 1; /* and find the end at once */
		larger = arena_alloc(arena, more);
		if (len)
			memcpy(larger, text, len);
		text = larger;
		room = more;
		len += fread(text + len, 1, room - len, f);
	} while (len == room && len <= TEXT_MAX);
	if (ferror(f))
		return cannot_read(name, errno, err);
	if (len > TEXT_MAX)
		return error_set(err, EXIT_USAGE, "%.200s has more than %u MiB: that is no policy",
			name, TEXT_MAX >> 20);
	*source = (struct source){arena_strdup(arena, name), text, len};
	return 0;
}

int policy_read_file(
	struct arena *arena, const char *name, struct source *source, struct error *err)
{
	FILE *f = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
	int rc;

	if (!f)
		return cannot_read(name, errno, err);
	rc = read_stream(arena, name, f, source, err);
	if (f != stdin)
		fclose(f);
	return rc;
}

/* Where there is none, is there to be one? */
static int hint_first(struct error *err)
{
	return error_hint(err, "a file NAME.yaml is one; 'sriovctl policy capture' writes what the "
			       "host has now as a first");
}

static int add_file(struct policy *policy, const char *name, struct error *err)
{
	struct arena arena = {0};
	struct source source;
	int rc = policy_read_file(&arena, name, &source, err);

	if (rc == 0)
		policy_add(policy, name, source.text, source.len);
	arena_free(&arena);
	return rc;
}

static bool ends_with(const char *s, const char *end)
{
	size_t len = strlen(s), n = strlen(end);

	return len > n && strcmp(s + len - n, end) == 0;
}

static int is_policy(const struct dirent *e)
{
	return e->d_name[0] != '.' &&
	       (ends_with(e->d_name, ".yaml") || ends_with(e->d_name, ".yml"));
}

/* Where nobody has named it: a FIFO would be waited for, at boot as well. */
static int check_type(const char *path, struct error *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return cannot_read(path, errno, err);
	if (S_ISREG(st.st_mode))
		return 0;
	return error_set(err, EXIT_USAGE, "%.200s is not a file: that is no policy", path);
}

/* In the order of their names, as everything below a directory whose name ends in ".d". */
static int add_directory(struct policy *policy, const char *dir, struct error *err)
{
	struct dirent **entries;
	int n = scandir(dir, &entries, is_policy, alphasort), rc = 0;

	if (n < 0)
		return cannot_read(dir, errno, err);
	for (int i = 0; i < n; i++) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
		if (rc == 0)
			rc = check_type(path, err);
		if (rc == 0)
			rc = add_file(policy, path, err);
		free(entries[i]);
	}
	free(entries);
	if (rc < 0 || n)
		return rc;
	error_set(err, EXIT_NOT_FOUND, "there is no policy in %.300s", dir);
	return hint_first(err);
}

int policy_read(struct policy *policy, char *const *names, size_t count, struct error *err)
{
	const char *dir = getenv("SRIOVCTL_POLICY_DIR");
	int rc;

	if (!count) {
		rc = add_directory(policy, dir && dir[0] ? dir : POLICY_DIR, err);
		return rc < 0 && err->code == EXIT_NOT_FOUND ? hint_first(err) : rc;
	}
	for (size_t i = 0; i < count; i++) {
		struct stat st;

		if (strcmp(names[i], "-") != 0 && stat(names[i], &st) == 0 && S_ISDIR(st.st_mode))
			rc = add_directory(policy, names[i], err);
		else
			rc = add_file(policy, names[i], err);
		if (rc < 0)
			return -1;
	}
	return 0;
}
