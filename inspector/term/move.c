// Up and down, left and right: in the list, or in the text below it while that has the focus.

#include "act.h"

static long page_of(const struct app *app)
{
	int rows = app->places.row_count - 1;
	return rows > 1 ? rows : 1;
}

void act_scroll_details(struct app *app, long lines)
{
	size_t top = app->details_top;
	app->details_top = lines < 0 && top < (size_t)-lines ? 0 : top + (size_t)lines;
	if (app->details_top > app->details_count)
		app->details_top = app->details_count;
}

// A text is scrolled, and has no row to be selected.
static void scroll_text(struct app *app, long rows)
{
	struct view *view = app_view(app);
	long height = page_of(app) + 1, count = (long)view->shown_count;
	long last = count > height ? count - height : 0, top = (long)view->top + rows;
	view->top = (size_t)(top > last ? last : top < 0 ? 0 : top);
	view_move(view, (long)view->top - (long)view->at);
}

void act_move(struct app *app, long rows)
{
	struct view *view = app_view(app);
	if (app->is_in_details) {
		act_scroll_details(app, rows);
		return;
	}
	if (view->kind->is_text)
		scroll_text(app, rows);
	else
		view_move(view, rows);
	app->details_top = 0;
}

void act_up(struct app *app, uint32_t key)
{
	(void)key;
	act_move(app, -1);
}

void act_down(struct app *app, uint32_t key)
{
	(void)key;
	act_move(app, 1);
}

void act_page_up(struct app *app, uint32_t key)
{
	(void)key;
	act_move(app, -page_of(app));
}

void act_page_down(struct app *app, uint32_t key)
{
	(void)key;
	act_move(app, page_of(app));
}

void act_first(struct app *app, uint32_t key)
{
	(void)key;
	if (app->is_in_details)
		app->details_top = 0;
	else
		act_move(app, -(long)app_view(app)->shown_count - 1);
}

void act_last(struct app *app, uint32_t key)
{
	(void)key;
	if (app->is_in_details)
		app->details_top = app->details_count;
	else
		act_move(app, (long)app_view(app)->shown_count + 1);
}

static void sideways(struct app *app, int step)
{
	struct view *view = app_view(app);
	const struct frame *frame = &view->frames[0];
	if (!view->kind->has_cells || !frame->column_count || !frame->columns[frame->column_count - 1].key) {
		view_fold(view, step < 0);
	} else {
		do
			view_move_column(view, step);
		while (step > 0 && !frame->columns[view->column].key && view->column + 1 < frame->column_count);
		// Left of the first copy is the row itself.
		if (!frame->columns[view->column].key)
			view->column = 0;
	}
	app->details_top = 0;
}

void act_left(struct app *app, uint32_t key)
{
	(void)key;
	sideways(app, -1);
}

void act_right(struct app *app, uint32_t key)
{
	(void)key;
	sideways(app, 1);
}
