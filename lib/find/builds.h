/**
 * PT006: two builds of a library that have the names of their functions in common, and a program whose own build takes
 * the references that were meant for the shared library.
 */
#ifndef FIND_BUILDS_H
#define FIND_BUILDS_H

#include "find/finder.h"

/** So many functions that two objects export are no accident. */
enum { BUILDS_LEAST_FUNCTIONS = 8 };

must_use struct polyton_error *builds_find(struct finder *finder);
/** Whether the two may export the same functions without being one library: runtimes, and fronts of one driver. */
bool builds_share_by_design(const struct finder *finder, uint32_t left, uint32_t right);

#endif
