/**
 * Which variable tells whether another one is constructed: C++'s guards, and what std of Rust keeps beside a
 * thread-local. A pair is made on the names that compilers give, and only where they leave no choice: a value is never
 * called uninitialised on a guess.
 */
#ifndef FIND_GUARDS_H
#define FIND_GUARDS_H

#include "find/subject.h"

/**
 * Pair the copies of object @p index, which is @p object, with their guards. @p guards has one per copy; those that
 * have none, and those of other objects, stay as they are. Whom the copies are used by has to be settled.
 */
must_use struct polyton_error *guards_find(const struct polyton_snapshot *snapshot, const struct object_input *object,
					   uint32_t index, struct copy_guard *guards);

/** Part of it: the thread-locals that a C++ source file constructs together, under its __tls_guard. */
must_use struct polyton_error *unitguards_find(const struct polyton_snapshot *snapshot,
					       const struct object_input *object, uint32_t index,
					       struct copy_guard *guards);

#endif
