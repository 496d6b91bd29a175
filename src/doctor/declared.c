/* Policies: what they say of this host, and what is so. */
#include "doctor/parts.h"

#include "core/driver.h"
#include "core/lease.h"

#include <string.h>

/* "FILE:LINE:COLUMN" */
static const char *place(struct examination *x, const struct origin *o)
{
	return o->source ? arena_printf(&x->arena, "%s:%u:%u", o->source->name, o->line, o->column)
			 : "the policy";
}

static const char *without_policy(const struct examination *x)
{
	return x->intent || x->policy_error ? NULL : "this host has no policy";
}

static void say(struct examination *x, const struct problem *p)
{
	found(x, p->warning ? SEVERITY_WARNING : SEVERITY_PROBLEM, "%s", p->message);
	evidence(x, place(x, &p->origin), "%s", p->message);
	if (p->hint)
		remedy(x, "put it right there: %s", p->hint);
	else
		remedy(x, "put it right there; 'sriovctl policy check' shows the line");
}

static void policy_wrong(struct examination *x)
{
	const struct problems *list = x->policy_problems;

	if (x->policy_error) {
		found(x, SEVERITY_PROBLEM, "%s", x->policy_error);
		evidence(x, "/etc/sriovctl/policy.d", "cannot be read");
		remedy(x, "sriovctl policy check");
	}
	for (size_t i = 0; list && i < list->count; i++)
		say(x, &list->items[i]);
}

const struct check check_policy_wrong = {
	.id = "policy-wrong",
	.severity = SEVERITY_PROBLEM,
	.looks_at = "policy files that cannot be read or contradict themselves",
	.meaning = "the PFs that it is about are not brought to what the policy says",
	.see = "sriovctl-policy(8)",
	.idle = without_policy,
	.host = policy_wrong,
};

static const char *text_of(struct examination *x, const struct value *v)
{
	char text[VALUE_TEXT_MAX] = "";

	if (v->known)
		value_format(v, text, sizeof(text));
	return text[0] ? arena_strdup(&x->arena, text) : "none";
}

/* Whoever gave a VF away may have set what is for its user: `policy apply` leaves it alone then
 * (plan/intent.c). */
static void differs(struct examination *x, const char *key, const char *is, const char *should,
	const struct origin *origin)
{
	bool elsewhere = x->vf && vf_is_elsewhere(x->vf);

	found(x, elsewhere ? SEVERITY_INFO : SEVERITY_PROBLEM, "%s is %s, the policy says %s", key,
		is, should);
	evidence(x, x->vf ? x->vf->name : x->pf->name, "%s %s", key, is);
	evidence(x, place(x, origin), "%s %s", key, should);
	if (elsewhere)
		means(x, "it is with somebody else, and the policy leaves it as it is until it "
			 "comes back");
	else
		remedy(x, "sriovctl policy apply --pf %s", x->pf->name);
}

static void compare_wish(struct examination *x, const struct record_type *type, const void *record,
	const struct wish *w)
{
	struct value is = attr_get(type, w->setting.attr, record);

	/* nobody can say what it should be, or what it is */
	if (w->setting.automatic ||
		(!is.known && type->attrs[w->setting.attr].type != VALUE_STRING))
		return;
	if (!value_equal(&is, &w->setting.value))
		differs(x, type->attrs[w->setting.attr].key, text_of(x, &is),
			text_of(x, &w->setting.value), &w->origin);
}

/* What only an interface at home has: elsewhere it is somebody else's to say. */
static bool is_of_interface(size_t attr)
{
	return attr == VF_IFNAME || attr == VF_MTU || attr == VF_UP || attr == VF_ALTNAMES;
}

static void compare_driver(struct examination *x, const struct vf_intent *want)
{
	const char *is = vf_has(x->vf, VF_DRIVER) ? x->vf->driver : NULL;
	bool as_usual = want->driver && strcmp(want->driver, DRIVER_DEFAULT) == 0;

	if (!want->driver || !vf_has(x->vf, VF_BDF))
		return;
	if (as_usual ? is && !driver_is_passthrough(is) : is && strcmp(is, want->driver) == 0)
		return;
	differs(x, "driver", is ? is : "none", want->driver, &want->origin);
}

static void compare_vf(struct examination *x, const struct vf_intent *want)
{
	bool away = vf_is_elsewhere(x->vf);

	compare_driver(x, want);
	for (size_t i = 0; i < want->count; i++)
		if (!is_of_interface(want->wishes[i].setting.attr) ||
			(!away && vf_has(x->vf, VF_IFNAME)))
			compare_wish(x, &vf_type, x->vf, &want->wishes[i]);
}

static void policy_differs(struct examination *x, const struct pf *pf)
{
	const struct pf_intent *want = intent_of_pf(x, pf);

	if (!want)
		return;
	if (want->has_count && pf_has(pf, PF_NUM_VFS) && pf->num_vfs != want->num_vfs)
		differs(x, "num_vfs", arena_printf(&x->arena, "%u", pf->num_vfs),
			arena_printf(&x->arena, "%u", want->num_vfs), &want->origin);
	for (size_t i = 0; i < want->count; i++)
		compare_wish(x, &pf_type, pf, &want->wishes[i]);
	for (size_t i = 0; i < want->vf_count; i++) {
		x->vf = host_vf(x->host, pf, want->vfs[i].index);
		if (x->vf)
			compare_vf(x, &want->vfs[i]);
	}
	x->vf = NULL;
}

const struct check check_policy_differs = {
	.id = "policy-differs",
	.severity = SEVERITY_PROBLEM,
	.looks_at = "a PF or VF that is not what the policy of this host says",
	.meaning = "who relies on the policy gets something else: another driver, VLAN, address",
	.see = "sriovctl-policy(8)",
	.idle = without_policy,
	.pf = policy_differs,
};
