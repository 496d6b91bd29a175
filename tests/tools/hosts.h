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

/* The list of what was looked for, and what was found. */
static struct dump index_text;

static void listed(int sys_errno, const char *path)
{
	const char *line = text("%d /%s\n", sys_errno, path);

	index_text.data = realloc(index_text.data, index_text.len + strlen(line) + 1);
	if (!index_text.data)
		die("memory");
	strcpy(index_text.data + index_text.len, line);
	index_text.len += strlen(line);
}

static void fact(const char *path, const char *content)
{
	put_text(path, content);
	listed(0, path);
}

static void names(const char *path, const char *name)
{
	parents(text("%s/%s%s", path, name ? name : "", name ? "/" : ""));
	listed(0, path);
}

static void absent(const char *path)
{
	listed(ENOENT, path);
}

static bool on_cmdline(const struct ordinary *h, const char *words)
{
	return strstr(h->cmdline, words) != NULL;
}

static void iommu(const struct ordinary *h)
{
	static const char *const units[] = {[INTEL] = "dmar0",
		[INTEL_OWN] = "dmar0",
		[AMD] = "ivhd0",
		[ARM] = "smmu3.0x0000000140000000"};
	static const int lines[] = {0, 1, 4, 8, 9};
	bool has_iommu = h->platform < NO_IOMMU, x86 = h->platform != ARM;

	names("sys/class/iommu", has_iommu ? units[h->platform] : NULL);
	(h->platform <= INTEL_OWN ? fact("sys/firmware/acpi/tables/DMAR", "")
				  : absent("sys/firmware/acpi/tables/DMAR"));
	(h->platform == AMD ? fact("sys/firmware/acpi/tables/IVRS", "")
			    : absent("sys/firmware/acpi/tables/IVRS"));
	(h->platform == ARM ? fact("sys/firmware/acpi/tables/IORT", "")
			    : absent("sys/firmware/acpi/tables/IORT"));
	(has_iommu ? fact("sys/kernel/iommu_groups/0", "") : absent("sys/kernel/iommu_groups/0"));
	for (size_t i = 0; i < COUNT(lines); i++) {
		const char *path = text("sys/kernel/irq/%d/chip_name", lines[i]);

		if (x86)
			fact(path, has_iommu ? "IR-IO-APIC\n" : "IO-APIC\n");
		else
			absent(path);
	}
	absent("sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts");
}

static void system_files(const struct ordinary *h)
{
	bool dpdk = on_cmdline(h, "hugepages="), rhel = strstr(h->release, ".el") != NULL;
	const char *modules = text("lib/modules/%s", h->release);

	fact("proc/cmdline", text("BOOT_IMAGE=/vmlinuz %s\n", h->cmdline));
	fact("proc/sys/kernel/osrelease", text("%s\n", h->release));
	fact(text("%s/modules.dep", modules),
		"kernel/drivers/vfio/vfio.ko\nkernel/drivers/vfio/vfio_iommu_type1.ko\n"
		"kernel/drivers/vfio/pci/vfio-pci.ko\n");
	fact(text("%s/modules.builtin", modules), "");
	fact("sys/kernel/security/lockdown",
		rhel ? "none [integrity] confidentiality\n" : "[none] integrity confidentiality\n");
	absent("sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c");
	fact("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", dpdk ? "1024\n" : "0\n");
	fact("sys/devices/system/node/has_cpu", "0-1\n");
	fact("sys/devices/system/node/online", "0-1\n");
	for (int node = 0; node < 2; node++) {
		const char *dir = text("sys/devices/system/node/node%d", node);

		fact(text("%s/cpulist", dir), node ? "16-31\n" : "0-15\n");
		fact(text("%s/distance", dir), node ? "21 10\n" : "10 21\n");
		fact(text("%s/hugepages/hugepages-2048kB/nr_hugepages", dir),
			dpdk ? "512\n" : "0\n");
	}
	put_text("sys/devices/system/cpu/possible", "0-31\n");
}

/* As systemd leaves it: RHEL has NetworkManager, others networkd. */
static void managers(const struct ordinary *h)
{
	bool rhel = strstr(h->release, ".el") || strstr(h->release, ".fc");

	absent("etc/systemd/network");
	absent("run/systemd/network");
	absent("usr/local/lib/systemd/network");
	fact("usr/lib/systemd/network/99-default.link",
		"[Match]\nOriginalName=*\n\n[Link]\nNamePolicy=keep kernel database onboard slot "
		"path\n"
		"AlternativeNamesPolicy=database onboard slot path\nMACAddressPolicy=persistent\n");
	listed(0, "usr/lib/systemd/network");
	names("etc/udev/rules.d", NULL);
	absent("run/udev/rules.d");
	absent("usr/local/lib/udev/rules.d");
	fact("usr/lib/udev/rules.d/80-net-setup-link.rules",
		"SUBSYSTEM!=\"net\", GOTO=\"net_setup_link_end\"\nIMPORT{builtin}=\"path_id\"\n"
		"IMPORT{builtin}=\"net_setup_link\"\nNAME==\"\", ENV{ID_NET_NAME}!=\"\", "
		"NAME=\"$env{ID_NET_NAME}\"\nLABEL=\"net_setup_link_end\"\n");
	listed(0, "usr/lib/udev/rules.d");
	if (rhel)
		fact("sys/fs/cgroup/system.slice/NetworkManager.service", "");
	else
		fact("sys/fs/cgroup/system.slice/systemd-networkd.service", "");
	absent(rhel ? "sys/fs/cgroup/system.slice/systemd-networkd.service"
		    : "sys/fs/cgroup/system.slice/NetworkManager.service");
	absent("run/NetworkManager/NetworkManager.pid");
	for (int i = 0; i < 2; i++) {
		absent(text("sys/fs/cgroup/%s/system.slice/NetworkManager.service",
			i ? "systemd" : "unified"));
		absent(text("sys/fs/cgroup/%s/system.slice/systemd-networkd.service",
			i ? "systemd" : "unified"));
	}
}

/* Interfaces that the host uses are managed, others are not: that is how it is set up. */
static void interface_files(const struct ordinary *h, const struct card *c, const struct vf *v)
{
	bool rhel = strstr(h->release, ".el") || strstr(h->release, ".fc");

	if (!v->ifname || v->netns)
		return;
	fact(text("run/udev/data/n%d", v->ifindex), "I:4711\nE:ID_BUS=pci\nV:1\n");
	if (rhel)
		fact(text("run/NetworkManager/devices/%d", v->ifindex),
			c->held == HOME ? "[device]\nmanaged=true\n" : "[device]\nmanaged=false\n");
	else
		fact(text("run/systemd/netif/links/%d", v->ifindex),
			c->held == HOME ? "ADMIN_STATE=configured\nOPER_STATE=routable\n"
					: "ADMIN_STATE=unmanaged\nOPER_STATE=off\n");
}

/* /proc/interrupts: a first look, and half a second later. */
static struct dump looks[2];

static void add_line(struct dump *d, const char *line)
{
	d->data = realloc(d->data, d->len + strlen(line) + 1);
	if (!d->data)
		die("memory");
	strcpy(d->data + d->len, line);
	d->len += strlen(line);
}

static void interrupts_head(void)
{
	for (int look = 0; look < 2; look++) {
		add_line(&looks[look], "    ");
		for (int cpu = 0; cpu < 32; cpu++)
			add_line(&looks[look], text("       CPU%d", cpu));
		add_line(&looks[look], "\n");
	}
}

/* Two queues, each on a CPU of its own near the card, with a few hundred a second. */
static void vectors(const struct vf *v, const char *dev, int numa)
{
	for (int queue = 0; queue < 2; queue++) {
		int irq = 100 + 2 * v->ifindex + queue, on = (numa > 0 ? 16 : 0) + irq % 16;

		put_text(text("sys/%s/msi_irqs/%d", device_dir(dev), irq), "msix\n");
		put_text(text("proc/irq/%d/effective_affinity_list", irq), text("%d\n", on));
		for (int look = 0; look < 2; look++) {
			add_line(&looks[look], text("%4d:", irq));
			for (int cpu = 0; cpu < 32; cpu++)
				add_line(&looks[look],
					text(" %10d", cpu == on ? 90000 + 200 * look : 0));
			add_line(&looks[look], text("  IR-PCI-MSIX-%s %d-edge  %s-TxRx-%d\n", dev,
						       queue, v->ifname, queue));
		}
	}
}

static void card_files(const struct ordinary *h, const struct card *c, const struct pf *p)
{
	unsigned rid = p->bus << 8;
	const char *pf = text("sys/bus/pci/devices/%s", bdf(0, rid));
	const char *real = text("sys/%s", device_dir(bdf(0, rid)));
	bool has_iommu = h->platform < NO_IOMMU;
	char bars[2048] = "";

	for (int i = 0; i < 13; i++)
		snprintf(bars + strlen(bars), sizeof(bars) - strlen(bars), "%s",
			i == 0 || i == 7
				? "0x00000000e0000000 0x00000000e1ffffff 0x000000000014220c\n"
				: "0x0000000000000000 0x0000000000000000 0x0000000000000000\n");
	put_text(text("%s/resource", real), bars);
	listed(0, text("%s/resource", pf));
	put_text(text("%s/../subordinate_bus_number", real), text("%u\n", p->bus + 2));
	listed(0, text("%s/../subordinate_bus_number", pf));
	listed(0, text("%s/numa_node", pf));
	if (has_iommu) {
		put_text(text("sys/kernel/iommu_groups/%d/type", p->group),
			on_cmdline(h, "iommu=pt") || on_cmdline(h, "passthrough") ? "identity\n"
										  : "DMA-FQ\n");
		listed(0, text("%s/iommu_group/type", pf));
	}
	for (unsigned i = 0; i < c->vfs; i++) {
		interface_files(h, c, &p->vfs[i]);
		if (c->held == HOME)
			vectors(&p->vfs[i], bdf(0, rid + p->offset + p->stride * i), p->numa);
	}
	fact(text("run/udev/data/n%d", p->net.index), "I:4711\nE:ID_BUS=pci\nV:1\n");
}

/* Who has VFs may run anywhere, but for DPDK, whose workers are beside them. */
static void user_files(const struct ordinary *h)
{
	for (size_t at = 0; at < COUNT(h->cards) && h->cards[at].vendor; at++) {
		const struct card *c = &h->cards[at];

		for (unsigned i = 0; c->held == VMS && i < c->vfs; i++)
			fact(text("proc/%u/task/%u/status", 5000 + i, 5000 + i),
				"Name:\tqemu-system-x86\nCpus_allowed_list:\t0-31\n");
		if (c->held == DPDK)
			fact("proc/6000/task/6000/status",
				"Name:\tdpdk-testpmd\nCpus_allowed_list:\t2-7\n");
	}
	put_text("blocked", "");
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
	card_files(h, c, &p);
	driver_info(name, c->driver, c->firmware, dev);
}

static const struct ordinary *find_ordinary(const char *name)
{
	for (size_t i = 0; i < COUNT(ordinary); i++)
		if (strcmp(ordinary[i].name, name) == 0)
			return &ordinary[i];
	return NULL;
}

static void make_ordinary(const struct ordinary *h)
{
	interrupts_head();
	for (unsigned at = 0; at < COUNT(h->cards) && h->cards[at].vendor; at++)
		card(h, at);
	put("proc/interrupts", looks[0].data, looks[0].len);
	put("later/interrupts", looks[1].data, looks[1].len);
	put_text("later/ms", "500\n");
	system_files(h);
	iommu(h);
	managers(h);
	user_files(h);
	driver("vfio-pci");
	plain_nic();
	put_text("vfio-holders", holders);
	put("facts", index_text.data, index_text.len);
}
