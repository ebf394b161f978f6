/**
 * Why a further copy is there beside the first, on what evidence, and what to do.
 */
#ifndef FIND_CAUSE_H
#define FIND_CAUSE_H

#include "find/finder.h"

/**
 * Settle the reason of every live copy but one of each singleton that has several and is no noise. That one, the
 * first, is the copy that the others' objects could have used: the program's, if its symbol is no local one, else the
 * first that is exported to all, else the first.
 */
must_use struct polyton_error *causes_settle(struct finder *finder);
/**
 * Whether the two objects are two versions, or two builds, of one library: their SONAMEs (or file names) say so, they
 * export the same functions for the most part, and neither is linked to the other.
 */
bool cause_is_other_version(const struct finder *finder, uint32_t a, uint32_t b);
/** Whether @p object has @p library's SONAME among what it needs or filters. */
bool cause_needs(const struct finder *finder, uint32_t object, uint32_t library);
/**
 * A library's name without its version: the first @p length_ret bytes of the result. "libfoo" of libfoo.so.1.2,
 * libfoo-1.2.so and libfoo-1.2.so.3. NULL for a program and for what is not named like a library.
 */
const char *cause_stem(const struct polyton_object *object, size_t *length_ret);
/** An object whose code reaches the copy: its own, if that does. */
uint32_t cause_user(const struct polyton_copy *copy);
/** Whether the two objects hold the same file, as far as build ids or contents tell. */
bool cause_is_same_file(const struct finder *finder, uint32_t a, uint32_t b);

#endif
