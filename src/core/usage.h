/* Who would lose something: what uses a VF or a PF, from one picture of the host. */
#ifndef CORE_USAGE_H
#define CORE_USAGE_H

#include "core/host.h"

/* How it is used, the gravest first. */
enum use {
	USE_HELD,     /* by a process, through vfio */
	USE_OPEN,     /* the same, by one that cannot be seen */
	USE_ATTACHED, /* by us, to a network namespace */
	USE_AWAY,     /* in another one, by whomever */
	USE_UNSEEN,   /* in one that cannot be looked into */
	USE_OPAQUE,   /* bound to a driver whose users cannot be seen */
	USE_MASTER,   /* it belongs to a bridge, a bond, a VRF */
	USE_UPPER,    /* other interfaces stand on it */
	USE_VITAL,    /* the default route, the caller's own session */
	USE_ADDRESS,  /* an address, another route */
};

/* "is held by" "process 4711 (qemu) through /dev/vfio/13" */
struct user {
	const char *verb, *what;
	const char *brief; /* in the few words that fit a table: "held by pid 4711 (qemu)" */
	enum use use;
	bool hard; /* taking the VF away would block in the kernel */
	bool lent; /* it was handed out, or moved: no use of its own */
};

struct users {
	struct user *items; /* the gravest first */
	size_t count;
};

/* What may use VFs, by number: to ask for many of them. As long as the host and the arena
 * live, and nothing in the host changes. */
struct user_entry;
struct user_index {
	const struct host *host;
	struct user_entry *links, *uppers, *usages, *holders; /* sorted */
	size_t link_count, upper_count, usage_count, holder_count;
};
void user_index(const struct host *host, struct arena *arena, struct user_index *index);

/* All that uses the VF (host of NEED_USAGE, NEED_NETNS, NEED_PLACE; routes only of
 * NEED_ROUTES). */
void vf_users_by(const struct user_index *index, const struct vf *vf, struct arena *arena,
	struct users *users);
/* The same for a single one. */
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
