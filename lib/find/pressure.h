/**
 * PT011: static TLS that is nearly used up.
 */
#ifndef FIND_PRESSURE_H
#define FIND_PRESSURE_H

#include "model/snapshot.h"

/** Less than this is left: the thread-locals of one modest library. */
enum { PRESSURE_LEAST = 256 };

/**
 * Add the finding to @p snapshot, whose objects and budget are filled, if less than a quarter of the surplus, or less
 * than PRESSURE_LEAST bytes, is left. A process that has loaded no library with initial-exec thread-locals has all of
 * it left; where three quarters are gone, whether the next one loads depends on what else was loaded before.
 */
must_use struct polyton_error *pressure_find(struct polyton_snapshot *snapshot);

/**
 * Indices of the objects that got their places in static TLS after the start, the largest first. The caller frees
 * @p ret.
 */
must_use struct polyton_error *pressure_takers(const struct polyton_snapshot *snapshot, uint32_t **ret,
					       size_t *count_ret);

#endif
