#include "nl.h"
#include "unit.h"

#include "kernel/watch.h"

#include <errno.h>
#include <linux/devlink.h>
#include <linux/genetlink.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>

#define PORT 4711

static char buf[8192];
static struct arena arena;
static struct news_list news;

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	news = (struct news_list){0};
	return 0;
}

/* Of a copy that ends where the allocation does, for the address sanitizer. */
static void route(int nsid, const void *data, size_t len)
{
	char *copy = malloc(len ? len : 1);

	memcpy(copy, data, len);
	watch_decode_route(&arena, nsid, PORT, copy, len, &news);
	free(copy);
}

static void uevent(const char *data, size_t len)
{
	char *copy = malloc(len ? len : 1);

	memcpy(copy, data, len);
	watch_decode_uevent(&arena, copy, len, &news);
	free(copy);
}

static void devlink(const void *data, size_t len)
{
	char *copy = malloc(len ? len : 1);

	memcpy(copy, data, len);
	watch_decode_devlink(&arena, copy, len, &news);
	free(copy);
}

static void test_link(void **state)
{
	struct nlmsghdr *nlh = nl_link(buf, 7, IFF_UP | IFF_LOWER_UP, "eth2");

	(void)state;
	mnl_attr_put_strz(nlh, IFLA_PARENT_DEV_NAME, "0000:21:10.0");
	mnl_attr_put_strz(nlh, IFLA_PARENT_DEV_BUS_NAME, "pci");
	route(3, nlh, nlh->nlmsg_len);
	assert_int_equal(news.count, 1);
	assert_int_equal(news.items[0].kind, NEWS_LINK);
	assert_int_equal(news.items[0].nsid, 3);
	assert_int_equal(news.items[0].link.state, LINK_UP);
	assert_string_equal(news.items[0].link.parent_dev, "0000:21:10.0");
}

static void test_link_gone_and_moved(void **state)
{
	struct nlmsghdr *nlh = nl_link(buf, 7, 0, "eth2");

	(void)state;
	nlh->nlmsg_type = RTM_DELLINK;
	route(-1, nlh, nlh->nlmsg_len);
	assert_int_equal(news.items[0].kind, NEWS_LINK_GONE);
	assert_false(news.items[0].moved);
	mnl_attr_put_u32(nlh, IFLA_NEW_NETNSID, 0);
	mnl_attr_put_u32(nlh, IFLA_NEW_IFINDEX, 9);
	route(-1, nlh, nlh->nlmsg_len);
	assert_true(news.items[1].moved);
	assert_int_equal(news.items[1].new_nsid, 0);
	assert_int_equal(news.items[1].new_ifindex, 9);
}

static void test_answers(void **state)
{
	static const struct vf_opts o = {.vlan = 5, .vlan_proto = 0x8100};
	struct nlmsghdr *nlh = nl_link(buf, 2, IFF_UP, "eth0");
	struct nlmsgerr *e;

	(void)state;
	mnl_attr_put_u32(nlh, IFLA_NUM_VF, 2);
	nl_vfs(nlh, 0, 2, &o);
	nlh->nlmsg_seq = 12;
	nlh->nlmsg_pid = PORT;
	route(-1, nlh, nlh->nlmsg_len);
	assert_int_equal(news.items[0].kind, NEWS_LOOK);
	assert_int_equal(news.items[0].seq, 12);
	assert_int_equal(news.items[0].link.vf_count, 2);
	assert_int_equal(news.items[0].link.vfs[1].vlan, 5);
	/* a notification that carries the numbers of whoever caused it is none */
	nlh->nlmsg_pid = PORT + 1;
	route(-1, nlh, nlh->nlmsg_len);
	assert_int_equal(news.items[1].kind, NEWS_LINK);
	nlh = mnl_nlmsg_put_header(buf);
	e = mnl_nlmsg_put_extra_header(nlh, sizeof(*e));
	nlh->nlmsg_type = NLMSG_ERROR;
	nlh->nlmsg_seq = 13;
	nlh->nlmsg_pid = PORT;
	e->error = -ENODEV;
	route(-1, nlh, nlh->nlmsg_len);
	assert_int_equal(news.items[2].kind, NEWS_LOOK);
	assert_int_equal(news.items[2].error, -ENODEV);
	assert_int_equal(news.items[2].seq, 13);
}

static void test_other_messages(void **state)
{
	struct nlmsghdr *nlh = nl_link(buf, 7, IFF_UP, "br0");
	struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);

	(void)state;
	ifi->ifi_family = AF_BRIDGE; /* about a port of a bridge, not about the interface */
	route(-1, nlh, nlh->nlmsg_len);
	nlh = nl_link(buf, 7, IFF_UP, NULL); /* without a name */
	route(-1, nlh, nlh->nlmsg_len);
	nlh->nlmsg_type = RTM_NEWADDR;
	route(-1, nlh, nlh->nlmsg_len);
	assert_int_equal(news.count, 0);
	nlh->nlmsg_type = RTM_DELNSID;
	route(-1, nlh, nlh->nlmsg_len);
	assert_int_equal(news.items[0].kind, NEWS_NETNS);
}

static void test_cut_short(void **state)
{
	struct nlmsghdr *nlh = nl_link(buf, 7, IFF_UP, "eth2");
	size_t len;

	(void)state;
	mnl_attr_put_u32(nlh, IFLA_NEW_NETNSID, 0);
	nlh->nlmsg_type = RTM_DELLINK;
	len = nlh->nlmsg_len;
	for (size_t n = 0; n < len; n++)
		route(-1, nlh, n);
	assert_int_equal(news.count, 0); /* lengths that do not fit */
	for (uint32_t n = 0; n < len; n++) {
		nlh->nlmsg_len = n;
		route(-1, nlh, len);
		devlink(nlh, len);
	}
}

/* As Linux 6.12 has sent it. */
#define BOUND                                                                                      \
	"bind@/devices/pci0000:20/0000:20:00.0/0000:21:10.0\0ACTION=bind\0"                        \
	"DEVPATH=/devices/pci0000:20/0000:20:00.0/0000:21:10.0\0SUBSYSTEM=pci\0DRIVER=igbvf\0"     \
	"PCI_CLASS=20000\0PCI_ID=8086:10CA\0PCI_SLOT_NAME=0000:21:10.0\0SEQNUM=830"

static void test_uevent(void **state)
{
	static const char failed[] =
		"change@/devices/pci0000:40/0000:40:00.0/0000:41:00.0\0ACTION=change\0"
		"DEVPATH=/devices/pci0000:40/0000:40:00.0/0000:41:00.0\0SUBSYSTEM=pci\0"
		"ERROR_EVENT=BEGIN_RECOVERY\0DEVICE_ONLINE=0\0DRIVER=igb\0SEQNUM=1";
	static const char sim[] = "remove@/devices/netdevsim1\0ACTION=remove\0"
				  "DEVPATH=/devices/netdevsim1\0SUBSYSTEM=netdevsim\0SEQNUM=897";

	(void)state;
	uevent(BOUND, sizeof(BOUND));
	uevent(failed, sizeof(failed));
	uevent(sim, sizeof(sim));
	assert_int_equal(news.count, 3);
	assert_int_equal(news.items[0].kind, NEWS_DEVICE);
	assert_int_equal(news.items[0].action, DEVICE_BIND);
	assert_string_equal(news.items[0].handle, "pci/0000:21:10.0");
	assert_string_equal(news.items[0].driver, "igbvf");
	assert_null(news.items[0].error_event);
	assert_int_equal(news.items[1].action, DEVICE_CHANGE);
	assert_string_equal(news.items[1].error_event, "BEGIN_RECOVERY");
	assert_int_equal(news.items[2].action, DEVICE_REMOVE);
	assert_string_equal(news.items[2].handle, "netdevsim/netdevsim1");
	assert_null(news.items[2].driver);
}

static void test_uevents_that_are_none(void **state)
{
	static const char net[] = "add@/devices/x/net/eth0\0ACTION=add\0"
				  "DEVPATH=/devices/x/net/eth0\0SUBSYSTEM=net";
	static const char odd[] = "x@y\0ACTION=offline\0DEVPATH=/devices/x\0SUBSYSTEM=pci";
	static const char bare[] = "add@x\0ACTION=add\0DEVPATH=x\0SUBSYSTEM=pci";
	static const char slash[] = "add@x\0ACTION=add\0DEVPATH=/\0SUBSYSTEM=pci";
	static const char udev[] = "libudev\0\xfe\xed\xca\xfe";

	(void)state;
	uevent(net, sizeof(net));
	uevent(odd, sizeof(odd));
	uevent(bare, sizeof(bare));
	uevent(slash, sizeof(slash));
	uevent(udev, sizeof(udev));
	for (size_t n = 0; n < 60; n++)
		uevent(BOUND, n);
	assert_int_equal(news.count, 0);
}

static struct nlmsghdr *devlink_message(uint8_t cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));

	nlh->nlmsg_type = 0x1f;
	genl->cmd = cmd;
	mnl_attr_put_strz(nlh, DEVLINK_ATTR_BUS_NAME, "pci");
	mnl_attr_put_strz(nlh, DEVLINK_ATTR_DEV_NAME, "0000:21:00.0");
	return nlh;
}

static void put_reloads(struct nlmsghdr *nlh, uint32_t count)
{
	static const uint16_t nested[] = {DEVLINK_ATTR_DEV_STATS, DEVLINK_ATTR_RELOAD_STATS,
		DEVLINK_ATTR_RELOAD_ACTION_INFO, DEVLINK_ATTR_RELOAD_ACTION_STATS,
		DEVLINK_ATTR_RELOAD_STATS_ENTRY};
	struct nlattr *open[ARRAY_SIZE(nested)];

	for (size_t i = 0; i < ARRAY_SIZE(nested); i++)
		open[i] = mnl_attr_nest_start(nlh, nested[i]);
	mnl_attr_put_u32(nlh, DEVLINK_ATTR_RELOAD_STATS_VALUE, count);
	for (size_t i = ARRAY_SIZE(nested); i-- > 0;)
		mnl_attr_nest_end(nlh, open[i]);
}

static void test_reload(void **state)
{
	struct nlmsghdr *nlh = devlink_message(DEVLINK_CMD_NEW);

	(void)state;
	put_reloads(nlh, 0);
	devlink(nlh, nlh->nlmsg_len);
	assert_int_equal(news.count, 0); /* it was there, never restarted */
	put_reloads(nlh, 2);
	devlink(nlh, nlh->nlmsg_len);
	assert_int_equal(news.items[0].kind, NEWS_RELOAD);
	assert_false(news.items[0].failed);
	assert_string_equal(news.items[0].handle, "pci/0000:21:00.0");
	nlh = devlink_message(DEVLINK_CMD_NEW);
	mnl_attr_put_u8(nlh, DEVLINK_ATTR_RELOAD_FAILED, 1);
	devlink(nlh, nlh->nlmsg_len);
	assert_true(news.items[1].failed);
	nlh = devlink_message(DEVLINK_CMD_PORT_NEW);
	devlink(nlh, nlh->nlmsg_len);
	assert_int_equal(news.count, 2);
}

static void test_health(void **state)
{
	struct nlmsghdr *nlh = devlink_message(DEVLINK_CMD_HEALTH_REPORTER_RECOVER);
	struct nlattr *list = mnl_attr_nest_start(nlh, DEVLINK_ATTR_HEALTH_REPORTER);

	(void)state;
	mnl_attr_put_strz(nlh, DEVLINK_ATTR_HEALTH_REPORTER_NAME, "tx");
	mnl_attr_put_u8(nlh, DEVLINK_ATTR_HEALTH_REPORTER_STATE, 1);
	mnl_attr_put_u64(nlh, DEVLINK_ATTR_HEALTH_REPORTER_ERR_COUNT, 3);
	mnl_attr_put_u64(nlh, DEVLINK_ATTR_HEALTH_REPORTER_RECOVER_COUNT, 2);
	mnl_attr_nest_end(nlh, list);
	devlink(nlh, nlh->nlmsg_len);
	assert_int_equal(news.count, 1);
	assert_int_equal(news.items[0].kind, NEWS_HEALTH);
	assert_string_equal(news.items[0].reporter, "tx");
	assert_false(news.items[0].healthy);
	assert_int_equal(news.items[0].errors, 3);
	assert_int_equal(news.items[0].recoveries, 2);
}

int main(void)
{
#define T(name) cmocka_unit_test_teardown(name, teardown)
	const struct CMUnitTest tests[] = {
		T(test_link),
		T(test_link_gone_and_moved),
		T(test_answers),
		T(test_other_messages),
		T(test_cut_short),
		T(test_uevent),
		T(test_uevents_that_are_none),
		T(test_reload),
		T(test_health),
	};

	return RUN(tests);
}
