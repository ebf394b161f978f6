/**
 * Which rows of a snapshot the report shows: what the findings are about, what --all adds, what a match leaves.
 */
#ifndef REPORT_REPORTED_H
#define REPORT_REPORTED_H

#include "model/snapshot.h"

/** Whether each row is shown, by its index. */
struct reported {
	bool *libraries, *singletons, *findings;
};

/** POLYTON_ERROR_ARGUMENT if @c match of @p options is no regular expression. */
must_use struct polyton_error *reported_init(const struct polyton_snapshot *snapshot,
					     const struct polyton_write_options *options, struct reported *ret);
void reported_deinit(struct reported *reported);

/** Why @p singleton is in no finding, in words; NULL if it is in one. */
const char *reported_why_not(const struct polyton_singleton *singleton);

#endif
