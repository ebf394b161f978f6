/**
 * Where the types of a singleton's copies differ in memory.
 */
#ifndef FIND_LAYOUTS_H
#define FIND_LAYOUTS_H

#include "find/finder.h"

/** Fill @c layout of every singleton that may be reported and of which two live copies have types. */
must_use struct polyton_error *layouts_settle(struct finder *finder);
/** Whether they differ in the variable's own bytes, not only behind pointers. */
bool layouts_differ(const struct polyton_singleton *singleton);

#endif
