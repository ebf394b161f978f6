// Open addressing. The numbers may be chosen by whoever made a file: probing is then linear in how many he put there.

#include "base/intmap.h"

#include <stdbool.h>

#include "base/table.h"

struct intmap_slot {
	uint64_t a, b;
	uint32_t number;
	bool is_used;
};

enum { INTMAP_FIRST = 64 };

void intmap_deinit(struct intmap *map)
{
	free(map->slots);
	*map = (struct intmap){ 0 };
}

// The upper half of a product with an odd constant depends on all bits.
static size_t hash(uint64_t a, uint64_t b)
{
	uint64_t mixed = (a * UINT64_C(0x9e3779b97f4a7c15) ^ b) * UINT64_C(0xd6e8feb86659fd93);
	return (size_t)(mixed ^ mixed >> 32);
}

static struct intmap_slot *probe(struct intmap_slot *slots, size_t capacity, uint64_t a, uint64_t b)
{
	for (size_t at = hash(a, b) & (capacity - 1);; at = (at + 1) & (capacity - 1)) {
		struct intmap_slot *slot = &slots[at];
		if (!slot->is_used || (slot->a == a && slot->b == b))
			return slot;
	}
}

static bool grow(struct intmap *map)
{
	size_t capacity = map->capacity ? map->capacity * 2 : INTMAP_FIRST;
	struct intmap_slot *slots = table_create(capacity, sizeof(*slots));
	if (!slots)
		return false;
	for (size_t i = 0; i < map->capacity; i++) {
		const struct intmap_slot *old = &map->slots[i];
		if (old->is_used)
			*probe(slots, capacity, old->a, old->b) = *old;
	}
	free(map->slots);
	map->slots = slots;
	map->capacity = capacity;
	return true;
}

uint32_t *intmap_at(struct intmap *map, uint64_t a, uint64_t b, uint32_t initial)
{
	if (map->count * 2 >= map->capacity && !grow(map))
		return NULL;
	struct intmap_slot *slot = probe(map->slots, map->capacity, a, b);
	if (!slot->is_used) {
		*slot = (struct intmap_slot){ a, b, initial, true };
		map->count++;
	}
	return &slot->number;
}

uint32_t *intmap_find(const struct intmap *map, uint64_t a, uint64_t b)
{
	if (!map->count)
		return NULL;
	struct intmap_slot *slot = probe(map->slots, map->capacity, a, b);
	return slot->is_used ? &slot->number : NULL;
}
