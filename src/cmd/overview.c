/* The overview: what the program shows when no command is given. */
#include "cmd/commands.h"
#include "core/overview.h"
#include "core/selector.h"
#include "output/output.h"

static int show(struct host *host, const struct args *args, struct view *view, struct error *err)
{
	bool *seen = arena_alloc(&host->arena, host->pf_count + 1);

	view->tree = host;
	view->records = arena_alloc(&host->arena, (host->pf_count + 1) * sizeof(void *));
	for (size_t i = 0; i < args->rest_count; i++) {
		const struct pf *pf = select_pf(host, args->rest[i], err);

		if (!pf)
			return -1;
		seen[pf - host->pfs] = true;
	}
	for (size_t i = 0; i < host->pf_count; i++)
		if (seen[i] || !args->rest_count)
			view->records[view->count++] = &host->pfs[i];
	return 0;
}

static const char *const examples[] = {
	"sriovctl",
	"sriovctl overview ens1f0 --details",
	NULL,
};

const struct command cmd_overview = {
	.alias = "overview",
	.summary = "every PF with its VFs, and who uses them",
	.description =
		"This is also what 'sriovctl' alone shows. What is too wide for the terminal is\n"
		"left out. VFs that are alike become one row when there are more than 100, or\n"
		"more than the terminal has rows; --details shows each. The last line is what\n"
		"matters most.",
	.examples = examples,
	.args = {{"PF", ARG_PF, true, true, "only these PFs"}},
	.type = &pf_type,
	.tree_needs = OVERVIEW_NEEDS,
	.show = show,
};
