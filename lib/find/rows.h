/**
 * From drafts to the snapshot's rows: libraries, their singletons, and those's copies, each list in an order
 * that depends on names only.
 */
#ifndef FIND_ROWS_H
#define FIND_ROWS_H

#include "find/crates.h"
#include "find/draft.h"

/** The crates that objects embed, scanned when first asked for. */
struct crate_lists {
	struct crate **lists; ///< Per object; NULL until scanned.
	size_t *counts;
	bool *is_scanned;
	const struct object_input *objects;
	uint32_t count;
	struct arena *arena; ///< The snapshot's.
};

must_use struct polyton_error *crate_lists_init(struct crate_lists *lists, const struct object_input *objects,
						uint32_t count, struct arena *arena);
void crate_lists_deinit(struct crate_lists *lists);
/** The crates of object @p object, @p count_ret of them; none without a file. */
must_use struct polyton_error *crate_lists_get(struct crate_lists *lists, uint32_t object, const struct crate **ret,
					       size_t *count_ret);

/** Fill @c libraries, @c singletons, @c copies and @c dropped of the snapshot; its objects are there already. */
must_use struct polyton_error *rows_build(const struct drafts *drafts, struct crate_lists *crates,
					  struct polyton_snapshot *snapshot);

#endif
