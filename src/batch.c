/* Commands from a file, one after the other. */
#include "run_parts.h"

#include "cli/lines.h"
#include "cmd/commands.h"
#include "output/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The lines that failed, for the end. */
struct failures {
	char list[200];
	size_t len, count;
	enum exit_code first;
};

static void add_failure(struct failures *f, size_t line, enum exit_code code)
{
	if (!f->count++)
		f->first = code;
	if (f->len < sizeof(f->list) - 30)
		f->len += (size_t)snprintf(f->list + f->len, sizeof(f->list) - f->len, "%s%zu",
			f->count > 1 ? ", " : "", line);
	else if (f->len < sizeof(f->list) - 5 && f->list[f->len - 1] != '.')
		f->len += (size_t)snprintf(f->list + f->len, sizeof(f->list) - f->len, ", ...");
}

/* A line that is no command. */
static enum exit_code say_wrong_line(struct session *s, const struct options *o, struct error *err,
	const char *file, size_t line)
{
	struct options at = *o;

	at.file = file;
	at.line = line;
	if (o->json)
		output_error_json(err, &at, s->out);
	output_error(err, &at, stderr);
	return err->code;
}

/* The words behind a name of the program, as parse_with_base() takes them. */
static char **with_name(struct arena *arena, char **words, size_t count)
{
	char **argv = arena_alloc(arena, (count + 2) * sizeof(*argv));

	argv[0] = arena_strdup(arena, "sriovctl");
	memcpy(argv + 1, words, count * sizeof(*argv));
	return argv;
}

static int run_lines(struct session *s, const struct options *o, struct lines *lines,
	const char *file, struct failures *f, struct error *err)
{
	struct arena arena = {0};
	int rc = 1;

	while (rc != 0 && (!f->count || o->keep_going)) {
		enum exit_code code = EXIT_DONE;
		char **words;
		size_t count;

		/* who waits for an answer before asking on must get it */
		if (!lines_waiting(lines) && fflush(s->out) != 0)
			break;
		rc = lines_next(lines, &arena, &words, &count, err);
		if (rc < 0 && err->code != EXIT_USAGE)
			break;
		s->arrived_ms = lines->arrived_ms;
		if (rc < 0)
			code = say_wrong_line(s, o, err, file, lines->number);
		else if (rc > 0)
			code = session_run(s, (int)count + 1, with_name(&arena, words, count), NULL,
				file, lines->number);
		if (code != EXIT_DONE)
			add_failure(f, lines->number, code);
		arena_free(&arena);
		memset(err, 0, sizeof(*err));
	}
	arena_free(&arena);
	if (rc < 0 && err->code)
		return -1;
	return fflush(s->out) == 0 && !ferror(s->out)
		       ? 0
		       : error_errno(
				 err, EXIT_KERNEL, errno ? errno : EIO, "cannot write the output");
}

/* One more of the lines that are to be one change. 0, or -1 with *err. */
static int take_line(struct session *s, struct arena *arena, struct request *r, char **words,
	size_t count, size_t number, struct error *err)
{
	struct parse_base base = {.options = s->options};
	struct command_line *line;
	const struct command *c;

	r->lines = arena_push(arena, r->lines, &r->count, sizeof(*r->lines));
	line = &r->lines[r->count - 1];
	switch (parse_with_base(
		s->commands, &base, (int)count + 1, with_name(arena, words, count), line, err)) {
	case PARSE_RUN:
		break;
	case PARSE_ERROR:
		return -1;
	case PARSE_HELP:
	case PARSE_VERSION:
	case PARSE_BATCH:
		return error_set(err, EXIT_USAGE, "it changes nothing");
	}
	c = line->command;
	line->options.line = number;
	if (line->given) {
		error_set(err, EXIT_USAGE, "options are for all lines of an atomic batch");
		return error_hint(err, "put them before the name of the file, on the command line");
	}
	if (c->plan && !c->alone)
		return 0;
	if (!command_changes(c))
		return error_set(
			err, EXIT_USAGE, "it changes nothing, and all lines are one change");
	error_set(err, EXIT_USAGE, "%s%s%s cannot be undone, and all lines are one change",
		c->object ? c->object : "", c->object ? " " : "", c->name);
	return error_hint(err, "run it by itself");
}

/* All lines as one change. -1 with *err, and r->at the line that is wrong. */
static int run_as_one(struct session *s, const struct options *o, struct lines *lines,
	const char *file, struct arena *arena, size_t *wrong, struct error *err)
{
	struct request r = {.options = s->options, .file = file};
	char **words;
	size_t count;
	int rc;

	*wrong = 0;
	while ((rc = lines_next(lines, arena, &words, &count, err)) > 0) {
		rc = take_line(s, arena, &r, words, count, lines->number, err);
		if (rc < 0)
			break;
	}
	if (rc < 0 && err->code == EXIT_USAGE)
		*wrong = lines->number;
	r.at = r.count;
	if (rc == 0)
		rc = session_kernel(s, o, err) ? run_request(s, &r, err) : -1;
	if (rc < 0 && r.at < r.count)
		*wrong = r.lines[r.at].options.line;
	for (size_t i = 0; i < r.count; i++)
		command_line_free(&r.lines[i]);
	return rc;
}

static int run_atomic(struct session *s, const struct options *o, struct lines *lines,
	const char *file, struct error *err)
{
	struct arena arena = {0};
	size_t wrong;
	int rc = run_as_one(s, o, lines, file, &arena, &wrong, err);

	if (rc < 0 && wrong && !err->reported) {
		say_wrong_line(s, o, err, file, wrong);
		err->reported = err->told = 1;
	}
	arena_free(&arena);
	return rc;
}

int run_batch(struct session *s, const struct options *o, struct error *err)
{
	bool from_stdin = strcmp(o->batch, "-") == 0;
	int fd = from_stdin ? STDIN_FILENO : open(o->batch, O_RDONLY | O_CLOEXEC);
	const struct command *const *outer_commands = s->commands;
	const struct options *outer = s->options;
	struct options inner = *o;
	struct failures f = {0};
	struct lines lines;
	int rc;

	if (fd < 0)
		return error_errno(err, errno == ENOENT ? EXIT_NOT_FOUND : EXIT_KERNEL, errno,
			"cannot open the batch %s", o->batch);
	inner.batch = NULL;
	inner.keep_going = inner.atomic = false;
	s->options = &inner;
	s->commands = commands; /* of a shell, without what only a person needs */
	s->in_batch = true;
	lines_open(&lines, fd);
	rc = (o->atomic ? run_atomic(s, o, &lines, from_stdin ? "-" : o->batch, err)
			: run_lines(s, o, &lines, from_stdin ? "-" : o->batch, &f, err));
	lines_close(&lines);
	s->in_batch = false;
	s->commands = outer_commands;
	s->options = outer;
	if (!from_stdin)
		close(fd);
	if (rc < 0 || !f.count)
		return rc;
	if (o->keep_going)
		return error_set(err, EXIT_PARTLY, "%zu line%s failed: %s", f.count,
			f.count > 1 ? "s" : "", f.list);
	err->code = f.first;
	err->reported = err->told = 1;
	return -1;
}
