/** The units of .debug_info: their headers, and what their first DIEs say of where their values are looked up. */
#ifndef DWARF_HEADERS_H
#define DWARF_HEADERS_H

#include "dwarf/abbrevs.h"
#include "dwarf/scan.h"

struct dwarf_headers_unit {
	uint64_t offset, first, end; ///< In .debug_info: its header, its first DIE, behind it.
	const struct abbrev_table *abbrevs;
	struct dwarf_format format;
	bool is_skeleton;
	bool is_dead;  ///< Its code was left out by the linker.
	bool has_addr; ///< @c addr_base is known.
	uint64_t id;   ///< dwo id, of a skeleton or a split unit.
	uint64_t addr_base, str_offsets_base;
};

struct dwarf_headers {
	const struct dwarf_sections *sections; ///< Borrowed.
	struct abbrev_tables tables;
	vec_of(struct dwarf_headers_unit) units; ///< By offset.
};

/**
 * All units that can be read; what is damaged is left out, and said in @p complaint_ret (static text, untouched if
 * there is nothing to say, or something was said before). @p ret is to be deinitialised in any case.
 */
must_use struct polyton_error *dwarf_headers_init(const struct dwarf_sections *sections, struct dwarf_headers *ret,
						  const char **complaint_ret);
void dwarf_headers_deinit(struct dwarf_headers *headers);

/** Only what is said first is kept: the rest may follow from it. */
static inline void dwarf_complain(const char **complaint, const char *text)
{
	if (!*complaint)
		*complaint = text;
}

/** The unit that has a DIE at @p offset, or NULL. */
const struct dwarf_headers_unit *dwarf_headers_at(const struct dwarf_headers *headers, uint64_t offset);
/** Entry @p index of the unit's part of .debug_addr; false if it is not to be had. */
must_use bool dwarf_headers_address(const struct dwarf_headers *headers, const struct dwarf_headers_unit *unit,
				    uint64_t index, uint64_t *ret);
/** Entry @p index of the unit's part of .debug_str_offsets. */
must_use bool dwarf_headers_string(const struct dwarf_headers *headers, const struct dwarf_headers_unit *unit,
				   uint64_t index, uint64_t *ret);

#endif
