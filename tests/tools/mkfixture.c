/*
 * Makes captured hosts for the tests, as `sriovctl snapshot` would record them:
 *
 *     mkfixture SCENARIO DIR     write the scenario below DIR (made when missing)
 *     mkfixture --list           the scenarios
 *
 * sysfs is files and relative links as the kernel has them; the netlink answers are the
 * bytes of a real dump: the attribute order of rtnl_fill_ifinfo() and
 * rtnl_fill_vfinfo() in Linux net/core/rtnetlink.c, the VF list's 16-bit length wrapped
 * where the kernel's wraps (196 bytes a VF, 296 with statistics), NLMSG_DONE at the end.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define UNSET 0xffffffffU /* what the kernel sends where a driver does not say */
#define NONE (-1)

enum {
	DUMP_LINK,
	DUMP_LINK_STATS,
	DUMP_ADDR,
	DUMP_ROUTE4,
	DUMP_ROUTE6,
	DUMP_COUNT
};
static const char *const dump_names[] = {"link", "link-stats", "addr", "route4", "route6"};

struct dump {
	char *data;
	size_t len;
};

struct vf {
	const char *driver, *ifname, *netns, *altname;
	const char *virtfn;           /* another target for its virtfn link */
	const char *override, *reset; /* reset: its methods; NULL it has none */
	int ifindex, group, master;
	unsigned msix;     /* size of its MSI-X table; 0: without configuration space */
	bool down, absent; /* absent: no virtfn link */
	char mac[64], if_mac[64];
	unsigned vlan, qos, proto, max_rate, min_rate, spoofchk, trust, rss, state;
	uint64_t node_guid, port_guid, stats[8];
};

struct iface {
	const char *name, *mac, *perm_mac, *alias, *altnames[4], *port, *kind;
	const char *dev; /* PCI address of its device */
	int index, master, lower, lower_nsid;
	unsigned flags, mtu, num_vf, listed;
	const struct vf *vfs;
	const char *speed;
};

struct pf {
	unsigned domain, bus, dev, fn;
	unsigned vendor, device, vf_device, class, total, offset, stride;
	const char *driver;
	int numa, group;
	unsigned count; /* VFs */
	struct vf *vfs;
	struct iface net; /* .name NULL: none */
	bool ari, config; /* config: with its configuration space */
};

static int root = -1;
static struct dump dumps[DUMP_COUNT];
static struct space {
	const char *name;
	unsigned inode; /* 0: one that is known by its name alone */
	bool bare;      /* without a device: nothing of it is recorded */
	struct dump link, addr, route4;
} spaces[4];
static size_t space_count;
static bool no_netlink;
static _Alignas(8) char message[1024 * 1024];

/* small things */

static void die(const char *what)
{
	fprintf(stderr, "mkfixture: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Formatted text that lasts for the next few calls. */
__attribute__((format(printf, 1, 2))) static const char *text(const char *fmt, ...)
{
	static char ring[16][512];
	static unsigned at;
	char *out = ring[at++ % COUNT(ring)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(out, sizeof(ring[0]), fmt, ap);
	va_end(ap);
	return out;
}

static void parents(const char *path)
{
	char copy[512];

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *p = copy; *p; p++) {
		if (*p != '/')
			continue;
		*p = 0;
		if (mkdirat(root, copy, 0755) < 0 && errno != EEXIST)
			die(copy);
		*p = '/';
	}
}

static void put(const char *path, const void *data, size_t len)
{
	int fd;

	parents(path);
	fd = openat(root, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, data, len) != (ssize_t)len || close(fd) < 0)
		die(path);
}

static void put_text(const char *path, const char *s)
{
	put(path, s, strlen(s));
}

static void put_link(const char *path, const char *target)
{
	parents(path);
	if (symlinkat(target, root, path) < 0)
		die(path);
}

static void append(struct dump *d, const struct nlmsghdr *nlh)
{
	d->data = realloc(d->data, d->len + NLMSG_ALIGN(nlh->nlmsg_len));
	if (!d->data)
		die("memory");
	memset(d->data + d->len, 0, NLMSG_ALIGN(nlh->nlmsg_len));
	memcpy(d->data + d->len, nlh, nlh->nlmsg_len);
	d->len += NLMSG_ALIGN(nlh->nlmsg_len);
}

static struct nlmsghdr *begin(uint16_t type)
{
	struct nlmsghdr *nlh;

	memset(message, 0, sizeof(message));
	nlh = mnl_nlmsg_put_header(message);
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_MULTI;
	nlh->nlmsg_seq = 1;
	return nlh;
}

static size_t parse_mac(const char *s, uint8_t *out)
{
	size_t n = 0;
	unsigned byte;

	for (; s && sscanf(s, "%2x", &byte) == 1; s += s[2] == ':' ? 3 : 2)
		out[n++] = (uint8_t)byte;
	return n;
}

static void put_mac(struct nlmsghdr *nlh, uint16_t type, const char *mac)
{
	uint8_t bytes[32];
	size_t len = parse_mac(mac, bytes);

	if (len)
		mnl_attr_put(nlh, type, len, bytes);
}

/* netlink: interfaces */

static void put_vf(struct nlmsghdr *nlh, const struct vf *v, unsigned index, bool stats)
{
	struct nlattr *info = mnl_attr_nest_start(nlh, IFLA_VF_INFO), *list;
	struct ifla_vf_mac mac = {.vf = index};
	struct ifla_vf_broadcast broadcast;
	struct ifla_vf_vlan vlan = {index, v->vlan, v->qos};
	struct ifla_vf_rate rate = {index, v->min_rate, v->max_rate};
	struct ifla_vf_tx_rate tx_rate = {index, v->max_rate};
	struct ifla_vf_spoofchk spoofchk = {index, v->spoofchk};
	struct ifla_vf_link_state state = {index, v->state};
	struct ifla_vf_rss_query_en rss = {index, v->rss};
	struct ifla_vf_trust trust = {index, v->trust};
	struct ifla_vf_guid guid;
	struct ifla_vf_vlan_info full;

	memset(&broadcast, 0xff, sizeof(broadcast));
	parse_mac(v->mac, mac.mac);
	mnl_attr_put(nlh, IFLA_VF_MAC, sizeof(mac), &mac);
	mnl_attr_put(nlh, IFLA_VF_BROADCAST, sizeof(broadcast), &broadcast);
	mnl_attr_put(nlh, IFLA_VF_VLAN, sizeof(vlan), &vlan);
	mnl_attr_put(nlh, IFLA_VF_RATE, sizeof(rate), &rate);
	mnl_attr_put(nlh, IFLA_VF_TX_RATE, sizeof(tx_rate), &tx_rate);
	mnl_attr_put(nlh, IFLA_VF_SPOOFCHK, sizeof(spoofchk), &spoofchk);
	mnl_attr_put(nlh, IFLA_VF_LINK_STATE, sizeof(state), &state);
	mnl_attr_put(nlh, IFLA_VF_RSS_QUERY_EN, sizeof(rss), &rss);
	mnl_attr_put(nlh, IFLA_VF_TRUST, sizeof(trust), &trust);
	if (v->node_guid) {
		memset(&guid, 0, sizeof(guid)); /* its padding goes out too */
		guid.vf = index;
		guid.guid = v->node_guid;
		mnl_attr_put(nlh, IFLA_VF_IB_NODE_GUID, sizeof(guid), &guid);
		guid.guid = v->port_guid;
		mnl_attr_put(nlh, IFLA_VF_IB_PORT_GUID, sizeof(guid), &guid);
	}
	memset(&full, 0, sizeof(full));
	full.vf = index;
	full.vlan = v->vlan;
	full.qos = v->qos;
	full.vlan_proto = htons(v->proto ? (uint16_t)v->proto : ETH_P_8021Q);
	list = mnl_attr_nest_start(nlh, IFLA_VF_VLAN_LIST);
	mnl_attr_put(nlh, IFLA_VF_VLAN_INFO, sizeof(full), &full);
	mnl_attr_nest_end(nlh, list);
	if (stats) {
		static const uint16_t types[] = {IFLA_VF_STATS_RX_PACKETS, IFLA_VF_STATS_TX_PACKETS,
			IFLA_VF_STATS_RX_BYTES, IFLA_VF_STATS_TX_BYTES, IFLA_VF_STATS_BROADCAST,
			IFLA_VF_STATS_MULTICAST, IFLA_VF_STATS_RX_DROPPED,
			IFLA_VF_STATS_TX_DROPPED};

		list = mnl_attr_nest_start(nlh, IFLA_VF_STATS);
		for (size_t i = 0; i < COUNT(types); i++)
			mnl_attr_put_u64(nlh, types[i], v->stats[i]);
		mnl_attr_nest_end(nlh, list);
	}
	mnl_attr_nest_end(nlh, info);
}

static void put_iface(struct dump *d, const struct iface *f, bool stats)
{
	struct nlmsghdr *nlh = begin(RTM_NEWLINK);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	struct nlattr *nest;

	ifi->ifi_type = f->index == 1 ? 772 : 1; /* ARPHRD_LOOPBACK, ARPHRD_ETHER */
	if (f->mac && strlen(f->mac) > 18)
		ifi->ifi_type = 32; /* ARPHRD_INFINIBAND */
	ifi->ifi_index = f->index;
	ifi->ifi_flags = f->flags;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, f->name);
	mnl_attr_put_u32(nlh, IFLA_TXQLEN, 1000);
	mnl_attr_put_u8(nlh, IFLA_OPERSTATE, f->flags & IFF_LOWER_UP ? 6 : 2);
	mnl_attr_put_u32(nlh, IFLA_MTU, f->mtu ? f->mtu : 1500);
	if (f->master)
		mnl_attr_put_u32(nlh, IFLA_MASTER, (uint32_t)f->master);
	if (f->alias)
		mnl_attr_put_strz(nlh, IFLA_IFALIAS, f->alias);
	put_mac(nlh, IFLA_ADDRESS, f->mac);
	if (f->port)
		mnl_attr_put_strz(nlh, IFLA_PHYS_PORT_NAME, f->port);
	if (f->dev)
		mnl_attr_put_u32(nlh, IFLA_NUM_VF, f->num_vf);
	if (f->listed) {
		nest = mnl_attr_nest_start(nlh, IFLA_VFINFO_LIST);
		for (unsigned i = 0; i < f->listed; i++)
			put_vf(nlh, &f->vfs[i], i, stats);
		mnl_attr_nest_end(nlh, nest); /* 16 bits: wraps as the kernel's does */
	}
	if (f->kind) {
		nest = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
		mnl_attr_put_strz(nlh, IFLA_INFO_KIND, f->kind);
		mnl_attr_nest_end(nlh, nest);
	}
	if (f->lower)
		mnl_attr_put_u32(nlh, IFLA_LINK, (uint32_t)f->lower);
	if (f->lower_nsid)
		mnl_attr_put_u32(nlh, IFLA_LINK_NETNSID, (uint32_t)f->lower_nsid - 1);
	if (f->altnames[0]) {
		nest = mnl_attr_nest_start(nlh, IFLA_PROP_LIST);
		for (size_t i = 0; i < COUNT(f->altnames) && f->altnames[i]; i++)
			mnl_attr_put_strz(nlh, IFLA_ALT_IFNAME, f->altnames[i]);
		mnl_attr_nest_end(nlh, nest);
	}
	put_mac(nlh, IFLA_PERM_ADDRESS, f->perm_mac ? f->perm_mac : f->dev ? f->mac : NULL);
	if (f->dev) {
		mnl_attr_put_strz(nlh, IFLA_PARENT_DEV_NAME, f->dev);
		mnl_attr_put_strz(nlh, IFLA_PARENT_DEV_BUS_NAME, "pci");
	}
	append(d, nlh);
}

static void put_done(struct dump *d)
{
	struct nlmsghdr *nlh = begin(NLMSG_DONE);

	memset(mnl_nlmsg_put_extra_header(nlh, sizeof(int)), 0, sizeof(int));
	append(d, nlh);
}

static struct space *space(const char *name)
{
	static const struct iface lo = {.name = "lo", .index = 1, .mtu = 65536};

	for (size_t i = 0; i < space_count; i++)
		if (strcmp(spaces[i].name, name) == 0)
			return &spaces[i];
	if (space_count == COUNT(spaces))
		die("too many namespaces");
	spaces[space_count].name = name;
	put_iface(&spaces[space_count].link, &lo, false);
	return &spaces[space_count++];
}

/* netlink: addresses and routes */

static void put_address(
	struct dump *d, int ifindex, const char *ip, unsigned prefix, unsigned char scope)
{
	struct nlmsghdr *nlh = begin(RTM_NEWADDR);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));
	int family = strchr(ip, ':') ? AF_INET6 : AF_INET;
	uint8_t bytes[16];

	inet_pton(family, ip, bytes);
	ifa->ifa_family = (uint8_t)family;
	ifa->ifa_prefixlen = (uint8_t)prefix;
	ifa->ifa_scope = scope;
	ifa->ifa_index = (uint32_t)ifindex;
	mnl_attr_put(nlh, IFA_ADDRESS, family == AF_INET ? 4 : 16, bytes);
	if (family == AF_INET)
		mnl_attr_put(nlh, IFA_LOCAL, 4, bytes);
	append(d, nlh);
}

static void address(int ifindex, const char *ip, unsigned prefix, unsigned char scope)
{
	put_address(&dumps[DUMP_ADDR], ifindex, ip, prefix, scope);
}

/* A default route (IPv4). */
static void put_gateway(struct dump *d, int ifindex, const char *ip)
{
	struct nlmsghdr *nlh = begin(RTM_NEWROUTE);
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	uint8_t bytes[4];

	inet_pton(AF_INET, ip, bytes);
	rtm->rtm_family = AF_INET;
	rtm->rtm_table = RT_TABLE_MAIN;
	rtm->rtm_protocol = RTPROT_STATIC;
	rtm->rtm_type = RTN_UNICAST;
	mnl_attr_put_u32(nlh, RTA_TABLE, RT_TABLE_MAIN);
	mnl_attr_put(nlh, RTA_GATEWAY, sizeof(bytes), bytes);
	mnl_attr_put_u32(nlh, RTA_OIF, (uint32_t)ifindex);
	append(d, nlh);
}

/* second: of a route over two interfaces, else 0 */
static void route(const char *to, unsigned prefix, int ifindex, int second, uint8_t protocol)
{
	struct nlmsghdr *nlh = begin(RTM_NEWROUTE);
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	int family = strchr(to, ':') ? AF_INET6 : AF_INET;
	uint8_t bytes[16];

	inet_pton(family, to, bytes);
	rtm->rtm_family = (uint8_t)family;
	rtm->rtm_dst_len = (uint8_t)prefix;
	rtm->rtm_table = RT_TABLE_MAIN;
	rtm->rtm_protocol = protocol;
	rtm->rtm_type = RTN_UNICAST;
	mnl_attr_put_u32(nlh, RTA_TABLE, RT_TABLE_MAIN);
	if (prefix)
		mnl_attr_put(nlh, RTA_DST, family == AF_INET ? 4 : 16, bytes);
	if (second) {
		struct rtnexthop hops[2] = {
			{.rtnh_len = sizeof(hops[0]), .rtnh_ifindex = ifindex},
			{.rtnh_len = sizeof(hops[0]), .rtnh_ifindex = second},
		};

		mnl_attr_put(nlh, RTA_MULTIPATH, sizeof(hops), hops);
	} else {
		mnl_attr_put_u32(nlh, RTA_OIF, (uint32_t)ifindex);
	}
	append(&dumps[family == AF_INET ? DUMP_ROUTE4 : DUMP_ROUTE6], nlh);
}

/* sysfs */

/* "0000:21:00.0" and the directory of the device of this routing id */
static const char *bdf(unsigned domain, unsigned rid)
{
	return text("%04x:%02x:%02x.%x", domain, rid >> 8, rid >> 3 & 0x1f, rid & 7);
}

static const char *device_dir(const char *name)
{
	int len = (int)(strchr(name, ':') - name);

	return text("devices/pci%.*s:00/%.*s:00:01.0/%s", len, name, len, name, name);
}

static void put_device_link(const char *name, const char *file, const char *target)
{
	put_link(text("sys/%s/%s", device_dir(name), file), target);
}

static void put_device_file(const char *name, const char *file, const char *content)
{
	put_text(text("sys/%s/%s", device_dir(name), file), content);
}

/* A driver counts by being there: its directory, with a file because git keeps no empty
 * ones. */
static void driver(const char *name)
{
	put_text(text("sys/bus/pci/drivers/%s/bind", name), "");
}

static void device(const char *name, unsigned vendor, unsigned id, unsigned class, int numa,
	const char *its_driver, int group)
{
	put_device_file(name, "vendor", text("0x%04x\n", vendor));
	put_device_file(name, "device", text("0x%04x\n", id));
	put_device_file(name, "class", text("0x%06x\n", class));
	put_device_file(name, "numa_node", text("%d\n", numa));
	put_link(text("sys/bus/pci/devices/%s", name), text("../../../%s", device_dir(name)));
	if (its_driver) {
		put_device_link(name, "driver", text("../../../../bus/pci/drivers/%s", its_driver));
		if (!no_netlink)
			driver(its_driver);
	}
	if (group >= 0)
		put_device_link(
			name, "iommu_group", text("../../../../kernel/iommu_groups/%d", group));
}

/* An interface of this namespace, in netlink and in sysfs. */
static void iface(const struct iface *f)
{
	const char *dir;

	put_iface(&dumps[DUMP_LINK], f, false);
	put_iface(&dumps[DUMP_LINK_STATS], f, true);
	dir = f->dev ? text("%s/net/%s", device_dir(f->dev), f->name)
		     : text("devices/virtual/net/%s", f->name);
	put_text(text("sys/%s/ifindex", dir), text("%d\n", f->index));
	put_text(text("sys/%s/mtu", dir), text("%u\n", f->mtu ? f->mtu : 1500));
	put_text(text("sys/%s/flags", dir), text("0x%x\n", f->flags & 0xffff));
	put_text(text("sys/%s/operstate", dir), f->flags & IFF_LOWER_UP ? "up\n" : "down\n");
	if (f->mac)
		put_text(text("sys/%s/address", dir), text("%s\n", f->mac));
	if (f->speed)
		put_text(text("sys/%s/speed", dir), text("%s\n", f->speed));
	put_link(text("sys/class/net/%s", f->name), text("../../%s", dir));
}

/* PCI configuration space with an SR-IOV capability (PCI Express, then 0x100: 0x0010). */
static void put_config(const char *name, const struct pf *p)
{
	uint8_t c[4096] = {0};

	c[0] = (uint8_t)p->vendor;
	c[1] = (uint8_t)(p->vendor >> 8);
	c[2] = (uint8_t)p->device;
	c[3] = (uint8_t)(p->device >> 8);
	c[0x06] = 0x10; /* capability list */
	c[0x34] = 0x40;
	c[0x40] = 0x10; /* PCI Express */
	c[0x100] = 0x10;
	c[0x102] = 0x01;
	c[0x108] = 0x09 | (p->ari ? 0x10 : 0); /* VF enable, memory space, ARI */
	c[0x10c] = c[0x10e] = (uint8_t)p->total;
	c[0x10d] = c[0x10f] = (uint8_t)(p->total >> 8);
	put(text("sys/%s/config", device_dir(name)), c, sizeof(c));
}

/* What a VF has beyond any other device. */
static void vf_files(const struct vf *v, const char *name)
{
	uint8_t c[256] = {0};

	if (v->override)
		put_device_file(name, "driver_override", text("%s\n", v->override));
	if (v->reset) {
		put_device_file(name, "reset", "");
		put_device_file(name, "reset_method", text("%s\n", v->reset));
	}
	if (!v->msix)
		return;
	c[0x06] = 0x10; /* capability list */
	c[0x34] = 0x40;
	c[0x40] = 0x11; /* MSI-X */
	c[0x42] = (uint8_t)(v->msix - 1);
	c[0x43] = (uint8_t)((v->msix - 1) >> 8);
	put(text("sys/%s/config", device_dir(name)), c, sizeof(c));
}

static void vf_iface(const struct pf *p, const struct vf *v, const char *name)
{
	struct iface f = {.name = v->ifname,
		.index = v->ifindex,
		.flags = IFF_BROADCAST | IFF_MULTICAST,
		.mac = v->if_mac[0] ? v->if_mac : v->mac,
		.altnames = {v->altname},
		.dev = name,
		.master = v->master,
		.mtu = p->net.mtu};

	if (!v->down)
		f.flags |= IFF_UP | IFF_RUNNING | IFF_LOWER_UP;
	if (v->netns)
		put_iface(&space(v->netns)->link, &f, false);
	else
		iface(&f);
}

static void emit(struct pf *p)
{
	unsigned rid = p->bus << 8 | p->dev << 3 | p->fn;
	char name[32];

	snprintf(name, sizeof(name), "%s", bdf(p->domain, rid));
	device(name, p->vendor, p->device, p->class, p->numa, p->driver, p->group);
	put_device_file(name, "sriov_totalvfs", text("%u\n", p->total));
	put_device_file(name, "sriov_numvfs", text("%u\n", p->count));
	put_device_file(name, "sriov_offset", text("%u\n", p->offset));
	put_device_file(name, "sriov_stride", text("%u\n", p->stride));
	put_device_file(name, "sriov_vf_device", text("%x\n", p->vf_device));
	put_device_file(name, "sriov_drivers_autoprobe", "1\n");
	if (p->config)
		put_config(name, p);
	if (p->net.name) {
		p->net.dev = name;
		p->net.vfs = p->vfs;
		if (!p->net.num_vf)
			p->net.num_vf = p->net.listed = p->count;
		iface(&p->net);
	}
	for (unsigned i = 0; i < p->count; i++) {
		struct vf *v = &p->vfs[i];
		const char *vf = bdf(p->domain, rid + p->offset + p->stride * i);
		char own[32];

		if (v->absent)
			continue;
		put_device_link(
			name, text("virtfn%u", i), v->virtfn ? v->virtfn : text("../%s", vf));
		if (v->virtfn)
			continue;
		snprintf(own, sizeof(own), "%s", vf);
		device(own, p->vendor, p->vf_device, p->class, p->numa, v->driver, v->group);
		put_device_link(own, "physfn", text("../%s", name));
		vf_files(v, own);
		if (v->ifname)
			vf_iface(p, v, own);
	}
}

#define UP (IFF_UP | IFF_BROADCAST | IFF_RUNNING | IFF_MULTICAST | IFF_LOWER_UP)
#define NO_CARRIER (IFF_UP | IFF_BROADCAST | IFF_MULTICAST)

/* An Intel 82599 in slot `bus`: `count` VFs of which each has an interface. */
static struct pf ixgbe(unsigned bus, const char *ifname, unsigned count)
{
	struct pf p = {.bus = bus,
		.vendor = 0x8086,
		.device = 0x10fb,
		.vf_device = 0x10ed,
		.class = 0x020000,
		.driver = "ixgbe",
		.total = 63,
		.offset = 128,
		.stride = 2,
		.numa = 0,
		.group = NONE,
		.count = count,
		.net = {.name = ifname, .index = (int)bus, .flags = UP, .mtu = 1500}};

	p.net.mac = strdup(text("52:54:00:00:%02x:00", bus));
	p.vfs = calloc(count + 1, sizeof(*p.vfs));
	if (!p.vfs || !p.net.mac)
		die("memory");
	for (unsigned i = 0; i < count; i++) {
		struct vf *v = &p.vfs[i];

		v->driver = "ixgbevf";
		v->group = NONE;
		v->ifindex = (int)(bus * 1000 + i);
		v->spoofchk = 1;
		v->trust = 0;
		v->rss = 0;
		snprintf(v->mac, sizeof(v->mac), "52:54:00:%02x:%02x:%02x", (i + 1) >> 8 & 0xff,
			bus, (i + 1) & 0xff);
		v->ifname = ifname ? strdup(text("%sv%u", ifname, i)) : NULL;
	}
	return p;
}

static void ids(void)
{
	put_text("pci.ids", "15b3  Mellanox Technologies\n"
			    "\t101b  MT28908 Family [ConnectX-6]\n"
			    "\t101d  MT2892 Family [ConnectX-6 Dx]\n"
			    "8086  Intel Corporation\n"
			    "\t10c9  82576 Gigabit Network Connection\n"
			    "\t10fb  82599ES 10-Gigabit SFI/SFP+ Network Connection\n"
			    "\t1572  Ethernet Controller X710 for 10GbE SFP+\n");
}

/* An interface of a device without SR-IOV. */
static void plain_nic(void)
{
	static const struct iface f = {.name = "eth9",
		.index = 9,
		.flags = UP,
		.mac = "52:54:00:00:99:01",
		.dev = "0000:00:1f.6"};

	device("0000:00:1f.6", 0x8086, 0x15bb, 0x020000, -1, "e1000e", NONE);
	iface(&f);
}

static void virtual_iface(
	const char *name, int index, const char *kind, int lower, int master, int lower_nsid)
{
	struct iface f = {.name = name,
		.index = index,
		.flags = UP,
		.mac = "52:54:00:00:00:99",
		.kind = kind,
		.lower = lower,
		.master = master,
		.lower_nsid = lower_nsid};

	iface(&f);
}

/* scenarios */

/* Three PFs: VFs with settings, none, and one whose driver keeps everything. */
/* What a driver says of itself, and counts; dir: "" or of a namespace, "netns/0/". */
static void driver_info(const char *ifname, const char *name, const char *firmware, const char *dev)
{
	put_text(text("ethtool/%s/driver", ifname),
		text("driver %s\nversion 6.12.0\nfirmware %s\nbus_info %s\n", name, firmware, dev));
}

static void driver_stats(const char *dir, const char *ifname, const char *lines)
{
	put_text(text("%sethtool/%s/statistics", dir, ifname), lines);
}

static void basic(void)
{
	struct pf a = ixgbe(0x21, "ens1f0", 3), b = ixgbe(0x21, "ens1f1", 0),
		  c = ixgbe(0x41, "ens2", 2);

	a.driver = b.driver = "igb";
	a.device = b.device = 0x10c9;
	a.vf_device = b.vf_device = 0x10ca;
	a.total = b.total = 7;
	a.net.speed = "1000";
	a.net.alias = "uplink to rack 7";
	a.net.altnames[0] = "enp33s0f0";
	a.net.altnames[1] = "port-a";
	a.net.perm_mac = "52:54:00:aa:00:21";
	a.vfs[0].vlan = 100;
	a.vfs[0].qos = 3;
	a.vfs[1].max_rate = 500;
	a.vfs[1].spoofchk = 0;
	a.vfs[2].down = true;
	a.vfs[2].trust = 1;
	a.vfs[2].altname = "guest-net";
	for (unsigned i = 0; i < 3; i++) {
		a.vfs[i].driver = "igbvf";
		a.vfs[i].stats[0] = 0;
	}
	memset(a.vfs[1].mac, 0, sizeof(a.vfs[1].mac));
	strcpy(a.vfs[1].mac, "00:00:00:00:00:00");
	strcpy(a.vfs[1].if_mac, "02:11:22:33:44:55");
	a.group = 11;
	a.config = true;
	b.fn = 1;
	b.net.index = 0x22;
	b.net.mac = "52:54:00:00:21:f1";
	b.net.flags = NO_CARRIER;
	b.net.speed = "-1";
	c.driver = "i40e";
	c.device = 0x1572;
	c.vf_device = 0x154c;
	c.numa = 1;
	c.total = 64;
	c.offset = 16;
	c.stride = 1;
	c.net.flags = IFF_BROADCAST | IFF_MULTICAST;
	c.net.mtu = 9000;
	for (unsigned i = 0; i < 2; i++) {
		struct vf *v = &c.vfs[i];

		v->driver = "iavf";
		v->trust = v->rss = UNSET;
		v->state = i + 1; /* enable, disable */
		for (unsigned s = 0; s < 8; s++)
			v->stats[s] = 1000 * (i + 1) + s;
	}
	c.vfs[1].vlan = 200;
	c.vfs[1].proto = ETH_P_8021AD;
	c.vfs[1].min_rate = 100;
	c.vfs[1].max_rate = 10000;
	plain_nic();
	emit(&a);
	emit(&b);
	emit(&c);
	driver_info("ens1f0", "igb", "3.30, 0x80000a01", "0000:21:00.0");
	driver_info("ens1f1", "igb", "", "0000:21:00.1");
	driver_info("ens2", "i40e", "N/A", "0000:41:00.0");
	driver_stats("", "ens1f0v0", "12 rx_packets\n3 alloc_rx_buff_failed\n");
	driver_stats("", "ens2v0", "7 rx_discards\n9 tx_discards\n");
	ids();
}

static void mellanox(struct pf *p, unsigned domain, unsigned total)
{
	p->domain = domain;
	p->vendor = 0x15b3;
	p->device = 0x101d;
	p->vf_device = 0x101e;
	p->driver = "mlx5_core";
	p->total = total;
	p->offset = 2;
	p->stride = 1;
	for (unsigned i = 0; i < p->count; i++) {
		p->vfs[i].driver = "mlx5_core";
		p->vfs[i].vlan = i % 4095;
		for (unsigned s = 0; s < 8; s++)
			p->vfs[i].stats[s] = 10 * i + s + 1;
	}
	ids();
}

/* ARI: VFs at functions and devices the old way does not reach, in a VMD domain. */
static void ari256(void)
{
	struct pf p = ixgbe(0x01, "ens9", 256);

	mellanox(&p, 0x10000, 256);
	p.ari = p.config = true;
	emit(&p);
}

static void big1024(void)
{
	struct pf p = ixgbe(0x20, "ens9", 1024);

	mellanox(&p, 0, 1024);
	p.net.altnames[0] = "behind-the-list";
	p.net.perm_mac = "52:54:00:be:41:4d";
	emit(&p);
}

static void nodriver(void)
{
	struct pf p = ixgbe(0x21, NULL, 0);

	p.driver = NULL;
	emit(&p);
}

static void vfio(void)
{
	struct pf p = ixgbe(0x21, "ens1f0", 3), q = ixgbe(0x22, "ens1f1", 2);

	for (unsigned i = 0; i < 3; i++)
		p.vfs[i].group = 31 + (int)i;
	for (unsigned i = 0; i < 2; i++) {
		p.vfs[i].driver = q.vfs[i].driver = "vfio-pci";
		p.vfs[i].ifname = q.vfs[i].ifname = NULL;
		q.vfs[i].group = 41 + (int)i;
	}
	emit(&p);
	emit(&q);
	put_text("vfio-holders", "32 4711 qemu-system-x86\n");
}

static void noiface(void)
{
	struct pf p = ixgbe(0x21, "ens1f0", 3);

	p.vfs[0].ifname = NULL;
	p.vfs[1].ifname = NULL;
	p.vfs[1].driver = NULL;
	emit(&p);
}

#define IB_MAC "00:00:10:29:fe:80:00:00:00:00:00:00:b8:59:9f:03:00:aa:bb:"

static void infiniband(void)
{
	struct pf p = ixgbe(0x81, "ib0", 2);

	mellanox(&p, 0, 8);
	p.device = 0x101b;
	p.vf_device = 0x101c;
	p.class = 0x020700;
	p.net.mac = IB_MAC "00";
	for (unsigned i = 0; i < 2; i++) {
		struct vf *v = &p.vfs[i];

		v->vlan = 0;
		v->spoofchk = v->trust = v->rss = UNSET;
		snprintf(v->mac, sizeof(v->mac), IB_MAC "%02x", i + 1);
		v->node_guid = 0xb8599f0300aabb01 + i;
		v->port_guid = 0xb8599f0300aabc01 + i;
		v->state = i;
	}
	emit(&p);
}

static void nvme(void)
{
	struct pf p = ixgbe(0x61, NULL, 2);

	p.vendor = 0x144d;
	p.device = p.vf_device = 0xa824;
	p.class = 0x010802;
	p.driver = "nvme";
	p.total = 32;
	p.vfs[0].driver = "nvme";
	p.vfs[1].driver = NULL;
	emit(&p);
}

static void bare_net(const char *dev, const char *name, const char *const (*files)[2])
{
	for (; (*files)[0]; files++)
		put_device_file(dev, text("net/%s/%s", name, (*files)[0]), (*files)[1]);
	put_link(text("sys/class/net/%s", name), text("../../%s/net/%s", device_dir(dev), name));
}

/* What someone copied out of /sys by hand. */
static void baresysfs(void)
{
	struct pf a = ixgbe(0x21, NULL, 2), b = ixgbe(0x22, NULL, 0), c = ixgbe(0x23, NULL, 0);
	static const char *const up[][2] = {{"ifindex", "5\n"}, {"mtu", "1500\n"},
		{"address", "52:54:00:00:21:00\n"}, {"operstate", "up\n"}, {"flags", "0x1003\n"},
		{"ifalias", "by hand\n"}, {"speed", "10000\n"}, {NULL, NULL}};
	static const char *const plugged_out[][2] = {{"ifindex", "6\n"}, {"mtu", "1500\n"},
		{"address", "52:54:00:00:22:00\n"}, {"operstate", "down\n"}, {"flags", "0x1003\n"},
		{"carrier", "0\n"}, {NULL, NULL}};
	static const char *const shut[][2] = {{"ifindex", "8\n"}, {"mtu", "1500\n"},
		{"address", "52:54:00:00:23:00\n"}, {"operstate", "down\n"}, {"flags", "0x1002\n"},
		{NULL, NULL}};
	static const char *const little[][2] = {{"address", "52:54:00:00:21:01\n"}, {NULL, NULL}};

	no_netlink = true;
	emit(&a);
	emit(&b);
	emit(&c);
	bare_net("0000:21:00.0", "ens1", up);
	bare_net("0000:22:00.0", "ens2", plugged_out);
	bare_net("0000:23:00.0", "ens3", shut);
	bare_net("0000:21:10.0", "ens1v0", little);
}

static void missing(void)
{
	struct pf a = ixgbe(0x01, NULL, 0), b = ixgbe(0x02, NULL, 0), c = ixgbe(0x03, "ens3", 5);

	c.vfs[0].virtfn = "../0000:03:1f.7"; /* leads to a device that has gone */
	c.vfs[1].virtfn = "../../nonsense";
	c.vfs[2].absent = true;
	emit(&a);
	emit(&b);
	emit(&c);
	put_device_file("0000:01:00.0", "sriov_totalvfs", "");
	put_device_file("0000:02:00.0", "sriov_totalvfs", "banana\n");
	put_device_file("0000:02:00.0", "sriov_offset", "12x\n");
	put_device_file("0000:02:00.0", "sriov_drivers_autoprobe", "7\n");
	put_device_file("0000:02:00.0", "vendor", "0xzzzz\n");
	put_device_file("0000:02:00.0", "numa_node", "-1\n");
	put_device_link("0000:03:00.0", "virtfnX", "../0000:03:10.0");
	if (unlinkat(root, text("sys/%s/numa_node", device_dir("0000:01:00.0")), 0) < 0 ||
		unlinkat(root, text("sys/%s/class", device_dir("0000:01:00.0")), 0) < 0)
		die("missing");
}

static void truncated(void)
{
	struct pf p = ixgbe(0x21, "ens1f0", 8);

	p.net.num_vf = 8;
	p.net.listed = 5;
	emit(&p);
}

/* ESC [2J clears the screen; 0x9b is its 8-bit form, U+009B the same in UTF-8. */
#define EVIL "\033[2J"

static void evilalias(void)
{
	struct pf p = ixgbe(0x21, "ens1f0", 3);

	p.net.alias = "line one\nline two" EVIL "\x9b"
		      "31m\xff\xfe\r\x7f\xc2\x9b"
		      "5m caf\xc3\xa9";
	p.net.altnames[0] = "alt" EVIL;
	p.net.altnames[1] = "alt\xff\x80";
	p.vfs[0].netns = "space" EVIL;
	p.vfs[1].driver = "vfio-pci";
	p.vfs[1].ifname = NULL;
	p.vfs[1].group = 31;
	p.vfs[2].altname = "vf\ttab";
	emit(&p);
	put_text("vfio-holders", "31 4711 evil" EVIL "\x9b\n");
	put_text("pci.ids", "8086  Intel" EVIL " Corporation\n\t10fb  82599\xff\n");
}

/* The same, in the interface's name: kernels refuse only '/', ':' and space. */
static void evilname(void)
{
	struct pf p = ixgbe(0x21,
		"e" EVIL "\x9b"
		"f",
		2);

	p.vfs[0].vlan = 5;
	emit(&p);
}

static void dupname(void)
{
	struct pf a = ixgbe(0x21, "ens1f0", 1), b = ixgbe(0x22, "ens1f1", 1),
		  c = ixgbe(0x23, "eth0", 1);

	b.net.mac = a.net.mac; /* as bonding does */
	b.net.perm_mac = "52:54:00:00:22:00";
	a.vfs[0].ifname = b.vfs[0].ifname = "net1";
	a.vfs[0].netns = "red";
	b.vfs[0].netns = "blue";
	c.vfs[0].ifname = "eth0";
	c.vfs[0].netns = "blue";
	emit(&a);
	emit(&b);
	emit(&c);
}

static void switchdev(void)
{
	struct pf p = ixgbe(0x08, "enp8s0f0np0", 2);
	struct iface rep = {.name = "enp8s0f0_sf88",
		.index = 4,
		.flags = UP,
		.mac = "52:54:00:00:08:f0",
		.dev = "0000:08:00.0",
		.port = "pf0sf88"};

	mellanox(&p, 0, 16);
	p.net.port = "p0";
	/* made before the uplink came back: lower numbers than the PF's own */
	iface(&rep);
	rep.name = "enp8s0f0_0";
	rep.index = 5;
	rep.port = "pf0vf0";
	iface(&rep);
	emit(&p);
	rep.name = "enp8s0f0_1";
	rep.index = 12;
	rep.port = "pf0vf1";
	iface(&rep);
}

static void netns(void)
{
	struct pf p = ixgbe(0x21, "ens1f0", 3);

	p.vfs[0].netns = "blue";
	p.vfs[0].ifname = "net1";
	p.vfs[2].netns = "pid:4242";
	p.vfs[2].ifname = "net2";
	emit(&p);
	driver_stats("netns/0/", "net1", "1 alloc_rx_page_failed\n20 alloc_rx_buff_failed\n");
	driver_stats("", "ens1f0v1", "0 alloc_rx_page_failed\n5 alloc_rx_buff_failed\n");
	/* not those of the interface of that name elsewhere */
	driver_stats("", "net2", "999 alloc_rx_buff_failed\n");
}

/* One PF for each reason not to take its VFs away; it is always VF 1. */
static void inuse(void)
{
	static const char *const names[] = {"addr4", "addr6", "route4", "route6", "hop", "vlan",
		"macvlan", "master", "space", "pfdefault", "pfhop", "pfvlan", "pfmaster", "idle",
		"elsewhere"};
	enum {
		ADDR4,
		ADDR6,
		ROUTE4,
		ROUTE6,
		HOP,
		VLAN,
		MACVLAN,
		MASTER,
		SPACE,
		PF_DEFAULT,
		PF_HOP,
		PF_VLAN,
		PF_MASTER,
		IDLE,
		ELSEWHERE
	};
	int pf[COUNT(names)], vf[COUNT(names)];

	plain_nic();
	virtual_iface("br0", 7, "bridge", 0, 0, 0);
	for (unsigned i = 0; i < COUNT(names); i++) {
		struct pf p = ixgbe(0x10 + i, names[i], 2);

		pf[i] = p.net.index;
		vf[i] = p.vfs[1].ifindex;
		if (i == MASTER)
			p.vfs[1].master = 7;
		if (i == PF_MASTER)
			p.net.master = 7;
		if (i == SPACE) {
			p.vfs[1].netns = "blue";
			p.vfs[1].ifname = "net1";
		}
		emit(&p);
	}
	virtual_iface("vlan5", 50, "vlan", vf[VLAN], 0, 0);
	virtual_iface("mv0", 51, "macvlan", vf[MACVLAN], 0, 0);
	virtual_iface("pfvlan.7", 52, "vlan", pf[PF_VLAN], 0, 0);
	/* the peer of a veth that is elsewhere has the number of a VF of ours */
	virtual_iface("veth0", 53, "veth", vf[ELSEWHERE], 0, 1);
	address(vf[ADDR4], "192.0.2.1", 24, RT_SCOPE_UNIVERSE);
	address(vf[ADDR6], "2001:db8::1", 64, RT_SCOPE_UNIVERSE);
	address(vf[IDLE], "fe80::5054:ff:fe00:1", 64, RT_SCOPE_LINK);
	route("198.51.100.0", 24, vf[ROUTE4], 0, RTPROT_STATIC);
	route("2001:db8:1::", 48, vf[ROUTE6], 0, RTPROT_STATIC);
	route("203.0.113.0", 24, 9, vf[HOP], RTPROT_STATIC);
	route("0.0.0.0", 0, pf[PF_DEFAULT], 0, RTPROT_STATIC);
	route("0.0.0.0", 0, 9, pf[PF_HOP], RTPROT_STATIC);
	route("0.0.0.0", 0, 52, 0, RTPROT_DHCP);
	route("192.0.2.0", 24, vf[IDLE], 0, RTPROT_KERNEL);
	route("fe80::", 64, vf[IDLE], 0, RTPROT_KERNEL);
}

/* A host to change: VFs of every kind, each in an IOMMU group of its own but for those
 * of eth2, whose group is that of their PF. */
static void change(void)
{
	struct pf a = ixgbe(0x21, "eth0", 6), b = ixgbe(0x41, "eth1", 4),
		  c = ixgbe(0x61, "eth2", 2), d = ixgbe(0x81, "eth3", 0);
	static const char *const others[] = {"vfio-pci", "pci-stub", "uio_pci_generic"};

	for (size_t i = 0; i < COUNT(others); i++)
		driver(others[i]);
	put_text("sys/class/iommu/dmar0/uevent", "");
	mellanox(&b, 0, 8);
	a.net.speed = "10000";
	b.net.speed = "25000";
	a.group = 10;
	b.group = 11;
	for (unsigned i = 0; i < a.count; i++) {
		a.vfs[i].reset = "flr";
		a.vfs[i].group = 20 + (int)i;
	}
	a.vfs[0].vlan = 100; /* 0: someone's, with all there is to set */
	a.vfs[0].qos = 3;
	a.vfs[0].max_rate = 500;
	a.vfs[0].spoofchk = 0;
	a.vfs[0].trust = 1;
	a.vfs[0].altname = "tenant-a";
	address(a.vfs[1].ifindex, "192.0.2.1", 24, RT_SCOPE_UNIVERSE); /* 1: in use */
	a.vfs[1].trust = 1;
	a.vfs[2].driver = a.vfs[2].override = "vfio-pci"; /* 2: with vfio, nobody has it */
	a.vfs[2].ifname = NULL;
	a.vfs[3].driver = a.vfs[3].ifname = NULL; /* 3: no driver */
	a.vfs[4].driver = "vfio-pci";             /* 4: a virtual machine has it */
	a.vfs[4].ifname = NULL;
	put_text("vfio-holders", "24 4711 qemu-system-x86\n");
	a.vfs[5].reset = "bus"; /* 5: only with its neighbours */
	for (unsigned i = 0; i < b.count; i++) {
		b.vfs[i].vlan = b.vfs[i].spoofchk = 0;
		b.vfs[i].msix = 8;
		b.vfs[i].reset = "flr pm";
		b.vfs[i].group = 30 + (int)i;
	}
	b.vfs[0].driver = b.vfs[0].ifname = NULL;
	b.vfs[1].max_rate = 1000;
	b.vfs[1].min_rate = 100;
	b.vfs[2].driver = b.vfs[2].override = "pci-stub";
	b.vfs[2].ifname = NULL;
	strcpy(b.vfs[3].mac, "ba:d1:56:41:80:f9"); /* what `mac auto` gives it */
	c.group = c.vfs[0].group = c.vfs[1].group = 40;
	strcpy(c.vfs[1].mac, c.vfs[0].mac); /* one address for two, as VRRP and the like want it */
	d.net.flags = IFF_BROADCAST | IFF_MULTICAST;
	emit(&a);
	emit(&b);
	emit(&c);
	emit(&d);
}

/* 0: that namespace is there no more. */
static unsigned inode_of(const char *netns)
{
	for (size_t i = 0; i < space_count; i++)
		if (strcmp(spaces[i].name, netns) == 0)
			return spaces[i].inode;
	return 0;
}

/* What sriovctl remembers of a VF that was handed out: plan/lease.c. home: members of what
 * it had. */
static void lease(const char *pf, unsigned index, const char *dev, const char *netns,
	const char *ifname, const char *owner, const char *home)
{
	char name[64], out[2048];
	int len;

	snprintf(name, sizeof(name), "pci-%s", pf);
	len = snprintf(out, sizeof(out),
		"{\n \"pf\": \"pci/%s\",\n \"index\": %u,\n \"vf\": \"%s/%u\",\n \"bdf\": \"%s\",\n"
		" \"netns\": \"%s\",\n \"netns_inode\": %u,\n \"netns_cookie\": 0,\n"
		" \"ifname\": %s,\n \"owner\": %s,\n \"since\": 1795256351,\n"
		" \"boot\": \"d5ad57e1-6d2e-4ae5-8e57-6d9ab53b2ed0\",\n \"home\": {%s}\n}\n",
		pf, index, strcmp(pf, "0000:21:00.0") == 0 ? "eth0" : "eth7", index, dev, netns,
		inode_of(netns), ifname ? text("\"%s\"", ifname) : "null",
		owner ? text("\"%s\"", owner) : "null", home);
	put(text("run/sriovctl/attached/%s-%u", name, index), out, (size_t)len);
}

/* VFs that were handed to namespaces, in every state there is. */
static void lent(void)
{
	struct pf a = ixgbe(0x21, "eth0", 14), b = ixgbe(0x41, "eth1", 2);
	struct iface other = {.name = "net0",
		.index = 2,
		.flags = UP,
		.mac = "52:54:00:00:00:99",
		.kind = "dummy",
		.altnames = {"storage", "net2"}};

	driver("vfio-pci");
	put_text("sys/class/iommu/dmar0/uevent", "");
	space("blue")->inode = 4026532001;
	space("red")->inode = 4026532002;
	space("vm1")->inode = 4026532003;
	space("vm1")->bare = true;
	put_iface(&space("blue")->link, &other, false);
	a.group = 10;
	for (unsigned i = 0; i < a.count; i++) {
		a.vfs[i].group = 20 + (int)i;
		a.vfs[i].reset = i == 6 ? NULL : "flr";
	}
	a.vfs[0].netns = "blue"; /* 0: attached, with an owner */
	a.vfs[0].ifname = "net1";
	a.vfs[0].vlan = 100;
	a.vfs[0].qos = 3;
	a.vfs[0].altname = "left-side";
	put_address(&space("blue")->addr, a.vfs[0].ifindex, "192.0.2.1", 24, RT_SCOPE_UNIVERSE);
	put_address(&space("blue")->addr, a.vfs[0].ifindex, "2001:db8::1", 64, RT_SCOPE_UNIVERSE);
	put_gateway(&space("blue")->route4, a.vfs[0].ifindex, "192.0.2.254");
	a.vfs[1].netns = "red"; /* 1: attached, nobody's */
	a.vfs[1].down = true;
	a.vfs[2].netns = "blue"; /* 2: moved there by someone else */
	a.vfs[2].ifname = "eth5";
	a.vfs[3].ifname = "net3"; /* 3: its namespace has gone, and it came home */
	a.vfs[3].vlan = 300;
	a.vfs[4].netns = "red"; /* 4: moved on */
	a.vfs[4].ifname = "net4";
	a.vfs[5].ifname = NULL;       /* 5: nowhere to be found */
	a.vfs[6].driver = "vfio-pci"; /* 6: attached without an interface */
	a.vfs[6].ifname = NULL;
	a.vfs[6].vlan = 600;
	a.vfs[7].altname = "storage"; /* 7: at home; one that was in its place is another's */
	a.vfs[8].driver = a.vfs[8].ifname = NULL; /* 8: no driver */
	a.vfs[9].driver = "vfio-pci";             /* 9: with vfio, nobody has it */
	a.vfs[9].ifname = NULL;
	a.vfs[10].driver = "vfio-pci"; /* 10: a virtual machine has it */
	a.vfs[10].ifname = NULL;
	put_text("vfio-holders", "30 4711 qemu-system-x86\n");
	address(a.vfs[11].ifindex, "192.0.2.11", 24, RT_SCOPE_UNIVERSE); /* 11: in use here */
	a.vfs[12].ifname = "net12"; /* 12: came home, and is in use here */
	address(a.vfs[12].ifindex, "192.0.2.12", 24, RT_SCOPE_UNIVERSE);
	a.vfs[13].down = true; /* 13: at home, as it comes */
	emit(&a);
	emit(&b);
	lease("0000:21:00.0", 0, "0000:21:10.0", "blue", "net1", "web-7",
		"\"driver\": \"ixgbevf\", \"ifname\": \"eth0v0\", \"up\": true, \"mtu\": 1400,"
		" \"altnames\": [\"left-side\", \"storage\"], \"mac\": \"52:54:00:01:21:01\","
		" \"vlan\": 0, \"qos\": 0, \"proto\": 0, \"max_tx_rate\": 0, \"min_tx_rate\": 0,"
		" \"spoofchk\": true, \"trust\": false, \"state\": 0, \"query_rss\": false,"
		" \"netns\": null, \"lease\": null, \"if_mac\": \"52:54:00:01:21:01\"");
	lease("0000:21:00.0", 1, "0000:21:10.2", "red", "eth0v1", NULL,
		"\"driver\": \"ixgbevf\", \"ifname\": \"eth0v1\", \"up\": false, \"mtu\": 1500,"
		" \"altnames\": [], \"vlan\": 0, \"netns\": null, \"lease\": null");
	lease("0000:21:00.0", 3, "0000:21:10.6", "green", "net3", "c1",
		"\"driver\": \"ixgbevf\", \"ifname\": \"eth0v3\", \"up\": true, \"mtu\": 1500,"
		" \"altnames\": [], \"vlan\": 0, \"qos\": 0, \"proto\": 0, \"netns\": null,"
		" \"lease\": null");
	lease("0000:21:00.0", 4, "0000:21:11.0", "blue", "net4", NULL,
		"\"driver\": \"ixgbevf\", \"ifname\": \"eth0v4\", \"up\": true, \"mtu\": 1500,"
		" \"altnames\": [], \"netns\": null, \"lease\": null");
	lease("0000:21:00.0", 5, "0000:21:11.2", "blue", "net5", "c1",
		"\"driver\": \"ixgbevf\", \"ifname\": \"eth0v5\", \"up\": true, \"mtu\": 1500,"
		" \"altnames\": [], \"netns\": null, \"lease\": null");
	lease("0000:21:00.0", 6, "0000:21:11.4", "vm1", NULL, "vm1",
		"\"driver\": \"vfio-pci\", \"vlan\": 0, \"qos\": 0, \"proto\": 0, \"lease\": null");
	lease("0000:21:00.0", 7, "0000:22:10.0", "blue", "net7", "c1",
		"\"driver\": \"ixgbevf\", \"lease\": null");
	lease("0000:21:00.0", 12, "0000:21:13.0", "green", "net12", NULL,
		"\"driver\": \"ixgbevf\", \"ifname\": \"eth0v12\", \"up\": true, \"mtu\": 1500,"
		" \"altnames\": [], \"netns\": null, \"lease\": null");
	lease("0000:21:00.0", 20, "0000:21:15.0", "blue", "net20", "c20",
		"\"driver\": \"ixgbevf\", \"lease\": null");
	lease("0000:81:00.0", 0, "0000:81:10.0", "red", "net81", NULL,
		"\"driver\": \"ixgbevf\", \"lease\": null");
}

/* More VFs than anyone reads one by one, alike in parts: 300, 100 and 1. */
static void crowd(void)
{
	struct pf a = ixgbe(0x20, "ens1", 300), b = ixgbe(0x30, "ens2", 100),
		  c = ixgbe(0x40, "ens3", 1);
	char held[1024];
	int len = 0;

	mellanox(&a, 0, 512);
	mellanox(&b, 0, 128);
	for (unsigned i = 0; i < a.count; i++) {
		struct vf *v = &a.vfs[i];

		v->vlan = 100;
		v->group = 1000 + (int)i;
		if (i >= 100 && i < 150 && i % 2) /* 101, 103, ... 149: switched off */
			v->down = true;
		if (i >= 150 && i < 200) { /* with vfio: 150 to 159 each held by another */
			v->driver = "vfio-pci";
			v->ifname = NULL;
		}
		if (i >= 150 && i < 160)
			len += snprintf(held + len, sizeof(held) - (size_t)len,
				"%u %u qemu-system-x86\n", 1000 + i, 5000 + i);
		if (i >= 200 && i < 204) /* without a driver */
			v->driver = v->ifname = NULL;
		if (i >= 210 && i < 240) /* in namespaces */
			v->netns = i % 3 ? "blue" : "red";
		if (i >= 250 && i < 260)
			address(v->ifindex, text("192.0.2.%u", i - 200), 24, RT_SCOPE_UNIVERSE);
	}
	put_text("vfio-holders", held);
	emit(&a);
	for (unsigned i = 0; i < b.count; i++)
		b.vfs[i].vlan = 0;
	emit(&b);
	emit(&c);
}

/* Names of two columns a character, as East Asian ones are. */
static void wide(void)
{
	struct pf p = ixgbe(0x21,
		"\xe7\xb6\xb2\xe5\x8d\xa1"
		"0",
		3);

	p.vfs[0].netns = "\xe6\x9d\xb1\xe4\xba\xac\xe9\x83\xbd\xe5\xba\x81\xe8\x88\x8e\xe7\xac\xac"
			 "\xe4\xb8\x80\xe6\x9c\xac\xe5\xba\x81\xe8\x88\x8e\xe5\x8c\x97\xe5\xa1\x94";
	p.vfs[1].vlan = 4094;
	emit(&p);
}

/* No IOMMU, and vfio is told to do without. */
static void noiommu(void)
{
	struct pf p = ixgbe(0x21, "eth0", 2);

	driver("vfio-pci");
	put_text("sys/module/vfio/parameters/enable_unsafe_noiommu_mode", "Y\n");
	emit(&p);
}

#include "hosts.h"

static const struct {
	const char *name;
	void (*make)(void);
} scenarios[] = {
	{"ari256", ari256},
	{"baresysfs", baresysfs},
	{"basic", basic},
	{"big1024", big1024},
	{"change", change},
	{"crowd", crowd},
	{"dupname", dupname},
	{"evilalias", evilalias},
	{"evilname", evilname},
	{"infiniband", infiniband},
	{"inuse", inuse},
	{"lent", lent},
	{"missing", missing},
	{"netns", netns},
	{"nodriver", nodriver},
	{"noiface", noiface},
	{"noiommu", noiommu},
	{"nvme", nvme},
	{"switchdev", switchdev},
	{"truncated", truncated},
	{"vfio", vfio},
	{"wide", wide},
};

static void finish(void)
{
	if (no_netlink)
		return;
	put_text("format", "sriovctl snapshot 1\n");
	for (unsigned i = 0; i < DUMP_COUNT; i++) {
		put_done(&dumps[i]);
		put(text("netlink/%s", dump_names[i]), dumps[i].data, dumps[i].len);
	}
	for (size_t i = 0; i < space_count; i++) {
		struct space *s = &spaces[i];

		put_text(text("netns/%zu/name", i), s->name);
		if (s->inode)
			put_text(text("netns/%zu/id", i), text("%u 0\n", s->inode));
		if (s->bare)
			continue;
		put_done(&s->link);
		put(text("netns/%zu/netlink/link", i), s->link.data, s->link.len);
		if (!s->inode)
			continue;
		put_done(&s->addr);
		put_done(&s->route4);
		put(text("netns/%zu/netlink/addr", i), s->addr.data, s->addr.len);
		put(text("netns/%zu/netlink/route4", i), s->route4.data, s->route4.len);
	}
}

static void open_root(const char *dir)
{
	if (mkdir(dir, 0755) < 0 && errno != EEXIST)
		die(dir);
	root = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		die(dir);
}

int main(int argc, char **argv)
{
	static const struct iface lo = {.name = "lo",
		.index = 1,
		.mtu = 65536,
		.flags = IFF_UP | IFF_LOOPBACK | IFF_LOWER_UP};

	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		for (size_t i = 0; i < COUNT(scenarios); i++)
			puts(scenarios[i].name);
		for (size_t i = 0; i < COUNT(ordinary); i++)
			puts(ordinary[i].name);
		return 0;
	}
	if (argc == 3) {
		const struct ordinary *host = find_ordinary(argv[1]);
		size_t i = 0;

		while (i < COUNT(scenarios) && strcmp(argv[1], scenarios[i].name) != 0)
			i++;
		if (i < COUNT(scenarios) || host) {
			open_root(argv[2]);
			if (strcmp(argv[1], "baresysfs") != 0)
				iface(&lo);
			if (host)
				make_ordinary(host);
			else
				scenarios[i].make();
			finish();
			return 0;
		}
	}
	fputs("usage: mkfixture SCENARIO DIR | mkfixture --list\n", stderr);
	return 1;
}
