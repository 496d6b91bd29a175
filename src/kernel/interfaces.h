/* Inside kernel/: a discovery under way, and the interfaces it has found. */
#ifndef KERNEL_INTERFACES_H
#define KERNEL_INTERFACES_H

#include "kernel/kernel.h"
#include "kernel/rtnl.h"

/* Interfaces by the PCI device they belong to, sorted for search. */
struct owner {
	uint64_t key;
	struct link *link;
};

/* A discovery under way. */
struct discovery {
	const struct kernel *k;
	struct host *host;
	unsigned needs;
	struct owner *owners;
	size_t owner_count;
	uint64_t *vf_keys; /* addresses of the VFs found so far, sorted */
	size_t vf_key_count;
	int netns_errno; /* why some namespace could not be looked into; 0 */
};

/* Ask for the interfaces in a namespace (both NULL: ours), into d->host. 0 or a negative
 * errno. */
int ask_links(struct discovery *d, const char *netns, struct rtnl *there);
/* The addresses of the interfaces from host->links[from] on, which are in that namespace. */
void ask_addresses(struct discovery *d, size_t from, struct rtnl *there);
/* Decode an answer into d->host; one that is cut short is noted there. */
void decode_answer(struct discovery *d, const char *netns, const struct buffer *answer);
/* All of ours, with the device each belongs to. */
void find_links(struct discovery *d);
/* Sort them for owned(); again after more have been found. */
void index_links(struct discovery *d);
/* The first interface of a device, NULL when it has none; *end is behind its last. */
struct owner *owned(const struct discovery *d, struct bdf bdf, struct owner **end);
/* The interfaces of VFs, and what stands on them, in other namespaces; once. Only when a
 * VF's interface is nowhere here; or always, to judge a change: something may stand on a
 * VF's interface from there. */
void look_in_other_netns(struct discovery *d);
/* Remember the VFs found since last time (from: the first of them), so that they are not
 * asked whether they are PFs: they stand behind their PF in the order of addresses. */
void note_vfs(struct discovery *d, size_t from);
bool known_vf(const struct discovery *d, struct bdf bdf);
/* Has the VF an interface that was not found yet? */
bool vf_lacks_interface(const struct discovery *d, const struct vf *vf);
void give_links_to_vfs(struct discovery *d);
/* Has it no driver any more, though the last one has not switched it off? So it is as long as
 * vfio waits for its user to let go, and after drivers that do not care. */
bool vf_is_left_enabled(const struct kernel *k, const struct vf *vf);
/* The firmware of PFs (NEED_FIRMWARE), and what drivers of VFs count of their own
 * (NEED_DRIVER_STATS). What cannot be found out is not known, without a word. */
void ask_drivers(struct discovery *d);
/* Addresses, holders, the caller's session (NEED_USAGE), routes (NEED_ROUTES). */
void ask_usage(struct discovery *d);
/* "pf0vf3" or "c1pf0vf3": the eswitch port of VF 3 (devlink naming, since Linux 5.8
 * below the PF's own device). -1 for other ports. */
long representor_index(const char *port);

#endif
