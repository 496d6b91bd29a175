/* PCI configuration space and names, through libpci, which is loaded on first use. */
#ifndef KERNEL_PCI_H
#define KERNEL_PCI_H

#include "kernel/kernel.h"

#include <stdio.h>

struct pci;

/* NULL when libpci is not there: names and configuration space are then unknown. */
struct pci *pci_open(const struct kernel *k, const char *sysfs_path, const char *ids_path);
void pci_close(struct pci *pci);

/* Vendor and device names into the PF, in the arena; unknown ids stay unset. */
void pci_names(struct pci *pci, struct arena *arena, struct pf *pf);
/* What only the SR-IOV capability says (needs root): InitialVFs, ARI, which VF BARs there are. */
void pci_config(struct pci *pci, struct pf *pf);
/* The port that a device is below; false: it is on a root bus, or unknown. */
bool pci_find_bridge(const struct kernel *k, struct bdf bdf, struct bdf *bridge);
/* Which bridge it is below, and whether that has ACS (needs root). */
void pci_bridge(struct pci *pci, const struct kernel *k, const struct host *host, struct pf *pf);
/* Interrupt vectors of a VF, from its MSI-X capability (needs root). */
void pci_msix(struct pci *pci, struct vf *vf);
/* Write a list of ids for these PFs alone, in the format of pci.ids. */
void pci_write_ids(struct pci *pci, const struct host *host, FILE *out);

#endif
