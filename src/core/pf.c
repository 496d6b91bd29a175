#include "core/pf.h"

#include "core/link.h"

#include <string.h>

#define ROW(id, k, h, t, f, n, field, text)                                                        \
	[id] = {.key = (k),                                                                        \
		.heading = (h),                                                                    \
		.type = (t),                                                                       \
		.flags = (f),                                                                      \
		.need = (n),                                                                       \
		.offset = offsetof(struct pf, field),                                              \
		.names = (id) == PF_LINK ? link_state_names : NULL,                                \
		.unit = (id) == PF_SPEED ? "Mbit/s" : NULL,                                        \
		.off = (id) == PF_UP ? "down" : NULL,                                              \
		.min = (id) == PF_MTU ? 68 : 0,                                                    \
		.max = (id) == PF_MTU ? 65535 : 0,                                                 \
		.help = (text)}

/* clang-format off */
static const struct attr pf_attrs[PF_ATTR_COUNT] = {
	ROW(PF_NAME, "pf", "PF", VALUE_STRING, ATTR_LIST | ATTR_BRIEF, 0, name,
		"the name to use in commands: interface, else PCI address"),
	ROW(PF_IFNAME, "ifname", "INTERFACE", VALUE_STRING, 0, 0, ifname,
		"network interface; none for devices that are no NIC"),
	ROW(PF_BDF, "bdf", "BDF", VALUE_BDF, ATTR_LIST | ATTR_BRIEF, 0, bdf,
		"PCI address, domain:bus:device.function"),
	ROW(PF_DRIVER, "driver", "DRIVER", VALUE_STRING, ATTR_LIST, 0, driver,
		"kernel driver"),
	ROW(PF_LINK, "link", "LINK", VALUE_ENUM, ATTR_LIST, 0, link,
		"up, no-carrier, or down (by the administrator)"),
	ROW(PF_UP, "up", "UP", VALUE_BOOL, ATTR_SET, 0, up,
		"whether the interface is switched on"),
	ROW(PF_SPEED, "speed", "SPEED", VALUE_UINT, 0, NEED_SPEED, speed,
		"link speed in Mbit/s"),
	ROW(PF_MAC, "mac", "MAC", VALUE_LLADDR, ATTR_LIST, 0, mac,
		"hardware address in use"),
	ROW(PF_MTU, "mtu", "MTU", VALUE_UINT, ATTR_SET, 0, mtu,
		"largest packet in bytes"),
	ROW(PF_NUMA_NODE, "numa_node", "NUMA", VALUE_INT, ATTR_LIST, NEED_PF_PLACE, numa_node,
		"NUMA node the device is attached to"),
	ROW(PF_NUM_VFS, "num_vfs", "VFS", VALUE_UINT, ATTR_LIST | ATTR_BRIEF, 0, num_vfs,
		"VFs it has now"),
	ROW(PF_TOTAL_VFS, "total_vfs", "TOTAL", VALUE_UINT, ATTR_LIST | ATTR_BRIEF, 0, total_vfs,
		"VFs it can have (sriov_totalvfs)"),
	ROW(PF_CLASS, "class", "CLASS", VALUE_STRING, 0, NEED_CLASS, class_name,
		"what the device is: ethernet, infiniband, nvme, display, ..."),
	ROW(PF_HANDLE, "handle", "HANDLE", VALUE_STRING, 0, 0, handle,
		"bus and device as devlink writes it"),
	ROW(PF_IFINDEX, "ifindex", "IFINDEX", VALUE_INT, 0, 0, ifindex,
		"interface index"),
	ROW(PF_ALTNAMES, "altnames", "ALTNAMES", VALUE_STRINGS, 0, 0, altnames,
		"alternative names of the interface"),
	ROW(PF_ALIAS, "alias", "ALIAS", VALUE_STRING, ATTR_PROSE, 0, alias,
		"description set on the interface"),
	ROW(PF_PERMANENT_MAC, "permanent_mac", "PERMANENT-MAC", VALUE_LLADDR, 0, 0,
		permanent_mac, "hardware address burnt into the device"),
	ROW(PF_VENDOR_ID, "vendor_id", "VENDOR-ID", VALUE_HEX, 0, NEED_IDS, vendor_id,
		"PCI vendor id"),
	ROW(PF_DEVICE_ID, "device_id", "DEVICE-ID", VALUE_HEX, 0, NEED_IDS, device_id,
		"PCI device id"),
	ROW(PF_VENDOR_NAME, "vendor_name", "VENDOR", VALUE_STRING, ATTR_PROSE, NEED_IDS | NEED_NAMES, vendor_name,
		"PCI vendor"),
	ROW(PF_DEVICE_NAME, "device_name", "DEVICE", VALUE_STRING, ATTR_PROSE, NEED_IDS | NEED_NAMES, device_name,
		"PCI device"),
	ROW(PF_FIRMWARE, "firmware", "FIRMWARE", VALUE_STRING, 0, NEED_FIRMWARE, firmware,
		"firmware version, as the driver writes it"),
	ROW(PF_IOMMU_GROUP, "iommu_group", "IOMMU", VALUE_UINT, 0, NEED_PF_PLACE, iommu_group,
		"IOMMU group"),
	ROW(PF_INITIAL_VFS, "initial_vfs", "INITIAL", VALUE_UINT, 0, NEED_CONFIG, initial_vfs,
		"InitialVFs of the SR-IOV capability (needs root)"),
	ROW(PF_AUTOPROBE, "autoprobe", "AUTOPROBE", VALUE_BOOL, ATTR_SET, 0, autoprobe,
		"whether new VFs are given to a driver at once"),
	ROW(PF_VF_DEVICE_ID, "vf_device_id", "VF-DEVICE-ID", VALUE_HEX, 0, NEED_IDS, vf_device_id,
		"PCI device id of its VFs"),
	ROW(PF_VF_OFFSET, "vf_offset", "VF-OFFSET", VALUE_UINT, 0, NEED_IDS, vf_offset,
		"routing id distance from the PF to VF 0"),
	ROW(PF_VF_STRIDE, "vf_stride", "VF-STRIDE", VALUE_UINT, 0, NEED_IDS, vf_stride,
		"routing id distance from one VF to the next"),
	ROW(PF_ARI, "ari", "ARI", VALUE_BOOL, 0, NEED_CONFIG, ari,
		"ARI capable hierarchy (needs root)"),
	ROW(PF_ESWITCH_MODE, "eswitch_mode", "ESWITCH", VALUE_STRING, 0, 0, eswitch_mode,
		"legacy or switchdev (not read yet: always null)"),
	ROW(PF_RDMA_DEVICES, "rdma_devices", "RDMA", VALUE_STRINGS, 0, 0, rdma_devices,
		"RDMA devices (not read yet: always null)"),
	ROW(PF_TRUNCATED, "truncated", "TRUNCATED", VALUE_BOOL, 0, 0, truncated,
		"whether the kernel showed fewer VFs than it counts"),
};
/* clang-format on */

const struct record_type pf_type = {
	"pf", pf_attrs, PF_ATTR_COUNT, offsetof(struct pf, known), "pf list"};

bool pf_is_nic(const struct pf *pf)
{
	return pf_has(pf, PF_CLASS) && (strcmp(pf->class_name, "ethernet") == 0 ||
					       strcmp(pf->class_name, "infiniband") == 0 ||
					       strcmp(pf->class_name, "network") == 0);
}
