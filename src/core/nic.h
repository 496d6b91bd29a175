/* Network cards that are known to make VFs: what they and their VFs are, and who drives them. */
#ifndef CORE_NIC_H
#define CORE_NIC_H

#include "util/arena.h"

#include <stdint.h>

struct nic {
	uint32_t vendor, device; /* PCI ids of the PF */
	uint32_t vf_device;      /* and of its VFs, of the same vendor; some have one for both */
	const char *name;        /* "82576" */
	const char *driver, *vf_driver;
	uint32_t most; /* VFs that its driver makes of one PF; 0: it depends, or is not known */
};

/* NULL: it is not in the table. */
const struct nic *nic_of_pf(uint32_t vendor, uint32_t device);
/* One of those that have such VFs: all of them have the same driver for these. */
const struct nic *nic_of_vf(uint32_t vendor, uint32_t vf_device);

/*
 * The vendor's own command that switches SR-IOV on, or makes more VFs possible, in the firmware
 * of a card; NULL: none is known. driver, ifname: of the PF, NULL for none.
 */
const char *nic_firmware_command(uint32_t vendor, const char *driver, const char *bdf,
	const char *ifname, struct arena *arena);

#endif
