// Rows of the current view, as many as fit; only these have their texts made.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../view/words.h"
#include "app.h"

enum { LIST_GUTTER = 2 };

/** A row that is being drawn. */
struct line {
	const struct view *view;
	const struct row *row;
	int y;
	bool is_selected;
};

static const char *sign_of(enum view_change change)
{
	static const char *const signs[] = { " ", "*", "+", "-" };
	return signs[change];
}

// The head of the column that rows are sorted by says so.
static void draw_heads(struct app *app, int y)
{
	const struct view *view = app_view(app);
	const struct frame *frame = &view->frames[0];
	int x = LIST_GUTTER;
	screen_put(y, 0, screen_columns(), "", TEXT_PLAIN, LOOK_UNDERLINED);
	for (unsigned i = 0; i < frame->column_count; i++) {
		int width = (int)app->places.widths[i];
		const char *title = frame->columns[i].title;
		int cells = (int)text_width(title);
		unsigned looks = LOOK_UNDERLINED;
		if (!width)
			continue;
		if (cells > width) {
			title += text_tail(title, (unsigned)width);
			cells = (int)text_width(title);
		}
		if ((int)i == view->sort)
			looks |= LOOK_SELECTED;
		int shift = frame->columns[i].is_number && cells < width ? width - cells : 0;
		screen_put(y, x, width, "", TEXT_PLAIN, looks);
		screen_put(y, x + shift, width - shift, title, TEXT_STRONG, looks);
		x += width + 1;
	}
}

void app_put_cut(int y, int x, int width, const char *text, bool keeps_end, enum text_style style, unsigned looks)
{
	const char *sign = word_is_ascii() ? "~" : "…";
	if ((int)text_width(text) <= width || width < 2) {
		screen_put(y, x, width, text, style, looks);
	} else if (keeps_end) {
		screen_put(y, x, 1, sign, style, looks);
		screen_put(y, x + 1, width - 1, text + text_tail(text, (unsigned)width - 1), style, looks);
	} else {
		screen_put(y, x, width - 1, text, style, looks);
		screen_put(y, x + width - 1, 1, sign, style, looks);
	}
}

static int draw_branch(const struct line *line, int x, int width, unsigned looks)
{
	const struct row *row = line->row;
	int indent = 2 * row->level, room = width > indent + 2 ? indent + 2 : width;
	const char *sign = "  ";
	if (row->has_rows)
		sign = view_is_folded(line->view, row) ? (word_is_ascii() ? "+ " : "▸ ")
						       : (word_is_ascii() ? "- " : "▾ ");
	screen_put(line->y, x, room, "", TEXT_PLAIN, looks);
	if (room > indent)
		screen_put(line->y, x + indent, room - indent, sign, TEXT_PLAIN, looks);
	return room;
}

// Of a matrix the selected cell, or what stands in front of the cells; else all of the row.
static bool is_cell_selected(const struct line *line, unsigned index)
{
	const struct view *view = line->view;
	const struct column *columns = view->frames[0].columns;
	if (!line->is_selected || (view->kind->is_text && !view->search[0]))
		return false;
	if (view->kind->has_cells && columns[view->column].key)
		return index == view->column;
	return !view->kind->has_cells || !columns[index].key;
}

static void draw_cell(const struct line *line, unsigned index, int x, int width)
{
	const struct column *column = &line->view->frames[0].columns[index];
	struct text text = { 0 };
	bool is_selected = is_cell_selected(line, index);
	enum view_change change = view_change(line->view, line->row, index);
	unsigned looks = (is_selected ? LOOK_SELECTED : 0) |
			 (change == VIEW_CHANGED || change == VIEW_NEW ? LOOK_CHANGED : 0) |
			 (change == VIEW_GONE ? LOOK_GONE : 0);
	view_cell(line->view, line->row, index, &text);
	int cells = (int)text_width(text_bytes(&text));
	if (column->is_tree) {
		int used = draw_branch(line, x, width, looks);
		x += used;
		width -= used;
	}
	if (column->is_number && cells < width) {
		screen_put(line->y, x, width - cells, "", TEXT_PLAIN, looks);
		x += width - cells;
		width = cells;
	}
	app_put_cut(line->y, x, width, text_bytes(&text), column->keeps_end && line->row->kind == ROW_ITEM,
		    text.style, looks);
	text_deinit(&text);
}

static void draw_row(struct app *app, const struct line *line)
{
	const struct view *view = line->view;
	const struct frame *frame = &view->frames[0];
	enum view_change change = view_row_change(view, line->row);
	bool is_marked = set_has(&view->marked, line->row->identity);
	// In a text it is of use only where a search has led to.
	bool has_sign = line->is_selected && (!view->kind->is_text || view->search[0]);
	unsigned looks = has_sign && !view->kind->has_cells ? LOOK_SELECTED : LOOK_NONE;
	int x = LIST_GUTTER;
	screen_put(line->y, 0, screen_columns(), "", TEXT_PLAIN, looks);
	screen_put(line->y, 0, 1, is_marked ? "#" : has_sign ? ">" : " ", TEXT_STRONG, looks);
	screen_put(line->y, 1, 1, view->kind->is_text && change == VIEW_NEW ? " " : sign_of(change), TEXT_STRONG,
		   looks);
	for (unsigned i = 0; i < frame->column_count; i++) {
		int width = (int)app->places.widths[i];
		if (!width)
			continue;
		draw_cell(line, i, x, width);
		x += width + 1;
	}
}

static void draw_empty(const struct view *view, int y, int height)
{
	const char *text = view->filter[0] ? "No row has the words of the filter. Esc drops it." : view->kind->empty;
	int columns = screen_columns();
	for (int i = 0; i < height && *text; i++) {
		char line[512];
		size_t size = text_line(text, (unsigned)columns - 4);
		snprintf(line, sizeof(line), "%.*s", (int)size, text);
		screen_put(y + i, 2, columns - 2, line, TEXT_PLAIN, LOOK_NONE);
		text += size;
		while (*text == ' ')
			text++;
	}
}

void app_draw_list(struct app *app, int y, int height)
{
	struct view *view = app_view(app);
	unsigned count = view->frames[0].column_count;
	if (count > APP_COLUMNS)
		count = view->frames[0].column_count = APP_COLUMNS;
	view_layout_columns(view, (unsigned)screen_columns() - LIST_GUTTER, app->places.widths);
	app->places.head_row = -1;
	if (!view->kind->is_text && count && view->shown_count) {
		app->places.head_row = y;
		draw_heads(app, y);
		y++;
		height--;
	}
	app->places.first_row = y;
	app->places.row_count = height;
	view_scroll(view, height > 0 ? (size_t)height : 1);
	if (!view->shown_count)
		draw_empty(view, y, height);
	for (int i = 0; i < height; i++) {
		size_t at = view->top + (size_t)i;
		const struct row *row = view_row(view, at);
		if (row)
			draw_row(app, &(struct line){ view, row, y + i, at == view->at });
	}
}
