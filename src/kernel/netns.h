/* The network namespaces of this host. */
#ifndef KERNEL_NETNS_H
#define KERNEL_NETNS_H

#include "kernel/kernel.h"

/* Call visit for every network namespace but our own, with a name that netns_open takes
 * ("blue" from /run/netns, the path it is mounted on, else "pid:4711") and a descriptor
 * that is closed afterwards. Those that may not be opened are left out. */
typedef void netns_visit(void *arg, const char *name, int fd);
void netns_each(netns_visit *visit, void *arg);

#define NETNS_PROCESSES "netns-processes" /* of a snapshot: a line "PID INODE" each */

/* Every process, with its network namespace, into host->processes; in a snapshot those of other
 * namespaces than that of whoever recorded it. */
void netns_processes(const struct kernel *k, struct host *host);

#define HERE "/proc/self/ns/net" /* our own, as a name */

/* A name below /run/netns, "pid:4711" or a path: a descriptor, or a negative errno:
 * -ENOTTY when it is there, but no network namespace. */
int netns_open(const char *name);
struct netns_id netns_identify(int netns);

/* socket(2) in another namespace (-1: ours), and open(2): /proc/sys/net is that of whoever
 * opens it. */
int netns_socket(int netns, int family, int type, int protocol);
int netns_file(int netns, const char *path, int flags);

#endif
