/**
 * Definitions that the loader made one variable of, by interposition or by a COPY relocation: what is wrong with
 * that, and what of it is unused.
 *
 * PT007 merged-mismatch: they have different sizes. What counts is a word of the loader that leads an object, which
 * has a definition of its own, to another object's; so this is certain, whatever else the two have in common.
 *
 * PT008 shadowed-copy: copies that are there for nothing.
 */
#ifndef FIND_MERGED_H
#define FIND_MERGED_H

#include "find/finder.h"
#include "find/placemap.h"

/** @c own's object defines the variable, and uses another object's: @c used. Both have a size. */
struct merge {
	struct definition own, used;
	bool is_copy; ///< By a COPY relocation: @c used is the program's place for @c own.
};

/** Whether a reference tells of a merge. */
bool merged_read(const struct resolver *resolver, const struct reference *reference, struct merge *ret);
/** Why the name is none of a variable that people made, as of noise.h, or NULL. @p name_ret: what people call it. */
must_use struct polyton_error *merged_name(const char *symbol, struct arena *arena, const char **name_ret,
					   const char **noise_ret);
/** From a definition's place to its copy's index; @p ret is zero-initialised. */
must_use struct polyton_error *merged_map_copies(const struct polyton_snapshot *snapshot, struct placemap *ret);
/** The singleton of a definition of that symbol; POLYTON_NONE if no other object has one that could be the same. */
uint32_t merged_singleton(const struct polyton_snapshot *snapshot, const struct placemap *copies,
			  const struct definition *definition);
/** Make the finding one about that singleton, or, where there is none, about @p object. */
void merged_place(const struct polyton_snapshot *snapshot, uint32_t singleton, uint32_t object,
		  struct polyton_finding *finding);

must_use struct polyton_error *merged_find(struct finder *finder);

#endif
