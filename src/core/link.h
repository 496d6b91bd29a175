/* A network interface as rtnetlink describes it. */
#ifndef CORE_LINK_H
#define CORE_LINK_H

#include "core/vf.h"

enum link_state {
	LINK_DOWN,
	LINK_NO_CARRIER,
	LINK_UP
};
extern const char *const link_state_names[];

/* What an interface counted, as the kernel has it for any (IFLA_STATS64). */
struct if_counters {
	uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes;
	uint64_t rx_errors, tx_errors, rx_dropped, tx_dropped;
	uint64_t multicast, rx_missed;
};

struct link {
	int ifindex;       /* 0: not said */
	const char *netns; /* the namespace it was found in, NULL for ours */
	struct netns_id netns_id;
	const char *name, *alias;
	struct strings altnames;
	bool altnames_known; /* old sysfs trees do not say */
	const char *kind;    /* "vlan", "macvlan", ...; NULL for hardware */
	bool admin_up;
	enum link_state state;
	bool state_known;
	uint32_t mtu, min_mtu, max_mtu; /* max_mtu 0: not said */
	bool mtu_known;
	struct lladdr addr, perm_addr; /* len 0: not said */
	bool addresses_known;
	struct strings addresses; /* "192.0.2.1/24", without link-local ones of the kernel */
	struct strings gateways;  /* of default routes over it */
	const struct if_counters *counters; /* with NEED_STATS; NULL: not known */
	int master, lower;                  /* ifindex, 0 for none */
	bool lower_elsewhere;               /* lower is in another namespace */
	const char *phys_port_name;
	const char *parent_bus, *parent_dev; /* "pci", "0000:21:00.0" */
	bool num_vfs_known;
	uint32_t num_vfs;
	struct vf *vfs; /* their configuration, by index; other fields unset */
	size_t vf_count;
	bool truncated; /* fewer of them than num_vfs, though the driver lists them */
};

/* Is the port of an eswitch that an interface is (its phys_port_name) the one to the wire? NULL:
 * it says nothing of ports. */
bool is_uplink(const char *port);

#endif
