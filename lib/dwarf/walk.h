/** Past all DIEs of a unit, stopping only at those that are worth a look. */
#ifndef DWARF_WALK_H
#define DWARF_WALK_H

#include "dwarf/headers.h"

/** A DIE that is worth it: a VARIABLE, NAMED, NAMED_OUTER or IMPORT one. */
struct dwarf_walked {
	const struct dwarf_headers *headers;
	const struct dwarf_headers_unit *unit;
	const struct abbrev *abbrev;
	const uint8_t *die, *content; ///< Its code, and what comes after; all of its attributes lie within the unit.
	bool is_in_function;
};
typedef struct polyton_error *dwarf_walk_fn(const struct dwarf_walked *walked, void *arg);

/** Visit them in order, ending at the first error. Damage ends the walk, and is said in @p complaint_ret. */
must_use struct polyton_error *dwarf_walk(const struct dwarf_headers *headers, const struct dwarf_headers_unit *unit,
					  dwarf_walk_fn *visit, void *arg, const char **complaint_ret);

/** The attributes of a DIE with that abbreviation, whose content is at @p content. */
struct form_cursor dwarf_walk_attributes(const struct dwarf_headers *headers, const struct dwarf_headers_unit *unit,
					 const struct abbrev *abbrev, const uint8_t *content);

#endif
