/**
 * Which hashes came again: most of many come once, and are then passed over without a look at what they are of.
 */
#ifndef BASE_SEEN_H
#define BASE_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum { SEEN_WORD = 64 };

/** Two bits for each of more places than there are hashes. */
struct seen {
	uint64_t *once, *again;
	uint64_t mask; ///< Of a place.
};

/** Zero-initialise @p seen before; deinit it in any case. False when out of memory. */
must_use bool seen_init(struct seen *seen, size_t expected);
void seen_deinit(struct seen *seen);

static inline void seen_meet(struct seen *seen, uint64_t hash)
{
	uint64_t place = hash & seen->mask, flag = UINT64_C(1) << place % SEEN_WORD;
	uint64_t *once = &seen->once[place / SEEN_WORD];
	if (*once & flag)
		seen->again[place / SEEN_WORD] |= flag;
	*once |= flag;
}

/** Whether it was met twice at least; also of a few that another hash shares a place with. */
static inline bool seen_again(const struct seen *seen, uint64_t hash)
{
	uint64_t place = hash & seen->mask;
	return seen->again[place / SEEN_WORD] >> place % SEEN_WORD & 1;
}

#endif
