/*
 * Hosts as they are run, on which nothing is wrong: what a doctor must be calm about. Part of
 * mkfixture.c. NICs are those of core/nic.c; each host differs in platform, kernel, NICs, and
 * in who has its VFs.
 */
enum platform {
	INTEL,     /* switched on by the kernel command line */
	INTEL_OWN, /* on without a word there: the kernel is built so */
	AMD,
	ARM,
	NO_IOMMU, /* and no table of one in the firmware */
	GUEST,    /* a VM that was given a PF whole */
};

enum held_by {
	NOBODY,     /* no VFs were made */
	HOME,       /* interfaces of the host, up */
	IDLE,       /* the same, down, to be handed out */
	CONTAINERS, /* each in a namespace */
	VMS,        /* each on vfio-pci, with a VM that has it */
	DPDK,       /* each on vfio-pci, one process for all */
	SPARE,      /* on vfio-pci, for who will come */
};

struct card {
	unsigned vendor, device, vf_device;
	const char *driver, *vf_driver;
	unsigned total, vfs, offset;
	enum held_by held;
	const char *firmware;
};

static const struct ordinary {
	const char *name;
	enum platform platform;
	const char *release, *cmdline;
	struct card cards[3];
} ordinary[] = {
	{"h-igb-idle", INTEL, "6.12.117+deb12-amd64", "root=/dev/sda1 ro quiet intel_iommu=on",
		{{0x8086, 0x10c9, 0x10ca, "igb", "igbvf", 7, 7, 128, IDLE, "1.2.1"}}},
	{"h-ixgbe-home", INTEL_OWN, "6.1.0-56-amd64", "root=/dev/sda1 ro quiet",
		{{0x8086, 0x10fb, 0x10ed, "ixgbe", "ixgbevf", 63, 8, 128, HOME, "0x61bf0001"}}},
	{"h-i40e-vms", INTEL, "5.14.0-427.el9.x86_64", "ro intel_iommu=on iommu=pt",
		{{0x8086, 0x1572, 0x154c, "i40e", "iavf", 64, 16, 16, VMS, "9.20 0x8000d8a1"},
			{0x8086, 0x1572, 0x154c, "i40e", "iavf", 64, 0, 16, NOBODY,
				"9.20 0x8000d8a1"}}},
	{"h-ice-containers", INTEL, "6.8.0-45-generic", "ro intel_iommu=on iommu=pt",
		{{0x8086, 0x1592, 0x1889, "ice", "iavf", 128, 24, 8, CONTAINERS,
			"4.40 0x8001c967"}}},
	{"h-ice-dpdk", INTEL, "6.8.0-45-generic",
		"ro intel_iommu=on iommu=pt default_hugepagesz=1G hugepagesz=1G hugepages=16",
		{{0x8086, 0x1593, 0x1889, "ice", "iavf", 64, 8, 8, DPDK, "4.40 0x8001c967"}}},
	{"h-mlx5-vms", INTEL, "6.12.117+deb12-amd64", "ro intel_iommu=on iommu=pt",
		{{0x15b3, 0x101d, 0x101e, "mlx5_core", "mlx5_core", 16, 16, 2, VMS, "22.39.1002"},
			{0x15b3, 0x101d, 0x101e, "mlx5_core", "mlx5_core", 16, 8, 2, IDLE,
				"22.39.1002"}}},
	{"h-mlx5-amd", AMD, "6.1.0-56-amd64", "ro quiet",
		{{0x15b3, 0x1017, 0x1018, "mlx5_core", "mlx5_core", 8, 4, 2, HOME, "16.35.3006"}}},
	{"h-mlx5-dpdk", AMD, "6.6.30", "ro iommu=pt hugepages=1024",
		{{0x15b3, 0x1019, 0x101a, "mlx5_core", "mlx5_core", 16, 8, 2, HOME, "16.35.3006"}}},
	{"h-mlx4", NO_IOMMU, "4.18.0-553.el8_10.x86_64", "ro crashkernel=auto",
		{{0x15b3, 0x1003, 0x1004, "mlx4_core", "mlx4_core", 63, 4, 1, HOME, "2.42.5000"}}},
	{"h-bnxt-idle", AMD, "6.12.0", "ro",
		{{0x14e4, 0x1750, 0x1806, "bnxt_en", "bnxt_en", 64, 8, 16, IDLE, "227.0.130.0"}}},
	{"h-bnxt-containers", INTEL_OWN, "6.9.7-200.fc40.x86_64", "ro rhgb quiet",
		{{0x14e4, 0x16d7, 0x16dc, "bnxt_en", "bnxt_en", 16, 16, 16, CONTAINERS,
			"218.0.219.13"}}},
	{"h-qede", INTEL, "5.15.0-122-generic", "ro intel_iommu=on",
		{{0x1077, 0x8070, 0x8090, "qede", "qede", 96, 12, 20, IDLE, "8.59.1.0"}}},
	{"h-sfc", INTEL_OWN, "6.1.0-56-amd64", "ro",
		{{0x1924, 0x0a03, 0x1a03, "sfc", "sfc", 16, 2, 8, SPARE, "8.2.2.1010"}}},
	{"h-cxgb4", NO_IOMMU, "6.1.0-56-amd64", "ro",
		{{0x1425, 0x5407, 0x5807, "cxgb4", "cxgb4vf", 16, 2, 4, HOME, "1.27.1.0"}}},
	{"h-arm-hns3", ARM, "6.6.0-28.oe2403.aarch64", "ro console=ttyAMA0",
		{{0x19e5, 0xa222, 0xa22f, "hns3", "hclgevf", 127, 3, 8, HOME, "1.8.21.0"}}},
	{"h-arm-vms", ARM, "6.8.0-1013-nvidia-64k", "ro iommu.passthrough=1",
		{{0x15b3, 0x1021, 0x101e, "mlx5_core", "mlx5_core", 16, 4, 9, VMS, "28.39.1002"}}},
	{"h-none-made", INTEL, "6.12.117+deb12-amd64", "ro intel_iommu=on",
		{{0x8086, 0x1521, 0x1520, "igb", "igbvf", 7, 0, 128, NOBODY, "1.63, 0x800009fa"},
			{0x8086, 0x1521, 0x1520, "igb", "igbvf", 7, 0, 128, NOBODY,
				"1.63, 0x800009fa"}}},
	{"h-no-iommu-home", NO_IOMMU, "6.12.117+deb12-amd64", "ro",
		{{0x8086, 0x1528, 0x1515, "ixgbe", "ixgbevf", 63, 4, 128, HOME, "0x800006da"}}},
	{"h-guest", GUEST, "6.1.0-56-cloud-amd64", "ro console=ttyS0",
		{{0x8086, 0x1563, 0x1565, "ixgbe", "ixgbevf", 63, 2, 128, HOME, "0x80001442"}}},
	{"h-unknown-nic", INTEL, "6.12.0", "ro intel_iommu=on",
		{{0x1de5, 0x1000, 0x1001, "newnic", "newnicvf", 32, 8, 8, IDLE, "0.9"}}},
	{"h-mixed", INTEL, "6.8.0-45-generic", "ro intel_iommu=on iommu=pt",
		{{0x8086, 0x159b, 0x1889, "ice", "iavf", 128, 6, 8, VMS, "4.40 0x8001c967"},
			{0x15b3, 0x1015, 0x1016, "mlx5_core", "mlx5_core", 8, 8, 2, CONTAINERS,
				"14.32.1010"},
			{0x8086, 0x37d2, 0x37cd, "i40e", "iavf", 32, 0, 16, NOBODY, "6.00"}}},
	{"h-full-rack", AMD, "6.12.0", "ro iommu=pt",
		{{0x15b3, 0x1021, 0x101e, "mlx5_core", "mlx5_core", 128, 127, 2, VMS, "28.39.1002"},
			{0x15b3, 0x1021, 0x101e, "mlx5_core", "mlx5_core", 128, 127, 2, IDLE,
				"28.39.1002"}}},
};

static char holders[16384];

/* Somebody has it. */
static void hand_out(struct vf *v, const struct card *card, unsigned i, int group)
{
	v->driver = card->vf_driver;
	v->group = group;
	v->reset = "flr";
	switch (card->held) {
	case NOBODY:
	case HOME:
		break;
	case IDLE:
		v->down = true;
		break;
	case CONTAINERS:
		if (i < 3) {
			v->netns = strdup(text("cni-%u", i));
			v->ifname = "net1";
		} else {
			v->down = true;
		}
		v->vlan = 100 + i;
		break;
	case VMS:
	case DPDK:
	case SPARE:
		v->driver = v->override = "vfio-pci";
		v->ifname = NULL;
		v->vlan = card->held == VMS ? 200 + i : 0;
		if (card->held != SPARE)
			snprintf(holders + strlen(holders), sizeof(holders) - strlen(holders),
				"%d %u %s\n", group, card->held == VMS ? 5000 + i : 6000,
				card->held == VMS ? "qemu-system-x86" : "dpdk-testpmd");
		break;
	}
}

static void card(const struct ordinary *h, unsigned at)
{
	const struct card *c = &h->cards[at];
	bool has_groups = h->platform != NO_IOMMU && h->platform != GUEST;
	char *name = strdup(text("ens%u", at + 1));
	struct pf p = ixgbe(0x21 + 0x20 * at, name, c->vfs);
	char *dev = strdup(text("%s", bdf(0, p.bus << 8)));

	p.vendor = c->vendor;
	p.device = c->device;
	p.vf_device = c->vf_device;
	p.driver = c->driver;
	p.total = c->total;
	p.offset = c->offset;
	p.stride = 1;
	p.numa = h->platform == GUEST ? -1 : (int)at % 2;
	p.group = has_groups ? (int)(20 + 500 * at) : NONE;
	p.ari = p.config = true;
	for (unsigned i = 0; i < c->vfs; i++)
		hand_out(&p.vfs[i], c, i, has_groups ? p.group + 1 + (int)i : NONE);
	emit(&p);
	driver_info(name, c->driver, c->firmware, dev);
}

/* What the platform says of itself; "facts" lists what was looked for. */
static void platform(const struct ordinary *h)
{
	static const char *const units[] = {[INTEL] = "dmar0",
		[INTEL_OWN] = "dmar0",
		[AMD] = "ivhd0",
		[ARM] = "smmu3.0x0000000140000000"};
	bool intel = h->platform == INTEL || h->platform == INTEL_OWN;
	bool has_iommu = h->platform < NO_IOMMU;

	put_text("proc/cmdline", text("BOOT_IMAGE=/vmlinuz %s\n", h->cmdline));
	put_text("proc/sys/kernel/osrelease", text("%s\n", h->release));
	parents("sys/class/iommu/");
	if (has_iommu)
		parents(text("sys/class/iommu/%s/", units[h->platform]));
	if (intel)
		put_text("sys/firmware/acpi/tables/DMAR", "");
	if (h->platform == AMD)
		put_text("sys/firmware/acpi/tables/IVRS", "");
	put_text("facts", text("0 /proc/cmdline\n0 /proc/sys/kernel/osrelease\n0 /sys/class/iommu\n"
			       "%d /sys/firmware/acpi/tables/DMAR\n"
			       "%d /sys/firmware/acpi/tables/IVRS\n",
				  intel ? 0 : ENOENT, h->platform == AMD ? 0 : ENOENT));
	driver("vfio-pci");
}

static bool make_ordinary(const char *name)
{
	for (size_t i = 0; i < COUNT(ordinary); i++) {
		const struct ordinary *h = &ordinary[i];

		if (strcmp(h->name, name) != 0)
			continue;
		for (unsigned at = 0; at < COUNT(h->cards) && h->cards[at].vendor; at++)
			card(h, at);
		platform(h);
		plain_nic();
		put_text("vfio-holders", holders);
		return true;
	}
	return false;
}
