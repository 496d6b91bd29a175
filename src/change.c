/*
 * A change through the flow: look, plan, lock, look and plan again, check, carry out, report.
 */
#include "run_parts.h"

#include "declared.h"

#include "cmd/commands.h"
#include "core/selector.h"
#include "output/output.h"
#include "output/progress.h"
#include "plan/apply.h"
#include "plan/audit.h"
#include "plan/journal.h"
#include "plan/lock.h"
#include "plan/want.h"
#include "util/clock.h"

#include <string.h>
#include <unistd.h>

/* For what changes that were cut off have left, whatever they were. */
#define NEED_TO_PUT_BACK (NEED_TO_TAKE | NEED_MSIX | NEED_LEASES | NEED_ADDRESSES)

/* So long, in a batch, a change may find its PFs by what the one before saw. */
#define SEEN_MAX_AGE_MS 1000

/* "vf create eth0 4", for the lock's holder, the journal and the audit. */
static const char *command_text(struct arena *arena, const struct request *r)
{
	const struct command_line *line;
	const char *text;

	if (r->declared)
		return r->declared->command;
	if (r->count != 1)
		return arena_printf(arena, "--batch %s, %zu commands", r->file, r->count);
	line = &r->lines[0];
	text = arena_printf(arena, "%s %s", line->command->object, line->command->name);
	for (size_t i = 0; i < line->args.all_count; i++)
		text = arena_printf(arena, "%s %s", text, line->args.all[i]);
	return text;
}

/* What must be known for the command and for the settings on it. */
static unsigned line_needs(const struct command_line *line)
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

static unsigned change_needs(const struct request *r)
{
	unsigned needs = r->declared ? r->declared->needs : 0;

	for (size_t i = 0; i < r->count; i++)
		needs |= line_needs(&r->lines[i]);
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
		args->netns = (struct netns){.name = args->words[i]};
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

static int plan_line(
	struct request *r, size_t at, struct host *have, struct change *change, struct error *err)
{
	const struct command *c = r->lines[at].command;
	struct args *args = &r->lines[at].args;

	r->at = at;
	if (c->plan(have, args, change, err) == 0)
		return 0;
	if (err->code == EXIT_NOT_FOUND && c->settable)
		meant_setting(c, args, err);
	return -1;
}

/* On a host that was looked at with these needs. */
static int plan_on(const struct kernel *k, struct request *r, unsigned needs, struct host *have,
	struct change *change, struct error *err)
{
	struct host *planned;

	r->at = 0;
	if (r->declared)
		return r->declared->plan(r->declared, have, change, err);
	for (; r->at < r->count; r->at++)
		if (find_netns(k, r->lines[r->at].command, needs, have, &r->lines[r->at].args,
			    err) < 0)
			return -1;
	if (r->count == 1)
		return plan_line(r, 0, have, change, err);
	/* each line on what those before it will have made */
	planned = change_begin(change, have);
	for (size_t i = 0; i < r->count; i++) {
		if (plan_line(r, i, planned, change, err) < 0)
			return -1;
		change_project(change, planned);
	}
	r->at = r->count;
	return change_end(change, have, err);
}

static int discover_and_plan(const struct kernel *k, struct request *r, unsigned needs,
	struct host *have, struct change *change, struct error *err)
{
	r->at = 0;
	needs |= NEED_LEASES;
	return run_look_at(k, needs, have, err) < 0 ? -1 : plan_on(k, r, needs, have, change, err);
}

/* What suffices to find out which PFs to lock. */
static unsigned few_needs(const struct request *r)
{
	return change_needs(r) & (NEED_VFS | NEED_NETNS | NEED_PLACE | NEED_IDS);
}

/* The first look, without a lock, finds out which PFs to lock; what it knows suffices for
 * that, unless something is wrong: then all is asked, so that the answer is exact. */
static int look_first(const struct kernel *k, struct request *r, struct host *have,
	struct change *change, struct error *err)
{
	unsigned needs = change_needs(r), few = few_needs(r);

	if (!k->snapshot && needs != few) {
		if (discover_and_plan(k, r, few, have, change, err) == 0)
			return 0;
		change_free(change);
		host_free(have);
		change->command = command_text(&change->arena, r);
		memset(err, 0, sizeof(*err));
	}
	return discover_and_plan(k, r, needs, have, change, err);
}

int64_t run_lock_wait(const struct options *o)
{
	return o->lock_timeout_ms >= 0 ? o->lock_timeout_ms : 30000;
}

int run_lock_all(const struct change *change, const struct options *o, struct locks *locks,
	struct error *err)
{
	int64_t wait = run_lock_wait(o);

	if (change->count > LOCKS_MAX)
		return error_set(err, EXIT_USAGE, "more than %d PFs in one command", LOCKS_MAX);
	for (size_t i = 0; i < change->count; i++) {
		int fd = lock_pf(change->plans[i]->pf, change->command, wait, o->watcher, err);

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
static int plan_again(const struct kernel *k, struct request *r, bool locked, struct host *have,
	struct change *change, struct error *err)
{
	struct change fresh = {0};
	struct host then = *have;
	size_t count = change->count;
	unsigned needs;
	int rc;

	fresh.command = command_text(&fresh.arena, r);
	rc = run_load_journals(change, &fresh, locked, err);
	change_free(change);
	*change = fresh;
	if (rc < 0)
		return -1; /* *have is still that of the first look */
	memset(have, 0, sizeof(*have));
	needs = change_needs(r);
	for (size_t i = 0; i < change->count; i++)
		if (change->plans[i]->interrupted)
			needs |= NEED_TO_PUT_BACK;
	rc = discover_and_plan(k, r, needs, have, change, err);
	/* only now: the plans compared their handles with those of the first look */
	if (rc == 0)
		rc = same_pfs(change, have, count, err);
	if (rc < 0)
		change_free(change); /* it may still point to what was seen then */
	host_free(&then);
	return rc;
}

static int write_journals(struct change *change, const struct options *o, struct error *err)
{
	change->id = arena_printf(&change->arena, "%d-%lld", (int)getpid(), (long long)clock_ms());
	for (size_t i = 0; i < change->count; i++)
		if (change->plans[i]->count &&
			(journal_write(change, change->plans[i], err) < 0 ||
				(o->rollback_ms > 0 &&
					journal_keep(change, change->plans[i], err) < 0)))
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
	int64_t start, took;
	int rc;

	for (size_t i = 0; i < change->count; i++)
		change->plans[i]->settled = true;
	rc = write_journals(change, o, err);
	start = clock_ms();
	if (rc < 0)
		change_refused(change);
	else if (change_step_count(change))
		rc = change_apply(k, change, have, o, err);
	took = clock_ms() - start;
	remove_journals(change);
	for (size_t i = 0; i < change->count && o->rollback_ms > 0; i++)
		if (!change->plans[i]->changed && change->plans[i]->count)
			journal_drop_kept(change->plans[i]->pf);
	audit_change(change);
	tally_change(change, rc < 0 ? err->code : EXIT_DONE, took);
	return rc;
}

/* What speaks against it; every reason is found before the first step. */
int run_may_be_done(const struct kernel *k, const struct options *o, struct change *change,
	struct host *have, struct error *err)
{
	/* once for each look: all of /proc is read */
	if (change_disturbs(change, have) && !have->usage_asked) {
		discover_usage(k, have);
		have->usage_asked = true;
	}
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
 * whenever VFs were handed over, or are to be, and before several commands? */
static bool must_put_right(
	const struct request *r, const struct change *change, const struct host *have)
{
	/* one after the other, each as if nothing had been */
	bool recovers = r->count > 1 || r->declared;
	struct change left = {0};
	struct error ignored = {0};
	bool must = false;

	for (size_t i = 0; i < r->count; i++)
		recovers |= r->lines[i].command->recovers;
	if (run_load_journals(change, &left, true, &ignored) < 0)
		must = recovers; /* it says then what is wrong */
	for (size_t i = 0; i < left.count; i++) {
		const struct plan *plan = left.plans[i];

		must |= plan->interrupted && recovers;
		for (size_t v = 0; v < plan->before.count; v++) {
			const struct vf *before = &plan->before.vfs[v]->vf;
			const struct vf *vf = host_vf(have, plan->pf, before->index);

			must |= vf_has(before, VF_LEASE) || (vf && vf->attached);
		}
	}
	change_free(&left);
	return must;
}

static int put_right_first(const struct kernel *k, const struct request *r,
	const struct change *about, const struct host *seen, struct error *err)
{
	struct change change = {0};
	struct host have = {0};
	bool partly = true;
	int rc = 0;

	if (must_put_right(r, about, seen))
		rc = put_right(k, r->options, about, &change, &have, err);
	/* what was to be put back and could not is lost, but no reason to stop here */
	for (size_t i = 0; i < change.count && err->code == EXIT_PARTLY; i++)
		partly &= change.plans[i]->settled;
	if (rc < 0 && err->code == EXIT_PARTLY && partly) {
		change_warn(&change, "%s: %s%s%s%s%s", err->object, err->attr,
			err->attr[0] ? ": " : "", err->message, err->kernel[0] ? ": " : "",
			err->kernel);
		run_print_warnings(change.warnings, change.warning_count, r->options);
		memset(err, 0, sizeof(*err));
		rc = 0;
	}
	for (size_t i = 0; i < change.count && rc == 0; i++)
		run_print_warnings(
			change.plans[i]->warnings, change.plans[i]->warning_count, r->options);
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

static bool names_pf(const struct args *args, const struct pf *pf)
{
	size_t len = strlen(pf->name);

	for (size_t w = 0; w < args->all_count; w++)
		if (strncmp(args->all[w], pf->name, len) == 0 &&
			(!args->all[w][len] || args->all[w][len] == '/'))
			return true;
	return false;
}

/* Is someone at work on a PF that the command names, so that its VFs may be gone for a
 * moment? Then until that is over. */
static bool wait_for_others(const struct request *r, const struct host *seen, struct error *err)
{
	int64_t wait = run_lock_wait(r->options);
	bool waited = false;

	for (size_t i = 0; i < seen->pf_count; i++) {
		const struct pf *pf = &seen->pfs[i];
		bool named = false;
		int fd;

		for (size_t n = 0; n < r->count; n++)
			named |= names_pf(&r->lines[n].args, pf);
		if (!named || !lock_is_held(pf))
			continue;
		fd = lock_pf(pf, "waiting", wait, r->options->watcher, err);
		if (fd < 0)
			return false;
		close(fd);
		waited = true;
	}
	return waited;
}

/* The first look, or another where it failed because of what others do or have left. */
static int look(const struct kernel *k, struct request *r, struct host *have, struct change *change,
	struct error *err)
{
	bool again = false;

	change->command = command_text(&change->arena, r);
	if (look_first(k, r, have, change, err) == 0)
		return 0;
	if (k->snapshot)
		return -1;
	/* what is not found, or in the way, may be so only for a moment, or until it is put
	 * right; several commands may have had more to begin with than is left */
	if (err->code == EXIT_NOT_FOUND && !r->options->dry_run)
		again = wait_for_others(r, have, err);
	if ((err->code == EXIT_NOT_FOUND || err->code == EXIT_REFUSED || r->count > 1) &&
		!r->declared && !r->options->dry_run)
		again |= recover(k, r->options, have);
	if (!again) {
		run_warn_of_interrupted(have);
		return -1;
	}
	change_free(change);
	host_free(have);
	memset(err, 0, sizeof(*err));
	change->command = command_text(&change->arena, r);
	return look_first(k, r, have, change, err);
}

/* Up to a plan made under the locks. seen: *have is the host as the change before this one in a
 * batch saw it: good enough to find the PFs by, as what is planned on it is planned again. */
static int prepare(struct session *s, struct request *r, bool seen, struct locks *locks,
	struct host *have, struct change *change, struct error *err)
{
	const struct kernel *k = &s->kernel;
	const struct options *o = r->options;
	int rc;

	change->command = command_text(&change->arena, r);
	rc = seen ? plan_on(k, r, s->seen_needs, have, change, err) : look(k, r, have, change, err);
	if (rc == 0 && !o->dry_run)
		run_note_asked(&r->asked, r, change, have);
	if (rc == 0 && !o->dry_run)
		rc = run_lock_all(change, o, locks, err);
	if (rc == 0 && !o->dry_run)
		rc = put_right_first(k, r, change, have, err);
	s->seen_ms = clock_ms();
	if (rc == 0 && !k->snapshot)
		rc = plan_again(k, r, locks->count > 0, have, change, err);
	return rc;
}

/* Is there a look that is new enough, and was thorough enough? Then it is in *have, to be freed. */
static bool take_seen(struct session *s, const struct request *r, struct host *have)
{
	unsigned few = few_needs(r) | NEED_LEASES;
	bool fits = s->has_seen && (s->seen_needs & few) == few &&
		    clock_ms() - s->seen_ms < SEEN_MAX_AGE_MS;

	if (!fits)
		return false;
	*have = s->seen;
	s->has_seen = false;
	return true;
}

static void keep_seen(struct session *s, const struct request *r, struct host *have)
{
	session_forget_seen(s);
	if (!s->in_batch || s->kernel.snapshot) {
		host_free(have);
		return;
	}
	s->seen = *have;
	s->seen_needs = change_needs(r) | NEED_LEASES;
	s->has_seen = true;
}

static void report(struct session *s, struct change *change, int rc, const struct options *o,
	struct error *err)
{
	if (rc == 0 || change_step_count(change) || change->problems) {
		output_report(change, rc < 0 ? err : NULL, o, s->out);
		err->reported = o->json;
	}
	if (o->json)
		return;
	session_flush(s);
	if (change->problems)
		output_problems(change->problems, o, stderr);
	run_print_change_warnings(change, o);
}

int run_may_be_declared(const struct kernel *k, const struct options *o, struct declared *d,
	struct change *change, struct host *have, struct error *err)
{
	while (run_may_be_done(k, o, change, have, err) < 0) {
		if (!declared_leave_out(d, change, err))
			return -1;
		change_free(change);
		change->command = d->command;
		memset(err, 0, sizeof(*err));
		if (d->plan(d, have, change, err) < 0)
			return -1;
	}
	return 0;
}

static void refused(const struct kernel *k, struct request *r, struct change *change,
	struct host *have, const struct error *err)
{
	if (!r->options->dry_run && !k->snapshot)
		run_count_refusal(&r->asked, r, change, have, err);
	change_refused(change);
}

static int make_change(
	struct session *s, struct request *r, struct progress_line *progress, struct error *err)
{
	const struct kernel *k = &s->kernel;
	const struct options *o = r->options;
	struct locks locks = {.count = 0};
	struct change change = {0};
	struct host have = {0};
	bool seen = take_seen(s, r, &have);
	int rc = prepare(s, r, seen, &locks, &have, &change, err);

	/* what was seen may have been too old to go by */
	if (rc < 0 && seen && err->code != EXIT_LOCKED) {
		change_free(&change);
		host_free(&have);
		run_unlock_all(&locks);
		memset(&have, 0, sizeof(have));
		memset(err, 0, sizeof(*err));
		rc = prepare(s, r, false, &locks, &have, &change, err);
	}
	if (rc < 0 && r->declared) /* they may be of a look that did not ask for all */
		r->declared->problems.count = r->declared->problems.errors = 0;
	if (rc == 0)
		rc = r->declared ? run_may_be_declared(k, o, r->declared, &change, &have, err)
				 : run_may_be_done(k, o, &change, &have, err);
	if (rc == 0 && !o->dry_run)
		rc = run_carry_out(k, o, &change, &have, err);
	else if (rc < 0)
		refused(k, r, &change, &have, err);
	for (size_t i = 0; i < have.warning_count; i++)
		change_warn(&change, "%s", have.warnings[i]);
	if (r->declared)
		rc = declared_outcome(r->declared, &change, rc, err);
	progress_end(progress);
	report(s, &change, rc, o, err);
	change_free(&change);
	if (rc == 0)
		keep_seen(s, r, &have);
	else
		host_free(&have);
	run_unlock_all(&locks);
	return rc;
}

int run_request(struct session *s, struct request *r, struct error *err)
{
	const struct options *asked = r->options;
	struct options watched = *asked;
	struct progress_line progress;
	int rc;

	watched.watcher = progress_start(&progress, asked);
	r->options = &watched;
	rc = make_change(s, r, &progress, err);
	arena_free(&r->asked.arena);
	r->options = asked;
	return rc;
}

int run_change(struct session *s, struct command_line *line, struct error *err)
{
	struct request r = {.lines = line, .count = 1, .options = &line->options};

	return run_request(s, &r, err);
}
