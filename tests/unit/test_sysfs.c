#include "unit.h"

#include "fixture.h"

#include "kernel/sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static int dir;

static int setup(void **state)
{
	if (runtime_setup(state) < 0)
		return -1;
	dir = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	close(dir);
	return runtime_teardown(state);
}

static void put(const char *name, const char *text, size_t len)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
}
#define PUT(name, text) put(name, text, sizeof(text) - 1)

static void reads(void **state)
{
	char buf[8];

	(void)state;
	PUT("a", "igb\n");
	assert_int_equal(sysfs_read(dir, "a", buf, sizeof(buf)), 3);
	assert_string_equal(buf, "igb");
	PUT("a", "");
	assert_int_equal(sysfs_read(dir, "a", buf, sizeof(buf)), 0);
	assert_string_equal(buf, "");
	PUT("a", "one\ntwo\n");
	assert_int_equal(sysfs_read(dir, "a", buf, sizeof(buf)), 3);
	PUT("a", "ab\0cd");
	assert_int_equal(sysfs_read(dir, "a", buf, sizeof(buf)), 2);
	PUT("a", "123456789");
	assert_int_equal(sysfs_read(dir, "a", buf, sizeof(buf)), 7);
	assert_string_equal(buf, "1234567");
	assert_int_equal(sysfs_read(dir, "none", buf, sizeof(buf)), -ENOENT);
	assert_string_equal(buf, "");
	assert_int_equal(sysfs_read(dir, ".", buf, sizeof(buf)), -EISDIR);
	assert_string_equal(buf, "");
	assert_int_equal(sysfs_read(dir, "a/b", buf, sizeof(buf)), -ENOTDIR);
}

/* What no sysfs has, but a captured host may. */
static void refuses(void **state)
{
	char buf[8];
	int fd;

	(void)state;
	assert_int_equal(mkfifoat(dir, "fifo", 0600), 0);
	assert_int_equal(sysfs_read(dir, "fifo", buf, sizeof(buf)), -EINVAL);
	PUT("there", "x");
	assert_int_equal(symlinkat("there", dir, "link"), 0);
	assert_int_equal(sysfs_read(dir, "link", buf, sizeof(buf)), -ELOOP);
	PUT("endless", "x");
	fd = openat(dir, "endless", O_WRONLY);
	assert_int_equal(ftruncate(fd, (off_t)FILE_MOST + 1), 0);
	close(fd);
	assert_int_equal(sysfs_read(dir, "endless", buf, sizeof(buf)), -EFBIG);
}

static void numbers(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		uint64_t value;
		bool ok32;
		int32_t value32;
	} rows[] = {
		{"0\n", true, 0, true, 0},
		{"64\n", true, 64, true, 64},
		{"0x8086\n", true, 0x8086, false, 0},
		{"65535", true, 65535, true, 65535},
		{"65536", false, 0, true, 65536},
		{"-1\n", false, 0, true, -1},
		{"2147483647\n", false, 0, true, INT32_MAX},
		{"2147483648\n", false, 0, false, 0},
		{"-2147483647\n", false, 0, true, -INT32_MAX},
		{"--1\n", false, 0, false, 0},
		{"-\n", false, 0, false, 0},
		{"\n", false, 0, false, 0},
		{"", false, 0, false, 0},
		{"12 \n", false, 0, false, 0},
		{"many\n", false, 0, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t v = 4711;
		int32_t v32 = 4711;

		put("n", rows[i].text, strlen(rows[i].text));
		if (sysfs_read_uint(dir, "n", UINT16_MAX, &v) != rows[i].ok ||
			v != (rows[i].ok ? rows[i].value : 4711))
			fail_msg("'%s': %llu", rows[i].text, (unsigned long long)v);
		if (sysfs_read_int32(dir, "n", &v32) != rows[i].ok32 ||
			v32 != (rows[i].ok32 ? rows[i].value32 : 4711))
			fail_msg("'%s': %d", rows[i].text, v32);
	}
}

static void links(void **state)
{
	char buf[16];

	(void)state;
	assert_int_equal(symlinkat("../../../bus/pci/drivers/igb", dir, "driver"), 0);
	assert_int_equal(sysfs_link_name(dir, "driver", buf, sizeof(buf)), 3);
	assert_string_equal(buf, "igb");
	assert_int_equal(symlinkat("plain", dir, "p"), 0);
	assert_int_equal(sysfs_link_name(dir, "p", buf, sizeof(buf)), 5);
	assert_string_equal(buf, "plain");
	assert_int_equal(symlinkat("x/a-name-too-long-for-it", dir, "long"), 0);
	assert_int_equal(sysfs_link_name(dir, "long", buf, sizeof(buf)), -ENAMETOOLONG);
	assert_string_equal(buf, "");
	assert_int_equal(sysfs_link_name(dir, "none", buf, sizeof(buf)), -ENOENT);
	PUT("file", "");
	assert_int_equal(sysfs_link_name(dir, "file", buf, sizeof(buf)), -EINVAL);
}

static void lists(void **state)
{
	struct arena a = {0};
	struct strings names;

	(void)state;
	assert_int_equal(mkdirat(dir, "d", 0700), 0);
	assert_true(sysfs_list(dir, "d", &a, &names));
	assert_int_equal(names.count, 0);
	PUT("d/0000:21:00.1", "");
	PUT("d/.hidden", "");
	PUT("d/0000:21:00.0", "");
	PUT("d/0000:03:00.0", "");
	assert_true(sysfs_list(dir, "d", &a, &names));
	assert_int_equal(names.count, 3);
	assert_string_equal(names.items[0], "0000:03:00.0");
	assert_string_equal(names.items[1], "0000:21:00.0");
	assert_string_equal(names.items[2], "0000:21:00.1");
	assert_false(sysfs_list(dir, "none", &a, &names));
	assert_false(sysfs_list(dir, "d/.hidden", &a, &names));
	assert_int_equal(names.count, 0);
	arena_free(&a);
}

static void writes(void **state)
{
	char buf[16];

	(void)state;
	PUT("w", "");
	assert_int_equal(sysfs_write(dir, "w", "4"), 0);
	assert_int_equal(sysfs_read(dir, "w", buf, sizeof(buf)), 1);
	assert_string_equal(buf, "4");
	/* sysfs has the file or not: nothing is ever made */
	assert_int_equal(sysfs_write(dir, "none", "4"), -ENOENT);
	assert_int_equal(faccessat(dir, "none", F_OK, 0), -1);
	assert_int_equal(sysfs_write(dir, ".", "4"), -EISDIR);
	assert_int_equal(sysfs_write(AT_FDCWD, "/dev/full", "4"), -ENOSPC);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads),
		TEST(refuses),
		TEST(numbers),
		TEST(links),
		TEST(lists),
		TEST(writes),
	};

	return RUN(tests);
}
