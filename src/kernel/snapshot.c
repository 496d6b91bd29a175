/*
 * Recording a host: the sysfs files and raw netlink answers that discovery reads, in
 * the same places below a directory, so that the same code reads them back.
 */
#include "kernel/blocked.h"
#include "kernel/ethtool.h"
#include "kernel/facts.h"
#include "kernel/interrupts.h"
#include "kernel/netns.h"
#include "kernel/pci.h"
#include "kernel/rtnl.h"
#include "kernel/sysfs.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/str.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#define JOINED_NEEDS (NEED_VFS | NEED_IDS | NEED_USAGE | NEED_NETNS | NEED_PROCESSES | NEED_BLOCKED)

struct recorder {
	const struct kernel *k;
	int out;       /* the directory being filled */
	int sys_errno; /* the first failure to write, positive; 0 for none */
	const char *failed;
	size_t netns_count;
	struct ints irqs;    /* of VFs */
	int64_t counted_ms;  /* when they were (monotonic); 0: none is in use */
	struct host blocked; /* its blocked: what must not be read because of them */
	struct arena arena;
};

static const char *const device_files[] = {"vendor", "device", "class", "numa_node"};
static const char *const pf_files[] = {"sriov_totalvfs", "sriov_offset", "sriov_stride",
	"sriov_vf_device", "sriov_drivers_autoprobe"};
static const char *const vf_files[] = {"driver_override", "reset_method", "enable", "config"};
static const char *const device_links[] = {"driver", "physfn"};
static const char *const net_files[] = {
	"ifindex", "mtu", "address", "flags", "carrier", "operstate", "speed"};

static void failed(struct recorder *r, const char *path)
{
	if (r->sys_errno)
		return;
	r->sys_errno = errno ? errno : EIO;
	r->failed = arena_strdup(&r->arena, path);
}

static void make_dirs(struct recorder *r, const char *path)
{
	char *copy = arena_strdup(&r->arena, path);

	for (char *p = copy + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = 0;
		if (mkdirat(r->out, copy, 0755) < 0 && errno != EEXIST)
			failed(r, copy);
		*p = '/';
	}
}

static void put_file(struct recorder *r, const char *path, const void *data, size_t len)
{
	cleanup_close int fd = -1;

	make_dirs(r, path);
	fd = openat(r->out, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		failed(r, path);
}

static void copy_file(struct recorder *r, const char *path)
{
	char data[4096];
	cleanup_close int fd = openat(r->k->root, path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0 || faccessat(r->out, path, F_OK, 0) == 0)
		return; /* absent here, absent there; PFs may share a bridge */
	n = read(fd, data, sizeof(data));
	if (n >= 0)
		put_file(r, path, data, (size_t)n);
}

static bool copy_link(struct recorder *r, const char *path)
{
	char target[512];
	ssize_t n = readlinkat(r->k->sys, path + strlen("sys/"), target, sizeof(target) - 1);

	if (n < 0)
		return false;
	target[n] = 0;
	make_dirs(r, path);
	if (symlinkat(target, r->out, path) < 0 && errno != EEXIST)
		failed(r, path);
	return true;
}

/* A directory that sysfs reaches through a link: the link, and the real one behind it. */
static void copy_linked_dir(struct recorder *r, const char *path)
{
	char target[512];
	ssize_t n = readlinkat(r->k->sys, path + strlen("sys/"), target, sizeof(target) - 1);
	const char *slash = strrchr(path, '/');

	if (n < 0) {
		make_dirs(r, arena_printf(&r->arena, "%s/", path));
		return;
	}
	target[n] = 0;
	make_dirs(r, path);
	make_dirs(r, arena_printf(&r->arena, "%.*s/%s/", (int)(slash - path), path, target));
	if (symlinkat(target, r->out, path) < 0)
		failed(r, path);
}

static void copy_files(struct recorder *r, const char *dir, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		copy_file(r, arena_printf(&r->arena, "%s/%s", dir, names[i]));
}

/* Which they are; what is said of them follows in record_vector_files(). */
static void record_vectors(struct recorder *r, const char *name)
{
	struct bdf bdf;
	struct ints irqs;

	if (!bdf_parse(name, &bdf) || irqs_list(r->k->devices, bdf, &r->arena, &irqs) < 0)
		return;
	for (size_t i = 0; i < irqs.count; i++) {
		copy_file(r, arena_printf(&r->arena, "sys/bus/pci/devices/%s/msi_irqs/%d", name,
				     irqs.items[i]));
		r->irqs.items = arena_push(
			&r->arena, r->irqs.items, &r->irqs.count, sizeof(*r->irqs.items));
		r->irqs.items[r->irqs.count - 1] = irqs.items[i];
	}
}

static void record_vf(struct recorder *r, const char *dir, const char *name)
{
	struct bdf bdf;
	char *driver = arena_printf(&r->arena, "%s/driver", name);

	for (size_t i = 0; bdf_parse(name, &bdf) && i < ARRAY_SIZE(vf_files); i++) {
		const struct host *b = &r->blocked;

		if (strcmp(vf_files[i], "config") == 0 && blocked_config(b, bdf))
			continue;
		if (strcmp(vf_files[i], "driver_override") == 0 &&
			blocked_lock(b, bdf, faccessat(r->k->devices, driver, F_OK, 0) == 0))
			continue;
		copy_file(r, arena_printf(&r->arena, "%s/%s", dir, vf_files[i]));
	}
	if (faccessat(r->k->devices, arena_printf(&r->arena, "%s/reset", name), F_OK, 0) == 0)
		put_file(r, arena_printf(&r->arena, "%s/reset", dir), "", 0);
	record_vectors(r, name);
}

static void record_pf(struct recorder *r, const char *dir, const char *name)
{
	struct bdf bdf, bridge;

	copy_files(r, dir, pf_files, ARRAY_SIZE(pf_files));
	if (!bdf_parse(name, &bdf))
		return;
	if (!blocked_config(&r->blocked, bdf))
		copy_file(r, arena_printf(&r->arena, "%s/config", dir));
	if (pci_find_bridge(r->k, bdf, &bridge) && !blocked_config(&r->blocked, bridge))
		copy_file(r, arena_printf(&r->arena, "%s/../config", dir));
}

static void record_device(struct recorder *r, const char *name)
{
	char *dir = arena_printf(&r->arena, "sys/bus/pci/devices/%s", name);
	struct strings names;

	copy_linked_dir(r, dir);
	copy_files(r, dir, device_files, ARRAY_SIZE(device_files));
	for (size_t i = 0; i < ARRAY_SIZE(device_links); i++)
		copy_link(r, arena_printf(&r->arena, "%s/%s", dir, device_links[i]));
	/* the group itself as well, which says of what type it is */
	if (faccessat(r->k->devices, arena_printf(&r->arena, "%s/iommu_group", name), F_OK, 0) == 0)
		copy_linked_dir(r, arena_printf(&r->arena, "%s/iommu_group", dir));
	if (faccessat(r->k->devices, arena_printf(&r->arena, "%s/physfn", name), F_OK, 0) == 0)
		record_vf(r, dir, name);
	/* there, though empty, while the interface is in another namespace */
	if (faccessat(r->k->devices, arena_printf(&r->arena, "%s/net", name), F_OK, 0) == 0)
		make_dirs(r, arena_printf(&r->arena, "%s/net/", dir));
	if (faccessat(r->k->devices, arena_printf(&r->arena, "%s/sriov_totalvfs", name), F_OK, 0) <
		0)
		return;
	record_pf(r, dir, name);
	sysfs_list(r->k->devices, name, &r->arena, &names);
	for (size_t i = 0; i < names.count; i++)
		if (str_starts(names.items[i], "virtfn"))
			copy_link(r, arena_printf(&r->arena, "%s/%s", dir, names.items[i]));
}

/* A PF that is no PCI device (netdevsim) is known by the presence of sriov_numvfs, which
 * is never read: see virtfn_indexes() in discover.c. */
static void record_other_pf(struct recorder *r, const char *net_dir)
{
	char *numvfs = arena_printf(&r->arena, "%s/device/sriov_numvfs", net_dir);
	char *totalvfs = arena_printf(&r->arena, "%s/device/sriov_totalvfs", net_dir);

	if (faccessat(r->k->sys, numvfs + strlen("sys/"), F_OK, 0) < 0 ||
		faccessat(r->k->sys, totalvfs + strlen("sys/"), F_OK, 0) == 0)
		return;
	copy_link(r, arena_printf(&r->arena, "%s/device", net_dir));
	put_file(r, numvfs, "", 0);
	copy_link(r, arena_printf(&r->arena, "%s/device/driver", net_dir));
}

/* Directories that count by being there. */
static void record_names(struct recorder *r, const char *dir)
{
	struct strings names;

	sysfs_list(r->k->sys, dir, &r->arena, &names);
	for (size_t i = 0; i < names.count; i++)
		make_dirs(r, arena_printf(&r->arena, "sys/%s/%s/", dir, names.items[i]));
}

static void record_sysfs(struct recorder *r)
{
	struct strings names = {0};

	if (r->k->devices >= 0)
		sysfs_list(r->k->devices, ".", &r->arena, &names);
	for (size_t i = 0; i < names.count; i++)
		record_device(r, names.items[i]);
	sysfs_list(r->k->sys, "class/net", &r->arena, &names);
	for (size_t i = 0; i < names.count; i++) {
		char *dir = arena_printf(&r->arena, "sys/class/net/%s", names.items[i]);

		copy_linked_dir(r, dir);
		copy_files(r, dir, net_files, ARRAY_SIZE(net_files));
		record_other_pf(r, dir);
	}
	record_names(r, "bus/pci/drivers");
	record_names(r, "class/iommu");
	copy_file(r, "sys/module/vfio/parameters/enable_unsafe_noiommu_mode");
}

/* Of the vectors of VFs where they go, how often each was raised while nobody handled it, and the
 * CPUs that all this is of. */
static void record_vector_files(struct recorder *r)
{
	struct strings nodes;

	ints_sort(&r->irqs);
	for (size_t i = 0; i < r->irqs.count; i++) {
		const int irq = r->irqs.items[i];

		copy_file(r, arena_printf(&r->arena, "proc/irq/%d/effective_affinity_list", irq));
		copy_file(r, arena_printf(&r->arena, "proc/irq/%d/smp_affinity_list", irq));
		copy_file(r, arena_printf(&r->arena, "sys/kernel/irq/%d/per_cpu_count", irq));
	}
	copy_file(r, "sys/devices/system/cpu/possible");
	sysfs_list(r->k->sys, "devices/system/node", &r->arena, &nodes);
	for (size_t i = 0; i < nodes.count; i++)
		copy_file(r, arena_printf(&r->arena, "sys/devices/system/node/%s/cpulist",
				     nodes.items[i]));
}

/* The lines of VFs in /proc/interrupts; false when there are none. *at: when they were read. The
 * head is recorded in any case: that it is there says that VFs without vectors have none. */
static bool record_counts(struct recorder *r, const char *path, int64_t *at)
{
	struct buffer text = {0}, ours = {0};
	bool any = false;

	if (proc_read(r->k->root, "proc/interrupts", &text) == 0) {
		*at = clock_ms();
		interrupts_filter(text.data, text.len, &r->irqs, &ours);
		put_file(r, path, ours.data, ours.len);
		any = ours.len && memchr(ours.data, '\n', ours.len) != ours.data + ours.len - 1;
	}
	buffer_free(&text);
	buffer_free(&ours);
	return any;
}

/* How often they are raised, twice where there are any, so that there are rates. In between
 * nothing else is done, so that these are the host's and not ours. */
static void record_interrupts(struct recorder *r)
{
	struct buffer text = {0};
	int64_t first, second;

	if (!record_counts(r, "proc/interrupts", &first))
		return;
	while (clock_left(first + RATE_MS))
		poll(NULL, 0, clock_left(first + RATE_MS));
	if (record_counts(r, LATER_INTERRUPTS, &second)) {
		char *ms = arena_printf(&r->arena, "%lld\n", (long long)(second - first));

		put_file(r, LATER_MS, ms, strlen(ms));
	}
	if (rtnl_ask(r->k, RTNL_LINKS_STATS, NULL, &text) == 0)
		put_file(r, LATER_STATS, text.data, text.len);
	buffer_free(&text);
}

/* there: a namespace, NULL: ours. */
static void record_netlink(struct recorder *r, const char *dir, struct rtnl *there)
{
	for (unsigned q = 0; q < RTNL_QUERY_COUNT; q++) {
		struct buffer answer = {0};

		if (rtnl_ask(r->k, q, there, &answer) == 0)
			put_file(r, arena_printf(&r->arena, "%s/%s", dir, rtnl_query_names[q]),
				answer.data, answer.len);
		buffer_free(&answer);
	}
}

static void record_driver(struct recorder *r, const char *dir, const struct link *l,
	struct ethtool *e, struct driver_stats *stats)
{
	struct driver_info info;
	struct buffer text = {0};

	if (ethtool_info(e, l->ifindex, l->name, &info) == 0) {
		ethtool_encode_info(&info, &text);
		put_file(r, arena_printf(&r->arena, "%s/%s/driver", dir, l->name), text.data,
			text.len);
	}
	text.len = 0;
	if (ethtool_stats(e, l->ifindex, l->name, stats) == 0) {
		ethtool_encode_stats(stats, &text);
		put_file(r, arena_printf(&r->arena, "%s/%s/statistics", dir, l->name), text.data,
			text.len);
	}
	buffer_free(&text);
}

/* What the drivers of these interfaces say: of devices, others have nothing of the kind. */
static void record_drivers(struct recorder *r, const char *dir, const struct host *links, int netns)
{
	struct ethtool e;
	struct driver_stats stats = {0};

	if (ethtool_open(&e, netns) < 0)
		return;
	for (size_t i = 0; i < links->link_count; i++) {
		const struct link *l = &links->links[i];
		const char *device = arena_printf(&r->arena, "class/net/%.64s/device", l->name);

		/* kernels before 5.14 do not say the device in netlink */
		if (l->parent_dev || (netns < 0 && faccessat(r->k->sys, device, F_OK, 0) == 0))
			record_driver(r, dir, l, &e, &stats);
	}
	driver_stats_free(&stats);
	ethtool_close(&e);
}

static void record_our_drivers(struct recorder *r)
{
	struct buffer answer = {0};
	struct host links = {0};

	if (rtnl_ask(r->k, RTNL_LINKS, NULL, &answer) == 0)
		(void)rtnl_decode_links(&links, NULL, answer.data, answer.len);
	record_drivers(r, "ethtool", &links, -1);
	host_free(&links);
	buffer_free(&answer);
}

/* Each by its name and id; what is in it only where it holds interfaces of real devices. */
static void record_netns(void *arg, const char *name, int fd)
{
	struct recorder *r = arg;
	struct netns_id id = netns_identify(fd);
	char *dir = arena_printf(&r->arena, "netns/%zu", r->netns_count++);
	char *numbers = arena_printf(&r->arena, "%llu %llu\n", (unsigned long long)id.inode,
		(unsigned long long)id.cookie);
	struct buffer answer = {0};
	struct rtnl there = RTNL_IN(fd);
	struct host inside = {0};
	bool wanted = false;

	put_file(r, arena_printf(&r->arena, "%s/name", dir), name, strlen(name));
	put_file(r, arena_printf(&r->arena, "%s/id", dir), numbers, strlen(numbers));
	if (rtnl_ask(r->k, RTNL_LINKS, &there, &answer) == 0)
		(void)rtnl_decode_links(&inside, name, answer.data, answer.len);
	for (size_t i = 0; i < inside.link_count; i++)
		wanted |= inside.links[i].parent_dev != NULL;
	if (wanted) {
		record_netlink(r, arena_printf(&r->arena, "%s/netlink", dir), &there);
		record_drivers(r, arena_printf(&r->arena, "%s/ethtool", dir), &inside, fd);
	}
	rtnl_close(&there);
	host_free(&inside);
	buffer_free(&answer);
}

/* What sriovctl remembers of VFs that were handed out. */
static void record_leases(struct recorder *r, const char *state)
{
	struct strings names;

	sysfs_list(AT_FDCWD, arena_printf(&r->arena, "%s/attached", state), &r->arena, &names);
	for (size_t i = 0; i < names.count; i++) {
		struct buffer text = {0};

		if (rtnl_read_file(AT_FDCWD,
			    arena_printf(&r->arena, "%s/attached/%s", state, names.items[i]),
			    &text) == 0)
			put_file(r,
				arena_printf(&r->arena, "run/sriovctl/attached/%s", names.items[i]),
				text.data, text.len);
		buffer_free(&text);
	}
}

/* What is in a directory, by name alone; a file that is a fact itself is recorded as one. */
static void record_fact_names(struct recorder *r, const struct facts *facts, const struct fact *dir)
{
	make_dirs(r, arena_printf(&r->arena, "%s/", dir->path + 1));
	for (size_t i = 0; i < dir->names.count; i++) {
		const char *path = arena_printf(&r->arena, "%s/%s", dir->path, dir->names.items[i]);
		const struct fact *f = facts_find(facts, "%s", path);

		if (!f || f->sys_errno || f->is_dir)
			make_dirs(r, arena_printf(&r->arena, "%s/", path + 1));
	}
}

/* What a doctor looks at, and what of it is not there. */
static void record_facts(struct recorder *r, const struct host *host)
{
	struct facts facts;
	size_t size = 0;
	char *index = NULL;
	FILE *f = open_memstream(&index, &size);

	facts_read(r->k, host, &facts);
	for (size_t i = 0; f && i < facts.count; i++) {
		const struct fact *fact = &facts.items[i];
		const char *path = fact->path + 1;

		fprintf(f, "%d %s\n", fact->sys_errno, fact->path);
		if (fact->sys_errno)
			continue;
		if (fact->is_dir)
			record_fact_names(r, &facts, fact);
		else if (faccessat(r->out, path, F_OK, 0) < 0)
			put_file(r, path, fact->text, fact->len);
	}
	if (f) {
		fclose(f);
		put_file(r, FACTS_INDEX, index, size);
	}
	free(index);
	facts_free(&facts);
}

/* Those in our own namespace are all the others. */
static void record_processes(struct recorder *r, const struct host *host)
{
	struct stat st;
	size_t size = 0;
	char *text = NULL;
	FILE *f = open_memstream(&text, &size);

	if (!f || !host->processes_known || stat(HERE, &st) < 0)
		goto out;
	for (size_t i = 0; i < host->process_count; i++)
		if (host->processes[i].netns != st.st_ino)
			fprintf(f, "%d %llu\n", (int)host->processes[i].pid,
				(unsigned long long)host->processes[i].netns);
	fflush(f);
	put_file(r, NETNS_PROCESSES, text, size);
out:
	if (f)
		fclose(f);
	free(text);
}

static void record_blocked(struct recorder *r, const struct host *host)
{
	size_t size = 0;
	char *text = NULL;
	FILE *f = open_memstream(&text, &size);

	for (size_t i = 0; f && i < host->blocked_count; i++) {
		const struct blocked *b = &host->blocked[i];

		fprintf(f, "%d\t%s\t%s\t%s\n", b->pid, b->wchan ? b->wchan : "",
			b->file ? b->file : "", b->comm);
	}
	if (f) {
		fclose(f);
		if (!host->blocked_hidden)
			put_file(r, BLOCKED_FILE, text, size);
	}
	free(text);
}

static void record_joined(struct recorder *r)
{
	struct host host;
	struct error err;
	struct pci *pci = pci_open(r->k, "", "");
	size_t size = 0;
	char *text = NULL;
	FILE *f = open_memstream(&text, &size);

	if (f && discover(r->k, JOINED_NEEDS, &host, &err) == 0) {
		if (pci)
			pci_write_ids(pci, &host, f);
		fflush(f);
		put_file(r, "pci.ids", text, size);
		rewind(f);
		for (size_t i = 0; i < host.holder_count; i++)
			fprintf(f, "%u %d %s\n", host.holders[i].group, host.holders[i].pid,
				host.holders[i].comm);
		fflush(f);
		put_file(r, "vfio-holders", text, host.holder_count ? size : 0);
		record_processes(r, &host);
		record_blocked(r, &host);
		record_facts(r, &host);
		host_free(&host);
	}
	pci_close(pci);
	if (f)
		fclose(f);
	free(text);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	remove(path);
	return 0;
}

static void remove_tree(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static char *without_slashes(struct arena *arena, const char *dir)
{
	size_t len = strlen(dir);

	while (len > 1 && dir[len - 1] == '/')
		len--;
	return arena_strndup(arena, dir, len);
}

int snapshot_record(const struct kernel *k, const char *dir, const char *state, struct error *err)
{
	static const char format[] = SNAPSHOT_FORMAT "\n";
	struct recorder r = {.k = k, .out = -1};
	/* "DIR/" is DIR: the work goes on beside it, not in it */
	char *target = without_slashes(&r.arena, dir);
	char *partial = arena_printf(&r.arena, "%s.partial-%d", target, (int)getpid());
	int rc = 0;

	if (k->snapshot)
		rc = error_set(err, EXIT_USAGE, "cannot record a snapshot of a snapshot");
	else if (!dir[0])
		rc = error_set(err, EXIT_USAGE, "empty directory name");
	else if (mkdir(partial, 0755) < 0)
		rc = error_errno(err, EXIT_KERNEL, errno, "cannot make %s", partial);
	if (rc < 0)
		goto out;
	r.out = open(partial, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	put_file(&r, "format", format, strlen(format));
	blocked_find(k, &r.blocked);
	record_sysfs(&r);
	record_vector_files(&r);
	record_our_drivers(&r);
	record_leases(&r, state);
	netns_each(record_netns, &r);
	record_joined(&r);
	/* both count on */
	record_netlink(&r, "netlink", NULL);
	record_interrupts(&r);
	if (r.sys_errno)
		rc = error_errno(err, EXIT_KERNEL, r.sys_errno, "cannot write %s", r.failed);
	else if (rename(partial, target) < 0) {
		rc = error_errno(err, EXIT_KERNEL, errno, "cannot put the snapshot at %s", dir);
		error_hint(err, "name a directory that does not exist yet, or an empty one");
	}
	if (rc < 0)
		remove_tree(partial);
	if (r.out >= 0)
		close(r.out);
out:
	host_free(&r.blocked);
	arena_free(&r.arena);
	return rc;
}
