#include "policy/shell.h"

#include "util/str.h"

#include <ctype.h>
#include <string.h>

#define NESTED_MAX 4 /* of sh -c within sh -c */

enum token {
	TOKEN_END,    /* of everything */
	TOKEN_STOP,   /* of a command */
	TOKEN_PIPE,   /* of one whose output the next one reads */
	TOKEN_OUTPUT, /* > */
	TOKEN_OTHER,  /* < or 2>: a file follows that is no matter */
	TOKEN_WORD,
};

struct lexer {
	const char *text;
	size_t len, at;
	struct origin origin;
	bool fixed; /* the origin is that of all of it */
};

struct reader {
	struct arena *arena;
	struct problems *problems;
	void (*take)(void *data, const struct shell_command *command);
	void *data;
	struct shell_word *words; /* of the command that is being read */
	size_t count;
	struct shell_word *output;
	bool piped;
	unsigned depth, nested;
};

static void read_text(struct reader *r, struct lexer *l);

static int peek(const struct lexer *l, size_t ahead)
{
	return l->at + ahead < l->len ? (unsigned char)l->text[l->at + ahead] : -1;
}

static void step(struct lexer *l)
{
	if (!l->fixed) {
		l->origin.column++;
		if (l->text[l->at] == '\n') {
			l->origin.line++;
			l->origin.column = 1;
		}
	}
	l->at++;
}

static void skip_blanks(struct lexer *l)
{
	for (;;) {
		int c = peek(l, 0);

		if (c == '\\' && peek(l, 1) == '\n') {
			step(l);
			step(l);
		} else if (c == '#') {
			while (peek(l, 0) >= 0 && peek(l, 0) != '\n')
				step(l);
		} else if (c == ' ' || c == '\t' || c == '\r') {
			step(l);
		} else {
			return;
		}
	}
}

static bool ends_word(int c)
{
	return c > 0 && strchr(" \t\r\n;&|<>()", c);
}

struct buffer {
	char *text;
	size_t len;
};

static void put(struct reader *r, struct buffer *b, int c)
{
	b->text = arena_push(r->arena, b->text, &b->len, 1);
	b->text[b->len - 1] = (char)c;
}

/* What a backslash makes of the character after it. */
static void read_escaped(struct reader *r, struct lexer *l, struct buffer *b, int quote)
{
	int c;

	step(l);
	c = peek(l, 0);
	if (c < 0)
		return;
	if (quote && !strchr("$`\"\\\n", c))
		put(r, b, '\\');
	if (c != '\n')
		put(r, b, c);
	step(l);
}

/* $(...) and `...` are part of one word, whatever is in them. */
static void read_substitution(struct reader *r, struct lexer *l, struct buffer *b, int end)
{
	int c = peek(l, 0);

	for (; c >= 0 && c != '\n'; c = peek(l, 0)) {
		put(r, b, c);
		step(l);
		if (c == end)
			return;
	}
}

/* A word up to a blank or operator, its quotes taken off. */
static struct shell_word read_word(struct reader *r, struct lexer *l)
{
	struct shell_word w = {.origin = l->origin};
	struct buffer b = {0};
	int quote = 0, c;

	while ((c = peek(l, 0)) >= 0) {
		if (!quote && ends_word(c))
			break;
		if (c == '\\' && quote != '\'') {
			read_escaped(r, l, &b, quote);
			continue;
		}
		if (c == quote || (!quote && (c == '"' || c == '\''))) {
			quote = quote ? 0 : c;
		} else {
			w.expands |= quote != '\'' && (c == '$' || c == '`');
			put(r, &b, c);
		}
		step(l);
		if (quote != '\'' && (c == '`' || (c == '$' && peek(l, 0) == '(')))
			read_substitution(r, l, &b, c == '`' ? '`' : ')');
	}
	if (quote)
		problem_warn(r->problems, w.origin, "a quote that does not end");
	w.text = arena_strndup(r->arena, b.text ? b.text : "", b.len);
	return w;
}

static enum token read_output(struct lexer *l, enum token token)
{
	step(l);
	if (peek(l, 0) == '>' || peek(l, 0) == '|') {
		step(l);
	} else if (peek(l, 0) == '&') { /* to another descriptor, 2>&1 */
		step(l);
		token = TOKEN_OTHER;
	}
	return token;
}

static enum token read_token(struct lexer *l)
{
	int c;

	skip_blanks(l);
	c = peek(l, 0);
	switch (c) {
	case -1:
		return TOKEN_END;
	case '\n':
	case ';':
	case '(':
	case ')':
		step(l);
		return TOKEN_STOP;
	case '&':
		step(l);
		if (peek(l, 0) == '>')
			return read_output(l, TOKEN_OUTPUT);
		if (peek(l, 0) == '&')
			step(l);
		return TOKEN_STOP;
	case '|':
		step(l);
		if (peek(l, 0) != '|' && peek(l, 0) != '&')
			return TOKEN_PIPE;
		c = peek(l, 0);
		step(l);
		return c == '&' ? TOKEN_PIPE : TOKEN_STOP;
	case '>':
		return read_output(l, TOKEN_OUTPUT);
	case '<':
		while (peek(l, 0) == '<' || peek(l, 0) == '-')
			step(l);
		return TOKEN_OTHER;
	}
	if (isdigit(c) && peek(l, 1) == '>') {
		step(l);
		return read_output(l, c == '1' ? TOKEN_OUTPUT : TOKEN_OTHER);
	}
	return TOKEN_WORD;
}

static bool is_one_of(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(*words, text) == 0)
			return true;
	return false;
}

static void drop(struct shell_command *c, size_t n)
{
	n = n < c->count ? n : c->count;
	c->words += n;
	c->count -= n;
}

static bool is_assignment(const char *text)
{
	size_t n = 0;

	while (isalnum((unsigned char)text[n]) || text[n] == '_')
		n++;
	return n && !isdigit((unsigned char)text[0]) && text[n] == '=';
}

/* ExecStart=-/sbin/ip ... of a unit of systemd, and nothing of what is done when it stops.
 * False when it is no such line. */
static bool take_exec(struct shell_command *c)
{
	const char *text = c->words[0].text, *equals = strchr(text, '=');

	if (!equals || !str_starts(text, "Exec"))
		return false;
	c->words[0].text = equals + 1 + strspn(equals + 1, "-@:+!");
	if (!str_starts(text, "ExecStart") || !c->words[0].text[0])
		drop(c, c->count);
	return true;
}

/* sudo -u root, and what else is only there to run another command */
static void drop_wrapper(struct shell_command *c)
{
	static const char *const with_value[] = {
		"-u", "-g", "-C", "-p", "-h", "-R", "-T", "-D", "-r", "-t", NULL};

	drop(c, 1);
	while (c->count && c->words[0].text[0] == '-')
		drop(c, is_one_of(c->words[0].text, with_value) ? 2 : 1);
}

/* Take away what the shell makes of the first word. False when nothing is left to run. */
static bool take_keyword(struct reader *r, struct shell_command *c)
{
	static const char *const begins[] = {"if", "while", "until", "{", NULL};
	static const char *const headers[] = {"for", "case", "select", NULL};
	static const char *const ends[] = {"fi", "done", "esac", "}", NULL};
	static const char *const others[] = {
		"then", "do", "else", "elif", "!", "up", "pre-up", "post-up", NULL};
	static const char *const never[] = {"down", "pre-down", "post-down", NULL};
	static const char *const wrappers[] = {
		"sudo", "doas", "exec", "command", "nohup", "env", "time", "builtin", NULL};
	const char *word = c->words[0].text;

	if (is_one_of(word, headers)) {
		r->depth++;
		drop(c, c->count);
	} else if (strcmp(word, "function") == 0) {
		r->depth += strcmp(c->words[c->count - 1].text, "{") == 0;
		drop(c, c->count);
	} else if (is_one_of(word, never)) {
		drop(c, c->count);
	} else if (is_one_of(word, begins)) {
		r->depth++;
		drop(c, 1);
	} else if (is_one_of(word, ends)) {
		r->depth -= r->depth > 0;
		drop(c, 1);
	} else if (is_one_of(word, others)) {
		drop(c, 1);
	} else if (is_one_of(word, wrappers)) {
		drop_wrapper(c);
	} else if (is_assignment(word)) {
		if (!take_exec(c))
			drop(c, 1);
	} else {
		return false;
	}
	return c->count > 0;
}

/* sh -c 'COMMANDS' */
static bool take_nested(struct reader *r, const struct shell_command *c)
{
	static const char *const shells[] = {"sh", "bash", "dash", "ash", "ksh", "zsh", NULL};
	const char *slash = strrchr(c->words[0].text, '/');

	if (!is_one_of(slash ? slash + 1 : c->words[0].text, shells))
		return false;
	for (size_t i = 1; i + 1 < c->count; i++) {
		const char *option = c->words[i].text;
		const struct shell_word *text = &c->words[i + 1];
		struct lexer l = {text->text, strlen(text->text), 0, text->origin, true};
		struct reader inner = *r;

		if (option[0] != '-' || option[strlen(option) - 1] != 'c')
			continue;
		inner.words = NULL;
		inner.count = 0;
		inner.output = NULL;
		if (inner.nested++ < NESTED_MAX)
			read_text(&inner, &l);
		break;
	}
	return true;
}

static void end_command(struct reader *r, bool piped)
{
	struct shell_command c = {
		.words = r->words,
		.count = r->count,
		.output = r->output,
		.piped = r->piped,
	};

	while (c.count && take_keyword(r, &c))
		;
	c.depth = r->depth;
	if (c.count && !take_nested(r, &c))
		r->take(r->data, &c);
	r->words = NULL;
	r->count = 0;
	r->output = NULL;
	r->piped = piped;
}

static void read_text(struct reader *r, struct lexer *l)
{
	for (;;) {
		enum token token = read_token(l);
		struct shell_word w;

		if (token == TOKEN_END || token == TOKEN_STOP || token == TOKEN_PIPE) {
			end_command(r, token == TOKEN_PIPE);
			if (token == TOKEN_END)
				return;
			continue;
		}
		skip_blanks(l);
		w = read_word(r, l);
		if (token == TOKEN_OUTPUT) {
			struct shell_word *output = arena_alloc(r->arena, sizeof(*output));

			*output = w;
			r->output = output;
		} else if (token == TOKEN_WORD) {
			r->words = arena_push(r->arena, r->words, &r->count, sizeof(*r->words));
			r->words[r->count - 1] = w;
		}
	}
}

void shell_read(const struct source *source, struct arena *arena, struct problems *problems,
	void (*take)(void *data, const struct shell_command *command), void *data)
{
	struct reader r = {.arena = arena, .problems = problems, .take = take, .data = data};
	struct lexer l = {source->text, source->len, 0, {source, 1, 1}, false};

	read_text(&r, &l);
}
