/*
 * Opens a VF through vfio as a virtual machine would, and waits: vfio-open GROUP-NODE BDF
 */
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int container = open("/dev/vfio/vfio", O_RDWR);
	int group = argc == 3 ? open(argv[1], O_RDWR) : -1;

	if (group < 0 || ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) < 0 ||
		ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) < 0 ||
		ioctl(group, VFIO_GROUP_GET_DEVICE_FD, argv[2]) < 0) {
		perror("vfio-open");
		return 1;
	}
	for (;;)
		pause();
}
