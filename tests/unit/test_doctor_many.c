/* A host with very many VFs and something wrong with each: it is said in time, and in few words. */
#include "unit.h"

#include "doctor.h"

#include "core/cpus.h"
#include "core/stats.h"
#include "output/doctor.h"

#include <time.h>

#define VFS 1024
#define PROCESSES 10000
#define THREADS 200
#define VECTORS 8
/* What grows with the square of these takes minutes; else it is a second, also with sanitizers on
 * a machine that has other things to do. */
#define SECONDS 5

struct many {
	struct patient *p;
	struct pf *pf;
	struct vf *vfs;
	clock_t begun;
};

static int setup(void **state)
{
	struct many *m = calloc(1, sizeof(*m));
	void *p;
	struct host *h;
	struct link *links;

	if (patient_setup(&p) < 0)
		return -1;
	m->p = p;
	h = &m->p->w->host;
	links = arena_alloc(&h->arena, (FIXTURE_LINKS + VFS) * sizeof(*links));
	memcpy(links, h->links, h->link_count * sizeof(*links));
	h->links = links;
	m->pf = fixture_pf(h, "ens9", "0000:61:00.0", VFS);
	m->pf->numa_node = 1;
	m->pf->known |= PF_BIT(PF_NUMA_NODE);
	fixture_vfs(h, m->pf, VFS);
	m->vfs = &h->vfs[m->pf->first_vf];
	for (size_t i = 0; i < VFS; i++) {
		struct vf *vf = &m->vfs[i];

		vf->bdf = (struct bdf){0, (uint8_t)(0x62 + i / 256), (uint8_t)i};
		h->links[h->link_count++] =
			(struct link){.ifindex = vf->ifindex, .name = vf->ifname, .addr = vf->mac};
		vf->iommu_group = 100 + (uint32_t)i;
		vf->numa_node = 1;
		vf->if_mac = vf->mac;
		vf->known |= WORLD_VF_KNOWN | VF_BIT(VF_NUMA_NODE);
	}
	*state = m;
	return 0;
}

static int teardown(void **state)
{
	struct many *m = *state;
	void *p = m->p;

	patient_teardown(&p);
	free(m);
	return 0;
}

/* All of them, and the report in every form. */
static void look(struct many *m)
{
	char *out = NULL;
	size_t len = 0;

	m->begun = clock();
	examine_patient(m->p, NULL);
	for (int i = 0; i < 3; i++) {
		const struct options o = {.details = i == 1, .json = i == 2};
		FILE *f = open_memstream(&out, &len);

		assert_non_null(f);
		assert_int_equal(output_doctor(&m->p->x, &o, f), 0);
		fclose(f);
		/* what is the same of all of them is said once */
		if (i == 0)
			assert_true(len < 20000);
		free(out);
	}
	assert_true((clock() - m->begun) / CLOCKS_PER_SEC < SECONDS);
}

static size_t count(const struct many *m, const char *id)
{
	size_t n = 0;

	for (size_t i = 0; i < m->p->x.finding_count; i++)
		n += m->p->x.findings[i].severity > SEVERITY_UNKNOWN &&
		     m->p->x.findings[i].pf == m->pf &&
		     strcmp(m->p->x.findings[i].check->id, id) == 0;
	return n;
}

/* At home, each named and addressed by three. */
static void test_home(void **state)
{
	struct many *m = *state;
	char path[64];

	fact_names(m->p, "/etc/udev/rules.d", "70-x.rules");
	fact(m->p, "/etc/udev/rules.d/70-x.rules",
		"SUBSYSTEM==\"net\", KERNELS==\"0000:6*\", NAME=\"same\"");
	for (size_t i = 0; i < VFS; i++) {
		m->vfs[i].mac.bytes[5] = 7;
		m->vfs[i].mac.bytes[4] = 7;
		m->vfs[i].vlan = 100 + (uint32_t)i % 3;
		m->vfs[i].trust = true;
		m->vfs[i].driver_override = "vfio-pci";
		m->vfs[i].known |= VF_BIT(VF_DRIVER_OVERRIDE);
		snprintf(path, sizeof(path), "/run/NetworkManager/devices/%d", m->vfs[i].ifindex);
		facts_add_error(&m->p->facts, path, 2);
		snprintf(path, sizeof(path), "/run/systemd/netif/links/%d", m->vfs[i].ifindex);
		facts_add(&m->p->facts, path, "ADMIN_STATE=configured\nNETWORK_FILE=/x", 38);
	}
	look(m);
	assert_int_equal(count(m, "vf-duplicate-mac"), VFS);
	assert_int_equal(count(m, "vf-leftover"), VFS);
	assert_int_equal(count(m, "vf-driver-override"), VFS);
	assert_int_equal(count(m, "vf-managed"), VFS);
	assert_int_equal(count(m, "name-given-twice"), 1);
}

static void add_status(struct many *m, int32_t pid, int32_t tid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/status", (int)pid, (int)tid);
	facts_add(&m->p->facts, path, "Name:\tCPU 0/KVM\nCpus_allowed_list:\t0-3\n", 40);
}

/* Each has a rule and a .link file of its own, which do not say the same. */
static void test_named(void **state)
{
	struct many *m = *state;
	char path[64], text[160], bdf[BDF_SIZE], *rules = NULL;
	size_t len;
	FILE *f = open_memstream(&rules, &len);

	assert_non_null(f);
	fact_names(m->p, "/etc/systemd/network", "10-0.link");
	for (size_t i = 0; i < VFS; i++) {
		bdf_format(m->vfs[i].bdf, bdf);
		fprintf(f,
			"SUBSYSTEM==\"net\", ACTION==\"add\", KERNELS==\"%s\", NAME=\"lan%zu\"\n",
			bdf, i);
		snprintf(path, sizeof(path), "/etc/systemd/network/10-%zu.link", i);
		snprintf(text, sizeof(text), "[Match]\nPath=pci-%s\n[Link]\nName=wan%zu", bdf, i);
		facts_add(&m->p->facts, path, text, strlen(text));
	}
	fclose(f);
	fact(m->p, "/etc/udev/rules.d/70-lan.rules", rules);
	free(rules);
	look(m);
	assert_int_equal(count(m, "name-disputed"), VFS);
}

/* One process has all of them, on the wrong node, each in a group with its neighbour. */
static void test_held(void **state)
{
	struct many *m = *state;
	struct host *h = &m->p->w->host;

	h->holders = arena_alloc(&h->arena, VFS * sizeof(*h->holders));
	h->members = arena_alloc(&h->arena, VFS * sizeof(*h->members));
	h->member_count = 0;
	for (int32_t i = 0; i < THREADS; i++)
		add_status(m, 4711, 4711 + i);
	for (size_t i = 0; i < VFS; i++) {
		struct vf *vf = &m->vfs[i];

		world_vfio(h, vf);
		vf->iommu_group = 100 + (uint32_t)i / 2;
		vf->open = true;
		vf->trust = true;
		vf->spoofchk = false;
		h->members[h->member_count++] =
			(struct group_member){vf->iommu_group, vf->bdf, "vfio-pci", true};
		h->holders[h->holder_count++] = (struct vfio_holder){vf->iommu_group, 4711, "qemu"};
	}
	look(m);
	assert_int_equal(count(m, "vf-held"), VFS);
	assert_int_equal(count(m, "vf-weak"), VFS);
	assert_int_equal(count(m, "numa-far-user"), VFS);
	assert_int_equal(count(m, "shared-group"), 1);
}

/* All of them in one namespace, in which very much runs. */
static void test_netns(void **state)
{
	struct many *m = *state;
	struct host *h = &m->p->w->host;

	h->processes = arena_alloc(&h->arena, PROCESSES * sizeof(*h->processes));
	h->processes_known = true;
	for (int32_t i = 0; i < PROCESSES; i++) {
		h->processes[h->process_count++] = (struct process){1000 + i, 101};
		add_status(m, 1000 + i, 1000 + i);
	}
	for (size_t i = 0; i < VFS; i++) {
		m->vfs[i].netns = "blue";
		m->vfs[i].netns_id = (struct netns_id){101, 1};
		m->vfs[i].known |= VF_BIT(VF_NETNS);
	}
	look(m);
	assert_int_equal(count(m, "numa-far-user"), VFS);
}

/* Each raises interrupts without end: every other one at one CPU of the wrong node, the others at
 * one of its own. */
static void test_interrupts(void **state)
{
	struct many *m = *state;
	struct host *h = &m->p->w->host;
	struct vf_sample *samples = arena_alloc(&h->arena, h->vf_count * sizeof(*samples));
	struct ints *online = arena_alloc(&h->arena, sizeof(*online));

	m->p->samples = samples;
	for (int32_t i = 0; i < 8; i++)
		ints_add(&h->arena, online, i);
	for (size_t i = 0; i < VFS; i++) {
		struct vf_sample *s = &samples[&m->vfs[i] - h->vfs];
		struct interrupts *list = arena_alloc(&h->arena, sizeof(*list));
		double *rates = arena_alloc(&h->arena, VECTORS * sizeof(*rates));

		list->vectors = arena_alloc(&h->arena, VECTORS * sizeof(*list->vectors));
		for (int32_t v = 0; v < VECTORS; v++) {
			ints_add(&h->arena, &list->irqs, 100 + (int32_t)i * VECTORS + v);
			list->vectors[v].in_use = true;
			list->vectors[v].queue = v;
			ints_add(&h->arena, &list->vectors[v].cpus, i % 2 ? 4 : 0);
			rates[v] = 50000 + (double)i;
		}
		list->cpus_known = true;
		list->online = online;
		list->count = 1;
		*s = (struct vf_sample){true, VECTORS * rates[0], rates, true, 1};
		m->vfs[i].interrupts = list;
	}
	look(m);
	assert_int_equal(count(m, "irq-storm"), VFS);
	assert_int_equal(count(m, "irq-one-cpu"), VFS / 2);
	assert_int_equal(count(m, "irq-far-cpus"), VFS / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_home, setup, teardown),
		cmocka_unit_test_setup_teardown(test_named, setup, teardown),
		cmocka_unit_test_setup_teardown(test_held, setup, teardown),
		cmocka_unit_test_setup_teardown(test_netns, setup, teardown),
		cmocka_unit_test_setup_teardown(test_interrupts, setup, teardown),
	};

	return RUN(tests);
}
