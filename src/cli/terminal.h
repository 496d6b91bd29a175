/*
 * The terminal of a person at work: its size, its keys, and the signals it sends. Signals
 * are blocked and read from a descriptor, so that none comes in the middle of anything: a
 * change has a signalfd of its own, whoever waits for something else can look whether one
 * is pending.
 */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

struct terminal {
	int signals; /* signalfd */
	sigset_t old;
	int ended_by;               /* SIGTERM or SIGHUP, once it came; 0 */
	bool interrupted;           /* Ctrl-C was typed; whoever asks for it clears it before */
	struct termios cooked, raw; /* its modes, and those for terminal_key() */
	bool by_key;                /* it is raw now */
};

enum terminal_event {
	TERMINAL_INPUT,     /* something can be read */
	TERMINAL_INTERRUPT, /* Ctrl-C */
	TERMINAL_RESIZE,
	TERMINAL_STOP,      /* Ctrl-Z: see terminal_stop() */
	TERMINAL_CONTINUED, /* someone else had stopped us, and the terminal: set its modes again */
	TERMINAL_END,       /* it is gone, or we are to be: ended_by */
	TERMINAL_TIMEOUT,   /* see terminal_wait_until() */
};

/* 0 or a negative errno. */
int terminal_open(struct terminal *t);
/* Puts the signals back. One that ended us takes its effect now. */
void terminal_close(struct terminal *t);
/* Wait for the next thing to happen. */
enum terminal_event terminal_wait(struct terminal *t);
/* The same until a moment (monotonic ms, -1: for ever); without input, what is typed stays
 * unread. */
enum terminal_event terminal_wait_until(struct terminal *t, int64_t deadline, bool input);
/* Forget what came while a command ran, and was meant for it; but an end stays one. */
void terminal_forget(struct terminal *t);
/* Stop as Ctrl-Z does, until we are continued. Modes other than those of terminal_by_key()
 * are the caller's. */
void terminal_stop(struct terminal *t);
/* Someone else had the terminal: take up its modes again. */
void terminal_resume(struct terminal *t);

/* Read keys one by one, without showing them, until terminal_by_line(). False when standard
 * input is no terminal. */
bool terminal_by_key(struct terminal *t);
void terminal_by_line(struct terminal *t);

enum key {
	KEY_END_OF_INPUT = 256,
	KEY_UP,
	KEY_DOWN,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_HOME,
	KEY_END,
	KEY_OTHER, /* of several bytes, and none of these */
};
/* The key that there is to read: a byte, or an enum key. */
int terminal_key(void);
/* Write all of it to standard output. False when that is gone. */
bool terminal_write(const char *text, size_t len);
/* Of standard output; 80 and 24 where it does not say. */
void terminal_size(size_t *columns, size_t *rows);
/* Can a cursor be moved on it? */
bool terminal_is_dumb(void);

#endif
