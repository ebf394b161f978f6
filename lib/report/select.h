/**
 * Which singleton a user means by a name.
 */
#ifndef REPORT_SELECT_H
#define REPORT_SELECT_H

#include "model/snapshot.h"

/**
 * The index of the singleton that @p name means: its full name; "LIBRARY::NAME"; the raw symbol of one of its copies;
 * or the last parts of its name, from a "::" on. Of several that are meant alike the only one that is reported is
 * taken. Otherwise POLYTON_ERROR_NOT_FOUND, which lists them, or names that look like @p name.
 */
must_use struct polyton_error *select_singleton(const struct polyton_snapshot *snapshot, const char *name,
						uint32_t *ret);

#endif
