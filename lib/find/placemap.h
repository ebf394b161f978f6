/**
 * From a definition's place (object, kind, link-time address or TLS offset) to a number.
 */
#ifndef FIND_PLACEMAP_H
#define FIND_PLACEMAP_H

#include "base/intmap.h"
#include "polyton.h"

/** Zero-initialise. */
struct placemap {
	struct intmap map;
};

static inline void placemap_deinit(struct placemap *places)
{
	intmap_deinit(&places->map);
}

static inline uint64_t placemap_owner(uint32_t object, enum polyton_kind kind)
{
	return (uint64_t)object << 32 | (uint64_t)kind;
}

/** The place's number; a new place's is @p initial. NULL when out of memory. Good until the next call. */
must_use static inline uint32_t *placemap_at(struct placemap *places, uint32_t object, enum polyton_kind kind,
					     uint64_t address, uint32_t initial)
{
	return intmap_at(&places->map, placemap_owner(object, kind), address, initial);
}

/** The place's number, or NULL. */
must_use static inline const uint32_t *placemap_find(const struct placemap *places, uint32_t object,
						     enum polyton_kind kind, uint64_t address)
{
	return intmap_find(&places->map, placemap_owner(object, kind), address);
}

#endif
