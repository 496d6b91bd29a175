#include "core/vf.h"

#include "core/link.h"

const char *const link_state_names[] = {"down", "no-carrier", "up", NULL};
static const char *const state_names[] = {"auto", "enable", "disable", NULL};
static const char *const proto_names[] = {"802.1q", "802.1ad", NULL};

#define ADDRESS_HELP "IP address and prefix, of a single VF; may be said several times"
#define GATEWAY_HELP "default route of a single VF; once for IPv4, once for IPv6"
#define OWNER_HELP "any word; whoever detaches it must give the same"

#define SET_ROW(id, k, h, t, f, n, field, enum_names, least, most, text)                           \
	[id] = {.key = (k),                                                                        \
		.heading = (h),                                                                    \
		.type = (t),                                                                       \
		.flags = (f),                                                                      \
		.need = (n),                                                                       \
		.offset = offsetof(struct vf, field),                                              \
		.names = (enum_names),                                                             \
		.unit = (id) == VF_MAX_TX_RATE || (id) == VF_MIN_TX_RATE ? "Mbit/s" : NULL,        \
		.keyword = (id) == VF_IFNAME      ? "name"                                         \
			   : (id) == VF_ADDRESSES ? "address"                                      \
			   : (id) == VF_GATEWAYS  ? "gateway"                                      \
			   : (id) == VF_LEASE     ? "owner"                                        \
						  : NULL,                                              \
		.set_help = (id) == VF_IFNAME      ? "name of the interface"                       \
			    : (id) == VF_ADDRESSES ? ADDRESS_HELP                                  \
			    : (id) == VF_GATEWAYS  ? GATEWAY_HELP                                  \
			    : (id) == VF_LEASE     ? OWNER_HELP                                    \
						   : NULL,                                             \
		.off = (id) == VF_UP ? "down" : NULL,                                              \
		.min = (least),                                                                    \
		.max = (most),                                                                     \
		.help = (text)}
#define ENUM_ROW(id, k, h, t, f, n, field, names, text)                                            \
	SET_ROW(id, k, h, t, f, n, field, names, 0, 0, text)
#define ROW(id, k, h, t, f, n, field, text) ENUM_ROW(id, k, h, t, f, n, field, NULL, text)
#define KEPT (ATTR_KEEP | ATTR_SET | ATTR_LEND)
#define ASK NEED_VFS
#define PLACE (NEED_VFS | NEED_PLACE)
#define STATS (NEED_VFS | NEED_STATS)
#define HOME (NEED_VFS | NEED_NETNS)
#define LEASES (NEED_VFS | NEED_LEASES)
#define ADDRESSES (HOME | NEED_ADDRESSES)
#define HOLDERS (HOME | NEED_PLACE | NEED_USAGE | NEED_ROUTES | NEED_HOLDERS | NEED_LEASES)

/* clang-format off */
static const struct attr vf_attrs[VF_ATTR_COUNT] = {
	ROW(VF_NAME, "vf", "VF", VALUE_STRING, ATTR_LIST | ATTR_BRIEF, ASK, name,
		"the name to use in commands: PF/INDEX"),
	ROW(VF_PF, "pf", "PF", VALUE_STRING, 0, ASK, pf, "its PF"),
	ROW(VF_INDEX, "index", "INDEX", VALUE_UINT, 0, ASK, index, "its number on the PF, from 0"),
	ROW(VF_BDF, "bdf", "BDF", VALUE_BDF, ATTR_LIST | ATTR_BRIEF, ASK, bdf, "PCI address"),
	ROW(VF_DRIVER, "driver", "DRIVER", VALUE_STRING, ATTR_LIST | ATTR_BRIEF, ASK, driver,
		"kernel driver; none when nothing is bound"),
	ROW(VF_IFNAME, "ifname", "INTERFACE", VALUE_STRING,
		ATTR_LIST | ATTR_BRIEF | ATTR_SET | ATTR_LEND, HOME, ifname,
		"network interface, wherever it is"),
	ROW(VF_NETNS, "netns", "NETNS", VALUE_STRING, ATTR_LIST | ATTR_BRIEF | ATTR_IF_ANY, HOME, netns,
		"namespace the interface is in, when it is not ours"),
	ENUM_ROW(VF_LINK, "link", "LINK", VALUE_ENUM, 0, HOME, link, link_state_names,
		"of the interface: up, no-carrier, or down (by the administrator)"),
	ROW(VF_UP, "up", "UP", VALUE_BOOL, ATTR_SET | ATTR_LEND, HOME, up,
		"whether the interface is switched on"),
	ROW(VF_MAC, "mac", "MAC", VALUE_LLADDR,
		ATTR_LIST | KEPT | ATTR_NONZERO | ATTR_AUTO | ATTR_REBINDS, ASK, mac,
		"hardware address as the PF has it; all zero when unset"),
	SET_ROW(VF_VLAN, "vlan", "VLAN", VALUE_UINT, ATTR_LIST | ATTR_IF_ANY | KEPT | ATTR_NONZERO, ASK,
		vlan, NULL, 0, 4094,
		"port VLAN, 0 for none"),
	SET_ROW(VF_QOS, "qos", "QOS", VALUE_UINT, KEPT | ATTR_NONZERO, ASK, qos, NULL, 0, 7,
		"priority of the port VLAN, 0 to 7"),
	ENUM_ROW(VF_PROTO, "proto", "PROTO", VALUE_ENUM, KEPT | ATTR_NONZERO, ASK, proto, proto_names,
		"protocol of the port VLAN: 802.1q or 802.1ad"),
	ROW(VF_MAX_TX_RATE, "max_tx_rate", "MAX-TX", VALUE_UINT,
		ATTR_LIST | ATTR_IF_ANY | KEPT | ATTR_NONZERO, ASK, max_tx_rate,
		"transmit limit in Mbit/s, 0 for none"),
	ROW(VF_MIN_TX_RATE, "min_tx_rate", "MIN-TX", VALUE_UINT,
		ATTR_LIST | ATTR_IF_ANY | KEPT | ATTR_NONZERO, ASK, min_tx_rate,
		"guaranteed transmit rate in Mbit/s, 0 for none"),
	ROW(VF_SPOOFCHK, "spoofchk", "SPOOFCHK", VALUE_BOOL, KEPT, ASK, spoofchk,
		"whether frames with a foreign source address are dropped"),
	ROW(VF_TRUST, "trust", "TRUST", VALUE_BOOL, KEPT, ASK, trust,
		"whether the VF may change its address and go promiscuous"),
	ENUM_ROW(VF_STATE, "state", "STATE", VALUE_ENUM, KEPT, ASK, state, state_names,
		"link shown to the VF: auto (follows the PF), enable, disable"),
	ROW(VF_QUERY_RSS, "query_rss", "QUERY-RSS", VALUE_BOOL, KEPT, ASK, query_rss,
		"whether the VF may read the RSS configuration"),
	ROW(VF_NODE_GUID, "node_guid", "NODE-GUID", VALUE_GUID, KEPT | ATTR_NONZERO, ASK, node_guid,
		"InfiniBand node GUID"),
	ROW(VF_PORT_GUID, "port_guid", "PORT-GUID", VALUE_GUID, KEPT | ATTR_NONZERO, ASK, port_guid,
		"InfiniBand port GUID"),
	ROW(VF_NUMA_NODE, "numa_node", "NUMA", VALUE_INT, 0, PLACE, numa_node, "NUMA node"),
	ROW(VF_IOMMU_GROUP, "iommu_group", "IOMMU", VALUE_UINT, 0, PLACE, iommu_group, "IOMMU group"),
	ROW(VF_VFIO, "vfio", "VFIO", VALUE_STRING, ATTR_LIST | ATTR_IF_ANY, ASK, vfio,
		"device node to hand to a VM or DPDK, when bound to vfio-pci"),
	SET_ROW(VF_MSIX, "msix", "MSIX", VALUE_UINT, ATTR_SET | ATTR_COSTLY, NEED_VFS | NEED_MSIX, msix,
		NULL, 1, 2048, "interrupt vectors (MSI-X) it has (needs root)"),
	ROW(VF_DRIVER_OVERRIDE, "driver_override", "OVERRIDE", VALUE_STRING, ATTR_COSTLY,
		NEED_VFS | NEED_BINDING, driver_override, "the only driver that may take it; none usually"),
	ROW(VF_IFINDEX, "ifindex", "IFINDEX", VALUE_INT, 0, HOME, ifindex,
		"interface index in its namespace"),
	ROW(VF_ALTNAMES, "altnames", "ALTNAMES", VALUE_STRINGS, 0, HOME, altnames,
		"alternative names of the interface"),
	ROW(VF_IF_MAC, "if_mac", "IF-MAC", VALUE_LLADDR, 0, HOME, if_mac,
		"hardware address as the interface has it"),
	SET_ROW(VF_MTU, "mtu", "MTU", VALUE_UINT, ATTR_SET | ATTR_LEND, HOME, mtu, NULL, 68, 65535,
		"largest packet of the interface, in bytes"),
	SET_ROW(VF_ADDRESSES, "addresses", "ADDRESSES", VALUE_STRINGS,
		ATTR_COSTLY | ATTR_LEND | ATTR_PREFIX, ADDRESSES, addresses, NULL, 0, 0,
		"IP addresses of the interface, wherever it is"),
	SET_ROW(VF_GATEWAYS, "gateways", "GATEWAYS", VALUE_STRINGS, ATTR_COSTLY | ATTR_LEND, ADDRESSES,
		gateways, NULL, 0, 0, "gateways of default routes over the interface"),
	ROW(VF_PF_BDF, "pf_bdf", "PF-BDF", VALUE_BDF, 0, ASK, pf_bdf, "PCI address of its PF"),
	ROW(VF_REPRESENTOR, "representor", "REPRESENTOR", VALUE_STRING, ATTR_LIST | ATTR_IF_ANY, ASK,
		representor, "its port on the eswitch, in switchdev mode"),
	ROW(VF_DEVLINK_PORT, "devlink_port", "DEVLINK-PORT", VALUE_STRING, 0, ASK, devlink_port,
		"devlink port (not read yet: always null)"),
	ROW(VF_RDMA_DEVICE, "rdma_device", "RDMA", VALUE_STRING, 0, ASK, rdma_device,
		"RDMA device (not read yet: always null)"),
	ROW(VF_HOLDERS, "holders", "HOLDERS", VALUE_STRINGS, ATTR_COSTLY, HOLDERS, holders,
		"what it is in use by: processes, namespaces, addresses, ..."),
	ROW(VF_LEASE, "lease", "LEASE", VALUE_STRING, ATTR_LEND | ATTR_TOKEN, LEASES, lease,
		"whom it is attached for: the owner, or the namespace where none was named"),
	ROW(VF_RX_PACKETS, "rx_packets", "RX-PKTS", VALUE_UINT64, ATTR_STATS, STATS, rx_packets,
		"packets received, as the PF counts"),
	ROW(VF_TX_PACKETS, "tx_packets", "TX-PKTS", VALUE_UINT64, ATTR_STATS, STATS, tx_packets,
		"packets sent, as the PF counts"),
	ROW(VF_RX_BYTES, "rx_bytes", "RX-BYTES", VALUE_UINT64, ATTR_STATS, STATS, rx_bytes,
		"bytes received"),
	ROW(VF_TX_BYTES, "tx_bytes", "TX-BYTES", VALUE_UINT64, ATTR_STATS, STATS, tx_bytes,
		"bytes sent"),
	ROW(VF_BROADCAST, "broadcast", "BCAST", VALUE_UINT64, ATTR_STATS, STATS, broadcast,
		"broadcast packets received"),
	ROW(VF_MULTICAST, "multicast", "MCAST", VALUE_UINT64, ATTR_STATS, STATS, multicast,
		"multicast packets received"),
	ROW(VF_RX_DROPPED, "rx_dropped", "RX-DROP", VALUE_UINT64, ATTR_STATS, STATS, rx_dropped,
		"received packets dropped"),
	ROW(VF_TX_DROPPED, "tx_dropped", "TX-DROP", VALUE_UINT64, ATTR_STATS, STATS, tx_dropped,
		"packets to send dropped"),
};
/* clang-format on */

const struct record_type vf_type = {
	"vf", vf_attrs, VF_ATTR_COUNT, offsetof(struct vf, known), "vf list"};
