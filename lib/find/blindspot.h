/**
 * PT012: objects with variables and no names for them.
 */
#ifndef FIND_BLINDSPOT_H
#define FIND_BLINDSPOT_H

#include "find/finder.h"

/** Look for crates in those that blindspot_find() will ask for, on all processors. */
must_use struct polyton_error *blindspot_prepare(const struct polyton_snapshot *snapshot, struct crate_lists *crates);
must_use struct polyton_error *blindspot_find(struct finder *finder);

#endif
