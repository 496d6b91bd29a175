#include "kernel/rtnl.h"

#include "kernel/netns.h"
#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const rtnl_query_names[RTNL_QUERY_COUNT] = {
	[RTNL_LINKS] = "link",
	[RTNL_LINKS_STATS] = "link-stats",
	[RTNL_ADDRESSES] = "addr",
	[RTNL_ROUTES4] = "route4",
	[RTNL_ROUTES6] = "route6",
};

static const struct {
	uint16_t type;
	uint8_t family;
	uint32_t ext_mask;
} queries[RTNL_QUERY_COUNT] = {
	[RTNL_LINKS] = {RTM_GETLINK, AF_UNSPEC, RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS},
	[RTNL_LINKS_STATS] = {RTM_GETLINK, AF_UNSPEC, RTEXT_FILTER_VF},
	[RTNL_ADDRESSES] = {RTM_GETADDR, AF_UNSPEC, 0},
	[RTNL_ROUTES4] = {RTM_GETROUTE, AF_INET, 0},
	[RTNL_ROUTES6] = {RTM_GETROUTE, AF_INET6, 0},
};

void buffer_free(struct buffer *b)
{
	free(b->data);
	*b = (struct buffer){0};
}

char *buffer_room(struct buffer *b, size_t n)
{
	if (b->room - b->len < n) {
		size_t room = b->room ? b->room : (size_t)64 * 1024;

		while (room - b->len < n)
			room *= 2;
		b->data = realloc(b->data, room);
		if (!b->data)
			abort();
		b->room = room;
	}
	return b->data + b->len;
}

/* Sockets stay in the namespace where they were made. */
struct mnl_socket *rtnl_socket(int netns)
{
	int fd = netns_socket(netns, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	struct mnl_socket *nl = fd < 0 ? NULL : mnl_socket_fdopen(fd);

	if (fd >= 0 && !nl)
		close(fd);
	return nl;
}

/* One datagram, whole: its size is asked first, since a short buffer loses the rest. */
static int receive(struct mnl_socket *nl, struct buffer *b)
{
	int fd = mnl_socket_get_fd(nl);
	ssize_t size = recv(fd, NULL, 0, MSG_PEEK | MSG_TRUNC), n;

	if (size < 0)
		return -errno;
	n = recv(fd, buffer_room(b, (size_t)size), (size_t)size, 0);
	if (n < 0)
		return -errno;
	b->len += (size_t)n;
	return (int)n;
}

const struct nlmsghdr *rtnl_next(const char **data, size_t *left)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)(const void *)*data;
	size_t size;

	if (*left < sizeof(*nlh) || nlh->nlmsg_len < sizeof(*nlh) || nlh->nlmsg_len > *left)
		return NULL;
	size = NLMSG_ALIGN((size_t)nlh->nlmsg_len);
	if (size > *left)
		return NULL;
	*data += size;
	*left -= size;
	return nlh;
}

enum dump_state {
	DUMP_WHOLE,
	DUMP_INTERRUPTED
};

/* Look at the messages received last: *done at the end; an error (negative errno), or
 * whether interfaces changed meanwhile. */
static int dump_state(const char *data, size_t len, bool *done)
{
	const struct nlmsghdr *nlh;
	enum dump_state state = DUMP_WHOLE;

	while ((nlh = rtnl_next(&data, &len))) {
		if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
			state = DUMP_INTERRUPTED;
		if (nlh->nlmsg_type == NLMSG_ERROR) {
			const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);

			if (nlh->nlmsg_len >= NLMSG_LENGTH(sizeof(*e)) && e->error)
				return e->error;
		}
		if (nlh->nlmsg_type == NLMSG_DONE) {
			int error = 0;

			if (nlh->nlmsg_len >= NLMSG_LENGTH(sizeof(error)))
				memcpy(&error, mnl_nlmsg_get_payload(nlh), sizeof(error));
			*done = true;
			return error < 0 ? error : (int)state;
		}
	}
	return state;
}

static int dump_once(struct mnl_socket *nl, enum rtnl_query query, struct buffer *answer)
{
	char request[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(request);
	bool interrupted = false, done = false;

	nlh->nlmsg_type = queries[query].type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = 1;
	if (queries[query].type == RTM_GETLINK) {
		struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

		ifi->ifi_family = queries[query].family;
		mnl_attr_put_u32(nlh, IFLA_EXT_MASK, queries[query].ext_mask);
	} else if (queries[query].type == RTM_GETADDR) {
		struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));

		ifa->ifa_family = queries[query].family;
	} else {
		struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));

		rtm->rtm_family = queries[query].family;
	}
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	while (!done) {
		size_t start = answer->len;
		int n = receive(nl, answer), state;

		if (n < 0)
			return n;
		state = dump_state(answer->data + start, (size_t)n, &done);
		if (state < 0)
			return state;
		interrupted |= state == DUMP_INTERRUPTED;
	}
	return interrupted ? DUMP_INTERRUPTED : DUMP_WHOLE;
}

static int ask_kernel(enum rtnl_query query, int netns, struct buffer *answer)
{
	struct mnl_socket *nl = rtnl_socket(netns);
	int rc = DUMP_INTERRUPTED;

	if (!nl)
		return -errno;
	/* a dump that interfaces changed under may miss some: ask again, not for ever */
	for (int tries = 0; tries < 8 && rc == DUMP_INTERRUPTED; tries++) {
		answer->len = 0;
		rc = dump_once(nl, query, answer);
	}
	mnl_socket_close(nl);
	/* on a host that never stands still the last answer has to do */
	return rc < 0 ? rc : 0;
}

int rtnl_ask_link(int netns, int ifindex, const char *name, struct buffer *answer)
{
	struct mnl_socket *nl = rtnl_socket(netns);
	char request[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(request);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	bool done = false;
	int rc;

	if (!nl)
		return -errno;
	nlh->nlmsg_type = RTM_GETLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	ifi->ifi_index = ifindex;
	if (!ifindex)
		mnl_attr_put_strz(
			nlh, strlen(name) < IFNAMSIZ ? IFLA_IFNAME : IFLA_ALT_IFNAME, name);
	rc = mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0 ? -errno : receive(nl, answer);
	if (rc > 0)
		rc = dump_state(answer->data, answer->len, &done);
	mnl_socket_close(nl);
	return rc < 0 ? rc : 0;
}

int rtnl_read_file(int dir, const char *path, struct buffer *b)
{
	cleanup_close int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	while ((n = read(fd, buffer_room(b, (size_t)st.st_size + 1), (size_t)st.st_size + 1)) > 0)
		b->len += (size_t)n;
	return n < 0 ? -errno : 0;
}

int rtnl_ask(const struct kernel *k, enum rtnl_query query, int netns, struct buffer *answer)
{
	char path[64];

	answer->len = 0;
	if (!k->snapshot)
		return ask_kernel(query, netns, answer);
	snprintf(path, sizeof(path), "netlink/%s", rtnl_query_names[query]);
	return rtnl_read_file(k->root, path, answer);
}
