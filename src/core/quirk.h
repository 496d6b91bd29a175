/* What drivers do differently: one table, each row with its source. */
#ifndef CORE_QUIRK_H
#define CORE_QUIRK_H

#include <stdbool.h>
#include <stdint.h>

struct quirk {
	const char *driver; /* of the PF */
	/* VF attributes the driver does not keep: the kernel reports its own default for
	 * them, which says nothing. Bits as in vf.known. */
	uint64_t not_kept;
	/* It refuses a VF's rate while the PF has no link. */
	bool rate_needs_link;
	const char *source;
};

/* The row of a PF driver; never NULL (drivers without quirks share an empty row). */
const struct quirk *quirk_of(const char *driver);

#endif
