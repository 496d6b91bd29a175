/* What story.c and story_run.c share; nobody else includes it. */
#ifndef STORY_PARTS_H
#define STORY_PARTS_H

#include "story.h"

/* The words of a command line, planned for the model as it is: 0, or -1 with *err; of several,
 * separated by "; ", as one change. What is allocated on the way lives as long as the model
 * does. */
int story_plan(const char *text, unsigned force, struct host *host, struct change *into,
	struct error *err);

/* What interrupted changes of these PFs have left. */
void load_journals(const struct change *old, struct change *into);
/* What was cut off on these PFs is put right, and nothing else. */
bool put_right(const struct change *left);

#endif
