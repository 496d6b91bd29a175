/* pf list | show */
#include "cmd/commands.h"
#include "core/selector.h"
#include "output/output.h"

static int show_pfs(
	struct host *host, const struct args *args, struct view *view, struct error *err)
{
	if (!args->rest_count) {
		view->records = arena_alloc(&host->arena, (host->pf_count + 1) * sizeof(void *));
		for (size_t i = 0; i < host->pf_count; i++)
			view->records[view->count++] = &host->pfs[i];
		return 0;
	}
	view->records = arena_alloc(&host->arena, args->rest_count * sizeof(void *));
	for (size_t i = 0; i < args->rest_count; i++) {
		const struct pf *pf = select_pf(host, args->rest[i], err);

		if (!pf)
			return -1;
		view->records[view->count++] = pf;
	}
	return 0;
}

static const char *const list_examples[] = {
	"sriovctl pf list",
	"sriovctl pf list --columns pf,num_vfs,total_vfs,device_name",
	"sriovctl --json pf list",
	NULL,
};

const struct command cmd_pf_list = {
	.object = "pf",
	.name = "list",
	.summary = "list the PFs of this host",
	.description = "Everything that has the SR-IOV capability is listed, network card or not.",
	.examples = list_examples,
	.args = {{"PF", ARG_PF, true, true, "only these PFs"}},
	.type = &pf_type,
	.show = show_pfs,
};

static const char *const show_examples[] = {
	"sriovctl pf show ens1f0",
	"sriovctl pf show 0000:21:00.0",
	NULL,
};

const struct command cmd_pf_show = {
	.object = "pf",
	.name = "show",
	.summary = "show all there is to know about a PF",
	.description = "What is not known is left out; --details shows it as '-'.",
	.examples = show_examples,
	.args = {{"PF", ARG_PF, false, true, "interface, alternative name, PCI address, mac:ADDR"}},
	.type = &pf_type,
	.single = true,
	.show = show_pfs,
};
