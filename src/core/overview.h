/*
 * What the overview says, without saying how it looks: a few words on each PF and VF, VFs
 * that are alike as one, and the one thing about all of it that matters most.
 */
#ifndef CORE_OVERVIEW_H
#define CORE_OVERVIEW_H

#include "core/host.h"

/* What it needs. Not the routes: there may be a million of them. */
#define OVERVIEW_NEEDS (NEED_VFS | NEED_NETNS | NEED_PLACE | NEED_CLASS | NEED_USAGE | NEED_LEASES)

/* The rows that one PF takes when its VFs are summarised, at most. */
#define OVERVIEW_ROWS 6

enum level {
	LEVEL_PLAIN,
	LEVEL_USED,
	LEVEL_TROUBLE,
};

/* What there is to say about a VF, the gravest first: in this order summaries have them. */
enum remark_kind {
	REMARK_STRAY,        /* it is not where it was sent */
	REMARK_NO_DRIVER,    /* although the kernel gives new ones of the PF to a driver */
	REMARK_NO_INTERFACE, /* although its driver should have made one */
	REMARK_HELD,         /* see enum use */
	REMARK_ATTACHED,
	REMARK_AWAY,
	REMARK_MASTER,
	REMARK_UPPER,
	REMARK_VITAL,
	REMARK_ADDRESS,
	REMARK_OPAQUE,
	REMARK_UNBOUND, /* without a driver, as it is meant to be */
	REMARK_NONE,
	REMARK_MIXED, /* of several kinds */
};

struct remark {
	enum remark_kind kind;
	enum level level;
	const char *text; /* "held by pid 4711 (qemu)"; "" when there is nothing to say */
	bool used;        /* somebody has it, also where something else is graver */
	size_t untold;    /* uses that the text has no room for */
};

/* VFs of one PF that are shown as one. */
struct vf_group {
	const struct vf **vfs; /* by index */
	size_t count;
	struct remark remark; /* of a single one its own, else "32 VFs, ..." */
};

struct overview {
	const struct host *host;
	const struct pf *const *pfs;
	size_t pf_count;
	struct remark *pf_remarks; /* in the order of pfs */
	struct remark *vf_remarks; /* in the order of host->vfs; of other PFs unset */
	size_t vf_count, with_vfs; /* VFs, and PFs that have any */
	size_t used;               /* VFs that somebody has */
	size_t strays, lost;       /* not where they were sent; those that repair looks after */
	size_t unbound;            /* VFs of REMARK_NO_DRIVER */
	bool untold;               /* some remark does not tell all uses */
	bool guess;                /* there may be uses that cannot be seen */
};

/* From a host of OVERVIEW_NEEDS; what it fills in lives in the arena. */
void overview_look(const struct host *host, const struct pf *const *pfs, size_t pf_count,
	struct arena *arena, struct overview *o);
/* The VFs of a PF in at most OVERVIEW_ROWS groups; every VF is in one. */
struct vf_group *overview_groups(
	const struct overview *o, const struct pf *pf, struct arena *arena, size_t *count);
/* "eth0/0-31,40": what commands take for these VFs (by index, of one PF). Beyond limit
 * characters (0: none) it ends in "...", which no command takes. */
const char *overview_name(struct arena *arena, const char *pf, const struct vf *const *vfs,
	size_t count, size_t limit);
/* One sentence: what to look after, or that all is well. summarised: VFs were grouped. */
const char *overview_hint(const struct overview *o, bool summarised, struct arena *arena);

#endif
