/**
 * PT006: a static copy beside the shared library, and the C++ standard library linked into several objects.
 */
#ifndef FIND_BESIDE_H
#define FIND_BESIDE_H

#include "find/finder.h"

must_use struct polyton_error *beside_find(struct finder *finder);

#endif
