// Doubling growth with checked arithmetic.

#include "base/vec.h"

#include <stdint.h>
#include <stdlib.h>

enum { VEC_FIRST = 16 };

bool vec_grow(void **items, size_t count, size_t *capacity, size_t size)
{
	size_t wanted = count ? count * 2 : VEC_FIRST, bytes;
	if (wanted < count || __builtin_mul_overflow(wanted, size, &bytes))
		return false;
	void *moved = realloc(*items, bytes);
	if (!moved)
		return false;
	*items = moved;
	*capacity = wanted;
	return true;
}

bool vec_expect_some(void **items, size_t *capacity, size_t count, size_t size)
{
	size_t bytes;
	if (*capacity || !count)
		return true;
	if (__builtin_mul_overflow(count, size, &bytes))
		return false;
	*items = malloc(bytes);
	*capacity = *items ? count : 0;
	return *items != NULL;
}

void vec_give_back(void **items, size_t count, size_t *capacity, size_t size)
{
	void *smaller = count && count < *capacity ? realloc(*items, count * size) : NULL;
	if (!smaller) // what is there is good, too
		return;
	*items = smaller;
	*capacity = count;
}
