/* Policies held against a host: which of its PFs are spoken of, and what they are to have. */
#include "policy/node.h"

#include "core/selector.h"

#include <string.h>

struct resolver {
	const struct policy *policy;
	const struct host *host;
	struct arena *arena; /* of what comes of it */
	struct arena scratch;
	struct problems *problems;
	struct board **boards; /* of each PF of the host; NULL: it is not spoken of */
	bool *left_out;        /* each PF: something is wrong that was said of it */
};

static struct board *board_of(struct resolver *r, const struct pf *pf)
{
	size_t at = (size_t)(pf - r->host->pfs);

	if (!r->boards[at])
		r->boards[at] = board_new(&r->scratch, pf, pf->name, r->problems);
	return r->boards[at];
}

static void add_entry(struct resolver *r, const struct entry *e)
{
	for (size_t i = 0; i < e->pf_count; i++) {
		struct error err = {0};
		const struct pf *pf = select_pf(r->host, e->pfs[i].text, &err);

		if (pf) {
			board_add(board_of(r, pf), e);
			r->left_out[pf - r->host->pfs] |= e->document->bad;
		} else if (!(e->optional && err.code == EXIT_NOT_FOUND)) {
			problem_error(r->problems, e->pfs[i].origin, &err);
		}
	}
}

static void add_nodes(struct resolver *r)
{
	size_t count;
	struct node_policy **nodes = nodes_sorted(r->policy, &r->scratch, &count);
	bool *found = arena_alloc(&r->scratch, count + 1);

	for (size_t i = 0; i < r->host->pf_count; i++) {
		const struct pf *pf = &r->host->pfs[i];
		const struct entry *entry;

		for (size_t j = 0; j < count; j++)
			found[j] |= node_selects(nodes[j], pf);
		if (!nodes_merge(nodes, count, pf, &r->scratch, r->problems, &entry))
			r->left_out[i] = true;
		if (entry)
			board_add(board_of(r, pf), entry);
	}
	for (size_t j = 0; j < count; j++)
		if (!found[j] && nodes[j]->num_vfs && !nodes[j]->document->bad)
			problem_warn(r->problems, nodes[j]->selector_origin,
				"it selects no PF of this host");
}

void policy_resolve(const struct policy *policy, const struct host *host, struct arena *arena,
	struct intent *intent, struct problems *problems)
{
	struct resolver r = {.policy = policy, .host = host, .arena = arena, .problems = problems};
	struct taken *taken = taken_new(&r.scratch);

	*intent = (struct intent){0};
	r.boards = arena_alloc(&r.scratch, (host->pf_count + 1) * sizeof(struct board *));
	r.left_out = arena_alloc(&r.scratch, host->pf_count + 1);
	for (size_t i = 0; i < policy->document_count; i++)
		for (size_t j = 0; j < policy->documents[i]->entry_count; j++)
			add_entry(&r, &policy->documents[i]->entries[j]);
	add_nodes(&r);
	intent->pfs = arena_alloc(arena, (host->pf_count + 1) * sizeof(*intent->pfs));
	for (size_t i = 0; i < host->pf_count; i++)
		if (r.boards[i] && !r.left_out[i] && board_merge(r.boards[i], host, taken))
			board_intent(r.boards[i], arena, &intent->pfs[intent->count++]);
	arena_free(&r.scratch);
}
