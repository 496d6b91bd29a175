#include "plan/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const step_result_names[] = {
	[RESULT_PLANNED] = "planned",
	[RESULT_DONE] = "done",
	[RESULT_KEPT] = "kept",
	[RESULT_FAILED] = "failed",
	[RESULT_UNDONE] = "undone",
	[RESULT_NOT_UNDONE] = "not undone",
	[RESULT_SKIPPED] = "skipped",
	[RESULT_TIMED_OUT] = "timed out",
};

static const char *const step_keys[] = {
	[STEP_AUTOPROBE] = "autoprobe",
	[STEP_NUM_VFS] = "num_vfs",
	[STEP_VF_ATTR] = NULL, /* the attribute's own */
	[STEP_VF_MSIX] = "msix",
	[STEP_VF_OVERRIDE] = "driver_override",
	[STEP_VF_DRIVER] = "driver",
	[STEP_VF_RESET] = "reset",
	[STEP_VFIO_NODE] = "vfio",
	[STEP_IF_NAME] = "ifname",
	[STEP_IF_MTU] = "mtu",
	[STEP_IF_UP] = "up",
	[STEP_IF_ALTNAME] = "altname",
	[STEP_LEASE] = "lease",
	[STEP_IF_NETNS] = "netns",
	[STEP_IF_MAC] = "if_mac",
	[STEP_IF_ADDRESS] = "address",
	[STEP_IF_GATEWAY] = "gateway",
	[STEP_IF_ANNOUNCE] = "announce",
};

void plan_free(struct plan *plan)
{
	arena_free(&plan->arena);
	memset(plan, 0, sizeof(*plan));
}

void change_free(struct change *change)
{
	for (size_t i = 0; i < change->count; i++)
		plan_free(change->plans[i]);
	if (change->planned)
		host_free(change->planned);
	arena_free(&change->arena);
	memset(change, 0, sizeof(*change));
}

struct plan *change_plan(struct change *change, const struct pf *pf)
{
	struct plan *plan = NULL;
	size_t at;

	for (at = 0; at < change->count; at++) {
		int order = strcmp(change->plans[at]->pf->handle, pf->handle);

		if (order == 0) {
			change->plans[at]->pf = pf;
			change->plans[at]->really = change->really;
			return change->plans[at];
		}
		if (order > 0)
			break;
	}
	plan = arena_alloc(&change->arena, sizeof(*plan));
	plan->pf = pf;
	plan->really = change->really;
	change->plans =
		arena_push(&change->arena, change->plans, &change->count, sizeof(*change->plans));
	memmove(change->plans + at + 1, change->plans + at,
		(change->count - 1 - at) * sizeof(*change->plans));
	change->plans[at] = plan;
	return plan;
}

void change_refused(struct change *change)
{
	for (size_t p = 0; p < change->count; p++) {
		change->plans[p]->changed = false;
		change->plans[p]->warning_count = 0; /* they are about what would be done */
		for (size_t i = 0; i < change->plans[p]->count; i++)
			change->plans[p]->steps[i].result = RESULT_SKIPPED;
	}
}

bool change_changed(const struct change *change)
{
	for (size_t i = 0; i < change->count; i++)
		if (change->plans[i]->changed)
			return true;
	return false;
}

size_t change_step_count(const struct change *change)
{
	size_t n = 0;

	for (size_t i = 0; i < change->count; i++)
		n += change->plans[i]->count;
	return n;
}

static const char **add_warning(struct arena *arena, const char **list, size_t *count,
	const char *fmt, va_list ap) __attribute__((format(printf, 4, 0)));
static const char **add_warning(
	struct arena *arena, const char **list, size_t *count, const char *fmt, va_list ap)
{
	char text[512];

	vsnprintf(text, sizeof(text), fmt, ap);
	for (size_t i = 0; i < *count; i++)
		if (strcmp(list[i], text) == 0)
			return list;
	list = arena_push(arena, list, count, sizeof(*list));
	list[*count - 1] = arena_strdup(arena, text);
	return list;
}

void change_warn(struct change *change, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	change->warnings =
		add_warning(&change->arena, change->warnings, &change->warning_count, fmt, ap);
	va_end(ap);
}

void plan_warn(struct plan *plan, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	plan->warnings = add_warning(&plan->arena, plan->warnings, &plan->warning_count, fmt, ap);
	va_end(ap);
}

struct step *plan_add(struct plan *plan, enum step_kind kind, const char *object, int32_t vf)
{
	struct step *s;

	plan->steps = arena_push(&plan->arena, plan->steps, &plan->count, sizeof(*plan->steps));
	s = &plan->steps[plan->count - 1];
	*s = (struct step){.kind = kind, .object = object, .vf = vf, .key = step_keys[kind]};
	return s;
}

bool plan_has_step(const struct plan *plan, enum step_kind kind)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->steps[i].kind == kind)
			return true;
	return false;
}

/* Where the VF is, or belongs: they are sorted by index. */
static size_t position(const struct state *state, uint32_t index)
{
	size_t low = 0, high = state->count;

	/* nearly always they come in order */
	if (!high || state->vfs[high - 1]->vf.index < index)
		return high;
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (state->vfs[mid]->vf.index < index)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct vf_state *state_find(const struct state *state, uint32_t index)
{
	size_t at = position(state, index);

	return at < state->count && state->vfs[at]->vf.index == index ? state->vfs[at] : NULL;
}

struct vf_state *state_vf(struct arena *arena, struct state *state, uint32_t index)
{
	size_t at = position(state, index);
	struct vf_state *st;

	if (at < state->count && state->vfs[at]->vf.index == index) {
		state->vfs[at]->touched = true;
		return state->vfs[at];
	}
	st = arena_alloc(arena, sizeof(*st));
	st->touched = true;
	st->vf.index = index;
	st->vf.known = VF_BIT(VF_INDEX);
	state->vfs = arena_push(arena, state->vfs, &state->count, sizeof(*state->vfs));
	memmove(state->vfs + at + 1, state->vfs + at,
		(state->count - 1 - at) * sizeof(*state->vfs));
	state->vfs[at] = st;
	return st;
}

void plan_keep_vf(struct plan *plan, const struct vf *now, enum vf_attr attr)
{
	struct vf_state *st = state_vf(&plan->arena, &plan->before, now->index);
	const struct pf *pf = plan->really ? host_same_pf(plan->really, plan->pf) : NULL;
	struct value v;

	if (pf)
		now = host_vf(plan->really, pf, now->index);
	if (!now || vf_has(&st->vf, attr)) /* one that is still to be made has nothing */
		return;
	v = attr_get(&vf_type, attr, now);
	/* no driver is something to go back to as well, and so is being at home */
	if (!v.known && (attr == VF_DRIVER || attr == VF_DRIVER_OVERRIDE || attr == VF_NETNS ||
				attr == VF_LEASE))
		v = (struct value){.known = true, .type = VALUE_STRING};
	if (v.known)
		attr_set(&vf_type, attr, &st->vf, &v);
}

void plan_keep_pf(struct plan *plan, enum pf_attr attr)
{
	const struct pf *pf = plan->really ? host_same_pf(plan->really, plan->pf) : plan->pf;
	struct value v = attr_get(&pf_type, attr, pf);

	if (v.known && !pf_has(&plan->before.pf, attr))
		attr_set(&pf_type, attr, &plan->before.pf, &v);
}

void plan_want_vf(struct plan *plan, const struct vf *now, enum vf_attr attr, struct value value)
{
	struct vf_state *st = state_vf(&plan->arena, &plan->goal, now->index);

	plan_keep_vf(plan, now, attr);
	attr_set(&vf_type, attr, &st->vf, &value);
}

static const enum vf_attr interface_attrs[] = {VF_IFNAME, VF_MTU, VF_ALTNAMES, VF_UP};
#define INTERFACE_ATTRS (sizeof(interface_attrs) / sizeof(interface_attrs[0]))

/* One that is elsewhere is lost: the in-use check has asked. */
static bool has_interface_here(const struct vf *vf)
{
	return vf_has(vf, VF_IFNAME) && !vf_has(vf, VF_NETNS);
}

void plan_keep_interface(struct plan *plan, const struct vf *now)
{
	for (size_t i = 0; i < INTERFACE_ATTRS && has_interface_here(now); i++)
		plan_keep_vf(plan, now, interface_attrs[i]);
}

void plan_want_interface_again(struct plan *plan, const struct vf *now)
{
	struct vf_state *goal = state_vf(&plan->arena, &plan->goal, now->index);

	plan_keep_interface(plan, now);
	for (size_t i = 0; i < INTERFACE_ATTRS && has_interface_here(now); i++) {
		struct value v = attr_get(&vf_type, interface_attrs[i], now);

		if (v.known && !vf_has(&goal->vf, interface_attrs[i]))
			attr_set(&vf_type, interface_attrs[i], &goal->vf, &v);
	}
}
