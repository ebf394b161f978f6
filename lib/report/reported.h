/**
 * Which rows of a snapshot the report shows: what the findings are about, what --all adds, what a match leaves.
 */
#ifndef REPORT_REPORTED_H
#define REPORT_REPORTED_H

#include "model/snapshot.h"

/** Whether each row is shown, by its index. */
struct reported {
	bool *libraries, *singletons, *findings;
	bool *routine; ///< Findings that match, but are shown on request only.
};

/** POLYTON_ERROR_ARGUMENT if @c match of @p options is no regular expression. */
must_use struct polyton_error *reported_init(const struct polyton_snapshot *snapshot,
					     const struct polyton_write_options *options, struct reported *ret);
void reported_deinit(struct reported *reported);

/** Whether @p finding says that a singleton exists more than once; the others say something else of it. */
bool reported_is_duplicate(const struct polyton_finding *finding);
/** The finding that speaks for @p singleton and others, so that it has none of its own; else NULL. */
const struct polyton_finding *reported_fold(const struct polyton_snapshot *snapshot,
					    const struct polyton_singleton *singleton);
/** Why @p singleton is in no finding, in words; NULL if one is about it, or speaks for it. */
const char *reported_why_not(const struct polyton_singleton *singleton);

#endif
