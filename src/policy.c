/*
 * Policies: check, diff, apply. The first look plans for all PFs; those where something is to
 * be done are then changed side by side, each as by a command of its own.
 */
#include "run_parts.h"

#include "declared.h"
#include "policy_parts.h"

#include "core/selector.h"
#include "kernel/child.h"
#include "output/output.h"
#include "output/progress.h"
#include "plan/journal.h"
#include "plan/lock.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

struct policy_run {
	struct session *s;
	const struct command_line *line;
	const struct options *o;
	struct policy *policy;
	struct arena arena;       /* of problems */
	struct problems problems; /* of the files */
	struct declared declared;
	/* the first look, and what follows from it */
	struct host host;
	struct change change;
	const struct pf **todo;
	size_t todo_count;
};

static int read_policy(struct policy_run *r, struct error *err)
{
	const struct args *args = &r->line->args;

	if (r->o->labels && policy_set_labels(r->policy, r->o->labels, err) < 0)
		return -1;
	if (policy_read(r->policy, args->rest, args->rest_count, err) < 0)
		return -1;
	policy_check(r->policy);
	problems_sort(&r->problems);
	return 0;
}

/* That there are errors, which were said. */
static int wrong_files(const struct policy_run *r, struct error *err)
{
	error_set(err, EXIT_USAGE, "%zu %s", r->problems.errors,
		r->problems.errors == 1 ? "error" : "errors");
	return -1;
}

/* The PF that is meant alone. */
static int choose_pf(struct policy_run *r, struct error *err)
{
	const struct pf *pf;

	if (!r->o->pf)
		return 0;
	pf = select_pf(&r->host, r->o->pf, err);
	if (!pf)
		return -1;
	r->declared.only = arena_strdup(&r->arena, pf->handle);
	return 0;
}

static int look_and_plan(
	struct policy_run *r, const struct kernel *k, unsigned needs, struct error *err)
{
	if (run_look_at(k, needs, &r->host, err) < 0 || choose_pf(r, err) < 0)
		return -1;
	return r->declared.plan(&r->declared, &r->host, &r->change, err);
}

/* Only who changes something must know which IOMMU group a VF is in, and the like. */
#define FOR_CHANGES (NEED_BINDING | NEED_PLACE)

/* Look, and plan for all. with_users: also what may not be done because of who uses what. */
static int survey(struct policy_run *r, bool with_users, struct error *err)
{
	const struct kernel *k = session_kernel(r->s, r->o, err);
	struct declared *d = &r->declared;
	unsigned needs;

	if (!k)
		return -1;
	declared_init(d, r->policy, "policy apply");
	d->force = r->o->force;
	needs = d->needs | NEED_LEASES;
	if (needs & FOR_CHANGES) {
		int rc = look_and_plan(r, k, needs & ~FOR_CHANGES, err);

		if (rc == 0 && !change_step_count(&r->change) && !d->problems.count)
			return 0;
		change_free(&r->change);
		host_free(&r->host);
		memset(err, 0, sizeof(*err));
	}
	if (look_and_plan(r, k, needs, err) < 0)
		return -1;
	return with_users ? run_may_be_declared(k, r->o, d, &r->change, &r->host, err) : 0;
}

static void print_warnings(const struct policy_run *r)
{
	if (r->o->json)
		return;
	session_flush(r->s);
	run_print_warnings(r->host.warnings, r->host.warning_count, r->o);
	run_print_change_warnings(&r->change, r->o);
}

/* An empty answer leaves a person wondering. */
static void explain_nothing(const struct policy_run *r)
{
	const struct options *o = r->o;

	if (o->json || o->quiet || o->diff || change_step_count(&r->change) ||
		r->declared.problems.count || !isatty(STDERR_FILENO))
		return;
	session_flush(r->s);
	if (o->pf && !r->change.count)
		fprintf(stderr, "sriovctl: the policy says nothing of %s\n", o->pf);
	else
		fputs("sriovctl: the host is as its policy says\n", stderr);
}

/* What was planned is all there is to say. */
static int report_plan(struct policy_run *r, struct error *err)
{
	int rc = declared_outcome(&r->declared, &r->change, 0, err);

	for (size_t i = 0; i < r->host.warning_count && r->o->json; i++)
		change_warn(&r->change, "%s", r->host.warnings[i]);
	output_report(&r->change, rc < 0 ? err : NULL, r->o, r->s->out);
	err->reported = r->o->json;
	print_warnings(r);
	output_problems(&r->declared.problems, r->o, stderr);
	explain_nothing(r);
	return rc;
}

/* check */

/* What comes of the host, too, in the order of the files. */
static void join_problems(struct problems *all, const struct problems *more)
{
	for (size_t i = 0; i < more->count; i++) {
		all->items = arena_push(all->arena, all->items, &all->count, sizeof(*all->items));
		all->items[all->count - 1] = more->items[i];
	}
	all->errors += more->errors;
	problems_sort(all);
}

static int check(struct policy_run *r, struct error *err)
{
	struct problems *all = &r->problems;
	int rc = 0;

	if (r->o->snapshot && !all->errors) {
		if (survey(r, true, err) < 0)
			return -1;
		join_problems(all, &r->declared.problems);
	}
	output_problems(all, r->o, stderr);
	if (all->errors)
		rc = wrong_files(r, err);
	output_check(all, policy_documents(r->policy), rc < 0 ? err : NULL, r->o, r->s->out);
	err->reported = r->o->json;
	return rc;
}

/* diff */

static int check_options(const struct policy_run *r, struct error *err)
{
	const struct options *o = r->o;

	if (o->pf && !o->snapshot && r->line->command->service == SERVICE_POLICY_CHECK) {
		error_set(err, EXIT_USAGE, "'policy check' looks at files alone: no PF is known");
		return error_hint(err, "--pf goes with --snapshot DIR");
	}
	if (o->output && !o->prometheus)
		return error_set(err, EXIT_USAGE, "--output goes with --prometheus alone");
	if (o->json && o->prometheus)
		return error_set(err, EXIT_USAGE, "--prometheus does not go with --json");
	return 0;
}

static int differs(struct policy_run *r, struct error *err)
{
	struct options planned = *r->o;
	int rc;

	planned.dry_run = true;
	r->o = &planned;
	if (survey(r, true, err) < 0)
		return -1;
	run_warn_of_interrupted(&r->host);
	if (!r->o->prometheus)
		rc = report_plan(r, err);
	else if (policy_report_drift(&r->change, &r->host, &r->declared, r->s->out, r->o, err) < 0)
		return -1;
	else
		rc = declared_outcome(&r->declared, &r->change, 0, err);
	if (rc == 0)
		rc = run_flush(r->s->out, err);
	if (rc == 0 && r->o->exit_code && change_changed(&r->change)) {
		err->code = EXIT_DIFFERS;
		err->told = err->reported = true;
		rc = -1;
	}
	return rc;
}

/* apply */

/* What was seen without its lock may have been the middle of somebody else's change. */
static bool has_errors(const struct policy_run *r, const struct pf *pf)
{
	const struct problems *list = &r->declared.problems;

	for (size_t i = 0; i < list->count; i++)
		if (!list->items[i].warning && problem_is_about(&list->items[i], pf))
			return true;
	return false;
}

/* Is there anything to do, or to put right, or to look at again, or is someone at work on it? */
static void choose_todo(struct policy_run *r)
{
	const struct change *c = &r->change;

	r->todo = arena_alloc(&r->arena, (c->count + 1) * sizeof(*r->todo));
	for (size_t i = 0; i < c->count; i++) {
		const struct pf *pf = c->plans[i]->pf;

		if (c->plans[i]->count || has_errors(r, pf) || lock_is_held(pf) ||
			journal_left(&r->host.arena, pf))
			r->todo[r->todo_count++] = pf;
	}
}

static bool is_todo(const struct policy_run *r, const struct pf *pf)
{
	for (size_t i = 0; i < r->todo_count; i++)
		if (r->todo[i] == pf)
			return true;
	return false;
}

static bool is_of_others(const struct problem *p, const void *run)
{
	const struct policy_run *r = run;

	for (size_t i = 0; i < r->todo_count; i++)
		if (problem_is_about(p, r->todo[i]))
			return false;
	return true;
}

/* Problems of PFs that are not changed are for us to say; those of others are found again. */
static void keep_problems_of_others(struct policy_run *r)
{
	problems_filter(&r->declared.problems, is_of_others, r);
}

/* One PF, as a command of its own. */
struct piece {
	const struct policy_run *run;
	const struct pf *pf;
	struct error err;
	bool said; /* what *err sums up */
};

static int change_one(struct session *s, struct piece *piece)
{
	const struct policy_run *r = piece->run;
	struct declared d;
	struct request request = {.declared = &d, .options = r->o};
	int rc;

	declared_init(&d, r->policy, "policy apply");
	d.only = piece->pf->handle;
	d.force = r->o->force;
	rc = run_request(s, &request, &piece->err);
	piece->said = d.problems.errors > 0;
	declared_free(&d);
	return rc;
}

/* In a process of its own: what goes to `out` and stderr is shown by the one who waits. */
static int work(void *arg, int out)
{
	struct piece *piece = arg;
	struct session s = {.commands = piece->run->s->commands, .out = fdopen(dup(out), "w")};
	int rc = -1;

	if (!s.out)
		error_nomem(&piece->err);
	else if (session_kernel(&s, piece->run->o, &piece->err))
		rc = change_one(&s, piece);
	if (rc < 0 && piece->run->o->json && !piece->err.reported && s.out)
		output_error_json(&piece->err, piece->run->o, s.out);
	if (s.out)
		fclose(s.out);
	if (rc < 0 && !piece->said)
		output_error(&piece->err, piece->run->o, stderr);
	session_close(&s);
	return rc < 0 ? (int)piece->err.code : 0;
}

static void show_file(int fd, FILE *out)
{
	char buffer[4096];
	ssize_t n;

	if (fd < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return;
	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		fwrite(buffer, 1, (size_t)n, out);
}

/* The code for all from those of the PFs: theirs where it is the same for all. */
static enum exit_code join_codes(enum exit_code all, enum exit_code one, bool first)
{
	return first || all == one ? one : EXIT_PARTLY;
}

static enum exit_code code_of_rest(struct policy_run *r, enum exit_code code, bool first)
{
	const struct change *c = &r->change;
	struct problems *list = &r->declared.problems;
	size_t elsewhere = list->errors;
	enum exit_code of_none = EXIT_DONE;

	for (size_t i = 0; i < c->count; i++) {
		const struct pf *pf = c->plans[i]->pf;

		if (is_todo(r, pf))
			continue;
		code = join_codes(code, declared_code(list, pf), first);
		first = false;
		for (size_t p = 0; p < list->count; p++)
			elsewhere -=
				!list->items[p].warning && problem_is_about(&list->items[p], pf);
	}
	for (size_t p = 0; p < list->count && elsewhere; p++)
		if (!list->items[p].warning)
			of_none = list->items[p].code;
	return elsewhere ? join_codes(code, of_none, first) : code;
}

/* A signal before its first step ends it at once; later ones it takes note of. */
static bool was_asked(int status)
{
	return status == -SIGINT || status == -SIGTERM || status == -SIGHUP;
}

static void note_death(struct policy_run *r, const struct pf *pf, int status)
{
	bool asked = was_asked(status);
	struct error err = {0};

	error_set(&err, EXIT_KERNEL, "%s",
		status == CHILD_NEVER_RAN ? "no process could be started to change it"
		: asked                   ? "interrupted"
					  : "the process that changed it died");
	error_about(&err, pf->name, NULL);
	if (!asked)
		error_hint(&err, "run it again");
	problem_error(&r->declared.problems, (struct origin){0}, &err)->whole = true;
}

/* Warnings about PFs that are not changed: of those that are they are found again. */
static void keep_warnings_of_others(struct policy_run *r)
{
	const struct change *c = &r->change;

	for (size_t w = 0; w < c->warning_count; w++) {
		const struct problem about = {.object = c->warnings[w]};
		bool of_others = false;

		for (size_t i = 0; i < c->count; i++)
			of_others |= !is_todo(r, c->plans[i]->pf) &&
				     problem_is_about(&about, c->plans[i]->pf);
		if (of_others)
			problem_warn(
				&r->declared.problems, (struct origin){0}, "%s", c->warnings[w]);
	}
}

static int report_all(struct policy_run *r, struct child *children, struct error *err)
{
	enum exit_code code = EXIT_DONE;
	int files[LOCKS_MAX];
	size_t failed = 0;

	for (size_t i = 0; i < r->todo_count; i++) {
		enum exit_code one =
			children[i].status < 0 ? EXIT_KERNEL : (enum exit_code)children[i].status;

		files[i] = was_asked(children[i].status) ? -1 : children[i].out;
		failed += one != EXIT_DONE;
		code = join_codes(code, one, !i);
	}
	code = code_of_rest(r, code, !r->todo_count);
	keep_warnings_of_others(r);
	for (size_t i = 0; i < r->todo_count; i++)
		if (children[i].status < 0)
			note_death(r, r->todo[i], children[i].status);
	if (code != EXIT_DONE) {
		error_set(err, code, "%zu of %zu PFs could not be brought to what the policy says",
			failed, r->change.count);
		if (!failed)
			error_set(err, code, "%zu of what the policy says could not be had",
				r->declared.problems.errors);
	}
	if (r->o->json)
		output_joined_report(files, r->todo_count, &r->declared.problems, code ? err : NULL,
			r->o, r->s->out);
	for (size_t i = 0; i < r->todo_count && !r->o->json; i++)
		show_file(children[i].out, r->s->out);
	session_flush(r->s);
	for (size_t i = 0; i < r->todo_count; i++)
		show_file(children[i].err, stderr);
	output_problems(&r->declared.problems, r->o, stderr);
	err->reported = r->o->json;
	return code ? -1 : 0;
}

/* For someone who waits: how many are through. */
struct waiting_for_all {
	struct watcher *watcher;
	size_t count;
};

static void tell_of_all(void *arg, size_t done)
{
	const struct waiting_for_all *w = arg;
	const struct progress p = {"policy", "PFs done", done, w->count, false};

	/* at the end signals that it holds back must be let go of while ours are still held */
	watcher_tell(w->watcher, done < w->count ? &p : NULL);
}

static int change_side_by_side(struct policy_run *r, struct error *err)
{
	struct progress_line progress;
	struct waiting_for_all waiting = {.count = r->todo_count};
	struct child children[LOCKS_MAX];
	struct piece pieces[LOCKS_MAX];
	int rc;

	if (r->todo_count > LOCKS_MAX)
		return error_set(err, EXIT_USAGE, "more than %d PFs in one policy", LOCKS_MAX);
	fflush(r->s->out);
	for (size_t i = 0; i < r->todo_count; i++) {
		pieces[i] = (struct piece){.run = r, .pf = r->todo[i]};
		/* where it cannot be, the others go on: see note_death() */
		(void)child_start(&children[i], work, &pieces[i]);
	}
	waiting.watcher = progress_start(&progress, r->o);
	children_wait(children, r->todo_count, tell_of_all, &waiting);
	progress_end(&progress);
	rc = report_all(r, children, err);
	children_close(children, r->todo_count);
	return rc;
}

/* Only one PF, and nothing to say of others: no process of its own. */
static int change_alone(struct policy_run *r, struct error *err)
{
	struct piece piece = {.run = r, .pf = r->todo[0]};
	int rc = change_one(r->s, &piece);

	*err = piece.err;
	return rc;
}

static int change_all(struct policy_run *r, struct error *err)
{
	keep_problems_of_others(r);
	if (r->todo_count == 1 && r->change.count == 1 && !r->declared.problems.count)
		return change_alone(r, err);
	return change_side_by_side(r, err);
}

/* It is armed first: the change may be what cuts us off. Also where not all can be had, what
 * was changed is taken back. */
static int change_for_a_while(struct policy_run *r, struct error *err)
{
	int lock = rollback_arm(r->s, "policy apply", r->o, err), rc;

	if (lock < 0)
		return -1;
	rc = change_all(r, err);
	if (!rollback_begin(lock) || r->o->quiet)
		return rc;
	session_flush(r->s);
	fprintf(stderr,
		"sriovctl: all of it is put back in %g seconds, unless 'sriovctl policy commit' "
		"comes before\n",
		(double)r->o->rollback_ms / 1000);
	return rc;
}

static int apply(struct policy_run *r, struct error *err)
{
	if (r->o->rollback_ms > 0 && !r->o->dry_run && rollback_is_pending(err))
		return -1;
	if (survey(r, r->o->dry_run, err) < 0)
		return -1;
	if (r->o->dry_run) {
		run_warn_of_interrupted(&r->host);
		return report_plan(r, err);
	}
	choose_todo(r);
	if (!r->todo_count)
		return report_plan(r, err);
	return r->o->rollback_ms > 0 ? change_for_a_while(r, err) : change_all(r, err);
}

static int run_it(struct policy_run *r, struct error *err)
{
	enum command_service service = r->line->command->service;
	int rc = check_options(r, err);

	if (rc == 0)
		rc = read_policy(r, err);
	if (rc < 0) {
		output_problems(&r->problems, r->o, stderr);
		return -1;
	}
	if (service == SERVICE_POLICY_CHECK)
		return check(r, err);
	output_problems(&r->problems, r->o, stderr);
	if (r->problems.errors) {
		if (r->o->prometheus && policy_write_drift(NULL, NULL, 0, r->problems.errors,
						r->s->out, r->o, err) < 0)
			return -1;
		wrong_files(r, err);
		if (r->o->json)
			output_joined_report(NULL, 0, &r->problems, err, r->o, r->s->out);
		err->reported = r->o->json;
		return -1;
	}
	return service == SERVICE_POLICY_DIFF ? differs(r, err) : apply(r, err);
}

int run_policy(struct session *s, const struct command_line *line, struct error *err)
{
	struct policy_run r = {.s = s, .line = line, .o = &line->options};
	int rc;

	r.problems.arena = &r.arena;
	r.policy = policy_new(&r.problems);
	rc = run_it(&r, err);
	change_free(&r.change);
	host_free(&r.host);
	declared_free(&r.declared);
	policy_free(r.policy);
	arena_free(&r.arena);
	return rc;
}
