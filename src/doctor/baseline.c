/* This host against one that was recorded before (--baseline). */
#include "doctor/parts.h"

#include <string.h>

static const char *without_baseline(const struct examination *x)
{
	return x->baseline ? NULL : "there is nothing to compare with: --baseline DIR";
}

static bool is_other_device(const struct pf *a, const struct pf *b)
{
	const uint64_t ids = PF_BIT(PF_VENDOR_ID) | PF_BIT(PF_DEVICE_ID);

	return (a->known & b->known & ids) == ids &&
	       (a->vendor_id != b->vendor_id || a->device_id != b->device_id);
}

static const struct pf *was_pf(const struct examination *x, const struct pf *pf)
{
	const struct pf *was = host_same_pf(x->baseline, pf);

	return was && !is_other_device(was, pf) ? was : NULL;
}

static void changed(struct examination *x, enum severity severity, const char *what, const char *is,
	const char *was)
{
	found(x, severity, "%s is %s, was %s", what, is, was);
	evidence(x, "now", "%s %s", what, is);
	evidence(x, "baseline", "%s %s", what, was);
}

static void evidence_device(struct examination *x, const char *source, const struct pf *pf)
{
	if (pf_has(pf, PF_VENDOR_ID) && pf_has(pf, PF_DEVICE_ID))
		evidence(x, source, "%s %04x:%04x", pf->handle, pf->vendor_id, pf->device_id);
	else
		evidence(x, source, "%s", pf->handle);
}

static void baseline_gone(struct examination *x)
{
	for (size_t i = 0; i < x->baseline->pf_count; i++) {
		const struct pf *was = &x->baseline->pfs[i];
		const struct pf *pf = host_same_pf(x->host, was);

		if (pf && !is_other_device(pf, was))
			continue;
		found(x, SEVERITY_PROBLEM, "%s (%s) is %s", was->name, was->handle,
			pf ? "another device" : "not there any more");
		evidence_device(x, "baseline", was);
		if (pf)
			evidence_device(x, "now", pf);
		else
			evidence(x, "now", "no such device");
		remedy(x, "see that the card is seated, and switched on in the firmware setup; the "
			  "kernel's log says why a device was not taken");
	}
}

const struct check check_baseline_gone = {
	.id = "baseline-gone",
	.severity = SEVERITY_PROBLEM,
	.looks_at = "a PF of the baseline that is not there any more",
	.meaning = "its VFs are not there either",
	.see = "sriovctl-doctor(8)",
	.idle = without_baseline,
	.host = baseline_gone,
};

static const char *kernel_of(const struct facts *facts)
{
	return facts_text(facts, "/proc/sys/kernel/osrelease");
}

static void baseline_kernel(struct examination *x)
{
	const char *is = kernel_of(x->facts);
	const char *was = kernel_of(x->baseline_facts);

	if (is && was && strcmp(is, was) != 0)
		changed(x, SEVERITY_INFO, "the kernel", is, was);
}

const struct check check_baseline_kernel = {
	.id = "baseline-kernel",
	.severity = SEVERITY_INFO,
	.looks_at = "another kernel than the baseline's",
	.meaning = "drivers that come with the kernel are others as well",
	.see = "uname(1)",
	.idle = without_baseline,
	.host = baseline_kernel,
};

static void baseline_firmware(struct examination *x, const struct pf *pf)
{
	const struct pf *was = was_pf(x, pf);

	if (!was || !pf_has(pf, PF_FIRMWARE) || !pf_has(was, PF_FIRMWARE))
		return;
	if (strcmp(pf->firmware, was->firmware) == 0) {
		fine(x, "firmware as recorded");
		return;
	}
	changed(x, SEVERITY_PROBLEM, "the firmware", pf->firmware, was->firmware);
	remedy(x, "bring the card to firmware %s with its vendor's tool, or record a new baseline",
		was->firmware);
}

const struct check check_baseline_firmware = {
	.id = "baseline-firmware",
	.severity = SEVERITY_PROBLEM,
	.looks_at = "a PF with another firmware than the baseline's",
	.meaning = "firmware and driver may not fit each other; what VFs can do may differ",
	.see = "ethtool(8), -i",
	.idle = without_baseline,
	.pf = baseline_firmware,
};

static const char *driver_of(uint64_t known, int attr, const char *driver)
{
	return known >> attr & 1 ? driver : "none";
}

static const char *version_of(const struct facts *facts, const struct pf *pf)
{
	char bdf[BDF_SIZE];

	if (!pf_has(pf, PF_BDF))
		return NULL;
	bdf_format(pf->bdf, bdf);
	return facts_text(facts, "/sys/bus/pci/devices/%s/driver/module/version", bdf);
}

static void baseline_driver(struct examination *x, const struct pf *pf)
{
	const struct pf *was = was_pf(x, pf);
	const char *is, *before;

	if (!was)
		return;
	is = driver_of(pf->known, PF_DRIVER, pf->driver);
	before = driver_of(was->known, PF_DRIVER, was->driver);
	if (strcmp(is, before) != 0) {
		changed(x, SEVERITY_PROBLEM, "the driver", is, before);
		remedy(x, "give the PF to %s again, or record a new baseline", before);
		return;
	}
	is = version_of(x->facts, pf);
	before = version_of(x->baseline_facts, was);
	if (!is || !before || strcmp(is, before) == 0)
		return;
	changed(x, SEVERITY_PROBLEM, "the driver's version", is, before);
	evidence_fact(x, "%s", device_path(x, "driver/module/version"));
	remedy(x, "install version %s of %s, or record a new baseline", before, pf->driver);
}

const struct check check_baseline_driver = {
	.id = "baseline-driver",
	.severity = SEVERITY_PROBLEM,
	.looks_at = "a PF with another driver, or version of it, than the baseline's",
	.meaning = "it may know other numbers of VFs and other settings",
	.see = "modinfo(8)",
	.idle = without_baseline,
	.pf = baseline_driver,
};

static void baseline_count(struct examination *x, const struct pf *pf)
{
	const struct pf *was = was_pf(x, pf);

	if (!was)
		return;
	if (pf_has(pf, PF_TOTAL_VFS) && pf_has(was, PF_TOTAL_VFS) &&
		pf->total_vfs != was->total_vfs) {
		changed(x, pf->total_vfs < was->total_vfs ? SEVERITY_PROBLEM : SEVERITY_INFO,
			"the most VFs it can have", arena_printf(&x->arena, "%u", pf->total_vfs),
			arena_printf(&x->arena, "%u", was->total_vfs));
		remedy(x, "set the number of VFs in the card's firmware as it was");
	}
	if (!pf_has(pf, PF_NUM_VFS) || !pf_has(was, PF_NUM_VFS) || pf->num_vfs == was->num_vfs)
		return;
	changed(x, pf->num_vfs < was->num_vfs ? SEVERITY_PROBLEM : SEVERITY_INFO,
		"the number of VFs", arena_printf(&x->arena, "%u", pf->num_vfs),
		arena_printf(&x->arena, "%u", was->num_vfs));
	remedy(x, "sriovctl vf create " DOCTOR_OBJECT " %u", was->num_vfs);
}

const struct check check_baseline_count = {
	.id = "baseline-count",
	.severity = SEVERITY_PROBLEM,
	.looks_at = "a PF with fewer VFs than in the baseline",
	.meaning = "who expects these VFs does not find them",
	.see = "sriovctl-vf(8)",
	.idle = without_baseline,
	.pf = baseline_count,
};

/* Each user of a VF brings its own settings: where another namespace has it now, that says it all.
 */
static void compare_setting(
	struct examination *x, const struct vf *was, size_t attr, bool same_place)
{
	const struct attr *a = &vf_type.attrs[attr];
	struct value is = attr_get(&vf_type, attr, x->vf), before = attr_get(&vf_type, attr, was);
	char now[VALUE_TEXT_MAX], then[VALUE_TEXT_MAX];

	if (!is.known || !before.known || value_equal(&is, &before))
		return;
	value_format(&is, now, sizeof(now));
	value_format(&before, then, sizeof(then));
	/* drivers choose an address where none is set */
	changed(x, attr == VF_MAC || !same_place ? SEVERITY_INFO : SEVERITY_PROBLEM, a->key, now,
		then);
	if (same_place)
		remedy(x, "sriovctl vf set " DOCTOR_OBJECT " %s %s", attr_keyword(a), then);
}

static const char *place_of(const struct vf *vf)
{
	return vf->netns ? vf->netns : "home";
}

static void baseline_vf(struct examination *x, const struct pf *pf, const struct vf *vf)
{
	const struct pf *was_on = was_pf(x, pf);
	const struct vf *was = was_on ? host_vf(x->baseline, was_on, vf->index) : NULL;
	const char *is, *before;
	bool same_place;

	if (!was)
		return;
	same_place = strcmp(place_of(vf), place_of(was)) == 0;
	is = driver_of(vf->known, VF_DRIVER, vf->driver);
	before = driver_of(was->known, VF_DRIVER, was->driver);
	if (vf_has(vf, VF_BDF) && vf_has(was, VF_BDF) && strcmp(is, before) != 0) {
		changed(x, SEVERITY_PROBLEM, "the driver", is, before);
		if (vf_has(was, VF_DRIVER))
			remedy(x, "sriovctl vf bind " DOCTOR_OBJECT " %s", before);
		else
			remedy(x, "sriovctl vf unbind " DOCTOR_OBJECT);
	}
	if (vf_has(vf, VF_IFNAME) && vf_has(was, VF_IFNAME) && !same_place) {
		changed(x, SEVERITY_WARNING, "the network namespace", place_of(vf), place_of(was));
		if (was->netns)
			remedy(x, "sriovctl netns attach " DOCTOR_OBJECT " %s", was->netns);
		else if (vf->attached)
			remedy(x,
				"when it is done there: 'sriovctl netns detach " DOCTOR_OBJECT "'");
		else
			remedy(x,
				"see who has put it there: it comes back when the namespace goes");
	}
	for (size_t i = 0; i < vf_type.count; i++)
		if (vf_type.attrs[i].flags & ATTR_KEEP && i != VF_DRIVER)
			compare_setting(x, was, i, same_place);
}

const struct check check_baseline_vf = {
	.id = "baseline-vf",
	.severity = SEVERITY_PROBLEM,
	.looks_at = "a VF with another driver, namespace or setting than in the baseline",
	.meaning = "who has it does not get what they got before",
	.see = "sriovctl-vf(8)",
	.idle = without_baseline,
	.vf = baseline_vf,
};
