/*
 * One command line through the flow: parse, discover, plan, check, apply, report.
 */
#include "run.h"

#include "run_parts.h"

#include "cli/command.h"
#include "cmd/commands.h"
#include "core/selector.h"
#include "core/usage.h"
#include "kernel/kernel.h"
#include "output/output.h"
#include "plan/apply.h"
#include "plan/audit.h"
#include "plan/journal.h"
#include "plan/lease.h"
#include "plan/lock.h"
#include "plan/want.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/str.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#ifndef VERSION
#define VERSION "0.1.0"
#endif

/* For what changes that were cut off have left, whatever they were. */
#define NEED_TO_PUT_BACK (NEED_TO_TAKE | NEED_MSIX | NEED_LEASES | NEED_ADDRESSES)

#define LOCK_WAIT_MS 30000

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
static void warn_of_interrupted(struct host *host)
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
	if (run_look_at(k, needs, &host, err) < 0)
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

/* "vf create eth0 4", for the lock's holder, the journal and the audit. */
static const char *command_text(struct arena *arena, const struct command_line *line)
{
	const char *text = arena_printf(arena, "%s %s", line->command->object, line->command->name);

	for (size_t i = 0; i < line->args.all_count; i++)
		text = arena_printf(arena, "%s %s", text, line->args.all[i]);
	return text;
}

/* What must be known for the command and for the settings on it. */
static unsigned change_needs(const struct command_line *line)
{
	unsigned needs = line->command->needs;

	for (size_t i = 0; i < line->args.setting_count; i++) {
		const struct attr *row = &line->command->type->attrs[line->args.settings[i].attr];

		needs |= row->need;
		if (row->flags & ATTR_REBINDS)
			needs |= NEED_BINDING;
		if (row->unit) /* a rate, to be compared with the link's */
			needs |= NEED_SPEED;
	}
	return needs;
}

/* The namespace that the command names, and what is in it. */
static int find_netns(const struct kernel *k, const struct command *c, unsigned needs,
	struct host *have, struct args *args, struct error *err)
{
	struct error other = {0};
	size_t count;

	for (size_t i = 0; i < ARGS_MAX && c->args[i].name; i++) {
		if (c->args[i].type != ARG_NETNS)
			continue;
		args->netns.name = args->words[i];
		if (discover_netns(k, have, needs, &args->netns, err) == 0)
			return 0;
		/* "eth0/3 blue vlna 5" names no namespace "5" */
		if (err->code == EXIT_NOT_FOUND && !meant_setting(c, args, err) &&
			!select_all_vfs(
				have, &have->arena, args->rest, args->rest_count, &count, &other))
			*err = other;
		if (err->code == EXIT_NOT_FOUND && args->rest_count > 1)
			error_hint(err, "NETNS is the one word between the VFs and KEY VALUE");
		return -1;
	}
	return 0;
}

static int discover_and_plan(const struct kernel *k, const struct command_line *line,
	unsigned needs, struct host *have, struct change *change, struct error *err)
{
	struct args args = line->args;

	needs |= NEED_LEASES;
	if (run_look_at(k, needs, have, err) < 0 ||
		find_netns(k, line->command, needs, have, &args, err) < 0)
		return -1;
	if (line->command->plan(have, &args, change, err) == 0)
		return 0;
	if (err->code == EXIT_NOT_FOUND && line->command->settable)
		meant_setting(line->command, &args, err);
	return -1;
}

/* The first look, without a lock, finds out which PFs to lock; what it knows suffices for
 * that, unless something is wrong: then all is asked, so that the answer is exact. */
static int look_first(const struct kernel *k, const struct command_line *line, struct host *have,
	struct change *change, struct error *err)
{
	unsigned needs = change_needs(line), few = needs & (NEED_VFS | NEED_NETNS | NEED_PLACE);

	if (!k->snapshot && needs != few) {
		if (discover_and_plan(k, line, few, have, change, err) == 0)
			return 0;
		change_free(change);
		host_free(have);
		change->command = command_text(&change->arena, line);
		memset(err, 0, sizeof(*err));
	}
	return discover_and_plan(k, line, needs, have, change, err);
}

int run_lock_all(const struct change *change, const struct options *o, struct locks *locks,
	struct error *err)
{
	int64_t wait = o->lock_timeout_ms >= 0 ? o->lock_timeout_ms : LOCK_WAIT_MS;

	if (change->count > LOCKS_MAX)
		return error_set(err, EXIT_USAGE, "more than %d PFs in one command", LOCKS_MAX);
	for (size_t i = 0; i < change->count; i++) {
		int fd = lock_pf(change->plans[i]->pf, change->command, wait, err);

		if (fd < 0)
			return -1;
		locks->fds[locks->count++] = fd;
	}
	return 0;
}

void run_unlock_all(struct locks *locks)
{
	while (locks->count)
		close(locks->fds[--locks->count]);
}

/* Interrupted changes of these PFs have left their journals: take over what they say. */
int run_load_journals(
	const struct change *old, struct change *change, bool locked, struct error *err)
{
	for (size_t i = 0; i < old->count; i++) {
		const struct pf *pf = old->plans[i]->pf;
		struct plan *plan = change_plan(change, pf);
		const char *was = "";
		int found;

		/* a dry run takes no lock: the journal may be that of a change under way */
		found = locked || !lock_is_held(pf) ? journal_load(plan, &was, err) : 0;
		if (found < 0)
			return -1;
		if (!found && locked) /* of a change that was complete but for this */
			journal_remove(pf);
		if (found)
			plan_warn(plan, "'%s' was cut off earlier; this puts right what it left",
				was);
	}
	return 0;
}

static int same_pfs(
	const struct change *change, const struct host *have, size_t count, struct error *err)
{
	for (size_t i = 0; i < change->count; i++) {
		const struct pf *pf = change->plans[i]->pf;
		bool there = pf >= have->pfs && pf < have->pfs + have->pf_count;

		if (there && change->count == count)
			continue;
		error_set(err, EXIT_KERNEL, "another device took this name just now");
		return error_about(err, there ? pf->name : "", NULL);
	}
	return 0;
}

/* Under the lock things may look different, and an interrupted change may have left its
 * journal: look and plan again. */
static int plan_again(const struct kernel *k, const struct command_line *line, bool locked,
	struct host *have, struct change *change, struct error *err)
{
	struct change fresh = {0};
	struct host then = *have;
	size_t count = change->count;
	unsigned needs;
	int rc;

	fresh.command = command_text(&fresh.arena, line);
	rc = run_load_journals(change, &fresh, locked, err);
	change_free(change);
	*change = fresh;
	if (rc < 0)
		return -1; /* *have is still that of the first look */
	memset(have, 0, sizeof(*have));
	needs = change_needs(line);
	for (size_t i = 0; i < change->count; i++)
		if (change->plans[i]->interrupted)
			needs |= NEED_TO_PUT_BACK;
	rc = discover_and_plan(k, line, needs, have, change, err);
	/* only now: the plans compared their handles with those of the first look */
	if (rc == 0)
		rc = same_pfs(change, have, count, err);
	if (rc < 0)
		change_free(change); /* it may still point to what was seen then */
	host_free(&then);
	return rc;
}

static int write_journals(struct change *change, struct error *err)
{
	change->id = arena_printf(&change->arena, "%d-%lld", (int)getpid(), (long long)clock_ms());
	for (size_t i = 0; i < change->count; i++)
		if (change->plans[i]->count && journal_write(change, change->plans[i], err) < 0)
			return -1;
	return 0;
}

/* What could not be settled stays, for a later command to put right. */
static void remove_journals(const struct change *change)
{
	for (size_t i = 0; i < change->count; i++)
		if (!change->plans[i]->settled)
			return;
	journal_commit(change);
	for (size_t i = 0; i < change->count; i++)
		if (change->plans[i]->count || change->plans[i]->interrupted)
			journal_remove(change->plans[i]->pf);
	journal_forget(change);
	journal_tidy_marks(); /* of others, who were cut off just here */
}

int run_carry_out(const struct kernel *k, const struct options *o, struct change *change,
	const struct host *have, struct error *err)
{
	int rc;

	for (size_t i = 0; i < change->count; i++)
		change->plans[i]->settled = true;
	rc = write_journals(change, err);
	if (rc < 0)
		change_refused(change);
	else if (change_step_count(change))
		rc = change_apply(k, change, have, o, err);
	remove_journals(change);
	audit_change(change);
	return rc;
}

/* What speaks against it; every reason is found before the first step. */
int run_may_be_done(const struct kernel *k, const struct options *o, struct change *change,
	struct host *have, struct error *err)
{
	if (change_disturbs(change, have))
		discover_usage(k, have);
	if (change_check(change, have, o->force, err) < 0)
		return -1;
	return change_find_drivers(k, change, have, !o->dry_run, err);
}

/* Put right what interrupted changes of the PFs left, and nothing else. 0, or -1. */
static int put_right(const struct kernel *k, const struct options *o, const struct change *left,
	struct change *change, struct host *have, struct error *err)
{
	change->command = "put right what was cut off";
	if (run_load_journals(left, change, true, err) < 0 ||
		run_look_at(k, NEED_TO_PUT_BACK, have, err) < 0)
		return -1;
	for (size_t i = 0; i < change->count; i++) {
		const struct pf *pf = host_same_pf(have, change->plans[i]->pf);

		if (!pf)
			return -1;
		change->plans[i]->pf = pf;
		forget_other_places(change->plans[i], have);
	}
	if (change_toward(change, have, err) < 0 || run_may_be_done(k, o, change, have, err) < 0)
		return -1;
	return run_carry_out(k, o, change, have, err);
}

/* Was something cut off that is better put right by itself before anything else is planned:
 * whenever VFs were handed over, or are to be? */
static bool must_put_right(
	const struct command *c, const struct change *change, const struct host *have)
{
	struct change left = {0};
	struct error ignored = {0};
	bool must = false;

	if (run_load_journals(change, &left, true, &ignored) < 0)
		must = c->recovers; /* it says then what is wrong */
	for (size_t i = 0; i < left.count; i++) {
		const struct plan *plan = left.plans[i];

		must |= plan->interrupted && c->recovers;
		for (size_t v = 0; v < plan->before.count; v++) {
			const struct vf *before = &plan->before.vfs[v]->vf;
			const struct vf *vf = host_vf(have, plan->pf, before->index);

			must |= vf_has(before, VF_LEASE) || (vf && vf->attached);
		}
	}
	change_free(&left);
	return must;
}

static int put_right_first(const struct kernel *k, const struct command_line *line,
	const struct change *about, const struct host *seen, struct error *err)
{
	struct change change = {0};
	struct host have = {0};
	bool partly = true;
	int rc = 0;

	if (must_put_right(line->command, about, seen))
		rc = put_right(k, &line->options, about, &change, &have, err);
	/* what was to be put back and could not is lost, but no reason to stop here */
	for (size_t i = 0; i < change.count && err->code == EXIT_PARTLY; i++)
		partly &= change.plans[i]->settled;
	if (rc < 0 && err->code == EXIT_PARTLY && partly) {
		change_warn(&change, "%s: %s%s%s%s%s", err->object, err->attr,
			err->attr[0] ? ": " : "", err->message, err->kernel[0] ? ": " : "",
			err->kernel);
		run_print_warnings(change.warnings, change.warning_count, &line->options);
		memset(err, 0, sizeof(*err));
		rc = 0;
	}
	for (size_t i = 0; i < change.count && rc == 0; i++)
		run_print_warnings(
			change.plans[i]->warnings, change.plans[i]->warning_count, &line->options);
	change_free(&change);
	host_free(&have);
	return rc;
}

/* Are there interrupted changes, and could all be put right? */
static bool recover(const struct kernel *k, const struct options *o, const struct host *seen)
{
	struct change left = {0}, change = {0};
	struct locks locks = {.count = 0};
	struct error ignored = {0};
	struct host have = {0};
	bool done;

	for (size_t i = 0; i < seen->pf_count; i++)
		if (journal_left(&left.arena, &seen->pfs[i]))
			change_plan(&left, &seen->pfs[i]);
	left.command = "put right what was cut off";
	done = left.count && run_lock_all(&left, o, &locks, &ignored) == 0 &&
	       put_right(k, o, &left, &change, &have, &ignored) == 0;
	for (size_t i = 0; i < change.count && done; i++)
		run_print_warnings(change.plans[i]->warnings, change.plans[i]->warning_count, o);
	change_free(&change);
	change_free(&left);
	host_free(&have);
	run_unlock_all(&locks);
	return done;
}

/* Is someone at work on a PF that the command names, so that its VFs may be gone for a
 * moment? Then until that is over. */
static bool wait_for_others(
	const struct command_line *line, const struct host *seen, struct error *err)
{
	int64_t wait =
		line->options.lock_timeout_ms >= 0 ? line->options.lock_timeout_ms : LOCK_WAIT_MS;
	bool waited = false;

	for (size_t i = 0; i < seen->pf_count; i++) {
		const struct pf *pf = &seen->pfs[i];
		size_t len = strlen(pf->name);
		bool named = false;
		int fd;

		for (size_t w = 0; w < line->args.all_count; w++)
			named |= strncmp(line->args.all[w], pf->name, len) == 0 &&
				 (!line->args.all[w][len] || line->args.all[w][len] == '/');
		if (!named || !lock_is_held(pf))
			continue;
		fd = lock_pf(pf, "waiting", wait, err);
		if (fd < 0)
			return false;
		close(fd);
		waited = true;
	}
	return waited;
}

/* The first look, or another where it failed because of what others do or have left. */
static int look(const struct kernel *k, const struct command_line *line, struct host *have,
	struct change *change, struct error *err)
{
	bool again = false;

	change->command = command_text(&change->arena, line);
	if (look_first(k, line, have, change, err) == 0)
		return 0;
	if (k->snapshot)
		return -1;
	/* what is not found, or in the way, may be so only for a moment, or until it is put
	 * right */
	if (err->code == EXIT_NOT_FOUND && !line->options.dry_run)
		again = wait_for_others(line, have, err);
	if ((err->code == EXIT_NOT_FOUND || err->code == EXIT_REFUSED) && !line->options.dry_run)
		again |= recover(k, &line->options, have);
	if (!again) {
		warn_of_interrupted(have);
		return -1;
	}
	change_free(change);
	host_free(have);
	memset(err, 0, sizeof(*err));
	change->command = command_text(&change->arena, line);
	return look_first(k, line, have, change, err);
}

static int change(const struct kernel *k, const struct command_line *line, struct error *err)
{
	const struct options *o = &line->options;
	struct locks locks = {.count = 0};
	struct change change = {0};
	struct host have = {0};
	int rc;

	rc = look(k, line, &have, &change, err);
	if (rc == 0 && !o->dry_run)
		rc = run_lock_all(&change, o, &locks, err);
	if (rc == 0 && !o->dry_run)
		rc = put_right_first(k, line, &change, &have, err);
	if (rc == 0 && !k->snapshot)
		rc = plan_again(k, line, locks.count > 0, &have, &change, err);
	if (rc == 0)
		rc = run_may_be_done(k, o, &change, &have, err);
	if (rc == 0 && !o->dry_run)
		rc = run_carry_out(k, o, &change, &have, err);
	else if (rc < 0)
		change_refused(&change);
	for (size_t i = 0; i < have.warning_count; i++)
		change_warn(&change, "%s", have.warnings[i]);
	if (rc == 0 || change_step_count(&change)) {
		output_report(&change, rc < 0 ? err : NULL, o, stdout);
		err->reported = o->json;
	}
	if (!o->json) {
		run_print_warnings(change.warnings, change.warning_count, o);
		for (size_t i = 0; i < change.count; i++)
			run_print_warnings(
				change.plans[i]->warnings, change.plans[i]->warning_count, o);
	}
	change_free(&change);
	host_free(&have);
	run_unlock_all(&locks);
	return rc;
}

static int run_parsed(const struct command_line *line, struct error *err)
{
	const struct command *c = line->command;
	struct kernel k;
	int rc;

	if (kernel_open(&k, line->options.snapshot, err) < 0)
		return -1;
	rc = c->show      ? show(&k, line, err)
	     : c->plan    ? change(&k, line, err)
	     : c->repairs ? repair_all(&k, line, err)
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
