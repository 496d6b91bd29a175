/* A VF that was handed to a network namespace, and what it had at home. */
#ifndef CORE_LEASE_H
#define CORE_LEASE_H

#include "core/vf.h"

struct host;

struct lease {
	const char *pf;     /* its handle */
	const char *vf;     /* "eth0/3", as it was called then */
	const char *netns;  /* as it was named: "blue", "pid:4711", a path */
	struct netns_id id; /* the namespace itself */
	const char *owner;  /* the token that whoever takes it back must name; NULL: none */
	const char *ifname; /* its interface's name in there; NULL: it has no interface */
	int64_t since;      /* seconds since 1970; 0: from when it is written */
	struct vf home;     /* index, PCI address, and what it had: to be put back */
};

/* A network namespace that the user named. */
struct netns {
	const char *name; /* as it was written */
	struct netns_id id;
	bool ours; /* the one we are in ourselves */
};

/* Where a leased VF is by now. */
enum whereabouts {
	WHERE_HOME,      /* never lent */
	WHERE_ATTACHED,  /* where it was lent to, as far as can be seen */
	WHERE_MOVED,     /* not lent by us, and not here */
	WHERE_RETURNED,  /* lent, but back: its namespace has gone, or someone moved it */
	WHERE_ELSEWHERE, /* lent to one namespace, found in another */
	WHERE_LOST,      /* lent, and its interface is nowhere, or its namespace has gone */
	WHERE_GONE,      /* lent, and destroyed since */
};
extern const char *const whereabouts_names[];

/* A VF that is not at home, or is missing there, as `netns list` shows it. */
enum lent_attr {
	LENT_VF,
	LENT_PF,
	LENT_INDEX,
	LENT_BDF,
	LENT_DRIVER,
	LENT_NETNS,
	LENT_IFNAME,
	LENT_VFIO,
	LENT_STATE,
	LENT_OWNER,
	LENT_SINCE,
	LENT_PIDS,
	LENT_ATTR_COUNT
};

struct lent {
	uint64_t known; /* bit per enum lent_attr */
	const char *vf, *pf;
	uint32_t index;
	struct bdf bdf;
	const char *driver, *netns, *ifname, *vfio;
	uint32_t state; /* enum whereabouts */
	const char *owner, *since;
	struct ints pids;
};

extern const struct record_type lent_type;

/* All of them, in the host's arena, from a host of what lent_type needs; those of VFs that
 * do not exist any more last. */
struct lent *lent_vfs(struct host *host, size_t *count);

/* True also for two unknown ones of the same name. */
bool netns_same(struct netns_id a, const char *a_name, struct netns_id b, const char *b_name);

/* From a host of NEED_VFS | NEED_NETNS | NEED_LEASES. */
enum whereabouts vf_whereabouts(const struct host *host, const struct vf *vf);
/* Is it with somebody else, by a record or seen to be? What it has is their business then. */
bool vf_is_elsewhere(const struct vf *vf);

#endif
