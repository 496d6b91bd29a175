/* Inside doctor/: what checks say their findings with. */
#ifndef DOCTOR_PARTS_H
#define DOCTOR_PARTS_H

#include "doctor/doctor.h"

#include "core/nic.h"

/*
 * Something about what is being looked at (x->pf, x->vf). What follows, up to the next one,
 * adds to it. Nothing found for any of them: the check was passed.
 */
void found(struct examination *x, enum severity severity, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* What proves it. */
void evidence(struct examination *x, const char *source, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same: a file as it was read, or that it is not there. */
void evidence_fact(struct examination *x, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The file of the device at work: "driver" of the VF, else of the PF. */
const char *device_path(struct examination *x, const char *file);
/* What to do. "{}" is the PF or VF, or several VFs of which all this holds. */
void remedy(struct examination *x, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Where the check's own words do not do. */
void means(struct examination *x, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* All is well, and these few words say what is: "IOMMU on". */
void fine(struct examination *x, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* It cannot be known, because. */
void unknown(struct examination *x, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "intel_iommu" of the kernel command line: its value, "" for none; NULL: it is not on it. The
 * last one counts. */
const char *boot_option(struct examination *x, const char *name);

/* What the policy of the host wants of the PF, of the VF of it; NULL: nothing. */
const struct pf_intent *intent_of_pf(const struct examination *x, const struct pf *pf);
const struct vf_intent *intent_of_vf(
	const struct examination *x, const struct pf *pf, const struct vf *vf);

/* Does a device count in an IOMMU group that a VF is in? Ports do no DMA of their own. */
bool is_neighbour(const struct group_member *m);
/* What the table of network cards says of the PF; NULL: nothing. */
const struct nic *nic_of(const struct pf *pf);

/* The rows, each in the file of what it looks at. */
/* of the platform */
extern const struct check check_iommu_off;
extern const struct check check_iommu_translated;
extern const struct check check_irq_remapping;
extern const struct check check_vfio_missing;
extern const struct check check_lockdown;
extern const struct check check_kernel_old;
extern const struct check check_hugepages;
extern const struct check check_vf_bars;
extern const struct check check_bus_numbers;
extern const struct check check_shared_group;
/* of a PF */
extern const struct check check_no_pf;
extern const struct check check_no_sriov;
extern const struct check check_pf_no_driver;
extern const struct check check_pf_driver_no_vfs;
extern const struct check check_pf_firmware_off;
extern const struct check check_pf_total_capped;
extern const struct check check_pf_down;
extern const struct check check_pf_exhausted;
extern const struct check check_pf_in_bridge;
extern const struct check check_pf_list_short;
extern const struct check check_pf_autoprobe_off;
extern const struct check check_pf_unknown_nic;
extern const struct check check_pf_firmware_differs;
extern const struct check check_rdma_netns;
/* of a VF */
extern const struct check check_vf_no_driver;
extern const struct check check_vf_wrong_driver;
extern const struct check check_vf_no_interface;
extern const struct check check_vf_driver_override;
extern const struct check check_vf_duplicate_mac;
extern const struct check check_vf_other_mac;
extern const struct check check_vf_no_mac;
extern const struct check check_vf_stray;
extern const struct check check_vf_leftover;
extern const struct check check_vf_weak;
extern const struct check check_vf_held;
extern const struct check check_vf_release_blocked;
/* of interrupts and NUMA nodes */
extern const struct check check_irq_storm;
extern const struct check check_irq_one_cpu;
extern const struct check check_irq_far_cpus;
extern const struct check check_numa_far_user;
extern const struct check check_numa_unknown;
/* of names, and of who else configures interfaces */
extern const struct check check_rename_failed;
extern const struct check check_name_given_twice;
extern const struct check check_name_disputed;
extern const struct check check_address_by_link;
extern const struct check check_vf_managed;
/* of what was declared or recorded */
extern const struct check check_policy_wrong;
extern const struct check check_policy_differs;
extern const struct check check_baseline_gone;
extern const struct check check_baseline_kernel;
extern const struct check check_baseline_firmware;
extern const struct check check_baseline_driver;
extern const struct check check_baseline_count;
extern const struct check check_baseline_vf;

#endif
