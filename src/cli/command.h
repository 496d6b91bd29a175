/*
 * What a command is: one descriptor feeds the parser, help and completion. A command
 * shows records, or plans a change, or runs by itself; it never prints.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "core/options.h"
#include "core/host.h"
#include "util/error.h"

struct kernel;
struct change;
struct view;

enum arg_type {
	ARG_PF,
	ARG_VF,
	ARG_PF_OR_VF,
	ARG_NUMBER,
	ARG_PATH, /* a file */
	ARG_DIR,
	ARG_WORD, /* anything */
	ARG_DRIVER,
	ARG_NETNS,    /* a network namespace: looked up before the command plans */
	ARG_SETTINGS, /* KEY VALUE..., of the command's type; the last one */
};

struct arg {
	const char *name; /* as help writes it: "PF" */
	enum arg_type type;
	bool optional;
	bool many; /* it takes all words but those that later arguments need */
	const char *help;
};

#define ARGS_MAX 3

#define SETTINGS_MAX 32

/* The words given, one per descriptor row; words[i] is NULL when an optional one is not
 * there. `rest` holds what a `many` argument took. */
struct args {
	const char *words[ARGS_MAX];
	uint64_t numbers[ARGS_MAX];
	char *const *rest;
	size_t rest_count;
	struct setting settings[SETTINGS_MAX];
	size_t setting_count;
	char *const *all; /* every word after the command, as given */
	size_t all_count;
	struct netns netns; /* what the ARG_NETNS names */
	unsigned force;     /* of the options: what the user lets us do */
};

/* Commands that are more than one show, plan or run. */
enum command_service {
	SERVICE_NONE,
	SERVICE_REPAIR,   /* plans for each PF by itself, those where something is wrong */
	SERVICE_STATS,    /* may look again and again */
	SERVICE_SHELL,    /* runs other commands */
	SERVICE_MONITOR,  /* shows what happens until it is ended */
	SERVICE_DOCTOR,   /* says what is wrong */
	SERVICE_COMPLETE, /* words that could come next on a command line */
	SERVICE_POLICY_CHECK,
	SERVICE_POLICY_DIFF,
	SERVICE_POLICY_APPLY,
	SERVICE_POLICY_CAPTURE,
	SERVICE_POLICY_COMMIT,
	SERVICE_POLICY_ROLLBACK,
	/* of a shell: */
	SERVICE_USE,    /* choose the PF that is meant */
	SERVICE_STATUS, /* the last exit code */
	SERVICE_EXIT,
};

struct command {
	const char *object; /* "vf"; NULL for those without one */
	const char *name;   /* NULL: what the bare object or the bare program does */
	const char *alias;  /* another name, or the one that a nameless one has as well */
	const char *summary;
	const char *description; /* more, for `help`; may be NULL */
	const char *const *examples;
	struct arg args[ARGS_MAX];
	const struct record_type *type;    /* of what it shows, or sets */
	const struct record_type *takes;   /* of its ARG_SETTINGS where that is not type */
	const struct record_type *watched; /* of what it shows with an interval; NULL: takes none */
	bool single;                       /* shows details rather than a list */
	unsigned needs;                    /* beyond what its columns need */
	unsigned tree_needs; /* it shows a tree, whose text has no columns to choose: all of it */
	unsigned settable;   /* of an ARG_SETTINGS: those with one of these flags; 0: ATTR_SET */

	/* one of these */
	int (*show)(
		struct host *host, const struct args *args, struct view *view, struct error *err);
	int (*plan)(struct host *have, const struct args *args, struct change *change,
		struct error *err);
	int (*run)(const struct kernel *k, const struct args *args, struct error *err);
	enum command_service service; /* what run.c does itself */
	bool alone;                   /* cannot be one of several that are one change */
	bool recovers;                /* what was cut off before is put right by itself first */
	const char *topics;           /* heading of a list that help has besides; NULL: none */
	/* its rows, which an OPTION_TOPIC names; false: there are no more */
	bool (*topic)(size_t i, const char **name, const char **help);
	bool hidden; /* for programs: neither listed nor completed */
};

/* What its ARG_SETTINGS are attributes of; NULL: it takes none. */
static inline const struct record_type *command_takes(const struct command *c)
{
	return c->takes ? c->takes : c->type;
}

/* The word for it: a nameless one is called by its alias where one is needed. */
static inline const char *command_name(const struct command *c)
{
	return c->name ? c->name : c->alias;
}

/* Does it show records of its type? */
static inline bool command_shows(const struct command *c)
{
	return c->type && (c->show || c->service == SERVICE_MONITOR);
}

/* Does it read policies? */
static inline bool command_reads_policies(const struct command *c)
{
	return c->service == SERVICE_POLICY_CHECK || c->service == SERVICE_POLICY_DIFF ||
	       c->service == SERVICE_POLICY_APPLY;
}

/* Does it change anything? */
static inline bool command_changes(const struct command *c)
{
	return c->plan || c->service == SERVICE_REPAIR || c->service == SERVICE_POLICY_APPLY ||
	       c->service == SERVICE_POLICY_ROLLBACK;
}

/* The command an argument list names, with its words parsed. Help, version and errors:
 * see the return value. */
enum parse_result {
	PARSE_RUN,
	PARSE_HELP,
	PARSE_VERSION,
	PARSE_BATCH, /* of the commands in options.batch */
	PARSE_ERROR
};
struct command_line {
	const struct command *command; /* for PARSE_HELP: what about, NULL for all */
	const char *help_object;
	struct options options;
	uint64_t given; /* bit per option row: it was on the command line */
	struct args args;
	char **words;       /* what args points into; freed by the caller */
	struct arena arena; /* likewise, with a base that has a PF */
};
enum parse_result parse_command_line(const struct command *const *commands, int argc,
	char *const *argv, struct command_line *line, struct error *err);

/* The same for a line of a batch or a shell. */
struct parse_base {
	const struct options *options; /* what was said for all lines; NULL: nothing */
	const char *pf;                /* the PF meant where none is named; NULL: none */
};
enum parse_result parse_with_base(const struct command *const *commands,
	const struct parse_base *base, int argc, char *const *argv, struct command_line *line,
	struct error *err);
void command_line_free(struct command_line *line);

/* Is the attribute one that KEY VALUE of this command can set? */
bool command_sets(const struct command *c, size_t attr);

/* Is one of the words that were taken for VFs nearly a setting? Then *err says so. */
bool meant_setting(const struct command *c, const struct args *args, struct error *err);

/* Help for everything (both NULL), one object, or one command. */
void help_print(FILE *out, const struct command *const *commands, const char *object,
	const struct command *command);
/* The same and more as one JSON object. 0, or -1 when out of memory. */
int help_print_json(FILE *out, const struct command *const *commands, const char *object,
	const struct command *command, bool indented);

#endif
