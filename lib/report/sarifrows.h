/**
 * The rows of a SARIF file as JSON values. All answers are NULL when out of memory.
 */
#ifndef REPORT_SARIFROWS_H
#define REPORT_SARIFROWS_H

#include <jansson.h>

#include "model/rules.h"
#include "report/formats.h"

must_use json_t *sarif_result(struct report *report, const struct ranked *ranked);
/** A message's text: fit for a line, and nothing in it is a link or a placeholder. */
must_use json_t *sarif_message(struct report *report, const char *text);
/** What to do about findings of @p rule: as Markdown, or plain. */
must_use json_t *sarif_help(const struct rule *rule, bool is_markdown);
/** What the run is called: the same for each run on the same program. */
must_use json_t *sarif_run(struct report *report);

#endif
