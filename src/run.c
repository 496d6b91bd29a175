/*
 * One command line through the flow: parse, discover, plan, check, apply, report.
 */
#include "run.h"

#include "cli/command.h"
#include "cmd/commands.h"
#include "kernel/kernel.h"
#include "output/output.h"
#include "plan/apply.h"
#include "plan/journal.h"
#include "plan/lock.h"
#include "util/cleanup.h"
#include "util/str.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#ifndef VERSION
#define VERSION "0.1.0"
#endif

#define LOCK_WAIT_MS 30000

static void print_warnings(const char **warnings, size_t count, const struct options *o)
{
	char safe[1024];

	for (size_t i = 0; !o->quiet && i < count; i++) {
		str_printable(safe, sizeof(safe), warnings[i]);
		fprintf(stderr, "sriovctl: warning: %s\n", safe);
	}
}

/* An empty answer leaves a person wondering; a script sees only an empty list. */
static void explain_nothing(
	const struct host *host, const struct view *view, const struct options *o)
{
	size_t count = view->tree ? host->pf_count : view->count;

	if (count || o->quiet || !isatty(STDERR_FILENO))
		return;
	if (!host->pf_count)
		fputs("sriovctl: this host has no device with SR-IOV; on many, the firmware or "
		      "BIOS must turn it on\n",
			stderr);
	else
		fputs("sriovctl: no VFs; make some with 'sriovctl vf create PF N'\n", stderr);
}

/* Reads take no lock and repair nothing, but they say what waits to be put right. */
static void warn_of_interrupted(struct host *host)
{
	for (size_t i = 0; i < host->pf_count; i++) {
		const char *was = journal_left(&host->arena, &host->pfs[i]);

		if (was)
			host_warn(host,
				"%s: '%s' was cut off; run it again to put right what it left",
				host->pfs[i].name, was);
	}
}

static int show(const struct kernel *k, const struct command_line *line, struct error *err)
{
	const struct command *c = line->command;
	struct view view = {.type = c->type};
	unsigned needs = c->needs;
	struct columns columns;
	struct host host;
	int rc;

	if (columns_choose(c->type, c->single, &line->options, &columns, err) < 0)
		return -1;
	needs |= columns.needs;
	if (!c->object && line->options.json) /* the overview has the VFs whole as well */
		needs |= NEED_ALL;
	if (line->args.rest_count) /* to tell a VF's name from one that nobody has */
		needs |= NEED_VFS;
	if (line->options.statistics)
		needs |= NEED_STATS;
	if (discover(k, needs, &host, err) < 0)
		return -1;
	if (!k->snapshot)
		warn_of_interrupted(&host);
	rc = c->show(&host, &line->args, &view, err);
	if (rc == 0 && line->options.json)
		rc = output_json(&view, &columns, &line->options, stdout, err);
	else if (rc == 0 && view.tree)
		rc = output_tree(view.tree, &line->options, stdout, err);
	else if (rc == 0)
		rc = output_table(&view, &columns, c->single, &line->options, stdout, err);
	print_warnings(host.warnings, host.warning_count, &line->options);
	if (rc == 0)
		explain_nothing(&host, &view, &line->options);
	if (rc == 0 && host_truncated(&host)) {
		rc = error_set(
			err, EXIT_KERNEL, "the kernel's list of VFs or interfaces is incomplete");
		error_hint(err, "the attributes of some VFs are missing above");
		err->reported = 1; /* one JSON value is all that stdout gets */
	}
	host_free(&host);
	return rc;
}

/* "vf create eth0 4", for the lock's holder and the journal. */
static const char *command_text(struct plan *plan, const struct command_line *line)
{
	const char *text =
		arena_printf(&plan->arena, "%s %s", line->command->object, line->command->name);

	for (size_t i = 0; i < ARGS_MAX && line->args.words[i]; i++)
		text = arena_printf(&plan->arena, "%s %s", text, line->args.words[i]);
	return text;
}

static int discover_and_plan(const struct kernel *k, const struct command_line *line,
	struct host *have, struct plan *plan, struct error *err)
{
	if (discover(k, line->command->needs, have, err) < 0)
		return -1;
	return line->command->plan(have, &line->args, plan, err);
}

/* Under the lock things may look different, and an interrupted change may have left its
 * journal: look and plan again. */
static int plan_again(const struct kernel *k, const struct command_line *line, bool locked,
	struct host *have, struct plan *plan, struct error *err)
{
	struct plan fresh = {0};
	const char *was = "";
	char handle[64];
	int found;

	snprintf(handle, sizeof(handle), "%s", plan->pf->handle);
	fresh.command = command_text(&fresh, line);
	fresh.pf = plan->pf;
	/* a dry run takes no lock: the journal may be that of a change under way */
	found = locked || !lock_is_held(fresh.pf) ? journal_load(&fresh, &was, err) : 0;
	plan_free(plan);
	host_free(have);
	*plan = fresh;
	if (found < 0)
		return -1;
	if (found)
		plan_warn(plan, "'%s' was cut off earlier; this puts right what it left", was);
	if (discover_and_plan(k, line, have, plan, err) < 0)
		return -1;
	if (strcmp(plan->pf->handle, handle) == 0)
		return 0;
	error_set(err, EXIT_KERNEL, "another device took this name just now");
	return error_about(err, plan->pf->name, NULL);
}

static int carry_out(
	const struct kernel *k, const struct options *o, struct plan *plan, struct error *err)
{
	bool settled = true;
	int rc = 0;

	if (plan->count) {
		if (journal_write(plan, err) < 0) {
			plan_refused(plan);
			return -1;
		}
		rc = plan_apply(k, plan, o, &settled, err);
	}
	if (settled && (plan->count || plan->interrupted))
		journal_remove(plan->pf);
	return rc;
}

static int change(const struct kernel *k, const struct command_line *line, struct error *err)
{
	const struct options *o = &line->options;
	cleanup_close int lock = -1;
	struct plan plan = {0};
	struct host have;
	int rc;

	rc = discover_and_plan(k, line, &have, &plan, err);
	if (rc == 0 && !o->dry_run) {
		const char *text = command_text(&plan, line);

		lock = lock_pf(plan.pf, text,
			o->lock_timeout_ms >= 0 ? o->lock_timeout_ms : LOCK_WAIT_MS, err);
		rc = lock < 0 ? -1 : 0;
	}
	if (rc == 0 && !k->snapshot)
		rc = plan_again(k, line, lock >= 0, &have, &plan, err);
	if (rc == 0)
		rc = plan_check_in_use(&plan, &have, o->force, err);
	if (rc == 0 && !o->dry_run)
		rc = carry_out(k, o, &plan, err);
	else if (rc < 0)
		plan_refused(&plan);
	for (size_t i = 0; i < have.warning_count; i++)
		plan_warn(&plan, "%s", have.warnings[i]);
	if (rc == 0 || plan.count) {
		output_report(&plan, rc < 0 ? err : NULL, o, stdout);
		err->reported = o->json;
	}
	if (!o->json)
		print_warnings(plan.warnings, plan.warning_count, o);
	plan_free(&plan);
	host_free(&have);
	return rc;
}

static int run_parsed(const struct command_line *line, struct error *err)
{
	const struct command *c = line->command;
	struct kernel k;
	int rc;

	if (kernel_open(&k, line->options.snapshot, err) < 0)
		return -1;
	rc = c->show   ? show(&k, line, err)
	     : c->plan ? change(&k, line, err)
		       : c->run(&k, &line->args, err);
	kernel_close(&k);
	return rc;
}

static int flush_output(struct error *err)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	return error_errno(err, EXIT_KERNEL, errno ? errno : EIO, "cannot write the output");
}

enum exit_code run(int argc, char *const *argv)
{
	struct command_line line;
	struct error err = {0};
	int rc = 0;

	switch (parse_command_line(commands, argc, argv, &line, &err)) {
	case PARSE_HELP:
		help_print(stdout, commands, line.help_object, line.command);
		break;
	case PARSE_VERSION:
		puts("sriovctl " VERSION);
		break;
	case PARSE_RUN:
		rc = run_parsed(&line, &err);
		break;
	case PARSE_ERROR:
		rc = -1;
		break;
	}
	if (rc < 0 && line.options.json && !err.reported)
		output_error_json(&err, &line.options, stdout);
	if (rc == 0)
		rc = flush_output(&err);
	free(line.words);
	if (rc < 0)
		output_error(&err, stderr);
	return rc < 0 ? err.code : EXIT_DONE;
}
