/* Addresses, default routes and announcements, in whichever namespace. */
#include "kernel/change.h"

#include "kernel/sysfs.h"
#include "util/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int write_address(struct rtnl *r, int ifindex, const struct ip *ip, bool there, char *extack,
	size_t extack_size)
{
	char buf[512];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));

	nlh->nlmsg_type = there ? RTM_NEWADDR : RTM_DELADDR;
	ifa->ifa_family = ip->family;
	ifa->ifa_prefixlen = ip->prefix;
	ifa->ifa_index = (unsigned)ifindex;
	mnl_attr_put(nlh, IFA_LOCAL, ip_size(ip), ip->bytes);
	mnl_attr_put(nlh, IFA_ADDRESS, ip_size(ip), ip->bytes);
	if (ip->family == AF_INET && ip->prefix < 31) {
		uint32_t address;

		memcpy(&address, ip->bytes, sizeof(address));
		address |= htonl((uint32_t)(0xffffffffULL >> ip->prefix));
		mnl_attr_put(nlh, IFA_BROADCAST, sizeof(address), &address);
	}
	return rtnl_transact(r, nlh, there ? NLM_F_CREATE | NLM_F_EXCL : 0, extack, extack_size);
}

int write_gateway(struct rtnl *r, int ifindex, const struct ip *ip, bool there, char *extack,
	size_t extack_size)
{
	char buf[512];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));

	nlh->nlmsg_type = there ? RTM_NEWROUTE : RTM_DELROUTE;
	rtm->rtm_family = ip->family;
	rtm->rtm_table = RT_TABLE_MAIN;
	rtm->rtm_protocol = RTPROT_STATIC;
	rtm->rtm_scope = RT_SCOPE_UNIVERSE;
	rtm->rtm_type = RTN_UNICAST;
	mnl_attr_put(nlh, RTA_GATEWAY, ip_size(ip), ip->bytes);
	mnl_attr_put_u32(nlh, RTA_OIF, (uint32_t)ifindex);
	return rtnl_transact(r, nlh, there ? NLM_F_CREATE | NLM_F_EXCL : 0, extack, extack_size);
}

void announce_ipv6(int netns, const char *ifname)
{
	char path[128];
	cleanup_close int fd = -1;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%.15s/ndisc_notify", ifname);
	fd = netns_file(netns, path, O_WRONLY);
	if (fd >= 0 && write(fd, "1", 1) < 0)
		return; /* then neighbours find out by themselves */
}

int announce(int netns, int ifindex, const struct lladdr *mac, const struct ip *ip)
{
	struct {
		struct arphdr head;
		uint8_t from_mac[ETH_ALEN], from[4], to_mac[ETH_ALEN], to[4];
	} __attribute__((packed)) arp = {.head = {.ar_hrd = htons(ARPHRD_ETHER),
						 .ar_pro = htons(ETH_P_IP),
						 .ar_hln = ETH_ALEN,
						 .ar_pln = sizeof(arp.from),
						 .ar_op = htons(ARPOP_REQUEST)}};
	struct sockaddr_ll all = {.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ARP),
		.sll_ifindex = ifindex,
		.sll_halen = ETH_ALEN,
		.sll_addr = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	cleanup_close int fd = -1;

	if (mac->len != ETH_ALEN || ip->family != AF_INET)
		return 0;
	memcpy(arp.from_mac, mac->bytes, sizeof(arp.from_mac));
	memcpy(arp.from, ip->bytes, sizeof(arp.from));
	memcpy(arp.to, ip->bytes, sizeof(arp.to));
	fd = netns_socket(netns, AF_PACKET, SOCK_DGRAM, 0);
	if (fd < 0 || sendto(fd, &arp, sizeof(arp), 0, (struct sockaddr *)&all, sizeof(all)) < 0)
		return -errno;
	return 0;
}
