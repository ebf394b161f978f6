// Digit by digit, the lowest first: each pass keeps the order of those that are equal in its digit. Most keys are
// addresses in one file, so the higher digits are the same in all, and their passes are left out.

#include "base/radix.h"

#include <stdlib.h>
#include <string.h>

enum { RADIX_BITS = 8, RADIX_VALUES = 1 << RADIX_BITS, RADIX_FEW = 32 };

static void insert(struct radix_item *items, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct radix_item moved = items[i];
		size_t at = i;
		for (; at && items[at - 1].key > moved.key; at--)
			items[at] = items[at - 1];
		items[at] = moved;
	}
}

static size_t digit(uint64_t key, unsigned shift)
{
	return key >> shift & (RADIX_VALUES - 1);
}

bool radix_sort(struct radix_item *items, size_t count)
{
	if (count < RADIX_FEW) {
		insert(items, count);
		return true;
	}
	uint64_t differing = 0;
	for (size_t i = 1; i < count; i++)
		differing |= items[i].key ^ items[0].key;
	struct radix_item *scratch = malloc(count * sizeof(*scratch)), *from = items, *to = scratch;
	if (!scratch)
		return false;
	for (unsigned shift = 0; shift < 64; shift += RADIX_BITS) {
		size_t place[RADIX_VALUES] = { 0 }, next = 0;
		if (!digit(differing, shift))
			continue;
		for (size_t i = 0; i < count; i++)
			place[digit(from[i].key, shift)]++;
		for (size_t value = 0; value < RADIX_VALUES; value++) {
			size_t here = place[value];
			place[value] = next;
			next += here;
		}
		for (size_t i = 0; i < count; i++)
			to[place[digit(from[i].key, shift)]++] = from[i];
		struct radix_item *sorted = to;
		to = from;
		from = sorted;
	}
	if (from != items)
		memcpy(items, from, count * sizeof(*items));
	free(scratch);
	return true;
}
