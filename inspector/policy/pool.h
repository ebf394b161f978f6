/**
 * Memory that is given back as a whole: what a policy, an earlier report and the verdicts are made of.
 *
 * There is no answer for running out of it: the program says so and ends with the exit code of "could not look". So
 * this is for the inspector only, and for what it does before a process is touched or after it was let go.
 */
#ifndef INSPECTOR_POLICY_POOL_H
#define INSPECTOR_POLICY_POOL_H

#include <stddef.h>

struct pool_chunk;

/** Zero it before use. */
struct pool {
	struct pool_chunk *chunks;
};

/** Zeroed, aligned for anything. @p count things of @p size bytes each; never NULL. */
void *pool_alloc(struct pool *pool, size_t count, size_t size);
char *pool_copy(struct pool *pool, const char *text, size_t length);
const char *pool_format(struct pool *pool, const char *format, ...) __attribute__((__format__(__printf__, 2, 3)));
void pool_deinit(struct pool *pool);
/** What must be put right before the program ends for want of memory: the terminal. */
void pool_before_end(void (*restore)(void));

#endif
