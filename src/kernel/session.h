/* Over which address did whoever runs us log in? */
#ifndef KERNEL_SESSION_H
#define KERNEL_SESSION_H

#include "kernel/kernel.h"

/* Add SSH_SESSION to host->usages for the interface that has the address the caller's SSH
 * connection ends at. The connection is looked for in our environment and in those of our
 * ancestors (sudo takes it away). */
void session_find(const struct kernel *k, struct host *host);

#endif
