/** Which cell of the picture a focus means. */
#ifndef INSPECTOR_VIEW_CELLS_H
#define INSPECTOR_VIEW_CELLS_H

#include "view.h"

/** Look up frame->focus: fills in frame->singleton, copy, thread and value; what is not there stays POLYTON_NONE. */
void cells_resolve(struct frame *frame);
/** The cell of @p copy in thread @p thread (of a static: POLYTON_NONE), or NULL. */
const struct polyton_cell *cells_at(const struct polyton_copy *copy, uint32_t thread);
/** The copy of frame->singleton in the object that is known by @p object; POLYTON_NONE if it has none. */
uint32_t cells_copy(const struct frame *frame, uint64_t object);
/** Whether there is a cell for each thread. */
bool cells_are_per_thread(const struct frame *frame);
/** What is selected in the matrix, or in the tree of singletons: a singleton, and a cell of it if there is one. */
bool cells_selected(const struct view *view, struct focus *ret);
/** "1234 worker" */
void cells_thread(const struct polyton_snapshot *snapshot, uint32_t thread, struct text *ret);

#endif
