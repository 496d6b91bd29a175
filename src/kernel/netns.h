/* The network namespaces of this host. */
#ifndef KERNEL_NETNS_H
#define KERNEL_NETNS_H

#include "kernel/kernel.h"

/* Call visit for every network namespace but our own, with its name ("blue" from
 * /run/netns, else "pid:4711") and a descriptor that is closed afterwards. Those that
 * may not be opened are left out. */
typedef void netns_visit(void *arg, const char *name, int fd);
void netns_each(netns_visit *visit, void *arg);

#endif
