/* What a change is at, for someone who waits for it. */
#ifndef CORE_PROGRESS_H
#define CORE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct progress {
	const char *object; /* "eth0" */
	const char *doing;  /* "creating VFs" */
	size_t done, total; /* how many of how many; total 0: they are not counted */
	bool undoing;
};

/* Whoever is told of it. The strings are valid during the call only; NULL: nothing is under way
 * any more. It may be told as often as one likes, and must not hold a change up. */
struct watcher {
	void (*tell)(struct watcher *w, const struct progress *p);
};

static inline void watcher_tell(struct watcher *w, const struct progress *p)
{
	if (w)
		w->tell(w, p);
}

#endif
