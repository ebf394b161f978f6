/**
 * Exported names that several objects may have, found without a look at any name.
 */
#ifndef FIND_SHAREDNAMES_H
#define FIND_SHAREDNAMES_H

#include "base/seen.h"
#include "find/subject.h"

/** Meet the hashes of all that the objects export; @p names as for seen_init(). False when out of memory. */
must_use bool shared_names_meet(const struct object_input *objects, uint32_t count, struct seen *names);

/** Takes the index of a symbol in the object's exported table, and its name's hash; false ends the visit. */
typedef bool shared_names_fn(void *arg, size_t index, uint32_t hash);
/** Visit the symbols of @p object, in table order, whose names may be another's, too. False if a visit was. */
bool shared_names_visit(const struct seen *names, const struct object_input *object, shared_names_fn *visit,
			void *arg);

#endif
