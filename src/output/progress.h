/* The progress of a change, as one line on a terminal that comes and goes. */
#ifndef OUTPUT_PROGRESS_H
#define OUTPUT_PROGRESS_H

#include "core/options.h"
#include "core/progress.h"

#include <signal.h>
#include <stdint.h>

struct progress_line {
	struct watcher watcher; /* the first field: it is passed on as this */
	int fd;                 /* the terminal, without waiting for it; -1: not open */
	bool shown;             /* something may be on the screen */
	bool holds;             /* signals wait until it has gone */
	int64_t since_ms;       /* it has been told of something for so long; -1: it has not */
	int64_t drawn_ms;
	sigset_t signals; /* while they wait: those blocked before */
};

/* The watcher to pass on; NULL when there is no terminal, or nobody wants to see it. */
struct watcher *progress_start(struct progress_line *line, const struct options *o);
/* Before anything else is printed. */
void progress_end(struct progress_line *line);

#endif
