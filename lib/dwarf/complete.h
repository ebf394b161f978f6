/**
 * Where types are complete that other units only declare: C's opaque structs, and the classes that clang describes in
 * one unit alone. Looked for in all units of the file, its common one of dwz included, the first time that one is
 * wanted; where that would take long, not at all.
 */
#ifndef DWARF_COMPLETE_H
#define DWARF_COMPLETE_H

#include "base/strmap.h"
#include "dwarf/die.h"

struct complete_type {
	struct die_place place;
	uint32_t next; ///< The next one of the same name, POLYTON_NONE at the end.
};

/** Zero-initialise; complete_types_deinit(). */
struct complete_types {
	bool is_listed;
	vec_of(struct complete_type) items;
	struct strmap by_name; ///< The first one of each name.
};

void complete_types_deinit(struct complete_types *types);

/**
 * The type of that name and qualified name, with the same tag, in @p units or their alternate. False in @p
 * is_found_ret if there is none.
 */
must_use struct polyton_error *complete_types_find(struct complete_types *types, struct dwarf_units *units,
						   const char *name, const char *qualified, uint16_t tag,
						   enum polyton_language language, struct arena *arena,
						   bool *is_found_ret, struct die_place *ret);

#endif
