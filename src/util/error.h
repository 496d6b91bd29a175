/*
 * What went wrong, gathering context on its way up; printed once, by main.
 * The exit codes are a promise to scripts (sriovctl(8), EXIT STATUS).
 */
#ifndef UTIL_ERROR_H
#define UTIL_ERROR_H

enum exit_code {
	EXIT_DONE = 0,        /* done, whether anything changed or not */
	EXIT_USAGE = 1,       /* the command line is wrong */
	EXIT_KERNEL = 2,      /* the kernel or driver refused */
	EXIT_REFUSED = 3,     /* we refused, for safety */
	EXIT_NOT_FOUND = 4,   /* no such PF, VF, file */
	EXIT_UNSUPPORTED = 5, /* this driver or device cannot do it */
	EXIT_TIMED_OUT = 6,
	EXIT_LOCKED = 7, /* another sriovctl is changing the same PF */
	EXIT_PARTLY = 8, /* partly done: something could not be undone */
	EXIT_DIFFERS = 9,
};

struct error {
	enum exit_code code;
	int sys_errno;     /* positive errno of the kernel's answer, 0 when none */
	char object[128];  /* what it is about: "eth0", "eth0/3"; may be empty */
	char attr[32];     /* which attribute; may be empty */
	char message[512]; /* one sentence, no newline */
	char kernel[256];  /* the kernel's own words: errno text and extack */
	char hint[320];    /* the next step */
	int reported;      /* it is in the JSON on stdout already */
	int told;          /* and on stderr */
};

/* What an exit code means, in a few words; NULL for one that there is not. */
const char *exit_code_text(enum exit_code code);
/* Set the error; always returns -1, so that callers can `return error_set(...)`. */
int error_set(struct error *err, enum exit_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same for a failed system call: sys_errno (positive) becomes the kernel's words. */
int error_errno(struct error *err, enum exit_code code, int sys_errno, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Say what the error is about. attr may be NULL. Always returns -1. */
int error_about(struct error *err, const char *object, const char *attr);
/* Say what to do next. Always returns -1. */
int error_hint(struct error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int error_nomem(struct error *err);

#endif
