/**
 * The first pass over all variables' names: which are there in two objects at least.
 */
#ifndef FIND_COMMONNAMES_H
#define FIND_COMMONNAMES_H

#include "find/subject.h"

/** Zero-initialise. */
struct common_names {
	bool *is_common; ///< By candidate, all objects' one behind the other.
	size_t *first;   ///< By object: where its candidates begin.
};

must_use struct polyton_error *common_names_find(const struct object_input *objects, uint32_t count,
						 struct common_names *ret);
void common_names_deinit(struct common_names *names);

static inline bool common_names_has(const struct common_names *names, uint32_t object, size_t candidate)
{
	return names->is_common[names->first[object] + candidate];
}

#endif
