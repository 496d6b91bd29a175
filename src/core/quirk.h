/* What drivers do differently: one table, each row with its source. */
#ifndef CORE_QUIRK_H
#define CORE_QUIRK_H

#include "core/pf.h"

#include <stdbool.h>
#include <stdint.h>

enum fresh {
	FRESH_UNKNOWN,
	FRESH_OFF,
	FRESH_ON
};

struct quirk {
	const char *driver; /* of the PF */
	/* VF attributes the driver does not keep: the kernel reports its own default for
	 * them, which says nothing. Bits as in vf.known. */
	uint64_t not_kept;
	/* VF attributes it cannot set at all. */
	uint64_t unsupported;
	bool only_8021q;         /* no port VLAN of 802.1ad */
	bool no_min_rate;        /* min_tx_rate other than 0 */
	bool rate_needs_link;    /* refuses a VF's rate while the PF has no link */
	bool no_rate_needs_link; /* even 0, for no limit */
	uint32_t rate_least;     /* smallest max_tx_rate it takes, 0 for any */
	uint32_t rate_step;      /* max_tx_rate comes in multiples of it, whatever it reports */
	/* A bound VF uses an address set through the PF only once its driver starts anew. */
	bool mac_needs_rebind;
	bool mac_needs_pf_up; /* and only while the PF is up: else the driver chooses one */
	/* With spoof checking on, a VF without an address can send nothing. */
	bool spoofchk_before_no_mac;
	bool count_keeps_link; /* another number of VFs leaves the PF's own traffic alone */
	bool pf_up_first;      /* ignores a number of VFs while the PF is down */
	int retry_errno;       /* "the VF is in reset, try again"; 0: none */
	enum fresh spoofchk;   /* of new VFs */
	const char *source;
};

/* The row of a PF driver; never NULL (drivers without quirks share an empty row). */
const struct quirk *quirk_of(const char *driver);

/* The VF attributes (bits as in vf.known) whose values, as the kernel reports them, say
 * nothing: what the driver's row says, and what its kind of link leaves out. */
uint64_t quirk_not_kept(const struct pf *pf);

/* The VF attributes (bits as in vf.known) that this PF cannot set, as far as it is known:
 * what the driver's row says, and what its kind of link rules out. */
uint64_t quirk_unsupported(const struct pf *pf);

#endif
