#include "core/quirk.h"

#include "core/vf.h"

#include <errno.h>
#include <string.h>

#define STATS                                                                                      \
	(VF_BIT(VF_RX_PACKETS) | VF_BIT(VF_TX_PACKETS) | VF_BIT(VF_RX_BYTES) |                     \
		VF_BIT(VF_TX_BYTES) | VF_BIT(VF_BROADCAST) | VF_BIT(VF_MULTICAST) |                \
		VF_BIT(VF_RX_DROPPED) | VF_BIT(VF_TX_DROPPED))
#define DROPPED (VF_BIT(VF_RX_DROPPED) | VF_BIT(VF_TX_DROPPED))
#define GUIDS (VF_BIT(VF_NODE_GUID) | VF_BIT(VF_PORT_GUID))
#define RSS VF_BIT(VF_QUERY_RSS)
#define MSIX VF_BIT(VF_MSIX)

/* Read in Linux 6.12, drivers/net/ethernet and drivers/net. The kernel sends statistics of a
 * VF, all of them 0, for drivers without ndo_get_vf_stats too (net/core/rtnetlink.c,
 * rtnl_fill_vfinfo). Those of i40e, ice, ionic and mlx5_core fill them all. */
static const struct quirk quirks[] = {
	{.driver = "igb",
		.not_kept = VF_BIT(VF_STATE) | RSS | STATS,
		.unsupported = VF_BIT(VF_STATE) | RSS | MSIX,
		.only_8021q = true,
		.no_min_rate = true,
		.rate_needs_link = true,
		.no_rate_needs_link = true,
		.mac_needs_rebind = true,
		.mac_needs_pf_up = true,
		.spoofchk = FRESH_ON,
		.source = "intel/igb/igb_main.c: igb_netdev_ops has no ndo_set_vf_link_state, "
			  "ndo_set_vf_rss_query_en, ndo_get_vf_stats; igb_ndo_set_vf_vlan; "
			  "igb_ndo_set_vf_bw wants STATUS.LU and no minimum; igb_ndo_set_vf_mac "
			  "logs 'Reload the VF driver'; igbvf/netdev.c: igbvf_probe asks 'Is the "
			  "PF interface up?'; seen in the lab"},
	{.driver = "ixgbe",
		.not_kept = VF_BIT(VF_BROADCAST) | VF_BIT(VF_RX_DROPPED) | VF_BIT(VF_TX_DROPPED),
		.unsupported = MSIX,
		.only_8021q = true,
		.no_min_rate = true,
		.rate_needs_link = true,
		.no_rate_needs_link = true,
		.rate_least = 11,
		.mac_needs_rebind = true,
		.mac_needs_pf_up = true,
		.spoofchk = FRESH_ON,
		.source = "intel/ixgbe/ixgbe_sriov.c: ixgbe_ndo_set_vf_vlan, ixgbe_ndo_set_vf_bw, "
			  "ixgbe_ndo_set_vf_mac, __ixgbe_enable_sriov; ixgbe_main.c: "
			  "ixgbe_ndo_get_vf_stats; ixgbevf/ixgbevf_main.c: ixgbevf_sw_init"},
	{.driver = "i40e",
		.not_kept = RSS,
		.unsupported = RSS | MSIX,
		.only_8021q = true,
		.no_min_rate = true,
		.rate_least = 50,
		.rate_step = 50,
		.retry_errno = EAGAIN,
		.spoofchk = FRESH_ON,
		.source = "intel/i40e/i40e_virtchnl_pf.c: i40e_ndo_set_vf_port_vlan, "
			  "i40e_ndo_set_vf_bw, i40e_check_vf_init_timeout ('VF still in reset'), "
			  "i40e_alloc_vfs; i40e_main.c: i40e_set_bw_limit rounds down"},
	{.driver = "ice",
		.not_kept = RSS,
		.unsupported = RSS,
		.rate_needs_link = true,
		.retry_errno = EBUSY,
		.spoofchk = FRESH_ON,
		.source = "intel/ice/ice_sriov.c: ice_set_vf_bw; ice_lib.c: ice_set_max_bw_limit "
			  "takes a link that is down for speed 0; ice_vf_lib.c: "
			  "ice_check_vf_ready_for_cfg, ice_initialize_vf_entry"},
	{.driver = "mlx5_core",
		.not_kept = RSS | VF_BIT(VF_PROTO),
		.unsupported = RSS,
		.only_8021q = true,
		.mac_needs_rebind = true,
		.spoofchk_before_no_mac = true,
		.count_keeps_link = true,
		.spoofchk = FRESH_OFF,
		.source = "mellanox/mlx5/core/en_main.c: mlx5e_netdev_ops, mlx5e_set_vf_vlan, "
			  "mlx5e_set_netdev_dev_addr reads the address at probe; eswitch.c: "
			  "mlx5_eswitch_get_vport_config zeroes what it does not know; sriov.c: "
			  "mlx5_sriov_enable leaves the netdev alone; "
			  "esw/legacy.c: the ACL of spoofchk matches the address set"},
	{.driver = "bnxt_en",
		.not_kept = RSS | VF_BIT(VF_PROTO) | STATS,
		.unsupported = RSS | MSIX,
		.mac_needs_rebind = true,
		.pf_up_first = true,
		.spoofchk = FRESH_OFF,
		.source = "broadcom/bnxt/bnxt_sriov.c: bnxt_sriov_configure returns 0 while the PF "
			  "is down, bnxt_get_vf_config has no vlan_proto, bnxt_update_vf_mac"},
	/* these are here for what they do not count */
	{.driver = "mlx4_core",
		.not_kept = VF_BIT(VF_BROADCAST) | VF_BIT(VF_MULTICAST) | DROPPED,
		.source = "mellanox/mlx4/cmd.c: mlx4_get_vf_stats"},
	{.driver = "fm10k",
		.not_kept = VF_BIT(VF_BROADCAST) | VF_BIT(VF_MULTICAST) | VF_BIT(VF_TX_DROPPED),
		.source = "intel/fm10k/fm10k_iov.c: fm10k_ndo_get_vf_stats"},
	{.driver = "LiquidIO",
		.not_kept = DROPPED | RSS | VF_BIT(VF_PROTO),
		.source = "cavium/liquidio/lio_main.c: liquidio_get_vf_stats; "
			  "liquidio_get_vf_config zeroes what it does not know"},
	{.driver = "be2net",
		.not_kept = STATS,
		.source = "emulex/benet/be_main.c: no ndo_get_vf_stats"},
	{.driver = "bnx2x",
		.not_kept = STATS,
		.source = "broadcom/bnx2x/bnx2x_main.c: no ndo_get_vf_stats"},
	{.driver = "cxgb4",
		.not_kept = STATS,
		.source = "chelsio/cxgb4/cxgb4_main.c: no ndo_get_vf_stats"},
	{.driver = "funeth",
		.not_kept = STATS | RSS | VF_BIT(VF_TRUST) | VF_BIT(VF_STATE),
		.source = "fungible/funeth/funeth_main.c: no ndo_get_vf_stats; "
			  "fun_get_vf_config zeroes what it does not know"},
	{.driver = "hinic",
		.not_kept = STATS,
		.source = "huawei/hinic/hinic_main.c: no ndo_get_vf_stats"},
	{.driver = "hns3",
		.not_kept = STATS,
		.source = "hisilicon/hns3/hns3_enet.c: no ndo_get_vf_stats"},
	{.driver = "nfp",
		.not_kept = STATS | RSS,
		.source = "netronome/nfp/nfp_net_common.c, nfp_net_repr.c: no ndo_get_vf_stats; "
			  "nfp_net_sriov.c: nfp_app_get_vf_config zeroes what it does not know"},
	{.driver = "rvu_nicpf",
		.not_kept = STATS,
		.source = "marvell/octeontx2/nic/otx2_pf.c: no ndo_get_vf_stats"},
	{.driver = "qede",
		.not_kept = STATS,
		.source = "qlogic/qede/qede_main.c: no ndo_get_vf_stats"},
	{.driver = "qlcnic",
		.not_kept = STATS,
		.source = "qlogic/qlcnic/qlcnic_main.c: no ndo_get_vf_stats"},
	{.driver = "sfc", .not_kept = STATS, .source = "sfc/efx.c: no ndo_get_vf_stats"},
	{.driver = "sfc_siena",
		.not_kept = STATS,
		.source = "sfc/siena/efx.c: no ndo_get_vf_stats"},
	{.driver = "netdevsim",
		.not_kept = STATS,
		.unsupported = MSIX,
		.count_keeps_link = true,
		.source = "netdevsim/netdev.c: no ndo_get_vf_stats; seen in the lab"},
};

const struct quirk *quirk_of(const char *driver)
{
	static const struct quirk none = {0};

	for (size_t i = 0; driver && i < sizeof(quirks) / sizeof(quirks[0]); i++)
		if (strcmp(quirks[i].driver, driver) == 0)
			return &quirks[i];
	return &none;
}

/* InfiniBand, whose addresses have 20 bytes */
static bool is_infiniband(const struct pf *pf)
{
	return pf_has(pf, PF_MAC) && pf->mac.len == 20;
}

uint64_t quirk_not_kept(const struct pf *pf)
{
	uint64_t bits = quirk_of(pf->driver)->not_kept;

	/* drivers/infiniband/hw/mlx5/ib_virt.c, mlx5_ib_get_vf_stats: the only one there */
	return is_infiniband(pf) ? bits | VF_BIT(VF_BROADCAST) | DROPPED : bits;
}

uint64_t quirk_unsupported(const struct pf *pf)
{
	uint64_t bits = quirk_of(pf->driver)->unsupported;

	/* net/core/rtnetlink.c handle_vf_guid wants ARPHRD_INFINIBAND; ulp/ipoib/ipoib_main.c
	 * ipoib_netdev_ops_pf has nothing else but the state */
	if (is_infiniband(pf))
		return bits | VF_BIT(VF_MAC) | VF_BIT(VF_VLAN) | VF_BIT(VF_QOS) | VF_BIT(VF_PROTO) |
		       VF_BIT(VF_MAX_TX_RATE) | VF_BIT(VF_MIN_TX_RATE) | VF_BIT(VF_SPOOFCHK) |
		       VF_BIT(VF_TRUST) | RSS;
	return pf_has(pf, PF_MAC) ? bits | GUIDS : bits;
}
