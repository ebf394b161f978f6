/**
 * The views as JSON, by the schema of docs/polyton.schema.json; docs/format.md says what it means.
 *
 * Rows are made and written one at a time: what is in memory does not grow with the number of threads.
 */
#ifndef REPORT_JSONVIEW_H
#define REPORT_JSONVIEW_H

#include <jansson.h>

#include "model/snapshot.h"
#include "report/match.h"
#include "report/out.h"
#include "report/reported.h"

enum { JSONVIEW_SCHEMA_VERSION = 2 };

/** @p reported is for the report, @p match for BINDINGS, @p singleton for SHOW; the other views need none. */
void jsonview_write(struct out *out, const struct polyton_snapshot *snapshot, enum polyton_view view,
		    const struct reported *reported, struct match *match, uint32_t singleton);

/** Write @p value, which may be NULL for want of memory, as ASCII, and be done with it. */
void jsonview_put(struct out *out, json_t *value);

#endif
