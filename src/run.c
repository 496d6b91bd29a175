/*
 * One command line through the flow: parse, discover, plan, check, apply, report.
 */
#include "run.h"

#include "run_parts.h"

#include "cli/command.h"
#include "cmd/commands.h"
#include "core/choose.h"
#include "core/usage.h"
#include "kernel/kernel.h"
#include "output/output.h"
#include "plan/journal.h"
#include "plan/lease.h"
#include "util/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void run_print_warnings(const char **warnings, size_t count, const struct options *o)
{
	char safe[1024];

	for (size_t i = 0; !o->quiet && i < count; i++) {
		str_printable(safe, sizeof(safe), warnings[i]);
		fprintf(stderr, "sriovctl: warning: %s\n", safe);
	}
}

void run_print_change_warnings(const struct change *change, const struct options *o)
{
	run_print_warnings(change->warnings, change->warning_count, o);
	for (size_t i = 0; i < change->count; i++)
		run_print_warnings(change->plans[i]->warnings, change->plans[i]->warning_count, o);
}

/* An empty answer leaves a person wondering; a script sees only an empty list. */
static void explain_nothing(struct session *s, const struct host *host, const struct view *view,
	size_t found, const struct options *o)
{
	if (view->tree || view->count || o->quiet || !isatty(STDERR_FILENO))
		return;
	session_flush(s);
	if (found)
		fprintf(stderr, "sriovctl: the filter leaves none of %zu\n", found);
	else if (view->type == &lent_type)
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
	if (needs & NEED_LEASES)
		host->leases_unknown = !leases_read(host, k->snapshot ? k->root : -1);
	if (host->leases_unknown && needs & NEED_PROCESSES)
		host_warn(host, "what VFs were attached for is known to root alone");
	if (needs & NEED_HOLDERS)
		name_holders(host);
	return 0;
}

int run_flush(FILE *out, struct error *err)
{
	if (fflush(out) == 0 && !ferror(out))
		return 0;
	return error_errno(err, EXIT_KERNEL, errno ? errno : EIO, "cannot write the output");
}

/* What the command is to show, of the host that goes with it. NULL with *err. */
static struct host *choose(struct session *s, const struct command_line *line, unsigned needs,
	struct view *view, struct error *err)
{
	const struct command *c = line->command;
	unsigned elsewhere = line->args.rest_count ? NEED_TO_FIND : 0;
	struct host *host = session_look(s, needs, err);

	if (!host || c->show(host, &line->args, view, err) == 0)
		return host;
	if (err->code == EXIT_NOT_FOUND && elsewhere & ~needs) {
		/* it may be named as it is called in another namespace */
		memset(err, 0, sizeof(*err));
		*view = (struct view){.type = c->type};
		host = session_look(s, needs | elsewhere, err);
		if (!host || c->show(host, &line->args, view, err) == 0)
			return host;
	}
	if (!host)
		return NULL;
	if (err->code == EXIT_NOT_FOUND && c->takes)
		(void)meant_setting(c, &line->args, err);
	if (!s->kernel.snapshot)
		run_warn_of_interrupted(host);
	run_print_warnings(host->warnings, host->warning_count, &line->options);
	return NULL;
}

/* What must be known of the host to show the columns that were chosen. */
static int needs_of(const struct command_line *line, const struct columns *columns, unsigned *needs,
	struct error *err)
{
	const struct command *c = line->command;
	const struct options *o = &line->options;
	struct columns vfs = {0};

	*needs = c->needs | (o->statistics ? NEED_STATS : 0);
	if (line->args.rest_count) /* to tell a VF's name from one that nobody has */
		*needs |= NEED_VFS;
	if (!c->tree_needs)
		*needs |= columns->needs;
	else if (!o->json)
		*needs |= c->tree_needs;
	else if (columns_choose(&vf_type, false, o, &vfs, err) < 0)
		return -1;
	else /* a tree has the VFs whole as well */
		*needs |= columns->needs | vfs.needs | NEED_ALL;
	return 0;
}

int run_show(struct session *s, const struct command_line *line, struct error *err)
{
	const struct command *c = line->command;
	const struct options *o = &line->options;
	struct view view = {.type = c->type};
	struct columns columns;
	struct choosing choosing;
	struct host *host;
	unsigned needs;
	size_t found;
	int rc;

	if (columns_choose(c->type, c->single, o, &columns, err) < 0 ||
		choose_parse(c->type, o->sort, o->filter, &choosing, err) < 0 ||
		needs_of(line, &columns, &needs, err) < 0)
		return -1;
	host = choose(s, line, needs | choosing.needs, &view, err);
	if (!host)
		return -1;
	found = view.count;
	view.count = choose_records(&choosing, view.records, found);
	if (!s->kernel.snapshot)
		run_warn_of_interrupted(host);
	if (o->json)
		rc = output_json(&view, &columns, o, s->out, err);
	else if (view.tree)
		rc = output_tree(&view, o, s->out, err);
	else
		rc = output_table(&view, &columns, c->single, o, s->out, err);
	/* what follows is about what is "above"; in a batch that may wait where nothing follows */
	if (rc == 0 && (!s->in_batch || host->warning_count || host_truncated(host)))
		rc = run_flush(s->out, err);
	if (host->warning_count)
		session_flush(s);
	run_print_warnings(host->warnings, host->warning_count, o);
	if (rc == 0)
		explain_nothing(s, host, &view, found, o);
	if (rc == 0 && host_truncated(host)) {
		rc = error_set(err, EXIT_KERNEL, LIST_INCOMPLETE);
		error_hint(err, "the attributes of some VFs are missing above");
		err->reported = 1; /* one JSON value is all that stdout gets */
	}
	return rc;
}

static int run_parsed(struct session *s, struct command_line *line, struct error *err)
{
	const struct command *c = line->command;

	if (!c->show)
		session_forget_pictures(s);
	switch (c->service) {
	case SERVICE_REPAIR:
		return run_repair(s, line, err);
	case SERVICE_STATS:
		return run_stats(s, line, err);
	case SERVICE_DOCTOR:
		return run_doctor(s, line, err);
	case SERVICE_SHELL:
		if (s->in_batch)
			return error_set(err, EXIT_USAGE, "there is no shell in a batch");
		return run_shell(s, line, err);
	case SERVICE_MONITOR:
		if (s->in_batch)
			return error_set(
				err, EXIT_USAGE, "a batch would not come to its next line");
		return run_monitor(s, line, err);
	case SERVICE_USE:
	case SERVICE_STATUS:
	case SERVICE_EXIT:
		return run_in_shell(s, line, err);
	case SERVICE_POLICY_CHECK:
	case SERVICE_POLICY_DIFF:
	case SERVICE_POLICY_APPLY:
		return run_policy(s, line, err);
	case SERVICE_POLICY_CAPTURE:
		return run_policy_capture(s, line, err);
	case SERVICE_POLICY_COMMIT:
		return run_policy_commit(s, line, err);
	case SERVICE_POLICY_ROLLBACK:
		return run_policy_rollback(s, line, err);
	case SERVICE_COMPLETE: /* see run_line() */
	case SERVICE_NONE:
		break;
	}
	return c->show   ? run_show(s, line, err)
	       : c->plan ? run_change(s, line, err)
			 : c->run(&s->kernel, &line->args, err);
}

static int run_line(
	struct session *s, enum parse_result what, struct command_line *line, struct error *err)
{
	switch (what) {
	case PARSE_HELP:
		if (line->options.json)
			return help_print_json(s->out, s->commands, line->help_object,
				       line->command, line->options.pretty) < 0
				       ? error_nomem(err)
				       : 0;
		help_print(s->out, s->commands, line->help_object, line->command);
		return 0;
	case PARSE_VERSION:
		fputs("sriovctl " VERSION "\n", s->out);
		return 0;
	case PARSE_RUN:
		/* answers also where there is no host to look at */
		if (line->command->service == SERVICE_COMPLETE)
			return run_complete(s, line);
		return session_kernel(s, &line->options, err) ? run_parsed(s, line, err) : -1;
	case PARSE_BATCH:
		if (s->in_batch)
			return error_set(err, EXIT_USAGE, "a batch cannot run another");
		if (s->shell && strcmp(line->options.batch, "-") == 0)
			return error_set(
				err, EXIT_USAGE, "a shell has no standard input for a batch");
		return run_batch(s, &line->options, err);
	case PARSE_ERROR:
		break;
	}
	return -1;
}

enum exit_code session_run(struct session *s, int argc, char *const *argv, const char *pf,
	const char *file, size_t number)
{
	struct parse_base base = {.options = s->options, .pf = pf};
	enum parse_result what;
	struct command_line line;
	struct error err = {0};
	int rc;

	what = parse_with_base(s->commands, &base, argc, argv, &line, &err);
	line.options.file = file;
	line.options.line = number;
	rc = run_line(s, what, &line, &err);
	if (rc < 0 && line.options.json && !err.reported)
		output_error_json(&err, &line.options, s->out);
	/* in a batch what was read may wait; what was changed must be told at once */
	if (rc == 0 && (!s->in_batch || (what == PARSE_RUN && !line.command->show)))
		rc = run_flush(s->out, &err);
	command_line_free(&line);
	if (rc < 0)
		session_flush(s);
	if (rc < 0 && !err.told)
		output_error(&err, &line.options, stderr);
	return rc < 0 ? err.code : EXIT_DONE;
}

enum exit_code run(int argc, char *const *argv)
{
	struct session s = {.out = stdout, .commands = commands};
	enum exit_code code = session_run(&s, argc, argv, NULL, NULL, 0);

	session_close(&s);
	return code;
}
