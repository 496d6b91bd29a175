/*
 * What PFs and their VFs are to have, whoever wants it: said of PFs that are there, and with
 * a place where each thing was said. A policy makes it, plan/ makes steps of it.
 */
#ifndef CORE_INTENT_H
#define CORE_INTENT_H

#include "core/host.h"
#include "core/problem.h"

struct wish {
	struct setting setting; /* of pf_type or vf_type; each attribute once */
	struct origin origin;
};

struct vf_intent {
	uint32_t index;
	const char *driver; /* by name, or "default"; NULL: whichever it has */
	bool reset;         /* attributes that are not wished for are to be those of a new VF */
	struct wish *wishes;
	size_t count;
	struct origin origin; /* where the VF is spoken of; of its driver */
};

struct pf_intent {
	const struct pf *pf;
	bool has_count;
	uint32_t num_vfs;    /* with has_count */
	struct wish *wishes; /* of the PF itself: mtu, up, autoprobe */
	size_t count;
	struct vf_intent *vfs; /* by index, each once, all below the number it is to have */
	size_t vf_count;
	struct origin origin; /* where the PF is spoken of; of its number of VFs */
};

struct intent {
	struct pf_intent *pfs; /* in the order of the host's PFs, each once */
	size_t count;
};

#endif
