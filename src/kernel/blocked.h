/* Who waits in the kernel while changing a device. */
#ifndef KERNEL_BLOCKED_H
#define KERNEL_BLOCKED_H

#include "kernel/kernel.h"

/*
 * Find the threads that write to a file of a PCI device or driver that takes a device's lock
 * (sriov_numvfs, unbind, reset, ...), and those that wait in another call for a user of vfio,
 * into host->blocked. Only those that are at it for longer than BLOCKED_MS: this takes that
 * long where there are any, and next to nothing else. False when not all threads could be
 * looked into (that needs root).
 */
bool blocked_find(const struct kernel *k, struct host *host);
#define BLOCKED_MS 100

/* Would one wait who reads a file of that device that takes its lock (driver_override, and
 * uevent before Linux 6.12)? bound: it has a driver. */
bool blocked_lock(const struct host *host, struct bdf bdf, bool bound);
/* And who reads its configuration space, from sysfs? Also of a port, while a device below it is
 * being reset. */
bool blocked_config(const struct host *host, struct bdf bdf);

#define BLOCKED_FILE                                                                               \
	"blocked" /* of a snapshot: "PID\tWCHAN\tFILE\tCOMM", WCHAN or FILE may be "" */

#endif
