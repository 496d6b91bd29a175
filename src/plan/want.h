/*
 * What a command wants of PFs and VFs, checked and put into the plans: pure functions of
 * the host as it is. Each returns 0, or -1 with *err and a plan that must not be applied.
 */
#ifndef PLAN_WANT_H
#define PLAN_WANT_H

#include "core/intent.h"
#include "core/options.h"
#include "plan/plan.h"

/* The PF is to have `count` VFs; those that stay keep what they have. */
int want_vf_count(struct change *change, const struct host *have, const struct pf *pf,
	uint64_t count, struct error *err);

/* The VFs are to have these attributes. force: bits of enum force. */
int want_vf_settings(struct change *change, const struct host *have, const struct vf **vfs,
	size_t count, const struct setting *settings, size_t setting_count, unsigned force,
	struct error *err);

/* The same for the attributes that the PF sets alone, without making steps of it: the rest
 * is the caller's. */
int want_settings_of_pf(struct change *change, const struct host *have, const struct vf **vfs,
	size_t count, const struct setting *settings, size_t setting_count, unsigned force,
	struct error *err);
/* Can an interface that takes MTUs from min to max (0: not known) have this one? */
int want_mtu_fits(const char *object, uint64_t mtu, uint32_t min, uint32_t max, struct error *err);

/* The same for several VFs, each with settings of its own. What cannot be had goes to
 * change->problems, and out of its list of settings; the rest is wanted. */
struct vf_wish {
	const struct vf *vf;
	struct setting *settings;
	size_t count;
};
void want_vf_wishes(struct change *change, const struct host *have, struct vf_wish *wishes,
	size_t count, unsigned force);

int want_pf_settings(struct change *change, const struct host *have, const struct pf *pf,
	const struct setting *settings, size_t setting_count, struct error *err);

/*
 * What is declared of a PF, into a change that gathers on `planned` (change_begin()) and has
 * `problems`: what cannot be had goes there.
 */
void want_intent(struct change *change, struct host *planned, const struct pf_intent *intent,
	unsigned force);
/* Problems that have no place yet get that of what they are about. */
void intent_place_problems(const struct intent *intent, struct problems *problems);
/* What a new VF of the PF has of an attribute; false where that is not known, or it has none. */
bool value_of_new_vf(const struct pf *pf, enum vf_attr attr, struct value *v);

/* The VFs are to be bound to a driver: by name, "default", or (NULL) to none. */
int want_driver(struct change *change, const struct host *have, const struct vf **vfs, size_t count,
	const char *driver, unsigned force, struct error *err);

/* The VFs are to be reset, and then as new ones are. */
int want_reset(struct change *change, const struct host *have, const struct vf **vfs, size_t count,
	struct error *err);

/* The VFs are to be handed to a network namespace, with these settings, or to come home as
 * they were (owner: whom the one who asks speaks for, NULL for nobody). */
int want_attach(struct change *change, const struct host *have, const struct vf **vfs, size_t count,
	const struct netns *target, const struct setting *settings, size_t setting_count,
	unsigned force, struct error *err);
int want_detach(struct change *change, const struct host *have, const struct vf **vfs, size_t count,
	const char *owner, unsigned force, struct error *err);

/* The journal of a change of VFs that were handed over says what their interfaces were there:
 * it is not to be put back where they are elsewhere by now. */
void forget_other_places(struct plan *plan, const struct host *have);

/* What an earlier change left behind on this PF, which may have gone (then there is only
 * its handle), is to be put right, as far as nobody uses it. */
int want_repair(
	struct change *change, const struct host *have, const struct pf *pf, struct error *err);

/* The PFs about which want_repair has something to say; also those that have gone. In the
 * host's arena; each once. */
const struct pf **pfs_to_repair(struct host *have, size_t *count);

#endif
