#include "cmd/commands.h"

#include <stddef.h>

const struct command *const commands[] = {
	&cmd_overview,
	&cmd_pf_list,
	&cmd_pf_show,
	&cmd_pf_set,
	&cmd_vf_list,
	&cmd_vf_show,
	&cmd_vf_create,
	&cmd_vf_destroy,
	&cmd_vf_set,
	&cmd_vf_bind,
	&cmd_vf_unbind,
	&cmd_vf_reset,
	&cmd_netns_list,
	&cmd_netns_attach,
	&cmd_netns_detach,
	&cmd_policy_check,
	&cmd_policy_diff,
	&cmd_policy_apply,
	&cmd_policy_capture,
	&cmd_policy_commit,
	&cmd_policy_rollback,
	&cmd_stats,
	&cmd_monitor,
	&cmd_repair,
	&cmd_snapshot,
	&cmd_shell,
	&cmd_complete,
	NULL,
};
