/* A file that is replaced whole: whoever reads it sees the old one or the new one. */
#ifndef UTIL_OUTFILE_H
#define UTIL_OUTFILE_H

#include "util/error.h"

#include <stdio.h>

struct outfile {
	FILE *f;          /* to be written to; NULL when not open */
	const char *name; /* as it was given, which must live as long as this */
	char *path, *tmp;
};

/* Begin a new content of a regular file, which need not exist yet; a symbolic link stays one.
 * What is written goes to a hidden file beside it, ".NAME.tmp", which is reused when someone
 * was killed and left it, and made anew where it is another user's or has another name as well.
 * Waits some seconds for others that write the same file. 0, or -1 with *err: EXIT_NOT_FOUND
 * without its directory, EXIT_USAGE for what is no file, EXIT_LOCKED when others do not get done.
 */
int outfile_open(struct outfile *o, const char *name, struct error *err);
/* It is whole: put it in place, readable by all (0644). 0, or -1 with *err, and the old one
 * stays. Closed in either case. */
int outfile_commit(struct outfile *o, struct error *err);
/* It is not to be: the old one stays. */
void outfile_abandon(struct outfile *o);

#endif
