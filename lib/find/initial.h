/**
 * What a static variable held when its object had been loaded: the file's bytes with the loader's words in place.
 */
#ifndef FIND_INITIAL_H
#define FIND_INITIAL_H

#include "arch/arch.h"
#include "find/places.h"

/** One variable of one object. */
struct initial {
	uint64_t offset; ///< Link-time address.
	size_t size;
	const uint8_t *current; ///< What it holds now; NULL: nothing, it is not loaded.
	uint8_t *image;         ///< Result, @c size bytes.
	bool is_known; ///< Result: false without a file, or if it depends on other objects (COPY, not loaded).
};

/**
 * Fill the images of @p count variables of @p object, sorted by offset. A word that the loader fills with a
 * symbol's address counts as initial if it now leads to a symbol of that name, in whichever object it was bound to.
 * True if one has a pointer into @p object itself. @p places is only asked about what variables hold now.
 */
bool initial_fill(const struct arch *arch, const struct object_input *object, uint64_t load_bias,
		  struct places *places, struct initial *variables, size_t count);

#endif
