/* Addresses and names, each of which one VF alone can have. */
#include "policy/parts.h"

#include <string.h>

struct taken {
	struct arena *arena;
	struct taken_by *slots;
	size_t room; /* a power of two */
	size_t count;
};

/* FNV-1a. */
static size_t hash_of(const char *key)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *key; key++)
		hash = (hash ^ (uint8_t)*key) * UINT64_C(0x100000001b3);
	return (size_t)(hash ^ hash >> 32);
}

static struct taken_by *slot_of(const struct taken *t, const char *key)
{
	size_t at = hash_of(key) & (t->room - 1);

	while (t->slots[at].key && strcmp(t->slots[at].key, key) != 0)
		at = (at + 1) & (t->room - 1);
	return &t->slots[at];
}

static void make_room(struct taken *t, size_t room)
{
	struct taken_by *old = t->slots;
	size_t old_room = t->room;

	t->slots = arena_alloc(t->arena, room * sizeof(*t->slots));
	t->room = room;
	for (size_t i = 0; i < old_room; i++)
		if (old[i].key)
			*slot_of(t, old[i].key) = old[i];
}

struct taken *taken_new(struct arena *arena)
{
	struct taken *t = arena_alloc(arena, sizeof(*t));

	t->arena = arena;
	make_room(t, 64);
	return t;
}

const struct taken_by *taken_take(struct taken *t, const struct taken_by *by)
{
	struct taken_by *slot;

	if (2 * t->count >= t->room)
		make_room(t, 2 * t->room);
	slot = slot_of(t, by->key);
	if (slot->key)
		return slot;
	*slot = *by;
	slot->key = arena_strdup(t->arena, by->key);
	t->count++;
	return by;
}
