#include "core/quirk.h"

#include "core/vf.h"

#include <string.h>

#define ALL_STATS                                                                                  \
	(VF_BIT(VF_RX_PACKETS) | VF_BIT(VF_TX_PACKETS) | VF_BIT(VF_RX_BYTES) |                     \
		VF_BIT(VF_TX_BYTES) | VF_BIT(VF_BROADCAST) | VF_BIT(VF_MULTICAST) |                \
		VF_BIT(VF_RX_DROPPED) | VF_BIT(VF_TX_DROPPED))

static const struct quirk quirks[] = {
	{.driver = "igb",
		.not_kept = VF_BIT(VF_STATE) | ALL_STATS,
		.rate_needs_link = true,
		.source = "Linux drivers/net/ethernet/intel/igb/igb_main.c: igb_ndo_get_vf_config "
			  "leaves the link state unset, there is no ndo_get_vf_stats, "
			  "igb_ndo_set_vf_bw wants STATUS.LU; seen in the lab"},
	{.driver = "ixgbe",
		.rate_needs_link = true,
		.source = "Linux drivers/net/ethernet/intel/ixgbe/ixgbe_sriov.c: "
			  "ixgbe_ndo_set_vf_bw wants link_up"},
	{.driver = "netdevsim",
		.not_kept = ALL_STATS,
		.source = "Linux drivers/net/netdevsim/netdev.c: no ndo_get_vf_stats"},
};

const struct quirk *quirk_of(const char *driver)
{
	static const struct quirk none = {0};

	for (size_t i = 0; driver && i < sizeof(quirks) / sizeof(quirks[0]); i++)
		if (strcmp(quirks[i].driver, driver) == 0)
			return &quirks[i];
	return &none;
}
