/* What is written through the PF, byte for byte, as net/core/rtnetlink.c reads it. */
#include "unit.h"

#include "kernel/rtnl.h"

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

struct test {
	char *buf; /* ends where the allocation does, for the address sanitizer */
	char text[4096];
};

static int setup(void **state)
{
	struct test *t = calloc(1, sizeof(*t));

	t->buf = malloc(RTNL_VFS_ROOM);
	memset(t->buf, 0xee, RTNL_VFS_ROOM);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct test *t = *state;

	free(t->buf);
	free(t);
	return 0;
}

/* VF 258, so that the order of bytes shows, with everything set. */
static const struct vf full = {.index = 258,
	.mac = {6, {0x52, 0x54, 0, 1, 2, 3}},
	.vlan = 100,
	.qos = 3,
	.proto = VF_PROTO_8021AD,
	.max_tx_rate = 1000,
	.min_tx_rate = 200,
	.spoofchk = true,
	.trust = true,
	.query_rss = true,
	.state = VF_STATE_DISABLE,
	.node_guid = UINT64_C(0x0011223344556677),
	.port_guid = UINT64_C(0x8899aabbccddeeff)};

/* A record of the list, as text: "TYPE:BYTES" for each attribute, those inside another in
 * brackets. Bytes as on little-endian hosts. */
static const char *attributes(struct test *t, const struct nlattr *info)
{
	const struct nlattr *a;
	size_t n = 0;

	t->text[0] = 0;
	mnl_attr_for_each_nested (a, info) {
		uint16_t type = mnl_attr_get_type(a);
		const uint8_t *bytes = mnl_attr_get_payload(a);
		size_t len = mnl_attr_get_payload_len(a);
		const char *open = "", *close = "";

		if (type == IFLA_VF_VLAN_LIST) {
			const struct nlattr *inner = mnl_attr_get_payload(a);

			assert_int_equal(mnl_attr_get_type(inner), IFLA_VF_VLAN_INFO);
			assert_int_equal(inner->nla_len, len);
			bytes = mnl_attr_get_payload(inner);
			len = mnl_attr_get_payload_len(inner);
			open = "[";
			close = "]";
		}
		n += (size_t)snprintf(
			t->text + n, sizeof(t->text) - n, "%s%u:%s", n ? " " : "", type, open);
		for (size_t i = 0; i < len; i++)
			n += (size_t)snprintf(t->text + n, sizeof(t->text) - n, "%02x", bytes[i]);
		n += (size_t)snprintf(t->text + n, sizeof(t->text) - n, "%s", close);
	}
	return t->text;
}

/* The whole message must be sound; its list. */
static const struct nlattr *list_of(struct test *t, int ifindex)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)(const void *)t->buf;
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *list, *info;

	assert_true(mnl_nlmsg_ok(nlh, RTNL_VFS_ROOM));
	assert_int_equal(nlh->nlmsg_type, RTM_SETLINK);
	assert_int_equal(ifi->ifi_family, 0);
	assert_int_equal(ifi->ifi_index, ifindex);
	assert_int_equal(ifi->ifi_flags, 0); /* nothing else is touched */
	assert_int_equal(ifi->ifi_change, 0);
	list = mnl_nlmsg_get_payload_offset(nlh, sizeof(*ifi));
	assert_int_equal(mnl_attr_get_type(list), IFLA_VFINFO_LIST);
	/* all there is in it, and its length did not wrap */
	assert_int_equal(nlh->nlmsg_len,
		MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(*ifi)) + MNL_ALIGN(list->nla_len));
	mnl_attr_for_each_nested (info, list)
		assert_int_equal(mnl_attr_get_type(info), IFLA_VF_INFO);
	return list;
}

static const char *one(struct test *t, const struct vf *vf, uint64_t attrs)
{
	const struct vf_write write = {vf, attrs};
	const struct nlattr *list;

	assert_int_equal(rtnl_encode_vfs(t->buf, 7, &write, 1), 1);
	list = list_of(t, 7);
	return attributes(t, mnl_attr_get_payload(list));
}

static void each_attribute(void **state)
{
	static const struct {
		enum vf_attr attr;
		const char *text;
	} rows[] = {
		/* ifla_vf_mac: vf, 32 bytes */
		{VF_MAC, "1:02010000"
			 "525400010203"
			 "0000000000000000000000000000000000000000000000000000"},
		/* ifla_vf_vlan_info: vf, vlan, qos, proto in network order, padding */
		{VF_VLAN, "12:[02010000"
			  "64000000"
			  "03000000"
			  "88a80000]"},
		{VF_QOS, "12:[02010000"
			 "64000000"
			 "03000000"
			 "88a80000]"},
		{VF_PROTO, "12:[02010000"
			   "64000000"
			   "03000000"
			   "88a80000]"},
		/* ifla_vf_rate: vf, min, max */
		{VF_MAX_TX_RATE, "6:02010000"
				 "c8000000"
				 "e8030000"},
		{VF_MIN_TX_RATE, "6:02010000"
				 "c8000000"
				 "e8030000"},
		{VF_SPOOFCHK, "4:02010000"
			      "01000000"},
		{VF_TRUST, "9:02010000"
			   "01000000"},
		{VF_QUERY_RSS, "7:02010000"
			       "01000000"},
		{VF_STATE, "5:02010000"
			   "02000000"},
		/* ifla_vf_guid: vf, padding, 64 bits of the host's order */
		{VF_NODE_GUID, "10:02010000"
			       "00000000"
			       "7766554433221100"},
		{VF_PORT_GUID, "11:02010000"
			       "00000000"
			       "ffeeddccbbaa9988"},
	};
	struct test *t = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *text = one(t, &full, VF_BIT(rows[i].attr));

		if (strcmp(text, rows[i].text) != 0)
			fail_msg("%s: %s", vf_type.attrs[rows[i].attr].key, text);
	}
	/* what can be set through the PF is what survives a resize, and nothing else */
	for (unsigned a = 0; a < VF_ATTR_COUNT; a++) {
		bool writes = vf_type.attrs[a].flags & ATTR_KEEP;
		const char *text = one(t, &full, VF_BIT(a));

		if (writes != (text[0] != 0))
			fail_msg("%s: %s", vf_type.attrs[a].key, text);
	}
}

/* Numbers as the kernel has them, not those of our own enums. */
static void kernels_numbers(void **state)
{
	(void)state;
	assert_int_equal(IFLA_VF_MAC, 1);
	assert_int_equal(IFLA_VF_SPOOFCHK, 4);
	assert_int_equal(IFLA_VF_LINK_STATE, 5);
	assert_int_equal(IFLA_VF_RATE, 6);
	assert_int_equal(IFLA_VF_RSS_QUERY_EN, 7);
	assert_int_equal(IFLA_VF_TRUST, 9);
	assert_int_equal(IFLA_VF_IB_NODE_GUID, 10);
	assert_int_equal(IFLA_VF_IB_PORT_GUID, 11);
	assert_int_equal(IFLA_VF_VLAN_LIST, 12);
	assert_int_equal(VF_STATE_AUTO, IFLA_VF_LINK_STATE_AUTO);
	assert_int_equal(VF_STATE_ENABLE, IFLA_VF_LINK_STATE_ENABLE);
	assert_int_equal(VF_STATE_DISABLE, IFLA_VF_LINK_STATE_DISABLE);
}

static void off_and_none(void **state)
{
	static const struct vf zero = {.index = 0, .mac = {.len = 6}};
	struct test *t = *state;

	assert_string_equal(one(t, &zero, VF_BIT(VF_VLAN)), "12:[00000000"
							    "00000000"
							    "00000000"
							    "81000000]");
	assert_string_equal(one(t, &zero, VF_BIT(VF_MAX_TX_RATE)), "6:000000000000000000000000");
	assert_string_equal(one(t, &zero, VF_BIT(VF_SPOOFCHK)), "4:0000000000000000");
	assert_string_equal(one(t, &zero, VF_BIT(VF_STATE)), "5:0000000000000000");
	assert_string_equal(one(t, &zero, 0), "");
}

/* VLAN, priority and protocol are one attribute to the kernel, and so are the rates: once. */
static void what_goes_together(void **state)
{
	static const enum vf_attr vlan[] = {VF_VLAN, VF_QOS, VF_PROTO};
	static const enum vf_attr rate[] = {VF_MAX_TX_RATE, VF_MIN_TX_RATE};
	struct test *t = *state;

	for (unsigned set = 1; set < 8; set++) {
		uint64_t attrs = 0;

		for (unsigned i = 0; i < 3; i++)
			attrs |= set >> i & 1 ? VF_BIT(vlan[i]) : 0;
		assert_string_equal(one(t, &full, attrs), "12:[02010000"
							  "64000000"
							  "03000000"
							  "88a80000]");
	}
	assert_string_equal(one(t, &full, VF_BIT(rate[0]) | VF_BIT(rate[1])), "6:02010000"
									      "c8000000"
									      "e8030000");
	assert_string_equal(one(t, &full,
				    VF_BIT(VF_TRUST) | VF_BIT(VF_PROTO) | VF_BIT(VF_MIN_TX_RATE) |
					    VF_BIT(VF_QOS) | VF_BIT(VF_SPOOFCHK)),
		"12:[02010000"
		"64000000"
		"03000000"
		"88a80000] 6:02010000"
		"c8000000"
		"e8030000 "
		"4:02010000"
		"01000000 9:02010000"
		"01000000");
}

static void several(void **state)
{
	struct test *t = *state;
	struct vf vfs[3] = {full, full, full};
	const struct vf_write writes[] = {{&vfs[0], VF_BIT(VF_TRUST)},
		{&vfs[1], VF_BIT(VF_STATE) | VF_BIT(VF_TRUST)}, {&vfs[2], VF_BIT(VF_STATE)}};
	static const char *const texts[] = {"9:0000000001000000",
		"9:0100000001000000 5:0100000002000000", "5:0200000002000000"};
	const struct nlattr *list, *info;
	size_t n = 0;

	for (uint32_t i = 0; i < 3; i++)
		vfs[i].index = i;
	assert_int_equal(rtnl_encode_vfs(t->buf, 9, writes, 3), 3);
	list = list_of(t, 9);
	mnl_attr_for_each_nested (info, list)
		assert_string_equal(attributes(t, info), texts[n++]);
	assert_int_equal(n, 3);
	assert_int_equal(rtnl_encode_vfs(t->buf, 9, writes + 2, 1), 1);
	assert_int_equal(rtnl_encode_vfs(t->buf, 9, writes, 0), 0);
	list_of(t, 9);
}

/* More than one request has room for: all of them, once, in order, and none too long for
 * the 16 bits of its list. */
static void splits(void **state)
{
	struct test *t = *state;
	const size_t count = 5000;
	struct vf *vfs = calloc(count, sizeof(*vfs));
	struct vf_write *writes = calloc(count, sizeof(*writes));
	size_t at = 0, requests = 0;

	for (size_t i = 0; i < count; i++) {
		vfs[i] = full;
		vfs[i].index = (uint32_t)i;
		/* everything there is, so that each is as long as can be */
		writes[i] = (struct vf_write){&vfs[i], (UINT64_C(1) << VF_ATTR_COUNT) - 1};
	}
	while (at < count) {
		size_t taken = rtnl_encode_vfs(t->buf, 7, writes + at, count - at), seen = 0;
		const struct nlattr *list = list_of(t, 7), *info;

		assert_true(taken > 0 && taken <= count - at);
		assert_in_range(list->nla_len, 1, RTNL_VFS_ROOM);
		mnl_attr_for_each_nested (info, list) {
			const struct nlattr *first = mnl_attr_get_payload(info);
			uint32_t index;

			memcpy(&index, mnl_attr_get_payload(first), sizeof(index));
			assert_int_equal(index, at + seen);
			seen++;
		}
		assert_int_equal(seen, taken);
		/* worth a request */
		if (at + taken < count)
			assert_true(list->nla_len > RTNL_VFS_ROOM / 2);
		at += taken;
		requests++;
	}
	assert_in_range(requests, 2, count / 100);
	free(vfs);
	free(writes);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_attribute),
		cmocka_unit_test(kernels_numbers),
		TEST(off_and_none),
		TEST(what_goes_together),
		TEST(several),
		TEST(splits),
	};

	return RUN(tests);
}
