/* Joins sysfs, rtnetlink and PCI configuration space into one picture. */
#include "kernel/interfaces.h"

#include "core/driver.h"
#include "core/quirk.h"
#include "kernel/binding.h"
#include "kernel/blocked.h"
#include "kernel/interrupts.h"
#include "kernel/netns.h"
#include "kernel/pci.h"
#include "kernel/pci_list.h"
#include "kernel/rtnl.h"
#include "kernel/sysfs.h"
#include "util/cleanup.h"
#include "util/str.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static const struct {
	uint32_t mask, class;
	const char *name;
} classes[] = {
	/* PCI Code and ID Assignment Specification; the first match counts */
	{0xffff00, 0x020000, "ethernet"},
	{0xffff00, 0x020700, "infiniband"},
	{0xff0000, 0x020000, "network"},
	{0xffff00, 0x010800, "nvme"},
	{0xff0000, 0x010000, "storage"},
	{0xff0000, 0x030000, "display"},
	{0xff0000, 0x0b0000, "processor"},
	{0xff0000, 0x100000, "encryption"},
	{0xff0000, 0x120000, "accelerator"},
};

static const char *class_name(uint64_t class)
{
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if ((class & classes[i].mask) == classes[i].class)
			return classes[i].name;
	return "other";
}

static bool link_uint32(int dir, const char *path, uint32_t *field)
{
	char name[64];
	uint64_t v;

	if (sysfs_link_name(dir, path, name, sizeof(name)) <= 0 ||
		!str_uint(name, 10, UINT32_MAX, &v))
		return false;
	*field = (uint32_t)v;
	return true;
}

/* The same few drivers come again and again: keep one copy of each name. */
static const char *driver_name(struct host *host, int dir, const char *path)
{
	char name[128];

	if (sysfs_link_name(dir, path, name, sizeof(name)) <= 0)
		return NULL;
	/* the VF at the end of the array is the one being read */
	if (host->vf_count > 1 && host->vfs[host->vf_count - 2].driver &&
		strcmp(host->vfs[host->vf_count - 2].driver, name) == 0)
		return host->vfs[host->vf_count - 2].driver;
	return arena_strdup(&host->arena, name);
}

/* Does the device have a network interface? Its directory "net" is there even while the
 * interface is in another namespace: it only looks empty. */
static bool has_interface(const struct discovery *d, struct bdf bdf)
{
	char path[64];

	return faccessat(d->k->devices, sysfs_in_device(path, sizeof(path), bdf, "net"), F_OK, 0) ==
	       0;
}

/* PFs */

static void set_string(uint64_t *known, unsigned attr, const char **field, const char *value)
{
	if (!value || !value[0])
		return;
	*field = value;
	*known |= UINT64_C(1) << attr;
}

static void pf_take_link(struct pf *pf, const struct link *l)
{
	set_string(&pf->known, PF_IFNAME, &pf->ifname, l->name);
	set_string(&pf->known, PF_ALIAS, &pf->alias, l->alias);
	pf->ifindex = l->ifindex;
	pf->mtu = l->mtu;
	pf->altnames = l->altnames;
	pf->known |= l->ifindex > 0 ? PF_BIT(PF_IFINDEX) : 0;
	pf->known |= l->mtu_known ? PF_BIT(PF_MTU) : 0;
	pf->known |= l->altnames_known ? PF_BIT(PF_ALTNAMES) : 0;
	pf->link = l->state;
	pf->up = l->state != LINK_DOWN;
	if (l->state_known)
		pf->known |= PF_BIT(PF_LINK) | PF_BIT(PF_UP);
	pf->min_mtu = l->min_mtu;
	pf->max_mtu = l->max_mtu;
	pf->mac = l->addr;
	if (l->addr.len)
		pf->known |= PF_BIT(PF_MAC);
	pf->permanent_mac = l->perm_addr;
	if (l->perm_addr.len)
		pf->known |= PF_BIT(PF_PERMANENT_MAC);
	pf->truncated = l->truncated;
	pf->known |= l->num_vfs_known ? PF_BIT(PF_TRUNCATED) : 0;
	pf->name = pf->ifname;
	pf->known |= PF_BIT(PF_NAME);
}

/* The PF's own interface: in switchdev mode its device carries those of other eswitch
 * ports as well (VFs, sub-functions, the host behind a DPU). */
static const struct link *pf_link(const struct discovery *d, const struct pf *pf)
{
	struct owner *end, *o = pf_has(pf, PF_BDF) ? owned(d, pf->bdf, &end) : NULL;

	for (; o && o < end; o++)
		if (!o->link->netns && is_uplink(o->link->phys_port_name))
			return o->link;
	return NULL;
}

/* Read from configuration space, or fixed, while the device is there: only for show. */
static void pf_read_ids(struct discovery *d, struct pf *pf)
{
	int dir = d->k->devices;
	char path[128];
	uint64_t v;
	const struct {
		const char *file;
		enum pf_attr attr;
		uint32_t *field;
	} numbers[] = {
		{"vendor", PF_VENDOR_ID, &pf->vendor_id},
		{"device", PF_DEVICE_ID, &pf->device_id},
		{"sriov_vf_device", PF_VF_DEVICE_ID, &pf->vf_device_id},
		{"sriov_offset", PF_VF_OFFSET, &pf->vf_offset},
		{"sriov_stride", PF_VF_STRIDE, &pf->vf_stride},
	};

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		char text[32];
		/* sriov_vf_device is hexadecimal without the 0x that the others have */
		int base = numbers[i].attr == PF_VF_DEVICE_ID ? 16 : 0;

		sysfs_in_device(path, sizeof(path), pf->bdf, numbers[i].file);
		if (sysfs_read(dir, path, text, sizeof(text)) > 0 &&
			str_uint(text, base, UINT32_MAX, &v)) {
			*numbers[i].field = (uint32_t)v;
			pf->known |= PF_BIT(numbers[i].attr);
		}
	}
}

static void pf_read_class(struct discovery *d, struct pf *pf)
{
	char path[128];
	uint64_t class;

	if (sysfs_read_uint(d->k->devices, sysfs_in_device(path, sizeof(path), pf->bdf, "class"),
		    UINT32_MAX, &class)) {
		pf->class_name = class_name(class);
		pf->known |= PF_BIT(PF_CLASS);
	}
}

static void pf_read_place(struct discovery *d, struct pf *pf)
{
	int dir = d->k->devices;
	char path[128];

	if (sysfs_read_int32(dir, sysfs_in_device(path, sizeof(path), pf->bdf, "numa_node"),
		    &pf->numa_node) &&
		pf->numa_node >= 0) /* -1: the firmware does not say */
		pf->known |= PF_BIT(PF_NUMA_NODE);
	if (link_uint32(dir, sysfs_in_device(path, sizeof(path), pf->bdf, "iommu_group"),
		    &pf->iommu_group))
		pf->known |= PF_BIT(PF_IOMMU_GROUP);
}

static void pf_read_sysfs(struct discovery *d, struct pf *pf)
{
	char path[128];
	uint64_t v;

	if (d->needs & NEED_IDS)
		pf_read_ids(d, pf);
	if (d->needs & NEED_CLASS)
		pf_read_class(d, pf);
	if (d->needs & NEED_PF_PLACE)
		pf_read_place(d, pf);
	if (sysfs_read_uint(d->k->devices,
		    sysfs_in_device(path, sizeof(path), pf->bdf, "sriov_drivers_autoprobe"), 1,
		    &v)) {
		pf->autoprobe = v;
		pf->known |= PF_BIT(PF_AUTOPROBE);
	}
}

static void pf_read_speed(struct discovery *d, struct pf *pf)
{
	char path[128];

	/* EINVAL while down; -1 when there is no link */
	snprintf(path, sizeof(path), "class/net/%.64s/speed", pf->ifname);
	if (sysfs_read_uint32(d->k->sys, path, &pf->speed))
		pf->known |= PF_BIT(PF_SPEED);
}

static struct pf *add_pf(struct host *host)
{
	host->pfs = arena_push(&host->arena, host->pfs, &host->pf_count, sizeof(*host->pfs));
	memset(&host->pfs[host->pf_count - 1], 0, sizeof(*host->pfs));
	return &host->pfs[host->pf_count - 1];
}

/* VFs */

static void vf_take_link(struct vf *vf, const struct link *l)
{
	set_string(&vf->known, VF_IFNAME, &vf->ifname, l->name);
	set_string(&vf->known, VF_NETNS, &vf->netns, l->netns);
	vf->netns_id = l->netns_id;
	vf->addresses = l->addresses;
	vf->gateways = l->gateways;
	vf->known |= l->addresses_known ? VF_BIT(VF_ADDRESSES) | VF_BIT(VF_GATEWAYS) : 0;
	vf->ifindex = l->ifindex;
	vf->if_counters = l->counters;
	vf->mtu = l->mtu;
	vf->altnames = l->altnames;
	vf->known |= l->ifindex > 0 ? VF_BIT(VF_IFINDEX) : 0;
	vf->known |= l->mtu_known ? VF_BIT(VF_MTU) : 0;
	vf->known |= l->altnames_known ? VF_BIT(VF_ALTNAMES) : 0;
	vf->link = l->state;
	vf->up = l->state != LINK_DOWN;
	if (l->state_known)
		vf->known |= VF_BIT(VF_LINK) | VF_BIT(VF_UP);
	vf->min_mtu = l->min_mtu;
	vf->max_mtu = l->max_mtu;
	vf->if_mac = l->addr;
	if (l->addr.len)
		vf->known |= VF_BIT(VF_IF_MAC);
}

/* drivers/vfio/group.c: a group without an IOMMU says so in its node's name. */
static const char *vfio_node(struct discovery *d, uint32_t group)
{
	char path[64], name[32];
	bool unsafe;

	snprintf(path, sizeof(path), "kernel/iommu_groups/%u/name", group);
	unsafe = sysfs_read(d->k->sys, path, name, sizeof(name)) > 0 &&
		 strcmp(name, "vfio-noiommu") == 0;
	return arena_printf(&d->host->arena, "/dev/vfio/%s%u", unsafe ? "noiommu-" : "", group);
}

/* False when there is no such device. */
static bool vf_read_sysfs(struct discovery *d, struct vf *vf)
{
	int dir = d->k->devices;
	char path[128];
	bool vfio;

	set_string(&vf->known, VF_DRIVER, &vf->driver,
		driver_name(d->host, dir, sysfs_in_device(path, sizeof(path), vf->bdf, "driver")));
	vfio = vf->driver && driver_is_vfio(vf->driver);
	if ((vfio || d->needs & NEED_PLACE) &&
		link_uint32(dir, sysfs_in_device(path, sizeof(path), vf->bdf, "iommu_group"),
			&vf->iommu_group))
		vf->known |= VF_BIT(VF_IOMMU_GROUP);
	if (d->needs & (NEED_PLACE | NEED_NODE | NEED_INTERRUPTS) &&
		sysfs_read_int32(dir, sysfs_in_device(path, sizeof(path), vf->bdf, "numa_node"),
			&vf->numa_node) &&
		vf->numa_node >= 0)
		vf->known |= VF_BIT(VF_NUMA_NODE);
	if (vfio && vf_has(vf, VF_IOMMU_GROUP))
		set_string(&vf->known, VF_VFIO, &vf->vfio, vfio_node(d, vf->iommu_group));
	/* what has one of these exists; only of the others it must be asked */
	return vf->driver || vf_has(vf, VF_IOMMU_GROUP) || vf_has(vf, VF_NUMA_NODE) ||
	       faccessat(dir, sysfs_in_device(path, sizeof(path), vf->bdf, "."), F_OK, 0) == 0;
}

/* A new VF of the PF, with its configuration where there is one; what its driver does not
 * keep is unknown. */
static struct vf *add_vf(struct host *host, struct pf *pf, uint32_t index, const struct vf *config)
{
	struct vf *vf;

	host->vfs = arena_push(&host->arena, host->vfs, &host->vf_count, sizeof(*host->vfs));
	vf = &host->vfs[host->vf_count - 1];
	*vf = config ? *config : (struct vf){0};
	vf->known &= ~quirk_not_kept(pf);
	vf->index = index;
	vf->pf = pf->name;
	vf->name = arena_printf(&host->arena, "%s/%u", pf->name, index);
	vf->known |= VF_BIT(VF_NAME) | VF_BIT(VF_PF) | VF_BIT(VF_INDEX);
	if (pf_has(pf, PF_BDF)) {
		vf->pf_bdf = pf->bdf;
		vf->known |= VF_BIT(VF_PF_BDF);
	}
	pf->vf_count++;
	return vf;
}

static void take_representor(struct host *host, const struct pf *pf, const struct link *l)
{
	long index = representor_index(l->phys_port_name);

	for (size_t i = 0; index >= 0 && i < pf->vf_count; i++) {
		/* nearly always at its own index */
		size_t at = (size_t)index < pf->vf_count ? (i + (size_t)index) % pf->vf_count : i;
		struct vf *vf = &host->vfs[pf->first_vf + at];

		if (vf->index != (uint32_t)index)
			continue;
		set_string(&vf->known, VF_REPRESENTOR, &vf->representor, l->name);
		return;
	}
}

static int compare_uint32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The indexes of a PF's virtfnN links. sriov_numvfs is not asked: reading it blocks while
 * another process waits in it for a vfio user to go (the PF's device lock). */
static uint32_t *virtfn_indexes(struct discovery *d, const char *dev, size_t *count)
{
	struct arena *arena = &d->host->arena;
	int fd = openat(d->k->devices, dev, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	uint32_t *indexes = NULL;
	struct dirent *e;
	uint64_t index;

	*count = 0;
	if (fd >= 0 && !dir)
		close(fd);
	while (dir && (e = readdir(dir))) {
		if (!str_starts(e->d_name, "virtfn") ||
			!str_uint(e->d_name + 6, 10, UINT16_MAX, &index))
			continue;
		indexes = arena_push(arena, indexes, count, sizeof(*indexes));
		indexes[*count - 1] = (uint32_t)index;
	}
	if (*count)
		qsort(indexes, *count, sizeof(*indexes), compare_uint32);
	return indexes;
}

/* A link that leads nowhere is odd, unless the VF was destroyed while we looked. */
static void warn_of_virtfn(struct discovery *d, const struct pf *pf, const char *path)
{
	char name[64];

	if (sysfs_link_name(d->k->devices, path, name, sizeof(name)) > 0 &&
		faccessat(d->k->devices, path, F_OK, 0) < 0)
		host_warn(d->host, "%s: its link %s leads nowhere (%s)", pf->name,
			strchr(path, '/') + 1, name);
}

static void pci_find_vfs(struct discovery *d, struct pf *pf, const struct link *link)
{
	char dev[BDF_SIZE], path[64], name[64];
	size_t count;
	uint32_t *indexes;

	bdf_format(pf->bdf, dev);
	indexes = virtfn_indexes(d, dev, &count);
	pf->num_vfs = (uint32_t)count;
	pf->known |= PF_BIT(PF_NUM_VFS);
	if (!(d->needs & NEED_VFS))
		return;
	for (size_t i = 0; i < count; i++) {
		struct vf *vf = add_vf(d->host, pf, indexes[i], link_vf(link, indexes[i]));

		snprintf(path, sizeof(path), "%s/virtfn%u", dev, indexes[i]);
		if (sysfs_link_name(d->k->devices, path, name, sizeof(name)) > 0 &&
			bdf_parse(name, &vf->bdf)) {
			vf->known |= VF_BIT(VF_BDF);
			if (vf_read_sysfs(d, vf))
				continue;
		}
		warn_of_virtfn(d, pf, path);
	}
}

/* A PCI device with sriov_totalvfs is a PF, whatever else it is. */
static void add_pci_pf(struct discovery *d, struct bdf bdf, const char *total)
{
	struct host *host = d->host;
	struct pf *pf = add_pf(host);
	char name[BDF_SIZE], path[128];
	struct owner *end, *o;
	const struct link *l;
	uint64_t v;

	bdf_format(bdf, name);
	pf->bdf = bdf;
	pf->name = arena_strdup(&host->arena, name);
	pf->handle = arena_printf(&host->arena, "pci/%s", name);
	pf->known = PF_BIT(PF_BDF) | PF_BIT(PF_NAME) | PF_BIT(PF_HANDLE);
	if (str_uint(total, 10, UINT16_MAX, &v)) {
		pf->total_vfs = (uint32_t)v;
		pf->known |= PF_BIT(PF_TOTAL_VFS);
	} else {
		host_warn(host, "%s: sriov_totalvfs is unreadable or no number", name);
	}
	set_string(&pf->known, PF_DRIVER, &pf->driver,
		driver_name(
			host, d->k->devices, sysfs_in_device(path, sizeof(path), bdf, "driver")));
	pf_read_sysfs(d, pf);
	l = pf_link(d, pf);
	if (l)
		pf_take_link(pf, l);
	else
		pf->unseen = d->k->has_netlink && pf->driver && has_interface(d, bdf);
	if (d->needs & NEED_SPEED && pf_has(pf, PF_LINK) && pf->link == LINK_UP)
		pf_read_speed(d, pf);
	pf->first_vf = host->vf_count;
	pci_find_vfs(d, pf, l);
	for (o = owned(d, bdf, &end); o && o < end; o++)
		take_representor(host, pf, o->link);
}

static int compare_keys(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

void note_vfs(struct discovery *d, size_t from)
{
	const struct host *host = d->host;

	for (size_t i = from; i < host->vf_count; i++) {
		d->vf_keys = arena_push(
			&d->host->arena, d->vf_keys, &d->vf_key_count, sizeof(*d->vf_keys));
		d->vf_keys[d->vf_key_count - 1] = bdf_key(host->vfs[i].bdf);
	}
	if (d->vf_key_count)
		qsort(d->vf_keys, d->vf_key_count, sizeof(*d->vf_keys), compare_keys);
}

bool known_vf(const struct discovery *d, struct bdf bdf)
{
	uint64_t key = bdf_key(bdf);

	return d->vf_key_count &&
	       bsearch(&key, d->vf_keys, d->vf_key_count, sizeof(key), compare_keys);
}

static void find_pci_pfs(struct discovery *d)
{
	struct host *host = d->host;
	struct pci_entry *list;
	char path[128], total[32];
	size_t count;
	int rc;

	list = pci_list(d->k, &host->arena, &count);
	host->pci = arena_alloc(&host->arena, (count + 1) * sizeof(*host->pci));
	for (size_t i = 0; i < count; i++) {
		struct bdf bdf;

		if (!bdf_parse(list[i].name, &bdf))
			continue;
		host->pci[host->pci_count++] = bdf;
		if (list[i].no_pf || known_vf(d, bdf))
			continue;
		snprintf(path, sizeof(path), "%.32s/sriov_totalvfs", list[i].name);
		rc = sysfs_read(d->k->devices, path, total, sizeof(total));
		list[i].no_pf = rc == -ENOENT;
		if (rc == -ENOENT || rc == -ENOTDIR || rc == -ENODEV)
			continue;
		add_pci_pf(d, bdf, total);
		note_vfs(d, host->pfs[host->pf_count - 1].first_vf);
	}
	pci_remember(d->k, list, count);
}

/* A device of another bus with VFs (netdevsim): known by its interface alone. */
static void add_other_pf(struct discovery *d, const struct link *l)
{
	struct host *host = d->host;
	struct pf *pf = add_pf(host);
	char path[128];

	pf->handle = arena_printf(&host->arena, "%s/%s", l->parent_bus, l->parent_dev);
	pf->known = PF_BIT(PF_HANDLE);
	pf_take_link(pf, l);
	snprintf(path, sizeof(path), "class/net/%.64s/device/driver", l->name);
	set_string(&pf->known, PF_DRIVER, &pf->driver, driver_name(host, d->k->sys, path));
	if (!pf->driver) /* netdevsim's devices are not linked to their driver */
		set_string(&pf->known, PF_DRIVER, &pf->driver, l->parent_bus);
	if (l->num_vfs_known) {
		pf->num_vfs = l->num_vfs;
		pf->known |= PF_BIT(PF_NUM_VFS);
	}
	pf->first_vf = host->vf_count;
	for (size_t i = 0; d->needs & NEED_VFS && i < l->vf_count; i++)
		add_vf(host, pf, l->vfs[i].index, &l->vfs[i]);
	for (size_t i = 0; i < host->link_count; i++) {
		const struct link *port = &host->links[i];

		if (port->parent_dev && strcmp(port->parent_dev, l->parent_dev) == 0)
			take_representor(host, pf, port);
	}
}

static void find_other_pfs(struct discovery *d)
{
	for (size_t i = 0; i < d->host->link_count; i++) {
		const struct link *l = &d->host->links[i];
		char path[128];

		if (l->netns || !l->parent_bus || strcmp(l->parent_bus, "pci") == 0 ||
			!is_uplink(l->phys_port_name))
			continue;
		snprintf(path, sizeof(path), "class/net/%.64s/device/sriov_numvfs", l->name);
		if (l->num_vfs || faccessat(d->k->sys, path, F_OK, 0) == 0)
			add_other_pf(d, l);
	}
}

/* the rest */

bool vf_lacks_interface(const struct discovery *d, const struct vf *vf)
{
	return vf_has(vf, VF_BDF) && vf_has(vf, VF_DRIVER) && !vf_has(vf, VF_IFNAME) &&
	       !driver_is_passthrough(vf->driver) && has_interface(d, vf->bdf);
}

void give_links_to_vfs(struct discovery *d)
{
	for (size_t i = 0; i < d->host->vf_count; i++) {
		struct vf *vf = &d->host->vfs[i];
		struct owner *end, *o;

		if (!vf_has(vf, VF_BDF))
			continue;
		o = owned(d, vf->bdf, &end);
		if (o)
			vf_take_link(vf, o->link);
	}
}

static void ask_msix(const struct discovery *d, struct pci *pci, struct vf *vf)
{
	if (vf_has(vf, VF_BDF) && !blocked_config(d->host, vf->bdf))
		pci_msix(pci, vf);
}

static void ask_pci(struct discovery *d)
{
	char sys[64], ids[64];
	struct pci *pci;

	snprintf(sys, sizeof(sys), "/proc/self/fd/%d/bus/pci", d->k->sys);
	snprintf(ids, sizeof(ids), "/proc/self/fd/%d/pci.ids", d->k->root);
	pci = pci_open(d->k, sys, ids);
	if (!pci) {
		host_warn(d->host, "libpci is not there: PCI names are left out");
		return;
	}
	for (size_t i = 0; i < d->host->pf_count; i++) {
		struct pf *pf = &d->host->pfs[i];

		if (!pf_has(pf, PF_BDF))
			continue;
		if (d->needs & NEED_NAMES)
			pci_names(pci, &d->host->arena, pf);
		if (d->needs & NEED_CONFIG && !blocked_config(d->host, pf->bdf))
			pci_config(pci, pf);
		if (d->needs & NEED_BRIDGE)
			pci_bridge(pci, d->k, d->host, pf);
		for (size_t v = 0; d->needs & NEED_MSIX && v < pf->vf_count; v++)
			ask_msix(d, pci, &d->host->vfs[pf->first_vf + v]);
	}
	pci_close(pci);
}

/* Unasked only where there is a sign of it. */
static void ask_blocked(struct discovery *d)
{
	bool wanted = d->needs & NEED_BLOCKED;

	for (size_t i = 0; d->needs & NEED_BINDING && i < d->host->vf_count && !wanted; i++)
		wanted = vf_is_left_enabled(d->k, &d->host->vfs[i]);
	if (wanted)
		d->host->blocked_hidden = !blocked_find(d->k, d->host);
}

int discover(const struct kernel *k, unsigned needs, struct host *host, struct error *err)
{
	struct discovery d = {.k = k, .host = host, .needs = needs};

	*host = (struct host){.needs = needs};
	if (k->sys < 0)
		return error_set(err, EXIT_KERNEL, "sysfs is not mounted on /sys");
	find_links(&d);
	index_links(&d);
	find_pci_pfs(&d);
	find_other_pfs(&d);
	if (needs & NEED_ADDRESSES)
		ask_addresses(&d, 0, NULL);
	give_links_to_vfs(&d);
	if (needs & NEED_NETNS)
		look_in_other_netns(&d);
	if (needs & (NEED_FIRMWARE | NEED_DRIVER_STATS))
		ask_drivers(&d);
	if (needs & NEED_PROCESSES)
		netns_processes(k, host);
	ask_blocked(&d);
	if (needs & NEED_USAGE)
		ask_usage(&d);
	if (needs & (NEED_NAMES | NEED_CONFIG | NEED_MSIX) && host->pf_count)
		ask_pci(&d);
	if (needs & NEED_BINDING)
		binding_read(k, host);
	if (needs & NEED_INTERRUPTS)
		interrupts_read(k, host);
	if (needs & NEED_INSTANCE)
		instances_read(k, host);
	return 0;
}
