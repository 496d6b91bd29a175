/* Rates on a terminal, drawn over what was there an interval ago. */
#ifndef OUTPUT_LIVE_H
#define OUTPUT_LIVE_H

#include "output/rates.h"

#define TREND 8 /* intervals in the small bars */

/* What went over a VF lately, bit/s both ways; below 0: not known. */
struct trend {
	const char *handle; /* of its PF: names may change, or change hands */
	uint32_t index;
	double rate[TREND];
};

struct live {
	const struct options *options;
	const struct columns *columns;
	double interval;
	size_t sort;   /* attribute of rate_type */
	bool reversed; /* smallest first */
	bool paused;
	uint64_t empty; /* attributes that are left out since nobody has a value, as last drawn */
	size_t first;   /* the row at the top */
	size_t page;    /* rows that fit, as last drawn */
	char gone[64];  /* a VF that has just gone, as it can be shown, or "" */
	struct arena arena;
	struct trend *trends;
	size_t trend_count;
};

/* Another interval is over: into the trends. */
void live_note(struct live *l, const struct rates *r);
/* A VF that has gone with it; NULL: none. */
void live_note_gone(struct live *l, const char *vf);
/* The screen, for a terminal of that size: r in the order shown. 0, or -1 out of memory. */
int live_draw(struct live *l, struct rates *r, size_t columns, size_t rows, FILE *out);
/* Sort by the next column that is shown, to the right or (by -1) to the left. */
void live_sort_by_next(struct live *l, int step);

#endif
