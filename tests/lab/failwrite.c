/*
 * LD_PRELOAD shim for the lab: makes one write to sysfs fail, or hang, as drivers do that
 * the emulated card is too well-behaved for.
 *   FAIL_WRITE="FILE=TEXT:ERRNO"   writing TEXT to a file of that name fails with ERRNO
 *   FAIL_WRITE="FILE=TEXT:sleep"   it blocks for ever
 *   FAIL_WRITE="FILE=TEXT:kill"    SIGKILL to the whole process group at that point
 *   FAIL_WRITE="FILE=TEXT:less"    one VF fewer is asked for than was said
 * Several, separated by blanks, are tried in order.
 */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where the file's name and the text written fit a rule, what it says to do; else NULL. */
static const char *rule_for(const char *path, const void *text, size_t len, char *rules)
{
	char *save, *rule;

	for (rule = strtok_r(rules, " ", &save); rule; rule = strtok_r(NULL, " ", &save)) {
		char *equals = strchr(rule, '='), *colon = equals ? strchr(equals, ':') : NULL;
		size_t name_len;

		if (!colon)
			continue;
		*equals = *colon = 0;
		name_len = strlen(rule);
		if (strlen(path) > name_len && strcmp(path + strlen(path) - name_len, rule) == 0 &&
			len == strlen(equals + 1) && memcmp(text, equals + 1, len) == 0)
			return colon + 1;
	}
	return NULL;
}

ssize_t write(int fd, const void *buf, size_t count)
{
	ssize_t (*real)(int, const void *, size_t);
	const char *what = NULL;
	char less[16], link[64], path[512], rules[512];
	ssize_t n;

	*(void **)(void *)&real = dlsym(RTLD_NEXT, "write");
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = 0;
	snprintf(rules, sizeof(rules), "%s", getenv("FAIL_WRITE") ? getenv("FAIL_WRITE") : "");
	if (n > 0)
		what = rule_for(path, buf, count, rules);
	if (!what)
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
