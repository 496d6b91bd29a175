/* vf set | bind | unbind | reset */
#include "cmd/commands.h"
#include "core/selector.h"
#include "plan/want.h"

static int plan_set(
	struct host *have, const struct args *args, struct change *change, struct error *err)
{
	size_t count;
	const struct vf **vfs =
		select_all_vfs(have, &have->arena, args->rest, args->rest_count, &count, err);

	return vfs ? want_vf_settings(change, have, vfs, count, args->settings, args->setting_count,
			     args->force, err)
		   : -1;
}

static int plan_driver(struct host *have, const struct args *args, const char *driver,
	struct change *change, struct error *err)
{
	size_t count;
	const struct vf **vfs =
		select_all_vfs(have, &have->arena, args->rest, args->rest_count, &count, err);

	return vfs ? want_driver(change, have, vfs, count, driver, args->force, err) : -1;
}

static int plan_bind(
	struct host *have, const struct args *args, struct change *change, struct error *err)
{
	return plan_driver(have, args, args->words[1], change, err);
}

static int plan_unbind(
	struct host *have, const struct args *args, struct change *change, struct error *err)
{
	return plan_driver(have, args, NULL, change, err);
}

static int plan_reset(
	struct host *have, const struct args *args, struct change *change, struct error *err)
{
	size_t count;
	const struct vf **vfs =
		select_all_vfs(have, &have->arena, args->rest, args->rest_count, &count, err);

	return vfs ? want_reset(change, have, vfs, count, err) : -1;
}

static const char *const set_examples[] = {
	"sriovctl vf set ens1f0/3 mac auto vlan 100 spoofchk on",
	"sriovctl vf set ens1f0/0-7 ens2f0/all trust off max_tx_rate 2.5gbit",
	"sriovctl vf set ens1f0/3 name storage0 mtu 9000 up",
	"sriovctl vf set ens1f0/3 vlan 0",
	NULL,
};

const struct command cmd_vf_set = {
	.object = "vf",
	.name = "set",
	.summary = "change attributes of VFs",
	.description =
		"Everything is checked for all VFs before the first is touched; only what\n"
		"differs is written; when one write fails, all that were done are undone. A new\n"
		"address reaches the interface of a bound VF only when its driver starts anew:\n"
		"that is done, with its name, MTU and state put back; refused while it is in use.",
	.examples = set_examples,
	.args = {{"VF", ARG_VF, false, true, VF_HELP},
		{"KEY VALUE", ARG_SETTINGS, false, true, "what to set, such as vlan 100"}},
	.type = &vf_type,
	.needs = NEED_VFS | NEED_NETNS,
	.plan = plan_set,
};

static const char *const bind_examples[] = {
	"sriovctl vf bind ens1f0/0-3 vfio-pci",
	"sriovctl vf bind ens1f0/all default",
	"sriovctl --json vf bind 0000:21:10.0 vfio-pci",
	NULL,
};

const struct command cmd_vf_bind = {
	.object = "vf",
	.name = "bind",
	.summary = "give VFs to a driver",
	.description =
		"The driver's module is loaded if need be. For vfio-pci the IOMMU groups are\n"
		"checked, and the node to hand to a VM or DPDK is shown. A VF that its new\n"
		"driver does not take goes back to the one it had. Lasts until the VF goes.\n"
		"Refused while a VF is in use.",
	.examples = bind_examples,
	.args = {{"VF", ARG_VF, false, true, VF_HELP},
		{"DRIVER", ARG_DRIVER, false, false,
			"vfio-pci, another by name, or default: the kernel's choice"}},
	.needs = NEED_TO_TAKE,
	.plan = plan_bind,
};

static const char *const unbind_examples[] = {
	"sriovctl vf unbind ens1f0/3",
	NULL,
};

const struct command cmd_vf_unbind = {
	.object = "vf",
	.name = "unbind",
	.summary = "take VFs from their driver",
	.description = "Refused while a VF is in use.",
	.examples = unbind_examples,
	.args = {{"VF", ARG_VF, false, true, VF_HELP}},
	.needs = NEED_TO_TAKE,
	.plan = plan_unbind,
};

static const char *const reset_examples[] = {
	"sriovctl vf reset ens1f0/3",
	NULL,
};

const struct command cmd_vf_reset = {
	.object = "vf",
	.name = "reset",
	.summary = "reset VFs: the device, and its settings",
	.description =
		"A function-level reset where the device has it, then its attributes as those\n"
		"of a new VF: no address, VLAN or rate, not trusted, state auto, and spoofchk as\n"
		"its driver makes it. Driver and interface name stay. The VF is without its\n"
		"driver meanwhile. Refused while it is in use.",
	.examples = reset_examples,
	.args = {{"VF", ARG_VF, false, true, VF_HELP}},
	.needs = NEED_TO_TAKE,
	.plan = plan_reset,
};
