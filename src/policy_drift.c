/* `policy diff --prometheus`: does the host still match, for monitoring. */
#include "policy_parts.h"

#include "util/outfile.h"
#include "util/str.h"

#include <string.h>

int policy_write_drift(const struct host *host, const struct drift *drifts, size_t count,
	size_t errors, FILE *out, const struct options *o, struct error *err)
{
	struct outfile file;

	if (!o->output) {
		exposition_drift(host, drifts, count, errors, out);
		return 0;
	}
	if (outfile_open(&file, o->output, err) < 0)
		return -1;
	exposition_drift(host, drifts, count, errors, file.f);
	return outfile_commit(&file, err);
}

/* Not what is only put back, or a means. */
static bool is_difference(const struct step *s)
{
	return !s->internal && !s->put_back && !value_equal(&s->old, &s->new);
}

/* Two steps of one setting, as a number of VFs that goes by way of 0, are one. */
static bool was_counted(const struct plan *plan, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (is_difference(&plan->steps[i]) && plan->steps[i].vf == plan->steps[at].vf &&
			strcmp(plan->steps[i].key, plan->steps[at].key) == 0)
			return true;
	return false;
}

#define NAMED 4 /* as many are called by name */

/* "eth0/3 vlan, eth0/3 mac and 5 more" */
static size_t name_differences(const struct plan *plan, size_t named, char *text, size_t size)
{
	size_t count = 0, len = strlen(text);

	for (size_t i = 0; i < plan->count; i++) {
		const struct step *s = &plan->steps[i];

		if (!is_difference(s) || (s->kind == STEP_NUM_VFS && was_counted(plan, i)))
			continue;
		if (named + count < NAMED && len < size)
			len += (size_t)snprintf(text + len, size - len, "%s%s %s", len ? ", " : "",
				s->object, s->key);
		count++;
	}
	return count;
}

int policy_report_drift(const struct change *change, const struct host *host,
	const struct declared *d, FILE *out, const struct options *o, struct error *err)
{
	struct arena arena = {0};
	struct drift *drifts = arena_alloc(&arena, (change->count + 1) * sizeof(*drifts));
	char text[1024] = "", safe[2048];
	size_t all = 0;
	int rc;

	for (size_t i = 0; i < change->count; i++) {
		drifts[i].pf = change->plans[i]->pf;
		drifts[i].differences = name_differences(change->plans[i], all, text, sizeof(text));
		all += drifts[i].differences;
	}
	str_printable(safe, sizeof(safe), text);
	if (all > NAMED)
		fprintf(stderr, "sriovctl: the host differs from its policy: %s and %zu more\n",
			safe, all - NAMED);
	else if (all)
		fprintf(stderr, "sriovctl: the host differs from its policy: %s\n", safe);
	rc = policy_write_drift(host, drifts, change->count, d->problems.errors, out, o, err);
	arena_free(&arena);
	return rc;
}
