/* pf list | show | set */
#include "cmd/commands.h"
#include "core/selector.h"
#include "output/output.h"
#include "plan/want.h"

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

static int plan_set(
	struct host *have, const struct args *args, struct change *change, struct error *err)
{
	const struct pf *pf = select_pf(have, args->words[0], err);

	return pf ? want_pf_settings(change, have, pf, args->settings, args->setting_count, err)
		  : -1;
}

static const char *const set_examples[] = {
	"sriovctl pf set ens1f0 mtu 9000 up",
	"sriovctl pf set ens1f0 autoprobe off",
	NULL,
};

const struct command cmd_pf_set = {
	.object = "pf",
	.name = "set",
	.summary = "change settings of a PF",
	.description =
		"Only what differs is written. Taking the PF down is refused while traffic goes\n"
		"over it (default route, SSH session, bridge, bond) or one of its VFs is in\n"
		"use.",
	.examples = set_examples,
	.args = {{"PF", ARG_PF, false, false, "interface, alternative name, PCI address, mac:ADDR"},
		{"KEY VALUE", ARG_SETTINGS, false, true, "what to set, such as mtu 9000"}},
	.type = &pf_type,
	.needs = NEED_VFS | NEED_NETNS,
	.plan = plan_set,
};
