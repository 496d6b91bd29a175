/* What drivers say and count: as it is kept in snapshots, and how it comes to the VFs. */
#include "unit.h"

#include "core/counter.h"
#include "kernel/ethtool.h"
#include "util/cleanup.h"

#include <errno.h>
#include <net/if.h>

static void add(struct driver_stats *stats, const char *name, uint64_t value)
{
	stats->items = realloc(stats->items, (stats->count + 1) * sizeof(*stats->items));
	memset(&stats->items[stats->count], 0, sizeof(*stats->items));
	memcpy(stats->items[stats->count].name, name, strlen(name));
	stats->items[stats->count++].value = value;
	stats->room = stats->count;
}

/* Decode a copy that ends where the allocation does, for the address sanitizer. */
static void decode_stats(const char *text, size_t len, struct driver_stats *stats)
{
	char *copy = malloc(len + !len);

	memcpy(copy, text, len);
	ethtool_decode_stats(copy, len, stats);
	free(copy);
}

static void decode_info(const char *text, size_t len, struct driver_info *info)
{
	char *copy = malloc(len + !len);

	memcpy(copy, text, len);
	ethtool_decode_info(copy, len, info);
	free(copy);
}

static void stats_come_back(void **state)
{
	struct driver_stats before = {0}, after = {0};
	struct buffer text = {0};

	(void)state;
	add(&before, "rx_packets", 0);
	add(&before, "a name that has blanks and is 32 ", UINT64_MAX);
	before.items[1].name[32] = 0;
	add(&before, "TxDroppedFrames   ", 12);
	add(&before, "", 5);
	add(&before, "two\nlines", 6);
	ethtool_encode_stats(&before, &text);
	decode_stats(text.data, text.len, &after);
	assert_int_equal(after.count, before.count);
	for (size_t i = 0; i < after.count; i++) {
		assert_true(after.items[i].value == before.items[i].value);
		assert_string_equal(
			after.items[i].name, i == 4 ? "two lines" : before.items[i].name);
	}
	driver_stats_free(&before);
	driver_stats_free(&after);
	buffer_free(&text);
}

static void info_comes_back(void **state)
{
	struct driver_info before = {.driver = "igb",
		.version = "6.12.0-amd64-with-a-long-suffix-",
		.firmware = "3.30, 0x80000a01",
		.bus_info = ""};
	struct driver_info after;
	struct buffer text = {0};

	(void)state;
	ethtool_encode_info(&before, &text);
	decode_info(text.data, text.len, &after);
	assert_string_equal(after.driver, before.driver);
	assert_string_equal(after.version, before.version);
	assert_string_equal(after.firmware, before.firmware);
	assert_string_equal(after.bus_info, "");
	buffer_free(&text);
}

/* Files can be edited, or be none of ours. */
static void damaged(void **state)
{
	static const char text[] = "1 good\n2\n -3 bad\n0x4 bad\n99999999999999999999 bad\n\n"
				   "5 a-name-much-longer-than-the-kernel-has-room-for\n"
				   "12345678901234567890123456789012345678901234567890 bad\n6 last";
	struct driver_stats stats = {0};
	struct driver_info info;

	(void)state;
	decode_stats(text, sizeof(text) - 1, &stats);
	assert_int_equal(stats.count, 3);
	assert_string_equal(stats.items[0].name, "good");
	assert_int_equal(stats.items[1].value, 5);
	assert_string_equal(stats.items[1].name, "a-name-much-longer-than-the-kern");
	assert_int_equal(stats.items[2].value, 6);
	for (size_t cut = 0; cut < sizeof(text); cut++)
		decode_stats(text, cut, &stats);
	decode_stats("1 a\0b\n", 6, &stats);
	assert_int_equal(stats.count, 1);
	assert_string_equal(stats.items[0].name, "a");
	decode_stats("", 0, &stats);
	assert_int_equal(stats.count, 0);
	driver_stats_free(&stats);

	decode_info("firmware\ndriver \nfirmwares 1\nversion 2", 39, &info);
	assert_string_equal(info.firmware, "");
	assert_string_equal(info.driver, "");
	assert_string_equal(info.version, "2");
}

static struct host look(const char *dir, unsigned needs)
{
	struct kernel k;
	struct error err = {0};
	struct host host;

	assert_int_equal(kernel_open(&k, dir, &err), 0);
	assert_int_equal(discover(&k, needs, &host, &err), 0);
	kernel_close(&k);
	return host;
}

#define BIT(c) (UINT64_C(1) << (c))

static void counters_of_vfs(void **state)
{
	struct host host = look("tests/fixtures/basic", NEED_VFS | NEED_NETNS | NEED_DRIVER_STATS);
	const struct driver_counters *c;

	(void)state;
	assert_int_equal(host.vf_count, 5);
	c = host.vfs[0].driver_counters; /* igbvf */
	assert_non_null(c);
	assert_int_equal(c->known, BIT(DRIVER_RX_ALLOC_FAILED));
	assert_int_equal(c->narrow, BIT(DRIVER_RX_ALLOC_FAILED));
	assert_int_equal(c->value[DRIVER_RX_ALLOC_FAILED], 3);
	assert_null(host.vfs[1].driver_counters); /* nothing was recorded of it */
	c = host.vfs[3].driver_counters;          /* iavf */
	assert_non_null(c);
	assert_int_equal(c->known, BIT(DRIVER_RX_NO_BUFFER));
	assert_int_equal(c->narrow, 0);
	assert_int_equal(c->value[DRIVER_RX_NO_BUFFER], 7);
	assert_false(pf_has(&host.pfs[0], PF_FIRMWARE)); /* not asked for */
	host_free(&host);
	host = look("tests/fixtures/basic", NEED_VFS | NEED_NETNS | NEED_FIRMWARE);
	assert_null(host.vfs[0].driver_counters);
	assert_string_equal(host.pfs[0].firmware, "3.30, 0x80000a01");
	host_free(&host);
}

static void counters_elsewhere(void **state)
{
	struct host host = look("tests/fixtures/netns", NEED_VFS | NEED_NETNS | NEED_DRIVER_STATS);

	(void)state;
	assert_string_equal(host.vfs[0].netns, "blue");
	assert_non_null(host.vfs[0].driver_counters);
	assert_int_equal(host.vfs[0].driver_counters->value[DRIVER_RX_ALLOC_FAILED], 21);
	assert_non_null(host.vfs[1].driver_counters);
	assert_int_equal(host.vfs[1].driver_counters->value[DRIVER_RX_ALLOC_FAILED], 5);
	assert_string_equal(host.vfs[2].ifname, "net2");
	assert_null(host.vfs[2].driver_counters);
	host_free(&host);
}

/* Of the machine this runs on: the loopback has a driver without statistics. */
static void live(void **state)
{
	struct ethtool e;
	struct driver_info info;
	struct driver_stats stats = {0};
	int lo = (int)if_nametoindex("lo");

	(void)state;
	if (!lo)
		skip();
	assert_int_equal(ethtool_open(&e, -1), 0);
	assert_int_equal(ethtool_stats(&e, lo, "lo", &stats), -EOPNOTSUPP);
	assert_int_equal(ethtool_stats(&e, INT32_MAX, "lo", &stats), -ENODEV);
	assert_int_equal(ethtool_info(&e, INT32_MAX, "lo", &info), -ENODEV);
	assert_int_equal(stats.count, 0);
	driver_stats_free(&stats);
	ethtool_close(&e);
	ethtool_close(&e); /* nothing to close */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stats_come_back),
		cmocka_unit_test(info_comes_back),
		cmocka_unit_test(damaged),
		cmocka_unit_test(counters_of_vfs),
		cmocka_unit_test(counters_elsewhere),
		cmocka_unit_test(live),
	};

	return RUN(tests);
}
