/* Every command there is. */
#ifndef CMD_COMMANDS_H
#define CMD_COMMANDS_H

#include "cli/command.h"

extern const struct command *const commands[]; /* NULL at the end */

/* What must be known to take VFs from their driver; who uses them is asked later. */
#define NEED_TO_TAKE (NEED_VFS | NEED_PLACE | NEED_NETNS | NEED_BINDING)

extern const struct command cmd_overview;
extern const struct command cmd_pf_list, cmd_pf_show, cmd_pf_set;
extern const struct command cmd_vf_list, cmd_vf_show, cmd_vf_create, cmd_vf_destroy;
extern const struct command cmd_vf_set, cmd_vf_bind, cmd_vf_unbind, cmd_vf_reset;
extern const struct command cmd_netns_list, cmd_netns_attach, cmd_netns_detach;
extern const struct command cmd_doctor;
extern const struct command cmd_stats, cmd_monitor;
extern const struct command cmd_policy_check, cmd_policy_diff, cmd_policy_apply;
extern const struct command cmd_policy_capture, cmd_policy_commit, cmd_policy_rollback;
extern const struct command cmd_repair, cmd_snapshot, cmd_shell, cmd_complete;

extern const struct command *const shell_commands[]; /* those that only a shell has */

#define VF_HELP "PF/3, PF/0-7,9, PF/all, PCI address, interface of the VF"

#endif
