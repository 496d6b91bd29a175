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

/* One who waits, in a process of its own. */
struct waiting {
	const struct command *const *commands;
	int64_t until; /* clock_ms() */
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

/* Somebody may be at work on a PF just then. */
#define TRIES 5
#define BETWEEN_TRIES_MS 10000

static void wait_and_roll_back(void *arg)
{
	const struct waiting *w = arg;
	char words[][12] = {"sriovctl", "--quiet", "policy", "rollback"};
	char *argv[] = {words[0], words[1], words[2], words[3], NULL};

	while (clock_left(w->until) && is_ours(w))
		poll(NULL, 0, clock_left(w->until) < 1000 ? clock_left(w->until) : 1000);
	for (int i = 0; i < TRIES && is_ours(w); i++) {
		struct session s = {.out = stdout, .commands = w->commands};

		session_run(&s, 4, argv, NULL, NULL, 0);
		session_close(&s);
		if (is_ours(w))
			poll(NULL, 0, BETWEEN_TRIES_MS);
	}
}

/* The PFs of which something is kept. */
static size_t kept(const struct host *host, const struct pf **pfs)
{
	size_t n = 0;

	for (size_t i = 0; i < host->pf_count; i++) {
		struct plan plan = {.pf = &host->pfs[i]};
		struct error ignored = {0};
		const char *was;

		if (journal_load_kept(&plan, &was, &ignored) > 0)
			pfs[n++] = &host->pfs[i];
		plan_free(&plan);
	}
	return n;
}

/* They may stay, or are put back. */
static void drop_kept(struct session *s)
{
	struct error ignored = {0};
	struct host *host;
	const struct pf **pfs;
	size_t count;

	session_forget_pictures(s);
	host = session_look(s, 0, &ignored);
	if (!host)
		return;
	pfs = arena_alloc(&host->arena, (host->pf_count + 1) * sizeof(*pfs));
	count = kept(host, pfs);
	for (size_t i = 0; i < count; i++)
		journal_drop_kept(pfs[i]);
}

static bool anything_kept(struct session *s, struct error *err)
{
	struct host *host = session_look(s, 0, err);
	const struct pf **pfs =
		host ? arena_alloc(&host->arena, (host->pf_count + 1) * sizeof(*pfs)) : NULL;

	return host && kept(host, pfs);
}

int rollback_arrange(struct session *s, const char *command, int64_t ms, struct error *err)
{
	struct waiting w = {.commands = s->commands, .until = clock_ms() + ms};
	json_t *root;
	int rc;

	session_forget_pictures(s);
	if (!anything_kept(s, err))
		return err->code ? -1 : 0;
	snprintf(w.id, sizeof(w.id), "%d-%lld", (int)getpid(), (long long)clock_ms());
	root = json_pack("{s:s, s:s}", "id", w.id, "command", command);
	if (record_write(DIRECTORY, PENDING, root, err) < 0)
		return -1;
	rc = child_leave_behind(wait_and_roll_back, &w);
	if (rc < 0) {
		record_remove(DIRECTORY, PENDING);
		error_errno(err, EXIT_PARTLY, -rc,
			"the change was made, but nobody waits to take it back");
		return error_hint(err, "to take it back: sriovctl policy rollback");
	}
	return 1;
}

static int nothing_waits(struct error *err)
{
	error_set(err, EXIT_NOT_FOUND, "nothing waits to be committed or taken back");
	return error_hint(err, "'policy apply --rollback-after S' makes such a change");
}

int run_policy_commit(struct session *s, const struct command_line *line, struct error *err)
{
	struct change nothing = {0};

	if (!is_pending() && !anything_kept(s, err))
		return err->code ? -1 : nothing_waits(err);
	record_remove(DIRECTORY, PENDING); /* from here on nobody takes it back */
	drop_kept(s);
	output_report(&nothing, NULL, &line->options, s->out);
	if (!line->options.json && !line->options.quiet)
		fputs("committed: it stays\n", s->out);
	return 0;
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
		return nothing_waits(err);
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
	int rc = run_request(s, &r, err);

	if (line->options.dry_run || (rc < 0 && err->code != EXIT_PARTLY))
		return rc;
	record_remove(DIRECTORY, PENDING);
	drop_kept(s);
	return rc;
}
