/* Rates of VFs, one interval after the other. */
#ifndef OUTPUT_RATES_H
#define OUTPUT_RATES_H

#include "core/stats.h"
#include "output/output.h"

#include <time.h>

/* What happened in one interval. */
struct rates {
	struct timespec time; /* of its end, since 1970 */
	double seconds;       /* how long it was */
	struct vf_rates *list;
	size_t count;
	size_t all; /* with those that are left out, behind the others */
};

/* A block of text: when, and a table; one line per VF with --oneline. 0, or -1 with *err. */
int output_rates(const struct rates *r, const struct columns *columns, const struct options *o,
	FILE *out, struct error *err);
/* One object in one line. 0, or -1 with *err. */
int output_rates_json(const struct rates *r, const struct columns *columns, const struct options *o,
	FILE *out, struct error *err);

#endif
