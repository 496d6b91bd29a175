/* Drivers of VFs that are not theirs. */
#include "core/driver.h"
#include "doctor/vf_parts.h"

#include <string.h>

/* One that makes an interface does what it should, whatever it is called: vendors have drivers
 * of other names. vDPA is a way to hand a VF on. Where PF and VF have one id (virtio) there are
 * several drivers for it. */
bool vf_has_wrong_driver(const struct pf *pf, const struct vf *vf)
{
	const struct nic *nic = nic_of_vfs(pf);

	if (!nic || !vf_has(vf, VF_BDF) || !vf_has(vf, VF_DRIVER) || vf_has(vf, VF_IFNAME) ||
		vf->unseen)
		return false;
	return strcmp(vf->driver, nic->vf_driver) != 0 && !driver_is_passthrough(vf->driver) &&
	       !driver_is_vdpa(vf->driver) && nic->device != nic->vf_device;
}

static void vf_wrong_driver(struct examination *x, const struct pf *pf, const struct vf *vf)
{
	const struct nic *nic = nic_of_vfs(pf);

	if (!vf_has_wrong_driver(pf, vf))
		return;
	found(x, SEVERITY_PROBLEM, "bound to %s, not to %s", vf->driver, nic->vf_driver);
	evidence(x, device_path(x, "driver"), "%s", vf->driver);
	evidence(x, arena_printf(&x->arena, "table of known cards, %s", nic->name),
		"VFs have the driver %s", nic->vf_driver);
	remedy(x, "sriovctl vf bind " DOCTOR_OBJECT " %s", nic->vf_driver);
}

const struct check check_vf_wrong_driver = {
	.id = "vf-wrong-driver",
	.severity = SEVERITY_PROBLEM,
	.looks_at = "a VF bound to a driver that is neither its own nor hands it on",
	.meaning = "it has no interface, and no VM or DPDK can have it",
	.see = "sriovctl-vf(8)",
	.vf = vf_wrong_driver,
};
