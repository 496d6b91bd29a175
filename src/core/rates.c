/* Rates: what two looks at the same counters tell of the time between them. */
#include "core/stats.h"

#include <string.h>

#define TWO_TO_32 (UINT64_C(1) << 32)
/* Between two looks a counter does not go further than that: what seems to have is another. */
#define FAR_32 (UINT64_C(1) << 31)
#define FAR_64 (UINT64_C(1) << 48)

static bool same_string(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Not one that was made anew in its place. */
static bool same_device(const struct vf_stats *a, const struct vf_stats *b)
{
	return (!a->instance || !b->instance || a->instance == b->instance) &&
	       same_string(a->pf_driver, b->pf_driver);
}

static bool same_interface(const struct vf_stats *a, const struct vf_stats *b)
{
	return same_device(a, b) && a->ifindex == b->ifindex && same_string(a->driver, b->driver) &&
	       (a->netns_id.inode == b->netns_id.inode);
}

static bool same_ints(const struct ints *a, const struct ints *b)
{
	return a->count == b->count &&
	       (!a->count || memcmp(a->items, b->items, a->count * sizeof(*a->items)) == 0);
}

/* Also not when a CPU has come back, with all that it ever counted. */
static bool same_interrupts(const struct vf_stats *a, const struct vf_stats *b)
{
	return same_device(a, b) && same_ints(&a->irqs, &b->irqs) && !a->online == !b->online &&
	       (!a->online || same_ints(a->online, b->online));
}

static bool same_counter(const struct vf_stats *a, const struct vf_stats *b, enum stat_attr attr)
{
	if (attr >= STAT_INTERRUPTS)
		return same_interrupts(a, b);
	return attr >= STAT_IF_RX_PACKETS ? same_interface(a, b) : same_device(a, b);
}

/* How far a counter went; false when that cannot be known. */
static bool progress(const struct vf_stats *before, const struct vf_stats *now, enum stat_attr attr,
	uint64_t *by)
{
	uint64_t old, new;

	if (!before || !stat_has(before, attr) || !stat_has(now, attr) ||
		!same_counter(before, now, attr))
		return false;
	old = before->count[attr];
	new = now->count[attr];
	*by = new - old; /* also past the end of 64 bits */
	if (new >= old)
		return true;
	if (!(now->narrow >> attr & 1))
		return *by < FAR_64;
	*by += TWO_TO_32;
	return *by < FAR_32;
}

static void put(struct vf_rates *r, enum rate_attr attr, double value)
{
	r->rate[attr] = value;
	r->known |= RATE_BIT(attr);
}

/* What went on: counts, where they are known. */
struct gone_by {
	bool rx_known, tx_known, rx_drop_known, tx_drop_known;
	uint64_t rx, tx, rx_drop, tx_drop;
};

static void rate_traffic(const struct vf_stats *before, const struct vf_stats *now, bool pf,
	double seconds, struct gone_by *g, struct vf_rates *r)
{
	uint64_t bytes;

	r->counted_by = pf ? COUNTED_BY_PF : COUNTED_BY_INTERFACE;
	r->known |= RATE_BIT(RATE_COUNTED_BY);
	g->rx_known = progress(before, now, pf ? STAT_RX_PACKETS : STAT_IF_RX_PACKETS, &g->rx);
	g->tx_known = progress(before, now, pf ? STAT_TX_PACKETS : STAT_IF_TX_PACKETS, &g->tx);
	if (g->rx_known)
		put(r, RATE_RX_PPS, (double)g->rx / seconds);
	if (g->tx_known)
		put(r, RATE_TX_PPS, (double)g->tx / seconds);
	if (progress(before, now, pf ? STAT_RX_BYTES : STAT_IF_RX_BYTES, &bytes))
		put(r, RATE_RX_BPS, (double)bytes * 8 / seconds);
	if (progress(before, now, pf ? STAT_TX_BYTES : STAT_IF_TX_BYTES, &bytes))
		put(r, RATE_TX_BPS, (double)bytes * 8 / seconds);
}

/* Where the PF does not count them, what the interface knows of. */
static void rate_drops(const struct vf_stats *before, const struct vf_stats *now, double seconds,
	struct gone_by *g, struct vf_rates *r)
{
	uint64_t missed;

	if (stat_has(now, STAT_RX_DROPPED)) {
		g->rx_drop_known = progress(before, now, STAT_RX_DROPPED, &g->rx_drop);
	} else {
		g->rx_drop_known = progress(before, now, STAT_IF_RX_DROPPED, &g->rx_drop) &&
				   progress(before, now, STAT_IF_RX_MISSED, &missed);
		g->rx_drop += g->rx_drop_known ? missed : 0;
	}
	g->tx_drop_known = progress(before, now,
		stat_has(now, STAT_TX_DROPPED) ? STAT_TX_DROPPED : STAT_IF_TX_DROPPED, &g->tx_drop);
	if (g->rx_drop_known)
		put(r, RATE_RX_DROP_PPS, (double)g->rx_drop / seconds);
	if (g->tx_drop_known)
		put(r, RATE_TX_DROP_PPS, (double)g->tx_drop / seconds);
}

/* Of those directions in which both is known. */
static void rate_drop_share(const struct gone_by *g, struct vf_rates *r)
{
	bool rx = g->rx_known && g->rx_drop_known, tx = g->tx_known && g->tx_drop_known;
	double dropped = (rx ? (double)g->rx_drop : 0) + (tx ? (double)g->tx_drop : 0);
	double all = dropped + (rx ? (double)g->rx : 0) + (tx ? (double)g->tx : 0);

	if (rx || tx)
		put(r, RATE_DROP_SHARE, all > 0 ? 100 * dropped / all : 0);
}

static void rate_single(const struct vf_stats *before, const struct vf_stats *now,
	enum stat_attr attr, enum rate_attr rate, double seconds, struct vf_rates *r)
{
	uint64_t by;

	if (progress(before, now, attr, &by))
		put(r, rate, (double)by / seconds);
}

static void rate_interrupts(const struct vf_stats *before, const struct vf_stats *now,
	double seconds, struct vf_rates *r)
{
	uint64_t all, remote;

	if (!progress(before, now, STAT_INTERRUPTS, &all))
		return;
	put(r, RATE_INTERRUPTS, (double)all / seconds);
	if (all && progress(before, now, STAT_REMOTE_INTERRUPTS, &remote))
		put(r, RATE_REMOTE_SHARE, 100 * (double)remote / (double)all);
}

static void identify(const struct vf_stats *s, struct vf_rates *r)
{
	/* both types begin with the same attributes */
	for (size_t i = 0; i <= RATE_OWNER; i++) {
		struct value v = attr_get(&stat_type, i, s);

		if (v.known)
			attr_set(&rate_type, i, r, &v);
	}
}

void rates_of(const struct vf_stats *before, const struct vf_stats *now, double seconds,
	struct vf_rates *rates)
{
	bool pf = stat_has(now, STAT_RX_PACKETS) || stat_has(now, STAT_TX_PACKETS);
	struct gone_by g = {0};

	*rates = (struct vf_rates){0};
	identify(now, rates);
	rates->handle = now->handle;
	if (!(seconds > 0))
		return;
	if (pf || stat_has(now, STAT_IF_RX_PACKETS))
		rate_traffic(before, now, pf, seconds, &g, rates);
	rate_drops(before, now, seconds, &g, rates);
	rate_drop_share(&g, rates);
	rate_single(before, now, STAT_TX_SPOOFED, RATE_TX_SPOOFED, seconds, rates);
	rate_single(before, now, STAT_RX_NO_BUFFER, RATE_RX_NO_BUFFER, seconds, rates);
	rate_interrupts(before, now, seconds, rates);
}

size_t rates_choose(const struct choosing *c, struct vf_rates *list, size_t count)
{
	struct arena scratch = {0};
	const void **records = arena_alloc(&scratch, (count + 1) * sizeof(*records));
	struct vf_rates *copy = arena_alloc(&scratch, (count + 1) * sizeof(*copy));
	size_t chosen;

	for (size_t i = 0; i < count; i++)
		records[i] = &list[i];
	chosen = choose_records(c, records, count);
	for (size_t i = 0; i < count; i++)
		copy[i] = *(const struct vf_rates *)records[i];
	if (count)
		memcpy(list, copy, count * sizeof(*list));
	arena_free(&scratch);
	return chosen;
}

const struct vf_stats *stats_find(
	const struct vf_stats *list, size_t count, size_t from, const struct vf_stats *vf)
{
	for (size_t i = 0; i < count; i++) {
		const struct vf_stats *s = &list[(from + i) % count];

		if (s->index == vf->index && strcmp(s->handle, vf->handle) == 0)
			return s;
	}
	return NULL;
}
