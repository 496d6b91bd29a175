/* What set.c and set_wishes.c share; nobody else includes it. */
#ifndef PLAN_SET_PARTS_H
#define PLAN_SET_PARTS_H

#include "plan/want.h"

#include "core/mac.h"

/* Settings of VFs being checked. */
struct wanted {
	struct change *change;
	const struct host *have;
	const struct vf **vfs;
	size_t vf_count;
	const struct setting *settings;
	size_t count;
	unsigned force;
	bool lends; /* to be moved: its interface takes an address on the way */
	bool alone; /* the settings are for a single VF */
	/* all that are wanted at once, each with its own settings; NULL: the same for all */
	const struct vf_wish *wishes;
	size_t wish_count;
	struct error *err;
	struct mac_set macs; /* who has which; only where addresses are set */
	struct arena arena;  /* of those */
};

/* NULL: it is not among them. */
const struct setting *set_setting_of(const struct wanted *w, size_t attr);
/* Can the VF have them? Of its address that is not known before all are gathered. This and the
 * others: 0, or -1 with *w->err. */
int set_check_one(const struct wanted *w, const struct vf *vf);
void set_gather_macs(struct wanted *w);
int set_wished_mac(struct wanted *w, const struct vf *vf, struct lladdr *mac);
int set_want_one(struct wanted *w, const struct vf *vf);

#endif
