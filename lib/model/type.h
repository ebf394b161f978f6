/**
 * Types as plain data: what debug info says of a variable's layout, copied out of it, so that nothing above the dwarf
 * floor knows where it came from. A graph holds the types of one file; types refer to each other by index, and may do
 * so in circles.
 */
#ifndef MODEL_TYPE_H
#define MODEL_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "polyton.h"

enum type_kind {
	TYPE_UNKNOWN, ///< Could not be read; @c name says why.
	TYPE_VOID,
	TYPE_BASE,      ///< @c encoding tells how its bytes are read.
	TYPE_POINTER,   ///< To @c target.
	TYPE_REFERENCE, ///< C++ & and &&; stored as a pointer.
	TYPE_MEMBER_POINTER,
	TYPE_ARRAY,  ///< @c count elements of @c target; several dimensions are arrays of arrays.
	TYPE_STRUCT, ///< struct or class; a Rust struct, tuple, or enum with data (then @c variant_count is not 0).
	TYPE_UNION,
	TYPE_ENUM, ///< @c target is the integer behind it, or POLYTON_NONE.
	TYPE_TYPEDEF,
	TYPE_QUALIFIED, ///< const, volatile, restrict, _Atomic: @c name is the qualifier.
	TYPE_FUNCTION,
	TYPE_INCOMPLETE, ///< Only declared.
};

/** DW_ATE_*, by meaning. */
enum type_encoding {
	TYPE_ENCODING_UNSIGNED,
	TYPE_ENCODING_SIGNED,
	TYPE_ENCODING_BOOLEAN,
	TYPE_ENCODING_FLOAT,
	TYPE_ENCODING_COMPLEX,
	TYPE_ENCODING_CHARACTER, ///< char, signed or not: one byte of text.
	TYPE_ENCODING_UTF,       ///< char8_t, char16_t, char32_t, Rust's char.
	TYPE_ENCODING_OTHER,     ///< Decimal floats and the like: shown as bytes.
};

struct type {
	enum type_kind kind;
	enum type_encoding encoding;
	enum polyton_language language;
	/** As the language spells it, qualified: "std::vector<int>", "tokio::runtime::Handle"; "" without a name. */
	const char *name;
	uint64_t size;                       ///< Bytes; 0 if not known.
	uint32_t target;                     ///< Index, POLYTON_NONE for none (a pointer to void).
	uint64_t count;                      ///< Of an array; UINT64_MAX if it is not known.
	uint32_t first_member, member_count; ///< STRUCT, UNION
	uint32_t first_enumerator, enumerator_count;
	/**
	 * A Rust enum: the member of index @c discriminant (of the graph's members) tells which variant it is;
	 * POLYTON_NONE: there is only one.
	 */
	uint32_t first_variant, variant_count, discriminant;
	/** Template arguments of a C++ class, or Rust's generic ones, as members with a name and a type. */
	uint32_t first_parameter, parameter_count;
	bool is_union; ///< INCOMPLETE: declared as a union, not as a struct.
};

struct type_member {
	const char *name; ///< "" for a nameless one; Rust's tuples have "__0", "__1".
	uint32_t type;
	uint64_t offset;     ///< Bytes from the start of what it is in.
	uint32_t bit_size;   ///< 0: no bit-field.
	uint32_t bit_offset; ///< From the lowest bit of the byte at @c offset, in a little-endian object.
	bool is_base;        ///< A C++ base class.
	bool is_artificial;  ///< The compiler's: a vtable pointer.
};

struct type_enumerator {
	const char *name;
	int64_t value; ///< Sign-extended, or the bit pattern of an unsigned one.
};

struct type_variant {
	const char *name;                 ///< "Some"
	bool is_default;                  ///< Chosen when no other value fits: the one that holds a niche.
	uint64_t first_value, last_value; ///< Of the discriminant, cut to its size.
	uint32_t member; ///< Index of the member that holds its content, POLYTON_NONE if it has none.
};

/** All types of one file that were asked for, and what they refer to. */
struct type_graph {
	const struct type *types;
	uint32_t type_count;
	const struct type_member *members;
	uint32_t member_count;
	const struct type_enumerator *enumerators;
	uint32_t enumerator_count;
	const struct type_variant *variants;
	uint32_t variant_count;
};

/** Why there is no type. */
enum type_absence {
	TYPE_IS_THERE,
	TYPE_NO_DEBUG_INFO,     ///< No .debug_info anywhere.
	TYPE_LINE_TABLES_ONLY,  ///< Built with -g1 or line-tables-only: no variables in it.
	TYPE_NOT_DESCRIBED,     ///< There is debug info, but not of this variable's unit (prebuilt std, assembly).
	TYPE_SPLIT_MISSING,     ///< Its .dwo or .dwp is not to be had.
	TYPE_ALTERNATE_MISSING, ///< dwz's alternate file is not to be had.
	TYPE_UNREADABLE,        ///< Damaged, or too large for the limits.
	TYPE_NO_WORKER,         ///< polyton-dwarf could not be started.
};

/** What is known of one variable. */
struct type_of {
	enum type_absence absence;
	const struct type_graph *graph; ///< NULL without a type.
	uint32_t type;
	const char *decl_file; ///< As the compiler wrote it, "" if not known.
	uint32_t decl_line;
	const char *producer; ///< "GNU C17 12.2.0 -g -O2", "clang LLVM (rustc version 1.95.0)"; "".
};

/** The type at that index, or a TYPE_UNKNOWN one when it is out of range. */
const struct type *type_at(const struct type_graph *graph, uint32_t index);
/** Strip typedefs and qualifiers; bounded, POLYTON_NONE when they lead in a circle. */
uint32_t type_strip(const struct type_graph *graph, uint32_t type);

#endif
