#include "cmd/commands.h"
#include "output/output.h"

static int show(struct host *host, const struct args *args, struct view *view, struct error *err)
{
	(void)args;
	(void)err;
	view->tree = host;
	return 0;
}

const struct command cmd_overview = {
	.summary = "every PF with its VFs",
	.type = &pf_type,
	.needs = NEED_VFS | NEED_NETNS,
	.show = show,
};
