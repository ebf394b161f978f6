/**
 * Exported names that several objects may have, found without a look at any name.
 */
#ifndef FIND_SHAREDNAMES_H
#define FIND_SHAREDNAMES_H

#include "base/seen.h"
#include "find/subject.h"

struct shared_names {
	struct seen seen;
};

/** Zero-initialise @p ret before; deinit it in any case. False when out of memory. */
must_use bool shared_names_init(const struct object_input *objects, uint32_t count, struct shared_names *ret);
void shared_names_deinit(struct shared_names *names);

/** Takes the index of a symbol in the object's exported table, and its name's hash; false ends the visit. */
typedef bool shared_names_fn(void *arg, size_t index, uint32_t hash);
/** Visit the symbols of @p object, in table order, whose names may be another's, too. False if a visit was. */
bool shared_names_visit(const struct shared_names *names, const struct object_input *object, shared_names_fn *visit,
			void *arg);

#endif
