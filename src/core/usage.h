/* Who would lose something: what uses a VF or a PF, from one picture of the host. */
#ifndef CORE_USAGE_H
#define CORE_USAGE_H

#include "core/host.h"

/* "is held by" "process 4711 (qemu) through /dev/vfio/13" */
struct user {
	const char *verb, *what;
	bool hard; /* taking the VF away would block in the kernel */
	bool lent; /* it was handed out, or moved: no use of its own */
};

struct users {
	struct user *items; /* the gravest first */
	size_t count;
};

/* All that uses the VF (host of NEED_USAGE, NEED_NETNS, NEED_PLACE). */
void vf_users(
	const struct host *host, const struct vf *vf, struct arena *arena, struct users *users);
/* For people: what each VF is in use by, into vf->holders. Not said where it could not be
 * found out. */
void name_holders(struct host *host);
/* What the host would lose if the PF went down: NULL verb when nothing. */
struct user pf_user(const struct host *host, const struct pf *pf, struct arena *arena);
/* Does the default route or the caller's own session go over the interface, also by way
 * of what is stacked on it? */
struct user link_user(const struct host *host, int ifindex, struct arena *arena);

#endif
