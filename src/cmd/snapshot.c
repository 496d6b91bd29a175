#include "cmd/commands.h"
#include "kernel/kernel.h"
#include "plan/lock.h"

static int record(const struct kernel *k, const struct args *args, struct error *err)
{
	return snapshot_record(k, args->words[0], runtime_dir(), err);
}

static const char *const examples[] = {
	"sriovctl snapshot /tmp/host1",
	"sriovctl --snapshot /tmp/host1 vf list",
	NULL,
};

const struct command cmd_snapshot = {
	.name = "snapshot",
	.summary = "record this host for --snapshot DIR",
	.description =
		"Writes what sriovctl reads of this host (parts of sysfs, raw netlink answers)\n"
		"below DIR, which must not exist or be empty. It contains hardware and IP\n"
		"addresses, the kernel command line, and the policies of the host.",
	.examples = examples,
	.args = {{"DIR", ARG_DIR, false, false, "directory to make"}},
	.run = record,
};
