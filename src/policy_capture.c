/* `policy capture`: what the host has, or what other tools were told, as a policy. */
#include "run_parts.h"

#include "policy_parts.h"

#include "core/selector.h"
#include "output/output.h"
#include "policy/import.h"

#include <glob.h>
#include <string.h>

/* Those named, or all that a network has, or that have VFs. */
static const struct pf **choose_pfs(
	struct host *host, const struct args *args, size_t *count, struct error *err)
{
	const struct pf **pfs =
		arena_alloc(&host->arena, (host->pf_count + args->rest_count + 1) * sizeof(*pfs));

	*count = 0;
	for (size_t i = 0; i < args->rest_count; i++) {
		pfs[*count] = select_pf(host, args->rest[i], err);
		if (!pfs[(*count)++])
			return NULL;
	}
	for (size_t i = 0; i < host->pf_count && !args->rest_count; i++)
		if (pf_has(&host->pfs[i], PF_IFNAME) || host->pfs[i].num_vfs)
			pfs[(*count)++] = &host->pfs[i];
	return pfs;
}

static int capture_host(struct session *s, const struct command_line *line, struct error *err)
{
	struct host *host = session_look(s, POLICY_CAPTURE_NEEDS, err);
	const struct pf **pfs;
	size_t count;
	int rc;

	if (!host)
		return -1;
	pfs = choose_pfs(host, &line->args, &count, err);
	if (!pfs)
		return -1;
	if (!count)
		return error_set(err, EXIT_NOT_FOUND, "this host has no PF");
	rc = policy_capture(host, pfs, count, s->out, err);
	session_flush(s);
	run_print_warnings(host->warnings, host->warning_count, &line->options);
	if (rc < 0 || !host_truncated(host))
		return rc;
	return error_set(err, EXIT_KERNEL, LIST_INCOMPLETE);
}

/* What a file must have in common with another to hide it: its name, and if it adds to another
 * file (10-a.link.d/x.conf) which one. */
static const char *own_name(const char *path)
{
	const char *name = strrchr(path, '/'), *dir = name;

	while (dir > path && dir[-1] != '/')
		dir--;
	return name - dir > 2 && strncmp(name - 2, ".d", 2) == 0 ? dir : name;
}

/* The files that the format has usually. Of those of the same name in several directories the
 * first one counts. */
static void find_files(const struct import_format *format, struct arena *arena, struct strings *out)
{
	for (size_t i = 0; format->paths[i]; i++) {
		glob_t found;

		if (glob(format->paths[i], 0, NULL, &found) == 0) {
			for (size_t f = 0; f < found.gl_pathc; f++) {
				const char *name = own_name(found.gl_pathv[f]);
				bool hidden = false;

				for (size_t o = 0; o < out->count; o++)
					hidden |= strcmp(own_name(out->items[o]), name) == 0;
				if (hidden)
					continue;
				out->items = arena_push(
					arena, out->items, &out->count, sizeof(*out->items));
				out->items[out->count - 1] = arena_strdup(arena, found.gl_pathv[f]);
			}
			globfree(&found);
		}
	}
}

static int import(
	struct session *s, const struct command_line *line, struct arena *arena, struct error *err)
{
	const struct import_format *format = import_format_find(line->options.from, err);
	struct problems problems = {.arena = arena};
	struct strings files = {0};
	struct source *sources;
	int rc;

	if (!format)
		return -1;
	for (size_t i = 0; i < line->args.rest_count; i++) {
		files.items = arena_push(arena, files.items, &files.count, sizeof(*files.items));
		files.items[files.count - 1] = line->args.rest[i];
	}
	if (!files.count)
		find_files(format, arena, &files);
	if (!files.count) {
		error_set(err, EXIT_NOT_FOUND, "no files of %s were found", format->name);
		return error_hint(
			err, "name them: sriovctl policy capture --from %s FILE...", format->name);
	}
	sources = arena_alloc(arena, files.count * sizeof(*sources));
	for (size_t i = 0; i < files.count; i++)
		if (policy_read_file(arena, files.items[i], &sources[i], err) < 0)
			return -1;
	rc = policy_import(format->name, sources, files.count, s->out, &problems, err);
	session_flush(s);
	problems_sort(&problems);
	output_problems(&problems, &line->options, stderr);
	return rc;
}

int run_policy_capture(struct session *s, const struct command_line *line, struct error *err)
{
	struct arena arena = {0};
	int rc;

	if (line->options.json) {
		error_set(err, EXIT_USAGE, "a policy is YAML, not JSON");
		return error_hint(err, "'pf show' and 'vf list' give JSON");
	}
	rc = line->options.from ? import(s, line, &arena, err) : capture_host(s, line, err);
	arena_free(&arena);
	return rc;
}
