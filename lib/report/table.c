// Names of objects and singletons are what a reader goes on with, so their columns are never cut: a table that is
// too wide even so sticks out.

#include "report/table.h"

enum { TABLE_GAP = 2 };

static void add(struct table *table, const char *const *texts, size_t count)
{
	const char **kept = arena_alloc(&table->page->arena, table->count + 1, sizeof(*kept));
	const char *const **row = kept ? vec_push(&table->rows) : NULL;
	if (!row) {
		out_fail(table->page->out, error_no_memory());
		return;
	}
	for (size_t i = 0; i < count; i++)
		kept[i] = texts[i];
	*row = kept;
}

void table_add(struct table *table, const char *const *texts)
{
	add(table, texts, table->count);
}

// In a row, the first text is NULL when it is a remark, which is then the second.
void table_add_remark(struct table *table, const char *text)
{
	add(table, (const char *const[]){ NULL, text }, 2);
}

void table_clear(struct table *table)
{
	vec_deinit(&table->rows);
}

static bool is_remark(const char *const *row)
{
	return !row[0];
}

static glyph_reader *reader_of(const struct table *table, size_t column)
{
	return table->columns[column].is_escaped ? glyph_next_escaped : glyph_next;
}

// The widest text of a column; 0 if it has none in any row.
static size_t column_width(const struct table *table, size_t column)
{
	const char *title = table->columns[column].title;
	glyph_reader *reader = reader_of(table, column);
	size_t widest = 0;
	for (size_t i = 0; i < table->rows.count; i++) {
		const char *const *row = table->rows.items[i];
		size_t width = is_remark(row) ? 0 : glyph_width_by(reader, row[column]);
		if (width > widest)
			widest = width;
	}
	size_t head = title && widest ? glyph_width_by(reader, title) : 0;
	return head > widest ? head : widest;
}

static size_t add_up(const size_t *widths, size_t count)
{
	size_t sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += widths[i] ? widths[i] + (sum ? TABLE_GAP : 0) : 0;
	return sum;
}

static size_t *measure(const struct table *table)
{
	size_t *widths = calloc(table->count + 1, sizeof(*widths));
	for (size_t i = 0; widths && i < table->count; i++)
		widths[i] = column_width(table, i);
	return widths;
}

size_t table_width(const struct table *table)
{
	auto_free size_t *widths = measure(table);
	return widths ? add_up(widths, table->count) : SIZE_MAX;
}

// The columns to the right give way first: they are the least needed ones.
static void fit(const struct table *table, size_t *widths, size_t room)
{
	size_t sum = add_up(widths, table->count);
	for (size_t i = table->count; i-- > 0 && sum > room;) {
		size_t floor = table->columns[i].floor;
		if (!floor || widths[i] <= floor)
			continue;
		size_t spare = widths[i] - floor, excess = sum - room;
		widths[i] -= spare < excess ? spare : excess;
		sum -= spare < excess ? spare : excess;
	}
	for (size_t i = 0; i < table->count && sum > room; i++) {
		if (table->columns[i].is_spare)
			widths[i] = 0;
	}
}

// Take as many words off the front of @p text as go into @p width cells, one at least.
static const char *take_words(struct page *page, glyph_reader *reader, const char **text, size_t width)
{
	const char *start = *text, *at = start, *end = NULL;
	struct glyph glyph;
	size_t used = 0;
	while (*at) {
		if (*at == ' ' && used <= width)
			end = at;
		if (used > width && end)
			break;
		if (reader(&at, &glyph))
			used += glyph.cells;
	}
	if (used <= width || !end)
		end = at;
	*text = end + strspn(end, " ");
	return page_format(page, "%.*s", (int)(end - start), start);
}

// One line of a row. What is left of wrapped texts stays in @p texts, all others become "".
static void put_line(const struct table *table, const size_t *widths, size_t indent, enum style style,
		     const char *const *row, const char **texts)
{
	size_t left = indent, at = 0; // where the column begins, and where the line ends so far
	for (size_t i = 0; i < table->count; i++) {
		const char *text = texts[i], *rest = "";
		glyph_reader *reader = reader_of(table, i);
		size_t hang = texts[i] != row[i] && widths[i] > table->columns[i].hang ? table->columns[i].hang : 0;
		size_t room = widths[i] - hang;
		if (table->columns[i].is_wrapped && room && glyph_width_by(reader, text) > room) {
			rest = text;
			text = take_words(table->page, reader, &rest, room);
		}
		size_t width = glyph_width_by(reader, text);
		if (width && widths[i]) {
			bool is_pushed = table->columns[i].is_number && width < widths[i];
			size_t begin = is_pushed ? left + widths[i] - width : left + hang;
			page_blanks(table->page, begin - at);
			at = begin + page_put_by(table->page, reader, style, text, room);
		}
		left += widths[i] ? widths[i] + TABLE_GAP : 0;
		texts[i] = rest;
	}
	page_end_line(table->page);
}

static void put_row(const struct table *table, const size_t *widths, size_t indent, enum style style,
		    const char *const *row)
{
	auto_free const char **texts = calloc(table->count + 1, sizeof(*texts));
	if (!texts) {
		out_fail(table->page->out, error_no_memory());
		return;
	}
	for (size_t i = 0; i < table->count; i++)
		texts[i] = row[i];
	bool has_rest = true;
	while (has_rest) {
		put_line(table, widths, indent, style, row, texts);
		has_rest = false;
		for (size_t i = 0; i < table->count; i++)
			has_rest |= texts[i][0] != '\0';
	}
}

static void put_head(const struct table *table, const size_t *widths, size_t indent)
{
	auto_free const char **titles = calloc(table->count + 1, sizeof(*titles));
	if (!titles) {
		out_fail(table->page->out, error_no_memory());
		return;
	}
	for (size_t i = 0; i < table->count; i++)
		titles[i] = table->columns[i].title;
	put_row(table, widths, indent, STYLE_FAINT, titles);
}

void table_put(struct table *table, size_t indent)
{
	auto_free size_t *widths = measure(table);
	if (!widths) {
		out_fail(table->page->out, error_no_memory());
		table_clear(table);
		return;
	}
	if (table->page->columns)
		fit(table, widths, table->page->columns > indent ? table->page->columns - indent : 0);
	if (table->columns[0].title && table->rows.count)
		put_head(table, widths, indent);
	for (size_t i = 0; i < table->rows.count; i++) {
		const char *const *row = table->rows.items[i];
		if (is_remark(row))
			page_line(table->page, indent, STYLE_PLAIN, row[1]);
		else
			put_row(table, widths, indent, STYLE_PLAIN, row);
	}
	table_clear(table);
}
