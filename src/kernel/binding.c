#include "kernel/binding.h"

#include "core/driver.h"
#include "kernel/blocked.h"
#include "kernel/interfaces.h"
#include "kernel/sysfs.h"
#include "util/str.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void read_override(const struct kernel *k, struct host *host, struct vf *vf)
{
	char path[64], text[128];
	int n;

	/* before Linux 6.12 who reads it waits for whoever has the device's lock */
	if (blocked_lock(host, vf->bdf, vf_has(vf, VF_DRIVER)) ||
		(host->blocked_hidden && vf_is_left_enabled(k, vf)))
		return;
	n = sysfs_read(k->devices, sysfs_in_device(path, sizeof(path), vf->bdf, "driver_override"),
		text, sizeof(text));
	if (n <= 0 || strcmp(text, "(null)") == 0)
		return;
	vf->driver_override = arena_strdup(&host->arena, text);
	vf->known |= VF_BIT(VF_DRIVER_OVERRIDE);
}

/* The kernel chooses among the methods in this file (since Linux 5.15); a VF may only be
 * reset by itself. */
static bool can_reset(const struct kernel *k, struct bdf bdf)
{
	char path[64], methods[128];

	if (faccessat(k->devices, sysfs_in_device(path, sizeof(path), bdf, "reset"), F_OK, 0) < 0)
		return false;
	if (sysfs_read(k->devices, sysfs_in_device(path, sizeof(path), bdf, "reset_method"),
		    methods, sizeof(methods)) < 0)
		return true;
	/* the first is tried first: "bus" would take the neighbours along */
	return str_starts(methods, "flr") || str_starts(methods, "af_flr") ||
	       str_starts(methods, "device_specific");
}

/* Or that of one that was a VF, and is held while it is being destroyed. */
static bool is_group_of_vf(const struct host *host, uint32_t group)
{
	for (size_t i = 0; i < host->holder_count; i++)
		if (host->holders[i].group == group)
			return true;
	for (size_t i = 0; i < host->vf_count; i++)
		if (vf_has(&host->vfs[i], VF_IOMMU_GROUP) && host->vfs[i].iommu_group == group)
			return true;
	return false;
}

/* Drivers that leave DMA to others (driver_managed_dma, Linux include/linux/pci.h). */
static bool leaves_group(const char *driver)
{
	return strcmp(driver, "pcieport") == 0 || strcmp(driver, "pci-stub") == 0 ||
	       driver_is_vfio(driver);
}

static void add_member(const struct kernel *k, struct host *host, struct bdf bdf)
{
	char path[64], name[128];
	struct group_member m = {.bdf = bdf, .viable = true};
	uint64_t group;

	if (sysfs_link_name(k->devices, sysfs_in_device(path, sizeof(path), bdf, "iommu_group"),
		    name, sizeof(name)) <= 0 ||
		!str_uint(name, 10, UINT32_MAX, &group) || !is_group_of_vf(host, (uint32_t)group))
		return;
	m.group = (uint32_t)group;
	if (sysfs_link_name(k->devices, sysfs_in_device(path, sizeof(path), bdf, "driver"), name,
		    sizeof(name)) > 0) {
		m.driver = arena_strdup(&host->arena, name);
		m.viable = leaves_group(name);
	}
	host->members = arena_push(
		&host->arena, host->members, &host->member_count, sizeof(*host->members));
	host->members[host->member_count - 1] = m;
}

void binding_read(const struct kernel *k, struct host *host)
{
	struct strings iommus = {0};
	char noiommu[8];

	for (size_t i = 0; i < host->vf_count; i++) {
		struct vf *vf = &host->vfs[i];

		if (!vf_has(vf, VF_BDF))
			continue;
		read_override(k, host, vf);
		vf->resettable = can_reset(k, vf->bdf);
	}
	for (size_t i = 0; i < host->pci_count; i++)
		add_member(k, host, host->pci[i]);
	sysfs_list(k->sys, "bus/pci/drivers", &host->arena, &host->drivers);
	host->has_iommu = sysfs_list(k->sys, "class/iommu", &host->arena, &iommus) && iommus.count;
	host->noiommu = sysfs_read(k->sys, "module/vfio/parameters/enable_unsafe_noiommu_mode",
				noiommu, sizeof(noiommu)) > 0 &&
			noiommu[0] == 'Y';
}
