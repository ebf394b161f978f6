// Indices are good for one snapshot; a focus is what stays from one to the next.

#include "cells.h"

#include "tell.h"
#include "words.h"

uint32_t cells_copy(const struct frame *frame, uint64_t object)
{
	const struct polyton_snapshot *snapshot = frame->shot->snapshot;
	const struct polyton_singleton *singleton = polyton_snapshot_singleton(snapshot, frame->singleton);
	for (uint32_t i = 0; singleton && i < singleton->copy_count; i++) {
		const struct polyton_copy *copy = polyton_snapshot_copy(snapshot, singleton->first_copy + i);
		if (tell_object_identity(snapshot, copy) == object)
			return singleton->first_copy + i;
	}
	return POLYTON_NONE;
}

const struct polyton_cell *cells_at(const struct polyton_copy *copy, uint32_t thread)
{
	if (thread < copy->cell_count && copy->cells[thread].thread == thread)
		return &copy->cells[thread];
	for (uint32_t i = 0; i < copy->cell_count; i++) {
		if (copy->cells[i].thread == thread)
			return &copy->cells[i];
	}
	return NULL;
}

bool cells_are_per_thread(const struct frame *frame)
{
	const struct polyton_snapshot *snapshot = frame->shot->snapshot;
	const struct polyton_singleton *singleton = polyton_snapshot_singleton(snapshot, frame->singleton);
	return singleton && singleton->kind == POLYTON_KIND_TLS &&
	       polyton_snapshot_subject(snapshot)->kind != POLYTON_SUBJECT_FILES;
}

void cells_resolve(struct frame *frame)
{
	const struct polyton_snapshot *snapshot = frame->shot->snapshot;
	frame->singleton = frame->focus.singleton ? shot_find(frame->shot, frame->focus.singleton) : POLYTON_NONE;
	if (frame->singleton == POLYTON_NONE)
		return;
	frame->copy = frame->focus.object ? cells_copy(frame, frame->focus.object) : POLYTON_NONE;
	for (uint32_t i = 0; frame->focus.tid && i < polyton_snapshot_thread_count(snapshot); i++) {
		if (polyton_snapshot_thread(snapshot, i)->tid == frame->focus.tid)
			frame->thread = i;
	}
	if (frame->copy == POLYTON_NONE || (frame->focus.tid && frame->thread == POLYTON_NONE))
		return;
	const struct polyton_cell *cell = cells_at(polyton_snapshot_copy(snapshot, frame->copy), frame->thread);
	frame->value = cell ? cell->value : NULL;
}

void cells_thread(const struct polyton_snapshot *snapshot, uint32_t index, struct text *ret)
{
	const struct polyton_thread *thread = polyton_snapshot_thread(snapshot, index);
	if (thread)
		text_print(ret, "%d%s%s", thread->tid, thread->name[0] ? " " : "", thread->name);
}

static bool focus_in_tree(const struct frame *frame, const struct row *row, struct focus *ret)
{
	const struct polyton_snapshot *snapshot = frame->shot->snapshot;
	if (row->kind == ROW_GROUP)
		return false;
	if (row->kind == ROW_ITEM) {
		*ret = (struct focus){ .singleton = frame->shot->singletons[row->index] };
		return true;
	}
	const struct polyton_copy *copy = polyton_snapshot_copy(snapshot, row->index);
	*ret = (struct focus){ .singleton = frame->shot->singletons[copy->singleton],
			       .object = tell_object_identity(snapshot, copy) };
	return true;
}

bool cells_selected(const struct view *view, struct focus *ret)
{
	const struct row *row = view_selected(view);
	*ret = view->focus;
	if (!row)
		return view->focus.singleton != 0;
	const struct frame *frame = &view->frames[row->age];
	if (view->kind == &singletons_view)
		return focus_in_tree(frame, row, ret);
	if (view->kind != &matrix_view)
		return view->focus.singleton != 0;
	if (!cells_are_per_thread(frame)) {
		ret->object = row->identity;
		ret->tid = 0;
		return true;
	}
	ret->tid = polyton_snapshot_thread(frame->shot->snapshot, row->index)->tid;
	if (view->frames[0].columns[view->column].key)
		ret->object = view->frames[0].columns[view->column].key;
	return true;
}
