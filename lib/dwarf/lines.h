/**
 * Names of source files, from the header of a line table (DWARF 2 to 5). The table's program is never run.
 */
#ifndef DWARF_LINES_H
#define DWARF_LINES_H

#include "base/arena.h"
#include "dwarf/scan.h"

/** The sections that it takes. */
struct line_source {
	const uint8_t *line;
	size_t line_size;
	const struct dwarf_sections *sections;
	uint64_t str_offsets_base; ///< For names that are stored by number.
};

/**
 * File number @p index (as DW_AT_decl_file counts) of the table at @p offset, its folder before it unless that is the
 * folder of the compilation. "" if there is none such, or the table is damaged. The result lives in @p arena.
 */
must_use struct polyton_error *line_file_name(const struct line_source *source, uint64_t offset, uint64_t index,
					      struct arena *arena, const char **ret);

#endif
