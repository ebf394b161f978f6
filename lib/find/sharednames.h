/**
 * Exported names that several objects may have, found without a look at any name.
 */
#ifndef FIND_SHAREDNAMES_H
#define FIND_SHAREDNAMES_H

#include "find/subject.h"

/** Bits by hash: met, and met again. */
struct shared_names {
	uint64_t *once, *again;
	uint64_t mask; ///< Of a bit's number.
};

/** Zero-initialise @p ret before; deinit it in any case. False when out of memory. */
must_use bool shared_names_init(const struct object_input *objects, uint32_t count, struct shared_names *ret);
void shared_names_deinit(struct shared_names *names);

/** Takes the index of a symbol in the object's exported table; false ends the visit. */
typedef bool shared_names_fn(void *arg, size_t index);
/** Visit the symbols of @p object, in table order, whose names may be another's, too. False if a visit was. */
bool shared_names_visit(const struct shared_names *names, const struct object_input *object, shared_names_fn *visit,
			void *arg);

#endif
