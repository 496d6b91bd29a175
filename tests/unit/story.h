/* One model, one change of it after the other, and what happened so far, to be told when
 * something goes wrong. */
#ifndef STORY_H
#define STORY_H

#include "model.h"

extern struct model model;
extern struct change change, change_again; /* the one planned, and one behind it */

/* A model of its own for each story; afterwards nothing of it is left. */
void story_begin(const char *driver, uint32_t vfs);
void story_end(void);
/* Of each test, and (for journals) of the group. */
int story_teardown(void **state);
int story_group_setup(void **state);
int story_group_teardown(void **state);

void tell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void tell_steps(const struct change *c);
/* The lines of two texts that differ. */
void tell_difference(const char *before, const char *after);
/* The test fails: tell it all. */
void fail_story(const char *what);

/* A command line ("vf set eth0/0 vlan 5"), planned for the model as it is. Here and below it
 * may be several, separated by "; ": one change then. */
void plan_words(struct change *into, const char *text);
/* The same, carried out. */
void do_words(const char *text);
/* The first `steps` steps of all plans of `change`; true when that was all of them. */
bool apply_some(size_t steps);
/* Bring all its PFs back to what was before. */
void undo(void);
/* `change` is cut off behind so many steps; the journals it leaves are loaded into
 * change_again, in which the next command is to be planned. */
void cut_off(size_t steps);
/* change_again is carried out, and is `change` from now on. */
void go_on(void);

/*
 * A command line as run.c takes it: journals and leases are on disk, and taken over. False
 * when it is refused, or fails; then all is undone, as far as it can be. `dies`: it is cut
 * off behind so many steps, and its journals stay; -1, or more than there are: never.
 */
bool run_words(const char *text, unsigned force, int dies);
/* The same in two parts: what is planned is in `change`, and may be carried out. */
bool prepare_words(const char *text, unsigned force);
bool carry_out(int dies);
/* `repair`; false when something could not be put right. */
bool story_repair(void);

/* The model, and what is remembered on disk, to go on from there once more. */
struct saved {
	struct model model;
	struct host host; /* for its leases */
};
void story_save(struct saved *was);
void story_restore(const struct saved *was);

/* How many of the commands in the last text were planned. */
extern size_t story_at;
/* Why the last one was refused. */
extern struct error refusal;
/* Is there a journal, of any PF, or of those of `change`? A lease of that VF? */
bool has_journal(void);
bool change_has_journal(void);
bool has_lease(const struct vf *vf);

#endif
