// One singleton for somebody who does not believe it yet: where each copy is, who uses it, why it is there, on what
// evidence, and what every thread would see.

#include <inttypes.h>

#include "report/table.h"
#include "report/text.h"
#include "report/words.h"

enum {
	SHOW_INDENT = 2,
	SHOW_FLOOR = 12,
};

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
	const struct polyton_finding *fold = reported_fold(listing->snapshot, singleton);
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
	if (fold) {
		const struct span spans[] = { { STYLE_PLAIN, page_format(page, "part of %s:", fold->rule) },
					      { STYLE_PLAIN, fold->headline } };
		page_paragraph(page, SHOW_INDENT, SHOW_INDENT, spans, sizeof(spans) / sizeof(spans[0]));
	}
}

// As the symbol table has it. A symbol that is no local one is exported unless something else is said.
static const char *binding_text(struct page *page, const struct polyton_copy *copy)
{
	const char *text = words_binding[copy->binding].label;
	if (copy->binding == POLYTON_BINDING_LOCAL)
		return text;
	if (copy->visibility != POLYTON_VISIBILITY_DEFAULT)
		text = page_format(page, "%s %s", text, words_visibility[copy->visibility].label);
	if (!copy->is_exported && copy->visibility != POLYTON_VISIBILITY_HIDDEN)
		text = page_format(page, "%s, not exported", text);
	return text;
}

static const char *use_text(const struct listing *listing, const struct polyton_copy *copy)
{
	const struct polyton_copy *winner = polyton_snapshot_copy(listing->snapshot, copy->bound_to);
	if (copy->use == POLYTON_USE_LIVE && copy->user_count)
		return text_objects_named(listing->page, listing->snapshot, copy->users, copy->user_count);
	if (copy->use == POLYTON_USE_LIVE || !winner)
		return words_use[copy->use].label;
	return page_format(listing->page, "%s: bound to %s", words_use[copy->use].label,
			   text_holder(listing->snapshot, winner));
}

static void put_copies(const struct listing *listing)
{
	static const struct table_column columns[] = {
		{ .title = "OBJECT" },
		{ .title = "NAMESPACE", .is_number = true },
		{ .title = "OFFSET", .is_number = true, .is_spare = true },
		{ .title = "ADDRESS", .is_number = true },
		{ .title = "SIZE", .is_number = true },
		{ .title = "STORAGE" },
		{ .title = "VERSION" },
		{ .title = "BINDING" },
		{ .title = "USED BY", .floor = SHOW_FLOOR, .is_wrapped = true },
	};
	struct page *page = listing->page;
	struct table table = { page, columns, sizeof(columns) / sizeof(columns[0]), { 0 } };
	bool has_namespaces = false;
	for (uint32_t i = 0; i < listing->count; i++)
		has_namespaces |= listing->snapshot->objects.items[listing->copies[i].object].name_space != 0;
	for (uint32_t i = 0; i < listing->count; i++) {
		const struct polyton_copy *copy = &listing->copies[i];
		uint32_t name_space = listing->snapshot->objects.items[copy->object].name_space;
		table_add(&table, (const char *const[]){ text_holder(listing->snapshot, copy),
							 has_namespaces ? page_format(page, "%u", name_space) : "",
							 page_format(page, "0x%" PRIx64, copy->offset),
							 text_address(page, copy->address),
							 page_format(page, "%" PRIu64, copy->size),
							 words_storage[copy->storage].label, copy->version,
							 binding_text(page, copy), use_text(listing, copy) });
	}
	text_title(page, "Copies");
	table_put(&table, SHOW_INDENT);
}

static bool has_copy(const struct listing *listing, uint32_t object)
{
	for (uint32_t i = 0; i < listing->count; i++) {
		if (listing->copies[i].object == object)
			return true;
	}
	return false;
}

// Those that have no copy themselves: the others are in the table of copies.
static void put_users(const struct listing *listing)
{
	static const struct table_column columns[] = {
		{ .title = "OBJECT" },
		{ .title = "USES THE COPY IN" },
	};
	struct table table = { listing->page, columns, sizeof(columns) / sizeof(columns[0]), { 0 } };
	for (uint32_t i = 0; i < listing->count; i++) {
		const struct polyton_copy *copy = &listing->copies[i];
		for (uint32_t k = 0; k < copy->user_count; k++) {
			if (!has_copy(listing, copy->users[k]))
				table_add(&table, (const char *const[]){
							  listing->snapshot->objects.items[copy->users[k]].name,
							  text_holder(listing->snapshot, copy) });
		}
	}
	if (!table.rows.count)
		return;
	text_title(listing->page, "Users without a copy of their own");
	table_put(&table, SHOW_INDENT);
}

static bool has_same_reason(const struct polyton_copy *a, const struct polyton_copy *b)
{
	return a->reason && b->reason && a->reason->cause == b->reason->cause &&
	       strcmp(a->reason->text, b->reason->text) == 0;
}

// Of a reason that several copies have, the first of them tells.
static void put_reasons(const struct listing *listing)
{
	struct page *page = listing->page;
	auto_free uint32_t *objects = calloc(listing->count + 1, sizeof(*objects));
	bool is_first = true;
	if (!objects) {
		out_fail(page->out, error_no_memory());
		return;
	}
	for (uint32_t i = 0; i < listing->count; i++) {
		const struct polyton_copy *copy = &listing->copies[i];
		uint32_t count = 0, before = 0;
		while (before < i && !has_same_reason(copy, &listing->copies[before]))
			before++;
		if (!copy->reason || before < i)
			continue;
		for (uint32_t k = i; k < listing->count; k++) {
			if (has_same_reason(copy, &listing->copies[k]))
				objects[count++] = listing->copies[k].object;
		}
		if (is_first)
			text_title(page, "Why there are several");
		is_first = false;
		page_line(page, SHOW_INDENT, STYLE_PLAIN,
			  page_format(page, "%s: %s (%s)",
				      text_objects_named(page, listing->snapshot, objects, count),
				      words_cause[copy->reason->cause].label, words_cause[copy->reason->cause].key));
		text_reason(page, copy->reason, 2 * SHOW_INDENT);
	}
}

static void put_findings(struct page *page, const struct polyton_snapshot *snapshot, uint32_t index)
{
	for (uint32_t i = 0; i < snapshot->findings.count; i++) {
		if (snapshot->findings.items[i].singleton != index)
			continue;
		page_end_line(page);
		text_finding(page, &snapshot->findings.items[i], snapshot->findings.items[i].rule, 0);
	}
}

void text_show(struct page *page, const struct polyton_snapshot *snapshot, uint32_t index, uint32_t parts)
{
	const struct polyton_singleton *singleton = &snapshot->singletons.items[index];
	const struct listing listing = { page, snapshot, &snapshot->copies.items[singleton->first_copy],
					 singleton->copy_count };
	uint32_t put = parts ? parts : UINT32_MAX;
	text_head(page, snapshot);
	page_end_line(page);
	put_identity(&listing, singleton);
	if (put & POLYTON_PART_FINDINGS)
		put_findings(page, snapshot, index);
	if (put & POLYTON_PART_COPIES) {
		put_copies(&listing);
		text_origins(page, snapshot, singleton);
		put_users(&listing);
	}
	if (put & POLYTON_PART_REASONS) {
		text_openings(page, snapshot, NULL, index);
		put_reasons(&listing);
	}
	if (put & POLYTON_PART_LAYOUT)
		text_layout(page, snapshot, singleton);
	if (put & POLYTON_PART_CELLS)
		text_cells(page, snapshot, singleton);
	text_foot(page, snapshot);
}
