/* Addresses and routes: what makes an interface "in use". */
#include "kernel/rtnl.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

static void add_usage(struct host *host, int ifindex, const char *what)
{
	host->usages =
		arena_push(&host->arena, host->usages, &host->usage_count, sizeof(*host->usages));
	host->usages[host->usage_count - 1] = (struct usage){ifindex, what};
}

static bool format_ip(uint8_t family, const struct nlattr *a, char *out, socklen_t size)
{
	size_t need = family == AF_INET ? 4 : 16;

	return (family == AF_INET || family == AF_INET6) && mnl_attr_get_payload_len(a) >= need &&
	       inet_ntop(family, mnl_attr_get_payload(a), out, size);
}

static void decode_address(struct host *host, const struct nlmsghdr *nlh)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *a;
	char ip[INET6_ADDRSTRLEN] = "";

	/* fe80::/64 comes by itself with every interface that is up */
	if (ifa->ifa_scope >= RT_SCOPE_HOST ||
		(ifa->ifa_family == AF_INET6 && ifa->ifa_scope >= RT_SCOPE_LINK))
		return;
	mnl_attr_for_each (a, nlh, sizeof(*ifa)) {
		uint16_t type = mnl_attr_get_type(a);

		/* IPv4 point-to-point: LOCAL is ours, ADDRESS the peer's */
		if (type == IFA_LOCAL || (type == IFA_ADDRESS && !ip[0]))
			format_ip(ifa->ifa_family, a, ip, sizeof(ip));
	}
	add_usage(host, (int)ifa->ifa_index,
		arena_printf(&host->arena, "address %s/%u", ip, ifa->ifa_prefixlen));
}

/* A route over several interfaces uses each of them. */
static void add_next_hops(struct host *host, const struct nlattr *list, const char *what)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(list);
	int left = mnl_attr_get_payload_len(list);

	for (; left >= (int)sizeof(*hop) && RTNH_OK(hop, left); hop = RTNH_NEXT(hop)) {
		add_usage(host, hop->rtnh_ifindex, what);
		left -= (int)RTNH_ALIGN(hop->rtnh_len);
	}
}

static void decode_route(struct host *host, const struct nlmsghdr *nlh)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *a, *hops = NULL;
	char ip[INET6_ADDRSTRLEN] = "";
	const char *what;
	uint32_t oif = 0;

	/* the kernel's own: they follow from addresses, which are judged themselves */
	if (rtm->rtm_type != RTN_UNICAST || rtm->rtm_protocol == RTPROT_KERNEL)
		return;
	mnl_attr_for_each (a, nlh, sizeof(*rtm)) {
		if (mnl_attr_get_type(a) == RTA_OIF && mnl_attr_get_payload_len(a) >= 4)
			oif = mnl_attr_get_u32(a);
		else if (mnl_attr_get_type(a) == RTA_DST)
			format_ip(rtm->rtm_family, a, ip, sizeof(ip));
		else if (mnl_attr_get_type(a) == RTA_MULTIPATH)
			hops = a;
	}
	what = rtm->rtm_dst_len == 0
		       ? arena_strdup(&host->arena, DEFAULT_ROUTE)
		       : arena_printf(&host->arena, "a route to %s/%u", ip, rtm->rtm_dst_len);
	if (oif)
		add_usage(host, (int)oif, what);
	if (hops)
		add_next_hops(host, hops, what);
}

static void each_message(struct host *host, const void *data, size_t len, uint16_t type,
	size_t header, void (*decode)(struct host *, const struct nlmsghdr *))
{
	const struct nlmsghdr *nlh;
	const char *p = data;

	while ((nlh = rtnl_next(&p, &len)))
		if (nlh->nlmsg_type == type && nlh->nlmsg_len >= NLMSG_LENGTH(header))
			decode(host, nlh);
}

void rtnl_decode_addresses(struct host *host, const void *data, size_t len)
{
	each_message(host, data, len, RTM_NEWADDR, sizeof(struct ifaddrmsg), decode_address);
}

void rtnl_decode_routes(struct host *host, const void *data, size_t len)
{
	each_message(host, data, len, RTM_NEWROUTE, sizeof(struct rtmsg), decode_route);
}
