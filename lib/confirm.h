/**
 * Objects that came or went while they were looked at: no picture of them is true.
 */
#ifndef CONFIRM_H
#define CONFIRM_H

#include "scan.h"

/**
 * Leave those objects out of @p scan and @p snapshot, with their notes; one note tells how many, as does @p ret.
 * Of each that stays, its row of the table of modules, as long as that does not change, is the object that was
 * looked at: its name, its file and its place are its own.
 */
must_use struct polyton_error *confirm_objects(struct subject *subject, struct scan *scan,
					       struct polyton_snapshot *snapshot, uint32_t *ret);

#endif
