/* Drivers of PFs. */
#include "doctor/parts.h"

static void pf_no_driver(struct examination *x, const struct pf *pf)
{
	if (!pf_has(pf, PF_BDF))
		return;
	if (pf_has(pf, PF_DRIVER)) {
		fine(x, "%s", pf->driver);
		return;
	}
	found(x, SEVERITY_WARNING, "the PF has no driver");
	evidence(x, device_path(x, "driver"), "not there");
	remedy(x, "load the module of its driver");
}

const struct check check_pf_no_driver = {
	.id = "pf-no-driver",
	.severity = SEVERITY_WARNING,
	.looks_at = "a PF without a driver",
	.meaning = "only a driver of the PF can make VFs",
	.see = "sriovctl-pf(8)",
	.pf = pf_no_driver,
};
