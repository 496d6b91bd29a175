#include "util/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 3, 0))) static void set_message(
	struct error *err, enum exit_code code, const char *fmt, va_list ap)
{
	memset(err, 0, sizeof(*err));
	err->code = code;
	vsnprintf(err->message, sizeof(err->message), fmt, ap);
}

int error_set(struct error *err, enum exit_code code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_message(err, code, fmt, ap);
	va_end(ap);
	return -1;
}

int error_errno(struct error *err, enum exit_code code, int sys_errno, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_message(err, code, fmt, ap);
	va_end(ap);
	err->sys_errno = sys_errno;
	snprintf(err->kernel, sizeof(err->kernel), "%s", strerror(sys_errno));
	return -1;
}

int error_about(struct error *err, const char *object, const char *attr)
{
	snprintf(err->object, sizeof(err->object), "%s", object);
	if (attr)
		snprintf(err->attr, sizeof(err->attr), "%s", attr);
	return -1;
}

int error_hint(struct error *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
	return -1;
}

int error_nomem(struct error *err)
{
	return error_set(err, EXIT_KERNEL, "out of memory");
}

const char *exit_code_text(enum exit_code code)
{
	switch (code) {
	case EXIT_DONE:
		return "done, whether anything changed or not";
	case EXIT_USAGE:
		return "the command line is wrong";
	case EXIT_KERNEL:
		return "the kernel or driver refused";
	case EXIT_REFUSED:
		return "refused for safety";
	case EXIT_NOT_FOUND:
		return "not found";
	case EXIT_UNSUPPORTED:
		return "not supported by this driver or device";
	case EXIT_TIMED_OUT:
		return "timed out";
	case EXIT_LOCKED:
		return "another sriovctl has the lock";
	case EXIT_PARTLY:
		return "partly done";
	case EXIT_DIFFERS:
		return "there is a difference";
	}
	return NULL;
}
