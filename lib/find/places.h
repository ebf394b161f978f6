/**
 * From a run-time address to the object and symbol it lies in, for words that look like pointers.
 */
#ifndef FIND_PLACES_H
#define FIND_PLACES_H

#include "find/subject.h"

struct places;

/** @p snapshot's objects and @p objects (same order) must outlive it. */
must_use struct polyton_error *places_create(const struct polyton_snapshot *snapshot,
					     const struct object_input *objects, struct places **ret);
void places_destroy(struct places *places);

struct place {
	uint32_t object;
	const char *symbol; ///< "" when no symbol covers the address.
	uint64_t offset;    ///< From the symbol, or from the object's load bias without one.
};

/** Sort the symbols of @p object, which is going to be asked about; others may be prepared at the same time. */
void places_prepare(struct places *places, uint32_t object);
/** False if no object holds @p address. Symbols of an object are sorted when it is first asked about. */
bool places_find(struct places *places, uint64_t address, struct place *ret);
/**
 * Whether @p name, without a version, is a symbol that starts at @p address, by whichever of its aliases; or one whose
 * resolver function, in the object there, has chosen that address.
 */
bool places_has_name(struct places *places, uint64_t address, const char *name);

#endif
