// What a click means is where it hits what was drawn last.

#include "act.h"

enum {
	MOUSE_WHEEL = 3,  // rows
	MOUSE_GUTTER = 2, // as list.c draws it
};

static void click_head(struct app *app, int column)
{
	struct view *view = app_view(app);
	int x = MOUSE_GUTTER;
	for (unsigned i = 0; i < view->frames[0].column_count; i++) {
		int width = (int)app->places.widths[i];
		if (width && column >= x && column <= x + width) {
			view_sort(view, (int)i);
			return;
		}
		x += width ? width + 1 : 0;
	}
}

// The cell of a matrix that is at screen column @p column.
static void click_cell(struct app *app, int column)
{
	struct view *view = app_view(app);
	int x = MOUSE_GUTTER;
	for (unsigned i = 0; view->kind->has_cells && i < view->frames[0].column_count; i++) {
		int width = (int)app->places.widths[i];
		if (width && column >= x && column <= x + width)
			view->column = i;
		x += width ? width + 1 : 0;
	}
}

static void click_row(struct app *app, const struct screen_mouse *mouse)
{
	struct view *view = app_view(app);
	size_t at = view->top + (size_t)(mouse->row - app->places.first_row);
	unsigned column = view->column;
	if (at >= view->shown_count)
		return;
	bool is_same = at == view->at;
	view_move(view, (long)at - (long)view->at);
	click_cell(app, mouse->column);
	app->details_top = 0;
	app->is_in_details = false;
	const struct row *row = view_selected(view);
	// The sign in front of a row that has others below it.
	if (row->has_rows && mouse->column >= 2 + 2 * row->level && mouse->column < 4 + 2 * row->level)
		view_fold(view, !view_is_folded(view, row));
	else if (is_same && column == view->column)
		act_open(app, KEYS_ENTER);
}

static void click_footer(struct app *app, int column)
{
	for (int i = 0; i < app->places.label_count; i++) {
		if (column >= app->places.labels[i].from && column < app->places.labels[i].to) {
			app_act(app, app->places.labels[i].key);
			return;
		}
	}
}

static void click_tab(struct app *app, int column)
{
	for (int i = VIEW_SINGLETONS; i <= VIEW_EVIDENCE; i++) {
		if (app->places.tabs[i] && column >= app->places.tabs[i] && column < app->places.tabs[i + 1] - 1)
			app_act(app, '1' + (uint32_t)(i - VIEW_SINGLETONS));
	}
}

void app_click(struct app *app, const struct screen_mouse *mouse)
{
	const struct places *places = &app->places;
	if (app->mode == APP_HELP && mouse->wheel) {
		app_act(app, mouse->wheel < 0 ? KEYS_UP : KEYS_DOWN);
		return;
	}
	if (app->mode != APP_BROWSE)
		return;
	app->message[0] = '\0';
	if (mouse->wheel && mouse->row > places->detail_row)
		act_scroll_details(app, mouse->wheel * MOUSE_WHEEL);
	else if (mouse->wheel)
		act_move(app, mouse->wheel * MOUSE_WHEEL);
	else if (mouse->row == screen_rows() - 1)
		click_footer(app, mouse->column);
	else if (mouse->row == places->tab_row)
		click_tab(app, mouse->column);
	else if (mouse->row == places->head_row)
		click_head(app, mouse->column);
	else if (mouse->row >= places->first_row && mouse->row < places->first_row + places->row_count)
		click_row(app, mouse);
	else if (mouse->row >= places->detail_row)
		app->is_in_details = true;
}
