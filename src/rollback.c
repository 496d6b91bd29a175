/*
 * The dead man's switch of `policy apply --rollback-after`: what was there before is kept, and
 * a process waits to put it back, unless `policy commit` comes first.
 */
#include "run_parts.h"

#include "declared.h"

#include "kernel/child.h"
#include "output/output.h"
#include "plan/journal.h"
#include "plan/lock.h"
#include "plan/record.h"
#include "plan/want.h"
#include "util/clock.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#define DIRECTORY "rollback"
#define PENDING "pending" /* there is one to come; handles of PFs have a '-' */

/* Held by whoever makes such a change, until it is complete, commits it, or takes it back: to
 * each of them the two others are done or have not begun. Named like a PF that no host has. */
static const struct pf the_switch = {.name = "rollback", .handle = "rollback"};

static int take_switch(const char *command, const struct options *o, struct error *err)
{
	return lock_pf(&the_switch, command, run_lock_wait(o), NULL, err);
}

static bool is_pending(void)
{
	json_t *root = record_read(DIRECTORY, PENDING);
	bool there = root != NULL;

	json_decref(root);
	return there;
}

int rollback_is_pending(struct error *err)
{
	if (!is_pending())
		return 0;
	error_set(err, EXIT_REFUSED, "refused: an earlier apply waits to be committed");
	error_hint(err, "let it stay: sriovctl policy commit; take it back: sriovctl policy "
			"rollback");
	return -1;
}

/* It may stay, or was taken back. First the one who waits. */
static void forget_it(void)
{
	record_remove(DIRECTORY, PENDING);
	journal_drop_all_kept();
}

/* One who waits, in a process of its own. */
struct waiting {
	const struct command *const *commands;
	int64_t ms;
	int lock; /* of whoever started it */
	char id[48];
};

static bool is_ours(const struct waiting *w)
{
	json_t *root = record_read(DIRECTORY, PENDING);
	const char *id = json_string_value(json_object_get(root, "id"));
	bool ours = id && strcmp(id, w->id) == 0;

	json_decref(root);
	return ours;
}

/* Unless another has come before. */
static void roll_back(const struct waiting *w)
{
	char words[][12] = {"sriovctl", "--quiet", "policy", "rollback"};
	char *argv[] = {words[0], words[1], words[2], words[3], NULL};
	struct session s = {.out = stdout, .commands = w->commands, .has_switch = true};
	struct options patient = {.lock_timeout_ms = -1};
	struct error ignored = {0};
	int lock = take_switch("policy rollback", &patient, &ignored);

	if (lock < 0)
		return;
	if (is_ours(w))
		session_run(&s, 4, argv, NULL, NULL, 0);
	session_close(&s);
	lock_release(lock);
}

/* Somebody may be at work on a PF just then. */
#define TRIES 5
#define BETWEEN_TRIES_MS 10000

static void wait_and_roll_back(void *arg)
{
	const struct waiting *w = arg;
	int64_t until;

	close(w->lock);
	while (lock_is_held(&the_switch) && is_ours(w))
		poll(NULL, 0, 100);
	until = clock_ms() + w->ms;
	while (clock_left(until) && is_ours(w))
		poll(NULL, 0, clock_left(until) < 1000 ? clock_left(until) : 1000);
	for (int i = 0; i < TRIES && is_ours(w); i++) {
		roll_back(w);
		if (is_ours(w))
			poll(NULL, 0, BETWEEN_TRIES_MS);
	}
}

/* Under the lock. */
static int arm(struct session *s, struct waiting *w, const char *command, struct error *err)
{
	int rc;

	if (rollback_is_pending(err) < 0)
		return -1;
	journal_drop_all_kept(); /* of PFs that are not there any more */
	snprintf(w->id, sizeof(w->id), "%d-%lld", (int)getpid(), (long long)clock_ms());
	if (record_write(DIRECTORY, PENDING,
		    json_pack("{s:s, s:s}", "id", w->id, "command", command), err) < 0)
		return -1;
	fflush(s->out);
	rc = child_leave_behind(wait_and_roll_back, w);
	if (rc == 0)
		return 0;
	record_remove(DIRECTORY, PENDING);
	error_errno(err, EXIT_KERNEL, -rc, "nobody would wait to take it back");
	return error_hint(err, "nothing was changed");
}

int rollback_arm(struct session *s, const char *command, const struct options *o, struct error *err)
{
	struct waiting w = {.commands = s->commands, .ms = o->rollback_ms};

	w.lock = take_switch(command, o, err);
	if (w.lock < 0)
		return -1;
	if (arm(s, &w, command, err) == 0)
		return w.lock;
	lock_release(w.lock);
	return -1;
}

bool rollback_begin(int lock)
{
	bool kept = journal_keeps_any();

	if (!kept)
		record_remove(DIRECTORY, PENDING);
	lock_release(lock);
	return kept;
}

static int nothing_waits(struct error *err)
{
	error_set(err, EXIT_NOT_FOUND, "nothing waits to be committed or taken back");
	return error_hint(err, "'policy apply --rollback-after S' makes such a change");
}

static int commit(struct error *err)
{
	if (!is_pending() && !journal_keeps_any())
		return nothing_waits(err);
	forget_it(); /* from here on nobody takes it back */
	if (!is_pending())
		return 0;
	return error_set(
		err, EXIT_KERNEL, "cannot remove %s/%s/%s", runtime_dir(), DIRECTORY, PENDING);
}

int run_policy_commit(struct session *s, const struct command_line *line, struct error *err)
{
	struct change nothing = {0};
	int lock = take_switch("policy commit", &line->options, err), rc;

	if (lock < 0)
		return -1;
	rc = commit(err);
	lock_release(lock);
	if (rc < 0)
		return -1;
	output_report(&nothing, NULL, &line->options, s->out);
	if (!line->options.json && !line->options.quiet)
		fputs("committed: it stays\n", s->out);
	return 0;
}

/* The PFs of which something is kept, be it damaged. */
static size_t kept(const struct host *host, const struct pf **pfs)
{
	size_t n = 0;

	for (size_t i = 0; i < host->pf_count; i++) {
		struct plan plan = {.pf = &host->pfs[i]};
		struct error ignored = {0};
		const char *was;

		if (journal_load_kept(&plan, &was, &ignored) != 0)
			pfs[n++] = &host->pfs[i];
		plan_free(&plan);
	}
	return n;
}

static int none_to_put_back(struct error *err)
{
	if (!journal_keeps_any())
		return nothing_waits(err);
	error_set(err, EXIT_NOT_FOUND, "no PF that was changed is there any more");
	return error_hint(err, "to have it forgotten: sriovctl policy commit");
}

/* Back to what was kept. */
static int plan_rollback(
	struct declared *d, struct host *have, struct change *change, struct error *err)
{
	const struct pf **pfs = arena_alloc(&have->arena, (have->pf_count + 1) * sizeof(*pfs));
	size_t count = kept(have, pfs);
	const char *was;

	(void)d;
	if (!count)
		return none_to_put_back(err);
	for (size_t i = 0; i < count; i++) {
		struct plan *plan = change_plan(change, pfs[i]);

		if (!plan->interrupted && journal_load_kept(plan, &was, err) < 0)
			return -1;
		forget_other_places(plan, have);
	}
	return change_toward(change, have, err);
}

int run_policy_rollback(struct session *s, const struct command_line *line, struct error *err)
{
	struct declared d = {
		.plan = plan_rollback, .command = "policy rollback", .needs = line->command->needs};
	struct request r = {.declared = &d, .options = &line->options};
	int lock = -1, rc;

	if (line->options.dry_run)
		return run_request(s, &r, err);
	if (!s->has_switch)
		lock = take_switch("policy rollback", &line->options, err);
	if (lock < 0 && !s->has_switch)
		return -1;
	rc = run_request(s, &r, err);
	/* an apply may have been killed before it changed anything */
	if (rc == 0 || err->code == EXIT_PARTLY || !journal_keeps_any())
		forget_it();
	if (lock >= 0)
		lock_release(lock);
	return rc;
}
