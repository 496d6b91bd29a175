/*
 * Policies of the operator among each other: its api/v1/helper.go says what they come to on one
 * PF, its pkg/webhook/validate.go which do not go together. Other than there, every pair is
 * looked at, a PF without a range counts as all of its VFs, and a range counts by whichever
 * name the PF is given.
 */
#include "policy/node.h"

#include "core/driver.h"

#include <stdlib.h>
#include <string.h>

/* VFs of a PF that one policy speaks of. */
struct group {
	const struct node_policy *node;
	struct span *spans;
	size_t count;
};

/* What it has come to so far. */
struct merged {
	struct group *groups;
	size_t group_count;
	const struct node_policy *last; /* which went before those before it; NULL: none yet */
	const struct node_policy *vfs;  /* whose numVfs counts */
	const struct node_policy *mtu;  /* whose mtu counts, or NULL */
};

static bool has_label(const struct policy *policy, const struct label *label)
{
	for (size_t i = 0; i < policy->label_count; i++)
		if (strcmp(policy->labels[i].key, label->key) == 0 &&
			strcmp(policy->labels[i].value, label->value) == 0)
			return true;
	return false;
}

bool node_applies(const struct policy *policy, const struct node_policy *node)
{
	for (size_t i = 0; policy->has_labels && i < node->label_count; i++)
		if (!has_label(policy, &node->labels[i]))
			return false;
	return true;
}

static bool is_called(const struct pf *pf, const char *name)
{
	return (pf_has(pf, PF_IFNAME) && strcmp(pf->ifname, name) == 0) ||
	       strings_has(&pf->altnames, name);
}

const struct node_pf *node_pf_of(const struct node_policy *node, const struct pf *pf)
{
	for (size_t i = 0; i < node->pf_count; i++)
		if (is_called(pf, node->pfs[i].name))
			return &node->pfs[i];
	return NULL;
}

static bool is_root(const struct node_policy *node, const struct pf *pf)
{
	for (size_t i = 0; i < node->root_count; i++)
		if (pf_has(pf, PF_BDF) && bdf_compare(node->roots[i].bdf, pf->bdf) == 0)
			return true;
	return false;
}

bool node_selects(const struct node_policy *node, const struct pf *pf)
{
	if (!node->has_vendor && !node->has_device && !node->root_count && !node->pf_count)
		return false;
	if (node->has_vendor && (!pf_has(pf, PF_VENDOR_ID) || pf->vendor_id != node->vendor))
		return false;
	if (node->has_device && (!pf_has(pf, PF_DEVICE_ID) || pf->device_id != node->device))
		return false;
	if (node->root_count && !is_root(node, pf))
		return false;
	return !node->pf_count || node_pf_of(node, pf);
}

static int by_priority(const void *left, const void *right)
{
	const struct node_policy *a = *(struct node_policy *const *)left;
	const struct node_policy *b = *(struct node_policy *const *)right;
	const struct origin *x = &a->document->origin, *y = &b->document->origin;

	if (a->priority != b->priority)
		return a->priority > b->priority ? -1 : 1;
	if (strcmp(a->name, b->name) != 0)
		return strcmp(a->name, b->name);
	return x->line != y->line ? (x->line < y->line ? -1 : 1)
				  : (x->column < y->column ? -1 : x->column > y->column);
}

struct node_policy **nodes_sorted(const struct policy *policy, struct arena *arena, size_t *count)
{
	struct node_policy **list =
		arena_alloc(arena, (policy->document_count + 1) * sizeof(struct node_policy *));

	*count = 0;
	for (size_t i = 0; i < policy->document_count; i++) {
		struct node_policy *n = policy->documents[i]->node;

		if (n && node_applies(policy, n))
			list[(*count)++] = n;
	}
	if (*count)
		qsort(list, *count, sizeof(struct node_policy *), by_priority);
	return list;
}

/* All that it says of the PF by its names: the operator takes the first. */
static struct group group_of(
	struct arena *arena, const struct node_policy *node, const struct pf *pf)
{
	struct group g = {.node = node};
	bool whole = !node->pf_count;

	for (size_t i = 0; i < node->pf_count; i++) {
		const struct range *range = &node->pfs[i].range;

		if (!is_called(pf, node->pfs[i].name))
			continue;
		whole |= !range->span_count;
		for (size_t j = 0; j < range->span_count; j++) {
			g.spans = arena_push(arena, g.spans, &g.count, sizeof(*g.spans));
			g.spans[g.count - 1] = range->spans[j];
		}
	}
	if (!whole)
		return g;
	g.count = 0;
	g.spans = arena_push(arena, NULL, &g.count, sizeof(*g.spans));
	g.spans[0] = (struct span){0, node->num_vfs - 1};
	return g;
}

static bool spans_overlap(
	const struct span *a, size_t a_count, const struct span *b, size_t b_count)
{
	for (size_t i = 0; i < a_count; i++)
		for (size_t j = 0; j < b_count; j++)
			if (a[i].from <= b[j].to && b[j].from <= a[i].to)
				return true;
	return false;
}

static bool names_overlap(const struct node_pf *a, const struct node_pf *b)
{
	return !a->range.span_count || !b->range.span_count ||
	       spans_overlap(
		       a->range.spans, a->range.span_count, b->range.spans, b->range.span_count);
}

static const char *name_of(const struct node_policy *n)
{
	return n->name[0] ? n->name : "without a name";
}

/* Two policies that call a PF by these names; false when they do not go together. */
static bool check_names(const struct node_policy *a, const struct node_pf *x,
	const struct node_policy *b, const struct node_pf *y, struct problems *problems)
{
	struct arena scratch = {0};
	const char *place = place_text(&scratch, y->range.origin, x->range.origin);
	bool overlap = names_overlap(x, y);

	if (overlap)
		problem_add(problems, x->range.origin, EXIT_USAGE,
			"%.60s: the policy %.60s speaks of the same VFs (%s)", x->range.text,
			name_of(b), place)
			->attr = "pfNames";
	if (a->external != b->external)
		problem_add(problems, a->external_origin, EXIT_USAGE,
			"the policy %.60s says otherwise of %.60s (%s)", name_of(b), x->name, place)
			->attr = "externallyManaged";
	arena_free(&scratch);
	return !overlap && a->external == b->external;
}

static bool check_pair_names(
	const struct node_policy *a, const struct node_policy *b, struct problems *problems)
{
	for (size_t i = 0; i < a->pf_count; i++)
		for (size_t j = 0; j < b->pf_count; j++)
			if (strcmp(a->pfs[i].name, b->pfs[j].name) == 0 &&
				!check_names(a, &a->pfs[i], b, &b->pfs[j], problems))
				return false;
	return true;
}

static bool check_pair_roots(
	const struct node_policy *a, const struct node_policy *b, struct problems *problems)
{
	char text[BDF_SIZE];

	for (size_t i = 0; i < a->root_count; i++)
		for (size_t j = 0; j < b->root_count; j++) {
			if (bdf_compare(a->roots[i].bdf, b->roots[j].bdf) != 0)
				continue;
			bdf_format(a->roots[i].bdf, text);
			problem_add(problems, a->roots[i].origin, EXIT_USAGE,
				"%s: the policy %.60s has it as well", text, name_of(b))
				->attr = "rootDevices";
			return false;
		}
	return true;
}

static bool check_pair(
	const struct node_policy *a, const struct node_policy *b, struct problems *problems)
{
	bool fine = check_pair_names(a, b, problems);

	fine &= check_pair_roots(a, b, problems);
	if (a->resource[0] && strcmp(a->resource, b->resource) == 0 &&
		a->exclude_topology != b->exclude_topology) {
		problem_add(problems, a->exclude_topology_origin, EXIT_USAGE,
			"the policy %.60s says otherwise of the resource %.60s", name_of(b),
			a->resource)
			->attr = "excludeTopology";
		fine = false;
	}
	if (a->name[0] && strcmp(a->name, b->name) == 0) {
		problem_add(problems, a->document->origin, EXIT_USAGE,
			"there are two policies %.60s", a->name);
		fine = false;
	}
	return fine;
}

void nodes_check(struct policy *policy)
{
	struct arena arena = {0};
	struct node_policy **list =
		arena_alloc(&arena, (policy->document_count + 1) * sizeof(struct node_policy *));
	size_t count = 0;

	for (size_t i = 0; i < policy->document_count; i++) {
		struct node_policy *n = policy->documents[i]->node;

		if (!n || !node_applies(policy, n))
			continue;
		if (n->label_count && !policy->has_labels)
			problem_warn(policy->problems, n->labels_origin,
				"nodeSelector is ignored: the labels of this host were not given");
		if (!n->num_vfs && !n->document->bad)
			problem_warn(policy->problems, n->num_vfs_origin,
				"numVfs: 0 does nothing, as in the operator");
		if (n->rdma && !n->document->bad)
			problem_warn(policy->problems, n->rdma_origin,
				"isRdma is for the device plugin of Kubernetes: nothing is done "
				"for it on this host");
		for (size_t j = 0; j < count; j++)
			if (!check_pair(n, list[j], policy->problems))
				n->document->bad = list[j]->document->bad = true;
		list[count++] = n;
	}
	arena_free(&arena);
}

static void merge_one(
	struct arena *arena, struct merged *m, const struct node_policy *n, const struct pf *pf)
{
	struct group own = group_of(arena, n, pf), *groups = NULL;
	size_t count = 0;
	bool kept = false, equal = m->last && m->last->priority == n->priority;

	groups = arena_push(arena, groups, &count, sizeof(*groups));
	groups[0] = own;
	for (size_t i = 0; i < m->group_count; i++) {
		const struct group *g = &m->groups[i];

		if (strcmp(g->node->resource, n->resource) == 0 ||
			spans_overlap(g->spans, g->count, own.spans, own.count))
			continue;
		groups = arena_push(arena, groups, &count, sizeof(*groups));
		groups[count - 1] = *g;
		kept = true;
	}
	m->groups = groups;
	m->group_count = count;
	if (!(equal || kept) || !m->vfs || n->num_vfs >= m->vfs->num_vfs)
		m->vfs = n;
	if (!(equal || kept) || !m->mtu ||
		(n->has_mtu && n->mtu.setting.value.uint >= m->mtu->mtu.setting.value.uint))
		m->mtu = n->has_mtu ? n : NULL;
	m->last = n;
}

/* By names of which policy_check() could not know that they are one PF's. */
static bool check_other_names(struct node_policy *const *nodes, size_t count, const struct pf *pf,
	size_t at, struct problems *problems)
{
	const struct node_pf *own = node_pf_of(nodes[at], pf);
	bool fine = true;

	for (size_t i = 0; own && i < count; i++) {
		const struct node_pf *other = node_pf_of(nodes[i], pf);

		if (i < at && other && nodes[i]->num_vfs && node_selects(nodes[i], pf) &&
			strcmp(own->name, other->name) != 0)
			fine &= check_names(nodes[at], own, nodes[i], other, problems);
	}
	return fine;
}

static bool check_link(const struct node_policy *n, const struct pf *pf, struct problems *problems)
{
	enum node_link link = pf->mac.len == 20 ? NODE_LINK_IB : NODE_LINK_ETH;
	struct problem *p;

	if (n->link == NODE_LINK_ANY || !pf_has(pf, PF_MAC) || n->link == link)
		return true;
	p = problem_add(problems, n->link_origin, EXIT_UNSUPPORTED,
		link == NODE_LINK_IB ? "it is an InfiniBand port" : "it is no InfiniBand port");
	p->object = arena_strdup(problems->arena, pf->name);
	p->attr = "linkType";
	return false;
}

/* What others manage must be there already. */
static bool check_external(const struct merged *m, const struct pf *pf, struct problems *problems)
{
	const struct node_policy *vfs = m->vfs, *mtu = m->mtu;
	struct problem *p;
	bool fine = true;

	if (vfs->num_vfs > pf->num_vfs) {
		p = problem_add(problems, vfs->num_vfs_origin, EXIT_NOT_FOUND,
			"it is managed by others, and has %u VFs, not %u", pf->num_vfs,
			vfs->num_vfs);
		p->object = arena_strdup(problems->arena, pf->name);
		p->attr = "numVfs";
		fine = false;
	}
	if (mtu && pf_has(pf, PF_MTU) && mtu->mtu.setting.value.uint > pf->mtu) {
		p = problem_add(problems, mtu->mtu.origin, EXIT_USAGE,
			"it is managed by others, and its MTU is %u", pf->mtu);
		p->object = arena_strdup(problems->arena, pf->name);
		p->attr = "mtu";
		fine = false;
	}
	return fine;
}

static void add_range(struct arena *arena, struct entry *e, const struct group *g)
{
	const struct node_policy *n = g->node;
	struct value driver = value_string(n->vfio ? DRIVER_VFIO : DRIVER_DEFAULT);
	struct range range = {.text = "",
		.origin = n->selector_origin,
		.spans = g->spans,
		.span_count = g->count,
		.wants.origin = n->driver_origin};

	wants_add(arena, &range.wants, WANT_DRIVER, &driver, n->driver_origin);
	if (n->has_mtu && !n->vfio)
		wants_add(arena, &range.wants, VF_MTU, &n->mtu.setting.value, n->mtu.origin);
	e->ranges = arena_push(arena, e->ranges, &e->range_count, sizeof(*e->ranges));
	e->ranges[e->range_count - 1] = range;
}

static const struct entry *entry_of(
	struct arena *arena, const struct merged *m, const struct pf *pf)
{
	struct entry *e = arena_alloc(arena, sizeof(*e));
	struct value vfs = value_uint(m->vfs->num_vfs), up = value_bool(true);

	e->document = m->last->document;
	e->origin = m->last->selector_origin;
	e->base.origin = e->origin;
	for (size_t i = 0; i < m->group_count; i++)
		add_range(arena, e, &m->groups[i]);
	if (m->last->external)
		return e;
	wants_add(arena, &e->pf, PF_NUM_VFS, &vfs, m->vfs->num_vfs_origin);
	if (pf_has(pf, PF_IFNAME))
		wants_add(arena, &e->pf, PF_UP, &up, e->origin);
	if (m->mtu)
		e->least_mtu = &m->mtu->mtu;
	return e;
}

bool nodes_merge(struct node_policy *const *nodes, size_t count, const struct pf *pf,
	struct arena *arena, struct problems *problems, const struct entry **entry)
{
	struct merged m = {0};
	bool fine = true;

	*entry = NULL;
	for (size_t i = 0; i < count; i++) {
		if (!node_selects(nodes[i], pf))
			continue;
		if (nodes[i]->document->bad) {
			fine = false;
			continue;
		}
		if (!nodes[i]->num_vfs)
			continue;
		fine &= check_other_names(nodes, count, pf, i, problems);
		merge_one(arena, &m, nodes[i], pf);
	}
	if (!m.last)
		return fine;
	fine &= check_link(m.last, pf, problems);
	if (m.last->external)
		fine &= check_external(&m, pf, problems);
	if (fine)
		*entry = entry_of(arena, &m, pf);
	return fine;
}
