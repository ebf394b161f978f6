/**
 * The order of the loader's list of objects, which debuggers see: that of loading, but what an object filters is moved
 * right before it, whenever it was loaded.
 */
#ifndef LOADORDER_H
#define LOADORDER_H

#include "closure.h"

struct loadorder_place {
	uint32_t previous, next; // POLYTON_NONE: the end
};

/** Zero-initialise. */
struct loadorder {
	vec_of(struct loadorder_place) places;
	uint32_t last;   // of a list that is not empty
	bool is_changed; ///< It is not that of loading any more.
};
void loadorder_deinit(struct loadorder *order);

/** Append the next object: they are numbered from 0. */
must_use struct polyton_error *loadorder_add(struct loadorder *order);
/** Move @p filtee right before @p filter. Nothing is ever put before the first object of a namespace. */
void loadorder_put_before(struct loadorder *order, const struct closure *closure, uint32_t filtee, uint32_t filter);
/** Bring @p closure's objects into that order. */
must_use struct polyton_error *loadorder_apply(const struct loadorder *order, struct closure *closure);

#endif
