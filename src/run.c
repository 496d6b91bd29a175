/*
 * One command line through the flow: parse, discover, plan, check, apply, report.
 */
#include "run.h"

#include "run_parts.h"

#include "cli/command.h"
#include "cmd/commands.h"
#include "core/usage.h"
#include "kernel/kernel.h"
#include "output/output.h"
#include "plan/journal.h"
#include "plan/lease.h"
#include "util/str.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef VERSION
#define VERSION "0.1.0"
#endif

void run_print_warnings(const char **warnings, size_t count, const struct options *o)
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
	if (view->type == &lent_type)
		fputs("sriovctl: no VF is in another network namespace\n", stderr);
	else if (!host->pf_count)
		fputs("sriovctl: this host has no device with SR-IOV; on many, the firmware or "
		      "BIOS must turn it on\n",
			stderr);
	else
		fputs("sriovctl: no VFs; make some with 'sriovctl vf create PF N'\n", stderr);
}

/* Reads take no lock and repair nothing, but they say what waits to be put right. */
void run_warn_of_interrupted(struct host *host)
{
	for (size_t i = 0; i < host->pf_count; i++) {
		const char *was = journal_left(&host->arena, &host->pfs[i]);

		if (was)
			host_warn(host,
				"%s: '%s' was cut off; 'sriovctl repair' puts right what it left",
				host->pfs[i].name, was);
	}
}

/* Look at the host, and at what is remembered of VFs that were handed out. */
int run_look_at(const struct kernel *k, unsigned needs, struct host *host, struct error *err)
{
	if (discover(k, needs, host, err) < 0)
		return -1;
	if (needs & NEED_LEASES && !leases_read(host, k->snapshot ? k->root : -1) &&
		needs & NEED_PROCESSES)
		host_warn(host, "what VFs were attached for is known to root alone");
	if (needs & NEED_HOLDERS)
		name_holders(host);
	return 0;
}

static int show(struct session *s, const struct command_line *line, struct error *err)
{
	const struct kernel *k = &s->kernel;
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
	if (run_look_at(k, needs, &host, err) < 0)
		return -1;
	if (!k->snapshot)
		run_warn_of_interrupted(&host);
	rc = c->show(&host, &line->args, &view, err);
	if (rc == 0 && line->options.json)
		rc = output_json(&view, &columns, &line->options, s->out, err);
	else if (rc == 0 && view.tree)
		rc = output_tree(view.tree, &line->options, s->out, err);
	else if (rc == 0)
		rc = output_table(&view, &columns, c->single, &line->options, s->out, err);
	run_print_warnings(host.warnings, host.warning_count, &line->options);
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

static int run_parsed(struct session *s, const struct command_line *line, struct error *err)
{
	const struct command *c = line->command;

	switch (c->service) {
	case SERVICE_REPAIR:
		return run_repair(s, line, err);
	case SERVICE_NONE:
		break;
	}
	return c->show   ? show(s, line, err)
	       : c->plan ? run_change(s, line, err)
			 : c->run(&s->kernel, &line->args, err);
}

static int open_and_run(struct session *s, const struct command_line *line, struct error *err)
{
	int rc;

	if (kernel_open(&s->kernel, line->options.snapshot, err) < 0)
		return -1;
	rc = run_parsed(s, line, err);
	kernel_close(&s->kernel);
	return rc;
}

static int flush_output(FILE *out, struct error *err)
{
	if (fflush(out) == 0 && !ferror(out))
		return 0;
	return error_errno(err, EXIT_KERNEL, errno ? errno : EIO, "cannot write the output");
}

enum exit_code run(int argc, char *const *argv)
{
	struct session s = {.out = stdout};
	struct command_line line;
	struct error err = {0};
	int rc = 0;

	switch (parse_command_line(commands, argc, argv, &line, &err)) {
	case PARSE_HELP:
		help_print(s.out, commands, line.help_object, line.command);
		break;
	case PARSE_VERSION:
		fputs("sriovctl " VERSION "\n", s.out);
		break;
	case PARSE_RUN:
		rc = open_and_run(&s, &line, &err);
		break;
	case PARSE_ERROR:
		rc = -1;
		break;
	}
	if (rc < 0 && line.options.json && !err.reported)
		output_error_json(&err, &line.options, s.out);
	if (rc == 0)
		rc = flush_output(s.out, &err);
	free(line.words);
	if (rc < 0)
		output_error(&err, stderr);
	return rc < 0 ? err.code : EXIT_DONE;
}
