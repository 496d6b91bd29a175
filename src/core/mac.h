/* Addresses made up for VFs. */
#ifndef CORE_MAC_H
#define CORE_MAC_H

#include "core/attr.h"
#include "util/arena.h"

/* A locally administered unicast address that depends on nothing but the PF's permanent
 * address, the VF's index, and `attempt` (0, 1, ... until one is free). */
struct lladdr mac_auto(const struct lladdr *pf, uint32_t index, uint32_t attempt);

/* Ethernet addresses in use, and by whom. */
struct mac_set {
	struct mac_owner {
		uint64_t key;
		const char *owner;
	} * slots;
	size_t room; /* a power of two */
};

/* Room for `count` addresses, in the arena. */
void mac_set_init(struct mac_set *set, struct arena *arena, size_t count);
/* The first owner of an address stays its owner. Other addresses than Ethernet's, and zero,
 * are left out. */
void mac_set_add(struct mac_set *set, const struct lladdr *mac, const char *owner);
/* NULL when nobody has it. */
const char *mac_set_owner(const struct mac_set *set, const struct lladdr *mac);

#endif
