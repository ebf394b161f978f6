// One singleton: of a thread-local what each thread sees in each copy, threads down and copies across; of a static
// what each copy holds, one below the other.

#include <inttypes.h>
#include <stdlib.h>

#include "cells.h"
#include "tell.h"
#include "words.h"

enum { TID, THREAD, FIRST_COPY };
enum { OBJECT, STATE, VALUE, SIZE, USERS };

static const struct column static_columns[] = {
	[OBJECT] = { .title = "COPY IN", .help = "the object that has the copy", .least = 14, .keeps_end = true },
	[STATE] = { .title = "STATE", .help = "whether it was set, or is as it was at first", .least = 9 },
	[VALUE] = { .title = "VALUE", .help = "as the programmer wrote it, if there is debug info", .least = 24 },
	[SIZE] = { .title = "BYTES", .help = "of the copy", .least = 5, .is_number = true, .spare = 2 },
	[USERS] = { .title = "USED BY", .help = "the objects whose code reaches this copy", .least = 12, .spare = 1 },
};
static const struct column thread_columns[] = {
	[TID] = { .title = "TID", .help = "the kernel's number of the thread", .least = 7, .is_number = true },
	[THREAD] = { .title = "THREAD", .help = "its name", .least = 15, .most = 15 },
};
static const struct column sign_column = { .help = "the sign of what the thread sees in that object's copy",
					   .least = 6,
					   .most = 6 };
static const struct column copy_column = { .help = "what the thread sees in that object's copy", .least = 16 };

static void build_threads(struct frame *frame, const struct polyton_singleton *singleton)
{
	const struct polyton_snapshot *snapshot = frame->shot->snapshot;
	frame->own_columns = calloc(FIRST_COPY + singleton->copy_count, sizeof(*frame->own_columns));
	if (!frame->own_columns)
		return;
	frame->own_columns[TID] = thread_columns[TID];
	frame->own_columns[THREAD] = thread_columns[THREAD];
	for (uint32_t i = 0; i < singleton->copy_count; i++) {
		const struct polyton_copy *copy = polyton_snapshot_copy(snapshot, singleton->first_copy + i);
		struct column *column = &frame->own_columns[FIRST_COPY + i];
		*column = frame->has_signs_only ? sign_column : copy_column;
		column->title = word_holder(snapshot, copy);
		column->key = tell_object_identity(snapshot, copy);
	}
	frame->columns = frame->own_columns;
	frame->column_count = FIRST_COPY + singleton->copy_count;
	for (uint32_t i = 0; i < polyton_snapshot_thread_count(snapshot); i++) {
		uint64_t tid = (uint64_t)polyton_snapshot_thread(snapshot, i)->tid;
		frame_add(frame, (struct row){ .identity = tid, .index = i, .parent = POLYTON_NONE });
	}
}

static void build(struct frame *frame)
{
	const struct polyton_snapshot *snapshot = frame->shot->snapshot;
	frame->columns = static_columns;
	frame->column_count = sizeof(static_columns) / sizeof(static_columns[0]);
	cells_resolve(frame);
	const struct polyton_singleton *singleton = polyton_snapshot_singleton(snapshot, frame->singleton);
	if (!singleton)
		return;
	if (cells_are_per_thread(frame)) {
		build_threads(frame, singleton);
		return;
	}
	for (uint32_t i = 0; i < singleton->copy_count; i++) {
		uint32_t copy = singleton->first_copy + i;
		uint64_t object = tell_object_identity(snapshot, polyton_snapshot_copy(snapshot, copy));
		frame_add(frame, (struct row){ .identity = object, .index = copy, .parent = POLYTON_NONE });
	}
}

static void put_sign(const struct polyton_cell *cell, struct text *ret)
{
	ret->style = word_cell_style(cell);
	ret->number = word_is_set(cell);
	text_put(ret, word_cell_sign(cell, word_is_ascii()));
}

static void put_cell(const struct polyton_cell *cell, struct text *ret)
{
	const char *value = word_cell_value(cell);
	ret->style = word_cell_style(cell);
	ret->number = word_is_set(cell);
	text_print(ret, "%s %s%s", word_cell_sign(cell, word_is_ascii()), word_cell(cell), value[0] ? " " : "");
	text_put(ret, value);
}

static void thread_cell(const struct frame *frame, const struct row *row, unsigned column, struct text *ret)
{
	const struct polyton_snapshot *snapshot = frame->shot->snapshot;
	const struct polyton_thread *thread = polyton_snapshot_thread(snapshot, row->index);
	if (column == TID) {
		ret->number = thread->tid;
		text_print(ret, "%d", thread->tid);
	} else if (column == THREAD) {
		text_put(ret, thread->name);
	} else {
		const struct polyton_singleton *singleton = polyton_snapshot_singleton(snapshot, frame->singleton);
		const struct polyton_copy *copy =
			polyton_snapshot_copy(snapshot, singleton->first_copy + column - FIRST_COPY);
		const struct polyton_cell *cell = cells_at(copy, row->index);
		if (cell && frame->has_signs_only)
			put_sign(cell, ret);
		else if (cell)
			put_cell(cell, ret);
		else
			text_put(ret, copy->use == POLYTON_USE_SHADOWED ? "not used" : "not read");
	}
}

static void static_cell(const struct frame *frame, const struct row *row, unsigned column, struct text *ret)
{
	const struct polyton_snapshot *snapshot = frame->shot->snapshot;
	const struct polyton_copy *copy = polyton_snapshot_copy(snapshot, row->index);
	const struct polyton_cell *first = copy->cell_count ? &copy->cells[0] : NULL;
	switch (column) {
	case OBJECT:
		text_put(ret, word_holder(snapshot, copy));
		break;
	case STATE:
		if (first)
			text_print(ret, "%s ", word_cell_sign(first, word_is_ascii()));
		word_copy(copy, ret);
		break;
	case VALUE:
		text_put(ret, first ? word_cell_value(first) : "");
		break;
	case SIZE:
		ret->number = (int64_t)copy->size;
		text_print(ret, "%" PRIu64, copy->size);
		break;
	default:
		tell_objects(snapshot, copy->users, copy->user_count, ret);
		break;
	}
}

static void cell(const struct frame *frame, const struct row *row, unsigned column, struct text *ret)
{
	if (cells_are_per_thread(frame))
		thread_cell(frame, row, column, ret);
	else
		static_cell(frame, row, column, ret);
}

static void tell(const struct frame *frame, const struct row *row, unsigned column, unsigned width, struct text *ret)
{
	const struct polyton_snapshot *snapshot = frame->shot->snapshot;
	const struct polyton_singleton *singleton = polyton_snapshot_singleton(snapshot, frame->singleton);
	bool is_per_thread = cells_are_per_thread(frame);
	(void)width;
	if (!singleton || !row)
		return;
	if (is_per_thread && column < FIRST_COPY) {
		tell_singleton(frame->shot, frame->singleton, ret);
		return;
	}
	uint32_t index = is_per_thread ? singleton->first_copy + column - FIRST_COPY : row->index;
	const struct polyton_copy *copy = polyton_snapshot_copy(snapshot, index);
	const struct polyton_cell *at = cells_at(copy, is_per_thread ? row->index : POLYTON_NONE);
	if (at) {
		text_print(ret, "%s's copy: %s", word_holder(snapshot, copy), word_cell(at));
		if (is_per_thread) {
			text_print(ret, " in thread ");
			cells_thread(snapshot, row->index, ret);
		}
		if (at->address)
			text_print(ret, ", at 0x%" PRIx64, at->address);
		if (at->state == POLYTON_CELL_NOT_ALLOCATED)
			text_print(ret, " (the thread has never touched it, and would see its initial value)");
		text_print(ret, "\n");
		if (at->value && word_cell_value(at)[0])
			text_print(ret, "value: %s\n", word_cell_value(at));
	}
	tell_copy(frame->shot, index, ret);
}

static void title(const struct frame *frame, struct text *ret)
{
	const struct polyton_snapshot *snapshot = frame->shot ? frame->shot->snapshot : NULL;
	const struct polyton_singleton *singleton = snapshot ? polyton_snapshot_singleton(snapshot, frame->singleton)
							     : NULL;
	if (!singleton)
		return;
	text_print(ret, "%s (%s), %u copies", singleton->name, word_kind[singleton->kind], singleton->copy_count);
	if (singleton->layout_count)
		text_print(ret, ", layouts differ");
}

const struct view_kind matrix_view = {
	.name = "Matrix",
	.help = "the selected singleton: what each thread sees in each copy",
	.empty = "Select a singleton in view 1 and press Enter.",
	.has_cells = true,
	.build = build,
	.cell = cell,
	.tell = tell,
	.title = title,
};
