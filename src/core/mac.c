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

static uint64_t key_of(const struct lladdr *mac)
{
	uint64_t key = 0;

	for (size_t i = 0; mac->len == 6 && i < 6; i++)
		key = key << 8 | mac->bytes[i];
	return key;
}

/* The slot of the key, or the empty one where it belongs. */
static struct mac_owner *slot_of(const struct mac_set *set, uint64_t key)
{
	size_t at = mix(UINT64_C(0xcbf29ce484222325), &key, sizeof(key)) & (set->room - 1);

	while (set->slots[at].owner && set->slots[at].key != key)
		at = (at + 1) & (set->room - 1);
	return &set->slots[at];
}

void mac_set_init(struct mac_set *set, struct arena *arena, size_t count)
{
	set->room = 16;
	while (set->room < 2 * count)
		set->room *= 2;
	set->slots = arena_alloc(arena, set->room * sizeof(*set->slots));
}

void mac_set_add(struct mac_set *set, const struct lladdr *mac, const char *owner)
{
	uint64_t key = key_of(mac);
	struct mac_owner *slot = key ? slot_of(set, key) : NULL;

	if (slot && !slot->owner)
		*slot = (struct mac_owner){key, owner};
}

const char *mac_set_owner(const struct mac_set *set, const struct lladdr *mac)
{
	uint64_t key = key_of(mac);

	return key ? slot_of(set, key)->owner : NULL;
}
