/* What interfaces count, out of the same messages as the interfaces. */
#include "unit.h"

#include "nl.h"

#include "kernel/rtnl.h"

#include <linux/if_ether.h>
#include <linux/rtnetlink.h>

#define BUF_SIZE (1 << 18)

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

static void put_counters(struct nlmsghdr *nlh, uint64_t first, size_t count)
{
	uint64_t numbers[32];

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		numbers[i] = first + i;
	mnl_attr_put(nlh, IFLA_STATS64, count * sizeof(numbers[0]), numbers);
}

/* In the order of struct rtnl_link_stats64. */
static void assert_counters(const struct if_counters *c, uint64_t first)
{
	assert_non_null(c);
	assert_true(c->rx_packets == first && c->tx_packets == first + 1 &&
		    c->rx_bytes == first + 2 && c->tx_bytes == first + 3 &&
		    c->rx_errors == first + 4 && c->tx_errors == first + 5 &&
		    c->rx_dropped == first + 6 && c->tx_dropped == first + 7 &&
		    c->multicast == first + 8 && c->rx_missed == first + 15);
}

static void decode_counted(struct test *t, const void *data, size_t len)
{
	char *copy = malloc(len);

	memcpy(copy, data, len);
	host_free(&t->host);
	t->host = (struct host){.needs = NEED_STATS};
	rtnl_decode_links(&t->host, NULL, copy, len);
	free(copy);
}

/* 23 of them until Linux 4.6, 25 since 5.19; perhaps more one day. */
static void counters_of_kernels(void **state)
{
	static const size_t counts[] = {23, 24, 25, 32, 16};
	struct test *t = *state;

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		struct nlmsghdr *nlh = nl_link(t->buf, 7, 0, "eth0");

		put_counters(nlh, UINT64_C(1) << 40, counts[i]);
		decode_counted(t, nlh, nlh->nlmsg_len);
		assert_counters(t->host.links[0].counters, UINT64_C(1) << 40);
	}
}

static void counters_unsaid(void **state)
{
	struct test *t = *state;
	struct nlmsghdr *nlh = nl_link(t->buf, 7, 0, "eth0");

	decode_counted(t, nlh, nlh->nlmsg_len);
	assert_null(t->host.links[0].counters);
	nlh = nl_link(t->buf, 7, 0, "eth0");
	put_counters(nlh, 1, 15); /* up to what is before rx_missed_errors */
	decode_counted(t, nlh, nlh->nlmsg_len);
	assert_null(t->host.links[0].counters);
	nlh = nl_link(t->buf, 7, 0, "eth0");
	put_counters(nlh, 1, 25);
	host_free(&t->host);
	t->host = (struct host){0}; /* not asked for */
	rtnl_decode_links(&t->host, NULL, nlh, nlh->nlmsg_len);
	assert_null(t->host.links[0].counters);
}

/* Each its own, a message without a name and a wrapped list of VFs between them. */
static void counters_of_several(void **state)
{
	struct test *t = *state;
	const struct vf_opts vf = {.vlan = 100, .vlan_proto = ETH_P_8021Q};
	char *p = t->buf;

	for (int i = 0; i < 4; i++) {
		struct nlmsghdr *nlh = nl_link(p, 7 + i, 0, i == 1 ? NULL : "eth0");

		put_counters(nlh, (uint64_t)i * 1000, 25);
		mnl_attr_put_u32(nlh, IFLA_NUM_VF, i == 2 ? 400 : 0);
		if (i == 2)
			nl_vfs(nlh, 0, 400, &vf);
		p += NLMSG_ALIGN(nlh->nlmsg_len);
	}
	decode_counted(t, t->buf, (size_t)(p - t->buf));
	assert_int_equal(t->host.link_count, 3);
	assert_counters(t->host.links[0].counters, 0);
	assert_int_equal(t->host.links[1].vf_count, 400);
	assert_counters(t->host.links[1].counters, 2000);
	assert_counters(t->host.links[2].counters, 3000);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(counters_of_kernels),
		TEST(counters_unsaid),
		TEST(counters_of_several),
	};

	return RUN(tests);
}
