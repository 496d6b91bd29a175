/*
 * Small files of a host, as they were read: what says how its platform is set up. Kept as
 * text, so that whoever judges them can show them.
 */
#ifndef CORE_FACTS_H
#define CORE_FACTS_H

#include "core/attr.h"
#include "util/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct fact {
	const char *path; /* "/proc/cmdline", from the root of the host */
	int sys_errno;    /* why it could not be read; ENOENT: it is not there; 0: it was */
	const char *text; /* without its last newline; "" of a directory */
	size_t len;       /* it may have any bytes */
	bool is_dir;
	struct strings names; /* what is in it, of a directory; sorted */
};

struct facts {
	struct arena arena;
	struct fact *items; /* sorted by path once facts_sort() was called */
	size_t count;
	size_t size; /* bytes of all texts */
};

/* Both copy what they are given. len: see struct fact. */
struct fact *facts_add(struct facts *facts, const char *path, const char *text, size_t len);
struct fact *facts_add_error(struct facts *facts, const char *path, int sys_errno);
void facts_sort(struct facts *facts);
void facts_free(struct facts *facts);

/* NULL: it was not looked at, or a captured host does not say. */
const struct fact *facts_find(const struct facts *facts, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The text of one that is there, else NULL. */
const char *facts_text(const struct facts *facts, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Is it known that there is no such file? */
bool facts_absent(const struct facts *facts, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The next one whose path begins with `prefix`, behind `after` (NULL: the first); NULL: no more. */
const struct fact *facts_next(
	const struct facts *facts, const char *prefix, const struct fact *after);

#endif
