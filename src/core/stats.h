/*
 * What is counted for a VF: by its PF, by its own interface, by drivers, and the interrupts
 * it raised. Who does not count says nothing: unknown, never 0.
 */
#ifndef CORE_STATS_H
#define CORE_STATS_H

#include "core/host.h"

/* The interrupts of a device, over its vectors. */
struct interrupts {
	struct ints irqs;  /* their numbers, sorted */
	struct ints cpus;  /* those that they go to by now, sorted */
	uint64_t count;    /* since each was set up */
	uint64_t remote;   /* those of them on CPUs of another NUMA node than its own */
	bool remote_known; /* it has a node, and the CPUs' nodes are known */
};

enum stat_attr {
	STAT_VF,
	STAT_PF,
	STAT_INDEX,
	STAT_BDF,
	STAT_DRIVER,
	STAT_IFNAME,
	STAT_NETNS,
	STAT_NUMA_NODE,
	STAT_OWNER,
	/* the PF's, in the order of vf.h */
	STAT_RX_PACKETS,
	STAT_TX_PACKETS,
	STAT_RX_BYTES,
	STAT_TX_BYTES,
	STAT_BROADCAST,
	STAT_MULTICAST,
	STAT_RX_DROPPED,
	STAT_TX_DROPPED,
	/* its interface's */
	STAT_IF_RX_PACKETS,
	STAT_IF_TX_PACKETS,
	STAT_IF_RX_BYTES,
	STAT_IF_TX_BYTES,
	STAT_IF_MULTICAST,
	STAT_IF_RX_DROPPED,
	STAT_IF_TX_DROPPED,
	STAT_IF_RX_MISSED,
	STAT_IF_RX_ERRORS,
	STAT_IF_TX_ERRORS,
	/* interrupts */
	STAT_INTERRUPTS,
	STAT_REMOTE_INTERRUPTS,
	STAT_IRQS,
	STAT_IRQ_CPUS,
	STAT_ATTR_COUNT
};
#define STAT_FIRST_COUNTER STAT_RX_PACKETS
#define STAT_LAST_COUNTER STAT_REMOTE_INTERRUPTS
#define STAT_BIT(attr) (UINT64_C(1) << (attr))

struct vf_stats {
	uint64_t known; /* bit per enum stat_attr */
	const char *vf, *pf;
	uint32_t index;
	struct bdf bdf;
	const char *driver, *ifname, *netns;
	int32_t numa_node;
	const char *owner;
	struct ints irqs, irq_cpus;
	uint64_t count[STAT_LAST_COUNTER + 1]; /* by enum stat_attr */
	/* whose counters these are, to tell those of another device or interface of the same
	 * name */
	const char *pf_driver;
	uint64_t instance; /* of the device, 0 for unknown */
	int32_t ifindex;
	struct netns_id netns_id;
};

extern const struct record_type stat_type;

/* What a host of stat_type's needs knows of a VF. */
void stats_of(const struct host *host, const struct vf *vf, struct vf_stats *stats);

static inline bool stat_has(const struct vf_stats *s, enum stat_attr attr)
{
	return s->known >> attr & 1;
}

/* How often to look: `interval S count N`. */
enum pace_attr {
	PACE_INTERVAL,
	PACE_COUNT,
	PACE_ATTR_COUNT
};

struct pace {
	uint64_t known;       /* bit per enum pace_attr */
	uint32_t interval_ms; /* between two looks */
	uint32_t count;       /* of reports; without: until it is ended */
};

extern const struct record_type pace_type;

#endif
