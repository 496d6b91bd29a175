/* netns attach | detach | list */
#include "cmd/commands.h"
#include "core/lease.h"
#include "core/selector.h"
#include "output/output.h"
#include "plan/want.h"

static int list_lent(
	struct host *host, const struct args *args, struct view *view, struct error *err)
{
	struct lent *list = lent_vfs(host, &view->count);

	(void)args;
	(void)err;
	view->records = arena_alloc(&host->arena, (view->count + 1) * sizeof(void *));
	for (size_t i = 0; i < view->count; i++)
		view->records[i] = &list[i];
	return 0;
}

static const char *const list_examples[] = {
	"sriovctl netns list",
	"sriovctl --json netns list | jq -r '.[] | select(.state != \"attached\") | .vf'",
	NULL,
};

const struct command cmd_netns_list = {
	.object = "netns",
	.name = "list",
	.alias = "show",
	.summary = "list VFs that are in other network namespaces",
	.description =
		"Every VF that is not at home: whether sriovctl attached it or someone else\n"
		"moved it, and those that were attached and are not where they were sent.",
	.examples = list_examples,
	.type = &lent_type,
	.show = list_lent,
};

static int plan_attach(
	struct host *have, const struct args *args, struct change *change, struct error *err)
{
	size_t count;
	const struct vf **vfs =
		select_all_vfs(have, &have->arena, args->rest, args->rest_count, &count, err);

	return vfs ? want_attach(change, have, vfs, count, &args->netns, args->settings,
			     args->setting_count, args->force, err)
		   : -1;
}

static int plan_detach(
	struct host *have, const struct args *args, struct change *change, struct error *err)
{
	size_t count;
	const struct vf **vfs =
		select_all_vfs(have, &have->arena, args->rest, args->rest_count, &count, err);
	const char *owner = args->setting_count ? args->settings[0].value.string : NULL;

	return vfs ? want_detach(change, have, vfs, count, owner, args->force, err) : -1;
}

static const char *const attach_examples[] = {
	"sriovctl netns attach ens1f0/3 blue name net1 vlan 100 address 192.0.2.1/24",
	"sriovctl netns attach ens1f0/0-2 pid:4711 owner web-7 mac auto up",
	"sriovctl netns attach ens1f0/4 /run/netns/vm1 max_tx_rate 2.5gbit",
	NULL,
};

const struct command cmd_netns_attach = {
	.object = "netns",
	.name = "attach",
	.summary = "hand VFs to a network namespace",
	.description =
		"What the VFs are and have at home is kept on disk first. Then the settings\n"
		"that the PF makes, then the move, then address and gateway, which imply up.\n"
		"Several VFs are called net1, net2, ... there, or after the name given; one\n"
		"keeps its name. A VF bound to vfio-pci has no interface to move: its settings\n"
		"are made, and its node is named. All or nothing. Refused while a VF is in use,\n"
		"or attached elsewhere.",
	.examples = attach_examples,
	.args = {{"VF", ARG_VF, false, true, VF_HELP},
		{"NETNS", ARG_NETNS, false, false,
			"name (ip netns), pid:N, or a path such as /proc/N/ns/net"},
		{"KEY VALUE", ARG_SETTINGS, true, true, "what it is to have there"}},
	.type = &vf_type,
	.settable = ATTR_LEND,
	.needs = NEED_VFS | NEED_NETNS | NEED_ADDRESSES,
	.plan = plan_attach,
	.recovers = true,
};

static const char *const detach_examples[] = {
	"sriovctl netns detach ens1f0/3",
	"sriovctl netns detach blue/net1",
	"sriovctl netns detach ens1f0/0-2 owner web-7",
	NULL,
};

const struct command cmd_netns_detach = {
	.object = "netns",
	.name = "detach",
	.summary = "take VFs back from their namespace, as they were",
	.description =
		"They get back name, alternative names, MTU, addresses, VLAN, rates and all\n"
		"else that they had, also when their namespace has gone. Nothing happens to\n"
		"those at home. Refused when it is attached for another owner, or someone moved\n"
		"it on. What cannot be put back costs only itself: run it again.",
	.examples = detach_examples,
	.args = {{"VF", ARG_VF, false, true, VF_HELP ", or NETNS/INTERFACE"},
		{"owner ID", ARG_SETTINGS, true, false, "for whom they were attached"}},
	.type = &vf_type,
	.settable = ATTR_TOKEN,
	.needs = NEED_VFS | NEED_NETNS | NEED_ADDRESSES,
	.plan = plan_detach,
	.alone = true, /* it is not undone, but finished */
	.recovers = true,
};
