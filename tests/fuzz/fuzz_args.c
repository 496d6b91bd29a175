/* Words, each ended by a newline, through the argument parser with the real commands. */
#include "cli/command.h"
#include "cmd/commands.h"
#include "core/selector.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* The words, each in an allocation of its own, for the address sanitizer. */
static int split(const uint8_t *data, size_t size, char **words)
{
	const char *p = (const char *)data, *end = p + size;
	int n = 0;

	words[n++] = strdup("sriovctl");
	while (p < end && n < WORDS_MAX) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));

		stop = stop ? stop : end;
		words[n++] = strndup(p, (size_t)(stop - p));
		p = stop + 1;
	}
	words[n] = NULL;
	return n;
}

static void check_run(const struct command_line *line)
{
	const struct command *c = line->command;

	require(c != NULL);
	for (size_t i = 0; i < ARGS_MAX && c->args[i].name; i++) {
		require(c->args[i].optional || line->args.words[i] != NULL);
		require(!c->args[i].many || !line->args.words[i] || line->args.rest_count > 0);
		require(c->args[i].type != ARG_NUMBER || line->args.numbers[i] <= UINT16_MAX);
	}
	for (size_t i = 0; i < line->args.rest_count; i++)
		require(strlen(line->args.rest[i]) < SIZE_MAX);
	require(!(line->options.pretty && !line->options.json));
	require(!(line->options.snapshot && c->plan && !line->options.dry_run));
	require(c->plan || !line->options.force);
}

/* What the words name goes through the range grammar and address parsers too. */
static void try_selectors(char *const *words, int count)
{
	struct host none = {0};
	struct arena arena = {0};

	for (int i = 1; i < count; i++) {
		struct error err;
		bool set[256] = {0};
		uint64_t bad = 0;
		struct lladdr addr;
		struct bdf bdf;
		size_t n;

		if (range_parse(words[i], set, sizeof(set), &bad) == -2)
			require(bad >= sizeof(set));
		if (bdf_parse(words[i], &bdf)) {
			char text[BDF_SIZE];
			struct bdf again;

			bdf_format(bdf, text);
			require(bdf_parse(text, &again) && bdf_compare(bdf, again) == 0);
		}
		if (lladdr_parse(words[i], &addr))
			require(addr.len == 6 || addr.len == 20);
		require(!select_vfs(&none, &arena, words[i], &n, &err) && err.code != EXIT_DONE);
	}
	arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *words[WORDS_MAX + 1];
	struct command_line line;
	struct error err = {0};
	int count = split(data, size, words);

	switch (parse_command_line(commands, count, words, &line, &err)) {
	case PARSE_RUN:
		check_run(&line);
		break;
	case PARSE_ERROR:
		require(err.code == EXIT_USAGE && err.message[0]);
		break;
	case PARSE_HELP:
	case PARSE_VERSION:
		break;
	}
	free(line.words);
	try_selectors(words, count);
	for (int i = 0; i < count; i++)
		free(words[i]);
	return 0;
}
