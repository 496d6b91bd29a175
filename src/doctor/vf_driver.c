/* Drivers of VFs. */
#include "doctor/parts.h"

static void vf_no_driver(struct examination *x, const struct pf *pf, const struct vf *vf)
{
	if (!vf_has(vf, VF_BDF) || vf_has(vf, VF_DRIVER))
		return;
	/* as someone wanted it */
	if (!pf_is_nic(pf) || !pf_has(pf, PF_AUTOPROBE) || !pf->autoprobe)
		return;
	found(x, SEVERITY_PROBLEM, "no driver");
	evidence(x, device_path(x, "driver"), "not there");
	remedy(x, "sriovctl vf bind " DOCTOR_OBJECT " default");
}

const struct check check_vf_no_driver = {
	.id = "vf-no-driver",
	.severity = SEVERITY_PROBLEM,
	.looks_at = "a VF without a driver, although new ones are to get one",
	.meaning = "nobody can use it",
	.see = "sriovctl-vf(8)",
	.vf = vf_no_driver,
};
