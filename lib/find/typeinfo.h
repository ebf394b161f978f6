/**
 * PT009 duplicate-type-identity: C++ types that exist more than once where that makes them different types.
 *
 * libc++ tells types apart by the address of their names (<typeinfo>, _LIBCPP_TYPEINFO_COMPARISON_IMPLEMENTATION 1,
 * which is the default on ELF), and so do its catch clauses, dynamic_cast and std::any. libstdc++ compares the names'
 * text (its <typeinfo> and libsupc++/tinfo.cc: __GXX_MERGED_TYPEINFO_NAMES is 0), so with it several are as good as
 * one. Therefore only objects that use libc++ count, and of their types only those that other files could
 * mean, too.
 */
#ifndef FIND_TYPEINFO_H
#define FIND_TYPEINFO_H

#include "find/finder.h"

must_use struct polyton_error *typeinfo_find(struct finder *finder);

#endif
