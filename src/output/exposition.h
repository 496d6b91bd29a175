/* Counters and states as text for Prometheus (its exposition format, version 0.0.4). */
#ifndef OUTPUT_EXPOSITION_H
#define OUTPUT_EXPOSITION_H

#include "core/overview.h"
#include "core/stats.h"
#include "plan/tally.h"

#include <stdio.h>

/* What must be known of the host, besides what stat_type needs. */
#define EXPOSITION_NEEDS (OVERVIEW_NEEDS | NEED_IDS | NEED_PF_PLACE | NEED_FIRMWARE)

struct exposition {
	const struct host *host;
	const struct pf *const *pfs; /* those to be told of, each once */
	size_t pf_count;
	const struct vf_stats *stats; /* of VFs of these PFs, each once */
	size_t stat_count;
	const struct tally *tallies; /* of any PFs */
	size_t tally_count;
	bool tallies_known; /* if so, a PF without one has counts of 0 */
	const char *version;
};

/* How a PF differs from its policy. */
struct drift {
	const struct pf *pf;
	size_t differences; /* settings that are not what it says */
};
/* errors: what is wrong with the policy, or cannot be had. With host NULL that alone. */
void exposition_drift(const struct host *host, const struct drift *drifts, size_t count,
	size_t errors, FILE *out);

/* What is not known gives no sample, and a metric without samples is left out. Look for errors
 * of the stream afterwards. */
void exposition_write(const struct exposition *e, FILE *out);

#endif
