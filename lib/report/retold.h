/**
 * A snapshot in which a caller's own texts stand for values: what writes it need not know who told them.
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
 * @p texts are @p count texts, one for each cell of each copy of @p singleton, in their order, NULL for those that
 * keep their own; if they are NULL, or @p singleton is POLYTON_NONE, it is a view of the snapshot as it is. Another
 * number of texts than of cells is POLYTON_ERROR_ARGUMENT.
 */
must_use struct polyton_error *retold_init(const struct polyton_snapshot *snapshot, uint32_t singleton,
					   const char *const *texts, size_t count, struct retold *ret);
void retold_deinit(struct retold *retold);

#endif
