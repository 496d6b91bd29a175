/*
 * What a SriovHost document is to say, before it is written: values as the command line takes
 * them, each with the place it was read at. render.h writes it.
 */
#ifndef POLICY_DRAFT_H
#define POLICY_DRAFT_H

#include "core/pf.h"
#include "core/problem.h"
#include "core/vf.h"

struct draft_text {
	const char *text; /* NULL: nothing is said */
	struct origin origin;
};

struct draft_vf {
	uint32_t index;
	struct draft_text set[VF_ATTR_COUNT]; /* by enum vf_attr; the driver is one of them */
};

struct draft_pf {
	const char *pf;     /* as a policy names it: interface, PCI address, mac:ADDR */
	const char *ifname; /* NULL: not known */
	struct origin origin;
	bool has_count;
	uint32_t num_vfs;
	struct origin count_origin;
	struct draft_text eswitch;
	struct draft_text set[PF_ATTR_COUNT]; /* by enum pf_attr */
	struct draft_vf **vfs;                /* by index */
	size_t count;
};

/* Begin with zeros and an arena, in which all of it lives. */
struct draft {
	struct arena *arena;
	struct draft_pf **pfs; /* in the order in which they were added */
	size_t count;
	const char **notes; /* for people: comments at the head of the document */
	size_t note_count;
};

/* The PF called so, added when it is not there. The name is copied. */
struct draft_pf *draft_pf(struct draft *draft, const char *name, struct origin origin);
/* NULL when nothing was said of it. */
struct draft_pf *draft_find_pf(const struct draft *draft, const char *name);
/* The VF of that index, added when it is not there. */
struct draft_vf *draft_vf(struct draft *draft, struct draft_pf *pf, uint32_t index);
/* Whether YAML can have it: names of interfaces may be any bytes, texts of YAML are UTF-8. */
bool draft_can_say(const char *text);
/* A comment at the head. */
void draft_note(struct draft *draft, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
