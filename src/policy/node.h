/* SriovNetworkNodePolicy of the Kubernetes operator for SR-IOV, as it was read. */
#ifndef POLICY_NODE_H
#define POLICY_NODE_H

#include "policy/parts.h"

enum node_link {
	NODE_LINK_ETH,
	NODE_LINK_IB,
	NODE_LINK_ANY
};

/* PFNAME, or PFNAME#0-3. */
struct node_pf {
	const char *name;
	struct range range; /* without spans: all */
};

struct node_root {
	struct bdf bdf;
	struct origin origin;
};

struct node_policy {
	struct document *document;
	const char *name;  /* "" when it has none */
	uint32_t priority; /* 0 goes before all others */
	const char *resource;
	struct origin resource_origin;
	uint32_t num_vfs;
	struct origin num_vfs_origin;
	struct wish mtu; /* of a PF; attr and known with it */
	bool has_mtu;
	bool vfio;
	struct origin driver_origin;
	enum node_link link;
	struct origin link_origin;
	bool external; /* its PFs are managed by others */
	struct origin external_origin;
	bool exclude_topology;
	struct origin exclude_topology_origin;
	bool rdma;
	struct origin rdma_origin;
	bool has_vendor, has_device;
	uint32_t vendor, device;
	struct node_root *roots;
	size_t root_count;
	struct node_pf *pfs;
	size_t pf_count;
	struct label *labels; /* of nodeSelector */
	size_t label_count;
	struct origin labels_origin;
	struct origin selector_origin;
};

/* Is it about a host with the labels that the policy was given? */
bool node_applies(const struct policy *policy, const struct node_policy *node);
bool node_selects(const struct node_policy *node, const struct pf *pf);
/* The name in pfNames that is this PF's, or NULL. */
const struct node_pf *node_pf_of(const struct node_policy *node, const struct pf *pf);

/* By priority, the first to be overridden first, then by name: those that apply. */
struct node_policy **nodes_sorted(const struct policy *policy, struct arena *arena, size_t *count);
/*
 * What all of them want of a PF, as one entry in *arena; NULL when they want nothing. False
 * when that is wrong, which is reported, or was (of a document that is bad).
 */
bool nodes_merge(struct node_policy *const *nodes, size_t count, const struct pf *pf,
	struct arena *arena, struct problems *problems, const struct entry **entry);

#endif
