/* PCI addresses: domain:bus:device.function. Domains may have more than four digits (VMD). */
#ifndef CORE_BDF_H
#define CORE_BDF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bdf {
	uint32_t domain;
	uint8_t bus;
	uint8_t devfn; /* device << 3 | function */
};

#define BDF_SIZE 20 /* "ffffffff:ff:1f.7" and its terminator */

/* "0000:21:00.0", or without the domain "21:00.0" (then domain 0). False when it is none. */
bool bdf_parse(const char *s, struct bdf *bdf);
void bdf_format(struct bdf bdf, char out[BDF_SIZE]);
int bdf_compare(struct bdf a, struct bdf b);

static inline uint64_t bdf_key(struct bdf b)
{
	return (uint64_t)b.domain << 16 | (uint64_t)b.bus << 8 | b.devfn;
}

#endif
