#include "nl.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <string.h>

struct nlmsghdr *nl_link(void *buf, int ifindex, unsigned flags, const char *name)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	nlh->nlmsg_type = RTM_NEWLINK;
	ifi->ifi_index = ifindex;
	ifi->ifi_flags = flags;
	if (name)
		mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	return nlh;
}

static void put_setting(struct nlmsghdr *nlh, uint16_t type, uint32_t index, uint32_t v)
{
	const uint32_t pair[] = {index, v};

	mnl_attr_put(nlh, type, sizeof(pair), pair);
}

static void put_stats(struct nlmsghdr *nlh, uint64_t v)
{
	static const uint16_t types[] = {IFLA_VF_STATS_RX_PACKETS, IFLA_VF_STATS_TX_PACKETS,
		IFLA_VF_STATS_RX_BYTES, IFLA_VF_STATS_TX_BYTES, IFLA_VF_STATS_BROADCAST,
		IFLA_VF_STATS_MULTICAST, IFLA_VF_STATS_RX_DROPPED, IFLA_VF_STATS_TX_DROPPED};
	struct nlattr *list = mnl_attr_nest_start(nlh, IFLA_VF_STATS);

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++, v++)
		mnl_attr_put(nlh, types[i], sizeof(v), &v);
	mnl_attr_nest_end(nlh, list);
}

/* In the order of rtnl_fill_vfinfo() in Linux net/core/rtnetlink.c. */
void nl_vf(struct nlmsghdr *nlh, uint32_t index, const struct vf_opts *o)
{
	struct ifla_vf_mac mac = {
		.vf = index, .mac = {2, 0, 0, (uint8_t)(index >> 8), (uint8_t)index, o->mac_last}};
	struct ifla_vf_vlan vlan = {index, o->vlan, o->qos};
	struct ifla_vf_tx_rate tx_rate = {index, o->max_rate};
	struct ifla_vf_rate rate = {index, o->min_rate, o->max_rate};
	struct ifla_vf_vlan_info info = {index, o->vlan, o->qos, htons(o->vlan_proto)};
	struct nlattr *list, *vf = mnl_attr_nest_start(nlh, IFLA_VF_INFO);

	mnl_attr_put(nlh, IFLA_VF_MAC, sizeof(mac), &mac);
	mnl_attr_put(nlh, IFLA_VF_BROADCAST, 32, mac.mac);
	mnl_attr_put(nlh, IFLA_VF_VLAN, sizeof(vlan), &vlan);
	mnl_attr_put(nlh, IFLA_VF_RATE, sizeof(rate), &rate);
	mnl_attr_put(nlh, IFLA_VF_TX_RATE, sizeof(tx_rate), &tx_rate);
	put_setting(nlh, IFLA_VF_SPOOFCHK, index, o->spoofchk);
	put_setting(nlh, IFLA_VF_LINK_STATE, index, o->state);
	put_setting(nlh, IFLA_VF_RSS_QUERY_EN, index, o->rss);
	put_setting(nlh, IFLA_VF_TRUST, index, o->trust);
	if (o->vlan_proto) {
		list = mnl_attr_nest_start(nlh, IFLA_VF_VLAN_LIST);
		mnl_attr_put(nlh, IFLA_VF_VLAN_INFO, sizeof(info), &info);
		mnl_attr_nest_end(nlh, list);
	}
	if (o->stats)
		put_stats(nlh, o->stats);
	mnl_attr_nest_end(nlh, vf);
}

void nl_vfs(struct nlmsghdr *nlh, uint32_t first, uint32_t n, const struct vf_opts *o)
{
	struct nlattr *list = mnl_attr_nest_start(nlh, IFLA_VFINFO_LIST);

	for (uint32_t i = first; i < first + n; i++)
		nl_vf(nlh, i, o);
	mnl_attr_nest_end(nlh, list);
}
