/*
 * Opens a VF through vfio as a virtual machine would, says "open", and waits; with -t it
 * leaves again at once, with -i it takes two of the device's MSI-X vectors first:
 *   vfio-open [-t | -i] GROUP-NODE BDF
 */
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static int take_vectors(int device)
{
	struct {
		struct vfio_irq_set set;
		int events[2];
	} irqs = {{.argsz = sizeof(irqs),
			  .flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
			  .index = VFIO_PCI_MSIX_IRQ_INDEX,
			  .count = 2},
		{eventfd(0, 0), eventfd(0, 0)}};

	return ioctl(device, VFIO_DEVICE_SET_IRQS, &irqs);
}

int main(int argc, char **argv)
{
	bool only_try = argc > 1 && strcmp(argv[1], "-t") == 0;
	bool vectors = argc > 1 && strcmp(argv[1], "-i") == 0;
	int container = open("/dev/vfio/vfio", O_RDWR), group, device;

	argv += only_try || vectors;
	if (argc - (only_try || vectors) != 3)
		return 2;
	group = open(argv[1], O_RDWR);
	if (container < 0 || group < 0)
		return fail(argv[1]);
	if (ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) < 0)
		return fail("vfio-open: group");
	if (ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) < 0)
		return fail("vfio-open: IOMMU");
	device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, argv[2]);
	if (device < 0)
		return fail("vfio-open: device");
	if (vectors && take_vectors(device) < 0)
		return fail("vfio-open: vectors");
	puts("open");
	fflush(stdout);
	while (!only_try)
		pause();
	return 0;
}
