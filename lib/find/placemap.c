// A string map over fixed-size keys; a key has no padding, so equal places have equal bytes.

#include "find/placemap.h"

#include <string.h>

struct place_key {
	uint32_t object, kind;
	uint64_t address;
};

void placemap_deinit(struct placemap *places)
{
	strmap_deinit(&places->map);
	arena_deinit(&places->keys);
}

uint32_t *placemap_at(struct placemap *places, uint32_t object, enum polyton_kind kind, uint64_t address,
		      uint32_t initial)
{
	struct place_key key = { object, kind, address };
	uint32_t *found = strmap_find(&places->map, (const char *)&key, sizeof(key));
	if (found)
		return found;
	struct place_key *kept = arena_alloc(&places->keys, 1, sizeof(*kept));
	if (!kept)
		return NULL;
	*kept = key;
	return strmap_at(&places->map, (const char *)kept, sizeof(*kept), initial);
}

const uint32_t *placemap_find(const struct placemap *places, uint32_t object, enum polyton_kind kind,
			      uint64_t address)
{
	struct place_key key = { object, kind, address };
	return strmap_find(&places->map, (const char *)&key, sizeof(key));
}
