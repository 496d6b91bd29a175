/* policy check | diff | apply | capture | commit | rollback */
#include "cmd/commands.h"

#define FILE_HELP "policy files, directories, - for standard input; none: /etc/sriovctl/policy.d"
#define FILES                                                                                      \
	{                                                                                          \
		"FILE", ARG_PATH, true, true, FILE_HELP                                            \
	}

static const char *const check_examples[] = {
	"sriovctl policy check",
	"sriovctl policy check host.yaml --snapshot captured/",
	NULL,
};

const struct command cmd_policy_check = {
	.object = "policy",
	.name = "check",
	.summary = "say what is wrong with policy files",
	.description =
		"All that is wrong is said, with file, line and column. The files alone are\n"
		"looked at; with --snapshot also whether that host could have it.",
	.examples = check_examples,
	.args = {FILES},
	.service = SERVICE_POLICY_CHECK,
};

static const char *const diff_examples[] = {
	"sriovctl policy diff",
	"sriovctl policy diff --exit-code host.yaml",
	NULL,
};

const struct command cmd_policy_diff = {
	.object = "policy",
	.name = "diff",
	.summary = "show how the host differs from its policy",
	.description =
		"What 'policy apply' would do, and what each step costs: nothing, a reset of the\n"
		"VF, an interruption of the PF, or VFs that are destroyed.",
	.examples = diff_examples,
	.args = {FILES},
	.service = SERVICE_POLICY_DIFF,
};

static const char *const apply_examples[] = {
	"sriovctl policy apply --dry-run",
	"sriovctl policy apply host.yaml --rollback-after 60",
	"sriovctl policy apply --pf ens1f0",
	NULL,
};

const struct command cmd_policy_apply = {
	.object = "policy",
	.name = "apply",
	.summary = "make the host what its policy says",
	.description =
		"Only what differs is changed; a second run changes nothing. All PFs at once,\n"
		"each for itself; what one VF cannot have costs only that. VFs that are in use\n"
		"are not taken from anybody. With --rollback-after S all is put back after S\n"
		"seconds, unless 'policy commit' says that it may stay.",
	.examples = apply_examples,
	.args = {FILES},
	.service = SERVICE_POLICY_APPLY,
};

static const char *const capture_examples[] = {
	"sriovctl policy capture > /etc/sriovctl/policy.d/host.yaml",
	"sriovctl policy capture --from netplan",
	"sriovctl policy capture --from ip /usr/local/sbin/make-vfs",
	NULL,
};

const struct command cmd_policy_capture = {
	.object = "policy",
	.name = "capture",
	.summary = "write what the host has now as a policy",
	.description =
		"Applied here, it changes nothing. With --from what other tools were told is\n"
		"written instead: their usual files, or those named. What is not understood is\n"
		"said.",
	.examples = capture_examples,
	.args = {{"PF", ARG_PF, true, true, "only these PFs; with --from: files"}},
	.service = SERVICE_POLICY_CAPTURE,
};

static const char *const commit_examples[] = {
	"sriovctl policy commit",
	NULL,
};

const struct command cmd_policy_commit = {
	.object = "policy",
	.name = "commit",
	.summary = "let an apply with --rollback-after stay",
	.examples = commit_examples,
	.service = SERVICE_POLICY_COMMIT,
};

static const char *const rollback_examples[] = {
	"sriovctl policy rollback",
	NULL,
};

const struct command cmd_policy_rollback = {
	.object = "policy",
	.name = "rollback",
	.summary = "take an apply with --rollback-after back now",
	.description = "What was there before is put back, whatever was changed since. Refused\n"
		       "while VFs that would go are in use.",
	.examples = rollback_examples,
	.needs = NEED_TO_TAKE | NEED_MSIX | NEED_LEASES | NEED_ADDRESSES,
	.service = SERVICE_POLICY_ROLLBACK,
};
