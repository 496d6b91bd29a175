#include "unit.h"

#include "doctor.h"

#include <errno.h>

static const struct interrupts no_vectors;

/* Each PF on a NUMA node of its own. */
static void place(struct world *w)
{
	for (size_t i = 0; i < w->host.pf_count; i++) {
		struct pf *pf = &w->host.pfs[i];

		pf->numa_node = (int32_t)i;
		pf->known |= PF_BIT(PF_NUMA_NODE);
		for (size_t v = 0; v < pf->vf_count; v++) {
			struct vf *vf = &w->host.vfs[pf->first_vf + v];

			vf->numa_node = pf->numa_node;
			vf->known |= VF_BIT(VF_NUMA_NODE);
		}
	}
}

/* The path ends in the number of an interface. */
static void fact_of(struct patient *p, const char *before, int ifindex, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s%d", before, ifindex);
	if (text)
		fact(p, path, text);
	else
		fact_gone(p, path);
}

/* As on a host with systemd and its own rules, and both NetworkManager and networkd at work. */
static void names_facts(struct patient *p)
{
	const struct host *host = &p->w->host;

	fact_names(p, "/etc/udev/rules.d", "");
	fact_names(
		p, "/usr/lib/udev/rules.d", "73-special-net-names.rules 80-net-setup-link.rules");
	fact(p, "/usr/lib/udev/rules.d/73-special-net-names.rules",
		"# odd ones\n"
		"ACTION==\"add\", SUBSYSTEM==\"net\", SUBSYSTEMS==\"usb\", "
		"ATTRS{idVendor}==\"413c\", NAME=\"idrac\"\n");
	fact(p, "/usr/lib/udev/rules.d/80-net-setup-link.rules",
		"SUBSYSTEM!=\"net\", GOTO=\"net_setup_link_end\"\n\n"
		"IMPORT{builtin}=\"path_id\"\n\nACTION==\"remove\", GOTO=\"net_setup_link_end\"\n\n"
		"IMPORT{builtin}=\"net_setup_link\"\n\n"
		"NAME==\"\", ENV{ID_NET_NAME}!=\"\", NAME=\"$env{ID_NET_NAME}\"\n\n"
		"LABEL=\"net_setup_link_end\"");
	fact_names(p, "/usr/lib/systemd/network", "99-default.link");
	fact(p, "/usr/lib/systemd/network/99-default.link",
		"[Match]\nOriginalName=*\n\n[Link]\n"
		"NamePolicy=keep kernel database onboard slot path\nMACAddressPolicy=persistent");
	fact(p, "/sys/fs/cgroup/system.slice/NetworkManager.service", "");
	fact(p, "/sys/fs/cgroup/system.slice/systemd-networkd.service", "");
	for (size_t i = 0; i < host->pf_count; i++)
		fact_of(p, "/run/udev/data/n", host->pfs[i].ifindex, "I:4711\nV:1");
	for (size_t i = 0; i < host->vf_count; i++) {
		char path[128], bdf[BDF_SIZE];

		bdf_format(host->vfs[i].bdf, bdf);
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/net/%s/addr_assign_type", bdf,
			host->vfs[i].ifname);
		fact(p, path, "0");
		fact_of(p, "/run/udev/data/n", host->vfs[i].ifindex, "I:4711\nV:1");
		fact_of(p, "/run/NetworkManager/devices/", host->vfs[i].ifindex, NULL);
		fact_of(p, "/run/systemd/netif/links/", host->vfs[i].ifindex,
			"ADMIN_STATE=unmanaged\nOPER_STATE=off");
	}
}

/* A host on which nothing is wrong. */
static void healthy_facts(struct patient *p)
{
	/* of the platform */
	fact(p, "/proc/cmdline", "root=/dev/sda1 intel_iommu=on iommu=pt");
	fact(p, "/proc/sys/kernel/osrelease", "6.12.117+deb12-amd64");
	fact_names(p, "/sys/class/iommu", "dmar0 dmar1");
	fact(p, "/sys/firmware/acpi/tables/DMAR", "");
	fact_gone(p, "/sys/firmware/acpi/tables/IVRS");
	fact_gone(p, "/sys/firmware/acpi/tables/IORT");
	fact(p, "/sys/bus/pci/devices/0000:21:00.0/iommu_group/type", "identity");
	fact(p, "/sys/bus/pci/devices/0000:41:00.0/iommu_group/type", "identity");
	fact(p, "/sys/kernel/irq/0/chip_name", "IR-IO-APIC");
	fact_gone(p, "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts");
	fact(p, "/lib/modules/6.12.117+deb12-amd64/modules.dep",
		"kernel/drivers/vfio/pci/vfio-pci.ko.xz");
	fact_gone(p, "/sys/kernel/security/lockdown");
	fact(p, "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "0");
	fact(p, "/sys/bus/pci/devices/0000:21:00.0/../subordinate_bus_number", "33");
	fact_gone(p, "/sys/bus/pci/devices/0000:41:00.0/../subordinate_bus_number");
	/* of a PF */
	fact_gone(p, "/sys/module/vfio_pci/parameters/enable_sriov");
	fact(p, "/sys/module/ib_core/parameters/netns_mode", "Y");
	/* of a VF */
	/* of interrupts and NUMA nodes */
	fact(p, "/sys/devices/system/node/has_cpu", "0-1");
	fact(p, "/sys/devices/system/node/online", "0-1");
	fact(p, "/sys/devices/system/node/node0/cpulist", "0-3");
	fact(p, "/sys/devices/system/node/node1/cpulist", "4-7");
	fact(p, "/sys/devices/system/node/node0/distance", "10 21");
	fact(p, "/sys/devices/system/node/node1/distance", "21 10");
	fact(p, "/sys/bus/pci/devices/0000:21:00.0/numa_node", "0");
	fact(p, "/sys/bus/pci/devices/0000:41:00.0/numa_node", "1");
	/* of names, and of who else configures interfaces */
	names_facts(p);
}

int patient_setup(void **state)
{
	struct patient *p = calloc(1, sizeof(*p));
	void *w;

	if (world_setup(&w) < 0)
		return -1;
	p->w = w;
	for (size_t i = 0; i < p->w->host.pf_count; i++) {
		struct pf *pf = &p->w->host.pfs[i];

		pf->class_name = "ethernet";
		pf->vendor_id = 0x1077; /* one of those that qede drives */
		pf->device_id = 0x1654;
		pf->vf_device_id = 0x1664;
		pf->known |= PF_BIT(PF_CLASS) | PF_BIT(PF_VENDOR_ID) | PF_BIT(PF_DEVICE_ID) |
			     PF_BIT(PF_VF_DEVICE_ID);
	}
	p->problems.arena = &p->facts.arena;
	for (size_t i = 0; i < p->w->host.vf_count; i++)
		p->w->host.vfs[i].interrupts = &no_vectors;
	place(p->w);
	healthy_facts(p);
	*state = p;
	return 0;
}

int patient_teardown(void **state)
{
	struct patient *p = *state;
	void *w = p->w;

	examination_free(&p->x);
	facts_free(&p->facts);
	facts_free(&p->baseline_facts);
	if (p->baseline) {
		void *baseline = p->baseline;

		world_teardown(&baseline);
	}
	world_teardown(&w);
	free(p);
	return 0;
}

void fact_forget(struct patient *p, const char *path)
{
	size_t n = 0;

	for (size_t i = 0; i < p->facts.count; i++)
		if (strcmp(p->facts.items[i].path, path) != 0)
			p->facts.items[n++] = p->facts.items[i];
	p->facts.count = n;
}

void fact(struct patient *p, const char *path, const char *text)
{
	fact_forget(p, path);
	facts_add(&p->facts, path, text, strlen(text));
}

void fact_names(struct patient *p, const char *path, const char *names)
{
	struct fact *f;
	char *word, *rest, *copy = arena_strdup(&p->facts.arena, names);

	fact_forget(p, path);
	f = facts_add(&p->facts, path, "", 0);
	f->is_dir = true;
	for (word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		f->names.items = arena_push(
			&p->facts.arena, f->names.items, &f->names.count, sizeof(char *));
		f->names.items[f->names.count - 1] = word;
	}
}

void fact_gone(struct patient *p, const char *path)
{
	fact_forget(p, path);
	facts_add_error(&p->facts, path, ENOENT);
}

void examine_patient(struct patient *p, const char *ids)
{
	const struct check **chosen;
	struct error err;

	examination_free(&p->x);
	facts_sort(&p->facts);
	for (size_t i = 0; i < p->w->host.pf_count; i++)
		p->pfs[i] = &p->w->host.pfs[i];
	p->x = (struct examination){.host = &p->w->host,
		.facts = &p->facts,
		.pfs = p->pfs,
		.pf_count = p->w->host.pf_count,
		.whole_host = true,
		.by_name = ids != NULL,
		.intent = p->has_policy ? &p->intent : NULL,
		.policy_problems = p->has_policy ? &p->problems : NULL,
		.policy_error = p->policy_error,
		.baseline = p->baseline ? &p->baseline->host : NULL,
		.baseline_facts = &p->baseline_facts,
		.samples = p->samples};
	chosen = checks_choose(ids, &p->x.arena, &err);
	assert_non_null(chosen);
	examine(&p->x, chosen);
}

static const char *object_of(const struct finding *f)
{
	return f->vf ? f->vf->name : f->pf ? f->pf->name : NULL;
}

const struct finding *finds(struct patient *p, const char *id, enum severity severity,
	const char *object, const char *words)
{
	const struct finding *f = NULL;

	examine_patient(p, id);
	for (size_t i = 0; i < p->x.finding_count; i++) {
		if (p->x.findings[i].severity <= SEVERITY_UNKNOWN)
			continue;
		if (f)
			fail_msg("%s: '%s' and '%s'", id, f->summary, p->x.findings[i].summary);
		f = &p->x.findings[i];
	}
	if (!f)
		fail_msg("%s has found nothing", id);
	assert_string_equal(f->check->id, id);
	assert_string_equal(severity_names[f->severity], severity_names[severity]);
	assert_true(severity <= f->check->severity);
	if (object)
		assert_string_equal(object_of(f), object);
	else
		assert_null(object_of(f));
	assert_contains(f->summary, words);
	assert_true(f->evidence_count > 0);
	for (size_t i = 0; i < f->evidence_count; i++)
		assert_true(f->evidence[i].source[0] && f->evidence[i].value[0]);
	assert_non_null(f->meaning);
	if (severity >= SEVERITY_WARNING)
		assert_non_null(f->remedy);
	assert_non_null(f->see);
	return f;
}

void silent(struct patient *p, const char *id)
{
	examine_patient(p, id);
	for (size_t i = 0; i < p->x.finding_count; i++)
		if (p->x.findings[i].severity > SEVERITY_OK)
			fail_msg("%s: %s", id, p->x.findings[i].summary);
}

void not_known(struct patient *p, const char *id)
{
	examine_patient(p, id);
	assert_true(p->x.counts[SEVERITY_UNKNOWN] > 0);
	for (size_t i = 0; i < p->x.finding_count; i++)
		assert_true(p->x.findings[i].severity <= SEVERITY_UNKNOWN);
}
