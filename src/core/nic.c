#include "core/nic.h"

#include <stddef.h>
#include <string.h>

/*
 * Ids and drivers are those of the tables in Linux 6.12, drivers/net/ethernet (struct
 * pci_device_id of each driver); that they belong together was seen on hosts whose state is
 * public (lspci, sysfs, and kernel messages of bug reports; the hardware tables of Grid'5000),
 * or is what the SR-IOV network operator supports.
 *
 * most: igb_main.c (igb_probe_vfs) and ixgbe_main.c (ixgbe_probe) keep one function for the PF,
 * sysfs has 7 and 63; enetc and ThunderX as captured. Where firmware settings or the other ports
 * of the card decide (mlx5, bnxt, i40e, ice, sfc, ...) there is no number to go by.
 */
static const struct nic nics[] = {
	{0x1077, 0x1654, 0x1664, "FastLinQ QL45000 50GbE", "qede", "qede", 0},
	{0x1077, 0x1656, 0x1664, "FastLinQ QL45000 25GbE", "qede", "qede", 0},
	{0x1077, 0x8070, 0x8090, "FastLinQ QL41000", "qede", "qede", 0},
	{0x10df, 0x0720, 0x0728, "OneConnect Skyhawk", "be2net", "be2net", 0},
	{0x1137, 0x0043, 0x0071, "VIC Ethernet NIC", "enic", "enic", 0},
	{0x1414, 0x00ba, 0x00ba, "MANA", "mana", "mana", 0},
	{0x1425, 0x5407, 0x5807, "T520-SO", "cxgb4", "cxgb4vf", 0},
	{0x14e4, 0x16a1, 0x16ad, "BCM57840", "bnx2x", "bnx2x", 0},
	{0x14e4, 0x16d6, 0x16dc, "BCM57412", "bnxt_en", "bnxt_en", 0},
	{0x14e4, 0x16d7, 0x16dc, "BCM57414", "bnxt_en", "bnxt_en", 0},
	{0x14e4, 0x16d8, 0x16dc, "BCM57416", "bnxt_en", "bnxt_en", 0},
	{0x14e4, 0x16d9, 0x16dc, "BCM57417", "bnxt_en", "bnxt_en", 0},
	{0x14e4, 0x1750, 0x1806, "BCM57508", "bnxt_en", "bnxt_en", 0},
	{0x14e4, 0x1751, 0x1806, "BCM57504", "bnxt_en", "bnxt_en", 0},
	{0x14e4, 0x1752, 0x1806, "BCM57502", "bnxt_en", "bnxt_en", 0},
	{0x14e4, 0x1760, 0x1819, "BCM57608", "bnxt_en", "bnxt_en", 0},
	{0x15b3, 0x1003, 0x1004, "ConnectX-3", "mlx4_core", "mlx4_core", 0},
	{0x15b3, 0x1007, 0x1004, "ConnectX-3 Pro", "mlx4_core", "mlx4_core", 0},
	{0x15b3, 0x1011, 0x1012, "Connect-IB", "mlx5_core", "mlx5_core", 0},
	{0x15b3, 0x1013, 0x1014, "ConnectX-4", "mlx5_core", "mlx5_core", 0},
	{0x15b3, 0x1015, 0x1016, "ConnectX-4 Lx", "mlx5_core", "mlx5_core", 0},
	{0x15b3, 0x1017, 0x1018, "ConnectX-5", "mlx5_core", "mlx5_core", 0},
	{0x15b3, 0x1019, 0x101a, "ConnectX-5 Ex", "mlx5_core", "mlx5_core", 0},
	{0x15b3, 0x101b, 0x101c, "ConnectX-6", "mlx5_core", "mlx5_core", 0},
	{0x15b3, 0x101d, 0x101e, "ConnectX-6 Dx", "mlx5_core", "mlx5_core", 0},
	{0x15b3, 0x101f, 0x101e, "ConnectX-6 Lx", "mlx5_core", "mlx5_core", 0},
	{0x15b3, 0x1021, 0x101e, "ConnectX-7", "mlx5_core", "mlx5_core", 0},
	{0x15b3, 0x1023, 0x101e, "ConnectX-8", "mlx5_core", "mlx5_core", 0},
	{0x15b3, 0x1025, 0x101e, "ConnectX-9", "mlx5_core", "mlx5_core", 0},
	{0x15b3, 0xa2d2, 0xa2d3, "BlueField", "mlx5_core", "mlx5_core", 0},
	{0x15b3, 0xa2d6, 0x101e, "BlueField-2", "mlx5_core", "mlx5_core", 0},
	{0x15b3, 0xa2dc, 0x101e, "BlueField-3", "mlx5_core", "mlx5_core", 0},
	{0x177d, 0xa01e, 0xa034, "ThunderX", "nicpf", "nicvf", 128},
	{0x177d, 0xa063, 0xa064, "OcteonTX2 RVU", "rvu_nicpf", "rvu_nicvf", 0},
	{0x177d, 0xb100, 0xb103, "Octeon", "octeon_ep", "octeon_ep_vf", 0},
	{0x177d, 0xb200, 0xb203, "Octeon", "octeon_ep", "octeon_ep_vf", 0},
	{0x177d, 0xb600, 0xb603, "Octeon", "octeon_ep", "octeon_ep_vf", 0},
	{0x177d, 0xb900, 0xb903, "Octeon", "octeon_ep", "octeon_ep_vf", 0},
	{0x177d, 0xba00, 0xba03, "Octeon", "octeon_ep", "octeon_ep_vf", 0},
	{0x1924, 0x0903, 0x1903, "SFC9120", "sfc", "sfc", 0},
	{0x1924, 0x0a03, 0x1a03, "SFC9220", "sfc", "sfc", 0},
	{0x1924, 0x0b03, 0x1b03, "SFC9250", "sfc", "sfc", 0},
	{0x1957, 0xe100, 0xef00, "ENETC", "fsl_enetc", "fsl_enetc_vf", 2},
	{0x19e5, 0x0200, 0x375e, "Hi1822 2x100GE", "hinic", "hinic", 0},
	{0x19e5, 0x1822, 0x375e, "Hi1822 4x25GE", "hinic", "hinic", 0},
	{0x19e5, 0xa221, 0xa22e, "HNS 25GE", "hns3", "hns3", 0},
	{0x19e5, 0xa222, 0xa22f, "HNS 25GE RDMA", "hns3", "hns3", 0},
	{0x19ee, 0x4000, 0x6003, "NFP4000", "nfp", "nfp", 0},
	{0x19ee, 0x6000, 0x6003, "NFP6000", "nfp", "nfp", 0},
	{0x1af4, 0x1000, 0x1000, "virtio-net", "virtio-pci", "virtio-pci", 0},
	{0x1af4, 0x1041, 0x1041, "virtio-net 1.0", "virtio-pci", "virtio-pci", 0},
	{0x1d0f, 0xec20, 0xec20, "ENA", "ena", "ena", 0},
	{0x1dd8, 0x1002, 0x1003, "DSC", "ionic", "ionic", 0},
	{0x8086, 0x0d58, 0x154c, "XXV710 of N3000", "i40e", "iavf", 0},
	{0x8086, 0x10c9, 0x10ca, "82576", "igb", "igbvf", 7},
	{0x8086, 0x10e6, 0x10ca, "82576 fiber", "igb", "igbvf", 7},
	{0x8086, 0x10f8, 0x10ed, "82599 backplane", "ixgbe", "ixgbevf", 63},
	{0x8086, 0x10fb, 0x10ed, "82599ES", "ixgbe", "ixgbevf", 63},
	{0x8086, 0x1249, 0x1889, "E835-CC QSFP", "ice", "iavf", 0},
	{0x8086, 0x124a, 0x1889, "E835-CC SFP", "ice", "iavf", 0},
	{0x8086, 0x124c, 0x1889, "E823-L backplane", "ice", "iavf", 0},
	{0x8086, 0x124d, 0x1889, "E823-L SFP", "ice", "iavf", 0},
	{0x8086, 0x12d2, 0x1889, "E830-CC QSFP", "ice", "iavf", 0},
	{0x8086, 0x12d3, 0x1889, "E830-CC SFP", "ice", "iavf", 0},
	{0x8086, 0x1452, 0x145c, "IPU data path", "idpf", "idpf", 0},
	{0x8086, 0x1521, 0x1520, "I350", "igb", "igbvf", 7},
	{0x8086, 0x1522, 0x1520, "I350 fiber", "igb", "igbvf", 7},
	{0x8086, 0x1528, 0x1515, "X540-AT2", "ixgbe", "ixgbevf", 63},
	{0x8086, 0x154d, 0x10ed, "X520", "ixgbe", "ixgbevf", 63},
	{0x8086, 0x1557, 0x10ed, "82599EN", "ixgbe", "ixgbevf", 63},
	{0x8086, 0x1563, 0x1565, "X550", "ixgbe", "ixgbevf", 63},
	{0x8086, 0x1572, 0x154c, "X710 SFP+", "i40e", "iavf", 0},
	{0x8086, 0x1581, 0x154c, "X710 backplane", "i40e", "iavf", 0},
	{0x8086, 0x1583, 0x154c, "XL710 QSFP+", "i40e", "iavf", 0},
	{0x8086, 0x1584, 0x154c, "XL710 QSFP+", "i40e", "iavf", 0},
	{0x8086, 0x1589, 0x154c, "X710 10GBASE-T", "i40e", "iavf", 0},
	{0x8086, 0x158a, 0x154c, "XXV710 backplane", "i40e", "iavf", 0},
	{0x8086, 0x158b, 0x154c, "XXV710 SFP28", "i40e", "iavf", 0},
	{0x8086, 0x1591, 0x1889, "E810-C backplane", "ice", "iavf", 0},
	{0x8086, 0x1592, 0x1889, "E810-C QSFP", "ice", "iavf", 0},
	{0x8086, 0x1593, 0x1889, "E810-C SFP", "ice", "iavf", 0},
	{0x8086, 0x1599, 0x1889, "E810-XXV backplane", "ice", "iavf", 0},
	{0x8086, 0x159b, 0x1889, "E810-XXV SFP", "ice", "iavf", 0},
	{0x8086, 0x15a4, 0x15a5, "FM10000", "fm10k", "fm10k", 0},
	{0x8086, 0x15ab, 0x15a8, "X552 backplane", "ixgbe", "ixgbevf", 63},
	{0x8086, 0x15ad, 0x15a8, "X552 10GBASE-T", "ixgbe", "ixgbevf", 63},
	{0x8086, 0x15c4, 0x15c5, "X553 SFP+", "ixgbe", "ixgbevf", 63},
	{0x8086, 0x15e4, 0x15c5, "X553 1GbE", "ixgbe", "ixgbevf", 63},
	{0x8086, 0x15ff, 0x154c, "X710 10GBASE-T", "i40e", "iavf", 0},
	{0x8086, 0x188a, 0x1889, "E823-C backplane", "ice", "iavf", 0},
	{0x8086, 0x37cc, 0x37cd, "X722", "i40e", "iavf", 0},
	{0x8086, 0x37ce, 0x37cd, "X722 backplane", "i40e", "iavf", 0},
	{0x8086, 0x37d0, 0x37cd, "X722 SFP+", "i40e", "iavf", 0},
	{0x8086, 0x37d2, 0x37cd, "X722 10GBASE-T", "i40e", "iavf", 0},
	{0x8086, 0x579c, 0x1889, "E825-C backplane", "ice", "iavf", 0},
	{0x8086, 0x579d, 0x1889, "E825-C QSFP", "ice", "iavf", 0},
	{0x8086, 0x579e, 0x1889, "E825-C SFP", "ice", "iavf", 0},
};

const struct nic *nic_of_pf(uint32_t vendor, uint32_t device)
{
	for (size_t i = 0; i < sizeof(nics) / sizeof(nics[0]); i++)
		if (nics[i].vendor == vendor && nics[i].device == device)
			return &nics[i];
	return NULL;
}

const struct nic *nic_of_vf(uint32_t vendor, uint32_t vf_device)
{
	for (size_t i = 0; i < sizeof(nics) / sizeof(nics[0]); i++)
		if (nics[i].vendor == vendor && nics[i].vf_device == vf_device)
			return &nics[i];
	return NULL;
}

/*
 * NVIDIA MFT, "Using mstconfig"; Broadcom NIC CLI (niccli), `nvm -setoption`; Solarflare Server
 * Adapter User Guide SF-103837-CD, sfboot. Intel has no command of this kind: its Ethernet
 * Adapters and Devices User Guide says that SR-IOV must be enabled in the BIOS, and for some
 * devices in their own preboot setup.
 */
const char *nic_firmware_command(uint32_t vendor, const char *driver, const char *bdf,
	const char *ifname, struct arena *arena)
{
	if (vendor == 0x15b3)
		return arena_printf(arena,
			"'mstconfig -d %s set SRIOV_EN=1 NUM_OF_VFS=N', then restart the host",
			bdf);
	if (vendor == 0x14e4 && driver && strcmp(driver, "bnxt_en") == 0)
		return "'niccli -dev DEVICE nvm -setoption enable_sriov -value 1' and "
		       "'niccli -dev DEVICE nvm -setoption number_of_vfs_per_pf -scope PORT "
		       "-value N', then restart the host";
	if (vendor == 0x1924)
		return arena_printf(arena,
			"'sfboot --adapter=%s switch-mode=sriov vf-count=N', then switch the "
			"host off and on",
			ifname ? ifname : "INTERFACE");
	return NULL;
}
