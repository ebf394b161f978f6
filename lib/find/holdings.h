/**
 * What the copies of a singleton hold, counted and in words.
 */
#ifndef FIND_HOLDINGS_H
#define FIND_HOLDINGS_H

#include "find/finder.h"

/** How a copy's cells stand. */
struct tally {
	uint32_t set, initial, not_allocated, unknown, present;
};

struct tally holdings_tally(const struct polyton_copy *copy);
/**
 * Who has a copy of its own and what the copies hold, as a sentence; "" if nothing was read, NULL when out of memory.
 * @p scratch has room for the singleton's copies.
 */
must_use const char *holdings_describe(struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton,
				       uint32_t *scratch);

#endif
