/**
 * What the copies of files will hold when they are loaded.
 */
#ifndef DISKVALUES_H
#define DISKVALUES_H

#include "scan.h"

/** Places for objects that have none yet, so that an address tells whose it is. */
void diskvalues_place(const struct scan *scan, struct polyton_snapshot *snapshot);
/** Give each copy of what may be reported one cell, POLYTON_CELL_IN_FILE, if its value is known. */
must_use struct polyton_error *diskvalues_settle(const struct scan *scan, const struct polyton_options *wanted,
						 struct polyton_snapshot *snapshot);
/** Nothing is loaded: take all places away again. */
void diskvalues_forget(struct polyton_snapshot *snapshot);

#endif
