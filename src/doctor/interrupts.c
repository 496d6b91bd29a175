/* How often VFs raise interrupts, and which CPUs have to serve them. */
#include "doctor/nodes.h"
#include "doctor/parts.h"

/*
 * Drivers and devices hold interrupts back: a vector that has work all the time raises a few
 * thousand a second, up to some ten thousand where it is tuned for latency (igb and ixgbe at most
 * 70000 and 100000: IGB_70K_ITR, IXGBE_100K_ITR), and fewer under load, since NAPI polls then. One
 * interrupt is for one packet at least.
 */
#define STORM_BARE 10000 /* a second, of one vector, without packets to go with them */
#define STORM 150000     /* whatever they are for */
#define PER_PACKET 10    /* interrupts for each packet */
/* From here on it counts where they are served: some percent of a CPU. By the packets as well, for
 * of many packets few interrupt. A second, all vectors of a VF together. */
#define BUSY 5000
#define BUSY_PACKETS 25000

#define SOURCE "/proc/interrupts"
#define SEE_IRQ "Documentation/core-api/irq/irq-affinity.rst of the kernel"

/* That of a VF whose vectors are in use, or NULL: nothing to judge, or it says that it cannot be
 * known. */
static const struct vf_sample *sample_of(struct examination *x, const struct vf *vf)
{
	const struct vf_sample *s = x->samples ? &x->samples[vf - x->host->vfs] : NULL;

	if (!vf->interrupts && vf_has(vf, VF_BDF))
		unknown(x, "its interrupts are not known");
	if (!vf->interrupts || !vf->interrupts->count)
		return NULL;
	if (!s)
		unknown(x, "%s", x->unsampled ? x->unsampled : "there was no second look");
	else if (!s->known)
		unknown(x, "its interrupts were not counted both times");
	return s && s->known ? s : NULL;
}

static bool is_busy(const struct vf_sample *s)
{
	return s->interrupts >= BUSY ||
	       (s->interrupts > 0 && s->packets_known && s->packets >= BUSY_PACKETS);
}

static size_t busiest(const struct interrupts *i, const struct vf_sample *s)
{
	size_t most = 0;

	for (size_t v = 1; v < i->irqs.count; v++)
		if (s->vectors[v] > s->vectors[most])
			most = v;
	return most;
}

static const char *queue_text(struct examination *x, const struct vector *v)
{
	return v->queue < 0 ? "" : arena_printf(&x->arena, ", queue %d", v->queue);
}

static void evidence_vector(
	struct examination *x, const struct interrupts *i, const struct vf_sample *s, size_t v)
{
	const struct vector *vector = &i->vectors[v];

	evidence(x, arena_printf(&x->arena, SOURCE " line %d", i->irqs.items[v]),
		"%.0f interrupts a second%s", s->vectors[v], queue_text(x, vector));
}

/* What RDMA receives interrupts as well, and is in no counter of packets. */
static bool has_rdma(struct examination *x)
{
	const struct fact *devices = facts_find(x->facts, "%s", device_path(x, "infiniband"));

	return devices && devices->names.count;
}

static void irq_storm(struct examination *x, const struct pf *pf, const struct vf *vf)
{
	const struct vf_sample *s = sample_of(x, vf);
	size_t most;

	(void)pf;
	if (!s)
		return;
	most = busiest(vf->interrupts, s);
	if (s->vectors[most] >= STORM_BARE && s->packets_known &&
		s->interrupts > PER_PACKET * s->packets && !has_rdma(x)) {
		found(x, SEVERITY_PROBLEM, "an interrupt storm, with hardly any packets");
		remedy(x, "stop who uses it, then: sriovctl vf reset " DOCTOR_OBJECT);
	} else if (s->vectors[most] >= STORM) {
		found(x, SEVERITY_WARNING, "far more interrupts than a NIC should raise");
		remedy(x, "have its user moderate interrupts: ethtool -C %s adaptive-rx on",
			vf_has(vf, VF_IFNAME) ? vf->ifname : "INTERFACE");
	} else {
		return;
	}
	evidence_vector(x, vf->interrupts, s, most);
	if (s->packets_known)
		evidence(x, "counters of packets", "%.0f packets a second", s->packets);
}

const struct check check_irq_storm = {
	.id = "irq-storm",
	.severity = SEVERITY_PROBLEM,
	.looks_at = "a VF that raises interrupts without end",
	.meaning = "a CPU has hardly time for anything else",
	.see = "ethtool(8), --coalesce",
	.by_rates = true,
	.vf = irq_storm,
};

/* Do two or more of its queues raise a tenth of its interrupts or more each, all of them where one
 * CPU alone serves them? */
static bool shares_one_cpu(const struct interrupts *i, const struct vf_sample *s, int32_t *cpu)
{
	int32_t queue = -1;
	bool several = false;

	*cpu = -1;
	for (size_t v = 0; v < i->irqs.count; v++) {
		const struct vector *vector = &i->vectors[v];

		if (!vector->in_use || vector->queue < 0 || s->vectors[v] * 10 < s->interrupts)
			continue;
		if (vector->cpus.count != 1 || (*cpu >= 0 && vector->cpus.items[0] != *cpu))
			return false;
		*cpu = vector->cpus.items[0];
		several |= queue >= 0 && queue != vector->queue;
		queue = vector->queue;
	}
	return several;
}

/* "echo 2 >/proc/irq/37/smp_affinity_list; ..." for each of its queues, over these CPUs */
static const char *spread(
	struct examination *x, const struct interrupts *i, const struct ints *cpus)
{
	const char *text = "";

	for (size_t v = 0; cpus->count && v < i->irqs.count; v++)
		if (i->vectors[v].in_use && i->vectors[v].queue >= 0)
			text = arena_printf(&x->arena,
				"%s; echo %d >/proc/irq/%d/smp_affinity_list", text,
				cpus->items[(size_t)i->vectors[v].queue % cpus->count],
				i->irqs.items[v]);
	return text[0] ? text + 2 : "";
}

/* Those CPUs that are online. */
static struct ints online_of(
	struct examination *x, const struct ints *cpus, const struct interrupts *i)
{
	struct ints list = {0};

	for (size_t c = 0; i->online && c < cpus->count; c++)
		if (ints_have(i->online, cpus->items[c]))
			ints_add(&x->arena, &list, cpus->items[c]);
	return list;
}

/* The CPUs that should serve a VF: those near it, where that is known. */
static struct ints home_cpus(struct examination *x, const struct vf *vf)
{
	struct ints near = {0};

	if (vf_has(vf, VF_NUMA_NODE))
		nodes_near(x, vf->numa_node, &near);
	near = online_of(x, &near, vf->interrupts);
	if (!near.count && vf->interrupts->online)
		near = *vf->interrupts->online;
	return near;
}

/* Someone has said which CPUs are to serve interrupts, and which are to be left alone. */
static bool is_partitioned(struct examination *x)
{
	return boot_option(x, "irqaffinity") || boot_option(x, "isolcpus") ||
	       boot_option(x, "nohz_full");
}

static void irq_one_cpu(struct examination *x, const struct pf *pf, const struct vf *vf)
{
	const struct vf_sample *s = sample_of(x, vf);
	const struct interrupts *i = vf->interrupts;
	struct ints home;
	int32_t cpu;

	(void)pf;
	if (!s || !is_busy(s))
		return;
	if (!i->cpus_known) {
		unknown(x, "where its interrupts go is not known");
		return;
	}
	home = home_cpus(x, vf);
	/* one that is far is irq-far-cpus', whose remedy spreads them as well */
	if (home.count < 2 || !shares_one_cpu(i, s, &cpu) || !ints_have(&home, cpu))
		return;
	found(x, is_partitioned(x) ? SEVERITY_INFO : SEVERITY_WARNING,
		"all of its busy queues interrupt one CPU");
	for (size_t v = 0; v < i->irqs.count; v++)
		if (i->vectors[v].in_use && s->vectors[v] * 10 >= s->interrupts)
			evidence_vector(x, i, s, v);
	evidence(x, "/proc/irq/*/effective_affinity_list", "%d", cpu);
	remedy(x, "start irqbalance, or: %s", spread(x, i, &home));
}

const struct check check_irq_one_cpu = {
	.id = "irq-one-cpu",
	.severity = SEVERITY_WARNING,
	.looks_at = "several busy queues of a VF that interrupt one CPU alone",
	.meaning = "that CPU bounds what the VF can receive, however many queues it has",
	.see = SEE_IRQ,
	.by_rates = true,
	.vf = irq_one_cpu,
};

static void irq_far_cpus(struct examination *x, const struct pf *pf, const struct vf *vf)
{
	const struct vf_sample *s = sample_of(x, vf);
	const struct interrupts *i = vf->interrupts;
	struct ints near, cpus = {0};
	double far = 0;

	(void)pf;
	if (!s || !is_busy(s) || !vf_has(vf, VF_NUMA_NODE))
		return;
	if (nodes_of(x) != NODES_SEVERAL || !i->cpus_known) {
		if (nodes_of(x) == NODES_UNKNOWN || !i->cpus_known)
			unknown(x, "which CPUs are near it, or serve it, is not known");
		return;
	}
	if (!nodes_near(x, vf->numa_node, &near) || !online_of(x, &near, i).count)
		return;
	for (size_t v = 0; v < i->irqs.count; v++) {
		const struct ints *to = &i->vectors[v].cpus;

		if (!i->vectors[v].in_use || !to->count || cpus_any(to, &near))
			continue;
		far += s->vectors[v];
		for (size_t c = 0; c < to->count; c++)
			ints_add(&x->arena, &cpus, to->items[c]);
	}
	if (far * 2 < s->interrupts)
		return;
	ints_sort(&cpus);
	near = online_of(x, &near, i);
	found(x, SEVERITY_WARNING, "CPUs of another NUMA node serve its interrupts");
	evidence(x, SOURCE, "%.0f interrupts a second, %.0f of them there", s->interrupts, far);
	evidence(x, "/proc/irq/*/effective_affinity_list", "%s", cpus_format(&cpus, &x->arena));
	evidence(x, device_path(x, "numa_node"), "%d", vf->numa_node);
	evidence_fact(x, "/sys/devices/system/node/node%d/cpulist", vf->numa_node);
	remedy(x, "start irqbalance, or: %s", spread(x, i, &near));
}

const struct check check_irq_far_cpus = {
	.id = "irq-far-cpus",
	.severity = SEVERITY_WARNING,
	.looks_at = "busy interrupts of a VF that CPUs of another NUMA node serve",
	.meaning = "what the VF receives crosses between the nodes: slower, and less of it",
	.see = SEE_IRQ,
	.by_rates = true,
	.vf = irq_far_cpus,
};
