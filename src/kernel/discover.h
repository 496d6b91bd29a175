/* Joining what the sources say. */
#ifndef KERNEL_DISCOVER_H
#define KERNEL_DISCOVER_H

#include "kernel/kernel.h"

/* Does the VF's driver promise a network interface that has not been found? */
bool vf_lacks_interface(const struct host *host, const struct vf *vf);

#endif
