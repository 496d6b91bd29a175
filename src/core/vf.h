/* A virtual function: what the PF knows of it, and the device and interface it is. */
#ifndef CORE_VF_H
#define CORE_VF_H

#include "core/attr.h"

enum vf_attr {
	VF_NAME,
	VF_PF,
	VF_INDEX,
	VF_BDF,
	VF_DRIVER,
	VF_IFNAME,
	VF_NETNS,
	VF_LINK,
	VF_UP,
	VF_MAC,
	VF_VLAN,
	VF_QOS,
	VF_PROTO,
	VF_MAX_TX_RATE,
	VF_MIN_TX_RATE,
	VF_SPOOFCHK,
	VF_TRUST,
	VF_STATE,
	VF_QUERY_RSS,
	VF_NODE_GUID,
	VF_PORT_GUID,
	VF_NUMA_NODE,
	VF_IOMMU_GROUP,
	VF_VFIO,
	VF_MSIX,
	VF_DRIVER_OVERRIDE,
	VF_IFINDEX,
	VF_ALTNAMES,
	VF_IF_MAC,
	VF_MTU,
	VF_ADDRESSES,
	VF_GATEWAYS,
	VF_PF_BDF,
	VF_REPRESENTOR,
	VF_DEVLINK_PORT,
	VF_RDMA_DEVICE,
	VF_HOLDERS,
	VF_LEASE,
	VF_RX_PACKETS,
	VF_TX_PACKETS,
	VF_RX_BYTES,
	VF_TX_BYTES,
	VF_BROADCAST,
	VF_MULTICAST,
	VF_RX_DROPPED,
	VF_TX_DROPPED,
	VF_ATTR_COUNT
};

enum vf_link_policy {
	VF_STATE_AUTO,
	VF_STATE_ENABLE,
	VF_STATE_DISABLE
};
enum vf_vlan_proto {
	VF_PROTO_8021Q,
	VF_PROTO_8021AD
};

/*
 * Which network namespace, whatever it is called: the inode of its file on nsfs, and since
 * Linux 5.14 a cookie (SO_NETNS_COOKIE) that no other namespace gets again. 0: not known.
 */
struct netns_id {
	uint64_t inode, cookie;
};

struct lease;
struct interrupts;
struct if_counters;
struct driver_counters;

struct vf {
	uint64_t known;   /* bit per enum vf_attr */
	const char *name; /* "eth0/3": PF and index, what every command takes */
	const char *pf;
	uint32_t index;
	struct bdf bdf, pf_bdf;
	const char *driver;
	const char *driver_override; /* NULL when known: none */
	const char *ifname;
	bool open;         /* in use through vfio, by whomever */
	bool resettable;   /* has a function-level reset (with NEED_BINDING) */
	bool coming;       /* it is to have an interface, by what is planned */
	bool unseen;       /* it has an interface, in a namespace that could not be looked into */
	const char *netns; /* where the interface is, when that is not our namespace */
	struct netns_id netns_id;
	const struct lease *attached; /* what is remembered of its being handed out, or NULL */
	uint32_t link;                /* enum link_state of its interface */
	bool up;                      /* switched on, by whomever */

	/* what the PF knows (rtnetlink IFLA_VF_*) */
	struct lladdr mac;
	uint32_t vlan, qos, proto;
	uint32_t max_tx_rate, min_tx_rate; /* Mbit/s, 0 for no limit */
	bool spoofchk, trust, query_rss;
	uint32_t state; /* enum vf_link_policy */
	uint64_t node_guid, port_guid;
	uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes;
	uint64_t broadcast, multicast, rx_dropped, tx_dropped;

	int32_t numa_node;
	uint32_t iommu_group;
	const char *vfio; /* the node to hand to a user of vfio: "/dev/vfio/13" */
	uint32_t msix;    /* interrupt vectors */
	int32_t ifindex;
	struct strings altnames;
	struct lladdr if_mac;           /* of the interface; may differ from what the PF has */
	uint32_t mtu, min_mtu, max_mtu; /* max_mtu 0: not said */
	struct strings addresses;       /* "192.0.2.1/24" */
	struct strings gateways;        /* of default routes over it */
	const char *representor, *devlink_port, *rdma_device, *lease;
	struct strings holders;
	const struct if_counters *if_counters; /* with NEED_STATS; NULL: not known */
	/* what the driver of its interface counts of its own (with NEED_DRIVER_STATS), or NULL */
	const struct driver_counters *driver_counters;
	const struct interrupts *interrupts; /* with NEED_INTERRUPTS; NULL: not known */
	uint64_t instance; /* another one after it was destroyed and made anew; 0: not known */
};

#define VF_BIT(attr) (UINT64_C(1) << (attr))

extern const struct record_type vf_type;

static inline bool vf_has(const struct vf *vf, enum vf_attr attr)
{
	return vf->known >> attr & 1;
}

#endif
