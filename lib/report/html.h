/**
 * Parts of the HTML report.
 */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "report/formats.h"
#include "report/markup.h"

enum { HTML_NAME = 400 }; // cells; what is longer is cut

/** An element with @p text in it; @p class may be NULL. */
void html_element(struct out *out, const char *tag, const char *class, const char *text);
/** A name in <code>. */
void html_code(struct out *out, const char *name);
/** A value, as tally_value() has it, in <code>; nothing for "". */
void html_value(struct out *out, const char *value);
/** How severe a finding is, or that it is suppressed, and that it is new. */
void html_badges(struct out *out, const struct ranked *ranked);
/** The class of what is about @p ranked. */
const char *html_class(const struct ranked *ranked);

/** Objects and what they share, drawn. */
void html_picture(struct report *report);
/** The table of all findings. */
void html_list(struct report *report);
/** All that is known of each finding; those about one singleton together. */
void html_details(struct report *report);
/** What each copy of a singleton holds in each thread; nothing for statics. */
void html_cells(struct report *report, const struct polyton_singleton *singleton);
/** Where copies lie differently in memory; nothing if they do not. */
void html_layout(struct report *report, const struct polyton_singleton *singleton);

#endif
