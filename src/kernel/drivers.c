/* What drivers say of themselves and count of their own, into the picture of the host. */
#include "kernel/interfaces.h"

#include "core/counter.h"
#include "kernel/ethtool.h"
#include "kernel/netns.h"
#include "kernel/sysfs.h"
#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* Where it was asked last: VFs in the same namespace come one after the other mostly. */
struct asked {
	struct ethtool ethtool;
	const char *netns;
	struct netns_id id;
	bool tried;
};

/* The directory of a snapshot's namespace of that name, see recorded_netns(): a descriptor or
 * -1. */
static int recorded_dir(const struct discovery *d, const char *netns)
{
	struct arena arena = {0};
	struct strings dirs;
	char name[256];
	int found = -1;

	sysfs_list(d->k->root, "netns", &arena, &dirs);
	for (size_t i = 0; i < dirs.count && found < 0; i++) {
		const char *dir = arena_printf(&arena, "netns/%s", dirs.items[i]);
		int fd = openat(d->k->root, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			continue;
		if (sysfs_read(fd, "name", name, sizeof(name)) > 0 && strcmp(name, netns) == 0)
			found = fd;
		else
			close(fd);
	}
	arena_free(&arena);
	return found;
}

static int open_recorded(const struct discovery *d, const char *netns, struct ethtool *e)
{
	cleanup_close int dir = netns ? recorded_dir(d, netns) : -1;

	return netns && dir < 0 ? -ENOENT : ethtool_open_recorded(e, netns ? dir : d->k->root);
}

/* By the time it is asked, another namespace may have the name. */
static int open_netns(const char *netns, struct netns_id id, struct ethtool *e)
{
	cleanup_close int fd = netns ? netns_open(netns) : -1;

	if (netns && fd < 0)
		return fd;
	if (netns && !netns_same(netns_identify(fd), NULL, id, NULL))
		return -ENOENT;
	return ethtool_open(e, fd);
}

static bool same_place(const struct asked *a, const char *netns, struct netns_id id)
{
	if (!a->tried || !a->netns != !netns)
		return false;
	return !netns || (strcmp(a->netns, netns) == 0 && netns_same(a->id, NULL, id, NULL));
}

/* NULL: cannot be asked there. */
static struct ethtool *ask_in(
	const struct discovery *d, struct asked *a, const char *netns, struct netns_id id)
{
	if (!same_place(a, netns, id)) {
		ethtool_close(&a->ethtool);
		*a = (struct asked){ETHTOOL_CLOSED, netns, id, true};
		if (d->k->snapshot)
			(void)open_recorded(d, netns, &a->ethtool);
		else
			(void)open_netns(netns, id, &a->ethtool);
	}
	return a->ethtool.fd < 0 ? NULL : &a->ethtool;
}

/* Out of devlink's several versions the kernel makes one text, with a blank behind each
 * (net/devlink/dev.c, devlink_compat_running_version). */
static void trim(char *s)
{
	size_t len = strlen(s);

	while (len && s[len - 1] == ' ')
		s[--len] = 0;
}

static void ask_firmware(struct discovery *d, struct asked *a, struct pf *pf)
{
	struct ethtool *e = pf_has(pf, PF_IFNAME) ? ask_in(d, a, NULL, (struct netns_id){0}) : NULL;
	struct driver_info info;

	if (!e || ethtool_info(e, pf->ifindex, pf->ifname, &info) < 0)
		return;
	trim(info.firmware);
	if (!info.firmware[0] || strcmp(info.firmware, "N/A") == 0)
		return;
	pf->firmware = arena_strdup(&d->host->arena, info.firmware);
	pf->known |= PF_BIT(PF_FIRMWARE);
}

static void ask_counters(
	struct discovery *d, struct asked *a, struct vf *vf, struct driver_stats *stats)
{
	struct driver_counters counters = {0};
	struct ethtool *e;

	if (!vf_has(vf, VF_IFNAME) || !counter_driver_known(vf->driver))
		return;
	e = ask_in(d, a, vf->netns, vf->netns_id);
	if (!e || ethtool_stats(e, vf->ifindex, vf->ifname, stats) < 0)
		return;
	for (size_t i = 0; i < stats->count; i++)
		counter_take(&counters, vf->driver, stats->items[i].name, stats->items[i].value);
	if (counters.known)
		vf->driver_counters = arena_copy(&d->host->arena, &counters, sizeof(counters));
}

void ask_drivers(struct discovery *d)
{
	struct asked a = {.ethtool = ETHTOOL_CLOSED};
	struct driver_stats stats = {0};

	for (size_t i = 0; d->needs & NEED_FIRMWARE && i < d->host->pf_count; i++)
		ask_firmware(d, &a, &d->host->pfs[i]);
	for (size_t i = 0; d->needs & NEED_DRIVER_STATS && i < d->host->vf_count; i++)
		ask_counters(d, &a, &d->host->vfs[i], &stats);
	driver_stats_free(&stats);
	ethtool_close(&a.ethtool);
}
