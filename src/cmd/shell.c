/* shell, and what only a shell has */
#include "cmd/commands.h"

static const char *const shell_examples[] = {
	"sriovctl shell",
	"sriovctl --snapshot /tmp/host1 shell",
	NULL,
};

const struct command cmd_shell = {
	.name = "shell",
	.summary = "type commands one after the other",
	.description =
		"Every command without the word sriovctl, with history, editing and completion:\n"
		"the tabulator key completes, ? says what can come next. 'use PF' makes a PF\n"
		"the one that is meant: then 'vf list' lists its VFs and 3 is its VF 3. Ctrl-C\n"
		"drops the line, Ctrl-D or 'exit' leaves with the exit status of the last\n"
		"command, which the prompt shows when it is not 0. When standard input is no\n"
		"terminal, it is run as a batch.",
	.examples = shell_examples,
	.service = SERVICE_SHELL,
};

static const char *const use_examples[] = {"use ens1f0", "use", NULL};

static const struct command cmd_use = {
	.name = "use",
	.summary = "name the PF that is meant where none is; none: no longer",
	.description =
		"Then 'vf create 4' makes 4 VFs of it, 'vf set 0-2 vlan 5' sets those of its\n"
		"VFs 0 to 2, 'vf list' lists its VFs. Others can still be named.",
	.examples = use_examples,
	.args = {{"PF", ARG_PF, true, false, "interface, alternative name, PCI address, mac:ADDR"}},
	.service = SERVICE_USE,
};

static const char *const status_examples[] = {"status", NULL};

static const struct command cmd_status = {
	.name = "status",
	.summary = "the exit status of the last command, and what it means",
	.examples = status_examples,
	.service = SERVICE_STATUS,
};

static const char *const exit_examples[] = {"exit", NULL};

static const struct command cmd_exit = {
	.name = "exit",
	.alias = "quit",
	.summary = "leave, with the exit status of the last command",
	.examples = exit_examples,
	.service = SERVICE_EXIT,
};

const struct command *const shell_commands[] = {&cmd_use, &cmd_status, &cmd_exit, NULL};
