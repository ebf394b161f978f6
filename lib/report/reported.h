/**
 * Which rows of a snapshot the report shows: what the findings are about, what --all adds, what a match leaves.
 */
#ifndef REPORT_REPORTED_H
#define REPORT_REPORTED_H

#include "model/snapshot.h"

/** Whether each row is shown, by its index. */
struct reported {
	bool *libraries, *singletons, *findings;
	bool *routine;    ///< Findings that match, but are shown on request only.
	bool *suppressed; ///< Findings that match, but do not count; with show_all they are among @c findings, too.
	const struct polyton_verdict *verdicts; ///< Per finding; NULL: there are none.
	const char *const *remarks;             ///< What more is to be said; NULL, or ends with NULL.
};

/** Borrows what @p options has. POLYTON_ERROR_ARGUMENT if its @c match is no regular expression. */
must_use struct polyton_error *reported_init(const struct polyton_snapshot *snapshot,
					     const struct polyton_write_options *options, struct reported *ret);
void reported_deinit(struct reported *reported);

/** Whether finding @p index is shown among those that count. */
bool reported_counts(const struct reported *reported, uint32_t index);
/** Whether finding @p index was not in the baseline, if there is one. */
bool reported_is_new(const struct reported *reported, uint32_t index);
/** Whether @p finding says that a singleton exists more than once; the others say something else of it. */
bool reported_is_duplicate(const struct polyton_finding *finding);
/** The finding that speaks for @p singleton and others, so that it has none of its own; else NULL. */
const struct polyton_finding *reported_fold(const struct polyton_snapshot *snapshot,
					    const struct polyton_singleton *singleton);
/** Why @p singleton is in no finding, in words; NULL if one is about it, or speaks for it. */
const char *reported_why_not(const struct polyton_singleton *singleton);

#endif
