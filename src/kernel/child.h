/* Work done side by side, each piece in a process of its own. */
#ifndef KERNEL_CHILD_H
#define KERNEL_CHILD_H

#include <stddef.h>
#include <sys/types.h>

#define CHILD_NEVER_RAN (-1000) /* no signal has that number */

struct child {
	pid_t pid;
	int out, err; /* what it wrote there; -1: not to be had */
	int status;   /* what `work` returned; negative: the signal that ended it, or
		       CHILD_NEVER_RAN */
};

/* Start it: `work` runs with its standard error in child->err, and child->out as descriptor
 * for its data. 0, or a negative errno. */
int child_start(struct child *child, int (*work)(void *arg, int out), void *arg);
/* Wait for all. A signal that somebody sent to us alone is handed on; one from the terminal
 * they have got as well. meanwhile is called now and then. */
void children_wait(
	struct child *children, size_t count, void (*meanwhile)(void *arg, size_t done), void *arg);
/* Close what they wrote. */
void children_close(struct child *children, size_t count);
/* Start one that goes on when we have ended: in a session of its own, without our terminal.
 * 0, or a negative errno. */
int child_leave_behind(void (*work)(void *arg), void *arg);

#endif
