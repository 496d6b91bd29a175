/* Commands from a file, one after the other. */
#include "run_parts.h"

#include "cli/lines.h"
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

int run_batch(struct session *s, const struct options *o, struct error *err)
{
	bool from_stdin = strcmp(o->batch, "-") == 0;
	int fd = from_stdin ? STDIN_FILENO : open(o->batch, O_RDONLY | O_CLOEXEC);
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
	s->in_batch = true;
	lines_open(&lines, fd);
	rc = run_lines(s, o, &lines, from_stdin ? "-" : o->batch, &f, err);
	lines_close(&lines);
	s->in_batch = false;
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
