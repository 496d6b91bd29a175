/*
 * What is counted for a VF: by its PF, by its own interface, by drivers, and the interrupts
 * it raised. Who does not count says nothing: unknown, never 0.
 */
#ifndef CORE_STATS_H
#define CORE_STATS_H

#include "core/choose.h"
#include "core/host.h"

/* One of the vectors of a device. */
struct vector {
	uint64_t count;   /* as below */
	struct ints cpus; /* that it goes to by now, where that is known */
	int32_t queue;    /* as its driver has named it; -1: that does not say */
	bool in_use;      /* somebody handles it */
};

/*
 * The interrupts of a device, over its vectors. The kernel counts each on each CPU in 32 bits,
 * which start again from 0; a CPU that goes offline takes what it has counted along.
 */
struct interrupts {
	struct ints irqs;          /* their numbers, sorted */
	struct vector *vectors;    /* as many, in that order */
	struct ints cpus;          /* those that they go to by now, sorted; of vectors in use */
	bool cpus_known;           /* asked for, and /proc/irq could be read */
	const struct ints *online; /* the CPUs counted on; NULL without any vector on the host */
	uint64_t count;            /* since each was set up, on CPUs that are online */
	uint64_t remote;           /* those of them on CPUs of another NUMA node than its own */
	bool remote_known;         /* it has a node, and the CPUs' nodes are known */
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
	/* its driver's own */
	STAT_TX_SPOOFED,
	STAT_RX_NO_BUFFER,
	STAT_RX_ALLOC_FAILED,
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
	uint64_t narrow; /* those of the counters that go on from 0 after 2^32 - 1 */
	uint64_t count[STAT_LAST_COUNTER + 1]; /* by enum stat_attr */
	/* whose counters these are, to tell those of another device or interface of the same
	 * name */
	const char *handle; /* of the PF */
	const char *pf_driver;
	const struct ints *online; /* of its interrupts */
	uint64_t instance;         /* of the device, 0 for unknown */
	int32_t ifindex;
	struct netns_id netns_id;
};

extern const struct record_type stat_type;

/*
 * The VFs that words of a command line name: single ones, or all of a PF. Found once; from
 * then on a VF is a PF's handle and an index, whatever becomes of names.
 */
struct chosen {
	const char *pf; /* handle */
	bool whole;     /* all of its VFs, also those to come */
	uint32_t index;
};

struct choice {
	struct chosen *items;
	size_t count;
	bool all; /* no word: every VF there is */
};

/* Into the arena. 0, or -1 with *err. */
int stats_choose(const struct host *host, char *const *texts, size_t text_count,
	struct arena *arena, struct choice *choice, struct error *err);
/* What a host of stat_type's needs knows of those VFs, each once, in the host's arena. */
struct vf_stats *stats_gather(struct host *host, const struct choice *choice, size_t *count);

static inline bool stat_has(const struct vf_stats *s, enum stat_attr attr)
{
	return s->known >> attr & 1;
}

/* What came and went in the time between two looks, per second. */
enum rate_attr {
	RATE_VF,
	RATE_PF,
	RATE_INDEX,
	RATE_BDF,
	RATE_DRIVER,
	RATE_IFNAME,
	RATE_NETNS,
	RATE_NUMA_NODE,
	RATE_OWNER,
	RATE_COUNTED_BY,
	RATE_RX_BPS,
	RATE_TX_BPS,
	RATE_RX_PPS,
	RATE_TX_PPS,
	RATE_RX_DROP_PPS,
	RATE_TX_DROP_PPS,
	RATE_DROP_SHARE,
	RATE_TX_SPOOFED,
	RATE_RX_NO_BUFFER,
	RATE_INTERRUPTS,
	RATE_REMOTE_SHARE,
	RATE_ATTR_COUNT
};
#define RATE_BIT(attr) (UINT64_C(1) << (attr))

enum counted_by {
	COUNTED_BY_PF,
	COUNTED_BY_INTERFACE
};

struct vf_rates {
	uint64_t known; /* bit per enum rate_attr */
	const char *vf, *pf;
	uint32_t index;
	struct bdf bdf;
	const char *driver, *ifname, *netns;
	int32_t numa_node;
	const char *owner;
	const char *handle;  /* of the PF, which is not renamed */
	uint32_t counted_by; /* enum counted_by: whose packets and bytes these are */
	double rate[RATE_ATTR_COUNT];
};

extern const struct record_type rate_type;

/* Of a VF that was looked at twice, so many seconds apart; before: NULL where it was not
 * there. A counter that began anew in between has no rate. Strings stay with `now`. */
void rates_of(const struct vf_stats *before, const struct vf_stats *now, double seconds,
	struct vf_rates *rates);
/* Those that are chosen first, in their order, then the rest: how many that are. */
size_t rates_choose(const struct choosing *c, struct vf_rates *list, size_t count);
/* The same VF in another look, probably at `from`; NULL when it was not there. */
const struct vf_stats *stats_find(
	const struct vf_stats *list, size_t count, size_t from, const struct vf_stats *vf);

/* How often to look: `interval S count N`. */
enum pace_attr {
	PACE_INTERVAL,
	PACE_COUNT,
	PACE_ATTR_COUNT
};

struct pace {
	uint64_t known;  /* bit per enum pace_attr */
	double interval; /* seconds between two looks */
	uint32_t count;  /* of reports; without: until it is ended */
};

extern const struct record_type pace_type;

#endif
