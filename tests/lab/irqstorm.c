/*
 * Lets a VF of igb (igbvf, Intel 82576) raise interrupts without end and without packets, as a
 * broken device would: it takes the moderation off its first two vectors and raises one of them by
 * software, again and again (datasheet of the 82576, VTEITR and VTEICS):
 *   irqstorm /sys/bus/pci/devices/BDF/resource0 VECTOR
 * A driver has the device, so the kernel must have been started with iomem=relaxed.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define VTEICS (0x1520 / 4)
#define VTEITR (0x1680 / 4)

int main(int argc, char **argv)
{
	volatile uint32_t *registers;
	uint32_t bit;
	int fd;

	if (argc != 3)
		return 2;
	bit = UINT32_C(1) << strtoul(argv[2], NULL, 10);
	fd = open(argv[1], O_RDWR | O_SYNC);
	registers = mmap(NULL, 0x4000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (registers == MAP_FAILED) {
		perror(argv[1]);
		return 1;
	}
	for (;;) {
		/* its driver sets it anew */
		registers[VTEITR] = registers[VTEITR + 1] = 0;
		for (int i = 0; i < 200; i++)
			registers[VTEICS] = bit;
	}
}
