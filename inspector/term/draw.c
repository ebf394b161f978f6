// One picture: everything is written to curses' memory, and shown at once.

#include <stdio.h>
#include <string.h>

#include "app.h"

enum {
	DRAW_MIN_COLUMNS = 60,
	DRAW_MIN_ROWS = 15,
	DRAW_HEAD = 3,        // header, tabs, title
	DRAW_LEAST_BODY = 10, // that has details
	DRAW_LEAST_LIST = 3,  // rows of a list
};

static void draw_too_small(void)
{
	char line[128];
	snprintf(line, sizeof(line), "This terminal has %dx%d;", screen_columns(), screen_rows());
	screen_put(0, 0, screen_columns(), line, TEXT_PLAIN, LOOK_NONE);
	snprintf(line, sizeof(line), "polyton needs %dx%d.", DRAW_MIN_COLUMNS, DRAW_MIN_ROWS);
	screen_put(1, 0, screen_columns(), line, TEXT_PLAIN, LOOK_NONE);
	screen_put(2, 0, screen_columns(), "q quits.", TEXT_PLAIN, LOOK_NONE);
}

static void put_centered(int row, const char *text, enum text_style style)
{
	int width = (int)text_width(text), columns = screen_columns();
	int column = width < columns ? (columns - width) / 2 : 0;
	screen_put(row, column, columns - column, text, style, LOOK_NONE);
}

static void draw_bar(int row, const struct live_progress *progress)
{
	int width = screen_columns() / 2;
	struct text bar = { 0 };
	int full = progress->total ? (int)((uint64_t)progress->done * (unsigned)width / progress->total) : 0;
	text_print(&bar, "[");
	for (int i = 0; i < width; i++)
		text_print(&bar, "%s", i < full ? "#" : "-");
	text_print(&bar, "]");
	put_centered(row, text_bytes(&bar), TEXT_PLAIN);
	text_deinit(&bar);
}

static void draw_waiting(struct app *app)
{
	struct live_progress progress = { 0 };
	char line[256];
	int row = screen_rows() / 2 - 2;
	uint64_t seconds = (app_now_ms() - app->started_ms) / 1000;
	if (app->live)
		live_progress(app->live, &progress);
	if (app->subject.pid)
		snprintf(line, sizeof(line), "Looking at process %d for the first time", app->subject.pid);
	else
		snprintf(line, sizeof(line), "Looking at %s", app->subject.core ? "the core file" : "the files");
	put_centered(row, line, TEXT_STRONG);
	if (progress.is_known) {
		struct text text = { 0 };
		draw_bar(row + 2, &progress);
		text_print(&text, "%u of %u: %s", progress.done, progress.total, progress.what);
		put_centered(row + 3, text_bytes(&text), TEXT_PLAIN);
		text_deinit(&text);
	}
	snprintf(line, sizeof(line), "%llu s   Esc: give up", (unsigned long long)seconds);
	put_centered(row + 5, line, TEXT_PLAIN);
}

// The text below the list has its share of the screen, and what a short list leaves over.
static int details_height(const struct view *view, int body)
{
	int wanted = (int)(view->shown_count < DRAW_LEAST_LIST ? DRAW_LEAST_LIST : view->shown_count) + 1;
	int share = body * 9 / 20;
	if (!view->kind->tell || body < DRAW_LEAST_BODY)
		return 0;
	return wanted < body - share ? body - wanted : share;
}

static void draw_view(struct app *app)
{
	struct view *view = app_view(app);
	int body = screen_rows() - DRAW_HEAD - 1;
	int details = details_height(view, body);
	app_draw_list(app, DRAW_HEAD, body - details);
	app_draw_header(app); // it says what of the list is on the screen
	app->places.detail_row = screen_rows();
	if (details)
		app_draw_details(app, DRAW_HEAD + body - details, details);
}

bool app_has_room(void)
{
	return screen_columns() >= DRAW_MIN_COLUMNS && screen_rows() >= DRAW_MIN_ROWS;
}

void app_draw(struct app *app)
{
	int cursor = -1;
	screen_clear();
	if (!app_has_room()) {
		draw_too_small();
		screen_show(0, -1);
		return;
	}
	if (app->mode == APP_HELP) {
		app_draw_help(app);
		screen_show(0, -1);
		return;
	}
	if (app->mode == APP_WAITING) {
		draw_waiting(app);
		screen_show(0, -1);
		return;
	}
	draw_view(app);
	app_draw_footer(app);
	if (app->mode == APP_PROMPTING) {
		char before[APP_PROMPT];
		snprintf(before, sizeof(before), "%.*s", (int)app->prompt.at, app->prompt.text);
		cursor = (int)(text_width(app_prompt_title(app)) + text_width(before));
		cursor = cursor < screen_columns() ? cursor : screen_columns() - 1;
	}
	screen_show(screen_rows() - 1, cursor);
}
