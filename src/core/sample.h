/* What two looks at the interrupts of VFs, a moment apart, tell of that moment. */
#ifndef CORE_SAMPLE_H
#define CORE_SAMPLE_H

#include "core/stats.h"

struct vf_sample {
	bool known;            /* false: it was not there both times, or began to count anew */
	double interrupts;     /* a second, all vectors together */
	const double *vectors; /* of each, in the order of vf->interrupts */
	bool packets_known;
	double packets; /* a second, received and sent; whoever has counted more of them */
};

/* What a look must ask for. */
#define SAMPLE_NEEDS (NEED_VFS | NEED_STATS | NEED_INTERRUPTS | NEED_INSTANCE)

/* Of each VF of `host` (whose interrupts are known) from two looks at it, into the arena; NULL
 * when it is not known how far apart they are. */
const struct vf_sample *sample_vfs(
	const struct host *host, struct host *before, struct host *now, struct arena *arena);

#endif
