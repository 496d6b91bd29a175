/* One changer per PF at a time: an flock below the runtime directory. */
#ifndef PLAN_LOCK_H
#define PLAN_LOCK_H

#include "core/pf.h"
#include "core/progress.h"
#include "util/error.h"

/* /run/sriovctl, or $SRIOVCTL_RUNTIME_DIR. */
const char *runtime_dir(void);
/* A file name for the PF below it: its handle with the slash replaced. */
void pf_file_name(const struct pf *pf, char *out, size_t size);
/* Open (make, if need be) a directory of ours below the runtime directory, mode 0700:
 * a descriptor, or -1 with *err. */
int runtime_open(const char *subdir, struct error *err);

/* The same, alone as long as the descriptor is open. -1 where that cannot be had in time. */
int runtime_lock(const char *subdir, int64_t wait_ms);

/* Take the PF's lock, waiting up to wait_ms; the watcher (NULL: none) is told for whom. The
 * descriptor that holds it, or -1 with *err: EXIT_LOCKED names who has it. */
int lock_pf(const struct pf *pf, const char *command, int64_t wait_ms, struct watcher *watcher,
	struct error *err);

/* One who names interfaces at a time, across PFs, for as long as the descriptor is open. It
 * makes nothing worse if that cannot be had within two seconds: -1. */
int lock_naming(void);

/* Let go of it, also for processes that were started meanwhile. */
void lock_release(int lock);

/* Is someone changing the PF right now? */
bool lock_is_held(const struct pf *pf);

#endif
