/**
 * What several objects export under one name, with linkage that means one definition (STB_GLOBAL; no inline
 * functions, templates or other weak ones), and who uses whose. Two builds of a library need not share a single
 * variable's name, but they share those of its functions.
 */
#ifndef FIND_EXPORTS_H
#define FIND_EXPORTS_H

#include "base/intmap.h"
#include "find/finder.h"

struct export
{
	const char *name;                      ///< Borrowed from one of the objects.
	uint32_t first_definer, definer_count; ///< In @c definers, by object.
	bool is_function;
};

/** @c user's code reaches @c provider's definition. */
struct export_use {
	uint32_t export, user, provider;
};

/** One object's symbol, by its index in the exported table. */
struct export_definition {
	uint32_t symbol, export;
};

/** Two objects of one namespace that export the same names. */
struct export_pair {
	uint32_t a, b;           ///< a < b
	uint32_t common;         ///< Functions that both export.
	uint32_t used_a, used_b; ///< Of these, those that a third object reaches in a, and in b.
};

struct exports {
	vec_of(struct export) items;
	struct export_definitions {
		uint32_t *first; ///< By object: where its rows begin in @c items; those of the next end them.
		vec_of(struct export_definition) items;
	} definitions;
	vec_of(uint32_t) definers;
	vec_of(struct export_use) uses; ///< Sorted by provider, export, user; each once.
	vec_of(struct export_pair) pairs;
	struct intmap pair_map; ///< Two objects, the lower first, to index.
	const struct object_input *inputs;
	uint32_t *function_counts; ///< By object: all functions that it exports; POLYTON_NONE: not counted yet.
};

/** The names and who defines them: all but uses and pairs. */
must_use struct polyton_error *exports_find(const struct object_input *inputs, uint32_t count, struct exports *ret);
/** Who uses whose: @c uses and @c pairs. */
must_use struct polyton_error *exports_relate(const struct finder *finder, struct exports *exports);
void exports_deinit(struct exports *exports);
/** What the two have in common, in either order; NULL if they share no function, or are in different namespaces. */
const struct export_pair *exports_pair(const struct exports *exports, uint32_t a, uint32_t b);
/** The same, added without anything in common if it is not there yet; a < b. NULL when out of memory. */
must_use struct export_pair *exports_add_pair(struct exports *exports, uint32_t a, uint32_t b);
/** The uses of what @p provider defines: the first, and how many. */
const struct export_use *exports_uses_of(const struct exports *exports, uint32_t provider, size_t *count_ret);
/** Whether they share half of what the one that exports less does; @p of_both: half of what either does. */
bool exports_share_most(const struct exports *exports, uint32_t a, uint32_t b, bool of_both);
/** Whether @p object defines the export. */
bool exports_is_defined_by(const struct exports *exports, uint32_t export, uint32_t object);

#endif
