/* `stats --prometheus`: metrics, printed or put into a file. */
#include "run_parts.h"

#include "output/exposition.h"
#include "util/outfile.h"

#include <string.h>

/* It is one text, of one moment. */
static int check(const struct command_line *line, struct error *err)
{
	const struct options *o = &line->options;
	const struct {
		bool given;
		const char *what;
	} others[] = {
		{o->json, "--json"},
		{o->columns, "--columns"},
		{o->sort, "--sort"},
		{o->filter, "--filter"},
		{o->oneline, "--oneline"},
		{o->brief, "--brief"},
		{o->details, "--details"},
		{o->no_header, "--no-header"},
		{line->args.setting_count, "an interval"},
	};

	if (!o->prometheus) {
		error_set(err, EXIT_USAGE, "--output goes with --prometheus alone");
		return error_hint(err, "for other formats let the shell write the file: > FILE");
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].given)
			return error_set(err, EXIT_USAGE, "--prometheus does not go with %s",
				others[i].what);
	return 0;
}

static unsigned needs(void)
{
	unsigned all = EXPOSITION_NEEDS;

	for (size_t i = 0; i < stat_type.count; i++)
		all |= stat_type.attrs[i].need;
	return all & ~(unsigned)NEED_IRQ_CPUS; /* no number says where they go */
}

/* The PFs whose VFs were chosen, in the order of the host. */
static void choose_pfs(struct exposition *e, struct host *host, const struct choice *choice)
{
	const struct pf **pfs = arena_alloc(&host->arena, (host->pf_count + 1) * sizeof(*pfs));

	e->pfs = pfs;
	for (size_t p = 0; p < host->pf_count; p++) {
		bool chosen = choice->all;

		for (size_t i = 0; i < choice->count; i++)
			chosen |= strcmp(choice->items[i].pf, host->pfs[p].handle) == 0;
		if (chosen)
			pfs[e->pf_count++] = &host->pfs[p];
	}
}

static int gather(struct exposition *e, struct host *host, const struct command_line *line,
	bool is_snapshot, struct error *err)
{
	const struct args *args = &line->args;
	struct choice choice;
	struct tally *tallies = NULL;

	if (stats_choose(host, args->rest, args->rest_count, &host->arena, &choice, err) < 0) {
		if (err->code == EXIT_NOT_FOUND)
			(void)meant_setting(line->command, args, err);
		return -1;
	}
	e->host = host;
	e->version = VERSION;
	choose_pfs(e, host, &choice);
	e->stats = stats_gather(host, &choice, &e->stat_count);
	if (!is_snapshot)
		e->tallies_known = tally_read(&host->arena, &tallies, &e->tally_count);
	e->tallies = tallies;
	return 0;
}

static int put_into_file(const struct exposition *e, const char *name, struct error *err)
{
	struct outfile file;

	if (outfile_open(&file, name, err) < 0)
		return -1;
	exposition_write(e, file.f);
	return outfile_commit(&file, err);
}

int run_metrics(struct session *s, const struct command_line *line, struct error *err)
{
	const struct options *o = &line->options;
	struct exposition e = {0};
	struct host *host;
	int rc;

	if (check(line, err) < 0)
		return -1;
	host = session_look(s, needs(), err);
	if (!host)
		return -1;
	rc = gather(&e, host, line, s->kernel.snapshot, err);
	if (rc == 0 && o->output)
		rc = put_into_file(&e, o->output, err);
	else if (rc == 0)
		exposition_write(&e, s->out);
	if (!s->kernel.snapshot)
		run_warn_of_interrupted(host);
	if (host->warning_count)
		session_flush(s);
	run_print_warnings(host->warnings, host->warning_count, o);
	if (rc < 0 || !host_truncated(host))
		return rc;
	session_flush(s);
	error_set(err, EXIT_KERNEL, LIST_INCOMPLETE);
	return error_hint(err, "sriovctl_scrape_incomplete says so, too");
}
