/**
 * Definitions that the loader made one: an object defines a variable, but its references to it got another's. Who
 * was merged is the same variable by the loader's word, whatever it shares beside it.
 */
#ifndef FIND_MERGES_H
#define FIND_MERGES_H

#include "find/draft.h"
#include "find/linkage.h"
#include "find/placemap.h"

/** Zero-initialise. */
struct merges {
	struct placemap places; ///< A definition that lost to an index in @c winners.
	vec_of(struct definition) winners;
};

/** @p linkage may be NULL: then nothing was merged. */
must_use struct polyton_error *merges_build(const struct linkage *linkage, struct merges *ret);
void merges_deinit(struct merges *merges);
/** Whether one lost to the other, or both to the same. */
bool merges_is_one(const struct merges *merges, const struct member *a, const struct member *b);

#endif
