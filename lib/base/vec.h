/**
 * A growing array of one element type. Elements move when it grows: keep indices, not pointers.
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"

/** vec_of(struct thing) things = { 0 }; then things.items[i], things.count. */
#define vec_of(type)             \
	struct {                 \
		type *items;     \
		size_t count;    \
		size_t capacity; \
	}

/** Room for one more element at least in one that is full; false when out of memory. */
must_use bool vec_grow(void **items, size_t count, size_t *capacity, size_t size);

/** What vec_trim() does. */
void vec_give_back(void **items, size_t count, size_t *capacity, size_t size);

/** Room for @p count elements in an empty one, so that it need not grow; false when out of memory. */
must_use bool vec_expect_some(void **items, size_t *capacity, size_t count, size_t size);

#define vec_expect(vec, count) vec_expect_some((void **)&(vec)->items, &(vec)->capacity, count, sizeof(*(vec)->items))

/** Append a zeroed element: a pointer to it, or NULL when out of memory. */
#define vec_push(vec)                                                                                            \
	((vec)->count < (vec)->capacity ||                                                                       \
			 vec_grow((void **)&(vec)->items, (vec)->count, &(vec)->capacity, sizeof(*(vec)->items)) \
		 ? (__typeof__((vec)->items))memset(&(vec)->items[(vec)->count++], 0, sizeof(*(vec)->items))     \
		 : NULL)

/** Give back the room that is not used. */
#define vec_trim(vec) vec_give_back((void **)&(vec)->items, (vec)->count, &(vec)->capacity, sizeof(*(vec)->items))

#define vec_deinit(vec)              \
	do {                         \
		free((vec)->items);  \
		(vec)->items = NULL; \
		(vec)->count = 0;    \
		(vec)->capacity = 0; \
	} while (0)

#endif
