/*
 * The boundary to the kernel: a handful of verbs, no library types. A struct kernel is
 * this host, or a captured one (--snapshot): same code, same answers.
 */
#ifndef KERNEL_KERNEL_H
#define KERNEL_KERNEL_H

#include "core/host.h"
#include "util/error.h"

struct rtnl;
struct pci_memory;
struct netns_memory;

/* Of a snapshot, what it has of a second look: that much later, /proc/interrupts, statistics. */
#define LATER_MS "later/ms"
#define LATER_INTERRUPTS "later/interrupts"
#define LATER_STATS "later/link-stats"
#define RATE_MS 500                           /* between two looks from which rates are made */
#define SNAPSHOT_FORMAT "sriovctl snapshot 1" /* the first line of DIR/format */

struct kernel {
	int root;    /* directory descriptor: "/" or the snapshot */
	int sys;     /* sysfs below it */
	int devices; /* bus/pci/devices, -1 where there is no PCI */
	bool snapshot;
	bool later;                 /* of a snapshot its second look, at what counts on */
	bool has_netlink;           /* a snapshot may be a bare sysfs tree */
	struct pci_memory *pci;     /* of devices that are no PFs; NULL for a snapshot */
	struct netns_memory *netns; /* where VFs were last; NULL: not to be remembered */
	struct rtnl *rtnl; /* of our own namespace, opened when first used; NULL for a snapshot */
};

/* snapshot: NULL for this host. 0, or -1 with *err. */
int kernel_open(struct kernel *k, const char *snapshot, struct error *err);
void kernel_close(struct kernel *k);
/*
 * openat(2) for reading a file of the host, by its path without the '/' in front: a descriptor, or
 * -errno. In a snapshot it is found as a program on that host would find it: a link leads nowhere
 * out of it. What is no regular file or directory there cannot be read.
 */
int kernel_open_file(const struct kernel *k, const char *path, int flags);
/* From now on VFs are looked for where they were the last time before every namespace is
 * searched: for those who look again and again. They stay called as they were found first. */
void kernel_remember_netns(struct kernel *k);
void kernel_forget_netns(struct kernel *k);

/* Fill *host with what `needs` (enum need bits) asks for. 0, or -1 with *err. */
int discover(const struct kernel *k, unsigned needs, struct host *host, struct error *err);

/* Find the namespace netns->name, and what interfaces it has, into the host as well. 0, or
 * -1 with *err (EXIT_NOT_FOUND, EXIT_USAGE). */
int discover_netns(const struct kernel *k, struct host *host, unsigned needs, struct netns *netns,
	struct error *err);

/* Add who uses what (NEED_USAGE, NEED_ROUTES), also from other namespaces: it looks at every
 * process, so only where that counts. */
void discover_usage(const struct kernel *k, struct host *host);

/* Record this host into a new or empty directory, and what sriovctl itself remembers below
 * the directory `state`. 0, or -1 with *err. */
int snapshot_record(const struct kernel *k, const char *dir, const char *state, struct error *err);

#endif
