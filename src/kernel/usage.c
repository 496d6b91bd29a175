/* Who uses what: asked only where something may be taken from someone, or by name. */
#include "kernel/interfaces.h"

#include "core/driver.h"
#include "kernel/holders.h"
#include "kernel/rtnl.h"
#include "kernel/session.h"
#include "kernel/sysfs.h"
#include "util/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool is_enabled(const struct kernel *k, const struct vf *vf)
{
	char path[64];
	uint32_t enabled;

	return sysfs_read_uint32(k->devices, sysfs_in_device(path, sizeof(path), vf->bdf, "enable"),
		       &enabled) &&
	       enabled > 0;
}

bool vf_is_left_enabled(const struct kernel *k, const struct vf *vf)
{
	return vf_has(vf, VF_BDF) && !vf_has(vf, VF_DRIVER) && is_enabled(k, vf);
}

/* vfio enables a device only while someone has it open, whoever that is. */
static void find_open(struct discovery *d)
{
	for (size_t i = 0; i < d->host->vf_count; i++) {
		struct vf *vf = &d->host->vfs[i];

		vf->open = vf_has(vf, VF_BDF) && vf_has(vf, VF_DRIVER) &&
			   driver_is_vfio(vf->driver) && is_enabled(d->k, vf);
	}
}

/* Where no VF is on vfio, or on its way from there, nobody can have one open through it. */
static bool has_vfio(const struct discovery *d)
{
	for (size_t i = 0; i < d->host->vf_count; i++) {
		const struct vf *vf = &d->host->vfs[i];

		if (vf_has(vf, VF_DRIVER) ? driver_is_passthrough(vf->driver)
					  : vf_is_left_enabled(d->k, vf))
			return true;
	}
	return d->k->snapshot || d->host->blocked_count;
}

void ask_usage(struct discovery *d)
{
	static const enum rtnl_query asked[] = {RTNL_ADDRESSES, RTNL_ROUTES4, RTNL_ROUTES6};

	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		struct buffer answer = {0};
		int rc;

		if (asked[i] != RTNL_ADDRESSES && !(d->needs & NEED_ROUTES))
			break;
		rc = rtnl_ask(d->k, asked[i], NULL, &answer);
		/* a snapshot may go without */
		if (rc < 0 && !(d->k->snapshot && rc == -ENOENT))
			d->host->usage_unknown = true;
		if (rc == 0) {
			if (asked[i] == RTNL_ADDRESSES)
				rtnl_decode_addresses(d->host, answer.data, answer.len);
			else
				rtnl_decode_routes(d->host, answer.data, answer.len);
		}
		buffer_free(&answer);
	}
	/* it looks at every file that any process has open */
	if (has_vfio(d) && !holders_find(d->k, d->host))
		d->host->usage_unknown = true;
	session_find(d->k, d->host);
	find_open(d);
}

void discover_usage(const struct kernel *k, struct host *host)
{
	struct discovery d = {.k = k, .host = host, .needs = NEED_USAGE | NEED_ROUTES | NEED_NETNS};

	index_links(&d);
	look_in_other_netns(&d);
	ask_usage(&d);
}
