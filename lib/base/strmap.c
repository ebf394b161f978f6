// Open addressing over XXH3: symbol names average over a hundred bytes, where byte-wise hashes are ten
// times slower. XXH3 is not proof against chosen collisions, so a hostile file can make probing linear in
// the number of its own symbols; that is bounded by the file's size.

#include "base/strmap.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/table.h"

struct strmap_slot {
	const char *key;
	uint64_t hash;
	size_t length;
	uint32_t number;
};

enum { STRMAP_FIRST = 64 };

uint64_t strmap_hash(const char *key, size_t length)
{
	return XXH3_64bits(key, length);
}

void strmap_deinit(struct strmap *map)
{
	free(map->slots);
	*map = (struct strmap){ 0 };
}

static struct strmap_slot *probe(struct strmap_slot *slots, size_t capacity, uint64_t hash, const char *key,
				 size_t length)
{
	for (size_t at = hash & (capacity - 1);; at = (at + 1) & (capacity - 1)) {
		struct strmap_slot *slot = &slots[at];
		if (!slot->key ||
		    (slot->hash == hash && slot->length == length && memcmp(slot->key, key, length) == 0))
			return slot;
	}
}

static bool grow(struct strmap *map)
{
	size_t capacity = map->capacity ? map->capacity * 2 : STRMAP_FIRST;
	struct strmap_slot *slots = table_create(capacity, sizeof(*slots));
	if (!slots)
		return false;
	for (size_t i = 0; i < map->capacity; i++) {
		const struct strmap_slot *old = &map->slots[i];
		if (old->key)
			*probe(slots, capacity, old->hash, old->key, old->length) = *old;
	}
	free(map->slots);
	map->slots = slots;
	map->capacity = capacity;
	return true;
}

uint32_t *strmap_at(struct strmap *map, const char *key, size_t length, uint32_t initial)
{
	if (map->count * 2 >= map->capacity && !grow(map))
		return NULL;
	uint64_t hash = strmap_hash(key, length);
	struct strmap_slot *slot = probe(map->slots, map->capacity, hash, key, length);
	if (!slot->key) {
		*slot = (struct strmap_slot){ key, hash, length, initial };
		map->count++;
	}
	return &slot->number;
}

uint32_t *strmap_find(const struct strmap *map, const char *key, size_t length)
{
	if (!map->count)
		return NULL;
	struct strmap_slot *slot = probe(map->slots, map->capacity, strmap_hash(key, length), key, length);
	return slot->key ? &slot->number : NULL;
}
