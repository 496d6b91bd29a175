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

struct terminal {
	int signals; /* signalfd */
	sigset_t old;
	int ended_by;     /* SIGTERM or SIGHUP, once it came; 0 */
	bool interrupted; /* Ctrl-C was typed; whoever asks for it clears it before */
};

enum terminal_event {
	TERMINAL_INPUT,     /* something can be read */
	TERMINAL_INTERRUPT, /* Ctrl-C */
	TERMINAL_RESIZE,
	TERMINAL_STOP,      /* Ctrl-Z: see terminal_stop() */
	TERMINAL_CONTINUED, /* someone else had stopped us, and the terminal: set its modes again */
	TERMINAL_END,       /* it is gone, or we are to be: ended_by */
};

/* 0 or a negative errno. */
int terminal_open(struct terminal *t);
/* Puts the signals back. One that ended us takes its effect now. */
void terminal_close(struct terminal *t);
/* Wait for the next thing to happen. */
enum terminal_event terminal_wait(struct terminal *t);
/* Forget what came while a command ran, and was meant for it; but an end stays one. */
void terminal_forget(struct terminal *t);
/* Stop as Ctrl-Z does, until we are continued. The terminal's modes are the caller's. */
void terminal_stop(void);
/* Of standard output; 80 and 24 where it does not say. */
void terminal_size(size_t *columns, size_t *rows);
/* Can a cursor be moved on it? */
bool terminal_is_dumb(void);

#endif
