/**
 * Where a file's debug info describes its variables: a linear walk over .debug_info that decodes nothing but what leads
 * to a variable's place and name. No libdwarf, no tree; bounded by the section's size. DWARF 2 to 5, 32 and 64 bits,
 * both byte orders; memory beside the result is a few times the size of .debug_abbrev.
 */
#ifndef DWARF_SCAN_H
#define DWARF_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"
#include "dwarf/second.h"

enum dwarf_place {
	DWARF_PLACE_ADDRESS, ///< Link-time address.
	DWARF_PLACE_TLS,     ///< Offset in the TLS block.
	DWARF_PLACE_NONE,    ///< None that is understood (aarch64's TLS, optimised away): known by name only.
};

/**
 * One DW_TAG_variable. Variables that live in registers or on the stack, and pure declarations, are not listed.
 *
 * What the linker left out is still described. Its place then is what the linker wrote for "nowhere": 0 (a TLS offset 0
 * may also be true), or one of the two highest values that an address of the file can have; @c is_dead_unit is said of
 * units whose code is all left out. Only a symbol of the same name tells the first from a true one: see
 * dwarf_place_is_doubtful().
 */
struct dwarf_found {
	uint64_t die, unit; ///< Offsets in .debug_info of the DIE and its unit's header.
	uint64_t value;     ///< By @c place.
	/**
	 * Its linkage name, else its plain one; what it specifies or originates from is asked, too. NULL: not readable,
	 * or only said in dwz's alternate file.
	 */
	const char *name;
	enum dwarf_place place;
	bool is_linkage_name;
	bool is_dead_unit;
};
typedef vec_of(struct dwarf_found) dwarf_found_list;

/** A unit whose content is in a .dwo or .dwp file. */
struct dwarf_skeleton {
	uint64_t id;        ///< Its dwo id.
	uint64_t unit;      ///< Offset of its header.
	uint64_t addr_base; ///< Where in .debug_addr its addresses begin.
};
typedef vec_of(struct dwarf_skeleton) dwarf_skeleton_list;
typedef vec_of(uint64_t) dwarf_offset_list;

/**
 * Sections as bytes; NULL and 0 where there is none. Borrowed: names point into them. For a .dwo or .dwp file @c info,
 * @c abbrev, @c str, @c str_offsets and @c index are its own, the rest is the executable's.
 */
struct dwarf_sections {
	const uint8_t *info, *abbrev, *str, *line_str, *addr, *str_offsets;
	size_t info_size, abbrev_size, str_size, line_str_size, addr_size, str_offsets_size;
	const uint8_t *index; ///< .debug_cu_index of a .dwp.
	size_t index_size;
	const uint8_t *alternate_str; ///< .debug_str of dwz's alternate file.
	size_t alternate_str_size;
	const struct dwarf_skeleton *skeletons; ///< For a split file: of the executable, by id.
	size_t skeleton_count;
	bool is_big_endian;
	bool is_split; ///< A .dwo or .dwp: units' bases come from the skeleton's sections.
};

/**
 * Every variable of all units, in order. Damage ends the unit it is in, and is described in @p complaint_ret (static
 * text, NULL if there was none). @p has_variables_ret: some unit describes data at all, be it variables, parameters or
 * types (else: line tables only). @p second does half of it, if it is not NULL.
 *
 * In a split file written by gcc 12 the TLS value is the address of the variable's initial image instead of its offset:
 * one that lies within PT_TLS's addresses and beyond its size is meant so.
 */
must_use struct polyton_error *dwarf_scan(const struct dwarf_sections *sections, struct second *second,
					  dwarf_found_list *ret, bool *has_variables_ret, const char **complaint_ret);
/** The skeleton units, by id; each unit's first DIE is all that is looked at. */
must_use struct polyton_error *dwarf_scan_skeletons(const struct dwarf_sections *sections, dwarf_skeleton_list *ret,
						    const char **complaint_ret);
/**
 * The units of dwz's alternate file that @p sections imports, directly or by way of others: offsets of their headers
 * there, in order. Other variables of the alternate file are not this file's.
 */
must_use struct polyton_error *dwarf_scan_imports(const struct dwarf_sections *sections,
						  const struct dwarf_sections *alternate, dwarf_offset_list *ret,
						  const char **complaint_ret);

/** The place may be that of something the linker left out, so it proves nothing without the name. */
static inline bool dwarf_place_is_doubtful(const struct dwarf_found *found)
{
	uint64_t value = found->value;
	return found->place == DWARF_PLACE_NONE || found->is_dead_unit || value == 0 || value >= UINT64_MAX - 1 ||
	       value == UINT32_MAX || value == UINT32_MAX - 1;
}

#endif
