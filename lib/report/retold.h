/**
 * A snapshot in which a caller's own texts stand for values, or that knows of some threads only: what writes it need
 * not know of either.
 */
#ifndef REPORT_RETOLD_H
#define REPORT_RETOLD_H

#include "model/snapshot.h"

struct retold {
	/** Borrows all but its copies from the snapshot that it was made of. */
	struct polyton_snapshot snapshot;
	struct arena arena; ///< Of the cells that have other values now.
};

/**
 * By the options cell_texts and tids, about @p singleton; without them, or if it is POLYTON_NONE, it is a view of the
 * snapshot as it is. Another number of texts than of cells is POLYTON_ERROR_ARGUMENT.
 */
must_use struct polyton_error *retold_init(const struct polyton_snapshot *snapshot, uint32_t singleton,
					   const struct polyton_write_options *options, struct retold *ret);
void retold_deinit(struct retold *retold);

#endif
