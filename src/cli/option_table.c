#include "cli/option_table.h"

#include "cli/command.h"
#include "core/lease.h"

#define FLAG(s, l, scope, field, text)                                                             \
	{                                                                                          \
		s, l, NULL, false, OPTION_FLAG, scope, offsetof(struct options, field), text       \
	}
#define VALUE(s, l, name, optional, type, scope, field, text)                                      \
	{                                                                                          \
		s, l, name, optional, type, scope, offsetof(struct options, field), text           \
	}

/* clang-format off */
const struct option_row option_rows[] = {
	FLAG("j", "json", SCOPE_ANY, json, "print JSON"),
	FLAG("p", "pretty", SCOPE_ANY, pretty, "print JSON, indented"),
	FLAG("s", "statistics", SCOPE_COUNTED, statistics, "with what the PF counts for each VF"),
	FLAG("d", "details", SCOPE_DETAILS, details,
		"everything known, and what is not; in the overview every VF"),
	FLAG("o", "oneline", SCOPE_LIST, oneline, "one line per record: KEY VALUE KEY VALUE ..."),
	FLAG("br", "brief", SCOPE_LIST, brief, "the few most needed columns, no heading"),
	VALUE(NULL, "columns", "LIST", false, OPTION_COLUMNS, SCOPE_LIST, columns,
		"these columns, by key: a,b,c; +a,b adds to the usual ones; all"),
	VALUE(NULL, "sort", "LIST", false, OPTION_SORT, SCOPE_LIST, sort,
		"in the order of these keys: numbers largest first; -a turns a round"),
	VALUE(NULL, "filter", "LIST", false, OPTION_FILTER, SCOPE_LIST, filter,
		"only those with KEY=VALUE (* is any text), KEY!=VALUE, 'KEY>N', ...; KEY= has "
		"none; commas: all of them"),
	FLAG(NULL, "no-header", SCOPE_SHOW, no_header, "no heading line"),
	VALUE("c", "color", "WHEN", true, OPTION_COLOR, SCOPE_ANY, color,
		"auto, always or never; NO_COLOR is honoured"),
	VALUE(NULL, "snapshot", "DIR", false, OPTION_DIR, SCOPE_ANY, snapshot,
		"read a captured host instead of this one"),
	FLAG(NULL, "prometheus", SCOPE_METRICS, prometheus,
		"print metrics for Prometheus"),
	VALUE(NULL, "output", "FILE", false, OPTION_FILE, SCOPE_METRICS, output,
		"with --prometheus: put them into FILE, whole or not at all"),
	FLAG(NULL, "dry-run", SCOPE_CHANGE, dry_run, "say what would change, change nothing"),
	FLAG(NULL, "diff", SCOPE_CHANGE, diff, "show the change as lines with - and +"),
	VALUE(NULL, "wait", "S", true, OPTION_SECONDS, SCOPE_CHANGE, wait_ms,
		"wait for interfaces to come, S seconds at most (default)"),
	FLAG(NULL, "no-wait", SCOPE_CHANGE, no_wait, "do not wait for them"),
	VALUE(NULL, "timeout", "S", false, OPTION_SECONDS, SCOPE_CHANGE, timeout_ms,
		"give the kernel S seconds for it all (default: 60 and 2 for each VF)"),
	VALUE(NULL, "lock-timeout", "S", false, OPTION_SECONDS, SCOPE_CHANGE, lock_timeout_ms,
		"wait S seconds for another sriovctl on the same PF (default: 30)"),
	VALUE(NULL, "force", "WHAT", true, OPTION_FORCE, SCOPE_CHANGE, force,
		"do it although: in-use (VFs or their PF), duplicate-mac, iommu-group (a "
		"device of the host is in it); without WHAT: all of these"),
	VALUE(NULL, "pf", "PF", false, OPTION_PF, SCOPE_POLICY, pf, "only this PF"),
	VALUE(NULL, "node-labels", "LIST", false, OPTION_TEXT, SCOPE_POLICY, labels,
		"what nodeSelector is held against: KEY=VALUE,KEY=VALUE"),
	FLAG(NULL, "exit-code", SCOPE_DIFF, exit_code, "exit 9 where something differs"),
	VALUE(NULL, "rollback-after", "S", false, OPTION_SECONDS, SCOPE_APPLY, rollback_ms,
		"put it all back after S seconds, unless 'policy commit' comes before"),
	VALUE(NULL, "from", "FORMAT", false, OPTION_TEXT, SCOPE_CAPTURE, from,
		"out of files of: networkd, netplan, networkmanager, or ip (a shell script)"),
	VALUE(NULL, "check", "LIST", false, OPTION_TOPIC, SCOPE_DOCTOR, checks,
		"only these checks: a,b,c"),
	VALUE(NULL, "baseline", "DIR", false, OPTION_DIR, SCOPE_DOCTOR, baseline,
		"what differs from a captured host"),
	FLAG(NULL, "strict", SCOPE_DOCTOR, strict, "exit 8 where there are warnings alone"),
	VALUE("b", "batch", "FILE", false, OPTION_FILE, SCOPE_BATCH, batch,
		"run the commands in FILE, one a line; -: those on standard input"),
	FLAG(NULL, "keep-going", SCOPE_BATCH, keep_going,
		"of a batch: go on after a command that failed"),
	FLAG(NULL, "atomic", SCOPE_BATCH, atomic, "of a batch: all of its changes as one, or none"),
	FLAG("q", "quiet", SCOPE_ANY, quiet, "no report of what was done, no warnings"),
	FLAG("v", "verbose", SCOPE_ANY, verbose, "also say what did not need doing"),
	FLAG("V", "version", SCOPE_ANY, version, "print the version"),
	FLAG("h", "help", SCOPE_ANY, help, "explain the command"),
};
/* clang-format on */

const size_t option_row_count = sizeof(option_rows) / sizeof(option_rows[0]);

bool option_applies(const struct option_row *row, const struct command *c)
{
	switch (row->scope) {
	case SCOPE_ANY:
		return true;
	case SCOPE_SHOW:
		return !c || c->show;
	case SCOPE_LIST:
		return !c || (c->show && !c->tree_needs);
	case SCOPE_COUNTED:
		return !c ||
		       (c->show && !c->tree_needs && (c->type == &vf_type || c->type == &pf_type));
	case SCOPE_METRICS:
		return !c || c->service == SERVICE_STATS || c->service == SERVICE_POLICY_DIFF;
	case SCOPE_CHANGE:
		return !c || command_changes(c) || c->service == SERVICE_SHELL;
	case SCOPE_POLICY:
		return !c || command_reads_policies(c);
	case SCOPE_DIFF:
		return !c || c->service == SERVICE_POLICY_DIFF;
	case SCOPE_APPLY:
		return !c || c->service == SERVICE_POLICY_APPLY;
	case SCOPE_CAPTURE:
		return !c || c->service == SERVICE_POLICY_CAPTURE;
	case SCOPE_DETAILS:
		return !c || c->show || c->service == SERVICE_DOCTOR;
	case SCOPE_DOCTOR:
		return !c || c->service == SERVICE_DOCTOR;
	case SCOPE_BATCH:
		return !c;
	}
	return false;
}
