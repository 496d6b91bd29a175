/* What stats.c and live.c share; nobody else includes it. */
#ifndef STATS_PARTS_H
#define STATS_PARTS_H

#include "run_parts.h"

#include "cli/terminal.h"
#include "core/choose.h"
#include "core/stats.h"
#include "output/rates.h"
#include "util/clock.h"

#include <time.h>

/* One look at the counters. */
struct look {
	struct host host;
	struct vf_stats *stats; /* in the host's arena */
	size_t count;
	struct timespec at; /* monotonic, when the first question was asked */
	struct timespec date;
};

/* Looking again and again. */
struct watch {
	struct session *s;
	const struct command_line *line;
	struct columns columns;
	struct choosing choosing;
	unsigned needs;
	struct pace pace;
	struct choice choice;
	struct arena arena;
	struct look looks[3];
	/* which of them is the last one, the one before, and the one that rates were told of last:
	 * a table that is held shows them still */
	unsigned last, before, shown;
	struct strings warnings; /* each once, however often it comes */
	size_t warned;           /* of them, on stderr */
	bool truncated;          /* a list came short, some time */
};

/* Look anew; the first time find out which VFs are meant. 0, or -1 with *err. */
int watch_look(struct watch *w, bool first, struct error *err);
/* Rates of the time between the two last looks, in the arena of the newer, which stays until
 * the next call; those that the options leave out are behind the others. */
void watch_rate(struct watch *w, struct rates *r);
/* A VF that was there before, and is not any more; NULL: none. Valid until the next look. */
const char *watch_gone(const struct watch *w);
/* The next moment (monotonic ms) of a regular beat; those that were missed are left out. */
int64_t watch_next_beat(int64_t beat, const struct pace *pace);
/* On a terminal, until someone ends it. 0, or -1 with *err. */
int watch_live(struct watch *w, struct terminal *t, struct error *err);

#endif
