/* What the parser lends to completion, so that both take the same words; nobody else includes it.
 */
#ifndef CLI_ARGS_PARTS_H
#define CLI_ARGS_PARTS_H

#include "cli/command.h"
#include "cli/option_table.h"

#define WORD_HELP "help"

/* Words that are no options, in order. */
struct words {
	char **items;
	size_t count;
};

/* A dash alone is standard input, and "-1" a number that somebody will refuse. */
bool is_option(const char *word);
/* The row of the option that a word beginning with a dash names; NULL: several or none. */
const struct option_row *option_of(const char *word);
/* The i-th of the words that are values of the option, NULL behind the last. */
const char *option_word(const struct option_row *row, size_t i);
/* The option at argv[*i]; moves *i over a value of its own word. */
int take_option(struct command_line *line, int argc, char *const *argv, int *i, struct error *err);

bool is_help(const struct words *words, size_t at);
bool object_is(const struct command *c, const char *object);
bool is_object(const struct command *const *commands, const char *word);
const struct command *find_command(
	const struct command *const *commands, const char *object, const char *word);

/* How many of the words from `used` on are for the `many` argument at `at`. */
size_t words_of_many(const struct command *c, size_t at, const struct words *words, size_t used);
int take_arg(
	struct args *args, const struct arg *arg, size_t at, const char *word, struct error *err);
/* The attribute that a word sets, or NULL. */
const struct attr *find_setting(const struct command *c, const char *word);
int take_settings(const struct command *c, struct args *args, const struct words *words,
	size_t used, struct error *err);

/* "3", "0-7,9", "all": VFs of a PF that is not named. */
bool is_bare_range(const char *word);
/* Words that must come behind a PF, settings apart. */
size_t required_after_first(const struct command *c);
/* A batch has commands of its own, and no options that only some of them take. */
enum parse_result check_batch(
	const struct command_line *line, const struct words *words, struct error *err);

/* May the key be given several times, each with a value to add? */
static inline bool setting_repeats(const struct attr *row)
{
	return row->type == VALUE_STRINGS;
}

#endif
