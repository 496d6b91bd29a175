/* Which small files make a host's facts; see core/facts.h. */
#ifndef KERNEL_FACTS_H
#define KERNEL_FACTS_H

#include "core/facts.h"
#include "kernel/kernel.h"

#define FACTS_INDEX "facts" /* of a snapshot: "ERRNO PATH" of each that was looked at */

/* Read them. host: of NEED_VFS, NEED_USAGE, NEED_NETNS and NEED_PROCESSES: many are of its PFs
 * and VFs, and of those who use these. What a snapshot does not say of is left out. */
void facts_read(const struct kernel *k, const struct host *host, struct facts *facts);

#endif
