/* A physical function: a device that can make, or has, virtual functions. */
#ifndef CORE_PF_H
#define CORE_PF_H

#include "core/attr.h"

enum pf_attr {
	PF_NAME,
	PF_IFNAME,
	PF_BDF,
	PF_DRIVER,
	PF_LINK,
	PF_UP,
	PF_SPEED,
	PF_MAC,
	PF_MTU,
	PF_NUMA_NODE,
	PF_NUM_VFS,
	PF_TOTAL_VFS,
	PF_CLASS,
	PF_HANDLE,
	PF_IFINDEX,
	PF_ALTNAMES,
	PF_ALIAS,
	PF_PERMANENT_MAC,
	PF_VENDOR_ID,
	PF_DEVICE_ID,
	PF_VENDOR_NAME,
	PF_DEVICE_NAME,
	PF_FIRMWARE,
	PF_IOMMU_GROUP,
	PF_INITIAL_VFS,
	PF_AUTOPROBE,
	PF_VF_DEVICE_ID,
	PF_VF_OFFSET,
	PF_VF_STRIDE,
	PF_ARI,
	PF_ESWITCH_MODE,
	PF_RDMA_DEVICES,
	PF_TRUNCATED,
	PF_ATTR_COUNT
};

/* Access Control Services of a bridge: its capability, as far as it can be read. */
enum acs_state {
	ACS_UNKNOWN,
	ACS_NONE, /* it has no such capability */
	ACS_OFF,
	ACS_ON,
};

struct pf {
	uint64_t known;   /* bit per enum pf_attr */
	const char *name; /* how people and errors call it: ifname, else BDF, else handle */
	const char *ifname;
	struct bdf bdf;
	const char *driver;
	uint32_t link;  /* enum link_state */
	bool up;        /* switched on */
	uint32_t speed; /* Mbit/s */
	struct lladdr mac, permanent_mac;
	uint32_t mtu, min_mtu, max_mtu; /* max_mtu 0: not said */
	int32_t numa_node;
	uint32_t num_vfs, total_vfs, initial_vfs;
	const char *class_name;
	const char *handle; /* "pci/0000:21:00.0": bus and device, as devlink writes it */
	int32_t ifindex;
	struct strings altnames;
	const char *alias;
	uint32_t vendor_id, device_id;
	const char *vendor_name, *device_name;
	const char *firmware;
	uint32_t iommu_group;
	bool autoprobe;
	uint32_t vf_device_id, vf_offset, vf_stride;
	bool ari;
	const char *eswitch_mode;
	unsigned vf_bars;  /* with NEED_CONFIG and PF_ARI: bit per VF BAR that it surely has */
	struct bdf bridge; /* with NEED_CONFIG and NEED_BINDING: the one above it */
	bool has_bridge;
	enum acs_state bridge_acs; /* what keeps neighbours below it apart */
	struct strings rdma_devices;
	bool truncated;  /* the kernel's VF list was shorter than its own count */
	bool unseen;     /* it has an interface, in another namespace */
	size_t first_vf; /* its VFs are host.vfs[first_vf .. first_vf + num_vfs) by index */
	size_t vf_count;
};

#define PF_BIT(attr) (UINT64_C(1) << (attr))

extern const struct record_type pf_type;

/* Is it a network card, by its PCI class? */
bool pf_is_nic(const struct pf *pf);

static inline bool pf_has(const struct pf *pf, enum pf_attr attr)
{
	return pf->known >> attr & 1;
}

#endif
