/* Addresses made up for VFs. */
#ifndef CORE_MAC_H
#define CORE_MAC_H

#include "core/attr.h"

/* A locally administered unicast address that depends on nothing but the PF's permanent
 * address, the VF's index, and `attempt` (0, 1, ... until one is free). */
struct lladdr mac_auto(const struct lladdr *pf, uint32_t index, uint32_t attempt);

#endif
