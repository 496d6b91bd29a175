/* Put right what earlier changes have left: `sriovctl repair`. */
#include "run_parts.h"

#include "output/output.h"
#include "output/progress.h"
#include "plan/journal.h"
#include "plan/lock.h"
#include "plan/want.h"

#include <unistd.h>

/* What all the changes came to, as the report of one. */
static void report(struct change *const *changes, size_t count, const struct host *seen,
	const struct error *err, const struct options *o, struct session *s)
{
	struct change all = {0};

	for (size_t i = 0; i < count; i++) {
		for (size_t p = 0; p < changes[i]->count; p++) {
			all.plans =
				arena_push(&all.arena, all.plans, &all.count, sizeof(*all.plans));
			all.plans[all.count - 1] = changes[i]->plans[p];
		}
	}
	for (size_t i = 0; i < seen->warning_count; i++)
		change_warn(&all, "%s", seen->warnings[i]);
	output_report(&all, err, o, s->out);
	session_flush(s);
	if (!o->json)
		run_print_change_warnings(&all, o);
	arena_free(&all.arena); /* the plans stay with their changes */
}

static int plan_repair(
	struct change *change, const struct host *have, const struct pf *pf, struct error *err)
{
	struct plan *plan = change_plan(change, pf);

	forget_other_places(plan, have);
	return want_repair(change, have, pf, err);
}

static void refused(struct change *change, const struct pf *pf, const struct options *o,
	const struct error *err)
{
	if (!o->dry_run)
		tally_add(&(struct deed){.pf = pf, .code = err->code});
	change_refused(change);
}

/* One PF, under its lock, from what it is like then. */
static int repair_one(const struct kernel *k, const struct command_line *line,
	const struct pf *seen, struct host *have, struct change *change, struct error *err)
{
	const struct options *o = &line->options;
	struct locks locks = {.count = 0};
	struct change named = {0};
	const struct pf *pf;
	int rc = 0;

	change->command = line->command->name;
	named.command = change->command;
	change_plan(&named, seen);
	if (!o->dry_run)
		rc = run_lock_all(&named, o, &locks, err);
	if (rc == 0)
		rc = run_load_journals(&named, change, locks.count > 0, err);
	if (rc == 0)
		rc = run_look_at(k, line->command->needs, have, err);
	pf = rc == 0 ? host_same_pf(have, seen) : NULL;
	if (rc == 0)
		rc = plan_repair(change, have, pf ? pf : seen, err);
	if (rc == 0)
		rc = run_may_be_done(k, o, change, have, err);
	if (rc == 0 && !o->dry_run)
		rc = run_carry_out(k, o, change, have, err);
	else if (rc < 0)
		refused(change, seen, o, err);
	run_unlock_all(&locks);
	change_free(&named);
	return rc;
}

/* Files of those who were killed while writing or removing them. */
static void tidy(const struct host *seen)
{
	struct error ignored = {0};

	for (size_t i = 0; i < seen->pf_count; i++) {
		int fd = lock_pf(&seen->pfs[i], "repair", 0, NULL, &ignored);

		if (fd < 0) /* whoever has it does so himself */
			continue;
		journal_tidy(&seen->pfs[i]);
		close(fd);
	}
	journal_tidy_marks();
}

/* Each PF for itself: what cannot be put right on one is no reason to leave another. */
static int repair_all(struct session *s, const struct command_line *line,
	struct progress_line *progress, struct error *err)
{
	const struct kernel *k = &s->kernel;
	struct change *changes[LOCKS_MAX] = {0};
	struct host seen = {0}, hosts[LOCKS_MAX] = {0};
	const struct options *o = &line->options;
	const struct pf **pfs;
	size_t count, failed = 0;
	int fd;

	/* what cannot even be read must not look like nothing to do */
	fd = o->dry_run ? -1 : runtime_open("lock", err);
	if (fd < 0 && !o->dry_run)
		return -1;
	if (fd >= 0)
		close(fd);
	if (run_look_at(k, line->command->needs, &seen, err) < 0)
		return -1;
	pfs = pfs_to_repair(&seen, &count);
	if (count > LOCKS_MAX)
		count = LOCKS_MAX;
	for (size_t i = 0; i < count; i++) {
		struct error why = {0};

		changes[i] = arena_alloc(&seen.arena, sizeof(struct change));
		if (repair_one(k, line, pfs[i], &hosts[i], changes[i], &why) == 0)
			continue;
		if (!failed++)
			*err = why;
		else if (!o->json)
			output_error(&why, o, stderr);
		else
			host_warn(&seen, "%s: %s%s%s", why.object, why.message,
				why.kernel[0] ? ": " : "", why.kernel);
	}
	if (failed && failed < count)
		err->code = EXIT_PARTLY;
	if (!o->dry_run)
		tidy(&seen);
	progress_end(progress);
	report(changes, count, &seen, failed ? err : NULL, o, s);
	err->reported = failed && o->json;
	for (size_t i = 0; i < count; i++) {
		change_free(changes[i]);
		host_free(&hosts[i]);
	}
	host_free(&seen);
	return failed ? -1 : 0;
}

int run_repair(struct session *s, const struct command_line *line, struct error *err)
{
	struct command_line watched = *line;
	struct progress_line progress;

	watched.options.watcher = progress_start(&progress, &line->options);
	return repair_all(s, &watched, &progress, err);
}
