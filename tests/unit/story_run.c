/* Whole commands, from the first look to the last journal: what run.c and apply.c do around
 * the steps, for the model. */
#include "story.h"

#include "story_parts.h"
#include "unit.h"

#include "core/options.h"
#include "plan/journal.h"
#include "plan/want.h"

struct error refusal;

bool has_journal(void)
{
	for (size_t i = 0; i < MODEL_PFS; i++)
		if (journal_left(&model.arena, &model.pfs[i].pf))
			return true;
	return false;
}

bool change_has_journal(void)
{
	for (size_t i = 0; i < change.count; i++)
		if (journal_left(&model.arena, change.plans[i]->pf))
			return true;
	return false;
}

bool has_lease(const struct vf *vf)
{
	struct host host;

	model_show(&model, &host);
	for (size_t i = 0; i < host.vf_count; i++)
		if (strcmp(host.vfs[i].name, vf->name) == 0)
			return host.vfs[i].attached;
	abort();
}

void load_journals(const struct change *old, struct change *into)
{
	for (size_t i = 0; i < old->count; i++) {
		const struct pf *pf = old->plans[i]->pf;
		const char *was;
		int found = journal_load(change_plan(into, pf), &was, &refusal);

		if (found < 0)
			fail_story(refusal.message);
		if (!found)
			journal_remove(pf);
	}
}

static void write_journals(void)
{
	static unsigned id;
	struct error err;

	change.id = arena_printf(&change.arena, "%u", id++);
	for (size_t i = 0; i < change.count; i++)
		if (change.plans[i]->count && journal_write(&change, change.plans[i], &err) < 0)
			fail_story(err.message);
}

static void remove_journals(void)
{
	for (size_t i = 0; i < change.count; i++)
		if (!change.plans[i]->settled)
			return;
	journal_commit(&change);
	for (size_t i = 0; i < change.count; i++)
		if (change.plans[i]->count || change.plans[i]->interrupted)
			journal_remove(change.plans[i]->pf);
	journal_forget(&change);
	journal_tidy_marks();
}

static bool something_failed(const struct plan *plan)
{
	const struct model_pf *p = model_pf(&model, plan->pf->handle);

	for (size_t i = 0; i < MODEL_VFS; i++)
		if (model.failed[p - model.pfs][i])
			return true;
	return false;
}

/* As take_back() of apply.c: what leads forward is left to be tried again. */
static void take_back(struct plan *plan)
{
	if (plan->forward) {
		plan->settled = !plan->interrupted;
		return;
	}
	model.trouble = -1;
	if (!model_undo(&model, plan))
		fail_story("going back does not work");
	plan->settled = !something_failed(plan);
}

static bool carry_out_steps(int dies)
{
	bool all = true;

	for (size_t i = 0; i < change.count; i++)
		change.plans[i]->settled = true;
	write_journals();
	for (size_t i = 0; i < change.count; i++) {
		struct plan *plan = change.plans[i];
		size_t steps = plan->count;

		if (dies >= 0 && steps > (size_t)dies)
			steps = (size_t)dies;
		if (!model_apply(&model, plan, 0, steps)) {
			if (!model.refused)
				fail_story("a step does not work");
			tell("  failed: %s\n", model.refused);
			error_set(&refusal, EXIT_KERNEL, "%s", model.refused);
			for (i++; i-- > 0;)
				take_back(change.plans[i]);
			remove_journals();
			return false;
		}
		if (steps < plan->count) {
			tell("  cut off behind %zu steps\n", steps);
			return false;
		}
		if (dies >= 0)
			dies -= (int)steps;
		all &= !something_failed(plan);
	}
	if (dies == 0) {
		tell("  cut off behind the last step\n");
		return false;
	}
	remove_journals();
	if (!all)
		error_set(&refusal, EXIT_PARTLY, "not all could be put back");
	return all;
}

bool carry_out(int dies)
{
	bool done;

	model.problems = change.problems;
	done = carry_out_steps(dies);
	model.problems = NULL;
	return done;
}

bool put_right(const struct change *left)
{
	struct host host;

	change_free(&change);
	model_show(&model, &host);
	load_journals(left, &change);
	change.command = "put right what was cut off";
	for (size_t i = 0; i < change.count; i++) {
		change.plans[i]->pf = host_same_pf(&host, change.plans[i]->pf);
		forget_other_places(change.plans[i], &host);
	}
	if (change_toward(&change, &host, &refusal) < 0 ||
		change_check(&change, &host, 0, &refusal) < 0) {
		tell("  cannot put right: %s: %s\n", refusal.object, refusal.message);
		return false;
	}
	tell("  put right:\n");
	tell_steps(&change);
	return carry_out(-1);
}

/* As recover() of run.c: all PFs. */
static bool recover(void)
{
	struct change left = {0};
	struct host host;
	bool done;

	model_show(&model, &host);
	for (size_t i = 0; i < host.pf_count; i++)
		if (journal_left(&left.arena, &host.pfs[i]))
			change_plan(&left, &host.pfs[i]);
	done = left.count && put_right(&left);
	change_free(&left);
	return done;
}

static int look(const char *text, unsigned force, struct host *host)
{
	change_free(&change);
	if (story_plan(text, force, host, &change, &refusal) == 0)
		return 0;
	if ((refusal.code != EXIT_NOT_FOUND && refusal.code != EXIT_REFUSED &&
		    !strstr(text, "; ")) ||
		!has_journal() || !recover())
		return -1;
	change_free(&change);
	return story_plan(text, force, host, &change, &refusal);
}

/* As must_put_right() of run.c. */
static bool must_put_right(const char *text, const struct change *about, const struct host *host)
{
	bool recovers = strncmp(text, "netns ", 6) == 0 || strstr(text, "; "), must = false;
	struct change left = {0};

	load_journals(about, &left);
	for (size_t i = 0; i < left.count; i++) {
		const struct plan *plan = left.plans[i];

		must |= plan->interrupted && recovers;
		for (size_t v = 0; v < plan->before.count; v++) {
			const struct vf *had = &plan->before.vfs[v]->vf;
			const struct vf *vf = host_vf(host, plan->pf, had->index);

			must |= vf_has(had, VF_LEASE) || (vf && vf->attached);
		}
	}
	change_free(&left);
	return must;
}

static bool prepare(const char *text, unsigned force)
{
	struct change about = {0}, fresh = {0};
	struct host host;
	bool ok = true;

	if (look(text, force, &host) < 0)
		return false;
	for (size_t i = 0; i < change.count; i++)
		change_plan(&about, change.plans[i]->pf);
	/* what could not be put back is no reason to stop, where nothing is left of it */
	if (must_put_right(text, &about, &host))
		ok = put_right(&about) || (refusal.code == EXIT_PARTLY && !change_has_journal());
	if (ok)
		load_journals(&about, &fresh);
	change_free(&about);
	change_free(&change);
	change = fresh;
	return ok && story_plan(text, force, &host, &change, &refusal) == 0 &&
	       change_check(&change, &host, force, &refusal) == 0;
}

bool prepare_words(const char *text, unsigned force)
{
	bool ok;

	tell("- %s%s\n", text, force ? " --force" : "");
	ok = prepare(text, force);
	if (ok)
		tell_steps(&change);
	else
		tell("  %s: %s\n", refusal.object, refusal.message);
	return ok;
}

bool run_words(const char *text, unsigned force, int dies)
{
	return prepare_words(text, force) && carry_out(dies);
}

/* One PF, as repair_one() of run.c does it. */
static bool repair_one(const struct pf *seen)
{
	struct change named = {0};
	const struct pf *pf;
	struct host host;

	memset(&refusal, 0, sizeof(refusal));
	change_free(&change);
	change_plan(&named, seen);
	load_journals(&named, &change);
	change_free(&named);
	change.command = "repair";
	model_show(&model, &host);
	pf = host_same_pf(&host, seen);
	forget_other_places(change_plan(&change, pf ? pf : seen), &host);
	if (want_repair(&change, &host, pf ? pf : seen, &refusal) < 0 ||
		change_check(&change, &host, 0, &refusal) < 0) {
		tell("  %s: %s\n", refusal.object, refusal.message);
		return false;
	}
	tell_steps(&change);
	return carry_out(-1);
}

bool story_repair(void)
{
	const struct pf **pfs;
	struct host host;
	bool all = true;
	size_t count;

	tell("- repair\n");
	model_show(&model, &host);
	host.arena = model.arena;
	pfs = pfs_to_repair(&host, &count);
	model.arena = host.arena;
	for (size_t i = 0; i < count; i++)
		all &= repair_one(pfs[i]);
	return all;
}
