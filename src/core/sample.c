#include "core/sample.h"

#include <string.h>

/* One of the two looks. */
struct look {
	struct host *host;
	struct vf_stats *stats; /* in the order of the host's VFs */
	size_t count;
};

static const struct vf *find_vf(const struct host *host, const struct pf *pf, uint32_t index)
{
	const struct pf *same = host_same_pf(host, pf);

	return same ? host_vf(host, same, index) : NULL;
}

static const struct vf_stats *stats_in(const struct look *look, const struct vf *vf)
{
	size_t at = (size_t)(vf - look->host->vfs);

	return at < look->count ? &look->stats[at] : NULL;
}

/* How many both were counted in between; nothing, and false, where that is not known. Drivers that
 * do not count for their VFs may say 0 of all: what has never been counted says nothing. */
static bool packets_of(const struct vf_stats *before, const struct vf_stats *now, enum stat_attr rx,
	enum stat_attr tx, bool believe_zero, uint64_t *packets)
{
	*packets = 0;
	if (!stat_has(before, rx) || !stat_has(before, tx) || !stat_has(now, rx) ||
		!stat_has(now, tx) || now->count[rx] < before->count[rx] ||
		now->count[tx] < before->count[tx])
		return false;
	*packets = now->count[rx] - before->count[rx] + now->count[tx] - before->count[tx];
	return believe_zero || now->count[rx] || now->count[tx];
}

static void sample_packets(const struct vf_stats *before, const struct vf_stats *now,
	double seconds, struct vf_sample *s)
{
	uint64_t by_pf = 0, by_if = 0;
	bool pf = packets_of(before, now, STAT_RX_PACKETS, STAT_TX_PACKETS, false, &by_pf);
	bool itself = before->ifindex == now->ifindex &&
		      packets_of(before, now, STAT_IF_RX_PACKETS, STAT_IF_TX_PACKETS, true, &by_if);

	s->packets_known = pf || itself;
	if (!pf || (itself && by_if > by_pf))
		by_pf = by_if;
	s->packets = s->packets_known ? (double)by_pf / seconds : 0;
}

/* The kernel counts in 32 bits on each CPU. */
static double vector_rate(uint64_t before, uint64_t now, double seconds)
{
	uint64_t by = now - before + (now < before ? UINT64_C(1) << 32 : 0);

	return (double)by / seconds;
}

static bool same_irqs(const struct interrupts *a, const struct interrupts *b)
{
	return a->irqs.count == b->irqs.count &&
	       (!a->irqs.count || memcmp(a->irqs.items, b->irqs.items,
					  a->irqs.count * sizeof(*a->irqs.items)) == 0);
}

static void sample_vf(const struct vf *vf, const struct pf *pf, const struct look *before,
	const struct look *now, double seconds, struct arena *arena, struct vf_sample *s)
{
	const struct vf *old = find_vf(before->host, pf, vf->index);
	const struct vf *new = find_vf(now->host, pf, vf->index);
	const struct vf_stats *a = old ? stats_in(before, old) : NULL;
	const struct vf_stats *b = new ? stats_in(now, new) : NULL;
	struct vf_rates rates;
	double *vectors;

	if (!a || !b || !vf->interrupts || !old->interrupts || !new->interrupts)
		return;
	rates_of(a, b, seconds, &rates);
	if (!(rates.known & RATE_BIT(RATE_INTERRUPTS)) ||
		!same_irqs(vf->interrupts, new->interrupts))
		return;
	vectors = arena_alloc(arena, (vf->interrupts->irqs.count + 1) * sizeof(*vectors));
	for (size_t i = 0; i < vf->interrupts->irqs.count; i++)
		vectors[i] = vector_rate(old->interrupts->vectors[i].count,
			new->interrupts->vectors[i].count, seconds);
	*s = (struct vf_sample){
		.known = true, .interrupts = rates.rate[RATE_INTERRUPTS], .vectors = vectors};
	sample_packets(a, b, seconds, s);
}

const struct vf_sample *sample_vfs(
	const struct host *host, struct host *before, struct host *now, struct arena *arena)
{
	const struct choice all = {.all = true};
	struct look a = {.host = before}, b = {.host = now};
	double seconds = (double)(now->counted_ms - before->counted_ms) / 1000;
	struct vf_sample *list;

	if (before->counted_ms < 0 || now->counted_ms < 0 || !(seconds > 0))
		return NULL;
	a.stats = stats_gather(before, &all, &a.count);
	b.stats = stats_gather(now, &all, &b.count);
	list = arena_alloc(arena, (host->vf_count + 1) * sizeof(*list));
	for (size_t p = 0; p < host->pf_count; p++) {
		const struct pf *pf = &host->pfs[p];

		for (size_t i = 0; i < pf->vf_count; i++)
			sample_vf(&host->vfs[pf->first_vf + i], pf, &a, &b, seconds, arena,
				&list[pf->first_vf + i]);
	}
	return list;
}
