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
		cmocka_unit_test(kernels_words),
		cmocka_unit_test(long_values),
	};

	return RUN(tests);
}
