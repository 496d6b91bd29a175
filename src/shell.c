/* A person at work: line after line, with all that helps in between. */
#include "run_parts.h"

#include "cli/complete.h"
#include "cli/editor.h"
#include "cli/lines.h"
#include "cli/pager.h"
#include "cmd/commands.h"
#include "core/selector.h"
#include "output/output.h"
#include "util/cleanup.h"
#include "util/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct shell {
	struct session *session;
	struct terminal terminal;
	struct editor *editor;
	char *pf;     /* that of `use`; NULL */
	char *joined; /* lines that ended with a backslash, and are to go on; NULL */
	enum exit_code last;
	bool asked; /* for the last code, or to leave with it: it stays */
	bool done;
	/* what the command at hand has to show */
	char *text;
	size_t len;
	/* what completion found last */
	struct arena arena;
	struct completion completion;
};

/* completion */

/* People type what they read elsewhere: the program's name is no part of a command. */
static void drop_name(char ***words, size_t *count)
{
	if (!*count || strcmp((*words)[0], "sriovctl") != 0)
		return;
	++*words;
	--*count;
}

/* The whole words of what is typed so far, and the one that is not. */
static const char *split_typed(
	struct shell *sh, const char *begin, size_t len, char ***words, size_t *count)
{
	const char *before = sh->joined ? sh->joined : "";
	char *line = arena_printf(&sh->arena, "%s%.*s", before, (int)len, begin);
	const char *word = "";
	bool open;

	len = strlen(line);
	open = split_words(line, len, &sh->arena, words, count) == SPLIT_QUOTE;
	if (*count && (open || !strchr(" \t", line[len - 1])))
		word = (*words)[--*count];
	drop_name(words, count);
	return word;
}

static const struct completion *complete_typed(struct shell *sh, struct completing *typed)
{
	struct completion *c = &sh->completion;
	struct session *s = sh->session;
	struct options o = *s->options;
	struct error ignored = {0};
	struct host *host;
	unsigned needs;

	complete(typed, NULL, &sh->arena, c);
	if (c->snapshot)
		o.snapshot = c->snapshot;
	if (!c->live || !session_kernel(s, &o, &ignored))
		return c;
	do { /* what there is may make more things matter */
		needs = c->needs;
		host = session_look(s, needs, &ignored);
		if (host)
			complete(typed, host, &sh->arena, c);
	} while (host && c->needs & ~needs);
	return c;
}

static const struct completion *complete_line(
	void *context, const char *begin, size_t len, const char **word)
{
	struct shell *sh = context;
	struct completing typed = {.commands = sh->session->commands, .pf = sh->pf};
	char **words;

	arena_free(&sh->arena);
	*word = typed.word = split_typed(sh, begin, len, &words, &typed.count);
	typed.words = words;
	return complete_typed(sh, &typed);
}

/* explaining */

/* The bytes of it that fit into so many columns, up to a blank if it does not all. */
static size_t fitting(const char *text, size_t room)
{
	size_t at = 0, blank = 0;

	for (; text[at] && room; room--) {
		if (text[at] == ' ')
			blank = at;
		at += str_utf8_len(text + at) ? str_utf8_len(text + at) : 1;
	}
	return !text[at] || text[at] == ' ' || !blank ? at : blank;
}

/* "  WORD   what it is", wrapped into its own column. */
static void explain_row(FILE *out, const char *word, const char *help, size_t width, size_t columns)
{
	size_t room = columns > width + 25 ? columns - width - 5 : 20, n;
	char safe[4096], safe_help[1024];
	const char *p = safe_help;

	str_printable(safe, sizeof(safe), word);
	str_printable(safe_help, sizeof(safe_help), help ? help : "");
	fprintf(out, "  %s", safe);
	n = str_width(safe);
	if (*p && n > width)
		fprintf(out, "\n  %*s", (int)width, "");
	else if (*p)
		fprintf(out, "%*s", (int)(width - n), "");
	while (*p) {
		n = fitting(p, room);
		fprintf(out, "  %.*s", (int)n, p);
		p += n;
		p += strspn(p, " ");
		if (*p)
			fprintf(out, "\n  %*s", (int)width, "");
	}
	fputc('\n', out);
}

/* Nothing can stand there: because that is all, or because of what stands before. */
static void explain_end(struct shell *sh, const struct completing *typed, FILE *out)
{
	struct session *s = sh->session;
	struct parse_base base = {.options = s->options, .pf = sh->pf};
	char **argv = arena_alloc(&sh->arena, (typed->count + 3) * sizeof(*argv));
	size_t argc = 0;
	struct command_line line;
	struct error err = {0};

	argv[argc++] = arena_strdup(&sh->arena, "sriovctl");
	for (size_t i = 0; i < typed->count; i++)
		argv[argc++] = typed->words[i];
	if (typed->word[0])
		argv[argc++] = arena_strdup(&sh->arena, typed->word);
	argv[argc] = NULL;
	if (parse_with_base(s->commands, &base, (int)argc, argv, &line, &err) == PARSE_ERROR)
		output_error(&err, s->options, out);
	else
		fputs("  nothing more can stand here; Enter runs it\n", out);
	command_line_free(&line);
}

static void explain_typed(struct shell *sh, struct completing *typed, FILE *out)
{
	const struct completion *c = complete_typed(sh, typed);
	/* "a,b,c": the last of them is what it is about */
	const char *begin = typed->word + strlen(typed->word);
	size_t skip, columns, rows, width = 0;

	while (begin > typed->word && !strchr("=,", begin[-1]))
		begin--;
	skip = (size_t)(begin - typed->word);
	terminal_size(&columns, &rows);
	for (size_t i = 0; i < c->count; i++) {
		size_t n = str_width(c->items[i].word + skip);

		width = n > width && n <= 24 ? n : width;
	}
	if (c->expects && strlen(c->expects) > width)
		width = strlen(c->expects);
	if (c->expects)
		explain_row(out, c->expects, c->help, width, columns);
	for (size_t i = 0; i < c->count; i++)
		explain_row(out, c->items[i].word + skip, c->items[i].help, width, columns);
	if (c->files != COMPLETE_NO_FILES)
		fprintf(out, "  %s\n", c->files == COMPLETE_DIRS ? "a directory" : "a file");
	else if (!c->count && !c->expects)
		explain_end(sh, typed, out);
}

static void explain_line(void *context, const char *begin, size_t len)
{
	struct shell *sh = context;
	struct completing typed = {.commands = sh->session->commands, .pf = sh->pf};
	char **words, *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return;
	arena_free(&sh->arena);
	typed.word = split_typed(sh, begin, len, &words, &typed.count);
	typed.words = words;
	explain_typed(sh, &typed, out);
	fclose(out);
	page(&sh->terminal, text, size);
	free(text);
}

/* what only a shell has */

static int use(struct shell *sh, const struct args *args, struct error *err)
{
	const struct pf *pf;
	struct host *host;

	if (!args->words[0]) {
		free(sh->pf);
		sh->pf = NULL;
		return 0;
	}
	host = session_look(sh->session, NEED_VFS, err); /* to tell a VF from nothing */
	pf = host ? select_pf(host, args->words[0], err) : NULL;
	if (!pf)
		return -1;
	free(sh->pf);
	sh->pf = strdup(pf->name);
	return sh->pf ? 0 : error_nomem(err);
}

int run_in_shell(struct session *s, const struct command_line *line, struct error *err)
{
	struct shell *sh = s->shell;

	switch (line->command->service) {
	case SERVICE_USE:
		return use(sh, &line->args, err);
	case SERVICE_STATUS:
		fprintf(s->out, "%d: %s\n", (int)sh->last, exit_code_text(sh->last));
		sh->asked = true;
		return 0;
	case SERVICE_EXIT:
		sh->done = sh->asked = true;
		return 0;
	case SERVICE_NONE:
	case SERVICE_REPAIR:
	case SERVICE_STATS:
	case SERVICE_DOCTOR:
	case SERVICE_SHELL:
	case SERVICE_MONITOR:
	case SERVICE_COMPLETE:
	case SERVICE_POLICY_CHECK:
	case SERVICE_POLICY_DIFF:
	case SERVICE_POLICY_APPLY:
	case SERVICE_POLICY_CAPTURE:
	case SERVICE_POLICY_COMMIT:
	case SERVICE_POLICY_ROLLBACK:
		break;
	}
	return 0;
}

/* its commands */

/* All that there are, but for another shell, and those that only a shell has. */
static const struct command *const *all_commands(struct arena *arena)
{
	const struct command **list;
	size_t count = 0, n = 0;

	while (commands[count])
		count++;
	for (size_t i = 0; shell_commands[i]; i++)
		count++;
	list = arena_alloc(arena, (count + 1) * sizeof(*list));
	for (size_t i = 0; commands[i]; i++)
		if (commands[i]->service != SERVICE_SHELL)
			list[n++] = commands[i];
	for (size_t i = 0; shell_commands[i]; i++)
		list[n++] = shell_commands[i];
	return list;
}

void show_in_shell(struct session *s)
{
	struct shell *sh = s->shell;

	if (s->out == stdout || fflush(s->out) != 0)
		return;
	if (!page(&sh->terminal, sh->text, sh->len))
		sh->done = s->unread = true;
	/* what is shown is not kept: some commands go on and on */
	rewind(s->out);
	sh->len = 0;
}

static enum exit_code run_words(struct shell *sh, char **words, size_t count, struct arena *arena)
{
	struct session *s = sh->session;
	char **argv = arena_alloc(arena, (count + 2) * sizeof(*argv));
	enum exit_code code;

	argv[0] = arena_strdup(arena, "sriovctl");
	memcpy(argv + 1, words, count * sizeof(*argv));
	argv[count + 1] = NULL;
	sh->text = NULL;
	sh->len = 0;
	s->out = open_memstream(&sh->text, &sh->len);
	if (!s->out)
		s->out = stdout;
	code = session_run(s, (int)count + 1, argv, sh->pf, NULL, 0);
	show_in_shell(s);
	if (s->out != stdout)
		fclose(s->out);
	s->out = stdout;
	free(sh->text);
	sh->text = NULL;
	return code;
}

static void say_wrong(struct shell *sh, const struct error *err)
{
	output_error(err, sh->session->options, stderr);
	sh->last = err->code;
}

/* Now, or as soon as it is whole. False when there is no reason to go on with what was pasted
 * behind it. */
static bool run_typed(struct shell *sh, const char *typed, size_t len)
{
	cleanup_free char *before = sh->joined, *line = NULL;
	enum exit_code code = EXIT_DONE;
	struct arena arena = {0};
	struct error err = {0};
	size_t count = 0;
	char **words;

	sh->joined = NULL;
	if (asprintf(&line, "%s%.*s", before ? before : "", (int)len, typed) < 0)
		abort();
	len = strlen(line);
	if (len > LINE_LENGTH_MAX) {
		error_set(&err, EXIT_USAGE, "the line is longer than %d bytes", LINE_LENGTH_MAX);
		say_wrong(sh, &err);
		return false;
	}
	switch (split_words(line, len, &arena, &words, &count)) {
	case SPLIT_JOIN:
		line[len - 1] = 0; /* the backslash */
		sh->joined = line;
		line = NULL;
		arena_free(&arena);
		return true;
	case SPLIT_QUOTE:
		error_set(&err, EXIT_USAGE, "a quotation mark is not closed");
		error_hint(&err, "to mean the mark itself, write \\ before it");
		break;
	case SPLIT_WHOLE:
		break;
	}
	if (line[strspn(line, " \t")])
		editor_remember(sh->editor, line);
	if (err.code) {
		say_wrong(sh, &err);
		code = err.code;
	} else if (count) {
		drop_name(&words, &count);
		sh->asked = false;
		code = run_words(sh, words, count, &arena);
		if (!sh->asked)
			sh->last = code;
	}
	arena_free(&arena);
	terminal_forget(&sh->terminal);
	return code == EXIT_DONE && !sh->terminal.interrupted && !sh->terminal.ended_by;
}

/* One line, or several that were pasted at once: after one that fails the others are not what
 * was meant any more. */
static void run_lines(struct shell *sh, const char *text)
{
	bool go_on = true;

	sh->terminal.interrupted = false;
	while (text && go_on && !sh->done) {
		const char *end = strchr(text, '\n');

		go_on = run_typed(sh, text, end ? (size_t)(end - text) : strlen(text));
		text = end ? end + 1 : NULL;
	}
	while (text && !text[strspn(text, "\n\t ")])
		text = NULL;
	if (text && !sh->done && !sh->terminal.ended_by)
		fputs("sriovctl: the lines pasted behind it were not run\n", stderr);
}

static void write_prompt(const struct shell *sh, char *prompt, size_t size)
{
	char code[16] = "", pf[128];

	if (sh->joined) {
		snprintf(prompt, size, "> ");
		return;
	}
	str_printable(pf, sizeof(pf), sh->pf ? sh->pf : "");
	if (sh->last != EXIT_DONE)
		snprintf(code, sizeof(code), " [%d]", (int)sh->last);
	snprintf(prompt, size, "sriovctl%s%s%s> ", sh->pf ? " " : "", pf, code);
}

static void read_lines(struct shell *sh)
{
	/* who wrote to nobody would never see the end */
	while (!sh->done && !sh->terminal.ended_by && !ferror(stdout)) {
		char prompt[160], *line = NULL;
		struct error err = {0};

		write_prompt(sh, prompt, sizeof(prompt));
		switch (editor_read(sh->editor, prompt, &line, &err)) {
		case EDITED_END:
			sh->done = true;
			puts("");
			break;
		case EDITED_CANCELLED:
			free(sh->joined);
			sh->joined = NULL;
			break;
		case EDITED_WRONG:
			say_wrong(sh, &err);
			break;
		case EDITED_LINE:
			run_lines(sh, line);
			break;
		}
		fflush(stdout);
		free(line);
	}
}

static int sit_down(struct shell *sh, struct error *err)
{
	struct editor_help help = {sh, complete_line, explain_line};
	int rc = terminal_open(&sh->terminal);

	if (rc < 0)
		return error_errno(err, EXIT_KERNEL, -rc, "cannot wait for signals");
	sh->editor = editor_open(&sh->terminal, &help);
	if (sh->editor) {
		if (editor_complaint(sh->editor))
			fprintf(stderr, "sriovctl: warning: %s\n", editor_complaint(sh->editor));
		if (!sh->session->options->quiet)
			printf("'help' lists the commands,%s 'exit' leaves.\n",
				editor_has_keys(sh->editor) ? " ? says what can come next," : "");
		read_lines(sh);
	}
	if (!sh->editor)
		rc = error_nomem(err);
	else if (ferror(stdout) || sh->session->unread)
		rc = error_set(err, EXIT_KERNEL, "nobody reads the output any more");
	editor_close(sh->editor);
	terminal_close(&sh->terminal);
	return rc;
}

int run_shell(struct session *s, const struct command_line *line, struct error *err)
{
	const struct command *const *outer_commands = s->commands;
	const struct options *outer = s->options;
	struct options inner = line->options;
	struct shell sh = {.session = s};
	struct arena arena = {0};
	int rc;

	if (!isatty(STDIN_FILENO)) {
		inner.batch = "-";
		return run_batch(s, &inner, err);
	}
	if (inner.color == COLOR_AUTO && output_use_color(&inner, stdout))
		inner.color = COLOR_ALWAYS; /* what is shown goes by way of memory */
	s->options = &inner;
	s->commands = all_commands(&arena);
	s->shell = &sh;
	rc = sit_down(&sh, err);
	s->shell = NULL;
	s->commands = outer_commands;
	s->options = outer;
	free(sh.pf);
	free(sh.joined);
	arena_free(&sh.arena);
	arena_free(&arena);
	if (rc == 0 && sh.last != EXIT_DONE) { /* said when it happened */
		err->code = sh.last;
		err->reported = err->told = 1;
		rc = -1;
	}
	return rc;
}
