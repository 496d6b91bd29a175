/* The doctor: interrupts of VFs, and NUMA nodes. */
#include "unit.h"

#include "doctor.h"

#include "core/cpus.h"

#define QUEUES 4

/* The vectors of one VF and what they raise: 30, 31, ... of queues 0, 1, ... and one of none. */
static struct busy {
	struct vf *vf;
	struct interrupts interrupts;
	int32_t irqs[QUEUES + 1], cpus[QUEUES + 1];
	struct vector vectors[QUEUES + 1];
	double rates[QUEUES + 1];
	struct vf_sample samples[FIXTURE_VFS];
	struct ints online;
	int32_t online_cpus[8];
} b;

static void set_rate(double each)
{
	struct vf_sample *s = &b.samples[0];

	s->interrupts = 0;
	for (size_t i = 0; i < QUEUES; i++)
		s->interrupts += b.rates[i] = each;
}

static void set_cpus(int32_t a, int32_t c, int32_t d, int32_t e)
{
	const int32_t to[] = {a, c, d, e};

	memcpy(b.cpus, to, sizeof(to));
}

/* eth0/0, on node 0 whose CPUs are 0-3, busy as it should be. */
static struct patient *setup(void **state)
{
	struct patient *p = *state;

	memset(&b, 0, sizeof(b));
	b.vf = world_vf(p->w, "eth0/0");
	assert_ptr_equal(b.vf, p->w->host.vfs);
	b.online = (struct ints){b.online_cpus, 8};
	for (int32_t i = 0; i < 8; i++)
		b.online_cpus[i] = i;
	for (int32_t i = 0; i <= QUEUES; i++) {
		b.irqs[i] = 30 + i;
		b.vectors[i] = (struct vector){.count = 1000,
			.cpus = {&b.cpus[i], 1},
			.queue = i < QUEUES ? i : -1,
			.in_use = true};
	}
	b.interrupts = (struct interrupts){.irqs = {b.irqs, QUEUES + 1},
		.vectors = b.vectors,
		.cpus_known = true,
		.online = &b.online,
		.count = 5000};
	b.vf->interrupts = &b.interrupts;
	b.samples[0] = (struct vf_sample){
		.known = true, .vectors = b.rates, .packets_known = true, .packets = 400000};
	set_rate(8000);
	set_cpus(0, 1, 2, 3);
	p->samples = b.samples;
	return p;
}

static void storm(void **state)
{
	struct patient *p = setup(state);
	const struct finding *f;

	silent(p, "irq-storm");
	/* as many as are for latency, each for a packet */
	set_rate(100000);
	silent(p, "irq-storm");
	/* without packets */
	b.samples[0].packets = 0;
	f = finds(p, "irq-storm", SEVERITY_PROBLEM, "eth0/0", "storm");
	assert_contains(f->evidence[0].source, "/proc/interrupts line 30");
	assert_contains(f->evidence[0].value, "100000");
	/* RDMA is not counted */
	fact_names(p, "/sys/bus/pci/devices/0000:21:10.0/infiniband", "mlx5_2");
	silent(p, "irq-storm");
	fact_gone(p, "/sys/bus/pci/devices/0000:21:10.0/infiniband");
	/* nobody counts packets: it may be well */
	b.samples[0].packets_known = false;
	silent(p, "irq-storm");
	set_rate(200000);
	finds(p, "irq-storm", SEVERITY_WARNING, "eth0/0", "far more");
	/* few, and no packets: some timer of its driver */
	b.samples[0].packets_known = true;
	set_rate(500);
	silent(p, "irq-storm");
	/* one vector of several */
	b.rates[2] = 30000;
	b.samples[0].interrupts = 31500;
	f = finds(p, "irq-storm", SEVERITY_PROBLEM, "eth0/0", "storm");
	assert_contains(f->evidence[0].source, "line 32");
}

static void not_sampled(void **state)
{
	static const char *const ids[] = {"irq-storm", "irq-one-cpu", "irq-far-cpus"};
	struct patient *p = setup(state);

	for (size_t i = 0; i < 3; i++) {
		assert_true(check_find(ids[i])->by_rates);
		p->samples = NULL;
		not_known(p, ids[i]);
		p->samples = b.samples;
		b.samples[0].known = false;
		not_known(p, ids[i]);
		b.samples[0].known = true;
		b.vf->interrupts = NULL;
		not_known(p, ids[i]);
		/* nothing was ever raised: nothing to judge */
		b.vf->interrupts = &b.interrupts;
		b.interrupts.count = 0;
		p->samples = NULL;
		silent(p, ids[i]);
		b.interrupts.count = 5000;
		p->samples = b.samples;
	}
}

static void one_cpu(void **state)
{
	struct patient *p = setup(state);
	const struct finding *f;

	silent(p, "irq-one-cpu");
	set_cpus(2, 2, 2, 2);
	b.cpus[QUEUES] = 3; /* that of no queue goes elsewhere */
	f = finds(p, "irq-one-cpu", SEVERITY_WARNING, "eth0/0", "one CPU");
	assert_contains(f->remedy, "echo 1 >/proc/irq/31/smp_affinity_list");
	/* the far one is told of once */
	set_cpus(5, 5, 5, 5);
	silent(p, "irq-one-cpu");
	finds(p, "irq-far-cpus", SEVERITY_WARNING, "eth0/0", "another NUMA node");
	set_cpus(2, 2, 2, 2);
	/* many packets, of which few interrupt */
	set_rate(1000);
	finds(p, "irq-one-cpu", SEVERITY_WARNING, "eth0/0", "one CPU");
	/* nobody cares */
	b.samples[0].packets = 4000;
	silent(p, "irq-one-cpu");
	/* the two vectors of one queue belong together */
	set_rate(8000);
	for (size_t i = 0; i < QUEUES; i++)
		b.vectors[i].queue = 0;
	silent(p, "irq-one-cpu");
	/* all traffic is in one queue: spreading helps nobody */
	for (size_t i = 0; i < QUEUES; i++)
		b.vectors[i].queue = (int32_t)i;
	set_rate(10);
	b.rates[3] = 20000;
	b.samples[0].interrupts = 20030;
	silent(p, "irq-one-cpu");
	/* someone wants it so */
	set_rate(8000);
	fact(p, "/proc/cmdline", "irqaffinity=2 quiet");
	finds(p, "irq-one-cpu", SEVERITY_INFO, "eth0/0", "one CPU");
	/* there is no other */
	fact(p, "/proc/cmdline", "quiet");
	b.online.count = 1;
	silent(p, "irq-one-cpu");
	b.online.count = 8;
	b.interrupts.cpus_known = false;
	not_known(p, "irq-one-cpu");
}

static void far_cpus(void **state)
{
	struct patient *p = setup(state);
	const struct finding *f;

	silent(p, "irq-far-cpus");
	set_cpus(0, 1, 2, 5); /* a quarter of them */
	silent(p, "irq-far-cpus");
	set_cpus(0, 5, 6, 7);
	f = finds(p, "irq-far-cpus", SEVERITY_WARNING, "eth0/0", "another NUMA node");
	assert_contains(f->evidence[0].value, "32000 interrupts a second, 24000");
	assert_string_equal(f->evidence[1].value, "5-7");
	assert_contains(f->remedy, "echo 3 >/proc/irq/33/smp_affinity_list");
	b.samples[0].packets_known = false;
	set_rate(1000);
	silent(p, "irq-far-cpus");
	set_rate(8000);
	/* parts of one socket */
	fact(p, "/sys/devices/system/node/node0/distance", "10 12");
	silent(p, "irq-far-cpus");
	fact_gone(p, "/sys/devices/system/node/has_cpu");
	silent(p, "irq-far-cpus");
	fact_forget(p, "/sys/devices/system/node/has_cpu");
	not_known(p, "irq-far-cpus");
	b.vf->known &= ~VF_BIT(VF_NUMA_NODE);
	silent(p, "irq-far-cpus");
}

/* A thread of a process, and the CPUs it may run on. */
static void thread(struct patient *p, int pid, int tid, const char *name, const char *cpus)
{
	char path[64], text[128];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/status", pid, tid);
	snprintf(text, sizeof(text), "Name:\t%s\nCpus_allowed_list:\t%s", name, cpus);
	fact(p, path, text);
}

/* eth0/1 is held through vfio by process 700. */
static struct vf *hold(struct patient *p)
{
	struct vf *vf = world_vf(p->w, "eth0/1");
	struct host *h = &p->w->host;

	world_vfio(h, vf);
	vf->open = true;
	h->holders[h->holder_count++] = (struct vfio_holder){vf->iommu_group, 700, "qemu"};
	return vf;
}

static void held(void **state)
{
	struct patient *p = *state;
	struct vf *vf = hold(p);
	const struct finding *f;

	not_known(p, "numa-far-user"); /* nobody could look into it */
	thread(p, 700, 700, "qemu", "0-7");
	silent(p, "numa-far-user");
	thread(p, 700, 700, "qemu", "5-7");
	f = finds(p, "numa-far-user", SEVERITY_WARNING, "eth0/1", "another NUMA node");
	assert_string_equal(f->evidence[0].source, "/proc/700/task/*/status");
	assert_string_equal(f->evidence[0].value, "qemu: Cpus_allowed_list 5-7");
	assert_string_equal(f->evidence[2].value, "0-3");
	assert_contains(f->remedy, "taskset -a -p -c 0-3 700");
	/* one of its threads may */
	thread(p, 700, 701, "worker", "3-4");
	silent(p, "numa-far-user");
	/* but no virtual CPU */
	thread(p, 700, 702, "CPU 0/KVM", "6");
	f = finds(p, "numa-far-user", SEVERITY_WARNING, "eth0/1", "another NUMA node");
	assert_contains(f->evidence[0].value, "list 6");
	thread(p, 700, 703, "CPU 1/KVM", "2");
	silent(p, "numa-far-user");
	/* parts of one socket */
	thread(p, 700, 703, "CPU 1/KVM", "7");
	finds(p, "numa-far-user", SEVERITY_WARNING, "eth0/1", "another NUMA node");
	fact(p, "/sys/devices/system/node/node0/distance", "10 11");
	silent(p, "numa-far-user");
	fact_forget(p, "/sys/devices/system/node/node0/distance");
	finds(p, "numa-far-user", SEVERITY_WARNING, "eth0/1", "another NUMA node");
	vf->open = false;
	silent(p, "numa-far-user");
}

static void dpdk(void **state)
{
	struct patient *p = *state;

	hold(p);
	/* its main thread works, its helpers may run anywhere */
	thread(p, 700, 700, "testpmd", "4");
	thread(p, 700, 701, "eal-intr-thread", "0-7");
	thread(p, 700, 702, "rte_mp_handle", "0-7");
	finds(p, "numa-far-user", SEVERITY_WARNING, "eth0/1", "another NUMA node");
	thread(p, 700, 703, "lcore-worker-1", "1");
	silent(p, "numa-far-user");
	thread(p, 700, 703, "dpdk-worker1", "5");
	finds(p, "numa-far-user", SEVERITY_WARNING, "eth0/1", "another NUMA node");
	fact_gone(p, "/sys/devices/system/node/has_cpu");
	silent(p, "numa-far-user");
	fact_forget(p, "/sys/devices/system/node/has_cpu");
	not_known(p, "numa-far-user");
}

static void elsewhere(void **state)
{
	struct patient *p = *state;
	static struct process there[] = {{900, 101}, {901, 101}, {902, 102}};
	struct host *h = &p->w->host;

	world_away(p->w, "eth1/0", "blue", "lan0");
	h->processes_known = true;
	silent(p, "numa-far-user"); /* nobody in there */
	h->processes = there;
	h->process_count = 3;
	not_known(p, "numa-far-user");
	thread(p, 900, 900, "pause", "0-7");
	thread(p, 901, 901, "nginx", "0-3");
	thread(p, 902, 902, "other", "0-7");
	finds(p, "numa-far-user", SEVERITY_WARNING, "eth1/0", "another NUMA node");
	thread(p, 901, 905, "nginx", "3-4");
	silent(p, "numa-far-user");
	h->process_count = 0;
	h->processes_known = false;
	not_known(p, "numa-far-user");
}

static void node_of_pf(void **state)
{
	struct patient *p = *state;

	silent(p, "numa-unknown");
	p->w->eth1->known &= ~PF_BIT(PF_NUMA_NODE);
	fact(p, "/sys/bus/pci/devices/0000:41:00.0/numa_node", "-1");
	assert_string_equal(
		finds(p, "numa-unknown", SEVERITY_INFO, "eth1", "firmware")->evidence[0].value,
		"-1");
	/* memory alone makes no second one */
	fact(p, "/sys/devices/system/node/has_cpu", "0");
	silent(p, "numa-unknown");
	fact_gone(p, "/sys/devices/system/node/has_cpu");
	silent(p, "numa-unknown");
	fact_forget(p, "/sys/devices/system/node/has_cpu");
	not_known(p, "numa-unknown");
}

static void lists(void **state)
{
	static const char *const texts[] = {"", "0", "0-3", "0-1,3,5-7", "2,4,65535"};
	struct patient *p = *state;
	struct ints cpus;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_true(cpus_parse(texts[i], &p->facts.arena, &cpus));
		assert_string_equal(cpus_format(&cpus, &p->facts.arena), texts[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(storm, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(not_sampled, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(one_cpu, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(far_cpus, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(held, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(dpdk, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(elsewhere, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(node_of_pf, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(lists, patient_setup, patient_teardown),
	};

	return RUN(tests);
}
