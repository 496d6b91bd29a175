#include "kernel/rtnl.h"

#include "kernel/sysfs.h"
#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
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

static void put_query(struct nlmsghdr *nlh, enum rtnl_query query)
{
	nlh->nlmsg_type = queries[query].type;
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
}

static int dump_once(struct rtnl *r, enum rtnl_query query, struct buffer *answer)
{
	char request[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(request);
	bool interrupted = false, done = false;
	int rc;

	put_query(nlh, query);
	rc = rtnl_send(r, nlh, NLM_F_DUMP);
	if (rc < 0)
		return rc;
	while (!done) {
		size_t start = answer->len;
		int n = rtnl_receive(r, answer), state;

		if (n < 0)
			return n;
		state = dump_state(answer->data + start, (size_t)n, &done);
		if (state < 0)
			return state;
		interrupted |= state == DUMP_INTERRUPTED;
	}
	return interrupted ? DUMP_INTERRUPTED : DUMP_WHOLE;
}

int rtnl_dump(struct rtnl *r, enum rtnl_query query, struct buffer *answer)
{
	int rc = DUMP_INTERRUPTED;

	/* a dump that interfaces changed under may miss some, and one that overran the
	 * socket does: ask again, not for ever */
	for (int tries = 0; tries < 8 && (rc == DUMP_INTERRUPTED || rc == -ENOBUFS); tries++) {
		answer->len = 0;
		rc = dump_once(r, query, answer);
	}
	/* on a host that never stands still the last answer has to do */
	return rc < 0 ? rc : 0;
}

static int ask_one(struct rtnl *r, struct nlmsghdr *nlh, struct buffer *answer)
{
	size_t start = answer->len;
	bool done = false;
	int rc = rtnl_send(r, nlh, 0);

	if (rc == 0)
		rc = rtnl_receive(r, answer);
	if (rc > 0)
		rc = dump_state(answer->data + start, (size_t)rc, &done);
	return rc < 0 ? rc : 0;
}

static struct nlmsghdr *put_link_request(char *buf, int ifindex)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	nlh->nlmsg_type = RTM_GETLINK;
	ifi->ifi_index = ifindex;
	return nlh;
}

int rtnl_ask_link(struct rtnl *r, int ifindex, const char *name, struct buffer *answer)
{
	char request[256];
	struct nlmsghdr *nlh = put_link_request(request, ifindex);

	if (!ifindex)
		mnl_attr_put_strz(
			nlh, strlen(name) < IFNAMSIZ ? IFLA_IFNAME : IFLA_ALT_IFNAME, name);
	return ask_one(r, nlh, answer);
}

struct nlmsghdr *rtnl_put_pf_request(char *buf, int ifindex)
{
	struct nlmsghdr *nlh = put_link_request(buf, ifindex);

	mnl_attr_put_u32(nlh, IFLA_EXT_MASK, queries[RTNL_LINKS].ext_mask);
	return nlh;
}

int rtnl_ask_pf(struct rtnl *r, int ifindex, struct buffer *answer)
{
	char request[RTNL_REQUEST_SIZE];

	return ask_one(r, rtnl_put_pf_request(request, ifindex), answer);
}

int rtnl_read_file(int dir, const char *path, struct buffer *b)
{
	cleanup_close int fd = sysfs_open(dir, path);
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	while ((n = read(fd, buffer_room(b, (size_t)st.st_size + 1), (size_t)st.st_size + 1)) > 0)
		b->len += (size_t)n;
	return n < 0 ? -errno : 0;
}

int rtnl_ask(
	const struct kernel *k, enum rtnl_query query, struct rtnl *there, struct buffer *answer)
{
	char path[64];

	answer->len = 0;
	if (!k->snapshot)
		return rtnl_dump(there ? there : k->rtnl, query, answer);
	if (k->later && query == RTNL_LINKS_STATS)
		return rtnl_read_file(k->root, LATER_STATS, answer);
	snprintf(path, sizeof(path), "netlink/%s", rtnl_query_names[query]);
	return rtnl_read_file(k->root, path, answer);
}
