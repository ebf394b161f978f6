// The plain lists: what is loaded, which threads there are, who has thread-locals.

#include <inttypes.h>

#include "find/pressure.h"
#include "report/table.h"
#include "report/tally.h"
#include "report/text.h"
#include "report/words.h"

enum {
	LISTS_BUILD_ID = 12, // digits of a build id that tell files apart
	LISTS_FLOOR = 16,
	LISTS_TAKERS = 8, // objects named before "and N more"
};

#define COLUMN_COUNT(columns) (sizeof(columns) / sizeof((columns)[0]))

static const char *hex_text(struct page *page, uint64_t number)
{
	return page_format(page, "0x%" PRIx64, number);
}

static const char *number_text(struct page *page, uint64_t number)
{
	return page_format(page, "%" PRIu64, number);
}

void text_objects(struct page *page, const struct polyton_snapshot *snapshot)
{
	static const struct table_column columns[] = {
		{ .title = "NAME" },
		{ .title = "NAMESPACE", .is_number = true },
		{ .title = "BUILD ID" },
		{ .title = "SYMBOLS" },
		{ .title = "TLS", .is_number = true },
		{ .title = "FILE" },
		{ .title = "PATH", .floor = LISTS_FLOOR },
	};
	struct table table = { page, columns, COLUMN_COUNT(columns), { 0 } };
	for (uint32_t i = 0; i < snapshot->objects.count; i++) {
		const struct polyton_object *object = &snapshot->objects.items[i];
		table_add(&table, (const char *const[]){
					  object->name,
					  number_text(page, object->name_space),
					  page_format(page, "%.*s", LISTS_BUILD_ID, object->build_id),
					  words_symbols[object->symbols].label,
					  object->tls_size ? number_text(page, object->tls_size) : "",
					  words_file_state[object->file_state].label,
					  object->path,
				  });
	}
	text_head(page, snapshot);
	page_end_line(page);
	table_put(&table, 0);
	text_foot(page, snapshot);
}

static bool has_inner_ids(const struct polyton_snapshot *snapshot)
{
	for (uint32_t i = 0; i < snapshot->threads.count; i++) {
		if (snapshot->threads.items[i].tid != snapshot->threads.items[i].inner_tid)
			return true;
	}
	return false;
}

void text_threads(struct page *page, const struct polyton_snapshot *snapshot)
{
	static const struct table_column columns[] = {
		{ .title = "TID", .is_number = true },
		{ .title = "INNER TID", .is_number = true },
		{ .title = "NAME" },
		{ .title = "STATE" },
		{ .title = "TCB", .is_number = true },
		{ .title = "WHY", .floor = LISTS_FLOOR, .is_wrapped = true },
	};
	struct table table = { page, columns, COLUMN_COUNT(columns), { 0 } };
	bool has_inner = has_inner_ids(snapshot);
	for (uint32_t i = 0; i < snapshot->threads.count; i++) {
		const struct polyton_thread *thread = &snapshot->threads.items[i];
		const char *state = words_thread_state[thread->state].label;
		if (thread->state == POLYTON_THREAD_SHARES)
			state = page_format(page, "%s %d's", state, thread->shares_tid);
		table_add(&table, (const char *const[]){
					  page_format(page, "%d", thread->tid),
					  has_inner ? page_format(page, "%d", thread->inner_tid) : "",
					  thread->name,
					  state,
					  thread->tcb ? hex_text(page, thread->tcb) : "",
					  thread->why,
				  });
	}
	text_head(page, snapshot);
	page_end_line(page);
	table_put(&table, 0);
	text_foot(page, snapshot);
}

// Any thread-local copy of an object tells where its block is allocated: a copy is there when its block is.
static const char *allocated_text(struct page *page, const struct polyton_snapshot *snapshot, uint32_t copy)
{
	if (snapshot->subject.kind == POLYTON_SUBJECT_FILES)
		return "";
	if (copy == POLYTON_NONE)
		return "not looked at";
	struct tally tally = tally_of(&snapshot->copies.items[copy]);
	uint32_t unknown = tally.counts[POLYTON_CELL_UNREADABLE] + tally.counts[POLYTON_CELL_UNSTABLE];
	uint32_t allocated = tally.count - unknown - tally.counts[POLYTON_CELL_NOT_ALLOCATED];
	const char *text = page_format(page, "%u of %u threads", allocated, tally.count);
	return unknown ? page_format(page, "%s, %u unknown", text, unknown) : text;
}

// Per object one of its thread-local copies, or POLYTON_NONE; NULL when out of memory.
static uint32_t *find_witnesses(const struct polyton_snapshot *snapshot)
{
	uint32_t *witnesses = calloc(snapshot->objects.count + 1, sizeof(*witnesses));
	if (!witnesses)
		return NULL;
	for (uint32_t i = 0; i < snapshot->objects.count; i++)
		witnesses[i] = POLYTON_NONE;
	for (uint32_t i = 0; i < snapshot->copies.count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[i];
		if (copy->cell_count && snapshot->singletons.items[copy->singleton].kind == POLYTON_KIND_TLS)
			witnesses[copy->object] = i;
	}
	return witnesses;
}

// "Static TLS: 1520 of 1856 bytes left for libraries loaded later, 1664 were set aside for them; used by: libx.so 128,
// liby.so 64." The whole is rounded up, so there may be more left than was set aside.
static void put_budget(struct page *page, const struct polyton_snapshot *snapshot)
{
	const struct polyton_tls_budget *budget = &snapshot->tls_budget;
	auto_free uint32_t *takers = NULL;
	size_t count = 0;
	if (!budget->is_known) {
		page_line(page, 0, STYLE_PLAIN, page_format(page, "Static TLS: not known (%s).", budget->why));
		return;
	}
	struct polyton_error *error = pressure_takers(snapshot, &takers, &count);
	if (error) {
		out_fail(page->out, error);
		return;
	}
	const char *text = page_format(page,
				       "Static TLS: %" PRIu64 " of %" PRIu64 " bytes left for libraries loaded "
				       "later, %" PRIu64 " were set aside for them",
				       budget->free, budget->size, budget->surplus);
	size_t shown = count <= LISTS_TAKERS + 1 ? count : LISTS_TAKERS;
	for (size_t i = 0; i < shown; i++) {
		const struct polyton_object *object = &snapshot->objects.items[takers[i]];
		text = page_format(page, "%s%s %s %" PRIu64, text, i ? "," : "; used by:", object->name,
				   object->tls_size);
	}
	if (shown < count)
		text = page_format(page, "%s and %zu more", text, count - shown);
	page_line(page, 0, STYLE_PLAIN, page_format(page, "%s.", text));
}

void text_tls(struct page *page, const struct polyton_snapshot *snapshot)
{
	static const struct table_column columns[] = {
		{ .title = "NAME" },
		{ .title = "MODULE", .is_number = true },
		{ .title = "GENERATION", .is_number = true },
		{ .title = "PLACEMENT" },
		{ .title = "SIZE", .is_number = true },
		{ .title = "ALIGN", .is_number = true },
		{ .title = "OFFSET", .is_number = true },
		{ .title = "INITIAL-EXEC" },
		{ .title = "ALLOCATED", .floor = LISTS_FLOOR, .is_wrapped = true },
	};
	struct table table = { page, columns, COLUMN_COUNT(columns), { 0 } };
	auto_free uint32_t *witnesses = find_witnesses(snapshot);
	if (!witnesses) {
		out_fail(page->out, error_no_memory());
		return;
	}
	for (uint32_t i = 0; i < snapshot->objects.count; i++) {
		const struct polyton_object *object = &snapshot->objects.items[i];
		bool is_static = object->tls_placement == POLYTON_TLS_STATIC && object->tls_module;
		if (object->tls_placement == POLYTON_TLS_NONE)
			continue;
		table_add(&table, (const char *const[]){
					  object->name,
					  object->tls_module ? number_text(page, object->tls_module) : "",
					  object->tls_module ? number_text(page, object->tls_generation) : "",
					  words_tls_placement[object->tls_placement].label,
					  number_text(page, object->tls_size),
					  number_text(page, object->tls_align),
					  is_static ? hex_text(page, object->tls_offset) : "",
					  object->is_initial_exec ? "yes" : "",
					  allocated_text(page, snapshot, witnesses[i]),
				  });
	}
	text_head(page, snapshot);
	page_end_line(page);
	if (table.rows.count)
		table_put(&table, 0);
	else
		page_line(page, 0, STYLE_PLAIN, "No object has thread-locals.");
	page_end_line(page);
	if (snapshot->subject.kind != POLYTON_SUBJECT_FILES)
		put_budget(page, snapshot);
	text_foot(page, snapshot);
}
