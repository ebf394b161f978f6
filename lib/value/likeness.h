/** Two types of two graphs, looked at without entering what they hold. */
#ifndef VALUE_LIKENESS_H
#define VALUE_LIKENESS_H

#include "model/type.h"
#include "value/pairing.h"

struct likeness {
	const struct type_graph *graphs[2];
	uint32_t steps; ///< Left. Every look takes one; without any the answers are "not a wrapper" and "alike".
};

/** Without typedefs and qualifiers; POLYTON_NONE is a void type. Never NULL. */
const struct type *likeness_stripped(const struct type_graph *graph, uint32_t type);
/** In bytes, 0 if not known or none. */
uint64_t likeness_size(const struct type_graph *graph, uint32_t type);
/** A type of no bytes that say anything: PhantomData, (), an empty class. */
bool likeness_is_empty(const struct type_graph *graph, uint32_t type);
/** Only declared, or not readable: nothing can be said of it. */
bool likeness_is_unknown(const struct type *type);

/** The member that a structure consists of, if it is nothing but that; POLYTON_NONE. */
uint32_t likeness_sole_member(struct likeness *likeness, int side, const struct type *type);
/** Replace wrappers of one member by what they hold, until the two are of one kind, with a member of one name. */
void likeness_unwrap(struct likeness *likeness, const struct type *types[2]);

/**
 * Whether the two are of one kind, with bytes of one meaning. Of structures no member is looked at; pointers are alike
 * when what they point to has the same name.
 */
bool likeness_is_alike(struct likeness *likeness, const struct type *const types[2]);

#endif
