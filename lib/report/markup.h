/**
 * Untrusted text in XML and HTML. It is made fit for a line first (see glyph.h), so that no control character and no
 * byte that is no UTF-8 gets there, and then what XML gives a meaning is written as a character reference.
 */
#ifndef REPORT_MARKUP_H
#define REPORT_MARKUP_H

#include "report/glyph.h"
#include "report/out.h"

/** @p text as content, or inside the quotes of an attribute. */
void markup_text(struct out *out, const char *text);
/** The same, cut after @p limit cells, "..." in the place of the rest. */
void markup_cut(struct out *out, const char *text, size_t limit);
/** The same as markup_text() of a text that glyph_next_escaped() is for. */
void markup_escaped(struct out *out, const char *text);
/** A polyton_write_fn for lines of a page: @p out, a struct out, gets them as content. */
int markup_write(void *out, const char *bytes, size_t count);

#endif
