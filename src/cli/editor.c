#include "cli/editor.h"

#include "cli/complete.h"
#include "cli/lines.h"
#include "util/cleanup.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#define HISTORY_FILE ".sriovctl_history"
#define HISTORY_LENGTH 1000

/* What is used of readline, which is loaded for the shell alone. */
struct readline {
	__typeof__(&rl_callback_handler_install) install;
	__typeof__(&rl_callback_handler_remove) remove;
	__typeof__(&rl_callback_read_char) read_char;
	__typeof__(&rl_bind_key) bind_key;
	__typeof__(&rl_insert) insert;
	__typeof__(&rl_completion_matches) matches;
	__typeof__(&rl_filename_completion_function) filenames;
	__typeof__(&rl_resize_terminal) resize;
	__typeof__(&rl_forced_update_display) redraw;
	__typeof__(&rl_crlf) crlf;
	__typeof__(&rl_on_new_line) on_new_line;
	__typeof__(&rl_callback_sigcleanup) sigcleanup;
	__typeof__(&using_history) using_history;
	__typeof__(&stifle_history) stifle;
	__typeof__(&add_history) add;
	__typeof__(&read_history) read_file;
	__typeof__(&append_history) append_file;
	__typeof__(&history_truncate_file) truncate_file;
	__typeof__(rl_readline_name) *name;
	__typeof__(rl_line_buffer) *buffer;
	__typeof__(rl_point) *point;
	__typeof__(rl_catch_signals) *catch_signals;
	__typeof__(rl_catch_sigwinch) *catch_sigwinch;
	__typeof__(rl_attempted_completion_function) *attempt;
	__typeof__(rl_attempted_completion_over) *attempt_over;
	__typeof__(rl_completer_word_break_characters) *breaks;
	__typeof__(rl_completer_quote_characters) *quotes;
	__typeof__(rl_completion_suppress_append) *no_blank;
	__typeof__(rl_filename_completion_desired) *is_filename;
	__typeof__(rl_sort_completion_matches) *sort;
	__typeof__(rl_ignore_completion_duplicates) *unique;
};

struct editor {
	struct terminal *terminal;
	struct editor_help help;
	struct readline rl;
	bool has_readline;
	char history[4096]; /* its file; "" for none */
	char complaint[256];
	char *last; /* the line remembered last */
	char *line; /* that readline has just finished */
	bool finished;
	const struct completion *completion; /* being listed */
	size_t listed;
	struct lines plain; /* without readline */
};

/* readline calls back without saying for whom. */
static struct editor *active;

static bool load_readline(struct readline *r)
{
	void *library = dlopen("libreadline.so.8", RTLD_LAZY | RTLD_LOCAL);

	if (!library)
		return false;
#define SYMBOL(member, symbol) (*(void **)(void *)&r->member = dlsym(library, #symbol))
	return SYMBOL(install, rl_callback_handler_install) &&
	       SYMBOL(remove, rl_callback_handler_remove) &&
	       SYMBOL(read_char, rl_callback_read_char) && SYMBOL(bind_key, rl_bind_key) &&
	       SYMBOL(insert, rl_insert) && SYMBOL(matches, rl_completion_matches) &&
	       SYMBOL(filenames, rl_filename_completion_function) &&
	       SYMBOL(resize, rl_resize_terminal) && SYMBOL(redraw, rl_forced_update_display) &&
	       SYMBOL(crlf, rl_crlf) && SYMBOL(on_new_line, rl_on_new_line) &&
	       SYMBOL(sigcleanup, rl_callback_sigcleanup) && SYMBOL(using_history, using_history) &&
	       SYMBOL(stifle, stifle_history) && SYMBOL(add, add_history) &&
	       SYMBOL(read_file, read_history) && SYMBOL(append_file, append_history) &&
	       SYMBOL(truncate_file, history_truncate_file) && SYMBOL(name, rl_readline_name) &&
	       SYMBOL(buffer, rl_line_buffer) && SYMBOL(point, rl_point) &&
	       SYMBOL(catch_signals, rl_catch_signals) &&
	       SYMBOL(catch_sigwinch, rl_catch_sigwinch) &&
	       SYMBOL(attempt, rl_attempted_completion_function) &&
	       SYMBOL(attempt_over, rl_attempted_completion_over) &&
	       SYMBOL(breaks, rl_completer_word_break_characters) &&
	       SYMBOL(quotes, rl_completer_quote_characters) &&
	       SYMBOL(no_blank, rl_completion_suppress_append) &&
	       SYMBOL(is_filename, rl_filename_completion_desired) &&
	       SYMBOL(sort, rl_sort_completion_matches) &&
	       SYMBOL(unique, rl_ignore_completion_duplicates);
#undef SYMBOL
}

/* completion */

static char *next_candidate(const char *text, int state)
{
	struct editor *e = active;

	(void)text; /* there are only those that fit */
	if (!state)
		e->listed = 0;
	if (e->listed >= e->completion->count)
		return NULL;
	return strdup(e->completion->items[e->listed++].word);
}

/* Is it still to be gone on with: "eth0/", "--color=", "a,"? */
static bool goes_on(const char *word)
{
	size_t len = strlen(word);

	return len && strchr("/=,", word[len - 1]);
}

static char **attempt(const char *text, int start, int end)
{
	struct editor *e = active;
	const struct completion *c;

	(void)start;
	*e->rl.attempt_over = 1; /* no file names where nothing else fits */
	c = e->completion = e->help.complete(e->help.context, *e->rl.buffer, (size_t)end);
	if (!c->count && c->files != COMPLETE_NO_FILES) {
		*e->rl.is_filename = 1;
		return e->rl.matches(text, e->rl.filenames);
	}
	*e->rl.no_blank = c->count == 1 && goes_on(c->items[0].word);
	return c->count ? e->rl.matches(text, next_candidate) : NULL;
}

/* The key `?`: what can stand here. */
static int explain_here(int count, int key)
{
	struct editor *e = active;
	const char *begin = *e->rl.buffer;
	size_t len = (size_t)*e->rl.point;

	(void)count;
	for (const char *p = begin; p < begin + len; p++)
		if (*p == '\'' || *p == '"') /* it may be a part of what is quoted */
			return e->rl.insert(1, key);
	e->rl.crlf();
	fflush(stdout);
	e->help.explain(e->help.context, begin, len);
	fflush(stdout);
	e->rl.on_new_line();
	return e->rl.redraw();
}

static void take(char *line)
{
	struct editor *e = active;

	e->line = line;
	e->finished = true;
	e->rl.remove(); /* the terminal is as it was while a command runs */
}

/* history */

/* It has what its owner typed: nobody else is to read it, or to have made it. */
static void open_history(struct editor *e)
{
	const char *file = getenv("SRIOVCTL_HISTORY"), *home = getenv("HOME");
	cleanup_close int fd = -1;
	struct stat st;

	if (file)
		snprintf(e->history, sizeof(e->history), "%s", file);
	else if (home && home[0])
		snprintf(e->history, sizeof(e->history), "%s/%s", home, HISTORY_FILE);
	if (!e->history[0])
		return;
	fd = open(e->history, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
		(!(st.st_mode & 077) || fchmod(fd, 0600) == 0)) {
		e->rl.read_file(e->history);
		return;
	}
	snprintf(e->complaint, sizeof(e->complaint), "no history is kept: %.150s: %s", e->history,
		fd < 0 ? strerror(errno) : "it is not a file of yours alone");
	e->history[0] = 0;
}

void editor_remember(struct editor *e, const char *line)
{
	if (!e->has_readline || line[0] == ' ' || (e->last && strcmp(e->last, line) == 0))
		return;
	free(e->last);
	e->last = strdup(line);
	e->rl.add(line);
	if (e->history[0])
		e->rl.append_file(1, e->history);
}

/* opening, reading, closing */

static void set_up(struct editor *e)
{
	struct readline *r = &e->rl;

	*r->name = "sriovctl";
	*r->catch_signals = 0; /* they are read from a descriptor */
	*r->catch_sigwinch = 0;
	*r->attempt = attempt;
	*r->breaks = (char *)(uintptr_t) " \t";
	*r->quotes = "\"'";
	*r->sort = 0; /* eth0/2 before eth0/10 */
	*r->unique = 0;
	r->bind_key('?', explain_here);
	r->using_history();
	r->stifle(HISTORY_LENGTH);
	open_history(e);
}

struct editor *editor_open(struct terminal *t, const struct editor_help *help)
{
	struct editor *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->terminal = t;
	e->help = *help;
	lines_open(&e->plain, STDIN_FILENO);
	active = e;
	if (terminal_is_dumb())
		return e;
	e->has_readline = load_readline(&e->rl);
	if (e->has_readline)
		set_up(e);
	else
		snprintf(e->complaint, sizeof(e->complaint),
			"no line editing: libreadline.so.8 is not there");
	return e;
}

const char *editor_complaint(const struct editor *e)
{
	return e->complaint[0] ? e->complaint : NULL;
}

void editor_close(struct editor *e)
{
	if (!e)
		return;
	if (e->history[0])
		e->rl.truncate_file(e->history, HISTORY_LENGTH);
	lines_close(&e->plain);
	free(e->last);
	free(e);
	active = NULL;
}

static enum edited edit(struct editor *e, const char *prompt, char **line)
{
	struct readline *r = &e->rl;

	e->finished = false;
	e->line = NULL;
	r->install(prompt, take);
	while (!e->finished) {
		switch (terminal_wait(e->terminal)) {
		case TERMINAL_INPUT:
			r->read_char();
			break;
		case TERMINAL_INTERRUPT:
			r->sigcleanup();
			r->remove();
			return EDITED_CANCELLED;
		case TERMINAL_RESIZE:
			r->resize();
			break;
		case TERMINAL_STOP:
			r->remove();
			terminal_stop(e->terminal);
			r->install(prompt, take);
			break;
		case TERMINAL_END:
			r->remove();
			return EDITED_END;
		}
	}
	*line = e->line;
	return e->line ? EDITED_LINE : EDITED_END;
}

/* A line as the terminal itself lets it be edited. */
static enum edited read_plainly(struct editor *e, const char *prompt, char **line)
{
	const char *start;
	struct error err;
	size_t len;
	int rc = 1;

	fputs(prompt, stdout);
	fflush(stdout);
	while (!lines_waiting(&e->plain) && rc > 0) {
		switch (terminal_wait(e->terminal)) {
		case TERMINAL_INPUT:
			rc = lines_fill(&e->plain);
			break;
		case TERMINAL_INTERRUPT:
			return EDITED_CANCELLED;
		case TERMINAL_RESIZE:
			break;
		case TERMINAL_STOP:
			terminal_stop(e->terminal);
			break;
		case TERMINAL_END:
			return EDITED_END;
		}
	}
	rc = lines_take(&e->plain, &start, &len, &err);
	if (rc <= 0)
		return EDITED_END;
	*line = strndup(start, len);
	return *line ? EDITED_LINE : EDITED_END;
}

enum edited editor_read(struct editor *e, const char *prompt, char **line)
{
	*line = NULL;
	return e->has_readline ? edit(e, prompt, line) : read_plainly(e, prompt, line);
}
