/* Requests to rtnetlink over a socket that is kept, and the answers that belong to them. */
#include "kernel/rtnl.h"

#include "kernel/netns.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* What the kernel packs into one datagram of a list, if it was once offered as much
 * (net/netlink/af_netlink.c, netlink_dump); else it is a page or two. */
#define DATAGRAM 32768

struct rtnl *rtnl_new(void)
{
	struct rtnl *r = malloc(sizeof(*r));

	if (!r)
		abort();
	*r = RTNL_IN(-1);
	return r;
}

void rtnl_close(struct rtnl *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
}

void rtnl_free(struct rtnl *r)
{
	if (r)
		rtnl_close(r);
	free(r);
}

static int open_socket(struct rtnl *r)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	int one = 1;

	/* sockets stay in the namespace where they were made */
	r->fd = netns_socket(r->netns, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	if (r->fd < 0)
		return -errno;
	/* connected, it takes messages from nobody but the kernel */
	if (connect(r->fd, (struct sockaddr *)&kernel, sizeof(kernel)) < 0) {
		int rc = -errno;

		rtnl_close(r);
		return rc;
	}
	/* since Linux 4.12 and 4.3; without them errors have no text, or are longer */
	setsockopt(r->fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(r->fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	return 0;
}

int rtnl_send(struct rtnl *r, struct nlmsghdr *nlh, unsigned flags)
{
	int rc = r->fd < 0 ? open_socket(r) : 0;

	if (rc < 0)
		return rc;
	nlh->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	nlh->nlmsg_seq = ++r->seq;
	return sendto(r->fd, nlh, nlh->nlmsg_len, 0, NULL, 0) < 0 ? -errno : 0;
}

/* One datagram, whole: its size is asked first, since a short buffer loses the rest. */
static int receive(int fd, struct buffer *b)
{
	ssize_t size = recv(fd, NULL, 0, MSG_PEEK | MSG_TRUNC), n;
	size_t room = size > DATAGRAM ? (size_t)size : DATAGRAM;

	if (size < 0)
		return -errno;
	n = recv(fd, buffer_room(b, room), room, 0);
	if (n < 0)
		return -errno;
	b->len += (size_t)n;
	return (int)n;
}

int rtnl_receive(struct rtnl *r, struct buffer *b)
{
	for (;;) {
		size_t start = b->len, left;
		const struct nlmsghdr *first;
		const char *data;
		int n = receive(r->fd, b);

		if (n == -EINTR)
			continue;
		left = n < 0 ? 0 : (size_t)n;
		data = left ? b->data + start : NULL;
		first = left ? rtnl_next(&data, &left) : NULL;
		if (!first) {
			rtnl_close(r);
			return n < 0 ? n : -EPROTO;
		}
		/* all messages in a datagram answer the same request */
		if (first->nlmsg_seq == r->seq)
			return n;
		b->len = start;
	}
}

/* The kernel's own words, from the TLVs behind the acknowledgement (NETLINK_EXT_ACK). */
static void read_extack(const struct nlmsghdr *nlh, char *extack, size_t size)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	size_t skip = sizeof(*e);
	const struct nlattr *a;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += mnl_nlmsg_get_payload_len(&e->msg);
	mnl_attr_for_each (a, nlh, (unsigned)skip) {
		if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG)
			snprintf(extack, size, "%.*s", (int)mnl_attr_get_payload_len(a),
				mnl_attr_get_str(a));
	}
}

int rtnl_transact(
	struct rtnl *r, struct nlmsghdr *nlh, unsigned flags, char *extack, size_t extack_size)
{
	struct buffer answer = {0};
	int rc;

	extack[0] = 0;
	rc = rtnl_send(r, nlh, NLM_F_ACK | flags);
	if (rc == 0)
		rc = rtnl_receive(r, &answer);
	if (rc > 0) {
		const struct nlmsghdr *ack = (const struct nlmsghdr *)(void *)answer.data;

		if (ack->nlmsg_type == NLMSG_ERROR &&
			ack->nlmsg_len >= NLMSG_LENGTH(sizeof(struct nlmsgerr))) {
			rc = ((const struct nlmsgerr *)mnl_nlmsg_get_payload(ack))->error;
			read_extack(ack, extack, extack_size);
		} else {
			rtnl_close(r);
			rc = -EPROTO;
		}
	}
	buffer_free(&answer);
	return rc;
}
