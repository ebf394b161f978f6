/**
 * A map from strings to 32-bit numbers: the meeting place of the same name seen in many files.
 */
#ifndef BASE_STRMAP_H
#define BASE_STRMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/** Zero-initialise. Keys are borrowed: they must outlive the map. */
struct strmap {
	struct strmap_slot *slots;
	size_t capacity, count;
};

void strmap_deinit(struct strmap *map);

/**
 * The place of @p length bytes of @p key's number; a new key's number is @p initial. NULL when out of memory.
 * The place is good until the next call.
 */
must_use uint32_t *strmap_at(struct strmap *map, const char *key, size_t length, uint32_t initial);
/** What the keys are kept by. */
uint64_t strmap_hash(const char *key, size_t length);
/** The number's place, or NULL if the key is not there. */
must_use uint32_t *strmap_find(const struct strmap *map, const char *key, size_t length);

#endif
