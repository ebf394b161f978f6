// What each action does to the view, and which room does it.

#include "act.h"

static void act_back(struct app *app, uint32_t key)
{
	(void)key;
	if (app->is_in_details)
		app->is_in_details = false;
	else
		app_back(app);
}

static void act_escape(struct app *app, uint32_t key)
{
	struct view *view = app_view(app);
	(void)key;
	if (app->is_in_details) {
		app->is_in_details = false;
	} else if (view->filter[0]) {
		view->filter[0] = '\0';
		view_arrange(view);
	} else if (app->trail_count) {
		app_back(app);
	} else {
		app_say(app, false, "q quits.");
	}
}

static void act_pane(struct app *app, uint32_t key)
{
	(void)key;
	if (app_view(app)->kind->tell && app->places.detail_row < screen_rows())
		app->is_in_details = !app->is_in_details;
}

static void act_search(struct app *app, uint32_t key)
{
	(void)key;
	app_prompt(app, ACTION_SEARCH, "");
}

static void search(struct app *app, bool is_backward)
{
	struct view *view = app_view(app);
	if (!view->search[0])
		app_say(app, false, "Nothing was searched for yet: / begins.");
	else if (!view_search(view, is_backward))
		app_say(app, true, "No row has \"%s\".", view->search);
	app->details_top = 0;
}

static void act_next(struct app *app, uint32_t key)
{
	(void)key;
	search(app, false);
}

static void act_previous(struct app *app, uint32_t key)
{
	(void)key;
	search(app, true);
}

static void act_filter(struct app *app, uint32_t key)
{
	(void)key;
	if (!app_view(app)->kind->is_text)
		app_prompt(app, ACTION_FILTER, app_view(app)->filter);
}

static void sort(struct app *app, int step)
{
	struct view *view = app_view(app);
	int count = (int)view->frames[0].column_count, column = view->sort;
	if (view->kind->is_text || !count)
		return;
	do
		column = column + step >= count ? -1 : column + step < -1 ? count - 1 : column + step;
	while (column >= 0 && !app->places.widths[column]);
	view_sort(view, column);
	if (view->sort < 0)
		app_say(app, false, "In the order of the report: worst first.");
	else
		app_say(app, false, "Sorted by %s; s: by the next column, I: the other way round.",
			view->frames[0].columns[view->sort].title);
}

static void act_sort(struct app *app, uint32_t key)
{
	(void)key;
	sort(app, 1);
}

static void act_sort_back(struct app *app, uint32_t key)
{
	(void)key;
	sort(app, -1);
}

static void act_reverse(struct app *app, uint32_t key)
{
	struct view *view = app_view(app);
	(void)key;
	if (view->sort >= 0)
		view_sort(view, view->sort);
	else
		app_say(app, false, "s sorts; I turns that round.");
}

static void act_signs(struct app *app, uint32_t key)
{
	struct view *view = &app->views[VIEW_MATRIX];
	(void)key;
	if (app->current != VIEW_MATRIX)
		return;
	view->has_signs_only = !view->has_signs_only;
	app_refresh(app);
}

static void act_fold_all(struct app *app, uint32_t key)
{
	(void)key;
	view_fold_all(app_view(app));
}

static void act_all(struct app *app, uint32_t key)
{
	(void)key;
	app->world.shows_all = !app->world.shows_all;
	app_refresh(app);
	app_say(app, false,
		app->world.shows_all ? "All is shown, also what a report leaves out." : "As in a report.");
}

static void act_mark(struct app *app, uint32_t key)
{
	struct view *view = app_view(app);
	const struct row *row = view_selected(view);
	(void)key;
	if (row && !view->kind->is_text) {
		set_toggle(&view->marked, row->identity);
		view_move(view, 1);
	}
}

static void act_unmark(struct app *app, uint32_t key)
{
	(void)key;
	app_view(app)->marked.count = 0;
}

static void act_pause(struct app *app, uint32_t key)
{
	(void)key;
	if (app->is_static || app->has_ended || app->current == VIEW_PICKER) {
		app_say(app, false, "There is nothing to pause: this does not change any more.");
		return;
	}
	app->is_paused = !app->is_paused;
	if (!app->is_paused)
		app_look(app);
}

static void change_interval(struct app *app, bool is_slower)
{
	static const double steps[] = { 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300 };
	const int count = sizeof(steps) / sizeof(steps[0]);
	int at = 0;
	if (!(app->interval > 0)) // it was never
		app->interval = is_slower ? 0.5 : 2;
	while (at < count && steps[at] < app->interval)
		at++;
	if (is_slower)
		at += at < count && steps[at] <= app->interval;
	else
		at--;
	at = at < 0 ? 0 : at >= count ? count - 1 : at;
	app->interval = steps[at];
	app_say(app, false, "Looking every %g s.", app->interval);
}

static void act_faster(struct app *app, uint32_t key)
{
	(void)key;
	change_interval(app, false);
}

static void act_slower(struct app *app, uint32_t key)
{
	(void)key;
	change_interval(app, true);
}

static void act_refresh(struct app *app, uint32_t key)
{
	(void)key;
	if (app->has_ended)
		app_say(app, true, "The process has ended: this is the last that was seen of it.");
	else
		app_look(app);
}

static void act_export(struct app *app, uint32_t key)
{
	(void)key;
	if (app->world.shots[0] && app->current != VIEW_PICKER)
		app_prompt(app, ACTION_EXPORT, "");
}

static void act_copy(struct app *app, uint32_t key)
{
	(void)key;
	app_copy(app);
}

static void act_redraw(struct app *app, uint32_t key)
{
	(void)app, (void)key;
	screen_redraw();
}

static void act_help(struct app *app, uint32_t key)
{
	(void)key;
	app->mode = APP_HELP;
	app->help_top = 0;
}

static void act_quit(struct app *app, uint32_t key)
{
	(void)key;
	app->is_done = true;
}

static void (*const handlers[ACTION_COUNT])(struct app *app, uint32_t key) = {
	[ACTION_UP] = act_up,
	[ACTION_DOWN] = act_down,
	[ACTION_LEFT] = act_left,
	[ACTION_RIGHT] = act_right,
	[ACTION_PAGE_UP] = act_page_up,
	[ACTION_PAGE_DOWN] = act_page_down,
	[ACTION_FIRST] = act_first,
	[ACTION_LAST] = act_last,
	[ACTION_OPEN] = act_open,
	[ACTION_BACK] = act_back,
	[ACTION_ESCAPE] = act_escape,
	[ACTION_PANE] = act_pane,
	[ACTION_VIEW] = act_view,
	[ACTION_LAYOUT] = act_layout,
	[ACTION_OBJECT] = act_object,
	[ACTION_THREAD] = act_thread,
	[ACTION_SEARCH] = act_search,
	[ACTION_NEXT] = act_next,
	[ACTION_PREVIOUS] = act_previous,
	[ACTION_FILTER] = act_filter,
	[ACTION_SORT] = act_sort,
	[ACTION_SORT_BACK] = act_sort_back,
	[ACTION_REVERSE] = act_reverse,
	[ACTION_SIGNS] = act_signs,
	[ACTION_FOLD_ALL] = act_fold_all,
	[ACTION_ALL] = act_all,
	[ACTION_MARK] = act_mark,
	[ACTION_UNMARK] = act_unmark,
	[ACTION_PAUSE] = act_pause,
	[ACTION_FASTER] = act_faster,
	[ACTION_SLOWER] = act_slower,
	[ACTION_REFRESH] = act_refresh,
	[ACTION_EXPORT] = act_export,
	[ACTION_COPY] = act_copy,
	[ACTION_REDRAW] = act_redraw,
	[ACTION_HELP] = act_help,
	[ACTION_QUIT] = act_quit,
};

static void act_in_help(struct app *app, uint32_t key)
{
	enum action action = keys_action(key);
	size_t page = (size_t)screen_rows() - 2;
	if (action == ACTION_UP)
		app->help_top -= app->help_top > 0;
	else if (action == ACTION_DOWN)
		app->help_top++;
	else if (action == ACTION_PAGE_UP)
		app->help_top -= app->help_top < page ? app->help_top : page;
	else if (action == ACTION_PAGE_DOWN || key == ' ')
		app->help_top += page;
	else if (action == ACTION_FIRST)
		app->help_top = 0;
	else if (action == ACTION_LAST)
		app->help_top = SIZE_MAX / 2;
	else if (action == ACTION_QUIT)
		app->is_done = true;
	else if (key == KEYS_ESCAPE || action == ACTION_BACK || action == ACTION_HELP || key == KEYS_ENTER)
		app->mode = APP_BROWSE;
}

void app_act(struct app *app, uint32_t key)
{
	enum action action = keys_action(key);
	app->message[0] = '\0';
	if (!app_has_room()) { // keys must not do what nobody sees
		app->is_done = action == ACTION_BACK || action == ACTION_QUIT;
	} else if (app->mode == APP_HELP) {
		act_in_help(app, key);
	} else if (app->mode == APP_PROMPTING) {
		app_prompt_key(app, key);
	} else if (app->mode == APP_WAITING) {
		if (key == KEYS_ESCAPE || action == ACTION_BACK)
			app_back(app);
		else if (action == ACTION_QUIT)
			app->is_done = true;
	} else if (handlers[action]) {
		handlers[action](app, key);
	}
}
