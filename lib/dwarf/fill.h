/** What a type's DIE says, as the content of its row. */
#ifndef DWARF_FILL_H
#define DWARF_FILL_H

#include "dwarf/complete.h"
#include "dwarf/rows.h"

struct filler {
	struct rows rows;
	struct dwarf_units *units; ///< Of the file.
	struct complete_types complete;
	enum polyton_language language; ///< For units that do not say theirs.
};

/** Read all that is queued, and what that refers to, as far as the limits go. */
must_use struct polyton_error *fill_queued(struct filler *filler);

/** The row of the type that an attribute refers to; POLYTON_NONE if it has none. */
must_use struct polyton_error *fill_reference(struct filler *filler, const struct die *die, uint32_t *ret);
/** The size of that type, through typedefs and qualifiers, by its DIE; 0 if it is not known. */
uint64_t fill_size_behind(const struct die *die);
/** Its encoding (DW_ATE_*), in the same way; 0 if it has none. */
uint64_t fill_encoding_behind(const struct die *die);

/**
 * Members, base classes, generic arguments and variants of a struct, class or union, into the row's ranges. In this
 * and the next two, damage within the DIE is POLYTON_ERROR_DAMAGED.
 */
must_use struct polyton_error *fill_members(struct filler *filler, const struct die *die, struct type *row);
must_use struct polyton_error *fill_enumerators(struct filler *filler, const struct die *die, struct type *row);
/** Parameters, into the row's parameters. */
must_use struct polyton_error *fill_parameters(struct filler *filler, const struct die *die, struct type *row);

#endif
