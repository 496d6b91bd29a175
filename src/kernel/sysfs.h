/* Small files and links below a directory descriptor. */
#ifndef KERNEL_SYSFS_H
#define KERNEL_SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "util/arena.h"

/* "0000:21:00.0/driver", below bus/pci/devices: buf. */
const char *sysfs_in_device(char *buf, size_t size, struct bdf bdf, const char *file);
#define FILE_MOST (256 << 20) /* bytes; a thousand CPUs with ten thousand interrupts need half */
/* A file to be read: a descriptor, or -errno. A regular one of at most FILE_MOST, as all of sysfs
 * and procfs are: in a captured host there may be a FIFO, a link to a device, or a file without end
 * in its place. */
int sysfs_open(int dir, const char *path);
/* The text of a small file without its last newline: its length, or -errno. A NUL byte
 * inside ends the text. */
int sysfs_read(int dir, const char *path, char *buf, size_t size);
/* A whole unsigned number, decimal or 0x hex. False when unreadable or malformed. */
bool sysfs_read_uint(int dir, const char *path, uint64_t max, uint64_t *value);
bool sysfs_read_uint32(int dir, const char *path, uint32_t *value);
bool sysfs_read_int32(int dir, const char *path, int32_t *value);
/* The last component of where a symbolic link points: its length, or -errno. */
int sysfs_link_name(int dir, const char *path, char *buf, size_t size);
/* Names in a directory, sorted, in the arena; false when it cannot be read. */
bool sysfs_list(int dir, const char *path, struct arena *arena, struct strings *names);
/* One write(2) of the whole text: 0 or -errno. Blocks as long as the kernel does. */
int sysfs_write(int dir, const char *path, const char *text);

#endif
