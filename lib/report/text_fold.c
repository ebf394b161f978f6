// Many statics of one library tell the same story: one line for each, as a matrix of objects where the page has
// room for it.

#include "report/table.h"
#include "report/tally.h"
#include "report/text.h"

enum { FOLD_MAX_OBJECTS = 6, FOLD_INDENT = 2 };

/** The objects that hold copies, each with its column. */
struct holders {
	uint32_t objects[FOLD_MAX_OBJECTS];
	size_t count;
	bool has_more; ///< Than the matrix can show.
};

static size_t holder_column(const struct holders *holders, uint32_t object)
{
	size_t at = 0;
	while (at < holders->count && holders->objects[at] != object)
		at++;
	return at;
}

static struct holders find_holders(const struct polyton_snapshot *snapshot, const uint32_t *singletons, size_t count)
{
	struct holders holders = { 0 };
	for (size_t i = 0; i < count; i++) {
		const struct polyton_singleton *singleton = &snapshot->singletons.items[singletons[i]];
		for (uint32_t k = 0; k < singleton->copy_count; k++) {
			uint32_t object = snapshot->copies.items[singleton->first_copy + k].object;
			if (holder_column(&holders, object) < holders.count)
				continue;
			if (holders.count == FOLD_MAX_OBJECTS) {
				holders.has_more = true;
				return holders;
			}
			holders.objects[holders.count++] = object;
		}
	}
	return holders;
}

static void add_row(struct table *table, const struct polyton_snapshot *snapshot, const struct holders *holders,
		    const struct polyton_singleton *singleton)
{
	struct page *page = table->page;
	const char *texts[FOLD_MAX_OBJECTS + 1] = { singleton->name };
	for (size_t i = 0; i < FOLD_MAX_OBJECTS; i++)
		texts[i + 1] = "-";
	for (uint32_t i = 0; i < singleton->copy_count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[singleton->first_copy + i];
		size_t column = holder_column(holders, copy->object) + 1;
		const char *state = tally_short_state(page, copy);
		bool is_second = texts[column][0] != '-';
		texts[column] = is_second ? page_format(page, "%s, %s", texts[column], state) : state;
	}
	table_add(table, texts);
}

static void put_stacked(struct page *page, const struct polyton_snapshot *snapshot, const uint32_t *singletons,
			size_t count, size_t indent)
{
	for (size_t i = 0; i < count; i++) {
		const struct polyton_singleton *singleton = &snapshot->singletons.items[singletons[i]];
		const char *line = "";
		page_line(page, indent, STYLE_PLAIN, singleton->name);
		for (uint32_t k = 0; k < singleton->copy_count; k++) {
			const struct polyton_copy *copy = &snapshot->copies.items[singleton->first_copy + k];
			line = page_format(page, "%s%s%s: %s", line, k ? "; " : "",
					   snapshot->objects.items[copy->object].name, tally_short_state(page, copy));
		}
		page_line(page, indent + FOLD_INDENT, STYLE_PLAIN, line);
	}
}

void text_fold(struct page *page, const struct polyton_snapshot *snapshot, const uint32_t *singletons, size_t count,
	       size_t indent)
{
	struct holders holders = find_holders(snapshot, singletons, count);
	struct table_column columns[FOLD_MAX_OBJECTS + 1] = { { .title = "NAME" } };
	struct table table = { .page = page, .columns = columns, .count = holders.count + 1 };

	for (size_t i = 0; i < holders.count; i++)
		columns[i + 1].title = snapshot->objects.items[holders.objects[i]].name;
	for (size_t i = 0; !holders.has_more && i < count; i++)
		add_row(&table, snapshot, &holders, &snapshot->singletons.items[singletons[i]]);
	if (holders.has_more || (page->columns && indent + table_width(&table) > page->columns)) {
		table_clear(&table);
		put_stacked(page, snapshot, singletons, count, indent);
	} else {
		table_put(&table, indent);
	}
}
