/* Writes the messages that fuzz_rtnl starts from into a directory: seeds DIR. */
#include "nl.h"

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

int main(int argc, char **argv)
{
	if (argc != 2)
		return EXIT_FAILURE;
	return save(argv[1], "link", 0, link_message(0, 0)) < 0 ||
			       save(argv[1], "vfs", 0, link_message(3, 3)) < 0 ||
			       save(argv[1], "short", 0, link_message(8, 2)) < 0 ||
			       save(argv[1], "address", 1, address_message()) < 0 ||
			       save(argv[1], "route", 2, route_message()) < 0
		       ? EXIT_FAILURE
		       : EXIT_SUCCESS;
}
