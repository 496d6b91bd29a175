/* repair */
#include "cmd/commands.h"

static const char *const examples[] = {
	"sriovctl repair --dry-run",
	"sriovctl repair",
	NULL,
};

const struct command cmd_repair = {
	.name = "repair",
	.summary = "put right what was cut off, and what was left behind",
	.description =
		"Changes that were cut off are undone (a detach: finished); VFs that were\n"
		"attached and are back, or whose namespace has gone, get back what they had at\n"
		"home; what is remembered of VFs that do not exist is forgotten. Each PF for\n"
		"itself. Running it again, at boot or from a timer does no harm.",
	.examples = examples,
	.needs = NEED_TO_TAKE | NEED_MSIX | NEED_ADDRESSES | NEED_PROCESSES | NEED_USAGE |
		 NEED_ROUTES | NEED_LEASES,
	.service = SERVICE_REPAIR,
};
