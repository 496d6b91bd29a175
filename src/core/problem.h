/*
 * What is wrong with something that people wrote into files: all of it, not the first. Each
 * knows where it was said.
 */
#ifndef CORE_PROBLEM_H
#define CORE_PROBLEM_H

#include "util/arena.h"
#include "util/error.h"

#include <stdbool.h>
#include <stdint.h>

/* A text that was read. Lives as long as the problems that point to it. */
struct source {
	const char *name; /* the file, "-" for standard input */
	const char *text; /* not terminated */
	size_t len;
};

/* A place in it; source NULL: nowhere. */
struct origin {
	const struct source *source;
	uint32_t line, column; /* from 1 */
};

struct problem {
	struct origin origin;
	enum exit_code code; /* EXIT_USAGE: the file is wrong, whatever the host */
	bool warning;        /* it is said, and does not count as wrong */
	bool whole;          /* because of it nothing at all is done to the PF */
	const char *object;  /* "eth0/3"; NULL: none */
	const char *attr;    /* the key it is about; NULL: none */
	const char *message;
	const char *kernel; /* the kernel's words; NULL: it was not asked */
	const char *hint;   /* the next step; NULL: none */
};

struct problems {
	struct arena *arena; /* of the texts; outlives them */
	struct problem *items;
	size_t count;
	size_t errors; /* those of them that are no warnings */
};

/* Both return the problem, valid until the next one is added. */
struct problem *problem_add(struct problems *list, struct origin origin, enum exit_code code,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));
struct problem *problem_warn(struct problems *list, struct origin origin, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* What a function said in its error. */
struct problem *problem_error(struct problems *list, struct origin origin, const struct error *err);
/* Say what to do next about the last one. */
void problem_hint(struct problems *list, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Only those stay of which `stays` says so. */
void problems_filter(struct problems *list, bool (*stays)(const struct problem *p, const void *arg),
	const void *arg);
/* In the order in which they stand in their files; those of nowhere come last. */
void problems_sort(struct problems *list);

#endif
