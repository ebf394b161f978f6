/**
 * PT001 to PT004: a singleton whose several copies are in use, with other sizes, with other states.
 */
#ifndef FIND_DUPLICATES_H
#define FIND_DUPLICATES_H

#include "find/finder.h"

/** Whether it has a finding of its own. */
bool duplicates_is_reported(const struct polyton_singleton *singleton);
/** Whether one of its copies is set and another still initial, in one thread or, of a static, at all. */
bool duplicates_is_split(const struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton);
/** All findings about singleton @p index. */
must_use struct polyton_error *duplicates_add(struct finder *finder, uint32_t index);
/** One note for library @p index, which is meant to be in each object, if any of its singletons would be reported. */
must_use struct polyton_error *duplicates_add_library(struct finder *finder, uint32_t index);

#endif
