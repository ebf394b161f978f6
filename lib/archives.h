/**
 * Static archives and object files that were given along: what they would bring into whatever links them.
 */
#ifndef ARCHIVES_H
#define ARCHIVES_H

#include "closure.h"
#include "scan.h"

/** Note which variables of @p snapshot's objects come from @p closure's archives, or would come once more. */
must_use struct polyton_error *archives_note(const struct disk *disk, const struct closure *closure,
					     const struct scan *scan, struct polyton_snapshot *snapshot);

#endif
