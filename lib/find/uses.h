/**
 * The references by the object that they were bound to: who uses an object is asked for many pairs of objects.
 */
#ifndef FIND_USES_H
#define FIND_USES_H

#include "find/linkage.h"

struct uses {
	uint32_t *first; ///< By object: where its references begin in @c items; those of the next end them.
	uint32_t *items; ///< Indices of references, in their order.
};

must_use struct polyton_error *uses_init(const struct linkage *linkage, uint32_t objects, struct uses *ret);
void uses_deinit(struct uses *uses);
/**
 * The next reference that was bound to a definition of @p provider; @p *at begins with 0. NULL: no more. @p uses may be
 * NULL: then all references are looked at.
 */
const struct reference *uses_next(const struct uses *uses, const struct linkage *linkage, uint32_t provider,
				  size_t *at);

#endif
