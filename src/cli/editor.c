#include "cli/editor.h"

#include "cli/complete.h"
#include "cli/lines.h"
#include "cli/pager.h"
#include "cli/readline.h"
#include "util/cleanup.h"
#include "util/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HISTORY_FILE ".sriovctl_history"
#define HISTORY_LENGTH 1000
#define REMEMBERED_MAX 4096 /* bytes of a line; longer ones were pasted by mistake */

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
	/* in one call of readline */
	bool resized;
	size_t keys, spared;
	const char *cut_short;               /* what readline is told instead of keys; NULL */
	const struct completion *completion; /* being listed */
	const char *word;                    /* it is for */
	size_t skip;                         /* so much of it stays as it is */
	size_t listed;
	struct lines plain; /* without readline */
};

/* readline calls back without saying for whom. */
static struct editor *active;

/* completion */

static char *next_candidate(const char *text, int state)
{
	struct editor *e = active;

	(void)text; /* there are only those that fit */
	if (!state)
		e->listed = 0;
	if (e->listed >= e->completion->count)
		return NULL;
	return strdup(e->completion->items[e->listed++].word + e->skip);
}

/* In "--name=PATH" the path begins behind that. */
static const char *path_of(const char *word)
{
	const char *equals = word[0] == '-' ? strchr(word, '=') : NULL;

	return equals ? equals + 1 : word;
}

static char *next_file(const char *text, int state)
{
	struct editor *e = active;
	const char *path = path_of(e->word);
	size_t skip = strlen(path) - strlen(text);
	char *name;

	while ((name = e->rl.filenames(path, state))) {
		struct stat st;

		state = 1;
		if (e->completion->files == COMPLETE_DIRS && path[0] != '~' &&
			(stat(name, &st) < 0 || !S_ISDIR(st.st_mode))) {
			free(name);
			continue;
		}
		memmove(name, name + skip, strlen(name + skip) + 1);
		return name;
	}
	return NULL;
}

/* Is it still to be gone on with: "eth0/", "--color=", "a,"? */
static bool goes_on(const char *word)
{
	size_t len = strlen(word);

	return len && strchr("/=,", word[len - 1]);
}

/* readline replaces only what is behind the last '=', ',' or quotation mark. False when the
 * word was typed in a way that this does not work out. */
static bool find_skip(struct editor *e, const char *text)
{
	size_t len = strlen(text), all = strlen(e->word);

	e->skip = all - len;
	return len <= all && strcmp(e->word + e->skip, text) == 0;
}

static char **attempt(const char *text, int start, int end)
{
	struct editor *e = active;
	const struct completion *c;

	(void)start;
	*e->rl.attempt_over = 1; /* no file names where nothing else fits */
	*e->rl.sort = 0;         /* eth0/2 before eth0/10 */
	c = e->completion = e->help.complete(e->help.context, *e->rl.buffer, (size_t)end, &e->word);
	if (!find_skip(e, text))
		return NULL;
	if (!c->count && c->files != COMPLETE_NO_FILES) {
		if (strlen(text) > strlen(path_of(e->word)))
			return NULL;
		*e->rl.is_filename = *e->rl.sort = 1;
		return e->rl.matches(text, next_file);
	}
	*e->rl.no_blank = c->count == 1 && goes_on(c->items[0].word);
	return c->count ? e->rl.matches(text, next_candidate) : NULL;
}

/* What stands in the list: of a file without the directories before it. */
static char *in_list(const struct editor *e, const char *match)
{
	const char *slash = strrchr(match, '/'), *name = match;
	char safe[4096], *text;
	bool is_dir = false;
	struct stat st;

	if (*e->rl.is_filename) {
		name = slash && slash[1] ? slash + 1 : match;
		is_dir = stat(match, &st) == 0 && S_ISDIR(st.st_mode);
	}
	str_printable(safe, sizeof(safe), name);
	if (asprintf(&text, "%s%s", safe, is_dir ? "/" : "") < 0)
		abort();
	return text;
}

/* All that fit, from matches[1] on: readline would not stop when the screen is full. */
static void list_matches(char **matches, int count, int longest)
{
	struct editor *e = active;
	char **words = calloc((size_t)count, sizeof(*words)), *text = NULL;
	size_t columns, rows, len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)longest;
	if (!words || !out)
		abort();
	terminal_size(&columns, &rows);
	for (int i = 0; i < count; i++)
		words[i] = in_list(e, matches[i + 1]);
	print_columns(out, words, (size_t)count, columns);
	fclose(out);
	e->rl.crlf();
	page(e->terminal, text, len);
	free(text);
	for (int i = 0; i < count; i++)
		free(words[i]);
	free(words);
	e->rl.on_new_line();
	e->rl.redraw();
}

/* The key `?`: what can stand here; it may also be a part of what is quoted. */
static int explain_here(int count, int key)
{
	struct editor *e = active;
	const char *begin = *e->rl.buffer;
	size_t len = (size_t)*e->rl.point, words;
	struct arena arena = {0};
	char **list;
	bool quoted = split_words(begin, len, &arena, &list, &words) != SPLIT_WHOLE;

	arena_free(&arena);
	if (quoted)
		return e->rl.insert(count, key);
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
		const HIST_ENTRY *last;

		e->rl.read_file(e->history);
		last = e->rl.history_get(*e->rl.history_base + *e->rl.history_length - 1);
		e->last = last ? strdup(last->line) : NULL;
		return;
	}
	snprintf(e->complaint, sizeof(e->complaint), "no history is kept: %.150s: %s", e->history,
		fd < 0 && errno != ELOOP ? strerror(errno) : "it is not a file of yours alone");
	e->history[0] = 0;
}

void editor_remember(struct editor *e, const char *line)
{
	size_t len = strlen(line);
	char *kept;

	/* completion leaves a blank, which may be a part of the last word */
	while (len && line[len - 1] == ' ' && !(len > 1 && line[len - 2] == '\\'))
		len--;
	if (!e->has_readline || !len || len > REMEMBERED_MAX || line[0] == ' ')
		return;
	kept = strndup(line, len);
	if (!kept || (e->last && strcmp(e->last, kept) == 0)) {
		free(kept);
		return;
	}
	free(e->last);
	e->last = kept;
	e->rl.add(kept);
	if (e->history[0])
		e->rl.append_file(1, e->history);
}

/* opening, reading, closing */

/* Of a paste that is too long for a line anyway, all but what could be its end, which is an
 * escape sequence: showing a megabyte takes long. */
static bool is_too_much(struct editor *e, unsigned char key)
{
	if (++e->keys <= 2 * LINE_LENGTH_MAX)
		return false;
	e->spared = key == '\033' ? sizeof("[201~") : e->spared;
	return !e->spared || !e->spared--;
}

/*
 * Where readline wants more than the one key that it was called for: the rest of what is
 * pasted. Signals do not cut its reading short, so they are to be looked at here. A paste that
 * just stopped would be used without an end by readline 8.2, so it is given one; and an end of
 * all input would be taken for Ctrl-D.
 */
static int next_key(FILE *stream)
{
	static const char paste_end[] = "\033[201~";
	struct editor *e = active;
	unsigned char key;
	ssize_t n;

	(void)stream;
	while (!e->cut_short) {
		switch (terminal_wait(e->terminal)) {
		case TERMINAL_INPUT:
			n = read(STDIN_FILENO, &key, 1);
			if (n == 1 && !is_too_much(e, key))
				return key;
			if (n == 1 || (n < 0 && (errno == EINTR || errno == EAGAIN)))
				continue;
			if (!e->keys)
				return EOF;
			break;
		case TERMINAL_TIMEOUT: /* never: there is no deadline */
		case TERMINAL_RESIZE:
			e->resized = true;
			continue;
		case TERMINAL_STOP:
		case TERMINAL_CONTINUED:
			continue;
		case TERMINAL_INTERRUPT:
		case TERMINAL_END:
			if (!e->keys)
				return 0; /* sets a mark */
			break;
		}
		e->cut_short = paste_end;
	}
	return *e->cut_short ? *e->cut_short++ : EOF;
}

static void set_up(struct editor *e)
{
	struct readline *r = &e->rl;

	*r->name = "sriovctl";
	*r->catch_signals = 0; /* they are read from a descriptor */
	*r->catch_sigwinch = 0;
	*r->getc_function = next_key;
	*r->attempt = attempt;
	*r->list = list_matches;
	*r->breaks = (char *)(uintptr_t) " \t=,"; /* so that a list has what goes on only */
	*r->quotes = "\"'";
	*r->file_quotes = " \t\\\"'#";
	*r->unique = 0;
	r->set("skip-completed-text", "on"); /* "sh" before "ow" */
	r->bind_key('?', explain_here, r->keymap("emacs"));
	r->bind_key('?', explain_here, r->keymap("vi-insert"));
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
	e->has_readline = readline_load(&e->rl);
	if (e->has_readline)
		set_up(e);
	else
		snprintf(e->complaint, sizeof(e->complaint),
			"no line editing: libreadline.so.8 is not there");
	return e;
}

bool editor_has_keys(const struct editor *e)
{
	return e->has_readline;
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

static enum edited end_line(struct editor *e, enum edited how)
{
	struct readline *r = &e->rl;

	r->sigcleanup();
	if (how == EDITED_CANCELLED) {
		*r->point = *r->end;
		r->redisplay();
		puts("^C");
	}
	r->free_line();
	r->forget_keys();
	if (!e->finished)
		r->remove();
	free(e->line);
	e->line = NULL;
	return how;
}

/* The terminal has been someone else's. What was typed is still there. */
static void go_on(struct editor *e)
{
	struct readline *r = &e->rl;

	r->deprep();
	r->prep(1);
	r->measure(); /* the screen may be another by now */
	r->on_new_line();
	r->redraw();
}

static void stop(struct editor *e)
{
	e->rl.crlf();
	e->rl.deprep();
	fflush(stdout);
	terminal_stop(e->terminal);
	go_on(e);
}

static void read_keys(struct editor *e)
{
	e->resized = false;
	e->keys = e->spared = 0;
	e->cut_short = NULL;
	e->rl.read_char();
	if (e->resized && !e->finished)
		e->rl.resize();
}

static enum edited edit(struct editor *e, const char *prompt, char **line)
{
	struct readline *r = &e->rl;

	e->finished = e->terminal->interrupted = false;
	e->line = NULL;
	r->install(prompt, take);
	while (!e->finished) {
		switch (terminal_wait(e->terminal)) {
		case TERMINAL_INPUT:
			read_keys(e);
			break;
		case TERMINAL_INTERRUPT:
			break;
		case TERMINAL_TIMEOUT: /* never: there is no deadline */
		case TERMINAL_RESIZE:
			r->resize();
			break;
		case TERMINAL_STOP:
			stop(e);
			break;
		case TERMINAL_CONTINUED:
			go_on(e);
			break;
		case TERMINAL_END:
			return end_line(e, EDITED_END);
		}
		if (e->terminal->interrupted) /* also while a list was shown */
			return end_line(e, EDITED_CANCELLED);
	}
	*line = e->line;
	return e->line ? EDITED_LINE : EDITED_END;
}

static enum edited take_plainly(struct editor *e, char **line, struct error *err)
{
	const char *start;
	size_t len;
	int rc = lines_take(&e->plain, &start, &len, err);

	if (rc > 0 && memchr(start, 0, len))
		rc = error_set(err, EXIT_USAGE, "the line has a NUL byte");
	if (rc < 0 && err->code == EXIT_USAGE)
		return EDITED_WRONG;
	if (rc <= 0)
		return EDITED_END;
	*line = strndup(start, len);
	return *line ? EDITED_LINE : EDITED_END;
}

/* A line as the terminal itself lets it be edited. */
static enum edited read_plainly(
	struct editor *e, const char *prompt, char **line, struct error *err)
{
	int rc = 1;

	fputs(prompt, stdout);
	fflush(stdout);
	while (!lines_waiting(&e->plain) && rc > 0 &&
		e->plain.len - e->plain.at <= LINE_LENGTH_MAX) {
		switch (terminal_wait(e->terminal)) {
		case TERMINAL_INPUT:
			rc = lines_fill(&e->plain);
			break;
		case TERMINAL_INTERRUPT: /* the terminal has shown ^C and dropped the line */
			puts("");
			return EDITED_CANCELLED;
		case TERMINAL_TIMEOUT: /* never: there is no deadline */
		case TERMINAL_RESIZE:
			break;
		case TERMINAL_STOP:
			terminal_stop(e->terminal);
			/* fall through */
		case TERMINAL_CONTINUED:
			printf("\n%s", prompt);
			fflush(stdout);
			break;
		case TERMINAL_END:
			return EDITED_END;
		}
	}
	return take_plainly(e, line, err);
}

enum edited editor_read(struct editor *e, const char *prompt, char **line, struct error *err)
{
	*line = NULL;
	return e->has_readline ? edit(e, prompt, line) : read_plainly(e, prompt, line, err);
}
