/**
 * PT006: a library that is loaded, or linked in, more than once. Its singletons are folded into the one finding.
 */
#ifndef FIND_TWICE_H
#define FIND_TWICE_H

#include "find/finder.h"

/**
 * Libraries twice by what objects are (the same file, versions, namespaces) and by what their variables are (a static
 * copy beside the shared library; the C++ standard library linked in statically). Folded singletons get the finding's
 * index.
 */
must_use struct polyton_error *twice_find(struct finder *finder);

#endif
