/**
 * What the rooms that make findings share: the picture so far, and sentences about it.
 */
#ifndef FIND_FINDER_H
#define FIND_FINDER_H

#include "find/linkage.h"
#include "find/rows.h"
#include "find/uses.h"
#include "model/rules.h"

struct finder {
	struct polyton_snapshot *snapshot;
	const struct object_input *inputs; ///< By object.
	struct crate_lists *crates;
	const struct linkage *linkage;
	// What was found beside the rows, for findings_build(). Without uses all references are gone through.
	const struct exports *exports;
	const struct uses *uses;
	const struct twiceinit *twiceinit;
};

/** Add a finding; a missing text (out of memory) is the error. What is about nothing else is left POLYTON_NONE. */
must_use struct polyton_error *finder_add(struct finder *finder, struct polyton_finding finding);
/** A finding of that rule about nothing yet, for finder_add(). */
struct polyton_finding finder_start(enum rule_id rule, enum polyton_severity severity);
/** One step milder when the identity is only likely. */
enum polyton_severity finder_severity(enum polyton_severity severity, enum polyton_confidence confidence);

/** A reason in the snapshot's arena; @p remedy ends with NULL. NULL when out of memory or if a text is missing. */
must_use const struct polyton_reason *finder_reason(struct polyton_snapshot *snapshot, enum polyton_cause cause,
						    const char *text, const char *const *remedy);

/** Objects to be named in a sentence. */
struct names {
	const uint32_t *objects;
	size_t count;
};

/** "a", "a and b", "a, b and c", "a, b, c, d and 3 more"; NULL when out of memory. */
must_use const char *finder_enumerate(struct polyton_snapshot *snapshot, struct names names);
/** The same for any words. */
must_use const char *finder_list(struct polyton_snapshot *snapshot, const char *const *words, size_t count);
/** "twice", "3 times"; NULL when out of memory. */
must_use const char *finder_times(struct polyton_snapshot *snapshot, size_t count);

static inline const char *finder_object(const struct finder *finder, uint32_t object)
{
	return finder->snapshot->objects.items[object].name;
}

#endif
