/**
 * Two sets of findings: what is new, what is gone, what has changed.
 *
 * A finding is known again by its fingerprint. One that has the rule and the name of an earlier one, but other
 * objects, is that earlier one changed; it is worse if an object has come, so that it counts as new.
 */
#ifndef INSPECTOR_POLICY_COMPARE_H
#define INSPECTOR_POLICY_COMPARE_H

#include "fact.h"

struct pair {
	const struct fact *before, *now; ///< One of them may be NULL.
	bool has_come, has_gone;         ///< Objects, if both are there.
};

struct comparison {
	const struct pair *pairs; ///< First one for each finding of now, in their order, then what is gone.
	size_t count;
};

void compare(struct pool *pool, const struct facts *before, const struct facts *now, struct comparison *ret);

/**
 * @p comparison, of the files of these names, as JSON: docs/polyton-diff.schema.json. It belongs to the pool; NULL when
 * out of memory.
 */
const char *comparison_json(struct pool *pool, const char *before, const char *now,
			    const struct comparison *comparison);

/** It was not there before, or not in all these objects. */
static inline bool pair_is_new(const struct pair *pair)
{
	return pair->now && (!pair->before || pair->has_come);
}

static inline bool pair_is_changed(const struct pair *pair)
{
	return pair->now && pair->before &&
	       (pair->has_come || pair->has_gone || pair->now->severity != pair->before->severity);
}

#endif
