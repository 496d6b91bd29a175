/* `doctor`: look at the host, and say what is wrong with it. */
#include "run_parts.h"

#include "policy_parts.h"

#include "core/selector.h"
#include "doctor/doctor.h"
#include "kernel/facts.h"
#include "output/doctor.h"
#include "util/clock.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

struct doctor_run {
	struct session *s;
	const struct command_line *line;
	struct host host;
	struct facts facts;
	struct arena arena;
	struct policy *policy;
	struct problems problems; /* of its files, then of what it wants of this host */
	struct intent intent;
	struct kernel before; /* the baseline */
	bool has_before;
	struct host before_host;
	struct facts before_facts;
	struct examination x;
};

/* Those that are named, each once, else all. What has no SR-IOV is not refused, but looked at. */
static int choose_pfs(struct doctor_run *r, struct error *err)
{
	const struct args *args = &r->line->args;
	const struct host *host = &r->host;
	bool *meant = arena_alloc(&r->arena, host->pf_count + 1);
	const struct pf **pfs = arena_alloc(&r->arena, (host->pf_count + 1) * sizeof(*pfs));
	const char **others = arena_alloc(&r->arena, (args->rest_count + 1) * sizeof(*others));

	r->x.others = others;
	for (size_t i = 0; i < args->rest_count; i++) {
		const struct pf *pf = select_pf(host, args->rest[i], err);

		if (pf)
			meant[pf - host->pfs] = true;
		else if (err->code == EXIT_UNSUPPORTED)
			others[r->x.other_count++] = args->rest[i];
		else
			return -1;
	}
	for (size_t i = 0; i < host->pf_count; i++)
		if (meant[i] || !args->rest_count)
			pfs[r->x.pf_count++] = &host->pfs[i];
	r->x.pfs = pfs;
	r->x.whole_host = !args->rest_count;
	memset(err, 0, sizeof(*err));
	return 0;
}

#define POLICY_IN_SNAPSHOT "etc/sriovctl/policy.d"

/* Those of this host, or of the captured one. That there are none is nothing to speak of. */
static bool read_policies(struct doctor_run *r, struct error *err)
{
	const struct kernel *k = &r->s->kernel;
	char *names[] = {NULL};

	if (k->snapshot) {
		names[0] = arena_printf(
			&r->arena, "%s/" POLICY_IN_SNAPSHOT, r->line->options.snapshot);
		if (faccessat(k->root, POLICY_IN_SNAPSHOT, F_OK, 0) < 0)
			return false;
	}
	if (policy_read(r->policy, names, k->snapshot, err) == 0)
		return true;
	if (err->code != EXIT_NOT_FOUND)
		r->x.policy_error = arena_printf(
			&r->arena, "%s%s%s", err->message, err->kernel[0] ? ": " : "", err->kernel);
	memset(err, 0, sizeof(*err));
	return false;
}

/* Whatever is wrong with the policy is a finding, not an error of ours. */
static void look_at_policy(struct doctor_run *r, struct error *err)
{
	r->problems.arena = &r->arena;
	r->policy = policy_new(&r->problems);
	if (!read_policies(r, err))
		return;
	policy_check(r->policy);
	problems_sort(&r->problems);
	policy_resolve(r->policy, &r->host, &r->arena, &r->intent, &r->problems);
	r->x.intent = &r->intent;
	r->x.policy_problems = &r->problems;
}

/* The host that this one is to be like. */
static int look_at_baseline(struct doctor_run *r, struct error *err)
{
	const char *dir = r->line->options.baseline;

	if (!dir)
		return 0;
	if (kernel_open(&r->before, dir, err) < 0)
		return -1;
	r->has_before = true;
	if (run_look_at(&r->before, DOCTOR_NEEDS, &r->before_host, err) < 0)
		return -1;
	facts_read(&r->before, &r->before_host, &r->before_facts);
	r->x.baseline = &r->before_host;
	r->x.baseline_facts = &r->before_facts;
	return 0;
}

static bool counts_interrupts(const struct vf *vf)
{
	return vf->interrupts && vf->interrupts->count;
}

/* Is any check to judge by rates, of any VF? */
static bool needs_rates(const struct doctor_run *r, const struct check *const *chosen)
{
	bool wanted = false;

	for (size_t i = 0; chosen[i]; i++)
		wanted |= chosen[i]->by_rates;
	for (size_t p = 0; wanted && p < r->x.pf_count; p++)
		for (size_t i = 0; i < r->x.pfs[p]->vf_count; i++)
			if (counts_interrupts(&r->host.vfs[r->x.pfs[p]->first_vf + i]))
				return true;
	return false;
}

static void wait_until(int64_t moment)
{
	while (clock_left(moment))
		poll(NULL, 0, clock_left(moment));
}

/* Two looks, near each other, at what counts on. Without them there are no rates, but all else. */
static void sample(struct doctor_run *r, const struct kernel *k)
{
	struct host before = {0}, now = {0};
	struct kernel later = *k;
	struct error err = {0};

	r->x.unsampled = k->snapshot ? "the snapshot has no second look at the interrupts"
				     : "the host could not be looked at twice";
	later.later = k->snapshot;
	if (discover(k, SAMPLE_NEEDS, &before, &err) == 0) {
		if (!k->snapshot)
			wait_until(before.counted_ms + RATE_MS);
		if (discover(&later, SAMPLE_NEEDS, &now, &err) == 0)
			r->x.samples = sample_vfs(&r->host, &before, &now, &r->arena);
	}
	host_free(&before);
	host_free(&now);
}

/* The exit code is all that stderr would say again. */
static int verdict(const struct doctor_run *r, struct error *err)
{
	const size_t *counts = r->x.counts;

	if (counts[SEVERITY_PROBLEM])
		error_set(err, EXIT_KERNEL, "%zu %s", counts[SEVERITY_PROBLEM],
			counts[SEVERITY_PROBLEM] == 1 ? "problem" : "problems");
	else if (counts[SEVERITY_WARNING] && r->line->options.strict)
		error_set(err, EXIT_PARTLY, "%zu %s", counts[SEVERITY_WARNING],
			counts[SEVERITY_WARNING] == 1 ? "warning" : "warnings");
	else
		return 0;
	err->told = err->reported = true;
	return -1;
}

static int doctor(struct doctor_run *r, struct error *err)
{
	const struct options *o = &r->line->options;
	const struct check **chosen = checks_choose(o->checks, &r->arena, err);
	const struct kernel *k = chosen ? session_kernel(r->s, o, err) : NULL;

	if (!k || run_look_at(k, DOCTOR_NEEDS, &r->host, err) < 0 || choose_pfs(r, err) < 0)
		return -1;
	if (look_at_baseline(r, err) < 0)
		return -1;
	look_at_policy(r, err);
	facts_read(k, &r->host, &r->facts);
	r->x.host = &r->host;
	r->x.facts = &r->facts;
	r->x.by_name = o->checks != NULL;
	if (needs_rates(r, chosen))
		sample(r, k);
	examine(&r->x, chosen);
	if (!k->snapshot)
		run_warn_of_interrupted(&r->host);
	if (output_doctor(&r->x, o, r->s->out) < 0)
		return error_nomem(err);
	if (!o->json) {
		session_flush(r->s);
		run_print_warnings(r->host.warnings, r->host.warning_count, o);
	}
	return run_flush(r->s->out, err) < 0 ? -1 : verdict(r, err);
}

int run_doctor(struct session *s, const struct command_line *line, struct error *err)
{
	struct doctor_run r = {.s = s, .line = line};
	int rc = doctor(&r, err);

	examination_free(&r.x);
	policy_free(r.policy);
	facts_free(&r.before_facts);
	host_free(&r.before_host);
	if (r.has_before)
		kernel_close(&r.before);
	facts_free(&r.facts);
	host_free(&r.host);
	arena_free(&r.arena);
	return rc;
}
