/**
 * Where the types of two copies differ in memory: code that was built for one must not be handed the other.
 *
 * Compared is what decides where bytes lie and what they mean: sizes, members by name with their offsets, bit-fields,
 * bases, variants and their discriminants, enumerators, element counts. No difference are typedefs, qualifiers, the
 * names of structures that are alike, and wrappers of one member. Pointers are compared by the name of what they point
 * to, which is then compared itself, but no pointer in it is followed any further.
 */
#ifndef VALUE_LAYOUT_H
#define VALUE_LAYOUT_H

#include "base/arena.h"
#include "base/error.h"
#include "model/type.h"

enum layout_what {
	LAYOUT_WHOLE,  ///< The variable itself.
	LAYOUT_MEMBER, ///< Also a base class.
	LAYOUT_ELEMENT,
	LAYOUT_POINTEE,      ///< What a pointer points to.
	LAYOUT_DISCRIMINANT, ///< What tells a Rust enum's variants apart.
	LAYOUT_VARIANT,
	LAYOUT_ENUMERATOR,
};

/** One of the two copies' view. */
struct layout_side {
	bool is_there;
	bool is_default; ///< A variant that is chosen when no other is.
	bool is_bits;
	uint64_t offset; ///< From the start of the variable or pointee. For bits: of the byte that the first one is in.
	uint64_t size;
	uint32_t bit_offset, bit_size;
	int64_t value;    ///< An enumerator's, or the bits of a variant's.
	const char *type; ///< As spelled there, "" for an enumerator or a variant without content.
};

struct layout_row {
	/**
	 * "inner.handle", "state.Some.0", "list[].next", "handle->count", "*handle"; "" is the variable itself. Bases
	 * and wrappers of one member are left out: what is in them is reached without them.
	 */
	const char *path;
	enum layout_what what;
	bool is_behind_pointer; ///< Not in the variable's own bytes.
	struct layout_side side[2];
};

struct layout {
	const struct layout_row *rows;
	size_t row_count;
	bool is_cut;     ///< A limit was met: there may be more.
	bool is_partial; ///< Something is only declared in one of them, or unreadable, and was not compared.
};

struct layout_limits {
	uint32_t rows, depth, pointers; ///< How many, how deep, how many pointers in a row are followed.
	uint32_t steps;                 ///< Pairs of names or types looked at: bounds time and memory.
};
extern const struct layout_limits layout_usual_limits;

/** A type in its graph. */
struct layout_subject {
	const struct type_graph *graph;
	uint32_t type;
};

/**
 * Rows in order of offset, those behind pointers last; none if the types are equal. A pair of types that is met again
 * is not reported again. What @p ret holds lives as long as @p arena. The graphs need not be sound.
 */
must_use struct polyton_error *layout_compare(const struct layout_subject subjects[2],
					      const struct layout_limits *limits, struct arena *arena,
					      struct layout *ret);

/** One side in words: "+24, 8 bytes, usize", "+0 bits 3..5, unsigned int", "= 2, 48 bytes", "absent". */
must_use const char *layout_side_text(struct arena *arena, const struct layout_row *row, int side);

/**
 * The rows as lines with the two sides in columns beside each other under their titles, or under each other where
 * @p columns are too few. Not escaped. NULL when out of memory.
 */
must_use const char *const *layout_lines(struct arena *arena, const struct layout *layout,
					 const char *const titles[2], size_t columns, size_t *count_ret);

#endif
