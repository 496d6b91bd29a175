/*
 * LD_PRELOAD shim for the lab: makes what sriovctl asks of the kernel fail, or hang, as drivers do
 * that the emulated card is too well-behaved for, and kills it at any point.
 *   FAIL_WRITE="FILE=TEXT:ERRNO"   writing TEXT to a file of that name fails with ERRNO
 *   FAIL_WRITE="FILE=TEXT:sleep"   it blocks for ever
 *   FAIL_WRITE="FILE=TEXT:kill"    SIGKILL to the whole process group at that point
 *   FAIL_WRITE="FILE=TEXT:alone"   to the first process only (KILL_COUNT knows it); it is written
 *   FAIL_WRITE="FILE=TEXT:less"    one VF fewer is asked for than was said
 *   FAIL_SEND="N:ERRNO"            the Nth RTM_SETLINK request fails with ERRNO, and does nothing
 *   FAIL_SEND="N+:ERRNO"           and so do all after it
 *   FAIL_SEND="vfI:ERRNO"          one that sets VF I fails there; those before it are carried out
 *   FAIL_SEND="...:ignore"         the request does nothing, and succeeds
 *   MORE_VFS=1                     each interface says that it has one VF more than it lists
 *   KILL_COUNT=FILE                FILE, 8 zero bytes, gets the number of changing calls: writes to
 *                                  sysfs and the runtime directory, renames, removals, requests of
 *                                  rtnetlink, those for addresses and routes as well
 *   KILL_AT=N                      SIGKILL to the whole process group instead of the Nth of them
 * Several rules, separated by blanks, are tried in order.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static int *changes; /* counted over all processes: [0] so far, [1] the first process */

__attribute__((constructor)) static void open_count(void)
{
	const char *path = getenv("KILL_COUNT");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *map = fd < 0 ? MAP_FAILED : mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (fd >= 0)
		close(fd);
	if (map == MAP_FAILED)
		return;
	changes = map;
	if (!changes[1])
		changes[1] = getpid();
}

/* Something is about to be changed. */
static void count_change(void)
{
	const char *at = getenv("KILL_AT");

	if (!changes || __sync_add_and_fetch(changes, 1) != (at ? atoi(at) : 0))
		return;
	kill(0, SIGKILL);
}

#define REAL(name) (*(void **)(void *)&real = dlsym(RTLD_NEXT, name))

/* Where the file's name and the text written fit a rule, what it says to do; else NULL. */
static const char *rule_for(const char *path, const void *text, size_t len, char *rules)
{
	char *save, *rule;

	for (rule = strtok_r(rules, " ", &save); rule; rule = strtok_r(NULL, " ", &save)) {
		char *equals = strchr(rule, '='), *colon = equals ? strrchr(equals, ':') : NULL;
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

	REAL("write");
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = 0;
	if (strncmp(path, "/sys/", 5) == 0 || strncmp(path, "/run/sriovctl/", 14) == 0)
		count_change();
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
	if (strcmp(what, "alone") == 0) {
		kill(changes[1], SIGKILL);
		return real(fd, buf, count);
	}
	if (strcmp(what, "less") == 0) {
		snprintf(less, sizeof(less), "%d", atoi(buf) - 1);
		return real(fd, less, strlen(less)) < 0 ? -1 : (ssize_t)count;
	}
	errno = atoi(what);
	return -1;
}

int rename(const char *from, const char *to)
{
	int (*real)(const char *, const char *);

	REAL("rename");
	count_change();
	return real(from, to);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	int (*real)(int, const char *, int, const char *);

	REAL("renameat");
	count_change();
	return real(from_dir, from, to_dir, to);
}

int unlink(const char *path)
{
	int (*real)(const char *);

	REAL("unlink");
	count_change();
	return real(path);
}

int unlinkat(int dir, const char *path, int flags)
{
	int (*real)(int, const char *, int);

	REAL("unlinkat");
	count_change();
	return real(dir, path, flags);
}

#define REQUEST_HEAD (NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct ifinfomsg)))

/* Where in a request for VFs the entry of VF index begins, the list's head in *list; 0: nowhere. */
static size_t find_vf(char *request, size_t len, int index, struct nlattr **list)
{
	size_t at = REQUEST_HEAD + NLA_HDRLEN, number;
	struct nlattr *entry, *first;

	*list = (struct nlattr *)(void *)(request + REQUEST_HEAD);
	if (len < at || ((*list)->nla_type & NLA_TYPE_MASK) != IFLA_VFINFO_LIST)
		return 0;
	for (; at + NLA_HDRLEN < len; at += NLA_ALIGN(entry->nla_len)) {
		entry = (struct nlattr *)(void *)(request + at);
		first = entry + 1;
		/* all begin with the VF's number, but for the VLANs, which are a list */
		number = (first->nla_type & NLA_TYPE_MASK) == IFLA_VF_VLAN_LIST ? 2 * NLA_HDRLEN
										: NLA_HDRLEN;
		if (memcmp((char *)first + number, &index, sizeof(index)) == 0)
			return at;
	}
	return 0;
}

/* What the rules say of the Nth RTM_SETLINK; *cut: how much of it is carried out before. */
static const char *rule_for_request(char *request, size_t len, int nth, char *rules, size_t *cut)
{
	struct nlattr *list;
	char *save, *rule;

	for (rule = strtok_r(rules, " ", &save); rule; rule = strtok_r(NULL, " ", &save)) {
		char *colon = strchr(rule, ':');

		*cut = 0;
		if (!colon)
			continue;
		if (strncmp(rule, "vf", 2) == 0) {
			*cut = find_vf(request, len, atoi(rule + 2), &list);
			if (!*cut)
				continue;
			list->nla_len = (unsigned short)(*cut - REQUEST_HEAD);
		} else if (nth != atoi(rule) && !(colon[-1] == '+' && nth > atoi(rule))) {
			continue;
		}
		return colon + 1;
	}
	return NULL;
}

/* Is it a request of rtnetlink that changes something? They come in fours: new, delete, get, set. */
static bool changes_something(int fd, const struct nlmsghdr *nlh)
{
	int domain = 0, protocol = -1;
	socklen_t len = sizeof(int);

	getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len);
	getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len);
	return domain == AF_NETLINK && protocol == NETLINK_ROUTE && nlh->nlmsg_type >= RTM_BASE &&
	       (nlh->nlmsg_type - RTM_BASE) % 4 != 2;
}

ssize_t sendto(
	int fd, const void *buf, size_t len, int flags, const struct sockaddr *to, socklen_t to_len)
{
	ssize_t (*real)(int, const void *, size_t, int, const struct sockaddr *, socklen_t);
	static char request[65536];
	struct nlmsghdr *nlh = (struct nlmsghdr *)(void *)request;
	char rules[512];
	const char *what;
	static int nth;
	size_t cut;

	REAL("sendto");
	if (len < sizeof(*nlh) || len > sizeof(request))
		return real(fd, buf, len, flags, to, to_len);
	memcpy(request, buf, len);
	if (changes_something(fd, nlh))
		count_change();
	if (nlh->nlmsg_type != RTM_SETLINK)
		return real(fd, buf, len, flags, to, to_len);
	snprintf(rules, sizeof(rules), "%s", getenv("FAIL_SEND") ? getenv("FAIL_SEND") : "");
	what = rule_for_request(request, len, ++nth, rules, &cut);
	if (!what)
		return real(fd, buf, len, flags, to, to_len);
	if (strcmp(what, "ignore") == 0) {
		struct ifinfomsg *head = NLMSG_DATA(nlh);

		nlh->nlmsg_len = REQUEST_HEAD; /* for the interface, and wants nothing of it */
		head->ifi_flags = head->ifi_change = 0;
		return real(fd, request, nlh->nlmsg_len, flags, to, to_len) < 0 ? -1 : (ssize_t)len;
	}
	nlh->nlmsg_len = (unsigned)cut;
	if (cut > REQUEST_HEAD + NLA_HDRLEN)
		real(fd, request, cut, flags, to, to_len);
	errno = atoi(what);
	return -1;
}

static void add_vf(struct nlmsghdr *nlh)
{
	size_t at = REQUEST_HEAD;
	struct nlattr *a;

	for (; at + NLA_HDRLEN <= nlh->nlmsg_len; at += NLA_ALIGN(a->nla_len)) {
		a = (struct nlattr *)(void *)((char *)nlh + at);
		if (a->nla_type == IFLA_NUM_VF)
			++*(unsigned *)(void *)(a + 1);
		if (a->nla_type == IFLA_NUM_VF || a->nla_len < NLA_HDRLEN)
			return;
	}
}

ssize_t recv(int fd, void *buf, size_t len, int flags)
{
	ssize_t (*real)(int, void *, size_t, int);
	struct nlmsghdr *nlh = buf;
	ssize_t n;
	int left, domain = 0;
	socklen_t size = sizeof(domain);

	REAL("recv");
	n = real(fd, buf, len, flags);
	getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size);
	if (n <= 0 || !len || domain != AF_NETLINK || !getenv("MORE_VFS"))
		return n;
	for (left = (int)n; NLMSG_OK(nlh, left); nlh = NLMSG_NEXT(nlh, left))
		if (nlh->nlmsg_type == RTM_NEWLINK)
			add_vf(nlh);
	return n;
}
