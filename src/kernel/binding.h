/* What decides who may have a VF: overrides, IOMMU groups, drivers, resets, vectors. */
#ifndef KERNEL_BINDING_H
#define KERNEL_BINDING_H

#include "kernel/kernel.h"

/* driver_override and function-level reset of each VF, the devices in their IOMMU groups,
 * and the drivers there are: into host (NEED_BINDING). */
void binding_read(const struct kernel *k, struct host *host);

#endif
