#include "plan/explain.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ANY (-1)

/* The first row that fits counts. */
static const struct {
	int kind, attr, sys_errno; /* attr: of STEP_VF_ATTR */
	enum exit_code code;
	const char *meaning, *hint;
} meanings[] = {
	/* drivers/pci/pci-sysfs.c, drivers/pci/iov.c: sriov_numvfs_store */
	{STEP_NUM_VFS, ANY, EBUSY, EXIT_KERNEL, "the kernel says the device is busy",
		"someone else changed the number of VFs meanwhile; look with 'sriovctl vf list' "
		"and try again"},
	{STEP_NUM_VFS, ANY, ENOENT, EXIT_UNSUPPORTED, "the PF's driver cannot make VFs",
		"bind the PF to its network driver; vfio-pci wants its option enable_sriov"},
	{STEP_NUM_VFS, ANY, ERANGE, EXIT_USAGE, "more VFs than the device has", NULL},
	{STEP_NUM_VFS, ANY, ENOSPC, EXIT_KERNEL, "the device has no interrupt vectors left",
		"ask for fewer VFs, or give each VF fewer MSI-X vectors"},
	{STEP_NUM_VFS, ANY, ENOMEM, EXIT_KERNEL, "no room for the VFs' memory or bus numbers",
		"the firmware reserved too little; the kernel option pci=realloc often helps, and "
		"so does 'Above 4G decoding' in the BIOS"},
	{STEP_NUM_VFS, ANY, EIO, EXIT_KERNEL, "the device did not answer as it should",
		"see the kernel log: dmesg"},
	/* drivers/pci/iov.c: sriov_vf_msix_count_store */
	{STEP_VF_MSIX, ANY, EBUSY, EXIT_KERNEL, "a driver has the VF",
		"unbind it first: sriovctl vf unbind VF"},
	{STEP_VF_MSIX, ANY, ENOSPC, EXIT_KERNEL, "the device has not that many vectors left",
		"give other VFs fewer first"},
	{STEP_VF_MSIX, ANY, EINVAL, EXIT_KERNEL, "not a number of vectors this device can give",
		"see sriov_vf_total_msix of the PF below /sys/bus/pci/devices"},
	/* drivers/vfio/pci, drivers/base/dd.c */
	{STEP_VF_DRIVER, ANY, EINVAL, EXIT_KERNEL, "the driver would not take the device",
		"vfio-pci wants an IOMMU; see the kernel log: dmesg"},
	{STEP_VF_DRIVER, ANY, ENODEV, EXIT_KERNEL,
		"that driver is not for this device, or could not start it",
		"see the kernel log: dmesg"},
	{STEP_VF_DRIVER, ANY, EBUSY, EXIT_KERNEL, "the device is busy",
		"someone else has bound it meanwhile; look with 'sriovctl vf list'"},
	{STEP_VFIO_NODE, ANY, ENOENT, EXIT_KERNEL, "the node has not appeared",
		"is /dev a devtmpfs? see the kernel log: dmesg"},
	/* drivers/pci/pci.c: pci_reset_function */
	{STEP_VF_RESET, ANY, ENOTTY, EXIT_UNSUPPORTED, "the device has no function-level reset",
		NULL},
	{STEP_VF_RESET, ANY, EBUSY, EXIT_REFUSED, "a driver has taken it meanwhile",
		"look with 'sriovctl vf list' and try again"},
	/* net/core/rtnetlink.c: do_setvfinfo, and what drivers make of it */
	{STEP_VF_ATTR, VF_MAX_TX_RATE, EINVAL, EXIT_KERNEL,
		"the driver does not take this rate now",
		"most want it between their least step and the speed of the link, which must be "
		"up"},
	{STEP_VF_ATTR, VF_MIN_TX_RATE, EINVAL, EXIT_KERNEL, "the driver guarantees no such rate",
		"many can only limit: max_tx_rate; the sum of guarantees must fit the link"},
	{STEP_VF_ATTR, VF_PROTO, EPROTONOSUPPORT, EXIT_UNSUPPORTED,
		"this driver knows no such VLAN protocol", "use proto 802.1q"},
	{STEP_VF_ATTR, VF_VLAN, EPERM, EXIT_KERNEL, "this host may not set the VF's VLAN",
		"on a DPU the eswitch belongs to the card's own processor; on the host: root"},
	{STEP_VF_ATTR, VF_MAC, EINVAL, EXIT_KERNEL, "the driver does not take this address",
		"see the kernel log: dmesg"},
	{STEP_VF_ATTR, ANY, EINVAL, EXIT_KERNEL, "the driver does not take this value",
		"see the kernel log: dmesg"},
	{STEP_VF_ATTR, ANY, EAGAIN, EXIT_KERNEL, "the VF is still in reset",
		"try again in a moment"},
	{STEP_VF_ATTR, ANY, EBUSY, EXIT_KERNEL, "the VF or its PF is in reset",
		"try again in a moment"},
	{STEP_IF_NAME, ANY, EEXIST, EXIT_KERNEL, "another interface has that name",
		"rename that one; then rename this one: ip link set dev IF name NAME"},
	{STEP_IF_MTU, ANY, EINVAL, EXIT_KERNEL, "the interface does not take this MTU",
		"a VF's is often limited by that of its PF"},
	{STEP_IF_UP, ANY, EADDRNOTAVAIL, EXIT_KERNEL, "the interface has no valid address",
		"give it one: sriovctl vf set VF mac auto; and see that its PF is up"},
	{STEP_IF_NETNS, ANY, EEXIST, EXIT_KERNEL, "an interface there has that name",
		"choose another: name IF"},
	{STEP_IF_NETNS, ANY, ENOENT, EXIT_NOT_FOUND, "that network namespace has gone", NULL},
	{STEP_IF_NETNS, ANY, EINVAL, EXIT_KERNEL, "the interface may not leave its namespace",
		"see the kernel log: dmesg"},
	{STEP_IF_MAC, ANY, EADDRNOTAVAIL, EXIT_KERNEL, "the interface does not take this address",
		"see what its PF has: sriovctl vf show VF"},
	{STEP_IF_ADDRESS, ANY, EACCES, EXIT_KERNEL, "IPv6 is off there",
		"see net.ipv6.conf.all.disable_ipv6 in that namespace"},
	{STEP_IF_GATEWAY, ANY, EEXIST, EXIT_KERNEL, "there is another default route already",
		"see 'ip route' in that namespace"},
	{STEP_IF_GATEWAY, ANY, ENETUNREACH, EXIT_KERNEL, "nothing leads to it",
		"add an address of its network: address CIDR"},
	{STEP_IF_GATEWAY, ANY, EHOSTUNREACH, EXIT_KERNEL, "nothing leads to it",
		"add an address of its network: address CIDR"},
	/* any */
	{ANY, ANY, EPERM, EXIT_KERNEL, "not permitted",
		"run as root; inside a container or under kernel lockdown root is not enough"},
	{ANY, ANY, EACCES, EXIT_KERNEL, "not permitted", "run as root: sudo"},
	{ANY, ANY, EROFS, EXIT_KERNEL, "sysfs is mounted read-only",
		"inside a container? run on the host"},
	{ANY, ANY, ENODEV, EXIT_NOT_FOUND, "the device has gone", "see 'sriovctl pf list'"},
	{ANY, ANY, EOPNOTSUPP, EXIT_UNSUPPORTED, "this driver has no such setting", NULL},
	{ANY, ANY, EPROTONOSUPPORT, EXIT_UNSUPPORTED, "this driver cannot do that", NULL},
	{ANY, ANY, EINTR, EXIT_KERNEL, "interrupted while the kernel was at work",
		"look with 'sriovctl vf list' before going on"},
	{ANY, ANY, ETIMEDOUT, EXIT_TIMED_OUT, "the kernel has not finished in time",
		"it may still do so: look with 'sriovctl vf list'; --timeout S waits longer"},
};

static bool fits(size_t row, const struct step *step, int sys_errno)
{
	return meanings[row].sys_errno == sys_errno &&
	       (meanings[row].kind == ANY || meanings[row].kind == (int)step->kind) &&
	       (meanings[row].attr == ANY || meanings[row].attr == (int)step->attr);
}

int explain_step(const struct step *step, int sys_errno, const char *extack, struct error *err)
{
	char new[VALUE_TEXT_MAX];
	const char *meaning = "the kernel refused";
	const char *hint = "see the kernel log: dmesg";
	enum exit_code code = EXIT_KERNEL;

	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
		if (!fits(i, step, sys_errno))
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
