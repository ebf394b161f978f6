// One singleton for somebody who does not believe it yet: where each copy is, who uses it, on what evidence, and
// what every thread would see. Threads that see the same are told once.

#include <inttypes.h>

#include "report/table.h"
#include "report/tally.h"
#include "report/text.h"
#include "report/words.h"

enum {
	SHOW_INDENT = 2,
	SHOW_ALIKE = 3,      // so many alike threads are listed; of more, the first and a count
	SHOW_GROUPS = 32,    // different kinds of threads that are listed
	SHOW_MAX_MATRIX = 6, // copies beside each other
	SHOW_FLOOR = 12,
};

/** Copies whose cells are listed side by side. */
struct listing {
	struct page *page;
	const struct polyton_snapshot *snapshot;
	const struct polyton_copy *copies;
	uint32_t count;
	struct table *table;
};

static const char *object_name(const struct polyton_snapshot *snapshot, const struct polyton_copy *copy)
{
	return snapshot->objects.items[copy->object].name;
}

static const char *address_text(struct page *page, uint64_t address)
{
	return address ? page_format(page, "0x%" PRIx64, address) : "";
}

static void put_title(struct page *page, const char *title)
{
	page_end_line(page);
	page_line(page, 0, STYLE_STRONG, title);
}

static bool has_build_marks(const struct listing *listing)
{
	for (uint32_t i = 0; i < listing->count; i++) {
		if (!listing->copies[i].build_mark[0])
			return false;
	}
	return true;
}

static void put_identity(const struct listing *listing, const struct polyton_singleton *singleton)
{
	struct page *page = listing->page;
	const struct polyton_library *library = &listing->snapshot->libraries.items[singleton->library];
	const char *why_not = reported_why_not(singleton);
	const char *builds = singleton->builds_differ   ? " They come from different builds."
			     : has_build_marks(listing) ? " They come from the same build of it."
							: "";
	const char *used = singleton->live_count == singleton->copy_count
				   ? "all of them used"
				   : page_format(page, "%u of them used", singleton->live_count);
	const char *text = page_format(page, "A %s of %s. %u copies, %s; %s.%s%s%s",
				       words_kind[singleton->kind].label, text_library(page, library),
				       singleton->copy_count, used, words_confidence[singleton->confidence].label,
				       builds, singleton->sizes_differ ? " Their sizes differ." : "",
				       singleton->is_read_only ? " They are read-only." : "");
	if (why_not)
		text = page_format(page, "%s It is not counted (%s).", text, why_not);

	page_line(page, 0, STYLE_STRONG, singleton->name);
	page_paragraph(page, SHOW_INDENT, SHOW_INDENT, &(struct span){ STYLE_PLAIN, text }, 1);
}

// How an object's code or another's may come to use the copy.
static const char *scope_text(const struct polyton_copy *copy)
{
	if (copy->is_unique)
		return "unique";
	if (copy->is_protected)
		return "protected";
	return copy->is_exported ? "exported" : "local";
}

static const char *use_text(const struct listing *listing, const struct polyton_copy *copy)
{
	const struct polyton_copy *winner = polyton_snapshot_copy(listing->snapshot, copy->bound_to);
	const char *use = words_use[copy->use].label;
	if (copy->use == POLYTON_USE_LIVE || !winner)
		return use;
	return page_format(listing->page, "%s: bound to %s", use, object_name(listing->snapshot, winner));
}

static void put_copies(const struct listing *listing)
{
	static const struct table_column columns[] = {
		{ .title = "OBJECT" },
		{ .title = "NAMESPACE", .is_number = true },
		{ .title = "OFFSET", .is_number = true },
		{ .title = "ADDRESS", .is_number = true },
		{ .title = "SIZE", .is_number = true },
		{ .title = "STORAGE" },
		{ .title = "SCOPE" },
		{ .title = "USE", .floor = SHOW_FLOOR, .is_wrapped = true },
	};
	struct page *page = listing->page;
	struct table table = { page, columns, sizeof(columns) / sizeof(columns[0]), { 0 } };
	bool has_namespaces = false;
	for (uint32_t i = 0; i < listing->count; i++)
		has_namespaces |= listing->snapshot->objects.items[listing->copies[i].object].name_space != 0;
	for (uint32_t i = 0; i < listing->count; i++) {
		const struct polyton_copy *copy = &listing->copies[i];
		uint32_t name_space = listing->snapshot->objects.items[copy->object].name_space;
		table_add(&table, (const char *const[]){ object_name(listing->snapshot, copy),
							 has_namespaces ? page_format(page, "%u", name_space) : "",
							 page_format(page, "0x%" PRIx64, copy->offset),
							 address_text(page, copy->address),
							 page_format(page, "%" PRIu64, copy->size),
							 words_storage[copy->storage].label, scope_text(copy),
							 use_text(listing, copy) });
	}
	put_title(page, "Copies");
	table_put(&table, SHOW_INDENT);
}

enum attribute { ATTRIBUTE_SYMBOL, ATTRIBUTE_SOURCE, ATTRIBUTE_BUILD };
static const char *const attribute_labels[] = {
	[ATTRIBUTE_SYMBOL] = "symbol",
	[ATTRIBUTE_SOURCE] = "source",
	[ATTRIBUTE_BUILD] = "build",
};

static const char *attribute_of(const struct polyton_copy *copy, enum attribute attribute)
{
	switch (attribute) {
	case ATTRIBUTE_SYMBOL:
		return copy->symbol;
	case ATTRIBUTE_SOURCE:
		return copy->source;
	case ATTRIBUTE_BUILD:
		return copy->build_mark;
	}
	return "";
}

// Once, if it is the same for all copies: it is long, and the evidence that they are one variable.
static void put_attribute(const struct listing *listing, enum attribute attribute)
{
	struct page *page = listing->page;
	const char *first = attribute_of(&listing->copies[0], attribute);
	bool is_same = true;
	for (uint32_t i = 1; i < listing->count; i++)
		is_same = is_same && strcmp(first, attribute_of(&listing->copies[i], attribute)) == 0;
	for (uint32_t i = 0; i < (is_same ? 1 : listing->count); i++) {
		const char *value = attribute_of(&listing->copies[i], attribute);
		const char *whose =
			is_same ? ""
				: page_format(page, " in %s", object_name(listing->snapshot, &listing->copies[i]));
		if (value[0])
			page_line(page, SHOW_INDENT, STYLE_PLAIN,
				  page_format(page, "%s%s: %s", attribute_labels[attribute], whose, value));
	}
}

// Side by side only states are shown, so values count for a single copy only.
static bool is_alike(const struct listing *listing, uint32_t left, uint32_t right)
{
	for (uint32_t i = 0; i < listing->count; i++) {
		const struct polyton_cell *a = &listing->copies[i].cells[left], *b = &listing->copies[i].cells[right];
		if (a->state != b->state || (listing->count == 1 && a->value != b->value))
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
		if (at == SHOW_GROUPS)
			continue;
		if (at == count)
			groups[count++] = (struct group){ i, 0 };
		groups[at].count++;
	}
	return count;
}

// A row for thread @p index: of one copy its cell in full, of several their states.
static void add_row(const struct listing *listing, uint32_t index)
{
	struct page *page = listing->page;
	const struct polyton_cell *cell = &listing->copies[0].cells[index];
	const struct polyton_thread *thread = polyton_snapshot_thread(listing->snapshot, cell->thread);
	const char *texts[SHOW_MAX_MATRIX + 2] = { thread ? page_format(page, "%d", thread->tid) : "",
						   thread ? thread->name : "" };
	if (listing->count == 1) {
		texts[2] = words_cell_state[cell->state].label;
		texts[3] = address_text(page, cell->address);
		texts[4] = cell->value ? cell->value->text : "";
	}
	for (uint32_t i = 0; listing->count > 1 && i < listing->count; i++)
		texts[i + 2] = words_cell_state[listing->copies[i].cells[index].state].label;
	table_add(listing->table, texts);
}

static void add_group(const struct listing *listing, uint32_t threads, const struct group *group)
{
	struct page *page = listing->page;
	uint32_t shown = 0, limit = group->count > SHOW_ALIKE ? 1 : group->count;
	for (uint32_t i = group->first; i < threads && shown < limit; i++) {
		if (is_alike(listing, group->first, i)) {
			add_row(listing, i);
			shown++;
		}
	}
	if (shown == group->count)
		return;
	const char *more = page_count(page, group->count - shown, "more thread", "more threads");
	const struct polyton_cell *cell = &listing->copies[0].cells[group->first];
	table_add_remark(listing->table, listing->count > 1 ? page_format(page, "and %s like this one", more)
							    : page_format(page, "and %s: %s%s", more,
									  words_cell_state[cell->state].label,
									  cell->value ? ", the same bytes" : ""));
}

static void add_threads(const struct listing *listing)
{
	struct group groups[SHOW_GROUPS];
	uint32_t threads = listing->copies[0].cell_count, told = 0;
	for (uint32_t i = 1; i < listing->count; i++) {
		if (listing->copies[i].cell_count < threads)
			threads = listing->copies[i].cell_count;
	}
	if (listing->page->shows_all) {
		for (uint32_t i = 0; i < threads; i++)
			add_row(listing, i);
		return;
	}
	size_t count = group_threads(listing, threads, groups);
	for (size_t i = 0; i < count; i++) {
		add_group(listing, threads, &groups[i]);
		told += groups[i].count;
	}
	if (told < threads)
		table_add_remark(listing->table, page_format(listing->page, "and %s, which differ from these",
							     page_count(listing->page, threads - told, "more thread",
									"more threads")));
}

// What a thread would see in each object, side by side.
static void put_matrix(const struct listing *listing)
{
	struct table_column columns[SHOW_MAX_MATRIX + 2] = { { .title = "TID", .is_number = true },
							     { .title = "THREAD" } };
	struct table table = { listing->page, columns, listing->count + 2, { 0 } };
	struct listing whole = *listing;
	if (listing->count < 2 || listing->count > SHOW_MAX_MATRIX)
		return;
	for (uint32_t i = 0; i < listing->count; i++)
		columns[i + 2].title = object_name(listing->snapshot, &listing->copies[i]);
	whole.table = &table;
	add_threads(&whole);
	bool is_too_wide = listing->page->columns && table_width(&table) + SHOW_INDENT > listing->page->columns;
	if (is_too_wide || !table.rows.count) {
		table_clear(&table);
		return;
	}
	put_title(listing->page, "State per thread");
	table_put(&table, SHOW_INDENT);
}

static void put_thread_locals(const struct listing *listing)
{
	static const struct table_column columns[] = {
		{ .title = "TID", .is_number = true },
		{ .title = "THREAD" },
		{ .title = "STATE" },
		{ .title = "ADDRESS", .is_number = true },
		{ .title = "VALUE", .floor = SHOW_FLOOR },
	};
	put_matrix(listing);
	for (uint32_t i = 0; i < listing->count; i++) {
		struct table table = { listing->page, columns, sizeof(columns) / sizeof(columns[0]), { 0 } };
		struct listing one = *listing;
		one.copies = &listing->copies[i];
		one.count = 1;
		one.table = &table;
		put_title(listing->page,
			  page_format(listing->page, "In %s%s", object_name(listing->snapshot, one.copies),
				      one.copies->use == POLYTON_USE_SHADOWED ? " (not used)" : ""));
		add_threads(&one);
		if (table.rows.count)
			table_put(&table, SHOW_INDENT);
		else
			page_line(listing->page, SHOW_INDENT, STYLE_PLAIN, "not read");
	}
}

static void put_statics(const struct listing *listing)
{
	static const struct table_column columns[] = {
		{ .title = "OBJECT" },
		{ .title = "STATE" },
		{ .title = "VALUE", .floor = SHOW_FLOOR },
	};
	struct page *page = listing->page;
	struct table table = { page, columns, sizeof(columns) / sizeof(columns[0]), { 0 } };
	for (uint32_t i = 0; i < listing->count; i++) {
		const struct polyton_copy *copy = &listing->copies[i];
		const struct polyton_cell *cell = copy->cell_count ? &copy->cells[0] : NULL;
		table_add(&table, (const char *const[]){ object_name(listing->snapshot, copy),
							 cell ? words_cell_state[cell->state].label : "not read",
							 cell && cell->value ? cell->value->text : "" });
	}
	put_title(page, "Values");
	table_put(&table, SHOW_INDENT);
}

void text_show(struct page *page, const struct polyton_snapshot *snapshot, uint32_t index)
{
	const struct polyton_singleton *singleton = &snapshot->singletons.items[index];
	const struct listing listing = { page, snapshot, &snapshot->copies.items[singleton->first_copy],
					 singleton->copy_count, NULL };
	text_head(page, snapshot);
	page_end_line(page);
	put_identity(&listing, singleton);
	for (uint32_t i = 0; i < snapshot->findings.count; i++) {
		if (snapshot->findings.items[i].singleton != index)
			continue;
		page_end_line(page);
		text_finding(page, &snapshot->findings.items[i], 0);
	}
	put_copies(&listing);
	page_end_line(page);
	for (enum attribute attribute = ATTRIBUTE_SYMBOL; attribute <= ATTRIBUTE_BUILD; attribute++)
		put_attribute(&listing, attribute);
	if (singleton->kind == POLYTON_KIND_TLS)
		put_thread_locals(&listing);
	else
		put_statics(&listing);
	text_foot(page, snapshot);
}
