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
	[STEP_VF_DRIVER] = "driver",
	[STEP_IF_NAME] = "ifname",
	[STEP_IF_MTU] = "mtu",
	[STEP_IF_UP] = "up",
	[STEP_IF_ALTNAME] = "altname",
};

void plan_free(struct plan *plan)
{
	arena_free(&plan->arena);
	memset(plan, 0, sizeof(*plan));
}

void plan_refused(struct plan *plan)
{
	plan->changed = false;
	for (size_t i = 0; i < plan->count; i++)
		plan->steps[i].result = RESULT_SKIPPED;
}

struct step *plan_add(struct plan *plan, enum step_kind kind, const char *object, int32_t vf)
{
	struct step *s;

	plan->steps = arena_push(&plan->arena, plan->steps, &plan->count, sizeof(*plan->steps));
	s = &plan->steps[plan->count - 1];
	*s = (struct step){.kind = kind, .object = object, .vf = vf, .key = step_keys[kind]};
	return s;
}

void plan_warn(struct plan *plan, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	plan->warnings = arena_push(
		&plan->arena, plan->warnings, &plan->warning_count, sizeof(*plan->warnings));
	plan->warnings[plan->warning_count - 1] = arena_strdup(&plan->arena, text);
}
