// The lists are short, so they are compared.

#include "base/numbers.h"

#include <stdlib.h>

static int compare(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
	return (a > b) - (a < b);
}

size_t numbers_settle(uint32_t *numbers, size_t count)
{
	size_t kept = 0;
	if (count)
		qsort(numbers, count, sizeof(*numbers), compare);
	for (size_t i = 0; i < count; i++) {
		if (!kept || numbers[i] != numbers[kept - 1])
			numbers[kept++] = numbers[i];
	}
	return kept;
}
