/* Inside doctor/: what checks of VFs share. */
#ifndef DOCTOR_VF_PARTS_H
#define DOCTOR_VF_PARTS_H

#include "doctor/parts.h"

/* Set to look at one VF of the PF at work; NULL: at the PF again. */
static inline void look_at_vf(struct examination *x, const struct vf *vf)
{
	x->vf = vf;
}

static inline const struct vf *vf_of(const struct examination *x, const struct pf *pf, size_t i)
{
	return &x->host->vfs[pf->first_vf + i];
}

/* Has somebody else the VF, so that this host does not see what it does: a VM, a container? */
bool vf_is_handed_out(const struct vf *vf);
/* What the table of network cards says of the VFs of the PF; NULL: nothing. */
const struct nic *nic_of_vfs(const struct pf *pf);
/* Is it bound to one that is neither its own nor hands it on, and makes no interface? */
bool vf_has_wrong_driver(const struct pf *pf, const struct vf *vf);
/* Is its address one of Ethernet, and other than zero? */
bool mac_is_set(const struct lladdr *mac);
const char *mac_text(struct examination *x, const struct lladdr *mac);
/* Evidence: what the PF says of the VF at work, and what the VF's own interface says. */
void evidence_of_pf(struct examination *x, const struct vf *vf, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void evidence_of_interface(struct examination *x, const struct vf *vf, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
