/**
 * Split DWARF (-gsplit-dwarf; DWARF 4's GNU form and DWARF 5's): the file itself has skeleton units only, the
 * variables' DIEs are in .dwo files, or in one .dwp with many. Nothing is opened here: the caller is told what is
 * wanted.
 */
#ifndef DWARF_SPLIT_H
#define DWARF_SPLIT_H

#include "dwarf/provider.h"

/** What a skeleton unit says of its other half. */
struct dwarf_split {
	uint64_t unit;        ///< Offset of its header in .debug_info.
	uint64_t id;          ///< Its dwo id: the same number stands in the other half.
	const char *name;     ///< Of the .dwo as the compiler wrote it, often relative to @c comp_dir.
	const char *comp_dir; ///< "" if not known.
};
typedef vec_of(struct dwarf_split) dwarf_split_list;
typedef vec_of(uint64_t) dwarf_split_ids;

/**
 * The skeleton units of @p file, in order; none if it is not split. Strings live as long as @p arena. Damage ends the
 * list.
 */
must_use struct polyton_error *dwarf_split_list_units(struct dwarf_file *file, struct arena *arena,
						      dwarf_split_list *ret);
/** The dwo ids of the units that are in @p file, a .dwo or a .dwp. */
must_use struct polyton_error *dwarf_split_list_ids(struct dwarf_file *file, dwarf_split_ids *ret);

#endif
