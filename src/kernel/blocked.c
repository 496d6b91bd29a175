#include "kernel/blocked.h"

#include "kernel/interrupts.h"
#include "kernel/sysfs.h"
#include "util/cleanup.h"
#include "util/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Who writes to these holds a device's lock, or waits for it: Linux drivers/pci/iov.c,
 * pci-sysfs.c, pci.c (pci_dev_lock), pci-driver.c, drivers/base/bus.c. */
static const char *const locking[] = {
	"sriov_numvfs", "unbind", "bind", "drivers_probe", "driver_override", "reset", "remove"};

/* Where the removal of a device waits until vfio's user of it has gone: vfio_main.c; the second
 * before Linux 5.15. */
static const char *const vfio_waits[] = {"vfio_unregister_group_dev", "vfio_del_group_dev"};

struct search {
	const struct kernel *k;
	struct host *host;
	struct arena scratch;
	int proc;
	bool hidden;
};

static bool is_one_of(const char *word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(word, list[i]) == 0)
			return true;
	return false;
}

/* "/sys/devices/pci0000:20/0000:20:00.0/0000:21:00.0/sriov_numvfs": of a device;
 * "/sys/bus/pci/drivers/vfio-pci/unbind": of one that only the kernel knows. */
static bool is_locking(const char *file)
{
	const char *name = strrchr(file, '/');

	return str_starts(file, "/sys/") && name &&
	       is_one_of(name + 1, locking, ARRAY_SIZE(locking));
}

static void take_device(struct blocked *b)
{
	const char *end = b->file ? strrchr(b->file, '/') : NULL, *from = end;
	char name[32];

	while (from && from > b->file && from[-1] != '/')
		from--;
	if (!from || (size_t)(end - from) >= sizeof(name))
		return;
	snprintf(name, sizeof(name), "%.*s", (int)(end - from), from);
	b->has_bdf = bdf_parse(name, &b->bdf);
}

static void add(struct host *host, int pid, const char *wchan, const char *file, const char *comm)
{
	struct blocked *b;

	host->blocked = arena_push(
		&host->arena, host->blocked, &host->blocked_count, sizeof(*host->blocked));
	b = &host->blocked[host->blocked_count - 1];
	*b = (struct blocked){.pid = pid,
		.comm = arena_strdup(&host->arena, comm),
		.wchan = wchan[0] ? arena_strdup(&host->arena, wchan) : NULL,
		.file = file[0] ? arena_strdup(&host->arena, file) : NULL,
		.by_vfio = is_one_of(wchan, vfio_waits, ARRAY_SIZE(vfio_waits))};
	take_device(b);
}

static bool read_link(int proc, const char *path, char *file, size_t size)
{
	ssize_t n = readlinkat(proc, path, file, size - 1);

	file[n > 0 ? n : 0] = 0;
	return n > 0;
}

/* Of a thread that runs /proc does not say what it does; it may go round within the kernel, as
 * napi_disable() does. Then what its process has open must do. */
static bool has_open(struct search *s, const char *pid, char *file, size_t size)
{
	struct strings fds;
	char path[64];

	snprintf(path, sizeof(path), "%.16s/fd", pid);
	if (!sysfs_list(s->proc, path, &s->scratch, &fds))
		return false;
	for (size_t i = 0; i < fds.count; i++) {
		snprintf(path, sizeof(path), "%.16s/fd/%.16s", pid, fds.items[i]);
		if (read_link(s->proc, path, file, size) && is_locking(file))
			return true;
	}
	return false;
}

/* "1 0x1 0x55ef8f37c5e0 0xd ...": the number of the call it is in, and its arguments */
static bool parse_call(const char *text, long *number, uint64_t *first)
{
	char *end;

	*number = strtol(text, &end, 10);
	if (end == text || *end != ' ' || *number < 0)
		return false;
	*first = strtoull(end, NULL, 16);
	return true;
}

/* One thread; `seen` is what it was at before ("" to begin with), and gets what it is at now. */
static bool is_blocked(struct search *s, const char *pid, const char *task, char *wchan,
	size_t wchan_size, char *file, size_t size)
{
	char path[96], text[256];
	uint64_t first;
	long number;
	int n;

	file[0] = wchan[0] = 0;
	snprintf(path, sizeof(path), "%.16s/task/%.16s/syscall", pid, task);
	n = sysfs_read(s->proc, path, text, sizeof(text));
	s->hidden |= n == -EPERM || n == -EACCES;
	if (n <= 0)
		return false;
	if (strcmp(text, "running") == 0)
		return has_open(s, pid, file, size);
	if (!parse_call(text, &number, &first))
		return false;
	if (number == SYS_write || number == SYS_pwrite64 || number == SYS_writev) {
		snprintf(path, sizeof(path), "%.16s/fd/%llu", pid, (unsigned long long)first);
		if (!read_link(s->proc, path, file, size) || !is_locking(file))
			return false;
	} else if (number != SYS_delete_module && number != SYS_sendto && number != SYS_sendmsg) {
		return false; /* the last two: devlink reload */
	}
	snprintf(path, sizeof(path), "%.16s/task/%.16s/wchan", pid, task);
	if (sysfs_read(s->proc, path, wchan, wchan_size) <= 0 || strcmp(wchan, "0") == 0)
		wchan[0] = 0;
	return file[0] || is_one_of(wchan, vfio_waits, ARRAY_SIZE(vfio_waits));
}

/* A thread that was found at something. */
struct candidate {
	const char *pid, *task, *file;
};

static struct candidate *look_once(struct search *s, size_t *count)
{
	struct candidate *list = NULL;
	struct strings pids, tasks;
	char path[64], wchan[64], file[512];
	uint64_t pid;

	*count = 0;
	sysfs_list(s->proc, ".", &s->scratch, &pids);
	for (size_t i = 0; i < pids.count; i++) {
		if (!str_uint(pids.items[i], 10, INT32_MAX, &pid) || (pid_t)pid == getpid())
			continue;
		snprintf(path, sizeof(path), "%.16s/task", pids.items[i]);
		if (!sysfs_list(s->proc, path, &s->scratch, &tasks))
			continue;
		for (size_t t = 0; t < tasks.count; t++) {
			if (!is_blocked(s, pids.items[i], tasks.items[t], wchan, sizeof(wchan),
				    file, sizeof(file)))
				continue;
			list = arena_push(&s->scratch, list, count, sizeof(*list));
			list[*count - 1] = (struct candidate){
				pids.items[i], tasks.items[t], arena_strdup(&s->scratch, file)};
		}
	}
	return list;
}

static void look_again(struct search *s, const struct candidate *list, size_t count)
{
	const struct timespec pause = {.tv_nsec = BLOCKED_MS * 1000000L};
	char path[64], wchan[64], file[512], comm[32];

	if (count)
		nanosleep(&pause, NULL);
	for (size_t i = 0; i < count; i++) {
		const struct candidate *c = &list[i];

		if (!is_blocked(s, c->pid, c->task, wchan, sizeof(wchan), file, sizeof(file)) ||
			strcmp(file, c->file) != 0)
			continue;
		snprintf(path, sizeof(path), "%.16s/comm", c->pid);
		if (sysfs_read(s->proc, path, comm, sizeof(comm)) < 0)
			comm[0] = 0;
		add(s->host, atoi(c->pid), wchan, file, comm);
	}
}

/* False: it was not recorded. */
static bool read_recorded(const struct kernel *k, struct host *host)
{
	struct buffer text = {0};
	bool there = proc_read(k->root, BLOCKED_FILE, &text) == 0;
	char *line, *rest;

	if (there) {
		*(char *)buffer_room(&text, 1) = 0;
		for (line = strtok_r(text.data, "\n", &rest); line;
			line = strtok_r(NULL, "\n", &rest)) {
			const char *pid = strsep(&line, "\t"), *wchan = strsep(&line, "\t");
			const char *file = strsep(&line, "\t");
			uint64_t number;

			if (file && line && str_uint(pid, 10, INT32_MAX, &number))
				add(host, (int)number, wchan, file, line);
		}
	}
	buffer_free(&text);
	return there;
}

bool blocked_find(const struct kernel *k, struct host *host)
{
	struct search s = {.k = k, .host = host};
	cleanup_close int proc = -1;
	size_t count;
	const struct candidate *list;

	if (k->snapshot)
		return read_recorded(k, host);
	s.proc = proc = openat(k->root, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0)
		return false;
	list = look_once(&s, &count);
	look_again(&s, list, count);
	arena_free(&s.scratch);
	return !s.hidden;
}

bool blocked_lock(const struct host *host, struct bdf bdf, bool bound)
{
	for (size_t i = 0; i < host->blocked_count; i++) {
		const struct blocked *b = &host->blocked[i];

		/* a device that a driver is taken from has lost its link to it already */
		if (b->has_bdf ? bdf_compare(b->bdf, bdf) == 0 : b->file && !bound)
			return true;
	}
	return false;
}

bool blocked_config(const struct host *host, struct bdf bdf)
{
	char name[BDF_SIZE], part[BDF_SIZE + 2];

	bdf_format(bdf, name);
	snprintf(part, sizeof(part), "/%s/", name);
	for (size_t i = 0; i < host->blocked_count; i++) {
		const char *file = host->blocked[i].file, *last = file ? strrchr(file, '/') : NULL;

		/* Linux drivers/pci/pci.c, pci_reset_function: others are shut out of the device
		 * (pci_dev_lock), since Linux 6.10 also of the port above it */
		if (last && strcmp(last, "/reset") == 0 && strstr(file, part))
			return true;
	}
	return false;
}
