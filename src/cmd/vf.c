/* vf list | show | create | destroy */
#include "cmd/commands.h"
#include "core/selector.h"
#include "output/output.h"
#include "plan/want.h"

static void add_vfs_of(struct host *host, const struct pf *pf, struct view *view)
{
	for (size_t i = 0; i < pf->vf_count; i++)
		view->records[view->count++] = &host->vfs[pf->first_vf + i];
}

static int list_vfs(
	struct host *host, const struct args *args, struct view *view, struct error *err)
{
	/* a PF named twice shows its VFs twice: room for that */
	view->records = arena_alloc(
		&host->arena, (args->rest_count + 1) * (host->vf_count + 1) * sizeof(void *));
	for (size_t i = 0; i < args->rest_count; i++) {
		const struct pf *pf = select_pf(host, args->rest[i], err);

		if (!pf)
			return -1;
		add_vfs_of(host, pf, view);
	}
	for (size_t i = 0; !args->rest_count && i < host->pf_count; i++)
		add_vfs_of(host, &host->pfs[i], view);
	return 0;
}

static int show_vfs(
	struct host *host, const struct args *args, struct view *view, struct error *err)
{
	view->records = arena_alloc(
		&host->arena, (args->rest_count + 1) * (host->vf_count + 1) * sizeof(void *));
	for (size_t i = 0; i < args->rest_count; i++) {
		size_t count;
		const struct vf **vfs = select_vfs(host, &host->arena, args->rest[i], &count, err);

		if (!vfs)
			return -1;
		for (size_t j = 0; j < count; j++)
			view->records[view->count++] = vfs[j];
	}
	return 0;
}

static const char *const list_examples[] = {
	"sriovctl vf list",
	"sriovctl vf list ens1f0 --columns vf,bdf,driver,mac,vlan",
	"sriovctl vf list --filter driver=vfio-pci,vlan!= --sort vlan,-vf",
	"sriovctl --json vf list | jq -r '.[] | select(.driver == null) | .vf'",
	NULL,
};

const struct command cmd_vf_list = {
	.object = "vf",
	.name = "list",
	.summary = "list VFs",
	.examples = list_examples,
	.args = {{"PF", ARG_PF, true, true, "only those of these PFs"}},
	.type = &vf_type,
	.show = list_vfs,
};

static const char *const show_examples[] = {
	"sriovctl vf show ens1f0/3",
	"sriovctl vf show 0000:21:10.0",
	NULL,
};

const struct command cmd_vf_show = {
	.object = "vf",
	.name = "show",
	.summary = "show all there is to know about VFs",
	.description = "What is not known is left out; --details shows it as '-'.",
	.examples = show_examples,
	.args = {{"VF", ARG_VF, false, true,
		"PF/3, PF/0-7,9, PF/all, PCI address, interface of the VF"}},
	.type = &vf_type,
	.single = true,
	.show = show_vfs,
};

static int plan_count(struct host *have, const char *name, uint64_t want, struct change *change,
	struct error *err)
{
	const struct pf *pf = select_pf(have, name, err);

	return pf ? want_vf_count(change, have, pf, want, err) : -1;
}

static int plan_create(
	struct host *have, const struct args *args, struct change *change, struct error *err)
{
	return plan_count(have, args->words[0], args->numbers[1], change, err);
}

static int plan_destroy(
	struct host *have, const struct args *args, struct change *change, struct error *err)
{
	return plan_count(have, args->words[0], 0, change, err);
}

#define PF_HELP "interface, alternative name, PCI address, mac:ADDR"

static const char *const create_examples[] = {
	"sriovctl vf create ens1f0 8",
	"sriovctl vf create 0000:21:00.0 8 --dry-run",
	"sriovctl --json vf create ens1f0 8 --no-wait",
	NULL,
};

const struct command cmd_vf_create = {
	.object = "vf",
	.name = "create",
	.summary = "make VFs: N is what the PF has in the end",
	.description =
		"Nothing happens when the PF has N already. The kernel changes a number other\n"
		"than 0 only by removing all VFs first; those below N get back what they had\n"
		"(attributes, driver, interface name, MTU). Refused while a VF is in use, or\n"
		"the PF itself (default route, bond, bridge), since its link may go down.",
	.examples = create_examples,
	.args = {{"PF", ARG_PF, false, false, PF_HELP},
		{"N", ARG_NUMBER, false, false, "how many VFs the PF is to have"}},
	.needs = NEED_TO_TAKE,
	.plan = plan_create,
};

static const char *const destroy_examples[] = {
	"sriovctl vf destroy ens1f0",
	"sriovctl vf destroy ens1f0 --dry-run",
	NULL,
};

const struct command cmd_vf_destroy = {
	.object = "vf",
	.name = "destroy",
	.summary = "remove all VFs of a PF",
	.description = "Nothing happens when it has none. Refused while a VF is in use, or the PF\n"
		       "itself (default route, bond, bridge), since its link may go down.",
	.examples = destroy_examples,
	.args = {{"PF", ARG_PF, false, false, PF_HELP}},
	.needs = NEED_TO_TAKE,
	.plan = plan_destroy,
};
