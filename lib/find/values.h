/**
 * Cells' states and values: compared with the initial image, and kept once per different content.
 */
#ifndef FIND_VALUES_H
#define FIND_VALUES_H

#include "arch/arch.h"
#include "find/places.h"
#include "target/target.h"

struct values;

/** What values are made with. */
struct values_options {
	struct target *target; ///< For what they point to.
	bool keep_trees;
	uint32_t typed_limit; ///< Different values of one copy that are shown by their type.
};

must_use struct polyton_error *values_create(struct polyton_snapshot *snapshot, const struct values_options *options,
					     struct places *places, struct values **ret);
void values_destroy(struct values *values);

/**
 * Settle @p cell from the @p size bytes it holds and its initial image (NULL: not known). @p size may be less
 * than the variable's.
 */
must_use struct polyton_error *values_settle(struct values *values, uint32_t copy, const uint8_t *bytes,
					     const uint8_t *initial, size_t size, struct polyton_cell *cell);

#endif
