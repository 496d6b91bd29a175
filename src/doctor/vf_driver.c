/* Drivers of VFs. */
#include "core/driver.h"
#include "core/overview.h"
#include "doctor/vf_parts.h"

#include <string.h>

static const char *override_of(const struct vf *vf)
{
	return vf_has(vf, VF_DRIVER_OVERRIDE) ? vf->driver_override : NULL;
}

/* One finding for each VF of which the overview says this. */
static void each_remark(struct examination *x, const struct pf *pf, enum remark_kind kind,
	void (*say)(struct examination *x, const struct vf *vf, bool all))
{
	struct overview o;
	size_t count = 0;

	overview_look(x->host, &pf, 1, &x->arena, &o);
	for (size_t i = 0; i < pf->vf_count; i++)
		count += o.vf_remarks[pf->first_vf + i].kind == kind;
	for (size_t i = 0; i < pf->vf_count; i++) {
		if (o.vf_remarks[pf->first_vf + i].kind != kind)
			continue;
		look_at_vf(x, vf_of(x, pf, i));
		say(x, x->vf, count > 1 && count == pf->vf_count);
	}
	look_at_vf(x, NULL);
}

static bool is_registered(const struct examination *x, const char *driver)
{
	return strings_has(&x->host->drivers, driver);
}

/* The module of VFs is kept from loading on many a host that gives them all to VMs: then none
 * has a driver, and that is as it should be. */
static void say_no_driver(struct examination *x, const struct vf *vf, bool all)
{
	const struct nic *nic = nic_of_vfs(x->pf);
	found(x, all ? SEVERITY_WARNING : SEVERITY_PROBLEM, "no driver");
	evidence(x, device_path(x, "driver"), "not there");
	if (override_of(vf))
		evidence(x, device_path(x, "driver_override"), "%s", override_of(vf));
	if (all)
		means(x, "nobody can use them; no VF of the PF has one, so its module may be "
			 "missing, or kept from loading on purpose");
	if (!nic || !x->host->drivers.count || is_registered(x, nic->vf_driver)) {
		remedy(x, "sriovctl vf bind " DOCTOR_OBJECT " default");
		return;
	}
	evidence(
		x, arena_printf(&x->arena, "/sys/bus/pci/drivers/%s", nic->vf_driver), "not there");
	remedy(x,
		"'modprobe %s' (if that does nothing: 'grep -r %s /etc/modprobe.d'), then "
		"'sriovctl vf bind " DOCTOR_OBJECT " default'",
		nic->vf_driver, nic->vf_driver);
}

static void vf_no_driver(struct examination *x, const struct pf *pf)
{
	each_remark(x, pf, REMARK_NO_DRIVER, say_no_driver);
}

const struct check check_vf_no_driver = {
	.id = "vf-no-driver",
	.severity = SEVERITY_PROBLEM,
	.looks_at = "a VF without a driver, although new ones are to get one",
	.meaning = "nobody can use it",
	.see = "sriovctl-vf(8)",
	.pf = vf_no_driver,
};

/* A captured tree of sysfs alone may not have all directories; only netlink knows the names. */
static bool sees_interfaces(const struct host *host)
{
	for (size_t i = 0; i < host->link_count && !host->incomplete; i++)
		if (host->links[i].altnames_known)
			return true;
	return false;
}

static void say_no_interface(struct examination *x, const struct vf *vf, bool all)
{
	const struct fact *rdma;
	char bdf[BDF_SIZE];

	(void)all;
	if (vf_has_wrong_driver(x->pf, vf)) /* that says it all */
		return;
	if (!sees_interfaces(x->host)) {
		unknown(x, "not all interfaces were read");
		return;
	}
	bdf_format(vf->bdf, bdf);
	/* it was started, and told to do without (devlink dev param, enable_eth; a port of
	 * ConnectX-3 set to InfiniBand) */
	rdma = facts_find(x->facts, "%s", device_path(x, "infiniband"));
	if (rdma && rdma->names.count) {
		found(x, SEVERITY_INFO, "no interface, but an RDMA device");
		evidence_fact(x, "%s", rdma->path);
		means(x, "its driver %s makes no interface of it; it may be told so", vf->driver);
		return;
	}
	found(x, SEVERITY_PROBLEM, "no interface, with the driver %s", vf->driver);
	evidence(x, device_path(x, "driver"), "%s", vf->driver);
	evidence(x, device_path(x, "net"), "not there");
	remedy(x,
		"'sriovctl vf unbind " DOCTOR_OBJECT "', then 'sriovctl vf bind " DOCTOR_OBJECT
		" default'; what its driver says of %s is in the kernel log",
		bdf);
}

static void vf_no_interface(struct examination *x, const struct pf *pf)
{
	each_remark(x, pf, REMARK_NO_INTERFACE, say_no_interface);
}

const struct check check_vf_no_interface = {
	.id = "vf-no-interface",
	.severity = SEVERITY_PROBLEM,
	.looks_at = "a VF with a driver that should have made an interface, and has not",
	.meaning = "the driver could not start the VF, or is one that makes no interfaces",
	.see = "sriovctl-vf(8)",
	.pf = vf_no_interface,
};

static void vf_override(struct examination *x, const struct pf *pf, const struct vf *vf)
{
	const char *override = override_of(vf);
	bool bound = vf_has(vf, VF_DRIVER);

	if (!override || (bound && strcmp(override, vf->driver) == 0))
		return;
	/* there vf-no-driver says the same */
	if (!bound && (!pf_has(pf, PF_AUTOPROBE) || pf->autoprobe))
		return;
	found(x, SEVERITY_WARNING, "kept for the driver %s, and has %s", override,
		bound ? vf->driver : "none");
	evidence(x, device_path(x, "driver_override"), "%s", override);
	evidence(x, device_path(x, "driver"), "%s", bound ? vf->driver : "not there");
	if (!is_registered(x, override))
		evidence(x, arena_printf(&x->arena, "/sys/bus/pci/drivers/%s", override),
			"not there");
	if (bound)
		remedy(x, "sriovctl vf bind " DOCTOR_OBJECT " %s",
			driver_is_passthrough(vf->driver) ? vf->driver : DRIVER_DEFAULT);
	else
		remedy(x, "sriovctl vf bind " DOCTOR_OBJECT " %s",
			is_registered(x, override) ? override : DRIVER_DEFAULT);
}

const struct check check_vf_driver_override = {
	.id = "vf-driver-override",
	.severity = SEVERITY_WARNING,
	.looks_at = "a VF with a driver_override that was left behind",
	.meaning = "the next time it is probed no other driver gets it",
	.see = "Documentation/ABI/testing/sysfs-bus-pci of the kernel",
	.vf = vf_override,
};
