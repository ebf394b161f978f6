/**
 * A snapshot's rows as JSON values. All answers are NULL when out of memory.
 */
#ifndef REPORT_JSONROWS_H
#define REPORT_JSONROWS_H

#include <jansson.h>

#include "report/reported.h"

/** A string of @p text: what is no UTF-8 in it becomes U+FFFD, one per byte. */
must_use json_t *jsonrows_text(const char *text);

must_use json_t *jsonrows_subject(const struct polyton_subject *subject);
must_use json_t *jsonrows_object(const struct polyton_snapshot *snapshot, const struct polyton_object *object);
/** @p shown: how many of its singletons are written. */
must_use json_t *jsonrows_library(const struct polyton_library *library, uint32_t shown);
/** @p verdict may be NULL. */
must_use json_t *jsonrows_finding(const struct polyton_snapshot *snapshot, const struct polyton_finding *finding,
				  const struct polyton_verdict *verdict);
must_use json_t *jsonrows_note(const struct polyton_snapshot *snapshot, const struct polyton_note *note);
/** An array: why findings do not count, each reason once, and how many. */
must_use json_t *jsonrows_suppressed(const struct polyton_snapshot *snapshot, const struct reported *reported);
must_use json_t *jsonrows_dropped(const struct polyton_dropped *dropped);
/** Without its copies. */
must_use json_t *jsonrows_singleton(const struct polyton_snapshot *snapshot,
				    const struct polyton_singleton *singleton);
/** Without its cells. */
must_use json_t *jsonrows_copy(const struct polyton_snapshot *snapshot, const struct polyton_copy *copy);

#endif
