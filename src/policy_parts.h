/* What policy.c and policy_files.c share; nobody else includes it. */
#ifndef POLICY_PARTS_H
#define POLICY_PARTS_H

#include "declared.h"

#include "core/options.h"
#include "output/exposition.h"
#include "policy/policy.h"

/* Read the files, directories of files, or "-"; without any, those of this host
 * ($SRIOVCTL_POLICY_DIR, else /etc/sriovctl/policy.d). 0, or -1 with *err. */
int policy_read(struct policy *policy, char *const *names, size_t count, struct error *err);

/* One text, "-" for standard input, into the arena. 0, or -1 with *err. */
int policy_read_file(
	struct arena *arena, const char *name, struct source *source, struct error *err);

/* How the host differs from its policy, as metrics: into o->output, or `out`. */
int policy_write_drift(const struct host *host, const struct drift *drifts, size_t count,
	size_t errors, FILE *out, const struct options *o, struct error *err);
/* The same for a change that was planned, and in one line on stderr that it does. */
int policy_report_drift(const struct change *change, const struct host *host,
	const struct declared *d, FILE *out, const struct options *o, struct error *err);

#endif
