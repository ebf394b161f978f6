/**
 * From a variable's DIE to its name and its type, as rows of a type graph (model/type.h).
 *
 * All types of one file share a graph: a type that two variables refer to is read once. Reading follows what a value
 * is made of without limit but that of the budget, and pointers (references, generic arguments) up to a number of
 * steps; what lies behind the last step has its name and size, and is TYPE_INCOMPLETE with a size that is not 0.
 *
 * In the graph a Rust enum's discriminant, and the members that hold its variants' content, stand outside
 * [first_member, first_member + member_count): these are only what all variants share. A function's parameters are
 * its "parameters", its result is its target. A template's value parameter has its value as offset. C++'s virtual
 * bases are left out: where they are is known to the object alone. The bits of a big-endian file's bit-fields count
 * from the highest bit of the byte.
 */
#ifndef DWARF_TYPES_H
#define DWARF_TYPES_H

#include "dwarf/provider.h"
#include "model/type.h"

struct dwarf_types;

struct dwarf_types_limits {
	uint32_t steps; ///< Pointers followed one after another.
	uint32_t types; ///< Rows of the graph.
	uint64_t dies;  ///< DIEs looked at, for all variables together.
};

/** The names that a variable's DIE, or what it refers to (specification, abstract origin), gives it. */
struct dwarf_names {
	const char *name;         ///< As written, "" if it has none: "CONTEXT".
	const char *linkage_name; ///< Mangled, "" if it has none.
	bool has_type;
	bool is_declaration; ///< Defined elsewhere.
};

/** The types of @p file, which must outlive them. @p limits may be NULL: usual ones. */
must_use struct polyton_error *dwarf_types_create(struct dwarf_file *file, const struct dwarf_types_limits *limits,
						  struct dwarf_types **ret);
void dwarf_types_destroy(struct dwarf_types *types);

/**
 * The names of the variable whose DIE is at @p die in .debug_info. Strings live as long as @p types. Damage is
 * POLYTON_ERROR_DAMAGED.
 */
must_use struct polyton_error *dwarf_types_names(struct dwarf_types *types, uint64_t die, struct dwarf_names *ret);
/** Its name with the namespaces, classes and functions around it: "tokio::runtime::context::CONTEXT". */
must_use struct polyton_error *dwarf_types_qualified_name(struct dwarf_types *types, uint64_t die, const char **ret);

/**
 * The type of that variable, where it was declared (with the folder of the compilation before a relative path: it
 * tells a crate's name and version) and what compiled it. Damage and missing files are answers (@c absence, or a
 * TYPE_UNKNOWN row that says why), not errors. Strings and the graph live as long as @p types; the graph grows with
 * every call, so rows may move, indices stay.
 */
must_use struct polyton_error *dwarf_types_describe(struct dwarf_types *types, uint64_t die, struct type_of *ret);

/** All rows so far. */
const struct type_graph *dwarf_types_graph(const struct dwarf_types *types);
/** What was found damaged, or too large to be read; NULL if nothing. Static text. */
const char *dwarf_types_complaint(const struct dwarf_types *types);

#endif
