/* `doctor`: look at the host, and say what is wrong with it. */
#include "run_parts.h"

#include "core/selector.h"
#include "doctor/doctor.h"
#include "kernel/facts.h"
#include "output/doctor.h"

#include <string.h>

struct doctor_run {
	struct session *s;
	const struct command_line *line;
	struct host host;
	struct facts facts;
	struct arena arena;
	struct examination x;
};

/* Those that are named, each once, else all. */
static int choose_pfs(struct doctor_run *r, struct error *err)
{
	const struct args *args = &r->line->args;
	const struct host *host = &r->host;
	bool *meant = arena_alloc(&r->arena, host->pf_count + 1);
	const struct pf **pfs = arena_alloc(&r->arena, (host->pf_count + 1) * sizeof(*pfs));

	for (size_t i = 0; i < args->rest_count; i++) {
		const struct pf *pf = select_pf(host, args->rest[i], err);

		if (!pf)
			return -1;
		meant[pf - host->pfs] = true;
	}
	for (size_t i = 0; i < host->pf_count; i++)
		if (meant[i] || !args->rest_count)
			pfs[r->x.pf_count++] = &host->pfs[i];
	r->x.pfs = pfs;
	r->x.whole_host = !args->rest_count;
	return 0;
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
	facts_read(k, &r->host, &r->facts);
	r->x.host = &r->host;
	r->x.facts = &r->facts;
	examine(&r->x, chosen);
	if (!k->snapshot)
		run_warn_of_interrupted(&r->host);
	if (output_doctor(&r->x, o, r->s->out) < 0)
		return error_nomem(err);
	if (!o->json) {
		session_flush(r->s);
		run_print_warnings(r->host.warnings, r->host.warning_count, o);
	}
	return verdict(r, err);
}

int run_doctor(struct session *s, const struct command_line *line, struct error *err)
{
	struct doctor_run r = {.s = s, .line = line};
	int rc = doctor(&r, err);

	examination_free(&r.x);
	facts_free(&r.facts);
	host_free(&r.host);
	arena_free(&r.arena);
	return rc;
}
