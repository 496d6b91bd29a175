/*
 * Opens a VF through vfio as a virtual machine would, says "open", and waits; with -t it
 * leaves again at once:
 *   vfio-open [-t] GROUP-NODE BDF
 */
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int fail(const char *what)
{
	perror(what);
	return 1;
}

int main(int argc, char **argv)
{
	bool only_try = argc > 1 && strcmp(argv[1], "-t") == 0;
	int container = open("/dev/vfio/vfio", O_RDWR), group;

	argv += only_try;
	if (argc - only_try != 3)
		return 2;
	group = open(argv[1], O_RDWR);
	if (container < 0 || group < 0)
		return fail(argv[1]);
	if (ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) < 0)
		return fail("vfio-open: group");
	if (ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) < 0)
		return fail("vfio-open: IOMMU");
	if (ioctl(group, VFIO_GROUP_GET_DEVICE_FD, argv[2]) < 0)
		return fail("vfio-open: device");
	puts("open");
	fflush(stdout);
	while (!only_try)
		pause();
	return 0;
}
