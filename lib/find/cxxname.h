/** What a C++ mangled name tells of a variable, beside being its key. */
#ifndef FIND_CXXNAME_H
#define FIND_CXXNAME_H

#include "find/identity.h"

/**
 * Fill name, library, role and scope of @p ret, whose key is @p mangled (whole, without what compilers append).
 * Strings live in @p arena or are borrowed from @p mangled. A name that cannot be demangled stands for itself.
 */
must_use struct polyton_error *cxxname_read(const char *mangled, struct arena *arena, struct identity *ret);

#endif
