/**
 * Sorting many by a number.
 */
#ifndef BASE_RADIX_H
#define BASE_RADIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct radix_item {
	uint64_t key;
	const void *item;
};

/** Sort by key; equal keys stay in their order. False when out of memory. */
must_use bool radix_sort(struct radix_item *items, size_t count);

#endif
