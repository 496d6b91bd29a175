/* Sockets that news come in by, and the names of the namespaces they come from. */
#include "kernel/watch.h"

#include "kernel/netns.h"
#include "kernel/rtnl.h"
#include "kernel/sysfs.h"
#include "util/cleanup.h"
#include "util/str.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/devlink.h>
#include <linux/genetlink.h>
#include <linux/net_namespace.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Held only while it is used; what does not fit is lost. */
#define RECEIVE_BUFFER (16 << 20)
/* So many datagrams at once, that what they tell is shown in time. */
#define ROUND 1024
#define UEVENTS_OF_KERNEL 1 /* group 2 is udev's */

struct numbered {
	int nsid;
	const char *name;
	struct netns_id id;
};

struct watch {
	const struct kernel *k;
	int route, uevents, devlink; /* devlink: -1 where there is none */
	bool hears_all;
	uint32_t port, seq;
	struct buffer buffer;
	/* the namespaces that have a number in ours; looked up when one is needed */
	struct arena arena;
	struct numbered *numbered;
	size_t numbered_count;
	bool numbers_known;
};

/* opening */

static int open_socket(int protocol, unsigned groups, uint32_t *port)
{
	struct sockaddr_nl own = {.nl_family = AF_NETLINK, .nl_groups = groups};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	int size = RECEIVE_BUFFER;
	socklen_t len = sizeof(own);

	if (fd < 0)
		return -1;
	/* without root as much as net.core.rmem_max allows */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0 ||
		getsockname(fd, (struct sockaddr *)&own, &len) < 0) {
		close(fd);
		return -1;
	}
	if (port)
		*port = own.nl_pid;
	return fd;
}

static bool join(int fd, int group)
{
	return setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) == 0;
}

static bool listen_everywhere(int fd)
{
	int one = 1;

	return setsockopt(fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &one, sizeof(one)) == 0;
}

/* The number of devlink's group "config", from what the controller says of the family. */
static int config_group(const struct nlmsghdr *nlh)
{
	const struct nlattr *a, *g, *f;

	mnl_attr_for_each (a, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(a) != CTRL_ATTR_MCAST_GROUPS)
			continue;
		mnl_attr_for_each_nested (g, a) {
			const char *name = NULL;
			int id = -1;

			mnl_attr_for_each_nested (f, g) {
				if (mnl_attr_get_type(f) == CTRL_ATTR_MCAST_GRP_NAME)
					name = mnl_attr_get_str(f);
				else if (mnl_attr_get_type(f) == CTRL_ATTR_MCAST_GRP_ID)
					id = (int)mnl_attr_get_u32(f);
			}
			if (name && strcmp(name, DEVLINK_GENL_MCGRP_CONFIG_NAME) == 0)
				return id;
		}
	}
	return -1;
}

/* -1 where the kernel has no devlink. */
static int open_devlink(void)
{
	char buf[8192];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	int fd = open_socket(NETLINK_GENERIC, 0, NULL), group = -1;
	ssize_t n;

	if (fd < 0)
		return -1;
	nlh->nlmsg_type = GENL_ID_CTRL;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	genl->cmd = CTRL_CMD_GETFAMILY;
	genl->version = 1;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, DEVLINK_GENL_NAME);
	/* it answers before send() returns */
	n = send(fd, nlh, nlh->nlmsg_len, 0) < 0 ? -1 : recv(fd, buf, sizeof(buf), 0);
	if (n > 0 && mnl_nlmsg_ok(nlh, (int)n) && nlh->nlmsg_type == GENL_ID_CTRL)
		group = config_group(nlh);
	if (group < 0 || !join(fd, group)) {
		close(fd);
		return -1;
	}
	listen_everywhere(fd);
	return fd;
}

struct watch *watch_open(const struct kernel *k, struct error *err)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	*w = (struct watch){.k = k, .route = -1, .uevents = -1, .devlink = -1};
	w->route = open_socket(NETLINK_ROUTE, RTMGRP_LINK, &w->port);
	w->uevents = open_socket(NETLINK_KOBJECT_UEVENT, UEVENTS_OF_KERNEL, NULL);
	if (w->route < 0 || w->uevents < 0) {
		error_errno(err, EXIT_KERNEL, errno, "cannot listen to the kernel");
		watch_close(w);
		return NULL;
	}
	w->devlink = open_devlink();
	w->hears_all = listen_everywhere(w->route);
	if (w->hears_all)
		join(w->route, RTNLGRP_NSID);
	return w;
}

void watch_close(struct watch *w)
{
	const int fds[] = {w->route, w->uevents, w->devlink};

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	buffer_free(&w->buffer);
	arena_free(&w->arena);
	free(w);
}

bool watch_hears_all(const struct watch *w)
{
	return w->hears_all;
}

void watch_poll(const struct watch *w, struct pollfd fds[WATCH_FDS])
{
	fds[0] = (struct pollfd){.fd = w->route, .events = POLLIN};
	fds[1] = (struct pollfd){.fd = w->uevents, .events = POLLIN};
	fds[2] = (struct pollfd){.fd = w->devlink, .events = POLLIN};
}

/* namespaces */

/* The number that a namespace has in ours; -1: none. set: give it one. */
static int ask_number(struct watch *w, int netns_fd, bool set)
{
	char request[256], extack[64];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(request);
	struct rtgenmsg *gen = mnl_nlmsg_put_extra_header(nlh, sizeof(*gen));
	struct buffer answer = {0};
	const struct nlmsghdr *first;
	const struct nlattr *a;
	const char *data;
	size_t left;
	int nsid = -1;

	nlh->nlmsg_type = set ? RTM_NEWNSID : RTM_GETNSID;
	gen->rtgen_family = AF_UNSPEC;
	mnl_attr_put_u32(nlh, NETNSA_FD, (uint32_t)netns_fd);
	if (set) {
		mnl_attr_put_u32(nlh, NETNSA_NSID, (uint32_t)-1);
		return rtnl_transact(w->k->rtnl, nlh, 0, extack, sizeof(extack));
	}
	if (rtnl_send(w->k->rtnl, nlh, 0) == 0 && rtnl_receive(w->k->rtnl, &answer) > 0) {
		data = answer.data;
		left = answer.len;
		first = rtnl_next(&data, &left);
		if (first && first->nlmsg_type == RTM_NEWNSID)
			mnl_attr_for_each (a, first, sizeof(*gen))
				if (mnl_attr_get_type(a) == NETNSA_NSID &&
					mnl_attr_get_payload_len(a) >= sizeof(uint32_t))
					nsid = (int)mnl_attr_get_u32(a);
	}
	buffer_free(&answer);
	return nsid;
}

static void note_number(struct watch *w, int nsid, const char *name, struct netns_id id)
{
	w->numbered = arena_push(&w->arena, w->numbered, &w->numbered_count, sizeof(*w->numbered));
	w->numbered[w->numbered_count - 1] =
		(struct numbered){nsid, arena_strdup(&w->arena, name), id};
}

static void visit(void *arg, const char *name, int fd)
{
	struct watch *w = arg;
	int nsid = ask_number(w, fd, false);

	if (nsid >= 0)
		note_number(w, nsid, name, netns_identify(fd));
}

static void forget_numbers(struct watch *w)
{
	arena_free(&w->arena);
	w->numbered = NULL;
	w->numbered_count = 0;
	w->numbers_known = false;
}

static const struct numbered *find_number(const struct watch *w, int nsid)
{
	for (size_t i = 0; i < w->numbered_count; i++)
		if (w->numbered[i].nsid == nsid)
			return &w->numbered[i];
	return NULL;
}

static const struct numbered *number(struct watch *w, int nsid)
{
	const struct numbered *n = find_number(w, nsid);
	char name[32];

	if (!n && !w->numbers_known) {
		forget_numbers(w);
		netns_each(visit, w);
		w->numbers_known = true;
		n = find_number(w, nsid);
	}
	if (n)
		return n;
	/* it has gone already, or is hidden from us */
	snprintf(name, sizeof(name), "nsid:%d", nsid);
	note_number(w, nsid, name, (struct netns_id){0});
	return &w->numbered[w->numbered_count - 1];
}

void watch_number(struct watch *w, const struct host *host)
{
	for (size_t i = 0; w->hears_all && i < host->vf_count; i++) {
		const struct vf *vf = &host->vfs[i];
		cleanup_close int fd = vf_has(vf, VF_NETNS) ? netns_open(vf->netns) : -1;

		if (fd < 0 || ask_number(w, fd, false) >= 0)
			continue;
		ask_number(w, fd, true);
		w->numbers_known = false;
	}
}

static void name_places(struct watch *w, struct arena *arena, struct news_list *news, size_t from)
{
	for (size_t i = from; i < news->count; i++) {
		struct news *n = &news->items[i];
		const struct numbered *at;

		if (n->kind == NEWS_NETNS)
			forget_numbers(w);
		if ((n->kind != NEWS_LINK && n->kind != NEWS_LINK_GONE))
			continue;
		/* virtual ones belong to nobody here, and containers have many of them */
		if (n->link.kind)
			continue;
		if (n->nsid >= 0) {
			at = number(w, n->nsid);
			n->link.netns = arena_strdup(arena, at->name);
			n->link.netns_id = at->id;
		} else if (n->moved && n->new_nsid >= 0) {
			at = number(w, n->new_nsid);
			n->new_netns = arena_strdup(arena, at->name);
			n->new_netns_id = at->id;
		}
	}
}

/* reading */

/* The namespace a message comes from, by its number in ours; -1: ours. */
static int nsid_of(struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		int nsid;

		if (c->cmsg_level != SOL_NETLINK || c->cmsg_type != NETLINK_LISTEN_ALL_NSID ||
			c->cmsg_len < CMSG_LEN(sizeof(nsid)))
			continue;
		memcpy(&nsid, CMSG_DATA(c), sizeof(nsid));
		return nsid;
	}
	return -1;
}

/* One datagram, whole, into the buffer: its length, or a negative errno. */
static int receive(struct watch *w, int fd, int *nsid)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(64)];
	} control;
	struct sockaddr_nl from = {0};
	struct msghdr msg = {.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	struct iovec iov;
	ssize_t n = recv(fd, NULL, 0, MSG_PEEK | MSG_TRUNC);

	if (n < 0)
		return -errno;
	w->buffer.len = 0;
	iov = (struct iovec){buffer_room(&w->buffer, (size_t)n + 1), (size_t)n + 1};
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	n = recvmsg(fd, &msg, 0);
	if (n < 0)
		return -errno;
	/* others may send to these groups as well */
	if (from.nl_pid)
		return 0;
	*nsid = nsid_of(&msg);
	return (int)n;
}

static void decode(
	struct watch *w, int fd, struct arena *arena, int nsid, size_t len, struct news_list *news)
{
	if (fd == w->route)
		watch_decode_route(arena, nsid, w->port, w->buffer.data, len, news);
	else if (fd == w->uevents)
		watch_decode_uevent(arena, w->buffer.data, len, news);
	else
		watch_decode_devlink(arena, w->buffer.data, len, news);
}

static int drain(struct watch *w, int fd, struct arena *arena, struct news_list *news,
	bool *overrun, struct error *err)
{
	for (int i = 0; fd >= 0 && i < ROUND;) {
		size_t from = news->count;
		int nsid = -1, n = receive(w, fd, &nsid);

		if (n == -EAGAIN)
			break;
		if (n == -EINTR)
			continue;
		if (n == -ENOBUFS) {
			*overrun = true;
			continue;
		}
		if (n < 0)
			return error_errno(
				err, EXIT_KERNEL, -n, "cannot read what the kernel tells");
		i++;
		decode(w, fd, arena, nsid, (size_t)n, news);
		if (fd == w->route)
			name_places(w, arena, news, from);
	}
	return 0;
}

/* What interfaces tell is read first but told last: the device of an interface that is in there
 * has come before, and so its own news are there by then. */
int watch_read(struct watch *w, struct arena *arena, struct news_list *news, bool *overrun,
	struct error *err)
{
	struct news_list links = {0}, devlink = {0};

	*overrun = false;
	if (drain(w, w->route, arena, &links, overrun, err) < 0 ||
		drain(w, w->devlink, arena, &devlink, overrun, err) < 0 ||
		drain(w, w->uevents, arena, news, overrun, err) < 0)
		return -1;
	for (size_t i = 0; i < links.count + devlink.count; i++) {
		news->items = arena_push(arena, news->items, &news->count, sizeof(*news->items));
		news->items[news->count - 1] =
			i < links.count ? links.items[i] : devlink.items[i - links.count];
	}
	return 0;
}

/* On the socket that listens, so that the answer stands in its place among the notifications. */
uint32_t watch_ask(struct watch *w, int ifindex)
{
	char request[RTNL_REQUEST_SIZE];
	struct nlmsghdr *nlh = rtnl_put_pf_request(request, ifindex);

	nlh->nlmsg_flags = NLM_F_REQUEST;
	nlh->nlmsg_seq = ++w->seq ? w->seq : ++w->seq;
	return send(w->route, nlh, nlh->nlmsg_len, 0) < 0 ? 0 : nlh->nlmsg_seq;
}

bool watch_has_device(const struct kernel *k, const char *handle)
{
	const char *dev = strchr(handle, '/');
	char path[256];

	if (!dev)
		return false;
	snprintf(path, sizeof(path), "bus/%.*s/devices/%s", (int)(dev - handle), handle, dev + 1);
	return faccessat(k->sys, path, F_OK, 0) == 0;
}

bool watch_may_be_vf(const struct kernel *k, struct bdf pf, uint32_t index, struct bdf vf)
{
	char dev[BDF_SIZE], path[64], name[64];
	struct bdf is;

	bdf_format(pf, dev);
	snprintf(path, sizeof(path), "%s/virtfn%u", dev, index);
	/* it may not have its link yet, or not any more */
	return sysfs_link_name(k->devices, path, name, sizeof(name)) <= 0 ||
	       (bdf_parse(name, &is) && bdf_compare(is, vf) == 0);
}
