/* Interfaces and the VF configurations within, decoded from raw rtnetlink messages. */
#include "kernel/rtnl.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <string.h>

/* The payload when it has at least `size` bytes, else NULL. */
static const void *payload(const struct nlattr *a, size_t size)
{
	return mnl_attr_get_payload_len(a) >= size ? mnl_attr_get_payload(a) : NULL;
}

static const char *string(struct arena *arena, const struct nlattr *a)
{
	const char *s = mnl_attr_get_payload(a);

	return arena_strndup(arena, s, strnlen(s, mnl_attr_get_payload_len(a)));
}

static void lladdr(struct lladdr *addr, const struct nlattr *a)
{
	uint16_t len = mnl_attr_get_payload_len(a);

	if (len > LLADDR_MAX)
		return;
	addr->len = (uint8_t)len;
	memcpy(addr->bytes, mnl_attr_get_payload(a), len);
}

/* A switch that the kernel sends as 0xffffffff where the driver does not say. */
static void decode_switch(struct vf *vf, enum vf_attr attr, bool *field, uint32_t setting)
{
	if (setting > 1)
		return;
	*field = setting;
	vf->known |= VF_BIT(attr);
}

/* Netlink aligns to 4 bytes, the 64-bit GUID wants 8: copy. */
static void decode_guid(struct vf *vf, enum vf_attr attr, uint64_t *field, const struct nlattr *a)
{
	struct ifla_vf_guid guid;

	if (!payload(a, sizeof(guid)))
		return;
	memcpy(&guid, mnl_attr_get_payload(a), sizeof(guid));
	*field = guid.guid;
	vf->known |= VF_BIT(attr);
}

static void decode_vlan_list(struct vf *vf, const struct nlattr *list)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested (a, list) {
		const struct ifla_vf_vlan_info *v = payload(a, sizeof(*v));

		if (mnl_attr_get_type(a) != IFLA_VF_VLAN_INFO || !v)
			continue;
		vf->vlan = v->vlan;
		vf->qos = v->qos;
		vf->proto = ntohs(v->vlan_proto) == ETH_P_8021AD ? VF_PROTO_8021AD : VF_PROTO_8021Q;
		vf->known |= VF_BIT(VF_VLAN) | VF_BIT(VF_QOS) | VF_BIT(VF_PROTO);
		return; /* the kernel keeps one per VF */
	}
}

static void decode_stats(struct vf *vf, const struct nlattr *list)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested (a, list) {
		uint64_t v;

		if (mnl_attr_get_payload_len(a) < sizeof(v))
			continue;
		memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
		switch (mnl_attr_get_type(a)) {
		case IFLA_VF_STATS_RX_PACKETS:
			vf->rx_packets = v;
			vf->known |= VF_BIT(VF_RX_PACKETS);
			break;
		case IFLA_VF_STATS_TX_PACKETS:
			vf->tx_packets = v;
			vf->known |= VF_BIT(VF_TX_PACKETS);
			break;
		case IFLA_VF_STATS_RX_BYTES:
			vf->rx_bytes = v;
			vf->known |= VF_BIT(VF_RX_BYTES);
			break;
		case IFLA_VF_STATS_TX_BYTES:
			vf->tx_bytes = v;
			vf->known |= VF_BIT(VF_TX_BYTES);
			break;
		case IFLA_VF_STATS_BROADCAST:
			vf->broadcast = v;
			vf->known |= VF_BIT(VF_BROADCAST);
			break;
		case IFLA_VF_STATS_MULTICAST:
			vf->multicast = v;
			vf->known |= VF_BIT(VF_MULTICAST);
			break;
		case IFLA_VF_STATS_RX_DROPPED:
			vf->rx_dropped = v;
			vf->known |= VF_BIT(VF_RX_DROPPED);
			break;
		case IFLA_VF_STATS_TX_DROPPED:
			vf->tx_dropped = v;
			vf->known |= VF_BIT(VF_TX_DROPPED);
			break;
		default:
			break;
		}
	}
}

/* One attribute of a VF. The structs are those of linux/if_link.h. */
static void decode_vf_attr(struct vf *vf, const struct nlattr *a, uint8_t addr_len)
{
	union {
		const void *p;
		const struct ifla_vf_mac *mac;
		const struct ifla_vf_vlan *vlan;
		const struct ifla_vf_tx_rate *tx_rate;
		const struct ifla_vf_rate *rate;
		const struct ifla_vf_spoofchk *setting; /* trust and RSS look the same */
		const struct ifla_vf_link_state *state;
	} u;

	switch (mnl_attr_get_type(a)) {
	case IFLA_VF_MAC:
		u.p = payload(a, sizeof(*u.mac));
		if (!u.p)
			break;
		vf->mac.len = addr_len;
		memcpy(vf->mac.bytes, u.mac->mac, addr_len);
		vf->known |= VF_BIT(VF_MAC);
		break;
	case IFLA_VF_VLAN:
		u.p = payload(a, sizeof(*u.vlan));
		if (!u.p || vf_has(vf, VF_PROTO)) /* the list says more */
			break;
		vf->vlan = u.vlan->vlan;
		vf->qos = u.vlan->qos;
		vf->known |= VF_BIT(VF_VLAN) | VF_BIT(VF_QOS);
		break;
	case IFLA_VF_VLAN_LIST:
		decode_vlan_list(vf, a);
		break;
	case IFLA_VF_TX_RATE: /* before Linux 3.16 there was no more */
		u.p = payload(a, sizeof(*u.tx_rate));
		if (!u.p || vf_has(vf, VF_MAX_TX_RATE))
			break;
		vf->max_tx_rate = u.tx_rate->rate;
		vf->known |= VF_BIT(VF_MAX_TX_RATE);
		break;
	case IFLA_VF_RATE:
		u.p = payload(a, sizeof(*u.rate));
		if (!u.p)
			break;
		vf->min_tx_rate = u.rate->min_tx_rate;
		vf->max_tx_rate = u.rate->max_tx_rate;
		vf->known |= VF_BIT(VF_MIN_TX_RATE) | VF_BIT(VF_MAX_TX_RATE);
		break;
	case IFLA_VF_SPOOFCHK:
		u.p = payload(a, sizeof(*u.setting));
		if (u.p)
			decode_switch(vf, VF_SPOOFCHK, &vf->spoofchk, u.setting->setting);
		break;
	case IFLA_VF_TRUST:
		u.p = payload(a, sizeof(*u.setting));
		if (u.p)
			decode_switch(vf, VF_TRUST, &vf->trust, u.setting->setting);
		break;
	case IFLA_VF_RSS_QUERY_EN:
		u.p = payload(a, sizeof(*u.setting));
		if (u.p)
			decode_switch(vf, VF_QUERY_RSS, &vf->query_rss, u.setting->setting);
		break;
	case IFLA_VF_LINK_STATE:
		u.p = payload(a, sizeof(*u.state));
		if (!u.p || u.state->link_state > IFLA_VF_LINK_STATE_DISABLE)
			break;
		vf->state = u.state->link_state;
		vf->known |= VF_BIT(VF_STATE);
		break;
	case IFLA_VF_IB_NODE_GUID:
		decode_guid(vf, VF_NODE_GUID, &vf->node_guid, a);
		break;
	case IFLA_VF_IB_PORT_GUID:
		decode_guid(vf, VF_PORT_GUID, &vf->port_guid, a);
		break;
	case IFLA_VF_STATS:
		decode_stats(vf, a);
		break;
	default:
		break;
	}
}

/* Is this a VF_INFO, by more than its type? Its first attribute is the MAC, which
 * carries the index. */
static const struct ifla_vf_mac *vf_info(const struct nlattr *a, size_t left)
{
	const struct nlattr *first = mnl_attr_get_payload(a);

	if (left < sizeof(*a) || a->nla_len < sizeof(*a) || a->nla_len > left ||
		mnl_attr_get_type(a) != IFLA_VF_INFO ||
		!mnl_attr_ok(first, (int)mnl_attr_get_payload_len(a)) ||
		mnl_attr_get_type(first) != IFLA_VF_MAC)
		return NULL;
	return payload(first, sizeof(struct ifla_vf_mac));
}

/*
 * The VFs of one PF. Above 334 of them (221 with statistics) the list's 16-bit length
 * has wrapped, but the bytes are all there: walk entry by entry as long as they are
 * VF_INFOs of ascending index, whatever the length says. `end` is the end of the
 * message. Returns where the list really ends.
 */
static const char *decode_vf_list(
	struct arena *arena, struct link *l, const struct nlattr *list, const char *end)
{
	const char *p = mnl_attr_get_payload(list), *start = p;
	uint8_t addr_len = l->addr.len ? l->addr.len : 6;
	const struct ifla_vf_mac *mac;
	uint32_t next = 0, room = l->num_vfs;

	/* an entry is over 40 bytes: no message can hold more */
	if (room > (size_t)(end - p) / 40)
		room = (uint32_t)((size_t)(end - p) / 40);
	l->vfs = arena_alloc(arena, (room + 1) * sizeof(*l->vfs));
	while (l->vf_count < room && p < end) {
		const struct nlattr *a = (const struct nlattr *)(const void *)p, *b;
		struct vf *vf = &l->vfs[l->vf_count];

		mac = vf_info(a, (size_t)(end - p));
		if (!mac || mac->vf < next || mac->vf >= l->num_vfs)
			break;
		vf->index = mac->vf;
		next = mac->vf + 1;
		mnl_attr_for_each_nested (b, a)
			decode_vf_attr(vf, b, addr_len);
		l->vf_count++;
		p += MNL_ALIGN(a->nla_len);
	}
	l->truncated = l->vf_count < l->num_vfs;
	/* nothing recognised: believe the length, if it can be one */
	if (p == start && list->nla_len < sizeof(*list))
		return end;
	return p == start ? (const char *)list + MNL_ALIGN(list->nla_len) : p;
}

static void decode_altnames(struct arena *arena, struct link *l, const struct nlattr *list)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested (a, list) {
		if (mnl_attr_get_type(a) != IFLA_ALT_IFNAME)
			continue;
		l->altnames.items = arena_push(
			arena, l->altnames.items, &l->altnames.count, sizeof(*l->altnames.items));
		l->altnames.items[l->altnames.count - 1] = string(arena, a);
	}
}

static void decode_kind(struct arena *arena, struct link *l, const struct nlattr *list)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested (a, list) {
		if (mnl_attr_get_type(a) == IFLA_INFO_KIND)
			l->kind = string(arena, a);
	}
}

static void decode_number(struct link *l, uint16_t type, uint32_t v)
{
	switch (type) {
	case IFLA_MTU:
		l->mtu = v;
		l->mtu_known = true;
		break;
	case IFLA_MIN_MTU:
		l->min_mtu = v;
		break;
	case IFLA_MAX_MTU:
		l->max_mtu = v;
		break;
	case IFLA_MASTER:
		l->master = (int)v;
		break;
	case IFLA_LINK:
		l->lower = (int)v;
		break;
	case IFLA_LINK_NETNSID:
		l->lower_elsewhere = true;
		break;
	case IFLA_NUM_VF:
		l->num_vfs = v;
		l->num_vfs_known = true;
		break;
	default:
		break;
	}
}

/* Netlink aligns to 4 bytes: copy. Old kernels have a shorter struct. */
static const struct if_counters *decode_counters(struct arena *arena, const struct nlattr *a)
{
	struct rtnl_link_stats64 s = {0};
	struct if_counters *c;
	size_t len = mnl_attr_get_payload_len(a);

	if (len < offsetof(struct rtnl_link_stats64, tx_aborted_errors))
		return NULL;
	memcpy(&s, mnl_attr_get_payload(a), len < sizeof(s) ? len : sizeof(s));
	c = arena_alloc(arena, sizeof(*c));
	*c = (struct if_counters){.rx_packets = s.rx_packets,
		.tx_packets = s.tx_packets,
		.rx_bytes = s.rx_bytes,
		.tx_bytes = s.tx_bytes,
		.rx_errors = s.rx_errors,
		.tx_errors = s.tx_errors,
		.rx_dropped = s.rx_dropped,
		.tx_dropped = s.tx_dropped,
		.multicast = s.multicast,
		.rx_missed = s.rx_missed_errors};
	return c;
}

static void decode_link_attr(
	struct arena *arena, bool counters, struct link *l, const struct nlattr *a)
{
	uint16_t type = mnl_attr_get_type(a);
	const uint32_t *u32 = payload(a, sizeof(*u32));

	switch (type) {
	case IFLA_IFNAME:
		l->name = string(arena, a);
		break;
	case IFLA_IFALIAS:
		l->alias = string(arena, a);
		break;
	case IFLA_ADDRESS:
		lladdr(&l->addr, a);
		break;
	case IFLA_PERM_ADDRESS:
		lladdr(&l->perm_addr, a);
		break;
	case IFLA_PHYS_PORT_NAME:
		l->phys_port_name = string(arena, a);
		break;
	case IFLA_PARENT_DEV_NAME:
		l->parent_dev = string(arena, a);
		break;
	case IFLA_PARENT_DEV_BUS_NAME:
		l->parent_bus = string(arena, a);
		break;
	case IFLA_PROP_LIST:
		decode_altnames(arena, l, a);
		break;
	case IFLA_STATS64:
		if (counters)
			l->counters = decode_counters(arena, a);
		break;
	case IFLA_LINKINFO:
		decode_kind(arena, l, a);
		break;
	default:
		if (u32)
			decode_number(l, type, *u32);
		break;
	}
}

bool rtnl_decode_link(
	struct arena *arena, const struct nlmsghdr *nlh, bool counters, struct link *link)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const char *end = (const char *)nlh + nlh->nlmsg_len;
	const char *p = (const char *)mnl_nlmsg_get_payload_offset(nlh, sizeof(*ifi));
	struct link l = {0};

	if (nlh->nlmsg_len < NLMSG_LENGTH(sizeof(*ifi)))
		return false;
	l.ifindex = ifi->ifi_index;
	l.admin_up = ifi->ifi_flags & IFF_UP;
	l.state = !l.admin_up                     ? LINK_DOWN
		  : ifi->ifi_flags & IFF_LOWER_UP ? LINK_UP
						  : LINK_NO_CARRIER;
	l.state_known = l.altnames_known = true;
	while (p < end) {
		const struct nlattr *a = (const struct nlattr *)(const void *)p;

		if ((size_t)(end - p) < sizeof(*a))
			break;
		if (mnl_attr_get_type(a) == IFLA_VFINFO_LIST && !l.vfs) {
			p = decode_vf_list(arena, &l, a, end);
			continue;
		}
		if (!mnl_attr_ok(a, (int)(end - p)))
			break;
		decode_link_attr(arena, counters, &l, a);
		p += MNL_ALIGN(a->nla_len);
	}
	*link = l;
	return l.name != NULL;
}

static void add_link(struct host *host, const char *netns, const struct nlmsghdr *nlh)
{
	struct link l;

	if (!rtnl_decode_link(&host->arena, nlh, host->needs & NEED_STATS, &l))
		return;
	l.netns = netns;
	host->links = arena_push(&host->arena, host->links, &host->link_count, sizeof(l));
	host->links[host->link_count - 1] = l;
}

bool rtnl_decode_links(struct host *host, const char *netns, const void *data, size_t len)
{
	const struct nlmsghdr *nlh;
	const char *p = data;

	while ((nlh = rtnl_next(&p, &len))) {
		if (nlh->nlmsg_type == NLMSG_DONE)
			return true;
		if (nlh->nlmsg_type == RTM_NEWLINK)
			add_link(host, netns, nlh);
	}
	return false;
}
