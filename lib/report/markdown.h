/**
 * Untrusted text in GitHub's Markdown.
 *
 * Of a text's words those that could mean something there (a name with underlines, an @mention, an address, HTML) stand
 * between backticks, where nothing has a meaning; so there is no list of characters to forget one of.
 */
#ifndef REPORT_MARKDOWN_H
#define REPORT_MARKDOWN_H

#include "report/glyph.h"
#include "report/out.h"

/** A sentence. @p is_cell: in a cell of a table, where a bar would end it even between backticks. */
void markdown_prose(struct out *out, const char *text, bool is_cell);
/** A name, between backticks, cut after @p limit cells. Nothing for "". */
void markdown_name(struct out *out, const char *text, size_t limit, bool is_cell);

#endif
