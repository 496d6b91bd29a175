/*
 * Policies out of what other tools were told: their files, as one SriovHost document. What is
 * not understood is a warning with its place, and the rest is taken.
 */
#ifndef POLICY_IMPORT_H
#define POLICY_IMPORT_H

#include "core/problem.h"

#include <stdio.h>

struct import_format {
	const char *name;
	const char *help;
	/* globs of the files it has usually, those first that hide others of the same name;
	 * NULL-terminated, and empty where it has none */
	const char *const *paths;
};

size_t import_format_count(void);
const struct import_format *import_format(size_t index);
/* NULL with *err (EXIT_USAGE, and a hint) when there is none of that name. */
const struct import_format *import_format_find(const char *name, struct error *err);

/* The document, from files in the order in which their paths were found. 0, or -1 with *err:
 * EXIT_NOT_FOUND when nothing in them is about SR-IOV. *problems gets warnings only. */
int policy_import(const char *format, const struct source *sources, size_t count, FILE *out,
	struct problems *problems, struct error *err);

#endif
