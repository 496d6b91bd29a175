#include "unit.h"

#include "plan/explain.h"

#include <errno.h>

#define ROWS                                                                                       \
	X(STEP_NUM_VFS, EBUSY, EXIT_KERNEL, "busy", "vf list")                                     \
	X(STEP_NUM_VFS, ENOENT, EXIT_UNSUPPORTED, "driver cannot make VFs", "enable_sriov")        \
	X(STEP_NUM_VFS, ERANGE, EXIT_USAGE, "more VFs than", "")                                   \
	X(STEP_NUM_VFS, ENOSPC, EXIT_KERNEL, "interrupt vectors", "MSI-X")                         \
	X(STEP_NUM_VFS, ENOMEM, EXIT_KERNEL, "no room", "pci=realloc")                             \
	X(STEP_NUM_VFS, EIO, EXIT_KERNEL, "did not answer", "dmesg")                               \
	/* elsewhere these mean nothing special */                                                 \
	X(STEP_AUTOPROBE, EBUSY, EXIT_KERNEL, "the kernel refused", "dmesg")                       \
	X(STEP_VF_DRIVER, ENOENT, EXIT_KERNEL, "the kernel refused", "dmesg")                      \
	X(STEP_VF_ATTR, ERANGE, EXIT_KERNEL, "the kernel refused", "dmesg")                        \
	X(STEP_IF_MTU, ENOSPC, EXIT_KERNEL, "the kernel refused", "dmesg")                         \
	X(STEP_IF_NAME, ENOMEM, EXIT_KERNEL, "the kernel refused", "dmesg")                        \
	X(STEP_AUTOPROBE, EIO, EXIT_KERNEL, "the kernel refused", "dmesg")                         \
	X(STEP_AUTOPROBE, EINVAL, EXIT_KERNEL, "the kernel refused", "dmesg")                      \
	/* these do everywhere */                                                                  \
	X(STEP_NUM_VFS, EPERM, EXIT_KERNEL, "not permitted", "root")                               \
	X(STEP_VF_ATTR, EPERM, EXIT_KERNEL, "not permitted", "lockdown")                           \
	X(STEP_VF_ATTR, EACCES, EXIT_KERNEL, "not permitted", "sudo")                              \
	X(STEP_AUTOPROBE, EROFS, EXIT_KERNEL, "read-only", "container")                            \
	X(STEP_NUM_VFS, ENODEV, EXIT_NOT_FOUND, "has gone", "pf list")                             \
	X(STEP_IF_UP, ENODEV, EXIT_NOT_FOUND, "has gone", "pf list")                               \
	X(STEP_VF_ATTR, EOPNOTSUPP, EXIT_UNSUPPORTED, "no such setting", "")                       \
	X(STEP_VF_ATTR, EPROTONOSUPPORT, EXIT_UNSUPPORTED, "cannot do that", "")                   \
	X(STEP_NUM_VFS, EINTR, EXIT_KERNEL, "interrupted", "vf list")                              \
	X(STEP_NUM_VFS, ETIMEDOUT, EXIT_TIMED_OUT, "not finished in time", "--timeout")

static void rows(void **state)
{
	static const struct {
		enum step_kind kind;
		int sys_errno;
		enum exit_code code;
		const char *meaning, *hint;
	} rows_[] = {
#define X(kind, sys_errno, code, meaning, hint) {kind, sys_errno, code, meaning, hint},
		ROWS
#undef X
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows_); i++) {
		struct step s = {.kind = rows_[i].kind,
			.object = "eth0",
			.key = "num_vfs",
			.new = value_uint(4)};
		struct error err = {.hint = "old", .message = "old"};

		assert_int_equal(explain_step(&s, rows_[i].sys_errno, NULL, &err), -1);
		if (err.code != rows_[i].code)
			fail_msg("row %zu: code %d", i, err.code);
		assert_int_equal(err.sys_errno, rows_[i].sys_errno);
		assert_contains(err.message, "cannot set it to 4: ");
		assert_contains(err.message, rows_[i].meaning);
		if (rows_[i].hint[0])
			assert_contains(err.hint, rows_[i].hint);
		else
			assert_string_equal(err.hint, "");
		assert_string_equal(err.object, "eth0");
		assert_string_equal(err.attr, "num_vfs");
		assert_string_equal(err.kernel, strerror(rows_[i].sys_errno));
	}
}

static void kernels_words(void **state)
{
	struct step s = {.kind = STEP_VF_ATTR, .object = "eth0/3", .key = "vlan"};
	struct error err;
	char longer[1000];

	(void)state;
	explain_step(&s, EINVAL, "VLAN out of range", &err);
	assert_string_equal(err.kernel, "Invalid argument (VLAN out of range)");
	assert_contains(err.message, "cannot set it to none");
	explain_step(&s, EINVAL, "", &err);
	assert_string_equal(err.kernel, "Invalid argument");
	memset(longer, 'w', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
	explain_step(&s, EINVAL, longer, &err);
	assert_int_equal(strlen(err.kernel), sizeof(err.kernel) - 1);
}

/* Rows that look at the attribute, and those that are of one kind of step. */
static void rows_of_attributes(void **state)
{
	static const struct {
		enum step_kind kind;
		enum vf_attr attr;
		int sys_errno;
		enum exit_code code;
		const char *meaning, *hint;
	} rows_[] = {
		{STEP_VF_ATTR, VF_MAX_TX_RATE, EINVAL, EXIT_KERNEL, "does not take this rate now",
			"link"},
		{STEP_VF_ATTR, VF_MIN_TX_RATE, EINVAL, EXIT_KERNEL, "guarantees no such rate",
			"max_tx_rate"},
		{STEP_VF_ATTR, VF_MAC, EINVAL, EXIT_KERNEL, "does not take this address", "dmesg"},
		{STEP_VF_ATTR, VF_VLAN, EINVAL, EXIT_KERNEL, "does not take this value", "dmesg"},
		{STEP_VF_ATTR, VF_PROTO, EPROTONOSUPPORT, EXIT_UNSUPPORTED, "no such VLAN protocol",
			"802.1q"},
		{STEP_VF_ATTR, VF_VLAN, EPROTONOSUPPORT, EXIT_UNSUPPORTED, "cannot do that", ""},
		{STEP_VF_ATTR, VF_VLAN, EPERM, EXIT_KERNEL, "may not set the VF's VLAN", "DPU"},
		{STEP_VF_ATTR, VF_MAC, EPERM, EXIT_KERNEL, "not permitted", "root"},
		{STEP_VF_ATTR, VF_TRUST, EAGAIN, EXIT_KERNEL, "still in reset", "try again"},
		{STEP_VF_ATTR, VF_TRUST, EBUSY, EXIT_KERNEL, "in reset", "try again"},
		{STEP_VF_ATTR, VF_TRUST, EOPNOTSUPP, EXIT_UNSUPPORTED, "no such setting", ""},
		{STEP_VF_MSIX, 0, EBUSY, EXIT_KERNEL, "a driver has the VF", "vf unbind"},
		{STEP_VF_MSIX, 0, ENOSPC, EXIT_KERNEL, "not that many vectors", "other VFs"},
		{STEP_VF_MSIX, 0, EINVAL, EXIT_KERNEL, "not a number of vectors",
			"sriov_vf_total_msix"},
		{STEP_VF_DRIVER, 0, EINVAL, EXIT_KERNEL, "would not take the device", "IOMMU"},
		{STEP_VF_DRIVER, 0, ENODEV, EXIT_KERNEL, "not for this device", "dmesg"},
		{STEP_VF_DRIVER, 0, EBUSY, EXIT_KERNEL, "the device is busy", "vf list"},
		{STEP_VF_OVERRIDE, 0, ENODEV, EXIT_NOT_FOUND, "has gone", "pf list"},
		{STEP_VFIO_NODE, 0, ENOENT, EXIT_KERNEL, "node has not appeared", "devtmpfs"},
		{STEP_VF_RESET, 0, ENOTTY, EXIT_UNSUPPORTED, "no function-level reset", ""},
		{STEP_VF_RESET, 0, EBUSY, EXIT_REFUSED, "a driver has taken it", "try again"},
		{STEP_IF_NAME, 0, EEXIST, EXIT_KERNEL, "another interface has that name",
			"ip link"},
		{STEP_IF_MTU, 0, EINVAL, EXIT_KERNEL, "does not take this MTU", "PF"},
		{STEP_IF_UP, 0, EADDRNOTAVAIL, EXIT_KERNEL, "no valid address", "mac auto"},
		{STEP_IF_NETNS, 0, EEXIST, EXIT_KERNEL, "an interface there has that name",
			"name IF"},
		{STEP_IF_NETNS, 0, ENOENT, EXIT_NOT_FOUND, "that network namespace has gone", ""},
		{STEP_IF_NETNS, 0, EINVAL, EXIT_KERNEL, "may not leave its namespace", "dmesg"},
		{STEP_IF_NETNS, 0, ENODEV, EXIT_NOT_FOUND, "has gone", "pf list"},
		{STEP_IF_NETNS, 0, EPERM, EXIT_KERNEL, "not permitted", "root"},
		{STEP_IF_MAC, 0, EADDRNOTAVAIL, EXIT_KERNEL, "does not take this address",
			"vf show"},
		{STEP_IF_ADDRESS, 0, EACCES, EXIT_KERNEL, "IPv6 is off there", "disable_ipv6"},
		{STEP_IF_GATEWAY, 0, EEXIST, EXIT_KERNEL, "another default route", "ip route"},
		{STEP_IF_GATEWAY, 0, ENETUNREACH, EXIT_KERNEL, "nothing leads to it", "address"},
		{STEP_IF_GATEWAY, 0, EHOSTUNREACH, EXIT_KERNEL, "nothing leads to it", "address"},
		/* the same errno means nothing special for another kind */
		{STEP_LEASE, 0, EEXIST, EXIT_KERNEL, "the kernel refused", "dmesg"},
		{STEP_IF_GATEWAY, 0, EACCES, EXIT_KERNEL, "not permitted", "sudo"},
		{STEP_IF_ADDRESS, 0, ENETUNREACH, EXIT_KERNEL, "the kernel refused", "dmesg"},
		{STEP_IF_MAC, 0, EEXIST, EXIT_KERNEL, "the kernel refused", "dmesg"},
		{STEP_IF_NAME, 0, EINVAL, EXIT_KERNEL, "the kernel refused", "dmesg"},
		{STEP_IF_ALTNAME, 0, EEXIST, EXIT_KERNEL, "the kernel refused", "dmesg"},
		{STEP_VF_RESET, 0, EINVAL, EXIT_KERNEL, "the kernel refused", "dmesg"},
		{STEP_VF_OVERRIDE, 0, EINVAL, EXIT_KERNEL, "the kernel refused", "dmesg"},
		{STEP_VF_ATTR, VF_TRUST, EEXIST, EXIT_KERNEL, "the kernel refused", "dmesg"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows_); i++) {
		struct step s = {.kind = rows_[i].kind,
			.attr = rows_[i].attr,
			.object = "eth0/3",
			.key = "key",
			.new = value_uint(4)};
		struct error err = {.hint = "old"};

		assert_int_equal(explain_step(&s, rows_[i].sys_errno, NULL, &err), -1);
		if (!strstr(err.message, rows_[i].meaning) || err.code != rows_[i].code)
			fail_msg("row %zu: %d, %s", i, err.code, err.message);
		if (rows_[i].hint[0])
			assert_contains(err.hint, rows_[i].hint);
		else
			assert_string_equal(err.hint, "");
		assert_string_equal(err.object, "eth0/3");
		assert_string_equal(err.attr, "key");
	}
}

/* A name that people chose must fit or be cut, never overflow. */
static void long_values(void **state)
{
	char longer[2000];
	struct step s = {.kind = STEP_IF_ALTNAME, .object = longer, .key = "altname"};
	struct error err;

	(void)state;
	memset(longer, 'n', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
	s.new = value_string(longer);
	explain_step(&s, EPERM, NULL, &err);
	assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
	assert_int_equal(strlen(err.object), sizeof(err.object) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(rows_of_attributes),
		cmocka_unit_test(kernels_words),
		cmocka_unit_test(long_values),
	};

	return RUN(tests);
}
