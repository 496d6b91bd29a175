/* Who holds vfio devices. */
#ifndef KERNEL_HOLDERS_H
#define KERNEL_HOLDERS_H

#include "kernel/kernel.h"

/* Find the processes that have a vfio group (/dev/vfio/N) or device
 * (/dev/vfio/devices/vfioN) open, into host->holders. Needs root to see all. */
void holders_find(const struct kernel *k, struct host *host);

#endif
