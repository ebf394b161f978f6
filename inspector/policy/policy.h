/**
 * What a project has decided about its findings: the file .polyton.yml, understood. docs/policy.md says what it may
 * hold. All of it belongs to the pool it was read into.
 */
#ifndef INSPECTOR_POLICY_POLICY_H
#define INSPECTOR_POLICY_POLICY_H

#include <stdbool.h>

#include "polyton.h"
#include "pool.h"

/**
 * Which findings an entry is about. Of what is given each must hold; of a list one item is enough, but for objects:
 * each object of the finding must be taken by some pattern. NULL: anything. NULL ends each list.
 */
struct selector {
	const char *const *rules;                                          ///< Identifiers, not slugs.
	const char *const *singletons, *const *libraries, *const *objects; ///< Names or patterns.
	const char *const *fingerprints;
};

struct suppression {
	struct selector about;
	const char *reason;
	uint32_t expires; ///< The last day, as the number 20260131; 0: never.
	size_t line;
};

/** A severity for findings, or none at all. */
struct grading {
	struct selector about;
	bool is_off;
	enum polyton_severity severity;
	size_t line;
};

/** Where in the repository findings are shown. */
struct anchor {
	struct selector about;
	const char *path;
	uint32_t line;
};

/** What makes the exit code 1. Zeroed: errors. */
struct fail_on {
	/** "never" is worse than any. In the order of the words in fail_on_words. */
	enum fail_level { FAIL_ON_ERROR, FAIL_ON_WARNING, FAIL_ON_NOTE, FAIL_ON_NEVER } level;
	bool has_level;   ///< It was named; "new" alone leaves it to others.
	bool is_new_only; ///< What the baseline has does not count.
};

/** How many findings of a severity are put up with. */
struct threshold {
	bool is_given;
	uint32_t most;
};

/** Zeroed: nothing was decided. Entries are tried in order, the first that takes a finding counts. */
struct policy {
	const char *file;           ///< As it is named in messages; NULL: there is none.
	const char *default_anchor; ///< What no anchor takes is shown at line 1 of this; NULL: nowhere.
	const struct suppression *suppressions;
	const struct grading *gradings;
	const struct anchor *anchors;
	size_t suppression_count, grading_count, anchor_count;
	bool has_fail_on;
	struct fail_on fail_on;
	struct threshold thresholds[POLYTON_SEVERITY_ERROR + 1];
	/** Patterns of plugins that are loaded together, a list for each set; NULL ends each, and all. May be NULL. */
	const char *const *const *plugin_sets;
};

/**
 * Understand @p text, which is called @p file in messages. NULL when all went well; else what is wrong first,
 * "FILE:LINE:COLUMN: ...", and @p ret is untouched.
 */
const char *policy_parse(struct pool *pool, const char *file, const char *text, size_t size, struct policy *ret);

/** "error", "warning", "note", "never" and "new", the default first; NULL ends them. */
extern const char *const fail_on_words[];
/** @p text: a level, "new", or both with a comma between them. NULL when all went well, else what is wrong. */
const char *fail_on_parse(struct pool *pool, const char *text, struct fail_on *ret);

#endif
