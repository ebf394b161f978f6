/**
 * Source lines of a few places in a file's code, by running its line tables (DWARF 2 to 5, section 6.2).
 */
#ifndef DWARF_LINEROWS_H
#define DWARF_LINEROWS_H

#include "dwarf/lines.h"
#include "dwarf/wire.h"

/**
 * The line of each of @p count link-time addresses, in @p ret; "" and 0 where no table has it. Names live in @p arena.
 * A damaged table costs what it would have told, no more.
 */
must_use struct polyton_error *linerows_find(const struct line_source *source, const uint64_t *addresses,
					     uint32_t count, struct arena *arena, struct dwarf_line *ret);

#endif
