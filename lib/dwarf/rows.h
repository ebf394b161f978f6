/**
 * The rows of a type graph while it grows. A type has its row as soon as somebody refers to it, and its content
 * later: what is to be read waits in a queue, so that no chain of types, however long, is followed by recursion.
 */
#ifndef DWARF_ROWS_H
#define DWARF_ROWS_H

#include "base/strmap.h"
#include "dwarf/die.h"
#include "dwarf/types.h"

enum row_state {
	ROW_NEW,
	ROW_OUTLINED, ///< Name and size are there: it is too many steps away.
	ROW_FILLED,
};

struct row_source {
	struct die_place place;
	uint32_t steps; ///< Pointers from the nearest variable.
	enum row_state state;
	bool is_queued;
};

struct rows {
	struct dwarf_types_limits limits;
	vec_of(struct type) types;
	vec_of(struct row_source) sources; ///< One per type.
	vec_of(struct type_member) members;
	vec_of(struct type_enumerator) enumerators;
	vec_of(struct type_variant) variants;
	vec_of(uint32_t) queue;
	size_t queue_head;
	size_t finished; ///< Rows before it are complete.
	struct strmap by_place;
	uint32_t void_row, full_row; ///< POLYTON_NONE before they are needed.
	struct arena arena;
	const char *complaint;
};

void rows_init(struct rows *rows, const struct dwarf_types_limits *limits);
void rows_deinit(struct rows *rows);

/** The row of the type that is described there, a new one if need be. Beyond the limit: one that says so. */
must_use struct polyton_error *rows_at(struct rows *rows, const struct die_place *place, uint32_t *ret);
/** A row that no DIE describes. */
must_use struct polyton_error *rows_add(struct rows *rows, const struct type *row, uint32_t *ret);
/** What stands for "no type" where there must be one. */
must_use struct polyton_error *rows_void(struct rows *rows, uint32_t *ret);
/** A type that is not to be had, and why (borrowed). */
must_use struct polyton_error *rows_unknown(struct rows *rows, const char *reason, uint32_t *ret);

/** Somebody refers to the row, that many steps from a variable: it is queued if that is news. */
must_use struct polyton_error *rows_reach(struct rows *rows, uint32_t row, uint32_t steps);
/** Reach whatever @p row refers to. */
must_use struct polyton_error *rows_spread(struct rows *rows, uint32_t row);
/** The next row of the queue; false when it is empty. */
bool rows_next(struct rows *rows, uint32_t *ret);
/** Work out the sizes and values that depend on other rows. */
void rows_finish(struct rows *rows);

#endif
