/* What the files of policy/ have in common. */
#ifndef POLICY_PARTS_H
#define POLICY_PARTS_H

#include "policy/policy.h"
#include "policy/schema.h"

/* The most VFs that SR-IOV can number: NumVFs has 16 bits (PCIe base specification, 9.3.3.7). */
#define VFS_MAX 65535

struct span {
	uint32_t from, to;
};

/* VFs of a PF, and what is wanted of them. */
struct range {
	const char *text;
	struct origin origin;
	struct span *spans;
	size_t span_count;
	struct wants wants;
};

struct pf_name {
	const char *text;
	struct origin origin;
};

/* What one place of a document says of one PF, or of several alike. */
struct entry {
	struct document *document;
	struct origin origin;
	struct pf_name *pfs;
	size_t pf_count;
	bool optional;
	struct wants pf;   /* also PF_NUM_VFS */
	struct wants base; /* of every VF of it; ranges go before */
	struct range *ranges;
	size_t range_count;
	const struct wish *least_mtu; /* what its MTU is to be at least, or NULL */
};

struct node_policy;

struct document {
	struct origin origin;
	bool bad;
	struct entry *entries; /* of a SriovHost */
	size_t entry_count;
	struct node_policy *node; /* a SriovNetworkNodePolicy, else NULL */
};

struct label {
	const char *key, *value;
};

struct policy {
	struct arena arena;
	struct problems *problems;
	struct document **documents;
	size_t document_count;
	struct label *labels;
	size_t label_count;
	bool has_labels;
};

/* Read what a document of this kind says into it; problems go to r. */
void host_read(struct schema_reader *r, const struct yaml_node *root, struct document *d);
void node_read(struct schema_reader *r, const struct yaml_node *root, struct document *d);

/* The VFs that "0-3,7" names; false when it is no range, or (*far) none that can be. */
bool spans_parse(struct arena *arena, const char *text, struct range *range, bool *far);

#define TEMPLATE_MAX 60 /* bytes: more make no interface's name, whatever they stand for */

/* Is it `{pf}v{vf}`, or another name with no braces but those? false with *err */
bool template_check(const char *text, struct error *err);
bool template_has(const char *text, const char *word);
/* The name that it makes. */
const char *template_expand(struct arena *arena, const char *text, const char *pf, uint32_t index);
/* The same, checked. 0, or -1 with *err. */
int template_name(struct arena *arena, const char *text, const char *pf, uint32_t index,
	struct setting *name, struct error *err);

/* How files call what is wanted of a PF or VF. */
const char *pf_want_name(size_t attr);
const char *vf_want_name(size_t attr);
const char *wish_text(struct arena *arena, const struct wish *wish);
/* "in line 9", or "in b.yaml, line 9" when it is another file than the one of from. */
const char *place_text(struct arena *arena, struct origin place, struct origin from);

/* Addresses and names that VFs are to have, whichever PF they are of. */
struct taken;
struct taken_by {
	const char *key; /* with its first letter for its kind */
	const struct wish *wish;
	const struct entry *entry;
	const char *pf;
	uint32_t index;
};

struct taken *taken_new(struct arena *arena);
/* Who has this key: *by itself when nobody had it. The key is copied. */
const struct taken_by *taken_take(struct taken *taken, const struct taken_by *by);

/* Everything that is said of one PF, and what comes of it. */
struct board;
/* pf NULL: there is no host, and name is what the entries call it. Lives in *arena. */
struct board *board_new(
	struct arena *arena, const struct pf *pf, const char *name, struct problems *problems);
/* The same entry twice counts once. */
void board_add(struct board *board, const struct entry *entry);
/* False when something is wrong, which is reported. host: NULL without one. */
bool board_merge(struct board *board, const struct host *host, struct taken *taken);
/* What comes of it, in another arena. Only with a PF. */
void board_intent(const struct board *board, struct arena *arena, struct pf_intent *intent);
/* Say in the documents that something is wrong with what they say of this PF. */
void board_blame(const struct board *board);

/* What is wrong between the policies of the operator, whatever the host. */
void nodes_check(struct policy *policy);

#endif
