// A value in full, part by part. Threads that hold the same bytes hold one value, which is shown once.

#include "report/table.h"
#include "report/tally.h"
#include "report/text.h"

enum {
	TREES_INDENT = 2,
	TREES_FLOOR = 12,
	TREES_HANG = 4,      // what goes on in the next line is no part
	TREES_WIDEST = 1000, // where the page has no width
	TREES_MAX = 16,      // different values of a copy, unless all are asked for
	TREES_MAX_NAMED = 4, // threads that are named
};

static bool is_first(const struct polyton_copy *copy, uint32_t index)
{
	for (uint32_t i = 0; i < index; i++) {
		if (copy->cells[i].value == copy->cells[index].value)
			return false;
	}
	return true;
}

// "4242 host, 4243 worker and 3 more threads", of the threads that hold the value of cell @p index.
static const char *list_threads(struct page *page, const struct polyton_snapshot *snapshot,
				const struct polyton_copy *copy, uint32_t index)
{
	const char *text = "";
	uint32_t count = 0;
	for (uint32_t i = index; i < copy->cell_count; i++) {
		const struct polyton_thread *thread = polyton_snapshot_thread(snapshot, copy->cells[i].thread);
		if (copy->cells[i].value != copy->cells[index].value || !thread)
			continue;
		if (count++ < TREES_MAX_NAMED)
			text = page_format(page, "%s%s%d%s%s", text, text[0] ? ", " : "", thread->tid,
					   thread->name[0] ? " " : "", thread->name);
	}
	if (count <= TREES_MAX_NAMED)
		return text;
	return page_format(page, "%s and %s", text,
			   page_count(page, count - TREES_MAX_NAMED, "more thread", "more threads"));
}

static const char *row_text(struct page *page, enum polyton_language language, const struct polyton_value_row *row)
{
	// A type's name is the only one of the three that is not escaped.
	const char *type = page_escape(page, text_short_types(page, language, row->type));
	return page_format(page, "%s%s%s%s%s", row->label, row->label[0] && type[0] ? ": " : "", type,
			   (row->label[0] || type[0]) && row->text[0] ? " = " : "", row->text);
}

static void put_tree(struct page *page, enum polyton_language language, const struct polyton_value *value,
		     size_t indent)
{
	static const struct table_column column = { .floor = TREES_FLOOR,
						    .is_wrapped = true,
						    .hang = TREES_HANG,
						    .is_escaped = true };
	// The deepest parts of a narrow page stand below each other: their labels tell them apart.
	size_t deepest = (page->columns ? page->columns : TREES_WIDEST) / 2;
	for (uint32_t i = 0; i < value->row_count; i++) {
		const struct polyton_value_row *row = &value->rows[i];
		size_t depth = indent + (size_t)TREES_INDENT * row->depth;
		struct table table = { page, &column, 1, { 0 } };
		table_add(&table, (const char *const[]){ row_text(page, language, row) });
		table_put(&table, depth < deepest ? depth : deepest);
	}
}

void text_trees(struct page *page, const struct polyton_snapshot *snapshot, const struct polyton_copy *copy,
		size_t indent)
{
	enum polyton_language language = snapshot->singletons.items[copy->singleton].language;
	uint32_t shown = 0, left = 0;
	for (uint32_t i = 0; i < copy->cell_count; i++) {
		const struct polyton_cell *cell = &copy->cells[i];
		if (!cell->value || !cell->value->row_count || !is_first(copy, i))
			continue;
		if (shown == TREES_MAX && !page->shows_all) {
			left++;
			continue;
		}
		const char *holders = cell->thread == POLYTON_NONE ? text_holder(snapshot, copy)
								   : list_threads(page, snapshot, copy, i);
		page_end_line(page);
		page_line(page, indent, STYLE_PLAIN, page_format(page, "%s:", holders));
		put_tree(page, language, cell->value, indent + TREES_INDENT);
		shown++;
	}
	if (left)
		page_line(page, indent, STYLE_PLAIN,
			  page_format(page, "and %s", page_count(page, left, "more value", "more values")));
}
