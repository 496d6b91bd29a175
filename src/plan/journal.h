/*
 * While a change runs, what each PF had before is on disk. A file that is still there when
 * the lock is free belongs to a change that was cut off.
 */
#ifndef PLAN_JOURNAL_H
#define PLAN_JOURNAL_H

#include "plan/plan.h"

/* On disk (written, synced, renamed) when this returns 0; -1 with *err. */
int journal_write(const struct change *change, const struct plan *plan, struct error *err);
/* A change of several PFs is valid from here on as a whole: what is left of its journals
 * does not count any more. Afterwards each journal can be removed, then this as well. */
void journal_commit(const struct change *change);
void journal_remove(const struct pf *pf);
void journal_forget(const struct change *change);
/* Under the PF's lock: what whoever was killed while writing has left of its files. */
void journal_tidy(const struct pf *pf);
/* The same for changes of several PFs that were complete. */
void journal_tidy_marks(void);
/* 1 and plan->before, plan->interrupted (and as goal the same) set from a journal left
 * behind; 0 there is none; -1 with *err when it cannot be read. *was: the command that
 * was cut off. */
int journal_load(struct plan *plan, const char **was, struct error *err);

/* What was there before, kept for a rollback; the change itself is complete. */
int journal_keep(const struct change *change, const struct plan *plan, struct error *err);
/* 1 and plan->before and goal set from it, as from a journal; 0 there is none; -1 with *err. */
int journal_load_kept(struct plan *plan, const char **was, struct error *err);
void journal_drop_kept(const struct pf *pf);
/* Is anything kept, also of PFs that are not there? False as well for those who may not look. */
bool journal_keeps_any(void);
void journal_drop_all_kept(void);

/* Was a change of this PF cut off, and is nobody at work on it now? Its command, in the
 * arena; NULL when not, or when only root could tell. */
const char *journal_left(struct arena *arena, const struct pf *pf);

#endif
