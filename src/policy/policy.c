#include "policy/node.h"

#include "util/cleanup.h"
#include "util/str.h"

#include <stdlib.h>
#include <string.h>

#define LISTS_MAX 8 /* of lists in lists */

struct policy *policy_new(struct problems *problems)
{
	struct policy *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->problems = problems;
	return p;
}

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	arena_free(&policy->arena);
	free(policy);
}

size_t policy_documents(const struct policy *policy)
{
	return policy->document_count;
}

typedef void read_kind(struct schema_reader *r, const struct yaml_node *root, struct document *d);

#define IGNORED "default"
#define OPERATOR_GROUP "sriovnetwork.openshift.io/"

static const struct {
	const char *name;
	read_kind *read;
} kinds[] = {
	{"SriovHost", host_read},
	{"SriovNetworkNodePolicy", node_read},
};

/* Others of the operator: what pods get, and how it works itself. */
static const char *const operator_kinds[] = {"SriovNetwork", "SriovIBNetwork", "OVSNetwork",
	"SriovNetworkNodeState", "SriovNetworkPoolConfig", "SriovOperatorConfig"};
static const char *const list_kinds[] = {"List", "SriovNetworkNodePolicyList"};

static bool is_one_of(const char *word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

static void other_kind(struct policy *p, const struct yaml_node *root, const struct yaml_node *kind)
{
	struct schema_reader r = {.arena = &p->arena, .problems = p->problems};
	const struct yaml_node *api = yaml_get(root, "apiVersion");
	struct nearest near = {.word = kind->text};
	bool others = is_one_of(kind->text, operator_kinds, ARRAY_SIZE(operator_kinds));

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		nearest_try(&near, kinds[i].name);
	if (others || (api && api->type == YAML_SCALAR && str_starts(api->text, OPERATOR_GROUP) &&
			      !nearest_found(&near))) {
		problem_warn(p->problems, root->origin,
			"a %.60s is for the operator: nothing of it is for this host", kind->text);
		return;
	}
	schema_wrong(
		&r, kind->origin, EXIT_USAGE, "kind", "'%.60s' is no kind of policy", kind->text);
	if (nearest_found(&near))
		problem_hint(p->problems, "did you mean %s?", nearest_found(&near));
	else
		problem_hint(p->problems, "there are %s and %s", kinds[0].name, kinds[1].name);
}

static void read_policy(struct policy *p, const struct yaml_node *root, read_kind *read, bool bad)
{
	struct schema_reader r = {.arena = &p->arena, .problems = p->problems};
	struct document *d = arena_alloc(&p->arena, sizeof(*d));

	d->origin = root->origin;
	read(&r, root, d);
	d->bad = bad || r.bad;
	p->documents =
		arena_push(&p->arena, p->documents, &p->document_count, sizeof(struct document *));
	p->documents[p->document_count - 1] = d;
}

/* A policy that earlier versions of the operator made themselves (its
 * controllers/sriovnetworknodepolicy_controller.go). */
static bool is_ignored(const struct yaml_node *root)
{
	const struct yaml_node *metadata = yaml_get(root, "metadata");
	const struct yaml_node *name = metadata ? yaml_get(metadata, "name") : NULL;

	return name && name->type == YAML_SCALAR && strcmp(name->text, IGNORED) == 0;
}

static void read_document(struct policy *p, const struct yaml_node *root, bool bad, unsigned depth)
{
	struct schema_reader r = {.arena = &p->arena, .problems = p->problems};
	const struct yaml_node *kind = yaml_get(root, "kind"), *items = yaml_get(root, "items");

	if (root->type == YAML_NULL)
		return;
	if (!kind || kind->type != YAML_SCALAR) {
		schema_wrong(&r, kind ? kind->origin : root->origin, EXIT_USAGE, NULL,
			"a policy is a mapping that says of what kind it is");
		problem_hint(p->problems, "kind: %s", kinds[0].name);
		return;
	}
	if (is_one_of(kind->text, list_kinds, ARRAY_SIZE(list_kinds)) && depth < LISTS_MAX) {
		for (size_t i = 0; items && items->type == YAML_SEQUENCE && i < items->count; i++)
			read_document(p, items->items[i], bad, depth + 1);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(kinds[i].name, kind->text) != 0)
			continue;
		if (kinds[i].read == node_read && is_ignored(root)) {
			problem_warn(p->problems, root->origin,
				"the operator ignores a policy called " IGNORED
				", and so is it here");
			return;
		}
		read_policy(p, root, kinds[i].read, bad);
		return;
	}
	other_kind(p, root, kind);
}

void policy_add(struct policy *policy, const char *name, const char *text, size_t len)
{
	/* problems point to it */
	struct arena *arena = policy->problems->arena;
	struct source *source = arena_alloc(arena, sizeof(*source));
	struct yaml_document *documents;
	size_t count;

	source->name = arena_strdup(arena, name);
	source->text = arena_strndup(arena, text, len);
	source->len = len;
	count = yaml_read(source, &policy->arena, &documents, policy->problems);
	for (size_t i = 0; i < count; i++)
		read_document(policy, documents[i].root, documents[i].bad, 0);
}

int policy_set_labels(struct policy *policy, const char *text, struct error *err)
{
	while (*text) {
		size_t len = strcspn(text, ",");
		char *item = arena_strndup(&policy->arena, text, len);
		char *value = strchr(item, '=');

		if (!value || value == item) {
			error_set(err, EXIT_USAGE, "'%.100s' is no label", item);
			return error_hint(err, "write KEY=VALUE,KEY=VALUE");
		}
		*value++ = 0;
		policy->labels = arena_push(&policy->arena, policy->labels, &policy->label_count,
			sizeof(*policy->labels));
		policy->labels[policy->label_count - 1] = (struct label){item, value};
		text += len + (text[len] == ',');
	}
	policy->has_labels = true;
	return 0;
}

/* What taking VFs from whoever has them needs to know. */
#define TO_TAKE (NEED_VFS | NEED_NETNS | NEED_BINDING | NEED_PLACE)

static unsigned needs_of(const struct record_type *type, const struct wants *wants)
{
	unsigned needs = 0;

	for (size_t i = 0; i < wants->count; i++) {
		size_t attr = wants->items[i].setting.attr;
		const struct attr *row;

		if (attr >= type->count) {
			/* a reset goes through the driver as well */
			needs |= TO_TAKE;
			continue;
		}
		row = &type->attrs[attr];
		needs |= row->need;
		if (row->flags & ATTR_REBINDS)
			needs |= NEED_BINDING;
		if (row->unit)
			needs |= NEED_SPEED;
	}
	return needs;
}

static unsigned node_needs(const struct node_policy *n)
{
	return TO_TAKE | (n->has_vendor || n->has_device ? NEED_IDS : 0);
}

unsigned policy_needs(const struct policy *policy)
{
	unsigned needs = 0;

	for (size_t i = 0; i < policy->document_count; i++) {
		const struct document *d = policy->documents[i];

		if (d->node)
			needs |= node_needs(d->node);
		for (size_t j = 0; j < d->entry_count; j++) {
			const struct entry *e = &d->entries[j];

			needs |= needs_of(&pf_type, &e->pf);
			if (wants_find(&e->pf, PF_NUM_VFS))
				needs |= TO_TAKE;
			/* whose interface is elsewhere is left alone, whatever is wanted */
			if (e->range_count || e->base.count)
				needs |= NEED_VFS | NEED_NETNS;
			needs |= needs_of(&vf_type, &e->base);
			for (size_t k = 0; k < e->range_count; k++)
				needs |= needs_of(&vf_type, &e->ranges[k].wants);
		}
	}
	return needs;
}
