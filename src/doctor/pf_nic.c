/* Which devices can have VFs at all, and how many: capability, firmware, what the card is. */
#include "doctor/parts.h"

#include "util/str.h"

#include <string.h>

#define CLASS_NETWORK 0x02
#define PCI "/sys/bus/pci/devices"

/* A number that a file has, as "0x8086". */
static bool id_of(struct examination *x, const char *bdf, const char *file, uint64_t *id)
{
	const char *text = facts_text(x->facts, PCI "/%s/%s", bdf, file);

	return text && str_uint(text, 0, UINT32_MAX, id);
}

static void evidence_ids(struct examination *x, const struct pf *pf)
{
	evidence(x, device_path(x, "device"), "0x%04x, of vendor 0x%04x", pf->device_id,
		pf->vendor_id);
}

static void remedy_firmware(struct examination *x, uint32_t vendor, const char *driver,
	const char *bdf, const char *ifname)
{
	const char *command = nic_firmware_command(vendor, driver, bdf, ifname, &x->arena);

	remedy(x, "%s",
		command ? command
			: "switch SR-IOV on in the firmware setup of the host, and in that of "
			  "the card where it has one");
}

static void remedy_firmware_of(struct examination *x, const struct pf *pf)
{
	char bdf[BDF_SIZE];

	bdf_format(pf->bdf, bdf);
	remedy_firmware(x, pf_has(pf, PF_VENDOR_ID) ? pf->vendor_id : 0,
		pf_has(pf, PF_DRIVER) ? pf->driver : NULL, bdf,
		pf_has(pf, PF_IFNAME) ? pf->ifname : NULL);
}

/* no-pf */

static void no_pf(struct examination *x)
{
	if (x->host->pf_count) {
		fine(x, "%zu %s", x->host->pf_count, x->host->pf_count == 1 ? "PF" : "PFs");
		return;
	}
	found(x, SEVERITY_WARNING, "no device of this host can have VFs");
	evidence(x, PCI, "%zu device%s, and sriov_totalvfs of none", x->host->pci_count,
		x->host->pci_count == 1 ? "" : "s");
	remedy(x, "name a card, to see what it lacks: sriovctl doctor INTERFACE");
}

const struct check check_no_pf = {
	.id = "no-pf",
	.severity = SEVERITY_WARNING,
	.looks_at = "a host where no device can have VFs",
	.meaning = "no card has SR-IOV, or firmware or a hypervisor hides it",
	.see = "Documentation/PCI/pci-iov-howto.rst of the kernel",
	.host = no_pf,
};

/* no-sriov */

static const struct link *link_named(struct examination *x, const char *name)
{
	return host_link(x->host, name);
}

/* The PCI device of that name or address. */
static bool bdf_of(struct examination *x, const char *name, char *bdf)
{
	const struct link *l = link_named(x, name);
	struct bdf b;

	if (!bdf_parse(str_starts(name, "pci/") ? name + 4 : name, &b) &&
		!(l && l->parent_dev && bdf_parse(l->parent_dev, &b)))
		return false;
	bdf_format(b, bdf);
	return true;
}

static void no_pci_device(struct examination *x, const char *name)
{
	const struct link *l = link_named(x, name);

	found(x, SEVERITY_PROBLEM, "it is no PCI device");
	means(x, "only PCI devices have VFs");
	evidence(x, arena_printf(&x->arena, "/sys/class/net/%s/device", name), "%s",
		!l              ? "not there"
		: l->parent_dev ? l->parent_dev
		: l->kind       ? l->kind
				: "not there");
	remedy(x, "name the card below it; 'sriovctl pf list' shows what can have VFs");
}

/* Of one that is in the table: what has to be done to it. */
static void is_known(struct examination *x, const struct nic *nic, const char *bdf)
{
	const char *ifname = x->other && link_named(x, x->other) ? x->other : NULL;

	evidence(x, arena_printf(&x->arena, PCI "/%s/sriov_totalvfs", bdf), "not there");
	evidence(x, arena_printf(&x->arena, PCI "/%s/device", bdf), "0x%04x, of vendor 0x%04x: %s",
		nic->device, nic->vendor, nic->name);
	remedy_firmware(x, nic->vendor, nic->driver, bdf, ifname);
}

static void other_device(struct examination *x, const char *name)
{
	uint64_t vendor, device;
	char bdf[BDF_SIZE];
	const struct nic *nic = NULL, *vf = NULL;

	if (!bdf_of(x, name, bdf)) {
		no_pci_device(x, name);
		return;
	}
	if (id_of(x, bdf, "vendor", &vendor) && id_of(x, bdf, "device", &device)) {
		nic = nic_of_pf((uint32_t)vendor, (uint32_t)device);
		vf = nic_of_vf((uint32_t)vendor, (uint32_t)device);
	}
	if (vf) {
		found(x, SEVERITY_PROBLEM, "it is a VF itself, or has none");
		means(x, "VFs have no VFs; its PF, if there is one, is on the host around this");
		evidence(x, arena_printf(&x->arena, PCI "/%s/device", bdf),
			"0x%04x, of vendor 0x%04x: a VF of %s", vf->vf_device, vf->vendor,
			vf->name);
		remedy(x, "make VFs where its PF is");
		return;
	}
	found(x, SEVERITY_PROBLEM, "no SR-IOV capability");
	if (nic) {
		is_known(x, nic, bdf);
		return;
	}
	evidence_fact(x, PCI "/%s/vendor", bdf);
	evidence_fact(x, PCI "/%s/device", bdf);
	means(x, "the device has no VFs, or its firmware does not show that it has");
	remedy(x, "see in its manual whether it has SR-IOV; if so, switch it on in the firmware "
		  "setup of the host and of the device; else use another");
}

static bool is_ours(const struct host *host, struct bdf bdf)
{
	if (host_pf_by_bdf(host, bdf))
		return true;
	for (size_t i = 0; i < host->vf_count; i++)
		if (vf_has(&host->vfs[i], VF_BDF) && bdf_compare(host->vfs[i].bdf, bdf) == 0)
			return true;
	return false;
}

/* Network cards that nobody named. Those whose VFs have the id of their PFs are left out: ENA
 * and virtio are VFs themselves, or the like, on nearly every host that has them. */
static void hidden_capabilities(struct examination *x)
{
	const struct host *host = x->host;
	size_t unread = 0;

	for (size_t i = 0; i < host->pci_count; i++) {
		uint64_t class, vendor, device;
		char bdf[BDF_SIZE];
		const struct nic *nic;

		bdf_format(host->pci[i], bdf);
		if (!facts_find(x->facts, PCI "/%s/class", bdf)) {
			unread += !is_ours(host, host->pci[i]);
			continue;
		}
		if (!id_of(x, bdf, "class", &class) || class >> 16 != CLASS_NETWORK ||
			!id_of(x, bdf, "vendor", &vendor) || !id_of(x, bdf, "device", &device))
			continue;
		nic = nic_of_pf((uint32_t)vendor, (uint32_t)device);
		if (!nic || nic->device == nic->vf_device)
			continue;
		found(x, SEVERITY_INFO, "%s (%s) does not show that it has SR-IOV", bdf, nic->name);
		is_known(x, nic, bdf);
	}
	if (unread)
		unknown(x, "what %zu devices are was not recorded", unread);
}

const struct check check_no_sriov = {
	.id = "no-sriov",
	.severity = SEVERITY_PROBLEM,
	.looks_at = "a card without the SR-IOV capability, named or known to have it",
	.meaning = "no VFs can be made of it; in a VM it may be the hypervisor that hides it",
	.see = "the manual of the card; Documentation/PCI/pci-iov-howto.rst of the kernel",
	.host = hidden_capabilities,
	.other = other_device,
};

/* pf-firmware-off */

static bool any_has_vfs(const struct host *host)
{
	for (size_t i = 0; i < host->pf_count; i++)
		if (!pf_has(&host->pfs[i], PF_TOTAL_VFS) || host->pfs[i].total_vfs)
			return true;
	return false;
}

/* Who named it wants VFs of it. Else it may be a port that nobody means to use so, and only
 * where there is no other PF it is likely to matter. */
static void firmware_off(struct examination *x, const struct pf *pf)
{
	if (!pf_has(pf, PF_BDF))
		return;
	if (!pf_has(pf, PF_TOTAL_VFS)) {
		unknown(x, "sriov_totalvfs cannot be read");
		return;
	}
	if (pf->total_vfs)
		return;
	found(x,
		!x->whole_host                           ? SEVERITY_PROBLEM
		: pf_is_nic(pf) && !any_has_vfs(x->host) ? SEVERITY_WARNING
							 : SEVERITY_INFO,
		"its firmware allows no VFs");
	evidence(x, device_path(x, "sriov_totalvfs"), "0");
	remedy_firmware_of(x, pf);
}

const struct check check_pf_firmware_off = {
	.id = "pf-firmware-off",
	.severity = SEVERITY_PROBLEM,
	.looks_at = "SR-IOV that the firmware of the card has switched off",
	.meaning = "no VFs can be made, though the card has the capability",
	.see = "the manual of the card; sriov_totalvfs in "
	       "Documentation/ABI/testing/sysfs-bus-pci of the kernel",
	.pf = firmware_off,
};

/* pf-total-capped */

static void total_capped(struct examination *x, const struct pf *pf)
{
	const struct nic *nic = nic_of(pf);

	if (!nic || !nic->most || !pf_has(pf, PF_TOTAL_VFS) || !pf->total_vfs ||
		pf->total_vfs >= nic->most)
		return;
	found(x, SEVERITY_INFO, "it could have %u VFs, not %u", nic->most, pf->total_vfs);
	evidence(x, device_path(x, "sriov_totalvfs"), "%u", pf->total_vfs);
	evidence_ids(x, pf);
	remedy(x, "raise the number in the firmware setup of the card");
}

const struct check check_pf_total_capped = {
	.id = "pf-total-capped",
	.severity = SEVERITY_INFO,
	.looks_at = "fewer VFs possible than the card is known to have",
	.meaning = "the firmware of the card, or its driver, allows fewer",
	.see = "the manual of the card",
	.pf = total_capped,
};

/* pf-unknown-nic */

static void unknown_nic(struct examination *x, const struct pf *pf)
{
	const struct nic *nic = nic_of(pf);

	if (!pf_has(pf, PF_BDF) || !pf_is_nic(pf) || (!pf->total_vfs && !pf->num_vfs))
		return;
	if (!pf_has(pf, PF_VENDOR_ID) || !pf_has(pf, PF_DEVICE_ID)) {
		unknown(x, "what card it is cannot be read");
		return;
	}
	if (nic) {
		if (pf_has(pf, PF_FIRMWARE))
			fine(x, "%s with firmware %s", nic->name, pf->firmware);
		else
			fine(x, "%s", nic->name);
		return;
	}
	found(x, SEVERITY_INFO, "a card that is not in the table of known ones");
	evidence_ids(x, pf);
	if (pf_has(pf, PF_DEVICE_NAME))
		evidence(x, "pci.ids", "%s", pf->device_name);
}

const struct check check_pf_unknown_nic = {
	.id = "pf-unknown-nic",
	.severity = SEVERITY_INFO,
	.looks_at = "a network card that is not in the table of known ones",
	.meaning = "nothing is wrong with it; its limits and its drivers cannot be checked",
	.see = "sriovctl-pf(8)",
	.pf = unknown_nic,
};

/* pf-firmware-differs */

static bool is_same_model(const struct pf *a, const struct pf *b)
{
	const uint64_t all = PF_BIT(PF_VENDOR_ID) | PF_BIT(PF_DEVICE_ID) | PF_BIT(PF_FIRMWARE);

	return (a->known & all) == all && (b->known & all) == all && a->vendor_id == b->vendor_id &&
	       a->device_id == b->device_id;
}

static void evidence_firmware(struct examination *x, const struct pf *pf)
{
	evidence(x, arena_printf(&x->arena, "firmware of %s", pf->name), "%s", pf->firmware);
}

static void firmware_differs(struct examination *x)
{
	const struct host *host = x->host;

	for (size_t i = 0; i < host->pf_count; i++) {
		const struct pf *a = &host->pfs[i];
		bool first = true, differs = false;

		for (size_t j = 0; j < i; j++)
			first &= !is_same_model(a, &host->pfs[j]);
		for (size_t j = i + 1; first && j < host->pf_count; j++)
			differs |= is_same_model(a, &host->pfs[j]) &&
				   strcmp(a->firmware, host->pfs[j].firmware) != 0;
		if (!differs)
			continue;
		found(x, SEVERITY_INFO, "%s and others of its model have different firmware",
			a->name);
		for (size_t j = i; j < host->pf_count; j++)
			if (is_same_model(a, &host->pfs[j]))
				evidence_firmware(x, &host->pfs[j]);
	}
}

const struct check check_pf_firmware_differs = {
	.id = "pf-firmware-differs",
	.severity = SEVERITY_INFO,
	.looks_at = "PFs of one model with different firmware",
	.meaning = "they may differ in what VFs can do",
	.see = "ethtool(8), -i",
	.host = firmware_differs,
};
