#include "unit.h"

#include "kernel/rtnl.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

static char buf[4096];
static struct host host;

static int teardown(void **state)
{
	(void)state;
	host_free(&host);
	return 0;
}

static void put_ip(struct nlmsghdr *nlh, uint16_t type, const char *text)
{
	uint8_t ip[16];

	if (strchr(text, ':')) {
		assert_int_equal(inet_pton(AF_INET6, text, ip), 1);
		mnl_attr_put(nlh, type, 16, ip);
	} else {
		assert_int_equal(inet_pton(AF_INET, text, ip), 1);
		mnl_attr_put(nlh, type, 4, ip);
	}
}

static struct nlmsghdr *address(uint8_t family, uint8_t prefix, uint8_t scope, unsigned ifindex)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));

	nlh->nlmsg_type = RTM_NEWADDR;
	*ifa = (struct ifaddrmsg){family, prefix, 0, scope, ifindex};
	return nlh;
}

static struct nlmsghdr *route(uint8_t family, uint8_t prefix, uint8_t protocol, uint8_t type)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));

	nlh->nlmsg_type = RTM_NEWROUTE;
	rtm->rtm_family = family;
	rtm->rtm_dst_len = prefix;
	rtm->rtm_protocol = protocol;
	rtm->rtm_type = type;
	rtm->rtm_table = RT_TABLE_MAIN;
	return nlh;
}

/* Decode a copy that ends where the allocation does, for the address sanitizer. */
static void decode(
	void (*decoder)(struct host *, const void *, size_t), const void *data, size_t len)
{
	char *copy = malloc(len + !len);

	memcpy(copy, data, len);
	host_free(&host);
	decoder(&host, copy, len);
	free(copy);
}

static void expect(void (*decoder)(struct host *, const void *, size_t), const struct nlmsghdr *nlh,
	int ifindex, const char *what)
{
	decode(decoder, nlh, nlh->nlmsg_len);
	assert_int_equal(host.usage_count, what ? 1 : 0);
	if (!what)
		return;
	assert_int_equal(host.usages[0].ifindex, ifindex);
	assert_string_equal(host.usages[0].what, what);
}

static void addresses(void **state)
{
	struct nlmsghdr *nlh;

	(void)state;
	nlh = address(AF_INET, 24, RT_SCOPE_UNIVERSE, 7);
	put_ip(nlh, IFA_ADDRESS, "192.0.2.1");
	put_ip(nlh, IFA_LOCAL, "192.0.2.1");
	mnl_attr_put_strz(nlh, IFA_LABEL, "eth0");
	expect(rtnl_decode_addresses, nlh, 7, "address 192.0.2.1/24");
	/* point to point: ADDRESS is the peer's, whichever comes first */
	nlh = address(AF_INET, 32, RT_SCOPE_UNIVERSE, 8);
	put_ip(nlh, IFA_ADDRESS, "192.0.2.2");
	put_ip(nlh, IFA_LOCAL, "192.0.2.1");
	expect(rtnl_decode_addresses, nlh, 8, "address 192.0.2.1/32");
	nlh = address(AF_INET6, 64, RT_SCOPE_UNIVERSE, 9);
	put_ip(nlh, IFA_LOCAL, "2001:db8::1");
	put_ip(nlh, IFA_ADDRESS, "2001:db8::2");
	expect(rtnl_decode_addresses, nlh, 9, "address 2001:db8::1/64");
	nlh = address(AF_INET6, 64, RT_SCOPE_UNIVERSE, 9);
	put_ip(nlh, IFA_ADDRESS, "2001:db8::2");
	expect(rtnl_decode_addresses, nlh, 9, "address 2001:db8::2/64");
	nlh = address(AF_INET6, 64, RT_SCOPE_SITE, 9);
	put_ip(nlh, IFA_ADDRESS, "fec0::1");
	expect(rtnl_decode_addresses, nlh, 9, "address fec0::1/64");
}

static void addresses_that_come_by_themselves(void **state)
{
	struct nlmsghdr *nlh = address(AF_INET6, 64, RT_SCOPE_LINK, 7);

	(void)state;
	put_ip(nlh, IFA_ADDRESS, "fe80::1");
	expect(rtnl_decode_addresses, nlh, 0, NULL);
	nlh = address(AF_INET, 8, RT_SCOPE_HOST, 1);
	put_ip(nlh, IFA_LOCAL, "127.0.0.1");
	expect(rtnl_decode_addresses, nlh, 0, NULL);
	/* 169.254.0.0/16 is somebody's choice, unlike fe80:: */
	nlh = address(AF_INET, 16, RT_SCOPE_LINK, 7);
	put_ip(nlh, IFA_LOCAL, "169.254.1.1");
	expect(rtnl_decode_addresses, nlh, 7, "address 169.254.1.1/16");
	nlh = address(AF_INET, 24, RT_SCOPE_UNIVERSE, 7);
	put_ip(nlh, IFA_LOCAL, "192.0.2.1");
	nlh->nlmsg_type = RTM_DELADDR;
	expect(rtnl_decode_addresses, nlh, 0, NULL);
}

/* What cannot be read is still an address. */
static void strange_addresses(void **state)
{
	struct nlmsghdr *nlh = address(AF_INET, 24, RT_SCOPE_UNIVERSE, 7);

	(void)state;
	mnl_attr_put(nlh, IFA_LOCAL, 3, "abc");
	mnl_attr_put(nlh, IFA_ADDRESS, 0, "");
	decode(rtnl_decode_addresses, nlh, nlh->nlmsg_len);
	assert_int_equal(host.usage_count, 1);
	nlh = address(77, 24, RT_SCOPE_UNIVERSE, 7);
	put_ip(nlh, IFA_LOCAL, "192.0.2.1");
	decode(rtnl_decode_addresses, nlh, nlh->nlmsg_len);
	assert_int_equal(host.usage_count, 1);
}

static void routes(void **state)
{
	struct nlmsghdr *nlh;

	(void)state;
	nlh = route(AF_INET, 0, RTPROT_DHCP, RTN_UNICAST);
	put_ip(nlh, RTA_GATEWAY, "192.0.2.254");
	mnl_attr_put_u32(nlh, RTA_OIF, 7);
	expect(rtnl_decode_routes, nlh, 7, "the default route");
	nlh = route(AF_INET6, 0, RTPROT_RA, RTN_UNICAST);
	mnl_attr_put_u32(nlh, RTA_OIF, 8);
	expect(rtnl_decode_routes, nlh, 8, "the default route");
	nlh = route(AF_INET, 8, RTPROT_STATIC, RTN_UNICAST);
	put_ip(nlh, RTA_DST, "10.0.0.0");
	mnl_attr_put_u32(nlh, RTA_OIF, 7);
	expect(rtnl_decode_routes, nlh, 7, "a route to 10.0.0.0/8");
	nlh = route(AF_INET6, 32, RTPROT_BOOT, RTN_UNICAST);
	mnl_attr_put_u32(nlh, RTA_OIF, 7);
	put_ip(nlh, RTA_DST, "2001:db8::");
	expect(rtnl_decode_routes, nlh, 7, "a route to 2001:db8::/32");
}

static void routes_that_do_not_count(void **state)
{
	struct nlmsghdr *nlh;

	(void)state;
	nlh = route(AF_INET, 24, RTPROT_KERNEL, RTN_UNICAST);
	put_ip(nlh, RTA_DST, "192.0.2.0");
	mnl_attr_put_u32(nlh, RTA_OIF, 7);
	expect(rtnl_decode_routes, nlh, 0, NULL);
	nlh = route(AF_INET, 32, RTPROT_BOOT, RTN_LOCAL);
	mnl_attr_put_u32(nlh, RTA_OIF, 7);
	expect(rtnl_decode_routes, nlh, 0, NULL);
	nlh = route(AF_INET6, 8, RTPROT_BOOT, RTN_MULTICAST);
	mnl_attr_put_u32(nlh, RTA_OIF, 7);
	expect(rtnl_decode_routes, nlh, 0, NULL);
	nlh = route(AF_INET, 0, RTPROT_STATIC, RTN_BLACKHOLE);
	expect(rtnl_decode_routes, nlh, 0, NULL);
	nlh = route(AF_INET, 0, RTPROT_STATIC, RTN_UNICAST); /* out of nothing */
	expect(rtnl_decode_routes, nlh, 0, NULL);
	nlh = route(AF_INET, 0, RTPROT_STATIC, RTN_UNICAST);
	mnl_attr_put(nlh, RTA_OIF, 3, "\7\0\0");
	expect(rtnl_decode_routes, nlh, 0, NULL);
	nlh = route(AF_INET, 0, RTPROT_STATIC, RTN_UNICAST);
	mnl_attr_put_u32(nlh, RTA_OIF, 7);
	nlh->nlmsg_type = RTM_DELROUTE;
	expect(rtnl_decode_routes, nlh, 0, NULL);
}

static struct nlmsghdr *two_paths(void)
{
	struct nlmsghdr *nlh = route(AF_INET, 0, RTPROT_STATIC, RTN_UNICAST);
	struct {
		struct rtnexthop first;
		struct nlattr gateway;
		uint8_t ip[4];
		struct rtnexthop second;
	} hops = {
		.first = {.rtnh_len = sizeof(struct rtnexthop) + 8, .rtnh_ifindex = 7},
		.gateway = {8, RTA_GATEWAY},
		.ip = {192, 0, 2, 254},
		.second = {.rtnh_len = sizeof(struct rtnexthop), .rtnh_ifindex = 8},
	};

	mnl_attr_put(nlh, RTA_MULTIPATH, sizeof(hops), &hops);
	return nlh;
}

/* A route over two interfaces makes use of both. */
static void multipath(void **state)
{
	const struct nlmsghdr *nlh = two_paths();
	bool seven = false, eight = false;

	(void)state;
	decode(rtnl_decode_routes, nlh, nlh->nlmsg_len);
	for (size_t i = 0; i < host.usage_count; i++) {
		assert_string_equal(host.usages[i].what, "the default route");
		seven |= host.usages[i].ifindex == 7;
		eight |= host.usages[i].ifindex == 8;
	}
	assert_true(seven);
	assert_true(eight);
}

/* Cut at every byte, whether the message knows or not: nothing beyond the end is read. */
static void cut_everywhere(
	void (*decoder)(struct host *, const void *, size_t), struct nlmsghdr *nlh, bool knows)
{
	uint32_t len = nlh->nlmsg_len;

	for (uint32_t cut = knows ? sizeof(*nlh) : 0; cut < len; cut++) {
		nlh->nlmsg_len = knows ? cut : len;
		decode(decoder, nlh, cut);
		assert_true(host.usage_count <= 2);
	}
	nlh->nlmsg_len = len;
}

static void cut(void **state)
{
	(void)state;
	for (int knows = 0; knows < 2; knows++) {
		struct nlmsghdr *nlh = address(AF_INET6, 64, RT_SCOPE_UNIVERSE, 9);

		put_ip(nlh, IFA_LOCAL, "2001:db8::1");
		put_ip(nlh, IFA_ADDRESS, "2001:db8::2");
		cut_everywhere(rtnl_decode_addresses, nlh, knows);
		nlh = route(AF_INET6, 32, RTPROT_BOOT, RTN_UNICAST);
		put_ip(nlh, RTA_DST, "2001:db8::");
		mnl_attr_put_u32(nlh, RTA_OIF, 7);
		cut_everywhere(rtnl_decode_routes, nlh, knows);
		cut_everywhere(rtnl_decode_routes, two_paths(), knows);
	}
}

/* Lengths of next hops that make no sense: no loop, nothing beyond the end. */
static void strange_hops(void **state)
{
	static const uint16_t lengths[] = {0, 1, 7, 8, 12, 15, 16, 17, 24, 28, 1000, 0xffff};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct nlmsghdr *nlh = two_paths();
		struct rtnexthop *hop =
			(struct rtnexthop *)(void *)((char *)nlh + 16 + sizeof(struct rtmsg) + 4);

		assert_int_equal(hop->rtnh_ifindex, 7);
		hop->rtnh_len = lengths[i];
		decode(rtnl_decode_routes, nlh, nlh->nlmsg_len);
		assert_true(host.usage_count <= 3);
	}
}

/* Every byte damaged in turn. */
static void damage_everywhere(
	void (*decoder)(struct host *, const void *, size_t), struct nlmsghdr *nlh)
{
	static const uint8_t values[] = {0, 1, 4, 0x7f, 0x80, 0xff};
	uint32_t len = nlh->nlmsg_len;

	for (uint32_t i = 0; i < len; i++) {
		char was = buf[i];

		for (size_t j = 0; j < ARRAY_SIZE(values); j++) {
			buf[i] = (char)values[j];
			decode(decoder, buf, len);
			assert_true(host.usage_count <= 3);
		}
		buf[i] = was;
	}
}

static void damaged(void **state)
{
	struct nlmsghdr *nlh = address(AF_INET6, 64, RT_SCOPE_UNIVERSE, 9);

	(void)state;
	put_ip(nlh, IFA_LOCAL, "2001:db8::1");
	put_ip(nlh, IFA_ADDRESS, "2001:db8::2");
	damage_everywhere(rtnl_decode_addresses, nlh);
	nlh = route(AF_INET6, 32, RTPROT_BOOT, RTN_UNICAST);
	put_ip(nlh, RTA_DST, "2001:db8::");
	mnl_attr_put_u32(nlh, RTA_OIF, 7);
	damage_everywhere(rtnl_decode_routes, nlh);
	damage_everywhere(rtnl_decode_routes, two_paths());
}

#define TEST(f) cmocka_unit_test_teardown(f, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(addresses),
		TEST(addresses_that_come_by_themselves),
		TEST(strange_addresses),
		TEST(routes),
		TEST(routes_that_do_not_count),
		TEST(multipath),
		TEST(strange_hops),
		TEST(cut),
		TEST(damaged),
	};

	return RUN(tests);
}
