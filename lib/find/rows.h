/**
 * From drafts to the snapshot's rows: libraries, their singletons, and those's copies, each list in an order
 * that depends on names only.
 */
#ifndef FIND_ROWS_H
#define FIND_ROWS_H

#include "find/cratelists.h"
#include "find/draft.h"

/** Fill @c libraries, @c singletons, @c copies and @c dropped of the snapshot; its objects are there already. */
must_use struct polyton_error *rows_build(const struct drafts *drafts, struct crate_lists *crates,
					  struct polyton_snapshot *snapshot);

#endif
