#include "story.h"

#include "fixture.h"
#include "story_parts.h"
#include "unit.h"

#include "cli/command.h"
#include "cmd/commands.h"
#include "plan/journal.h"
#include "plan/lease.h"

struct model model;
struct change change, change_again;

static char story[65536];
static size_t story_len;

void tell(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	story_len += (size_t)vsnprintf(story + story_len, sizeof(story) - story_len, fmt, ap);
	va_end(ap);
	if (story_len > sizeof(story) - 8192)
		story_len = 0;
}

void tell_steps(const struct change *c)
{
	static char text[32768];

	for (size_t i = 0; i < c->count; i++) {
		fixture_steps(c->plans[i], NULL, text, sizeof(text));
		tell("    %s: %.3000s\n", c->plans[i]->pf->name, text);
	}
}

/* More than fail_msg() has room for. */
void fail_story(const char *what)
{
	fprintf(stderr, "%s", story);
	fail_msg("%s: %s", what, model.wrong);
}

void tell_difference(const char *before, const char *after)
{
	while (*before && *after) {
		size_t a = strcspn(before, "\n"), b = strcspn(after, "\n");

		if (a != b || memcmp(before, after, a) != 0)
			tell("  was %.*s\n  is  %.*s\n", (int)a, before, (int)b, after);
		before += a + (before[a] != 0);
		after += b + (after[b] != 0);
	}
}

bool apply_some(size_t steps)
{
	for (size_t i = 0; i < change.count; i++) {
		const struct plan *plan = change.plans[i];
		size_t n = plan->count < steps ? plan->count : steps;

		model.undoing = plan->interrupted; /* as change_apply() has it */
		if (!model_apply(&model, plan, 0, n))
			fail_story("a step does not work");
		model.undoing = false;
		steps -= n;
		if (n < plan->count)
			return false;
	}
	return true;
}

void undo(void)
{
	for (size_t i = change.count; i-- > 0;)
		if (!model_undo(&model, change.plans[i]))
			fail_story("going back does not work");
}

void cut_off(size_t steps)
{
	const char *said;
	struct error err;

	change.command = "test";
	for (size_t i = 0; i < change.count; i++)
		if (change.plans[i]->count && journal_write(&change, change.plans[i], &err) < 0)
			fail_story(err.message);
	apply_some(steps);
	for (size_t i = 0; i < change.count; i++) {
		const struct pf *pf = change.plans[i]->pf;

		if (journal_load(change_plan(&change_again, pf), &said, &err) < 0)
			fail_story(err.message);
		journal_remove(pf);
	}
}

void go_on(void)
{
	tell("  again:\n");
	tell_steps(&change_again);
	change_free(&change);
	change = change_again;
	memset(&change_again, 0, sizeof(change_again));
	apply_some(change_step_count(&change));
}

size_t story_at;

/* One command, planned on that host. */
static int plan_one(
	char *text, unsigned force, struct host *host, struct change *into, struct error *err)
{
	char *argv[40] = {text}, *save = NULL;
	struct command_line line;
	struct args args;
	int argc = 1, rc = -1;

	argv[argc++] = strtok_r(argv[0], " ", &save);
	while ((argv[argc] = strtok_r(NULL, " ", &save)))
		argc++;
	if (parse_command_line(commands, argc, argv, &line, err) == PARSE_RUN) {
		args = line.args;
		args.force = force;
		for (size_t i = 0; i < ARGS_MAX && line.command->args[i].name; i++)
			if (line.command->args[i].type == ARG_NETNS)
				args.netns = model_netns(&model, args.words[i])->netns;
		rc = line.command->plan(host, &args, into, err);
	}
	free(line.words);
	return rc;
}

/* Several, as one change: discover_and_plan() of change.c. */
static int plan_all(
	char *text, unsigned force, struct host *host, struct change *into, struct error *err)
{
	struct host *planned = change_begin(into, host);

	for (char *next; text; text = next) {
		next = strstr(text, "; ");
		if (next) {
			*next = 0;
			next += 2;
		}
		if (plan_one(text, force, planned, into, err) < 0)
			return -1;
		change_project(into, planned);
		story_at++;
	}
	return change_end(into, host, err);
}

int story_plan(
	const char *text, unsigned force, struct host *host, struct change *into, struct error *err)
{
	char *copy = arena_strdup(&model.arena, text);
	int rc;

	memset(err, 0, sizeof(*err));
	model_show(&model, host);
	host->arena = model.arena;
	story_at = 0;
	into->command = arena_strdup(&into->arena, text);
	rc = (strstr(text, "; ") ? plan_all : plan_one)(copy, force, host, into, err);
	model.arena = host->arena;
	return rc;
}

void plan_words(struct change *into, const char *text)
{
	struct host host;
	struct error err;

	if (story_plan(text, 0, &host, into, &err) < 0)
		fail_msg("%s: %s", text, err.message);
	tell("%s\n", text);
	tell_steps(into);
}

void do_words(const char *text)
{
	plan_words(&change, text);
	apply_some(change_step_count(&change));
	change_free(&change);
}

static void forget_files(void)
{
	for (size_t p = 0; p < MODEL_PFS; p++) {
		journal_remove(&model.pfs[p].pf);
		for (uint32_t v = 0; v < MODEL_VFS; v++)
			lease_remove(model.pfs[p].pf.handle, v);
	}
}

void story_begin(const char *driver, uint32_t vfs)
{
	story_len = 0;
	tell("%s\n", driver);
	model_init(&model, driver, vfs);
	forget_files();
}

void story_save(struct saved *was)
{
	was->model = model;
	model_show(&model, &was->host);
	was->model.arena = model.arena;
}

void story_restore(const struct saved *was)
{
	struct arena arena = model.arena;
	struct error err;

	model = was->model;
	model.arena = arena;
	change_free(&change);
	forget_files();
	for (size_t i = 0; i < was->host.lease_count; i++)
		if (lease_write(&was->host.leases[i], &err) < 0)
			fail_story(err.message);
}

void story_end(void)
{
	change_free(&change);
	change_free(&change_again);
	model_free(&model);
}

static void *dir;

int story_group_setup(void **state)
{
	(void)state;
	return runtime_setup(&dir);
}

int story_group_teardown(void **state)
{
	(void)state;
	return runtime_teardown(&dir);
}

int story_teardown(void **state)
{
	(void)state;
	story_end();
	return 0;
}
