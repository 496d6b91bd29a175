/* complete: what the completions of the shells ask */
#include "cmd/commands.h"

const struct command cmd_complete = {
	.name = "complete",
	.summary = "say what could come next on a command line",
	.description =
		"For the completions of shells. The last WORD is the one at the cursor, up to\n"
		"it; those before it are whole; the program's name is not among them. Prints\n"
		"one word a line, a tab, and what it means; at the end perhaps ':files' or\n"
		"':dirs' (such names do as well) and ':expects', a tab, and what is expected.\n"
		"Words that end in '/', '=' or ',' are to be continued without a blank.",
	.args = {{"WORD", ARG_WORD, true, true, "behind --, so that none is taken for an option"}},
	.service = SERVICE_COMPLETE,
	.hidden = true,
};
