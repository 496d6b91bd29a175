/* stats */
#include "core/stats.h"

#include "cmd/commands.h"
#include "output/output.h"

static int show_stats(
	struct host *host, const struct args *args, struct view *view, struct error *err)
{
	struct choice choice;
	struct vf_stats *stats;

	if (stats_choose(host, args->rest, args->rest_count, &host->arena, &choice, err) < 0)
		return -1;
	stats = stats_gather(host, &choice, &view->count);
	view->records = arena_alloc(&host->arena, (view->count + 1) * sizeof(void *));
	for (size_t i = 0; i < view->count; i++)
		view->records[i] = &stats[i];
	return 0;
}

static const char *const examples[] = {
	"sriovctl stats",
	"sriovctl stats ens1f0 interval 1",
	"sriovctl stats ens1f0/0-7 interval 5 count 12",
	"sriovctl --json stats ens1f0 interval 1 | jq -c '.vfs[] | [.vf, .rx_drop_pps]'",
	NULL,
};

const struct command cmd_stats = {
	.name = "stats",
	.summary = "what VFs receive, send, drop",
	.description =
		"What the PF counts for each VF, what the VF's own interface counts (also in\n"
		"another network namespace), and its interrupts. '-', in JSON null: nobody\n"
		"counts that. With an interval, rates: in a terminal a live table, else a block\n"
		"for each interval.",
	.examples = examples,
	.args = {{"SELECTOR", ARG_PF_OR_VF, true, true,
			 "VFs as 'vf show' takes them, or PFs for all of their VFs"},
		{"interval S [count N]", ARG_SETTINGS, true, false, "how often to look"}},
	.type = &stat_type,
	.watched = &rate_type,
	.takes = &pace_type,
	.show = show_stats,
	.service = SERVICE_STATS,
};
