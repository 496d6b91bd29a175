#include "plan/explain.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ANY (-1)

/* The first row that fits counts. */
static const struct {
	int kind, sys_errno;
	enum exit_code code;
	const char *meaning, *hint;
} meanings[] = {
	/* drivers/pci/pci-sysfs.c, drivers/pci/iov.c: sriov_numvfs_store */
	{STEP_NUM_VFS, EBUSY, EXIT_KERNEL, "the kernel says the device is busy",
		"someone else changed the number of VFs meanwhile; look with 'sriovctl vf list' "
		"and try again"},
	{STEP_NUM_VFS, ENOENT, EXIT_UNSUPPORTED, "the PF's driver cannot make VFs",
		"bind the PF to its network driver; vfio-pci wants its option enable_sriov"},
	{STEP_NUM_VFS, ERANGE, EXIT_USAGE, "more VFs than the device has", NULL},
	{STEP_NUM_VFS, ENOSPC, EXIT_KERNEL, "the device has no interrupt vectors left",
		"ask for fewer VFs, or give each VF fewer MSI-X vectors"},
	{STEP_NUM_VFS, ENOMEM, EXIT_KERNEL, "no room for the VFs' memory or bus numbers",
		"the firmware reserved too little; the kernel option pci=realloc often helps, and "
		"so does 'Above 4G decoding' in the BIOS"},
	{STEP_NUM_VFS, EIO, EXIT_KERNEL, "the device did not answer as it should",
		"see the kernel log: dmesg"},
	{STEP_IF_NAME, EEXIST, EXIT_PARTLY, "another interface has that name",
		"rename that one; then rename this one: ip link set dev IF name NAME"},
	/* any */
	{ANY, EPERM, EXIT_KERNEL, "not permitted",
		"run as root; inside a container or under kernel lockdown root is not enough"},
	{ANY, EACCES, EXIT_KERNEL, "not permitted", "run as root: sudo"},
	{ANY, EROFS, EXIT_KERNEL, "sysfs is mounted read-only",
		"inside a container? run on the host"},
	{ANY, ENODEV, EXIT_NOT_FOUND, "the device has gone", "see 'sriovctl pf list'"},
	{ANY, EOPNOTSUPP, EXIT_UNSUPPORTED, "this driver has no such setting", NULL},
	{ANY, EPROTONOSUPPORT, EXIT_UNSUPPORTED, "this driver cannot do that", NULL},
	{ANY, EINTR, EXIT_KERNEL, "interrupted while the kernel was at work",
		"look with 'sriovctl vf list' before going on"},
	{ANY, ETIMEDOUT, EXIT_TIMED_OUT, "the kernel has not finished in time",
		"it may still do so: look with 'sriovctl vf list'; --timeout S waits longer"},
};

int explain_step(const struct step *step, int sys_errno, const char *extack, struct error *err)
{
	char new[VALUE_TEXT_MAX];
	const char *meaning = "the kernel refused";
	const char *hint = "see the kernel log: dmesg";
	enum exit_code code = EXIT_KERNEL;

	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
		if (meanings[i].sys_errno != sys_errno ||
			(meanings[i].kind != ANY && meanings[i].kind != (int)step->kind))
			continue;
		meaning = meanings[i].meaning;
		hint = meanings[i].hint;
		code = meanings[i].code;
		break;
	}
	value_format(&step->new, new, sizeof(new));
	error_errno(
		err, code, sys_errno, "cannot set it to %s: %s", new[0] ? new : "none", meaning);
	if (extack && extack[0])
		snprintf(err->kernel, sizeof(err->kernel), "%s (%s)", strerror(sys_errno), extack);
	error_about(err, step->object, step->key);
	if (hint)
		error_hint(err, "%s", hint);
	return -1;
}
