/**
 * Memory that dies together: a snapshot's rows and strings, a file's derived tables.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/cleanup.h"

/** Zero-initialise. Blocks are never moved, so pointers into an arena stay valid until arena_deinit(). */
struct arena {
	struct arena_block *newest;
};

void arena_deinit(struct arena *arena);
/** All that is in @p other lives as long as @p arena from now on; @p other is empty then. */
void arena_join(struct arena *arena, struct arena *other);

/** Zeroed memory for @p count items of @p size bytes, aligned for any type; NULL when out of memory. */
must_use void *arena_alloc(struct arena *arena, size_t count, size_t size);
/** A NUL-terminated copy of @p length bytes; NULL when out of memory. */
must_use const char *arena_strndup(struct arena *arena, const char *text, size_t length);
must_use const char *arena_strdup(struct arena *arena, const char *text);
must_use const char *arena_printf(struct arena *arena, const char *format, ...) printf_like(2, 3);

#endif
