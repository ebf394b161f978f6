/**
 * Values of Rust: enums with data, references, wrappers, and the types of std.
 *
 * std's fields are private and move between releases, so what can be had by structure is: a wrapper is a structure with
 * one member that has bytes, and the content of a cell has the type of its generic argument.
 */
#ifndef VALUE_RUST_H
#define VALUE_RUST_H

#include "value/decoder.h"

/** 95 of "... rustc version 1.95.0 ...", 0 if there is none. */
unsigned rust_minor_version(const char *producer);

/**
 * If @p whole is thread-local storage of std (1.63 to current): its state, and in @p ret what is in it. For the other
 * types, and where the state makes no sense, VALUE_PLAIN; @p ret is then @p whole. Storage of a constant with a
 * destructor that no code of the thread has used yet is VALUE_PLAIN, too: it holds its value from the start.
 */
enum value_state rust_storage(struct decoder *decoder, const struct part *whole, struct part *ret);

/** Decode a structure or union; false if it is to be shown member by member. */
bool rust_value(struct decoder *decoder, const struct part *part, struct value_node *node);
/** A reference or Box shows what it points to; false for the other pointers. */
bool rust_pointer(struct decoder *decoder, const struct part *part, struct value_node *node);

/** For rooms that know more of std's types: the variant that @p part is, NULL if it is none. */
const struct type_variant *rust_variant(const struct decoder *decoder, const struct part *part,
					struct part *content_ret);
/** What is in a variant of one member: Some's value. */
bool rust_first(const struct decoder *decoder, const struct part *content, struct part *ret);
/** Look through wrappers to the enum in them. */
bool rust_unwrap_enum(const struct decoder *decoder, const struct part *part, struct part *ret);
/** The only member that has bytes; NULL if there are more, or none. */
const struct type_member *rust_only_member(const struct decoder *decoder, const struct type *type);
/** Generic argument @p index at that place. */
bool rust_argument(const struct decoder *decoder, const struct part *whole, uint32_t index, const struct part *place,
		   struct part *ret);
void rust_note(struct decoder *decoder, struct value_node *node, const char *note);

#endif
