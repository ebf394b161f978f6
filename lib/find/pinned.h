/**
 * PT010 pinned-object: objects that were loaded by a dlopen() and stay whatever dlclose() is told. The first object
 * that a lookup finds to define an STB_GNU_UNIQUE symbol owns it for its namespace, and glibc then never unloads it
 * (do_lookup_unique() in elf/dl-lookup.c sets l_nodelete_active or, before 2.31, DF_1_NODELETE). One that was linked
 * with -z nodelete says so itself. It matters to programs that reload their plugins.
 */
#ifndef FIND_PINNED_H
#define FIND_PINNED_H

#include "find/finder.h"

must_use struct polyton_error *pinned_find(struct finder *finder);

#endif
