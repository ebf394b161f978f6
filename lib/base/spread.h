/**
 * Work over all processors that this thread may use.
 */
#ifndef BASE_SPREAD_H
#define BASE_SPREAD_H

#include <stddef.h>

#include "base/error.h"

/** One piece of the work; called once for each index, on any thread, in any order. */
typedef struct polyton_error *spread_fn(void *arg, size_t index);

/**
 * Do @p work for 0 to @p count - 1; less than @p least of them are not worth a thread of their own. All are done,
 * whatever fails; the answer is the error of the lowest index. The threads have all signals blocked, for they run in
 * somebody else's program, and are gone afterwards.
 */
must_use struct polyton_error *spread_over(size_t count, size_t least, spread_fn *work, void *arg);

#endif
