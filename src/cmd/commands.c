#include "cmd/commands.h"

#include <stddef.h>

const struct command *const commands[] = {
	&cmd_overview,
	&cmd_pf_list,
	&cmd_pf_show,
	&cmd_vf_list,
	&cmd_vf_show,
	&cmd_vf_create,
	&cmd_vf_destroy,
	&cmd_snapshot,
	NULL,
};
