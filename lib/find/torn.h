/**
 * PT005: one object that reaches some functions of a library in one copy of it and some in another.
 */
#ifndef FIND_TORN_H
#define FIND_TORN_H

#include "find/finder.h"

/**
 * Two objects are copies of a library when each has its own copy of one of its variables, or when they export the same
 * functions (builds.h). An object is torn when it gets a function that both export from the one, and in the other uses
 * a function of the same family, or, being the other, the variable. A family is a C++ namespace, or a C prefix.
 */
must_use struct polyton_error *torn_find(struct finder *finder);

#endif
