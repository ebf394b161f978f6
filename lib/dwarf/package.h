/** .debug_cu_index: where in a .dwp the parts of other sections begin that belong to a unit. */
#ifndef DWARF_PACKAGE_H
#define DWARF_PACKAGE_H

#include "dwarf/scan.h"

struct dwarf_package_row {
	uint64_t info, info_size, abbrev, str_offsets;
};

struct dwarf_package {
	bool is_there;
	vec_of(struct dwarf_package_row) rows; ///< By @c info.
};

/** Without an index nothing is there. A damaged one lists nothing, and is complained of. */
must_use struct polyton_error *dwarf_package_init(const struct dwarf_sections *sections, struct dwarf_package *ret,
						  const char **complaint_ret);
void dwarf_package_deinit(struct dwarf_package *package);

/**
 * Add to both offsets what the unit at @p unit has to add; false if it is not listed (units of types are in another
 * index).
 */
must_use bool dwarf_package_place(const struct dwarf_package *package, uint64_t unit, uint64_t *abbrev,
				  uint64_t *str_offsets);

#endif
