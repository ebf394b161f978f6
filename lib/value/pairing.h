/** Which member, variant or enumerator of one type is which of another: by name, whatever their order. */
#ifndef VALUE_PAIRING_H
#define VALUE_PAIRING_H

#include "base/error.h"
#include "base/vec.h"
#include "model/type.h"

/** Indices into the two graphs' lists; POLYTON_NONE on the side that has no such thing. */
struct pair {
	uint32_t index[2];
};
typedef vec_of(struct pair) pair_list;

/** @p count things from @p first on, of the graphs' members, variants or enumerators. */
struct pairing_range {
	uint32_t first, count;
};

/** Whether the two are one thing. */
typedef bool pairing_test(const struct type_graph *const graphs[2], const uint32_t index[2]);

pairing_test pairing_same_member, pairing_same_variant, pairing_same_enumerator;

/**
 * Append every thing of both ranges once. Each test takes one of @p steps; false in @p is_complete_ret when they did
 * not suffice: then things may stand there unpaired that are one.
 */
must_use struct polyton_error *pairing_make(const struct type_graph *const graphs[2],
					    const struct pairing_range ranges[2], pairing_test *test, uint32_t *steps,
					    pair_list *ret, bool *is_complete_ret);

/** The part of @p first and @p count that exists in a list of @p total. */
struct pairing_range pairing_clamp(uint32_t first, uint32_t count, uint32_t total);

#endif
