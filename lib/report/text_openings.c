// Who loaded the objects that brought further copies. One call can bring several objects, and then is told once.

#include <inttypes.h>

#include "report/text.h"

enum { OPENINGS_INDENT = 2 };

static const char *caller_name(const struct polyton_snapshot *snapshot, const struct polyton_opening *opening)
{
	const struct polyton_object *object = polyton_snapshot_object(snapshot, opening->object);
	return object ? object->name : opening->caller;
}

const char *text_opening(struct page *page, const struct polyton_snapshot *snapshot,
			 const struct polyton_opening *opening)
{
	const char *call = opening->function[0] ? page_format(page, "%s()", opening->function)
						: "a call that could not be traced back";
	const char *place = "";
	if (opening->caller[0] || opening->object != POLYTON_NONE)
		place = page_format(page, " from %s", caller_name(snapshot, opening));
	if (opening->symbol[0])
		place = page_format(page, "%s, in %s", place, opening->symbol);
	if (opening->file[0])
		place = page_format(page, "%s, %s:%u", place, opening->file, opening->line);
	else if (opening->address && !opening->symbol[0])
		place = page_format(page, "%s, at 0x%" PRIx64, place, opening->address);
	if (!opening->function[0] && place[0])
		call = "a call of the C library";
	return page_format(page, "%s%s", call, place);
}

static void mark_copies(const struct polyton_snapshot *snapshot, uint32_t index, bool *marks)
{
	const struct polyton_singleton *singleton = &snapshot->singletons.items[index];
	for (uint32_t i = 0; i < singleton->copy_count; i++)
		marks[snapshot->copies.items[singleton->first_copy + i].object] = true;
}

static void mark_reported(const struct polyton_snapshot *snapshot, const struct reported *reported, bool *marks)
{
	for (uint32_t i = 0; i < snapshot->singletons.count; i++) {
		if (reported->singletons[i])
			mark_copies(snapshot, i, marks);
	}
	for (uint32_t i = 0; i < snapshot->findings.count; i++) {
		const struct polyton_finding *finding = &snapshot->findings.items[i];
		if (reported->findings[i] && finding->object < snapshot->objects.count)
			marks[finding->object] = true;
	}
}

static void put_opening(struct page *page, const struct polyton_snapshot *snapshot,
			const struct polyton_opening *opening, const bool *marks, uint32_t *objects)
{
	uint32_t count = 0;
	bool is_asked = false;
	for (uint32_t i = 0; i < snapshot->objects.count; i++) {
		const struct polyton_object *object = &snapshot->objects.items[i];
		if (object->opened_by != opening || !marks[i])
			continue;
		is_asked |= strcmp(object->path, opening->path) == 0;
		objects[count++] = i;
	}
	const char *with = is_asked || !opening->path[0] ? "" : page_format(page, " with %s", opening->path);
	const char *text = page_format(page, "%s: loaded%s by %s", text_objects_named(page, snapshot, objects, count),
				       with, text_opening(page, snapshot, opening));
	page_paragraph(page, OPENINGS_INDENT, 2 * OPENINGS_INDENT, &(struct span){ STYLE_PLAIN, text }, 1);
}

void text_openings(struct page *page, const struct polyton_snapshot *snapshot, const struct reported *reported,
		   uint32_t singleton)
{
	auto_free bool *marks = calloc(snapshot->objects.count + 1, sizeof(*marks));
	auto_free uint32_t *objects = calloc(snapshot->objects.count + 1, sizeof(*objects));
	bool is_first = true;
	if (!marks || !objects) {
		out_fail(page->out, error_no_memory());
		return;
	}
	if (!reported)
		mark_copies(snapshot, singleton, marks);
	else if (!page->shows_all)
		mark_reported(snapshot, reported, marks);
	else
		memset(marks, true, snapshot->objects.count);
	for (uint32_t i = 0; i < snapshot->objects.count; i++) {
		const struct polyton_opening *opening = snapshot->objects.items[i].opened_by;
		bool was_told = false;
		for (uint32_t k = 0; k < i; k++)
			was_told |= marks[k] && snapshot->objects.items[k].opened_by == opening;
		if (!opening || !marks[i] || was_told)
			continue;
		if (is_first)
			text_title(page, "Loaded while it ran");
		is_first = false;
		put_opening(page, snapshot, opening, marks, objects);
	}
}
