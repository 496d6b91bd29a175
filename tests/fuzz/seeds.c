/* Writes the messages that fuzz_rtnl and fuzz_watch start from: seeds DIR, which has the
 * directories rtnl and watch. */
#include "nl.h"

#include <linux/devlink.h>
#include <linux/genetlink.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>

static char buf[1 << 18];

static int save(const char *dir, const char *name, char decoder, const struct nlmsghdr *nlh)
{
	char path[512];
	FILE *f;
	int ok;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (!f)
		return -1;
	ok = fputc(decoder, f) != EOF && fwrite(nlh, nlh->nlmsg_len, 1, f) == 1;
	return fclose(f) == 0 && ok ? 0 : -1;
}

static const struct nlmsghdr *link_message(uint32_t num_vfs, uint32_t listed)
{
	static const struct vf_opts o = {.vlan = 5, .vlan_proto = 0x8100, .stats = 1};
	struct nlmsghdr *nlh = nl_link(buf, 7, IFF_UP, "eth0");
	struct nlattr *list;

	mnl_attr_put(nlh, IFLA_ADDRESS, 6, "\2\0\0\0\0\1");
	mnl_attr_put_u32(nlh, IFLA_MTU, 1500);
	mnl_attr_put_u32(nlh, IFLA_NUM_VF, num_vfs);
	if (listed)
		nl_vfs(nlh, 0, listed, &o);
	list = mnl_attr_nest_start(nlh, IFLA_PROP_LIST);
	mnl_attr_put_strz(nlh, IFLA_ALT_IFNAME, "uplink");
	mnl_attr_nest_end(nlh, list);
	list = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "vlan");
	mnl_attr_nest_end(nlh, list);
	mnl_attr_put_strz(nlh, IFLA_PARENT_DEV_NAME, "0000:21:00.0");
	return nlh;
}

static const struct nlmsghdr *address_message(void)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));

	nlh->nlmsg_type = RTM_NEWADDR;
	*ifa = (struct ifaddrmsg){10, 64, 0, RT_SCOPE_UNIVERSE, 7};
	mnl_attr_put(nlh, IFA_ADDRESS, 16, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1");
	mnl_attr_put(nlh, IFA_LOCAL, 16, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1");
	return nlh;
}

static const struct nlmsghdr *route_message(void)
{
	struct rtnexthop hops[2] = {{sizeof(hops[0]), 0, 0, 7}, {sizeof(hops[0]), 0, 0, 8}};
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));

	nlh->nlmsg_type = RTM_NEWROUTE;
	*rtm = (struct rtmsg){2, 8, 0, 0, RT_TABLE_MAIN, RTPROT_STATIC, 0, RTN_UNICAST, 0};
	mnl_attr_put(nlh, RTA_DST, 4, "\12\0\0\0");
	mnl_attr_put(nlh, RTA_MULTIPATH, sizeof(hops), hops);
	return nlh;
}

/* What the interface of VF 0 says when it moves. */
static const struct nlmsghdr *move_message(void)
{
	struct nlmsghdr *nlh = nl_link(buf, 9, 0, "eth2");

	nlh->nlmsg_type = RTM_DELLINK;
	mnl_attr_put_strz(nlh, IFLA_PARENT_DEV_NAME, "0000:21:10.0");
	mnl_attr_put_strz(nlh, IFLA_PARENT_DEV_BUS_NAME, "pci");
	mnl_attr_put_u32(nlh, IFLA_NEW_NETNSID, 0);
	mnl_attr_put_u32(nlh, IFLA_NEW_IFINDEX, 3);
	return nlh;
}

/* The PF's answer, when it is asked. */
static const struct nlmsghdr *answer_message(void)
{
	link_message(3, 3);
	((struct nlmsghdr *)(void *)buf)->nlmsg_seq = 1;
	((struct nlmsghdr *)(void *)buf)->nlmsg_pid = 1;
	return (const struct nlmsghdr *)(const void *)buf;
}

static const struct nlmsghdr *health_message(void)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	struct nlattr *list;

	nlh->nlmsg_type = GENL_MIN_ID + 4;
	genl->cmd = DEVLINK_CMD_HEALTH_REPORTER_RECOVER;
	mnl_attr_put_strz(nlh, DEVLINK_ATTR_BUS_NAME, "pci");
	mnl_attr_put_strz(nlh, DEVLINK_ATTR_DEV_NAME, "0000:21:00.0");
	list = mnl_attr_nest_start(nlh, DEVLINK_ATTR_HEALTH_REPORTER);
	mnl_attr_put_strz(nlh, DEVLINK_ATTR_HEALTH_REPORTER_NAME, "tx");
	mnl_attr_put_u8(nlh, DEVLINK_ATTR_HEALTH_REPORTER_STATE, 1);
	mnl_attr_put_u64(nlh, DEVLINK_ATTR_HEALTH_REPORTER_ERR_COUNT, 1);
	mnl_attr_nest_end(nlh, list);
	return nlh;
}

int main(int argc, char **argv)
{
	char dir[400];

	if (argc != 2)
		return EXIT_FAILURE;
	snprintf(dir, sizeof(dir), "%s/rtnl", argv[1]);
	if (save(dir, "link", 0, link_message(0, 0)) < 0 ||
		save(dir, "vfs", 0, link_message(3, 3)) < 0 ||
		save(dir, "short", 0, link_message(8, 2)) < 0 ||
		save(dir, "address", 1, address_message()) < 0 ||
		save(dir, "route", 2, route_message()) < 0)
		return EXIT_FAILURE;
	snprintf(dir, sizeof(dir), "%s/watch", argv[1]);
	return save(dir, "link", 0, link_message(0, 0)) < 0 ||
			       save(dir, "move", 0, move_message()) < 0 ||
			       save(dir, "answer", 0, answer_message()) < 0 ||
			       save(dir, "health", 2, health_message()) < 0
		       ? EXIT_FAILURE
		       : EXIT_SUCCESS;
}
