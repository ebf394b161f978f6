// What every thread would see in each copy. Threads that see the same are told once.

#include <inttypes.h>

#include "report/table.h"
#include "report/tally.h"
#include "report/text.h"

enum {
	CELLS_INDENT = 2,
	CELLS_ALIKE = 3,      // so many alike threads are listed; of more, the first and a count
	CELLS_GROUPS = 32,    // different kinds of threads that are listed
	CELLS_MAX_MATRIX = 6, // copies beside each other
	CELLS_FLOOR = 12,
};

// Side by side only states are shown, so values count for a single copy only.
static bool is_alike(const struct listing *listing, uint32_t left, uint32_t right)
{
	for (uint32_t i = 0; i < listing->count; i++) {
		const struct polyton_cell *a = &listing->copies[i].cells[left], *b = &listing->copies[i].cells[right];
		bool is_same = a->state == b->state && strcmp(tally_cell_state(a), tally_cell_state(b)) == 0;
		if (!is_same || (listing->count == 1 && a->value != b->value))
			return false;
	}
	return true;
}

/** Threads that see the same. */
struct group {
	uint32_t first, count;
};

static size_t group_threads(const struct listing *listing, uint32_t threads, struct group *groups)
{
	size_t count = 0;
	for (uint32_t i = 0; i < threads; i++) {
		size_t at = 0;
		while (at < count && !is_alike(listing, groups[at].first, i))
			at++;
		if (at == CELLS_GROUPS)
			continue;
		if (at == count)
			groups[count++] = (struct group){ i, 0 };
		groups[at].count++;
	}
	return count;
}

// A row for thread @p index: of one copy its cell in full, of several their states.
static void add_row(const struct listing *listing, struct table *table, uint32_t index)
{
	struct page *page = listing->page;
	const struct polyton_cell *cell = &listing->copies[0].cells[index];
	const struct polyton_thread *thread = polyton_snapshot_thread(listing->snapshot, cell->thread);
	const char *texts[CELLS_MAX_MATRIX + 2] = { thread ? page_format(page, "%d", thread->tid) : "",
						    thread ? thread->name : "" };
	if (listing->count == 1) {
		texts[2] = tally_cell_state(cell);
		texts[3] = text_address(page, cell->address);
		texts[4] = tally_cell_value(page, cell);
	}
	for (uint32_t i = 0; listing->count > 1 && i < listing->count; i++)
		texts[i + 2] = tally_cell_state(&listing->copies[i].cells[index]);
	table_add(table, texts);
}

static void add_group(const struct listing *listing, struct table *table, uint32_t threads, const struct group *group)
{
	struct page *page = listing->page;
	uint32_t shown = 0, limit = group->count > CELLS_ALIKE ? 1 : group->count;
	for (uint32_t i = group->first; i < threads && shown < limit; i++) {
		if (is_alike(listing, group->first, i)) {
			add_row(listing, table, i);
			shown++;
		}
	}
	if (shown == group->count)
		return;
	const char *more = page_count(page, group->count - shown, "more thread", "more threads");
	const struct polyton_cell *cell = &listing->copies[0].cells[group->first];
	table_add_remark(table, listing->count > 1 ? page_format(page, "and %s like this one", more)
						   : page_format(page, "and %s: %s%s", more, tally_cell_state(cell),
								 cell->value ? ", the same bytes" : ""));
}

static void add_threads(const struct listing *listing, struct table *table)
{
	struct group groups[CELLS_GROUPS];
	uint32_t threads = listing->copies[0].cell_count, told = 0;
	for (uint32_t i = 1; i < listing->count; i++) {
		if (listing->copies[i].cell_count < threads)
			threads = listing->copies[i].cell_count;
	}
	if (listing->page->shows_all) {
		for (uint32_t i = 0; i < threads; i++)
			add_row(listing, table, i);
		return;
	}
	size_t count = group_threads(listing, threads, groups);
	for (size_t i = 0; i < count; i++) {
		add_group(listing, table, threads, &groups[i]);
		told += groups[i].count;
	}
	if (told < threads)
		table_add_remark(table, page_format(listing->page, "and %s, which differ from these",
						    page_count(listing->page, threads - told, "more thread",
							       "more threads")));
}

// What a thread would see in each object, side by side.
static void put_matrix(const struct listing *listing)
{
	struct table_column columns[CELLS_MAX_MATRIX + 2] = { { .title = "TID", .is_number = true },
							      { .title = "THREAD" } };
	struct table table = { listing->page, columns, listing->count + 2, { 0 } };
	if (listing->count < 2 || listing->count > CELLS_MAX_MATRIX)
		return;
	for (uint32_t i = 0; i < listing->count; i++)
		columns[i + 2].title = text_holder(listing->snapshot, &listing->copies[i]);
	add_threads(listing, &table);
	bool is_too_wide = listing->page->columns && table_width(&table) + CELLS_INDENT > listing->page->columns;
	if (is_too_wide || !table.rows.count) {
		table_clear(&table);
		return;
	}
	text_title(listing->page, "State per thread");
	table_put(&table, CELLS_INDENT);
}

static void put_thread_locals(const struct listing *listing)
{
	static const struct table_column columns[] = {
		{ .title = "TID", .is_number = true },
		{ .title = "THREAD" },
		{ .title = "STATE" },
		{ .title = "ADDRESS", .is_number = true },
		{ .title = "VALUE", .floor = CELLS_FLOOR, .is_escaped = true },
	};
	put_matrix(listing);
	for (uint32_t i = 0; i < listing->count; i++) {
		struct table table = { listing->page, columns, sizeof(columns) / sizeof(columns[0]), { 0 } };
		struct listing one = *listing;
		one.copies = &listing->copies[i];
		one.count = 1;
		text_title(listing->page,
			   page_format(listing->page, "In %s%s", text_holder(listing->snapshot, one.copies),
				       one.copies->use == POLYTON_USE_SHADOWED ? " (not used)" : ""));
		add_threads(&one, &table);
		if (table.rows.count)
			table_put(&table, CELLS_INDENT);
		else
			page_line(listing->page, CELLS_INDENT, STYLE_PLAIN, "not read");
		text_trees(listing->page, listing->snapshot, one.copies, CELLS_INDENT);
	}
}

static void put_statics(const struct listing *listing)
{
	static const struct table_column columns[] = {
		{ .title = "OBJECT" },
		{ .title = "STATE" },
		{ .title = "VALUE", .floor = CELLS_FLOOR, .is_escaped = true },
	};
	struct page *page = listing->page;
	struct table table = { page, columns, sizeof(columns) / sizeof(columns[0]), { 0 } };
	for (uint32_t i = 0; i < listing->count; i++) {
		const struct polyton_copy *copy = &listing->copies[i];
		const struct polyton_cell *cell = copy->cell_count ? &copy->cells[0] : NULL;
		table_add(&table, (const char *const[]){ text_holder(listing->snapshot, copy),
							 cell ? tally_cell_state(cell) : "not read",
							 cell ? tally_cell_value(page, cell) : "" });
	}
	text_title(page, "Values");
	table_put(&table, CELLS_INDENT);
	for (uint32_t i = 0; i < listing->count; i++)
		text_trees(page, listing->snapshot, &listing->copies[i], CELLS_INDENT);
}

void text_cells(struct page *page, const struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton)
{
	const struct listing listing = { page, snapshot, &snapshot->copies.items[singleton->first_copy],
					 singleton->copy_count };
	if (singleton->kind == POLYTON_KIND_TLS && snapshot->subject.kind != POLYTON_SUBJECT_FILES)
		put_thread_locals(&listing);
	else
		put_statics(&listing);
}
