/* Writing VF configurations and interface settings through rtnetlink. */
#include "kernel/change.h"
#include "kernel/rtnl.h"

#include "util/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

static void put_vlan(struct nlmsghdr *nlh, const struct vf *vf)
{
	struct ifla_vf_vlan_info info;
	struct nlattr *list = mnl_attr_nest_start(nlh, IFLA_VF_VLAN_LIST);

	memset(&info, 0, sizeof(info)); /* its padding goes to the kernel as well */
	info.vf = vf->index;
	info.vlan = vf->vlan;
	info.qos = vf->qos;
	info.vlan_proto = htons(vf->proto == VF_PROTO_8021AD ? ETH_P_8021AD : ETH_P_8021Q);
	mnl_attr_put(nlh, IFLA_VF_VLAN_INFO, sizeof(info), &info);
	mnl_attr_nest_end(nlh, list);
}

static void put_switch(struct nlmsghdr *nlh, uint16_t type, uint32_t index, bool on)
{
	struct ifla_vf_spoofchk setting = {index, on}; /* trust and RSS look the same */

	mnl_attr_put(nlh, type, sizeof(setting), &setting);
}

/* Encode one attribute. VLAN, priority and protocol are one setting to the kernel, and so
 * are the two rates: whichever comes first of them writes all. */
static void put_attr(struct nlmsghdr *nlh, enum vf_attr attr, const struct vf_write *w)
{
	const struct vf *vf = w->vf;
	struct ifla_vf_mac mac = {.vf = vf->index};
	struct ifla_vf_rate rate = {vf->index, vf->min_tx_rate, vf->max_tx_rate};
	struct ifla_vf_link_state state = {vf->index, vf->state};
	struct ifla_vf_guid guid;

	memset(&guid, 0, sizeof(guid)); /* it has padding */
	guid.vf = vf->index;
	switch (attr) {
	case VF_MAC:
		memcpy(mac.mac, vf->mac.bytes, sizeof(mac.mac));
		mnl_attr_put(nlh, IFLA_VF_MAC, sizeof(mac), &mac);
		break;
	case VF_VLAN:
		put_vlan(nlh, vf);
		break;
	case VF_QOS:
		if (!(w->attrs & VF_BIT(VF_VLAN)))
			put_vlan(nlh, vf);
		break;
	case VF_PROTO:
		if (!(w->attrs & (VF_BIT(VF_VLAN) | VF_BIT(VF_QOS))))
			put_vlan(nlh, vf);
		break;
	case VF_MAX_TX_RATE:
		mnl_attr_put(nlh, IFLA_VF_RATE, sizeof(rate), &rate);
		break;
	case VF_MIN_TX_RATE:
		if (!(w->attrs & VF_BIT(VF_MAX_TX_RATE)))
			mnl_attr_put(nlh, IFLA_VF_RATE, sizeof(rate), &rate);
		break;
	case VF_SPOOFCHK:
		put_switch(nlh, IFLA_VF_SPOOFCHK, vf->index, vf->spoofchk);
		break;
	case VF_TRUST:
		put_switch(nlh, IFLA_VF_TRUST, vf->index, vf->trust);
		break;
	case VF_QUERY_RSS:
		put_switch(nlh, IFLA_VF_RSS_QUERY_EN, vf->index, vf->query_rss);
		break;
	case VF_STATE:
		mnl_attr_put(nlh, IFLA_VF_LINK_STATE, sizeof(state), &state);
		break;
	case VF_NODE_GUID:
		guid.guid = vf->node_guid;
		mnl_attr_put(nlh, IFLA_VF_IB_NODE_GUID, sizeof(guid), &guid);
		break;
	case VF_PORT_GUID:
		guid.guid = vf->port_guid;
		mnl_attr_put(nlh, IFLA_VF_IB_PORT_GUID, sizeof(guid), &guid);
		break;
	/* what the PF does not set; no default, so that a new attribute must choose */
	case VF_NAME:
	case VF_PF:
	case VF_INDEX:
	case VF_BDF:
	case VF_DRIVER:
	case VF_IFNAME:
	case VF_NETNS:
	case VF_LINK:
	case VF_UP:
	case VF_NUMA_NODE:
	case VF_IOMMU_GROUP:
	case VF_VFIO:
	case VF_MSIX:
	case VF_DRIVER_OVERRIDE:
	case VF_IFINDEX:
	case VF_ALTNAMES:
	case VF_IF_MAC:
	case VF_MTU:
	case VF_ADDRESSES:
	case VF_GATEWAYS:
	case VF_PF_BDF:
	case VF_REPRESENTOR:
	case VF_DEVLINK_PORT:
	case VF_RDMA_DEVICE:
	case VF_HOLDERS:
	case VF_LEASE:
	case VF_RX_PACKETS:
	case VF_TX_PACKETS:
	case VF_RX_BYTES:
	case VF_TX_BYTES:
	case VF_BROADCAST:
	case VF_MULTICAST:
	case VF_RX_DROPPED:
	case VF_TX_DROPPED:
	case VF_ATTR_COUNT:
		break;
	}
}

static struct nlmsghdr *new_request(char *buf, uint16_t type, int ifindex)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	nlh->nlmsg_type = type;
	ifi->ifi_index = ifindex;
	return nlh;
}

size_t rtnl_encode_vfs(char *buf, int ifindex, const struct vf_write *writes, size_t count)
{
	struct nlmsghdr *nlh = new_request(buf, RTM_SETLINK, ifindex);
	struct nlattr *list = mnl_attr_nest_start(nlh, IFLA_VFINFO_LIST);
	size_t i;

	for (i = 0; i < count && nlh->nlmsg_len < RTNL_VFS_ROOM - 1024; i++) {
		struct nlattr *info = mnl_attr_nest_start(nlh, IFLA_VF_INFO);

		for (unsigned a = 0; a < VF_ATTR_COUNT; a++)
			if (writes[i].attrs >> a & 1)
				put_attr(nlh, a, &writes[i]);
		mnl_attr_nest_end(nlh, info);
	}
	mnl_attr_nest_end(nlh, list);
	return i;
}

int rtnl_set_vfs(struct rtnl *r, int ifindex, const struct vf_write *writes, size_t count,
	char *extack, size_t extack_size)
{
	cleanup_free char *buf = malloc(RTNL_VFS_ROOM);
	int rc = buf ? 0 : -ENOMEM;

	extack[0] = 0;
	while (rc == 0 && count) {
		size_t taken = rtnl_encode_vfs(buf, ifindex, writes, count);

		rc = rtnl_transact(r, (struct nlmsghdr *)(void *)buf, 0, extack, extack_size);
		writes += taken;
		count -= taken;
	}
	return rc;
}

static uint16_t link_request(const struct link_write *w)
{
	return w->altname ? RTM_NEWLINKPROP : w->drop_altname ? RTM_DELLINKPROP : RTM_SETLINK;
}

int write_link(
	struct rtnl *r, int ifindex, const struct link_write *w, char *extack, size_t extack_size)
{
	char buf[4096];
	struct nlmsghdr *nlh = new_request(buf, link_request(w), ifindex);
	struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);

	if (w->altname || w->drop_altname) {
		struct nlattr *list = mnl_attr_nest_start(nlh, IFLA_PROP_LIST);

		mnl_attr_put_strz(nlh, IFLA_ALT_IFNAME, w->altname ? w->altname : w->drop_altname);
		mnl_attr_nest_end(nlh, list);
	}
	if (w->move)
		mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, (uint32_t)w->to);
	if (w->name)
		mnl_attr_put_strz(nlh, IFLA_IFNAME, w->name);
	if (w->mtu)
		mnl_attr_put_u32(nlh, IFLA_MTU, w->mtu);
	if (w->address)
		mnl_attr_put(nlh, IFLA_ADDRESS, w->address->len, w->address->bytes);
	if (w->up || w->down)
		ifi->ifi_change = IFF_UP;
	if (w->up)
		ifi->ifi_flags = IFF_UP;
	return rtnl_transact(r, nlh, 0, extack, extack_size);
}

int delete_link(struct rtnl *r, int ifindex, char *extack, size_t extack_size)
{
	char buf[256];

	return rtnl_transact(r, new_request(buf, RTM_DELLINK, ifindex), 0, extack, extack_size);
}
