/* Who holds vfio devices. */
#ifndef KERNEL_HOLDERS_H
#define KERNEL_HOLDERS_H

#include "kernel/kernel.h"

/* Find the processes that have a vfio group (/dev/vfio/N) or device
 * (/dev/vfio/devices/vfioN) open, into host->holders. Needs root to see all. False when
 * there is no /proc to look into. */
bool holders_find(const struct kernel *k, struct host *host);

#endif
