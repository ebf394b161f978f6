/**
 * Zeroed memory that is read before it is written, all over.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/**
 * As calloc(), but written at once: each of calloc()'s fresh pages would be faulted in twice, first as the kernel's
 * page of zeros, and the second time all processors would have to be told.
 */
must_use static inline void *table_create(size_t count, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(count, size, &bytes))
		return NULL;
	void *table = malloc(bytes ? bytes : 1);
	return table ? memset(table, 0, bytes) : NULL;
}

#endif
