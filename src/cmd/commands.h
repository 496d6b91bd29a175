/* Every command there is. */
#ifndef CMD_COMMANDS_H
#define CMD_COMMANDS_H

#include "cli/command.h"

extern const struct command *const commands[]; /* NULL at the end */

extern const struct command cmd_overview;
extern const struct command cmd_pf_list, cmd_pf_show;
extern const struct command cmd_vf_list, cmd_vf_show, cmd_vf_create, cmd_vf_destroy;
extern const struct command cmd_snapshot;

#endif
