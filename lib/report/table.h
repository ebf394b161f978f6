/**
 * A table on a page: as wide as it needs to be, cut only where it may be.
 */
#ifndef REPORT_TABLE_H
#define REPORT_TABLE_H

#include "base/vec.h"
#include "report/page.h"

struct table_column {
	const char *title; ///< NULL in the first column: the table has no head.
	bool is_number;    ///< Right-aligned.
	size_t floor;      ///< May be made so narrow to fit the page; 0: never narrower than its text.
	bool is_spare;     ///< Left out where even the narrowest columns are too wide for the page.
	bool is_wrapped;   ///< A text that is too wide goes on in the next line; otherwise its end becomes "...".
	size_t hang;       ///< Blanks before those further lines; less than the floor.
	bool is_escaped;   ///< Its texts and the title are: see page.h.
};

/** Set @c page, @c columns and @c count, zero the rest. */
struct table {
	struct page *page;
	const struct table_column *columns;
	size_t count;
	vec_of(const char *const *) rows;
};

/** Add a row. The texts are borrowed, the array is not. */
void table_add(struct table *table, const char *const *texts);
/** Add a line of text that keeps to no column. Borrowed. */
void table_add_remark(struct table *table, const char *text);
/** Cells that the table takes beside each other if nothing is cut. */
size_t table_width(const struct table *table);
/** Write it, @p indent blanks in, and forget the rows. Columns without any text are left out. */
void table_put(struct table *table, size_t indent);
/** Forget the rows. */
void table_clear(struct table *table);

#endif
