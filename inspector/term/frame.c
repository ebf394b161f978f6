// The lines that are always there: what is looked at and how, where one is, and what the keys do here.

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../view/words.h"
#include "app.h"

static void put_subject(const struct app *app, struct text *ret)
{
	static const char *const kinds[] = { "", "files: ", "core: ", "" };
	const struct shot *shot = app->world.shots[0];
	if (!shot) {
		text_print(ret, "polyton");
		return;
	}
	const struct polyton_subject *subject = polyton_snapshot_subject(shot->snapshot);
	text_print(ret, "%s%s", kinds[subject->kind], subject->name);
	if (subject->pid && subject->kind == POLYTON_SUBJECT_PROCESS)
		text_print(ret, " (pid %d)", subject->pid);
}

// With @p is_full also what rarely matters.
static void put_facts(const struct app *app, bool is_full, struct text *ret)
{
	const struct shot *shot = app->world.shots[0];
	text_clear(ret);
	if (!shot)
		return;
	const struct polyton_subject *subject = polyton_snapshot_subject(shot->snapshot);
	uint32_t objects = polyton_snapshot_object_count(shot->snapshot);
	uint32_t threads = polyton_snapshot_thread_count(shot->snapshot);
	if (is_full)
		text_print(ret, "  %s%s%s", subject->machine, subject->libc[0] ? ", " : "", subject->libc);
	text_print(ret, "  %u object%s", objects, objects == 1 ? "" : "s");
	if (threads)
		text_print(ret, "  %u thread%s", threads, threads == 1 ? "" : "s");
}

static void put_age(const struct app *app, struct text *ret)
{
	uint64_t age = (app_now_ms() - app->taken_ms) / 1000;
	text_print(ret, "%" PRIu64 " s ago", age);
}

static void put_state(const struct app *app, struct text *ret)
{
	const struct shot *shot = app->world.shots[0];
	if (app->current == VIEW_PICKER)
		return;
	if (!shot) {
		text_print(ret, "first look");
		return;
	}
	const struct polyton_subject *subject = polyton_snapshot_subject(shot->snapshot);
	if (app->is_static) {
		text_print(ret, "as it was found");
		return;
	}
	if (subject->was_stopped)
		text_print(ret, "stopped for %.1f ms; ", (double)subject->pause_ns / 1e6);
	else if (!app->has_ended)
		text_print(ret, "never stopped; ");
	if (app->has_ended) {
		ret->style = TEXT_ERROR;
		text_print(ret, "THE PROCESS HAS ENDED; last seen ");
	} else if (app->is_paused || !(app->interval > 0)) {
		ret->style = TEXT_WARNING;
		text_print(ret, "PAUSED; seen ");
	} else {
		text_print(ret, "every %g s; seen ", app->interval);
	}
	put_age(app, ret);
}

static void draw_first_line(struct app *app)
{
	struct text left = { 0 }, facts = { 0 }, right = { 0 };
	int columns = screen_columns();
	put_subject(app, &left);
	put_state(app, &right);
	int name = (int)text_width(text_bytes(&left)), state = (int)text_width(text_bytes(&right));
	put_facts(app, true, &facts);
	if (name + (int)text_width(text_bytes(&facts)) + 1 + state > columns)
		put_facts(app, false, &facts);
	int middle = (int)text_width(text_bytes(&facts));
	screen_put(0, 0, columns, "", TEXT_PLAIN, LOOK_BAR);
	if (name + 1 + state > columns) // the name gives way, for it is known
		name = columns > state + 1 ? columns - state - 1 : columns;
	screen_put(0, 0, name, text_bytes(&left), TEXT_STRONG, LOOK_BAR);
	if (name + middle + 1 + state <= columns)
		screen_put(0, name, middle, text_bytes(&facts), TEXT_PLAIN, LOOK_BAR);
	if (state && state <= columns)
		screen_put(0, columns - state, state, text_bytes(&right), right.style, LOOK_BAR);
	text_deinit(&left);
	text_deinit(&facts);
	text_deinit(&right);
}

static int tabs_width(bool is_short, enum view_id current)
{
	int width = 1;
	for (int i = VIEW_SINGLETONS; i <= VIEW_EVIDENCE; i++) {
		bool has_name = !is_short || i == (int)current;
		width += 2 + (has_name ? 1 + (int)text_width(view_kinds[i]->name) : 0);
	}
	return width;
}

static void draw_tabs(struct app *app)
{
	enum view_id current = app->current;
	int column = 1;
	app->places.tab_row = 1;
	memset(app->places.tabs, 0, sizeof(app->places.tabs));
	screen_put(1, 0, screen_columns(), "", TEXT_PLAIN, LOOK_NONE);
	if (app->current == VIEW_PICKER)
		return;
	bool is_short = tabs_width(false, current) > screen_columns();
	if (current > VIEW_EVIDENCE) // seen from the matrix
		current = VIEW_MATRIX;
	for (int i = VIEW_SINGLETONS; i <= VIEW_EVIDENCE; i++) {
		char name[32];
		bool has_name = !is_short || i == (int)current;
		snprintf(name, sizeof(name), "%d%s%s", i + 1, has_name ? " " : "",
			 has_name ? view_kinds[i]->name : "");
		int width = (int)text_width(name);
		app->places.tabs[i] = column;
		screen_put(1, column, width, name, TEXT_PLAIN,
			   i == (int)current ? LOOK_SELECTED | LOOK_CHANGED : LOOK_NONE);
		column += width + 1;
	}
	app->places.tabs[VIEW_EVIDENCE + 1] = column;
}

// Of a matrix that is wider than the screen.
static bool has_hidden_copies(struct app *app)
{
	const struct view *view = app_view(app);
	const struct frame *frame = &view->frames[0];
	bool is_hidden = false;
	if (!view->kind->has_cells || !frame->column_count || !frame->columns[view->column].key)
		return false;
	for (unsigned i = 0; i < frame->column_count; i++)
		is_hidden |= frame->columns[i].key && !app->places.widths[i];
	return is_hidden;
}

static void put_position(struct app *app, struct text *ret)
{
	const struct view *view = app_view(app);
	const struct frame *frame = &view->frames[0];
	if (view->filter[0])
		text_print(ret, "filter: %s  ", view->filter);
	if (view->sort >= 0)
		text_print(ret, "by %s%s  ", view->frames[0].columns[view->sort].title,
			   view->is_reversed ? ", greatest first" : "");
	if (view->marked.count)
		text_print(ret, "%zu marked  ", view->marked.count);
	if (has_hidden_copies(app))
		text_print(ret, "copy %u/%u  ", view->column - 1, frame->column_count - 2);
	text_print(ret, "%zu/%zu", view->shown_count ? view->at + 1 : 0, view->shown_count);
}

static void draw_title(struct app *app)
{
	struct text left = { 0 }, right = { 0 };
	struct view *view = app_view(app);
	int columns = screen_columns();
	if (view->frames[0].shot || view->list)
		view->kind->title(&view->frames[0], &left);
	put_position(app, &right);
	int position = (int)text_width(text_bytes(&right));
	position = position > columns / 2 ? columns / 2 : position;
	int room = columns - position - 1;
	app_put_cut(2, 0, room, text_bytes(&left), false, TEXT_STRONG, LOOK_NONE);
	screen_put(2, columns - position, position, text_bytes(&right), TEXT_PLAIN, LOOK_NONE);
	text_deinit(&left);
	text_deinit(&right);
}

void app_draw_header(struct app *app)
{
	draw_first_line(app);
	draw_tabs(app);
	draw_title(app);
}

static void draw_labels(struct app *app, int row)
{
	int column = 0;
	unsigned bit = 1u << app->current;
	app->places.label_count = 0;
	screen_put(row, 0, screen_columns(), "", TEXT_PLAIN, LOOK_NONE);
	for (const struct key_row *key = key_rows; key->action; key++) {
		char name[16];
		const char *label = key->label;
		bool is_useless = key->action == ACTION_PAUSE && (app->is_static || app->has_ended);
		if (!label || !(key->views & bit) || is_useless)
			continue;
		if (key->action == ACTION_BACK && !app->trail_count)
			label = "Quit";
		if (key->action == ACTION_OPEN && app->current == VIEW_VALUE)
			label = "Fold";
		keys_name(key->keys[0], name);
		int width = (int)(strlen(name) + 1 + strlen(label));
		if (column + width > screen_columns())
			continue;
		screen_put(row, column, (int)strlen(name), name, TEXT_PLAIN, LOOK_SELECTED);
		screen_put(row, column + (int)strlen(name) + 1, (int)strlen(label), label, TEXT_PLAIN, LOOK_NONE);
		app->places.labels[app->places.label_count].from = column;
		app->places.labels[app->places.label_count].to = column + width;
		app->places.labels[app->places.label_count++].key = key->keys[0];
		column += width + 2;
	}
}

void app_draw_footer(struct app *app)
{
	int row = screen_rows() - 1;
	app->places.label_count = 0;
	if (app->mode == APP_PROMPTING) {
		struct text line = { 0 };
		text_print(&line, "%s%s", app_prompt_title(app), app->prompt.text);
		screen_put(row, 0, screen_columns(), text_bytes(&line), TEXT_PLAIN, LOOK_NONE);
		text_deinit(&line);
	} else if (app->message[0]) {
		screen_put(row, 0, screen_columns(), app->message, app->is_error ? TEXT_ERROR : TEXT_STRONG,
			   LOOK_NONE);
	} else {
		draw_labels(app, row);
	}
}
