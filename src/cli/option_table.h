/* One row per option: parser, help and completion read it. */
#ifndef CLI_OPTION_TABLE_H
#define CLI_OPTION_TABLE_H

#include "core/options.h"

#include <stddef.h>

enum option_value {
	OPTION_FLAG,
	OPTION_COLOR,
	OPTION_COLUMNS, /* keys of what the command shows */
	OPTION_SORT,    /* likewise */
	OPTION_FILTER,  /* conditions on them */
	OPTION_DIR,
	OPTION_FILE,
	OPTION_SECONDS,
	OPTION_PF,
	OPTION_TEXT,
	OPTION_TOPIC, /* names of what command.topic lists, with commas */
	OPTION_FORCE
};
enum option_scope {
	SCOPE_ANY,
	SCOPE_SHOW,    /* what shows anything */
	SCOPE_LIST,    /* what shows records whose attributes can be chosen */
	SCOPE_COUNTED, /* those of them that show what has counters */
	SCOPE_METRICS, /* what has metrics for monitoring */
	SCOPE_CHANGE,  /* what changes anything */
	SCOPE_POLICY,  /* what reads policies */
	SCOPE_DIFF,    /* what shows how the host differs from them */
	SCOPE_APPLY,   /* what makes it the same */
	SCOPE_CAPTURE, /* what writes one */
	SCOPE_DETAILS, /* what shows more when asked to */
	SCOPE_DOCTOR,  /* what looks for what is wrong */
	SCOPE_BATCH,   /* no single command, but a batch of them */
};

struct option_row {
	const char *short_name; /* without its dash; NULL for none */
	const char *long_name;
	const char *value_name; /* NULL: takes none */
	bool value_optional;    /* only as --name=VALUE */
	enum option_value type;
	enum option_scope scope;
	size_t offset; /* in struct options */
	const char *help;
};

extern const struct option_row option_rows[];
/* Does the option mean anything for the command (NULL: for any)? */
struct command;
bool option_applies(const struct option_row *row, const struct command *c);
extern const size_t option_row_count;

#endif
