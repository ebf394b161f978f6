// Copies of one build have one type, so each is compared with the first only, and the first that differs is kept: one
// list of parts is what a person can read.

#include "find/layouts.h"

#include "find/duplicates.h"
#include "value/layout.h"

static bool has_type(const struct polyton_snapshot *snapshot, uint32_t copy)
{
	const struct type_of *type = snapshot->types ? &snapshot->types[copy] : NULL;
	return snapshot->copies.items[copy].use == POLYTON_USE_LIVE && type && type->absence == TYPE_IS_THERE &&
	       type->graph;
}

static struct polyton_error *keep(struct polyton_snapshot *snapshot, struct polyton_singleton *singleton,
				  const struct layout *layout)
{
	struct arena *arena = &snapshot->arena;
	struct polyton_layout_row *rows = arena_alloc(arena, layout->row_count, sizeof(*rows));
	if (!rows)
		return error_no_memory();
	for (size_t i = 0; i < layout->row_count; i++) {
		const struct layout_row *from = &layout->rows[i];
		rows[i].path = arena_strdup(arena, from->path);
		rows[i].is_behind_pointer = from->is_behind_pointer;
		for (int side = 0; side < 2; side++) {
			bool is_there = from->side[side].is_there;
			const char *text = is_there ? layout_side_text(arena, from, side) : "";
			rows[i].side[side] = (struct polyton_layout_side){ is_there, from->side[side].offset,
									   from->side[side].size, text };
			if (!text)
				return error_no_memory();
		}
		if (!rows[i].path)
			return error_no_memory();
	}
	singleton->layout = rows;
	singleton->layout_count = (uint32_t)layout->row_count;
	return NULL;
}

static struct polyton_error *compare(struct polyton_snapshot *snapshot, struct polyton_singleton *singleton,
				     uint32_t first, uint32_t other)
{
	struct arena scratch = { 0 };
	struct layout layout = { 0 };
	const struct layout_subject subjects[2] = { { snapshot->types[first].graph, snapshot->types[first].type },
						    { snapshot->types[other].graph, snapshot->types[other].type } };
	struct polyton_error *error = layout_compare(subjects, &layout_usual_limits, &scratch, &layout);
	if (!error && (layout.row_count || singleton->layout_copies[0] == POLYTON_NONE)) {
		singleton->layout_copies[0] = first;
		singleton->layout_copies[1] = other;
	}
	if (!error && layout.row_count)
		error = keep(snapshot, singleton, &layout);
	arena_deinit(&scratch);
	return error;
}

struct polyton_error *layouts_settle(struct finder *finder)
{
	struct polyton_snapshot *snapshot = finder->snapshot;
	struct polyton_error *error = NULL;
	for (uint32_t i = 0; !error && i < snapshot->singletons.count; i++) {
		struct polyton_singleton *singleton = &snapshot->singletons.items[i];
		uint32_t first = POLYTON_NONE;
		if (!duplicates_is_reported(singleton))
			continue;
		for (uint32_t k = 0; !error && k < singleton->copy_count && !singleton->layout_count; k++) {
			uint32_t copy = singleton->first_copy + k;
			if (!has_type(snapshot, copy))
				continue;
			if (first == POLYTON_NONE)
				first = copy;
			else
				error = compare(snapshot, singleton, first, copy);
		}
	}
	return error;
}

bool layouts_differ(const struct polyton_singleton *singleton)
{
	for (uint32_t i = 0; i < singleton->layout_count; i++) {
		if (!singleton->layout[i].is_behind_pointer)
			return true;
	}
	return false;
}
