/* Drivers of PFs: only they can make VFs. */
#include "doctor/parts.h"

#include "core/driver.h"

#include <string.h>

const struct nic *nic_of(const struct pf *pf)
{
	return pf_has(pf, PF_VENDOR_ID) && pf_has(pf, PF_DEVICE_ID)
		       ? nic_of_pf(pf->vendor_id, pf->device_id)
		       : NULL;
}

/* pf-no-driver. Disks, GPUs and the like are left without one on purpose often enough. */

static void pf_no_driver(struct examination *x, const struct pf *pf)
{
	const struct nic *nic = nic_of(pf);
	char bdf[BDF_SIZE];

	if (!pf_has(pf, PF_BDF))
		return;
	if (pf_has(pf, PF_DRIVER)) {
		fine(x, "%s", pf->driver);
		return;
	}
	found(x, pf_is_nic(pf) ? SEVERITY_WARNING : SEVERITY_INFO, "the PF has no driver");
	evidence(x, device_path(x, "driver"), "not there");
	bdf_format(pf->bdf, bdf);
	if (nic)
		remedy(x,
			"'modprobe %s'; if it is loaded, 'echo %s > /sys/bus/pci/drivers_probe', "
			"and 'dmesg' says why it fails",
			nic->driver, bdf);
	else
		remedy(x, "load the module of its driver; 'lspci -k -s %s' names it", bdf);
}

const struct check check_pf_no_driver = {
	.id = "pf-no-driver",
	.severity = SEVERITY_WARNING,
	.looks_at = "a PF without a driver",
	.meaning = "only a driver of the PF can make VFs",
	.see = "sriovctl-pf(8)",
	.pf = pf_no_driver,
};

/* pf-driver-no-vfs */

/* What takes it from the driver that it was given to, and gives it to the one that it is for. */
static const char *hand_back(struct examination *x, const struct pf *pf)
{
	const struct nic *nic = nic_of(pf);
	char bdf[BDF_SIZE];

	bdf_format(pf->bdf, bdf);
	return arena_printf(&x->arena,
		"if nobody uses it, give it back to %s: 'echo %s > %s', 'echo > %s', "
		"'echo %s > /sys/bus/pci/drivers_probe'",
		nic ? nic->driver : "its own driver", bdf, device_path(x, "driver/unbind"),
		device_path(x, "driver_override"), bdf);
}

/* drivers/vfio/pci/vfio_pci.c: vfio_pci_sriov_configure wants the parameter; the variants for
 * one device do without it where they can at all, so nothing is said of them. */
static void bound_to_vfio(struct examination *x, enum severity severity, const struct pf *pf)
{
	const char *parameter = "/sys/module/vfio_pci/parameters/enable_sriov";
	const char *value = facts_text(x->facts, "%s", parameter);

	if (value && value[0] == 'Y')
		return;
	if (!value && !facts_absent(x->facts, "%s", parameter)) {
		unknown(x, "%s was not recorded", parameter);
		return;
	}
	found(x, severity, "it is bound to vfio-pci, which makes no VFs");
	evidence(x, device_path(x, "driver"), "vfio-pci");
	evidence_fact(x, "%s", parameter);
	remedy(x, "%s; or have vfio-pci make VFs: 'echo Y > %s'", hand_back(x, pf), parameter);
}

/* On purpose, as a rule: the whole card is somebody else's. Who names it wants VFs of it. */
static void driver_no_vfs(struct examination *x, const struct pf *pf)
{
	const enum severity severity = x->whole_host ? SEVERITY_INFO : SEVERITY_WARNING;
	const struct nic *nic = nic_of(pf);

	if (!pf_has(pf, PF_BDF) || !pf_has(pf, PF_DRIVER) || pf->num_vfs)
		return;
	if (strcmp(pf->driver, DRIVER_VFIO) == 0) {
		bound_to_vfio(x, severity, pf);
		return;
	}
	if (driver_only_makes_vfs(pf->driver) || driver_is_vfio(pf->driver))
		return;
	if (driver_is_passthrough(pf->driver))
		found(x, severity, "it is bound to %s, which makes no VFs", pf->driver);
	else if (nic && strcmp(nic->driver, pf->driver) != 0)
		found(x, severity, "it is bound to %s; %s makes VFs of it", pf->driver,
			nic->driver);
	else
		return;
	evidence(x, device_path(x, "driver"), "%s", pf->driver);
	remedy(x, "%s", hand_back(x, pf));
}

const struct check check_pf_driver_no_vfs = {
	.id = "pf-driver-no-vfs",
	.severity = SEVERITY_WARNING,
	.looks_at = "a PF bound to a driver that makes no VFs",
	.meaning = "the card is handed on as a whole; no VFs can be made meanwhile",
	.see = "Documentation/driver-api/vfio.rst of the kernel",
	.pf = driver_no_vfs,
};

/* pf-autoprobe-off */

static void autoprobe_off(struct examination *x, const struct pf *pf)
{
	if (!pf_has(pf, PF_AUTOPROBE) || !pf_is_nic(pf) || pf->autoprobe)
		return;
	found(x, SEVERITY_INFO, "new VFs get no driver");
	evidence(x, device_path(x, "sriov_drivers_autoprobe"), "0");
	remedy(x, "sriovctl pf set " DOCTOR_OBJECT " autoprobe on");
}

const struct check check_pf_autoprobe_off = {
	.id = "pf-autoprobe-off",
	.severity = SEVERITY_INFO,
	.looks_at = "a PF whose new VFs get no driver",
	.meaning = "new VFs have no interface until they are bound; so it is where all are "
		   "meant for VMs",
	.see = "sriovctl-pf(8)",
	.pf = autoprobe_off,
};
