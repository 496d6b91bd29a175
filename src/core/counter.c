#include "core/counter.h"

#include <stddef.h>
#include <string.h>

/* One of a driver's ethtool statistics. */
struct source {
	const char *driver;  /* of the VF */
	const char *pattern; /* the name, with # for the number of a queue */
	enum driver_counter counter;
	bool narrow; /* kept in 32 bits */
	const char *origin;
};

/*
 * Read in Linux 6.12, drivers/net/ethernet. No driver there has statistics of single VFs among
 * those of its PF or its representors that say more than IFLA_VF_STATS, and none counts what
 * it takes for malicious: that goes to the kernel's log only.
 */
static const struct source sources[] = {
	{"be2net", "txq#: tx_spoof_check_err", DRIVER_TX_SPOOFED, true,
		"emulex/benet/be_ethtool.c: et_tx_stats; be.h: struct be_tx_stats"},
	{"be2net", "rxq#: rx_drops_no_frags", DRIVER_RX_NO_BUFFER, true,
		"emulex/benet/be_ethtool.c: et_rx_stats; be.h: struct be_rx_stats"},
	{"be2net", "rxq#: rx_post_fail", DRIVER_RX_ALLOC_FAILED, true,
		"emulex/benet/be_ethtool.c: et_rx_stats"},
	{"be2net", "rxq#: rx_drops_no_skbs", DRIVER_RX_ALLOC_FAILED, true,
		"emulex/benet/be_ethtool.c: et_rx_stats"},
	{"bnx2x", "rx_discards", DRIVER_RX_NO_BUFFER, false,
		"broadcom/bnx2x/bnx2x_ethtool.c: bnx2x_stats_arr, no_buff_discard"},
	{"bnx2x", "rx_skb_alloc_discard", DRIVER_RX_ALLOC_FAILED, true,
		"broadcom/bnx2x/bnx2x_ethtool.c: bnx2x_stats_arr, 4 bytes"},
	{"bnxt_en", "rx_total_oom_discards", DRIVER_RX_ALLOC_FAILED, false,
		"broadcom/bnxt/bnxt_ethtool.c: bnxt_ring_drv_stats_arr; bnxt.c: "
		"bnxt_get_queue_stats_rx reports it as alloc_fail"},
	{"hns3", "rxq#_dropped", DRIVER_RX_ALLOC_FAILED, false,
		"hisilicon/hns3/hns3_ethtool.c: hns3_rxq_stats; hns3_enet.c: where it is added to "
		"sw_err_cnt of a receive ring"},
	{"iavf", "rx_discards", DRIVER_RX_NO_BUFFER, false,
		"intel/iavf/iavf_ethtool.c: iavf_gstrings_stats; the register GLV_RDPC of the VF, "
		"which intel/i40e/i40e_main.c reports as rx_missed_errors"},
	{"igbvf", "alloc_rx_buff_failed", DRIVER_RX_ALLOC_FAILED, true,
		"intel/igbvf/ethtool.c: igbvf_gstrings_stats; igbvf.h: u32"},
	{"ionic", "rx_#_alloc_err", DRIVER_RX_ALLOC_FAILED, false,
		"pensando/ionic/ionic_stats.c: ionic_rx_stats_desc"},
	{"ixgbevf", "alloc_rx_page_failed", DRIVER_RX_ALLOC_FAILED, false,
		"intel/ixgbevf/ethtool.c: ixgbevf_gstrings_stats"},
	{"ixgbevf", "alloc_rx_buff_failed", DRIVER_RX_ALLOC_FAILED, false,
		"intel/ixgbevf/ethtool.c: ixgbevf_gstrings_stats"},
	{"LiquidIO_VF", "rx-#-buffer_alloc_failure", DRIVER_RX_ALLOC_FAILED, false,
		"cavium/liquidio/lio_ethtool.c: oct_droq_stats_strings"},
	{"mlx5_core", "rx_out_of_buffer", DRIVER_RX_NO_BUFFER, true,
		"mellanox/mlx5/core/en_stats.c: q_stats_desc, read as 32 bits"},
	{"mlx5_core", "rx_buff_alloc_err", DRIVER_RX_ALLOC_FAILED, false,
		"mellanox/mlx5/core/en_stats.c: sw_stats_desc"},
	{"nfp_netvf", "rx_replace_buf_alloc_fail", DRIVER_RX_ALLOC_FAILED, false,
		"netronome/nfp/nfp_net_ethtool.c: nfp_vnic_get_sw_stats_strings"},
	{"qede", "no_buff_discards", DRIVER_RX_NO_BUFFER, false,
		"qlogic/qede/qede_ethtool.c: qede_stats_arr, for VFs too; qlogic/qed/qed_l2.c: "
		"__qed_get_vport_mstats"},
	{"qede", "#: rx_alloc_errors", DRIVER_RX_ALLOC_FAILED, false,
		"qlogic/qede/qede_ethtool.c: qede_rqstats_arr"},
	{"sfc", "rx_nodesc_trunc", DRIVER_RX_NO_BUFFER, true,
		"sfc/ef10.c: efx_ef10_stat_desc; net_driver.h: n_rx_nodesc_trunc of each channel"},
	{"sfc", "rx_noskb_drops", DRIVER_RX_ALLOC_FAILED, true,
		"sfc/ef10.c: efx_ef10_stat_desc; net_driver.h: n_rx_noskb_drops is an atomic_t"},
};
#define SOURCE_COUNT (sizeof(sources) / sizeof(sources[0]))

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool matches(const char *pattern, const char *name)
{
	for (; *pattern; pattern++) {
		if (*pattern != '#') {
			if (*name++ != *pattern)
				return false;
			continue;
		}
		if (!is_digit(*name))
			return false;
		while (is_digit(*name))
			name++;
	}
	return !*name;
}

bool counter_driver_known(const char *driver)
{
	for (size_t i = 0; driver && i < SOURCE_COUNT; i++)
		if (strcmp(sources[i].driver, driver) == 0)
			return true;
	return false;
}

void counter_take(struct driver_counters *c, const char *driver, const char *name, uint64_t value)
{
	for (size_t i = 0; i < SOURCE_COUNT; i++) {
		const struct source *s = &sources[i];
		uint64_t bit = UINT64_C(1) << s->counter;

		if (strcmp(s->driver, driver) != 0 || !matches(s->pattern, name))
			continue;
		c->known |= bit;
		c->value[s->counter] += value;
		if (s->narrow)
			c->narrow |= bit;
	}
}
