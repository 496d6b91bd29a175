/* The IOMMU: without it no VF can be given to a VM or to DPDK. */
#include "doctor/parts.h"

#include "core/driver.h"
#include "util/str.h"

#include <string.h>

#define IOMMUS "/sys/class/iommu"
#define FIRST_GROUP "/sys/kernel/iommu_groups/0"
#define UNSAFE_INTERRUPTS "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"

/* What turns it on and off, by the table that the firmware has of it (ACPI: DMAR is Intel's, IVRS
 * AMD's; Documentation/admin-guide/kernel-parameters.txt). */
static const struct maker {
	const char *table, *option;
	const char *on; /* NULL: it is on unless it is switched off */
} makers[] = {
	{"/sys/firmware/acpi/tables/DMAR", "intel_iommu", "intel_iommu=on"},
	{"/sys/firmware/acpi/tables/IVRS", "amd_iommu", NULL},
};

/* Is "off" one of the words of an option's value, "on,sm_on"? */
static bool has_word(const char *value, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = value; p; p = strchr(p, ','), p = p ? p + 1 : NULL)
		if (strncmp(p, word, len) == 0 && (p[len] == ',' || !p[len]))
			return true;
	return false;
}

static bool is_on(struct examination *x)
{
	const struct fact *class = facts_find(x->facts, IOMMUS);

	/* POWER has groups without a class of their IOMMUs; those of a vfio without one do not
	 * count */
	return class &&
	       (class->names.count || (!x->host->noiommu && facts_text(x->facts, FIRST_GROUP)));
}

/* Is somebody, or is a policy, to hand VFs on? */
static bool is_needed(const struct examination *x)
{
	for (size_t i = 0; i < x->host->vf_count; i++) {
		const struct vf *vf = &x->host->vfs[i];

		if ((vf_has(vf, VF_DRIVER) && driver_is_passthrough(vf->driver)) ||
			(vf->driver_override && driver_is_passthrough(vf->driver_override)))
			return true;
	}
	for (size_t p = 0; x->intent && p < x->intent->count; p++)
		for (size_t i = 0; i < x->intent->pfs[p].vf_count; i++) {
			const char *driver = x->intent->pfs[p].vfs[i].driver;

			if (driver && driver_is_passthrough(driver))
				return true;
		}
	return false;
}

/* The firmware has one. */
static void switched_off(struct examination *x, const struct maker *maker)
{
	const char *value = boot_option(x, maker->option), *all = boot_option(x, "iommu");
	enum severity severity = is_needed(x) ? SEVERITY_PROBLEM : SEVERITY_WARNING;

	if (has_word(all, "off") || has_word(value, "off")) {
		const char *name = has_word(all, "off") ? "iommu" : maker->option;

		found(x, severity, "the IOMMU is switched off on the kernel command line (%s=off)",
			name);
		remedy(x, "take %s=off off the kernel command line%s%s, and restart the host", name,
			maker->on ? ", put there " : "", maker->on ? maker->on : "");
	} else if (has_word(value, "on") || !maker->on) {
		found(x, severity, "the kernel could not switch the IOMMU on");
		remedy(x, "see why: dmesg | grep -i -e DMAR -e AMD-Vi -e iommu; often VT-d or "
			  "AMD-Vi is "
			  "off in the firmware setup");
	} else {
		/* so it is by default with many a distribution, and with interfaces alone it does
		 * no harm */
		found(x, severity == SEVERITY_PROBLEM ? severity : SEVERITY_INFO,
			"the IOMMU is there but not switched on");
		remedy(x, "put %s on the kernel command line and restart the host", maker->on);
	}
	evidence_fact(x, "%s", maker->table);
	evidence_fact(x, IOMMUS);
	evidence_fact(x, "/proc/cmdline");
}

static void iommu_off(struct examination *x)
{
	if (!facts_find(x->facts, IOMMUS)) {
		unknown(x, IOMMUS " was not recorded");
		return;
	}
	if (is_on(x)) {
		fine(x, "IOMMU on");
		evidence_fact(x, IOMMUS);
		return;
	}
	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
		if (!facts_text(x->facts, "%s", makers[i].table))
			continue;
		switched_off(x, &makers[i]);
		return;
	}
	found(x, is_needed(x) ? SEVERITY_WARNING : SEVERITY_INFO,
		"no IOMMU is at work on this host");
	evidence_fact(x, IOMMUS);
	if (x->host->noiommu) {
		evidence(x, "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode", "Y");
		means(x, "vfio goes without one: who has a VF can read and write all memory");
	}
	remedy(x, "switch VT-d, AMD-Vi or SMMU on in the firmware setup");
}

const struct check check_iommu_off = {
	.id = "iommu-off",
	.severity = SEVERITY_PROBLEM,
	.looks_at = "no IOMMU, or one that is switched off",
	.meaning = "no VF can be given to a VM or to DPDK: vfio refuses",
	.see = "Documentation/driver-api/vfio.rst of the kernel",
	.host = iommu_off,
};

/* The type of the group of a PF: see drivers/iommu/iommu.c, iommu_group_show_type(). */
static const struct fact *group_type(struct examination *x, const struct pf *pf)
{
	char bdf[BDF_SIZE];

	bdf_format(pf->bdf, bdf);
	return facts_find(x->facts, "/sys/bus/pci/devices/%s/iommu_group/type", bdf);
}

static bool is_translated(const struct fact *type)
{
	return type && !type->sys_errno && str_starts(type->text, "DMA");
}

static void iommu_translated(struct examination *x)
{
	const struct fact *first = NULL;
	size_t users = 0, known = 0, translated = 0;

	for (size_t i = 0; i < x->pf_count; i++) {
		const struct pf *pf = x->pfs[i];
		const struct fact *type;

		if (!pf_has(pf, PF_BDF) || !pf_has(pf, PF_DRIVER) || !pf->num_vfs)
			continue;
		type = group_type(x, pf);
		users++;
		known += type != NULL;
		translated += is_translated(type);
		first = first || !is_translated(type) ? first : type;
	}
	if (!translated && known < users)
		unknown(x, "the types of IOMMU groups were not recorded");
	if (!translated)
		return;
	found(x, SEVERITY_INFO, "DMA of %zu PF%s with VFs is translated by the IOMMU", translated,
		translated == 1 ? "" : "s");
	evidence_fact(x, "%s", first->path);
	evidence_fact(x, "/proc/cmdline");
	remedy(x, "if throughput matters more, put iommu=pt on the kernel command line");
}

const struct check check_iommu_translated = {
	.id = "iommu-translated",
	.severity = SEVERITY_INFO,
	.looks_at = "PFs with VFs whose DMA goes through the IOMMU",
	.meaning = "safer, but it costs throughput; VFs of VMs are translated in any case",
	.see = "Documentation/admin-guide/kernel-parameters.txt of the kernel, iommu=pt",
	.host = iommu_translated,
};

/* The interrupts of the board go through an I/O APIC on every x86 host; its chip is called
 * "IR-IO-APIC" where they are remapped (arch/x86/kernel/apic/io_apic.c), and then those of
 * devices are as well. */
static const struct fact *board_interrupt(struct examination *x)
{
	const struct fact *f = NULL;

	while ((f = facts_next(x->facts, "/sys/kernel/irq/", f)))
		if (!f->sys_errno &&
			(strcmp(f->text, "IO-APIC") == 0 || strcmp(f->text, "IR-IO-APIC") == 0))
			return f;
	return NULL;
}

static size_t on_vfio(const struct examination *x)
{
	size_t n = 0;

	for (size_t i = 0; i < x->host->vf_count; i++)
		n += vf_has(&x->host->vfs[i], VF_DRIVER) && driver_is_vfio(x->host->vfs[i].driver);
	return n;
}

static void irq_remapping(struct examination *x)
{
	const struct fact *board = board_interrupt(x);
	const char *allowed = facts_text(x->facts, UNSAFE_INTERRUPTS);
	size_t users = on_vfio(x);
	bool unsafe = allowed && allowed[0] == 'Y';

	if (!facts_next(x->facts, "/sys/kernel/irq/", NULL)) {
		unknown(x, "/sys/kernel/irq was not recorded");
		return;
	}
	if (!board || !is_on(x)) /* another architecture, or vfio refuses anyway */
		return;
	if (str_starts(board->text, "IR-")) {
		fine(x, "interrupts remapped");
		evidence_fact(x, "%s", board->path);
		return;
	}
	if (unsafe && users) {
		found(x, SEVERITY_WARNING, "vfio is allowed to go without interrupt remapping");
		means(x, "a VM with a VF can raise interrupts that are not its own");
	} else if (users) {
		found(x, SEVERITY_PROBLEM, "interrupts are not remapped, and vfio insists on it");
	} else {
		found(x, SEVERITY_INFO, "interrupts are not remapped");
	}
	evidence_fact(x, "%s", board->path);
	evidence_fact(x, "/proc/cmdline");
	if (allowed)
		evidence_fact(x, UNSAFE_INTERRUPTS);
	remedy(x, "take intremap=off and nointremap off the kernel command line, and switch "
		  "interrupt "
		  "remapping or x2APIC on in the firmware setup");
}

const struct check check_irq_remapping = {
	.id = "irq-remapping",
	.severity = SEVERITY_PROBLEM,
	.looks_at = "an IOMMU that does not remap interrupts",
	.meaning = "vfio refuses to open VFs, unless vfio_iommu_type1 has allow_unsafe_interrupts",
	.see = "Documentation/admin-guide/kernel-parameters.txt of the kernel, intremap=",
	.host = irq_remapping,
};
