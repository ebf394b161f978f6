/**
 * Lines of text for a person, on a terminal or in a file.
 *
 * All text given here may come from the subject: it is escaped on its way out (see glyph.h), here and nowhere
 * else. Where a text is said to be escaped, its backslashes are, and the rest is done here. Colour never carries
 * meaning alone.
 */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "base/arena.h"
#include "report/glyph.h"
#include "report/out.h"

enum style {
	STYLE_PLAIN,
	STYLE_STRONG,
	STYLE_FAINT,
	STYLE_ERROR,
	STYLE_WARNING,
	STYLE_NOTE,
};

/** A piece of a paragraph: words, separated by blanks. */
struct span {
	enum style style;
	const char *text;
};

struct page {
	struct out *out;
	struct arena arena; ///< Strings made for the page.
	uint32_t columns;   ///< Width to keep to, 0 if there is none.
	bool has_color, is_verbose, shows_all;
	enum style style; ///< In force at the end of what is written.
};

void page_init(struct page *page, struct out *out, const struct polyton_write_options *options);
void page_deinit(struct page *page);

/** A string that lives as long as the page. "" when out of memory, and the writing has failed. */
const char *page_format(struct page *page, const char *format, ...) printf_like(2, 3);
/** "1 thread", "2 threads": @p many is the word for several, @p one for a single one. */
const char *page_count(struct page *page, uint64_t count, const char *one, const char *many);

/** @p text, escaped, to stand among others that are. It may be @p text itself. */
const char *page_escape(struct page *page, const char *text);

/**
 * Write @p text into the current line; if it is wider than @p limit cells (0: any width), its end becomes "...".
 * The cells it took.
 */
size_t page_put(struct page *page, enum style style, const char *text, size_t limit);
/** The same of a text that @p reader reads: glyph_next_escaped() if it is escaped. */
size_t page_put_by(struct page *page, glyph_reader *reader, enum style style, const char *text, size_t limit);
void page_blanks(struct page *page, size_t count);
void page_end_line(struct page *page);

/**
 * Write @p count spans as one paragraph, each followed by a blank, broken between words where the page is not wide
 * enough; a word is never cut. The first line starts after @p indent blanks, the others after @p hang.
 */
void page_paragraph(struct page *page, size_t indent, size_t hang, const struct span *spans, size_t count);
/** The same for one text. */
void page_line(struct page *page, size_t indent, enum style style, const char *text);

#endif
