/**
 * From a definition's place (object, kind, link-time address or TLS offset) to a number.
 */
#ifndef FIND_PLACEMAP_H
#define FIND_PLACEMAP_H

#include "base/arena.h"
#include "base/strmap.h"
#include "polyton.h"

/** Zero-initialise. */
struct placemap {
	struct strmap map;
	struct arena keys;
};

void placemap_deinit(struct placemap *places);
/** The place's number; a new place's is @p initial. NULL when out of memory. Good until the next call. */
must_use uint32_t *placemap_at(struct placemap *places, uint32_t object, enum polyton_kind kind, uint64_t address,
			       uint32_t initial);
/** The place's number, or NULL. */
must_use const uint32_t *placemap_find(const struct placemap *places, uint32_t object, enum polyton_kind kind,
				       uint64_t address);

#endif
