/* The PCI devices of the host, and which of them are known not to be PFs. */
#ifndef KERNEL_PCI_LIST_H
#define KERNEL_PCI_LIST_H

#include "kernel/kernel.h"

struct pci_entry {
	const char *name; /* "0000:3b:00.0" */
	uint64_t inode;   /* of its link in bus/pci/devices: no other one will have it */
	bool no_pf;       /* it was found out before */
};

/*
 * Whether a device has the files of a PF is settled when it is added (pci_dev_attr_groups in Linux
 * drivers/pci/pci-sysfs.c, which come before the link does), and a device that is added later in
 * its place has another inode. So those that had none need not be asked again by this process.
 */
struct pci_memory {
	uint64_t *no_pfs; /* inodes, sorted */
	size_t count;
};

/* All devices, by name, in the arena. */
struct pci_entry *pci_list(const struct kernel *k, struct arena *arena, size_t *count);
/* Remember those that are no PFs now. */
void pci_remember(const struct kernel *k, const struct pci_entry *list, size_t count);
void pci_forget(struct pci_memory *memory);

#endif
