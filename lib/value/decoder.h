/**
 * What the rooms that decode share: budgets, nodes, pieces of memory and the members in them.
 *
 * Running out of memory or of nodes hands out a spare node, so that nobody has to ask in between; the end result does.
 */
#ifndef VALUE_DECODER_H
#define VALUE_DECODER_H

#include "value/decode.h"

enum {
	DECODER_MAX_NEST = 48,    ///< Types in each other, wrappers included: bounds the stack.
	DECODER_MAX_PIECE = 4096, ///< Bytes of one pointee.
};

struct decoder {
	const struct type_graph *graph;
	const struct value_source *source;
	struct value_limits limits; ///< Nodes, bytes and reads count down.
	struct arena *arena;
	unsigned rust_minor; ///< 95 for 1.95, 0 if it is not known.
	unsigned depth, nest, followed;
	bool is_base; ///< The next structure is the base class of one that was looked at.
	bool is_out_of_memory;
	struct value_node spare;
};

/** A value in captured or fetched memory. @c size may be less than the type's. */
struct part {
	uint32_t type;
	const uint8_t *bytes;
	size_t size;
	uint64_t address; ///< 0 if it is not known.
};

/** A new last child. The spare one, and @p parent cut, when there are too many. */
struct value_node *decoder_child(struct decoder *decoder, struct value_node *parent, const char *label);
/** Text in the arena, escaped by whoever made it. */
const char *decoder_text(struct decoder *decoder, const char *format, ...) printf_like(2, 3);
/** Whether parts of an aggregate may still be shown; if not, @p node is cut. */
bool decoder_may_nest(const struct decoder *decoder, struct value_node *node);
/** "host!symbol+0x10", "0x7f...", "null", escaped. */
const char *decoder_place(struct decoder *decoder, uint64_t address);
/** As @c source.symbol, NULL if there is none. */
const char *decoder_symbol(struct decoder *decoder, uint64_t address);

/** Without typedefs and qualifiers. */
const struct type *decoder_type(const struct decoder *decoder, uint32_t type);
/** Bytes of a type, without typedefs and qualifiers, arrays included; 0 if not known. */
uint64_t decoder_size(const struct decoder *decoder, uint32_t type);
uint64_t decoder_alignment(const struct decoder *decoder, uint32_t type);
/** Member @p index of a structure, NULL behind the last. */
const struct type_member *decoder_member(const struct decoder *decoder, const struct type *type, uint32_t index);
/** Generic argument @p index, NULL if there is none. */
const struct type_member *decoder_parameter(const struct decoder *decoder, const struct type *type, uint32_t index);
/** Whether a member of that type has nothing to show: PhantomData, an allocator, an empty base class. */
bool decoder_is_empty(const struct decoder *decoder, uint32_t type);

struct part decoder_part(const struct part *whole, uint32_t type, uint64_t offset, uint64_t size);
struct part decoder_member_part(const struct decoder *decoder, const struct part *whole,
				const struct type_member *member);
/** An unsigned number of up to 8 bytes; false if it was not captured, or is larger. */
bool decoder_number(const struct decoder *decoder, const struct part *part, uint64_t *ret);
/** The lowest 8 bytes of a number. */
uint64_t decoder_unsigned(const struct decoder *decoder, const uint8_t *bytes, size_t size);
bool decoder_pointer(const struct decoder *decoder, const struct part *part, uint64_t *ret);
/**
 * Up to @p size bytes at @p address, as many as DECODER_MAX_PIECE and the budgets allow; false if they are not to be
 * had. Bytes of @p inside, where they were captured, are taken from there.
 */
bool decoder_fetch(struct decoder *decoder, const struct part *inside, uint64_t address, uint64_t size, uint32_t type,
		   struct part *ret);
bool decoder_fetch_word(struct decoder *decoder, uint64_t address, uint64_t *ret);
/** Its own member of that name. */
bool decoder_find_own(const struct decoder *decoder, const struct part *whole, const char *name, struct part *ret);
/** The member of that name, however deep it is wrapped; false if there is none within reach. */
bool decoder_find(const struct decoder *decoder, const struct part *whole, const char *name, struct part *ret);
bool decoder_find_number(const struct decoder *decoder, const struct part *whole, const char *name, uint64_t *ret);
/** Pointer number @p nth within @p whole, in the order of declaration. */
bool decoder_find_pointer(const struct decoder *decoder, const struct part *whole, unsigned nth, struct part *ret);

/** Decode @p part into @p node. */
void decoder_value(struct decoder *decoder, const struct part *part, struct value_node *node);
/** Decode @p part as a new child; nothing happens below the last level. */
void decoder_add(struct decoder *decoder, struct value_node *parent, const char *label, const struct part *part);
/** Elements in a row, equal ones once; @p count is how many there are, of which @p part may hold less. */
void decoder_elements(struct decoder *decoder, struct value_node *node, const struct part *part, uint32_t element,
		      uint64_t count);
/** The same behind a pointer, with "size N" in front. */
void decoder_sequence(struct decoder *decoder, struct value_node *node, const struct part *inside, uint64_t address,
		      uint32_t element, uint64_t count);
/** An entry of a map, labelled with its key; of a set if @p value is NULL. */
void decoder_entry(struct decoder *decoder, struct value_node *node, const struct part *key,
		   const struct part *value);
/** What a pointer points to, into the same node; its address where that is not to be had. */
void decoder_pointee(struct decoder *decoder, struct value_node *node, uint64_t address, uint32_t target);

#endif
