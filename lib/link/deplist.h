/**
 * The list of an object and of all that it brings, as ld.so makes it when it loads the object: breadth first, and what
 * an object filters (DT_FILTER, DT_AUXILIARY) right before that. Source: glibc elf/dl-deps.c, _dl_map_object_deps, of
 * 2.32 and later; musl knows no filters.
 */
#ifndef LINK_DEPLIST_H
#define LINK_DEPLIST_H

#include "base/error.h"
#include "base/vec.h"
#include "elf/dynamic.h"

struct deplist_place {
	uint32_t round;          // the list that the rest is of
	uint32_t previous, next; // POLYTON_NONE: the end
	uint32_t filter;         // of which it was put before, or POLYTON_NONE
	bool is_done;
};

/** Zero-initialise; for any number of lists, one after the other. */
struct deplist {
	vec_of(uint32_t) objects; ///< The last list that was made.
	vec_of(struct deplist_place) places;
	uint32_t round, first, last;
};
void deplist_deinit(struct deplist *list);

/** What is asked while a list is made; each object's needs are asked for once, in the list's order. */
struct deplist_ops {
	/** How much @p object needs; 0 as well if it is known that nothing of that is new. */
	must_use struct polyton_error *(*count)(void *arg, uint32_t object, size_t *ret);
	/** The @p number th of that, which may be loaded only now; POLYTON_NONE: it is not to be had. */
	must_use struct polyton_error *(*find)(void *arg, uint32_t object, size_t number, uint32_t *ret,
					       enum elf_need *kind_ret);
	/** @p filtee stands right before @p filter from now on. May be NULL. */
	void (*put_before)(void *arg, uint32_t filtee, uint32_t filter);
};

/** Make the list that begins with @p count objects: the one that is loaded, and what is preloaded with it. */
must_use struct polyton_error *deplist_make(struct deplist *list, const uint32_t *objects, size_t count,
					    const struct deplist_ops *ops, void *arg);

#endif
