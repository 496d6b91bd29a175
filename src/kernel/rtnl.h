/*
 * rtnetlink through libmnl. Asking and decoding are apart: decoders are pure functions
 * of the raw messages, so that snapshots and tests replay them.
 */
#ifndef KERNEL_RTNL_H
#define KERNEL_RTNL_H

#include "kernel/kernel.h"

struct buffer {
	char *data;
	size_t len, room;
};

void buffer_free(struct buffer *b);
/* Make room for n more bytes; aborts when out of memory. */
char *buffer_room(struct buffer *b, size_t n);

/* Append a file to the buffer: 0 or a negative errno. */
int rtnl_read_file(int dir, const char *path, struct buffer *b);

/* The questions we ask; a snapshot keeps the answer to each below its name. */
enum rtnl_query {
	RTNL_LINKS,
	RTNL_LINKS_STATS, /* the same with VF statistics */
	RTNL_ADDRESSES,
	RTNL_ROUTES4,
	RTNL_ROUTES6,
	RTNL_QUERY_COUNT
};
extern const char *const rtnl_query_names[];

/* A conversation with rtnetlink in one namespace, over a socket that is opened at the first
 * request and kept for the next ones. One process alone may use it. */
struct rtnl {
	int netns;    /* descriptor of the namespace, the caller's; -1: ours */
	int fd;       /* -1: not open */
	uint32_t seq; /* of the last request */
};
#define RTNL_IN(netns_fd) ((struct rtnl){.netns = (netns_fd), .fd = -1})

/* Of our own namespace; opens nothing yet, and aborts when out of memory. */
struct rtnl *rtnl_new(void);
void rtnl_free(struct rtnl *r);
/* Close the socket; the next request opens another. */
void rtnl_close(struct rtnl *r);

struct nlmsghdr;
/* Send a request with these flags: 0 or a negative errno. */
int rtnl_send(struct rtnl *r, struct nlmsghdr *nlh, unsigned flags);
/* Append the next datagram of the answer to the last request: its length, or a negative
 * errno. What is left of answers to earlier ones, which were given up, is skipped. When
 * messages may be lost the socket is closed, so that the next request begins anew. */
int rtnl_receive(struct rtnl *r, struct buffer *b);
/* Send a request that changes something, with these flags besides, and read its
 * acknowledgement: 0 or a negative errno, the kernel's words in extack. */
int rtnl_transact(
	struct rtnl *r, struct nlmsghdr *nlh, unsigned flags, char *extack, size_t extack_size);

/* The raw answer of a namespace. 0 or a negative errno. */
int rtnl_dump(struct rtnl *r, enum rtnl_query query, struct buffer *answer);
/* The same of this host (there: in another namespace; NULL: ours) or from the snapshot
 * (-ENOENT: not in it). */
int rtnl_ask(
	const struct kernel *k, enum rtnl_query query, struct rtnl *there, struct buffer *answer);

/* What a namespace says of one interface, by index, or (index 0) by name: appended to the
 * answer. 0 or a negative errno. */
int rtnl_ask_link(struct rtnl *r, int ifindex, const char *name, struct buffer *answer);
/* The same of a PF, with its VFs; some drivers' (InfiniBand) are told of in lists alone. */
int rtnl_ask_pf(struct rtnl *r, int ifindex, struct buffer *answer);

/* The question itself, into a buffer of RTNL_REQUEST_SIZE, for those who send it on a socket of
 * their own. */
#define RTNL_REQUEST_SIZE 256
struct nlmsghdr *rtnl_put_pf_request(char *buf, int ifindex);

/* The message at *data, which moves behind it; NULL when there is no whole one left. (Not
 * libmnl's own walk: it trusts lengths above 2 GiB and an unpadded end.) */
const struct nlmsghdr *rtnl_next(const char **data, size_t *left);

/* Append the interfaces in the messages to host->links, as found in `netns` (NULL: ours).
 * False when the answer does not end as a whole one does: some may be missing. */
bool rtnl_decode_links(struct host *host, const char *netns, const void *data, size_t len);
/* One message about an interface, into the arena, with what it counted where that is wanted.
 * False when it is none of those. */
bool rtnl_decode_link(
	struct arena *arena, const struct nlmsghdr *nlh, bool counters, struct link *link);
/* Give the interfaces host->links[from...] their addresses and gateways, which came from
 * the same namespace. */
void rtnl_decode_own_addresses(struct host *host, size_t from, const void *data, size_t len);
void rtnl_decode_gateways(struct host *host, size_t from, const void *data, size_t len);
/* Append addresses and routes to host->usages. */
void rtnl_decode_addresses(struct host *host, const void *data, size_t len);
void rtnl_decode_routes(struct host *host, const void *data, size_t len);

/* One VF's settings to write: the attributes whose bits are in `attrs`. */
struct vf_write {
	const struct vf *vf; /* index and values */
	uint64_t attrs;
};
/* Encode as many of them as fit one request (at least one) into buf of RTNL_VFS_ROOM bytes:
 * how many that were. The list's own length field has 16 bits; the kernel applies a part of
 * a longer one and says it succeeded. */
#define RTNL_VFS_ROOM 60000
size_t rtnl_encode_vfs(char *buf, int ifindex, const struct vf_write *writes, size_t count);
/* Write them, in order, in as few requests as that takes. The kernel stops at the first it
 * refuses, keeps what it did and does not say where it stopped. Sets extack to its words,
 * if any. 0 or a negative errno. */
int rtnl_set_vfs(struct rtnl *r, int ifindex, const struct vf_write *writes, size_t count,
	char *extack, size_t extack_size);

#endif
