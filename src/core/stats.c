#include "core/stats.h"

#include "core/counter.h"
#include "core/selector.h"

#include <string.h>

/* What PFs count is known by the same names as in `vf list --statistics`. */
#define PF_NEEDS (NEED_VFS | NEED_STATS | NEED_INSTANCE)
#define IF_NEEDS (NEED_VFS | NEED_STATS | NEED_NETNS | NEED_INSTANCE)
#define HOME (NEED_VFS | NEED_NETNS)
#define DRIVER_NEEDS (HOME | NEED_DRIVER_STATS | NEED_INSTANCE)
#define INTERRUPTS (NEED_VFS | NEED_NODE | NEED_INTERRUPTS | NEED_INSTANCE)

#define ROW_OF(record, id, k, h, t, f, n, field, text)                                             \
	[id] = {.key = (k),                                                                        \
		.heading = (h),                                                                    \
		.type = (t),                                                                       \
		.flags = (f),                                                                      \
		.need = (n),                                                                       \
		.offset = offsetof(struct record, field),                                          \
		.help = (text)}
#define ROW(id, k, h, t, f, n, field, text) ROW_OF(vf_stats, id, k, h, t, f, n, field, text)
#define COUNTER(id, k, h, f, n, text) ROW(id, k, h, VALUE_UINT64, f, n, count[id], text)
/* where the PF does not count, the interface's own are shown */
#define INSTEAD(id, other, k, h, text)                                                             \
	[id] = {.key = (k),                                                                        \
		.heading = (h),                                                                    \
		.type = VALUE_UINT64,                                                              \
		.flags = ATTR_LIST | ATTR_INSTEAD,                                                 \
		.need = IF_NEEDS,                                                                  \
		.offset = offsetof(struct vf_stats, count[id]),                                    \
		.instead_of = (other),                                                             \
		.help = (text)}
#define PF_COUNTS (ATTR_LIST | ATTR_IF_ANY)

/* clang-format off */
/* Which VF: the same of counts and of rates. */
#define WHOSE(prefix, record) \
	ROW_OF(record, prefix##_VF, "vf", "VF", VALUE_STRING, ATTR_LIST | ATTR_BRIEF, NEED_VFS, vf, \
		"the name to use in commands: PF/INDEX"), \
	ROW_OF(record, prefix##_PF, "pf", "PF", VALUE_STRING, 0, NEED_VFS, pf, "its PF"), \
	ROW_OF(record, prefix##_INDEX, "index", "INDEX", VALUE_UINT, 0, NEED_VFS, index, \
		"its number on the PF, from 0"), \
	ROW_OF(record, prefix##_BDF, "bdf", "BDF", VALUE_BDF, 0, NEED_VFS, bdf, "PCI address"), \
	ROW_OF(record, prefix##_DRIVER, "driver", "DRIVER", VALUE_STRING, 0, NEED_VFS, driver, "kernel driver"), \
	ROW_OF(record, prefix##_IFNAME, "ifname", "INTERFACE", VALUE_STRING, 0, HOME, ifname, \
		"network interface, wherever it is"), \
	ROW_OF(record, prefix##_NETNS, "netns", "NETNS", VALUE_STRING, ATTR_LIST | ATTR_IF_ANY, HOME, netns, \
		"namespace the interface is in, when it is not ours"), \
	ROW_OF(record, prefix##_NUMA_NODE, "numa_node", "NUMA", VALUE_INT, 0, NEED_VFS | NEED_NODE, numa_node, \
		"NUMA node"), \
	ROW_OF(record, prefix##_OWNER, "owner", "OWNER", VALUE_STRING, 0, NEED_VFS | NEED_LEASES, owner, \
		"whom it is attached for: the owner, or the namespace where none was named")

static const struct attr stat_attrs[STAT_ATTR_COUNT] = {
	WHOSE(STAT, vf_stats),
	COUNTER(STAT_RX_PACKETS, "rx_packets", "RX-PKTS", PF_COUNTS | ATTR_BRIEF, PF_NEEDS,
		"packets received, as the PF counts"),
	COUNTER(STAT_TX_PACKETS, "tx_packets", "TX-PKTS", PF_COUNTS | ATTR_BRIEF, PF_NEEDS,
		"packets sent, as the PF counts"),
	COUNTER(STAT_RX_BYTES, "rx_bytes", "RX-BYTES", PF_COUNTS, PF_NEEDS,
		"bytes received, as the PF counts"),
	COUNTER(STAT_TX_BYTES, "tx_bytes", "TX-BYTES", PF_COUNTS, PF_NEEDS,
		"bytes sent, as the PF counts"),
	COUNTER(STAT_BROADCAST, "broadcast", "BCAST", 0, PF_NEEDS,
		"broadcast packets received, as the PF counts"),
	COUNTER(STAT_MULTICAST, "multicast", "MCAST", 0, PF_NEEDS,
		"multicast packets received, as the PF counts"),
	COUNTER(STAT_RX_DROPPED, "rx_dropped", "RX-DROP", PF_COUNTS | ATTR_BRIEF, PF_NEEDS,
		"received packets dropped, as the PF counts"),
	COUNTER(STAT_TX_DROPPED, "tx_dropped", "TX-DROP", PF_COUNTS | ATTR_BRIEF, PF_NEEDS,
		"packets to send dropped, as the PF counts"),
	INSTEAD(STAT_IF_RX_PACKETS, STAT_RX_PACKETS, "if_rx_packets", "IF-RX-PKTS",
		"packets its interface received"),
	INSTEAD(STAT_IF_TX_PACKETS, STAT_TX_PACKETS, "if_tx_packets", "IF-TX-PKTS",
		"packets its interface sent"),
	INSTEAD(STAT_IF_RX_BYTES, STAT_RX_BYTES, "if_rx_bytes", "IF-RX-BYTES",
		"bytes its interface received"),
	INSTEAD(STAT_IF_TX_BYTES, STAT_TX_BYTES, "if_tx_bytes", "IF-TX-BYTES",
		"bytes its interface sent"),
	COUNTER(STAT_IF_MULTICAST, "if_multicast", "IF-MCAST", 0, IF_NEEDS,
		"multicast packets its interface received"),
	INSTEAD(STAT_IF_RX_DROPPED, STAT_RX_DROPPED, "if_rx_dropped", "IF-RX-DROP",
		"received packets that the kernel dropped, also since nobody listens to their protocol"),
	INSTEAD(STAT_IF_TX_DROPPED, STAT_TX_DROPPED, "if_tx_dropped", "IF-TX-DROP",
		"packets to send that the kernel dropped before its interface"),
	COUNTER(STAT_IF_RX_MISSED, "if_rx_missed", "IF-RX-MISS", 0, IF_NEEDS,
		"packets that the device dropped for want of a receive buffer"),
	COUNTER(STAT_IF_RX_ERRORS, "if_rx_errors", "IF-RX-ERR", 0, IF_NEEDS,
		"packets received wrong"),
	COUNTER(STAT_IF_TX_ERRORS, "if_tx_errors", "IF-TX-ERR", 0, IF_NEEDS,
		"packets that could not be sent"),
	COUNTER(STAT_TX_SPOOFED, "tx_spoofed", "SPOOFED", ATTR_LIST | ATTR_IF_ANY, DRIVER_NEEDS,
		"frames not sent since their source was not the VF's, as its driver counts"),
	COUNTER(STAT_RX_NO_BUFFER, "rx_no_buffer", "NO-BUFFER", ATTR_LIST | ATTR_IF_ANY, DRIVER_NEEDS,
		"frames lost for want of receive buffers, as its driver counts"),
	COUNTER(STAT_RX_ALLOC_FAILED, "rx_alloc_failed", "ALLOC-FAILED", 0, DRIVER_NEEDS,
		"times that its driver could have no memory for received frames"),
	COUNTER(STAT_INTERRUPTS, "interrupts", "IRQS", ATTR_LIST | ATTR_IF_ANY, INTERRUPTS,
		"interrupts it raised, all its vectors together"),
	COUNTER(STAT_REMOTE_INTERRUPTS, "remote_interrupts", "REMOTE-IRQS", 0, INTERRUPTS,
		"those of them that a CPU of another NUMA node than its own served"),
	ROW(STAT_IRQS, "irqs", "IRQ-NUMBERS", VALUE_INTS, ATTR_PROSE, INTERRUPTS, irqs,
		"interrupt numbers of its vectors"),
	ROW(STAT_IRQ_CPUS, "irq_cpus", "IRQ-CPUS", VALUE_INTS, ATTR_PROSE, INTERRUPTS | NEED_IRQ_CPUS, irq_cpus,
		"CPUs that its interrupts go to"),
};
/* clang-format on */

const struct record_type stat_type = {
	"stats", stat_attrs, STAT_ATTR_COUNT, offsetof(struct vf_stats, known), "stats"};

#define RATE(id, k, h, f, n, u, text)                                                              \
	[id] = {.key = (k),                                                                        \
		.heading = (h),                                                                    \
		.type = VALUE_REAL,                                                                \
		.flags = (f),                                                                      \
		.need = (n),                                                                       \
		.offset = offsetof(struct vf_rates, rate[id]),                                     \
		.unit = (u),                                                                       \
		.help = (text)}

static const char *const counted_by_names[] = {"pf", "interface", NULL};

/* clang-format off */
static const struct attr rate_attrs[RATE_ATTR_COUNT] = {
	WHOSE(RATE, vf_rates),
	[RATE_COUNTED_BY] = {.key = "counted_by", .heading = "BY", .type = VALUE_ENUM,
		.need = IF_NEEDS, .offset = offsetof(struct vf_rates, counted_by),
		.names = counted_by_names,
		.help = "who counted packets and bytes: the PF, or where it does not the VF's interface"},
	RATE(RATE_RX_BPS, "rx_bps", "RX-BIT/S", ATTR_LIST | ATTR_BRIEF, IF_NEEDS, "bit/s",
		"bits received per second"),
	RATE(RATE_TX_BPS, "tx_bps", "TX-BIT/S", ATTR_LIST | ATTR_BRIEF, IF_NEEDS, "bit/s",
		"bits sent per second"),
	RATE(RATE_RX_PPS, "rx_pps", "RX-PKT/S", ATTR_LIST | ATTR_BRIEF, IF_NEEDS, "packets/s",
		"packets received per second"),
	RATE(RATE_TX_PPS, "tx_pps", "TX-PKT/S", ATTR_LIST | ATTR_BRIEF, IF_NEEDS, "packets/s",
		"packets sent per second"),
	RATE(RATE_RX_DROP_PPS, "rx_drop_pps", "RXDROP/S", ATTR_LIST | ATTR_BRIEF, IF_NEEDS, "packets/s",
		"received packets dropped per second, also for want of a buffer"),
	RATE(RATE_TX_DROP_PPS, "tx_drop_pps", "TXDROP/S", ATTR_LIST | ATTR_BRIEF, IF_NEEDS, "packets/s",
		"packets to send dropped per second"),
	RATE(RATE_DROP_SHARE, "drop_share", "DROP%", ATTR_LIST | ATTR_BRIEF, IF_NEEDS, "%",
		"packets dropped, in percent of all, dropped ones among them"),
	RATE(RATE_TX_SPOOFED, "tx_spoofed_pps", "SPOOFED/S", 0, DRIVER_NEEDS, "packets/s",
		"frames per second not sent since their source was not the VF's"),
	RATE(RATE_RX_NO_BUFFER, "rx_no_buffer_pps", "NOBUF/S", 0, DRIVER_NEEDS, "packets/s",
		"frames per second lost for want of receive buffers, as its driver counts"),
	RATE(RATE_INTERRUPTS, "interrupts_ps", "IRQ/S", ATTR_LIST | ATTR_IF_ANY, INTERRUPTS, "1/s",
		"interrupts per second"),
	RATE(RATE_REMOTE_SHARE, "remote_share", "REMOTE%", 0, INTERRUPTS, "%",
		"interrupts that a CPU of another NUMA node served, in percent of all"),
};
/* clang-format on */

const struct record_type rate_type = {
	"rates", rate_attrs, RATE_ATTR_COUNT, offsetof(struct vf_rates, known), "stats"};

#define FASTEST 100      /* ms */
#define SLOWEST 86400000 /* a day */

static const struct attr pace_attrs[PACE_ATTR_COUNT] = {
	[PACE_INTERVAL] = {.key = "interval",
		.type = VALUE_REAL,
		.flags = ATTR_SET,
		.offset = offsetof(struct pace, interval),
		.min = FASTEST,
		.max = SLOWEST,
		.help = "show rates, again and again: every so many seconds"},
	[PACE_COUNT] = {.key = "count",
		.type = VALUE_UINT,
		.flags = ATTR_SET,
		.offset = offsetof(struct pace, count),
		.min = 1,
		.max = UINT32_MAX,
		.help = "end after so many intervals"},
};

const struct record_type pace_type = {
	"pace", pace_attrs, PACE_ATTR_COUNT, offsetof(struct pace, known), NULL};

static void put_string(
	struct vf_stats *s, enum stat_attr attr, const char **field, const char *value, bool known)
{
	if (!known || !value)
		return;
	*field = value;
	s->known |= STAT_BIT(attr);
}

static void identify(const struct pf *pf, const struct vf *vf, struct vf_stats *s)
{
	const struct lease *lease = vf->attached;

	s->index = vf->index;
	s->bdf = vf->bdf;
	s->numa_node = vf->numa_node;
	s->known = STAT_BIT(STAT_INDEX);
	s->known |= vf_has(vf, VF_BDF) ? STAT_BIT(STAT_BDF) : 0;
	s->known |= vf_has(vf, VF_NUMA_NODE) ? STAT_BIT(STAT_NUMA_NODE) : 0;
	put_string(s, STAT_VF, &s->vf, vf->name, true);
	put_string(s, STAT_PF, &s->pf, vf->pf, true);
	put_string(s, STAT_DRIVER, &s->driver, vf->driver, vf_has(vf, VF_DRIVER));
	put_string(s, STAT_IFNAME, &s->ifname, vf->ifname, vf_has(vf, VF_IFNAME));
	put_string(s, STAT_NETNS, &s->netns, vf->netns, vf_has(vf, VF_NETNS));
	if (lease)
		put_string(
			s, STAT_OWNER, &s->owner, lease->owner ? lease->owner : lease->netns, true);
	s->handle = pf->handle;
	s->pf_driver = pf->driver;
	s->instance = vf->instance;
	s->ifindex = vf->ifindex;
	s->netns_id = vf->netns_id;
}

static void put_count(struct vf_stats *s, enum stat_attr attr, uint64_t value)
{
	s->count[attr] = value;
	s->known |= STAT_BIT(attr);
}

static void take_pf_counters(const struct vf *vf, struct vf_stats *s)
{
	for (unsigned i = 0; i <= STAT_TX_DROPPED - STAT_RX_PACKETS; i++) {
		struct value v = attr_get(&vf_type, VF_RX_PACKETS + i, vf);

		if (v.known)
			put_count(s, STAT_RX_PACKETS + i, v.uint);
	}
}

#define IF_BITS (STAT_BIT(STAT_IF_TX_ERRORS + 1) - STAT_BIT(STAT_IF_RX_PACKETS))

static void take_if_counters(const struct if_counters *c, struct vf_stats *s)
{
	if (sizeof(long) < sizeof(uint64_t)) /* struct net_device_stats of linux/netdevice.h */
		s->narrow |= IF_BITS;
	put_count(s, STAT_IF_RX_PACKETS, c->rx_packets);
	put_count(s, STAT_IF_TX_PACKETS, c->tx_packets);
	put_count(s, STAT_IF_RX_BYTES, c->rx_bytes);
	put_count(s, STAT_IF_TX_BYTES, c->tx_bytes);
	put_count(s, STAT_IF_MULTICAST, c->multicast);
	put_count(s, STAT_IF_RX_DROPPED, c->rx_dropped);
	put_count(s, STAT_IF_TX_DROPPED, c->tx_dropped);
	put_count(s, STAT_IF_RX_MISSED, c->rx_missed);
	put_count(s, STAT_IF_RX_ERRORS, c->rx_errors);
	put_count(s, STAT_IF_TX_ERRORS, c->tx_errors);
}

static void take_driver_counters(const struct driver_counters *c, struct vf_stats *s)
{
	for (unsigned i = 0; i < DRIVER_COUNTER_COUNT; i++) {
		if (c->known >> i & 1)
			put_count(s, STAT_TX_SPOOFED + i, c->value[i]);
		if (c->narrow >> i & 1)
			s->narrow |= STAT_BIT(STAT_TX_SPOOFED + i);
	}
}

static void take_interrupts(const struct interrupts *i, struct vf_stats *s)
{
	put_count(s, STAT_INTERRUPTS, i->count);
	/* kernel/irq/proc.c: on each CPU an unsigned int; the sum of all goes back as one does */
	s->narrow |= STAT_BIT(STAT_INTERRUPTS) | STAT_BIT(STAT_REMOTE_INTERRUPTS);
	if (i->remote_known)
		put_count(s, STAT_REMOTE_INTERRUPTS, i->remote);
	s->irqs = i->irqs;
	s->online = i->online;
	s->irq_cpus = i->cpus;
	s->known |= STAT_BIT(STAT_IRQS) | (i->cpus_known ? STAT_BIT(STAT_IRQ_CPUS) : 0);
}

static void stats_of(const struct pf *pf, const struct vf *vf, struct vf_stats *stats)
{
	*stats = (struct vf_stats){0};
	identify(pf, vf, stats);
	take_pf_counters(vf, stats);
	if (vf->if_counters)
		take_if_counters(vf->if_counters, stats);
	if (vf->driver_counters)
		take_driver_counters(vf->driver_counters, stats);
	if (vf->interrupts)
		take_interrupts(vf->interrupts, stats);
}

static void add(struct choice *choice, struct arena *arena, struct chosen item)
{
	item.pf = arena_strdup(arena, item.pf);
	choice->items = arena_push(arena, choice->items, &choice->count, sizeof(*choice->items));
	choice->items[choice->count - 1] = item;
}

int stats_choose(const struct host *host, char *const *texts, size_t text_count,
	struct arena *arena, struct choice *choice, struct error *err)
{
	*choice = (struct choice){.all = !text_count};
	for (size_t i = 0; i < text_count; i++) {
		struct error no_pf = {0};
		const struct pf *pf = select_pf(host, texts[i], &no_pf);
		const struct vf **vfs;
		size_t count;

		if (pf) {
			add(choice, arena, (struct chosen){.pf = pf->handle, .whole = true});
			continue;
		}
		vfs = select_vfs(host, arena, texts[i], &count, err);
		if (!vfs && err->code == EXIT_NOT_FOUND && !strpbrk(texts[i], "/:") &&
			texts[i][0]) {
			error_set(err, EXIT_NOT_FOUND, "no PF or VF '%s'", texts[i]);
			error_hint(err, "'sriovctl' shows what there is");
		}
		if (!vfs)
			return -1;
		for (size_t j = 0; j < count; j++)
			add(choice, arena,
				(struct chosen){.pf = host_pf_of(host, vfs[j])->handle,
					.index = vfs[j]->index});
	}
	return 0;
}

/* Which of a PF's VFs, by place among them. */
static bool *marks_of(const struct pf *pf, const struct host *host, const struct choice *choice,
	struct arena *arena)
{
	bool *marks = arena_alloc(arena, pf->vf_count + 1);

	for (size_t c = 0; c < choice->count; c++) {
		const struct chosen *item = &choice->items[c];

		if (strcmp(item->pf, pf->handle) != 0)
			continue;
		for (size_t i = 0; i < pf->vf_count; i++)
			if (item->whole || host->vfs[pf->first_vf + i].index == item->index)
				marks[i] = true;
	}
	return marks;
}

struct vf_stats *stats_gather(struct host *host, const struct choice *choice, size_t *count)
{
	struct vf_stats *list = arena_alloc(&host->arena, (host->vf_count + 1) * sizeof(*list));

	*count = 0;
	for (size_t p = 0; p < host->pf_count; p++) {
		const struct pf *pf = &host->pfs[p];
		bool *marks = choice->all ? NULL : marks_of(pf, host, choice, &host->arena);

		for (size_t i = 0; i < pf->vf_count; i++)
			if (!marks || marks[i])
				stats_of(pf, &host->vfs[pf->first_vf + i], &list[(*count)++]);
	}
	return list;
}
