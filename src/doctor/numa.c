/* NUMA nodes of PFs, of VFs, and of who uses these. */
#include "doctor/nodes.h"
#include "doctor/parts.h"

#include "core/driver.h"
#include "util/str.h"

#include <string.h>

#define SEE_NUMA "Documentation/admin-guide/mm/numa_memory_policy.rst of the kernel"

static void numa_unknown(struct examination *x, const struct pf *pf)
{
	if (!pf_has(pf, PF_BDF))
		return;
	if (nodes_of(x) == NODES_UNKNOWN && !pf_has(pf, PF_NUMA_NODE))
		unknown(x, "how many NUMA nodes there are is not known");
	if (nodes_of(x) != NODES_SEVERAL)
		return;
	if (pf_has(pf, PF_NUMA_NODE)) {
		fine(x, "NUMA node %d", pf->numa_node);
		return;
	}
	found(x, SEVERITY_INFO, "the firmware does not say on which NUMA node the PF is");
	evidence_fact(x, "%s", device_path(x, "numa_node"));
	evidence_fact(x, "/sys/devices/system/node/has_cpu");
	remedy(x, "update the firmware of the host: its ACPI tables lack _PXM of that root bridge");
}

const struct check check_numa_unknown = {
	.id = "numa-unknown",
	.severity = SEVERITY_INFO,
	.looks_at = "a PF of no NUMA node, on a host with several",
	.meaning = "nobody can choose CPUs and memory near its VFs",
	.see = "Documentation/ABI/testing/sysfs-bus-pci of the kernel, numa_node",
	.pf = numa_unknown,
};

/*
 * Who uses a VF: the CPUs that they may run on. What does the work counts, where threads are named
 * so that it can be told: virtual CPUs (QEMU with debug-threads=on, as libvirt has it: "CPU 0/KVM";
 * Cloud Hypervisor, Firecracker), and workers of DPDK, with which the main thread works as well.
 */
struct user {
	struct ints all, working;
	bool has_workers;
	const char *who; /* of the first process: "qemu-system-x86" */
	int32_t pid;
	size_t processes, unread; /* that could not be looked into */
};

static const char *const vcpu_names[] = {"CPU ", "vcpu", "fc_vcpu", NULL};
static const char *const dpdk_names[] = {
	"lcore-", "dpdk-", "eal-intr-thread", "rte_mp_handle", NULL};
/* They only keep the namespace of a pod. */
static const char *const keepers[] = {"pause", "catatonit", NULL};

static bool begins_with_one_of(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (str_starts(name, *list))
			return true;
	return false;
}

/* What stands behind "Name:" and a tab. */
static const char *field(struct examination *x, const struct fact *f, const char *key)
{
	for (const char *line = f->text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (str_starts(line, key)) {
			line += strlen(key);
			line += strspn(line, " \t");
			return arena_strndup(&x->arena, line, strcspn(line, "\n"));
		}
		if (!*line)
			break;
	}
	return "";
}

static void add_all(struct examination *x, struct ints *to, const struct ints *cpus)
{
	for (size_t i = 0; i < cpus->count; i++)
		ints_add(&x->arena, to, cpus->items[i]);
}

/* Its threads; the first is the main one, or all is said without it. */
static void add_process(struct examination *x, int32_t pid, struct user *u)
{
	const char *prefix = arena_printf(&x->arena, "/proc/%d/task/", pid);
	const struct fact *main_thread = facts_find(x->facts, "/proc/%d/task/%d/status", pid, pid);
	struct ints cpus, main_cpus = {0};
	bool dpdk = false, any = false;

	if (main_thread && begins_with_one_of(field(x, main_thread, "Name:"), keepers))
		return;
	for (const struct fact *f = NULL; (f = facts_next(x->facts, prefix, f));) {
		const char *name = field(x, f, "Name:");

		if (f->sys_errno ||
			!cpus_parse(field(x, f, "Cpus_allowed_list:"), &x->arena, &cpus) ||
			!cpus.count)
			continue;
		any = true;
		if (f == main_thread)
			main_cpus = cpus;
		else
			dpdk |= begins_with_one_of(name, dpdk_names);
		add_all(x, &u->all, &cpus);
		if (begins_with_one_of(name, vcpu_names) || str_starts(name, "lcore-") ||
			str_starts(name, "dpdk-worker")) {
			u->has_workers = true;
			add_all(x, &u->working, &cpus);
		}
	}
	u->unread += !any;
	if (!any)
		return;
	if (dpdk) {
		u->has_workers = true;
		add_all(x, &u->working, &main_cpus);
	}
	if (!u->processes++) {
		u->pid = pid;
		u->who = main_thread ? field(x, main_thread, "Name:") : "";
	}
}

static bool is_held(const struct vf *vf)
{
	return vf_has(vf, VF_DRIVER) && driver_is_vfio(vf->driver) && vf_has(vf, VF_IOMMU_GROUP);
}

static void find_users(struct examination *x, const struct vf *vf, struct user *u)
{
	const struct host *host = x->host;

	for (size_t i = 0; is_held(vf) && i < host->holder_count; i++)
		if (host->holders[i].group == vf->iommu_group)
			add_process(x, host->holders[i].pid, u);
	for (size_t i = 0; vf->netns && vf->netns_id.inode && i < host->process_count; i++)
		if (host->processes[i].netns == vf->netns_id.inode)
			add_process(x, host->processes[i].pid, u);
	ints_sort(&u->all);
	ints_sort(&u->working);
}

/* Many VFs may have the same user, of which there is a lot to read. */
struct known_user {
	uint64_t netns; /* 0: it holds them through vfio */
	int32_t pid;    /* 0: those in the namespace */
	const struct user *user;
};

/* The one that holds it, 0 where there is none or are several. */
static int32_t only_holder(const struct host *host, const struct vf *vf)
{
	int32_t pid = 0;

	for (size_t i = 0; is_held(vf) && i < host->holder_count; i++) {
		if (host->holders[i].group != vf->iommu_group)
			continue;
		if (pid && pid != host->holders[i].pid)
			return 0;
		pid = host->holders[i].pid;
	}
	return pid;
}

static const struct user *user_of(struct examination *x, const struct vf *vf)
{
	struct known_user is = {
		.netns = vf->netns ? vf->netns_id.inode : 0, .pid = only_holder(x->host, vf)};
	struct user *u;

	for (size_t i = 0; (is.netns || is.pid) && i < x->user_count; i++)
		if (x->users[i].netns == is.netns && x->users[i].pid == is.pid)
			return x->users[i].user;
	u = arena_alloc(&x->arena, sizeof(*u));
	find_users(x, vf, u);
	is.user = u;
	x->users = arena_push(&x->arena, x->users, &x->user_count, sizeof(*x->users));
	x->users[x->user_count - 1] = is;
	return u;
}

static void say_far(
	struct examination *x, const struct vf *vf, const struct user *u, const struct ints *cpus)
{
	struct ints near;

	nodes_near(x, vf->numa_node, &near);
	found(x, SEVERITY_WARNING, "its user runs on CPUs of another NUMA node only");
	evidence(x, arena_printf(&x->arena, "/proc/%d/task/*/status", u->pid),
		"%s%s: Cpus_allowed_list %s", u->who,
		u->processes > 1 ? arena_printf(&x->arena, " and %zu more", u->processes - 1) : "",
		cpus_format(cpus, &x->arena));
	evidence(x, device_path(x, "numa_node"), "%d", vf->numa_node);
	evidence_fact(x, "/sys/devices/system/node/node%d/cpulist", vf->numa_node);
	remedy(x,
		"run it on CPUs %s (taskset -a -p -c %s %d; vcpupin and numatune of a VM; "
		"cpuset of a container), or give it a VF of a PF on its own node",
		cpus_format(&near, &x->arena), cpus_format(&near, &x->arena), u->pid);
}

static void numa_far_user(struct examination *x, const struct pf *pf, const struct vf *vf)
{
	const struct user *u;
	const struct ints *cpus;
	struct ints near;

	(void)pf;
	if (!vf_has(vf, VF_NUMA_NODE) || (!vf->netns && !(is_held(vf) && vf->open)))
		return;
	switch (nodes_of(x)) {
	case NODES_UNKNOWN:
		unknown(x, "how many NUMA nodes there are is not known");
		return;
	case NODES_ONE:
		return;
	case NODES_SEVERAL:
		break;
	}
	u = user_of(x, vf);
	/* a namespace may well have no process */
	if (!u->processes && (!vf->netns || u->unread || !x->host->processes_known))
		unknown(x, "the processes that use it could not be looked into");
	if (!u->processes || !nodes_near(x, vf->numa_node, &near))
		return;
	cpus = u->has_workers && u->working.count ? &u->working : &u->all;
	if (!cpus_any(cpus, &near))
		say_far(x, vf, u, cpus);
}

const struct check check_numa_far_user = {
	.id = "numa-far-user",
	.severity = SEVERITY_WARNING,
	.looks_at = "a VF whose user may run on CPUs of other NUMA nodes only",
	.meaning =
		"all that it sends and receives crosses between the nodes: slower, and less of it",
	.see = SEE_NUMA,
	.vf = numa_far_user,
};
