/* What the user asked for besides the command itself; handed down to whoever cares. */
#ifndef CORE_OPTIONS_H
#define CORE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct watcher;

enum color_mode {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER
};
enum force {
	FORCE_IN_USE = 1U << 0,
	FORCE_DUPLICATE_MAC = 1U << 1,
	FORCE_IOMMU_GROUP = 1U << 2,
	FORCE_ALL = FORCE_IN_USE | FORCE_DUPLICATE_MAC | FORCE_IOMMU_GROUP
};

#define COLUMNS_ALL "all"

struct options {
	bool json, pretty, statistics, details, oneline, brief, no_header;
	bool dry_run, diff, no_wait, quiet, verbose, help, version;
	bool keep_going, atomic; /* of a batch */
	bool prometheus;         /* metrics */
	enum color_mode color;
	unsigned force;
	const char *columns;
	const char *sort, *filter; /* see core/choose.h */
	const char *snapshot;
	const char *output;      /* the file for metrics; NULL: standard output */
	const char *batch;       /* a file of commands, "-" for standard input */
	const char *file;        /* where this command stands, in a batch: for messages */
	size_t line;             /* likewise, from 1; 0: in none */
	struct watcher *watcher; /* is told what a change is at; NULL: nobody is */
	int64_t wait_ms;         /* -1: not given */
	int64_t timeout_ms;      /* -1: not given */
	int64_t lock_timeout_ms; /* -1: not given */
	/* of the doctor */
	const char *checks; /* "a,b"; NULL: all */
	bool strict;
	const char *baseline; /* a captured host; NULL: none */
	/* of policies */
	bool exit_code;      /* of `policy diff`: another one where something differs */
	int64_t rollback_ms; /* 0: not given */
	const char *pf;      /* only this one; NULL: all */
	const char *labels;  /* of this host, for nodeSelector */
	const char *from;    /* whose files are to be read */
};

#endif
