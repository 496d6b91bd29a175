#include "kernel/session.h"

#include "kernel/sysfs.h"
#include "util/cleanup.h"
#include "util/str.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VARIABLE "SSH_CONNECTION=" /* sshd(8): client address and port, server address and port */
#define ANCESTORS_MAX 32

/* The parent, from /proc/PID/stat; 0 at the end. */
static int parent_of(int proc, int pid)
{
	char path[32], text[512], *after;
	int parent;

	snprintf(path, sizeof(path), "%d/stat", pid);
	if (sysfs_read(proc, path, text, sizeof(text)) <= 0)
		return 0;
	after = strrchr(text, ')'); /* the name before it may contain anything */
	return after && sscanf(after, ") %*c %d", &parent) == 1 ? parent : 0;
}

/* The variable in a process's environment, into out. */
static bool connection_of(int proc, int pid, char *out, size_t size)
{
	char path[32];
	cleanup_free char *line = NULL;
	cleanup_file FILE *f = NULL;
	size_t room = 0;
	int fd;

	snprintf(path, sizeof(path), "%d/environ", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	f = fd < 0 ? NULL : fdopen(fd, "r");
	if (fd >= 0 && !f)
		close(fd);
	while (f && getdelim(&line, &room, 0, f) > 0) {
		if (!str_starts(line, VARIABLE))
			continue;
		snprintf(out, size, "%s", line + strlen(VARIABLE));
		return true;
	}
	return false;
}

static bool find_connection(const struct kernel *k, char *out, size_t size)
{
	const char *own = getenv("SSH_CONNECTION");
	cleanup_close int proc = -1;
	int pid = getppid();

	if (own && own[0]) {
		snprintf(out, size, "%s", own);
		return true;
	}
	proc = openat(k->root, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; proc >= 0 && i < ANCESTORS_MAX && pid > 1; i++) {
		if (connection_of(proc, pid, out, size))
			return true;
		pid = parent_of(proc, pid);
	}
	return false;
}

/* The same address, however it is written. */
static bool same_address(const char *a, const char *b)
{
	unsigned char x[16], y[16];

	if (inet_pton(AF_INET, a, x) == 1 && inet_pton(AF_INET, b, y) == 1)
		return memcmp(x, y, 4) == 0;
	return inet_pton(AF_INET6, a, x) == 1 && inet_pton(AF_INET6, b, y) == 1 &&
	       memcmp(x, y, 16) == 0;
}

void session_find(const struct kernel *k, struct host *host)
{
	char connection[256], server[64], ip[64];
	size_t count = host->usage_count;

	if (k->snapshot || !find_connection(k, connection, sizeof(connection)) ||
		sscanf(connection, "%*s %*s %63s", server) != 1)
		return;
	server[strcspn(server, "%")] = 0; /* the scope of a link-local address */
	for (size_t i = 0; i < count; i++) {
		int ifindex = host->usages[i].ifindex;

		if (sscanf(host->usages[i].what, "address %63[^/]", ip) != 1 ||
			!same_address(ip, server))
			continue;
		host->usages = arena_push(
			&host->arena, host->usages, &host->usage_count, sizeof(*host->usages));
		host->usages[host->usage_count - 1] = (struct usage){ifindex, SSH_SESSION};
	}
}
