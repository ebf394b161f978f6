/**
 * The definitions whose names stand in two objects at least, each with what its name says.
 */
#ifndef FIND_MEMBERS_H
#define FIND_MEMBERS_H

#include "find/commonnames.h"
#include "find/identity.h"

/** One definition that takes part. */
struct member {
	uint32_t object;
	const struct candidate *candidate;
	const struct identity *identity; ///< Of all definitions of one name.
	uint32_t next;                   ///< Next member of the same key, or POLYTON_NONE.
};

/** Zero-initialise. */
struct members {
	struct member *items; ///< By object, and by candidate.
	size_t count, capacity;
	struct identity *identities;
	struct arena *arenas; ///< Strings of the identities.
	size_t arena_count;
};

/** The variables among the candidates that have common names: guards and state words are no members. */
must_use struct polyton_error *members_collect(const struct object_input *objects, uint32_t count,
					       const struct common_names *names, struct members *ret);
void members_deinit(struct members *members);

#endif
