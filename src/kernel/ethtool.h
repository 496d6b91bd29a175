/*
 * What a driver says of itself, and what it counts of its own: the SIOCETHTOOL ioctl is the
 * only way to these. A snapshot keeps the answers as text, below ethtool/ and the name of the
 * interface.
 */
#ifndef KERNEL_ETHTOOL_H
#define KERNEL_ETHTOOL_H

#include "kernel/rtnl.h"

#define ETHTOOL_TEXT 32 /* ETH_GSTRING_LEN, ETHTOOL_FWVERS_LEN, ETHTOOL_BUSINFO_LEN */

/* Texts are empty where the driver says nothing; many say "N/A" for that, which is left. */
struct driver_info {
	char driver[ETHTOOL_TEXT + 1];
	char version[ETHTOOL_TEXT + 1];
	char firmware[ETHTOOL_TEXT + 1];
	char bus_info[ETHTOOL_TEXT + 1]; /* the PCI address */
};

struct driver_stat {
	char name[ETHTOOL_TEXT + 1];
	uint64_t value;
};

struct driver_stats {
	struct driver_stat *items; /* malloc */
	size_t count, room;
};

/* Where to ask: in one namespace, or in what was recorded of it. */
struct ethtool {
	int fd;        /* a socket, or the recorded directory; -1: not open */
	bool recorded; /* the latter */
	void *answer;  /* for what the kernel writes */
};
#define ETHTOOL_CLOSED ((struct ethtool){.fd = -1})

/* In a namespace (-1: ours), or in the directory of a snapshot or one of its namespaces; neither
 * descriptor is kept. 0 or a negative errno. A namespace lives for as long as this is open. */
int ethtool_open(struct ethtool *e, int netns);
int ethtool_open_recorded(struct ethtool *e, int dir);
void ethtool_close(struct ethtool *e);

/* Of an interface, by index; in a snapshot by name. 0 or a negative errno: -ENODEV when it is
 * gone, -EOPNOTSUPP when its driver has none, -ENOENT when that was not recorded. No root is
 * needed (net/ethtool/ioctl.c, dev_ethtool). The statistics may go through the driver to the
 * device and take milliseconds. */
int ethtool_info(struct ethtool *e, int ifindex, const char *ifname, struct driver_info *info);
/* Into *stats, over what was there before. */
int ethtool_stats(struct ethtool *e, int ifindex, const char *ifname, struct driver_stats *stats);
void driver_stats_free(struct driver_stats *stats);

/* As a snapshot keeps them, appended: lines of a key and its text; of a value and its name. */
void ethtool_encode_info(const struct driver_info *info, struct buffer *text);
void ethtool_encode_stats(const struct driver_stats *stats, struct buffer *text);
/* And back. Lines that are none of these are left out. */
void ethtool_decode_info(const char *text, size_t len, struct driver_info *info);
void ethtool_decode_stats(const char *text, size_t len, struct driver_stats *stats);

#endif
