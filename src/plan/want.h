/*
 * What a command wants of PFs and VFs, checked and put into the plans: pure functions of
 * the host as it is. Each returns 0, or -1 with *err and a plan that must not be applied.
 */
#ifndef PLAN_WANT_H
#define PLAN_WANT_H

#include "core/options.h"
#include "plan/plan.h"

/* The PF is to have `count` VFs; those that stay keep what they have. */
int want_vf_count(struct change *change, const struct host *have, const struct pf *pf,
	uint64_t count, struct error *err);

/* The VFs are to have these attributes. force: bits of enum force. */
int want_vf_settings(struct change *change, const struct host *have, const struct vf **vfs,
	size_t count, const struct setting *settings, size_t setting_count, unsigned force,
	struct error *err);

int want_pf_settings(struct change *change, const struct host *have, const struct pf *pf,
	const struct setting *settings, size_t setting_count, struct error *err);

/* The VFs are to be bound to a driver: by name, "default", or (NULL) to none. */
int want_driver(struct change *change, const struct host *have, const struct vf **vfs, size_t count,
	const char *driver, unsigned force, struct error *err);

/* The VFs are to be reset, and then as new ones are. */
int want_reset(struct change *change, const struct host *have, const struct vf **vfs, size_t count,
	struct error *err);

#endif
