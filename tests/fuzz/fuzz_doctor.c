/*
 * Every check of the doctor, on a host and facts that may be anything: the input is a program that
 * changes those of a healthy one. Whatever is found must come out as clean text and valid JSON.
 */
#include "unit.h"

#include "doctor.h"

#include "core/cpus.h"
#include "core/lease.h"
#include "core/stats.h"
#include "output/doctor.h"

#include <errno.h>
#include <jansson.h>

#define END 0xff /* of a text */
#define MANY 16  /* of one kind of thing in a host */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *at, *end;
	struct arena *arena;
};

static void require(bool holds)
{
	if (!holds)
		abort();
}

static unsigned byte(struct input *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

/* Mostly one that means something, or is at the end of a range. */
static uint32_t number(struct input *in)
{
	static const uint32_t ends[] = {0, 1, 2, 0x7f, 0xff, 0x100, 0xfff, 0xffff, 0x10000,
		INT32_MAX, 0x80000000, UINT32_MAX - 1, UINT32_MAX};
	unsigned b = byte(in);

	return b < 240 ? b % 64 : ends[b % (sizeof(ends) / sizeof(ends[0]))];
}

static const char *text(struct input *in, size_t *len)
{
	const uint8_t *from = in->at;

	while (in->at < in->end && *in->at != END)
		in->at++;
	*len = (size_t)(in->at - from);
	in->at += in->at < in->end;
	return (const char *)from;
}

static const char *string(struct input *in)
{
	size_t len;
	const char *from = text(in, &len);

	return arena_strndup(in->arena, from, len);
}

/* As in the table of kernel/facts.c; of PFs and VFs those of the world. */
static const char *const paths[] = {
	"/proc/cmdline",
	"/proc/sys/kernel/osrelease",
	"/sys/class/iommu",
	"/sys/firmware/acpi/tables/DMAR",
	"/sys/firmware/acpi/tables/IVRS",
	"/sys/firmware/acpi/tables/IORT",
	"/sys/bus/pci/devices/0000:21:00.0/iommu_group/type",
	"/sys/kernel/irq/0/chip_name",
	"/sys/kernel/irq/9/chip_name",
	"/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts",
	"/lib/modules/6.12.117+deb12-amd64/modules.dep",
	"/lib/modules/6.12.117+deb12-amd64/modules.builtin",
	"/sys/kernel/security/lockdown",
	"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
	"/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages",
	"/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages",
	"/sys/bus/pci/devices/0000:21:00.0/resource",
	"/sys/bus/pci/devices/0000:21:00.0/../subordinate_bus_number",
	"/sys/bus/pci/devices/0000:21:00.0/driver/module/version",
	"/sys/bus/pci/devices/0000:01:00.0/class",
	"/sys/bus/pci/devices/0000:01:00.0/vendor",
	"/sys/bus/pci/devices/0000:01:00.0/device",
	"/sys/module/vfio_pci/parameters/enable_sriov",
	"/sys/module/ib_core/parameters/netns_mode",
	"/sys/bus/pci/devices/0000:21:10.0/infiniband",
	"/sys/devices/system/node/has_cpu",
	"/sys/devices/system/node/online",
	"/sys/devices/system/node/node0/cpulist",
	"/sys/devices/system/node/node0/distance",
	"/sys/devices/system/node/node1/cpulist",
	"/sys/bus/pci/devices/0000:21:00.0/numa_node",
	"/proc/7/task/7/status",
	"/proc/7/task/8/status",
	"/proc/8/task/8/status",
	"/etc/systemd/network",
	"/etc/systemd/network/10-a.link",
	"/run/systemd/network/10-b.link",
	"/usr/lib/systemd/network/99-default.link",
	"/etc/udev/rules.d",
	"/etc/udev/rules.d/70-a.rules",
	"/run/udev/rules.d/70-b.rules",
	"/usr/lib/udev/rules.d/80-net-setup-link.rules",
	"/run/udev/data/n10",
	"/run/udev/data/n100",
	"/sys/bus/pci/devices/0000:21:00.0/net/eth0/addr_assign_type",
	"/run/NetworkManager/devices/100",
	"/run/systemd/netif/links/100",
	"/sys/fs/cgroup/system.slice/NetworkManager.service",
	"/etc/sriovctl/policy.d/a.yaml",
};

static void change_fact(struct input *in, struct patient *p, unsigned how)
{
	const char *path = paths[byte(in) % (sizeof(paths) / sizeof(paths[0]))], *from;
	size_t len;

	switch (how % 4) {
	case 0: /* of a captured host it may have NUL bytes too */
		from = text(in, &len);
		fact_forget(p, path);
		facts_add(&p->facts, path, from, len);
		break;
	case 1:
		fact_forget(p, path);
		facts_add_error(&p->facts, path, (int)(number(in) % 4096) + 1);
		break;
	case 2:
		fact_forget(p, path);
		break;
	default:
		fact_names(p, path, string(in));
	}
}

/* Whatever one of its type can be. */
static struct value value(struct input *in, const struct attr *a)
{
	struct value v = {.known = true, .type = a->type};
	size_t names = 0;

	switch (a->type) {
	case VALUE_STRING:
		v.string = string(in);
		break;
	case VALUE_UINT:
	case VALUE_HEX:
	case VALUE_UINT64:
	case VALUE_GUID:
		v.uint = number(in);
		break;
	case VALUE_ENUM:
		while (a->names[names])
			names++;
		v.uint = number(in) % names;
		break;
	case VALUE_INT:
		v.num = (int32_t)number(in);
		break;
	case VALUE_BOOL:
		v.on = byte(in) & 1;
		break;
	case VALUE_BDF:
		v.bdf = (struct bdf){number(in), (uint8_t)byte(in), (uint8_t)byte(in)};
		break;
	case VALUE_LLADDR:
		v.lladdr.len = byte(in) & 1 ? 6 : 20;
		for (size_t i = 0; i < v.lladdr.len; i++)
			v.lladdr.bytes[i] = (uint8_t)(byte(in) & 3);
		break;
	case VALUE_STRINGS:
	case VALUE_INTS:
	case VALUE_REAL:
	case VALUE_ANY:
		v.known = false;
	}
	return v;
}

/* What says where a record stands, and what names it, is as discovery leaves it. */
static bool is_given(const struct record_type *type, size_t attr)
{
	return type == &pf_type ? attr == PF_NAME || attr == PF_HANDLE
				: attr == VF_NAME || attr == VF_PF || attr == VF_INDEX;
}

static void change_record(struct input *in, const struct record_type *type, void *record)
{
	size_t attr = byte(in) % type->count;
	uint64_t *known = (void *)((char *)record + type->known_offset);
	unsigned how = byte(in);

	if (is_given(type, attr))
		return;
	if (how % 4 == 0)
		*known &= ~(UINT64_C(1) << attr);
	else {
		struct value v = value(in, &type->attrs[attr]);

		if (v.known) {
			attr_set(type, attr, record, &v);
			*known |= UINT64_C(1) << attr;
		}
	}
}

static struct pf *some_pf(struct input *in, struct host *h)
{
	return &h->pfs[byte(in) % h->pf_count];
}

static struct vf *some_vf(struct input *in, struct host *h)
{
	return &h->vfs[byte(in) % h->vf_count];
}

/* A namespace, a process, a lease: what does not stand in a row. */
static void change_vf(struct input *in, struct host *h)
{
	struct vf *vf = some_vf(in, h);

	switch (byte(in) % 6) {
	case 0:
		vf->netns = byte(in) & 1 ? string(in) : NULL;
		vf->netns_id.inode = number(in);
		break;
	case 1:
		vf->unseen = byte(in) & 1;
		break;
	case 2:
		vf->open = byte(in) & 1;
		break;
	case 3:
		vf->resettable = byte(in) & 1;
		break;
	case 4:
		vf->interrupts = NULL;
		break;
	default:
		if (h->lease_count == MANY)
			break;
		h->leases[h->lease_count] = (struct lease){.pf = some_pf(in, h)->handle,
			.vf = string(in),
			.netns = string(in),
			.owner = byte(in) & 1 ? string(in) : NULL};
		if (byte(in) & 1)
			vf->attached = &h->leases[h->lease_count];
		h->lease_count++;
	}
}

static void change_pf(struct input *in, struct host *h)
{
	struct pf *pf = some_pf(in, h);
	unsigned how = byte(in);

	pf->truncated = how & 1;
	pf->unseen = how & 2;
	pf->has_bridge = how & 4;
	pf->bridge_acs = (enum acs_state)(how >> 3 & 3);
	pf->vf_bars = how >> 5 ? number(in) : pf->vf_bars;
}

static struct bdf some_bdf(struct input *in, struct host *h)
{
	unsigned b = byte(in);

	return b & 1   ? some_vf(in, h)->bdf
	       : b & 2 ? some_pf(in, h)->bdf
		       : (struct bdf){0, 1, (uint8_t)(b >> 4)};
}

static void change_host(struct input *in, struct host *h)
{
	unsigned how = byte(in);

	switch (byte(in) % 6) {
	case 0:
		h->has_iommu = how & 1;
		h->noiommu = how & 2;
		h->incomplete = how & 4;
		h->usage_unknown = how & 8;
		h->leases_unknown = how & 16;
		h->holders_hidden = how & 32;
		h->blocked_hidden = how & 64;
		h->processes_known = how & 128;
		break;
	case 1:
		if (h->holder_count < MANY)
			h->holders[h->holder_count++] =
				(struct vfio_holder){number(in), (int)number(in), string(in)};
		break;
	case 2:
		if (h->blocked_count < MANY)
			h->blocked[h->blocked_count++] =
				(struct blocked){(int)number(in), string(in),
					how & 1 ? string(in) : NULL, how & 2 ? string(in) : NULL,
					how & 4, how & 8 && how & 1, some_bdf(in, h)};
		break;
	case 3:
		if (h->member_count < MANY)
			h->members[h->member_count++] = (struct group_member){
				number(in), some_bdf(in, h), how & 1 ? string(in) : NULL, how & 2};
		break;
	case 4:
		if (h->process_count < MANY)
			h->processes[h->process_count++] =
				(struct process){(int32_t)number(in), number(in)};
		break;
	default:
		if (h->pci_count < MANY)
			h->pci[h->pci_count++] = some_bdf(in, h);
	}
}

static void make_room(struct host *h)
{
	h->holders = arena_alloc(&h->arena, MANY * sizeof(*h->holders));
	h->blocked = arena_alloc(&h->arena, MANY * sizeof(*h->blocked));
	h->members = arena_alloc(&h->arena, MANY * sizeof(*h->members));
	h->processes = arena_alloc(&h->arena, MANY * sizeof(*h->processes));
	h->leases = arena_alloc(&h->arena, MANY * sizeof(*h->leases));
	h->pci = arena_alloc(&h->arena, MANY * sizeof(*h->pci));
	h->holder_count = h->blocked_count = h->member_count = h->process_count = 0;
	h->lease_count = h->pci_count = 0;
}

#define VECTORS 4

/* Vectors, and what was counted of them. */
static void change_interrupts(struct input *in, struct host *h, struct vf_sample *samples)
{
	struct vf *vf = some_vf(in, h);
	struct vf_sample *s = &samples[vf - h->vfs];
	struct interrupts *list = arena_alloc(in->arena, sizeof(*list));
	struct ints *online = arena_alloc(in->arena, sizeof(*online));
	double *rates = arena_alloc(in->arena, VECTORS * sizeof(*rates));

	list->vectors = arena_alloc(in->arena, VECTORS * sizeof(*list->vectors));
	*s = (struct vf_sample){.vectors = rates};
	for (int32_t i = 0; i < VECTORS; i++) {
		unsigned how = byte(in);

		ints_add(in->arena, &list->irqs, 100 + i);
		list->vectors[i].queue = (int32_t)(how & 3) - 1;
		list->vectors[i].in_use = how & 4;
		if (how & 8)
			ints_add(in->arena, &list->vectors[i].cpus, (int32_t)(how >> 4 & 7));
		rates[i] = number(in) * 1000.0;
		s->interrupts += rates[i];
		ints_add(in->arena, online, i);
	}
	list->cpus_known = byte(in) & 1;
	list->online = byte(in) & 1 ? online : NULL;
	list->count = list->irqs.count;
	s->known = byte(in) & 1;
	s->packets_known = byte(in) & 1;
	s->packets = number(in);
	vf->interrupts = list;
}

static void change(struct input *in, struct patient *p, struct vf_sample *samples)
{
	struct host *h = &p->w->host;

	while (in->at < in->end) {
		unsigned b = byte(in);

		switch (b % 8) {
		case 0:
		case 1:
			change_fact(in, p, b >> 3);
			break;
		case 2:
			change_record(in, &pf_type, some_pf(in, h));
			break;
		case 3:
			change_record(in, &vf_type, some_vf(in, h));
			break;
		case 4:
			change_vf(in, h);
			break;
		case 5:
			change_pf(in, h);
			break;
		case 6:
			change_host(in, h);
			break;
		case 7:
			change_interrupts(in, h, samples);
			p->samples = samples;
			break;
		}
	}
}

static void print(const struct examination *x, const struct options *o)
{
	char *out = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&out, &len);

	require(f && output_doctor(x, o, f) == 0);
	require(fclose(f) == 0 && strlen(out) == len);
	if (o->json) {
		json_t *j = json_loads(out, 0, NULL);

		require(j != NULL);
		json_decref(j);
	}
	for (size_t i = 0; !o->json && i < len; i++)
		require((unsigned char)out[i] >= ' ' || out[i] == '\n');
	free(out);
}

/* All is said with what there is to say. */
static void judge(const struct examination *x)
{
	for (size_t i = 0; i < x->finding_count; i++) {
		const struct finding *f = &x->findings[i];

		require(f->severity <= f->check->severity || f->severity <= SEVERITY_UNKNOWN);
		if (f->severity <= SEVERITY_UNKNOWN)
			continue;
		require(f->summary && f->summary[0] && f->meaning && f->see);
		require(f->evidence_count > 0);
		for (size_t e = 0; e < f->evidence_count; e++)
			require(f->evidence[e].source && f->evidence[e].value);
		require(f->severity < SEVERITY_WARNING || f->remedy);
	}
	print(x, &(struct options){.details = true});
	print(x, &(struct options){0});
	print(x, &(struct options){.json = true});
}

static void look(
	struct patient *p, const struct host *baseline, struct facts *baseline_facts, unsigned how)
{
	static const char *const others[] = {"lo", "0000:01:00.0"};
	const struct host *h = &p->w->host;
	struct error err;

	facts_sort(&p->facts);
	for (size_t i = 0; i < h->pf_count; i++)
		p->pfs[i] = &h->pfs[i];
	p->x = (struct examination){.host = h,
		.facts = &p->facts,
		.pfs = p->pfs,
		.pf_count = how & 1 ? 1 : h->pf_count,
		.whole_host = !(how & 3),
		.by_name = how & 4,
		.others = others,
		.other_count = how & 2 ? 2 : 0,
		.policy_error = how & 8 ? "\033[2Jbad\n" : NULL,
		.baseline = how & 16 ? baseline : NULL,
		.baseline_facts = baseline_facts,
		.samples = p->samples};
	examine(&p->x, checks_choose(NULL, &p->x.arena, &err));
	judge(&p->x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct input in = {data, data + size, &arena};
	struct vf_sample samples[16] = {0};
	struct patient *p, *before;
	void *patient, *other;
	unsigned how = byte(&in);

	require(patient_setup(&patient) == 0 && patient_setup(&other) == 0);
	p = patient;
	before = other;
	require(p->w->host.vf_count <= sizeof(samples) / sizeof(samples[0]));
	make_room(&p->w->host);
	change(&in, p, samples);
	facts_sort(&before->facts);
	look(p, &before->w->host, &before->facts, how);
	patient_teardown(&other);
	patient_teardown(&patient);
	arena_free(&arena);
	return 0;
}
