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

/* "192.0.2.1/24"; NULL for those that come by themselves: ::1, and fe80::/64 with every
 * interface that is up. */
static const char *address_text(struct arena *arena, const struct nlmsghdr *nlh)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *a;
	char ip[INET6_ADDRSTRLEN] = "";

	if (ifa->ifa_scope >= RT_SCOPE_HOST ||
		(ifa->ifa_family == AF_INET6 && ifa->ifa_scope >= RT_SCOPE_LINK))
		return NULL;
	mnl_attr_for_each (a, nlh, sizeof(*ifa)) {
		uint16_t type = mnl_attr_get_type(a);

		/* IPv4 point-to-point: LOCAL is ours, ADDRESS the peer's */
		if (type == IFA_LOCAL || (type == IFA_ADDRESS && !ip[0]))
			format_ip(ifa->ifa_family, a, ip, sizeof(ip));
	}
	return arena_printf(arena, "%s/%u", ip, ifa->ifa_prefixlen);
}

static void decode_address(struct host *host, const struct nlmsghdr *nlh)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	const char *text = address_text(&host->arena, nlh);

	if (text)
		add_usage(
			host, (int)ifa->ifa_index, arena_printf(&host->arena, "address %s", text));
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

static struct link *link_in(struct host *host, size_t from, int ifindex)
{
	for (size_t i = from; i < host->link_count; i++)
		if (host->links[i].ifindex == ifindex)
			return &host->links[i];
	return NULL;
}

static void add_string(struct arena *arena, struct strings *list, const char *s)
{
	list->items = arena_push(arena, list->items, &list->count, sizeof(*list->items));
	list->items[list->count - 1] = s;
}

void rtnl_decode_own_addresses(struct host *host, size_t from, const void *data, size_t len)
{
	const struct nlmsghdr *nlh;
	const char *p = data;

	for (size_t i = from; i < host->link_count; i++)
		host->links[i].addresses_known = true;
	while ((nlh = rtnl_next(&p, &len))) {
		const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
		const char *text;
		struct link *l;

		if (nlh->nlmsg_type != RTM_NEWADDR || nlh->nlmsg_len < NLMSG_LENGTH(sizeof(*ifa)))
			continue;
		l = link_in(host, from, (int)ifa->ifa_index);
		text = l ? address_text(&host->arena, nlh) : NULL;
		if (text)
			add_string(&host->arena, &l->addresses, text);
	}
}

static void decode_gateway(struct host *host, size_t from, const struct nlmsghdr *nlh)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	char ip[INET6_ADDRSTRLEN] = "";
	const struct nlattr *a;
	struct link *l;
	uint32_t oif = 0;

	if (rtm->rtm_type != RTN_UNICAST || rtm->rtm_dst_len)
		return;
	mnl_attr_for_each (a, nlh, sizeof(*rtm)) {
		if (mnl_attr_get_type(a) == RTA_OIF && mnl_attr_get_payload_len(a) >= 4)
			oif = mnl_attr_get_u32(a);
		else if (mnl_attr_get_type(a) == RTA_GATEWAY)
			format_ip(rtm->rtm_family, a, ip, sizeof(ip));
	}
	l = oif ? link_in(host, from, (int)oif) : NULL;
	if (l && ip[0])
		add_string(&host->arena, &l->gateways, arena_strdup(&host->arena, ip));
}

void rtnl_decode_gateways(struct host *host, size_t from, const void *data, size_t len)
{
	const struct nlmsghdr *nlh;
	const char *p = data;

	while ((nlh = rtnl_next(&p, &len)))
		if (nlh->nlmsg_type == RTM_NEWROUTE &&
			nlh->nlmsg_len >= NLMSG_LENGTH(sizeof(struct rtmsg)))
			decode_gateway(host, from, nlh);
}
