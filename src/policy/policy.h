/*
 * Policy files: what a host is to have, in YAML. Read without a host; then, with one, said of
 * its PFs. Two kinds of documents: our own SriovHost, and the SriovNetworkNodePolicy of the
 * Kubernetes operator for SR-IOV.
 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "core/intent.h"

#include <stdio.h>

struct policy;

/* An empty one. What is wrong is added to *problems, whose arena must outlive the policy. */
struct policy *policy_new(struct problems *problems);
void policy_free(struct policy *policy);
/* Add the documents of one text; name: as problems call it. The text is copied. */
void policy_add(struct policy *policy, const char *name, const char *text, size_t len);
/* When all are there: what is wrong whatever the host, as conflicts between documents. */
void policy_check(struct policy *policy);
/* How many documents were read; 0 says that nothing is wanted of anything. */
size_t policy_documents(const struct policy *policy);

/* KEY=VALUE,KEY=VALUE: the labels that nodeSelector is held against; without them it is
 * ignored, with a warning. 0, or -1 with *err. The text must live as long as the policy. */
int policy_set_labels(struct policy *policy, const char *text, struct error *err);

/* What must be known of a host for what the policy speaks of (enum need bits). */
unsigned policy_needs(const struct policy *policy);
/*
 * What it wants of this host. PFs of documents about which something is wrong are left out,
 * and so is what this host rules out: all that goes to *problems, which may be others than
 * those of the files. Lives in *arena, as long as the policy and the host.
 */
void policy_resolve(const struct policy *policy, const struct host *host, struct arena *arena,
	struct intent *intent, struct problems *problems);

/* What must be known of a host to capture it. */
#define POLICY_CAPTURE_NEEDS (NEED_VFS | NEED_NETNS | NEED_BINDING | NEED_LEASES)
/*
 * This host as a SriovHost document, of these PFs: applied to it, it changes nothing. Interfaces
 * of VFs that are here are always said by name, since who named them is not known; VFs that were
 * handed out have what their PF knows of them, and a comment. Interrupt vectors are not said: a
 * number that was set cannot be told from one that the device chose. 0, or -1 with *err.
 */
int policy_capture(const struct host *host, const struct pf *const *pfs, size_t count, FILE *out,
	struct error *err);

#endif
