/**
 * From the objects of a scan to the rows of a snapshot: which variables are there several times, and who uses which.
 */
#ifndef ANALYSIS_H
#define ANALYSIS_H

#include "bindings.h"
#include "find/exports.h"
#include "find/rows.h"
#include "find/twiceinit.h"

/** Zero-initialise. */
struct analysis {
	struct drafts drafts;
	struct exports exports;
	struct crate_lists crates;
	struct bindings bindings;
	struct uses uses;
	struct twiceinit twiceinit;
};

/**
 * Fill libraries, singletons and copies. @p subject is NULL for files; all references become rows if they are to be
 * kept. @p scan is borrowed until analysis_deinit(), which is due in any case.
 */
must_use struct polyton_error *analysis_make(struct subject *subject, const struct scan *scan, bool keeps_bindings,
					     struct polyton_snapshot *snapshot, struct analysis *analysis);
/** Fill the findings, once there are types and cells. */
must_use struct polyton_error *analysis_conclude(struct analysis *analysis, const struct scan *scan,
						 struct polyton_snapshot *snapshot);
void analysis_deinit(struct analysis *analysis);

#endif
