// From one view to another: to the singleton, the cell, the object or the thread that is selected.

#include <stdio.h>
#include <string.h>

#include "../view/cells.h"
#include "../view/picker.h"
#include "act.h"

// The singleton that is selected, or that the view is about, is what the others are about from now on.
static bool take_focus(struct app *app, struct focus *ret)
{
	bool is_there = app->world.shots[0] && cells_selected(app_view(app), ret);
	if (is_there)
		return true;
	*ret = app->views[VIEW_MATRIX].focus;
	return ret->singleton != 0;
}

static void focus_on(struct app *app, enum view_id id, struct focus focus)
{
	struct view *view = &app->views[id];
	if (view->focus.singleton == focus.singleton && view->focus.object == focus.object &&
	    view->focus.tid == focus.tid)
		return;
	view->focus = focus;
	view->at = view->top = 0;
	view->selected = 0;
	view->column = 0;
	view->filter[0] = '\0';
	view->sort = -1;
}

static void open_matrix(struct app *app)
{
	struct focus focus;
	if (!take_focus(app, &focus)) {
		view_fold(app_view(app), !view_selected(app_view(app)) ||
						 !view_is_folded(app_view(app), view_selected(app_view(app))));
		return;
	}
	focus_on(app, VIEW_MATRIX, (struct focus){ .singleton = focus.singleton });
	app_go(app, VIEW_MATRIX);
	struct view *matrix = &app->views[VIEW_MATRIX];
	const struct frame *frame = &matrix->frames[0];
	// The cursor begins at a copy: that is what people look for.
	for (unsigned i = 0; i < frame->column_count; i++) {
		if (frame->columns[i].key && (!focus.object || frame->columns[i].key == focus.object)) {
			matrix->column = i;
			break;
		}
	}
	if (focus.object && frame->column_count && !frame->columns[frame->column_count - 1].key)
		view_select(matrix, focus.object);
}

static void open_value(struct app *app)
{
	struct focus focus;
	if (!cells_selected(app_view(app), &focus))
		return;
	if (!focus.object) {
		app_say(app, false, "Select a cell with the arrows: Enter shows its value.");
		return;
	}
	focus_on(app, VIEW_VALUE, focus);
	app_go(app, VIEW_VALUE);
}

static void open_brought(struct app *app)
{
	const struct row *row = view_selected(app_view(app));
	if (!row || row->age)
		return;
	const struct polyton_object *object = polyton_snapshot_object(app->world.shots[0]->snapshot, row->index);
	struct view *view = &app->views[VIEW_SINGLETONS];
	snprintf(view->filter, sizeof(view->filter), "%s", object->name);
	app_go(app, VIEW_SINGLETONS);
}

static void open_process(struct app *app)
{
	const struct view *view = app_view(app);
	const struct row *row = view_selected(view);
	const struct picker_list *list = view->list;
	if (!row || !list || row->index >= list->count)
		return;
	struct subject subject = { .pid = list->items[row->index].pid };
	app_open(app, &subject);
}

void act_open(struct app *app, uint32_t key)
{
	(void)key;
	switch (app->current) {
	case VIEW_SINGLETONS:
		open_matrix(app);
		break;
	case VIEW_MATRIX:
		open_value(app);
		break;
	case VIEW_OBJECTS:
		open_brought(app);
		break;
	case VIEW_VALUE:
		view_fold(app_view(app), !view_selected(app_view(app)) ||
						 !view_is_folded(app_view(app), view_selected(app_view(app))));
		break;
	case VIEW_PICKER:
		open_process(app);
		break;
	default:
		break;
	}
}

void act_view(struct app *app, uint32_t key)
{
	enum view_id id = (enum view_id)(VIEW_SINGLETONS + (key - '1'));
	struct focus focus;
	if (app->current == VIEW_PICKER)
		return;
	if ((id == VIEW_MATRIX || id == VIEW_EVIDENCE) && take_focus(app, &focus)) {
		if (id == VIEW_MATRIX) {
			open_matrix(app);
			return;
		}
		focus_on(app, id, (struct focus){ .singleton = focus.singleton });
	}
	app_go(app, id);
}

void act_layout(struct app *app, uint32_t key)
{
	struct focus focus;
	(void)key;
	if (app->current == VIEW_PICKER || !take_focus(app, &focus)) {
		app_say(app, false, "Select a singleton first.");
		return;
	}
	focus_on(app, VIEW_LAYOUT, (struct focus){ .singleton = focus.singleton });
	app_go(app, VIEW_LAYOUT);
}

void act_object(struct app *app, uint32_t key)
{
	struct focus focus;
	(void)key;
	if (app->current == VIEW_PICKER || !take_focus(app, &focus) || !focus.object) {
		app_say(app, false, "Select a copy first: it is in an object.");
		return;
	}
	app_go(app, VIEW_OBJECTS);
	if (!view_select(app_view(app), focus.object))
		app_say(app, true, "That object is not shown here.");
}

void act_thread(struct app *app, uint32_t key)
{
	struct focus focus;
	(void)key;
	if (app->current == VIEW_PICKER || !take_focus(app, &focus) || !focus.tid) {
		app_say(app, false, "Select a thread first: rows of a thread-local's matrix have one each.");
		return;
	}
	app_go(app, VIEW_THREADS);
	if (!view_select(app_view(app), (uint64_t)focus.tid))
		app_say(app, true, "That thread is not shown here.");
}
