#include "story_declare.h"

#include "story_parts.h"
#include "unit.h"

#include "core/driver.h"
#include "core/link.h"
#include "core/mac.h"
#include "core/quirk.h"
#include "plan/journal.h"

struct declared declared[MODEL_PFS];
bool declared_failed[MODEL_PFS];
bool declared_stuck;
const char *declared_before;

static bool resizes; /* the last change of a PF */

static struct policy *policy;
static struct problems problems;
static struct arena arena; /* of those */

void policy_end(void)
{
	for (size_t i = 0; i < MODEL_PFS; i++)
		declared_free(&declared[i]);
	if (policy)
		policy_free(policy);
	policy = NULL;
	arena_free(&arena);
	problems = (struct problems){.arena = &arena};
}

void policy_is(const char *pfs)
{
	const char *text = "apiVersion: sriovctl/v1\nkind: SriovHost\npfs:\n", *end;

	policy_end();
	tell("policy %s\n", pfs);
	for (; pfs; pfs = *end ? end + 2 : NULL) {
		end = strstr(pfs, "; ");
		if (!end)
			end = pfs + strlen(pfs);
		text = arena_printf(&arena, "%s- {%.*s}\n", text, (int)(end - pfs), pfs);
	}
	policy = policy_new(&problems);
	policy_add(policy, "test", text, strlen(text));
	policy_check(policy);
	if (problems.errors)
		fail_story(problems.items[0].message);
}

void plan_policy(struct declared *d, const char *only, struct host *host, struct change *into)
{
	unsigned force = d->force;
	struct error err = {0};
	struct host was;

	if (!d->policy || d->policy != policy) {
		declared_free(d);
		declared_init(d, policy, "policy apply");
		d->force = force;
	}
	d->only = only;
	model_show(&model, host);
	host->arena = model.arena;
	was = *host;
	was.pfs = arena_copy(&host->arena, host->pfs, host->pf_count * sizeof(*host->pfs));
	was.vfs = arena_copy(&host->arena, host->vfs, host->vf_count * sizeof(*host->vfs));
	was.links = arena_copy(&host->arena, host->links, host->link_count * sizeof(*host->links));
	into->command = "policy apply";
	if (d->plan(d, host, into, &err) < 0)
		fail_story(err.message);
	model.arena = host->arena;
	if (was.pf_count != host->pf_count || was.vf_count != host->vf_count ||
		was.link_count != host->link_count ||
		memcmp(was.pfs, host->pfs, was.pf_count * sizeof(*was.pfs)) != 0 ||
		memcmp(was.vfs, host->vfs, was.vf_count * sizeof(*was.vfs)) != 0 ||
		memcmp(was.links, host->links, was.link_count * sizeof(*was.links)) != 0)
		fail_story("planning changes the host that it plans for");
}

static void tell_problems(const struct declared *d)
{
	for (size_t i = 0; i < d->problems.count; i++) {
		const struct problem *p = &d->problems.items[i];

		tell("    %s%s%s: %s\n", p->object ? p->object : "", p->attr ? " " : "",
			p->attr ? p->attr : "", p->message);
	}
}

/* What was cut off on the PF is put right before anything else. */
static bool put_right_first(void)
{
	struct change about = {0};
	bool ok = true;

	for (size_t i = 0; i < change.count; i++)
		if (journal_left(&about.arena, change.plans[i]->pf))
			change_plan(&about, change.plans[i]->pf);
	if (about.count)
		ok = put_right(&about) || (refusal.code == EXIT_PARTLY && !change_has_journal());
	change_free(&about);
	change_free(&change);
	return ok;
}

/* Without what may not be done because of who uses what: may_be_done() of change.c. */
static bool plan_what_may_be(struct declared *d, const char *only, struct host *host)
{
	change_free(&change);
	plan_policy(d, only, host, &change);
	while (change_check(&change, host, d->force, &refusal) < 0) {
		tell("    %s: %s\n", refusal.object, refusal.message);
		if (!declared_leave_out(d, &change, &refusal))
			return false;
		change_free(&change);
		plan_policy(d, only, host, &change);
	}
	memset(&refusal, 0, sizeof(refusal));
	return true;
}

const char *declared_now(void)
{
	static char text[32768];

	model_text(&model, true, text, sizeof(text));
	for (char *at = text; resizes && (at = strstr(at, " msix="));)
		for (at += strlen(" msix="); *at && strchr("0123456789", *at); at++)
			*at = '#';
	for (char *at = text, *to = text; (*to = *at); at++)
		to += *at != '#';
	return text;
}

/* Where nothing is done, all is to be as it was. */
static bool carry_out_or_undo(size_t i, int dies)
{
	bool ok;

	resizes = plan_has_step(change.plans[0], STEP_NUM_VFS);
	declared_before = arena_strdup(&model.arena, declared_now());
	ok = carry_out(dies);
	if (ok || (dies >= 0 && change_has_journal()) || refusal.code == EXIT_PARTLY)
		return ok;
	declared_failed[i] = true;
	declared_stuck |= change_has_journal();
	if (!declared_stuck && strcmp(declared_before, declared_now()) != 0) {
		tell_difference(declared_before, declared_now());
		fail_story("it failed, and is not as it was");
	}
	return false;
}

/* One PF, as a command of its own: change_one() of policy.c, and make_change() of change.c. */
static bool declare_one(size_t i, unsigned force, int dies)
{
	struct declared *d = &declared[i];
	const char *only = model.pfs[i].pf.handle;
	struct host host;
	bool ok;

	declared_free(d);
	d->force = force;
	declared_failed[i] = false;
	memset(&refusal, 0, sizeof(refusal));
	change_free(&change);
	plan_policy(d, only, &host, &change);
	if (!change_step_count(&change) && !change_has_journal())
		return !d->problems.errors;
	if (!put_right_first()) {
		declared_stuck |= refusal.code == EXIT_REFUSED;
		return false;
	}
	if (!plan_what_may_be(d, only, &host))
		return false;
	tell_steps(&change);
	ok = carry_out_or_undo(i, dies);
	tell_problems(d);
	if (dies >= 0 && change_has_journal())
		return false;
	return declared_outcome(d, &change, ok ? 0 : -1, &refusal) == 0;
}

bool declare(unsigned force, int dies)
{
	bool all = true;

	declared_stuck = resizes = false;
	declared_before = arena_strdup(&model.arena, declared_now());
	tell("- policy apply%s\n", force ? " --force" : "");
	for (size_t i = 0; i < MODEL_PFS; i++) {
		bool cut;

		all &= declare_one(i, force, dies);
		cut = dies >= 0 && change_has_journal();
		if (cut)
			return false;
		if (dies >= 0)
			dies -= (int)change_step_count(&change);
	}
	return all;
}

size_t policy_steps(void)
{
	struct declared d = {0};
	struct host host;
	size_t steps = 0;

	for (size_t i = 0; i < MODEL_PFS; i++)
		d.force |= declared[i].force;
	if (!plan_what_may_be(&d, NULL, &host))
		fail_story("it cannot be planned");
	for (size_t i = 0; i < change.count; i++)
		for (size_t n = 0; n < change.plans[i]->count; n++) {
			const struct step *s = &change.plans[i]->steps[n];

			/* what a driver does not tell is written each time */
			steps += s->kind != STEP_VFIO_NODE &&
				 (s->kind != STEP_VF_ATTR || s->old.known);
		}
	tell("  now:\n");
	tell_steps(&change);
	tell_problems(&d);
	declared_free(&d);
	return steps;
}

/* does it hold? */

/* Is it known that it could not be had: this, or all of the VF or PF? */
static bool is_known(const struct declared *d, const char *pf, const char *object, const char *key)
{
	for (size_t i = 0; i < d->problems.count; i++) {
		const struct problem *p = &d->problems.items[i];

		if (p->warning || !p->object)
			continue;
		if (p->whole && strncmp(p->object, pf, strlen(pf)) == 0)
			return true;
		if (strcmp(p->object, object) != 0)
			continue;
		/* one that its driver did not take is left alone */
		if (!p->attr || strcmp(p->attr, key) == 0 ||
			(p->code == EXIT_KERNEL && strcmp(p->attr, "driver") == 0))
			return true;
		/* also by the key, where that is another word */
		if (strcmp(p->attr, "ifname") == 0 && strcmp(key, "name") == 0)
			return true;
	}
	return false;
}

static bool mac_is_automatic(const struct model_pf *p, const struct vf *vf)
{
	for (uint32_t attempt = 0; attempt < 4; attempt++) {
		struct lladdr mac = mac_auto(&p->pf.mac, vf->index, attempt);

		if (lladdr_equal(&vf->mac, &mac))
			return true;
	}
	return false;
}

static bool has_address(const struct model_pf *p, const struct vf *vf, const struct setting *s)
{
	/* then it cannot learn it */
	bool deaf = quirk_of(p->pf.driver)->mac_needs_pf_up && !p->pf.up;

	if (s->automatic ? !mac_is_automatic(p, vf) : !lladdr_equal(&vf->mac, &s->value.lladdr))
		return false;
	return deaf || !vf_has(vf, VF_IF_MAC) || vf->trust || lladdr_is_zero(&vf->mac) ||
	       lladdr_equal(&vf->if_mac, &vf->mac);
}

static bool has_driver(const struct vf *vf, const char *want)
{
	if (strcmp(want, DRIVER_DEFAULT) == 0)
		return vf_has(vf, VF_DRIVER) && !driver_is_passthrough(vf->driver);
	return vf_has(vf, VF_DRIVER) && strcmp(vf->driver, want) == 0;
}

static bool has(const struct model_pf *p, const struct vf *vf, const struct setting *s)
{
	struct value is = attr_get(&vf_type, s->attr, vf);

	if (s->attr == VF_MAC)
		return has_address(p, vf, s);
	/* what discovery does not believe */
	if (vf_type.attrs[s->attr].flags & ATTR_KEEP && !is.known)
		return true;
	return value_equal(&is, &s->value);
}

/* All that is not wished for is as on a new one. */
static const char *not_new(const struct model_pf *p, const struct vf *vf, const struct vf_intent *v)
{
	enum fresh spoofchk = quirk_of(p->pf.driver)->spoofchk;
	uint64_t wished = quirk_unsupported(&p->pf);

	for (size_t i = 0; i < v->count; i++)
		wished |= VF_BIT(v->wishes[i].setting.attr);
	for (unsigned a = 0; a < VF_ATTR_COUNT; a++) {
		struct value is = attr_get(&vf_type, a, vf);
		bool own =
			a == VF_MAC && vf_has(vf, VF_IF_MAC) && lladdr_equal(&vf->mac, &vf->if_mac);
		bool is_new;

		if (!(vf_type.attrs[a].flags & ATTR_KEEP) || wished >> a & 1 || own || !is.known)
			continue;
		if (a == VF_SPOOFCHK)
			is_new = spoofchk == FRESH_UNKNOWN || is.on == (spoofchk == FRESH_ON);
		else if (is.type == VALUE_BOOL)
			is_new = !is.on;
		else if (is.type == VALUE_ENUM)
			is_new = !is.uint;
		else
			is_new = value_is_zero(&is);
		if (!is_new)
			return vf_type.attrs[a].key;
	}
	return NULL;
}

static const char *vf_not_as_declared(
	const struct declared *d, const struct model_pf *p, const struct vf_intent *v)
{
	const char *object = arena_printf(&model.arena, "%s/%u", p->pf.name, v->index);
	const struct vf *vf = v->index < p->count ? &p->vfs[v->index] : NULL;
	const char *key;

	if (!vf)
		return is_known(d, p->pf.name, object, "") ? NULL : object;
	if (vf_has(vf, VF_NETNS) || has_lease(vf))
		return NULL;
	if (v->driver && !has_driver(vf, v->driver) && !is_known(d, p->pf.name, object, "driver"))
		return arena_printf(&model.arena, "%s has not its driver", object);
	for (size_t i = 0; i < v->count; i++) {
		const struct setting *s = &v->wishes[i].setting;

		key = attr_keyword(&vf_type.attrs[s->attr]);
		if (!has(p, vf, s) && !is_known(d, p->pf.name, object, key))
			return arena_printf(&model.arena, "%s has not its %s", object, key);
	}
	key = v->reset ? not_new(p, vf, v) : NULL;
	return key && !is_known(d, p->pf.name, object, key)
		       ? arena_printf(&model.arena, "%s has not the %s of a new one", object, key)
		       : NULL;
}

static const char *pf_not_as_declared(
	const struct declared *d, const struct model_pf *p, const struct pf_intent *intent)
{
	const char *name = p->pf.name, *wrong = NULL;

	if (intent->has_count && p->count != intent->num_vfs && !is_known(d, name, name, ""))
		return arena_printf(&model.arena, "%s has %u VFs", name, p->count);
	for (size_t i = 0; i < intent->count; i++) {
		const struct setting *s = &intent->wishes[i].setting;
		struct value is = attr_get(&pf_type, s->attr, &p->pf);
		const char *key = attr_keyword(&pf_type.attrs[s->attr]);

		if (!value_equal(&is, &s->value) && !is_known(d, name, name, key))
			return arena_printf(&model.arena, "%s has not its %s", name, key);
	}
	for (size_t i = 0; i < intent->vf_count && !wrong; i++)
		wrong = vf_not_as_declared(d, p, &intent->vfs[i]);
	return wrong;
}

const char *not_as_declared(void)
{
	const char *wrong = NULL;

	for (size_t i = 0; i < MODEL_PFS && !wrong; i++)
		for (size_t n = 0; n < declared[i].intent.count && !wrong; n++) {
			const struct pf_intent *intent = &declared[i].intent.pfs[n];

			if (!declared_failed[i] &&
				strcmp(intent->pf->handle, model.pfs[i].pf.handle) == 0)
				wrong = pf_not_as_declared(&declared[i], &model.pfs[i], intent);
		}
	return wrong;
}
