#include "unit.h"

#include "nl.h"

#include "kernel/rtnl.h"

#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/rtnetlink.h>

#define BUF_SIZE (1 << 20)
#define UP (IFF_UP | IFF_LOWER_UP)
#define UNSAID UINT32_MAX

static const struct vf_opts usual = {.mac_last = 9,
	.vlan = 100,
	.qos = 3,
	.vlan_proto = ETH_P_8021Q,
	.min_rate = 10,
	.max_rate = 1000,
	.spoofchk = 1,
	.trust = 0,
	.rss = UNSAID,
	.state = IFLA_VF_LINK_STATE_ENABLE};

struct test {
	char *buf;
	struct host host;
};

static int setup(void **state)
{
	struct test *t = calloc(1, sizeof(*t));

	t->buf = calloc(1, BUF_SIZE);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct test *t = *state;

	host_free(&t->host);
	free(t->buf);
	free(t);
	return 0;
}

/* Decode a copy that ends where the allocation does, for the address sanitizer. */
static bool decode(struct test *t, const void *data, size_t len)
{
	char *copy = malloc(len + !len);
	bool whole;

	memcpy(copy, data, len);
	host_free(&t->host);
	whole = rtnl_decode_links(&t->host, NULL, copy, len);
	free(copy);
	return whole;
}

static const struct link *only(struct test *t, const struct nlmsghdr *nlh)
{
	decode(t, nlh, nlh->nlmsg_len);
	assert_int_equal(t->host.link_count, 1);
	return &t->host.links[0];
}

static void put_tail(struct nlmsghdr *nlh)
{
	mnl_attr_put_strz(nlh, IFLA_PARENT_DEV_NAME, "0000:21:00.0");
	mnl_attr_put_strz(nlh, IFLA_PARENT_DEV_BUS_NAME, "pci");
}

static void assert_tail(const struct link *l)
{
	assert_non_null(l->parent_dev);
	assert_string_equal(l->parent_dev, "0000:21:00.0");
	assert_string_equal(l->parent_bus, "pci");
}

static void interface(void **state)
{
	static const uint8_t mac[] = {0x52, 0x54, 0, 0, 0, 1}, perm[] = {0xaa, 0xbb, 0, 0, 0, 2};
	struct test *t = *state;
	struct nlmsghdr *nlh = nl_link(t->buf, 7, UP, "eth0");
	struct nlattr *list;
	const struct link *l;

	mnl_attr_put(nlh, IFLA_ADDRESS, 6, mac);
	mnl_attr_put(nlh, IFLA_PERM_ADDRESS, 6, perm);
	mnl_attr_put_u32(nlh, IFLA_MTU, 9000);
	mnl_attr_put_u32(nlh, IFLA_MASTER, 12);
	mnl_attr_put_u32(nlh, IFLA_LINK, 13);
	mnl_attr_put_strz(nlh, IFLA_IFALIAS, "to the lab");
	mnl_attr_put_strz(nlh, IFLA_PHYS_PORT_NAME, "p0");
	list = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "macvlan");
	mnl_attr_nest_end(nlh, list);
	list = mnl_attr_nest_start(nlh, IFLA_PROP_LIST);
	mnl_attr_put_strz(nlh, IFLA_ALT_IFNAME, "uplink");
	mnl_attr_put_strz(nlh, IFLA_ALT_IFNAME, "a-name-longer-than-sixteen-characters");
	mnl_attr_nest_end(nlh, list);
	put_tail(nlh);
	l = only(t, nlh);
	assert_int_equal(l->ifindex, 7);
	assert_string_equal(l->name, "eth0");
	assert_null(l->netns);
	assert_true(l->admin_up && l->state_known);
	assert_int_equal(l->state, LINK_UP);
	assert_int_equal(l->addr.len, 6);
	assert_memory_equal(l->addr.bytes, mac, 6);
	assert_memory_equal(l->perm_addr.bytes, perm, 6);
	assert_int_equal(l->mtu, 9000);
	assert_int_equal(l->master, 12);
	assert_int_equal(l->lower, 13);
	assert_false(l->lower_elsewhere);
	assert_string_equal(l->alias, "to the lab");
	assert_string_equal(l->phys_port_name, "p0");
	assert_string_equal(l->kind, "macvlan");
	assert_int_equal(l->altnames.count, 2);
	assert_string_equal(l->altnames.items[0], "uplink");
	assert_string_equal(l->altnames.items[1], "a-name-longer-than-sixteen-characters");
	assert_tail(l);
	assert_false(l->num_vfs_known || l->truncated);
	assert_int_equal(l->vf_count, 0);
}

static void states(void **state)
{
	struct test *t = *state;

	assert_int_equal(only(t, nl_link(t->buf, 1, IFF_UP, "a"))->state, LINK_NO_CARRIER);
	assert_true(t->host.links[0].admin_up);
	assert_int_equal(only(t, nl_link(t->buf, 1, 0, "a"))->state, LINK_DOWN);
	assert_int_equal(only(t, nl_link(t->buf, 1, IFF_LOWER_UP, "a"))->state, LINK_DOWN);
	assert_false(t->host.links[0].admin_up);
}

static void elsewhere(void **state)
{
	struct test *t = *state;
	struct nlmsghdr *nlh = nl_link(t->buf, 7, UP, "eth0");

	mnl_attr_put_u32(nlh, IFLA_LINK, 5);
	mnl_attr_put_u32(nlh, IFLA_LINK_NETNSID, 0);
	assert_true(only(t, nlh)->lower_elsewhere);
	rtnl_decode_links(&t->host, "blue", nlh, nlh->nlmsg_len); /* appended */
	assert_int_equal(t->host.link_count, 2);
	assert_string_equal(t->host.links[1].netns, "blue");
}

static struct nlmsghdr *pf_link(struct test *t, uint32_t num_vfs)
{
	struct nlmsghdr *nlh = nl_link(t->buf, 7, UP, "eth0");

	mnl_attr_put(nlh, IFLA_ADDRESS, 6, "\x52\x54\0\0\0\1");
	mnl_attr_put_u32(nlh, IFLA_NUM_VF, num_vfs);
	return nlh;
}

static void vf_settings(void **state)
{
	struct test *t = *state;
	struct nlmsghdr *nlh = pf_link(t, 3);
	const struct link *l;
	const struct vf *vf;

	nl_vfs(nlh, 0, 3, &usual);
	put_tail(nlh);
	l = only(t, nlh);
	assert_true(l->num_vfs_known);
	assert_int_equal(l->num_vfs, 3);
	assert_int_equal(l->vf_count, 3);
	assert_false(l->truncated);
	assert_tail(l);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(l->vfs[i].index, i);
	vf = &l->vfs[2];
	assert_int_equal(vf->mac.len, 6);
	assert_memory_equal(vf->mac.bytes, "\2\0\0\0\2\x9", 6);
	assert_int_equal(vf->vlan, 100);
	assert_int_equal(vf->qos, 3);
	assert_int_equal(vf->proto, VF_PROTO_8021Q);
	assert_int_equal(vf->min_tx_rate, 10);
	assert_int_equal(vf->max_tx_rate, 1000);
	assert_true(vf->spoofchk);
	assert_false(vf->trust);
	assert_int_equal(vf->state, VF_STATE_ENABLE);
	assert_true(
		vf->known == (VF_BIT(VF_MAC) | VF_BIT(VF_VLAN) | VF_BIT(VF_QOS) | VF_BIT(VF_PROTO) |
				     VF_BIT(VF_MIN_TX_RATE) | VF_BIT(VF_MAX_TX_RATE) |
				     VF_BIT(VF_SPOOFCHK) | VF_BIT(VF_TRUST) | VF_BIT(VF_STATE)));
}

/* "The driver did not say" is not "off". */
static void vf_unsaid(void **state)
{
	struct vf_opts o = {.spoofchk = UNSAID, .trust = UNSAID, .rss = 0, .state = 3};
	struct test *t = *state;
	struct nlmsghdr *nlh = pf_link(t, 1);
	const struct vf *vf;

	nl_vfs(nlh, 0, 1, &o);
	vf = &only(t, nlh)->vfs[0];
	assert_false(vf_has(vf, VF_SPOOFCHK) || vf_has(vf, VF_TRUST) || vf_has(vf, VF_STATE));
	assert_true(vf_has(vf, VF_QUERY_RSS) && !vf->query_rss);
	assert_false(vf_has(vf, VF_PROTO)); /* no VLAN list */
	assert_true(vf_has(vf, VF_VLAN) && vf_has(vf, VF_QOS));
	assert_false(vf_has(vf, VF_RX_BYTES) || vf_has(vf, VF_NODE_GUID));
}

static void vf_stats_and_qinq(void **state)
{
	struct vf_opts o = usual;
	struct test *t = *state;
	struct nlmsghdr *nlh = pf_link(t, 1);
	const struct vf *vf;

	o.vlan_proto = ETH_P_8021AD;
	o.stats = UINT64_C(1) << 40;
	nl_vfs(nlh, 0, 1, &o);
	vf = &only(t, nlh)->vfs[0];
	assert_int_equal(vf->proto, VF_PROTO_8021AD);
	assert_true(vf->rx_packets == o.stats && vf->tx_packets == o.stats + 1 &&
		    vf->rx_bytes == o.stats + 2 && vf->tx_bytes == o.stats + 3 &&
		    vf->broadcast == o.stats + 4 && vf->multicast == o.stats + 5 &&
		    vf->rx_dropped == o.stats + 6 && vf->tx_dropped == o.stats + 7);
	for (unsigned a = VF_RX_PACKETS; a <= VF_TX_DROPPED; a++)
		assert_true(vf_has(vf, a));
}

/* InfiniBand: 20 bytes of address, GUIDs. */
static void vf_infiniband(void **state)
{
	struct test *t = *state;
	struct nlmsghdr *nlh = nl_link(t->buf, 7, UP, "ib0");
	struct ifla_vf_mac mac = {.vf = 0};
	struct ifla_vf_guid node = {0, UINT64_C(0x0011223344556677)}, port = {0, 5};
	struct nlattr *list, *info;
	uint8_t addr[20];
	const struct vf *vf;

	for (size_t i = 0; i < 32; i++)
		mac.mac[i] = (uint8_t)(i + 1);
	memset(addr, 0x80, sizeof(addr));
	mnl_attr_put(nlh, IFLA_ADDRESS, sizeof(addr), addr);
	mnl_attr_put_u32(nlh, IFLA_NUM_VF, 1);
	list = mnl_attr_nest_start(nlh, IFLA_VFINFO_LIST);
	info = mnl_attr_nest_start(nlh, IFLA_VF_INFO);
	mnl_attr_put(nlh, IFLA_VF_MAC, sizeof(mac), &mac);
	mnl_attr_put(nlh, IFLA_VF_IB_NODE_GUID, sizeof(node), &node);
	mnl_attr_put(nlh, IFLA_VF_IB_PORT_GUID, sizeof(port), &port);
	mnl_attr_nest_end(nlh, info);
	mnl_attr_nest_end(nlh, list);
	vf = &only(t, nlh)->vfs[0];
	assert_int_equal(vf->mac.len, 20);
	assert_memory_equal(vf->mac.bytes, mac.mac, 20);
	assert_true(vf->node_guid == node.guid && vf->port_guid == 5);
	assert_true(vf_has(vf, VF_NODE_GUID) && vf_has(vf, VF_PORT_GUID));
}

/* A driver may refuse to describe one VF: the kernel leaves it out. */
static void gap(void **state)
{
	static const uint32_t there[] = {0, 2, 3, 6};
	struct test *t = *state;
	struct nlmsghdr *nlh = pf_link(t, 7);
	struct nlattr *list = mnl_attr_nest_start(nlh, IFLA_VFINFO_LIST);
	const struct link *l;

	for (size_t i = 0; i < ARRAY_SIZE(there); i++)
		nl_vf(nlh, there[i], &usual);
	mnl_attr_nest_end(nlh, list);
	put_tail(nlh);
	l = only(t, nlh);
	assert_int_equal(l->vf_count, ARRAY_SIZE(there));
	for (size_t i = 0; i < ARRAY_SIZE(there); i++) {
		assert_int_equal(l->vfs[i].index, there[i]);
		assert_int_equal(l->vfs[i].mac.bytes[4], there[i]);
	}
	assert_true(l->truncated);
	assert_tail(l);
}

static void check_many(struct test *t, uint32_t n, const struct vf_opts *o)
{
	struct nlmsghdr *nlh = pf_link(t, n);
	const struct link *l;

	nl_vfs(nlh, 0, n, o);
	put_tail(nlh);
	mnl_attr_put_u32(nlh, IFLA_MTU, 1234);
	l = only(t, nlh);
	assert_int_equal(l->vf_count, n);
	assert_false(l->truncated);
	for (uint32_t i = 0; i < n; i++) {
		if (l->vfs[i].index != i || l->vfs[i].vlan != 100 ||
			l->vfs[i].mac.bytes[4] != (i & 0xff) || !vf_has(&l->vfs[i], VF_TRUST))
			fail_msg("VF %u of %u is wrong", i, n);
	}
	assert_tail(l);
	assert_int_equal(l->mtu, 1234);
}

/* From some 300 VFs on the list's 16-bit length is wrong; the bytes are all there. */
static void wrapped(void **state)
{
	struct vf_opts with_stats = usual;
	static const uint32_t counts[] = {1, 200, 300, 334, 335, 336, 400, 700, 1024, 2000};

	with_stats.stats = 1;
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		check_many(*state, counts[i], &usual);
		check_many(*state, counts[i], &with_stats);
	}
}

/* The wrapped length can be anything, 0 too. */
static void wrapped_to(struct test *t, uint16_t length)
{
	struct nlmsghdr *nlh = pf_link(t, 400);
	char *list = mnl_nlmsg_get_payload_tail(nlh);
	static const char filler[65536];
	struct nlattr *vf;
	const struct link *l;
	size_t have;

	nl_vfs(nlh, 0, 400, &usual);
	/* blow up the last VF so that the whole is 64 KiB or a multiple, plus length */
	vf = (struct nlattr *)(void *)list;
	for (have = 4; have < (size_t)((char *)nlh + nlh->nlmsg_len - list);
		have += MNL_ALIGN(vf->nla_len))
		vf = (struct nlattr *)(void *)(list + have);
	have = (size_t)((char *)nlh + nlh->nlmsg_len - list);
	mnl_attr_put(nlh, 200, (length - have - 4) & 0xffff, filler);
	vf->nla_len = (uint16_t)((char *)nlh + nlh->nlmsg_len - (char *)vf);
	((struct nlattr *)(void *)list)->nla_len = (uint16_t)((char *)nlh + nlh->nlmsg_len - list);
	assert_int_equal(((struct nlattr *)(void *)list)->nla_len, length);
	put_tail(nlh);
	l = only(t, nlh);
	assert_int_equal(l->vf_count, 400);
	assert_false(l->truncated);
	assert_tail(l);
}

static void wrapped_to_little(void **state)
{
	wrapped_to(*state, 4);
	wrapped_to(*state, 8);
	wrapped_to(*state, 12);
}

static void wrapped_to_nothing(void **state)
{
	wrapped_to(*state, 0);
}

static void short_list(void **state)
{
	struct test *t = *state;
	struct nlmsghdr *nlh = pf_link(t, 8);
	const struct link *l;

	nl_vfs(nlh, 0, 5, &usual);
	put_tail(nlh);
	l = only(t, nlh);
	assert_int_equal(l->vf_count, 5);
	assert_true(l->truncated);
	assert_tail(l);
	/* a list of nothing, and none at all: the driver does not list them */
	nlh = pf_link(t, 8);
	nl_vfs(nlh, 0, 0, &usual);
	put_tail(nlh);
	l = only(t, nlh);
	assert_int_equal(l->vf_count, 0);
	assert_true(l->truncated);
	assert_tail(l);
	nlh = pf_link(t, 8);
	put_tail(nlh);
	l = only(t, nlh);
	assert_int_equal(l->num_vfs, 8);
	assert_false(l->truncated);
	assert_tail(l);
}

/* What does not ascend below num_vfs is no VF of this list. */
static void strange_indexes(void **state)
{
	static const struct {
		uint32_t index[4];
		size_t good;
	} rows[] = {
		{{0, 1, 1, 2}, 2},
		{{0, 1, 0, 2}, 2},
		{{3, 2, 1, 0}, 1},
		{{0, 4, 1, 2}, 1},
		{{UINT32_MAX, 0, 1, 2}, 0},
		{{4, 0, 1, 2}, 0},
	};
	struct test *t = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct nlmsghdr *nlh = pf_link(t, 4);
		struct nlattr *list = mnl_attr_nest_start(nlh, IFLA_VFINFO_LIST);
		const struct link *l;

		for (size_t j = 0; j < 4; j++)
			nl_vf(nlh, rows[i].index[j], &usual);
		mnl_attr_nest_end(nlh, list);
		l = only(t, nlh);
		assert_int_equal(l->vf_count, rows[i].good);
		assert_true(l->truncated);
	}
}

/* More VFs listed than counted: only as many as there are said to be. */
static void more_than_counted(void **state)
{
	struct test *t = *state;
	struct nlmsghdr *nlh = pf_link(t, 2);

	nl_vfs(nlh, 0, 4, &usual);
	assert_int_equal(only(t, nlh)->vf_count, 2);
	nlh = pf_link(t, UINT32_MAX); /* and no memory for what cannot be */
	nl_vfs(nlh, 0, 4, &usual);
	assert_int_equal(only(t, nlh)->vf_count, 4);
	assert_true(t->host.links[0].truncated);
	nlh = nl_link(t->buf, 7, UP, "eth0"); /* no count at all */
	nl_vfs(nlh, 0, 4, &usual);
	put_tail(nlh);
	assert_tail(only(t, nlh));
	assert_int_equal(t->host.links[0].vf_count, 0);
}

/* Every attribute known, empty or a byte short, is left alone. */
static void short_attributes(void **state)
{
	struct test *t = *state;

	for (uint16_t type = 0; type < 80; type++) {
		for (size_t len = 0; len < 4; len++) {
			struct nlmsghdr *nlh = nl_link(t->buf, 7, UP, "eth0");
			const struct link *l;

			mnl_attr_put(nlh, type, len, "\0\0\0");
			put_tail(nlh);
			if (type == IFLA_PARENT_DEV_NAME || type == IFLA_PARENT_DEV_BUS_NAME)
				continue;
			l = only(t, nlh);
			assert_int_equal(l->mtu, 0);
			assert_int_equal(l->master, 0);
			assert_false(l->num_vfs_known || l->lower_elsewhere);
			assert_tail(l);
		}
	}
	/* inside a VF */
	for (uint16_t type = 0; type < 20; type++) {
		struct nlmsghdr *nlh = pf_link(t, 1);
		struct nlattr *list = mnl_attr_nest_start(nlh, IFLA_VFINFO_LIST);
		struct nlattr *info = mnl_attr_nest_start(nlh, IFLA_VF_INFO);
		struct ifla_vf_mac mac = {0};
		const struct vf *vf;

		mnl_attr_put(nlh, IFLA_VF_MAC, sizeof(mac), &mac);
		for (size_t len = 0; len < 8; len++)
			mnl_attr_put(nlh, type, len, "\0\0\0\0\0\0\0");
		mnl_attr_nest_end(nlh, info);
		mnl_attr_nest_end(nlh, list);
		assert_int_equal(only(t, nlh)->vf_count, 1);
		vf = &t->host.links[0].vfs[0];
		assert_true(vf->known == VF_BIT(VF_MAC));
	}
}

/* Nested lengths that reach beyond what holds them. */
static void long_nested(void **state)
{
	static const uint16_t lengths[] = {0, 1, 3, 4, 5, 39, 40, 43, 44, 1000, 0x7fff, 0xffff};
	struct test *t = *state;
	struct nlmsghdr *nlh;
	size_t at[64], count = 0;

	nlh = pf_link(t, 2);
	nl_vfs(nlh, 0, 2, &usual);
	/* every place that holds an attribute's type above 0 and a plausible length */
	for (size_t i = 16 + sizeof(struct ifinfomsg); i + 4 <= nlh->nlmsg_len; i += 4) {
		const struct nlattr *a = (const struct nlattr *)(const void *)(t->buf + i);

		if (a->nla_len >= 4 && i + a->nla_len <= nlh->nlmsg_len && count < 64)
			at[count++] = i;
	}
	assert_true(count > 20);
	for (size_t i = 0; i < count; i++) {
		uint16_t *len = (uint16_t *)(void *)(t->buf + at[i]), was = *len;

		for (size_t j = 0; j < ARRAY_SIZE(lengths); j++) {
			*len = lengths[j];
			decode(t, t->buf, nlh->nlmsg_len);
			assert_true(t->host.link_count <= 1);
			if (t->host.link_count)
				assert_true(t->host.links[0].vf_count <= 2);
		}
		*len = was;
	}
}

/* Only what the uncut message has, in the same place; never more. */
static void check_cut(struct test *t, const struct link *whole, size_t len)
{
	decode(t, t->buf, len);
	assert_true(t->host.link_count <= 1);
	for (size_t i = 0; i < t->host.link_count; i++) {
		const struct link *l = &t->host.links[0];

		assert_int_equal(l->ifindex, whole->ifindex);
		assert_true(l->vf_count <= whole->vf_count);
		for (size_t j = 0; j < l->vf_count; j++) {
			assert_int_equal(l->vfs[j].index, whole->vfs[j].index);
			assert_true(!(l->vfs[j].known & ~whole->vfs[j].known));
		}
		if (l->num_vfs_known && l->vfs)
			assert_int_equal(l->truncated, l->vf_count < whole->vf_count);
	}
}

static void cut_everywhere(struct test *t, uint32_t vfs, size_t step)
{
	struct vf_opts o = usual;
	struct nlmsghdr *nlh = pf_link(t, vfs);
	struct test whole = {.buf = t->buf};
	struct nlattr *list;
	uint32_t len;

	o.stats = 1;
	nl_vfs(nlh, 0, vfs, &o);
	list = mnl_attr_nest_start(nlh, IFLA_PROP_LIST);
	mnl_attr_put_strz(nlh, IFLA_ALT_IFNAME, "uplink");
	mnl_attr_nest_end(nlh, list);
	put_tail(nlh);
	len = nlh->nlmsg_len;
	decode(&whole, t->buf, len);
	assert_int_equal(whole.host.links[0].vf_count, vfs);
	for (size_t cut = 0; cut <= len; cut += cut < 600 || cut + 600 > len ? 1 : step) {
		/* the message ends early but does not know */
		nlh->nlmsg_len = len;
		check_cut(t, &whole.host.links[0], cut);
		assert_int_equal(t->host.link_count, cut == len);
		/* it knows */
		if (cut < sizeof(*nlh))
			continue;
		nlh->nlmsg_len = (uint32_t)cut;
		check_cut(t, &whole.host.links[0], cut);
		if (cut < len)
			assert_true(!t->host.link_count || !t->host.links[0].parent_bus ||
				    strcmp(t->host.links[0].parent_bus, "pci") != 0 ||
				    cut + 4 > len);
	}
	host_free(&whole.host);
}

static void cut(void **state)
{
	cut_everywhere(*state, 0, 1);
	cut_everywhere(*state, 3, 1);
	cut_everywhere(*state, 400, 1009);
}

/* Every byte damaged in turn. */
static void damaged(void **state)
{
	static const uint8_t values[] = {0, 1, 4, 0x7f, 0x80, 0xff};
	struct vf_opts o = usual;
	struct test *t = *state;
	struct nlmsghdr *nlh = pf_link(t, 2);
	size_t len;

	o.stats = 1;
	nl_vfs(nlh, 0, 2, &o);
	put_tail(nlh);
	len = nlh->nlmsg_len;
	for (size_t i = 0; i < len; i++) {
		char was = t->buf[i];

		for (size_t j = 0; j < ARRAY_SIZE(values); j++) {
			t->buf[i] = (char)values[j];
			decode(t, t->buf, len);
			assert_true(t->host.link_count <= 1);
		}
		t->buf[i] = was;
	}
}

static void several_messages(void **state)
{
	struct test *t = *state;
	struct nlmsghdr *nlh = pf_link(t, 2);
	size_t len;

	nl_vfs(nlh, 0, 2, &usual);
	len = nlh->nlmsg_len;
	nlh = nl_link(t->buf + len, 8, 0, "eth1");
	len += nlh->nlmsg_len;
	nlh = nl_link(t->buf + len, 9, 0, "gone"); /* of another type */
	nlh->nlmsg_type = RTM_DELLINK;
	len += nlh->nlmsg_len;
	nlh = nl_link(t->buf + len, 9, 0, NULL); /* nameless: not an interface we can use */
	len += nlh->nlmsg_len;
	nlh = mnl_nlmsg_put_header(t->buf + len); /* too short for its header */
	nlh->nlmsg_type = RTM_NEWLINK;
	len += nlh->nlmsg_len;
	nlh = nl_link(t->buf + len, 10, 0, "eth2");
	len += nlh->nlmsg_len;
	nlh = mnl_nlmsg_put_header(t->buf + len);
	nlh->nlmsg_type = NLMSG_DONE;
	assert_false(decode(t, t->buf, len)); /* the end is missing */
	assert_int_equal(t->host.link_count, 3);
	len += nlh->nlmsg_len;
	assert_true(decode(t, t->buf, len));
	assert_int_equal(t->host.link_count, 3);
	assert_string_equal(t->host.links[0].name, "eth0");
	assert_int_equal(t->host.links[0].vf_count, 2);
	assert_string_equal(t->host.links[1].name, "eth1");
	assert_string_equal(t->host.links[2].name, "eth2");
	assert_false(decode(t, t->buf, 0));
	assert_int_equal(t->host.link_count, 0);
}

/* A name without its terminator, or with bytes behind it. */
static void strings(void **state)
{
	struct test *t = *state;
	struct nlmsghdr *nlh = nl_link(t->buf, 7, UP, NULL);

	mnl_attr_put(nlh, IFLA_IFNAME, 4, "eth0");
	mnl_attr_put(nlh, IFLA_IFALIAS, 6, "ab\0cd");
	assert_string_equal(only(t, nlh)->name, "eth0");
	assert_string_equal(t->host.links[0].alias, "ab");
}

static void long_address(void **state)
{
	static const char bytes[64] = {1, 2, 3};
	struct test *t = *state;
	struct nlmsghdr *nlh = nl_link(t->buf, 7, UP, "eth0");

	mnl_attr_put(nlh, IFLA_ADDRESS, 64, bytes);
	mnl_attr_put(nlh, IFLA_PERM_ADDRESS, 32, bytes);
	assert_int_equal(only(t, nlh)->addr.len, 0);
	assert_int_equal(t->host.links[0].perm_addr.len, 32);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(interface),
		TEST(states),
		TEST(elsewhere),
		TEST(vf_settings),
		TEST(vf_unsaid),
		TEST(vf_stats_and_qinq),
		TEST(vf_infiniband),
		TEST(gap),
		TEST(wrapped),
		TEST(wrapped_to_little),
		TEST(wrapped_to_nothing),
		TEST(short_list),
		TEST(strange_indexes),
		TEST(more_than_counted),
		TEST(short_attributes),
		TEST(long_nested),
		TEST(cut),
		TEST(damaged),
		TEST(several_messages),
		TEST(strings),
		TEST(long_address),
	};

	return RUN(tests);
}
