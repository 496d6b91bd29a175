/* monitor */
#include "cmd/commands.h"
#include "core/event.h"

static const char *const examples[] = {
	"sriovctl monitor",
	"sriovctl --json monitor ens1f0",
	"sriovctl monitor | grep --line-buffered ' link '",
	NULL,
};

const struct command cmd_monitor = {
	.name = "monitor",
	.summary = "tell what happens to PFs and VFs, as it happens",
	.description =
		"One line for each event, until it is ended with Ctrl-C: VFs created, destroyed;\n"
		"a driver bound, unbound; an interface that is there or not, renamed, moved to\n"
		"another namespace; link; an attribute changed by anyone, with its old and new\n"
		"value; a PF gone, back; reset, health; and resync where some steps in between\n"
		"are not known. With --json one object a line, the first when it is ready. What\n"
		"the kernel does not tell of cannot be seen: sriovctl-monitor(8).",
	.examples = examples,
	.args = {{"PF", ARG_PF, true, true, "only these PFs and their VFs"}},
	.type = &event_type,
	.service = SERVICE_MONITOR,
};
