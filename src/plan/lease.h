/* Which VFs were handed out, to whom, and what they had: one file each, for as long. */
#ifndef PLAN_LEASE_H
#define PLAN_LEASE_H

#include "core/host.h"
#include "core/lease.h"
#include "util/error.h"

/* Put what is remembered into the picture: host->leases, vf->attached, vf->lease. root: of
 * a captured host, or -1 for this one. False when it may not be read. */
bool leases_read(struct host *host, int root);

/* On disk when this returns 0; -1 with *err. */
int lease_write(const struct lease *lease, struct error *err);
void lease_remove(const char *pf_handle, uint32_t index);

#endif
