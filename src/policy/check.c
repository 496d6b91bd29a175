/* What is wrong between documents, whatever the host. */
#include "policy/parts.h"

#include <stdlib.h>
#include <string.h>

/* An entry by one of the names it gives its PF. */
struct named {
	const char *name;
	const struct entry *entry;
	size_t at; /* in the order of the files */
};

static int by_name(const void *left, const void *right)
{
	const struct named *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	return order ? order : a->at < b->at ? -1 : a->at > b->at;
}

static struct named *find_names(const struct policy *policy, struct arena *arena, size_t *count)
{
	struct named *list = NULL;

	*count = 0;
	for (size_t i = 0; i < policy->document_count; i++)
		for (size_t j = 0; j < policy->documents[i]->entry_count; j++) {
			const struct entry *e = &policy->documents[i]->entries[j];

			for (size_t k = 0; k < e->pf_count; k++) {
				list = arena_push(arena, list, count, sizeof(*list));
				list[*count - 1] = (struct named){e->pfs[k].text, e, *count - 1};
			}
		}
	return list;
}

void policy_check(struct policy *policy)
{
	struct arena arena = {0};
	struct taken *taken = taken_new(&arena);
	size_t count, next;
	struct named *list = find_names(policy, &arena, &count);

	if (count)
		qsort(list, count, sizeof(*list), by_name);
	for (size_t i = 0; i < count; i = next) {
		/* of its own: as many as there may be VFs, and as many boards */
		struct arena scratch = {0};
		struct board *board = board_new(&scratch, NULL, list[i].name, policy->problems);

		for (next = i; next < count && strcmp(list[i].name, list[next].name) == 0; next++)
			board_add(board, list[next].entry);
		if (!board_merge(board, NULL, taken))
			board_blame(board);
		arena_free(&scratch);
	}
	arena_free(&arena);
	nodes_check(policy);
}
