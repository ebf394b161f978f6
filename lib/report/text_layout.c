// Where two copies of a variable lie differently in memory: beside each other if the page is wide enough, for then a
// reader sees it at once, else under each other.

#include "report/table.h"
#include "report/text.h"

enum {
	LAYOUT_INDENT = 2,
	LAYOUT_FLOOR = 24, // cells that a side needs
	LAYOUT_GAP = 2,
};

/** What is compared. */
struct comparison {
	struct page *page;
	const struct polyton_layout_row *rows;
	uint32_t count;
	const char *holders[2];
	enum polyton_language language;
};

static const char *part_text(const struct polyton_layout_row *row)
{
	return row->path[0] ? row->path : "(whole)";
}

// In full if the paths of the types are all that tells the two apart.
static const char *side_text(const struct comparison *comparison, const struct polyton_layout_row *row, int index)
{
	const struct polyton_layout_side *side = &row->side[index], *other = &row->side[!index];
	if (!side->is_there)
		return "missing";
	const char *text = text_short_types(comparison->page, comparison->language, side->text);
	if (!other->is_there || strcmp(side->text, other->text) == 0)
		return text;
	return strcmp(text, text_short_types(comparison->page, comparison->language, other->text)) ? text
												   : side->text;
}

static void put_stacked(const struct comparison *comparison)
{
	static const struct table_column columns[] = { { 0 }, { .floor = LAYOUT_FLOOR, .is_wrapped = true } };
	struct page *page = comparison->page;
	for (uint32_t i = 0; i < comparison->count; i++) {
		const struct polyton_layout_row *row = &comparison->rows[i];
		struct table table = { page, columns, sizeof(columns) / sizeof(columns[0]), { 0 } };
		page_line(page, LAYOUT_INDENT, STYLE_PLAIN, part_text(row));
		for (int side = 0; side < 2; side++)
			table_add(&table, (const char *const[]){ comparison->holders[side],
								 side_text(comparison, row, side) });
		table_put(&table, 2 * LAYOUT_INDENT);
	}
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static void put_rows(const struct comparison *comparison, const char *title)
{
	struct page *page = comparison->page;
	const char *const *holders = comparison->holders;
	struct table_column columns[] = {
		{ .title = "PART" },
		{ .title = holders[0], .floor = larger(LAYOUT_FLOOR, glyph_width(holders[0])), .is_wrapped = true },
		{ .title = holders[1], .floor = larger(LAYOUT_FLOOR, glyph_width(holders[1])), .is_wrapped = true },
	};
	struct table table = { page, columns, sizeof(columns) / sizeof(columns[0]), { 0 } };
	size_t widest = glyph_width(columns[0].title);

	if (!comparison->count)
		return;
	for (uint32_t i = 0; i < comparison->count; i++) {
		const struct polyton_layout_row *row = &comparison->rows[i];
		widest = larger(widest, glyph_width(part_text(row)));
		table_add(&table, (const char *const[]){ part_text(row), side_text(comparison, row, 0),
							 side_text(comparison, row, 1) });
	}
	size_t least = LAYOUT_INDENT + widest + LAYOUT_GAP + columns[1].floor + LAYOUT_GAP + columns[2].floor;
	text_title(page, title);
	if (!page->columns || least <= page->columns || LAYOUT_INDENT + table_width(&table) <= page->columns) {
		table_put(&table, LAYOUT_INDENT);
		return;
	}
	table_clear(&table);
	put_stacked(comparison);
}

void text_layout(struct page *page, const struct polyton_snapshot *snapshot,
		 const struct polyton_singleton *singleton)
{
	const struct polyton_copy *left = polyton_snapshot_copy(snapshot, singleton->layout_copies[0]);
	const struct polyton_copy *right = polyton_snapshot_copy(snapshot, singleton->layout_copies[1]);
	uint32_t own = 0;
	if (!left || !right)
		return;
	struct comparison comparison = { page,
					 singleton->layout,
					 singleton->layout_count,
					 { text_holder(snapshot, left), text_holder(snapshot, right) },
					 singleton->language };
	// What is behind pointers comes last. It has the longest paths, and does no harm by itself.
	while (own < singleton->layout_count && !singleton->layout[own].is_behind_pointer)
		own++;
	comparison.count = own;
	put_rows(&comparison, "Layout");
	comparison.count = singleton->layout_count - own;
	comparison.rows = comparison.count ? &singleton->layout[own] : NULL;
	put_rows(&comparison, "Layout of what it points to");
}
