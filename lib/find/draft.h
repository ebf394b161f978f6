/**
 * Singletons while they are being found: sets of definitions in different objects that may be one variable.
 */
#ifndef FIND_DRAFT_H
#define FIND_DRAFT_H

#include "find/linkage.h"
#include "find/members.h"

struct draft {
	const char *name;
	const struct member **members; ///< By object; one per object and address.
	size_t count, capacity;
	enum polyton_confidence confidence;
	const char *dropped; ///< Noise reason, or NULL.
};

struct drafts {
	vec_of(struct draft) items;
	const struct object_input *objects;
	uint32_t object_count;
	struct arena arena; ///< Names.
	struct members members;
};

/**
 * Find every variable that two or more of the @p count objects define, with the confidence that names alone
 * give: POLYTON_CONFIDENCE_POSSIBLE for what needs evidence (see evidence_weigh()).
 */
must_use struct polyton_error *drafts_find(const struct object_input *objects, uint32_t count, struct drafts *ret);
void drafts_deinit(struct drafts *drafts);

/**
 * Weigh what the pairs of objects share beside each draft, settle every draft's confidence, and split off
 * definitions that only happen to have the name. @p linkage may be NULL.
 */
must_use struct polyton_error *evidence_weigh(struct drafts *drafts, const struct linkage *linkage);

/** Several names of one place are one copy: merge the drafts that have a place in common into the first of them. */
must_use struct polyton_error *drafts_merge_aliases(struct drafts *drafts);

/** Append to a draft; false when out of memory. */
must_use bool draft_add(struct draft *draft, const struct member *member);
/**
 * Sort by object and address, and keep one per place, for a variable may have several versions, or stand in a table
 * twice: the number that is left.
 */
size_t members_fold(const struct member **members, size_t count);

#endif
