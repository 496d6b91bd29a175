/* One picture of the host: every PF with its VFs, joined from all sources. */
#ifndef CORE_HOST_H
#define CORE_HOST_H

#include "core/lease.h"
#include "core/link.h"
#include "core/pf.h"
#include "core/vf.h"
#include "util/arena.h"

#define DEFAULT_ROUTE "the default route" /* usage.what of it */
#define SSH_SESSION "your SSH session"    /* and of the caller's own connection */

/* An address or route that makes an interface "in use" (link-local and kernel-made
 * ones are left out). */
struct usage {
	int ifindex;
	const char *what; /* "address 192.0.2.1/24", "default route", "route to 10.0.0.0/8" */
};

/* A process with a vfio group or device open. */
struct vfio_holder {
	uint32_t group;
	int pid;
	const char *comm;
};

/* A thread that stays in the kernel while it changes a device. Who else changes that device waits
 * for it, and who reads some of its files. */
struct blocked {
	int pid;
	const char *comm;
	const char *file;  /* of sysfs, that it writes to; NULL: it is in some other call */
	const char *wchan; /* the function of the kernel that it waits in; NULL: not known */
	bool by_vfio;      /* it waits until a device's user through vfio has gone */
	bool has_bdf;      /* the file is of this device */
	struct bdf bdf;
};

/* A device in the IOMMU group of a VF, or in one that a process holds. */
struct group_member {
	uint32_t group;
	struct bdf bdf;
	const char *driver; /* NULL: none */
	bool viable;        /* its driver leaves the group to vfio */
};

/* A process, and the inode of its network namespace. */
struct process {
	int32_t pid;
	uint64_t netns;
};

struct host {
	struct arena arena;
	unsigned needs; /* what it was asked for */
	struct pf *pfs;
	size_t pf_count;
	struct vf *vfs; /* in the order of their PFs, then by index */
	size_t vf_count;
	struct link *links; /* ours first, then those of other namespaces */
	size_t link_count;
	struct netns *netns; /* the other namespaces that were found */
	size_t netns_count;
	struct process *processes; /* with NEED_PROCESSES */
	size_t process_count;
	bool processes_known; /* all of them; of a captured host those in other namespaces */
	int64_t counted_ms; /* with NEED_INTERRUPTS: when they were, by whichever clock; -1: unknown
			     */
	struct lease *leases; /* with NEED_LEASES */
	size_t lease_count;
	struct bdf *pci; /* every PCI device there is, sorted */
	size_t pci_count;
	struct usage *usages; /* with NEED_USAGE */
	size_t usage_count;
	struct vfio_holder *holders; /* with NEED_USAGE */
	size_t holder_count;
	struct blocked *blocked; /* with NEED_BLOCKED */
	size_t blocked_count;
	struct group_member *members; /* with NEED_BINDING: of the groups of VFs */
	size_t member_count;
	bool has_iommu;         /* with NEED_BINDING */
	bool noiommu;           /* vfio may be used without one */
	struct strings drivers; /* with NEED_BINDING: those registered for PCI devices */
	bool looked_elsewhere;  /* in other namespaces */
	bool incomplete;        /* some interfaces could not be read */
	bool usage_asked;       /* it was tried to find out who uses what */
	bool usage_unknown;     /* who uses what could not be found out */
	bool leases_unknown;    /* nor what was handed out */
	bool holders_hidden;    /* some processes could not be looked into */
	bool blocked_hidden;    /* with NEED_BLOCKED: nor some threads */
	const char **warnings;  /* for people: what could not be read, and why */
	size_t warning_count;
};

void host_free(struct host *host);
void host_warn(struct host *host, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const struct pf *host_pf_by_bdf(const struct host *host, struct bdf bdf);
const struct pf *host_pf_of(const struct host *host, const struct vf *vf);
/* The PF as another picture of the host has it, NULL when it is not there. */
const struct pf *host_same_pf(const struct host *host, const struct pf *pf);
/* The VF of this index, or NULL. */
const struct vf *host_vf(const struct host *host, const struct pf *pf, uint32_t index);
/* What a PF's interface reports of its VF of this index, NULL when nothing. */
const struct vf *link_vf(const struct link *l, uint32_t index);
/* The interface of that name or alternative name in our namespace, or NULL. */
const struct link *host_link(const struct host *host, const char *name);
/* Whether a list of VFs or interfaces came short. */
bool host_truncated(const struct host *host);

#endif
