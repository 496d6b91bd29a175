#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

/* Descriptors 0 to 2 closed by the caller must not become a sysfs file by accident. */
static int open_standard_files(void)
{
	int fd = -1;

	do {
		/* what is written to a closed stdout is lost, and must not succeed */
		fd = open("/dev/null", O_RDONLY);
	} while (fd >= 0 && fd <= 2);
	return fd;
}

int main(int argc, char **argv)
{
	static char buffer[65536]; /* glibc heeds the size only with a buffer */
	int spare = open_standard_files();

	if (spare >= 0)
		fcntl(spare, F_SETFD, FD_CLOEXEC);
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer)); /* JSON comes in many small pieces */
	exit(run(argc, argv));
}
