/**
 * A map from two numbers to a 32-bit one.
 */
#ifndef BASE_INTMAP_H
#define BASE_INTMAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/** Zero-initialise. */
struct intmap {
	struct intmap_slot *slots;
	size_t capacity, count;
};

void intmap_deinit(struct intmap *map);
/** The place of the pair's number; a new one is @p initial. NULL when out of memory. Good until the next call. */
must_use uint32_t *intmap_at(struct intmap *map, uint64_t a, uint64_t b, uint32_t initial);
/** The number's place, or NULL. */
must_use uint32_t *intmap_find(const struct intmap *map, uint64_t a, uint64_t b);

#endif
