/* A person at work: line after line, with all that helps in between. */
#include "run_parts.h"

#include "cli/complete.h"
#include "cli/editor.h"
#include "cli/lines.h"
#include "cli/pager.h"
#include "cmd/commands.h"
#include "core/selector.h"
#include "output/output.h"
#include "util/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct shell {
	struct session *session;
	struct terminal terminal;
	struct editor *editor;
	char *pf; /* that of `use`; NULL */
	enum exit_code last;
	bool asked; /* for the last code, so that it stays */
	bool done;
	/* what completion found last */
	struct arena arena;
	struct completion completion;
};

/* completion */

/* The whole words of what is typed so far, and the one that is not. */
static const char *split_typed(
	struct arena *arena, const char *begin, size_t len, char ***words, size_t *count)
{
	bool open = split_words(begin, len, arena, words, count) == SPLIT_QUOTE;

	if (*count && (open || !strchr(" \t", begin[len - 1])))
		return (*words)[--*count];
	return "";
}

static const struct completion *complete_line(void *context, const char *begin, size_t len)
{
	struct shell *sh = context;
	struct session *s = sh->session;
	struct completing typed = {.commands = s->commands, .pf = sh->pf};
	struct completion *c = &sh->completion;
	struct options o = *s->options;
	struct error ignored = {0};
	struct host *host;
	unsigned needs;
	char **words;

	arena_free(&sh->arena);
	typed.word = split_typed(&sh->arena, begin, len, &words, &typed.count);
	typed.words = words;
	complete(&typed, NULL, &sh->arena, c);
	if (c->snapshot)
		o.snapshot = c->snapshot;
	if (!c->live || !session_kernel(s, &o, &ignored))
		return c;
	do { /* what there is may make more things matter */
		needs = c->needs;
		host = session_look(s, needs, &ignored);
		if (host)
			complete(&typed, host, &sh->arena, c);
	} while (host && c->needs & ~needs);
	return c;
}

/* "  WORD   what it is", no wider than the screen. */
static void explain_row(const char *word, const char *help, int width, size_t columns)
{
	char safe[256], safe_help[512], line[1024];
	int n;

	str_printable(safe, sizeof(safe), word);
	str_printable(safe_help, sizeof(safe_help), help ? help : "");
	n = snprintf(line, sizeof(line), "  %-*s  %s", width, safe, safe_help);
	printf("%.*s\n", n > (int)columns - 1 ? (int)columns - 1 : n, line);
}

static void explain_line(void *context, const char *begin, size_t len)
{
	const struct completion *c = complete_line(context, begin, len);
	size_t columns, rows;
	int width = 0;

	terminal_size(&columns, &rows);
	for (size_t i = 0; i < c->count; i++) {
		int n = (int)strlen(c->items[i].word);

		width = n > width && n <= 24 ? n : width;
	}
	if (c->expects)
		explain_row(c->expects, c->help, width, columns);
	for (size_t i = 0; i < c->count; i++)
		explain_row(c->items[i].word, c->items[i].help, width, columns);
	if (c->files != COMPLETE_NO_FILES)
		explain_row(c->files == COMPLETE_DIRS ? "a directory" : "a file", NULL, 0, columns);
	else if (!c->count && !c->expects)
		explain_row("nothing more can stand here; Enter runs it", NULL, 0, columns);
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
	host = session_look(sh->session, 0, err);
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
		sh->done = true;
		return 0;
	case SERVICE_NONE:
	case SERVICE_REPAIR:
	case SERVICE_SHELL:
	case SERVICE_COMPLETE:
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

static enum exit_code run_words(struct shell *sh, char **words, size_t count, struct arena *arena)
{
	struct session *s = sh->session;
	char **argv = arena_alloc(arena, (count + 2) * sizeof(*argv)), *text = NULL;
	enum exit_code code;
	size_t len = 0;

	argv[0] = arena_strdup(arena, "sriovctl");
	memcpy(argv + 1, words, count * sizeof(*argv));
	s->out = open_memstream(&text, &len);
	if (!s->out) {
		s->out = stdout;
		return session_run(s, (int)count + 1, argv, sh->pf, NULL, 0);
	}
	code = session_run(s, (int)count + 1, argv, sh->pf, NULL, 0);
	fclose(s->out);
	s->out = stdout;
	page(&sh->terminal, text, len);
	free(text);
	return code;
}

static void run_typed(struct shell *sh, const char *line)
{
	struct arena arena = {0};
	struct error err = {0};
	char **words;
	size_t count;

	if (split_words(line, strlen(line), &arena, &words, &count) == SPLIT_QUOTE) {
		error_set(&err, EXIT_USAGE, "a quotation mark is not closed");
		output_error(&err, sh->session->options, stderr);
		sh->last = err.code;
	} else if (count) {
		enum exit_code code;

		sh->asked = false;
		code = run_words(sh, words, count, &arena);
		if (!sh->asked)
			sh->last = code;
	}
	arena_free(&arena);
	terminal_forget(&sh->terminal);
}

static void read_lines(struct shell *sh)
{
	while (!sh->done && !sh->terminal.ended_by) {
		char prompt[160], code[16] = "", *line = NULL;

		if (sh->last != EXIT_DONE)
			snprintf(code, sizeof(code), " [%d]", (int)sh->last);
		snprintf(prompt, sizeof(prompt), "sriovctl%s%.100s%s> ", sh->pf ? " " : "",
			sh->pf ? sh->pf : "", code);
		switch (editor_read(sh->editor, prompt, &line)) {
		case EDITED_END:
			sh->done = true;
			puts("");
			break;
		case EDITED_CANCELLED:
			puts("^C");
			break;
		case EDITED_LINE:
			if (line[strspn(line, " \t")])
				editor_remember(sh->editor, line);
			run_typed(sh, line);
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
			puts("'help' lists the commands, ? says what can come next, 'exit' "
			     "leaves.");
		read_lines(sh);
	}
	rc = sh->editor ? 0 : error_nomem(err);
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
	arena_free(&sh.arena);
	arena_free(&arena);
	if (rc == 0 && sh.last != EXIT_DONE) { /* said when it happened */
		err->code = sh.last;
		err->reported = err->told = 1;
		rc = -1;
	}
	return rc;
}
