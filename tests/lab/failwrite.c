/*
 * LD_PRELOAD shim for the lab: makes one write to sysfs fail, or hang, as drivers do that
 * the emulated card is too well-behaved for.
 *   FAIL_WRITE="FILE=TEXT:ERRNO"   writing TEXT to a file of that name fails with ERRNO
 *   FAIL_WRITE="FILE=TEXT:sleep"   it blocks for ever
 *   FAIL_WRITE="FILE=TEXT:kill"    SIGKILL to the whole process group at that point
 *   FAIL_WRITE="FILE=TEXT:less"    one VF fewer is asked for than was said
 */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int matches(int fd, const void *buf, size_t count, const char **what)
{
	const char *spec = getenv("FAIL_WRITE");
	const char *equals = spec ? strchr(spec, '=') : NULL;
	const char *colon = equals ? strchr(equals, ':') : NULL;
	char link[64], path[512];
	ssize_t n;

	if (!colon)
		return 0;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return 0;
	path[n] = 0;
	*what = colon + 1;
	return strlen(path) > (size_t)(equals - spec) &&
	       strncmp(path + strlen(path) - (equals - spec), spec, (size_t)(equals - spec)) == 0 &&
	       count == (size_t)(colon - equals - 1) && memcmp(buf, equals + 1, count) == 0;
}

ssize_t write(int fd, const void *buf, size_t count)
{
	ssize_t (*real)(int, const void *, size_t);
	const char *what;
	char less[16];

	*(void **)(void *)&real = dlsym(RTLD_NEXT, "write");
	if (!matches(fd, buf, count, &what))
		return real(fd, buf, count);
	if (strcmp(what, "sleep") == 0)
		for (;;)
			pause();
	if (strcmp(what, "kill") == 0)
		kill(0, SIGKILL);
	if (strcmp(what, "less") == 0) {
		snprintf(less, sizeof(less), "%d", atoi(buf) - 1);
		return real(fd, less, strlen(less)) < 0 ? -1 : (ssize_t)count;
	}
	errno = atoi(what);
	return -1;
}
