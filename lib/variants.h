/**
 * Which files of a set would never be in one process.
 */
#ifndef VARIANTS_H
#define VARIANTS_H

#include "closure.h"

/**
 * Fill @c party and @c sets of @p closure's objects: programs; files of one name or SONAME that were found in folders
 * without anything that needs two of them; plugins that the caller's sets keep apart. What is taken to be apart, though
 * nobody said so, is noted.
 */
must_use struct polyton_error *variants_settle(const struct disk *disk, struct closure *closure,
					       struct polyton_snapshot *snapshot);

#endif
