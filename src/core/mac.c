#include "core/mac.h"

/* FNV-1a: spreads addresses that differ by one, as those of neighbouring ports do. */
static uint64_t mix(uint64_t hash, const void *data, size_t len)
{
	for (const uint8_t *p = data; len--; p++)
		hash = (hash ^ *p) * UINT64_C(0x100000001b3);
	return hash;
}

struct lladdr mac_auto(const struct lladdr *pf, uint32_t index, uint32_t attempt)
{
	struct lladdr mac = {.len = 6};
	uint8_t number[8];
	uint64_t hash;

	for (int i = 0; i < 4; i++) { /* the same on every machine, whatever its byte order */
		number[i] = (uint8_t)(index >> 8 * i);
		number[4 + i] = (uint8_t)(attempt >> 8 * i);
	}
	hash = mix(UINT64_C(0xcbf29ce484222325), pf->bytes, pf->len);
	hash = mix(hash, number, sizeof(number));
	hash ^= hash >> 32;
	for (int i = 0; i < 6; i++)
		mac.bytes[i] = (uint8_t)(hash >> 8 * i);
	mac.bytes[0] = (uint8_t)((mac.bytes[0] & ~1U) | 2U);
	return mac;
}
