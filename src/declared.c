#include "declared.h"

#include "plan/want.h"

#include <string.h>

bool problem_is_about(const struct problem *p, const struct pf *pf)
{
	size_t len = strlen(pf->name);

	return p->object && strncmp(p->object, pf->name, len) == 0 &&
	       (!p->object[len] || p->object[len] == '/');
}

/* Is one thing about the other PF, or one of its VFs? */
static bool is_of(const char *object, const struct pf *pf)
{
	struct problem p = {.object = object};

	return problem_is_about(&p, pf);
}

static bool is_meant(const struct declared *d, const struct pf *pf)
{
	return !d->only || strcmp(d->only, pf->handle) == 0;
}

static bool is_about(const struct problem *p, const void *pf)
{
	return problem_is_about(p, pf);
}

static bool vf_is_left(const struct declared *d, const struct pf *pf, const struct vf_intent *v)
{
	size_t len = strlen(pf->name);
	char index[16];

	snprintf(index, sizeof(index), "%u", v->index);
	for (size_t i = 0; i < d->left_count; i++) {
		const struct left_out *left = &d->left[i];

		if (left->driver && v->driver && strcmp(left->driver, v->driver) == 0)
			return true;
		if (!left->is_pf && is_of(left->object, pf) && left->object[len] &&
			strcmp(left->object + len + 1, index) == 0)
			return true;
	}
	return false;
}

static const struct left_out *pf_is_left(const struct declared *d, const struct pf *pf)
{
	for (size_t i = 0; i < d->left_count; i++)
		if (d->left[i].is_pf && is_of(d->left[i].object, pf))
			return &d->left[i];
	return NULL;
}

static void want_pf(struct declared *d, const struct pf_intent *all, struct host *planned,
	struct change *change)
{
	struct pf_intent intent = *all;
	const struct left_out *left = pf_is_left(d, all->pf);

	if (left) {
		change_plan(change, host_same_pf(planned, all->pf));
		problem_error(&d->problems, all->origin, &left->why)->whole = true;
		return;
	}
	intent.vfs = arena_alloc(&d->arena, (all->vf_count + 1) * sizeof(*intent.vfs));
	intent.vf_count = 0;
	for (size_t i = 0; i < all->vf_count; i++)
		if (!vf_is_left(d, all->pf, &all->vfs[i]))
			intent.vfs[intent.vf_count++] = all->vfs[i];
	want_intent(change, planned, &intent, d->force);
}

/* The PF that is meant alone, which was there when it was chosen. NULL with *err. */
static const struct pf *find_meant(
	const struct declared *d, const struct host *have, struct error *err)
{
	for (size_t i = 0; i < have->pf_count; i++)
		if (is_meant(d, &have->pfs[i]))
			return &have->pfs[i];
	error_set(err, EXIT_NOT_FOUND, "it is not there any more");
	error_about(err, d->only, NULL);
	return NULL;
}

static int plan_policy(
	struct declared *d, struct host *have, struct change *change, struct error *err)
{
	const struct pf *only = d->only ? find_meant(d, have, err) : NULL;
	struct host *planned;

	arena_free(&d->arena);
	d->problems = (struct problems){.arena = &d->arena};
	if (d->only && !only)
		return -1;
	change->problems = &d->problems;
	policy_resolve(d->policy, have, &d->arena, &d->intent, &d->problems);
	if (only) /* the rest is for whoever looks at all */
		problems_filter(&d->problems, is_about, only);
	for (size_t i = 0; i < d->left_count; i++)
		if (!d->left[i].is_pf)
			problem_error(&d->problems, (struct origin){0}, &d->left[i].why);
	planned = change_begin(change, have);
	for (size_t i = 0; i < d->intent.count; i++)
		if (is_meant(d, d->intent.pfs[i].pf))
			want_pf(d, &d->intent.pfs[i], planned, change);
	if (change_end(change, have, err) < 0)
		return -1;
	intent_place_problems(&d->intent, &d->problems);
	return 0;
}

void declared_init(struct declared *d, const struct policy *policy, const char *command)
{
	*d = (struct declared){.plan = plan_policy,
		.command = command,
		.needs = policy_needs(policy),
		.policy = policy};
}

void declared_free(struct declared *d)
{
	arena_free(&d->arena);
	arena_free(&d->kept);
	*d = (struct declared){0};
}

static const struct plan *plan_of(const struct change *change, const char *object)
{
	for (size_t i = 0; i < change->count; i++)
		if (is_of(object, change->plans[i]->pf))
			return change->plans[i];
	return NULL;
}

/* What the VF was to get, where that is what is wrong. */
static const char *driver_meant(
	const struct plan *plan, const struct error *err, struct arena *arena)
{
	for (size_t i = 0; err->code == EXIT_NOT_FOUND && i < plan->count; i++) {
		const struct step *s = &plan->steps[i];

		if (s->kind == STEP_VF_DRIVER && s->new.known &&strcmp(s->object, err->object) == 0)
			return arena_strdup(arena, s->new.string);
	}
	return NULL;
}

bool declared_leave_out(struct declared *d, const struct change *change, const struct error *err)
{
	const struct plan *plan = plan_of(change, err->object);
	struct left_out left = {.why = *err};
	bool is_vf;

	if (!plan || !d->policy)
		return false;
	left.object = arena_strdup(&d->kept, err->object);
	left.driver = driver_meant(plan, err, &d->kept);
	is_vf = strcmp(err->object, plan->pf->name) != 0;
	left.is_pf = !left.driver && (!is_vf || plan_has_step(plan, STEP_NUM_VFS));
	for (size_t i = 0; i < d->left_count; i++) {
		bool again = strcmp(d->left[i].object, left.object) == 0 &&
			     !d->left[i].driver == !left.driver;

		if (again && d->left[i].is_pf)
			return false;
		left.is_pf |= again; /* it did not help */
	}
	if (left.is_pf) {
		left.object = arena_strdup(&d->kept, plan->pf->name);
		left.driver = NULL;
	}
	d->left = arena_push(&d->kept, d->left, &d->left_count, sizeof(*d->left));
	d->left[d->left_count - 1] = left;
	return true;
}

enum exit_code declared_code(const struct problems *problems, const struct pf *pf)
{
	enum exit_code code = EXIT_DONE;

	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *p = &problems->items[i];

		if (p->warning || !problem_is_about(p, pf))
			continue;
		if (p->whole)
			return p->code;
		code = EXIT_PARTLY;
	}
	return code;
}

/* One PF, or all of them with the same: that code. Else it is partly done. */
static enum exit_code code_of_all(const struct declared *d, const struct change *change)
{
	enum exit_code code = EXIT_DONE;
	size_t elsewhere = d->problems.errors;

	for (size_t i = 0; i < change->count; i++) {
		enum exit_code one = declared_code(&d->problems, change->plans[i]->pf);

		if (i && one != code)
			return EXIT_PARTLY;
		code = one;
	}
	for (size_t i = 0; i < d->problems.count; i++)
		for (size_t p = 0; p < change->count; p++)
			if (!d->problems.items[i].warning &&
				problem_is_about(&d->problems.items[i], change->plans[p]->pf)) {
				elsewhere--;
				break;
			}
	if (!elsewhere)
		return code;
	/* of PFs that are not there */
	for (size_t i = 0; i < d->problems.count && !change->count; i++)
		if (!d->problems.items[i].warning)
			return d->problems.items[i].code;
	return EXIT_PARTLY;
}

int declared_outcome(struct declared *d, const struct change *change, int rc, struct error *err)
{
	if (rc < 0 && err->code != EXIT_PARTLY) /* nothing of it, and why */
		return -1;
	intent_place_problems(&d->intent, &d->problems);
	problems_sort(&d->problems);
	if (!d->problems.errors)
		return rc;
	memset(err, 0, sizeof(*err));
	error_set(err, code_of_all(d, change), "%zu of what the policy says could not be had",
		d->problems.errors);
	return -1;
}
